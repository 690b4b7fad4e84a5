/*
 * asl/parse_assign.c - Assign: names of variables, and their values.
 *
 * A name is a Unicode identifier of at most 80 characters; "states" is
 * reserved.  The block keeps what is assigned in it, see parse_block.c.
 */

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "xmalloc.h"

#define PATTERN "\\A[\\p{L}\\p{Nl}][\\p{L}\\p{Nl}\\p{Mn}\\p{Mc}\\p{Nd}\\p{Pc}]{0,79}\\z"

static bool
is_plain(const char *s, size_t len)
{
	size_t	 i;

	for (i = 0; i < len; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') ||
		    (s[i] >= 'A' && s[i] <= 'Z') ||
		    (i > 0 && ((s[i] >= '0' && s[i] <= '9') || s[i] == '_'))))
			return false;
	return len > 0 && len <= 80;
}

static bool
is_ascii(const char *s, size_t len)
{
	size_t	 i;

	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return true;
}

static bool
is_name(struct parse *p, const char *s, size_t len)
{
	pcre2_match_data	*match;
	size_t			 at;
	int			 e, rc;

	if (is_plain(s, len))
		return true;
	if (is_ascii(s, len) || len > 4 * 80)
		return false;
	if (p->name_pattern == NULL)
		p->name_pattern = pcre2_compile((PCRE2_SPTR)PATTERN,
		    PCRE2_ZERO_TERMINATED, PCRE2_UTF, &e, &at, NULL);
	if (p->name_pattern == NULL)
		return false;
	match = pcre2_match_data_create_from_pattern(p->name_pattern, NULL);
	rc = pcre2_match(p->name_pattern, (PCRE2_SPTR)s, len, 0, 0, match,
	    NULL);
	pcre2_match_data_free(match);
	return rc > 0;
}

void
parse_assign_free(struct parse *p)
{
	pcre2_code_free(p->name_pattern);
	p->name_pattern = NULL;
}

static void
check_name(struct parse *p, const char *key)
{
	size_t	 len = strlen(key), mark;
	char	*name;

	if (!p->jsonata && len > 2 && strcmp(key + len - 2, ".$") == 0)
		len -= 2;
	name = xstrndup(key, len);
	mark = parse_enter(p, key);
	if (strcmp(name, "states") == 0)
		parse_finding(p, false, "RESERVED_VARIABLE_NAME", NULL, NULL,
		    "Cannot assign to reserved variable '$states'.");
	else if (!is_name(p, name, len))
		parse_finding(p, false, "INVALID_VARIABLE_NAME", NULL,
		    "a name is a letter, then letters, digits and '_', at most "
		    "80 in all", "Invalid variable name '%s': the variable "
		    "name contains invalid characters.", name);
	else if (json_object_get(p->block->assigned, name) == NULL)
		json_object_set_new(p->block->assigned, name,
		    json_string(parse_where(p)));
	parse_leave(p, mark);
	free(name);
}

void
parse_assign(struct parse *p, json_t *object, int sees, struct template **t,
    struct query **q)
{
	const char	*key;
	json_t		*assign, *value;
	size_t		 mark;

	assign = parse_value_typed(p, object, "Assign", JSON_OBJECT);
	if (assign == NULL)
		return;
	mark = parse_enter(p, "Assign");
	json_object_foreach(assign, key, value)
		check_name(p, key);
	parse_leave(p, mark);
	*t = parse_value_template(p, object, "Assign");
	*q = parse_query(p, object, "Assign", sees);
}
