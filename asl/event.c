/*
 * asl/event.c - the names and the ownership of history events.
 *
 * Everything here comes from the table EVENT_TYPES in event.h: to add a type,
 * add its line there, then say in execution.c what it changes.
 */

#include "event.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char	*name;
	size_t		 len;
} types[EVENT_TYPE_COUNT] = {
#define X(name, details, shape) [EVENT_##name] = { #name, sizeof #name - 1 },
	EVENT_TYPES(X)
#undef X
};

void
event_init(struct event *ev, enum event_type type)
{
	memset(ev, 0, sizeof *ev);
	ev->type = type;
}

void
event_clear(struct event *ev)
{
	payload_unref(ev->payload);
	free(ev->name);
	free(ev->error);
	free(ev->cause);
	free(ev->resource);
	free(ev->resource_type);
	free(ev->role_arn);
	free(ev->location);
	json_decref(ev->assigned);
	memset(ev, 0, sizeof *ev);
}

const char *
event_type_name(enum event_type type)
{
	return types[type].name;
}

int
event_type_find(const char *name)
{
	size_t	 len = strlen(name);
	int	 i;

	for (i = 0; i < EVENT_TYPE_COUNT; i++)
		if (types[i].len == len && memcmp(types[i].name, name, len) == 0)
			return i;
	return -1;
}
