/*
 * asl/parse_value.c - the values of fields: numbers, paths, templates.
 *
 * Wordings are those of the real service.  Paths and templates note the
 * variables that they read; they become variableReferences.
 */

#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "xmalloc.h"

static const char *
type_name(json_type type)
{
	switch (type) {
	case JSON_OBJECT:
		return "Object";
	case JSON_ARRAY:
		return "Array";
	case JSON_STRING:
		return "String";
	case JSON_INTEGER:
		return "Integer";
	case JSON_REAL:
		return "Number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "Boolean";
	case JSON_NULL:
		break;
	}
	return "Null";
}

json_t *
parse_value_typed(struct parse *p, json_t *object, const char *field,
    json_type type)
{
	json_t	*v = json_object_get(object, field);

	if (v == NULL || json_typeof(v) == type ||
	    (type == JSON_TRUE && json_is_boolean(v)))
		return v;
	parse_error(p, field, "Expected value of type %s", type_name(type));
	return NULL;
}

const char *
parse_value_string(struct parse *p, json_t *object, const char *field)
{
	json_t	*v = parse_value_typed(p, object, field, JSON_STRING);

	return v != NULL ? json_string_value(v) : NULL;
}

bool
parse_value_integer(struct parse *p, json_t *object, const char *field,
    int64_t min, int64_t max, int64_t *value)
{
	json_t	*v = json_object_get(object, field);
	int64_t	 n;

	if (p->jsonata && query_is_expression(v))
		return false;
	v = parse_value_typed(p, object, field, JSON_INTEGER);
	if (v == NULL)
		return false;
	n = json_integer_value(v);
	if (n < min)
		parse_error(p, field, "Minimum value is %lld", (long long)min);
	else if (n > max)
		parse_error(p, field, "Maximum value is %lld", (long long)max);
	else {
		*value = n;
		return true;
	}
	return false;
}

bool
parse_value_real(struct parse *p, json_t *object, const char *field,
    double min, double max, double *value)
{
	json_t	*v = json_object_get(object, field);
	double	 n;

	if (v == NULL || (p->jsonata && query_is_expression(v)))
		return false;
	if (!json_is_number(v)) {
		parse_error(p, field, "Expected value of type Number");
		return false;
	}
	n = json_number_value(v);
	if (n < min)
		parse_error(p, field, "Minimum value is %.1f", min);
	else if (n > max)
		parse_error(p, field, "Maximum value is %.1f", max);
	else {
		*value = n;
		return true;
	}
	return false;
}

int
parse_value_choice(struct parse *p, json_t *object, const char *field,
    const char *const *values)
{
	struct strbuf	 list = STRBUF_INIT;
	const char	*s = parse_value_string(p, object, field);
	int		 i;

	if (s == NULL)
		return -1;
	for (i = 0; values[i] != NULL; i++) {
		if (strcmp(values[i], s) == 0) {
			strbuf_free(&list);
			return i;
		}
		strbuf_addf(&list, "%s%s", i > 0 ? ", " : "", values[i]);
	}
	parse_error(p, field, "Value should be one of the following: [%s]",
	    strbuf_str(&list));
	strbuf_free(&list);
	return -1;
}

void
parse_value_variable(const char *name, void *arg)
{
	struct parse	*p = arg;

	json_object_set_new(p->variables, name, json_true());
}

/* Compiles a path; the finding is worded by the caller, by *e. */
static struct jsonpath *
compile(struct parse *p, json_t *v, struct err *e)
{
	struct jsonpath	*path;

	path = jsonpath_parse(json_string_value(v), json_string_length(v), e);
	if (path != NULL && jsonpath_variable(path) != NULL)
		parse_value_variable(jsonpath_variable(path), p);
	return path;
}

void
parse_value_path(struct parse *p, json_t *object, const char *field,
    struct path_field *f)
{
	struct err	 e = ERR_INIT;
	json_t		*v = json_object_get(object, field);

	if (v == NULL || p->jsonata)
		return;
	if (json_is_null(v)) {
		f->null = true;
		return;
	}
	v = parse_value_typed(p, object, field, JSON_STRING);
	if (v == NULL)
		return;
	f->path = compile(p, v, &e);
	if (f->path == NULL)
		parse_finding(p, false, "SCHEMA_VALIDATION_FAILED", field,
		    e.text, "Value must be a valid JSONPath.");
	err_clear(&e);
}

/* variables and context: whether the path may start there. */
static struct jsonpath *
reference(struct parse *p, json_t *object, const char *field, bool variables,
    bool context)
{
	struct jsonpath	*path;
	struct err	 e = ERR_INIT;
	json_t		*v;

	if (p->jsonata)
		return NULL;
	v = parse_value_typed(p, object, field, JSON_STRING);
	if (v == NULL)
		return NULL;
	path = compile(p, v, &e);
	if (path != NULL && jsonpath_is_reference(path) &&
	    (variables || jsonpath_variable(path) == NULL) &&
	    (context || !jsonpath_is_context(path)))
		return path;
	if (path == NULL && json_string_value(v)[0] != '$')
		parse_error(p, field, "Value is not a Reference Path: "
		    "Reference path didn't start with '$'");
	else
		parse_finding(p, false, "SCHEMA_VALIDATION_FAILED", field,
		    path == NULL ? e.text :
		    "only names and single indices lead to one place, as in "
		    "$.order.lines[0]", "Value is not a Reference Path");
	jsonpath_free(path);
	err_clear(&e);
	return NULL;
}

