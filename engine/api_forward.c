/*
 * engine/api_forward.c - calls that belong to another process, and news for all.
 *
 * A call is authenticated where it came in, then passed on as it was received
 * to the process that holds its shard, with the internal key; the answer comes
 * back word for word.  While nobody is known to hold the shard, or the one who
 * did no longer does, it is tried again for FORWARD_PATIENCE_MS: shards change
 * hands within a lease.  A forwarded call is never forwarded again.
 *
 * Invariant: a call whose effect shows when it is done twice (op.once) is not
 * sent again once it may have arrived.
 */

#include <stdlib.h>
#include <string.h>

#include "api_private.h"
#include "wallclock.h"
#include "xmalloc.h"

#define FORWARD_PATIENCE_MS	5000
#define FORWARD_PAUSE_MS	100
#define FORWARD_TIMEOUT_MS	60000
#define FORWARD_ANSWER_MAX	((size_t)16 << 20)
#define FORWARD_HEADERS_MAX	12
#define FORGET_PATIENCE_MS	500
#define FORGET_PEERS_MAX	256

#define NOT_MINE		421	/* "not here": misdirected request */

struct forward {
	int		 shard;
	int64_t		 until_ms;		/* monotonic */
	struct outcall	*outcall;
};

struct forget {
	json_t		*answer;
	struct outcall	*calls[FORGET_PEERS_MAX];
	size_t		 n, open;
	const char	*query;			/* while asking */
};

static void	forward_try(struct api_call *);

void
api_forward_free(struct api_call *call)
{
	size_t	 i;

	if (call->forward != NULL && call->forward->outcall != NULL)
		outcall_cancel(call->forward->outcall);
	free(call->forward);
	if (call->forget != NULL) {
		for (i = 0; i < call->forget->n; i++)
			if (call->forget->calls[i] != NULL)
				outcall_cancel(call->forget->calls[i]);
		json_decref(call->forget->answer);
		free(call->forget);
	}
}

void
api_forward_refuse(struct api_call *call)
{
	httpd_set(call->request, "X-Pawl-Not-Mine", "1");
	api_reply(call, NOT_MINE, NULL, NULL, 0);
}

/* ---- one call to its owner ---- */

static void
forward_again(struct api_call *call)
{
	if (wallclock_monotonic_ms() >= call->forward->until_ms) {
		api_fail(call, "Unavailable", "No process holds this execution at "
		    "the moment; try again.");
		return;
	}
	api_later(call, FORWARD_PAUSE_MS, forward_try);
}

/* The answer of the owner becomes ours; the id that the call got here stays. */
static void
forward_relay(struct api_call *call, struct outcall *outcall,
    const struct outcall_answer *answer)
{
	static const char *const names[] = { "x-amzn-ErrorType", "x-amzn-query-error",
		"Retry-After", "Location", "Allow", "Cache-Control",
		"Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options",
		"X-Frame-Options" };
	const char	*value;
	size_t		 i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if ((value = outcall_header(outcall, names[i])) != NULL)
			httpd_set(call->request, names[i], value);
	api_reply(call, (int)answer->status, outcall_header(outcall, "Content-Type"),
	    answer->body, answer->len);
}

static void
forward_done(struct outcall *outcall, const struct outcall_answer *answer,
    void *arg)
{
	struct api_call	*call = arg;

	call->forward->outcall = NULL;
	if (answer->end == OUTCALL_ANSWERED && answer->status == NOT_MINE &&
	    outcall_header(outcall, "X-Pawl-Not-Mine") != NULL) {
		shards_refresh(call->env->shards);
		forward_again(call);
	} else if (answer->end == OUTCALL_ANSWERED)
		forward_relay(call, outcall, answer);
	else if (answer->end == OUTCALL_REFUSED ||
	    (answer->end == OUTCALL_BROKEN && !call->op->once)) {
		shards_refresh(call->env->shards);
		forward_again(call);
	} else if (answer->end == OUTCALL_TOO_LARGE)
		api_fail(call, "InternalFailure", "The answer is too large.");
	else
		api_fail(call, "Unavailable", "The process that holds this execution "
		    "was lost while it worked on this call: it may have been carried "
		    "out. Ask, or try again.");
}

