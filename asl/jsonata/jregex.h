/*
 * asl/jsonata/jregex.h - regular expressions: JavaScript's, run by PCRE2.
 *
 * What a match may cost is bounded (JREGEX_*_MAX in jregex.c); one that wants
 * more ends the evaluation as a time-out.  Lookbehinds must have a fixed
 * length, and a dot takes a whole character where JavaScript's may take half
 * of one; otherwise patterns mean what they mean there.
 */

#ifndef PAWL_JREGEX_H
#define PAWL_JREGEX_H

#include "jarena.h"
#include "jvalue.h"
#include "strbuf.h"

struct jeval;
struct jfunction;
struct jregex;

/* Groups beyond these are not reported. */
#define JREGEX_GROUPS_MAX	100

/* New; its code is freed by jregex_free_chain().  NULL and a message. */
struct jregex *jregex_compile(struct jarena *, const char *pattern, size_t len,
	    const char *flags, size_t nflags, char *message, size_t size);
void	jregex_chain(struct jregex *, struct jregex **chain);
void	jregex_free_chain(struct jregex *);
/* The pattern as it was written. */
struct jvalue jregex_source(const struct jregex *);

/* The pattern in PCRE2's words; -1 and a message if it is none. */
int	jregex_translate(const char *pattern, size_t len, struct strbuf *out,
	    const char **message);

struct jregex_found {
	size_t	 start, end;		/* in bytes */
	size_t	 groups;
	/* of group i+1; SIZE_MAX: it took no part */
	size_t	 from[JREGEX_GROUPS_MAX], to[JREGEX_GROUPS_MAX];
};

/* Looks from offset on.  1, 0, or -1 after a fault. */
int	jregex_find(struct jeval *, const struct jregex *, struct jvalue text,
	    size_t offset, struct jregex_found *);
/*
 * The one after found: as the reference, none at the end of the text, and
 * D1004 when it is empty.
 */
int	jregex_find_next(struct jeval *, const struct jfunction *,
	    struct jvalue text, struct jregex_found *);

/* What a regular expression gives when called as a function: an object
 * { match, start, end, groups, next } or nothing. */
struct jvalue jregex_call(struct jeval *, const struct jfunction *,
	    struct jvalue text, struct jvalue from);
struct jvalue jregex_next(struct jeval *, const struct jfunction *);
/* The array of a match's groups. */
struct jvalue jregex_groups(struct jeval *, struct jvalue text,
	    const struct jregex_found *);

void	jregex_free_rooms(struct jeval *);

#endif
