/*
 * engine/callback_page.c - the pages that approvers see.
 *
 * Plain HTML and CSS in one piece (console/page.css is built in): no scripts,
 * nothing from elsewhere.  A member "question" of the arguments heads the page.
 * All that comes from outside is escaped.  Headers forbid what the page
 * does not need.
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "callback.h"
#include "console.h"
#include "xmalloc.h"

#define SHOWN_MAX	65536	/* bytes of arguments on a page */
#define QUESTION_DEPTH	3	/* Parameters.MessageBody.question */
#define INDENT_MAX	40	/* deeper levels stand below each other */

static bool
page_wants_json(const struct api_call *call)
{
	const char	*accept = httpd_header(call->request, "Accept");

	if (accept == NULL || strstr(accept, "text/html") == NULL)
		return strcmp(httpd_method(call->request), "POST") == 0 ||
		    (accept != NULL && strstr(accept, "application/json") != NULL);
	return false;
}

static void
page_begin(struct strbuf *b, const char *title)
{
	strbuf_adds(b, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\""
	    "utf-8\"><meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>");
	strbuf_add_markup(b, title);
	strbuf_addf(b, "</title><style>%s</style></head><body><main>"
	    "<div class=\"card\"><h1>", console_css);
	strbuf_add_markup(b, title);
	strbuf_adds(b, "</h1>");
}

/* Answers; b is freed. */
static void
page_end(struct api_call *call, int status, struct strbuf *b, const char *type)
{
	httpd_set(call->request, "Cache-Control", "no-store");
	httpd_set(call->request, "Referrer-Policy", "no-referrer");
	httpd_set(call->request, "X-Content-Type-Options", "nosniff");
	httpd_set(call->request, "Content-Security-Policy", "default-src 'none'; "
	    "style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; "
	    "base-uri 'none'");
	httpd_set(call->request, "X-Frame-Options", "DENY");
	api_reply(call, status, type, strbuf_str(b), b->len);
	strbuf_free(b);
}

static void
page_end_html(struct api_call *call, int status, struct strbuf *b)
{
	strbuf_adds(b, "</div><footer>pawl</footer></main></body></html>\n");
	page_end(call, status, b, "text/html; charset=utf-8");
}

static void
page_note(struct api_call *call, int status, const char *title, const char *text)
{
	struct strbuf	 b = STRBUF_INIT;

	page_begin(&b, title);
	strbuf_adds(&b, "<p class=\"lead\">");
	strbuf_add_markup(&b, text);
	strbuf_adds(&b, "</p>");
	page_end_html(call, status, &b);
}

static void
page_json(struct api_call *call, int status, json_t *answer)
{
	struct strbuf	 b = STRBUF_INIT;

	jsontext_print(answer, &b);
	strbuf_addc(&b, '\n');
	json_decref(answer);
	page_end(call, status, &b, "application/json");
}

/* ---- the question ---- */

static void
page_time(struct strbuf *b, int64_t ms)
{
	time_t		 t = (time_t)(ms / 1000);
	struct tm	 tm;
	char		 text[64];

	gmtime_r(&t, &tm);
	strftime(text, sizeof text, "%e %B %Y, %H:%M:%S UTC", &tm);
	strbuf_add_markup(b, text + strspn(text, " "));
}

static void
page_break(struct strbuf *b, int depth)
{
	strbuf_addc(b, '\n');
	for (depth = depth > INDENT_MAX ? INDENT_MAX : depth; depth > 0; depth--)
		strbuf_adds(b, "  ");
}

