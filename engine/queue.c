/*
 * engine/queue.c - what the SQS operations and their REST twins share.
 *
 * Waiting for a message (long poll) asks the database again and again, with
 * growing pauses: a message may come from any process or from SQL.
 */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "queue.h"
#include "wallclock.h"
#include "xmalloc.h"

#define PAUSE_MIN_MS	20
#define PAUSE_MAX_MS	250

const struct queue_attribute queue_attributes[QUEUE_ATTRIBUTES] = {
	{ "VisibilityTimeout", "visibilityTimeoutSeconds",
	    offsetof(struct store_queue, visibility_ms), 0,
	    QUEUE_VISIBILITY_MAX_S, 30 },
	{ "DelaySeconds", "delaySeconds",
	    offsetof(struct store_queue, delay_ms), 0, QUEUE_DELAY_MAX_S, 0 },
	{ "MessageRetentionPeriod", "retentionSeconds",
	    offsetof(struct store_queue, retention_ms), 60, 1209600, 345600 },
	{ "ReceiveMessageWaitTimeSeconds", "waitSeconds",
	    offsetof(struct store_queue, wait_ms), 0, QUEUE_WAIT_MAX_S, 0 },
};

int64_t *
queue_attribute_ms(struct store_queue *q, const struct queue_attribute *a)
{
	return (int64_t *)(void *)((char *)q + a->offset);
}

int64_t
queue_attribute_get(const struct store_queue *q, const struct queue_attribute *a)
{
	int64_t	 ms;

	memcpy(&ms, (const char *)q + a->offset, sizeof ms);
	return ms / 1000;
}

void
queue_defaults(struct store_queue *q)
{
	size_t	 i;

	memset(q, 0, sizeof *q);
	for (i = 0; i < QUEUE_ATTRIBUTES; i++)
		*queue_attribute_ms(q, &queue_attributes[i]) =
		    queue_attributes[i].default_s * 1000;
}

bool
queue_attribute_ok(struct api_call *call, const struct queue_attribute *a,
    const char *shown, int64_t seconds)
{
	if (seconds >= a->min_s && seconds <= a->max_s)
		return true;
	api_fail(call, "InvalidAttributeValue", "Invalid value for the parameter %s: "
	    "it must be between %lld and %lld seconds.", shown,
	    (long long)a->min_s, (long long)a->max_s);
	return false;
}

char *
queue_url(const struct api_call *call, const char *name)
{
	return xasprintf("%s/%s/%s", call->env->public_url,
	    call->env->account.account, name);
}

char *
queue_arn(const struct api_call *call, const char *name)
{
	return xasprintf("arn:aws:sqs:%s:%s:%s", call->env->account.region,
	    call->env->account.account, name);
}

char *
queue_name_of(struct api_call *call)
{
	char	*name = sqs_queue_name(api_str(call, "QueueUrl"));

	if (name == NULL)
		api_fail(call, "QueueDoesNotExist",
		    "The specified queue does not exist.");
	return name;
}

bool
queue_name_ok(struct api_call *call, const char *name)
{
	size_t	 n = strlen(name);

	if (n > 5 && strcmp(name + n - 5, ".fifo") == 0) {
		api_fail(call, "UnsupportedOperation",
		    "This server has no FIFO queues yet.");
		return false;
	}
	if (n >= 1 && n <= 80 && name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0')
		return true;
	api_fail(call, "InvalidParameterValue", "Can only include alphanumeric "
	    "characters, hyphens, or underscores. 1 to 80 in length");
	return false;
}

void
queue_fail(struct api_call *call, const struct err *e)
{
	if (strcmp(e->code, "NotFound") == 0)
		api_fail(call, "QueueDoesNotExist",
		    "The specified queue does not exist.");
	else
		api_fail_err(call, e);
}

/* What XML 1.0 can carry: tab, line ends, and no other control characters. */
bool
queue_body_ok(struct api_call *call, const json_t *body)
{
	const char	*p = json_string_value(body);

	if (p == NULL || p[0] == '\0')
		api_fail(call, "MissingParameter",
		    "The request must contain the parameter MessageBody.");
	else if (json_string_length(body) > SQS_BODY_MAX)
		api_fail(call, "InvalidParameterValue", "One or more parameters are "
		    "invalid. Reason: Message must be shorter than %d bytes.",
		    SQS_BODY_MAX);
	else {
		for (; *p != '\0'; p++)
			if ((unsigned char)*p < ' ' && strchr("\t\n\r", *p) == NULL)
				break;
		if (*p == '\0')
			return true;
		api_fail(call, "InvalidMessageContents", "Invalid characters found. "
		    "Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | "
		    "#xE000 to #xFFFD | #x10000 to #x10FFFF");
	}
	return false;
}

/* ---- receiving ---- */

static void	receive_ask(struct api_call *);

static void
receive_free(void *arg)
{
	struct queue_receive	*r = arg;

	free(r->name);
	free(r);
}

static void
receive_got(const struct err *e, const struct store_received *list, size_t n,
    void *arg)
{
	struct api_call		*call = arg;
	struct queue_receive	*r = call->state;
	int64_t			 left = r->until_ms - wallclock_monotonic_ms();

	if (e->code[0] != '\0')
		queue_fail(call, e);
	else if (n > 0 || left <= 0 || call->gone)
		r->got(call, list, n);
	else {
		api_later(call, left < r->pause_ms ? left : r->pause_ms, receive_ask);
		r->pause_ms = r->pause_ms * 3 / 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS :
		    r->pause_ms * 3 / 2;
	}
}

static void
receive_queue(const struct err *e, const struct store_queue *q, void *arg)
{
	struct api_call		*call = arg;
	struct queue_receive	*r = call->state;

	if (q == NULL) {
		queue_fail(call, e);
		return;
	}
	if (r->until_ms == 0)
		r->until_ms = wallclock_monotonic_ms() +
		    (r->wait_ms >= 0 ? r->wait_ms : q->wait_ms);
	store_message_receive(call->env->store, q->id, r->max, wallclock_ms(),
	    r->visibility_ms >= 0 ? r->visibility_ms : q->visibility_ms,
	    receive_got, call);
}

static void
receive_ask(struct api_call *call)
{
	struct queue_receive	*r = call->state;

	if (call->gone)
		r->got(call, NULL, 0);
	else
		registry_queue(call->env->registry, r->name, receive_queue, call);
}

void
queue_receive(struct api_call *call, struct queue_receive *r)
{
	r->until_ms = 0;
	r->pause_ms = PAUSE_MIN_MS;
	api_keep(call, r, receive_free);
	receive_ask(call);
}
