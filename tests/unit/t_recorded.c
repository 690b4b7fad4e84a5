/*
 * tests/unit/t_recorded.c - expressions of the conformance folder, when it is
 * there: what the real service answered, and what its JSONPath engine does.
 *
 * The folder is $PAWL_CONFORMANCE, or ../shared/conformance beside the
 * repository; without it the test says so and skips.  Files can be named, too:
 *
 *	t_recorded jsonpath FILE...	rows as in jsonpath/cts.jsonl
 *	t_recorded expressions FILE...	rows as in states/aws-expressions.jsonl
 *
 * then each row that is not run is a line as well, and says why.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asked_state.h"
#include "choice.h"
#include "intrinsic.h"
#include "jsonpath.h"
#include "jsontext.h"
#include "recorded_query.h"
#include "recorded_state.h"
#include "template.h"
#include "unit.h"
#include "xmalloc.h"

static int	 tests_run, tests_failed, tests_skipped;
static bool	 tell_skips;	/* files were named */

static void
skip(const char *name, const char *why)
{
	tests_skipped++;
	if (tell_skips)
		printf("ok %d - %s # SKIP %s\n", ++tests_run, name, why);
}

static void
report(bool ok, const char *name, const char *got, const char *want)
{
	printf("%sok %d - %s\n", ok ? "" : "not ", ++tests_run, name);
	if (!ok) {
		tests_failed++;
		printf("# got  %.2000s\n# want %.2000s\n", got, want);
	}
}

static const char *
string(json_t *row, const char *key)
{
	const char	*s = json_string_value(json_object_get(row, key));

	return s == NULL ? "" : s;
}

static char *
text(const json_t *json)
{
	return json == NULL ? xstrdup("(none)") : jsontext_string(json, NULL);
}

/* Equal as JSON; 1 and 1.0 too, which the recordings do not keep apart. */
static bool
same(const json_t *a, const json_t *b)
{
	const char	*key;
	json_t		*v;
	size_t		 i;

	if (json_is_number(a) && json_is_number(b))
		return json_number_value(a) == json_number_value(b);
	if (json_is_array(a) && json_is_array(b)) {
		if (json_array_size(a) != json_array_size(b))
			return false;
		for (i = 0; i < json_array_size(a); i++)
			if (!same(json_array_get(a, i), json_array_get(b, i)))
				return false;
		return true;
	}
	if (json_is_object(a) && json_is_object(b)) {
		if (json_object_size(a) != json_object_size(b))
			return false;
		json_object_foreach((json_t *)a, key, v)
			if (!same(v, json_object_get(b, key)))
				return false;
		return true;
	}
	return a != NULL && b != NULL && json_equal(a, b);
}

/* One row of jsonpath/: status and, by it, the result or the message. */
static void
test_jsonpath(json_t *row)
{
	json_t		*like = json_object_get(row, "aws_like"), *out = NULL;
	json_t		*aws = json_object_get(row, "aws");
	const char	*status = string(like, "status"), *got = "OK";
	const char	*selector = string(row, "selector");
	struct payload	*input;
	struct scope	 scope = { 0 };
	struct jsonpath	*path;
	struct err	 e = ERR_INIT;
	char		*shown, *wanted, *name, *quoted;
	bool		 ok;

	if (!json_is_true(json_object_get(aws, "path"))) {
		skip(string(row, "id"), "the real service refuses this path");
		return;
	}
	input = payload_from_json(json_incref(json_object_get(row,
	    "document")));
	scope.input = input;
	path = jsonpath_parse(selector, strlen(selector), &e);
	if (path == NULL)
		got = "INVALID";
	else if (jsonpath_eval(path, &scope, &out, &e) == -1)
		got = err_is(&e, "PathNotFound") ? "NOT_FOUND" : "ERROR";
	ok = strcmp(got, status) == 0;
	if (ok && out != NULL)
		ok = same(out, json_object_get(like, "result"));
	else if (ok)
		ok = strcmp(e.text, string(like, "message")) == 0;
	if (ok && path != NULL)
		ok = jsonpath_definite(path) ==
		    json_is_true(json_object_get(like, "definite"));
	if (ok && path != NULL && strpbrk(selector, "\"") == NULL)
		ok = jsonpath_is_reference(path) == json_is_true(
		    json_object_get(aws, "reference_path"));
	shown = out != NULL ? text(out) : xstrdup(e.text == NULL ? "" : e.text);
	wanted = text(like);
	quoted = text(json_object_get(row, "selector"));
	name = xasprintf("%s %s", string(row, "id"), quoted);
	report(ok, name, shown, wanted);
	free(name);
	free(quoted);
	free(shown);
	free(wanted);
	json_decref(out);
	jsonpath_free(path);
	payload_unref(input);
	err_clear(&e);
}

