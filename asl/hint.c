/*
 * asl/hint.c - edit distance with transpositions, for "did you mean".
 *
 * Case does not count.  A candidate is near when a third of the letters or
 * fewer differ.  Long words are not compared, so the cost is bounded.
 */

#include <string.h>

#include "hint.h"

#define WORD_MAX 80

static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

static int
least(int a, int b, int c)
{
	int	 m = a < b ? a : b;

	return m < c ? m : c;
}

static int
distance(const char *a, size_t alen, const char *b, size_t blen)
{
	int	 rows[3][WORD_MAX + 1], *before, *last, *row, *spare;
	size_t	 i, j;
	int	 differs;

	before = rows[0];
	last = rows[1];
	row = rows[2];
	for (j = 0; j <= blen; j++)
		before[j] = last[j] = (int)j;
	for (i = 1; i <= alen; i++) {
		row[0] = (int)i;
		for (j = 1; j <= blen; j++) {
			differs = lower(a[i - 1]) != lower(b[j - 1]);
			row[j] = least(last[j] + 1, row[j - 1] + 1,
			    last[j - 1] + differs);
			if (i > 1 && j > 1 && differs &&
			    lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]) &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[blen];
}

void
hint_init(struct hint *h, const char *word)
{
	h->word = word;
	h->best = NULL;
	h->distance = 0;
}

void
hint_offer(struct hint *h, const char *candidate)
{
	size_t	 alen = strlen(h->word), blen = strlen(candidate), longer;
	int	 d;

	longer = alen > blen ? alen : blen;
	if (longer == 0 || longer > WORD_MAX ||
	    longer - (alen < blen ? alen : blen) > longer / 3)
		return;
	d = distance(h->word, alen, candidate, blen);
	if (d > (int)(longer / 3))
		return;
	if (h->best == NULL || d < h->distance) {
		h->best = candidate;
		h->distance = d;
	}
}

const char *
hint_best(const struct hint *h)
{
	return h->best;
}
