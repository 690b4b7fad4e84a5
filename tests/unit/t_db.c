/*
 * tests/unit/t_db.c - one pipelined connection, against a real PostgreSQL.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db.h"
#include "pgtest.h"
#include "strbuf.h"
#include "unit.h"
#include "xmalloc.h"

struct answer {
	bool		 done;
	enum db_status	 status;
	int		 rows;
	char		 text[200], state[8];
	int		 order;
};

static int	 answers;

static void
got(enum db_status status, const struct db_result *r, void *arg)
{
	struct answer	*a = arg;

	CU_ASSERT_FALSE(a->done);
	a->done = true;
	a->status = status;
	a->order = ++answers;
	if (status == DB_OK) {
		a->rows = db_rows(r);
		if (a->rows > 0)
			snprintf(a->text, sizeof a->text, "%s",
			    db_null(r, 0, 0) ? "NULL" : db_text(r, 0, 0));
	} else if (status == DB_FAILED) {
		snprintf(a->state, sizeof a->state, "%s", db_sqlstate(r));
		snprintf(a->text, sizeof a->text, "%s", db_message(r));
	} else
		CU_ASSERT_PTR_NULL(r);
}

static const struct db_statement echo = { "t_echo", "SELECT $1::text", false };
static const struct db_statement divide = { "t_divide", "SELECT 10 / $1::int", false };
static const struct db_statement nonsense = { "t_nonsense", "SELEKT 1", false };
static const struct db_statement pid = { "t_pid", "SELECT pg_backend_pid()", false };
static const struct db_statement sleep_once = { "t_sleep",
	"SELECT pg_sleep($1::float8)", false };
static const struct db_statement sleep_again = { "t_sleep_again",
	"SELECT pg_sleep($1::float8) IS NULL", true };
static const struct db_statement big = { "t_big",
	"SELECT repeat('x', $1::int) FROM generate_series(1, $2::int)", false };
static const struct db_statement deallocate = { "t_deallocate",
	"DEALLOCATE ALL", false };
static const struct db_statement arrays = { "t_arrays",
	"SELECT concat_ws('|', array_to_string($1::text[], ',', '(null)'),"
	" array_to_string($2::bigint[], ','), array_to_string($3::uuid[], ','),"
	" cardinality($4::text[]))", false };

static struct db *
open_db(void)
{
	return db_new(pgtest_base, postgres_conninfo(pgtest_postgres), "test");
}

static void
ask(struct db *db, const struct db_statement *s, const char *param, struct answer *a)
{
	struct db_param	 p = { param, 0, false };

	memset(a, 0, sizeof *a);
	db_run(db, s, &p, param == NULL ? 0 : 1, got, a);
	CU_ASSERT_FALSE(a->done);
}

static void
test_echo(void)
{
	struct db	*db = open_db();
	static struct answer a[150];	/* more than are sent at once */
	char		 text[150][16];

	/* Queued before there is a connection; answered in order. */
	for (int i = 0; i < 150; i++) {
		snprintf(text[i], sizeof text[i], "text %d", i);
		ask(db, &echo, text[i], &a[i]);
	}
	CU_ASSERT_EQUAL(db_outstanding(db), 150);
	CU_ASSERT_TRUE(pgtest_wait(&a[149].done));
	CU_ASSERT_EQUAL(db_outstanding(db), 0);
	CU_ASSERT_TRUE(db_connected(db));
	for (int i = 0; i < 150; i++) {
		CU_ASSERT_EQUAL(a[i].status, DB_OK);
		UNIT_STR(a[i].text, text[i]);
		CU_ASSERT_EQUAL(a[i].order, a[0].order + i);
	}
	db_free(db);
}

static void
test_errors_alone(void)
{
	struct db	*db = open_db();
	struct answer	 a[6];

	for (int round = 0; round < 2; round++) {
		ask(db, &echo, "before", &a[0]);
		ask(db, &divide, "0", &a[1]);
		ask(db, &nonsense, NULL, &a[2]);
		ask(db, &divide, "5", &a[3]);
		ask(db, &divide, "x", &a[4]);
		ask(db, &echo, "after", &a[5]);
		CU_ASSERT_TRUE(pgtest_wait(&a[5].done));
		UNIT_STR(a[0].text, "before");
		CU_ASSERT_EQUAL(a[1].status, DB_FAILED);
		UNIT_STR(a[1].state, "22012");
		UNIT_STR(a[1].text, "division by zero");
		UNIT_STR(a[2].state, "42601");
		UNIT_STR(a[3].text, "2");
		UNIT_STR(a[4].state, "22P02");
		UNIT_STR(a[5].text, "after");
	}
	db_free(db);
}

