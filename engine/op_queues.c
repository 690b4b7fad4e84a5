/*
 * engine/op_queues.c - queues in the SQS protocol: CreateQueue, GetQueueUrl,
 * GetQueueAttributes, SetQueueAttributes, ListQueues, DeleteQueue, PurgeQueue.
 *
 * Messages are in op_messages.c, the REST twins of both in op_rest_queues.c.
 * Attributes that are kept stand in queue.c.  A Policy is accepted and has no
 * effect: there is one account, and its key opens everything.
 */

#include <stdlib.h>
#include <string.h>

#include "queue.h"
#include "wallclock.h"
#include "xmalloc.h"

static const struct check create_members[] = {
	{ "QueueName",	CHECK_STRING,	 true,	0, 0, NULL },
	{ "Attributes",	CHECK_STRUCTURE, false, 0, 0, NULL },
	{ "tags",	CHECK_STRUCTURE, false, 0, 0, NULL },
	CHECK_END
};

static const struct check name_members[] = {
	{ "QueueName",	CHECK_STRING,	 true,	0, 0, NULL },
	CHECK_END
};

static const struct check url_members[] = {
	{ "QueueUrl",	CHECK_STRING,	 true,	0, 0, NULL },
	CHECK_END
};

static const struct check get_members[] = {
	{ "QueueUrl",	CHECK_STRING,	 true,	0, 0, NULL },
	{ "AttributeNames", CHECK_LIST,	 false, 0, 0, NULL },
	CHECK_END
};

static const struct check set_members[] = {
	{ "QueueUrl",	CHECK_STRING,	 true,	0, 0, NULL },
	{ "Attributes",	CHECK_STRUCTURE, true,	0, 0, NULL },
	CHECK_END
};

static const struct check list_members[] = {
	{ "QueueNamePrefix", CHECK_STRING, false, 0, 80, NULL },
	{ "MaxResults",	CHECK_INTEGER,	 false, 1, 1000, NULL },
	{ "NextToken",	CHECK_STRING,	 false, 0, 1024, NULL },
	CHECK_END
};

/* ---- attributes ---- */

static const struct queue_attribute *
attribute_find(const char *name)
{
	size_t	 i;

	for (i = 0; i < QUEUE_ATTRIBUTES; i++)
		if (strcmp(queue_attributes[i].sqs, name) == 0)
			return &queue_attributes[i];
	return NULL;
}

static bool
attribute_fail(struct api_call *call, const char *name)
{
	api_fail(call, "InvalidAttributeValue",
	    "Invalid value for the parameter %s.", name);
	return false;
}

static bool
attribute_read(struct api_call *call, const char *name, const json_t *value,
    struct store_queue *q)
{
	const struct queue_attribute	*a = attribute_find(name);
	const char			*text = json_string_value(value);
	int64_t				 seconds;
	char				*end;

