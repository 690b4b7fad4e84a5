/*
 * engine/store_machine.c - state machines and their revisions.
 */

#include <stdlib.h>
#include <string.h>

#include "store_private.h"
#include "xmalloc.h"

#define TRIES_MAX	5

/* In the order of read_machine(). */
#define MACHINE								\
	"m.id, m.name, m.type, m.created_ms, m.updated_ms"
#define REVISION							\
	"r.revision, r.revision_id, r.role_arn, r.options, r.definition"
#define COLUMNS MACHINE ", " REVISION
#define CURRENT								\
	" FROM pawl.machine m JOIN pawl.machine_revision r"		\
	" ON r.machine_id = m.id AND r.revision = m.revision"

/* The last column tells a new one.  No row at all: one of that name appeared
 * after our snapshot; then the same again finds it. */
static const struct db_statement create = { "machine_create",
	"WITH m AS (INSERT INTO pawl.machine (name, type, created_ms, updated_ms)"
	" VALUES ($1::text, $2::text, $3::bigint, $3::bigint)"
	" ON CONFLICT (name) WHERE deleted_ms IS NULL DO NOTHING"
	" RETURNING id, name, type, created_ms, updated_ms),"
	" r AS (INSERT INTO pawl.machine_revision (machine_id, revision,"
	" definition, role_arn, options, created_ms)"
	" SELECT m.id, 1, $4::text, $5::text, $6::text, $3::bigint FROM m"
	" RETURNING revision, revision_id, role_arn, options, definition)"
	" SELECT " COLUMNS ", true FROM m, r"
	" UNION ALL SELECT " COLUMNS ", false" CURRENT
	" WHERE m.name = $1::text AND m.deleted_ms IS NULL", false
};

/* What is not given comes from the revision before; one that was made after
 * our snapshot is not seen, and the NOT NULL columns refuse: then again. */
#define BEFORE(column, param)						\
	"coalesce(" param "::text, (SELECT b." column			\
	" FROM pawl.machine_revision b WHERE b.machine_id = m.id"	\
	" AND b.revision = m.revision - 1))"

static const struct db_statement update = { "machine_update",
	"WITH m AS (UPDATE pawl.machine SET revision = revision + 1,"
	" updated_ms = $2::bigint WHERE name = $1::text AND deleted_ms IS NULL"
	" RETURNING id, name, type, created_ms, updated_ms, revision),"
	" r AS (INSERT INTO pawl.machine_revision (machine_id, revision,"
	" definition, role_arn, options, created_ms) SELECT m.id, m.revision, "
	BEFORE("definition", "$3") ", " BEFORE("role_arn", "$4") ", "
	BEFORE("options", "$5") ", $2::bigint FROM m"
	" RETURNING revision, revision_id, role_arn, options, definition)"
	" SELECT " COLUMNS " FROM m, r", false
};

static const struct db_statement get = { "machine_get",
	"SELECT " COLUMNS CURRENT
	" WHERE m.name = $1::text AND m.deleted_ms IS NULL", true
};

static const struct db_statement get_revision = { "machine_get_revision",
	"SELECT " COLUMNS " FROM pawl.machine m JOIN pawl.machine_revision r"
	" ON r.machine_id = m.id WHERE r.machine_id = $1::bigint"
	" AND r.revision = $2::bigint", true
};

static const struct db_statement list = { "machine_list",
	"SELECT " MACHINE ", r.revision, r.revision_id, r.role_arn, r.options, NULL"
	CURRENT " WHERE m.deleted_ms IS NULL AND ($1::text IS NULL"
	" OR m.name COLLATE \"C\" > $1::text COLLATE \"C\")"
	" ORDER BY m.name COLLATE \"C\" LIMIT $2::bigint", true
};

static const struct db_statement delete = { "machine_delete",
	"UPDATE pawl.machine SET deleted_ms ="
	" (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
	" WHERE name = $1::text AND deleted_ms IS NULL", true
};

static struct store_machine
read_machine(const struct db_result *r, int row)
{
	return (struct store_machine){
		.id = db_int(r, row, 0),
		.name = db_text(r, row, 1),
		.type = db_text(r, row, 2),
		.created_ms = db_int(r, row, 3),
		.updated_ms = db_int(r, row, 4),
		.revision = db_int(r, row, 5),
		.revision_id = db_text(r, row, 6),
		.role_arn = db_text(r, row, 7),
		.options = db_text(r, row, 8),
		.definition = db_null(r, row, 9) ? NULL : db_text(r, row, 9)
	};
}

/* A question for machines; a write keeps its own copies, to ask again. */
struct asking {
	struct store			*store;
	const struct db_statement	*statement;
	store_machine_got		 done;
	void				*arg;
	bool				 one;		/* a row must come */
	int				 tries;
	struct store_args		*again;		/* or NULL */
	char				*texts[4];
};

