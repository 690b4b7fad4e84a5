/*
 * base/httpd.c - an HTTP/1.1 server on libevent, with limits.
 *
 * A connection carries one request at a time, so one struct is both.  What it
 * receives stays in `in`, from `start` on; the request's texts are offsets into
 * that, and nothing more is read while the handler has the request.  httpparse.c
 * knows the text; this file knows sockets, order and time.
 *
 * Why not evhttp (libevent 2.1): it does not tell that the client of a waiting
 * request has gone, takes "Transfer-Encoding: gzip, chunked" for no body, answers
 * errors in HTML that cannot be changed, and serves half as many requests.
 *
 * Invariants:
 *   - a request in ANSWERING belongs to the handler; its memory stays until the
 *     handler has ended it, also when the client is long gone (fd == -1);
 *   - the handler is only called from the event loop, never from within
 *     httpd_reply() or httpd_end();
 *   - memory is freed in release() only, when no frame on the stack uses it.
 */

#include "httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event_struct.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "httpparse.h"
#include "log.h"
#include "strbuf.h"
#include "wallclock.h"
#include "xmalloc.h"

#define IN_FIRST	4096		/* first size of an input buffer */
#define IN_KEEP		16384		/* idle connections keep no more */
#define READ_MAX	262144		/* bytes read in one go */
#define TURN_MAX	64		/* pipelined requests in one go */
#define OUT_PAUSE	1048576		/* unsent bytes that stop new requests */
#define OUT_MAX		((size_t)16 << 20)	/* unsent bytes of a stream */
#define LINGER_MS	5000		/* to read on after a refusal */
#define ACCEPT_MAX	16		/* connections accepted in one go */

enum state { READING_HEAD, READING_BODY, READING_CHUNKS, ANSWERING, DISCARDING };

