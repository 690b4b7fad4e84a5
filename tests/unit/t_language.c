/*
 * tests/unit/t_language.c - runs the files tests/data/language/NAME.test:
 * text in, text out.
 *
 * A file sets the scene and asks; each question with its answer is one test:
 *
 *	input JSON		what $ means from here on
 *	context JSON		what $$ means
 *	var NAME JSON		what $NAME means
 *
 *	path TEXT		evaluate a JSONPath
 *	kind TEXT		what jsonpath.h says of a path
 *	put TEXT JSON		put a value into the input at a reference path
 *	call TEXT		evaluate an intrinsic function call
 *	template JSON		compile and evaluate a payload template
 *	names JSON		the variables that a payload template reads
 *	choice JSON		compile and test a rule of a Choice state
 *	rule-names JSON		the variables that a rule reads
 *	check TEXT		is this JSON?  prints it again
 *	time TEXT		read a timestamp: its milliseconds, and as printed
 *
 *	= TEXT			the answer, exactly
 *	! CODE TEXT		the error, exactly; for choice_compile() the
 *				place below the rule stands behind the code
 *
 * A path or call that begins with a double quote is a JSON string, for what
 * does not fit on a line.
 * Blank lines and those that begin with # do not count.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choice.h"
#include "intrinsic.h"
#include "jsonpath.h"
#include "jsontext.h"
#include "strbuf.h"
#include "template.h"
#include "timestamp.h"
#include "unit.h"
#include "xmalloc.h"

struct scene {
	struct payload	*input;
	struct vars	*vars;
	json_t		*context;
};

struct asked {
	struct scope	 scope;
	const char	*text;
	size_t		 len;
	struct strbuf	*answer;
	struct err	*e;
};

static int	 tests_run, tests_failed;

static json_t *
context(void *arg)
{
	return ((struct scene *)arg)->context;
}

static json_t *
parse(const char *text)
{
	struct err	 e = ERR_INIT;
	json_t		*json = jsontext_parse(text, strlen(text), &e);

	if (json == NULL) {
		printf("Bail out! %s: %s\n", e.text, text);
		exit(1);
	}
	return json;
}

static void
add_payload(struct asked *a, struct payload *p)
{
	strbuf_adds(a->answer, payload_text(p, NULL));
	payload_unref(p);
}

static int
ask_path(struct asked *a)
{
	struct jsonpath	*path = jsonpath_parse(a->text, a->len, a->e);
	struct payload	*out;
	int		 rc = -1;

	if (path != NULL && jsonpath_eval_payload(path, &a->scope, &out,
	    a->e) == 0) {
		add_payload(a, out);
		rc = 0;
	}
	jsonpath_free(path);
	return rc;
}

static int
ask_kind(struct asked *a)
{
	struct jsonpath	*path = jsonpath_parse(a->text, a->len, a->e);

	if (path == NULL)
		return -1;
	strbuf_addf(a->answer, "%s%s%s%s%s%s",
	    jsonpath_definite(path) ? "definite" : "indefinite",
	    jsonpath_is_reference(path) ? " reference" : "",
	    jsonpath_is_root(path) ? " root" : "",
	    jsonpath_is_context(path) ? " context" : "",
	    jsonpath_variable(path) != NULL ? " variable " : "",
	    jsonpath_variable(path) != NULL ? jsonpath_variable(path) : "");
	jsonpath_free(path);
	return 0;
}

static int
ask_put(struct asked *a)
{
	const char	*blank = strchr(a->text, ' ');
	struct payload	*value = payload_from_json(parse(blank + 1)), *out;
	struct jsonpath	*path = jsonpath_parse(a->text,
			    (size_t)(blank - a->text), a->e);
	char		*before = jsontext_string(payload_json(a->scope.input),
			    NULL), *after;
	int		 rc = -1;

	if (path != NULL && jsonpath_put(path, a->scope.input, value, &out,
	    a->e) == 0) {
		add_payload(a, out);
		rc = 0;
	}
	after = jsontext_string(payload_json(a->scope.input), NULL);
	if (strcmp(before, after) != 0)
		strbuf_adds(a->answer, " AND THE INPUT IS CHANGED");
	free(before);
	free(after);
	jsonpath_free(path);
	payload_unref(value);
	return rc;
}

static int
ask_call(struct asked *a)
{
	struct intrinsic	*call = intrinsic_parse(a->text, a->len, a->e);
	json_t			*out;
	int			 rc = -1;

	if (call != NULL && intrinsic_eval(call, &a->scope, &out, a->e) == 0) {
		jsontext_print(out, a->answer);
		json_decref(out);
		rc = 0;
	}
	intrinsic_free(call);
	return rc;
}

static int
ask_template(struct asked *a)
{
	json_t		*source = parse(a->text);
	char		*bad_key;
	struct template	*t = template_compile(source, &bad_key, a->e);
	struct payload	*out;
	int		 rc = -1;

	json_decref(source);
	if (t != NULL && template_eval(t, &a->scope, &out, a->e) == 0) {
		add_payload(a, out);
		rc = 0;
	}
	if (bad_key != NULL)
		err_context(a->e, "[%s] ", bad_key);
	free(bad_key);
	template_free(t);
	return rc;
}

static void
add_name(const char *name, void *answer)
{
	strbuf_addf(answer, "%s;", name);
}

static int
ask_names(struct asked *a)
{
	json_t		*source = parse(a->text);
	struct template	*t = template_compile(source, NULL, a->e);

	json_decref(source);
	if (t == NULL)
		return -1;
	template_variables(t, add_name, a->answer);
	template_free(t);
	return 0;
}

static int
ask_rule_names(struct asked *a)
{
	json_t			*source = parse(a->text);
	struct choice_rule	*rule = choice_compile(source, NULL, a->e);

	json_decref(source);
	if (rule == NULL)
		return -1;
	choice_variables(rule, add_name, a->answer);
	choice_free(rule);
	return 0;
}

static int
ask_choice(struct asked *a)
{
	json_t			*source = parse(a->text);
	char			*where;
	struct choice_rule	*rule = choice_compile(source, &where, a->e);
	bool			 matches;
	int			 rc = -1;

	json_decref(source);
	if (rule != NULL && choice_eval(rule, &a->scope, &matches, a->e) == 0) {
		strbuf_adds(a->answer, matches ? "true" : "false");
		rc = 0;
	}
	if (where != NULL)
		err_context(a->e, "%s ", where);
	free(where);
	choice_free(rule);
	return rc;
}

static int
ask_check(struct asked *a)
{
	json_t	*json;
	size_t	 at;

	if (jsontext_check(a->text, a->len, &at, a->e) == -1) {
		err_context(a->e, "at %zu: ", at);
		return -1;
	}
	json = jsontext_parse(a->text, a->len, a->e);
	jsontext_print(json, a->answer);
	json_decref(json);
	return 0;
}

static int
ask_time(struct asked *a)
{
	char	 buf[TIMESTAMP_SIZE];
	int64_t	 ms;
	int	 ns;

	if (!timestamp_parse(a->text, a->len, &ms, &ns))
		return err_set(a->e, "Time", "none");
	strbuf_addf(a->answer, "%lld.%06d %s", (long long)ms, ns,
	    timestamp_print(ms, buf));
	return 0;
}

static const struct {
	const char	*word;
	int		(*ask)(struct asked *);
} questions[] = {
	{ "path ", ask_path }, { "kind ", ask_kind }, { "put ", ask_put },
	{ "call ", ask_call }, { "template ", ask_template },
	{ "names ", ask_names }, { "choice ", ask_choice },
	{ "rule-names ", ask_rule_names }, { "check ", ask_check },
	{ "time ", ask_time },
};

static bool
starts(const char *line, const char *word)
{
	return strncmp(line, word, strlen(word)) == 0;
}

/* Sets the scene; false if the line is something else. */
static bool
set_scene(struct scene *s, const char *line)
{
	struct payload	*value;
	char		*name;

	if (starts(line, "input ")) {
		payload_unref(s->input);
		s->input = payload_from_text(line + 6, strlen(line + 6));
	} else if (starts(line, "context ")) {
		json_decref(s->context);
		s->context = parse(line + 8);
	} else if (starts(line, "var ")) {
		name = xstrndup(line + 4, strcspn(line + 4, " "));
		value = payload_from_json(parse(line + 5 + strlen(name)));
		vars_set(s->vars, name, value);
		payload_unref(value);
		free(name);
	} else
		return false;
	return true;
}

