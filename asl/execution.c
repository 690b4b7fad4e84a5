/*
 * asl/execution.c - what each event means to an execution.
 *
 * This is the fold.  A live step and a replay of stored history both come
 * through here, event by event; nothing else changes an execution.  A new
 * event type gets a line in the table at the end and says there what it does.
 *
 * Invariants:
 *   - event ids are dense, from 1; nothing follows the end of the execution;
 *   - an event that does not fit is refused before anything has changed;
 *   - what an event does depends on the event and the execution alone.
 */

#include "flow.h"

#include <stdlib.h>
#include <string.h>

#include "step.h"
#include "xmalloc.h"

/* More children than a payload has room for are a sign of damage. */
#define CHILDREN_MAX (1 << 20)

static const char *const status_names[] = { "RUNNING", "SUCCEEDED", "FAILED",
	"TIMED_OUT", "ABORTED" };

struct execution *
execution_new(const struct machine *m, const struct execution_facts *facts)
{
	struct execution	*ex = xcalloc(1, sizeof *ex);

	ex->machine = m;
	ex->facts = facts;
	ex->next_flow = 1;
	ex->root.workflow = &m->flow;
	ex->root.state = m->flow.start;
	return ex;
}

void
execution_free(struct execution *ex)
{
	if (ex == NULL)
		return;
	flow_clear(ex, &ex->root);
	idmap_free(&ex->flows);
	idmap_free(&ex->open);
	payload_unref(ex->input);
	free(ex);
}

enum execution_status
execution_status(const struct execution *ex)
{
	return ex->status;
}

const char *
execution_status_name(enum execution_status s)
{
	return status_names[s];
}

int64_t
execution_last_event(const struct execution *ex)
{
	return ex->last_id;
}

int64_t
execution_started_ms(const struct execution *ex)
{
	return ex->started_ms;
}

struct flow *
execution_flow(const struct execution *ex, int64_t id)
{
	/* Flows are handed out for change; only the index is looked at here. */
	return id == 0 ? (struct flow *)(uintptr_t)&ex->root :
	    idmap_get(&ex->flows, id);
}

static int
corrupt(struct err *e, const struct event *ev, const char *why)
{
	return err_set(e, "CorruptHistory", "event %lld (%s): %s",
	    (long long)ev->id, event_type_name(ev->type), why);
}

#define REFUSE_UNLESS(condition, why)					\
	do {								\
		if (!(condition))					\
			return corrupt(e, ev, (why));			\
	} while (0)

static void
set_input(struct flow *f, struct payload *p)
{
	if (f->input == p)
		return;
	payload_ref(p);
	payload_unref(f->input);
	f->input = p;
}

static void
ready(struct execution *ex, struct flow *f)
{
	f->phase = FLOW_READY;
	flow_enqueue(ex, f);
}

static int
execution_started(struct execution *ex, struct flow *f, const struct event *ev,
    struct err *e)
{
	REFUSE_UNLESS(ev->payload != NULL, "no input");
	ex->started_ms = ev->time_ms;
	ex->input = payload_ref(ev->payload);
	set_input(f, ev->payload);
	f->chain = 0;		/* the first state follows nothing */
	ready(ex, f);
	return 0;
}

static int
execution_ended(struct execution *ex, struct flow *f, const struct event *ev,
    struct err *e)
{
	REFUSE_UNLESS(f == &ex->root, "not in the root flow");
	if (ev->type == EVENT_ExecutionSucceeded)
		ex->status = EXECUTION_SUCCEEDED;
	else if (ev->type == EVENT_ExecutionFailed)
		ex->status = EXECUTION_FAILED;
	else if (ev->type == EVENT_ExecutionTimedOut)
		ex->status = EXECUTION_TIMED_OUT;
	else
		ex->status = EXECUTION_ABORTED;
	flow_clear(ex, f);
	f->phase = FLOW_DONE;
	return 0;
}

