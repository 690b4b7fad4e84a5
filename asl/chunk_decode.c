/*
 * asl/chunk_decode.c - stored text back into events.
 *
 * The text is read in place, because payloads must keep their exact text and
 * because a fold of a long history should not build a tree of it first.  Each
 * payload is checked by itself, as deep as a payload may be; the rest is plain
 * enough to be refused by its readers.
 */

#include <stdlib.h>
#include <string.h>

#include "chunk.h"
#include "jsontext.h"
#include "xmalloc.h"

struct reader {
	const char	 *p, *end;
	struct payload	**payloads;
	size_t		  npayloads;
	struct err	 *e;
};

static int
corrupt(struct reader *r, const char *what)
{
	return err_set(r->e, "CorruptHistory", "chunk: %s", what);
}

static void
blanks(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' ||
	    *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

/* Steps over c if it comes next. */
static bool
take(struct reader *r, char c)
{
	blanks(r);
	if (r->p >= r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

/* Extent of the value that comes next. */
static bool
value(struct reader *r, const char **from, const char **to)
{
	blanks(r);
	*from = r->p;
	*to = jsontext_skip(r->p, r->end);
	if (*to == NULL || *to == *from)
		return false;
	r->p = *to;
	return true;
}

/* Not strtoll(), which would look behind the text for more digits. */
static int
read_int(struct reader *r, int64_t *out)
{
	const char	*from, *to;
	uint64_t	 u = 0, limit = INT64_MAX;
	bool		 minus;

	if (!value(r, &from, &to))
		return corrupt(r, "a number is missing");
	if ((minus = *from == '-')) {
		from++;
		limit++;
	}
	if (from == to || to - from > 19)
		return corrupt(r, "not an integer");
	for (; from < to && *from >= '0' && *from <= '9'; from++)
		u = u * 10 + (uint64_t)(*from - '0');
	if (from < to || u > limit)
		return corrupt(r, "not an integer");
	*out = minus ? (int64_t)(0 - u) : (int64_t)u;
	return 0;
}

/* New string of the JSON string that comes next. */
static int
read_string(struct reader *r, char **out)
{
	const char	*from, *to;
	json_t		*json;

	if (!value(r, &from, &to) || *from != '"')
		return corrupt(r, "not a string");
	free(*out);
	*out = NULL;
	if (memchr(from, '\\', (size_t)(to - from)) == NULL) {
		*out = xstrndup(from + 1, (size_t)(to - from) - 2);
		return 0;
	}
	json = json_loadb(from, (size_t)(to - from), JSON_DECODE_ANY, NULL);
	if (json == NULL)
		return corrupt(r, "bad string");
	*out = xstrdup(json_string_value(json));
	json_decref(json);
	return 0;
}

static int
read_type(struct reader *r, struct event *ev)
{
	const char	*from, *to;
	char		 name[64];
	int		 type;

	if (!value(r, &from, &to) || *from != '"' ||
	    (size_t)(to - from) >= sizeof name)
		return corrupt(r, "bad event type");
	memcpy(name, from + 1, (size_t)(to - from) - 2);
	name[to - from - 2] = '\0';
	if ((type = event_type_find(name)) == -1)
		return corrupt(r, "unknown event type");
	ev->type = (enum event_type)type;
	return 0;
}

static int
read_payload(struct reader *r, struct event *ev)
{
	int64_t	 i;

	if (read_int(r, &i) == -1)
		return -1;
	if (i < 0 || (size_t)i >= r->npayloads)
		return corrupt(r, "no such payload");
	payload_unref(ev->payload);
	ev->payload = payload_ref(r->payloads[i]);
	return 0;
}

static int
read_assigned(struct reader *r, struct event *ev)
{
	const char	*from, *to, *name;
	json_t		*text;

	if (!value(r, &from, &to))
		return corrupt(r, "bad variables");
	json_decref(ev->assigned);
	ev->assigned = json_loadb(from, (size_t)(to - from), 0, NULL);
	if (!json_is_object(ev->assigned))
		return corrupt(r, "bad variables");
	json_object_foreach(ev->assigned, name, text)
		if (!json_is_string(text) || jsontext_check(
		    json_string_value(text), json_string_length(text), NULL,
		    NULL) == -1)
			return corrupt(r, "bad variable");
	return 0;
}

static int
read_retry(struct reader *r, struct event *ev)
{
	int64_t	*to[4] = { &ev->retry_flow, &ev->retry_index,
		    &ev->retry_due_ms, &ev->retry_chain };
	size_t	 i;

	ev->retry = true;
	for (i = 0; i < 4; i++)
		if (!take(r, i == 0 ? '[' : ',') || read_int(r, to[i]) == -1)
			return corrupt(r, "bad retry");
	return take(r, ']') ? 0 : corrupt(r, "bad retry");
}

static int
read_member(struct reader *r, char key, struct event *ev)
{
	switch (key) {
	case 'i': return read_int(r, &ev->id);
	case 'b': return read_int(r, &ev->previous_id);
	case 't': return read_int(r, &ev->time_ms);
	case 'y': return read_type(r, ev);
	case 'f': return read_int(r, &ev->flow);
	case 'n': return read_string(r, &ev->name);
	case 'p': return read_payload(r, ev);
	case 'e': return read_string(r, &ev->error);
	case 'c': return read_string(r, &ev->cause);
	case 'r': return read_string(r, &ev->resource);
	case 'k': return read_string(r, &ev->resource_type);
	case 'a': return read_string(r, &ev->role_arn);
	case 'l': return read_string(r, &ev->location);
	case 'x': return read_int(r, &ev->number);
	case 'o': return read_int(r, &ev->timeout_s);
	case 'h': return read_int(r, &ev->heartbeat_s);
	case 'v': return read_assigned(r, ev);
	case 'd': return read_int(r, &ev->due_ms);
	case 'g': return read_int(r, &ev->choice);
	case 'm': return read_int(r, &ev->concurrency);
	case 's': return read_retry(r, ev);
	case 'z':
		ev->caught = true;
		return read_int(r, &ev->catcher);
	default:
		return corrupt(r, "unknown member");
	}
}

static int
read_event(struct reader *r, const struct event *before, struct event *ev)
{
	const char	*from, *to;

	event_init(ev, EVENT_TYPE_COUNT);
	ev->previous_id = -1;
	if (before != NULL) {
		ev->id = before->id + 1;
		ev->time_ms = before->time_ms;
	}
	if (!take(r, '{'))
		return corrupt(r, "an event is no object");
	do {
		if (!value(r, &from, &to) || *from != '"' || to - from != 3 ||
		    !take(r, ':'))
			return corrupt(r, "bad member");
		if (read_member(r, from[1], ev) == -1)
			return -1;
	} while (take(r, ','));
	if (!take(r, '}') || ev->type == EVENT_TYPE_COUNT || ev->id <= 0 ||
	    ev->time_ms < 0)
		return corrupt(r, "incomplete event");
	if (before != NULL && ev->id != before->id + 1)
		return corrupt(r, "a gap between events");
	if (ev->previous_id == -1)
		ev->previous_id = ev->id - 1;
	return 0;
}

static int
read_payloads(struct reader *r)
{
	const char	*from, *to;
	size_t		 size = 0;

	if (take(r, ']'))
		return 0;
	do {
		if (!value(r, &from, &to) || jsontext_check(from,
		    (size_t)(to - from), NULL, NULL) == -1)
			return corrupt(r, "bad payload");
		if (r->npayloads == size) {
			size = size == 0 ? 8 : 2 * size;
			r->payloads = xreallocarray(r->payloads, size,
			    sizeof *r->payloads);
		}
		r->payloads[r->npayloads++] = payload_from_text(from,
		    (size_t)(to - from));
	} while (take(r, ','));
	return take(r, ']') ? 0 : corrupt(r, "bad payloads");
}

/* Steps over ,"name":[ */
static bool
array_follows(struct reader *r, const char *name)
{
	const char	*from, *to;

	return take(r, ',') && value(r, &from, &to) && to - from == 3 &&
	    memcmp(from, name, 3) == 0 && take(r, ':') && take(r, '[');
}

static int
read_chunk(struct reader *r, struct event **events, size_t *n)
{
	const char	*from, *to;
	int64_t		 version;
	size_t		 size = 0;
	struct event	*before;

	if (!take(r, '{') || !value(r, &from, &to) || to - from != 3 ||
	    memcmp(from, "\"v\"", 3) != 0 || !take(r, ':') ||
	    read_int(r, &version) == -1 || version != 1)
		return corrupt(r, "unknown version");
	if (!array_follows(r, "\"p\"") || read_payloads(r) == -1 ||
	    !array_follows(r, "\"e\""))
		return corrupt(r, "payloads or events are missing");
	do {
		if (*n == size) {
			size = size == 0 ? 8 : 2 * size;
			*events = xreallocarray(*events, size, sizeof **events);
		}
		before = *n > 0 ? &(*events)[*n - 1] : NULL;
		(*n)++;
		if (read_event(r, before, &(*events)[*n - 1]) == -1)
			return -1;
	} while (take(r, ','));
	if (!take(r, ']') || !take(r, '}'))
		return corrupt(r, "bad end");
	blanks(r);
	return r->p == r->end ? 0 : corrupt(r, "bad end");
}

int
chunk_decode(const char *text, size_t len, struct event **events, size_t *n,
    struct err *e)
{
	struct reader	 r = { text, text + len, NULL, 0, e };
	size_t		 i;
	int		 ret;

	*events = NULL;
	*n = 0;
	if (memchr(text, '\0', len) != NULL)
		ret = corrupt(&r, "a NUL");
	else
		ret = read_chunk(&r, events, n);
	for (i = 0; i < r.npayloads; i++)
		payload_unref(r.payloads[i]);
	free(r.payloads);
	if (ret == -1) {
		for (i = 0; i < *n; i++)
			event_clear(&(*events)[i]);
		free(*events);
		*events = NULL;
		*n = 0;
	}
	return ret;
}
