/*
 * tests/unit/t_jsonata.c - JSONata: the files of tests/data/jsonata/language/,
 * text in, text out, and the promises of jsonata.h.
 *
 * A file sets the scene and asks; each question with its answer is one test:
 *
 *	input JSON		the document from here on; "-": none
 *	let NAME JSON		what $NAME means
 *	dialect aws | plain	from here on
 *	limit KIND N		depth, steps or memory; 0: the default again
 *
 *	expr TEXT		evaluate it
 *	reads TEXT		which variables, and members of $states, it reads
 *
 *	= TEXT			the result as JSON, "nothing", or "function"
 *	! CODE POSITION TEXT	the error; -1: no position, "-": no code
 *
 * Blank lines and those that begin with # do not count.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jarena.h"
#include "jfunc.h"
#include "jregex.h"
#include "jsonata.h"
#include "jtext.h"
#include "strbuf.h"
#include "unit.h"
#include "xmalloc.h"

struct scene {
	json_t		*input, *variables;
	int		 flags, depth;
	uint64_t	 steps;
	size_t		 memory;
};

static int	 files_failed, questions_asked;

/* --- files ---------------------------------------------------------------- */

static void
add_error(struct strbuf *b, struct jsonata_error *e)
{
	strbuf_addf(b, "! %s %ld %s", e->code[0] != '\0' ? e->code : "-",
	    e->position, e->message);
	jsonata_error_clear(e);
}

static void
add_result(struct strbuf *b, const struct jsonata_result *r)
{
	strbuf_adds(b, "= ");
	if (jsonata_result_kind(r) == JSONATA_UNDEFINED)
		strbuf_adds(b, "nothing");
	else if (jsonata_result_kind(r) == JSONATA_FUNCTION)
		strbuf_adds(b, "function");
	else
		jsonata_result_print(r, b);
}

static void
add_reads(struct strbuf *b, const struct jsonata *j)
{
	static const char *const	 members[] = { "input", "context",
	    "result", "errorOutput" };
	size_t				 i;

	strbuf_adds(b, "=");
	for (i = 0; jsonata_variable(j, i) != NULL; i++)
		strbuf_addf(b, " $%s", jsonata_variable(j, i));
	for (i = 0; i < sizeof members / sizeof members[0]; i++)
		if (jsonata_reads_states(j, members[i]))
			strbuf_addf(b, " %s", members[i]);
}

/* The answer to a question, as an expectation would be written; new. */
static char *
answer(const struct scene *s, const char *text, bool reads)
{
	struct jsonata_input	 in = { .document = s->input,
	    .variables = s->variables, .now_ms = 1521801216617, .seed = 7,
	    .depth_max = s->depth, .steps_max = s->steps,
	    .memory_max = s->memory };
	struct jsonata_error	 e = JSONATA_ERROR_INIT;
	struct jsonata_result	*r;
	struct jsonata		*j;
	struct strbuf		 b = STRBUF_INIT;

	j = jsonata_compile(text, strlen(text), s->flags, &e);
	if (j == NULL)
		add_error(&b, &e);
	else if (reads)
		add_reads(&b, j);
	else if (jsonata_evaluate(j, &in, &r, &e) == -1)
		add_error(&b, &e);
	else {
		add_result(&b, r);
		jsonata_result_free(r);
	}
	jsonata_free(j);
	return strbuf_take(&b, NULL);
}

static bool
starts(const char *line, const char *word)
{
	return strncmp(line, word, strlen(word)) == 0;
}

static json_t *
parse(const char *text)
{
	json_t	*j = json_loads(text, JSON_DECODE_ANY, NULL);

	if (j == NULL) {
		printf("Bail out! no JSON: %s\n", text);
		exit(1);
	}
	return j;
}