static int
state_entered(struct execution *ex, struct flow *f, const struct event *ev,
    struct err *e)
{
	REFUSE_UNLESS(f->phase == FLOW_READY, "the flow is inside a state");
	REFUSE_UNLESS(ev->name != NULL && strcmp(ev->name, f->state->name) == 0,
	    "the machine has another state here");
	REFUSE_UNLESS(ev->payload != NULL, "no input");
	flow_dequeue(ex, f);
	f->phase = FLOW_WORKING;
	f->entered_id = ev->id;
	f->entered_ms = ev->time_ms;
	set_input(f, ev->payload);
	free(f->attempts);
	f->attempts = NULL;
	f->retries = 0;
	return 0;
}

static void
assign(struct flow *f, json_t *assigned)
{
	const char	*name;
	json_t		*text;
	struct payload	*p;

	if (assigned == NULL)
		return;
	if (f->vars == NULL)
		f->vars = vars_new(f->outer);
	json_object_foreach(assigned, name, text) {
		p = payload_from_text(json_string_value(text),
		    json_string_length(text));
		vars_set(f->vars, name, p);
		payload_unref(p);
	}
}

/* The flow has left its last state: its output goes to whoever waits for it. */
static void
flow_ends(struct execution *ex, struct flow *f, struct payload *output)
{
	struct flow	*parent = f->parent;

	set_input(f, output);
	f->phase = FLOW_DONE;
	if (parent == NULL || parent->state->type != STATE_PARALLEL)
		return;
	parent->children->outputs[f->index] = payload_ref(output);
	parent->children->done++;
	parent->chain = f->chain;
	flow_remove(ex, f);
	if (flow_can_go_on(parent))
		flow_enqueue(ex, parent);
}

static int
state_exited(struct execution *ex, struct flow *f, const struct event *ev,
    struct err *e)
{
	const struct state	*s = f->state, *next = s->next;

	REFUSE_UNLESS(f->phase != FLOW_READY && f->phase != FLOW_DONE &&
	    f->phase != FLOW_ABORTED, "the flow is in no state");
	REFUSE_UNLESS(ev->name != NULL && strcmp(ev->name, s->name) == 0,
	    "the machine has another state here");
	REFUSE_UNLESS(ev->payload != NULL, "no output");
	if (ev->caught) {
		REFUSE_UNLESS(ev->catcher >= 0 &&
		    (size_t)ev->catcher < s->ncatchers, "no such catcher");
		next = s->catchers[ev->catcher].next;
	} else if (s->type == STATE_CHOICE) {
		REFUSE_UNLESS(ev->choice >= 0 &&
		    (size_t)ev->choice <= s->u.choice.nbranches,
		    "no such choice");
		next = ev->choice == 0 ? s->u.choice.otherwise :
		    s->u.choice.branches[ev->choice - 1].next;
	}
	flow_close(ex, f);
	flow_dequeue(ex, f);
	flow_drop_children(ex, f);
	assign(f, ev->assigned);
	if (next == NULL) {
		flow_ends(ex, f, ev->payload);
		return 0;
	}
	f->state = next;
	set_input(f, ev->payload);
	ready(ex, f);
	return 0;
}

static int
task_scheduled(struct execution *ex, struct flow *f, const struct event *ev,
    struct err *e)
{
	REFUSE_UNLESS(f->state->type == STATE_TASK &&
	    (f->phase == FLOW_WORKING || f->phase == FLOW_RETRY),
	    "the flow is in no Task");
	REFUSE_UNLESS(ev->payload != NULL, "no arguments");
	flow_close(ex, f);
	flow_open(ex, f, ev->id,
	    ev->timeout_s > 0 ? ev->time_ms + ev->timeout_s * 1000 : 0);
	f->heartbeat_s = ev->heartbeat_s;
	f->arguments = payload_ref(ev->payload);
	f->phase = FLOW_TASK;
	return 0;
}

static int
task_started(struct execution *ex, struct flow *f, const struct event *ev,
    struct err *e)
{
	(void)ex;
	REFUSE_UNLESS(f->phase == FLOW_TASK, "no task is open");
	if (ev->type == EVENT_TaskSubmitted)
		f->submitted = true;
	return 0;
}

