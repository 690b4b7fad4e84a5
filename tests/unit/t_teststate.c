/*
 * tests/unit/t_teststate.c - runs tests/data/teststate/: what TestState is asked,
 * and what it answers.
 *
 *	test	a Pass keeps what it got
 *	{"definition": {"Type": "Pass", "End": true}, "input": {"a": 1}}
 *	= {"status": "SUCCEEDED", "output": "{\"a\":1}"}
 *
 *	test	not for a Fail
 *	{"definition": {"Type": "Fail"}, "mock": {"result": 1}}
 *	! ValidationException: State type 'Fail' is not supported when a mock is specified
 *
 * The question has the members of the API; a value where the API has JSON text
 * stands for its text.  Two more: "answers", what a test without a mock is told
 * ({"result": ...}, {"error", "cause"}, "timer", "task timeout", "timeout"), and
 * "opens", what it must wait for at the end ("task", "timer").  The answer is
 * JSON of any shape; inspectionData is compared if the level is not INFO.
 * Each case runs twice and must answer the same.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asl.h"
#include "unit.h"
#include "xmalloc.h"

#define NOW_MS 1700000000000

static int	 cases, failures;

/* ---- one question ---- */

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

/* The answer as text, or "! CODE: text"; new. */
static char *
run(const json_t *q)
{
	struct execution_facts	 facts = with_role;
	struct teststate	*t;
	struct err		 e = ERR_INIT;
	json_t			*answer = NULL;
	char			*texts[6], *out;
	struct teststate_ask	 ask = ask_of(q, texts);
	size_t			 i;

	if (json_is_null(json_object_get(q, "roleArn")))
		facts.role_arn = NULL;
	ask.facts = &facts;
	t = teststate_new(&ask, &e);
	if (t != NULL)
		answer = finish(t, q, &e);
	if (answer != NULL)
		out = json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS);
	else
		out = xasprintf("! %s: %s", e.code, e.text);
	json_decref(answer);
	teststate_free(t);
	err_clear(&e);
	for (i = 0; i < 6; i++)
		free(texts[i]);
	return out;
}

/* ---- files ---- */

static void
report(const char *file, int line, const char *name, const char *got,
    const char *again, const char *want)
{
	bool	 same = strcmp(got, want) == 0 && strcmp(got, again) == 0;

	printf("%sok %d - %s\n", same ? "" : "not ", ++cases, name);
	if (same)
		return;
	failures++;
	printf("# %s:%d\n# got   %s\n# want  %s\n", file, line, got, want);
	if (strcmp(got, again) != 0)
		printf("# again %s\n", again);
}

/* The next line, without its end; NULL at the end of the text. */
static char *
next_line(char **p, int *n)
{
	char	*line = *p;
	size_t	 len = strcspn(line, "\n");

	if (*line == '\0')
		return NULL;
	*p += len + (line[len] == '\n');
	line[len] = '\0';
	(*n)++;
	return line;
}

static void
run_case(const char *file, int line, const char *name, const char *question,
    const char *answer)
{
	json_error_t	 why;
	json_t		*q = json_loads(question, 0, &why), *a = NULL;
	char		*got, *again, *want;

	if (q == NULL || (answer[0] == '=' &&
	    (a = json_loads(answer + 1, 0, &why)) == NULL)) {
		printf("not ok %d - %s\n# %s:%d: %s\n", ++cases, name, file,
		    line, why.text);
		failures++;
		json_decref(q);
		return;
	}
	got = run(q);
	again = run(q);
	want = a != NULL ? json_dumps(a, JSON_COMPACT | JSON_SORT_KEYS) :
	    xstrdup(answer);
	report(file, line, name, got, again, want);
	free(got);
	free(again);
	free(want);
	json_decref(q);
	json_decref(a);
}

/* Lines of a case, up to an empty one; those from "=" or "!" on answer. */
static void
read_case(const char *file, char **p, int *n, const char *name)
{
	struct strbuf	 question = STRBUF_INIT, answer = STRBUF_INIT;
	char		*line;
	int		 begin = *n;

	while ((line = next_line(p, n)) != NULL && *line != '\0') {
		if (*line == '=' || *line == '!' || answer.len > 0)
			strbuf_adds(&answer, line);
		else
			strbuf_adds(&question, line);
	}
	run_case(file, begin, name, strbuf_str(&question), strbuf_str(&answer));
	strbuf_free(&question);
	strbuf_free(&answer);
}

static void
run_file(const char *path, const char *file)
{
	struct strbuf	 b = STRBUF_INIT;
	char		 buf[4096], *p, *line, *text;
	size_t		 len;
	FILE		*f = fopen(path, "r");
	int		 n = 0;

	if (f == NULL) {
		printf("not ok %d - %s can be read\n", ++cases, file);
		failures++;
		return;
	}
	while ((len = fread(buf, 1, sizeof buf, f)) > 0)
		strbuf_add(&b, buf, len);
	fclose(f);
	p = text = strbuf_take(&b, NULL);
	while ((line = next_line(&p, &n)) != NULL)
		if (strncmp(line, "test\t", 5) == 0)
			read_case(file, &p, &n, line + 5);
	free(text);
}

static int
is_test(const struct dirent *d)
{
	size_t	 len = strlen(d->d_name);

	return len > 5 && strcmp(d->d_name + len - 5, ".test") == 0;
}

int
main(void)
{
	char		 *folder = unit_srcpath("tests/data/teststate"), *path;
	struct dirent	**list;
	int		  i, n = scandir(folder, &list, is_test, alphasort);

	for (i = 0; i < n; i++) {
		path = xasprintf("%s/%s", folder, list[i]->d_name);
		run_file(path, list[i]->d_name);
		free(path);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	free(folder);
	if (cases == 0) {
		printf("not ok 1 - there are cases\n");
		failures++;
	}
	printf("1..%d\n", cases == 0 ? 1 : cases);
	return failures == 0 ? 0 : 1;
}
