/*
 * tests/unit/t_cli.c - the parts of the command line that need no server.
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "caret.h"
#include "cmd.h"
#include "execid.h"
#include "help.h"
#include "options.h"
#include "pretty.h"
#include "render_event.h"
#include "sse.h"
#include "style.h"
#include "suggest.h"
#include "table.h"
#include "trace.h"
#include "unit.h"
#include "when.h"
#include "width.h"
#include "xmalloc.h"

static json_t *
json(const char *text)
{
	json_t	*value = json_loads(text, JSON_DECODE_ANY, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(value);
	return value;
}

/* ---- width ---- */

static void
check_cut(const char *text, size_t max, const char *want, size_t columns)
{
	struct strbuf	 out = STRBUF_INIT;

	CU_ASSERT_EQUAL(width_add(&out, text, max), columns);
	UNIT_STR(strbuf_str(&out), want);
	strbuf_free(&out);
}

static void
test_width(void)
{
	CU_ASSERT_EQUAL(width_text(""), 0);
	CU_ASSERT_EQUAL(width_text("order"), 5);
	CU_ASSERT_EQUAL(width_text("Grün"), 4);
	CU_ASSERT_EQUAL(width_text("日本語"), 6);
	CU_ASSERT_EQUAL(width_text("e\xcc\x81"), 1);
	CU_ASSERT_EQUAL(width_text("🚀"), 2);
	CU_ASSERT_TRUE(width_valid("日本語", 9));
	CU_ASSERT_FALSE(width_valid("\xc0\x80", 2));
	CU_ASSERT_FALSE(width_valid("\xed\xa0\x80", 3));
	CU_ASSERT_FALSE(width_valid("\xe6\x97", 2));
}

static void
test_width_cut(void)
{
	check_cut("order", WIDTH_ANY, "order", 5);
	check_cut("order", 5, "order", 5);
	check_cut("order", 4, "ord…", 4);
	check_cut("order", 1, "…", 1);
	check_cut("order", 0, "", 0);
	check_cut("日本語", 5, "日本…", 5);
	/* A wide character does not fit in half. */
	check_cut("日本語", 4, "日…", 3);
}

static void
test_width_is_safe(void)
{
	check_cut("a\033[31mb", WIDTH_ANY, "a\xef\xbf\xbd[31mb", 7);
	check_cut("a\n\tb", WIDTH_ANY, "a  b", 4);
	check_cut("\xc2\x9b" "1m", WIDTH_ANY, "\xef\xbf\xbd" "1m", 3);
	check_cut("x\xe2\x80\xaey", WIDTH_ANY, "x\xef\xbf\xbdy", 3);
	check_cut("x\xffy", WIDTH_ANY, "x\xef\xbf\xbdy", 3);
}

/* ---- tables ---- */

static const struct table_column columns[] = {
	{ "NAME", false, true }, { "STATUS", false, false }, { "TOOK", true, false }
};

static void
check_table(size_t width, const char *want)
{
	struct table	*t = table_new(columns, 3);
	struct strbuf	 out = STRBUF_INIT;

	table_cell(t, STYLE_PLAIN, "order:a-long-name-of-it");
	table_cell(t, STYLE_GOOD, "SUCCEEDED");
	table_cellf(t, STYLE_PLAIN, "%d s", 12);
	table_cell(t, STYLE_PLAIN, "日本");
	table_cell(t, STYLE_PLAIN, "RUNNING");
	table_cell(t, STYLE_PLAIN, NULL);
	CU_ASSERT_EQUAL(table_rows(t), 2);
	table_print(t, width, &out);
	UNIT_STR(strbuf_str(&out), want);
	strbuf_free(&out);
	table_free(t);
}

