/*
 * engine/task_sqs.c - arn:aws:states:::sqs:sendMessage[.waitForTaskToken].
 *
 * The message commits with the history chunk that says it was sent: both or
 * neither.  When the queue is known, all of it happens in the commit that
 * schedules the task; else the queue is looked up after that commit, and the
 * message goes with the next.
 *
 * Errors and the shape of the output: recordings services/test_sqs_task_service
 * and error_handling/test_task_service_sqs.
 */

#include <stdlib.h>
#include <string.h>

#include "sqs.h"
#include "strbuf.h"
#include "task.h"
#include "wallclock.h"
#include "xmalloc.h"

#define AGAIN_MS	500
#define ROOM_MS		5

static bool
takes(const struct resource *r)
{
	return r->kind == RESOURCE_SERVICE && strcmp(r->service, "sqs") == 0 &&
	    strcmp(r->action, "sendMessage") == 0 &&
	    (r->pattern == PATTERN_REQUEST || r->pattern == PATTERN_TOKEN);
}

static void
fail(struct task_result *out, const char *error, const char *message,
    const char *code, const struct exec_id *request)
{
	char	 id[ARN_ID_TEXT];

	out->error = xasprintf("SQS.%s", error);
	if (code == NULL)
		out->cause = xstrdup(message);
	else
		out->cause = xasprintf("%s (Service: AmazonSQS; Status Code: "
		    "400; Error Code: %s; Request ID: %s; Proxy: null)",
		    message, code, arn_id_text(request, id));
}

/* The name of the queue that the arguments ask for, new; or NULL and *out. */
static char *
wanted_queue(json_t *args, struct task_result *out, const struct exec_id *request)
{
	const char	*url = json_string_value(json_object_get(args, "QueueUrl"));
	char		*name, *text;

	if (url == NULL) {
		fail(out, "AmazonSQSException", "The request must contain the "
		    "parameter QueueUrl.", "MissingParameter", request);
		return NULL;
	}
	if ((name = sqs_queue_name(url)) == NULL) {
		text = xasprintf("Unable to execute HTTP request: %s: Name or "
		    "service not known", strstr(url, "://") == NULL ? url :
		    strstr(url, "://") + 3);
		fail(out, "SdkClientException", text, NULL, request);
		free(text);
	}
	return name;
}

static struct payload *
answer_of(const char *body, json_t *attributes, const struct exec_id *message,
    const struct exec_id *request)
{
	struct strbuf	 b = STRBUF_INIT;
	char		 md5[SQS_MD5_SIZE], id[ARN_ID_TEXT];
	char		*text;
	size_t		 len, attr = 0;

	strbuf_addc(&b, '{');
	if (attributes != NULL) {
		sqs_md5_attributes(attributes, md5);
		strbuf_addf(&b, "\"MD5OfMessageAttributes\":\"%s\",", md5);
		attr = 60;
	}
	sqs_md5_body(body, strlen(body), md5);
	strbuf_addf(&b, "\"MD5OfMessageBody\":\"%s\",\"MessageId\":\"%s\",",
	    md5, arn_id_text(message, id));
	task_http_metadata(&b, 106 + attr, request);
	strbuf_addc(&b, '}');
	text = strbuf_take(&b, &len);
	return payload_steal_text(text, len);
}

/* The message is kept; what its sender gets was made before. */
static void
on_sent(const struct err *e, void *arg)
{
	struct task_call	*call = arg;

	if (e->code[0] != '\0')
		task_fail(call, "SQS.SdkClientException", e->text);
	else
		task_succeed(call, payload_ref(call->state));
}

static void
free_output(void *output)
{
	payload_unref(output);
}

/*
 * Puts the message beside the execution's next chunk; fills in *out.  A call
 * that no execution makes sends it at once, and ends by on_sent().
 */
