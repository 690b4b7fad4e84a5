/*
 * engine/postgres.c - the embedded PostgreSQL's life: found, made, run, ended.
 */

#include "postgres.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "db.h"
#include "log.h"
#include "postgres_private.h"
#include "wallclock.h"
#include "xmalloc.h"

#define READY_MS	(10 * 60 * 1000)	/* recovery may take a while */
#define TELL_MS		10000
#define FAST_MS		60000
#define QUIT_MS		5000
#define STEP_MS		20
#define LOG_BYTES_MAX	(16 << 20)	/* a longer one is put aside at start */

static void
pause_step(void)
{
	struct timespec	 step = { 0, STEP_MS * 1000000L };

	nanosleep(&step, NULL);
}

static void
postgres_free(struct postgres *p)
{
	free(p->top);
	free(p->data);
	free(p->log);
	free(p->socket);
	free(p->conninfo);
	free(p->bindir);
	free(p->user);
	free(p);
}

/* ---- places ---- */

/* A name that PostgreSQL's lists, conninfo and the kernel all take as it is. */
static bool
fits_socket(const char *folder)
{
	struct sockaddr_un	 un;
	static const char	 plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@";

	return strlen(folder) + strlen("/.s.PGSQL.5432") < sizeof un.sun_path &&
	    strspn(folder, plain) == strlen(folder);
}

/* The same folder at each start, so that nothing is left behind. */
static char *
short_socket(const char *top)
{
	uint64_t	 h = 14695981039346656037u;	/* FNV-1a */

	for (const char *c = top; *c != '\0'; c++)
		h = (h ^ (unsigned char)*c) * 1099511628211u;
	return xasprintf("/tmp/pawl-%lu-%016llx", (unsigned long)geteuid(),
	    (unsigned long long)h);
}

static int
choose_socket(struct postgres *p, struct err *e)
{
	p->socket = xasprintf("%s/postgres.socket", p->top);
	if (!fits_socket(p->socket)) {
		free(p->socket);
		p->socket = short_socket(p->top);
	}
	if (postgres_user_mkdir(p, p->socket) == 0)
		return 0;
	return err_set(e, "PostgresFailed", "cannot use %s for the socket: %s",
	    p->socket, errno == EPERM ? "it belongs to somebody else, or others may "
	    "enter it" : strerror(errno));
}

/* The major version that made the folder; 0 if there is no folder. */
static int
version_of(const struct postgres *p, struct err *e)
{
	char		*name = xasprintf("%s/PG_VERSION", p->data), line[16] = "";
	FILE		*f = fopen(name, "r");
	struct stat	 st;
	int		 version = 0;

	if (f != NULL) {
		if (fgets(line, sizeof line, f) != NULL)
			version = atoi(line);
		fclose(f);
	}
	if (version == 0 && stat(p->data, &st) == 0)
		version = err_set(e, "PostgresFailed", "%s is no database of "
		    "PostgreSQL: %s cannot be read", p->data, name);
	free(name);
	return version;
}

static void
put_log_aside(const struct postgres *p)
{
	struct stat	 st;
	char		*old;

	if (stat(p->log, &st) == -1 || st.st_size < LOG_BYTES_MAX)
		return;
	old = xasprintf("%s.1", p->log);
	(void)rename(p->log, old);
	free(old);
}

/* ---- starting ---- */

static char *
conninfo(const struct postgres *p, const char *database)
{
	return xasprintf("host=%s port=5432 user=pawl dbname=%s sslmode=disable "
	    "gssencmode=disable", p->socket, database);
}

static int
spawn(struct postgres *p, struct err *e)
{
	char		*program = xasprintf("%s/postgres", p->bindir);
	char		*socket = xasprintf("unix_socket_directories=%s", p->socket);
	char *const	 argv[] = { program, (char[]){ "-D" }, p->data,
			    (char[]){ "-c" }, (char[]){ "listen_addresses=" },
			    (char[]){ "-c" }, (char[]){ "port=5432" },
			    (char[]){ "-c" }, socket,
			    (char[]){ "-c" }, (char[]){ "unix_socket_permissions=0777" },
			    (char[]){ "-c" }, (char[]){ "logging_collector=off" },
			    (char[]){ "-c" }, (char[]){ "log_destination=stderr" },
			    (char[]){ "-c" }, (char[]){ "fsync=on" },
			    (char[]){ "-c" }, (char[]){ "full_page_writes=on" },
			    (char[]){ "-c" }, (char[]){ "synchronous_commit=on" },
			    NULL };

	/* Fast shutdown when we die. */
	p->pid = postgres_user_spawn(p, argv, SIGINT);
	if (p->pid == -1) {
		p->pid = 0;
		err_set(e, "PostgresFailed", "cannot run %s: %s", program,
		    strerror(errno));
	}
	free(program);
	free(socket);
	return p->pid > 0 ? 0 : -1;
}

