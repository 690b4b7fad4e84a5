/*
 * tests/unit/t_machine.c - what a definition becomes, its limits, and the
 * parts around it: lookup, resources, hints, locations.
 *
 * What is refused, and with which words, stands in tests/data/definition/.
 */

#include <stdlib.h>
#include <string.h>

#include "hint.h"
#include "locate.h"
#include "machine.h"
#include "strbuf.h"
#include "unit.h"
#include "xmalloc.h"

/* The machine of a definition that must be accepted. */
static struct machine *
accept(const char *text)
{
	struct findings	 fs = FINDINGS_INIT;
	struct machine	*m;
	size_t		 i;

	m = machine_parse(text, strlen(text), &fs);
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	for (i = 0; i < fs.n; i++)
		CU_ASSERT_TRUE(fs.list[i].warning);
	findings_free(&fs);
	return m;
}

/* The code of the first finding of a definition that must be refused: new. */
static char *
refuse(const char *text, size_t len)
{
	struct findings	 fs = FINDINGS_INIT;
	char		*code;

	CU_ASSERT_PTR_NULL(machine_parse(text, len, &fs));
	CU_ASSERT_TRUE(fs.errors > 0);
	code = xstrdup(fs.n > 0 ? fs.list[0].code : "none");
	findings_free(&fs);
	return code;
}

static const struct state *
state(const struct machine *m, const char *name)
{
	const struct state	*s = machine_find(m, name);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	return s;
}

static void
test_task(void)
{
	struct machine		*m;
	const struct state	*t;

	m = accept("{\"StartAt\":\"T\",\"Comment\":\"c\",\"TimeoutSeconds\":9,"
	    "\"States\":{\"T\":{\"Type\":\"Task\",\"Next\":\"Z\","
	    "\"Resource\":\"arn:aws:states:::sqs:sendMessage.waitForTaskToken\","
	    "\"TimeoutSeconds\":60,\"HeartbeatSecondsPath\":\"$.h\","
	    "\"InputPath\":\"$.in\",\"OutputPath\":null,"
	    "\"ResultPath\":\"$.r\",\"Parameters\":{\"QueueUrl\":\"q\","
	    "\"MessageBody.$\":\"$.b\"},"
	    "\"ResultSelector\":{\"c\":1},\"Assign\":{\"v\":2},"
	    "\"Retry\":[{\"ErrorEquals\":[\"A\",\"B\"]},"
	    "{\"ErrorEquals\":[\"States.ALL\"],\"IntervalSeconds\":2,"
	    "\"MaxAttempts\":0,\"BackoffRate\":1.5,\"MaxDelaySeconds\":8,"
	    "\"JitterStrategy\":\"FULL\"}],"
	    "\"Catch\":[{\"ErrorEquals\":[\"E\"],\"Next\":\"Z\","
	    "\"ResultPath\":null}]},\"Z\":{\"Type\":\"Succeed\"}}}");
	UNIT_STR(m->comment, "c");
	CU_ASSERT_EQUAL(m->timeout_s, 9);
	CU_ASSERT_EQUAL(m->nstates, 2);
	t = state(m, "T");
	CU_ASSERT_PTR_EQUAL(m->flow.start, t);
	CU_ASSERT_EQUAL(t->type, STATE_TASK);
	UNIT_STR(state_type_name(t->type), "Task");
	UNIT_STR(t->location, "/States/T");
	CU_ASSERT_PTR_EQUAL(t->next, state(m, "Z"));
	CU_ASSERT_PTR_NULL(state(m, "Z")->next);
	UNIT_STR(jsonpath_text(t->input_path.path), "$.in");
	CU_ASSERT_TRUE(t->output_path.null);
	CU_ASSERT_PTR_NULL(t->output_path.path);
	UNIT_STR(jsonpath_text(t->result_path.path), "$.r");
	CU_ASSERT_PTR_NOT_NULL(t->parameters);
	CU_ASSERT_PTR_NOT_NULL(t->result_selector);
	CU_ASSERT_PTR_NOT_NULL(t->assign);
	UNIT_STR(t->u.task.resource.service, "sqs");
	UNIT_STR(t->u.task.resource.action, "sendMessage");
	CU_ASSERT_EQUAL(t->u.task.resource.pattern, PATTERN_TOKEN);
	CU_ASSERT_TRUE(t->u.task.timeout_s.set);
	CU_ASSERT_EQUAL(t->u.task.timeout_s.value, 60);
	CU_ASSERT_FALSE(t->u.task.heartbeat_s.set);
	UNIT_STR(jsonpath_text(t->u.task.heartbeat_s.path), "$.h");
	CU_ASSERT_EQUAL_FATAL(t->nretriers, 2);
	UNIT_STR(t->retriers[0].errors[1], "B");
	CU_ASSERT_PTR_NULL(t->retriers[0].errors[2]);
	CU_ASSERT_EQUAL(t->retriers[0].interval_s, 1);
	CU_ASSERT_EQUAL(t->retriers[0].max_attempts, 3);
	CU_ASSERT_EQUAL(t->retriers[0].backoff_rate, 2.0);
	CU_ASSERT_EQUAL(t->retriers[0].max_delay_s, 0);
	CU_ASSERT_FALSE(t->retriers[0].full_jitter);
	CU_ASSERT_EQUAL(t->retriers[1].interval_s, 2);
	CU_ASSERT_EQUAL(t->retriers[1].max_attempts, 0);
	CU_ASSERT_EQUAL(t->retriers[1].backoff_rate, 1.5);
	CU_ASSERT_EQUAL(t->retriers[1].max_delay_s, 8);
	CU_ASSERT_TRUE(t->retriers[1].full_jitter);
	CU_ASSERT_EQUAL_FATAL(t->ncatchers, 1);
	CU_ASSERT_PTR_EQUAL(t->catchers[0].next, state(m, "Z"));
	CU_ASSERT_TRUE(t->catchers[0].result_path.null);
	machine_free(m);
}

