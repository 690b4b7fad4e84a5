/*
 * cli/follow.c - stays with an execution until it ends.
 *
 * A link is shown once the stream has been quiet for a moment, so that catching
 * up with an old history does not show links that were answered long ago.
 */

#include "follow.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asl.h"
#include "execid.h"
#include "pretty.h"
#include "render_event.h"
#include "style.h"
#include "wallclock.h"
#include "when.h"
#include "width.h"
#include "xmalloc.h"

#define WAIT_S		20	/* of one long poll */
#define PAUSE_LEAST_MS	200
#define PAUSE_MOST_MS	2000

struct following {
	struct cmd_call	*call;
	const char	*id;		/* percent-encoded */
	char		*shown;		/* MACHINE:NAME */
	struct trace	*trace;
	char		 last_id[64];	/* of the last event */
	bool		 bad;		/* the server sent what is no event */
};

/* Waiting for a server that went away. */
struct patience {
	int64_t	 since_ms;	/* 0: it is there */
	int	 pause_ms;
	bool	 told;
};

static const char *
get(const json_t *object, const char *name)
{
	return trace_string(object, name);
}

/* ---- how it ended ---- */

void
follow_outcome(struct strbuf *out, const json_t *x, bool to_err)
{
	const char	*status = get(x, "status"), *arn = get(x, "executionArn");
	const char	*(*begin)(enum style) = to_err ? style_err : style_out;
	const char	*end = to_err ? style_err_end() : style_out_end();
	char		*shown = execid_short(arn == NULL ? "" : arn);
	char		 buf[WHEN_SIZE];
	int64_t		 from, to;

	if (status == NULL)
		status = "?";
	strbuf_addf(out, "%s%s%s", begin(STYLE_BOLD),
	    begin(style_of_status(status)), status);
	strbuf_addf(out, "%s ", end);
	width_add(out, shown, WIDTH_ANY);
	if (when_read(json_object_get(x, "startDate"), &from) &&
	    when_read(json_object_get(x, "stopDate"), &to))
		strbuf_addf(out, " in %s", when_length(to - from, buf));
	strbuf_addc(out, '\n');
	if (get(x, "error") != NULL) {
		strbuf_addf(out, "  %serror%s  ", begin(STYLE_DIM), end);
		width_add(out, get(x, "error"), WIDTH_ANY);
		strbuf_addc(out, '\n');
	}
	if (get(x, "cause") != NULL) {
		strbuf_addf(out, "  %scause%s  ", begin(STYLE_DIM), end);
		width_add(out, get(x, "cause"), WIDTH_ANY);
		strbuf_addc(out, '\n');
	}
	free(shown);
}

static enum exitcode
code_of(const json_t *x)
{
	const char	*status = get(x, "status");

	return status != NULL && strcmp(status, "SUCCEEDED") == 0 ?
	    EXITCODE_OK : EXITCODE_FAILED;
}

static bool
running(const json_t *x)
{
	const char	*status = get(x, "status");

	return status != NULL && (strcmp(status, "RUNNING") == 0 ||
	    strcmp(status, "PENDING_REDRIVE") == 0);
}

/* ---- a server that is away ---- */

/* Waits for a moment; false when it has been long enough. */
static bool
patient(struct patience *p)
{
	int64_t	 now = wallclock_monotonic_ms();

	if (p->since_ms == 0)
		p->since_ms = now;
	else if (!p->told) {
		p->told = true;
		cmd_note("(the server is away; trying again)");
	}
	if (now - p->since_ms > FOLLOW_PATIENCE_S * 1000)
		return false;
	p->pause_ms = p->pause_ms == 0 ? PAUSE_LEAST_MS : p->pause_ms * 2;
	if (p->pause_ms > PAUSE_MOST_MS)
		p->pause_ms = PAUSE_MOST_MS;
	client_pause(p->pause_ms);
	return !client_interrupted();
}

static bool
passes(enum exitcode code, const struct err *e)
{
	return code == EXITCODE_UNREACHABLE || strcmp(e->code, "Unavailable") == 0;
}

