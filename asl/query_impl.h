/*
 * asl/query_impl.h - the inside of a compiled field: query*.c only.
 */

#ifndef PAWL_QUERY_IMPL_H
#define PAWL_QUERY_IMPL_H

#include "dataflow.h"
#include "jsonata.h"
#include "query.h"

enum query_kind { QUERY_CONSTANT, QUERY_EXPRESSION, QUERY_OBJECT, QUERY_ARRAY };

struct query {
	enum query_kind	 kind;
	char		*key;		/* below an object */
	json_t		*constant;
	struct query	*list;		/* members or items */
	size_t		 n;

	/* An expression: */
	struct jsonata	*expression;
	char		*text;		/* as causes show it: without {% %} */
	char		*location;
	bool		 reads_context;
};

/*
 * Evaluates an expression that gives a value and no function: 0 and a new
 * *result, or -1 and e.
 */
int	query_evaluate(const struct query *, struct eval *,
	    struct jsonata_result **result, struct err *) MUSTCHECK;
/* Sets e with "The JSONata expression '...' specified for the field '...' ". */
int	query_fail(const struct query *, struct eval *, struct err *,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* What was printed from start on can stand in a history. */
int	query_check_text(const struct query *, struct eval *,
	    const struct strbuf *, size_t start, struct err *) MUSTCHECK;
/* Only notes where; e was set by the caller.  Returns -1. */
int	query_fail_at(struct eval *, const char *location);

#endif
