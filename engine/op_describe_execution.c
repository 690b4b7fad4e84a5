/*
 * engine/op_describe_execution.c - DescribeExecution, and REST's wait=SECONDS.
 *
 * Reads what is committed, in any process.
 */

#include <stdlib.h>
#include <string.h>

#include "history_page.h"
#include "op.h"
#include "wallclock.h"
#include "xmalloc.h"

/* Between two looks at an execution that one waits for: it doubles. */
#define WAIT_PAUSE_MIN_MS	10
#define WAIT_PAUSE_MAX_MS	320

static const struct check members[] = {
	{ "executionArn",	CHECK_STRING,	true,	1, 256, NULL },
	{ "includedData",	CHECK_STRING,	false,	0, 0,
	    "[ALL_DATA, METADATA_ONLY]" },
	CHECK_END
};

struct wait {
	struct exec_id	 id;
	int64_t		 until_ms;	/* monotonic; 0: do not wait */
	int		 pause_ms;
};

static void
describe_set_payload(json_t *answer, const char *name, struct payload *p)
{
	const char	*text;
	size_t		 len;
	char		*details;

	if (p == NULL)
		return;
	text = payload_text(p, &len);
	json_object_set_new(answer, name, json_stringn(text, len));
	details = xasprintf("%sDetails", name);
	json_object_set_new(answer, details, json_pack("{s:b}", "included", 1));
	free(details);
}

static void
describe_set_end(json_t *answer, const struct event *last, bool with_data)
{
	if (last->type == EVENT_ExecutionSucceeded) {
		if (with_data)
			describe_set_payload(answer, "output", last->payload);
		return;
	}
	if (last->error != NULL)
		api_set_str(answer, "error", last->error);
	if (last->cause != NULL)
		api_set_str(answer, "cause", last->cause);
}

static void
describe_set_redrive(json_t *answer, int status)
{
	char	*reason;

	api_set_int(answer, "redriveCount", 0);
	if (status == EXECUTION_RUNNING || status == EXECUTION_SUCCEEDED) {
		api_set_str(answer, "redriveStatus", "NOT_REDRIVABLE");
		reason = xasprintf("Execution is %s and cannot be redriven",
		    execution_status_name((enum execution_status)status));
		api_set_str(answer, "redriveStatusReason", reason);
		free(reason);
	} else
		api_set_str(answer, "redriveStatus", "REDRIVABLE");
}

static json_t *
describe_answer(struct api_call *call, const struct store_execution *x,
    const struct event *first, const struct event *last)
{
	json_t		*answer = json_object();
	const char	*included = api_str(call, "includedData");
	bool		 with_data;
	char		*text;

	with_data = included == NULL || strcmp(included, "ALL_DATA") == 0;
	text = arn_execution(&call->env->account, x->machine_name, x->name);
	api_set_str(answer, "executionArn", text);
	free(text);
	text = arn_machine(&call->env->account, x->machine_name);
	api_set_str(answer, "stateMachineArn", text);
	free(text);
	api_set_str(answer, "name", x->name);
	api_set_str(answer, "status",
	    execution_status_name((enum execution_status)x->status));
	api_set_time(answer, "startDate", x->started_ms);
	if (x->ended_ms != 0)
		api_set_time(answer, "stopDate", x->ended_ms);
	if (first != NULL && with_data)
		describe_set_payload(answer, "input", first->payload);
	if (last != NULL && x->status != EXECUTION_RUNNING)
		describe_set_end(answer, last, with_data);
	describe_set_redrive(answer, x->status);
	return answer;
}

static void
describe_row(struct api_call *call, const struct store_execution *x,
    const struct store_text *chunks, size_t n)
{
	struct event	*first = NULL, *last = NULL;
	struct err	 e = ERR_INIT;
	size_t		 nfirst = 0, nlast = 0;

	if (n == 0)
		err_set(&e, "CorruptHistory", "execution %s has no history", x->name);
	else if (chunk_decode(chunks[0].events, chunks[0].len, &first, &nfirst,
	    &e) == 0 && n > 1 && chunk_decode(chunks[n - 1].events,
	    chunks[n - 1].len, &last, &nlast, &e) == -1)
		nlast = 0;
	if (e.code[0] == '\0' && (nfirst == 0 || (n > 1 && nlast == 0)))
		err_set(&e, "CorruptHistory", "execution %s: empty chunk", x->name);
	if (e.code[0] != '\0')
		api_fail_err(call, &e);
	else
		api_ok(call, describe_answer(call, x, &first[0], n > 1 ?
		    &last[nlast - 1] : &first[nfirst - 1]));
	err_clear(&e);
	history_page_clear(first, nfirst);
	history_page_clear(last, nlast);
}

static void	describe_ask(struct api_call *);

static void
describe_found(const struct err *e, const struct store_execution *x,
    const struct store_text *chunks, size_t n, void *arg)
{
	struct api_call	*call = arg;
	struct wait	*w = call->state;

	if (strcmp(e->code, "NotFound") == 0)
		api_fail(call, "ExecutionDoesNotExist",
		    "Execution Does Not Exist: '%s'", api_str(call, "executionArn"));
	else if (e->code[0] != '\0' || x == NULL)
		api_fail_err(call, e);
	else if (x->status == EXECUTION_RUNNING && !call->gone &&
	    wallclock_monotonic_ms() < w->until_ms) {
		api_later(call, w->pause_ms, describe_ask);
		if (w->pause_ms < WAIT_PAUSE_MAX_MS)
			w->pause_ms *= 2;
	} else
		describe_row(call, x, chunks, n);
}

static void
describe_ask(struct api_call *call)
{
	struct wait	*w = call->state;

	store_describe(call->env->store, &w->id, arn_shard(&w->id), describe_found,
	    call);
}

static void
describe_run(struct api_call *call)
{
	struct wait	*w;
	char		*machine, *name;
	int64_t		 seconds;

	if (!api_execution_names(call, api_str(call, "executionArn"), &machine,
	    &name))
		return;
	w = xcalloc(1, sizeof *w);
	w->id = arn_exec_id(machine, name);
	w->pause_ms = WAIT_PAUSE_MIN_MS;
	free(machine);
	free(name);
	/* Only REST sets it (api_routes.c); the AWS request has no such member. */
	seconds = call->route == NULL ? 0 : api_int(call, "waitSeconds", 0);
	if (seconds > 0)
		w->until_ms = wallclock_monotonic_ms() + seconds * 1000;
	api_keep(call, w, free);
	describe_ask(call);
}

const struct api_op op_describe_execution = {
	"DescribeExecution", OP_STATES, members, NULL, describe_run, false
};
