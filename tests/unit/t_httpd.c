/*
 * tests/unit/t_httpd.c - the HTTP server, over loopback sockets in one process.
 *
 * The server and its clients share one event loop: talk() turns it until the
 * client has what it waits for.  The handler does what the path says.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "httpd.h"
#include "httpparse.h"
#include "log.h"
#include "strbuf.h"
#include "unit.h"
#include "wallclock.h"
#include "xmalloc.h"

#define BODY_MAX 65536
#define HEADER_MAX 4096
#define PATIENCE_MS 10000

static struct event_base	*base;
static struct httpd		*server;
static int			 port;
static struct httpd_request	*waiting[512];
static size_t			 nwaiting, handled, closed;

static void
on_close(void *arg)
{
	(void)arg;
	closed++;
}

static void
add_header_name(const char *name, const char *value, void *arg)
{
	strbuf_addf(arg, "%s=%s;", name, value);
}

static void
handler(struct httpd_request *r, void *arg)
{
	const char	*path = httpd_raw_path(r), *body;
	struct strbuf	 b = STRBUF_INIT;
	size_t		 len;
	char		*text;

	(void)arg;
	handled++;
	body = httpd_body(r, &len);
	CU_ASSERT_EQUAL(body[len], '\0');
	if (strcmp(path, "/echo") == 0) {
		httpd_set(r, "Content-Type", "application/octet-stream");
		httpd_reply(r, 200, body, len);
	} else if (strcmp(path, "/wait") == 0) {
		httpd_on_close(r, on_close, NULL);
		waiting[nwaiting++] = r;
	} else if (strcmp(path, "/stream") == 0) {
		httpd_on_close(r, on_close, NULL);
		httpd_set(r, "Content-Type", "text/event-stream");
		httpd_begin(r, 200);
		httpd_send(r, "data: 1\n\n", 9);
		waiting[nwaiting++] = r;
	} else if (strcmp(path, "/big") == 0) {
		text = xcalloc(1, 4 << 20);
		httpd_reply(r, 200, text, 4 << 20);
		free(text);
	} else if (strcmp(path, "/none") == 0)
		httpd_reply(r, 204, NULL, 0);
	else if (strcmp(path, "/headers") == 0) {
		httpd_headers(r, add_header_name, &b);
		httpd_set(r, "X-Split", "a\r\nEvil: 1");
		httpd_reply(r, 200, b.data, b.len);
	} else if (strcmp(path, "/query") == 0) {
		text = httpd_query(r, "q");
		strbuf_adds(&b, text == NULL ? "(none)" : text);
		free(text);
		httpd_reply(r, 200, strbuf_str(&b), b.len);
	} else {
		strbuf_addf(&b, "%s %s %zu", httpd_method(r), path, len);
		httpd_reply(r, 200, b.data, b.len);
	}
	strbuf_free(&b);
}

static void
server_start(int timeout_s)
{
	struct httpd_limits	 limits = { BODY_MAX, HEADER_MAX, timeout_s };

	base = event_base_new();
	server = httpd_new(base, &limits, handler, NULL);
	port = httpd_listen(server, "127.0.0.1", 0);
	CU_ASSERT_FATAL(port > 0);
	nwaiting = handled = closed = 0;
}

static void
server_end(void)
{
	httpd_free(server);
	event_base_free(base);
}

static int
dial(void)
{
	struct sockaddr_in	 sa = { .sin_family = AF_INET };
	int			 fd = socket(AF_INET, SOCK_STREAM, 0);

	sa.sin_port = htons((uint16_t)port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CU_ASSERT_FATAL(connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void
turn(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/* Turns the loop until *count reaches n. */
static void
until(const size_t *count, size_t n)
{
	int64_t	 end = wallclock_monotonic_ms() + PATIENCE_MS;

	while (*count < n && wallclock_monotonic_ms() < end)
		turn();
	CU_ASSERT_FATAL(*count >= n);
}

/* Sends all, turning the loop while the socket is full. */
static void
say(int fd, const char *data, size_t len)
{
	int64_t	 end = wallclock_monotonic_ms() + PATIENCE_MS;
	ssize_t	 n;

	while (len > 0 && wallclock_monotonic_ms() < end) {
		n = send(fd, data, len, MSG_NOSIGNAL);
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		} else if (n == -1 && errno != EAGAIN)
			return;
		turn();
	}
}

