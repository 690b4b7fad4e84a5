/*
 * tests/unit/t_store_names.c - machines, functions, queues and shards in the
 * store, against a real PostgreSQL.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db.h"
#include "migrate.h"
#include "pgtest.h"
#include "store.h"
#include "strbuf.h"
#include "unit.h"
#include "wallclock.h"
#include "xmalloc.h"

static struct store	*store;

/* An answer as text: the error's code, then the rows. */
struct text {
	bool		 done;
	struct strbuf	 b;
	char		 receipt[4][120];
};

static struct text	 t = { .b = STRBUF_INIT };

static void
begin(const struct err *e)
{
	CU_ASSERT_FALSE(t.done);
	t.done = true;
	strbuf_reset(&t.b);
	strbuf_adds(&t.b, e->code);
}

static const char *
answer(void)
{
	CU_ASSERT_FALSE(t.done);	/* never before the call returns */
	CU_ASSERT_TRUE(pgtest_wait(&t.done));
	t.done = false;
	return strbuf_str(&t.b);
}

static void
on_done(const struct err *e, void *arg)
{
	(void)arg;
	begin(e);
}

/* ---- machines ---- */

static void
on_machines(const struct err *e, const struct store_machine *m, size_t n, void *arg)
{
	(void)arg;
	begin(e);
	for (size_t i = 0; i < n; i++) {
		strbuf_addf(&t.b, "[%s %s r%" PRId64 " %s %s %s %" PRId64 " %" PRId64
		    "]", m[i].name, m[i].type, m[i].revision, m[i].role_arn,
		    m[i].definition == NULL ? "-" : m[i].definition, m[i].options,
		    m[i].created_ms, m[i].updated_ms);
		CU_ASSERT_EQUAL(strlen(m[i].revision_id), 36);
		CU_ASSERT_TRUE(m[i].id > 0);
	}
}

static void
create(const char *name, const char *definition, int64_t ms)
{
	struct store_machine	 m = { .name = name, .type = "STANDARD",
				    .role_arn = "role", .definition = definition,
				    .created_ms = ms };

	store_machine_create(store, &m, on_machines, NULL);
}

static void
test_machines(void)
{
	store_machine_get(store, "m1", on_machines, NULL);
	UNIT_STR(answer(), "NotFound");
	create("m1", "{1}", 10);
	UNIT_STR(answer(), "[m1 STANDARD r1 role {1} {} 10 10]");
	create("m1", "{other}", 20);
	UNIT_STR(answer(), "Exists[m1 STANDARD r1 role {1} {} 10 10]");
	store_machine_update(store, "m1", "{2}", NULL, NULL, 30, on_machines, NULL);
	UNIT_STR(answer(), "[m1 STANDARD r2 role {2} {} 10 30]");
	store_machine_update(store, "m1", NULL, "role2", "{\"o\":1}", 40,
	    on_machines, NULL);
	UNIT_STR(answer(), "[m1 STANDARD r3 role2 {2} {\"o\":1} 10 40]");
	store_machine_update(store, "nobody", "{2}", NULL, NULL, 30, on_machines,
	    NULL);
	UNIT_STR(answer(), "NotFound");
	store_machine_get(store, "m1", on_machines, NULL);
	UNIT_STR(answer(), "[m1 STANDARD r3 role2 {2} {\"o\":1} 10 40]");
	store_machine_revision(store, 1, 2, on_machines, NULL);
	UNIT_STR(answer(), "[m1 STANDARD r2 role {2} {} 10 40]");
	store_machine_revision(store, 1, 9, on_machines, NULL);
	UNIT_STR(answer(), "NotFound");

	store_machine_delete(store, "m1", on_done, NULL);
	UNIT_STR(answer(), "");
	store_machine_delete(store, "m1", on_done, NULL);
	UNIT_STR(answer(), "");
	store_machine_get(store, "m1", on_machines, NULL);
	UNIT_STR(answer(), "NotFound");
	store_machine_revision(store, 1, 1, on_machines, NULL);
	UNIT_STR(answer(), "[m1 STANDARD r1 role {1} {} 10 40]");
	create("m1", "{new}", 50);
	UNIT_STR(answer(), "[m1 STANDARD r1 role {new} {} 50 50]");
}

