/*
 * asl/step_parallel.c - Parallel: a flow for each branch, and one array of
 * their outputs.
 *
 * The branches run by themselves (step.c); this starts them and ends the state
 * when all have their outputs.  Outputs are put together as text (recording
 * scenarios/test_parallel_state_nested).
 */

#include "fail.h"

static void
work(struct run *run, struct flow *f)
{
	struct eval	 ev;
	struct err	 e = ERR_INIT;
	struct payload	*effective, *input = NULL;
	struct event	*started;
	int		 ret;

	eval_init(&ev, run, f);
	if ((ret = dataflow_input(&ev, &effective, &e)) == 0) {
		ret = dataflow_parameters(&ev, effective, &input, &e);
		payload_unref(effective);
	}
	eval_clear(&ev);
	if (ret == -1) {
		fail_err(run, f, &e);
		return;
	}
	started = run_event(run, EVENT_ParallelStateStarted, f);
	if (input != f->input)
		started->payload = input;
	else
		payload_unref(input);
	run_apply(run, started);
}

/* All branches have ended. */
static void
resume(struct run *run, struct flow *f)
{
	struct eval	 ev;
	struct err	 e = ERR_INIT;
	struct payload	*output;
	json_t		*assigned;
	int		 ret;

	run_apply(run, run_event(run, EVENT_ParallelStateSucceeded, f));
	eval_init(&ev, run, f);
	ret = dataflow_gather(&ev, &output, &assigned, &e);
	eval_clear(&ev);
	if (ret == -1)
		fail_err(run, f, &e);
	else
		run_exit(run, f, run_exit_event(run, f), output, assigned);
}

const struct state_kind step_parallel = { EVENT_ParallelStateEntered,
	EVENT_ParallelStateExited, EVENT_ParallelStateAborted,
	EVENT_ParallelStateFailed, work, resume };
