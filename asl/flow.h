/*
 * asl/flow.h - the inside of an execution: private to execution*.c, step.c,
 * run.c, fail.c, dataflow.c, context.c and step_*.c.
 *
 * Only execution_apply() and execution_annotate() write to these structs; the
 * step_*.c read them and emit events.  The exceptions are the caches of a Map,
 * which can be made again at any time.
 */

#ifndef PAWL_FLOW_H
#define PAWL_FLOW_H

#include "execution.h"
#include "idmap.h"
#include "vars.h"

/*
 *	phase		the flow			leaves it by
 *	READY		is about to enter its state	...StateEntered
 *	WORKING		is inside, nothing outstanding	anything
 *	TASK		waits for a task's answer	the task's event
 *	WAIT		waits for a Wait's end		WaitStateExited
 *	RETRY		waits for the next attempt	...Scheduled, ...Started
 *	CHILDREN	waits for its children		...StateSucceeded, Failed
 *	DONE		has its output			MapIterationSucceeded
 *	ABORTED		was stopped by a sibling	its parent's end
 *
 * READY flows stand in the queue of what can go on, and so do flows with
 * CHILDREN when there is something to do: an item to start, or all are done.
 */
enum flow_phase { FLOW_READY, FLOW_WORKING, FLOW_TASK, FLOW_WAIT, FLOW_RETRY,
	FLOW_CHILDREN, FLOW_DONE, FLOW_ABORTED };

/* The running attempt of a Parallel or Map state. */
struct children {
	struct flow	**slots;	/* NULL: not started, or ended */
	struct payload	**outputs;	/* NULL: not ended */
	int64_t		  n, running, done, next;
	int64_t		  concurrency;	/* 0: no limit */
	int64_t		  chain;	/* what the next MapIterationStarted follows */

	/* Caches: map_items() in step_map.c. */
	json_t		 *items;	/* array, or NULL */
	struct payload	 *effective;	/* what ItemSelector sees as $ */
};

struct flow {
	int64_t			 id;		/* 0: the root */
	int64_t			 index;		/* of the branch or item */
	struct flow		*parent;
	const struct workflow	*workflow;
	const struct state	*state;
	enum flow_phase		 phase;
	int64_t			 chain;		/* the next event's previous id */
	int64_t			 entered_id, entered_ms;
	struct payload		*input;		/* raw input; DONE: the output */
	struct vars		*vars;		/* own scope, once it assigns */
	const struct vars	*outer;		/* the scope around it, or NULL */

	/* TASK, WAIT, RETRY: what is outstanding. */
	int64_t			 open_id, due_ms;
	int64_t			 heartbeat_s;
	struct payload		*arguments;
	bool			 submitted;

	int64_t			*attempts;	/* of each retrier; NULL: none */
	int64_t			 retries;	/* all of them: RetryCount */
	struct children		*children;

	struct flow		*queue_prev, *queue_next;
	bool			 queued;
};

struct probe;

struct execution {
	const struct machine		*machine;
	const struct execution_facts	*facts;
	enum execution_status		 status;
	int64_t				 last_id, last_ms, started_ms;
	struct payload			*input;
	struct flow			 root;
	int64_t				 next_flow;	/* id of the next child */
	struct idmap			 flows;		/* all but the root */
	struct idmap			 open;		/* tasks and timers */
	struct flow			*queue_head, *queue_tail;
	struct probe			*probe;	/* borrowed, or NULL: probe.h */
};

/* The second half of execution_apply(): due_ms and retry of the event. */
int	execution_annotate(struct execution *, const struct event *, struct err *)
	    MUSTCHECK;
struct flow *execution_flow(const struct execution *, int64_t id);	/* or NULL */
/* The scope that a flow's expressions read; may be NULL. */
const struct vars *flow_vars(const struct flow *);
/* A flow of a Map that may start items, or whose children are all done. */
bool	flow_can_go_on(const struct flow *);
const char *flow_phase_name(enum flow_phase);

/* flow.c: the tree and the queue, used by execution.c alone. */
void	flow_clear(struct execution *, struct flow *);
struct flow *flow_add_child(struct execution *, struct flow *parent,
	    const struct workflow *, int64_t index, struct payload *input);
/* Frees a child and all below it; its slot becomes NULL. */
void	flow_remove(struct execution *, struct flow *);
void	flow_start_children(struct flow *, int64_t n);
void	flow_drop_children(struct execution *, struct flow *);
void	flow_enqueue(struct execution *, struct flow *);
void	flow_dequeue(struct execution *, struct flow *);
void	flow_open(struct execution *, struct flow *, int64_t id, int64_t due_ms);
void	flow_close(struct execution *, struct flow *);

#endif
