/*
 * tests/fuzz/fuzz_picture.c - pictures, and the text that they read and print.
 *
 * A line with a number, a line with a picture, and text to read.  Every function
 * over pictures either answers or says why not; what is printed can be shown;
 * the same is answered twice; a number's text reads back as the number.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "number_text.h"
#include "picture_datetime.h"
#include "picture_integer.h"
#include "picture_number.h"
#include "strbuf.h"

const unsigned	 fuzz_runs = 20000;

#define CODES ",D3080,D3081,D3082,D3083,D3084,D3085,D3086,D3087,D3088,D3089," \
	"D3090,D3091,D3092,D3093,D3100,D3110,D3130,D3131,D3132,D3133,D3134," \
	"D3135,D3136,RangeError,TypeError,PictureTooLong,"

#define OUT_MAX ((size_t)64 << 10)

struct line {
	const char	*at;
	size_t		 len;
};

/* Cuts the next line off. */
static struct line
line_next(const char **p, const char *end)
{
	const char	*stop = memchr(*p, '\n', (size_t)(end - *p));
	struct line	 l = { *p, 0 };

	l.len = (size_t)((stop == NULL ? end : stop) - *p);
	*p = stop == NULL ? end : stop + 1;
	return l;
}

typedef int	printer(double, const char *, size_t, struct strbuf *,
		    struct err *);

static int
print_number(double v, const char *picture, size_t len, struct strbuf *out,
    struct err *e)
{
	return picture_number_format(v, picture, len, NULL, out, e);
}

static int
print_time(double v, const char *picture, size_t len, struct strbuf *out,
    struct err *e)
{
	return picture_datetime_print(v, picture, len, "-0330", 5, out, e);
}

static int
print_base(double v, const char *picture, size_t len, struct strbuf *out,
    struct err *e)
{
	return number_text_base(v, len > 0 ? picture[0] - ' ' : 2, out, e);
}

static void
check_printer(printer *print, double v, struct line picture)
{
	struct strbuf	 once, again;
	struct err	 e = ERR_INIT, f = ERR_INIT;
	int		 result;

	strbuf_init(&once, OUT_MAX);
	strbuf_init(&again, OUT_MAX);
	result = print(v, picture.at, picture.len, &once, &e);
	fuzz_check(print(v, picture.at, picture.len, &again, &f) == result &&
	    once.len == again.len && strcmp(e.code, f.code) == 0,
	    "two answers to one question");
	if (result != 0) {
		fuzz_check_err(&e, CODES);
	} else {
		fuzz_reached++;
		fuzz_check(strbuf_failed(&once) || once.len == 0 ||
		    fuzz_is_text(once.data, once.len),
		    "text that cannot be shown");
	}
	strbuf_free(&once);
	strbuf_free(&again);
	err_clear(&e);
	err_clear(&f);
}

static void
check_readers(struct line text, struct line picture)
{
	struct err	 e = ERR_INIT;
	double		 v;

	if (picture_integer_parse(text.at, text.len, picture.at, picture.len,
	    &v, &e) != 0)
		fuzz_check_err(&e, CODES);
	err_clear(&e);
	if (picture_datetime_read(text.at, text.len, picture.at, picture.len,
	    1521838991234, &v, &e) < 0)
		fuzz_check_err(&e, CODES);
	err_clear(&e);
	if (picture_datetime_read(text.at, text.len, NULL, 0, 0, &v, &e) < 0)
		fuzz_check_err(&e, CODES);
	err_clear(&e);
}

static void
check_number(double v)
{
	char	text[NUMBER_TEXT_SIZE];
	double	back;
	size_t	len = number_text_print(v, text);

	fuzz_check(len == strlen(text), "a wrong length: %s", text);
	if (isfinite(v))
		fuzz_check(number_text_read(text, len, &back) && back == v,
		    "another number: %s", text);
	len = number_text_print15(v, text);
	fuzz_check(len == strlen(text), "a wrong length: %s", text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char	*p = (const char *)data, *end = p + size;
	struct line	 number, picture, text;
	double		 v, bits;

	if (size == 0 || !fuzz_is_text(p, size))
		return 0;
	number = line_next(&p, end);
	picture = line_next(&p, end);
	text.at = p;
	text.len = (size_t)(end - p);
	if (!number_text_read(number.at, number.len, &v)) {
		memset(&bits, 0, sizeof(bits));
		memcpy(&bits, number.at, number.len < 8 ? number.len : 8);
		v = bits;
	}
	check_number(v);
	check_number(number_text_round(v, (double)picture.len));
	check_printer(print_number, v, picture);
	check_printer(picture_integer_format, v, picture);
	check_printer(print_time, v, picture);
	check_printer(print_base, v, picture);
	check_readers(text, picture);
	return 0;
}