static void
asking_free(struct asking *q)
{
	for (size_t i = 0; i < 4; i++)
		free(q->texts[i]);
	free(q->again);
	free(q);
}

static void
answer(struct asking *q, struct err *e, const struct db_result *r)
{
	struct store_machine	*rows;
	size_t			 n = r == NULL ? 0 : (size_t)db_rows(r);

	rows = xcalloc(n + 1, sizeof *rows);
	for (size_t i = 0; i < n; i++)
		rows[i] = read_machine(r, (int)i);
	if (q->statement == &create && n > 0 && !db_bool(r, 0, 10))
		err_set(e, "Exists", "there is a state machine of this name");
	else if (q->one && n == 0)
		err_set(e, "NotFound", "there is no such state machine");
	q->done(e, rows, n, q->arg);
	free(rows);
}

static bool
lost_race(const struct asking *q, enum db_status status, const struct db_result *r)
{
	if (q->again == NULL)
		return false;
	if (q->statement == &create && status == DB_OK && db_rows(r) == 0)
		return true;
	return store_again(status, r) || (q->statement == &update &&
	    status == DB_FAILED && strcmp(db_sqlstate(r), "23502") == 0);
}

static void
asking_done(enum db_status status, const struct db_result *r, void *arg)
{
	struct asking	*q = arg;
	struct err	 e = ERR_INIT;

	if (lost_race(q, status, r) && ++q->tries < TRIES_MAX) {
		db_run(q->store->writes, q->statement, q->again->list,
		    q->again->n, asking_done, q);
		return;
	}
	store_outcome(&e, status, r);
	if (status == DB_OK && q->statement == &create && db_rows(r) == 0)
		err_set(&e, "Unavailable", "state machines of this name come and go");
	answer(q, &e, status == DB_OK ? r : NULL);
	err_clear(&e);
	asking_free(q);
}

static struct asking *
asking_new(struct store *s, const struct db_statement *st, bool one,
    store_machine_got done, void *arg)
{
	struct asking	*q = xcalloc(1, sizeof *q);

	*q = (struct asking){ .store = s, .statement = st, .done = done,
	    .arg = arg, .one = one };
	return q;
}

static char *
copy(const char *text)
{
	return text == NULL ? NULL : xstrdup(text);
}

void
store_machine_create(struct store *s, const struct store_machine *m,
    store_machine_got done, void *arg)
{
	struct asking		*q = asking_new(s, &create, true, done, arg);
	struct store_args	*a = q->again = xcalloc(1, sizeof *a);

	store_arg_text(a, q->texts[0] = xstrdup(m->name));
	store_arg_text(a, strcmp(m->type, "EXPRESS") == 0 ? "EXPRESS" : "STANDARD");
	store_arg_int(a, m->created_ms);
	store_arg_text(a, q->texts[1] = xstrdup(m->definition));
	store_arg_text(a, q->texts[2] = xstrdup(m->role_arn));
	store_arg_text(a, q->texts[3] = xstrdup(m->options == NULL ? "{}" :
	    m->options));
	db_run(s->writes, &create, a->list, a->n, asking_done, q);
}

void
store_machine_update(struct store *s, const char *name, const char *definition,
    const char *role_arn, const char *options, int64_t now_ms,
    store_machine_got done, void *arg)
{
	struct asking		*q = asking_new(s, &update, true, done, arg);
	struct store_args	*a = q->again = xcalloc(1, sizeof *a);

	store_arg_text(a, q->texts[0] = xstrdup(name));
	store_arg_int(a, now_ms);
	store_arg_text(a, q->texts[1] = copy(definition));
	store_arg_text(a, q->texts[2] = copy(role_arn));
	store_arg_text(a, q->texts[3] = copy(options));
	db_run(s->writes, &update, a->list, a->n, asking_done, q);
}

void
store_machine_get(struct store *s, const char *name, store_machine_got done,
    void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_text(&a, name);
	db_run(s->reads, &get, a.list, a.n, asking_done,
	    asking_new(s, &get, true, done, arg));
}

void
store_machine_revision(struct store *s, int64_t id, int64_t revision,
    store_machine_got done, void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_int(&a, id);
	store_arg_int(&a, revision);
	db_run(s->reads, &get_revision, a.list, a.n, asking_done,
	    asking_new(s, &get_revision, true, done, arg));
}

void
store_machine_list(struct store *s, const char *after, int limit,
    store_machine_got done, void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_text(&a, after);
	store_arg_int(&a, limit);
	db_run(s->reads, &list, a.list, a.n, asking_done,
	    asking_new(s, &list, false, done, arg));
}

void
store_machine_delete(struct store *s, const char *name, store_done done, void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_text(&a, name);
	store_run(s->writes, &delete, &a, NULL, done, arg);
}
