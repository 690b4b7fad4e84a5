/*
 * asl/task_fields.c - the fields that the request of an integration takes.
 *
 * Texts are the real service's, as its users report them:
 *	The Parameters '{...}' could not be used to start the Task: [The value
 *	for the field 'Payload' must be a STRING]
 *	The field "AtttributeNames" is not supported by Step Functions
 * A null passes, whatever the field (recordings services/test_lambda_task_
 * service test_invoke, error_handling/test_send_message_empty_body), and so does an
 * object where a text is sent (callback/test_sqs_wait_for_task_token).  LogType
 * belongs to lambda:invoke, although the documents say otherwise (services/
 * test_invoke_unsupported_param).
 *
 * A new integration is a list of fields and a line in requests[].
 */

#include "task_fields.h"

#include <stdlib.h>
#include <string.h>

#include "strbuf.h"

static const struct task_field lambda_invoke[] = {
	{ "ClientContext", TASK_FIELD_STRING, false },
	{ "FunctionName", TASK_FIELD_STRING, true },
	{ "InvocationType", TASK_FIELD_STRING, false },
	{ "LogType", TASK_FIELD_STRING, false },
	{ "Payload", TASK_FIELD_TEXT, false },
	{ "Qualifier", TASK_FIELD_STRING, false },
	{ NULL, TASK_FIELD_OTHER, false }
};

static const struct task_field sqs_send_message[] = {
	{ "DelaySeconds", TASK_FIELD_OTHER, false },
	{ "MessageAttributes", TASK_FIELD_OTHER, false },
	{ "MessageBody", TASK_FIELD_TEXT, true },
	{ "MessageDeduplicationId", TASK_FIELD_STRING, false },
	{ "MessageGroupId", TASK_FIELD_STRING, false },
	{ "MessageSystemAttributes", TASK_FIELD_OTHER, false },
	{ "QueueUrl", TASK_FIELD_STRING, true },
	{ NULL, TASK_FIELD_OTHER, false }
};

static const struct task_field states_start_execution[] = {
	{ "Input", TASK_FIELD_TEXT, false },
	{ "Name", TASK_FIELD_STRING, false },
	{ "StateMachineArn", TASK_FIELD_STRING, true },
	{ "TraceHeader", TASK_FIELD_STRING, false },
	{ NULL, TASK_FIELD_OTHER, false }
};

static const struct {
	const char		*service, *action;
	const struct task_field	*fields;
} requests[] = {
	{ "lambda", "invoke", lambda_invoke },
	{ "sqs", "sendMessage", sqs_send_message },
	{ "states", "startExecution", states_start_execution },
};

const struct task_field *
task_fields(const struct resource *r)
{
	size_t	 i;

	if (r->kind != RESOURCE_SERVICE || r->service == NULL)
		return NULL;
	for (i = 0; i < sizeof requests / sizeof requests[0]; i++)
		if (strcmp(requests[i].service, r->service) == 0 &&
		    strcmp(requests[i].action, r->action) == 0)
			return requests[i].fields;
	return NULL;
}

const struct task_field *
task_fields_find(const struct task_field *f, const char *name, size_t len)
{
	for (; f->name != NULL; f++)
		if (strlen(f->name) == len && memcmp(f->name, name, len) == 0)
			return f;
	return NULL;
}

static bool
fits(const struct task_field *f, const json_t *value)
{
	switch (f->kind) {
	case TASK_FIELD_STRING:
		return json_is_string(value) || json_is_null(value);
	case TASK_FIELD_TEXT:
		return !json_is_number(value) && !json_is_boolean(value);
	case TASK_FIELD_OTHER:
		break;
	}
	return true;
}

int
task_fields_check(const struct resource *r, struct payload *arguments,
    const char *origin, struct err *e)
{
	const struct task_field	*f = task_fields(r);
	struct strbuf		 wrong = STRBUF_INIT;
	json_t			*value;
	int			 ret = 0;

	for (; f != NULL && f->name != NULL; f++) {
		value = json_object_get(payload_json(arguments), f->name);
		if (value == NULL || fits(f, value))
			continue;
		strbuf_addf(&wrong, "%sThe value for the field '%s' must be a "
		    "STRING", wrong.len > 0 ? ", " : "", f->name);
	}
	if (wrong.len > 0)
		ret = err_set(e, "States.Runtime", "The %s '%s' could not be "
		    "used to start the Task: [%s]", origin,
		    payload_text(arguments, NULL), strbuf_str(&wrong));
	strbuf_free(&wrong);
	return ret;
}