static struct vars *
variables(json_t *row)
{
	struct vars	*vars = vars_new(NULL);
	struct payload	*p;
	const char	*key;
	json_t		*v;

	json_object_foreach(json_object_get(row, "variables"), key, v) {
		p = payload_from_json(json_incref(v));
		vars_set(vars, key, p);
		payload_unref(p);
	}
	return vars;
}

static json_t *
context(void *arg)
{
	return arg;
}

/* The first rule that matches, else Default; new, or NULL. */
static json_t *
choose(json_t *expr, struct scope *scope, struct err *e)
{
	struct choice_rule	*rule;
	json_t			*source;
	size_t			 i;
	bool			 matches = false;

	json_array_foreach(json_object_get(expr, "Choices"), i, source) {
		rule = choice_compile(source, NULL, e);
		if (rule == NULL || choice_eval(rule, scope, &matches, e) == -1) {
			choice_free(rule);
			return NULL;
		}
		choice_free(rule);
		if (matches)
			return json_incref(json_object_get(source, "Next"));
	}
	return json_incref(json_object_get(expr, "Default"));
}

/* What becomes of the input when the result is put there; new, or NULL. */
static json_t *
put(json_t *row, struct scope *scope, struct err *e)
{
	const char	*expr = string(row, "expr");
	struct jsonpath	*path = jsonpath_parse(expr, strlen(expr), e);
	struct payload	*raw = payload_from_json(json_incref(json_object_get(
			    row, "input"))), *p;
	json_t		*out = NULL;

	if (path != NULL && jsonpath_put(path, raw, scope->input, &p, e) == 0) {
		out = json_incref(payload_json(p));
		payload_unref(p);
	}
	jsonpath_free(path);
	payload_unref(raw);
	return out;
}

static json_t *
evaluate(json_t *row, struct scope *scope, struct err *e)
{
	const char	*expr = string(row, "expr"), *field = string(row, "field");
	struct template	*t;
	struct payload	*p;
	json_t		*out = NULL;

	if (strcmp(string(row, "lang"), "Choice") == 0)
		return choose(json_object_get(row, "expr"), scope, e);
	if (strcmp(field, "ResultPath") == 0)
		return put(row, scope, e);
	if (strrchr(field, '/') != NULL)
		field = strrchr(field, '/') + 1;
	t = template_compile_string(field, expr, strlen(expr), e);
	if (t != NULL && template_eval(t, scope, &p, e) == 0) {
		out = json_incref(payload_json(p));
		payload_unref(p);
	}
	template_free(t);
	return out;
}

/* The failure is worded by the state: "An error occurred while executing ...". */
static bool
by_state(json_t *row)
{
	return strncmp(string(row, "cause"), "An error occurred while executing "
	    "the state", 43) == 0;
}

static bool
is_jsonata(json_t *row, const char *all)
{
	return strcmp(string(row, "lang"), "JSONata") == 0 ||
	    strcmp(string(row, "query_language"), "JSONata") == 0 ||
	    strstr(all, "\"Condition\":") != NULL;
}

static const char *
cannot_query(json_t *row, const char *all)
{
	const char	*expr = string(row, "expr");

	if (json_object_get(row, "masked") != NULL &&
	    strcmp(string(row, "field"), "Timestamp") == 0)
		return "the input is masked";
	if (strstr(expr, "\xe2\x80\xa6") != NULL ||
	    strncmp(expr, "expression running", 18) == 0)
		return "not an expression";
	if (strstr(expr, "$states.context") != NULL)
		return "the context object is not told";
	if (strstr(all, "$states.result") != NULL &&
	    json_object_get(row, "result") == NULL)
		return "the state's result is not told";
	if (strstr(all, "\"Condition\":\"{% $") != NULL &&
	    strstr(all, "\"Condition\":\"{% $states") == NULL &&
	    json_object_get(row, "variables") == NULL)
		return "the variables are not told";
	if (strstr(expr, "$states.errorOutput") != NULL)
		return "the state's error is not told";
	return NULL;
}

