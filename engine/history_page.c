/*
 * engine/history_page.c - a stretch of an execution's history, read in bounded bites.
 *
 * A bite is at most BITE_CHUNKS chunks, so that one caller who asks for a
 * thousand events of a quarter megabyte each does not hold them all at once.
 * Used by GetExecutionHistory, by those who follow, and by callbacks.
 */

#include <stdlib.h>
#include <string.h>

#include "history_page.h"
#include "xmalloc.h"

#define BITE_CHUNKS	64

struct history_page {
	struct api_call		*call;
	struct exec_id		 id;
	int64_t			 next;		/* event that comes next */
	bool			 reverse;
	history_page_event	 event;
	history_page_end	 end;
	void			*arg;
};

void
history_page_clear(struct event *events, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		event_clear(&events[i]);
	free(events);
}

static void	page_bite(struct history_page *);

static void
page_end(struct history_page *p, const struct err *e,
    const struct store_execution *x)
{
	struct history_page	 copy = *p;

	free(p);
	copy.end(copy.call, e, x, copy.arg);
}

/* Gives the events of one chunk; false when enough was seen. */
static bool
page_chunk(struct history_page *p, const struct store_text *chunk, struct err *e)
{
	struct event	*events;
	const struct event *ev;
	size_t		 i, n;
	bool		 more = true;

	if (chunk_decode(chunk->events, chunk->len, &events, &n, e) == -1)
		return false;
	for (i = 0; more && i < n; i++) {
		ev = &events[p->reverse ? n - 1 - i : i];
		if (p->reverse ? ev->id > p->next : ev->id < p->next)
			continue;
		p->next = ev->id + (p->reverse ? -1 : 1);
		more = p->event(p->call, ev, p->arg);
	}
	history_page_clear(events, n);
	return more;
}

static void
page_got(const struct err *e, const struct store_execution *x,
    const struct store_text *chunks, size_t n, void *arg)
{
	struct history_page	*p = arg;
	struct err		 own = ERR_INIT;
	size_t			 i;
	bool			 more = true;

	if (e->code[0] != '\0' || x == NULL) {
		page_end(p, e, NULL);
		return;
	}
	for (i = 0; more && i < n; i++)
		more = page_chunk(p, &chunks[i], &own);
	if (more && n == BITE_CHUNKS && p->next > 0)
		page_bite(p);
	else
		page_end(p, &own, own.code[0] != '\0' ? NULL : x);
	err_clear(&own);
}

static void
page_bite(struct history_page *p)
{
	store_history(p->call->env->store, &p->id, arn_shard(&p->id), p->next,
	    p->reverse ? 1 : INT32_MAX, p->reverse, BITE_CHUNKS, page_got, p);
}

void
history_page_read(struct api_call *call, const struct exec_id *id, int64_t from,
    bool reverse, history_page_event event, history_page_end end, void *arg)
{
	struct history_page	*p = xcalloc(1, sizeof *p);

	p->call = call;
	p->id = *id;
	p->next = from;
	p->reverse = reverse;
	p->event = event;
	p->end = end;
	p->arg = arg;
	page_bite(p);
}