static void
test_table(void)
{
	style_init(STYLE_NEVER);
	check_table(0,
	    "NAME                     STATUS     TOOK\n"
	    "order:a-long-name-of-it  SUCCEEDED  12 s\n"
	    "日本                     RUNNING        \n");
	check_table(28,
	    "NAME         STATUS     TOOK\n"
	    "order:a-lo…  SUCCEEDED  12 s\n"
	    "日本         RUNNING        \n");
	check_table(20,
	    "NAME    STATUS  TOOK\n"
	    "order…  SUCCE…  12 s\n"
	    "日本    RUNNI…      \n");
}

static void
test_table_fits_any_width(void)
{
	struct table	*t = table_new(columns, 3);
	struct strbuf	 out = STRBUF_INIT;
	const char	*line, *nl;
	char		*one;
	size_t		 width, i;

	style_init(STYLE_NEVER);
	for (i = 0; i < 9; i++)
		table_cellf(t, STYLE_PLAIN, "日本語のテキスト %zu", i * i * i);
	for (width = 12; width < 100; width++) {
		strbuf_reset(&out);
		table_print(t, width, &out);
		for (line = strbuf_str(&out); *line != '\0'; line = nl + 1) {
			nl = strchr(line, '\n');
			one = xstrndup(line, (size_t)(nl - line));
			CU_ASSERT_TRUE(width_text(one) <= width);
			free(one);
		}
	}
	strbuf_free(&out);
	table_free(t);
}

static void
test_table_colour(void)
{
	struct table	*t = table_new(columns, 1);
	struct strbuf	 out = STRBUF_INIT;

	style_init(STYLE_ALWAYS);
	table_cell(t, STYLE_BAD, "x");
	table_print(t, 0, &out);
	UNIT_STR(strbuf_str(&out), "\033[2mNAME\033[0m\n\033[31mx\033[0m\n");
	style_init(STYLE_NEVER);
	strbuf_free(&out);
	table_free(t);
}

/* ---- event streams ---- */

static void
note_event(const struct sse_event *e, void *arg)
{
	strbuf_addf(arg, "<%s|%s|%s>", e->name, e->id, e->data);
}

static void
check_stream(const char *stream, size_t piece, const char *want)
{
	struct strbuf	 out = STRBUF_INIT;
	struct sse	 s;
	size_t		 i, n, len = strlen(stream);

	sse_init(&s, note_event, &out);
	for (i = 0; i < len; i += n) {
		n = len - i < piece ? len - i : piece;
		CU_ASSERT_EQUAL(sse_feed(&s, stream + i, n), 0);
	}
	UNIT_STR(strbuf_str(&out), want);
	sse_free(&s);
	strbuf_free(&out);
}

static void
test_sse(void)
{
	static const char	 stream[] = "\xef\xbb\xbf: hello\r\n"
	    "id: 1\r\ndata: {\"a\":1}\r\n\r\n"
	    "id: 2\ndata:one\ndata: two\nretry: 5\n\n"
	    "data\r\r"
	    ":keepalive\n\n"
	    "event: end\n\n"
	    "data: unfinished\n";
	static const char	 want[] = "<message|1|{\"a\":1}>"
	    "<message|2|one\ntwo><message|2|><end|2|>";
	size_t			 piece;

	for (piece = 1; piece < sizeof(stream) + 1; piece++)
		check_stream(stream, piece, want);
}

static void
test_sse_has_a_ceiling(void)
{
	struct strbuf	 out = STRBUF_INIT;
	char		*big = xmalloc(65536);
	struct sse	 s;
	size_t		 i;
	int		 rc = 0;

	memset(big, 'x', 65536);
	sse_init(&s, note_event, &out);
	for (i = 0; i <= SSE_EVENT_MAX / 65536 && rc == 0; i++)
		rc = sse_feed(&s, big, 65536);
	CU_ASSERT_EQUAL(rc, -1);
	CU_ASSERT_TRUE(i * 65536 > SSE_EVENT_MAX);
	sse_free(&s);
	strbuf_free(&out);
	free(big);
}

/* ---- times ---- */

