/*
 * tests/unit/recorded_query.h - evaluates one recorded JSONata field.
 */

#ifndef PAWL_TESTS_RECORDED_QUERY_H
#define PAWL_TESTS_RECORDED_QUERY_H

#include <jansson.h>

#include "err.h"

/*
 * What the row's expression gives in a state with its input, result and
 * variables, or for a Choice where it leads: new.  NULL and e: code and cause
 * without the frame of the state, or "InvalidDefinition" and the sentence.
 */
json_t	*recorded_query_run(json_t *row, struct err *e) MUSTCHECK;

/*
 * What is said of a definition with the row's expression: "Output.v = {% 1 + %}"
 * is that of a state E.  e gets code and text of CreateStateMachine.
 */
void	recorded_query_define(json_t *row, struct err *e);

#endif
