/*
 * cli/options.c - the command line as written, taken apart.
 *
 * Two passes: the first finds the words that are the command (an option's value
 * is not one), the second knows the command's own options.
 */

#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "suggest.h"
#include "width.h"
#include "xmalloc.h"

/* One option as it was found: which, and where its value is to be put. */
struct found {
	const struct cmd_option	*option;
	const char		**value;
};

static bool
matches(const struct cmd_option *o, const char *word, size_t len)
{
	if (word[1] != '-')
		return o->letter != 0 && word[1] == o->letter;
	return strlen(o->name) == len - 2 &&
	    strncmp(o->name, word + 2, len - 2) == 0;
}

static bool
find_in(const struct cmd_option *list, const char **values, const char *word,
    size_t len, struct found *found)
{
	size_t	 i;

	for (i = 0; list[i].name != NULL; i++)
		if (matches(&list[i], word, len)) {
			found->option = &list[i];
			found->value = &values[i];
			return true;
		}
	return false;
}

/* The command's own options come first: --version could be one. */
static bool
find_option(struct cmd_call *call, const struct cmd *cmd, const char *word,
    struct found *found)
{
	size_t	 len = word[1] == '-' ? strcspn(word, "=") : 2;

	return (cmd != NULL &&
	    find_in(cmd->options, call->values, word, len, found)) ||
	    find_in(cmd_global_options, call->globals, word, len, found);
}

/* Some command has an option like this that takes a value. */
static bool
takes_value_somewhere(const char *word)
{
	const char	*values[CMD_OPTIONS_MAX > CMD_GLOBALS ? CMD_OPTIONS_MAX :
			    CMD_GLOBALS];
	struct found	 f;
	size_t		 i, len = word[1] == '-' ? strcspn(word, "=") : 2;

	if (find_in(cmd_global_options, values, word, len, &f))
		return f.option->arg != NULL;
	for (i = 0; cmd_list[i] != NULL; i++)
		if (find_in(cmd_list[i]->options, values, word, len, &f))
			return f.option->arg != NULL;
	return false;
}

static bool
is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0';
}

/* The value is part of the word: "--name=value", "-xvalue". */
static bool
has_value(const char *word)
{
	return word[1] == '-' ? strchr(word, '=') != NULL : word[2] != '\0';
}

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

static int
unknown_command(const char *word, struct err *e)
{
	const char	*best = NULL, *last;
	size_t		 i;

	for (i = 0; cmd_list[i] != NULL; i++)
		suggest_try(word, cmd_list[i]->name, &best);
	for (i = 0; best == NULL && cmd_list[i] != NULL; i++)
		if ((last = strchr(cmd_list[i]->name, ' ')) != NULL &&
		    strcmp(last + 1, word) == 0)
			best = cmd_list[i]->name;
	if (best != NULL)
		return err_set(e, "Usage", "There is no command '%s'. Did you "
		    "mean '%s'? (pawl help lists them all.)", word, best);
	return err_set(e, "Usage", "There is no command '%s'; pawl help lists "
	    "those there are.", word);
}

/* Finds the command in the words; *used tells how many words name it. */
static int
find_command(struct cmd_call *call, const char **words, size_t n, size_t *used,
    struct err *e)
{
	char	*both;

	*used = 0;
	if (n == 0)
		return 0;
	if (!is_group(words[0])) {
		if ((call->cmd = cmd_find(words[0])) == NULL)
			return unknown_command(words[0], e);
		*used = 1;
		return 0;
	}
	if (n < 2) {
		call->group = words[0];
		*used = 1;
		return 0;
	}
	both = xasprintf("%s %s", words[0], words[1]);
	if ((call->cmd = cmd_find(both)) == NULL)
		(void)unknown_command(both, e);
	free(both);
	*used = 2;
	return call->cmd == NULL ? -1 : 0;
}

