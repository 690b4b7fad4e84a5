/*
 * asl/jsonata/jprocess.c - the tree as written becomes the tree as run.
 *
 * Chains of "." become one path with its steps; predicates become filters of
 * the step (stages) or of the value (predicate); "{" behind a step becomes the
 * path's grouping; "@" and "#" mark their step; a function called last in a
 * lambda becomes a thunk, so that it does not nest.
 */

#include <stdio.h>
#include <string.h>

#include "jast.h"

static struct jnode *process(struct jprogram *, struct jnode *);

const char *
jprocess_type_text(enum jnode_type type)
{
	static const char *const	 texts[] = {
#define X(name, text) text,
		JNODE_TYPES(X)
#undef X
	};

	return texts[type];
}

static void *
fail(struct jprogram *p, enum jfault_code code, long position)
{
	return jprogram_fail(p, code, position, JVALUE_NOTHING, JVALUE_NOTHING);
}

static void
add_stage(struct jprogram *p, struct jstages *list, struct jnode *expr,
    const char *index, long position)
{
	struct jstage	*grown;
	size_t		 cap;

	if (list->n == list->cap) {
		cap = list->cap == 0 ? 1 : list->cap * 2;
		grown = jarena_alloc(&p->arena, cap * sizeof *grown);
		if (list->n > 0)
			memcpy(grown, list->stage, list->n * sizeof *grown);
		list->stage = grown;
		list->cap = cap;
	}
	list->stage[list->n++] = (struct jstage){ expr, index, position };
}

static struct jnode *
last_step(const struct jnode *path)
{
	return path->list.node[path->list.n - 1];
}

static struct jnode *
path_of(struct jprogram *p, struct jnode *step)
{
	struct jnode	*path;

	if (step->type == JNODE_PATH)
		return step;
	if ((path = jprogram_node(p, JNODE_PATH, -1)) != NULL)
		jprogram_add(p, &path->list, step);
	return path;
}

/* Processes the nodes of a list in place; slots go to around. */
static bool
process_list(struct jprogram *p, struct jnodes *list, struct jnode *around)
{
	size_t	 i;

	for (i = 0; i < list->n; i++) {
		if ((list->node[i] = process(p, list->node[i])) == NULL)
			return false;
		if (around != NULL)
			jancestry_push(p, around, list->node[i]);
	}
	return true;
}

static bool
process_child(struct jprogram *p, struct jnode **child, struct jnode *around)
{
	if (*child == NULL)
		return true;
	if ((*child = process(p, *child)) == NULL)
		return false;
	if (around != NULL)
		jancestry_push(p, around, *child);
	return true;
}

/* --- paths --------------------------------------------------------------- */

/* A step: no literal but text, which is a name there. */
static bool
check_step(struct jprogram *p, struct jnode *path, struct jnode *step)
{
	if (step->type == JNODE_NUMBER || step->type == JNODE_VALUE) {
		jprogram_fail(p, JFAULT_S0213, step->position, JVALUE_NOTHING,
		    step->value);
		return false;
	}
	if (step->type == JNODE_STRING)
		step->type = JNODE_NAME;
	if (step->keep_array)
		path->keep_singleton = true;
	return true;
}

static bool
is_array_node(const struct jnode *n)
{
	return n->type == JNODE_UNARY && n->op == JOP_OPEN_BRACKET;
}

static void
append_steps(struct jprogram *p, struct jnode *path, struct jnode *rest)
{
	size_t	 i;

	if (rest->type != JNODE_PATH) {
		if (rest->has_predicate) {
			rest->stages = rest->predicate;
			memset(&rest->predicate, 0, sizeof rest->predicate);
			rest->has_predicate = false;
			rest->has_stages = true;
		}
		jprogram_add(p, &path->list, rest);
		return;
	}
	for (i = 0; i < rest->list.n; i++)
		jprogram_add(p, &path->list, rest->list.node[i]);
}

