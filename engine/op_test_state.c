/*
 * engine/op_test_state.c - TestState: one state, run by itself.
 *
 * The language does the test (asl/teststate.h); here is only what it waits for:
 * a task is called as any execution would call it, by a call that no
 * execution makes, and a Wait waits.  Nothing is stored, and nothing is retried.
 *
 * Beyond the real service, REST takes and gives JSON values where the API has
 * JSON text (api_routes.c), needs no role, and takes a context object also
 * without a mock.
 */

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "definition.h"
#include "log.h"
#include "task.h"
#include "wallclock.h"
#include "xmalloc.h"

#define TEST_MAX_MS	(5 * 60 * 1000)		/* as the real service */

static const struct check members[] = {
	{ "definition",	CHECK_STRING,	true,	1, 1048576, NULL },
	{ "roleArn",	CHECK_STRING,	false,	1, 256, NULL },
	{ "input",	CHECK_STRING,	false,	0, OP_PAYLOAD_MAX, NULL },
	{ "inspectionLevel", CHECK_STRING, false, 0, 0, "[INFO, DEBUG, TRACE]" },
	{ "revealSecrets", CHECK_BOOLEAN, false, 0, 0, NULL },
	{ "variables",	CHECK_STRING,	false,	0, OP_PAYLOAD_MAX, NULL },
	{ "stateName",	CHECK_STRING,	false,	1, 80, NULL },
	{ "mock",	CHECK_STRUCTURE, false,	0, 0, NULL },
	{ "context",	CHECK_STRING,	false,	0, OP_PAYLOAD_MAX, NULL },
	{ "stateConfiguration", CHECK_STRUCTURE, false, 0, 0, NULL },
	CHECK_END
};

static const struct check mock_members[] = {
	{ "result",	CHECK_STRING,	false,	0, OP_PAYLOAD_MAX, NULL },
	{ "errorOutput", CHECK_STRUCTURE, false, 0, 0, NULL },
	{ "fieldValidationMode", CHECK_STRING, false, 0, 0,
	    "[STRICT, PRESENT, NONE]" },
	CHECK_END
};

static const struct check error_members[] = {
	{ "error",	CHECK_STRING,	false,	0, 256, NULL },
	{ "cause",	CHECK_STRING,	false,	0, 32768, NULL },
	CHECK_END
};

static const struct check configuration_members[] = {
	{ "retrierRetryCount", CHECK_INTEGER, false, 0, 0, NULL },
	{ "errorCausedByState", CHECK_STRING, false, 1, 80, NULL },
	{ "mapIterationFailureCount", CHECK_INTEGER, false, 0, 0, NULL },
	{ "mapItemReaderData", CHECK_STRING, false, 0, OP_PAYLOAD_MAX, NULL },
	CHECK_END
};

struct test {
	struct api_call		*call;
	struct teststate	*state;
	struct execution_facts	 facts;
	struct exec_id		 id;
	char			*arn, *machine_arn;
	char			 name[ARN_ID_TEXT], machine[ARN_ID_TEXT];
	struct task_call	*task;		/* NULL: none is under way */
	int64_t			 deadline_ms, due_ms;	/* of what is open */
};

static void	test_go_on(struct test *);

/* ---- what was asked ---- */

static bool
test_checked(struct api_call *call)
{
	struct err	 e = ERR_INIT;
	const json_t	*mock = json_object_get(call->params, "mock");
	bool		 ok;

	ok = api_check(mock_members, mock, &e) == 0 &&
	    api_check(error_members, json_object_get(mock, "errorOutput"),
	    &e) == 0 && api_check(configuration_members,
	    json_object_get(call->params, "stateConfiguration"), &e) == 0;
	if (!ok)
		api_fail_err(call, &e);
	err_clear(&e);
	return ok && definition_role_ok(call);
}