static void
test_when(void)
{
	const int64_t	 now = INT64_C(1767225600000);	/* 2026-01-01T00:00:00Z */
	char		 b[WHEN_SIZE];
	json_t		*v;
	int64_t		 ms;

	setenv("TZ", "UTC", 1);
	tzset();
	UNIT_STR(when_ago(now, now, b), "now");
	UNIT_STR(when_ago(now + 500, now, b), "now");
	UNIT_STR(when_ago(now - 59999, now, b), "59s ago");
	UNIT_STR(when_ago(now - 3599999, now, b), "59m ago");
	UNIT_STR(when_ago(now - 86399999, now, b), "23h ago");
	UNIT_STR(when_ago(now - 86400000, now, b), "Dec 31 2025");
	UNIT_STR(when_ago(now + 86400000, now, b), "Jan 02 00:00");
	UNIT_STR(when_length(-5, b), "0 ms");
	UNIT_STR(when_length(999, b), "999 ms");
	UNIT_STR(when_length(3249, b), "3.2 s");
	UNIT_STR(when_length(125000, b), "2m 05s");
	UNIT_STR(when_length(3 * 3600000 + 600000, b), "3h 10m");
	UNIT_STR(when_length(INT64_C(100) * 86400000, b), "100d 0h");
	UNIT_STR(when_clock(now + 123, b), "00:00:00.123");
	UNIT_STR(when_full(now, b), "2026-01-01 00:00:00");
	v = json("\"2026-01-01T00:00:00.250Z\"");
	CU_ASSERT_TRUE(when_read(v, &ms));
	CU_ASSERT_EQUAL(ms, now + 250);
	json_decref(v);
	v = json("1767225600.25");
	CU_ASSERT_TRUE(when_read(v, &ms));
	CU_ASSERT_EQUAL(ms, now + 250);
	json_decref(v);
	v = json("\"yesterday\"");
	CU_ASSERT_FALSE(when_read(v, &ms));
	CU_ASSERT_FALSE(when_read(NULL, &ms));
	json_decref(v);
}

/* ---- names, suggestions ---- */

static void
check_short(const char *arn, const char *want)
{
	char	*got = execid_short(arn);

	UNIT_STR(got, want);
	free(got);
}

static void
test_execid(void)
{
	struct strbuf	 out = STRBUF_INIT;

	CU_ASSERT_TRUE(execid_valid("order:7f3a"));
	CU_ASSERT_TRUE(execid_valid(
	    "arn:aws:states:us-east-1:1:execution:order:7f3a"));
	CU_ASSERT_FALSE(execid_valid("order"));
	CU_ASSERT_FALSE(execid_valid("order:"));
	CU_ASSERT_FALSE(execid_valid(":x"));
	CU_ASSERT_FALSE(execid_valid("arn:aws:states:us-east-1:1:stateMachine:order"));
	CU_ASSERT_FALSE(execid_valid("arn:aws:states:us-east-1:1:execution:order"));
	check_short("arn:aws:states:us-east-1:1:execution:order:7f3a", "order:7f3a");
	check_short("order:7f3a", "order:7f3a");
	check_short("arn:aws", "arn:aws");
	UNIT_STR(execid_last("arn:aws:states:us-east-1:1:stateMachine:order"), "order");
	UNIT_STR(execid_last("order"), "order");
	execid_escape(&out, "a b/ü:%?");
	UNIT_STR(strbuf_str(&out), "a%20b%2F%C3%BC:%25%3F");
	strbuf_free(&out);
}

static void
check_suggestion(const char *word, const char *want)
{
	const char	*best = NULL;
	size_t		 i;

	for (i = 0; cmd_list[i] != NULL; i++)
		suggest_try(word, cmd_list[i]->name, &best);
	UNIT_STR(best, want);
}

