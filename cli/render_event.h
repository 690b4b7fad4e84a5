/*
 * cli/render_event.h - one history event as one line for people.
 */

#ifndef PAWL_RENDER_EVENT_H
#define PAWL_RENDER_EVENT_H

#include <jansson.h>
#include <stddef.h>

#include "strbuf.h"

/*
 * Appends time, id, type, state and what happened, with a newline.  state may
 * be NULL.  columns is the terminal's width; 0: none, and long payloads are
 * still cut to RENDER_EVENT_PAYLOAD columns.
 */
void	render_event(struct strbuf *, const json_t *event, const char *state,
	    size_t columns);

#define RENDER_EVENT_PAYLOAD 160

#endif
