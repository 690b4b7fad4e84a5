/*
 * engine/op_rest_queues.c - queues and their messages, in REST's own shape.
 *
 * The same queues as those of op_queues.c and op_messages.c.
 */

#include <stdlib.h>
#include <string.h>

#include "queue.h"
#include "wallclock.h"
#include "xmalloc.h"

static const struct check put_members[] = {
	{ "name",	CHECK_STRING,	true,	1, 80, NULL },
	{ "visibilityTimeoutSeconds", CHECK_INTEGER, false, 0, 0, NULL },
	{ "delaySeconds", CHECK_INTEGER, false, 0, 0, NULL },
	{ "retentionSeconds", CHECK_INTEGER, false, 0, 0, NULL },
	{ "waitSeconds", CHECK_INTEGER, false, 0, 0, NULL },
	CHECK_END
};

static const struct check name_members[] = {
	{ "name",	CHECK_STRING,	true,	1, 80, NULL },
	CHECK_END
};

static const struct check list_members[] = {
	{ "maxResults",	CHECK_INTEGER,	false, 0, 1000, NULL },
	{ "nextToken",	CHECK_STRING,	false, 1, 1024, NULL },
	CHECK_END
};

static const struct check send_members[] = {
	{ "name",	CHECK_STRING,	true,	1, 80, NULL },
	{ "body",	CHECK_STRING,	true,	0, 0, NULL },
	{ "attributes",	CHECK_STRUCTURE, false, 0, 0, NULL },
	{ "delaySeconds", CHECK_INTEGER, false, 0, QUEUE_DELAY_MAX_S, NULL },
	CHECK_END
};

static const struct check receive_members[] = {
	{ "name",	CHECK_STRING,	true,	1, 80, NULL },
	{ "maxMessages", CHECK_INTEGER, false, 1, QUEUE_RECEIVE_MAX, NULL },
	{ "waitSeconds", CHECK_INTEGER, false, 0, QUEUE_WAIT_MAX_S, NULL },
	{ "visibilityTimeoutSeconds", CHECK_INTEGER, false, 0,
	    QUEUE_VISIBILITY_MAX_S, NULL },
	CHECK_END
};

static const struct check delete_members[] = {
	{ "name",	CHECK_STRING,	true,	1, 80, NULL },
	{ "receiptHandle", CHECK_STRING, true,	1, 1024, NULL },
	CHECK_END
};

static json_t *
rest_queue(struct api_call *call, const struct store_queue *q, bool counts)
{
	json_t	*answer = json_object();
	char	*url = queue_url(call, q->name);
	size_t	 i;

	api_set_str(answer, "name", q->name);
	api_set_str(answer, "queueUrl", url);
	free(url);
	for (i = 0; i < QUEUE_ATTRIBUTES; i++)
		api_set_int(answer, queue_attributes[i].rest,
		    queue_attribute_get(q, &queue_attributes[i]));
	api_set_time(answer, "creationDate", q->created_ms);
	if (counts) {
		api_set_int(answer, "availableMessages", q->available);
		api_set_int(answer, "inFlightMessages", q->in_flight);
		api_set_int(answer, "delayedMessages", q->delayed);
	}
	return answer;
}

/* ---- PutQueue: create it, or change what is given ---- */

static bool
put_read(struct api_call *call, struct store_queue *q)
{
	const struct queue_attribute	*a;
	int64_t				 seconds;
	size_t				 i;

	for (i = 0; i < QUEUE_ATTRIBUTES; i++) {
		a = &queue_attributes[i];
		seconds = api_int(call, a->rest, queue_attribute_get(q, a));
		if (!queue_attribute_ok(call, a, a->rest, seconds))
			return false;
		*queue_attribute_ms(q, a) = seconds * 1000;
	}
	return true;
}

static void
put_read_back(const struct err *e, const struct store_queue *q, size_t n, void *arg)
{
	struct api_call	*call = arg;

	if (e->code[0] != '\0' || n != 1)
		queue_fail(call, e);
	else
		api_forget(call, "queue", q->name, rest_queue(call, q, false));
}

static void
put_changed(const struct err *e, void *arg)
{
	struct api_call	*call = arg;

	if (e->code[0] != '\0')
		queue_fail(call, e);
	else
		store_queue_get(call->env->store, api_str(call, "name"), false,
		    put_read_back, call);
}

