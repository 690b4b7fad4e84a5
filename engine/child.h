/*
 * engine/child.h - a task starts an execution, once.
 *
 * A call is repeated when a crash came before its answer was kept.  So an
 * execution without a name gets one made from the task (execution and event):
 * the repetition finds it, and starts no other.
 */

#ifndef PAWL_CHILD_H
#define PAWL_CHILD_H

#include "ownapi.h"

/* What is under way; a part of call->state. */
struct child {
	struct ownapi	 own;
	json_t		*members;	/* of StartExecution; ours */
	bool		 named;		/* by us */
	ownapi_done	 done;
};

/*
 * Starts it with the members of StartExecution (steals).  done gets an answer
 * with executionArn and startDate, or the error.
 */
void	child_start(struct child *, struct task_call *, json_t *members,
	    ownapi_done done);
void	child_clear(struct child *);
/* The ARN of what child_start() with these members started; new, or NULL. */
char	*child_arn(const struct task_call *, const json_t *members);

#endif
