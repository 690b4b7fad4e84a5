/*
 * engine/master.c - the parent of all processes: starts, watches, stops.
 *
 * One loop over poll(2): a pipe that signal handlers write to, and a socket to
 * each process, on which it says that it is up, and whose end tells it that the
 * master is dead.  No libevent here: a forked process must start with none.
 *
 * Processes have names that outlive them ("HOST-1a2b3c4d/2", folder.c): the
 * replacement of a dead one, and the second of the next start, hold the same
 * leases at once.  That is safe because a process is replaced only after it was
 * waited for, and a master starts only after the lock of the data folder, which
 * its processes hold too, came free.
 *
 * Invariants:
 *   - a process holds no descriptor of another's socket;
 *   - only pids that were forked here and not yet waited for are signalled.
 */

#include "master.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arn.h"
#include "folder.h"
#include "keys.h"
#include "listener.h"
#include "log.h"
#include "migrate.h"
#include "notify.h"
#include "postgres.h"
#include "process.h"
#include "wallclock.h"
#include "xmalloc.h"

#define LIVED_LONG_MS	1000	/* a death before that is no accident */
#define POSTGRES_DEATHS_MAX 10	/* in a row; within a minute, they are */
#define PAUSE_FIRST_MS	100	/* then it is started later and later */
#define PAUSE_MAX_MS	5000
#define STOP_MS		10000	/* for the clean stop of the processes */

struct child {
	pid_t	 pid;		/* 0: not running */
	int	 fd;		/* our end of its socket, or -1 */
	bool	 ready;
	int64_t	 started_ms, start_at_ms, pause_ms;
};

struct master {
	const struct settings	*settings;
	char			*data, *node, *public_url, *conninfo;
	int			 lock_fd;
	struct keys		 keys;
	struct listener		 listener;
	struct postgres		*postgres;
	int			 postgres_deaths;
	int64_t			 postgres_started_ms;
	struct child		 children[ARN_SHARDS];
	int			 n;
	bool			 announced, failed;
};

/* ---- signals ---- */

static int			 signal_pipe[2] = { -1, -1 };
static volatile sig_atomic_t	 stop_signals;

static void
on_signal(int number)
{
	int	 saved = errno;
	ssize_t	 n;

	if (number != SIGCHLD)
		stop_signals++;
	n = write(signal_pipe[1], "", 1);
	(void)n;			/* full: the master wakes up anyway */
	errno = saved;
}

static const int	 handled[] = { SIGTERM, SIGINT, SIGCHLD };

static int
signals_open(struct err *e)
{
	struct sigaction	 sa = { .sa_handler = on_signal,
				    .sa_flags = SA_RESTART | SA_NOCLDSTOP };
	size_t			 i;

	if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) == -1)
		return err_set(e, "Start", "cannot make a pipe: %s",
		    strerror(errno));
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof handled / sizeof handled[0]; i++)
		sigaction(handled[i], &sa, NULL);
	signal(SIGHUP, SIG_IGN);	/* a terminal that closes is no reason */
	return 0;
}

static void
signals_close(void)
{
	size_t	 i;

	for (i = 0; i < sizeof handled / sizeof handled[0]; i++)
		signal(handled[i], SIG_DFL);
	close(signal_pipe[0]);
	close(signal_pipe[1]);
}

/* Holds back the signals we handle, so that none reaches a new process while it
 * still has our handlers. */
static void
signals_hold(sigset_t *before)
{
	sigset_t	 set;
	size_t		 i;

	sigemptyset(&set);
	for (i = 0; i < sizeof handled / sizeof handled[0]; i++)
		sigaddset(&set, handled[i]);
	sigprocmask(SIG_BLOCK, &set, before);
}

/* ---- one process ---- */

