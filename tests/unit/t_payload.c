/*
 * tests/unit/t_payload.c - JSON text, payloads and variables: what cannot be
 * told as text in, text out (bytes, sharing, bounds).
 */

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonpath.h"
#include "jsontext.h"
#include "payload.h"
#include "template.h"
#include "unit.h"
#include "vars.h"
#include "xmalloc.h"

/* n times a, then b, then n times c; new. */
static char *
nested(int n, const char *a, const char *b, const char *c)
{
	struct strbuf	 s = STRBUF_INIT;
	int		 i;

	for (i = 0; i < n; i++)
		strbuf_adds(&s, a);
	strbuf_adds(&s, b);
	for (i = 0; i < n; i++)
		strbuf_adds(&s, c);
	return strbuf_take(&s, NULL);
}

static struct payload *
from(const char *text)
{
	return payload_from_text(text, strlen(text));
}

static void
test_bytes(void)
{
	static const struct {
		const char	*text;
		size_t		 len;
		bool		 good;
	} cases[] = {
		{ "\"\xc3\xa9\"", 4, true },
		{ "\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\"", 12, true },
		{ "\"\xc3\"", 3, false },		/* cut short */
		{ "\"\x80\"", 3, false },
		{ "\"\xc0\xaf\"", 4, false },		/* overlong */
		{ "\"\xe0\x80\xaf\"", 5, false },
		{ "\"\xf0\x80\x80\xaf\"", 6, false },
		{ "\"\xed\xa0\x80\"", 5, false },	/* a surrogate */
		{ "\"\xf4\x90\x80\x80\"", 6, false },	/* past U+10FFFF */
		{ "\"\xf5\x80\x80\x80\"", 6, false },
		{ "\"\xff\"", 3, false },
		{ "\"a\0b\"", 5, false },
		{ "1\0", 2, false },
		{ "\"\t\"", 3, false },
		{ "\"\x7f\"", 3, true },
		{ "\"\\\0\"", 4, false },
		{ "[1,\x01", 4, false },
		{ "\xef\xbb\xbf{}", 5, false },		/* a byte order mark */
		{ "", 0, false },
		{ " ", 1, false },
	};
	struct err	 e;
	size_t		 i;
	int		 rc;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		e = (struct err)ERR_INIT;
		rc = jsontext_check(cases[i].text, cases[i].len, NULL, &e);
		CU_ASSERT_EQUAL(rc, cases[i].good ? 0 : -1);
		if (!cases[i].good)
			UNIT_STR(e.code, "InvalidJson");
		err_clear(&e);
	}
}

/* Any byte in any place of a text: refused or not, but never read past. */
static void
test_every_byte(void)
{
	static const char	 text[] =
	    "{\"a\\u00e9\":[1.5e-3,true,null],\"\xc3\xa9\":\"\\ud83d\\ude00\"}";
	size_t			 len = sizeof text - 1, i, cut;
	char			*copy;
	json_t			*json;
	int			 b, good = 0;

	for (i = 0; i < len; i++)
		for (b = 0; b < 256; b++) {
			copy = xmemdup(text, len);	/* no NUL behind it */
			copy[i] = (char)b;
			if (jsontext_check(copy, len, &cut, NULL) == 0) {
				json = jsontext_parse(copy, len, NULL);
				CU_ASSERT_PTR_NOT_NULL(json);
				json_decref(json);
				good++;
			} else
				CU_ASSERT_TRUE(cut <= len);
			free(copy);
		}
	CU_ASSERT_TRUE(good > 100);
	for (cut = 0; cut < len; cut++) {
		copy = xmemdup(text, cut);
		CU_ASSERT_EQUAL(jsontext_check(copy, cut, NULL, NULL), -1);
		free(copy);
	}
}

static void
test_depth(void)
{
	struct err	 e = ERR_INIT;
	char		*text = nested(JSONTEXT_DEPTH_MAX, "[", "", "]");

	CU_ASSERT_EQUAL(jsontext_check(text, strlen(text), NULL, NULL), 0);
	free(text);
	text = nested(JSONTEXT_DEPTH_MAX + 1, "{\"a\":", "1", "}");
	CU_ASSERT_EQUAL(jsontext_check(text, strlen(text), NULL, &e), -1);
	UNIT_STR(e.text, "Document nesting depth (1001) exceeds the maximum "
	    "allowed (1000)");
	err_clear(&e);
	free(text);
	text = nested(1000000, "[", "", "");
	CU_ASSERT_EQUAL(jsontext_check(text, strlen(text), NULL, NULL), -1);
	CU_ASSERT_PTR_NULL(jsontext_parse(text, strlen(text), NULL));
	free(text);
}

