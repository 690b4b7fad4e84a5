/*
 * asl/probe.h - watching one state of an execution: private, like run.h.
 *
 * A test of a state (teststate.h) hangs a probe to its execution, which keeps
 * what flows through the state, holds the execution when the state is left, and
 * says what the context object is.  Executions proper have none, and the
 * functions here then do nothing.
 */

#ifndef PAWL_PROBE_H
#define PAWL_PROBE_H

#include "dataflow.h"

/*	point			what is seen there
 *	INPUT			after InputPath
 *	PARAMETERS		after Parameters
 *	SELECTED		after ResultSelector
 *	PLACED			after ResultPath
 */
enum probe_point { PROBE_INPUT, PROBE_PARAMETERS, PROBE_SELECTED, PROBE_PLACED,
	PROBE_POINTS };

struct probe {
	const struct state	*state;		/* borrowed: the one to watch */
	json_t			*context;	/* what $$ means; borrowed */
	json_t			*items;		/* what a Map's ItemReader read,
						 * borrowed; NULL: it has none */

	/* What was seen, each NULL until then. */
	struct payload		*seen[PROBE_POINTS];
	json_t			*mapped;	/* the items of a Map */
	bool			 failed;	/* with these, each may be NULL */
	char			*error, *cause;
};

/* The probe that watches this flow, or NULL. */
struct probe *probe_of(const struct run *, const struct flow *);
/* The flow that could go on next must not: the state watched has done its
 * part.  Its children are not for it to run. */
bool	probe_holds(const struct run *, const struct flow *);
void	probe_see(const struct eval *, enum probe_point, struct payload *);
void	probe_see_items(const struct eval *, json_t *items);
void	probe_fail(const struct run *, const struct flow *, const char *error,
	    const char *cause);
/* Frees what was seen; the probe itself is its owner's. */
void	probe_clear(struct probe *);

#endif