static const char *
test_text(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static int64_t
test_number(const json_t *o, const char *name)
{
	const json_t	*n = json_object_get(o, name);

	return json_is_integer(n) ? json_integer_value(n) : -1;
}

static struct teststate_ask
test_ask(const struct api_call *call, const struct execution_facts *facts)
{
	const json_t		*mock = json_object_get(call->params, "mock");
	const json_t		*error = json_object_get(mock, "errorOutput");
	const json_t		*config = json_object_get(call->params,
				    "stateConfiguration");
	const char		*mode = test_text(mock, "fieldValidationMode");
	struct teststate_ask	 ask = { .facts = facts };

	ask.definition = api_str(call, "definition");
	ask.definition_len = strlen(ask.definition);
	ask.state_name = api_str(call, "stateName");
	ask.input = api_str(call, "input");
	ask.variables = api_str(call, "variables");
	ask.context = api_str(call, "context");
	ask.context_alone = call->route != NULL;
	ask.reveal_secrets = api_bool(call, "revealSecrets", false);
	ask.mocked = json_is_object(mock);
	ask.mock_result = test_text(mock, "result");
	ask.mock_fails = json_is_object(error);
	ask.mock_error = test_text(error, "error");
	ask.mock_cause = test_text(error, "cause");
	ask.mode = mode == NULL || strcmp(mode, "STRICT") == 0 ?
	    TESTSTATE_STRICT : strcmp(mode, "PRESENT") == 0 ?
	    TESTSTATE_PRESENT : TESTSTATE_NONE;
	ask.retries = test_number(config, "retrierRetryCount");
	ask.failed_items = test_number(config, "mapIterationFailureCount");
	ask.failed_state = test_text(config, "errorCausedByState");
	ask.reader_data = test_text(config, "mapItemReaderData");
	return ask;
}

/* ---- a test under way ---- */

static void
test_free(void *arg)
{
	struct test	*t = arg;

	if (t->task != NULL)
		task_cancel(t->task);
	teststate_free(t->state);
	free(t->arn);
	free(t->machine_arn);
	free(t);
}

/* A token that nobody waits with: only a mocked state has one. */
static char *
test_token(const void *arg, int64_t event_id)
{
	const struct test	*t = arg;

	return xasprintf("test-%s-%lld", t->name, (long long)event_id);
}

static struct test *
test_new(struct api_call *call)
{
	const struct arn_account	*account = &call->env->account;
	struct test			*t = xcalloc(1, sizeof *t);
	uint64_t			 seed;

	t->call = call;
	api_uuid(t->machine);
	api_uuid(t->name);
	if (!arn_id_parse(t->name, &t->id) ||
	    RAND_bytes((unsigned char *)&seed, sizeof seed) != 1)
		log_fatal("no random numbers");
	t->machine_arn = arn_machine(account, t->machine);
	t->arn = xasprintf("arn:aws:states:%s:%s:express:%s:%s",
	    account->region, account->account, t->machine, t->name);
	t->facts = (struct execution_facts){ .arn = t->arn, .name = t->name,
	    .machine_arn = t->machine_arn, .machine_name = t->machine,
	    .role_arn = api_str(call, "roleArn"), .seed = seed,
	    .task_token = test_token, .arg = t };
	t->deadline_ms = wallclock_ms() + TEST_MAX_MS;
	return t;
}

static void
test_step(struct test *t, struct stimulus *what)
{
	struct err	 e = ERR_INIT;

	what->now_ms = wallclock_ms();
	if (teststate_step(t->state, what, &e) == 0) {
		test_go_on(t);
		return;
	}
	api_fail(t->call, "InternalFailure", "The state cannot be tested: %s",
	    e.text);
	err_clear(&e);
}

static void
test_answered(struct task_call *task, const struct stimulus *answer)
{
	struct test	*t = task->alone_arg;
	struct stimulus	 what = *answer;

	what.id = task->event_id;
	t->task = NULL;
	test_step(t, &what);
}

/* A Wait is over, or a Task or the whole test takes too long. */
static void
test_due(struct api_call *call)
{
	struct test		*t = call->state;
	const struct command	*c = teststate_open(t->state);
	struct stimulus		 what = { .kind = STIMULUS_EXECUTION_TIMED_OUT };

	if (t->task != NULL) {
		task_cancel(t->task);
		t->task = NULL;
	}
	if (c != NULL && t->due_ms < t->deadline_ms) {
		what.kind = c->kind == COMMAND_TIMER ? STIMULUS_TIMER :
		    STIMULUS_TASK_TIMED_OUT;
		what.id = c->id;
	}
	test_step(t, &what);
}

static void
test_wait(struct test *t, int64_t due_ms)
{
	int64_t	 now_ms = wallclock_ms(), until;

	t->due_ms = due_ms > 0 ? due_ms : t->deadline_ms;
	until = t->due_ms < t->deadline_ms ? t->due_ms : t->deadline_ms;
	api_later(t->call, until > now_ms ? until - now_ms : 0, test_due);
}

/* Text that is JSON becomes the value it holds. */
static void
test_show_values(json_t *data)
{
	const char	*name;
	json_t		*text, *value;
	void		*next;

	json_object_foreach_safe(data, next, name, text) {
		value = !json_is_string(text) || strcmp(name, "input") == 0 ?
		    NULL : jsontext_parse(json_string_value(text),
		    json_string_length(text), NULL);
		if (value != NULL)
			json_object_set_new(data, name, value);
	}
}

static void
test_answer(struct test *t)
{
	const char	*level = api_str(t->call, "inspectionLevel");
	json_t		*answer;

	answer = teststate_answer(t->state,
	    level != NULL && strcmp(level, "INFO") != 0);
	if (t->call->route != NULL)
		test_show_values(json_object_get(answer, "inspectionData"));
	api_ok(t->call, answer);
}

/* Does what the state waits for, or answers. */
static void
test_go_on(struct test *t)
{
	const struct command	*c = teststate_open(t->state);

	if (c == NULL) {
		test_answer(t);
		return;
	}
	test_wait(t, c->due_ms);
	if (c->kind == COMMAND_TIMER)
		return;
	t->task = task_alone(t->call->env->runtime, c, &t->id, t->arn,
	    test_answered, t);
	task_alone_start(t->task);	/* may have ended the call */
}

static void
test_run(struct api_call *call)
{
	struct err		 e = ERR_INIT;
	struct teststate_ask	 ask;
	struct stimulus		 what = { .kind = STIMULUS_START };
	struct test		*t;

	if (!test_checked(call))
		return;
	t = test_new(call);
	api_keep(call, t, test_free);
	ask = test_ask(call, &t->facts);
	t->state = teststate_new(&ask, &e);
	if (t->state == NULL) {
		api_fail_err(call, &e);
		err_clear(&e);
		return;
	}
	test_step(t, &what);
}

const struct api_op op_test_state = {
	"TestState", OP_STATES, members, NULL, test_run, false
};
