/*
 * asl/parse_wait.c - Wait: for some seconds, or until a time.
 */

#include "parse.h"
#include "timestamp.h"

static const char *const fields[] = { "Seconds", "SecondsPath", "Timestamp",
	"TimestampPath", NULL };
static const char *const one_of[] = { "SecondsPath", "Seconds",
	"TimestampPath", "Timestamp", NULL };

static void
parse_timestamp(struct parse *p, struct state *state, json_t *object)
{
	json_t	*v;

	v = parse_value_typed(p, object, "Timestamp", JSON_STRING);
	state->u.wait.timestamp_query = parse_query_expression(p, object,
	    "Timestamp");
	if (v == NULL || (p->jsonata && query_is_expression(v)))
		return;
	state->u.wait.timestamp_set = timestamp_parse(json_string_value(v),
	    json_string_length(v), &state->u.wait.timestamp_ms, NULL);
	if (!state->u.wait.timestamp_set)
		parse_finding(p, false, "SCHEMA_VALIDATION_FAILED", "Timestamp",
		    "write it as 2030-12-31T23:59:59Z",
		    "String does not match RFC3339 timestamp");
}

static void
parse_wait(struct parse *p, struct state *state, json_t *object)
{
	struct number_field	*seconds = &state->u.wait.seconds;

	parse_fields_one(p, object, one_of, true);
	seconds->set = parse_value_integer(p, object, "Seconds", 0, 99999999,
	    &seconds->value);
	seconds->query = parse_query_expression(p, object, "Seconds");
	seconds->path = parse_value_reference(p, object, "SecondsPath", true);
	parse_timestamp(p, state, object);
	state->u.wait.timestamp_path =
	    parse_value_reference(p, object, "TimestampPath", true);
}

const struct parse_type parse_wait_type = {
	.fields = fields, .flows = true, .has_next = true, .has_assign = true,
	.parse = parse_wait,
};
