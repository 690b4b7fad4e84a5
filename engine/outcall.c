/*
 * engine/outcall.c - outgoing HTTP calls: libcurl's multi interface on the loop.
 *
 * libcurl says which sockets and which one timer it waits for; libevent waits.
 * Answers are handed out from a deferred event, never from inside libcurl, so
 * that a callback may start and cancel calls as it likes.
 *
 * A call that finds no room waits here, not in libcurl: its time-out counts
 * from when it is made.  Room is shared by origins (scheme, host, port), in
 * turn, so that a host that does not answer holds up only the calls to it.
 *
 * Invariants:
 *   - an outcall waits, or is in the multi handle, until it is finished or
 *     cancelled;
 *   - an origin lives as long as there are calls to it;
 *   - easy handles are used again (their connections live in the multi handle);
 *   - link-local addresses, where clouds keep their metadata, are never reached.
 */

#include "outcall.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "map.h"
#include "strbuf.h"
#include "xmalloc.h"

#define IDLE_HANDLES	64	/* easy handles kept for the next calls */
#define CONNECT_MS	10000
#define VANISHED_S	60	/* until a host that acknowledges nothing is gone */
#define PROBE_S		15	/* of silence, until the host is asked */
#define ACTIVE_MAX	2048
#define ACTIVE_PER_ORIGIN 512
#define ACTIVE_FILES	2	/* a part of the files that may be open */

TAILQ_HEAD(outcall_list, outcall);

struct origin {
	char			*key;
	size_t			 calls, active;	/* calls: also those that ended */
	struct outcall_list	 waiting;
	TAILQ_ENTRY(origin)	 entry;		/* of those with calls that wait */
};

struct outcall {
	struct outcall_pool	*pool;
	struct origin		*origin;
	CURL			*easy;
	struct curl_slist	*headers;
	struct strbuf		 body;
	char			*sent;
	outcall_done		 done;
	void			*arg;
	enum { WAITING, ACTIVE, FINISHED } state;
	bool			 cancelled;
	bool			 barred;	/* led to an address that is not called */
	CURLcode		 code;
	char			 detail[CURL_ERROR_SIZE];
	TAILQ_ENTRY(outcall)	 entry;		/* by state: see there */
};

struct outcall_pool {
	struct event_base	*base;
	CURLM			*multi;
	struct event		*timer, *deliver;
	struct outcall_list	 active, finished;
	TAILQ_HEAD(crowd, origin) crowd;		/* where calls wait, in turn */
	struct map		*origins;
	size_t			 nopen, nactive, active_max;
	CURL			*idle[IDLE_HANDLES];
	size_t			 nidle;
};

/* A socket that libcurl watches. */
struct watch {
	struct outcall_pool	*pool;
	struct event		*event;
	curl_socket_t		 fd;
	int			 what;
};

static void
finish(struct outcall *call)
{
	call->state = FINISHED;
	TAILQ_INSERT_TAIL(&call->pool->finished, call, entry);
	event_active(call->pool->deliver, 0, 0);
}

/* ---- whose turn it is ---- */

/* New text: what connections can be shared by. */
static char *
origin_key(const char *url)
{
	const char	*host = strstr(url, "://");

	host = host == NULL ? url : host + 3;
	return xstrndup(url, (size_t)(host - url) + strcspn(host, "/?#"));
}

static struct origin *
origin_get(struct outcall_pool *pool, const char *url)
{
	char		*key = origin_key(url);
	struct origin	*o = map_get(pool->origins, key, strlen(key));

	if (o != NULL) {
		free(key);
		o->calls++;
		return o;
	}
	o = xcalloc(1, sizeof *o);
	o->key = key;
	o->calls = 1;
	TAILQ_INIT(&o->waiting);
	map_put(pool->origins, o->key, strlen(o->key), o);
	return o;
}

static void
origin_release(struct outcall_pool *pool, struct origin *o)
{
	if (--o->calls > 0)
		return;
	map_remove(pool->origins, o->key, strlen(o->key));
	free(o->key);
	free(o);
}

