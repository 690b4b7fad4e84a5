/*
 * engine/postgres.h - the embedded PostgreSQL: pawld's own, in its data folder.
 *
 *	DATA/postgres		its files, made by initdb at the first start
 *	DATA/postgres.log	what it and initdb say
 *	DATA/postgres.socket	its socket, the only way in (a folder under /tmp
 *				if the path is too long for one)
 *
 * It is a child of the caller and ends with it, even by kill -9.  Root cannot
 * run PostgreSQL: then it runs as the owner of DATA/postgres, which the first
 * start gives to the user pawl, postgres or nobody.  All calls block.
 */

#ifndef PAWL_POSTGRES_H
#define PAWL_POSTGRES_H

#include <stdbool.h>
#include <sys/types.h>

#include "err.h"

struct postgres;

/*
 * Starts it in data, an absolute path of an existing folder that nobody else
 * uses (hold a lock); returns once it takes connections, after recovery if
 * need be.  What an earlier pawld left behind is ended first.  Errors, worded
 * for people: NoPostgres (no suitable binaries), PostgresFailed.
 */
struct postgres *postgres_start(const char *data, struct err *e) MUSTCHECK;
/* Stops it, if it still runs, and frees. */
void	postgres_stop(struct postgres *);
/* It has ended: waits for it as waitpid() does, without blocking. */
bool	postgres_reap(struct postgres *, int *status);

const char *postgres_conninfo(const struct postgres *);		/* borrowed */
pid_t	postgres_pid(const struct postgres *);			/* 0: ended */
/* For tests that skip: some PostgreSQL is installed. */
bool	postgres_installed(void);

#endif
