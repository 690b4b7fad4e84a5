/*
 * cli/cmd_machine.c - state machines: create, update, ls, show, rm.
 */

#include <stdlib.h>
#include <string.h>

#include "cmd_commands.h"
#include "execid.h"
#include "findings_show.h"
#include "pretty.h"
#include "readfile.h"
#include "style.h"
#include "trace.h"
#include "wallclock.h"
#include "when.h"
#include "width.h"

/* The definition's text, checked to be JSON. */
static enum exitcode
read_definition(const char *file, char **text, size_t *len)
{
	struct err	 e = ERR_INIT;
	enum exitcode	 code;

	if (readfile(file, text, len, &e) == -1)
		return cmd_fail(EXITCODE_USAGE, &e);
	code = cmd_bad_json(strcmp(file, "-") == 0 ? "Standard input" : file,
	    *text, *len);
	if (code != EXITCODE_OK)
		free(*text);
	return code;
}

/* {"name":NAME?,"definition":TEXT,"roleArn":ROLE?}, the text as it is. */
static void
request_body(struct strbuf *out, const struct cmd_call *call, bool create,
    const char *text)
{
	const char	*role = cmd_value(call, "role");

	strbuf_adds(out, "{\"definition\":");
	strbuf_adds(out, text);
	if (create) {
		strbuf_adds(out, ",\"name\":");
		strbuf_add_json_string(out, call->args[0], strlen(call->args[0]));
	}
	if (role != NULL) {
		strbuf_adds(out, ",\"roleArn\":");
		strbuf_add_json_string(out, role, strlen(role));
	}
	strbuf_addc(out, '}');
}

/* A definition that was refused is shown with the places of its faults. */
static enum exitcode
refused(enum exitcode code, struct err *e, const char *file, const char *text,
    size_t len)
{
	struct strbuf	 out = STRBUF_INIT;

	if (strcmp(e->code, "InvalidDefinition") != 0)
		return cmd_fail(code, e);
	findings_show_text(&out, file, text, len, true);
	fputs(strbuf_str(&out), stderr);
	strbuf_free(&out);
	(void)cmd_fail(code, e);
	return EXITCODE_FAILED;
}

static enum exitcode
put(struct cmd_call *call, bool create)
{
	struct client		*client = cmd_client(call);
	struct client_answer	 answer;
	struct strbuf		 body = STRBUF_INIT, path = STRBUF_INIT;
	struct err		 e = ERR_INIT;
	const char		*file = call->args[1];
	enum exitcode		 code;
	size_t			 len;
	char			*text;

	if (client == NULL)
		return EXITCODE_USAGE;
	if ((code = read_definition(file, &text, &len)) != EXITCODE_OK)
		return code;
	request_body(&body, call, create, text);
	strbuf_adds(&path, "/v1/machines");
	if (!create) {
		strbuf_addc(&path, '/');
		execid_escape(&path, call->args[0]);
	}
	code = client_call(client, create ? "POST" : "PUT", strbuf_str(&path),
	    strbuf_str(&body), 0, &answer, &e);
	strbuf_free(&body);
	strbuf_free(&path);
	if (code != EXITCODE_OK)
		code = refused(code, &e, file, text, len);
	else if (call->json)
		code = cmd_print_answer(&answer);
	else {
		printf("%s %s\n", create ? "Created" : "Updated",
		    execid_last(call->args[0]));
		if (create)
			cmd_note("Start it with: pawl start %s --input '{}' "
			    "--follow", call->args[0]);
	}
	client_answer_clear(&answer);
	free(text);
	return code;
}

static enum exitcode
run_create(struct cmd_call *call)
{
	return put(call, true);
}

static enum exitcode
run_update(struct cmd_call *call)
{
	return put(call, false);
}

static enum exitcode
run_ls(struct cmd_call *call)
{
	static const struct table_column columns[] = {
		{ "NAME", false, true }, { "TYPE", false, false },
		{ "CREATED", true, false }
	};
	struct table	*table;
	enum exitcode	 code;
	json_t		*items, *item;
	char		 buf[WHEN_SIZE];
	int64_t		 ms;
	size_t		 i;
	bool		 more;

	code = cmd_collect(call, "/v1/machines?", 0, &items, &more);
	if (code != EXITCODE_OK)
		return code;
	if (call->json)
		code = cmd_print_items(items);
	else if (json_array_size(items) == 0)
		cmd_note("No state machines. Create one with: pawl machine "
		    "create NAME FILE");
	else {
		table = table_new(columns, 3);
		json_array_foreach(items, i, item) {
			table_cell(table, STYLE_NAME, trace_string(item, "name"));
			table_cell(table, STYLE_PLAIN, trace_string(item, "type"));
			table_cell(table, STYLE_DIM, when_read(json_object_get(
			    item, "creationDate"), &ms) ?
			    when_ago(ms, wallclock_ms(), buf) : "");
		}
		cmd_print_table(table);
	}
	json_decref(items);
	return code;
}

