/*
 * asl/parse_query.c - fields of states whose query language is JSONata.
 *
 * Expressions are compiled here, once for the machine.  Codes and wordings of
 * what is refused are those that others measured on the real service:
 * INVALID_JSONATA_EXPRESSION with the reference's sentence,
 * UNSUPPORTED_JSONATA_EXPRESSION for what is read of a document that an
 * expression in a state does not have.
 */

#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "xmalloc.h"

static void
bad(void *arg, const char *location, bool unsupported, const char *message)
{
	struct parse	*p = arg;
	char		*whole;

	whole = xasprintf("%.*s/%s", (int)p->state_at, strbuf_str(&p->where),
	    location);
	findings_add(p->findings, false, unsupported ?
	    "UNSUPPORTED_JSONATA_EXPRESSION" : "INVALID_JSONATA_EXPRESSION",
	    whole, NULL, "%s", message);
	free(whole);
}

/* The value of a field of where p stands. */
static struct query *
compile(struct parse *p, json_t *value, const char *field, int sees)
{
	struct query	*q;
	size_t		 mark = parse_enter(p, field);

	q = query_compile(value, parse_where(p) + p->state_at + 1, sees, bad,
	    p);
	parse_leave(p, mark);
	if (q != NULL)
		query_variables(q, parse_value_variable, p);
	return q;
}

struct query *
parse_query(struct parse *p, json_t *object, const char *field, int sees)
{
	json_t	*value = json_object_get(object, field);

	if (value == NULL || !p->jsonata)
		return NULL;
	return compile(p, value, field, sees);
}

struct query *
parse_query_expression(struct parse *p, json_t *object, const char *field)
{
	json_t	*value = json_object_get(object, field);

	if (!p->jsonata || !json_is_string(value))
		return NULL;
	if (query_is_expression(value))
		return compile(p, value, field, 0);
	return NULL;
}

struct query *
parse_query_typed(struct parse *p, json_t *object, const char *field,
    json_type type)
{
	json_t	*value = json_object_get(object, field);

	if (value == NULL || !p->jsonata)
		return NULL;
	if (!query_is_expression(value))
		value = parse_value_typed(p, object, field, type);
	return value != NULL ? compile(p, value, field, 0) : NULL;
}
