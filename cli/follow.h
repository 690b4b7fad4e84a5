/*
 * cli/follow.h - stays with an execution until it ends.
 *
 * Both outlive a restart of the server: they try again for FOLLOW_PATIENCE_S
 * and go on after the last event they saw.
 */

#ifndef PAWL_FOLLOW_H
#define PAWL_FOLLOW_H

#include "cmd.h"
#include "trace.h"

#define FOLLOW_PATIENCE_S 60

/*
 * Prints events as they come (with -o json each as one line of JSON), the links
 * of tasks that wait for people, and what came out.  id is percent-encoded.
 * EXITCODE_OK if the execution SUCCEEDED, EXITCODE_FAILED if it ended otherwise.
 */
enum exitcode follow_events(struct cmd_call *, const char *id) MUSTCHECK;
/* Waits without events; prints the output (-o json: the description). */
enum exitcode follow_wait(struct cmd_call *, const char *id) MUSTCHECK;

/* Appends "SUCCEEDED order:7f3a in 3.2 s" and error and cause. */
void	follow_outcome(struct strbuf *, const json_t *execution, bool to_err);
/* Appends how to answer a task that waits for a person. */
void	follow_link(struct strbuf *, const struct trace_task *, const char *shown);

#endif