static void
test_suggest(void)
{
	CU_ASSERT_EQUAL(suggest_distance("start", "start"), 0);
	CU_ASSERT_EQUAL(suggest_distance("strat", "start"), 1);
	CU_ASSERT_EQUAL(suggest_distance("", "ls"), 2);
	CU_ASSERT_EQUAL(suggest_distance("histroy", "history"), 1);
	check_suggestion("strat", "start");
	check_suggestion("hist", "history");
	check_suggestion("aprove", "approve");
	check_suggestion("machine lst", "machine ls");
	check_suggestion("xyzzy", NULL);
	check_suggestion("x", NULL);
}

/* ---- the command line ---- */

static void
check_parse(const char *line, const char *want)
{
	char		*copy = xstrdup(line), *argv[32], *save = NULL, *word;
	struct cmd_call	 call;
	struct strbuf	 out = STRBUF_INIT;
	struct err	 e = ERR_INIT;
	int		 argc = 0;
	size_t		 i;

	memset(&call, 0, sizeof(call));
	for (word = strtok_r(copy, " ", &save); word != NULL;
	    word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	if (options_parse(&call, argc, argv, &e) == -1)
		strbuf_addf(&out, "%s", e.code);
	else {
		strbuf_adds(&out, call.cmd != NULL ? call.cmd->name : "none");
		for (i = 0; i < call.nargs; i++)
			strbuf_addf(&out, " [%s]", call.args[i]);
		for (i = 0; i < CMD_GLOBALS; i++)
			if (call.globals[i] != NULL)
				strbuf_addf(&out, " %s=%s",
				    cmd_global_options[i].name, call.globals[i]);
		for (i = 0; call.cmd != NULL && call.cmd->options[i].name; i++)
			if (call.values[i] != NULL)
				strbuf_addf(&out, " %s=%s",
				    call.cmd->options[i].name, call.values[i]);
	}
	UNIT_STR(strbuf_str(&out), want);
	strbuf_free(&out);
	err_clear(&e);
	free(call.args);
	free(copy);
}

static void
test_options(void)
{
	check_parse("", "none");
	check_parse("ls", "ls");
	check_parse("--url http://h machine show order -o json",
	    "machine show [order] url=http://h format=json");
	check_parse("-ojson machine --key=k show order",
	    "machine show [order] key=k format=json");
	check_parse("start order --input {} -f", "start [order] input={} follow=");
	check_parse("start --name ls order", "start [order] name=ls");
	check_parse("start order -", "start [order] [-]");
	check_parse("stop --cause -x a:b", "stop [a:b] cause=-x");
	check_parse("queues send q -- -o", "queues send [q] [-o]");
	check_parse("machine show -h", "machine show help=");
	check_parse("machine", "none");
	check_parse("--version", "none version=");
	check_parse("nonsense", "Usage");
	check_parse("machine nonsense", "Usage");
	check_parse("ls extra", "Usage");
	check_parse("stop", "Usage");
	check_parse("ls --nonsense", "Usage");
	check_parse("ls -x", "Usage");
	check_parse("ls --limit", "Usage");
	check_parse("start order --wait=yes", "Usage");
	check_parse("start \xff", "Usage");
}

/* An option spelled alike takes a value everywhere or nowhere: the first pass
 * over the command line relies on it. */
static void
test_options_agree(void)
{
	const struct cmd_option	*a, *b;
	size_t			 i, j;

	for (i = 0; cmd_list[i] != NULL; i++)
		for (a = cmd_list[i]->options; a->name != NULL; a++) {
			for (j = 0; cmd_list[j] != NULL; j++)
				for (b = cmd_list[j]->options; b->name != NULL; b++)
					if (strcmp(a->name, b->name) == 0 ||
					    (a->letter != 0 &&
					    a->letter == b->letter))
						CU_ASSERT_EQUAL(a->arg == NULL,
						    b->arg == NULL);
			for (b = cmd_global_options; b->name != NULL; b++) {
				CU_ASSERT_NOT_EQUAL(strcmp(a->name, b->name), 0);
				CU_ASSERT_TRUE(a->letter == 0 ||
				    a->letter != b->letter);
			}
		}
}

/* ---- JSON, carets, events ---- */

static void
test_pretty(void)
{
	static const char	 text[] = "{\"a\":[1,2.50,{}],\"b\\\"\":\"x:\x7f\","
	    "\"c\":[],\"d\":null}";
	struct strbuf		 out = STRBUF_INIT;

	style_init(STYLE_NEVER);
	pretty_text(&out, text, strlen(text), 0);
	UNIT_STR(strbuf_str(&out), "{\n  \"a\": [\n    1,\n    2.50,\n    {}\n  ],\n"
	    "  \"b\\\"\": \"x:\\u007f\",\n  \"c\": [],\n  \"d\": null\n}\n");
	strbuf_reset(&out);
	style_init(STYLE_ALWAYS);
	pretty_text(&out, "{\"k\":true}", 10, 0);
	UNIT_STR(strbuf_str(&out), "{\n  \033[34m\"k\"\033[0m: \033[33mtrue\033[0m\n}\n");
	style_init(STYLE_NEVER);
	strbuf_free(&out);
}

static void
test_caret(void)
{
	static const char	 text[] = "one\n\tzwei日本 drei\nlast";
	struct strbuf		 out = STRBUF_INIT;
	int			 line, column;

	style_init(STYLE_NEVER);
	caret_place(text, strlen(text), 0, &line, &column);
	CU_ASSERT_TRUE(line == 1 && column == 1);
	caret_place(text, strlen(text), 16, &line, &column);
	CU_ASSERT_TRUE(line == 2 && column == 9);
	caret_place(text, strlen(text), 9999, &line, &column);
	CU_ASSERT_TRUE(line == 3 && column == 5);
	caret_show(&out, text, strlen(text), 2, 9, 80, false);
	UNIT_STR(strbuf_str(&out), "    2 |  zwei日本 drei\n"
	    "      |           ^\n");
	strbuf_reset(&out);
	caret_show(&out, text, strlen(text), 4, 1, 80, false);
	UNIT_STR(strbuf_str(&out), "");
	caret_show(&out, "0123456789012345678901234567890123456789", 40, 1, 21,
	    28, false);
	UNIT_STR(strbuf_str(&out), "    1 | 0123456789012345678…\n"
	    "      |           ^\n");
	strbuf_free(&out);
}

static void
check_event(const char *text, const char *state, size_t width, const char *want)
{
	struct strbuf	 out = STRBUF_INIT;
	json_t		*event = json(text);

	render_event(&out, event, state, width);
	UNIT_STR(strbuf_str(&out), want);
	strbuf_free(&out);
	json_decref(event);
}

static void
test_render_event(void)
{
	static const char	 entered[] = "{\"id\":2,\"previousEventId\":0,"
	    "\"timestamp\":\"2026-01-01T10:20:30.456Z\",\"type\":\"TaskStateEntered\","
	    "\"stateEnteredEventDetails\":{\"name\":\"Pay\",\"input\":{\"sum\":5}}}";

	setenv("TZ", "UTC", 1);
	tzset();
	style_init(STYLE_NEVER);
	check_event(entered, "Pay", 0, "10:20:30.456     2  "
	    "TaskStateEntered            Pay                 {\"sum\":5}\n");
	check_event(entered, NULL, 40, "10:20:30  2  TaskStateEntered  Pay  {\"s…\n");
	check_event("{\"id\":9,\"type\":\"TaskFailed\",\"taskFailedEventDetails\":"
	    "{\"error\":\"E\",\"cause\":\"because\",\"resourceType\":\"sqs\","
	    "\"resource\":\"sendMessage\"}}", "Pay", 200, "   9  TaskFailed     "
	    "             Pay                 E: because\n");
	check_event("{\"id\":3,\"type\":\"MapStateStarted\","
	    "\"mapStateStartedEventDetails\":{\"length\":1}}", "Each", 60,
	    "3  MapStateStarted  Each  1 item\n");
	check_event("{\"id\":4,\"type\":\"SomethingNew\"}", NULL, 60,
	    "4  SomethingNew\n");
	check_event("{}", NULL, 60, "0  ?\n");
}

static void
feed(struct trace *t, const char *text)
{
	json_t	*event = json(text);

	trace_feed(t, event);
	json_decref(event);
}

#define EVENT(id, prev, type, rest) \
	"{\"id\":" #id ",\"previousEventId\":" #prev ",\"type\":\"" type "\"" rest "}"
#define ENTER(id, prev, type, name) EVENT(id, prev, type "StateEntered", \
	",\"stateEnteredEventDetails\":{\"name\":\"" name "\"}")
