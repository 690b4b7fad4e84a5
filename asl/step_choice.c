/*
 * asl/step_choice.c - Choice: the first rule that matches says where to go.
 *
 * Which one it was is kept with the event, because the state that comes next
 * cannot be told from the public history alone.
 */

#include "fail.h"

/* *choice: the rule from 1, or 0 for Default. */
static int
choose(struct eval *ev, int64_t *choice, const struct template **assign,
    struct err *e)
{
	const struct state	*s = ev->flow->state;
	size_t			 i;
	bool			 matches;

	for (i = 0; i < s->u.choice.nbranches; i++) {
		if (choice_eval(s->u.choice.branches[i].rule, &ev->scope,
		    &matches, e) == -1)
			return -1;
		if (!matches)
			continue;
		*choice = (int64_t)i + 1;
		*assign = s->u.choice.branches[i].assign;
		return 0;
	}
	*choice = 0;
	*assign = s->assign;
	if (s->u.choice.otherwise == NULL)
		return err_set(e, "States.NoChoiceMatched", "Failed to "
		    "transition out of the state. The state does not point to "
		    "a next state.");
	return 0;
}

static void
work(struct run *run, struct flow *f)
{
	struct eval		 ev;
	struct err		 e = ERR_INIT;
	struct payload		*effective, *output = NULL;
	struct event		*exited;
	const struct template	*assign;
	json_t			*assigned = NULL;
	int64_t			 choice = 0;
	int			 ret;

	eval_init(&ev, run, f);
	if ((ret = dataflow_input(&ev, &effective, &e)) == 0) {
		eval_input(&ev, effective);
		ret = choose(&ev, &choice, &assign, &e);
		if (ret == 0)
			ret = dataflow_output(&ev, effective, assign, &output,
			    &assigned, &e);
		payload_unref(effective);
	}
	eval_clear(&ev);
	if (ret == -1) {
		fail_err(run, f, &e);
		return;
	}
	exited = run_exit_event(run, f);
	exited->choice = choice;
	run_exit(run, f, exited, output, assigned);
}

const struct state_kind step_choice = { EVENT_ChoiceStateEntered,
	EVENT_ChoiceStateExited, EVENT_TYPE_COUNT, EVENT_TYPE_COUNT, work, NULL };
