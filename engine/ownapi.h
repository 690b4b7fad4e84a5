/*
 * engine/ownapi.h - a task calls an operation of this server's own API.
 *
 * It goes over this process's internal port in the AWS protocol, as a client's
 * call would: the operation is found, checked and passed on to the process
 * that it belongs to by the same code, and nothing holds up the loop.
 */

#ifndef PAWL_OWNAPI_H
#define PAWL_OWNAPI_H

#include <jansson.h>

#include "task.h"

/* Marks calls of ours at the internal port: they may be passed on. */
#define OWNAPI_HEADER	"X-Pawl-Own"

/* All borrowed. */
struct ownapi_answer {
	int		 status;	/* 503 when no answer came */
	const char	*code;		/* of an error, or NULL */
	const char	*message;
	const char	*request_id;
	json_t		*body;		/* an object; NULL with an error */
};

typedef void (*ownapi_done)(struct task_call *, const struct ownapi_answer *);

/* What is under way; call->state begins with it, so that it goes with the call. */
struct ownapi {
	struct task_call	*call;
	ownapi_done		 done;
	char			*target;
	json_t			*members;
};

/*
 * Calls "AWSStepFunctions.StartExecution" or the like with these members
 * (borrowed).  done comes later, once, unless the task is cancelled before.
 * Where the server cannot serve the call for now, an execution's is repeated
 * until it can: that the database was away is no result of a task.
 */
void	ownapi_call(struct ownapi *, struct task_call *, const char *target,
	    json_t *members, ownapi_done);
void	ownapi_clear(struct ownapi *);

#endif
