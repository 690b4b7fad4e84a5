/*
 * engine/op_messages.c - messages in the SQS protocol: SendMessage, ReceiveMessage,
 * DeleteMessage, ChangeMessageVisibility, and the batches of them.
 *
 * One message and a batch of them run through the same entries: a single call is
 * a batch of one that answers without the lists.
 */

#include <stdlib.h>
#include <string.h>

#include "queue.h"
#include "wallclock.h"
#include "xmalloc.h"

#define BATCH_MAX	10

static const struct check send_members[] = {
	{ "QueueUrl",	CHECK_STRING,	 true,	0, 0, NULL },
	{ "MessageBody", CHECK_STRING,	 true,	0, 0, NULL },
	{ "DelaySeconds", CHECK_INTEGER, false,	0, QUEUE_DELAY_MAX_S, NULL },
	{ "MessageAttributes", CHECK_STRUCTURE, false, 0, 0, NULL },
	CHECK_END
};

static const struct check receive_members[] = {
	{ "QueueUrl",	CHECK_STRING,	 true,	0, 0, NULL },
	{ "MaxNumberOfMessages", CHECK_INTEGER, false, 1, QUEUE_RECEIVE_MAX, NULL },
	{ "WaitTimeSeconds", CHECK_INTEGER, false, 0, QUEUE_WAIT_MAX_S, NULL },
	{ "VisibilityTimeout", CHECK_INTEGER, false, 0, QUEUE_VISIBILITY_MAX_S, NULL },
	{ "AttributeNames", CHECK_LIST,	 false, 0, 0, NULL },
	{ "MessageSystemAttributeNames", CHECK_LIST, false, 0, 0, NULL },
	{ "MessageAttributeNames", CHECK_LIST, false, 0, 0, NULL },
	CHECK_END
};

static const struct check delete_members[] = {
	{ "QueueUrl",	CHECK_STRING,	 true,	0, 0, NULL },
	{ "ReceiptHandle", CHECK_STRING, true,	0, 0, NULL },
	CHECK_END
};

static const struct check visibility_members[] = {
	{ "QueueUrl",	CHECK_STRING,	 true,	0, 0, NULL },
	{ "ReceiptHandle", CHECK_STRING, true,	0, 0, NULL },
	{ "VisibilityTimeout", CHECK_INTEGER, true, 0, QUEUE_VISIBILITY_MAX_S, NULL },
	CHECK_END
};

static const struct check batch_members[] = {
	{ "QueueUrl",	CHECK_STRING,	 true,	0, 0, NULL },
	{ "Entries",	CHECK_LIST,	 true,	0, 0, NULL },
	CHECK_END
};

static const struct check entry_members[] = {
	{ "Id",		CHECK_STRING,	 true,	0, 0, NULL },
	{ "MessageBody", CHECK_STRING,	 false,	0, 0, NULL },
	{ "DelaySeconds", CHECK_INTEGER, false,	0, QUEUE_DELAY_MAX_S, NULL },
	{ "MessageAttributes", CHECK_STRUCTURE, false, 0, 0, NULL },
	{ "ReceiptHandle", CHECK_STRING, false,	0, 0, NULL },
	{ "VisibilityTimeout", CHECK_INTEGER, false, 0, QUEUE_VISIBILITY_MAX_S, NULL },
	CHECK_END
};

struct entry {
	struct batch	*batch;
	const json_t	*params;	/* borrowed from the call */
	json_t		*answer;	/* own, once it is done */
	bool		 failed;
};

struct batch {
	struct api_call	*call;
	bool		 single;
	/* Starts one entry; it ends by entry_end(). */
	void		(*start)(struct entry *, const struct store_queue *);
	struct entry	 entries[BATCH_MAX];
	size_t		 n, open;
};

/* ---- batches ---- */

static void
batch_free(void *arg)
{
	struct batch	*b = arg;
	size_t		 i;

	for (i = 0; i < b->n; i++)
		json_decref(b->entries[i].answer);
	free(b);
}

