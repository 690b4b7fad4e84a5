/*
 * engine/resident.c - an execution in memory: stimuli in, events and items out.
 *
 * Invariants:
 *   - ex is ahead of the store by inflight and pending, and by nothing else;
 *   - an item's timer and call exist only once the event that opened it is
 *     committed; items that wait for that are in untried (inside a stimulus
 *     only), fresh (not sent yet) or sent;
 *   - a resident that is committing or held is never freed: it is doomed, and
 *     goes when the batch has ended or it is let go;
 *   - what is pending stays below a limit and one step more: beyond it, stimuli
 *     wait for the commit, so no chunk becomes too large to be written.
 */

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "map.h"
#include "resident.h"
#include "task.h"
#include "token.h"
#include "wallclock.h"
#include "xmalloc.h"

/* What may gather before a commit; whatever follows waits for it. */
#define PENDING_MAX		2000
#define PENDING_BYTES_MAX	((size_t)8 << 20)
#define EVENT_BYTES		200	/* of an event beside its payload, about */
#define FAR_FUTURE_MS	INT64_C(253402300799000)	/* the year 9999 */

/* ---- facts: what the language may know of the outside ---- */

static char *
make_token(const void *arg, int64_t event_id)
{
	const struct resident	*x = arg;
	struct token		 t = { x->shard, x->id, event_id };

	return token_make(x->rt->env.keys->token_key, &t);
}

static char *
make_callback_url(const void *arg, const char *token)
{
	const struct resident	*x = arg;

	return xasprintf("%s/callback/%s", x->rt->env.public_url, token);
}

struct resident *
resident_find(struct runtime *rt, const struct exec_id *id)
{
	return map_get(rt->residents, id, sizeof *id);
}

struct resident *
resident_new(struct runtime *rt, const struct exec_id *id, int shard)
{
	struct resident	*x = xcalloc(1, sizeof *x);

	x->rt = rt;
	x->id = *id;
	x->shard = shard;
	strbuf_init(&x->chunk, STRBUF_MAX_DEFAULT);
	STAILQ_INIT(&x->deferred);
	TAILQ_INIT(&x->untried);
	TAILQ_INIT(&x->fresh);
	TAILQ_INIT(&x->sent);
	TAILQ_INIT(&x->waiting);
	TAILQ_INIT(&x->undecided);
	TAILQ_INIT(&x->inflight);
	map_put(rt->residents, &x->id, sizeof x->id, x);
	rt->counts.resident++;
	return x;
}

void
resident_begin(struct resident *x, struct registry_machine *machine,
    const char *name)
{
	const struct arn_account	*account = &x->rt->env.account;

	x->machine = machine;
	x->name = xstrdup(name);
	x->arn = arn_execution(account, machine->name, name);
	x->machine_arn = arn_machine(account, machine->name);
	x->facts.arn = x->arn;
	x->facts.name = x->name;
	x->facts.machine_arn = x->machine_arn;
	x->facts.machine_name = machine->name;
	x->facts.role_arn = machine->role_arn;
	memcpy(&x->facts.seed, x->id.bytes, sizeof x->facts.seed);
	x->facts.task_token = make_token;
	x->facts.callback_url = make_callback_url;
	x->facts.arg = x;
	x->ex = execution_new(machine->machine, &x->facts);
}

/* The commits of what they were opened with are there. */
static void
carry_out_sent(struct resident *x)
{
	struct item	*it;

	while (!x->doomed && (it = TAILQ_FIRST(&x->sent)) != NULL) {
		item_queue(it, NULL);
		item_carry_out(it);
	}
}

/* ---- events ---- */

static void
event_list_clear(struct event_list *l)
{
	while (l->n > 0)
		event_clear(&l->list[--l->n]);
	free(l->list);
	l->list = NULL;
	l->size = 0;
}

/* Moves the events of a step to the end of the list. */
static void
event_list_take(struct event_list *l, struct step *s)
{
	if (l->n == 0 && l->list == NULL) {
		l->list = s->events;
		l->n = l->size = s->nevents;
		s->events = NULL;
		s->nevents = 0;
		return;
	}
	if (l->n + s->nevents > l->size) {
		l->size = (l->n + s->nevents) * 2;
		l->list = xreallocarray(l->list, l->size, sizeof *l->list);
	}
	memcpy(l->list + l->n, s->events, s->nevents * sizeof *l->list);
	l->n += s->nevents;
	s->nevents = 0;			/* moved: not to be cleared twice */
}