static void
forward_send(struct api_call *call, const char *address)
{
	static const char *const names[] = { "Content-Type", "X-Amz-Target",
		"Accept", "Last-Event-ID" };
	struct outcall_request	 r;
	const char		*value, *query, *headers[FORWARD_HEADERS_MAX];
	char			*own[FORWARD_HEADERS_MAX], *url;
	size_t			 i, n = 0;

	own[n++] = xasprintf("X-Pawl-Key: %s", call->env->keys->internal_key);
	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if ((value = httpd_header(call->request, names[i])) != NULL)
			own[n++] = xasprintf("%s: %s", names[i], value);
	for (i = 0; i < n; i++)
		headers[i] = own[i];
	headers[n] = NULL;
	query = httpd_raw_query(call->request);
	url = xasprintf("%s%s%s%s", address, httpd_raw_path(call->request),
	    query[0] == '\0' ? "" : "?", query);
	memset(&r, 0, sizeof r);
	r.method = httpd_method(call->request);
	r.url = url;
	r.headers = headers;
	r.body = httpd_body(call->request, &r.len);
	r.timeout_ms = FORWARD_TIMEOUT_MS;
	r.max_answer_bytes = FORWARD_ANSWER_MAX;
	r.once = call->op->once;
	call->forward->outcall = outcall_start(call->env->outcalls, &r,
	    forward_done, call);
	for (i = 0; i < n; i++)
		free(own[i]);
	free(url);
}

static void
forward_try(struct api_call *call)
{
	const char	*address;

	if (shards_mine(call->env->shards, call->forward->shard)) {
		call->op->run(call);
		return;
	}
	address = shards_address(call->env->shards, call->forward->shard);
	if (address != NULL)
		forward_send(call, address);
	else {
		shards_refresh(call->env->shards);
		forward_again(call);
	}
}

void
api_forward(struct api_call *call, int shard)
{
	if (call->forward == NULL) {
		call->forward = xcalloc(1, sizeof *call->forward);
		call->forward->until_ms = wallclock_monotonic_ms() +
		    FORWARD_PATIENCE_MS;
	}
	call->forward->shard = shard;
	forward_try(call);
}

bool
api_forward_moved(struct api_call *call, const struct err *e)
{
	int	 shard;

	if (strcmp(e->code, "NotMine") != 0)
		return false;
	if (call->forwarded) {
		api_forward_refuse(call);
		return true;
	}
	shard = call->op->shard == NULL ? OP_ANY_PROCESS : call->op->shard(call);
	if (shard == OP_ANSWERED)
		return true;
	if (call->forward == NULL && shard != OP_ANY_PROCESS)
		api_forward(call, shard);
	else if (call->forward != NULL && shard != OP_ANY_PROCESS) {
		call->forward->shard = shard;
		forward_again(call);		/* it moves: a pause first */
	} else
		api_fail(call, "Unavailable", "No process holds this execution at "
		    "the moment; try again.");
	return true;
}

/* ---- news for all processes ---- */

static void
forget_answer(struct api_call *call)
{
	json_t	*answer = call->forget->answer;

	call->forget->answer = NULL;
	api_ok(call, answer);
}

static void
forget_done(struct outcall *outcall, const struct outcall_answer *answer, void *arg)
{
	struct api_call	*call = arg;
	size_t		 i;

	(void)answer;
	for (i = 0; i < call->forget->n; i++)
		if (call->forget->calls[i] == outcall)
			call->forget->calls[i] = NULL;
	if (--call->forget->open == 0)
		forget_answer(call);
}

static void
forget_ask(const char *address, void *arg)
{
	struct api_call		*call = arg;
	struct forget		*f = call->forget;
	struct outcall_request	 r;
	const char		*headers[2] = { NULL, NULL };
	char			*key, *url;

	if (f->n == FORGET_PEERS_MAX)
		return;
	key = xasprintf("X-Pawl-Key: %s", call->env->keys->internal_key);
	url = xasprintf("%s/internal/forget?%s", address, f->query);
	headers[0] = key;
	memset(&r, 0, sizeof r);
	r.method = "POST";
	r.url = url;
	r.headers = headers;
	r.timeout_ms = FORGET_PATIENCE_MS;
	r.max_answer_bytes = 4096;
	f->calls[f->n++] = outcall_start(call->env->outcalls, &r, forget_done, call);
	f->open++;
	free(key);
	free(url);
}

/* Names may hold any character but a few; in the query all are escaped. */
static char *
forget_query(const char *kind, const char *name)
{
	struct strbuf	 b = STRBUF_INIT;

	strbuf_addf(&b, "kind=%s&name=", kind);
	for (; *name != '\0'; name++)
		strbuf_addf(&b, "%%%02X", (unsigned char)*name);
	return strbuf_take(&b, NULL);
}

void
api_forget(struct api_call *call, const char *kind, const char *name, json_t *answer)
{
	char	*query = forget_query(kind, name);

	registry_forget(call->env->registry, kind, name);
	call->forget = xcalloc(1, sizeof *call->forget);
	call->forget->answer = answer;
	call->forget->query = query;
	shards_peers(call->env->shards, forget_ask, call);
	call->forget->query = NULL;
	free(query);
	if (call->forget->open == 0)
		forget_answer(call);
}
