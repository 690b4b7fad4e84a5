/*
 * engine/api_private.h - what the coats of the API share, and operations do not see.
 */

#ifndef PAWL_API_PRIVATE_H
#define PAWL_API_PRIVATE_H

#include "op.h"

struct api {
	struct api_env	 env;
	struct api_call	*calls;		/* all that are not answered */
};

/* ---- api.c ---- */

/* Checks params, finds the shard, runs the operation here or elsewhere. */
void	api_start(struct api_call *);

/* ---- the coats: each takes the call from the request to api_start() ---- */

void	api_aws(struct api_call *);
void	api_aws_ok(struct api_call *, const char *body, size_t len);
void	api_aws_fail(struct api_call *, const char *code, const char *text);
/* The same for SQS clients of old: a form comes in, XML goes out. */
bool	api_query_asked(const struct api_call *);
void	api_query(struct api_call *);
void	api_query_ok(struct api_call *, const char *body, size_t len);
void	api_query_fail(struct api_call *, const char *code, const char *text);
void	api_rest(struct api_call *);
void	api_rest_ok(struct api_call *, const char *body, size_t len);
void	api_rest_fail(struct api_call *, const char *code, const char *text);
void	callback_handle(struct api_call *);
void	openapi_handle(struct api_call *);

/* ---- errors: api_errors.c ---- */

struct api_error {
	const char	*code;
	int		 aws_status, rest_status;
	const char	*query;		/* of the old SQS protocol, or NULL */
};

/* Never NULL: an unknown code is a client's error. */
const struct api_error *api_error_find(const char *code);

/* ---- who may call: api_auth.c.  false after failing the call. ---- */

bool	api_auth_aws(struct api_call *, const char *service);
bool	api_auth_bearer(struct api_call *);
bool	api_auth_internal(struct api_call *);

/* ---- between processes: api_forward.c ---- */

void	api_forward_free(struct api_call *);
/* True, and the call is passed on, if the runtime says that its shard has gone
 * to another process meanwhile (NotMine). */
bool	api_forward_moved(struct api_call *, const struct err *);
/* Answers a forwarded call whose shard is not here (any more). */
void	api_forward_refuse(struct api_call *);

/* ---- the parts of REST: api_rest.c, api_routes.c, api_rest_print.c ---- */

#define ROUTE_ARGS	3

struct route {
	const char	*method, *path;		/* "/v1/machines/{name}" */
	const char	*op;
	int		 status;		/* of success */
	/* Fills params in from the path's arguments, and may choose another
	 * operation (call->op); NULL: the body alone. */
	bool		(*params)(struct api_call *, char *const args[ROUTE_ARGS]);
	const char	*items;			/* member that becomes "items" */
};

extern const struct route api_routes[];		/* ends with method NULL */

/* The text of a member's value in a checked body, as it was sent; NULL if not
 * found. */
const char *api_rest_member(const char *body, size_t size, const char *name,
	    size_t *len);
/* The AWS-shaped text of an answer, as REST shows it; false if it is none. */
bool	api_rest_print(const char *text, size_t len, const char *items,
	    struct strbuf *out);
/* One event of a history, as text on one line. */
bool	api_rest_print_line(const char *text, size_t len, struct strbuf *out);

#endif
