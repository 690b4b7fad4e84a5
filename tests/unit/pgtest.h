/*
 * tests/unit/pgtest.h - a PostgreSQL of the test's own, and its event loop.
 */

#ifndef PAWL_PGTEST_H
#define PAWL_PGTEST_H

#include <event2/event.h>
#include <stdbool.h>

#include "postgres.h"

extern struct event_base *pgtest_base;
extern struct postgres *pgtest_postgres;
extern char *pgtest_folder;

/* Starts it in a temporary folder.  false: none is installed, and a TAP plan
 * that says so was printed; exits if it does not start. */
bool	pgtest_open(void);
void	pgtest_close(void);

/* Runs the loop until *done; false after 20 s. */
bool	pgtest_wait(const bool *done);
/* Runs the loop for this long. */
void	pgtest_run_ms(int ms);
/* SQL over a connection of its own: first value, new; NULL if none.  Fails the
 * test on an error. */
char	*pgtest_sql(const char *sql);
/* Removes a folder and all in it. */
void	pgtest_remove(const char *folder);

#endif
