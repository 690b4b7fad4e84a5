/*
 * asl/task_fields.h - the fields that the request of an integration takes.
 *
 * The real service knows the request of each optimized integration.  A field
 * that the request does not have, or a missing one, it finds at creation; a
 * value of the wrong kind when the task is to start.  Known here are the
 * integrations that pawl carries out; of others nothing is said.
 */

#ifndef PAWL_TASK_FIELDS_H
#define PAWL_TASK_FIELDS_H

#include "err.h"
#include "payload.h"
#include "resource.h"

/* The value must be a text; or it is sent as text, and may be any JSON but a
 * number or boolean; or nothing is asked of it. */
enum task_field_kind { TASK_FIELD_STRING, TASK_FIELD_TEXT, TASK_FIELD_OTHER };

struct task_field {
	const char		*name;		/* NULL ends a list */
	enum task_field_kind	 kind;
	bool			 required;
};

/* The fields of the resource's request, or NULL when they are not known. */
const struct task_field *task_fields(const struct resource *);
/* The field of that name of the first len bytes, or NULL. */
const struct task_field *task_fields_find(const struct task_field *,
	    const char *name, size_t len);
/*
 * Whether a task can start with these arguments; -1 and States.Runtime if not.
 * origin: the field that they come from, "Parameters".
 */
int	task_fields_check(const struct resource *, struct payload *arguments,
	    const char *origin, struct err *) MUSTCHECK;

#endif