static void
batch_answer(struct batch *b)
{
	json_t	*answer, *good, *bad;
	size_t	 i;

	if (b->single) {
		answer = json_incref(b->entries[0].answer);
		api_ok(b->call, answer);
		return;
	}
	answer = json_object();
	good = json_array();
	bad = json_array();
	for (i = 0; i < b->n; i++) {
		json_object_set(b->entries[i].answer, "Id",
		    json_object_get(b->entries[i].params, "Id"));
		json_array_append(b->entries[i].failed ? bad : good,
		    b->entries[i].answer);
	}
	json_object_set_new(answer, "Successful", good);
	json_object_set_new(answer, "Failed", bad);
	api_ok(b->call, answer);
}

/* Steals answer; with an error, a single call fails, a batch goes on. */
static void
entry_end(struct entry *entry, const struct err *e, json_t *answer)
{
	struct batch	*b = entry->batch;

	if (e->code[0] != '\0' && b->single) {
		json_decref(answer);
		queue_fail(b->call, e);
		return;
	}
	entry->failed = e->code[0] != '\0';
	if (entry->failed) {
		json_decref(answer);
		answer = json_pack("{s:s, s:s, s:b}", "Code", e->code, "Message",
		    e->text == NULL ? "" : e->text, "SenderFault",
		    strcmp(e->code, "ReceiptHandleIsInvalid") == 0);
	}
	json_decref(entry->answer);
	entry->answer = answer;
	if (--b->open == 0)
		batch_answer(b);
}

static void
batch_queue(const struct err *e, const struct store_queue *q, void *arg)
{
	struct api_call		*call = arg;
	struct batch		*b = call->state;
	struct store_queue	 queue;
	size_t			 i, n = b->n;

	if (q == NULL) {
		queue_fail(call, e);
		return;
	}
	queue = *q;
	/* The last entry to end answers, and b is gone: it may be the last here. */
	b->open = n;
	for (i = 0; i < n; i++)
		b->start(&b->entries[i], &queue);
}

static void
batch_run(struct api_call *call, struct batch *b)
{
	char	*name;

	api_keep(call, b, batch_free);
	if ((name = queue_name_of(call)) == NULL)
		return;
	registry_queue(call->env->registry, name, batch_queue, call);
	free(name);
}

static void
batch_single(struct api_call *call, void (*start)(struct entry *,
    const struct store_queue *))
{
	struct batch	*b = xcalloc(1, sizeof *b);

	b->call = call;
	b->single = true;
	b->start = start;
	b->n = 1;
	b->entries[0].batch = b;
	b->entries[0].params = call->params;
	batch_run(call, b);
}

