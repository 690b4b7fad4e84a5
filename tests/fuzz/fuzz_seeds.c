/*
 * tests/fuzz/fuzz_seeds.c - genuine chunks, as seeds for fuzz_chunk.
 *
 *	fuzz_seeds FOLDER
 *
 * Plays executions of the machine that fuzz_chunk folds with, and writes what is
 * stored of each: so the seeds are never older than the format.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "world.h"
#include "xmalloc.h"

#define SEEDS 40

static int
write_seed(const char *folder, unsigned seed, const struct world *w)
{
	char		*path = xasprintf("%s/history%02u", folder, seed);
	struct strbuf	 b = world_history(w);
	FILE		*f = fopen(path, "w");
	int		 bad = f == NULL;

	if (f != NULL) {
		bad = fwrite(b.data, 1, b.len, f) != b.len;
		bad |= fclose(f) != 0;
	}
	if (bad)
		perror(path);
	strbuf_free(&b);
	free(path);
	return bad;
}

int
main(int argc, char **argv)
{
	struct findings	 f = FINDINGS_INIT;
	struct world	 w;
	const char	*law;
	unsigned	 seed;
	int		 bad = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
		return 2;
	}
	for (seed = 1; seed <= SEEDS && bad == 0; seed++) {
		world_seed(&w, seed);
		w.machine = machine_parse(fuzz_machine, strlen(fuzz_machine),
		    &f);
		if (w.machine == NULL) {
			fprintf(stderr, "fuzz_seeds: %s\n", f.list[0].message);
			return 1;
		}
		/* Short ones too: a history is of any length. */
		law = world_play(&w, fuzz_machine_input, (int)(2 + seed % 12),
		    300);
		if (law != NULL)
			fuzz_fail("%s", law);
		bad = write_seed(argv[1], seed, &w);
		world_clear(&w);
	}
	findings_free(&f);
	return bad;
}
