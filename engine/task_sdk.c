/*
 * engine/task_sdk.c - arn:aws:states:::aws-sdk:sfn:ACTION and aws-sdk:sqs:ACTION:
 * any operation of pawl's own API, called by a state.
 *
 * Names: states and their results write members as TaskToken, the Step Functions
 * API writes taskToken; results carry times as text (ISO 8601).  A member that
 * the API wants as a string and the state gives as other JSON is sent as JSON
 * text.  An error is named SERVICE.CODEException (recordings
 * services/test_aws_sdk_task_service, callback/test_callback).
 *
 * A call is repeated when a crash came before its answer was kept, so an
 * execution that is started without a name gets one made from the task: the
 * repetition finds it and starts no other.
 */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "xmalloc.h"

static const struct service {
	const char	*service, *title, *target;
	bool		 lower;		/* the API writes taskToken */
} services[] = {
	{ "aws-sdk:sfn", "Sfn", "AWSStepFunctions", true },
	{ "aws-sdk:sqs", "Sqs", "AmazonSQS", false },
};

/* Members that are strings in the API and JSON to those who write states. */
static const char *const	 texts[] = { "input", "output", "definition",
	"MessageBody", NULL };

struct sdk {
	struct child		 child;		/* first: child.c finds it there */
	const struct service	*service;
};

static const struct service *
service_of(const char *name)
{
	size_t	 i;

	for (i = 0; i < sizeof services / sizeof services[0]; i++)
		if (strcmp(services[i].service, name) == 0)
			return &services[i];
	return NULL;
}

static bool
takes(const struct resource *r)
{
	return r->kind == RESOURCE_SERVICE && service_of(r->service) != NULL &&
	    (r->pattern == PATTERN_REQUEST || r->pattern == PATTERN_TOKEN);
}

static void
sdk_free(void *arg)
{
	struct sdk	*s = arg;

	child_clear(&s->child);
	free(s);
}

/* ---- names: new trees ---- */

/* The other case for the first letter: "TaskToken", "taskToken"; new. */
static char *
renamed(const char *name, bool lower)
{
	char	*copy = xstrdup(name);

	copy[0] = (char)(lower ? tolower((unsigned char)copy[0]) :
	    toupper((unsigned char)copy[0]));
	return copy;
}

static bool
is_text(const char *name)
{
	size_t	 i;

	for (i = 0; texts[i] != NULL; i++)
		if (strcmp(texts[i], name) == 0)
			return true;
	return false;
}

/* What the API wants; depth is bounded by jsontext_check() of the payload. */
static json_t *
to_api(json_t *value, bool lower)
{
	const char	*key;
	json_t		*out, *v;
	size_t		 i;
	char		*name, *text;

	if (json_is_array(value)) {
		out = json_array();
		json_array_foreach(value, i, v)
			json_array_append_new(out, to_api(v, lower));
		return out;
	}
	if (!json_is_object(value))
		return json_incref(value);
	out = json_object();
	json_object_foreach(value, key, v) {
		name = lower ? renamed(key, true) : xstrdup(key);
		if (is_text(name) && !json_is_string(v) && !json_is_null(v)) {
			text = jsontext_string(v, NULL);
			json_object_set_new(out, name, json_string(text));
			free(text);
		} else
			json_object_set_new(out, name, to_api(v, lower));
		free(name);
	}
	return out;
}

/* A number under a name that says it is a time. */
static bool
is_time(const char *name, const json_t *v)
{
	size_t	 len = strlen(name);

	return json_is_number(v) && ((len >= 4 &&
	    strcmp(name + len - 4, "Date") == 0) ||
	    strcmp(name, "timestamp") == 0);
}

/* The name of a member as states know it; new. */
static char *
shown(const char *name, bool lower)
{
	if (strncmp(name, "MD5", 3) == 0)	/* as the service's SDK has it */
		return xasprintf("Md5%s", name + 3);
	return lower ? renamed(name, false) : xstrdup(name);
}

/* What the state sees. */
static json_t *
from_api(json_t *value, bool lower)
{
	const char	*key;
	char		*name, when[TIMESTAMP_SIZE];
	json_t		*out, *v;
	size_t		 i;

	if (json_is_array(value)) {
		out = json_array();
		json_array_foreach(value, i, v)
			json_array_append_new(out, from_api(v, lower));
		return out;
	}
	if (!json_is_object(value))
		return json_incref(value);
	out = json_object();
	json_object_foreach(value, key, v) {
		name = shown(key, lower);
		if (is_time(key, v))
			json_object_set_new(out, name, json_string(
			    timestamp_print((int64_t)(json_number_value(v) *
			    1000.0 + 0.5), when)));
		else if (strcmp(key, "variableReferences") == 0)
			json_object_set(out, name, v);	/* names of states */
		else
			json_object_set_new(out, name, from_api(v, lower));
		free(name);
	}
	return out;
}

/* ---- the call ---- */

static void
failed(struct task_call *call, const struct ownapi_answer *a)
{
	const struct sdk	*s = call->state;
	const char		*suffix = "Exception";
	size_t			 len = strlen(a->code), n = strlen(suffix);
	char			*error, *cause;

	if (len >= n && strcmp(a->code + len - n, suffix) == 0)
		suffix = "";
	error = xasprintf("%s.%s%s", s->service->title, a->code, suffix);
	cause = xasprintf("%s (Service: %s, Status Code: %d, Request ID: %s) "
	    "(SDK Attempt Count: 1)", a->message, s->service->title, a->status,
	    a->request_id);
	task_fail(call, error, cause);
	free(error);
	free(cause);
}

static void
on_answer(struct task_call *call, const struct ownapi_answer *a)
{
	const struct sdk	*s = call->state;

	if (a->code != NULL)
		failed(call, a);
	else
		task_succeed(call, payload_from_json(from_api(a->body,
		    s->service->lower)));
}

/* What a repeated start answers holds more, when it had to ask. */
static void
on_started(struct task_call *call, const struct ownapi_answer *a)
{
	json_t	*both, *out;

	if (a->code != NULL) {
		failed(call, a);
		return;
	}
	both = json_pack("{s:O, s:O}", "executionArn", json_object_get(a->body,
	    "executionArn"), "startDate", json_object_get(a->body, "startDate"));
	out = from_api(both, true);
	json_decref(both);
	task_succeed(call, payload_from_json(out));
}

static void
start(struct task_call *call)
{
	struct sdk	*s = xcalloc(1, sizeof *s);
	json_t		*members;
	char		*target;

	s->service = service_of(call->service);
	call->state = s;
	call->state_free = sdk_free;
	members = to_api(payload_json(call->arguments), s->service->lower);
	if (s->service->lower && strcmp(call->action, "startExecution") == 0) {
		child_start(&s->child, call, members, on_started);
		return;
	}
	target = xasprintf("%s.%s", s->service->target, call->action);
	target[strlen(s->service->target) + 1] = (char)toupper(
	    (unsigned char)call->action[0]);
	ownapi_call(&s->child.own, call, target, members, on_answer);
	free(target);
	json_decref(members);
}

const struct task_kind	 task_sdk = { "sdk", takes, NULL, start };
