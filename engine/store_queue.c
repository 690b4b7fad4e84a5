/*
 * engine/store_queue.c - queues and their messages.
 *
 * A message is one row.  Receiving hides it until visible_ms and gives it a new
 * receipt; what others have locked is skipped, so receivers never wait for each
 * other.  A receipt names its message too, so that no statement searches:
 *
 *	SHARD.MESSAGE-ID.RECEIPT-ID
 *
 * A queue is empty or huge from one moment to the next: what touches messages is
 * planned at each run (no name).
 *
 * Expired messages are neither received nor counted; each receive looks for
 * some among the oldest and removes them.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_private.h"
#include "xmalloc.h"

#define NO_MESSAGE	"the receipt is not that of a message in flight"
#define NO_QUEUE	"there is no such queue"

#define NOW "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
/* In the order of read_queue(). */
#define COLUMNS								\
	"q.id, q.name, q.visibility_ms, q.delay_ms, q.retention_ms, q.wait_ms,"\
	" q.created_ms"

/* The last column tells a new one; no row: it appeared after our snapshot. */
static const struct db_statement create = { "queue_create",
	"WITH q AS (INSERT INTO pawl.queue (name, visibility_ms, delay_ms,"
	" retention_ms, wait_ms, created_ms) VALUES ($1::text, $2::bigint,"
	" $3::bigint, $4::bigint, $5::bigint, $6::bigint)"
	" ON CONFLICT (name) DO NOTHING RETURNING id, name, visibility_ms, delay_ms,"
	" retention_ms, wait_ms, created_ms)"
	" SELECT " COLUMNS ", -1, -1, -1, true FROM q UNION ALL"
	" SELECT " COLUMNS ", -1, -1, -1, false FROM pawl.queue q"
	" WHERE q.name = $1::text", false
};

static const struct db_statement set = { "queue_set",
	"UPDATE pawl.queue SET visibility_ms = $2::bigint, delay_ms = $3::bigint,"
	" retention_ms = $4::bigint, wait_ms = $5::bigint WHERE id = $1::bigint"
	" RETURNING 1", true
};

static const struct db_statement get = { "queue_get",
	"SELECT " COLUMNS ", -1, -1, -1, true FROM pawl.queue q"
	" WHERE q.name = $1::text", true
};

static const struct db_statement get_counts = { NULL,
	"SELECT " COLUMNS ", c.available, c.in_flight, c.delayed, true"
	" FROM pawl.queue q CROSS JOIN (SELECT " NOW " AS now_ms) n"
	" CROSS JOIN LATERAL (SELECT"
	" count(*) FILTER (WHERE m.visible_ms <= n.now_ms) AS available,"
	" count(*) FILTER (WHERE m.visible_ms > n.now_ms AND m.receives > 0)"
	" AS in_flight,"
	" count(*) FILTER (WHERE m.visible_ms > n.now_ms AND m.receives = 0)"
	" AS delayed"
	" FROM pawl.message m WHERE m.queue_id = q.id"
	" AND m.sent_ms > n.now_ms - q.retention_ms) c WHERE q.name = $1::text", true
};

static const struct db_statement list = { "queue_list",
	"SELECT " COLUMNS ", -1, -1, -1, true FROM pawl.queue q"
	" WHERE ($1::text IS NULL OR starts_with(q.name, $1::text))"
	" AND ($2::text IS NULL OR q.name COLLATE \"C\" > $2::text COLLATE \"C\")"
	" ORDER BY q.name COLLATE \"C\" LIMIT $3::bigint", true
};

static const struct db_statement delete = { NULL,
	"WITH q AS (DELETE FROM pawl.queue WHERE name = $1::text RETURNING id),"
	" m AS (DELETE FROM pawl.message WHERE queue_id IN (SELECT id FROM q))"
	" SELECT id FROM q", false
};

static const struct db_statement purge = { NULL,
	"DELETE FROM pawl.message WHERE queue_id = $1::bigint", true
};

static const struct db_statement msg_send = { "message_send",
	"INSERT INTO pawl.message (shard, queue_id, id, sent_ms, visible_ms, body,"
	" attributes) SELECT $1::smallint, q.id, $3::uuid, $4::bigint, $5::bigint,"
	" $6::text, $7::text FROM pawl.queue q WHERE q.id = $2::bigint"
	" ON CONFLICT (shard, id) DO UPDATE SET id = excluded.id"
	" RETURNING 1", true
};

/* Rows are updated and deleted by their ctid: no join that could be planned as
 * a scan. */
