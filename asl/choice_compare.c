/*
 * asl/choice_compare.c - one comparison of a Choice rule.
 *
 * A value of another type than the operator's makes the comparison false, not
 * an error.  A path that leads nowhere is an error, for IsPresent alone an
 * answer.  Strings compare by UTF-16 units, as Java's do.
 */

#include <stdlib.h>
#include <string.h>

#include "choice_impl.h"
#include "jsonpath_impl.h"
#include "strbuf.h"
#include "xmalloc.h"

void
choice_compare_clear(struct comparison *c)
{
	size_t	 i;

	jsonpath_free(c->variable);
	jsonpath_free(c->operand_path);
	json_decref(c->operand);
	for (i = 0; i < c->nsegments; i++)
		free(c->segments[i].text);
	free(c->segments);
}

static void
add_segment(struct comparison *c, struct strbuf *b)
{
	struct segment	*s;

	c->segments = xreallocarray(c->segments, c->nsegments + 1,
	    sizeof *c->segments);
	s = &c->segments[c->nsegments++];
	s->text = strbuf_take(b, &s->len);
}

void
choice_compare_pattern(struct comparison *c)
{
	struct strbuf	 b = STRBUF_INIT;
	const char	*p;

	for (p = json_string_value(c->operand); *p != '\0'; p++)
		if (*p == '*')
			add_segment(c, &b);
		else {
			if (*p == '\\' && (p[1] == '*' || p[1] == '\\'))
				p++;
			strbuf_addc(&b, *p);
		}
	add_segment(c, &b);
}

/* The first segment stands at the front, the last at the end, in between each
 * where it is found first: linear, for memmem() is. */
static bool
pattern_matches(const struct comparison *c, const char *text, size_t len)
{
	const struct segment	*first = &c->segments[0];
	const struct segment	*last = &c->segments[c->nsegments - 1];
	const char		*end = text + len;
	size_t			 i;

	if (len < first->len || memcmp(text, first->text, first->len) != 0)
		return false;
	if (c->nsegments == 1)
		return len == first->len;
	text += first->len;
	if ((size_t)(end - text) < last->len ||
	    memcmp(end - last->len, last->text, last->len) != 0)
		return false;
	end -= last->len;
	for (i = 1; i + 1 < c->nsegments; i++) {
		text = memmem(text, (size_t)(end - text),
		    c->segments[i].text, c->segments[i].len);
		if (text == NULL)
			return false;
		text += c->segments[i].len;
	}
	return true;
}

/*
 * UTF-8 sorts like code points; UTF-16 puts those above U+FFFF before U+E000:
 * where the texts differ, F0... comes before EE... and EF... .
 */
static int
compare_strings(const char *a, const char *b)
{
	const unsigned char	*p = (const unsigned char *)a;
	const unsigned char	*q = (const unsigned char *)b;

	while (*p == *q && *p != '\0') {
		p++;
		q++;
	}
	if (*p == *q)
		return 0;
	if ((*p >= 0xf0 && (*q == 0xee || *q == 0xef)) ||
	    (*q >= 0xf0 && (*p == 0xee || *p == 0xef)))
		return *p > *q ? -1 : 1;
	return *p < *q ? -1 : 1;
}

static bool
parse_time(const json_t *v, int64_t *ms, int *ns)
{
	return json_is_string(v) && timestamp_parse(json_string_value(v),
	    json_string_length(v), ms, ns);
}

/* false if one is no timestamp. */
static bool
compare_times(const json_t *a, const json_t *b, int *result)
{
	int64_t	 x, y;
	int	 nx, ny;

	if (!parse_time(a, &x, &nx) || !parse_time(b, &y, &ny))
		return false;
	*result = x != y ? (x < y ? -1 : 1) : nx < ny ? -1 : nx > ny;
	return true;
}

