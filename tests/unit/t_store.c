/*
 * tests/unit/t_store.c - commits and executions, against a real PostgreSQL.
 */

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chunk.h"
#include "db.h"
#include "migrate.h"
#include "pgtest.h"
#include "store.h"
#include "strbuf.h"
#include "unit.h"
#include "xmalloc.h"

static struct store	*store;
static int64_t		 machine;	/* id of the machine "m" */

/* ---- answers, kept ---- */

struct kept {
	bool	 done;
	char	 code[96];
	bool	 list[300];
	size_t	 n;
};

static void
on_commit(const struct err *e, const bool *kept, void *arg)
{
	struct kept	*k = arg;

	CU_ASSERT_FALSE(k->done);
	k->done = true;
	snprintf(k->code, sizeof k->code, "%s", e->code);
	memcpy(k->list, kept, k->n * sizeof *kept);
}

static void
commit(struct store_chunk *chunks, size_t n, struct store_message *messages,
    size_t nmessages, struct kept *k)
{
	struct store_batch	 b = { chunks, n, messages, nmessages };

	memset(k, 0, sizeof *k);
	k->n = n;
	store_commit(store, &b, on_commit, k);
	CU_ASSERT_FALSE(k->done);
	CU_ASSERT_TRUE(pgtest_wait(&k->done));
}

/* Executions as text, one a line: what lists and loads answered. */
struct text {
	bool		 done;
	char		 code[96];
	struct strbuf	 b;
};

static void
print_execution(struct strbuf *b, const struct store_execution *x)
{
	strbuf_addf(b, "%s/%s r%" PRId64 " s%d %" PRId64 "-%" PRId64 " w%" PRId64,
	    x->machine_name, x->name, x->revision, x->status, x->started_ms,
	    x->ended_ms, x->wake_ms);
}

static void
on_loaded(const struct err *e, const struct store_execution *x,
    const struct store_text *chunks, size_t n, void *arg)
{
	struct text	*t = arg;

	t->done = true;
	snprintf(t->code, sizeof t->code, "%s", e->code);
	strbuf_reset(&t->b);
	CU_ASSERT_EQUAL(x == NULL, e->code[0] != '\0');
	if (x != NULL)
		print_execution(&t->b, x);
	for (size_t i = 0; i < n; i++) {
		strbuf_addf(&t->b, " [%" PRId64 "-%" PRId64 " %s]",
		    chunks[i].first_id, chunks[i].last_id, chunks[i].events);
		CU_ASSERT_EQUAL(chunks[i].len, strlen(chunks[i].events));
	}
}

static void
on_listed(const struct err *e, const struct store_execution *list, size_t n,
    void *arg)
{
	struct text	*t = arg;

	t->done = true;
	snprintf(t->code, sizeof t->code, "%s", e->code);
	strbuf_reset(&t->b);
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&t->b, "%s%s", i == 0 ? "" : " ", list[i].name);
}

static const char *
wait_text(struct text *t)
{
	CU_ASSERT_TRUE(pgtest_wait(&t->done));
	t->done = false;
	return t->code[0] != '\0' ? t->code : strbuf_str(&t->b);
}

/* ---- chunks ---- */

static struct store_chunk
chunk(const char *name, int64_t first, int64_t last, const char *events)
{
	struct exec_id	 id = arn_exec_id("m", name);

	return (struct store_chunk){ .id = id, .shard = arn_shard(&id),
	    .first_id = first, .last_id = last, .events = events,
	    .events_len = strlen(events) };
}

static struct store_chunk
start(const char *name, const char *events, int64_t started_ms)
{
	struct store_chunk	 k = chunk(name, 1, 2, events);

	k.start = true;
	k.machine_id = machine;
	k.revision = 1;
	k.name = name;
	k.started_ms = started_ms;
	return k;
}

static void
load(const char *name, struct text *t)
{
	struct exec_id	 id = arn_exec_id("m", name);

	store_load(store, &id, arn_shard(&id), on_loaded, t);
}

