/*
 * asl/retry.c - which Retry entry takes an error, and how long to wait.
 *
 * Asked by fail.c for every state that fails.  A retry has no event of its own
 * (recording scenarios/test_parallel_state_retry), so the decision is kept in
 * a private field of the step's last event; the wait is a COMMAND_TIMER like
 * any other.  To add a retry field, change struct retrier in machine.h, its
 * parser, then delay_ms() here, then tests/scenario/retry.test.
 *
 * Invariants:
 *   - entries are tried as written; the first that takes the error decides;
 *   - each entry counts its own retries;
 *   - a delay is between 0 and DELAY_MAX_MS;
 *   - States.Runtime is never retried;
 *   - an event carries one decision.  A failure that emits no event of its own
 *     (an attempt that cannot even be prepared) is not retried.
 */

#include <string.h>

#include "fail.h"

#define DELAY_MAX_MS ((int64_t)31622400 * 1000)		/* a year */

bool
retry_matches(char *const *errors, const struct failure *why)
{
	const char	*error = why->error;

	for (; *errors != NULL; errors++) {
		if (error != NULL && strcmp(*errors, error) == 0)
			return true;
		if (strcmp(*errors, "States.ALL") == 0)
			return true;
		if (strcmp(*errors, "States.TaskFailed") == 0 &&
		    (error == NULL || strcmp(error, "States.Timeout") != 0))
			return true;
		if (why->heartbeat &&
		    strcmp(*errors, "States.HeartbeatTimeout") == 0)
			return true;
	}
	return false;
}

/* Evenly spread over 0..max, the same for equal seed and event. */
static int64_t
jitter(uint64_t seed, int64_t event_id, int64_t max)
{
	uint64_t	 x = seed ^ ((uint64_t)event_id * 0x9e3779b97f4a7c15u);

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	x ^= x >> 31;
	return (int64_t)(x % ((uint64_t)max + 1));
}

static int64_t
delay_ms(const struct retrier *r, int64_t attempt, uint64_t seed,
    int64_t event_id)
{
	double	 s = (double)r->interval_s;
	int64_t	 ms;

	for (; attempt > 0 && s < (double)DELAY_MAX_MS / 1000; attempt--) {
		if (r->backoff_rate == 1.0)
			break;
		s *= r->backoff_rate;
	}
	if (r->max_delay_s > 0 && s > (double)r->max_delay_s)
		s = (double)r->max_delay_s;
	ms = s < (double)DELAY_MAX_MS / 1000 ? (int64_t)(s * 1000) :
	    DELAY_MAX_MS;
	if (ms < 0)
		ms = 0;
	return r->full_jitter ? jitter(seed, event_id, ms) : ms;
}

bool
retry_has_room(const struct run *run)
{
	const struct step	*s = run->step;
	const struct event	*last;

	if (s->nevents == 0)
		return false;
	last = &s->events[s->nevents - 1];
	return !last->retry && last->due_ms == 0;
}

bool
retry_try(struct run *run, struct flow *f, const struct failure *why)
{
	const struct state	*s = f->state;
	struct event		*ev;
	const struct retrier	*r = NULL;
	size_t			 i;
	int64_t			 attempt;

	if (run->full || !retry_has_room(run) || (why->error != NULL &&
	    strcmp(why->error, "States.Runtime") == 0))
		return false;
	for (i = 0; i < s->nretriers && r == NULL; i++)
		if (retry_matches(s->retriers[i].errors, why))
			r = &s->retriers[i];
	if (r == NULL)
		return false;
	i = (size_t)(r - s->retriers);
	attempt = f->attempts != NULL ? f->attempts[i] : 0;
	if (attempt >= r->max_attempts)
		return false;
	ev = &run->step->events[run->step->nevents - 1];
	ev->retry = true;
	ev->retry_flow = f->id;
	ev->retry_index = (int64_t)i;
	ev->retry_chain = why->chain;
	ev->retry_due_ms = run->now_ms + delay_ms(r, attempt,
	    run->ex->facts->seed, ev->id);
	run_annotate(run, ev);
	run_timer(run, ev->id, ev->retry_due_ms);
	return true;
}
