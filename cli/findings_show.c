/*
 * cli/findings_show.c - what is wrong with a definition, with its places.
 *
 *	order.asl.json:12:7: error: State 'Pay' has no field 'Next'.
 *	   12 |     "Pay": {
 *	      |     ^
 *	  at /States/Pay (MISSING_TRANSITION)
 *	  hint: add "Next", or "End": true
 */

#include "findings_show.h"

#include <stdlib.h>

#include "caret.h"
#include "style.h"
#include "width.h"

/* Text that is no JSON has no location: the reader's own offset tells. */
static void
place_of_bad_json(struct findings *f, const char *text, size_t len)
{
	struct err	 e = ERR_INIT;
	size_t		 at = 0, i;

	if (f->n == 0 || jsontext_check(text, len, &at, &e) == 0)
		return;
	for (i = 0; i < f->n; i++)
		if (f->list[i].location == NULL)
			caret_place(text, len, at, &f->list[i].line,
			    &f->list[i].column);
	err_clear(&e);
}

/* In the order of the text; those at one place stay as they were found. */
static void
sort(struct findings *f)
{
	struct finding	 one;
	size_t		 i, j;

	for (i = 1; i < f->n; i++) {
		one = f->list[i];
		for (j = i; j > 0 && (f->list[j - 1].line > one.line ||
		    (f->list[j - 1].line == one.line &&
		    f->list[j - 1].column > one.column)); j--)
			f->list[j] = f->list[j - 1];
		f->list[j] = one;
	}
}

bool
findings_show_validate(struct findings *f, const char *text, size_t len)
{
	struct machine	*machine = machine_parse(text, len, f);

	findings_locate(f, text, len);
	place_of_bad_json(f, text, len);
	sort(f);
	machine_free(machine);
	return f->errors == 0;
}

static void
show_one(struct strbuf *out, const struct finding *f, const char *file,
    const char *text, size_t len, bool to_err)
{
	const char	*(*begin)(enum style) = to_err ? style_err : style_out;
	const char	*end = to_err ? style_err_end() : style_out_end();

	strbuf_addf(out, "%s%s", begin(STYLE_BOLD), file);
	if (f->line > 0)
		strbuf_addf(out, ":%d:%d", f->line, f->column);
	strbuf_addf(out, ":%s %s%s%s%s%s ", end, begin(STYLE_BOLD),
	    begin(f->warning ? STYLE_WARN : STYLE_BAD),
	    f->warning ? "warning" : "error", ":", end);
	width_add(out, f->message, WIDTH_ANY);
	strbuf_addc(out, '\n');
	caret_show(out, text, len, f->line, f->column,
	    to_err ? 0 : style_columns(), to_err);
	strbuf_addf(out, "%s  ", begin(STYLE_DIM));
	if (f->location != NULL && f->location[0] != '\0') {
		strbuf_adds(out, "at ");
		width_add(out, f->location, WIDTH_ANY);
		strbuf_addf(out, " (%s)%s\n", f->code, end);
	} else
		strbuf_addf(out, "(%s)%s\n", f->code, end);
	if (f->hint != NULL) {
		strbuf_addf(out, "  %shint:%s ", begin(STYLE_GOOD), end);
		width_add(out, f->hint, WIDTH_ANY);
		strbuf_addc(out, '\n');
	}
}

void
findings_show(struct strbuf *out, const struct findings *f, const char *file,
    const char *text, size_t len, bool to_err)
{
	size_t	 i;

	for (i = 0; i < f->n; i++)
		show_one(out, &f->list[i], file, text, len, to_err);
}

void
findings_show_text(struct strbuf *out, const char *file, const char *text,
    size_t len, bool to_err)
{
	struct findings	 f = FINDINGS_INIT;

	(void)findings_show_validate(&f, text, len);
	findings_show(out, &f, file, text, len, to_err);
	findings_free(&f);
}

json_t *
findings_show_json(const struct findings *findings, const char *file)
{
	const struct finding	*f;
	json_t			*list = json_array(), *one;
	size_t			 i;

	for (i = 0; i < findings->n; i++) {
		f = &findings->list[i];
		one = json_pack("{s:s, s:s, s:s}", "severity",
		    f->warning ? "WARNING" : "ERROR", "code", f->code,
		    "message", f->message);
		if (f->location != NULL)
			json_object_set_new(one, "location",
			    json_string(f->location));
		if (f->line > 0) {
			json_object_set_new(one, "line", json_integer(f->line));
			json_object_set_new(one, "column",
			    json_integer(f->column));
		}
		if (f->hint != NULL)
			json_object_set_new(one, "hint", json_string(f->hint));
		json_array_append_new(list, one);
	}
	return json_pack("{s:s, s:s, s:o}", "file", file, "result",
	    findings->errors == 0 ? "OK" : "FAIL", "diagnostics", list);
}