/* Sets the scene; false if the line is something else. */
static bool
set_scene(struct scene *s, const char *line)
{
	char	*name;

	if (starts(line, "input ")) {
		json_decref(s->input);
		s->input = line[6] == '-' && line[7] == '\0' ? NULL :
		    parse(line + 6);
	} else if (starts(line, "let ")) {
		name = xstrndup(line + 4, strcspn(line + 4, " "));
		json_object_set_new(s->variables, name,
		    parse(line + 5 + strlen(name)));
		free(name);
	} else if (starts(line, "dialect "))
		s->flags = strcmp(line + 8, "aws") == 0 ? JSONATA_AWS : 0;
	else if (starts(line, "limit depth "))
		s->depth = atoi(line + 12);
	else if (starts(line, "limit steps "))
		s->steps = strtoull(line + 12, NULL, 10);
	else if (starts(line, "limit memory "))
		s->memory = strtoull(line + 13, NULL, 10);
	else
		return false;
	return true;
}

static void
run_file(const char *path)
{
	struct scene	 s = { NULL, json_object(), 0, 0, 0, 0 };
	FILE		*f = fopen(path, "r");
	char		*line = NULL, *got = NULL;
	size_t		 size = 0;
	ssize_t		 len;
	int		 number = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	while ((len = getline(&line, &size, f)) > 0) {
		number++;
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		if (starts(line, "expr ") || starts(line, "reads ")) {
			free(got);
			got = answer(&s, strchr(line, ' ') + 1, line[0] == 'r');
		} else if (line[0] == '=' || line[0] == '!') {
			questions_asked++;
			if (got == NULL || strcmp(got, line) != 0) {
				printf("# %s:%d: %s\n#   got: %s\n", path,
				    number, line, got != NULL ? got : "-");
				files_failed++;
			}
		} else if (line[0] != '\0' && line[0] != '#' &&
		    !set_scene(&s, line)) {
			printf("# %s:%d: what is this?\n", path, number);
			files_failed++;
		}
	}
	fclose(f);
	free(line);
	free(got);
	json_decref(s.input);
	json_decref(s.variables);
}

static void
test_files(void)
{
	char		*folder = unit_srcpath("tests/data/jsonata/language");
	char		*path;
	struct dirent	**names;
	int		 n, i;

	n = scandir(folder, &names, NULL, alphasort);
	CU_ASSERT_FATAL(n > 0);
	for (i = 0; i < n; i++) {
		if (strstr(names[i]->d_name, ".test") != NULL) {
			path = xasprintf("%s/%s", folder, names[i]->d_name);
			run_file(path);
			free(path);
		}
		free(names[i]);
	}
	free(names);
	free(folder);
	printf("# %d questions\n", questions_asked);
	CU_ASSERT(questions_asked > 500);
	CU_ASSERT_EQUAL(files_failed, 0);
}

/* --- the promises of jsonata.h -------------------------------------------- */

static struct jsonata *
compile(const char *text)
{
	struct jsonata_error	 e = JSONATA_ERROR_INIT;
	struct jsonata		*j;

	j = jsonata_compile(text, strlen(text), 0, &e);
	CU_ASSERT_PTR_NOT_NULL_FATAL(j);
	return j;
}

static void
test_document_is_shared(void)
{
	json_t			*document = parse("{\"a\":{\"b\":[1,{\"c\":2}]}}");
	struct jsonata		*j = compile("{\"copy\": a.b, \"item\": a.b[1]}");
	struct jsonata_input	 in = { .document = document };
	struct jsonata_result	*r;
	json_t			*out, *b;

	CU_ASSERT_EQUAL_FATAL(jsonata_evaluate(j, &in, &r, NULL), 0);
	out = jsonata_result_json(r);
	b = json_object_get(json_object_get(document, "a"), "b");
	CU_ASSERT_PTR_EQUAL(json_object_get(out, "copy"), b);
	CU_ASSERT_PTR_EQUAL(json_object_get(out, "item"),
	    json_array_get(b, 1));
	json_decref(out);
	jsonata_result_free(r);
	jsonata_free(j);
	json_decref(document);
}

static void
test_transform_leaves_the_document(void)
{
	json_t			*document = parse("{\"a\":{\"b\":1}}"), *before;
	struct jsonata		*j = compile("$ ~> |a|{\"b\": 2}|");
	struct jsonata_input	 in = { .document = document };
	struct jsonata_result	*r;

	before = json_deep_copy(document);
	CU_ASSERT_EQUAL_FATAL(jsonata_evaluate(j, &in, &r, NULL), 0);
	CU_ASSERT(json_equal(document, before));
	jsonata_result_free(r);
	jsonata_free(j);
	json_decref(before);
	json_decref(document);
}