/* Why a row cannot be run alone, or NULL. */
static const char *
cannot_run(json_t *row, const char *all)
{
	const char	*lang = string(row, "lang"), *field = string(row, "field");
	const char	*expr = string(row, "expr");

	if (is_jsonata(row, all))
		return cannot_query(row, all);
	if (strcmp(lang, "Intrinsic") != 0 && strcmp(lang, "JSONPath") != 0 &&
	    strcmp(lang, "Choice") != 0)
		return "not an expression";
	if (strstr(all, "RandomNumberGenerated") != NULL ||
	    (json_object_get(row, "masked") != NULL &&
	    strncmp(expr, "States.UUID", 11) == 0))
		return "the result is random";
	if (strstr(all, "<10001 characters>") != NULL)
		return "the input is not told";
	if (strstr(all, "\"Variable\":\"$") != NULL &&
	    strstr(all, "\"Variable\":\"$.") == NULL &&
	    json_object_get(row, "variables") == NULL)
		return "the variables are not told";
	if (strstr(expr, "$$") != NULL && strstr(expr, "$$.Execution.Input") ==
	    NULL)
		return "the context object is not told";
	if (by_state(row) && json_object_get(row, "masked") != NULL &&
	    strncmp(field, "Timestamp", 9) == 0)
		return "the input is masked";
	if (strncmp(field, "Tolerated", 9) == 0)
		return "Distributed Map is not supported yet";
	if (json_object_get(row, "result") == NULL && !by_state(row) &&
	    (strcmp(string(row, "type"), "Pass") != 0 ||
	    json_object_get(row, "masked") != NULL) &&
	    (strncmp(field, "Assign", 6) == 0 ||
	    strncmp(field, "ResultSelector", 14) == 0 ||
	    strncmp(field, "OutputPath", 10) == 0))
		return "the state's result is not told";
	return NULL;
}

/* What the expression sees as $: new. */
static struct payload *
input_of(json_t *row)
{
	const char	*field = string(row, "field");
	json_t		*json = json_object_get(row, "input");
	struct payload	*p, *inner;
	struct scope	 scope = { 0 };
	struct jsonpath	*path;
	const char	*input_path = string(row, "input_path");

	if (json_object_get(row, "result") != NULL &&
	    strncmp(field, "Parameters", 10) != 0 &&
	    strcmp(field, "InputPath") != 0)
		json = json_object_get(row, "result");
	p = payload_from_json(json == NULL ? json_object() :
	    json_incref(json));
	if (input_path[0] != '$' || strcmp(field, "InputPath") == 0)
		return p;
	scope.input = p;
	path = jsonpath_parse(input_path, strlen(input_path), NULL);
	if (path != NULL && jsonpath_eval_payload(path, &scope, &inner,
	    NULL) == 0) {
		payload_unref(p);
		p = inner;
	}
	jsonpath_free(path);
	return p;
}

/* Times, the account and ids of events are masked, if at all, in words of their
 * own: as the rest. */
static char *
mask(char *want)
{
	static const char	 id[] = "(entered at the event id #";
	struct strbuf		 b = STRBUF_INIT;
	const char		*s = want;

	while (*s != '\0')
		if (strncmp(s, "\"date\"", 6) == 0) {
			strbuf_adds(&b, "\"<date>\"");
			s += 6;
		} else if (strncmp(s, "111111111111", 12) == 0) {
			strbuf_adds(&b, "<account>");
			s += 12;
		} else if (strncmp(s, id, sizeof id - 1) == 0) {
			strbuf_addf(&b, "%s<id>", id);
			s += sizeof id - 1;
			s += strspn(s, "0123456789");
		} else
			strbuf_addc(&b, *s++);
	strbuf_addc(&b, '\0');
	free(want);
	return strbuf_take(&b, NULL);
}