static void
test_life(void)
{
	struct store_chunk	 k = start("life", "one", 1000);
	struct text		 t = { .b = STRBUF_INIT };
	struct kept		 kept;

	load("life", &t);
	UNIT_STR(wait_text(&t), "NotFound");
	commit(&k, 1, NULL, 0, &kept);
	UNIT_STR(kept.code, "");
	CU_ASSERT_TRUE(kept.list[0]);
	load("life", &t);
	UNIT_STR(wait_text(&t), "m/life r1 s0 1000-0 w0 [1-2 one]");

	k = chunk("life", 3, 5, "{\"a\":\"\\\\\\\"\xc3\xa4\"}");
	commit(&k, 1, NULL, 0, &kept);
	CU_ASSERT_TRUE(kept.list[0]);
	k = chunk("life", 6, 6, "three");
	k.row = true;
	k.wake_ms = 99000;
	commit(&k, 1, NULL, 0, &kept);
	CU_ASSERT_TRUE(kept.list[0]);
	load("life", &t);
	UNIT_STR(wait_text(&t), "m/life r1 s0 1000-0 w99000 [1-2 one] "
	    "[3-5 {\"a\":\"\\\\\\\"\xc3\xa4\"}] [6-6 three]");

	k = chunk("life", 7, 9, "four");
	k.row = true;
	k.status = 1;
	k.ended_ms = 5000;
	k.wake_ms = 77;			/* of no meaning at the end */
	commit(&k, 1, NULL, 0, &kept);
	CU_ASSERT_TRUE(kept.list[0]);
	store_describe(store, &k.id, k.shard, on_loaded, &t);
	UNIT_STR(wait_text(&t), "m/life r1 s1 1000-5000 w0 [1-2 one] [7-9 four]");
	strbuf_free(&t.b);
}

/* Starts and ends within one chunk. */
static void
test_short_life(void)
{
	struct store_chunk	 k = start("short", "all", 1000);
	struct text		 t = { .b = STRBUF_INIT };
	struct kept		 kept;

	k.row = true;
	k.status = 2;
	k.ended_ms = 1001;
	commit(&k, 1, NULL, 0, &kept);
	CU_ASSERT_TRUE(kept.list[0]);
	store_describe(store, &k.id, k.shard, on_loaded, &t);
	UNIT_STR(wait_text(&t), "m/short r1 s2 1000-1001 w0 [1-2 all]");
	strbuf_free(&t.b);
}

static void
test_refused(void)
{
	struct store_chunk	 k[7];
	struct text		 t = { .b = STRBUF_INIT };
	struct kept		 kept;

	k[0] = start("a", "a1", 1);
	k[1] = start("b", "b1", 1);
	commit(k, 2, NULL, 0, &kept);
	CU_ASSERT_TRUE(kept.list[0] && kept.list[1]);

	k[0] = start("a", "other", 2);		/* the name is taken */
	k[1] = start("c", "c1", 2);
	k[1].revision = 7;			/* the machine has changed */
	k[2] = start("d", "d1", 2);
	k[2].machine_id = 4711;			/* or was never there */
	k[3] = start("e", "e1", 2);		/* fine */
	k[4] = chunk("b", 3, 4, "b3");		/* fine */
	k[5] = chunk("life", 7, 8, "late");	/* somebody was faster */
	k[5].row = true;
	k[5].status = 4;
	k[5].ended_ms = 6000;
	k[6] = chunk("short", 3, 3, "more");	/* fine, with a row */
	k[6].row = true;
	k[6].status = 3;
	k[6].ended_ms = 1002;
	commit(k, 7, NULL, 0, &kept);
	UNIT_STR(kept.code, "");
	CU_ASSERT_FALSE(kept.list[0]);
	CU_ASSERT_FALSE(kept.list[1]);
	CU_ASSERT_FALSE(kept.list[2]);
	CU_ASSERT_TRUE(kept.list[3]);
	CU_ASSERT_TRUE(kept.list[4]);
	CU_ASSERT_FALSE(kept.list[5]);
	CU_ASSERT_TRUE(kept.list[6]);

	load("a", &t);
	UNIT_STR(wait_text(&t), "m/a r1 s0 1-0 w0 [1-2 a1]");
	load("c", &t);
	UNIT_STR(wait_text(&t), "NotFound");
	load("d", &t);
	UNIT_STR(wait_text(&t), "NotFound");
	load("e", &t);
	UNIT_STR(wait_text(&t), "m/e r1 s0 2-0 w0 [1-2 e1]");
	load("b", &t);
	UNIT_STR(wait_text(&t), "m/b r1 s0 1-0 w0 [1-2 b1] [3-4 b3]");
	store_describe(store, &k[5].id, k[5].shard, on_loaded, &t);
	UNIT_STR(wait_text(&t), "m/life r1 s1 1000-5000 w0 [1-2 one] [7-9 four]");
	strbuf_free(&t.b);
}

