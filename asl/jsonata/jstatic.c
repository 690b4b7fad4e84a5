/*
 * asl/jsonata/jstatic.c - what can be said of an expression without running it.
 *
 * The dialect has no input document.  What would read it is refused when the
 * expression is made: a name, *, ** or $ where nothing else is the context.
 * A step, a filter, a sort term, a grouping has a context; the body of a
 * lambda has that of the place where it stands.
 */

#include <string.h>

#include "jfunc.h"
#include "jstatic.h"

struct scope {
	const struct scope	*outer;
	const struct jnode	*lambda;	/* its parameters; or NULL */
	struct jnodes		 bound;		/* by := so far, or @ # */
};

struct walk {
	struct jprogram		*p;
	struct jstatic		*out;
	const char		*refused;
};

static void visit(struct walk *, const struct jnode *, struct scope *,
    bool top);

static void
refuse(struct walk *w, const char *before, const char *what, size_t len,
    const char *after)
{
	struct strbuf	 b;

	if (w->refused != NULL || !w->p->aws)
		return;
	strbuf_init(&b, 4096);
	strbuf_adds(&b, before);
	strbuf_add(&b, what, len);
	strbuf_adds(&b, after);
	w->refused = jarena_text(&w->p->arena, strbuf_str(&b), b.len);
	strbuf_free(&b);
}

static void
refuse_top(struct walk *w, const char *what, size_t len)
{
	refuse(w, "Reference to '", what, len,
	    "' at the top level is not supported.");
}

static bool
is_bound(const struct scope *s, const char *name)
{
	size_t	 i;

	for (; s != NULL; s = s->outer) {
		for (i = 0; s->lambda != NULL && i < s->lambda->list.n; i++)
			if (s->lambda->list.node[i]->name == name)
				return true;
		for (i = 0; i < s->bound.n; i++)
			if (s->bound.node[i]->name == name)
				return true;
	}
	return false;
}

static void
add_once(struct walk *w, struct jnodes *list, const struct jnode *n)
{
	struct jnode	*copy;
	size_t		 i;

	for (i = 0; i < list->n; i++)
		if (list->node[i]->name == n->name)
			return;
	if ((copy = jprogram_node(w->p, JNODE_VARIABLE, n->position)) == NULL)
		return;
	copy->name = n->name;
	copy->len = n->len;
	jprogram_add(w->p, list, copy);
}

static void
bind_name(struct walk *w, struct scope *s, const char *name)
{
	struct jnode	*n = jprogram_node(w->p, JNODE_VARIABLE, -1);

	if (n == NULL)
		return;
	n->name = name;
	n->len = (uint32_t)strlen(name);
	jprogram_add(w->p, &s->bound, n);
}

/* next: the step behind it in a path, or NULL */
static void
variable(struct walk *w, const struct jnode *n, const struct scope *s, bool top,
    const struct jnode *next)
{
	if (n->len == 0 && top)
		refuse_top(w, "$", 1);
	if (n->len == 1 && n->name[0] == '$')
		refuse(w, "Reference to '$$' is not supported.", "", 0, "");
	if (n->len == 0 || is_bound(s, n->name) ||
	    jfunc_find(n->name, n->len, w->p->aws) >= 0)
		return;
	add_once(w, &w->out->free, n);
	if (strcmp(n->name, "states") != 0)
		return;
	if (next != NULL && next->type == JNODE_NAME && !n->has_stages)
		add_once(w, &w->out->states, next);
	else
		w->out->all_states = true;
}

static void
visit_stages(struct walk *w, const struct jstages *list, struct scope *s)
{
	size_t	 i;

	for (i = 0; i < list->n; i++) {
		if (list->stage[i].expr != NULL)
			visit(w, list->stage[i].expr, s, false);
		else
			bind_name(w, s, list->stage[i].index);
	}
}

