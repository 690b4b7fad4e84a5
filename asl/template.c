/*
 * asl/template.c - payload templates: Parameters, ResultSelector, ItemSelector,
 * Assign.
 *
 * A template is compiled to nodes; parts of it that need no evaluation stay
 * the (frozen) trees of the definition and are shared with every result.
 */

#include "template.h"

#include <stdlib.h>
#include <string.h>

#include "intrinsic.h"
#include "jsonpath.h"
#include "jsonpath_impl.h"
#include "jsontext.h"
#include "xmalloc.h"

/* Nesting of a definition's fields inside a template. */
#define TEMPLATE_DEPTH_MAX 200

enum node_kind { NODE_CONSTANT, NODE_OBJECT, NODE_ARRAY, NODE_PATH,
	NODE_INTRINSIC };

struct node {
	enum node_kind		 kind;
	char			*field;		/* "value.$", for errors */
	char			*key;		/* "value", below an object */
	json_t			*constant;
	struct node		*list;
	size_t			 n;
	struct jsonpath		*path;
	struct intrinsic	*call;
};

struct template {
	struct node	 root;
	struct payload	*constant;	/* the result, when nothing varies */
};

struct compiler {
	char		**bad_key;
	struct err	 *e;
};

static int compile(struct compiler *, json_t *, struct node *, int depth);

static void
node_clear(struct node *n)
{
	size_t	 i;

	for (i = 0; i < n->n; i++)
		node_clear(&n->list[i]);
	free(n->list);
	free(n->field);
	free(n->key);
	json_decref(n->constant);
	jsonpath_free(n->path);
	intrinsic_free(n->call);
}

static struct node *
append(struct node *parent, const char *key, size_t len)
{
	struct node	*n;

	parent->list = xreallocarray(parent->list, parent->n + 1,
	    sizeof *parent->list);
	n = &parent->list[parent->n++];
	memset(n, 0, sizeof *n);
	if (key != NULL)
		n->key = xstrndup(key, len);
	return n;
}

/* A path or an intrinsic call. */
static int
compile_text(const char *text, size_t len, struct node *n, struct err *e)
{
	if (len > 0 && text[0] == '$') {
		n->kind = NODE_PATH;
		n->path = jsonpath_parse(text, len, e);
		return n->path == NULL ? -1 : 0;
	}
	n->kind = NODE_INTRINSIC;
	n->call = intrinsic_parse(text, len, e);
	return n->call == NULL ? -1 : 0;
}

static bool
is_dynamic(const char *key, size_t len)
{
	return len >= 2 && memcmp(key + len - 2, ".$", 2) == 0;
}

static int
compile_dynamic(struct compiler *c, const char *key, json_t *v, struct node *n)
{
	struct err	 inner = ERR_INIT;
	int		 rc;

	n->field = xstrdup(key);
	if (json_is_string(v))
		rc = compile_text(json_string_value(v), json_string_length(v),
		    n, &inner);
	else
		rc = err_set(&inner, "InvalidTemplate", "it is no string");
	if (rc == -1) {
		err_set(c->e, "InvalidTemplate", "The value for the field "
		    "'%s' must be a valid JSONPath or a valid intrinsic "
		    "function call (%s)", key, inner.text);
		if (c->bad_key != NULL)
			*c->bad_key = xstrdup(key);
	}
	err_clear(&inner);
	return rc;
}

static int
compile_object(struct compiler *c, json_t *source, struct node *n, int depth)
{
	const char	*key;
	char		*other;
	json_t		*v, *twin;
	size_t		 len;
	int		 rc = 0;

	n->kind = NODE_OBJECT;
	json_object_foreach(source, key, v) {
		len = strlen(key);
		if (!is_dynamic(key, len)) {
			rc = compile(c, v, append(n, key, len), depth);
		} else {
			other = xstrndup(key, len - 2);
			twin = json_object_get(source, other);
			free(other);
			rc = twin == NULL ? compile_dynamic(c, key, v,
			    append(n, key, len - 2)) :
			    err_set(c->e, "InvalidTemplate", "The field '%s' "
			    "stands beside a field of the same name without "
			    "'.$'", key);
		}
		if (rc == -1)
			return -1;
	}
	return 0;
}

/* A node whose parts are all constant is one constant. */
static void
fold(struct node *n, json_t *source)
{
	size_t	 i;

	for (i = 0; i < n->n; i++)
		if (n->list[i].kind != NODE_CONSTANT)
			return;
	for (i = 0; i < n->n; i++)
		node_clear(&n->list[i]);
	free(n->list);
	n->list = NULL;
	n->n = 0;
	n->kind = NODE_CONSTANT;
	n->constant = json_incref(source);
}

static int
compile(struct compiler *c, json_t *source, struct node *n, int depth)
{
	size_t	 i;

	if (depth == TEMPLATE_DEPTH_MAX)
		return err_set(c->e, "InvalidTemplate",
		    "A template may nest at most %d levels",
		    TEMPLATE_DEPTH_MAX);
	if (json_is_object(source)) {
		if (compile_object(c, source, n, depth + 1) == -1)
			return -1;
	} else if (json_is_array(source)) {
		n->kind = NODE_ARRAY;
		for (i = 0; i < json_array_size(source); i++)
			if (compile(c, json_array_get(source, i),
			    append(n, NULL, 0), depth + 1) == -1)
				return -1;
	}
	fold(n, source);
	return 0;
}