struct jsonpath *
parse_value_reference(struct parse *p, json_t *object, const char *field,
    bool context)
{
	return reference(p, object, field, true, context);
}

void
parse_value_result_path(struct parse *p, json_t *object, struct path_field *f)
{
	if (p->jsonata)
		return;
	if (json_is_null(json_object_get(object, "ResultPath")))
		f->null = true;
	else
		f->path = reference(p, object, "ResultPath", false, false);
}

void
parse_value_number(struct parse *p, json_t *object, const char *field,
    const char *path_field, int64_t min, int64_t max, struct number_field *f)
{
	const char *const	 both[] = { field, path_field, NULL };

	parse_fields_one(p, object, both, false);
	f->set = parse_value_integer(p, object, field, min, max, &f->value);
	f->query = parse_query_expression(p, object, field);
	f->path = parse_value_reference(p, object, path_field, true);
}

static void
bad_template(struct parse *p, json_t *source, const char *field,
    const char *bad_key, const struct err *e)
{
	struct finding	*f;
	const char	*reason;
	char		*hint = NULL;

	if (bad_key == NULL) {
		parse_error(p, field, "%s", e->text);
		return;
	}
	/* "The value for ... function call (REASON)" */
	reason = strstr(e->text, "function call (");
	if (reason != NULL)
		hint = xstrndup(reason + 15, strlen(reason + 15) - 1);
	f = parse_finding(p, false, "SCHEMA_VALIDATION_FAILED", field, hint,
	    "The value for the field '%s' must be a valid JSONPath or a valid "
	    "intrinsic function call", bad_key);
	if (f != NULL && json_object_get(source, bad_key) != NULL)
		f->field = xstrdup(bad_key);
	free(hint);
}

/* A member whose value looks like a path, but is taken as text. */
static bool
is_literal_path(const char *key, json_t *value)
{
	const char	*s = json_string_value(value);
	size_t		 len = strlen(key);

	return s != NULL &&
	    (strncmp(s, "$.", 2) == 0 || strncmp(s, "$$.", 3) == 0) &&
	    !(len > 2 && strcmp(key + len - 2, ".$") == 0);
}

static void
warn_literal_paths(struct parse *p, json_t *v, int depth)
{
	const char	*key;
	size_t		 i, mark;
	json_t		*item;

	if (depth > 100)
		return;
	json_array_foreach(v, i, item) {
		mark = parse_enter_item(p, i);
		warn_literal_paths(p, item, depth + 1);
		parse_leave(p, mark);
	}
	json_object_foreach(v, key, item) {
		if (is_literal_path(key, item))
			parse_warning(p, "NO_DOLLAR", key,
			    "add '.$' to the name of the field", "The value of "
			    "'%s' looks like a path, but is taken as text",
			    key);
		mark = parse_enter(p, key);
		warn_literal_paths(p, item, depth + 1);
		parse_leave(p, mark);
	}
}

struct template *
parse_value_template(struct parse *p, json_t *object, const char *field)
{
	struct template	*t;
	struct err	 e = ERR_INIT;
	json_t		*source = json_object_get(object, field);
	char		*bad_key = NULL;
	size_t		 mark;

	if (source == NULL || p->jsonata)
		return NULL;
	t = template_compile(source, &bad_key, &e);
	if (t == NULL)
		bad_template(p, source, field, bad_key, &e);
	else
		template_variables(t, parse_value_variable, p);
	free(bad_key);
	err_clear(&e);
	mark = parse_enter(p, field);
	warn_literal_paths(p, source, 0);
	parse_leave(p, mark);
	return t;
}

void
parse_value_text(struct parse *p, json_t *object, const char *field,
    const char *path_field, struct string_field *f)
{
	const char *const	 both[] = { field, path_field, NULL };
	struct err		 e = ERR_INIT;
	const char		*s;
	json_t			*v;

	parse_fields_one(p, object, both, false);
	s = parse_value_string(p, object, field);
	f->query = parse_query_expression(p, object, field);
	if (s != NULL && !(p->jsonata &&
	    query_is_expression(json_object_get(object, field)))) {
		f->value = xstrdup(s);
		if (!p->jsonata && (strncmp(s, "$.", 2) == 0 ||
		    strncmp(s, "$$.", 3) == 0))
			parse_warning(p, "NO_PATH", field,
			    "a path goes into the field of that name with "
			    "'Path' at its end", "The value of '%s' looks like a path, but the name "
			    "of the field does not end in 'Path'", field);
	}
	v = parse_value_typed(p, object, path_field, JSON_STRING);
	if (v == NULL || p->jsonata)
		return;
	f->path = template_compile_string(path_field, json_string_value(v),
	    json_string_length(v), &e);
	if (f->path == NULL)
		parse_finding(p, false, "SCHEMA_VALIDATION_FAILED", path_field,
		    e.text, "The value for the field '%s' must be a valid "
		    "JSONPath or a valid intrinsic function call", path_field);
	else
		template_variables(f->path, parse_value_variable, p);
	err_clear(&e);
}