static void
test_flow_states(void)
{
	struct machine		*m;
	const struct state	*s;

	m = accept("{\"StartAt\":\"P\",\"States\":{"
	    "\"P\":{\"Type\":\"Pass\",\"Result\":{\"a\": 1.0},\"Next\":\"C\"},"
	    "\"C\":{\"Type\":\"Choice\",\"Default\":\"F\",\"Choices\":["
	    "{\"Variable\":\"$.a\",\"IsNull\":true,\"Next\":\"W\"}]},"
	    "\"W\":{\"Type\":\"Wait\",\"Timestamp\":\"2016-03-14T01:59:00Z\","
	    "\"Next\":\"V\"},"
	    "\"V\":{\"Type\":\"Wait\",\"Seconds\":0,\"End\":true},"
	    "\"F\":{\"Type\":\"Fail\",\"Error\":\"E\",\"CausePath\":\"$.c\"}}}");
	UNIT_STR(payload_text(state(m, "P")->u.pass.result, NULL),
	    "{\"a\":1.0}");
	CU_ASSERT_PTR_NULL(state(m, "P")->input_path.path);
	CU_ASSERT_FALSE(state(m, "P")->input_path.null);
	s = state(m, "C");
	CU_ASSERT_EQUAL_FATAL(s->u.choice.nbranches, 1);
	CU_ASSERT_PTR_EQUAL(s->u.choice.branches[0].next, state(m, "W"));
	CU_ASSERT_PTR_EQUAL(s->u.choice.otherwise, state(m, "F"));
	CU_ASSERT_PTR_NULL(s->next);
	s = state(m, "W");
	CU_ASSERT_TRUE(s->u.wait.timestamp_set);
	CU_ASSERT_EQUAL(s->u.wait.timestamp_ms, 1457920740000);
	CU_ASSERT_FALSE(s->u.wait.seconds.set);
	s = state(m, "V");
	CU_ASSERT_TRUE(s->u.wait.seconds.set);
	CU_ASSERT_FALSE(s->u.wait.timestamp_set);
	s = state(m, "F");
	UNIT_STR(s->u.fail.error.value, "E");
	CU_ASSERT_PTR_NULL(s->u.fail.cause.value);
	CU_ASSERT_PTR_NOT_NULL(s->u.fail.cause.path);
	CU_ASSERT_PTR_NULL(machine_find(m, "X"));
	machine_free(m);
}

