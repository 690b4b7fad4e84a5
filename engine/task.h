/*
 * engine/task.h - what a Task state calls, by its resource.
 *
 * One table (task.c) says which kind takes which resource; a kind is one file,
 * task_*.c.  To add a kind: the file, one line in the table, its entry in
 * docs/tasks.md.
 *
 * A kind may answer inside the commit that schedules the task (a queue message
 * commits together with the history), or start after it.  A call knows its
 * execution by id only: the execution may leave memory meanwhile, and the
 * answer then finds nobody, which is right: the task is called again.
 */

#ifndef PAWL_TASK_H
#define PAWL_TASK_H

#include "resident.h"

struct task_call {
	LIST_ENTRY(task_call)	 of_runtime;
	struct runtime		*rt;
	struct exec_id		 id;
	int			 shard;
	int64_t			 event_id;
	const struct task_kind	*kind;
	char			*execution_arn, *resource_text;
	const char		*service, *action;	/* borrowed, inside start */
	enum resource_kind	 resource_kind;
	enum resource_pattern	 pattern;
	struct payload		*arguments;
	int64_t			 due_ms;	/* 0: no timeout of its own */
	bool			 submitted;	/* task_submit() was, maybe long ago */
	/* The kind's, cancelled and freed with the call. */
	struct outcall		*outcall;
	struct event		*timer;
	void			(*later)(struct task_call *);
	void			*state;
	void			(*state_free)(void *);
	/* Who asked, when no execution did: task_alone(). */
	void			(*alone)(struct task_call *,
				    const struct stimulus *);
	void			*alone_arg;
};

/* What a task gives, to be filled in by inline_run. Own references. */
struct task_result {
	struct payload	*output;	/* success */
	char		*error, *cause;	/* failure, when error is set */
};

struct task_kind {
	const char	*name;
	bool	(*takes)(const struct resource *);
	/*
	 * May carry the task out inside the commit: true and *out, or false to be
	 * started after it.  NULL: never.
	 */
	bool	(*inline_run)(struct resident *, const struct item *,
		    struct task_result *out);
	/* Starts it; answers later, or now, with task_succeed() or task_fail(). */
	void	(*start)(struct task_call *);
};

/* The kind that takes a resource, or NULL. */
const struct task_kind *task_kind_of(const struct resource *);
/* Starts the item's call, after the commit. */
void	task_start(struct item *);
/*
 * A call that no execution makes (TestState), for task_alone_start(): id names it
 * in idempotency keys.  The command's resource must outlive the call.  fn gets
 * the answer (without an id), maybe before task_alone_start() has returned, and
 * the call is gone after it; not after task_cancel().
 */
struct task_call *task_alone(struct runtime *, const struct command *,
	    const struct exec_id *id, const char *execution_arn,
	    void (*fn)(struct task_call *, const struct stimulus *), void *arg);
void	task_alone_start(struct task_call *);
/* Gives the answer to the execution and frees the call. */
void	task_succeed(struct task_call *, struct payload *output);	/* steals */
void	task_fail(struct task_call *, const char *error, const char *cause);
/* A .sync task's request was answered; the call goes on. */
void	task_submit(struct task_call *, struct payload *output);	/* steals */
/* Calls fn after some time, unless the call has ended by then. */
void	task_later(struct task_call *, int64_t ms, void (*fn)(struct task_call *));
/* Drops the call: nobody wants its answer any more. */
void	task_cancel(struct task_call *);
/* The same at the end of the process, when no look-up will come back. */
void	task_drop(struct task_call *);
/* A message that commits with the execution's next chunk; texts are copied. */
void	task_message(struct resident *, int64_t queue_id, const struct exec_id *,
	    const char *body, const char *attributes, int64_t visible_ms);
void	task_result_clear(struct task_result *);
/*
 * Appends what optimized integrations tell of their request, two members:
 * "SdkHttpMetadata":{...},"SdkResponseMetadata":{...}
 */
void	task_http_metadata(struct strbuf *, size_t content_length,
	    const struct exec_id *request);
/* An id made from the execution and the event: the same each time it is asked. */
struct exec_id task_derived_id(const struct exec_id *, int64_t event_id,
	    const char *purpose);

extern const struct task_kind	 task_execution, task_lambda, task_sdk, task_sqs;

#endif
