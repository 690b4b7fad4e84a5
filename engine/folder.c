/*
 * engine/folder.c - the data folder: made, checked, and held by one pawld.
 *
 * What stands in it: keys.json, client.json (keys.c), pawld.conf (settings.c),
 * pawld.pid (here), postgres/ (postgres.c).
 *
 * pawld.pid is never removed, only emptied: removing a lock file lets two
 * processes hold two files of one name.
 */

#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "wallclock.h"
#include "xmalloc.h"

#define LOCK_DEAD_MS	15000	/* processes of a dead master: they will go */
#define LOCK_ALIVE_MS	1500	/* it may be a zombie: seen, but dead */
#define LOCK_STEP_MS	20

/* ---- making ---- */

static int
make_above(char *path, mode_t mode)
{
	char	*slash;

	for (slash = path + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		if (mkdir(path, mode) == -1 && errno != EEXIST) {
			*slash = '/';
			return -1;
		}
		*slash = '/';
	}
	return 0;
}

static int
check_folder(const char *path, struct err *e)
{
	struct stat	 st;

	if (stat(path, &st) == -1)
		return err_set(e, "Folder", "cannot use the data folder %s: %s",
		    path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_set(e, "Folder", "%s is a file; give a folder with "
		    "--data FOLDER", path);
	if ((st.st_mode & 022) != 0)
		return err_set(e, "Folder", "others can write to the data folder %s "
		    "(mode %03o); say: chmod go-w %s", path,
		    (unsigned)st.st_mode & 0777, path);
	if (access(path, R_OK | W_OK | X_OK) == -1)
		return err_set(e, "Folder", "the data folder %s is not ours to "
		    "write: %s; run pawld as its owner, or give another with "
		    "--data FOLDER", path, strerror(errno));
	return 0;
}

int
folder_make(const char *name, char **path, struct err *e)
{
	bool	 root = geteuid() == 0;
	char	*full = xstrdup(name), *real;
	size_t	 len;
	int	 done = 0;

	for (len = strlen(full); len > 1 && full[len - 1] == '/'; len--)
		full[len - 1] = '\0';
	if (mkdir(full, 0700) == 0 || (errno == ENOENT &&
	    make_above(full, root ? 0755 : 0700) == 0 &&
	    mkdir(full, 0700) == 0))
		done = chmod(full, root ? 0711 : 0700);
	else if (errno != EEXIST)
		done = -1;
	if (done == -1)
		err_set(e, "Folder", "cannot make the data folder %s: %s; give "
		    "another with --data FOLDER or PAWL_DATA", full,
		    strerror(errno));
	else if ((done = check_folder(full, e)) == 0) {
		if ((real = realpath(full, NULL)) == NULL)
			done = err_set(e, "Folder", "cannot use the data folder "
			    "%s: %s", full, strerror(errno));
		else
			*path = xstrdup(real);
		free(real);
	}
	free(full);
	return done;
}

/* ---- holding ---- */

static pid_t
read_pid(int fd)
{
	char	 text[32];
	ssize_t	 n = pread(fd, text, sizeof text - 1, 0);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return (pid_t)strtol(text, NULL, 10);
}

static int
take_lock(int fd, const char *path, struct err *e)
{
	struct timespec	 step = { 0, LOCK_STEP_MS * 1000000L };
	int64_t		 since = wallclock_monotonic_ms(), waited;
	pid_t		 pid;
	bool		 dead;

	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set(e, "Folder", "cannot lock %s/pawld.pid: %s",
			    path, strerror(errno));
		pid = read_pid(fd);
		dead = pid > 0 && kill(pid, 0) == -1 && errno == ESRCH;
		waited = wallclock_monotonic_ms() - since;
		if (waited > (dead ? LOCK_DEAD_MS : LOCK_ALIVE_MS))
			return err_set(e, "Folder", "another pawld%s runs on the data "
			    "folder %s (pid %ld); stop it first, or give this one "
			    "another folder with --data FOLDER",
			    dead ? " that has died but for its processes" : "",
			    path, (long)pid);
		nanosleep(&step, NULL);
	}
	return 0;
}

int
folder_lock(const char *path, struct err *e)
{
	char	*name = xasprintf("%s/pawld.pid", path), text[32];
	int	 fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	int	 len;

	if (fd == -1)
		err_set(e, "Folder", "cannot write %s: %s", name, strerror(errno));
	else if (take_lock(fd, path, e) == -1) {
		close(fd);
		fd = -1;
	} else {
		len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
		if (ftruncate(fd, 0) == -1 ||
		    pwrite(fd, text, (size_t)len, 0) != len) {
			err_set(e, "Folder", "cannot write %s: %s", name,
			    strerror(errno));
			close(fd);
			fd = -1;
		}
	}
	free(name);
	return fd;
}

void
folder_unlock(int fd)
{
	if (ftruncate(fd, 0) == -1)
		return;		/* the lock goes all the same, when we exit */
	close(fd);
}

/* ---- naming ---- */

static uint32_t
mix(uint32_t hash, const void *data, size_t len)
{
	const unsigned char	*p = data;

	while (len-- > 0)
		hash = (hash ^ *p++) * 16777619u;	/* FNV-1a */
	return hash;
}

char *
folder_node(const char *path)
{
	uint32_t	 hash = 2166136261u;
	struct stat	 st;
	char		 host[HOST_NAME_MAX + 1], id[64];
	size_t		 n;
	FILE		*f;

	if (gethostname(host, sizeof host) == -1)
		snprintf(host, sizeof host, "unknown");
	host[sizeof host - 1] = '\0';
	if ((f = fopen("/etc/machine-id", "re")) != NULL) {
		n = fread(id, 1, sizeof id, f);
		hash = mix(hash, id, n);
		fclose(f);
	}
	if (stat(path, &st) == 0) {
		hash = mix(hash, &st.st_dev, sizeof st.st_dev);
		hash = mix(hash, &st.st_ino, sizeof st.st_ino);
	}
	hash = mix(hash, path, strlen(path));
	return xasprintf("%s-%08x", host, hash);
}