static void
test_arrays(void)
{
	static const unsigned char	 uuid[16] = { 0x12, 0x34, [15] = 0xff };
	struct db		*db = open_db();
	struct db_array		*texts = db_array_new(DB_TEXTS);
	struct db_array		*ints = db_array_new(DB_INTS);
	struct db_array		*uuids = db_array_new(DB_UUIDS);
	struct db_array		*none = db_array_new(DB_TEXTS);
	struct answer		 a = { .done = false };
	struct db_param		 p[4];

	for (int round = 0; round < 2; round++) {
		db_array_reset(texts);
		db_array_reset(ints);
		db_array_reset(uuids);
		db_array_add(texts, "a\"{},\\", 6);
		db_array_add(texts, NULL, 0);
		db_array_add(texts, "", 0);
		db_array_add(texts, "NULL", 4);
		db_array_add_int(ints, INT64_MIN);
		db_array_add_int(ints, -1);
		db_array_add_int(ints, INT64_MAX);
		db_array_add_uuid(uuids, uuid);
		CU_ASSERT_EQUAL(db_array_count(texts), 4);
		p[0] = db_array_param(texts);
		p[1] = db_array_param(ints);
		p[2] = db_array_param(uuids);
		p[3] = db_array_param(none);
		a.done = false;
		db_run(db, &arrays, p, 4, got, &a);
		CU_ASSERT_TRUE(pgtest_wait(&a.done));
		UNIT_STR(a.text, "a\"{},\\,(null),,NULL|-9223372036854775808,-1,"
		    "9223372036854775807|12340000-0000-0000-0000-0000000000ff|0");
	}
	db_array_free(texts);
	db_array_free(ints);
	db_array_free(uuids);
	db_array_free(none);
	db_free(db);
}

/* Far more than the socket's buffers, both ways, at once. */
static void
test_large(void)
{
	struct db	*db = open_db();
	struct strbuf	 b = STRBUF_INIT;
	struct answer	 a[20];
	struct db_param	 p[2] = { { "1000000", 0, false }, { "8", 0, false } };

	while (b.len < 2 << 20)
		strbuf_adds(&b, "0123456789abcdef");
	for (int i = 0; i < 20; i++) {
		memset(&a[i], 0, sizeof a[i]);
		if (i % 2 == 0)
			ask(db, &echo, strbuf_str(&b), &a[i]);
		else
			db_run(db, &big, p, 2, got, &a[i]);
	}
	CU_ASSERT_TRUE(pgtest_wait(&a[19].done));
	for (int i = 0; i < 20; i++) {
		CU_ASSERT_EQUAL(a[i].status, DB_OK);
		CU_ASSERT_EQUAL(a[i].rows, i % 2 == 0 ? 1 : 8);
		CU_ASSERT_EQUAL(strncmp(a[i].text, i % 2 == 0 ? "0123" : "xxxx", 4), 0);
	}
	strbuf_free(&b);
	db_free(db);
}

static void
terminate(const char *backend)
{
	char	*sql = xasprintf("SELECT pg_terminate_backend(%s)", backend);

	free(pgtest_sql(sql));
	free(sql);
}

static void
test_lost(void)
{
	struct db	*db = open_db();
	struct answer	 who, hangs, again, waits, fresh;

	ask(db, &pid, NULL, &who);
	CU_ASSERT_TRUE(pgtest_wait(&who.done));
	ask(db, &sleep_once, "30", &hangs);
	ask(db, &sleep_again, "0", &again);
	pgtest_run_ms(20);
	terminate(who.text);
	ask(db, &pid, NULL, &waits);
	CU_ASSERT_TRUE(pgtest_wait(&hangs.done));
	CU_ASSERT_EQUAL(hangs.status, DB_UNKNOWN);
	/* Harmless to run twice: it was. */
	CU_ASSERT_TRUE(pgtest_wait(&again.done));
	CU_ASSERT_EQUAL(again.status, DB_OK);
	CU_ASSERT_TRUE(pgtest_wait(&waits.done));
	ask(db, &pid, NULL, &fresh);
	CU_ASSERT_TRUE(pgtest_wait(&fresh.done));
	CU_ASSERT_EQUAL(fresh.status, DB_OK);
	CU_ASSERT_STRING_NOT_EQUAL(fresh.text, who.text);
	db_free(db);
}

/* An idle connection that goes away is opened again, unasked. */
static void
test_lost_idle(void)
{
	struct db	*db = open_db();
	struct answer	 who, then;
	bool		 was_down = false;

	ask(db, &pid, NULL, &who);
	CU_ASSERT_TRUE(pgtest_wait(&who.done));
	terminate(who.text);
	for (int i = 0; i < 500 && (!was_down || !db_connected(db)); i++) {
		pgtest_run_ms(10);
		was_down = was_down || !db_connected(db);
	}
	CU_ASSERT_TRUE(was_down);
	CU_ASSERT_TRUE(db_connected(db));
	ask(db, &echo, "back", &then);
	CU_ASSERT_TRUE(pgtest_wait(&then.done));
	UNIT_STR(then.text, "back");
	db_free(db);
}

