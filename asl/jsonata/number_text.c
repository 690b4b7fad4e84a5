/*
 * asl/jsonata/number_text.c - numbers as JavaScript writes and reads them.
 *
 * Everything rests on two things of the C library that are exact: "%.*e" gives
 * the correctly rounded digits of a double, strtod() the double nearest to
 * digits.  The shortest text is searched between them.  LC_NUMERIC is never
 * set, so both speak with a point.
 *
 * Invariants:
 *   - whatever number_text_print() writes of a finite number reads back as it;
 *   - an exact half is rounded away from zero by toPrecision, to even by $round.
 */

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codepoints.h"
#include "number_text.h"
#include "xmalloc.h"

#define WHOLE_MAX	9007199254740992.0	/* 2^53 */
#define NORMAL_MIN	2.2250738585072014e-308
#define POINT_MAX	21		/* longer whole numbers get an exponent */
#define POINT_MIN	(-6)
#define SHIFT_MAX	1e15		/* $round: beyond it only NaN or 0 */

/* --- writing ---------------------------------------------------------------- */

/* Reads what "%.*e" printed into digits and point; v = 0.DIGITS * 10^point. */
static int
digits_of(const char *text, char digits[NUMBER_TEXT_SIZE], int *point)
{
	const char	*p;
	int		 n = 0;

	for (p = text; *p != 'e'; p++)
		if (*p != '.')
			digits[n++] = *p;
	*point = atoi(p + 1) + 1;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	return n;
}

/*
 * Below a power of two doubles stand closer than above it, so that the nearest
 * decimal may lie outside of what reads back, and its successor inside.
 */
static bool
next_reads_back(char *text, double v)
{
	char	*p = strchr(text, 'e');
	int	 e;

	if (frexp(v, &e) != 0.5)
		return false;
	while (p > text) {
		p--;
		if (*p == '.')
			continue;
		if (*p != '9') {
			(*p)++;
			return strtod(text, NULL) == v;
		}
		*p = '0';
	}
	return false;
}

int
number_text_digits(double v, char digits[NUMBER_TEXT_SIZE], int *point)
{
	char	text[NUMBER_TEXT_SIZE];
	int	n;

	/* 15 digits, cut short, are the shortest if they read back. */
	for (n = v < NORMAL_MIN ? 1 : 15; n < 17; n++) {
		snprintf(text, sizeof(text), "%.*e", n - 1, v);
		if (strtod(text, NULL) == v || next_reads_back(text, v))
			return digits_of(text, digits, point);
	}
	snprintf(text, sizeof(text), "%.16e", v);
	return digits_of(text, digits, point);
}

/* Digits and point to JavaScript's notation; returns the length. */
static size_t
layout(bool negative, const char *digits, int n, int point, char *buf)
{
	char	*p = buf;
	int	 i;

	if (negative)
		*p++ = '-';
	if (point > 0 && point <= POINT_MAX) {
		for (i = 0; i < n || i < point; i++) {
			if (i == point)
				*p++ = '.';
			*p++ = i < n ? digits[i] : '0';
		}
	} else if (point > POINT_MIN && point <= 0) {
		*p++ = '0';
		*p++ = '.';
		for (i = point; i < 0; i++)
			*p++ = '0';
		memcpy(p, digits, (size_t)n);
		p += n;
	} else {
		*p++ = digits[0];
		if (n > 1) {
			*p++ = '.';
			memcpy(p, digits + 1, (size_t)n - 1);
			p += n - 1;
		}
		p += snprintf(p, 8, "e%+d", point - 1);
	}
	*p = '\0';
	return (size_t)(p - buf);
}

static size_t
print_whole(double v, char *buf)
{
	char		 back[20];
	uint64_t	 u = (uint64_t)fabs(v);
	size_t		 n = 0, len = 0;

	do
		back[n++] = (char)('0' + u % 10);
	while ((u /= 10) != 0);
	if (v < 0)
		buf[len++] = '-';
	while (n > 0)
		buf[len++] = back[--n];
	buf[len] = '\0';
	return len;
}

static bool
is_whole(double v)
{
	return fabs(v) < WHOLE_MAX && v == trunc(v);
}

