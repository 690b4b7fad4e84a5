/*
 * engine/store_commit.c - the hot path: what many executions add, at once.
 *
 * One statement is one transaction.  Its parts see each other only by what they
 * RETURN, for all share one snapshot:
 *
 *	started		rows of new executions, if the machine is still the one
 *	written		chunks; of a start only if `started` has it
 *	changed		rows of executions that ended, parked or came back
 *	sent		queue messages
 *
 * and the answer lists the chunks that are not in `written`: in most commits
 * none.
 *
 * How it is worded has reasons.  Plans are cached while tables grow from empty
 * to huge, so nothing here may depend on statistics: rows are found by ON
 * CONFLICT, which always goes by the primary key (an UPDATE joined with the
 * parameters may become a scan of the table), and the parts are joined by IN
 * under IS TRUE or NOT IN, which stay hashed subplans.  Chunks are sorted by
 * key: two processes that commit the same executions cannot deadlock.
 *
 * Invariants:
 *   - one chunk per execution in a batch;
 *   - a chunk without `start` belongs to an execution that has its row.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store_private.h"
#include "xmalloc.h"

#define BATCH_BYTES_MAX	((size_t)900 << 20)	/* a parameter ends at 1 GB */
#define TRIES_MAX	4

#define WRITTEN								\
	"written AS ("							\
	"INSERT INTO pawl.history (shard, execution_id, first_id, last_id,"\
	" events) SELECT c.shard, c.id, c.first_id, c.last_id, c.events"\
	" FROM unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::bigint[],"\
	" $5::text[]) AS c(shard, id, first_id, last_id, events)"

#define ANSWER								\
	" ON CONFLICT DO NOTHING RETURNING execution_id)"

#define REFUSED								\
	" SELECT c.i - 1 FROM unnest($2::uuid[]) WITH ORDINALITY AS c(id, i)"\
	" WHERE c.id NOT IN (SELECT execution_id FROM written)"

#define STARTED								\
	"started AS ("							\
	"INSERT INTO pawl.execution (shard, id, machine_id, revision,"	\
	" started_ms, ended_ms, wake_ms, status, name)"			\
	" SELECT s.shard, s.id, s.machine_id, s.revision, s.started_ms,"\
	" nullif(s.ended_ms, 0), CASE s.ended_ms WHEN 0 THEN s.wake_ms END,"\
	" s.status, s.name"						\
	" FROM unnest($6::bigint[], $7::uuid[], $8::bigint[], $9::bigint[],"\
	" $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[],"	\
	" $14::text[]) AS s(shard, id, machine_id, revision, started_ms,"\
	" ended_ms, wake_ms, status, name)"				\
	" WHERE EXISTS (SELECT FROM pawl.machine m WHERE m.id = s.machine_id"\
	" AND m.revision = s.revision AND m.deleted_ms IS NULL)"	\
	" ON CONFLICT DO NOTHING RETURNING id), "

/* A chunk with first_id 1 is a start, and only that. */
#define OF_STARTED							\
	" WHERE c.first_id > 1 OR c.id IN (SELECT id FROM started)"

#define CHANGED								\
	", changed AS ("						\
	"INSERT INTO pawl.execution AS x (shard, id, machine_id, revision,"\
	" started_ms, ended_ms, wake_ms, status, name)"			\
	" SELECT r.shard, r.id, 0, 0, 0, nullif(r.ended_ms, 0),"	\
	" CASE r.ended_ms WHEN 0 THEN r.wake_ms END, r.status, ''"	\
	" FROM unnest($15::bigint[], $16::uuid[], $17::bigint[],"	\
	" $18::bigint[], $19::bigint[])"				\
	" AS r(shard, id, ended_ms, wake_ms, status)"			\
	" WHERE (r.id IN (SELECT execution_id FROM written)) IS TRUE"	\
	" ON CONFLICT (shard, id) DO UPDATE SET status = excluded.status,"\
	" ended_ms = excluded.ended_ms, wake_ms = excluded.wake_ms)"

