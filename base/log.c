/*
 * base/log.c - one line per event on standard error: time, level, text.
 *
 * A line is one write(2), so that lines of several processes do not mix.
 */

#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "strbuf.h"
#include "wallclock.h"
#include "xmalloc.h"

static char		 log_name[64] = "pawl";
static enum log_level	 log_lowest = LOG_LEVEL_INFO;

void
log_init(const char *name, enum log_level lowest)
{
	snprintf(log_name, sizeof log_name, "%s", name);
	log_lowest = lowest;
}

static void
line(enum log_level level, const char *fmt, va_list ap)
{
	static const char *const	 names[] = { "debug", "info", "warn", "error" };
	struct strbuf			 b = STRBUF_INIT;
	char				 when[WALLCLOCK_ISO_SIZE], *text;
	ssize_t				 n;

	if (level < log_lowest)
		return;
	wallclock_iso(wallclock_ms(), when);
	text = xvasprintf(fmt, ap);
	strbuf_addf(&b, "%s %-5s %s: %s\n", when, names[level], log_name, text);
	free(text);
	n = write(STDERR_FILENO, b.data, b.len);
	(void)n;			/* nowhere left to complain */
	strbuf_free(&b);
}

#define LOG_FUNCTION(name, level)		\
	void					\
	name(const char *fmt, ...)		\
	{					\
		va_list	 ap;			\
						\
		va_start(ap, fmt);		\
		line(level, fmt, ap);		\
		va_end(ap);			\
	}

LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARN)
LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)

void
log_fatal(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	line(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
	exit(1);
}
