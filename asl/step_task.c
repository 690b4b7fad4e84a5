/*
 * asl/step_task.c - Task: schedules work outside and records how it went.
 *
 * The kind of resource decides the family of events.  ...Scheduled and
 * ...Started are emitted together: the commit between them would tell nobody
 * anything.  Who carries the task out, and how, is the engine's matter.
 *
 * Invariants:
 *   - the id of a task is that of its ...Scheduled event;
 *   - a token task ends by its callback; the answer to its request only
 *     submits it (or, when it failed, fails it).
 */

#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "task_fields.h"
#include "xmalloc.h"

#define NONE EVENT_TYPE_COUNT

static const struct family {
	enum event_type	 scheduled, started, succeeded, failed, timed_out;
} families[] = {
	[RESOURCE_FUNCTION] = { EVENT_LambdaFunctionScheduled,
		EVENT_LambdaFunctionStarted, EVENT_LambdaFunctionSucceeded,
		EVENT_LambdaFunctionFailed, EVENT_LambdaFunctionTimedOut },
	[RESOURCE_ACTIVITY] = { EVENT_ActivityScheduled, NONE,
		EVENT_ActivitySucceeded, EVENT_ActivityFailed,
		EVENT_ActivityTimedOut },
	[RESOURCE_SERVICE] = { EVENT_TaskScheduled, EVENT_TaskStarted,
		EVENT_TaskSucceeded, EVENT_TaskFailed, EVENT_TaskTimedOut },
};

static const struct resource *
resource_of(const struct flow *f)
{
	return &f->state->u.task.resource;
}

static struct event *
task_event(struct run *run, const struct flow *f, enum event_type type)
{
	struct event	*ev = run_event(run, type, f);

	if (resource_of(f)->kind == RESOURCE_SERVICE) {
		ev->resource = xstrdup(resource_of(f)->api);
		ev->resource_type = xstrdup(resource_of(f)->service);
	}
	return ev;
}

/* TimeoutSeconds or HeartbeatSeconds, or their paths; 0: none. */
static int
seconds_of(struct eval *ev, const struct number_field *field, const char *name,
    int64_t *s, struct err *e)
{
	json_t	*value;
	char	*shown;
	int	 ret = 0;

	*s = field->set ? field->value : 0;
	if (field->query != NULL)
		return query_integer(field->query, ev, 1, 99999999, s, e);
	if (field->path == NULL)
		return 0;
	if (dataflow_path(ev, field->path, &value, e) == -1)
		return -1;
	shown = dataflow_show(value);
	if (!dataflow_integer(value, s))
		ret = err_set(e, "States.Runtime", "The %s parameter cannot be "
		    "parsed as a long value: %s == %s", name,
		    jsonpath_text(field->path), shown);
	else if (*s <= 0 || *s > 99999999)
		ret = err_set(e, "States.Runtime", "The %s parameter references "
		    "a value that is not between 1 and 99999999: %s == %s",
		    name, jsonpath_text(field->path), shown);
	free(shown);
	json_decref(value);
	return ret;
}

/* Nobody here takes on another's role; but what fails, fails. */
static int
credentials(struct eval *ev, const struct query *q, struct err *e)
{
	struct payload	*value;

	if (query_payload(q, ev, &value, e) == -1)
		return -1;
	payload_unref(value);
	return 0;
}

static int
prepare(struct eval *ev, struct payload **arguments, int64_t *timeout_s,
    int64_t *heartbeat_s, struct err *e)
{
	const struct state	*s = ev->flow->state;
	struct payload		*effective;
	int			 ret;

	*arguments = NULL;
	if (dataflow_input(ev, &effective, e) == -1)
		return -1;
	eval_input(ev, effective);
	ret = seconds_of(ev, &s->u.task.timeout_s, "TimeoutSecondsPath",
	    timeout_s, e);
	if (ret == 0)
		ret = seconds_of(ev, &s->u.task.heartbeat_s,
		    "HeartbeatSecondsPath", heartbeat_s, e);
	if (ret == 0 && s->u.task.credential_query != NULL)
		ret = credentials(ev, s->u.task.credential_query, e);
	if (ret == 0)
		ret = dataflow_parameters(ev, effective, arguments, e);
	if (ret == 0 && task_fields_check(&s->u.task.resource, *arguments,
	    s->jsonata ? "Arguments" : "Parameters", e) == -1) {
		payload_unref(*arguments);
		ret = -1;
	}
	payload_unref(effective);
	return ret;
}

static void
work(struct run *run, struct flow *f)
{
	const struct resource	*r = resource_of(f);
	const struct family	*family = &families[r->kind];
	struct eval		 ev;
	struct err		 e = ERR_INIT;
	struct event		*scheduled;
	struct payload		*arguments;
	int64_t			 timeout_s, heartbeat_s;
	int			 ret;

	eval_init(&ev, run, f);
	if (r->pattern == PATTERN_TOKEN)
		ev.task_id = run->ex->last_id + 1;
	ret = prepare(&ev, &arguments, &timeout_s, &heartbeat_s, &e);
	eval_clear(&ev);
	if (ret == -1) {
		fail_err(run, f, &e);
		return;
	}
	scheduled = task_event(run, f, family->scheduled);
	if (r->kind != RESOURCE_SERVICE)
		scheduled->resource = xstrdup(f->state->u.task.resource_text);
	scheduled->payload = arguments;
	scheduled->timeout_s = timeout_s;
	scheduled->heartbeat_s = heartbeat_s;
	run_apply(run, scheduled);
	if (family->started != NONE)
		run_apply(run, task_event(run, f, family->started));
	run_task(run, f);
}

