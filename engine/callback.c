/*
 * engine/callback.c - callback URLs: /callback/TOKEN, where people decide.
 *
 * The token is the key.  GET shows what is asked and changes nothing (scanners
 * open links); POST decides, once:
 *
 *	decision=approve	success, output {"decision":"approved"} or what is
 *				given as output
 *	decision=reject		failure, error Rejected, the reason as cause
 *	output alone		success with it
 *
 * as a form or as JSON.  Why a token is no longer open is read from the history.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "callback.h"
#include "history_page.h"
#include "xmalloc.h"

#define PREFIX		"/callback/"
#define TOKEN_MAX	512
#define EVENTS_MAX	20000	/* read to learn what became of a task */

struct decision {
	char		*token_text;
	struct token	 token;
	bool		 reject;
	char		*output;	/* JSON text; NULL for a rejection */
	size_t		 output_len;
	char		*reason;

	int64_t		 chain;		/* of the fate: last event of the task */
	int		 events;
	enum callback_fate fate;
};

static void
decision_free(void *arg)
{
	struct decision	*d = arg;

	free(d->token_text);
	free(d->output);
	free(d->reason);
	free(d);
}

/* ---- what became of a task: read from its history ---- */

static bool
fate_event(struct api_call *call, const struct event *ev, void *arg)
{
	struct decision	*d = arg;

	(void)call;
	if (ev->id > d->token.event_id && ev->previous_id == d->chain) {
		d->chain = ev->id;
		if (ev->type == EVENT_TaskSucceeded || ev->type == EVENT_TaskFailed)
			d->fate = CALLBACK_SPENT;
		else if (ev->type == EVENT_TaskTimedOut)
			d->fate = CALLBACK_EXPIRED;
	}
	return d->fate == CALLBACK_ENDED && ++d->events < EVENTS_MAX;
}

static void
fate_end(struct api_call *call, const struct err *e,
    const struct store_execution *x, void *arg)
{
	struct decision	*d = arg;

	if (strcmp(e->code, "NotFound") == 0)
		callback_page_fate(call, CALLBACK_UNKNOWN);
	else if (e->code[0] != '\0' || x == NULL)
		callback_page_error(call, 503, "Unavailable",
		    "The database cannot be reached. Try again in a moment.");
	else
		callback_page_fate(call, d->fate);
}

static void
fate_ask(struct api_call *call)
{
	struct decision	*d = call->state;

	d->chain = d->token.event_id;
	d->fate = CALLBACK_ENDED;
	history_page_read(call, &d->token.id, d->token.event_id, false, fate_event,
	    fate_end, d);
}

/* An error of the runtime, as those who hold a token see it. */
static void
callback_fail(struct api_call *call, const struct err *e)
{
	if (api_forward_moved(call, e))
		return;
	if (strcmp(e->code, "TaskTimedOut") == 0)
		fate_ask(call);
	else if (strcmp(e->code, "TaskDoesNotExist") == 0 ||
	    strcmp(e->code, "ExecutionDoesNotExist") == 0)
		callback_page_fate(call, CALLBACK_UNKNOWN);
	else if (strcmp(e->code, "Unavailable") == 0)
		callback_page_error(call, 503, "Unavailable",
		    "The server is not ready. Try again in a moment.");
	else if (strcmp(e->code, "UnknownOutcome") == 0)
		callback_page_error(call, 503, "Unavailable", "The server was lost "
		    "while it worked on this: it may have been decided. Look again.");
	else
		callback_page_error(call, 500, "InternalFailure",
		    "Something went wrong inside. Nothing was decided.");
}

/* ---- GET: what is asked ---- */

static void
ask_found(const struct err *e, const struct runtime_task *task, void *arg)
{
	struct api_call	*call = arg;
	struct decision	*d = call->state;

	if (task == NULL)
		callback_fail(call, e);
	else if (task->open)
		callback_page_ask(call, task, d->token_text);
	else
		fate_ask(call);
}

static void
ask_run(struct api_call *call)
{
	struct decision	*d = call->state;

	runtime_task(call->env->runtime, &d->token.id, d->token.shard,
	    d->token.event_id, ask_found, call);
}

/* ---- POST: the decision ---- */

/* Takes text, which must be one JSON value; false if it is none. */
static bool
decision_set_output(struct decision *d, const char *text, size_t len)
{
	struct err	 e = ERR_INIT;
	bool		 ok;

	ok = len <= OP_PAYLOAD_MAX && jsontext_check(text, len, NULL, &e) == 0;
	err_clear(&e);
	if (ok) {
		free(d->output);
		d->output = xstrndup(text, len);
		d->output_len = len;
	}
	return ok;
}

static void
decision_default_output(struct decision *d, const char *comment)
{
	struct strbuf	 b = STRBUF_INIT;

	strbuf_adds(&b, "{\"decision\":\"approved\"");
	if (comment != NULL && comment[0] != '\0') {
		strbuf_adds(&b, ",\"comment\":");
		strbuf_add_json_string(&b, comment, strlen(comment));
	}
	strbuf_addc(&b, '}');
	d->output = strbuf_take(&b, &d->output_len);
}

/* decision, reason and comment may be NULL; output was taken before. */
static const char *
decision_take(struct decision *d, const char *decision, const char *reason,
    const char *comment)
{
	if (decision != NULL && strcmp(decision, "reject") == 0) {
		d->reject = true;
		d->reason = xstrdup(reason == NULL || reason[0] == '\0' ?
		    "No reason was given." : reason);
		return strlen(d->reason) > 32768 ? "The reason is too long." : NULL;
	}
	if (decision == NULL && d->output == NULL)
		return "Say decision=approve or decision=reject, or give an output.";
	if (decision != NULL && strcmp(decision, "approve") != 0)
		return "The decision must be approve or reject.";
	if (d->output == NULL)
		decision_default_output(d, comment);
	return d->output_len > OP_PAYLOAD_MAX ? "The comment is too long." : NULL;
}

