/*
 * engine/op_stop_execution.c - StopExecution.
 */

#include <stdlib.h>
#include <string.h>

#include "op.h"

static const struct check members[] = {
	{ "executionArn",	CHECK_STRING,	true,	1, 256, NULL },
	{ "error",		CHECK_STRING,	false,	0, 256, NULL },
	{ "cause",		CHECK_STRING,	false,	0, 32768, NULL },
	CHECK_END
};

static bool
stop_id(struct api_call *call, struct exec_id *id)
{
	char	*machine, *name;

	if (!api_execution_names(call, api_str(call, "executionArn"), &machine,
	    &name))
		return false;
	*id = arn_exec_id(machine, name);
	free(machine);
	free(name);
	return true;
}

static int
stop_shard(struct api_call *call)
{
	struct exec_id	 id;

	return stop_id(call, &id) ? arn_shard(&id) : OP_ANSWERED;
}

static void
stop_done(const struct err *e, int64_t ended_ms, void *arg)
{
	struct api_call	*call = arg;
	json_t		*answer;

	if (strcmp(e->code, "ExecutionDoesNotExist") == 0)
		api_fail(call, e->code, "Execution Does Not Exist: '%s'",
		    api_str(call, "executionArn"));
	else if (e->code[0] != '\0')
		api_fail_err(call, e);
	else {
		answer = json_object();
		api_set_time(answer, "stopDate", ended_ms);
		api_ok(call, answer);
	}
}

static void
stop_run(struct api_call *call)
{
	struct stimulus	 what;
	struct exec_id	 id;

	if (!stop_id(call, &id))
		return;
	memset(&what, 0, sizeof what);
	what.kind = STIMULUS_STOP;
	what.error = api_str(call, "error");
	what.cause = api_str(call, "cause");
	runtime_deliver(call->env->runtime, &id, arn_shard(&id), &what, stop_done,
	    call);
}

const struct api_op op_stop_execution = {
	"StopExecution", OP_STATES, members, stop_shard, stop_run, false
};
