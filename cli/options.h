/*
 * cli/options.h - the command line as written, taken apart.
 *
 * Options may stand anywhere; "--name value", "--name=value", "-x value" and
 * "-xvalue" are the same; "--" ends them; "-" alone is an argument.
 */

#ifndef PAWL_OPTIONS_H
#define PAWL_OPTIONS_H

#include "cmd.h"

/*
 * Fills in call (cmd, args, values, globals) from the words after the
 * program's name.  call->cmd stays NULL when no command was named.  args is
 * new.  -1 and e, code "Usage".
 */
int	options_parse(struct cmd_call *, int argc, char **argv, struct err *e)
	    MUSTCHECK;

#endif
