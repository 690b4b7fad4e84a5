/*
 * asl/parse_state.c - what all states have in common.
 *
 * The type of a state decides which of the common fields it takes; its own
 * fields are its parse_TYPE.c's affair.
 */

#include <stdlib.h>
#include <string.h>

#include "hint.h"
#include "parse.h"
#include "xmalloc.h"

#define FIELDS_MAX 32

static const struct parse_type *const types[] = {
	[STATE_TASK] = &parse_task_type,
	[STATE_WAIT] = &parse_wait_type,
	[STATE_PASS] = &parse_pass_type,
	[STATE_SUCCEED] = &parse_succeed_type,
	[STATE_FAIL] = &parse_fail_type,
	[STATE_CHOICE] = &parse_choice_type,
	[STATE_PARALLEL] = &parse_parallel_type,
	[STATE_MAP] = &parse_map_type,
};

static const char *const type_names[] = {
#define X(id, name) [id] = name,
	STATE_TYPES(X)
#undef X
};

#define NTYPES (sizeof types / sizeof types[0])

/* Common fields of a type, by what the type takes. */
static const char *const always[] = { "Type", "Comment", "QueryLanguage",
	NULL };
static const char *const flows[] = { "InputPath", "OutputPath", "Output",
	NULL };
static const char *const has_next[] = { "Next", "End", NULL };
static const char *const has_assign[] = { "Assign", NULL };
static const char *const has_result[] = { "ResultPath", "Parameters", NULL };
static const char *const has_retry[] = { "ResultSelector", "Retry", "Catch",
	NULL };

static size_t
add_fields(const char **all, size_t n, bool wanted, const char *const *fields)
{
	if (wanted)
		for (; *fields != NULL && n < FIELDS_MAX - 1; fields++)
			all[n++] = *fields;
	all[n] = NULL;
	return n;
}

static void
check_fields(struct parse *p, const struct parse_type *t, json_t *object)
{
	const char	*all[FIELDS_MAX];
	size_t		 n;

	n = add_fields(all, 0, true, always);
	n = add_fields(all, n, t->flows, flows);
	n = add_fields(all, n, t->has_next, has_next);
	n = add_fields(all, n, t->has_assign, has_assign);
	n = add_fields(all, n, t->has_result, has_result);
	n = add_fields(all, n, t->has_retry, has_retry);
	parse_fields(p, object, all, t->fields);
}

static const struct parse_type *
find_type(struct parse *p, json_t *object, struct state *state)
{
	static const char *const	 required[] = { "Type", NULL };
	struct hint			 h;
	const char			*name;
	char				*text = NULL;
	struct strbuf			 list = STRBUF_INIT;
	size_t				 i;

	if (!parse_fields_required(p, object, required))
		return NULL;
	name = parse_value_string(p, object, "Type");
	if (name == NULL)
		return NULL;
	hint_init(&h, name);
	for (i = 0; i < NTYPES; i++) {
		if (strcmp(type_names[i], name) == 0) {
			state->type = (enum state_type)i;
			strbuf_free(&list);
			return types[i];
		}
		hint_offer(&h, type_names[i]);
		strbuf_addf(&list, "%s%s", i > 0 ? ", " : "", type_names[i]);
	}
	if (hint_best(&h) != NULL)
		text = xasprintf("did you mean '%s'?", hint_best(&h));
	parse_finding(p, false, "SCHEMA_VALIDATION_FAILED", "Type", text,
	    "The field 'Type' should have one of these values: [%s]",
	    strbuf_str(&list));
	strbuf_free(&list);
	free(text);
	return NULL;
}

/*
 * A state may choose JSONata in a JSONPath machine, and not the reverse
 * (recording test_sfn_api_validation, INVALID_DOWNGRADE_QUERY_LANGUAGE).  After
 * a wrong choice fields of either language are let pass.
 */
static void
parse_language(struct parse *p, json_t *object, bool *mixed)
{
	static const char *const	 languages[] = { "JSONPath", "JSONata",
		NULL };
	int				 language;

	p->jsonata = p->jsonata_machine;
	if (json_object_get(object, "QueryLanguage") == NULL)
		return;
	language = parse_value_choice(p, object, "QueryLanguage", languages);
	if (language == 0 && p->jsonata_machine) {
		parse_error_in(p, "QueryLanguage", NULL, "'QueryLanguage' can "
		    "not be 'JSONPath' if set to 'JSONata' for whole state "
		    "machine");
		*mixed = true;
	} else
		p->jsonata = language != 0;
}

