/*
 * asl/locate.h - where something stands in a JSON text.
 *
 * For text that jsontext_check() has passed.  Locations are those of findings:
 * "/States/Pay/Retry[0]/ErrorEquals", "/" for the whole.
 */

#ifndef PAWL_LOCATE_H
#define PAWL_LOCATE_H

#include <stdbool.h>
#include <stddef.h>

struct locate_place {
	const char	*location;	/* what is looked for; borrowed */
	bool		 name;		/* a member: its name, not its value */
	size_t		 at;		/* found: offset in bytes, and */
	int		 line, column;	/* from 1; columns count characters */
	size_t		 taken;		/* private */
};

/*
 * Finds the n places in one pass over the text.  A member is found at its name
 * if its value is an object or array, or if name is set; else at its value.
 * What is not there is found at the nearest part that is.
 */
void	locate_places(const char *text, size_t len,
	    struct locate_place *places, size_t n);
/* Line and column of an offset. */
void	locate_line(const char *text, size_t len, size_t at, int *line,
	    int *column);
/*
 * Calls fn for each member name that its object has had before: location of
 * the object, the name, and the offset.  Names are told apart as written.
 */
void	locate_duplicates(const char *text, size_t len,
	    void (*fn)(const char *object, const char *name, size_t at,
	    void *arg), void *arg);

#endif
