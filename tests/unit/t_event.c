/*
 * tests/unit/t_event.c - events as shown and as stored.
 */

#include <stdlib.h>
#include <string.h>

#include "asl.h"
#include "unit.h"
#include "xmalloc.h"

static struct event
make(enum event_type type)
{
	struct event	 ev;

	event_init(&ev, type);
	ev.id = 7;
	ev.previous_id = 5;
	ev.time_ms = 1700000000012;
	return ev;
}

static void
shows(struct event *ev, bool with_data, const char *want)
{
	struct strbuf	 b = STRBUF_INIT;
	json_t		*json;

	event_print(ev, "us-east-1", with_data, &b);
	UNIT_STR(strbuf_str(&b), want);
	json = json_loads(strbuf_str(&b), 0, NULL);
	CU_ASSERT_PTR_NOT_NULL(json);
	json_decref(json);
	strbuf_free(&b);
	event_clear(ev);
}

static void
test_print_entered(void)
{
	struct event	 ev = make(EVENT_PassStateEntered);

	ev.name = xstrdup("A \"b\"");
	ev.payload = payload_from_text("{\"a\": 1}", 8);
	shows(&ev, true, "{\"timestamp\":1700000000.012,\"type\":"
	    "\"PassStateEntered\",\"id\":7,\"previousEventId\":5,"
	    "\"stateEnteredEventDetails\":{\"input\":\"{\\\"a\\\": 1}\","
	    "\"inputDetails\":{\"truncated\":false},\"name\":\"A \\\"b\\\"\"}}");
}

static void
test_print_exited(void)
{
	struct event	 ev = make(EVENT_PassStateExited);

	ev.name = xstrdup("A");
	ev.payload = payload_from_text("1", 1);
	ev.assigned = json_pack("{s:s}", "x", "[1]");
	shows(&ev, true, "{\"timestamp\":1700000000.012,\"type\":"
	    "\"PassStateExited\",\"id\":7,\"previousEventId\":5,"
	    "\"stateExitedEventDetails\":{\"name\":\"A\",\"output\":\"1\","
	    "\"outputDetails\":{\"truncated\":false},"
	    "\"assignedVariables\":{\"x\":\"[1]\"},"
	    "\"assignedVariablesDetails\":{\"truncated\":false}}}");
}

static void
test_print_without_data(void)
{
	struct event	 ev = make(EVENT_TaskScheduled);

	ev.resource = xstrdup("invoke");
	ev.resource_type = xstrdup("lambda");
	ev.payload = payload_from_text("1", 1);
	ev.timeout_s = 9;
	shows(&ev, false, "{\"timestamp\":1700000000.012,\"type\":"
	    "\"TaskScheduled\",\"id\":7,\"previousEventId\":5,"
	    "\"taskScheduledEventDetails\":{\"resource\":\"invoke\","
	    "\"resourceType\":\"lambda\",\"region\":\"us-east-1\","
	    "\"timeoutInSeconds\":9}}");
	ev = make(EVENT_ExecutionSucceeded);
	ev.payload = payload_from_text("1", 1);
	shows(&ev, false, "{\"timestamp\":1700000000.012,\"type\":"
	    "\"ExecutionSucceeded\",\"id\":7,\"previousEventId\":5,"
	    "\"executionSucceededEventDetails\":{\"outputDetails\":"
	    "{\"truncated\":true}}}");
}

