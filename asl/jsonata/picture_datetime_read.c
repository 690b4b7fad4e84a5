/*
 * asl/jsonata/picture_datetime_read.c - times by picture: $toMillis.
 *
 * The parts of a picture are matched, each gives a field, and the fields make a
 * time: what a picture names more coarsely than its first field is taken from
 * now, what is finer than its last is zero, and a gap between is D3136.
 *
 * A field that is 0 does not count as named, and dates by week are refused, as
 * in the reference.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "picture_calendar.h"
#include "picture_datetime.h"
#include "picture_match.h"
#include "xmalloc.h"

#define LETTERS 128

/* What the picture named, by its letter. */
struct fields {
	double	value[LETTERS];
	bool	known[LETTERS];
};

/* --- the default: ISO 8601 --------------------------------------------------- */

/* Reads exactly so many digits; the first at most max. */
static bool
digits(const char **p, const char *end, int n, char max, double *v)
{
	const char	*q = *p;

	*v = 0;
	if (end - q < n || *q > max)
		return false;
	for (; n > 0; n--, q++) {
		if (*q < '0' || *q > '9')
			return false;
		*v = *v * 10 + (*q - '0');
	}
	*p = q;
	return true;
}

static bool
symbol(const char **p, const char *end, char c)
{
	if (*p == end || **p != c)
		return false;
	(*p)++;
	return true;
}

/* "T10:30:59", "" */
static bool
iso_time(const char **p, const char *end, double t[3])
{
	const char	*q = *p;

	if (symbol(&q, end, 'T') && digits(&q, end, 2, '2', &t[0]) &&
	    symbol(&q, end, ':') && digits(&q, end, 2, '5', &t[1]) &&
	    symbol(&q, end, ':') && digits(&q, end, 2, '5', &t[2])) {
		*p = q;
		return true;
	}
	return false;
}

/* ".5", ""; *ms gets three digits, *rest whether one of them is not 0. */
static bool
iso_fraction(const char **p, const char *end, double *ms, bool *rest)
{
	const char	*q = *p;
	double		 unit = 100;

	if (!symbol(&q, end, '.') || q == end || *q < '0' || *q > '9')
		return false;
	for (; q < end && *q >= '0' && *q <= '9'; q++) {
		*ms += unit >= 1 ? unit * (*q - '0') : 0;
		*rest |= *q != '0';
		unit /= 10;
	}
	*p = q;
	return true;
}

/* "+01:00", "-0130" */
static bool
iso_offset(const char **p, const char *end, double *hours, double *minutes)
{
	const char	*q = *p;
	double		 sign = symbol(&q, end, '-') ? -1 : 1;

	if (sign > 0 && !symbol(&q, end, '+'))
		return false;
	if (!digits(&q, end, 2, '2', hours))
		return false;
	symbol(&q, end, ':');
	if (!digits(&q, end, 2, '5', minutes))
		return false;
	*hours *= sign;
	*minutes *= sign;
	*p = q;
	return true;
}

/*
 * The text with so many dates behind the year; bit 0 of parts is the month, bit
 * 1 the day.  Returns false if it is not of that form; *ms may be NaN.
 */
static bool
iso_form(const char *p, const char *end, int parts, double *ms)
{
	double	year, month = 1, day = 1, t[3] = { 0, 0, 0 }, fraction = 0;
	double	hours = 0, minutes = 0;
	bool	timed, split, offset, rest = false, skipped = parts == 2;

	if (!digits(&p, end, 4, '9', &year))
		return false;
	if ((parts & 1) != 0 && (!symbol(&p, end, '-') ||
	    !digits(&p, end, 2, '1', &month)))
		return false;
	if ((parts & 2) != 0 && (!symbol(&p, end, '-') ||
	    !digits(&p, end, 2, '3', &day)))
		return false;
	timed = iso_time(&p, end, t);
	split = iso_fraction(&p, end, &fraction, &rest);
	offset = iso_offset(&p, end, &hours, &minutes);
	if (!offset)
		symbol(&p, end, 'Z');
	if (p != end)
		return false;
	/* It looks like one, which is all the reference asks; but is it? */
	if (skipped || (!timed && (split || offset)) || month < 1 ||
	    month > 12 || day < 1 || day > 31 || fabs(hours) > 23 || t[0] > 24 ||
	    (t[0] == 24 && (t[1] > 0 || t[2] > 0 || rest)))
		*ms = NAN;
	else
		*ms = picture_calendar_clip((picture_calendar_days(
		    (int64_t)year, (int)month, 1) + day - 1) *
		    PICTURE_CALENDAR_DAY_MS + (t[0] - hours) * 3600000 +
		    (t[1] - minutes) * 60000 + t[2] * 1000 + fraction);
	return true;
}

