/*
 * engine/ownapi.c - a task calls an operation of this server's own API.
 */

#include "ownapi.h"

#include <stdlib.h>
#include <string.h>

#include "wallclock.h"
#include "xmalloc.h"

#define TIMEOUT_MS	90000		/* beyond any long poll */
#define AGAIN_MS	500
#define ANSWER_MAX	((size_t)16 << 20)

static void	send_call(struct task_call *);

static void
on_answer(struct outcall *outcall, const struct outcall_answer *a, void *arg)
{
	struct ownapi		*own = arg;
	struct ownapi_answer	 answer = { 503, "ServiceUnavailable", "", "", NULL };
	struct err		 e = ERR_INIT;
	json_t			*body = NULL;

	own->call->outcall = NULL;
	if (a->end == OUTCALL_ANSWERED) {
		answer.status = (int)a->status;
		answer.request_id = outcall_header(outcall, "x-amzn-RequestId");
		body = jsontext_parse(a->body, a->len, &e);
		err_clear(&e);
		if (answer.request_id == NULL)
			answer.request_id = "";
	} else
		answer.message = a->detail;
	if (json_is_object(body) && answer.status == 200) {
		answer.code = NULL;
		answer.body = body;
	} else if (json_is_object(body)) {
		answer.code = json_string_value(json_object_get(body, "__type"));
		answer.message = json_string_value(json_object_get(body,
		    "message"));
		if (answer.code == NULL)
			answer.code = "InternalFailure";
		if (answer.message == NULL)
			answer.message = "";
		if (strchr(answer.code, '#') != NULL)
			answer.code = strchr(answer.code, '#') + 1;
	}
	if (answer.status == 503 && own->call->alone == NULL)
		task_later(own->call, AGAIN_MS, send_call);
	else
		own->done(own->call, &answer);	/* own may be gone */
	json_decref(body);
}

static void
send_call(struct task_call *call)
{
	struct ownapi		*own = call->state;
	struct outcall_request	 r = { .method = "POST",
	    .timeout_ms = TIMEOUT_MS, .max_answer_bytes = ANSWER_MAX };
	const char		*headers[] = { NULL, NULL, OWNAPI_HEADER ": 1",
	    "Content-Type: application/x-amz-json-1.0", NULL };
	char			*body, *key, *name, *url;
	int64_t			 left;

	/* The task's own timeout is the language's to act on: never earlier. */
	left = call->due_ms - wallclock_ms() + 1000;
	if (call->due_ms != 0 && left < r.timeout_ms)
		r.timeout_ms = left < 1000 ? 1000 : left;
	key = xasprintf("X-Pawl-Key: %s", call->rt->env.keys->internal_key);
	name = xasprintf("X-Amz-Target: %s", own->target);
	url = xasprintf("%s/", call->rt->own_url);
	body = jsontext_string(own->members, &r.len);
	headers[0] = key;
	headers[1] = name;
	r.headers = headers;
	r.url = url;
	r.body = body;
	call->outcall = outcall_start(call->rt->outcalls, &r, on_answer, own);
	free(body);
	free(url);
	free(name);
	free(key);
}

void
ownapi_call(struct ownapi *own, struct task_call *call, const char *target,
    json_t *members, ownapi_done done)
{
	json_incref(members);
	ownapi_clear(own);
	own->call = call;
	own->done = done;
	own->target = xstrdup(target);
	own->members = members;
	send_call(call);
}

void
ownapi_clear(struct ownapi *own)
{
	free(own->target);
	json_decref(own->members);
	own->target = NULL;
	own->members = NULL;
}
