/*
 * worker/invoke.h - calls of functions: from the POST to the answer.
 *
 * A call is RUNNING in a process or waits for one.  Running and waiting calls
 * of a function together are at most its concurrency; more are refused (429).
 */

#ifndef PAWL_INVOKE_H
#define PAWL_INVOKE_H

#include "host.h"
#include "instance.h"

struct invocation {
	TAILQ_ENTRY(invocation)	 entry;		/* in slot->waiting */
	struct slot		*slot;
	struct httpd_request	*caller;
	struct instance		*instance;	/* NULL while it waits */
	char			 id[37];
	int64_t			 begun_ms, deadline_ms;	/* wall clock, once it runs */
	int64_t			 start_ms;	/* monotonic */
	struct event		*timer;
};

/* The httpd_handler of the worker's own port; arg is the host. */
void	invoke_handle(struct httpd_request *, void *host);

/* The instance asks for work (its `next` is set). */
void	invoke_instance_idle(struct instance *);
/* The instance has answered its invocation; error: it was a function error. */
void	invoke_answer(struct instance *, const char *body, size_t len, bool error);
/* The same, with an error of the host's own making. */
void	invoke_fail(struct instance *, const char *type, const char *message);
/* The instance's process has ended. */
void	invoke_instance_gone(struct instance *, int status);
/* Answers all calls that wait with an error. */
void	invoke_cancel_waiting(struct slot *, const char *type, const char *message);
/* Starts processes for what waits, gives work to who is idle. */
void	invoke_dispatch(struct slot *);

#endif