static void
test_print_small(void)
{
	struct event	 ev = make(EVENT_MapStateSucceeded);

	shows(&ev, true, "{\"timestamp\":1700000000.012,\"type\":"
	    "\"MapStateSucceeded\",\"id\":7,\"previousEventId\":5}");
	ev = make(EVENT_ExecutionAborted);
	shows(&ev, true, "{\"timestamp\":1700000000.012,\"type\":"
	    "\"ExecutionAborted\",\"id\":7,\"previousEventId\":5,"
	    "\"executionAbortedEventDetails\":{}}");
	ev = make(EVENT_MapStateStarted);
	shows(&ev, true, "{\"timestamp\":1700000000.012,\"type\":"
	    "\"MapStateStarted\",\"id\":7,\"previousEventId\":5,"
	    "\"mapStateStartedEventDetails\":{\"length\":0}}");
	ev = make(EVENT_LambdaFunctionTimedOut);
	ev.error = xstrdup("States.Timeout");
	shows(&ev, true, "{\"timestamp\":1700000000.012,\"type\":"
	    "\"LambdaFunctionTimedOut\",\"id\":7,\"previousEventId\":5,"
	    "\"lambdaFunctionTimedOutEventDetails\":"
	    "{\"error\":\"States.Timeout\"}}");
}

/* The details alone, of an event with every field set. */
static void
details(enum event_type type, const char *want)
{
	struct event	 ev = make(type);
	struct strbuf	 b = STRBUF_INIT;

	ev.name = xstrdup("N");
	ev.payload = payload_from_text("1", 1);
	ev.error = xstrdup("E");
	ev.cause = xstrdup("C");
	ev.resource = xstrdup("R");
	ev.resource_type = xstrdup("T");
	ev.role_arn = xstrdup("A");
	ev.location = xstrdup("L");
	ev.number = 4;
	ev.timeout_s = 2;
	ev.heartbeat_s = 3;
	event_print(&ev, "reg", true, &b);
	UNIT_STR(strstr(strbuf_str(&b), "\"previousEventId\":5,") +
	    strlen("\"previousEventId\":5,"), want);
	strbuf_free(&b);
	event_clear(&ev);
}

static void
test_print_shapes(void)
{
	details(EVENT_ExecutionStarted, "\"executionStartedEventDetails\":{"
	    "\"input\":\"1\",\"inputDetails\":{\"truncated\":false},"
	    "\"roleArn\":\"A\"}}");
	details(EVENT_LambdaFunctionScheduled,
	    "\"lambdaFunctionScheduledEventDetails\":{\"resource\":\"R\","
	    "\"input\":\"1\",\"inputDetails\":{\"truncated\":false},"
	    "\"timeoutInSeconds\":2}}");
	details(EVENT_ActivityScheduled, "\"activityScheduledEventDetails\":{"
	    "\"resource\":\"R\",\"input\":\"1\","
	    "\"inputDetails\":{\"truncated\":false},"
	    "\"timeoutInSeconds\":2,\"heartbeatInSeconds\":3}}");
	details(EVENT_TaskScheduled, "\"taskScheduledEventDetails\":{"
	    "\"resource\":\"R\",\"resourceType\":\"T\",\"region\":\"reg\","
	    "\"parameters\":\"1\",\"timeoutInSeconds\":2,"
	    "\"heartbeatInSeconds\":3}}");
	details(EVENT_TaskStarted, "\"taskStartedEventDetails\":{"
	    "\"resource\":\"R\",\"resourceType\":\"T\"}}");
	details(EVENT_TaskSubmitted, "\"taskSubmittedEventDetails\":{"
	    "\"resource\":\"R\",\"resourceType\":\"T\",\"output\":\"1\","
	    "\"outputDetails\":{\"truncated\":false}}}");
	details(EVENT_TaskFailed, "\"taskFailedEventDetails\":{"
	    "\"resource\":\"R\",\"resourceType\":\"T\",\"error\":\"E\","
	    "\"cause\":\"C\"}}");
	details(EVENT_MapIterationStarted, "\"mapIterationStartedEventDetails\""
	    ":{\"name\":\"N\",\"index\":4}}");
	details(EVENT_EvaluationFailed, "\"evaluationFailedEventDetails\":{"
	    "\"error\":\"E\",\"cause\":\"C\",\"location\":\"L\","
	    "\"state\":\"N\"}}");
	details(EVENT_ActivityStarted, "\"activityStartedEventDetails\":{"
	    "\"workerName\":\"N\"}}");
}

