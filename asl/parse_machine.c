/*
 * asl/parse_machine.c - the definition as a whole.
 */

#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "xmalloc.h"

static const char *const fields[] = { "Comment", "QueryLanguage", "StartAt",
	"States", "TimeoutSeconds", "Version", NULL };

static void
parse_language(struct parse *p, json_t *root)
{
	static const char *const	 languages[] = { "JSONPath", "JSONata",
		NULL };

	if (json_object_get(root, "QueryLanguage") == NULL)
		return;
	p->jsonata_machine =
	    parse_value_choice(p, root, "QueryLanguage", languages) != 0;
}

void
parse_machine(struct parse *p, json_t *root)
{
	static const char *const	 versions[] = { "1.0", NULL };
	const char			*comment;

	if (!json_is_object(root)) {
		parse_error(p, NULL, "Expected value of type Object");
		return;
	}
	parse_fields(p, root, fields, NULL);
	parse_language(p, root);
	parse_value_choice(p, root, "Version", versions);
	comment = parse_value_string(p, root, "Comment");
	if (comment != NULL)
		p->machine->comment = xstrdup(comment);
	parse_value_integer(p, root, "TimeoutSeconds", 0, 99999999,
	    &p->machine->timeout_s);
	parse_block(p, root, &p->machine->flow);
}
