/*
 * engine/request.c - callers who wait for a commit.
 *
 * A request keeps all that is needed to ask again: when the execution's copy in
 * memory turns out to be stale, whoever waited on it starts over.
 */

#include <stdlib.h>

#include "resident.h"
#include "xmalloc.h"

struct request *
request_new(struct runtime *rt, enum request_kind kind)
{
	struct request	*r = xcalloc(1, sizeof *r);

	r->rt = rt;
	r->kind = kind;
	LIST_INSERT_HEAD(&rt->requests, r, of_runtime);
	return r;
}

static void
request_free(struct request *r)
{
	LIST_REMOVE(r, of_runtime);
	free(r->machine);
	free(r->name);
	payload_unref(r->input);
	payload_unref(r->what.payload);
	free(r->error);
	free(r->cause);
	err_clear(&r->outcome);
	free(r);
}

void
request_answer(struct request *r)
{
	struct runtime_started	 started;

	if (err_is(&r->outcome, "Again")) {
		request_again(r);
		return;
	}
	if (r->kind != REQUEST_START)
		r->done(&r->outcome, r->ended_ms, r->arg);
	else if (r->outcome.code[0] != '\0')
		r->start_done(&r->outcome, NULL, r->arg);
	else {
		started.machine = r->machine;
		started.name = r->name;
		started.id = r->id;
		started.shard = r->shard;
		started.started_ms = r->started_ms;
		r->start_done(&r->outcome, &started, r->arg);
	}
	request_free(r);
}

void
request_fail(struct request *r, const char *code, const char *text)
{
	err_clear(&r->outcome);
	err_set(&r->outcome, code, "%s", text);
	request_answer(r);
}

void
request_fail_all(struct request_list *list, const char *code, const char *text)
{
	struct request	*r;

	while ((r = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, r, entry);
		request_fail(r, code, text);
	}
}

void
request_again(struct request *r)
{
	err_clear(&r->outcome);
	if (++r->attempts >= REQUEST_ATTEMPTS_MAX)
		request_fail(r, "Unavailable",
		    "the execution changes hands; try again");
	else
		runtime_take(r->rt, r);
}
