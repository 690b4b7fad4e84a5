/*
 * tests/unit/t_pictures.c - runs the files tests/data/jsonata/NAME.test:
 * numbers and times as text, by picture and without.
 *
 * Each question with its answer is one test.  Arguments are JSON values with
 * commas between; a number may be "Infinity", "-Infinity", "NaN", "-0".
 *
 *	print NUMBER			the shortest text
 *	print15 NUMBER			as $string has it
 *	read TEXT			$number
 *	round NUMBER PRECISION		$round
 *	base NUMBER RADIX		$formatBase
 *	format NUMBER PICTURE OPTIONS	$formatNumber
 *	integer NUMBER PICTURE		$formatInteger
 *	parse TEXT PICTURE		$parseInteger
 *	from NUMBER PICTURE ZONE	$fromMillis
 *	to TEXT PICTURE			$toMillis
 *
 *	= JSON				the answer; a number to the last bit
 *	none				there is no value (or text is no number)
 *	! CODE TEXT			the error, exactly
 *
 * What text a call makes is made a second time with every smaller ceiling of
 * the buffer, and must be the beginning of it or nothing at all.
 * Blank lines and those that begin with # do not count.
 */

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number_text.h"
#include "picture_datetime.h"
#include "picture_integer.h"
#include "picture_number.h"
#include "strbuf.h"
#include "unit.h"
#include "xmalloc.h"

#define NOW_MS 1521838991234

enum kind { TEXT, NUMBER, NONE, ERROR };

struct answer {
	enum kind	 kind;
	double		 number;
	struct strbuf	 text;
	struct err	 e;
};

static int	 tests_run, tests_failed;

/* --- arguments --------------------------------------------------------------- */

static double
number_at(const json_t *args, size_t i, double absent)
{
	const json_t	*v = json_array_get(args, i);

	if (json_is_string(v))
		return strtod(json_string_value(v), NULL);
	return json_is_number(v) ? json_number_value(v) : absent;
}

/* NULL where it is null or absent. */
static const char *
text_at(const json_t *args, size_t i, size_t *len)
{
	const json_t	*v = json_array_get(args, i);

	*len = json_string_length(v);
	return json_string_value(v);
}

/* --- the questions ----------------------------------------------------------- */

static int
ask_print(const json_t *args, struct answer *a)
{
	char	text[NUMBER_TEXT_SIZE];

	strbuf_add(&a->text, text, number_text_print(number_at(args, 0, 0), text));
	return 0;
}

static int
ask_print15(const json_t *args, struct answer *a)
{
	char	text[NUMBER_TEXT_SIZE];

	strbuf_add(&a->text, text, number_text_print15(number_at(args, 0, 0),
	    text));
	return 0;
}

static int
ask_read(const json_t *args, struct answer *a)
{
	size_t		 len;
	const char	*text = text_at(args, 0, &len);

	a->kind = number_text_read(text, len, &a->number) ? NUMBER : NONE;
	return 0;
}

static int
ask_round(const json_t *args, struct answer *a)
{
	a->kind = NUMBER;
	a->number = number_text_round(number_at(args, 0, 0),
	    number_at(args, 1, 0));
	return 0;
}

static int
ask_base(const json_t *args, struct answer *a)
{
	return number_text_base(number_at(args, 0, 0), number_at(args, 1, 10),
	    &a->text, &a->e);
}

static int
ask_format(const json_t *args, struct answer *a)
{
	struct picture_number_options	 options = { { NULL } };
	json_t				*given = json_array_get(args, 2), *v;
	const char			*picture, *key;
	size_t				 len;

	picture = text_at(args, 1, &len);
	json_object_foreach(given, key, v)
		picture_number_option(&options, key, json_string_value(v));
	return picture_number_format(number_at(args, 0, 0), picture, len,
	    given == NULL ? NULL : &options, &a->text, &a->e);
}

static int
ask_integer(const json_t *args, struct answer *a)
{
	size_t		 len;
	const char	*picture = text_at(args, 1, &len);

	return picture_integer_format(number_at(args, 0, 0), picture, len,
	    &a->text, &a->e);
}

static int
ask_parse(const json_t *args, struct answer *a)
{
	size_t		 text_len, len;
	const char	*text = text_at(args, 0, &text_len);
	const char	*picture = text_at(args, 1, &len);

	a->kind = NUMBER;
	return picture_integer_parse(text, text_len, picture, len, &a->number,
	    &a->e);
}

static int
ask_from(const json_t *args, struct answer *a)
{
	size_t		 len, zone_len;
	const char	*picture = text_at(args, 1, &len);
	const char	*zone = text_at(args, 2, &zone_len);

	return picture_datetime_print(number_at(args, 0, 0), picture, len, zone,
	    zone_len, &a->text, &a->e);
}

static int
ask_to(const json_t *args, struct answer *a)
{
	size_t		 text_len, len;
	const char	*text = text_at(args, 0, &text_len);
	const char	*picture = text_at(args, 1, &len);
	int		 result;

	result = picture_datetime_read(text, text_len, picture, len, NOW_MS,
	    &a->number, &a->e);
	a->kind = result == 0 ? NONE : NUMBER;
	return result < 0 ? -1 : 0;
}

