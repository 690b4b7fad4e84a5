/*
 * engine/store.h - everything that is kept, and every SQL statement.
 *
 * Three connections: commits (in order, one in flight), the other writes, and
 * reads: neither of the latter holds up a commit.  All calls are asynchronous;
 * the answer comes on the event loop, never before the call returns.  SQL text
 * stands only in the store_*.c files; libpq only in db.c.
 *
 * Answers carry a struct err (borrowed; code[0] is '\0' when all is well):
 *	Unavailable	PostgreSQL cannot be reached or is out of resources
 *	UnknownOutcome	the connection broke during the write
 *	NotFound, Exists, Changed	as said with each call
 *	StoreError	anything else, with PostgreSQL's message
 * Row arrays are borrowed and gone after the callback; copy what you keep.
 */

#ifndef PAWL_STORE_H
#define PAWL_STORE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arn.h"
#include "err.h"

struct store;

struct store *store_new(struct event_base *, const char *conninfo);
void	store_free(struct store *);
bool	store_ready(const struct store *);	/* all connections are up */

typedef void (*store_done)(const struct err *, void *arg);

/* ---- the hot path: store_commit.c ---- */

/* What one execution adds in one commit.  Text is borrowed until done. */
struct store_chunk {
	struct exec_id	 id;
	int		 shard;
	int64_t		 first_id, last_id;	/* of the events in it */
	const char	*events;		/* asl/chunk.h */
	size_t		 events_len;

	/* A start: the execution's row is new. */
	bool		 start;
	int64_t		 machine_id, revision;	/* must still be the current one */
	const char	*name;
	int64_t		 started_ms;

	/* The row changes: it ended, or is parked, or came back from parking. */
	bool		 row;			/* for a start: always written */
	int		 status;		/* enum execution_status */
	int64_t		 ended_ms;		/* 0: running */
	int64_t		 wake_ms;		/* STORE_RESIDENT, or when to load it */
};

/* Running and in some process's memory: load it when its shard changes hands. */
#define STORE_RESIDENT	0

/* A queue message that commits together with its execution's chunk. */
struct store_message {
	size_t		 chunk;		/* index of the chunk it belongs to */
	int64_t		 queue_id;
	struct exec_id	 id;		/* the MessageId, random or derived */
	const char	*body;
	const char	*attributes;	/* JSON text or NULL */
	int64_t		 visible_ms;
};

struct store_batch {
	struct store_chunk	*chunks;
	size_t			 nchunks;
	struct store_message	*messages;
	size_t			 nmessages;
};

/*
 * One statement, one transaction.  kept[i] tells whether chunk i was written;
 * one that was not lost a race (its first_id was there: another owner was
 * faster), or for a start, the name is taken or the machine has changed: load
 * again and decide anew.  UnknownOutcome: call again with the same batch;
 * chunks that turn out to be there with the same text count as kept.
 * Unwritable: some of its values can never be written.
 */
typedef void (*store_committed)(const struct err *, const bool *kept, void *arg);
void	store_commit(struct store *, const struct store_batch *,
	    store_committed, void *arg);

/* ---- executions: store_execution.c ---- */

struct store_execution {
	struct exec_id	 id;
	int		 shard;
	const char	*name, *machine_name;
	int64_t		 machine_id, revision;
	int		 status;	/* enum execution_status */
	int64_t		 started_ms, ended_ms;	/* ended 0: running */
	int64_t		 wake_ms;
};
struct store_text {
	int64_t		 first_id, last_id;
	const char	*events;
	size_t		 len;
};

/* The row; chunks: all, in order.  x is NULL and e NotFound if there is none. */
typedef void (*store_loaded)(const struct err *, const struct store_execution *x,
	    const struct store_text *chunks, size_t n, void *arg);
void	store_load(struct store *, const struct exec_id *, int shard,
	    store_loaded, void *arg);
/* The row with the first and the last chunk only (DescribeExecution). */
void	store_describe(struct store *, const struct exec_id *, int shard,
	    store_loaded, void *arg);
/* The row with the chunks that hold events from..to (GetExecutionHistory);
 * reverse gives the newest first and reads from..to downwards (from >= to).
 * At most limit_chunks chunks. */
void	store_history(struct store *, const struct exec_id *, int shard,
	    int64_t from, int64_t to, bool reverse, int limit_chunks,
	    store_loaded, void *arg);

/* Newest first.  machine_id 0: of any; status -1: any.  The page starts after
 * (after_ms, after_id) when after_ms is not 0. */
typedef void (*store_listed)(const struct err *, const struct store_execution *,
	    size_t n, void *arg);
void	store_list(struct store *, int64_t machine_id, int status,
	    int64_t after_ms, const struct exec_id *after_id, int limit,
	    store_listed, void *arg);
/* Running executions of these shards that should be in memory: resident ones
 * (when resident is true) and parked ones due before wake_before_ms.  At most
 * limit of each shard, the earliest. */
void	store_due(struct store *, const int *shards, size_t nshards,
	    bool resident, int64_t wake_before_ms, int limit,
	    store_listed, void *arg);

/* Executions of a shard that run and are not parked, in the order of their ids,
 * after an id, each with the id of its last event. */
struct store_open {
	struct exec_id	 id;
	int64_t		 last_id;
};
typedef void (*store_open_listed)(const struct err *, const struct store_open *,
	    size_t n, void *arg);
void	store_open_list(struct store *, int shard, const struct exec_id *after,
	    int limit, store_open_listed, void *arg);