static void
test_nested(void)
{
	struct machine		*m;
	const struct state	*s;

	m = accept("{\"StartAt\":\"P\",\"States\":{"
	    "\"P\":{\"Type\":\"Parallel\",\"Next\":\"M\",\"Branches\":["
	    "{\"StartAt\":\"B\",\"States\":{\"A\":{\"Type\":\"Succeed\"},"
	    "\"B\":{\"Type\":\"Pass\",\"Next\":\"A\"}}},"
	    "{\"StartAt\":\"X\",\"States\":{\"X\":{\"Type\":\"Fail\"}}}]},"
	    "\"M\":{\"Type\":\"Map\",\"End\":true,\"ItemsPath\":\"$.i\","
	    "\"MaxConcurrency\":2,\"Iterator\":{\"StartAt\":\"Y\",\"States\":{"
	    "\"Y\":{\"Type\":\"Succeed\"}}},\"Parameters\":{\"a\":1}}}}");
	CU_ASSERT_EQUAL(m->nstates, 6);
	CU_ASSERT_EQUAL(m->flow.nstates, 2);
	s = state(m, "P");
	CU_ASSERT_EQUAL_FATAL(s->u.parallel.nbranches, 2);
	CU_ASSERT_PTR_EQUAL(s->u.parallel.branches[0].start, state(m, "B"));
	CU_ASSERT_PTR_EQUAL(s->u.parallel.branches[0].states[0],
	    state(m, "A"));
	UNIT_STR(state(m, "X")->location, "/States/P/Branches[1]/States/X");
	s = state(m, "M");
	CU_ASSERT_PTR_EQUAL(s->u.map.processor.start, state(m, "Y"));
	UNIT_STR(jsonpath_text(s->u.map.items_path), "$.i");
	CU_ASSERT_EQUAL(s->u.map.max_concurrency.value, 2);
	CU_ASSERT_PTR_NOT_NULL(s->u.map.item_selector);
	CU_ASSERT_PTR_NULL(s->parameters);
	machine_free(m);
}

/* n states in a row, the last of which ends. */
static void
chain(struct strbuf *b, int n)
{
	int	 i;

	strbuf_adds(b, "{\"StartAt\":\"s0\",\"States\":{");
	for (i = 0; i < n - 1; i++)
		strbuf_addf(b, "\"s%d\":{\"Type\":\"Pass\",\"Next\":\"s%d\"},",
		    i, i + 1);
	strbuf_addf(b, "\"s%d\":{\"Type\":\"Succeed\"}}}", n - 1);
}

static void
test_states_max(void)
{
	struct strbuf	 b = STRBUF_INIT;
	struct machine	*m;
	char		*code;

	chain(&b, MACHINE_STATES_MAX);
	m = accept(strbuf_str(&b));
	CU_ASSERT_EQUAL(m->nstates, MACHINE_STATES_MAX);
	CU_ASSERT_PTR_EQUAL(state(m, "s41")->next, state(m, "s42"));
	machine_free(m);
	strbuf_reset(&b);
	chain(&b, MACHINE_STATES_MAX + 1);
	code = refuse(strbuf_str(&b), b.len);
	UNIT_STR(code, "TOO_MANY_STATES");
	free(code);
	strbuf_free(&b);
}

/* A Parallel in a Parallel in ...: depth States blocks in all. */
static void
nest(struct strbuf *b, int depth)
{
	int	 i;

	for (i = 0; i < depth - 1; i++)
		strbuf_addf(b, "{\"StartAt\":\"s%d\",\"States\":{\"s%d\":{"
		    "\"Type\":\"Parallel\",\"End\":true,\"Branches\":[", i, i);
	strbuf_adds(b, "{\"StartAt\":\"z\",\"States\":{\"z\":{"
	    "\"Type\":\"Succeed\"}}}");
	for (i = 0; i < depth - 1; i++)
		strbuf_adds(b, "]}}}");
}

static void
test_depth_max(void)
{
	struct strbuf	 b = STRBUF_INIT;
	char		*code;

	nest(&b, MACHINE_DEPTH_MAX);
	machine_free(accept(strbuf_str(&b)));
	strbuf_reset(&b);
	nest(&b, MACHINE_DEPTH_MAX + 1);
	code = refuse(strbuf_str(&b), b.len);
	UNIT_STR(code, "TOO_DEEPLY_NESTED");
	free(code);
	strbuf_free(&b);
}

