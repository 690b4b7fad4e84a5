/*
 * tests/unit/t_jsonata_cases.c - runs the JSONata language's own cases.
 *
 *	t_jsonata_cases [FILE ...]
 *
 * A file has one case on a line, a JSON object: expr, the input as data or by
 * dataset (a name: FILE's folder/datasets/NAME.json; null: no input),
 * bindings, and what must come out: result, undefinedResult, or code (error
 * with code, message) and token.  timelimit (ms) and depth bound the
 * evaluation; unordered allows a result's items in any order.
 *
 * Without a FILE it runs those of the conformance data, if they are there.
 * Each folder of the ids ("folder/case.json") is one test; the last line says
 * "N passed, N failed, N skipped".
 */

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jarena.h"
#include "jsonata.h"
#include "jtext.h"
#include "unit.h"
#include "xmalloc.h"

static int	 passed, failed, skipped;

struct group {
	char	 name[128];
	int	 passed, failed;
	int	 number;
};

static double
now_ms(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool
is_late(void *arg)
{
	return now_ms() > *(double *)arg;
}

/* --- comparing ----------------------------------------------------------- */

static bool equal(json_t *, json_t *, bool unordered);

static bool
equal_unordered(json_t *a, json_t *b)
{
	size_t	 n = json_array_size(a), i, j;
	bool	*used = xcalloc(n + 1, sizeof *used), all = true;

	for (i = 0; i < n && all; i++) {
		for (j = 0; j < n; j++)
			if (!used[j] && equal(json_array_get(a, i),
			    json_array_get(b, j), false))
				break;
		all = j < n;
		if (all)
			used[j] = true;
	}
	free(used);
	return all;
}

static bool
equal(json_t *a, json_t *b, bool unordered)
{
	const char	*key;
	json_t		*item;
	size_t		 i;

	if (json_is_number(a) && json_is_number(b))
		return json_number_value(a) == json_number_value(b);
	if (a == NULL || b == NULL || json_typeof(a) != json_typeof(b))
		return a == b;
	if (json_is_array(a)) {
		if (json_array_size(a) != json_array_size(b))
			return false;
		if (unordered)
			return equal_unordered(a, b);
		for (i = 0; i < json_array_size(a); i++)
			if (!equal(json_array_get(a, i), json_array_get(b, i),
			    false))
				return false;
		return true;
	}
	if (!json_is_object(a))
		return json_equal(a, b);
	if (json_object_size(a) != json_object_size(b))
		return false;
	json_object_foreach(a, key, item)
		if (!equal(item, json_object_get(b, key), false))
			return false;
	return true;
}

/* --- one case ------------------------------------------------------------ */

static json_t *
dataset(const char *file, const char *name)
{
	const char	*slash = strrchr(file, '/');
	char		*path;
	json_t		*j;

	path = xasprintf("%.*sdatasets/%s.json",
	    slash == NULL ? 0 : (int)(slash - file + 1), file, name);
	j = json_load_file(path, JSON_DECODE_ANY, NULL);
	if (j == NULL)
		printf("# cannot read %s\n", path);
	free(path);
	return j;
}

static json_t *
input_of(const char *file, const json_t *c)
{
	json_t	*name = json_object_get(c, "dataset");

	if (json_is_string(name))
		return dataset(file, json_string_value(name));
	if (name != NULL)
		return NULL;
	return json_incref(json_object_get(c, "data"));
}

static const char *
text_of(const json_t *c, const char *name)
{
	return json_string_value(json_object_get(c, name));
}

/* What is wrong with an outcome: new, or NULL if nothing is. */
static char *
judge_error(const json_t *c, const struct jsonata_error *e)
{
	const json_t	*error = json_object_get(c, "error");
	const char	*code = text_of(c, "code"), *token, *message;

	if (error != NULL)
		code = text_of(error, "code");
	token = text_of(c, "token");
	message = error == NULL ? NULL : text_of(error, "message");
	if (code == NULL || strcmp(code, e->code) != 0)
		return xasprintf("error %s at %ld (%s): %s", e->code,
		    e->position, e->token != NULL ? e->token : "-",
		    e->message);
	if (token != NULL && (e->token == NULL || strcmp(token, e->token) != 0))
		return xasprintf("token %s", e->token != NULL ? e->token : "-");
	if (message != NULL && strcmp(message, e->message) != 0)
		return xasprintf("message %s", e->message);
	return NULL;
}

static char *
judge_result(const json_t *c, const struct jsonata_result *r)
{
	json_t		*want = json_object_get(c, "result"), *got;
	struct strbuf	 b;
	char		*wrong;
	bool		 ok;

	got = jsonata_result_json(r);
	if (json_object_get(c, "code") != NULL ||
	    json_object_get(c, "error") != NULL)
		ok = false;
	else if (json_is_true(json_object_get(c, "undefinedResult")))
		ok = jsonata_result_kind(r) == JSONATA_UNDEFINED;
	else
		ok = equal(got, want,
		    json_is_true(json_object_get(c, "unordered")));
	json_decref(got);
	if (ok)
		return NULL;
	strbuf_init(&b, 1000);
	jsonata_result_print(r, &b);
	wrong = xasprintf("result %s", strbuf_str(&b));
	strbuf_free(&b);
	return wrong;
}

static char *
run(const char *file, const json_t *c, const char *expr, size_t len)
{
	struct jsonata_input	 in = { .seed = 1, .now_ms = 1500000000000 };
	struct jsonata_error	 e = JSONATA_ERROR_INIT;
	struct jsonata_result	*r = NULL;
	struct jsonata		*j;
	char			*wrong;
	double			 late;

	if ((j = jsonata_compile(expr, len, 0, &e)) == NULL) {
		wrong = judge_error(c, &e);
		jsonata_error_clear(&e);
		return wrong;
	}
	in.document = input_of(file, c);
	in.variables = json_object_get(c, "bindings");
	if (json_object_get(c, "depth") != NULL)
		in.depth_max = (int)json_integer_value(json_object_get(c,
		    "depth"));
	late = now_ms() + (json_object_get(c, "timelimit") == NULL ? 10000 :
	    json_number_value(json_object_get(c, "timelimit")));
	in.expired = is_late;
	in.expired_arg = &late;
	if (jsonata_evaluate(j, &in, &r, &e) == -1)
		wrong = judge_error(c, &e);
	else
		wrong = judge_result(c, r);
	jsonata_result_free(r);
	json_decref(in.document);
	jsonata_error_clear(&e);
	jsonata_free(j);
	return wrong;
}

/* A case with a lone surrogate, which jansson does not read: only its
 * expression and the error count. */
static char *
run_lone(const char *file, const char *line, size_t len)
{
	struct jarena	 a = JARENA_INIT;
	struct jvalue	 c, expr, code;
	json_t		*want;
	char		*wrong;

	if (jtext_parse(&a, line, len, true, &c) == -1) {
		jarena_free(&a);
		return xstrdup("not JSON");
	}
	expr = jvalue_get(c, "expr", 4);
	code = jvalue_get(jvalue_get(c, "error", 5), "code", 4);
	want = json_pack("{s:n, s:s%}", "dataset", "code", code.u.s,
	    (size_t)code.len);
	wrong = run(file, want, expr.u.s, expr.len);
	json_decref(want);
	jarena_free(&a);
	return wrong;
}

/* --- files --------------------------------------------------------------- */

static void
end_group(struct group *g)
{
	if (g->name[0] == '\0')
		return;
	printf("%sok %d - %s (%d cases)\n", g->failed > 0 ? "not " : "",
	    ++g->number, g->name, g->passed + g->failed);
	g->passed = g->failed = 0;
}

static void
run_line(const char *file, const char *line, size_t len, struct group *g)
{
	json_t		*c = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
	const char	*id, *expr, *slash;
	char		*wrong;
	double		 start = now_ms();
	size_t		 n;

	id = c == NULL ? "lone surrogates/?" : text_of(c, "id");
	expr = c == NULL ? "" : text_of(c, "expr");
	if (id == NULL || expr == NULL) {
		skipped++;
		json_decref(c);
		return;
	}
	slash = strchr(id, '/');
	n = slash == NULL ? strlen(id) : (size_t)(slash - id);
	if (n >= sizeof g->name)
		n = sizeof g->name - 1;
	if (strncmp(g->name, id, n) != 0 || g->name[n] != '\0') {
		end_group(g);
		memcpy(g->name, id, n);
		g->name[n] = '\0';
	}
	if (c == NULL)
		wrong = run_lone(file, line, len);
	else
		wrong = run(file, c, expr, json_string_length(
		    json_object_get(c, "expr")));
	if (wrong != NULL) {
		g->failed++;
		failed++;
		printf("# %s: %s\n#     %s\n", id, expr, wrong);
	} else {
		g->passed++;
		passed++;
	}
	if (now_ms() - start > 1000)
		printf("# %s: slow, %.0f ms\n", id, now_ms() - start);
	free(wrong);
	json_decref(c);
}

static int
run_file(const char *file, struct group *g)
{
	FILE	*f = fopen(file, "r");
	char	*line = NULL;
	size_t	 size = 0;
	ssize_t	 len;

	if (f == NULL) {
		perror(file);
		return -1;
	}
	while ((len = getline(&line, &size, f)) > 0)
		if (line[0] == '{')
			run_line(file, line, (size_t)len, g);
	free(line);
	fclose(f);
	return 0;
}

int
main(int argc, char **argv)
{
	struct group	 g;
	const char	*folder = getenv("PAWL_CONFORMANCE");
	char		*path;
	int		 i, result = 0;

	memset(&g, 0, sizeof g);
	if (folder != NULL)
		path = xasprintf("%s/jsonata/cases.jsonl", folder);
	else
		path = unit_srcpath("../shared/conformance/jsonata/cases.jsonl");
	if (argc < 2 && access(path, R_OK) != 0) {
		printf("1..0 # SKIP no conformance data\n");
		free(path);
		return 0;
	}
	if (argc < 2)
		result = run_file(path, &g);
	for (i = 1; i < argc; i++)
		result |= run_file(argv[i], &g);
	free(path);
	end_group(&g);
	printf("1..%d\n", g.number);
	printf("%s%d passed, %d failed, %d skipped\n", argc < 2 ? "# " : "",
	    passed, failed, skipped);
	return result != 0 || failed > 0;
}
