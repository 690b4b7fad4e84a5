/*
 * engine/folder.h - the data folder: made, checked, and held by one pawld.
 */

#ifndef PAWL_FOLDER_H
#define PAWL_FOLDER_H

#include "err.h"

/*
 * Makes the folder and what is missing above it; *path is its full name, new.
 * Refuses one that others can write to.  For root it can be passed through by
 * others (mode 0711), since the embedded PostgreSQL runs as another user; else
 * it is private.
 */
int	folder_make(const char *name, char **path, struct err *e) MUSTCHECK;
/*
 * Locks the folder for this process and those it forks, by DATA/pawld.pid, and
 * writes the pid there.  The lock ends with the last of them: whoever gets it
 * knows that no process of an earlier pawld is left.  Waits a little for those
 * of a pawld that has just died.  Returns the descriptor, or -1.
 */
int	folder_lock(const char *path, struct err *e) MUSTCHECK;
/* Empties DATA/pawld.pid and gives the folder up. */
void	folder_unlock(int fd);
/*
 * A name for this machine and folder that is the same at the next start and
 * different for a copy: "HOST-1a2b3c4d".  New.
 */
char	*folder_node(const char *path);

#endif
