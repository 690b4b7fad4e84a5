/*
 * tests/unit/world.h - random machines, and a random world around them.
 *
 * A world rolls a definition (nested Parallel, Map, Task, Wait, Choice, with
 * Retry and Catch) and plays the outside: it answers what is open in any order,
 * late, twice, wrongly, or not in time.  Around every stimulus the laws are
 * checked (laws.h).  The dice come from a seed, or from the bytes that a fuzzer
 * has chosen, and from a fixed seed when these are used up.
 */

#ifndef PAWL_TESTS_WORLD_H
#define PAWL_TESTS_WORLD_H

#include "laws.h"

struct world {
	const unsigned char	*bytes;		/* dice of a fuzzer; borrowed */
	size_t			 nbytes;
	uint64_t		 state;		/* of the dice after them */
	char			*definition;	/* as text; NULL if not made here */
	struct machine		*machine;
	char			 refused[256];	/* why, when there is none */
	struct laws		 laws;
	int64_t			 now_ms;
	int			 steps;
	bool			 more;
};

void	world_seed(struct world *, uint64_t seed);
void	world_bytes(struct world *, const void *bytes, size_t n);
void	world_clear(struct world *);
/* 0 to n - 1. */
unsigned world_roll(struct world *, unsigned n);
/* Rolls a definition and compiles it.  NULL, or why that was refused. */
const char *world_make(struct world *);
/*
 * Starts an execution of the machine with the input and plays until it has ended
 * or max_steps stimuli or max_events events have passed.  NULL, or which law is
 * broken.
 */
const char *world_play(struct world *, const char *input, int max_steps,
	    int64_t max_events);
/* The whole history in one chunk: for strbuf_free(). */
struct strbuf world_history(const struct world *);

#endif