static const struct db_statement msg_receive = { NULL,
	"WITH q AS MATERIALIZED (SELECT $2::bigint - retention_ms AS expired_ms"
	" FROM pawl.queue WHERE id = $1::bigint),"
	" due AS MATERIALIZED (SELECT m.ctid FROM pawl.message m"
	" WHERE m.queue_id = $1::bigint AND m.visible_ms <= $2::bigint"
	" AND m.sent_ms > (SELECT expired_ms FROM q)"
	" ORDER BY m.visible_ms LIMIT $4::bigint FOR UPDATE SKIP LOCKED),"
	" old AS MATERIALIZED (SELECT o.ctid FROM (SELECT ctid, sent_ms"
	" FROM pawl.message WHERE queue_id = $1::bigint"
	" AND visible_ms <= $2::bigint ORDER BY visible_ms LIMIT 200) o"
	" WHERE o.sent_ms <= (SELECT expired_ms FROM q)),"
	" swept AS (DELETE FROM pawl.message"
	" WHERE ctid = ANY (ARRAY(SELECT ctid FROM old))"
	" AND sent_ms <= (SELECT expired_ms FROM q)),"
	" got AS (UPDATE pawl.message m SET visible_ms = $2::bigint + $3::bigint,"
	" receives = m.receives + 1, receipt = gen_random_uuid(),"
	" first_received_ms = coalesce(m.first_received_ms, $2::bigint)"
	" WHERE m.ctid = ANY (ARRAY(SELECT ctid FROM due))"
	" RETURNING m.id, m.body, m.attributes, m.sent_ms, m.first_received_ms,"
	" m.receives, m.shard || '.' || m.id || '.' || m.receipt AS receipt)"
	" SELECT * FROM got ORDER BY sent_ms, id", false
};

/* By the primary key: + 0 keeps the planner from the index of the queue. */
#define BY_RECEIPT							\
	" WHERE shard = $2::smallint AND queue_id + 0 = $1::bigint"	\
	" AND id = $3::uuid AND receipt = $4::uuid"

static const struct db_statement msg_delete = { NULL,
	"DELETE FROM pawl.message" BY_RECEIPT, true
};

static const struct db_statement msg_visibility = { NULL,
	"UPDATE pawl.message SET visible_ms = $5::bigint" BY_RECEIPT
	" AND visible_ms > " NOW " RETURNING 1", true
};

/* ---- queues ---- */

struct asking {
	struct store			*store;
	const struct db_statement	*statement;
	store_queue_got			 done;
	void				*arg;
	bool				 one;
	struct store_args		*again;	/* or NULL */
	char				*name;
};

static struct store_queue
read_queue(const struct db_result *r, int row)
{
	return (struct store_queue){
		.id = db_int(r, row, 0),
		.name = db_text(r, row, 1),
		.visibility_ms = db_int(r, row, 2),
		.delay_ms = db_int(r, row, 3),
		.retention_ms = db_int(r, row, 4),
		.wait_ms = db_int(r, row, 5),
		.created_ms = db_int(r, row, 6),
		.available = db_int(r, row, 7),
		.in_flight = db_int(r, row, 8),
		.delayed = db_int(r, row, 9)
	};
}

static void
asking_done(enum db_status status, const struct db_result *r, void *arg)
{
	struct asking		*q = arg;
	struct err		 e = ERR_INIT;
	struct store_queue	*rows;
	size_t			 n = status == DB_OK ? (size_t)db_rows(r) : 0;

	if (q->again != NULL && status == DB_OK && n == 0) {
		struct store_args	*again = q->again;

		q->again = NULL;
		db_run(q->store->writes, q->statement, again->list, again->n,
		    asking_done, q);
		free(again);
		return;
	}
	rows = xcalloc(n + 1, sizeof *rows);
	for (size_t i = 0; i < n; i++)
		rows[i] = read_queue(r, (int)i);
	store_outcome(&e, status, r);
	if (n > 0 && q->statement == &create && !db_bool(r, 0, 10))
		err_set(&e, "Exists", "there is a queue of this name");
	else if (n == 0 && q->one)
		err_set(&e, q->statement == &create ? "Unavailable" : "NotFound",
		    q->statement == &create ? "queues of this name come and go" :
		    NO_QUEUE);
	q->done(&e, rows, n, q->arg);
	err_clear(&e);
	free(rows);
	free(q->again);
	free(q->name);
	free(q);
}

static struct asking *
asking_new(struct store *s, const struct db_statement *st, bool one,
    store_queue_got done, void *arg)
{
	struct asking	*q = xcalloc(1, sizeof *q);

	*q = (struct asking){ .store = s, .statement = st, .done = done,
	    .arg = arg, .one = one };
	return q;
}

void
store_queue_create(struct store *s, const struct store_queue *queue,
    store_queue_got done, void *arg)
{
	struct asking		*q = asking_new(s, &create, true, done, arg);
	struct store_args	*a = q->again = xcalloc(1, sizeof *a);

	store_arg_text(a, q->name = xstrdup(queue->name));
	store_arg_int(a, queue->visibility_ms);
	store_arg_int(a, queue->delay_ms);
	store_arg_int(a, queue->retention_ms);
	store_arg_int(a, queue->wait_ms);
	store_arg_int(a, queue->created_ms);
	db_run(s->writes, &create, a->list, a->n, asking_done, q);
}

void
store_queue_set(struct store *s, const struct store_queue *queue, store_done done,
    void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_int(&a, queue->id);
	store_arg_int(&a, queue->visibility_ms);
	store_arg_int(&a, queue->delay_ms);
	store_arg_int(&a, queue->retention_ms);
	store_arg_int(&a, queue->wait_ms);
	store_run(s->writes, &set, &a, NO_QUEUE, done, arg);
}

