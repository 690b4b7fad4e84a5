/*
 * asl/parse_choice.c - Choice: rules tried in order, and a Default.
 *
 * The conditions themselves are choice.c's.
 */

#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "xmalloc.h"

#define RULE_DEPTH_MAX 100

static const char *const fields[] = { "Choices", "Default", NULL };
static const char *const required[] = { "Choices", NULL };
static const char *const rule_required[] = { "Next", NULL };

/* What a rule may have besides an operator; only the outermost has Next. */
static const char *const rule_fields[] = { "Next", "Assign", "Output",
	"Comment", "Condition", "Variable", "And", "Or", "Not", NULL };
static const char *const inner_fields[] = { "Comment", "Variable", "And", "Or",
	"Not", NULL };
static const char *const kinds[] = { "And", "Or", "Not", "Variable",
	"Condition", NULL };

/* Unknown fields and the kind of a rule and of those in it. */
static bool
check_rule(struct parse *p, json_t *rule, const char *const *own, int depth)
{
	size_t		 i, mark, inner, n = 0, errors = p->findings->errors;
	json_t		*list, *item;

	if (!json_is_object(rule) || depth > RULE_DEPTH_MAX)
		return true;	/* choice.c has a word for these */
	parse_fields(p, rule, own, p->jsonata ? NULL : choice_operators);
	for (i = 0; kinds[i] != NULL; i++)
		n += json_object_get(rule, kinds[i]) != NULL;
	if (n != 1 && p->findings->errors == errors)
		parse_error(p, NULL, "The object must have only one of the "
		    "following fields, [And, Or, Not, Variable, Condition]");
	for (i = 0; i < 2; i++) {
		mark = parse_enter(p, kinds[i]);
		list = json_object_get(rule, kinds[i]);
		json_array_foreach(list, n, item) {
			inner = parse_enter_item(p, n);
			check_rule(p, item, inner_fields, depth + 1);
			parse_leave(p, inner);
		}
		parse_leave(p, mark);
	}
	mark = parse_enter(p, "Not");
	check_rule(p, json_object_get(rule, "Not"), inner_fields, depth + 1);
	parse_leave(p, mark);
	return p->findings->errors == errors;
}

/* An operand that looks like a path, under an operator that takes a text. */
static void
warn_paths(struct parse *p, json_t *rule)
{
	const char *const	*op;
	const char		*s;
	char			*hint;

	for (op = choice_operators; *op != NULL; op++) {
		s = json_string_value(json_object_get(rule, *op));
		if (s == NULL || strncmp(s, "$.", 2) != 0 ||
		    strlen(*op) < 4 ||
		    strcmp(*op + strlen(*op) - 4, "Path") == 0)
			continue;
		hint = xasprintf("%sPath compares with what a path leads to",
		    *op);
		parse_warning(p, "NO_PATH", *op, hint,
		    "The value of '%s' looks like a path, but the name of the "
		    "field does not end in 'Path'", *op);
		free(hint);
	}
}

static void
parse_condition(struct parse *p, struct choice_branch *branch, json_t *rule)
{
	struct err	 e = ERR_INIT;
	char		*where = NULL, *location;

	if (!check_rule(p, rule, rule_fields, 0))
		return;
	if (p->jsonata) {
		branch->condition = parse_query_typed(p, rule, "Condition",
		    JSON_TRUE);
		return;
	}
	branch->rule = choice_compile(rule, &where, &e);
	if (branch->rule != NULL) {
		choice_variables(branch->rule, parse_value_variable, p);
		warn_paths(p, rule);
	} else {
		location = xasprintf("%s%s", parse_where(p),
		    where != NULL ? where : "");
		findings_add(p->findings, false, "SCHEMA_VALIDATION_FAILED",
		    location, NULL, "%s", e.text);
		free(location);
	}
	free(where);
	err_clear(&e);
}

static void
parse_rule(struct parse *p, struct choice_branch *branch, json_t *rule)
{
	if (!json_is_object(rule)) {
		parse_error(p, NULL, "Expected value of type Object");
		p->block->broken = true;
		return;
	}
	if (!parse_fields_required(p, rule, rule_required))
		p->block->broken = true;
	parse_block_target(p, rule, "Next", &branch->next);
	parse_condition(p, branch, rule);
	parse_assign(p, rule, 0, &branch->assign, &branch->assignment);
	branch->output = parse_query(p, rule, "Output", 0);
	parse_value_string(p, rule, "Comment");
}

static void
parse_choice(struct parse *p, struct state *state, json_t *object)
{
	json_t	*list, *rule;
	size_t	 i, mark, inner;

	parse_block_target(p, object, "Default", &state->u.choice.otherwise);
	if (json_object_get(object, "Default") == NULL)
		parse_warning(p, "NO_DEFAULT", NULL,
		    "add a Default for what no rule matches",
		    "Without a Default the execution fails with "
		    "States.NoChoiceMatched when no rule matches");
	if (!parse_fields_required(p, object, required)) {
		p->block->broken = true;
		return;
	}
	list = parse_value_typed(p, object, "Choices", JSON_ARRAY);
	if (list == NULL || json_array_size(list) == 0) {
		if (list != NULL)
			parse_error(p, "Choices", "Value cannot be empty");
		p->block->broken = true;
		return;
	}
	/* Links point into the array: it must not move. */
	state->u.choice.branches = xcalloc(json_array_size(list),
	    sizeof *state->u.choice.branches);
	state->u.choice.nbranches = json_array_size(list);
	mark = parse_enter(p, "Choices");
	json_array_foreach(list, i, rule) {
		inner = parse_enter_item(p, i);
		parse_rule(p, &state->u.choice.branches[i], rule);
		parse_leave(p, inner);
	}
	parse_leave(p, mark);
}

const struct parse_type parse_choice_type = {
	.fields = fields, .flows = true, .has_assign = true,
	.parse = parse_choice,
};