/* What was written before and is sent again counts as kept, once. */
static void
test_repeated(void)
{
	struct exec_id		 mid = arn_exec_id("q", "message");
	struct store_chunk	 k[2] = { start("again", "x1", 1),
				    chunk("e", 3, 3, "e3") };
	struct store_message	 m = { 0, 1, mid, "body", NULL, 5 };
	struct kept		 kept;
	char			*n;

	for (int i = 0; i < 3; i++) {
		commit(k, 2, &m, 1, &kept);
		UNIT_STR(kept.code, "");
		CU_ASSERT_TRUE(kept.list[0]);
		CU_ASSERT_TRUE(kept.list[1]);
	}
	k[0] = start("again", "x2", 1);
	k[1].events = "e4";
	m.id = arn_exec_id("q", "another");
	commit(k, 2, &m, 1, &kept);
	CU_ASSERT_FALSE(kept.list[0]);
	CU_ASSERT_FALSE(kept.list[1]);
	n = pgtest_sql("SELECT string_agg(body || '@' || visible_ms, ' ') "
	    "FROM pawl.message WHERE queue_id = 1");
	UNIT_STR(n, "body@5");
	free(n);
}

static void
test_empty(void)
{
	struct store_chunk	 none[1];
	struct kept		 kept;

	memset(none, 0, sizeof none);
	commit(none, 0, NULL, 0, &kept);
	UNIT_STR(kept.code, "");
}

/* Many at once, of all kinds, in one transaction. */
static void
test_batch(void)
{
	static struct store_chunk	 k[256];
	static struct store_message	 m[64];
	static char			 names[256][16];
	struct kept			 kept;
	char				*n;

	for (int i = 0; i < 256; i++) {
		snprintf(names[i], sizeof names[i], "batch-%d", i);
		k[i] = start(names[i], "start", 1000 + i);
	}
	commit(k, 256, NULL, 0, &kept);
	for (int i = 0; i < 256; i++)
		CU_ASSERT_TRUE(kept.list[i]);
	for (int i = 0; i < 256; i++) {
		k[i] = chunk(names[i], 3, 4, i % 5 == 0 ? "" : "step");
		k[i].row = i % 2 == 0;
		k[i].status = 1;
		k[i].ended_ms = 2000;
	}
	for (int i = 0; i < 64; i++)
		m[i] = (struct store_message){ (size_t)i * 4, 2,
		    arn_exec_id("q", names[i]), names[i], "{}", 0 };
	commit(k, 256, m, 64, &kept);
	for (int i = 0; i < 256; i++)
		CU_ASSERT_TRUE(kept.list[i]);
	n = pgtest_sql("SELECT count(*) || ' ' || count(ended_ms) || ' ' || "
	    "count(wake_ms) FROM pawl.execution WHERE name LIKE 'batch-%'");
	UNIT_STR(n, "256 128 128");
	free(n);
	/* A message has the shard of its execution. */
	n = pgtest_sql("SELECT count(*) || ' ' || count(DISTINCT body) FROM "
	    "pawl.message m WHERE queue_id = 2 AND EXISTS (SELECT FROM "
	    "pawl.execution x WHERE x.shard = m.shard AND x.name LIKE 'batch-%')");
	UNIT_STR(n, "64 64");
	free(n);
}