static json_t *
asked_variable(void *arg, const char *name, size_t len)
{
	int	*asked = arg;

	++*asked;
	return len == 1 && name[0] == 'x' ? json_true() : NULL;
}

static void
test_variables_are_asked_once(void)
{
	int			 asked = 0;
	struct jsonata		*j = compile("[1..50].[$x, $y]");
	struct jsonata_input	 in = { .variable = asked_variable,
	    .variable_arg = &asked };
	struct jsonata_result	*r;

	CU_ASSERT_EQUAL_FATAL(jsonata_evaluate(j, &in, &r, NULL), 0);
	CU_ASSERT_EQUAL(asked, 2);
	jsonata_result_free(r);
	jsonata_free(j);
}

static bool
expire(void *arg)
{
	int	*left = arg;

	return --*left <= 0;
}

static void
test_time_is_the_callers(void)
{
	static const char *const	 endless[] = {
		"($f := function(){$f()}; $f())",
		"$map([1..1e7], function($x){$x})",
		"[1..1e7][$ > 1e8]",
		"$sort([1..1e6], function($a, $b){$a < $b})",
		"($f := function($s, $n){$n = 0 ? $s : $f({\"l\": $s, \"r\": $s}, "
		    "$n - 1)}; $string($f(1, 60)))",
		"($f := function($s, $n){$n = 0 ? $s : $f([[$s], [$s]], $n - 1)};"
		    " $f(1, 60) = $f(1, 60))",
		"$replace($pad(\"\", 1e6, \"a\"), /a/, function($m){$m.match})",
	};
	struct jsonata_error		 e = JSONATA_ERROR_INIT;
	struct jsonata_result		*r;
	struct jsonata			*j;
	size_t				 i;
	int				 left;

	for (i = 0; i < sizeof endless / sizeof endless[0]; i++) {
		struct jsonata_input	 in = { .expired = expire,
		    .expired_arg = &left };

		left = 20;
		j = compile(endless[i]);
		CU_ASSERT_EQUAL(jsonata_evaluate(j, &in, &r, &e), -1);
		UNIT_STR(e.code, "U1001");
		CU_ASSERT(e.bound == JSONATA_TIME);
		CU_ASSERT_EQUAL(left, 0);
		jsonata_error_clear(&e);
		jsonata_free(j);
	}
}

static void
test_same_in_same_out(void)
{
	struct jsonata		*j = compile("[$random(), $shuffle([1..20])]");
	struct jsonata_input	 in = { .seed = 99 };
	struct jsonata_result	*r;
	struct strbuf		 b[3] = { STRBUF_INIT, STRBUF_INIT,
	    STRBUF_INIT };
	int			 i;

	for (i = 0; i < 3; i++) {
		in.seed = i < 2 ? 99 : 100;
		CU_ASSERT_EQUAL_FATAL(jsonata_evaluate(j, &in, &r, NULL), 0);
		jsonata_result_print(r, &b[i]);
		jsonata_result_free(r);
	}
	UNIT_STR(strbuf_str(&b[0]), strbuf_str(&b[1]));
	CU_ASSERT(strcmp(strbuf_str(&b[0]), strbuf_str(&b[2])) != 0);
	for (i = 0; i < 3; i++)
		strbuf_free(&b[i]);
	jsonata_free(j);
}

static void
test_functions_are_sorted(void)
{
	int	 i;

	for (i = 1; i < JFUNC_COUNT; i++)
		CU_ASSERT(strcmp(jfunc_builtins[i - 1].name,
		    jfunc_builtins[i].name) < 0);
	for (i = 0; i < JFUNC_COUNT; i++)
		CU_ASSERT_EQUAL(jfunc_find(jfunc_builtins[i].name,
		    strlen(jfunc_builtins[i].name),
		    jfunc_builtins[i].where == JFUNC_AWS), i);
	CU_ASSERT_EQUAL(jfunc_find("eval", 4, true), -1);
	CU_ASSERT_EQUAL(jfunc_find("uuid", 4, false), -1);
	CU_ASSERT_EQUAL(jfunc_find("su", 2, false), -1);
}

