/*
 * asl/choice.c - the rules of a Choice state: read once, asked often.
 *
 * A rule is And, Or, Not, or one comparison of a Variable.  The comparison
 * operators are one table (choice_impl.h); how values compare is in
 * choice_compare.c.  To add an operator: a line in the table, a case in
 * choice_compare.c, cases in tests/data/choice.test.
 */

#include "choice.h"

#include <stdlib.h>
#include <string.h>

#include "choice_impl.h"
#include "jsontext.h"
#include "xmalloc.h"

static const struct operator operators[] = {
#define X(name, family, order) \
	{ name, family, order, false }, { name "Path", family, order, true },
	CHOICE_ORDERED(X)
#undef X
#define X(name, family) { name, family, ORDER_EQ, false },
	CHOICE_TESTS(X)
#undef X
};

const char *const choice_operators[] = {
#define X(name, family, order) name, name "Path",
	CHOICE_ORDERED(X)
#undef X
#define X(name, family) name,
	CHOICE_TESTS(X)
#undef X
	NULL
};

struct choice_rule {
	enum { RULE_AND, RULE_OR, RULE_NOT, RULE_COMPARE } kind;
	struct choice_rule	**rules;
	size_t			  n;
	struct comparison	  comparison;
};

struct compiler {
	struct strbuf	 where;
	struct err	*e;
};

static struct choice_rule *compile(struct compiler *, json_t *, int depth);

static const struct operator *
find_operator(const char *name)
{
	size_t	 i;

	for (i = 0; i < sizeof operators / sizeof operators[0]; i++)
		if (strcmp(operators[i].name, name) == 0)
			return &operators[i];
	return NULL;
}

void
choice_free(struct choice_rule *rule)
{
	size_t	 i;

	if (rule == NULL)
		return;
	for (i = 0; i < rule->n; i++)
		choice_free(rule->rules[i]);
	free(rule->rules);
	choice_compare_clear(&rule->comparison);
	free(rule);
}

static int
invalid(struct compiler *c, const char *field, const char *text)
{
	if (field != NULL)
		strbuf_addf(&c->where, "/%s", field);
	return err_set(c->e, "SCHEMA_VALIDATION_FAILED", "%s", text);
}

/* Adds to the location; cut back to the returned length when done. */
static size_t
enter(struct compiler *c, const char *field, size_t index, bool indexed)
{
	size_t	 len = c->where.len;

	strbuf_addf(&c->where, "/%s", field);
	if (indexed)
		strbuf_addf(&c->where, "[%zu]", index);
	return len;
}

static void
leave(struct compiler *c, size_t len)
{
	c->where.len = len;
	c->where.data[len] = '\0';
}

static int
compile_list(struct compiler *c, const char *field, json_t *list,
    struct choice_rule *rule, int depth)
{
	size_t	 i, len;

	if (!json_is_array(list))
		return invalid(c, field, "Expected value of type Array");
	if (json_array_size(list) == 0)
		return invalid(c, field, "Value cannot be empty");
	rule->rules = xcalloc(json_array_size(list), sizeof *rule->rules);
	for (i = 0; i < json_array_size(list); i++) {
		len = enter(c, field, i, true);
		rule->rules[i] = compile(c, json_array_get(list, i), depth + 1);
		if (rule->rules[i] == NULL)
			return -1;
		rule->n++;
		leave(c, len);
	}
	return 0;
}

static int
compile_not(struct compiler *c, json_t *inner, struct choice_rule *rule,
    int depth)
{
	size_t	 len = enter(c, "Not", 0, false);

	rule->rules = xcalloc(1, sizeof *rule->rules);
	if ((rule->rules[0] = compile(c, inner, depth + 1)) == NULL)
		return -1;
	rule->n = 1;
	leave(c, len);
	return 0;
}

/* Type of a literal operand; sets the error's text when it is another. */
static int
check_literal(struct compiler *c, const struct operator *op, json_t *v)
{
	int64_t	 ms;

	switch (op->family) {
	case FAMILY_STRING:
	case FAMILY_MATCHES:
		return json_is_string(v) ? 0 : invalid(c, op->name,
		    "Expected value of type String");
	case FAMILY_NUMERIC:
		return json_is_number(v) ? 0 : invalid(c, op->name,
		    "Expected value of type Number");
	case FAMILY_TIMESTAMP:
		return json_is_string(v) && timestamp_parse(
		    json_string_value(v), json_string_length(v), &ms, NULL) ?
		    0 : invalid(c, op->name,
		    "String does not match RFC3339 timestamp");
	case FAMILY_BOOLEAN:
	case FAMILY_NULL:
	case FAMILY_PRESENT:
	case FAMILY_IS_NUMERIC:
	case FAMILY_IS_STRING:
	case FAMILY_IS_BOOLEAN:
	case FAMILY_IS_TIMESTAMP:
		break;
	}
	return json_is_boolean(v) ? 0 : invalid(c, op->name,
	    "Expected value of type Boolean");
}