/* The connection breaks in the middle of the write. */
static void
test_unknown(void)
{
	struct store_chunk	 k = chunk("a", 3, 3, "a3");
	struct store_batch	 b = { &k, 1, NULL, 0 };
	struct kept		 kept = { .n = 1 };
	struct text		 t = { .b = STRBUF_INIT };
	struct err		 e = ERR_INIT;
	struct db_session	*blocker;

	/* Somebody holds the same key, so that the statement hangs. */
	blocker = db_session_open(postgres_conninfo(pgtest_postgres), &e);
	CU_ASSERT_PTR_NOT_NULL_FATAL(blocker);
	CU_ASSERT_EQUAL(db_session_run(blocker, "BEGIN; INSERT INTO pawl.history "
	    "SELECT shard, execution_id, 3, 3, 'rival' FROM pawl.history "
	    "WHERE events = 'a1'", &e), 0);
	store_commit(store, &b, on_commit, &kept);
	for (int i = 0; i < 500; i++) {
		char	*pid = pgtest_sql("SELECT pg_terminate_backend(pid) FROM "
			    "pg_stat_activity WHERE wait_event_type = 'Lock'");

		free(pid);
		if (pid != NULL)
			break;
		pgtest_run_ms(5);
	}
	CU_ASSERT_TRUE(pgtest_wait(&kept.done));
	UNIT_STR(kept.code, "UnknownOutcome");
	CU_ASSERT_EQUAL(db_session_run(blocker, "ROLLBACK", &e), 0);
	db_session_close(blocker);

	/* The same again, over the connection that was opened anew: twice, as
	 * if the first had been the one that broke after its commit. */
	for (int i = 0; i < 2; i++) {
		commit(&k, 1, NULL, 0, &kept);
		UNIT_STR(kept.code, "");
		CU_ASSERT_TRUE(kept.list[0]);
	}
	load("a", &t);
	UNIT_STR(wait_text(&t), "m/a r1 s0 1-0 w0 [1-2 a1] [3-3 a3]");
	strbuf_free(&t.b);
}

/* PostgreSQL is killed and started again while commits are on their way; each
 * is repeated until its outcome is known. */
static void
test_killed(void)
{
	struct store_chunk	 k = start("killed", "first", 1);
	struct store_batch	 b = { &k, 1, NULL, 0 };
	struct kept		 kept;
	struct err		 e = ERR_INIT;
	char			 text[16], *n;
	int			 status, repeated = 0;

	commit(&k, 1, NULL, 0, &kept);
	CU_ASSERT_TRUE(kept.list[0]);
	for (int i = 0; i < 30; i++) {
		snprintf(text, sizeof text, "step %d", i);
		k = chunk("killed", 3 + i, 3 + i, text);
		kept = (struct kept){ .n = 1 };
		store_commit(store, &b, on_commit, &kept);
		if (i % 10 == 5) {
			pgtest_run_ms(i / 10);
			kill(postgres_pid(pgtest_postgres), SIGKILL);
			while (!postgres_reap(pgtest_postgres, &status))
				pgtest_run_ms(1);
			postgres_stop(pgtest_postgres);
			pgtest_postgres = postgres_start(pgtest_folder, &e);
			CU_ASSERT_PTR_NOT_NULL_FATAL(pgtest_postgres);
		}
		CU_ASSERT_TRUE(pgtest_wait(&kept.done));
		while (kept.code[0] != '\0') {
			CU_ASSERT_TRUE(strcmp(kept.code, "UnknownOutcome") == 0 ||
			    strcmp(kept.code, "Unavailable") == 0);
			repeated++;
			commit(&k, 1, NULL, 0, &kept);
		}
		CU_ASSERT_TRUE(kept.list[0]);
	}
	n = pgtest_sql("SELECT count(*) || ' ' || count(DISTINCT events) || ' ' || "
	    "min(first_id) || '-' || max(last_id) FROM pawl.history h JOIN "
	    "pawl.execution x ON x.shard = h.shard AND x.id = h.execution_id "
	    "WHERE x.name = 'killed'");
	UNIT_STR(n, "31 31 1-32");
	free(n);
	printf("# repeated %d times\n", repeated);
}

