/*
 * engine/api_check.h - the members of a request, checked in the real service's words.
 *
 * A table lists the members of an operation.  Members that it does not name are
 * ignored, as the real service does; null counts as absent.
 */

#ifndef PAWL_API_CHECK_H
#define PAWL_API_CHECK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "err.h"

enum check_type { CHECK_STRING, CHECK_INTEGER, CHECK_BOOLEAN, CHECK_STRUCTURE,
	CHECK_LIST, CHECK_ANY };

/*	type		min, max are of		max 0
 *	STRING		its length (characters)	no limit
 *	INTEGER		its value		no limit
 *	LIST		its elements		no limit
 */
struct check {
	const char	*name;
	enum check_type	 type;
	bool		 required;
	int64_t		 min, max;
	const char	*values;	/* "[STANDARD, EXPRESS]", or NULL: any */
};

#define CHECK_END { NULL, CHECK_ANY, false, 0, 0, NULL }

/*
 * -1 and e: SerializationException for a member of another type,
 * ValidationException for everything else, all findings in one text.
 */
int	api_check(const struct check *, const json_t *params, struct err *e)
	    MUSTCHECK;

#endif
