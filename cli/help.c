/*
 * cli/help.c - what pawl says about itself, made from the table of commands.
 *
 * The pages on the terminal and docs/cli.md come from the same texts.
 */

#include "help.h"

#include <stdlib.h>
#include <string.h>

#include "style.h"
#include "width.h"
#include "xmalloc.h"

#define TEXT_COLUMNS	78
#define OPTION_COLUMN	26

static const char *const intro =
    "pawl runs workflows written in the Amazon States Language and keeps every "
    "step. This is its command line: it talks to a pawld server over HTTP.";

struct topic {
	const char	*name, *title, *text;
};

static const struct topic topics[] = {
	{ "executions", "Naming executions",
	    "An execution is written MACHINE:NAME, as pawl ls shows it "
	    "(order:7f3a), or as its whole ARN "
	    "(arn:aws:states:REGION:ACCOUNT:execution:order:7f3a)." },
	{ "environment", "Environment and files",
	    "The server and the key are looked for in this order: --url and "
	    "--key; $PAWL_URL and $PAWL_KEY; client.json in the data folder, "
	    "which pawld writes at its first start.\n\n"
	    "The data folder is --data, else $PAWL_DATA, else /var/lib/pawl "
	    "for root, else $XDG_DATA_HOME/pawl, else ~/.local/share/pawl.\n\n"
	    "The key in client.json is sent to the server that client.json "
	    "names; to another one only when --data names the folder.\n\n"
	    "$NO_COLOR turns colour off; --color always turns it on. Without a "
	    "terminal, tables are neither coloured nor cut." },
	{ "exit-codes", "Exit codes", NULL },
	{ NULL, NULL, NULL }
};

static const struct {
	const char	*title, *first;	/* the command a section begins with */
} sections[] = {
	{ "State machines", "machine create" },
	{ "Executions", "start" },
	{ "Functions that tasks call", "functions set" },
	{ "Queues", "queues create" },
	{ "The server, and this program", "status" }
};

static const char *
section_at(const char *command)
{
	size_t	 i;

	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (strcmp(sections[i].first, command) == 0)
			return sections[i].title;
	return NULL;
}

/* Appends text in lines of at most columns, each after indent spaces. */
static void
wrap(struct strbuf *out, const char *text, size_t indent, size_t columns,
    size_t at)
{
	const char	*p = text;
	char		*word;
	size_t		 len, w;

	while (*p != '\0') {
		if (*p == '\n' || *p == ' ') {
			if (*p == '\n') {
				strbuf_addc(out, '\n');
				at = 0;
			}
			p++;
			continue;
		}
		len = strcspn(p, " \n");
		word = xstrndup(p, len);
		w = width_text(word);
		if (at > indent && at + 1 + w > columns) {
			strbuf_addc(out, '\n');
			at = 0;
		}
		if (at == 0) {
			width_pad(out, indent);
			at = indent;
		} else if (at > indent) {
			strbuf_addc(out, ' ');
			at++;
		}
		strbuf_add(out, p, len);
		at += w;
		p += len;
		free(word);
	}
	strbuf_addc(out, '\n');
}

static size_t
columns(void)
{
	size_t	 n = style_columns();

	return n == 0 || n > TEXT_COLUMNS ? TEXT_COLUMNS : n;
}

static void
title(struct strbuf *out, const char *text)
{
	strbuf_addf(out, "%s%s%s\n", style_out(STYLE_BOLD), text, style_out_end());
}

/* "name   what it is", the second part wrapped in its own column. */
static void
entry(struct strbuf *out, const char *name, const char *what)
{
	size_t	 at = 2 + width_text(name);

	strbuf_addf(out, "  %s%s%s", style_out(STYLE_NAME), name, style_out_end());
	if (at + 2 > OPTION_COLUMN || columns() < OPTION_COLUMN + 20) {
		strbuf_addc(out, '\n');
		wrap(out, what, 6, columns(), 0);
		return;
	}
	width_pad(out, OPTION_COLUMN - at);
	wrap(out, what, OPTION_COLUMN, columns(), OPTION_COLUMN);
}

static char *
option_name(const struct cmd_option *o)
{
	char	 letter[5] = "";

	if (o->letter != 0) {
		letter[0] = '-';
		letter[1] = o->letter;
		letter[2] = ',';
		letter[3] = ' ';
	}
	return xasprintf("%s--%s%s%s", letter, o->name,
	    o->arg != NULL ? " " : "", o->arg != NULL ? o->arg : "");
}

static void
option_list(struct strbuf *out, const struct cmd_option *list)
{
	char	*name;
	size_t	 i;

	for (i = 0; list[i].name != NULL; i++) {
		name = option_name(&list[i]);
		entry(out, name, list[i].help);
		free(name);
	}
}

void
help_overview(struct strbuf *out)
{
	const char	*section;
	char		*name;
	size_t		 i;

	wrap(out, intro, 0, columns(), 0);
	strbuf_adds(out, "\nUsage: pawl COMMAND [ARGUMENTS] [OPTIONS]\n");
	for (i = 0; cmd_list[i] != NULL; i++) {
		if ((section = section_at(cmd_list[i]->name)) != NULL) {
			strbuf_addc(out, '\n');
			title(out, section);
		}
		name = xstrdup(cmd_list[i]->name);
		entry(out, name, cmd_list[i]->summary);
		free(name);
	}
	strbuf_addc(out, '\n');
	title(out, "Options of every command");
	option_list(out, cmd_global_options);
	strbuf_adds(out, "\nMore: pawl help COMMAND, and pawl help with one of "
	    "these topics:\n");
	for (i = 0; topics[i].name != NULL; i++)
		entry(out, topics[i].name, topics[i].title);
}

