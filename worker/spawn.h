/*
 * worker/spawn.h - starting and ending processes.  The only file that forks.
 */

#ifndef PAWL_SPAWN_H
#define PAWL_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "err.h"

struct spawn {
	char *const	*argv;		/* argv[0] is a path */
	char *const	*env;
	const char	*dir;		/* to run in */
	int		 in, out, err;	/* become 0, 1 and 2; -1: /dev/null */
	bool		 group;		/* leads a process group of its own */
	size_t		 memory_bytes;	/* of data, 0: no limit */
};

/*
 * Starts a process that holds no other file of ours, dies when we die, and
 * takes signals as a fresh program does.  The pid, or -1 and e (SpawnFailed).
 */
pid_t	spawn_start(const struct spawn *, struct err *e);

/* Waits for a process that leads no group; *status is as of waitpid(). */
void	spawn_wait(pid_t pid, int *status);

/* Sends a signal to the group that pid leads, as long as pid is not waited for. */
void	spawn_signal(pid_t pid, int sig);

/*
 * True if pid has ended; then its group is killed, it is waited for, and
 * *status is as of waitpid().
 */
bool	spawn_ended(pid_t pid, int *status);

#endif
