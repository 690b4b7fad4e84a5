/*
 * asl/teststate.c - one state, run by itself.
 *
 * Nothing of the language is here: the state runs in an execution of its own, by
 * the same steps as in any other, and what comes out is read from its events.
 * Only a mocked Map or Parallel is taken up by hand, in the place of its
 * children.
 *
 * Invariants:
 *   - the execution is never stored, so a preset count of retries may be put
 *     into it, which no event says;
 *   - a test is done once the state was left, has failed, or waits for a retry.
 */

#include "teststate_impl.h"

#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "jsontext.h"
#include "timestamp.h"
#include "xmalloc.h"

/* ---- making one ---- */

static void
put_string(json_t *o, const char *key, const char *value)
{
	json_object_set_new(o, key, value == NULL ? json_null() :
	    json_string(value));
}

/*
 * As the service has it: recording test_state_with_variables_base_expressions.
 * A context that was given takes the place of what it names.
 */
static json_t *
make_context(const struct teststate *t, int64_t now_ms)
{
	json_t		*o = json_object(), *part = json_object();
	char		 now[TIMESTAMP_SIZE];

	timestamp_print(now_ms, now);
	put_string(part, "Id", t->facts.arn);
	json_object_set(part, "Input", payload_json(t->input));
	put_string(part, "Name", t->facts.name);
	put_string(part, "RoleArn", t->facts.role_arn);
	put_string(part, "StartTime", now);
	json_object_set_new(o, "Execution", part);
	part = json_object();
	put_string(part, "Id", t->facts.machine_arn);
	put_string(part, "Name", t->facts.machine_name);
	json_object_set_new(o, "StateMachine", part);
	part = json_object();
	put_string(part, "Name", TESTSTATE_NAME);
	put_string(part, "EnteredTime", now);
	if (t->state->type == STATE_TASK || t->state->type == STATE_MAP ||
	    t->state->type == STATE_PARALLEL)
		json_object_set_new(part, "RetryCount", json_integer(0));
	json_object_set_new(o, "State", part);
	if (t->context != NULL)
		json_object_update(o, t->context);
	return o;
}

static int
read_input(struct teststate *t, const char *text, struct err *e)
{
	struct err	 why = ERR_INIT;

	if (text == NULL) {
		t->input = payload_empty();
		return 0;
	}
	if (text[strspn(text, " \t\r\n")] == '\0')
		err_set(&why, "InvalidExecutionInput",
		    "Invalid execution input.");
	if (why.text != NULL ||
	    jsontext_check(text, strlen(text), NULL, &why) == -1) {
		err_set(e, "InvalidExecutionInput",
		    "Invalid State Machine Execution Input: '%s'", why.text);
		err_clear(&why);
		return -1;
	}
	t->input = payload_from_text(text, strlen(text));
	return 0;
}

static int
read_variables(struct teststate *t, const char *text, struct err *e)
{
	struct err	 why = ERR_INIT;

	if (text == NULL)
		return 0;
	if (jsontext_check(text, strlen(text), NULL, &why) == 0)
		t->variables = jsontext_parse(text, strlen(text), &why);
	err_clear(&why);
	if (json_is_object(t->variables))
		return 0;
	return err_set(e, "ValidationException",
	    "Variables must be a valid JSON object");
}

static int
read_reader(struct teststate *t, const char *data, struct err *e)
{
	json_t	*reader = json_object_get(t->definition, "ItemReader");

	t->reader = reader != NULL;
	if (reader == NULL)
		return 0;
	if (data == NULL) {
		t->probe.items = json_array();
		return 0;
	}
	t->items = teststate_map_read(reader, data, e);
	t->probe.items = json_incref(t->items);
	return t->items == NULL ? -1 : 0;
}

static int
read_ask(struct teststate *t, const struct teststate_ask *ask, struct err *e)
{
	struct err	 unsupported = ERR_INIT;

	if (teststate_machine(ask, &t->definition, &t->machine, &unsupported,
	    e) == -1 || teststate_check(ask, t->definition, e) == -1 ||
	    read_input(t, ask->input, e) == -1 ||
	    read_variables(t, ask->variables, e) == -1) {
		err_clear(&unsupported);
		return -1;
	}
	if (ask->context != NULL) {
		t->context = teststate_check_context(ask->context,
		    t->definition, e);
		if (t->context == NULL) {
			err_clear(&unsupported);
			return -1;
		}
	}
	if (t->machine == NULL) {
		err_move(e, &unsupported);
		return -1;
	}
	return read_reader(t, ask->reader_data, e);
}

static void
preset_variables(struct teststate *t)
{
	const char	*name;
	json_t		*value;
	struct payload	*p;

	if (json_object_size(t->variables) == 0)
		return;
	t->ex->root.vars = vars_new(NULL);
	json_object_foreach(t->variables, name, value) {
		p = payload_from_json(json_incref(value));
		vars_set(t->ex->root.vars, name, p);
		payload_unref(p);
	}
}