/* About what the events take; a payload that is passed on is stored once. */
static size_t
event_bytes(const struct event *events, size_t n)
{
	const struct payload	*last = NULL;
	size_t			 i, bytes = n * EVENT_BYTES;

	for (i = 0; i < n; i++) {
		if (events[i].payload != NULL && events[i].payload != last)
			bytes += payload_bytes(events[i].payload);
		last = events[i].payload;
	}
	return bytes;
}

static void
pending_add(struct resident *x, size_t bytes)
{
	x->pending_bytes += bytes;
	x->rt->pending_bytes += bytes;
}

static void
pending_clear(struct resident *x)
{
	event_list_clear(&x->pending);
	x->rt->pending_bytes -= x->pending_bytes;
	x->pending_bytes = 0;
}

bool
resident_crowded(const struct resident *x)
{
	return x->pending.n >= PENDING_MAX ||
	    x->pending_bytes >= PENDING_BYTES_MAX ||
	    (!STAILQ_EMPTY(&x->deferred) && x->held == 0);	/* in turn */
}

bool
resident_ended(const struct resident *x)
{
	return execution_status(x->ex) != EXECUTION_RUNNING;
}

static void
messages_free(struct pending_message *list, size_t n)
{
	while (n-- > 0) {
		free(list[n].body);
		free(list[n].attributes);
	}
	free(list);
}

/* ---- a stimulus and what follows from it ---- */

static void
take_commands(struct resident *x, const struct step *s)
{
	size_t	 i;

	for (i = 0; i < s->ncommands; i++)
		if (s->commands[i].kind == COMMAND_CANCEL)
			item_remove(x, s->commands[i].id, false);
		else
			item_add(x, &s->commands[i]);
}

/* Items that this stimulus closes, whatever the language makes of it. */
static void
close_item(struct resident *x, const struct stimulus *what)
{
	struct item	*it;

	switch (what->kind) {
	case STIMULUS_TASK_SUCCEEDED:
	case STIMULUS_TASK_FAILED:
	case STIMULUS_TASK_TIMED_OUT:
	case STIMULUS_HEARTBEAT_TIMED_OUT:
	case STIMULUS_TIMER:
	case STIMULUS_EXECUTION_TIMED_OUT:
		item_remove(x, what->kind == STIMULUS_EXECUTION_TIMED_OUT ? 1 :
		    what->id, false);
		break;
	case STIMULUS_CALLBACK_SUCCEEDED:
	case STIMULUS_CALLBACK_FAILED:
		/* The function that passed the token on may be at work still. */
		item_remove(x, what->id, true);
		break;
	case STIMULUS_TASK_SUBMITTED:
		if ((it = item_find(x, what->id)) != NULL)
			it->submitted = true;
		break;
	case STIMULUS_START:
	case STIMULUS_STOP:
	case STIMULUS_CONTINUE:
		break;
	}
}

/*
 * One step.  Says whether it caused anything; -1 if the language has refused an
 * event of its own: then this copy is of no more use.
 */
static int
run(struct resident *x, struct stimulus *what)
{
	struct step	*s = NULL;
	struct err	 e = ERR_INIT;
	bool		 did;

	what->now_ms = wallclock_ms();
	if (what->kind == STIMULUS_START)
		x->started_ms = what->now_ms;
	if (step_run(x->ex, what, &s, &e) == -1) {
		log_error("a stimulus does not fit execution=%s: %s", x->arn,
		    e.text);
		err_clear(&e);
		return -1;
	}
	close_item(x, what);
	did = s->nevents > 0;
	if (did) {
		pending_add(x, event_bytes(s->events, s->nevents));
		event_list_take(&x->pending, s);
	}
	take_commands(x, s);
	x->more = s->more;
	step_free(s);
	if (did && resident_ended(x)) {
		x->ended_ms = what->now_ms;
		item_remove_all(x);
	}
	return did;
}

