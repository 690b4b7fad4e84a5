/*
 * cli/client.c - the REST API over HTTP.  The only user of libcurl.
 *
 * One connection, kept for the life of the program.  No redirects are followed
 * and no key is ever sent to an address other than the server's.
 */

#include "client.h"

#include <curl/curl.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "asl.h"
#include "strbuf.h"
#include "wallclock.h"
#include "xmalloc.h"

#define CONNECT_TIMEOUT_S	5L
#define KEEPALIVE_S		30L
/* pawld says something at least every ten seconds; silence means it is gone. */
#define SILENCE_MS		60000

struct client {
	const struct server	*server;
	CURL			*curl;
	char			 why[CURL_ERROR_SIZE];
};

static volatile sig_atomic_t	 interrupted;

static void
on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

void
client_catch_interrupt(void)
{
	struct sigaction	 sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_interrupt;
	sa.sa_flags = SA_RESETHAND;	/* a second Ctrl-C ends at once */
	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
}

bool
client_interrupted(void)
{
	return interrupted != 0;
}

void
client_pause(int ms)
{
	if (!interrupted)
		(void)poll(NULL, 0, ms);
}

struct client *
client_new(const struct server *server)
{
	struct client	*c = xcalloc(1, sizeof(*c));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	c->server = server;
	if ((c->curl = curl_easy_init()) == NULL)
		abort();
	return c;
}

void
client_free(struct client *c)
{
	if (c == NULL)
		return;
	curl_easy_cleanup(c->curl);
	curl_global_cleanup();
	free(c);
}

void
client_answer_clear(struct client_answer *a)
{
	json_decref(a->json);
	free(a->text);
	memset(a, 0, sizeof(*a));
}

static bool
loopback(const char *url)
{
	const char	*host = strstr(url, "://");

	host = host == NULL ? url : host + 3;
	return strncmp(host, "127.", 4) == 0 || strncmp(host, "[::1]", 5) == 0 ||
	    strncasecmp(host, "localhost", 9) == 0;
}

/* ---- one transfer ---- */

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct strbuf	*body = arg;

	strbuf_add(body, data, size * n);
	return strbuf_failed(body) ? 0 : size * n;
}

static struct curl_slist *
headers_for(const struct client *c, bool with_key, bool with_body,
    const char *accept)
{
	struct curl_slist	*list = NULL;
	char			*line;

	list = curl_slist_append(list, accept);
	list = curl_slist_append(list, with_body ?
	    "Content-Type: application/json" : "Content-Type:");
	list = curl_slist_append(list, "Expect:");
	if (with_key && c->server->key != NULL) {
		line = xasprintf("Authorization: Bearer %s", c->server->key);
		list = curl_slist_append(list, line);
		free(line);
	}
	return list;
}

static void
prepare(struct client *c, const char *method, const char *url,
    const char *body, struct curl_slist *headers, long timeout_s)
{
	CURL	*h = c->curl;

	curl_easy_reset(h);
	c->why[0] = '\0';
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, c->why);
	curl_easy_setopt(h, CURLOPT_URL, url);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(h, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
	curl_easy_setopt(h, CURLOPT_TIMEOUT, timeout_s);
	curl_easy_setopt(h, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(h, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_S);
	curl_easy_setopt(h, CURLOPT_USERAGENT, "pawl/" PACKAGE_VERSION);
	curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
	if (loopback(url))
		curl_easy_setopt(h, CURLOPT_PROXY, "");
	if (body != NULL) {
		curl_easy_setopt(h, CURLOPT_POST, 1L);
		curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)strlen(body));
		curl_easy_setopt(h, CURLOPT_POSTFIELDS, body);
	}
	curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, method);
}

/* "http://host:port" of a URL, for sentences.  New. */
static char *
origin(const char *url)
{
	const char	*host = strstr(url, "://");

	host = host == NULL ? url : host + 3;
	return xstrndup(url, (size_t)(host - url) + strcspn(host, "/?#"));
}

static enum exitcode
unreachable(const struct client *c, CURLcode rc, const char *url, struct err *e)
{
	char		*where = origin(url);
	const char	*why = c->why[0] != '\0' ? c->why : curl_easy_strerror(rc);
	bool		 local = loopback(url);
	long		 os_errno = 0;

	if (rc == CURLE_WRITE_ERROR) {
		err_set(e, "NotPawld", "%s answered with more than %zu MB.",
		    where, CLIENT_ANSWER_MAX >> 20);
		free(where);
		return EXITCODE_SERVER;
	}
	curl_easy_getinfo(c->curl, CURLINFO_OS_ERRNO, &os_errno);
	if (rc == CURLE_COULDNT_CONNECT && os_errno == ECONNREFUSED)
		why = "connection refused";
	else if (rc == CURLE_OPERATION_TIMEDOUT)
		why = "no answer in time";
	err_set(e, "Unreachable", "Cannot reach pawld at %s (%s). %s", where, why,
	    local ? "Start it with: pawld, or ./dev serve." :
	    "Is the address right (--url, $PAWL_URL), and is it running?");
	free(where);
	return EXITCODE_UNREACHABLE;
}