/* Reads until the text `last` has come (NULL: until the end); new string. */
static char *
hear(int fd, const char *last)
{
	int64_t		 end = wallclock_monotonic_ms() + PATIENCE_MS;
	struct strbuf	 b = STRBUF_INIT;
	char		 buf[65536];
	ssize_t		 n;

	while (wallclock_monotonic_ms() < end) {
		turn();
		n = recv(fd, buf, sizeof buf, 0);
		if (n == 0 || (n == -1 && errno != EAGAIN)) {
			if (last == NULL)
				return strbuf_take(&b, NULL);
			break;
		}
		if (n > 0)
			strbuf_add(&b, buf, (size_t)n);
		if (last != NULL && strstr(strbuf_str(&b), last) != NULL)
			return strbuf_take(&b, NULL);
	}
	printf("# did not hear '%s' in '%.200s'\n", last == NULL ? "the end" :
	    last, strbuf_str(&b));
	CU_FAIL("no answer");
	return strbuf_take(&b, NULL);
}

/* One request on a connection of its own, answered until `last`. */
static char *
ask(const char *request, const char *last)
{
	int	 fd = dial();
	char	*answer;

	say(fd, request, strlen(request));
	answer = hear(fd, last);
	close(fd);
	return answer;
}

static void
check_ask(const char *request, const char *last)
{
	free(ask(request, last));
}

static bool
has(const char *text, const char *part)
{
	bool	 found = strstr(text, part) != NULL;

	if (!found)
		printf("# no '%s' in '%.300s'\n", part, text);
	return found;
}

#define H "Host: h\r\n"

static void
test_methods(void)
{
	static const char *const	 methods[] = { "GET", "POST", "PUT",
					    "DELETE", "PATCH", "OPTIONS", "BREW" };
	char				*request, *last;
	size_t				 i;

	server_start(10);
	for (i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		request = xasprintf("%s /m HTTP/1.1\r\n" H
		    "Content-Length: 2\r\n\r\n{}", methods[i]);
		last = xasprintf("\r\n\r\n%s /m 2", methods[i]);
		check_ask(request, last);
		free(request);
		free(last);
	}
	request = ask("HEAD /m HTTP/1.1\r\n" H "Connection: close\r\n\r\n", NULL);
	CU_ASSERT(has(request, "Content-Length: 9\r\n"));
	UNIT_STR(strstr(request, "\r\n\r\n"), "\r\n\r\n");
	free(request);
	request = ask("GET /none HTTP/1.1\r\n" H "\r\n", "\r\n\r\n");
	CU_ASSERT(has(request, "HTTP/1.1 204 No Content\r\n"));
	CU_ASSERT_PTR_NULL(strstr(request, "Content-"));
	free(request);
	server_end();
}