static const char *
decision_read_json(struct decision *d, const char *body, size_t len)
{
	struct err	 e = ERR_INIT;
	json_t		*tree = jsontext_parse(body, len, &e);
	const json_t	*v;
	const char	*text, *fault;
	char		*printed = NULL;
	size_t		 n;

	err_clear(&e);
	if (!json_is_object(tree)) {
		json_decref(tree);
		return "The body must be a JSON object.";
	}
	if ((v = json_object_get(tree, "output")) != NULL) {
		if ((text = api_rest_member(body, len, "output", &n)) == NULL)
			text = printed = jsontext_string(v, &n);
		if (!decision_set_output(d, text, n)) {
			free(printed);
			json_decref(tree);
			return "The output is longer than 262144 bytes.";
		}
		free(printed);
	}
	v = json_object_get(tree, "decision");
	if (v != NULL && !json_is_string(v))
		fault = "The decision must be approve or reject.";
	else
		fault = decision_take(d, json_string_value(v),
		    json_string_value(json_object_get(tree, "reason")),
		    json_string_value(json_object_get(tree, "comment")));
	json_decref(tree);
	return fault;
}

/* A field of a form, decoded; new, or NULL. */
static char *
form_field(const char *body, const char *name)
{
	size_t		 n = strlen(name), len;
	const char	*p;

	for (p = body; *p != '\0'; p += len + (p[len] == '&')) {
		len = strcspn(p, "&");
		if (len > n && strncmp(p, name, n) == 0 && p[n] == '=')
			return httpd_decode(p + n + 1, len - n - 1, true);
	}
	return NULL;
}

static const char *
decision_read_form(struct decision *d, const char *body)
{
	char		*decision = form_field(body, "decision");
	char		*reason = form_field(body, "reason");
	char		*comment = form_field(body, "comment");
	char		*output = form_field(body, "output");
	const char	*fault = NULL;

	if (output != NULL && output[0] != '\0' &&
	    !decision_set_output(d, output, strlen(output)))
		fault = "The output must be JSON of at most 262144 bytes.";
	if (fault == NULL)
		fault = decision_take(d, decision, reason, comment);
	free(decision);
	free(reason);
	free(comment);
	free(output);
	return fault;
}

/* false after answering. */
static bool
decision_read(struct api_call *call, struct decision *d)
{
	const char	*type = httpd_header(call->request, "Content-Type");
	const char	*body, *fault;
	size_t		 len, n;

	body = httpd_body(call->request, &len);
	n = type == NULL ? 0 : strcspn(type, "; ");
	if (n == 16 && strncasecmp(type, "application/json", n) == 0)
		fault = decision_read_json(d, body, len);
	else if (n == 33 &&
	    strncasecmp(type, "application/x-www-form-urlencoded", n) == 0)
		fault = memchr(body, '\0', len) != NULL ?
		    "The form holds a NUL." : decision_read_form(d, body);
	else {
		callback_page_error(call, 415, "UnsupportedMediaType",
		    "Send a form or application/json.");
		return false;
	}
	if (fault != NULL)
		callback_page_error(call, 400, "ValidationException", fault);
	return fault == NULL;
}

static void
decide_done(const struct err *e, int64_t ended_ms, void *arg)
{
	struct api_call	*call = arg;
	struct decision	*d = call->state;

	(void)ended_ms;
	if (e->code[0] != '\0')
		callback_fail(call, e);
	else
		callback_page_decided(call, d->reject ? "rejected" : "approved");
}

static void
decide_run(struct api_call *call)
{
	struct decision	*d = call->state;
	struct stimulus	 what;

	memset(&what, 0, sizeof what);
	what.id = d->token.event_id;
	if (d->reject) {
		what.kind = STIMULUS_CALLBACK_FAILED;
		what.error = "Rejected";
		what.cause = d->reason;
	} else {
		what.kind = STIMULUS_CALLBACK_SUCCEEDED;
		what.payload = payload_from_text(d->output, d->output_len);
	}
	runtime_deliver(call->env->runtime, &d->token.id, d->token.shard, &what,
	    decide_done, call);
	payload_unref(what.payload);
}

static int
decide_shard(struct api_call *call)
{
	const struct decision	*d = call->state;

	return d->token.shard;
}

static const struct api_op	op_ask = {
	"CallbackPage", OP_PAWL, NULL, NULL, ask_run, false
};
static const struct api_op	op_decide = {
	"CallbackDecision", OP_PAWL, NULL, decide_shard, decide_run, true
};

/* ---- requests ---- */

void
callback_handle(struct api_call *call)
{
	const char	*path = httpd_raw_path(call->request) + strlen(PREFIX);
	const char	*method = httpd_method(call->request);
	struct decision	*d = xcalloc(1, sizeof *d);
	bool		 post = strcmp(method, "POST") == 0;

	api_keep(call, d, decision_free);
	if (!post && strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		httpd_set(call->request, "Allow", "GET, HEAD, POST");
		callback_page_error(call, 405, "MethodNotAllowed",
		    "This address takes GET and POST.");
		return;
	}
	d->token_text = strlen(path) > TOKEN_MAX ? NULL :
	    httpd_decode(path, strlen(path), false);
	if (d->token_text == NULL || !token_read(call->env->keys->token_key,
	    d->token_text, &d->token)) {
		callback_page_fate(call, CALLBACK_UNKNOWN);
		return;
	}
	call->params = json_object();
	call->op = post ? &op_decide : &op_ask;
	if (!post || decision_read(call, d))
		api_start(call);
}
