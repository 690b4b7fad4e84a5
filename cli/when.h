/*
 * cli/when.h - times as people read them.  _ms: since the epoch, or a length.
 */

#ifndef PAWL_WHEN_H
#define PAWL_WHEN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WHEN_SIZE 48

/* A date of the server: ISO-8601 text, or seconds as a number.  false: none. */
bool	when_read(const json_t *, int64_t *ms);
/* "now", "12s ago", "5m ago", "3h ago", then "Nov 20 14:02" in local time,
 * with the year when it is another one.  Each returns buf. */
char	*when_ago(int64_t ms, int64_t now_ms, char buf[WHEN_SIZE]);
/* "350 ms", "3.2 s", "2m 05s", "3h 10m", "2d 4h" */
char	*when_length(int64_t length_ms, char buf[WHEN_SIZE]);
/* "14:02:07.123" in local time */
char	*when_clock(int64_t ms, char buf[WHEN_SIZE]);
/* "2026-11-20 14:02:07" in local time */
char	*when_full(int64_t ms, char buf[WHEN_SIZE]);

#endif
