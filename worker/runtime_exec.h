/*
 * worker/runtime_exec.h - a runtime for any program: one process per event.
 *
 * pawl-worker --runtime-exec PROGRAM [ARGUMENT...] runs as a function's process:
 * for each event it runs PROGRAM with the event on standard input.
 *
 *	exit status 0	standard output is the result; text that is not JSON
 *			becomes a JSON string, no text becomes null
 *	otherwise	a function error: {"errorType","errorMessage"} if standard
 *			output is that, else HandlerFailed with the text
 *
 * The program also finds PAWL_REQUEST_ID, PAWL_DEADLINE_MS, and if the caller
 * sent them PAWL_IDEMPOTENCY_KEY and PAWL_EXECUTION in its environment.
 */

#ifndef PAWL_RUNTIME_EXEC_H
#define PAWL_RUNTIME_EXEC_H

/* argv: the program and its arguments.  Returns the exit status. */
int	runtime_exec_main(char **argv);

#endif
