/*
 * asl/jsonpath_eval.c - a compiled JSONPath walks over a document.
 *
 * The walk is that of Jayway JsonPath 2.0.0 over Jackson's nodes.  What a
 * missing node means depends on what stands before it; the rules are in
 * asl/README.md, and each is told by one function here:
 *
 *	missing_name()	the last name, or one after definite steps only, fails;
 *			otherwise the candidate is dropped
 *	visit_wildcard() swallows what is missing below elements of an array,
 *			but not below members of an object
 *	visit_index()	an index past the end is a null, not a failure
 *
 * Invariants: the document is never changed; every node looked at costs one
 * of the run's budget; recursion is as deep as the document and the path.
 */

#include <string.h>

#include "jsonpath_impl.h"
#include "jsontext.h"

/* How we came here, for the texts of errors; lives on the stack. */
struct trail {
	const struct trail	*up;
	const char		*name;	/* or NULL: an index */
	json_int_t		 index;
};

static int visit(struct path_run *, size_t i, json_t *, const struct trail *);

static void
print_trail(const struct trail *t, struct strbuf *b)
{
	if (t == NULL) {
		strbuf_addc(b, '$');
		return;
	}
	print_trail(t->up, b);
	if (t->name != NULL) {
		strbuf_adds(b, "['");
		strbuf_adds(b, t->name);
		strbuf_adds(b, "']");
	} else
		strbuf_addf(b, "[%lld]", (long long)t->index);
}

static void
print_numbers(const struct path_step *s, struct strbuf *b)
{
	size_t	 i;

	for (i = 0; i < s->n; i++)
		strbuf_addf(b, i == 0 ? "%d" : ",%d", s->numbers[i]);
}

static void
print_step(const struct path_step *s, struct strbuf *b)
{
	size_t	 i;

	if (s->kind == STEP_SCAN) {
		strbuf_adds(b, "..");
		return;
	}
	strbuf_addc(b, '[');
	switch (s->kind) {
	case STEP_NAMES:
		for (i = 0; i < s->n; i++)
			strbuf_addf(b, i == 0 ? "'%s'" : ", '%s'", s->names[i]);
		break;
	case STEP_INDICES:
		print_numbers(s, b);
		break;
	case STEP_LAST:
		strbuf_addf(b, "@.size()%d", s->numbers[0]);
		break;
	case STEP_FROM:
		strbuf_addf(b, "%d:", s->numbers[0]);
		break;
	case STEP_TO:
		strbuf_addf(b, ":%d", s->numbers[0]);
		break;
	case STEP_BETWEEN:
		strbuf_addf(b, "%d:%d", s->numbers[0], s->numbers[1]);
		break;
	case STEP_WILDCARD:
		strbuf_addc(b, '*');
		break;
	case STEP_FILTER:
		strbuf_addc(b, '?');
		break;
	case STEP_SCAN:
		break;
	}
	strbuf_addc(b, ']');
}

void
jsonpath_print_steps(const struct jsonpath *path, size_t i, struct strbuf *b)
{
	for (; i < path->n; i++)
		print_step(&path->steps[i], b);
}

/* "<before><the way to the node><after>"; before may be "". */
static int
missing(struct path_run *run, const char *before, const struct trail *t,
    const char *name, const char *after)
{
	struct strbuf	 b = STRBUF_INIT;

	run->missing = true;
	if (run->quiet > 0)
		return -1;
	strbuf_adds(&b, before);
	print_trail(t, &b);
	if (name != NULL)
		strbuf_addf(&b, "['%s']", name);
	strbuf_adds(&b, after);
	err_set(run->e, "PathNotFound", "%s", strbuf_str(&b));
	strbuf_free(&b);
	return -1;
}

static int
budget(struct path_run *run)
{
	if (--*run->budget >= 0)
		return 0;
	return err_set(run->e, "PathError",
	    "The path '%s' looks at too many nodes", run->path->text);
}

/* The step does not fit the node: an error that wildcards do not swallow. */
static int
misapplied(struct path_run *run, size_t i, json_t *node, const char *what)
{
	struct strbuf	 b;

	strbuf_init(&b, 4096);
	strbuf_adds(&b, "Filter: ");
	jsonpath_print_steps(run->path, i, &b);
	strbuf_adds(&b, what);
	if (json_is_string(node))
		strbuf_add(&b, json_string_value(node),
		    json_string_length(node));
	else
		jsontext_print(node, &b);
	err_set(run->e, "PathError", "%s", strbuf_str(&b));
	strbuf_free(&b);
	return -1;
}