static void
test_skip(void)
{
	const char	*text = " {\"a\":[1,\"]\\\"\"]} , \"x\\\\\" ,-1.5e3,true]";
	const char	*end = text + strlen(text), *p = text;

	p = jsontext_skip(p, end);
	CU_ASSERT_EQUAL(p - text, 16);
	p = jsontext_skip(p + 2, end);
	CU_ASSERT_EQUAL(p - text, 24);
	p = jsontext_skip(p + 2, end);
	CU_ASSERT_EQUAL(*p, ',');
	p = jsontext_skip(p + 1, end);
	CU_ASSERT_EQUAL(p, end - 1);
	CU_ASSERT_PTR_NULL(jsontext_skip(p, end));
	CU_ASSERT_PTR_NULL(jsontext_skip(end, end));
	CU_ASSERT_PTR_NULL(jsontext_skip("[1", strchr("[1", '\0')));
}

/* What is printed reads back as the same number, for many bit patterns. */
static void
test_numbers_return(void)
{
	uint64_t	 x = 1, bits;
	json_t		*json, *back;
	char		*text;
	double		 d;
	int		 i;

	for (i = 0; i < 20000; i++) {
		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		bits = x ^ x >> 33;
		memcpy(&d, &bits, sizeof d);
		if (i % 3 == 0)
			d = (double)(int64_t)(x >> 40) / 100;
		if (!isfinite(d))
			continue;
		json = json_real(d);
		text = jsontext_string(json, NULL);
		back = jsontext_parse(text, strlen(text), NULL);
		if (!json_is_real(back) || json_real_value(back) != d)
			UNIT_STR(text, "a number that reads back");
		json_decref(back);
		json_decref(json);
		free(text);
	}
}

static void
test_cut(void)
{
	CU_ASSERT_EQUAL(jsontext_cut("abc", 3, 5), 3);
	CU_ASSERT_EQUAL(jsontext_cut("abc", 3, 2), 2);
	CU_ASSERT_EQUAL(jsontext_cut("a\xc3\xa9", 3, 2), 1);
	CU_ASSERT_EQUAL(jsontext_cut("\xf0\x9f\x98\x80", 4, 3), 0);
}

static void
test_text_kept(void)
{
	struct payload	*p = from(" \r\n\t{ \"a\" : 1.50 } \n");
	size_t		 len;

	/* What stands around the value is no part of it. */
	UNIT_STR(payload_text(p, &len), "{ \"a\" : 1.50 }");
	CU_ASSERT_EQUAL(len, 14);
	CU_ASSERT_EQUAL(payload_bytes(p), 14);
	CU_ASSERT_TRUE(json_is_object(payload_json(p)));
	CU_ASSERT_PTR_EQUAL(payload_json(p), payload_json(p));
	UNIT_STR(payload_text(p, NULL), "{ \"a\" : 1.50 }");
	payload_unref(p);

	p = payload_from_json(json_pack("{s:f}", "a", 1.5));
	UNIT_STR(payload_text(p, NULL), "{\"a\":1.5}");
	payload_unref(payload_ref(p));
	payload_unref(p);
	payload_unref(NULL);
	CU_ASSERT_PTR_NULL(payload_ref(NULL));

	p = payload_steal_text(xstrdup("[]"), 2);
	CU_ASSERT_EQUAL(json_array_size(payload_json(p)), 0);
	payload_unref(p);
	p = payload_empty();
	UNIT_STR(payload_text(p, NULL), "{}");
	payload_unref(p);
}

static void
test_array(void)
{
	struct payload	*items[2], *p;

	items[0] = from("{ \"a\": 1 }");
	items[1] = payload_from_json(json_string("x"));
	p = payload_array(items, 2);
	UNIT_STR(payload_text(p, NULL), "[{ \"a\": 1 },\"x\"]");
	CU_ASSERT_EQUAL(json_array_size(payload_json(p)), 2);
	payload_unref(p);
	p = payload_array(NULL, 0);
	UNIT_STR(payload_text(p, NULL), "[]");
	payload_unref(p);
	payload_unref(items[0]);
	payload_unref(items[1]);
}

