/*
 * asl/parse_block.c - a States block: the machine's, a branch's, a Map's.
 *
 * Transitions lead only to states of the same block, so each is resolved when
 * its block is complete.  Variables are scoped by block.  A name that is
 * assigned in an outer block, too, earns a warning (the documents forbid it, but
 * the real service takes it: recording test_parallel_catch_error, PARALLEL_
 * CATCH_ERROR_VARIABLE_SAMPLING).  That is known only when the outer block is
 * complete; assigned_inside carries the inner names outwards until then.
 */

#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "xmalloc.h"

void
parse_block_target(struct parse *p, json_t *object, const char *field,
    struct state **slot)
{
	struct parse_block	*b = p->block;
	struct parse_link	*link;
	const char		*name;
	size_t			 mark;

	name = parse_value_string(p, object, field);
	if (name == NULL) {
		b->broken |= json_object_get(object, field) != NULL;
		return;
	}
	/* The array doubles: a block may have many links. */
	if ((b->nlinks & (b->nlinks - 1)) == 0)
		b->links = xreallocarray(b->links,
		    b->nlinks == 0 ? 1 : 2 * b->nlinks, sizeof *b->links);
	link = &b->links[b->nlinks++];
	mark = parse_enter(p, field);
	link->location = xstrdup(parse_where(p));
	parse_leave(p, mark);
	link->from = b->flow->nstates;
	link->slot = slot;
	link->name = name;
}

static size_t
characters(const char *s)
{
	size_t	 n = 0;

	for (; *s != '\0'; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

static void
check_name(struct parse *p, const char *name)
{
	const char	*other;

	if (*name == '\0')
		parse_finding(p, false, "INVALID_STATE_NAME", NULL, NULL,
		    "State name cannot be empty");
	else if (characters(name) > MACHINE_NAME_MAX)
		parse_finding(p, false, "INVALID_STATE_NAME", NULL, NULL,
		    "State name '%s' exceeds the %d-character limit allowed by "
		    "the service", name, MACHINE_NAME_MAX);
	other = json_string_value(json_object_get(p->names, name));
	if (other != NULL) {
		char	*hint = xasprintf("the other one is at %s; names are "
		    "unique in the whole state machine", other);

		parse_finding(p, false, "DUPLICATE_STATE_NAME", NULL, hint,
		    "Duplicate State name: %s", name);
		free(hint);
	} else
		json_object_set_new(p->names, name, json_string(parse_where(p)));
}

static void
parse_states(struct parse *p, json_t *states)
{
	struct workflow	*flow = p->block->flow;
	const char	*name;
	json_t		*object;
	size_t		 mark;

	flow->states = xcalloc(json_object_size(states) + 1,
	    sizeof *flow->states);
	json_object_foreach(states, name, object) {
		if (p->machine->nstates == MACHINE_STATES_MAX) {
			parse_finding(p, false, "TOO_MANY_STATES", NULL, NULL,
			    "A state machine can have at most %d states",
			    MACHINE_STATES_MAX);
			p->block->broken = true;
			return;
		}
		p->machine->nstates++;
		mark = parse_enter(p, name);
		check_name(p, name);
		flow->states[flow->nstates] = parse_state(p, name, object);
		flow->nstates++;
		parse_leave(p, mark);
	}
}

/* Assignments inside of this block of what it assigns itself; then outwards. */
static void
merge_assigned(struct parse_block *b, struct findings *fs)
{
	const char	*name;
	json_t		*location;

	json_object_foreach(b->assigned_inside, name, location)
		if (json_object_get(b->assigned, name) != NULL)
			findings_add(fs, true, "VARIABLE_IN_OUTER_SCOPE",
			    json_string_value(location),
			    "what is assigned here is gone when the scope ends",
			    "A variable '%s' is assigned in an outer scope, "
			    "too", name);
	if (b->outer == NULL)
		return;
	json_object_update_missing(b->outer->assigned_inside, b->assigned);
	json_object_update_missing(b->outer->assigned_inside,
	    b->assigned_inside);
}

static void
free_block(struct parse_block *b)
{
	size_t	 i;

	for (i = 0; i < b->nlinks; i++)
		free(b->links[i].location);
	free(b->links);
	json_decref(b->assigned);
	json_decref(b->assigned_inside);
}

void
parse_block(struct parse *p, json_t *object, struct workflow *flow)
{
	static const char *const	 required[] = { "StartAt", "States",
		NULL };
	struct parse_block		 b;
	size_t				 mark;

	if (p->depth == MACHINE_DEPTH_MAX) {
		parse_finding(p, false, "TOO_DEEPLY_NESTED", NULL, NULL,
		    "The states are too deeply nested");
		return;
	}
	p->depth++;
	memset(&b, 0, sizeof b);
	b.outer = p->block;
	b.flow = flow;
	b.assigned = json_object();
	b.assigned_inside = json_object();
	p->block = &b;
	b.broken = !parse_fields_required(p, object, required);
	b.start = parse_value_string(p, object, "StartAt");
	b.states = parse_value_typed(p, object, "States", JSON_OBJECT);
	if (b.states != NULL && json_object_size(b.states) == 0)
		parse_error(p, "States", "Value cannot be empty");
	else if (b.states != NULL) {
		mark = parse_enter(p, "States");
		parse_states(p, b.states);
		parse_leave(p, mark);
		validate_block(p, &b);
	}
	merge_assigned(&b, p->findings);
	p->block = b.outer;
	free_block(&b);
	p->depth--;
}
