/*
 * base/datadir.c - where an installation keeps its keys and its database.
 */

#include "datadir.h"

#include <stdlib.h>
#include <unistd.h>

#include "xmalloc.h"

char *
datadir_default(void)
{
	const char	*dir;

	if ((dir = getenv("PAWL_DATA")) != NULL && dir[0] != '\0')
		return xstrdup(dir);
	if (geteuid() == 0)
		return xstrdup("/var/lib/pawl");
	if ((dir = getenv("XDG_DATA_HOME")) != NULL && dir[0] == '/')
		return xasprintf("%s/pawl", dir);
	dir = getenv("HOME");
	return xasprintf("%s/.local/share/pawl", dir == NULL ? "" : dir);
}