static void
test_deep(void)
{
	char		*text = nested(JSONTEXT_DEPTH_MAX, "[", "\"]\"", "]");
	struct payload	*item = payload_steal_text(text, strlen(text));
	struct payload	*p = payload_array(&item, 1);

	CU_ASSERT_FALSE(payload_deep(item));
	CU_ASSERT_TRUE(payload_deep(p));
	CU_ASSERT_TRUE(payload_deep(p));
	payload_unref(item);
	payload_unref(p);
	text = nested(JSONTEXT_DEPTH_MAX + 1, "{\"a\":", "1", "}");
	p = payload_steal_text(text, strlen(text));
	CU_ASSERT_TRUE(payload_deep(p));
	CU_ASSERT_TRUE(json_is_object(payload_json(p)));
	payload_unref(p);
}

static void
test_same(void)
{
	struct payload	*a = from("[1]"), *b = from("[1]"), *c = from("[2]");

	CU_ASSERT_TRUE(payload_same(a, a));
	CU_ASSERT_TRUE(payload_same(a, b));
	CU_ASSERT_FALSE(payload_same(a, c));
	payload_unref(a);
	payload_unref(b);
	payload_unref(c);

	/* One tree, spelled in two ways: a chunk must keep both. */
	a = from("[1, 2]");
	b = payload_from_json(json_incref(payload_json(a)));
	CU_ASSERT_FALSE(payload_same(a, b));
	c = payload_from_json(json_incref(payload_json(a)));
	CU_ASSERT_TRUE(payload_same(b, c));
	payload_unref(a);
	payload_unref(b);
	payload_unref(c);
}

static void
test_print_bounded(void)
{
	json_t	*json = json_string("x"), *twice;
	int	 i;

	/* Two references to the same, forty times over: a terabyte as text. */
	for (i = 0; i < 40; i++) {
		twice = json_array();
		json_array_append(twice, json);
		json_array_append_new(twice, json);
		json = twice;
	}
	CU_ASSERT_PTR_NULL(payload_print(json, 1000000));
}

static void
test_vars(void)
{
	struct vars	*outer = vars_new(NULL), *inner = vars_new(outer);
	struct payload	*one = from("1"), *two = from("2");

	vars_set(outer, "x", one);
	vars_set(outer, "longer", two);
	vars_set(inner, "y", one);
	CU_ASSERT_PTR_EQUAL(vars_get(inner, "xyz", 1), one);
	CU_ASSERT_PTR_EQUAL(vars_get(inner, "y", 1), one);
	CU_ASSERT_PTR_NULL(vars_get(outer, "y", 1));
	CU_ASSERT_PTR_NULL(vars_get(NULL, "y", 1));
	CU_ASSERT_PTR_NULL(vars_get(inner, "long", 4));
	vars_set(inner, "x", two);
	CU_ASSERT_PTR_EQUAL(vars_get(inner, "x", 1), two);
	CU_ASSERT_PTR_EQUAL(vars_get(outer, "x", 1), one);
	vars_set(outer, "x", two);
	CU_ASSERT_EQUAL(vars_count(outer), 2);
	UNIT_STR(vars_name(outer, 0), "x");
	CU_ASSERT_PTR_EQUAL(vars_value(outer, 0), two);
	vars_free(inner);
	vars_free(outer);
	vars_free(NULL);
	payload_unref(one);
	payload_unref(two);
}

/* What a path finds is the very node of the input. */
static void
test_sharing(void)
{
	struct payload	*in = from("{\"a\":{\"b\":[1]},\"c\":{\"d\":2}}"), *out;
	struct payload	*value = from("3");
	struct scope	 scope = { .input = in };
	struct jsonpath	*path = jsonpath_parse("$.c.e", 5, NULL);
	json_t		*source = json_pack("{s:s,s:[i]}", "x.$", "$.a", "k", 1);
	struct template	*t;
	json_t		*a = json_object_get(payload_json(in), "a");

	CU_ASSERT_EQUAL(jsonpath_put(path, in, value, &out, NULL), 0);
	CU_ASSERT_PTR_EQUAL(json_object_get(payload_json(out), "a"), a);
	UNIT_STR(payload_text(in, NULL), "{\"a\":{\"b\":[1]},\"c\":{\"d\":2}}");
	UNIT_STR(payload_text(out, NULL),
	    "{\"a\":{\"b\":[1]},\"c\":{\"d\":2,\"e\":3}}");
	payload_unref(out);
	jsonpath_free(path);

	t = template_compile(source, NULL, NULL);
	CU_ASSERT_FALSE(template_is_constant(t));
	CU_ASSERT_EQUAL(template_eval(t, &scope, &out, NULL), 0);
	CU_ASSERT_PTR_EQUAL(json_object_get(payload_json(out), "x"), a);
	CU_ASSERT_PTR_EQUAL(json_object_get(payload_json(out), "k"),
	    json_object_get(source, "k"));
	payload_unref(out);
	template_free(t);

	t = template_compile(json_object_get(source, "k"), NULL, NULL);
	CU_ASSERT_TRUE(template_is_constant(t));
	template_free(t);

	path = jsonpath_parse("$", 1, NULL);
	CU_ASSERT_EQUAL(jsonpath_eval_payload(path, &scope, &out, NULL), 0);
	CU_ASSERT_PTR_EQUAL(out, in);
	payload_unref(out);
	jsonpath_free(path);
	json_decref(source);
	payload_unref(value);
	payload_unref(in);
}

