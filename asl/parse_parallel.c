/*
 * asl/parse_parallel.c - Parallel: branches that run side by side.
 */

#include "parse.h"
#include "xmalloc.h"

static const char *const fields[] = { "Branches", "Arguments", NULL };
static const char *const required[] = { "Branches", NULL };
static const char *const branch_fields[] = { "StartAt", "States", "Comment",
	NULL };

static void
parse_parallel(struct parse *p, struct state *state, json_t *object)
{
	json_t	*list, *branch;
	size_t	 i, mark, inner;

	if (!parse_fields_required(p, object, required))
		return;
	list = parse_value_typed(p, object, "Branches", JSON_ARRAY);
	if (list == NULL)
		return;
	if (json_array_size(list) == 0) {
		parse_error(p, "Branches", "Value cannot be empty");
		return;
	}
	state->u.parallel.branches = xcalloc(json_array_size(list),
	    sizeof *state->u.parallel.branches);
	state->u.parallel.nbranches = json_array_size(list);
	mark = parse_enter(p, "Branches");
	json_array_foreach(list, i, branch) {
		inner = parse_enter_item(p, i);
		if (!json_is_object(branch))
			parse_error(p, NULL, "Expected value of type Object");
		else {
			parse_fields(p, branch, branch_fields, NULL);
			parse_block(p, branch, &state->u.parallel.branches[i]);
		}
		parse_leave(p, inner);
	}
	parse_leave(p, mark);
}

const struct parse_type parse_parallel_type = {
	.fields = fields, .flows = true, .has_next = true, .has_assign = true,
	.has_result = true, .has_retry = true, .parse = parse_parallel,
};
