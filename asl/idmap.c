/*
 * asl/idmap.c - a table from event or flow ids to flows.
 *
 * Open addressing with linear probing; a removal moves later entries back, so
 * that there are no tombstones.  Most executions never hold more than one.
 */

#include "idmap.h"

#include <stdlib.h>
#include <string.h>

#include "xmalloc.h"

static size_t
home(const struct idmap *m, int64_t id)
{
	uint64_t	 h = (uint64_t)id * 0x9e3779b97f4a7c15u;

	return (size_t)(h >> 32) & (m->size - 1);
}

void
idmap_free(struct idmap *m)
{
	free(m->slots);
	memset(m, 0, sizeof *m);
}

static void
place(struct idmap *m, int64_t id, struct flow *flow)
{
	size_t	 at = home(m, id);

	while (m->slots[at].flow != NULL)
		at = (at + 1) & (m->size - 1);
	m->slots[at] = (struct idmap_entry){ id, flow };
}

void
idmap_put(struct idmap *m, int64_t id, struct flow *flow)
{
	struct idmap_entry	*old = m->slots;
	size_t			 i, size = m->size;

	if (2 * (m->n + 1) > m->size) {
		m->size = size == 0 ? 4 : 2 * size;
		m->slots = xcalloc(m->size, sizeof *m->slots);
		for (i = 0; i < size; i++)
			if (old[i].flow != NULL)
				place(m, old[i].id, old[i].flow);
		free(old);
	}
	place(m, id, flow);
	m->n++;
}

static size_t
find(const struct idmap *m, int64_t id)
{
	size_t	 at;

	if (m->n == 0)
		return SIZE_MAX;
	for (at = home(m, id); m->slots[at].flow != NULL;
	    at = (at + 1) & (m->size - 1))
		if (m->slots[at].id == id)
			return at;
	return SIZE_MAX;
}

struct flow *
idmap_get(const struct idmap *m, int64_t id)
{
	size_t	 at = find(m, id);

	return at == SIZE_MAX ? NULL : m->slots[at].flow;
}

void
idmap_remove(struct idmap *m, int64_t id)
{
	size_t	 hole = find(m, id), at, mask = m->size - 1;

	if (hole == SIZE_MAX)
		return;
	m->n--;
	for (at = (hole + 1) & mask; m->slots[at].flow != NULL;
	    at = (at + 1) & mask)
		if (((at - home(m, m->slots[at].id)) & mask) >=
		    ((at - hole) & mask)) {
			m->slots[hole] = m->slots[at];
			hole = at;
		}
	m->slots[hole].flow = NULL;
}

static int
compare(const void *a, const void *b)
{
	int64_t	 x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

int64_t *
idmap_ids(const struct idmap *m)
{
	int64_t	*ids;
	size_t	 i, n = 0;

	if (m->n == 0)
		return NULL;
	ids = xmalloc(m->n * sizeof *ids);
	for (i = 0; i < m->size; i++)
		if (m->slots[i].flow != NULL)
			ids[n++] = m->slots[i].id;
	qsort(ids, n, sizeof *ids, compare);
	return ids;
}
