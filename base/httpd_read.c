/*
 * base/httpd_read.c - receiving: from bytes to requests, within the limits.
 *
 * httpparse.c knows the text; this file knows how much has come, what to do when
 * too much or nothing comes, and when to call the handler.
 */

#include "httpd_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "wallclock.h"
#include "xmalloc.h"

#define IN_FIRST	4096		/* first size of an input buffer */
#define IN_KEEP		16384		/* idle connections keep no more */
#define READ_MAX	262144		/* bytes read in one go */
#define TURN_MAX	64		/* pipelined requests in one go */

bool
httpd_refuse(struct httpd_request *r, int status, const char *code, const char *why)
{
	char	*body = xasprintf("{\"error\":\"%s\",\"message\":\"%s\"}\n",
		    code, why);

	r->close_after = r->linger = true;
	r->head_len = 0;
	r->in_len = r->start = 0;
	strbuf_reset(&r->set);
	strbuf_adds(&r->set, "Content-Type: application/json\r\n");
	httpd_send_answer(r, status, body, strlen(body));
	free(body);
	strbuf_reset(&r->set);
	if (r->fd != -1 && httpd_unsent(r) == 0)
		httpd_drained(r);
	return false;
}

static const char *
refusal_code(int status)
{
	switch (status) {
	case 413: return "PayloadTooLarge";
	case 417: return "ExpectationFailed";
	case 431: return "HeadersTooLarge";
	case 501: return "NotImplemented";
	case 505: return "HttpVersionNotSupported";
	default: return "BadRequest";
	}
}

/* Room for n more bytes and one NUL. */
static void
reserve(struct httpd_request *r, size_t n)
{
	size_t	 size;

	if (r->start > 0 && r->in_len + n >= r->in_size) {
		memmove(r->in, r->in + r->start, r->in_len - r->start);
		r->in_len -= r->start;
		r->start = 0;
	}
	if (r->in_len + n < r->in_size)
		return;
	size = r->in_size < IN_FIRST ? IN_FIRST : r->in_size;
	while (size <= r->in_len + n)
		size *= 2;
	r->in = xrealloc(r->in, size);
	r->in_size = size;
}

static bool
refuse_body(struct httpd_request *r)
{
	char	 why[80];

	snprintf(why, sizeof why, "The body is larger than %zu bytes.",
	    r->server->limits.body_bytes);
	return httpd_refuse(r, 413, refusal_code(413), why);
}

/* The head has come: what about the body? */
static bool
begin_body(struct httpd_request *r)
{
	const char	*why = NULL;
	int		 status;

	status = httpparse_head(r->in + r->start, r->head_len, &r->head, &why);
	if (status != 0)
		return httpd_refuse(r, status, refusal_code(status), why);
	if (!r->head.chunked && r->head.length > r->server->limits.body_bytes)
		return refuse_body(r);
	r->state = r->head.chunked ? READING_CHUNKS : READING_BODY;
	r->chunks = (struct httpparse_chunks)HTTPPARSE_CHUNKS_INIT;
	if (r->head.expect_continue && r->in_len == r->start + r->head_len &&
	    (r->head.chunked || r->head.length > 0))
		httpd_send_parts(r, "HTTP/1.1 100 Continue\r\n\r\n", 25, NULL, 0, false);
	return r->fd != -1;
}

static bool
take_head(struct httpd_request *r)
{
	char	*p, *end;
	size_t	 len;

	while (r->scanned == 0 && r->in_len > r->start + 1 &&
	    memcmp(r->in + r->start, "\r\n", 2) == 0)
		r->start += 2;
	p = r->in + r->start;
	len = r->in_len - r->start;
	end = memmem(p + r->scanned, len - r->scanned, "\r\n\r\n", 4);
	if (end == NULL && r->scanned == 0 && len > 0) {
		char *nl = memchr(p, '\n', len);

		if (nl != NULL && (nl == p || nl[-1] != '\r'))
			return httpd_refuse(r, 400, refusal_code(400),
			    "A line must end with CR LF.");
	}
	if (end == NULL ? len > r->server->limits.header_bytes :
	    (size_t)(end - p) + 4 > r->server->limits.header_bytes)
		return httpd_refuse(r, 431, refusal_code(431),
		    "The headers are too large.");
	if (end == NULL) {
		r->scanned = len > 3 ? len - 3 : 0;
		return false;
	}
	r->head_len = (size_t)(end - p) + 4;
	return begin_body(r);
}

