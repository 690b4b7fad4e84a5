/*
 * cli/cmd_test_state.c - run one state of a definition by itself.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asl.h"
#include "cmd_commands.h"
#include "findings_show.h"
#include "pretty.h"
#include "readfile.h"
#include "style.h"
#include "trace.h"
#include "width.h"
#include "xmalloc.h"

#define TEST_WAIT_S	300	/* the server gives up then */
#define NAMES_MAX	20

/* What flows through a state, in its order; and its titles. */
static const struct {
	const char	*member, *title;
} flow[] = {
	{ "input", "input" },
	{ "afterInputPath", "after InputPath" },
	{ "afterArguments", "after Arguments" },
	{ "afterParameters", "after Parameters" },
	{ "afterItemsPath", "items, after ItemsPath" },
	{ "afterItemSelector", "inputs of the items, after ItemSelector" },
	{ "result", "result" },
	{ "afterResultSelector", "after ResultSelector" },
	{ "afterResultPath", "after ResultPath" },
	{ "variables", "variables" },
};

static const char *const numbers[][2] = {
	{ "maxConcurrency", "max. concurrency" },
	{ "toleratedFailureCount", "tolerated failures" },
	{ "toleratedFailurePercentage", "tolerated failures, percent" },
};

/* ---- the question ---- */

static void
add_text(struct strbuf *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	strbuf_addf(out, ",\"%s\":", name);
	strbuf_add_json_string(out, value, strlen(value));
}

/* An option that holds JSON. */
static enum exitcode
add_json(const struct cmd_call *call, struct strbuf *out, const char *name,
    const char *option, const char *file)
{
	char		*text;
	size_t		 len;
	enum exitcode	 code;

	code = cmd_json_input(call, option, file, &text, &len);
	if (text != NULL) {
		strbuf_addf(out, ",\"%s\":", name);
		strbuf_add(out, text, len);
	}
	free(text);
	return code;
}

static enum exitcode
add_mock(const struct cmd_call *call, struct strbuf *out)
{
	const char	*result = cmd_value(call, "mock-result");
	const char	*error = cmd_value(call, "mock-error");
	const char	*cause = cmd_value(call, "mock-cause");
	const char	*mode = cmd_value(call, "mock-check");
	struct strbuf	 mock = STRBUF_INIT;
	enum exitcode	 code = EXITCODE_OK;

	if (result != NULL && error != NULL)
		return cmd_misuse(call, "Give either --mock-result or "
		    "--mock-error, not both.");
	if (cause != NULL && error == NULL)
		return cmd_misuse(call, "--mock-cause needs --mock-error.");
	if (mode != NULL && strcmp(mode, "strict") != 0 &&
	    strcmp(mode, "present") != 0 && strcmp(mode, "none") != 0)
		return cmd_misuse(call, "--mock-check is strict, present or "
		    "none, not '%s'.", mode);
	if (result == NULL && error == NULL)
		return EXITCODE_OK;
	add_text(&mock, "fieldValidationMode", mode == NULL ? NULL :
	    strcmp(mode, "none") == 0 ? "NONE" :
	    strcmp(mode, "present") == 0 ? "PRESENT" : "STRICT");
	if (result != NULL)
		code = add_json(call, &mock, "result", "mock-result", NULL);
	else {
		strbuf_adds(&mock, ",\"errorOutput\":{\"error\":");
		strbuf_add_json_string(&mock, error, strlen(error));
		add_text(&mock, "cause", cause);
		strbuf_addc(&mock, '}');
	}
	if (code == EXITCODE_OK)
		strbuf_addf(out, ",\"mock\":{%s}", strbuf_str(&mock) + 1);
	strbuf_free(&mock);
	return code;
}

static enum exitcode
add_options(const struct cmd_call *call, struct strbuf *out)
{
	const char	*level = cmd_value(call, "inspect");
	enum exitcode	 code;
	long		 retries;

	if (level != NULL && strcmp(level, "info") != 0 &&
	    strcmp(level, "debug") != 0 && strcmp(level, "trace") != 0)
		return cmd_misuse(call, "--inspect is info, debug or trace, "
		    "not '%s'.", level);
	add_text(out, "inspectionLevel", level == NULL ? NULL :
	    strcmp(level, "info") == 0 ? "INFO" :
	    strcmp(level, "debug") == 0 ? "DEBUG" : "TRACE");
	add_text(out, "stateName", cmd_value(call, "state"));
	code = cmd_number(call, "retries", 0, 1000000, -1, &retries);
	if (code == EXITCODE_OK && retries >= 0)
		strbuf_addf(out, ",\"stateConfiguration\":"
		    "{\"retrierRetryCount\":%ld}", retries);
	if (code == EXITCODE_OK)
		code = add_json(call, out, "input", "input",
		    cmd_value(call, "input-file"));
	if (code == EXITCODE_OK)
		code = add_json(call, out, "variables", "variables", NULL);
	if (code == EXITCODE_OK)
		code = add_json(call, out, "context", "context", NULL);
	return code == EXITCODE_OK ? add_mock(call, out) : code;
}

