/*
 * cli/table.c - tables that fit the terminal.
 */

#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "width.h"
#include "xmalloc.h"

#define GAP		2	/* columns between two cells */
#define LEAST_SHRUNK	6	/* a shrinking column keeps so many */

struct cell {
	char		*text;
	enum style	 style;
};

struct table {
	struct table_column	*columns;
	size_t			 ncolumns;
	struct cell		*cells;
	size_t			 ncells, size;
};

struct table *
table_new(const struct table_column *columns, size_t n)
{
	struct table	*t = xcalloc(1, sizeof(*t));

	t->columns = xmemdup(columns, n * sizeof(*columns));
	t->ncolumns = n;
	return t;
}

void
table_free(struct table *t)
{
	size_t	 i;

	if (t == NULL)
		return;
	for (i = 0; i < t->ncells; i++)
		free(t->cells[i].text);
	free(t->cells);
	free(t->columns);
	free(t);
}

void
table_cell(struct table *t, enum style style, const char *text)
{
	if (t->ncells == t->size) {
		t->size = t->size == 0 ? 64 : t->size * 2;
		t->cells = xreallocarray(t->cells, t->size, sizeof(*t->cells));
	}
	t->cells[t->ncells].text = xstrdup(text == NULL ? "" : text);
	t->cells[t->ncells].style = style;
	t->ncells++;
}

void
table_cellf(struct table *t, enum style style, const char *fmt, ...)
{
	va_list	 ap;
	char	*text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	table_cell(t, style, text);
	free(text);
}

size_t
table_rows(const struct table *t)
{
	return t->ncells / t->ncolumns;
}

/* Takes columns away from the widest until all fit, or none can give more. */
static void
shrink(const struct table *t, size_t *widths, size_t *total, size_t limit,
    bool all)
{
	size_t	 i, widest;

	while (*total > limit) {
		widest = t->ncolumns;
		for (i = 0; i < t->ncolumns; i++) {
			if ((!all && !t->columns[i].shrink) ||
			    widths[i] <= (all ? 1 : LEAST_SHRUNK))
				continue;
			if (widest == t->ncolumns || widths[i] > widths[widest])
				widest = i;
		}
		if (widest == t->ncolumns)
			return;
		widths[widest]--;
		(*total)--;
	}
}

static void
measure(const struct table *t, size_t columns, size_t *widths)
{
	size_t	 i, w, total = 0;

	for (i = 0; i < t->ncolumns; i++)
		widths[i] = width_text(t->columns[i].title);
	for (i = 0; i < t->ncells; i++)
		if ((w = width_text(t->cells[i].text)) > widths[i % t->ncolumns])
			widths[i % t->ncolumns] = w;
	for (i = 0; i < t->ncolumns; i++)
		total += widths[i] + (i > 0 ? GAP : 0);
	if (columns == 0)
		return;
	shrink(t, widths, &total, columns, false);
	shrink(t, widths, &total, columns, true);
}

static void
print_cell(const struct table_column *column, enum style style, const char *text,
    size_t width, bool last, struct strbuf *out)
{
	size_t	 used = width_text(text);

	if (used > width)
		used = width;
	if (column->right)
		width_pad(out, width - used);
	if (text[0] != '\0') {
		strbuf_adds(out, style_out(style));
		used = width_add(out, text, width);
		if (style != STYLE_PLAIN)
			strbuf_adds(out, style_out_end());
	}
	if (!last)
		width_pad(out, (column->right ? 0 : width - used) + GAP);
}

void
table_print(const struct table *t, size_t columns, struct strbuf *out)
{
	size_t	*widths = xcalloc(t->ncolumns, sizeof(*widths)), i, c;

	measure(t, columns, widths);
	for (i = 0; i < t->ncolumns; i++)
		print_cell(&t->columns[i], STYLE_DIM, t->columns[i].title,
		    widths[i], i + 1 == t->ncolumns, out);
	strbuf_addc(out, '\n');
	for (i = 0; i < t->ncells; i++) {
		c = i % t->ncolumns;
		print_cell(&t->columns[c], t->cells[i].style, t->cells[i].text,
		    widths[c], c + 1 == t->ncolumns, out);
		if (c + 1 == t->ncolumns)
			strbuf_addc(out, '\n');
	}
	free(widths);
}
