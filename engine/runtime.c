/*
 * engine/runtime.c - the executions in this process's memory: public calls.
 *
 * A request is taken up (runtime_take), finds or loads its execution, and is
 * answered after the commit of what it caused.  One that met a stale copy is
 * taken up again from the beginning.
 */

#include "runtime.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "map.h"
#include "resident.h"
#include "task.h"
#include "wallclock.h"
#include "xmalloc.h"

/* Beyond these, new executions are refused: PostgreSQL does not keep up. */
#define WAITING_MAX	20000
#define PENDING_BYTES_MAX	((size_t)256 << 20)

/* ---- starting ---- */

static void
begin_start(const struct err *e, struct registry_machine *machine, void *arg)
{
	struct request		*r = arg;
	struct stimulus		 what = { .kind = STIMULUS_START };
	struct resident		*x;

	if (machine == NULL) {
		request_fail(r, e->code, e->text);
		return;
	}
	if (!runtime_owns(r->rt, r->shard)) {	/* it went meanwhile */
		registry_machine_release(machine);
		request_again(r);
		return;
	}
	if (resident_find(r->rt, &r->id) != NULL) {
		registry_machine_release(machine);
		request_again(r);
		return;
	}
	x = resident_new(r->rt, &r->id, r->shard);
	x->row_new = true;
	resident_begin(x, machine, r->name);
	r->rt->counts.starts++;
	what.payload = r->input;
	resident_stimulus(x, &what, r);
}

static int
first_input(const struct store_text *chunk, struct payload **input)
{
	struct event	*events;
	struct err	 e = ERR_INIT;
	size_t		 i, n;

	if (chunk_decode(chunk->events, chunk->len, &events, &n, &e) == -1) {
		err_clear(&e);
		return -1;
	}
	*input = payload_ref(events[0].payload);
	for (i = 0; i < n; i++)
		event_clear(&events[i]);
	free(events);
	return *input == NULL ? -1 : 0;
}

/* The name is there, or was a moment ago: the same execution, or a conflict? */
static void
compare_start(const struct err *e, const struct store_execution *row,
    const struct store_text *chunks, size_t n, void *arg)
{
	struct request	*r = arg;
	struct payload	*input = NULL;
	bool		 same;

	if (row == NULL && (e->code[0] == '\0' || err_is(e, "NotFound"))) {
		registry_forget(r->rt->env.registry, "machine", r->machine);
		registry_machine_by_name(r->rt->env.registry, r->machine,
		    begin_start, r);
		return;
	}
	if (row == NULL) {
		request_fail(r, e->code, e->text);
		return;
	}
	same = row->status == EXECUTION_RUNNING && n > 0 &&
	    first_input(&chunks[0], &input) == 0 &&
	    payload_same(input, r->input);
	payload_unref(input);
	if (!same) {
		request_fail(r, "ExecutionAlreadyExists",
		    "an execution of this name exists already");
		return;
	}
	r->started_ms = row->started_ms;
	request_answer(r);
}

static bool
owned(int shard, void *arg)
{
	return runtime_owns(arg, shard);
}

/* Who gave no name gets one of a shard that is ours. */
static void
give_name(struct request *r)
{
	free(r->name);
	r->name = arn_new_name(r->machine, owned, r->rt);
	r->id = arn_exec_id(r->machine, r->name);
	r->shard = arn_shard(&r->id);
}

bool
runtime_takes_starts(const struct runtime *rt)
{
	return !rt->draining && store_ready(rt->env.store) &&
	    !committer_troubled(rt->committer) &&
	    committer_waiting(rt->committer) <= WAITING_MAX &&
	    rt->pending_bytes <= PENDING_BYTES_MAX;
}

