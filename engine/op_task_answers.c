/*
 * engine/op_task_answers.c - SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat,
 * and GET /v1/tasks/{token}.
 *
 * Whoever holds a task's token may answer it, once.
 */

#include <stdlib.h>
#include <string.h>

#include "op.h"

static const struct check success_members[] = {
	{ "taskToken",	CHECK_STRING,	true,	1, 2048, NULL },
	{ "output",	CHECK_STRING,	true,	0, OP_PAYLOAD_MAX, NULL },
	CHECK_END
};

static const struct check failure_members[] = {
	{ "taskToken",	CHECK_STRING,	true,	1, 2048, NULL },
	{ "error",	CHECK_STRING,	false,	0, 256, NULL },
	{ "cause",	CHECK_STRING,	false,	0, 32768, NULL },
	CHECK_END
};

static const struct check token_members[] = {
	{ "taskToken",	CHECK_STRING,	true,	1, 2048, NULL },
	CHECK_END
};

static int
answer_shard(struct api_call *call)
{
	struct token	 token;

	return api_token(call, api_str(call, "taskToken"), &token) ? token.shard :
	    OP_ANSWERED;
}

static void
answer_done(const struct err *e, int64_t ended_ms, void *arg)
{
	struct api_call	*call = arg;

	(void)ended_ms;
	if (strcmp(e->code, "TaskDoesNotExist") == 0 ||
	    strcmp(e->code, "ExecutionDoesNotExist") == 0)
		api_fail(call, "TaskDoesNotExist",
		    "Task Does Not Exist: 'Provided task does not exist'");
	else if (strcmp(e->code, "TaskTimedOut") == 0)
		api_fail(call, e->code,
		    "Task Timed Out: 'Provided task does not exist anymore'");
	else if (e->code[0] != '\0')
		api_fail_err(call, e);
	else
		api_ok(call, json_object());
}

static void
answer_deliver(struct api_call *call, struct stimulus *what)
{
	struct token	 token;

	if (!api_token(call, api_str(call, "taskToken"), &token))
		return;
	what->id = token.event_id;
	runtime_deliver(call->env->runtime, &token.id, token.shard, what,
	    answer_done, call);
}

static void
success_run(struct api_call *call)
{
	struct stimulus	 what;
	struct err	 e = ERR_INIT;
	const json_t	*output = json_object_get(call->params, "output");
	const char	*text = json_string_value(output);
	size_t		 len = json_string_length(output);

	if (len > OP_PAYLOAD_MAX)
		api_fail(call, "InvalidOutput", "Invalid Output: 'The output is longer "
		    "than %d bytes'", OP_PAYLOAD_MAX);
	else if (jsontext_check(text, len, NULL, &e) == -1)
		api_fail(call, "InvalidOutput", "Invalid Output: '%s'", e.text);
	else {
		memset(&what, 0, sizeof what);
		what.kind = STIMULUS_CALLBACK_SUCCEEDED;
		what.payload = payload_from_text(text, len);
		answer_deliver(call, &what);
		payload_unref(what.payload);
	}
	err_clear(&e);
}

static void
failure_run(struct api_call *call)
{
	struct stimulus	 what;

	memset(&what, 0, sizeof what);
	what.kind = STIMULUS_CALLBACK_FAILED;
	what.error = api_str(call, "error");
	what.cause = api_str(call, "cause");
	answer_deliver(call, &what);
}

static void
heartbeat_run(struct api_call *call)
{
	struct token	 token;

	if (api_token(call, api_str(call, "taskToken"), &token))
		runtime_heartbeat(call->env->runtime, &token.id, token.shard,
		    token.event_id, answer_done, call);
}

const struct api_op op_send_task_success = {
	"SendTaskSuccess", OP_STATES, success_members, answer_shard, success_run, true
};
const struct api_op op_send_task_failure = {
	"SendTaskFailure", OP_STATES, failure_members, answer_shard, failure_run, true
};
const struct api_op op_send_task_heartbeat = {
	"SendTaskHeartbeat", OP_STATES, token_members, answer_shard, heartbeat_run,
	false
};

/* ---- DescribeTask: what is known of it ---- */

static void
task_found(const struct err *e, const struct runtime_task *task, void *arg)
{
	struct api_call	*call = arg;
	json_t		*answer;
	char		*arn;

	if (e->code[0] != '\0' || task == NULL) {
		answer_done(e, 0, call);
		return;
	}
	answer = json_object();
	arn = arn_execution(&call->env->account, task->machine, task->execution);
	api_set_str(answer, "executionArn", arn);
	free(arn);
	api_set_str(answer, "state", task->state);
	api_set_str(answer, "parameters", task->arguments);
	json_object_set_new(answer, "open", json_boolean(task->open));
	api_set_time(answer, "scheduledDate", task->scheduled_ms);
	if (task->due_ms != 0)
		api_set_time(answer, "dueDate", task->due_ms);
	api_ok(call, answer);
}

static void
task_run(struct api_call *call)
{
	struct token	 token;

	if (api_token(call, api_str(call, "taskToken"), &token))
		runtime_task(call->env->runtime, &token.id, token.shard,
		    token.event_id, task_found, call);
}

const struct api_op op_describe_task = {
	"DescribeTask", OP_PAWL, token_members, NULL, task_run, false
};