/* Goes on with the step after i, or takes the node as a hit. */
static int
next(struct path_run *run, size_t i, json_t *node, const struct trail *t)
{
	if (i + 1 < run->path->n)
		return visit(run, i + 1, node, t);
	if (run->hits != NULL)
		json_array_append(run->hits, node);
	else
		run->value = json_incref(node);
	return 0;
}

/* All steps before the i-th lead to one node. */
static bool
definite_before(const struct jsonpath *path, size_t i)
{
	size_t	 k;

	if (path->definite)
		return true;
	for (k = 0; k < i; k++)
		if (path->steps[k].kind != STEP_NAMES &&
		    path->steps[k].kind != STEP_LAST &&
		    (path->steps[k].kind != STEP_INDICES ||
		    path->steps[k].n != 1))
			return false;
	return true;
}

static int
missing_name(struct path_run *run, size_t i, const struct trail *t)
{
	const char	*name = run->path->steps[i].names[0];

	if (i + 1 == run->path->n)
		return missing(run, "No results for path: ", t, name, "");
	if (definite_before(run->path, i))
		return missing(run, "Missing property in path ", t, name, "");
	return 0;
}

static int
visit_names(struct path_run *run, size_t i, json_t *node,
    const struct trail *t)
{
	const struct path_step	*s = &run->path->steps[i];
	struct trail		 here = { t, NULL, 0 };
	struct strbuf		 b = STRBUF_INIT;
	json_t			*v;
	size_t			 k;
	int			 rc;

	if (!json_is_object(node)) {
		strbuf_adds(&b, "Property ");
		print_step(s, &b);
		strbuf_adds(&b, " not found in path ");
		rc = missing(run, strbuf_str(&b), t, NULL, "");
		strbuf_free(&b);
		return rc;
	}
	if (s->n == 1) {
		if ((v = json_object_get(node, s->names[0])) == NULL)
			return missing_name(run, i, t);
		here.name = s->names[0];
		return next(run, i, v, &here);
	}
	v = json_object();
	for (k = 0; k < s->n; k++)
		if (json_object_get(node, s->names[k]) != NULL)
			json_object_set_nocheck(v, s->names[k],
			    json_object_get(node, s->names[k]));
	rc = next(run, i, v, t);
	json_decref(v);
	return rc;
}

/* One element; none there is a null. */
static int
visit_index(struct path_run *run, size_t i, json_t *array, json_int_t index,
    const struct trail *t)
{
	struct trail	 here = { t, NULL, index };
	json_t		*v = NULL;

	if (budget(run) == -1)
		return -1;
	if (index >= 0)
		v = json_array_get(array, (size_t)index);
	run->past_end = v == NULL && i + 1 == run->path->n;
	return next(run, i, v == NULL ? json_null() : v, &here);
}

static int
visit_range(struct path_run *run, size_t i, json_t *array, json_int_t from,
    json_int_t to, const struct trail *t)
{
	for (; from < to; from++)
		if (visit_index(run, i, array, from, t) == -1)
			return -1;
	return 0;
}

static int
visit_array(struct path_run *run, size_t i, json_t *node,
    const struct trail *t)
{
	const struct path_step	*s = &run->path->steps[i];
	json_int_t		 len = (json_int_t)json_array_size(node), a, b;
	size_t			 k;

	if (json_is_null(node))
		return missing(run, "The path ", t, NULL, " is null");
	if (!json_is_array(node))
		return misapplied(run, i, node, " can only be applied to "
		    "arrays. Current context is: ");
	a = s->numbers[0];
	if (s->kind == STEP_LAST)
		return visit_index(run, i, node, len + a, t);
	if (s->kind == STEP_INDICES) {
		for (k = 0; k < s->n; k++)
			if (visit_index(run, i, node, s->numbers[k], t) == -1)
				return -1;
		return 0;
	}
	if (s->kind == STEP_FROM) {
		a = a < 0 ? len + a : a;
		return visit_range(run, i, node, a < 0 ? 0 : a, len, t);
	}
	if (s->kind == STEP_TO) {
		a = a < 0 ? len + a : a;
		return visit_range(run, i, node, 0, a < len ? a : len, t);
	}
	/* From a to b: negative ends are not counted from the end here. */
	b = s->numbers[1];
	return len == 0 ? 0 :
	    visit_range(run, i, node, a, b < len ? b : len, t);
}

