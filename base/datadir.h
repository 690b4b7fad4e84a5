/*
 * base/datadir.h - where an installation keeps its keys and its database.
 */

#ifndef PAWL_DATADIR_H
#define PAWL_DATADIR_H

/*
 * $PAWL_DATA, else /var/lib/pawl for root, else $XDG_DATA_HOME/pawl, else
 * ~/.local/share/pawl.  New string, for free().
 */
char	*datadir_default(void);

#endif
