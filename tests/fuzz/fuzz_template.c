/*
 * tests/fuzz/fuzz_template.c - a payload template and what it is filled with.
 *
 * The text is tried as a template (if it is JSON) and as a single string that is
 * a path or a call.  What compiles gives a payload or States.Runtime, twice the
 * same, and leaves source and input alone.
 */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "jsontext.h"
#include "template.h"

const unsigned	 fuzz_runs = 20000;

static void
variable(const char *name, void *arg)
{
	(void)arg;
	fuzz_check(name != NULL && name[0] != '\0', "a variable has no name");
}

static void
fill(const struct template *t, struct fuzz_question *q)
{
	struct err	 e = ERR_INIT, again_e = ERR_INIT;
	struct payload	*out, *again;
	int		 rc;

	template_variables(t, variable, NULL);
	rc = template_eval(t, fuzz_scope(q), &out, &e);
	if (template_eval(t, fuzz_scope(q), &again, &again_e) != rc)
		fuzz_fail("the second time is different");
	if (rc == -1) {
		fuzz_check_err(&e, ",States.Runtime,");
		fuzz_check(!template_is_constant(t), "a constant failed: %s",
		    e.text);
		fuzz_check(strcmp(e.text, again_e.text) == 0, "%s and %s",
		    e.text, again_e.text);
	} else {
		fuzz_reached++;
		fuzz_check_payload(out);
		fuzz_check(strcmp(payload_text(out, NULL),
		    payload_text(again, NULL)) == 0, "two values: %s and %s",
		    payload_text(out, NULL), payload_text(again, NULL));
		payload_unref(out);
		payload_unref(again);
	}
	err_clear(&e);
	err_clear(&again_e);
}

static void
try_json(json_t *source, struct fuzz_question *q)
{
	char		*before = jsontext_string(source, NULL), *after;
	char		*bad_key = NULL;
	struct err	 e = ERR_INIT;
	struct template	*t = template_compile(source, &bad_key, &e);

	if (t == NULL)
		fuzz_check_err(&e, ",InvalidTemplate,");
	else {
		fuzz_check(bad_key == NULL, "a bad key, and yet a template");
		fill(t, q);
	}
	after = jsontext_string(source, NULL);
	fuzz_check(strcmp(before, after) == 0, "the source became %s", after);
	free(before);
	free(after);
	free(bad_key);
	err_clear(&e);
	template_free(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct fuzz_question	 q;
	struct template		*t;
	struct err		 e = ERR_INIT;
	json_t			*source;

	if (!fuzz_ask(&q, bytes, n))
		return 0;
	t = template_compile_string("ErrorPath", q.text, q.len, &e);
	if (t == NULL)
		fuzz_check(e.code[0] != '\0' && e.text != NULL,
		    "a failure without an error");
	else
		fill(t, &q);
	template_free(t);
	err_clear(&e);
	if (jsontext_check(q.text, q.len, NULL, NULL) == 0 &&
	    (source = jsontext_parse(q.text, q.len, NULL)) != NULL) {
		try_json(source, &q);
		json_decref(source);
	}
	fuzz_asked(&q);
	return 0;
}
