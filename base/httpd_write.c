/*
 * base/httpd_write.c - sending: answers, whole or in parts.
 *
 * An answer goes to the socket at once, without a copy; only what the client does
 * not take is kept, up to a ceiling, and sent when it can take more.
 */

#include "httpd_private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "log.h"
#include "wallclock.h"

#define OUT_MAX ((size_t)16 << 20)	/* unsent bytes of a stream */

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

void
httpd_drained(struct httpd_request *r)
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
		httpd_hang_up(r);
}

void
httpd_send_parts(struct httpd_request *r, const char *a, size_t alen, const char *b,
    size_t blen, bool more)
{
	struct iovec	 iov[2] = { { (void *)(uintptr_t)a, alen },
			    { (void *)(uintptr_t)b, blen } };
	struct msghdr	 msg = { .msg_iov = iov, .msg_iovlen = blen > 0 ? 2 : 1 };
	ssize_t		 n = 0;
	size_t		 sent;

	if (r->fd == -1)
		return;
	if (httpd_unsent(r) == 0 && !more) {
		n = sendmsg(r->fd, &msg, MSG_NOSIGNAL);
		if (n == -1 && errno != EAGAIN && errno != EINTR) {
			httpd_hang_up(r);
			return;
		}
	}
	sent = n > 0 ? (size_t)n : 0;
	if (sent == alen + blen)
		return;
	if (httpd_unsent(r) == 0)
		r->since_ms = wallclock_monotonic_ms();
	if (sent < alen)
		strbuf_add(&r->out, a + sent, alen - sent);
	sent = sent < alen ? 0 : sent - alen;
	if (blen > sent)
		strbuf_add(&r->out, b + sent, blen - sent);
	if (strbuf_failed(&r->out))
		httpd_hang_up(r);
	else if (!r->handling)
		event_add(&r->writing, NULL);
}

void
httpd_flush(struct httpd_request *r)
{
	ssize_t	 n;

	if (r->fd == -1 || httpd_unsent(r) == 0)
		return;
	n = send(r->fd, r->out.data + r->out_off, httpd_unsent(r), MSG_NOSIGNAL);
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		httpd_hang_up(r);
		return;
	}
	if (n > 0) {
		r->out_off += (size_t)n;
		r->since_ms = wallclock_monotonic_ms();
	}
	if (httpd_unsent(r) > 0) {
		event_add(&r->writing, NULL);
		return;
	}
	event_del(&r->writing);
	httpd_drained(r);
}

void
httpd_resume(struct httpd_request *r)
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

void
httpd_pause(struct httpd_request *r)
{
	r->paused = true;
	event_del(&r->reading);
}

void
httpd_write_cb(evutil_socket_t fd, short what, void *arg)
{
	struct httpd_request	*r = arg;

	(void)fd;
	(void)what;
	httpd_hold(r);
	httpd_flush(r);
	if (r->state != ANSWERING && httpd_unsent(r) < HTTPD_OUT_PAUSE)
		httpd_resume(r);
	httpd_release(r);
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

void
httpd_send_answer(struct httpd_request *r, int status, const char *body, size_t len)
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
	    httpd_unsent(r) < HTTPD_OUT_PAUSE;
	httpd_send_parts(r, b->data, b->len, body, is_head(r) ? 0 : len, more);
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
		if (httpd_unsent(r) == 0)
			httpd_drained(r);
	} else if (!r->handling)
		httpd_resume(r);
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
	httpd_hold(r);
	r->on_close = NULL;
	if (r->fd != -1)
		httpd_send_answer(r, status, body, len);
	answered(r);
	httpd_release(r);
}

void
httpd_begin(struct httpd_request *r, int status)
{
	struct strbuf	*b;

	httpd_hold(r);
	r->streaming = true;
	r->chunked_out = r->head.http11 && status_has_body(status);
	if (!r->chunked_out)
		r->close_after = true;
	b = answer_head(r, status);
	if (r->chunked_out)
		strbuf_adds(b, "Transfer-Encoding: chunked\r\n");
	strbuf_adds(b, "\r\n");
	httpd_send_parts(r, b->data, b->len, NULL, 0, false);
	httpd_release(r);
}

void
httpd_send(struct httpd_request *r, const char *data, size_t len)
{
	struct strbuf	*b = &r->server->scratch;

	if (len == 0 || r->fd == -1 || is_head(r))
		return;
	httpd_hold(r);
	if (httpd_unsent(r) + len > OUT_MAX) {
		log_warn("client does not read its stream peer=%s", r->peer);
		httpd_hang_up(r);
	} else if (r->chunked_out) {
		strbuf_reset(b);
		strbuf_addf(b, "%zx\r\n", len);
		strbuf_add(b, data, len);
		strbuf_add(b, "\r\n", 2);
		httpd_send_parts(r, b->data, b->len, NULL, 0, false);
	} else
		httpd_send_parts(r, data, len, NULL, 0, false);
	httpd_release(r);
}

size_t
httpd_unsent(const struct httpd_request *r)
{
	return r->out.len - r->out_off;
}

void
httpd_end(struct httpd_request *r)
{
	httpd_hold(r);
	r->on_close = NULL;
	if (r->chunked_out && r->fd != -1 && !is_head(r))
		httpd_send_parts(r, "0\r\n\r\n", 5, NULL, 0, false);
	answered(r);
	httpd_release(r);
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
