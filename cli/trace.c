/*
 * cli/trace.c - what a history says: which state an event belongs to, which
 * states are open, which tasks wait for a callback.
 *
 * previousEventId chains the events of one flow.  Each event gets the state
 * (its frame) and the task it belongs to from the one before it.  The exit of a
 * Parallel or Map state hangs on the last event inside one of its branches: for
 * these the frames are climbed up to the state of the right kind or name.
 */

#include "trace.h"

#include <stdlib.h>
#include <string.h>

#include "strbuf.h"
#include "when.h"
#include "xmalloc.h"

#define EVENTS_MAX	1000000
#define CANDIDATE_MIN	40	/* a token has 58 characters */
#define CANDIDATE_MAX	200
#define SEARCH_DEPTH	32

/* Per event, by id: indices + 1 into states and tasks, 0 for none. */
struct link {
	size_t	 state, task;
	bool	 exited;	/* the event ends its state */
};

struct trace {
	struct link		*links;
	size_t			 nlinks;
	struct trace_state	*states;
	size_t			 nstates;
	struct trace_task	*tasks;
	size_t			 ntasks;
	bool			 ended;
};

struct trace *
trace_new(void)
{
	return xcalloc(1, sizeof(struct trace));
}

void
trace_free(struct trace *t)
{
	size_t	 i;

	if (t == NULL)
		return;
	for (i = 0; i < t->nstates; i++) {
		free(t->states[i].name);
		free(t->states[i].type);
	}
	for (i = 0; i < t->ntasks; i++) {
		free(t->tasks[i].state);
		free(t->tasks[i].link);
		free(t->tasks[i].token);
	}
	free(t->states);
	free(t->tasks);
	free(t->links);
	free(t);
}

const json_t *
trace_details(const json_t *event)
{
	const char	*key;
	json_t		*value;
	size_t		 len;

	json_object_foreach((json_t *)(uintptr_t)event, key, value) {
		len = strlen(key);
		if (len > 12 && strcmp(key + len - 12, "EventDetails") == 0)
			return value;
	}
	return NULL;
}