/* The next new task that its kind carries out inside the commit: its answer. */
static int
run_inline(struct resident *x)
{
	struct item		*it;
	const struct task_kind	*kind;
	struct task_result	 result = { NULL, NULL, NULL };
	struct stimulus		 what = { .kind = STIMULUS_TASK_FAILED };
	int			 did;

	while ((it = TAILQ_FIRST(&x->untried)) != NULL) {
		item_queue(it, &x->fresh);
		kind = it->submitted ? NULL : task_kind_of(it->resource);
		if (kind == NULL || kind->inline_run == NULL ||
		    !kind->inline_run(x, it, &result))
			continue;
		what.id = it->id;
		what.payload = result.output;
		what.error = result.error;
		what.cause = result.cause;
		if (result.error == NULL)
			what.kind = it->token ? STIMULUS_TASK_SUBMITTED :
			    STIMULUS_TASK_SUCCEEDED;
		did = run(x, &what);
		task_result_clear(&result);
		return did;
	}
	return 0;
}

/* A stimulus and what follows from it inside the commit; -1 as run(). */
static int
run_all(struct resident *x, struct stimulus *what)
{
	struct item	*it;
	int		 did = run(x, what), more = did;

	while (more > 0 && !resident_crowded(x) && !resident_ended(x))
		more = run_inline(x);
	/* The others are called after the commit. */
	while ((it = TAILQ_FIRST(&x->untried)) != NULL)
		item_queue(it, &x->fresh);
	return more < 0 ? -1 : did;
}

static void
defer(struct resident *x, const struct stimulus *what)
{
	struct deferred	*d = xcalloc(1, sizeof *d);

	d->what = *what;
	d->what.payload = payload_ref(what->payload);
	if (what->error != NULL)
		d->what.error = xstrdup(what->error);
	if (what->cause != NULL)
		d->what.cause = xstrdup(what->cause);
	STAILQ_INSERT_TAIL(&x->deferred, d, entry);
}

static void
deferred_free(struct deferred *d)
{
	payload_unref(d->what.payload);
	free((char *)(uintptr_t)d->what.error);
	free((char *)(uintptr_t)d->what.cause);
	free(d);
}

/* Those that there is room for now; x is held. */
static void
take_deferred(struct resident *x)
{
	struct deferred	*d;

	while (!x->doomed && !resident_crowded(x) &&
	    (d = STAILQ_FIRST(&x->deferred)) != NULL) {
		STAILQ_REMOVE_HEAD(&x->deferred, entry);
		resident_stimulus(x, &d->what, NULL);
		deferred_free(d);
	}
}

void
resident_stimulus(struct resident *x, struct stimulus *what, struct request *r)
{
	int	 did;

	if (r == NULL && resident_crowded(x)) {
		defer(x, what);
		return;
	}
	did = run_all(x, what);
	if (did == -1) {
		resident_drop(x, false);
		if (r != NULL)
			request_fail(r, "StoreError",
			    "the execution cannot take this");
		return;
	}
	if (r != NULL) {
		r->started_ms = x->started_ms;
		r->ended_ms = x->ended_ms;
	}
	committer_add(x->rt->committer, x);
	if (r == NULL)
		return;
	if (x->pending.n > 0)
		TAILQ_INSERT_TAIL(&x->undecided, r, entry);
	else if (x->committing)
		TAILQ_INSERT_TAIL(&x->inflight, r, entry);
	else
		resident_answer(x, r);
}

void
resident_heartbeat(struct resident *x, struct request *r)
{
	struct item	*it = item_find(x, r->what.id);

	if (it != NULL && it->heartbeat != NULL)
		item_expect_heartbeat(it);
	resident_answer(x, r);
}

void
resident_answer(struct resident *x, struct request *r)
{
	resident_hold(x);
	request_answer(r);
	resident_let_go(x);
}

/* ---- towards the store and back ---- */

int64_t
resident_park_ms(const struct resident *x)
{
	int64_t		 wake = FAR_FUTURE_MS;
	int64_t		 soon = wallclock_ms() + x->rt->env.settings->park_ms;
	const struct item *it;
	size_t		 i;

	if (resident_ended(x) || x->more || x->nitems == 0 ||
	    !STAILQ_EMPTY(&x->deferred))
		return -1;
	for (i = 0; i < x->nitems; i++) {
		it = x->items[i];
		if (it->call != NULL || it->heartbeat_s != 0 ||
		    (it->kind == ITEM_TASK && !it->submitted) ||
		    (it->due_ms != 0 && it->due_ms < soon))
			return -1;
		if (it->due_ms != 0 && it->due_ms < wake)
			wake = it->due_ms;
	}
	return wake;
}

void
resident_sent(struct resident *x)
{
	struct item	*it;

	pending_clear(x);
	x->inflight_messages = x->messages;
	x->ninflight_messages = x->nmessages;
	x->messages = NULL;
	x->nmessages = 0;
	TAILQ_CONCAT(&x->inflight, &x->undecided, entry);
	while ((it = TAILQ_FIRST(&x->fresh)) != NULL)
		item_queue(it, &x->sent);
}

