/*
 * cli/cmd_validate.c - what is wrong with definitions, found without a server.
 */

#include <stdlib.h>
#include <string.h>

#include "cmd_commands.h"
#include "findings_show.h"
#include "readfile.h"
#include "style.h"
#include "width.h"

static void
verdict(struct strbuf *out, const char *name, const struct findings *f)
{
	size_t	 warnings = f->n - f->errors;

	strbuf_addf(out, "%s%s%s: ", style_out(f->errors > 0 ? STYLE_BAD :
	    STYLE_GOOD), name, style_out_end());
	if (f->errors > 0)
		strbuf_addf(out, "%zu error%s", f->errors,
		    f->errors == 1 ? "" : "s");
	else
		strbuf_adds(out, "valid");
	if (warnings > 0)
		strbuf_addf(out, ", %zu warning%s", warnings,
		    warnings == 1 ? "" : "s");
	strbuf_addc(out, '\n');
}

static enum exitcode
one_file(const struct cmd_call *call, const char *path, json_t *results)
{
	struct findings	 f = FINDINGS_INIT;
	struct strbuf	 out = STRBUF_INIT;
	struct err	 e = ERR_INIT;
	const char	*name = strcmp(path, "-") == 0 ? "stdin" : path;
	enum exitcode	 code;
	size_t		 len;
	char		*text;

	if (readfile(path, &text, &len, &e) == -1)
		return cmd_fail(EXITCODE_USAGE, &e);
	code = findings_show_validate(&f, text, len) ? EXITCODE_OK :
	    EXITCODE_FAILED;
	if (call->json)
		json_array_append_new(results, findings_show_json(&f, name));
	else {
		findings_show(&out, &f, name, text, len, false);
		verdict(&out, name, &f);
		cmd_print(&out);
	}
	findings_free(&f);
	free(text);
	return code;
}

static enum exitcode
run(struct cmd_call *call)
{
	enum exitcode	 code, worst = EXITCODE_OK;
	json_t		*results = json_array();
	size_t		 i;

	for (i = 0; i < call->nargs; i++) {
		code = one_file(call, call->args[i], results);
		if (code > worst)
			worst = code;
	}
	if (call->json)
		(void)cmd_print_items(results);
	json_decref(results);
	return worst;
}

const struct cmd cmd_validate = {
	"validate", "FILE...", 1, -1,
	"find the errors in definitions, without a server",
	"Checks definitions as the server would, and shows everything that is "
	"wrong at once: the place, the line with a caret under it, and what to "
	"try. FILE may be - for standard input. Ends with 0 if all can run "
	"(warnings do not count), with 1 if one has errors.",
	"pawl validate order.asl.json\n"
	"pawl validate workflows/*.asl.json\n"
	"pawl validate order.asl.json -o json | jq '.items[].diagnostics[].message'\n",
	{ { 0, NULL, NULL, NULL } }, run
};