struct httpd_request {
	TAILQ_ENTRY(httpd_request) entry;
	struct httpd		*server;
	struct event		 reading, writing;
	int			 fd;		/* -1: closed */
	unsigned		 busy;		/* frames that use this */
	enum state		 state;
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

struct listener {
	TAILQ_ENTRY(listener)	 entry;
	struct httpd		*server;
	struct event		 accepting;
	int			 fd;
	bool			 own;
};

struct httpd {
	struct event_base	*base;
	struct httpd_limits	 limits;
	httpd_handler		 handler;
	void			*arg;
	TAILQ_HEAD(, httpd_request) connections;
	TAILQ_HEAD(listener_list, listener) listeners;
	size_t			 pending;
	bool			 stopped;
	bool			 full;		/* accepting waits for a file */
	struct event		 tick;
	bool			 ticking;
	struct strbuf		 scratch;
	time_t			 date_s;
	char			 date[48];
};

static const struct {
	int		 status;
	const char	*reason;
} reasons[] = {
	{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" },
	{ 204, "No Content" }, { 302, "Found" }, { 303, "See Other" },
	{ 304, "Not Modified" }, { 400, "Bad Request" },
	{ 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" },
	{ 405, "Method Not Allowed" }, { 406, "Not Acceptable" },
	{ 408, "Request Timeout" }, { 409, "Conflict" }, { 410, "Gone" },
	{ 413, "Content Too Large" }, { 415, "Unsupported Media Type" },
	{ 417, "Expectation Failed" }, { 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" }, { 501, "Not Implemented" },
	{ 502, "Bad Gateway" }, { 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" }, { 505, "HTTP Version Not Supported" },
};

static void	process(struct httpd_request *);
static void	read_cb(evutil_socket_t, short, void *);
static void	tick_start(struct httpd *);

/* --- the end of a connection ----------------------------------------------- */

/* Tells the handler, once, that nobody waits for its answer. */
static void
tell_closed(struct httpd_request *r)
{
	void	(*fn)(void *) = r->on_close;

	if (r->state != ANSWERING || fn == NULL)
		return;
	r->on_close = NULL;
	fn(r->on_close_arg);
}

/* Closes the socket; the memory waits for release(). */
static void
hang_up(struct httpd_request *r)
{
	if (r->fd == -1)
		return;
	event_del(&r->reading);
	event_del(&r->writing);
	close(r->fd);
	r->fd = -1;
	tell_closed(r);
}

static void
destroy(struct httpd_request *r)
{
	TAILQ_REMOVE(&r->server->connections, r, entry);
	event_del(&r->reading);
	event_del(&r->writing);
	if (r->fd != -1)
		close(r->fd);
	if (r->state == ANSWERING)
		r->server->pending--;
	free(r->in);
	strbuf_free(&r->out);
	strbuf_free(&r->set);
	free(r);
}

/* Ends a frame's use of r; frees r if nobody needs it any more. */
static void
release(struct httpd_request *r)
{
	if (--r->busy == 0 && r->fd == -1 && r->state != ANSWERING)
		destroy(r);
}

/* --- sending --------------------------------------------------------------- */

static size_t
unsent(const struct httpd_request *r)
{
	return r->out.len - r->out_off;
}

/* After an answer, when all is sent. */
static void
drained(struct httpd_request *r)
{
	strbuf_reset(&r->out);
	r->out_off = 0;
	if (r->state == ANSWERING)
		return;
	if (r->close_after && r->linger) {
		/* Closing now would reset the connection and lose the answer. */
		shutdown(r->fd, SHUT_WR);
		r->linger = false;
		r->state = DISCARDING;
		event_add(&r->reading, NULL);
		r->since_ms = wallclock_monotonic_ms();
	} else if (r->close_after && r->state != DISCARDING)
		hang_up(r);
}

/* Sends what it can of both parts now, and keeps the rest. */
static void
send_parts(struct httpd_request *r, const char *a, size_t alen, const char *b,
    size_t blen, bool more)
{
	struct iovec	 iov[2] = { { (void *)(uintptr_t)a, alen },
			    { (void *)(uintptr_t)b, blen } };
	struct msghdr	 msg = { .msg_iov = iov, .msg_iovlen = blen > 0 ? 2 : 1 };
	ssize_t		 n = 0;
	size_t		 sent;

	if (r->fd == -1)
		return;
	if (unsent(r) == 0 && !more) {
		n = sendmsg(r->fd, &msg, MSG_NOSIGNAL);
		if (n == -1 && errno != EAGAIN && errno != EINTR) {
			hang_up(r);
			return;
		}
	}
	sent = n > 0 ? (size_t)n : 0;
	if (sent == alen + blen)
		return;
	if (unsent(r) == 0)
		r->since_ms = wallclock_monotonic_ms();
	if (sent < alen)
		strbuf_add(&r->out, a + sent, alen - sent);
	sent = sent < alen ? 0 : sent - alen;
	if (blen > sent)
		strbuf_add(&r->out, b + sent, blen - sent);
	if (strbuf_failed(&r->out))
		hang_up(r);
	else if (!r->handling)
		event_add(&r->writing, NULL);
}

/* Sends what is kept. */
static void
flush(struct httpd_request *r)
{
	ssize_t	 n;

	if (r->fd == -1 || unsent(r) == 0)
		return;
	n = send(r->fd, r->out.data + r->out_off, unsent(r), MSG_NOSIGNAL);
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		hang_up(r);
		return;
	}
	if (n > 0) {
		r->out_off += (size_t)n;
		r->since_ms = wallclock_monotonic_ms();
	}
	if (unsent(r) > 0) {
		event_add(&r->writing, NULL);
		return;
	}
	event_del(&r->writing);
	drained(r);
}

/* Reads again, and first takes what was received before. */
static void
resume(struct httpd_request *r)
{
	if (r->fd == -1)
		return;
	if (r->paused && !r->eof) {
		r->paused = false;
		event_add(&r->reading, NULL);
	}
	if (r->in_len > r->start)
		event_active(&r->reading, EV_READ, 1);
}

static void
pause_reading(struct httpd_request *r)
{
	r->paused = true;
	event_del(&r->reading);
}

static void
write_cb(evutil_socket_t fd, short what, void *arg)
{
	struct httpd_request	*r = arg;

	(void)fd;
	(void)what;
	r->busy++;
	flush(r);
	if (r->state != ANSWERING && unsent(r) < OUT_PAUSE)
		resume(r);
	release(r);
}

static const char *
reason_of(int status)
{
	size_t	 i;

	for (i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

static const char *
date_now(struct httpd *s)
{
	time_t		 now = (time_t)(wallclock_ms() / 1000);
	struct tm	 tm;

	if (now != s->date_s || s->date[0] == '\0') {
		s->date_s = now;
		gmtime_r(&now, &tm);
		strftime(s->date, sizeof s->date,
		    "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm);
	}
	return s->date;
}

static bool
status_has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

static bool
is_head(const struct httpd_request *r)
{
	return r->head_len > 0 && strcmp(httpd_method(r), "HEAD") == 0;
}

/* The head of an answer, in the server's scratch buffer. */
static struct strbuf *
answer_head(struct httpd_request *r, int status)
{
	struct strbuf	*b = &r->server->scratch;

	strbuf_reset(b);
	strbuf_adds(b, "HTTP/1.1 ");
	strbuf_addi(b, status);
	strbuf_addc(b, ' ');
	strbuf_adds(b, reason_of(status));
	strbuf_adds(b, "\r\n");
	strbuf_adds(b, date_now(r->server));
	if (r->set.len > 0)
		strbuf_add(b, r->set.data, r->set.len);
	if (r->server->stopped || !r->head.keepalive ||
	    (r->eof && r->in_len <= r->start + r->end))
		r->close_after = true;
	if (r->close_after)
		strbuf_adds(b, "Connection: close\r\n");
	else if (!r->head.http11)
		strbuf_adds(b, "Connection: keep-alive\r\n");
	return b;
}

static void
send_answer(struct httpd_request *r, int status, const char *body, size_t len)
{
	struct strbuf	*b = answer_head(r, status);
	bool		 more;

	if (status_has_body(status)) {
		strbuf_adds(b, "Content-Length: ");
		strbuf_addi(b, (int64_t)len);
		strbuf_adds(b, "\r\n");
	} else
		len = 0;
	strbuf_adds(b, "\r\n");
	/* Answers to pipelined requests leave together. */
	more = r->handling && r->in_len > r->start + r->end &&
	    unsent(r) < OUT_PAUSE;
	send_parts(r, b->data, b->len, body, is_head(r) ? 0 : len, more);
}

/* The answer is given: makes the connection ready for the next request. */
static void
answered(struct httpd_request *r)
{
	r->in[r->start + r->head_len + r->body_len] = r->saved;
	r->start += r->end;
	r->scanned = r->head_len = r->body_len = r->used = r->end = 0;
	r->state = READING_HEAD;
	r->since_ms = wallclock_monotonic_ms();
	r->streaming = false;
	r->on_close = NULL;
	strbuf_reset(&r->set);
	r->server->pending--;
	if (r->fd == -1)
		return;
	if (r->close_after) {
		r->in_len = r->start = 0;
		if (unsent(r) == 0)
			drained(r);
	} else if (!r->handling)
		resume(r);
}

/* --- receiving ------------------------------------------------------------- */

/* Refuses what the client sends, and says why. */
static bool
refuse(struct httpd_request *r, int status, const char *code, const char *why)
{
	char	*body = xasprintf("{\"error\":\"%s\",\"message\":\"%s\"}\n",
		    code, why);

	r->close_after = r->linger = true;
	r->head_len = 0;
	r->in_len = r->start = 0;
	strbuf_reset(&r->set);
	strbuf_adds(&r->set, "Content-Type: application/json\r\n");
	send_answer(r, status, body, strlen(body));
	free(body);
	strbuf_reset(&r->set);
	if (r->fd != -1 && unsent(r) == 0)
		drained(r);
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
	return refuse(r, 413, refusal_code(413), why);
}

/* The head has come: what about the body? */
static bool
begin_body(struct httpd_request *r)
{
	const char	*why = NULL;
	int		 status;

	status = httpparse_head(r->in + r->start, r->head_len, &r->head, &why);
	if (status != 0)
		return refuse(r, status, refusal_code(status), why);
	if (!r->head.chunked && r->head.length > r->server->limits.body_bytes)
		return refuse_body(r);
	r->state = r->head.chunked ? READING_CHUNKS : READING_BODY;
	r->chunks = (struct httpparse_chunks)HTTPPARSE_CHUNKS_INIT;
	if (r->head.expect_continue && r->in_len == r->start + r->head_len &&
	    (r->head.chunked || r->head.length > 0))
		send_parts(r, "HTTP/1.1 100 Continue\r\n\r\n", 25, NULL, 0, false);
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
			return refuse(r, 400, refusal_code(400),
			    "A line must end with CR LF.");
	}
	if (end == NULL ? len > r->server->limits.header_bytes :
	    (size_t)(end - p) + 4 > r->server->limits.header_bytes)
		return refuse(r, 431, refusal_code(431),
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
		return refuse(r, status, refusal_code(status),
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
	int	 turns = 0;

	while (r->fd != -1 && !r->close_after && turns < TURN_MAX &&
	    unsent(r) < OUT_PAUSE && take_request(r)) {
		turns++;
		handle(r);
		if (r->state == ANSWERING)
			break;
	}
	flush(r);
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
	if (turns == TURN_MAX)
		resume(r);
	else if (unsent(r) >= OUT_PAUSE)
		pause_reading(r);
	else if (r->eof) {
		/* Nothing more will come: send what is left, and go. */
		r->close_after = true;
		if (unsent(r) == 0)
			hang_up(r);
	}
}

/* While the handler has the request: has the client gone? */
static void
watch(struct httpd_request *r)
{
	char	 c;
	ssize_t	 n;

	if (r->fd == -1 || r->eof) {
		tell_closed(r);
		return;
	}
	n = recv(r->fd, &c, 1, MSG_PEEK);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1) {
		hang_up(r);
		return;
	}
	/* More requests wait until this one is answered. */
	pause_reading(r);
	if (n == 0) {
		r->eof = true;
		tell_closed(r);
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
		hang_up(r);
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
		pause_reading(r);
	} else if (n == -1 && errno != EAGAIN && errno != EINTR)
		hang_up(r);
	else if (n > 0) {
		if (r->state != READING_HEAD || r->in_len == r->start)
			r->since_ms = wallclock_monotonic_ms();
		r->in_len += (size_t)n;
	}
}

static void
read_cb(evutil_socket_t fd, short what, void *arg)
{
	struct httpd_request	*r = arg;

	(void)fd;
	(void)what;
	r->busy++;
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
	release(r);
}

/* --- accepting ------------------------------------------------------------- */

static void
peer_name(const struct sockaddr_storage *sa, char *buf, socklen_t size)
{
	const void	*addr = NULL;

	if (sa->ss_family == AF_INET)
		addr = &((const struct sockaddr_in *)sa)->sin_addr;
	else if (sa->ss_family == AF_INET6)
		addr = &((const struct sockaddr_in6 *)sa)->sin6_addr;
	if (addr == NULL || inet_ntop(sa->ss_family, addr, buf, size) == NULL)
		snprintf(buf, size, "local");
}

static void
connection_new(struct httpd *s, int fd, const struct sockaddr_storage *sa)
{
	struct httpd_request	*r = xcalloc(1, sizeof *r);
	int			 on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	r->server = s;
	r->fd = fd;
	r->state = READING_HEAD;
	r->since_ms = wallclock_monotonic_ms();
	strbuf_init(&r->out, STRBUF_MAX_DEFAULT);
	strbuf_init(&r->set, 65536);
	peer_name(sa, r->peer, sizeof r->peer);
	event_assign(&r->reading, s->base, fd, EV_READ | EV_PERSIST, read_cb, r);
	event_assign(&r->writing, s->base, fd, EV_WRITE | EV_PERSIST, write_cb, r);
	event_add(&r->reading, NULL);
	TAILQ_INSERT_TAIL(&s->connections, r, entry);
	tick_start(s);
}

static void
accept_cb(evutil_socket_t fd, short what, void *arg)
{
	struct listener		*l = arg;
	struct sockaddr_storage	 sa;
	socklen_t		 len;
	int			 n, c;

	(void)what;
	for (n = 0; n < ACCEPT_MAX; n++) {
		len = sizeof sa;
		memset(&sa, 0, sizeof sa);
		c = accept4(fd, (struct sockaddr *)&sa, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (c != -1) {
			connection_new(l->server, c, &sa);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM) {
			/* The tick tries again. */
			log_warn("cannot accept a connection: %s",
			    strerror(errno));
			event_del(&l->accepting);
			l->server->full = true;
			tick_start(l->server);
		}
		return;
	}
}

int
httpd_accept(struct httpd *s, int fd)
{
	struct listener	*l = xcalloc(1, sizeof *l);

	l->server = s;
	l->fd = fd;
	if (event_assign(&l->accepting, s->base, fd, EV_READ | EV_PERSIST,
	    accept_cb, l) == -1 || event_add(&l->accepting, NULL) == -1) {
		free(l);
		return -1;
	}
	TAILQ_INSERT_TAIL(&s->listeners, l, entry);
	return 0;
}

int
httpd_listen(struct httpd *s, const char *host, int port)
{
	struct addrinfo		 hints = { .ai_family = AF_UNSPEC,
				    .ai_socktype = SOCK_STREAM,
				    .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo		*ai;
	struct sockaddr_storage	 sa;
	socklen_t		 len = sizeof sa;
	char			 service[16];
	int			 fd, on = 1, saved;

	snprintf(service, sizeof service, "%d", port);
	if (getaddrinfo(host, service, &hints, &ai) != 0) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1 ||
	    bind(fd, ai->ai_addr, ai->ai_addrlen) == -1 ||
	    listen(fd, SOMAXCONN) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) == -1 ||
	    httpd_accept(s, fd) == -1) {
		saved = errno;
		freeaddrinfo(ai);
		if (fd != -1)
			close(fd);
		errno = saved;
		return -1;
	}
	freeaddrinfo(ai);
	TAILQ_LAST(&s->listeners, listener_list)->own = true;
	return ntohs(sa.ss_family == AF_INET6 ?
	    ((struct sockaddr_in6 *)&sa)->sin6_port :
	    ((struct sockaddr_in *)&sa)->sin_port);
}

/* --- the passing of time --------------------------------------------------- */

static void
check_time(struct httpd_request *r, int64_t now)
{
	int64_t	 limit_ms = (int64_t)r->server->limits.timeout_s * 1000;
	int64_t	 age_ms = now - r->since_ms;

	if (r->fd == -1)
		return;
	if (r->state == DISCARDING) {
		if (age_ms > (limit_ms < LINGER_MS ? limit_ms : LINGER_MS))
			hang_up(r);
	} else if (age_ms <= limit_ms)
		return;
	else if (unsent(r) > 0)
		hang_up(r);
	else if (r->state == ANSWERING)
		return;
	else if (r->state == READING_HEAD && r->in_len == r->start)
		hang_up(r);
	else
		refuse(r, 408, "RequestTimeout",
		    "The request did not arrive in time.");
}

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct httpd		*s = arg;
	struct httpd_request	*r, *next;
	struct listener		*l;
	int64_t			 now = wallclock_monotonic_ms();

	(void)fd;
	(void)what;
	s->ticking = false;
	if (s->full) {
		s->full = false;
		TAILQ_FOREACH(l, &s->listeners, entry)
			event_add(&l->accepting, NULL);
	}
	for (r = TAILQ_FIRST(&s->connections); r != NULL; r = next) {
		r->busy++;
		check_time(r, now);
		next = TAILQ_NEXT(r, entry);
		release(r);
	}
	if (!TAILQ_EMPTY(&s->connections))
		tick_start(s);
}

static void
tick_start(struct httpd *s)
{
	int64_t		 ms = (int64_t)s->limits.timeout_s * 250;
	struct timeval	 tv = { 1, 0 };

	if (s->ticking)
		return;
	if (ms < 1000)
		tv = (struct timeval){ 0, ms < 50 ? 50000 : ms * 1000 };
	event_add(&s->tick, &tv);
	s->ticking = true;
}

/* --- the server ------------------------------------------------------------ */

struct httpd *
httpd_new(struct event_base *base, const struct httpd_limits *limits,
    httpd_handler handler, void *arg)
{
	struct httpd	*s = xcalloc(1, sizeof *s);

	s->base = base;
	s->limits = *limits;
	s->handler = handler;
	s->arg = arg;
	TAILQ_INIT(&s->connections);
	TAILQ_INIT(&s->listeners);
	strbuf_init(&s->scratch, STRBUF_MAX_DEFAULT);
	event_assign(&s->tick, base, -1, 0, tick_cb, s);
	return s;
}

void
httpd_stop_listening(struct httpd *s)
{
	struct httpd_request	*r, *next;
	struct listener		*l;

	s->stopped = true;
	while ((l = TAILQ_FIRST(&s->listeners)) != NULL) {
		TAILQ_REMOVE(&s->listeners, l, entry);
		event_del(&l->accepting);
		if (l->own)
			close(l->fd);
		free(l);
	}
	for (r = TAILQ_FIRST(&s->connections); r != NULL; r = next) {
		r->busy++;
		if (r->state == READING_HEAD && r->in_len == r->start &&
		    unsent(r) == 0 && r->busy == 1)
			hang_up(r);
		next = TAILQ_NEXT(r, entry);
		release(r);
	}
}

size_t
httpd_pending(const struct httpd *s)
{
	return s->pending;
}

void
httpd_free(struct httpd *s)
{
	struct httpd_request	*r;

	if (s == NULL)
		return;
	httpd_stop_listening(s);
	while ((r = TAILQ_FIRST(&s->connections)) != NULL)
		destroy(r);
	event_del(&s->tick);
	strbuf_free(&s->scratch);
	free(s);
}

/* --- what a request says --------------------------------------------------- */

const char *
httpd_method(const struct httpd_request *r)
{
	return r->in + r->start + r->head.method;
}

const char *
httpd_raw_path(const struct httpd_request *r)
{
	return r->in + r->start + r->head.path;
}

const char *
httpd_raw_query(const struct httpd_request *r)
{
	return r->in + r->start + r->head.query;
}

const char *
httpd_header(const struct httpd_request *r, const char *name)
{
	return httpparse_header(r->in + r->start, &r->head, name);
}

void
httpd_headers(const struct httpd_request *r,
    void (*fn)(const char *name, const char *value, void *arg), void *arg)
{
	const char	*head = r->in + r->start;
	uint32_t	 i;

	for (i = 0; i < r->head.nheaders; i++)
		fn(head + r->head.headers[i].name,
		    head + r->head.headers[i].value, arg);
}

const char *
httpd_body(const struct httpd_request *r, size_t *len)
{
	if (len != NULL)
		*len = r->body_len;
	return r->in + r->start + r->head_len;
}

const char *
httpd_peer(const struct httpd_request *r)
{
	return r->peer;
}

char *
httpd_decode(const char *text, size_t len, bool plus_is_space)
{
	return httpparse_decode(text, len, plus_is_space);
}

char *
httpd_query(const struct httpd_request *r, const char *name)
{
	const char	*p = httpd_raw_query(r), *eq;
	size_t		 len, key_len;
	char		*key;
	bool		 same;

	for (; *p != '\0'; p += len + (p[len] == '&')) {
		len = strcspn(p, "&");
		eq = memchr(p, '=', len);
		key_len = eq == NULL ? len : (size_t)(eq - p);
		if ((key = httpparse_decode(p, key_len, true)) == NULL)
			continue;
		same = strcmp(key, name) == 0;
		free(key);
		if (same && eq == NULL)
			return xstrdup("");
		if (same)
			return httpparse_decode(eq + 1, len - key_len - 1, true);
	}
	return NULL;
}

/* --- the answer ------------------------------------------------------------ */

void
httpd_set(struct httpd_request *r, const char *name, const char *value)
{
	const char	*c;

	strbuf_adds(&r->set, name);
	strbuf_adds(&r->set, ": ");
	for (c = value; *c != '\0'; c++)
		strbuf_addc(&r->set, (unsigned char)*c < ' ' ? ' ' : *c);
	strbuf_adds(&r->set, "\r\n");
}

void
httpd_reply(struct httpd_request *r, int status, const char *body, size_t len)
{
	r->busy++;
	if (r->fd != -1)
		send_answer(r, status, body, len);
	answered(r);
	release(r);
}

void
httpd_begin(struct httpd_request *r, int status)
{
	struct strbuf	*b;

	r->busy++;
	r->streaming = true;
	r->chunked_out = r->head.http11 && status_has_body(status);
	if (!r->chunked_out)
		r->close_after = true;
	b = answer_head(r, status);
	if (r->chunked_out)
		strbuf_adds(b, "Transfer-Encoding: chunked\r\n");
	strbuf_adds(b, "\r\n");
	send_parts(r, b->data, b->len, NULL, 0, false);
	release(r);
}

void
httpd_send(struct httpd_request *r, const char *data, size_t len)
{
	struct strbuf	*b = &r->server->scratch;

	if (len == 0 || r->fd == -1 || is_head(r))
		return;
	r->busy++;
	if (unsent(r) + len > OUT_MAX) {
		log_warn("client does not read its stream peer=%s", r->peer);
		hang_up(r);
	} else if (r->chunked_out) {
		strbuf_reset(b);
		strbuf_addf(b, "%zx\r\n", len);
		strbuf_add(b, data, len);
		strbuf_add(b, "\r\n", 2);
		send_parts(r, b->data, b->len, NULL, 0, false);
	} else
		send_parts(r, data, len, NULL, 0, false);
	release(r);
}

size_t
httpd_unsent(const struct httpd_request *r)
{
	return unsent(r);
}

void
httpd_end(struct httpd_request *r)
{
	r->busy++;
	if (r->chunked_out && r->fd != -1 && !is_head(r))
		send_parts(r, "0\r\n\r\n", 5, NULL, 0, false);
	answered(r);
	release(r);
}

void
httpd_on_close(struct httpd_request *r, void (*fn)(void *arg), void *arg)
{
	r->on_close = fn;
	r->on_close_arg = arg;
	if (fn != NULL && (r->fd == -1 || r->eof))
		event_active(&r->reading, EV_READ, 1);
}

bool
httpd_gone(const struct httpd_request *r)
{
	char	 c;
	ssize_t	 n;

	if (r->fd == -1 || r->eof)
		return true;
	n = recv(r->fd, &c, 1, MSG_PEEK);
	return n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR);
}
