/*
 * engine/listener.h - the public socket: bound once, shared by all processes.
 */

#ifndef PAWL_LISTENER_H
#define PAWL_LISTENER_H

#include <stdbool.h>

#include "err.h"
#include "settings.h"

struct listener {
	int	 fd;		/* listening, non-blocking */
	char	*url;		/* how to reach it from this machine */
};

/*
 * Binds settings->listen.  Refuses an address that other machines reach, unless
 * insecure_public: there is no TLS here.
 */
int	listener_open(struct listener *, const struct settings *, struct err *e)
	    MUSTCHECK;
void	listener_close(struct listener *);

#endif
