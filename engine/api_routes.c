/*
 * engine/api_routes.c - every path of REST, and how its arguments become params.
 *
 * To add one: a line here, an entry in openapi.json (a test compares both), and
 * docs/api.md.
 */

#include <stdlib.h>
#include <string.h>

#include "api_private.h"
#include "xmalloc.h"

#define WAIT_MAX_S	60

/* ---- arguments ---- */

/* Machines by name or ARN. */
static bool
route_set_machine(struct api_call *call, const char *arg)
{
	char	*arn;

	if (strncmp(arg, "arn:", 4) == 0) {
		api_set_str(call->params, "stateMachineArn", arg);
		return true;
	}
	if (!api_name_ok(call, arg))
		return false;
	arn = arn_machine(&call->env->account, arg);
	api_set_str(call->params, "stateMachineArn", arn);
	free(arn);
	return true;
}

static bool
route_machine(struct api_call *call, char *const args[ROUTE_ARGS])
{
	return route_set_machine(call, args[0]);
}

/* Executions as MACHINE:NAME or by ARN. */
static bool
route_execution(struct api_call *call, char *const args[ROUTE_ARGS])
{
	const char	*colon;
	char		*machine, *arn;

	if (strncmp(args[0], "arn:", 4) == 0) {
		api_set_str(call->params, "executionArn", args[0]);
		return true;
	}
	colon = strchr(args[0], ':');
	if (colon == NULL || colon == args[0] || colon[1] == '\0' ||
	    strchr(colon + 1, ':') != NULL) {
		api_fail(call, "InvalidArn", "An execution is addressed as "
		    "MACHINE:NAME or by its ARN, not '%s'.", args[0]);
		return false;
	}
	machine = xstrndup(args[0], (size_t)(colon - args[0]));
	arn = arn_execution(&call->env->account, machine, colon + 1);
	api_set_str(call->params, "executionArn", arn);
	free(arn);
	free(machine);
	return true;
}

/* A role has no meaning here yet; AWS requires one. */
static json_t *
route_default_role(const struct api_call *call)
{
	char	*arn;
	json_t	*role;

	arn = xasprintf("arn:aws:iam::%s:role/pawl", call->env->account.account);
	role = json_string(arn);
	free(arn);
	return role;
}

static bool
route_create_machine(struct api_call *call, char *const args[ROUTE_ARGS])
{
	(void)args;
	if (json_object_get(call->params, "roleArn") == NULL)
		json_object_set_new(call->params, "roleArn",
		    route_default_role(call));
	return true;
}

/* A member that is any JSON value here, and text in the AWS request. */
static void
route_make_text(json_t *o, const char *name, bool string_is_text)
{
	json_t	*value = json_object_get(o, name);
	char	*text;
	size_t	 len;

	if (value == NULL || json_is_null(value) ||
	    (string_is_text && json_is_string(value)) ||
	    (text = jsontext_string(value, &len)) == NULL)
		return;
	json_object_set_new(o, name, json_stringn(text, len));
	free(text);
}

static bool
route_test_state(struct api_call *call, char *const args[ROUTE_ARGS])
{
	route_make_text(call->params, "variables", true);
	route_make_text(call->params, "context", true);
	route_make_text(json_object_get(call->params, "mock"), "result", false);
	route_make_text(json_object_get(call->params, "stateConfiguration"),
	    "mapItemReaderData", true);
	return route_create_machine(call, args);
}

static bool
route_put_machine(struct api_call *call, char *const args[ROUTE_ARGS])
{
	char	*name = NULL;

	json_object_set_new(call->params, "defaultRoleArn", route_default_role(call));
	if (strncmp(args[0], "arn:", 4) == 0) {
		if ((name = api_machine_name(call, args[0])) == NULL)
			return false;
	} else if (!api_name_ok(call, args[0]))
		return false;
	api_set_str(call->params, "name", name != NULL ? name : args[0]);
	free(name);
	return true;
}

static bool
route_list_executions(struct api_call *call, char *const args[ROUTE_ARGS])
{
	char	*machine = httpd_query(call->request, "machine");
	char	*status = httpd_query(call->request, "status");
	bool	 ok;

	(void)args;
	ok = machine == NULL || route_set_machine(call, machine);
	if (ok && status != NULL)
		api_set_str(call->params, "statusFilter", status);
	free(machine);
	free(status);
	return ok;
}

static bool
route_get_execution(struct api_call *call, char *const args[ROUTE_ARGS])
{
	char	*wait, *end;
	long	 seconds;
	bool	 ok = true;

	if (!route_execution(call, args))
		return false;
	if ((wait = httpd_query(call->request, "wait")) == NULL)
		return true;
	seconds = strtol(wait, &end, 10);
	if (wait[0] == '\0' || *end != '\0' || seconds < 0 || seconds > WAIT_MAX_S) {
		ok = false;
		api_fail(call, "ValidationException", "wait must be a number of "
		    "seconds between 0 and %d: '%s'", WAIT_MAX_S, wait);
	} else
		api_set_int(call->params, "waitSeconds", seconds);
	free(wait);
	return ok;
}

