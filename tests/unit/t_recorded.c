/*
 * tests/unit/t_recorded.c - expressions of the conformance folder, when it is
 * there: what the real service answered, and what its JSONPath engine does.
 *
 * The folder is $PAWL_CONFORMANCE, or ../shared/conformance beside the
 * repository; without it the test says so and skips.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "choice.h"
#include "intrinsic.h"
#include "jsonpath.h"
#include "jsontext.h"
#include "template.h"
#include "unit.h"
#include "xmalloc.h"

static int	 tests_run, tests_failed, tests_skipped;

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

	if (!json_is_true(json_object_get(aws, "path")))
		return;
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
	shown = out != NULL ? text(out) : xstrdup(e.text == NULL ? "" : e.text);
	wanted = text(like);
	quoted = text(json_object_get(row, "selector"));
	name = xasprintf("%s %s", string(row, "id"), quoted);
	report(ok, name, shown, wanted);
	if (path != NULL && strpbrk(selector, "\"") == NULL) {
		ok = jsonpath_is_reference(path) == json_is_true(
		    json_object_get(aws, "reference_path"));
		free(name);
		name = xasprintf("%s %s is a reference path or not",
		    string(row, "id"), quoted);
		report(ok, name, "the other", "");
	}
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
	const char	*expr = string(row, "expr");
	struct template	*t;
	struct payload	*p;
	json_t		*out = NULL;

	if (strcmp(string(row, "lang"), "Choice") == 0)
		return choose(json_object_get(row, "expr"), scope, e);
	if (strcmp(string(row, "field"), "ResultPath") == 0)
		return put(row, scope, e);
	t = template_compile_string(expr, strlen(expr), e);
	if (t != NULL && template_eval(t, scope, &p, e) == 0) {
		out = json_incref(payload_json(p));
		payload_unref(p);
	}
	template_free(t);
	return out;
}

/* Rows that name what is masked or comes from elsewhere cannot be run alone. */
static bool
can_run(json_t *row)
{
	const char	*lang = string(row, "lang"), *field = string(row, "field");
	const char	*expr = string(row, "expr");
	char		*all = text(row);
	bool		 run = strcmp(lang, "Intrinsic") == 0 ||
			    strcmp(lang, "JSONPath") == 0 ||
			    strcmp(lang, "Choice") == 0;

	if (json_object_get(row, "masked") != NULL ||
	    strstr(all, "\"Condition\":") != NULL ||
	    strstr(all, "RandomNumberGenerated") != NULL ||
	    strstr(all, "<10001 characters>") != NULL)
		run = false;
	if (strstr(all, "\"Variable\":\"$") != NULL &&
	    strstr(all, "\"Variable\":\"$.") == NULL &&
	    json_object_get(row, "variables") == NULL)
		run = false;
	if (strstr(expr, "$$.") != NULL && strstr(expr, "$$.Execution.Input") ==
	    NULL)
		run = false;
	if (json_object_get(row, "result") == NULL &&
	    strcmp(string(row, "type"), "Pass") != 0 &&
	    (strncmp(field, "Assign", 6) == 0 ||
	    strncmp(field, "ResultSelector", 14) == 0 ||
	    strncmp(field, "OutputPath", 10) == 0))
		run = false;	/* the scope was a result that is not told */
	if (json_object_get(row, "error") != NULL &&
	    strncmp(field, "Parameters", 10) != 0 &&
	    json_object_get(row, "cause_contains") == NULL &&
	    json_object_get(row, "cause_tail") == NULL)
		run = false;	/* worded by the state, not by the path */
	free(all);
	return run;
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

/* The cause must be what was recorded, or hold what was reported. */
static bool
error_fits(json_t *row, const struct err *e)
{
	const char	*part = string(row, "cause_contains");

	if (part[0] == '\0')
		part = string(row, "cause_tail");
	return err_is(e, string(row, "error")) &&
	    (part[0] == '\0' || strstr(e->text, part) != NULL);
}

static void
test_expression(json_t *row)
{
	struct scope	 scope = { 0 };
	struct err	 e = ERR_INIT;
	struct vars	*vars;
	json_t		*out, *want = json_object_get(row, "output"), *ctx;
	char		*got, *wanted, *expr, *name;
	bool		 ok;

	if (!can_run(row)) {
		tests_skipped++;
		return;
	}
	vars = variables(row);
	ctx = json_pack("{s:{s:O}}", "Execution", "Input",
	    json_object_get(row, "input"));
	scope.input = input_of(row);
	scope.vars = vars;
	scope.context = context;
	scope.context_arg = ctx;
	out = evaluate(row, &scope, &e);
	ok = json_object_get(row, "error") != NULL ?
	    out == NULL && error_fits(row, &e) : same(out, want);
	got = out != NULL ? text(out) : xasprintf("%s %s", e.code,
	    e.text == NULL ? "" : e.text);
	wanted = text(row);
	expr = text(json_object_get(row, "expr"));
	name = xasprintf("%.60s %.100s", strstr(string(row, "source"), "::") ?
	    strstr(string(row, "source"), "::") + 2 : "reported", expr);
	report(ok, name, got, wanted);
	free(name);
	free(expr);
	free(got);
	free(wanted);
	json_decref(out);
	json_decref(ctx);
	payload_unref(scope.input);
	vars_free(vars);
	err_clear(&e);
}

static void
run_rows(const char *dir, const char *file, void (*test)(json_t *))
{
	char	*path = xasprintf("%s/%s", dir, file), *line = NULL;
	FILE	*f = fopen(path, "r");
	size_t	 size = 0;
	ssize_t	 len;
	json_t	*row;

	while (f != NULL && (len = getline(&line, &size, f)) != -1) {
		while (len > 0 && line[len - 1] == '\n')
			len--;
		row = jsontext_parse(line, (size_t)len, NULL);
		if (row != NULL)
			test(row);
		else
			tests_skipped++;	/* NULs and lone surrogates */
		json_decref(row);
	}
	if (f != NULL)
		fclose(f);
	free(line);
	free(path);
}

int
main(void)
{
	const char	*set = getenv("PAWL_CONFORMANCE");
	char		*dir = set != NULL ? xstrdup(set) :
			    unit_srcpath("../shared/conformance");

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
