/*
 * cli/server.h - which server to talk to, and with which key.
 *
 * The URL is, in this order: --url, $PAWL_URL, "url" of client.json in the data
 * folder (--data, else the default one), http://127.0.0.1:8080.  The key: --key,
 * $PAWL_KEY, "apiKey" of client.json; the last only if the URL is that file's
 * own or --data named the file, so that no key goes to a foreign server.
 */

#ifndef PAWL_SERVER_H
#define PAWL_SERVER_H

#include "err.h"

#define SERVER_URL_DEFAULT "http://127.0.0.1:8080"

struct server {
	char	*url;		/* without a "/" at the end */
	char	*key;		/* or NULL */
	char	*note;		/* why there is no key, for people; or NULL */
};

/* Options may be NULL.  -1 and e (code "Usage") if the URL or file is bad. */
int	server_find(struct server *, const char *url, const char *key,
	    const char *data, struct err *e) MUSTCHECK;
void	server_clear(struct server *);

#endif