/* The cause must be what was recorded, or hold what was reported. */
static bool
error_fits(json_t *row, const struct err *e)
{
	const char	*part = string(row, "cause_contains");
	bool		 masks = json_object_get(row, "masked") != NULL, ok;
	char		*want;

	if (by_state(row)) {
		want = xstrdup(string(row, "cause"));
		if (masks)
			want = mask(want);
		ok = err_is(e, string(row, "error")) &&
		    recorded_like(e->text, want, masks);
		free(want);
		return ok;
	}
	if (part[0] == '\0')
		part = string(row, "cause_tail");
	if (part[0] == '\0' && is_jsonata(row, ""))
		part = string(row, "cause");
	return err_is(e, string(row, "error")) &&
	    (part[0] == '\0' || strstr(e->text, part) != NULL);
}

/* What the row's expression gives, new; or NULL and e. */
static json_t *
result_of(json_t *row, struct err *e)
{
	struct scope	 scope = { 0 };
	struct vars	*vars = variables(row);
	json_t		*out, *ctx;

	ctx = json_pack("{s:{s:O}}", "Execution", "Input",
	    json_object_get(row, "input"));
	scope.input = input_of(row);
	scope.vars = vars;
	scope.context = context;
	scope.context_arg = ctx;
	out = evaluate(row, &scope, e);
	json_decref(ctx);
	payload_unref(scope.input);
	vars_free(vars);
	return out;
}

/* What TestState was asked: new. */
static json_t *
question_of(json_t *row)
{
	json_t		*q = json_copy(json_object_get(row, "call"));
	const char	*level = string(q, "inspectionLevel");
	char		*input;

	if (json_object_get(row, "inspection") == NULL)
		level = "INFO";
	else
		level = strstr(level, "DEBUG") != NULL ? "DEBUG" : "TRACE";
	json_object_set_new(q, "inspectionLevel", json_string(level));
	json_object_set(q, "definition", json_object_get(row, "expr"));
	/* as the recordings sent it */
	input = json_dumps(json_object_get(row, "input"), JSON_ENCODE_ANY);
	json_object_set_new(q, "input", json_string(input));
	free(input);
	return q;
}

/* A member of the answer that is JSON text, and stands here as its value. */
static bool
holds(const json_t *got, const json_t *want, bool masks)
{
	const char	*s = json_string_value(got);
	json_t		*value;
	char		*shown, *wanted;
	bool		 ok;

	if (s == NULL)
		return got == want;
	if (json_is_string(want) && strcmp(s, json_string_value(want)) == 0)
		return true;
	value = jsontext_parse(s, strlen(s), NULL);
	shown = text(value);
	wanted = masks ? mask(text(want)) : text(want);
	ok = value != NULL && (same(value, want) ||
	    recorded_like(shown, wanted, masks));
	free(shown);
	free(wanted);
	json_decref(value);
	return ok;
}

static bool
answer_fits(json_t *row, const json_t *answer)
{
	static const char *const	 plain[] = { "status", "error", "cause",
		"nextState" };
	const json_t			*data = json_object_get(answer,
					    "inspectionData");
	const char			*name;
	json_t				*want;
	bool				 masks, ok = answer != NULL;
	size_t				 i;

	masks = json_object_get(row, "masked") != NULL;
	for (i = 0; ok && i < sizeof plain / sizeof plain[0]; i++)
		ok = strcmp(string(row, plain[i]), string((json_t *)answer,
		    plain[i])) == 0;
	ok = ok && holds(json_object_get(answer, "output"),
	    json_object_get(row, "output"), masks);
	want = json_object_get(row, "inspection");
	ok = ok && json_object_size(want) == json_object_size(data);
	json_object_foreach(json_object_get(row, "inspection"), name, want)
		ok = ok && (same(json_object_get(data, name), want) ||
		    holds(json_object_get(data, name), want, masks));
	return ok;
}

/* Why a row of TestState cannot be asked, or NULL. */
static const char *
cannot_ask(json_t *row)
{
	if (string(json_object_get(row, "expr"), "Resource")[0] == '<')
		return "the function is not told";
	return NULL;
}

static void
test_state(json_t *row, const char *name, const char *all)
{
	const char	*why = cannot_ask(row);
	struct err	 e = ERR_INIT;
	json_t		*q, *answer;
	char		*got;

	if (why != NULL) {
		skip(name, why);
		return;
	}
	q = question_of(row);
	answer = asked_state_run(q, &e);
	got = answer != NULL ? text(answer) : xasprintf("%s %s", e.code,
	    e.text);
	report(answer_fits(row, answer), name, got, all);
	free(got);
	json_decref(answer);
	json_decref(q);
	err_clear(&e);
}