static void
queue(struct outcall *call)
{
	struct origin	*o = call->origin;

	if (TAILQ_EMPTY(&o->waiting))
		TAILQ_INSERT_TAIL(&call->pool->crowd, o, entry);
	TAILQ_INSERT_TAIL(&o->waiting, call, entry);
}

static void
unqueue(struct outcall *call)
{
	struct origin	*o = call->origin;

	TAILQ_REMOVE(&o->waiting, call, entry);
	if (TAILQ_EMPTY(&o->waiting))
		TAILQ_REMOVE(&call->pool->crowd, o, entry);
}

static void
activate(struct outcall *call)
{
	struct outcall_pool	*pool = call->pool;

	if (curl_multi_add_handle(pool->multi, call->easy) != CURLM_OK) {
		call->code = CURLE_FAILED_INIT;
		finish(call);
		return;
	}
	call->state = ACTIVE;
	TAILQ_INSERT_TAIL(&pool->active, call, entry);
	call->origin->active++;
	pool->nactive++;
}

static void
deactivate(struct outcall *call)
{
	struct outcall_pool	*pool = call->pool;

	curl_multi_remove_handle(pool->multi, call->easy);
	TAILQ_REMOVE(&pool->active, call, entry);
	call->origin->active--;
	pool->nactive--;
}

/* Makes calls that wait, while there is room: one of each origin in turn. */
static void
admit(struct outcall_pool *pool)
{
	struct origin	*o, *last = TAILQ_LAST(&pool->crowd, crowd);
	struct outcall	*call;
	bool		 any = false;

	while (pool->nactive < pool->active_max &&
	    (o = TAILQ_FIRST(&pool->crowd)) != NULL) {
		TAILQ_REMOVE(&pool->crowd, o, entry);
		TAILQ_INSERT_TAIL(&pool->crowd, o, entry);
		if (o->active < ACTIVE_PER_ORIGIN) {
			call = TAILQ_FIRST(&o->waiting);
			unqueue(call);		/* o may leave the crowd */
			activate(call);
			any = true;
		}
		if (o == last) {		/* all had their turn */
			if (!any)
				break;
			any = false;
			last = TAILQ_LAST(&pool->crowd, crowd);
		}
	}
}

static void
collect(struct outcall_pool *pool)
{
	struct outcall	*call;
	CURLMsg		*msg;
	int		 left;

	while ((msg = curl_multi_info_read(pool->multi, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &call);
		call->code = msg->data.result;
		deactivate(call);
		finish(call);
	}
	admit(pool);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct outcall_pool	*pool = arg;
	int			 running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(pool->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(pool);
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct outcall_pool	*pool = ((struct watch *)arg)->pool;
	int			 running, action = 0;

	if (what & EV_READ)
		action |= CURL_CSELECT_IN;
	if (what & EV_WRITE)
		action |= CURL_CSELECT_OUT;
	curl_multi_socket_action(pool->multi, fd, action, &running);
	collect(pool);
}

static int
set_timer(CURLM *multi, long ms, void *arg)
{
	struct outcall_pool	*pool = arg;
	struct timeval		 tv = { ms / 1000, (ms % 1000) * 1000 };

	(void)multi;
	if (ms < 0)
		evtimer_del(pool->timer);
	else
		evtimer_add(pool->timer, &tv);
	return 0;
}

static int
set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socketp)
{
	struct outcall_pool	*pool = arg;
	struct watch		*w = socketp;
	short			 flags = EV_PERSIST;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w != NULL) {
			event_free(w->event);
			free(w);
			curl_multi_assign(pool->multi, fd, NULL);
		}
		return 0;
	}
	if (w == NULL) {
		w = xcalloc(1, sizeof *w);
		w->pool = pool;
		w->fd = fd;
		curl_multi_assign(pool->multi, fd, w);
	} else if (w->what == what)
		return 0;
	else
		event_free(w->event);
	if (what & CURL_POLL_IN)
		flags |= EV_READ;
	if (what & CURL_POLL_OUT)
		flags |= EV_WRITE;
	w->what = what;
	w->event = event_new(pool->base, fd, flags, on_socket, w);
	event_add(w->event, NULL);
	return 0;
}

