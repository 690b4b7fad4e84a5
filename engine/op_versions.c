/*
 * engine/op_versions.c - ListStateMachineVersions and ListStateMachineAliases.
 *
 * Machines have neither yet, which is a true answer; SDK tools ask for them
 * before they delete a machine.
 */

#include <stdlib.h>
#include <string.h>

#include "op.h"

static const struct check members[] = {
	{ "stateMachineArn",	CHECK_STRING,	true,	1, 256, NULL },
	{ "maxResults",		CHECK_INTEGER,	false,	0, 1000, NULL },
	{ "nextToken",		CHECK_STRING,	false,	1, 1024, NULL },
	CHECK_END
};

static void
versions_found(const struct err *e, const struct store_machine *m, size_t n,
    void *arg)
{
	struct api_call	*call = arg;
	json_t		*answer;

	(void)m;
	if (strcmp(e->code, "NotFound") == 0)
		api_fail(call, "StateMachineDoesNotExist",
		    "State Machine Does Not Exist: '%s'",
		    api_str(call, "stateMachineArn"));
	else if (e->code[0] != '\0' || n != 1)
		api_fail_err(call, e);
	else {
		answer = json_object();
		json_object_set_new(answer, strcmp(call->op->name,
		    "ListStateMachineVersions") == 0 ? "stateMachineVersions" :
		    "stateMachineAliases", json_array());
		api_ok(call, answer);
	}
}

static void
versions_run(struct api_call *call)
{
	char	*name, *text;

	if (api_page_read(call, "versions", &text) == -1)
		return;
	free(text);
	if ((name = api_machine_name(call, api_str(call, "stateMachineArn"))) == NULL)
		return;
	store_machine_get(call->env->store, name, versions_found, call);
	free(name);
}

const struct api_op op_list_versions = {
	"ListStateMachineVersions", OP_STATES, members, NULL, versions_run, false
};
const struct api_op op_list_aliases = {
	"ListStateMachineAliases", OP_STATES, members, NULL, versions_run, false
};
