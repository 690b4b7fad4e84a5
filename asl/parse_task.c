/*
 * asl/parse_task.c - Task: what to call, and how long to wait for it.
 */

#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "task_fields.h"
#include "xmalloc.h"

#define TIMEOUT_MAX_S 99999999

static const char *const fields[] = { "Resource", "Credentials", "Arguments",
	"TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds",
	"HeartbeatSecondsPath", NULL };
static const char *const required[] = { "Resource", NULL };

static void
parse_resource(struct parse *p, struct state *state, json_t *object)
{
	struct resource	*r = &state->u.task.resource;
	const char	*arn;

	if (!parse_fields_required(p, object, required))
		return;
	arn = parse_value_string(p, object, "Resource");
	if (arn == NULL)
		return;
	state->u.task.resource_text = xstrdup(arn);
	if (resource_parse(r, arn) && resource_known(r))
		return;
	if (strncmp(arn, "arn:", 4) != 0)
		parse_finding(p, false, "SCHEMA_VALIDATION_FAILED", "Resource",
		    "name a function as arn:aws:lambda:REGION:ACCOUNT:function:"
		    "NAME", "Value is not a valid resource ARN");
	else
		parse_error(p, "Resource", "The resource provided %s is not "
		    "recognized. The value is not a valid resource ARN, or the "
		    "resource is not available in this region.", arn);
}

/* Recording credentials/test_invalid_credentials_field. */
static void
parse_credentials(struct parse *p, struct state *state, json_t *object)
{
	json_t	*v = parse_value_typed(p, object, "Credentials", JSON_OBJECT);

	if (v == NULL)
		return;
	if (state->u.task.resource.kind == RESOURCE_ACTIVITY &&
	    state->u.task.resource.name != NULL)
		parse_error(p, "Credentials", "The field 'Credentials' is not "
		    "supported for activities");
	else if (json_object_get(v, "RoleArn") == NULL &&
	    (p->jsonata || json_object_get(v, "RoleArn.$") == NULL))
		parse_error(p, "Credentials",
		    "The field 'RoleArn' is required but was missing");
	else {
		state->u.task.credentials =
		    parse_value_template(p, object, "Credentials");
		state->u.task.credential_query = parse_query(p, object,
		    "Credentials", 0);
	}
}

/* What the request of an integration does not have, and what it needs. */
static void
check_parameters(struct parse *p, const struct state *state, json_t *object)
{
	const struct task_field	*f = task_fields(&state->u.task.resource);
	const char		*field = p->jsonata ? "Arguments" : "Parameters";
	json_t			*given = json_object_get(object, field), *v;
	const char		*key;
	char			*dynamic;
	size_t			 len;

	if (f == NULL || !json_is_object(given))
		return;
	json_object_foreach(given, key, v) {
		len = strlen(key);
		if (!p->jsonata && len > 2 && strcmp(key + len - 2, ".$") == 0)
			len -= 2;
		if (task_fields_find(f, key, len) == NULL)
			parse_error(p, field, "The field \"%.*s\" is not "
			    "supported by Step Functions", (int)len, key);
	}
	for (; f->name != NULL; f++) {
		dynamic = xasprintf("%s.$", f->name);
		if (f->required && json_object_get(given, f->name) == NULL &&
		    (p->jsonata || json_object_get(given, dynamic) == NULL))
			parse_error(p, field, "The field '%s' is "
			    "required but was missing", f->name);
		free(dynamic);
	}
}

static void
parse_task(struct parse *p, struct state *state, json_t *object)
{
	struct number_field	*timeout = &state->u.task.timeout_s;
	struct number_field	*heartbeat = &state->u.task.heartbeat_s;

	parse_resource(p, state, object);
	check_parameters(p, state, object);
	parse_credentials(p, state, object);
	parse_value_number(p, object, "TimeoutSeconds", "TimeoutSecondsPath", 1,
	    TIMEOUT_MAX_S, timeout);
	parse_value_number(p, object, "HeartbeatSeconds",
	    "HeartbeatSecondsPath", 1, TIMEOUT_MAX_S, heartbeat);
	if (timeout->set && heartbeat->set &&
	    heartbeat->value >= timeout->value)
		parse_error(p, "HeartbeatSeconds",
		    "HeartbeatSeconds must be smaller than TimeoutSeconds");
}

const struct parse_type parse_task_type = {
	.fields = fields, .flows = true, .has_next = true, .has_assign = true,
	.has_result = true, .has_retry = true, .parse = parse_task,
};
