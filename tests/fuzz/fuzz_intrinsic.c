/*
 * tests/fuzz/fuzz_intrinsic.c - an intrinsic call and what it is evaluated with.
 *
 * What compiles gives a value or States.Runtime, twice the same from the same
 * seed, within its budget, and leaves its input alone.
 */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "intrinsic.h"
#include "jsontext.h"

const unsigned	 fuzz_runs = 20000;

static void
variable(const char *name, void *arg)
{
	(void)arg;
	fuzz_check(name != NULL && name[0] != '\0', "a variable has no name");
}

static void
evaluate(const struct intrinsic *call, struct fuzz_question *q)
{
	struct err	 e = ERR_INIT, again_e = ERR_INIT;
	json_t		*out, *again;
	uint64_t	 seed;
	int		 rc;

	rc = intrinsic_eval(call, fuzz_scope(q), &out, &e);
	seed = q->scope.seed;
	if (intrinsic_eval(call, fuzz_scope(q), &again, &again_e) != rc ||
	    seed != q->scope.seed)
		fuzz_fail("the second time is different: %s%s",
		    e.text != NULL ? e.text : "",
		    again_e.text != NULL ? again_e.text : "");
	if (rc == -1) {
		fuzz_check_err(&e, ",States.Runtime,");
		fuzz_check(strcmp(e.text, again_e.text) == 0, "%s and %s",
		    e.text, again_e.text);
	} else {
		struct payload	*p = payload_from_json(out);

		fuzz_reached++;
		fuzz_check_payload(p);
		fuzz_check(json_equal(out, again), "two values: %s",
		    payload_text(p, NULL));
		payload_unref(p);
		json_decref(again);
	}
	err_clear(&e);
	err_clear(&again_e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct fuzz_question	 q;
	struct intrinsic	*call;
	struct err		 e = ERR_INIT;

	if (!fuzz_ask(&q, bytes, n))
		return 0;
	call = intrinsic_parse(q.text, q.len, &e);
	if (call == NULL)
		fuzz_check_err(&e, ",InvalidIntrinsic,");
	else {
		fuzz_check(strlen(intrinsic_text(call)) == q.len &&
		    memcmp(intrinsic_text(call), q.text, q.len) == 0,
		    "not the call as written: %s", intrinsic_text(call));
		intrinsic_variables(call, variable, NULL);
		evaluate(call, &q);
	}
	err_clear(&e);
	intrinsic_free(call);
	fuzz_asked(&q);
	return 0;
}
