/*
 * worker/invoke.c - calls of functions: from the POST to the answer.
 *
 * The caller's request keeps the payload until it is answered, so nothing is
 * copied.  A caller that goes away does not stop a function that has begun.
 *
 * Invariants:
 *   - nrunning + nwaiting <= concurrency, when a call is taken;
 *   - every invocation is answered once, in finish(), and freed there;
 *   - a process that fails to start fails one waiting call; the next start waits
 *     longer each time, so that a broken function does not eat the machine.
 */

#include "invoke.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>

#include "access.h"
#include "log.h"
#include "runtime_api.h"
#include "strbuf.h"
#include "wallclock.h"
#include "xmalloc.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 10000

/* --- answers --------------------------------------------------------------- */

static void
error_json(struct strbuf *b, const char *type, const char *message)
{
	strbuf_adds(b, "{\"errorType\":");
	strbuf_add_json_string(b, type, strlen(type));
	strbuf_adds(b, ",\"errorMessage\":");
	strbuf_add_json_string(b, message, strlen(message));
	strbuf_adds(b, "}");
}

static void
refuse(struct httpd_request *r, int status, const char *type,
    const char *message)
{
	struct strbuf	 b = STRBUF_INIT;

	error_json(&b, type, message);
	httpd_set(r, "Content-Type", "application/json");
	httpd_set(r, "X-Amzn-ErrorType", type);
	httpd_reply(r, status, b.data, b.len);
	strbuf_free(&b);
}

static void
finish(struct invocation *v, const char *body, size_t len, bool error)
{
	struct host	*h = v->slot->host;
	long long	 ms = wallclock_monotonic_ms() - v->start_ms;

	if (error)
		log_info("function error function=%s request=%s ms=%lld: %.*s",
		    v->slot->name, v->id, ms, len > 200 ? 200 : (int)len, body);
	else
		log_debug("invoked function=%s request=%s ms=%lld",
		    v->slot->name, v->id, ms);
	httpd_set(v->caller, "Content-Type", "application/json");
	httpd_set(v->caller, "X-Amzn-RequestId", v->id);
	httpd_set(v->caller, "X-Amz-Executed-Version", "$LATEST");
	if (error)
		httpd_set(v->caller, "X-Amz-Function-Error", "Unhandled");
	httpd_reply(v->caller, 200, body, len);
	if (v->timer != NULL)
		event_free(v->timer);
	free(v);
	h->ninvocations--;
	h->changed(h);
}

static void
fail(struct invocation *v, const char *type, const char *message)
{
	struct strbuf	 b = STRBUF_INIT;

	error_json(&b, type, message);
	finish(v, b.data, b.len, true);
	strbuf_free(&b);
}

/* Takes the invocation off its instance. */
static struct invocation *
detach(struct instance *i)
{
	struct invocation	*v = i->invocation;

	i->invocation = NULL;
	v->instance = NULL;
	return v;
}

void
invoke_answer(struct instance *i, const char *body, size_t len, bool error)
{
	instance_read_output(i);
	finish(detach(i), body, len, error);
}

void
invoke_fail(struct instance *i, const char *type, const char *message)
{
	instance_read_output(i);
	fail(detach(i), type, message);
}

/* "<date> <id> Task timed out after 3.00 seconds", as Lambda says it; new. */
static char *
timeout_text(const struct invocation *v, int64_t ms)
{
	char	 when[WALLCLOCK_ISO_SIZE];

	wallclock_iso(wallclock_ms(), when);
	return xasprintf("%s %s Task timed out after %.2f seconds", when, v->id,
	    (double)ms / 1000);
}

static void
timeout_cb(evutil_socket_t fd, short what, void *arg)
{
	struct invocation	*v = arg;
	struct instance		*i = v->instance;
	char			*text;

	(void)fd;
	(void)what;
	text = timeout_text(v, v->deadline_ms - v->begun_ms);
	instance_end(i, true);
	invoke_fail(i, "Sandbox.Timedout", text);
	free(text);
}

/* --- giving work to processes ---------------------------------------------- */

static void
deliver(struct invocation *v, struct instance *i)
{
	struct slot	*s = v->slot;
	int64_t		 ms = s->function->timeout_ms;
	struct timeval	 tv = { ms / 1000, ms % 1000 * 1000 };

	TAILQ_REMOVE(&s->waiting, v, entry);
	s->nwaiting--;
	v->instance = i;
	i->invocation = v;
	v->begun_ms = wallclock_ms();
	v->deadline_ms = v->begun_ms + ms;
	v->timer = event_new(s->host->base, -1, 0, timeout_cb, v);
	event_add(v->timer, &tv);
	instance_set_state(i, INSTANCE_BUSY);
	runtime_api_deliver(i, v);
}

static void
take_from_waiting(struct invocation *v)
{
	TAILQ_REMOVE(&v->slot->waiting, v, entry);
	v->slot->nwaiting--;
}

static void
retry_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	invoke_dispatch(arg);
}

