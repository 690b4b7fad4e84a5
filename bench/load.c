/*
 * bench/load.c - a load generator: N connections, each one request at a time.
 *
 * usage: bench-load URL METHOD PATH BODYFILE CONNECTIONS REQUESTS [HEADER...]
 *
 * Sends the same request REQUESTS times over CONNECTIONS kept-alive connections
 * and prints one JSON line: seconds, requests per second, latencies in ms,
 * answers that were not 2xx.  It costs little CPU itself: one fixed text is
 * written, and of an answer only its status and length are read.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "strbuf.h"
#include "xmalloc.h"

struct load {
	struct event_base	*base;
	struct sockaddr_in	 address;
	struct strbuf		 request;
	long			 wanted, sent, done, refused, broken;
	double			*latencies_ms;
	double			 started;
};

struct connection {
	struct load		*load;
	struct bufferevent	*bev;
	double			 sent_at;
};

static double
seconds_now(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
send_next(struct connection *c)
{
	struct load	*l = c->load;

	if (l->sent >= l->wanted) {
		if (l->done >= l->wanted)
			event_base_loopexit(l->base, NULL);
		return;
	}
	l->sent++;
	c->sent_at = seconds_now();
	bufferevent_write(c->bev, l->request.data, l->request.len);
}

/* Length of the first complete answer in the buffer, 0 if it is not whole. */
static size_t
answer_length(struct evbuffer *in, int *status)
{
	struct evbuffer_ptr	 end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	char			 head[4096], *p;
	size_t			 n, body = 0;

	if (end.pos < 0)
		return 0;
	n = (size_t)end.pos + 4;
	if (n >= sizeof head)
		n = sizeof head - 1;
	evbuffer_copyout(in, head, n);
	head[n] = '\0';
	*status = atoi(head + strlen("HTTP/1.1 "));
	for (p = head; (p = strchr(p, '\n')) != NULL;)
		if (strncasecmp(++p, "content-length:", 15) == 0)
			body = strtoul(p + 15, NULL, 10);
	n = (size_t)end.pos + 4 + body;
	return evbuffer_get_length(in) >= n ? n : 0;
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct connection	*c = arg;
	struct load		*l = c->load;
	struct evbuffer		*in = bufferevent_get_input(bev);
	size_t			 n;
	int			 status = 0;

	while ((n = answer_length(in, &status)) > 0) {
		evbuffer_drain(in, n);
		l->latencies_ms[l->done++] = (seconds_now() - c->sent_at) * 1e3;
		if (status < 200 || status > 299)
			l->refused++;
		send_next(c);
	}
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct connection	*c = arg;

	(void)bev;
	if (what & BEV_EVENT_CONNECTED)
		send_next(c);
	else if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) {
		c->load->broken++;
		event_base_loopbreak(c->load->base);
	}
}

static void
open_connection(struct load *l, struct connection *c)
{
	struct timeval	 patience = { 60, 0 };

	c->load = l;
	c->bev = bufferevent_socket_new(l->base, -1, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(c->bev, on_read, NULL, on_event, c);
	bufferevent_set_timeouts(c->bev, &patience, &patience);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	if (bufferevent_socket_connect(c->bev, (struct sockaddr *)&l->address,
	    sizeof l->address) == -1) {
		fprintf(stderr, "bench-load: cannot connect\n");
		exit(1);
	}
}

static int
by_value(const void *a, const void *b)
{
	double	 x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
report(struct load *l)
{
	double	 took = seconds_now() - l->started;
	long	 n = l->done;

	qsort(l->latencies_ms, (size_t)n, sizeof *l->latencies_ms, by_value);
	printf("{\"requests\":%ld,\"seconds\":%.3f,\"per_second\":%.1f,"
	    "\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f,"
	    "\"refused\":%ld,\"broken\":%ld}\n", n, took, (double)n / took,
	    n == 0 ? 0 : l->latencies_ms[n / 2],
	    n == 0 ? 0 : l->latencies_ms[n * 99 / 100],
	    n == 0 ? 0 : l->latencies_ms[n - 1], l->refused, l->broken);
}

static void
read_body(const char *file, struct strbuf *body)
{
	FILE	*f = fopen(file, "r");
	char	 buf[4096];
	size_t	 n;

	if (f == NULL) {
		fprintf(stderr, "bench-load: %s: %s\n", file, strerror(errno));
		exit(2);
	}
	while ((n = fread(buf, 1, sizeof buf, f)) > 0)
		strbuf_add(body, buf, n);
	fclose(f);
}

int
main(int argc, char **argv)
{
	struct load		 l = { .request = STRBUF_INIT };
	struct strbuf		 body = STRBUF_INIT;
	struct connection	*connections;
	char			 host[64];
	int			 i, n, port;

	if (argc < 7 || sscanf(argv[1], "http://%63[0-9.]:%d", host, &port) != 2 ||
	    (n = atoi(argv[5])) < 1 || (l.wanted = atol(argv[6])) < 1) {
		fprintf(stderr, "usage: bench-load http://ADDRESS:PORT METHOD PATH "
		    "BODYFILE CONNECTIONS REQUESTS [HEADER...]\n");
		return 2;
	}
	read_body(argv[4], &body);
	strbuf_addf(&l.request, "%s %s HTTP/1.1\r\nHost: %s:%d\r\n"
	    "Content-Length: %zu\r\n", argv[2], argv[3], host, port, body.len);
	for (i = 7; i < argc; i++)
		strbuf_addf(&l.request, "%s\r\n", argv[i]);
	strbuf_adds(&l.request, "\r\n");
	strbuf_add(&l.request, body.data, body.len);
	l.address.sin_family = AF_INET;
	l.address.sin_port = htons((uint16_t)port);
	inet_pton(AF_INET, host, &l.address.sin_addr);
	l.base = event_base_new();
	l.latencies_ms = xcalloc((size_t)l.wanted, sizeof *l.latencies_ms);
	connections = xcalloc((size_t)n, sizeof *connections);
	l.started = seconds_now();
	for (i = 0; i < n; i++)
		open_connection(&l, &connections[i]);
	event_base_dispatch(l.base);
	report(&l);
	for (i = 0; i < n; i++)
		bufferevent_free(connections[i].bev);
	event_base_free(l.base);
	strbuf_free(&l.request);
	strbuf_free(&body);
	free(connections);
	free(l.latencies_ms);
	return l.broken > 0 || l.done < l.wanted;
}
