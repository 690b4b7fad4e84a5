/*
 * asl/jsonata/picture_datetime.h - times by picture: $fromMillis, $toMillis.
 *
 * Pictures are those of XPath 3.1's format-dateTime as far as the reference
 * follows it: "[Y0001]-[M01]-[D1o] [FNn] [H01]:[m01]".  Times are milliseconds
 * since the epoch, as doubles because that is what the language has.  Only
 * fixed offsets: there is no table of time zones, and no clock.
 */

#ifndef PAWL_PICTURE_DATETIME_H
#define PAWL_PICTURE_DATETIME_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "strbuf.h"

/*
 * $fromMillis.  picture NULL: ISO 8601 with milliseconds.  timezone NULL: UTC,
 * else "+0100", "-05:00", "Z" as the reference takes it.  Returns 0, or -1 with
 * D3132..D3135 in e.
 */
int	picture_datetime_print(double ms, const char *picture, size_t len,
	    const char *timezone, size_t timezone_len, struct strbuf *out,
	    struct err *e) MUSTCHECK;

/*
 * $toMillis.  picture NULL: ISO 8601, year alone to offset; D3110 if text is
 * none.  now_ms gives the day when a picture names the time alone.  Returns 1
 * and *ms, 0 if text does not follow the picture (the result is undefined),
 * or -1 with D3110, D3132..D3136 in e.
 */
int	picture_datetime_read(const char *text, size_t text_len,
	    const char *picture, size_t len, int64_t now_ms, double *ms,
	    struct err *e) MUSTCHECK;

#endif
