/*
 * tests/unit/t_outcall.c - outgoing calls on connections that die.
 *
 * A server in the same loop answers the first request of each test and keeps its
 * connection; it hangs up on the second request that comes over a kept one.
 */

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outcall.h"
#include "unit.h"

#define ANSWER	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static struct event_base	*base;
static struct outcall_pool	*pool;
static char			 url[64];
static int			 connections, requests, hung_up;
static enum outcall_end		 end;

/* ---- the server ---- */

/* A connection's answers so far are in arg. */
static void
on_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer		*in = bufferevent_get_input(bev);
	struct evbuffer_ptr	 found;
	int			*answers = arg;

	found = evbuffer_search(in, "\r\n\r\nx", 5, NULL);
	if (found.pos == -1)
		return;
	evbuffer_drain(in, evbuffer_get_length(in));
	requests++;
	if ((*answers)++ == 0) {
		bufferevent_write(bev, ANSWER, strlen(ANSWER));
		return;
	}
	hung_up++;
	bufferevent_free(bev);
	free(answers);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) {
		bufferevent_free(bev);
		free(arg);
	}
}

static void
on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len,
    void *arg)
{
	struct bufferevent	*bev;

	(void)l;
	(void)sa;
	(void)len;
	(void)arg;
	connections++;
	bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(bev, on_read, NULL, on_event, calloc(1, sizeof(int)));
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static struct evconnlistener *
serve(void)
{
	struct sockaddr_in	 sin = { .sin_family = AF_INET };
	socklen_t		 len = sizeof sin;
	struct evconnlistener	*l;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	l = evconnlistener_new_bind(base, on_accept, NULL, LEV_OPT_CLOSE_ON_FREE, 5,
	    (struct sockaddr *)&sin, sizeof sin);
	if (l == NULL ||
	    getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&sin, &len) != 0)
		abort();
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", ntohs(sin.sin_port));
	return l;
}

/* ---- the client ---- */

static void
on_done(struct outcall *call, const struct outcall_answer *answer, void *arg)
{
	(void)call;
	(void)arg;
	end = answer->end;
	event_base_loopbreak(base);
}

static enum outcall_end
post(bool once)
{
	struct outcall_request	 r;

	memset(&r, 0, sizeof r);
	r.method = "POST";
	r.url = url;
	r.body = "x";
	r.len = 1;
	r.timeout_ms = 20000;
	r.max_answer_bytes = 1000;
	r.once = once;
	outcall_start(pool, &r, on_done, NULL);
	event_base_dispatch(base);
	return end;
}

/* ---- tests ---- */

static void
begin(void)
{
	pool = outcall_pool_new(base);
	connections = requests = hung_up = 0;
}

static void
test_kept(void)
{
	begin();
	CU_ASSERT_EQUAL(post(false), OUTCALL_ANSWERED);
	/* Over the kept connection, which dies; then over another. */
	CU_ASSERT_EQUAL(post(false), OUTCALL_ANSWERED);
	CU_ASSERT_EQUAL(hung_up, 1);
	CU_ASSERT_EQUAL(requests, 3);
	CU_ASSERT_EQUAL(connections, 2);
	outcall_pool_free(pool);
}

static void
test_once(void)
{
	begin();
	CU_ASSERT_EQUAL(post(false), OUTCALL_ANSWERED);
	CU_ASSERT_EQUAL(post(true), OUTCALL_ANSWERED);
	CU_ASSERT_EQUAL(post(true), OUTCALL_ANSWERED);
	CU_ASSERT_EQUAL(hung_up, 0);
	CU_ASSERT_EQUAL(requests, 3);
	CU_ASSERT_EQUAL(connections, 3);
	/* The next call that may be repeated takes kept ones again. */
	CU_ASSERT_EQUAL(post(false), OUTCALL_ANSWERED);
	CU_ASSERT_TRUE(hung_up > 0);
	outcall_pool_free(pool);
}

UNIT_TESTS(tests) = {
	{ "a call over a kept connection that dies is made again", test_kept },
	{ "a call that must be made once gets a connection of its own", test_once },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	struct evconnlistener	*l;
	int			 rc;

	base = event_base_new();
	l = serve();
	rc = unit_main("outcall", tests);
	evconnlistener_free(l);
	event_base_loop(base, EVLOOP_NONBLOCK);
	event_base_free(base);
	return rc;
}
