/*
 * worker/host.h - what the parts of the worker share: one struct host.
 *
 *	slot		a function's name, with its processes and who waits
 *	invocation	one call, from the POST to its answer
 *	instance	one process (instance.h)
 */

#ifndef PAWL_HOST_H
#define PAWL_HOST_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "function.h"
#include "httpd.h"
#include "map.h"

/* As AWS Lambda: 6 MB and a little, in and out. */
#define HOST_PAYLOAD_MAX 6291556
#define HOST_INIT_MS 10000		/* for a process to ask for work */
#define HOST_END_MS 1000		/* between SIGTERM and SIGKILL */
#define HOST_RESCAN_MS 1000

struct instance;
struct invocation;
TAILQ_HEAD(instance_list, instance);
TAILQ_HEAD(invocation_list, invocation);

struct slot {
	TAILQ_ENTRY(slot)	 entry;
	struct host		*host;
	char			*name;
	struct function		*function;	/* NULL: cannot be run */
	char			*problem;	/* then: why */
	int64_t			 checked_ms;	/* when its files were looked at */
	struct instance_list	 instances;	/* last used first */
	struct invocation_list	 waiting;	/* oldest first */
	size_t			 ninstances;	/* without those that end */
	size_t			 nstarting, nwaiting, nrunning;
	uint64_t		 failures;	/* of starts, in a row */
	int64_t			 retry_ms;	/* no start before; monotonic */
	struct event		*retry;
	bool			 registered;
};

struct host_options {
	const char	*folder;	/* of the functions */
	const char	*key;		/* or NULL */
	const char	*region, *account;
	int64_t		 idle_ms;	/* an unused process ends after this */
	size_t		 max_processes;
	struct function_runtimes runtimes;
};

struct host {
	struct event_base	*base;
	struct host_options	 options;
	struct httpd		*server;
	TAILQ_HEAD(, slot)	 slots;
	struct map		*by_name;	/* of slots */
	size_t			 nprocesses;	/* not waited for yet */
	size_t			 ninvocations;	/* not answered yet */
	bool			 stopping;
	void			(*changed)(struct host *);	/* when one ends */
};

/* Reads the folder again: new, changed and removed functions. */
void	host_scan(struct host *);
/* The slot of a function, looking at its files if that is due; or NULL. */
struct slot *host_find(struct host *, const char *name);
/* Frees all slots; no process may be left. */
void	host_clear(struct host *);

#endif
