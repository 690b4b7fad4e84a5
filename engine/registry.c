/*
 * engine/registry.c - compiled machines, functions and queues, kept at hand.
 *
 * One table of entries under keys such as "machine:order" or "revision:7:2".
 * Whoever asks for what is being fetched already waits with the others: a
 * thousand executions that come back at once read their definition once.
 *
 * Invariants:
 *   - an entry that is being fetched, or has waiters, stays in the table;
 *   - what is not there is never remembered: it is asked for again;
 *   - revisions never change; what a name means is fresh for REGISTRY_FRESH_MS.
 */

#include "registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "map.h"
#include "wallclock.h"
#include "xmalloc.h"

#define ENTRIES_MAX	4096	/* beyond it, stale entries are swept out */
#define ENTRIES_MANY	16384	/* beyond it, all that nobody waits for */
#define STALE_MS	60000
#define SWEEP_MS	1000	/* not more often */

enum kind { KIND_MACHINE, KIND_REVISION, KIND_FUNCTION, KIND_QUEUE };

struct waiter {
	struct waiter	*next;
	union {
		registry_machine_got	 machine;
		void	(*function)(const struct err *,
			    const struct store_function *, void *);
		void	(*queue)(const struct err *,
			    const struct store_queue *, void *);
	} got;
	void		*arg;
};

struct entry {
	struct registry	*registry;
	char		*key;
	enum kind	 kind;
	bool		 have, fetching, forgotten;
	int64_t		 fetched_ms;		/* monotonic */
	struct waiter	*waiters, **last;
	struct registry_machine	*machine;
	struct store_function	 function;	/* own strings */
	struct store_queue	 queue;
};

struct registry {
	struct store	*store;
	struct map	*entries;
	int64_t		 swept_ms;
};

static const char *const	 kind_names[] = {
	[KIND_MACHINE] = "machine", [KIND_REVISION] = "revision",
	[KIND_FUNCTION] = "function", [KIND_QUEUE] = "queue",
};

struct registry *
registry_new(struct store *store)
{
	struct registry	*r = xcalloc(1, sizeof *r);

	r->store = store;
	r->entries = map_new();
	return r;
}

static void
entry_drop_value(struct entry *e)
{
	if (!e->have)
		return;
	e->have = false;
	switch (e->kind) {
	case KIND_MACHINE:
	case KIND_REVISION:
		registry_machine_release(e->machine);
		e->machine = NULL;
		break;
	case KIND_FUNCTION:
		free((char *)e->function.name);
		free((char *)e->function.url);
		break;
	case KIND_QUEUE:
		free((char *)e->queue.name);
		break;
	}
}

static void
entry_free(struct entry *e)
{
	struct waiter	*w;

	map_remove(e->registry->entries, e->key, strlen(e->key));
	entry_drop_value(e);
	while ((w = e->waiters) != NULL) {
		e->waiters = w->next;
		free(w);
	}
	free(e->key);
	free(e);
}

void
registry_free(struct registry *r)
{
	struct entry	*e;
	size_t		 at = 0;

	if (r == NULL)
		return;
	while ((e = map_next(r->entries, &at)) != NULL)
		entry_free(e);
	map_free(r->entries);
	free(r);
}

struct registry_machine *
registry_machine_ref(struct registry_machine *m)
{
	m->refs++;
	return m;
}

void
registry_machine_release(struct registry_machine *m)
{
	if (m == NULL || --m->refs > 0)
		return;
	machine_free(m->machine);
	free(m->name);
	free(m->type);
	free(m->role_arn);
	free(m);
}

static void
sweep(struct registry *r)
{
	int64_t		 now = wallclock_monotonic_ms();
	bool		 many = map_count(r->entries) >= ENTRIES_MANY;
	struct entry	*e;
	size_t		 at = 0;

	if (now - r->swept_ms < SWEEP_MS && !many)
		return;
	r->swept_ms = now;
	while ((e = map_next(r->entries, &at)) != NULL)
		if (!e->fetching && (many || e->fetched_ms < now - STALE_MS))
			entry_free(e);
}

static struct entry *
entry_get(struct registry *r, enum kind kind, const char *name)
{
	char		*key = xasprintf("%s:%s", kind_names[kind], name);
	struct entry	*e = map_get(r->entries, key, strlen(key));

	if (e != NULL) {
		free(key);
		return e;
	}
	if (map_count(r->entries) >= ENTRIES_MAX)
		sweep(r);
	e = xcalloc(1, sizeof *e);
	e->registry = r;
	e->key = key;
	e->kind = kind;
	e->last = &e->waiters;
	map_put(r->entries, key, strlen(key), e);
	return e;
}

