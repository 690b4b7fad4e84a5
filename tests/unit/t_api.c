/*
 * tests/unit/t_api.c - the parts of the API that need no server: checks of
 * members, REST's shape of answers, members' texts, error codes, and that the
 * routes and openapi.json tell the same.
 */

#include <stdlib.h>
#include <string.h>

#include "api_private.h"
#include "openapi.h"
#include "unit.h"

static void
check(const struct check *table, const char *params, const char *code,
    const char *text)
{
	struct err	 e = ERR_INIT;
	json_t		*tree = json_loads(params, 0, NULL);
	int		 result;

	CU_ASSERT_PTR_NOT_NULL(tree);
	result = api_check(table, tree, &e);
	CU_ASSERT_EQUAL(result, code[0] == '\0' ? 0 : -1);
	UNIT_STR(e.code, code);
	UNIT_STR(e.text == NULL ? "" : e.text, text);
	err_clear(&e);
	json_decref(tree);
}

static const struct check	 table[] = {
	{ "name",	CHECK_STRING,	 true,	1, 5, NULL },
	{ "kind",	CHECK_STRING,	 false, 0, 0, "[ONE, TWO_B]" },
	{ "n",		CHECK_INTEGER,	 false, 0, 10, NULL },
	{ "on",		CHECK_BOOLEAN,	 false, 0, 0, NULL },
	{ "list",	CHECK_LIST,	 false, 1, 2, NULL },
	{ "map",	CHECK_STRUCTURE, false, 0, 0, NULL },
	CHECK_END
};

static void
test_check_good(void)
{
	check(table, "{\"name\":\"a\"}", "", "");
	check(table, "{\"name\":\"äöüßé\",\"kind\":\"TWO_B\",\"n\":10,\"on\":true,"
	    "\"list\":[1],\"map\":{},\"other\":[]}", "", "");
	check(table, "{\"name\":\"a\",\"kind\":null,\"n\":null}", "", "");
	check(NULL, "{\"any\":1}", "", "");
}

#define ONE "1 validation error detected: "

static void
test_check_values(void)
{
	check(table, "{}", "ValidationException", ONE "Value null at 'name' failed to "
	    "satisfy constraint: Member must not be null");
	check(table, "{\"name\":\"\"}", "ValidationException", ONE "Value '' at 'name' "
	    "failed to satisfy constraint: Member must have length greater than or "
	    "equal to 1");
	check(table, "{\"name\":\"abcdef\"}", "ValidationException", ONE "Value "
	    "'abcdef' at 'name' failed to satisfy constraint: Member must have length "
	    "less than or equal to 5");
	check(table, "{\"name\":\"a\",\"kind\":\"TWO\"}", "ValidationException", ONE
	    "Value 'TWO' at 'kind' failed to satisfy constraint: Member must satisfy "
	    "enum value set: [ONE, TWO_B]");
	check(table, "{\"name\":\"a\",\"kind\":\"\"}", "ValidationException", ONE
	    "Value '' at 'kind' failed to satisfy constraint: Member must satisfy "
	    "enum value set: [ONE, TWO_B]");
	check(table, "{\"n\":11,\"list\":[]}", "ValidationException",
	    "3 validation errors detected: Value null at 'name' failed to satisfy "
	    "constraint: Member must not be null; Value '11' at 'n' failed to satisfy "
	    "constraint: Member must have value less than or equal to 10; Value "
	    "'[0 elements]' at 'list' failed to satisfy constraint: Member must have "
	    "length greater than or equal to 1");
	check(table, "{\"name\":\"a\",\"n\":-1}", "ValidationException", ONE "Value "
	    "'-1' at 'n' failed to satisfy constraint: Member must have value greater "
	    "than or equal to 0");
}

static void
test_check_types(void)
{
	check(table, "{\"name\":5}", "SerializationException",
	    "NUMBER_VALUE can not be converted to a String: member 'name'");
	check(table, "{\"name\":\"a\",\"n\":1.0}", "SerializationException",
	    "DECIMAL_VALUE can not be converted to a Integer: member 'n'");
	check(table, "{\"name\":\"a\",\"on\":\"true\"}", "SerializationException",
	    "STRING_VALUE can not be converted to a Boolean: member 'on'");
	check(table, "{\"name\":{}}", "SerializationException", "Start of structure or "
	    "map found where not expected: member 'name' must be a String");
	check(table, "{\"name\":\"a\",\"map\":[]}", "SerializationException", "Start "
	    "of list found where not expected: member 'map' must be a Structure");
}

