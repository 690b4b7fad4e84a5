/*
 * base/httpparse.c - the text of an HTTP/1.1 request, and nothing but text.
 *
 * Invariants:
 *   - lines end with CR LF, and only so; NUL never passes;
 *   - a request has one way to tell the length of its body, or is refused;
 *   - nothing is read past len, and nothing is written but inside it.
 */

#include "httpparse.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "xmalloc.h"

#define EXTRA_MAX 8192		/* bytes of chunk extensions and trailers */

/* RFC 9110 5.6.2: the characters of a token. */
static bool
is_token(unsigned char c)
{
	if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z'))
		return true;
	return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static int
hex_value(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int
refuse(int status, const char *text, const char **why)
{
	*why = text;
	return status;
}

/* Splits the target into path and query; both end inside the line. */
static int
parse_target(char *head, char *p, char *end, struct httpparse_head *h,
    const char **why)
{
	char	*c, *query;

	if (end - p > 8 && (strncasecmp(p, "http://", 7) == 0 ||
	    strncasecmp(p, "https://", 8) == 0)) {
		p = memchr(p + 8, '/', (size_t)(end - p) - 8);
		if (p == NULL)
			return refuse(400, "The request target has no path.",
			    why);
	}
	if (p == end || (*p != '/' && !(*p == '*' && end - p == 1)))
		return refuse(400, "The request target must begin with '/'.",
		    why);
	for (c = p; c < end; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '#')
			return refuse(400, "The request target holds a "
			    "character that must be percent-encoded.", why);
	*end = '\0';
	h->path = (uint32_t)(p - head);
	h->query = (uint32_t)(end - head);
	if ((query = memchr(p, '?', (size_t)(end - p))) != NULL) {
		*query = '\0';
		h->query = (uint32_t)(query + 1 - head);
	}
	return 0;
}

/* The line from p to end, without CR LF: METHOD SP target SP HTTP/1.x */
static int
parse_request_line(char *head, char *p, char *end, struct httpparse_head *h,
    const char **why)
{
	char	*sp, *version;

	for (sp = p; sp < end && is_token((unsigned char)*sp); sp++)
		;
	if (sp == p || sp == end || *sp != ' ' || sp - p > 32)
		return refuse(400, "The request line is not "
		    "'METHOD /path HTTP/1.1'.", why);
	*sp = '\0';
	h->method = (uint32_t)(p - head);
	p = sp + 1;
	version = memrchr(p, ' ', (size_t)(end - p));
	if (version == NULL || end - version != 9 ||
	    memcmp(version + 1, "HTTP/", 5) != 0 || version[7] != '.')
		return refuse(400, "The request line is not "
		    "'METHOD /path HTTP/1.1'.", why);
	if (version[6] != '1' || (version[8] != '0' && version[8] != '1'))
		return refuse(505, "Only HTTP/1.1 and HTTP/1.0 are spoken "
		    "here.", why);
	h->http11 = version[8] == '1';
	return parse_target(head, p, version, h, why);
}

static int
parse_header_line(char *head, char *p, char *end, struct httpparse_head *h,
    const char **why)
{
	char	*c, *value;

	if (h->nheaders == HTTPPARSE_MAX_HEADERS)
		return refuse(431, "The request has too many headers.", why);
	for (c = p; c < end && is_token((unsigned char)*c); c++)
		;
	if (c == p || c == end || *c != ':')
		return refuse(400, "A header line is not 'Name: value'.", why);
	*c = '\0';
	value = c + 1;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	for (c = value; c < end; c++)
		if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
			return refuse(400, "A header holds a control "
			    "character.", why);
	*end = '\0';
	h->headers[h->nheaders].name = (uint32_t)(p - head);
	h->headers[h->nheaders].value = (uint32_t)(value - head);
	h->nheaders++;
	return 0;
}

static int
parse_length(const char *value, struct httpparse_head *h, const char **why)
{
	const char	*c;

	if (*value == '\0' || strlen(value) > 18)
		return refuse(400, "Content-Length is not a number.", why);
	for (c = value; *c != '\0'; c++) {
		if (*c < '0' || *c > '9')
			return refuse(400, "Content-Length is not a number.",
			    why);
		h->length = h->length * 10 + (uint64_t)(*c - '0');
	}
	return 0;
}

/* True if word stands in a comma-separated list. */
static bool
list_has(const char *list, const char *word)
{
	size_t	 len = strlen(word), n;

	while (*list != '\0') {
		list += strspn(list, " \t,");
		n = strcspn(list, " \t,");
		if (n == len && strncasecmp(list, word, n) == 0)
			return true;
		list += n;
	}
	return false;
}

/* What the headers say about the body and the connection. */
static int
parse_framing(const char *head, struct httpparse_head *h, const char **why)
{
	const char	*name, *value;
	unsigned	 lengths = 0, encodings = 0, hosts = 0;
	uint32_t	 i;

	h->keepalive = h->http11;
	for (i = 0; i < h->nheaders; i++) {
		name = head + h->headers[i].name;
		value = head + h->headers[i].value;
		if (strcasecmp(name, "content-length") == 0) {
			if (lengths++ == 0 && parse_length(value, h, why) != 0)
				return 400;
		} else if (strcasecmp(name, "transfer-encoding") == 0) {
			encodings++;
			if (strcasecmp(value, "chunked") != 0)
				return refuse(501, "The only Transfer-Encoding "
				    "known here is 'chunked'.", why);
			h->chunked = true;
		} else if (strcasecmp(name, "connection") == 0) {
			if (list_has(value, "close"))
				h->keepalive = false;
			else if (!h->http11 && list_has(value, "keep-alive"))
				h->keepalive = true;
		} else if (strcasecmp(name, "expect") == 0) {
			if (strcasecmp(value, "100-continue") != 0)
				return refuse(417, "The only expectation known "
				    "here is '100-continue'.", why);
			h->expect_continue = h->http11;
		} else if (strcasecmp(name, "host") == 0)
			hosts++;
	}
	if (lengths + encodings > 1)
		return refuse(400, "The length of the body is told more than "
		    "once.", why);
	if (h->chunked && !h->http11)
		return refuse(400, "HTTP/1.0 has no chunked bodies.", why);
	if (hosts > 1 || (hosts == 0 && h->http11))
		return refuse(400, "An HTTP/1.1 request has one Host header.",
		    why);
	return 0;
}

int
httpparse_head(char *head, size_t len, struct httpparse_head *h,
    const char **why)
{
	char	*p = head, *end = head + len, *nl;
	bool	 first = true;
	int	 status;

	h->nheaders = 0;
	h->http11 = h->keepalive = h->chunked = h->expect_continue = false;
	h->length = 0;
	while ((nl = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		if (nl == p || nl[-1] != '\r')
			return refuse(400, "A line must end with CR LF.", why);
		if (nl - 1 == p)
			break;
		status = first ? parse_request_line(head, p, nl - 1, h, why) :
		    parse_header_line(head, p, nl - 1, h, why);
		if (status != 0)
			return status;
		first = false;
		p = nl + 1;
	}
	if (nl == NULL || first)
		return refuse(400, "The request has no request line.", why);
	return parse_framing(head, h, why);
}

const char *
httpparse_header(const char *head, const struct httpparse_head *h,
    const char *name)
{
	uint32_t	 i;

	for (i = 0; i < h->nheaders; i++)
		if (strcasecmp(head + h->headers[i].name, name) == 0)
			return head + h->headers[i].value;
	return NULL;
}

/* --- chunked bodies -------------------------------------------------------- */

enum chunk_state {
	CHUNK_SIZE,		/* the digits of a size */
	CHUNK_EXTENSION,	/* after the size, up to CR */
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	CHUNK_TRAILER,		/* at the beginning of a trailer line */
	CHUNK_TRAILER_TEXT,
	CHUNK_TRAILER_LF,
	CHUNK_END_LF
};

/* One byte that is not data; 0, 1 at the end, or a status. */
static int
chunk_byte(struct httpparse_chunks *c, unsigned char b)
{
	int	 v;

	switch ((enum chunk_state)c->state) {
	case CHUNK_SIZE:
		if ((v = hex_value(b)) >= 0) {
			if (++c->digits > 15)
				return 413;
			c->left = c->left * 16 + (uint64_t)v;
			return 0;
		}
		if (c->digits == 0)
			return 400;
		if (b == '\r')
			c->state = CHUNK_SIZE_LF;
		else if (b == ';' || b == ' ' || b == '\t')
			c->state = CHUNK_EXTENSION;
		else
			return 400;
		return 0;
	case CHUNK_EXTENSION:
		if (b == '\r')
			c->state = CHUNK_SIZE_LF;
		return b == '\n' || ++c->extra > EXTRA_MAX ? 400 : 0;
	case CHUNK_SIZE_LF:
		c->digits = 0;
		c->state = c->left > 0 ? CHUNK_DATA : CHUNK_TRAILER;
		return b == '\n' ? 0 : 400;
	case CHUNK_DATA_CR:
		c->state = CHUNK_DATA_LF;
		return b == '\r' ? 0 : 400;
	case CHUNK_DATA_LF:
		c->state = CHUNK_SIZE;
		return b == '\n' ? 0 : 400;
	case CHUNK_TRAILER:
		c->state = b == '\r' ? CHUNK_END_LF : CHUNK_TRAILER_TEXT;
		return b == '\n' || ++c->extra > EXTRA_MAX ? 400 : 0;
	case CHUNK_TRAILER_TEXT:
		if (b == '\r')
			c->state = CHUNK_TRAILER_LF;
		return b == '\n' || ++c->extra > EXTRA_MAX ? 400 : 0;
	case CHUNK_TRAILER_LF:
		c->state = CHUNK_TRAILER;
		return b == '\n' ? 0 : 400;
	case CHUNK_END_LF:
		return b == '\n' ? 1 : 400;
	case CHUNK_DATA:
		break;
	}
	return 400;
}

int
httpparse_chunks(struct httpparse_chunks *c, char *data, size_t len,
    size_t *used, size_t *body, size_t max)
{
	size_t	 n;
	int	 r;

	while (*used < len) {
		if (c->state != CHUNK_DATA) {
			if ((r = chunk_byte(c, (unsigned char)data[(*used)++]))
			    != 0)
				return r;
			continue;
		}
		if (c->left > max || *body > max - (size_t)c->left)
			return 413;
		n = len - *used < c->left ? len - *used : (size_t)c->left;
		memmove(data + *body, data + *used, n);
		*body += n;
		*used += n;
		c->left -= n;
		if (c->left == 0)
			c->state = CHUNK_DATA_CR;
	}
	return 0;
}

/* --- percent-encoding ------------------------------------------------------ */

char *
httpparse_decode(const char *text, size_t len, bool plus_is_space)
{
	char	*out = xmalloc(len + 1), *o = out;
	size_t	 i;
	int	 high, low;

	for (i = 0; i < len; i++) {
		if (text[i] != '%') {
			*o++ = text[i] == '+' && plus_is_space ? ' ' : text[i];
			continue;
		}
		high = i + 2 < len ? hex_value((unsigned char)text[i + 1]) : -1;
		low = i + 2 < len ? hex_value((unsigned char)text[i + 2]) : -1;
		if (high < 0 || low < 0 || (high == 0 && low == 0)) {
			free(out);
			return NULL;
		}
		*o++ = (char)(high * 16 + low);
		i += 2;
	}
	*o = '\0';
	return out;
}
