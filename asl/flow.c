/*
 * asl/flow.c - flows: a tree, a queue of those that can go on, and an index of
 * what is outstanding.
 *
 * Only mechanics; what an event means to a flow stands in execution.c.
 *
 * Invariants:
 *   - a flow is in the queue at most once, and in ex->open at most once;
 *   - a child is in ex->flows and in its parent's slot, the root in neither;
 *   - removing a flow removes all below it.
 */

#include "flow.h"

#include <stdlib.h>
#include <string.h>

#include "xmalloc.h"

static const char *const phase_names[] = { "ready", "working", "task", "wait",
	"retry", "children", "done", "aborted" };

const char *
flow_phase_name(enum flow_phase phase)
{
	return phase_names[phase];
}

const struct vars *
flow_vars(const struct flow *f)
{
	return f->vars != NULL ? f->vars : f->outer;
}

bool
flow_can_go_on(const struct flow *f)
{
	const struct children	*c = f->children;

	if (c->done == c->n)
		return true;
	return c->next < c->n &&
	    (c->concurrency == 0 || c->running < c->concurrency);
}

void
flow_enqueue(struct execution *ex, struct flow *f)
{
	if (f->queued)
		return;
	f->queued = true;
	f->queue_next = NULL;
	f->queue_prev = ex->queue_tail;
	if (ex->queue_tail != NULL)
		ex->queue_tail->queue_next = f;
	else
		ex->queue_head = f;
	ex->queue_tail = f;
}

void
flow_dequeue(struct execution *ex, struct flow *f)
{
	if (!f->queued)
		return;
	f->queued = false;
	if (f->queue_prev != NULL)
		f->queue_prev->queue_next = f->queue_next;
	else
		ex->queue_head = f->queue_next;
	if (f->queue_next != NULL)
		f->queue_next->queue_prev = f->queue_prev;
	else
		ex->queue_tail = f->queue_prev;
	f->queue_prev = f->queue_next = NULL;
}

void
flow_open(struct execution *ex, struct flow *f, int64_t id, int64_t due_ms)
{
	f->open_id = id;
	f->due_ms = due_ms;
	idmap_put(&ex->open, id, f);
}

void
flow_close(struct execution *ex, struct flow *f)
{
	if (f->open_id != 0)
		idmap_remove(&ex->open, f->open_id);
	f->open_id = f->due_ms = f->heartbeat_s = 0;
	f->submitted = false;
	payload_unref(f->arguments);
	f->arguments = NULL;
}

void
flow_start_children(struct flow *f, int64_t n)
{
	struct children	*c = xcalloc(1, sizeof *c);

	c->n = n;
	if (n > 0) {
		c->slots = xcalloc((size_t)n, sizeof *c->slots);
		c->outputs = xcalloc((size_t)n, sizeof *c->outputs);
	}
	f->children = c;
}

struct flow *
flow_add_child(struct execution *ex, struct flow *parent,
    const struct workflow *w, int64_t index, struct payload *input)
{
	struct flow	*f = xcalloc(1, sizeof *f);

	f->id = ex->next_flow++;
	f->index = index;
	f->parent = parent;
	f->workflow = w;
	f->state = w->start;
	f->input = payload_ref(input);
	f->outer = flow_vars(parent);
	idmap_put(&ex->flows, f->id, f);
	parent->children->slots[index] = f;
	parent->children->running++;
	flow_enqueue(ex, f);
	return f;
}

void
flow_drop_children(struct execution *ex, struct flow *f)
{
	struct children	*c = f->children;
	int64_t		 i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++) {
		if (c->slots[i] != NULL)
			flow_remove(ex, c->slots[i]);
		payload_unref(c->outputs[i]);
	}
	free(c->slots);
	free(c->outputs);
	json_decref(c->items);
	payload_unref(c->effective);
	free(c);
	f->children = NULL;
}

void
flow_clear(struct execution *ex, struct flow *f)
{
	flow_drop_children(ex, f);
	flow_dequeue(ex, f);
	flow_close(ex, f);
	payload_unref(f->input);
	vars_free(f->vars);
	free(f->attempts);
	f->input = NULL;
	f->vars = NULL;
	f->attempts = NULL;
}

void
flow_remove(struct execution *ex, struct flow *f)
{
	struct children	*c = f->parent->children;

	flow_clear(ex, f);
	idmap_remove(&ex->flows, f->id);
	c->slots[f->index] = NULL;
	c->running--;
	free(f);
}
