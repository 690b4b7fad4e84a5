/*
 * asl/jsonata/jarena.c - memory that dies together.
 *
 * Chunks grow from 4 KiB to 64 KiB; what is larger gets a chunk of its own
 * size.  A loop that takes and releases across the edge of a chunk would ask
 * malloc each time, so one released chunk is kept.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "jarena.h"
#include "xmalloc.h"

#define CHUNK_MIN	((size_t)4 << 10)
#define CHUNK_MAX	((size_t)64 << 10)
#define ALIGN(n)	(((n) + 15) & ~(size_t)15)
#define HEAD		ALIGN(sizeof(struct jarena_chunk))

static char *
bytes(struct jarena_chunk *chunk)
{
	return (char *)chunk + HEAD;
}

static void
add_chunk(struct jarena *a, size_t need)
{
	struct jarena_chunk	*chunk = a->spare;
	size_t			 size;

	if (chunk != NULL && chunk->size >= need)
		a->spare = NULL;
	else {
		size = a->newest == NULL ? CHUNK_MIN :
		    (a->newest->size + HEAD) * 2;
		if (size > CHUNK_MAX)
			size = CHUNK_MAX;
		if (size < need)
			size = need;
		chunk = xmalloc(HEAD + size);
		chunk->size = size;
	}
	chunk->used = 0;
	chunk->older = a->newest;
	a->newest = chunk;
	a->total += chunk->size;
}

void
jarena_lend(struct jarena *a, void *memory, size_t size)
{
	struct jarena_chunk	*chunk = memory;

	chunk->older = NULL;
	chunk->size = size - HEAD;
	chunk->used = 0;
	a->newest = a->lent = chunk;
}

void *
jarena_alloc(struct jarena *a, size_t n)
{
	void	*p;

	n = ALIGN(n);
	if (a->newest == NULL || a->newest->size - a->newest->used < n)
		add_chunk(a, n);
	p = bytes(a->newest) + a->newest->used;
	a->newest->used += n;
	return p;
}

void *
jarena_zalloc(struct jarena *a, size_t n)
{
	return memset(jarena_alloc(a, n), 0, n);
}

char *
jarena_text(struct jarena *a, const char *s, size_t len)
{
	char	*copy = jarena_alloc(a, len + 1);

	if (len > 0)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

bool
jarena_extend(struct jarena *a, const void *p, size_t old_size, size_t new_size)
{
	struct jarena_chunk	*chunk = a->newest;
	size_t			 at;

	old_size = ALIGN(old_size);
	new_size = ALIGN(new_size);
	if (chunk == NULL || p == NULL || chunk->used < old_size ||
	    (const char *)p != bytes(chunk) + chunk->used - old_size)
		return false;
	at = chunk->used - old_size;
	if (chunk->size - at < new_size)
		return false;
	chunk->used = at + new_size;
	return true;
}

size_t
jarena_total(const struct jarena *a)
{
	return a->total;
}

struct jarena_mark
jarena_mark(const struct jarena *a)
{
	struct jarena_mark	 mark = { a->newest, 0 };

	if (a->newest != NULL)
		mark.used = a->newest->used;
	return mark;
}

void
jarena_release(struct jarena *a, struct jarena_mark mark)
{
	struct jarena_chunk	*chunk;

	while ((chunk = a->newest) != mark.chunk) {
		a->newest = chunk->older;
		a->total -= chunk != a->lent ? chunk->size : 0;
		if (chunk == a->lent)
			continue;
		if (a->spare == NULL && chunk->size <= CHUNK_MAX)
			a->spare = chunk;
		else
			free(chunk);
	}
	if (a->newest != NULL)
		a->newest->used = mark.used;
}

bool
jarena_is_newer(const struct jarena *a, struct jarena_mark mark, const void *p)
{
	struct jarena_chunk	*chunk = a->newest;
	uintptr_t		 at = (uintptr_t)p, from;

	for (; chunk != NULL; chunk = chunk->older) {
		from = (uintptr_t)bytes(chunk);
		if (chunk == mark.chunk)
			return at >= from + mark.used && at < from + chunk->size;
		if (at >= from && at < from + chunk->size)
			return true;
	}
	return false;
}

void
jarena_free(struct jarena *a)
{
	struct jarena_mark	 nothing = { NULL, 0 };

	jarena_release(a, nothing);
	free(a->spare);
	a->spare = NULL;
}
