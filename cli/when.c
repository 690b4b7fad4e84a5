/*
 * cli/when.c - times as people read them.
 */

#include "when.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "asl.h"

#define SECOND	INT64_C(1000)
#define MINUTE	(60 * SECOND)
#define HOUR	(60 * MINUTE)
#define DAY	(24 * HOUR)

bool
when_read(const json_t *value, int64_t *ms)
{
	if (json_is_string(value))
		return timestamp_parse(json_string_value(value),
		    json_string_length(value), ms, NULL);
	if (!json_is_number(value) || json_number_value(value) < 0 ||
	    json_number_value(value) > 1e12)
		return false;
	*ms = (int64_t)(json_number_value(value) * 1000 + 0.5);
	return true;
}

static void
local(int64_t ms, struct tm *tm)
{
	time_t	 t = (time_t)(ms / 1000);

	if (localtime_r(&t, tm) == NULL)
		memset(tm, 0, sizeof(*tm));
}

char *
when_ago(int64_t ms, int64_t now_ms, char buf[WHEN_SIZE])
{
	int64_t		 d = now_ms - ms;
	struct tm	 then, now;

	if (d < SECOND && d > -MINUTE)
		snprintf(buf, WHEN_SIZE, "now");
	else if (d >= 0 && d < MINUTE)
		snprintf(buf, WHEN_SIZE, "%" PRId64 "s ago", d / SECOND);
	else if (d >= 0 && d < HOUR)
		snprintf(buf, WHEN_SIZE, "%" PRId64 "m ago", d / MINUTE);
	else if (d >= 0 && d < DAY)
		snprintf(buf, WHEN_SIZE, "%" PRId64 "h ago", d / HOUR);
	else {
		local(ms, &then);
		local(now_ms, &now);
		strftime(buf, WHEN_SIZE, then.tm_year == now.tm_year ?
		    "%b %d %H:%M" : "%b %d %Y", &then);
	}
	return buf;
}

char *
when_length(int64_t d, char buf[WHEN_SIZE])
{
	if (d < 0)
		d = 0;
	if (d < SECOND)
		snprintf(buf, WHEN_SIZE, "%" PRId64 " ms", d);
	else if (d < MINUTE)
		snprintf(buf, WHEN_SIZE, "%" PRId64 ".%" PRId64 " s",
		    d / SECOND, d % SECOND / 100);
	else if (d < HOUR)
		snprintf(buf, WHEN_SIZE, "%" PRId64 "m %02" PRId64 "s",
		    d / MINUTE, d % MINUTE / SECOND);
	else if (d < DAY)
		snprintf(buf, WHEN_SIZE, "%" PRId64 "h %02" PRId64 "m",
		    d / HOUR, d % HOUR / MINUTE);
	else
		snprintf(buf, WHEN_SIZE, "%" PRId64 "d %" PRId64 "h", d / DAY,
		    d % DAY / HOUR);
	return buf;
}

char *
when_clock(int64_t ms, char buf[WHEN_SIZE])
{
	struct tm	 tm;

	local(ms, &tm);
	snprintf(buf, WHEN_SIZE, "%02d:%02d:%02d.%03d", tm.tm_hour, tm.tm_min,
	    tm.tm_sec, (int)(ms % 1000));
	return buf;
}

char *
when_full(int64_t ms, char buf[WHEN_SIZE])
{
	struct tm	 tm;

	local(ms, &tm);
	strftime(buf, WHEN_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
	return buf;
}
