/*
 * asl/fail.h - what happens when a state fails: private, like run.h.
 */

#ifndef PAWL_FAIL_H
#define PAWL_FAIL_H

#include "dataflow.h"

/* error and cause may each be NULL: a caller of SendTaskFailure gave none. */
struct failure {
	const char	*error, *cause;
	bool		 heartbeat;	/* States.Timeout, for lack of one */
	int64_t		 chain;		/* the event that its next one follows */
	bool		 starting;	/* a Map or Parallel that has no children
					 * yet says that it failed all the same */
};

/*
 * The state that flow f is in fails: it is retried, caught, or fails what is
 * around it, up to the execution.  f may be gone afterwards.  Borrowed.
 */
void	fail_flow(struct run *, struct flow *, const char *error,
	    const char *cause);
void	fail_timeout(struct run *, struct flow *, bool heartbeat);
/* The same for an error of the interpreter, which gets its frame; cleared. */
void	fail_err(struct run *, struct flow *, struct err *);
/* Puts "An error occurred while executing the state ..." where it belongs: not
 * in the test of a state. */
void	fail_frame(const struct run *, const struct flow *, struct err *);

/* retry.c: one of a NULL-terminated list of ErrorEquals takes the failure. */
bool	retry_matches(char *const *errors, const struct failure *);
/* The step's last event can take a decision: no other stands there yet. */
bool	retry_has_room(const struct run *);
/* Decides on a retry of f's state; false: none, and nothing has changed. */
bool	retry_try(struct run *, struct flow *, const struct failure *);

/*
 * catch.c: 1: caught, f has left its state; 0: nothing takes it; -1: the
 * catcher itself failed, with e, which nothing in this state takes.
 */
int	catch_try(struct run *, struct flow *, const struct failure *,
	    struct err *) MUSTCHECK;

#endif