/* Ends as a program does that Ctrl-C has ended. */
static enum exitcode
end_interrupted(struct err *e, const char *shown)
{
	err_clear(e);
	cmd_note("\nThe execution goes on. Come back with: pawl history %s "
	    "--follow", shown);
	fflush(stdout);
	signal(SIGINT, SIG_DFL);
	raise(SIGINT);
	return EXITCODE_FAILED;
}

/* GET of the execution, patient with a server that is away. */
static enum exitcode
describe(struct cmd_call *call, const char *id, int wait_s, bool patiently,
    struct client_answer *answer, struct err *e)
{
	struct client	*client = cmd_client(call);
	struct patience	 patience = { 0, 0, false };
	enum exitcode	 code;
	char		*path;

	if (client == NULL)
		return EXITCODE_USAGE;
	path = wait_s > 0 ? xasprintf("/v1/executions/%s?wait=%d", id, wait_s) :
	    xasprintf("/v1/executions/%s", id);
	for (;;) {
		code = client_call(client, "GET", path, NULL, wait_s, answer, e);
		if (code == EXITCODE_OK || !patiently || !passes(code, e) ||
		    !patient(&patience))
			break;
		err_clear(e);
	}
	free(path);
	return code;
}

/* ---- events ---- */

void
follow_link(struct strbuf *out, const struct trace_task *task, const char *shown)
{
	strbuf_addf(out, "%s%s>>> ", style_out(STYLE_BOLD), style_out(STYLE_WARN));
	width_add(out, task->state, WIDTH_ANY);
	strbuf_addf(out, " waits for an answer%s", style_out_end());
	if (task->link == NULL) {
		strbuf_addf(out, " %s(of whoever has its task token)%s\n",
		    style_out(STYLE_DIM), style_out_end());
		return;
	}
	strbuf_addf(out, "\n    open    %s", style_out(STYLE_LINK));
	width_add(out, task->link, WIDTH_ANY);
	strbuf_addf(out, "%s\n    or run  pawl approve ", style_out_end());
	width_add(out, shown, WIDTH_ANY);
	strbuf_adds(out, "\n            pawl reject ");
	width_add(out, shown, WIDTH_ANY);
	strbuf_adds(out, " --reason \"...\"\n");
}

static void
on_quiet(void *arg)
{
	struct following	*f = arg;
	struct strbuf		 out = STRBUF_INIT;
	struct trace_task	*task;
	size_t			 i;

	for (i = 0; (task = trace_task(f->trace, i)) != NULL; i++) {
		if (!task->open || task->announced)
			continue;
		task->announced = true;
		follow_link(&out, task, f->shown);
	}
	if (!f->call->json && out.len > 0)
		cmd_print(&out);
	strbuf_free(&out);
}

static bool
on_event(const struct sse_event *event, void *arg)
{
	struct following	*f = arg;
	struct strbuf		 out = STRBUF_INIT;
	struct err		 e = ERR_INIT;
	json_t			*root = jsontext_parse(event->data, event->len, &e);

	err_clear(&e);
	if (!json_is_object(root) || trace_id(root) <= 0) {
		json_decref(root);
		return strcmp(event->name, "message") != 0 || !(f->bad = true);
	}
	snprintf(f->last_id, sizeof(f->last_id), "%s", event->id);
	trace_feed(f->trace, root);
	if (f->call->json) {
		strbuf_add(&out, event->data, event->len);
		strbuf_addc(&out, '\n');
	} else
		render_event(&out, root, trace_state_of(f->trace, root),
		    style_columns());
	json_decref(root);
	cmd_print(&out);
	return !ferror(stdout);
}

