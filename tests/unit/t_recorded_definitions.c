/*
 * tests/unit/t_recorded_definitions.c - definitions of the real world, and
 * what the real service said to them.
 *
 * Reads the conformance folder ($PAWL_CONFORMANCE, else ../shared/conformance
 * beside the repository) and skips plainly when it is not there:
 *
 *	definitions/ *.asl.json		must be accepted, unless they use what is
 *					not supported yet; then that is all that
 *					is said against them
 *	states/cases/			what CreateStateMachine accepted there is
 *					accepted here, with the same exception
 *	states/aws-definition-errors.jsonl	the same findings, the same
 *					variable references
 *
 * Files and folders can be named, too:
 *
 *	t_recorded_definitions PATH...	a definition, a folder of definitions, or
 *					rows as in aws-definition-errors.jsonl
 *
 * then a definition that uses what is not supported yet is skipped, and each row
 * that says nothing of a definition is a line as well.
 *
 * Placeholders are filled in: "${X}" alone in a string becomes the ARN of a
 * function, elsewhere a word, outside of strings a number.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "machine.h"
#include "strbuf.h"
#include "unit.h"
#include "xmalloc.h"

#define FUNCTION "arn:aws:lambda:us-east-1:123456789012:function:f"

static int	 cases, failures;
static bool	 named;		/* files were named */

static void
skip(const char *name, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++cases, name, why);
}

static void
result(bool good, const char *fmt, const char *name)
{
	printf("%sok %d - ", good ? "" : "not ", ++cases);
	printf(fmt, name);
	printf("\n");
	failures += !good;
}

static char *
read_file(const char *path, size_t *len)
{
	struct strbuf	 b = STRBUF_INIT;
	char		 buf[65536];
	size_t		 n;
	FILE		*f;

	f = fopen(path, "r");
	if (f == NULL)
		return NULL;
	while ((n = fread(buf, 1, sizeof buf, f)) > 0)
		strbuf_add(&b, buf, n);
	fclose(f);
	strbuf_addc(&b, '\0');
	*len = b.len - 1;
	return strbuf_take(&b, NULL);
}

/* The text with its placeholders filled in: new. */
static char *
fill_in(const char *s)
{
	struct strbuf	 b = STRBUF_INIT;
	const char	*end, *begin = s;
	bool		 in_string = false;

	for (; *s != '\0'; s++) {
		end = s[0] == '$' && s[1] == '{' ? strchr(s, '}') : NULL;
		if (end != NULL) {
			strbuf_adds(&b, !in_string ? "1" :
			    s > begin && s[-1] == '"' && end[1] == '"' ?
			    FUNCTION : "aws");
			s = end;
			continue;
		}
		if (*s == '"')
			in_string = !in_string;
		strbuf_addc(&b, *s);
		if (*s == '\\' && s[1] != '\0')
			strbuf_addc(&b, *++s);
	}
	strbuf_addc(&b, '\0');
	return strbuf_take(&b, NULL);
}

/* --- what is not supported yet ---------------------------------------------- */

/* Anywhere in the definition; payloads included, which does no harm here. */
static bool
uses_unsupported(json_t *v)
{
	static const char *const	 fields[] = { "ItemReader",
		"ItemBatcher", "ResultWriter" };
	const char			*key, *s;
	json_t				*item;
	size_t				 i;

	json_array_foreach(v, i, item)
		if (uses_unsupported(item))
			return true;
	json_object_foreach(v, key, item) {
		s = json_string_value(item);
		if (s != NULL && strcmp(key, "Mode") == 0 &&
		    strcmp(s, "DISTRIBUTED") == 0)
			return true;
		for (i = 0; i < sizeof fields / sizeof fields[0]; i++)
			if (strcmp(key, fields[i]) == 0)
				return true;
		if (uses_unsupported(item))
			return true;
	}
	return false;
}

static bool
is_unsupported(const struct finding *f)
{
	return strncmp(f->code, "UNSUPPORTED_DISTRIBUTED_", 24) == 0;
}

static void
show(const struct findings *fs)
{
	size_t	 i;

	for (i = 0; i < fs->n; i++)
		printf("# %d:%d %s %s: %s\n", fs->list[i].line,
		    fs->list[i].column, fs->list[i].code,
		    fs->list[i].location != NULL ? fs->list[i].location : "-",
		    fs->list[i].message);
}