static void
show_field(struct strbuf *out, const char *title, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	strbuf_addf(out, "%s%-11s%s", style_out(STYLE_DIM), title,
	    style_out_end());
	width_add(out, value, WIDTH_ANY);
	strbuf_addc(out, '\n');
}

static enum exitcode
run_show(struct cmd_call *call)
{
	struct client_answer	 answer;
	struct strbuf		 out = STRBUF_INIT;
	char			*name = cmd_segment(call->args[0]);
	char			 buf[WHEN_SIZE];
	const json_t		*definition;
	enum exitcode		 code;
	int64_t			 ms;

	code = cmd_request(call, "GET", NULL, &answer, "/v1/machines/%s", name);
	free(name);
	if (code != EXITCODE_OK)
		return code;
	definition = json_object_get(answer.json, "definition");
	if (cmd_value(call, "definition") != NULL)
		pretty_json(&out, definition, 0);
	else if (call->json)
		(void)cmd_print_answer(&answer);
	else {
		show_field(&out, "name", trace_string(answer.json, "name"));
		show_field(&out, "type", trace_string(answer.json, "type"));
		show_field(&out, "status", trace_string(answer.json, "status"));
		if (when_read(json_object_get(answer.json, "creationDate"), &ms))
			show_field(&out, "created", when_full(ms, buf));
		show_field(&out, "revision",
		    trace_string(answer.json, "revisionId"));
		show_field(&out, "role", trace_string(answer.json, "roleArn"));
		show_field(&out, "arn",
		    trace_string(answer.json, "stateMachineArn"));
		strbuf_addc(&out, '\n');
		pretty_json(&out, definition, 0);
	}
	cmd_print(&out);
	client_answer_clear(&answer);
	return EXITCODE_OK;
}

static enum exitcode
run_rm(struct cmd_call *call)
{
	char		*name = cmd_segment(call->args[0]);
	enum exitcode	 code;

	code = cmd_request(call, "DELETE", NULL, NULL, "/v1/machines/%s", name);
	free(name);
	if (code == EXITCODE_OK && !call->json)
		printf("Deleted %s\n", execid_last(call->args[0]));
	return code;
}

#define ROLE_OPTION { 0, "role", "ARN", "roleArn to keep with the machine" }

const struct cmd cmd_machine_create = {
	"machine create", "NAME FILE", 2, 2,
	"create a state machine from a definition",
	"Reads a definition in the Amazon States Language (JSON) from FILE, or "
	"from standard input if FILE is -, and creates a state machine of that "
	"NAME. Doing so again with the same definition changes nothing.\n\n"
	"A definition with errors is refused; they are shown with their lines.",
	"pawl machine create order order.asl.json\n"
	"# from another program\n"
	"make-definition | pawl machine create order -\n",
	{ ROLE_OPTION, { 0, NULL, NULL, NULL } }, run_create
};

const struct cmd cmd_machine_update = {
	"machine update", "NAME FILE", 2, 2,
	"give a state machine another definition",
	"Replaces the definition of a state machine, or creates it if there is "
	"none of that NAME. Executions that run keep the definition they were "
	"started with. FILE may be - for standard input.",
	"pawl machine update order order.asl.json\n",
	{ ROLE_OPTION, { 0, NULL, NULL, NULL } }, run_update
};

const struct cmd cmd_machine_ls = {
	"machine ls", "", 0, 0,
	"list the state machines",
	"Lists all state machines by name.",
	"pawl machine ls\n"
	"# their names alone\n"
	"pawl machine ls -o json | jq -r '.items[].name'\n",
	{ { 0, NULL, NULL, NULL } }, run_ls
};

const struct cmd cmd_machine_show = {
	"machine show", "NAME", 1, 1,
	"show a state machine and its definition",
	"Shows what is known about a state machine, and its definition.",
	"pawl machine show order\n"
	"# the definition alone, into a file\n"
	"pawl machine show order --definition > order.asl.json\n",
	{ { 0, "definition", NULL, "print the definition and nothing else" },
	  { 0, NULL, NULL, NULL } }, run_show
};

const struct cmd cmd_machine_rm = {
	"machine rm", "NAME", 1, 1,
	"delete a state machine",
	"Deletes a state machine. No execution can be started of it any more; "
	"those that run go on to their end, and all histories stay.",
	"pawl machine rm order\n",
	{ { 0, NULL, NULL, NULL } }, run_rm
};
