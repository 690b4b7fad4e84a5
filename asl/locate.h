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

/*
 * Offset of what location names: of a member's name if its value is an object
 * or array or if name is set, else of the value.  What is not there gives the
 * place of the nearest part that is.
 */
size_t	locate_find(const char *text, size_t len, const char *location,
	    bool name);
/* Line and column, from 1; columns count characters. */
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
