/*
 * cli/cmd.h - commands: what each is, and what they share.
 *
 * A command is one struct cmd in a cmd_*.c, listed in cmd.c.  Its help, its page
 * in docs/cli.md and its completion are made from that struct; nothing about it
 * stands anywhere else.
 */

#ifndef PAWL_CMD_H
#define PAWL_CMD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "client.h"
#include "err.h"
#include "exitcode.h"
#include "server.h"
#include "strbuf.h"
#include "table.h"

#define CMD_OPTIONS_MAX 16

struct cmd_option {
	char		 letter;	/* 0: none */
	const char	*name;		/* "input"; NULL ends the list */
	const char	*arg;		/* "JSON"; NULL for a switch */
	const char	*help;		/* after the option, lower case, no dot */
};

struct cmd_call;

struct cmd {
	const char	*name;		/* "machine create" */
	const char	*args;		/* "NAME FILE"; "" for none */
	int		 min, max;	/* number of arguments; max -1: any */
	const char	*summary;	/* one line, lower case, no dot */
	const char	*text;		/* what it does, in paragraphs */
	const char	*examples;	/* lines; "# what" before "pawl ..." */
	struct cmd_option options[CMD_OPTIONS_MAX];
	enum exitcode	(*run)(struct cmd_call *);
};

/* The options that every command takes. */
extern const struct cmd_option cmd_global_options[];
enum cmd_global { CMD_URL, CMD_KEY, CMD_DATA, CMD_FORMAT, CMD_COLOR, CMD_HELP,
	CMD_VERSION, CMD_GLOBALS };

/* One use of a command.  Strings are borrowed from the command line. */
struct cmd_call {
	const struct cmd	*cmd;		/* NULL: none was named */
	const char		*group;		/* "machine", when only that was */
	const char		**args;		/* nargs of them */
	size_t			 nargs;
	const char		*values[CMD_OPTIONS_MAX];  /* "" for a switch */
	const char		*globals[CMD_GLOBALS];
	bool			 json;		/* -o json */
	/* private to cmd.c */
	struct server		 server;
	struct client		*client;
};

/* All commands in the order of the help, NULL at the end. */
extern const struct cmd *const cmd_list[];
/* The command of that name ("machine create"), or NULL. */
const struct cmd *cmd_find(const char *name);

/* ---- for the commands ---- */

/* The value of an option ("" for a switch), or NULL if it was not given. */
const char *cmd_value(const struct cmd_call *, const char *option);
/* A whole number from min to max; fallback if the option was not given. */
enum exitcode cmd_number(const struct cmd_call *, const char *option,
	    long min, long max, long fallback, long *value) MUSTCHECK;

/* Prints "pawl: ..." on standard error. */
void	cmd_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Prints an error with a hint about what helps; frees e; returns code. */
enum exitcode cmd_fail(enum exitcode code, struct err *e);
/* Complains about the use of the command, points to its help: EXITCODE_USAGE. */
enum exitcode cmd_misuse(const struct cmd_call *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* The client, made at the first call; NULL after an error was printed. */
struct client *cmd_client(struct cmd_call *);
const char *cmd_server_url(const struct cmd_call *);
void	cmd_close(struct cmd_call *);

/* One call of the API; an error is printed.  path is a format. */
enum exitcode cmd_request(struct cmd_call *, const char *method,
	    const char *body, struct client_answer *, const char *path, ...)
	    __attribute__((format(printf, 5, 6), warn_unused_result));
/*
 * All pages of a list, up to limit items (0: all): a new array.  *more tells
 * that there are others.  path must have a query ("...?reverse=true").
 */
enum exitcode cmd_collect(struct cmd_call *, const char *path, size_t limit,
	    json_t **items, bool *more) MUSTCHECK;
/* The argument percent-encoded for a path: new. */
char	*cmd_segment(const char *);
/* The same for an execution; complains and returns NULL if it cannot be one. */
char	*cmd_execution(const struct cmd_call *, const char *);

/*
 * JSON text from an argument or a file (exactly one, or neither: *text NULL),
 * checked; a fault is shown with its place.  New text.
 */
enum exitcode cmd_json_input(const struct cmd_call *, const char *text_option,
	    const char *file, char **text, size_t *len) MUSTCHECK;
/* JSON that is wrong: says where, with a caret.  EXITCODE_FAILED. */
enum exitcode cmd_bad_json(const char *what, const char *text, size_t len);

/* Prints what an answer holds, as JSON. */
enum exitcode cmd_print_answer(const struct client_answer *);
/* Prints {"items": [...]}. */
enum exitcode cmd_print_items(const json_t *items);
/* Prints and frees the buffer, the table. */
void	cmd_print(struct strbuf *);
void	cmd_print_table(struct table *);
/* A note on standard error, for people at a terminal only. */
void	cmd_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
