/*
 * engine/op_follow.c - FollowExecution: a history as it grows, as server-sent events.
 *
 * One `id: EVENTID` and `data: {event}` for each event, from the first or from
 * the one after Last-Event-ID; `event: end` after the last event of an execution
 * that has ended.  The committed history is asked for again and again, so any
 * process can serve it, and a follower sees nothing that could still be lost.
 */

#include <stdlib.h>
#include <string.h>

#include "api_private.h"
#include "history_page.h"
#include "wallclock.h"
#include "xmalloc.h"

#define PAUSE_MS	100
#define UNSENT_MAX	((size_t)1 << 20)
#define SILENCE_MS	10000	/* then a comment, so that nobody hangs up */

struct follow {
	struct exec_id	 id;
	int64_t		 next;
	bool		 begun;
	bool		 cut;		/* the client is slow: not all was read */
	int64_t		 spoken_ms;	/* monotonic */
	struct strbuf	 line;
};

static const struct check members[] = {
	{ "executionArn",	CHECK_STRING,	true,	1, 256, NULL },
	CHECK_END
};

static void
follow_free(void *arg)
{
	struct follow	*f = arg;

	strbuf_free(&f->line);
	free(f);
}

static void
follow_begin(struct api_call *call, struct follow *f)
{
	if (f->begun)
		return;
	f->begun = true;
	httpd_set(call->request, "Content-Type", "text/event-stream");
	httpd_set(call->request, "Cache-Control", "no-store");
	httpd_set(call->request, "X-Accel-Buffering", "no");
	httpd_begin(call->request, 200);
	f->spoken_ms = wallclock_monotonic_ms();
}

static bool
follow_event(struct api_call *call, const struct event *ev, void *arg)
{
	struct follow	*f = arg;
	struct strbuf	 text = STRBUF_INIT;

	follow_begin(call, f);
	event_print(ev, call->env->account.region, true, &text);
	strbuf_reset(&f->line);
	strbuf_addf(&f->line, "id: %lld\ndata: ", (long long)ev->id);
	if (api_rest_print_line(strbuf_str(&text), text.len, &f->line)) {
		strbuf_adds(&f->line, "\n\n");
		httpd_send(call->request, f->line.data, f->line.len);
	}
	strbuf_free(&text);
	f->next = ev->id + 1;
	f->spoken_ms = wallclock_monotonic_ms();
	f->cut = call->gone || httpd_unsent(call->request) > UNSENT_MAX;
	return !f->cut;
}

static void	follow_ask(struct api_call *);

static void
follow_close(struct api_call *call)
{
	httpd_end(call->request);
	api_call_end(call);
}

/* Nothing new: a comment now and then. */
static void
follow_wait(struct api_call *call, struct follow *f)
{
	if (wallclock_monotonic_ms() - f->spoken_ms > SILENCE_MS) {
		httpd_send(call->request, ":\n\n", 3);
		f->spoken_ms = wallclock_monotonic_ms();
	}
	api_later(call, PAUSE_MS, follow_ask);
}

static void
follow_end(struct api_call *call, const struct err *e,
    const struct store_execution *x, void *arg)
{
	static const char	 end[] = "event: end\ndata: {}\n\n";
	struct follow		*f = arg;

	if (!f->begun && strcmp(e->code, "NotFound") == 0) {
		api_fail(call, "ExecutionDoesNotExist",
		    "Execution Does Not Exist: '%s'", api_str(call, "executionArn"));
		return;
	}
	if (!f->begun && e->code[0] != '\0') {
		api_fail_err(call, e);
		return;
	}
	follow_begin(call, f);
	if (call->gone)
		follow_close(call);
	else if (x != NULL && x->status != EXECUTION_RUNNING && !f->cut) {
		httpd_send(call->request, end, sizeof end - 1);
		follow_close(call);
	} else
		/* A database that is away for a while does not end the stream. */
		follow_wait(call, f);
}

static void
follow_ask(struct api_call *call)
{
	struct follow	*f = call->state;

	if (call->gone) {
		follow_close(call);
		return;
	}
	f->cut = httpd_unsent(call->request) > UNSENT_MAX;
	if (f->cut)
		follow_wait(call, f);
	else
		history_page_read(call, &f->id, f->next, false, follow_event,
		    follow_end, f);
}

static void
follow_run(struct api_call *call)
{
	struct follow	*f;
	const char	*last = httpd_header(call->request, "Last-Event-ID");
	char		*machine, *name, *end;

	if (!api_execution_names(call, api_str(call, "executionArn"), &machine,
	    &name))
		return;
	f = xcalloc(1, sizeof *f);
	strbuf_init(&f->line, STRBUF_MAX_DEFAULT);
	f->id = arn_exec_id(machine, name);
	free(machine);
	free(name);
	f->next = 1;
	if (last != NULL) {
		f->next = strtoll(last, &end, 10);
		f->next = *end != '\0' || f->next < 0 || f->next >= INT32_MAX ? 1 :
		    f->next + 1;
	}
	api_keep(call, f, follow_free);
	history_page_read(call, &f->id, f->next, false, follow_event, follow_end, f);
}

const struct api_op op_follow = {
	"FollowExecution", OP_PAWL, members, NULL, follow_run, false
};
