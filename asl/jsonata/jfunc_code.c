/*
 * asl/jsonata/jfunc_code.c - base64 and percent encodings.
 */

#include <string.h>

#include "jfunc.h"
#include "jtext.h"

/* --- base64 -------------------------------------------------------------- */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789+/";

/* The text's UTF-16 units as bytes, the upper half cut off: "binary". */
static size_t
to_bytes(struct jvalue text, unsigned char *out)
{
	const char	*p = text.u.s, *end = p + text.len;
	uint32_t	 code;
	size_t		 n = 0;

	while (p < end) {
		code = jtext_next(&p, end);
		if (code > 0xffff) {
			code -= 0x10000;
			out[n++] = (unsigned char)(code >> 10);
			code = 0xdc00 + (code & 0x3ff);
		}
		out[n++] = (unsigned char)code;
	}
	return n;
}

struct jvalue
jfunc_code_base64encode(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	unsigned char	*in;
	char		*text, *out;
	size_t		 len, i;
	uint32_t	 three;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]) || (in = (unsigned char *)jeval_text(c,
	    args[0].len + 2)) == NULL)
		return JVALUE_NOTHING;
	len = to_bytes(args[0], in);
	in[len] = in[len + 1] = 0;
	if ((text = out = jeval_text(c, (len + 2) / 3 * 4)) == NULL)
		return JVALUE_NOTHING;
	for (i = 0; i < len; i += 3) {
		three = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 |
		    in[i + 2];
		*out++ = alphabet[three >> 18];
		*out++ = alphabet[three >> 12 & 63];
		*out++ = i + 1 < len ? alphabet[three >> 6 & 63] : '=';
		*out++ = i + 2 < len ? alphabet[three & 63] : '=';
	}
	return jvalue_string(text, (size_t)(out - text));
}

static int
sextet(char ch)
{
	const char	*at;

	if (ch == '-')
		ch = '+';
	if (ch == '_')
		ch = '/';
	at = ch == '\0' ? NULL : strchr(alphabet, ch);
	return at == NULL ? -1 : (int)(at - alphabet);
}

/* As Node's Buffer: what is not base64 is skipped, "=" ends it. */
struct jvalue
jfunc_code_base64decode(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	const char	*p, *end;
	char		*text, *out;
	uint32_t	 bits = 0;
	int		 have = 0, six;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]) || (text = out = jeval_text(c,
	    (size_t)args[0].len / 4 * 6 + 6)) == NULL)
		return JVALUE_NOTHING;
	end = args[0].u.s + args[0].len;
	for (p = args[0].u.s; p < end && *p != '='; p++) {
		if ((six = sextet(*p)) < 0)
			continue;
		bits = bits << 6 | (uint32_t)six;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out += jtext_encode(bits >> have & 255, out);
		}
	}
	return jvalue_string(text, (size_t)(out - text));
}

/* --- percent ------------------------------------------------------------- */

#define COMPONENT	"-_.!~*'()"
#define RESERVED	";/?:@&=+$,#"

static struct jvalue
malformed(struct jeval *c, struct jvalue text, const char *function)
{
	jeval_fail_value(c, JFAULT_D3140, -1, text);
	c->fault.function = jvalue_string(function, strlen(function));
	return JVALUE_NOTHING;
}

static bool
is_plain(char ch, const char *also)
{
	return (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') ||
	    (ch >= '0' && ch <= '9') || (ch != '\0' && strchr(also, ch) != NULL);
}

static struct jvalue
encode(struct jeval *c, struct jvalue text, const char *also,
    const char *function)
{
	static const char	 hex[] = "0123456789ABCDEF";
	const char		*p, *end;
	char			*room, *out;
	unsigned char		 byte;

	if (jvalue_is_nothing(text) || (room = out = jeval_text(c,
	    (size_t)text.len * 3)) == NULL)
		return JVALUE_NOTHING;
	end = text.u.s + text.len;
	for (p = text.u.s; p < end; p++) {
		byte = (unsigned char)*p;
		if (byte == 0xed && end - p > 2 && (unsigned char)p[1] >= 0xa0)
			return malformed(c, text, function);
		if (is_plain(*p, also)) {
			*out++ = *p;
			continue;
		}
		*out++ = '%';
		*out++ = hex[byte >> 4];
		*out++ = hex[byte & 15];
	}
	return jvalue_string(room, (size_t)(out - room));
}

/* %XX at p, or -1 */
static int
percent(const char *p, const char *end)
{
	int	 n = 0, i, digit;

	if (end - p < 3 || *p != '%')
		return -1;
	for (i = 1; i < 3; i++) {
		digit = p[i] >= '0' && p[i] <= '9' ? p[i] - '0' :
		    (p[i] | 32) >= 'a' && (p[i] | 32) <= 'f' ?
		    (p[i] | 32) - 'a' + 10 : -1;
		if (digit < 0)
			return -1;
		n = n << 4 | digit;
	}
	return n;
}

/* One character from escapes at *p to out; its length, 0 if it is none. */
static size_t
escaped(const char **p, const char *end, char out[4])
{
	int		 byte = percent(*p, end), i, more;
	uint32_t	 code;

	if (byte < 0x80 || byte >= 0xf8 || byte < 0xc0) {
		out[0] = (char)byte;
		*p += 3;
		return byte >= 0 && byte < 0x80;
	}
	more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
	code = (uint32_t)byte & (0x3fu >> more);
	*p += 3;
	for (i = 0; i < more; i++, *p += 3) {
		byte = percent(*p, end);
		if (byte < 0x80 || byte >= 0xc0)
			return 0;
		code = code << 6 | ((uint32_t)byte & 63);
	}
	if (code < (more == 1 ? 0x80u : more == 2 ? 0x800u : 0x10000u) ||
	    code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	return jtext_encode(code, out);
}

static struct jvalue
decode(struct jeval *c, struct jvalue text, const char *keep,
    const char *function)
{
	const char	*p, *end, *from;
	char		*room, *out;
	size_t		 n;

	if (jvalue_is_nothing(text) ||
	    (room = out = jeval_text(c, text.len + 4)) == NULL)
		return JVALUE_NOTHING;
	end = text.u.s + text.len;
	for (p = text.u.s; p < end;) {
		if (*p != '%') {
			*out++ = *p++;
			continue;
		}
		from = p;
		if ((n = escaped(&p, end, out)) == 0)
			return malformed(c, text, function);
		if (n == 1 && *out != '\0' && strchr(keep, *out) != NULL) {
			memcpy(out, from, 3);
			n = 3;
		}
		out += n;
	}
	return jvalue_string(room, (size_t)(out - room));
}

struct jvalue
jfunc_code_encode_component(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	return encode(c, args[0], COMPONENT, "encodeUrlComponent");
}

struct jvalue
jfunc_code_encode_url(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	return encode(c, args[0], COMPONENT RESERVED, "encodeUrl");
}

struct jvalue
jfunc_code_decode_component(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	return decode(c, args[0], "", "decodeUrlComponent");
}

struct jvalue
jfunc_code_decode_url(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	return decode(c, args[0], RESERVED, "decodeUrl");
}
