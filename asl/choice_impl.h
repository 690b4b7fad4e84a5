/*
 * asl/choice_impl.h - the comparison operators; for the choice*.c files alone.
 */

#ifndef PAWL_CHOICE_IMPL_H
#define PAWL_CHOICE_IMPL_H

#include "choice.h"
#include "jsonpath.h"
#include "timestamp.h"

#define CHOICE_DEPTH_MAX 50

enum order { ORDER_EQ, ORDER_LT, ORDER_GT, ORDER_LE, ORDER_GE };

enum family { FAMILY_STRING, FAMILY_NUMERIC, FAMILY_BOOLEAN, FAMILY_TIMESTAMP,
	FAMILY_MATCHES, FAMILY_NULL, FAMILY_PRESENT, FAMILY_IS_NUMERIC,
	FAMILY_IS_STRING, FAMILY_IS_BOOLEAN, FAMILY_IS_TIMESTAMP };

/*	each of these exists with "Path" behind it, too	*/
#define CHOICE_ORDERED(X)						\
	X("StringEquals",		FAMILY_STRING,	  ORDER_EQ)	\
	X("StringLessThan",		FAMILY_STRING,	  ORDER_LT)	\
	X("StringGreaterThan",		FAMILY_STRING,	  ORDER_GT)	\
	X("StringLessThanEquals",	FAMILY_STRING,	  ORDER_LE)	\
	X("StringGreaterThanEquals",	FAMILY_STRING,	  ORDER_GE)	\
	X("NumericEquals",		FAMILY_NUMERIC,	  ORDER_EQ)	\
	X("NumericLessThan",		FAMILY_NUMERIC,	  ORDER_LT)	\
	X("NumericGreaterThan",		FAMILY_NUMERIC,	  ORDER_GT)	\
	X("NumericLessThanEquals",	FAMILY_NUMERIC,	  ORDER_LE)	\
	X("NumericGreaterThanEquals",	FAMILY_NUMERIC,	  ORDER_GE)	\
	X("BooleanEquals",		FAMILY_BOOLEAN,	  ORDER_EQ)	\
	X("TimestampEquals",		FAMILY_TIMESTAMP, ORDER_EQ)	\
	X("TimestampLessThan",		FAMILY_TIMESTAMP, ORDER_LT)	\
	X("TimestampGreaterThan",	FAMILY_TIMESTAMP, ORDER_GT)	\
	X("TimestampLessThanEquals",	FAMILY_TIMESTAMP, ORDER_LE)	\
	X("TimestampGreaterThanEquals",	FAMILY_TIMESTAMP, ORDER_GE)

#define CHOICE_TESTS(X)					\
	X("StringMatches",	FAMILY_MATCHES)		\
	X("IsNull",		FAMILY_NULL)		\
	X("IsPresent",		FAMILY_PRESENT)		\
	X("IsNumeric",		FAMILY_IS_NUMERIC)	\
	X("IsString",		FAMILY_IS_STRING)	\
	X("IsBoolean",		FAMILY_IS_BOOLEAN)	\
	X("IsTimestamp",	FAMILY_IS_TIMESTAMP)

struct operator {
	const char	*name;
	enum family	 family;
	enum order	 order;
	bool		 path;		/* the operand is a path */
};

/* A pattern of StringMatches: the texts between its stars, unescaped. */
struct segment {
	char	*text;
	size_t	 len;
};

struct comparison {
	const struct operator	*op;
	struct jsonpath		*variable;
	json_t			*operand;
	struct jsonpath		*operand_path;
	struct segment		*segments;	/* n stars: n + 1 segments */
	size_t			 nsegments;
};

void	choice_compare_clear(struct comparison *);
/* Takes the pattern in operand apart. */
void	choice_compare_pattern(struct comparison *);
int	choice_compare(const struct comparison *, struct scope *,
	    bool *matches, struct err *e) MUSTCHECK;

#endif
