/*
 * tests/unit/t_base.c - errors, buffers and the clock.
 */

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "map.h"
#include "strbuf.h"
#include "unit.h"
#include "wallclock.h"

static void
test_first_error_wins(void)
{
	struct err	 e = ERR_INIT;

	CU_ASSERT_EQUAL(err_set(&e, "First", "number %d", 1), -1);
	CU_ASSERT_EQUAL(err_set(&e, "Second", "number %d", 2), -1);
	err_context(&e, "while testing: ");
	UNIT_STR(e.code, "First");
	UNIT_STR(e.text, "while testing: number 1");
	err_clear(&e);
	UNIT_STR(e.code, "");
	CU_ASSERT_PTR_NULL(e.text);
}

static void
test_err_move(void)
{
	struct err	 from = ERR_INIT, to = ERR_INIT;

	err_set(&from, "A", "a");
	err_move(&to, &from);
	UNIT_STR(to.text, "a");
	UNIT_STR(from.code, "");
	err_set(&from, "B", "b");
	err_move(&to, &from);
	UNIT_STR(to.code, "A");
	CU_ASSERT_PTR_NULL(from.text);
	err_clear(&to);
}

static void
test_strbuf_grows(void)
{
	struct strbuf	 b = STRBUF_INIT;
	int		 i;

	UNIT_STR(strbuf_str(&b), "");
	for (i = 0; i < 1000; i++)
		strbuf_addi(&b, i % 10);
	CU_ASSERT_EQUAL(b.len, 1000);
	CU_ASSERT_EQUAL(strlen(strbuf_str(&b)), 1000);
	strbuf_reset(&b);
	strbuf_addi(&b, INT64_MIN);
	UNIT_STR(strbuf_str(&b), "-9223372036854775808");
	strbuf_free(&b);
}

static void
test_strbuf_ceiling(void)
{
	struct strbuf	 b;

	strbuf_init(&b, 5);
	strbuf_adds(&b, "12345");
	CU_ASSERT_FALSE(strbuf_failed(&b));
	strbuf_addc(&b, '6');
	CU_ASSERT_TRUE(strbuf_failed(&b));
	UNIT_STR(strbuf_str(&b), "12345");
	strbuf_reset(&b);
	CU_ASSERT_FALSE(strbuf_failed(&b));
	strbuf_free(&b);
}

static void
test_strbuf_json(void)
{
	struct strbuf	 b = STRBUF_INIT;
	const char	*s = "a\"\\\b\f\n\r\t\v\x1f/\xc3\xa9";

	strbuf_add_json_string(&b, s, strlen(s));
	UNIT_STR(strbuf_str(&b),
	    "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u000b\\u001f/\xc3\xa9\"");
	strbuf_free(&b);
}

static void
test_strbuf_markup(void)
{
	struct strbuf	 b = STRBUF_INIT;

	strbuf_add_markup(&b, "<a href='x' b=\"y\">& \xc3\xa9\r\n");
	UNIT_STR(strbuf_str(&b), "&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;"
	    "&amp; \xc3\xa9&#13;\n");
	strbuf_free(&b);
}

static void
test_iso(void)
{
	char	 buf[WALLCLOCK_ISO_SIZE];

	UNIT_STR(wallclock_iso(1457920740123, buf), "2016-03-14T01:59:00.123Z");
	UNIT_STR(wallclock_iso(-1, buf), "1969-12-31T23:59:59.999Z");
}

static void
test_map(void)
{
	struct map	*m = map_new();
	static int	 keys[5000];
	size_t		 at = 0;
	int		 i, *p, left = 0;

	for (i = 0; i < 5000; i++) {
		keys[i] = i * 7;
		CU_ASSERT_PTR_NULL(map_put(m, &keys[i], sizeof keys[i], &keys[i]));
	}
	CU_ASSERT_EQUAL(map_count(m), 5000);
	while ((p = map_next(m, &at)) != NULL)
		if (*p % 2 == 0)
			CU_ASSERT_PTR_EQUAL(map_remove(m, p, sizeof *p), p);
	for (i = 0; i < 5000; i++) {
		p = map_get(m, &keys[i], sizeof keys[i]);
		CU_ASSERT_EQUAL(p == NULL, keys[i] % 2 == 0);
		left += p != NULL;
	}
	CU_ASSERT_EQUAL(map_count(m), (size_t)left);
	i = -1;
	CU_ASSERT_PTR_NULL(map_get(m, &i, sizeof i));
	CU_ASSERT_PTR_EQUAL(map_put(m, &keys[1], sizeof keys[1], &keys[0]), &keys[1]);
	map_free(m);
}

UNIT_TESTS(tests) = {
	{ "a map puts, finds, walks and removes", test_map },
	{ "the first error wins", test_first_error_wins },
	{ "an error moves once", test_err_move },
	{ "a buffer grows", test_strbuf_grows },
	{ "a buffer has a ceiling", test_strbuf_ceiling },
	{ "JSON strings are escaped", test_strbuf_json },
	{ "markup is escaped", test_strbuf_markup },
	{ "times print as ISO 8601", test_iso },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	return unit_main("base", tests);
}
