/*
 * asl/jsonata/jvalue.c - the values of the language: made, asked, compared.
 */

#include <string.h>

#include "jvalue.h"

struct jvalue
jvalue_json(json_t *j)
{
	struct jvalue	 v = JVALUE_NOTHING;

	if (j == NULL)
		return v;
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		v.kind = JVALUE_JSON_OBJECT;
		v.u.j = j;
		break;
	case JSON_ARRAY:
		v.kind = JVALUE_JSON_ARRAY;
		v.u.j = j;
		break;
	case JSON_STRING:
		return jvalue_string(json_string_value(j),
		    json_string_length(j));
	case JSON_INTEGER:
		return jvalue_int(json_integer_value(j));
	case JSON_REAL:
		return jvalue_double(json_real_value(j));
	case JSON_TRUE:
		return jvalue_bool(true);
	case JSON_FALSE:
		return jvalue_bool(false);
	case JSON_NULL:
		return jvalue_null();
	}
	return v;
}

bool
jvalue_is_text(struct jvalue v, const char *s)
{
	return v.kind == JVALUE_STRING && strlen(s) == v.len &&
	    memcmp(v.u.s, s, v.len) == 0;
}

char
jvalue_letter(struct jvalue v)
{
	static const char	 letters[] = "mlbnnsaaoof";

	return letters[v.kind];
}

bool
jvalue_truthy(struct jvalue v)
{
	switch ((enum jkind)v.kind) {
	case JVALUE_UNDEFINED:
	case JVALUE_NULL:
		return false;
	case JVALUE_BOOL:
		return v.u.b;
	case JVALUE_INT:
		return v.u.i != 0;
	case JVALUE_DOUBLE:
		return v.u.d != 0 && v.u.d == v.u.d;
	case JVALUE_STRING:
		return v.len != 0;
	case JVALUE_ARRAY:
	case JVALUE_JSON_ARRAY:
	case JVALUE_OBJECT:
	case JVALUE_JSON_OBJECT:
	case JVALUE_FUNCTION:
		return true;
	}
	return false;
}

/* --- comparison ---------------------------------------------------------- */

bool
jvalue_same(struct jvalue a, struct jvalue b)
{
	if (jvalue_is_number(a) && jvalue_is_number(b)) {
		if (a.kind == JVALUE_INT && b.kind == JVALUE_INT)
			return a.u.i == b.u.i;
		return jvalue_number(a) == jvalue_number(b);
	}
	if (a.kind != b.kind)
		return false;
	switch ((enum jkind)a.kind) {
	case JVALUE_UNDEFINED:
	case JVALUE_NULL:
		return true;
	case JVALUE_BOOL:
		return a.u.b == b.u.b;
	case JVALUE_STRING:
		return a.len == b.len &&
		    (a.u.s == b.u.s || memcmp(a.u.s, b.u.s, a.len) == 0);
	case JVALUE_INT:
	case JVALUE_DOUBLE:
		break;
	case JVALUE_ARRAY:
		return a.u.a == b.u.a;
	case JVALUE_OBJECT:
		return a.u.o == b.u.o;
	case JVALUE_FUNCTION:
		return a.u.f == b.u.f;
	case JVALUE_JSON_ARRAY:
	case JVALUE_JSON_OBJECT:
		return a.u.j == b.u.j;
	}
	return false;
}

/*
 * UTF-16 and UTF-8 order the same, but that U+E000 to U+FFFF come after the
 * surrogates of what lies above them.  A lone surrogate stands as ED A0..BF.
 */
int
jvalue_compare_text(struct jvalue a, struct jvalue b)
{
	const unsigned char	*p = (const unsigned char *)a.u.s;
	const unsigned char	*q = (const unsigned char *)b.u.s;
	size_t			 n = a.len < b.len ? a.len : b.len, i;
	int			 x, y;

	for (i = 0; i < n && p[i] == q[i]; i++)
		;
	if (i == n)
		return a.len < b.len ? -1 : a.len > b.len;
	x = p[i];
	y = q[i];
	if (x >= 0xee && x <= 0xef && y >= 0xf0)
		return 1;
	if (y >= 0xee && y <= 0xef && x >= 0xf0)
		return -1;
	return x < y ? -1 : 1;
}

/* --- arrays -------------------------------------------------------------- */

struct jarray *
jvalue_new_array(struct jarena *arena, size_t cap)
{
	struct jarray	*a = jarena_zalloc(arena, sizeof *a);

	if (cap > 0)
		a->items = jarena_alloc(arena, cap * sizeof *a->items);
	a->cap = cap;
	return a;
}

struct jarray *
jvalue_new_sequence(struct jarena *arena, size_t cap)
{
	struct jarray	*a = jvalue_new_array(arena, cap);

	a->sequence = true;
	return a;
}

static void
grow(struct jarena *arena, struct jarray *a, size_t need)
{
	struct jvalue	*items;
	size_t		 cap = a->cap < 4 ? 4 : a->cap * 2, i;

	if (cap < need)
		cap = need;
	if (a->cap == 0 || !jarena_extend(arena, a->items,
	    a->cap * sizeof *items, cap * sizeof *items)) {
		items = jarena_alloc(arena, cap * sizeof *items);
		for (i = 0; i < a->n; i++)
			items[i] = jvalue_at(jvalue_array(a), i);
		a->items = items;
	}
	a->range = false;
	a->cap = cap;
}

void
jvalue_push(struct jarena *arena, struct jarray *a, struct jvalue v)
{
	if (a->n == a->cap || a->range)
		grow(arena, a, a->n + 1);
	a->items[a->n++] = v;
}

void
jvalue_push_all(struct jarena *arena, struct jarray *a, struct jvalue v)
{
	size_t	 n = jvalue_count(v), i;

	if (a->n + n > a->cap || a->range)
		grow(arena, a, a->n + n);
	for (i = 0; i < n; i++)
		a->items[a->n + i] = jvalue_at(v, i);
	a->n += n;
}