/* Next, or End: true; one of them. */
static void
parse_next(struct parse *p, struct state *state, json_t *object)
{
	json_t	*end;
	bool	 ends, has;

	end = parse_value_typed(p, object, "End", JSON_TRUE);
	ends = json_is_true(end);
	has = json_object_get(object, "Next") != NULL;
	if (ends && has)
		parse_error_in(p, "End", NULL, "There should only be one of "
		    "the following fields: [Next, End]");
	else if (!ends && !has) {
		parse_finding(p, false, "SCHEMA_VALIDATION_FAILED", NULL,
		    "a state leads to another by \"Next\", or is the last with "
		    "\"End\": true", "This object should have only one of the "
		    "following fields: [Next, End]");
		p->block->broken = true;
	}
	if (has)
		parse_block_target(p, object, "Next", &state->next);
}

static bool
has_field(const struct parse_type *t, const char *field)
{
	const char *const	*f;

	for (f = t->fields; f != NULL && *f != NULL; f++)
		if (strcmp(*f, field) == 0)
			return true;
	return false;
}

static void
parse_common(struct parse *p, const struct parse_type *t, struct state *state,
    json_t *object)
{
	int	 sees = t->has_retry ? QUERY_RESULT : 0;

	parse_value_string(p, object, "Comment");
	if (t->flows) {
		parse_value_path(p, object, "InputPath", &state->input_path);
		parse_value_path(p, object, "OutputPath", &state->output_path);
	}
	if (t->has_result) {
		parse_value_result_path(p, object, &state->result_path);
		if (state->type != STATE_MAP)
			state->parameters =
			    parse_value_template(p, object, "Parameters");
	}
	if (t->has_retry) {
		state->result_selector =
		    parse_value_template(p, object, "ResultSelector");
		parse_retry(p, state, object);
		parse_catch(p, state, object);
	}
	if (t->flows)
		state->output = parse_query(p, object, "Output", sees);
	if (has_field(t, "Arguments"))
		state->arguments = parse_query(p, object, "Arguments", 0);
	if (t->has_assign)
		parse_assign(p, object, sees, &state->assign,
		    &state->assignment);
	if (t->has_next)
		parse_next(p, state, object);
}

static int
by_name(const void *a, const void *b)
{
	const char	*const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* The variables that the state reads go into variable_references. */
static void
note_variables(struct parse *p, const char *state)
{
	size_t		  n = json_object_size(p->variables), i = 0;
	const char	 *name, **names;
	json_t		 *value, *list;

	if (n == 0)
		return;
	names = xcalloc(n, sizeof *names);
	json_object_foreach(p->variables, name, value)
		names[i++] = name;
	qsort(names, n, sizeof *names, by_name);
	list = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(list, json_string(names[i]));
	json_object_set_new(p->machine->variable_references, state, list);
	free(names);
}

struct state *
parse_state(struct parse *p, const char *name, json_t *object)
{
	const struct parse_type	*t;
	struct state		*state;
	json_t			*outer_variables = p->variables;
	size_t			 outer_at = p->state_at;
	bool			 outer_jsonata = p->jsonata, mixed = false;

	state = xcalloc(1, sizeof *state);
	state->name = xstrdup(name);
	state->location = xstrdup(parse_where(p));
	state->type = STATE_SUCCEED;	/* has nothing to free */
	if (!json_is_object(object)) {
		parse_error(p, NULL, "Expected value of type Object");
		p->block->broken = true;
		return state;
	}
	p->variables = json_object();
	p->state_at = p->where.len;
	parse_language(p, object, &mixed);
	state->jsonata = p->jsonata;
	t = find_type(p, object, state);
	if (t == NULL)
		p->block->broken = true;
	else {
		if (!mixed)
			check_fields(p, t, object);
		parse_common(p, t, state, object);
		if (t->parse != NULL)
			t->parse(p, state, object);
		note_variables(p, name);
	}
	json_decref(p->variables);
	p->variables = outer_variables;
	p->jsonata = outer_jsonata;
	p->state_at = outer_at;
	return state;
}
