/*
 * asl/run.c - emitting events and commands during a step.
 *
 * Invariants:
 *   - every event is applied as it is emitted, in order;
 *   - the history never passes HISTORY_EVENTS_MAX: when it is full, what a
 *     state emits goes nowhere, and step.c ends the execution;
 *   - a step's commands are those that still make sense at its end.
 */

#include "run.h"

#include <stdlib.h>
#include <string.h>

#include "xmalloc.h"

static const struct state_kind *const kinds[] = {
	[STATE_TASK] = &step_task,
	[STATE_WAIT] = &step_wait,
	[STATE_PASS] = &step_pass,
	[STATE_SUCCEED] = &step_succeed,
	[STATE_FAIL] = &step_fail,
	[STATE_CHOICE] = &step_choice,
	[STATE_PARALLEL] = &step_parallel,
	[STATE_MAP] = &step_map,
};

const struct state_kind *
run_kind(const struct flow *f)
{
	return kinds[f->state->type];
}

static bool
is_end(enum event_type type)
{
	return type == EVENT_ExecutionSucceeded ||
	    type == EVENT_ExecutionFailed || type == EVENT_ExecutionAborted ||
	    type == EVENT_ExecutionTimedOut;
}

struct event *
run_event(struct run *run, enum event_type type, const struct flow *f)
{
	struct step	*s = run->step;
	struct event	*ev;

	if (!is_end(type) && run->ex->last_id + 1 >= HISTORY_EVENTS_MAX)
		run->full = true;
	if (run->full) {
		event_clear(&run->spare);
		ev = &run->spare;
	} else {
		if (s->nevents == run->events_size) {
			run->events_size = run->events_size == 0 ? 8 :
			    2 * run->events_size;
			s->events = xreallocarray(s->events, run->events_size,
			    sizeof *s->events);
		}
		ev = &s->events[s->nevents++];
	}
	event_init(ev, type);
	ev->id = run->ex->last_id + 1;
	ev->previous_id = f->chain;
	ev->time_ms = run->now_ms;
	ev->flow = f->id;
	return ev;
}

void
run_apply(struct run *run, struct event *ev)
{
	if (ev == &run->spare)
		return;
	if (execution_apply(run->ex, ev, &run->bug) == -1)
		run->full = true;	/* go no further; step.c reports it */
}

void
run_annotate(struct run *run, struct event *ev)
{
	if (ev == &run->spare)
		return;
	if (execution_annotate(run->ex, ev, &run->bug) == -1)
		run->full = true;
}

static struct command *
command(struct run *run, enum command_kind kind, int64_t id)
{
	struct step	*s = run->step;
	struct command	*c;

	if (s->ncommands == run->commands_size) {
		run->commands_size = run->commands_size == 0 ? 4 :
		    2 * run->commands_size;
		s->commands = xreallocarray(s->commands, run->commands_size,
		    sizeof *s->commands);
	}
	c = &s->commands[s->ncommands++];
	memset(c, 0, sizeof *c);
	c->kind = kind;
	c->id = id;
	return c;
}

void
run_task(struct run *run, const struct flow *f)
{
	struct command	*c;

	if (f->phase != FLOW_TASK)
		return;		/* the history is full */
	c = command(run, COMMAND_TASK, f->open_id);
	c->due_ms = f->due_ms;
	c->resource = &f->state->u.task.resource;
	c->resource_text = f->state->u.task.resource_text;
	c->arguments = payload_ref(f->arguments);
	c->heartbeat_s = f->heartbeat_s;
}

void
run_timer(struct run *run, int64_t id, int64_t due_ms)
{
	command(run, COMMAND_TIMER, id)->due_ms = due_ms;
}

void
run_deadline(struct run *run)
{
	const struct execution	*ex = run->ex;

	if (ex->machine->timeout_s > 0)
		command(run, COMMAND_DEADLINE, 1)->due_ms = ex->started_ms +
		    ex->machine->timeout_s * 1000;
}

static void
cancel(struct run *run, int64_t id)
{
	if (id < run->first_id)		/* younger ones: run_finish() */
		command(run, COMMAND_CANCEL, id);
}

void
run_cancel(struct run *run, const struct flow *f)
{
	if (f->open_id != 0)
		cancel(run, f->open_id);
}

void
run_cancel_all(struct run *run)
{
	int64_t	*ids = idmap_ids(&run->ex->open);
	size_t	 i, n = run->ex->open.n;

	for (i = 0; i < n; i++)
		cancel(run, ids[i]);
	free(ids);
}

void
run_finish(struct run *run)
{
	struct step	*s = run->step;
	struct command	*c;
	size_t		 i, n = 0;

	for (i = 0; i < s->ncommands; i++) {
		c = &s->commands[i];
		if (c->kind == COMMAND_CANCEL ||
		    (c->kind == COMMAND_DEADLINE &&
		    run->ex->status == EXECUTION_RUNNING) ||
		    idmap_get(&run->ex->open, c->id) != NULL)
			s->commands[n++] = *c;
		else
			payload_unref(c->arguments);
	}
	s->ncommands = n;
	event_clear(&run->spare);
	free(run->where);
	run->where = NULL;
}

struct event *
run_exit_event(struct run *run, const struct flow *f)
{
	struct event	*ev = run_event(run, run_kind(f)->exited, f);

	ev->name = xstrdup(f->state->name);
	return ev;
}

void
run_exit(struct run *run, struct flow *f, struct event *ev,
    struct payload *output, json_t *assigned)
{
	struct flow	*parent = f->parent;

	ev->payload = output;
	ev->assigned = assigned;
	run_apply(run, ev);
	if (run->full || (parent != NULL &&
	    parent->state->type == STATE_PARALLEL))
		return;			/* a branch that ended is gone */
	if (f->phase != FLOW_DONE)
		return;
	if (parent == NULL) {
		ev = run_event(run, EVENT_ExecutionSucceeded, f);
		ev->payload = payload_ref(f->input);
	} else {
		ev = run_event(run, EVENT_MapIterationSucceeded, f);
		ev->name = xstrdup(parent->state->name);
		ev->number = f->index;
	}
	run_apply(run, ev);
}
