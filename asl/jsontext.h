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

/*
 * 0 if text holds exactly one JSON value.  Else -1 and e: code "InvalidJson",
 * text in the words the real service (its parser, Jackson) uses where
 * recorded: "Unrecognized token 'not': was expecting (JSON String, Number,
 * Array, Object or token 'null', 'true' or 'false')".  at, if not NULL, gets
 * the offset of the fault in bytes.
 */
int	jsontext_check(const char *text, size_t len, size_t *at, struct err *e)
	    MUSTCHECK;

/*
 * The end of the value that starts at p (after white space), or NULL if there
 * is none.  For text that was checked before: it only finds extents.
 */
const char *jsontext_skip(const char *p, const char *end);

/* New tree of checked text; NULL and e otherwise (same codes as above). */
json_t	*jsontext_parse(const char *text, size_t len, struct err *e) MUSTCHECK;

/*
 * Prints compactly, member order kept, numbers as the real service does:
 * integers plain, doubles with the fewest digits that read back (1.1, 0.0).
 */
void	jsontext_print(const json_t *, struct strbuf *);
/* The same, new, for free(). */
char	*jsontext_string(const json_t *, size_t *len);

#endif
