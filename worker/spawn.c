/*
 * worker/spawn.c - starting and ending processes.  The only file that forks.
 *
 * Between fork and exec the child only makes system calls; when one fails it
 * sends errno and a word through a pipe that a good exec closes.
 *
 * Invariants:
 *   - a group is signalled only while its leader is not waited for: so the
 *     number cannot belong to somebody else;
 *   - what the leader leaves behind in its group is killed when it ends.
 */

#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct failure {
	int	 error;
	char	 what[28];
};

static _Noreturn void
give_up(int report, const char *what)
{
	struct failure	 f = { .error = errno };
	ssize_t		 n;

	strncpy(f.what, what, sizeof f.what - 1);
	n = write(report, &f, sizeof f);
	(void)n;
	_exit(127);
}

static void
fresh_signals(void)
{
	struct sigaction	 sa = { .sa_handler = SIG_DFL };
	sigset_t		 none;
	int			 sig;

	for (sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
limit(int report, int what, rlim_t value)
{
	struct rlimit	 r;

	if (getrlimit(what, &r) == -1)
		give_up(report, "getrlimit");
	if (r.rlim_max == RLIM_INFINITY || value < r.rlim_max)
		r.rlim_max = value;
	r.rlim_cur = r.rlim_max;
	if (setrlimit(what, &r) == -1)
		give_up(report, "setrlimit");
}

/* Puts fd at number to; a missing one is /dev/null. */
static void
place(int report, int fd, int to)
{
	if (fd == -1 && (fd = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1)
		give_up(report, "open /dev/null");
	if (fd == to)
		(void)fcntl(fd, F_SETFD, 0);
	else if (dup2(fd, to) == -1)
		give_up(report, "dup2");
}

static _Noreturn void
child(const struct spawn *s, pid_t parent, int report)
{
	int	 fds[3] = { s->in, s->out, s->err }, i;

	if (s->group && setpgid(0, 0) == -1)
		give_up(report, "setpgid");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		give_up(report, "prctl");
	if (getppid() != parent)
		_exit(127);
	fresh_signals();
	/* Out of the way of 0, 1 and 2 first. */
	if ((report = fcntl(report, F_DUPFD_CLOEXEC, 3)) == -1)
		_exit(127);
	for (i = 0; i < 3; i++)
		if (fds[i] != -1 && (fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3))
		    == -1)
			give_up(report, "fcntl");
	for (i = 0; i < 3; i++)
		place(report, fds[i], i);
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == -1)
		for (i = 3; i < 4096; i++)
			(void)fcntl(i, F_SETFD, FD_CLOEXEC);
	if (chdir(s->dir) == -1)
		give_up(report, "chdir");
	limit(report, RLIMIT_CORE, 0);
	if (s->memory_bytes > 0)
		limit(report, RLIMIT_DATA, s->memory_bytes);
	execve(s->argv[0], s->argv, s->env);
	give_up(report, "exec");
}

pid_t
spawn_start(const struct spawn *s, struct err *e)
{
	struct failure	 f;
	pid_t		 parent = getpid(), pid;
	sigset_t	 all, old;
	ssize_t		 n;
	int		 ends[2], saved;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return err_set(e, "SpawnFailed", "cannot make a pipe: %s",
		    strerror(errno));
	/* No handler of ours may run in the child. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid == 0)
		child(s, parent, ends[1]);
	saved = errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	close(ends[1]);
	if (pid == -1) {
		close(ends[0]);
		return err_set(e, "SpawnFailed", "cannot start a process: %s",
		    strerror(saved));
	}
	while ((n = read(ends[0], &f, sizeof f)) == -1 && errno == EINTR)
		;
	close(ends[0]);
	if (n != (ssize_t)sizeof f)
		return pid;
	spawn_wait(pid, NULL);
	f.what[sizeof f.what - 1] = '\0';
	return err_set(e, "SpawnFailed", "cannot start %s: %s: %s", s->argv[0],
	    f.what, strerror(f.error));
}

void
spawn_signal(pid_t pid, int sig)
{
	if (pid > 1)
		(void)kill(-pid, sig);
}

void
spawn_wait(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) == -1 && errno == EINTR)
		;
}

bool
spawn_ended(pid_t pid, int *status)
{
	siginfo_t	 info = { 0 };

	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == -1 ||
	    info.si_pid != pid)
		return false;
	spawn_signal(pid, SIGKILL);
	spawn_wait(pid, status);
	return true;
}