static void
take_start(struct request *r)
{
	struct resident	*x;

	if (!runtime_takes_starts(r->rt)) {
		request_fail(r, "Unavailable",
		    "no new executions can be taken at the moment");
		return;
	}
	/* Refused or never sent, so nobody knows the old name. */
	if (!r->named && !runtime_owns(r->rt, r->shard))
		give_name(r);
	if (!runtime_owns(r->rt, r->shard)) {
		request_fail(r, "NotMine", "the execution changes hands");
		return;
	}
	x = resident_find(r->rt, &r->id);
	if (x != NULL && (x->committing || x->dirty)) {
		/* Its row may be on its way: decide when it is there. */
		err_set(&r->outcome, "Again", "again");
		TAILQ_INSERT_TAIL(x->dirty ? &x->undecided : &x->inflight, r,
		    entry);
		return;
	}
	if (x != NULL || r->attempts > 0)
		store_describe(r->rt->env.store, &r->id, r->shard,
		    compare_start, r);
	else
		registry_machine_by_name(r->rt->env.registry, r->machine,
		    begin_start, r);
}

void
runtime_start(struct runtime *rt, const char *machine, const char *name,
    struct payload *input, runtime_start_done done, void *arg)
{
	struct request	*r = request_new(rt, REQUEST_START);

	r->machine = xstrdup(machine);
	r->named = name != NULL;
	if (r->named) {
		r->name = xstrdup(name);
		r->id = arn_exec_id(machine, name);
		r->shard = arn_shard(&r->id);
	} else
		give_name(r);
	r->input = payload_ref(input);
	r->start_done = done;
	r->arg = arg;
	runtime_take(rt, r);
}

/* ---- stimuli from outside ---- */

/* A token's task: open, closed, or never there. */
static bool
task_refuses(struct resident *x, struct request *r)
{
	if (step_task_open(x->ex, r->what.id, true))
		return false;
	if (r->what.id > execution_last_event(x->ex))
		err_set(&r->outcome, "TaskDoesNotExist", "there is no such task");
	else
		err_set(&r->outcome, "TaskTimedOut",
		    "the task is not open any more");
	if (x->dirty)			/* what closed it must be committed */
		TAILQ_INSERT_TAIL(&x->undecided, r, entry);
	else if (x->committing)
		TAILQ_INSERT_TAIL(&x->inflight, r, entry);
	else
		resident_answer(x, r);
	return true;
}

static void
take_stimulus(struct request *r)
{
	struct resident	*x;

	if (!runtime_owns(r->rt, r->shard)) {
		request_fail(r, "NotMine", "the execution changes hands");
		return;
	}
	x = loader_get(r->rt->loader, &r->id, r->shard);
	if (x->loading || resident_crowded(x)) {
		TAILQ_INSERT_TAIL(&x->waiting, r, entry);
		return;
	}
	if (r->kind == REQUEST_HEARTBEAT) {
		if (!task_refuses(x, r))
			resident_heartbeat(x, r);
		return;
	}
	if ((r->what.kind == STIMULUS_CALLBACK_SUCCEEDED ||
	    r->what.kind == STIMULUS_CALLBACK_FAILED) && task_refuses(x, r))
		return;
	resident_stimulus(x, &r->what, r);
}

void
runtime_take(struct runtime *rt, struct request *r)
{
	if (rt->closed)
		request_fail(r, "Unavailable", "the server is stopping");
	else if (r->kind == REQUEST_START)
		take_start(r);
	else
		take_stimulus(r);
}

void
runtime_deliver(struct runtime *rt, const struct exec_id *id, int shard,
    const struct stimulus *what, runtime_done done, void *arg)
{
	struct request	*r = request_new(rt, REQUEST_STIMULUS);

	r->id = *id;
	r->shard = shard;
	r->what = *what;
	r->what.payload = payload_ref(what->payload);
	if (what->error != NULL)
		r->what.error = r->error = xstrdup(what->error);
	if (what->cause != NULL)
		r->what.cause = r->cause = xstrdup(what->cause);
	r->done = done;
	r->arg = arg;
	runtime_take(rt, r);
}

void
runtime_heartbeat(struct runtime *rt, const struct exec_id *id, int shard,
    int64_t event_id, runtime_done done, void *arg)
{
	struct request	*r = request_new(rt, REQUEST_HEARTBEAT);

	r->id = *id;
	r->shard = shard;
	r->what.id = event_id;
	r->done = done;
	r->arg = arg;
	runtime_take(rt, r);
}

