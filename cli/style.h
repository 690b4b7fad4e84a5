/*
 * cli/style.h - colour, and whether there is any; the terminal's width.
 *
 * Colour is used on a terminal only, not with NO_COLOR set or TERM=dumb, and
 * always or never when --color says so.  Standard output and standard error are
 * judged each for itself.
 */

#ifndef PAWL_STYLE_H
#define PAWL_STYLE_H

#include <stdbool.h>
#include <stddef.h>

/*	enum		escape sequence		used for	*/
#define STYLES(X)						\
	X(STYLE_PLAIN,	"")	/* text */			\
	X(STYLE_DIM,	"2")	/* what may be overlooked */	\
	X(STYLE_BOLD,	"1")	/* what must not be */		\
	X(STYLE_GOOD,	"32")	/* succeeded */			\
	X(STYLE_BAD,	"31")	/* failed, errors */		\
	X(STYLE_WARN,	"33")	/* waiting, warnings */		\
	X(STYLE_NAME,	"36")	/* states, names of things */	\
	X(STYLE_LINK,	"1;4;34") /* what is to be opened */	\
	X(STYLE_KEY,	"34")	/* member names in JSON */

enum style {
#define X(id, code) id,
	STYLES(X)
#undef X
};

enum style_when { STYLE_AUTO, STYLE_ALWAYS, STYLE_NEVER };

void	style_init(enum style_when);
/* The sequence that begins a style on standard output, or "". */
const char *style_out(enum style);
/* The sequence that ends any style on standard output, or "". */
const char *style_out_end(void);
/* The same for standard error. */
const char *style_err(enum style);
const char *style_err_end(void);

bool	style_terminal_out(void);	/* standard output is a terminal */
bool	style_terminal_err(void);
/* Columns of the terminal behind standard output; 0 if there is none. */
size_t	style_columns(void);

/* The style of a status of executions: SUCCEEDED is good, FAILED is bad, ... */
enum style style_of_status(const char *status);

#endif
