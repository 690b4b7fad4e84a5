/*
 * tests/unit/asked_state.c - one state run by itself, asked in JSON.
 */

#include "asked_state.h"

#include <stdlib.h>
#include <string.h>

#include "asl.h"
#include "xmalloc.h"

#define NOW_MS 1700000000000

static char *
token(const void *arg, int64_t event_id)
{
	(void)arg;
	return xasprintf("token-%lld", (long long)event_id);
}

static const struct execution_facts	 with_role = {
	.arn = "arn:aws:states:us-east-1:123456789012:express:M:E",
	.name = "E",
	.machine_arn = "arn:aws:states:us-east-1:123456789012:stateMachine:M",
	.machine_name = "M",
	.role_arn = "arn:aws:iam::123456789012:role/r",
	.seed = 7,
	.task_token = token,
};

/* The text of a member, new: a string is its own. */
static char *
text_of(const json_t *o, const char *name)
{
	const json_t	*v = json_object_get(o, name);

	if (v == NULL)
		return NULL;
	return json_is_string(v) ? xstrdup(json_string_value(v)) :
	    jsontext_string(v, NULL);
}

static int64_t
number_of(const json_t *o, const char *name)
{
	const json_t	*v = json_object_get(o, name);

	return json_is_integer(v) ? json_integer_value(v) : -1;
}

static const char *
string_of(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

/* Delivers one of the "answers". */
static int
tell(struct teststate *t, const json_t *a, struct err *e)
{
	const struct command	*c = teststate_open(t);
	const char		*word = json_string_value(a);
	struct stimulus		 what = { .now_ms = NOW_MS + 1000 };
	char			*text;
	int			 ret;

	if (c == NULL)
		return err_set(e, "Test", "nothing is open");
	what.id = c->id;
	what.kind = STIMULUS_TASK_FAILED;
	what.error = string_of(a, "error");
	what.cause = string_of(a, "cause");
	if (word != NULL && strcmp(word, "timer") == 0)
		what.kind = STIMULUS_TIMER;
	else if (word != NULL && strcmp(word, "task timeout") == 0)
		what.kind = STIMULUS_TASK_TIMED_OUT;
	else if (word != NULL)
		what.kind = STIMULUS_EXECUTION_TIMED_OUT;
	else if ((text = text_of(a, "result")) != NULL) {
		what.kind = STIMULUS_TASK_SUCCEEDED;
		what.payload = payload_steal_text(text, strlen(text));
	}
	ret = teststate_step(t, &what, e);
	payload_unref(what.payload);
	return ret;
}

/* What a test that has begun comes to. */
static json_t *
finish(struct teststate *t, const json_t *q, struct err *e)
{
	const char		*level = string_of(q, "inspectionLevel");
	struct stimulus		 start = { .kind = STIMULUS_START,
				    .now_ms = NOW_MS };
	const json_t		*answers = json_object_get(q, "answers");
	const struct command	*c;
	json_t			*answer;
	size_t			 i;

	if (teststate_step(t, &start, e) == -1)
		return NULL;
	for (i = 0; i < json_array_size(answers); i++)
		if (tell(t, json_array_get(answers, i), e) == -1)
			return NULL;
	answer = teststate_answer(t, level != NULL &&
	    strcmp(level, "INFO") != 0);
	if ((c = teststate_open(t)) != NULL)
		json_object_set_new(answer, "opens",
		    json_string(c->kind == COMMAND_TASK ? "task" : "timer"));
	return answer;
}

static struct teststate_ask
ask_of(const json_t *q, char *texts[6])
{
	const json_t	*mock = json_object_get(q, "mock");
	const json_t	*error = json_object_get(mock, "errorOutput");
	const json_t	*config = json_object_get(q, "stateConfiguration");
	const char	*mode = string_of(mock, "fieldValidationMode");
	struct teststate_ask ask = {
		.definition = texts[0] = text_of(q, "definition"),
		.state_name = string_of(q, "stateName"),
		.input = texts[1] = text_of(q, "input"),
		.variables = texts[2] = text_of(q, "variables"),
		.context = texts[3] = text_of(q, "context"),
		.context_alone = json_is_true(json_object_get(q, "alone")),
		.reveal_secrets = json_is_true(json_object_get(q,
		    "revealSecrets")),
		.mocked = mock != NULL,
		.mock_result = texts[4] = text_of(mock, "result"),
		.mock_fails = error != NULL,
		.mock_error = string_of(error, "error"),
		.mock_cause = string_of(error, "cause"),
		.mode = mode == NULL || strcmp(mode, "STRICT") == 0 ?
		    TESTSTATE_STRICT : strcmp(mode, "NONE") == 0 ?
		    TESTSTATE_NONE : TESTSTATE_PRESENT,
		.retries = number_of(config, "retrierRetryCount"),
		.failed_items = number_of(config, "mapIterationFailureCount"),
		.failed_state = string_of(config, "errorCausedByState"),
		.reader_data = texts[5] = text_of(config, "mapItemReaderData"),
	};

	ask.definition_len = strlen(ask.definition);
	return ask;
}

json_t *
asked_state_run(const json_t *q, struct err *e)
{
	struct execution_facts	 facts = with_role;
	struct teststate	*t;
	json_t			*answer = NULL;
	char			*texts[6];
	struct teststate_ask	 ask = ask_of(q, texts);
	size_t			 i;

	if (json_is_null(json_object_get(q, "roleArn")))
		facts.role_arn = NULL;
	ask.facts = &facts;
	t = teststate_new(&ask, e);
	if (t != NULL)
		answer = finish(t, q, e);
	teststate_free(t);
	for (i = 0; i < 6; i++)
		free(texts[i]);
	return answer;
}
