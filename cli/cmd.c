/*
 * cli/cmd.c - the list of commands, and what they share.
 *
 * To add a command: cli/cmd_NAME.c with one struct cmd, a line in
 * cmd_commands.h, a line in cmd_list below, a line in Makefile.am, then write
 * the manual anew: pawl help --markdown > docs/cli.md.
 */

#include "cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asl.h"
#include "caret.h"
#include "cmd_commands.h"
#include "execid.h"
#include "pretty.h"
#include "readfile.h"
#include "style.h"
#include "width.h"
#include "xmalloc.h"

#define PAGE_MAX	1000	/* items the server gives at once */
#define PAGES_MAX	10000	/* against a server that never comes to an end */

const struct cmd_option cmd_global_options[] = {
	[CMD_URL] = { 0, "url", "URL", "address of the server, else $PAWL_URL, "
	    "else what client.json says" },
	[CMD_KEY] = { 0, "key", "KEY", "API key, else $PAWL_KEY, else that of "
	    "client.json" },
	[CMD_DATA] = { 0, "data", "DIR", "data folder of the server, where "
	    "client.json is, else $PAWL_DATA" },
	[CMD_FORMAT] = { 'o', "format", "FORMAT", "json: what the server "
	    "answered, for programs; table: for people (default)" },
	[CMD_COLOR] = { 0, "color", "WHEN", "auto (on a terminal, unless "
	    "$NO_COLOR is set), always or never" },
	[CMD_HELP] = { 'h', "help", NULL, "explain the command" },
	[CMD_VERSION] = { 0, "version", NULL, "print the version" },
	{ 0, NULL, NULL, NULL }
};

const struct cmd *const cmd_list[] = {
	&cmd_machine_create, &cmd_machine_update, &cmd_machine_ls,
	&cmd_machine_show, &cmd_machine_rm, &cmd_validate, &cmd_test_state,
	&cmd_start, &cmd_ls, &cmd_show, &cmd_history, &cmd_stop,
	&cmd_approve, &cmd_reject,
	&cmd_functions_set, &cmd_functions_ls, &cmd_functions_show,
	&cmd_functions_rm,
	&cmd_queues_create, &cmd_queues_ls, &cmd_queues_show, &cmd_queues_rm,
	&cmd_queues_send, &cmd_queues_receive, &cmd_queues_ack,
	&cmd_status, &cmd_help, &cmd_version,
	NULL
};

const struct cmd *
cmd_find(const char *name)
{
	size_t	 i;

	for (i = 0; cmd_list[i] != NULL; i++)
		if (strcmp(cmd_list[i]->name, name) == 0)
			return cmd_list[i];
	return NULL;
}

const char *
cmd_value(const struct cmd_call *call, const char *option)
{
	size_t	 i;

	for (i = 0; call->cmd->options[i].name != NULL; i++)
		if (strcmp(call->cmd->options[i].name, option) == 0)
			return call->values[i];
	return NULL;
}

enum exitcode
cmd_number(const struct cmd_call *call, const char *option, long min, long max,
    long fallback, long *value)
{
	const char	*text = cmd_value(call, option);
	char		*end;

	*value = fallback;
	if (text == NULL)
		return EXITCODE_OK;
	errno = 0;
	*value = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || *value < min ||
	    *value > max)
		return cmd_misuse(call, "--%s must be a whole number from %ld "
		    "to %ld, not '%s'.", option, min, max, text);
	return EXITCODE_OK;
}

/* ---- what goes wrong ---- */

static void
complain(const char *text)
{
	struct strbuf	 out = STRBUF_INIT;
	const char	*p = text, *nl;
	char		*line;

	strbuf_addf(&out, "%spawl:%s ", style_err(STYLE_BAD), style_err_end());
	while ((nl = strchr(p, '\n')) != NULL) {
		line = xstrndup(p, (size_t)(nl - p));
		width_add(&out, line, WIDTH_ANY);
		strbuf_adds(&out, "\n  ");
		free(line);
		p = nl + 1;
	}
	width_add(&out, p, WIDTH_ANY);
	fflush(stdout);
	fprintf(stderr, "%s\n", strbuf_str(&out));
	strbuf_free(&out);
}

