/*
 * asl/step_map.c - Map (inline): a flow for each item, in the order of the
 * items, MaxConcurrency at a time.
 *
 * The items are not in the history; they are found again from the state's
 * input whenever a cache is missing, so a fold need not keep them.
 *
 * Invariants:
 *   - items start in order, and each is started once per attempt;
 *   - the work for N items grows with N, not with N times N.
 */

#include <stdlib.h>

#include "fail.h"
#include "probe.h"
#include "xmalloc.h"

/*
 * Items, or the input itself.  They are found again after a fold, so the time
 * and the dice must be the same then.
 */
static int
jsonata_items(struct eval *ev, json_t **items, struct err *e)
{
	const struct query	*q = ev->flow->state->u.map.items;

	eval_fix(ev);
	return q != NULL ? query_items(q, ev, items, e) :
	    query_input_items(ev, items, e);
}

/* Items: what ItemsPath points to, an array; by default the whole input. */
static int
items_of(struct eval *ev, struct payload *effective, json_t **items,
    struct err *e)
{
	const struct jsonpath	*path = ev->flow->state->u.map.items_path;
	const struct probe	*probe = probe_of(ev->run, ev->flow);
	const char		*shown = path != NULL ? jsonpath_text(path) : "$";

	*items = NULL;
	eval_input(ev, effective);
	if (probe != NULL && probe->items != NULL)
		*items = json_incref(probe->items);
	else if (ev->flow->state->jsonata) {
		if (jsonata_items(ev, items, e) == -1)
			return -1;
	} else if (path == NULL || jsonpath_is_root(path))
		*items = json_incref(payload_json(effective));
	else if (dataflow_path(ev, path, items, e) == -1)
		return -1;
	if (json_is_array(*items)) {
		probe_see_items(ev, *items);
		return 0;
	}
	json_decref(*items);
	*items = NULL;
	if (shown[0] == '$' && shown[1] == '$')
		shown++;	/* as the real service words it */
	return err_set(e, "States.Runtime", "Reference path \"%s\" must point "
	    "to array.", shown);
}

static int
concurrency_of(struct eval *ev, int64_t *n, struct err *e)
{
	const struct number_field	*field =
					    &ev->flow->state->u.map.max_concurrency;
	json_t				*value;
	char				*shown;
	int				 ret = 0;

	*n = field->set ? field->value : 0;
	if (field->query != NULL)
		return query_integer(field->query, ev, 0, INT64_MAX, n, e);
	if (field->path == NULL)
		return 0;
	if (dataflow_path(ev, field->path, &value, e) == -1)
		return -1;
	if (!dataflow_integer(value, n)) {
		shown = dataflow_show(value);
		ret = err_set(e, "States.Runtime", "The MaxConcurrencyPath "
		    "field refers to value \"%s\" which is not a valid integer: "
		    "%s", shown, jsonpath_text(field->path));
		free(shown);
	}
	if (ret == 0 && *n < 0)
		ret = err_set(e, "States.Runtime",
		    "MaxConcurrency cannot be negative.");
	json_decref(value);
	return ret;
}

int
step_map_load(struct run *run, struct flow *f, struct err *e)
{
	struct children	*c = f->children;
	struct eval	 ev;
	int		 ret;

	if (c->items != NULL)
		return 0;
	eval_init(&ev, run, f);
	ret = dataflow_input(&ev, &c->effective, e);
	if (ret == 0) {
		ret = items_of(&ev, c->effective, &c->items, e);
		if (ret == -1) {
			payload_unref(c->effective);
			c->effective = NULL;
		}
	}
	eval_clear(&ev);
	return ret;
}

static void
work(struct run *run, struct flow *f)
{
	struct eval	 ev;
	struct err	 e = ERR_INIT;
	struct payload	*effective;
	struct event	*started;
	json_t		*items = NULL;
	int64_t		 concurrency = 0;
	int		 ret;

	eval_init(&ev, run, f);
	if ((ret = dataflow_input(&ev, &effective, &e)) == 0) {
		ret = items_of(&ev, effective, &items, &e);
		if (ret == 0)
			ret = concurrency_of(&ev, &concurrency, &e);
		if (ret == -1)
			payload_unref(effective);
	}
	eval_clear(&ev);
	if (ret == -1) {
		json_decref(items);
		fail_err(run, f, &e);
		return;
	}
	started = run_event(run, EVENT_MapStateStarted, f);
	started->number = (int64_t)json_array_size(items);
	started->concurrency = concurrency;
	run_apply(run, started);
	if (f->children != NULL) {
		f->children->items = items;
		f->children->effective = effective;
	} else {		/* the history is full */
		json_decref(items);
		payload_unref(effective);
	}
}

int
step_map_input(struct run *run, struct flow *f, int64_t i, struct payload **out,
    struct err *e)
{
	const struct state	*s = f->state;
	const struct template	*t = s->u.map.item_selector != NULL ?
				    s->u.map.item_selector : s->parameters;
	struct eval		 ev;
	int			 ret;

	if (step_map_load(run, f, e) == -1)
		return -1;
	eval_init(&ev, run, f);
	ev.index = i;
	ev.item = json_array_get(f->children->items, (size_t)i);
	if (ev.item == NULL)
		ret = err_set(e, "States.Runtime", "The items have changed.");
	else if (s->u.map.item_query != NULL) {
		ret = query_payload(s->u.map.item_query, &ev, out, e);
		if (ret == 0 && (ret = dataflow_limit(s->name, *out, e)) == -1)
			payload_unref(*out);
	} else if (t == NULL) {
		*out = payload_from_json(json_incref(ev.item));
		ret = 0;
	} else {
		eval_input(&ev, f->children->effective);
		ret = template_eval(t, &ev.scope, out, e);
		if (ret == 0 && (ret = dataflow_limit(s->name, *out, e)) == -1)
			payload_unref(*out);
	}
	eval_clear(&ev);
	return ret;
}

static void
start_item(struct run *run, struct flow *f)
{
	struct event	*started;
	struct err	 e = ERR_INIT;
	struct payload	*input;
	int64_t		 i = f->children->next;

	if (step_map_input(run, f, i, &input, &e) == -1) {
		fail_err(run, f, &e);
		return;
	}
	started = run_event(run, EVENT_MapIterationStarted, f);
	started->previous_id = f->children->chain;
	started->name = xstrdup(f->state->name);
	started->number = i;
	started->payload = input;
	run_apply(run, started);
}

/* An item may start, or all have ended. */
static void
resume(struct run *run, struct flow *f)
{
	struct eval	 ev;
	struct err	 e = ERR_INIT;
	struct payload	*output;
	json_t		*assigned;
	int		 ret;

	if (f->children->done < f->children->n) {
		start_item(run, f);
		return;
	}
	run_apply(run, run_event(run, EVENT_MapStateSucceeded, f));
	eval_init(&ev, run, f);
	ret = dataflow_gather(&ev, &output, &assigned, &e);
	eval_clear(&ev);
	if (ret == -1)
		fail_err(run, f, &e);
	else
		run_exit(run, f, run_exit_event(run, f), output, assigned);
}

const struct state_kind step_map = { EVENT_MapStateEntered,
	EVENT_MapStateExited, EVENT_MapStateAborted, EVENT_MapStateFailed, work,
	resume };