static void
put_created(const struct err *e, const struct store_queue *q, size_t n, void *arg)
{
	struct api_call		*call = arg;
	struct store_queue	 changed;

	if (e->code[0] == '\0' && n == 1) {
		call->status = 201;
		api_forget(call, "queue", q->name, rest_queue(call, q, false));
	} else if (strcmp(e->code, "Exists") == 0 && n == 1) {
		changed = *q;
		if (put_read(call, &changed))
			store_queue_set(call->env->store, &changed, put_changed, call);
	} else
		queue_fail(call, e);
}

static void
put_run(struct api_call *call)
{
	struct store_queue	 q;

	queue_defaults(&q);
	q.name = api_str(call, "name");
	q.created_ms = wallclock_ms();
	if (queue_name_ok(call, q.name) && put_read(call, &q))
		store_queue_create(call->env->store, &q, put_created, call);
}

/* ---- GetQueue, ListQueues, DeleteQueue ---- */

static void
get_done(const struct err *e, const struct store_queue *q, size_t n, void *arg)
{
	struct api_call	*call = arg;

	if (e->code[0] != '\0' || n != 1)
		queue_fail(call, e);
	else
		api_ok(call, rest_queue(call, q, true));
}

static void
get_run(struct api_call *call)
{
	store_queue_get(call->env->store, api_str(call, "name"), true, get_done, call);
}

static void
list_done(const struct err *e, const struct store_queue *list, size_t n, void *arg)
{
	struct api_call	*call = arg;
	json_t		*answer, *items;
	size_t		 i, max = (size_t)api_page_size(call, 100);

	if (e->code[0] != '\0') {
		api_fail_err(call, e);
		return;
	}
	answer = json_object();
	items = json_array();
	json_object_set_new(answer, "items", items);
	for (i = 0; i < n && i < max; i++)
		json_array_append_new(items, rest_queue(call, &list[i], false));
	if (n > max)
		api_page_next(call, answer, "queues", "%s", list[max - 1].name);
	api_ok(call, answer);
}

static void
list_run(struct api_call *call)
{
	char	*after;

	if (api_page_read(call, "queues", &after) == -1)
		return;
	store_queue_list(call->env->store, "", after, api_page_size(call, 100) + 1,
	    list_done, call);
	free(after);
}

static void
delete_done(const struct err *e, void *arg)
{
	struct api_call	*call = arg;

	if (e->code[0] != '\0')
		queue_fail(call, e);
	else
		api_forget(call, "queue", api_str(call, "name"), json_object());
}

static void
delete_run(struct api_call *call)
{
	store_queue_delete(call->env->store, api_str(call, "name"), delete_done, call);
}

/* ---- messages ---- */

/* REST's {NAME: TEXT} as the SQS protocol has it; what is neither is refused. */
static json_t *
send_attributes(struct api_call *call)
{
	json_t		*given = json_object_get(call->params, "attributes");
	json_t		*out = json_object(), *value;
	const char	*name;

	json_object_foreach(given, name, value) {
		if (!json_is_string(value) || json_string_length(value) == 0 ||
		    json_object_size(given) > 10) {
			json_decref(out);
			api_fail(call, "InvalidParameterValue", "attributes must be at "
			    "most 10 members, each with a text.");
			return NULL;
		}
		json_object_set_new(out, name, json_pack("{s:s, s:O}", "DataType",
		    "String", "StringValue", value));
	}
	return out;
}

static void
send_done(const struct err *e, void *arg)
{
	struct api_call	*call = arg;
	json_t		*answer;

	if (e->code[0] != '\0') {
		queue_fail(call, e);
		return;
	}
	answer = json_object();
	json_object_set(answer, "messageId", json_object_get(call->params,
	    "messageId"));
	api_ok(call, answer);
}

static void
send_queue(const struct err *e, const struct store_queue *q, void *arg)
{
	struct api_call	*call = arg;
	struct exec_id	 id;
	json_t		*attributes;
	char		 uuid[ARN_ID_TEXT], *text = NULL;
	int64_t		 now = wallclock_ms(), delay_s;

	if (q == NULL) {
		queue_fail(call, e);
		return;
	}
	if ((attributes = send_attributes(call)) == NULL)
		return;
	if (!arn_id_parse(api_uuid(uuid), &id))
		abort();
	api_set_str(call->params, "messageId", uuid);
	delay_s = api_int(call, "delaySeconds", q->delay_ms / 1000);
	if (json_object_size(attributes) > 0)
		text = jsontext_string(attributes, NULL);
	store_message_send(call->env->store, q->id, &id, api_str(call, "body"), text,
	    now, now + delay_s * 1000, send_done, call);
	free(text);
	json_decref(attributes);
}

