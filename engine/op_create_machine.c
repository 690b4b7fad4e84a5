/*
 * engine/op_create_machine.c - CreateStateMachine.
 *
 * Idempotent as the real service documents it: a machine of the same name with
 * the same definition, type, logging, tracing and encryption is the answer,
 * whatever its role and tags; anything else already exists.
 */

#include <stdlib.h>
#include <string.h>

#include "definition.h"
#include "op.h"
#include "wallclock.h"
#include "xmalloc.h"

static const struct check members[] = {
	{ "name",		CHECK_STRING,	 true,	1, 80, NULL },
	{ "definition",		CHECK_STRING,	 true,	1, 1048576, NULL },
	{ "roleArn",		CHECK_STRING,	 true,	1, 256, NULL },
	{ "type",		CHECK_STRING,	 false, 0, 0, "[STANDARD, EXPRESS]" },
	{ "loggingConfiguration", CHECK_STRUCTURE, false, 0, 0, NULL },
	{ "tracingConfiguration", CHECK_STRUCTURE, false, 0, 0, NULL },
	{ "encryptionConfiguration", CHECK_STRUCTURE, false, 0, 0, NULL },
	{ "tags",		CHECK_LIST,	 false, 0, 0, NULL },
	{ "publish",		CHECK_BOOLEAN,	 false, 0, 0, NULL },
	{ "versionDescription",	CHECK_STRING,	 false, 0, 256, NULL },
	CHECK_END
};

static json_t *
create_answer(struct api_call *call, const struct store_machine *m)
{
	json_t	*answer = json_object();
	char	*arn = arn_machine(&call->env->account, m->name);

	api_set_str(answer, "stateMachineArn", arn);
	api_set_time(answer, "creationDate", m->created_ms);
	if (call->route != NULL) {
		api_set_str(answer, "name", m->name);
		api_set_str(answer, "type", m->type);
		api_set_str(answer, "revisionId", m->revision_id);
	}
	free(arn);
	return answer;
}

static bool
create_is_same(struct api_call *call, const struct store_machine *m)
{
	const char	*type = api_str(call, "type");
	json_t		*stored;
	bool		 same;

	if (strcmp(m->definition, api_str(call, "definition")) != 0 ||
	    strcmp(m->type, type == NULL ? "STANDARD" : type) != 0)
		return false;
	stored = definition_options(m->options);
	same = definition_options_same(stored, call->state);
	json_decref(stored);
	return same;
}

static void
create_done(const struct err *e, const struct store_machine *m, size_t n, void *arg)
{
	struct api_call	*call = arg;
	char		*arn;

	if (e->code[0] == '\0' && n == 1)
		api_forget(call, "machine", m->name, create_answer(call, m));
	else if (strcmp(e->code, "Exists") == 0 && n == 1 &&
	    create_is_same(call, m)) {
		call->status = call->route != NULL ? 200 : 0;
		api_ok(call, create_answer(call, m));
	} else if (strcmp(e->code, "Exists") == 0) {
		arn = arn_machine(&call->env->account, api_str(call, "name"));
		api_fail(call, "StateMachineAlreadyExists",
		    "State Machine Already Exists: '%s'", arn);
		free(arn);
	} else
		api_fail_err(call, e);
}

static void
create_free(void *options)
{
	json_decref(options);
}

static void
create_run(struct api_call *call)
{
	struct store_machine	 m;
	json_t			*options = NULL;
	const char		*type = api_str(call, "type");
	char			*text;

	if (type == NULL)
		type = "STANDARD";
	if (!api_name_ok(call, api_str(call, "name")) ||
	    !definition_role_ok(call) || !definition_versions_ok(call) ||
	    !definition_read_options(call, NULL, &options))
		return;
	api_keep(call, options, create_free);
	if (!definition_ok(call, api_str(call, "definition"), type))
		return;
	memset(&m, 0, sizeof m);
	m.name = api_str(call, "name");
	m.type = type;
	m.definition = api_str(call, "definition");
	m.role_arn = api_str(call, "roleArn");
	m.options = text = jsontext_string(options, NULL);
	m.created_ms = m.updated_ms = wallclock_ms();
	store_machine_create(call->env->store, &m, create_done, call);
	free(text);
}

const struct api_op op_create_machine = {
	"CreateStateMachine", OP_STATES, members, NULL, create_run, false
};
