/*
 * engine/db.h - one PostgreSQL connection on the event loop, pipelined.
 *
 * The only file of the engine that knows libpq is db.c.  Statements are
 * prepared on first use; each runs in its own implicit transaction and is
 * followed by a sync, so an error touches no other.  A lost connection is
 * opened again, with growing pauses; what was sent and not answered ends as
 * DB_UNKNOWN (it may have been committed), what was not sent waits.
 */

#ifndef PAWL_DB_H
#define PAWL_DB_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct db;
struct db_result;

enum db_status {
	DB_OK,
	DB_FAILED,	/* the server refused: db_sqlstate(), db_message() */
	DB_UNKNOWN,	/* connection lost after sending: perhaps committed */
	DB_GIVEN_UP	/* waited too long for a connection; it did nothing */
};

/*
 * A statement of the store: written once, prepared once per connection.  Its
 * plan is then kept while tables grow; one whose plan depends on their size has
 * no name, and is planned at each run.  One that is harmless to run twice is run
 * again after a loss, never DB_UNKNOWN.
 */
struct db_statement {
	const char	*name;		/* or NULL */
	const char	*sql;
	bool		 repeatable;
};

/* A parameter in text format, or bytes; data NULL is SQL NULL. */
struct db_param {
	const char	*data;
	size_t		 len;	/* 0: strlen */
	bool		 binary;
};

/* result is borrowed, and NULL unless status is DB_OK or DB_FAILED. */
typedef void (*db_done)(enum db_status, const struct db_result *result, void *arg);

/* New; connects in the background.  label stands in log lines. */
struct db *db_new(struct event_base *, const char *conninfo, const char *label);
/* Drops all outstanding statements without calling back.  Not from a done. */
void	db_free(struct db *);
/* Queues a statement; params are copied. done may be NULL, and never comes
 * before the return. */
void	db_run(struct db *, const struct db_statement *, const struct db_param *,
	    int nparams, db_done done, void *arg);
bool	db_connected(const struct db *);
/* Statements that wait or were sent, without an answer so far. */
size_t	db_outstanding(const struct db *);
/*
 * Statements that are not sent within this time end as DB_GIVEN_UP.  0: never.
 * Those sent and not answered within answer_ms end as DB_GIVEN_UP (repeatable) or
 * DB_UNKNOWN.  0: never.
 */
void	db_set_patience(struct db *, int ms, int answer_ms);

int	db_rows(const struct db_result *);
bool	db_null(const struct db_result *, int row, int col);
/* Text format, NUL-terminated; borrowed. */
const char *db_text(const struct db_result *, int row, int col);
size_t	db_length(const struct db_result *, int row, int col);
int64_t	db_int(const struct db_result *, int row, int col);
bool	db_bool(const struct db_result *, int row, int col);
const char *db_sqlstate(const struct db_result *);	/* "23505" */
const char *db_message(const struct db_result *);

/*
 * One array parameter in PostgreSQL's binary form, built element by element:
 * text[], bigint[] or uuid[], without quoting here or parsing there.
 */
enum db_array_type { DB_TEXTS, DB_INTS, DB_UUIDS };
struct db_array;
struct db_array *db_array_new(enum db_array_type);
void	db_array_add(struct db_array *, const char *text, size_t len); /* NULL: null */
void	db_array_add_int(struct db_array *, int64_t);
void	db_array_add_uuid(struct db_array *, const unsigned char[16]);
size_t	db_array_count(const struct db_array *);
struct db_param db_array_param(struct db_array *);	/* borrowed from it */
void	db_array_reset(struct db_array *);
void	db_array_free(struct db_array *);

/* Blocking, for the master before the processes start (migrations). */
struct db_session;
/* Errors: Unavailable (no connection), StoreError with PostgreSQL's message. */
struct db_session *db_session_open(const char *conninfo, struct err *e) MUSTCHECK;
/* Any number of statements; without a BEGIN they are one transaction. */
int	db_session_run(struct db_session *, const char *sql, struct err *e) MUSTCHECK;
/* First column of the first row, new; NULL and no error if there is none. */
char	*db_session_value(struct db_session *, const char *sql,
	    const char *const *params, int nparams, struct err *e);
void	db_session_close(struct db_session *);

#endif