/* What is missing below an element of a wildcard is no failure. */
static int
swallow(struct path_run *run, int rc)
{
	if (rc == -1 && run->missing) {
		run->missing = false;
		return 0;
	}
	return rc;
}

static int
visit_wildcard(struct path_run *run, size_t i, json_t *node,
    const struct trail *t)
{
	struct trail	 here = { t, NULL, 0 };
	json_t		*v;
	size_t		 k;
	int		 rc = 0;

	if (json_is_object(node)) {
		json_object_foreach(node, here.name, v)
			if (budget(run) == -1 || next(run, i, v, &here) == -1)
				return -1;
		return 0;
	}
	run->quiet++;
	if (json_is_array(node))
		for (k = 0; rc == 0 && k < json_array_size(node); k++)
			rc = swallow(run, visit_index(run, i, node,
			    (json_int_t)k, t));
	run->quiet--;
	return rc;
}

static int
visit_filter(struct path_run *run, size_t i, json_t *node,
    const struct trail *t)
{
	const struct filter	*f = run->path->steps[i].filter;
	size_t			 k;
	bool			 match;

	if (json_is_object(node)) {
		if (jsonpath_filter_test(f, node, run, &match) == -1)
			return -1;
		return match ? next(run, i, node, t) : 0;
	}
	if (!json_is_array(node))
		return misapplied(run, i, node, " can not be applied to "
		    "primitives. Current context is: ");
	for (k = 0; k < json_array_size(node); k++) {
		if (budget(run) == -1 || jsonpath_filter_test(f,
		    json_array_get(node, k), run, &match) == -1)
			return -1;
		if (match && visit_index(run, i, node, (json_int_t)k, t) == -1)
			return -1;
	}
	return 0;
}

/* Does the step that a scan looks for apply to this object or array? */
static int
scan_matches(struct path_run *run, const struct path_step *s, json_t *node,
    bool *match)
{
	size_t	 k;

	*match = false;
	switch (s->kind) {
	case STEP_NAMES:
		*match = json_is_object(node);
		for (k = 0; *match && k < s->n; k++)
			*match = json_object_get(node, s->names[k]) != NULL;
		return 0;
	case STEP_WILDCARD:
		*match = true;
		return 0;
	case STEP_FILTER:
		return jsonpath_filter_test(s->filter, node, run, match);
	case STEP_INDICES:
	case STEP_LAST:
	case STEP_FROM:
	case STEP_TO:
	case STEP_BETWEEN:
		*match = json_is_array(node);
		return 0;
	case STEP_SCAN:
		break;
	}
	return 0;
}

/*
 * An array that matches and is not the end of the path: Jayway then applies
 * the step after to each element, whatever the index or slice said.
 */
static int
scan_array(struct path_run *run, size_t i, json_t *node, const struct trail *t)
{
	struct trail	 here = { t, NULL, 0 };
	size_t		 k;

	if (i + 1 == run->path->n)
		return visit(run, i, node, t);
	for (k = 0; k < json_array_size(node); k++) {
		here.index = (json_int_t)k;
		if (next(run, i, json_array_get(node, k), &here) == -1)
			return -1;
	}
	return 0;
}

/* ".." before step i: the node itself, then what is below it, in order. */
static int
scan(struct path_run *run, size_t i, json_t *node, const struct trail *t)
{
	struct trail	 here = { t, NULL, 0 };
	json_t		*v;
	size_t		 k;
	bool		 match;

	if (budget(run) == -1)
		return -1;
	if (!json_is_object(node) && !json_is_array(node))
		return 0;
	if (scan_matches(run, &run->path->steps[i], node, &match) == -1)
		return -1;
	if (match && (json_is_array(node) ? scan_array(run, i, node, t) :
	    visit(run, i, node, t)) == -1)
		return -1;
	if (json_is_object(node)) {
		json_object_foreach(node, here.name, v)
			if (scan(run, i, v, &here) == -1)
				return -1;
		return 0;
	}
	for (k = 0; k < json_array_size(node); k++) {
		here.index = (json_int_t)k;
		if (scan(run, i, json_array_get(node, k), &here) == -1)
			return -1;
	}
	return 0;
}

