/*
 * tests/unit/t_step.c - steps that a scenario's text cannot show: large
 * payloads, large Maps, and what is refused.
 */

#include <stdlib.h>
#include <string.h>

#include "laws.h"
#include "unit.h"
#include "xmalloc.h"

/* ---- a large Map ---- */

static int64_t
run_map(int items, int *steps)
{
	static const char	 text[] = "{\"StartAt\":\"M\",\"States\":{\"M\":"
	    "{\"Type\":\"Map\",\"End\":true,\"ItemProcessor\":{\"StartAt\":"
	    "\"P\",\"States\":{\"P\":{\"Type\":\"Pass\",\"End\":true}}}}}}";
	struct findings	 f = FINDINGS_INIT;
	struct machine	*m = machine_parse(text, sizeof text - 1, &f);
	struct strbuf	 input = STRBUF_INIT;
	struct stimulus	 what = { .kind = STIMULUS_START, .now_ms = 1 };
	struct laws	 l;
	struct step	*s;
	struct err	 e = ERR_INIT;
	int64_t		 events;
	int		 i;
	bool		 more = true;

	for (i = 0; i < items; i++)
		strbuf_addf(&input, "%c%d", i == 0 ? '[' : ',', i);
	strbuf_adds(&input, "]");
	what.payload = payload_from_text(input.data, input.len);
	laws_init(&l, m, 1);
	for (*steps = 0; more && step_run(l.ex, &what, &s, &e) == 0; (*steps)++) {
		more = s->more;
		step_free(s);
		what.kind = STIMULUS_CONTINUE;
	}
	CU_ASSERT_EQUAL(execution_status(l.ex), EXECUTION_SUCCEEDED);
	events = execution_last_event(l.ex);
	payload_unref(what.payload);
	strbuf_free(&input);
	laws_clear(&l);
	machine_free(m);
	findings_free(&f);
	err_clear(&e);
	return events;
}

static void
test_large_map(void)
{
	int	 steps;

	CU_ASSERT_EQUAL(run_map(6000, &steps), 6000 * 4 + 6);
	CU_ASSERT_EQUAL(steps, (2 * 6000 + 2) / STEP_TRANSITIONS_MAX + 1);
}

/* ---- what does not belong ---- */

static void
refuse(struct laws *l, struct stimulus what, const char *code)
{
	struct step	*s = NULL;
	struct err	 e = ERR_INIT;

	CU_ASSERT_EQUAL(step_run(l->ex, &what, &s, &e), -1);
	CU_ASSERT_PTR_NULL(s);
	UNIT_STR(e.code, code);
	err_clear(&e);
}

static void
test_refused(void)
{
	static const char	 text[] = "{\"StartAt\":\"S\",\"States\":{\"S\":"
	    "{\"Type\":\"Wait\",\"Seconds\":9,\"End\":true}}}";
	struct findings	 f = FINDINGS_INIT;
	struct machine	*m = machine_parse(text, sizeof text - 1, &f);
	struct stimulus	 what = { .kind = STIMULUS_STOP };
	struct laws	 l;

	laws_init(&l, m, 1);
	refuse(&l, what, "NotStarted");
	what.kind = STIMULUS_START;
	refuse(&l, what, "BadStimulus");	/* without an input */
	what.payload = payload_from_text("{}", 2);
	step_free(laws_step(&l, &what));
	what.kind = STIMULUS_TIMER;
	what.id = 3;
	refuse(&l, what, "BadStimulus");
	what.id = -1;
	refuse(&l, what, "BadStimulus");
	payload_unref(what.payload);
	laws_clear(&l);
	machine_free(m);
	findings_free(&f);
}

