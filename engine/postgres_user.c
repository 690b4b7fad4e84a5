/*
 * engine/postgres_user.c - as whom PostgreSQL runs, and what that user may do.
 *
 * PostgreSQL refuses to run as root.  When we are root, its files belong to an
 * unprivileged user, and the folders above them must let that user through.
 * Who may connect is decided by the folder of the socket: mode 0700, so that
 * user and root.
 */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "postgres_private.h"
#include "xmalloc.h"

static void
take_user(struct postgres *p, uid_t uid, gid_t gid)
{
	struct passwd	*pw = getpwuid(uid);

	p->uid = uid;
	p->gid = gid;
	p->user = pw != NULL ? xstrdup(pw->pw_name) :
	    xasprintf("%lu", (unsigned long)uid);
}

int
postgres_user_choose(struct postgres *p, struct err *e)
{
	static const char *const	 names[] = { "pawl", "postgres", "nobody" };
	struct stat			 st;
	struct passwd			*pw;
	bool				 there = stat(p->data, &st) == 0;

	p->drop = geteuid() == 0;
	if (!p->drop) {
		take_user(p, geteuid(), getegid());
		if (there && st.st_uid != geteuid())
			return err_set(e, "PostgresFailed", "the database in %s "
			    "belongs to another user than the one pawld runs as; "
			    "run pawld as root or as its owner", p->data);
		return 0;
	}
	if (there && st.st_uid == 0)
		return err_set(e, "PostgresFailed", "the database in %s belongs to "
		    "root, and PostgreSQL does not run as root; say: chown -R "
		    "postgres: %s", p->data, p->data);
	if (there) {
		take_user(p, st.st_uid, st.st_gid);
		return 0;
	}
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if ((pw = getpwnam(names[i])) != NULL && pw->pw_uid != 0) {
			take_user(p, pw->pw_uid, pw->pw_gid);
			return 0;
		}
	return err_set(e, "PostgresFailed", "PostgreSQL does not run as root, and "
	    "there is no user pawl, postgres or nobody; say: useradd --system pawl");
}

/* In a child only. */
static bool
become(const struct postgres *p)
{
	return !p->drop || (setgroups(0, NULL) == 0 && setgid(p->gid) == 0 &&
	    setuid(p->uid) == 0);
}

/* Runs in a child: the length of the shortest part of path that bars it. */
static int
barred_at(const struct postgres *p, char *path)
{
	size_t	 i, len = strlen(path);
	char	 c;

	if (!become(p))
		return -1;
	for (i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		c = path[i];
		path[i] = '\0';
		if (access(path, X_OK) == -1)
			return (int)i;
		path[i] = c;
	}
	return 0;
}

int
postgres_user_reaches(const struct postgres *p, const char *path, struct err *e)
{
	char	*copy;
	int	 fds[2], at = -1;
	pid_t	 pid;

	if (!p->drop)
		return 0;
	if (pipe(fds) == -1)
		return err_set(e, "PostgresFailed", "pipe: %s", strerror(errno));
	copy = xstrdup(path);
	if ((pid = fork()) == 0) {
		at = barred_at(p, copy);
		_exit(write(fds[1], &at, sizeof at) != (ssize_t)sizeof at);
	}
	close(fds[1]);
	if (pid == -1 || read(fds[0], &at, sizeof at) != (ssize_t)sizeof at)
		at = -1;
	close(fds[0]);
	while (pid != -1 && waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
	if (at > 0) {
		copy[at] = '\0';
		err_set(e, "PostgresFailed", "PostgreSQL runs as the user %s (not as "
		    "root), who may not enter %s; say: chmod o+x %s, or give "
		    "another folder with --data FOLDER", p->user, copy, copy);
	} else if (at < 0)
		err_set(e, "PostgresFailed", "cannot become the user %s to run "
		    "PostgreSQL; start pawld as an ordinary user instead", p->user);
	free(copy);
	return at == 0 ? 0 : -1;
}

int
postgres_user_mkdir(const struct postgres *p, const char *path)
{
	struct stat	 st;

	if (mkdir(path, 0700) == 0)
		return p->drop ? chown(path, p->uid, p->gid) : 0;
	if (errno != EEXIST || lstat(path, &st) == -1)
		return -1;
	if (!S_ISDIR(st.st_mode) || st.st_uid != p->uid || (st.st_mode & 077) != 0) {
		errno = EPERM;
		return -1;
	}
	return 0;
}

/* Runs in the child; returns only if it fails. */
static void
become_program(const struct postgres *p, char *const argv[], int death_signal,
    pid_t parent, int log)
{
	sigset_t	 none;
	int		 null = open("/dev/null", O_RDONLY);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();		/* a ^C at the terminal is for pawld */
	if (dup2(null, 0) == -1 || dup2(log, 1) == -1 || dup2(log, 2) == -1)
		return;
	close_range(3, ~0U, 0);
	setenv("LC_ALL", "C", 1);
	/* Dropping privileges clears the death signal: in this order. */
	if (!become(p) || prctl(PR_SET_PDEATHSIG, death_signal) == -1)
		return;
	if (getppid() != parent)
		_exit(0);
	umask(077);
	if (chdir("/") == 0)
		execv(argv[0], argv);
}

pid_t
postgres_user_spawn(const struct postgres *p, char *const argv[], int death_signal)
{
	static const char	 text[] = "pawld: cannot run PostgreSQL's program\n";
	pid_t			 parent = getpid(), pid;
	int			 log, saved;

	log = open(p->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (log == -1)
		return -1;
	if ((pid = fork()) == 0) {
		become_program(p, argv, death_signal, parent, log);
		if (write(STDERR_FILENO, text, sizeof text - 1) == -1)
			_exit(126);
		_exit(127);
	}
	saved = errno;
	close(log);
	errno = saved;
	return pid;
}
