/*
 * asl/step_choice.c - Choice: the first rule that matches says where to go.
 *
 * Which one it was is kept with the event, because the state that comes next
 * cannot be told from the public history alone.
 */

#include "fail.h"
#include "query.h"

static int
matches(struct eval *ev, const struct choice_branch *branch, bool *yes,
    struct err *e)
{
	if (branch->condition != NULL)
		return query_boolean(branch->condition, ev, yes, e);
	return choice_eval(branch->rule, &ev->scope, yes, e);
}

/* *choice: the rule from 1, or 0 for Default. */
static int
choose(struct eval *ev, int64_t *choice, struct err *e)
{
	const struct state	*s = ev->flow->state;
	size_t			 i;
	bool			 yes;

	for (i = 0; i < s->u.choice.nbranches; i++) {
		if (matches(ev, &s->u.choice.branches[i], &yes, e) == -1)
			return -1;
		if (!yes)
			continue;
		*choice = (int64_t)i + 1;
		return 0;
	}
	*choice = 0;
	if (s->u.choice.otherwise == NULL)
		return err_set(e, "States.NoChoiceMatched", "Failed to "
		    "transition out of the state. The state does not point to "
		    "a next state.");
	return 0;
}

/* Assign and Output are those of the rule, or for Default the state's own. */
static int
leave(struct eval *ev, int64_t choice, struct payload *effective,
    struct payload **output, json_t **assigned, struct err *e)
{
	const struct state		*s = ev->flow->state;
	const struct choice_branch	*b = choice == 0 ? NULL :
					    &s->u.choice.branches[choice - 1];

	if (s->jsonata)
		return dataflow_leave(ev, effective,
		    b != NULL ? b->output : s->output,
		    b != NULL ? b->assignment : s->assignment, output,
		    assigned, e);
	return dataflow_output(ev, effective, b != NULL ? b->assign :
	    s->assign, output, assigned, e);
}

static void
work(struct run *run, struct flow *f)
{
	struct eval		 ev;
	struct err		 e = ERR_INIT;
	struct payload		*effective, *output = NULL;
	struct event		*exited;
	json_t			*assigned = NULL;
	int64_t			 choice = 0;
	int			 ret;

	eval_init(&ev, run, f);
	if ((ret = dataflow_input(&ev, &effective, &e)) == 0) {
		eval_input(&ev, effective);
		ret = choose(&ev, &choice, &e);
		if (ret == 0)
			ret = leave(&ev, choice, effective, &output, &assigned,
			    &e);
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
