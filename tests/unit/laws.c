/*
 * tests/unit/laws.c - an execution under the three laws of step.h.
 */

#include "laws.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xmalloc.h"

static char *
token(const void *arg, int64_t event_id)
{
	(void)arg;
	return xasprintf("token-%lld", (long long)event_id);
}

static char *
url(const void *arg, const char *t)
{
	(void)arg;
	return xasprintf("http://localhost/callback/%s", t);
}

void
laws_init(struct laws *l, struct machine *m, uint64_t seed)
{
	memset(l, 0, sizeof *l);
	l->machine = m;
	l->facts = (struct execution_facts){
		.arn = "arn:aws:states:us-east-1:123456789012:execution:m:e",
		.name = "e",
		.machine_arn = "arn:aws:states:us-east-1:123456789012:"
		    "stateMachine:m",
		.machine_name = "m",
		.role_arn = "arn:aws:iam::123456789012:role/r",
		.seed = seed,
		.task_token = token,
		.callback_url = url,
	};
	l->ex = execution_new(m, &l->facts);
}

void
laws_clear(struct laws *l)
{
	size_t	 i;

	for (i = 0; i < l->nchunks; i++)
		free(l->chunks[i]);
	free(l->chunks);
	free(l->broken);
	execution_free(l->folded);
	execution_free(l->ex);
	memset(l, 0, sizeof *l);
}

static int __attribute__((format(printf, 2, 3)))
broken(struct laws *l, const char *fmt, ...)
{
	va_list	 ap;

	if (l->broken == NULL) {
		va_start(ap, fmt);
		l->broken = xvasprintf(fmt, ap);
		va_end(ap);
	}
	return -1;
}

char *
laws_command(const struct command *c)
{
	struct strbuf	 b = STRBUF_INIT;

	switch (c->kind) {
	case COMMAND_TASK:
		strbuf_addf(&b, "task %lld ", (long long)c->id);
		if (c->resource->kind == RESOURCE_SERVICE)
			strbuf_addf(&b, "%s:%s", c->resource->service,
			    c->resource->api);
		else
			strbuf_adds(&b, c->resource->name);
		if (c->due_ms != 0)
			strbuf_addf(&b, " due=%lld", (long long)c->due_ms);
		if (c->heartbeat_s != 0)
			strbuf_addf(&b, " heartbeat=%lld",
			    (long long)c->heartbeat_s);
		if (c->submitted)
			strbuf_adds(&b, " submitted");
		strbuf_addf(&b, " %s", payload_text(c->arguments, NULL));
		break;
	case COMMAND_TIMER:
		strbuf_addf(&b, "timer %lld %lld", (long long)c->id,
		    (long long)c->due_ms);
		break;
	case COMMAND_DEADLINE:
		strbuf_addf(&b, "deadline %lld", (long long)c->due_ms);
		break;
	case COMMAND_CANCEL:
		strbuf_addf(&b, "cancel %lld", (long long)c->id);
		break;
	}
	return strbuf_take(&b, NULL);
}

static void
add_commands(struct strbuf *b, const struct command *c, size_t n, bool more)
{
	char	*text;
	size_t	 i;

	for (i = 0; i < n; i++) {
		text = laws_command(&c[i]);
		strbuf_addf(b, "%s\n", text);
		free(text);
	}
	strbuf_adds(b, more ? "more\n" : "done\n");
}

/* Everything that came out of a step, as text. */
static char *
step_text(const struct step *s)
{
	struct strbuf	 b = STRBUF_INIT;

	if (s->nevents > 0)
		chunk_encode(s->events, s->nevents, &b);
	strbuf_addc(&b, '\n');
	add_commands(&b, s->commands, s->ncommands, s->more);
	return strbuf_take(&b, NULL);
}

static char *
open_text(const struct execution *ex)
{
	struct strbuf	 b = STRBUF_INIT;
	struct command	*c;
	size_t		 n;
	bool		 more;

	c = step_open(ex, &n, &more);
	add_commands(&b, c, n, more);
	step_commands_free(c, n);
	return strbuf_take(&b, NULL);
}

/* The execution again, out of its stored chunks; NULL if they are refused. */
static struct execution *
fold(struct laws *l)
{
	struct execution	*ex = execution_new(l->machine, &l->facts);
	struct err		 e = ERR_INIT;
	struct event		*events;
	struct strbuf		 again = STRBUF_INIT;
	size_t			 c, i, n;

	for (c = 0; c < l->nchunks && l->broken == NULL; c++) {
		if (chunk_decode(l->chunks[c], strlen(l->chunks[c]), &events, &n,
		    &e) == -1) {
			broken(l, "decode: %s", e.text);
			break;
		}
		strbuf_reset(&again);
		chunk_encode(events, n, &again);
		if (strcmp(strbuf_str(&again), l->chunks[c]) != 0)
			broken(l, "a chunk changed on its way: %s became %s",
			    l->chunks[c], strbuf_str(&again));
		for (i = 0; i < n; i++) {
			if (l->broken == NULL &&
			    execution_apply(ex, &events[i], &e) == -1)
				broken(l, "fold: %s", e.text);
			event_clear(&events[i]);
		}
		free(events);
	}
	strbuf_free(&again);
	err_clear(&e);
	if (l->broken == NULL)
		return ex;
	execution_free(ex);
	return NULL;
}

