/*
 * engine/db.c - one PostgreSQL connection on the event loop, pipelined.
 *
 * A statement (a job) waits in the queue, is sent as [Parse] Bind Execute Sync,
 * and ends with the ReadyForQuery of its own Sync: so each is a transaction of
 * its own and an error touches no other.  Nothing is set in the session but
 * named statements, which transaction poolers carry along; one that a pooler
 * has lost, or has already, is prepared again or taken as it is.
 *
 * Invariants:
 *   - jobs are called back from the loop only, never out of db_run();
 *   - what stands in `sent` is in the order of the wire;
 *   - a job leaves its list before its callback is called.
 */

#include "db.h"

#include <assert.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "log.h"
#include "wallclock.h"
#include "xmalloc.h"

#define PIPELINE_MAX	64	/* statements sent and not answered */
#define RESEND_MAX	3
#define PARAMS_MAX	48
#define PAUSE_MIN_MS	50
#define PAUSE_MAX_MS	2000
#define CONNECT_STEP_S	15	/* beyond tcp_user_timeout: other hosts get a turn */

struct job {
	TAILQ_ENTRY(job)		 entry;
	const struct db_statement	*statement;
	db_done				 done;
	void				*arg;
	int64_t				 since_ms;
	int				 nparams, resends;
	bool				 given_up;	/* told so; still sent */
	enum { AWAITS_PREPARE, AWAITS_ROWS, AWAITS_SYNC } awaits;
	PGresult			*result;
	const char			*values[PARAMS_MAX];
	int				 lengths[PARAMS_MAX], formats[PARAMS_MAX];
	char				 data[];
};
TAILQ_HEAD(jobs, job);

struct db {
	struct event_base	*base;
	char			*conninfo, *label;
	PGconn			*conn;
	enum { PAUSING, CONNECTING, UP } state;
	bool			 broken;	/* found while sending: end it soon */
	int			 pause_ms;
	int			 patience_ms, answer_ms;
	char			*trouble;	/* said in the log already */

	struct event		*io;		/* connecting, then reading */
	struct event		*writable;	/* added while output waits */
	struct event		*retry;
	struct event		*kick;		/* look at `broken` */
	struct event		*impatience;

	struct jobs		 waiting, sent;
	size_t			 nwaiting, nsent;
	const struct db_statement **prepared;
	size_t			 nprepared;
};

static void	connect_start(struct db *);
static void	lost(struct db *, const char *why);

/* ---- connecting ---- */

static PGconn *
start_conn(const char *conninfo, bool wait)
{
	/* Later ones win: ours, what the user says, what we cannot do without. */
	const char *const	 keys[] = { "fallback_application_name",
				    "keepalives_idle", "keepalives_interval",
				    "keepalives_count", "tcp_user_timeout",
				    "connect_timeout", "dbname",
				    "client_encoding", NULL };
	const char *const	 values[] = { "pawld", "20", "5", "3", "10000",
				    "10", conninfo, "UTF8", NULL };

	return wait ? PQconnectdbParams(keys, values, 1) :
	    PQconnectStartParams(keys, values, 1);
}

static void
on_notice(void *arg, const PGresult *r)
{
	const char	*text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

	log_debug("PostgreSQL says: %s connection=%s", text == NULL ? "" : text,
	    (const char *)arg);
}