/* A whole machine, and nobody said which state: these are at hand. */
static enum exitcode
which_state(const struct cmd_call *call, const json_t *states)
{
	struct strbuf	 names = STRBUF_INIT;
	const char	*name;
	json_t		*state;
	size_t		 n = 0;
	enum exitcode	 code;

	json_object_foreach((json_t *)(uintptr_t)states, name, state) {
		(void)state;
		if (n++ == NAMES_MAX) {
			strbuf_adds(&names, ", ...");
			break;
		}
		strbuf_adds(&names, n == 1 ? "" : ", ");
		width_add(&names, name, 80);
	}
	code = cmd_misuse(call, "%s holds a whole state machine: say which "
	    "state with --state (%s).", call->args[0], strbuf_str(&names));
	strbuf_free(&names);
	return code;
}

static enum exitcode
add_definition(const struct cmd_call *call, struct strbuf *out, char **text,
    size_t *len)
{
	struct err	 e = ERR_INIT;
	json_t		*root;
	enum exitcode	 code;

	if (readfile(call->args[0], text, len, &e) == -1)
		return cmd_fail(EXITCODE_USAGE, &e);
	if ((code = cmd_bad_json(strcmp(call->args[0], "-") == 0 ?
	    "Standard input" : call->args[0], *text, *len)) != EXITCODE_OK)
		return code;
	root = jsontext_parse(*text, *len, &e);
	err_clear(&e);
	if (cmd_value(call, "state") == NULL &&
	    json_is_object(json_object_get(root, "States")) &&
	    json_object_get(root, "Type") == NULL)
		code = which_state(call, json_object_get(root, "States"));
	json_decref(root);
	strbuf_adds(out, "{\"definition\":");
	strbuf_add(out, *text, *len);
	return code;
}

/* ---- the answer ---- */

static void
line(struct strbuf *out, const char *title, const char *value)
{
	if (value == NULL)
		return;
	strbuf_addf(out, "%s%-11s%s", style_out(STYLE_DIM), title,
	    style_out_end());
	width_add(out, value, WIDTH_ANY);
	strbuf_addc(out, '\n');
}

static void
value(struct strbuf *out, const char *title, const json_t *v)
{
	if (v == NULL)
		return;
	strbuf_addf(out, "%s%s%s\n", style_out(STYLE_DIM), title,
	    style_out_end());
	pretty_json(out, v, 2);
}

/* Which Retry and Catch took the error. */
static void
details(struct strbuf *out, const json_t *d)
{
	const json_t	*retry = json_object_get(d, "retryIndex");
	const json_t	*catcher = json_object_get(d, "catchIndex");
	const json_t	*wait = json_object_get(d,
			    "retryBackoffIntervalSeconds");

	if (json_is_integer(retry)) {
		strbuf_addf(out, "%s%-11s%sentry %lld of Retry", style_out(
		    STYLE_DIM), "retry", style_out_end(),
		    (long long)json_integer_value(retry));
		if (json_is_integer(wait))
			strbuf_addf(out, ", after %lld s",
			    (long long)json_integer_value(wait));
		else
			strbuf_adds(out, ", which has no attempts left");
		strbuf_addc(out, '\n');
	}
	if (json_is_integer(catcher))
		strbuf_addf(out, "%s%-11s%sentry %lld of Catch\n", style_out(
		    STYLE_DIM), "caught by", style_out_end(),
		    (long long)json_integer_value(catcher));
}

static void
inspected(struct strbuf *out, const json_t *data)
{
	const json_t	*v;
	char		*text;
	size_t		 i;

	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if ((v = json_object_get(data, numbers[i][0])) != NULL) {
			text = jsontext_string(v, NULL);
			strbuf_addf(out, "%s%s%s %s\n", style_out(STYLE_DIM),
			    numbers[i][1], style_out_end(), text);
			free(text);
		}
	for (i = 0; i < sizeof flow / sizeof flow[0]; i++)
		value(out, flow[i].title, json_object_get(data,
		    flow[i].member));
}

