/*
 * cli/cmd_messages.c - messages of queues: send, receive, ack.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_commands.h"
#include "readfile.h"
#include "style.h"
#include "trace.h"
#include "when.h"
#include "width.h"
#include "xmalloc.h"

static enum exitcode
run_send(struct cmd_call *call)
{
	struct client_answer	 answer;
	struct strbuf		 body = STRBUF_INIT;
	struct err		 e = ERR_INIT;
	enum exitcode		 code;
	char			*name, *text;
	size_t			 len;
	long			 delay;

	if ((code = cmd_number(call, "delay", 0, 900, -1, &delay)) != EXITCODE_OK)
		return code;
	if (strcmp(call->args[1], "-") != 0)
		text = xmemdup(call->args[1], (len = strlen(call->args[1])) + 1);
	else if (readfile("-", &text, &len, &e) == -1)
		return cmd_fail(EXITCODE_USAGE, &e);
	if (!width_valid(text, len)) {
		cmd_complain("The message is not UTF-8 text.");
		free(text);
		return EXITCODE_USAGE;
	}
	strbuf_adds(&body, "{\"body\":");
	strbuf_add_json_string(&body, text, len);
	if (delay >= 0)
		strbuf_addf(&body, ",\"delaySeconds\":%ld", delay);
	strbuf_addc(&body, '}');
	name = cmd_segment(call->args[0]);
	code = cmd_request(call, "POST", strbuf_str(&body), &answer,
	    "/v1/queues/%s/messages", name);
	if (code == EXITCODE_OK && call->json)
		code = cmd_print_answer(&answer);
	else if (code == EXITCODE_OK && trace_string(answer.json, "messageId"))
		printf("%s\n", trace_string(answer.json, "messageId"));
	client_answer_clear(&answer);
	strbuf_free(&body);
	free(name);
	free(text);
	return code;
}

static enum exitcode
acknowledge(struct cmd_call *call, const char *queue, const char *receipt)
{
	char		*name = cmd_segment(queue), *handle = cmd_segment(receipt);
	enum exitcode	 code;

	code = cmd_request(call, "DELETE", NULL, NULL,
	    "/v1/queues/%s/messages/%s", name, handle);
	free(name);
	free(handle);
	return code;
}

static void
print_message(const json_t *m)
{
	const char	*id = trace_string(m, "messageId");
	const char	*body = trace_string(m, "body");
	const char	*receipt = trace_string(m, "receiptHandle");
	const json_t	*count = json_object_get(m, "receiveCount");
	struct strbuf	 out = STRBUF_INIT;
	char		 buf[WHEN_SIZE];
	int64_t		 ms;

	strbuf_addf(&out, "%s%s", style_out(STYLE_DIM), id == NULL ? "?" : id);
	if (when_read(json_object_get(m, "sentDate"), &ms))
		strbuf_addf(&out, "  sent %s", when_full(ms, buf));
	if (json_integer_value(count) > 1)
		strbuf_addf(&out, "  received %" JSON_INTEGER_FORMAT " times",
		    json_integer_value(count));
	if (receipt != NULL)
		strbuf_addf(&out, "\nreceipt %s", receipt);
	strbuf_addf(&out, "%s\n", style_out_end());
	width_add(&out, body == NULL ? "" : body, WIDTH_ANY);
	strbuf_addc(&out, '\n');
	cmd_print(&out);
}

/* Printed first, deleted after: a message is rather seen twice than never. */
static enum exitcode
print_messages(struct cmd_call *call, const json_t *items)
{
	bool		 delete = cmd_value(call, "delete") != NULL;
	const char	*receipt;
	enum exitcode	 code = EXITCODE_OK;
	json_t		*item;
	size_t		 i;

	if (call->json)
		(void)cmd_print_items(items);
	else if (json_array_size(items) == 0)
		cmd_note("No messages.");
	else
		json_array_foreach(items, i, item)
			print_message(item);
	if (!delete || ferror(stdout))
		return code;
	json_array_foreach(items, i, item) {
		receipt = trace_string(item, "receiptHandle");
		if (receipt != NULL && code == EXITCODE_OK)
			code = acknowledge(call, call->args[0], receipt);
	}
	return code;
}

static enum exitcode
run_receive(struct cmd_call *call)
{
	struct client		*client = cmd_client(call);
	struct client_answer	 answer;
	struct err		 e = ERR_INIT;
	enum exitcode		 code;
	char			*name, *path, *body;
	long			 max, wait, visibility;

	if (client == NULL)
		return EXITCODE_USAGE;
	if ((code = cmd_number(call, "max", 1, 10, 1, &max)) != EXITCODE_OK ||
	    (code = cmd_number(call, "wait-time", 0, 20, 0, &wait)) != EXITCODE_OK ||
	    (code = cmd_number(call, "visibility", 0, 43200, -1, &visibility)) !=
	    EXITCODE_OK)
		return code;
	name = cmd_segment(call->args[0]);
	path = xasprintf("/v1/queues/%s/receive", name);
	body = visibility < 0 ?
	    xasprintf("{\"maxMessages\":%ld,\"waitSeconds\":%ld}", max, wait) :
	    xasprintf("{\"maxMessages\":%ld,\"waitSeconds\":%ld,"
	    "\"visibilityTimeoutSeconds\":%ld}", max, wait, visibility);
	code = client_call(client, "POST", path, body, (int)wait, &answer, &e);
	if (code != EXITCODE_OK)
		code = cmd_fail(code, &e);
	else
		code = print_messages(call, json_object_get(answer.json, "items"));
	client_answer_clear(&answer);
	free(name);
	free(path);
	free(body);
	return code;
}

static enum exitcode
run_ack(struct cmd_call *call)
{
	enum exitcode	 code = acknowledge(call, call->args[0], call->args[1]);

	if (code == EXITCODE_OK && !call->json)
		printf("Deleted the message\n");
	return code;
}

const struct cmd cmd_queues_send = {
	"queues send", "NAME BODY", 2, 2,
	"send a message",
	"Sends a message to a queue and prints its id. BODY may be - for "
	"standard input.",
	"pawl queues send notifications '{\"orderId\": 17}'\n",
	{ { 0, "delay", "SECONDS", "how long it stays hidden" },
	  { 0, NULL, NULL, NULL } }, run_send
};

const struct cmd cmd_queues_receive = {
	"queues receive", "NAME", 1, 1,
	"receive messages",
	"Receives messages and shows them. They stay in the queue, hidden from "
	"others for the visibility time, and come again after it unless they "
	"are deleted: at once with --delete, or later with pawl queues ack.",
	"pawl queues receive notifications --wait-time 20\n"
	"pawl queues receive notifications --max 10 --delete\n",
	{ { 0, "max", "N", "at most so many messages, 1 to 10 (default 1)" },
	  { 0, "wait-time", "SECONDS", "wait for a message, up to 20" },
	  { 0, "visibility", "SECONDS", "how long they stay hidden" },
	  { 0, "delete", NULL, "delete them after they were shown" },
	  { 0, NULL, NULL, NULL } }, run_receive
};

const struct cmd cmd_queues_ack = {
	"queues ack", "NAME RECEIPT", 2, 2,
	"delete a message that was received",
	"Deletes a message by the receipt that pawl queues receive showed.",
	"pawl queues ack notifications AQEB...\n",
	{ { 0, NULL, NULL, NULL } }, run_ack
};