/* One line for libpq's message, which ends in newlines. */
static char *
one_line(const char *text)
{
	char	*s = xstrdup(text == NULL ? "" : text), *p;
	size_t	 n = strlen(s);

	while (n > 0 && s[n - 1] == '\n')
		s[--n] = '\0';
	for (p = s; *p != '\0'; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	return s;
}

static void
drop_events(struct db *db)
{
	if (db->io != NULL)
		event_free(db->io);
	if (db->writable != NULL)
		event_free(db->writable);
	db->io = db->writable = NULL;
}

static void
pause_then_connect(struct db *db, const char *why)
{
	struct timeval	 tv = { db->pause_ms / 1000, db->pause_ms % 1000 * 1000 };
	char		*text = one_line(why);

	if (db->trouble == NULL || strcmp(db->trouble, text) != 0) {
		log_warn("no connection to PostgreSQL, trying again: %s connection=%s",
		    text, db->label);
		free(db->trouble);
		db->trouble = text;
	} else
		free(text);
	drop_events(db);
	if (db->conn != NULL)
		PQfinish(db->conn);
	db->conn = NULL;
	db->state = PAUSING;
	db->broken = false;
	evtimer_add(db->retry, &tv);
	db->pause_ms *= 2;
	if (db->pause_ms > PAUSE_MAX_MS)
		db->pause_ms = PAUSE_MAX_MS;
}

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	connect_start(arg);
}

static void	on_connecting(evutil_socket_t, short, void *);
static void	on_readable(evutil_socket_t, short, void *);
static void	on_writable(evutil_socket_t, short, void *);
static void	pump(struct db *);

/* The socket may be another one after each step. */
static void
connect_wait(struct db *db, short what)
{
	struct timeval	 tv = { CONNECT_STEP_S, 0 };

	drop_events(db);
	db->io = event_new(db->base, PQsocket(db->conn), what, on_connecting, db);
	event_add(db->io, &tv);
}

static void
connect_start(struct db *db)
{
	db->conn = start_conn(db->conninfo, false);
	if (db->conn == NULL) {
		pause_then_connect(db, "out of memory");
		return;
	}
	PQsetNoticeReceiver(db->conn, on_notice, db->label);
	if (PQstatus(db->conn) == CONNECTION_BAD) {
		char	*why = xstrdup(PQerrorMessage(db->conn));

		pause_then_connect(db, why);
		free(why);
		return;
	}
	db->state = CONNECTING;
	connect_wait(db, EV_WRITE);
}

static void
connected(struct db *db)
{
	int	 fd = PQsocket(db->conn);

	if (PQsetnonblocking(db->conn, 1) != 0 || !PQenterPipelineMode(db->conn)) {
		pause_then_connect(db, PQerrorMessage(db->conn));
		return;
	}
	drop_events(db);
	db->io = event_new(db->base, fd, EV_READ | EV_PERSIST, on_readable, db);
	db->writable = event_new(db->base, fd, EV_WRITE, on_writable, db);
	event_add(db->io, NULL);
	db->state = UP;
	db->nprepared = 0;
	if (db->trouble != NULL)
		log_info("connected to PostgreSQL again: connection=%s", db->label);
	free(db->trouble);
	db->trouble = NULL;
	pump(db);
}

static void
on_connecting(evutil_socket_t fd, short what, void *arg)
{
	struct db	*db = arg;

	(void)fd;
	if (what & EV_TIMEOUT) {
		pause_then_connect(db, "the server does not answer");
		return;
	}
	switch (PQconnectPoll(db->conn)) {
	case PGRES_POLLING_READING:
		connect_wait(db, EV_READ);
		break;
	case PGRES_POLLING_WRITING:
		connect_wait(db, EV_WRITE);
		break;
	case PGRES_POLLING_OK:
		connected(db);
		break;
	case PGRES_POLLING_FAILED:
	case PGRES_POLLING_ACTIVE:
	default:
		pause_then_connect(db, PQerrorMessage(db->conn));
		break;
	}
}

/* ---- sending ---- */

static bool
is_prepared(const struct db *db, const struct db_statement *s)
{
	for (size_t i = 0; i < db->nprepared; i++)
		if (db->prepared[i] == s)
			return true;
	return false;
}

static void
set_prepared(struct db *db, const struct db_statement *s, bool yes)
{
	if (yes && !is_prepared(db, s)) {
		db->prepared = xreallocarray(db->prepared, db->nprepared + 1,
		    sizeof *db->prepared);
		db->prepared[db->nprepared++] = s;
		return;
	}
	for (size_t i = 0; !yes && i < db->nprepared; i++)
		if (db->prepared[i] == s)
			db->prepared[i--] = db->prepared[--db->nprepared];
}