static void
test_bad_chunks(void)
{
	static const char *const	 texts[] = { "", "{", "[]", "{\"v\":2}",
		"{\"v\":1,\"p\":[],\"e\":[]}",
		"{\"v\":1,\"p\":[],\"e\":[{}]}",
		"{\"v\":1,\"p\":[],\"e\":[{\"y\":\"Nothing\",\"i\":1}]}",
		"{\"v\":1,\"p\":[],\"e\":[{\"y\":\"TaskStarted\"}]}",
		"{\"v\":1,\"p\":[],\"e\":[{\"y\":\"TaskStarted\",\"i\":1,\"p\":0}]}",
		"{\"v\":1,\"p\":[x],\"e\":[{\"y\":\"TaskStarted\",\"i\":1}]}",
		"{\"v\":1,\"p\":[],\"e\":[{\"y\":\"TaskStarted\",\"i\":1,\"q\":0}]}",
		"{\"v\":1,\"p\":[],\"e\":[{\"y\":\"TaskStarted\",\"i\":1.5}]}",
		"{\"v\":1,\"p\":[],\"e\":[{\"y\":\"TaskStarted\",\"i\":1,\"s\":[1]}]}",
		"{\"v\":1,\"p\":[],\"e\":[{\"y\":\"TaskStarted\",\"i\":1,"
		    "\"v\":{\"a\":\"[\"}}]}",
		"{\"v\":1,\"p\":[],\"e\":[{\"y\":\"TaskStarted\",\"i\":1}]}x",
		"{\"v\":1,\"p\":[],\"e\":[{\"y\":\"TaskStarted\",\"i\":1},"
		    "{\"y\":\"TaskStarted\",\"i\":3}]}",
		/* Found by fuzzing. */
		"{\"v\":1,\"p\":[],\"e\":[{\"y\":\"TaskStarted\",\"i\":1,"
		    "\"t\":-76}]}",
		"{\"v\":1,\"p\":[],\"e\":[{\"y\":\"TaskStarted\",\"i\":+1}]}",
		"{\"v\":1,\"p\":[],\"e\":[{\"y\":\"TaskStarted\","
		    "\"i\":9223372036854775808}]}",
		"{\"v\":1", "{\"v\":1,\"p\":[],\"e\":[{\"i\":1" };
	struct event	*events;
	struct err	 e = ERR_INIT;
	size_t		 i, n;
	char		*exact;

	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		/* Memory of its own, to the byte: nothing behind it is read. */
		exact = xmemdup(texts[i], strlen(texts[i]));
		CU_ASSERT_EQUAL(chunk_decode(exact, strlen(texts[i]), &events,
		    &n, &e), -1);
		free(exact);
		UNIT_STR(e.code, "CorruptHistory");
		CU_ASSERT_EQUAL(n, 0);
		err_clear(&e);
	}
}

/* ---- payloads ---- */

#define FUNCTION "arn:aws:lambda:us-east-1:123456789012:function:f"

static struct machine *
parse(const char *text)
{
	struct findings	 f = FINDINGS_INIT;
	struct machine	*m = machine_parse(text, strlen(text), &f);

	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	findings_free(&f);
	return m;
}

/* Runs a stimulus that takes a payload of n bytes: a string of that length. */
static struct step *
give(struct laws *l, enum stimulus_kind kind, int64_t id, size_t n)
{
	struct stimulus	 what = { .kind = kind, .id = id, .now_ms = 1000 };
	char		*text = xmalloc(n + 1);
	struct step	*s;

	memset(text, 'x', n);
	text[0] = text[n - 1] = '"';
	text[n] = '\0';
	what.payload = payload_steal_text(text, n);
	s = laws_step(l, &what);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	payload_unref(what.payload);
	return s;
}

static void
test_large_result(void)
{
	struct machine	*m = parse("{\"StartAt\":\"X\",\"States\":{\"X\":{"
			    "\"Type\":\"Task\",\"Resource\":\"" FUNCTION "\","
			    "\"Retry\":[{\"ErrorEquals\":[\"States.ALL\"]}],"
			    "\"End\":true}}}");
	struct laws	 l;
	struct step	*s;

	laws_init(&l, m, 1);
	step_free(give(&l, STIMULUS_START, 0, 10));
	s = give(&l, STIMULUS_TASK_SUCCEEDED, 3, 262145);
	CU_ASSERT_EQUAL(s->nevents, 1);
	CU_ASSERT_EQUAL(s->events[0].type, EVENT_LambdaFunctionFailed);
	UNIT_STR(s->events[0].error, "States.DataLimitExceeded");
	UNIT_STR(s->events[0].cause, "The state/task '" FUNCTION "' returned a "
	    "result with a size exceeding the maximum number of bytes service "
	    "limit.");
	CU_ASSERT(s->events[0].retry);
	step_free(s);
	step_free(laws_step(&l, &(struct stimulus){ .kind = STIMULUS_TIMER,
	    .id = 5, .now_ms = 9000 }));
	step_free(give(&l, STIMULUS_TASK_SUCCEEDED, 6, 262144));
	CU_ASSERT_EQUAL(execution_status(l.ex), EXECUTION_SUCCEEDED);
	laws_clear(&l);
	machine_free(m);
}

static void
test_large_answer(void)
{
	struct machine	*m = parse("{\"StartAt\":\"X\",\"States\":{\"X\":{"
			    "\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::"
			    "sqs:sendMessage.waitForTaskToken\",\"Parameters\":{"
			    "\"QueueUrl\":\"q\",\"MessageBody\":\"m\"},"
			    "\"End\":true}}}");
	struct laws	 l;
	struct step	*s;

	laws_init(&l, m, 1);
	step_free(give(&l, STIMULUS_START, 0, 10));
	CU_ASSERT(step_task_open(l.ex, 3, true));
	CU_ASSERT(step_task_open(l.ex, 3, false));
	CU_ASSERT_FALSE(step_task_open(l.ex, 2, false));
	s = give(&l, STIMULUS_TASK_SUBMITTED, 3, 262145);
	CU_ASSERT_EQUAL(s->events[0].type, EVENT_TaskSubmitted);
	UNIT_STR(payload_text(s->events[0].payload, NULL), "{}");
	step_free(s);
	CU_ASSERT(step_task_open(l.ex, 3, true));
	step_free(give(&l, STIMULUS_CALLBACK_SUCCEEDED, 3, 10));
	CU_ASSERT_FALSE(step_task_open(l.ex, 3, true));
	CU_ASSERT_EQUAL(execution_started_ms(l.ex), 1000);
	laws_clear(&l);
	machine_free(m);
}

