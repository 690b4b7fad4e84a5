/*
 * asl/step_wait.c - Wait: for seconds, or until a time.
 *
 * A wait that is over before it begins ends in the same step.  Texts are those
 * of recordings base/test_wait and scenarios/test_wait_timestamp_path.
 */

#include <stdlib.h>

#include "fail.h"
#include "timestamp.h"

/* As the real service: a delay of more seconds than an int holds is refused
 * (recording base/test_timestamp_too_far_in_future_boundary). */
#define DELAY_MAX_S 2147483647

static int
seconds_of(struct eval *ev, const struct jsonpath *path, int64_t *s,
    struct err *e)
{
	json_t		*value;
	char		*shown;
	int		 ret = 0;

	if (jsonpath_eval(path, &ev->scope, &value, NULL) == -1)
		return err_set(e, "States.Runtime", "The SecondsPath parameter "
		    "does not reference an input value: %s",
		    jsonpath_text(path));
	shown = dataflow_show(value);
	if (!dataflow_integer(value, s))
		ret = err_set(e, "States.Runtime", "The SecondsPath parameter "
		    "cannot be parsed as a long value: %s == %s",
		    jsonpath_text(path), shown);
	if (ret == 0 && *s < 0)
		ret = err_set(e, "States.Runtime", "The SecondsPath parameter "
		    "references a negative value: %s == %s",
		    jsonpath_text(path), shown);
	free(shown);
	json_decref(value);
	return ret;
}

static int
time_of(struct eval *ev, const struct jsonpath *path, int64_t *ms,
    struct err *e)
{
	json_t	*value;
	char	*shown;
	int	 ret = 0;

	if (jsonpath_eval(path, &ev->scope, &value, NULL) == -1)
		return err_set(e, "States.Runtime", "The TimestampPath "
		    "parameter does not reference an input value: %s",
		    jsonpath_text(path));
	if (!json_is_string(value) || !timestamp_parse(json_string_value(value),
	    json_string_length(value), ms, NULL)) {
		shown = dataflow_show(value);
		ret = err_set(e, "States.Runtime", "The TimestampPath parameter "
		    "does not reference a valid ISO-8601 extended offset "
		    "date-time format string: %s == %s", jsonpath_text(path),
		    shown);
		free(shown);
	}
	json_decref(value);
	return ret;
}

/* When the wait ends. */
static int
end_of(struct eval *ev, int64_t *due_ms, struct err *e)
{
	const struct state	*st = ev->flow->state;
	int64_t			 now_ms = ev->run->now_ms, s = 0;

	if (st->u.wait.timestamp_set)
		*due_ms = st->u.wait.timestamp_ms;
	else if (st->u.wait.timestamp_query != NULL) {
		if (query_timestamp(st->u.wait.timestamp_query, ev, due_ms,
		    e) == -1)
			return -1;
	} else if (st->u.wait.timestamp_path != NULL) {
		if (time_of(ev, st->u.wait.timestamp_path, due_ms, e) == -1)
			return -1;
	} else {
		if (st->u.wait.seconds.set)
			s = st->u.wait.seconds.value;
		else if (st->u.wait.seconds.query != NULL) {
			if (query_integer(st->u.wait.seconds.query, ev, 0,
			    INT64_MAX, &s, e) == -1)
				return -1;
		}
		else if (seconds_of(ev, st->u.wait.seconds.path, &s, e) == -1)
			return -1;
		*due_ms = now_ms + (s > DELAY_MAX_S ? (int64_t)DELAY_MAX_S + 1 :
		    s) * 1000;
	}
	if (*due_ms > now_ms && (*due_ms - now_ms) / 1000 > DELAY_MAX_S)
		return err_set(e, "States.Runtime",
		    "Wait state delay is too long.");
	return 0;
}

/* The wait is over. */
static void
resume(struct run *run, struct flow *f)
{
	struct eval	 ev;
	struct err	 e = ERR_INIT;
	struct payload	*effective, *output = NULL;
	json_t		*assigned = NULL;
	int		 ret;

	eval_init(&ev, run, f);
	if ((ret = dataflow_input(&ev, &effective, &e)) == 0) {
		ret = dataflow_output(&ev, effective, f->state->assign, &output,
		    &assigned, &e);
		payload_unref(effective);
	}
	eval_clear(&ev);
	if (ret == -1)
		fail_err(run, f, &e);
	else
		run_exit(run, f, run_exit_event(run, f), output, assigned);
}

static void
work(struct run *run, struct flow *f)
{
	struct eval	 ev;
	struct err	 e = ERR_INIT;
	struct payload	*effective;
	struct event	*entered;
	int64_t		 due_ms = 0;
	int		 ret;

	eval_init(&ev, run, f);
	if ((ret = dataflow_input(&ev, &effective, &e)) == 0) {
		eval_input(&ev, effective);
		ret = end_of(&ev, &due_ms, &e);
		payload_unref(effective);
	}
	eval_clear(&ev);
	if (ret == -1)
		fail_err(run, f, &e);
	else if (due_ms <= run->now_ms)
		resume(run, f);
	else {
		/* The last event is this flow's WaitStateEntered. */
		entered = &run->step->events[run->step->nevents - 1];
		entered->due_ms = due_ms;
		run_annotate(run, entered);
		run_timer(run, entered->id, due_ms);
	}
}

const struct state_kind step_wait = { EVENT_WaitStateEntered,
	EVENT_WaitStateExited, EVENT_WaitStateAborted, EVENT_TYPE_COUNT, work,
	resume };
