/*
 * cli/execid.h - how people name executions: MACHINE:NAME, or the whole ARN.
 */

#ifndef PAWL_EXECID_H
#define PAWL_EXECID_H

#include <stdbool.h>

#include "strbuf.h"

/* text can name an execution. */
bool	execid_valid(const char *text);
/* MACHINE:NAME of an execution's ARN; anything else comes back as it is.  New. */
char	*execid_short(const char *arn);
/* The last part of any ARN ("order" of a state machine's), or all of it.
 * Borrowed from arn. */
const char *execid_last(const char *arn);
/* Appends text percent-encoded for one segment of a path. */
void	execid_escape(struct strbuf *, const char *text);

#endif