/* Paths that would look at far too much, or make far too much. */
static void
test_budget(void)
{
	char		*text = nested(200, "[", "1", ",[0],[0],[0]]");
	struct payload	*in = payload_steal_text(text, strlen(text)), *out;
	struct scope	 scope = { .input = in };
	static const char *const	 paths[] = {
		"$..*..*..*..*..*", "$[-2000000000:1]", "$..[?(@[1])]..*..*..*",
	};
	struct jsonpath	*path;
	struct err	 e = ERR_INIT;
	size_t		 i;

	for (i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		path = jsonpath_parse(paths[i], strlen(paths[i]), NULL);
		CU_ASSERT_PTR_NOT_NULL_FATAL(path);
		CU_ASSERT_EQUAL(jsonpath_eval_payload(path, &scope, &out, &e),
		    -1);
		UNIT_STR(e.code, "PathError");
		err_clear(&e);
		jsonpath_free(path);
	}
	payload_unref(in);
}

/* Many fields that are cheap alone and dear together share one allowance. */
static void
test_work(void)
{
	struct strbuf	 b = STRBUF_INIT;
	struct payload	*in, *out;
	struct scope	 scope = { 0 };
	struct template	*t;
	json_t		*source = json_object();
	struct err	 e = ERR_INIT;
	char		 key[32];
	int		 i;

	strbuf_addc(&b, '"');
	for (i = 0; i < 100000; i++)
		strbuf_addc(&b, 'x');
	strbuf_addc(&b, '"');
	in = payload_from_text(strbuf_str(&b), b.len);
	strbuf_free(&b);
	for (i = 0; i < 5000; i++) {
		snprintf(key, sizeof key, "f%d.$", i);
		json_object_set_new(source, key, json_string(
		    "States.ArrayLength(States.StringSplit($, 'y'))"));
	}
	scope.input = in;
	t = template_compile(source, NULL, NULL);
	CU_ASSERT_EQUAL(template_eval(t, &scope, &out, &e), -1);
	UNIT_STR(e.code, "States.Runtime");
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "it takes too much work."));
	CU_ASSERT_TRUE(scope.work > SCOPE_WORK_MAX);
	err_clear(&e);
	template_free(t);
	json_decref(source);
	payload_unref(in);
}

/* A template that wraps its input in one more level, again and again. */
static void
test_template_depth(void)
{
	char		*text = nested(JSONTEXT_DEPTH_MAX, "[", "", "]");
	struct payload	*in = payload_steal_text(text, strlen(text)), *out;
	struct scope	 scope = { .input = in };
	json_t		*source = json_pack("{s:s}", "x.$", "$");
	struct template	*t = template_compile(source, NULL, NULL);
	struct err	 e = ERR_INIT;

	CU_ASSERT_EQUAL(template_eval(t, &scope, &out, &e), -1);
	UNIT_STR(e.code, "States.Runtime");
	err_clear(&e);
	template_free(t);
	json_decref(source);
	payload_unref(in);
}

UNIT_TESTS(tests) = {
	{ "bytes that are no JSON are refused", test_bytes },
	{ "any byte anywhere is read safely", test_every_byte },
	{ "depth is bounded", test_depth },
	{ "values are skipped", test_skip },
	{ "numbers read back as they were", test_numbers_return },
	{ "text is cut between characters", test_cut },
	{ "a payload keeps its text as it came", test_text_kept },
	{ "an array is put together as text", test_array },
	{ "what nests too deep is told", test_deep },
	{ "payloads compare", test_same },
	{ "printing is bounded", test_print_bounded },
	{ "variables have scopes", test_vars },
	{ "parts are shared, never copied", test_sharing },
	{ "a path has a budget", test_budget },
	{ "the work of one scope is bounded", test_work },
	{ "a template's result has a depth", test_template_depth },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	return unit_main("payload", tests);
}