/* Both from shortly before the first difference, a part of each. */
static void
same(struct laws *l, const char *law, const char *a, const char *b)
{
	size_t	 i = 0, from;

	if (strcmp(a, b) == 0)
		return;
	while (a[i] == b[i])
		i++;
	from = i < 200 ? 0 : i - 200;
	broken(l, "%s:\n... %.600s\n--- and ---\n... %.600s", law, a + from,
	    b + from);
}

static void
same_free(struct laws *l, const char *law, char *a, char *b)
{
	same(l, law, a, b);
	free(a);
	free(b);
}

/* Trees are compared as such, and printed only when they differ. */
static void
same_dump(struct laws *l, const char *law, const json_t *a,
    const struct execution *ex)
{
	json_t	*b = execution_dump(ex);

	if (!json_equal(a, b))
		same_free(l, law, jsontext_string(a, NULL),
		    jsontext_string(b, NULL));
	json_decref(b);
}

static void
check_events(struct laws *l, const struct step *s, int64_t before)
{
	const struct event	*ev;
	size_t			 i;

	for (i = 0; i < s->nevents; i++) {
		ev = &s->events[i];
		if (ev->id != before + (int64_t)i + 1)
			broken(l, "event %lld is not dense", (long long)ev->id);
		if (ev->previous_id < 0 || ev->previous_id >= ev->id)
			broken(l, "event %lld follows %lld", (long long)ev->id,
			    (long long)ev->previous_id);
	}
	if (before + (int64_t)s->nevents != execution_last_event(l->ex))
		broken(l, "events are missing in the execution");
}

static void
keep_chunk(struct laws *l, const struct step *s)
{
	struct strbuf	 b = STRBUF_INIT;

	if (s->nevents == 0)
		return;
	chunk_encode(s->events, s->nevents, &b);
	l->chunks = xreallocarray(l->chunks, l->nchunks + 1, sizeof *l->chunks);
	l->chunks[l->nchunks++] = strbuf_take(&b, NULL);
}

/* before: the dump of the execution as it is. */
static void
deliver_again(struct laws *l, const struct stimulus *what,
    const json_t *before)
{
	struct step	*s;
	struct err	 e = ERR_INIT;

	if (what->kind == STIMULUS_CONTINUE)
		return;
	if (step_run(l->ex, what, &s, &e) == -1) {
		broken(l, "second delivery: %s", e.text);
		err_clear(&e);
		return;
	}
	if (s->nevents > 0 || s->ncommands > 0)
		broken(l, "a second delivery did something: %s",
		    s->nevents > 0 ? event_type_name(s->events[0].type) :
		    "a command");
	step_free(s);
	same_dump(l, "a second delivery changed something", before, l->ex);
}

/* copy was folded, and has had the same stimulus. */
static void
check_after(struct laws *l, const struct stimulus *what,
    const struct execution *copy)
{
	json_t	*dump = execution_dump(l->ex);

	same_dump(l, "two copies differ after the same stimulus", dump, copy);
	l->folded = fold(l);
	if (l->folded != NULL) {
		same_dump(l, "a fold differs", dump, l->folded);
		same_free(l, "what is open differs after a fold",
		    open_text(l->ex), open_text(l->folded));
		deliver_again(l, what, dump);
	}
	json_decref(dump);
}

struct step *
laws_step(struct laws *l, const struct stimulus *what)
{
	struct execution	*copy = l->folded != NULL ? l->folded : fold(l);
	struct step		*s = NULL, *other = NULL;
	struct err		 e = ERR_INIT;
	int64_t			 before = execution_last_event(l->ex);

	l->folded = NULL;
	if (copy == NULL)
		return NULL;
	if (step_run(l->ex, what, &s, &e) == -1 ||
	    step_run(copy, what, &other, &e) == -1) {
		broken(l, "step: %s", e.text);
		err_clear(&e);
	} else {
		check_events(l, s, before);
		same_free(l, "the same in gave two different things",
		    step_text(s), step_text(other));
		keep_chunk(l, s);
		check_after(l, what, copy);
	}
	execution_free(copy);
	step_free(other);
	if (l->broken != NULL) {
		step_free(s);
		s = NULL;
	}
	return s;
}
