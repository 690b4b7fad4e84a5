/*
 * cli/style.c - colour, and whether there is any; the terminal's width.
 *
 * The one file of cli/ with static state: set once by style_init().
 */

#include "style.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_LEAST	20
#define COLUMNS_MOST	1000

static bool	 colour_out, colour_err;

static const char *const sequences[] = {
#define X(id, code) "\033[" code "m",
	STYLES(X)
#undef X
};

static bool
wanted(int fd)
{
	const char	*s;

	if (!isatty(fd))
		return false;
	if ((s = getenv("NO_COLOR")) != NULL && s[0] != '\0')
		return false;
	return (s = getenv("TERM")) == NULL || strcmp(s, "dumb") != 0;
}

void
style_init(enum style_when when)
{
	colour_out = when == STYLE_ALWAYS ||
	    (when == STYLE_AUTO && wanted(STDOUT_FILENO));
	colour_err = when == STYLE_ALWAYS ||
	    (when == STYLE_AUTO && wanted(STDERR_FILENO));
}

const char *
style_out(enum style s)
{
	return colour_out && s != STYLE_PLAIN ? sequences[s] : "";
}

const char *
style_out_end(void)
{
	return colour_out ? "\033[0m" : "";
}

const char *
style_err(enum style s)
{
	return colour_err && s != STYLE_PLAIN ? sequences[s] : "";
}

const char *
style_err_end(void)
{
	return colour_err ? "\033[0m" : "";
}

bool
style_terminal_out(void)
{
	return isatty(STDOUT_FILENO);
}

bool
style_terminal_err(void)
{
	return isatty(STDERR_FILENO);
}

size_t
style_columns(void)
{
	struct winsize	 ws;
	const char	*s;
	long		 n = 0;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0)
		n = ws.ws_col;
	if (n == 0 && (s = getenv("COLUMNS")) != NULL)
		n = strtol(s, NULL, 10);
	if (n <= 0)
		n = 80;
	return n < COLUMNS_LEAST ? COLUMNS_LEAST :
	    n > COLUMNS_MOST ? COLUMNS_MOST : (size_t)n;
}

enum style
style_of_status(const char *status)
{
	if (strcmp(status, "SUCCEEDED") == 0 || strcmp(status, "ACTIVE") == 0)
		return STYLE_GOOD;
	if (strcmp(status, "RUNNING") == 0)
		return STYLE_NAME;
	if (strcmp(status, "FAILED") == 0 || strcmp(status, "TIMED_OUT") == 0)
		return STYLE_BAD;
	return STYLE_WARN;
}