/* Never returns: what runs in the new process. */
static void
child_main(struct master *m, int number, int fd, const sigset_t *before)
{
	struct process_env	 env = {
		.settings = m->settings,
		.keys = &m->keys,
		.conninfo = m->conninfo,
		.public_url = m->public_url,
		.processes = m->n,
		.listen_fd = m->listener.fd,
		.master_fd = fd,
	};
	char			 name[32], *owner;
	int			 i, status;

	for (i = 0; i < m->n; i++)
		if (m->children[i].fd != -1)
			close(m->children[i].fd);
	signals_close();
	sigprocmask(SIG_SETMASK, before, NULL);
	snprintf(name, sizeof name, "pawld/%d", number);
	log_init(name, (enum log_level)settings_log_level(m->settings));
	prctl(PR_SET_NAME, name);
	owner = xasprintf("%s/%d", m->node, number);
	env.owner = owner;
	status = process_run(&env);
	free(owner);
	exit(status);
}

static void
child_start(struct master *m, int i)
{
	struct child	*c = &m->children[i];
	sigset_t	 before;
	int		 pair[2];

	c->started_ms = wallclock_monotonic_ms();
	c->start_at_ms = 0;
	c->ready = false;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
	    pair) == -1) {
		log_error("cannot start process %d: %s", i + 1, strerror(errno));
		c->start_at_ms = c->started_ms + PAUSE_MAX_MS;
		return;
	}
	fflush(NULL);
	signals_hold(&before);
	if ((c->pid = fork()) == 0) {
		close(pair[0]);
		child_main(m, i + 1, pair[1], &before);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(pair[1]);
	if (c->pid == -1) {
		log_error("cannot start process %d: %s", i + 1, strerror(errno));
		close(pair[0]);
		c->pid = 0;
		c->start_at_ms = c->started_ms + PAUSE_MAX_MS;
		return;
	}
	c->fd = pair[0];
	log_debug("process %d started pid=%ld", i + 1, (long)c->pid);
}

