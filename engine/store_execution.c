/*
 * engine/store_execution.c - executions and their histories, read.
 *
 * Every statement is one snapshot: a row never comes with chunks of another
 * moment.  All are planned at each run (no name): the plan for a small table,
 * kept, would scan it when it is large.
 */

#include <stdlib.h>
#include <string.h>

#include "store_private.h"
#include "xmalloc.h"

/* In the order of read_execution(). */
#define COLUMNS								\
	"x.shard, x.id, x.name, m.name, x.machine_id, x.revision, x.status,"\
	" x.started_ms, coalesce(x.ended_ms, 0), coalesce(x.wake_ms, 0)"
#define NCOLUMNS 10
#define EXECUTION							\
	" FROM pawl.execution x JOIN pawl.machine m ON m.id = x.machine_id"
#define THIS " WHERE x.shard = $1::smallint AND x.id = $2::uuid"
#define CHUNKS								\
	"SELECT h.first_id, h.last_id, h.events FROM pawl.history h"	\
	" WHERE h.shard = x.shard AND h.execution_id = x.id"

static const struct db_statement load = { NULL,
	"SELECT " COLUMNS ", h.first_id, h.last_id, h.events" EXECUTION
	" LEFT JOIN pawl.history h ON h.shard = $1::smallint"
	" AND h.execution_id = $2::uuid" THIS " ORDER BY h.first_id", true
};

static const struct db_statement describe = { NULL,
	"SELECT " COLUMNS ", h.*" EXECUTION " LEFT JOIN LATERAL ("
	"(" CHUNKS " AND h.first_id = 1) UNION ALL"
	" (" CHUNKS " AND h.first_id > 1 ORDER BY h.first_id DESC LIMIT 1)"
	") h ON true" THIS " ORDER BY h.first_id", true
};

/* The chunk that holds an event is the last one that begins at or before it. */
#define HOLDS(event)							\
	"coalesce((SELECT max(g.first_id) FROM pawl.history g"		\
	" WHERE g.shard = $1::smallint AND g.execution_id = $2::uuid"	\
	" AND g.first_id <= " event "::bigint), 0)"

static const struct db_statement history = { NULL,
	"SELECT " COLUMNS ", h.*" EXECUTION " LEFT JOIN LATERAL ("
	CHUNKS " AND h.first_id >= " HOLDS("$3") " AND h.first_id <= $4::bigint"
	" AND h.last_id >= $3::bigint ORDER BY h.first_id LIMIT $5::bigint"
	") h ON true" THIS " ORDER BY h.first_id", true
};

static const struct db_statement history_reverse = { NULL,
	"SELECT " COLUMNS ", h.*" EXECUTION " LEFT JOIN LATERAL ("
	CHUNKS " AND h.first_id <= $3::bigint AND h.first_id >= " HOLDS("$4")
	" AND h.last_id >= $4::bigint ORDER BY h.first_id DESC LIMIT $5::bigint"
	") h ON true" THIS " ORDER BY h.first_id DESC", true
};

#define AFTER								\
	" AND ($2::smallint < 0 OR x.status = $2::smallint)"		\
	" AND x.started_ms <= $3::bigint"				\
	" AND (x.started_ms < $3::bigint OR x.id > $4::uuid)"
#define NEWEST " ORDER BY x.started_ms DESC, x.id LIMIT $5::bigint"

static const struct db_statement list_machine = { NULL,
	"SELECT " COLUMNS EXECUTION " WHERE x.machine_id = $1::bigint" AFTER NEWEST,
	true
};

/* Of any machine: the newest of each, by the same index, and of those. */
static const struct db_statement list_all = { NULL,
	"SELECT " COLUMNS " FROM pawl.machine m CROSS JOIN LATERAL ("
	"SELECT x.* FROM pawl.execution x WHERE x.machine_id = m.id" AFTER NEWEST
	") x WHERE $1::bigint = 0" NEWEST, true
};

