/*
 * engine/loader.c - executions come back from the store.
 *
 * An execution is loaded when a caller wants something of it (at once), when
 * its shard came to this process, or when its parked time is near (in turn, a
 * few at a time).  Loading is a fold: the machine of its revision, then every
 * event of every chunk.
 *
 * Invariants: an execution that is being loaded is in the table of residents,
 * so nobody loads it twice; a sweep finds again what a failed load left out.
 */

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "map.h"
#include "resident.h"
#include "wallclock.h"
#include "xmalloc.h"

#define LOADS_MAX	64	/* at the same time, of those that nobody waits for */
#define SCAN_MAX	100000
#define RETRY_MS	500

struct wanted {
	STAILQ_ENTRY(wanted)	 entry;
	struct exec_id		 id;
	int			 shard;
};

struct loader {
	struct runtime			*rt;
	STAILQ_HEAD(, wanted)		 queue;
	size_t				 loading;
	struct event			*retry;
	LIST_HEAD(, scan)		 scans;
};

/* A load on its way: the rows, kept until the machine is there. */
struct load {
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

	int			 shard;

	TAILQ_INIT(&list);
	loader->loading--;
	if (x != NULL && x->loading) {
		shard = x->shard;
		TAILQ_CONCAT(&list, &x->waiting, entry);
		x->loading = false;
		resident_free(x);
		if (strcmp(code, "Unavailable") == 0)
			queue_again(loader, &l->id, shard);
		request_fail_all(&list, code, text);
	}
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

static void
deliver_waiting(struct resident *x)
{
	struct request_list	 list;
	struct request		*r;
	struct runtime		*rt = x->rt;
	struct exec_id		 id = x->id;

	TAILQ_INIT(&list);
	TAILQ_CONCAT(&list, &x->waiting, entry);
	while ((r = TAILQ_FIRST(&list)) != NULL) {
		TAILQ_REMOVE(&list, r, entry);
		runtime_take(rt, r);
	}
	/* It may have left memory on the way. */
	if ((x = resident_find(rt, &id)) != NULL)
		resident_release_idle(x);
}

static void
on_machine(const struct err *e, struct registry_machine *machine, void *arg)
{
	struct load	*l = arg;
	struct resident	*x = resident_find(l->loader->rt, &l->id);
	struct err	 own = ERR_INIT;

	if (machine == NULL) {
		load_failed(l, e->code, e->text);
		return;
	}
	if (x == NULL || !x->loading) {		/* its shard went meanwhile */
		registry_machine_release(machine);
		load_failed(l, "Unavailable", "the execution changes hands");
		return;
	}
	resident_begin(x, machine, l->name);
	if (fold(x, l, &own) == -1) {
		log_error("history cannot be folded execution=%s: %s", x->arn,
		    own.text);
		load_failed(l, "StoreError", "the history cannot be read");
		err_clear(&own);
		return;
	}
	x->loading = false;
	x->started_ms = l->started_ms;
	x->ended_ms = l->ended_ms;
	x->row_parked = l->parked;
	l->loader->loading--;
	if (!resident_ended(x))
		resident_resume(x);
	deliver_waiting(x);
	pump(l->loader);
	load_free(l);
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

	if (!store_ready(loader->rt->env.store)) {
		if (!STAILQ_EMPTY(&loader->queue))
			evtimer_add(loader->retry, &tv);
		return;
	}
	while (loader->loading < LOADS_MAX &&
	    (w = STAILQ_FIRST(&loader->queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&loader->queue, entry);
		loader_get(loader, &w->id, w->shard);
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

struct scan {
	struct loader	*loader;
	int		*shards;
	size_t		 n;
	bool		 resident;
	struct event	*again;
	LIST_ENTRY(scan) entry;
};

static void	scan_send(struct scan *);

static void
scan_free(struct scan *s)
{
	if (s->again != NULL)
		event_free(s->again);
	LIST_REMOVE(s, entry);
	free(s->shards);
	free(s);
}

static void
on_scan_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	scan_send(arg);
}

/* What a new owner does not find now, nobody would look for again. */
static void
scan_later(struct scan *s)
{
	struct timeval	 tv = { 0, RETRY_MS * 1000 };

	if (s->again == NULL)
		s->again = evtimer_new(s->loader->rt->env.base, on_scan_again, s);
	evtimer_add(s->again, &tv);
}

static void
on_due_rows(const struct err *e, const struct store_execution *rows, size_t n,
    void *arg)
{
	struct scan	*s = arg;
	size_t		 i;

	if (e->code[0] != '\0') {
		log_warn("looking for executions to load: %s", e->text);
		if (s->resident) {
			scan_later(s);
			return;
		}
	}
	for (i = 0; i < n; i++)
		if (s->loader->rt->env.owns(rows[i].shard,
		    s->loader->rt->env.owns_arg))
			loader_queue(s->loader, &rows[i].id, rows[i].shard);
	if (n > 0 && s->resident)
		log_info("%zu running executions come back to memory", n);
	scan_free(s);
}

static void
scan_send(struct scan *s)
{
	int64_t	 soon = wallclock_ms() + s->loader->rt->env.settings->park_ms;

	store_due(s->loader->rt->env.store, s->shards, s->n, s->resident, soon,
	    SCAN_MAX, on_due_rows, s);
}

void
loader_scan(struct loader *loader, const int *shards, size_t n, bool resident)
{
	struct scan	*s = xcalloc(1, sizeof *s);

	s->loader = loader;
	s->shards = xmemdup(shards, n * sizeof *shards);
	s->n = n;
	s->resident = resident;
	LIST_INSERT_HEAD(&loader->scans, s, entry);
	scan_send(s);
}

struct loader *
loader_new(struct runtime *rt)
{
	struct loader	*loader = xcalloc(1, sizeof *loader);

	loader->rt = rt;
	STAILQ_INIT(&loader->queue);
	LIST_INIT(&loader->scans);
	loader->retry = evtimer_new(rt->env.base, on_retry, loader);
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
	while (!LIST_EMPTY(&loader->scans))
		scan_free(LIST_FIRST(&loader->scans));
	event_free(loader->retry);
	free(loader);
}
