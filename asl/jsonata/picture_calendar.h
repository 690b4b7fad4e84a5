/*
 * asl/jsonata/picture_calendar.h - dates as JavaScript computes them.
 *
 * Times are milliseconds since the epoch in UTC, NaN when out of range.  The
 * calendar is the Gregorian one, without end in both directions.
 */

#ifndef PAWL_PICTURE_CALENDAR_H
#define PAWL_PICTURE_CALENDAR_H

#include <stdint.h>

#define PICTURE_CALENDAR_DAY_MS 86400000.0

/* What a picture may ask of a moment; all NaN when the time is. */
struct picture_moment {
	double	year, month, day;		/* 1 to 12, 1 to 31 */
	double	hour, minute, second, ms;
	double	weekday;			/* 1 Monday to 7 Sunday */
	double	day_of_year;
	double	week, week_year;		/* ISO 8601 */
	double	week_of_month, week_month;	/* where the week's Thursday is */
};

/* v cut to whole milliseconds, or NaN beyond 100 million days. */
double	picture_calendar_clip(double v);
void	picture_calendar_split(double ms, struct picture_moment *);
/*
 * Month counts from 0; every field may be beyond its range and is carried over.
 * A year from 0 to 99 is one of the 20th century, as Date.UTC has it.
 */
double	picture_calendar_join(double year, double month, double day, double hour,
	    double minute, double second, double ms);
/* The same for a year that is meant as it stands, within 0 to 9999. */
double	picture_calendar_days(int64_t year, int month, int day);

#endif