static void
test_bytes_max(void)
{
	static const char	 machine[] =
	    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Succeed\"}}}";
	size_t			 len = MACHINE_BYTES_MAX;
	struct findings		 fs = FINDINGS_INIT;
	struct machine		*m;
	char			*text = xmalloc(len + 1), *code;

	memset(text, ' ', len + 1);
	memcpy(text, machine, sizeof machine - 1);
	m = machine_parse(text, len, &fs);
	CU_ASSERT_PTR_NOT_NULL(m);
	CU_ASSERT_EQUAL(fs.n, 0);
	machine_free(m);
	code = refuse(text, len + 1);
	UNIT_STR(code, "DEFINITION_TOO_LARGE");
	free(code);
	free(text);
}

static void
test_text_depth(void)
{
	struct strbuf	 b = STRBUF_INIT;
	char		*code;
	int		 i;

	for (i = 0; i < 50000; i++)
		strbuf_adds(&b, "{\"States\":[");
	code = refuse(strbuf_str(&b), b.len);
	UNIT_STR(code, "INVALID_JSON_DESCRIPTION");
	free(code);
	strbuf_free(&b);
}

static void
test_findings_max(void)
{
	struct strbuf	 b = STRBUF_INIT;
	struct findings	 fs = FINDINGS_INIT;
	int		 i;

	strbuf_adds(&b, "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":"
	    "\"Succeed\"");
	for (i = 0; i <= FINDINGS_MAX; i++)
		strbuf_addf(&b, ",\"f%d\":1", i);
	strbuf_adds(&b, "}}}");
	CU_ASSERT_PTR_NULL(machine_parse(strbuf_str(&b), b.len, &fs));
	CU_ASSERT_EQUAL(fs.n, FINDINGS_MAX);
	CU_ASSERT_EQUAL(fs.errors, FINDINGS_MAX + 1);
	CU_ASSERT_TRUE(fs.truncated);
	findings_free(&fs);
	CU_ASSERT_EQUAL(fs.n, 0);
	strbuf_free(&b);
}

static void
test_text_without_nul(void)
{
	static const char	 text[] =
	    "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Succeed\"}}}";
	char			*exact = xmemdup(text, sizeof text - 1);
	struct findings		 fs = FINDINGS_INIT;
	struct machine		*m;

	/* The sanitizer sees it if a byte too many is read. */
	m = machine_parse(exact, sizeof text - 1, &fs);
	CU_ASSERT_PTR_NOT_NULL(m);
	machine_free(m);
	CU_ASSERT_PTR_NULL(machine_parse(exact, sizeof text - 2, &fs));
	findings_free(&fs);
	free(exact);
}

