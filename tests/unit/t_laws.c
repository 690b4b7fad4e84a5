/*
 * tests/unit/t_laws.c - random machines and random events in random order.
 *
 * Each seed makes a world (world.h) and plays it until the execution has ended.
 * Around every stimulus the laws are checked, at the end that nothing is left
 * open; then histories are damaged, which must be told or do no harm.
 *
 * PAWL_SEEDS says how many (default 3000), PAWL_SEED which one alone.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "world.h"
#include "xmalloc.h"

#define STEPS_MAX 5000

static const char	*input = "{\"items\": [1, {\"a\": 2}, \"three\"]}";

static bool
seed_passes(uint64_t seed, int *statuses, long *steps)
{
	struct world	 w;
	const char	*bad;

	world_seed(&w, seed);
	bad = world_make(&w);
	if (bad == NULL) {
		bad = world_play(&w, input, STEPS_MAX, INT64_MAX);
		if (bad == NULL && w.steps >= STEPS_MAX)
			bad = "it does not end";
		statuses[execution_status(w.laws.ex)]++;
		*steps += w.steps;
	}
	if (bad != NULL)
		printf("# seed %llu: %.2000s\n# %s\n", (unsigned long long)seed,
		    bad, w.definition);
	world_clear(&w);
	return bad == NULL;
}

static void
test_random(void)
{
	const char	*count = getenv("PAWL_SEEDS"), *one = getenv("PAWL_SEED");
	uint64_t	 n = count != NULL ? strtoull(count, NULL, 10) : 3000;
	uint64_t	 seed = one != NULL ? strtoull(one, NULL, 10) : 1;
	int		 statuses[5] = { 0 }, failures = 0;
	long		 steps = 0;

	if (one != NULL)
		n = seed;
	for (; seed <= n && failures < 3; seed++)
		failures += !seed_passes(seed, statuses, &steps);
	printf("# %llu seeds, %ld steps: %d succeeded, %d failed, "
	    "%d timed out, %d aborted\n", (unsigned long long)n, steps,
	    statuses[EXECUTION_SUCCEEDED], statuses[EXECUTION_FAILED],
	    statuses[EXECUTION_TIMED_OUT], statuses[EXECUTION_ABORTED]);
	CU_ASSERT_EQUAL(failures, 0);
	if (one == NULL && n >= 1000) {		/* the test must reach all ends */
		CU_ASSERT(statuses[EXECUTION_SUCCEEDED] > 0);
		CU_ASSERT(statuses[EXECUTION_FAILED] > 0);
		CU_ASSERT(statuses[EXECUTION_TIMED_OUT] > 0);
		CU_ASSERT(statuses[EXECUTION_ABORTED] > 0);
	}
}

/* ---- damage ---- */

/* Folds what is left of a damaged history: true if none of it was refused. */
static bool
fold_damaged(struct laws *l, char *text, size_t len)
{
	struct execution	*ex = execution_new(l->machine, &l->facts);
	struct event		*events;
	struct err		 e = ERR_INIT;
	size_t			 i, n;
	bool			 good;

	good = chunk_decode(text, len, &events, &n, &e) == 0;
	for (i = 0; i < n; i++) {
		good = good && execution_apply(ex, &events[i], &e) == 0;
		event_clear(&events[i]);
	}
	free(events);
	CU_ASSERT(good || strcmp(e.code, "CorruptHistory") == 0);
	if (good)
		json_decref(execution_dump(ex));
	err_clear(&e);
	execution_free(ex);
	return good;
}

static void
damage(struct world *w, char *text, size_t len)
{
	static const char	 bytes[] = "0123456789{}[],:\"ftnSyz";
	unsigned		 i, at, n = 1 + world_roll(w, 3);

	for (i = 0; i < n; i++) {
		at = world_roll(w, (unsigned)len);
		text[at] = bytes[world_roll(w, sizeof bytes - 1)];
	}
}

static void
test_damaged(void)
{
	struct world	 w;
	struct strbuf	 b;
	char		*text;
	int		 i, good = 0, bad = 0;
	uint64_t	 seed;

	for (seed = 1; seed <= 200; seed++) {
		world_seed(&w, seed);
		CU_ASSERT_PTR_NULL_FATAL(world_make(&w));
		CU_ASSERT_PTR_NULL(world_play(&w, input, STEPS_MAX, INT64_MAX));
		b = world_history(&w);
		CU_ASSERT(fold_damaged(&w.laws, b.data, b.len));
		for (i = 0; i < 20; i++) {
			text = xstrndup(b.data, b.len);
			damage(&w, text, b.len);
			*(fold_damaged(&w.laws, text, b.len) ? &good : &bad) += 1;
			free(text);
		}
		strbuf_free(&b);
		world_clear(&w);
	}
	printf("# %d damaged histories refused, %d still fold\n", bad, good);
	CU_ASSERT(bad > good);
}

UNIT_TESTS(tests) = {
	{ "random machines keep the laws", test_random },
	{ "a damaged history is refused, or folds, and nothing worse",
	    test_damaged },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	return unit_main("laws", tests);
}
