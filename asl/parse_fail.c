/*
 * asl/parse_fail.c - Fail: the end, with an error and a cause.
 */

#include "parse.h"

static const char *const fields[] = { "Error", "ErrorPath", "Cause",
	"CausePath", NULL };

static void
parse_fail(struct parse *p, struct state *state, json_t *object)
{
	parse_value_text(p, object, "Error", "ErrorPath", &state->u.fail.error);
	parse_value_text(p, object, "Cause", "CausePath", &state->u.fail.cause);
}

const struct parse_type parse_fail_type = {
	.fields = fields, .parse = parse_fail,
};