/* As behind a pooler: the server does not know what we have prepared. */
static void
test_unprepared(void)
{
	struct db	*db = open_db();
	struct answer	 a[4];

	ask(db, &echo, "one", &a[0]);
	ask(db, &deallocate, NULL, &a[1]);
	ask(db, &echo, "two", &a[2]);
	ask(db, &echo, "three", &a[3]);
	CU_ASSERT_TRUE(pgtest_wait(&a[3].done));
	CU_ASSERT_TRUE(pgtest_wait(&a[2].done));
	UNIT_STR(a[0].text, "one");
	UNIT_STR(a[2].text, "two");
	UNIT_STR(a[3].text, "three");
	db_free(db);
}

static void
test_no_server(void)
{
	struct db	*db = db_new(pgtest_base, "host=/nonexistent dbname=x", "test");
	struct answer	 a, b;

	db_set_patience(db, 200, 0);
	ask(db, &echo, "never", &a);
	ask(db, &sleep_again, "0", &b);
	CU_ASSERT_TRUE(pgtest_wait(&a.done));
	CU_ASSERT_TRUE(pgtest_wait(&b.done));
	CU_ASSERT_EQUAL(a.status, DB_GIVEN_UP);
	CU_ASSERT_EQUAL(b.status, DB_GIVEN_UP);
	CU_ASSERT_FALSE(db_connected(db));
	CU_ASSERT_EQUAL(db_outstanding(db), 0);
	/* What is outstanding at the end is dropped in silence. */
	ask(db, &echo, "dropped", &a);
	db_free(db);
	CU_ASSERT_FALSE(a.done);
}

/* A server that does not answer holds nobody for ever; late answers get lost. */
static void
test_no_answer(void)
{
	struct db	*db = open_db();
	struct answer	 a, b, c;

	ask(db, &echo, "there", &a);
	CU_ASSERT_TRUE(pgtest_wait(&a.done));
	db_set_patience(db, 200, 200);
	ask(db, &sleep_once, "1", &a);
	ask(db, &sleep_again, "0", &b);
	CU_ASSERT_TRUE(pgtest_wait(&a.done));
	CU_ASSERT_TRUE(pgtest_wait(&b.done));
	CU_ASSERT_EQUAL(a.status, DB_UNKNOWN);
	CU_ASSERT_EQUAL(b.status, DB_GIVEN_UP);
	CU_ASSERT_TRUE(db_connected(db));
	CU_ASSERT_EQUAL(db_outstanding(db), 2);
	db_set_patience(db, 200, 30000);
	ask(db, &echo, "after", &c);
	CU_ASSERT_TRUE(pgtest_wait(&c.done));
	UNIT_STR(c.text, "after");
	CU_ASSERT_EQUAL(db_outstanding(db), 0);
	db_free(db);
}

static void
test_session(void)
{
	struct err		 e = ERR_INIT;
	struct db_session	*s;
	const char		*params[] = { "20", "22" };
	char			*v;

	CU_ASSERT_PTR_NULL(db_session_open("host=/nonexistent", &e));
	UNIT_STR(e.code, "Unavailable");
	err_clear(&e);
	s = db_session_open(postgres_conninfo(pgtest_postgres), &e);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	v = db_session_value(s, "SELECT $1::int + $2::int", params, 2, &e);
	UNIT_STR(v, "42");
	free(v);
	CU_ASSERT_PTR_NULL(db_session_value(s, "SELECT 1 WHERE false", NULL, 0, &e));
	CU_ASSERT_EQUAL(e.code[0], '\0');
	CU_ASSERT_EQUAL(db_session_run(s, "SELECT 1; CREATE TABLE t_x (a int);"
	    "SELECT 1 / 0", &e), -1);
	UNIT_STR(e.code, "StoreError");
	UNIT_STR(e.text, "division by zero");
	err_clear(&e);
	v = db_session_value(s, "SELECT to_regclass('t_x')", NULL, 0, &e);
	CU_ASSERT_PTR_NULL(v);		/* all of it was one transaction */
	db_session_close(s);
}

UNIT_TESTS(tests) = {
	{ "statements queue up and are answered in order", test_echo },
	{ "an error touches no other statement", test_errors_alone },
	{ "arrays of text, numbers and uuids arrive as they are", test_arrays },
	{ "large parameters and results pass each other", test_large },
	{ "a lost connection: unknown, run again, or still to be sent", test_lost },
	{ "an idle connection that is lost comes back", test_lost_idle },
	{ "a server that forgot statements is told again", test_unprepared },
	{ "without a server, patience ends", test_no_server },
	{ "a server that does not answer", test_no_answer },
	{ "blocking sessions", test_session },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	int	 r;

	if (!pgtest_open())
		return 0;
	r = unit_main("db", tests);
	pgtest_close();
	return r;
}