/* True if a process may be started now; else the time to try again is set. */
static bool
may_start(struct slot *s)
{
	int64_t		 wait_ms = s->retry_ms - wallclock_monotonic_ms();
	struct timeval	 tv = { wait_ms / 1000, wait_ms % 1000 * 1000 };

	if (wait_ms <= 0)
		return true;
	if (s->retry == NULL)
		s->retry = event_new(s->host->base, -1, 0, retry_cb, s);
	event_add(s->retry, &tv);
	return false;
}

/* All places are taken: ends an idle process of another function. */
static void
make_room(struct host *h)
{
	struct instance	*i, *oldest = NULL;
	struct slot	*s;

	TAILQ_FOREACH(s, &h->slots, entry)
		TAILQ_FOREACH(i, &s->instances, entry) {
			if (i->state == INSTANCE_ENDING)
				return;
			if (i->state == INSTANCE_IDLE && (oldest == NULL ||
			    i->idle_since_ms < oldest->idle_since_ms))
				oldest = i;
		}
	if (oldest != NULL)
		instance_end(oldest, false);
}

static void
start_processes(struct slot *s)
{
	struct host	*h = s->host;
	struct invocation *v;
	struct err	 e = ERR_INIT;

	while (s->nstarting < s->nwaiting &&
	    s->ninstances < s->function->concurrency && may_start(s)) {
		if (h->nprocesses >= h->options.max_processes) {
			make_room(h);
			return;
		}
		if (instance_start(s, &e) == 0)
			continue;
		log_warn("process does not start function=%s: %s", s->name,
		    e.text);
		v = TAILQ_FIRST(&s->waiting);
		take_from_waiting(v);
		fail(v, "Runtime.InvalidEntrypoint", e.text);
		err_clear(&e);
	}
}

void
invoke_cancel_waiting(struct slot *s, const char *type, const char *message)
{
	struct invocation	*v;

	while ((v = TAILQ_FIRST(&s->waiting)) != NULL) {
		take_from_waiting(v);
		fail(v, type, message);
	}
}

void
invoke_dispatch(struct slot *s)
{
	struct instance	*i, *next;

	if (s->function == NULL) {
		invoke_cancel_waiting(s, "Runtime.InvalidEntrypoint",
		    s->problem);
		return;
	}
	for (i = TAILQ_FIRST(&s->instances); i != NULL && s->nwaiting > 0;
	    i = next) {
		next = TAILQ_NEXT(i, entry);
		/* One that was killed just now would lose the call. */
		if (i->state == INSTANCE_IDLE && !httpd_gone(i->next))
			deliver(TAILQ_FIRST(&s->waiting), i);
	}
	start_processes(s);
}

void
invoke_instance_idle(struct instance *i)
{
	struct slot	*s = i->slot;

	instance_set_state(i, INSTANCE_IDLE);
	i->ready = true;
	s->failures = 0;
	s->retry_ms = 0;
	if (s->function == NULL || i->stamp != s->function->stamp)
		instance_end(i, false);
	invoke_dispatch(s);
}

/* --- processes that end ---------------------------------------------------- */

/* How Lambda says that a process has ended; new. */
static char *
exit_text(const char *id, int status)
{
	char	 *name, *text;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return xasprintf("RequestId: %s Error: Runtime exited without "
		    "providing a reason", id);
	if (WIFEXITED(status))
		return xasprintf("RequestId: %s Error: Runtime exited with "
		    "error: exit status %d", id, WEXITSTATUS(status));
	name = xstrdup(strsignal(WTERMSIG(status)));
	name[0] = (char)tolower((unsigned char)name[0]);
	text = xasprintf("RequestId: %s Error: Runtime exited with error: "
	    "signal: %s", id, name);
	free(name);
	return text;
}

void
invoke_instance_gone(struct instance *i, int status)
{
	struct slot		*s = i->slot;
	struct invocation	*v;
	char			*text;
	int64_t			 wait_ms;

	if ((v = i->invocation) != NULL) {
		text = exit_text(v->id, status);
		fail(detach(i), "Runtime.ExitError", text);
		free(text);
		return;
	}
	if (i->ready)
		return;
	wait_ms = s->failures < 10 ? BACKOFF_MIN_MS << s->failures :
	    BACKOFF_MAX_MS;
	s->failures++;
	s->retry_ms = wallclock_monotonic_ms() +
	    (wait_ms < BACKOFF_MAX_MS ? wait_ms : BACKOFF_MAX_MS);
	if ((v = TAILQ_FIRST(&s->waiting)) == NULL)
		return;
	take_from_waiting(v);
	if (i->init_error != NULL) {
		finish(v, i->init_error, strlen(i->init_error), true);
		return;
	}
	text = i->init_timed_out ? timeout_text(v, HOST_INIT_MS) :
	    exit_text(v->id, status);
	fail(v, i->init_timed_out ? "Sandbox.Timedout" : "Runtime.ExitError",
	    text);
	free(text);
}

/* --- calls that come in ---------------------------------------------------- */

