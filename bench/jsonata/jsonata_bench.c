/*
 * bench/jsonata/jsonata_bench.c - how long expressions take.
 *
 *	jsonata_bench CASES DOCUMENT
 *
 * Each case is compiled once and evaluated over and over: first leaving
 * the result where it is, as the reference does, then printing it as JSON,
 * which is what a workflow keeps of it.  Prints a line "name ns ns-with-JSON result" for each;
 * the time is CPU time, as the machine may be busy, of the best of three rounds.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "jsonata.h"

#define ROUNDS		3
#define ROUND_NS	150e6

static double
now_ns(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "jsonata_bench: %s: %s\n", what, why);
	exit(1);
}

static struct jsonata_result *
evaluate(const struct jsonata *j, json_t *document)
{
	struct jsonata_input	 in = { .document = document };
	struct jsonata_error	 e = JSONATA_ERROR_INIT;
	struct jsonata_result	*r;

	if (jsonata_evaluate(j, &in, &r, &e) == -1)
		die(e.code, e.message);
	return r;
}

static double
round_ns(const struct jsonata *j, json_t *document, bool print)
{
	struct jsonata_result	*r;
	struct strbuf		 b = STRBUF_INIT;
	double			 start = now_ns(), spent = 0;
	int			 n = 0, i;

	while (spent < ROUND_NS) {
		for (i = 0; i < 10; i++, n++) {
			r = evaluate(j, document);
			strbuf_reset(&b);
			if (print)
				jsonata_result_print(r, &b);
			jsonata_result_free(r);
		}
		spent = now_ns() - start;
	}
	strbuf_free(&b);
	return spent / n;
}

static void
run(const char *name, const char *expr, json_t *document)
{
	struct jsonata_error	 e = JSONATA_ERROR_INIT;
	struct jsonata		*j;
	struct jsonata_result	*r;
	struct strbuf		 b = STRBUF_INIT;
	double			 best[2] = { 1e18, 1e18 }, ns;
	int			 i;

	if ((j = jsonata_compile(expr, strlen(expr), 0, &e)) == NULL)
		die(name, e.message);
	for (i = 0; i < 2 * ROUNDS; i++)
		if ((ns = round_ns(j, document, i % 2)) < best[i % 2])
			best[i % 2] = ns;
	r = evaluate(j, document);
	jsonata_result_print(r, &b);
	printf("%s %.0f %.0f %s\n", name, best[0], best[1], strbuf_str(&b));
	strbuf_free(&b);
	jsonata_result_free(r);
	jsonata_free(j);
}

int
main(int argc, char **argv)
{
	json_error_t	 error;
	json_t		*cases, *document, *one;
	size_t		 i;

	if (argc != 3)
		die("usage", "jsonata_bench CASES DOCUMENT");
	if ((cases = json_load_file(argv[1], 0, &error)) == NULL)
		die(argv[1], error.text);
	if ((document = json_load_file(argv[2], 0, &error)) == NULL)
		die(argv[2], error.text);
	json_array_foreach(cases, i, one)
		run(json_string_value(json_object_get(one, "name")),
		    json_string_value(json_object_get(one, "expr")), document);
	json_decref(cases);
	json_decref(document);
	return 0;
}