static bool
batch_id_ok(const char *id)
{
	size_t	 n = strlen(id);

	return n >= 1 && n <= 80 && id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

static bool
batch_entry_ok(struct api_call *call, const json_t *list, size_t at)
{
	struct err	 e = ERR_INIT;
	const json_t	*entry = json_array_get(list, at);
	const char	*id;
	size_t		 i;

	if (!json_is_object(entry))
		err_set(&e, "SerializationException",
		    "Entries[%zu] must be a structure", at);
	else if (api_check(entry_members, entry, &e) == -1)
		err_context(&e, "Entries[%zu]: ", at);
	if (e.code[0] != '\0') {
		api_fail(call, strcmp(e.code, "ValidationException") == 0 ?
		    "InvalidParameterValue" : e.code, "%s", e.text);
		err_clear(&e);
		return false;
	}
	id = json_string_value(json_object_get(entry, "Id"));
	if (!batch_id_ok(id)) {
		api_fail(call, "InvalidBatchEntryId", "A batch entry id can only "
		    "contain alphanumeric characters, hyphens and underscores. It "
		    "can be at most 80 letters long.");
		return false;
	}
	for (i = 0; i < at; i++)
		if (strcmp(id, json_string_value(json_object_get(
		    json_array_get(list, i), "Id"))) == 0) {
			api_fail(call, "BatchEntryIdsNotDistinct", "Id %s repeated.",
			    id);
			return false;
		}
	return true;
}

static void
batch_list(struct api_call *call, void (*start)(struct entry *,
    const struct store_queue *))
{
	const json_t	*list = json_object_get(call->params, "Entries");
	struct batch	*b;
	size_t		 i, n = json_array_size(list), bytes = 0;

	if (n == 0) {
		api_fail(call, "EmptyBatchRequest", "There should be at least one "
		    "%sRequestEntry in the request.", call->op->name);
		return;
	}
	if (n > BATCH_MAX) {
		api_fail(call, "TooManyEntriesInBatchRequest", "Maximum number of "
		    "entries per request are %d. You have sent %zu.", BATCH_MAX, n);
		return;
	}
	for (i = 0; i < n; i++) {
		if (!batch_entry_ok(call, list, i))
			return;
		bytes += json_string_length(json_object_get(json_array_get(list, i),
		    "MessageBody"));
	}
	if (bytes > SQS_BODY_MAX) {
		api_fail(call, "BatchRequestTooLong", "Batch requests cannot be longer "
		    "than %d bytes. You have sent %zu bytes.", SQS_BODY_MAX, bytes);
		return;
	}
	b = xcalloc(1, sizeof *b);
	b->call = call;
	b->start = start;
	b->n = n;
	for (i = 0; i < n; i++) {
		b->entries[i].batch = b;
		b->entries[i].params = json_array_get(list, i);
	}
	batch_run(call, b);
}

/* ---- SendMessage ---- */

/* What is wrong with a message's attributes: NULL if nothing. */
static const char *
attributes_fault(const json_t *attributes)
{
	const char	*name;
	json_t		*a, *type;

	if (json_object_size(attributes) > 10)
		return "Number of message attributes exceeds the allowed maximum [10].";
	json_object_foreach((json_t *)(uintptr_t)attributes, name, a) {
		type = json_object_get(a, "DataType");
		if (!json_is_string(type) || name[0] == '\0' || strlen(name) > 256)
			return "A message attribute must have a name and a DataType.";
		if (json_is_string(json_object_get(a, "StringValue")) ==
		    json_is_string(json_object_get(a, "BinaryValue")))
			return "A message attribute must have either a StringValue or "
			    "a BinaryValue.";
	}
	return NULL;
}

static void
send_done(const struct err *e, void *arg)
{
	struct entry	*entry = arg;

	entry_end(entry, e, json_incref(entry->answer));
}

static void
entry_fail(struct entry *entry, const char *code, const char *text)
{
	struct err	 e = ERR_INIT;

	err_set(&e, code, "%s", text);
	entry_end(entry, &e, NULL);
	err_clear(&e);
}

/* What SendMessage answers; the store still has to agree. */
static json_t *
send_answer(const json_t *body, const json_t *attributes, const char *id)
{
	json_t	*answer = json_object();
	char	 md5[SQS_MD5_SIZE];

	api_set_str(answer, "MessageId", id);
	sqs_md5_body(json_string_value(body), json_string_length(body), md5);
	api_set_str(answer, "MD5OfMessageBody", md5);
	if (json_object_size(attributes) > 0) {
		sqs_md5_attributes(attributes, md5);
		api_set_str(answer, "MD5OfMessageAttributes", md5);
	}
	return answer;
}

static void
send_start(struct entry *entry, const struct store_queue *q)
{
	const json_t	*body = json_object_get(entry->params, "MessageBody");
	const json_t	*attributes, *delay;
	struct exec_id	 id;
	char		 uuid[ARN_ID_TEXT], *text = NULL;
	const char	*fault;
	int64_t		 now = wallclock_ms(), delay_ms = q->delay_ms;

	attributes = json_object_get(entry->params, "MessageAttributes");
	if (!json_is_string(body)) {
		entry_fail(entry, "MissingParameter",
		    "The request must contain the parameter MessageBody.");
		return;
	}
	if ((fault = attributes_fault(attributes)) != NULL) {
		entry_fail(entry, "InvalidParameterValue", fault);
		return;
	}
	delay = json_object_get(entry->params, "DelaySeconds");
	if (json_is_integer(delay))
		delay_ms = json_integer_value(delay) * 1000;
	if (!arn_id_parse(api_uuid(uuid), &id))
		abort();
	if (json_object_size(attributes) > 0)
		text = jsontext_string(attributes, NULL);
	entry->answer = send_answer(body, attributes, uuid);
	store_message_send(entry->batch->call->env->store, q->id, &id,
	    json_string_value(body), text, now, now + delay_ms, send_done, entry);
	free(text);
}

static void
send_run(struct api_call *call)
{
	if (queue_body_ok(call, json_object_get(call->params, "MessageBody")))
		batch_single(call, send_start);
}

static void
send_batch_run(struct api_call *call)
{
	const json_t	*list = json_object_get(call->params, "Entries");
	const json_t	*body;
	json_t		*one;
	size_t		 i;

	json_array_foreach(list, i, one) {
		body = json_object_get(one, "MessageBody");
		if (json_is_string(body) && !queue_body_ok(call, body))
			return;
	}
	batch_list(call, send_start);
}

/* ---- DeleteMessage, ChangeMessageVisibility ---- */

/* A receipt of this server is "SHARD.MESSAGE.RECEIPT": digits and two uuids. */
static const char *
receipt_of(const struct entry *entry)
{
	const char	*text;
	size_t		 n;

	text = json_string_value(json_object_get(entry->params, "ReceiptHandle"));
	n = text == NULL ? 0 : strspn(text, "0123456789");
	if (n == 0 || n > 3 || text[n] != '.' || strlen(text + n) != 74 ||
	    text[n + 37] != '.' || text[strspn(text, "0123456789abcdef-.")] != '\0')
		return NULL;
	return text;
}

static void
receipt_fail(struct entry *entry)
{
	entry_fail(entry, "ReceiptHandleIsInvalid",
	    "The input receipt handle is invalid.");
}

static void
delete_done(const struct err *e, void *arg)
{
	entry_end(arg, e, json_object());
}

static void
delete_start(struct entry *entry, const struct store_queue *q)
{
	const char	*receipt = receipt_of(entry);

	if (receipt == NULL)
		receipt_fail(entry);
	else
		store_message_delete(entry->batch->call->env->store, q->id, receipt,
		    delete_done, entry);
}

static void
visibility_done(const struct err *e, void *arg)
{
	if (strcmp(e->code, "NotFound") == 0)
		entry_fail(arg, "MessageNotInflight",
		    "The specified message isn't in flight.");
	else
		entry_end(arg, e, json_object());
}

static void
visibility_start(struct entry *entry, const struct store_queue *q)
{
	const char	*receipt = receipt_of(entry);
	const json_t	*seconds;

	seconds = json_object_get(entry->params, "VisibilityTimeout");
	if (receipt == NULL)
		receipt_fail(entry);
	else
		store_message_visibility(entry->batch->call->env->store, q->id,
		    receipt, wallclock_ms() + json_integer_value(seconds) * 1000,
		    visibility_done, entry);
}

static void
delete_run(struct api_call *call)
{
	batch_single(call, delete_start);
}

static void
delete_batch_run(struct api_call *call)
{
	batch_list(call, delete_start);
}

static void
visibility_run(struct api_call *call)
{
	batch_single(call, visibility_start);
}

static void
visibility_batch_run(struct api_call *call)
{
	batch_list(call, visibility_start);
}

/* ---- ReceiveMessage ---- */

static bool
receive_wants(const json_t *names, const char *name)
{
	const json_t	*one;
	const char	*s;
	size_t		 i, n;

	json_array_foreach(names, i, one) {
		if ((s = json_string_value(one)) == NULL)
			continue;
		n = strlen(s);
		if (strcmp(s, "All") == 0 || strcmp(s, ".*") == 0 ||
		    strcmp(s, name) == 0 || (n > 2 && strcmp(s + n - 2, ".*") == 0 &&
		    strncmp(s, name, n - 2) == 0))
			return true;
	}
	return false;
}

static void
receive_set_system(json_t *message, const json_t *names, const char *name,
    int64_t value)
{
	json_t	*attributes = json_object_get(message, "Attributes");
	char	 text[32];

	if (!receive_wants(names, name))
		return;
	if (attributes == NULL) {
		attributes = json_object();
		json_object_set_new(message, "Attributes", attributes);
	}
	snprintf(text, sizeof text, "%lld", (long long)value);
	api_set_str(attributes, name, text);
}

static void
receive_set_attributes(json_t *message, const json_t *names, const char *text)
{
	struct err	 e = ERR_INIT;
	const char	*name;
	json_t		*all, *some, *a;
	char		 md5[SQS_MD5_SIZE];

	if (text == NULL || (all = jsontext_parse(text, strlen(text), &e)) == NULL) {
		err_clear(&e);
		return;
	}
	some = json_object();
	json_object_foreach(all, name, a)
		if (receive_wants(names, name))
			json_object_set(some, name, a);
	if (json_object_size(some) > 0) {
		json_object_set(message, "MessageAttributes", some);
		sqs_md5_attributes(some, md5);
		api_set_str(message, "MD5OfMessageAttributes", md5);
	}
	json_decref(some);
	json_decref(all);
}

static json_t *
receive_message(struct api_call *call, const struct store_received *r)
{
	static const char *const lists[] = { "AttributeNames",
		"MessageSystemAttributeNames" };
	json_t		*message = json_object(), *names;
	char		 id[ARN_ID_TEXT], md5[SQS_MD5_SIZE];
	size_t		 i;

	api_set_str(message, "MessageId", arn_id_text(&r->id, id));
	api_set_str(message, "ReceiptHandle", r->receipt);
	api_set_str(message, "Body", r->body);
	sqs_md5_body(r->body, strlen(r->body), md5);
	api_set_str(message, "MD5OfBody", md5);
	for (i = 0; i < 2; i++) {
		names = json_object_get(call->params, lists[i]);
		receive_set_system(message, names, "SentTimestamp", r->sent_ms);
		receive_set_system(message, names, "ApproximateReceiveCount",
		    r->receives);
		receive_set_system(message, names,
		    "ApproximateFirstReceiveTimestamp", r->first_received_ms);
	}
	receive_set_attributes(message, json_object_get(call->params,
	    "MessageAttributeNames"), r->attributes);
	return message;
}

static void
receive_got(struct api_call *call, const struct store_received *list, size_t n)
{
	json_t	*answer = json_object(), *messages;
	size_t	 i;

	if (n > 0) {
		messages = json_array();
		for (i = 0; i < n; i++)
			json_array_append_new(messages,
			    receive_message(call, &list[i]));
		json_object_set_new(answer, "Messages", messages);
	}
	api_ok(call, answer);
}

static void
receive_run(struct api_call *call)
{
	struct queue_receive	*r;
	char			*name;
	int64_t			 seconds;

	if ((name = queue_name_of(call)) == NULL)
		return;
	r = xcalloc(1, sizeof *r);
	r->name = name;
	r->max = (int)api_int(call, "MaxNumberOfMessages", 1);
	seconds = api_int(call, "WaitTimeSeconds", -1);
	r->wait_ms = seconds < 0 ? -1 : seconds * 1000;
	seconds = api_int(call, "VisibilityTimeout", -1);
	r->visibility_ms = seconds < 0 ? -1 : seconds * 1000;
	r->got = receive_got;
	queue_receive(call, r);
}

const struct api_op op_send_message = {
	"SendMessage", OP_SQS, send_members, NULL, send_run, false
};
const struct api_op op_send_message_batch = {
	"SendMessageBatch", OP_SQS, batch_members, NULL, send_batch_run, false
};
const struct api_op op_receive_message = {
	"ReceiveMessage", OP_SQS, receive_members, NULL, receive_run, false
};
const struct api_op op_delete_message = {
	"DeleteMessage", OP_SQS, delete_members, NULL, delete_run, false
};
const struct api_op op_delete_message_batch = {
	"DeleteMessageBatch", OP_SQS, batch_members, NULL, delete_batch_run, false
};
const struct api_op op_change_visibility = {
	"ChangeMessageVisibility", OP_SQS, visibility_members, NULL, visibility_run,
	false
};
const struct api_op op_change_visibility_batch = {
	"ChangeMessageVisibilityBatch", OP_SQS, batch_members, NULL,
	visibility_batch_run, false
};
