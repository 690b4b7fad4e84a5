/*
 * engine/api_check.c - the members of a request, checked in the real service's words.
 *
 * The texts are those of recordings (test_list_sms_pagination,
 * test_state_machine_status_filter) and of the same framework elsewhere.  To add
 * a kind of constraint, add it to struct check and to check_member().
 */

#include <string.h>

#include "api_check.h"
#include "strbuf.h"

#define SHOWN_MAX	4096	/* bytes of a value that are repeated in an error */

struct complaints {
	struct strbuf	 text;
	int		 n;
};

static int64_t
check_characters(const char *s)
{
	int64_t	 n = 0;

	for (; *s != '\0'; s++)
		if (((unsigned char)*s & 0xc0) != 0x80)
			n++;
	return n;
}

static void
check_show(struct strbuf *b, const json_t *value)
{
	const char	*s;
	size_t		 len;

	if (json_is_string(value)) {
		s = json_string_value(value);
		len = json_string_length(value);
		strbuf_addc(b, '\'');
		if (len > SHOWN_MAX) {
			for (len = SHOWN_MAX; ((unsigned char)s[len] & 0xc0) == 0x80;
			    len--)
				continue;
			strbuf_add(b, s, len);
			strbuf_adds(b, "...'");
		} else {
			strbuf_add(b, s, len);
			strbuf_addc(b, '\'');
		}
	} else if (json_is_integer(value))
		strbuf_addf(b, "'%lld'", (long long)json_integer_value(value));
	else if (json_is_array(value))
		strbuf_addf(b, "'[%zu elements]'", json_array_size(value));
	else
		strbuf_adds(b, "null");
}

static void
check_complain(struct complaints *c, const struct check *m, const json_t *value,
    const char *constraint)
{
	strbuf_adds(&c->text, c->n++ == 0 ? "Value " : "; Value ");
	check_show(&c->text, value);
	strbuf_addf(&c->text, " at '%s' failed to satisfy constraint: Member must %s",
	    m->name, constraint);
}

static void
check_range(struct complaints *c, const struct check *m, const json_t *value,
    int64_t n, const char *what)
{
	char	 text[96];

	if (n < m->min)
		snprintf(text, sizeof text, "have %s greater than or equal to %lld",
		    what, (long long)m->min);
	else if (m->max != 0 && n > m->max)
		snprintf(text, sizeof text, "have %s less than or equal to %lld",
		    what, (long long)m->max);
	else
		return;
	check_complain(c, m, value, text);
}

/* values reads "[A, B]". */
static bool
check_is_one_of(const char *values, const char *value)
{
	const char	*p = values + 1;
	size_t		 n, len = strlen(value);

	for (;;) {
		n = strcspn(p, ",]");
		if (n == len && memcmp(p, value, n) == 0)
			return true;
		if (p[n] != ',')
			return false;
		p += n + 2;
	}
}

static const char *
check_given(const json_t *value)
{
	if (json_is_string(value))
		return "STRING_VALUE";
	if (json_is_integer(value))
		return "NUMBER_VALUE";
	if (json_is_real(value))
		return "DECIMAL_VALUE";
	return json_is_true(value) ? "TRUE_VALUE" : "FALSE_VALUE";
}

static int
check_type(const struct check *m, const json_t *value, struct err *e)
{
	static const char *const types[] = {
		[CHECK_STRING] = "String", [CHECK_INTEGER] = "Integer",
		[CHECK_BOOLEAN] = "Boolean", [CHECK_STRUCTURE] = "Structure",
		[CHECK_LIST] = "List", [CHECK_ANY] = "Any",
	};
	bool	 ok = true;

	switch (m->type) {
	case CHECK_STRING:
		ok = json_is_string(value);
		break;
	case CHECK_INTEGER:
		ok = json_is_integer(value);
		break;
	case CHECK_BOOLEAN:
		ok = json_is_boolean(value);
		break;
	case CHECK_STRUCTURE:
		ok = json_is_object(value);
		break;
	case CHECK_LIST:
		ok = json_is_array(value);
		break;
	case CHECK_ANY:
		break;
	}
	if (ok)
		return 0;
	if (json_is_object(value))
		return err_set(e, "SerializationException", "Start of structure "
		    "or map found where not expected: member '%s' must be a %s",
		    m->name, types[m->type]);
	if (json_is_array(value))
		return err_set(e, "SerializationException", "Start of list found "
		    "where not expected: member '%s' must be a %s",
		    m->name, types[m->type]);
	return err_set(e, "SerializationException",
	    "%s can not be converted to a %s: member '%s'", check_given(value),
	    types[m->type], m->name);
}

static void
check_member(struct complaints *c, const struct check *m, const json_t *value)
{
	struct strbuf	 b = STRBUF_INIT;

	switch (m->type) {
	case CHECK_STRING:
		if (m->values != NULL &&
		    !check_is_one_of(m->values, json_string_value(value))) {
			strbuf_addf(&b, "satisfy enum value set: %s", m->values);
			check_complain(c, m, value, strbuf_str(&b));
			strbuf_free(&b);
			return;
		}
		check_range(c, m, value, check_characters(json_string_value(value)),
		    "length");
		return;
	case CHECK_INTEGER:
		check_range(c, m, value, json_integer_value(value), "value");
		return;
	case CHECK_LIST:
		check_range(c, m, value, (int64_t)json_array_size(value), "length");
		return;
	case CHECK_BOOLEAN:
	case CHECK_STRUCTURE:
	case CHECK_ANY:
		return;
	}
}

int
api_check(const struct check *members, const json_t *params, struct err *e)
{
	struct complaints	 c = { STRBUF_INIT, 0 };
	const struct check	*m;
	const json_t		*value;
	int			 result = 0;

	for (m = members; m != NULL && m->name != NULL; m++) {
		value = json_object_get(params, m->name);
		if (value == NULL || json_is_null(value)) {
			if (m->required)
				check_complain(&c, m, NULL, "not be null");
			continue;
		}
		if (check_type(m, value, e) == -1) {
			strbuf_free(&c.text);
			return -1;
		}
		check_member(&c, m, value);
	}
	if (c.n > 0)
		result = err_set(e, "ValidationException",
		    "%d validation error%s detected: %s", c.n, c.n == 1 ? "" : "s",
		    strbuf_str(&c.text));
	strbuf_free(&c.text);
	return result;
}