/* The loop will find out that the connection is of no more use. */
static void
set_broken(struct db *db)
{
	db->broken = true;
	event_active(db->kick, EV_TIMEOUT, 0);
}

static void
on_kick(evutil_socket_t fd, short what, void *arg)
{
	struct db	*db = arg;

	(void)fd, (void)what;
	if (db->broken && db->conn != NULL) {
		char	*why = xstrdup(PQerrorMessage(db->conn));

		lost(db, why);
		free(why);
	}
}

static void
flush(struct db *db)
{
	int	 r = PQflush(db->conn);

	if (r < 0)
		set_broken(db);
	else if (r > 0)
		event_add(db->writable, NULL);
}

static void
send_job(struct db *db, struct job *j)
{
	const struct db_statement	*s = j->statement;
	bool				 known = s->name == NULL ||
					    is_prepared(db, s);
	int				 sent;

	TAILQ_REMOVE(&db->waiting, j, entry);
	db->nwaiting--;
	TAILQ_INSERT_TAIL(&db->sent, j, entry);
	db->nsent++;
	j->awaits = known ? AWAITS_ROWS : AWAITS_PREPARE;
	if (!known && !PQsendPrepare(db->conn, s->name, s->sql, 0, NULL)) {
		set_broken(db);
		return;
	}
	if (s->name == NULL) {
		sent = PQsendQueryParams(db->conn, s->sql, j->nparams, NULL,
		    j->values, j->lengths, j->formats, 0);
	} else {
		/* Known from now on: if that fails, take() forgets it again. */
		set_prepared(db, s, true);
		sent = PQsendQueryPrepared(db->conn, s->name, j->nparams,
		    j->values, j->lengths, j->formats, 0);
	}
	if (!sent || !PQpipelineSync(db->conn))
		set_broken(db);
	else
		flush(db);
}

static void
pump(struct db *db)
{
	struct job	*j;

	while (db->state == UP && !db->broken && db->nsent < PIPELINE_MAX &&
	    (j = TAILQ_FIRST(&db->waiting)) != NULL) {
		if (PQstatus(db->conn) == CONNECTION_BAD) {
			set_broken(db);
			return;
		}
		send_job(db, j);
	}
}

/* ---- answers ---- */

static void
end_job(struct job *j, enum db_status status)
{
	const struct db_result	*r = status == DB_OK || status == DB_FAILED ?
				    (const struct db_result *)j->result : NULL;

	if (j->done != NULL)
		j->done(status, r, j->arg);
	PQclear(j->result);
	free(j);
}

/* To the front of the queue: it is older than all that wait. */
static void
put_back(struct db *db, struct job *j)
{
	PQclear(j->result);
	j->result = NULL;
	j->since_ms = wallclock_monotonic_ms();
	j->resends++;
	TAILQ_INSERT_HEAD(&db->waiting, j, entry);
	db->nwaiting++;
}

/*
 * The job's sync has come.  What a pooler's server does not know (26000), or
 * knows already (42P05), was refused before it did anything.
 */
static void
finish(struct db *db, struct job *j)
{
	ExecStatusType	 st = j->result == NULL ? PGRES_FATAL_ERROR :
			    PQresultStatus(j->result);
	const char	*state;

	TAILQ_REMOVE(&db->sent, j, entry);
	db->nsent--;
	db->pause_ms = PAUSE_MIN_MS;
	if (st == PGRES_TUPLES_OK || st == PGRES_COMMAND_OK) {
		end_job(j, DB_OK);
		return;
	}
	state = j->result == NULL ? "" : db_sqlstate((struct db_result *)j->result);
	if (strcmp(state, "26000") == 0)
		set_prepared(db, j->statement, false);
	if ((strcmp(state, "26000") == 0 || strcmp(state, "42P05") == 0) &&
	    j->resends < RESEND_MAX) {
		put_back(db, j);
		return;
	}
	end_job(j, DB_FAILED);
}

