/*
 * engine/api.c - a call, from the request to its one answer.
 *
 * Paths decide the coat:
 *
 *	POST with X-Amz-Target	the AWS protocol	api_aws.c
 *	/v1/...			REST			api_rest.c
 *	/callback/TOKEN		people			callback.c
 *	/healthz, /openapi.json	anybody			here, openapi.c
 *
 * The coat authenticates, makes params and calls api_start(); the operation's
 * answer goes back through the coat.  To add an operation see engine/api.h.
 */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "api_private.h"
#include "log.h"
#include "ownapi.h"
#include "wallclock.h"
#include "xmalloc.h"

#define INTERNAL_FORGET	"/internal/forget"

struct api *
api_new(const struct api_env *env)
{
	struct api	*api = xcalloc(1, sizeof *api);

	api->env = *env;
	return api;
}

static void
api_call_free(struct api_call *call)
{
	*call->prev = call->next;
	if (call->next != NULL)
		call->next->prev = call->prev;
	api_forward_free(call);
	if (call->timer != NULL)
		event_free(call->timer);
	if (call->state_free != NULL)
		call->state_free(call->state);
	json_decref(call->params);
	free(call);
}

void
api_free(struct api *api)
{
	if (api == NULL)
		return;
	while (api->calls != NULL)
		api_call_free(api->calls);
	free(api);
}

static void
api_gone(void *arg)
{
	struct api_call	*call = arg;

	call->gone = true;
}

void
api_drain(struct api *api)
{
	struct api_call	*call;

	for (call = api->calls; call != NULL; call = call->next) {
		call->gone = true;
		if (call->timer != NULL && evtimer_pending(call->timer, NULL))
			event_active(call->timer, EV_TIMEOUT, 1);
	}
}

static struct api_call *
api_call_new(struct api *api, struct httpd_request *request)
{
	struct api_call	*call = xcalloc(1, sizeof *call);

	call->api = api;
	call->env = &api->env;
	call->request = request;
	api_uuid(call->id);
	call->next = api->calls;
	call->prev = &api->calls;
	if (call->next != NULL)
		call->next->prev = &call->next;
	api->calls = call;
	httpd_on_close(request, api_gone, call);
	httpd_set(request, "x-amzn-RequestId", call->id);
	return call;
}

/* ---- requests ---- */

static void
api_health(struct api_call *call)
{
	if (store_ready(call->env->store))
		api_reply(call, 200, "text/plain; charset=utf-8", "ok\n", 3);
	else
		api_reply(call, 503, "text/plain; charset=utf-8",
		    "the database cannot be reached\n", 31);
}

static bool
api_is(const struct api_call *call, const char *path)
{
	return strcmp(httpd_raw_path(call->request), path) == 0;
}

static bool
api_under(const struct api_call *call, const char *prefix)
{
	return strncmp(httpd_raw_path(call->request), prefix, strlen(prefix)) == 0;
}

static bool
api_reads(const struct api_call *call)
{
	const char	*method = httpd_method(call->request);

	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		return true;
	httpd_set(call->request, "Allow", "GET, HEAD");
	return false;
}

static void
api_route(struct api_call *call)
{
	if (api_is(call, "/healthz") || api_is(call, "/openapi.json")) {
		if (!api_reads(call))
			api_fail(call, "MethodNotAllowed", "Use GET.");
		else if (api_is(call, "/healthz"))
			api_health(call);
		else
			openapi_handle(call);
	} else if (api_under(call, "/callback/"))
		callback_handle(call);
	else if (api_under(call, "/v1/"))
		api_rest(call);
	else if (strcmp(httpd_method(call->request), "POST") == 0)
		api_aws(call);
	else
		api_fail(call, "NotFound", "There is nothing at this path: the API "
		    "is under /v1/ (see /openapi.json), the AWS protocol at POST /.");
}

void
api_handle(struct httpd_request *request, void *api)
{
	api_route(api_call_new(api, request));
}

static void
api_internal_forget(struct api_call *call)
{
	char	*kind = httpd_query(call->request, "kind");
	char	*name = httpd_query(call->request, "name");

	if (kind != NULL && name != NULL)
		registry_forget(call->env->registry, kind, name);
	free(kind);
	free(name);
	api_reply(call, 204, NULL, NULL, 0);
}

void
api_handle_internal(struct httpd_request *request, void *api)
{
	struct api_call	*call = api_call_new(api, request);

	if (!api_auth_internal(call))
		return;
	call->trusted = true;
	call->forwarded = httpd_header(request, OWNAPI_HEADER) == NULL;
	if (api_is(call, INTERNAL_FORGET))
		api_internal_forget(call);
	else
		api_route(call);
}

/* SQS has names of its own for what is wrong with a member. */
static const char *
api_check_code(const struct api_call *call, const struct err *e)
{
	if (call->op->service != OP_SQS || strcmp(e->code, "ValidationException") != 0)
		return e->code;
	return strstr(e->text, "must not be null") != NULL ? "MissingParameter" :
	    "InvalidParameterValue";
}

void
api_start(struct api_call *call)
{
	struct err	 e = ERR_INIT;
	int		 shard;

	if (api_check(call->op->members, call->params, &e) == -1) {
		api_fail(call, api_check_code(call, &e), "%s", e.text);
		err_clear(&e);
		return;
	}
	shard = call->op->shard == NULL ? OP_ANY_PROCESS : call->op->shard(call);
	if (shard == OP_ANSWERED)
		return;
	if (shard == OP_ANY_PROCESS || shards_mine(call->env->shards, shard))
		call->op->run(call);
	else if (call->forwarded)
		api_forward_refuse(call);
	else
		api_forward(call, shard);
}

