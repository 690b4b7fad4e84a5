/*
 * engine/store.c - the store's connections, and what its files share.
 */

#include "store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_private.h"
#include "xmalloc.h"

/* How long a statement waits for a connection before its caller hears so. */
#define PATIENCE_MS 5000
/* How long one that was sent waits for its answer. */
#define ANSWER_MS 15000

struct store *
store_new(struct event_base *base, const char *conninfo)
{
	struct store	*s = xcalloc(1, sizeof *s);

	s->base = base;
	s->commits = db_new(base, conninfo, "commits");
	s->writes = db_new(base, conninfo, "writes");
	s->reads = db_new(base, conninfo, "reads");
	db_set_patience(s->commits, PATIENCE_MS, 0);	/* committer.c waits */
	db_set_patience(s->writes, PATIENCE_MS, ANSWER_MS);
	db_set_patience(s->reads, PATIENCE_MS, ANSWER_MS);
	return s;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	db_free(s->commits);
	db_free(s->writes);
	db_free(s->reads);
	free(s);
}

bool
store_ready(const struct store *s)
{
	return db_connected(s->commits) && db_connected(s->writes) &&
	    db_connected(s->reads);
}

/* ---- parameters ---- */

void
store_arg_text(struct store_args *a, const char *text)
{
	a->list[a->n++] = (struct db_param){ text, 0, false };
}

void
store_arg_int(struct store_args *a, int64_t v)
{
	char	*text = a->numbers[a->n];

	snprintf(text, sizeof a->numbers[0], "%" PRId64, v);
	store_arg_text(a, text);
}

void
store_arg_int_or_null(struct store_args *a, int64_t v)
{
	if (v == 0)
		store_arg_text(a, NULL);
	else
		store_arg_int(a, v);
}

void
store_arg_id(struct store_args *a, const struct exec_id *id)
{
	a->list[a->n++] = (struct db_param){ (const char *)id->bytes,
	    sizeof id->bytes, true };
}

void
store_arg_array(struct store_args *a, struct db_array *array)
{
	a->list[a->n++] = db_array_param(array);
}

/* ---- outcomes ---- */

/*
 * SQLSTATEs that say nothing of the statement: the server is short of
 * something, in recovery, read-only, or was told to stop.
 */
static bool
is_passing(const char *state)
{
	static const char *const	 classes[] = { "08", "53", "58", "40",
					    "57014", "57P", "25006", NULL };

	for (int i = 0; classes[i] != NULL; i++)
		if (strncmp(state, classes[i], strlen(classes[i])) == 0)
			return true;
	return false;
}

void
store_outcome(struct err *e, enum db_status status, const struct db_result *r)
{
	switch (status) {
	case DB_OK:
		break;
	case DB_FAILED:
		err_set(e, is_passing(db_sqlstate(r)) ? "Unavailable" :
		    "StoreError", "PostgreSQL: %s", db_message(r));
		break;
	case DB_UNKNOWN:
		err_set(e, "UnknownOutcome",
		    "the connection to PostgreSQL broke during the write");
		break;
	case DB_GIVEN_UP:
		err_set(e, "Unavailable", "PostgreSQL cannot be reached");
		break;
	}
}

bool
store_again(enum db_status status, const struct db_result *r)
{
	return status == DB_FAILED && (strcmp(db_sqlstate(r), "40001") == 0 ||
	    strcmp(db_sqlstate(r), "40P01") == 0);
}

struct exec_id
store_id(const struct db_result *r, int row, int col)
{
	struct exec_id	 id;

	if (!arn_id_parse(db_text(r, row, col), &id))
		memset(&id, 0, sizeof id);
	return id;
}

/* ---- statements that answer no rows ---- */

struct plain {
	store_done	 done;
	void		*arg;
	const char	*missing;
};

static void
plain_done(enum db_status status, const struct db_result *r, void *arg)
{
	struct plain	*p = arg;
	struct err	 e = ERR_INIT;

	store_outcome(&e, status, r);
	if (status == DB_OK && p->missing != NULL && db_rows(r) == 0)
		err_set(&e, "NotFound", "%s", p->missing);
	if (p->done != NULL)
		p->done(&e, p->arg);
	err_clear(&e);
	free(p);
}

void
store_run(struct db *db, const struct db_statement *s, const struct store_args *a,
    const char *missing, store_done done, void *arg)
{
	struct plain	*p = xmalloc(sizeof *p);

	*p = (struct plain){ done, arg, missing };
	db_run(db, s, a->list, a->n, plain_done, p);
}
