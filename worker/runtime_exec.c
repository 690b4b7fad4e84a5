/*
 * worker/runtime_exec.c - a runtime for any program: one process per event.
 *
 * A small, blocking client of the Runtime API.  Event and output go through
 * files in memory rather than pipes: so a program that does not read its input,
 * or leaves something running in the background, cannot hang us.
 */

#include "runtime_exec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "spawn.h"
#include "strbuf.h"
#include "xmalloc.h"

#define API "/2018-06-01/runtime/"
#define HEAD_MAX 65536

struct answer {
	int		 status;
	struct strbuf	 text;		/* head and body */
	const char	*body;
	size_t		 len;
};

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "pawl-worker --runtime-exec: %s: %s\n", what,
	    strerror(errno));
	exit(1);
}

/* --- HTTP ------------------------------------------------------------------ */

static int
dial(const char *api)
{
	struct sockaddr_in	 sa = { .sin_family = AF_INET };
	const char		*colon = strchr(api, ':');
	int			 fd;

	if (colon == NULL) {
		errno = EINVAL;
		die("AWS_LAMBDA_RUNTIME_API");
	}
	sa.sin_port = htons((uint16_t)atoi(colon + 1));
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || connect(fd, (struct sockaddr *)&sa, sizeof sa) == -1)
		die("cannot reach the host");
	return fd;
}

static void
send_all(int fd, const char *data, size_t len)
{
	ssize_t	 n;

	for (; len > 0; data += n, len -= (size_t)n)
		if ((n = send(fd, data, len, MSG_NOSIGNAL)) == -1) {
			if (errno != EINTR)
				die("cannot send to the host");
			n = 0;
		}
}

static void
receive(int fd, struct strbuf *b)
{
	char	 buf[65536];
	ssize_t	 n;

	while ((n = recv(fd, buf, sizeof buf, 0)) == -1 && errno == EINTR)
		;
	if (n == 0)
		exit(0);	/* the host has gone */
	if (n == -1)
		die("cannot read from the host");
	strbuf_add(b, buf, (size_t)n);
}

/* Value of a header of the answer; new, or NULL. */
static char *
header(const struct answer *a, const char *name)
{
	const char	*line, *end;
	size_t		 len = strlen(name);

	for (line = strstr(a->text.data, "\r\n"); line != NULL && line + 2 <
	    a->body; line = end) {
		line += 2;
		end = strstr(line, "\r\n");
		if (strncasecmp(line, name, len) != 0 || line[len] != ':')
			continue;
		line += len + 1;
		line += strspn(line, " ");
		return xstrndup(line, (size_t)(end - line));
	}
	return NULL;
}

static void
call(int fd, const char *method, const char *path, const char *body, size_t len,
    struct answer *a)
{
	struct strbuf	 b = STRBUF_INIT;
	char		*end = NULL, *length;
	size_t		 head_len;

	strbuf_addf(&b, "%s " API "%s HTTP/1.1\r\nHost: runtime\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
	    method, path, len);
	strbuf_add(&b, body, len);
	send_all(fd, b.data, b.len);
	strbuf_reset(&b);
	a->text = b;
	while (a->text.len == 0 ||
	    (end = strstr(a->text.data, "\r\n\r\n")) == NULL) {
		if (a->text.len > HEAD_MAX)
			die("the host's answer has no end of headers");
		receive(fd, &a->text);
	}
	a->status = atoi(a->text.data + strcspn(a->text.data, " "));
	a->body = end + 4;
	head_len = (size_t)(a->body - a->text.data);
	length = header(a, "Content-Length");
	a->len = length == NULL ? 0 : (size_t)strtoull(length, NULL, 10);
	free(length);
	while (a->text.len < head_len + a->len)
		receive(fd, &a->text);
	a->body = a->text.data + head_len;
}

/* --- the program ----------------------------------------------------------- */

static void
export(const struct answer *a, const char *name, const char *as)
{
	char	*value = header(a, name);

	if (value == NULL)
		unsetenv(as);
	else
		setenv(as, value, 1);
	free(value);
}

static int
memory_file(const char *name, const char *data, size_t len)
{
	int	 fd = memfd_create(name, MFD_CLOEXEC);
	ssize_t	 n;

	if (fd == -1)
		die("memfd_create");
	for (; len > 0; data += n, len -= (size_t)n)
		if ((n = write(fd, data, len)) == -1)
			die("cannot keep the event");
	if (lseek(fd, 0, SEEK_SET) == -1)
		die("lseek");
	return fd;
}