static int
task_ended(struct execution *ex, struct flow *f, const struct event *ev,
    struct err *e)
{
	REFUSE_UNLESS(f->phase == FLOW_TASK, "no task is open");
	flow_close(ex, f);
	f->phase = FLOW_WORKING;
	return 0;
}

static int
attempt_starts(struct execution *ex, struct flow *f, const struct event *ev,
    enum state_type type, int64_t n, struct err *e)
{
	REFUSE_UNLESS(f->state->type == type &&
	    (f->phase == FLOW_WORKING || f->phase == FLOW_RETRY),
	    "the flow is in no such state");
	REFUSE_UNLESS(f->children == NULL && n >= 0 && n <= CHILDREN_MAX,
	    "bad number of children");
	flow_close(ex, f);
	flow_start_children(f, n);
	f->phase = FLOW_CHILDREN;
	return 0;
}

static int
parallel_started(struct execution *ex, struct flow *f, const struct event *ev,
    struct err *e)
{
	const struct state	*s = f->state;
	size_t			 i, n;

	if (attempt_starts(ex, f, ev, STATE_PARALLEL, s->type ==
	    STATE_PARALLEL ? (int64_t)s->u.parallel.nbranches : 0, e) == -1)
		return -1;
	n = s->u.parallel.nbranches;
	for (i = 0; i < n; i++)
		flow_add_child(ex, f, &s->u.parallel.branches[i], (int64_t)i,
		    ev->payload != NULL ? ev->payload : f->input)->chain = ev->id;
	f->children->next = f->children->n;
	return 0;
}

static int
map_started(struct execution *ex, struct flow *f, const struct event *ev,
    struct err *e)
{
	if (attempt_starts(ex, f, ev, STATE_MAP, ev->number, e) == -1)
		return -1;
	f->children->concurrency = ev->concurrency;
	f->children->chain = ev->id;
	flow_enqueue(ex, f);
	return 0;
}

static int
iteration_started(struct execution *ex, struct flow *f, const struct event *ev,
    struct err *e)
{
	struct children	*c = f->children;

	REFUSE_UNLESS(f->phase == FLOW_CHILDREN &&
	    f->state->type == STATE_MAP, "the flow is in no Map");
	REFUSE_UNLESS(ev->number == c->next && c->next < c->n,
	    "not the next item");
	REFUSE_UNLESS(ev->payload != NULL, "no input");
	flow_add_child(ex, f, &f->state->u.map.processor, ev->number,
	    ev->payload)->chain = ev->id;
	c->next++;
	if (!flow_can_go_on(f))
		flow_dequeue(ex, f);
	return 0;
}

static int
iteration_ended(struct execution *ex, struct flow *f, const struct event *ev,
    struct err *e)
{
	struct flow	*parent = f->parent;

	REFUSE_UNLESS(parent != NULL && parent->state->type == STATE_MAP,
	    "the flow is no item of a Map");
	REFUSE_UNLESS(ev->number == f->index, "another item");
	if (ev->type == EVENT_MapIterationSucceeded) {
		REFUSE_UNLESS(f->phase == FLOW_DONE, "the item has not ended");
		parent->children->outputs[f->index] = payload_ref(f->input);
		parent->children->done++;
		parent->children->chain = f->chain;
		parent->chain = ev->id;
	}
	flow_remove(ex, f);
	if (ev->type == EVENT_MapIterationSucceeded && flow_can_go_on(parent))
		flow_enqueue(ex, parent);
	return 0;
}

static int
children_succeeded(struct execution *ex, struct flow *f, const struct event *ev,
    struct err *e)
{
	REFUSE_UNLESS(f->phase == FLOW_CHILDREN &&
	    f->children->done == f->children->n, "children are running");
	flow_dequeue(ex, f);
	f->phase = FLOW_WORKING;
	return 0;
}

static int
children_failed(struct execution *ex, struct flow *f, const struct event *ev,
    struct err *e)
{
	REFUSE_UNLESS(f->phase == FLOW_CHILDREN || f->phase == FLOW_WORKING,
	    "the flow has no children");
	flow_dequeue(ex, f);
	flow_drop_children(ex, f);
	f->phase = FLOW_WORKING;
	return 0;
}

