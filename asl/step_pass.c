/*
 * asl/step_pass.c - Pass: its result is Result, or its effective input.
 */

#include "fail.h"

static int
output_of(struct eval *ev, struct payload **output, json_t **assigned,
    struct err *e)
{
	const struct state	*s = ev->flow->state;
	struct payload		*effective, *result = NULL;
	int			 ret;

	if (dataflow_input(ev, &effective, e) == -1)
		return -1;
	if (s->u.pass.result != NULL)
		result = payload_ref(s->u.pass.result);
	else if (dataflow_parameters(ev, effective, &result, e) == -1) {
		payload_unref(effective);
		return -1;
	}
	ret = dataflow_output(ev, result, s->assign, output, assigned, e);
	payload_unref(effective);
	payload_unref(result);
	return ret;
}

static void
work(struct run *run, struct flow *f)
{
	struct eval	 ev;
	struct err	 e = ERR_INIT;
	struct payload	*output;
	json_t		*assigned;
	int		 ret;

	eval_init(&ev, run, f);
	ret = output_of(&ev, &output, &assigned, &e);
	eval_clear(&ev);
	if (ret == -1)
		fail_err(run, f, &e);
	else
		run_exit(run, f, run_exit_event(run, f), output, assigned);
}

const struct state_kind step_pass = { EVENT_PassStateEntered,
	EVENT_PassStateExited, EVENT_TYPE_COUNT, EVENT_TYPE_COUNT, work, NULL };