static void
show(struct strbuf *out, const json_t *answer)
{
	const char	*status = trace_string(answer, "status");
	const char	*next = trace_string(answer, "nextState");
	const json_t	*data = json_object_get(answer, "inspectionData");

	strbuf_addf(out, "%s%-11s%s%s%s%s\n", style_out(STYLE_DIM), "status",
	    style_out_end(), style_out(style_of_status(status == NULL ? "" :
	    status)), status == NULL ? "?" : status, style_out_end());
	if (next != NULL) {
		strbuf_addf(out, "%s%-11s%s%s", style_out(STYLE_DIM), "next",
		    style_out_end(), style_out(STYLE_NAME));
		width_add(out, next, WIDTH_ANY);
		strbuf_addf(out, "%s\n", style_out_end());
	}
	line(out, "error", trace_string(answer, "error"));
	line(out, "cause", trace_string(answer, "cause"));
	details(out, json_object_get(data, "errorDetails"));
	inspected(out, data);
	value(out, "output", json_object_get(answer, "output"));
}

static enum exitcode
answered(const struct cmd_call *call, const struct client_answer *answer)
{
	const char	*status = trace_string(answer->json, "status");
	struct strbuf	 out = STRBUF_INIT;

	if (call->json)
		(void)cmd_print_answer(answer);
	else {
		show(&out, answer->json);
		cmd_print(&out);
	}
	return status != NULL && (strcmp(status, "SUCCEEDED") == 0 ||
	    strcmp(status, "CAUGHT_ERROR") == 0) ? EXITCODE_OK :
	    EXITCODE_FAILED;
}

/* A definition that was refused: with the places of its faults, if whole. */
static enum exitcode
refused(const struct cmd_call *call, enum exitcode code, struct err *e,
    const char *text, size_t len)
{
	struct strbuf	 out = STRBUF_INIT;

	if (strcmp(e->code, "InvalidDefinition") != 0)
		return cmd_fail(code, e);
	if (cmd_value(call, "state") != NULL) {
		findings_show_text(&out, call->args[0], text, len, true);
		fputs(strbuf_str(&out), stderr);
		strbuf_free(&out);
	}
	(void)cmd_fail(code, e);
	return EXITCODE_FAILED;
}

static enum exitcode
run(struct cmd_call *call)
{
	struct client_answer	 answer = { NULL, 0, NULL };
	struct client		*client;
	struct strbuf		 body = STRBUF_INIT;
	struct err		 e = ERR_INIT;
	enum exitcode		 code;
	size_t			 len;
	char			*text = NULL;

	code = add_definition(call, &body, &text, &len);
	if (code == EXITCODE_OK)
		code = add_options(call, &body);
	strbuf_addc(&body, '}');
	if (code == EXITCODE_OK && (client = cmd_client(call)) == NULL)
		code = EXITCODE_USAGE;
	if (code == EXITCODE_OK) {
		code = client_call(client, "POST", "/v1/test-state",
		    strbuf_str(&body), TEST_WAIT_S, &answer, &e);
		code = code == EXITCODE_OK ? answered(call, &answer) :
		    refused(call, code, &e, text, len);
	}
	client_answer_clear(&answer);
	strbuf_free(&body);
	free(text);
	return code;
}

const struct cmd cmd_test_state = {
	"test-state", "FILE", 1, 1,
	"run one state by itself, and see what flows through it",
	"Runs a single state and stores nothing. FILE (- for standard input) "
	"holds the definition of the state, or of a whole state machine; then "
	"--state says which one, at any depth.\n\n"
	"Tasks are really called, unless a mock answers for them: --mock-result "
	"with the JSON that the work gives, or --mock-error with the error it "
	"fails with. Map and Parallel, activities and tasks with a callback "
	"always need a mock; the results of common services are checked against "
	"their API.\n\n"
	"With --inspect debug every step of the data is shown: after InputPath, "
	"Parameters, ResultSelector, ResultPath, and which Retry or Catch took "
	"an error. Ends with 0 if the state succeeded or caught the error, "
	"with 1 if it failed or would be tried again.",
	"pawl test-state order.asl.json --state Check --input '{\"sum\": 700}'\n"
	"pawl test-state pay.json --inspect debug --mock-result '{\"id\": 7}'\n"
	"# the third retry of a Task\n"
	"pawl test-state pay.json --mock-error Bank.Busy --retries 2\n",
	{ { 's', "state", "NAME", "the state of a whole state machine" },
	  { 0, "input", "JSON", "the input (default: {})" },
	  { 'i', "input-file", "FILE", "a file with the input" },
	  { 0, "inspect", "LEVEL", "info (default), debug or trace" },
	  { 0, "variables", "JSON", "an object: variables before the state" },
	  { 0, "context", "JSON", "an object: members of the context object" },
	  { 0, "mock-result", "JSON", "what the work of the state gives" },
	  { 0, "mock-error", "NAME", "the error that the work fails with" },
	  { 0, "mock-cause", "TEXT", "the cause of that error" },
	  { 0, "mock-check", "MODE", "strict (default), present or none: how the "
	    "result of a service is checked" },
	  { 0, "retries", "N", "retries of the error that were made before" },
	  { 0, NULL, NULL, NULL } }, run
};
