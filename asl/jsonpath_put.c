/*
 * asl/jsonpath_put.c - ResultPath: a value is put into a document.
 *
 * Copies the objects and arrays on the way, shares all others.  Names that are
 * missing on the way are made; an array must have the element.
 */

#include "jsonpath_impl.h"
#include "jsontext.h"

static int
cannot(const struct jsonpath *path, size_t i, const json_t *node,
    struct err *e)
{
	const struct path_step	*s = &path->steps[i];
	struct strbuf		 b;

	strbuf_init(&b, 4096);
	if (s->kind == STEP_NAMES)
		strbuf_adds(&b, s->names[0]);
	else
		strbuf_addi(&b, s->numbers[0]);
	strbuf_adds(&b, "\" to input ");
	if (node == NULL)
		strbuf_adds(&b, "nothing");
	else
		jsontext_print(node, &b);
	err_set(e, "States.ResultPathMatchFailure",
	    "Unable to apply step \"%s", strbuf_str(&b));
	strbuf_free(&b);
	return -1;
}

/* New: what node (NULL: nothing there yet) becomes; NULL and e if it cannot. */
static json_t *
put(const struct jsonpath *path, size_t i, json_t *node, json_t *value,
    struct err *e)
{
	const struct path_step	*s;
	json_t			*copy, *child, *old = NULL;

	if (i == path->n)
		return json_incref(value);
	s = &path->steps[i];
	if (s->kind == STEP_NAMES) {
		if (node != NULL && !json_is_object(node)) {
			cannot(path, i, node, e);
			return NULL;
		}
		if (node != NULL)
			old = json_object_get(node, s->names[0]);
	} else if (s->numbers[0] >= 0)
		old = json_array_get(node, (size_t)s->numbers[0]);
	if (s->kind != STEP_NAMES && old == NULL) {
		cannot(path, i, node, e);
		return NULL;
	}
	if ((child = put(path, i + 1, old, value, e)) == NULL)
		return NULL;
	copy = node == NULL ? json_object() : json_copy(node);
	if (s->kind == STEP_NAMES)
		json_object_set_new_nocheck(copy, s->names[0], child);
	else
		json_array_set_new(copy, (size_t)s->numbers[0], child);
	return copy;
}

int
jsonpath_put(const struct jsonpath *path, struct payload *raw,
    struct payload *value, struct payload **out, struct err *e)
{
	json_t	*json;

	if (path->root != PATH_INPUT || !jsonpath_is_reference(path))
		return err_set(e, "States.ResultPathMatchFailure",
		    "'%s' is no reference path into the input", path->text);
	if (path->n == 0) {
		*out = payload_ref(value);
		return 0;
	}
	json = put(path, 0, payload_json(raw), payload_json(value), e);
	if (json == NULL)
		return -1;
	*out = payload_print(json, JSONTEXT_PRINT_MAX);
	if (*out == NULL)
		return err_set(e, "States.ResultPathMatchFailure",
		    "The result put at '%s' is nested too deep",
		    path->text);
	return 0;
}
