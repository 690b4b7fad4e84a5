/*
 * tests/unit/t_postgres.c - the embedded PostgreSQL: made, ended, found again.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "db.h"
#include "pgtest.h"
#include "unit.h"
#include "xmalloc.h"

static void
restart(void)
{
	struct err	 e = ERR_INIT;

	pgtest_postgres = postgres_start(pgtest_folder, &e);
	if (pgtest_postgres == NULL) {
		printf("Bail out! %s\n", e.text);
		exit(1);
	}
}

static char *
value(void)
{
	return pgtest_sql("SELECT string_agg(v, ' ' ORDER BY v) FROM kept");
}

/* It ends by itself, soon; true if so. */
static bool
ends(pid_t pid)
{
	struct timespec	 step = { 0, 10000000 };

	for (int i = 0; i < 2000; i++) {
		if (kill(pid, 0) == -1 && errno == ESRCH)
			return true;
		nanosleep(&step, NULL);
	}
	return false;
}

static void
test_open(void)
{
	struct stat	 st;
	char		*path, *v;

	v = pgtest_sql("SELECT concat_ws(' ', current_database(), current_user, "
	    "current_setting('server_encoding'), current_setting('fsync'), "
	    "current_setting('synchronous_commit'), current_setting('data_checksums'),"
	    " current_setting('listen_addresses'), current_setting('shared_buffers'))");
	UNIT_STR(v, "pawl pawl UTF8 on on on  128MB");
	free(v);
	path = xasprintf("%s/postgres.socket", pgtest_folder);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0700);
	free(path);
	path = xasprintf("%s/postgres", pgtest_folder);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0700);
	CU_ASSERT_TRUE(st.st_uid != 0);
	free(path);
	free(pgtest_sql("CREATE TABLE kept (v text)"));
	free(pgtest_sql("INSERT INTO kept VALUES ('a')"));
}

static void
test_stop(void)
{
	pid_t	 pid = postgres_pid(pgtest_postgres);
	int	 status;
	char	*v;

	CU_ASSERT_TRUE(pid > 0);
	CU_ASSERT_FALSE(postgres_reap(pgtest_postgres, &status));
	postgres_stop(pgtest_postgres);
	CU_ASSERT_TRUE(ends(pid));
	restart();
	v = value();
	UNIT_STR(v, "a");
	free(v);
}

/* All its processes are killed: it recovers what was committed. */
static void
test_crash(void)
{
	struct timespec	 step = { 0, 10000000 };
	int		 status = 0;
	char		*v;

	free(pgtest_sql("INSERT INTO kept VALUES ('b')"));
	CU_ASSERT_EQUAL(kill(postgres_pid(pgtest_postgres), SIGKILL), 0);
	while (!postgres_reap(pgtest_postgres, &status))
		nanosleep(&step, NULL);
	CU_ASSERT_TRUE(WIFSIGNALED(status));
	CU_ASSERT_EQUAL(postgres_pid(pgtest_postgres), 0);
	postgres_stop(pgtest_postgres);
	restart();
	v = value();
	UNIT_STR(v, "a b");
	free(v);
}

/* Its pawld is killed, with a statement under way: it ends, and the next
 * start waits for that. */
static void
test_orphan(void)
{
	struct err	 e = ERR_INIT;
	int		 fds[2];
	pid_t		 child, server = 0;
	char		*v;

	postgres_stop(pgtest_postgres);
	CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
	if ((child = fork()) == 0) {
		struct postgres	*p = postgres_start(pgtest_folder, &e);
		pid_t		 pid = p == NULL ? 0 : postgres_pid(p);

		if (write(fds[1], &pid, sizeof pid) != (ssize_t)sizeof pid)
			_exit(1);
		for (;;)
			pause();
	}
	CU_ASSERT_EQUAL(read(fds[0], &server, sizeof server), sizeof server);
	close(fds[0]);
	close(fds[1]);
	CU_ASSERT_TRUE(server > 0);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	restart();		/* at once, while the other shuts down */
	CU_ASSERT_TRUE(ends(server));
	free(pgtest_sql("INSERT INTO kept VALUES ('c')"));
	v = value();
	UNIT_STR(v, "a b c");
	free(v);
}

/* postmaster.pid names a process that is alive and not PostgreSQL's. */
static void
test_stale_pid(void)
{
	char	*path = xasprintf("%s/postgres/postmaster.pid", pgtest_folder);
	FILE	*f;
	char	*v;

	postgres_stop(pgtest_postgres);
	f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fprintf(f, "%ld\n%s/postgres\n0\n5432\n/tmp\n", (long)getpid(),
	    pgtest_folder);
	fclose(f);
	free(path);
	restart();
	v = value();
	UNIT_STR(v, "a b c");
	free(v);
}

