/*
 * asl/intrinsic_string.c - States.Format and States.StringSplit.
 */

#include <string.h>

#include "intrinsic_impl.h"

/* As Java's Map and List print themselves: {Arg1=1, Arg2=[]}. */
static void
print_java(const json_t *json, struct strbuf *b)
{
	json_t		*o = (json_t *)json, *v;
	const char	*key, *separator = "";
	size_t		 i;

	if (json_is_object(json)) {
		strbuf_addc(b, '{');
		json_object_foreach(o, key, v) {
			strbuf_adds(b, separator);
			separator = ", ";
			strbuf_adds(b, key);
			strbuf_addc(b, '=');
			print_java(v, b);
			if (strbuf_failed(b))
				return;
		}
		strbuf_addc(b, '}');
	} else if (json_is_array(json)) {
		strbuf_addc(b, '[');
		for (i = 0; i < json_array_size(json); i++) {
			strbuf_adds(b, separator);
			separator = ", ";
			print_java(json_array_get(json, i), b);
			if (strbuf_failed(b))
				return;
		}
		strbuf_addc(b, ']');
	} else if (json_is_string(json))
		strbuf_add(b, json_string_value(json),
		    json_string_length(json));
	else
		jsontext_print(json, b);
}

static json_t *
bad_template(const struct intrinsic_call *c, const char *template,
    const char *why)
{
	err_set(c->e, "States.Runtime", "Invalid template '%.*s': %s",
	    (int)jsontext_cut(template, strlen(template), 200), template, why);
	return NULL;
}

json_t *
intrinsic_string_format(const struct intrinsic_call *c)
{
	struct strbuf	 b;
	const char	*template, *p;
	json_t		*out = NULL;
	size_t		 used = 1;

	if (!json_is_string(c->args[0]))
		return intrinsic_invalid(c);
	template = c->literal != NULL ? c->literal :
	    json_string_value(c->args[0]);
	strbuf_init(&b, JSONTEXT_PRINT_MAX);
	for (p = template; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0' && strchr("'{}\\", p[1]) != NULL)
			strbuf_addc(&b, *++p);
		else if (*p == '}') {
			bad_template(c, template,
			    "matching '{' not found for '}'.");
			goto done;
		} else if (*p == '{') {
			if (p[1] != '}') {
				bad_template(c, template,
				    "matching '}' not found for '{'.");
				goto done;
			}
			p++;
			if (used < c->n)
				print_java(c->args[used], &b);
			used++;
		} else
			strbuf_addc(&b, *p);
	}
	if (used != c->n)
		intrinsic_invalid_because(c, "number of arguments do not "
		    "match the occurrences of {}.");
	else if (strbuf_failed(&b))
		intrinsic_invalid_because(c, "the result is too long.");
	else
		out = json_stringn_nocheck(strbuf_str(&b), b.len);
done:
	strbuf_free(&b);
	return out;
}

static size_t
utf8_length(const char *p)
{
	unsigned char	 c = (unsigned char)*p;

	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Is the character at p one of set? */
static bool
one_of(const char *p, size_t len, const char *set)
{
	for (; *set != '\0'; set += utf8_length(set))
		if (utf8_length(set) == len && memcmp(set, p, len) == 0)
			return true;
	return false;
}

/* Splits at any of the characters; empty pieces vanish. */
json_t *
intrinsic_string_split(const struct intrinsic_call *c)
{
	const char	*p, *from, *set;
	json_t		*out;
	size_t		 len;

	if (!json_is_string(c->args[0]) || !json_is_string(c->args[1]))
		return intrinsic_invalid(c);
	set = json_string_value(c->args[1]);
	if (json_string_length(c->args[1]) > INTRINSIC_TEXT_MAX)
		return intrinsic_invalid_because(c, "too many separators.");
	out = json_array();
	p = from = json_string_value(c->args[0]);
	for (; *p != '\0'; p += len) {
		len = utf8_length(p);
		if (!one_of(p, len, set))
			continue;
		if (p > from)
			json_array_append_new(out, json_stringn_nocheck(from,
			    (size_t)(p - from)));
		from = p + len;
	}
	if (p > from)
		json_array_append_new(out, json_stringn_nocheck(from,
		    (size_t)(p - from)));
	return out;
}
