/*
 * engine/listener.c - the public socket: bound once, shared by all processes.
 *
 * The master binds and listens, the processes accept; so a port that is taken
 * is found before anything is started, and a process that dies takes no
 * connection with it that was not its own.
 */

#include "listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xmalloc.h"

#define BACKLOG 1024

static bool
is_loopback(const struct sockaddr *sa)
{
	const struct sockaddr_in	*in = (const void *)sa;
	const struct sockaddr_in6	*in6 = (const void *)sa;

	if (sa->sa_family == AF_INET)
		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	return sa->sa_family == AF_INET6 &&
	    IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

static bool
is_any(const struct sockaddr *sa)
{
	const struct sockaddr_in	*in = (const void *)sa;
	const struct sockaddr_in6	*in6 = (const void *)sa;

	if (sa->sa_family == AF_INET)
		return in->sin_addr.s_addr == htonl(INADDR_ANY);
	return sa->sa_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr);
}

/* "http://127.0.0.1:8080" for what fd is bound to. */
static char *
url_of(int fd)
{
	struct sockaddr_storage	 ss;
	struct sockaddr		*sa = (struct sockaddr *)&ss;
	socklen_t		 len = sizeof ss;
	char			 host[INET6_ADDRSTRLEN] = "127.0.0.1";
	int			 port;
	bool			 six;

	if (getsockname(fd, sa, &len) == -1)
		return NULL;
	six = sa->sa_family == AF_INET6;
	port = six ? ntohs(((struct sockaddr_in6 *)sa)->sin6_port) :
	    ntohs(((struct sockaddr_in *)sa)->sin_port);
	if (is_any(sa))
		snprintf(host, sizeof host, "%s", six ? "::1" : "127.0.0.1");
	else if (six)
		inet_ntop(AF_INET6, &((struct sockaddr_in6 *)sa)->sin6_addr, host,
		    sizeof host);
	else
		inet_ntop(AF_INET, &((struct sockaddr_in *)sa)->sin_addr, host,
		    sizeof host);
	return xasprintf(six ? "http://[%s]:%d" : "http://%s:%d", host, port);
}

static int
bind_one(const struct addrinfo *ai, const char *listen_at, struct err *e)
{
	int	 fd, on = 1;

	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return err_set(e, "Listen", "cannot listen at %s: %s", listen_at,
		    strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	if (errno == EADDRINUSE)
		err_set(e, "Listen", "cannot listen at %s: another program does; "
		    "give another port with --listen 127.0.0.1:PORT", listen_at);
	else
		err_set(e, "Listen", "cannot listen at %s: %s", listen_at,
		    strerror(errno));
	close(fd);
	return -1;
}

int
listener_open(struct listener *l, const struct settings *s, struct err *e)
{
	struct addrinfo	 hints = { .ai_socktype = SOCK_STREAM,
			    .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *ai;
	char		*host, digits[16];
	int		 port, bad;

	*l = (struct listener){ -1, NULL };
	if (settings_address(s, &host, &port, e) == -1)
		return -1;
	snprintf(digits, sizeof digits, "%d", port);
	bad = getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, digits, &hints,
	    &ai);
	free(host);
	if (bad != 0)
		return err_set(e, "Listen", "cannot listen at %s: %s", s->listen,
		    gai_strerror(bad));
	if (!is_loopback(ai->ai_addr) && !s->insecure_public)
		err_set(e, "Listen", "%s can be reached from other machines, and "
		    "pawld speaks no TLS: put a TLS proxy in front of "
		    "127.0.0.1, or, in a network where nobody listens in, say "
		    "--insecure-public", s->listen);
	else
		l->fd = bind_one(ai, s->listen, e);
	freeaddrinfo(ai);
	if (l->fd == -1)
		return -1;
	if ((l->url = url_of(l->fd)) == NULL) {
		listener_close(l);
		return err_set(e, "Listen", "cannot listen at %s", s->listen);
	}
	return 0;
}

void
listener_close(struct listener *l)
{
	if (l->fd != -1)
		close(l->fd);
	free(l->url);
	*l = (struct listener){ -1, NULL };
}
