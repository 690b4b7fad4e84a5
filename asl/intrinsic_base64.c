/*
 * asl/intrinsic_base64.c - States.Base64Encode and Base64Decode.
 *
 * Decoding is as lenient as the real service's: what is no Base64 character is
 * skipped, padding may be missing, bytes that are no UTF-8 become U+FFFD.
 * Unlike there, a NUL among the bytes is an error: no history could keep it.
 */

#include <string.h>

#include "intrinsic_impl.h"

static const char	 alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789+/";

size_t
intrinsic_text_length(const char *text, size_t len)
{
	size_t		 i, n = 0;
	unsigned char	 b;

	for (i = 0; i < len; i++) {
		b = (unsigned char)text[i];
		if ((b & 0xc0) != 0x80)
			n += b >= 0xf0 ? 2 : 1;
	}
	return n;
}

static bool
short_text(const json_t *json)
{
	return json_is_string(json) &&
	    intrinsic_text_length(json_string_value(json),
	    json_string_length(json)) <= INTRINSIC_TEXT_MAX;
}

json_t *
intrinsic_base64_encode(const struct intrinsic_call *c)
{
	const unsigned char	*p;
	struct strbuf		 b = STRBUF_INIT;
	json_t			*out;
	size_t			 len;
	uint32_t		 v;

	if (!short_text(c->args[0]))
		return intrinsic_invalid(c);
	p = (const unsigned char *)json_string_value(c->args[0]);
	len = json_string_length(c->args[0]);
	for (; len > 0; p += 3, len -= len < 3 ? len : 3) {
		v = (uint32_t)p[0] << 16;
		if (len > 1)
			v |= (uint32_t)p[1] << 8;
		if (len > 2)
			v |= p[2];
		strbuf_addc(&b, alphabet[v >> 18]);
		strbuf_addc(&b, alphabet[v >> 12 & 63]);
		strbuf_addc(&b, len > 1 ? alphabet[v >> 6 & 63] : '=');
		strbuf_addc(&b, len > 2 ? alphabet[v & 63] : '=');
	}
	out = json_stringn_nocheck(strbuf_str(&b), b.len);
	strbuf_free(&b);
	return out;
}

/* The length of the UTF-8 sequence at p, or 0. */
static size_t
utf8_length(const unsigned char *p, size_t left)
{
	size_t	 n, i;

	n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 :
	    p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	if (n == 0 || n > left)
		return 0;
	for (i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

/* New string of the bytes, with U+FFFD for each that is no UTF-8. */
static json_t *
text_of(const struct strbuf *bytes)
{
	const unsigned char	*p = (const unsigned char *)strbuf_str(bytes);
	struct strbuf		 b = STRBUF_INIT;
	json_t			*out;
	size_t			 i, n;

	for (i = 0; i < bytes->len; i += n) {
		n = utf8_length(p + i, bytes->len - i);
		if (n > 0)
			strbuf_add(&b, p + i, n);
		else {
			strbuf_adds(&b, "\xef\xbf\xbd");
			n = 1;
		}
	}
	out = json_stringn_nocheck(strbuf_str(&b), b.len);
	strbuf_free(&b);
	return out;
}

json_t *
intrinsic_base64_decode(const struct intrinsic_call *c)
{
	struct strbuf	 bytes = STRBUF_INIT;
	const char	*p, *at;
	json_t		*out;
	uint32_t	 v = 0;
	int		 bits = 0;

	if (!short_text(c->args[0]))
		return intrinsic_invalid(c);
	for (p = json_string_value(c->args[0]); *p != '\0' && *p != '='; p++) {
		if ((at = strchr(alphabet, *p)) == NULL)
			continue;
		v = (v << 6 | (uint32_t)(at - alphabet)) & 0xffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			strbuf_addc(&bytes, (char)(v >> bits & 0xff));
		}
	}
	if (bytes.len > 0 && memchr(bytes.data, '\0', bytes.len) != NULL)
		out = intrinsic_invalid_because(c,
		    "the decoded text holds a NUL character.");
	else
		out = text_of(&bytes);
	strbuf_free(&bytes);
	return out;
}
