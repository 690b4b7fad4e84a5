/*
 * asl/query_typed.c - JSONata fields that want a certain type, strictly: "true"
 * is no boolean, "5" no number (recordings test_map_state_items_eval_jsonata_fail).
 *
 * A field whose value is a constant of the right type is no query at all; its
 * parser has taken it.
 */

#include <stdlib.h>

#include "jsontext.h"
#include "query_impl.h"
#include "timestamp.h"
#include "xmalloc.h"

static const char *const kind_names[] = {
	[JSONATA_UNDEFINED] = "undefined",
	[JSONATA_NULL] = "null",
	[JSONATA_BOOLEAN] = "boolean",
	[JSONATA_NUMBER] = "number",
	[JSONATA_STRING] = "string",
	[JSONATA_ARRAY] = "array",
	[JSONATA_OBJECT] = "object",
	[JSONATA_FUNCTION] = "function",
};

/* Values in causes are cut by fail.c; this is against idle work. */
#define SHOWN_BYTES_MAX 65536

static int
wrong_kind(const struct query *q, struct eval *ev,
    const struct jsonata_result *result, enum jsonata_kind want, struct err *e)
{
	struct strbuf	 b;
	int		 ret;

	strbuf_init(&b, SHOWN_BYTES_MAX);
	jsonata_result_print(result, &b);
	ret = query_fail(q, ev, e, "returned an unexpected result type. "
	    "Expected '%s', but was '%s' for value: %s", kind_names[want],
	    kind_names[jsonata_result_kind(result)], strbuf_str(&b));
	strbuf_free(&b);
	return ret;
}

/* A history cannot keep a NUL; one in a text shows as \u0000. */
static int
check_text(const struct query *q, struct eval *ev,
    const struct jsonata_result *result, struct err *e)
{
	struct strbuf	 b;
	int		 ret;

	strbuf_init(&b, JSONTEXT_PRINT_MAX);
	jsonata_result_print(result, &b);
	ret = query_check_text(q, ev, &b, 0, e);
	strbuf_free(&b);
	return ret;
}

/* The value of an expression, of that kind: new. */
static int
typed(const struct query *q, struct eval *ev, enum jsonata_kind want,
    json_t **value, struct err *e)
{
	struct jsonata_result	*result;
	int			 ret = 0;

	if (query_evaluate(q, ev, &result, e) == -1)
		return -1;
	if (jsonata_result_kind(result) != want)
		ret = wrong_kind(q, ev, result, want, e);
	else if (want != JSONATA_BOOLEAN && want != JSONATA_NUMBER &&
	    check_text(q, ev, result, e) == -1)
		ret = -1;
	else if ((*value = jsonata_result_json(result)) == NULL)
		ret = query_fail(q, ev, e,
		    "returned a value that is nested too deeply.");
	jsonata_result_free(result);
	return ret;
}

int
query_boolean(const struct query *q, struct eval *ev, bool *out, struct err *e)
{
	json_t	*value;

	if (q->kind == QUERY_CONSTANT) {
		*out = json_is_true(q->constant);
		return 0;
	}
	if (typed(q, ev, JSONATA_BOOLEAN, &value, e) == -1)
		return -1;
	*out = json_is_true(value);
	json_decref(value);
	return 0;
}

static int
out_of_range(const struct query *q, struct eval *ev, const json_t *value,
    const char *what, struct err *e)
{
	char	*shown = jsontext_string(value, NULL);

	err_set(e, QUERY_ERROR, "The %s field must be %s but was: %s",
	    q->location, what, shown);
	free(shown);
	return query_fail_at(ev, q->location);
}

int
query_integer(const struct query *q, struct eval *ev, int64_t min, int64_t max,
    int64_t *out, struct err *e)
{
	json_t	*value;
	int	 ret = 0;

	if (typed(q, ev, JSONATA_NUMBER, &value, e) == -1)
		return -1;
	/* 1.0 of the input is a whole number, too. */
	if (!dataflow_integer(value, out) || *out < min || *out > max)
		ret = out_of_range(q, ev, value, min == 0 ?
		    "a non-negative integer" : "a positive integer", e);
	json_decref(value);
	return ret;
}

int
query_real(const struct query *q, struct eval *ev, double min, double max,
    double *out, struct err *e)
{
	json_t	*value;
	char	*what;
	int	 ret = 0;

	if (typed(q, ev, JSONATA_NUMBER, &value, e) == -1)
		return -1;
	*out = json_number_value(value);
	if (!json_is_number(value) || !(*out >= min && *out <= max)) {
		what = xasprintf("a number between %g and %g", min, max);
		ret = out_of_range(q, ev, value, what, e);
		free(what);
	}
	json_decref(value);
	return ret;
}

int
query_string(const struct query *q, struct eval *ev, char **out, struct err *e)
{
	json_t	*value;

	if (typed(q, ev, JSONATA_STRING, &value, e) == -1)
		return -1;
	*out = xstrdup(json_string_value(value));
	json_decref(value);
	return 0;
}

int
query_timestamp(const struct query *q, struct eval *ev, int64_t *ms,
    struct err *e)
{
	char	*text;
	size_t	 len;
	int	 ret = 0;

	if (query_string(q, ev, &text, e) == -1)
		return -1;
	for (len = 0; text[len] != '\0'; len++)
		continue;
	if (!timestamp_parse(text, len, ms, NULL)) {
		err_set(e, QUERY_ERROR, "The %s field cannot be parsed as an "
		    "ISO-8601 extended offset date-time format string: %s",
		    q->location, text);
		ret = query_fail_at(ev, q->location);
	}
	free(text);
	return ret;
}

int
query_items(const struct query *q, struct eval *ev, json_t **items,
    struct err *e)
{
	struct payload	*p;

	if (q->kind == QUERY_EXPRESSION)
		return typed(q, ev, JSONATA_ARRAY, items, e);
	if (query_payload(q, ev, &p, e) == -1)
		return -1;
	*items = json_incref(payload_json(p));
	payload_unref(p);
	return 0;
}

int
query_input_items(struct eval *ev, json_t **items, struct err *e)
{
	struct payload	*input = ev->flow->input;

	if (json_is_array(payload_json(input))) {
		*items = json_incref(payload_json(input));
		return 0;
	}
	err_set(e, QUERY_ERROR, "Map state input must be an array but was: "
	    "%.*s", SHOWN_BYTES_MAX, payload_text(input, NULL));
	return query_fail_at(ev, NULL);
}
