/*
 * base/map.h - bytes to pointer: a hash table with open addressing.
 *
 * Keys are borrowed: they must live, unchanged, as long as their entry; the
 * usual place is inside the value.  Values are borrowed too and never NULL.
 */

#ifndef PAWL_MAP_H
#define PAWL_MAP_H

#include <stddef.h>

struct map;

struct map *map_new(void);
void	map_free(struct map *);
size_t	map_count(const struct map *);
/* NULL if there is none. */
void	*map_get(const struct map *, const void *key, size_t len);
/* Puts or replaces; the value replaced, or NULL. */
void	*map_put(struct map *, const void *key, size_t len, void *value);
/* The value that was there, or NULL. */
void	*map_remove(struct map *, const void *key, size_t len);
/*
 * Walks all values in no order: start with *at 0; NULL at the end.  Removing
 * the value just given is allowed meanwhile, putting is not.
 */
void	*map_next(const struct map *, size_t *at);

#endif
