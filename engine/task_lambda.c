/*
 * engine/task_lambda.c - functions: arn:aws:lambda:...:function:NAME and
 * arn:aws:states:::lambda:invoke[.waitForTaskToken].
 *
 * A function is a URL registered under a name; its payload is POSTed as JSON.
 *	200 and JSON			the result
 *	200, X-Amz-Function-Error	the function's own error: errorType, body
 *	404 429 413 other		Lambda.ResourceNotFoundException,
 *					Lambda.TooManyRequestsException, ...
 *	no answer			Lambda.SdkClientException
 *
 * Names, texts and the shape of invoke's output: recordings
 * services/test_lambda_task, services/test_lambda_task_service and
 * error_handling/test_task_*lambda.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "strbuf.h"
#include "task.h"
#include "wallclock.h"
#include "xmalloc.h"

#define ANSWER_MAX	((size_t)6 << 20)	/* as Lambda: 6 MB */
#define NAME_MAX_BYTES	170
#define AGAIN_MS	500

/* What is under way for one call, hung to its outcall. */
struct invocation {
	struct task_call	*call;
	char			*function;
	bool			 event;		/* InvocationType Event */
	bool			 tail;		/* LogType Tail */
	char			 request[ARN_ID_TEXT];
};

static bool
takes(const struct resource *r)
{
	return r->kind == RESOURCE_FUNCTION ||
	    (r->kind == RESOURCE_SERVICE && strcmp(r->service, "lambda") == 0 &&
	    strcmp(r->action, "invoke") == 0 &&
	    (r->pattern == PATTERN_REQUEST || r->pattern == PATTERN_TOKEN));
}

static void
invocation_free(void *arg)
{
	struct invocation	*v = arg;

	free(v->function);
	free(v);
}

/* The name in "name", "name:alias", or any kind of function ARN; new. */
static char *
function_name(const char *text)
{
	const char	*at = strstr(text, ":function:");

	if (at != NULL)
		text = at + strlen(":function:");
	return xstrndup(text, strcspn(text, ":"));
}

/* "TEXT (Service: AWSLambda; Status Code: N; ...)", and frees the call. */
static void
fail(struct invocation *v, const char *error, int status, const char *text)
{
	char	*name = xasprintf("Lambda.%s", error);
	char	*cause = status == 0 ? xstrdup(text) :
	    xasprintf("%s (Service: AWSLambda; Status Code: %d; Error Code: %s; "
	    "Request ID: %s; Proxy: null)", text, status, error, v->request);

	task_fail(v->call, name, cause);	/* and v with it */
	free(name);
	free(cause);
}

/* {"x":"y"}, or {"x":["y"]} as the service shows them a second time. */
static void
add_header(struct strbuf *b, bool list, const char *name, const char *value)
{
	if (b->len > 0 && b->data[b->len - 1] != '{')
		strbuf_addc(b, ',');
	strbuf_addf(b, "\"%s\":%s", name, list ? "[" : "");
	strbuf_add_json_string(b, value, strlen(value));
	strbuf_adds(b, list ? "]" : "");
}

static void
add_headers(struct strbuf *b, const struct invocation *v, size_t length,
    const char *log, bool list)
{
	char		 date[64], size[32], trace[96];
	time_t		 now = (time_t)(wallclock_ms() / 1000);
	struct tm	 tm;

	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT",
	    gmtime_r(&now, &tm));
	snprintf(size, sizeof size, "%zu", length);
	snprintf(trace, sizeof trace, "root=1-%08llx-%.8s%.4s%.12s;parent=%.8s"
	    "%.4s%.4s;sampled=0", (unsigned long long)now, v->request,
	    v->request + 9, v->request + 24, v->request, v->request + 9,
	    v->request + 14);
	strbuf_addc(b, '{');
	if (log != NULL)
		add_header(b, list, "X-Amz-Log-Result", log);
	add_header(b, list, "X-Amz-Executed-Version", "$LATEST");
	add_header(b, list, "x-amzn-Remapped-Content-Length", "0");
	add_header(b, list, "Connection", "keep-alive");
	add_header(b, list, "x-amzn-RequestId", v->request);
	add_header(b, list, "Content-Length", size);
	add_header(b, list, "Date", date);
	add_header(b, list, "X-Amzn-Trace-Id", trace);
	add_header(b, list, "Content-Type", "application/json");
	strbuf_addc(b, '}');
}

