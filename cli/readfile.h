/*
 * cli/readfile.h - a whole file, or standard input, with a ceiling.
 */

#ifndef PAWL_READFILE_H
#define PAWL_READFILE_H

#include <stddef.h>

#include "err.h"

#define READFILE_MAX ((size_t)32 << 20)

/*
 * path "-" is standard input.  0 and a new *text (NUL after its *len bytes), or
 * -1 and e: code "CannotRead", the text names the file.
 */
int	readfile(const char *path, char **text, size_t *len, struct err *e)
	    MUSTCHECK;

#endif