static int
read_iso(const char *text, size_t len, double *ms, struct err *e)
{
	static const int order[] = { 3, 1, 2, 0 };
	struct strbuf	 quoted = STRBUF_INIT;
	size_t		 i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (iso_form(text, text + len, order[i], ms))
			return 1;
	strbuf_add_json_string(&quoted, text, len);
	err_set(e, "D3110", "The argument of the toMillis function must be an "
	    "ISO 8601 formatted timestamp. Given %s", strbuf_str(&quoted));
	strbuf_free(&quoted);
	return -1;
}

/* --- fields out of matched text ---------------------------------------------- */

static bool
is_name(const struct picture_part *part, const char *name, const uint32_t *text,
    size_t n)
{
	size_t	i, len = strlen(name);

	if (part->has_max && part->max > 0 && part->max < (double)len)
		len = (size_t)part->max;
	for (i = 0; i < n && i < len; i++)
		if (text[i] != (unsigned char)name[i])
			return false;
	return n == len;
}

/* 1 to 12, NaN; of months that a width makes equal the last counts. */
static double
read_month(const struct picture_part *part, const uint32_t *text, size_t n)
{
	int	i;

	for (i = 12; i > 0; i--)
		if (is_name(part, picture_parts_month(i), text, n))
			return i;
	return NAN;
}

static double
read_half_day(const uint32_t *text, size_t n)
{
	if (n == 2 && text[0] == 'a' - 32U * (text[1] == 'M') &&
	    (text[1] == 'm' || text[1] == 'M'))
		return 0;
	if (n == 2 && text[0] == 'p' - 32U * (text[1] == 'M') &&
	    (text[1] == 'm' || text[1] == 'M'))
		return 1;
	return NAN;
}

/* The first three digits of a fraction are milliseconds. */
static double
read_fraction(const uint32_t *text, size_t n)
{
	double	v = 0;
	size_t	i;

	for (i = 0; i < 3; i++)
		v = v * 10 + (i < n ? (int)(text[i] - '0') : 0);
	return v;
}

static double
parse_int(const uint32_t *text, size_t n)
{
	struct strbuf	 s = STRBUF_INIT;
	double		 v;

	codepoints_print_all(&s, text, n);
	v = picture_integer_parse_int(strbuf_str(&s), s.len);
	strbuf_free(&s);
	return v;
}

/*
 * Minutes.  The sign belongs to the hours alone: "-05:30" is -270, as in the
 * reference.
 */
static double
read_offset(const struct picture_part *part, const uint32_t *text, size_t n)
{
	uint32_t	separator;
	size_t		i;

	if (part->component == 'z') {
		text += 3;
		n -= 3;
	}
	if (part->integer.regular > 0) {
		separator = part->integer.groups[0].separator;
		for (i = 0; i < n && text[i] != separator; i++)
			;
		return i == n ? NAN : parse_int(text, i) * 60 +
		    parse_int(text + i + 1, n - i - 1);
	}
	if (n <= 3)
		return parse_int(text, n) * 60;
	return parse_int(text, 3) * 60 + parse_int(text + 3, n - 3);
}

static int
read_part(const struct picture_part *part, const uint32_t *text, size_t n,
    struct fields *f, struct err *e)
{
	size_t	letter = (size_t)part->component;
	double	v;

	f->known[letter] = true;
	switch (part->component) {
	case 'Z':
	case 'z':
		v = read_offset(part, text, n);
		break;
	case 'f':
		v = read_fraction(text, n);
		break;
	case 'P':
		v = read_half_day(text, n);
		f->known[letter] = !isnan(v);
		break;
	default:
		if (part->has_integer) {
			if (picture_integer_read(&part->integer, text, n, &v, e) != 0)
				return -1;
			break;
		}
		v = part->component == 'F' ? 1 : read_month(part, text, n);
		f->known[letter] = !isnan(v);
		break;
	}
	f->value[letter] = v;
	return 0;
}

/* --- a time out of fields ---------------------------------------------------- */

/* Known, and neither 0 nor NaN. */
static bool
named(const struct fields *f, char letter)
{
	double	v = f->value[(size_t)letter];

	return f->known[(size_t)letter] && v != 0 && !isnan(v);
}

/* Some of these letters are named, and none but these of all. */
static bool
only(const struct fields *f, const char *these, const char *all)
{
	bool	some = false;

	for (; *all != '\0'; all++) {
		if (!named(f, *all))
			continue;
		if (strchr(these, *all) == NULL)
			return false;
		some = true;
	}
	return some;
}

static double
field_of_now(const struct picture_moment *now, char letter)
{
	switch (letter) {
	case 'Y':
		return now->year;
	case 'M':
		return now->month;
	case 'D':
		return now->day;
	case 'H':
		return now->hour;
	case 'h':
		return fmod(now->hour, 12) == 0 ? 12 : fmod(now->hour, 12);
	case 'm':
		return now->minute;
	case 's':
		return now->second;
	case 'f':
		return now->ms;
	default:	/* P: the reference compares text with a number here */
		return 0;
	}
}