static struct jnode *
dot(struct jprogram *p, struct jnode *n)
{
	struct jnode	*first, *path, *rest;
	size_t		 i;

	if ((first = process(p, n->lhs)) == NULL ||
	    (path = path_of(p, first)) == NULL)
		return NULL;
	if (first->type == JNODE_PARENT)
		jancestry_add(p, &path->seeking, first->slot);
	if ((rest = process(p, n->rhs)) == NULL)
		return NULL;
	i = path->list.n;
	append_steps(p, path, rest);
	/* Between the first and the new ones all were checked before. */
	if (!check_step(p, path, path->list.node[0]))
		return NULL;
	for (; i < path->list.n; i++)
		if (!check_step(p, path, path->list.node[i]))
			return NULL;
	if (is_array_node(path->list.node[0]))
		path->list.node[0]->cons = true;
	if (is_array_node(last_step(path)))
		last_step(path)->cons = true;
	return jancestry_resolve(p, path) == -1 ? NULL : path;
}

/* Slots of a predicate look at its own step first. */
static bool
seek_from_predicate(struct jprogram *p, struct jnode *step,
    struct jnode *predicate)
{
	struct jslots	*slots = predicate->seeking;
	size_t		 i;

	if (slots == NULL)
		return true;
	for (i = 0; i < slots->n; i++) {
		if (slots->slot[i]->level != 1)
			slots->slot[i]->level--;
		else if (jancestry_seek(p, step, slots->slot[i]) == -1)
			return false;
	}
	jancestry_push(p, step, predicate);
	return true;
}

static struct jnode *
filter(struct jprogram *p, struct jnode *n)
{
	struct jnode	*result, *step, *predicate;
	bool		 in_path;

	if ((result = step = process(p, n->lhs)) == NULL)
		return NULL;
	in_path = result->type == JNODE_PATH;
	if (in_path)
		step = last_step(result);
	if (step->has_group)
		return fail(p, JFAULT_S0209, n->position);
	if ((predicate = process(p, n->rhs)) == NULL ||
	    !seek_from_predicate(p, step, predicate))
		return NULL;
	add_stage(p, in_path ? &step->stages : &step->predicate, predicate,
	    NULL, n->position);
	if (in_path)
		step->has_stages = true;
	else
		step->has_predicate = true;
	return result;
}

static struct jnode *
group(struct jprogram *p, struct jnode *n)
{
	struct jnode	*result;

	if ((result = process(p, n->lhs)) == NULL)
		return NULL;
	if (result->has_group)
		return fail(p, JFAULT_S0210, n->position);
	if (!process_list(p, &n->list, NULL))
		return NULL;
	result->has_group = true;
	result->group = n->list;
	result->group_position = n->position;
	return result;
}

static struct jnode *
order_by(struct jprogram *p, struct jnode *n)
{
	struct jnode	*path, *sort;
	size_t		 i;

	if ((path = process(p, n->lhs)) == NULL ||
	    (path = path_of(p, path)) == NULL ||
	    (sort = jprogram_node(p, JNODE_SORT, n->position)) == NULL)
		return NULL;
	sort->list = n->list;
	for (i = 0; i < sort->list.n; i++)
		if (!process_child(p, &sort->list.node[i]->lhs, sort))
			return NULL;
	jprogram_add(p, &path->list, sort);
	return jancestry_resolve(p, path) == -1 ? NULL : path;
}

static struct jnode *
focus(struct jprogram *p, struct jnode *n)
{
	struct jnode	*result, *step;

	if ((result = step = process(p, n->lhs)) == NULL)
		return NULL;
	if (result->type == JNODE_PATH)
		step = last_step(result);
	if (step->has_stages || step->has_predicate)
		return fail(p, JFAULT_S0215, n->position);
	if (step->type == JNODE_SORT)
		return fail(p, JFAULT_S0216, n->position);
	if (n->keep_array)
		step->keep_array = true;
	step->focus = n->rhs->name;
	step->tuple = true;
	return result;
}