static bool
entry_fresh(const struct entry *e)
{
	return e->have && (e->kind == KIND_REVISION ||
	    wallclock_monotonic_ms() - e->fetched_ms < REGISTRY_FRESH_MS);
}

static struct waiter *
entry_wait(struct entry *e, void *arg)
{
	struct waiter	*w = xcalloc(1, sizeof *w);

	w->arg = arg;
	*e->last = w;
	e->last = &w->next;
	return w;
}

static void
tell(const struct entry *e, const struct waiter *w, const struct err *err)
{
	switch (e->kind) {
	case KIND_MACHINE:
	case KIND_REVISION:
		w->got.machine(err, e->have ? registry_machine_ref(e->machine) :
		    NULL, w->arg);
		break;
	case KIND_FUNCTION:
		w->got.function(err, e->have ? &e->function : NULL, w->arg);
		break;
	case KIND_QUEUE:
		w->got.queue(err, e->have ? &e->queue : NULL, w->arg);
		break;
	}
}

static void	entry_fetch(struct entry *);

/* Answers all who waited; the entry goes if there was nothing to keep. */
static void
entry_answer(struct entry *e, const struct err *err)
{
	struct waiter	*w, *list = e->waiters;

	e->fetched_ms = wallclock_monotonic_ms();
	e->waiters = NULL;
	e->last = &e->waiters;
	while ((w = list) != NULL) {
		list = w->next;
		tell(e, w, err);
		free(w);
	}
	e->fetching = false;
	if (e->forgotten) {
		e->forgotten = false;
		entry_drop_value(e);
	}
	/* Whoever asked meanwhile, from one of the answers, is told as well. */
	if (e->waiters != NULL && e->have)
		entry_answer(e, err);
	else if (e->waiters != NULL)
		entry_fetch(e);
	else if (!e->have)
		entry_free(e);
}

static struct registry_machine *
compile(const struct store_machine *row, struct err *e)
{
	struct findings		 findings = FINDINGS_INIT;
	struct registry_machine	*m;
	struct machine		*machine;

	machine = machine_parse(row->definition, strlen(row->definition),
	    &findings);
	findings_free(&findings);
	if (machine == NULL) {
		err_set(e, "StoreError",
		    "the stored definition of %s is not accepted any more",
		    row->name);
		return NULL;
	}
	m = xcalloc(1, sizeof *m);
	m->id = row->id;
	m->revision = row->revision;
	m->name = xstrdup(row->name);
	m->type = xstrdup(row->type);
	m->role_arn = xstrdup(row->role_arn);
	m->machine = machine;
	m->refs = 1;
	return m;
}

static struct entry *
revision_entry(struct registry *r, int64_t id, int64_t revision)
{
	char	 name[48];

	snprintf(name, sizeof name, "%lld:%lld", (long long)id,
	    (long long)revision);
	return entry_get(r, KIND_REVISION, name);
}

/* The machine of a row: the one that is there for its revision, or a new one. */
static struct registry_machine *
adopt(struct registry *r, const struct store_machine *row, struct err *e)
{
	struct entry		*rev = revision_entry(r, row->id, row->revision);
	struct registry_machine	*m;

	if (rev->have)
		return registry_machine_ref(rev->machine);
	if ((m = compile(row, e)) == NULL) {
		if (!rev->fetching)
			entry_free(rev);
		return NULL;
	}
	rev->machine = registry_machine_ref(m);
	rev->have = true;
	rev->fetched_ms = wallclock_monotonic_ms();
	return m;
}

static void
machine_fetched(const struct err *err, const struct store_machine *rows,
    size_t n, void *arg)
{
	struct entry		*e = arg;
	struct err		 own = ERR_INIT;
	struct registry_machine	*m;

	entry_drop_value(e);
	if (err->code[0] == '\0' && n > 0) {
		if ((m = adopt(e->registry, &rows[0], &own)) != NULL) {
			if (e->have)		/* e is the revision itself */
				registry_machine_release(m);
			else {
				e->machine = m;
				e->have = true;
			}
		}
		err = &own;
	} else if (err->code[0] == '\0' || err_is(err, "NotFound")) {
		err_set(&own, "StateMachineDoesNotExist",
		    "there is no state machine %s", strchr(e->key, ':') + 1);
		err = &own;
	}
	entry_answer(e, err);
	err_clear(&own);
}

