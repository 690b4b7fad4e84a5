/*
 * cli/client.h - the REST API over HTTP.  The only user of libcurl.
 *
 * Calls return an enum exitcode: EXITCODE_OK, or what pawl should exit with,
 * and e then holds a sentence for people.  e->code is the server's name of the
 * error (ExecutionDoesNotExist, ...), or one of ours:
 *	Unreachable	no connection, or it broke
 *	Refused		401 or 403
 *	NotPawld	something else answers there
 *	Interrupted	the user pressed Ctrl-C
 */

#ifndef PAWL_CLIENT_H
#define PAWL_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "exitcode.h"
#include "server.h"
#include "sse.h"

struct client;

/* An answer of the server; text NULL if it had no body. */
struct client_answer {
	char	*text;
	size_t	 len;
	json_t	*json;
};

/* An answer may be so large. */
#define CLIENT_ANSWER_MAX ((size_t)64 << 20)

/* Time for an answer, beyond what a call is asked to wait. */
#define CLIENT_TIMEOUT_S 30

/* New; server is borrowed and must live longer. */
struct client *client_new(const struct server *);
void	client_free(struct client *);

/*
 * path begins with "/", percent-encoded; body is JSON text or NULL.  wait_s:
 * how long the server was asked to wait before it answers.  answer may be NULL
 * and is for client_answer_clear().
 */
enum exitcode client_call(struct client *, const char *method, const char *path,
	    const char *body, int wait_s, struct client_answer *answer,
	    struct err *e) MUSTCHECK;
/* POSTs JSON to a whole URL, without the key: callback URLs. */
enum exitcode client_post_url(struct client *, const char *url, const char *body,
	    struct client_answer *answer, struct err *e) MUSTCHECK;
void	client_answer_clear(struct client_answer *);

/*
 * Reads a stream of events until it ends, on_event says so, or Ctrl-C.
 * on_event returns false to end; on_quiet is called when nothing more came for
 * a moment (CLIENT_QUIET_MS).  last_id may be NULL.  *ended: the stream said
 * "event: end", or on_event returned false.
 */
struct client_stream {
	bool	(*on_event)(const struct sse_event *, void *arg);
	void	(*on_quiet)(void *arg);
	void	*arg;
	bool	 ended;
	bool	 connected;	/* the stream had begun */
};

#define CLIENT_QUIET_MS 150

enum exitcode client_follow(struct client *, const char *path,
	    const char *last_id, struct client_stream *, struct err *e) MUSTCHECK;

/* From now on Ctrl-C sets a flag, which ends client_follow(). */
void	client_catch_interrupt(void);
bool	client_interrupted(void);
/* Sleeps, but not past Ctrl-C. */
void	client_pause(int ms);

#endif
