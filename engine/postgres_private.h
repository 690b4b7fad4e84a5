/*
 * engine/postgres_private.h - what the postgres*.c files share.
 */

#ifndef PAWL_POSTGRES_PRIVATE_H
#define PAWL_POSTGRES_PRIVATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "err.h"

struct postgres {
	char	*top;		/* the data folder of pawld */
	char	*data;		/* TOP/postgres */
	char	*log;		/* TOP/postgres.log */
	char	*socket;	/* folder of the socket */
	char	*conninfo;
	char	*bindir;
	int	 version;	/* 15 */
	bool	 drop;		/* we are root: run it as this user */
	uid_t	 uid;
	gid_t	 gid;
	char	*user;		/* name, for people */
	pid_t	 pid;		/* 0: not running */
};

/*
 * Binaries of this major version, or with 0 of the newest that serves: new
 * folder name in *bindir and its major version.  0; or -1 and e, NoPostgres.
 */
int	postgres_find(int wanted, char **bindir, int *version, struct err *e)
	    MUSTCHECK;

/* Decides uid, gid and user; says what to do if there is none. */
int	postgres_user_choose(struct postgres *, struct err *e) MUSTCHECK;
/* That user can reach the folder; names the one that is in the way. */
int	postgres_user_reaches(const struct postgres *, const char *path,
	    struct err *e) MUSTCHECK;
/* Makes a folder (mode 0700) that is the user's, or takes it if it is. */
int	postgres_user_mkdir(const struct postgres *, const char *path);
/*
 * Starts a program as the user, in its own session, with the log as its
 * output; it gets death_signal when we die.  The pid, or -1 and errno.
 */
pid_t	postgres_user_spawn(const struct postgres *, char *const argv[],
	    int death_signal);

/* Makes TOP/postgres. */
int	postgres_make(struct postgres *, struct err *e) MUSTCHECK;
/* The last lines of the log: new, for free(). */
char	*postgres_log_tail(const struct postgres *);
/* Ends what an earlier pawld left running on TOP/postgres. */
int	postgres_orphan_end(const struct postgres *, struct err *e) MUSTCHECK;

#endif
