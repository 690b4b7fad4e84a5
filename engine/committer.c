/*
 * engine/committer.c - group commit: many executions, one transaction.
 *
 * While a batch is in flight everything that becomes ready waits for the next,
 * so the batch sizes itself: latency is one commit, throughput what PostgreSQL
 * can append.  The batch leaves at the end of the loop's turn, when all that
 * happened in it has been added.
 *
 * A batch whose outcome is unknown is sent again until it is known: nothing
 * else may be written before.  A batch that PostgreSQL refuses as a whole is
 * sent again one by one, so that one bad chunk cannot hold up the others.  Of
 * one that is refused, the copy in memory is given up: a later look finds the
 * execution again (loader.c), and tries again.  One whose values can never be
 * written ends its execution.
 *
 * Invariants:
 *   - an execution is in at most one batch, and has one chunk in it;
 *   - batches of a process commit in the order they were made;
 *   - what belongs to a lost shard is not sent for the first time.
 */

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "resident.h"
#include "wallclock.h"
#include "xmalloc.h"

#define BATCH_CHUNKS_MAX	512
#define BATCH_BYTES_MAX		((size_t)8 << 20)
#define AGAIN_MS		200
#define PATIENCE_MS		10000	/* of callers, with a PostgreSQL in trouble */

struct committer {
	struct runtime		*rt;
	struct resident_list	 dirty;
	size_t			 ndirty;
	struct event		*flush, *again, *slow;
	bool			 busy;		/* a batch is in flight */
	struct resident		*members[BATCH_CHUNKS_MAX];
	struct store_chunk	 chunks[BATCH_CHUNKS_MAX];
	struct store_message	*messages;
	size_t			 nmembers, nmessages, messages_size;
	size_t			 singly;	/* members left to send one by one */
	size_t			 cursor;	/* their first message */
	struct store_batch	 batch;
	int64_t			 trouble_ms;	/* since when it does not work; 0 */
};

static void	send_batch(struct committer *);
static void	patience(struct committer *);
static void	refuse(struct committer *, struct resident *, const char *, bool);

static void
fill_chunk(struct committer *c, struct resident *x, struct store_chunk *k)
{
	int64_t	 park = resident_park_ms(x);

	memset(k, 0, sizeof *k);
	k->id = x->id;
	k->shard = x->shard;
	k->first_id = x->pending.list[0].id;
	k->last_id = x->pending.list[x->pending.n - 1].id;
	strbuf_reset(&x->chunk);
	chunk_encode(x->pending.list, x->pending.n, &x->chunk);
	k->events = strbuf_str(&x->chunk);
	k->events_len = x->chunk.len;
	k->start = x->row_new;
	k->machine_id = x->machine->id;
	k->revision = x->machine->revision;
	k->name = x->name;
	k->started_ms = x->started_ms;
	k->status = execution_status(x->ex);
	k->ended_ms = resident_ended(x) ? x->ended_ms : 0;
	k->wake_ms = park < 0 ? STORE_RESIDENT : park;
	k->row = x->row_new || resident_ended(x) || park >= 0 || x->row_parked;
	if (!resident_ended(x))
		x->row_parked = park >= 0;
	c->rt->counts.commits++;
	c->rt->counts.events += x->pending.n;
}

/* Returns their bytes. */
static size_t
add_messages(struct committer *c, const struct resident *x, size_t chunk)
{
	const struct pending_message	*p;
	struct store_message		*m;
	size_t				 i, bytes = 0;

	for (i = 0; i < x->ninflight_messages; i++) {
		if (c->nmessages == c->messages_size) {
			c->messages_size = c->messages_size == 0 ? 16 :
			    c->messages_size * 2;
			c->messages = xreallocarray(c->messages,
			    c->messages_size, sizeof *c->messages);
		}
		p = &x->inflight_messages[i];
		m = &c->messages[c->nmessages++];
		m->chunk = chunk;
		m->queue_id = p->queue_id;
		m->id = p->id;
		m->body = p->body;
		m->attributes = p->attributes;
		m->visible_ms = p->visible_ms;
		bytes += strlen(p->body);
	}
	return bytes;
}

/* Another process has the shard now, and loads what is written: not this. */
static bool
belongs_here(struct committer *c, struct resident *x)
{
	if (runtime_owns(c->rt, x->shard))
		return true;
	resident_drop(x, true);
	return false;
}

