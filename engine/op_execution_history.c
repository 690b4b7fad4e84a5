/*
 * engine/op_execution_history.c - GetExecutionHistory.
 *
 * A page holds as many events as were asked for, or as fit in PAGE_BYTES.
 */

#include <stdlib.h>
#include <string.h>

#include "history_page.h"
#include "op.h"
#include "xmalloc.h"

#define PAGE_BYTES	((size_t)8 << 20)

static const struct check members[] = {
	{ "executionArn",	CHECK_STRING,	true,	1, 256, NULL },
	{ "maxResults",		CHECK_INTEGER,	false,	0, 1000, NULL },
	{ "reverseOrder",	CHECK_BOOLEAN,	false,	0, 0, NULL },
	{ "nextToken",		CHECK_STRING,	false,	1, 1024, NULL },
	{ "includeExecutionData", CHECK_BOOLEAN, false,	0, 0, NULL },
	CHECK_END
};

struct history {
	struct strbuf	 body;
	char		*execution;	/* its id as text: part of the page token */
	int		 n, max;
	bool		 reverse, with_data;
	int64_t		 next;		/* event of the next page; 0: no more */
};

static void
history_free(void *arg)
{
	struct history	*h = arg;

	strbuf_free(&h->body);
	free(h->execution);
	free(h);
}

static bool
history_event(struct api_call *call, const struct event *ev, void *arg)
{
	struct history	*h = arg;

	if (h->n == h->max || (h->n > 0 && h->body.len > PAGE_BYTES)) {
		h->next = ev->id;
		return false;
	}
	if (h->n++ > 0)
		strbuf_addc(&h->body, ',');
	event_print(ev, call->env->account.region, h->with_data, &h->body);
	return true;
}

static void
history_end(struct api_call *call, const struct err *e,
    const struct store_execution *x, void *arg)
{
	struct history	*h = arg;
	struct strbuf	 body;
	char		*token, *text;

	if (strcmp(e->code, "NotFound") == 0) {
		api_fail(call, "ExecutionDoesNotExist",
		    "Execution Does Not Exist: '%s'", api_str(call, "executionArn"));
		return;
	}
	if (e->code[0] != '\0' || x == NULL) {
		api_fail_err(call, e);
		return;
	}
	strbuf_addc(&h->body, ']');
	if (h->next != 0) {
		text = xasprintf("%s:%d:%lld", h->execution, h->reverse,
		    (long long)h->next);
		token = api_page_token(call, "history", text);
		strbuf_addf(&h->body, ",\"nextToken\":\"%s\"", token);
		free(token);
		free(text);
	}
	strbuf_addc(&h->body, '}');
	body = h->body;
	strbuf_init(&h->body, STRBUF_MAX_DEFAULT);
	api_ok_text(call, &body);
}

/* Where the page begins: from the token, which is of this execution and order. */
static int
history_from(struct api_call *call, const struct history *h, int64_t *from)
{
	char	*text, *prefix;
	bool	 ok;

	*from = h->reverse ? INT32_MAX : 1;
	if (api_page_read(call, "history", &text) == -1)
		return -1;
	if (text == NULL)
		return 0;
	prefix = xasprintf("%s:%d:", h->execution, h->reverse);
	ok = strncmp(text, prefix, strlen(prefix)) == 0;
	if (ok)
		*from = strtoll(text + strlen(prefix), NULL, 10);
	else
		api_fail(call, "InvalidToken", "Invalid Token: 'Invalid token'");
	free(prefix);
	free(text);
	return ok ? 0 : -1;
}

static void
history_run(struct api_call *call)
{
	struct history	*h;
	struct exec_id	 id;
	char		*machine, *name, buf[ARN_ID_TEXT];
	int64_t		 from;

	if (!api_execution_names(call, api_str(call, "executionArn"), &machine,
	    &name))
		return;
	id = arn_exec_id(machine, name);
	free(machine);
	free(name);
	h = xcalloc(1, sizeof *h);
	strbuf_init(&h->body, STRBUF_MAX_DEFAULT);
	strbuf_adds(&h->body, "{\"events\":[");
	h->execution = xstrdup(arn_id_text(&id, buf));
	h->max = api_page_size(call, 100);
	h->reverse = api_bool(call, "reverseOrder", false);
	h->with_data = api_bool(call, "includeExecutionData", true);
	api_keep(call, h, history_free);
	if (history_from(call, h, &from) == 0)
		history_page_read(call, &id, from, h->reverse, history_event,
		    history_end, h);
}

const struct api_op op_execution_history = {
	"GetExecutionHistory", OP_STATES, members, NULL, history_run, false
};
