/*
 * engine/resident.h - an execution in memory, and what waits around it.
 *
 * Private to the runtime: runtime.c (public calls), resident.c (stimuli in,
 * events out), item.c (what is open), loader.c (from the store), committer.c (group
 * commit), request.c (callers who wait), task.c (what a Task calls).
 *
 * A stimulus runs through the language at once; its events are pending until
 * the next batch takes them, and inflight until that batch is committed.  What
 * was decided but not committed never leaves the process: items are carried out
 * (their timers armed, their calls made) only after the commit.
 */

#ifndef PAWL_RESIDENT_H
#define PAWL_RESIDENT_H

#include <sys/queue.h>

#include "outcall.h"
#include "runtime.h"

#define REQUEST_ATTEMPTS_MAX	10

/* ---- callers who wait: request.c ---- */

enum request_kind { REQUEST_START, REQUEST_STIMULUS, REQUEST_HEARTBEAT };

struct request {
	TAILQ_ENTRY(request)	 entry;
	LIST_ENTRY(request)	 of_runtime;
	enum request_kind	 kind;
	struct runtime		*rt;
	struct exec_id		 id;
	int			 shard;
	int			 attempts;

	char			*machine, *name;	/* START */
	bool			 named;
	struct payload		*input;
	runtime_start_done	 start_done;

	struct stimulus		 what;			/* STIMULUS, own copies */
	char			*error, *cause;
	runtime_done		 done;

	void			*arg;
	struct err		 outcome;	/* the answer, once committed */
	int64_t			 ended_ms, started_ms;
};
TAILQ_HEAD(request_list, request);

struct request *request_new(struct runtime *, enum request_kind);
/* Answers with the outcome and frees. */
void	request_answer(struct request *);
/* The same with this error. */
void	request_fail(struct request *, const char *code, const char *text);
void	request_fail_all(struct request_list *, const char *code, const char *text);
/* Once more from the beginning, after a lost race; not without end. */
void	request_again(struct request *);

/* ---- what is open in an execution ---- */

enum item_kind { ITEM_TASK, ITEM_TIMER, ITEM_DEADLINE };

TAILQ_HEAD(item_list, item);

struct item {
	struct resident		*resident;
	enum item_kind		 kind;
	int64_t			 id, due_ms;	/* due 0: none */
	int64_t			 heartbeat_s;
	int64_t			 beat_ms;	/* monotonic: the next is due */
	bool			 token, submitted;
	const struct resource	*resource;	/* borrowed from the machine */
	const char		*resource_text;
	struct payload		*arguments;
	struct event		*timer, *heartbeat;
	struct task_call	*call;		/* NULL: none is under way */
	struct item_list	*queue;		/* untried, fresh, sent, or NULL */
	TAILQ_ENTRY(item)	 entry;
};

/* A stimulus from inside that waits for the chunk in the making to be committed. */
struct deferred {
	STAILQ_ENTRY(deferred)	 entry;
	struct stimulus		 what;		/* own copies */
};

/* ---- items: item.c ---- */

/* Or NULL. */
struct item *item_find(const struct resident *, int64_t id);
/* A new one for a command; nothing of it runs yet. */
struct item *item_add(struct resident *, const struct command *);
/* Moves it to the end of one of its resident's lists, or (NULL) out of all. */
void	item_queue(struct item *, struct item_list *to);
/* keep_call: a function that is still running is not cut off. */
void	item_remove(struct resident *, int64_t id, bool keep_call);
void	item_remove_all(struct resident *);
/* The commit is there: timers run, calls are made.  It may be gone after it. */
void	item_carry_out(struct item *);
/* Its HeartbeatSeconds begin anew. */
void	item_expect_heartbeat(struct item *);

struct pending_message {
	int64_t		 queue_id;
	struct exec_id	 id;
	char		*body, *attributes;
	int64_t		 visible_ms;
};

struct resident {
	struct runtime		*rt;
	struct exec_id		 id;
	int			 shard;
	char			*name, *arn, *machine_arn;
	struct registry_machine	*machine;
	struct execution_facts	 facts;
	struct execution	*ex;		/* NULL while it is loaded */
	bool			 loading;
	bool			 row_new;	/* its row is not in the store yet */
	bool			 row_parked;	/* its row says parked */
	bool			 more;		/* CONTINUE after the commit */
	bool			 dirty;		/* in the runtime's dirty list */
	bool			 committing;	/* in the batch in flight */
	bool			 doomed;	/* drop once the batch is done */
	bool			 wanted;	/* loading because it should be here */
	unsigned		 held;		/* frames on the stack that use it */
	int64_t			 started_ms, ended_ms;

	struct item		**items;	/* by id, ascending */
	size_t			 nitems, items_size;
	struct item_list	 untried;	/* perhaps inside the commit */
	struct item_list	 fresh, sent;	/* to be carried out */

