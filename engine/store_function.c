/*
 * engine/store_function.c - functions: a name and where to POST.
 */

#include <stdlib.h>

#include "store_private.h"
#include "xmalloc.h"

#define COLUMNS "name, url, timeout_ms, updated_ms"

static const struct db_statement put = { "function_put",
	"INSERT INTO pawl.function (" COLUMNS ")"
	" VALUES ($1::text, $2::text, $3::bigint, $4::bigint)"
	" ON CONFLICT (name) DO UPDATE SET url = excluded.url,"
	" timeout_ms = excluded.timeout_ms, updated_ms = excluded.updated_ms", true
};

static const struct db_statement get = { "function_get",
	"SELECT " COLUMNS " FROM pawl.function WHERE name = $1::text", true
};

static const struct db_statement list = { "function_list",
	"SELECT " COLUMNS " FROM pawl.function WHERE $1::text IS NULL"
	" OR name COLLATE \"C\" > $1::text COLLATE \"C\""
	" ORDER BY name COLLATE \"C\" LIMIT $2::bigint", true
};

static const struct db_statement delete = { "function_delete",
	"DELETE FROM pawl.function WHERE name = $1::text RETURNING 1", false
};

struct asking {
	store_function_got	 done;
	void			*arg;
	bool			 one;
};

static void
asking_done(enum db_status status, const struct db_result *r, void *arg)
{
	struct asking		*q = arg;
	struct err		 e = ERR_INIT;
	struct store_function	*rows = NULL;
	size_t			 n = 0;

	store_outcome(&e, status, r);
	if (status == DB_OK) {
		rows = xcalloc((size_t)db_rows(r) + 1, sizeof *rows);
		for (int i = 0; i < db_rows(r); i++)
			rows[n++] = (struct store_function){ db_text(r, i, 0),
			    db_text(r, i, 1), db_int(r, i, 2), db_int(r, i, 3) };
		if (q->one && n == 0)
			err_set(&e, "NotFound", "there is no such function");
	}
	q->done(&e, rows, n, q->arg);
	err_clear(&e);
	free(rows);
	free(q);
}

static void
ask(struct store *s, const struct db_statement *st, const struct store_args *a,
    bool one, store_function_got done, void *arg)
{
	struct asking	*q = xmalloc(sizeof *q);

	*q = (struct asking){ done, arg, one };
	db_run(s->reads, st, a->list, a->n, asking_done, q);
}

void
store_function_put(struct store *s, const struct store_function *f,
    store_done done, void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_text(&a, f->name);
	store_arg_text(&a, f->url);
	store_arg_int(&a, f->timeout_ms);
	store_arg_int(&a, f->updated_ms);
	store_run(s->writes, &put, &a, NULL, done, arg);
}

void
store_function_get(struct store *s, const char *name, store_function_got done,
    void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_text(&a, name);
	ask(s, &get, &a, true, done, arg);
}

void
store_function_list(struct store *s, const char *after, int limit,
    store_function_got done, void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_text(&a, after);
	store_arg_int(&a, limit);
	ask(s, &list, &a, false, done, arg);
}

void
store_function_delete(struct store *s, const char *name, store_done done, void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_text(&a, name);
	store_run(s->writes, &delete, &a, "there is no such function", done, arg);
}