/* A long value is cut, never within a character. */
static void
test_check_long(void)
{
	static const struct check	 t[] = {
		{ "s", CHECK_STRING, true, 0, 10, NULL }, CHECK_END
	};
	struct err	 e = ERR_INIT;
	json_t		*params = json_object();
	char		*text = calloc(1, 10002);
	int		 i;

	text[0] = 'x';
	for (i = 0; i < 5000; i++)
		memcpy(text + 1 + 2 * i, "ä", 2);
	json_object_set_new(params, "s", json_string(text));
	CU_ASSERT_EQUAL(api_check(t, params, &e), -1);
	CU_ASSERT(strlen(e.text) < 4400);
	json_decref(params);
	params = json_string(e.text);
	CU_ASSERT_PTR_NOT_NULL(params);	/* it is UTF-8 */
	json_decref(params);
	err_clear(&e);
	free(text);
}

/* ---- REST's shape ---- */

static void
prints(const char *text, const char *items, const char *want)
{
	struct strbuf	 b = STRBUF_INIT;

	CU_ASSERT(api_rest_print(text, strlen(text), items, &b));
	UNIT_STR(strbuf_str(&b), want);
	strbuf_free(&b);
}

static void
test_rest_print(void)
{
	prints("{\"startDate\":1700000000.123,\"n\":1.5}", NULL,
	    "{\"startDate\":\"2023-11-14T22:13:20.123Z\",\"n\":1.5}");
	prints("{\"input\":\"{\\\"a\\\": 1.10}\",\"cause\":\"{}\"}", NULL,
	    "{\"input\":{\"a\": 1.10},\"cause\":\"{}\"}");
	prints("{\"events\":[{\"timestamp\":1,\"d\":{\"output\":\"[1 ]\"}}],"
	    "\"nextToken\":\"t\"}", "events",
	    "{\"items\":[{\"timestamp\":\"1970-01-01T00:00:01.000Z\",\"d\":{\"output\":"
	    "[1 ]}}],\"nextToken\":\"t\"}");
	/* Names that users gave are left alone. */
	prints("{\"attributes\":{\"input\":\"x\",\"startDate\":1},"
	    "\"assignedVariables\":{\"output\":\"1\"}}", NULL,
	    "{\"attributes\":{\"input\":\"x\",\"startDate\":1},"
	    "\"assignedVariables\":{\"output\":\"1\"}}");
}

static void
test_rest_print_line(void)
{
	struct strbuf	 b = STRBUF_INIT;
	const char	*text = "{\"input\":\"{\\n \\\"a\\\":\\r\\n \\\"x\\\\n\\\"}\"}";

	CU_ASSERT(api_rest_print_line(text, strlen(text), &b));
	UNIT_STR(strbuf_str(&b), "{\"input\":{  \"a\":   \"x\\n\"}}");
	strbuf_free(&b);
	CU_ASSERT(!api_rest_print_line("{", 1, &b));
	strbuf_free(&b);
}

static void
member(const char *body, const char *name, const char *want)
{
	const char	*text;
	char		*copy;
	size_t		 len = 0;

	text = api_rest_member(body, strlen(body), name, &len);
	copy = text == NULL ? NULL : strndup(text, len);
	UNIT_STR(copy == NULL ? "(none)" : copy, want);
	free(copy);
}

static void
test_rest_member(void)
{
	member(" { \"a\" : 1.10 , \"input\" :  {\"x\": [1, 2.00]} }\n", "input",
	    "{\"x\": [1, 2.00]}");
	member(" { \"a\" : 1.10 , \"input\" :  {\"x\": [1, 2.00]} }\n", "a", "1.10");
	member("{\"b\":{\"input\":1},\"input\":\"in,put}\"}", "input", "\"in,put}\"");
	member("{\"input\":1,\"input\":2}", "input", "2");
	member("{\"inputs\":1,\"inp\":2}", "input", "(none)");
	member("{}", "input", "(none)");
	member("{\"x\":null}", "x", "null");
}

/* ---- errors ---- */