/* Indents JSON text, which is known to be valid; numbers keep their spelling. */
static void
page_indent(struct strbuf *b, const char *p)
{
	int	 depth = 0;
	bool	 quoted = false;

	for (; *p != '\0' && b->len <= SHOWN_MAX * 2; p++) {
		if (quoted || *p == '"') {
			strbuf_addc(b, *p);
			if (quoted && *p == '\\')
				strbuf_addc(b, *++p);
			else if (*p == '"')
				quoted = !quoted;
		} else if (*p == '{' || *p == '[') {
			strbuf_addc(b, *p);
			p += strspn(p + 1, " \t\r\n");
			if (p[1] == '}' || p[1] == ']')
				strbuf_addc(b, *++p);
			else
				page_break(b, ++depth);
		} else if (*p == '}' || *p == ']') {
			page_break(b, --depth);
			strbuf_addc(b, *p);
		} else if (*p == ',') {
			strbuf_addc(b, *p);
			page_break(b, depth);
		} else if (*p == ':')
			strbuf_adds(b, ": ");
		else if (strchr(" \t\r\n", *p) == NULL)
			strbuf_addc(b, *p);
	}
}

/* The arguments, indented; the token in them is cut short. */
static void
page_arguments(struct strbuf *b, const char *text, const char *token)
{
	struct strbuf	 pretty = STRBUF_INIT, shown = STRBUF_INIT;
	const char	*p, *hit;
	size_t		 n = strlen(token);

	page_indent(&pretty, text);
	for (p = strbuf_str(&pretty); (hit = strstr(p, token)) != NULL; p = hit + n) {
		strbuf_add(&shown, p, (size_t)(hit - p));
		strbuf_addf(&shown, "%.8s…", token);
	}
	strbuf_adds(&shown, p);
	strbuf_free(&pretty);
	if (shown.len > SHOWN_MAX) {
		for (n = SHOWN_MAX; ((unsigned char)shown.data[n] & 0xc0) == 0x80; n--)
			continue;
		shown.data[n] = '\0';
		strbuf_add_markup(b, shown.data);
		strbuf_adds(b, "\n… (cut: this is too long to show)");
	} else
		strbuf_add_markup(b, strbuf_str(&shown));
	strbuf_free(&shown);
}

static void
page_term(struct strbuf *b, const char *term, const char *text)
{
	strbuf_addf(b, "<dt>%s</dt><dd>", term);
	strbuf_add_markup(b, text);
	strbuf_adds(b, "</dd>");
}

static void
page_ask_json(struct api_call *call, const struct runtime_task *task)
{
	struct strbuf	 b = STRBUF_INIT, out = STRBUF_INIT;
	json_t		*answer = json_object();
	char		*arn;

	arn = arn_execution(&call->env->account, task->machine, task->execution);
	api_set_str(answer, "executionArn", arn);
	free(arn);
	api_set_str(answer, "state", task->state);
	api_set_str(answer, "parameters", task->arguments);
	json_object_set_new(answer, "open", json_true());
	api_set_time(answer, "scheduledDate", task->scheduled_ms);
	if (task->due_ms != 0)
		api_set_time(answer, "dueDate", task->due_ms);
	jsontext_print(answer, &b);
	json_decref(answer);
	if (api_rest_print(strbuf_str(&b), b.len, NULL, &out)) {
		strbuf_addc(&out, '\n');
		page_end(call, 200, &out, "application/json");
	} else {
		strbuf_free(&out);
		callback_page_error(call, 500, "InternalFailure",
		    "The arguments cannot be shown.");
	}
	strbuf_free(&b);
}

/* The first member "question" that is a string, not deep inside. */
static const char *
page_find_question(const json_t *value, int depth)
{
	const char	*name, *found;
	json_t		*member;

	found = json_string_value(json_object_get(value, "question"));
	if (found != NULL || depth == 0)
		return found;
	json_object_foreach((json_t *)value, name, member)
		if ((found = page_find_question(member, depth - 1)) != NULL)
			return found;
	return NULL;
}

