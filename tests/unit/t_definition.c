/*
 * tests/unit/t_definition.c - runs tests/data/definition/: a definition in,
 * findings out.
 *
 *	test	a misspelt field
 *	{"StartAt":"A","States":{
 *	  "A":{"Type":"Pass","Nxet":"B"}}}
 *	= 2:22 error SCHEMA_VALIDATION_FAILED /States/A: Field 'Nxet' is not supported
 *	? did you mean 'Next'?
 *
 * The definition is what stands between "test" and the first line that begins
 * with "=", "?" or "%".  "= accepted" and no error lines: the definition is
 * accepted; warnings may stand beside it.  "%" is followed by the machine's
 * variable references.  All findings must be there, in their order.  "#" begins
 * a comment outside of a definition.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "strbuf.h"
#include "unit.h"
#include "xmalloc.h"

static int	 cases, failures;

static char *
read_file(const char *path)
{
	struct strbuf	 b = STRBUF_INIT;
	char		 buf[4096];
	size_t		 n;
	FILE		*f;

	f = fopen(path, "r");
	if (f == NULL)
		return NULL;
	while ((n = fread(buf, 1, sizeof buf, f)) > 0)
		strbuf_add(&b, buf, n);
	fclose(f);
	strbuf_addc(&b, '\0');
	return strbuf_take(&b, NULL);
}

/* What machine_parse() has to say, in the form of the test files. */
static char *
run(const char *definition, size_t len)
{
	struct findings	 fs = FINDINGS_INIT;
	struct strbuf	 out = STRBUF_INIT;
	struct finding	*f;
	struct machine	*m;
	size_t		 i;
	char		*refs;

	m = machine_parse(definition, len, &fs);
	if ((m == NULL) != (fs.errors > 0))
		strbuf_adds(&out, "! errors do not match the result\n");
	if (m != NULL)
		strbuf_adds(&out, "= accepted\n");
	for (i = 0; i < fs.n; i++) {
		f = &fs.list[i];
		strbuf_adds(&out, "= ");
		if (f->line > 0)
			strbuf_addf(&out, "%d:%d ", f->line, f->column);
		strbuf_addf(&out, "%s %s", f->warning ? "warning" : "error",
		    f->code);
		if (f->location != NULL)
			strbuf_addf(&out, " %s", f->location);
		strbuf_addf(&out, ": %s\n", f->message);
		if (f->hint != NULL)
			strbuf_addf(&out, "? %s\n", f->hint);
	}
	if (m != NULL && json_object_size(m->variable_references) > 0) {
		refs = json_dumps(m->variable_references, JSON_COMPACT);
		strbuf_addf(&out, "%% %s\n", refs);
		free(refs);
	}
	machine_free(m);
	findings_free(&fs);
	strbuf_addc(&out, '\0');
	return strbuf_take(&out, NULL);
}

static void
report(const char *file, int line, const char *name, const char *got,
    const char *want)
{
	const char	*p, *end;
	int		 same = strcmp(got, want) == 0;

	printf("%sok %d - %s\n", same ? "" : "not ", ++cases, name);
	if (same)
		return;
	failures++;
	printf("# %s:%d\n", file, line);
	for (p = got; *p != '\0'; p = *end == '\n' ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		printf("# got  %.*s\n", (int)(end - p), p);
	}
	for (p = want; *p != '\0'; p = *end == '\n' ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		printf("# want %.*s\n", (int)(end - p), p);
	}
}

struct reader {
	const char	*p;
	int		 line;
};

/* The next line, without its end; false at the end of the text. */
static int
next_line(struct reader *r, const char **line, size_t *len)
{
	if (*r->p == '\0')
		return 0;
	*line = r->p;
	*len = strcspn(r->p, "\n");
	r->p += *len + (r->p[*len] == '\n');
	r->line++;
	return 1;
}

static void
run_case(const char *file, struct reader *r, const char *name)
{
	struct strbuf	 definition = STRBUF_INIT, want = STRBUF_INIT;
	const char	*line;
	char		*got;
	size_t		 len;
	int		 begin = r->line;

	while (*r->p != '\0' && strchr("=?%", *r->p) == NULL &&
	    next_line(r, &line, &len)) {
		if (definition.len > 0)
			strbuf_addc(&definition, '\n');
		strbuf_add(&definition, line, len);
	}
	while (*r->p != '\0' && strchr("=?%", *r->p) != NULL &&
	    next_line(r, &line, &len)) {
		strbuf_add(&want, line, len);
		strbuf_addc(&want, '\n');
	}
	got = run(strbuf_str(&definition), definition.len);
	report(file, begin, name, got, strbuf_str(&want));
	free(got);
	strbuf_free(&definition);
	strbuf_free(&want);
}

static void
run_file(const char *path)
{
	struct reader	 r = { NULL, 0 };
	const char	*line;
	char		*text, *name;
	size_t		 len;

	text = read_file(path);
	if (text == NULL) {
		printf("not ok %d - cannot read %s\n", ++cases, path);
		failures++;
		return;
	}
	r.p = text;
	while (next_line(&r, &line, &len)) {
		if (len == 0 || *line == '#')
			continue;
		if (strncmp(line, "test\t", 5) != 0) {
			printf("not ok %d - %s:%d: not a test line\n", ++cases,
			    path, r.line);
			failures++;
			break;
		}
		name = xstrndup(line + 5, len - 5);
		run_case(path, &r, name);
		free(name);
	}
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
	struct dirent	**list;
	char		 *folder = unit_srcpath("tests/data/definition"), *path;
	int		  i, n;

	n = scandir(folder, &list, is_test, alphasort);
	if (n <= 0) {
		printf("Bail out! no tests in %s\n", folder);
		free(folder);
		return 1;
	}
	for (i = 0; i < n; i++) {
		path = xasprintf("%s/%s", folder, list[i]->d_name);
		run_file(path);
		free(path);
		free(list[i]);
	}
	free(list);
	free(folder);
	printf("1..%d\n", cases);
	return failures != 0;
}
