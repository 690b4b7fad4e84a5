/*
 * asl/query.h - fields of states whose query language is JSONata.
 *
 * A query is a field's value, compiled: a tree whose constant parts are shared
 * with every result, and whose "{% ... %}" strings are expressions.  Each
 * expression knows its location in its state ("Choices[1]/Output/a/b[0]"), which
 * is what findings, causes and EvaluationFailed events show.
 *
 * Errors of an evaluation: code "States.QueryEvaluationError", text the cause
 * without the frame of the state; run->where gets the location.  Texts are those
 * of recordings scenarios/test_map_state_items_* and test_wait_timestamp_jsonata,
 * and what others measured on the real service.
 */

#ifndef PAWL_QUERY_H
#define PAWL_QUERY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define QUERY_ERROR "States.QueryEvaluationError"
/* Levels of objects and arrays around an expression. */
#define QUERY_DEPTH_MAX 200

struct eval;
struct payload;
struct query;

/* What $states has at a place besides input and context. */
#define QUERY_RESULT		1	/* $states.result */
#define QUERY_ERROR_OUTPUT	2	/* $states.errorOutput */

/* --- query.c: compiled once, with the machine ----------------------------- */

/* A string that is an expression: "{%" at its start, "%}" at its end. */
bool	query_is_expression(const json_t *);
/*
 * Compiles a value that stands at location, borrowed both; sees are the bits
 * above.  NULL after bad() was called for each expression that is refused:
 * unsupported ones are JSONata, but not in Step Functions.
 */
struct query *query_compile(json_t *value, const char *location, int sees,
	    void (*bad)(void *arg, const char *location, bool unsupported,
	    const char *message), void *arg);
void	query_free(struct query *);
/* Calls fn for each variable that it reads, $states not among them. */
void	query_variables(const struct query *,
	    void (*fn)(const char *name, void *arg), void *arg);

/* --- query_eval.c: evaluated for a flow ----------------------------------- */

/* What $states.result and $states.errorOutput are from now on; borrowed, NULL:
 * not there. */
void	query_states(struct eval *, struct payload *result,
	    struct payload *error_output);

/* Any value: new. */
int	query_payload(const struct query *, struct eval *, struct payload **,
	    struct err *) MUSTCHECK;
/* The members of an object, each as JSON text: {name: text}, new. */
int	query_assign(const struct query *, struct eval *, json_t **assigned,
	    struct err *) MUSTCHECK;

/* --- query_typed.c: fields that want a type -------------------------------- */

int	query_boolean(const struct query *, struct eval *, bool *, struct err *)
	    MUSTCHECK;
int	query_integer(const struct query *, struct eval *, int64_t min,
	    int64_t max, int64_t *, struct err *) MUSTCHECK;
int	query_real(const struct query *, struct eval *, double min, double max,
	    double *, struct err *) MUSTCHECK;
/* New, for free(). */
int	query_string(const struct query *, struct eval *, char **, struct err *)
	    MUSTCHECK;
int	query_timestamp(const struct query *, struct eval *, int64_t *ms,
	    struct err *) MUSTCHECK;
/* An array, new. */
int	query_items(const struct query *, struct eval *, json_t **, struct err *)
	    MUSTCHECK;
/* The same for a Map without Items: its input must be an array. */
int	query_input_items(struct eval *, json_t **, struct err *) MUSTCHECK;

#endif