static const struct db_statement due = { NULL,
	"SELECT " COLUMNS " FROM unnest($1::bigint[]) AS s(shard)"
	" CROSS JOIN LATERAL (SELECT e.* FROM pawl.execution e"
	" WHERE e.shard = s.shard::smallint AND e.wake_ms >= $2::bigint"
	" AND e.wake_ms < $3::bigint ORDER BY e.wake_ms LIMIT $4::bigint) x"
	" JOIN pawl.machine m ON m.id = x.machine_id", true
};

/* OFFSET 0: found by execution_open, never by walking all ids of the shard. */
static const struct db_statement open_list = { NULL,
	"SELECT o.id, coalesce((SELECT h.last_id FROM pawl.history h"
	" WHERE h.shard = $1::smallint AND h.execution_id = o.id"
	" ORDER BY h.first_id DESC LIMIT 1), 0)"
	" FROM (SELECT e.id FROM (SELECT x.id FROM pawl.execution x"
	" WHERE x.shard = $1::smallint AND x.wake_ms = 0 OFFSET 0) e"
	" WHERE e.id > $2::uuid ORDER BY e.id LIMIT $3::bigint) o"
	" ORDER BY o.id", true
};

/* ---- rows ---- */

static struct store_execution
read_execution(const struct db_result *r, int row)
{
	return (struct store_execution){
		.shard = (int)db_int(r, row, 0),
		.id = store_id(r, row, 1),
		.name = db_text(r, row, 2),
		.machine_name = db_text(r, row, 3),
		.machine_id = db_int(r, row, 4),
		.revision = db_int(r, row, 5),
		.status = (int)db_int(r, row, 6),
		.started_ms = db_int(r, row, 7),
		.ended_ms = db_int(r, row, 8),
		.wake_ms = db_int(r, row, 9)
	};
}

struct loading {
	store_loaded	 done;
	void		*arg;
};

static void
loading_done(enum db_status status, const struct db_result *r, void *arg)
{
	struct loading		*l = arg;
	struct err		 e = ERR_INIT;
	struct store_execution	 x;
	struct store_text	*chunks = NULL;
	size_t			 n = 0;

	store_outcome(&e, status, r);
	if (status == DB_OK && db_rows(r) == 0)
		err_set(&e, "NotFound", "there is no such execution");
	if (e.code[0] == '\0') {
		x = read_execution(r, 0);
		chunks = xcalloc((size_t)db_rows(r), sizeof *chunks);
		for (int i = 0; i < db_rows(r); i++)
			if (!db_null(r, i, NCOLUMNS))
				chunks[n++] = (struct store_text){
				    db_int(r, i, NCOLUMNS),
				    db_int(r, i, NCOLUMNS + 1),
				    db_text(r, i, NCOLUMNS + 2),
				    db_length(r, i, NCOLUMNS + 2) };
	}
	l->done(&e, e.code[0] == '\0' ? &x : NULL, chunks, n, l->arg);
	err_clear(&e);
	free(chunks);
	free(l);
}

static void
run_loading(struct store *s, const struct db_statement *st,
    const struct store_args *a, store_loaded done, void *arg)
{
	struct loading	*l = xmalloc(sizeof *l);

	*l = (struct loading){ done, arg };
	db_run(s->reads, st, a->list, a->n, loading_done, l);
}

void
store_load(struct store *s, const struct exec_id *id, int shard,
    store_loaded done, void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_int(&a, shard);
	store_arg_id(&a, id);
	run_loading(s, &load, &a, done, arg);
}

void
store_describe(struct store *s, const struct exec_id *id, int shard,
    store_loaded done, void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_int(&a, shard);
	store_arg_id(&a, id);
	run_loading(s, &describe, &a, done, arg);
}