/* What lambda:invoke gives around the function's own result. */
static struct payload *
invoke_output(const struct invocation *v, const char *body, size_t len,
    const char *log)
{
	struct strbuf	 b = STRBUF_INIT;
	char		*text;
	int		 status = v->event ? 202 : 200;

	strbuf_adds(&b, "{");
	if (!v->event)
		strbuf_adds(&b, "\"ExecutedVersion\":\"$LATEST\",");
	if (log != NULL) {
		strbuf_adds(&b, "\"LogResult\":");
		strbuf_add_json_string(&b, log, strlen(log));
		strbuf_addc(&b, ',');
	}
	strbuf_adds(&b, "\"Payload\":");
	if (v->event)
		strbuf_adds(&b, "\"\"");
	else
		strbuf_add(&b, body, len);
	strbuf_adds(&b, ",\"SdkHttpMetadata\":{\"AllHttpHeaders\":");
	add_headers(&b, v, v->event ? 0 : len, log, true);
	strbuf_adds(&b, ",\"HttpHeaders\":");
	add_headers(&b, v, v->event ? 0 : len, log, false);
	strbuf_addf(&b, ",\"HttpStatusCode\":%d},\"SdkResponseMetadata\":"
	    "{\"RequestId\":\"%s\"},\"StatusCode\":%d}", status, v->request,
	    status);
	text = strbuf_take(&b, &len);
	return payload_steal_text(text, len);
}

/* The function answered with an error of its own. */
static void
function_error(struct invocation *v, const char *body, size_t len)
{
	struct err	 e = ERR_INIT;
	json_t		*tree = jsontext_parse(body, len, &e);
	const char	*type = json_string_value(json_object_get(tree,
	    "errorType"));
	char		*cause;

	err_clear(&e);
	/* A plain function's cause is its text; invoke prints it anew. */
	if (tree == NULL || v->call->resource_kind == RESOURCE_FUNCTION)
		cause = xstrndup(body, len);
	else
		cause = jsontext_string(tree, NULL);
	task_fail(v->call, type == NULL || type[0] == '\0' ? "Lambda.Unknown" :
	    type, cause);
	free(cause);
	json_decref(tree);
}

static void
not_found(struct invocation *v)
{
	const struct arn_account	*account = &v->call->rt->env.account;
	char				*text;

	text = xasprintf("Function not found: arn:aws:lambda:%s:%s:function:%s"
	    ":$LATEST", account->region, account->account, v->function);
	fail(v, "ResourceNotFoundException", 404, text);
	free(text);
}

/* LogType Tail, and the function's host gave no log: the lines around it. */
static const char *
log_tail(const struct invocation *v, char out[512])
{
	char	*text = xasprintf("START RequestId: %s Version: $LATEST\n"
	    "END RequestId: %s\nREPORT RequestId: %s\n", v->request, v->request,
	    v->request);

	EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)text,
	    (int)strlen(text));
	free(text);
	return out;
}

static void
answered(struct invocation *v, struct outcall *o, const struct outcall_answer *a)
{
	static const char	 null[] = "null";
	struct task_call	*call = v->call;
	const char		*body = a->len == 0 ? null : a->body, *log;
	char			 made[512];
	size_t			 len = a->len == 0 ? sizeof null - 1 : a->len;
	struct err		 e = ERR_INIT;
	char			*text;

	if (outcall_header(o, "X-Amz-Function-Error") != NULL && !v->event) {
		function_error(v, body, len);
		return;
	}
	if (jsontext_check(body, len, NULL, &e) == -1) {
		text = xasprintf("The function's answer is not JSON: %s", e.text);
		fail(v, "Unknown", 0, text);
		free(text);
		err_clear(&e);
		return;
	}
	log = outcall_header(o, "X-Amz-Log-Result");
	if (log == NULL && v->tail)
		log = log_tail(v, made);
	task_succeed(call, call->resource_kind == RESOURCE_FUNCTION ?
	    payload_from_text(body, len) : invoke_output(v, body, len, log));
}

static void
on_answer(struct outcall *o, const struct outcall_answer *a, void *arg)
{
	struct invocation	*v = arg;
	char			*text;

	v->call->outcall = NULL;
	if (a->end == OUTCALL_TOO_LARGE)
		fail(v, "SdkClientException", 0,
		    "The function's answer is larger than 6 MB");
	else if (a->end != OUTCALL_ANSWERED) {
		text = xasprintf("Unable to execute HTTP request: %s", a->detail);
		fail(v, "SdkClientException", 0, text);
		free(text);
	} else if (a->status == 200 || a->status == 202)
		answered(v, o, a);
	else if (a->status == 404)
		not_found(v);
	else if (a->status == 429)
		fail(v, "TooManyRequestsException", 429, "Rate Exceeded.");
	else if (a->status == 413)
		fail(v, "RequestTooLargeException", 413, "Request must be smaller "
		    "than 6291456 bytes for the InvokeFunction operation");
	else {
		text = xasprintf("The function's URL answered with status %ld",
		    a->status);
		fail(v, a->status >= 500 ? "ServiceException" :
		    "AWSLambdaException", (int)a->status, text);
		free(text);
	}
}

