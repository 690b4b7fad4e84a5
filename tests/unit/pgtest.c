/*
 * tests/unit/pgtest.c - a PostgreSQL of the test's own, and its event loop.
 */

#include "pgtest.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "db.h"
#include "unit.h"
#include "xmalloc.h"

struct event_base *pgtest_base;
struct postgres *pgtest_postgres;
char *pgtest_folder;

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void
pgtest_remove(const char *folder)
{
	(void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

bool
pgtest_open(void)
{
	struct err	 e = ERR_INIT;
	char		 name[] = "/tmp/pawl-test-XXXXXX";

	if (!postgres_installed()) {
		printf("1..0 # SKIP no PostgreSQL is installed\n");
		return false;
	}
	if (mkdtemp(name) == NULL || chmod(name, 0711) == -1) {
		perror(name);
		exit(1);
	}
	pgtest_folder = xstrdup(name);
	if ((pgtest_postgres = postgres_start(name, &e)) == NULL) {
		printf("Bail out! %s\n", e.text);
		exit(1);
	}
	pgtest_base = event_base_new();
	return true;
}

void
pgtest_close(void)
{
	postgres_stop(pgtest_postgres);
	pgtest_remove(pgtest_folder);
	free(pgtest_folder);
	event_base_free(pgtest_base);
	libevent_global_shutdown();
}

static void
on_late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	*(bool *)arg = true;
}

bool
pgtest_wait(const bool *done)
{
	struct timeval	 tv = { 20, 0 };
	bool		 late = false;
	struct event	*timer = evtimer_new(pgtest_base, on_late, &late);

	evtimer_add(timer, &tv);
	while (!*done && !late)
		event_base_loop(pgtest_base, EVLOOP_ONCE);
	event_free(timer);
	return *done;
}

void
pgtest_run_ms(int ms)
{
	struct timeval	 tv = { ms / 1000, ms % 1000 * 1000 };
	bool		 over = false;
	struct event	*timer = evtimer_new(pgtest_base, on_late, &over);

	evtimer_add(timer, &tv);
	while (!over)
		event_base_loop(pgtest_base, EVLOOP_ONCE);
	event_free(timer);
}

char *
pgtest_sql(const char *sql)
{
	struct err		 e = ERR_INIT;
	struct db_session	*s;
	char			*value = NULL;

	s = db_session_open(postgres_conninfo(pgtest_postgres), &e);
	if (s != NULL)
		value = db_session_value(s, sql, NULL, 0, &e);
	if (e.code[0] != '\0') {
		printf("# %s: %s\n", sql, e.text);
		CU_FAIL("SQL of the test");
	}
	err_clear(&e);
	db_session_close(s);
	return value;
}
