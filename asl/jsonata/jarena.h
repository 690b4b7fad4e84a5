/*
 * asl/jsonata/jarena.h - memory that dies together.
 *
 * One arena holds a compiled expression, another one evaluation: nothing in it
 * is freed singly.  jarena_mark() and jarena_release() give back what was
 * taken in between, for those who know that nothing older points there.
 *
 * Allocation never fails; the arena counts, and who fills it asks
 * jarena_total() against his limit.
 */

#ifndef PAWL_JARENA_H
#define PAWL_JARENA_H

#include <stdbool.h>
#include <stddef.h>

struct jarena_chunk {
	struct jarena_chunk	*older;
	size_t			 size, used;
	/* the bytes follow */
};

struct jarena {
	struct jarena_chunk	*newest;
	size_t			 total;		/* bytes in all chunks */
	struct jarena_chunk	*spare;		/* one, kept for the next need */
	struct jarena_chunk	*lent;		/* the first, not ours to free */
};

struct jarena_mark {
	struct jarena_chunk	*chunk;
	size_t			 used;
};

#define JARENA_INIT { NULL, 0, NULL, NULL }

/* Starts in memory of the caller's, aligned for anything, which outlives it. */
void	 jarena_lend(struct jarena *, void *, size_t);

/* Aligned for anything; not cleared. */
void	*jarena_alloc(struct jarena *, size_t);
/* The same, cleared. */
void	*jarena_zalloc(struct jarena *, size_t);
/* A copy, with a NUL behind it that len does not count. */
char	*jarena_text(struct jarena *, const char *, size_t len);
/*
 * Makes the newest allocation longer where it stands.  false if there is no
 * room behind it, or if it is not the newest.
 */
bool	 jarena_extend(struct jarena *, const void *, size_t old_size,
	    size_t new_size);
size_t	 jarena_total(const struct jarena *);

struct jarena_mark jarena_mark(const struct jarena *);
void	 jarena_release(struct jarena *, struct jarena_mark);
/* p was allocated after the mark. */
bool	 jarena_is_newer(const struct jarena *, struct jarena_mark,
	    const void *p);

void	 jarena_free(struct jarena *);

#endif
