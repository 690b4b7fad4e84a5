/*
 * cli/cmd_help.c - pawl help.
 */

#include <stdlib.h>
#include <string.h>

#include "cmd_commands.h"
#include "help.h"
#include "suggest.h"
#include "xmalloc.h"

static bool
is_group(const char *word)
{
	size_t	 i, len = strlen(word);

	for (i = 0; cmd_list[i] != NULL; i++)
		if (strncmp(cmd_list[i]->name, word, len) == 0 &&
		    cmd_list[i]->name[len] == ' ')
			return true;
	return false;
}

/* A command, a group or a topic. */
static bool
explain(struct strbuf *out, const char *words)
{
	const struct cmd	*cmd = cmd_find(words);

	if (cmd != NULL)
		help_command(out, cmd);
	else if (is_group(words))
		help_group(out, words);
	else
		return help_topic(out, words);
	return true;
}

static enum exitcode
run(struct cmd_call *call)
{
	struct strbuf	 out = STRBUF_INIT;
	enum exitcode	 code = EXITCODE_OK;
	const char	*best = NULL;
	char		*words;
	size_t		 i;

	if (cmd_value(call, "markdown") != NULL)
		help_markdown(&out);
	else if (cmd_value(call, "words") != NULL)
		help_words(&out);
	else if (call->nargs == 0)
		help_overview(&out);
	else {
		words = call->nargs == 1 ? xstrdup(call->args[0]) :
		    xasprintf("%s %s", call->args[0], call->args[1]);
		if (!explain(&out, words)) {
			for (i = 0; cmd_list[i] != NULL; i++)
				suggest_try(words, cmd_list[i]->name, &best);
			cmd_complain("There is no help on '%s'%s%s%s", words,
			    best != NULL ? ". Did you mean '" : ".",
			    best != NULL ? best : "", best != NULL ? "'?" : "");
			code = EXITCODE_NOT_FOUND;
		}
		free(words);
	}
	cmd_print(&out);
	return code;
}

const struct cmd cmd_help = {
	"help", "[COMMAND|TOPIC]", 0, 2,
	"explain a command or a topic",
	"Explains a command, with examples and options, or a topic: executions, "
	"environment, exit-codes. Alone it lists all commands.",
	"pawl help start\n"
	"pawl help machine create\n"
	"pawl help exit-codes\n",
	{ { 0, "markdown", NULL, "the whole manual as Markdown (docs/cli.md)" },
	  { 0, "words", NULL, "commands and options, for completion" },
	  { 0, NULL, NULL, NULL } }, run
};
