/*
 * base/wallclock.c - the one clock.
 */

#include "wallclock.h"

#include <stdio.h>
#include <time.h>

static int64_t
read_ms(clockid_t id)
{
	struct timespec	 ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
wallclock_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t
wallclock_monotonic_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

char *
wallclock_iso(int64_t ms, char buf[WALLCLOCK_ISO_SIZE])
{
	time_t		 s = (time_t)(ms / 1000);
	int		 frac = (int)(ms % 1000);
	struct tm	 tm;
	size_t		 n;

	if (frac < 0) {
		frac += 1000;
		s--;
	}
	gmtime_r(&s, &tm);
	n = strftime(buf, WALLCLOCK_ISO_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, WALLCLOCK_ISO_SIZE - n, ".%03dZ", frac);
	return buf;
}