#define LEAVE(id, prev, type, name) EVENT(id, prev, type "StateExited", \
	",\"stateExitedEventDetails\":{\"name\":\"" name "\"}")
#define TOKEN_TASK(id, prev, parameters) EVENT(id, prev, "TaskScheduled", \
	",\"taskScheduledEventDetails\":{\"resourceType\":\"sqs\"," \
	"\"resource\":\"sendMessage.waitForTaskToken\",\"parameters\":" parameters "}")

static void
check_open(const struct trace *t, const char *want)
{
	const struct trace_state	*s;
	const struct trace_task		*task;
	struct strbuf			 out = STRBUF_INIT;
	size_t				 i;

	for (i = 0; (s = trace_state(t, i)) != NULL; i++)
		if (s->open)
			strbuf_addf(&out, "%s ", s->name);
	for (i = 0; (task = trace_task(t, i)) != NULL; i++)
		if (task->open)
			strbuf_addf(&out, "<%s %s> ", task->state, task->token);
	UNIT_STR(strbuf_str(&out), want);
	strbuf_free(&out);
}

static void
test_trace(void)
{
	struct trace	*t = trace_new();
	json_t		*event;

	feed(t, EVENT(1, 0, "ExecutionStarted", ""));
	feed(t, ENTER(2, 0, "Pass", "First"));
	feed(t, LEAVE(3, 2, "Pass", "First"));
	feed(t, ENTER(4, 3, "Parallel", "Both"));
	feed(t, EVENT(5, 4, "ParallelStateStarted", ""));
	feed(t, ENTER(6, 5, "Task", "Left"));
	feed(t, ENTER(7, 5, "Task", "Right"));
	feed(t, TOKEN_TASK(8, 6, "{\"m\":[\"see http://h/callback/abc-_=?x\"]}"));
	feed(t, TOKEN_TASK(9, 7, "{\"t\":\"0123456789012345678901234567890123456789\"}"));
	feed(t, EVENT(10, 8, "TaskStarted", ""));
	check_open(t, "Both Left Right <Left abc-_=> "
	    "<Right 0123456789012345678901234567890123456789> ");
	UNIT_STR(trace_task(t, 0)->link, "http://h/callback/abc-_=");
	CU_ASSERT_PTR_NULL(trace_task(t, 1)->link);
	event = json(EVENT(10, 8, "TaskStarted", ""));
	UNIT_STR(trace_state_of(t, event), "Left");
	json_decref(event);
	feed(t, EVENT(11, 10, "TaskSucceeded", ""));
	feed(t, LEAVE(12, 11, "Task", "Left"));
	feed(t, ENTER(13, 12, "Pass", "Left2"));
	check_open(t, "Both Right Left2 "
	    "<Right 0123456789012345678901234567890123456789> ");
	feed(t, EVENT(14, 9, "TaskFailed", ""));
	feed(t, EVENT(15, 14, "ParallelStateFailed", ""));
	event = json(EVENT(15, 14, "ParallelStateFailed", ""));
	UNIT_STR(trace_state_of(t, event), "Both");
	json_decref(event);
	feed(t, LEAVE(16, 15, "Parallel", "Both"));
	check_open(t, "");
	feed(t, ENTER(17, 16, "Map", "Each"));
	feed(t, EVENT(18, 17, "MapStateStarted", ""));
	feed(t, EVENT(19, 18, "MapIterationStarted", ""));
	feed(t, ENTER(20, 19, "Pass", "One"));
	feed(t, LEAVE(21, 20, "Pass", "One"));
	feed(t, EVENT(22, 21, "MapIterationSucceeded", ""));
	event = json(EVENT(22, 21, "MapIterationSucceeded", ""));
	UNIT_STR(trace_state_of(t, event), "Each");
	json_decref(event);
	check_open(t, "Each ");
	CU_ASSERT_FALSE(trace_ended(t));
	feed(t, EVENT(23, 22, "ExecutionAborted", ""));
	check_open(t, "");
	CU_ASSERT_TRUE(trace_ended(t));
	trace_free(t);
}

