/*
 * asl/findings.c - the list of what validation found.
 *
 * A definition can be wrong in as many places as it has bytes, and each
 * finding is looked up in its text: the list therefore ends at FINDINGS_MAX.
 * errors counts on, so a definition with too many findings stays refused.
 */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"
#include "locate.h"
#include "xmalloc.h"

static char *
copy(const char *s)
{
	return s != NULL ? xstrdup(s) : NULL;
}

struct finding *
findings_add(struct findings *fs, bool warning, const char *code,
    const char *location, const char *hint, const char *fmt, ...)
{
	struct finding	*f;
	va_list		 ap;

	if (!warning)
		fs->errors++;
	if (fs->n == FINDINGS_MAX) {
		fs->truncated = true;
		return NULL;
	}
	fs->list = xreallocarray(fs->list, fs->n + 1, sizeof *fs->list);
	f = &fs->list[fs->n++];
	memset(f, 0, sizeof *f);
	f->warning = warning;
	f->code = xstrdup(code);
	f->location = copy(location);
	f->hint = copy(hint);
	va_start(ap, fmt);
	f->message = xvasprintf(fmt, ap);
	va_end(ap);
	return f;
}

void
findings_free(struct findings *fs)
{
	size_t	 i;

	for (i = 0; i < fs->n; i++) {
		free(fs->list[i].code);
		free(fs->list[i].message);
		free(fs->list[i].location);
		free(fs->list[i].field);
		free(fs->list[i].hint);
	}
	free(fs->list);
	memset(fs, 0, sizeof *fs);
}

void
findings_locate(struct findings *fs, const char *text, size_t len)
{
	struct finding	*f;
	size_t		 i, at;
	char		*location;

	for (i = 0; i < fs->n; i++) {
		f = &fs->list[i];
		if (f->line != 0 || f->location == NULL)
			continue;
		location = xasprintf("%s%s%s",
		    strcmp(f->location, "/") == 0 ? "" : f->location,
		    f->field != NULL ? "/" : "",
		    f->field != NULL ? f->field : "");
		at = locate_find(text, len, location, f->field != NULL);
		locate_line(text, len, at, &f->line, &f->column);
		free(location);
	}
}
