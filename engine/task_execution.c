/*
 * engine/task_execution.c - arn:aws:states:::states:startExecution, a workflow
 * in a workflow: [.sync|.sync:2|.waitForTaskToken].
 *
 * The plain form answers once the execution is started, .sync once it has ended:
 * its description is the result, with Input and Output as text, or with .sync:2
 * as what they hold.  An execution that did not succeed fails the task with
 * States.TaskFailed and its description as the cause.  Shapes: recordings
 * services/test_sfn_task_service, callback/test_callback test_start_execution_sync,
 * local_mocking/test_base_callbacks.
 *
 * Whether the execution has ended is asked, often at first and then less often:
 * it may run in any process, on any machine.
 */

#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "strbuf.h"
#include "xmalloc.h"

#define FIRST_PAUSE_MS	20
#define PAUSE_MAX_MS	1000

struct start {
	struct child	 child;		/* first: child.c finds it there */
	char		*arn;		/* of the execution */
	int64_t		 pause_ms;
};

static bool
takes(const struct resource *r)
{
	return r->kind == RESOURCE_SERVICE && strcmp(r->service, "states") == 0 &&
	    strcmp(r->action, "startExecution") == 0;
}

static void
start_free(void *arg)
{
	struct start	*s = arg;

	child_clear(&s->child);
	free(s->arn);
	free(s);
}

static void
failed(struct task_call *call, const struct ownapi_answer *a)
{
	const char	*suffix = "Exception";
	size_t		 len = strlen(a->code), n = strlen(suffix);
	char		*error, *cause;

	if (len >= n && strcmp(a->code + len - n, suffix) == 0)
		suffix = "";
	error = xasprintf("StepFunctions.%s%s", a->code, suffix);
	cause = xasprintf("%s (Service: AWSStepFunctions; Status Code: %d; Error "
	    "Code: %s; Request ID: %s; Proxy: null)", a->message, a->status,
	    a->code, a->request_id);
	task_fail(call, error, cause);
	free(error);
	free(cause);
}

/* Times are numbers here, in ms. */
static void
add_time(json_t *out, const char *name, const json_t *seconds)
{
	if (seconds != NULL)
		json_object_set_new(out, name, json_integer((json_int_t)
		    (json_number_value(seconds) * 1000.0 + 0.5)));
}

/* What StartExecution answered, as the integration shows it. */
static struct payload *
started_output(const struct task_call *call, const json_t *body)
{
	struct strbuf	 b = STRBUF_INIT;
	struct exec_id	 request = task_derived_id(&call->id, call->event_id,
			    "request");
	const char	*arn;
	json_t		*when = json_object();
	char		*text;
	size_t		 len;

	arn = json_string_value(json_object_get(body, "executionArn"));
	add_time(when, "ms", json_object_get(body, "startDate"));
	strbuf_adds(&b, "{\"ExecutionArn\":");
	strbuf_add_json_string(&b, arn, strlen(arn));
	strbuf_addc(&b, ',');
	/* {"executionArn":"...","startDate":1.700000000123E9} */
	task_http_metadata(&b, strlen(arn) + 48, &request);
	strbuf_addf(&b, ",\"StartDate\":%lld}", (long long)json_integer_value(
	    json_object_get(when, "ms")));
	json_decref(when);
	text = strbuf_take(&b, &len);
	return payload_steal_text(text, len);
}

/* ---- the end of the execution ---- */

/* Input or Output: as text, or as what it holds. */
static void
add_data(json_t *out, const char *name, json_t *text, bool parsed)
{
	struct err	 e = ERR_INIT;
	json_t		*value = NULL;
	char		*details;

	if (!json_is_string(text))
		return;
	if (parsed)
		value = jsontext_parse(json_string_value(text),
		    json_string_length(text), &e);
	err_clear(&e);
	json_object_set_new(out, name, value != NULL ? value :
	    json_incref(text));
	details = xasprintf("%sDetails", name);
	json_object_set_new(out, details, json_pack("{s:b}", "Included", 1));
	free(details);
}

static void
add(json_t *out, const char *name, json_t *value)
{
	if (value != NULL)
		json_object_set(out, name, value);
}