struct teststate *
teststate_new(const struct teststate_ask *ask, struct err *e)
{
	struct teststate	*t = xcalloc(1, sizeof *t);

	t->facts = *ask->facts;
	t->retries = ask->retries;
	t->failed_items = ask->failed_items;
	t->retry_index = t->backoff_s = t->catch_index = -1;
	t->max_concurrency = -1;
	if (read_ask(t, ask, e) == -1) {
		teststate_free(t);
		return NULL;
	}
	t->mocked = ask->mocked;
	if (ask->mock_result != NULL)
		t->mock_result = payload_from_text(ask->mock_result,
		    strlen(ask->mock_result));
	if (ask->mock_error != NULL)
		t->mock_error = xstrdup(ask->mock_error);
	if (ask->mock_cause != NULL)
		t->mock_cause = xstrdup(ask->mock_cause);
	t->state = machine_find(t->machine, TESTSTATE_NAME);
	t->ex = execution_new(t->machine, &t->facts);
	t->ex->probe = &t->probe;
	t->probe.state = t->state;
	preset_variables(t);
	return t;
}

void
teststate_free(struct teststate *t)
{
	if (t == NULL)
		return;
	step_free(t->step);
	execution_free(t->ex);
	machine_free(t->machine);
	json_decref(t->probe.context);
	json_decref(t->probe.items);
	probe_clear(&t->probe);
	json_decref(t->definition);
	json_decref(t->context);
	json_decref(t->variables);
	json_decref(t->items);
	payload_unref(t->input);
	payload_unref(t->mock_result);
	payload_unref(t->result);
	payload_unref(t->output);
	free(t->mock_error);
	free(t->mock_cause);
	free(t->selected_items);
	free(t);
}

/* ---- what came out of a step ---- */

static void
note_variables(struct teststate *t, json_t *assigned)
{
	const char	*name;
	json_t		*text;

	if (t->variables == NULL)
		t->variables = json_object();
	json_object_foreach(assigned, name, text)
		json_object_set_new(t->variables, name,
		    jsontext_parse(json_string_value(text),
		    json_string_length(text), NULL));
}

static void
left(struct teststate *t, const struct event *ev)
{
	const struct state	*s = t->state, *next = s->next;

	t->status = ev->caught ? TESTSTATE_CAUGHT : TESTSTATE_SUCCEEDED;
	t->output = payload_ref(ev->payload);
	if (ev->caught) {
		t->catch_index = ev->catcher;
		next = s->catchers[ev->catcher].next;
	} else if (s->type == STATE_CHOICE)
		next = ev->choice == 0 ? s->u.choice.otherwise :
		    s->u.choice.branches[ev->choice - 1].next;
	t->next = next != NULL ? next->name : NULL;
	note_variables(t, ev->assigned);
}

/* The retrier that applies, also when it gives up. */
static void
note_retrier(struct teststate *t)
{
	struct failure	 why = { .error = t->probe.error,
				    .cause = t->probe.cause };
	size_t		 i;

	if (!t->probe.failed || t->retry_index >= 0 || (why.error != NULL &&
	    strcmp(why.error, "States.Runtime") == 0))
		return;
	for (i = 0; i < t->state->nretriers; i++)
		if (retry_matches(t->state->retriers[i].errors, &why)) {
			t->retry_index = (int64_t)i;
			return;
		}
}

static void
observe(struct teststate *t)
{
	const struct event	*ev;
	enum event_type		 exited = run_kind(&(struct flow){
				    .state = t->state })->exited;
	size_t			 i;

	for (i = 0; i < t->step->nevents && t->status == TESTSTATE_RUNNING;
	    i++) {
		ev = &t->step->events[i];
		if (ev->flow == 0 && ev->type == exited)
			left(t, ev);
		else if (ev->retry && ev->retry_flow == 0) {
			t->status = TESTSTATE_RETRIABLE;
			t->retry_index = ev->retry_index;
			t->backoff_s = (ev->retry_due_ms - ev->time_ms) / 1000;
		} else if (ev->type == EVENT_ExecutionFailed)
			t->status = TESTSTATE_FAILED;
		else if (ev->type == EVENT_ExecutionTimedOut) {
			t->status = TESTSTATE_FAILED;
			t->timed_out = true;
		}
	}
	if (t->status != TESTSTATE_RUNNING && !t->timed_out)
		note_retrier(t);
}

/* ---- steps ---- */

static int
advance(struct teststate *t, const struct stimulus *what, struct err *e)
{
	step_free(t->step);
	t->step = NULL;
	if (step_run(t->ex, what, &t->step, e) == -1)
		return -1;
	observe(t);
	return 0;
}

