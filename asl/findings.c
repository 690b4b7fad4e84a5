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

/* Where to look: the location, and the member of it that is meant.  New. */
static char *
whole_location(const struct finding *f)
{
	return xasprintf("%s%s%s",
	    strcmp(f->location, "/") == 0 ? "" : f->location,
	    f->field != NULL ? "/" : "", f->field != NULL ? f->field : "");
}

void
findings_locate(struct findings *fs, const char *text, size_t len)
{
	struct locate_place	*places = xcalloc(fs->n + 1, sizeof *places);
	size_t			*of = xcalloc(fs->n + 1, sizeof *of), i, n = 0;

	for (i = 0; i < fs->n; i++)
		if (fs->list[i].line == 0 && fs->list[i].location != NULL) {
			places[n].location = whole_location(&fs->list[i]);
			places[n].name = fs->list[i].field != NULL;
			of[n++] = i;
		}
	locate_places(text, len, places, n);
	for (i = 0; i < n; i++) {
		fs->list[of[i]].line = places[i].line;
		fs->list[of[i]].column = places[i].column;
		free((char *)places[i].location);
	}
	free(places);
	free(of);
}