/* The answer to a question, as an expectation would be written; new. */
static char *
ask(struct scene *s, const char *line, size_t which)
{
	struct strbuf	 answer = STRBUF_INIT;
	struct err	 e = ERR_INIT;
	struct asked	 a = { .answer = &answer, .e = &e };
	json_t		*quoted = NULL;
	char		*out;

	a.scope = (struct scope){ s->input, s->vars, context, s, 42, 0 };
	a.text = line + strlen(questions[which].word);
	a.len = strlen(a.text);
	if (a.text[0] == '"' && (questions[which].ask == ask_path ||
	    questions[which].ask == ask_call)) {
		quoted = parse(a.text);
		a.text = json_string_value(quoted);
		a.len = json_string_length(quoted);
	}
	if (questions[which].ask(&a) == 0)
		out = xasprintf("= %s", strbuf_str(&answer));
	else
		out = xasprintf("! %s %s", e.code, e.text);
	if (questions[which].ask(&a) == 0 && err_is(&e, "") == false)
		out[0] = '?';		/* an error set, and yet a success */
	json_decref(quoted);
	strbuf_free(&answer);
	err_clear(&e);
	return out;
}

static void
report(const char *file, int number, const char *question, const char *got,
    const char *want)
{
	bool	 same = strcmp(got, want) == 0;

	printf("%sok %d - %s:%d %.100s\n", same ? "" : "not ", ++tests_run,
	    file, number, question);
	if (!same) {
		tests_failed++;
		printf("# got  %s\n# want %s\n", got, want);
	}
}

