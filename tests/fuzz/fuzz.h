/*
 * tests/fuzz/fuzz.h - what the fuzz targets share.
 *
 * A target is one file with LLVMFuzzerTestOneInput(): it takes any bytes, and
 * what must hold of them it checks with fuzz_check().  clang's libFuzzer drives
 * it (./dev fuzz), or fuzz_driver.c, a short deterministic run in `make check`.
 * A new target: its file, a line in Makefile.am, its seeds in corpus.py.
 */

#ifndef PAWL_TESTS_FUZZ_H
#define PAWL_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "payload.h"
#include "scope.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Mutations in a run of fuzz_driver.c: each target says what takes a second. */
extern const unsigned fuzz_runs;
/*
 * Inputs that came through the target's door.  When no seed does, the seeds are
 * stale and the target tests nothing: fuzz_driver.c then fails.
 */
extern unsigned long fuzz_reached;

/* Says what is broken and aborts, so that the input is kept. */
void	fuzz_fail(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2), noreturn));
#define fuzz_check(that, ...) ((that) ? (void)0 : fuzz_fail(__VA_ARGS__))

/* It can stand inside a JSON string: UTF-8 and no NUL. */
bool	fuzz_is_text(const char *, size_t);
/* An error has one of these codes (with commas around each) and a text that
 * can be shown. */
void	fuzz_check_err(const struct err *, const char *codes);
/* The payload is JSON, deep and long as it may be. */
void	fuzz_check_payload(struct payload *);

/*
 * An input of two parts: an expression, and after the last newline the document
 * it is evaluated against; a usual document when there is none that is JSON.
 */
struct fuzz_question {
	char		*text;		/* no NUL behind it */
	size_t		 len;
	struct payload	*document;
	char		*before;	/* the document's tree as text */
	struct vars	*vars;
	struct scope	 scope;
};

/* false (and nothing to free) if the expression is no text. */
bool	fuzz_ask(struct fuzz_question *, const uint8_t *, size_t);
/* A scope as at first: the same seed, no work done. */
struct scope *fuzz_scope(struct fuzz_question *);
/* Checks that the document is unchanged, and frees. */
void	fuzz_asked(struct fuzz_question *);

/* A definition with every type of state: what chunks are folded with. */
extern const char fuzz_machine[];
/* What executions of it start with. */
extern const char fuzz_machine_input[];

#endif
