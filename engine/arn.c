/*
 * engine/arn.c - names of things, as ARNs, and the ids made from them.
 *
 * An execution's id is the first half of SHA-256 over "MACHINE:NAME", in the
 * shape of a version 8 uuid; neither name holds a colon (they are validated
 * where they come in), so no two pairs share a text.  The shard is the lowest
 * bits of the last byte, which the uuid's fixed bits leave alone.
 *
 * Invariant: the id of a pair never changes; it is a primary key on disk.
 */

#include "arn.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "strbuf.h"
#include "xmalloc.h"

/* Names are drawn this often before any shard will do: enough to miss one
 * shard of 64 once in ten million times. */
#define NAME_TRIES 1024

char *
arn_machine(const struct arn_account *a, const char *name)
{
	return xasprintf("arn:aws:states:%s:%s:stateMachine:%s", a->region,
	    a->account, name);
}

char *
arn_execution(const struct arn_account *a, const char *machine, const char *name)
{
	return xasprintf("arn:aws:states:%s:%s:execution:%s:%s", a->region,
	    a->account, machine, name);
}

/* Steps over text, or over anything but nothing when text is NULL, and over the
 * colon after it; NULL if it is not there. */
static const char *
field(const char *p, const char *text)
{
	const char	*colon = strchr(p, ':');
	size_t		 len;

	if (colon == NULL || colon == p)
		return NULL;
	len = (size_t)(colon - p);
	if (text != NULL && (strlen(text) != len || memcmp(p, text, len) != 0))
		return NULL;
	return colon + 1;
}

/* What follows "arn:aws:states:REGION:ACCOUNT:KIND:", or NULL. */
static const char *
tail(const struct arn_account *a, const char *arn, const char *kind)
{
	const char	*p;

	if ((p = field(arn, "arn")) == NULL ||
	    (p = field(p, "aws")) == NULL ||
	    (p = field(p, "states")) == NULL ||
	    (p = field(p, a == NULL ? NULL : a->region)) == NULL ||
	    (p = field(p, a == NULL ? NULL : a->account)) == NULL)
		return NULL;
	return field(p, kind);
}

bool
arn_read_machine(const struct arn_account *a, const char *arn, char **name)
{
	const char	*p = tail(a, arn, "stateMachine");

	if (p == NULL || *p == '\0' || strchr(p, ':') != NULL)
		return false;
	*name = xstrdup(p);
	return true;
}

bool
arn_read_execution(const struct arn_account *a, const char *arn,
    char **machine, char **name)
{
	const char	*p = tail(a, arn, "execution"), *q;

	if (p == NULL || (q = field(p, NULL)) == NULL || *q == '\0' ||
	    strchr(q, ':') != NULL)
		return false;
	*machine = xstrndup(p, (size_t)(q - 1 - p));
	*name = xstrdup(q);
	return true;
}

struct exec_id
arn_exec_id(const char *machine, const char *name)
{
	static EVP_MD		*sha256;	/* fetched once: that is dear */
	static EVP_MD_CTX	*ctx;
	unsigned char		 hash[EVP_MAX_MD_SIZE];
	struct exec_id		 id;

	if (sha256 == NULL &&
	    ((sha256 = EVP_MD_fetch(NULL, "SHA256", NULL)) == NULL ||
	    (ctx = EVP_MD_CTX_new()) == NULL))
		log_fatal("OpenSSL has no SHA-256");
	if (EVP_DigestInit_ex2(ctx, sha256, NULL) != 1 ||
	    EVP_DigestUpdate(ctx, machine, strlen(machine)) != 1 ||
	    EVP_DigestUpdate(ctx, ":", 1) != 1 ||
	    EVP_DigestUpdate(ctx, name, strlen(name)) != 1 ||
	    EVP_DigestFinal_ex(ctx, hash, NULL) != 1)
		log_fatal("OpenSSL cannot hash");
	memcpy(id.bytes, hash, sizeof id.bytes);
	id.bytes[6] = (unsigned char)((id.bytes[6] & 0x0f) | 0x80);
	id.bytes[8] = (unsigned char)((id.bytes[8] & 0x3f) | 0x80);
	return id;
}

int
arn_shard(const struct exec_id *id)
{
	return id->bytes[15] % ARN_SHARDS;
}

char *
arn_id_text(const struct exec_id *id, char buf[ARN_ID_TEXT])
{
	static const char	 hex[] = "0123456789abcdef";
	char			*p = buf;
	size_t			 i;

	for (i = 0; i < sizeof id->bytes; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = hex[id->bytes[i] >> 4];
		*p++ = hex[id->bytes[i] & 15];
	}
	*p = '\0';
	return buf;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
arn_id_parse(const char *text, struct exec_id *id)
{
	struct exec_id	 got;
	size_t		 i;
	int		 high, low;

	for (i = 0; i < sizeof got.bytes; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return false;
		if ((high = hex_digit(*text)) < 0 ||
		    (low = hex_digit(text[1])) < 0)
			return false;
		got.bytes[i] = (unsigned char)(high << 4 | low);
		text += 2;
	}
	if (*text != '\0')
		return false;
	*id = got;
	return true;
}

bool
arn_id_equal(const struct exec_id *a, const struct exec_id *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

char *
arn_new_name(const char *machine, bool (*ok)(int shard, void *arg), void *arg)
{
	struct exec_id	 name, id;
	char		 text[ARN_ID_TEXT];
	int		 i;

	if (RAND_bytes(name.bytes, sizeof name.bytes) != 1)
		log_fatal("no entropy for a new name");
	name.bytes[6] = (unsigned char)((name.bytes[6] & 0x0f) | 0x40);
	name.bytes[8] = (unsigned char)((name.bytes[8] & 0x3f) | 0x80);
	for (i = 0; i < NAME_TRIES; i++) {
		arn_id_text(&name, text);
		if (ok == NULL)
			break;
		id = arn_exec_id(machine, text);
		if (ok(arn_shard(&id), arg))
			break;
		if (++name.bytes[15] == 0)
			name.bytes[14]++;
	}
	return xstrdup(text);
}
