/*
 * bench/core.c - transitions per second of the language alone.
 *
 * usage: bench-core [--seconds S | --executions N] [--chunks] [CASE...]
 *
 * Runs executions of each case (all of them by default) one after the other: no
 * database, no network, no clock but around the whole.  A transition is a state
 * entered.  With --chunks the events of each step are also encoded as they are
 * stored.  One JSON line a case.  With --executions their number is fixed, so
 * that instructions can be counted (./dev bench core --instructions).
 *
 * A new case: a line in cases[], and its definition and input below.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "asl.h"
#include "strbuf.h"
#include "xmalloc.h"

#define PASS_STATES	10
#define MAP_ITEMS	1000
#define LOOP_ROUNDS	100
#define PAYLOAD_BYTES	(256 * 1024)

struct bench {
	const char	*name;
	/* New texts. */
	char		*(*definition)(void);
	char		*(*input)(void);

	struct machine	*machine;
	struct payload	*start;
	struct execution_facts facts;
	struct strbuf	 chunk;
	bool		 chunks;
	int64_t		 transitions, events, chunk_bytes;	/* of one */
};

/* --- cases --------------------------------------------------------------------- */

static char *
ten_pass(void)
{
	struct strbuf	 b = STRBUF_INIT;
	int		 i;

	strbuf_adds(&b, "{\"StartAt\":\"S1\",\"States\":{");
	for (i = 1; i < PASS_STATES; i++)
		strbuf_addf(&b, "\"S%d\":{\"Type\":\"Pass\",\"Next\":\"S%d\"},",
		    i, i + 1);
	strbuf_addf(&b, "\"S%d\":{\"Type\":\"Pass\",\"End\":true}}}", i);
	return strbuf_take(&b, NULL);
}

static char *
choice_loop(void)
{
	return xasprintf("{\"StartAt\":\"Add\",\"States\":{\"Add\":{"
	    "\"Type\":\"Pass\",\"Parameters\":{\"n.$\":"
	    "\"States.MathAdd($.n, 1)\"},\"Next\":\"Enough\"},"
	    "\"Enough\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$.n\","
	    "\"NumericGreaterThanEquals\":%d,\"Next\":\"Done\"}],"
	    "\"Default\":\"Add\"},\"Done\":{\"Type\":\"Succeed\"}}}",
	    LOOP_ROUNDS);
}

static char *
map_items(void)
{
	return xstrdup("{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\","
	    "\"ItemsPath\":\"$.items\",\"ItemProcessor\":{\"StartAt\":\"I\","
	    "\"States\":{\"I\":{\"Type\":\"Pass\",\"End\":true}}},"
	    "\"End\":true}}}");
}

static char *
small_input(void)
{
	return xstrdup("{\"order\":4711,\"customer\":\"K-17\","
	    "\"lines\":[1,2,3]}");
}

static char *
zero(void)
{
	return xstrdup("{\"n\":0}");
}

static char *
thousand_items(void)
{
	struct strbuf	 b = STRBUF_INIT;
	int		 i;

	strbuf_adds(&b, "{\"items\":[");
	for (i = 0; i < MAP_ITEMS; i++)
		strbuf_addf(&b, "%s{\"id\":%d}", i > 0 ? "," : "", i);
	strbuf_adds(&b, "]}");
	return strbuf_take(&b, NULL);
}

/* As large as the service lets it be, to the byte. */
static char *
large_input(void)
{
	static const char	 line[] = "{\"sku\":\"A-1\",\"n\":2}";
	struct strbuf		 b = STRBUF_INIT;

	strbuf_adds(&b, "{\"lines\":[");
	while (b.len < PAYLOAD_BYTES - 2 * sizeof line)
		strbuf_addf(&b, "%s,", line);
	strbuf_addf(&b, "%s],\"rest\":\"", line);
	while (b.len < PAYLOAD_BYTES - 2)
		strbuf_addc(&b, 'x');
	strbuf_adds(&b, "\"}");
	return strbuf_take(&b, NULL);
}

static struct bench	 cases[] = {
	{ .name = "pass10", .definition = ten_pass, .input = small_input },
	{ .name = "choice", .definition = choice_loop, .input = zero },
	{ .name = "map1000", .definition = map_items, .input = thousand_items },
	{ .name = "large10", .definition = ten_pass, .input = large_input },
};

#define CASES (sizeof cases / sizeof *cases)

/* --- running --------------------------------------------------------------------- */

