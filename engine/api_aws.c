/*
 * engine/api_aws.c - the AWS JSON protocol: POST with X-Amz-Target.
 *
 *	X-Amz-Target: AWSStepFunctions.StartExecution	signed for "states"
 *	X-Amz-Target: AmazonSQS.SendMessage		signed for "sqs"
 *
 * SDKs send SQS calls to the queue's own URL, so the path does not matter.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api_private.h"

static const struct {
	const char	*prefix, *signing;
	enum op_service	 service;
} targets[] = {
	{ "AWSStepFunctions.", "states", OP_STATES },
	{ "AmazonSQS.", "sqs", OP_SQS },
};

/* "application/x-amz-json-1.0; charset=utf-8" is one, too. */
static bool
aws_is_json(const char *type)
{
	static const char	 base[] = "application/x-amz-json-1.";
	size_t			 n = sizeof base - 1;

	return type != NULL && strncasecmp(type, base, n) == 0 &&
	    (type[n] == '0' || type[n] == '1') &&
	    (type[n + 1] == '\0' || type[n + 1] == ';' || type[n + 1] == ' ');
}

/* The params out of the body, or NULL after failing the call. */
static json_t *
aws_params(struct api_call *call)
{
	struct err	 e = ERR_INIT;
	const char	*body;
	size_t		 len;
	json_t		*params;

	body = httpd_body(call->request, &len);
	if (len == 0)
		return json_object();
	params = jsontext_parse(body, len, &e);
	if (params == NULL)
		api_fail(call, "SerializationException", "%s", e.text);
	else if (!json_is_object(params)) {
		json_decref(params);
		params = NULL;
		api_fail(call, "SerializationException",
		    "The body must be a JSON object.");
	}
	err_clear(&e);
	return params;
}

void
api_aws(struct api_call *call)
{
	const char	*target = httpd_header(call->request, "X-Amz-Target");
	json_t		*params;
	size_t		 i;

	if (api_query_asked(call)) {
		api_query(call);
		return;
	}
	if (target == NULL) {
		api_fail(call, "UnknownOperationException",
		    "There is no X-Amz-Target header that names an operation.");
		return;
	}
	for (i = 0; i < sizeof targets / sizeof targets[0]; i++)
		if (strncmp(target, targets[i].prefix,
		    strlen(targets[i].prefix)) == 0)
			break;
	if (i == sizeof targets / sizeof targets[0]) {
		api_fail(call, "UnknownOperationException", "%s is no operation of "
		    "this server: it knows AWSStepFunctions and AmazonSQS.", target);
		return;
	}
	if (!api_auth_aws(call, targets[i].signing))
		return;
	if (!aws_is_json(httpd_header(call->request, "Content-Type"))) {
		api_fail(call, "UnsupportedMediaType", "Content-Type must be "
		    "application/x-amz-json-1.0.");
		return;
	}
	call->op = api_op_find(targets[i].service,
	    target + strlen(targets[i].prefix));
	if (call->op == NULL) {
		api_fail(call, "UnknownOperationException",
		    "This server does not know the operation %s.",
		    target + strlen(targets[i].prefix));
		return;
	}
	if ((params = aws_params(call)) != NULL) {
		call->params = params;
		api_start(call);
	}
}

/* The version that was asked in. */
static const char *
aws_type(const struct api_call *call)
{
	const char	*type = httpd_header(call->request, "Content-Type");

	return type != NULL && strncasecmp(type, "application/x-amz-json-1.1",
	    26) == 0 ? "application/x-amz-json-1.1" : "application/x-amz-json-1.0";
}

void
api_aws_ok(struct api_call *call, const char *body, size_t len)
{
	api_reply(call, 200, aws_type(call), body, len);
}

void
api_aws_fail(struct api_call *call, const char *code, const char *text)
{
	const struct api_error	*error = api_error_find(code);
	const char		*target, *name = code;
	struct strbuf		 b = STRBUF_INIT, query = STRBUF_INIT;
	bool			 sqs;

	target = httpd_header(call->request, "X-Amz-Target");
	sqs = target != NULL && strncmp(target, "AmazonSQS.", 10) == 0;
	if (strcmp(code, "Unavailable") == 0)
		name = "ServiceUnavailable";
	strbuf_addf(&b, "{\"__type\":\"%s%s\",\"message\":",
	    sqs ? "com.amazonaws.sqs#" : "", name);
	strbuf_add_json_string(&b, text, strlen(text));
	strbuf_addc(&b, '}');
	if (sqs) {
		strbuf_addf(&query, "%s;%s", error->query != NULL ? error->query :
		    name, error->aws_status < 500 ? "Sender" : "Receiver");
		httpd_set(call->request, "x-amzn-query-error", strbuf_str(&query));
		strbuf_free(&query);
	}
	httpd_set(call->request, "x-amzn-ErrorType", name);
	api_reply(call, error->aws_status, aws_type(call), strbuf_str(&b), b.len);
	strbuf_free(&b);
}