static void
test_expression(json_t *row)
{
	struct err	 e = ERR_INIT;
	json_t		*out = NULL, *want = json_object_get(row, "output");
	char		*got, *wanted, *expr, *name;
	const char	*why;
	bool		 ok;

	wanted = text(row);
	expr = text(json_object_get(row, "expr"));
	name = xasprintf("%.60s %.100s", strstr(string(row, "source"), "::") ?
	    strstr(string(row, "source"), "::") + 2 : "reported", expr);
	if (strcmp(string(row, "lang"), "TestState") == 0) {
		test_state(row, name, wanted);
		goto out;
	}
	why = cannot_run(row, wanted);
	if (strcmp(string(row, "lang"), "definition") == 0 &&
	    strstr(string(row, "expr"), "{%") != NULL) {
		why = NULL;
		recorded_query_define(row, &e);
	} else if (why == NULL && is_jsonata(row, wanted) && !by_state(row))
		out = recorded_query_run(row, &e);
	else if (why == NULL && by_state(row)) {
		if (recorded_state_run(row, &e, &why) == 0 && e.text == NULL)
			err_set(&e, "none", "the state does not fail");
	} else if (why == NULL)
		out = result_of(row, &e);
	if (why != NULL)
		skip(name, why);
	else {
		ok = json_object_get(row, "error") != NULL ?
		    out == NULL && error_fits(row, &e) : same(out, want);
		got = out != NULL ? text(out) : xasprintf("%s %s", e.code,
		    e.text == NULL ? "" : e.text);
		report(ok, name, got, wanted);
		free(got);
	}
out:
	free(name);
	free(expr);
	free(wanted);
	json_decref(out);
	err_clear(&e);
}

/* The rows of a file; false if it cannot be read. */
static bool
run_file(const char *path, void (*test)(json_t *))
{
	FILE	*f = fopen(path, "r");
	char	*line = NULL;
	size_t	 size = 0;
	ssize_t	 len;
	json_t	*row;

	if (f == NULL)
		return false;
	while ((len = getline(&line, &size, f)) != -1) {
		while (len > 0 && line[len - 1] == '\n')
			len--;
		if (len == 0)
			continue;
		row = jsontext_parse(line, (size_t)len, NULL);
		if (row != NULL)
			test(row);
		else
			skip("a row", "it holds a NUL or a lone surrogate");
		json_decref(row);
	}
	fclose(f);
	free(line);
	return true;
}

static void
run_rows(const char *dir, const char *file, void (*test)(json_t *))
{
	char	*path = xasprintf("%s/%s", dir, file);

	report(run_file(path, test), file, "not readable", "rows");
	free(path);
}

static int
run_named(const char *what, char **files)
{
	void	(*test)(json_t *) = test_expression;

	if (strcmp(what, "jsonpath") == 0)
		test = test_jsonpath;
	else if (strcmp(what, "expressions") != 0 || *files == NULL) {
		fprintf(stderr, "usage: t_recorded [jsonpath|expressions "
		    "FILE...]\n");
		return 2;
	}
	tell_skips = true;
	for (; *files != NULL; files++)
		if (!run_file(*files, test))
			report(false, *files, "not readable", "rows");
	printf("1..%d\n", tests_run);
	return tests_failed != 0 || tests_run == 0;
}

int
main(int argc, char **argv)
{
	const char	*set = getenv("PAWL_CONFORMANCE");
	char		*dir;

	if (argc > 1)
		return run_named(argv[1], argv + 2);
	dir = set != NULL ? xstrdup(set) : unit_srcpath("../shared/conformance");
	if (access(dir, R_OK) != 0) {
		printf("1..0 # SKIP no conformance folder at %s\n", dir);
		free(dir);
		return 0;
	}
	run_rows(dir, "jsonpath/probe.jsonl", test_jsonpath);
	run_rows(dir, "jsonpath/cts.jsonl", test_jsonpath);
	run_rows(dir, "states/aws-expressions.jsonl", test_expression);
	run_rows(dir, "states/aws-reported.jsonl", test_expression);
	printf("# %d rows are not run: masked, or not this part's\n",
	    tests_skipped);
	printf("1..%d\n", tests_run);
	free(dir);
	return tests_failed != 0 || tests_run == 0;
}