static int
state_aborted(struct execution *ex, struct flow *f, const struct event *ev,
    struct err *e)
{
	REFUSE_UNLESS(f->parent != NULL, "not below a Parallel or a Map");
	flow_close(ex, f);
	flow_dequeue(ex, f);
	flow_drop_children(ex, f);
	f->phase = FLOW_ABORTED;
	return 0;
}

/* An attempt has ended before it began to wait for anything. */
static int
evaluation_failed(struct execution *ex, struct flow *f, const struct event *ev,
    struct err *e)
{
	REFUSE_UNLESS(f->phase == FLOW_WORKING || f->phase == FLOW_RETRY ||
	    f->phase == FLOW_WAIT || f->phase == FLOW_CHILDREN,
	    "the flow is in no state");
	if (f->phase == FLOW_CHILDREN)
		return 0;
	flow_close(ex, f);
	f->phase = FLOW_WORKING;
	return 0;
}

/*
 * What an event does, and whether it becomes the event that the flow's next
 * one follows (recording scenarios/test_map_state_nested shows which do).
 */
static const struct {
	int	(*fn)(struct execution *, struct flow *, const struct event *,
		    struct err *);
	bool	 chains;
} meaning[EVENT_TYPE_COUNT] = {
	[EVENT_ExecutionStarted] = { execution_started, false },
	[EVENT_ExecutionSucceeded] = { execution_ended, true },
	[EVENT_ExecutionFailed] = { execution_ended, true },
	[EVENT_ExecutionAborted] = { execution_ended, true },
	[EVENT_ExecutionTimedOut] = { execution_ended, true },
	[EVENT_PassStateEntered] = { state_entered, true },
	[EVENT_PassStateExited] = { state_exited, true },
	[EVENT_ChoiceStateEntered] = { state_entered, true },
	[EVENT_ChoiceStateExited] = { state_exited, true },
	[EVENT_WaitStateEntered] = { state_entered, true },
	[EVENT_WaitStateExited] = { state_exited, true },
	[EVENT_SucceedStateEntered] = { state_entered, true },
	[EVENT_SucceedStateExited] = { state_exited, true },
	[EVENT_FailStateEntered] = { state_entered, true },
	[EVENT_TaskStateEntered] = { state_entered, true },
	[EVENT_TaskStateExited] = { state_exited, true },
	[EVENT_TaskStateAborted] = { state_aborted, false },
	[EVENT_WaitStateAborted] = { state_aborted, false },
	[EVENT_ParallelStateEntered] = { state_entered, true },
	[EVENT_ParallelStateStarted] = { parallel_started, true },
	[EVENT_ParallelStateSucceeded] = { children_succeeded, false },
	[EVENT_ParallelStateFailed] = { children_failed, true },
	[EVENT_ParallelStateAborted] = { state_aborted, false },
	[EVENT_ParallelStateExited] = { state_exited, true },
	[EVENT_MapStateEntered] = { state_entered, true },
	[EVENT_MapStateStarted] = { map_started, true },
	[EVENT_MapStateSucceeded] = { children_succeeded, false },
	[EVENT_MapStateFailed] = { children_failed, true },
	[EVENT_MapStateAborted] = { state_aborted, false },
	[EVENT_MapStateExited] = { state_exited, true },
	[EVENT_MapIterationStarted] = { iteration_started, false },
	[EVENT_MapIterationSucceeded] = { iteration_ended, false },
	[EVENT_MapIterationFailed] = { iteration_ended, false },
	[EVENT_MapIterationAborted] = { iteration_ended, false },
	[EVENT_LambdaFunctionScheduled] = { task_scheduled, true },
	[EVENT_LambdaFunctionScheduleFailed] = { task_ended, true },
	[EVENT_LambdaFunctionStarted] = { task_started, true },
	[EVENT_LambdaFunctionStartFailed] = { task_ended, true },
	[EVENT_LambdaFunctionSucceeded] = { task_ended, true },
	[EVENT_LambdaFunctionFailed] = { task_ended, true },
	[EVENT_LambdaFunctionTimedOut] = { task_ended, true },
	[EVENT_ActivityScheduled] = { task_scheduled, true },
	[EVENT_ActivityScheduleFailed] = { task_ended, true },
	[EVENT_ActivityStarted] = { task_started, true },
	[EVENT_ActivitySucceeded] = { task_ended, true },
	[EVENT_ActivityFailed] = { task_ended, true },
	[EVENT_ActivityTimedOut] = { task_ended, true },
	[EVENT_TaskScheduled] = { task_scheduled, true },
	[EVENT_TaskStarted] = { task_started, true },
	[EVENT_TaskStartFailed] = { task_ended, true },
	[EVENT_TaskSubmitted] = { task_started, true },
	[EVENT_TaskSubmitFailed] = { task_ended, true },
	[EVENT_TaskSucceeded] = { task_ended, true },
	[EVENT_TaskFailed] = { task_ended, true },
	[EVENT_TaskTimedOut] = { task_ended, true },
	[EVENT_EvaluationFailed] = { evaluation_failed, true },
};

