/*
 * engine/runtime_task.c - what is known of a token task, for the page that asks.
 *
 * It reads the history and folds it aside: nothing in memory changes, whoever
 * owns the execution.
 */

#include <stdlib.h>
#include <string.h>

#include "resident.h"
#include "xmalloc.h"

struct ask {
	LIST_ENTRY(ask)		 of_runtime;
	struct runtime		*rt;
	int64_t			 event_id;
	runtime_task_done	 done;
	void			*arg;
	char			*name;
	struct event		*events;
	size_t			 nevents;
};

static void
ask_free(struct ask *a)
{
	size_t	 i;

	LIST_REMOVE(a, of_runtime);
	for (i = 0; i < a->nevents; i++)
		event_clear(&a->events[i]);
	free(a->events);
	free(a->name);
	free(a);
}

static void
ask_end(struct ask *a, const char *code, const char *text,
    const struct runtime_task *task)
{
	struct err	 e = ERR_INIT;

	if (code != NULL)
		err_set(&e, code, "%s", text);
	a->done(&e, task, a->arg);
	err_clear(&e);
	ask_free(a);
}

void
runtime_task_free(struct runtime *rt)
{
	struct ask	*a;

	while ((a = LIST_FIRST(&rt->asks)) != NULL)
		ask_end(a, "Unavailable", "the server is stopping", NULL);
}

static const struct event *
event_at(const struct ask *a, int64_t id)
{
	return id >= 1 && (size_t)id <= a->nevents ? &a->events[id - 1] : NULL;
}

/* The name of the state that scheduled the task: its Entered event's. */
static const char *
state_of(const struct ask *a, const struct event *ev)
{
	while (ev != NULL && (ev->type != EVENT_TaskStateEntered)) {
		if (ev->previous_id >= ev->id)
			return "";
		ev = event_at(a, ev->previous_id);
	}
	return ev == NULL || ev->name == NULL ? "" : ev->name;
}

static char *
no_token(const void *arg, int64_t id)
{
	(void)arg;
	(void)id;
	return xstrdup("");
}

static char *
no_url(const void *arg, const char *token)
{
	(void)arg;
	(void)token;
	return xstrdup("");
}

static int64_t
due_of(const struct execution *ex, int64_t id)
{
	struct command	*open;
	int64_t		 due = 0;
	size_t		 i, n;
	bool		 more;

	open = step_open(ex, &n, &more);
	for (i = 0; i < n; i++)
		if (open[i].kind == COMMAND_TASK && open[i].id == id)
			due = open[i].due_ms;
	step_commands_free(open, n);
	return due;
}

static void
on_machine(const struct err *e, struct registry_machine *machine, void *arg)
{
	struct ask		*a = arg;
	struct execution_facts	 facts = { .arn = "", .name = a->name,
	    .machine_arn = "", .role_arn = "", .task_token = no_token,
	    .callback_url = no_url };
	struct runtime_task	 task;
	struct execution	*ex;
	struct err		 own = ERR_INIT;
	const struct event	*ev = event_at(a, a->event_id);
	size_t			 i;

	if (machine == NULL) {
		ask_end(a, e->code, e->text, NULL);
		return;
	}
	if (ev == NULL || ev->type != EVENT_TaskScheduled) {
		registry_machine_release(machine);
		ask_end(a, "TaskDoesNotExist", "there is no such task", NULL);
		return;
	}
	facts.machine_name = machine->name;
	ex = execution_new(machine->machine, &facts);
	for (i = 0; i < a->nevents; i++)
		if (execution_apply(ex, &a->events[i], &own) == -1)
			break;
	memset(&task, 0, sizeof task);
	task.machine = machine->name;
	task.execution = a->name;
	task.state = state_of(a, ev);
	task.scheduled_ms = ev->time_ms;
	task.arguments = ev->payload == NULL ? "{}" :
	    payload_text(ev->payload, NULL);
	task.open = own.code[0] == '\0' && step_task_open(ex, a->event_id, true);
	task.due_ms = task.open ? due_of(ex, a->event_id) : 0;
	err_clear(&own);
	execution_free(ex);
	ask_end(a, NULL, NULL, &task);
	registry_machine_release(machine);
}

static void
on_rows(const struct err *e, const struct store_execution *row,
    const struct store_text *chunks, size_t n, void *arg)
{
	struct ask	*a = arg;
	struct event	*events;
	struct err	 own = ERR_INIT;
	size_t		 i, k;

	if (row == NULL) {
		ask_end(a, e->code[0] == '\0' || err_is(e, "NotFound") ?
		    "ExecutionDoesNotExist" : e->code,
		    e->text == NULL ? "there is no such execution" : e->text,
		    NULL);
		return;
	}
	for (i = 0; i < n; i++) {
		if (chunk_decode(chunks[i].events, chunks[i].len, &events, &k,
		    &own) == -1) {
			ask_end(a, "StoreError", own.text, NULL);
			err_clear(&own);
			return;
		}
		a->events = xreallocarray(a->events, a->nevents + k,
		    sizeof *a->events);
		memcpy(a->events + a->nevents, events, k * sizeof *events);
		a->nevents += k;
		free(events);
	}
	a->name = xstrdup(row->name);
	registry_machine_by_revision(a->rt->env.registry, row->machine_id,
	    row->revision, on_machine, a);
}

void
runtime_task(struct runtime *rt, const struct exec_id *id, int shard,
    int64_t event_id, runtime_task_done done, void *arg)
{
	struct ask	*a = xcalloc(1, sizeof *a);

	a->rt = rt;
	a->event_id = event_id;
	a->done = done;
	a->arg = arg;
	LIST_INSERT_HEAD(&rt->asks, a, of_runtime);
	store_load(rt->env.store, id, shard, on_rows, a);
}