static void
test_keep_alive(void)
{
	int	 fd, i;

	server_start(10);
	fd = dial();
	for (i = 0; i < 3; i++) {
		say(fd, "GET /k HTTP/1.1\r\n" H "\r\n", 28);
		free(hear(fd, "GET /k 0"));
	}
	say(fd, "GET /l HTTP/1.1\r\n" H "Connection: close\r\n\r\n", 47);
	free(hear(fd, NULL));
	close(fd);
	/* HTTP/1.0 closes, unless asked to stay. */
	check_ask("GET /a HTTP/1.0\r\n\r\n", NULL);
	check_ask("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	    "Connection: keep-alive\r\n");
	server_end();
}

static void
test_pipelining(void)
{
	struct strbuf	 b = STRBUF_INIT;
	char		*answer, *p;
	int		 fd, i;

	server_start(10);
	fd = dial();
	for (i = 0; i < 500; i++)
		strbuf_addf(&b, "POST /p%d HTTP/1.1\r\n" H
		    "Content-Length: 3\r\n\r\nabc", i);
	strbuf_adds(&b, "GET /end HTTP/1.1\r\n" H "\r\n");
	say(fd, b.data, b.len);
	answer = hear(fd, "GET /end 0");
	CU_ASSERT_EQUAL(handled, 501);
	for (i = 0, p = answer; i < 500 && p != NULL; i++) {
		char	 want[32];

		snprintf(want, sizeof want, "POST /p%d 3", i);
		p = strstr(p, want);
	}
	CU_ASSERT_PTR_NOT_NULL(p);
	free(answer);
	close(fd);
	strbuf_free(&b);
	server_end();
}

static void
test_pipelined_behind_waiting(void)
{
	char	*answer;
	int	 fd;

	server_start(10);
	fd = dial();
	say(fd, "GET /wait HTTP/1.1\r\n" H "\r\nGET /2 HTTP/1.1\r\n" H "\r\n", 59);
	until(&nwaiting, 1);
	say(fd, "GET /3 HTTP/1.1\r\n" H "\r\n", 28);
	turn();
	turn();
	CU_ASSERT_EQUAL(handled, 1);
	httpd_reply(waiting[0], 200, "first", 5);
	CU_ASSERT_EQUAL(handled, 1);
	answer = hear(fd, "GET /3 0");
	CU_ASSERT(strstr(answer, "first") < strstr(answer, "GET /2 0"));
	CU_ASSERT_EQUAL(handled, 3);
	free(answer);
	close(fd);
	server_end();
}

static void
test_binary_body(void)
{
	char		 body[] = "a\0b\r\n\r\n\xff\x00";
	struct strbuf	 b = STRBUF_INIT;
	char		 buf[1024];
	ssize_t		 n = -1;
	int		 fd, i;

	server_start(10);
	fd = dial();
	strbuf_addf(&b, "POST /echo HTTP/1.1\r\n" H "Content-Length: %zu\r\n\r\n",
	    sizeof body);
	strbuf_add(&b, body, sizeof body);
	/* Byte by byte: every place is a boundary once. */
	for (i = 0; i < (int)b.len; i++)
		say(fd, b.data + i, 1);
	for (i = 0; i < 1000 && n <= 0; i++) {
		turn();
		n = recv(fd, buf, sizeof buf, 0);
	}
	CU_ASSERT_FATAL(n > (ssize_t)sizeof body);
	CU_ASSERT_EQUAL(memcmp(buf + n - sizeof body, body, sizeof body), 0);
	strbuf_free(&b);
	close(fd);
	server_end();
}

static void
test_chunked_body(void)
{
	static const char	 request[] = "POST /echo HTTP/1.1\r\n" H
	    "Transfer-Encoding: chunked\r\n\r\n"
	    "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: 1\r\n\r\n"
	    "GET /next HTTP/1.1\r\n" H "\r\n";
	char			*answer;
	size_t			 i;
	int			 fd;

	server_start(10);
	answer = ask(request, "GET /next 0");
	CU_ASSERT(has(answer, "\r\n\r\nhello world"));
	free(answer);
	fd = dial();
	for (i = 0; i < sizeof request - 1; i++)
		say(fd, request + i, 1);
	answer = hear(fd, "GET /next 0");
	CU_ASSERT(has(answer, "\r\n\r\nhello world"));
	free(answer);
	close(fd);
	server_end();
}

static void
test_expect_continue(void)
{
	char	*answer;
	int	 fd;

	server_start(10);
	fd = dial();
	say(fd, "POST /echo HTTP/1.1\r\n" H
	    "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", 73);
	answer = hear(fd, "\r\n\r\n");
	UNIT_STR(answer, "HTTP/1.1 100 Continue\r\n\r\n");
	free(answer);
	say(fd, "ok", 2);
	free(hear(fd, "\r\n\r\nok"));
	close(fd);
	answer = ask("POST /echo HTTP/1.1\r\n" H "Expect: 100-continue\r\n"
	    "Content-Length: 99999999\r\n\r\n", "PayloadTooLarge");
	CU_ASSERT_EQUAL(strncmp(answer, "HTTP/1.1 413 ", 13), 0);
	free(answer);
	check_ask("POST / HTTP/1.1\r\n" H "Expect: x\r\n\r\n", "HTTP/1.1 417 ");
	server_end();
}

static void
test_body_limit(void)
{
	struct strbuf	 b = STRBUF_INIT;
	char		*body = xcalloc(1, 2 << 20), *answer;
	int		 fd;

	server_start(10);
	memset(body, 'x', 2 << 20);
	/* The client sends all of 2 MB before it reads: it must get its 413. */
	fd = dial();
	strbuf_adds(&b, "POST /echo HTTP/1.1\r\n" H "Content-Length: 2097152\r\n\r\n");
	strbuf_add(&b, body, 2 << 20);
	say(fd, b.data, b.len);
	shutdown(fd, SHUT_WR);
	answer = hear(fd, NULL);
	CU_ASSERT(has(answer, "HTTP/1.1 413 Content Too Large\r\n"));
	CU_ASSERT(has(answer, "Content-Type: application/json\r\n"));
	CU_ASSERT(has(answer, "{\"error\":\"PayloadTooLarge\",\"message\":\""
	    "The body is larger than 65536 bytes.\"}"));
	free(answer);
	close(fd);
	/* Chunked: no length to see in advance. */
	strbuf_reset(&b);
	strbuf_adds(&b, "POST /echo HTTP/1.1\r\n" H
	    "Transfer-Encoding: chunked\r\n\r\n10001\r\n");
	strbuf_add(&b, body, 65537);
	fd = dial();
	say(fd, b.data, b.len);
	free(hear(fd, "HTTP/1.1 413 "));
	close(fd);
	/* Exactly the limit passes. */
	strbuf_reset(&b);
	strbuf_adds(&b, "POST / HTTP/1.1\r\n" H "Content-Length: 65536\r\n\r\n");
	strbuf_add(&b, body, 65536);
	fd = dial();
	say(fd, b.data, b.len);
	free(hear(fd, "POST / 65536"));
	close(fd);
	CU_ASSERT_EQUAL(handled, 1);
	strbuf_free(&b);
	free(body);
	server_end();
}

static void
test_header_limit(void)
{
	struct strbuf	 b = STRBUF_INIT;
	int		 i;

	server_start(10);
	strbuf_adds(&b, "GET / HTTP/1.1\r\n" H "X: ");
	for (i = 0; i < HEADER_MAX; i++)
		strbuf_addc(&b, 'x');
	check_ask(b.data, "HTTP/1.1 431 ");
	strbuf_adds(&b, "\r\n\r\n");
	check_ask(b.data, "HTTP/1.1 431 ");
	strbuf_reset(&b);
	strbuf_adds(&b, "GET / HTTP/1.1\r\n" H);
	for (i = 0; i < HTTPPARSE_MAX_HEADERS; i++)
		strbuf_adds(&b, "a: b\r\n");
	strbuf_adds(&b, "\r\n");
	check_ask(b.data, "HTTP/1.1 431 ");
	CU_ASSERT_EQUAL(handled, 0);
	strbuf_free(&b);
	server_end();
}

static void
test_malformed(void)
{
	static const struct {
		const char	*request, *status;
	} cases[] = {
		{ "hello\r\n\r\n", "400" },
		{ "GET / HTTP/1.1\n" H "\n", "400" },
		{ "GET  / HTTP/1.1\r\n" H "\r\n", "400" },
		{ "GET x HTTP/1.1\r\n" H "\r\n", "400" },
		{ "GET /a b HTTP/1.1\r\n" H "\r\n", "400" },
		{ "GET /#f HTTP/1.1\r\n" H "\r\n", "400" },
		{ "GET / HTTP/2.0\r\n" H "\r\n", "505" },
		{ "GET / HTTP/1.12\r\n" H "\r\n", "400" },
		{ "GET / HTTP/1.1\r\n\r\n", "400" },
		{ "GET / HTTP/1.1\r\n" H H "\r\n", "400" },
		{ "GET / HTTP/1.1\r\n" H "A : b\r\n\r\n", "400" },
		{ "GET / HTTP/1.1\r\n" H " folded\r\n\r\n", "400" },
		{ "GET / HTTP/1.1\r\n" H "a: \x01\r\n\r\n", "400" },
		{ "GET / HTTP/1.1\r\n" H "a: b\nc: d\r\n\r\n", "400" },
		{ "GET / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n", "400" },
		{ "GET / HTTP/1.1\r\n" H "Content-Length: 1x\r\n\r\n", "400" },
		{ "GET / HTTP/1.1\r\n" H "Content-Length: \r\n\r\n", "400" },
		{ "GET / HTTP/1.1\r\n" H
		  "Content-Length: 99999999999999999999\r\n\r\n", "400" },
		{ "GET / HTTP/1.1\r\n" H
		  "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", "400" },
		{ "GET / HTTP/1.1\r\n" H "Content-Length: 1\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n", "400" },
		{ "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "400" },
		{ "GET / HTTP/1.1\r\n" H
		  "Transfer-Encoding: gzip, chunked\r\n\r\n", "501" },
		{ "PUT / HTTP/1.1\r\n" H
		  "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "400" },
		{ "PUT / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
		  "1\r\nab\r\n0\r\n\r\n", "400" },
		{ "PUT / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
		  "ffffffffffffffff\r\n", "413" },
	};
	char	*want;
	size_t	 i;

	server_start(10);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		want = xasprintf("HTTP/1.1 %s ", cases[i].status);
		check_ask(cases[i].request, want);
		free(want);
	}
	/* A NUL in the request line and in a header. */
	{
		static const char	 nul[] = "GET /\0 HTTP/1.1\r\n" H "\r\n",
		    nul2[] = "GET / HTTP/1.1\r\n" H "a: \0\r\n\r\n";
		int			 fd = dial();

		say(fd, nul, sizeof nul - 1);
		free(hear(fd, "HTTP/1.1 400 "));
		close(fd);
		fd = dial();
		say(fd, nul2, sizeof nul2 - 1);
		free(hear(fd, "HTTP/1.1 400 "));
		close(fd);
	}
	CU_ASSERT_EQUAL(handled, 0);
	/* Lenient where nothing can go wrong. */
	check_ask("\r\n\r\nGET /x HTTP/1.1\r\nhOsT:\th\t \r\n\r\n", "GET /x 0");
	check_ask("GET http://h/abs?q HTTP/1.1\r\n" H "\r\n", "GET /abs 0");
	check_ask("OPTIONS * HTTP/1.1\r\n" H "\r\n", "OPTIONS * 0");
	server_end();
}

/* A small generator: the same bytes in each run. */
static unsigned
dice(uint32_t *seed, unsigned sides)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % sides;
}

static void
test_damaged(void)
{
	static const char	 good[] = "POST /a?b=c HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: 12\r\nConnection: close, x\r\nExpect: "
	    "100-continue\r\n\r\n";
	static const char	 body[] = "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\n"
	    "Trailer: 1\r\n\r\n";
	struct httpparse_head	 h;
	struct httpparse_chunks	 c;
	const char		*why;
	uint32_t		 seed = 7;
	size_t			 len, used, decoded;
	char			*text;
	int			 i, n, status;

	/* Exact allocations: the sanitizer sees each byte read too far. */
	for (i = 0; i < 20000; i++) {
		len = sizeof good - 1 - dice(&seed, 8) * dice(&seed, 8);
		text = xmemdup(good, len);
		for (n = (int)dice(&seed, 4); n >= 0; n--)
			text[dice(&seed, (unsigned)len)] = (char)dice(&seed, 256);
		why = NULL;
		status = httpparse_head(text, len, &h, &why);
		CU_ASSERT(status == 0 || (status >= 400 && why != NULL));
		if (status == 0)
			CU_ASSERT(h.path < len && h.query < len);
		free(text);
		len = sizeof body - 1 - dice(&seed, 8);
		text = xmemdup(body, len);
		for (n = (int)dice(&seed, 3); n >= 0; n--)
			text[dice(&seed, (unsigned)len)] = (char)dice(&seed, 256);
		c = (struct httpparse_chunks)HTTPPARSE_CHUNKS_INIT;
		used = decoded = 0;
		status = httpparse_chunks(&c, text, len, &used, &decoded, 4096);
		CU_ASSERT(status == 0 || status == 1 || status >= 400);
		CU_ASSERT(used <= len && decoded <= used);
		free(text);
	}
}

static void
test_headers_and_query(void)
{
	char	*answer;

	server_start(10);
	answer = ask("GET /headers HTTP/1.1\r\nHost: h\r\nA:  b c \r\n\r\n",
	    "Host=h;A=b c;");
	CU_ASSERT(has(answer, "X-Split: a  Evil: 1\r\n"));
	CU_ASSERT(has(answer, "Date: "));
	CU_ASSERT_PTR_NULL(strstr(answer, "Content-Type"));
	free(answer);
	check_ask("GET /query?a=1&q=x%20+%2Fy&q=2 HTTP/1.1\r\n" H "\r\n", "x  /y");
	check_ask("GET /query?%71=named HTTP/1.1\r\n" H "\r\n", "\r\n\r\nnamed");
	check_ask("GET /query?q=%00 HTTP/1.1\r\n" H "\r\n", "(none)");
	check_ask("GET /query?q=%zz HTTP/1.1\r\n" H "\r\n", "(none)");
	check_ask("GET /query?p=q HTTP/1.1\r\n" H "\r\n", "(none)");
	check_ask("GET /query HTTP/1.1\r\n" H "\r\n", "(none)");
	check_ask("GET /query?q HTTP/1.1\r\n" H "\r\n", "Content-Length: 0");
	server_end();
}

static void
test_decode(void)
{
	static const struct {
		const char	*text, *plain, *form;
	} cases[] = {
		{ "", "", "" }, { "abc", "abc", "abc" }, { "a+b", "a+b", "a b" },
		{ "%41%2f%2F", "A//", "A//" }, { "%c3%a9", "\xc3\xa9", "\xc3\xa9" },
		{ "%", NULL, NULL }, { "%4", NULL, NULL }, { "%4g", NULL, NULL },
		{ "%00", NULL, NULL }, { "a%", NULL, NULL },
	};
	char	*got;
	size_t	 i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		got = httpd_decode(cases[i].text, strlen(cases[i].text), false);
		UNIT_STR(got, cases[i].plain);
		free(got);
		got = httpd_decode(cases[i].text, strlen(cases[i].text), true);
		UNIT_STR(got, cases[i].form);
		free(got);
	}
}

