/*
 * asl/teststate_answer.c - what a test of a state shows.
 *
 * Which members inspectionData has depends on the type of the state alone:
 * recordings test_state/test_test_state_scenarios and
 * test_test_state_mock_scenarios.
 */

#include "teststate_impl.h"

#include <stdlib.h>

#include "jsontext.h"

static const char *const status_names[] = { "RUNNING", "SUCCEEDED", "FAILED",
	"RETRIABLE", "CAUGHT_ERROR" };

/* The points that a type shows, as bits. */
#define BIT(point) (1u << (point))
static const unsigned	 shown[] = {
	[STATE_TASK] = BIT(PROBE_INPUT) | BIT(PROBE_PARAMETERS) |
	    BIT(PROBE_SELECTED) | BIT(PROBE_PLACED),
	[STATE_WAIT] = BIT(PROBE_INPUT),
	[STATE_PASS] = BIT(PROBE_INPUT) | BIT(PROBE_PARAMETERS) |
	    BIT(PROBE_SELECTED) | BIT(PROBE_PLACED),
	[STATE_SUCCEED] = BIT(PROBE_INPUT),
	[STATE_FAIL] = BIT(PROBE_INPUT),
	[STATE_CHOICE] = BIT(PROBE_INPUT),
	[STATE_PARALLEL] = BIT(PROBE_SELECTED) | BIT(PROBE_PLACED),
	[STATE_MAP] = BIT(PROBE_INPUT) | BIT(PROBE_SELECTED) |
	    BIT(PROBE_PLACED),
};

/* With JSONata only a Task shows one, and calls it otherwise (recordings
 * test_io_jsonata_parallel_state_mock_success, test_state_task_catch_error). */
static unsigned
points(const struct state *s)
{
	if (s->jsonata)
		return s->type == STATE_TASK ? BIT(PROBE_PARAMETERS) : 0;
	if (s->type == STATE_PASS && s->u.pass.result != NULL)
		return shown[s->type] &
		    ~(BIT(PROBE_INPUT) | BIT(PROBE_PARAMETERS));
	return shown[s->type];
}

static const char *const point_names[] = {
	[PROBE_INPUT] = "afterInputPath",
	[PROBE_PARAMETERS] = "afterParameters",
	[PROBE_SELECTED] = "afterResultSelector",
	[PROBE_PLACED] = "afterResultPath",
};

static void
put_text(json_t *o, const char *name, const char *text, size_t len)
{
	json_object_set_new(o, name, json_stringn_nocheck(text, len));
}

static void
put_payload(json_t *o, const char *name, struct payload *p)
{
	const char	*text;
	size_t		 len;

	if (p == NULL)
		return;
	text = payload_text(p, &len);
	put_text(o, name, text, len);
}

static void
put_number(json_t *o, const char *name, int64_t n)
{
	if (n >= 0)
		json_object_set_new(o, name, json_integer(n));
}

/*
 * Items stand with a space after each comma, and none inside of them, as the
 * real service shows them (recording test_state_machine_with_state_error).
 */
static void
put_items(json_t *o, const char *name, const json_t *items)
{
	struct strbuf	 b = STRBUF_INIT;
	size_t		 i;

	strbuf_addc(&b, '[');
	for (i = 0; i < json_array_size(items) && b.len <= PAYLOAD_BYTES_MAX;
	    i++) {
		strbuf_adds(&b, i == 0 ? "" : ", ");
		jsontext_print(json_array_get(items, i), &b);
	}
	strbuf_addc(&b, ']');
	if (!strbuf_failed(&b) && i == json_array_size(items))
		put_text(o, name, strbuf_str(&b), b.len);
	strbuf_free(&b);
}

static void
put_map(json_t *o, const struct teststate *t)
{
	if (t->probe.mapped != NULL && !t->reader && !t->state->jsonata)
		put_items(o, "afterItemsPath", t->probe.mapped);
	if (t->selected_items != NULL)
		json_object_set_new(o, "afterItemSelector",
		    json_string_nocheck(t->selected_items));
	put_number(o, "maxConcurrency", t->max_concurrency);
	if (t->tolerated_count.set)
		json_object_set_new(o, "toleratedFailureCount",
		    json_integer(t->tolerated_count.value));
	if (t->tolerated_percentage.set)
		json_object_set_new(o, "toleratedFailurePercentage",
		    json_real(t->tolerated_percentage.value));
}

/* All variables as they are after the state: those given, and those assigned. */
static void
put_variables(json_t *o, const json_t *variables)
{
	char	*text;
	size_t	 len;

	if (json_object_size(variables) == 0)
		return;
	text = jsontext_string(variables, &len);
	put_text(o, "variables", text, len);
	free(text);
}

static json_t *
inspection(const struct teststate *t)
{
	const struct state	*s = t->state;
	json_t			*o = json_object(), *details = json_object();
	unsigned		 bits = points(s);
	size_t			 i;

	put_payload(o, "input", t->input);
	if (s->type == STATE_FAIL && !s->jsonata)	/* it has no InputPath to apply */
		put_payload(o, point_names[PROBE_INPUT], t->input);
	for (i = 0; i < PROBE_POINTS; i++) {
		if ((bits & BIT(i)) != 0)
			put_payload(o, s->jsonata ? "afterArguments" :
			    point_names[i], t->probe.seen[i]);
		if (i == PROBE_PARAMETERS)
			put_payload(o, "result", t->result);
	}
	if (s->type == STATE_MAP)
		put_map(o, t);
	put_number(details, "catchIndex", t->catch_index);
	put_number(details, "retryIndex", t->retry_index);
	put_number(details, "retryBackoffIntervalSeconds", t->backoff_s);
	if (json_object_size(details) > 0)
		json_object_set(o, "errorDetails", details);
	json_decref(details);
	put_variables(o, t->variables);
	return o;
}

json_t *
teststate_answer(const struct teststate *t, bool inspected)
{
	json_t	*o = json_object();

	json_object_set_new(o, "status", json_string(status_names[t->status]));
	put_payload(o, "output", t->output);
	if (t->timed_out)
		json_object_set_new(o, "error", json_string("States.Timeout"));
	else if (t->probe.failed) {
		if (t->probe.error != NULL)
			json_object_set_new(o, "error",
			    json_string_nocheck(t->probe.error));
		if (t->probe.cause != NULL)
			json_object_set_new(o, "cause",
			    json_string_nocheck(t->probe.cause));
	}
	if (t->next != NULL)
		json_object_set_new(o, "nextState", json_string(t->next));
	if (inspected)
		json_object_set_new(o, "inspectionData", inspection(t));
	return o;
}