/* Gives every letter a value: before the first known from now, behind none. */
static int
fill(struct fields *f, const char *letters, const struct picture_moment *now,
    struct err *e)
{
	bool	started = false, ended = false;
	size_t	at;

	for (; *letters != '\0'; letters++) {
		at = (size_t)*letters;
		if (f->known[at]) {
			started = true;
			if (ended)
				return err_set(e, "D3136", "The date/time picture "
				    "string is missing specifiers required to "
				    "parse the timestamp");
		} else if (started) {
			f->value[at] = *letters == 'M' || *letters == 'D';
			ended = true;
		} else
			f->value[at] = field_of_now(now, *letters);
	}
	return 0;
}

static int
combine(struct fields *f, double now_ms, double *ms, struct err *e)
{
	static const char	 dates[] = "YXMxWwdD", times[] = "PHhmsf";
	struct picture_moment	 now, day;
	bool			 by_day, by_week, half;
	double			*v = f->value;

	picture_calendar_split(now_ms, &now);
	by_day = !only(f, "YMD", dates) && only(f, "Yd", dates);
	by_week = only(f, "Xxw", dates) || only(f, "XW", dates);
	half = !only(f, "Hmsf", times) && only(f, "Phmsf", times);
	if (by_week)
		return err_set(e, "D3136", "The date/time picture string is "
		    "missing specifiers required to parse the timestamp");
	if (fill(f, by_day ? half ? "YDPhmsf" : "YDHmsf" :
	    half ? "YMDPhmsf" : "YMDHmsf", &now, e) != 0)
		return -1;
	v['M'] = v['M'] > 0 ? v['M'] - 1 : 0;
	if (by_day) {
		picture_calendar_split(picture_calendar_join(v['Y'], 0, 1, 0, 0,
		    0, 0) + (v['d'] - 1) * PICTURE_CALENDAR_DAY_MS, &day);
		v['M'] = day.month - 1;
		v['D'] = day.day;
	}
	if (half)
		v['H'] = (v['h'] == 12 ? 0 : v['h']) + (v['P'] == 1 ? 12 : 0);
	*ms = picture_calendar_join(v['Y'], v['M'], v['D'], v['H'], v['m'],
	    v['s'], v['f']);
	if (named(f, 'Z'))
		*ms -= v['Z'] * 60000;
	else if (named(f, 'z'))
		*ms -= v['z'] * 60000;
	return 0;
}

/* --- the whole --------------------------------------------------------------- */

/* Can every part be read at all?  The first that cannot says why. */
static int
check(const struct picture_parts *parts, struct err *e)
{
	const struct picture_part	*part;
	size_t				 i;
	double				 v;

	for (i = 0; i < parts->n; i++) {
		part = &parts->at[i];
		if (part->component == 0 || part->component == 'f' ||
		    part->component == 'Z' || part->component == 'z' ||
		    part->component == 'P')
			continue;
		if (part->has_integer) {
			if (part->integer.kind == PICTURE_INTEGER_SEQUENCE)
				return picture_integer_read(&part->integer, NULL,
				    0, &v, e);
		} else if (strchr("MxF", part->component) == NULL)
			return picture_parts_no_name(part, e);
	}
	return 0;
}

static int
read_picture(const struct picture_parts *parts, const struct codepoints *text,
    double now_ms, double *ms, struct err *e)
{
	struct fields	 f;
	size_t		*ends, i, from = 0;
	int		 result;
	bool		 marked = false;

	if (check(parts, e) != 0)
		return -1;
	memset(&f, 0, sizeof(f));
	ends = xcalloc(parts->n + 1, sizeof(*ends));
	result = picture_match(parts, text->at, text->n, ends, e);
	for (i = 0; i < parts->n && result == 1; i++) {
		if (parts->at[i].component != 0) {
			marked = true;
			if (read_part(&parts->at[i], text->at + from,
			    ends[i] - from, &f, e) != 0)
				result = -1;
		}
		from = ends[i];
	}
	free(ends);
	if (result == 1 && !marked)
		return 0;
	if (result == 1 && combine(&f, now_ms, ms, e) != 0)
		return -1;
	return result;
}

int
picture_datetime_read(const char *text, size_t text_len, const char *picture,
    size_t len, int64_t now_ms, double *ms, struct err *e)
{
	struct picture_parts	 parts;
	struct codepoints	 s = CODEPOINTS_INIT;
	int			 result;

	if (picture == NULL)
		return read_iso(text, text_len, ms, e);
	if (picture_parts_compile(&parts, picture, len, e) != 0)
		return -1;
	codepoints_set(&s, text, text_len);
	result = read_picture(&parts, &s, (double)now_ms, ms, e);
	codepoints_free(&s);
	picture_parts_free(&parts);
	return result;
}
