/*
 * asl/jsonata/jeval_bounds.c - faults, and what an evaluation may cost.
 *
 * Steps come in stretches: the counter of a stretch is cheap to take from, and
 * between two of them the caller is asked whether time is up.
 */

#include <stdlib.h>
#include <string.h>

#include "jeval.h"
#include "xmalloc.h"

#define STRETCH		4096
/* The arena may take so much more than what was charged: headers, frames. */
#define OVERHEAD	((size_t)16 << 20)

struct jvalue
jeval_fail(struct jeval *c, enum jfault_code code, long position)
{
	jfault_set(&c->fault, code, position);
	c->failed = true;
	return JVALUE_NOTHING;
}

struct jvalue
jeval_fail_value(struct jeval *c, enum jfault_code code, long position,
    struct jvalue v)
{
	if (!c->failed) {
		jeval_fail(c, code, position);
		c->fault.value = v;
	}
	return JVALUE_NOTHING;
}

struct jvalue
jeval_fail_limit(struct jeval *c, enum jeval_limit limit)
{
	static const char *const	 texts[] = {
		[JEVAL_DEPTH] = "Stack overflow error: Check for "
		    "non-terminating recursive function.  Consider rewriting "
		    "as tail-recursive",
		[JEVAL_TIME] = "Expression evaluation timeout: Check for "
		    "infinite loop",
		[JEVAL_MEMORY] = "Expression evaluation memory limit "
		    "exceeded: Check for excessive memory usage",
	};
	const char			*text = texts[limit];

	/* Two spaces are the reference's; the service has one. */
	if (limit == JEVAL_DEPTH && c->aws)
		text = "Stack overflow error: Check for non-terminating "
		    "recursive function. Consider rewriting as tail-recursive";
	if (!c->failed) {
		jeval_fail(c, JFAULT_U1001, -1);
		c->fault.message = jvalue_string(text, strlen(text));
		c->fault.exp = jvalue_int((int64_t)limit + 1);
	}
	return JVALUE_NOTHING;
}

struct jvalue
jeval_fail_told(struct jeval *c, struct err *e)
{
	if (!c->failed) {
		jeval_fail(c, JFAULT_TOLD, -1);
		/* Longer ones are not the language's: it has no code. */
		if (strlen(e->code) == 5)
			memcpy(c->fault.told, e->code, 6);
		c->fault.message = jvalue_string(jarena_text(&c->arena,
		    e->text, strlen(e->text)), strlen(e->text));
	}
	err_clear(e);
	return JVALUE_NOTHING;
}

bool
jeval_next_stretch(struct jeval *c, uint64_t steps)
{
	uint64_t	 wanted = steps / STRETCH + 1;

	if (c->failed)
		return false;
	if (c->stretches <= wanted || (c->in->expired != NULL &&
	    c->in->expired(c->in->expired_arg))) {
		jeval_fail_limit(c, JEVAL_TIME);
		return false;
	}
	c->stretches -= wanted;
	c->steps += wanted * STRETCH - steps;
	if (jarena_total(&c->arena) > 4 * c->memory_max + OVERHEAD) {
		jeval_fail_limit(c, JEVAL_MEMORY);
		return false;
	}
	return true;
}

bool
jeval_room(struct jeval *c, size_t bytes)
{
	if (c->failed)
		return false;
	if (c->memory < bytes) {
		jeval_fail_limit(c, JEVAL_MEMORY);
		return false;
	}
	c->memory -= bytes;
	return true;
}

struct jeval_scratch
jeval_scratch(const struct jeval *c)
{
	return (struct jeval_scratch){ jarena_mark(&c->arena), c->memory };
}

bool
jeval_is_scratch(const struct jeval *c, struct jeval_scratch s,
    struct jvalue v)
{
	return (v.kind == JVALUE_STRING || v.kind == JVALUE_ARRAY ||
	    v.kind == JVALUE_OBJECT || v.kind == JVALUE_FUNCTION) &&
	    jarena_is_newer(&c->arena, s.mark, v.u.s);
}

/* Texts of at most so many values are kept while the arena is given back. */
#define KEPT_MAX	8
#define KEPT_ROOM	512

void
jeval_unscratch(struct jeval *c, struct jeval_scratch s,
    struct jvalue *values, size_t n)
{
	char	 room[KEPT_ROOM], *kept = room;
	bool	 moves[KEPT_MAX] = { false };
	size_t	 bytes = 0, at, i;

	if (c->failed || n > KEPT_MAX)
		return;
	for (i = 0; i < n; i++) {
		if (!jeval_is_scratch(c, s, values[i]))
			continue;
		if (!jvalue_is_string(values[i]))
			return;
		moves[i] = true;
		bytes += values[i].len;
	}
	if (bytes > sizeof room)
		kept = xmalloc(bytes);
	for (i = at = 0; i < n; i++)
		if (moves[i]) {
			memcpy(kept + at, values[i].u.s, values[i].len);
			at += values[i].len;
		}
	jarena_release(&c->arena, s.mark);
	c->memory = s.memory;
	c->checked = NULL;	/* its memory may hold another text */
	for (i = at = 0; i < n && bytes > 0; i++)
		if (moves[i]) {
			c->memory -= values[i].len < c->memory ?
			    values[i].len : c->memory;
			at += values[i].len;
			values[i].u.s = jarena_text(&c->arena,
			    kept + at - values[i].len, values[i].len);
		}
	if (kept != room)
		free(kept);
}
