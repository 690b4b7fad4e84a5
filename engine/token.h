/*
 * engine/token.h - task tokens: they name their execution and cannot be forged.
 *
 * base64url of: version 1, shard 2, execution id 16, event id 8, and the first
 * 16 bytes of HMAC-SHA256 over those with the installation's token key.  There
 * is no table of tokens: history tells whether a task is still open.
 */

#ifndef PAWL_TOKEN_H
#define PAWL_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "arn.h"

struct token {
	int		 shard;
	struct exec_id	 id;
	int64_t		 event_id;
};

#define TOKEN_KEY_BYTES 32

/* New, for free(). */
char	*token_make(const unsigned char key[TOKEN_KEY_BYTES], const struct token *);
/* false if text is no token of this installation. */
bool	token_read(const unsigned char key[TOKEN_KEY_BYTES], const char *text,
	    struct token *);

#endif
