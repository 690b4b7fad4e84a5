/*
 * asl/query.c - a JSONata field, compiled.
 *
 * Only strings that start with "{%" and end with "%}" are expressions, at any
 * depth; keys never are (recording test_state_with_variables_empty_variables
 * shows what stays as it is).  Parts without an expression stay the frozen trees
 * of the definition.
 */

#include "query.h"

#include <stdlib.h>
#include <string.h>

#include "query_impl.h"
#include "xmalloc.h"

struct compiler {
	struct strbuf	 where;
	int		 sees;
	void		 (*bad)(void *, const char *, bool, const char *);
	void		*arg;
	bool		 failed;
};

static void
refuse(struct compiler *c, bool unsupported, const char *message)
{
	c->failed = true;
	c->bad(c->arg, strbuf_str(&c->where), unsupported, message);
}

static bool
starts(const json_t *v)
{
	return json_string_length(v) >= 2 &&
	    memcmp(json_string_value(v), "{%", 2) == 0;
}

static bool
ends(const json_t *v)
{
	size_t	 n = json_string_length(v);

	return n >= 2 && memcmp(json_string_value(v) + n - 2, "%}", 2) == 0;
}

bool
query_is_expression(const json_t *v)
{
	return json_is_string(v) && json_string_length(v) >= 4 && starts(v) &&
	    ends(v);
}

/* --- expressions ------------------------------------------------------------ */

/* Reads $states.NAME in so many words: not $states as a whole. */
static bool
names(const struct jsonata *e, const char *name)
{
	/* No member has this name: only what reads them all reads it. */
	return jsonata_reads_states(e, name) && !jsonata_reads_states(e, "\n");
}

static void
check_states(struct compiler *c, const struct jsonata *e)
{
	if ((c->sees & QUERY_RESULT) == 0 && names(e, "result"))
		refuse(c, true, "Reference to '$states.result' is not "
		    "supported.");
	if ((c->sees & QUERY_ERROR_OUTPUT) == 0 && names(e, "errorOutput"))
		refuse(c, true, "Reference to '$states.errorOutput' is not "
		    "supported.");
}

static bool
is_space(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r';
}

static void
compile_expression(struct compiler *c, const json_t *value, struct query *q)
{
	struct jsonata_error	 e = JSONATA_ERROR_INIT;
	const char		*s = json_string_value(value) + 2;
	size_t			 len = json_string_length(value) - 4;

	for (; len > 0 && is_space(*s); s++)
		len--;
	while (len > 0 && is_space(s[len - 1]))
		len--;
	q->kind = QUERY_EXPRESSION;
	q->text = xstrndup(s, len);
	q->location = xstrdup(strbuf_str(&c->where));
	q->expression = jsonata_compile(s, len, JSONATA_AWS, &e);
	if (q->expression != NULL) {
		q->reads_context = jsonata_reads_states(q->expression,
		    "context");
		check_states(c, q->expression);
	} else
		refuse(c, e.code[0] == '\0', e.message != NULL ? e.message :
		    e.code);
	jsonata_error_clear(&e);
}

/* --- trees ------------------------------------------------------------------ */

static void compile(struct compiler *, json_t *, struct query *, int depth);

static void
clear(struct query *q)
{
	size_t	 i;

	for (i = 0; i < q->n; i++)
		clear(&q->list[i]);
	free(q->list);
	free(q->key);
	free(q->text);
	free(q->location);
	json_decref(q->constant);
	jsonata_free(q->expression);
}

/* A node whose parts are all constant is one constant. */
static void
fold(struct query *q, json_t *value)
{
	size_t	 i;

	for (i = 0; i < q->n; i++)
		if (q->list[i].kind != QUERY_CONSTANT)
			return;
	for (i = 0; i < q->n; i++)
		clear(&q->list[i]);
	free(q->list);
	q->list = NULL;
	q->n = 0;
	q->kind = QUERY_CONSTANT;
	q->constant = json_incref(value);
}

static void
compile_parts(struct compiler *c, json_t *value, struct query *q, int depth)
{
	const char	*key;
	json_t		*part;
	size_t		 i, mark = c->where.len;

	if (json_is_object(value)) {
		q->kind = QUERY_OBJECT;
		q->list = xcalloc(json_object_size(value) + 1,
		    sizeof *q->list);
	} else {
		q->kind = QUERY_ARRAY;
		q->list = xcalloc(json_array_size(value) + 1, sizeof *q->list);
	}
	json_object_foreach(value, key, part) {
		strbuf_addf(&c->where, "/%s", key);
		q->list[q->n].key = xstrdup(key);
		compile(c, part, &q->list[q->n++], depth + 1);
		c->where.len = mark;
		c->where.data[mark] = '\0';
	}
	json_array_foreach(value, i, part) {
		strbuf_addf(&c->where, "[%zu]", i);
		compile(c, part, &q->list[q->n++], depth + 1);
		c->where.len = mark;
		c->where.data[mark] = '\0';
	}
	fold(q, value);
}

static void
compile(struct compiler *c, json_t *value, struct query *q, int depth)
{
	if (depth == QUERY_DEPTH_MAX)
		refuse(c, false, "The value is too deeply nested");
	else if (json_is_object(value) || json_is_array(value)) {
		compile_parts(c, value, q, depth);
		return;
	} else if (query_is_expression(value)) {
		compile_expression(c, value, q);
		return;
	} else if (json_is_string(value) && (starts(value) || ends(value)))
		refuse(c, false, "A JSONata expression starts with '{%' and "
		    "ends with '%}'");
	q->kind = QUERY_CONSTANT;
	q->constant = json_incref(value);
}

struct query *
query_compile(json_t *value, const char *location, int sees,
    void (*bad)(void *, const char *, bool, const char *), void *arg)
{
	struct compiler	 c = { STRBUF_INIT, sees, bad, arg, false };
	struct query	*q = xcalloc(1, sizeof *q);

	strbuf_adds(&c.where, location);
	compile(&c, value, q, 0);
	strbuf_free(&c.where);
	if (!c.failed)
		return q;
	query_free(q);
	return NULL;
}

void
query_free(struct query *q)
{
	if (q == NULL)
		return;
	clear(q);
	free(q);
}

void
query_variables(const struct query *q, void (*fn)(const char *, void *),
    void *arg)
{
	const char	*name;
	size_t		 i;

	for (i = 0; q->expression != NULL &&
	    (name = jsonata_variable(q->expression, i)) != NULL; i++)
		if (strcmp(name, "states") != 0)
			fn(name, arg);
	for (i = 0; i < q->n; i++)
		query_variables(&q->list[i], fn, arg);
}
