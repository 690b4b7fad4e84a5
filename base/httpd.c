/*
 * base/httpd.c - an HTTP/1.1 server on libevent, with limits.
 *
 * This file has the server, its connections and their time limits;
 * httpd_read.c takes requests in, httpd_write.c sends answers, httpparse.c knows
 * the text.  httpd_private.h holds what they share and must keep true.
 *
 * Why not evhttp (libevent 2.1): it does not tell that the client of a waiting
 * request has gone, takes "Transfer-Encoding: gzip, chunked" for no body, answers
 * errors in HTML that cannot be changed, and serves half as many requests.
 */

#include "httpd_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "wallclock.h"
#include "xmalloc.h"

#define LINGER_MS	5000		/* to read on after a refusal */
#define ACCEPT_MAX	1	/* a turn: others share the socket, and get theirs */
#define KEEPALIVE_S	60		/* until a silent client is asked */

struct listener {
	TAILQ_ENTRY(listener)	 entry;
	struct httpd		*server;
	struct event		 accepting;
	int			 fd;
	bool			 own;
};

static void	tick_start(struct httpd *);

/* --- the end of a connection ----------------------------------------------- */

/* Tells the handler, once, that nobody waits for its answer. */
void
httpd_tell_closed(struct httpd_request *r)
{
	void	(*fn)(void *) = r->on_close;

	if (r->state != ANSWERING || fn == NULL)
		return;
	r->on_close = NULL;
	fn(r->on_close_arg);
}

/* Closes the socket; the memory waits for httpd_release().  The handler is told
 * by the event loop, never from within a call of its own. */
void
httpd_hang_up(struct httpd_request *r)
{
	if (r->fd == -1)
		return;
	event_del(&r->reading);
	event_del(&r->writing);
	close(r->fd);
	r->fd = -1;
	if (r->state == ANSWERING && r->on_close != NULL)
		event_active(&r->reading, EV_READ, 1);
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
void
httpd_release(struct httpd_request *r)
{
	if (--r->busy == 0 && r->fd == -1 && r->state != ANSWERING)
		destroy(r);
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

	r->server = s;
	r->fd = fd;
	r->state = READING_HEAD;
	r->since_ms = wallclock_monotonic_ms();
	strbuf_init(&r->out, STRBUF_MAX_DEFAULT);
	strbuf_init(&r->set, 65536);
	peer_name(sa, r->peer, sizeof r->peer);
	event_assign(&r->reading, s->base, fd, EV_READ | EV_PERSIST, httpd_read_cb, r);
	event_assign(&r->writing, s->base, fd, EV_WRITE | EV_PERSIST, httpd_write_cb, r);
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
	int		 on = 1, idle_s = KEEPALIVE_S;

	/* What is accepted inherits these. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
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
			httpd_hang_up(r);
	} else if (age_ms <= limit_ms)
		return;
	else if (httpd_unsent(r) > 0)
		httpd_hang_up(r);
	else if (r->state == ANSWERING)
		return;
	else if (r->state == READING_HEAD && r->in_len == r->start)
		httpd_hang_up(r);
	else
		httpd_refuse(r, 408, "RequestTimeout",
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
		httpd_hold(r);
		check_time(r, now);
		next = TAILQ_NEXT(r, entry);
		httpd_release(r);
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
		httpd_hold(r);
		if (r->state == READING_HEAD && r->in_len == r->start &&
		    httpd_unsent(r) == 0 && r->busy == 1)
			httpd_hang_up(r);
		next = TAILQ_NEXT(r, entry);
		httpd_release(r);
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
