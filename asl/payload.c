/*
 * asl/payload.c - a JSON value on its way through a workflow.
 *
 * Invariants:
 *   - a payload has its text, its tree, or both; what it has never changes;
 *   - text made from a text or a tree is kept, so it is made at most once;
 *   - the bytes of a copied text lie behind the struct: one allocation;
 *   - what came in nests to JSONTEXT_DEPTH_MAX, but arrays and envelopes put
 *     around it can pass that: payload_deep() tells, once.
 */

#include "payload.h"

#include <stdlib.h>
#include <string.h>

#include "jsontext.h"
#include "xmalloc.h"

struct payload {
	size_t	 refs;
	json_t	*json;		/* or NULL: not asked for yet */
	char	*text;		/* or NULL: not asked for yet */
	size_t	 len;
	bool	 inlined;	/* text points behind the struct */
	enum { DEPTH_UNKNOWN, DEPTH_GOOD, DEPTH_TOO_MUCH } depth;
};

static struct payload *
create(void)
{
	struct payload	*p = xcalloc(1, sizeof *p);

	p->refs = 1;
	return p;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct payload *
payload_from_text(const char *text, size_t len)
{
	struct payload	*p;

	while (len > 0 && is_space(text[len - 1]))
		len--;
	for (; len > 0 && is_space(text[0]); len--)
		text++;
	p = xmalloc(sizeof *p + len + 1);
	*p = (struct payload){ 1, NULL, (char *)(p + 1), len, true,
	    DEPTH_UNKNOWN };
	memcpy(p->text, text, len);
	p->text[len] = '\0';
	return p;
}

struct payload *
payload_steal_text(char *text, size_t len)
{
	struct payload	*p = create();

	p->text = text;
	p->len = len;
	return p;
}

struct payload *
payload_from_json(json_t *json)
{
	struct payload	*p = create();

	p->json = json;
	return p;
}

/* Shorter texts cannot nest too deep, and are not looked at. */
static bool
too_deep(const char *text, size_t len)
{
	int	 depth = 0;
	size_t	 i;

	if (len <= 2 * JSONTEXT_DEPTH_MAX)
		return false;
	for (i = 0; i < len; i++)
		if (text[i] == '"') {
			for (i++; text[i] != '"'; i++)
				if (text[i] == '\\')
					i++;
		} else if (text[i] == '[' || text[i] == '{') {
			if (++depth > JSONTEXT_DEPTH_MAX)
				return true;
		} else if (text[i] == ']' || text[i] == '}')
			depth--;
	return false;
}

struct payload *
payload_print(json_t *json, size_t max)
{
	struct payload	*p;
	struct strbuf	 b;

	strbuf_init(&b, max);
	jsontext_print(json, &b);
	if (strbuf_failed(&b) || too_deep(strbuf_str(&b), b.len)) {
		strbuf_free(&b);
		json_decref(json);
		return NULL;
	}
	p = payload_from_json(json);
	p->text = strbuf_take(&b, &p->len);
	p->depth = DEPTH_GOOD;
	return p;
}

struct payload *
payload_empty(void)
{
	return payload_from_text("{}", 2);
}

struct payload *
payload_array(struct payload *const *items, size_t n)
{
	struct strbuf	 b = STRBUF_INIT;
	struct payload	*p;
	const char	*text;
	size_t		 i, len;

	strbuf_addc(&b, '[');
	for (i = 0; i < n; i++) {
		if (i > 0)
			strbuf_addc(&b, ',');
		text = payload_text(items[i], &len);
		strbuf_add(&b, text, len);
	}
	strbuf_addc(&b, ']');
	p = create();
	p->text = strbuf_take(&b, &p->len);
	return p;
}

struct payload *
payload_ref(struct payload *p)
{
	if (p != NULL)
		p->refs++;
	return p;
}

void
payload_unref(struct payload *p)
{
	if (p == NULL || --p->refs > 0)
		return;
	json_decref(p->json);
	if (!p->inlined)
		free(p->text);
	free(p);
}

const char *
payload_text(struct payload *p, size_t *len)
{
	if (p->text == NULL)
		p->text = jsontext_string(p->json, &p->len);
	if (len != NULL)
		*len = p->len;
	return p->text;
}

json_t *
payload_json(struct payload *p)
{
	if (p->json == NULL)
		p->json = jsontext_parse(p->text, p->len, NULL);
	if (p->json == NULL)
		p->json = json_null();	/* too deep: no limit let it pass */
	return p->json;
}

size_t
payload_bytes(struct payload *p)
{
	size_t	 len;

	payload_text(p, &len);
	return len;
}

bool
payload_deep(struct payload *p)
{
	payload_text(p, NULL);
	if (p->depth == DEPTH_UNKNOWN)
		p->depth = too_deep(p->text, p->len) ? DEPTH_TOO_MUCH :
		    DEPTH_GOOD;
	return p->depth == DEPTH_TOO_MUCH;
}

int
payload_same(struct payload *a, struct payload *b)
{
	const char	*ta, *tb;
	size_t		 na, nb;

	/* One tree may have two spellings: only without a text it decides. */
	if (a == b || (a->text == NULL && b->text == NULL &&
	    a->json == b->json))
		return 1;
	ta = payload_text(a, &na);
	tb = payload_text(b, &nb);
	return na == nb && memcmp(ta, tb, na) == 0;
}