/* Takes one result in; false if it says that the connection is at its end. */
static bool
take(struct db *db, struct job *j, PGresult *r)
{
	const char	*severity;

	switch ((int)PQresultStatus(r)) {
	case PGRES_PIPELINE_SYNC:
		PQclear(r);
		finish(db, j);
		return true;
	case PGRES_PIPELINE_ABORTED:
		PQclear(r);
		return true;
	case PGRES_FATAL_ERROR:
		severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
		if (PQresultErrorField(r, PG_DIAG_SQLSTATE) == NULL ||
		    (severity != NULL && strcmp(severity, "ERROR") != 0)) {
			PQclear(r);
			return false;
		}
		if (j->awaits == AWAITS_PREPARE && strcmp("42P05",
		    db_sqlstate((struct db_result *)r)) != 0)
			set_prepared(db, j->statement, false);
		break;
	default:
		if (j->awaits == AWAITS_PREPARE) {
			PQclear(r);
			return true;
		}
		break;
	}
	if (j->result == NULL)
		j->result = r;
	else
		PQclear(r);
	return true;
}

/* Takes in what has come; false if the connection is at its end. */
static bool
answers(struct db *db)
{
	int	 ends = 0;

	while (db->nsent > 0 && !PQisBusy(db->conn)) {
		struct job	*j = TAILQ_FIRST(&db->sent);
		PGresult	*r = PQgetResult(db->conn);

		if (r == NULL) {
			/* The end of one command; more than two is no protocol. */
			if (++ends > 2)
				return false;
			if (j->awaits != AWAITS_SYNC)
				j->awaits++;
			continue;
		}
		ends = 0;
		if (!take(db, j, r))
			return false;
	}
	return true;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct db	*db = arg;
	bool		 alive = PQconsumeInput(db->conn);
	char		*why;

	(void)fd, (void)what;
	/* Answers that came just before the end still count. */
	if (!answers(db) || !alive || PQstatus(db->conn) == CONNECTION_BAD) {
		why = xstrdup(PQerrorMessage(db->conn));
		lost(db, why[0] == '\0' ? "the connection was closed" : why);
		free(why);
		return;
	}
	pump(db);
	if (!db->broken)
		flush(db);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	flush(arg);
}

/* From the loop only: calls back. */
static void
lost(struct db *db, const char *why)
{
	struct jobs	 again = TAILQ_HEAD_INITIALIZER(again);
	struct jobs	 unknown = TAILQ_HEAD_INITIALIZER(unknown);
	struct job	*j;

	while ((j = TAILQ_LAST(&db->sent, jobs)) != NULL) {
		TAILQ_REMOVE(&db->sent, j, entry);
		if (j->statement->repeatable && j->resends < RESEND_MAX &&
		    !j->given_up)
			put_back(db, j);
		else
			TAILQ_INSERT_HEAD(&unknown, j, entry);
	}
	db->nsent = 0;
	pause_then_connect(db, why);
	while ((j = TAILQ_FIRST(&unknown)) != NULL) {
		TAILQ_REMOVE(&unknown, j, entry);
		end_job(j, j->statement->repeatable ? DB_GIVEN_UP : DB_UNKNOWN);
	}
}

/* ---- patience ---- */

static void
watch_patience(struct db *db)
{
	struct timeval	 tv;
	int		 ms = db->patience_ms / 4 + 1;

	if (db->patience_ms == 0 || (db->nwaiting == 0 && (db->answer_ms == 0 ||
	    db->nsent == 0)) || evtimer_pending(db->impatience, NULL))
		return;
	tv = (struct timeval){ ms / 1000, ms % 1000 * 1000 };
	evtimer_add(db->impatience, &tv);
}

/*
 * Tells those who have waited too long for an answer.  What was sent stays sent,
 * and its answer will be thrown away: a server that hangs is not asked again and
 * again on new connections.
 */
