/*
 * asl/jsonata/picture_calendar.c - dates as JavaScript computes them.
 *
 * Days and dates are converted in eras of 400 years that begin on 1 March, so
 * that the leap day is the last of its year.
 */

#include <math.h>

#include "picture_calendar.h"

#define TIME_MAX	8.64e15
#define ERA_DAYS	146097
#define EPOCH_SHIFT	719468		/* days from 0000-03-01 to 1970-01-01 */
#define MONTHS_MAX	1e8

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since the epoch; month counts from 1. */
static int64_t
days_of(int64_t year, int month, int64_t day)
{
	int64_t	era, of_era, of_year;

	if (month <= 2)
		year--;
	era = floor_div(year, 400);
	of_era = year - era * 400;
	of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;
	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year + day - 1 - EPOCH_SHIFT;
}

static void
date_of(int64_t days, int64_t *year, int *month, int *day)
{
	int64_t	era, of_era, of_year, y, m;

	days += EPOCH_SHIFT;
	era = floor_div(days, ERA_DAYS);
	of_era = days - era * ERA_DAYS;
	y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * y + y / 4 - y / 100);
	m = (5 * of_year + 2) / 153;
	*day = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = y + era * 400 + (*month <= 2);
}

double
picture_calendar_clip(double v)
{
	return fabs(v) <= TIME_MAX ? trunc(v) + 0.0 : NAN;
}

void
picture_calendar_split(double ms, struct picture_moment *m)
{
	int64_t	days, rest, thursday, year;
	int	month, day;

	ms = picture_calendar_clip(ms);
	if (isnan(ms)) {
		*m = (struct picture_moment){ NAN, NAN, NAN, NAN, NAN, NAN, NAN,
		    NAN, NAN, NAN, NAN, NAN, NAN };
		return;
	}
	days = floor_div((int64_t)ms, (int64_t)PICTURE_CALENDAR_DAY_MS);
	rest = (int64_t)ms - days * (int64_t)PICTURE_CALENDAR_DAY_MS;
	date_of(days, &year, &month, &day);
	m->year = (double)year;
	m->month = month;
	m->day = day;
	m->hour = (double)(rest / 3600000);
	m->minute = (double)(rest / 60000 % 60);
	m->second = (double)(rest / 1000 % 60);
	m->ms = (double)(rest % 1000);
	m->weekday = (double)(days + 3 - floor_div(days + 3, 7) * 7 + 1);
	m->day_of_year = (double)(days - days_of(year, 1, 1) + 1);
	/*
	 * A week belongs to the year and month that its Thursday is in.  (The
	 * reference takes the years 0 to 99 for 1900 to 1999 here; we do not.)
	 */
	thursday = floor_div(days + 3, 7) * 7;
	date_of(thursday, &year, &month, &day);
	m->week_year = (double)year;
	m->week = (double)((thursday - days_of(year, 1, 1)) / 7 + 1);
	m->week_month = month;
	m->week_of_month = (day - 1) / 7 + 1;
}

double
picture_calendar_join(double year, double month, double day, double hour,
    double minute, double second, double ms)
{
	double	whole_year = trunc(year), carry;

	if (whole_year >= 0 && whole_year <= 99)
		year = 1900 + whole_year;
	carry = floor(trunc(month) / 12);
	year = trunc(year) + carry;
	month = trunc(month) - carry * 12;
	if (!(fabs(year) < MONTHS_MAX) || !isfinite(month))
		return NAN;
	return picture_calendar_clip(((double)days_of((int64_t)year,
	    (int)month + 1, 1) + trunc(day) - 1) * PICTURE_CALENDAR_DAY_MS +
	    (trunc(hour) * 3600000 + trunc(minute) * 60000 +
	    trunc(second) * 1000 + trunc(ms)));
}

double
picture_calendar_days(int64_t year, int month, int day)
{
	return (double)days_of(year, month, day);
}
