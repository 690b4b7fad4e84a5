/*
 * asl/dataflow.h - what flows through a state: private, like run.h.
 *
 *	raw input -> InputPath -> Parameters -> (work) -> ResultSelector
 *	    -> ResultPath (into the raw input) -> OutputPath -> output
 *
 * or, in a state whose language is JSONata,
 *
 *	raw input -> Arguments -> (work) -> Output
 *
 * Errors: code is the error name, text the cause without the frame of the
 * state, which fail_err() puts around it.
 */

#ifndef PAWL_DATAFLOW_H
#define PAWL_DATAFLOW_H

#include "run.h"

#define PAYLOAD_BYTES_MAX 262144

/* What the expressions of one flow's state see. */
struct eval {
	struct run	*run;
	struct flow	*flow;
	struct scope	 scope;
	json_t		*context;	/* made when asked for */
	int64_t		 task_id;	/* of the token task to come, or 0 */
	json_t		*item;		/* ItemSelector: this item, */
	int64_t		 index;		/* and its index */

	/* What JSONata sees besides (query.h); the rest is query_eval.c's. */
	int64_t		 now_ms;
	struct payload	*result, *error_output;
	json_t		*states;
	bool		 states_context;
	uint64_t	 steps;		/* of all expressions so far */
};

void	eval_init(struct eval *, struct run *, struct flow *);
void	eval_clear(struct eval *);
/* The seed for one more expression. */
uint64_t eval_seed(struct eval *);
/* From now on equal for all attempts, and after a fold: for what is evaluated
 * again. */
void	eval_fix(struct eval *);
/* What $ means from now on; borrowed. */
void	eval_input(struct eval *, struct payload *);

/* InputPath applied: new. */
int	dataflow_input(struct eval *, struct payload **, struct err *) MUSTCHECK;
/* Parameters, if any, applied to the effective input: new. */
int	dataflow_parameters(struct eval *, struct payload *effective,
	    struct payload **, struct err *) MUSTCHECK;
/*
 * From the result of the work to the state's output (new), and the variables
 * that assign (may be NULL) assigns (new, or NULL).
 */
int	dataflow_output(struct eval *, struct payload *result,
	    const struct template *assign, struct payload **output,
	    json_t **assigned, struct err *) MUSTCHECK;
/*
 * The same with JSONata, at any place that leaves a state: what Output gives,
 * or otherwise if it is NULL; assign may be NULL.
 */
int	dataflow_leave(struct eval *, struct payload *otherwise,
	    const struct query *output, const struct query *assign,
	    struct payload **out, json_t **assigned, struct err *) MUSTCHECK;
int	dataflow_assign(struct eval *, const struct template *,
	    struct payload *input, json_t **assigned, struct err *) MUSTCHECK;
/* The value of a path, with the words of "Invalid path ...": new. */
int	dataflow_path(struct eval *, const struct jsonpath *, json_t **,
	    struct err *) MUSTCHECK;
/* A payload may not be larger, or deeper, than a payload may be. */
int	dataflow_limit(const char *who, struct payload *, struct err *) MUSTCHECK;
int	dataflow_over_limit(const char *who, struct err *);
/* dataflow_output() for a Parallel or Map whose children have ended: the result
 * is the array of their outputs. */
int	dataflow_gather(struct eval *, struct payload **output,
	    json_t **assigned, struct err *) MUSTCHECK;
/* A whole number, or a string that spells one, as the real service takes it
 * (recording assign/..._REFERENCE_IN_MAX_CONCURRENCY_PATH). */
bool	dataflow_integer(const json_t *, int64_t *);
/* A value as error texts show it: strings bare, all else as JSON.  For free(). */
char	*dataflow_show(const json_t *);

/* context.c: the context object, new. */
json_t	*context_new(struct eval *);

#endif