/* A definition that uses every state type and nearly every field. */
static const char	 everything[] =
    "{\"Comment\":\"c\",\"StartAt\":\"P\",\"TimeoutSeconds\":9,\"States\":{"
    "\"P\":{\"Type\":\"Pass\",\"Result\":{\"a\":[1]},\"Assign\":{\"v.$\":\"$.a\"},"
    "\"InputPath\":\"$.x\",\"OutputPath\":null,\"Next\":\"T\"},"
    "\"T\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::lambda:invoke\","
    "\"Parameters\":{\"FunctionName\":\"f\",\"Payload.$\":"
    "\"States.Format('{}',$v)\"},\"TimeoutSeconds\":60,"
    "\"HeartbeatSeconds\":5,\"ResultSelector\":{\"b.$\":\"$.c\"},"
    "\"ResultPath\":\"$.r\",\"Credentials\":{\"RoleArn\":\"r\"},"
    "\"Retry\":[{\"ErrorEquals\":[\"A\"],\"IntervalSeconds\":1,"
    "\"BackoffRate\":1.5,\"MaxAttempts\":2,\"MaxDelaySeconds\":9,"
    "\"JitterStrategy\":\"NONE\"}],\"Catch\":[{\"ErrorEquals\":[\"B\"],"
    "\"Next\":\"C\",\"ResultPath\":\"$.e\"}],\"Next\":\"C\"},"
    "\"C\":{\"Type\":\"Choice\",\"Default\":\"W\",\"Choices\":[{\"And\":["
    "{\"Variable\":\"$.a\",\"IsNull\":true},{\"Not\":{\"Variable\":\"$.b\","
    "\"NumericEqualsPath\":\"$.c\"}}],\"Next\":\"F\"}]},"
    "\"W\":{\"Type\":\"Wait\",\"Timestamp\":\"2030-01-01T00:00:00Z\","
    "\"Next\":\"L\"},"
    "\"L\":{\"Type\":\"Parallel\",\"Next\":\"M\",\"Branches\":[{\"StartAt\":"
    "\"B\",\"States\":{\"B\":{\"Type\":\"Wait\",\"SecondsPath\":\"$.s\","
    "\"End\":true}}}]},"
    "\"M\":{\"Type\":\"Map\",\"ItemsPath\":\"$.i\",\"MaxConcurrency\":1,"
    "\"ItemSelector\":{\"v.$\":\"$$.Map.Item.Value\"},\"ItemProcessor\":{"
    "\"ProcessorConfig\":{\"Mode\":\"INLINE\"},\"StartAt\":\"I\",\"States\":{"
    "\"I\":{\"Type\":\"Succeed\"}}},\"ToleratedFailurePercentage\":5,"
    "\"End\":true},"
    "\"F\":{\"Type\":\"Fail\",\"ErrorPath\":\"$.e\",\"Cause\":\"c\"}}}";

/* Whatever the text (two lines at most): a machine or an error, and no finding
 * outside of it. */
static void
parse_any(const char *text, size_t len)
{
	struct findings	 fs = FINDINGS_INIT;
	struct machine	*m;
	size_t		 i;

	m = machine_parse(text, len, &fs);
	if ((m != NULL) == (fs.errors > 0))
		UNIT_STR(text, "a machine or an error");
	for (i = 0; i < fs.n; i++)
		if (fs.list[i].line > 2 || fs.list[i].column > (int)len + 1)
			UNIT_STR(text, "a place inside of the text");
	machine_free(m);
	findings_free(&fs);
}

static void
test_prefixes(void)
{
	size_t	 len;
	char	*exact;

	machine_free(accept(everything));
	for (len = 0; len < sizeof everything - 1; len++) {
		exact = xmalloc(len + 1);
		memcpy(exact, everything, len);
		parse_any(exact, len);
		free(exact);
	}
}

static void
test_bytes_changed(void)
{
	static const char	 bytes[] = "\"{}[],:0$\\\x80\n";
	char			*text = xstrdup(everything);
	size_t			 i, k;

	for (i = 0; i < sizeof everything - 1; i++) {
		for (k = 0; k < sizeof bytes; k++) {
			text[i] = bytes[k];
			parse_any(text, sizeof everything - 1);
		}
		text[i] = everything[i];
	}
	free(text);
}

/* The n-th value of the tree; n counts down. */
static json_t *
nth_value(json_t *v, size_t *n, json_t *replacement)
{
	const char	*key;
	json_t		*item, *found;
	size_t		 i;

	json_array_foreach(v, i, item) {
		if ((*n)-- == 0) {
			json_array_set(v, i, replacement);
			return v;
		}
		if ((found = nth_value(item, n, replacement)) != NULL)
			return found;
	}
	json_object_foreach(v, key, item) {
		if ((*n)-- == 0) {
			json_object_set(v, key, replacement);
			return v;
		}
		if ((found = nth_value(item, n, replacement)) != NULL)
			return found;
	}
	return NULL;
}