/* ---- errors that the server reports ---- */

/* Without its full stop, to stand inside another sentence. */
static int
sentence_length(const char *text)
{
	size_t	 len = strlen(text);

	return (int)(len > 0 && text[len - 1] == '.' ? len - 1 : len);
}

static enum exitcode
failed(const struct client *c, long status, const char *url, const char *text,
    size_t len, struct err *e)
{
	struct err	 ignored = ERR_INIT;
	json_t		*root = jsontext_parse(text, len, &ignored);
	const char	*name = json_string_value(json_object_get(root, "error"));
	const char	*message;
	char		*where = origin(url);
	enum exitcode	 code = EXITCODE_SERVER;

	err_clear(&ignored);
	message = json_string_value(json_object_get(root, "message"));
	if (message == NULL)
		message = "";
	if (status == 401 || status == 403) {
		code = EXITCODE_REFUSED;
		if (c->server->key == NULL)
			err_set(e, "Refused", "The server at %s wants a key, and "
			    "there is none%s%s%s. Give it with --key or "
			    "$PAWL_KEY, or name the server's data folder with "
			    "--data.", where, c->server->note ? " (" : "",
			    c->server->note ? c->server->note : "",
			    c->server->note ? ")" : "");
		else
			err_set(e, "Refused", "The server at %s refused the key "
			    "(%.*s). Check --key, $PAWL_KEY and --data.", where,
			    sentence_length(message), message);
	} else if (name == NULL) {
		err_set(e, "NotPawld", "%s answered with status %ld but not as "
		    "pawld does. Is the address right (--url, $PAWL_URL)?",
		    where, status);
	} else {
		if (status == 404)
			code = EXITCODE_NOT_FOUND;
		err_set(e, name, "%s", message[0] != '\0' ? message : name);
	}
	json_decref(root);
	free(where);
	return code;
}

static enum exitcode
take_answer(const char *url, struct strbuf *body, struct client_answer *answer,
    struct err *e)
{
	struct err	 bad = ERR_INIT;
	char		*where;

	if (answer == NULL || body->len == 0)
		return EXITCODE_OK;
	answer->json = jsontext_parse(strbuf_str(body), body->len, &bad);
	if (answer->json == NULL) {
		where = origin(url);
		err_set(e, "NotPawld", "%s did not answer with JSON. Is the "
		    "address right (--url, $PAWL_URL)?", where);
		free(where);
		err_clear(&bad);
		return EXITCODE_SERVER;
	}
	answer->text = strbuf_take(body, &answer->len);
	return EXITCODE_OK;
}

static enum exitcode
transfer(struct client *c, const char *method, const char *url, bool with_key,
    const char *body, int wait_s, struct client_answer *answer, struct err *e)
{
	struct curl_slist	*headers = headers_for(c, with_key, body != NULL,
				    "Accept: application/json");
	struct strbuf		 got;
	enum exitcode		 code;
	CURLcode		 rc;
	long			 status = 0;

	if (answer != NULL)
		memset(answer, 0, sizeof(*answer));
	strbuf_init(&got, CLIENT_ANSWER_MAX);
	prepare(c, method, url, body, headers, CLIENT_TIMEOUT_S + wait_s);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &got);
	rc = curl_easy_perform(c->curl);
	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	if (rc != CURLE_OK)
		code = unreachable(c, rc, url, e);
	else if (status >= 200 && status < 300)
		code = take_answer(url, &got, answer, e);
	else
		code = failed(c, status, url, strbuf_str(&got), got.len, e);
	curl_slist_free_all(headers);
	strbuf_free(&got);
	return code;
}

enum exitcode
client_call(struct client *c, const char *method, const char *path,
    const char *body, int wait_s, struct client_answer *answer, struct err *e)
{
	char		*url = xasprintf("%s%s", c->server->url, path);
	enum exitcode	 code;

	code = transfer(c, method, url, true, body, wait_s, answer, e);
	free(url);
	return code;
}

enum exitcode
client_post_url(struct client *c, const char *url, const char *body,
    struct client_answer *answer, struct err *e)
{
	return transfer(c, "POST", url, false, body, 0, answer, e);
}

