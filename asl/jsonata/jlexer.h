/*
 * asl/jsonata/jlexer.h - an expression's tokens, one at a time.
 */

#ifndef PAWL_JLEXER_H
#define PAWL_JLEXER_H

#include "err.h"
#include "jast.h"

struct jtoken {
	enum jnode_type	 type;		/* END to REGEX */
	enum jop	 op;		/* of an OPERATOR */
	long		 position;
	struct jvalue	 value;		/* as faults show it; text of names */
	struct jregex	*regex;
};

struct jlexer {
	struct jprogram	*program;
	const char	*text, *p, *end;
	const char	*counted;	/* up to here ... */
	long		 units;		/* ... there are so many UTF-16 units */
};

void	jlexer_init(struct jlexer *, struct jprogram *, const char *, size_t);
/*
 * The next token.  A slash divides if operand_before is set, else it begins a
 * regular expression.  -1 and the program's fault.
 */
int	jlexer_next(struct jlexer *, bool operand_before, struct jtoken *)
	    MUSTCHECK;
/* Position of a place in the text. */
long	jlexer_position(struct jlexer *, const char *);

#endif