void
cmd_complain(const char *fmt, ...)
{
	va_list	 ap;
	char	*text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	complain(text);
	free(text);
}

enum exitcode
cmd_misuse(const struct cmd_call *call, const char *fmt, ...)
{
	va_list	 ap;
	char	*text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	cmd_complain("%s (pawl help %s explains.)", text, call->cmd->name);
	free(text);
	return EXITCODE_USAGE;
}

/* What helps, by the server's name of the error. */
static const char *
hint_for(const char *code)
{
	static const struct {
		const char	*code, *hint;
	} hints[] = {
		{ "StateMachineDoesNotExist",
		    "pawl machine ls shows those there are." },
		{ "ExecutionDoesNotExist", "pawl ls shows those there are." },
		{ "ExecutionAlreadyExists",
		    "Choose another --name, or leave it out for a new one." },
		{ "StateMachineAlreadyExists",
		    "pawl machine update changes its definition." },
		{ "FunctionDoesNotExist",
		    "pawl functions ls shows those there are." },
		{ "QueueDoesNotExist", "pawl queues ls shows those there are." },
		{ "TaskTimedOut", "The task does not wait any more." },
		{ "Unavailable", "It is up but cannot serve now; try again." }
	};
	size_t	 i;

	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strcmp(code, hints[i].code) == 0)
			return hints[i].hint;
	return NULL;
}

enum exitcode
cmd_fail(enum exitcode code, struct err *e)
{
	const char	*hint = hint_for(e->code);
	bool		 ours = strcmp(e->code, "Unreachable") == 0 ||
			    strcmp(e->code, "Refused") == 0 ||
			    strcmp(e->code, "NotPawld") == 0 ||
			    strcmp(e->code, "Usage") == 0 ||
			    strcmp(e->code, "CannotRead") == 0 ||
			    strcmp(e->code, "Interrupted") == 0;

	if (ours)
		cmd_complain("%s", e->text);
	else
		cmd_complain("%s (%s)%s%s", e->text, e->code,
		    hint != NULL ? "\n" : "", hint != NULL ? hint : "");
	err_clear(e);
	return code;
}

/* ---- the server ---- */

struct client *
cmd_client(struct cmd_call *call)
{
	struct err	 e = ERR_INIT;

	if (call->client != NULL)
		return call->client;
	if (server_find(&call->server, call->globals[CMD_URL],
	    call->globals[CMD_KEY], call->globals[CMD_DATA], &e) == -1) {
		(void)cmd_fail(EXITCODE_USAGE, &e);
		return NULL;
	}
	call->client = client_new(&call->server);
	return call->client;
}

const char *
cmd_server_url(const struct cmd_call *call)
{
	return call->server.url;
}

void
cmd_close(struct cmd_call *call)
{
	client_free(call->client);
	call->client = NULL;
	server_clear(&call->server);
	free(call->args);
}

enum exitcode
cmd_request(struct cmd_call *call, const char *method, const char *body,
    struct client_answer *answer, const char *fmt, ...)
{
	struct client	*client = cmd_client(call);
	struct err	 e = ERR_INIT;
	enum exitcode	 code;
	va_list		 ap;
	char		*path;

	if (answer != NULL)
		memset(answer, 0, sizeof(*answer));
	if (client == NULL)
		return EXITCODE_USAGE;
	va_start(ap, fmt);
	path = xvasprintf(fmt, ap);
	va_end(ap);
	code = client_call(client, method, path, body, 0, answer, &e);
	free(path);
	return code == EXITCODE_OK ? code : cmd_fail(code, &e);
}

enum exitcode
cmd_collect(struct cmd_call *call, const char *path, size_t limit,
    json_t **items, bool *more)
{
	struct client_answer	 page;
	struct strbuf		 token = STRBUF_INIT;
	const char		*next;
	enum exitcode		 code;
	size_t			 want, pages = 0;

	*items = json_array();
	*more = false;
	do {
		want = limit == 0 || limit - json_array_size(*items) > PAGE_MAX ?
		    PAGE_MAX : limit - json_array_size(*items);
		code = cmd_request(call, "GET", NULL, &page, "%s&limit=%zu%s%s",
		    path, want, token.len > 0 ? "&nextToken=" : "",
		    strbuf_str(&token));
		if (code != EXITCODE_OK)
			break;
		json_array_extend(*items, json_object_get(page.json, "items"));
		next = json_string_value(json_object_get(page.json, "nextToken"));
		strbuf_reset(&token);
		if (next != NULL)
			execid_escape(&token, next);
		client_answer_clear(&page);
		*more = token.len > 0;
	} while (*more && ++pages < PAGES_MAX &&
	    (limit == 0 || json_array_size(*items) < limit));
	strbuf_free(&token);
	if (code != EXITCODE_OK) {
		json_decref(*items);
		*items = NULL;
	}
	return code;
}