/* 169.254/16 and fe80::/10, also as an IPv4 address inside of an IPv6 one. */
static bool
is_link_local(const struct sockaddr *sa)
{
	const struct sockaddr_in	*in = (const struct sockaddr_in *)(const void *)sa;
	const struct sockaddr_in6	*in6 = (const struct sockaddr_in6 *)(const void *)sa;
	const unsigned char		*b;

	if (sa->sa_family == AF_INET) {
		b = (const unsigned char *)&in->sin_addr;
		return b[0] == 169 && b[1] == 254;
	}
	if (sa->sa_family != AF_INET6)
		return true;
	b = in6->sin6_addr.s6_addr;
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		return b[12] == 169 && b[13] == 254;
	return IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr);
}

/*
 * A function may take its time, but a host that lost its power says nothing
 * ever: the call ends when the host has not acknowledged anything for long.
 */
static void
watch_over(int fd)
{
	int	on = 1, probe_s = PROBE_S;
	int	vanished_ms = VANISHED_S * 1000;

	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &probe_s, sizeof probe_s);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &probe_s,
	    sizeof probe_s);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &vanished_ms,
	    sizeof vanished_ms);
}

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct outcall	*call = arg;
	int		 fd;

	(void)purpose;
	if (is_link_local(&address->addr)) {
		call->barred = true;
		return CURL_SOCKET_BAD;
	}
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);
	if (fd != -1)
		watch_over(fd);
	return fd;
}

static size_t
take_body(char *data, size_t size, size_t n, void *arg)
{
	struct outcall	*call = arg;

	strbuf_add(&call->body, data, size * n);
	return strbuf_failed(&call->body) ? 0 : size * n;
}

static enum outcall_end
end_of(const struct outcall *call)
{
	/* Only what says something to the caller; the rest is a broken call. */
	if (call->code == CURLE_OK)
		return OUTCALL_ANSWERED;
	if (strbuf_failed(&call->body) || call->code == CURLE_FILESIZE_EXCEEDED)
		return OUTCALL_TOO_LARGE;
	if (call->code == CURLE_OPERATION_TIMEDOUT)
		return OUTCALL_TIMED_OUT;
	if (call->code == CURLE_COULDNT_CONNECT ||
	    call->code == CURLE_COULDNT_RESOLVE_HOST ||
	    call->code == CURLE_URL_MALFORMAT ||
	    call->code == CURLE_UNSUPPORTED_PROTOCOL ||
	    call->code == CURLE_SSL_CONNECT_ERROR ||
	    call->code == CURLE_PEER_FAILED_VERIFICATION)
		return OUTCALL_REFUSED;
	return OUTCALL_BROKEN;
}

static void
release(struct outcall *call)
{
	struct outcall_pool	*pool = call->pool;

	origin_release(pool, call->origin);
	if (pool->nidle < IDLE_HANDLES) {
		curl_easy_reset(call->easy);
		pool->idle[pool->nidle++] = call->easy;
	} else
		curl_easy_cleanup(call->easy);
	curl_slist_free_all(call->headers);
	strbuf_free(&call->body);
	free(call->sent);
	free(call);
	pool->nopen--;
}

static void
on_deliver(evutil_socket_t fd, short what, void *arg)
{
	struct outcall_pool	*pool = arg;
	struct outcall		*call;
	struct outcall_answer	 answer;

	(void)fd;
	(void)what;
	while ((call = TAILQ_FIRST(&pool->finished)) != NULL) {
		TAILQ_REMOVE(&pool->finished, call, entry);
		memset(&answer, 0, sizeof answer);
		answer.end = end_of(call);
		answer.body = strbuf_str(&call->body);
		answer.len = call->body.len;
		curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE,
		    &answer.status);
		answer.detail = call->code == CURLE_OK ? "" :
		    call->barred ? "link-local addresses are never called" :
		    call->detail[0] != '\0' ? call->detail :
		    curl_easy_strerror(call->code);
		if (!call->cancelled)
			call->done(call, &answer, call->arg);
		release(call);
	}
}

