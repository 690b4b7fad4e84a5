/*
 * engine/store_shard.c - leases of shards, by the database's clock.
 *
 * Leases are hints that keep two owners of an execution rare; that they cannot
 * both append is the history's key (store_commit.c).
 */

#include <stdlib.h>

#include "store_private.h"
#include "xmalloc.h"

/*
 * All parts see the table as it was; the answer puts what was renewed and taken
 * over it.  Rows that another process is taking now are skipped.  A process is
 * forgotten long after its leases have ended.
 */
static const struct db_statement lease = { "shard_lease",
	"WITH alive AS (INSERT INTO pawl.process (owner, address, alive_until)"
	" VALUES ($1::text, $2::text, now() + $4::bigint * interval '1 ms')"
	" ON CONFLICT (owner) DO UPDATE SET address = excluded.address,"
	" alive_until = excluded.alive_until),"
	" dead AS (DELETE FROM pawl.process WHERE owner <> $1::text"
	" AND alive_until < now() - interval '1 minute'),"
	" held AS (UPDATE pawl.shard"
	" SET leased_until = now() + $4::bigint * interval '1 ms'"
	" WHERE owner = $1::text RETURNING shard),"
	" open AS MATERIALIZED (SELECT shard FROM pawl.shard"
	" WHERE owner IS DISTINCT FROM $1::text"
	" AND (owner IS NULL OR leased_until < now()) ORDER BY shard"
	" LIMIT greatest($3::bigint - (SELECT count(*) FROM held), 0)"
	" FOR UPDATE SKIP LOCKED),"
	" taken AS (UPDATE pawl.shard SET owner = $1::text,"
	" leased_until = now() + $4::bigint * interval '1 ms'"
	" WHERE shard IN (SELECT shard FROM open) RETURNING shard),"
	" ours AS (SELECT shard FROM held UNION ALL SELECT shard FROM taken)"
	" SELECT s.shard,"
	" CASE WHEN o.shard IS NULL THEN coalesce(s.owner, '') ELSE $1::text END,"
	" CASE WHEN o.shard IS NULL THEN coalesce(p.address, '')"
	" ELSE $2::text END,"
	" o.shard IS NOT NULL OR (s.owner IS NOT NULL AND s.leased_until >= now())"
	" FROM pawl.shard s LEFT JOIN ours o USING (shard)"
	" LEFT JOIN pawl.process p ON p.owner = s.owner ORDER BY s.shard", false
};

static const struct db_statement release_all = { "shard_release_all",
	"WITH gone AS (DELETE FROM pawl.process WHERE owner = $1::text)"
	" UPDATE pawl.shard SET owner = NULL, leased_until = '-infinity'"
	" WHERE owner = $1::text", true
};

static const struct db_statement release = { "shard_release",
	"UPDATE pawl.shard SET owner = NULL, leased_until = '-infinity'"
	" WHERE owner = $1::text AND shard = ANY ($2::bigint[])", true
};

static const struct db_statement processes = { "process_count",
	"SELECT count(*) FROM pawl.process WHERE alive_until >= now()", true
};

struct leasing {
	store_leases_got	 done;
	void			*arg;
};

static void
leasing_done(enum db_status status, const struct db_result *r, void *arg)
{
	struct leasing		*q = arg;
	struct err		 e = ERR_INIT;
	struct store_lease	*rows = NULL;
	size_t			 n = 0;

	store_outcome(&e, status, r);
	if (status == DB_OK) {
		rows = xcalloc((size_t)db_rows(r) + 1, sizeof *rows);
		for (int i = 0; i < db_rows(r); i++)
			rows[n++] = (struct store_lease){ (int)db_int(r, i, 0),
			    db_text(r, i, 1), db_text(r, i, 2), db_bool(r, i, 3) };
	}
	q->done(&e, rows, n, q->arg);
	err_clear(&e);
	free(rows);
	free(q);
}

void
store_shard_lease(struct store *s, const char *owner, const char *address,
    int want, int64_t ttl_ms, store_leases_got done, void *arg)
{
	struct store_args	 a = { .n = 0 };
	struct leasing		*q = xmalloc(sizeof *q);

	*q = (struct leasing){ done, arg };
	store_arg_text(&a, owner);
	store_arg_text(&a, address);
	store_arg_int(&a, want);
	store_arg_int(&a, ttl_ms);
	db_run(s->writes, &lease, a.list, a.n, leasing_done, q);
}

void
store_shard_release(struct store *s, const char *owner, const int *shards, int n,
    store_done done, void *arg)
{
	struct store_args	 a = { .n = 0 };
	struct db_array		*list = db_array_new(DB_INTS);

	store_arg_text(&a, owner);
	if (n < 0) {
		store_run(s->writes, &release_all, &a, NULL, done, arg);
	} else {
		for (int i = 0; i < n; i++)
			db_array_add_int(list, shards[i]);
		store_arg_array(&a, list);
		store_run(s->writes, &release, &a, NULL, done, arg);
	}
	db_array_free(list);
}

struct counting {
	void	(*done)(const struct err *, int, void *);
	void	*arg;
};

static void
counting_done(enum db_status status, const struct db_result *r, void *arg)
{
	struct counting	*q = arg;
	struct err	 e = ERR_INIT;

	store_outcome(&e, status, r);
	q->done(&e, status == DB_OK ? (int)db_int(r, 0, 0) : 0, q->arg);
	err_clear(&e);
	free(q);
}

void
store_process_count(struct store *s, void (*done)(const struct err *, int, void *),
    void *arg)
{
	struct counting	*q = xmalloc(sizeof *q);

	*q = (struct counting){ done, arg };
	db_run(s->reads, &processes, NULL, 0, counting_done, q);
}
