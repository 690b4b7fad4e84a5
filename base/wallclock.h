/*
 * base/wallclock.h - the one clock.  Times are ms since the epoch, UTC.
 */

#ifndef PAWL_WALLCLOCK_H
#define PAWL_WALLCLOCK_H

#include <stdint.h>

#define WALLCLOCK_ISO_SIZE 32

int64_t	wallclock_ms(void);
/* Milliseconds of a clock that never jumps: for durations only. */
int64_t	wallclock_monotonic_ms(void);
/* "2016-03-14T01:59:00.123Z"; returns buf. */
char	*wallclock_iso(int64_t ms, char buf[WALLCLOCK_ISO_SIZE]);

#endif
