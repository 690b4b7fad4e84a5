/*
 * engine/master.h - the parent of all processes: starts, watches, stops.
 *
 * It makes the data folder and the keys, starts PostgreSQL and brings the
 * schema up to date, binds the public socket, and forks the processes.  One that
 * dies is replaced; when the master dies, they all go.  It serves nothing itself
 * and has no connection to the database, so there is little it can die of.
 */

#ifndef PAWL_MASTER_H
#define PAWL_MASTER_H

#include "err.h"
#include "settings.h"

/*
 * Runs until SIGTERM or SIGINT.  0 after a clean stop; -1 and e if it cannot
 * start or go on, with everything it had started stopped again.
 */
int	master_run(const struct settings *, struct err *e) MUSTCHECK;

#endif