static void
test_trace_survives_nonsense(void)
{
	struct trace	*t = trace_new();

	feed(t, "{}");
	feed(t, "[]");
	feed(t, "{\"id\":-1,\"type\":\"PassStateEntered\"}");
	feed(t, "{\"id\":99999999999,\"type\":\"PassStateEntered\"}");
	feed(t, EVENT(7, 6, "PassStateExited", ""));
	feed(t, EVENT(8, 8, "PassStateEntered", ""));
	feed(t, EVENT(9, 8, "PassStateEntered", ""));
	feed(t, EVENT(9, 9, "PassStateEntered", ""));
	feed(t, LEAVE(10, 9, "Pass", "other"));
	feed(t, EVENT(11, 10, "MapStateFailed", ""));
	feed(t, TOKEN_TASK(12, 11, "null"));
	CU_ASSERT_FALSE(trace_ended(t));
	CU_ASSERT_EQUAL(trace_task(t, 0)->id, 12);
	trace_free(t);
}

/* ---- help ---- */

static void
test_every_command_is_explained(void)
{
	struct strbuf	 out = STRBUF_INIT;
	const char	*line, *nl;
	char		*one;
	size_t		 i;

	style_init(STYLE_NEVER);
	for (i = 0; cmd_list[i] != NULL; i++) {
		strbuf_reset(&out);
		help_command(&out, cmd_list[i]);
		CU_ASSERT_PTR_NOT_NULL(strstr(cmd_list[i]->examples, "pawl "));
		for (line = strbuf_str(&out); *line != '\0'; line = nl + 1) {
			nl = strchr(line, '\n');
			one = xstrndup(line, (size_t)(nl - line));
			if (width_text(one) > 80)
				UNIT_STR(one, "a line of at most 80 columns");
			free(one);
		}
	}
	strbuf_free(&out);
}

int
main(void)
{
	UNIT_TESTS(tests) = {
		{ "widths follow Unicode", test_width },
		{ "text is cut with an ellipsis", test_width_cut },
		{ "text cannot send control sequences", test_width_is_safe },
		{ "tables are aligned and cut", test_table },
		{ "tables fit any width", test_table_fits_any_width },
		{ "tables have colour when wanted", test_table_colour },
		{ "event streams are read in pieces of any size", test_sse },
		{ "an event has a ceiling", test_sse_has_a_ceiling },
		{ "times are read and written", test_when },
		{ "executions are named", test_execid },
		{ "mistyped commands get a suggestion", test_suggest },
		{ "the command line is taken apart", test_options },
		{ "options of one name agree", test_options_agree },
		{ "JSON is indented", test_pretty },
		{ "carets stand under their place", test_caret },
		{ "events are one line", test_render_event },
		{ "a history tells states and open tasks", test_trace },
		{ "a history of nonsense does no harm", test_trace_survives_nonsense },
		{ "every command is explained", test_every_command_is_explained },
		CU_TEST_INFO_NULL
	};

	return unit_main("cli", tests);
}
