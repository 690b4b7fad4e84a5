/*
 * asl/jsonata/picture_datetime.c - times by picture: $fromMillis.
 *
 * Offsets are computed as the reference does: "-0530" is -6 hours and -30
 * minutes.  A time out of range prints as NaN, it is no error.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "picture_calendar.h"
#include "picture_datetime.h"
#include "picture_parts.h"

#define DEFAULT_PICTURE "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"

static double
field_of(const struct picture_moment *m, char component)
{
	switch (component) {
	case 'Y':
		return m->year;
	case 'M':
		return m->month;
	case 'D':
		return m->day;
	case 'd':
		return m->day_of_year;
	case 'F':
		return m->weekday;
	case 'W':
		return m->week;
	case 'w':
		return m->week_of_month;
	case 'X':
		return m->week_year;
	case 'x':
		return m->week_month;
	case 'H':
		return m->hour;
	case 'h':
		return fmod(m->hour, 12) == 0 ? 12 : fmod(m->hour, 12);
	case 'm':
		return m->minute;
	case 's':
		return m->second;
	default:
		return m->ms;
	}
}

static void
print_cased(const char *text, enum picture_names names, struct strbuf *out)
{
	for (; *text != '\0'; text++)
		strbuf_addc(out, names == PICTURE_NAMES_UPPER &&
		    *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') :
		    names == PICTURE_NAMES_LOWER && *text >= 'A' && *text <= 'Z' ?
		    (char)(*text - 'A' + 'a') : *text);
}

static int
print_name(const struct picture_part *part, const struct picture_moment *m,
    struct strbuf *out, struct err *e)
{
	const char	*name;
	char		 text[16];
	double		 n;

	if (part->component == 'M' || part->component == 'x')
		name = picture_parts_month(field_of(m, part->component));
	else if (part->component == 'F')
		name = picture_parts_weekday(m->weekday);
	else if (part->component == 'f')
		return err_set(e, "TypeError", "Cannot read properties of "
		    "undefined (reading 'primary')");
	else
		return picture_parts_no_name(part, e);
	if (name == NULL &&
	    (part->names != PICTURE_NAMES_TITLE || part->has_width))
		return err_set(e, "TypeError", "Cannot read properties of "
		    "undefined (reading '%s')",
		    part->names == PICTURE_NAMES_LOWER ? "toLowerCase" :
		    part->names == PICTURE_NAMES_UPPER ? "toUpperCase" : "length");
	snprintf(text, sizeof(text), "%s", name == NULL ? "undefined" : name);
	n = part->max;
	if (part->has_max && (double)strlen(text) > n)
		text[n > 0 ? (int)n : 0] = '\0';
	print_cased(text, part->names, out);
	return 0;
}

static int
print_number(const struct picture_part *part, const struct picture_moment *m,
    struct strbuf *out, struct err *e)
{
	double	v = field_of(m, part->component);

	if (part->year_digits != -1)
		v = fmod(v, pow(10, part->year_digits));
	return picture_integer_print(&part->integer, v, out, e);
}

/* The offset: "+01:00", "+1", "+0100", by the number of the picture's digits. */
static int
print_offset(const struct picture_part *part, double hours, double minutes,
    struct strbuf *out, struct err *e)
{
	const struct picture_integer	*p = &part->integer;
	static const uint32_t		 two[] = { '0', '0' };
	struct picture_integer		 pair;
	double				 offset = hours * 100 + minutes;
	int				 result;

	if (part->has_integer && p->kind == PICTURE_INTEGER_DECIMAL &&
	    offset == 0 && part->zulu && (p->regular > 0 || p->mandatory <= 4)) {
		strbuf_addc(out, 'Z');
		return 0;
	}
	if (part->component == 'z')
		strbuf_adds(out, "GMT");
	if (offset >= 0)
		strbuf_addc(out, '+');
	if (!part->has_integer || p->kind != PICTURE_INTEGER_DECIMAL ||
	    (p->regular == 0 && p->mandatory > 4))
		return err_set(e, "D3134", "The timezone integer format "
		    "specifier cannot have more than four digits");
	if (p->regular > 0 || p->mandatory > 2)
		return picture_integer_print(p, offset, out, e);
	if (picture_integer_print(p, hours, out, e) != 0)
		return -1;
	if (minutes == 0)
		return 0;
	strbuf_addc(out, ':');
	if (picture_integer_compile(&pair, two, 2, false, e) != 0)
		return -1;
	result = picture_integer_print(&pair, minutes, out, e);
	picture_integer_free(&pair);
	return result;
}

static int
print_part(const struct picture_part *part, const struct picture_moment *m,
    double hours, double minutes, struct strbuf *out, struct err *e)
{
	switch (part->component) {
	case 0:
		codepoints_print_all(out, part->text.at, part->text.n);
		return 0;
	case 'P':
		print_cased(m->hour >= 12 ? "pm" : "am", part->names ==
		    PICTURE_NAMES_UPPER ? PICTURE_NAMES_UPPER :
		    PICTURE_NAMES_LOWER, out);
		return 0;
	case 'C':
	case 'E':
		strbuf_adds(out, "ISO");
		return 0;
	case PICTURE_PART_UNKNOWN:
		strbuf_adds(out, "undefined");
		return 0;
	case 'Z':
	case 'z':
		return print_offset(part, hours, minutes, out, e);
	default:
		return part->has_integer ? print_number(part, m, out, e) :
		    print_name(part, m, out, e);
	}
}

static int
print_picture(double ms, const char *picture, size_t len, double hours,
    double minutes, struct strbuf *out, struct err *e)
{
	struct picture_parts	 parts;
	struct picture_moment	 m;
	size_t			 i;
	int			 result = 0;

	if (picture_parts_compile(&parts, picture, len, e) != 0)
		return -1;
	picture_calendar_split(ms + (hours * 3600000 + minutes * 60000), &m);
	for (i = 0; i < parts.n && result == 0; i++)
		result = print_part(&parts.at[i], &m, hours, minutes, out, e);
	picture_parts_free(&parts);
	return result;
}

/* The default picture in UTC, which nearly every call wants. */
static void
print_default(const struct picture_moment *m, struct strbuf *out)
{
	strbuf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
	    (int)fmod(m->year, 10000), (int)m->month, (int)m->day, (int)m->hour,
	    (int)m->minute, (int)m->second, (int)m->ms);
}

int
picture_datetime_print(double ms, const char *picture, size_t len,
    const char *timezone, size_t timezone_len, struct strbuf *out, struct err *e)
{
	struct picture_moment	 m;
	double			 offset, hours = 0, minutes = 0;

	if (timezone != NULL) {
		offset = picture_integer_parse_int(timezone, timezone_len);
		hours = floor(offset / 100);
		minutes = fmod(offset, 100);
	}
	if (picture == NULL) {
		picture_calendar_split(ms, &m);
		if (timezone == NULL && m.year >= 0) {
			print_default(&m, out);
			return 0;
		}
		picture = DEFAULT_PICTURE;
		len = strlen(picture);
	}
	return print_picture(ms, picture, len, hours, minutes, out, e);
}
