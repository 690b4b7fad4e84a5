/*
 * engine/child.c - a task starts an execution, once.
 */

#include "child.h"

#include <stdlib.h>
#include <string.h>

#include "arn.h"

static char *
own_name(const struct task_call *call, char buf[ARN_ID_TEXT])
{
	struct exec_id	 id = task_derived_id(&call->id, call->event_id, "child");

	return arn_id_text(&id, buf);
}

char *
child_arn(const struct task_call *call, const json_t *members)
{
	const struct arn_account	*account = &call->rt->env.account;
	const char			*machine, *name;
	char				 made[ARN_ID_TEXT], *read, *arn;

	machine = json_string_value(json_object_get(members, "stateMachineArn"));
	name = json_string_value(json_object_get(members, "name"));
	if (machine == NULL || !arn_read_machine(account, machine, &read))
		return NULL;
	arn = arn_execution(account, read, name != NULL ? name :
	    own_name(call, made));
	free(read);
	return arn;
}

void
child_clear(struct child *c)
{
	ownapi_clear(&c->own);
	json_decref(c->members);
	c->members = NULL;
}

static void
on_described(struct task_call *call, const struct ownapi_answer *a)
{
	struct child	*c = call->state;

	c->done(call, a);
}

static void
on_started(struct task_call *call, const struct ownapi_answer *a)
{
	struct child	*c = call->state;
	json_t		*ask;
	char		*arn;

	if (a->code == NULL || !c->named ||
	    strcmp(a->code, "ExecutionAlreadyExists") != 0 ||
	    (arn = child_arn(call, c->members)) == NULL) {
		c->done(call, a);
		return;
	}
	ask = json_pack("{s:s, s:s}", "executionArn", arn, "includedData",
	    "METADATA_ONLY");
	free(arn);
	ownapi_call(&c->own, call, "AWSStepFunctions.DescribeExecution", ask,
	    on_described);
	json_decref(ask);
}

void
child_start(struct child *c, struct task_call *call, json_t *members,
    ownapi_done done)
{
	json_t	*name = json_object_get(members, "name");
	char	 made[ARN_ID_TEXT];

	c->members = members;
	c->done = done;
	c->named = name == NULL || json_is_null(name);
	if (c->named)
		json_object_set_new(members, "name", json_string(own_name(call,
		    made)));
	ownapi_call(&c->own, call, "AWSStepFunctions.StartExecution", members,
	    on_started);
}
