/*
 * cli/caret.c - a place in a text, shown with its line and a caret below.
 *
 *	   12 |     "Next": "Nowhere",
 *	      |             ^
 */

#include "caret.h"

#include <stdlib.h>
#include <string.h>

#include "style.h"
#include "width.h"
#include "xmalloc.h"

#define GUTTER		8	/* "   12 | " */
#define COLUMNS_DEFAULT	100

void
caret_place(const char *text, size_t len, size_t at, int *line, int *column)
{
	const char	*p = text, *stop = text + (at < len ? at : len);

	*line = 1;
	*column = 1;
	while (p < stop) {
		if (*p == '\n') {
			p++;
			(*line)++;
			*column = 1;
		} else {
			width_next(&p, text + len);
			(*column)++;
		}
	}
}

static const char *
find_line(const char *text, const char *end, int line)
{
	const char	*p = text;

	while (--line > 0) {
		if ((p = memchr(p, '\n', (size_t)(end - p))) == NULL)
			return NULL;
		p++;
	}
	return p;
}

/* Columns of the characters from p to stop, as width_add() shows them. */
static size_t
columns_between(const char *p, const char *stop)
{
	size_t	 n = 0;

	while (p < stop)
		n += width_char(width_next(&p, stop));
	return n;
}

/* Where the window on a long line begins, for the caret to stand in it. */
static const char *
window(const char *start, const char *mark, const char *end, size_t room)
{
	const char	*from = start;
	size_t		 before = columns_between(start, mark);

	if (before + columns_between(mark, end) <= room)
		return start;
	while (before > room / 2)
		before -= width_char(width_next(&from, mark));
	return from;
}

void
caret_show(struct strbuf *out, const char *text, size_t len, int line,
    int column, size_t columns, bool to_err)
{
	const char	*end = text + len, *start, *mark, *stop, *from;
	const char	*dim, *bad, *plain;
	size_t		 room;
	char		*shown;
	int		 i;

	if (line < 1 || (start = find_line(text, end, line)) == NULL)
		return;
	if ((stop = memchr(start, '\n', (size_t)(end - start))) == NULL)
		stop = end;
	for (mark = start, i = 1; i < column && mark < stop; i++)
		width_next(&mark, stop);
	room = columns == 0 ? COLUMNS_DEFAULT : columns;
	room = room > GUTTER + 10 ? room - GUTTER : 10;
	from = window(start, mark, stop, room);
	shown = xstrndup(from, (size_t)(stop - from));
	dim = to_err ? style_err(STYLE_DIM) : style_out(STYLE_DIM);
	bad = to_err ? style_err(STYLE_BAD) : style_out(STYLE_BAD);
	plain = to_err ? style_err_end() : style_out_end();
	strbuf_addf(out, "%s%5d |%s ", dim, line, plain);
	width_add(out, shown, room);
	strbuf_addf(out, "\n%s      |%s ", dim, plain);
	width_pad(out, columns_between(from, mark));
	strbuf_addf(out, "%s^%s\n", bad, plain);
	free(shown);
}
