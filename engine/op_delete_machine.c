/*
 * engine/op_delete_machine.c - DeleteStateMachine.
 *
 * Its executions go on to their end; its name is free again at once.  Deleting
 * what is not there is no error, as with the real service.
 */

#include <stdlib.h>

#include "op.h"

static const struct check members[] = {
	{ "stateMachineArn",	CHECK_STRING,	true,	1, 256, NULL },
	CHECK_END
};

static void
delete_done(const struct err *e, void *arg)
{
	struct api_call	*call = arg;
	char		*name;

	if (e->code[0] != '\0') {
		api_fail_err(call, e);
		return;
	}
	if ((name = api_machine_name(call, api_str(call, "stateMachineArn"))) == NULL)
		return;
	api_forget(call, "machine", name, json_object());
	free(name);
}

static void
delete_run(struct api_call *call)
{
	char	*name;

	if ((name = api_machine_name(call, api_str(call, "stateMachineArn"))) == NULL)
		return;
	store_machine_delete(call->env->store, name, delete_done, call);
	free(name);
}

const struct api_op op_delete_machine = {
	"DeleteStateMachine", OP_STATES, members, NULL, delete_run, false
};
