/*
 * asl/intrinsic_unique.c - States.ArrayUnique.
 *
 * The real service answers in the order of a Java HashSet, which callers see
 * (reported: [true,false] gives [false,true]); so the elements' Java hash codes
 * are computed and the set's table imitated: buckets in order, first come
 * first within a bucket.  1 and 1.0 are equal, objects whatever their order.
 *
 * Elements are told apart by a canonical text in a hash table, not by pairs,
 * so that no input makes this quadratic.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "intrinsic_impl.h"
#include "xmalloc.h"

struct element {
	uint32_t	 bucket;
	size_t		 place;
	json_t		*value;		/* borrowed */
};

/* Java's String.hashCode(): over UTF-16 units. */
static uint32_t
hash_text(const char *text)
{
	const unsigned char	*p = (const unsigned char *)text;
	uint32_t		 h = 0, u;
	int			 more;

	while (*p != '\0') {
		more = *p < 0x80 ? 0 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : 3;
		u = more == 0 ? *p : *p & (0x3fU >> more);
		for (p++; more > 0; more--)
			u = u << 6 | (*p++ & 0x3fU);
		if (u >= 0x10000) {
			h = h * 31 + (0xd800 + ((u - 0x10000) >> 10));
			u = 0xdc00 + ((u - 0x10000) & 0x3ff);
		}
		h = h * 31 + u;
	}
	return h;
}

/* An integer that a double holds exactly becomes that integer. */
static bool
whole(const json_t *json, int64_t *n)
{
	double	 d = json_number_value(json);

	if (json_is_integer(json)) {
		*n = json_integer_value(json);
		return true;
	}
	if (fabs(d) > 9e15 || d != trunc(d))
		return false;
	*n = (int64_t)d;
	return true;
}

static uint32_t
hash_number(const json_t *json)
{
	double		 d;
	int64_t		 n;
	uint64_t	 bits;

	if (whole(json, &n)) {
		if (n >= INT32_MIN && n <= INT32_MAX)
			return (uint32_t)n;
		bits = (uint64_t)n;
	} else {
		d = json_real_value(json);
		memcpy(&bits, &d, sizeof bits);
	}
	return (uint32_t)(bits ^ bits >> 32);
}

static uint32_t
hash_value(json_t *json)
{
	const char	*key;
	json_t		*v;
	uint32_t	 h = 0;
	size_t		 i;

	switch (json_typeof(json)) {
	case JSON_OBJECT:
		json_object_foreach(json, key, v)
			h += hash_text(key) ^ hash_value(v);
		return h;
	case JSON_ARRAY:
		for (h = 1, i = 0; i < json_array_size(json); i++)
			h = h * 31 + hash_value(json_array_get(json, i));
		return h;
	case JSON_STRING:
		return hash_text(json_string_value(json));
	case JSON_INTEGER:
	case JSON_REAL:
		return hash_number(json);
	case JSON_TRUE:
		return 1231;
	case JSON_FALSE:
		return 1237;
	case JSON_NULL:
		break;
	}
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The same text for what counts as equal. */
static void
canonical(json_t *json, struct strbuf *b)
{
	const char	**keys, *key;
	json_t		 *v;
	size_t		  i = 0, n;
	int64_t		  number;

	if (json_is_object(json)) {
		n = json_object_size(json);
		keys = xcalloc(n, sizeof *keys);
		json_object_foreach(json, key, v)
			keys[i++] = key;
		qsort(keys, n, sizeof *keys, by_name);
		strbuf_addc(b, '{');
		for (i = 0; i < n; i++) {
			strbuf_add_json_string(b, keys[i], strlen(keys[i]));
			canonical(json_object_get(json, keys[i]), b);
		}
		strbuf_addc(b, '}');
		free(keys);
	} else if (json_is_array(json)) {
		strbuf_addc(b, '[');
		for (i = 0; i < json_array_size(json); i++) {
			canonical(json_array_get(json, i), b);
			strbuf_addc(b, ',');
		}
		strbuf_addc(b, ']');
	} else if (json_is_number(json) && whole(json, &number))
		strbuf_addi(b, number);
	else
		jsontext_print(json, b);
}

static int
by_bucket(const void *a, const void *b)
{
	const struct element	*x = a, *y = b;

	if (x->bucket != y->bucket)
		return x->bucket < y->bucket ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

json_t *
intrinsic_unique(const struct intrinsic_call *c)
{
	struct strbuf	 b;
	struct element	*list;
	json_t		*seen, *v, *out;
	size_t		 i, n = 0, size = 16;
	uint32_t	 h;

	if (!json_is_array(c->args[0]))
		return intrinsic_invalid(c);
	list = xcalloc(json_array_size(c->args[0]), sizeof *list);
	seen = json_object();
	strbuf_init(&b, JSONTEXT_PRINT_MAX);
	for (i = 0; i < json_array_size(c->args[0]); i++) {
		v = json_array_get(c->args[0], i);
		strbuf_reset(&b);
		canonical(v, &b);
		intrinsic_charge(c, 2 * b.len);
		if (json_object_get(seen, strbuf_str(&b)) != NULL)
			continue;
		json_object_set_new_nocheck(seen, strbuf_str(&b), json_true());
		list[n] = (struct element){ 0, n, v };
		n++;
	}
	strbuf_free(&b);
	json_decref(seen);
	while (n * 4 > size * 3)	/* the set doubles at three quarters */
		size *= 2;
	for (i = 0; i < n; i++) {
		h = hash_value(list[i].value);
		list[i].bucket = (h ^ h >> 16) & (uint32_t)(size - 1);
	}
	qsort(list, n, sizeof *list, by_bucket);
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append(out, list[i].value);
	free(list);
	return out;
}
