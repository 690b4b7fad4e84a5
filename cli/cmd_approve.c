/*
 * cli/cmd_approve.c - answer a task that waits for a person: approve, reject.
 *
 * Both go to the callback URL, as a browser would: the token is the key.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "approval.h"
#include "cmd_commands.h"
#include "xmalloc.h"

static void
add_member(struct strbuf *out, const char *name, const char *text)
{
	if (text == NULL)
		return;
	strbuf_addf(out, ",\"%s\":", name);
	strbuf_add_json_string(out, text, strlen(text));
}

static enum exitcode
decide(struct cmd_call *call, const char *body, const char *done)
{
	struct client		*client = cmd_client(call);
	struct client_answer	 answer = { 0 };
	struct err		 e = ERR_INIT;
	enum exitcode		 code;
	char			*token, *url;

	if (client == NULL)
		return EXITCODE_USAGE;
	code = approval_find(call, call->args[0], &token, &url);
	if (code != EXITCODE_OK)
		return code;
	if (url == NULL)
		url = xasprintf("%s/callback/%s", cmd_server_url(call), token);
	code = client_post_url(client, url, body, &answer, &e);
	if (code != EXITCODE_OK)
		code = cmd_fail(code, &e);
	else if (call->json)
		code = cmd_print_answer(&answer);
	else
		printf("%s\n", done);
	client_answer_clear(&answer);
	free(token);
	free(url);
	return code;
}

static enum exitcode
run_approve(struct cmd_call *call)
{
	struct strbuf	 body = STRBUF_INIT;
	enum exitcode	 code;
	size_t		 len;
	char		*output;

	if (cmd_value(call, "output") != NULL && cmd_value(call, "comment") != NULL)
		return cmd_misuse(call, "Give either --output or --comment, not "
		    "both.");
	code = cmd_json_input(call, "output", NULL, &output, &len);
	if (code != EXITCODE_OK)
		return code;
	strbuf_adds(&body, "{\"decision\":\"approve\"");
	if (output != NULL) {
		strbuf_adds(&body, ",\"output\":");
		strbuf_adds(&body, output);
	}
	add_member(&body, "comment", cmd_value(call, "comment"));
	strbuf_addc(&body, '}');
	code = decide(call, strbuf_str(&body), "Approved");
	strbuf_free(&body);
	free(output);
	return code;
}

static enum exitcode
run_reject(struct cmd_call *call)
{
	struct strbuf	 body = STRBUF_INIT;
	enum exitcode	 code;

	strbuf_adds(&body, "{\"decision\":\"reject\"");
	add_member(&body, "reason", cmd_value(call, "reason"));
	strbuf_addc(&body, '}');
	code = decide(call, strbuf_str(&body), "Rejected");
	strbuf_free(&body);
	return code;
}

const struct cmd cmd_approve = {
	"approve", "URL|TOKEN|EXECUTION", 1, 1,
	"approve what a task waits for",
	"Answers a task that waits for a person. The task is given by its "
	"callback URL, by its token, or by the execution it belongs to; if "
	"several tasks of that execution wait, pawl asks which one.\n\n"
	"The task succeeds, with {\"decision\": \"approved\"} as its output, or "
	"with what --output says. No API key is needed with a URL or token.",
	"pawl approve order:7f3a --comment 'fine with me'\n"
	"pawl approve http://127.0.0.1:8080/callback/AQAB...\n"
	"pawl approve order:7f3a --output '{\"limit\": 500}'\n",
	{ { 0, "output", "JSON", "output of the task instead of the usual one" },
	  { 0, "comment", "TEXT", "a word to go with the approval" },
	  { 0, NULL, NULL, NULL } }, run_approve
};

const struct cmd cmd_reject = {
	"reject", "URL|TOKEN|EXECUTION", 1, 1,
	"reject what a task waits for",
	"Answers a task that waits for a person, as pawl approve does, with no: "
	"the task fails with the error \"Rejected\" and the reason as its cause, "
	"which a Catch in the definition can take.",
	"pawl reject order:7f3a --reason 'over the budget'\n",
	{ { 0, "reason", "TEXT", "why; the cause of the failure" },
	  { 0, NULL, NULL, NULL } }, run_reject
};