/* What the workflow asks in words, if it does. */
static void
page_question(struct strbuf *b, const char *arguments)
{
	struct err	 e = ERR_INIT;
	json_t		*tree = jsontext_parse(arguments, strlen(arguments), &e);
	const char	*question = page_find_question(tree, QUESTION_DEPTH);

	if (question != NULL) {
		strbuf_adds(b, "<p class=\"question\">");
		strbuf_add_markup(b, question);
		strbuf_adds(b, "</p>");
	}
	json_decref(tree);
	err_clear(&e);
}

void
callback_page_ask(struct api_call *call, const struct runtime_task *task,
    const char *token)
{
	struct strbuf	 b = STRBUF_INIT;
	char		*title;

	if (page_wants_json(call)) {
		page_ask_json(call, task);
		return;
	}
	title = xasprintf("%s: your decision", task->state);
	page_begin(&b, title);
	free(title);
	page_question(&b, task->arguments);
	strbuf_adds(&b, "<p class=\"lead\">A workflow waits for your answer.</p><dl>");
	page_term(&b, "Workflow", task->machine);
	page_term(&b, "Execution", task->execution);
	page_term(&b, "Step", task->state);
	strbuf_adds(&b, "<dt>Asked</dt><dd>");
	page_time(&b, task->scheduled_ms);
	strbuf_adds(&b, "</dd>");
	if (task->due_ms != 0) {
		strbuf_adds(&b, "<dt>Answer until</dt><dd>");
		page_time(&b, task->due_ms);
		strbuf_adds(&b, "</dd>");
	}
	strbuf_adds(&b, "</dl><pre>");
	page_arguments(&b, task->arguments, token);
	strbuf_adds(&b, "</pre><form method=\"post\"><label for=\"reason\">Reason, if "
	    "you reject</label><textarea id=\"reason\" name=\"reason\" "
	    "maxlength=\"4000\"></textarea><div class=\"row\">"
	    "<button class=\"go\" name=\"decision\" value=\"approve\">Approve</button>"
	    "<button class=\"no\" name=\"decision\" value=\"reject\">Reject</button>"
	    "</div></form>");
	page_end_html(call, 200, &b);
}

/* ---- what came of it ---- */

void
callback_page_decided(struct api_call *call, const char *decision)
{
	if (page_wants_json(call))
		page_json(call, 200, json_pack("{s:s}", "decision", decision));
	else if (strcmp(decision, "rejected") == 0)
		page_note(call, 200, "Rejected", "Your answer was recorded: rejected. "
		    "You can close this page.");
	else
		page_note(call, 200, "Approved", "Your answer was recorded: approved. "
		    "You can close this page.");
}

void
callback_page_error(struct api_call *call, int status, const char *code,
    const char *text)
{
	if (status == 503)
		httpd_set(call->request, "Retry-After", "1");
	if (page_wants_json(call))
		page_json(call, status, json_pack("{s:s, s:s}", "error", code,
		    "message", text));
	else
		page_note(call, status, "This did not work", text);
}

void
callback_page_fate(struct api_call *call, enum callback_fate fate)
{
	static const struct {
		int		 status;
		const char	*code, *title, *text;
	} fates[] = {
		[CALLBACK_OPEN] = { 200, "", "", "" },
		[CALLBACK_SPENT] = { 409, "Conflict", "Already answered",
		    "This question was answered before; the first answer counts." },
		[CALLBACK_EXPIRED] = { 410, "Gone", "Too late",
		    "The time for an answer is over; the workflow went on without "
		    "it." },
		[CALLBACK_ENDED] = { 410, "Gone", "No longer needed",
		    "The workflow ended, or went another way, before an answer "
		    "came." },
		[CALLBACK_UNKNOWN] = { 404, "NotFound", "Unknown link",
		    "This link is not known here: it is incomplete, altered, or of "
		    "another server." },
	};

	if (page_wants_json(call))
		page_json(call, fates[fate].status, json_pack("{s:s, s:s}", "error",
		    fates[fate].code, "message", fates[fate].text));
	else
		page_note(call, fates[fate].status, fates[fate].title,
		    fates[fate].text);
}
