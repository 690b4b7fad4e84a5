/*
 * engine/task.c - what a Task state calls, by its resource.
 */

#include "task.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "strbuf.h"
#include "wallclock.h"
#include "xmalloc.h"

static const struct task_kind *const	 kinds[] = { &task_lambda, &task_sqs,
	&task_execution, &task_sdk };

const struct task_kind *
task_kind_of(const struct resource *r)
{
	size_t	 i;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i]->takes(r))
			return kinds[i];
	return NULL;
}

static struct task_call *
call_new(struct runtime *rt, const struct resource *r, const char *text)
{
	struct task_call	*call = xcalloc(1, sizeof *call);

	LIST_INSERT_HEAD(&rt->calls, call, of_runtime);
	call->rt = rt;
	call->kind = task_kind_of(r);
	call->resource_text = xstrdup(text);
	call->resource_kind = r->kind;
	call->pattern = r->pattern;
	call->service = r->service;
	call->action = r->kind == RESOURCE_FUNCTION ? r->name : r->action;
	return call;
}

static void
call_start(struct task_call *call)
{
	char	*cause;

	if (call->kind != NULL) {
		call->kind->start(call);
		return;
	}
	cause = xasprintf("The resource %s cannot be called: pawl has no "
	    "integration for it.", call->resource_text);
	task_fail(call, "States.TaskFailed", cause);
	free(cause);
}

void
task_start(struct item *it)
{
	struct resident		*x = it->resident;
	struct task_call	*call = call_new(x->rt, it->resource,
				    it->resource_text);

	call->id = x->id;
	call->shard = x->shard;
	call->event_id = it->id;
	call->execution_arn = xstrdup(x->arn);
	call->arguments = payload_ref(it->arguments);
	call->due_ms = it->due_ms;
	call->submitted = it->submitted;
	it->call = call;
	call_start(call);
}

struct task_call *
task_alone(struct runtime *rt, const struct command *c,
    const struct exec_id *id, const char *execution_arn,
    void (*fn)(struct task_call *, const struct stimulus *), void *arg)
{
	struct task_call	*call = call_new(rt, c->resource,
				    c->resource_text);

	call->id = *id;
	call->shard = arn_shard(id);
	call->event_id = c->id;
	call->execution_arn = xstrdup(execution_arn);
	call->arguments = payload_ref(c->arguments);
	call->due_ms = c->due_ms;
	call->alone = fn;
	call->alone_arg = arg;
	return call;
}

void
task_alone_start(struct task_call *call)
{
	call_start(call);
}

static void
call_free(struct task_call *call)
{
	LIST_REMOVE(call, of_runtime);
	if (call->timer != NULL)
		event_free(call->timer);
	if (call->state_free != NULL)
		call->state_free(call->state);
	free(call->execution_arn);
	free(call->resource_text);
	payload_unref(call->arguments);
	free(call);
}

/* The item that waits for this very call, or NULL: then nobody does. */
static struct item *
waiting_item(const struct task_call *call)
{
	struct resident	*x = resident_find(call->rt, &call->id);
	struct item	*it;

	if (x == NULL || x->loading)
		return NULL;
	it = item_find(x, call->event_id);
	return it != NULL && it->call == call ? it : NULL;
}

static void
answer(struct task_call *call, struct stimulus *what)
{
	struct item	*it;

	if (call->alone != NULL) {
		if (call->event_id != 0)	/* else it was cancelled */
			call->alone(call, what);
		call_free(call);
		return;
	}
	it = waiting_item(call);
	if (it != NULL) {
		it->call = NULL;
		what->id = call->event_id;
		if (what->kind == STIMULUS_TASK_SUCCEEDED && it->token)
			what->kind = STIMULUS_TASK_SUBMITTED;
		resident_stimulus(it->resident, what, NULL);
	}
	call_free(call);
}

void
task_succeed(struct task_call *call, struct payload *output)
{
	struct stimulus	 what = { .kind = STIMULUS_TASK_SUCCEEDED,
	    .payload = output };

	answer(call, &what);
	payload_unref(output);
}

void
task_fail(struct task_call *call, const char *error, const char *cause)
{
	struct stimulus	 what = { .kind = STIMULUS_TASK_FAILED,
	    .error = error, .cause = cause };

	answer(call, &what);
}

