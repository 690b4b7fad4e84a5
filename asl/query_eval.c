/*
 * asl/query_eval.c - JSONata fields, evaluated for a flow.
 *
 * Results go straight to text, for that is what a history keeps; numbers are
 * then spelled as JavaScript does, as the real service shows them.
 *
 * Pure: the time is that of the stimulus, random numbers come from the scope's
 * seed, and instead of a second of time an evaluation has a budget of steps.
 * The budget is that of all expressions that are evaluated together (one
 * struct eval); and step.c gives way to others when a step has used as much, so
 * that no execution holds up the loop for long.
 */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "jsontext.h"
#include "probe.h"
#include "query_impl.h"
#include "xmalloc.h"

/* What starting an evaluation costs, in its steps. */
#define STEPS_START	16

void
query_states(struct eval *ev, struct payload *result,
    struct payload *error_output)
{
	ev->result = result;
	ev->error_output = error_output;
	json_decref(ev->states);
	ev->states = NULL;
	ev->states_context = false;
}

/*
 * Members in the order of the real service (recording test_state/
 * test_map_state_failure_count).  The context object stands there only for an
 * expression that asks for it, which one that asks for all of $states does: so
 * no part of a result changes afterwards.
 */
static json_t *
states(struct eval *ev, bool with_context)
{
	if (ev->states != NULL && (ev->states_context || !with_context))
		return ev->states;
	json_decref(ev->states);
	ev->states = json_object();
	ev->states_context = with_context;
	json_object_set(ev->states, "input", payload_json(ev->flow->input));
	if (with_context)
		json_object_set(ev->states, "context",
		    ev->scope.context(ev->scope.context_arg));
	if (ev->result != NULL)
		json_object_set(ev->states, "result",
		    payload_json(ev->result));
	if (ev->error_output != NULL)
		json_object_set(ev->states, "errorOutput",
		    payload_json(ev->error_output));
	return ev->states;
}

struct lookup {
	struct eval	*ev;
	bool		 with_context;
};

static json_t *
variable(void *arg, const char *name, size_t len)
{
	struct lookup	*l = arg;
	struct payload	*p;

	if (len == 6 && memcmp(name, "states", 6) == 0)
		return states(l->ev, l->with_context);
	if (l->ev->scope.vars == NULL)
		return NULL;
	p = vars_get(l->ev->scope.vars, name, len);
	return p != NULL ? payload_json(p) : NULL;
}

/* --- failures --------------------------------------------------------------- */

int
query_fail_at(struct eval *ev, const char *location)
{
	free(ev->run->where);
	ev->run->where = location != NULL ? xstrdup(location) : NULL;
	return -1;
}

int
query_fail(const struct query *q, struct eval *ev, struct err *e,
    const char *fmt, ...)
{
	va_list	 ap;
	char	*what;

	va_start(ap, fmt);
	what = xvasprintf(fmt, ap);
	va_end(ap);
	err_set(e, QUERY_ERROR, "The JSONata expression '%s' specified for the "
	    "field '%s' %s", q->text, q->location, what);
	free(what);
	return query_fail_at(ev, q->location);
}

static int
evaluation_failed(const struct query *q, struct eval *ev,
    const struct jsonata_error *je, struct err *e)
{
	const char	*text = je->message != NULL ? je->message : "";

	switch (je->bound) {
	case JSONATA_DEPTH:
		text = "Stack overflow error: Check for non-terminating "
		    "recursive function. Consider rewriting as tail-recursive";
		break;
	case JSONATA_MEMORY:
		text = "Expression evaluation memory limit exceeded: Check for "
		    "excessive memory usage";
		break;
	case JSONATA_TIME:
		text = "Expression evaluation timeout: Check for infinite loop";
		break;
	case JSONATA_NO_BOUND:
		if (je->code[0] != '\0')
			return query_fail(q, ev, e, "threw an error during "
			    "evaluation. %s: %s", je->code, text);
		break;
	}
	return query_fail(q, ev, e, "threw an error during evaluation: %s",
	    text);
}

int
query_evaluate(const struct query *q, struct eval *ev,
    struct jsonata_result **result, struct err *e)
{
	struct lookup		 l = { ev, q->reads_context };
	uint64_t		 used = STEPS_START;
	struct jsonata_error	 je = JSONATA_ERROR_INIT;
	struct jsonata_input	 in = {
		.variable = variable, .variable_arg = &l,
		.now_ms = ev->now_ms, .seed = eval_seed(ev),
		.depth_max = JSONATA_DEPTH_AWS,
		.memory_max = JSONATA_MEMORY_AWS, .steps_used = &used,
	};
	int			 ret;

