/*
 * engine/loader.c - executions come back from the store.
 *
 * An execution is loaded when a caller wants something of it (at once), when
 * its shard came to this process, or when its parked time is near (in turn, a
 * few at a time).  Loading is a fold: the machine of its revision, then every
 * event of every chunk.
 *
 * A check goes through all that should be in memory from time to time, and
 * soon after shards came: it finds what the last owner committed after we had
 * looked, and what a failed load left out.  So nothing that runs is forgotten for
 * longer than from one check to the next.
 *
 * Invariants: an execution that is being loaded is in the table of residents,
 * so nobody loads it twice; what is not ours is not kept.
 */

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "map.h"
#include "resident.h"
#include "wallclock.h"
#include "xmalloc.h"

#define LOADS_MAX	64	/* at the same time, of those that nobody waits for */
#define RETRY_MS	500
#define PAGE_ROWS	5000	/* of a shard, in one look at what runs */
#define DUE_ROWS_MAX	5000	/* of a shard, in one sweep; the earliest */
#define QUEUE_MAX	100000	/* no sweep adds to that */
#define CHECK_MS_PER_ROW 5	/* a check costs 1 / 5000 of the database's time */
#define CHECK_MS_MAX	600000

struct wanted {
	STAILQ_ENTRY(wanted)	 entry;
	struct exec_id		 id;
	int			 shard;
};

struct loader {
	struct runtime			*rt;
	STAILQ_HEAD(, wanted)		 queue;
	size_t				 loading, nqueue;
	struct event			*retry, *check;
	LIST_HEAD(, load)		 loads;
	LIST_HEAD(, scan)		 scans;
	bool				 checking, sweeping, sweep_again;
};

/* A look at what runs in some shards, page by page. */
struct scan {
	LIST_ENTRY(scan) entry;
	struct loader	*loader;
	int		 shards[ARN_SHARDS];
	size_t		 n, at;			/* of the shards */
	struct exec_id	 after;			/* in shards[at] */
	size_t		 rows, found;
	bool		 checks;		/* what is known, not new shards */
	struct event	*again;
};

/* A load on its way: the rows, kept until the machine is there. */
struct load {
	LIST_ENTRY(load) entry;
	struct loader	*loader;
	struct exec_id	 id;
	char		*name;
	int64_t		 started_ms, ended_ms;
	bool		 parked;
	char		**chunks;
	size_t		*lens, n;
};

static void	pump(struct loader *);

static void
load_free(struct load *l)
{
	size_t	 i;

	LIST_REMOVE(l, entry);
	for (i = 0; i < l->n; i++)
		free(l->chunks[i]);
	free(l->chunks);
	free(l->lens);
	free(l->name);
	free(l);
}

static void
append(struct loader *loader, const struct exec_id *id, int shard)
{
	struct wanted	*w = xcalloc(1, sizeof *w);

	w->id = *id;
	w->shard = shard;
	STAILQ_INSERT_TAIL(&loader->queue, w, entry);
	loader->nqueue++;
}

/* PostgreSQL was away: not at once again. */
static void
queue_again(struct loader *loader, const struct exec_id *id, int shard)
{
	struct timeval	 tv = { 0, RETRY_MS * 1000 };

	append(loader, id, shard);
	evtimer_add(loader->retry, &tv);
}

/* The resident is given up; callers hear why. */
static void
load_failed(struct load *l, const char *code, const char *text)
{
	struct loader		*loader = l->loader;
	struct resident		*x = resident_find(loader->rt, &l->id);
	struct request_list	 list;
	bool			 wanted = x->wanted;
	int			 shard = x->shard;

	TAILQ_INIT(&list);
	loader->loading--;
	TAILQ_CONCAT(&list, &x->waiting, entry);
	resident_free(x);
	if (wanted && strcmp(code, "Unavailable") == 0)
		queue_again(loader, &l->id, shard);
	request_fail_all(&list, code, text);
	load_free(l);
	if (!evtimer_pending(loader->retry, NULL))
		pump(loader);
}

