/*
 * asl/execution_dump.c - all that matters of an execution, as a tree.
 *
 * Two executions are the same when their dumps are: the tests' second law.
 * Caches are left out; everything else of flow.h must be in it.
 */

#include "flow.h"

#include <stdlib.h>

static void
put(json_t *o, const char *key, json_t *value)
{
	json_object_set_new(o, key, value);
}

static json_t *
text_of(struct payload *p)
{
	const char	*text;
	size_t		 len;

	if (p == NULL)
		return json_null();
	text = payload_text(p, &len);
	return json_stringn(text, len);
}

static json_t *
dump_vars(const struct vars *v)
{
	json_t	*o = json_object();
	size_t	 i;

	for (i = 0; v != NULL && i < vars_count(v); i++)
		put(o, vars_name(v, i), text_of(vars_value(v, i)));
	return o;
}

static json_t	*dump_flow(const struct flow *);

static json_t *
dump_children(const struct children *c)
{
	json_t	*o = json_object(), *flows = json_array(), *outputs = json_array();
	int64_t	 i;

	for (i = 0; i < c->n; i++) {
		if (c->slots[i] != NULL)
			json_array_append_new(flows, dump_flow(c->slots[i]));
		json_array_append_new(outputs, text_of(c->outputs[i]));
	}
	put(o, "chain", json_integer(c->chain));
	put(o, "concurrency", json_integer(c->concurrency));
	put(o, "done", json_integer(c->done));
	put(o, "flows", flows);
	put(o, "next", json_integer(c->next));
	put(o, "outputs", outputs);
	put(o, "running", json_integer(c->running));
	return o;
}

static json_t *
dump_flow(const struct flow *f)
{
	json_t	*o = json_object(), *attempts = json_array();
	size_t	 i;

	for (i = 0; f->attempts != NULL && i < f->state->nretriers; i++)
		json_array_append_new(attempts, json_integer(f->attempts[i]));
	put(o, "arguments", text_of(f->arguments));
	put(o, "attempts", attempts);
	put(o, "chain", json_integer(f->chain));
	if (f->children != NULL)
		put(o, "children", dump_children(f->children));
	put(o, "due_ms", json_integer(f->due_ms));
	put(o, "entered_id", json_integer(f->entered_id));
	put(o, "entered_ms", json_integer(f->entered_ms));
	put(o, "heartbeat_s", json_integer(f->heartbeat_s));
	put(o, "id", json_integer(f->id));
	put(o, "index", json_integer(f->index));
	put(o, "input", text_of(f->input));
	put(o, "open_id", json_integer(f->open_id));
	put(o, "phase", json_string(flow_phase_name(f->phase)));
	put(o, "queued", json_boolean(f->queued));
	put(o, "retries", json_integer(f->retries));
	put(o, "state", json_string(f->state->name));
	put(o, "submitted", json_boolean(f->submitted));
	put(o, "variables", dump_vars(f->vars));
	return o;
}

json_t *
execution_dump(const struct execution *ex)
{
	json_t			*o = json_object(), *queue = json_array();
	json_t			*open = json_array();
	int64_t			*ids = idmap_ids(&ex->open);
	const struct flow	*f;
	size_t			 i;

	for (f = ex->queue_head; f != NULL; f = f->queue_next)
		json_array_append_new(queue, json_integer(f->id));
	for (i = 0; i < ex->open.n; i++)
		json_array_append_new(open, json_integer(ids[i]));
	free(ids);
	put(o, "input", text_of(ex->input));
	put(o, "last_id", json_integer(ex->last_id));
	put(o, "last_ms", json_integer(ex->last_ms));
	put(o, "next_flow", json_integer(ex->next_flow));
	put(o, "open", open);
	put(o, "queue", queue);
	put(o, "root", dump_flow(&ex->root));
	put(o, "started_ms", json_integer(ex->started_ms));
	put(o, "status", json_string(execution_status_name(ex->status)));
	return o;
}