void
resident_committed(struct resident *x)
{
	struct stimulus	 go_on = { .kind = STIMULUS_CONTINUE };
	struct request	*r;

	messages_free(x->inflight_messages, x->ninflight_messages);
	x->inflight_messages = NULL;
	x->ninflight_messages = 0;
	strbuf_free(&x->chunk);
	x->row_new = false;
	resident_hold(x);
	/* Who stops begins nothing: the next owner carries it out. */
	if (!x->rt->draining)
		carry_out_sent(x);
	while ((r = TAILQ_FIRST(&x->inflight)) != NULL) {
		TAILQ_REMOVE(&x->inflight, r, entry);
		request_answer(r);
	}
	take_deferred(x);
	if (!x->doomed)
		resident_take_waiting(x);
	if (!x->doomed && x->more && x->pending.n == 0 && !x->rt->draining)
		resident_stimulus(x, &go_on, NULL);
	resident_let_go(x);
}

void
resident_take_waiting(struct resident *x)
{
	struct request_list	 list;
	struct request		*r;

	TAILQ_INIT(&list);
	TAILQ_CONCAT(&list, &x->waiting, entry);
	while ((r = TAILQ_FIRST(&list)) != NULL) {
		TAILQ_REMOVE(&list, r, entry);
		runtime_take(x->rt, r);
	}
}

void
resident_resume(struct resident *x)
{
	struct stimulus	 go_on = { .kind = STIMULUS_CONTINUE };
	struct command	*open;
	size_t		 i, n;
	bool		 more;

	open = step_open(x->ex, &n, &more);
	for (i = 0; i < n; i++)		/* all of it is committed */
		item_queue(item_add(x, &open[i]), &x->sent);
	step_commands_free(open, n);
	carry_out_sent(x);
	if (more && !x->doomed && x->pending.n == 0)
		resident_stimulus(x, &go_on, NULL);
}

void
resident_hold(struct resident *x)
{
	x->held++;
}

void
resident_let_go(struct resident *x)
{
	if (--x->held > 0)
		return;
	if (x->doomed)
		resident_drop(x, false);
	else
		resident_release_idle(x);
}

void
resident_release_idle(struct resident *x)
{
	if (x->loading || x->committing || x->held > 0 || x->dirty ||
	    x->pending.n > 0 || !TAILQ_EMPTY(&x->waiting) ||
	    !TAILQ_EMPTY(&x->inflight) || !TAILQ_EMPTY(&x->undecided))
		return;
	if (resident_ended(x) || (x->row_parked && resident_park_ms(x) >= 0))
		resident_free(x);
}

void
resident_free(struct resident *x)
{
	struct deferred	*d;

	committer_remove(x->rt->committer, x);
	map_remove(x->rt->residents, &x->id, sizeof x->id);
	x->rt->counts.resident--;
	item_remove_all(x);
	free(x->items);
	pending_clear(x);
	while ((d = STAILQ_FIRST(&x->deferred)) != NULL) {
		STAILQ_REMOVE_HEAD(&x->deferred, entry);
		deferred_free(d);
	}
	messages_free(x->messages, x->nmessages);
	messages_free(x->inflight_messages, x->ninflight_messages);
	strbuf_free(&x->chunk);
	if (x->ex != NULL)
		execution_free(x->ex);
	registry_machine_release(x->machine);
	free(x->name);
	free(x->arn);
	free(x->machine_arn);
	free(x);
}

void
resident_drop(struct resident *x, bool reload)
{
	struct runtime		*rt = x->rt;
	struct exec_id		 id = x->id;
	int			 shard = x->shard;
	struct request_list	 list;
	struct request		*r;

	if (x->committing || x->held > 0) {
		x->doomed = true;
		return;
	}
	TAILQ_INIT(&list);
	TAILQ_CONCAT(&list, &x->inflight, entry);
	TAILQ_CONCAT(&list, &x->undecided, entry);
	TAILQ_CONCAT(&list, &x->waiting, entry);
	resident_free(x);
	if (reload && !rt->draining)
		loader_queue(rt->loader, &id, shard);
	while ((r = TAILQ_FIRST(&list)) != NULL) {
		TAILQ_REMOVE(&list, r, entry);
		request_again(r);
	}
}