static int
fold(struct resident *x, const struct load *l, struct err *e)
{
	struct event	*events;
	size_t		 i, j, n;
	int		 rc = 0;

	for (i = 0; i < l->n && rc == 0; i++) {
		if (chunk_decode(l->chunks[i], l->lens[i], &events, &n, e) == -1)
			return -1;
		for (j = 0; j < n; j++) {
			if (rc == 0)
				rc = execution_apply(x->ex, &events[j], e);
			event_clear(&events[j]);
		}
		free(events);
	}
	return rc;
}

/* A caller wants its end: nothing of it is begun again before that. */
static bool
is_stopped(const struct resident *x)
{
	const struct request	*r;

	TAILQ_FOREACH(r, &x->waiting, entry)
		if (r->kind == REQUEST_STIMULUS && r->what.kind == STIMULUS_STOP)
			return true;
	return false;
}

/* It has its events: on it goes. */
static void
loaded(struct resident *x, const struct load *l)
{
	x->loading = false;
	x->started_ms = l->started_ms;
	x->ended_ms = l->ended_ms;
	x->row_parked = l->parked;
	resident_hold(x);
	if (!resident_ended(x) && !is_stopped(x) && !x->rt->draining)
		resident_resume(x);
	resident_take_waiting(x);
	resident_let_go(x);
}

static void
on_machine(const struct err *e, struct registry_machine *machine, void *arg)
{
	struct load	*l = arg;
	struct loader	*loader = l->loader;
	struct resident	*x = resident_find(loader->rt, &l->id);
	struct err	 own = ERR_INIT;

	if (machine == NULL) {
		load_failed(l, e->code, e->text);
		return;
	}
	resident_begin(x, machine, l->name);
	if (!runtime_owns(loader->rt, x->shard))
		load_failed(l, "NotMine", "the execution changes hands");
	else if (fold(x, l, &own) == -1) {
		log_error("history cannot be folded execution=%s: %s", x->arn,
		    own.text);
		load_failed(l, "StoreError", "the history cannot be read");
		err_clear(&own);
	} else {
		loader->loading--;
		loaded(x, l);
		load_free(l);
		pump(loader);
	}
}

static void
on_rows(const struct err *e, const struct store_execution *row,
    const struct store_text *chunks, size_t n, void *arg)
{
	struct load	*l = arg;
	size_t		 i;

	if (row == NULL || n == 0) {
		load_failed(l, e->code[0] == '\0' || err_is(e, "NotFound") ?
		    "ExecutionDoesNotExist" : e->code,
		    e->text == NULL ? "there is no such execution" : e->text);
		return;
	}
	l->name = xstrdup(row->name);
	l->started_ms = row->started_ms;
	l->ended_ms = row->ended_ms;
	l->parked = row->wake_ms != STORE_RESIDENT;
	l->chunks = xcalloc(n, sizeof *l->chunks);
	l->lens = xcalloc(n, sizeof *l->lens);
	for (i = 0; i < n; i++) {
		l->chunks[i] = xstrndup(chunks[i].events, chunks[i].len);
		l->lens[i] = chunks[i].len;
	}
	l->n = n;
	registry_machine_by_revision(l->loader->rt->env.registry,
	    row->machine_id, row->revision, on_machine, l);
}

struct resident *
loader_get(struct loader *loader, const struct exec_id *id, int shard)
{
	struct resident	*x = resident_find(loader->rt, id);
	struct load	*l;

	if (x != NULL)
		return x;
	x = resident_new(loader->rt, id, shard);
	x->loading = true;
	l = xcalloc(1, sizeof *l);
	l->loader = loader;
	l->id = *id;
	LIST_INSERT_HEAD(&loader->loads, l, entry);
	loader->loading++;
	store_load(loader->rt->env.store, id, shard, on_rows, l);
	return x;
}