static void
test_names(void)
{
	int	 i;

	for (i = 0; i < EVENT_TYPE_COUNT; i++)
		CU_ASSERT_EQUAL(event_type_find(event_type_name(
		    (enum event_type)i)), i);
	CU_ASSERT_EQUAL(event_type_find("Nothing"), -1);
	CU_ASSERT_EQUAL(event_type_find(""), -1);
}

/* Every field of an event is set, and a text that needs care. */
static void
test_chunk_keeps_all(void)
{
	static const char	 want[] = "{\"v\":1,\"p\":[{ \"a\" : 1.50 }],"
	    "\"e\":[{\"y\":\"TaskStateExited\",\"i\":7,\"b\":5,"
	    "\"t\":1700000000012,\"f\":3,\"n\":\"N\\n\",\"p\":0,\"e\":\"E\","
	    "\"c\":\"C \\\"\",\"r\":\"R\",\"k\":\"K\",\"a\":\"A\",\"l\":\"L\","
	    "\"x\":-9223372036854775808,\"o\":2,\"h\":3,"
	    "\"v\":{\"x\":\"[\\\"q\\\"]\"},\"d\":4,"
	    "\"g\":5,\"m\":9223372036854775807,\"z\":0,\"s\":[1,2,3,4]},"
	    "{\"y\":\"TaskStarted\",\"p\":0}]}";
	struct event	 in[2], *out;
	struct strbuf	 b = STRBUF_INIT, again = STRBUF_INIT;
	struct err	 e = ERR_INIT;
	size_t		 i, n;

	in[0] = make(EVENT_TaskStateExited);
	in[0].flow = 3;
	in[0].name = xstrdup("N\n");
	in[0].payload = payload_from_text("{ \"a\" : 1.50 }", 14);
	in[0].error = xstrdup("E");
	in[0].cause = xstrdup("C \"");
	in[0].resource = xstrdup("R");
	in[0].resource_type = xstrdup("K");
	in[0].role_arn = xstrdup("A");
	in[0].location = xstrdup("L");
	in[0].number = INT64_MIN;
	in[0].timeout_s = 2;
	in[0].heartbeat_s = 3;
	in[0].assigned = json_pack("{s:s}", "x", "[\"q\"]");
	in[0].due_ms = 4;
	in[0].choice = 5;
	in[0].concurrency = INT64_MAX;
	in[0].caught = in[0].retry = true;
	in[0].retry_flow = 1;
	in[0].retry_index = 2;
	in[0].retry_due_ms = 3;
	in[0].retry_chain = 4;
	in[1] = make(EVENT_TaskStarted);
	in[1].id = 8;
	in[1].previous_id = 7;
	in[1].payload = payload_from_text("{ \"a\" : 1.50 }", 14);
	chunk_encode(in, 2, &b);
	UNIT_STR(strbuf_str(&b), want);
	CU_ASSERT_EQUAL(chunk_decode(b.data, b.len, &out, &n, &e), 0);
	CU_ASSERT_EQUAL(n, 2);
	chunk_encode(out, n, &again);
	UNIT_STR(strbuf_str(&again), want);
	for (i = 0; i < n; i++) {
		event_clear(&in[i]);
		event_clear(&out[i]);
	}
	free(out);
	strbuf_free(&b);
	strbuf_free(&again);
}

UNIT_TESTS(tests) = {
	{ "a state that is entered", test_print_entered },
	{ "a state that is left, with variables", test_print_exited },
	{ "without execution data", test_print_without_data },
	{ "events with few details", test_print_small },
	{ "each shape of details", test_print_shapes },
	{ "every name is found again", test_names },
	{ "a chunk keeps every field, and each payload once",
	    test_chunk_keeps_all },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	return unit_main("event", tests);
}
