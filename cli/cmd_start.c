/*
 * cli/cmd_start.c - start an execution, and stay with it if wanted.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_commands.h"
#include "execid.h"
#include "follow.h"
#include "trace.h"
#include "xmalloc.h"

static enum exitcode
started(struct cmd_call *call, const struct client_answer *answer)
{
	const char	*arn = trace_string(answer->json, "executionArn");
	bool		 wait = cmd_value(call, "wait") != NULL;
	bool		 follow = cmd_value(call, "follow") != NULL;
	char		*shown, *id;
	enum exitcode	 code = EXITCODE_OK;

	if (arn == NULL) {
		cmd_complain("The server started it but gave no executionArn.");
		return EXITCODE_SERVER;
	}
	shown = execid_short(arn);
	id = cmd_segment(shown);
	if (wait || follow) {
		fprintf(stderr, "Started %s\n", shown);
		code = follow ? follow_events(call, id) : follow_wait(call, id);
	} else if (call->json)
		code = cmd_print_answer(answer);
	else {
		printf("%s\n", shown);
		cmd_note("Started. Follow it with: pawl history %s --follow",
		    shown);
	}
	free(shown);
	free(id);
	return code;
}

static enum exitcode
run(struct cmd_call *call)
{
	struct client_answer	 answer;
	struct strbuf		 body = STRBUF_INIT;
	const char		*name = cmd_value(call, "name");
	const char		*file = cmd_value(call, "input-file");
	char			*input, *machine;
	enum exitcode		 code;
	size_t			 len;

	if (call->nargs == 2 && strcmp(call->args[1], "-") != 0)
		return cmd_misuse(call, "'%s' is one argument too many; a file "
		    "with the input is given with -i.", call->args[1]);
	if (call->nargs == 2 && file != NULL)
		return cmd_misuse(call, "Give either -i or -, not both.");
	if (call->nargs == 2)
		file = "-";
	code = cmd_json_input(call, "input", file, &input, &len);
	if (code != EXITCODE_OK)
		return code;
	strbuf_adds(&body, "{\"input\":");
	strbuf_adds(&body, input == NULL ? "{}" : input);
	if (name != NULL) {
		strbuf_adds(&body, ",\"name\":");
		strbuf_add_json_string(&body, name, strlen(name));
	}
	strbuf_addc(&body, '}');
	machine = cmd_segment(call->args[0]);
	code = cmd_request(call, "POST", strbuf_str(&body), &answer,
	    "/v1/machines/%s/executions", machine);
	if (code == EXITCODE_OK)
		code = started(call, &answer);
	client_answer_clear(&answer);
	strbuf_free(&body);
	free(machine);
	free(input);
	return code;
}

const struct cmd cmd_start = {
	"start", "MACHINE [-]", 1, 2,
	"start an execution of a state machine",
	"Starts an execution with the input that is given as JSON with --input, "
	"in a file with -i, or on standard input with -; without any of them "
	"the input is {}. Prints the new execution as MACHINE:NAME.\n\n"
	"With --wait it stays until the execution has ended and prints the "
	"output, and nothing else, on standard output. With --follow it shows "
	"every event as it happens, and the links of tasks that wait for a "
	"person. Both end with 0 if the execution succeeded and with 1 if it "
	"did not. With -o json, --wait prints the description of the ended "
	"execution and --follow one event on each line.\n\n"
	"A --name makes the start repeatable: a second start with the same name "
	"and input finds the first one while it runs.",
	"pawl start order --input '{\"orderId\": 17}' --follow\n"
	"pawl start order -i order.json --name order-17\n"
	"# the result for the next program\n"
	"generate-order | pawl start order - --wait | jq .total\n",
	{ { 0, "input", "JSON", "the input" },
	  { 'i', "input-file", "FILE", "a file with the input; - for standard input" },
	  { 0, "name", "NAME", "name of the execution (default: a new one)" },
	  { 'w', "wait", NULL, "wait until it ends; print the output" },
	  { 'f', "follow", NULL, "show events until it ends" },
	  { 0, NULL, NULL, NULL } }, run
};
