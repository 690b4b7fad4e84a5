/*
 * asl/chunk.c - events into the text that is stored.
 *
 * Invariants:
 *   - the same events give the same text;
 *   - a payload's text stands once in a chunk, however often it recurs;
 *   - payload texts are embedded as they came, byte for byte.
 */

#include "chunk.h"

#include <stdlib.h>
#include <string.h>

#include "xmalloc.h"

/* The distinct payloads of a chunk, found again by a hash of their text. */
struct pool {
	struct payload	**list;		/* borrowed */
	size_t		  n;
	uint32_t	 *slots;	/* index + 1; 0: free */
	size_t		  mask;
};

/* Length and both ends tell most texts apart; payload_same() decides. */
static size_t
text_hash(const char *text, size_t len)
{
	uint64_t	 h = 0xcbf29ce484222325u ^ len;
	size_t		 i, edge = len < 48 ? len : 48;

	for (i = 0; i < edge; i++)
		h = (h ^ (unsigned char)text[i]) * 0x100000001b3u;
	for (i = len - edge; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 0x100000001b3u;
	return (size_t)(h ^ (h >> 29));
}

static size_t
pool_index(struct pool *pool, struct payload *p)
{
	const char	*text;
	size_t		 len, at;

	if (pool->n > 0 && pool->list[pool->n - 1] == p)
		return pool->n - 1;
	text = payload_text(p, &len);
	at = text_hash(text, len) & pool->mask;
	for (; pool->slots[at] != 0; at = (at + 1) & pool->mask)
		if (payload_same(pool->list[pool->slots[at] - 1], p))
			return pool->slots[at] - 1;
	pool->list[pool->n++] = p;
	pool->slots[at] = (uint32_t)pool->n;
	return pool->n - 1;
}

static void
pool_make(struct pool *pool, const struct event *events, size_t n)
{
	size_t	 i, size = 8;

	while (size < 2 * n)
		size *= 2;
	pool->list = xmalloc(n * sizeof *pool->list);
	pool->slots = xcalloc(size, sizeof *pool->slots);
	pool->mask = size - 1;
	pool->n = 0;
	for (i = 0; i < n; i++)
		if (events[i].payload != NULL)
			pool_index(pool, events[i].payload);
}

static void
add_int(struct strbuf *b, char key, int64_t value)
{
	char	 head[5] = { ',', '"', key, '"', ':' };

	if (value == 0)
		return;
	strbuf_add(b, head, sizeof head);
	strbuf_addi(b, value);
}

static void
add_string(struct strbuf *b, char key, const char *value)
{
	char	 head[5] = { ',', '"', key, '"', ':' };

	if (value == NULL)
		return;
	strbuf_add(b, head, sizeof head);
	strbuf_add_json_string(b, value, strlen(value));
}

static void
add_assigned(struct strbuf *b, json_t *assigned)
{
	const char	*name, *comma = "";
	json_t		*text;

	if (assigned == NULL)
		return;
	strbuf_adds(b, ",\"v\":{");
	json_object_foreach(assigned, name, text) {
		strbuf_adds(b, comma);
		strbuf_add_json_string(b, name, strlen(name));
		strbuf_addc(b, ':');
		strbuf_add_json_string(b, json_string_value(text),
		    json_string_length(text));
		comma = ",";
	}
	strbuf_addc(b, '}');
}

static void
add_private(struct strbuf *b, const struct event *ev)
{
	add_int(b, 'd', ev->due_ms);
	add_int(b, 'g', ev->choice);
	add_int(b, 'm', ev->concurrency);
	if (ev->caught) {
		strbuf_adds(b, ",\"z\":");
		strbuf_addi(b, ev->catcher);
	}
	if (ev->retry) {
		strbuf_adds(b, ",\"s\":[");
		strbuf_addi(b, ev->retry_flow);
		strbuf_addc(b, ',');
		strbuf_addi(b, ev->retry_index);
		strbuf_addc(b, ',');
		strbuf_addi(b, ev->retry_due_ms);
		strbuf_addc(b, ',');
		strbuf_addi(b, ev->retry_chain);
		strbuf_addc(b, ']');
	}
}

static void
add_event(struct strbuf *b, const struct event *ev, const struct event *before,
    struct pool *pool)
{
	strbuf_adds(b, "{\"y\":\"");
	strbuf_adds(b, event_type_name(ev->type));
	strbuf_addc(b, '"');
	if (before == NULL || ev->id != before->id + 1)
		add_int(b, 'i', ev->id);
	if (ev->previous_id != ev->id - 1) {
		strbuf_adds(b, ",\"b\":");	/* 0 is no default here */
		strbuf_addi(b, ev->previous_id);
	}
	if (before == NULL || ev->time_ms != before->time_ms) {
		strbuf_adds(b, ",\"t\":");
		strbuf_addi(b, ev->time_ms);
	}
	add_int(b, 'f', ev->flow);
	add_string(b, 'n', ev->name);
	if (ev->payload != NULL) {
		strbuf_adds(b, ",\"p\":");
		strbuf_addi(b, (int64_t)pool_index(pool, ev->payload));
	}
	add_string(b, 'e', ev->error);
	add_string(b, 'c', ev->cause);
	add_string(b, 'r', ev->resource);
	add_string(b, 'k', ev->resource_type);
	add_string(b, 'a', ev->role_arn);
	add_string(b, 'l', ev->location);
	add_int(b, 'x', ev->number);
	add_int(b, 'o', ev->timeout_s);
	add_int(b, 'h', ev->heartbeat_s);
	add_assigned(b, ev->assigned);
	add_private(b, ev);
	strbuf_addc(b, '}');
}

void
chunk_encode(const struct event *events, size_t n, struct strbuf *b)
{
	struct pool	 pool;
	const char	*text;
	size_t		 i, len;

	pool_make(&pool, events, n);
	strbuf_adds(b, "{\"v\":1,\"p\":[");
	for (i = 0; i < pool.n; i++) {
		if (i > 0)
			strbuf_addc(b, ',');
		text = payload_text(pool.list[i], &len);
		strbuf_add(b, text, len);
	}
	strbuf_adds(b, "],\"e\":[");
	for (i = 0; i < n; i++) {
		if (i > 0)
			strbuf_addc(b, ',');
		add_event(b, &events[i], i > 0 ? &events[i - 1] : NULL, &pool);
	}
	strbuf_adds(b, "]}");
	free(pool.list);
	free(pool.slots);
}
