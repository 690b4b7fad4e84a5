/*
 * base/err.c - what went wrong, once.
 */

#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xmalloc.h"

int
err_set(struct err *e, const char *code, const char *fmt, ...)
{
	va_list	 ap;

	if (e == NULL || e->code[0] != '\0')
		return -1;
	snprintf(e->code, sizeof e->code, "%s", code);
	va_start(ap, fmt);
	e->text = xvasprintf(fmt, ap);
	va_end(ap);
	return -1;
}

void
err_context(struct err *e, const char *fmt, ...)
{
	va_list	 ap;
	char	*prefix, *text;

	if (e == NULL || e->code[0] == '\0')
		return;
	va_start(ap, fmt);
	prefix = xvasprintf(fmt, ap);
	va_end(ap);
	text = xasprintf("%s%s", prefix, e->text);
	free(prefix);
	free(e->text);
	e->text = text;
}

void
err_move(struct err *to, struct err *from)
{
	if (to != NULL && to->code[0] == '\0') {
		*to = *from;
		from->text = NULL;
	}
	err_clear(from);
}

bool
err_is(const struct err *e, const char *code)
{
	return strcmp(e->code, code) == 0;
}

void
err_clear(struct err *e)
{
	if (e == NULL)
		return;
	e->code[0] = '\0';
	free(e->text);
	e->text = NULL;
}