static void
test_machine_list(void)
{
	create("B", "{}", 1);
	answer();
	create("a", "{}", 2);
	answer();
	create("\xc3\xa4", "{}", 3);
	answer();
	store_machine_list(store, NULL, 2, on_machines, NULL);
	UNIT_STR(answer(), "[B STANDARD r1 role - {} 1 1]"
	    "[a STANDARD r1 role - {} 2 2]");
	store_machine_list(store, "a", 9, on_machines, NULL);
	UNIT_STR(answer(), "[m1 STANDARD r1 role - {} 50 50]"
	    "[\xc3\xa4 STANDARD r1 role - {} 3 3]");
}

/* Two creators and two updaters of one name, neither seeing the other. */
static void
test_machine_races(void)
{
	struct err		 e = ERR_INIT;
	struct db_session	*rival;

	rival = db_session_open(postgres_conninfo(pgtest_postgres), &e);
	CU_ASSERT_PTR_NOT_NULL_FATAL(rival);
	CU_ASSERT_EQUAL(db_session_run(rival, "BEGIN; WITH m AS (INSERT INTO "
	    "pawl.machine (name, created_ms, updated_ms) VALUES ('race', 5, 5) "
	    "RETURNING id) INSERT INTO pawl.machine_revision (machine_id, revision, "
	    "definition, role_arn, created_ms) SELECT id, 1, '{rival}', '', 5 FROM m",
	    &e), 0);
	create("race", "{ours}", 6);
	pgtest_run_ms(100);		/* it waits for the rival's row */
	CU_ASSERT_FALSE(t.done);
	CU_ASSERT_EQUAL(db_session_run(rival, "COMMIT", &e), 0);
	UNIT_STR(answer(), "Exists[race STANDARD r1  {rival} {} 5 5]");

	CU_ASSERT_EQUAL(db_session_run(rival, "BEGIN; WITH m AS (UPDATE pawl.machine "
	    "SET revision = 2 WHERE name = 'race' RETURNING id) INSERT INTO "
	    "pawl.machine_revision (machine_id, revision, definition, role_arn, "
	    "created_ms) SELECT id, 2, '{rival2}', '', 5 FROM m", &e), 0);
	store_machine_update(store, "race", NULL, "mine", NULL, 7, on_machines, NULL);
	pgtest_run_ms(100);
	CU_ASSERT_FALSE(t.done);
	CU_ASSERT_EQUAL(db_session_run(rival, "COMMIT", &e), 0);
	UNIT_STR(answer(), "[race STANDARD r3 mine {rival2} {} 5 7]");
	db_session_close(rival);
}

/* ---- functions ---- */

static void
on_functions(const struct err *e, const struct store_function *f, size_t n,
    void *arg)
{
	(void)arg;
	begin(e);
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&t.b, "[%s %s %" PRId64 " %" PRId64 "]", f[i].name,
		    f[i].url, f[i].timeout_ms, f[i].updated_ms);
}

static void
test_functions(void)
{
	struct store_function	 f = { "pay", "http://x/1", 1000, 5 };

	store_function_get(store, "pay", on_functions, NULL);
	UNIT_STR(answer(), "NotFound");
	store_function_put(store, &f, on_done, NULL);
	UNIT_STR(answer(), "");
	f = (struct store_function){ "pay", "http://x/2", 0, 6 };
	store_function_put(store, &f, on_done, NULL);
	UNIT_STR(answer(), "");
	f.name = "ask";
	store_function_put(store, &f, on_done, NULL);
	UNIT_STR(answer(), "");
	store_function_get(store, "pay", on_functions, NULL);
	UNIT_STR(answer(), "[pay http://x/2 0 6]");
	store_function_list(store, NULL, 10, on_functions, NULL);
	UNIT_STR(answer(), "[ask http://x/2 0 6][pay http://x/2 0 6]");
	store_function_list(store, "ask", 10, on_functions, NULL);
	UNIT_STR(answer(), "[pay http://x/2 0 6]");
	store_function_list(store, NULL, 1, on_functions, NULL);
	UNIT_STR(answer(), "[ask http://x/2 0 6]");
	store_function_delete(store, "ask", on_done, NULL);
	UNIT_STR(answer(), "");
	store_function_delete(store, "ask", on_done, NULL);
	UNIT_STR(answer(), "NotFound");
}

