/*
 * engine/history_page.h - a stretch of an execution's history, read in bounded bites.
 */

#ifndef PAWL_HISTORY_PAGE_H
#define PAWL_HISTORY_PAGE_H

#include "asl.h"
#include "op.h"

/* Frees what chunk_decode() gave; NULL is fine. */
void	history_page_clear(struct event *, size_t n);

/* Called for each event; false: enough. */
typedef bool (*history_page_event)(struct api_call *, const struct event *, void *arg);
/*
 * Called when enough was seen or there is no more.  The row is that of the last
 * bite, borrowed; NULL with an error: NotFound, Unavailable, CorruptHistory.
 */
typedef void (*history_page_end)(struct api_call *, const struct err *,
	    const struct store_execution *, void *arg);
/*
 * Reads the committed events of an execution, from this one on (upwards, or
 * downwards when reverse).  Both are called later, never before the return.
 * arg is borrowed: usually call->state.
 */
void	history_page_read(struct api_call *, const struct exec_id *, int64_t from,
	    bool reverse, history_page_event, history_page_end, void *arg);

#endif
