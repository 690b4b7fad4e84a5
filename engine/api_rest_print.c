/*
 * engine/api_rest_print.c - an AWS-shaped answer, as REST shows it.
 *
 *	input, output, parameters, definition	text becomes the JSON value it holds
 *	...Date, timestamp			seconds become ISO-8601
 *	the list of a listing			becomes "items"
 *
 * The text of a value is shown as it was stored, never parsed and printed again.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api_private.h"
#include "wallclock.h"

static const char *const values[] = { "input", "output", "parameters",
	"definition", NULL };
static const char *const dates[] = { "creationDate", "updateDate", "startDate",
	"stopDate", "scheduledDate", "dueDate", "sentDate", "timestamp", NULL };
/* Members whose members are names of users. */
static const char *const foreign[] = { "attributes", "assignedVariables",
	"variableReferences", "variables", "result", "afterArguments",
	"afterInputPath", "afterParameters", "afterResultSelector",
	"afterResultPath", "afterItemsPath", "afterItemSelector", NULL };

static bool
print_is(const char *const names[], const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static void	print_value(const json_t *, const char *items, struct strbuf *);

static void
print_member(const char *name, const json_t *value, struct strbuf *out)
{
	char	 iso[WALLCLOCK_ISO_SIZE];

	if (json_is_string(value) && print_is(values, name))
		strbuf_add(out, json_string_value(value), json_string_length(value));
	else if (json_is_number(value) && print_is(dates, name))
		strbuf_addf(out, "\"%s\"", wallclock_iso((int64_t)llround(
		    json_number_value(value) * 1000.0), iso));
	else if (print_is(foreign, name))
		jsontext_print(value, out);
	else
		print_value(value, NULL, out);
}

static void
print_value(const json_t *value, const char *items, struct strbuf *out)
{
	const char	*name, *shown;
	json_t		*v;
	size_t		 i;
	bool		 first = true;

	if (json_is_object(value)) {
		strbuf_addc(out, '{');
		json_object_foreach((json_t *)(uintptr_t)value, name, v) {
			shown = items != NULL && strcmp(name, items) == 0 ? "items" :
			    name;
			if (!first)
				strbuf_addc(out, ',');
			first = false;
			strbuf_add_json_string(out, shown, strlen(shown));
			strbuf_addc(out, ':');
			print_member(name, v, out);
		}
		strbuf_addc(out, '}');
	} else if (json_is_array(value)) {
		strbuf_addc(out, '[');
		json_array_foreach(value, i, v) {
			if (i > 0)
				strbuf_addc(out, ',');
			print_value(v, NULL, out);
		}
		strbuf_addc(out, ']');
	} else
		jsontext_print(value, out);
}

bool
api_rest_print(const char *text, size_t len, const char *items, struct strbuf *out)
{
	struct err	 e = ERR_INIT;
	json_t		*value = jsontext_parse(text, len, &e);

	err_clear(&e);
	if (value == NULL)
		return false;
	print_value(value, items, out);
	json_decref(value);
	return !strbuf_failed(out);
}

bool
api_rest_print_line(const char *text, size_t len, struct strbuf *out)
{
	size_t	 i, start = out->len;

	if (!api_rest_print(text, len, NULL, out))
		return false;
	/* Line ends stand only between tokens: within strings they are escaped. */
	for (i = start; i < out->len; i++)
		if (out->data[i] == '\n' || out->data[i] == '\r')
			out->data[i] = ' ';
	return true;
}
