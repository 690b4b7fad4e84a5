/*
 * asl/jsonata/jancestry.c - the parent operator %: which step keeps what.
 *
 * A % makes a slot that seeks the step one level out from its own.  The slot
 * travels up the tree (jancestry_push) until a path can look for the step
 * among those before it (jancestry_resolve, jancestry_seek).  That step then
 * keeps its input in its tuples under the slot's label, where the % finds it.
 */

#include <string.h>

#include "jast.h"

void
jancestry_add(struct jprogram *p, struct jslots **slots, struct jslot *slot)
{
	struct jslots	*s = *slots;
	struct jslot	**grown;
	size_t		 cap;

	if (s == NULL)
		s = *slots = jarena_zalloc(&p->arena, sizeof *s);
	if (s->n == s->cap) {
		cap = s->cap == 0 ? 2 : s->cap * 2;
		grown = jarena_alloc(&p->arena, cap * sizeof(*grown));
		if (s->n > 0)
			memcpy(grown, s->slot, s->n * sizeof(*grown));
		s->slot = grown;
		s->cap = cap;
	}
	s->slot[s->n++] = slot;
}

void
jancestry_push(struct jprogram *p, struct jnode *result, struct jnode *value)
{
	struct jslots	*from = value->seeking;
	size_t		 i, n;

	if (value->type == JNODE_PARENT)
		jancestry_add(p, &from, value->slot);
	if (from == NULL)
		return;
	if (result->seeking == NULL) {
		result->seeking = from;
		return;
	}
	for (i = 0, n = from->n; i < n; i++)
		jancestry_add(p, &result->seeking, from->slot[i]);
}

static int
seek_path(struct jprogram *p, struct jnode *path, struct jslot *slot)
{
	size_t	 i = path->list.n - 1;

	path->tuple = true;
	if (jancestry_seek(p, path->list.node[i], slot) == -1)
		return -1;
	while (slot->level > 0 && i > 0)
		if (jancestry_seek(p, path->list.node[--i], slot) == -1)
			return -1;
	return 0;
}

int
jancestry_seek(struct jprogram *p, struct jnode *n, struct jslot *slot)
{
	const char	*text;

	if (n->type == JNODE_NAME || n->type == JNODE_WILDCARD) {
		if (--slot->level == 0) {
			if (n->ancestor != NULL)
				slot->label = n->ancestor->label;
			n->ancestor = slot;
			n->tuple = true;
		}
		return 0;
	}
	if (n->type == JNODE_PARENT) {
		slot->level++;
		return 0;
	}
	if (n->type == JNODE_BLOCK) {
		if (n->list.n == 0)
			return 0;
		n->tuple = true;
		return jancestry_seek(p, n->list.node[n->list.n - 1], slot);
	}
	if (n->type == JNODE_PATH)
		return seek_path(p, n, slot);
	text = jprocess_type_text((enum jnode_type)n->type);
	jprogram_fail(p, JFAULT_S0217, n->position,
	    jvalue_string(text, strlen(text)), JVALUE_NOTHING);
	return -1;
}

/* The steps of a path before the last are asked, from the end. */
static int
resolve(struct jprogram *p, struct jnode *path, struct jslot *slot)
{
	size_t		 i = path->list.n - 1;
	struct jnode	*step;

	while (slot->level > 0) {
		if (i == 0) {
			jancestry_add(p, &path->seeking, slot);
			return 0;
		}
		step = path->list.node[--i];
		while (i > 0 && step->focus != NULL &&
		    path->list.node[i - 1]->focus != NULL)
			step = path->list.node[--i];
		if (jancestry_seek(p, step, slot) == -1)
			return -1;
	}
	return 0;
}

int
jancestry_resolve(struct jprogram *p, struct jnode *path)
{
	struct jnode	*last = path->list.node[path->list.n - 1];
	struct jslots	*slots = last->seeking;
	size_t		 i, n;

	if (last->type == JNODE_PARENT)
		jancestry_add(p, &slots, last->slot);
	if (slots == NULL)
		return 0;
	for (i = 0, n = slots->n; i < n; i++)
		if (resolve(p, path, slots->slot[i]) == -1)
			return -1;
	return 0;
}
