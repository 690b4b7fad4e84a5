/*
 * tests/fuzz/fuzz_machine.c - bytes decide a machine and what happens to it.
 *
 * world.h makes a definition of them and plays an execution; around every
 * stimulus the laws are checked: same in same out, the fold equals the live
 * execution, a second delivery does nothing.  At the end, the whole history in
 * one chunk folds to the same.
 */

#include <string.h>

#include "fuzz.h"
#include "world.h"

const unsigned	 fuzz_runs = 1500;

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
	fuzz_reached++;
	world_clear(&w);
	return 0;
}
