/*
 * cli/exitcode.h - how pawl ends.  Scripts rely on these: never renumber.
 */

#ifndef PAWL_EXITCODE_H
#define PAWL_EXITCODE_H

/*	enum			code	what it means */
#define EXITCODES(X)							\
	X(EXITCODE_OK,		0, "done")				\
	X(EXITCODE_FAILED,	1, "the execution did not succeed (--wait, --follow), " \
	    "a tested state failed, or a definition or JSON text has errors")			\
	X(EXITCODE_USAGE,	2, "wrong usage: an unknown command or option, a missing argument, " \
	    "a file that cannot be read")				\
	X(EXITCODE_NOT_FOUND,	3, "what was named does not exist")	\
	X(EXITCODE_UNREACHABLE,	4, "the server cannot be reached")	\
	X(EXITCODE_REFUSED,	5, "the server refused the key")	\
	X(EXITCODE_SERVER,	6, "any other error that the server reported")

enum exitcode {
#define X(id, code, text) id = code,
	EXITCODES(X)
#undef X
};

#endif