static void
give_up_sent(struct db *db, int64_t now)
{
	struct job	*j;

	do {
		TAILQ_FOREACH(j, &db->sent, entry)
			if (!j->given_up && now - j->since_ms >= db->answer_ms)
				break;
		if (j != NULL) {
			j->given_up = true;
			if (j->done != NULL)
				j->done(j->statement->repeatable ? DB_GIVEN_UP :
				    DB_UNKNOWN, NULL, j->arg);
			j->done = NULL;
		}
	} while (j != NULL);
}

static void
on_impatience(evutil_socket_t fd, short what, void *arg)
{
	struct db	*db = arg;
	struct jobs	 over = TAILQ_HEAD_INITIALIZER(over);
	struct job	*j, *next;
	int64_t		 now = wallclock_monotonic_ms();

	(void)fd, (void)what;
	for (j = TAILQ_FIRST(&db->waiting); j != NULL; j = next) {
		next = TAILQ_NEXT(j, entry);
		if (now - j->since_ms < db->patience_ms)
			continue;
		TAILQ_REMOVE(&db->waiting, j, entry);
		db->nwaiting--;
		TAILQ_INSERT_TAIL(&over, j, entry);
	}
	while ((j = TAILQ_FIRST(&over)) != NULL) {
		TAILQ_REMOVE(&over, j, entry);
		end_job(j, DB_GIVEN_UP);
	}
	if (db->answer_ms != 0)
		give_up_sent(db, now);
	watch_patience(db);
}

/* ---- the interface ---- */

struct db *
db_new(struct event_base *base, const char *conninfo, const char *label)
{
	struct db	*db = xcalloc(1, sizeof *db);

	db->base = base;
	db->conninfo = xstrdup(conninfo);
	db->label = xstrdup(label);
	db->pause_ms = PAUSE_MIN_MS;
	TAILQ_INIT(&db->waiting);
	TAILQ_INIT(&db->sent);
	db->retry = evtimer_new(base, on_retry, db);
	db->kick = event_new(base, -1, 0, on_kick, db);
	db->impatience = evtimer_new(base, on_impatience, db);
	connect_start(db);
	return db;
}

static void
drop_jobs(struct jobs *list)
{
	struct job	*j;

	while ((j = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, j, entry);
		PQclear(j->result);
		free(j);
	}
}

void
db_free(struct db *db)
{
	if (db == NULL)
		return;
	drop_events(db);
	event_free(db->retry);
	event_free(db->kick);
	event_free(db->impatience);
	if (db->conn != NULL)
		PQfinish(db->conn);
	drop_jobs(&db->waiting);
	drop_jobs(&db->sent);
	free(db->prepared);
	free(db->trouble);
	free(db->conninfo);
	free(db->label);
	free(db);
}

static size_t
param_len(const struct db_param *p)
{
	return p->len == 0 && !p->binary ? strlen(p->data) : p->len;
}

static struct job *
new_job(const struct db_statement *s, const struct db_param *params, int n)
{
	struct job	*j;
	size_t		 bytes = 0;
	char		*at;

	assert(n >= 0 && n <= PARAMS_MAX);
	for (int i = 0; i < n; i++)
		if (params[i].data != NULL)
			bytes += param_len(&params[i]) + 1;
	j = xmalloc(sizeof *j + bytes);
	memset(j, 0, sizeof *j);
	j->statement = s;
	j->nparams = n;
	at = j->data;
	for (int i = 0; i < n; i++) {
		size_t	 len;

		if (params[i].data == NULL)
			continue;
		len = param_len(&params[i]);
		memcpy(at, params[i].data, len);
		at[len] = '\0';
		j->values[i] = at;
		j->lengths[i] = (int)len;
		j->formats[i] = params[i].binary;
		at += len + 1;
	}
	return j;
}

void
db_run(struct db *db, const struct db_statement *s, const struct db_param *params,
    int n, db_done done, void *arg)
{
	struct job	*j = new_job(s, params, n);

	j->done = done;
	j->arg = arg;
	j->since_ms = wallclock_monotonic_ms();
	TAILQ_INSERT_TAIL(&db->waiting, j, entry);
	db->nwaiting++;
	pump(db);
	watch_patience(db);
}

