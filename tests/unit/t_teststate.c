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
 * The question is as asked_state.h has it.  inspectionData is compared if the
 * level is not INFO.
 * Each case runs twice and must answer the same.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asked_state.h"
#include "strbuf.h"
#include "unit.h"
#include "xmalloc.h"

static int	 cases, failures;

/* The answer as text, or "! CODE: text"; new. */
static char *
run(const json_t *q)
{
	struct err	 e = ERR_INIT;
	json_t		*answer = asked_state_run(q, &e);
	char		*out;

	if (answer != NULL)
		out = json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS);
	else
		out = xasprintf("! %s: %s", e.code, e.text);
	json_decref(answer);
	err_clear(&e);
	return out;
}

/* ---- spoiled questions ---- */

#define SPOILED	40		/* of each case */

static unsigned	 spoil_state = 1;
static long	 spoiled, answered;

static unsigned
spoil_roll(unsigned n)
{
	spoil_state = spoil_state * 1103515245u + 12345u;
	return (spoil_state >> 16) % n;
}

/* A copy of the member's text, with some bytes changed. */
static void
spoil_member(json_t *o, const char *name)
{
	static const char	 bytes[] = "0123456789{}[],:\"$.-tfnSE ";
	json_t			*v = json_object_get(o, name);
	char			*text;
	size_t			 len;
	unsigned		 i, n = 1 + spoil_roll(3);

	if (v == NULL || spoil_roll(2) == 0)
		return;
	text = json_is_string(v) ? xstrdup(json_string_value(v)) :
	    json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	len = strlen(text);
	for (i = 0; i < n && len > 0; i++)
		text[spoil_roll((unsigned)len)] =
		    bytes[spoil_roll(sizeof bytes - 1)];
	json_object_set_new(o, name, json_string(text));
	free(text);
}

/* It is answered or refused, and nothing worse. */
static void
spoil(const json_t *question)
{
	json_t		*q, *answer;
	struct err	 e = ERR_INIT;
	int		 i;

	for (i = 0; i < SPOILED; i++) {
		q = json_deep_copy(question);
		spoil_member(q, "definition");
		spoil_member(q, "input");
		spoil_member(q, "context");
		spoil_member(q, "variables");
		spoil_member(json_object_get(q, "mock"), "result");
		spoil_member(json_object_get(q, "stateConfiguration"),
		    "mapItemReaderData");
		answer = json_is_string(json_object_get(q, "definition")) ||
		    json_is_object(json_object_get(q, "definition")) ?
		    asked_state_run(q, &e) : NULL;
		spoiled++;
		answered += answer != NULL;
		json_decref(answer);
		json_decref(q);
		err_clear(&e);
	}
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
	spoil(q);
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
	printf("%sok %d - spoiled questions are answered or refused\n"
	    "# %ld spoiled, %ld answered all the same\n", answered > 0 &&
	    answered < spoiled ? "" : "not ", cases + 1, spoiled, answered);
	failures += answered == 0 || answered == spoiled;
	printf("1..%d\n", cases + 1);
	return failures == 0 ? 0 : 1;
}