/* ---- shards, sweeps and the end ---- */

bool
runtime_owns(const struct runtime *rt, int shard)
{
	return rt->env.owns(shard, rt->env.owns_arg);
}

void
runtime_shards_gained(struct runtime *rt, const int *shards, size_t n)
{
	if (!rt->draining)
		loader_gained(rt->loader, shards, n);
}

void
runtime_shards_lost(struct runtime *rt, const int *shards, size_t n)
{
	bool		 gone[ARN_SHARDS] = { false };
	struct exec_id	*ids;
	struct resident	*x;
	size_t		 at = 0, nids = 0, i;

	for (i = 0; i < n; i++)
		gone[shards[i]] = true;
	ids = xcalloc(map_count(rt->residents) + 1, sizeof *ids);
	while ((x = map_next(rt->residents, &at)) != NULL)
		if (gone[x->shard] && !x->loading)	/* else: loader.c looks */
			ids[nids++] = x->id;
	/* Answers that callers get on the way may free others of them. */
	for (i = 0; i < nids; i++)
		if ((x = resident_find(rt, &ids[i])) != NULL && !x->loading)
			resident_drop(x, false);
	free(ids);
}

static void
on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct runtime	*rt = arg;

	(void)fd;
	(void)what;
	if (!rt->draining && store_ready(rt->env.store))
		loader_sweep(rt->loader);
}

void
runtime_check_drained(struct runtime *rt)
{
	void	(*done)(void *) = rt->drained;

	if (!rt->draining || done == NULL || !committer_idle(rt->committer))
		return;
	rt->drained = NULL;
	done(rt->drained_arg);
}

void
runtime_drain(struct runtime *rt, void (*done)(void *arg), void *arg)
{
	rt->draining = true;
	rt->drained = done;
	rt->drained_arg = arg;
	evtimer_del(rt->sweep);
	runtime_check_drained(rt);
}

void
runtime_count(const struct runtime *rt, struct runtime_counts *counts)
{
	*counts = rt->counts;
	counts->waiting_commit = committer_waiting(rt->committer);
	counts->calls_open = outcall_open(rt->outcalls);
}

struct runtime *
runtime_new(const struct runtime_env *env)
{
	struct runtime	*rt = xcalloc(1, sizeof *rt);
	int64_t		 every = env->settings->park_ms / 4 + 1;
	struct timeval	 tv = { (time_t)(every / 1000),
	    (suseconds_t)(every % 1000 * 1000) };

	rt->env = *env;
	rt->residents = map_new();
	LIST_INIT(&rt->requests);
	LIST_INIT(&rt->calls);
	LIST_INIT(&rt->asks);
	rt->loader = loader_new(rt);
	rt->committer = committer_new(rt);
	rt->outcalls = outcall_pool_new(env->base);
	rt->sweep = event_new(env->base, -1, EV_PERSIST, on_sweep, rt);
	evtimer_add(rt->sweep, &tv);
	return rt;
}

void
runtime_own_url(struct runtime *rt, const char *url)
{
	free(rt->own_url);
	rt->own_url = xstrdup(url);
}

void
runtime_free(struct runtime *rt)
{
	struct resident		*x;
	struct request		*r;
	struct task_call	*call;
	size_t			 at = 0;

	if (rt == NULL)
		return;
	rt->draining = rt->closed = true;
	while ((x = map_next(rt->residents, &at)) != NULL)
		resident_free(x);
	while ((call = LIST_FIRST(&rt->calls)) != NULL)
		task_drop(call);
	loader_free(rt->loader);
	runtime_task_free(rt);
	while ((r = LIST_FIRST(&rt->requests)) != NULL)
		request_fail(r, "Unavailable", "the server is stopping");
	committer_free(rt->committer);
	outcall_pool_free(rt->outcalls);
	event_free(rt->sweep);
	map_free(rt->residents);
	free(rt->own_url);
	free(rt);
}
