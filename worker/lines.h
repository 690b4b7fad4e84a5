/*
 * worker/lines.h - cuts what a function prints into lines that are safe to log.
 */

#ifndef PAWL_LINES_H
#define PAWL_LINES_H

#include <stddef.h>

#include "strbuf.h"

#define LINES_MAX_BYTES 4096	/* longer lines are cut into several */

typedef void (*lines_fn)(const char *line, void *arg);

struct lines {
	struct strbuf	 part;
	lines_fn	 fn;
	void		*arg;
};

void	lines_init(struct lines *, lines_fn fn, void *arg);
/* Calls fn for each line that is complete; control characters become "?". */
void	lines_feed(struct lines *, const char *data, size_t len);
/* Calls fn for a last line without an end, and frees. */
void	lines_end(struct lines *);

#endif
