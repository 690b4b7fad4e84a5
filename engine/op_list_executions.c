/*
 * engine/op_list_executions.c - ListExecutions, newest first.
 *
 * The AWS protocol lists one machine's; REST may list all.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "op.h"
#include "xmalloc.h"

static const struct check members[] = {
	{ "stateMachineArn",	CHECK_STRING,	false,	1, 256, NULL },
	{ "statusFilter",	CHECK_STRING,	false,	0, 0, "[SUCCEEDED, "
	    "TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]" },
	{ "maxResults",		CHECK_INTEGER,	false,	0, 1000, NULL },
	{ "nextToken",		CHECK_STRING,	false,	1, 3096, NULL },
	{ "mapRunArn",		CHECK_STRING,	false,	1, 2000, NULL },
	{ "redriveFilter",	CHECK_STRING,	false,	0, 0,
	    "[NOT_REDRIVEN, REDRIVEN]" },
	CHECK_END
};

struct listing {
	int64_t		 machine_id;	/* 0: of any machine */
	int		 status;	/* -1: any */
	int64_t		 after_ms;
	struct exec_id	 after_id;
};

static json_t *
list_item(struct api_call *call, const struct store_execution *x)
{
	json_t	*item = json_object();
	char	*arn;

	arn = arn_execution(&call->env->account, x->machine_name, x->name);
	api_set_str(item, "executionArn", arn);
	free(arn);
	arn = arn_machine(&call->env->account, x->machine_name);
	api_set_str(item, "stateMachineArn", arn);
	free(arn);
	api_set_str(item, "name", x->name);
	api_set_str(item, "status",
	    execution_status_name((enum execution_status)x->status));
	api_set_time(item, "startDate", x->started_ms);
	if (x->ended_ms != 0)
		api_set_time(item, "stopDate", x->ended_ms);
	api_set_int(item, "redriveCount", 0);
	return item;
}

static void
list_done(const struct err *e, const struct store_execution *list, size_t n,
    void *arg)
{
	struct api_call	*call = arg;
	struct listing	*l = call->state;
	json_t		*answer, *items;
	size_t		 i, max = (size_t)api_page_size(call, 100);
	char		 id[ARN_ID_TEXT];

	if (e->code[0] != '\0') {
		api_fail_err(call, e);
		return;
	}
	answer = json_object();
	items = json_array();
	json_object_set_new(answer, "executions", items);
	for (i = 0; i < n && i < max; i++)
		json_array_append_new(items, list_item(call, &list[i]));
	if (n > max)
		api_page_next(call, answer, "executions", "%lld:%d:%lld:%s",
		    (long long)l->machine_id, l->status,
		    (long long)list[max - 1].started_ms,
		    arn_id_text(&list[max - 1].id, id));
	api_ok(call, answer);
}

/* The token must be of the same list. */
static bool
list_read_token(struct api_call *call, struct listing *l)
{
	long long	 machine, ms;
	int		 status;
	char		*text, id[ARN_ID_TEXT];
	bool		 ok;

	if (api_page_read(call, "executions", &text) == -1)
		return false;
	if (text == NULL)
		return true;
	ok = sscanf(text, "%lld:%d:%lld:%36s", &machine, &status, &ms, id) == 4 &&
	    machine == l->machine_id && status == l->status &&
	    arn_id_parse(id, &l->after_id);
	free(text);
	if (ok)
		l->after_ms = ms;
	else
		api_fail(call, "InvalidToken", "Invalid Token: 'Invalid token'");
	return ok;
}

static int
list_status(const char *name)
{
	int	 s;

	for (s = EXECUTION_RUNNING; s <= EXECUTION_ABORTED; s++)
		if (strcmp(name, execution_status_name((enum execution_status)s)) == 0)
			return s;
	return -1;
}

static void
list_ask(struct api_call *call, int64_t machine_id)
{
	const char	*status = api_str(call, "statusFilter");
	const char	*redrive = api_str(call, "redriveFilter");
	struct listing	*l = xcalloc(1, sizeof *l);
	json_t		*answer;

	api_keep(call, l, free);
	l->machine_id = machine_id;
	l->status = status == NULL ? -1 : list_status(status);
	if (!list_read_token(call, l))
		return;
	/* Nothing is ever redriven here. */
	if ((status != NULL && l->status == -1) ||
	    (redrive != NULL && strcmp(redrive, "REDRIVEN") == 0)) {
		answer = json_object();
		json_object_set_new(answer, "executions", json_array());
		api_ok(call, answer);
		return;
	}
	store_list(call->env->store, machine_id, l->status, l->after_ms,
	    &l->after_id, api_page_size(call, 100) + 1, list_done, call);
}

static void
list_machine(const struct err *e, const struct store_machine *m, size_t n, void *arg)
{
	struct api_call	*call = arg;

	if (strcmp(e->code, "NotFound") == 0)
		api_fail(call, "StateMachineDoesNotExist",
		    "State Machine Does Not Exist: '%s'",
		    api_str(call, "stateMachineArn"));
	else if (e->code[0] != '\0' || n != 1)
		api_fail_err(call, e);
	else if (strcmp(m->type, "EXPRESS") == 0)
		api_fail(call, "StateMachineTypeNotSupported", "This operation is not "
		    "supported by this type of state machine");
	else
		list_ask(call, m->id);
}

static void
list_run(struct api_call *call)
{
	const char	*arn = api_str(call, "stateMachineArn");
	char		*name;

	if (arn == NULL && call->route != NULL)
		list_ask(call, 0);
	else if (arn == NULL)
		api_fail(call, "ValidationException", api_str(call, "mapRunArn") !=
		    NULL ? "This server has no map runs yet: give a stateMachineArn." :
		    "Must provide a State Machine ARN or a Map Run ARN");
	else if ((name = api_machine_name(call, arn)) != NULL) {
		store_machine_get(call->env->store, name, list_machine, call);
		free(name);
	}
}

const struct api_op op_list_executions = {
	"ListExecutions", OP_STATES, members, NULL, list_run, false
};
