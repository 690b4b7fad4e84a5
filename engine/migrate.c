/*
 * engine/migrate.c - brings a database to the schema this pawld knows.
 *
 * The lock is one of the transaction, not of the session, so that it holds
 * through a transaction pooler too; whoever waited for it looks again at what
 * has been applied.  Row 0 of pawl.migration says which views are there.
 */

#include "migrate.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "db.h"
#include "log.h"
#include "xmalloc.h"

#define SERVER_VERSION_MIN	140000	/* COMPRESSION lz4 */
#define LOCK			"SELECT pg_advisory_xact_lock(724693581)"

/* The value of a query that gives a number; -1 and e. */
static int64_t
ask(struct db_session *s, const char *sql, struct err *e)
{
	char	*text = db_session_value(s, sql, NULL, 0, e);
	int64_t	 n;

	if (text == NULL)
		return err_set(e, "StoreError", "no answer to: %s", sql);
	n = strtoll(text, NULL, 10);
	free(text);
	return n;
}

static int
check_server(struct db_session *s, struct err *e)
{
	int64_t	 version = ask(s, "SELECT current_setting('server_version_num')", e);
	char	*encoding;

	if (version < 0)
		return -1;
	if (version < SERVER_VERSION_MIN)
		return err_set(e, "UnsuitableDatabase",
		    "PostgreSQL 14 or newer is needed; this server is %" PRId64 ".%"
		    PRId64, version / 10000, version % 10000);
	encoding = db_session_value(s, "SHOW server_encoding", NULL, 0, e);
	if (encoding == NULL)
		return -1;
	if (strcmp(encoding, "UTF8") != 0)
		err_set(e, "UnsuitableDatabase", "the database's encoding is %s; "
		    "create one with ENCODING 'UTF8' TEMPLATE template0", encoding);
	free(encoding);
	return e->code[0] == '\0' ? 0 : -1;
}

/* The number of the last migration that was applied; 0 none; -1 and e. */
static int64_t
applied(struct db_session *s, struct err *e)
{
	int64_t	 there = ask(s, "SELECT (to_regclass('pawl.migration') IS NOT NULL)"
		    "::int", e);

	if (there <= 0)
		return there;
	return ask(s, "SELECT coalesce(max(number), 0) FROM pawl.migration", e);
}

static int
in_transaction(struct db_session *s, int (*fn)(struct db_session *, const void *,
    struct err *), const void *arg, struct err *e)
{
	struct err	 ignored = ERR_INIT;

	if (db_session_run(s, "BEGIN", e) == 0 && db_session_run(s, LOCK, e) == 0 &&
	    fn(s, arg, e) == 0 && db_session_run(s, "COMMIT", e) == 0)
		return 0;
	if (db_session_run(s, "ROLLBACK", &ignored) != 0)
		err_clear(&ignored);
	return -1;
}

static int
apply_one(struct db_session *s, const void *arg, struct err *e)
{
	const struct migration	*m = arg;
	int64_t			 last = applied(s, e);
	char			*sql;
	int			 r;

	if (last < 0)
		return -1;
	if (last >= m->number)
		return 0;		/* another node was faster */
	log_info("applying migration %03d_%s", m->number, m->name);
	if (db_session_run(s, m->sql, e) != 0) {
		err_context(e, "migration %03d_%s: ", m->number, m->name);
		return -1;
	}
	sql = xasprintf("INSERT INTO pawl.migration (number, name) "
	    "VALUES (%d, '%s')", m->number, m->name);
	r = db_session_run(s, sql, e);
	free(sql);
	return r;
}

static char *
views_name(void)
{
	uint64_t	 h = 14695981039346656037u;	/* FNV-1a */

	for (const char *p = migrate_views; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	return xasprintf("views %016" PRIx64, h);
}

static int
apply_views(struct db_session *s, const void *arg, struct err *e)
{
	const char	*name = arg;
	char		*there, *sql;
	int		 r;

	there = db_session_value(s, "SELECT name FROM pawl.migration "
	    "WHERE number = 0", NULL, 0, e);
	if (e->code[0] != '\0')
		return -1;
	r = there != NULL && strcmp(there, name) == 0;
	free(there);
	if (r)
		return 0;
	if (db_session_run(s, migrate_views, e) != 0) {
		err_context(e, "views.sql: ");
		return -1;
	}
	sql = xasprintf("INSERT INTO pawl.migration (number, name) VALUES (0, '%s') "
	    "ON CONFLICT (number) DO UPDATE SET name = excluded.name, "
	    "applied_at = excluded.applied_at", name);
	r = db_session_run(s, sql, e);
	free(sql);
	return r;
}

static int
run(struct db_session *s, struct err *e)
{
	const struct migration	*newest = &migrate_list[migrate_count - 1];
	int64_t			 last;
	char			*views;
	int			 r;

	if (check_server(s, e) != 0)
		return -1;
	if ((last = applied(s, e)) < 0)
		return -1;
	if (last > newest->number)
		return err_set(e, "SchemaNewer", "the database's schema is number "
		    "%" PRId64 ", this pawld knows only up to %d: run the newer "
		    "pawld, or give this one another database", last,
		    newest->number);
	for (size_t i = 0; i < migrate_count; i++)
		if (migrate_list[i].number > last && in_transaction(s, apply_one,
		    &migrate_list[i], e) != 0)
			return -1;
	views = views_name();
	r = in_transaction(s, apply_views, views, e);
	free(views);
	return r;
}

int
migrate_run(const char *conninfo, struct err *e)
{
	struct db_session	*s = db_session_open(conninfo, e);
	int			 r;

	if (s == NULL)
		return -1;
	r = run(s, e);
	db_session_close(s);
	return r;
}

int
migrate_claim(const char *conninfo, const char *keys_digest, struct err *e)
{
	const char		*params[] = { keys_digest };
	struct db_session	*s;
	char			*owner;
	int			 rc = 0;

	if ((s = db_session_open(conninfo, e)) == NULL)
		return -1;
	owner = db_session_value(s, "INSERT INTO pawl.installation AS i "
	    "(keys_digest) VALUES ($1) ON CONFLICT (one) DO UPDATE "
	    "SET keys_digest = i.keys_digest RETURNING i.keys_digest", params, 1, e);
	db_session_close(s);
	if (owner == NULL)
		return err_set(e, "StoreError", "the database does not say whose "
		    "it is");
	if (strcmp(owner, keys_digest) != 0)
		rc = err_set(e, "OtherInstallation", "the database belongs to an "
		    "installation with other keys: copy keys.json from a node that "
		    "uses it already, or take another database");
	free(owner);
	return rc;
}
