/*
 * asl/run.h - one step under way: private to step.c, run.c, fail.c, retry.c,
 * catch.c, dataflow.c, context.c and step_*.c.
 *
 * A state acts by emitting events: run_event() gives one to fill in, run_apply()
 * appends it and changes the execution.  Pointers to flows hold until an event
 * removes the flow; pointers to events until the next run_event().
 */

#ifndef PAWL_RUN_H
#define PAWL_RUN_H

#include "flow.h"
#include "step.h"

/* As the real service: the last of them is the failure that says so. */
#define HISTORY_EVENTS_MAX 25000
/* No events for aborted siblings beyond this, to leave room for the rest. */
#define HISTORY_ABORTS_MAX (HISTORY_EVENTS_MAX - 1000)

struct run {
	struct execution	*ex;
	struct step		*step;
	size_t			 events_size, commands_size;
	int64_t			 now_ms;
	int64_t			 first_id;	/* of this step's events */
	bool			 full;		/* the history is: nothing counts */
	struct event		 spare;		/* what is emitted when full */
	struct err		 bug;		/* an own event was refused */
	uint64_t		 query_steps;	/* that JSONata has taken */
	char			*where;		/* location of the JSONata expression
						 * that failed last, or NULL */
};

struct event *run_event(struct run *, enum event_type, const struct flow *);
void	run_apply(struct run *, struct event *);
/* Applies what was set in a private field of the last event. */
void	run_annotate(struct run *, struct event *);

void	run_task(struct run *, const struct flow *);
void	run_timer(struct run *, int64_t id, int64_t due_ms);
void	run_deadline(struct run *);
/* The flow's task or timer, if it has one open, interests nobody any more. */
void	run_cancel(struct run *, const struct flow *);
void	run_cancel_all(struct run *);

/* Emits ...StateExited and what follows from it.  Steals output and assigned
 * (which may be NULL).  The flow may be gone afterwards. */
void	run_exit(struct run *, struct flow *, struct event *exited,
	    struct payload *output, json_t *assigned);
/* The event to leave the flow's state with, name set, for run_exit(). */
struct event *run_exit_event(struct run *, const struct flow *);
/* Removes commands that this step itself made pointless. */
void	run_finish(struct run *);

/*
 * One for each state type, in its step_*.c; step.c lists them.
 * work: inside the state, nothing outstanding: the first or next attempt.
 * resume: a TIMER of a Wait, or something to do for the children.
 */
struct state_kind {
	enum event_type	 entered, exited;
	enum event_type	 aborted, failed;	/* EVENT_TYPE_COUNT: none */
	void		(*work)(struct run *, struct flow *);
	void		(*resume)(struct run *, struct flow *);	/* or NULL */
};
extern const struct state_kind step_task, step_wait, step_pass, step_succeed,
	    step_fail, step_choice, step_parallel, step_map;
const struct state_kind *run_kind(const struct flow *);

/* step_task.c: the stimuli of tasks; false if f does not wait for such. */
bool	step_task_stimulus(struct run *, struct flow *, const struct stimulus *);
/* step_map.c: fills the caches of a Map that has children. */
int	step_map_load(struct run *, struct flow *, struct err *) MUSTCHECK;
/* What item i's flow starts with: new. */
int	step_map_input(struct run *, struct flow *, int64_t i,
	    struct payload **out, struct err *) MUSTCHECK;

#endif