/* ---- queues ---- */

static void
on_queues(const struct err *e, const struct store_queue *q, size_t n, void *arg)
{
	(void)arg;
	begin(e);
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&t.b, "[%" PRId64 " %s v%" PRId64 " d%" PRId64 " r%"
		    PRId64 " w%" PRId64 " %" PRId64 "/%" PRId64 "/%" PRId64 "]",
		    q[i].id, q[i].name, q[i].visibility_ms, q[i].delay_ms,
		    q[i].retention_ms, q[i].wait_ms, q[i].available, q[i].in_flight,
		    q[i].delayed);
}

static void
on_received(const struct err *e, const struct store_received *m, size_t n, void *arg)
{
	(void)arg;
	begin(e);
	for (size_t i = 0; i < n; i++) {
		strbuf_addf(&t.b, "[%s %s x%d]", m[i].body,
		    m[i].attributes == NULL ? "-" : m[i].attributes, m[i].receives);
		if (i < 4)
			snprintf(t.receipt[i], sizeof t.receipt[i], "%s",
			    m[i].receipt);
	}
}

static void
test_queues(void)
{
	struct store_queue	 q = { .name = "jobs", .visibility_ms = 30000,
				    .retention_ms = 60000, .created_ms = 1 };

	store_queue_create(store, &q, on_queues, NULL);
	UNIT_STR(answer(), "[1 jobs v30000 d0 r60000 w0 -1/-1/-1]");
	q.visibility_ms = 5;
	store_queue_create(store, &q, on_queues, NULL);
	UNIT_STR(answer(), "Exists[1 jobs v30000 d0 r60000 w0 -1/-1/-1]");
	q = (struct store_queue){ .name = "jam_b", .retention_ms = 60000 };
	store_queue_create(store, &q, on_queues, NULL);
	answer();
	store_queue_list(store, NULL, NULL, 9, on_queues, NULL);
	UNIT_STR(answer(), "[3 jam_b v0 d0 r60000 w0 -1/-1/-1]"
	    "[1 jobs v30000 d0 r60000 w0 -1/-1/-1]");
	store_queue_list(store, "j", "jam_b", 9, on_queues, NULL);
	UNIT_STR(answer(), "[1 jobs v30000 d0 r60000 w0 -1/-1/-1]");
	store_queue_list(store, "jam%", NULL, 9, on_queues, NULL);
	UNIT_STR(answer(), "");
	q = (struct store_queue){ .id = 1, .visibility_ms = 7, .delay_ms = 8,
	    .retention_ms = 9, .wait_ms = 10 };
	store_queue_set(store, &q, on_done, NULL);
	UNIT_STR(answer(), "");
	q.id = 99;
	store_queue_set(store, &q, on_done, NULL);
	UNIT_STR(answer(), "NotFound");
	store_queue_get(store, "jobs", false, on_queues, NULL);
	UNIT_STR(answer(), "[1 jobs v7 d8 r9 w10 -1/-1/-1]");
	store_queue_get(store, "none", true, on_queues, NULL);
	UNIT_STR(answer(), "NotFound");
	store_queue_delete(store, "jam_b", on_done, NULL);
	UNIT_STR(answer(), "");
	store_queue_delete(store, "jam_b", on_done, NULL);
	UNIT_STR(answer(), "NotFound");
}

