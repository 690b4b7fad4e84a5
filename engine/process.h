/*
 * engine/process.h - one event-loop process: everything wired together.
 *
 * A process owns some shards and runs their executions, and answers what comes
 * in on the shared public socket; what belongs to another process's shard is
 * passed on to that one's internal port.  It keeps nothing that another could
 * not rebuild from PostgreSQL.
 */

#ifndef PAWL_PROCESS_H
#define PAWL_PROCESS_H

#include "keys.h"
#include "settings.h"

/* All borrowed. */
struct process_env {
	const struct settings	*settings;
	const struct keys	*keys;
	const char		*conninfo;
	const char		*public_url;	/* without a slash at the end */
	const char		*owner;		/* unique: no other process has it */
	int			 processes;	/* that start together */
	int			 listen_fd;	/* shared with the others */
	int			 master_fd;	/* stream to the master */
};

/* What a process writes to master_fd once it is up and all shards have owners. */
#define PROCESS_READY 'R'

/*
 * Runs until SIGTERM, or until master_fd ends: then the master is dead, and so
 * must we be.  Returns the exit status: 0 after a clean stop.
 */
int	process_run(const struct process_env *);

#endif
