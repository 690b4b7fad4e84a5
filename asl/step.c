/*
 * asl/step.c - one stimulus: what it does, and everything that follows from it
 * without waiting.
 *
 * The stimulus changes one flow; then flows that can go on do so, one state at
 * a time and in turn, until all wait or the budget is used up.  States act in
 * their own files; step_kinds in run.c lists them.
 *
 * Invariants:
 *   - a stimulus that finds nothing open emits nothing and runs nothing;
 *   - the queue of flows that can go on is part of the execution, so a fold
 *     continues where the live one would.
 */

#include "step.h"

#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "probe.h"
#include "xmalloc.h"

static void
enter(struct run *run, struct flow *f)
{
	const struct state_kind	*kind = run_kind(f);
	struct event		*ev = run_event(run, kind->entered, f);

	ev->name = xstrdup(f->state->name);
	ev->payload = payload_ref(f->input);
	run_apply(run, ev);
	if (!run->full)
		kind->work(run, f);
}

/* The history has no room for more: the execution ends with that. */
static void
end_full(struct run *run)
{
	struct flow	*root = &run->ex->root;
	struct event	*ev;

	if (run->bug.code[0] != '\0')
		return;
	run->full = false;
	run_cancel_all(run);
	ev = run_event(run, EVENT_ExecutionFailed, root);
	ev->error = xstrdup("States.Runtime");
	ev->cause = xstrdup("The execution reached the maximum number of "
	    "history events (25000).");
	run_apply(run, ev);
}

/* Bytes of the payloads of events from *at on; one that is passed on counts once. */
static size_t
payload_total(const struct step *s, size_t *at, const struct payload **last)
{
	struct payload	*p;
	size_t		 bytes = 0;

	for (; *at < s->nevents; ++*at) {
		if ((p = s->events[*at].payload) != NULL && p != *last)
			bytes += payload_bytes(p);
		*last = p;
	}
	return bytes;
}

/* Lets flows go on until all wait, or this step has done its share. */
static void
pump(struct run *run)
{
	struct execution	*ex = run->ex;
	struct flow		*f;
	const struct payload	*last = NULL;
	size_t			 at = 0, bytes = 0;
	int			 budget = STEP_TRANSITIONS_MAX;

	while ((f = ex->queue_head) != NULL && !run->full && budget-- > 0 &&
	    bytes < STEP_BYTES_MAX && run->query_steps < STEP_QUERY_MAX) {
		if (probe_holds(run, f))
			break;
		if (f->phase == FLOW_READY)
			enter(run, f);
		else
			run_kind(f)->resume(run, f);
		bytes += payload_total(run->step, &at, &last);
	}
	if (run->full)
		end_full(run);
	run->step->more = ex->queue_head != NULL;
}

static void
start(struct run *run, const struct stimulus *what)
{
	struct execution	*ex = run->ex;
	struct event		*ev;

	ev = run_event(run, EVENT_ExecutionStarted, &ex->root);
	ev->payload = payload_ref(what->payload);
	if (ex->facts->role_arn != NULL)
		ev->role_arn = xstrdup(ex->facts->role_arn);
	run_apply(run, ev);
	run_deadline(run);
}

/* Ends the execution from outside. */
static void
end(struct run *run, enum event_type type, const char *error, const char *cause)
{
	struct event	*ev;

	run_cancel_all(run);
	ev = run_event(run, type, &run->ex->root);
	ev->previous_id = 0;	/* recording test_sfn_api/test_stop_execution */
	ev->error = error != NULL ? xstrdup(error) : NULL;
	ev->cause = cause != NULL ? xstrdup(cause) : NULL;
	run_apply(run, ev);
}

/* A Wait is over, or the next attempt is due. */
static bool
timer(struct run *run, struct flow *f)
{
	if (f->phase == FLOW_WAIT)
		run_kind(f)->resume(run, f);
	else if (f->phase == FLOW_RETRY)
		run_kind(f)->work(run, f);
	else
		return false;
	return true;
}