/* ---- state machines: store_machine.c ---- */

struct store_machine {
	int64_t		 id, revision;
	const char	*revision_id;	/* uuid */
	const char	*name, *type;	/* STANDARD, EXPRESS */
	const char	*role_arn, *definition;
	const char	*options;	/* JSON: loggingConfiguration, tags, ... */
	int64_t		 created_ms, updated_ms;
};
typedef void (*store_machine_got)(const struct err *,
	    const struct store_machine *, size_t n, void *arg);
/*
 * Creates, or finds the one of that name: the answer is the machine as it is
 * now; *revision 1 and created_ms tell a new one.  Idempotence (same
 * definition, role, type) is the caller's to judge: e is Exists with the row.
 */
void	store_machine_create(struct store *, const struct store_machine *,
	    store_machine_got, void *arg);
/* NULL definition or role_arn or options: keep. New revision. NotFound. */
void	store_machine_update(struct store *, const char *name,
	    const char *definition, const char *role_arn, const char *options,
	    int64_t now_ms, store_machine_got, void *arg);
void	store_machine_get(struct store *, const char *name,
	    store_machine_got, void *arg);
/* One revision, deleted machines included (for executions that still run). */
void	store_machine_revision(struct store *, int64_t id, int64_t revision,
	    store_machine_got, void *arg);
/* By name, in the order of bytes (COLLATE "C"), after this name (NULL: from the
 * first): the real service lists so; without definitions. */
void	store_machine_list(struct store *, const char *after, int limit,
	    store_machine_got, void *arg);
void	store_machine_delete(struct store *, const char *name, store_done,
	    void *arg);		/* deleting what is not there is no error */

/* ---- functions: store_function.c ---- */

struct store_function {
	const char	*name, *url;
	int64_t		 timeout_ms;	/* of one call; 0: default */
	int64_t		 updated_ms;
};
typedef void (*store_function_got)(const struct err *,
	    const struct store_function *, size_t n, void *arg);
void	store_function_put(struct store *, const struct store_function *,
	    store_done, void *arg);
void	store_function_get(struct store *, const char *name,
	    store_function_got, void *arg);			/* NotFound */
void	store_function_list(struct store *, const char *after, int limit,
	    store_function_got, void *arg);
void	store_function_delete(struct store *, const char *name, store_done,
	    void *arg);						/* NotFound */

/* ---- queues: store_queue.c ---- */

struct store_queue {
	int64_t		 id;
	const char	*name;
	int64_t		 visibility_ms, delay_ms, retention_ms, wait_ms;
	int64_t		 created_ms;
	int64_t		 available, in_flight, delayed;	/* counts; -1: not asked */
};
struct store_received {
	struct exec_id	 id;
	const char	*body, *attributes;
	int64_t		 sent_ms, first_received_ms;
	int		 receives;
	const char	*receipt;
};
typedef void (*store_queue_got)(const struct err *, const struct store_queue *,
	    size_t n, void *arg);
typedef void (*store_received_got)(const struct err *,
	    const struct store_received *, size_t n, void *arg);
void	store_queue_create(struct store *, const struct store_queue *,
	    store_queue_got, void *arg);	/* Exists with the row, if it is */
void	store_queue_set(struct store *, const struct store_queue *, store_done,
	    void *arg);				/* attributes, by id */
void	store_queue_get(struct store *, const char *name, bool counts,
	    store_queue_got, void *arg);				/* NotFound */
void	store_queue_list(struct store *, const char *prefix, const char *after,
	    int limit, store_queue_got, void *arg);
void	store_queue_delete(struct store *, const char *name, store_done, void *arg);
void	store_queue_purge(struct store *, int64_t queue_id, store_done, void *arg);
void	store_message_send(struct store *, int64_t queue_id,
	    const struct exec_id *id, const char *body, const char *attributes,
	    int64_t now_ms, int64_t visible_ms, store_done, void *arg);
/* Up to max messages that are visible now; they stay invisible until
 * now + visibility, under a new receipt each. */
void	store_message_receive(struct store *, int64_t queue_id, int max,
	    int64_t now_ms, int64_t visibility_ms, store_received_got, void *arg);
/* Deleting with a receipt that is no longer the message's is no error (SQS). */
void	store_message_delete(struct store *, int64_t queue_id,
	    const char *receipt, store_done, void *arg);
void	store_message_visibility(struct store *, int64_t queue_id,
	    const char *receipt, int64_t visible_ms, store_done, void *arg);

/* ---- shards: store_shard.c ---- */

struct store_lease {
	int		 shard;
	const char	*owner;		/* process: node id / number / birth */
	const char	*address;	/* where it takes forwarded calls */
	bool		 valid;		/* by the database's clock */
};
typedef void (*store_leases_got)(const struct err *, const struct store_lease *,
	    size_t n, void *arg);
/*
 * Says that owner is alive at address for ttl_ms more, renews the leases it
 * has, and takes free or expired ones until it has at most want shards.  The
 * answer is the whole table, as seen after that.  Database clock.
 */
void	store_shard_lease(struct store *, const char *owner, const char *address,
	    int want, int64_t ttl_ms, store_leases_got, void *arg);
/* Gives up all (n < 0) or the listed shards, for a clean stop or rebalancing. */
void	store_shard_release(struct store *, const char *owner, const int *shards,
	    int n, store_done, void *arg);
/* How many processes are alive, by the database's clock. */
void	store_process_count(struct store *,
	    void (*)(const struct err *, int n, void *arg), void *arg);

#endif