/* The description of an ended execution, members in the order of their names. */
static json_t *
description(const json_t *d, bool parsed)
{
	json_t	*out = json_object();

	add(out, "Cause", json_object_get(d, "cause"));
	add(out, "Error", json_object_get(d, "error"));
	add(out, "ExecutionArn", json_object_get(d, "executionArn"));
	add_data(out, "Input", json_object_get(d, "input"), parsed);
	add(out, "Name", json_object_get(d, "name"));
	add_data(out, "Output", json_object_get(d, "output"), parsed);
	add(out, "RedriveCount", json_object_get(d, "redriveCount"));
	add(out, "RedriveStatus", json_object_get(d, "redriveStatus"));
	add(out, "RedriveStatusReason", json_object_get(d,
	    "redriveStatusReason"));
	add_time(out, "StartDate", json_object_get(d, "startDate"));
	add(out, "StateMachineArn", json_object_get(d, "stateMachineArn"));
	add(out, "Status", json_object_get(d, "status"));
	add_time(out, "StopDate", json_object_get(d, "stopDate"));
	return out;
}

static void	ask(struct task_call *);

static void
on_described(struct task_call *call, const struct ownapi_answer *a)
{
	struct start	*s = call->state;
	const char	*status;
	json_t		*out;
	char		*cause;

	status = a->body == NULL ? NULL : json_string_value(json_object_get(
	    a->body, "status"));
	if (a->code != NULL && a->status < 500)
		failed(call, a);
	else if (status == NULL || strcmp(status, "RUNNING") == 0) {
		s->pause_ms += s->pause_ms / 2;
		if (s->pause_ms > PAUSE_MAX_MS)
			s->pause_ms = PAUSE_MAX_MS;
		task_later(call, s->pause_ms, ask);
	} else {
		out = description(a->body, call->pattern == PATTERN_SYNC2);
		if (strcmp(status, "SUCCEEDED") == 0)
			task_succeed(call, payload_from_json(out));
		else {
			cause = jsontext_string(out, NULL);
			json_decref(out);
			task_fail(call, "States.TaskFailed", cause);
			free(cause);
		}
	}
}

static void
ask(struct task_call *call)
{
	struct start	*s = call->state;
	json_t		*members = json_pack("{s:s}", "executionArn", s->arn);

	ownapi_call(&s->child.own, call, "AWSStepFunctions.DescribeExecution",
	    members, on_described);
	json_decref(members);
}

/* ---- its start ---- */

static void
on_started(struct task_call *call, const struct ownapi_answer *a)
{
	struct start	*s = call->state;
	struct payload	*output;

	if (a->code != NULL) {
		failed(call, a);
		return;
	}
	output = started_output(call, a->body);
	if (call->pattern != PATTERN_SYNC && call->pattern != PATTERN_SYNC2) {
		task_succeed(call, output);
		return;
	}
	s->arn = xstrdup(json_string_value(json_object_get(a->body,
	    "executionArn")));
	task_later(call, s->pause_ms, ask);
	task_submit(call, output);
}

/* The members of StartExecution that the state gives: new. */
static json_t *
members_of(json_t *args)
{
	static const char *const	 names[][2] = {
		{ "StateMachineArn", "stateMachineArn" }, { "Name", "name" },
		{ "TraceHeader", "traceHeader" } };
	json_t				*members = json_object(), *input;
	char				*text;
	size_t				 i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		add(members, names[i][1], json_object_get(args, names[i][0]));
	input = json_object_get(args, "Input");
	if (json_is_string(input))
		json_object_set(members, "input", input);
	else if (input != NULL && !json_is_null(input)) {
		text = jsontext_string(input, NULL);
		json_object_set_new(members, "input", json_string(text));
		free(text);
	}
	return members;
}

static void
start(struct task_call *call)
{
	struct start	*s = xcalloc(1, sizeof *s);
	json_t		*members = members_of(payload_json(call->arguments));

	call->state = s;
	call->state_free = start_free;
	s->pause_ms = FIRST_PAUSE_MS;
	if (call->submitted && (s->arn = child_arn(call, members)) != NULL) {
		json_decref(members);
		ask(call);
		return;
	}
	child_start(&s->child, call, members, on_started);
}

const struct task_kind	 task_execution = { "execution", takes, NULL, start };