static size_t
print_special(double v, char *buf)
{
	const char	*text = isnan(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity";

	memcpy(buf, text, strlen(text) + 1);
	return strlen(text);
}

size_t
number_text_print(double v, char buf[NUMBER_TEXT_SIZE])
{
	char	digits[NUMBER_TEXT_SIZE];
	int	n, point;

	if (!isfinite(v))
		return print_special(v, buf);
	if (is_whole(v))
		return print_whole(v, buf);
	n = number_text_digits(fabs(v), digits, &point);
	return layout(v < 0, digits, n, point, buf);
}

/* Rounds v > 0 to 15 digits as toPrecision does: halves up. */
static int
digits15(double v, char digits[NUMBER_TEXT_SIZE], int *point)
{
	char	text[64];
	int	i, n, tail;

	snprintf(text, sizeof(text), "%.16e", v);
	tail = (text[16] - '0') * 10 + text[17] - '0';
	if (tail == 50) {	/* a half, or just beside it: look closer */
		snprintf(text, sizeof(text), "%.40e", v);
		tail = text[16] >= '5' ? 51 : 49;
	}
	*point = atoi(strchr(text, 'e') + 1) + 1;
	text[16] = 'e';		/* one digit, the point, fourteen more */
	n = digits_of(text, digits, &i);
	if (tail < 50)
		return n;
	for (; n < 15; n++)
		digits[n] = '0';
	while (n > 0 && digits[n - 1] == '9')
		n--;
	if (n == 0) {
		digits[0] = '1';
		(*point)++;
		return 1;
	}
	digits[n - 1]++;
	return n;
}

size_t
number_text_print15(double v, char buf[NUMBER_TEXT_SIZE])
{
	char	digits[NUMBER_TEXT_SIZE], text[NUMBER_TEXT_SIZE];
	int	n, point;

	if (!isfinite(v) || v == trunc(v))
		return number_text_print(v, buf);
	n = digits15(fabs(v), digits, &point);
	if (fabs(v) >= NORMAL_MIN)
		return layout(v < 0, digits, n, point, buf);
	/* So small that 15 digits are more than the number has. */
	snprintf(text, sizeof(text), "%s.%.*se%d", v < 0 ? "-" : "", n, digits,
	    point);
	return number_text_print(strtod(text, NULL), buf);
}

/* --- reading ---------------------------------------------------------------- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* -?digits(.digits)?([eE][+-]?digits)? and nothing else */
static bool
is_decimal(const char *p, const char *end)
{
	const char	*start;

	if (p < end && *p == '-')
		p++;
	for (start = p; p < end && is_digit(*p); p++)
		;
	if (p == start)
		return false;
	if (p < end && *p == '.') {
		for (start = ++p; p < end && is_digit(*p); p++)
			;
		if (p == start)
			return false;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		for (start = p; p < end && is_digit(*p); p++)
			;
		if (p == start)
			return false;
	}
	return p == end;
}

static double
decimal_value(const char *text, size_t len)
{
	char	 small[64], *copy;
	double	 v;

	if (len < sizeof(small)) {
		memcpy(small, text, len);
		small[len] = '\0';
		return strtod(small, NULL);
	}
	copy = xstrndup(text, len);
	v = strtod(copy, NULL);
	free(copy);
	return v;
}

/* Bits of a digit behind 0x, 0o, 0b; 0 if c is no such letter. */
static int
radix_bits(char c)
{
	switch (c) {
	case 'x': case 'X':
		return 4;
	case 'o': case 'O':
		return 3;
	case 'b': case 'B':
		return 1;
	default:
		return 0;
	}
}

/* The value of c as a digit of that many bits, or -1. */
static int
digit_value(char c, int bits)
{
	int	d = is_digit(c) ? c - '0' :
		    c >= 'a' && c <= 'f' ? c - 'a' + 10 :
		    c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

	return d < 1 << bits ? d : -1;
}

/* Where the number starts if text has a digit of a radix at p ("0x1"), or NULL. */
static const char *
radix_at(const char *p, const char *end, int bits)
{
	if (end - p < 3 || p[0] != '0' || radix_bits(p[1]) != bits ||
	    digit_value(p[2], bits) < 0)
		return NULL;
	return p + 2;
}

/*
 * What the reference lets pass as a number with a prefix.  Its pattern is
 * anchored only in part, hexadecimal in front and binary at the end, so that
 * spaces may stand around, and other text gives NaN instead of an error.
 */
static bool
looks_prefixed(const char *text, const char *end)
{
	const char	*p, *q;

	if (radix_at(text, end, 4) != NULL)
		return true;
	for (p = text; p < end; p++)
		if (radix_at(p, end, 3) != NULL)
			return true;
	for (p = end; p > text && digit_value(p[-1], 1) >= 0; p--)
		;
	/* p is where the last 0s and 1s start; the prefix's own 0 stands before. */
	q = p - 2;
	return p - text >= 2 && p < end && radix_bits(p[-1]) == 1 && *q == '0';
}

/* Exact up to the last bit: what does not fit 64 bits only makes them odd. */
static double
radix_value(const char *p, const char *end, int bits)
{
	uint64_t	m = 0;
	int		d, i, exponent = 0;

	for (; p < end; p++) {
		if ((d = digit_value(*p, bits)) < 0)
			return NAN;
		for (i = bits - 1; i >= 0; i--) {
			uint64_t	bit = (uint64_t)(d >> i) & 1;

			if (m >> 63 == 0)
				m = m << 1 | bit;
			else {
				m |= bit;
				exponent += exponent < 4096;
			}
		}
	}
	return ldexp((double)m, exponent);
}

/* Bytes of the space that JavaScript trims at p, or 0. */
static size_t
space_at(const char *p, const char *end)
{
	const char	*next = p;

	if (p == end || !codepoints_is_space(codepoints_next(&next, end)))
		return 0;
	return (size_t)(next - p);
}

static double
prefixed_value(const char *p, const char *end)
{
	const char	*q, *stop, *digits;
	size_t		 n;

	while ((n = space_at(p, end)) > 0)
		p += n;
	for (stop = p; stop < end && space_at(stop, end) == 0; stop++)
		;
	for (q = stop; (n = space_at(q, end)) > 0; q += n)
		;
	digits = stop - p < 3 ? NULL : radix_at(p, stop, radix_bits(p[1]));
	if (digits == NULL || q != end)
		return NAN;
	return radix_value(digits, stop, radix_bits(p[1]));
}

bool
number_text_read(const char *text, size_t len, double *v)
{
	const char	*end = text + len;

	if (is_decimal(text, end)) {
		*v = decimal_value(text, len);
		return isfinite(*v);
	}
	if (!looks_prefixed(text, end))
		return false;
	*v = prefixed_value(text, end);
	return true;
}

/* --- rounding and other bases ----------------------------------------------- */

/* v * 10^by, as if the point of v's text were moved. */
static double
shift_point(double v, double by)
{
	char	digits[NUMBER_TEXT_SIZE], text[NUMBER_TEXT_SIZE * 2];
	int	n, point;

	if (v == 0)
		return 0;
	n = number_text_digits(fabs(v), digits, &point);
	snprintf(text, sizeof(text), "%s.%.*se%.0f", v < 0 ? "-" : "", n,
	    digits, point + by);
	return strtod(text, NULL);
}

double
number_text_round(double v, double precision)
{
	if (isnan(precision))
		precision = 0;
	if (precision != 0) {
		/* The reference writes the exponent as text, and reads it back. */
		if (!isfinite(v) || precision != trunc(precision) ||
		    fabs(precision) >= 1e21)
			return NAN;
		if (fabs(precision) > SHIFT_MAX)
			return v == 0 || precision < 0 ? 0 : NAN;
		v = shift_point(v, precision);
		if (isinf(v))
			return NAN;
	}
	v = rint(v);
	if (precision != 0)
		v = shift_point(v, -precision);
	return v == 0 ? 0 : v;	/* never -0 */
}

int
number_text_base(double v, double radix, struct strbuf *out, struct err *e)
{
	char		 text[NUMBER_TEXT_SIZE], back[1100];
	size_t		 n = sizeof(back);
	double		 rest, digit;

	v = number_text_round(v, 0);
	radix = number_text_round(radix, 0);
	if (!(radix >= 2 && radix <= 36)) {
		number_text_print(radix, text);
		return err_set(e, "D3100", "The radix of the formatBase function "
		    "must be between 2 and 36.  It was given %s",
		    isfinite(radix) ? text : "null");
	}
	if (!isfinite(v) || radix == 10) {
		strbuf_add(out, text, number_text_print(v, text));
		return 0;
	}
	/* What a double cannot know are zeros. */
	rest = fabs(v);
	for (; rest / radix >= WHOLE_MAX; rest /= radix)
		back[--n] = '0';
	do {
		digit = fmod(rest, radix);
		back[--n] = "0123456789abcdefghijklmnopqrstuvwxyz"[(int)digit];
		rest = (rest - digit) / radix;
	} while (rest > 0);
	if (v < 0)
		strbuf_addc(out, '-');
	strbuf_add(out, back + n, sizeof(back) - n);
	return 0;
}