char *
cmd_segment(const char *text)
{
	struct strbuf	 out = STRBUF_INIT;

	execid_escape(&out, text);
	return strbuf_take(&out, NULL);
}

char *
cmd_execution(const struct cmd_call *call, const char *text)
{
	if (!execid_valid(text)) {
		(void)cmd_misuse(call, "'%s' is no execution: write "
		    "MACHINE:NAME or its ARN; pawl ls shows them.", text);
		return NULL;
	}
	return cmd_segment(text);
}

/* ---- JSON from the user ---- */

enum exitcode
cmd_bad_json(const char *what, const char *text, size_t len)
{
	struct strbuf	 out = STRBUF_INIT;
	struct err	 e = ERR_INIT;
	size_t		 at = 0;
	int		 line, column;

	if (jsontext_check(text, len, &at, &e) == 0)
		return EXITCODE_OK;
	caret_place(text, len, at, &line, &column);
	cmd_complain("%s is not valid JSON, at line %d, column %d: %s", what,
	    line, column, e.text);
	caret_show(&out, text, len, line, column, 0, true);
	fputs(strbuf_str(&out), stderr);
	strbuf_free(&out);
	err_clear(&e);
	return EXITCODE_FAILED;
}

enum exitcode
cmd_json_input(const struct cmd_call *call, const char *text_option,
    const char *file, char **text, size_t *len)
{
	const char	*given = cmd_value(call, text_option);
	struct err	 e = ERR_INIT;
	char		*what;
	enum exitcode	 code;

	*text = NULL;
	*len = 0;
	if (given != NULL && file != NULL)
		return cmd_misuse(call, "Give either --%s or a file, not both.",
		    text_option);
	if (given == NULL && file == NULL)
		return EXITCODE_OK;
	if (file != NULL && readfile(file, text, len, &e) == -1)
		return cmd_fail(EXITCODE_USAGE, &e);
	if (given != NULL) {
		*text = xstrdup(given);
		*len = strlen(given);
		what = xasprintf("The value of --%s", text_option);
	} else
		what = xstrdup(strcmp(file, "-") == 0 ? "Standard input" : file);
	if ((code = cmd_bad_json(what, *text, *len)) != EXITCODE_OK) {
		free(*text);
		*text = NULL;
	}
	free(what);
	return code;
}

/* ---- output ---- */

void
cmd_print(struct strbuf *out)
{
	fwrite(strbuf_str(out), 1, out->len, stdout);
	fflush(stdout);
	strbuf_free(out);
}

void
cmd_print_table(struct table *table)
{
	struct strbuf	 out = STRBUF_INIT;

	table_print(table, style_columns(), &out);
	table_free(table);
	cmd_print(&out);
}

enum exitcode
cmd_print_answer(const struct client_answer *answer)
{
	struct strbuf	 out = STRBUF_INIT;

	if (answer->text == NULL)
		strbuf_adds(&out, "{}\n");
	else
		pretty_text(&out, answer->text, answer->len, 0);
	cmd_print(&out);
	return EXITCODE_OK;
}

enum exitcode
cmd_print_items(const json_t *items)
{
	struct strbuf	 out = STRBUF_INIT;
	json_t		*root = json_object();

	json_object_set(root, "items", (json_t *)(uintptr_t)items);
	pretty_json(&out, root, 0);
	json_decref(root);
	cmd_print(&out);
	return EXITCODE_OK;
}

void
cmd_note(const char *fmt, ...)
{
	va_list	 ap;
	char	*text;

	if (!style_terminal_err())
		return;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	fflush(stdout);
	fprintf(stderr, "%s%s%s\n", style_err(STYLE_DIM), text, style_err_end());
	free(text);
}