static void
test_deferred_answers(void)
{
	char	*answer;
	int	 a, b;

	server_start(10);
	a = dial();
	b = dial();
	say(a, "POST /wait HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\na", 52);
	until(&nwaiting, 1);
	say(b, "POST /wait HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nb", 52);
	until(&nwaiting, 2);
	CU_ASSERT_EQUAL(httpd_pending(server), 2);
	UNIT_STR(httpd_body(waiting[0], NULL), "a");
	UNIT_STR(httpd_body(waiting[1], NULL), "b");
	UNIT_STR(httpd_peer(waiting[1]), "127.0.0.1");
	httpd_reply(waiting[1], 200, "to b", 4);
	httpd_reply(waiting[0], 503, "to a", 4);
	CU_ASSERT_EQUAL(httpd_pending(server), 0);
	free(hear(b, "to b"));
	answer = hear(a, "to a");
	CU_ASSERT(has(answer, "HTTP/1.1 503 Service Unavailable\r\n"));
	free(answer);
	CU_ASSERT_EQUAL(closed, 0);
	close(a);
	close(b);
	server_end();
}

static void
test_client_goes_away(void)
{
	char	*answer;
	int	 fd;

	server_start(10);
	/* Gone: told once, and the request stays the handler's. */
	fd = dial();
	say(fd, "GET /wait HTTP/1.1\r\n" H "\r\n", 31);
	until(&nwaiting, 1);
	CU_ASSERT_FALSE(httpd_gone(waiting[0]));
	close(fd);
	CU_ASSERT_TRUE(httpd_gone(waiting[0]));
	until(&closed, 1);
	CU_ASSERT_TRUE(httpd_gone(waiting[0]));
	UNIT_STR(httpd_raw_path(waiting[0]), "/wait");
	httpd_reply(waiting[0], 200, "nobody", 6);
	/* Half closed: told, and still answered. */
	fd = dial();
	say(fd, "GET /wait HTTP/1.1\r\n" H "\r\n", 31);
	until(&nwaiting, 2);
	shutdown(fd, SHUT_WR);
	until(&closed, 2);
	httpd_reply(waiting[1], 200, "still", 5);
	answer = hear(fd, NULL);
	CU_ASSERT(has(answer, "still"));
	free(answer);
	close(fd);
	/* Told also when asked for late. */
	fd = dial();
	say(fd, "GET /wait HTTP/1.1\r\n" H "\r\n", 31);
	until(&nwaiting, 3);
	shutdown(fd, SHUT_WR);
	until(&closed, 3);
	httpd_on_close(waiting[2], on_close, NULL);
	CU_ASSERT_EQUAL(closed, 3);
	until(&closed, 4);
	httpd_reply(waiting[2], 200, NULL, 0);
	close(fd);
	CU_ASSERT_EQUAL(httpd_pending(server), 0);
	server_end();
}