static void
put(int64_t queue, const char *body, int64_t now, int64_t visible)
{
	struct exec_id	 id = arn_exec_id("q", body);

	store_message_send(store, queue, &id, body, NULL, now, visible, on_done,
	    NULL);
}

static void
receive(int max, int64_t now, int64_t visibility)
{
	store_message_receive(store, 1, max, now, visibility, on_received, NULL);
}

static const char *
bodies(void)
{
	static char	*text;

	free(text);
	text = pgtest_sql("SELECT coalesce(string_agg(body, ' ' ORDER BY body), "
	    "'none') FROM pawl.message");
	return text;
}

static void
test_messages(void)
{
	struct store_queue	 q = { .id = 1, .retention_ms = 600000 };
	int64_t			 now = wallclock_ms();
	char			 old[120];

	store_queue_set(store, &q, on_done, NULL);
	answer();
	receive(10, now, 1000);
	UNIT_STR(answer(), "");
	put(1, "one", now, now);
	UNIT_STR(answer(), "");
	put(1, "one", now, now);	/* the same id: sent once */
	UNIT_STR(answer(), "");
	put(1, "two", now + 1, now + 1);
	answer();
	put(1, "later", now, now + 50000);
	answer();
	put(77, "lost", now, now);
	UNIT_STR(answer(), "NotFound");
	pgtest_run_ms(5);		/* the counts go by the server's clock */
	store_queue_get(store, "jobs", true, on_queues, NULL);
	UNIT_STR(strchr(answer(), 'w'), "w0 2/0/1]");

	receive(1, now + 1, 20000);
	UNIT_STR(answer(), "[one - x1]");
	snprintf(old, sizeof old, "%s", t.receipt[0]);
	receive(10, now + 1, 20000);
	UNIT_STR(answer(), "[two - x1]");
	receive(10, now + 1, 20000);
	UNIT_STR(answer(), "");
	store_queue_get(store, "jobs", true, on_queues, NULL);
	UNIT_STR(strchr(answer(), 'w'), "w0 0/2/1]");
	/* Its time is over: seen again, under another receipt. */
	receive(10, now + 20001, 20000);
	UNIT_STR(answer(), "[one - x2][two - x2]");
	CU_ASSERT_STRING_NOT_EQUAL(t.receipt[0], old);
	store_message_delete(store, 1, old, on_done, NULL);
	UNIT_STR(answer(), "");
	UNIT_STR(bodies(), "later one two");
	store_message_delete(store, 1, t.receipt[0], on_done, NULL);
	UNIT_STR(answer(), "");
	UNIT_STR(bodies(), "later two");

	/* Given back at once; then it is in nobody's hands. */
	store_message_visibility(store, 1, t.receipt[1], now, on_done, NULL);
	UNIT_STR(answer(), "");
	store_message_visibility(store, 1, t.receipt[1], now + 99999, on_done, NULL);
	UNIT_STR(answer(), "NotFound");
	receive(10, now + 20001, 20000);
	UNIT_STR(answer(), "[two - x3]");
	store_message_visibility(store, 1, "no receipt", now, on_done, NULL);
	UNIT_STR(answer(), "NotFound");
	store_message_delete(store, 1, "1.2.3", on_done, NULL);
	UNIT_STR(answer(), "");
	store_message_delete(store, 1, "", on_done, NULL);
	UNIT_STR(answer(), "");
}

static void
test_retention(void)
{
	int64_t	 now = wallclock_ms();

	store_queue_purge(store, 1, on_done, NULL);
	UNIT_STR(answer(), "");
	UNIT_STR(bodies(), "none");
	put(1, "old", now - 600001, now - 600001);
	answer();
	put(1, "older", now - 700000, now - 1000);
	answer();
	put(1, "young", now - 500000, now - 500000);
	answer();
	put(1, "hidden", now - 600001, now + 99000);
	answer();
	store_queue_get(store, "jobs", true, on_queues, NULL);
	UNIT_STR(strchr(answer(), 'w'), "w0 1/0/0]");
	receive(10, now, 20000);
	UNIT_STR(answer(), "[young - x1]");
	UNIT_STR(bodies(), "hidden young");
	store_queue_delete(store, "jobs", on_done, NULL);
	UNIT_STR(answer(), "");
	UNIT_STR(bodies(), "none");
}

