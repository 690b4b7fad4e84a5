/*
 * cli/cmd_history.c - the events of an execution, as they were or as they come.
 */

#include <stdlib.h>
#include <string.h>

#include "cmd_commands.h"
#include "follow.h"
#include "render_event.h"
#include "style.h"
#include "trace.h"
#include "xmalloc.h"

#define LIMIT_MAX 1000000

/* Names of states follow from the events before: fed in order of ids. */
static void
print(const json_t *events, bool reverse)
{
	struct strbuf	 out = STRBUF_INIT;
	struct trace	*trace = trace_new();
	size_t		 i, n = json_array_size(events), columns = style_columns();
	const json_t	*event;

	for (i = 0; i < n; i++)
		trace_feed(trace, json_array_get(events, reverse ? n - 1 - i : i));
	for (i = 0; i < n; i++) {
		event = json_array_get(events, i);
		render_event(&out, event, trace_state_of(trace, event), columns);
	}
	trace_free(trace);
	cmd_print(&out);
}

static enum exitcode
run(struct cmd_call *call)
{
	bool		 reverse = cmd_value(call, "reverse") != NULL, more;
	enum exitcode	 code;
	json_t		*events;
	char		*id, *path;
	long		 limit;

	if ((code = cmd_number(call, "limit", 0, LIMIT_MAX, 0, &limit)) !=
	    EXITCODE_OK)
		return code;
	if ((id = cmd_execution(call, call->args[0])) == NULL)
		return EXITCODE_USAGE;
	if (cmd_value(call, "follow") != NULL) {
		code = reverse || limit != 0 ? cmd_misuse(call, "--follow goes "
		    "neither with --reverse nor with --limit.") :
		    follow_events(call, id);
		free(id);
		return code;
	}
	path = xasprintf("/v1/executions/%s/history?reverse=%s", id,
	    reverse ? "true" : "false");
	code = cmd_collect(call, path, (size_t)limit, &events, &more);
	free(path);
	free(id);
	if (code != EXITCODE_OK)
		return code;
	if (call->json)
		code = cmd_print_items(events);
	else {
		print(events, reverse);
		if (more)
			cmd_note("There are more events: --limit 0 shows all.");
	}
	json_decref(events);
	return code;
}

const struct cmd cmd_history = {
	"history", "EXECUTION", 1, 1,
	"show the events of an execution",
	"Shows every event of an execution on one line: time, id, type, state, "
	"and what happened in short. -o json gives them whole.\n\n"
	"With --follow it shows those there are and then each new one as it "
	"comes, until the execution ends; it ends with 0 if the execution "
	"succeeded and with 1 if it did not. Ctrl-C leaves; the execution goes "
	"on. With -o json each event is one line.",
	"pawl history order:7f3a\n"
	"pawl history order:7f3a --follow\n"
	"# the last five events\n"
	"pawl history order:7f3a --reverse --limit 5\n",
	{ { 'f', "follow", NULL, "show new events as they come, until it ends" },
	  { 'r', "reverse", NULL, "the newest first" },
	  { 'n', "limit", "N", "at most so many; 0 for all (default)" },
	  { 0, NULL, NULL, NULL } }, run
};
