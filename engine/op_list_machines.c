/*
 * engine/op_list_machines.c - ListStateMachines, by name.
 */

#include <stdlib.h>
#include <string.h>

#include "op.h"

static const struct check members[] = {
	{ "maxResults",	CHECK_INTEGER,	false, 0, 1000, NULL },
	{ "nextToken",	CHECK_STRING,	false, 1, 1024, NULL },
	CHECK_END
};

static void
list_done(const struct err *e, const struct store_machine *list, size_t n, void *arg)
{
	struct api_call	*call = arg;
	json_t		*answer, *items, *item;
	size_t		 i, max = (size_t)api_page_size(call, 100);
	char		*arn;

	if (e->code[0] != '\0') {
		api_fail_err(call, e);
		return;
	}
	answer = json_object();
	items = json_array();
	json_object_set_new(answer, "stateMachines", items);
	for (i = 0; i < n && i < max; i++) {
		item = json_object();
		arn = arn_machine(&call->env->account, list[i].name);
		api_set_str(item, "stateMachineArn", arn);
		api_set_str(item, "name", list[i].name);
		api_set_str(item, "type", list[i].type);
		api_set_time(item, "creationDate", list[i].created_ms);
		json_array_append_new(items, item);
		free(arn);
	}
	if (n > max)
		api_page_next(call, answer, "machines", "%s", list[max - 1].name);
	api_ok(call, answer);
}

static void
list_run(struct api_call *call)
{
	char	*after;

	if (api_page_read(call, "machines", &after) == -1)
		return;
	store_machine_list(call->env->store, after, api_page_size(call, 100) + 1,
	    list_done, call);
	free(after);
}

const struct api_op op_list_machines = {
	"ListStateMachines", OP_STATES, members, NULL, list_run, false
};
