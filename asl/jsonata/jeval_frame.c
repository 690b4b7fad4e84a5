/*
 * asl/jsonata/jeval_frame.c - variables.
 *
 * Names are compared by address.  What no frame binds is looked for once:
 * among the variables from outside, then among the functions of the language;
 * the root frame remembers the answer.
 */

#include <string.h>

#include "jeval.h"
#include "jfunc.h"

struct jframe *
jeval_frame(struct jeval *c, struct jframe *parent, size_t cap)
{
	struct jframe	*f = jarena_alloc(&c->arena, sizeof *f +
	    cap * sizeof *f->bindings);

	f->parent = parent;
	f->bindings = (struct jmember *)(void *)(f + 1);
	f->n = 0;
	f->cap = (uint32_t)cap;
	return f;
}

struct jframe *
jeval_tuple_frame(struct jeval *c, struct jframe *parent, struct jvalue tuple)
{
	struct jframe	*f = jarena_alloc(&c->arena, sizeof *f);

	f->parent = parent;
	f->bindings = tuple.u.o->members;
	f->n = tuple.u.o->n;
	f->cap = 0;
	return f;
}

void
jeval_bind(struct jeval *c, struct jframe *f, const char *name, uint32_t len,
    struct jvalue v)
{
	struct jmember	*grown;
	uint32_t	 i;

	for (i = 0; i < f->n; i++)
		if (f->bindings[i].name == name)
			break;
	if (f->cap < f->n || i == f->cap) {	/* a tuple's, or full */
		if (!jeval_room(c, (f->n * 2 + 2) * sizeof *grown))
			return;
		grown = jarena_alloc(&c->arena,
		    (f->n * 2 + 2) * sizeof *grown);
		if (f->n > 0)
			memcpy(grown, f->bindings, f->n * sizeof *grown);
		f->bindings = grown;
		f->cap = f->n * 2 + 2;
	}
	f->bindings[i] = (struct jmember){ name, len, v };
	if (i == f->n)
		f->n++;
}

static struct jvalue
from_outside(struct jeval *c, const char *name, uint32_t len)
{
	json_t	*j = NULL;
	int	 builtin;

	if (c->in->variables != NULL)
		j = json_object_getn(c->in->variables, name, len);
	if (j == NULL && c->in->variable != NULL)
		j = c->in->variable(c->in->variable_arg, name, len);
	if (j != NULL)
		return jvalue_json(j);
	builtin = jfunc_find(name, len, c->aws);
	return builtin < 0 ? JVALUE_NOTHING : jeval_native(c, builtin);
}

struct jvalue
jeval_variable(struct jeval *c, const struct jframe *f, const char *name,
    uint32_t len)
{
	struct jvalue	 v;
	uint32_t	 i;

	for (; f != NULL; f = f->parent)
		for (i = 0; i < f->n; i++)
			if (f->bindings[i].name == name)
				return f->bindings[i].value;
	if (len == 0)
		return JVALUE_NOTHING;
	v = from_outside(c, name, len);
	if (c->root->n < c->root->cap)	/* else it is looked for again */
		jeval_bind(c, c->root, name, len, v);
	return v;
}