static char *
new_folder(void)
{
	char	 name[] = "/tmp/pawl-test-XXXXXX";

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(name));
	CU_ASSERT_EQUAL(chmod(name, 0711), 0);
	return xstrdup(name);
}

/* What it says itself is in the error. */
static void
test_bad_settings(void)
{
	struct err	 e = ERR_INIT;
	char		*path = xasprintf("%s/postgres/postgresql.auto.conf",
			    pgtest_folder);
	FILE		*f;

	postgres_stop(pgtest_postgres);
	f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fprintf(f, "shared_buffers = 'plenty'\n");
	fclose(f);
	CU_ASSERT_PTR_NULL(postgres_start(pgtest_folder, &e));
	UNIT_STR(e.code, "PostgresFailed");
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "\"shared_buffers\": \"plenty\""));
	err_clear(&e);
	f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fclose(f);
	free(path);
	restart();
}

static void
test_no_database(void)
{
	struct err	 e = ERR_INIT;
	char		*folder = new_folder();
	char		*path = xasprintf("%s/postgres", folder);
	char		*file = xasprintf("%s/PG_VERSION", path);
	FILE		*f;

	CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
	if (geteuid() == 0)
		CU_ASSERT_EQUAL(chown(path, 65534, 65534), 0);
	CU_ASSERT_PTR_NULL(postgres_start(folder, &e));
	UNIT_STR(e.code, "PostgresFailed");
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "is no database"));
	err_clear(&e);
	f = fopen(file, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fprintf(f, "9\n");
	fclose(f);
	CU_ASSERT_PTR_NULL(postgres_start(folder, &e));
	UNIT_STR(e.code, "NoPostgres");
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "was made by PostgreSQL 9"));
	err_clear(&e);
	pgtest_remove(folder);
	free(file);
	free(path);
	free(folder);
}

/* Root's PostgreSQL runs as another user, who must get there. */
static void
test_unreachable(void)
{
	struct err	 e = ERR_INIT;
	char		*folder, *below;

	if (geteuid() != 0)
		return;
	folder = new_folder();
	below = xasprintf("%s/data", folder);
	CU_ASSERT_EQUAL(mkdir(below, 0711), 0);
	CU_ASSERT_EQUAL(chmod(folder, 0700), 0);
	CU_ASSERT_PTR_NULL(postgres_start(below, &e));
	UNIT_STR(e.code, "PostgresFailed");
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "chmod o+x "));
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, folder));
	err_clear(&e);
	pgtest_remove(folder);
	free(below);
	free(folder);
}

/* Too long a path for a socket, and a name that needs care. */
static void
test_long_path(void)
{
	struct err		 e = ERR_INIT;
	char			*folder = new_folder(), *below;
	struct postgres		*p;
	struct db_session	*s;

	below = xasprintf("%s/it's a rather long name, longer than any socket's "
	    "path may be: %080d", folder, 7);
	CU_ASSERT_EQUAL(mkdir(below, 0711), 0);
	p = postgres_start(below, &e);
	CU_ASSERT_PTR_NOT_NULL(p);
	if (p == NULL)
		printf("# %s\n", e.text);
	if (p != NULL) {
		s = db_session_open(postgres_conninfo(p), &e);
		CU_ASSERT_PTR_NOT_NULL(s);
		db_session_close(s);
		CU_ASSERT_PTR_NOT_NULL(strstr(postgres_conninfo(p), "host=/tmp/"));
		postgres_stop(p);
	}
	err_clear(&e);
	pgtest_remove(folder);
	free(below);
	free(folder);
}

UNIT_TESTS(tests) = {
	{ "a new one has what we rely on", test_open },
	{ "it stops, and starts again with its data", test_stop },
	{ "killed, it recovers", test_crash },
	{ "it ends with its pawld, and the next start waits", test_orphan },
	{ "a stale postmaster.pid with a foreign pid", test_stale_pid },
	{ "a start that fails says what PostgreSQL said", test_bad_settings },
	{ "a folder that is no database, or another version's", test_no_database },
	{ "a folder that its user cannot reach", test_unreachable },
	{ "a folder with a long and odd name", test_long_path },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	int	 r;

	if (!pgtest_open())
		return 0;
	r = unit_main("postgres", tests);
	pgtest_close();
	return r;
}
