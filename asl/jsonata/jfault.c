/*
 * asl/jsonata/jfault.c - what went wrong, and its sentence.
 */

#include <string.h>

#include "jfault.h"
#include "jtext.h"

static const struct {
	const char	*name, *text;
} faults[] = {
	[JFAULT_NONE] = { "", "" },
#define X(code, text) [JFAULT_##code] = { #code, text },
	JFAULTS(X)
#undef X
	[JFAULT_TOLD] = { "", "{{{message}}}" },
};

void
jfault_clear(struct jfault *f)
{
	memset(f, 0, sizeof *f);
	f->position = -1;
}

void
jfault_set(struct jfault *f, enum jfault_code code, long position)
{
	if (f->code != JFAULT_NONE)
		return;
	jfault_clear(f);
	f->code = code;
	f->position = position;
}

const char *
jfault_name(const struct jfault *f)
{
	return f->code == JFAULT_TOLD ? f->told : faults[f->code].name;
}

static const struct jvalue *
field(const struct jfault *f, const char *name, size_t len)
{
	const struct {
		const char		*name;
		const struct jvalue	*value;
	} fields[] = {
		{ "token", &f->token }, { "value", &f->value },
		{ "value2", &f->value2 }, { "index", &f->index },
		{ "type", &f->type }, { "exp", &f->exp },
		{ "function", &f->function }, { "message", &f->message },
	};
	size_t	 i;

	for (i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (strlen(fields[i].name) == len &&
		    memcmp(fields[i].name, name, len) == 0)
			return fields[i].value;
	return NULL;
}

static void
add_field(const struct jvalue *v, bool plain, struct strbuf *out, size_t max)
{
	struct strbuf	 text;

	if (v == NULL || jvalue_is_nothing(*v)) {
		strbuf_adds(out, "undefined");
		return;
	}
	if (plain && jvalue_is_string(*v)) {
		strbuf_add(out, v->u.s, jtext_cut(v->u.s, v->len, max));
		return;
	}
	strbuf_init(&text, max);
	jtext_print(*v, JTEXT_EXACT, &text);
	strbuf_add(out, strbuf_str(&text),
	    jtext_cut(strbuf_str(&text), text.len, max));
	strbuf_free(&text);
}

void
jfault_message(const struct jfault *f, struct strbuf *out, size_t max)
{
	const char	*p = faults[f->code].text, *q, *end;
	bool		 plain;

	while ((q = strstr(p, "{{")) != NULL) {
		plain = q[2] == '{';
		strbuf_add(out, p, (size_t)(q - p));
		q += plain ? 3 : 2;
		end = strchr(q, '}');
		add_field(field(f, q, (size_t)(end - q)), plain, out, max);
		p = end + (plain ? 3 : 2);
	}
	strbuf_adds(out, p);
}