const struct api_op *
api_op_find(enum op_service service, const char *name)
{
	const struct api_op *const	*op;

	for (op = api_ops; *op != NULL; op++)
		if ((*op)->service == service && strcmp((*op)->name, name) == 0)
			return *op;
	return NULL;
}

void
api_run(struct api_call *call, const char *op)
{
	enum op_service	 services[] = { OP_STATES, OP_SQS, OP_PAWL };
	size_t		 i;

	for (i = 0, call->op = NULL; call->op == NULL && i < 3; i++)
		call->op = api_op_find(services[i], op);
	api_start(call);
}

/* ---- answers ---- */

void
api_call_end(struct api_call *call)
{
	call->request = NULL;
	api_call_free(call);
}

void
api_reply(struct api_call *call, int status, const char *type, const char *body,
    size_t len)
{
	if (type != NULL)
		httpd_set(call->request, "Content-Type", type);
	httpd_reply(call->request, status, body, len);
	api_call_end(call);
}

void
api_ok_text(struct api_call *call, struct strbuf *b)
{
	if (strbuf_failed(b))
		api_fail(call, "InternalFailure", "The answer is too large.");
	else if (call->query)
		api_query_ok(call, strbuf_str(b), b->len);
	else if (call->route != NULL)
		api_rest_ok(call, strbuf_str(b), b->len);
	else
		api_aws_ok(call, strbuf_str(b), b->len);
	strbuf_free(b);
}

void
api_ok(struct api_call *call, json_t *answer)
{
	struct strbuf	 b = STRBUF_INIT;

	jsontext_print(answer, &b);
	json_decref(answer);
	api_ok_text(call, &b);
}

static void
api_fail_text(struct api_call *call, const char *code, const char *text)
{
	if (api_error_find(code)->rest_status == 503)
		httpd_set(call->request, "Retry-After", "1");
	if (call->query)
		api_query_fail(call, code, text);
	else if (api_is(call, "/") || httpd_header(call->request, "X-Amz-Target") != NULL)
		api_aws_fail(call, code, text);
	else
		api_rest_fail(call, code, text);
}

void
api_fail(struct api_call *call, const char *code, const char *fmt, ...)
{
	va_list	 ap;
	char	*text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	api_fail_text(call, code, text);
	free(text);
}

void
api_fail_err(struct api_call *call, const struct err *e)
{
	const char	*text = e->text == NULL ? "" : e->text;

	if (api_forward_moved(call, e))
		return;
	if (strcmp(e->code, "Unavailable") == 0 ||
	    strcmp(e->code, "UnknownOutcome") == 0) {
		log_warn("call not served: %s code=%s op=%s request=%s", text, e->code,
		    call->op == NULL ? "-" : call->op->name, call->id);
		api_fail(call, "Unavailable", "%s", strcmp(e->code,
		    "UnknownOutcome") == 0 ? "The database was lost while it worked "
		    "on this call: it may have been carried out. Ask, or try again." :
		    text[0] == '\0' ? "The database cannot be reached." : text);
	} else if (strcmp(e->code, "StoreError") == 0 ||
	    strcmp(e->code, "CorruptHistory") == 0) {
		log_error("call failed: %s code=%s op=%s request=%s", text, e->code,
		    call->op == NULL ? "-" : call->op->name, call->id);
		api_fail(call, "InternalFailure", "Something went wrong inside; the "
		    "server's log tells more (request %s).", call->id);
	} else
		api_fail_text(call, e->code, text);
}

/* ---- timers and memory ---- */

static void
api_timer(evutil_socket_t fd, short what, void *arg)
{
	struct api_call	*call = arg;

	(void)fd;
	(void)what;
	call->on_timer(call);
}

void
api_later(struct api_call *call, int64_t ms, void (*fn)(struct api_call *))
{
	struct timeval	 tv = { ms / 1000, (ms % 1000) * 1000 };

	if (call->timer == NULL &&
	    (call->timer = evtimer_new(call->env->base, api_timer, call)) == NULL)
		log_fatal("no timer");
	call->on_timer = fn;
	evtimer_add(call->timer, &tv);
}

void
api_keep(struct api_call *call, void *state, void (*state_free)(void *))
{
	if (call->state_free != NULL)
		call->state_free(call->state);
	call->state = state;
	call->state_free = state_free;
}

/* ---- members ---- */

const char *
api_str(const struct api_call *call, const char *name)
{
	return json_string_value(json_object_get(call->params, name));
}

int64_t
api_int(const struct api_call *call, const char *name, int64_t otherwise)
{
	const json_t	*v = json_object_get(call->params, name);

	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

bool
api_bool(const struct api_call *call, const char *name, bool otherwise)
{
	const json_t	*v = json_object_get(call->params, name);

	return json_is_boolean(v) ? json_is_true(v) : otherwise;
}

void
api_set_str(json_t *answer, const char *name, const char *value)
{
	json_object_set_new(answer, name, json_string(value));
}

void
api_set_int(json_t *answer, const char *name, int64_t value)
{
	json_object_set_new(answer, name, json_integer(value));
}

void
api_set_time(json_t *answer, const char *name, int64_t ms)
{
	json_object_set_new(answer, name, json_real((double)ms / 1000.0));
}