static void
test_streamed_answer(void)
{
	char	*answer;
	int	 fd, i;

	server_start(10);
	fd = dial();
	say(fd, "GET /stream HTTP/1.1\r\n" H "\r\n", 33);
	answer = hear(fd, "9\r\ndata: 1\n\n\r\n");
	CU_ASSERT(has(answer, "Transfer-Encoding: chunked\r\n"));
	CU_ASSERT_PTR_NULL(strstr(answer, "Content-Length"));
	free(answer);
	httpd_send(waiting[0], "data: 2\n\n", 9);
	free(hear(fd, "data: 2"));
	httpd_end(waiting[0]);
	free(hear(fd, "0\r\n\r\n"));
	say(fd, "GET /after HTTP/1.1\r\n" H "\r\n", 32);
	free(hear(fd, "GET /after 0"));
	/* The client leaves in the middle. */
	say(fd, "GET /stream HTTP/1.1\r\n" H "\r\n", 33);
	free(hear(fd, "data: 1"));
	close(fd);
	until(&closed, 1);
	for (i = 0; i < 3; i++)
		httpd_send(waiting[1], "data: 3\n\n", 9);
	httpd_end(waiting[1]);
	/* HTTP/1.0: ends with the connection. */
	fd = dial();
	say(fd, "GET /stream HTTP/1.0\r\n\r\n", 24);
	free(hear(fd, "\r\n\r\ndata: 1"));
	httpd_end(waiting[2]);
	free(hear(fd, NULL));
	close(fd);
	CU_ASSERT_EQUAL(httpd_pending(server), 0);
	server_end();
}