#define SENT								\
	", sent AS ("							\
	"INSERT INTO pawl.message (shard, queue_id, id, sent_ms, visible_ms,"\
	" body, attributes) SELECT s.shard, s.queue_id, s.id,"		\
	" (extract(epoch FROM now()) * 1000)::bigint, s.visible_ms, s.body,"\
	" s.attributes FROM unnest($20::bigint[], $21::uuid[],"		\
	" $22::bigint[], $23::uuid[], $24::bigint[], $25::text[],"	\
	" $26::text[]) AS s(shard, execution_id, queue_id, id, visible_ms,"\
	" body, attributes)"						\
	" WHERE (s.execution_id IN (SELECT execution_id FROM written))"	\
	" IS TRUE ON CONFLICT DO NOTHING)"

/* Most commits only append; what is not asked for should cost nothing. */
static const struct db_statement append_only = { "commit_append",
	"WITH " WRITTEN ANSWER REFUSED, false
};
static const struct db_statement without_messages = { "commit_rows",
	"WITH " STARTED WRITTEN OF_STARTED ANSWER CHANGED REFUSED, false
};
static const struct db_statement with_messages = { "commit_messages",
	"WITH " STARTED WRITTEN OF_STARTED ANSWER CHANGED SENT REFUSED, false
};

/* Which of the refused chunks are there all the same, as we wrote them. */
static const struct db_statement compare = { NULL,
	"SELECT c.i - 1 FROM unnest($1::bigint[], $2::uuid[], $3::bigint[],"
	" $4::text[]) WITH ORDINALITY AS c(shard, id, first_id, events, i)"
	" WHERE EXISTS (SELECT FROM pawl.history h WHERE h.shard = c.shard"
	" AND h.execution_id = c.id AND h.first_id = c.first_id"
	" AND h.events = c.events)", true
};

struct commit {
	struct store			*store;
	const struct store_batch	*batch;
	store_committed			 done;
	void				*arg;
	const struct store_chunk       **sorted;	/* by key */
	bool				*kept;		/* as the batch has them */
	size_t				*refused;	/* into sorted */
	size_t				 nrefused;
	int				 tries;
	char				*unsuitable;	/* why it was not run */
};

/* ---- parameters ---- */

struct column {
	enum db_array_type	 type;
	struct db_array		*array;
};

static void
columns_make(struct column *list, const enum db_array_type *types, size_t n)
{
	for (size_t i = 0; i < n; i++)
		list[i] = (struct column){ types[i], db_array_new(types[i]) };
}

static void
columns_bind(struct column *list, size_t n, struct store_args *a)
{
	for (size_t i = 0; i < n; i++)
		store_arg_array(a, list[i].array);
}

static void
columns_free(struct column *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		db_array_free(list[i].array);
}

static void
add_text(struct column *c, const char *text)
{
	db_array_add(c->array, text, text == NULL ? 0 : strlen(text));
}

enum { NCHUNK = 5, NSTART = 9, NROW = 5, NMESSAGE = 7 };

static void
add_chunk(struct column *c, const struct store_chunk *k)
{
	db_array_add_int(c[0].array, k->shard);
	db_array_add_uuid(c[1].array, k->id.bytes);
	db_array_add_int(c[2].array, k->first_id);
	db_array_add_int(c[3].array, k->last_id);
	db_array_add(c[4].array, k->events, k->events_len);
}

static void
add_start(struct column *c, const struct store_chunk *k)
{
	db_array_add_int(c[0].array, k->shard);
	db_array_add_uuid(c[1].array, k->id.bytes);
	db_array_add_int(c[2].array, k->machine_id);
	db_array_add_int(c[3].array, k->revision);
	db_array_add_int(c[4].array, k->started_ms);
	db_array_add_int(c[5].array, k->ended_ms);
	db_array_add_int(c[6].array, k->wake_ms);
	db_array_add_int(c[7].array, k->status);
	add_text(&c[8], k->name);
}

static void
add_row(struct column *c, const struct store_chunk *k)
{
	db_array_add_int(c[0].array, k->shard);
	db_array_add_uuid(c[1].array, k->id.bytes);
	db_array_add_int(c[2].array, k->ended_ms);
	db_array_add_int(c[3].array, k->wake_ms);
	db_array_add_int(c[4].array, k->status);
}

