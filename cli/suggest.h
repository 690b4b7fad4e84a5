/*
 * cli/suggest.h - what somebody who mistyped may have meant.
 */

#ifndef PAWL_SUGGEST_H
#define PAWL_SUGGEST_H

#include <stddef.h>

/* Edits (a letter added, left out, changed, or two swapped) from one to the
 * other; texts beyond 63 bytes count as far apart. */
size_t	suggest_distance(const char *, const char *);
/* Keeps in *best the candidate nearest to word; start with *best NULL. */
void	suggest_try(const char *word, const char *candidate, const char **best);

#endif
