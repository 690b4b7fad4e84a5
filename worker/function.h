/*
 * worker/function.h - a folder with a program in it is a function.
 *
 *	FOLDER/NAME/bootstrap		speaks the Lambda Runtime API
 *	FOLDER/NAME/handler.py		def handler(event, context)
 *	FOLDER/NAME/handler.sh		event on standard input, result on output
 *	FOLDER/NAME/handler		the same, any program
 *	FOLDER/NAME/function.json	optional, see function_settings()
 *
 * The first that is there counts.
 */

#ifndef PAWL_FUNCTION_H
#define PAWL_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define FUNCTION_NAME_MAX	64
#define FUNCTION_CONCURRENCY_MAX 1000
#define FUNCTION_TIMEOUT_MAX_S	900
#define FUNCTION_JSON_MAX	65536

/* How the folder is run. */
struct function {
	char		*name;
	char		*dir;
	char		*handler;	/* becomes _HANDLER */
	char		*argv[6];	/* the program, NULL-terminated */
	char		**env;		/* "K=V" of function.json, NULL-terminated */
	int64_t		 timeout_ms;
	size_t		 concurrency;
	int64_t		 memory_mb;	/* 0: no limit */
	int64_t		 stamp;		/* changes when a file of it changes */
};

/* What runs the handlers that are not programs of their own. */
struct function_runtimes {
	const char	*self;		/* path of pawl-worker */
	const char	*python;	/* path of python3, or NULL */
	const char	*bootstrap_py;	/* path of our Python runtime, or NULL */
};

bool	function_name_ok(const char *name);
/*
 * Reads FOLDER/NAME.  New, for function_free(); NULL and e: NotAFunction if no
 * program is there, BadFunction if it cannot be run, with the reason.
 */
struct function *function_read(const char *folder, const char *name,
	    const struct function_runtimes *, struct err *e);
void	function_free(struct function *);
/* What stamp would be now; 0 if the folder is gone. */
int64_t	function_stamp(const char *dir);
/*
 * Takes the text of function.json over: timeoutSeconds (3), concurrency (10),
 * memoryMB (none), handler, environment.  0, or -1 and e (BadFunction).
 */
int	function_settings(struct function *, const char *json, size_t len,
	    struct err *e);

#endif
