/*
 * engine/token.c - task tokens: they name their execution and cannot be forged.
 *
 * The layout is in token.h.  To change it, take a new version byte: tokens live
 * as long as people take to answer.
 *
 * Invariant: one token has one text; a text that differs in any character is
 * refused, in a time that does not tell how much of it was right.
 */

#include "token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string.h>

#include "log.h"
#include "xmalloc.h"

#define TOKEN_VERSION	1
#define TOKEN_FACTS	(1 + 2 + 16 + 8)
#define TOKEN_MAC	16
#define TOKEN_BYTES	(TOKEN_FACTS + TOKEN_MAC)
#define TOKEN_TEXT	((TOKEN_BYTES * 8 + 5) / 6)	/* without padding */

static const char	 alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void
put_number(unsigned char *p, uint64_t n, int bytes)
{
	while (bytes-- > 0) {
		p[bytes] = (unsigned char)n;
		n >>= 8;
	}
}

static uint64_t
get_number(const unsigned char *p, int bytes)
{
	uint64_t	 n = 0;

	while (bytes-- > 0)
		n = n << 8 | *p++;
	return n;
}

static void
sign(const unsigned char key[TOKEN_KEY_BYTES], const unsigned char *facts,
    unsigned char mac[TOKEN_MAC])
{
	unsigned char	 full[EVP_MAX_MD_SIZE];
	unsigned int	 len;

	if (HMAC(EVP_sha256(), key, TOKEN_KEY_BYTES, facts, TOKEN_FACTS, full,
	    &len) == NULL)
		log_fatal("OpenSSL cannot sign a token");
	memcpy(mac, full, TOKEN_MAC);
}

char *
token_make(const unsigned char key[TOKEN_KEY_BYTES], const struct token *t)
{
	unsigned char	 bytes[TOKEN_BYTES];
	char		*text = xmalloc(TOKEN_TEXT + 1), *p = text;
	unsigned int	 bits = 0;
	int		 nbits = 0;
	size_t		 i;

	bytes[0] = TOKEN_VERSION;
	put_number(bytes + 1, (uint64_t)t->shard, 2);
	memcpy(bytes + 3, t->id.bytes, 16);
	put_number(bytes + 19, (uint64_t)t->event_id, 8);
	sign(key, bytes, bytes + TOKEN_FACTS);
	for (i = 0; i < sizeof bytes; i++) {
		bits = (bits << 8 | bytes[i]) & 0xffff;
		for (nbits += 8; nbits >= 6; nbits -= 6)
			*p++ = alphabet[bits >> (nbits - 6) & 63];
	}
	*p++ = alphabet[bits << (6 - nbits) & 63];	/* 43 bytes: 2 bits left */
	*p = '\0';
	return text;
}

/* The bytes of a text of the one right length; false if it is not base64url or
 * its unused last bits are set. */
static bool
decode(const char *text, unsigned char bytes[TOKEN_BYTES])
{
	unsigned int	 bits = 0;
	int		 nbits = 0, i, n = 0;
	const char	*at;

	if (strnlen(text, TOKEN_TEXT + 1) != TOKEN_TEXT)
		return false;
	for (i = 0; i < TOKEN_TEXT; i++) {
		if ((at = strchr(alphabet, text[i])) == NULL)
			return false;
		bits = (bits << 6 | (unsigned int)(at - alphabet)) & 0xffff;
		if ((nbits += 6) >= 8) {
			nbits -= 8;
			bytes[n++] = (unsigned char)(bits >> nbits);
		}
	}
	return n == TOKEN_BYTES && (bits & ((1u << nbits) - 1)) == 0;
}

bool
token_read(const unsigned char key[TOKEN_KEY_BYTES], const char *text,
    struct token *t)
{
	unsigned char	 bytes[TOKEN_BYTES], mac[TOKEN_MAC];
	uint64_t	 shard, event;

	if (!decode(text, bytes))
		return false;
	sign(key, bytes, mac);
	if (CRYPTO_memcmp(mac, bytes + TOKEN_FACTS, TOKEN_MAC) != 0)
		return false;
	shard = get_number(bytes + 1, 2);
	event = get_number(bytes + 19, 8);
	if (bytes[0] != TOKEN_VERSION || shard >= ARN_SHARDS ||
	    event > INT64_MAX)
		return false;
	t->shard = (int)shard;
	memcpy(t->id.bytes, bytes + 3, 16);
	t->event_id = (int64_t)event;
	return true;
}
