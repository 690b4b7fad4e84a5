/*
 * engine/keys.h - the secrets of an installation, made at its first start.
 *
 * They stand in DATA/keys.json, mode 0600.  Nodes that share a database share
 * this file.  DATA/client.json tells the CLI where the server is and what to
 * say to it.
 */

#ifndef PAWL_KEYS_H
#define PAWL_KEYS_H

#include "err.h"

struct keys {
	char		*access_key_id, *secret_access_key;	/* SigV4 */
	char		*api_key;				/* REST bearer */
	char		*internal_key;				/* between processes */
	unsigned char	 token_key[32];				/* HMAC of task tokens */
};

/* Reads DATA/keys.json, or makes it. */
int	keys_open(struct keys *, const char *data, struct err *e) MUSTCHECK;
/* Writes DATA/client.json (0600): url, apiKey, accessKeyId, secretAccessKey, region. */
int	keys_write_client(const struct keys *, const char *data, const char *url,
	    const char *region, struct err *e) MUSTCHECK;
/* SHA-256 over all keys, as hex: tells installations apart, gives nothing away. */
#define KEYS_DIGEST_SIZE 65
void	keys_digest(const struct keys *, char hex[KEYS_DIGEST_SIZE]);
void	keys_free(struct keys *);

#endif