static void
test_stream_nobody_reads(void)
{
	char	*block = xcalloc(1, 1 << 20);
	int	 fd, i;

	server_start(10);
	fd = dial();
	say(fd, "GET /stream HTTP/1.1\r\n" H "\r\n", 33);
	until(&nwaiting, 1);
	for (i = 0; i < 64 && closed == 0; i++) {
		httpd_send(waiting[0], block, 1 << 20);
		turn();
	}
	CU_ASSERT_EQUAL(closed, 1);
	CU_ASSERT(i < 40);
	httpd_end(waiting[0]);
	close(fd);
	free(block);
	server_end();
}

static void
test_big_answer(void)
{
	struct strbuf	 b = STRBUF_INIT;
	char		 buf[65536];
	size_t		 total = 0;
	int64_t		 end = wallclock_monotonic_ms() + PATIENCE_MS;
	ssize_t		 n;
	int		 fd, i;

	/* 8 x 4 MB, pipelined and unread at first: the server pauses, then goes
	 * on; and a client that has closed its side gets all of it. */
	server_start(10);
	fd = dial();
	for (i = 0; i < 8; i++)
		strbuf_adds(&b, "GET /big HTTP/1.1\r\n" H "\r\n");
	say(fd, b.data, b.len);
	shutdown(fd, SHUT_WR);
	for (i = 0; i < 10; i++)
		turn();
	CU_ASSERT(handled < 8);
	while (wallclock_monotonic_ms() < end) {
		turn();
		n = recv(fd, buf, sizeof buf, 0);
		if (n > 0)
			total += (size_t)n;
		if (n == 0)
			break;
	}
	CU_ASSERT_EQUAL(handled, 8);
	CU_ASSERT(total > (size_t)8 * (4 << 20));
	CU_ASSERT(total < (size_t)8 * (4 << 20) + 8 * 200);
	close(fd);
	strbuf_free(&b);
	server_end();
}

