/*
 * asl/step_succeed.c - Succeed: ends its flow with its effective input.
 */

#include "fail.h"

static void
work(struct run *run, struct flow *f)
{
	struct eval	 ev;
	struct err	 e = ERR_INIT;
	struct payload	*effective, *output = NULL;
	json_t		*assigned = NULL;
	int		 ret;

	eval_init(&ev, run, f);
	if ((ret = dataflow_input(&ev, &effective, &e)) == 0) {
		ret = dataflow_output(&ev, effective, NULL, &output, &assigned,
		    &e);
		payload_unref(effective);
	}
	eval_clear(&ev);
	if (ret == -1)
		fail_err(run, f, &e);
	else
		run_exit(run, f, run_exit_event(run, f), output, assigned);
}

const struct state_kind step_succeed = { EVENT_SucceedStateEntered,
	EVENT_SucceedStateExited, EVENT_TYPE_COUNT, EVENT_TYPE_COUNT, work, NULL };
