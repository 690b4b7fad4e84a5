/*
 * cli/width.h - text as a terminal shows it: columns, cuts, nothing dangerous.
 *
 * A column is what one narrow character takes.  Widths follow Unicode (East
 * Asian wide and emoji: 2, combining marks: 0), not the locale.
 */

#ifndef PAWL_WIDTH_H
#define PAWL_WIDTH_H

#include <stdbool.h>
#include <stddef.h>

#include "strbuf.h"

/* No limit. */
#define WIDTH_ANY ((size_t)-1)

/* The text is UTF-8 as RFC 3629 has it. */
bool	width_valid(const char *text, size_t len);
/* Columns that width_add() would use for all of text. */
size_t	width_text(const char *text);
/*
 * Appends text on one line: white space becomes a space, control characters
 * and direction overrides (which could deceive a reader) become U+FFFD.  What
 * does not fit in max columns is cut and ends in "…".  Returns the columns used.
 */
size_t	width_add(struct strbuf *, const char *text, size_t max);
/* Appends n spaces. */
void	width_pad(struct strbuf *, size_t n);

/*
 * One code point at *p (before end), *p advances past it; U+FFFD and one byte
 * for what is no UTF-8.
 */
unsigned width_next(const char **p, const char *end);
/* Columns of one code point: 0, 1 or 2. */
size_t	width_char(unsigned c);
/* Shown as itself it could move the cursor, ring the bell or turn the text. */
bool	width_unsafe(unsigned c);

#endif