static const char *
ending(int status, char buf[64])
{
	if (WIFSIGNALED(status))
		snprintf(buf, 64, "signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		snprintf(buf, 64, "exit status %d", WEXITSTATUS(status));
	return buf;
}

/* Waits for it without blocking, or for as long as it takes; true if it ended. */
static bool
child_reap(struct child *c, bool block, int *status)
{
	pid_t	 pid;

	if (c->pid == 0)
		return false;
	do
		pid = waitpid(c->pid, status, block ? 0 : WNOHANG);
	while (pid == -1 && errno == EINTR);
	if (pid == 0)
		return false;
	if (pid == -1)
		*status = 0;
	c->pid = 0;
	close(c->fd);
	c->fd = -1;
	return true;
}

/* At once the first time; a process that dies again and again has to wait. */
static void
child_died(struct master *m, int i, int status)
{
	struct child	*c = &m->children[i];
	int64_t		 now = wallclock_monotonic_ms();
	char		 why[64];

	if (now - c->started_ms >= LIVED_LONG_MS)
		c->pause_ms = 0;
	c->start_at_ms = now + c->pause_ms;
	log_warn("process %d ended by %s; another starts in %lld ms", i + 1,
	    ending(status, why), (long long)c->pause_ms);
	c->pause_ms = c->pause_ms == 0 ? PAUSE_FIRST_MS : 2 * c->pause_ms;
	if (c->pause_ms > PAUSE_MAX_MS)
		c->pause_ms = PAUSE_MAX_MS;
}

/* ---- PostgreSQL ---- */

static int
postgres_up(struct master *m, struct err *e)
{
	m->postgres_started_ms = wallclock_monotonic_ms();
	if ((m->postgres = postgres_start(m->data, e)) == NULL)
		return -1;
	free(m->conninfo);
	m->conninfo = xstrdup(postgres_conninfo(m->postgres));
	return 0;
}

/* It has died: the processes wait and connect again once it is back. */
static void
postgres_died(struct master *m, int status)
{
	struct err	 e = ERR_INIT;
	char		 why[64];

	log_error("PostgreSQL ended by %s; starting it again",
	    ending(status, why));
	if (wallclock_monotonic_ms() - m->postgres_started_ms >= 60000)
		m->postgres_deaths = 0;
	postgres_stop(m->postgres);
	m->postgres = NULL;
	/* What ended it may end it again while it recovers. */
	while (++m->postgres_deaths <= POSTGRES_DEATHS_MAX &&
	    stop_signals == 0 && postgres_up(m, &e) == -1) {
		log_error("PostgreSQL does not start again: %s", e.text);
		err_clear(&e);
		(void)poll(NULL, 0, PAUSE_FIRST_MS * m->postgres_deaths);
	}
	if (m->postgres == NULL && stop_signals == 0) {
		log_error("PostgreSQL has died too often: giving up; see "
		    "%s/postgres.log", m->data);
		m->failed = true;
	}
}

/* ---- the loop ---- */

static void
announce(struct master *m)
{
	int	 i;

	for (i = 0; i < m->n; i++)
		if (!m->children[i].ready)
			return;
	m->announced = true;
	printf("pawld ready at %s\n", m->listener.url);
	fflush(stdout);
	notify_ready();
}

static void
reap_all(struct master *m)
{
	int	 i, status;

	for (i = 0; i < m->n; i++)
		if (child_reap(&m->children[i], false, &status))
			child_died(m, i, status);
	if (m->postgres != NULL && postgres_reap(m->postgres, &status))
		postgres_died(m, status);
}

/* Starts what is due; returns how long poll may wait for the next, in ms. */
static int
start_due(struct master *m)
{
	int64_t	 now = wallclock_monotonic_ms(), wait = -1, left;
	int	 i;

	for (i = 0; i < m->n; i++) {
		if (m->children[i].pid != 0)
			continue;
		left = m->children[i].start_at_ms - now;
		if (left <= 0) {
			child_start(m, i);
			left = m->children[i].start_at_ms == 0 ? -1 : PAUSE_MAX_MS;
		}
		if (left > 0 && (wait == -1 || left < wait))
			wait = left;
	}
	return (int)wait;
}

static void
hear(struct master *m, const struct pollfd *fds)
{
	char	 buf[64];
	ssize_t	 n;
	int	 i;

	while (read(signal_pipe[0], buf, sizeof buf) > 0)
		;
	for (i = 0; i < m->n; i++) {
		if ((fds[i].revents & POLLIN) == 0 || m->children[i].fd == -1)
			continue;
		n = read(m->children[i].fd, buf, sizeof buf);
		if (n > 0 && memchr(buf, PROCESS_READY, (size_t)n) != NULL)
			m->children[i].ready = true;
	}
}

static void
loop(struct master *m)
{
	struct pollfd	 fds[ARN_SHARDS + 1];
	int		 i, wait;

	while (stop_signals == 0 && !m->failed) {
		wait = start_due(m);
		for (i = 0; i < m->n; i++) {
			/* A process that has closed its end is about to be reaped. */
			fds[i].fd = m->children[i].ready ? -1 : m->children[i].fd;
			fds[i].events = POLLIN;
			fds[i].revents = 0;
		}
		fds[m->n].fd = signal_pipe[0];
		fds[m->n].events = POLLIN;
		if (poll(fds, (nfds_t)m->n + 1, wait) == -1 && errno != EINTR)
			m->failed = true;
		hear(m, fds);
		reap_all(m);
		if (!m->announced)
			announce(m);
	}
}

/* ---- stopping ---- */

static void
signal_all(struct master *m, int number)
{
	int	 i;

	for (i = 0; i < m->n; i++)
		if (m->children[i].pid != 0)
			kill(m->children[i].pid, number);
}

static int
still_running(struct master *m)
{
	int	 i, status, n = 0;

	for (i = 0; i < m->n; i++) {
		child_reap(&m->children[i], false, &status);
		n += m->children[i].pid != 0;
	}
	return n;
}

/* Asks them to stop, waits, and ends those that do not; a further signal to us
 * means at once. */
static void
stop_children(struct master *m)
{
	struct pollfd	 pfd = { .fd = signal_pipe[0], .events = POLLIN };
	int64_t		 until = wallclock_monotonic_ms() + STOP_MS, left;
	int		 asked = stop_signals, i, n, status;
	char		 buf[64];

	signal_all(m, SIGTERM);
	while ((n = still_running(m)) > 0) {
		left = until - wallclock_monotonic_ms();
		if (left <= 0 || stop_signals > asked) {
			log_warn("ending %d processes that have not stopped", n);
			signal_all(m, SIGKILL);
			for (i = 0; i < m->n; i++)
				child_reap(&m->children[i], true, &status);
			break;
		}
		poll(&pfd, 1, (int)left);
		while (read(signal_pipe[0], buf, sizeof buf) > 0)
			;
	}
}

static void
stop(struct master *m)
{
	stop_children(m);
	if (m->postgres != NULL)
		postgres_stop(m->postgres);
	listener_close(&m->listener);
	keys_free(&m->keys);
	if (m->lock_fd != -1)
		folder_unlock(m->lock_fd);
	free(m->data);
	free(m->node);
	free(m->public_url);
	free(m->conninfo);
	signals_close();
}

/* ---- starting ---- */

/* Many connections: as many descriptors as we may have. */
static void
raise_limits(void)
{
	struct rlimit	 rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == 0 && rl.rlim_cur < rl.rlim_max) {
		rl.rlim_cur = rl.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &rl);
	}
}

