/*
 * asl/chunk.h - history events as stored: one text for the events of a commit.
 *
 * A chunk is a JSON object
 *
 *	{"v":1,"p":[PAYLOAD,...],"e":[{"i":7,"b":6,"t":1700000000123,
 *	 "y":"PassStateExited","f":0,"n":"Pay","p":0,...},...]}
 *
 * p holds each payload's text once; an event's p is an index into it.  Members
 * of an event are left out when they have their default: i (previous i + 1),
 * b (i - 1), t (that of the event before), and all others (0, NULL).
 *
 *	i id		n name		r resource	s retry: [flow, index,
 *	b previous id	p payload	k resource type	  due_ms, chain]
 *	t time_ms	e error		a role ARN	d due_ms of a Wait
 *	y type		c cause		l location	z catcher that took it
 *	f flow		x number	v assigned	g choice
 *	o timeout_s	h heartbeat_s			m concurrency
 *
 * The SQL view history_event unpacks the same format: change both together,
 * with a new v.
 */

#ifndef PAWL_CHUNK_H
#define PAWL_CHUNK_H

#include <stddef.h>

#include "err.h"
#include "event.h"
#include "strbuf.h"

/* Appends the n > 0 events, whose ids are dense, as one chunk. */
void	chunk_encode(const struct event *events, size_t n, struct strbuf *);
/*
 * New array of *n events, for event_clear() each and free().  -1 and e (code
 * "CorruptHistory") if the text is no chunk.
 */
int	chunk_decode(const char *text, size_t len, struct event **events,
	    size_t *n, struct err *e) MUSTCHECK;

#endif
