/*
 * asl/parse_catch.c - Catch: which errors lead to which state.
 */

#include <stdlib.h>

#include "parse.h"
#include "xmalloc.h"

static const char *const fields[] = { "ErrorEquals", "Next", "ResultPath",
	"Assign", "Output", "Comment", NULL };
static const char *const required[] = { "ErrorEquals", "Next", NULL };

void
parse_catch(struct parse *p, struct state *state, json_t *object)
{
	struct catcher	*c;
	json_t		*list, *entry;
	size_t		 i, mark, inner;

	list = parse_value_typed(p, object, "Catch", JSON_ARRAY);
	if (json_array_size(list) == 0)
		return;
	/* Links point into the array: it must not move. */
	state->catchers = xcalloc(json_array_size(list),
	    sizeof *state->catchers);
	mark = parse_enter(p, "Catch");
	json_array_foreach(list, i, entry) {
		inner = parse_enter_item(p, i);
		if (!json_is_object(entry)) {
			parse_error(p, NULL, "Expected value of type Object");
			p->block->broken = true;
		} else {
			c = &state->catchers[state->ncatchers++];
			parse_fields(p, entry, fields, NULL);
			if (!parse_fields_required(p, entry, required))
				p->block->broken = true;
			c->errors = parse_retry_errors(p, entry, i,
			    json_array_size(list));
			parse_block_target(p, entry, "Next", &c->next);
			parse_value_result_path(p, entry, &c->result_path);
			parse_assign(p, entry, QUERY_ERROR_OUTPUT, &c->assign,
			    &c->assignment);
			c->output = parse_query(p, entry, "Output",
			    QUERY_ERROR_OUTPUT);
			parse_value_string(p, entry, "Comment");
		}
		parse_leave(p, inner);
	}
	parse_leave(p, mark);
}