/* Why it does not take connections, with what it said itself. */
static int
not_ready(const struct postgres *p, const char *what, struct err *e)
{
	char	*tail = postgres_log_tail(p);

	err_set(e, "PostgresFailed", "PostgreSQL %s; the end of %s:\n%s", what,
	    p->log, tail);
	free(tail);
	return -1;
}

static int
wait_ready(struct postgres *p, struct err *e)
{
	int64_t			 since = wallclock_monotonic_ms(), told = since, now;
	char			*info = conninfo(p, "postgres");
	struct db_session	*s = NULL;
	struct err		 why = ERR_INIT;
	int			 status;

	for (;;) {
		err_clear(&why);
		if ((s = db_session_open(info, &why)) != NULL)
			break;
		if (postgres_reap(p, &status)) {
			not_ready(p, "ended while it started", e);
			break;
		}
		now = wallclock_monotonic_ms();
		if (now - since > READY_MS) {
			not_ready(p, "does not take connections", e);
			break;
		}
		if (now - told > TELL_MS) {
			log_info("waiting for PostgreSQL: %s", why.text);
			told = now;
		}
		pause_step();
	}
	err_clear(&why);
	free(info);
	db_session_close(s);
	return s != NULL ? 0 : -1;
}

static int
ensure_database(const struct postgres *p, struct err *e)
{
	char			*info = conninfo(p, "postgres"), *there = NULL;
	struct db_session	*s = db_session_open(info, e);
	int			 r = -1;

	free(info);
	if (s != NULL) {
		there = db_session_value(s, "SELECT oid FROM pg_database "
		    "WHERE datname = 'pawl'", NULL, 0, e);
		r = e->code[0] != '\0' ? -1 : there != NULL ? 0 :
		    db_session_run(s, "CREATE DATABASE pawl", e);
	}
	free(there);
	db_session_close(s);
	return r;
}

static int
start(struct postgres *p, struct err *e)
{
	int	 version;

	if (postgres_user_choose(p, e) == -1 || (version = version_of(p, e)) == -1 ||
	    postgres_find(version, &p->bindir, &p->version, e) == -1 ||
	    choose_socket(p, e) == -1)
		return -1;
	put_log_aside(p);
	if (version == 0 && postgres_make(p, e) == -1)
		return -1;
	if (postgres_user_reaches(p, p->data, e) == -1 ||
	    postgres_orphan_end(p, e) == -1 || spawn(p, e) == -1 ||
	    wait_ready(p, e) == -1 || ensure_database(p, e) == -1)
		return -1;
	p->conninfo = conninfo(p, "pawl");
	log_info("PostgreSQL is ready: version=%d user=%s look=\"psql -h %s -U pawl "
	    "pawl\"", p->version, p->user, p->socket);
	return 0;
}

struct postgres *
postgres_start(const char *data, struct err *e)
{
	struct postgres	*p = xcalloc(1, sizeof *p);
	char		*top = realpath(data, NULL);

	/* Processes are compared by their working directory: no links in it. */
	p->top = xstrdup(top != NULL ? top : data);
	free(top);
	p->data = xasprintf("%s/postgres", p->top);
	p->log = xasprintf("%s/postgres.log", p->top);
	if (start(p, e) == 0)
		return p;
	postgres_stop(p);
	return NULL;
}

/* ---- ending ---- */

bool
postgres_reap(struct postgres *p, int *status)
{
	pid_t	 pid;

	if (p->pid == 0)
		return false;
	pid = waitpid(p->pid, status, WNOHANG);
	/* ECHILD: somebody else has waited for it. */
	if (pid == 0 || (pid == -1 && errno != ECHILD))
		return false;
	p->pid = 0;
	return true;
}

static bool
ends_within(struct postgres *p, int64_t ms)
{
	int64_t	 since = wallclock_monotonic_ms();
	int	 status;

	while (!postgres_reap(p, &status)) {
		if (wallclock_monotonic_ms() - since > ms)
			return false;
		pause_step();
	}
	return true;
}

void
postgres_stop(struct postgres *p)
{
	int	 status;

	if (p == NULL)
		return;
	if (p->pid != 0 && !postgres_reap(p, &status)) {
		kill(p->pid, SIGINT);
		if (!ends_within(p, FAST_MS)) {
			log_warn("PostgreSQL does not stop; ending it the hard way");
			kill(p->pid, SIGQUIT);
			if (!ends_within(p, QUIT_MS)) {
				kill(p->pid, SIGKILL);
				ends_within(p, QUIT_MS);
			}
		}
	}
	if (p->socket != NULL)
		(void)rmdir(p->socket);
	postgres_free(p);
}

const char *
postgres_conninfo(const struct postgres *p)
{
	return p->conninfo;
}

pid_t
postgres_pid(const struct postgres *p)
{
	return p->pid;
}
