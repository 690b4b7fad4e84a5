/*
 * engine/runtime.h - the executions in this process's memory.
 *
 * A stimulus comes in (from the API, a timer, a function's answer), the
 * language turns it into events and commands (step_run), the events are
 * collected with those of other executions and committed, and only then are the
 * commands carried out and callers answered.
 *
 * An execution lives in memory while something is about to happen in it; the
 * history brings it back (store_load, execution_apply, step_open).  An append
 * that lost a race throws the copy in memory away.
 */

#ifndef PAWL_RUNTIME_H
#define PAWL_RUNTIME_H

#include <event2/event.h>

#include "arn.h"
#include "asl.h"
#include "err.h"
#include "keys.h"
#include "registry.h"
#include "settings.h"
#include "store.h"

struct runtime;

struct runtime_env {
	struct event_base	*base;
	struct store		*store;
	struct registry		*registry;
	const struct settings	*settings;
	const struct keys	*keys;
	struct arn_account	 account;
	const char		*public_url;	/* without a slash at the end */
	/* Is this shard leased by this process now? */
	bool			(*owns)(int shard, void *arg);
	void			*owns_arg;
};

struct runtime *runtime_new(const struct runtime_env *);
/* Callers who still wait are answered Unavailable. */
void	runtime_free(struct runtime *);
/* Where this process's own API is, for tasks that call it (ownapi.h). */
void	runtime_own_url(struct runtime *, const char *url);

/*
 * Starts an execution of a machine.  name NULL: a new one on a shard of ours.
 * Answers after the commit.  Errors: StateMachineDoesNotExist,
 * ExecutionAlreadyExists, InvalidName, Unavailable, UnknownOutcome, and NotMine:
 * its shard is not, or no longer, of this process; nothing was done.  An execution of that name
 * that is running with the same input is an answer, not an error.
 */
struct runtime_started {
	const char	*machine, *name;	/* names, not ARNs */
	struct exec_id	 id;
	int		 shard;
	int64_t		 started_ms;
};
typedef void (*runtime_start_done)(const struct err *,
	    const struct runtime_started *, void *arg);
void	runtime_start(struct runtime *, const char *machine, const char *name,
	    struct payload *input, runtime_start_done, void *arg);

/* Can take new executions now; else they end in Unavailable. */
bool	runtime_takes_starts(const struct runtime *);

/*
 * Gives what (START excepted; time and texts are copied, now_ms filled in) to an
 * execution, loading it if need be; answers after the commit.  Errors:
 *	ExecutionDoesNotExist	there is no such execution
 *	TaskDoesNotExist	token stimuli: no such task ever
 *	TaskTimedOut		token stimuli: the task is no longer open
 *	Unavailable, UnknownOutcome
 *	NotMine			its shard is not of this process; nothing was done
 * STIMULUS_STOP of an ended execution is no error; *stopped_ms is when it ended.
 */
typedef void (*runtime_done)(const struct err *, int64_t ended_ms, void *arg);
void	runtime_deliver(struct runtime *, const struct exec_id *, int shard,
	    const struct stimulus *what, runtime_done, void *arg);
/* A heartbeat of a token task: starts its HeartbeatSeconds anew. Same errors. */
void	runtime_heartbeat(struct runtime *, const struct exec_id *, int shard,
	    int64_t event_id, runtime_done, void *arg);
/* What is known of an open token task, for the page that asks a person. */
struct runtime_task {
	const char	*machine, *execution, *state;
	int64_t		 scheduled_ms;
	int64_t		 due_ms;	/* 0: no timeout */
	const char	*arguments;	/* JSON text */
	bool		 open;
};
typedef void (*runtime_task_done)(const struct err *, const struct runtime_task *,
	    void *arg);
void	runtime_task(struct runtime *, const struct exec_id *, int shard,
	    int64_t event_id, runtime_task_done, void *arg);

/* Shards came to this process: load what is running there.  Shards went: drop. */
void	runtime_shards_gained(struct runtime *, const int *shards, size_t n);
void	runtime_shards_lost(struct runtime *, const int *shards, size_t n);

/* Takes nothing new; done is called once all commits in flight have ended. */
void	runtime_drain(struct runtime *, void (*done)(void *arg), void *arg);

struct runtime_counts {
	size_t		 resident, waiting_commit, calls_open;
	uint64_t	 commits, events, starts;
};
void	runtime_count(const struct runtime *, struct runtime_counts *);

#endif
