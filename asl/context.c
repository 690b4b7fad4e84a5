/*
 * asl/context.c - the context object: what $$ means.
 *
 * Made only when an expression asks for it.  Members stand in the order of
 * the real service (recording scenarios/test_lambda_invoke_with_retry_
 * extended_input); CallbackUrl is our own.
 */

#include <stdlib.h>

#include "probe.h"
#include "timestamp.h"

static void
put_string(json_t *o, const char *key, const char *value)
{
	if (value != NULL)
		json_object_set_new(o, key, json_string(value));
}

static void
put_time(json_t *o, const char *key, int64_t ms)
{
	char	 buf[TIMESTAMP_SIZE];

	put_string(o, key, timestamp_print(ms, buf));
}

static json_t *
execution_object(const struct execution *ex)
{
	const struct execution_facts	*facts = ex->facts;
	json_t				*o = json_object();

	put_string(o, "Id", facts->arn);
	json_object_set(o, "Input", payload_json(ex->input));
	put_time(o, "StartTime", ex->started_ms);
	put_string(o, "Name", facts->name);
	put_string(o, "RoleArn", facts->role_arn);
	json_object_set_new(o, "RedriveCount", json_integer(0));
	return o;
}

static json_t *
state_object(const struct flow *f)
{
	json_t	*o = json_object();

	put_string(o, "Name", f->state->name);
	put_time(o, "EnteredTime", f->entered_ms);
	if (f->state->type == STATE_TASK || f->state->type == STATE_PARALLEL ||
	    f->state->type == STATE_MAP)
		json_object_set_new(o, "RetryCount", json_integer(f->retries));
	return o;
}

static json_t *
task_object(const struct execution_facts *facts, int64_t event_id)
{
	json_t	*o = json_object();
	char	*token, *url;

	if (facts->task_token == NULL)
		return o;
	token = facts->task_token(facts->arg, event_id);
	put_string(o, "Token", token);
	if (facts->callback_url != NULL) {
		url = facts->callback_url(facts->arg, token);
		put_string(o, "CallbackUrl", url);
		free(url);
	}
	free(token);
	return o;
}

/* The item that a flow works on, of the innermost Map around it. */
static void
put_item(struct eval *ev, json_t *o)
{
	struct flow	*f = ev->flow;
	json_t		*item = ev->item, *map, *entry;
	int64_t		 index = ev->index;

	for (; item == NULL && f->parent != NULL; f = f->parent)
		if (f->parent->state->type == STATE_MAP) {
			index = f->index;
			if (step_map_load(ev->run, f->parent, NULL) == -1)
				return;
			item = json_array_get(f->parent->children->items,
			    (size_t)index);
		}
	if (item == NULL)
		return;
	entry = json_object();
	json_object_set_new(entry, "Index", json_integer(index));
	json_object_set(entry, "Value", item);
	map = json_object();
	json_object_set_new(map, "Item", entry);
	json_object_set_new(o, "Map", map);
}

/* The test of a state says what its context object is. */
static json_t *
probed(struct eval *ev, const struct probe *probe)
{
	json_t	*o = json_copy(probe->context);

	if (ev->task_id != 0 && json_object_get(o, "Task") == NULL)
		json_object_set_new(o, "Task",
		    task_object(ev->run->ex->facts, ev->task_id));
	put_item(ev, o);
	return o;
}

json_t *
context_new(struct eval *ev)
{
	const struct execution_facts	*facts = ev->run->ex->facts;
	const struct probe		*probe = probe_of(ev->run, ev->flow);
	json_t				*o, *machine;

	if (probe != NULL)
		return probed(ev, probe);
	o = json_object();
	machine = json_object();
	put_string(machine, "Id", facts->machine_arn);
	put_string(machine, "Name", facts->machine_name);
	json_object_set_new(o, "Execution", execution_object(ev->run->ex));
	json_object_set_new(o, "StateMachine", machine);
	json_object_set_new(o, "State", state_object(ev->flow));
	if (ev->task_id != 0)
		json_object_set_new(o, "Task",
		    task_object(facts, ev->task_id));
	put_item(ev, o);
	return o;
}
