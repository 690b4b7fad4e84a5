/*
 * cli/cmd_functions.c - functions that tasks call: set, ls, show, rm.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_commands.h"
#include "style.h"
#include "trace.h"

#define TIMEOUT_MAX_S 86400

static enum exitcode
run_set(struct cmd_call *call)
{
	struct client_answer	 answer;
	struct strbuf		 body = STRBUF_INIT;
	enum exitcode		 code;
	char			*name;
	long			 timeout_s;

	if ((code = cmd_number(call, "timeout", 1, TIMEOUT_MAX_S, 0,
	    &timeout_s)) != EXITCODE_OK)
		return code;
	strbuf_adds(&body, "{\"url\":");
	strbuf_add_json_string(&body, call->args[1], strlen(call->args[1]));
	if (timeout_s != 0)
		strbuf_addf(&body, ",\"timeoutSeconds\":%ld", timeout_s);
	strbuf_addc(&body, '}');
	name = cmd_segment(call->args[0]);
	code = cmd_request(call, "PUT", strbuf_str(&body), &answer,
	    "/v1/functions/%s", name);
	if (code == EXITCODE_OK && call->json)
		code = cmd_print_answer(&answer);
	else if (code == EXITCODE_OK)
		printf("%s is called at %s\n", call->args[0], call->args[1]);
	client_answer_clear(&answer);
	strbuf_free(&body);
	free(name);
	return code;
}

static void
add_row(struct table *table, const json_t *f)
{
	const json_t	*timeout = json_object_get(f, "timeoutSeconds");

	table_cell(table, STYLE_NAME, trace_string(f, "name"));
	table_cell(table, STYLE_PLAIN, trace_string(f, "url"));
	if (json_is_number(timeout) && json_number_value(timeout) > 0)
		table_cellf(table, STYLE_PLAIN, "%g s",
		    json_number_value(timeout));
	else
		table_cell(table, STYLE_DIM, "default");
}

static struct table *
table(void)
{
	static const struct table_column columns[] = {
		{ "NAME", false, true }, { "URL", false, true },
		{ "TIME LIMIT", true, false }
	};

	return table_new(columns, sizeof(columns) / sizeof(columns[0]));
}

static enum exitcode
run_ls(struct cmd_call *call)
{
	struct table	*t;
	enum exitcode	 code;
	json_t		*items, *item;
	size_t		 i;
	bool		 more;

	code = cmd_collect(call, "/v1/functions?", 0, &items, &more);
	if (code != EXITCODE_OK)
		return code;
	if (call->json)
		code = cmd_print_items(items);
	else if (json_array_size(items) == 0)
		cmd_note("No functions. Register one with: pawl functions set "
		    "NAME URL");
	else {
		t = table();
		json_array_foreach(items, i, item)
			add_row(t, item);
		cmd_print_table(t);
	}
	json_decref(items);
	return code;
}

static enum exitcode
run_show(struct cmd_call *call)
{
	struct client_answer	 answer;
	struct table		*t;
	enum exitcode		 code;
	char			*name = cmd_segment(call->args[0]);

	code = cmd_request(call, "GET", NULL, &answer, "/v1/functions/%s", name);
	free(name);
	if (code == EXITCODE_OK && call->json)
		code = cmd_print_answer(&answer);
	else if (code == EXITCODE_OK) {
		t = table();
		add_row(t, answer.json);
		cmd_print_table(t);
	}
	client_answer_clear(&answer);
	return code;
}

static enum exitcode
run_rm(struct cmd_call *call)
{
	char		*name = cmd_segment(call->args[0]);
	enum exitcode	 code;

	code = cmd_request(call, "DELETE", NULL, NULL, "/v1/functions/%s", name);
	free(name);
	if (code == EXITCODE_OK && !call->json)
		printf("Deleted %s\n", call->args[0]);
	return code;
}

const struct cmd cmd_functions_set = {
	"functions set", "NAME URL", 2, 2,
	"say at which URL a function is called",
	"Registers a function, or changes where it is. A task with the resource "
	"arn:aws:lambda:REGION:ACCOUNT:function:NAME, or lambda:invoke with that "
	"name, then POSTs its input as JSON to URL and takes the answer as its "
	"result.",
	"pawl functions set credit http://127.0.0.1:9000/credit\n"
	"pawl functions set report https://reports.example/run --timeout 600\n",
	{ { 0, "timeout", "SECONDS", "time limit of one call, 1 to 86400" },
	  { 0, NULL, NULL, NULL } }, run_set
};

const struct cmd cmd_functions_ls = {
	"functions ls", "", 0, 0,
	"list the functions",
	"Lists all registered functions by name.",
	"pawl functions ls\n",
	{ { 0, NULL, NULL, NULL } }, run_ls
};

const struct cmd cmd_functions_show = {
	"functions show", "NAME", 1, 1,
	"show one function",
	"Shows where a function is called.",
	"pawl functions show credit\n",
	{ { 0, NULL, NULL, NULL } }, run_show
};

const struct cmd cmd_functions_rm = {
	"functions rm", "NAME", 1, 1,
	"forget a function",
	"Forgets a function. Tasks that call it from now on fail with "
	"Lambda.ResourceNotFoundException.",
	"pawl functions rm credit\n",
	{ { 0, NULL, NULL, NULL } }, run_rm
};
