/*
 * asl/jsonata/jsonata.h - JSONata: compile once, evaluate many times.
 *
 * The language of jsonata.org, version 2.2 of its reference, or the dialect of
 * AWS Step Functions.  Pure and bounded: no clock, no dice, no input or output;
 * what an expression may cost is said by the caller, and one that wants more
 * ends with an error.  No globals: everything here may be used by many threads,
 * one compiled expression by several at once as long as nobody frees it.
 *
 *	struct jsonata *e = jsonata_compile("$sum(x)", 7, 0, &error);
 *	if (jsonata_evaluate(e, &(struct jsonata_input){ .document = doc },
 *	    &result, &error) == 0)
 *		value = jsonata_result_json(result);
 *
 * This header needs only jansson and base/strbuf.h.
 */

#ifndef PAWL_JSONATA_H
#define PAWL_JSONATA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strbuf.h"

struct jsonata;
struct jsonata_result;

/*
 * What went wrong: "T2001", its place in the expression as the reference
 * counts it (UTF-16 units, -1: none), the token there (NULL: none), and the
 * sentence.  Both texts are owned: jsonata_error_clear().
 */
struct jsonata_error {
	char	 code[8];
	long	 position;
	char	*token, *message;
	/* For U1001: which bound it was. */
	enum jsonata_bound {
		JSONATA_NO_BOUND,
		JSONATA_DEPTH,
		JSONATA_TIME,
		JSONATA_MEMORY
	}	 bound;
};

#define JSONATA_ERROR_INIT { "", -1, NULL, NULL, JSONATA_NO_BOUND }

void	jsonata_error_clear(struct jsonata_error *);

/*
 * The dialect of AWS Step Functions: JSONata 2.0 without $eval, with
 * $partition, $range, $hash, $random(seed), $uuid and $parse; an expression
 * stands alone, so names, *, ** and $ at the top level, and $$, are refused.
 */
#define JSONATA_AWS	1

/*
 * New, for jsonata_free(); NULL and *e (S0101 ... S0500).  The text may be
 * gone afterwards.  What AWS refuses has the code "" and the real service's
 * sentence.
 */
struct jsonata *jsonata_compile(const char *text, size_t len, int flags,
	    struct jsonata_error *e);
void	jsonata_free(struct jsonata *);

/*
 * The variables that the expression reads and does not bind itself, without
 * "$" and without the functions of the language: each once.  i from 0; NULL
 * when there are no more.  Borrowed.
 */
const char *jsonata_variable(const struct jsonata *, size_t i);
/*
 * It reads $states.NAME at a place where states may be known: $states itself
 * or a member computed at run time count as all of them.
 */
bool	jsonata_reads_states(const struct jsonata *, const char *name);

/* What an evaluation works on.  All 0 is fine: no document, default bounds. */
struct jsonata_input {
	/* The input document, borrowed, frozen while the result lives;
	 * NULL: undefined. */
	json_t		*document;
	/* Variables from outside: an object, borrowed as the document; */
	json_t		*variables;
	/* and what is not there is asked here: borrowed, or NULL. */
	json_t		*(*variable)(void *arg, const char *name, size_t len);
	void		*variable_arg;

	int64_t		 now_ms;	/* $now, $millis: the same throughout */
	uint64_t	 seed;		/* $random, $shuffle, $uuid */

	/* Bounds; 0: the default (JSONATA_*_DEFAULT). */
	int		 depth_max;	/* evaluations within evaluations; a
					 * level takes up to 1 KiB of stack */
	uint64_t	 steps_max;	/* evaluations and rounds of loops */
	size_t		 memory_max;	/* bytes of values made */
	uint64_t	*steps_used;	/* NULL, or what it cost is added */
	/* Asked now and then, some thousand steps apart: true ends it. */
	bool		(*expired)(void *arg);
	void		*expired_arg;
};

#define JSONATA_DEPTH_DEFAULT	2000
#define JSONATA_STEPS_DEFAULT	UINT64_C(1000000000)
#define JSONATA_MEMORY_DEFAULT	((size_t)256 << 20)

/* The real service's depth and memory, for the dialect. */
#define JSONATA_DEPTH_AWS	100
#define JSONATA_MEMORY_AWS	((size_t)6990256)

/*
 * 0 and a new *result, for jsonata_result_free(), or -1 and *e.  The expression
 * must live as long as the result.
 */
int	jsonata_evaluate(const struct jsonata *, const struct jsonata_input *,
	    struct jsonata_result **result, struct jsonata_error *e);
void	jsonata_result_free(struct jsonata_result *);

enum jsonata_kind {
	JSONATA_UNDEFINED,
	JSONATA_NULL,
	JSONATA_BOOLEAN,
	JSONATA_NUMBER,
	JSONATA_STRING,
	JSONATA_ARRAY,
	JSONATA_OBJECT,
	JSONATA_FUNCTION
};
enum jsonata_kind jsonata_result_kind(const struct jsonata_result *);
/*
 * New reference; parts of the document are shared, not copied.  Whole numbers
 * within 2^53 become integers, functions inside "", infinities and NaN the
 * texts "Infinity", "-Infinity", "NaN".  NULL if undefined, a function,
 * nested deeper than 1000, or of more values than memory_max / 8.
 */
json_t	*jsonata_result_json(const struct jsonata_result *);
/* Adds the same as compact JSON, numbers as JavaScript writes them. */
void	jsonata_result_print(const struct jsonata_result *, struct strbuf *);

#endif