static const struct {
	const char	*verb;
	int		(*ask)(const json_t *, struct answer *);
} questions[] = {
	{ "print", ask_print },
	{ "print15", ask_print15 },
	{ "read", ask_read },
	{ "round", ask_round },
	{ "base", ask_base },
	{ "format", ask_format },
	{ "integer", ask_integer },
	{ "parse", ask_parse },
	{ "from", ask_from },
	{ "to", ask_to },
};

static int
ask(size_t which, const json_t *args, struct answer *a, size_t ceiling)
{
	memset(a, 0, sizeof(*a));
	strbuf_init(&a->text, ceiling);
	a->kind = TEXT;
	if (questions[which].ask(args, a) != 0)
		a->kind = ERROR;
	return 0;
}

static void
answer_free(struct answer *a)
{
	strbuf_free(&a->text);
	err_clear(&a->e);
}

/* --- judging ----------------------------------------------------------------- */

static bool
same_number(double a, double b)
{
	return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b));
}

static bool
is_right(const struct answer *a, const char *want)
{
	char	*error;
	json_t	*text;
	bool	 right;

	if (strcmp(want, "none") == 0)
		return a->kind == NONE;
	if (*want == '!') {
		error = xasprintf("! %s %s", a->e.code,
		    a->e.text == NULL ? "" : a->e.text);
		right = a->kind == ERROR && strcmp(error, want) == 0;
		free(error);
		return right;
	}
	if (strncmp(want, "= ", 2) != 0)
		return false;
	if (want[2] != '"')
		return a->kind == NUMBER &&
		    same_number(a->number, strtod(want + 2, NULL));
	text = json_loads(want + 2, JSON_DECODE_ANY, NULL);
	right = a->kind == TEXT && json_is_string(text) &&
	    strcmp(strbuf_str(&a->text), json_string_value(text)) == 0 &&
	    !strbuf_failed(&a->text);
	json_decref(text);
	return right;
}

/* A full buffer must stay what it is: no crash, no endless loop, no other text. */
static bool
bears_ceilings(size_t which, const json_t *args, const struct answer *full)
{
	struct answer	 a;
	size_t		 ceiling;
	bool		 good = true;

	if (full->kind != TEXT)
		return true;
	for (ceiling = 0; ceiling < full->text.len && good; ceiling++) {
		ask(which, args, &a, ceiling);
		good = strbuf_failed(&a.text) && a.text.len <= ceiling;
		answer_free(&a);
	}
	return good;
}

static void
show(const struct answer *a)
{
	char	number[NUMBER_TEXT_SIZE];

	switch (a->kind) {
	case TEXT:
		printf("# got  = \"%s\"\n", strbuf_str(&a->text));
		break;
	case NUMBER:
		number_text_print(a->number, number);
		printf("# got  = %s\n", number);
		break;
	case NONE:
		printf("# got  none\n");
		break;
	case ERROR:
		printf("# got  ! %s %s\n", a->e.code, a->e.text);
		break;
	}
}

static void
judge(const char *file, int line, const char *question, const char *want)
{
	const char	*blank = strchr(question, ' ');
	size_t		 which, verb = blank == NULL ? 0 :
			    (size_t)(blank - question);
	char		*array;
	json_t		*args;
	struct answer	 a;
	bool		 right;

	for (which = 0; which < sizeof(questions) / sizeof(questions[0]); which++)
		if (strncmp(questions[which].verb, question, verb) == 0 &&
		    questions[which].verb[verb] == '\0')
			break;
	array = xasprintf("[%s]", blank == NULL ? "" : blank);
	args = json_loads(array, JSON_DECODE_INT_AS_REAL, NULL);
	free(array);
	if (args == NULL || which == sizeof(questions) / sizeof(questions[0])) {
		printf("not ok %d - %s:%d: no question\n", ++tests_run, file, line);
		tests_failed++;
		json_decref(args);
		return;
	}
	ask(which, args, &a, STRBUF_MAX_DEFAULT);
	right = is_right(&a, want) && bears_ceilings(which, args, &a);
	printf("%sok %d - %s:%d: %s\n", right ? "" : "not ", ++tests_run, file,
	    line, question);
	if (!right) {
		tests_failed++;
		printf("# want %s\n", want);
		show(&a);
	}
	answer_free(&a);
	json_decref(args);
}

static void
run_file(const char *name)
{
	char	 line[4096], question[4096] = "";
	char	*below = xasprintf("tests/data/jsonata/%s.test", name);
	char	*path = unit_srcpath(below);
	FILE	*f = fopen(path, "r");
	int	 n = 0;

	if (f == NULL) {
		printf("not ok %d - %s cannot be read\n", ++tests_run, path);
		tests_failed++;
	}
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		n++;
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (question[0] == '\0') {
			snprintf(question, sizeof(question), "%s", line);
			continue;
		}
		judge(name, n - 1, question, line);
		question[0] = '\0';
	}
	if (f != NULL)
		fclose(f);
	free(path);
	free(below);
}

int
main(void)
{
	run_file("number");
	run_file("format_number");
	run_file("format_integer");
	run_file("datetime");
	printf("1..%d\n", tests_run);
	return tests_failed != 0 || tests_run < 1000;
}
