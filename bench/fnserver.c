/*
 * bench/fnserver.c - a function that answers with what it was given, as fast as
 * it can: what task benchmarks call.
 *
 * usage: bench-fnserver PORT	(0: any; prints the port it took)
 */

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "httpd.h"

static void
echo(struct httpd_request *r, void *arg)
{
	size_t		 len;
	const char	*body = httpd_body(r, &len);

	(void)arg;
	httpd_set(r, "Content-Type", "application/json");
	httpd_reply(r, 200, body, len);
}

static void
on_signal(evutil_socket_t fd, short what, void *base)
{
	(void)fd;
	(void)what;
	event_base_loopexit(base, NULL);
}

int
main(int argc, char **argv)
{
	struct httpd_limits	 limits = { 1 << 20, 16384, 600 };
	struct event_base	*base = event_base_new();
	struct event		*term = evsignal_new(base, SIGTERM, on_signal, base);
	struct httpd		*server;
	int			 port;

	signal(SIGPIPE, SIG_IGN);
	event_add(term, NULL);
	server = httpd_new(base, &limits, echo, NULL);
	port = httpd_listen(server, "127.0.0.1", argc > 1 ? atoi(argv[1]) : 0);
	if (port < 0) {
		perror("bench-fnserver");
		return 1;
	}
	printf("%d\n", port);
	fflush(stdout);
	event_base_dispatch(base);
	httpd_free(server);
	event_free(term);
	event_base_free(base);
	return 0;
}
