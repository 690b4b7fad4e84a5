/*
 * engine/op.h - one call of an operation, from the request to its one answer.
 *
 * Seen by the op_*.c (each exports a struct api_op, listed in api_ops.c) and by
 * the coats around them (api_aws.c, api_rest.c, callback.c).  An operation gets
 * the members of its AWS request in call->params, checked against its table,
 * and answers with api_ok() or api_fail(), at once or later, exactly once: the
 * call is gone after that.
 *
 * Invariants:
 *   - nothing of a call may be used after its answer was given;
 *   - whatever an operation keeps between its callbacks is in call->state;
 *   - a client that went away changes nothing: the call still ends by an answer.
 */

#ifndef PAWL_OP_H
#define PAWL_OP_H

#include <stdbool.h>
#include <stdint.h>

#include "api.h"
#include "api_check.h"
#include "strbuf.h"
#include "token.h"

#define OP_ANY_PROCESS	-1	/* of op.shard: every process can do it */
#define OP_ANSWERED	-2	/* of op.shard: the call was answered, and is gone */

#define OP_PAYLOAD_MAX	262144	/* bytes of an input, an output, a message */

struct api_call;
struct route;

/* Which protocol knows it; OP_PAWL: REST alone. */
enum op_service { OP_STATES, OP_SQS, OP_PAWL };

struct api_op {
	const char		*name;
	enum op_service		 service;
	const struct check	*members;	/* ends with name NULL; may be NULL */
	/* Shard whose owner must do it; NULL: any process. */
	int			(*shard)(struct api_call *);
	void			(*run)(struct api_call *);
	/* Its effect shows when it is called twice: no retry after a doubt. */
	bool			 once;
};

extern const struct api_op *const api_ops[];	/* ends with NULL */

struct api_call {
	struct api		*api;
	const struct api_env	*env;
	struct httpd_request	*request;
	const struct api_op	*op;
	json_t			*params;	/* own; never NULL in an operation */
	char			 id[ARN_ID_TEXT];

	/* REST alone. */
	const struct route	*route;		/* NULL: the AWS protocol */
	int			 status;	/* of success; 0: the route's */

	bool			 query;		/* asked by a form, answered in XML */

	bool			 trusted;	/* it came with the internal key */
	bool			 forwarded;	/* it came from a peer */
	bool			 gone;		/* the client went away, or the
						 * server stops: wait no longer */

	/* The operation's. */
	void			*state;		/* freed with state_free */
	void			(*state_free)(void *);

	/* Private to api.c and api_forward.c. */
	struct event		*timer;
	void			(*on_timer)(struct api_call *);
	struct forward		*forward;
	struct forget		*forget;
	struct api_call		*next, **prev;
};

/* ---- answers: api.c ---- */

/* Answers with the members of the AWS response; steals. */
void	api_ok(struct api_call *, json_t *answer);
/* The same, printed already: the content of b, which is freed. */
void	api_ok_text(struct api_call *, struct strbuf *b);
/* Answers with an error out of api_errors.c. */
void	api_fail(struct api_call *, const char *code, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
/* The same with an error of the store, the runtime or a check; borrowed. */
void	api_fail_err(struct api_call *, const struct err *);
/* Answers bytes of any kind: pages, documents, relayed answers. */
void	api_reply(struct api_call *, int status, const char *type,
	    const char *body, size_t len);
/* Ends a call whose request was answered by other means (httpd_end). */
void	api_call_end(struct api_call *);

/* Runs another operation in this one's place (which has not answered yet). */
void	api_run(struct api_call *, const char *op);
const struct api_op *api_op_find(enum op_service, const char *name);

/* Calls fn after some time, unless the call has ended by then. One at a time. */
void	api_later(struct api_call *, int64_t ms, void (*fn)(struct api_call *));
/* Hands memory to the call, to be freed with it. */
void	api_keep(struct api_call *, void *state, void (*state_free)(void *));

/* ---- members of params; the checks have been made ---- */

const char *api_str(const struct api_call *, const char *name);	/* or NULL */
int64_t	api_int(const struct api_call *, const char *name, int64_t otherwise);
bool	api_bool(const struct api_call *, const char *name, bool otherwise);

/* Members of an answer: a time in ms becomes seconds with a fraction. */
void	api_set_str(json_t *answer, const char *name, const char *value);
void	api_set_int(json_t *answer, const char *name, int64_t value);
void	api_set_time(json_t *answer, const char *name, int64_t ms);

/* ---- names: api_names.c.  Each fails the call and returns NULL or false. ---- */

char	*api_machine_name(struct api_call *, const char *arn);
bool	api_execution_names(struct api_call *, const char *arn, char **machine,
	    char **name);
bool	api_token(struct api_call *, const char *text, struct token *);
/* The name is fit for a machine or an execution. */
bool	api_name_ok(struct api_call *, const char *name);
/* A new uuid. */
char	*api_uuid(char buf[ARN_ID_TEXT]);

/* ---- pages of lists: api_page.c ---- */

/* A nextToken that only this installation can make; kind keeps lists apart. */
void	api_page_next(struct api_call *, json_t *answer, const char *kind,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
char	*api_page_token(struct api_call *, const char *kind, const char *text);
/*
 * What was put into params' nextToken: 0 and *text (new; NULL when there is no
 * token), or -1 after failing the call with InvalidToken.
 */
int	api_page_read(struct api_call *, const char *kind, char **text);
/* maxResults: 0 or absent gives otherwise. */
int	api_page_size(const struct api_call *, int otherwise);

/* ---- other processes: api_forward.c ---- */

/* Passes the call on to the owner of the shard, or runs it once it is ours. */
void	api_forward(struct api_call *, int shard);
/* Tells all processes that a name has changed, then answers; steals answer. */
void	api_forget(struct api_call *, const char *kind, const char *name,
	    json_t *answer);

#endif