/* Takes what is dirty into the next batch. */
static void
gather(struct committer *c)
{
	struct resident	*x;
	size_t		 bytes = 0;

	c->nmembers = c->nmessages = 0;
	while (c->nmembers < BATCH_CHUNKS_MAX && bytes < BATCH_BYTES_MAX &&
	    (x = TAILQ_FIRST(&c->dirty)) != NULL) {
		TAILQ_REMOVE(&c->dirty, x, dirty_entry);
		c->ndirty--;
		x->dirty = false;
		if (!belongs_here(c, x))
			continue;
		fill_chunk(c, x, &c->chunks[c->nmembers]);
		if (strbuf_failed(&x->chunk)) {
			refuse(c, x, "the chunk is too large", true);
			continue;
		}
		x->committing = true;
		resident_sent(x);
		bytes += x->chunk.len + add_messages(c, x, c->nmembers);
		c->members[c->nmembers++] = x;
	}
	c->batch = (struct store_batch){ c->chunks, c->nmembers, c->messages,
	    c->nmessages };
	c->singly = 0;
}

static void
finish(struct committer *c, const struct store_batch *batch, const bool *kept)
{
	size_t		 i, first = (size_t)(batch->chunks - c->chunks);
	struct resident	*x;

	for (i = 0; i < batch->nchunks; i++) {
		x = c->members[first + i];
		x->committing = false;
		if (kept[i])
			resident_committed(x);
		else
			resident_drop(x, !x->row_new);
	}
}

/* The next of a batch that is sent one by one, with its own messages. */
static void
next_single(struct committer *c)
{
	size_t	 chunk = c->nmembers - c->singly--, from = c->cursor, n;

	while (c->cursor < c->nmessages && c->messages[c->cursor].chunk == chunk)
		c->messages[c->cursor++].chunk = 0;
	n = c->cursor - from;
	c->batch = (struct store_batch){ &c->chunks[chunk], 1,
	    n == 0 ? NULL : &c->messages[from], n };
}

static void
on_stopped(const struct err *e, int64_t ended_ms, void *arg)
{
	(void)ended_ms;
	(void)arg;
	if (e->code[0] != '\0')
		log_error("an execution that cannot go on was not stopped: %s",
		    e->text);
}

/* Gives x up; forever: its execution is stopped, for it would come to this again. */
static void
refuse(struct committer *c, struct resident *x, const char *why, bool forever)
{
	struct runtime		*rt = c->rt;
	struct request_list	 list;
	struct stimulus		 stop = { .kind = STIMULUS_STOP,
	    .error = "States.Runtime" };
	struct exec_id		 id = x->id;
	int			 shard = x->shard;
	bool			 row_new = x->row_new;
	char			*cause;

	log_error("a chunk is refused execution=%s: %s", x->arn, why);
	TAILQ_INIT(&list);
	TAILQ_CONCAT(&list, &x->inflight, entry);
	TAILQ_CONCAT(&list, &x->undecided, entry);
	resident_drop(x, false);
	request_fail_all(&list, "StoreError", "the history cannot be written");
	if (row_new || rt->draining || !forever)
		return;
	cause = xasprintf("The history of the execution cannot be written: %s",
	    why);
	stop.cause = cause;
	runtime_deliver(rt, &id, shard, &stop, on_stopped, NULL);
	free(cause);
}

/* Callers are not kept longer: they may ask again. */
static void
tire(struct committer *c)
{
	struct request_list	 list;
	struct resident		*x;
	size_t			 i = (size_t)(c->batch.chunks - c->chunks);

	TAILQ_INIT(&list);
	for (; i < c->nmembers; i++)	/* those before are done, and may be gone */
		TAILQ_CONCAT(&list, &c->members[i]->inflight, entry);
	TAILQ_FOREACH(x, &c->dirty, dirty_entry)
		TAILQ_CONCAT(&list, &x->undecided, entry);
	request_fail_all(&list, "UnknownOutcome", "PostgreSQL does not commit");
}

static void
in_trouble(struct committer *c, const char *why)
{
	if (c->trouble_ms != 0)
		return;
	c->trouble_ms = wallclock_monotonic_ms();
	log_warn("commits wait for PostgreSQL: %s", why);
}