/* What one receiver has locked, another does not wait for. */
static void
test_skip_locked(void)
{
	struct store_queue	 q = { .name = "busy", .retention_ms = 600000 };
	struct err		 e = ERR_INIT;
	struct db_session	*rival;
	int64_t			 now = wallclock_ms(), id;

	store_queue_create(store, &q, on_queues, NULL);
	id = strtoll(answer() + 1, NULL, 10);
	put(id, "first", now - 2, now - 2);
	answer();
	put(id, "second", now - 1, now - 1);
	answer();
	rival = db_session_open(postgres_conninfo(pgtest_postgres), &e);
	CU_ASSERT_PTR_NOT_NULL_FATAL(rival);
	CU_ASSERT_EQUAL(db_session_run(rival, "BEGIN; SELECT FROM pawl.message "
	    "WHERE body = 'first' FOR UPDATE", &e), 0);
	store_message_receive(store, id, 10, now, 1000, on_received, NULL);
	UNIT_STR(answer(), "[second - x1]");
	CU_ASSERT_EQUAL(db_session_run(rival, "ROLLBACK", &e), 0);
	db_session_close(rival);
	store_message_receive(store, id, 10, now, 1000, on_received, NULL);
	UNIT_STR(answer(), "[first - x1]");
}

/* ---- shards ---- */

static void
on_leases(const struct err *e, const struct store_lease *l, size_t n, void *arg)
{
	(void)arg;
	begin(e);
	CU_ASSERT_EQUAL(n, ARN_SHARDS);
	for (size_t i = 0; i < n; i++) {
		CU_ASSERT_EQUAL(l[i].shard, (int)i);
		if (l[i].owner[0] != '\0')
			strbuf_addf(&t.b, "%zu:%s@%s%s ", i, l[i].owner,
			    l[i].address, l[i].valid ? "" : "!");
	}
}

static void
on_count(const struct err *e, int n, void *arg)
{
	(void)arg;
	begin(e);
	strbuf_addi(&t.b, n);
}

static void
lease(const char *owner, int want, int64_t ttl)
{
	char	 address[16];

	snprintf(address, sizeof address, "at-%s", owner);
	store_shard_lease(store, owner, address, want, ttl, on_leases, NULL);
}

