/*
 * tests/unit/recorded_state.h - runs one field of a recorded state as a state.
 *
 * Some failures are worded by the state, not by the expression: a row of
 * aws-expressions.jsonl then becomes a machine of one state and runs.
 */

#ifndef PAWL_TESTS_RECORDED_STATE_H
#define PAWL_TESTS_RECORDED_STATE_H

#include <jansson.h>

#include "err.h"

/*
 * How the row's state fails with its input (and its result, when it has one):
 * e gets the error as its code and the cause as its text; both stay clear when
 * it does not fail.  -1 and why (a constant) if no machine can be made of it.
 */
int	recorded_state_run(json_t *row, struct err *e, const char **why)
	    MUSTCHECK;
/*
 * text is what want says; with masks, "<...>" in want stands for anything.
 */
bool	recorded_like(const char *text, const char *want, bool masks);

#endif
