/*
 * asl/dataflow.c - InputPath, Parameters, ResultSelector, ResultPath,
 * OutputPath and Assign.
 *
 * What no field asks to look into is passed on as it is: a state without these
 * fields costs no parse and no copy.
 */

#include "dataflow.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "jsontext.h"
#include "probe.h"
#include "query.h"
#include "xmalloc.h"

static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static json_t *
context(void *arg)
{
	struct eval	*ev = arg;

	if (ev->context == NULL)
		ev->context = context_new(ev);
	return ev->context;
}

void
eval_init(struct eval *ev, struct run *run, struct flow *f)
{
	memset(ev, 0, sizeof *ev);
	ev->run = run;
	ev->flow = f;
	ev->now_ms = run->now_ms;
	ev->scope.input = f->input;
	ev->scope.vars = flow_vars(f);
	ev->scope.context = context;
	ev->scope.context_arg = ev;
	ev->scope.seed = mix(run->ex->facts->seed ^
	    mix((uint64_t)run->ex->last_id));
}

void
eval_clear(struct eval *ev)
{
	json_decref(ev->context);
	ev->context = NULL;
	json_decref(ev->states);
	ev->states = NULL;
}

uint64_t
eval_seed(struct eval *ev)
{
	ev->scope.seed = mix(ev->scope.seed);
	return ev->scope.seed;
}

void
eval_fix(struct eval *ev)
{
	ev->now_ms = ev->flow->entered_ms;
	ev->scope.seed = mix(ev->run->ex->facts->seed ^
	    mix((uint64_t)ev->flow->entered_id));
}

void
eval_input(struct eval *ev, struct payload *p)
{
	ev->scope.input = p;
}

static int
bad_path(const struct jsonpath *path, struct err *why, struct err *e)
{
	err_set(e, "States.Runtime", "Invalid path '%s' : %s",
	    jsonpath_text(path), why->text);
	err_clear(why);
	return -1;
}

int
dataflow_path(struct eval *ev, const struct jsonpath *path, json_t **out,
    struct err *e)
{
	struct err	 why = ERR_INIT;

	if (jsonpath_eval(path, &ev->scope, out, &why) == 0)
		return 0;
	return bad_path(path, &why, e);
}

/* InputPath and OutputPath: a part of what $ is, or {}. */
static int
filter(struct eval *ev, const struct path_field *field, struct payload **out,
    struct err *e)
{
	struct err	 why = ERR_INIT;

	if (field->null)
		*out = payload_empty();
	else if (field->path == NULL || jsonpath_is_root(field->path))
		*out = payload_ref(ev->scope.input);
	else if (jsonpath_eval_payload(field->path, &ev->scope, out, &why) == -1)
		return bad_path(field->path, &why, e);
	return 0;
}

int
dataflow_input(struct eval *ev, struct payload **out, struct err *e)
{
	eval_input(ev, ev->flow->input);
	if (ev->flow->state->jsonata) {
		*out = payload_ref(ev->flow->input);
		return 0;
	}
	if (filter(ev, &ev->flow->state->input_path, out, e) == -1)
		return -1;
	probe_see(ev, PROBE_INPUT, *out);
	return 0;
}

int
dataflow_parameters(struct eval *ev, struct payload *effective,
    struct payload **out, struct err *e)
{
	const struct state	*s = ev->flow->state;

	eval_input(ev, effective);
	if (s->parameters == NULL && s->arguments == NULL) {
		*out = payload_ref(effective);
		probe_see(ev, PROBE_PARAMETERS, *out);
		return 0;
	}
	if ((s->arguments != NULL ? query_payload(s->arguments, ev, out, e) :
	    template_eval(s->parameters, &ev->scope, out, e)) == -1)
		return -1;
	if (dataflow_limit(s->name, *out, e) == 0) {
		probe_see(ev, PROBE_PARAMETERS, *out);
		return 0;
	}
	payload_unref(*out);
	return -1;
}

int
dataflow_over_limit(const char *who, struct err *e)
{
	return err_set(e, "States.DataLimitExceeded", "The state/task '%s' "
	    "returned a result with a size exceeding the maximum number of "
	    "bytes service limit.", who);
}

int
dataflow_limit(const char *who, struct payload *p, struct err *e)
{
	if (payload_bytes(p) > PAYLOAD_BYTES_MAX)
		return dataflow_over_limit(who, e);
	if (payload_deep(p))
		return err_set(e, "States.DataLimitExceeded", "The state/task "
		    "'%s' returned a result that is nested deeper than %d "
		    "levels.", who, JSONTEXT_DEPTH_MAX);
	return 0;
}

static int
gather(const struct flow *f, struct payload **out, struct err *e)
{
	const struct children	*c = f->children;
	size_t			 sum = 2;
	int64_t			 i;

	for (i = 0; i < c->n && sum <= PAYLOAD_BYTES_MAX; i++)
		sum += payload_bytes(c->outputs[i]) + (i > 0);
	if (sum > PAYLOAD_BYTES_MAX)
		return dataflow_over_limit(f->state->name, e);
	*out = payload_array(c->outputs, (size_t)c->n);
	if (dataflow_limit(f->state->name, *out, e) == 0)
		return 0;
	payload_unref(*out);
	return -1;
}