/* A retry takes the flow out of its attempt and lets it wait for the next. */
static int
annotate_retry(struct execution *ex, const struct event *ev, struct err *e)
{
	struct flow	*f = execution_flow(ex, ev->retry_flow);
	size_t		 n;

	REFUSE_UNLESS(f != NULL && ev->retry_index >= 0 && f->state != NULL &&
	    (size_t)ev->retry_index < f->state->nretriers,
	    "a retry of what does not retry");
	REFUSE_UNLESS(f->phase == FLOW_WORKING || f->phase == FLOW_CHILDREN,
	    "a retry out of nothing");
	n = f->state->nretriers;
	if (f->attempts == NULL)
		f->attempts = xcalloc(n, sizeof *f->attempts);
	f->attempts[ev->retry_index]++;
	f->retries++;
	flow_dequeue(ex, f);
	flow_drop_children(ex, f);
	flow_open(ex, f, ev->id, ev->retry_due_ms);
	f->chain = ev->retry_chain;
	f->phase = FLOW_RETRY;
	return 0;
}

int
execution_annotate(struct execution *ex, const struct event *ev, struct err *e)
{
	struct flow	*f;

	REFUSE_UNLESS(ev->due_ms == 0 || !ev->retry, "two decisions");
	if (ev->due_ms != 0) {
		f = execution_flow(ex, ev->flow);
		REFUSE_UNLESS(f != NULL && f->phase == FLOW_WORKING &&
		    f->state->type == STATE_WAIT, "the flow is in no Wait");
		flow_open(ex, f, ev->id, ev->due_ms);
		f->phase = FLOW_WAIT;
	}
	return ev->retry ? annotate_retry(ex, ev, e) : 0;
}

int
execution_apply(struct execution *ex, const struct event *ev, struct err *e)
{
	struct flow	*f = execution_flow(ex, ev->flow);
	int64_t		 chain;

	REFUSE_UNLESS(ev->id == ex->last_id + 1, "out of order");
	REFUSE_UNLESS(ev->previous_id >= 0 && ev->previous_id < ev->id,
	    "bad previous event");
	REFUSE_UNLESS((ev->id == 1) == (ev->type == EVENT_ExecutionStarted),
	    "bad start");
	REFUSE_UNLESS(ex->status == EXECUTION_RUNNING, "after the end");
	REFUSE_UNLESS(f != NULL, "no such flow");
	chain = f->chain;
	if (meaning[ev->type].chains)
		f->chain = ev->id;
	if (meaning[ev->type].fn(ex, f, ev, e) == -1) {
		f->chain = chain;
		return -1;
	}
	ex->last_id = ev->id;
	ex->last_ms = ev->time_ms;
	if (ev->due_ms != 0 || ev->retry)
		return execution_annotate(ex, ev, e);
	return 0;
}
