/*
 * base/strbuf.h - a growing text buffer with a ceiling.
 *
 * A buffer that would pass its ceiling keeps what it has, takes nothing more
 * and remembers: check strbuf_failed() once, after the last append.  The bytes
 * are always followed by a NUL that len does not count.
 */

#ifndef PAWL_STRBUF_H
#define PAWL_STRBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strbuf {
	char	*data;		/* NULL until something was added */
	size_t	 len, size;
	size_t	 max;		/* ceiling in bytes */
	bool	 failed;
};

#define STRBUF_MAX_DEFAULT ((size_t)256 << 20)

#define STRBUF_INIT { NULL, 0, 0, STRBUF_MAX_DEFAULT, false }

void	strbuf_init(struct strbuf *, size_t max);
void	strbuf_free(struct strbuf *);
/* Forgets the content and the failure, keeps the memory. */
void	strbuf_reset(struct strbuf *);
void	strbuf_add(struct strbuf *, const void *, size_t);
void	strbuf_addc(struct strbuf *, char);
void	strbuf_adds(struct strbuf *, const char *);
void	strbuf_addi(struct strbuf *, int64_t);
void	strbuf_addf(struct strbuf *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
/* Adds s as a JSON string with its quotes; s must be UTF-8. */
void	strbuf_add_json_string(struct strbuf *, const char *s, size_t len);
/* Adds s as text of HTML or XML, also inside of an attribute's quotes. */
void	strbuf_add_markup(struct strbuf *, const char *s);
bool	strbuf_failed(const struct strbuf *);
/* The content as a C string: borrowed, "" when empty. */
const char *strbuf_str(const struct strbuf *);
/* Takes the content out as a C string for free(); the buffer is empty after. */
char	*strbuf_take(struct strbuf *, size_t *len);

#endif
