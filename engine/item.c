/*
 * engine/item.c - what is open in an execution: tasks, timers, the deadline.
 *
 * An item is there from the event that opens it to the one that closes it; its
 * timer and its call only from the commit of the former (item_carry_out).
 * resident.c decides when that is.
 *
 * Invariants:
 *   - items stand in the order of their ids, which is the order of their coming;
 *   - an item is in at most one of its resident's lists (it->queue).
 */

#include <stdlib.h>
#include <string.h>

#include "resident.h"
#include "task.h"
#include "wallclock.h"
#include "xmalloc.h"

/* A timer looks at the clock this often: the clock may have been set. */
#define ARM_MAX_MS	60000

static void	arm(struct event **, struct resident *, event_callback_fn,
		    void *, int64_t);

/* Index of the first item whose id is not below id. */
static size_t
item_at(const struct resident *x, int64_t id)
{
	size_t	 lo = 0, hi = x->nitems, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (x->items[mid]->id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct item *
item_find(const struct resident *x, int64_t id)
{
	size_t	 i = item_at(x, id);

	return i < x->nitems && x->items[i]->id == id ? x->items[i] : NULL;
}

void
item_queue(struct item *it, struct item_list *to)
{
	if (it->queue != NULL)
		TAILQ_REMOVE(it->queue, it, entry);
	if (to != NULL)
		TAILQ_INSERT_TAIL(to, it, entry);
	it->queue = to;
}

/* keep_call: a function that is still running is not cut off. */
static void
item_free(struct item *it, bool keep_call)
{
	item_queue(it, NULL);
	if (it->timer != NULL)
		event_free(it->timer);
	if (it->heartbeat != NULL)
		event_free(it->heartbeat);
	if (it->call != NULL && !keep_call)
		task_cancel(it->call);
	payload_unref(it->arguments);
	free(it);
}

void
item_remove(struct resident *x, int64_t id, bool keep_call)
{
	size_t		 i = item_at(x, id);
	struct item	*it;

	if (i >= x->nitems || x->items[i]->id != id)
		return;
	it = x->items[i];
	memmove(&x->items[i], &x->items[i + 1],
	    (--x->nitems - i) * sizeof *x->items);
	item_free(it, keep_call);
}

void
item_remove_all(struct resident *x)
{
	while (x->nitems > 0)
		item_free(x->items[--x->nitems], false);
}

struct item *
item_add(struct resident *x, const struct command *cmd)
{
	struct item	*it = xcalloc(1, sizeof *it);
	size_t		 i = item_at(x, cmd->id);

	it->resident = x;
	it->kind = cmd->kind == COMMAND_TASK ? ITEM_TASK :
	    cmd->kind == COMMAND_TIMER ? ITEM_TIMER : ITEM_DEADLINE;
	it->id = cmd->id;
	it->due_ms = cmd->due_ms;
	it->heartbeat_s = cmd->heartbeat_s;
	it->resource = cmd->resource;
	it->resource_text = cmd->resource_text;
	it->arguments = payload_ref(cmd->arguments);
	it->submitted = cmd->submitted;
	it->token = cmd->resource != NULL &&
	    cmd->resource->pattern == PATTERN_TOKEN;
	if (x->nitems == x->items_size) {
		x->items_size = x->items_size == 0 ? 4 : x->items_size * 2;
		x->items = xreallocarray(x->items, x->items_size,
		    sizeof *x->items);
	}
	memmove(&x->items[i + 1], &x->items[i],
	    (x->nitems++ - i) * sizeof *x->items);
	x->items[i] = it;
	item_queue(it, it->kind == ITEM_TASK ? &x->untried : &x->fresh);
	return it;
}

static void
stimulate(struct item *it, enum stimulus_kind kind)
{
	struct stimulus	 what = { .kind = kind, .id = it->id };

	resident_stimulus(it->resident, &what, NULL);
}

static void
on_due(evutil_socket_t fd, short what, void *arg)
{
	struct item	*it = arg;
	int64_t		 now = wallclock_ms();

	(void)fd;
	(void)what;
	if (now < it->due_ms) {		/* too far for one timer, or a clock */
		arm(&it->timer, it->resident, on_due, it, it->due_ms - now);
		return;
	}
	stimulate(it, it->kind == ITEM_TASK ? STIMULUS_TASK_TIMED_OUT :
	    it->kind == ITEM_TIMER ? STIMULUS_TIMER :
	    STIMULUS_EXECUTION_TIMED_OUT);
}

static void
on_heartbeat_missed(evutil_socket_t fd, short what, void *arg)
{
	struct item	*it = arg;
	int64_t		 left = it->beat_ms - wallclock_monotonic_ms();

	(void)fd;
	(void)what;
	if (left > 0)
		arm(&it->heartbeat, it->resident, on_heartbeat_missed, it, left);
	else
		stimulate(it, STIMULUS_HEARTBEAT_TIMED_OUT);
}

void
item_expect_heartbeat(struct item *it)
{
	it->beat_ms = wallclock_monotonic_ms() + it->heartbeat_s * 1000;
	arm(&it->heartbeat, it->resident, on_heartbeat_missed, it,
	    it->heartbeat_s * 1000);
}

static void
arm(struct event **timer, struct resident *x, event_callback_fn fn, void *arg,
    int64_t ms)
{
	struct timeval	 tv;

	if (ms < 0)
		ms = 0;
	if (ms > ARM_MAX_MS)
		ms = ARM_MAX_MS;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	if (*timer == NULL)
		*timer = evtimer_new(x->rt->env.base, fn, arg);
	evtimer_add(*timer, &tv);
}

void
item_carry_out(struct item *it)
{
	struct resident	*x = it->resident;

	if (it->due_ms != 0)
		arm(&it->timer, x, on_due, it, it->due_ms - wallclock_ms());
	if (it->heartbeat_s != 0)
		item_expect_heartbeat(it);
	if (it->kind == ITEM_TASK && (!it->submitted || !it->token))
		task_start(it);
}
