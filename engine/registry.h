/*
 * engine/registry.h - compiled machines, functions and queues, kept at hand.
 *
 * A cache over the store.  Machines are pinned by (id, revision) and shared by
 * their executions.  What the cache says of names may be REGISTRY_FRESH_MS old;
 * a start checks the machine's revision again in its commit, so it never runs an
 * old definition.  What is not in the cache is asked for.
 */

#ifndef PAWL_REGISTRY_H
#define PAWL_REGISTRY_H

#include <stdint.h>

#include "asl.h"
#include "err.h"
#include "store.h"

#define REGISTRY_FRESH_MS 2000

struct registry;

/* Counted; release each with registry_machine_release(). */
struct registry_machine {
	int64_t		 id, revision;
	char		*name, *type, *role_arn;
	struct machine	*machine;
	/* private to registry.c */
	int		 refs;
};

struct registry *registry_new(struct store *);
void	registry_free(struct registry *);

/* The answer may come before the call returns.  A machine comes with its own
 * reference; NULL and e (StateMachineDoesNotExist, Unavailable) otherwise. */
typedef void (*registry_machine_got)(const struct err *,
	    struct registry_machine *, void *arg);
void	registry_machine_by_name(struct registry *, const char *name,
	    registry_machine_got, void *arg);
void	registry_machine_by_revision(struct registry *, int64_t id,
	    int64_t revision, registry_machine_got, void *arg);
struct registry_machine *registry_machine_ref(struct registry_machine *);
void	registry_machine_release(struct registry_machine *);

/* The row is borrowed, and NULL with e (NotFound, Unavailable). */
void	registry_function(struct registry *, const char *name,
	    void (*)(const struct err *, const struct store_function *, void *),
	    void *arg);
void	registry_queue(struct registry *, const char *name,
	    void (*)(const struct err *, const struct store_queue *, void *),
	    void *arg);
/* A queue that is in the cache and fresh; borrowed, or NULL. */
const struct store_queue *registry_queue_cached(struct registry *, const char *name);

/* Forgets a name: after it was changed here, or elsewhere (a peer says so).
 * kind is "machine", "function" or "queue". */
void	registry_forget(struct registry *, const char *kind, const char *name);

#endif
