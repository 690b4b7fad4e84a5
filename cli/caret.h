/*
 * cli/caret.h - a place in a text, shown with its line and a caret below.
 */

#ifndef PAWL_CARET_H
#define PAWL_CARET_H

#include <stdbool.h>
#include <stddef.h>

#include "strbuf.h"

/* Line and column (from 1, in characters) of a byte offset. */
void	caret_place(const char *text, size_t len, size_t at, int *line, int *column);
/*
 * Appends the line and a caret under the column; nothing if there is no such
 * line.  Of a line longer than columns (0: 100) the part around the caret.
 * to_err: it goes to standard error, and is coloured accordingly.
 */
void	caret_show(struct strbuf *, const char *text, size_t len, int line,
	    int column, size_t columns, bool to_err);

#endif