static bool
take_chunks(struct httpd_request *r)
{
	char	*body = r->in + r->start + r->head_len;
	size_t	 len = r->in_len - r->start - r->head_len;
	int	 status;

	status = httpparse_chunks(&r->chunks, body, len, &r->used, &r->body_len,
	    r->server->limits.body_bytes);
	if (status == 413)
		return refuse_body(r);
	if (status >= 400)
		return httpd_refuse(r, status, refusal_code(status),
		    "The chunked body is malformed.");
	if (status == 0) {
		/* All is decoded: what follows goes right behind the body. */
		r->used = r->body_len;
		r->in_len = r->start + r->head_len + r->body_len;
		return false;
	}
	r->end = r->head_len + r->used;
	return true;
}

/* True when a whole request stands at start. */
static bool
take_request(struct httpd_request *r)
{
	if (r->in_len == r->start)
		return false;
	if (r->state == READING_HEAD && !take_head(r))
		return false;
	if (r->state == READING_CHUNKS)
		return take_chunks(r);
	if (r->state != READING_BODY ||
	    r->in_len - r->start - r->head_len < r->head.length)
		return false;
	r->body_len = (size_t)r->head.length;
	r->end = r->head_len + r->body_len;
	return true;
}

static void
handle(struct httpd_request *r)
{
	char	*end;

	reserve(r, 0);
	end = r->in + r->start + r->head_len + r->body_len;
	r->saved = *end;
	*end = '\0';
	r->state = ANSWERING;
	r->server->pending++;
	r->handling = true;
	r->server->handler(r, r->server->arg);
	r->handling = false;
}

/* Hands out the requests that have come whole, one after the other. */
static void
process(struct httpd_request *r)
{
	bool	 stuck = false;
	int	 turns = 0;

	while (r->fd != -1 && !r->close_after && !stuck && take_request(r)) {
		handle(r);
		if (r->state == ANSWERING)
			break;
		stuck = ++turns == TURN_MAX ||
		    httpd_unsent(r) >= HTTPD_OUT_PAUSE;
	}
	httpd_flush(r);
	if (r->fd == -1 || r->state == ANSWERING || r->state == DISCARDING)
		return;
	if (r->in_len == r->start) {
		r->in_len = r->start = 0;
		if (r->in_size > IN_KEEP) {
			free(r->in);
			r->in = NULL;
			r->in_size = 0;
		}
	}
	if (httpd_unsent(r) >= HTTPD_OUT_PAUSE)
		httpd_pause(r);
	else if (stuck)
		httpd_resume(r);
	else if (r->eof) {
		/* Nothing more will come: send what is left, and go. */
		r->close_after = true;
		if (httpd_unsent(r) == 0)
			httpd_hang_up(r);
	}
}

/* While the handler has the request: has the client gone? */
static void
watch(struct httpd_request *r)
{
	char	 c;
	ssize_t	 n;

	if (r->fd == -1 || r->eof) {
		httpd_tell_closed(r);
		return;
	}
	n = recv(r->fd, &c, 1, MSG_PEEK);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1) {
		httpd_hang_up(r);
		return;
	}
	/* More requests wait until this one is answered. */
	httpd_pause(r);
	if (n == 0) {
		r->eof = true;
		httpd_tell_closed(r);
	}
}

/* After a refusal: read on for a while, so that the answer gets through. */
static void
discard(struct httpd_request *r)
{
	char	 waste[16384];
	ssize_t	 n;

	n = recv(r->fd, waste, sizeof waste, 0);
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
		httpd_hang_up(r);
}

static void
receive(struct httpd_request *r)
{
	size_t	 want = IN_FIRST, missing;
	ssize_t	 n;

	if (r->eof || (r->state == READING_HEAD &&
	    r->in_len - r->start > r->server->limits.header_bytes))
		return;
	if (r->state == READING_BODY) {
		missing = r->head_len + (size_t)r->head.length -
		    (r->in_len - r->start);
		want = missing > READ_MAX ? READ_MAX :
		    missing > IN_FIRST ? missing : IN_FIRST;
	} else if (r->state == READING_CHUNKS)
		want = READ_MAX / 4;
	reserve(r, want);
	n = recv(r->fd, r->in + r->in_len, r->in_size - r->in_len - 1, 0);
	if (n == 0) {
		r->eof = true;
		httpd_pause(r);
	} else if (n == -1 && errno != EAGAIN && errno != EINTR)
		httpd_hang_up(r);
	else if (n > 0) {
		if (r->state != READING_HEAD || r->in_len == r->start)
			r->since_ms = wallclock_monotonic_ms();
		r->in_len += (size_t)n;
	}
}

void
httpd_read_cb(evutil_socket_t fd, short what, void *arg)
{
	struct httpd_request	*r = arg;

	(void)fd;
	(void)what;
	httpd_hold(r);
	if (r->state == ANSWERING)
		watch(r);
	else if (r->fd != -1 && r->state == DISCARDING)
		discard(r);
	else if (r->fd != -1 && r->close_after)
		event_del(&r->reading);
	else if (r->fd != -1) {
		receive(r);
		process(r);
	}
	httpd_release(r);
}
