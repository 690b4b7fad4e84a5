/*
 * engine/postgres_find.c - where PostgreSQL's programs are installed.
 *
 * Asked of pg_config first, then looked for in the usual places and in PATH.
 * Distributions keep several versions side by side: a data folder needs its
 * own, a new one gets the newest.
 */

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "postgres.h"
#include "postgres_private.h"
#include "strbuf.h"
#include "xmalloc.h"

#define VERSION_MIN 14

struct found {
	char	*bindir;
	int	 version;
	int	 newest;
	struct strbuf seen;	/* what there is, for the message */
};

/* The first line a program prints; false if it cannot be run or fails. */
static bool
first_line(char *const argv[], char *buf, size_t size)
{
	int	 fds[2], status;
	pid_t	 pid;
	ssize_t	 n;
	size_t	 len = 0;
	char	*end;

	if (pipe(fds) == -1)
		return false;
	if ((pid = fork()) == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(fds[1]);
	while (pid != -1 && len < size - 1 &&
	    ((n = read(fds[0], buf + len, size - 1 - len)) > 0 ||
	    (n == -1 && errno == EINTR)))
		len += n > 0 ? (size_t)n : 0;
	close(fds[0]);
	buf[len] = '\0';
	if ((end = strchr(buf, '\n')) != NULL)
		*end = '\0';
	while (pid != -1 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	return pid != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Major version of the programs in a folder; 0 if there are none. */
static int
version_in(const char *bindir)
{
	char		*postgres = xasprintf("%s/postgres", bindir);
	char		*initdb = xasprintf("%s/initdb", bindir);
	char *const	 argv[] = { postgres, (char[]){ "-V" }, NULL };
	char		 line[128];
	const char	*p;
	int		 version = 0;

	/* postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1) */
	if (access(postgres, X_OK) == 0 && access(initdb, X_OK) == 0 &&
	    first_line(argv, line, sizeof line) &&
	    (p = strstr(line, "(PostgreSQL) ")) != NULL)
		version = atoi(p + strlen("(PostgreSQL) "));
	free(postgres);
	free(initdb);
	return version;
}

static void
consider(struct found *f, const char *bindir, int wanted)
{
	int	 version = version_in(bindir);

	if (version == 0)
		return;
	strbuf_addf(&f->seen, "%s%d in %s", f->seen.len == 0 ? "" : ", ", version,
	    bindir);
	if (version > f->newest)
		f->newest = version;
	if (wanted != 0 ? version != wanted :
	    version < VERSION_MIN || version <= f->version)
		return;
	free(f->bindir);
	f->bindir = xstrdup(bindir);
	f->version = version;
}

static void
consider_glob(struct found *f, const char *pattern, int wanted)
{
	glob_t	 g;

	if (glob(pattern, 0, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc; i++)
			consider(f, g.gl_pathv[i], wanted);
	globfree(&g);
}

static void
consider_path(struct found *f, int wanted)
{
	const char	*path = getenv("PATH");
	char		*copy, *at, *dir;

	copy = at = xstrdup(path == NULL ? "" : path);
	while ((dir = strsep(&at, ":")) != NULL)
		if (dir[0] == '/')
			consider(f, dir, wanted);
	free(copy);
}

static void
look(struct found *f, int wanted)
{
	char *const	 argv[] = { (char[]){ "pg_config" }, (char[]){ "--bindir" },
			    NULL };
	char		 bindir[1024];

	if (first_line(argv, bindir, sizeof bindir) && bindir[0] == '/')
		consider(f, bindir, wanted);
	if (wanted != 0 && f->bindir != NULL)
		return;
	consider_glob(f, "/usr/lib/postgresql/*/bin", wanted);
	consider_glob(f, "/usr/pgsql-*/bin", wanted);
	consider(f, "/usr/local/pgsql/bin", wanted);
	if (f->bindir == NULL)
		consider_path(f, wanted);
}

int
postgres_find(int wanted, char **bindir, int *version, struct err *e)
{
	struct found	 f = { NULL, 0, 0, STRBUF_INIT };

	look(&f, wanted);
	if (f.bindir != NULL) {
		*bindir = f.bindir;
		*version = f.version;
	} else if (f.seen.len == 0)
		err_set(e, "NoPostgres", "PostgreSQL is not installed (looked with "
		    "pg_config, in /usr/lib/postgresql, /usr/pgsql-*, "
		    "/usr/local/pgsql and PATH); install it (Debian: apt-get "
		    "install postgresql), or give your own server with "
		    "--database CONNINFO");
	else if (wanted != 0)
		err_set(e, "NoPostgres", "the data folder was made by PostgreSQL %d, "
		    "which is not installed (there is: %s); install it again, or "
		    "bring the folder to the newer one with pg_upgrade", wanted,
		    strbuf_str(&f.seen));
	else
		err_set(e, "NoPostgres", "PostgreSQL %d or newer is needed (there "
		    "is: %s)", VERSION_MIN, strbuf_str(&f.seen));
	strbuf_free(&f.seen);
	return f.bindir != NULL ? 0 : -1;
}

bool
postgres_installed(void)
{
	struct err	 e = ERR_INIT;
	char		*bindir;
	int		 version;
	bool		 yes = postgres_find(0, &bindir, &version, &e) == 0;

	if (yes)
		free(bindir);
	err_clear(&e);
	return yes;
}
