/*
 * cli/cmd_status.c - how the server is.
 *
 * Shows whatever /v1/status answers, so that it need not know its members.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asl.h"
#include "cmd_commands.h"
#include "style.h"
#include "width.h"
#include "xmalloc.h"

#define DEPTH_MAX 8

static void
flatten(struct table *t, const char *prefix, const json_t *value, int depth)
{
	const char	*key;
	json_t		*member;
	char		*name, *text;

	if (json_is_object(value) && depth < DEPTH_MAX) {
		json_object_foreach((json_t *)(uintptr_t)value, key, member) {
			name = xasprintf("%s%s%s", prefix, prefix[0] != '\0' ?
			    "." : "", key);
			flatten(t, name, member, depth + 1);
			free(name);
		}
		return;
	}
	table_cell(t, STYLE_DIM, prefix);
	if (json_is_string(value))
		table_cell(t, STYLE_PLAIN, json_string_value(value));
	else {
		text = jsontext_string(value, NULL);
		table_cell(t, STYLE_PLAIN, text);
		free(text);
	}
}

static enum exitcode
run(struct cmd_call *call)
{
	static const struct table_column columns[] = {
		{ "WHAT", false, false }, { "IS", false, true }
	};
	struct client_answer	 answer;
	struct table		*t;
	enum exitcode		 code;

	code = cmd_request(call, "GET", NULL, &answer, "/v1/status");
	if (code == EXITCODE_OK && call->json)
		code = cmd_print_answer(&answer);
	else if (code == EXITCODE_OK) {
		t = table_new(columns, 2);
		table_cell(t, STYLE_DIM, "server");
		table_cell(t, STYLE_PLAIN, cmd_server_url(call));
		flatten(t, "", answer.json, 0);
		cmd_print_table(t);
	}
	client_answer_clear(&answer);
	return code;
}

const struct cmd cmd_status = {
	"status", "", 0, 0,
	"show how the server is",
	"Asks the server for its version, its database and its processes.",
	"pawl status\n"
	"# wait for it to come up\n"
	"until pawl status; do sleep 1; done\n",
	{ { 0, NULL, NULL, NULL } }, run
};
