/*
 * asl/teststate_check.c - what may be asked of which state, and what a context
 * object may hold.
 *
 * Texts: recordings test_state/test_state_mock_validation and
 * test_state_context_object; those that are not recorded follow their pattern.
 */

#include "teststate_impl.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "jsontext.h"
#include "xmalloc.h"

static int
invalid(struct err *e, const char *text)
{
	return err_set(e, "ValidationException", "%s", text);
}

/* JSON in a member: its tree, new, or NULL. */
static json_t *
read_json(const char *text)
{
	struct err	 e = ERR_INIT;
	json_t		*json = NULL;

	if (jsontext_check(text, strlen(text), NULL, &e) == 0)
		json = jsontext_parse(text, strlen(text), &e);
	err_clear(&e);
	return json;
}

/* ---- without a mock ---- */

/* Nobody could answer it: a worker, a callback, the end of a job. */
static bool
needs_mock(const char *resource)
{
	struct resource	 r;
	bool		 ret;

	if (resource == NULL || !resource_parse(&r, resource))
		return false;
	ret = r.kind == RESOURCE_ACTIVITY || r.pattern != PATTERN_REQUEST;
	resource_free(&r);
	return ret;
}

static int
check_unmocked(const struct teststate_ask *ask, const char *type,
    json_t *definition, struct err *e)
{
	const char	*extra = NULL;

	if (ask->failed_items >= 0)
		extra = "MapIterationFailureCount";
	else if (ask->retries >= 0)
		extra = "RetrierRetryCount";
	else if (ask->failed_state != NULL)
		extra = "ErrorCausedByState";
	else if (ask->reader_data != NULL)
		extra = "MapItemReaderData";
	else if (ask->context != NULL && !ask->context_alone)
		extra = "Context";
	if (extra != NULL)
		return err_set(e, "ValidationException", "TestState does not "
		    "support %s when a mock is not specified.", extra);
	if (strcmp(type, "Map") == 0 || strcmp(type, "Parallel") == 0)
		return err_set(e, "InvalidDefinition", "TestState API does not "
		    "support Map or Parallel states. Supported state types "
		    "include: [Task, Wait, Pass, Succeed, Fail, Choice]");
	if (strcmp(type, "Task") != 0)
		return 0;
	if (needs_mock(json_string_value(json_object_get(definition,
	    "Resource"))))
		return err_set(e, "InvalidDefinition", "TestState API does not "
		    "support Activity tasks, .sync or .waitForTaskToken service "
		    "integration patterns when a mock is not specified.");
	if (ask->facts->role_arn == NULL)
		return invalid(e, "RoleArn must be specified when testing a "
		    "Task state");
	return 0;
}

/* ---- with one ---- */

static int
check_map_result(const struct teststate_ask *ask, json_t *definition,
    const json_t *result, struct err *e)
{
	bool	 writer = json_object_get(definition, "ResultWriter") != NULL;

	if (writer && !json_is_object(result))
		return invalid(e, "Mocked result must be a JSON object.");
	if (!writer && !json_is_array(result))
		return invalid(e, "Mocked result must be an array.");
	if (json_is_array(result) &&
	    ask->failed_items > (int64_t)json_array_size(result))
		return invalid(e, "Map iteration failure count must be less "
		    "than or equal to the number of Map iterations");
	return 0;
}

static int
check_result(const struct teststate_ask *ask, const char *type,
    json_t *definition, struct err *e)
{
	json_t	*result = read_json(ask->mock_result);
	int	 ret = 0;

	if (result == NULL)
		return invalid(e, "Mocked result must be valid JSON");
	if (strcmp(type, "Map") == 0)
		ret = check_map_result(ask, definition, result, e);
	else if (strcmp(type, "Parallel") == 0 && !json_is_array(result))
		ret = invalid(e, "Mocked result must be an array.");
	else if (strcmp(type, "Task") == 0)
		ret = teststate_shape(json_string_value(json_object_get(
		    definition, "Resource")), result, ask->mode, e);
	json_decref(result);
	return ret;
}

static int
check_mock(const struct teststate_ask *ask, const char *type,
    json_t *definition, struct err *e)
{
	if (strcmp(type, "Task") != 0 && strcmp(type, "Map") != 0 &&
	    strcmp(type, "Parallel") != 0)
		return err_set(e, "ValidationException", "State type '%s' is "
		    "not supported when a mock is specified", type);
	if (ask->reveal_secrets)
		return invalid(e, "TestState does not support RevealSecrets "
		    "when a mock is specified.");
	if (ask->mock_result != NULL && ask->mock_fails)
		return invalid(e, "A test mock should have only one of the "
		    "following fields: [result, errorOutput].");
	if (ask->mock_result == NULL && !ask->mock_fails)
		return invalid(e, "A test mock should have one of the following "
		    "fields: [result, errorOutput].");
	if (ask->mock_result != NULL)
		return check_result(ask, type, definition, e);
	return 0;
}