static struct jsonpath *
compile_path(struct compiler *c, const char *field, json_t *v)
{
	struct jsonpath	*path = NULL;

	if (json_is_string(v))
		path = jsonpath_parse(json_string_value(v),
		    json_string_length(v), NULL);
	if (path == NULL)
		invalid(c, field, !json_is_string(v) ?
		    "Expected value of type String" :
		    json_string_value(v)[0] != '$' ?
		    "Value is not a Reference Path: Reference path didn't "
		    "start with '$'" : "Value is not a valid JSONPath");
	return path;
}

static int
compile_comparison(struct compiler *c, json_t *source,
    struct choice_rule *rule)
{
	struct comparison	*cmp = &rule->comparison;
	const struct operator	*op;
	json_t			*v, *variable = json_object_get(source,
				    "Variable");
	const char		*key;

	rule->kind = RULE_COMPARE;
	json_object_foreach(source, key, v) {
		if ((op = find_operator(key)) == NULL)
			continue;
		if (cmp->op != NULL)
			return invalid(c, NULL,
			    "A rule may have only one comparison operator");
		cmp->op = op;
		if (op->path) {
			cmp->operand_path = compile_path(c, key, v);
			if (cmp->operand_path == NULL)
				return -1;
		} else {
			if (check_literal(c, op, v) == -1)
				return -1;
			cmp->operand = json_incref(v);
		}
	}
	if (variable == NULL)
		return invalid(c, "Variable",
		    "The field 'Variable' is required but was missing");
	if ((cmp->variable = compile_path(c, "Variable", variable)) == NULL)
		return -1;
	if (cmp->op == NULL)
		return invalid(c, NULL,
		    "A rule must have a comparison operator");
	if (cmp->op->family == FAMILY_MATCHES)
		choice_compare_pattern(cmp);
	return 0;
}

static struct choice_rule *
compile(struct compiler *c, json_t *source, int depth)
{
	struct choice_rule	*rule;
	json_t			*and, *or, *not;
	int			 rc, kinds;

	if (depth > CHOICE_DEPTH_MAX) {
		invalid(c, NULL, "Rules nest too deep");
		return NULL;
	}
	if (!json_is_object(source)) {
		invalid(c, NULL, "Expected value of type Object");
		return NULL;
	}
	if (depth > 0 && json_object_get(source, "Next") != NULL) {
		invalid(c, "Next", "Field is not supported");
		return NULL;
	}
	and = json_object_get(source, "And");
	or = json_object_get(source, "Or");
	not = json_object_get(source, "Not");
	kinds = (and != NULL) + (or != NULL) + (not != NULL) +
	    (json_object_get(source, "Variable") != NULL);
	rule = xcalloc(1, sizeof *rule);
	rule->kind = and != NULL ? RULE_AND : or != NULL ? RULE_OR : RULE_NOT;
	if (kinds > 1)
		rc = invalid(c, NULL, "A rule may have only one of Variable, "
		    "And, Or and Not");
	else if (and != NULL)
		rc = compile_list(c, "And", and, rule, depth);
	else if (or != NULL)
		rc = compile_list(c, "Or", or, rule, depth);
	else if (not != NULL)
		rc = compile_not(c, not, rule, depth);
	else
		rc = compile_comparison(c, source, rule);
	if (rc == 0)
		return rule;
	choice_free(rule);
	return NULL;
}

struct choice_rule *
choice_compile(json_t *source, char **where, struct err *e)
{
	struct compiler		 c = { STRBUF_INIT, e };
	struct choice_rule	*rule = compile(&c, source, 0);

	if (where != NULL)
		*where = rule == NULL && c.where.len > 0 ?
		    strbuf_take(&c.where, NULL) : NULL;
	strbuf_free(&c.where);
	return rule;
}

void
choice_variables(const struct choice_rule *rule,
    void (*fn)(const char *name, void *arg), void *arg)
{
	const struct comparison	*cmp = &rule->comparison;
	size_t			 i;

	for (i = 0; i < rule->n; i++)
		choice_variables(rule->rules[i], fn, arg);
	if (cmp->variable != NULL && jsonpath_variable(cmp->variable) != NULL)
		fn(jsonpath_variable(cmp->variable), arg);
	if (cmp->operand_path != NULL &&
	    jsonpath_variable(cmp->operand_path) != NULL)
		fn(jsonpath_variable(cmp->operand_path), arg);
}

int
choice_eval(const struct choice_rule *rule, struct scope *scope, bool *matches,
    struct err *e)
{
	bool	 wanted = rule->kind == RULE_OR;
	size_t	 i;

	if (rule->kind == RULE_COMPARE)
		return choice_compare(&rule->comparison, scope, matches, e);
	for (i = 0; i < rule->n; i++) {
		if (choice_eval(rule->rules[i], scope, matches, e) == -1)
			return -1;
		if (rule->kind == RULE_NOT) {
			*matches = !*matches;
			return 0;
		}
		if (*matches == wanted)
			return 0;	/* the others are not looked at */
	}
	*matches = !wanted;
	return 0;
}
