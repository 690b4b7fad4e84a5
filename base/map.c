/*
 * base/map.c - bytes to pointer: a hash table with open addressing.
 *
 * Linear probing in a table of a power of two.  A removed entry leaves a
 * tombstone (key kept NULL, hash 1), so that a walk may remove as it goes;
 * growing sweeps them out.
 *
 * Invariant: used (entries and tombstones) stays below three quarters.
 */

#include "map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "xmalloc.h"

#define TOMBSTONE 1

struct slot {
	const void	*key;
	size_t		 len;
	uint64_t	 hash;		/* 0: free; TOMBSTONE with value NULL */
	void		*value;
};

struct map {
	struct slot	*slots;
	size_t		 size;		/* power of two */
	size_t		 count, used;
};

/* FNV-1a, folded; never 0 or TOMBSTONE. */
static uint64_t
hash_bytes(const void *key, size_t len)
{
	const unsigned char	*p = key;
	uint64_t		 h = 0xcbf29ce484222325u;

	while (len-- > 0)
		h = (h ^ *p++) * 0x100000001b3u;
	h ^= h >> 32;
	return h <= TOMBSTONE ? h + 2 : h;
}

struct map *
map_new(void)
{
	struct map	*m = xcalloc(1, sizeof *m);

	m->size = 16;
	m->slots = xcalloc(m->size, sizeof *m->slots);
	return m;
}

void
map_free(struct map *m)
{
	if (m == NULL)
		return;
	free(m->slots);
	free(m);
}

size_t
map_count(const struct map *m)
{
	return m->count;
}

/* The slot of the key, or the first free one after where it would be. */
static struct slot *
find(const struct map *m, const void *key, size_t len, uint64_t hash)
{
	size_t		 i = hash & (m->size - 1);
	struct slot	*s;

	for (;; i = (i + 1) & (m->size - 1)) {
		s = &m->slots[i];
		if (s->hash == 0)
			return s;
		if (s->hash == hash && s->value != NULL && s->len == len &&
		    memcmp(s->key, key, len) == 0)
			return s;
	}
}

static void
grow(struct map *m)
{
	struct slot	*old = m->slots, *s;
	size_t		 i, n = m->size;

	if (m->count >= m->size / 2)
		m->size *= 2;
	m->slots = xcalloc(m->size, sizeof *m->slots);
	m->used = m->count;
	for (i = 0; i < n; i++) {
		if (old[i].value == NULL)
			continue;
		s = find(m, old[i].key, old[i].len, old[i].hash);
		*s = old[i];
	}
	free(old);
}

void *
map_get(const struct map *m, const void *key, size_t len)
{
	return find(m, key, len, hash_bytes(key, len))->value;
}

void *
map_put(struct map *m, const void *key, size_t len, void *value)
{
	uint64_t	 hash = hash_bytes(key, len);
	struct slot	*s;
	void		*old;

	if ((m->used + 1) * 4 > m->size * 3)
		grow(m);
	s = find(m, key, len, hash);
	old = s->value;
	if (old == NULL) {
		m->count++;
		m->used++;
	}
	*s = (struct slot){ key, len, hash, value };
	return old;
}

void *
map_remove(struct map *m, const void *key, size_t len)
{
	struct slot	*s = find(m, key, len, hash_bytes(key, len));
	void		*old = s->value;

	if (old == NULL)
		return NULL;
	*s = (struct slot){ NULL, 0, TOMBSTONE, NULL };
	m->count--;
	return old;
}

void *
map_next(const struct map *m, size_t *at)
{
	while (*at < m->size) {
		struct slot	*s = &m->slots[(*at)++];

		if (s->value != NULL)
			return s->value;
	}
	return NULL;
}