/* The batch takes too long. */
static void
on_slow(evutil_socket_t fd, short what, void *arg)
{
	struct committer	*c = arg;

	(void)fd;
	(void)what;
	in_trouble(c, "it does not answer");
	tire(c);
	patience(c);
}

static void
patience(struct committer *c)
{
	struct timeval	 tv = { PATIENCE_MS / 1000, PATIENCE_MS % 1000 * 1000 };

	evtimer_add(c->slow, &tv);
}

/* Its outcome is not known, or it is not at fault: once more. */
static void
again(struct committer *c, const struct err *e)
{
	struct timeval	 tv = { 0, AGAIN_MS * 1000 };

	in_trouble(c, e->text);
	evtimer_add(c->again, &tv);
}

/* PostgreSQL has refused what is being sent. */
static void
refused(struct committer *c, const struct err *e)
{
	struct resident	*x = c->members[c->batch.chunks - c->chunks];

	if (c->batch.nchunks > 1) {
		log_warn("a batch of %zu is sent one by one: %s",
		    c->batch.nchunks, e->text);
		c->singly = c->nmembers;
		c->cursor = 0;
		return;
	}
	x->committing = false;
	refuse(c, x, e->text, err_is(e, "Unwritable"));
}

static void
on_committed(const struct err *e, const bool *kept, void *arg)
{
	struct committer	*c = arg;

	if (err_is(e, "UnknownOutcome") || err_is(e, "Unavailable")) {
		again(c, e);
		return;
	}
	if (c->trouble_ms != 0) {
		log_info("commits go on after %lld ms",
		    (long long)(wallclock_monotonic_ms() - c->trouble_ms));
		c->trouble_ms = 0;
	}
	if (e->code[0] == '\0')
		finish(c, &c->batch, kept);
	else
		refused(c, e);
	if (c->singly > 0) {
		next_single(c);
		patience(c);
		send_batch(c);
		return;
	}
	evtimer_del(c->slow);
	c->busy = false;
	if (!TAILQ_EMPTY(&c->dirty))
		event_active(c->flush, 0, 0);
	runtime_check_drained(c->rt);
}

static void
send_batch(struct committer *c)
{
	store_commit(c->rt->env.store, &c->batch, on_committed, c);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	send_batch(arg);
}

static void
on_flush(evutil_socket_t fd, short what, void *arg)
{
	struct committer	*c = arg;

	(void)fd;
	(void)what;
	if (c->busy || TAILQ_EMPTY(&c->dirty))
		return;
	c->busy = true;
	gather(c);
	if (c->nmembers > 0) {
		patience(c);
		send_batch(c);
		return;
	}
	c->busy = false;
	if (!TAILQ_EMPTY(&c->dirty))
		event_active(c->flush, 0, 0);
	runtime_check_drained(c->rt);
}

struct committer *
committer_new(struct runtime *rt)
{
	struct committer	*c = xcalloc(1, sizeof *c);

	c->rt = rt;
	TAILQ_INIT(&c->dirty);
	c->flush = event_new(rt->env.base, -1, 0, on_flush, c);
	c->again = evtimer_new(rt->env.base, on_again, c);
	c->slow = evtimer_new(rt->env.base, on_slow, c);
	return c;
}

void
committer_free(struct committer *c)
{
	if (c == NULL)
		return;
	event_free(c->flush);
	event_free(c->again);
	event_free(c->slow);
	free(c->messages);
	free(c);
}

void
committer_add(struct committer *c, struct resident *x)
{
	/* One that is in flight waits: its next chunk goes with a later batch. */
	if (x->dirty || x->pending.n == 0)
		return;
	x->dirty = true;
	TAILQ_INSERT_TAIL(&c->dirty, x, dirty_entry);
	c->ndirty++;
	if (!c->busy)
		event_active(c->flush, 0, 0);
}

void
committer_remove(struct committer *c, struct resident *x)
{
	if (!x->dirty)
		return;
	x->dirty = false;
	TAILQ_REMOVE(&c->dirty, x, dirty_entry);
	c->ndirty--;
}

bool
committer_idle(const struct committer *c)
{
	return !c->busy && TAILQ_EMPTY(&c->dirty);
}

bool
committer_troubled(const struct committer *c)
{
	return c->trouble_ms != 0;
}

size_t
committer_waiting(const struct committer *c)
{
	return c->ndirty + (c->busy ? c->nmembers : 0);
}