	if (text == NULL)
		return attribute_fail(call, name);
	if (strcmp(name, "Policy") == 0)
		return true;
	if (strcmp(name, "MaximumMessageSize") == 0)
		return strcmp(text, "262144") == 0 || attribute_fail(call, name);
	if (a == NULL) {
		api_fail(call, "InvalidAttributeName", "Unknown Attribute %s.", name);
		return false;
	}
	seconds = strtoll(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0')
		return attribute_fail(call, name);
	if (!queue_attribute_ok(call, a, name, seconds))
		return false;
	*queue_attribute_ms(q, a) = seconds * 1000;
	return true;
}

static bool
attributes_read(struct api_call *call, struct store_queue *q)
{
	json_t		*attributes = json_object_get(call->params, "Attributes");
	const char	*name;
	json_t		*value;

	if (!json_is_object(attributes))
		return true;
	json_object_foreach(attributes, name, value)
		if (!attribute_read(call, name, value, q))
			return false;
	return true;
}

/* ---- CreateQueue, GetQueueUrl ---- */

static json_t *
url_answer(struct api_call *call, const char *name)
{
	json_t	*answer = json_object();
	char	*url = queue_url(call, name);

	api_set_str(answer, "QueueUrl", url);
	free(url);
	return answer;
}

/* The attributes that were given are those of the queue. */
static bool
create_is_same(struct api_call *call, const struct store_queue *q)
{
	struct store_queue	 given = *q;
	size_t			 i;

	if (!attributes_read(call, &given))
		return false;	/* not reached: they were read before */
	for (i = 0; i < QUEUE_ATTRIBUTES; i++)
		if (queue_attribute_get(&given, &queue_attributes[i]) !=
		    queue_attribute_get(q, &queue_attributes[i]))
			return false;
	return true;
}

static void
create_done(const struct err *e, const struct store_queue *q, size_t n, void *arg)
{
	struct api_call	*call = arg;

	if (e->code[0] == '\0' && n == 1)
		api_forget(call, "queue", q->name, url_answer(call, q->name));
	else if (strcmp(e->code, "Exists") == 0 && n == 1) {
		if (create_is_same(call, q))
			api_ok(call, url_answer(call, q->name));
		else
			api_fail(call, "QueueNameExists", "A queue already exists with "
			    "the same name and a different value for an attribute.");
	} else
		queue_fail(call, e);
}

static void
create_run(struct api_call *call)
{
	struct store_queue	 q;

	queue_defaults(&q);
	q.name = api_str(call, "QueueName");
	q.created_ms = wallclock_ms();
	if (queue_name_ok(call, q.name) && attributes_read(call, &q))
		store_queue_create(call->env->store, &q, create_done, call);
}

static void
url_found(const struct err *e, const struct store_queue *q, void *arg)
{
	struct api_call	*call = arg;

	if (q == NULL)
		queue_fail(call, e);
	else
		api_ok(call, url_answer(call, q->name));
}

static void
url_run(struct api_call *call)
{
	registry_queue(call->env->registry, api_str(call, "QueueName"), url_found,
	    call);
}

/* ---- GetQueueAttributes, SetQueueAttributes ---- */

static bool
attribute_wanted(const json_t *names, const char *name)
{
	const json_t	*one;
	size_t		 i;

	json_array_foreach(names, i, one)
		if (json_is_string(one) && (strcmp(json_string_value(one), "All") == 0
		    || strcmp(json_string_value(one), name) == 0))
			return true;
	return false;
}

static void
attribute_show(json_t *out, const json_t *names, const char *name, int64_t value)
{
	char	 text[32];

	if (!attribute_wanted(names, name))
		return;
	snprintf(text, sizeof text, "%lld", (long long)value);
	api_set_str(out, name, text);
}

static void
get_found(const struct err *e, const struct store_queue *q, size_t n, void *arg)
{
	struct api_call	*call = arg;
	const json_t	*names = json_object_get(call->params, "AttributeNames");
	json_t		*answer, *out;
	size_t		 i;
	char		*arn;

	if (e->code[0] != '\0' || n != 1) {
		queue_fail(call, e);
		return;
	}
	out = json_object();
	if (attribute_wanted(names, "QueueArn")) {
		arn = queue_arn(call, q->name);
		api_set_str(out, "QueueArn", arn);
		free(arn);
	}
	attribute_show(out, names, "ApproximateNumberOfMessages", q->available);
	attribute_show(out, names, "ApproximateNumberOfMessagesNotVisible",
	    q->in_flight);
	attribute_show(out, names, "ApproximateNumberOfMessagesDelayed", q->delayed);
	attribute_show(out, names, "CreatedTimestamp", q->created_ms / 1000);
	attribute_show(out, names, "MaximumMessageSize", SQS_BODY_MAX);
	for (i = 0; i < QUEUE_ATTRIBUTES; i++)
		attribute_show(out, names, queue_attributes[i].sqs,
		    queue_attribute_get(q, &queue_attributes[i]));
	answer = json_object();
	if (json_object_size(out) > 0)
		json_object_set(answer, "Attributes", out);
	json_decref(out);
	api_ok(call, answer);
}

static void
get_run(struct api_call *call)
{
	char	*name;

	if ((name = queue_name_of(call)) == NULL)
		return;
	store_queue_get(call->env->store, name, true, get_found, call);
	free(name);
}

static void
changed_done(const struct err *e, void *arg)
{
	struct api_call	*call = arg;
	char		*name;

	if (e->code[0] != '\0')
		queue_fail(call, e);
	else if ((name = queue_name_of(call)) != NULL) {
		api_forget(call, "queue", name, json_object());
		free(name);
	}
}

static void
set_found(const struct err *e, const struct store_queue *q, size_t n, void *arg)
{
	struct api_call		*call = arg;
	struct store_queue	 changed;

	if (e->code[0] != '\0' || n != 1) {
		queue_fail(call, e);
		return;
	}
	changed = *q;
	if (attributes_read(call, &changed))
		store_queue_set(call->env->store, &changed, changed_done, call);
}

static void
set_run(struct api_call *call)
{
	char	*name;

	if ((name = queue_name_of(call)) == NULL)
		return;
	store_queue_get(call->env->store, name, false, set_found, call);
	free(name);
}

/* ---- DeleteQueue, PurgeQueue, ListQueues ---- */

static void
delete_run(struct api_call *call)
{
	char	*name;

	if ((name = queue_name_of(call)) == NULL)
		return;
	store_queue_delete(call->env->store, name, changed_done, call);
	free(name);
}

static void
purge_found(const struct err *e, const struct store_queue *q, size_t n, void *arg)
{
	struct api_call	*call = arg;

	if (e->code[0] != '\0' || n != 1)
		queue_fail(call, e);
	else
		store_queue_purge(call->env->store, q->id, changed_done, call);
}

static void
purge_run(struct api_call *call)
{
	char	*name;

	if ((name = queue_name_of(call)) == NULL)
		return;
	store_queue_get(call->env->store, name, false, purge_found, call);
	free(name);
}

static void
list_done(const struct err *e, const struct store_queue *list, size_t n, void *arg)
{
	struct api_call	*call = arg;
	json_t		*answer, *urls;
	size_t		 i, max = (size_t)api_int(call, "MaxResults", 1000);
	char		*text;

	if (e->code[0] != '\0') {
		api_fail_err(call, e);
		return;
	}
	answer = json_object();
	urls = json_array();
	for (i = 0; i < n && i < max; i++) {
		text = queue_url(call, list[i].name);
		json_array_append_new(urls, json_string(text));
		free(text);
	}
	if (json_array_size(urls) > 0)
		json_object_set(answer, "QueueUrls", urls);
	json_decref(urls);
	/* As the real service: a token only when a page size was asked for. */
	if (n > max && json_object_get(call->params, "MaxResults") != NULL) {
		text = api_page_token(call, "queues", list[max - 1].name);
		api_set_str(answer, "NextToken", text);
		free(text);
	}
	api_ok(call, answer);
}

static void
list_run(struct api_call *call)
{
	const char	*prefix = api_str(call, "QueueNamePrefix");
	char		*after;

	/* SQS writes its token's name with a capital. */
	json_object_set(call->params, "nextToken",
	    json_object_get(call->params, "NextToken"));
	if (api_page_read(call, "queues", &after) == -1)
		return;
	store_queue_list(call->env->store, prefix == NULL ? "" : prefix, after,
	    (int)api_int(call, "MaxResults", 1000) + 1, list_done, call);
	free(after);
}

const struct api_op op_create_queue = {
	"CreateQueue", OP_SQS, create_members, NULL, create_run, false
};
const struct api_op op_get_queue_url = {
	"GetQueueUrl", OP_SQS, name_members, NULL, url_run, false
};
const struct api_op op_get_queue_attributes = {
	"GetQueueAttributes", OP_SQS, get_members, NULL, get_run, false
};
const struct api_op op_set_queue_attributes = {
	"SetQueueAttributes", OP_SQS, set_members, NULL, set_run, false
};
const struct api_op op_list_queues = {
	"ListQueues", OP_SQS, list_members, NULL, list_run, false
};
const struct api_op op_delete_queue = {
	"DeleteQueue", OP_SQS, url_members, NULL, delete_run, false
};
const struct api_op op_purge_queue = {
	"PurgeQueue", OP_SQS, url_members, NULL, purge_run, false
};
