/*
 * asl/fail.c - a failure on its way outwards: retried, caught, or up to the
 * execution.
 *
 * At each level the state may retry, then catch; a failed child aborts its
 * siblings and fails the Parallel or Map around it.  Recordings
 * scenarios/test_parallel_state_retry, test_map_state_retry and callback/
 * ..._SQS_PARALLEL_WAIT_FOR_TASK_TOKEN show which events that gives.
 *
 * Invariants:
 *   - what an aborted flow had open is cancelled;
 *   - after a failed child's parent was reached, nothing below it is left.
 */

#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "probe.h"
#include "query.h"
#include "xmalloc.h"

/* The longest cause that the API shows. */
#define CAUSE_BYTES_MAX 32768

static void
abort_event(struct run *run, struct flow *f, enum event_type type)
{
	struct event	*ev;

	if (type == EVENT_TYPE_COUNT || run->ex->last_id >= HISTORY_ABORTS_MAX)
		return;
	ev = run_event(run, type, f);
	if (type == EVENT_MapIterationAborted) {
		ev->name = xstrdup(f->parent->state->name);
		ev->number = f->index;
	}
	run_apply(run, ev);
}

static void	abort_children(struct run *, struct flow *);

/*
 * Stops a flow that has failed or whose sibling has.  A Task that failed is
 * also said to be aborted; a Parallel or Map that failed has said so itself.
 */
static void
abort_flow(struct run *run, struct flow *f)
{
	bool	 leaf = f->state->type == STATE_TASK ||
		    f->state->type == STATE_WAIT;

	run_cancel(run, f);
	if (f->phase == FLOW_CHILDREN)
		abort_children(run, f);
	if (f->phase == FLOW_TASK || f->phase == FLOW_WAIT ||
	    f->phase == FLOW_RETRY || f->phase == FLOW_CHILDREN ||
	    (f->phase == FLOW_WORKING && leaf))
		abort_event(run, f, run_kind(f)->aborted);
}

static void
abort_children(struct run *run, struct flow *f)
{
	struct children	*c = f->children;
	bool		 map = f->state->type == STATE_MAP;
	int64_t		 i;

	for (i = 0; i < c->n; i++) {
		if (c->slots[i] == NULL)
			continue;
		abort_flow(run, c->slots[i]);
		if (map)
			abort_event(run, c->slots[i], EVENT_MapIterationAborted);
	}
}

/* The failed child says so; what remains is its parent's matter. */
static struct flow *
leave(struct run *run, struct flow *f)
{
	struct flow	*parent = f->parent;
	struct event	*ev;

	if (parent->state->type == STATE_PARALLEL) {
		abort_flow(run, f);
		return parent;
	}
	ev = run_event(run, EVENT_MapIterationFailed, f);
	ev->name = xstrdup(parent->state->name);
	ev->number = f->index;
	run_apply(run, ev);
	return parent;
}

static void
end_execution(struct run *run, struct flow *root, const struct failure *why)
{
	struct event	*ev = run_event(run, EVENT_ExecutionFailed, root);

	ev->previous_id = why->chain;
	if (why->error != NULL)
		ev->error = xstrdup(why->error);
	if (why->cause != NULL)
		ev->cause = xstrdup(why->cause);
	run_apply(run, ev);
}

/* A Parallel or Map that was under way has failed. */
static void
children_failed(struct run *run, struct flow *f, struct failure *why)
{
	struct event	*ev = run_event(run, run_kind(f)->failed, f);

	ev->previous_id = why->chain;
	run_apply(run, ev);
	why->chain = f->chain;
}

/*
 * The event that what fails at the entry of a state follows: the one before the
 * entry (recordings assign/test_undefined_reference and scenarios/
 * test_map_state_items_*), but not of a Wait, which has begun (scenarios/
 * test_wait_timestamp_jsonata).
 */
static int64_t
before_entry(const struct run *run, const struct flow *f)
{
	const struct event	*ev = run->step->events;
	size_t			 i = run->step->nevents;

	if (f->chain == f->entered_id && f->state->type != STATE_WAIT)
		while (i-- > 0 && ev[i].id >= f->entered_id)
			if (ev[i].id == f->entered_id)
				return ev[i].previous_id;
	return f->chain;
}

/* What JSONata says has an event of its own, with the place in the state. */
static bool
evaluation_failed(struct run *run, struct flow *f, const struct err *e,
    int64_t previous_id)
{
	struct event	*ev;

	if (!err_is(e, QUERY_ERROR))
		return false;
	ev = run_event(run, EVENT_EvaluationFailed, f);
	ev->previous_id = previous_id;
	ev->name = xstrdup(f->state->name);
	ev->error = xstrdup(e->code);
	ev->cause = xstrdup(e->text);
	ev->location = run->where;
	run->where = NULL;
	run_apply(run, ev);
	return true;
}

static void
fail(struct run *run, struct flow *f, struct failure why)
{
	struct err	 again = ERR_INIT, e = ERR_INIT;
	int		 caught;

	why.chain = f->chain;
	for (; !run->full; f = leave(run, f)) {
		probe_fail(run, f, why.error, why.cause);
		if (f->phase == FLOW_CHILDREN)
			abort_children(run, f);
		if (f->phase == FLOW_CHILDREN && !retry_has_room(run))
			children_failed(run, f, &why);
		if (retry_try(run, f, &why))
			break;
		if (f->phase == FLOW_CHILDREN || why.starting)
			children_failed(run, f, &why);
		why.starting = false;
		caught = catch_try(run, f, &why, &e);
		if (caught == 1)
			break;
		if (caught == -1) {
			fail_frame(run, f, &e);
			probe_fail(run, f, e.code, e.text);
			err_clear(&again);
			err_move(&again, &e);
			if (evaluation_failed(run, f, &again, why.chain))
				why.chain = f->chain;
			why = (struct failure){ .error = again.code,
				.cause = again.text, .chain = why.chain };
		}
		if (f->parent == NULL) {
			end_execution(run, f, &why);
			break;
		}
	}
	err_clear(&again);
}

void
fail_flow(struct run *run, struct flow *f, const char *error, const char *cause)
{
	fail(run, f, (struct failure){ .error = error, .cause = cause });
}

void
fail_timeout(struct run *run, struct flow *f, bool heartbeat)
{
	fail(run, f, (struct failure){ .error = "States.Timeout",
	    .heartbeat = heartbeat });
}

/* Cuts between characters, never inside one. */
static void
shorten(char *text, size_t max)
{
	size_t	 len = strlen(text);

	if (len <= max)
		return;
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	text[max] = '\0';
}

void
fail_frame(const struct run *run, const struct flow *f, struct err *e)
{
	if (!err_is(e, "States.DataLimitExceeded") && probe_of(run, f) == NULL)
		err_context(e, "An error occurred while executing the state "
		    "'%s' (entered at the event id #%lld). ", f->state->name,
		    (long long)f->entered_id);
	if (e->text != NULL)
		shorten(e->text, CAUSE_BYTES_MAX);
}

void
fail_err(struct run *run, struct flow *f, struct err *e)
{
	bool	 starting = err_is(e, QUERY_ERROR) && f->children == NULL &&
		    (f->state->type == STATE_MAP ||
		    f->state->type == STATE_PARALLEL);

	fail_frame(run, f, e);
	evaluation_failed(run, f, e, before_entry(run, f));
	fail(run, f, (struct failure){ .error = e->code, .cause = e->text,
	    .starting = starting });
	err_clear(e);
}