/* Each call needs a file. */
static size_t
active_max(void)
{
	struct rlimit	 rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1 ||
	    rl.rlim_cur / ACTIVE_FILES > ACTIVE_MAX)
		return ACTIVE_MAX;
	return (size_t)rl.rlim_cur / ACTIVE_FILES;
}

struct outcall_pool *
outcall_pool_new(struct event_base *base)
{
	struct outcall_pool	*pool = xcalloc(1, sizeof *pool);

	curl_global_init(CURL_GLOBAL_DEFAULT);
	pool->base = base;
	pool->multi = curl_multi_init();
	if (pool->multi == NULL)
		log_fatal("libcurl cannot be set up");
	TAILQ_INIT(&pool->active);
	TAILQ_INIT(&pool->finished);
	TAILQ_INIT(&pool->crowd);
	pool->origins = map_new();
	pool->active_max = active_max();
	pool->timer = evtimer_new(base, on_timer, pool);
	pool->deliver = event_new(base, -1, 0, on_deliver, pool);
	curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
	curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
	curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS,
	    (long)pool->active_max);
	return pool;
}

void
outcall_pool_free(struct outcall_pool *pool)
{
	struct outcall	*call;
	struct origin	*o;

	if (pool == NULL)
		return;
	while ((o = TAILQ_FIRST(&pool->crowd)) != NULL) {
		call = TAILQ_FIRST(&o->waiting);
		unqueue(call);
		release(call);
	}
	while ((call = TAILQ_FIRST(&pool->active)) != NULL) {
		deactivate(call);
		release(call);
	}
	while ((call = TAILQ_FIRST(&pool->finished)) != NULL) {
		TAILQ_REMOVE(&pool->finished, call, entry);
		release(call);
	}
	while (pool->nidle > 0)
		curl_easy_cleanup(pool->idle[--pool->nidle]);
	curl_multi_cleanup(pool->multi);
	map_free(pool->origins);
	event_free(pool->timer);
	event_free(pool->deliver);
	free(pool);
}

static void
prepare(struct outcall *call, const struct outcall_request *r)
{
	CURL	*easy = call->easy;
	size_t	 i;

	/* No "Expect: 100-continue": it costs a round trip for large payloads. */
	call->headers = curl_slist_append(NULL, "Expect:");
	for (i = 0; r->headers != NULL && r->headers[i] != NULL; i++)
		call->headers = curl_slist_append(call->headers, r->headers[i]);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(easy, CURLOPT_URL, r->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->detail);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
	if (r->once)			/* what is new is never tried again */
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	if (strcmp(r->method, "GET") == 0)
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	else {
		call->sent = xmemdup(r->body == NULL ? "" : r->body, r->len);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)r->len);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->sent);
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, r->method);
	}
}

struct outcall *
outcall_start(struct outcall_pool *pool, const struct outcall_request *r,
    outcall_done done, void *arg)
{
	struct outcall	*call = xcalloc(1, sizeof *call);

	call->pool = pool;
	call->done = done;
	call->arg = arg;
	strbuf_init(&call->body, r->max_answer_bytes);
	call->easy = pool->nidle > 0 ? pool->idle[--pool->nidle] :
	    curl_easy_init();
	if (call->easy == NULL)
		log_fatal("libcurl: out of memory");
	prepare(call, r);
	call->origin = origin_get(pool, r->url);
	pool->nopen++;
	if (pool->nactive < pool->active_max &&
	    call->origin->active < ACTIVE_PER_ORIGIN &&
	    TAILQ_EMPTY(&call->origin->waiting))
		activate(call);
	else
		queue(call);
	return call;
}

void
outcall_cancel(struct outcall *call)
{
	struct outcall_pool	*pool = call->pool;

	call->cancelled = true;
	switch (call->state) {
	case FINISHED:
		return;			/* on_deliver() lets it go */
	case WAITING:
		unqueue(call);
		break;
	case ACTIVE:
		deactivate(call);
		break;
	}
	release(call);
	admit(pool);
}

const char *
outcall_header(struct outcall *call, const char *name)
{
	struct curl_header	*h;

	if (curl_easy_header(call->easy, name, 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
		return NULL;
	return h->value;
}

size_t
outcall_open(const struct outcall_pool *pool)
{
	return pool->nopen;
}
