/*
 * asl/vars.c - workflow variables: one scope, and the scopes around it.
 *
 * A scope holds what a few states assigned: tens of names, so a list that is
 * searched from the front beats a table.
 */

#include "vars.h"

#include <stdlib.h>
#include <string.h>

#include "xmalloc.h"

struct var {
	char		*name;
	size_t		 len;
	struct payload	*value;
};

struct vars {
	const struct vars	*outer;
	struct var		*list;
	size_t			 n;
};

struct vars *
vars_new(const struct vars *outer)
{
	struct vars	*v = xcalloc(1, sizeof *v);

	v->outer = outer;
	return v;
}

void
vars_free(struct vars *v)
{
	size_t	 i;

	if (v == NULL)
		return;
	for (i = 0; i < v->n; i++) {
		free(v->list[i].name);
		payload_unref(v->list[i].value);
	}
	free(v->list);
	free(v);
}

static struct var *
find(const struct vars *v, const char *name, size_t len)
{
	size_t	 i;

	for (i = 0; i < v->n; i++)
		if (v->list[i].len == len &&
		    memcmp(v->list[i].name, name, len) == 0)
			return &v->list[i];
	return NULL;
}

void
vars_set(struct vars *v, const char *name, struct payload *value)
{
	size_t		 len = strlen(name);
	struct var	*var = find(v, name, len);

	payload_ref(value);
	if (var != NULL) {
		payload_unref(var->value);
		var->value = value;
		return;
	}
	v->list = xreallocarray(v->list, v->n + 1, sizeof *v->list);
	v->list[v->n++] = (struct var){ xstrdup(name), len, value };
}

struct payload *
vars_get(const struct vars *v, const char *name, size_t len)
{
	const struct var	*var;

	for (; v != NULL; v = v->outer)
		if ((var = find(v, name, len)) != NULL)
			return var->value;
	return NULL;
}

size_t
vars_count(const struct vars *v)
{
	return v->n;
}

const char *
vars_name(const struct vars *v, size_t i)
{
	return v->list[i].name;
}

struct payload *
vars_value(const struct vars *v, size_t i)
{
	return v->list[i].value;
}