	if (ev->steps >= STEP_QUERY_MAX) {
		je.bound = JSONATA_TIME;
		return evaluation_failed(q, ev, &je, e);
	}
	in.steps_max = STEP_QUERY_MAX - ev->steps;
	ret = jsonata_evaluate(q->expression, &in, result, &je);
	ev->steps += used;
	ev->run->query_steps += used;
	if (ret == -1) {
		ret = evaluation_failed(q, ev, &je, e);
		jsonata_error_clear(&je);
		return ret;
	}
	switch (jsonata_result_kind(*result)) {
	case JSONATA_UNDEFINED:
		ret = query_fail(q, ev, e, "returned nothing (undefined).");
		break;
	case JSONATA_FUNCTION:
		ret = query_fail(q, ev, e,
		    "returned an unsupported result type.");
		break;
	case JSONATA_NULL:
	case JSONATA_BOOLEAN:
	case JSONATA_NUMBER:
	case JSONATA_STRING:
	case JSONATA_ARRAY:
	case JSONATA_OBJECT:
		return 0;
	}
	jsonata_result_free(*result);
	*result = NULL;
	return ret;
}

/* --- values ----------------------------------------------------------------- */

/* Holds \u0000, and not as the end of \\u0000. */
static bool
holds_nul(const char *text)
{
	const char	*at, *p;

	for (at = text; (at = strstr(at, "\\u0000")) != NULL; at++) {
		for (p = at; p > text && p[-1] == '\\'; p--)
			continue;
		if ((at - p) % 2 == 0)
			return true;
	}
	return false;
}

int
query_check_text(const struct query *q, struct eval *ev, const struct strbuf *b,
    size_t start, struct err *e)
{
	if (strbuf_failed(b))
		return query_fail(q, ev, e, "threw an error during evaluation: "
		    "Expression evaluation memory limit exceeded: Check for "
		    "excessive memory usage");
	if (holds_nul(strbuf_str(b) + start))
		return query_fail(q, ev, e, "threw an error during evaluation: "
		    "The result holds a NUL character");
	return 0;
}

static int
print_expression(const struct query *q, struct eval *ev, struct strbuf *b,
    struct err *e)
{
	struct jsonata_result	*result;
	size_t			 start = b->len;

	if (query_evaluate(q, ev, &result, e) == -1)
		return -1;
	jsonata_result_print(result, b);
	jsonata_result_free(result);
	return query_check_text(q, ev, b, start, e);
}

static int
print(const struct query *q, struct eval *ev, struct strbuf *b, struct err *e)
{
	size_t	 i;

	switch (q->kind) {
	case QUERY_CONSTANT:
		jsontext_print(q->constant, b);
		return 0;
	case QUERY_EXPRESSION:
		return print_expression(q, ev, b, e);
	case QUERY_OBJECT:
	case QUERY_ARRAY:
		break;
	}
	strbuf_addc(b, q->kind == QUERY_OBJECT ? '{' : '[');
	for (i = 0; i < q->n; i++) {
		if (i > 0)
			strbuf_addc(b, ',');
		if (q->kind == QUERY_OBJECT) {
			strbuf_add_json_string(b, q->list[i].key,
			    strlen(q->list[i].key));
			strbuf_addc(b, ':');
		}
		if (print(&q->list[i], ev, b, e) == -1)
			return -1;
	}
	strbuf_addc(b, q->kind == QUERY_OBJECT ? '}' : ']');
	return 0;
}

int
query_payload(const struct query *q, struct eval *ev, struct payload **out,
    struct err *e)
{
	struct strbuf	 b;
	char		*text;
	size_t		 len;

	strbuf_init(&b, JSONTEXT_PRINT_MAX);
	if (print(q, ev, &b, e) == -1) {
		strbuf_free(&b);
		return -1;
	}
	text = strbuf_take(&b, &len);
	*out = payload_steal_text(text, len);
	return 0;
}

/* One variable: its text goes into *assigned. */
static int
assign(const struct query *q, const char *name, struct eval *ev,
    json_t *assigned, size_t *total, struct err *e)
{
	struct payload	*value;
	const char	*text;
	size_t		 len;
	int		 ret;

	if (query_payload(q, ev, &value, e) == -1)
		return -1;
	ret = dataflow_limit(ev->flow->state->name, value, e);
	if (ret == 0) {
		text = payload_text(value, &len);
		*total += len + strlen(name) + 4;
		json_object_set_new(assigned, name,
		    json_stringn_nocheck(text, len));
	}
	payload_unref(value);
	return ret;
}

static int
assign_all(const struct query *q, struct eval *ev, json_t *assigned,
    struct err *e)
{
	struct query	 constant = { .kind = QUERY_CONSTANT };
	const char	*name;
	size_t		 i, total = 2;

	json_object_foreach(q->constant, name, constant.constant)
		if (assign(&constant, name, ev, assigned, &total, e) == -1)
			return -1;
	for (i = 0; i < q->n; i++)
		if (assign(&q->list[i], q->list[i].key, ev, assigned, &total,
		    e) == -1)
			return -1;
	return total > PAYLOAD_BYTES_MAX ?
	    dataflow_over_limit(ev->flow->state->name, e) : 0;
}

int
query_assign(const struct query *q, struct eval *ev, json_t **assigned,
    struct err *e)
{
	*assigned = NULL;
	if (q == NULL)
		return 0;
	*assigned = json_object();
	if (assign_all(q, ev, *assigned, e) == 0)
		return 0;
	json_decref(*assigned);
	*assigned = NULL;
	return -1;
}