void
registry_machine_by_name(struct registry *r, const char *name,
    registry_machine_got got, void *arg)
{
	struct entry	*e = entry_get(r, KIND_MACHINE, name);
	struct err	 none = ERR_INIT;

	if (entry_fresh(e) && !e->fetching) {
		got(&none, registry_machine_ref(e->machine), arg);
		return;
	}
	entry_wait(e, arg)->got.machine = got;
	if (!e->fetching)
		entry_fetch(e);
}

void
registry_machine_by_revision(struct registry *r, int64_t id, int64_t revision,
    registry_machine_got got, void *arg)
{
	struct entry	*e = revision_entry(r, id, revision);
	struct err	 none = ERR_INIT;

	if (e->have) {
		got(&none, registry_machine_ref(e->machine), arg);
		return;
	}
	entry_wait(e, arg)->got.machine = got;
	if (!e->fetching)
		entry_fetch(e);
}

static void
function_fetched(const struct err *err, const struct store_function *rows,
    size_t n, void *arg)
{
	struct entry	*e = arg;
	struct err	 own = ERR_INIT;

	entry_drop_value(e);
	if (err->code[0] == '\0' && n > 0) {
		e->function = rows[0];
		e->function.name = xstrdup(rows[0].name);
		e->function.url = xstrdup(rows[0].url);
		e->have = true;
	} else if (err->code[0] == '\0') {
		err_set(&own, "NotFound", "there is no function %s",
		    strchr(e->key, ':') + 1);
		err = &own;
	}
	entry_answer(e, err);
	err_clear(&own);
}

void
registry_function(struct registry *r, const char *name,
    void (*got)(const struct err *, const struct store_function *, void *),
    void *arg)
{
	struct entry	*e = entry_get(r, KIND_FUNCTION, name);
	struct err	 none = ERR_INIT;

	if (entry_fresh(e) && !e->fetching) {
		got(&none, &e->function, arg);
		return;
	}
	entry_wait(e, arg)->got.function = got;
	if (!e->fetching)
		entry_fetch(e);
}

static void
queue_fetched(const struct err *err, const struct store_queue *rows, size_t n,
    void *arg)
{
	struct entry	*e = arg;
	struct err	 own = ERR_INIT;

	entry_drop_value(e);
	if (err->code[0] == '\0' && n > 0) {
		e->queue = rows[0];
		e->queue.name = xstrdup(rows[0].name);
		e->have = true;
	} else if (err->code[0] == '\0') {
		err_set(&own, "NotFound", "there is no queue %s",
		    strchr(e->key, ':') + 1);
		err = &own;
	}
	entry_answer(e, err);
	err_clear(&own);
}

void
registry_queue(struct registry *r, const char *name,
    void (*got)(const struct err *, const struct store_queue *, void *),
    void *arg)
{
	struct entry	*e = entry_get(r, KIND_QUEUE, name);
	struct err	 none = ERR_INIT;

	if (entry_fresh(e) && !e->fetching) {
		got(&none, &e->queue, arg);
		return;
	}
	entry_wait(e, arg)->got.queue = got;
	if (!e->fetching)
		entry_fetch(e);
}

static void
entry_fetch(struct entry *e)
{
	struct store	*s = e->registry->store;
	const char	*name = strchr(e->key, ':') + 1;
	char		*end;
	int64_t		 id;

	e->fetching = true;
	switch (e->kind) {
	case KIND_MACHINE:
		store_machine_get(s, name, machine_fetched, e);
		break;
	case KIND_REVISION:
		id = strtoll(name, &end, 10);
		store_machine_revision(s, id, strtoll(end + 1, NULL, 10),
		    machine_fetched, e);
		break;
	case KIND_FUNCTION:
		store_function_get(s, name, function_fetched, e);
		break;
	case KIND_QUEUE:
		store_queue_get(s, name, false, queue_fetched, e);
		break;
	}
}

const struct store_queue *
registry_queue_cached(struct registry *r, const char *name)
{
	struct entry	*e = entry_get(r, KIND_QUEUE, name);

	if (entry_fresh(e))
		return &e->queue;
	if (!e->have && !e->fetching)
		entry_free(e);
	return NULL;
}

void
registry_forget(struct registry *r, const char *kind, const char *name)
{
	char		*key = xasprintf("%s:%s", kind, name);
	struct entry	*e = map_get(r->entries, key, strlen(key));

	free(key);
	if (e == NULL)
		return;
	if (e->fetching)
		e->forgotten = true;	/* what is on its way may be old */
	else
		entry_free(e);
}