static void
add_message(struct column *c, const struct store_message *m,
    const struct store_chunk *k)
{
	db_array_add_int(c[0].array, k->shard);
	db_array_add_uuid(c[1].array, k->id.bytes);
	db_array_add_int(c[2].array, m->queue_id);
	db_array_add_uuid(c[3].array, m->id.bytes);
	db_array_add_int(c[4].array, m->visible_ms);
	add_text(&c[5], m->body);
	add_text(&c[6], m->attributes);
}

/* ---- answers ---- */

static void	commit_send(struct commit *);

static void
commit_end(struct commit *c, const struct err *e)
{
	c->done(e, c->kept, c->arg);
	free(c->sorted);
	free(c->kept);
	free(c->refused);
	free(c->unsuitable);
	free(c);
}

/* SQLSTATEs that say that the values are at fault, today and always. */
static bool
is_unwritable(const char *state)
{
	return strncmp(state, "22", 2) == 0 || strncmp(state, "54", 2) == 0;
}

static void
commit_fail(struct commit *c, enum db_status status, const struct db_result *r)
{
	struct err	 e = ERR_INIT;

	if (status == DB_FAILED && is_unwritable(db_sqlstate(r)))
		err_set(&e, "Unwritable", "PostgreSQL: %s", db_message(r));
	store_outcome(&e, status, r);
	commit_end(c, &e);
	err_clear(&e);
}

static bool *
kept_of(struct commit *c, size_t sorted)
{
	return &c->kept[c->sorted[sorted] - c->batch->chunks];
}

static void
compare_done(enum db_status status, const struct db_result *r, void *arg)
{
	struct commit	*c = arg;
	struct err	 e = ERR_INIT;

	if (status != DB_OK) {
		/* The write stands; only a repetition can tell which. */
		memset(c->kept, 0, c->batch->nchunks * sizeof *c->kept);
		commit_fail(c, DB_UNKNOWN, NULL);
		return;
	}
	for (int i = 0; i < db_rows(r); i++)
		*kept_of(c, c->refused[db_int(r, i, 0)]) = true;
	commit_end(c, &e);
}

static void
compare_send(struct commit *c)
{
	static const enum db_array_type	 types[4] = { DB_INTS, DB_UUIDS, DB_INTS,
					    DB_TEXTS };
	struct column			 cols[4];
	struct store_args		 a = { .n = 0 };

	columns_make(cols, types, 4);
	for (size_t i = 0; i < c->nrefused; i++) {
		const struct store_chunk	*k = c->sorted[c->refused[i]];

		db_array_add_int(cols[0].array, k->shard);
		db_array_add_uuid(cols[1].array, k->id.bytes);
		db_array_add_int(cols[2].array, k->first_id);
		db_array_add(cols[3].array, k->events, k->events_len);
	}
	columns_bind(cols, 4, &a);
	db_run(c->store->commits, &compare, a.list, a.n, compare_done, c);
	columns_free(cols, 4);
}

static void
commit_done(enum db_status status, const struct db_result *r, void *arg)
{
	struct commit	*c = arg;
	struct err	 e = ERR_INIT;

	if (store_again(status, r) && ++c->tries < TRIES_MAX) {
		commit_send(c);
		return;
	}
	if (status != DB_OK) {
		commit_fail(c, status, r);
		return;
	}
	for (size_t i = 0; i < c->batch->nchunks; i++)
		c->kept[i] = true;
	c->nrefused = (size_t)db_rows(r);
	if (c->nrefused == 0) {
		commit_end(c, &e);
		return;
	}
	c->refused = xreallocarray(NULL, c->nrefused, sizeof *c->refused);
	for (size_t i = 0; i < c->nrefused; i++) {
		c->refused[i] = (size_t)db_int(r, (int)i, 0);
		*kept_of(c, c->refused[i]) = false;
	}
	compare_send(c);
}

/* ---- sending ---- */

static const enum db_array_type	 chunk_types[NCHUNK] = { DB_INTS, DB_UUIDS,
	DB_INTS, DB_INTS, DB_TEXTS };
static const enum db_array_type	 start_types[NSTART] = { DB_INTS, DB_UUIDS,
	DB_INTS, DB_INTS, DB_INTS, DB_INTS, DB_INTS, DB_INTS, DB_TEXTS };
