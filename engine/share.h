/*
 * engine/share.h - how many shards a process should hold, and which to give.
 */

#ifndef PAWL_SHARE_H
#define PAWL_SHARE_H

#include <stddef.h>

#include "store.h"

/* Given back in one round: their executions must be loaded elsewhere. */
#define SHARE_GIVE_MAX 8

struct share_plan {
	int		 want;		/* shards to hold in all */
	int		 ngive, give[SHARE_GIVE_MAX];
};

/*
 * What owner should hold, and which of its shards it should give back now, when
 * the leases are as said and this many processes are alive.  The table and its
 * owners may be known without the count, and the other way round: the larger
 * number of processes counts.
 */
void	share_decide(const struct store_lease *, size_t n, const char *owner,
	    int processes, struct share_plan *);

#endif