static struct jnode *
indexed(struct jprogram *p, struct jnode *n)
{
	struct jnode	*result, *step;

	if ((result = step = process(p, n->lhs)) == NULL)
		return NULL;
	if (result->type == JNODE_PATH)
		step = last_step(result);
	else {
		if ((result = path_of(p, step)) == NULL)
			return NULL;
		if (step->has_predicate) {
			step->stages = step->predicate;
			memset(&step->predicate, 0, sizeof step->predicate);
			step->has_predicate = false;
			step->has_stages = true;
		}
	}
	if (!step->has_stages)
		step->index = n->rhs->name;
	else
		add_stage(p, &step->stages, NULL, n->rhs->name, n->position);
	step->tuple = true;
	return result;
}

/* --- everything else ----------------------------------------------------- */

static struct jnode *
binary(struct jprogram *p, struct jnode *n)
{
	switch ((int)n->op) {
	case JOP_DOT:
		return dot(p, n);
	case JOP_OPEN_BRACKET:
		return filter(p, n);
	case JOP_OPEN_BRACE:
		return group(p, n);
	case JOP_CARET:
		return order_by(p, n);
	case JOP_AT:
		return focus(p, n);
	case JOP_HASH:
		return indexed(p, n);
	case JOP_BIND:
		n->type = JNODE_BIND;
		return process_child(p, &n->lhs, NULL) &&
		    process_child(p, &n->rhs, n) ? n : NULL;
	case JOP_CHAIN:
		n->type = JNODE_APPLY;
		if (!process_child(p, &n->lhs, NULL) ||
		    !process_child(p, &n->rhs, NULL))
			return NULL;
		n->keep_array |= n->lhs->keep_array || n->rhs->keep_array;
		return n;
	default:
		/* Both first: the reference pushes slots after both. */
		if (!process_child(p, &n->lhs, NULL) ||
		    !process_child(p, &n->rhs, NULL))
			return NULL;
		jancestry_push(p, n, n->lhs);
		jancestry_push(p, n, n->rhs);
		return n;
	}
}

static struct jnode *
unary(struct jprogram *p, struct jnode *n)
{
	if (n->op != JOP_MINUS)
		return process_list(p, &n->list, n) ? n : NULL;
	if (!process_child(p, &n->lhs, NULL))
		return NULL;
	if (n->lhs->type == JNODE_NUMBER) {
		if (n->lhs->value.kind == JVALUE_INT &&
		    n->lhs->value.u.i != 0)
			n->lhs->value.u.i = -n->lhs->value.u.i;
		else
			n->lhs->value = jvalue_double(
			    -jvalue_number(n->lhs->value));
		n->lhs->keep_array |= n->keep_array;
		return n->lhs;
	}
	jancestry_push(p, n, n->lhs);
	return n;
}

static struct jnode *
block(struct jprogram *p, struct jnode *n)
{
	struct jnode	*part;
	size_t		 i;

	if (!process_list(p, &n->list, n))
		return NULL;
	for (i = 0; i < n->list.n; i++) {
		part = n->list.node[i];
		if (part->cons || (part->type == JNODE_PATH &&
		    part->list.node[0]->cons))
			n->cons = true;
	}
	return n;
}

static struct jnode *
tail_call(struct jprogram *p, struct jnode *n)
{
	struct jnode	*thunk, **last;

	if (n == NULL)
		return NULL;
	if (n->type == JNODE_FUNCTION && !n->has_predicate) {
		if ((thunk = jprogram_node(p, JNODE_LAMBDA, n->position)) ==
		    NULL)
			return NULL;
		thunk->thunk = true;
		thunk->lhs = n;
		return thunk;
	}
	if (n->type == JNODE_CONDITION) {
		n->rhs = tail_call(p, n->rhs);
		n->third = tail_call(p, n->third);
	} else if (n->type == JNODE_BLOCK && n->list.n > 0) {
		last = &n->list.node[n->list.n - 1];
		*last = tail_call(p, *last);
	}
	return n;
}