static void
send_message(struct resident *x, struct task_call *alone, int64_t event_id,
    json_t *args, const struct store_queue *queue, struct task_result *out)
{
	const struct exec_id	*of = alone != NULL ? &alone->id : &x->id;
	struct exec_id	 request = task_derived_id(of, event_id, "request");
	struct exec_id	 id = task_derived_id(of, event_id, "message");
	int64_t		 now_ms = wallclock_ms();
	json_t		*value = json_object_get(args, "MessageBody");
	json_t		*attributes = json_object_get(args, "MessageAttributes");
	json_t		*delay = json_object_get(args, "DelaySeconds");
	int64_t		 delay_ms = queue->delay_ms;
	char		*body, *attr_text = NULL;

	if (value == NULL || json_is_null(value) ||
	    (json_is_string(value) && json_string_length(value) == 0)) {
		fail(out, "AmazonSQSException", "The request must contain the "
		    "parameter MessageBody.", "MissingParameter", &request);
		return;
	}
	if (json_is_integer(delay) && json_integer_value(delay) >= 0 &&
	    json_integer_value(delay) <= 900)
		delay_ms = json_integer_value(delay) * 1000;
	else if (delay != NULL && !json_is_null(delay)) {
		fail(out, "AmazonSQSException", "Value for parameter DelaySeconds "
		    "is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
		    "InvalidParameterValue", &request);
		return;
	}
	body = json_is_string(value) ? xstrdup(json_string_value(value)) :
	    jsontext_string(value, NULL);
	if (strlen(body) > SQS_BODY_MAX) {
		fail(out, "AmazonSQSException", "One or more parameters are "
		    "invalid. Reason: Message must be shorter than 262144 bytes.",
		    "InvalidParameterValue", &request);
		free(body);
		return;
	}
	if (!json_is_object(attributes) || json_object_size(attributes) == 0)
		attributes = NULL;
	else
		attr_text = jsontext_string(attributes, NULL);
	out->output = answer_of(body, attributes, &id, &request);
	if (alone == NULL)
		task_message(x, queue->id, &id, body, attr_text,
		    now_ms + delay_ms);
	else {
		alone->state = payload_ref(out->output);
		alone->state_free = free_output;
		store_message_send(alone->rt->env.store, queue->id, &id, body,
		    attr_text, now_ms, now_ms + delay_ms, on_sent, alone);
	}
	free(body);
	free(attr_text);
}

static bool
inline_run(struct resident *x, const struct item *it, struct task_result *out)
{
	struct exec_id			 request;
	const struct store_queue	*queue;
	json_t				*args = payload_json(it->arguments);
	char				*name;

	request = task_derived_id(&x->id, it->id, "request");
	if ((name = wanted_queue(args, out, &request)) == NULL)
		return true;
	queue = registry_queue_cached(x->rt->env.registry, name);
	free(name);
	if (queue == NULL)
		return false;
	send_message(x, NULL, it->id, args, queue, out);
	return true;
}

static void	start(struct task_call *);

/* Not now: the database is away, or the next chunk is full. */
static bool
must_wait(struct task_call *call, const struct err *e,
    const struct store_queue *queue, const struct resident *x)
{
	if (call->alone != NULL)
		return false;
	if (queue == NULL && !err_is(e, "NotFound"))
		task_later(call, AGAIN_MS, start);
	else if (resident_crowded(x))
		task_later(call, ROOM_MS, start);
	else
		return false;
	return true;
}

/* After the look-up: the message goes with the chunk that says it was sent. */
static void
on_queue(const struct err *e, const struct store_queue *queue, void *arg)
{
	struct task_call	*call = arg;
	struct resident		*x = resident_find(call->rt, &call->id);
	struct item		*it = x == NULL || x->loading ? NULL :
	    item_find(x, call->event_id);
	struct task_result	 out = { NULL, NULL, NULL };
	struct exec_id		 request;

	if (call->event_id == 0 || (call->alone == NULL &&
	    (it == NULL || it->call != call))) {	/* nobody waits any more */
		task_fail(call, "SQS.SdkClientException", "");
		return;
	}
	if (must_wait(call, e, queue, x))
		return;
	request = task_derived_id(&call->id, call->event_id, "request");
	if (queue != NULL)
		send_message(x, call->alone != NULL ? call : NULL,
		    call->event_id, payload_json(call->arguments), queue, &out);
	else if (err_is(e, "NotFound"))
		fail(&out, "QueueDoesNotExistException",
		    "The specified queue does not exist.",
		    "AWS.SimpleQueueService.NonExistentQueue", &request);
	else
		fail(&out, "SdkClientException", e->text, NULL, &request);
	if (out.error != NULL)
		task_fail(call, out.error, out.cause);
	else if (call->alone == NULL)
		task_succeed(call, payload_ref(out.output));
	task_result_clear(&out);
}

static void
start(struct task_call *call)
{
	struct exec_id		 request;
	struct task_result	 out = { NULL, NULL, NULL };
	char			*name;

	request = task_derived_id(&call->id, call->event_id, "request");
	name = wanted_queue(payload_json(call->arguments), &out, &request);
	if (name == NULL) {
		task_fail(call, out.error, out.cause);
		task_result_clear(&out);
		return;
	}
	registry_queue(call->rt->env.registry, name, on_queue, call);
	free(name);
}

const struct task_kind	 task_sqs = { "sqs", takes, inline_run, start };
