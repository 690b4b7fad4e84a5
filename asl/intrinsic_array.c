/*
 * asl/intrinsic_array.c - States.Array and its family, but ArrayUnique.
 */

#include <stdlib.h>
#include <string.h>

#include "intrinsic_impl.h"

json_t *
intrinsic_array_new(const struct intrinsic_call *c)
{
	json_t	*out = json_array();
	size_t	 i;

	for (i = 0; i < c->n; i++)
		json_array_append(out, c->args[i]);
	return out;
}

/* Equal means printed alike: the order of members counts, 1 is not 1.0. */
json_t *
intrinsic_array_contains(const struct intrinsic_call *c)
{
	struct strbuf	 wanted, b;
	size_t		 i;
	bool		 found = false;

	if (!json_is_array(c->args[0]))
		return intrinsic_invalid(c);
	strbuf_init(&wanted, JSONTEXT_PRINT_MAX);
	jsontext_print(c->args[1], &wanted);
	intrinsic_charge(c, wanted.len);
	strbuf_init(&b, wanted.len);
	for (i = 0; !found && i < json_array_size(c->args[0]); i++) {
		strbuf_reset(&b);
		jsontext_print(json_array_get(c->args[0], i), &b);
		intrinsic_charge(c, b.len);
		found = !strbuf_failed(&b) && b.len == wanted.len &&
		    memcmp(b.data, wanted.data, b.len) == 0;
	}
	found = found && !strbuf_failed(&wanted);
	strbuf_free(&b);
	strbuf_free(&wanted);
	return json_boolean(found);
}

/* Past the end: null, as the real service answers. */
json_t *
intrinsic_array_get(const struct intrinsic_call *c)
{
	int64_t	 i;
	json_t	*v;

	if (!json_is_array(c->args[0]) ||
	    !intrinsic_integer(c->args[1], &i) || i < 0)
		return intrinsic_invalid(c);
	v = json_array_get(c->args[0], (size_t)i);
	return v == NULL ? json_null() : json_incref(v);
}

json_t *
intrinsic_array_length(const struct intrinsic_call *c)
{
	if (!json_is_array(c->args[0]))
		return intrinsic_invalid(c);
	return json_integer((json_int_t)json_array_size(c->args[0]));
}

json_t *
intrinsic_array_partition(const struct intrinsic_call *c)
{
	json_t	*out, *part = NULL;
	size_t	 i;
	int64_t	 size;

	if (!json_is_array(c->args[0]) ||
	    !intrinsic_integer(c->args[1], &size) || size < 1)
		return intrinsic_invalid(c);
	out = json_array();
	for (i = 0; i < json_array_size(c->args[0]); i++) {
		if ((int64_t)i % size == 0) {
			part = json_array();
			json_array_append_new(out, part);
		}
		json_array_append(part, json_array_get(c->args[0], i));
	}
	return out;
}

json_t *
intrinsic_array_range(const struct intrinsic_call *c)
{
	int64_t	 first, last, step, i;
	json_t	*out;

	if (!intrinsic_integer(c->args[0], &first) ||
	    !intrinsic_integer(c->args[1], &last) ||
	    !intrinsic_integer(c->args[2], &step) || step == 0)
		return intrinsic_invalid(c);
	out = json_array();
	for (i = first; step > 0 ? i <= last : i >= last; i += step) {
		if (json_array_size(out) == INTRINSIC_RANGE_MAX) {
			json_decref(out);
			return intrinsic_invalid(c);
		}
		json_array_append_new(out, json_integer(i));
		if (step > 0 ? i > INT64_MAX - step : i < INT64_MIN - step)
			break;
	}
	return out;
}
