/*
 * cli/pawl.c - the operator's command line: finds the command and runs it.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "cmd_commands.h"
#include "help.h"
#include "options.h"
#include "style.h"

static enum exitcode
globals(struct cmd_call *call)
{
	const char	*color = call->globals[CMD_COLOR];
	const char	*format = call->globals[CMD_FORMAT];

	if (color == NULL || strcmp(color, "auto") == 0)
		style_init(STYLE_AUTO);
	else if (strcmp(color, "always") == 0)
		style_init(STYLE_ALWAYS);
	else if (strcmp(color, "never") == 0)
		style_init(STYLE_NEVER);
	else {
		cmd_complain("--color is auto, always or never, not '%s'.", color);
		return EXITCODE_USAGE;
	}
	if (format != NULL && strcmp(format, "json") != 0 &&
	    strcmp(format, "table") != 0) {
		cmd_complain("-o is json or table, not '%s'.", format);
		return EXITCODE_USAGE;
	}
	call->json = format != NULL && strcmp(format, "json") == 0;
	return EXITCODE_OK;
}

static enum exitcode
show_help(const struct cmd_call *call)
{
	struct strbuf	 out = STRBUF_INIT;

	if (call->cmd != NULL)
		help_command(&out, call->cmd);
	else if (call->group != NULL)
		help_group(&out, call->group);
	else
		help_overview(&out);
	cmd_print(&out);
	return EXITCODE_OK;
}

/* "pawl" or "pawl machine" alone: shows what could follow, but is a mistake. */
static enum exitcode
incomplete(const struct cmd_call *call)
{
	struct strbuf	 out = STRBUF_INIT;

	if (call->group != NULL) {
		cmd_complain("'pawl %s' needs a command after it.", call->group);
		help_group(&out, call->group);
	} else
		help_overview(&out);
	fputs(strbuf_str(&out), stderr);
	strbuf_free(&out);
	return EXITCODE_USAGE;
}

static enum exitcode
run(struct cmd_call *call, int argc, char **argv)
{
	struct err	 e = ERR_INIT;
	enum exitcode	 code;

	if (options_parse(call, argc, argv, &e) == -1)
		return cmd_fail(EXITCODE_USAGE, &e);
	if ((code = globals(call)) != EXITCODE_OK)
		return code;
	if (call->globals[CMD_HELP] != NULL)
		return show_help(call);
	if (call->globals[CMD_VERSION] != NULL)
		return cmd_version.run(call);
	if (call->cmd == NULL)
		return incomplete(call);
	return call->cmd->run(call);
}

int
main(int argc, char **argv)
{
	struct cmd_call	 call;
	enum exitcode	 code;
	bool		 lost;

	memset(&call, 0, sizeof(call));
	style_init(STYLE_AUTO);
	code = run(&call, argc - 1, argv + 1);
	cmd_close(&call);
	errno = 0;
	lost = fflush(stdout) != 0 || ferror(stdout);
	if (lost && code == EXITCODE_OK) {
		cmd_complain("Cannot write the output%s%s.",
		    errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
		code = EXITCODE_FAILED;
	}
	return (int)code;
}
