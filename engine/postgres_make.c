/*
 * engine/postgres_make.c - a new database folder, and the log.
 *
 * initdb works in TOP/postgres.new, which gets its name when it is complete: a
 * start that was interrupted leaves nothing half made.
 */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "postgres_private.h"
#include "xmalloc.h"

#define TAIL_BYTES 1500

/* Appended to postgresql.conf, where operators find and change it. */
static const char settings[] =
    "\n# What pawld starts with.  Yours to change; listen_addresses, the socket,\n"
    "# fsync and synchronous_commit are given on the command line.\n"
    "max_connections = 200\n"
    "shared_buffers = 128MB\n"
    "wal_buffers = 16MB\n"
    "max_wal_size = 2GB\n"
    "checkpoint_timeout = 10min\n"
    "checkpoint_completion_target = 0.9\n"
    "random_page_cost = 1.1\n"
    "jit = off\n"
    "# Tables that only grow: keep statistics and the visibility map close.\n"
    "autovacuum_naptime = 15s\n"
    "autovacuum_analyze_scale_factor = 0.05\n"
    "autovacuum_vacuum_scale_factor = 0.05\n"
    "autovacuum_vacuum_insert_scale_factor = 0.1\n"
    "autovacuum_vacuum_cost_limit = 2000\n"
    "log_checkpoints = off\n"
    "log_line_prefix = '%m [%p] '\n"
    "log_timezone = 'UTC'\n"
    "timezone = 'UTC'\n";

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int
append_settings(const struct postgres *p, const char *folder)
{
	char	*path = xasprintf("%s/postgresql.conf", folder);
	FILE	*f = fopen(path, "a");
	int	 bad = f == NULL || fputs(settings, f) == EOF ||
		    (p->version >= 15 && fputs("wal_compression = lz4\n", f) == EOF) ||
		    (p->version < 15 && fputs("wal_compression = on\n", f) == EOF) ||
		    fflush(f) != 0 || fsync(fileno(f)) != 0;

	if (f != NULL && fclose(f) != 0)
		bad = 1;
	free(path);
	return bad ? -1 : 0;
}

static int
run_initdb(const struct postgres *p, char *folder, struct err *e)
{
	char		*program = xasprintf("%s/initdb", p->bindir), *tail;
	char *const	 argv[] = { program, (char[]){ "-D" }, folder,
			    (char[]){ "--username=pawl" },
			    (char[]){ "--encoding=UTF8" }, (char[]){ "--locale=C" },
			    (char[]){ "--auth-local=trust" },
			    (char[]){ "--auth-host=reject" },
			    (char[]){ "--data-checksums" },
			    (char[]){ "--no-instructions" }, NULL };
	pid_t		 pid = postgres_user_spawn(p, argv, SIGTERM);
	int		 status = -1;

	if (pid == -1)
		err_set(e, "PostgresFailed", "cannot run %s: %s", program,
		    strerror(errno));
	while (pid != -1 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (pid != -1 && status != 0) {
		tail = postgres_log_tail(p);
		err_set(e, "PostgresFailed", "initdb could not make the database in "
		    "%s; it said:\n%s", p->data, tail);
		free(tail);
	}
	free(program);
	return status == 0 ? 0 : -1;
}

static void
sync_folder(const char *path)
{
	int	 fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd != -1) {
		(void)fsync(fd);
		close(fd);
	}
}

int
postgres_make(struct postgres *p, struct err *e)
{
	char	*folder = xasprintf("%s.new", p->data);
	int	 r = -1;

	log_info("making a new database folder=%s user=%s version=%d", p->data,
	    p->user, p->version);
	(void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (postgres_user_mkdir(p, folder) != 0)
		err_set(e, "PostgresFailed", "cannot make %s: %s", folder,
		    strerror(errno));
	else if (postgres_user_reaches(p, folder, e) == 0 &&
	    run_initdb(p, folder, e) == 0) {
		if (append_settings(p, folder) != 0 || rename(folder, p->data) != 0)
			err_set(e, "PostgresFailed", "cannot write %s: %s", folder,
			    strerror(errno));
		else
			r = 0;
	}
	sync_folder(p->top);
	free(folder);
	return r;
}

char *
postgres_log_tail(const struct postgres *p)
{
	char	*text = xcalloc(1, TAIL_BYTES + 1), *from;
	int	 fd = open(p->log, O_RDONLY | O_CLOEXEC);
	off_t	 size = fd == -1 ? 0 : lseek(fd, 0, SEEK_END);
	ssize_t	 n = 0;

	if (fd != -1)
		n = pread(fd, text, TAIL_BYTES, size > TAIL_BYTES ?
		    size - TAIL_BYTES : 0);
	if (fd != -1)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	/* Whole lines only. */
	if (size > TAIL_BYTES && (from = strchr(text, '\n')) != NULL)
		memmove(text, from + 1, strlen(from + 1) + 1);
	return text;
}
