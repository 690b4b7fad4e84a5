/*
 * asl/parse_pass.c - Pass: hands on its input, or a fixed result.
 */

#include <string.h>

#include "parse.h"

static const char *const fields[] = { "Result", NULL };

/* Result is taken as it stands; a path in it is likely a mistake. */
static bool
looks_dynamic(json_t *v, int depth)
{
	const char	*key;
	size_t		 i, len;
	json_t		*item;

	if (depth > 100)
		return false;
	if (json_is_string(v))
		return strncmp(json_string_value(v), "$.", 2) == 0 ||
		    strncmp(json_string_value(v), "$$.", 3) == 0;
	json_array_foreach(v, i, item)
		if (looks_dynamic(item, depth + 1))
			return true;
	json_object_foreach(v, key, item) {
		len = strlen(key);
		if ((len > 2 && strcmp(key + len - 2, ".$") == 0) ||
		    looks_dynamic(item, depth + 1))
			return true;
	}
	return false;
}

static void
parse_pass(struct parse *p, struct state *state, json_t *object)
{
	json_t	*result = json_object_get(object, "Result");

	if (result == NULL || p->jsonata)
		return;
	if (looks_dynamic(result, 0))
		parse_warning(p, "PASS_RESULT_IS_STATIC", "Result",
		    "use Parameters for values that come from the input",
		    "The Result of a Pass state is taken as it stands; paths "
		    "in it are not evaluated");
	state->u.pass.result = payload_from_json(json_incref(result));
}

const struct parse_type parse_pass_type = {
	.fields = fields, .flows = true, .has_next = true, .has_assign = true,
	.has_result = true, .parse = parse_pass,
};
