/*
 * engine/shards.h - which process owns which shard: leases, taken and renewed.
 *
 * A process asks for its fair share (shards / processes alive) and gives back
 * what is over it.  What it hears of the others is where calls for their shards
 * are forwarded to.  Leases are hints: see engine/README.md.
 */

#ifndef PAWL_SHARDS_H
#define PAWL_SHARDS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

#include "store.h"

struct shards;

typedef void (*shards_changed)(const int *list, size_t n, void *arg);

/* owner must be unique for the life of the process; address is where this
 * process takes forwarded calls ("http://127.0.0.1:40001"). */
struct shards *shards_new(struct event_base *, struct store *, const char *owner,
	    const char *address, int64_t lease_ms, shards_changed gained,
	    shards_changed lost, void *arg);
void	shards_free(struct shards *);
/* Holds a lease that is good by our own, monotonic clock. */
bool	shards_mine(const struct shards *, int shard);
/* Address of the process that holds it, borrowed; NULL if unknown or nobody. */
const char *shards_address(const struct shards *, int shard);
/* Addresses of all other processes alive: calls fn for each. */
void	shards_peers(const struct shards *, void (*fn)(const char *address, void *arg),
	    void *arg);
/* Asks again at once (somebody did not answer). */
void	shards_refresh(struct shards *);
/* This many processes are starting together: until they have all been seen, or
 * one lease time has passed, the share is reckoned as if they were alive. */
void	shards_expect(struct shards *, int processes);
/* The last answer showed an owner for every shard. */
bool	shards_settled(const struct shards *);
/* Gives all back, for a clean stop; done when the database knows or cannot be
 * told.  lost is not called: the caller has stopped using them. */
void	shards_release(struct shards *, void (*done)(void *arg), void *arg);

#endif
