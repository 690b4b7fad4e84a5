/*
 * engine/op_status.c - GET /v1/status: how this installation is doing.
 */

#include <string.h>

#include "op.h"

static void
status_counted(const struct err *e, int n, void *arg)
{
	struct api_call		*call = arg;
	struct runtime_counts	 c;
	json_t			*answer = json_object(), *process = json_object();
	int			 shard, shards = 0;
	bool			 up;

	for (shard = 0; shard < ARN_SHARDS; shard++)
		shards += shards_mine(call->env->shards, shard);
	up = e->code[0] == '\0' && store_ready(call->env->store);
	runtime_count(call->env->runtime, &c);
	api_set_str(answer, "version", PACKAGE_VERSION);
	api_set_str(answer, "database", up ? "up" : "down");
	if (e->code[0] == '\0')
		api_set_int(answer, "processes", n);
	api_set_str(answer, "region", call->env->account.region);
	api_set_str(answer, "account", call->env->account.account);
	api_set_str(answer, "url", call->env->public_url);
	/* Of the process that answers; others have their own. */
	api_set_int(process, "shards", shards);
	api_set_int(process, "resident", (int64_t)c.resident);
	api_set_int(process, "waitingForCommit", (int64_t)c.waiting_commit);
	api_set_int(process, "openCalls", (int64_t)c.calls_open);
	api_set_int(process, "commits", (int64_t)c.commits);
	api_set_int(process, "events", (int64_t)c.events);
	api_set_int(process, "starts", (int64_t)c.starts);
	json_object_set_new(answer, "process", process);
	api_ok(call, answer);
}

static void
status_run(struct api_call *call)
{
	store_process_count(call->env->store, status_counted, call);
}

const struct api_op op_status = {
	"GetStatus", OP_PAWL, NULL, NULL, status_run, false
};