struct template *
template_compile(json_t *source, char **bad_key, struct err *e)
{
	struct template	*t = xcalloc(1, sizeof *t);
	struct compiler	 c = { bad_key, e };

	if (bad_key != NULL)
		*bad_key = NULL;
	if (compile(&c, source, &t->root, 0) == -1) {
		template_free(t);
		return NULL;
	}
	if (t->root.kind == NODE_CONSTANT)
		t->constant = payload_from_json(json_incref(t->root.constant));
	return t;
}

struct template *
template_compile_string(const char *field, const char *text, size_t len,
    struct err *e)
{
	struct template	*t = xcalloc(1, sizeof *t);

	t->root.field = xstrdup(field);
	if (compile_text(text, len, &t->root, e) == -1) {
		template_free(t);
		return NULL;
	}
	return t;
}

void
template_free(struct template *t)
{
	if (t == NULL)
		return;
	node_clear(&t->root);
	payload_unref(t->constant);
	free(t);
}

int
template_is_constant(const struct template *t)
{
	return t->constant != NULL;
}

static void
variables(const struct node *n, void (*fn)(const char *, void *), void *arg)
{
	size_t	 i;

	if (n->path != NULL && jsonpath_variable(n->path) != NULL)
		fn(jsonpath_variable(n->path), arg);
	if (n->call != NULL)
		intrinsic_variables(n->call, fn, arg);
	for (i = 0; i < n->n; i++)
		variables(&n->list[i], fn, arg);
}

void
template_variables(const struct template *t,
    void (*fn)(const char *name, void *arg), void *arg)
{
	variables(&t->root, fn, arg);
}

/* "The JSONPath '$.nope' specified for the field 'value.$' could not ..." */
static int
not_found(const struct node *n, const struct scope *scope, struct err *e)
{
	struct strbuf	 b;
	json_t		*input = NULL;

	strbuf_init(&b, JSONTEXT_PRINT_MAX);
	if (jsonpath_is_context(n->path) && scope->context != NULL)
		input = scope->context(scope->context_arg);
	jsontext_print(input != NULL ? input : payload_json(scope->input), &b);
	err_set(e, "States.Runtime", "The JSONPath '%s' specified for the "
	    "field '%s' could not be found in the input '%s'",
	    jsonpath_text(n->path), n->field == NULL ? "" : n->field,
	    strbuf_str(&b));
	strbuf_free(&b);
	return -1;
}

static int
eval_path(const struct node *n, struct scope *scope, json_t **out,
    struct err *e)
{
	struct err	 inner = ERR_INIT;
	bool		 past_end;

	if (jsonpath_eval_field(n->path, scope, out, &past_end, &inner) == 0)
		return 0;
	if (err_is(&inner, "PathNotFound") && !jsonpath_definite(n->path)) {
		/* Recorded: $.items[1:] of {} is no error but []. */
		err_clear(&inner);
		*out = json_array();
		return 0;
	}
	if (err_is(&inner, "PathNotFound"))
		not_found(n, scope, e);
	else
		err_set(e, "States.Runtime", "%s", inner.text);
	err_clear(&inner);
	return -1;
}

static int
eval(const struct node *n, struct scope *scope, json_t **out, struct err *e)
{
	json_t	*whole, *part;
	size_t	 i;

	switch (n->kind) {
	case NODE_CONSTANT:
		*out = json_incref(n->constant);
		return 0;
	case NODE_PATH:
		return eval_path(n, scope, out, e);
	case NODE_INTRINSIC:
		return intrinsic_eval(n->call, scope, out, e);
	case NODE_OBJECT:
	case NODE_ARRAY:
		break;
	}
	whole = n->kind == NODE_OBJECT ? json_object() : json_array();
	for (i = 0; i < n->n; i++) {
		if (eval(&n->list[i], scope, &part, e) == -1) {
			json_decref(whole);
			return -1;
		}
		if (n->kind == NODE_OBJECT)
			json_object_set_new_nocheck(whole, n->list[i].key,
			    part);
		else
			json_array_append_new(whole, part);
	}
	*out = whole;
	return 0;
}

int
template_eval(const struct template *t, struct scope *scope,
    struct payload **out, struct err *e)
{
	json_t	*json;

	if (t->constant != NULL) {
		*out = payload_ref(t->constant);
		return 0;
	}
	if (eval(&t->root, scope, &json, e) == -1)
		return -1;
	/* A few paths can name a large input many times over: bounded here. */
	*out = payload_print(json, JSONTEXT_PRINT_MAX);
	if (*out == NULL)
		return err_set(e, "States.Runtime",
		    "The result is longer than %zu bytes or nests deeper than "
		    "%d levels", JSONTEXT_PRINT_MAX, JSONTEXT_DEPTH_MAX);
	return 0;
}
