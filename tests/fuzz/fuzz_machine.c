/*
 * tests/fuzz/fuzz_machine.c - bytes decide a machine and what happens to it.
 *
 * world.h makes a definition of them and plays an execution; around every
 * stimulus the laws are checked: same in same out, the fold equals the live
 * execution, a second delivery does nothing.  At the end, the whole history in
 * one chunk folds to the same, and each of its events can be shown.
 */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "world.h"

const unsigned	 fuzz_runs = 1500;

static void
show(const struct event *ev)
{
	struct strbuf	 b = STRBUF_INIT;
	struct err	 e = ERR_INIT;

	event_print(ev, "us-east-1", true, &b);
	if (jsontext_check_depth(strbuf_str(&b), b.len, JSONTEXT_DEPTH_STORED,
	    NULL, &e) == -1)
		fuzz_fail("an event cannot be shown: %s: %s", e.text,
		    strbuf_str(&b));
	strbuf_free(&b);
}

static void
check_history(const struct world *w)
{
	struct strbuf		 b = world_history(w);
	struct execution	*ex;
	struct event		*events;
	struct err		 e = ERR_INIT;
	json_t			*live, *folded;
	size_t			 i, n;

	if (chunk_decode(b.data, b.len, &events, &n, &e) == -1)
		fuzz_fail("the history is refused: %s", e.text);
	ex = execution_new(w->machine, &w->laws.facts);
	for (i = 0; i < n; i++) {
		show(&events[i]);
		if (execution_apply(ex, &events[i], &e) == -1)
			fuzz_fail("the history does not fold: %s", e.text);
		event_clear(&events[i]);
	}
	free(events);
	live = execution_dump(w->laws.ex);
	folded = execution_dump(ex);
	fuzz_check(json_equal(live, folded), "the history folds to another");
	json_decref(live);
	json_decref(folded);
	execution_free(ex);
	strbuf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct world	 w;
	const char	*bad;

	world_bytes(&w, bytes, len);
	bad = world_make(&w);
	if (bad == NULL)
		bad = world_play(&w, fuzz_machine_input, 30, 250);
	if (bad != NULL)
		fuzz_fail("%s\n# %s", bad, w.definition);
	check_history(&w);
	fuzz_reached++;
	world_clear(&w);
	return 0;
}