static void
test_big_answers_drained(void)
{
	struct strbuf	 b = STRBUF_INIT;
	char		*answer;
	int		 fd, i, size = 64 << 20;

	/* So much room that each flush takes all: nothing may be left lying. */
	server_start(10);
	fd = dial();
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	for (i = 0; i < 200; i++)
		strbuf_addf(&b, "POST /echo HTTP/1.1\r\n" H
		    "Content-Length: 60000\r\n\r\n%060000d", i);
	strbuf_adds(&b, "GET /end HTTP/1.1\r\n" H "\r\n");
	say(fd, b.data, b.len);
	answer = hear(fd, "GET /end 0");
	CU_ASSERT_EQUAL(handled, 201);
	free(answer);
	close(fd);
	strbuf_free(&b);
	server_end();
}

static void
test_timeouts(void)
{
	int	 idle, half, slow, answering;

	server_start(1);
	idle = dial();
	half = dial();
	slow = dial();
	answering = dial();
	say(answering, "GET /wait HTTP/1.1\r\n" H "\r\n", 31);
	say(half, "GET / HTTP/1.1\r\nHo", 18);
	say(slow, "POST / HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\nabc", 50);
	free(hear(half, "HTTP/1.1 408 "));
	free(hear(slow, "HTTP/1.1 408 "));
	free(hear(idle, NULL));
	/* Only the client's silence is limited, not the handler's. */
	CU_ASSERT_EQUAL(closed, 0);
	httpd_reply(waiting[0], 200, "late", 4);
	free(hear(answering, "late"));
	close(idle);
	close(half);
	close(slow);
	close(answering);
	server_end();
}

static void
test_stop_listening(void)
{
	int	 idle, busy;

	server_start(10);
	idle = dial();
	busy = dial();
	say(idle, "GET /i HTTP/1.1\r\n" H "\r\n", 28);
	free(hear(idle, "GET /i 0"));
	say(busy, "GET /wait HTTP/1.1\r\n" H "\r\n", 31);
	until(&nwaiting, 1);
	httpd_stop_listening(server);
	free(hear(idle, NULL));
	httpd_reply(waiting[0], 200, "last", 4);
	free(hear(busy, "Connection: close"));
	close(idle);
	close(busy);
	server_end();
}

static void
test_many_connections(void)
{
	enum { N = 400 };
	int	 fds[N], i;

	server_start(30);
	for (i = 0; i < N; i++) {
		fds[i] = dial();
		say(fds[i], "GET /wait HTTP/1.1\r\n" H "\r\n", 31);
	}
	until(&nwaiting, N);
	for (i = 0; i < N; i += 2)
		close(fds[i]);
	until(&closed, N / 2);
	for (i = 0; i < N; i++)
		httpd_reply(waiting[i], 200, "x", 1);
	for (i = 1; i < N; i += 2) {
		free(hear(fds[i], "\r\n\r\nx"));
		close(fds[i]);
	}
	server_end();
}

