/*
 * asl/probe.c - watching one state of an execution.
 *
 * Each step_*.c goes through dataflow.c and fail.c, so the watching stands there
 * and no state type knows of it.
 */

#include "probe.h"

#include <stdlib.h>

#include "xmalloc.h"

struct probe *
probe_of(const struct run *run, const struct flow *f)
{
	struct probe	*p = run->ex->probe;

	return p != NULL && f == &run->ex->root && f->state == p->state ? p :
	    NULL;
}

bool
probe_holds(const struct run *run, const struct flow *f)
{
	return run->ex->probe != NULL &&
	    (probe_of(run, f) == NULL || f->phase != FLOW_READY ||
	    f->entered_id != 0);
}

void
probe_see(const struct eval *ev, enum probe_point point, struct payload *value)
{
	struct probe	*p = probe_of(ev->run, ev->flow);

	if (p == NULL)
		return;
	payload_ref(value);
	payload_unref(p->seen[point]);
	p->seen[point] = value;
}

void
probe_see_items(const struct eval *ev, json_t *items)
{
	struct probe	*p = probe_of(ev->run, ev->flow);

	if (p == NULL)
		return;
	json_incref(items);
	json_decref(p->mapped);
	p->mapped = items;
}

void
probe_fail(const struct run *run, const struct flow *f, const char *error,
    const char *cause)
{
	struct probe	*p = probe_of(run, f);
	char		*e = error != NULL ? xstrdup(error) : NULL;
	char		*c = cause != NULL ? xstrdup(cause) : NULL;

	if (p == NULL) {
		free(e);
		free(c);
		return;
	}
	free(p->error);
	free(p->cause);
	p->failed = true;
	p->error = e;
	p->cause = c;
}

void
probe_clear(struct probe *p)
{
	size_t	 i;

	for (i = 0; i < PROBE_POINTS; i++)
		payload_unref(p->seen[i]);
	json_decref(p->mapped);
	free(p->error);
	free(p->cause);
}
