/*
 * worker/instance.h - one process that runs a function, and its life.
 *
 *	STARTING  on its way to ask for work: just started, or just answered
 *	IDLE	  waits for work: its GET .../invocation/next is open
 *	BUSY	  has an invocation
 *	ENDING	  was told to end; gone when it has been waited for
 */

#ifndef PAWL_INSTANCE_H
#define PAWL_INSTANCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "host.h"
#include "lines.h"

enum instance_state {
	INSTANCE_STARTING, INSTANCE_IDLE, INSTANCE_BUSY, INSTANCE_ENDING
};

struct instance {
	TAILQ_ENTRY(instance)	 entry;		/* in slot->instances */
	struct slot		*slot;
	enum instance_state	 state;
	pid_t			 pid;
	int64_t			 stamp;		/* of the function it runs */
	bool			 ready;		/* has asked for work once */
	bool			 init_timed_out;
	struct httpd		*api;		/* the Runtime API, for it alone */
	struct httpd_request	*next;		/* open while IDLE */
	struct invocation	*invocation;	/* while BUSY */
	struct event		*timer;		/* init limit, then SIGKILL */
	int64_t			 idle_since_ms;
	char			*init_error;	/* JSON it gave, or NULL */
	int			 output;	/* pipe */
	struct event		*output_event;
	struct lines		 lines;
};

/* Starts a process for the slot's function; 0, or -1 and e. */
int	instance_start(struct slot *, struct err *e);
/* Moves to another state and keeps the slot's counts right. */
void	instance_set_state(struct instance *, enum instance_state);
/* It must ask for work within HOST_INIT_MS from now. */
void	instance_expect_next(struct instance *);
/* Ends it: now, or after it had the chance to end by itself. */
void	instance_end(struct instance *, bool now);
/* Logs what it has printed so far. */
void	instance_read_output(struct instance *);
/* Ends the idle ones whose function has changed, and those idle for too long. */
void	instance_retire_changed(struct slot *);
void	instance_retire_idle(struct host *);
/* After SIGCHLD: waits for those that have ended. */
void	instance_reap(struct host *);
/* Ends all, of all functions. */
void	instance_end_all(struct host *, bool now);

#endif