/*
 * Accepted, or refused for what is not supported and nothing else, as the text
 * asks for; each finding with its place.  *accepted says which.
 */
static bool
judge(const char *text, bool *expected, bool *accepted)
{
	struct findings	 fs = FINDINGS_INIT;
	struct machine	*m;
	json_t		*root;
	size_t		 i;
	bool		 good;

	root = json_loads(text, 0, NULL);
	*expected = root != NULL && !uses_unsupported(root);
	json_decref(root);
	m = machine_parse(text, strlen(text), &fs);
	*accepted = m != NULL;
	good = *accepted == *expected;
	for (i = 0; i < fs.n; i++) {
		good &= fs.list[i].location != NULL && fs.list[i].line > 0;
		good &= fs.list[i].warning || is_unsupported(&fs.list[i]);
	}
	if (!good)
		show(&fs);
	machine_free(m);
	findings_free(&fs);
	return good;
}

/* --- definitions/ ------------------------------------------------------------ */

static int
is_json(const struct dirent *d)
{
	size_t	 len = strlen(d->d_name);

	return len > 5 && strcmp(d->d_name + len - 5, ".json") == 0;
}

static void
test_definitions(const char *folder)
{
	struct dirent	**list;
	char		 *dir = xasprintf("%s/definitions", folder), *path;
	char		 *raw, *text;
	int		  i, n, want = 0, got = 0;
	bool		  expected, accepted, good;
	size_t		  len;

	n = scandir(dir, &list, is_json, alphasort);
	if (n <= 0)
		printf("ok %d - definitions # SKIP none in %s\n", ++cases, dir);
	for (i = 0; i < n; i++) {
		path = xasprintf("%s/%s", dir, list[i]->d_name);
		raw = read_file(path, &len);
		text = fill_in(raw != NULL ? raw : "");
		good = judge(text, &expected, &accepted);
		want += expected;
		got += accepted;
		result(good, "definition %s", list[i]->d_name);
		free(text);
		free(raw);
		free(path);
		free(list[i]);
	}
	if (n > 0) {
		free(list);
		printf("# definitions: %d of %d accepted, %d expected\n", got,
		    n, want);
		result(got == want && got > 0, "%s", "as many definitions are "
		    "accepted as use only what is supported");
	}
	free(dir);
}

/* --- states/cases/ ----------------------------------------------------------- */

static int	 recorded, recorded_accepted;

/* Definitions that CreateStateMachine took in a recording. */
static void
test_case(const char *path)
{
	json_t		*root, *call, *params;
	const char	*definition;
	char		*text;
	size_t		 i;
	bool		 expected, accepted, good = true;

	root = json_load_file(path, 0, NULL);
	json_array_foreach(json_object_get(root, "calls"), i, call) {
		params = json_object_get(call, "params");
		definition = json_string_value(json_object_get(params,
		    "definition"));
		if (definition == NULL || json_object_get(call,
		    "expect_error") != NULL || strcmp(json_string_value(
		    json_object_get(call, "operation")),
		    "CreateStateMachine") != 0)
			continue;
		text = fill_in(definition);
		good &= judge(text, &expected, &accepted);
		recorded++;
		recorded_accepted += accepted;
		free(text);
	}
	if (!good)
		result(false, "recording %s", path);
	json_decref(root);
}

