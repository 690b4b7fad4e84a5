/*
 * tests/unit/t_mutated.c - broken expressions do no harm.
 *
 * Takes the questions of tests/data/language, spoils them at random (the seed
 * is fixed), and evaluates what still compiles.  Nothing is expected of the
 * results but that they are valid JSON and errors are set; the sanitizer
 * builds see the rest.  ROUNDS in the environment runs longer.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choice.h"
#include "intrinsic.h"
#include "jsonpath.h"
#include "jsontext.h"
#include "template.h"
#include "unit.h"
#include "xmalloc.h"

static char	**texts;
static size_t	  ntexts;
static uint64_t	  state = 1;

static size_t
below(size_t n)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (size_t)(state >> 33) % n;
}

/* Every question of every file, without its word. */
static void
read_texts(void)
{
	char		 *dir = unit_srcpath("tests/data/language"), *line = NULL;
	struct dirent	**files;
	size_t		  size = 0;
	FILE		 *f;
	int		  n = scandir(dir, &files, NULL, alphasort), i;
	char		 *path;

	for (i = 0; i < n; i++) {
		path = xasprintf("%s/%s", dir, files[i]->d_name);
		free(files[i]);
		f = fopen(path, "r");
		free(path);
		while (f != NULL && getline(&line, &size, f) > 0) {
			line[strcspn(line, "\n")] = '\0';
			if (strchr(line, ' ') == NULL || line[0] == '#')
				continue;
			texts = xreallocarray(texts, ntexts + 1, sizeof *texts);
			texts[ntexts++] = xstrdup(strchr(line, ' ') + 1);
		}
		if (f != NULL)
			fclose(f);
	}
	if (n >= 0)
		free(files);
	free(line);
	free(dir);
}

/* One of the texts with a few bytes changed, dropped, doubled or moved in. */
static char *
spoiled(size_t *len)
{
	static const char	 bytes[] = "$@.[]()?*:,'\"\\{}0123456789-+eE &|!<>=ab\xc3\xa9";
	const char		*from = texts[below(ntexts)], *other;
	struct strbuf		 b = STRBUF_INIT;
	size_t			 i, n = strlen(from), changes = below(4);

	for (i = 0; i < n; i++)
		if (changes == 0 || below(n) > changes)
			strbuf_addc(&b, from[i]);
		else switch (below(5)) {
		case 0:
			strbuf_addc(&b, bytes[below(sizeof bytes - 1)]);
			break;
		case 1:
			strbuf_addc(&b, from[i]);
			strbuf_addc(&b, from[i]);
			break;
		case 2:
			other = texts[below(ntexts)];
			strbuf_adds(&b, other + below(strlen(other) + 1));
			break;
		case 3:
			strbuf_addc(&b, (char)below(256));
			break;
		default:
			break;
		}
	return strbuf_take(&b, len);
}

/* Expressions come out of checked JSON: they are UTF-8 without NUL. */
static bool
possible(const char *text, size_t len)
{
	struct strbuf	 b = STRBUF_INIT;
	int		 rc;

	strbuf_add_json_string(&b, text, len);
	rc = jsontext_check(strbuf_str(&b), b.len, NULL, NULL);
	strbuf_free(&b);
	return rc == 0;
}

static void
expect(int rc, const struct err *e, struct payload *out, const char *text)
{
	size_t	 len;

	if (rc == -1) {
		if (e->code[0] == '\0' || e->text == NULL)
			UNIT_STR(text, "an expression whose error is told");
		return;
	}
	payload_text(out, &len);
	if (jsontext_check(payload_text(out, NULL), len, NULL, NULL) == -1)
		UNIT_STR(payload_text(out, NULL), text);
	payload_unref(out);
}

static void
evaluate(const char *text, size_t len, struct scope *scope)
{
	struct err		 e = ERR_INIT;
	struct jsonpath		*path = jsonpath_parse(text, len, &e);
	struct payload		*out = NULL;
	struct template		*t;
	struct choice_rule	*rule;
	json_t			*json;
	bool			 matches;
	int			 rc;

	rc = path == NULL ? -1 : jsonpath_eval_payload(path, scope, &out, &e);
	expect(rc, &e, out, text);
	err_clear(&e);
	if (path != NULL && jsonpath_put(path, scope->input, scope->input,
	    &out, &e) == 0)
		expect(0, &e, out, text);
	jsonpath_free(path);
	err_clear(&e);

	t = template_compile_string("value.$", text, len, &e);
	rc = t == NULL ? -1 : template_eval(t, scope, &out, &e);
	expect(rc, &e, out, text);
	template_free(t);
	err_clear(&e);

	if ((json = jsontext_parse(text, len, NULL)) == NULL)
		return;
	t = template_compile(json, NULL, &e);
	rc = t == NULL ? -1 : template_eval(t, scope, &out, &e);
	expect(rc, &e, out, text);
	template_free(t);
	err_clear(&e);
	rule = choice_compile(json, NULL, &e);
	if (rule != NULL && choice_eval(rule, scope, &matches, &e) == -1)
		UNIT_STR(e.code, "States.Runtime");
	choice_free(rule);
	err_clear(&e);
	json_decref(json);
}

static void
test_mutations(void)
{
	const char	*rounds = getenv("ROUNDS"), *source =
	    "{\"a\":{\"b\":1,\"c\":[1,2.5,\"x\",null]},\"s\":\"a,b\",\"list\":"
	    "[{\"k\":\"x\",\"v\":1},{\"k\":\"y\"}],\"n\":5,\"t\":true,\"o\":{\"x\":1}}";
	struct payload	*in = payload_from_text(source, strlen(source));
	struct scope	 scope = { .input = in };
	size_t		 i, n = rounds == NULL ? 30000 : strtoul(rounds, NULL, 10);
	size_t		 len;
	char		*text;

	read_texts();
	CU_ASSERT_TRUE_FATAL(ntexts > 300);
	for (i = 0; i < n; i++) {
		text = spoiled(&len);
		scope.work = 0;
		if (possible(text, len))
			evaluate(text, len, &scope);
		free(text);
	}
	text = jsontext_string(payload_json(in), NULL);
	UNIT_STR(text, source);
	free(text);
	for (i = 0; i < ntexts; i++)
		free(texts[i]);
	free(texts);
	payload_unref(in);
}

UNIT_TESTS(tests) = {
	{ "spoiled expressions do no harm", test_mutations },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	return unit_main("mutated", tests);
}
