/*
 * base/httpd_private.h - what the three files of the HTTP server share.
 *
 * A connection carries one request at a time, so one struct is both.  What it
 * receives stays in `in`, from `start` on; the request's texts are offsets into
 * that, and nothing more is read while the handler has the request.
 *
 * Invariants:
 *   - a request in ANSWERING belongs to the handler; its memory stays until the
 *     handler has ended it, also when the client is long gone (fd == -1);
 *   - the handler is only called from the event loop, never from within
 *     httpd_reply() or httpd_end();
 *   - memory is freed in httpd_release() only, when no frame on the stack uses it.
 */

#ifndef PAWL_HTTPD_PRIVATE_H
#define PAWL_HTTPD_PRIVATE_H

#include <event2/event_struct.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/queue.h>
#include <time.h>

#include "httpd.h"
#include "httpparse.h"
#include "strbuf.h"

/* Unsent bytes that stop new requests of a connection. */
#define HTTPD_OUT_PAUSE ((size_t)1 << 20)

enum httpd_state {
	READING_HEAD, READING_BODY, READING_CHUNKS,
	ANSWERING,		/* the handler has it */
	DISCARDING		/* refused; the client may still be sending */
};

struct httpd_request {
	TAILQ_ENTRY(httpd_request) entry;
	struct httpd		*server;
	struct event		 reading, writing;
	int			 fd;		/* -1: closed */
	unsigned		 busy;		/* frames that use this */
	enum httpd_state	 state;
	int64_t			 since_ms;	/* of the last progress */

	char			*in;
	size_t			 in_len, in_size, start;
	/* Of this request, from start on: */
	size_t			 scanned, head_len, body_len, used, end;
	char			 saved;		/* what the NUL after the body hides */
	struct httpparse_head	 head;
	struct httpparse_chunks	 chunks;

	struct strbuf		 out;		/* unsent, from out_off on */
	size_t			 out_off;
	struct strbuf		 set;		/* headers for the answer */
	bool	 handling;	/* the handler is being called */
	bool	 streaming;	/* between httpd_begin() and httpd_end() */
	bool	 chunked_out;
	bool	 close_after;	/* no request after this answer */
	bool	 linger;	/* the client may still be sending */
	bool	 eof;		/* the client sends nothing more */
	bool	 paused;	/* reading is off */
	void			(*on_close)(void *);
	void			*on_close_arg;
	char			 peer[INET6_ADDRSTRLEN];
};

struct httpd {
	struct event_base	*base;
	struct httpd_limits	 limits;
	httpd_handler		 handler;
	void			*arg;
	TAILQ_HEAD(, httpd_request) connections;
	TAILQ_HEAD(listener_list, listener) listeners;	/* httpd.c */
	size_t			 pending;
	bool			 stopped;
	bool			 full;		/* accepting waits for a file */
	struct event		 tick;
	bool			 ticking;
	struct strbuf		 scratch;
	time_t			 date_s;
	char			 date[48];
};

/* --- httpd.c --- */

/* Between these two r is not freed; release frees it if nobody needs it. */
#define httpd_hold(r) ((r)->busy++)
void	httpd_release(struct httpd_request *);
/* Closes the socket; the handler is told later. */
void	httpd_hang_up(struct httpd_request *);
/* Tells the handler, once, that nobody waits for its answer. */
void	httpd_tell_closed(struct httpd_request *);

/* --- httpd_read.c --- */

void	httpd_read_cb(evutil_socket_t, short, void *);
/* Answers what cannot be taken, and closes after that; returns false. */
bool	httpd_refuse(struct httpd_request *, int status, const char *code,
	    const char *why);

/* --- httpd_write.c --- */

void	httpd_write_cb(evutil_socket_t, short, void *);
/* Sends both parts, or keeps what the client does not take; more: keep all. */
void	httpd_send_parts(struct httpd_request *, const char *a, size_t alen,
	    const char *b, size_t blen, bool more);
/* Sends what is kept. */
void	httpd_flush(struct httpd_request *);
/* All of an answer, with the headers set; the request stays open. */
void	httpd_send_answer(struct httpd_request *, int status, const char *body,
	    size_t len);
/* To be called when an answer is complete and all of it is sent. */
void	httpd_drained(struct httpd_request *);
void	httpd_pause(struct httpd_request *);
/* Reads again, and first takes what was received before. */
void	httpd_resume(struct httpd_request *);

#endif