static void
failed(struct run *run, struct flow *f, enum event_type type,
    const char *error, const char *cause)
{
	struct event	*ev = task_event(run, f, type);

	ev->error = error != NULL ? xstrdup(error) : NULL;
	ev->cause = cause != NULL ? xstrdup(cause) : NULL;
	run_apply(run, ev);
	fail_flow(run, f, error, cause);
}

static void
timed_out(struct run *run, struct flow *f, bool heartbeat)
{
	struct event	*ev = task_event(run, f,
			    families[resource_of(f)->kind].timed_out);

	run_cancel(run, f);
	ev->error = xstrdup("States.Timeout");
	run_apply(run, ev);
	fail_timeout(run, f, heartbeat);
}

/* A result of the service: what error texts call it. */
static const char *
who(const struct flow *f)
{
	return resource_of(f)->kind == RESOURCE_SERVICE ?
	    resource_of(f)->service : f->state->u.task.resource_text;
}

static void
succeeded(struct run *run, struct flow *f, struct payload *result)
{
	const struct family	*family = &families[resource_of(f)->kind];
	struct eval		 eval;
	struct err		 e = ERR_INIT;
	struct event		*ev;
	struct payload		*output;
	json_t			*assigned;
	int			 ret;

	if (dataflow_limit(who(f), result, &e) == -1) {
		failed(run, f, family->failed, e.code, e.text);
		err_clear(&e);
		return;
	}
	ev = task_event(run, f, family->succeeded);
	ev->payload = payload_ref(result);
	run_apply(run, ev);
	if (run->full)
		return;
	eval_init(&eval, run, f);
	ret = dataflow_output(&eval, result, f->state->assign, &output,
	    &assigned, &e);
	eval_clear(&eval);
	if (ret == -1)
		fail_err(run, f, &e);
	else
		run_exit(run, f, run_exit_event(run, f), output, assigned);
}

static void
submitted(struct run *run, struct flow *f, struct payload *answer)
{
	struct event	*ev = task_event(run, f, EVENT_TaskSubmitted);
	struct err	 e = ERR_INIT;

	ev->payload = payload_ref(answer);
	if (dataflow_limit(who(f), answer, &e) == -1) {
		payload_unref(ev->payload);	/* it is for the record only */
		ev->payload = payload_empty();
		err_clear(&e);
	}
	run_apply(run, ev);
}

/* The request of a token or .sync task was refused before it was under way. */
static enum event_type
failed_type(const struct flow *f)
{
	if (resource_of(f)->kind == RESOURCE_SERVICE &&
	    resource_of(f)->pattern != PATTERN_REQUEST && !f->submitted)
		return EVENT_TaskSubmitFailed;
	return families[resource_of(f)->kind].failed;
}

bool
step_task_stimulus(struct run *run, struct flow *f, const struct stimulus *what)
{
	const struct resource	*r = resource_of(f);
	bool			 token = r->pattern == PATTERN_TOKEN;
	bool			 called = token || r->kind == RESOURCE_ACTIVITY;

	switch (what->kind) {
	case STIMULUS_TASK_SUCCEEDED:
		if (token)
			return false;
		succeeded(run, f, what->payload);
		return true;
	case STIMULUS_CALLBACK_SUCCEEDED:
		if (!called)
			return false;
		succeeded(run, f, what->payload);
		return true;
	case STIMULUS_TASK_FAILED:
		if (token && f->submitted)
			return false;
		failed(run, f, failed_type(f), what->error, what->cause);
		return true;
	case STIMULUS_CALLBACK_FAILED:
		if (!called)
			return false;
		failed(run, f, families[r->kind].failed, what->error,
		    what->cause);
		return true;
	case STIMULUS_TASK_SUBMITTED:
		if (r->kind != RESOURCE_SERVICE || f->submitted ||
		    r->pattern == PATTERN_REQUEST)
			return false;
		submitted(run, f, what->payload);
		return true;
	case STIMULUS_TASK_TIMED_OUT:
	case STIMULUS_HEARTBEAT_TIMED_OUT:
		timed_out(run, f, what->kind == STIMULUS_HEARTBEAT_TIMED_OUT);
		return true;
	case STIMULUS_START:
	case STIMULUS_TIMER:
	case STIMULUS_EXECUTION_TIMED_OUT:
	case STIMULUS_STOP:
	case STIMULUS_CONTINUE:
		break;
	}
	return false;
}

const struct state_kind step_task = { EVENT_TaskStateEntered,
	EVENT_TaskStateExited, EVENT_TaskStateAborted, NONE, work, NULL };