static void
run_file(const char *dir, const char *name)
{
	struct scene	 s = { payload_empty(), vars_new(NULL), json_object() };
	char		*path = xasprintf("%s/%s", dir, name), *line = NULL;
	char		*got = NULL, *question = NULL;
	size_t		 size = 0, i;
	FILE		*f = fopen(path, "r");
	int		 number = 0;

	while (f != NULL && getline(&line, &size, f) != -1) {
		number++;
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#' || set_scene(&s, line))
			continue;
		if ((line[0] == '=' || line[0] == '!') && got != NULL) {
			report(name, number, question, got, line);
			free(got);
			free(question);
			got = question = NULL;
			continue;
		}
		for (i = 0; i < sizeof questions / sizeof questions[0]; i++)
			if (starts(line, questions[i].word))
				break;
		if (got != NULL || i == sizeof questions / sizeof questions[0]) {
			printf("Bail out! %s:%d is not understood\n", name,
			    number);
			exit(1);
		}
		question = xstrdup(line);
		got = ask(&s, line, i);
	}
	if (f == NULL || got != NULL) {
		printf("Bail out! %s cannot be read or ends early\n", path);
		exit(1);
	}
	fclose(f);
	free(line);
	free(path);
	payload_unref(s.input);
	vars_free(s.vars);
	json_decref(s.context);
}

static int
is_test(const struct dirent *d)
{
	size_t	 n = strlen(d->d_name);

	return n > 5 && strcmp(d->d_name + n - 5, ".test") == 0;
}

int
main(void)
{
	char		 *dir = unit_srcpath("tests/data/language");
	struct dirent	**files;
	int		  n = scandir(dir, &files, is_test, alphasort), i;

	for (i = 0; i < n; i++) {
		run_file(dir, files[i]->d_name);
		free(files[i]);
	}
	if (n > 0)
		free(files);
	free(dir);
	printf("1..%d\n", tests_run);
	return tests_failed != 0 || tests_run == 0;
}