	struct event_list {
		struct event	*list;
		size_t		 n, size;
	} pending;
	size_t			 pending_bytes;	/* about what they take */
	struct pending_message	*messages;
	size_t			 nmessages;
	struct strbuf		 chunk;		/* the text in flight */
	struct pending_message	*inflight_messages;
	size_t			 ninflight_messages;

	STAILQ_HEAD(, deferred)	 deferred;	/* until there is room again */
	struct request_list	 waiting;	/* for that, or until it is loaded */
	struct request_list	 undecided;	/* until the next batch */
	struct request_list	 inflight;	/* until this batch */
	TAILQ_ENTRY(resident)	 dirty_entry;
};
TAILQ_HEAD(resident_list, resident);

struct resident *resident_find(struct runtime *, const struct exec_id *);
/* New, in the table, without an execution. */
struct resident *resident_new(struct runtime *, const struct exec_id *, int shard);
/* Gives it its machine (steals the reference) and name, and a new execution. */
void	resident_begin(struct resident *, struct registry_machine *,
	    const char *name);
/* Keeps it from being freed until it is let go; then it may be gone. */
void	resident_hold(struct resident *);
void	resident_let_go(struct resident *);
/* Frees it and what is open in it; the callers must have been taken out. */
void	resident_free(struct resident *);
/*
 * Runs a stimulus and what follows from it at once.  r, if not NULL, is
 * answered after the commit of what it caused (or at once, if it caused
 * nothing and nothing is under way).  May drop the resident.
 */
void	resident_stimulus(struct resident *, struct stimulus *, struct request *r);
void	resident_heartbeat(struct resident *, struct request *r);
/* So much is pending that nothing may be added before a commit. */
bool	resident_crowded(const struct resident *);
/* Takes up again those who waited for the load, or for room.  Hold it. */
void	resident_take_waiting(struct resident *);
/* Folds it back: items of what is open are carried out.  Hold it. */
void	resident_resume(struct resident *);
/* Answers a caller at once; the resident may leave memory with that. */
void	resident_answer(struct resident *, struct request *);
/* Called by the committer: pending becomes inflight / was committed. */
void	resident_sent(struct resident *);
void	resident_committed(struct resident *);
/* A copy that cannot be right any more: drops it; its callers ask again. */
void	resident_drop(struct resident *, bool reload);
/* When the store may forget the memory copy, or -1: STORE_RESIDENT. */
int64_t	resident_park_ms(const struct resident *);
/* Leaves memory if it has ended, or is parked and nothing is under way. */
void	resident_release_idle(struct resident *);
bool	resident_ended(const struct resident *);

/* ---- loading: loader.c ---- */

struct loader;
struct loader *loader_new(struct runtime *);
void	loader_free(struct loader *);
/* The resident, being loaded if it is not there. */
struct resident *loader_get(struct loader *, const struct exec_id *, int shard);
/* Loads it in its turn, if it is not there: for those nobody waits for. */
void	loader_queue(struct loader *, const struct exec_id *, int shard);
/* These shards came: all that is running there should be in memory. */
void	loader_gained(struct loader *, const int *shards, size_t n);
/* Looks for parked executions whose time is near. */
void	loader_sweep(struct loader *);

/* ---- group commit: committer.c ---- */

struct committer;
struct committer *committer_new(struct runtime *);
void	committer_free(struct committer *);
/* This resident has something pending. */
void	committer_add(struct committer *, struct resident *);
void	committer_remove(struct committer *, struct resident *);
bool	committer_idle(const struct committer *);
size_t	committer_waiting(const struct committer *);
/* The batch in flight has failed at least once, and not because of its content. */
bool	committer_troubled(const struct committer *);

struct runtime {
	struct runtime_env	 env;
	struct map		*residents;
	struct loader		*loader;
	struct committer	*committer;
	struct outcall_pool	*outcalls;
	char			*own_url;	/* this process's internal port */
	bool			 draining;	/* nothing new is begun */
	bool			 closed;	/* nothing is taken at all */
	size_t			 pending_bytes;	/* of all residents */
	LIST_HEAD(, request)	 requests;	/* that are not answered */
	LIST_HEAD(, task_call)	 calls;
	LIST_HEAD(, ask)	 asks;		/* runtime_task.c */
	void			(*drained)(void *arg);
	void			*drained_arg;
	struct event		*sweep;
	struct runtime_counts	 counts;
};

/* This process holds the lease of the shard. */
bool	runtime_owns(const struct runtime *, int shard);
/* Frees those who ask about tasks and got no answer. */
void	runtime_task_free(struct runtime *);
/* Called when a batch has ended: is a drain complete? */
void	runtime_check_drained(struct runtime *);
/* Takes a request up, anew or again. */
void	runtime_take(struct runtime *, struct request *);

#endif
