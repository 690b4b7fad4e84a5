/*
 * worker/access.c - who may call functions.
 */

#include "access.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "strbuf.h"

/* Takes the same time wherever they differ. */
static bool
same(const char *key, const char *given, size_t len)
{
	unsigned char	 diff = strlen(key) != len;
	size_t		 i;

	for (i = 0; i < len; i++)
		diff |= (unsigned char)(given[i] ^ (diff ? given[i] : key[i]));
	return diff == 0;
}

static int
base64_value(char c)
{
	static const char	 digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char		*p = c == '\0' ? NULL : strchr(digits, c);

	return p == NULL ? -1 : (int)(p - digits);
}

/* The password of base64("user:password"). */
static bool
same_as_password(const char *key, const char *text)
{
	struct strbuf	 b;
	const char	*colon;
	unsigned	 bits = 0, have = 0;
	bool		 equal;
	int		 v;

	strbuf_init(&b, 4096);
	for (; (v = base64_value(*text)) >= 0; text++) {
		bits = (bits << 6 | (unsigned)v) & 0xffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			strbuf_addc(&b, (char)(bits >> have & 0xff));
		}
	}
	colon = b.len == 0 ? NULL : memchr(b.data, ':', b.len);
	equal = colon != NULL && !strbuf_failed(&b) && (*text == '\0' ||
	    *text == '=') && same(key, colon + 1,
	    b.len - (size_t)(colon + 1 - b.data));
	strbuf_free(&b);
	return equal;
}

bool
access_allowed(const char *key, const char *authorization, const char *origin)
{
	if (key == NULL)
		return origin == NULL;
	if (authorization == NULL)
		return false;
	if (strncasecmp(authorization, "Bearer ", 7) == 0)
		return same(key, authorization + 7, strlen(authorization + 7));
	if (strncasecmp(authorization, "Basic ", 6) == 0)
		return same_as_password(key, authorization + 6);
	return false;
}

bool
access_is_loopback(const char *host)
{
	struct in_addr	 v4;
	struct in6_addr	 v6;

	if (strcmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}