void
task_submit(struct task_call *call, struct payload *output)
{
	struct item	*it = waiting_item(call);
	struct stimulus	 what = { .kind = STIMULUS_TASK_SUBMITTED,
	    .id = call->event_id, .payload = output };

	call->submitted = true;
	if (it != NULL)
		resident_stimulus(it->resident, &what, NULL);
	payload_unref(output);
}

static void
on_later(evutil_socket_t fd, short what, void *arg)
{
	struct task_call	*call = arg;

	(void)fd;
	(void)what;
	call->later(call);
}

void
task_later(struct task_call *call, int64_t ms, void (*fn)(struct task_call *))
{
	struct timeval	 tv = { ms / 1000, ms % 1000 * 1000 };

	if (call->timer == NULL)
		call->timer = evtimer_new(call->rt->env.base, on_later, call);
	call->later = fn;
	evtimer_add(call->timer, &tv);
}

void
task_cancel(struct task_call *call)
{
	if (call->outcall != NULL)
		outcall_cancel(call->outcall);
	if (call->outcall != NULL || (call->timer != NULL &&
	    evtimer_pending(call->timer, NULL)))
		call_free(call);
	else
		call->event_id = 0;	/* its look-up comes back and finds nobody */
}

void
task_drop(struct task_call *call)
{
	if (call->outcall != NULL)
		outcall_cancel(call->outcall);
	call->outcall = NULL;
	if (call->alone != NULL)
		task_fail(call, "States.Runtime", "The server is stopping.");
	else
		call_free(call);
}

void
task_message(struct resident *x, int64_t queue_id, const struct exec_id *id,
    const char *body, const char *attributes, int64_t visible_ms)
{
	struct pending_message	*m;

	x->messages = xreallocarray(x->messages, x->nmessages + 1,
	    sizeof *x->messages);
	m = &x->messages[x->nmessages++];
	m->queue_id = queue_id;
	m->id = *id;
	m->body = xstrdup(body);
	m->attributes = attributes == NULL ? NULL : xstrdup(attributes);
	m->visible_ms = visible_ms;
}

void
task_result_clear(struct task_result *result)
{
	payload_unref(result->output);
	free(result->error);
	free(result->cause);
	memset(result, 0, sizeof *result);
}

static void
add_headers(struct strbuf *b, size_t length, const char *id, bool lists)
{
	char		 date[64];
	time_t		 now = (time_t)(wallclock_ms() / 1000);
	struct tm	 tm;
	const char	*open = lists ? "[" : "", *end = lists ? "]" : "";

	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT",
	    gmtime_r(&now, &tm));
	strbuf_addf(b, "{\"x-amzn-RequestId\":%s\"%s\"%s,\"connection\":"
	    "%s\"keep-alive\"%s,\"Content-Length\":%s\"%zu\"%s,\"Date\":"
	    "%s\"%s\"%s,\"Content-Type\":%s\"application/x-amz-json-1.0\"%s}",
	    open, id, end, open, end, open, length, end, open, date, end, open,
	    end);
}

void
task_http_metadata(struct strbuf *b, size_t length, const struct exec_id *request)
{
	char	 id[ARN_ID_TEXT];

	arn_id_text(request, id);
	strbuf_adds(b, "\"SdkHttpMetadata\":{\"AllHttpHeaders\":");
	add_headers(b, length, id, true);
	strbuf_adds(b, ",\"HttpHeaders\":");
	add_headers(b, length, id, false);
	strbuf_addf(b, ",\"HttpStatusCode\":200},\"SdkResponseMetadata\":"
	    "{\"RequestId\":\"%s\"}", id);
}

struct exec_id
task_derived_id(const struct exec_id *id, int64_t event_id, const char *purpose)
{
	char		 text[ARN_ID_TEXT], *name;
	unsigned char	 digest[EVP_MAX_MD_SIZE];
	struct exec_id	 made;

	name = xasprintf("%s %s %lld", purpose, arn_id_text(id, text),
	    (long long)event_id);
	if (EVP_Digest(name, strlen(name), digest, NULL, EVP_sha256(), NULL) != 1)
		log_fatal("SHA-256 is not available in this OpenSSL");
	free(name);
	memcpy(made.bytes, digest, sizeof made.bytes);
	made.bytes[6] = (unsigned char)((made.bytes[6] & 0x0f) | 0x40);
	made.bytes[8] = (unsigned char)((made.bytes[8] & 0x3f) | 0x80);
	return made;
}
