/*
 * cli/trace.h - what a history says: which state an event belongs to, which
 * states are open, which tasks wait for a callback.
 *
 * Feed the events (as the REST API gives them) in the order of their ids.  Gaps
 * are fine: what hangs on a missing event is then unknown.
 */

#ifndef PAWL_TRACE_H
#define PAWL_TRACE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A state that was entered and not left.  All borrowed from the trace. */
struct trace_state {
	int64_t		 id;		/* of its ...StateEntered event */
	size_t		 parent;	/* 1 + index of the state around it, or 0;
					 * always an earlier one */
	int64_t		 since_ms;
	char		*name, *type;	/* "Pay", "Task" */
	bool		 open;
};

/* A task that waits for a callback (resource ...waitForTaskToken). */
struct trace_task {
	int64_t		 id;		/* of its TaskScheduled event */
	int64_t		 since_ms;
	char		*state;
	char		*link;		/* a callback URL in its parameters, or NULL */
	char		*token;		/* of that URL, or a string that looks like
					 * one, or NULL */
	bool		 open;
	bool		 announced;	/* for the user of the trace */
};

struct trace;

struct trace *trace_new(void);
void	trace_free(struct trace *);
void	trace_feed(struct trace *, const json_t *event);

/* Name of the state that event belongs to, or NULL.  Borrowed. */
const char *trace_state_of(const struct trace *, const json_t *event);
/* The i-th of all states or tasks seen, or NULL; ask for .open. */
const struct trace_state *trace_state(const struct trace *, size_t i);
struct trace_task *trace_task(const struct trace *, size_t i);
/* The event was the last of its execution. */
bool	trace_ended(const struct trace *);

/* The token in a text like "http://host/callback/TOKEN?x": borrowed start,
 * *len; NULL if there is none. */
const char *trace_token_in(const char *text, size_t *len);

/* The event's ...EventDetails member, or NULL. */
const json_t *trace_details(const json_t *event);
/* A string member, or NULL. */
const char *trace_string(const json_t *object, const char *name);
int64_t	trace_id(const json_t *event);

#endif