static int
cores(void)
{
	long	 n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > ARN_SHARDS ? ARN_SHARDS : (int)n;
}

static int
start_database(struct master *m, struct err *e)
{
	char	 digest[KEYS_DIGEST_SIZE];

	if (m->settings->database[0] != '\0')
		m->conninfo = xstrdup(m->settings->database);
	else if (postgres_up(m, e) == -1)
		return -1;
	if (stop_signals > 0)
		return 0;
	keys_digest(&m->keys, digest);
	if (migrate_run(m->conninfo, e) == -1)
		return -1;
	return migrate_claim(m->conninfo, digest, e);
}

/* Each step leaves what stop() undoes. */
static int
start(struct master *m, struct err *e)
{
	const struct settings	*s = m->settings;

	if (signals_open(e) == -1 ||
	    folder_make(s->data, &m->data, e) == -1 ||
	    (m->lock_fd = folder_lock(m->data, e)) == -1 ||
	    keys_open(&m->keys, m->data, e) == -1 ||
	    listener_open(&m->listener, s, e) == -1)
		return -1;
	m->node = folder_node(m->data);
	m->public_url = xstrdup(s->public_url[0] != '\0' ? s->public_url :
	    m->listener.url);
	if (keys_write_client(&m->keys, m->data, m->listener.url, s->region,
	    e) == -1)
		return -1;
	if (s->insecure_public && s->public_url[0] == '\0')
		log_warn("callback URLs will start with %s; say how others reach "
		    "this server with --public-url", m->public_url);
	raise_limits();
	return start_database(m, e);
}

int
master_run(const struct settings *s, struct err *e)
{
	struct master	 m = { .settings = s, .lock_fd = -1,
			    .listener = { -1, NULL } };
	int		 i, done;

	m.n = s->processes > 0 ? (int)s->processes : cores();
	for (i = 0; i < m.n; i++)
		m.children[i].fd = -1;
	if ((done = start(&m, e)) == 0) {
		log_info("starting version=%s data=%s processes=%d database=%s",
		    PACKAGE_VERSION, m.data, m.n,
		    m.postgres != NULL ? "embedded" : "own");
		loop(&m);
		log_info("stopping");
		notify_stopping();
	}
	if (m.failed)
		done = err_set(e, "Database", "stopped, since there is no database; "
		    "the log above says why");
	stop(&m);
	return done;
}
