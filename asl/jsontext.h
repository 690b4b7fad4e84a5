/*
 * asl/jsontext.h - JSON as text: checked, measured and printed without a tree.
 *
 * Rules: RFC 8259 and UTF-8, no lone surrogates, no NUL (\u0000 included, as
 * PostgreSQL cannot keep it), nesting to JSONTEXT_DEPTH_MAX, one value.
 */

#ifndef PAWL_JSONTEXT_H
#define PAWL_JSONTEXT_H

#include <jansson.h>
#include <stddef.h>

#include "err.h"
#include "strbuf.h"

#define JSONTEXT_DEPTH_MAX 1000
/* Text of our own making may wrap what came in a few times more. */
#define JSONTEXT_DEPTH_STORED (JSONTEXT_DEPTH_MAX + 24)
/* No value that an expression makes may print longer than this. */
#define JSONTEXT_PRINT_MAX ((size_t)16 << 20)

/*
 * 0 if text holds exactly one JSON value.  Else -1 and e: code "InvalidJson",
 * text in the words the real service (its parser, Jackson) uses where
 * recorded: "Unrecognized token 'not': was expecting (JSON String, Number,
 * Array, Object or token 'null', 'true' or 'false')".  at, if not NULL, gets
 * the offset of the fault in bytes.
 */
int	jsontext_check(const char *text, size_t len, size_t *at, struct err *e)
	    MUSTCHECK;
/* The same with another depth, at most JSONTEXT_DEPTH_STORED. */
int	jsontext_check_depth(const char *text, size_t len, int max_depth,
	    size_t *at, struct err *e) MUSTCHECK;

/*
 * The end of the value that starts at p (after white space), or NULL if there
 * is none.  For text that was checked before: it only finds extents.
 */
const char *jsontext_skip(const char *p, const char *end);

/* The longest part of UTF-8 text within max bytes that cuts no character. */
size_t	jsontext_cut(const char *text, size_t len, size_t max);

/*
 * New tree; NULL and e if the text is faulty (same codes as above) or deeper
 * than JSONTEXT_DEPTH_STORED.  Of two
 * members of one name the last wins.  Integers beyond int64 become doubles,
 * doubles beyond their range the largest there is.
 */
json_t	*jsontext_parse(const char *text, size_t len, struct err *e) MUSTCHECK;

/*
 * Prints compactly, member order kept, numbers as the real service does:
 * integers plain, doubles with the fewest digits that read back (1.1, 0.0).
 * What is deeper than JSONTEXT_DEPTH_STORED makes the buffer fail.
 */
void	jsontext_print(const json_t *, struct strbuf *);
/* The same, new, for free(). */
char	*jsontext_string(const json_t *, size_t *len);

#endif
