/*
 * cli/approval.h - the tasks of an execution that wait for an answer.
 */

#ifndef PAWL_APPROVAL_H
#define PAWL_APPROVAL_H

#include "cmd.h"
#include "trace.h"

/* Events that are read to find out where an execution stands. */
#define APPROVAL_EVENTS_MAX 25000

/* Reads the whole history of an execution (id percent-encoded): new trace. */
enum exitcode approval_trace(struct cmd_call *, const char *id,
	    struct trace **) MUSTCHECK;

/*
 * The token that target means: a callback URL's, a bare token, or that of the
 * one open task of an execution (asked for if there are several and a terminal
 * to ask at).  *url is the callback URL to use if target was one, else NULL.
 * Both new.
 */
enum exitcode approval_find(struct cmd_call *, const char *target, char **token,
	    char **url) MUSTCHECK;

#endif