static void
send_run(struct api_call *call)
{
	if (queue_body_ok(call, json_object_get(call->params, "body")))
		registry_queue(call->env->registry, api_str(call, "name"), send_queue,
		    call);
}

static json_t *
receive_item(const struct store_received *r)
{
	struct err	 e = ERR_INIT;
	json_t		*item = json_object(), *all = NULL, *shown, *a, *value;
	const char	*name;
	char		 id[ARN_ID_TEXT];

	api_set_str(item, "messageId", arn_id_text(&r->id, id));
	api_set_str(item, "receiptHandle", r->receipt);
	api_set_str(item, "body", r->body);
	shown = json_object();
	if (r->attributes != NULL)
		all = jsontext_parse(r->attributes, strlen(r->attributes), &e);
	err_clear(&e);
	json_object_foreach(all, name, a)
		if ((value = json_object_get(a, "StringValue")) != NULL ||
		    (value = json_object_get(a, "BinaryValue")) != NULL)
			json_object_set(shown, name, value);
	json_decref(all);
	json_object_set_new(item, "attributes", shown);
	api_set_int(item, "receiveCount", r->receives);
	api_set_time(item, "sentDate", r->sent_ms);
	return item;
}

static void
receive_got(struct api_call *call, const struct store_received *list, size_t n)
{
	json_t	*answer = json_object(), *items = json_array();
	size_t	 i;

	for (i = 0; i < n; i++)
		json_array_append_new(items, receive_item(&list[i]));
	json_object_set_new(answer, "items", items);
	api_ok(call, answer);
}

static void
receive_run(struct api_call *call)
{
	struct queue_receive	*r = xcalloc(1, sizeof *r);
	int64_t			 seconds;

	r->name = xstrdup(api_str(call, "name"));
	r->max = (int)api_int(call, "maxMessages", 1);
	seconds = api_int(call, "waitSeconds", -1);
	r->wait_ms = seconds < 0 ? -1 : seconds * 1000;
	seconds = api_int(call, "visibilityTimeoutSeconds", -1);
	r->visibility_ms = seconds < 0 ? -1 : seconds * 1000;
	r->got = receive_got;
	queue_receive(call, r);
}

/* A message of a queue changes nothing that others keep in their caches. */
static void
message_deleted(const struct err *e, void *arg)
{
	struct api_call	*call = arg;

	if (e->code[0] != '\0')
		queue_fail(call, e);
	else
		api_ok(call, json_object());
}

static void
message_delete_queue(const struct err *e, const struct store_queue *q, void *arg)
{
	struct api_call	*call = arg;

	if (q == NULL)
		queue_fail(call, e);
	else
		store_message_delete(call->env->store, q->id,
		    api_str(call, "receiptHandle"), message_deleted, call);
}

static void
message_delete_run(struct api_call *call)
{
	registry_queue(call->env->registry, api_str(call, "name"),
	    message_delete_queue, call);
}

const struct api_op op_rest_put_queue = {
	"PutQueue", OP_PAWL, put_members, NULL, put_run, false
};
const struct api_op op_rest_get_queue = {
	"GetQueue", OP_PAWL, name_members, NULL, get_run, false
};
const struct api_op op_rest_list_queues = {
	"ListQueuesREST", OP_PAWL, list_members, NULL, list_run, false
};
const struct api_op op_rest_delete_queue = {
	"DeleteQueueREST", OP_PAWL, name_members, NULL, delete_run, false
};
const struct api_op op_rest_send = {
	"SendQueueMessage", OP_PAWL, send_members, NULL, send_run, false
};
const struct api_op op_rest_receive = {
	"ReceiveQueueMessages", OP_PAWL, receive_members, NULL, receive_run, false
};
const struct api_op op_rest_delete_message = {
	"DeleteQueueMessage", OP_PAWL, delete_members, NULL, message_delete_run, false
};