const char *
trace_string(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

int64_t
trace_id(const json_t *event)
{
	return json_integer_value(json_object_get(event, "id"));
}

static struct link *
link_at(const struct trace *t, int64_t id)
{
	return id > 0 && (size_t)id < t->nlinks ? &t->links[id] : NULL;
}

static struct link *
link_make(struct trace *t, int64_t id)
{
	size_t	 n;

	if (id <= 0 || id > EVENTS_MAX)
		return NULL;
	if ((size_t)id >= t->nlinks) {
		n = (size_t)id * 2 + 64;
		t->links = xreallocarray(t->links, n, sizeof(*t->links));
		memset(t->links + t->nlinks, 0,
		    (n - t->nlinks) * sizeof(*t->links));
		t->nlinks = n;
	}
	return &t->links[id];
}

static bool
ends_with(const char *s, const char *end)
{
	size_t	 n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

static size_t
parent_of(const struct trace *t, size_t state)
{
	return state == 0 ? 0 : t->states[state - 1].parent;
}

/* The nearest state around f, or f itself, of that kind. */
static size_t
climb(const struct trace *t, size_t f, const char *kind)
{
	size_t	 up = f;

	while (up != 0 && strncmp(t->states[up - 1].type, kind, strlen(kind)) != 0)
		up = parent_of(t, up);
	return up == 0 ? f : up;
}

/* The frame of an event that follows prev. */
static size_t
frame_for(const struct trace *t, const struct link *prev, const char *type,
    const char *name)
{
	size_t	 f = prev == NULL ? 0 : prev->state;

	if (f == 0 || strncmp(type, "Execution", 9) == 0)
		return 0;
	if (ends_with(type, "StateEntered"))
		return prev->exited ? parent_of(t, f) : f;
	if (ends_with(type, "StateExited")) {
		while (f != 0 && name != NULL &&
		    strcmp(t->states[f - 1].name, name) != 0)
			f = parent_of(t, f);
		return f;
	}
	if (strncmp(type, "ParallelState", 13) == 0)
		return climb(t, prev->exited ? parent_of(t, f) : f, "Parallel");
	if (strncmp(type, "Map", 3) == 0)
		return climb(t, prev->exited ? parent_of(t, f) : f, "Map");
	return f;
}

static size_t
state_add(struct trace *t, const json_t *event, size_t parent, const char *type,
    const char *name)
{
	struct trace_state	*s;

	t->states = xreallocarray(t->states, t->nstates + 1, sizeof(*s));
	s = &t->states[t->nstates++];
	memset(s, 0, sizeof(*s));
	s->id = trace_id(event);
	s->parent = parent;
	s->name = xstrdup(name);
	s->type = xstrndup(type, strlen(type) - strlen("StateEntered"));
	s->open = true;
	(void)when_read(json_object_get(event, "timestamp"), &s->since_ms);
	return t->nstates;
}

static bool
inside(const struct trace *t, size_t state, size_t around)
{
	while (state != 0 && state != around)
		state = parent_of(t, state);
	return state != 0;
}

/* A state that is left takes along what was open inside it. */
static void
state_close(struct trace *t, size_t state)
{
	const struct link	*l;
	size_t			 i;

	for (i = state - 1; i < t->nstates; i++)
		if (t->states[i].open && inside(t, i + 1, state))
			t->states[i].open = false;
	for (i = 0; i < t->ntasks; i++)
		if (t->tasks[i].open &&
		    (l = link_at(t, t->tasks[i].id)) != NULL &&
		    inside(t, l->state, state))
			t->tasks[i].open = false;
}

static void
close_all(struct trace *t)
{
	size_t	 i;

	for (i = 0; i < t->nstates; i++)
		t->states[i].open = false;
	for (i = 0; i < t->ntasks; i++)
		t->tasks[i].open = false;
	t->ended = true;
}

const char *
trace_token_in(const char *text, size_t *len)
{
	const char	*p = strstr(text, "/callback/");

	if (p == NULL)
		return NULL;
	p += strlen("/callback/");
	*len = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-_=");
	return *len > 0 ? p : NULL;
}

/* A URL stands in a sentence perhaps: from the scheme to the token's end. */
static char *
link_in(const char *text, const char *token, size_t len)
{
	const char	*p, *found = NULL;

	for (p = text; (p = strstr(p, "http")) != NULL && p < token; p++)
		if (strncmp(p, "http://", 7) == 0 || strncmp(p, "https://", 8) == 0)
			found = p;
	if (found == NULL || strcspn(found, " \t\r\n\"<>") <
	    (size_t)(token + len - found))
		return NULL;
	return xstrndup(found, (size_t)(token + len - found));
}

static void
search_string(struct trace_task *task, const char *text)
{
	size_t		 len = strlen(text);
	const char	*token;

	if ((token = trace_token_in(text, &len)) != NULL && task->link == NULL) {
		free(task->token);
		task->token = xstrndup(token, len);
		task->link = link_in(text, token, len);
		return;
	}
	len = strlen(text);
	if (task->token == NULL && len >= CANDIDATE_MIN && len <= CANDIDATE_MAX &&
	    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-_=") == len)
		task->token = xstrdup(text);
}

static void
search(struct trace_task *task, const json_t *value, int depth)
{
	const char	*key;
	json_t		*item;
	size_t		 i;

	if (depth > SEARCH_DEPTH)
		return;
	if (json_is_string(value))
		search_string(task, json_string_value(value));
	json_array_foreach(value, i, item)
		search(task, item, depth + 1);
	json_object_foreach((json_t *)(uintptr_t)value, key, item)
		search(task, item, depth + 1);
}

static size_t
task_add(struct trace *t, const json_t *event, const json_t *details,
    size_t state)
{
	struct trace_task	*task;

	t->tasks = xreallocarray(t->tasks, t->ntasks + 1, sizeof(*task));
	task = &t->tasks[t->ntasks++];
	memset(task, 0, sizeof(*task));
	task->id = trace_id(event);
	task->state = xstrdup(state == 0 ? "?" : t->states[state - 1].name);
	task->open = true;
	(void)when_read(json_object_get(event, "timestamp"), &task->since_ms);
	search(task, json_object_get(details, "parameters"), 0);
	return t->ntasks;
}

static bool
ends_task(const char *type)
{
	return strcmp(type, "TaskSucceeded") == 0 ||
	    strcmp(type, "TaskFailed") == 0 ||
	    strcmp(type, "TaskTimedOut") == 0 ||
	    strcmp(type, "TaskStartFailed") == 0 ||
	    strcmp(type, "TaskSubmitFailed") == 0;
}

static bool
ends_execution(const char *type)
{
	return strcmp(type, "ExecutionSucceeded") == 0 ||
	    strcmp(type, "ExecutionFailed") == 0 ||
	    strcmp(type, "ExecutionAborted") == 0 ||
	    strcmp(type, "ExecutionTimedOut") == 0;
}

void
trace_feed(struct trace *t, const json_t *event)
{
	const json_t	*details = trace_details(event);
	const char	*type = trace_string(event, "type");
	const char	*name = trace_string(details, "name"), *resource;
	int64_t		 id = trace_id(event);
	struct link	*l = link_make(t, id), *prev;

	if (l == NULL || type == NULL)
		return;
	prev = link_at(t, json_integer_value(json_object_get(event,
	    "previousEventId")));
	l->state = frame_for(t, prev, type, name);
	l->task = prev == NULL ? 0 : prev->task;
	l->exited = false;
	if (ends_with(type, "StateEntered")) {
		l->state = state_add(t, event, l->state, type,
		    name == NULL ? "?" : name);
		l->task = 0;
	} else if (ends_with(type, "StateExited")) {
		l->exited = true;
		l->task = 0;
		if (l->state != 0)
			state_close(t, l->state);
	} else if (strcmp(type, "TaskScheduled") == 0 &&
	    (resource = trace_string(details, "resource")) != NULL &&
	    ends_with(resource, ".waitForTaskToken"))
		l->task = task_add(t, event, details, l->state);
	else if (ends_task(type) && l->task != 0) {
		t->tasks[l->task - 1].open = false;
		l->task = 0;
	} else if (ends_execution(type))
		close_all(t);
	else if (strcmp(type, "ExecutionRedriven") == 0)
		t->ended = false;
}

const char *
trace_state_of(const struct trace *t, const json_t *event)
{
	const struct link	*l = link_at(t, trace_id(event));

	return l == NULL || l->state == 0 ? NULL : t->states[l->state - 1].name;
}

const struct trace_state *
trace_state(const struct trace *t, size_t i)
{
	return i < t->nstates ? &t->states[i] : NULL;
}

struct trace_task *
trace_task(const struct trace *t, size_t i)
{
	return i < t->ntasks ? &t->tasks[i] : NULL;
}

bool
trace_ended(const struct trace *t)
{
	return t->ended;
}
