/*
 * tests/fuzz/fuzz_choice.c - a rule of a Choice state and what it is asked of.
 *
 * A rule that is refused says where; one that compiles holds, does not, or is a
 * States.Runtime, twice the same.  Not turns it round.
 */

#include <stdlib.h>
#include <string.h>

#include "choice.h"
#include "fuzz.h"
#include "jsontext.h"

const unsigned	 fuzz_runs = 20000;

static void
variable(const char *name, void *arg)
{
	(void)arg;
	fuzz_check(name != NULL && name[0] != '\0', "a variable has no name");
}

/* {"Not": rule} holds where rule does not, and fails where it fails. */
static void
check_not(json_t *source, struct fuzz_question *q, int rc, bool matches)
{
	json_t			*not = json_pack("{sO}", "Not", source);
	struct choice_rule	*rule = choice_compile(not, NULL, NULL);
	bool			 other;

	if (rule != NULL) {	/* or it is nested too deep now */
		fuzz_check(choice_eval(rule, fuzz_scope(q), &other, NULL) == rc,
		    "Not fails in another way");
		fuzz_check(rc == -1 || other == !matches,
		    "both a rule and its Not are %d", matches);
	}
	choice_free(rule);
	json_decref(not);
}

static void
try_rule(json_t *source, struct fuzz_question *q)
{
	struct err		 e = ERR_INIT;
	char			*where = NULL;
	struct choice_rule	*rule = choice_compile(source, &where, &e);
	bool			 matches = false, again = false;
	int			 rc;

	if (rule == NULL) {
		fuzz_check_err(&e, ",SCHEMA_VALIDATION_FAILED,");
		fuzz_check(where == NULL || where[0] == '\0' ||
		    where[0] == '/', "a place like %s", where);
	} else {
		choice_variables(rule, variable, NULL);
		rc = choice_eval(rule, fuzz_scope(q), &matches, &e);
		fuzz_check(choice_eval(rule, fuzz_scope(q), &again, NULL) == rc &&
		    (rc == -1 || matches == again),
		    "the second time is different");
		if (rc == -1)
			fuzz_check_err(&e, ",States.Runtime,");
		else
			fuzz_reached++;
		check_not(source, q, rc, matches);
	}
	free(where);
	err_clear(&e);
	choice_free(rule);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct fuzz_question	 q;
	json_t			*source;

	if (!fuzz_ask(&q, bytes, n))
		return 0;
	if (jsontext_check(q.text, q.len, NULL, NULL) == 0 &&
	    (source = jsontext_parse(q.text, q.len, NULL)) != NULL) {
		try_rule(source, &q);
		json_decref(source);
	}
	fuzz_asked(&q);
	return 0;
}