static enum exitcode
stream(struct following *f, struct err *e)
{
	struct client		*client = cmd_client(f->call);
	struct client_stream	 stream = { on_event, on_quiet, f, false, false };
	struct patience		 patience = { 0, 0, false };
	char			 before[sizeof(f->last_id)], *path;
	enum exitcode		 code = EXITCODE_USAGE;
	bool			 begun = false;

	if (client == NULL)
		return code;
	path = xasprintf("/v1/executions/%s/history?follow=true", f->id);
	for (;;) {
		memcpy(before, f->last_id, sizeof(before));
		code = client_follow(client, path, f->last_id, &stream, e);
		if (stream.ended || trace_ended(f->trace) || f->bad ||
		    client_interrupted())
			break;
		begun = begun || stream.connected;
		if (code != EXITCODE_OK && (!passes(code, e) || !begun))
			break;
		if (stream.connected || code == EXITCODE_OK)
			patience.since_ms = 0;
		if (strcmp(before, f->last_id) != 0)
			patience.pause_ms = 0;
		if (!patient(&patience)) {
			if (code == EXITCODE_OK)
				code = EXITCODE_UNREACHABLE;
			err_set(e, "Unreachable", "The server does not send the "
			    "history any more.");
			break;
		}
		err_clear(e);
	}
	free(path);
	if (trace_ended(f->trace) && !client_interrupted()) {
		err_clear(e);
		return EXITCODE_OK;
	}
	if (f->bad)
		return err_set(e, "NotPawld", "The server sent an event that "
		    "cannot be read."), EXITCODE_SERVER;
	return code;
}

static enum exitcode
print_end(struct cmd_call *call, const json_t *x)
{
	struct strbuf	 out = STRBUF_INIT;

	strbuf_addc(&out, '\n');
	follow_outcome(&out, x, false);
	if (json_object_get(x, "output") != NULL) {
		strbuf_addf(&out, "  %soutput%s\n", style_out(STYLE_DIM),
		    style_out_end());
		pretty_json(&out, json_object_get(x, "output"), 4);
	}
	if (call->json)
		strbuf_free(&out);
	else
		cmd_print(&out);
	return code_of(x);
}

enum exitcode
follow_events(struct cmd_call *call, const char *id)
{
	struct following	 f = { .call = call, .id = id };
	struct client_answer	 answer = { 0 };
	struct err		 e = ERR_INIT;
	enum exitcode		 code;

	client_catch_interrupt();
	if ((code = describe(call, id, 0, false, &answer, &e)) != EXITCODE_OK)
		return e.code[0] == '\0' ? code : cmd_fail(code, &e);
	f.shown = execid_short(get(answer.json, "executionArn") == NULL ? id :
	    get(answer.json, "executionArn"));
	client_answer_clear(&answer);
	f.trace = trace_new();
	code = stream(&f, &e);
	trace_free(f.trace);
	if (code == EXITCODE_OK)
		code = describe(call, id, 0, true, &answer, &e);
	if (client_interrupted())
		code = end_interrupted(&e, f.shown);
	else if (code != EXITCODE_OK)
		code = cmd_fail(code, &e);
	else
		code = print_end(call, answer.json);
	client_answer_clear(&answer);
	free(f.shown);
	return code;
}

enum exitcode
follow_wait(struct cmd_call *call, const char *id)
{
	struct client_answer	 answer;
	struct strbuf		 out = STRBUF_INIT;
	struct err		 e = ERR_INIT;
	enum exitcode		 code;

	for (;;) {
		code = describe(call, id, WAIT_S, true, &answer, &e);
		if (code != EXITCODE_OK)
			return e.code[0] == '\0' ? code : cmd_fail(code, &e);
		if (!running(answer.json))
			break;
		client_answer_clear(&answer);
	}
	code = code_of(answer.json);
	if (call->json) {
		(void)cmd_print_answer(&answer);
	} else {
		follow_outcome(&out, answer.json, true);
		fputs(strbuf_str(&out), stderr);
		strbuf_reset(&out);
		if (json_object_get(answer.json, "output") != NULL)
			pretty_json(&out, json_object_get(answer.json, "output"), 0);
		cmd_print(&out);
	}
	strbuf_free(&out);
	client_answer_clear(&answer);
	return code;
}