static void
test_arena_gives_back(void)
{
	struct jarena		 a = JARENA_INIT;
	struct jarena_mark	 mark;
	char			*p, *q;
	size_t			 total;
	int			 i;

	p = jarena_text(&a, "kept", 4);
	mark = jarena_mark(&a);
	total = jarena_total(&a);
	for (i = 0; i < 1000; i++)
		q = jarena_alloc(&a, 1000);
	CU_ASSERT(jarena_is_newer(&a, mark, q));
	CU_ASSERT(!jarena_is_newer(&a, mark, p));
	jarena_release(&a, mark);
	CU_ASSERT_EQUAL(jarena_total(&a), total);
	UNIT_STR(p, "kept");
	jarena_free(&a);
}

static void
test_regex_translation(void)
{
	static const struct {
		const char	*from, *to;	/* NULL: refused */
	} cases[] = {
		{ "a.b", "a.b" }, { "\\d+", "\\d+" }, { "[[a]", "[\\[a]" },
		{ "\\/", "\\/" }, { "\\e", "e" }, { "\\A", "A" },
		{ "\\u0041", "\\x{41}" }, { "\\x41", "\\x{41}" },
		{ "\\xZ", "xZ" }, { "(a)\\1", "(a)\\g{1}" },
		{ "\\1", "\\x{1}" }, { "\\ud83d\\ude00", "\\x{1f600}" },
		{ "a{2,3}?", "a{2,3}?" }, { "a{,3}", "a\\{,3}" },
		{ "a++", NULL }, { "a**", NULL }, { "(?i)a", NULL },
		{ "(*FAIL)", NULL }, { "(?<=a)b", "(?<=a)b" },
		{ "[^]", "[^]" }, { "a\\", NULL },
	};
	struct strbuf	 b;
	const char	*message;
	size_t		 i;
	int		 rc;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		strbuf_init(&b, 1000);
		rc = jregex_translate(cases[i].from, strlen(cases[i].from), &b,
		    &message);
		CU_ASSERT_EQUAL(rc, cases[i].to == NULL ? -1 : 0);
		if (rc == 0 && cases[i].to != NULL)
			UNIT_STR(strbuf_str(&b), cases[i].to);
		strbuf_free(&b);
	}
}

static void
test_json_text(void)
{
	static const char *const	 good[] = { "1", "-0.5", "\"a\\u00e9\"",
	    "[1,[2,{}]]", "{\"a\":null,\"b\":[true,false]}",
	    "9223372036854775807", "-9223372036854775808" };
	static const char *const	 bad[] = { "", "01", "1.", "[1,]", "{a:1}",
	    "\"\\ud800\"", "\"\n\"", "nul", "1 2", "[", "{\"a\"}" };
	struct jarena			 a = JARENA_INIT;
	struct strbuf			 b = STRBUF_INIT;
	struct jvalue			 v;
	size_t				 i;

	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		CU_ASSERT_EQUAL_FATAL(jtext_parse(&a, good[i], strlen(good[i]),
		    false, &v), 0);
		strbuf_reset(&b);
		jtext_print(v, JTEXT_EXACT, &b);
		if (i != 2)
			UNIT_STR(strbuf_str(&b), good[i]);
	}
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CU_ASSERT_EQUAL(jtext_parse(&a, bad[i], strlen(bad[i]), false,
		    &v), -1);
	CU_ASSERT_EQUAL(jtext_parse(&a, "\"\\ud800\"", 8, true, &v), 0);
	strbuf_free(&b);
	jarena_free(&a);
}

UNIT_TESTS(tests) = {
	{ "the files say what they should", test_files },
	{ "results share the document's parts", test_document_is_shared },
	{ "a transform works on a copy", test_transform_leaves_the_document },
	{ "a variable from outside is asked for once",
	    test_variables_are_asked_once },
	{ "when the caller says so, time is up", test_time_is_the_callers },
	{ "equal seeds give equal results", test_same_in_same_out },
	{ "functions are found by name", test_functions_are_sorted },
	{ "an arena gives back what is newer than a mark",
	    test_arena_gives_back },
	{ "JavaScript's patterns in PCRE2's words", test_regex_translation },
	{ "JSON text is read and written", test_json_text },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	return unit_main("jsonata", tests);
}