int
teststate_check(const struct teststate_ask *ask, json_t *definition,
    struct err *e)
{
	const char	*type = json_string_value(json_object_get(definition,
			    "Type"));

	if (type == NULL)		/* refused before */
		type = "";
	return ask->mocked ? check_mock(ask, type, definition, e) :
	    check_unmocked(ask, type, definition, e);
}

/* ---- the context object ---- */

/*	path of the object	member		type: string, number, object, any */
static const struct {
	const char	*path, *name;
	char		 type;
} context_fields[] = {
	{ "",		"Execution",	'o' },
	{ "",		"State",	'o' },
	{ "",		"StateMachine",	'o' },
	{ "",		"Task",		'o' },
	{ "",		"Map",		'o' },
	{ "Execution.",	"Id",		's' },
	{ "Execution.",	"Input",	'a' },
	{ "Execution.",	"Name",		's' },
	{ "Execution.",	"RoleArn",	's' },
	{ "Execution.",	"StartTime",	's' },
	{ "Execution.",	"RedriveCount",	'n' },
	{ "Execution.",	"RedriveTime",	's' },
	{ "State.",	"EnteredTime",	's' },
	{ "State.",	"Name",		's' },
	{ "State.",	"RetryCount",	'n' },
	{ "StateMachine.", "Id",	's' },
	{ "StateMachine.", "Name",	's' },
	{ "Task.",	"Token",	's' },
	{ "Map.",	"Item",		'o' },
	{ "Map.Item.",	"Index",	'n' },
	{ "Map.Item.",	"Value",	'a' },
	{ "Map.Item.",	"Key",		's' },
	{ "Map.Item.",	"Source",	's' },
};

static int context_error(struct err *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

static int
context_error(struct err *e, const char *fmt, ...)
{
	va_list	 ap;
	char	*text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	err_set(e, "ValidationException", "Invalid Context object provided: %s",
	    text);
	free(text);
	return -1;
}

static int	check_object(const char *path, json_t *object, struct err *e);

static int
check_member(size_t i, json_t *value, struct err *e)
{
	const char	*path = context_fields[i].path;
	const char	*name = context_fields[i].name;
	char		 inner[64];

	switch (context_fields[i].type) {
	case 's':
		return json_is_string(value) || json_is_null(value) ? 0 :
		    context_error(e, "%s%s must be a string", path, name);
	case 'n':
		return json_is_number(value) ? 0 :
		    context_error(e, "%s%s must be a number", path, name);
	case 'o':
		if (!json_is_object(value))
			return context_error(e, "%s%s must be an object", path,
			    name);
		snprintf(inner, sizeof inner, "%s%s.", path, name);
		return check_object(inner, value, e);
	default:
		return 0;
	}
}

static int
check_object(const char *path, json_t *object, struct err *e)
{
	const size_t	 n = sizeof context_fields / sizeof context_fields[0];
	const char	*name;
	json_t		*value;
	size_t		 i;

	json_object_foreach(object, name, value) {
		for (i = 0; i < n; i++)
			if (strcmp(context_fields[i].path, path) == 0 &&
			    strcmp(context_fields[i].name, name) == 0)
				break;
		if (i == n)
			return context_error(e, "Field '%.*s' is not allowed",
			    (int)jsontext_cut(name, strlen(name), 100), name);
		if (check_member(i, value, e) == -1)
			return -1;
	}
	return 0;
}

/* A Task with a callback, or a job that is waited for. */
static bool
has_token(json_t *definition)
{
	const char	*resource;

	resource = json_string_value(json_object_get(definition, "Resource"));
	return needs_mock(resource);
}

json_t *
teststate_check_context(const char *text, json_t *definition, struct err *e)
{
	json_t	*context = read_json(text);
	int	 ret;

	if (!json_is_object(context)) {
		json_decref(context);
		context_error(e, "%s", context == NULL ? "It must be valid JSON"
		    : "It must be a JSON object");
		return NULL;
	}
	ret = check_object("", context, e);
	if (ret == 0 && json_object_get(context, "Task") != NULL &&
	    !has_token(definition))
		ret = context_error(e, "Context object contains 'Task' when "
		    "state is not a Task state with a '.sync' or "
		    "'.waitForTaskToken' service integration pattern");
	if (ret == 0)
		return context;
	json_decref(context);
	return NULL;
}
