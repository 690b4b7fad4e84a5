/*
 * cli/cmd_show.c - one execution: how it stands, what came in and out.
 */

#include <stdlib.h>
#include <string.h>

#include "approval.h"
#include "cmd_commands.h"
#include "execid.h"
#include "follow.h"
#include "pretty.h"
#include "style.h"
#include "wallclock.h"
#include "when.h"
#include "width.h"

static void
field(struct strbuf *out, const char *title, const char *value)
{
	if (value == NULL)
		return;
	strbuf_addf(out, "%s%-11s%s", style_out(STYLE_DIM), title,
	    style_out_end());
	width_add(out, value, WIDTH_ANY);
	strbuf_addc(out, '\n');
}

static void
dates(struct strbuf *out, const json_t *x)
{
	char	 buf[WHEN_SIZE], ago[WHEN_SIZE];
	int64_t	 start, stop, now = wallclock_ms();
	bool	 ended = when_read(json_object_get(x, "stopDate"), &stop);

	if (!when_read(json_object_get(x, "startDate"), &start))
		return;
	strbuf_addf(out, "%s%-11s%s%s (%s)\n", style_out(STYLE_DIM), "started",
	    style_out_end(), when_full(start, buf), when_ago(start, now, ago));
	if (ended)
		field(out, "ended", when_full(stop, buf));
	field(out, ended ? "took" : "runs for",
	    when_length((ended ? stop : now) - start, buf));
}

static void
payload(struct strbuf *out, const json_t *x, const char *name)
{
	const json_t	*value = json_object_get(x, name);

	if (value == NULL)
		return;
	strbuf_addf(out, "%s%s%s\n", style_out(STYLE_DIM), name, style_out_end());
	pretty_json(out, value, 2);
}

/* Where it is now: the innermost states that were entered and not left. */
static enum exitcode
position(struct cmd_call *call, const char *id, const char *shown,
    struct strbuf *out)
{
	const struct trace_state	*s;
	const struct trace_task		*task;
	struct trace			*trace;
	char				 buf[WHEN_SIZE];
	enum exitcode			 code;
	size_t				 i;

	if ((code = approval_trace(call, id, &trace)) != EXITCODE_OK)
		return code;
	for (i = 0; (s = trace_state(trace, i)) != NULL; i++)
		if (s->open) {
			strbuf_addf(out, "%s%-11s%s%s", style_out(STYLE_DIM),
			    "in state", style_out_end(), style_out(STYLE_NAME));
			width_add(out, s->name, WIDTH_ANY);
			strbuf_addf(out, "%s (%s, entered %s)\n", style_out_end(),
			    s->type, when_ago(s->since_ms, wallclock_ms(), buf));
		}
	for (i = 0; (task = trace_task(trace, i)) != NULL; i++)
		if (task->open)
			follow_link(out, task, shown);
	trace_free(trace);
	return EXITCODE_OK;
}

static enum exitcode
run(struct cmd_call *call)
{
	struct client_answer	 answer;
	struct strbuf		 out = STRBUF_INIT;
	const char		*status, *arn;
	char			*id, *shown;
	enum exitcode		 code;

	if ((id = cmd_execution(call, call->args[0])) == NULL)
		return EXITCODE_USAGE;
	code = cmd_request(call, "GET", NULL, &answer, "/v1/executions/%s", id);
	if (code != EXITCODE_OK || call->json) {
		if (code == EXITCODE_OK)
			code = cmd_print_answer(&answer);
		client_answer_clear(&answer);
		free(id);
		return code;
	}
	status = trace_string(answer.json, "status");
	arn = trace_string(answer.json, "executionArn");
	shown = execid_short(arn != NULL ? arn : call->args[0]);
	field(&out, "execution", shown);
	strbuf_addf(&out, "%s%-11s%s%s%s%s\n", style_out(STYLE_DIM), "status",
	    style_out_end(), style_out(style_of_status(status == NULL ? "" :
	    status)), status == NULL ? "?" : status, style_out_end());
	dates(&out, answer.json);
	field(&out, "error", trace_string(answer.json, "error"));
	field(&out, "cause", trace_string(answer.json, "cause"));
	field(&out, "arn", arn);
	if (status != NULL && strcmp(status, "RUNNING") == 0)
		code = position(call, id, shown, &out);
	payload(&out, answer.json, "input");
	payload(&out, answer.json, "output");
	cmd_print(&out);
	client_answer_clear(&answer);
	free(shown);
	free(id);
	return code;
}

const struct cmd cmd_show = {
	"show", "EXECUTION", 1, 1,
	"show one execution: status, input, output, where it is",
	"Shows an execution with its input and output or error. Of one that "
	"runs it shows the states it is in, and the links of tasks that wait "
	"for a person.",
	"pawl show order:7f3a\n"
	"pawl show order:7f3a -o json | jq .output\n",
	{ { 0, NULL, NULL, NULL } }, run
};
