/*
 * tests/fuzz/fuzz_teststate.c - a question to TestState, as JSON.
 *
 * What asked_state.h takes.  Whatever is asked of whichever state, there is an
 * answer, twice the same, or an error of the API that can be shown.
 */

#include <string.h>

#include "asked_state.h"
#include "fuzz.h"
#include "jsontext.h"

const unsigned	 fuzz_runs = 10000;

/* "Test" is asked_state.c's own: an answer to nothing. */
static const char	 codes[] = ",InvalidDefinition,InvalidExecutionInput,"
    "ValidationException,Test,";

static bool
is_question(const json_t *q)
{
	const json_t	*definition = json_object_get(q, "definition");

	return json_is_string(definition) || json_is_object(definition);
}

static void
check_answer(const json_t *answer)
{
	const char	*status;

	fuzz_reached++;
	status = json_string_value(json_object_get(answer, "status"));
	fuzz_check(status != NULL || json_object_get(answer, "opens") != NULL,
	    "an answer without a status");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char	*text = (const char *)bytes;
	struct err	 e = ERR_INIT, again_e = ERR_INIT;
	json_t		*q, *answer, *again;

	if (jsontext_check(text, len, NULL, NULL) == -1)
		return 0;
	q = jsontext_parse(text, len, NULL);
	if (is_question(q)) {
		answer = asked_state_run(q, &e);
		again = asked_state_run(q, &again_e);
		fuzz_check((answer == NULL) == (again == NULL) &&
		    (answer == NULL || json_equal(answer, again)),
		    "the second answer is different");
		if (answer == NULL)
			fuzz_check_err(&e, codes);
		else
			check_answer(answer);
		json_decref(answer);
		json_decref(again);
		err_clear(&e);
		err_clear(&again_e);
	}
	json_decref(q);
	return 0;
}
