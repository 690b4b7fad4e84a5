/*
 * asl/hint.h - the known word that is nearest to a misspelt one.
 *
 *	hint_init(&h, "Paramaters");
 *	hint_offer(&h, "Parameters"); hint_offer(&h, "OutputPath");
 *	hint_best(&h) is "Parameters"
 */

#ifndef PAWL_HINT_H
#define PAWL_HINT_H

struct hint {
	const char	*word;		/* borrowed */
	const char	*best;		/* borrowed; NULL while nothing is near */
	int		 distance;
};

void	hint_init(struct hint *, const char *word);
void	hint_offer(struct hint *, const char *candidate);
/* The first of the nearest, or NULL if none is near enough to be meant. */
const char *hint_best(const struct hint *);

#endif