static void
post(struct invocation *v, const struct store_function *f, const char *body,
    size_t len)
{
	struct task_call	*call = v->call;
	const struct settings	*settings = call->rt->env.settings;
	struct outcall_request	 request = { .method = "POST", .url = f->url,
	    .body = body, .len = len, .max_answer_bytes = ANSWER_MAX };
	char			 id[ARN_ID_TEXT], *headers[5];
	int64_t			 left;
	size_t			 i;

	request.timeout_ms = f->timeout_ms > 0 ? f->timeout_ms :
	    settings->function_timeout_ms;
	/* The task's own timeout is the language's to act on: never earlier. */
	if (call->due_ms != 0) {
		left = call->due_ms - wallclock_ms() + 1000;
		if (left < request.timeout_ms)
			request.timeout_ms = left < 1000 ? 1000 : left;
	}
	headers[0] = xstrdup("Content-Type: application/json");
	headers[1] = xasprintf("Idempotency-Key: %s-%lld",
	    arn_id_text(&call->id, id), (long long)call->event_id);
	headers[2] = xasprintf("X-Pawl-Execution: %s", call->execution_arn);
	headers[3] = xasprintf("X-Pawl-Timeout-Ms: %lld",
	    (long long)request.timeout_ms);
	headers[4] = NULL;
	request.headers = (const char *const *)headers;
	call->outcall = outcall_start(call->rt->outcalls, &request, on_answer, v);
	for (i = 0; headers[i] != NULL; i++)
		free(headers[i]);
}

/*
 * The text that invoke sends, new: Payload as JSON; none, or null, as {}; and a
 * string that holds JSON as what it holds (test_invoke_json_values).
 */
static char *
invoke_payload(json_t *args, size_t *len)
{
	json_t		*payload = json_object_get(args, "Payload");
	struct err	 e = ERR_INIT;
	bool		 holds_json;

	if (payload == NULL || json_is_null(payload)) {
		*len = 2;
		return xstrdup("{}");
	}
	*len = json_string_length(payload);
	holds_json = json_is_string(payload) &&
	    jsontext_check(json_string_value(payload), *len, NULL, &e) == 0;
	err_clear(&e);
	if (holds_json)
		return xmemdup(json_string_value(payload), *len);
	return jsontext_string(payload, len);
}

static void	on_function(const struct err *, const struct store_function *,
		    void *);

static void
look_up(struct task_call *call)
{
	struct invocation	*v = call->state;

	registry_function(call->rt->env.registry, v->function, on_function, v);
}

static void
on_function(const struct err *e, const struct store_function *f, void *arg)
{
	struct invocation	*v = arg;
	struct task_call	*call = v->call;
	const char		*body;
	char			*made;
	size_t			 len;

	if (call->event_id == 0) {		/* cancelled meanwhile */
		fail(v, "SdkClientException", 0, "");
		return;
	}
	if (f == NULL && err_is(e, "NotFound"))
		not_found(v);
	else if (f == NULL && call->alone != NULL)
		fail(v, "SdkClientException", 0, e->text);
	else if (f == NULL)	/* the database is away: that is not its fault */
		task_later(call, AGAIN_MS, look_up);
	if (f == NULL)
		return;
	if (call->resource_kind == RESOURCE_FUNCTION) {
		body = payload_text(call->arguments, &len);
		post(v, f, body, len);
		return;
	}
	made = invoke_payload(payload_json(call->arguments), &len);
	post(v, f, made, len);
	free(made);
}

static void
new_request_id(struct invocation *v)
{
	struct exec_id	 id;

	if (RAND_bytes(id.bytes, sizeof id.bytes) != 1)
		id = task_derived_id(&v->call->id, v->call->event_id, "invoke");
	id.bytes[6] = (unsigned char)((id.bytes[6] & 0x0f) | 0x40);
	id.bytes[8] = (unsigned char)((id.bytes[8] & 0x3f) | 0x80);
	arn_id_text(&id, v->request);
}

static void
start(struct task_call *call)
{
	struct invocation	*v = xcalloc(1, sizeof *v);
	const char		*name = call->action, *kind;
	json_t			*args;

	v->call = call;
	call->state = v;
	call->state_free = invocation_free;
	new_request_id(v);
	if (call->resource_kind != RESOURCE_FUNCTION) {
		args = payload_json(call->arguments);
		name = json_string_value(json_object_get(args, "FunctionName"));
		kind = json_string_value(json_object_get(args, "InvocationType"));
		v->event = kind != NULL && strcmp(kind, "Event") == 0;
		kind = json_string_value(json_object_get(args, "LogType"));
		v->tail = kind != NULL && strcmp(kind, "Tail") == 0;
	}
	v->function = name == NULL ? NULL : function_name(name);
	if (v->function == NULL || v->function[0] == '\0' ||
	    strlen(v->function) > NAME_MAX_BYTES) {
		fail(v, "ValidationException", 400,
		    "FunctionName must be the name or ARN of a function");
		return;
	}
	look_up(call);
}

const struct task_kind	 task_lambda = { "lambda", takes, NULL, start };