static void
test_errors(void)
{
	CU_ASSERT_EQUAL(api_error_find("StateMachineDoesNotExist")->aws_status, 400);
	CU_ASSERT_EQUAL(api_error_find("StateMachineDoesNotExist")->rest_status, 404);
	CU_ASSERT_EQUAL(api_error_find("Unavailable")->rest_status, 503);
	CU_ASSERT_EQUAL(api_error_find("what is this")->aws_status, 400);
	UNIT_STR(api_error_find("QueueDoesNotExist")->query,
	    "AWS.SimpleQueueService.NonExistentQueue");
}

/* ---- routes ---- */

static const char *
lower(const char *method)
{
	static const char *const pairs[][2] = { { "GET", "get" }, { "PUT", "put" },
		{ "POST", "post" }, { "DELETE", "delete" } };
	size_t	 i;

	for (i = 0; i < 4; i++)
		if (strcmp(pairs[i][0], method) == 0)
			return pairs[i][1];
	return "?";
}

static json_t *
openapi_paths(void)
{
	json_t	*doc = json_loadb(openapi_json, openapi_json_len, 0, NULL);
	json_t	*paths = json_incref(json_object_get(doc, "paths"));

	json_decref(doc);
	return paths;
}

static void
test_routes_are_described(void)
{
	const struct route	*r;
	json_t			*paths = openapi_paths(), *entry;
	char			 status[8];

	CU_ASSERT_PTR_NOT_NULL_FATAL(paths);
	for (r = api_routes; r->method != NULL; r++) {
		entry = json_object_get(json_object_get(paths, r->path),
		    lower(r->method));
		if (entry == NULL)
			UNIT_STR(r->path, "a path and method of openapi.json");
		snprintf(status, sizeof status, "%d", r->status);
		CU_ASSERT_PTR_NOT_NULL(json_object_get(json_object_get(entry,
		    "responses"), status));
	}
	json_decref(paths);
}

static bool
is_route(const char *path, const char *method)
{
	const struct route	*r;

	for (r = api_routes; r->method != NULL; r++)
		if (strcmp(r->path, path) == 0 &&
		    strcmp(lower(r->method), method) == 0)
			return true;
	return false;
}

static void
test_described_are_routes(void)
{
	json_t		*paths = openapi_paths(), *methods, *entry, *params, *p;
	const char	*path, *method, *brace;
	size_t		 i, named, braces;

	json_object_foreach(paths, path, methods)
		json_object_foreach(methods, method, entry) {
			if (strncmp(path, "/v1/", 4) == 0 && !is_route(path, method))
				UNIT_STR(path, "a route");
			params = json_object_get(entry, "parameters");
			named = braces = 0;
			json_array_foreach(params, i, p)
				named += strcmp(json_string_value(json_object_get(p,
				    "in")), "path") == 0;
			for (brace = path; (brace = strchr(brace, '{')) != NULL;
			    brace++)
				braces++;
			CU_ASSERT_EQUAL(named, braces);
		}
	json_decref(paths);
}

static void
test_routes_have_operations(void)
{
	const struct route	*r;
	const struct api_op	*const *op, *const *other;
	int			 found;

	for (r = api_routes; r->method != NULL; r++) {
		found = 0;
		for (op = api_ops; *op != NULL; op++)
			found += strcmp((*op)->name, r->op) == 0;
		if (found != 1)
			UNIT_STR(r->op, "the name of one operation");
	}
	for (op = api_ops; *op != NULL; op++)
		for (other = op + 1; *other != NULL; other++)
			CU_ASSERT(strcmp((*op)->name, (*other)->name) != 0);
}

UNIT_TESTS(tests) = {
	{ "good members pass", test_check_good },
	{ "values are checked in the real service's words", test_check_values },
	{ "types are checked", test_check_types },
	{ "long values are cut", test_check_long },
	{ "an answer in REST's shape", test_rest_print },
	{ "an event on one line", test_rest_print_line },
	{ "the text of a member of a body", test_rest_member },
	{ "errors have status codes", test_errors },
	{ "every route is in openapi.json", test_routes_are_described },
	{ "everything in openapi.json is a route", test_described_are_routes },
	{ "every route has its operation", test_routes_have_operations },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	return unit_main("api", tests);
}