static void
test_history(void)
{
	struct store_chunk	 k = start("h", "1-2", 1);
	struct text		 t = { .b = STRBUF_INIT };
	struct kept		 kept;
	static char		 text[5][8];

	commit(&k, 1, NULL, 0, &kept);
	for (int i = 0; i < 5; i++) {
		snprintf(text[i], sizeof text[i], "%d-%d", 3 + i * 3, 5 + i * 3);
		k = chunk("h", 3 + i * 3, 5 + i * 3, text[i]);
		commit(&k, 1, NULL, 0, &kept);
	}
#define HISTORY(from, to, reverse, limit) (store_history(store, &k.id, k.shard,	\
	from, to, reverse, limit, on_loaded, &t), wait_text(&t))
#define ROW "m/h r1 s0 1-0 w0"
	UNIT_STR(HISTORY(1, 4, false, 10), ROW " [1-2 1-2] [3-5 3-5]");
	UNIT_STR(HISTORY(4, 6, false, 10), ROW " [3-5 3-5] [6-8 6-8]");
	UNIT_STR(HISTORY(5, 5, false, 10), ROW " [3-5 3-5]");
	UNIT_STR(HISTORY(5, 99, false, 2), ROW " [3-5 3-5] [6-8 6-8]");
	UNIT_STR(HISTORY(17, 17, false, 10), ROW " [15-17 15-17]");
	UNIT_STR(HISTORY(18, 99, false, 10), ROW);
	UNIT_STR(HISTORY(99, 13, true, 10), ROW " [15-17 15-17] [12-14 12-14]");
	UNIT_STR(HISTORY(7, 1, true, 2), ROW " [6-8 6-8] [3-5 3-5]");
	UNIT_STR(HISTORY(2, 1, true, 2), ROW " [1-2 1-2]");
	k = chunk("nobody", 1, 1, "");
	UNIT_STR(HISTORY(1, 9, false, 9), "NotFound");
	strbuf_free(&t.b);
}

static void
test_list(void)
{
	struct text	 t = { .b = STRBUF_INIT };
	struct exec_id	 id = arn_exec_id("m", "batch-250");

	store_list(store, machine, -1, 0, NULL, 3, on_listed, &t);
	UNIT_STR(wait_text(&t), "batch-255 batch-254 batch-253");
	store_list(store, 0, -1, 0, NULL, 2, on_listed, &t);
	UNIT_STR(wait_text(&t), "batch-255 batch-254");
	store_list(store, machine, 1, 0, NULL, 3, on_listed, &t);
	UNIT_STR(wait_text(&t), "batch-254 batch-252 batch-250");
	store_list(store, machine, 1, 1250, &id, 2, on_listed, &t);
	UNIT_STR(wait_text(&t), "batch-248 batch-246");
	store_list(store, 0, 0, 1250, &id, 2, on_listed, &t);
	UNIT_STR(wait_text(&t), "batch-249 batch-247");
	store_list(store, 4711, -1, 0, NULL, 3, on_listed, &t);
	UNIT_STR(wait_text(&t), "");
	store_list(store, machine, 3, 0, NULL, 9, on_listed, &t);
	UNIT_STR(wait_text(&t), "short");
	strbuf_free(&t.b);
}

/* Pages through executions that started in the same millisecond. */
static void
test_list_same_time(void)
{
	static char		 names[7][8];
	struct store_chunk	 k[7];
	struct kept		 kept;
	struct text		 t = { .b = STRBUF_INIT };
	struct strbuf		 all = STRBUF_INIT;
	struct exec_id		 after;
	char			*want;

	for (int i = 0; i < 7; i++) {
		snprintf(names[i], sizeof names[i], "same%d", i);
		k[i] = start(names[i], "s", 777777);
	}
	commit(k, 7, NULL, 0, &kept);
	for (int i = 0; i < 7; i++) {
		store_list(store, machine, -1, i == 0 ? 0 : 777777, &after, 1,
		    on_listed, &t);
		strbuf_addf(&all, "%s ", wait_text(&t));
		after = arn_exec_id("m", strbuf_str(&t.b));
	}
	want = pgtest_sql("SELECT string_agg(name, ' ' ORDER BY id) || ' ' "
	    "FROM pawl.execution WHERE started_ms = 777777");
	UNIT_STR(strbuf_str(&all), want);
	free(want);
	strbuf_free(&all);
	strbuf_free(&t.b);
}