void
store_queue_get(struct store *s, const char *name, bool counts,
    store_queue_got done, void *arg)
{
	const struct db_statement	*st = counts ? &get_counts : &get;
	struct store_args		 a = { .n = 0 };

	store_arg_text(&a, name);
	db_run(s->reads, st, a.list, a.n, asking_done,
	    asking_new(s, st, true, done, arg));
}

void
store_queue_list(struct store *s, const char *prefix, const char *after, int limit,
    store_queue_got done, void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_text(&a, prefix);
	store_arg_text(&a, after);
	store_arg_int(&a, limit);
	db_run(s->reads, &list, a.list, a.n, asking_done,
	    asking_new(s, &list, false, done, arg));
}

void
store_queue_delete(struct store *s, const char *name, store_done done, void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_text(&a, name);
	store_run(s->writes, &delete, &a, NO_QUEUE, done, arg);
}

void
store_queue_purge(struct store *s, int64_t queue_id, store_done done, void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_int(&a, queue_id);
	store_run(s->writes, &purge, &a, NULL, done, arg);
}

/* ---- messages ---- */

void
store_message_send(struct store *s, int64_t queue_id, const struct exec_id *id,
    const char *body, const char *attributes, int64_t now_ms, int64_t visible_ms,
    store_done done, void *arg)
{
	struct store_args	 a = { .n = 0 };

	store_arg_int(&a, arn_shard(id));
	store_arg_int(&a, queue_id);
	store_arg_id(&a, id);
	store_arg_int(&a, now_ms);
	store_arg_int(&a, visible_ms);
	store_arg_text(&a, body);
	store_arg_text(&a, attributes);
	store_run(s->writes, &msg_send, &a, NO_QUEUE, done, arg);
}

struct receiving {
	store_received_got	 done;
	void			*arg;
};

static void
receiving_done(enum db_status status, const struct db_result *r, void *arg)
{
	struct receiving	*q = arg;
	struct err		 e = ERR_INIT;
	struct store_received	*rows = NULL;
	size_t			 n = 0;

	store_outcome(&e, status, r);
	if (status == DB_OK) {
		rows = xcalloc((size_t)db_rows(r) + 1, sizeof *rows);
		for (int i = 0; i < db_rows(r); i++)
			rows[n++] = (struct store_received){
				.id = store_id(r, i, 0),
				.body = db_text(r, i, 1),
				.attributes = db_null(r, i, 2) ? NULL :
				    db_text(r, i, 2),
				.sent_ms = db_int(r, i, 3),
				.first_received_ms = db_int(r, i, 4),
				.receives = (int)db_int(r, i, 5),
				.receipt = db_text(r, i, 6)
			};
	}
	q->done(&e, rows, n, q->arg);
	err_clear(&e);
	free(rows);
	free(q);
}

void
store_message_receive(struct store *s, int64_t queue_id, int max, int64_t now_ms,
    int64_t visibility_ms, store_received_got done, void *arg)
{
	struct store_args	 a = { .n = 0 };
	struct receiving	*q = xmalloc(sizeof *q);

	*q = (struct receiving){ done, arg };
	store_arg_int(&a, queue_id);
	store_arg_int(&a, now_ms);
	store_arg_int(&a, visibility_ms);
	store_arg_int(&a, max);
	db_run(s->writes, &msg_receive, a.list, a.n, receiving_done, q);
}

/* A text that is no receipt of ours becomes one that no message has. */
static void
arg_receipt(struct store_args *a, int64_t queue_id, const char *text,
    struct exec_id ids[2])
{
	char	 id[ARN_ID_TEXT], receipt[ARN_ID_TEXT], end;
	int	 shard = -1;

	store_arg_int(a, queue_id);
	memset(ids, 0, 2 * sizeof *ids);
	if (sscanf(text, "%4d.%36[^.].%36[^.]%c", &shard, id, receipt, &end) != 3 ||
	    shard < 0 || shard >= ARN_SHARDS || !arn_id_parse(id, &ids[0]) ||
	    !arn_id_parse(receipt, &ids[1]))
		shard = -1;
	store_arg_int(a, shard);
	store_arg_id(a, &ids[0]);
	store_arg_id(a, &ids[1]);
}

void
store_message_delete(struct store *s, int64_t queue_id, const char *receipt,
    store_done done, void *arg)
{
	struct store_args	 a = { .n = 0 };
	struct exec_id		 ids[2];

	arg_receipt(&a, queue_id, receipt, ids);
	store_run(s->writes, &msg_delete, &a, NULL, done, arg);
}

void
store_message_visibility(struct store *s, int64_t queue_id, const char *receipt,
    int64_t visible_ms, store_done done, void *arg)
{
	struct store_args	 a = { .n = 0 };
	struct exec_id		 ids[2];

	arg_receipt(&a, queue_id, receipt, ids);
	store_arg_int(&a, visible_ms);
	store_run(s->writes, &msg_visibility, &a, NO_MESSAGE, done, arg);
}
