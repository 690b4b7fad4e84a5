/*
 * cli/cmd_queues.c - queues: create, ls, show, rm.
 *
 * Their messages are in cmd_messages.c.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_commands.h"
#include "style.h"
#include "trace.h"
#include "wallclock.h"
#include "when.h"

/* Options of queues create: option, member of the request, maximum. */
static const struct {
	const char	*option, *member;
	long		 max;
} attributes[] = {
	{ "visibility", "visibilityTimeoutSeconds", 43200 },
	{ "delay", "delaySeconds", 900 },
	{ "retention", "retentionSeconds", 1209600 },
	{ "wait-time", "waitSeconds", 20 }
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static enum exitcode
run_create(struct cmd_call *call)
{
	struct client_answer	 answer;
	struct strbuf		 body = STRBUF_INIT;
	enum exitcode		 code;
	char			*name;
	long			 value;
	size_t			 i;

	strbuf_addc(&body, '{');
	for (i = 0; i < COUNT(attributes); i++) {
		code = cmd_number(call, attributes[i].option, 0,
		    attributes[i].max, -1, &value);
		if (code != EXITCODE_OK) {
			strbuf_free(&body);
			return code;
		}
		if (value >= 0)
			strbuf_addf(&body, "%s\"%s\":%ld", body.len > 1 ? "," : "",
			    attributes[i].member, value);
	}
	strbuf_addc(&body, '}');
	name = cmd_segment(call->args[0]);
	code = cmd_request(call, "PUT", strbuf_str(&body), &answer,
	    "/v1/queues/%s", name);
	if (code == EXITCODE_OK && call->json)
		code = cmd_print_answer(&answer);
	else if (code == EXITCODE_OK)
		printf("%s\n", trace_string(answer.json, "queueUrl") != NULL ?
		    trace_string(answer.json, "queueUrl") : call->args[0]);
	client_answer_clear(&answer);
	strbuf_free(&body);
	free(name);
	return code;
}

static void
number_cell(struct table *t, const json_t *q, const char *name)
{
	const json_t	*n = json_object_get(q, name);

	if (json_is_integer(n) && json_integer_value(n) >= 0)
		table_cellf(t, STYLE_PLAIN, "%" JSON_INTEGER_FORMAT,
		    json_integer_value(n));
	else
		table_cell(t, STYLE_DIM, "-");
}

static enum exitcode
run_ls(struct cmd_call *call)
{
	static const struct table_column columns[] = {
		{ "NAME", false, true }, { "URL", false, true },
		{ "CREATED", true, false }
	};
	struct table	*t;
	enum exitcode	 code;
	json_t		*items, *q;
	char		 buf[WHEN_SIZE];
	int64_t		 ms;
	size_t		 i;
	bool		 more;

	code = cmd_collect(call, "/v1/queues?", 0, &items, &more);
	if (code != EXITCODE_OK)
		return code;
	if (call->json)
		code = cmd_print_items(items);
	else if (json_array_size(items) == 0)
		cmd_note("No queues. Create one with: pawl queues create NAME");
	else {
		t = table_new(columns, COUNT(columns));
		json_array_foreach(items, i, q) {
			table_cell(t, STYLE_NAME, trace_string(q, "name"));
			table_cell(t, STYLE_PLAIN, trace_string(q, "queueUrl"));
			table_cell(t, STYLE_DIM, when_read(json_object_get(q,
			    "creationDate"), &ms) ?
			    when_ago(ms, wallclock_ms(), buf) : "");
		}
		cmd_print_table(t);
	}
	json_decref(items);
	return code;
}

static void
print_one(const json_t *q)
{
	static const struct table_column columns[] = {
		{ "NAME", false, true }, { "AVAILABLE", true, false },
		{ "IN FLIGHT", true, false }, { "DELAYED", true, false },
		{ "URL", false, true }
	};
	struct table	*t = table_new(columns, COUNT(columns));

	table_cell(t, STYLE_NAME, trace_string(q, "name"));
	number_cell(t, q, "availableMessages");
	number_cell(t, q, "inFlightMessages");
	number_cell(t, q, "delayedMessages");
	table_cell(t, STYLE_DIM, trace_string(q, "queueUrl"));
	cmd_print_table(t);
}

static enum exitcode
run_show(struct cmd_call *call)
{
	struct client_answer	 answer;
	enum exitcode		 code;
	char			*name = cmd_segment(call->args[0]);

	code = cmd_request(call, "GET", NULL, &answer, "/v1/queues/%s", name);
	free(name);
	if (code == EXITCODE_OK && call->json)
		code = cmd_print_answer(&answer);
	else if (code == EXITCODE_OK)
		print_one(answer.json);
	client_answer_clear(&answer);
	return code;
}

static enum exitcode
run_rm(struct cmd_call *call)
{
	char		*name = cmd_segment(call->args[0]);
	enum exitcode	 code;

	code = cmd_request(call, "DELETE", NULL, NULL, "/v1/queues/%s", name);
	free(name);
	if (code == EXITCODE_OK && !call->json)
		printf("Deleted %s\n", call->args[0]);
	return code;
}

const struct cmd cmd_queues_create = {
	"queues create", "NAME", 1, 1,
	"create a queue, or change its settings",
	"Creates a queue, or changes the settings of one, and prints its URL, "
	"which is what a task gives as QueueUrl to sqs:sendMessage.",
	"pawl queues create notifications\n"
	"pawl queues create slow --visibility 600 --delay 5\n",
	{ { 0, "visibility", "SECONDS", "how long a received message stays "
	    "hidden from others" },
	  { 0, "delay", "SECONDS", "how long a new message stays hidden" },
	  { 0, "retention", "SECONDS", "how long a message is kept" },
	  { 0, "wait-time", "SECONDS", "how long a receive waits for a message" },
	  { 0, NULL, NULL, NULL } }, run_create
};

const struct cmd cmd_queues_ls = {
	"queues ls", "", 0, 0,
	"list the queues",
	"Lists all queues by name. pawl queues show counts their messages.",
	"pawl queues ls\n",
	{ { 0, NULL, NULL, NULL } }, run_ls
};

const struct cmd cmd_queues_show = {
	"queues show", "NAME", 1, 1,
	"show one queue and how many messages it holds",
	"Shows a queue: messages that can be received, that were received and "
	"not deleted yet, and that are still delayed.",
	"pawl queues show notifications\n",
	{ { 0, NULL, NULL, NULL } }, run_show
};

const struct cmd cmd_queues_rm = {
	"queues rm", "NAME", 1, 1,
	"delete a queue and its messages",
	"Deletes a queue and every message in it.",
	"pawl queues rm notifications\n",
	{ { 0, NULL, NULL, NULL } }, run_rm
};