bool
db_connected(const struct db *db)
{
	return db->state == UP && !db->broken;
}

size_t
db_outstanding(const struct db *db)
{
	return db->nwaiting + db->nsent;
}

void
db_set_patience(struct db *db, int ms, int answer_ms)
{
	db->patience_ms = ms;
	db->answer_ms = answer_ms;
	watch_patience(db);
}

/* ---- results ---- */

static const PGresult *
pg(const struct db_result *r)
{
	return (const PGresult *)r;
}

int
db_rows(const struct db_result *r)
{
	return PQntuples(pg(r));
}

bool
db_null(const struct db_result *r, int row, int col)
{
	return PQgetisnull(pg(r), row, col);
}

const char *
db_text(const struct db_result *r, int row, int col)
{
	return PQgetvalue(pg(r), row, col);
}

size_t
db_length(const struct db_result *r, int row, int col)
{
	return (size_t)PQgetlength(pg(r), row, col);
}

int64_t
db_int(const struct db_result *r, int row, int col)
{
	return strtoll(PQgetvalue(pg(r), row, col), NULL, 10);
}

bool
db_bool(const struct db_result *r, int row, int col)
{
	return PQgetvalue(pg(r), row, col)[0] == 't';
}

const char *
db_sqlstate(const struct db_result *r)
{
	const char	*s = PQresultErrorField(pg(r), PG_DIAG_SQLSTATE);

	return s == NULL ? "" : s;
}

const char *
db_message(const struct db_result *r)
{
	const char	*s = PQresultErrorField(pg(r), PG_DIAG_MESSAGE_PRIMARY);

	return s == NULL ? "" : s;
}

/* ---- blocking sessions ---- */

struct db_session {
	PGconn	*conn;
};

struct db_session *
db_session_open(const char *conninfo, struct err *e)
{
	struct db_session	*s = xcalloc(1, sizeof *s);
	char			*why;

	s->conn = start_conn(conninfo, true);
	if (s->conn != NULL && PQstatus(s->conn) == CONNECTION_OK) {
		PQsetNoticeReceiver(s->conn, on_notice, (void *)(uintptr_t)"session");
		return s;
	}
	why = one_line(s->conn == NULL ? "out of memory" : PQerrorMessage(s->conn));
	err_set(e, "Unavailable", "%s", why);
	free(why);
	db_session_close(s);
	return NULL;
}

static void
session_error(struct db_session *s, const PGresult *r, struct err *e)
{
	const char	*text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	char		*why = one_line(text != NULL ? text : PQerrorMessage(s->conn));

	err_set(e, PQstatus(s->conn) == CONNECTION_OK ? "StoreError" :
	    "Unavailable", "%s", why);
	free(why);
}

int
db_session_run(struct db_session *s, const char *sql, struct err *e)
{
	PGresult	*r = PQexec(s->conn, sql);
	ExecStatusType	 st = PQresultStatus(r);
	int		 bad = st != PGRES_COMMAND_OK && st != PGRES_TUPLES_OK;

	if (bad)
		session_error(s, r, e);
	PQclear(r);
	return bad ? -1 : 0;
}

char *
db_session_value(struct db_session *s, const char *sql, const char *const *params,
    int n, struct err *e)
{
	PGresult	*r = PQexecParams(s->conn, sql, n, NULL, params, NULL, NULL, 0);
	ExecStatusType	 st = PQresultStatus(r);
	char		*value = NULL;

	if (st != PGRES_COMMAND_OK && st != PGRES_TUPLES_OK)
		session_error(s, r, e);
	else if (st == PGRES_TUPLES_OK && PQntuples(r) > 0 && !PQgetisnull(r, 0, 0))
		value = xstrdup(PQgetvalue(r, 0, 0));
	PQclear(r);
	return value;
}

void
db_session_close(struct db_session *s)
{
	if (s == NULL)
		return;
	if (s->conn != NULL)
		PQfinish(s->conn);
	free(s);
}