static struct jnode *
lambda(struct jprogram *p, struct jnode *n)
{
	if (!process_child(p, &n->lhs, NULL))
		return NULL;
	n->lhs = tail_call(p, n->lhs);
	return p->failed ? NULL : n;
}

static struct jnode *
condition(struct jprogram *p, struct jnode *n)
{
	return process_child(p, &n->lhs, n) && process_child(p, &n->rhs, n) &&
	    process_child(p, &n->third, n) ? n : NULL;
}

static struct jnode *
name(struct jprogram *p, struct jnode *n)
{
	struct jnode	*path;

	n->type = JNODE_NAME;
	if ((path = path_of(p, n)) == NULL)
		return NULL;
	path->keep_singleton = path->keep_array = n->keep_array;
	return path;
}

static struct jnode *
parent(struct jprogram *p, struct jnode *n)
{
	char	 label[24];
	int	 len;

	n->slot = jarena_zalloc(&p->arena, sizeof *n->slot);
	len = snprintf(label, sizeof label, "!%u", p->labels++);
	n->slot->label = jprogram_intern(p->names, label, (size_t)len);
	n->slot->level = 1;
	n->position = -1;	/* as in the reference */
	return n;
}

static struct jnode *
operator(struct jprogram *p, struct jnode *n)
{
	if (n->op == JOP_AND || n->op == JOP_OR || n->op == JOP_IN)
		return name(p, n);
	if (n->op == JOP_QUESTION)
		return n;
	return jprogram_fail(p, JFAULT_S0201, n->position, n->value,
	    JVALUE_NOTHING);
}

static struct jnode *
process_node(struct jprogram *p, struct jnode *n)
{
	switch ((enum jnode_type)n->type) {
	case JNODE_BINARY:
		return binary(p, n);
	case JNODE_UNARY:
		return unary(p, n);
	case JNODE_FUNCTION:
	case JNODE_PARTIAL:
		return process_list(p, &n->list, n) &&
		    process_child(p, &n->lhs, NULL) ? n : NULL;
	case JNODE_LAMBDA:
		return lambda(p, n);
	case JNODE_CONDITION:
		return condition(p, n);
	case JNODE_TRANSFORM:
		return process_child(p, &n->lhs, NULL) &&
		    process_child(p, &n->rhs, NULL) &&
		    process_child(p, &n->third, NULL) ? n : NULL;
	case JNODE_BLOCK:
		return block(p, n);
	case JNODE_NAME:
		return name(p, n);
	case JNODE_PARENT:
		return parent(p, n);
	case JNODE_OPERATOR:
		return operator(p, n);
	case JNODE_VARIABLE:
	case JNODE_STRING:
	case JNODE_NUMBER:
	case JNODE_VALUE:
	case JNODE_WILDCARD:
	case JNODE_DESCENDANT:
	case JNODE_REGEX:
		return n;
	case JNODE_END:
		return jprogram_fail(p, JFAULT_S0207, n->position, n->value,
		    JVALUE_NOTHING);
	case JNODE_PATH:
	case JNODE_BIND:
	case JNODE_APPLY:
	case JNODE_SORT:
	case JNODE_COUNT:
		break;
	}
	return jprogram_fail(p, JFAULT_S0206, n->position, n->value,
	    JVALUE_NOTHING);
}

static struct jnode *
process(struct jprogram *p, struct jnode *n)
{
	struct jnode	*result;
	bool		 keep_array = n->keep_array;

	if (!jprogram_enter(p, n->position) ||
	    (result = process_node(p, n)) == NULL)
		return NULL;
	if (keep_array)
		result->keep_array = true;
	jprogram_leave(p);
	return result;
}

/* --- what the evaluator wants to know ------------------------------------ */

static bool mark(struct jnode *);