static void
test_shards(void)
{
	int	 list[2] = { 0, 3 };

	lease("A", 2, 60000);
	UNIT_STR(answer(), "0:A@at-A 1:A@at-A ");
	lease("B", 3, 60000);
	UNIT_STR(answer(), "0:A@at-A 1:A@at-A 2:B@at-B 3:B@at-B 4:B@at-B ");
	lease("A", 1, 60000);		/* has more than it wants: keeps them */
	UNIT_STR(answer(), "0:A@at-A 1:A@at-A 2:B@at-B 3:B@at-B 4:B@at-B ");
	store_process_count(store, on_count, NULL);
	UNIT_STR(answer(), "2");
	store_shard_release(store, "B", list, 2, on_done, NULL);	/* its own: 3 */
	UNIT_STR(answer(), "");
	lease("C", 1, 60000);
	UNIT_STR(answer(), "0:A@at-A 1:A@at-A 2:B@at-B 3:C@at-C 4:B@at-B ");
	/* B falls silent: its leases end, then others may have them. */
	free(pgtest_sql("UPDATE pawl.shard SET leased_until = now() - "
	    "interval '1 s' WHERE owner = 'B'"));
	free(pgtest_sql("UPDATE pawl.process SET alive_until = now() - "
	    "interval '1 s' WHERE owner = 'B'"));
	lease("A", 2, 60000);
	UNIT_STR(answer(), "0:A@at-A 1:A@at-A 2:B@at-B! 3:C@at-C 4:B@at-B! ");
	store_process_count(store, on_count, NULL);
	UNIT_STR(answer(), "2");
	lease("C", 2, 60000);
	UNIT_STR(answer(), "0:A@at-A 1:A@at-A 2:C@at-C 3:C@at-C 4:B@at-B! ");
	/* B was only slow, and has one left. */
	lease("B", 1, 60000);
	UNIT_STR(answer(), "0:A@at-A 1:A@at-A 2:C@at-C 3:C@at-C 4:B@at-B ");
	store_shard_release(store, "C", NULL, -1, on_done, NULL);
	UNIT_STR(answer(), "");
	store_process_count(store, on_count, NULL);
	UNIT_STR(answer(), "2");
	/* Dead for long: forgotten. */
	free(pgtest_sql("UPDATE pawl.process SET alive_until = now() - "
	    "interval '1 hour' WHERE owner = 'B'"));
	lease("A", ARN_SHARDS, 60000);
	CU_ASSERT_PTR_NOT_NULL(strstr(answer(), "4:B@at-B 5:A@at-A "));
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&t.b), "63:A@at-A "));
	lease("A", ARN_SHARDS, 60000);
	CU_ASSERT_PTR_NOT_NULL(strstr(answer(), "4:B@ 5:A@at-A "));
}

/* Many processes at once take different shards. */
static int	 leased;

static void
on_leased(const struct err *e, const struct store_lease *l, size_t n, void *arg)
{
	(void)l, (void)n;
	UNIT_STR(e->code, "");
	*(bool *)arg = ++leased == 4;
}

static void
test_shards_contended(void)
{
	static const char *const	 owners[] = { "P0", "P1", "P2", "P3" };
	struct store			*others[4];
	bool				 all = false;
	int				 ready;
	char				*n;

	free(pgtest_sql("UPDATE pawl.shard SET owner = NULL, "
	    "leased_until = '-infinity'"));
	for (int i = 0; i < 4; i++)
		others[i] = store_new(pgtest_base,
		    postgres_conninfo(pgtest_postgres));
	do {
		pgtest_run_ms(10);
		ready = 0;
		for (int i = 0; i < 4; i++)
			ready += store_ready(others[i]);
	} while (ready < 4);
	for (int i = 0; i < 4; i++)
		store_shard_lease(others[i], owners[i], "x", 16, 60000, on_leased,
		    &all);
	CU_ASSERT_TRUE(pgtest_wait(&all));
	for (int i = 0; i < 4; i++)
		store_free(others[i]);
	n = pgtest_sql("SELECT string_agg(c::text, ' ') FROM (SELECT count(*) AS c "
	    "FROM pawl.shard WHERE owner IS NOT NULL GROUP BY owner) x");
	UNIT_STR(n, "16 16 16 16");
	free(n);
}

UNIT_TESTS(tests) = {
	{ "machines: create, update, revisions, delete", test_machines },
	{ "machines are listed by name", test_machine_list },
	{ "machines created and updated at the same time", test_machine_races },
	{ "functions", test_functions },
	{ "queues", test_queues },
	{ "messages are received, hidden, given back, deleted", test_messages },
	{ "messages expire", test_retention },
	{ "receivers do not wait for each other", test_skip_locked },
	{ "shards are leased, lost and taken", test_shards },
	{ "processes that start together share the shards", test_shards_contended },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	struct err	 e = ERR_INIT;
	int		 r;

	if (!pgtest_open())
		return 0;
	if (migrate_run(postgres_conninfo(pgtest_postgres), &e) != 0) {
		printf("Bail out! %s\n", e.text);
		pgtest_close();
		return 1;
	}
	store = store_new(pgtest_base, postgres_conninfo(pgtest_postgres));
	r = unit_main("store_names", tests);
	store_free(store);
	strbuf_free(&t.b);
	pgtest_close();
	return r;
}