static void
test_long_cause(void)
{
	struct machine	*m = parse("{\"StartAt\":\"X\",\"States\":{\"X\":{"
			    "\"Type\":\"Pass\",\"Parameters\":{\"a.$\":\"$.b\"},"
			    "\"End\":true}}}");
	struct stimulus	 what = { .kind = STIMULUS_START, .now_ms = 1 };
	struct strbuf	 b = STRBUF_INIT;
	struct laws	 l;
	struct step	*s;
	size_t		 i, len;

	strbuf_adds(&b, "{\"x\":\"");
	for (i = 0; i < 20000; i++)
		strbuf_adds(&b, "\xc3\xa9");
	strbuf_adds(&b, "\"}");
	what.payload = payload_from_text(b.data, b.len);
	laws_init(&l, m, 1);
	s = laws_step(&l, &what);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	len = strlen(s->events[2].cause);
	CU_ASSERT(len == 32768 || len == 32767);
	CU_ASSERT_EQUAL((unsigned char)s->events[2].cause[len - 1], 0xa9);
	step_free(s);
	payload_unref(what.payload);
	strbuf_free(&b);
	laws_clear(&l);
	machine_free(m);
}

static size_t	 allocations;		/* of jansson */

static void *
counted(size_t size)
{
	allocations++;
	return xmalloc(size);
}

/* What jansson allocates while the text goes through; for trees, if at all. */
static size_t
allocated_for(const char *text)
{
	static const char	 definition[] = "{\"StartAt\":\"A\",\"States\":{"
	    "\"A\":{\"Type\":\"Pass\",\"Next\":\"B\"},"
	    "\"B\":{\"Type\":\"Pass\",\"InputPath\":\"$\",\"ResultPath\":\"$\","
	    "\"OutputPath\":\"$\",\"Next\":\"C\"},"
	    "\"C\":{\"Type\":\"Wait\",\"Seconds\":1,\"Next\":\"D\"},"
	    "\"D\":{\"Type\":\"Succeed\"}}}";
	struct machine		*m = parse(definition);
	struct stimulus		 what = { .kind = STIMULUS_START, .now_ms = 1 };
	struct strbuf		 chunk = STRBUF_INIT;
	struct laws		 l;
	struct step		*s;
	struct err		 e = ERR_INIT;

	laws_init(&l, m, 1);
	what.payload = payload_from_text(text, strlen(text));
	json_set_alloc_funcs(counted, free);
	allocations = 0;
	CU_ASSERT_EQUAL_FATAL(step_run(l.ex, &what, &s, &e), 0);
	CU_ASSERT_EQUAL_FATAL(s->ncommands, 1);
	chunk_encode(s->events, s->nevents, &chunk);
	what.kind = STIMULUS_TIMER;
	what.id = s->commands[0].id;
	what.now_ms = 2000;
	step_free(s);
	CU_ASSERT_EQUAL_FATAL(step_run(l.ex, &what, &s, &e), 0);
	json_set_alloc_funcs(malloc, free);
	CU_ASSERT_EQUAL(execution_status(l.ex), EXECUTION_SUCCEEDED);
	UNIT_STR(payload_text(s->events[s->nevents - 1].payload, NULL), text);
	step_free(s);
	strbuf_free(&chunk);
	payload_unref(what.payload);
	laws_clear(&l);
	machine_free(m);
	return allocations;
}

static void
test_not_parsed(void)
{
	CU_ASSERT_EQUAL(allocated_for("[[1], {\"a\": {\"b\": \"c\"}}, 2.50]"),
	    allocated_for("{}"));
}

UNIT_TESTS(tests) = {
	{ "a payload that is passed on is never parsed", test_not_parsed },
	{ "a result larger than a payload may be fails the task",
	    test_large_result },
	{ "the answer to a token task's request may be of any size",
	    test_large_answer },
	{ "a long cause is cut between characters", test_long_cause },
	{ "a Map of 6,000 items ends in as many steps as it must",
	    test_large_map },
	{ "stimuli that cannot belong are refused", test_refused },
	{ "what is no chunk is refused", test_bad_chunks },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	return unit_main("step", tests);
}