/* As many retries have been made as was asked for. */
static void
preset_retries(struct teststate *t)
{
	struct flow	*f = &t->ex->root;
	size_t		 i, n = t->state->nretriers;

	if (t->retries <= 0 || n == 0)
		return;
	free(f->attempts);
	f->attempts = xcalloc(n, sizeof *f->attempts);
	for (i = 0; i < n; i++)
		f->attempts[i] = t->retries;
}

static void
children_succeed(struct teststate *t, struct run *run, struct flow *f)
{
	struct eval	 ev;
	struct err	 e = ERR_INIT;
	struct payload	*output;
	json_t		*assigned;
	int		 ret;

	eval_init(&ev, run, f);
	ret = dataflow_output(&ev, t->mock_result, t->state->assign, &output,
	    &assigned, &e);
	eval_clear(&ev);
	if (ret == -1)
		fail_err(run, f, &e);
	else
		run_exit(run, f, run_exit_event(run, f), output, assigned);
}

/* The mock answers for the children of a Map or Parallel. */
static int
mock_children(struct teststate *t, int64_t now_ms, struct err *e)
{
	struct run	 run;
	struct flow	*f = &t->ex->root;
	struct err	 failure = ERR_INIT;

	memset(&run, 0, sizeof run);
	step_free(t->step);
	t->step = xcalloc(1, sizeof *t->step);
	run.ex = t->ex;
	run.step = t->step;
	run.now_ms = now_ms > t->ex->last_ms ? now_ms : t->ex->last_ms;
	run.first_id = t->ex->last_id + 1;
	preset_retries(t);
	if (t->state->type == STATE_MAP &&
	    teststate_map(t, &run, f, &failure) == -1)
		fail_err(&run, f, &failure);
	else if (t->mock_result == NULL)
		fail_flow(&run, f, t->mock_error, t->mock_cause);
	else if (t->state->type == STATE_MAP && teststate_map_exceeded(t))
		fail_flow(&run, f, "States.ExceedToleratedFailureThreshold",
		    "The specified tolerated failure threshold was exceeded");
	else
		children_succeed(t, &run, f);
	run_finish(&run);
	if (run.bug.code[0] != '\0') {
		err_move(e, &run.bug);
		return -1;
	}
	observe(t);
	return 0;
}

/* The mock answers for a Task. */
static int
mock_task(struct teststate *t, int64_t now_ms, struct err *e)
{
	const struct resource	*r = &t->state->u.task.resource;
	bool			 called = r->pattern == PATTERN_TOKEN ||
				    r->kind == RESOURCE_ACTIVITY;
	struct stimulus		 what = { .now_ms = now_ms,
				    .id = t->ex->root.open_id };

	preset_retries(t);
	if (t->mock_result != NULL) {
		what.kind = called ? STIMULUS_CALLBACK_SUCCEEDED :
		    STIMULUS_TASK_SUCCEEDED;
		what.payload = t->mock_result;
		t->result = payload_ref(t->mock_result);
	} else {
		what.kind = called ? STIMULUS_CALLBACK_FAILED :
		    STIMULUS_TASK_FAILED;
		what.error = t->mock_error;
		what.cause = t->mock_cause;
	}
	return advance(t, &what, e);
}

static int
start(struct teststate *t, int64_t now_ms, struct err *e)
{
	struct stimulus	 what = { .kind = STIMULUS_START, .now_ms = now_ms,
			    .payload = t->input };

	t->probe.context = make_context(t, now_ms);
	if (t->state->type == STATE_PASS && t->state->u.pass.result != NULL)
		t->result = payload_ref(t->state->u.pass.result);
	if (advance(t, &what, e) == -1)
		return -1;
	if (t->status != TESTSTATE_RUNNING || !t->mocked)
		return 0;
	if (t->state->type == STATE_TASK)
		return mock_task(t, now_ms, e);
	return mock_children(t, now_ms, e);
}

int
teststate_step(struct teststate *t, const struct stimulus *what, struct err *e)
{
	if (what->kind == STIMULUS_START)
		return start(t, what->now_ms, e);
	if (t->status != TESTSTATE_RUNNING)
		return 0;
	if (what->kind == STIMULUS_TASK_SUCCEEDED && t->result == NULL)
		t->result = payload_ref(what->payload);
	return advance(t, what, e);
}

const struct command *
teststate_open(const struct teststate *t)
{
	size_t	 i;

	if (t->status != TESTSTATE_RUNNING || t->step == NULL)
		return NULL;
	for (i = 0; i < t->step->ncommands; i++)
		if (t->step->commands[i].kind == COMMAND_TASK ||
		    t->step->commands[i].kind == COMMAND_TIMER)
			return &t->step->commands[i];
	return NULL;
}