static void
test_due(void)
{
	struct store_chunk	 k[4] = { start("due0", "x", 1), start("due1", "x", 1),
				    start("due2", "x", 1), start("due3", "x", 1) };
	struct text		 t = { .b = STRBUF_INIT };
	struct kept		 kept;
	int			 shards[3];

	k[1].wake_ms = 5000;
	k[2].wake_ms = 9000;
	k[3].ended_ms = 9;
	for (int i = 0; i < 4; i++)
		k[i].shard = 60 + i / 2;	/* away from the others */
	commit(k, 4, NULL, 0, &kept);
	free(pgtest_sql("DELETE FROM pawl.execution WHERE shard IN (60, 61) "
	    "AND name NOT LIKE 'due%'"));
	shards[0] = 60, shards[1] = 61, shards[2] = 63;
	store_due(store, shards, 2, true, 1000, 10, on_listed, &t);
	UNIT_STR(wait_text(&t), "due0");
	store_due(store, shards, 2, true, 6000, 10, on_listed, &t);
	UNIT_STR(wait_text(&t), "due0 due1");
	store_due(store, shards, 2, false, 6000, 10, on_listed, &t);
	UNIT_STR(wait_text(&t), "due1");
	store_due(store, shards, 2, false, 9001, 10, on_listed, &t);
	UNIT_STR(wait_text(&t), "due1 due2");
	store_due(store, shards, 2, true, 9001, 1, on_listed, &t);
	UNIT_STR(wait_text(&t), "due0 due2");		/* of each shard */
	store_due(store, shards + 1, 1, true, 9001, 10, on_listed, &t);
	UNIT_STR(wait_text(&t), "due2");
	store_due(store, shards, 0, true, 9001, 10, on_listed, &t);
	UNIT_STR(wait_text(&t), "");
	strbuf_free(&t.b);
}

static void
on_open(const struct err *e, const struct store_open *rows, size_t n, void *arg)
{
	struct text	*t = arg;
	char		 id[ARN_ID_TEXT];

	strbuf_reset(&t->b);
	snprintf(t->code, sizeof t->code, "%s", e->code);
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&t->b, "%s%s %lld", i == 0 ? "" : " ",
		    arn_id_text(&rows[i].id, id), (long long)rows[i].last_id);
	t->done = true;
}

/* What runs and is not parked, page by page, with its last event. */
static void
test_open(void)
{
	struct store_chunk	 k[4] = { start("open0", "x", 1), start("open1", "x", 1),
				    start("open2", "x", 1), start("open3", "x", 1) };
	struct store_chunk	 more = chunk("open0", 3, 5, "y");
	struct exec_id		 after = { { 0 } };
	struct text		 t = { .b = STRBUF_INIT };
	struct strbuf		 all = STRBUF_INIT;
	struct kept		 kept;
	char			*want, id[ARN_ID_TEXT];

	for (int i = 0; i < 4; i++)
		k[i].shard = 59;
	more.shard = 59;
	k[2].wake_ms = 9000;
	k[3].ended_ms = 9;
	free(pgtest_sql("DELETE FROM pawl.execution WHERE shard = 59"));
	commit(k, 4, NULL, 0, &kept);
	commit(&more, 1, NULL, 0, &kept);
	want = pgtest_sql("SELECT string_agg(id || ' ' || CASE name WHEN 'open0' "
	    "THEN 5 ELSE 2 END, ' ' ORDER BY id) FROM pawl.execution "
	    "WHERE name IN ('open0', 'open1')");
	store_open_list(store, 59, &after, 10, on_open, &t);
	UNIT_STR(wait_text(&t), want);
	for (int i = 0; i < 2; i++) {
		store_open_list(store, 59, &after, 1, on_open, &t);
		strbuf_addf(&all, "%s%s", i == 0 ? "" : " ", wait_text(&t));
		snprintf(id, sizeof id, "%.36s", strbuf_str(&t.b));
		CU_ASSERT_TRUE_FATAL(arn_id_parse(id, &after));
	}
	UNIT_STR(strbuf_str(&all), want);
	store_open_list(store, 59, &after, 10, on_open, &t);
	UNIT_STR(wait_text(&t), "");
	free(want);
	strbuf_free(&all);
	strbuf_free(&t.b);
}