static double
seconds_now(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void __attribute__((noreturn))
give_up(const struct bench *b, const char *why)
{
	fprintf(stderr, "bench-core: %s: %s\n", b->name, why);
	exit(1);
}

/* Counts what one execution is made of. */
static void
count(struct bench *b, const struct step *s)
{
	const char	*name;
	size_t		 i, len;

	for (i = 0; i < s->nevents; i++) {
		name = event_type_name(s->events[i].type);
		len = strlen(name);
		b->events++;
		b->transitions += len > 12 &&
		    strcmp(name + len - 12, "StateEntered") == 0;
	}
	b->chunk_bytes += (int64_t)b->chunk.len;
}

static void
run(struct bench *b, bool counting)
{
	struct stimulus		 what = { .kind = STIMULUS_START, .now_ms = 1000,
		.payload = b->start };
	struct execution	*ex = execution_new(b->machine, &b->facts);
	struct err		 e = ERR_INIT;
	struct step		*s;
	bool			 more = true;

	while (more) {
		if (step_run(ex, &what, &s, &e) == -1)
			give_up(b, e.text);
		strbuf_reset(&b->chunk);
		if (b->chunks && s->nevents > 0)
			chunk_encode(s->events, s->nevents, &b->chunk);
		if (counting)
			count(b, s);
		more = s->more;
		step_free(s);
		what = (struct stimulus){ .kind = STIMULUS_CONTINUE,
			.now_ms = 1000 };
	}
	if (execution_status(ex) != EXECUTION_SUCCEEDED)
		give_up(b, execution_status_name(execution_status(ex)));
	execution_free(ex);
}

static void
prepare(struct bench *b, bool chunks)
{
	struct findings	 f = FINDINGS_INIT;
	char		*text = b->definition();

	b->machine = machine_parse(text, strlen(text), &f);
	if (b->machine == NULL)
		give_up(b, f.list[0].message);
	findings_free(&f);
	free(text);
	text = b->input();
	b->start = payload_steal_text(text, strlen(text));
	b->facts = (struct execution_facts){ .arn = "arn:aws:states:us-east-1:"
	    "123456789012:execution:bench:e", .name = "e", .machine_arn =
	    "arn:aws:states:us-east-1:123456789012:stateMachine:bench",
	    .machine_name = "bench", .role_arn =
	    "arn:aws:iam::123456789012:role/bench", .seed = 1 };
	strbuf_init(&b->chunk, STRBUF_MAX_DEFAULT);
	b->chunks = chunks;
	run(b, true);
}

static void
finish(struct bench *b, long n, double seconds)
{
	printf("{\"case\":\"%s\",\"chunks\":%s,\"executions\":%ld,"
	    "\"transitions_each\":%lld,\"events_each\":%lld,"
	    "\"chunk_bytes_each\":%lld,\"seconds\":%.4f,"
	    "\"executions_per_second\":%.1f,\"transitions_per_second\":%.0f}\n",
	    b->name, b->chunks ? "true" : "false", n,
	    (long long)b->transitions, (long long)b->events,
	    (long long)b->chunk_bytes, seconds, (double)n / seconds,
	    (double)(n * b->transitions) / seconds);
	fflush(stdout);
	strbuf_free(&b->chunk);
	payload_unref(b->start);
	machine_free(b->machine);
}

/* Executions for so many seconds, or exactly so many. */
static void
measure(struct bench *b, bool chunks, double seconds, long executions)
{
	double	 started, now;
	long	 n = 0, i, batch = 1;

	prepare(b, chunks);
	started = now = seconds_now();
	while (executions > 0 ? n < executions : now - started < seconds) {
		if (executions > 0)
			batch = executions;
		for (i = 0; i < batch; i++)
			run(b, false);
		n += batch;
		now = seconds_now();
		/* The clock is looked at some fifty times a second. */
		if (now - started < 0.02)
			batch *= 2;
	}
	finish(b, n, now - started);
}

int
main(int argc, char **argv)
{
	double	 seconds = 2;
	long	 executions = 0;
	bool	 chunks = false, all = true;
	size_t	 c;
	int	 i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
			seconds = strtod(argv[++i], NULL);
		else if (strcmp(argv[i], "--executions") == 0 && i + 1 < argc)
			executions = strtol(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--chunks") == 0)
			chunks = true;
		else {
			for (c = 0; c < CASES; c++)
				if (strcmp(argv[i], cases[c].name) == 0)
					break;
			if (c == CASES) {
				fprintf(stderr, "bench-core: no case '%s'\n",
				    argv[i]);
				return 2;
			}
			all = false;
		}
	for (c = 0; c < CASES; c++)
		for (i = 1; i < argc || all; i++)
			if (all || strcmp(argv[i], cases[c].name) == 0) {
				measure(&cases[c], chunks, seconds, executions);
				break;
			}
	return 0;
}
