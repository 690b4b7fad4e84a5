/*
 * asl/timestamp.c - RFC 3339 as the language uses it.
 *
 * The language's profile: an upper-case T and Z, seconds present, an offset
 * always.  A leap second (:60) is refused, as the real service's parser does.
 */

#include "timestamp.h"

#include <stdio.h>
#include <string.h>

/* Exactly n digits at *p, which moves on; -1 if they are none. */
static int
digits(const char **p, const char *end, int n)
{
	int	 v = 0;

	for (; n > 0; n--, (*p)++) {
		if (*p >= end || **p < '0' || **p > '9')
			return -1;
		v = v * 10 + (**p - '0');
	}
	return v;
}

static bool
take(const char **p, const char *end, char c)
{
	if (*p >= end || **p != c)
		return false;
	(*p)++;
	return true;
}

static bool
leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
days_in_month(int year, int month)
{
	static const int	 days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30,
				    31, 30, 31 };

	return days[month - 1] + (month == 2 && leap(year) ? 1 : 0);
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar. */
static int64_t
day_number(int year, int month, int day)
{
	int64_t	 y = month <= 2 ? year - 1 : year;
	int64_t	 era = (y >= 0 ? y : y - 399) / 400;
	int64_t	 year_of_era = y - era * 400;
	int64_t	 day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 +
		    day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 -
	    year_of_era / 100 + day_of_year - 719468;
}

/* "Z", "+hh:mm" or "-hh:mm", then nothing more. */
static bool
parse_offset(const char *p, const char *end, int *minutes)
{
	int	 sign, hours, mins;

	*minutes = 0;
	if (take(&p, end, 'Z'))
		return p == end;
	if (take(&p, end, '+'))
		sign = 1;
	else if (take(&p, end, '-'))
		sign = -1;
	else
		return false;
	hours = digits(&p, end, 2);
	if (hours < 0 || hours > 23 || !take(&p, end, ':'))
		return false;
	mins = digits(&p, end, 2);
	if (mins < 0 || mins > 59)
		return false;
	*minutes = sign * (hours * 60 + mins);
	return p == end;
}

/* ".123456789", of any length; digits beyond ns are dropped. */
static bool
parse_fraction(const char **p, const char *end, int *ns)
{
	int	 unit = 100000000;

	*ns = 0;
	if (!take(p, end, '.'))
		return true;
	if (*p >= end || **p < '0' || **p > '9')
		return false;
	for (; *p < end && **p >= '0' && **p <= '9'; (*p)++, unit /= 10)
		*ns += (**p - '0') * unit;
	return true;
}

bool
timestamp_parse(const char *text, size_t len, int64_t *ms, int *ns)
{
	const char	*p = text, *end = text + len;
	int		 year, month, day, hour, minute, second, below, offset;

	year = digits(&p, end, 4);
	if (year < 0 || !take(&p, end, '-'))
		return false;
	month = digits(&p, end, 2);
	if (month < 1 || month > 12 || !take(&p, end, '-'))
		return false;
	day = digits(&p, end, 2);
	if (day < 1 || day > days_in_month(year, month) || !take(&p, end, 'T'))
		return false;
	hour = digits(&p, end, 2);
	if (hour < 0 || hour > 23 || !take(&p, end, ':'))
		return false;
	minute = digits(&p, end, 2);
	if (minute < 0 || minute > 59 || !take(&p, end, ':'))
		return false;
	second = digits(&p, end, 2);
	if (second < 0 || second > 59)
		return false;
	if (!parse_fraction(&p, end, &below) || !parse_offset(p, end, &offset))
		return false;
	*ms = ((day_number(year, month, day) * 24 + hour) * 60 + minute -
	    offset) * 60000 + second * 1000 + below / 1000000;
	if (ns != NULL)
		*ns = below % 1000000;
	return true;
}

char *
timestamp_print(int64_t ms, char buf[TIMESTAMP_SIZE])
{
	int64_t	 days = ms / 86400000, rest = ms % 86400000, era, doe, yoe, doy;
	int	 year, month, day, n;

	if (rest < 0) {
		rest += 86400000;
		days--;
	}
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	month = (int)((5 * doy + 2) / 153);
	day = (int)(doy - (153 * month + 2) / 5 + 1);
	month += month < 10 ? 3 : -9;
	year = (int)(yoe + era * 400 + (month <= 2 ? 1 : 0));
	n = snprintf(buf, TIMESTAMP_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d",
	    year, month, day, (int)(rest / 3600000),
	    (int)(rest / 60000 % 60), (int)(rest / 1000 % 60));
	if (rest % 1000 != 0)
		n += snprintf(buf + n, TIMESTAMP_SIZE - (size_t)n, ".%03d",
		    (int)(rest % 1000));
	snprintf(buf + n, TIMESTAMP_SIZE - (size_t)n, "Z");
	return buf;
}
