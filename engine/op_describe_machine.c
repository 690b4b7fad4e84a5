/*
 * engine/op_describe_machine.c - DescribeStateMachine and
 * DescribeStateMachineForExecution.
 */

#include <stdlib.h>
#include <string.h>

#include "definition.h"
#include "op.h"

static const struct check members[] = {
	{ "stateMachineArn",	CHECK_STRING,	true,	1, 256, NULL },
	{ "includedData",	CHECK_STRING,	false,	0, 0,
	    "[ALL_DATA, METADATA_ONLY]" },
	CHECK_END
};

static const struct check execution_members[] = {
	{ "executionArn",	CHECK_STRING,	true,	1, 256, NULL },
	{ "includedData",	CHECK_STRING,	false,	0, 0,
	    "[ALL_DATA, METADATA_ONLY]" },
	CHECK_END
};

static void
describe_set_references(json_t *answer, const char *definition)
{
	struct findings	 f = FINDINGS_INIT;
	struct machine	*m = machine_parse(definition, strlen(definition), &f);

	findings_free(&f);
	if (m == NULL)
		return;
	if (json_object_size(m->variable_references) > 0)
		json_object_set_new(answer, "variableReferences",
		    json_deep_copy(m->variable_references));
	machine_free(m);
}

/* What both operations answer. */
static json_t *
describe_answer(struct api_call *call, const struct store_machine *m)
{
	json_t		*answer = json_object(), *options;
	const char	*included = api_str(call, "includedData"), *revision;
	char		*arn = arn_machine(&call->env->account, m->name);

	api_set_str(answer, "stateMachineArn", arn);
	free(arn);
	api_set_str(answer, "name", m->name);
	if (included == NULL || strcmp(included, "ALL_DATA") == 0)
		api_set_str(answer, "definition", m->definition);
	api_set_str(answer, "roleArn", m->role_arn);
	options = definition_options(m->options);
	definition_show_options(answer, options);
	revision = json_string_value(json_object_get(options, "revisionId"));
	if (revision == NULL && call->route != NULL)
		revision = m->revision_id;
	if (revision != NULL)
		api_set_str(answer, "revisionId", revision);
	json_decref(options);
	describe_set_references(answer, m->definition);
	return answer;
}

static void
describe_found(const struct err *e, const struct store_machine *m, size_t n,
    void *arg)
{
	struct api_call	*call = arg;
	json_t		*answer;

	if (strcmp(e->code, "NotFound") == 0)
		api_fail(call, "StateMachineDoesNotExist",
		    "State Machine Does Not Exist: '%s'",
		    api_str(call, "stateMachineArn"));
	else if (e->code[0] != '\0' || n != 1)
		api_fail_err(call, e);
	else {
		answer = describe_answer(call, m);
		api_set_str(answer, "type", m->type);
		api_set_str(answer, "status", "ACTIVE");
		api_set_time(answer, "creationDate", m->created_ms);
		api_ok(call, answer);
	}
}

static void
describe_run(struct api_call *call)
{
	char	*name;

	if ((name = api_machine_name(call, api_str(call, "stateMachineArn"))) == NULL)
		return;
	store_machine_get(call->env->store, name, describe_found, call);
	free(name);
}

const struct api_op op_describe_machine = {
	"DescribeStateMachine", OP_STATES, members, NULL, describe_run, false
};

/* ---- the machine as an execution runs it ---- */

static void
for_execution_found(const struct err *e, const struct store_machine *m, size_t n,
    void *arg)
{
	struct api_call	*call = arg;
	json_t		*answer;

	if (e->code[0] != '\0' || n != 1) {
		api_fail_err(call, e);
		return;
	}
	answer = describe_answer(call, m);
	api_set_time(answer, "updateDate", m->updated_ms);
	api_ok(call, answer);
}

static void
for_execution_row(const struct err *e, const struct store_execution *x,
    const struct store_text *chunks, size_t n, void *arg)
{
	struct api_call	*call = arg;

	(void)chunks;
	(void)n;
	if (strcmp(e->code, "NotFound") == 0)
		api_fail(call, "ExecutionDoesNotExist",
		    "Execution Does Not Exist: '%s'", api_str(call, "executionArn"));
	else if (e->code[0] != '\0' || x == NULL)
		api_fail_err(call, e);
	else
		store_machine_revision(call->env->store, x->machine_id, x->revision,
		    for_execution_found, call);
}

static void
for_execution_run(struct api_call *call)
{
	struct exec_id	 id;
	char		*machine, *name;

	if (!api_execution_names(call, api_str(call, "executionArn"), &machine,
	    &name))
		return;
	id = arn_exec_id(machine, name);
	free(machine);
	free(name);
	store_describe(call->env->store, &id, arn_shard(&id), for_execution_row, call);
}

const struct api_op op_describe_machine_for_execution = {
	"DescribeStateMachineForExecution", OP_STATES, execution_members, NULL,
	for_execution_run, false
};
