/*
 * base/httpd.h - an HTTP/1.1 server on libevent, with limits.
 *
 * The handler gets each complete request and answers it now or later, exactly
 * once.  A request that waits is told when its client goes away.  Bodies are
 * bytes: they may hold NULs.  What is malformed, too large or too slow never
 * reaches the handler: it is answered with {"error","message"}.
 *
 * Content-Length, Connection and Date are set here; nothing else is, also no
 * Content-Type.
 */

#ifndef PAWL_HTTPD_H
#define PAWL_HTTPD_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

struct httpd;
struct httpd_request;

struct httpd_limits {
	size_t	 body_bytes;	/* larger ones are answered 413 */
	size_t	 header_bytes;	/* larger ones are answered 431 */
	int	 timeout_s;	/* of a client that neither sends nor reads */
};

typedef void (*httpd_handler)(struct httpd_request *, void *arg);

/* New; base is borrowed.  handler must answer each request in the end; it is
 * called from the event loop only, never from within a function below. */
struct httpd *httpd_new(struct event_base *base, const struct httpd_limits *,
	    httpd_handler handler, void *arg);
/* Binds host ("127.0.0.1", "::1") and port (0: any); the port, or -1 and errno. */
int	httpd_listen(struct httpd *, const char *host, int port);
/* Accepts on a listening, non-blocking socket that others may share; 0 or -1.
 * fd is borrowed. */
int	httpd_accept(struct httpd *, int fd);
/* Stops accepting, closes idle connections; open requests may still be
 * answered, and their connections close after it. */
void	httpd_stop_listening(struct httpd *);
/* Requests that were given to the handler and are not answered. */
size_t	httpd_pending(const struct httpd *);
/* Drops all connections, also requests that wait: they must not be used then,
 * and their on_close is not called.  Not from within the handler. */
void	httpd_free(struct httpd *);

/* All borrowed, valid until the answer is given. */
const char *httpd_method(const struct httpd_request *);		/* "POST" */
/* The path as sent, percent-encoded, without the query. */
const char *httpd_raw_path(const struct httpd_request *);
/* The query as sent, without "?"; "" if there is none. */
const char *httpd_raw_query(const struct httpd_request *);
const char *httpd_header(const struct httpd_request *, const char *name); /* or NULL */
/* Calls fn for each header as received. */
void	httpd_headers(const struct httpd_request *,
	    void (*fn)(const char *name, const char *value, void *arg), void *arg);
const char *httpd_body(const struct httpd_request *, size_t *len); /* NUL after it */
const char *httpd_peer(const struct httpd_request *);		/* "127.0.0.1" */

/* Decoded copy of a percent-encoded text (plus_is_space for queries); NULL if
 * it is malformed or holds an encoded NUL.  For free(). */
char	*httpd_decode(const char *text, size_t len, bool plus_is_space);
/* Decoded value of a query parameter, for free(); NULL if absent or malformed. */
char	*httpd_query(const struct httpd_request *, const char *name);

/* A header for the answer, before it is given; copied.  Control characters in
 * value become spaces. */
void	httpd_set(struct httpd_request *, const char *name, const char *value);
/* Answers; the request is gone after it.  body may be NULL when len is 0. */
void	httpd_reply(struct httpd_request *, int status, const char *body,
	    size_t len);
/* Answers in parts: begin, any number of sends, end. */
void	httpd_begin(struct httpd_request *, int status);
void	httpd_send(struct httpd_request *, const char *data, size_t len);
/* Bytes of the answer that the client has not taken.  A stream that passes
 * 16 MB is cut off: send less while this grows. */
size_t	httpd_unsent(const struct httpd_request *);
void	httpd_end(struct httpd_request *);
/*
 * fn is called once if the client goes away before the answer is complete, from
 * the event loop only.  The request stays the handler's, to be ended by
 * httpd_reply() or httpd_end(); what these send goes nowhere, or to a client that
 * has only closed its sending side.  Behind a client that has already sent its
 * next request, going away is noticed late.
 */
void	httpd_on_close(struct httpd_request *, void (*fn)(void *arg), void *arg);
/* True if the client is known to have gone, asking the kernel now: what
 * httpd_on_close() is going to tell. */
bool	httpd_gone(const struct httpd_request *);

#endif