static void
make_id(char id[37])
{
	unsigned char	 b[16];

	if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
		log_fatal("no random numbers");
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(id, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5],
	    b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

/* A caller that goes away while its call still waits takes the call along. */
static void
caller_gone(void *arg)
{
	struct invocation	*v = arg;

	if (v->instance != NULL)
		return;
	take_from_waiting(v);
	fail(v, "Canceled", "The caller has gone away.");
}

static void
invoke(struct host *h, struct httpd_request *r, const char *name)
{
	struct slot		*s = host_find(h, name);
	struct strbuf		 b = STRBUF_INIT;
	struct invocation	*v;

	if (h->stopping) {
		refuse(r, 503, "ServiceException",
		    "The functions host is shutting down.");
		return;
	}
	if (s == NULL) {
		refuse(r, 404, "ResourceNotFoundException",
		    "There is no such function here.");
		return;
	}
	if (s->function == NULL) {
		error_json(&b, "Runtime.InvalidEntrypoint", s->problem);
		httpd_set(r, "Content-Type", "application/json");
		httpd_set(r, "X-Amz-Function-Error", "Unhandled");
		httpd_reply(r, 200, b.data, b.len);
		strbuf_free(&b);
		return;
	}
	if (s->nrunning + s->nwaiting >= s->function->concurrency) {
		refuse(r, 429, "TooManyRequestsException", "Rate Exceeded.");
		return;
	}
	v = xcalloc(1, sizeof *v);
	v->slot = s;
	v->caller = r;
	v->start_ms = wallclock_monotonic_ms();
	make_id(v->id);
	TAILQ_INSERT_TAIL(&s->waiting, v, entry);
	s->nwaiting++;
	h->ninvocations++;
	httpd_on_close(r, caller_gone, v);
	invoke_dispatch(s);
}

static void
describe(struct strbuf *b, const struct slot *s)
{
	strbuf_addf(b, "{\"name\":\"%s\"", s->name);
	if (s->function != NULL)
		strbuf_addf(b, ",\"timeoutSeconds\":%g,\"concurrency\":%zu",
		    (double)s->function->timeout_ms / 1000,
		    s->function->concurrency);
	if (s->problem != NULL) {
		strbuf_adds(b, ",\"problem\":");
		strbuf_add_json_string(b, s->problem, strlen(s->problem));
	}
	strbuf_addf(b, ",\"processes\":%zu,\"running\":%zu,\"waiting\":%zu}",
	    s->ninstances, s->nrunning, s->nwaiting);
}

static void
list(struct host *h, struct httpd_request *r, const char *name)
{
	struct strbuf	 b = STRBUF_INIT;
	struct slot	*s;

	if (name[0] != '\0') {
		if ((s = host_find(h, name)) == NULL) {
			refuse(r, 404, "ResourceNotFoundException",
			    "There is no such function here.");
			return;
		}
		describe(&b, s);
	} else {
		host_scan(h);
		strbuf_adds(&b, "{\"items\":[");
		TAILQ_FOREACH(s, &h->slots, entry) {
			if (s != TAILQ_FIRST(&h->slots))
				strbuf_addc(&b, ',');
			describe(&b, s);
		}
		strbuf_adds(&b, "]}");
	}
	strbuf_addc(&b, '\n');
	httpd_set(r, "Content-Type", "application/json");
	httpd_reply(r, 200, b.data, b.len);
	strbuf_free(&b);
}

/* The name in /functions/NAME or /2015-03-31/functions/NAME/invocations; new,
 * "" for the list, NULL for another path. */
static char *
name_in(const char *path)
{
	static const char	 lambda[] = "/2015-03-31/functions";
	const char		*p, *end;

	if (strncmp(path, lambda, sizeof lambda - 1) == 0)
		p = path + sizeof lambda - 1;
	else if (strncmp(path, "/functions", 10) == 0)
		p = path + 10;
	else
		return NULL;
	if (*p == '\0')
		return xstrdup("");
	if (*p++ != '/')
		return NULL;
	end = strchrnul(p, '/');
	if (*end != '\0' && strcmp(end, "/invocations") != 0)
		return NULL;
	return httpd_decode(p, (size_t)(end - p), false);
}

void
invoke_handle(struct httpd_request *r, void *arg)
{
	struct host	*h = arg;
	const char	*path = httpd_raw_path(r), *method = httpd_method(r);
	char		*name;
	size_t		 len;

	if (strcmp(path, "/healthz") == 0) {
		httpd_reply(r, 200, "ok\n", 3);
		return;
	}
	if (!access_allowed(h->options.key, httpd_header(r, "Authorization"),
	    httpd_header(r, "Origin"))) {
		refuse(r, 401, "AccessDeniedException", h->options.key == NULL ?
		    "Browsers may not call functions." :
		    "The key is missing or wrong.");
		return;
	}
	(void)httpd_body(r, &len);
	if ((name = name_in(path)) == NULL)
		refuse(r, 404, "ResourceNotFoundException",
		    "Functions are at /functions/NAME.");
	else if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		list(h, r, name);
	else if (strcmp(method, "POST") != 0 || name[0] == '\0')
		refuse(r, 405, "MethodNotAllowed",
		    "A function is called with POST.");
	else if (len > HOST_PAYLOAD_MAX)
		refuse(r, 413, "RequestTooLargeException",
		    "The payload is larger than 6291556 bytes.");
	else
		invoke(h, r, name);
	free(name);
}