static void
test_out_of_files(void)
{
	struct rlimit	 old, now;
	int		 fd, extra;

	server_start(1);
	fd = dial();
	extra = dial();
	getrlimit(RLIMIT_NOFILE, &old);
	now = old;
	now.rlim_cur = (rlim_t)extra + 1;
	setrlimit(RLIMIT_NOFILE, &now);
	log_init("t_httpd", LOG_LEVEL_ERROR);
	turn();
	setrlimit(RLIMIT_NOFILE, &old);
	/* Accepting stopped, and goes on by itself. */
	say(fd, "GET /f HTTP/1.1\r\n" H "\r\n", 28);
	free(hear(fd, "GET /f 0"));
	close(extra);
	close(fd);
	server_end();
}

/* A process that shares the socket, answers until it is told to end. */
static void
sharing_child(int fd, int ready)
{
	struct httpd_limits	 limits = { BODY_MAX, HEADER_MAX, 10 };
	struct event_base	*b = event_base_new();
	struct httpd		*s = httpd_new(b, &limits, handler, NULL);
	char			 c;

	if (httpd_accept(s, fd) != 0)
		_exit(1);
	while (read(ready, &c, 1) == -1 && errno == EAGAIN)
		event_base_loop(b, EVLOOP_NONBLOCK);
	httpd_free(s);
	event_base_free(b);
	_exit(handled > 0 ? 0 : 2);
}

static void
test_shared_socket(void)
{
	struct sockaddr_in	 sa = { .sin_family = AF_INET };
	socklen_t		 len = sizeof sa;
	int			 fd, ends[2], i, status;
	pid_t			 pids[2];

	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CU_ASSERT_FATAL(bind(fd, (struct sockaddr *)&sa, sizeof sa) == 0);
	CU_ASSERT_FATAL(listen(fd, 64) == 0);
	CU_ASSERT_FATAL(getsockname(fd, (struct sockaddr *)&sa, &len) == 0);
	CU_ASSERT_FATAL(pipe(ends) == 0);
	port = ntohs(sa.sin_port);
	base = event_base_new();
	handled = 0;
	fflush(stdout);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	for (i = 0; i < 2; i++)
		if ((pids[i] = fork()) == 0) {
			close(ends[1]);
			sharing_child(fd, ends[0]);
		}
	close(ends[0]);
	/* Each must come to serve; ask until the kernel has been fair. */
	for (i = 0; i < 300; i++)
		check_ask("GET /s HTTP/1.1\r\n" H "\r\n", "GET /s 0");
	close(ends[1]);
	for (i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(waitpid(pids[i], &status, 0), pids[i]);
		CU_ASSERT(WIFEXITED(status));
		CU_ASSERT(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 2);
	}
	close(fd);
	event_base_free(base);
}

static void
test_port_taken(void)
{
	server_start(10);
	errno = 0;
	CU_ASSERT_EQUAL(httpd_listen(server, "127.0.0.1", port), -1);
	CU_ASSERT_EQUAL(errno, EADDRINUSE);
	CU_ASSERT_EQUAL(httpd_listen(server, "no such host", 0), -1);
	CU_ASSERT(httpd_listen(server, "localhost", 0) > 0);
	server_end();
}

UNIT_TESTS(tests) = {
	{ "every method reaches the handler, with its body", test_methods },
	{ "connections are kept, or closed when asked", test_keep_alive },
	{ "pipelined requests are answered in order", test_pipelining },
	{ "a pipelined request waits for the one before", test_pipelined_behind_waiting },
	{ "bodies are bytes, however they are cut", test_binary_body },
	{ "chunked bodies are put together", test_chunked_body },
	{ "Expect: 100-continue is answered before the body", test_expect_continue },
	{ "a body past the limit is answered 413", test_body_limit },
	{ "headers past the limit are answered 431", test_header_limit },
	{ "malformed requests are refused", test_malformed },
	{ "damaged requests do no damage", test_damaged },
	{ "headers and queries are read", test_headers_and_query },
	{ "percent-encoding is decoded or refused", test_decode },
	{ "answers may come later and in any order", test_deferred_answers },
	{ "a client that goes away is noticed", test_client_goes_away },
	{ "answers may be streamed", test_streamed_answer },
	{ "a stream that nobody reads is cut off", test_stream_nobody_reads },
	{ "big answers wait for the client", test_big_answer },
	{ "many big answers all arrive", test_big_answers_drained },
	{ "silent clients are dropped", test_timeouts },
	{ "a stopping server ends what is open", test_stop_listening },
	{ "hundreds of connections wait at once", test_many_connections },
	{ "running out of files is survived", test_out_of_files },
	{ "several processes share a socket", test_shared_socket },
	{ "a taken port is told", test_port_taken },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	log_init("t_httpd", LOG_LEVEL_ERROR);
	return unit_main("httpd", tests);
}
