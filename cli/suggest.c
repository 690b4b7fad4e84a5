/*
 * cli/suggest.c - what somebody who mistyped may have meant.
 */

#include "suggest.h"

#include <string.h>

#define LONGEST 63

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: three rows of the table are enough. */
size_t
suggest_distance(const char *a, const char *b)
{
	size_t	 rows[3][LONGEST + 1], i, j, d, n = strlen(a), m = strlen(b);
	size_t	*before, *above, *row;

	if (n > LONGEST || m > LONGEST)
		return LONGEST;
	for (j = 0; j <= m; j++)
		rows[0][j] = j;
	for (i = 1; i <= n; i++) {
		before = rows[(i + 1) % 3];
		above = rows[(i - 1) % 3];
		row = rows[i % 3];
		row[0] = i;
		for (j = 1; j <= m; j++) {
			d = least(above[j] + 1, row[j - 1] + 1);
			d = least(d, above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d = least(d, before[j - 2] + 1);
			row[j] = d;
		}
	}
	return rows[n % 3][m];
}

/* The beginning of a candidate is as good as one mistake. */
static size_t
distance(const char *word, const char *candidate)
{
	size_t	 len = strlen(word);

	if (len >= 2 && strncmp(word, candidate, len) == 0)
		return 1;
	return suggest_distance(word, candidate);
}

void
suggest_try(const char *word, const char *candidate, const char **best)
{
	size_t	 d = distance(word, candidate), len = strlen(word);

	if (d > (len <= 3 ? 1 : len <= 5 ? 2 : 3) || d >= len)
		return;
	if (*best == NULL || d < distance(word, *best))
		*best = candidate;
}
