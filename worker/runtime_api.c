/*
 * worker/runtime_api.c - the AWS Lambda Runtime API, as a process sees it.
 *
 * Statuses, bodies and names of errors are those of Lambda's own interface
 * emulator, so that runtimes written for Lambda find what they expect.
 */

#include "runtime_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strbuf.h"
#include "wallclock.h"
#include "xmalloc.h"

#define PREFIX "/2018-06-01/runtime/"

static void
answer(struct httpd_request *r, int status, const char *type,
    const char *message)
{
	char	*body = xasprintf("{\"errorType\":\"%s\",\"errorMessage\":\"%s\"}",
		    type, message);

	httpd_set(r, "Content-Type", "application/json");
	httpd_reply(r, status, body, strlen(body));
	free(body);
}

static void
accepted(struct httpd_request *r)
{
	httpd_set(r, "Content-Type", "application/json");
	httpd_reply(r, 202, "{\"status\":\"OK\"}", 15);
}

/* --- GET invocation/next --------------------------------------------------- */

/* The process hung up while it waited; if it lives, it may ask again. */
static void
next_closed(void *arg)
{
	struct instance		*i = arg;
	struct httpd_request	*r = i->next;

	i->next = NULL;
	if (r != NULL)
		httpd_reply(r, 200, NULL, 0);
	if (i->state == INSTANCE_IDLE)
		instance_expect_next(i);
}

static void
next(struct instance *i, struct httpd_request *r)
{
	if (i->state != INSTANCE_STARTING || i->next != NULL) {
		answer(r, 403, "InvalidStateTransition",
		    "Answer the invocation before you ask for the next.");
		return;
	}
	i->next = r;
	httpd_on_close(r, next_closed, i);
	invoke_instance_idle(i);
}

/* Passes a header of the caller on under another name. */
static void
pass(struct httpd_request *from, const char *name, struct httpd_request *to,
    const char *as)
{
	const char	*value = httpd_header(from, name);

	if (value != NULL)
		httpd_set(to, as, value);
}

void
runtime_api_deliver(struct instance *i, struct invocation *v)
{
	struct httpd_request	*r = i->next;
	const struct host	*h = v->slot->host;
	char			 text[64], *arn;
	const char		*body;
	size_t			 len;

	i->next = NULL;
	httpd_set(r, "Content-Type", "application/json");
	httpd_set(r, "Lambda-Runtime-Aws-Request-Id", v->id);
	snprintf(text, sizeof text, "%lld", (long long)v->deadline_ms);
	httpd_set(r, "Lambda-Runtime-Deadline-Ms", text);
	arn = xasprintf("arn:aws:lambda:%s:%s:function:%s", h->options.region,
	    h->options.account, v->slot->name);
	httpd_set(r, "Lambda-Runtime-Invoked-Function-Arn", arn);
	free(arn);
	if (httpd_header(v->caller, "X-Amzn-Trace-Id") != NULL)
		pass(v->caller, "X-Amzn-Trace-Id", r, "Lambda-Runtime-Trace-Id");
	else {
		snprintf(text, sizeof text, "Root=1-%08llx-%.8s%.4s%.12s;"
		    "Sampled=0", (long long)(wallclock_ms() / 1000), v->id,
		    v->id + 9, v->id + 24);
		httpd_set(r, "Lambda-Runtime-Trace-Id", text);
	}
	pass(v->caller, "Idempotency-Key", r,
	    "Lambda-Runtime-Pawl-Idempotency-Key");
	pass(v->caller, "X-Pawl-Execution", r, "Lambda-Runtime-Pawl-Execution");
	body = httpd_body(v->caller, &len);
	if (len == 0)
		httpd_reply(r, 200, "{}", 2);
	else
		httpd_reply(r, 200, body, len);
}

/* --- POST ------------------------------------------------------------------ */

static void
init_error(struct instance *i, struct httpd_request *r)
{
	const char	*body;
	size_t		 len;

	if (i->ready) {
		answer(r, 403, "InvalidStateTransition",
		    "The process has already started.");
		return;
	}
	body = httpd_body(r, &len);
	free(i->init_error);
	i->init_error = len == 0 ? xstrdup("{\"errorType\":\"Runtime.Unknown\","
	    "\"errorMessage\":\"The process could not start.\"}") :
	    xstrndup(body, len);
	accepted(r);
	/* It should exit by itself now, and is made to if it does not. */
	instance_end(i, false);
}

static void
result(struct instance *i, struct httpd_request *r, bool error)
{
	const char	*body;
	struct slot	*s = i->slot;
	size_t		 len;

	body = httpd_body(r, &len);
	instance_expect_next(i);
	if (len > HOST_PAYLOAD_MAX) {
		invoke_fail(i, "Function.ResponseSizeTooLarge", "Response payload "
		    "size exceeded maximum allowed payload size (6291556 bytes).");
		answer(r, 413, "RequestEntityTooLarge", "Response payload size "
		    "exceeded maximum allowed payload size (6291556 bytes).");
	} else {
		if (error && len == 0)
			invoke_answer(i, "{\"errorType\":\"Unknown\","
			    "\"errorMessage\":\"\"}", 41, true);
		else if (len == 0)
			invoke_answer(i, "null", 4, false);
		else
			invoke_answer(i, body, len, error);
		accepted(r);
	}
	invoke_dispatch(s);
}

/* POST invocation/{id}/response or /error; what is behind "invocation/". */
static void
invocation(struct instance *i, struct httpd_request *r, const char *p)
{
	const char	*verb = strchr(p, '/');
	bool		 error;

	if (verb == NULL || (strcmp(verb, "/response") != 0 &&
	    strcmp(verb, "/error") != 0)) {
		answer(r, 404, "NotFound", "There is nothing at this path.");
		return;
	}
	error = strcmp(verb, "/error") == 0;
	if (i->invocation == NULL || i->state != INSTANCE_BUSY ||
	    strlen(i->invocation->id) != (size_t)(verb - p) ||
	    strncmp(i->invocation->id, p, (size_t)(verb - p)) != 0)
		answer(r, 400, "InvalidRequestID",
		    "This invocation is not open here.");
	else
		result(i, r, error);
}

void
runtime_api_handle(struct httpd_request *r, void *arg)
{
	struct instance	*i = arg;
	const char	*path = httpd_raw_path(r);
	bool		 post = strcmp(httpd_method(r), "POST") == 0;

	if (strncmp(path, PREFIX, sizeof PREFIX - 1) != 0) {
		answer(r, 404, "NotFound", "There is nothing at this path.");
		return;
	}
	path += sizeof PREFIX - 1;
	if (!post && strcmp(httpd_method(r), "GET") == 0 &&
	    strcmp(path, "invocation/next") == 0)
		next(i, r);
	else if (post && strcmp(path, "init/error") == 0)
		init_error(i, r);
	else if (post && strncmp(path, "invocation/", 11) == 0)
		invocation(i, r, path + 11);
	else
		answer(r, 404, "NotFound", "There is nothing at this path.");
}