static int
compare_numbers(const json_t *a, const json_t *b)
{
	json_int_t	 i, j;
	double		 x, y;

	if (json_is_integer(a) && json_is_integer(b)) {
		i = json_integer_value(a);
		j = json_integer_value(b);
		return i < j ? -1 : i > j;
	}
	x = json_number_value(a);
	y = json_number_value(b);
	return x < y ? -1 : x > y;
}

static bool
ordered(enum order order, int result)
{
	switch (order) {
	case ORDER_EQ:
		return result == 0;
	case ORDER_LT:
		return result < 0;
	case ORDER_GT:
		return result > 0;
	case ORDER_LE:
		return result <= 0;
	case ORDER_GE:
		return result >= 0;
	}
	return false;
}

static bool
test(const struct comparison *c, const json_t *v, const json_t *operand)
{
	bool	 wanted = json_is_true(operand);
	int64_t	 ms;
	int	 result;

	switch (c->op->family) {
	case FAMILY_STRING:
		return json_is_string(v) && json_is_string(operand) &&
		    ordered(c->op->order, compare_strings(
		    json_string_value(v), json_string_value(operand)));
	case FAMILY_NUMERIC:
		return json_is_number(v) && json_is_number(operand) &&
		    ordered(c->op->order, compare_numbers(v, operand));
	case FAMILY_BOOLEAN:
		return json_is_boolean(v) && json_is_boolean(operand) &&
		    json_is_true(v) == json_is_true(operand);
	case FAMILY_TIMESTAMP:
		return compare_times(v, operand, &result) &&
		    ordered(c->op->order, result);
	case FAMILY_MATCHES:
		return json_is_string(v) && pattern_matches(c,
		    json_string_value(v), json_string_length(v));
	case FAMILY_NULL:
		return json_is_null(v) == wanted;
	case FAMILY_PRESENT:
		return wanted;
	case FAMILY_IS_NUMERIC:
		return json_is_number(v) == wanted;
	case FAMILY_IS_STRING:
		return json_is_string(v) == wanted;
	case FAMILY_IS_BOOLEAN:
		return json_is_boolean(v) == wanted;
	case FAMILY_IS_TIMESTAMP:
		return parse_time(v, &ms, NULL) == wanted;
	}
	return false;
}

static bool
is_present(const struct jsonpath *path, struct scope *scope)
{
	json_t	*v;
	bool	 past_end;

	if (jsonpath_eval_end(path, scope, &v, &past_end, NULL) == -1)
		return false;
	json_decref(v);
	return !past_end;
}

/* The value that must be there: new. */
static int
find(const struct jsonpath *path, struct scope *scope, json_t **v, struct err *e)
{
	struct err	 why = ERR_INIT;
	bool		 past_end;

	*v = NULL;
	if (jsonpath_eval_field(path, scope, v, &past_end, &why) == 0) {
		if (!past_end) {
			if (json_is_string(*v))
				scope->work +=
				    (int64_t)(json_string_length(*v) / 64);
			return 0;
		}
		json_decref(*v);
		*v = NULL;
	}
	if (err_is(&why, "NullInput"))
		err_set(e, "States.Runtime", "%s", why.text);
	else
		err_set(e, "States.Runtime", "Invalid path '%s': The choice "
		    "state's condition path references an invalid value.",
		    jsonpath_text(path));
	err_clear(&why);
	return -1;
}

int
choice_compare(const struct comparison *c, struct scope *scope, bool *matches,
    struct err *e)
{
	json_t	*v, *operand = NULL;

	if (scope->work > SCOPE_WORK_MAX)
		return err_set(e, "States.Runtime",
		    "The choice state's rules take too much work.");
	if (c->op->family == FAMILY_PRESENT) {
		*matches = is_present(c->variable, scope) ==
		    json_is_true(c->operand);
		return 0;
	}
	if (find(c->variable, scope, &v, e) == -1)
		return -1;
	if (c->operand_path != NULL &&
	    find(c->operand_path, scope, &operand, e) == -1) {
		json_decref(v);
		return -1;
	}
	*matches = test(c, v, operand != NULL ? operand : c->operand);
	json_decref(operand);
	json_decref(v);
	return 0;
}
