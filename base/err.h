/*
 * base/err.h - what went wrong, once.
 *
 * Functions that can fail take a struct err * last and return -1 or NULL after
 * setting it.  The first error wins: setting one that is set changes nothing.
 * Initialise with ERR_INIT; err_clear() frees the text and makes it ready again.
 *
 * code is a name out of the subject's own list (States.Runtime, InvalidArn,
 * ...), text a sentence for people.  Both may be read while code[0] != '\0'.
 */

#ifndef PAWL_ERR_H
#define PAWL_ERR_H

#include <stdbool.h>

#define MUSTCHECK __attribute__((warn_unused_result))

struct err {
	char	 code[96];
	char	*text;		/* owned; NULL while there is no error */
};

#define ERR_INIT { "", NULL }

/* Sets e (which may be NULL) unless it is set; returns -1. */
int	err_set(struct err *e, const char *code, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* Puts a prefix before the text of an error that is set; the code stays. */
void	err_context(struct err *e, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* Moves from's error to to, when to has none; from is clear after it. */
void	err_move(struct err *to, struct err *from);

bool	err_is(const struct err *e, const char *code);
void	err_clear(struct err *e);

#endif
