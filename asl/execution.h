/*
 * asl/execution.h - one execution: the fold of its events.
 *
 * An execution is a tree of flows: the root, and one for each branch of a
 * Parallel state and each running item of a Map.  It changes only by
 * execution_apply(); step_run() appends events and applies them the same way,
 * which is what makes a folded execution equal to the live one.
 */

#ifndef PAWL_EXECUTION_H
#define PAWL_EXECUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "event.h"
#include "machine.h"

/* Borrowed by the execution, which must not outlive it. */
struct execution_facts {
	const char	*arn, *name;
	const char	*machine_arn, *machine_name;
	const char	*role_arn;
	uint64_t	 seed;		/* of everything random in it */
	/*
	 * The task token of an event and the callback URL of a token: new
	 * strings for free().  Pure: equal arguments, equal results.
	 */
	char	*(*task_token)(const void *arg, int64_t event_id);
	char	*(*callback_url)(const void *arg, const char *token);
	const void	*arg;
};

enum execution_status { EXECUTION_RUNNING, EXECUTION_SUCCEEDED,
	EXECUTION_FAILED, EXECUTION_TIMED_OUT, EXECUTION_ABORTED };

struct execution;

/* New, without a past.  machine and facts are borrowed. */
struct execution *execution_new(const struct machine *,
	    const struct execution_facts *);
void	execution_free(struct execution *);
/*
 * Applies one event of the stored history; the event is borrowed.  -1 and e
 * (code "CorruptHistory") if it cannot follow what was applied before.
 */
int	execution_apply(struct execution *, const struct event *, struct err *e)
	    MUSTCHECK;
enum execution_status execution_status(const struct execution *);
const char *execution_status_name(enum execution_status);	/* "TIMED_OUT" */
int64_t	execution_last_event(const struct execution *);
int64_t	execution_started_ms(const struct execution *);
/* All that matters, as a new tree with sorted keys: for tests and bug reports. */
json_t	*execution_dump(const struct execution *);

#endif
