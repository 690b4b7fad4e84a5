/*
 * tests/fuzz/fuzz_jsontext.c - any bytes as JSON text.
 *
 * The check, the parser, the skipper and the printer must agree with one
 * another, and with jansson where its rules are ours: we go 1000 levels deep,
 * jansson 2048; jansson refuses numbers out of range, we do not.
 */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "jsontext.h"
#include "locate.h"
#include "xmalloc.h"

const unsigned	 fuzz_runs = 20000;

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *
white(const char *p, const char *end)
{
	while (p < end && is_space(*p))
		p++;
	return p;
}

/* Walks through a value with jsontext_skip() alone, along its tree. */
static const char *
walk(const char *p, const char *end, const json_t *tree)
{
	const char	*to = jsontext_skip(p, end), *inner;
	char		 last;
	size_t		 n = 0;

	fuzz_check(to != NULL && to > p && to <= end, "a value has no end");
	p = white(p, end);
	if (*p != '{' && *p != '[') {
		fuzz_check(!json_is_object(tree) && !json_is_array(tree),
		    "a scalar that is none");
		return to;
	}
	last = *p == '{' ? '}' : ']';
	fuzz_check(to[-1] == last, "a value ends with '%c'", to[-1]);
	for (inner = white(p + 1, end); inner < to - 1; n++) {
		if (*p == '{') {
			inner = jsontext_skip(inner, to);
			fuzz_check(inner != NULL && inner[-1] == '"',
			    "a name has no end");
			inner = white(inner, to);
			fuzz_check(*inner == ':', "a name without a colon");
			inner++;
		}
		inner = walk(inner, to, *p == '{' ? NULL :
		    json_array_get(tree, n));
		inner = white(inner, to);
		if (*inner == ',')
			inner = white(inner + 1, to);
	}
	fuzz_check(inner == to - 1, "what is inside ends elsewhere");
	if (tree != NULL)
		fuzz_check(*p == '{' ? n >= json_object_size(tree) :
		    n == json_array_size(tree), "%zu parts", n);
	return to;
}

static void
duplicate(const char *object, const char *name, size_t at, void *arg)
{
	const struct strbuf	*b = arg;

	fuzz_check(object != NULL && name != NULL && at < b->len &&
	    b->data[at] == '"', "a duplicate that is no name");
}

/* A tree prints to text that reads back as the same tree. */
static void
round_trip(const json_t *tree)
{
	struct err	 e = ERR_INIT;
	char		*text, *again;
	json_t		*back;
	size_t		 len;

	text = jsontext_string(tree, &len);
	back = jsontext_parse(text, len, &e);
	fuzz_check(back != NULL, "printed, but refused: %s: %s", e.text, text);
	fuzz_check(json_equal(tree, back), "printed, but another: %s", text);
	again = jsontext_string(back, NULL);
	fuzz_check(strcmp(text, again) == 0, "printed differently: %s and %s",
	    text, again);
	free(text);
	free(again);
	json_decref(back);
}

static void
against_jansson(const char *text, size_t len, const json_t *ours,
    const struct err *e)
{
	json_error_t	 je;
	json_t		*theirs;

	if (memchr(text, '\0', len) != NULL)
		return;			/* jansson takes one for the end */
	theirs = json_loadb(text, len, JSON_DECODE_ANY, &je);
	if (ours != NULL && theirs == NULL)
		fuzz_check(json_error_code(&je) == json_error_numeric_overflow ||
		    json_error_code(&je) == json_error_stack_overflow,
		    "we accept, jansson says: %s", je.text);
	else if (ours == NULL && theirs != NULL)
		fuzz_check(strstr(e->text, "nesting depth") != NULL,
		    "jansson accepts, we say: %s", e->text);
	else if (ours != NULL)
		fuzz_check(json_equal(ours, theirs), "two different trees");
	json_decref(theirs);
}

static void
check_cut(const char *text, size_t len)
{
	size_t	 max, cut;

	for (max = 0; max < len && max < 64; max++) {
		cut = jsontext_cut(text, len, max);
		fuzz_check(cut <= max && max - cut < 4 &&
		    fuzz_is_text(text, cut), "cut to %zu at %zu", max, cut);
	}
	fuzz_check(jsontext_cut(text, len, len) == len, "cut without need");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char	*text = (const char *)bytes;
	struct err	 e = ERR_INIT, pe = ERR_INIT;
	struct strbuf	 whole;
	json_t		*tree;
	size_t		 at = SIZE_MAX, end;
	int		 rc, line, column;

	rc = jsontext_check_depth(text, len, JSONTEXT_DEPTH_STORED, &at, &e);
	tree = jsontext_parse(text, len, &pe);
	fuzz_check((rc == 0) == (tree != NULL), "check and parse differ: %s",
	    e.text);
	against_jansson(text, len, tree, &e);
	if (rc == -1) {
		fuzz_check(at <= len, "a fault at %zu of %zu", at, len);
		fuzz_check_err(&e, ",InvalidJson,");
		fuzz_check(strcmp(e.text, pe.text) == 0, "%s and %s", e.text,
		    pe.text);
		locate_line(text, len, at, &line, &column);
		fuzz_check(line >= 1 && column >= 1, "line %d", line);
	} else {
		fuzz_reached++;
		end = (size_t)(walk(text, text + len, tree) - text);
		fuzz_check(white(text + end, text + len) == text + len,
		    "something behind the value");
		strbuf_init(&whole, SIZE_MAX);
		strbuf_add(&whole, text, len);
		locate_duplicates(text, len, duplicate, &whole);
		strbuf_free(&whole);
		check_cut(text, len);
		round_trip(tree);
	}
	json_decref(tree);
	err_clear(&e);
	err_clear(&pe);
	return 0;
}