/* A switch in the query: absent, true or false. */
static bool
route_switch(struct api_call *call, const char *name, bool *on)
{
	char	*text = httpd_query(call->request, name);
	bool	 ok;

	*on = text != NULL && strcmp(text, "true") == 0;
	ok = text == NULL || *on || strcmp(text, "false") == 0;
	if (!ok)
		api_fail(call, "ValidationException",
		    "%s must be true or false: '%s'", name, text);
	free(text);
	return ok;
}

static bool
route_history(struct api_call *call, char *const args[ROUTE_ARGS])
{
	bool	 reverse, follow;

	if (!route_execution(call, args) || !route_switch(call, "reverse", &reverse) ||
	    !route_switch(call, "follow", &follow))
		return false;
	json_object_set_new(call->params, "reverseOrder", json_boolean(reverse));
	if (follow)
		call->op = api_op_find(OP_PAWL, "FollowExecution");
	return true;
}

static bool
route_token(struct api_call *call, char *const args[ROUTE_ARGS])
{
	api_set_str(call->params, "taskToken", args[0]);
	return true;
}

static bool
route_name(struct api_call *call, char *const args[ROUTE_ARGS])
{
	api_set_str(call->params, "name", args[0]);
	return true;
}

static bool
route_message(struct api_call *call, char *const args[ROUTE_ARGS])
{
	api_set_str(call->params, "name", args[0]);
	api_set_str(call->params, "receiptHandle", args[1]);
	return true;
}

/* ---- the table ---- */

const struct route api_routes[] = {
	{ "POST", "/v1/machines", "CreateStateMachine", 201,
	    route_create_machine, NULL },
	{ "GET", "/v1/machines", "ListStateMachines", 200, NULL, "stateMachines" },
	{ "GET", "/v1/machines/{name}", "DescribeStateMachine", 200,
	    route_machine, NULL },
	{ "PUT", "/v1/machines/{name}", "PutMachine", 200, route_put_machine, NULL },
	{ "DELETE", "/v1/machines/{name}", "DeleteStateMachine", 204,
	    route_machine, NULL },
	{ "POST", "/v1/machines/{name}/executions", "StartExecution", 201,
	    route_machine, NULL },
	{ "GET", "/v1/executions", "ListExecutions", 200,
	    route_list_executions, "executions" },
	{ "GET", "/v1/executions/{id}", "DescribeExecution", 200,
	    route_get_execution, NULL },
	{ "GET", "/v1/executions/{id}/history", "GetExecutionHistory", 200,
	    route_history, "events" },
	{ "POST", "/v1/executions/{id}/stop", "StopExecution", 200,
	    route_execution, NULL },
	{ "GET", "/v1/tasks/{token}", "DescribeTask", 200, route_token, NULL },
	{ "POST", "/v1/tasks/{token}/success", "SendTaskSuccess", 200,
	    route_token, NULL },
	{ "POST", "/v1/tasks/{token}/failure", "SendTaskFailure", 200,
	    route_token, NULL },
	{ "POST", "/v1/tasks/{token}/heartbeat", "SendTaskHeartbeat", 200,
	    route_token, NULL },
	{ "POST", "/v1/validate", "ValidateStateMachineDefinition", 200, NULL, NULL },
	{ "POST", "/v1/test-state", "TestState", 200, route_test_state, NULL },
	{ "GET", "/v1/functions", "ListFunctions", 200, NULL, NULL },
	{ "GET", "/v1/functions/{name}", "GetFunction", 200, route_name, NULL },
	{ "PUT", "/v1/functions/{name}", "PutFunction", 200, route_name, NULL },
	{ "DELETE", "/v1/functions/{name}", "DeleteFunction", 204, route_name, NULL },
	{ "GET", "/v1/queues", "ListQueuesREST", 200, NULL, NULL },
	{ "GET", "/v1/queues/{name}", "GetQueue", 200, route_name, NULL },
	{ "PUT", "/v1/queues/{name}", "PutQueue", 200, route_name, NULL },
	{ "DELETE", "/v1/queues/{name}", "DeleteQueueREST", 204, route_name, NULL },
	{ "POST", "/v1/queues/{name}/messages", "SendQueueMessage", 201,
	    route_name, NULL },
	{ "POST", "/v1/queues/{name}/receive", "ReceiveQueueMessages", 200,
	    route_name, NULL },
	{ "DELETE", "/v1/queues/{name}/messages/{receiptHandle}",
	    "DeleteQueueMessage", 204, route_message, NULL },
	{ "GET", "/v1/status", "GetStatus", 200, NULL, NULL },
	{ NULL, NULL, NULL, 0, NULL, NULL }
};