static int
is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void
walk(const char *dir)
{
	struct dirent	**list;
	struct stat	  st;
	char		 *path;
	int		  i, n;

	n = scandir(dir, &list, is_visible, alphasort);
	for (i = 0; i < n; i++) {
		path = xasprintf("%s/%s", dir, list[i]->d_name);
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			walk(path);
		else if (is_json(list[i]))
			test_case(path);
		free(path);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static void
test_cases(const char *folder)
{
	char	*dir = xasprintf("%s/states/cases", folder);
	int	 before = failures;

	walk(dir);
	if (recorded == 0)
		printf("ok %d - recordings # SKIP none in %s\n", ++cases, dir);
	else {
		printf("# recordings: %d definitions, %d accepted\n", recorded,
		    recorded_accepted);
		result(failures == before && recorded_accepted > 0, "%s",
		    "what the real service accepted is accepted");
	}
	free(dir);
}

/* --- aws-definition-errors.jsonl --------------------------------------------- */

/* "CODE: message at location", as CreateStateMachine puts it: new. */
static char *
in_words(const struct findings *fs)
{
	struct strbuf	 b = STRBUF_INIT;
	size_t		 i;

	strbuf_adds(&b, "Invalid State Machine Definition: '");
	for (i = 0; i < fs->n; i++)
		if (!fs->list[i].warning)
			strbuf_addf(&b, "%s%s: %s at %s",
			    i > 0 ? ", " : "", fs->list[i].code,
			    fs->list[i].message, fs->list[i].location != NULL ?
			    fs->list[i].location : "null");
	strbuf_adds(&b, "'");
	strbuf_addc(&b, '\0');
	return strbuf_take(&b, NULL);
}

/* The findings as the diagnostics of ValidateStateMachineDefinition: new. */
static json_t *
as_diagnostics(const struct findings *fs)
{
	json_t	*list = json_array();
	size_t	 i;

	for (i = 0; i < fs->n; i++)
		if (!fs->list[i].warning)
			json_array_append_new(list, json_pack(
			    "{s:s, s:s, s:s, s:s*}", "severity", "ERROR",
			    "code", fs->list[i].code, "message",
			    fs->list[i].message, "location",
			    fs->list[i].location));
	return list;
}

/* Compares; both are freed. */
static void
compare(char *got, char *want, const char *name)
{
	bool	 same = strcmp(got, want) == 0;

	if (!same)
		printf("# got  %s\n# want %s\n", got, want);
	result(same, "%s", name);
	free(got);
	free(want);
}

static char *
sorted(json_t *v)
{
	return json_dumps(v, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);
}

/* A single state, as TestState takes it, in a machine of its own. */
static json_t *
in_machine(json_t *definition)
{
	if (json_object_get(definition, "States") != NULL)
		return json_incref(definition);
	return json_pack("{s:s, s:{s:O}}", "StartAt", "StateName", "States",
	    "StateName", definition);
}

static const char *
message_of(json_t *answer)
{
	const char	*s;

	s = json_string_value(json_object_get(answer, "Message"));
	if (s == NULL)
		s = json_string_value(json_object_get(answer,
		    "exception_value"));
	return s != NULL ? strstr(s, "Invalid State Machine Definition: '") :
	    NULL;
}

/* "arn:<partition>:..." was masked in the recording, but not in what was sent. */
static char *
masked(char *s)
{
	struct strbuf	 b = STRBUF_INIT;
	char		*p = s, *at;

	while ((at = strstr(p, "arn:aws:")) != NULL) {
		strbuf_add(&b, p, (size_t)(at - p));
		strbuf_adds(&b, "arn:<partition>:");
		p = at + 8;
	}
	strbuf_adds(&b, p);
	strbuf_addc(&b, '\0');
	free(s);
	return strbuf_take(&b, NULL);
}

static void
check_express(const char *source, struct machine *m, struct findings *fs)
{
	if (m != NULL && source != NULL && strcasestr(source, "express") != NULL)
		machine_check_express(m, fs);
}

static void
test_row(json_t *row, int line)
{
	struct findings	 fs = FINDINGS_INIT;
	struct machine	*m;
	json_t		*answer, *definition, *got;
	const char	*source, *message;
	char		*text, *name;
	bool		 unsupported;

	answer = json_object_get(row, "result");
	definition = json_object_get(row, "definition");
	source = json_string_value(json_object_get(row, "source"));
	message = message_of(answer);
	if (!json_is_object(definition) || (message == NULL &&
	    json_object_get(answer, "diagnostics") == NULL &&
	    json_object_get(answer, "variableReferences") == NULL)) {
		if (named)
			skip(source != NULL ? source : "a row",
			    "it does not say what is wrong with a definition");
		return;
	}
	definition = in_machine(definition);
	unsupported = uses_unsupported(definition);
	text = json_dumps(definition, 0);
	name = xasprintf("row %d, %s", line, source != NULL ? source : "");
	m = machine_parse(text, strlen(text), &fs);
	check_express(source, m, &fs);
	if (unsupported && fs.n > 0 && is_unsupported(&fs.list[0]))
		skip(name, fs.list[0].message);
	else if (message != NULL)
		compare(masked(in_words(&fs)), masked(xstrdup(message)), name);
	else if (json_object_get(answer, "diagnostics") != NULL) {
		got = as_diagnostics(&fs);
		compare(sorted(got), sorted(json_object_get(answer,
		    "diagnostics")), name);
		json_decref(got);
	} else
		compare(m != NULL ? sorted(m->variable_references) :
		    in_words(&fs), sorted(json_object_get(answer,
		    "variableReferences")), name);
	machine_free(m);
	findings_free(&fs);
	json_decref(definition);
	free(text);
	free(name);
}

static void
test_rows(const char *path)
{
	char	*text, *p, *end;
	json_t	*row;
	size_t	 len;
	int	 line = 0;

	text = read_file(path, &len);
	if (text == NULL)
		skip("definition errors", path);
	for (p = text; p != NULL && *p != '\0'; p = end + (*end == '\n')) {
		end = p + strcspn(p, "\n");
		line++;
		row = json_loadb(p, (size_t)(end - p), 0, NULL);
		if (row == NULL)
			result(false, "%s: a row that is no JSON", path);
		else
			test_row(row, line);
		json_decref(row);
	}
	free(text);
}

/* --- what was named ----------------------------------------------------------- */

static bool
ends_in(const char *path, const char *end)
{
	size_t	 len = strlen(path), n = strlen(end);

	return len >= n && strcmp(path + len - n, end) == 0;
}

/* Accepted, or refused for what is not supported alone, or wrong. */
static void
named_definition(const char *path)
{
	struct findings	 fs = FINDINGS_INIT;
	struct machine	*m;
	const char	*unsupported = NULL;
	char		*raw, *text;
	size_t		 len, i, others = 0;

	if ((raw = read_file(path, &len)) == NULL) {
		result(false, "%s: not readable", path);
		return;
	}
	text = fill_in(raw);
	m = machine_parse(text, strlen(text), &fs);
	for (i = 0; i < fs.n; i++)
		if (is_unsupported(&fs.list[i]))
			unsupported = fs.list[i].message;
		else
			others += !fs.list[i].warning;
	if (m == NULL && unsupported != NULL && others == 0)
		skip(path, unsupported);
	else {
		if (m == NULL)
			show(&fs);
		result(m != NULL, "%s", path);
	}
	machine_free(m);
	findings_free(&fs);
	free(text);
	free(raw);
}

static void
run_named(const char *path)
{
	struct dirent	**list;
	struct stat	  st;
	char		 *below;
	int		  i, n;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		n = scandir(path, &list, is_visible, alphasort);
		for (i = 0; i < n; i++) {
			below = xasprintf("%s/%s", path, list[i]->d_name);
			if (strchr(list[i]->d_name, '.') != NULL ||
			    (stat(below, &st) == 0 && S_ISDIR(st.st_mode)))
				run_named(below);
			free(below);
			free(list[i]);
		}
		if (n >= 0)
			free(list);
	} else if (ends_in(path, ".jsonl"))
		test_rows(path);
	else if (ends_in(path, ".yaml") || ends_in(path, ".yml"))
		skip(path, "YAML is not supported yet");
	else
		named_definition(path);
}

int
main(int argc, char **argv)
{
	const char	*env = getenv("PAWL_CONFORMANCE");
	struct stat	 st;
	char		*folder, *rows;

	named = argc > 1;
	if (named) {
		while (*++argv != NULL)
			run_named(*argv);
		printf("1..%d\n", cases);
		return failures != 0;
	}
	folder = env != NULL ? xstrdup(env) :
	    unit_srcpath("../shared/conformance");
	if (stat(folder, &st) != 0) {
		printf("1..0 # SKIP no conformance folder at %s\n", folder);
		free(folder);
		return 0;
	}
	test_definitions(folder);
	test_cases(folder);
	rows = xasprintf("%s/states/aws-definition-errors.jsonl", folder);
	test_rows(rows);
	free(rows);
	printf("1..%d\n", cases);
	free(folder);
	return failures != 0;
}