static void
test_values_replaced(void)
{
	static const char *const	 values[] = { "null", "true", "7",
		"-1", "1.5", "1e300", "\"\"", "\"x\"", "\"$\"", "\"$.a[*]\"",
		"[]", "{}", "[{}]", "[null]", "{\"\":{}}", "{\"x.$\":1}",
		"99999999999999999999" };
	json_t				*root, *value;
	size_t				 i, n, k;
	char				*text;

	for (k = 0; k < sizeof values / sizeof values[0]; k++) {
		value = json_loads(values[k],
		    JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
		if (k < 4) {
			json_decref(value);
			value = json_loads(values[k], JSON_DECODE_ANY, NULL);
		}
		for (i = 0;; i++) {
			root = json_loads(everything, 0, NULL);
			n = i;
			if (nth_value(root, &n, value) == NULL) {
				json_decref(root);
				break;
			}
			text = json_dumps(root, JSON_COMPACT);
			parse_any(text, strlen(text));
			free(text);
			json_decref(root);
		}
		CU_ASSERT_EQUAL(i, 91);	/* values in everything */
		json_decref(value);
	}
}

static void
test_express(void)
{
	struct findings	 fs = FINDINGS_INIT;
	struct machine	*m;

	m = accept("{\"StartAt\":\"A\",\"States\":{"
	    "\"A\":{\"Type\":\"Task\",\"Next\":\"B\",\"Resource\":"
	    "\"arn:aws:states:::sqs:sendMessage.waitForTaskToken\"},"
	    "\"B\":{\"Type\":\"Task\",\"Next\":\"C\",\"Resource\":"
	    "\"arn:aws:states:::states:startExecution.sync:2\"},"
	    "\"C\":{\"Type\":\"Task\",\"Next\":\"D\",\"Resource\":"
	    "\"arn:aws:states:r:1:activity:a\"},"
	    "\"D\":{\"Type\":\"Task\",\"End\":true,\"Resource\":"
	    "\"arn:aws:lambda:r:1:function:f\"}}}");
	machine_check_express(m, &fs);
	CU_ASSERT_EQUAL_FATAL(fs.n, 3);
	CU_ASSERT_EQUAL(fs.errors, 3);
	UNIT_STR(fs.list[0].location, "/States/A/Resource");
	UNIT_STR(fs.list[0].message, "Express state machine does not support "
	    "'.waitForTaskToken' service integration ");
	UNIT_STR(fs.list[1].message, "Express state machine does not support "
	    "'.sync' service integration");
	UNIT_STR(fs.list[2].message,
	    "Express state machine does not support Activity ARN");
	findings_free(&fs);
	machine_free(m);
}

static void
test_resource(void)
{
	struct resource		 r;
	const char *const	*bad;
	static const char *const	 wrong[] = { "", "arn", "arn:aws",
		"arn:aws:lambda:r:1:function", "arn:aws:lambda:r:1:function:",
		"arn:aws:lambda:r:1:layer:x", "arn:aws:lambda:r:1:function:f:",
		"arn:aws:lambda:r:1:function:f:a:b", "arn:aws:states:::",
		"arn:aws:states:::sqs", "arn:aws:states:::sqs:",
		"arn:aws:states::::send", "arn:aws:states:::sqs:.sync",
		"arn:aws:states:::aws-sdk:s3", "arn:aws:states:::aws-sdk::x",
		"arn:aws:states:r:1:activity:a:b", "arn::states:::sqs:send",
		NULL };

	CU_ASSERT_TRUE(resource_parse(&r,
	    "arn:aws:lambda:eu-west-1:123456789012:function:pay:live"));
	CU_ASSERT_EQUAL(r.kind, RESOURCE_FUNCTION);
	UNIT_STR(r.name, "pay");
	resource_free(&r);
	CU_ASSERT_TRUE(resource_parse(&r, "arn:aws:states:r:1:activity:ask"));
	CU_ASSERT_EQUAL(r.kind, RESOURCE_ACTIVITY);
	UNIT_STR(r.name, "ask");
	resource_free(&r);
	CU_ASSERT_TRUE(resource_parse(&r,
	    "arn:aws:states:::aws-sdk:dynamodb:query.waitForTaskToken"));
	CU_ASSERT_EQUAL(r.kind, RESOURCE_SERVICE);
	CU_ASSERT_EQUAL(r.pattern, PATTERN_TOKEN);
	UNIT_STR(r.service, "aws-sdk:dynamodb");
	UNIT_STR(r.api, "query.waitForTaskToken");
	UNIT_STR(r.action, "query");
	CU_ASSERT_TRUE(resource_known(&r));
	resource_free(&r);
	CU_ASSERT_TRUE(resource_parse(&r, "arn:aws:states:::sqs:sendMessage.sync"));
	CU_ASSERT_EQUAL(r.pattern, PATTERN_SYNC);
	CU_ASSERT_FALSE(resource_known(&r));
	resource_free(&r);
	for (bad = wrong; *bad != NULL; bad++) {
		if (resource_parse(&r, *bad))
			UNIT_STR(*bad, "refused");
		CU_ASSERT_PTR_NULL(r.name);
		CU_ASSERT_PTR_NULL(r.service);
	}
}

static const char *
nearest(const char *word)
{
	static const char *const	 words[] = { "Parameters",
		"ResultPath", "Retry", "Next", "End" };
	struct hint			 h;
	size_t				 i;

	hint_init(&h, word);
	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		hint_offer(&h, words[i]);
	return hint_best(&h);
}

static void
test_hint(void)
{
	UNIT_STR(nearest("Paramaters"), "Parameters");
	UNIT_STR(nearest("parameters"), "Parameters");
	UNIT_STR(nearest("Retyr"), "Retry");
	UNIT_STR(nearest("Nxet"), "Next");
	UNIT_STR(nearest("ResultPaht"), "ResultPath");
	CU_ASSERT_PTR_NULL(nearest("Colour"));
	CU_ASSERT_PTR_NULL(nearest(""));
	CU_ASSERT_PTR_NULL(nearest("ParametersParametersParametersParameters"
	    "ParametersParametersParametersParametersParameters"));
}

/* The offset of one place. */
static size_t
place(const char *text, const char *location, bool name)
{
	struct locate_place	 p;

	memset(&p, 0, sizeof p);
	p.location = location;
	p.name = name;
	locate_places(text, strlen(text), &p, 1);
	return p.at;
}

static void
test_locate(void)
{
	static const char	 text[] = "{\"a\": [1, {\"b\\u0041\": true}],\n"
	    " \"a/b\": {\"c\": 2}, \"é\": 3}";
	struct locate_place	 both[2];

	CU_ASSERT_EQUAL(place(text, "", false), 0);
	/* Of a list the name, of a scalar the value. */
	CU_ASSERT_EQUAL(place(text, "/a", false), 1);
	CU_ASSERT_EQUAL(place(text, "/a[0]", false), 7);
	CU_ASSERT_EQUAL(place(text, "/a[1]/bA", false),
	    strstr(text, "true") - text);
	CU_ASSERT_EQUAL(place(text, "/a[1]/bA", true), 11);
	/* What is not there: as far as it goes. */
	CU_ASSERT_EQUAL(place(text, "/a[7]", false), 1);
	CU_ASSERT_EQUAL(place(text, "/a[1]/x", false), 10);
	CU_ASSERT_EQUAL(place(text, "/x/y", false), 0);
	/* What takes most of the location. */
	CU_ASSERT_EQUAL(place(text, "/a/b/c", false),
	    strstr(text, "2}") - text);
	memset(both, 0, sizeof both);
	both[0].location = "/é";
	both[1].location = "/a[1]";
	locate_places(text, sizeof text - 1, both, 2);
	CU_ASSERT_EQUAL(both[0].line, 2);
	CU_ASSERT_EQUAL(both[0].column, 24);
	CU_ASSERT_EQUAL(both[1].line, 1);
	CU_ASSERT_EQUAL(both[1].column, 11);
}

UNIT_TESTS(tests) = {
	{ "a Task with all it can have", test_task },
	{ "Pass, Choice, Wait and Fail", test_flow_states },
	{ "branches and items", test_nested },
	{ "10,000 states and no more", test_states_max },
	{ "32 blocks deep and no deeper", test_depth_max },
	{ "a megabyte and no more", test_bytes_max },
	{ "text nested a hundred thousand deep", test_text_depth },
	{ "a hundred findings and no more", test_findings_max },
	{ "text that does not end in NUL", test_text_without_nul },
	{ "a definition cut off at every byte", test_prefixes },
	{ "each byte changed", test_bytes_changed },
	{ "each value replaced", test_values_replaced },
	{ "what Express must not have", test_express },
	{ "resources", test_resource },
	{ "the nearest word", test_hint },
	{ "places in a text", test_locate },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	return unit_main("machine", tests);
}
