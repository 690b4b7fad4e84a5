/*
 * asl/jsonata/jfunc_table.c - the functions by name.
 */

#include <string.h>

#include "jfunc.h"

const struct jbuiltin jfunc_builtins[JFUNC_COUNT] = {
#define X(name, fn, takes, signature, where) \
	{ #name, fn, takes, signature, JFUNC_##where },
	JFUNCS(X)
#undef X
};

/* The list is sorted as strcmp() sorts, but for none: a test checks it. */
int
jfunc_find(const char *name, size_t len, bool aws)
{
	int	 low = 0, high = JFUNC_COUNT - 1, middle, order;

	while (low <= high) {
		middle = (low + high) / 2;
		order = strncmp(name, jfunc_builtins[middle].name, len);
		if (order == 0 && jfunc_builtins[middle].name[len] != '\0')
			order = -1;
		if (order == 0)
			return jfunc_builtins[middle].where ==
			    (aws ? JFUNC_PLAIN : JFUNC_AWS) ? -1 : middle;
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return -1;
}
