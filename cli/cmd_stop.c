/*
 * cli/cmd_stop.c - stop an execution.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_commands.h"
#include "execid.h"

static void
add_member(struct strbuf *out, const char *name, const char *text)
{
	if (text == NULL)
		return;
	strbuf_addf(out, "%s\"%s\":", out->len > 1 ? "," : "", name);
	strbuf_add_json_string(out, text, strlen(text));
}

static enum exitcode
run(struct cmd_call *call)
{
	struct client_answer	 answer;
	struct strbuf		 body = STRBUF_INIT;
	enum exitcode		 code;
	char			*id, *shown;

	if ((id = cmd_execution(call, call->args[0])) == NULL)
		return EXITCODE_USAGE;
	strbuf_addc(&body, '{');
	add_member(&body, "error", cmd_value(call, "error"));
	add_member(&body, "cause", cmd_value(call, "cause"));
	strbuf_addc(&body, '}');
	code = cmd_request(call, "POST", strbuf_str(&body), &answer,
	    "/v1/executions/%s/stop", id);
	if (code == EXITCODE_OK && call->json)
		code = cmd_print_answer(&answer);
	else if (code == EXITCODE_OK) {
		shown = execid_short(call->args[0]);
		printf("Stopped %s\n", shown);
		free(shown);
	}
	client_answer_clear(&answer);
	strbuf_free(&body);
	free(id);
	return code;
}

const struct cmd cmd_stop = {
	"stop", "EXECUTION", 1, 1,
	"stop an execution",
	"Ends an execution at once; its status becomes ABORTED. What its tasks "
	"have done stays done.",
	"pawl stop order:7f3a --cause 'ordered twice'\n",
	{ { 0, "error", "NAME", "error name to keep in the history" },
	  { 0, "cause", "TEXT", "why, to keep in the history" },
	  { 0, NULL, NULL, NULL } }, run
};
