/*
 * engine/postgres_orphan.c - a PostgreSQL that outlived its pawld.
 *
 * After a kill -9 of pawld its PostgreSQL is still shutting down; after a kill
 * -9 of PostgreSQL's first process its others are about to notice.  A second
 * one must not start before all of them are gone.  They are known by their
 * working directory, which is the database folder: a pid in a file may belong
 * to anyone by now.
 */

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "postgres_private.h"
#include "wallclock.h"
#include "xmalloc.h"

#define FAST_MS		60000	/* for a shutdown with its checkpoint */
#define HARD_MS		70000	/* then SIGQUIT */
#define KILL_MS		75000	/* then SIGKILL */
#define GIVE_UP_MS	80000
#define STEP_MS		20

static bool
works_in(const char *pid, const char *folder)
{
	char	*link = xasprintf("/proc/%s/cwd", pid), cwd[PATH_MAX];
	ssize_t	 n = readlink(link, cwd, sizeof cwd - 1);

	free(link);
	if (n <= 0)
		return false;
	cwd[n] = '\0';
	return strcmp(cwd, folder) == 0;
}

static bool
is_postgres(const char *pid)
{
	char	*name = xasprintf("/proc/%s/comm", pid), comm[32] = "";
	FILE	*f = fopen(name, "r");

	free(name);
	if (f == NULL)
		return false;
	if (fgets(comm, sizeof comm, f) == NULL)
		comm[0] = '\0';
	fclose(f);
	return strncmp(comm, "postgres", 8) == 0 ||
	    strncmp(comm, "postmaster", 10) == 0;
}

/* How many work in the folder; each gets the signal, if it is not 0. */
static int
signal_all(const char *folder, int sig)
{
	DIR		*d = opendir("/proc");
	struct dirent	*entry;
	int		 n = 0;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    !works_in(entry->d_name, folder) || !is_postgres(entry->d_name))
			continue;
		n++;
		if (sig != 0)
			kill((pid_t)strtol(entry->d_name, NULL, 10), sig);
	}
	if (d != NULL)
		closedir(d);
	return n;
}

/* The pid in postmaster.pid, if that process works in the folder; or 0. */
static pid_t
first_process(const char *folder)
{
	char	*name = xasprintf("%s/postmaster.pid", folder), line[32] = "";
	FILE	*f = fopen(name, "r");
	pid_t	 pid;

	free(name);
	if (f == NULL)
		return 0;
	if (fgets(line, sizeof line, f) == NULL)
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	pid = (pid_t)strtol(line, NULL, 10);
	return pid > 0 && works_in(line, folder) && is_postgres(line) ? pid : 0;
}

static void
remove_file(const char *folder, const char *name)
{
	char	*path = xasprintf("%s/%s", folder, name);

	(void)unlink(path);
	free(path);
}

int
postgres_orphan_end(const struct postgres *p, struct err *e)
{
	struct timespec	 step = { 0, STEP_MS * 1000000L };
	int64_t		 since = wallclock_monotonic_ms(), waited;
	pid_t		 first = first_process(p->data);
	int		 sent = 0, sig, n;

	if (signal_all(p->data, 0) > 0)
		log_info("waiting for the PostgreSQL of an earlier pawld to end");
	if (first > 0)
		kill(first, SIGINT);
	while ((n = signal_all(p->data, 0)) > 0) {
		waited = wallclock_monotonic_ms() - since;
		if (waited > GIVE_UP_MS)
			return err_set(e, "PostgresFailed", "%d processes of an "
			    "earlier PostgreSQL on %s do not end", n, p->data);
		/* Without their first process the others have nothing to finish. */
		sig = waited > KILL_MS ? SIGKILL : waited > HARD_MS ||
		    (first_process(p->data) == 0 && waited > FAST_MS / 10) ?
		    SIGQUIT : 0;
		if (sig != 0 && sig != sent)
			signal_all(p->data, sent = sig);
		nanosleep(&step, NULL);
	}
	if (access("/proc/self/cwd", F_OK) == -1)
		return 0;	/* we could not look: PostgreSQL has its own ways */
	/* Stale now; a foreign process with such a pid would bar the start. */
	remove_file(p->data, "postmaster.pid");
	remove_file(p->socket, ".s.PGSQL.5432.lock");
	remove_file(p->socket, ".s.PGSQL.5432");
	return 0;
}