static void
visit_path(struct walk *w, const struct jnode *n, struct scope *outer, bool top)
{
	const struct jnode	*step;
	struct scope		 s = { outer, NULL, { NULL, 0, 0 } };
	size_t			 i;

	for (i = 0; i < n->list.n; i++) {
		step = n->list.node[i];
		if (step->type == JNODE_VARIABLE) {
			variable(w, step, &s, top && i == 0,
			    i + 1 < n->list.n ? n->list.node[i + 1] : NULL);
			visit_stages(w, &step->predicate, &s);
		} else
			visit(w, step, &s, top && i == 0);
		if (step->focus != NULL)
			bind_name(w, &s, step->focus);
		if (step->index != NULL)
			bind_name(w, &s, step->index);
		visit_stages(w, &step->stages, &s);
	}
	for (i = 0; i < n->group.n; i++)
		visit(w, n->group.node[i], &s, false);
}

static void
visit_list(struct walk *w, const struct jnodes *list, struct scope *s, bool top)
{
	size_t	 i;

	for (i = 0; i < list->n; i++)
		visit(w, list->node[i], s, top);
}

static void
visit_rest(struct walk *w, const struct jnode *n, struct scope *s, bool top)
{
	if (n->lhs != NULL)
		visit(w, n->lhs, s, top);
	if (n->rhs != NULL)
		visit(w, n->rhs, s, top && n->type != JNODE_TRANSFORM);
	if (n->third != NULL)
		visit(w, n->third, s, top && n->type != JNODE_TRANSFORM);
	visit_list(w, &n->list, s, top);
}

static void
visit_bind(struct walk *w, const struct jnode *n, struct scope *s, bool top)
{
	visit(w, n->rhs, s, top);
	if (n->lhs->len == 6 && strcmp(n->lhs->name, "states") == 0)
		refuse(w, "Assignment to '$states' is not supported.", "", 0,
		    "");
	jprogram_add(w->p, &s->bound, n->lhs);
}

static void
visit(struct walk *w, const struct jnode *n, struct scope *s, bool top)
{
	struct scope	 inner = { s, NULL, { NULL, 0, 0 } };

	switch ((enum jnode_type)n->type) {
	case JNODE_PATH:
		visit_path(w, n, s, top);
		return;
	case JNODE_NAME:
		if (top)
			refuse_top(w, n->name, n->len);
		break;
	case JNODE_WILDCARD:
	case JNODE_DESCENDANT:
		if (top)
			refuse_top(w, "**", n->type == JNODE_WILDCARD ? 1 : 2);
		break;
	case JNODE_VARIABLE:
		variable(w, n, s, top, NULL);
		break;
	case JNODE_BIND:
		visit_bind(w, n, s, top);
		break;
	case JNODE_LAMBDA:
		inner.lambda = n->thunk ? NULL : n;
		visit(w, n->lhs, &inner, top);
		break;
	case JNODE_BLOCK:
		visit_list(w, &n->list, &inner, top);
		break;
	case JNODE_TRANSFORM:	/* it works on what it is given */
		visit_rest(w, n, s, false);
		break;
	case JNODE_SORT:
		visit_list(w, &n->list, s, false);
		if (n->lhs != NULL)
			visit(w, n->lhs, s, false);
		break;
	case JNODE_BINARY:
	case JNODE_UNARY:
	case JNODE_FUNCTION:
	case JNODE_PARTIAL:
	case JNODE_CONDITION:
	case JNODE_APPLY:
		visit_rest(w, n, s, top);
		break;
	case JNODE_END:
	case JNODE_OPERATOR:
	case JNODE_STRING:
	case JNODE_NUMBER:
	case JNODE_VALUE:
	case JNODE_REGEX:
	case JNODE_PARENT:
	case JNODE_COUNT:
		break;
	}
	visit_stages(w, &n->predicate, s);
	if (n->has_group)
		visit_list(w, &n->group, s, false);
}

int
jstatic_check(struct jprogram *p, struct jstatic *out, const char **refused)
{
	struct walk	 w = { p, out, NULL };
	struct scope	 s = { NULL, NULL, { NULL, 0, 0 } };

	memset(out, 0, sizeof *out);
	visit(&w, p->root, &s, p->aws);
	*refused = w.refused;
	return w.refused == NULL ? 0 : -1;
}
