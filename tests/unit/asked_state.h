/*
 * tests/unit/asked_state.h - one state run by itself, asked in JSON.
 */

#ifndef PAWL_TESTS_ASKED_STATE_H
#define PAWL_TESTS_ASKED_STATE_H

#include <jansson.h>

#include "err.h"

/*
 * The question has the members of TestState; a value where the API has JSON text
 * stands for its text.  Beyond it: "answers", what a test without a mock is told
 * ({"result": ...}, {"error", "cause"}, "timer", "task timeout", "timeout");
 * "alone": true, a context needs no mock.  The answer is new, and has "opens",
 * "task" or "timer", if the state waits for that.  NULL and e if it is refused.
 */
json_t	*asked_state_run(const json_t *question, struct err *e) MUSTCHECK;

#endif