static int
unknown_option(const struct cmd *cmd, const char *word, struct err *e)
{
	const char	*best = NULL;
	size_t		 i;

	for (i = 0; cmd_global_options[i].name != NULL; i++)
		suggest_try(word + 2, cmd_global_options[i].name, &best);
	for (i = 0; cmd->options[i].name != NULL; i++)
		suggest_try(word + 2, cmd->options[i].name, &best);
	if (word[1] == '-' && best != NULL)
		return err_set(e, "Usage", "'pawl %s' has no option %.*s. Did "
		    "you mean --%s?", cmd->name, (int)strcspn(word, "="), word,
		    best);
	return err_set(e, "Usage", "'pawl %s' has no option %.*s; pawl help %s "
	    "lists those it has.", cmd->name,
	    word[1] == '-' ? (int)strcspn(word, "=") : 2, word, cmd->name);
}

/* Takes one option at *i; moves *i over its value. */
static int
take(struct cmd_call *call, int argc, char **argv, int *i, struct err *e)
{
	const char	*word = argv[*i], *equals = strchr(word, '=');
	struct found	 f;

	if (!find_option(call, call->cmd, word, &f))
		return call->cmd != NULL ? unknown_option(call->cmd, word, e) :
		    err_set(e, "Usage", "There is no option %s; pawl help lists "
		    "those there are.", word);
	if (f.option->arg == NULL) {
		if (has_value(word))
			return err_set(e, "Usage", "The option --%s takes no "
			    "value.", f.option->name);
		*f.value = "";
		return 0;
	}
	if (word[1] != '-' && word[2] != '\0')
		*f.value = word + 2;
	else if (word[1] == '-' && equals != NULL)
		*f.value = equals + 1;
	else if (*i + 1 < argc)
		*f.value = argv[++*i];
	else
		return err_set(e, "Usage", "The option %s needs a value: %s.",
		    word, f.option->arg);
	return 0;
}

/* Collects the words that are no options, without knowing the command. */
static size_t
plain_words(int argc, char **argv, const char **words)
{
	size_t	 n = 0;
	int	 i;

	for (i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			while (++i < argc)
				words[n++] = argv[i];
			break;
		}
		if (!is_option(argv[i]))
			words[n++] = argv[i];
		else if (takes_value_somewhere(argv[i]) && !has_value(argv[i]))
			i++;
	}
	return n;
}

static int
check_count(const struct cmd_call *call, struct err *e)
{
	const struct cmd	*cmd = call->cmd;

	if (call->globals[CMD_HELP] != NULL)
		return 0;
	if (call->nargs < (size_t)cmd->min)
		return err_set(e, "Usage", "Something is missing. Write: pawl %s "
		    "%s", cmd->name, cmd->args);
	if (cmd->max >= 0 && call->nargs > (size_t)cmd->max)
		return err_set(e, "Usage", "'%s' is one argument too many. "
		    "Write: pawl %s %s", call->args[cmd->max], cmd->name,
		    cmd->args);
	return 0;
}

int
options_parse(struct cmd_call *call, int argc, char **argv, struct err *e)
{
	size_t	 n, used, words = 0;
	bool	 plain = false;
	int	 i;

	for (i = 0; i < argc; i++)
		if (!width_valid(argv[i], strlen(argv[i])))
			return err_set(e, "Usage", "Argument %d is not UTF-8 "
			    "text.", i + 1);
	call->args = xcalloc((size_t)argc + 1, sizeof(*call->args));
	n = plain_words(argc, argv, call->args);
	if (find_command(call, call->args, n, &used, e) == -1)
		return -1;
	for (i = 0; i < argc; i++) {
		if (!plain && strcmp(argv[i], "--") == 0)
			plain = true;
		else if (!plain && is_option(argv[i])) {
			if (take(call, argc, argv, &i, e) == -1)
				return -1;
		} else if (words++ >= used)
			call->args[call->nargs++] = argv[i];
	}
	call->args[call->nargs] = NULL;
	return call->cmd == NULL ? 0 : check_count(call, e);
}
