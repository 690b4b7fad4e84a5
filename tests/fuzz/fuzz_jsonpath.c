/*
 * tests/fuzz/fuzz_jsonpath.c - a path and the document it is looked up in.
 *
 * What compiles gives a value or one of two errors, the same each time and by
 * both ways of asking, and leaves the document alone; what was put at a
 * reference path is found there.
 */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "jsonpath.h"
#include "jsontext.h"

const unsigned	 fuzz_runs = 25000;

static void
check_kind(const struct jsonpath *path, const struct fuzz_question *q)
{
	fuzz_check(strlen(jsonpath_text(path)) == q->len &&
	    memcmp(jsonpath_text(path), q->text, q->len) == 0,
	    "not the path as written: %s", jsonpath_text(path));
	fuzz_check(!jsonpath_is_reference(path) || jsonpath_definite(path),
	    "a reference path that is not definite: %s", jsonpath_text(path));
	fuzz_check(!jsonpath_is_root(path) || jsonpath_is_reference(path),
	    "the root is no reference path");
	fuzz_check(jsonpath_variable(path) == NULL ||
	    !jsonpath_is_context(path), "both a variable and the context");
}

/* Payload and tree say the same; a path that is not definite is an array. */
static void
check_eval(const struct jsonpath *path, struct fuzz_question *q)
{
	static const char	 codes[] = ",PathNotFound,PathError,";
	struct err		 e = ERR_INIT, pe = ERR_INIT;
	struct payload		*p = NULL;
	json_t			*out = NULL;
	int			 rc, prc;

	rc = jsonpath_eval(path, fuzz_scope(q), &out, &e);
	prc = jsonpath_eval_payload(path, fuzz_scope(q), &p, &pe);
	fuzz_check(rc == prc, "a tree, but no payload: %s%s", e.text, pe.text);
	if (rc == -1) {
		fuzz_check_err(&e, codes);
		fuzz_check(strcmp(e.code, pe.code) == 0 &&
		    strcmp(e.text, pe.text) == 0, "%s and %s", e.text, pe.text);
	} else {
		fuzz_reached++;
		fuzz_check_payload(p);
		fuzz_check(json_equal(out, payload_json(p)),
		    "two values: %s", payload_text(p, NULL));
		fuzz_check(jsonpath_definite(path) || json_is_array(out),
		    "a path that is not definite gave no array");
		json_decref(out);
		payload_unref(p);
	}
	err_clear(&e);
	err_clear(&pe);
}

static void
check_put(const struct jsonpath *path, struct fuzz_question *q)
{
	static const char	 text[] = "{\"put\": [1, \"here\"]}";
	struct payload		*value, *out;
	struct err		 e = ERR_INIT;
	struct scope		 scope;
	json_t			*found;

	if (!jsonpath_is_reference(path) || jsonpath_is_context(path) ||
	    jsonpath_variable(path) != NULL)
		return;
	value = payload_from_text(text, sizeof text - 1);
	if (jsonpath_put(path, q->document, value, &out, &e) == -1)
		fuzz_check_err(&e, ",States.ResultPathMatchFailure,");
	else {
		fuzz_check_payload(out);
		scope = *fuzz_scope(q);
		scope.input = out;
		fuzz_check(jsonpath_eval(path, &scope, &found, &e) == 0,
		    "put, but not found: %s in %s", e.text,
		    payload_text(out, NULL));
		fuzz_check(json_equal(found, payload_json(value)),
		    "put, but another is there: %s", payload_text(out, NULL));
		json_decref(found);
		payload_unref(out);
	}
	err_clear(&e);
	payload_unref(value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct fuzz_question	 q;
	struct jsonpath		*path;
	struct err		 e = ERR_INIT;

	if (!fuzz_ask(&q, bytes, n))
		return 0;
	path = jsonpath_parse(q.text, q.len, &e);
	if (path == NULL)
		fuzz_check_err(&e, ",InvalidPath,");
	else {
		check_kind(path, &q);
		check_eval(path, &q);
		check_put(path, &q);
	}
	err_clear(&e);
	jsonpath_free(path);
	fuzz_asked(&q);
	return 0;
}
