/*
 * tests/fuzz/fuzz_jsonata.c - a JSONata expression and its document.
 *
 * In both dialects: what is refused says why and where; what compiles gives,
 * within its bounds, a result that prints as JSON or an error, twice the same,
 * and leaves the document alone.
 */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "jsonata.h"
#include "jsontext.h"

const unsigned	 fuzz_runs = 10000;

/* Enough for any honest expression of this length, and soon at an end. */
static const struct jsonata_input	 bounds = {
	.now_ms = 1700000000000,
	.seed = 42,
	.depth_max = 300,
	.steps_max = 20000,
	.memory_max = (size_t)8 << 20,
};

static void
check_error(const struct jsonata_error *e, size_t len)
{
	fuzz_check(e->message != NULL && e->message[0] != '\0',
	    "an error without a sentence: %s", e->code);
	fuzz_check(fuzz_is_text(e->message, strlen(e->message)),
	    "an error that cannot be shown: %s", e->message);
	fuzz_check(e->token == NULL || fuzz_is_text(e->token, strlen(e->token)),
	    "a token that cannot be shown");
	fuzz_check(e->position >= -1 && e->position <= (long)len,
	    "the place %ld of %zu: %s", e->position, len, e->message);
}

/* New text of the result, or of the error. */
static char *
outcome(const struct jsonata *x, struct fuzz_question *q)
{
	struct jsonata_input	 in = bounds;
	struct jsonata_error	 e = JSONATA_ERROR_INIT;
	struct jsonata_result	*r;
	struct strbuf		 b = STRBUF_INIT;
	struct err		 why = ERR_INIT;
	json_t			*json;

	in.document = payload_json(q->document);
	if (jsonata_evaluate(x, &in, &r, &e) == -1) {
		check_error(&e, q->len);
		strbuf_addf(&b, "%s %s", e.code, e.message);
		jsonata_error_clear(&e);
		return strbuf_take(&b, NULL);
	}
	fuzz_reached++;
	json = jsonata_result_json(r);
	jsonata_result_print(r, &b);
	if (json != NULL && jsontext_check_depth(strbuf_str(&b), b.len,
	    JSONTEXT_DEPTH_STORED, NULL, &why) == -1)
		fuzz_fail("a result is no JSON: %s: %s", why.text,
		    strbuf_str(&b));
	fuzz_check(json == NULL || (jsonata_result_kind(r) != JSONATA_UNDEFINED
	    && jsonata_result_kind(r) != JSONATA_FUNCTION),
	    "undefined or a function, and JSON");
	json_decref(json);
	jsonata_result_free(r);
	return strbuf_take(&b, NULL);
}

static void
try_dialect(struct fuzz_question *q, int flags)
{
	struct jsonata_error	 e = JSONATA_ERROR_INIT;
	struct jsonata		*x;
	const char		*name;
	char			*first, *second;
	size_t			 i;

	x = jsonata_compile(q->text, q->len, flags, &e);
	if (x == NULL) {
		check_error(&e, q->len);
		jsonata_error_clear(&e);
		return;
	}
	for (i = 0; (name = jsonata_variable(x, i)) != NULL; i++)
		fuzz_check(i < q->len, "more variables than bytes");
	jsonata_reads_states(x, "input");
	first = outcome(x, q);
	second = outcome(x, q);
	fuzz_check(strcmp(first, second) == 0,
	    "the second time is different: %s and %s", first, second);
	free(first);
	free(second);
	jsonata_free(x);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct fuzz_question	 q;

	if (!fuzz_ask(&q, bytes, n))
		return 0;
	try_dialect(&q, 0);
	try_dialect(&q, JSONATA_AWS);
	fuzz_asked(&q);
	return 0;
}