static void
examples(struct strbuf *out, const char *text)
{
	const char	*p = text, *nl;
	bool		 comment;

	for (; *p != '\0'; p = nl + (*nl != '\0')) {
		nl = p + strcspn(p, "\n");
		comment = *p == '#';
		strbuf_addf(out, "  %s%.*s%s\n",
		    comment ? style_out(STYLE_DIM) : "", (int)(nl - p), p,
		    comment ? style_out_end() : "");
	}
}

void
help_command(struct strbuf *out, const struct cmd *cmd)
{
	strbuf_addf(out, "%spawl %s%s -", style_out(STYLE_BOLD), cmd->name,
	    style_out_end());
	wrap(out, cmd->summary, 0, columns(), width_text(cmd->name) + 7);
	strbuf_addf(out, "\nUsage: pawl %s%s%s%s\n\n", cmd->name,
	    cmd->args[0] != '\0' ? " " : "", cmd->args,
	    cmd->options[0].name != NULL ? " [OPTIONS]" : "");
	wrap(out, cmd->text, 0, columns(), 0);
	strbuf_addc(out, '\n');
	title(out, "Examples");
	examples(out, cmd->examples);
	strbuf_addc(out, '\n');
	if (cmd->options[0].name != NULL) {
		title(out, "Options");
		option_list(out, cmd->options);
		strbuf_addc(out, '\n');
	}
	title(out, "Options of every command");
	option_list(out, cmd_global_options);
	strbuf_addc(out, '\n');
	(void)help_topic(out, "exit-codes");
}

void
help_group(struct strbuf *out, const char *group)
{
	size_t	 i, len = strlen(group);
	char	*name;

	strbuf_addf(out, "Usage: pawl %s COMMAND\n\n", group);
	for (i = 0; cmd_list[i] != NULL; i++) {
		if (strncmp(cmd_list[i]->name, group, len) != 0 ||
		    cmd_list[i]->name[len] != ' ')
			continue;
		name = xasprintf("%s %s", cmd_list[i]->name, cmd_list[i]->args);
		entry(out, name, cmd_list[i]->summary);
		free(name);
	}
	strbuf_addf(out, "\nMore: pawl help %s COMMAND\n", group);
}

static void
exit_codes(struct strbuf *out)
{
#define X(id, code, text) entry(out, #code, text);
	EXITCODES(X)
#undef X
}

bool
help_topic(struct strbuf *out, const char *topic)
{
	size_t	 i;

	for (i = 0; topics[i].name != NULL; i++) {
		if (strcmp(topics[i].name, topic) != 0)
			continue;
		title(out, topics[i].title);
		if (topics[i].text == NULL)
			exit_codes(out);
		else
			wrap(out, topics[i].text, 2, columns(), 0);
		return true;
	}
	return false;
}

/* ---- docs/cli.md ---- */

static void
markdown_options(struct strbuf *out, const struct cmd_option *list)
{
	char	*name;
	size_t	 i;

	strbuf_adds(out, "| option | meaning |\n|---|---|\n");
	for (i = 0; list[i].name != NULL; i++) {
		name = option_name(&list[i]);
		strbuf_addf(out, "| `%s` | %s |\n", name, list[i].help);
		free(name);
	}
	strbuf_addc(out, '\n');
}

static void
markdown_command(struct strbuf *out, const struct cmd *cmd)
{
	strbuf_addf(out, "### pawl %s\n\n", cmd->name);
	strbuf_addf(out, "`pawl %s%s%s`: %s.\n\n", cmd->name,
	    cmd->args[0] != '\0' ? " " : "", cmd->args, cmd->summary);
	wrap(out, cmd->text, 0, 100, 0);
	strbuf_adds(out, "\n```sh\n");
	strbuf_adds(out, cmd->examples);
	strbuf_adds(out, "```\n\n");
	if (cmd->options[0].name != NULL)
		markdown_options(out, cmd->options);
}

void
help_markdown(struct strbuf *out)
{
	const char	*section;
	size_t		 i;

	strbuf_adds(out, "# The command line: pawl\n\n");
	strbuf_adds(out, "<!-- Written by `pawl help --markdown`; a test keeps it "
	    "so. Change cli/cmd_*.c. -->\n\n");
	wrap(out, intro, 0, 100, 0);
	strbuf_adds(out, "\n## Options of every command\n\n");
	markdown_options(out, cmd_global_options);
	for (i = 0; topics[i].name != NULL; i++) {
		strbuf_addf(out, "## %s\n\n", topics[i].title);
		if (topics[i].text != NULL)
			wrap(out, topics[i].text, 0, 100, 0);
		else {
			strbuf_adds(out, "| code | meaning |\n|---|---|\n");
#define X(id, code, text) strbuf_addf(out, "| %s | %s |\n", #code, text);
			EXITCODES(X)
#undef X
		}
		strbuf_addc(out, '\n');
	}
	for (i = 0; cmd_list[i] != NULL; i++) {
		if ((section = section_at(cmd_list[i]->name)) != NULL)
			strbuf_addf(out, "## %s\n\n", section);
		markdown_command(out, cmd_list[i]);
	}
	while (out->len > 1 && out->data[out->len - 2] == '\n')
		out->data[--out->len] = '\0';
}

void
help_words(struct strbuf *out)
{
	size_t	 i, o;

	for (i = 0; cmd_list[i] != NULL; i++) {
		strbuf_adds(out, cmd_list[i]->name);
		for (o = 0; cmd_list[i]->options[o].name != NULL; o++)
			strbuf_addf(out, " --%s", cmd_list[i]->options[o].name);
		for (o = 0; cmd_global_options[o].name != NULL; o++)
			strbuf_addf(out, " --%s", cmd_global_options[o].name);
		strbuf_addc(out, '\n');
	}
}