/* ---- the views ---- */

static struct event
event(enum event_type type, int64_t id, int64_t previous, int64_t ms,
    const char *payload, const char *name)
{
	struct event	 ev;

	event_init(&ev, type);
	ev.id = id;
	ev.previous_id = previous;
	ev.time_ms = ms;
	if (payload != NULL)
		ev.payload = payload_from_text(payload, strlen(payload));
	if (name != NULL)
		ev.name = xstrdup(name);
	return ev;
}

static void
test_views(void)
{
	struct event	 ev[5];
	struct strbuf	 one = STRBUF_INIT, two = STRBUF_INIT;
	struct store_chunk k;
	struct kept	 kept;
	char		*text;

	ev[0] = event(EVENT_ExecutionStarted, 1, 0, 1700000000123,
	    "{ \"a\" : 1.10,\"a\":null}", NULL);
	ev[1] = event(EVENT_TaskStateEntered, 2, 0, 1700000000123,
	    "{ \"a\" : 1.10,\"a\":null}", "Do it");
	ev[2] = event(EVENT_TaskScheduled, 3, 2, 1700000000123, "[2]", NULL);
	ev[2].resource = xstrdup("sendMessage");
	ev[2].resource_type = xstrdup("sqs");
	ev[2].timeout_s = 60;
	ev[3] = event(EVENT_TaskFailed, 4, 3, 1700000002000, NULL, NULL);
	ev[3].error = xstrdup("E\"1");
	ev[3].cause = xstrdup("");
	ev[4] = event(EVENT_TaskStateExited, 5, 4, 1700000001000, "\"out\"", "Do it");
	chunk_encode(ev, 3, &one);
	chunk_encode(ev + 3, 2, &two);
	k = start("view", strbuf_str(&one), 1700000000123);
	k.last_id = 3;
	commit(&k, 1, NULL, 0, &kept);
	k = chunk("view", 4, 5, strbuf_str(&two));
	k.row = true;
	k.status = 1;
	k.ended_ms = 1700000001000;
	commit(&k, 1, NULL, 0, &kept);
	CU_ASSERT_TRUE(kept.list[0]);
	text = pgtest_sql("SELECT string_agg(concat_ws('|', event_id, previous_id,"
	    " to_char(at AT TIME ZONE 'UTC', 'SS.MS'), type, name, input, output,"
	    " details), E'\\n' ORDER BY event_id) FROM pawl.history_event"
	    " WHERE machine = 'm' AND execution = 'view'");
	UNIT_STR(text,
	    "1|0|20.123|ExecutionStarted|{ \"a\" : 1.10,\"a\":null}|{}\n"
	    "2|0|20.123|TaskStateEntered|Do it|{ \"a\" : 1.10,\"a\":null}|{}\n"
	    "3|2|20.123|TaskScheduled|[2]|{\"resource\":\"sendMessage\","
	    "\"resourceType\":\"sqs\",\"timeoutInSeconds\":60}\n"
	    "4|3|22.000|TaskFailed|{\"error\":\"E\\\"1\",\"cause\":\"\"}\n"
	    "5|4|21.000|TaskStateExited|Do it|\"out\"|{}");
	free(text);
	text = pgtest_sql("SELECT concat_ws('|', machine, execution, status, "
	    "extract(epoch FROM duration), parked_until) FROM pawl.execution_view "
	    "WHERE execution = 'view'");
	UNIT_STR(text, "m|view|SUCCEEDED|0.877000");
	free(text);
	text = pgtest_sql("SELECT status || ' ' || extract(epoch FROM parked_until) "
	    "FROM pawl.execution_view WHERE execution = 'due1'");
	UNIT_STR(text, "RUNNING 5.000000");
	free(text);
	for (int i = 0; i < 5; i++)
		event_clear(&ev[i]);
	strbuf_free(&one);
	strbuf_free(&two);
}

