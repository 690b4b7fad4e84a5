/*
 * engine/outcall.h - outgoing HTTP calls: libcurl's multi interface on the loop.
 *
 * The only file of the engine that knows libcurl is outcall.c.  Connections are
 * kept alive; answers have a size limit; redirects are not followed; only http
 * and https.  Calls beyond what may be under way at once wait for their turn;
 * their time-outs count from then.
 */

#ifndef PAWL_OUTCALL_H
#define PAWL_OUTCALL_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outcall_pool;
struct outcall;

enum outcall_end {
	OUTCALL_ANSWERED,	/* status, headers, body */
	OUTCALL_REFUSED,	/* no connection: refused, unknown host, TLS */
	OUTCALL_TIMED_OUT,
	OUTCALL_TOO_LARGE,	/* the answer passed the limit */
	OUTCALL_BROKEN		/* the connection ended in the middle */
};

struct outcall_answer {
	enum outcall_end end;
	long		 status;
	const char	*body;		/* NUL after it */
	size_t		 len;
	const char	*detail;	/* for people, when not ANSWERED */
};

struct outcall_request {
	const char		*method, *url;
	const char *const	*headers;	/* "Name: value", NULL-terminated */
	const char		*body;		/* copied */
	size_t			 len;
	int64_t			 timeout_ms;
	size_t			 max_answer_bytes;
	bool			 once;		/* see outcall_start() */
};

typedef void (*outcall_done)(struct outcall *, const struct outcall_answer *,
	    void *arg);

struct outcall_pool *outcall_pool_new(struct event_base *);
void	outcall_pool_free(struct outcall_pool *);	/* calls open: dropped */
/* Starts a call.  done comes later, never before the return; the outcall is
 * gone after done.  A kept connection may turn out to be dead after the request
 * was sent; libcurl then sends it again by itself, on another.  once: never. */
struct outcall *outcall_start(struct outcall_pool *, const struct outcall_request *,
	    outcall_done done, void *arg);
/* Drops a call without calling back. */
void	outcall_cancel(struct outcall *);
/* Header of the answer, inside done; borrowed, or NULL. */
const char *outcall_header(struct outcall *, const char *name);
size_t	outcall_open(const struct outcall_pool *);

#endif
