/*
 * asl/step.h - advance one execution by one stimulus.
 *
 * What happened goes in; history events and commands come out.  No clock, no
 * dice, no I/O: equal arguments give equal results.  Times are ms since the
 * epoch (_ms).
 *
 * Laws, checked after every stimulus of every scenario test:
 *   - the same execution and stimulus give the same events and commands;
 *   - folding the events again gives the same execution (execution_dump);
 *   - a stimulus delivered twice does nothing the second time.
 */

#ifndef PAWL_STEP_H
#define PAWL_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "execution.h"

/*	kind			id		carries
 *	START			-		payload: the input
 *	TASK_SUCCEEDED		task		payload: its result
 *	TASK_FAILED		task		error, cause
 *	TASK_SUBMITTED		task (token)	payload: what the request answered
 *	CALLBACK_SUCCEEDED	task (token)	payload: what the caller sent
 *	CALLBACK_FAILED		task (token)	error, cause (each may be NULL)
 *	TASK_TIMED_OUT		task		-  TimeoutSeconds have passed
 *	HEARTBEAT_TIMED_OUT	task		-  no heartbeat for HeartbeatSeconds
 *	TIMER			timer		-  a COMMAND_TIMER is due
 *	EXECUTION_TIMED_OUT	-		-  the machine's TimeoutSeconds
 *	STOP			-		error, cause (each may be NULL)
 *	CONTINUE		-		-  go on after step.more, or a fold
 */
enum stimulus_kind {
	STIMULUS_START, STIMULUS_TASK_SUCCEEDED, STIMULUS_TASK_FAILED,
	STIMULUS_TASK_SUBMITTED, STIMULUS_CALLBACK_SUCCEEDED,
	STIMULUS_CALLBACK_FAILED, STIMULUS_TASK_TIMED_OUT,
	STIMULUS_HEARTBEAT_TIMED_OUT, STIMULUS_TIMER,
	STIMULUS_EXECUTION_TIMED_OUT, STIMULUS_STOP, STIMULUS_CONTINUE
};

/* All borrowed. */
struct stimulus {
	enum stimulus_kind	 kind;
	int64_t			 now_ms;
	int64_t			 id;
	struct payload		*payload;
	const char		*error, *cause;
};

/*	kind		id	due_ms		the rest
 *	COMMAND_TASK	task	timeout or 0	resource, arguments, heartbeat_s
 *	COMMAND_TIMER	timer	when to fire	-
 *	COMMAND_DEADLINE 1	of the execution
 *	COMMAND_CANCEL	task or timer that is no longer open; nobody waits for it
 *
 * The id of a task is that of its ...Scheduled event; the id of a timer that of
 * the WaitStateEntered event, or of the event a retry was decided with.
 */
enum command_kind { COMMAND_TASK, COMMAND_TIMER, COMMAND_DEADLINE,
	COMMAND_CANCEL };

struct command {
	enum command_kind	 kind;
	int64_t			 id, due_ms;
	const struct resource	*resource;	/* borrowed from the machine */
	const char		*resource_text;	/* likewise: the ARN */
	struct payload		*arguments;	/* own reference */
	int64_t			 heartbeat_s;	/* 0: none */
	bool			 submitted;	/* a token task whose request was
						 * answered: only the callback
						 * is outstanding */
};

struct step {
	struct event	*events;
	size_t		 nevents;
	struct command	*commands;
	size_t		 ncommands;
	bool		 more;	/* the budget is used up: commit, then CONTINUE */
};

/* State transitions in one step, and bytes of payloads in its events, before it
 * gives way to others: one transition more may pass the latter. */
#define STEP_TRANSITIONS_MAX 1000
#define STEP_BYTES_MAX ((size_t)4 << 20)
/* Steps of JSONata that one state may take, and after which a step gives way:
 * some tenths of a second. */
#define STEP_QUERY_MAX UINT64_C(10000000)

/*
 * Applies what happened to ex.  All arguments are borrowed; ex advances.
 * Returns 0 and a new *out, for step_free().  A state that fails is a result,
 * not an error; a stimulus for a task or timer no longer open gives nothing.
 * Returns -1 and sets e only if the stimulus cannot belong to this execution.
 */
int	step_run(struct execution *ex, const struct stimulus *what,
	    struct step **out, struct err *e) MUSTCHECK;
void	step_free(struct step *);

/*
 * What is open after a fold, as commands to carry out again: tasks (a task
 * whose answer was not committed is called again), timers, the deadline.  A
 * new array of *n, for step_commands_free().  *more as in struct step.
 */
struct command *step_open(const struct execution *, size_t *n, bool *more);
void	step_commands_free(struct command *, size_t n);
/* A task with this id is open (and, if token, waits for a callback). */
bool	step_task_open(const struct execution *, int64_t id, bool token);

#endif