static void
read_file(int fd, struct strbuf *b)
{
	char	 buf[65536];
	off_t	 at = 0;
	ssize_t	 n;

	while ((n = pread(fd, buf, sizeof buf, at)) > 0) {
		strbuf_add(b, buf, (size_t)n);
		at += n;
	}
	while (b->len > 0 && strchr(" \t\r\n", b->data[b->len - 1]) != NULL)
		b->data[--b->len] = '\0';
}

/* Runs the program on an event; its exit status as of waitpid(). */
static int
run(char **argv, const struct answer *event, struct strbuf *output)
{
	extern char	**environ;
	struct spawn	  s = { .argv = argv, .dir = ".", .err = STDERR_FILENO };
	struct err	  e = ERR_INIT;
	pid_t		  pid;
	int		  status = 0;

	export(event, "Lambda-Runtime-Aws-Request-Id", "PAWL_REQUEST_ID");
	export(event, "Lambda-Runtime-Deadline-Ms", "PAWL_DEADLINE_MS");
	export(event, "Lambda-Runtime-Pawl-Idempotency-Key",
	    "PAWL_IDEMPOTENCY_KEY");
	export(event, "Lambda-Runtime-Pawl-Execution", "PAWL_EXECUTION");
	s.env = environ;
	s.in = memory_file("event", event->body, event->len);
	s.out = memory_file("output", NULL, 0);
	if ((pid = spawn_start(&s, &e)) == -1) {
		strbuf_adds(output, e.text);
		err_clear(&e);
		status = 127 << 8;
	} else {
		spawn_wait(pid, &status);
		read_file(s.out, output);
	}
	close(s.in);
	close(s.out);
	return status;
}

static bool
is_error_object(const json_t *v)
{
	return json_is_string(json_object_get(v, "errorType"));
}

/* The JSON to post for an output; new, for free(). */
static char *
to_json(const struct strbuf *output, int status, bool *error)
{
	json_t	*v = json_loadb(strbuf_str(output), output->len,
		    JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL), *text;
	char	*json = NULL;

	*error = status != 0;
	if (v != NULL && (!*error || is_error_object(v)))
		json = xstrndup(output->data, output->len);
	else if (output->len == 0 && !*error)
		json = xstrdup("null");
	json_decref(v);
	if (json != NULL)
		return json;
	text = json_stringn(strbuf_str(output), output->len);
	if (text == NULL || (output->len == 0 && *error)) {
		json_decref(text);
		text = output->len > 0 ? json_string("(not UTF-8)") :
		    WIFSIGNALED(status) ? json_sprintf("signal: %s",
		    strsignal(WTERMSIG(status))) :
		    json_sprintf("exit status %d", WEXITSTATUS(status));
	}
	if (*error)
		text = json_pack("{s:s,s:o}", "errorType", "HandlerFailed",
		    "errorMessage", text);
	json = json_dumps(text, JSON_ENCODE_ANY);
	json_decref(text);
	return json;
}

int
runtime_exec_main(char **argv)
{
	const char	*api = getenv("AWS_LAMBDA_RUNTIME_API");
	struct strbuf	 output = STRBUF_INIT;
	struct answer	 event, done;
	char		*id, *path, *json;
	bool		 error;
	int		 fd, status;

	if (api == NULL || argv[0] == NULL) {
		fprintf(stderr, "--runtime-exec is how pawl-worker runs "
		    "handlers; see pawl-worker --help.\n");
		return 2;
	}
	fd = dial(api);
	for (;;) {
		call(fd, "GET", "invocation/next", "", 0, &event);
		id = header(&event, "Lambda-Runtime-Aws-Request-Id");
		if (event.status != 200 || id == NULL)
			return 1;
		strbuf_reset(&output);
		status = run(argv, &event, &output);
		json = to_json(&output, status, &error);
		path = xasprintf("invocation/%s/%s", id,
		    error ? "error" : "response");
		call(fd, "POST", path, json, strlen(json), &done);
		strbuf_free(&event.text);
		strbuf_free(&done.text);
		free(json);
		free(path);
		free(id);
	}
}