static const enum db_array_type	 row_types[NROW] = { DB_INTS, DB_UUIDS, DB_INTS,
	DB_INTS, DB_INTS };
static const enum db_array_type	 message_types[NMESSAGE] = { DB_INTS, DB_UUIDS,
	DB_INTS, DB_UUIDS, DB_INTS, DB_TEXTS, DB_TEXTS };

static void
commit_send(struct commit *c)
{
	const struct store_batch	*b = c->batch;
	struct column			 chunks[NCHUNK], starts[NSTART];
	struct column			 rows[NROW], messages[NMESSAGE];
	struct store_args		 a = { .n = 0 };
	const struct db_statement	*s = &append_only;

	columns_make(chunks, chunk_types, NCHUNK);
	columns_make(starts, start_types, NSTART);
	columns_make(rows, row_types, NROW);
	columns_make(messages, message_types, NMESSAGE);
	for (size_t i = 0; i < b->nchunks; i++) {
		const struct store_chunk	*k = c->sorted[i];

		add_chunk(chunks, k);
		if (k->start)
			add_start(starts, k);
		else if (k->row)
			add_row(rows, k);
	}
	for (size_t i = 0; i < b->nmessages; i++)
		add_message(messages, &b->messages[i],
		    &b->chunks[b->messages[i].chunk]);
	columns_bind(chunks, NCHUNK, &a);
	if (b->nmessages > 0 || db_array_count(starts[0].array) > 0 ||
	    db_array_count(rows[0].array) > 0) {
		columns_bind(starts, NSTART, &a);
		columns_bind(rows, NROW, &a);
		s = &without_messages;
	}
	if (b->nmessages > 0) {
		columns_bind(messages, NMESSAGE, &a);
		s = &with_messages;
	}
	db_run(c->store->commits, s, a.list, a.n, commit_done, c);
	columns_free(chunks, NCHUNK);
	columns_free(starts, NSTART);
	columns_free(rows, NROW);
	columns_free(messages, NMESSAGE);
}

static int
by_key(const void *va, const void *vb)
{
	const struct store_chunk	*a = *(const struct store_chunk *const *)va;
	const struct store_chunk	*b = *(const struct store_chunk *const *)vb;

	if (a->shard != b->shard)
		return a->shard < b->shard ? -1 : 1;
	return memcmp(a->id.bytes, b->id.bytes, sizeof a->id.bytes);
}

static void
say_unsuitable(evutil_socket_t fd, short what, void *arg)
{
	struct commit	*c = arg;
	struct err	 e = ERR_INIT;

	(void)fd, (void)what;
	err_set(&e, "Unwritable", "%s", c->unsuitable);
	commit_end(c, &e);
	err_clear(&e);
}

void
store_commit(struct store *s, const struct store_batch *b, store_committed done,
    void *arg)
{
	struct commit	*c = xcalloc(1, sizeof *c);
	size_t		 bytes = 0;
	struct timeval	 now = { 0, 0 };

	*c = (struct commit){ .store = s, .batch = b, .done = done, .arg = arg };
	c->sorted = xreallocarray(NULL, b->nchunks + 1, sizeof *c->sorted);
	c->kept = xcalloc(b->nchunks + 1, sizeof *c->kept);
	for (size_t i = 0; i < b->nchunks; i++) {
		c->sorted[i] = &b->chunks[i];
		bytes += b->chunks[i].events_len + 16;
		assert(b->chunks[i].start == (b->chunks[i].first_id == 1));
	}
	for (size_t i = 0; i < b->nmessages; i++)
		bytes += strlen(b->messages[i].body);
	qsort(c->sorted, b->nchunks, sizeof *c->sorted, by_key);
	for (size_t i = 1; i < b->nchunks; i++)
		assert(by_key(&c->sorted[i - 1], &c->sorted[i]) != 0);
	if (bytes > BATCH_BYTES_MAX) {
		c->unsuitable = xasprintf("a commit of %zu bytes is too large", bytes);
		event_base_once(s->base, -1, EV_TIMEOUT, say_unsuitable, c, &now);
		return;
	}
	commit_send(c);
}