/* Starts loads from the queue while there is room. */
static void
pump(struct loader *loader)
{
	struct timeval	 tv = { 0, RETRY_MS * 1000 };
	struct wanted	*w;

	if (loader->rt->draining)
		return;
	if (!store_ready(loader->rt->env.store)) {
		if (!STAILQ_EMPTY(&loader->queue))
			evtimer_add(loader->retry, &tv);
		return;
	}
	while (loader->loading < LOADS_MAX &&
	    (w = STAILQ_FIRST(&loader->queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&loader->queue, entry);
		loader->nqueue--;
		if (runtime_owns(loader->rt, w->shard))
			loader_get(loader, &w->id, w->shard)->wanted = true;
		free(w);
	}
}

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	pump(arg);
}

void
loader_queue(struct loader *loader, const struct exec_id *id, int shard)
{
	if (resident_find(loader->rt, id) != NULL)
		return;
	append(loader, id, shard);
	pump(loader);
}

/* ---- what should be in memory ---- */

static void	scan_next(struct scan *);

static void
scan_free(struct scan *s)
{
	if (s->again != NULL)
		event_free(s->again);
	LIST_REMOVE(s, entry);
	free(s);
}

static void
on_scan_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	scan_next(arg);
}

static void
check_later(struct loader *loader, int64_t ms)
{
	struct timeval	 tv = { (time_t)(ms / 1000),
	    (suseconds_t)(ms % 1000 * 1000) };

	if (!loader->rt->draining)
		evtimer_add(loader->check, &tv);
}

static void
scan_end(struct scan *s)
{
	struct loader	*loader = s->loader;
	int64_t		 lease_ms = loader->rt->env.settings->lease_ms;
	int64_t		 ms = lease_ms + (int64_t)s->rows * CHECK_MS_PER_ROW;

	if (s->found > 0)
		log_info("%zu running executions come back to memory", s->found);
	if (s->checks)
		loader->checking = false;
	/* New shards: once more when what their last owner sent must be there. */
	if (!s->checks)
		check_later(loader, lease_ms);
	else if (!evtimer_pending(loader->check, NULL))
		check_later(loader, ms < CHECK_MS_MAX ? ms : CHECK_MS_MAX);
	scan_free(s);
}

/* Is the copy in memory behind what was committed?  Then somebody else did. */
static bool
is_stale(const struct resident *x, int64_t last_id)
{
	return !x->loading && !x->dirty && !x->committing &&
	    execution_last_event(x->ex) < last_id;
}

static void
scan_row(struct scan *s, const struct store_open *row)
{
	struct loader	*loader = s->loader;
	struct resident	*x = resident_find(loader->rt, &row->id);
	int		 shard = s->shards[s->at];

	if (!runtime_owns(loader->rt, shard))
		return;
	if (x == NULL) {
		s->found++;
		loader_queue(loader, &row->id, shard);
	} else if (is_stale(x, row->last_id)) {
		log_info("a copy in memory is stale execution=%s", x->arn);
		resident_drop(x, true);
	}
}

static void
on_open_rows(const struct err *e, const struct store_open *rows, size_t n,
    void *arg)
{
	struct timeval	 tv = { 0, RETRY_MS * 1000 };
	struct scan	*s = arg;
	size_t		 i;

	if (s->loader->rt->draining) {
		scan_free(s);
		return;
	}
	if (e->code[0] != '\0') {
		log_warn("looking for running executions: %s", e->text);
		if (s->again == NULL)
			s->again = evtimer_new(s->loader->rt->env.base,
			    on_scan_again, s);
		evtimer_add(s->again, &tv);
		return;
	}
	for (i = 0; i < n; i++)
		scan_row(s, &rows[i]);
	s->rows += n;
	if (n == PAGE_ROWS)
		s->after = rows[n - 1].id;
	else {
		s->at++;
		memset(&s->after, 0, sizeof s->after);
	}
	scan_next(s);
}

