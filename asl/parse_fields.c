/*
 * asl/parse_fields.c - which fields may stand in an object.
 *
 * The real service refuses a field that it does not know, and one that stands
 * in the wrong place ("Field 'Catch' is not supported"); a misspelt field
 * therefore cannot be overlooked.  A new field of one query language goes into
 * its list here, and into the list of its state type.
 */

#include <string.h>

#include "hint.h"
#include "parse.h"
#include "xmalloc.h"

static const char *const jsonpath_only[] = {
	"And", "CausePath", "ErrorPath", "HeartbeatSecondsPath", "InputPath",
	"ItemsPath", "MaxConcurrencyPath", "Not", "Or", "OutputPath", "Parameters", "Result",
	"ResultPath", "ResultSelector", "SecondsPath", "TimeoutSecondsPath",
	"TimestampPath", "ToleratedFailureCountPath",
	"ToleratedFailurePercentagePath", "Variable", NULL
};

static const char *const jsonata_only[] = {
	"Arguments", "Condition", "Items", "Output", NULL
};

static bool
listed(const char *const *list, const char *word)
{
	if (list == NULL)
		return false;
	for (; *list != NULL; list++)
		if (strcmp(*list, word) == 0)
			return true;
	return false;
}

static void
unknown_field(struct parse *p, const char *field, const char *const *first,
    const char *const *second)
{
	struct hint	 h;
	char		*text = NULL;

	hint_init(&h, field);
	if (parse_full(p))
		first = second = NULL;
	for (; first != NULL && *first != NULL; first++)
		hint_offer(&h, *first);
	for (; second != NULL && *second != NULL; second++)
		hint_offer(&h, *second);
	if (hint_best(&h) != NULL)
		text = xasprintf("did you mean '%s'?", hint_best(&h));
	parse_error_in(p, field, text, "Field '%s' is not supported", field);
	free(text);
}

void
parse_fields(struct parse *p, json_t *object, const char *const *first,
    const char *const *second)
{
	const char	*field;
	json_t		*value;

	json_object_foreach(object, field, value) {
		if (!listed(first, field) && !listed(second, field))
			unknown_field(p, field, first, second);
		else if (p->jsonata && listed(jsonpath_only, field))
			parse_error_in(p, field, NULL,
			    "The QueryLanguage is set to 'JSONata', but field "
			    "'%s' is only supported for the 'JSONPath' "
			    "QueryLanguage", field);
		else if (!p->jsonata && listed(jsonata_only, field))
			parse_error_in(p, field, NULL,
			    "The QueryLanguage is set to 'JSONPath', but field "
			    "'%s' is only supported for the 'JSONata' "
			    "QueryLanguage", field);
	}
}

static void
add(struct strbuf *list, const char *field)
{
	if (list->len > 0)
		strbuf_adds(list, ", ");
	strbuf_adds(list, field);
}

bool
parse_fields_required(struct parse *p, json_t *object,
    const char *const *fields)
{
	struct strbuf	 missing = STRBUF_INIT;
	bool		 complete;

	for (; *fields != NULL; fields++)
		if (json_object_get(object, *fields) == NULL)
			add(&missing, *fields);
	complete = missing.len == 0;
	if (!complete)
		parse_error(p, NULL, "These fields are required: [%s]",
		    strbuf_str(&missing));
	strbuf_free(&missing);
	return complete;
}

bool
parse_fields_one(struct parse *p, json_t *object, const char *const *fields,
    bool required)
{
	struct strbuf	 all = STRBUF_INIT;
	const char	*last = NULL;
	size_t		 n = 0;

	for (; *fields != NULL; fields++) {
		add(&all, *fields);
		if (json_object_get(object, *fields) != NULL) {
			last = *fields;
			n++;
		}
	}
	if (n > 1)
		parse_error_in(p, last, NULL, "There should only be one of the "
		    "following fields: [%s]", strbuf_str(&all));
	else if (n == 0 && required)
		parse_error(p, NULL, "This object should have only one of the "
		    "following fields: [%s]", strbuf_str(&all));
	strbuf_free(&all);
	return n == 1 || (n == 0 && !required);
}
