/*
 * asl/intrinsic_hash.c - States.Hash: the only place in asl/ that calls
 * OpenSSL, and only for digests, which are pure.
 */

#include <openssl/evp.h>
#include <string.h>

#include "intrinsic_impl.h"

static const struct {
	const char	*name;
	const EVP_MD	*(*digest)(void);
} algorithms[] = {
	{ "MD5", EVP_md5 },
	{ "SHA-1", EVP_sha1 },
	{ "SHA-256", EVP_sha256 },
	{ "SHA-384", EVP_sha384 },
	{ "SHA-512", EVP_sha512 },
};

static const EVP_MD *
find(const json_t *name)
{
	size_t	 i;

	for (i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
		if (json_is_string(name) && strcmp(json_string_value(name),
		    algorithms[i].name) == 0)
			return algorithms[i].digest();
	return NULL;
}

json_t *
intrinsic_hash(const struct intrinsic_call *c)
{
	static const char	 hex[] = "0123456789abcdef";
	const EVP_MD		*md = find(c->args[1]);
	unsigned char		 digest[EVP_MAX_MD_SIZE];
	char			 text[2 * EVP_MAX_MD_SIZE];
	unsigned int		 n = 0, i;
	struct strbuf		 b;
	bool			 ok;

	strbuf_init(&b, 4 * INTRINSIC_TEXT_MAX);
	if (json_is_string(c->args[0]))
		strbuf_add(&b, json_string_value(c->args[0]),
		    json_string_length(c->args[0]));
	else
		jsontext_print(c->args[0], &b);
	ok = md != NULL && !strbuf_failed(&b) &&
	    intrinsic_text_length(strbuf_str(&b), b.len) <=
	    INTRINSIC_TEXT_MAX &&
	    EVP_Digest(strbuf_str(&b), b.len, digest, &n, md, NULL) == 1;
	strbuf_free(&b);
	if (!ok)
		return intrinsic_invalid(c);
	for (i = 0; i < n; i++) {
		text[2 * i] = hex[digest[i] >> 4];
		text[2 * i + 1] = hex[digest[i] & 15];
	}
	return json_stringn_nocheck(text, 2 * n);
}