static void
scan_next(struct scan *s)
{
	while (s->at < s->n && !runtime_owns(s->loader->rt, s->shards[s->at]))
		s->at++;
	if (s->at < s->n)
		store_open_list(s->loader->rt->env.store, s->shards[s->at],
		    &s->after, PAGE_ROWS, on_open_rows, s);
	else
		scan_end(s);
}

static struct scan *
scan_new(struct loader *loader, const int *shards, size_t n)
{
	struct scan	*s = xcalloc(1, sizeof *s);

	s->loader = loader;
	memcpy(s->shards, shards, n * sizeof *shards);
	s->n = n;
	LIST_INSERT_HEAD(&loader->scans, s, entry);
	return s;
}

static size_t
our_shards(const struct runtime *rt, int shards[ARN_SHARDS])
{
	size_t	 n = 0;
	int	 i;

	for (i = 0; i < ARN_SHARDS; i++)
		if (runtime_owns(rt, i))
			shards[n++] = i;
	return n;
}

static void
on_check(evutil_socket_t fd, short what, void *arg)
{
	struct loader	*loader = arg;
	int		 shards[ARN_SHARDS];
	size_t		 n = our_shards(loader->rt, shards);
	struct scan	*s;

	(void)fd;
	(void)what;
	if (loader->checking)
		check_later(loader, loader->rt->env.settings->lease_ms);
	if (loader->checking || n == 0)
		return;			/* new shards bring the next check */
	s = scan_new(loader, shards, n);
	s->checks = loader->checking = true;
	scan_next(s);
}

static void
on_due_rows(const struct err *e, const struct store_execution *rows, size_t n,
    void *arg)
{
	struct loader	*loader = arg;
	size_t		 i;

	loader->sweeping = false;
	if (e->code[0] != '\0')
		log_warn("looking for executions that wake up: %s", e->text);
	for (i = 0; i < n; i++)
		if (runtime_owns(loader->rt, rows[i].shard))
			loader_queue(loader, &rows[i].id, rows[i].shard);
	if (loader->sweep_again && !loader->rt->draining) {
		loader->sweep_again = false;
		loader_sweep(loader);
	}
}

void
loader_sweep(struct loader *loader)
{
	int	 shards[ARN_SHARDS];
	size_t	 n = our_shards(loader->rt, shards);

	if (loader->sweeping) {
		loader->sweep_again = true;
		return;
	}
	if (n == 0 || loader->nqueue > QUEUE_MAX)
		return;
	loader->sweeping = true;
	store_due(loader->rt->env.store, shards, n, false, wallclock_ms() +
	    loader->rt->env.settings->park_ms, DUE_ROWS_MAX, on_due_rows, loader);
}

void
loader_gained(struct loader *loader, const int *shards, size_t n)
{
	scan_next(scan_new(loader, shards, n));
	loader_sweep(loader);
}

struct loader *
loader_new(struct runtime *rt)
{
	struct loader	*loader = xcalloc(1, sizeof *loader);

	loader->rt = rt;
	STAILQ_INIT(&loader->queue);
	LIST_INIT(&loader->loads);
	LIST_INIT(&loader->scans);
	loader->retry = evtimer_new(rt->env.base, on_retry, loader);
	loader->check = evtimer_new(rt->env.base, on_check, loader);
	return loader;
}

void
loader_free(struct loader *loader)
{
	struct wanted	*w;

	if (loader == NULL)
		return;
	while ((w = STAILQ_FIRST(&loader->queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&loader->queue, entry);
		free(w);
	}
	while (!LIST_EMPTY(&loader->loads))
		load_free(LIST_FIRST(&loader->loads));
	while (!LIST_EMPTY(&loader->scans))
		scan_free(LIST_FIRST(&loader->scans));
	event_free(loader->retry);
	event_free(loader->check);
	free(loader);
}
