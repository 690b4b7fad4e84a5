/*
 * asl/parse.c - where a parse stands, and what it reports.
 *
 * The location is kept as text, the way findings show it: "/States/Pay/
 * Retry[0]".  Names of states go into it as they are, slashes included, as the
 * real service does; locate.c copes.
 */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "xmalloc.h"

#define SCHEMA "SCHEMA_VALIDATION_FAILED"

size_t
parse_enter(struct parse *p, const char *field)
{
	size_t	 mark = p->where.len;

	strbuf_addc(&p->where, '/');
	strbuf_adds(&p->where, field);
	return mark;
}

size_t
parse_enter_item(struct parse *p, size_t i)
{
	size_t	 mark = p->where.len;

	strbuf_addf(&p->where, "[%zu]", i);
	return mark;
}

void
parse_leave(struct parse *p, size_t mark)
{
	p->where.len = mark;
	if (p->where.data != NULL)
		p->where.data[mark] = '\0';
}

const char *
parse_where(const struct parse *p)
{
	return p->where.len == 0 ? "/" : strbuf_str(&p->where);
}

bool
parse_full(const struct parse *p)
{
	return p->findings->n == FINDINGS_MAX;
}

static struct finding *
report(struct parse *p, bool warning, const char *code, const char *field,
    const char *hint, const char *fmt, va_list ap)
{
	struct finding	*f;
	size_t		 mark = p->where.len;
	char		*message;

	if (parse_full(p))
		return findings_add(p->findings, warning, code, NULL, NULL,
		    "%s", "");
	message = xvasprintf(fmt, ap);
	if (field != NULL)
		parse_enter(p, field);
	f = findings_add(p->findings, warning, code, parse_where(p), hint, "%s",
	    message);
	parse_leave(p, mark);
	free(message);
	return f;
}

void
parse_error(struct parse *p, const char *field, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	report(p, false, SCHEMA, field, NULL, fmt, ap);
	va_end(ap);
}

void
parse_error_in(struct parse *p, const char *field, const char *hint,
    const char *fmt, ...)
{
	struct finding	*f;
	va_list		 ap;

	va_start(ap, fmt);
	f = report(p, false, SCHEMA, NULL, hint, fmt, ap);
	va_end(ap);
	if (f != NULL)
		f->field = xstrdup(field);
}

void
parse_warning(struct parse *p, const char *code, const char *field,
    const char *hint, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	report(p, true, code, field, hint, fmt, ap);
	va_end(ap);
}

struct finding *
parse_finding(struct parse *p, bool warning, const char *code,
    const char *field, const char *hint, const char *fmt, ...)
{
	struct finding	*f;
	va_list		 ap;

	va_start(ap, fmt);
	f = report(p, warning, code, field, hint, fmt, ap);
	va_end(ap);
	return f;
}
