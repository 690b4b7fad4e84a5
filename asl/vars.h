/*
 * asl/vars.h - workflow variables: one scope, and the scopes around it.
 *
 * A flow sees its own scope and, read-only, its parents'.  Values are payloads.
 */

#ifndef PAWL_VARS_H
#define PAWL_VARS_H

#include <stddef.h>

#include "payload.h"

struct vars;

/* New, empty; outer is borrowed and must live longer; may be NULL. */
struct vars *vars_new(const struct vars *outer);
void	vars_free(struct vars *);
/* Sets in this scope; name copied, value gets a reference of its own. */
void	vars_set(struct vars *, const char *name, struct payload *value);
/* Looks here, then outwards.  Borrowed, or NULL. */
struct payload *vars_get(const struct vars *, const char *name, size_t len);
/* The i-th variable of this scope alone, in the order of first assignment. */
size_t	vars_count(const struct vars *);
const char *vars_name(const struct vars *, size_t i);
struct payload *vars_value(const struct vars *, size_t i);

#endif
