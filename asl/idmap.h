/*
 * asl/idmap.h - a table from event or flow ids to flows.
 */

#ifndef PAWL_IDMAP_H
#define PAWL_IDMAP_H

#include <stddef.h>
#include <stdint.h>

struct flow;

struct idmap_entry {
	int64_t		 id;
	struct flow	*flow;		/* NULL: a free slot */
};

/* Empty when all zero. */
struct idmap {
	struct idmap_entry	*slots;
	size_t			 size, n;	/* size: 0 or a power of 2 */
};

void	idmap_free(struct idmap *);
/* The id must not be in it. */
void	idmap_put(struct idmap *, int64_t id, struct flow *);
struct flow *idmap_get(const struct idmap *, int64_t id);	/* or NULL */
void	idmap_remove(struct idmap *, int64_t id);
/* All ids in ascending order: new array of n, or NULL when empty. */
int64_t	*idmap_ids(const struct idmap *);

#endif