static bool
mark_list(struct jnodes *list)
{
	bool	 binds = false;
	size_t	 i;

	for (i = 0; i < list->n; i++)
		binds |= mark(list->node[i]);
	return binds;
}

static bool
mark_stages(struct jstages *list)
{
	bool	 binds = false;
	size_t	 i;

	for (i = 0; i < list->n; i++)
		binds |= mark(list->stage[i].expr);
	return binds;
}

static bool
is_simple(const struct jnode *n)
{
	size_t	 i;

	if (n->type != JNODE_PATH || n->keep_singleton || n->has_group ||
	    n->tuple)
		return false;
	for (i = 0; i < n->list.n; i++)
		if ((n->list.node[i]->type != JNODE_NAME && (i > 0 ||
		    n->list.node[i]->type != JNODE_VARIABLE)) ||
		    n->list.node[i]->tuple || n->list.node[i]->has_stages ||
		    n->list.node[i]->has_predicate ||
		    n->list.node[i]->has_group)
			return false;
	return true;
}

static enum jquick
quick(const struct jnode *n)
{
	if (!n->plain)
		return JQUICK_NO;
	if (n->type == JNODE_STRING || n->type == JNODE_NUMBER ||
	    n->type == JNODE_VALUE)
		return JQUICK_LITERAL;
	if (n->type == JNODE_VARIABLE && n->len > 0)
		return JQUICK_VARIABLE;
	return n->simple && n->list.node[0]->type == JNODE_NAME ?
	    JQUICK_NAMES : JQUICK_NO;
}

/* { } with literal keys, all different. */
static bool
is_record(const struct jnode *n)
{
	const struct jnode	*a, *b;
	size_t			 i, k;

	if (n->type != JNODE_UNARY || n->op != JOP_OPEN_BRACE ||
	    n->list.n > 64)
		return false;
	for (i = 0; i < n->list.n; i += 2) {
		a = n->list.node[i];
		if (a->quick != JQUICK_LITERAL || a->type != JNODE_STRING)
			return false;
		for (k = 0; k < i; k += 2) {
			b = n->list.node[k];
			if (a->value.len == b->value.len && memcmp(
			    a->value.u.s, b->value.u.s, a->value.len) == 0)
				return false;
		}
	}
	return true;
}

/* Sets binds and simple; true if evaluating n may bind in the frame given. */
static bool
mark(struct jnode *n)
{
	bool	 binds;

	if (n == NULL)
		return false;
	binds = mark(n->lhs);
	binds |= mark(n->rhs);
	binds |= mark(n->third);
	binds |= mark_list(&n->list);
	if (n->type == JNODE_BLOCK) {
		n->binds = binds;	/* so it needs a frame of its own */
		binds = false;
	} else if (n->type == JNODE_LAMBDA || n->type == JNODE_TRANSFORM)
		binds |= n->type == JNODE_TRANSFORM;
	binds |= mark_stages(&n->stages);
	binds |= mark_stages(&n->predicate);
	binds |= mark_list(&n->group);
	if (n->type == JNODE_LAMBDA)
		binds = false;
	if (n->type == JNODE_BIND)
		binds = true;
	if (n->type != JNODE_BLOCK)
		n->binds = binds;
	n->simple = is_simple(n);
	n->plain = !n->has_predicate && !n->has_group && !n->keep_array;
	n->quick = (uint8_t)quick(n);
	n->record = is_record(n);
	return binds;
}

struct jnode *
jprocess(struct jprogram *p, struct jnode *n)
{
	const char	*text;

	if ((n = process(p, n)) == NULL)
		return NULL;
	if (n->type == JNODE_PARENT || n->seeking != NULL) {
		text = jprocess_type_text((enum jnode_type)n->type);
		return jprogram_fail(p, JFAULT_S0217, n->position,
		    jvalue_string(text, strlen(text)), JVALUE_NOTHING);
	}
	mark(n);
	return n;
}