static int
visit(struct path_run *run, size_t i, json_t *node, const struct trail *t)
{
	if (budget(run) == -1)
		return -1;
	switch (run->path->steps[i].kind) {
	case STEP_NAMES:
		return visit_names(run, i, node, t);
	case STEP_INDICES:
	case STEP_LAST:
	case STEP_FROM:
	case STEP_TO:
	case STEP_BETWEEN:
		return visit_array(run, i, node, t);
	case STEP_WILDCARD:
		return visit_wildcard(run, i, node, t);
	case STEP_FILTER:
		return visit_filter(run, i, node, t);
	case STEP_SCAN:
		return scan(run, i + 1, node, t);
	}
	return -1;
}

int
jsonpath_run(struct path_run *run, json_t *document)
{
	int	 rc;

	run->missing = run->past_end = false;
	run->value = NULL;
	run->hits = run->path->definite ? NULL : json_array();
	if (run->path->n == 0) {
		run->value = json_incref(document);
		return 0;
	}
	rc = visit(run, 0, document, NULL);
	if (rc == -1) {
		json_decref(run->hits);
		json_decref(run->value);
		run->hits = run->value = NULL;
	}
	return rc;
}

static json_t *
document_of(const struct jsonpath *path, const struct scope *scope,
    struct err *e)
{
	struct payload	*p = NULL;
	json_t		*context;

	switch (path->root) {
	case PATH_VARIABLE:
		if (scope->vars != NULL)
			p = vars_get(scope->vars, path->variable,
			    strlen(path->variable));
		if (p == NULL)
			err_set(e, "PathNotFound",
			    "Variable '$%s' is not defined", path->variable);
		return p == NULL ? NULL : payload_json(p);
	case PATH_CONTEXT:
		context = scope->context == NULL ? NULL :
		    scope->context(scope->context_arg);
		return context == NULL ? json_null() : context;
	case PATH_INPUT:
	case PATH_CURRENT:
		break;
	}
	return payload_json(scope->input);
}

int
jsonpath_eval_end(const struct jsonpath *path, struct scope *scope,
    json_t **out, bool *past_end, struct err *e)
{
	int64_t		 given = SCOPE_WORK_MAX - scope->work, left;
	struct path_run	 run = { .path = path, .budget = &left, .e = e };
	int		 rc;

	if ((run.root = document_of(path, scope, e)) == NULL)
		return -1;
	run.quiet = e == NULL;
	given = left = given > JSONPATH_BUDGET ? JSONPATH_BUDGET : given;
	rc = jsonpath_run(&run, run.root);
	scope->work += given - left + 1;
	if (rc == -1)
		return -1;
	*past_end = path->definite && run.past_end;
	*out = path->definite ? run.value : run.hits;
	return 0;
}

int
jsonpath_eval_field(const struct jsonpath *path, struct scope *scope,
    json_t **out, bool *past_end, struct err *e)
{
	if (path->root == PATH_INPUT && json_is_null(payload_json(scope->input)))
		return err_set(e, "NullInput", "Unable to apply Path "
		    "transformation to null or empty input.");
	return jsonpath_eval_end(path, scope, out, past_end, e);
}

int
jsonpath_eval(const struct jsonpath *path, const struct scope *scope,
    json_t **out, struct err *e)
{
	struct scope	 own = *scope;
	bool		 past_end;

	own.work = 0;
	return jsonpath_eval_end(path, &own, out, &past_end, e);
}

int
jsonpath_eval_payload(const struct jsonpath *path, const struct scope *scope,
    struct payload **out, struct err *e)
{
	struct payload	*p = NULL;
	json_t		*json;

	if (path->n == 0 && path->root == PATH_INPUT)
		p = scope->input;
	else if (path->n == 0 && path->root == PATH_VARIABLE &&
	    scope->vars != NULL)
		p = vars_get(scope->vars, path->variable,
		    strlen(path->variable));
	if (p != NULL) {
		*out = payload_ref(p);
		return 0;
	}
	if (jsonpath_eval(path, scope, &json, e) == -1)
		return -1;
	/* Hits may lie inside each other, so they can print far longer. */
	*out = path->definite ? payload_from_json(json) :
	    payload_print(json, JSONTEXT_PRINT_MAX);
	if (*out == NULL)
		return err_set(e, "PathError",
		    "What the path '%s' finds is too large", path->text);
	return 0;
}