/* Whether the stimulus did anything. */
static bool
act(struct run *run, const struct stimulus *what)
{
	struct flow	*f = idmap_get(&run->ex->open, what->id);

	switch (what->kind) {
	case STIMULUS_START:
		if (run->ex->last_id != 0)
			return false;
		start(run, what);
		return true;
	case STIMULUS_CONTINUE:
		return true;
	case STIMULUS_STOP:
		end(run, EVENT_ExecutionAborted, what->error, what->cause);
		return true;
	case STIMULUS_EXECUTION_TIMED_OUT:
		end(run, EVENT_ExecutionTimedOut, "States.Timeout", NULL);
		return true;
	case STIMULUS_TIMER:
		return f != NULL && timer(run, f);
	case STIMULUS_TASK_SUCCEEDED:
	case STIMULUS_TASK_FAILED:
	case STIMULUS_TASK_SUBMITTED:
	case STIMULUS_CALLBACK_SUCCEEDED:
	case STIMULUS_CALLBACK_FAILED:
	case STIMULUS_TASK_TIMED_OUT:
	case STIMULUS_HEARTBEAT_TIMED_OUT:
		return f != NULL && f->phase == FLOW_TASK &&
		    step_task_stimulus(run, f, what);
	}
	return false;
}

/* Whether the stimulus can be one for this execution at all. */
static int
check(const struct execution *ex, const struct stimulus *what, struct err *e)
{
	bool	 carries = what->kind == STIMULUS_START ||
		    what->kind == STIMULUS_TASK_SUCCEEDED ||
		    what->kind == STIMULUS_TASK_SUBMITTED ||
		    what->kind == STIMULUS_CALLBACK_SUCCEEDED;
	bool	 names = what->kind != STIMULUS_START &&
		    what->kind != STIMULUS_CONTINUE &&
		    what->kind != STIMULUS_STOP &&
		    what->kind != STIMULUS_EXECUTION_TIMED_OUT;

	if (carries && what->payload == NULL)
		return err_set(e, "BadStimulus", "a payload is missing");
	if (what->kind != STIMULUS_START && ex->last_id == 0)
		return err_set(e, "NotStarted", "the execution has not started");
	if (names && (what->id < 1 || what->id > ex->last_id))
		return err_set(e, "BadStimulus", "the execution has no event "
		    "%lld", (long long)what->id);
	return 0;
}

int
step_run(struct execution *ex, const struct stimulus *what, struct step **out,
    struct err *e)
{
	struct run	 run;

	*out = NULL;
	if (check(ex, what, e) == -1)
		return -1;
	memset(&run, 0, sizeof run);
	run.ex = ex;
	run.step = xcalloc(1, sizeof *run.step);
	run.now_ms = what->now_ms > ex->last_ms ? what->now_ms : ex->last_ms;
	run.first_id = ex->last_id + 1;
	if (ex->status == EXECUTION_RUNNING && act(&run, what))
		pump(&run);
	else
		run.step->more = ex->queue_head != NULL;
	run_finish(&run);
	if (run.bug.code[0] != '\0') {
		err_move(e, &run.bug);
		step_free(run.step);
		return -1;
	}
	*out = run.step;
	return 0;
}

void
step_commands_free(struct command *commands, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		payload_unref(commands[i].arguments);
	free(commands);
}

void
step_free(struct step *s)
{
	size_t	 i;

	if (s == NULL)
		return;
	for (i = 0; i < s->nevents; i++)
		event_clear(&s->events[i]);
	free(s->events);
	step_commands_free(s->commands, s->ncommands);
	free(s);
}

struct command *
step_open(const struct execution *ex, size_t *n, bool *more)
{
	struct step	 s = { NULL, 0, NULL, 0, false };
	struct run	 run;
	struct flow	*f;
	int64_t		*ids = idmap_ids(&ex->open);
	size_t		 i;

	memset(&run, 0, sizeof run);
	run.ex = (struct execution *)(uintptr_t)ex;	/* only read */
	run.step = &s;
	if (ex->status == EXECUTION_RUNNING && ex->last_id > 0)
		run_deadline(&run);
	for (i = 0; i < ex->open.n; i++) {
		f = idmap_get(&ex->open, ids[i]);
		if (f->phase != FLOW_TASK) {
			run_timer(&run, ids[i], f->due_ms);
			continue;
		}
		run_task(&run, f);
		s.commands[s.ncommands - 1].submitted = f->submitted;
	}
	free(ids);
	*n = s.ncommands;
	*more = ex->queue_head != NULL;
	return s.commands;
}

bool
step_task_open(const struct execution *ex, int64_t id, bool token)
{
	const struct flow	*f = idmap_get(&ex->open, id);
	const struct resource	*r;

	if (f == NULL || f->phase != FLOW_TASK)
		return false;
	r = &f->state->u.task.resource;
	return !token || r->pattern == PATTERN_TOKEN ||
	    r->kind == RESOURCE_ACTIVITY;
}
