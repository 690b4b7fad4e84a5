/*
 * engine/op_validate.c - ValidateStateMachineDefinition.
 *
 * REST shows more of each finding than the real service: line, column, hint.
 */

#include <string.h>

#include "definition.h"
#include "op.h"

static const struct check members[] = {
	{ "definition",	CHECK_STRING,	true,	1, 1048576, NULL },
	{ "type",	CHECK_STRING,	false,	0, 0, "[STANDARD, EXPRESS]" },
	{ "severity",	CHECK_STRING,	false,	0, 0, "[ERROR, WARNING]" },
	{ "maxResults",	CHECK_INTEGER,	false,	0, 100, NULL },
	CHECK_END
};

static json_t *
validate_finding(const struct api_call *call, const struct finding *f)
{
	json_t	*d = json_object();

	api_set_str(d, "severity", f->warning ? "WARNING" : "ERROR");
	api_set_str(d, "code", f->code);
	api_set_str(d, "message", f->message);
	if (f->location != NULL)
		api_set_str(d, "location", f->location);
	if (call->route != NULL) {
		if (f->line > 0) {
			api_set_int(d, "line", f->line);
			api_set_int(d, "column", f->column);
		}
		if (f->hint != NULL)
			api_set_str(d, "hint", f->hint);
	}
	return d;
}

static void
validate_run(struct api_call *call)
{
	struct findings	 f = FINDINGS_INIT;
	const char	*type = api_str(call, "type");
	const char	*severity = api_str(call, "severity");
	json_t		*answer = json_object(), *list = json_array();
	struct machine	*m;
	size_t		 i, max = (size_t)api_page_size(call, 100);
	bool		 warnings, truncated = false;

	warnings = severity == NULL ? call->route != NULL :
	    strcmp(severity, "WARNING") == 0;
	m = definition_check(api_str(call, "definition"),
	    type == NULL ? "STANDARD" : type, &f);
	for (i = 0; i < f.n; i++) {
		if (f.list[i].warning && !warnings)
			continue;
		if (json_array_size(list) == max) {
			truncated = true;
			break;
		}
		json_array_append_new(list, validate_finding(call, &f.list[i]));
	}
	api_set_str(answer, "result", m != NULL ? "OK" : "FAIL");
	json_object_set_new(answer, "diagnostics", list);
	json_object_set_new(answer, "truncated", json_boolean(truncated));
	if (m != NULL)
		machine_free(m);
	findings_free(&f);
	api_ok(call, answer);
}

const struct api_op op_validate = {
	"ValidateStateMachineDefinition", OP_STATES, members, NULL, validate_run,
	false
};
