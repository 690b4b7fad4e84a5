/*
 * worker/access.h - who may call functions.
 */

#ifndef PAWL_ACCESS_H
#define PAWL_ACCESS_H

#include <stdbool.h>

/*
 * With a key: the caller names it, as a bearer or as the password of Basic (which
 * is what a URL http://pawl:KEY@host/ gives).  Without: everybody on this machine,
 * but no web page in a browser (which sends Origin).  Arguments may be NULL.
 */
bool	access_allowed(const char *key, const char *authorization,
	    const char *origin);
/* True if only this machine reaches the address ("127.0.0.1", "::1", ...). */
bool	access_is_loopback(const char *host);

#endif
