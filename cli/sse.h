/*
 * cli/sse.h - reads a text/event-stream as it comes, in pieces of any size.
 *
 * After the WHATWG rules, with one difference: an event that has a name but no
 * data is given too ("event: end").
 */

#ifndef PAWL_SSE_H
#define PAWL_SSE_H

#include <stddef.h>

#include "strbuf.h"

/* Borrowed, NUL-terminated. */
struct sse_event {
	const char	*name;		/* "message" unless the stream says */
	const char	*id;		/* the last one seen, or "" */
	const char	*data;
	size_t		 len;
};

typedef void (*sse_handler)(const struct sse_event *, void *arg);

struct sse {
	sse_handler	 handler;
	void		*arg;
	struct strbuf	 line, data, name, id;
	int		 after_cr;	/* a LF that follows is part of the line end */
	int		 begun;		/* past a byte order mark */
	int		 has_data;
};

/* One line, and the data of one event, may have so many bytes. */
#define SSE_EVENT_MAX ((size_t)4 << 20)

void	sse_init(struct sse *, sse_handler, void *arg);
void	sse_free(struct sse *);
/* 0, or -1 if an event is larger than SSE_EVENT_MAX. */
int	sse_feed(struct sse *, const char *data, size_t len);

#endif
