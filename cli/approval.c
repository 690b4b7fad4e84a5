/*
 * cli/approval.c - the tasks of an execution that wait for an answer.
 *
 * The history names them: a TaskScheduled event of a .waitForTaskToken resource
 * holds, somewhere in its parameters, the callback URL or the token that the
 * definition put there.
 */

#include "approval.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "execid.h"
#include "style.h"
#include "wallclock.h"
#include "when.h"
#include "xmalloc.h"

enum exitcode
approval_trace(struct cmd_call *call, const char *id, struct trace **trace)
{
	enum exitcode	 code;
	json_t		*events, *event;
	char		*path = xasprintf("/v1/executions/%s/history?", id);
	size_t		 i;
	bool		 more;

	*trace = NULL;
	code = cmd_collect(call, path, APPROVAL_EVENTS_MAX, &events, &more);
	free(path);
	if (code != EXITCODE_OK)
		return code;
	*trace = trace_new();
	json_array_foreach(events, i, event)
		trace_feed(*trace, event);
	json_decref(events);
	return EXITCODE_OK;
}

static void
list_open(const struct trace *trace, FILE *to)
{
	const struct trace_task	*task;
	char			 buf[WHEN_SIZE];
	size_t			 i, n = 0;

	for (i = 0; (task = trace_task(trace, i)) != NULL; i++)
		if (task->open && task->token != NULL)
			fprintf(to, "  %zu  %s, since %s\n     %s\n", ++n,
			    task->state, when_ago(task->since_ms, wallclock_ms(),
			    buf), task->link != NULL ? task->link : task->token);
}

static const struct trace_task *
nth_open(const struct trace *trace, size_t n)
{
	const struct trace_task	*task;
	size_t			 i;

	for (i = 0; (task = trace_task(trace, i)) != NULL; i++)
		if (task->open && task->token != NULL && --n == 0)
			return task;
	return NULL;
}

/* Which of several: asks at a terminal, else says what there is. */
static const struct trace_task *
choose(const struct trace *trace, size_t n)
{
	char	 line[32];
	long	 i;

	if (!isatty(STDIN_FILENO) || !style_terminal_err()) {
		cmd_complain("%zu tasks wait for an answer. Give the URL or the "
		    "token of the one you mean:", n);
		list_open(trace, stderr);
		return NULL;
	}
	fprintf(stderr, "%zu tasks wait for an answer:\n", n);
	list_open(trace, stderr);
	fprintf(stderr, "Which one (1-%zu)? ", n);
	if (fgets(line, sizeof(line), stdin) == NULL)
		return NULL;
	i = strtol(line, NULL, 10);
	if (i < 1 || (size_t)i > n) {
		cmd_complain("That is none of them; nothing was answered.");
		return NULL;
	}
	return nth_open(trace, (size_t)i);
}

static enum exitcode
find_in_execution(struct cmd_call *call, const char *target, char **token)
{
	const struct trace_task	*task, *found;
	struct trace		*trace;
	enum exitcode		 code;
	size_t			 i, n = 0, hidden = 0;
	char			*id = cmd_segment(target);

	code = approval_trace(call, id, &trace);
	free(id);
	if (code != EXITCODE_OK)
		return code;
	for (i = 0; (task = trace_task(trace, i)) != NULL; i++) {
		n += task->open && task->token != NULL;
		hidden += task->open && task->token == NULL;
	}
	found = n == 1 ? nth_open(trace, 1) : n > 1 ? choose(trace, n) : NULL;
	if (found != NULL)
		*token = xstrdup(found->token);
	else if (n > 0)
		code = EXITCODE_USAGE;
	else {
		code = EXITCODE_NOT_FOUND;
		cmd_complain(trace_ended(trace) ?
		    "%s has ended; nothing in it waits for an answer." :
		    hidden > 0 ? "A task of %s waits for an answer, but its "
		    "token does not stand in its parameters." :
		    "No task of %s waits for an answer now.", target);
	}
	trace_free(trace);
	return code;
}

enum exitcode
approval_find(struct cmd_call *call, const char *target, char **token, char **url)
{
	const char	*found;
	size_t		 len;

	*token = *url = NULL;
	if (strncmp(target, "http://", 7) == 0 ||
	    strncmp(target, "https://", 8) == 0) {
		if ((found = trace_token_in(target, &len)) == NULL)
			return cmd_misuse(call, "'%s' is no callback URL: it "
			    "has no /callback/TOKEN in it.", target);
		*token = xstrndup(found, len);
		*url = xstrndup(target, (size_t)(found + len - target));
		return EXITCODE_OK;
	}
	if (execid_valid(target))
		return find_in_execution(call, target, token);
	if (target[0] == '\0' || strpbrk(target, ": /") != NULL)
		return cmd_misuse(call, "'%s' is no callback URL, no token and "
		    "no execution (MACHINE:NAME).", target);
	*token = xstrdup(target);
	return EXITCODE_OK;
}
