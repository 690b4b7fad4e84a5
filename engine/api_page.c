/*
 * engine/api_page.c - pages of lists: tokens that say where the next one begins.
 *
 * A token is base64url of "KIND:TEXT" and the first 16 bytes of its HMAC with
 * the installation's key: it cannot be made up, and one of another list or of
 * another server is refused.  What text holds is the list's own business.
 */

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "op.h"
#include "xmalloc.h"

#define MAC_BYTES	16
#define MD_BYTES	32

static void
page_mac(const struct api_call *call, const char *text, size_t len,
    unsigned char mac[MD_BYTES])
{
	unsigned char	 key[MD_BYTES];

	/* Not the key of task tokens itself: one key, one purpose. */
	HMAC(EVP_sha256(), call->env->keys->token_key, TOKEN_KEY_BYTES,
	    (const unsigned char *)"page", 4, key, NULL);
	HMAC(EVP_sha256(), key, sizeof key, (const unsigned char *)text, len, mac,
	    NULL);
}

char *
api_page_token(struct api_call *call, const char *kind, const char *text)
{
	struct strbuf	 b = STRBUF_INIT;
	unsigned char	 mac[MD_BYTES];
	char		*out, *p;

	strbuf_addf(&b, "%s:%s", kind, text);
	page_mac(call, strbuf_str(&b), b.len, mac);
	strbuf_add(&b, mac, MAC_BYTES);
	out = xmalloc(b.len * 4 / 3 + 8);
	EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)b.data,
	    (int)b.len);
	for (p = out; *p != '\0' && *p != '='; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	*p = '\0';
	strbuf_free(&b);
	return out;
}

void
api_page_next(struct api_call *call, json_t *answer, const char *kind,
    const char *fmt, ...)
{
	va_list	 ap;
	char	*text, *token;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	token = api_page_token(call, kind, text);
	api_set_str(answer, "nextToken", token);
	free(token);
	free(text);
}

/* The bytes of base64url without padding; NULL if it is none. */
static char *
page_decode(const char *token, size_t *len)
{
	size_t	 n = strlen(token), padded = (n + 3) / 4 * 4, i;
	char	*in, *out;
	int	 got;

	if (n == 0 || n % 4 == 1 || n > 4096)
		return NULL;
	in = xmalloc(padded + 1);
	for (i = 0; i < padded; i++)
		in[i] = i >= n ? '=' : token[i] == '-' ? '+' :
		    token[i] == '_' ? '/' : token[i];
	in[padded] = '\0';
	out = xmalloc(padded);
	got = EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)in,
	    (int)padded);
	free(in);
	if (got < 0 || strpbrk(token, "+/=") != NULL) {
		free(out);
		return NULL;
	}
	*len = (size_t)got - (padded - n);
	return out;
}

static char *
page_verify(struct api_call *call, const char *kind, const char *token)
{
	unsigned char	 mac[MD_BYTES];
	size_t		 len, klen = strlen(kind);
	char		*bytes, *text = NULL;

	if ((bytes = page_decode(token, &len)) == NULL)
		return NULL;
	if (len > klen + 1 + MAC_BYTES) {
		len -= MAC_BYTES;
		page_mac(call, bytes, len, mac);
		if (CRYPTO_memcmp(mac, bytes + len, MAC_BYTES) == 0 &&
		    memcmp(bytes, kind, klen) == 0 && bytes[klen] == ':')
			text = xstrndup(bytes + klen + 1, len - klen - 1);
	}
	free(bytes);
	return text;
}

int
api_page_read(struct api_call *call, const char *kind, char **text)
{
	const char	*token = api_str(call, "nextToken");

	*text = NULL;
	if (token == NULL)
		return 0;
	if ((*text = page_verify(call, kind, token)) != NULL)
		return 0;
	api_fail(call, "InvalidToken", "Invalid Token: 'Invalid token'");
	return -1;
}

int
api_page_size(const struct api_call *call, int otherwise)
{
	int64_t	 n = api_int(call, "maxResults", 0);

	return n <= 0 ? otherwise : (int)n;
}
