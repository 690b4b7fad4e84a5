/*
 * base/httpparse.h - the text of an HTTP/1.1 request, and nothing but text.
 *
 * Works in place on the bytes that httpd.c has received: no allocation, no
 * socket.  Strict where leniency lets two programs disagree about where a
 * request ends (RFC 9112, sections 2.2, 5.1, 6.1, 6.3 and 7.1).
 */

#ifndef PAWL_HTTPPARSE_H
#define PAWL_HTTPPARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTPPARSE_MAX_HEADERS 100

/* Texts are offsets into the head, and end with a NUL after parsing. */
struct httpparse_head {
	uint32_t	 method, path, query;
	uint32_t	 nheaders;
	struct {
		uint32_t	 name, value;
	}		 headers[HTTPPARSE_MAX_HEADERS];
	bool		 http11, keepalive, chunked, expect_continue;
	uint64_t	 length;	/* of the body; 0 if chunked */
};

/*
 * Parses a head: the bytes up to and with the first empty line.  Returns 0, or
 * the status to refuse it with and a sentence in *why (static).
 */
int	httpparse_head(char *head, size_t len, struct httpparse_head *,
	    const char **why);
/* Value of a header, or NULL. */
const char *httpparse_header(const char *head, const struct httpparse_head *,
	    const char *name);

struct httpparse_chunks {
	int		 state;
	unsigned	 digits;
	uint64_t	 left;		/* bytes missing in this chunk */
	size_t		 extra;		/* bytes of extensions and trailers */
};

#define HTTPPARSE_CHUNKS_INIT { 0, 0, 0, 0 }

/*
 * Decodes a chunked body in place: data[0, *body) is decoded, data[*used, len)
 * is not yet.  Returns 1 when the body is complete, 0 when it wants more, or
 * the status to refuse it with (400, 413 when it would pass max bytes).
 */
int	httpparse_chunks(struct httpparse_chunks *, char *data, size_t len,
	    size_t *used, size_t *body, size_t max);

/* Decoded copy of percent-encoded text, for free(); NULL if it is malformed or
 * holds an encoded NUL. */
char	*httpparse_decode(const char *text, size_t len, bool plus_is_space);

#endif
