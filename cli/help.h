/*
 * cli/help.h - what pawl says about itself, made from the table of commands.
 */

#ifndef PAWL_HELP_H
#define PAWL_HELP_H

#include "cmd.h"
#include "strbuf.h"

/* The page that lists all commands. */
void	help_overview(struct strbuf *);
/* One command. */
void	help_command(struct strbuf *, const struct cmd *);
/* The commands of a group ("machine"). */
void	help_group(struct strbuf *, const char *group);
/* Exit codes, environment: false if there is no such topic. */
bool	help_topic(struct strbuf *, const char *topic);
/* Everything, as docs/cli.md. */
void	help_markdown(struct strbuf *);
/* Everything, one command on a line with its options, for completion. */
void	help_words(struct strbuf *);

#endif