int
dataflow_gather(struct eval *ev, struct payload **output, json_t **assigned,
    struct err *e)
{
	struct payload	*result = NULL;
	int		 ret;

	if (gather(ev->flow, &result, e) == -1)
		return -1;
	ret = dataflow_output(ev, result, ev->flow->state->assign, output,
	    assigned, e);
	payload_unref(result);
	return ret;
}

int
dataflow_assign(struct eval *ev, const struct template *t,
    struct payload *input, json_t **assigned, struct err *e)
{
	struct payload	*all;
	const char	*name;
	json_t		*value;
	char		*text;
	size_t		 len;
	int		 ret;

	*assigned = NULL;
	if (t == NULL)
		return 0;
	eval_input(ev, input);
	if (template_eval(t, &ev->scope, &all, e) == -1)
		return -1;
	ret = dataflow_limit(ev->flow->state->name, all, e);
	if (ret == 0) {
		*assigned = json_object();
		json_object_foreach(payload_json(all), name, value) {
			text = jsontext_string(value, &len);
			json_object_set_new(*assigned, name,
			    json_stringn_nocheck(text, len));
			free(text);
		}
	}
	payload_unref(all);
	return ret;
}

/* ResultPath: where in the raw input the result goes. */
static int
place(struct eval *ev, struct payload *result, struct payload **out,
    struct err *e)
{
	const struct path_field	*field = &ev->flow->state->result_path;
	struct payload		*raw = ev->flow->input;

	if (field->null)
		*out = payload_ref(raw);
	else if (field->path == NULL || jsonpath_is_root(field->path))
		*out = payload_ref(result);
	else
		return jsonpath_put(field->path, raw, result, out, e);
	return 0;
}

static int
select_result(struct eval *ev, struct payload *result, struct payload **out,
    struct err *e)
{
	const struct state	*s = ev->flow->state;

	if (s->result_selector == NULL) {
		*out = payload_ref(result);
		return 0;
	}
	eval_input(ev, result);
	return template_eval(s->result_selector, &ev->scope, out, e);
}

/* Output and Assign see the same, old variables. */
int
dataflow_leave(struct eval *ev, struct payload *otherwise,
    const struct query *output, const struct query *assign,
    struct payload **out, json_t **assigned, struct err *e)
{
	*out = NULL;
	*assigned = NULL;
	if (output == NULL)
		*out = payload_ref(otherwise);
	else if (query_payload(output, ev, out, e) == -1)
		return -1;
	if ((*out == ev->flow->input ||
	    dataflow_limit(ev->flow->state->name, *out, e) == 0) &&
	    query_assign(assign, ev, assigned, e) == 0)
		return 0;
	payload_unref(*out);
	*out = NULL;
	return -1;
}

int
dataflow_output(struct eval *ev, struct payload *result,
    const struct template *assign, struct payload **output, json_t **assigned,
    struct err *e)
{
	const struct state	*s = ev->flow->state;
	struct payload		*selected, *placed = NULL;
	int			 ret = -1;

	*output = NULL;
	*assigned = NULL;
	if (s->jsonata) {
		if (s->type == STATE_TASK || s->type == STATE_PARALLEL ||
		    s->type == STATE_MAP)
			query_states(ev, result, NULL);
		return dataflow_leave(ev, result, s->output, s->assignment,
		    output, assigned, e);
	}
	if (select_result(ev, result, &selected, e) == -1)
		return -1;
	probe_see(ev, PROBE_SELECTED, selected);
	if (place(ev, selected, &placed, e) == -1)
		goto out;
	probe_see(ev, PROBE_PLACED, placed);
	eval_input(ev, placed);
	if (filter(ev, &s->output_path, output, e) == -1)
		goto out;
	if (*output != ev->flow->input &&
	    dataflow_limit(s->name, *output, e) == -1)
		goto out;
	ret = dataflow_assign(ev, assign, selected, assigned, e);
out:
	if (ret == -1) {
		payload_unref(*output);
		*output = NULL;
	}
	payload_unref(placed);
	payload_unref(selected);
	return ret;
}

bool
dataflow_integer(const json_t *value, int64_t *out)
{
	const char	*text = json_string_value(value);
	char		*end;
	double		 d;

	if (json_is_integer(value)) {
		*out = json_integer_value(value);
		return true;
	}
	if (json_is_real(value)) {
		d = json_real_value(value);
		*out = fabs(d) < 1e15 ? (int64_t)d : 0;
		return d == floor(d) && fabs(d) < 1e15;
	}
	if (text == NULL || *text == '\0' || strchr(" \t\r\n+", *text) != NULL)
		return false;
	errno = 0;
	*out = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0';
}

char *
dataflow_show(const json_t *value)
{
	if (json_is_string(value))
		return xstrdup(json_string_value(value));
	return jsontext_string(value, NULL);
}