void
store_history(struct store *s, const struct exec_id *id, int shard,
    int64_t from, int64_t to, bool reverse, int limit_chunks,
    store_loaded done, void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_int(&a, shard);
	store_arg_id(&a, id);
	store_arg_int(&a, from);
	store_arg_int(&a, to);
	store_arg_int(&a, limit_chunks);
	run_loading(s, reverse ? &history_reverse : &history, &a, done, arg);
}

/* ---- lists ---- */

struct listing {
	store_listed	 done;
	void		*arg;
};

static void
listing_done(enum db_status status, const struct db_result *r, void *arg)
{
	struct listing		*l = arg;
	struct err		 e = ERR_INIT;
	struct store_execution	*list = NULL;
	size_t			 n = 0;

	store_outcome(&e, status, r);
	if (status == DB_OK) {
		list = xcalloc((size_t)db_rows(r) + 1, sizeof *list);
		for (; n < (size_t)db_rows(r); n++)
			list[n] = read_execution(r, (int)n);
	}
	l->done(&e, list, n, l->arg);
	err_clear(&e);
	free(list);
	free(l);
}

static void
run_listing(struct store *s, const struct db_statement *st,
    const struct store_args *a, store_listed done, void *arg)
{
	struct listing	*l = xmalloc(sizeof *l);

	*l = (struct listing){ done, arg };
	db_run(s->reads, st, a->list, a->n, listing_done, l);
}

void
store_list(struct store *s, int64_t machine_id, int status, int64_t after_ms,
    const struct exec_id *after_id, int limit, store_listed done, void *arg)
{
	static const struct exec_id	 lowest;
	struct store_args		 a = { .n = 0 };

	store_arg_int(&a, machine_id);
	store_arg_int(&a, status);
	store_arg_int(&a, after_ms == 0 ? INT64_MAX : after_ms);
	store_arg_id(&a, after_ms == 0 || after_id == NULL ? &lowest : after_id);
	store_arg_int(&a, limit);
	run_listing(s, machine_id == 0 ? &list_all : &list_machine, &a, done, arg);
}

void
store_due(struct store *s, const int *shards, size_t nshards, bool resident,
    int64_t wake_before_ms, int limit, store_listed done, void *arg)
{
	struct db_array		*list = db_array_new(DB_INTS);
	struct store_args	 a = { .n = 0 };

	for (size_t i = 0; i < nshards; i++)
		db_array_add_int(list, shards[i]);
	store_arg_array(&a, list);
	store_arg_int(&a, resident ? STORE_RESIDENT : STORE_RESIDENT + 1);
	store_arg_int(&a, wake_before_ms);
	store_arg_int(&a, limit);
	run_listing(s, &due, &a, done, arg);
	db_array_free(list);
}

struct open_listing {
	store_open_listed	 done;
	void			*arg;
};

static void
open_listed(enum db_status status, const struct db_result *r, void *arg)
{
	struct open_listing	*l = arg;
	struct err		 e = ERR_INIT;
	struct store_open	*list = NULL;
	size_t			 n = 0;

	store_outcome(&e, status, r);
	if (status == DB_OK) {
		list = xcalloc((size_t)db_rows(r) + 1, sizeof *list);
		for (; n < (size_t)db_rows(r); n++)
			list[n] = (struct store_open){ store_id(r, (int)n, 0),
			    db_int(r, (int)n, 1) };
	}
	l->done(&e, list, n, l->arg);
	err_clear(&e);
	free(list);
	free(l);
}

void
store_open_list(struct store *s, int shard, const struct exec_id *after,
    int limit, store_open_listed done, void *arg)
{
	struct store_args	 a = { .n = 0 };
	struct open_listing	*l = xmalloc(sizeof *l);

	*l = (struct open_listing){ done, arg };
	store_arg_int(&a, shard);
	store_arg_id(&a, after);
	store_arg_int(&a, limit);
	db_run(s->reads, &open_list, a.list, a.n, open_listed, l);
}
