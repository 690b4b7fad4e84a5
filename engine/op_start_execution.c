/*
 * engine/op_start_execution.c - StartExecution and StartSyncExecution.
 *
 * A named start goes to the owner of the name's shard, where idempotence is
 * decided; one without a name gets a name of a shard of the process that it came
 * to (any process that has shards).
 */

#include <stdlib.h>
#include <string.h>

#include "op.h"

static const struct check members[] = {
	{ "stateMachineArn",	CHECK_STRING,	true,	1, 256, NULL },
	{ "name",		CHECK_STRING,	false,	1, 80, NULL },
	{ "input",		CHECK_STRING,	false,	0, OP_PAYLOAD_MAX, NULL },
	{ "traceHeader",	CHECK_STRING,	false,	0, 256, NULL },
	CHECK_END
};

static bool
start_checked(struct api_call *call)
{
	struct err	 e = ERR_INIT;
	const json_t	*input = json_object_get(call->params, "input");
	const char	*name = api_str(call, "name");
	bool		 ok;

	if (name != NULL && !api_name_ok(call, name))
		return false;
	if (!json_is_string(input))
		return true;
	if (json_string_length(input) > OP_PAYLOAD_MAX) {
		api_fail(call, "ValidationException", "1 validation error detected: "
		    "Value at 'input' failed to satisfy constraint: Member must have "
		    "length less than or equal to %d", OP_PAYLOAD_MAX);
		return false;
	}
	if (json_string_value(input)[strspn(json_string_value(input), " \t\r\n")] ==
	    '\0')
		err_set(&e, "InvalidExecutionInput", "Invalid execution input.");
	ok = e.code[0] == '\0' && jsontext_check(json_string_value(input),
	    json_string_length(input), NULL, &e) == 0;
	if (!ok)
		api_fail(call, "InvalidExecutionInput",
		    "Invalid State Machine Execution Input: '%s'", e.text);
	err_clear(&e);
	return ok;
}

/* Any shard that somebody holds, when this process has none. */
static int
start_any_shard(struct api_call *call)
{
	int	 shard, other = OP_ANY_PROCESS;

	for (shard = 0; shard < ARN_SHARDS; shard++) {
		if (shards_mine(call->env->shards, shard))
			return OP_ANY_PROCESS;
		if (shards_address(call->env->shards, shard) != NULL)
			other = shard;
	}
	return call->forwarded ? OP_ANY_PROCESS : other == OP_ANY_PROCESS ? 0 : other;
}

static int
start_shard(struct api_call *call)
{
	struct exec_id	 id;
	char		*machine;

	machine = api_machine_name(call, api_str(call, "stateMachineArn"));
	if (machine == NULL)
		return OP_ANSWERED;
	if (!start_checked(call)) {
		free(machine);
		return OP_ANSWERED;
	}
	if (!runtime_takes_starts(call->env->runtime)) {	/* say so at once */
		free(machine);
		api_fail(call, "Unavailable",
		    "No new executions can be taken at the moment; try again.");
		return OP_ANSWERED;
	}
	if (api_str(call, "name") == NULL) {
		free(machine);
		return start_any_shard(call);
	}
	id = arn_exec_id(machine, api_str(call, "name"));
	free(machine);
	return arn_shard(&id);
}

static void
start_fail(struct api_call *call, const struct err *e)
{
	char	*machine, *arn;

	if (strcmp(e->code, "StateMachineDoesNotExist") == 0)
		api_fail(call, e->code, "State Machine Does Not Exist: '%s'",
		    api_str(call, "stateMachineArn"));
	else if (strcmp(e->code, "ExecutionAlreadyExists") == 0 &&
	    api_str(call, "name") != NULL && arn_read_machine(&call->env->account,
	    api_str(call, "stateMachineArn"), &machine)) {
		arn = arn_execution(&call->env->account, machine,
		    api_str(call, "name"));
		api_fail(call, e->code, "Execution Already Exists: '%s'", arn);
		free(arn);
		free(machine);
	} else
		api_fail_err(call, e);
}

static void
start_done(const struct err *e, const struct runtime_started *started, void *arg)
{
	struct api_call	*call = arg;
	json_t		*answer;
	char		*arn;

	if (e->code[0] != '\0' || started == NULL) {
		start_fail(call, e);
		return;
	}
	answer = json_object();
	arn = arn_execution(&call->env->account, started->machine, started->name);
	api_set_str(answer, "executionArn", arn);
	api_set_time(answer, "startDate", started->started_ms);
	if (call->route != NULL)
		api_set_str(answer, "name", started->name);
	free(arn);
	api_ok(call, answer);
}

static void
start_machine(const struct err *e, struct registry_machine *machine, void *arg)
{
	struct api_call	*call = arg;
	struct payload	*input;
	const json_t	*given = json_object_get(call->params, "input");

	if (machine == NULL) {
		start_fail(call, e);
		return;
	}
	if (strcmp(machine->type, "EXPRESS") == 0)
		api_fail(call, "StateMachineTypeNotSupported", "This server does not "
		    "run EXPRESS state machines yet: create it with type STANDARD.");
	else {
		input = json_is_string(given) ?
		    payload_from_text(json_string_value(given),
		    json_string_length(given)) : payload_empty();
		runtime_start(call->env->runtime, machine->name, api_str(call, "name"),
		    input, start_done, call);
		payload_unref(input);
	}
	registry_machine_release(machine);
}

static void
start_run(struct api_call *call)
{
	char	*machine;

	machine = api_machine_name(call, api_str(call, "stateMachineArn"));
	if (machine == NULL)
		return;
	registry_machine_by_name(call->env->registry, machine, start_machine, call);
	free(machine);
}

const struct api_op op_start_execution = {
	"StartExecution", OP_STATES, members, start_shard, start_run, false
};

/* ---- StartSyncExecution: of EXPRESS machines alone ---- */

static void
sync_machine(const struct err *e, struct registry_machine *machine, void *arg)
{
	struct api_call	*call = arg;

	if (machine == NULL) {
		start_fail(call, e);
		return;
	}
	api_fail(call, "StateMachineTypeNotSupported", "%s",
	    strcmp(machine->type, "EXPRESS") == 0 ?
	    "This server does not run EXPRESS state machines yet." :
	    "This operation is not supported by this type of state machine");
	registry_machine_release(machine);
}

static void
sync_run(struct api_call *call)
{
	char	*machine;

	machine = api_machine_name(call, api_str(call, "stateMachineArn"));
	if (machine == NULL)
		return;
	if (start_checked(call))
		registry_machine_by_name(call->env->registry, machine, sync_machine,
		    call);
	free(machine);
}

const struct api_op op_start_sync_execution = {
	"StartSyncExecution", OP_STATES, members, NULL, sync_run, false
};
