/*
 * asl/jsonata/jprogram.c - a compiled expression: what the passes share.
 */

#include <stdlib.h>
#include <string.h>

#include "jast.h"
#include "jregex.h"

void *
jprogram_fail(struct jprogram *p, enum jfault_code code, long position,
    struct jvalue token, struct jvalue value)
{
	if (!p->failed) {
		jfault_set(&p->fault, code, position);
		p->fault.token = token;
		p->fault.value = value;
		p->failed = true;
	}
	return NULL;
}

struct jnode *
jprogram_node(struct jprogram *p, enum jnode_type type, long position)
{
	struct jnode	*n;

	if (++p->nodes > JPROGRAM_NODES_MAX)
		return jprogram_fail(p, JFAULT_S0500, position, JVALUE_NOTHING,
		    JVALUE_NOTHING);
	n = jarena_zalloc(&p->arena, sizeof *n);
	n->type = (uint8_t)type;
	n->position = position;
	return n;
}

void
jprogram_add(struct jprogram *p, struct jnodes *list, struct jnode *n)
{
	struct jnode	**grown;
	size_t		 cap;

	if (list->n == list->cap) {
		cap = list->cap == 0 ? 2 : list->cap * 2;
		grown = jarena_alloc(&p->arena, cap * sizeof(*grown));
		if (list->n > 0)
			memcpy(grown, list->node, list->n * sizeof(*grown));
		list->node = grown;
		list->cap = cap;
	}
	list->node[list->n++] = n;
}

bool
jprogram_enter(struct jprogram *p, long position)
{
	if (++p->depth <= JPROGRAM_DEPTH_MAX)
		return true;
	jprogram_fail(p, JFAULT_S0500, position, JVALUE_NOTHING,
	    JVALUE_NOTHING);
	return false;
}

void
jprogram_leave(struct jprogram *p)
{
	p->depth--;
}

/* --- names --------------------------------------------------------------- */

/* A name in the table stands behind its length. */
struct name {
	size_t	 len;
	char	 text[];
};

static size_t
hash(const char *s, size_t len)
{
	size_t	 h = 5381, i;

	for (i = 0; i < len; i++)
		h = h * 33 ^ (unsigned char)s[i];
	return h;
}

static const char **
find(const struct jnames *t, const char *s, size_t len)
{
	size_t			 at = hash(s, len);
	const struct name	*name;

	if (t->nslots == 0)
		return NULL;
	for (;; at++) {
		at &= t->nslots - 1;
		if (t->slots[at] == NULL)
			return &t->slots[at];
		name = (const struct name *)(const void *)
		    (t->slots[at] - offsetof(struct name, text));
		if (name->len == len && memcmp(name->text, s, len) == 0)
			return &t->slots[at];
	}
}

static void
grow(struct jnames *t)
{
	struct jnames		 old = *t;
	const struct name	*name;
	size_t			 i;

	t->nslots = old.nslots == 0 ? 16 : old.nslots * 2;
	t->slots = jarena_zalloc(t->arena, t->nslots * sizeof *t->slots);
	for (i = 0; i < old.nslots; i++)
		if (old.slots[i] != NULL) {
			name = (const struct name *)(const void *)
			    (old.slots[i] - offsetof(struct name, text));
			*find(t, name->text, name->len) = old.slots[i];
		}
}

const char *
jprogram_intern(struct jnames *t, const char *s, size_t len)
{
	const struct jnames	*base;
	const char		**slot;
	struct name		*name;

	for (base = t; base != NULL; base = base->base)
		if ((slot = find(base, s, len)) != NULL && *slot != NULL)
			return *slot;
	if ((t->n + 1) * 2 > t->nslots)
		grow(t);
	name = jarena_alloc(t->arena, sizeof *name + len + 1);
	name->len = len;
	memcpy(name->text, s, len);
	name->text[len] = '\0';
	t->n++;
	return *find(t, s, len) = name->text;
}

/* --- life ---------------------------------------------------------------- */

int
jprogram_compile(struct jprogram *p, const char *text, size_t len)
{
	jfault_clear(&p->fault);
	if (p->names == NULL) {
		p->own.arena = &p->arena;
		p->names = &p->own;
	}
	p->root = jparser_parse(p, jarena_text(&p->arena, text, len), len);
	if (p->root != NULL) {
		p->depth = 0;
		p->root = jprocess(p, p->root);
	}
	return p->root == NULL ? -1 : 0;
}

void
jprogram_free(struct jprogram *p)
{
	jregex_free_chain(p->regexes);
	p->regexes = NULL;
	jarena_free(&p->arena);
}
