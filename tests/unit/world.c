/*
 * tests/unit/world.c - random machines, and a random world around them.
 *
 * To let more of the language take part, add it to make_body() or one of the
 * functions it calls: what is made must be accepted by machine_parse().  One roll
 * to a statement, or compilers would disagree about their order.
 */

#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xmalloc.h"

void
world_seed(struct world *w, uint64_t seed)
{
	memset(w, 0, sizeof *w);
	w->state = seed * 0x2545f4914f6cdd1du;
	w->now_ms = 1000;
}

void
world_bytes(struct world *w, const void *bytes, size_t n)
{
	world_seed(w, 1);
	w->bytes = bytes;
	w->nbytes = n;
}

void
world_clear(struct world *w)
{
	if (w->laws.ex != NULL)
		laws_clear(&w->laws);
	machine_free(w->machine);
	free(w->definition);
	memset(w, 0, sizeof *w);
}

unsigned
world_roll(struct world *w, unsigned n)
{
	uint64_t	 x;

	if (w->nbytes > 0 && n <= 256) {
		w->nbytes--;
		return *w->bytes++ % n;
	}
	if (w->nbytes > 1) {
		x = (unsigned)(w->bytes[0] << 8 | w->bytes[1]);
		w->bytes += 2;
		w->nbytes -= 2;
		return (unsigned)(x % n);
	}
	w->state += 0x9e3779b97f4a7c15u;
	x = (w->state ^ (w->state >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return (unsigned)((x ^ (x >> 31)) % n);
}

/* ---- definitions ---- */

struct maker {
	struct world	*w;
	struct strbuf	 b;
	int		 names;		/* states so far: each name is new */
};

static unsigned
roll(struct maker *m, unsigned n)
{
	return world_roll(m->w, n);
}

static const char *const errors[] = { "E1", "E2", "States.ALL",
	"States.TaskFailed", "States.Timeout", "States.HeartbeatTimeout" };

static void
make_retry(struct maker *m)
{
	if (roll(m, 3) != 0)
		return;
	strbuf_addf(&m->b, ",\"Retry\":[{\"ErrorEquals\":[\"%s\"]",
	    errors[roll(m, 2)]);
	strbuf_addf(&m->b, ",\"MaxAttempts\":%u", roll(m, 3));
	strbuf_addf(&m->b, ",\"IntervalSeconds\":%u", 1 + roll(m, 3));
	if (roll(m, 2))
		strbuf_adds(&m->b, ",\"JitterStrategy\":\"FULL\"");
	if (roll(m, 4) == 0)
		strbuf_adds(&m->b, ",\"BackoffRate\":1.5,"
		    "\"MaxDelaySeconds\":4");
	strbuf_addc(&m->b, '}');
	if (roll(m, 2))
		strbuf_addf(&m->b, ",{\"ErrorEquals\":[\"%s\"],"
		    "\"MaxAttempts\":1}", errors[roll(m, 6)]);
	strbuf_adds(&m->b, "]");
}

static void
make_catch(struct maker *m, const char *next)
{
	static const char *const	 places[] = { "", ",\"ResultPath\":null",
		",\"ResultPath\":\"$.error\"" };

	if (roll(m, 3) != 0)
		return;
	strbuf_addf(&m->b, ",\"Catch\":[{\"ErrorEquals\":[\"%s\"],"
	    "\"Next\":\"%s\"", errors[roll(m, 6)], next);
	strbuf_adds(&m->b, places[roll(m, 3)]);
	if (roll(m, 2) == 0)
		strbuf_adds(&m->b, ",\"Assign\":{\"why.$\":\"$.Error\"}");
	strbuf_adds(&m->b, "}]");
}

static void	make_block(struct maker *, int depth);

static void
make_task(struct maker *m)
{
	static const char *const	 resources[] = {
		"arn:aws:lambda:us-east-1:123456789012:function:f",
		"arn:aws:states:::lambda:invoke",
		"arn:aws:states:::sqs:sendMessage.waitForTaskToken",
		"arn:aws:states:::states:startExecution.sync:2",
		"arn:aws:states:us-east-1:123456789012:activity:a" };
	static const char *const	 arguments[] = { "",
		",\"Parameters\":{\"FunctionName\":\"f\"}",
		(",\"Parameters\":{\"QueueUrl\":\"q\","
		    "\"MessageBody.$\":\"$$.Task.Token\"}"),
		",\"Parameters\":{\"StateMachineArn\":\"m\"}", "" };
	unsigned			 i = roll(m, 5);

	strbuf_addf(&m->b, "\"Type\":\"Task\",\"Resource\":\"%s\"%s",
	    resources[i], arguments[i]);
	if (roll(m, 2))
		strbuf_addf(&m->b, ",\"TimeoutSeconds\":%u", 10 + roll(m, 20));
	if (roll(m, 4) == 0)
		strbuf_adds(&m->b, ",\"HeartbeatSeconds\":5");
	if (roll(m, 4) == 0)
		strbuf_adds(&m->b, ",\"ResultPath\":\"$.task\"");
	if (roll(m, 8) == 0)
		strbuf_adds(&m->b, ",\"ResultSelector\":{\"r.$\":\"$.x\","
		    "\"id.$\":\"States.UUID()\"}");
	if (roll(m, 4) == 0)
		strbuf_adds(&m->b, ",\"Assign\":{\"v.$\":\"$\"}");
}

static void
make_pass(struct maker *m)
{
	static const char *const	 bodies[] = { "",
		",\"Assign\":{\"p\":1,\"v.$\":\"$\"}",
		",\"Result\":{\"r\": [1, 2.0]},\"ResultPath\":\"$.pass\"",
		",\"Parameters\":{\"in.$\":\"$\"},\"OutputPath\":\"$.in\"",
		",\"Parameters\":{\"n.$\":\"States.MathRandom(1, 100)\"}",
		",\"InputPath\":\"$$.Execution.Input\"",
		",\"Assign\":{\"p.$\":\"$v\"}",
		",\"InputPath\":null",
		",\"Parameters\":{\"t.$\":\"States.Format('{}', $.task)\"}" };
	static const unsigned char	 often[] = { 0, 0, 0, 1, 1, 2, 2, 3, 3,
		4, 5, 6, 7, 7, 8 };

	strbuf_addf(&m->b, "\"Type\":\"Pass\"%s",
	    bodies[often[roll(m, sizeof often)]]);
}

static void
make_wait(struct maker *m)
{
	static const char *const	 lengths[] = { "\"Seconds\":0",
		"\"Seconds\":1", "\"Seconds\":2", "\"SecondsPath\":\"$.n\"",
		"\"SecondsPath\":\"$$.Execution.Input.items[0]\"",
		"\"Timestamp\":\"1970-01-01T00:00:01.5Z\"",
		"\"TimestampPath\":\"$$.State.EnteredTime\"" };
	static const unsigned char	 often[] = { 0, 0, 1, 1, 2, 2, 3, 4, 5,
		6 };

	strbuf_addf(&m->b, "\"Type\":\"Wait\",%s",
	    lengths[often[roll(m, sizeof often)]]);
}

static void
make_parallel(struct maker *m, int depth)
{
	unsigned	 i, n = 1 + roll(m, 3);

	strbuf_adds(&m->b, "\"Type\":\"Parallel\",\"Branches\":[");
	for (i = 0; i < n; i++) {
		if (i > 0)
			strbuf_addc(&m->b, ',');
		make_block(m, depth - 1);
	}
	strbuf_adds(&m->b, "]");
	if (roll(m, 3) == 0)
		strbuf_adds(&m->b, ",\"ResultPath\":\"$.parallel\"");
	if (roll(m, 6) == 0)
		strbuf_adds(&m->b, ",\"Assign\":{\"v.$\":\"$[0]\"}");
}

/* The part of a state that tells its kind; deep ones only above depth 0. */
static void
make_body(struct maker *m, int depth)
{
	switch (roll(m, depth > 0 ? 7 : 4)) {
	case 0:
		make_pass(m);
		break;
	case 1:
		make_wait(m);
		break;
	case 2: case 3:
		make_task(m);
		break;
	case 4: case 5:
		make_parallel(m, depth);
		break;
	default:
		strbuf_addf(&m->b, "\"Type\":\"Map\",\"MaxConcurrency\":%u,"
		    "\"ItemsPath\":\"$$.Execution.Input.items\","
		    "\"ItemProcessor\":", roll(m, 3));
		make_block(m, depth - 1);
		if (roll(m, 2))
			strbuf_adds(&m->b, ",\"ItemSelector\":{\"i.$\":"
			    "\"$$.Map.Item.Index\",\"all.$\":\"$\"}");
		break;
	}
}

/* A state whose language is JSONata; the words of its own are all it needs. */
static void
make_jsonata(struct maker *m, int depth, const char *next)
{
	static const char *const	 bodies[] = {
		"\"Type\":\"Pass\",\"Output\":{\"in\":\"{% $states.input %}\","
		    "\"r\":[\"{% $random() %}\",\"{% $uuid() %}\"]}",
		"\"Type\":\"Pass\",\"Assign\":{\"v\":\"{% $states.context.State"
		    " %}\",\"p\":\"{% $exists($p) ? $p + 1 : 0 %}\"}",
		"\"Type\":\"Pass\",\"Output\":\"{% $states.input.items %}\"",
		"\"Type\":\"Pass\",\"Output\":{\"items\":[\"{% $v %}\"]}",
		"\"Type\":\"Wait\",\"Seconds\":\"{% $floor($random() * 3) %}\"",
		"\"Type\":\"Wait\",\"Timestamp\":\"{% $fromMillis($millis() +"
		    " 1500) %}\",\"Output\":\"{% $millis() %}\"",
		"\"Type\":\"Task\",\"Resource\":\"arn:aws:lambda:us-east-1:"
		    "123456789012:function:f\",\"Arguments\":\"{% $states.input"
		    " %}\",\"Output\":{\"task\":\"{% $states.result %}\"}",
		"\"Type\":\"Task\",\"Resource\":\"arn:aws:states:us-east-1:"
		    "123456789012:activity:a\",\"Arguments\":{\"x\":\"{% $p %}\"},"
		    "\"TimeoutSeconds\":\"{% 10 + 5 %}\",\"Assign\":{\"v\":\"{%"
		    " $states.result %}\"}" };
	unsigned			 i = roll(m, depth > 0 ? 10 : 8);

	strbuf_adds(&m->b, "\"QueryLanguage\":\"JSONata\",");
	if (i < 8)
		strbuf_adds(&m->b, bodies[i]);
	else {
		strbuf_addf(&m->b, "\"Type\":\"Map\",\"MaxConcurrency\":"
		    "\"{%% %u %%}\",\"Items\":\"{%% [$random(), $millis(), "
		    "$states.context.State.RetryCount] %%}\","
		    "\"ItemProcessor\":", roll(m, 3));
		make_block(m, depth - 1);
		if (i == 9)
			strbuf_adds(&m->b, ",\"ItemSelector\":{\"v\":\"{% "
			    "$states.context.Map.Item.Value < 0.9 ? 1 : $v %}\","
			    "\"r\":\"{% $random() %}\"}");
	}
	if (i >= 6 && roll(m, 2))
		strbuf_addf(&m->b, ",\"Retry\":[{\"ErrorEquals\":[\"%s\"],"
		    "\"MaxAttempts\":2,\"IntervalSeconds\":1}]", roll(m, 2) ?
		    "E1" : "States.QueryEvaluationError");
	if (i >= 6 && roll(m, 2))
		strbuf_addf(&m->b, ",\"Catch\":[{\"ErrorEquals\":[\"States."
		    "ALL\"],\"Next\":\"%s\",\"Output\":{\"e\":\"{%% $states."
		    "errorOutput.Error %%}\"},\"Assign\":{\"why\":\"{%% "
		    "$states.errorOutput.Cause %%}\"}}]", next);
}

/* A Choice leads forward, or a machine might not end. */
static void
make_choice(struct maker *m, int next, int last)
{
	static const char *const	 rules[] = {
		"\"Variable\":\"$.x\",\"IsPresent\":true",
		"\"Variable\":\"$\",\"IsNull\":false",
		"\"Not\":{\"Variable\":\"$.task\",\"IsPresent\":true}",
		"\"Variable\":\"$.x\",\"StringEquals\":\"y\"",
		"\"And\":[{\"Variable\":\"$$.Execution.Name\","
		    "\"StringMatches\":\"*\"},{\"Variable\":\"$.items[0]\","
		    "\"NumericGreaterThanPath\":\"$.items[0]\"}]" };

	strbuf_addf(&m->b, "\"Type\":\"Choice\",\"Choices\":[{%s",
	    rules[roll(m, 5)]);
	strbuf_addf(&m->b, ",\"Next\":\"S%d\"",
	    next + (int)roll(m, (unsigned)(last - next + 1)));
	if (roll(m, 3) == 0)
		strbuf_adds(&m->b, ",\"Assign\":{\"took\":true}");
	strbuf_addf(&m->b, "}],\"Default\":\"S%d\"", next);
	if (roll(m, 4) == 0)
		strbuf_adds(&m->b, ",\"Assign\":{\"took\":false}");
}

static bool
last_fails(struct maker *m, const char *name)
{
	if (roll(m, 8) != 0)
		return false;
	strbuf_addf(&m->b, "\"%s\":{\"Type\":\"Fail\",%s}", name,
	    roll(m, 4) != 0 ? "\"Error\":\"E1\",\"Cause\":\"made so\"" :
	    "\"ErrorPath\":\"$$.State.Name\",\"CausePath\":"
	    "\"States.JsonToString($)\"");
	return true;
}

/* What an error can come out of may have a Retry and a Catch. */
static bool
can_fail(const char *body)
{
	static const char *const	 types[] = { "\"Type\":\"Task\"",
		"\"Type\":\"Parallel\"", "\"Type\":\"Map\"" };
	size_t				 i;

	for (i = 0; i < 3; i++)
		if (strncmp(body, types[i], strlen(types[i])) == 0)
			return true;
	return false;
}

/* Some states in a row; the last one is a Succeed or a Fail. */
static void
make_block(struct maker *m, int depth)
{
	int	 first = m->names, n = 1 + (int)roll(m, 4), i;
	char	 name[16], next[16];
	size_t	 from;

	m->names += n + 1;
	strbuf_addf(&m->b, "{\"StartAt\":\"S%d\",\"States\":{", first);
	for (i = 0; i < n; i++) {
		snprintf(next, sizeof next, "S%d", first + i + 1);
		strbuf_addf(&m->b, "\"S%d\":{", first + i);
		if (roll(m, 10) == 0) {
			make_choice(m, first + i + 1, first + n);
			strbuf_adds(&m->b, "},");
			continue;
		}
		if (roll(m, 5) == 0) {
			make_jsonata(m, depth, next);
			strbuf_addf(&m->b, ",\"Next\":\"%s\"},", next);
			continue;
		}
		from = m->b.len;
		make_body(m, depth);
		if (can_fail(m->b.data + from)) {
			make_retry(m);
			make_catch(m, next);
		}
		strbuf_addf(&m->b, ",\"Next\":\"%s\"},", next);
	}
	snprintf(name, sizeof name, "S%d", first + n);
	if (!last_fails(m, name))
		strbuf_addf(&m->b, "\"%s\":{\"Type\":\"Succeed\"}", name);
	strbuf_adds(&m->b, "}}");
}

const char *
world_make(struct world *w)
{
	struct maker	 m = { w, STRBUF_INIT, 0 };
	struct findings	 f = FINDINGS_INIT;

	make_block(&m, 1 + (int)roll(&m, 2));
	if (roll(&m, 6) == 0) {
		m.b.data[--m.b.len] = '\0';	/* the closing brace */
		strbuf_adds(&m.b, ",\"TimeoutSeconds\":60}");
	}
	w->definition = strbuf_take(&m.b, NULL);
	w->machine = machine_parse(w->definition, strlen(w->definition), &f);
	if (w->machine == NULL)
		snprintf(w->refused, sizeof w->refused, "refused: %s: %s",
		    f.list[0].location, f.list[0].message);
	findings_free(&f);
	return w->machine == NULL ? w->refused : NULL;
}

/* ---- the outside world ---- */

static const char *
run(struct world *w, struct stimulus *what)
{
	struct step	*s;

	w->now_ms += world_roll(w, 50);
	what->now_ms = w->now_ms;
	s = laws_step(&w->laws, what);
	if (s == NULL)
		return w->laws.broken;
	w->more = s->more;
	w->steps++;
	step_free(s);
	return NULL;
}

/* Mostly what the task waits for, sometimes anything. */
static enum stimulus_kind
pick_answer(struct world *w, const struct command *c)
{
	static const enum stimulus_kind	 kinds[] = {
		STIMULUS_TASK_SUCCEEDED, STIMULUS_TASK_FAILED,
		STIMULUS_TASK_SUBMITTED, STIMULUS_CALLBACK_SUCCEEDED,
		STIMULUS_CALLBACK_FAILED, STIMULUS_TASK_TIMED_OUT,
		STIMULUS_HEARTBEAT_TIMED_OUT, STIMULUS_TIMER };

	if (c->kind == COMMAND_DEADLINE)
		return STIMULUS_EXECUTION_TIMED_OUT;
	if (c->kind != COMMAND_TASK)
		return STIMULUS_TIMER;
	if (world_roll(w, 10) == 0)
		return kinds[world_roll(w, 8)];
	if (c->resource->pattern == PATTERN_REQUEST)
		return STIMULUS_TASK_SUCCEEDED;
	if (!c->submitted && world_roll(w, 2))
		return STIMULUS_TASK_SUBMITTED;
	return c->resource->pattern == PATTERN_TOKEN ?
	    STIMULUS_CALLBACK_SUCCEEDED : STIMULUS_TASK_SUCCEEDED;
}

/* The deadline is one of what is open, but comes seldom. */
static const struct command *
pick_open(struct world *w, const struct command *open, size_t n)
{
	const struct command	*c = &open[world_roll(w, (unsigned)n)];

	if (c->kind == COMMAND_DEADLINE && world_roll(w, 8) != 0)
		c = &open[world_roll(w, (unsigned)n)];
	return c;
}

/* Says something about an open task or timer, or about any event at all. */
static const char *
say_something(struct world *w)
{
	static const char *const	 payloads[] = { "{}", "[1, 2]",
		"{\"x\": {\"y\": \"z\"}}", "\"text\"", "null", "1.50" };
	struct stimulus			 what = { .kind = STIMULUS_TIMER };
	struct command			*open;
	const struct command		*c;
	const char			*text, *bad;
	size_t				 n;
	bool				 more;

	open = step_open(w->laws.ex, &n, &more);
	if (n == 0)
		return "nothing is open, and it has not ended";
	text = payloads[world_roll(w, 6)];
	c = pick_open(w, open, n);
	what.kind = pick_answer(w, c);
	what.id = world_roll(w, 8) != 0 ? c->id : 1 + (int64_t)world_roll(w,
	    (unsigned)execution_last_event(w->laws.ex));
	what.payload = payload_from_text(text, strlen(text));
	what.error = world_roll(w, 8) == 0 ? NULL :
	    world_roll(w, 2) ? "E1" : "E2";
	what.cause = world_roll(w, 2) ? "it is so" : NULL;
	step_commands_free(open, n);
	bad = run(w, &what);
	payload_unref(what.payload);
	return bad;
}

static const char *
check_end(struct world *w)
{
	struct command	*open;
	size_t		 n;
	bool		 more;

	open = step_open(w->laws.ex, &n, &more);
	step_commands_free(open, n);
	return n != 0 || more ? "something is open after the end" : NULL;
}

const char *
world_play(struct world *w, const char *input, int max_steps,
    int64_t max_events)
{
	struct stimulus	 what = { .kind = STIMULUS_START };
	const char	*bad;

	laws_init(&w->laws, w->machine, w->state);
	what.payload = payload_from_text(input, strlen(input));
	bad = run(w, &what);
	payload_unref(what.payload);
	while (bad == NULL && w->steps < max_steps &&
	    execution_last_event(w->laws.ex) < max_events &&
	    execution_status(w->laws.ex) == EXECUTION_RUNNING) {
		what = (struct stimulus){ .kind = STIMULUS_CONTINUE };
		if (w->more || world_roll(w, 20) == 0)
			bad = run(w, &what);
		else if (world_roll(w, 400) == 0) {
			what.kind = STIMULUS_STOP;
			bad = run(w, &what);
		} else
			bad = say_something(w);
	}
	if (bad == NULL && execution_status(w->laws.ex) != EXECUTION_RUNNING)
		bad = check_end(w);
	return bad;
}

struct strbuf
world_history(const struct world *w)
{
	const struct laws	*l = &w->laws;
	struct strbuf		 b = STRBUF_INIT;
	struct event		*all = NULL, *events;
	size_t			 c, n, total = 0;

	for (c = 0; c < l->nchunks; c++) {
		if (chunk_decode(l->chunks[c], strlen(l->chunks[c]), &events,
		    &n, NULL) == -1)
			continue;
		all = xreallocarray(all, total + n, sizeof *all);
		memcpy(all + total, events, n * sizeof *all);
		total += n;
		free(events);
	}
	chunk_encode(all, total, &b);
	for (c = 0; c < total; c++)
		event_clear(&all[c]);
	free(all);
	return b;
}