/* ---- migrations ---- */

static void
test_migrate(void)
{
	const char	*info = postgres_conninfo(pgtest_postgres);
	struct err	 e = ERR_INIT;
	char		*n;

	/* Again: nothing to do. */
	n = pgtest_sql("SELECT max(applied_at) FROM pawl.migration");
	CU_ASSERT_EQUAL(migrate_run(info, &e), 0);
	free(n);
	n = pgtest_sql("SELECT string_agg(number::text, ',' ORDER BY number) "
	    "FROM pawl.migration");
	CU_ASSERT_EQUAL(strncmp(n, "0,1", 3), 0);
	free(n);
	/* Changed views are made anew. */
	free(pgtest_sql("UPDATE pawl.migration SET name = 'views 0' "
	    "WHERE number = 0"));
	free(pgtest_sql("DROP VIEW pawl.queue_view"));
	CU_ASSERT_EQUAL(migrate_run(info, &e), 0);
	n = pgtest_sql("SELECT to_regclass('pawl.queue_view') IS NOT NULL");
	UNIT_STR(n, "t");
	free(n);
	/* Newer than we are. */
	free(pgtest_sql("INSERT INTO pawl.migration VALUES (999, 'future')"));
	CU_ASSERT_EQUAL(migrate_run(info, &e), -1);
	UNIT_STR(e.code, "SchemaNewer");
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "schema is number 999"));
	err_clear(&e);
	free(pgtest_sql("DELETE FROM pawl.migration WHERE number = 999"));
	CU_ASSERT_EQUAL(migrate_run("host=/nonexistent", &e), -1);
	UNIT_STR(e.code, "Unavailable");
	err_clear(&e);
	/* A database that cannot serve. */
	free(pgtest_sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' "
	    "TEMPLATE template0"));
	n = xasprintf("%s dbname=latin", info);
	CU_ASSERT_EQUAL(migrate_run(n, &e), -1);
	UNIT_STR(e.code, "UnsuitableDatabase");
	err_clear(&e);
	free(n);
}

UNIT_TESTS(tests) = {
	{ "an execution starts, parks and ends", test_life },
	{ "an execution of one chunk", test_short_life },
	{ "what lost a race is refused, the rest is kept", test_refused },
	{ "a repeated batch is kept and written once", test_repeated },
	{ "an empty batch", test_empty },
	{ "a large batch of all kinds", test_batch },
	{ "a connection that breaks during a commit", test_unknown },
	{ "PostgreSQL is killed under commits", test_killed },
	{ "history by event ids, both ways", test_history },
	{ "lists, newest first, by pages", test_list },
	{ "lists of executions of one millisecond", test_list_same_time },
	{ "executions to load", test_due },
	{ "executions that run", test_open },
	{ "views show events and executions", test_views },
	{ "migrations run once, and refuse what they must", test_migrate },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	struct err	 e = ERR_INIT;
	char		*id;
	int		 r;

	if (!pgtest_open())
		return 0;
	if (migrate_run(postgres_conninfo(pgtest_postgres), &e) != 0) {
		printf("Bail out! %s\n", e.text);
		pgtest_close();
		return 1;
	}
	id = pgtest_sql("WITH m AS (INSERT INTO pawl.machine (name, created_ms, "
	    "updated_ms) VALUES ('m', 1, 1) RETURNING id) INSERT INTO "
	    "pawl.machine_revision (machine_id, revision, definition, role_arn, "
	    "created_ms) SELECT id, 1, '{}', '', 1 FROM m RETURNING machine_id");
	machine = strtoll(id, NULL, 10);
	free(id);
	free(pgtest_sql("INSERT INTO pawl.queue (name, created_ms) VALUES "
	    "('one', 0), ('two', 0)"));
	store = store_new(pgtest_base, postgres_conninfo(pgtest_postgres));
	r = unit_main("store", tests);
	store_free(store);
	pgtest_close();
	return r;
}
