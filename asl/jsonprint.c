/*
 * asl/jsonprint.c - a tree becomes JSON text, as the real service prints it.
 *
 * Jackson's habits: no white space, members in their order, integers plain,
 * doubles as Java's Double.toString() has them: the fewest digits that read
 * back, at least one behind the point, and an exponent below 0.001 and from
 * 10,000,000 on (1.1, 0.0, 1.0E7, 1.5E-5).
 */

#include "jsontext.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The fewest significant digits that read back as d > 0; *exponent is that of
 * the first digit.  digits holds at least 20 bytes.  Returns their number.
 */
static int
shortest(double d, char *digits, int *exponent)
{
	char	 buf[40], *e;
	int	 precision, n;

	/* Up to 15 digits always survive the way through a normal double. */
	precision = d < DBL_MIN ? 0 : 14;
	for (; precision < 17; precision++) {
		snprintf(buf, sizeof buf, "%.*e", precision, d);
		if (strtod(buf, NULL) == d)
			break;
	}
	e = strchr(buf, 'e');
	*exponent = atoi(e + 1);
	digits[0] = buf[0];
	n = 1;
	if (e > buf + 2) {
		memcpy(digits + 1, buf + 2, (size_t)(e - buf - 2));
		n += (int)(e - buf - 2);
	}
	while (n > 1 && digits[n - 1] == '0')
		n--;
	return n;
}

/*
 * The common case, 0.001 <= d < 10,000,000 with few digits behind the point,
 * without printf: a quotient of two whole numbers below 2^53 is rounded right,
 * so when it is d, its digits read back as d.
 */
static bool
print_short(double d, struct strbuf *b)
{
	char	 digits[12], *p = digits + sizeof digits;
	int64_t	 scale = 1, m, rest;
	int	 n;

	for (n = 1; n <= 8; n++) {
		scale *= 10;
		m = (int64_t)(d * (double)scale + 0.5);
		if ((double)m / (double)scale != d)
			continue;
		strbuf_addi(b, m / scale);
		for (rest = m % scale; n > 0; n--, rest /= 10)
			*--p = (char)('0' + rest % 10);
		*--p = '.';
		strbuf_add(b, p, (size_t)(digits + sizeof digits - p));
		return true;
	}
	return false;
}

static void
zeros(struct strbuf *b, int n)
{
	while (n-- > 0)
		strbuf_addc(b, '0');
}

static void
print_real(double d, struct strbuf *b)
{
	char	 digits[40];
	int	 n, exponent;

	if (signbit(d)) {
		strbuf_addc(b, '-');
		d = -d;
	}
	if (d < 1e7 && d == (double)(int64_t)d) {
		strbuf_addi(b, (int64_t)d);
		strbuf_adds(b, ".0");
		return;
	}
	if (d < 1e7 && d >= 1e-3 && print_short(d, b))
		return;
	n = shortest(d, digits, &exponent);
	if (d >= 1e7 || d < 1e-3) {
		strbuf_addc(b, digits[0]);
		strbuf_addc(b, '.');
		if (n > 1)
			strbuf_add(b, digits + 1, (size_t)n - 1);
		else
			strbuf_addc(b, '0');
		strbuf_addc(b, 'E');
		strbuf_addi(b, exponent);
	} else if (exponent < 0) {
		strbuf_adds(b, "0.");
		zeros(b, -exponent - 1);
		strbuf_add(b, digits, (size_t)n);
	} else {
		/* A fraction is left: d is no whole number here. */
		strbuf_add(b, digits, (size_t)exponent + 1);
		strbuf_addc(b, '.');
		strbuf_add(b, digits + exponent + 1,
		    (size_t)(n - exponent - 1));
	}
}

static void print(const json_t *, struct strbuf *, int depth);

static void
print_object(const json_t *json, struct strbuf *b, int depth)
{
	json_t		*o = (json_t *)json, *v;
	const char	*key;
	char		 separator = '{';

	json_object_foreach(o, key, v) {
		strbuf_addc(b, separator);
		separator = ',';
		strbuf_add_json_string(b, key, strlen(key));
		strbuf_addc(b, ':');
		print(v, b, depth);
		if (strbuf_failed(b))
			return;
	}
	if (separator == '{')
		strbuf_addc(b, separator);
	strbuf_addc(b, '}');
}

static void
print_array(const json_t *json, struct strbuf *b, int depth)
{
	size_t	 i, n = json_array_size(json);

	strbuf_addc(b, '[');
	for (i = 0; i < n && !strbuf_failed(b); i++) {
		if (i > 0)
			strbuf_addc(b, ',');
		print(json_array_get(json, i), b, depth);
	}
	strbuf_addc(b, ']');
}

static void
print(const json_t *json, struct strbuf *b, int depth)
{
	if (json_is_object(json) || json_is_array(json)) {
		if (++depth > JSONTEXT_DEPTH_STORED) {
			b->failed = true;
			return;
		}
	}
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		print_object(json, b, depth);
		break;
	case JSON_ARRAY:
		print_array(json, b, depth);
		break;
	case JSON_STRING:
		strbuf_add_json_string(b, json_string_value(json),
		    json_string_length(json));
		break;
	case JSON_INTEGER:
		strbuf_addi(b, json_integer_value(json));
		break;
	case JSON_REAL:
		print_real(json_real_value(json), b);
		break;
	case JSON_TRUE:
		strbuf_adds(b, "true");
		break;
	case JSON_FALSE:
		strbuf_adds(b, "false");
		break;
	case JSON_NULL:
		strbuf_adds(b, "null");
		break;
	}
}

void
jsontext_print(const json_t *json, struct strbuf *b)
{
	print(json, b, 0);
}

char *
jsontext_string(const json_t *json, size_t *len)
{
	struct strbuf	 b = STRBUF_INIT;

	jsontext_print(json, &b);
	return strbuf_take(&b, len);
}
