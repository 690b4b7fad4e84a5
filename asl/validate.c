/*
 * asl/validate.c - the graph of a States block.
 *
 * Every transition leads to a state of the block, every state can be reached
 * from StartAt, and the machine can come to an end.  As the real service does
 * (measured by others): each dangling transition is reported, whatever its
 * field, as a missing 'Next' target; a machine without a terminal state is told
 * that alone; nested blocks are not asked for one.
 */

#include <stdlib.h>
#include <string.h>

#include "hint.h"
#include "parse.h"
#include "xmalloc.h"

/* Letters compared for "did you mean", in all: some hundredths of a second. */
#define HINT_WORK_MAX 10000000

struct entry {
	struct state	*state;
	size_t		 index;		/* in the flow */
};

struct graph {
	struct parse_block	*block;
	struct entry		*sorted;	/* by name */
	size_t			*first_link;	/* of state i; n + 1 entries */
	bool			*reached;
};

static int
by_name(const void *a, const void *b)
{
	const struct entry	*x = a, *y = b;

	return strcmp(x->state->name, y->state->name);
}

static const struct entry *
find(const struct graph *g, const char *name)
{
	size_t	 low = 0, high = g->block->flow->nstates, middle;
	int	 order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(name, g->sorted[middle].state->name);
		if (order == 0)
			return &g->sorted[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static void
missing(struct parse *p, const struct graph *g, const char *name,
    const char *location)
{
	struct parse_block	*outer;
	struct hint		 h;
	char			*text = NULL;
	size_t			 i;

	if (parse_full(p)) {
		findings_add(p->findings, false, "MISSING_TRANSITION_TARGET",
		    NULL, NULL, "%s", "");
		return;
	}
	hint_init(&h, name);
	for (i = 0; i < g->block->flow->nstates &&
	    p->hint_work < HINT_WORK_MAX; i++) {
		hint_offer(&h, g->block->flow->states[i]->name);
		p->hint_work += 100 + (int64_t)(strlen(name) *
		    strlen(g->block->flow->states[i]->name));
	}
	if (hint_best(&h) != NULL)
		text = xasprintf("did you mean '%s'?", hint_best(&h));
	for (outer = g->block->outer; outer != NULL; outer = outer->outer)
		if (json_object_get(outer->states, name) != NULL) {
			free(text);
			text = xstrdup("that state is outside of this branch; "
			    "a transition cannot leave it");
			break;
		}
	findings_add(p->findings, false, "MISSING_TRANSITION_TARGET", location,
	    text, "Missing 'Next' target: %s", name);
	free(text);
}

static void
resolve(struct parse *p, struct graph *g)
{
	struct parse_block	*b = g->block;
	struct parse_link	*link;
	const struct entry	*target;
	size_t			 i, mark;

	if (b->start != NULL) {
		target = find(g, b->start);
		if (target != NULL)
			b->flow->start = target->state;
		else {
			mark = parse_enter(p, "StartAt");
			missing(p, g, b->start, parse_where(p));
			parse_leave(p, mark);
		}
	}
	for (i = 0; i < b->nlinks; i++) {
		link = &b->links[i];
		target = find(g, link->name);
		if (target != NULL)
			*link->slot = target->state;
		else
			missing(p, g, link->name, link->location);
	}
}

/* Links are in the order of their states: where does each state's begin? */
static void
number_links(struct graph *g)
{
	struct parse_block	*b = g->block;
	size_t			 i, link = 0;

	for (i = 0; i <= b->flow->nstates; i++) {
		while (link < b->nlinks && b->links[link].from < i)
			link++;
		g->first_link[i] = link;
	}
}

static void
reach(struct graph *g)
{
	struct parse_block	*b = g->block;
	size_t			*stack, n = 0, i, link, to;

	if (b->flow->start == NULL)
		return;
	stack = xcalloc(b->flow->nstates, sizeof *stack);
	stack[n++] = find(g, b->flow->start->name)->index;
	g->reached[stack[0]] = true;
	while (n > 0) {
		i = stack[--n];
		for (link = g->first_link[i]; link < g->first_link[i + 1];
		    link++) {
			if (*b->links[link].slot == NULL)
				continue;
			to = find(g, b->links[link].name)->index;
			if (!g->reached[to]) {
				g->reached[to] = true;
				stack[n++] = to;
			}
		}
	}
	free(stack);
}

/* It has no link of its own Next: End, Succeed or Fail. */
static bool
is_terminal(const struct graph *g, size_t i)
{
	struct state	*state = g->block->flow->states[i];
	size_t		 link;

	if (state->type == STATE_CHOICE)
		return false;
	for (link = g->first_link[i]; link < g->first_link[i + 1]; link++)
		if (g->block->links[link].slot == &state->next)
			return false;
	return true;
}

static void
look(struct parse *p, struct graph *g)
{
	struct workflow	*flow = g->block->flow;
	bool		 ends = false;
	size_t		 i;

	for (i = 0; i < flow->nstates && !ends; i++)
		ends = is_terminal(g, i);
	if (!ends && g->block->outer == NULL) {
		findings_add(p->findings, false, "MISSING_END_STATE", NULL,
		    "one state needs \"End\": true, or be a Succeed or Fail",
		    "Workflow has no terminal state");
		return;
	}
	reach(g);
	for (i = 0; i < flow->nstates; i++)
		if (!g->reached[i])
			findings_add(p->findings, false,
			    "MISSING_TRANSITION_TARGET",
			    flow->states[i]->location, "no Next, Default or "
			    "Catch leads to it", "State \"%s\" is not "
			    "reachable.", flow->states[i]->name);
}

void
validate_block(struct parse *p, struct parse_block *b)
{
	struct graph	 g;
	size_t		 i, n = b->flow->nstates;

	g.block = b;
	g.sorted = xcalloc(n + 1, sizeof *g.sorted);
	g.first_link = xcalloc(n + 1, sizeof *g.first_link);
	g.reached = xcalloc(n + 1, sizeof *g.reached);
	for (i = 0; i < n; i++) {
		g.sorted[i].state = b->flow->states[i];
		g.sorted[i].index = i;
	}
	/* Names are unique here: they are members of one JSON object. */
	qsort(g.sorted, n, sizeof *g.sorted, by_name);
	resolve(p, &g);
	number_links(&g);
	if (!b->broken)
		look(p, &g);
	free(g.sorted);
	free(g.first_link);
	free(g.reached);
}
