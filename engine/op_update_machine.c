/*
 * engine/op_update_machine.c - UpdateStateMachine, and PUT /v1/machines/{name}.
 *
 * An update that changes nothing makes no new revision (recording
 * test_create_update_state_machine_same_parameters).
 */

#include <stdlib.h>
#include <string.h>

#include "definition.h"
#include "op.h"
#include "wallclock.h"

static const struct check members[] = {
	{ "stateMachineArn",	CHECK_STRING,	 true,	1, 256, NULL },
	{ "definition",		CHECK_STRING,	 false,	1, 1048576, NULL },
	{ "roleArn",		CHECK_STRING,	 false,	1, 256, NULL },
	{ "loggingConfiguration", CHECK_STRUCTURE, false, 0, 0, NULL },
	{ "tracingConfiguration", CHECK_STRUCTURE, false, 0, 0, NULL },
	{ "encryptionConfiguration", CHECK_STRUCTURE, false, 0, 0, NULL },
	{ "publish",		CHECK_BOOLEAN,	 false, 0, 0, NULL },
	{ "versionDescription",	CHECK_STRING,	 false, 0, 256, NULL },
	CHECK_END
};

static const char *
update_revision(const struct api_call *call, const json_t *options,
    const struct store_machine *m)
{
	const char	*id = json_string_value(json_object_get(options,
			    "revisionId"));

	return id == NULL && call->route != NULL ? m->revision_id : id;
}

static json_t *
update_answer(struct api_call *call, const struct store_machine *m)
{
	json_t		*answer = json_object(), *options;
	const char	*revision;
	char		*arn;

	options = definition_options(m->options);
	api_set_time(answer, "updateDate", m->updated_ms);
	if ((revision = update_revision(call, options, m)) != NULL)
		api_set_str(answer, "revisionId", revision);
	if (call->route != NULL) {
		arn = arn_machine(&call->env->account, m->name);
		api_set_str(answer, "stateMachineArn", arn);
		api_set_str(answer, "name", m->name);
		api_set_time(answer, "creationDate", m->created_ms);
		free(arn);
	}
	json_decref(options);
	return answer;
}

static void
update_fail(struct api_call *call, const struct err *e)
{
	if (strcmp(e->code, "NotFound") == 0)
		api_fail(call, "StateMachineDoesNotExist",
		    "State Machine Does Not Exist: '%s'",
		    api_str(call, "stateMachineArn"));
	else
		api_fail_err(call, e);
}

static void
update_done(const struct err *e, const struct store_machine *m, size_t n, void *arg)
{
	struct api_call	*call = arg;

	if (e->code[0] != '\0' || n != 1)
		update_fail(call, e);
	else
		api_forget(call, "machine", m->name, update_answer(call, m));
}

/* The given member, or NULL when it is what the machine has already. */
static const char *
update_changed(struct api_call *call, const char *name, const char *now)
{
	const char	*given = api_str(call, name);

	return given != NULL && strcmp(given, now) != 0 ? given : NULL;
}

static void
update_write(struct api_call *call, const struct store_machine *m)
{
	const char	*definition, *role;
	json_t		*before, *options = NULL;
	char		 uuid[ARN_ID_TEXT], *text;
	bool		 same;

	definition = update_changed(call, "definition", m->definition);
	role = update_changed(call, "roleArn", m->role_arn);
	if (definition != NULL && !definition_ok(call, definition, m->type))
		return;
	before = definition_options(m->options);
	if (!definition_read_options(call, before, &options)) {
		json_decref(before);
		return;
	}
	same = definition == NULL && role == NULL &&
	    definition_options_same(before, options);
	json_decref(before);
	if (same)
		api_ok(call, update_answer(call, m));
	else {
		api_set_str(options, "revisionId", api_uuid(uuid));
		text = jsontext_string(options, NULL);
		store_machine_update(call->env->store, m->name, definition, role,
		    text, wallclock_ms(), update_done, call);
		free(text);
	}
	json_decref(options);
}

static void
update_found(const struct err *e, const struct store_machine *m, size_t n, void *arg)
{
	struct api_call	*call = arg;

	if (e->code[0] != '\0' || n != 1)
		update_fail(call, e);
	else
		update_write(call, m);
}

static bool
update_gives_something(const struct api_call *call)
{
	static const char *const names[] = { "definition", "roleArn",
		"loggingConfiguration", "tracingConfiguration",
		"encryptionConfiguration" };
	const json_t	*v;
	size_t		 i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		v = json_object_get(call->params, names[i]);
		if (v != NULL && !json_is_null(v))
			return true;
	}
	return false;
}

static void
update_run(struct api_call *call)
{
	char	*name;

	if ((name = api_machine_name(call, api_str(call, "stateMachineArn"))) == NULL)
		return;
	if (!update_gives_something(call))
		api_fail(call, "MissingRequiredParameter", "Either the definition, the "
		    "role ARN, the LoggingConfiguration, or the TracingConfiguration "
		    "must be specified");
	else if (definition_role_ok(call) && definition_versions_ok(call))
		store_machine_get(call->env->store, name, update_found, call);
	free(name);
}

const struct api_op op_update_machine = {
	"UpdateStateMachine", OP_STATES, members, NULL, update_run, false
};

/* ---- PutMachine: update it, or create it ---- */

static const struct check put_members[] = {
	{ "name",	CHECK_STRING, true, 1, 80, NULL },
	CHECK_END
};

static void
put_found(const struct err *e, const struct store_machine *m, size_t n, void *arg)
{
	struct api_call	*call = arg;
	json_t		*role;
	char		*text;

	(void)m;
	if (strcmp(e->code, "NotFound") == 0) {
		if (api_str(call, "roleArn") == NULL) {
			role = json_object_get(call->params, "defaultRoleArn");
			json_object_set(call->params, "roleArn", role);
		}
		call->status = 201;
		api_run(call, "CreateStateMachine");
	} else if (e->code[0] != '\0' || n != 1)
		api_fail_err(call, e);
	else {
		text = arn_machine(&call->env->account, m->name);
		api_set_str(call->params, "stateMachineArn", text);
		free(text);
		api_run(call, "UpdateStateMachine");
	}
}

static void
put_run(struct api_call *call)
{
	store_machine_get(call->env->store, api_str(call, "name"), put_found, call);
}

const struct api_op op_put_machine = {
	"PutMachine", OP_PAWL, put_members, NULL, put_run, false
};
