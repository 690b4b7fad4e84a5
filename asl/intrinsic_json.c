/*
 * asl/intrinsic_json.c - States.JsonMerge, JsonToString and StringToJson.
 */

#include <string.h>

#include "intrinsic_impl.h"

/* Members of the first in their order, then those only the second has. */
json_t *
intrinsic_json_merge(const struct intrinsic_call *c)
{
	json_t	*out;

	if (!json_is_object(c->args[0]) || !json_is_object(c->args[1]))
		return intrinsic_invalid(c);
	if (json_is_true(c->args[2]))
		return intrinsic_invalid_because(c,
		    "deep merge is not supported.");
	out = json_copy(c->args[0]);
	json_object_update(out, c->args[1]);
	return out;
}

json_t *
intrinsic_json_print(const struct intrinsic_call *c)
{
	struct strbuf	 b;
	json_t		*out;

	strbuf_init(&b, JSONTEXT_PRINT_MAX);
	jsontext_print(c->args[0], &b);
	if (strbuf_failed(&b))
		out = intrinsic_invalid_because(c, "the result is too long.");
	else
		out = json_stringn_nocheck(strbuf_str(&b), b.len);
	strbuf_free(&b);
	return out;
}

/* Nothing but white space is null, as with the real service. */
json_t *
intrinsic_json_parse(const struct intrinsic_call *c)
{
	struct err	 inner = ERR_INIT;
	const char	*text;
	json_t		*out = NULL;
	size_t		 len;

	if (!json_is_string(c->args[0]))
		return intrinsic_invalid(c);
	text = json_string_value(c->args[0]);
	len = json_string_length(c->args[0]);
	if (strspn(text, " \t\r\n") == len)
		return json_null();
	if (jsontext_check(text, len, NULL, &inner) == 0)
		out = jsontext_parse(text, len, &inner);
	if (out == NULL)
		intrinsic_invalid_because(c, inner.text);
	err_clear(&inner);
	return out;
}