/* ---- streams ---- */

struct follow {
	struct client		*client;
	struct client_stream	*stream;
	struct sse		 sse;
	struct strbuf		 error;		/* the body of a refusal */
	bool			 stop;
	bool			 heard;		/* since the last quiet moment */
	int64_t			 bytes_ms;	/* monotonic: when any byte came */
};

static void
follow_event(const struct sse_event *event, void *arg)
{
	struct follow	*f = arg;

	if (f->stop)
		return;
	f->heard = true;
	if (strcmp(event->name, "end") == 0 ||
	    !f->stream->on_event(event, f->stream->arg)) {
		f->stop = true;
		f->stream->ended = true;
	}
}

static size_t
follow_body(char *data, size_t size, size_t n, void *arg)
{
	struct follow	*f = arg;
	long		 status = 0;

	curl_easy_getinfo(f->client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) {
		strbuf_add(&f->error, data, size * n);
		return strbuf_failed(&f->error) ? 0 : size * n;
	}
	f->stream->connected = true;
	f->bytes_ms = wallclock_monotonic_ms();
	return sse_feed(&f->sse, data, size * n) == -1 ? 0 : size * n;
}

/* Runs the transfer until it ends, or stop, or Ctrl-C. */
static CURLcode
follow_run(struct follow *f, CURLM *multi)
{
	CURLcode	 rc = CURLE_OK;
	CURLMsg		*msg;
	int		 running = 1, left;
	int64_t		 heard_ms = wallclock_monotonic_ms();

	f->bytes_ms = heard_ms;
	while (running > 0 && !f->stop && !interrupted) {
		if (wallclock_monotonic_ms() - f->bytes_ms > SILENCE_MS)
			return CURLE_OPERATION_TIMEDOUT;
		if (curl_multi_perform(multi, &running) != CURLM_OK)
			return CURLE_FAILED_INIT;
		if (f->heard) {
			f->heard = false;
			heard_ms = wallclock_monotonic_ms();
		}
		if (running > 0 && !f->stop)
			curl_multi_poll(multi, NULL, 0, CLIENT_QUIET_MS, NULL);
		if (heard_ms != 0 &&
		    wallclock_monotonic_ms() - heard_ms >= CLIENT_QUIET_MS) {
			heard_ms = 0;
			f->stream->on_quiet(f->stream->arg);
		}
	}
	while ((msg = curl_multi_info_read(multi, &left)) != NULL)
		if (msg->msg == CURLMSG_DONE)
			rc = msg->data.result;
	return f->stop ? CURLE_OK : rc;
}

static enum exitcode
follow_result(struct follow *f, CURLcode rc, const char *url, struct err *e)
{
	long	 status = 0;

	if (interrupted) {
		err_set(e, "Interrupted", "Interrupted.");
		return EXITCODE_FAILED;
	}
	curl_easy_getinfo(f->client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 0 && status != 200)
		return failed(f->client, status, url, strbuf_str(&f->error),
		    f->error.len, e);
	if (rc == CURLE_WRITE_ERROR) {
		err_set(e, "NotPawld", "The server sent an event that is larger "
		    "than %zu MB.", SSE_EVENT_MAX >> 20);
		return EXITCODE_SERVER;
	}
	return rc == CURLE_OK ? EXITCODE_OK : unreachable(f->client, rc, url, e);
}

enum exitcode
client_follow(struct client *c, const char *path, const char *last_id,
    struct client_stream *stream, struct err *e)
{
	struct follow		 f = { .client = c, .stream = stream };
	struct curl_slist	*headers = headers_for(c, true, false,
				    "Accept: text/event-stream");
	char			*url = xasprintf("%s%s", c->server->url, path);
	char			*line;
	CURLM			*multi = curl_multi_init();
	enum exitcode		 code;

	if (multi == NULL)
		abort();
	if (last_id != NULL && last_id[0] != '\0') {
		line = xasprintf("Last-Event-ID: %s", last_id);
		headers = curl_slist_append(headers, line);
		free(line);
	}
	stream->ended = stream->connected = false;
	sse_init(&f.sse, follow_event, &f);
	strbuf_init(&f.error, 1 << 20);
	prepare(c, "GET", url, NULL, headers, 0);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, follow_body);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &f);
	curl_multi_add_handle(multi, c->curl);
	code = follow_result(&f, follow_run(&f, multi), url, e);
	curl_multi_remove_handle(multi, c->curl);
	curl_multi_cleanup(multi);
	curl_slist_free_all(headers);
	sse_free(&f.sse);
	strbuf_free(&f.error);
	free(url);
	return code;
}
