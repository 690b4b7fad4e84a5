/*
 * tests/unit/t_scenario.c - runs tests/scenario/?*.test; each test a TAP line.
 *
 *	test	what it shows
 *	machine	{definition, over as many lines as it likes}
 *	seed	N			(optional)
 *	> ms start {"input":1}		a stimulus, names as in step.h:
 *	> ms task_succeeded 3 {...}	task_submitted, callback_succeeded
 *	> ms task_failed 3 {"Error":"E","Cause":"c"}	callback_failed, stop
 *	> ms timer 2			task_timed_out, heartbeat_timed_out
 *	> ms continue			execution_timed_out
 *	< task 3 x due=9000 heartbeat=5 {...}		commands, all, in order
 *	< timer 2 2200			x is the function's name, or service:api
 *	< deadline 60000
 *	< cancel 3
 *	< more				step.more
 *	= 4 TaskStarted prev=3 name=X	events: if one is listed, then all
 *	= 5 TaskSucceeded : {...}	a payload
 *	= 6 TaskFailed error=E cause=text up to the end of the line
 *	= 7 PassStateExited assigned={...}
 *	= 8 EvaluationFailed location=Output/x name=X	"-" for none
 *	status SUCCEEDED
 *
 * Any member of an event may be left out.  Around every stimulus the laws are
 * checked without a word in the scenario (laws.h).
 */

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "laws.h"
#include "unit.h"
#include "xmalloc.h"

struct scenario {
	const char	*file;
	char		*name;
	int		 line;		/* where we are */
	struct machine	*machine;
	struct laws	 laws;
	bool		 running;	/* laws hold an execution */
	uint64_t	 seed;
	struct step	*step;		/* of the last stimulus */
	size_t		 event, command;	/* seen of it */
	bool		 more_seen;
	bool		 failed;
};

static int	 tests, failures;

static void __attribute__((format(printf, 2, 3)))
wrong(struct scenario *s, const char *fmt, ...)
{
	va_list	 ap;
	char	*text, *line, *save;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	printf("# %s:%d: ", s->file, s->line);
	for (line = strtok_r(text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save))
		printf("%s\n# ", line);
	printf("\n");
	free(text);
	s->failed = true;
}

/* All that a step gave must have been asked for. */
static void
end_step(struct scenario *s)
{
	char	*text;

	if (s->step == NULL)
		return;
	if (s->command < s->step->ncommands) {
		text = laws_command(&s->step->commands[s->command]);
		wrong(s, "unexpected command: %s", text);
		free(text);
	}
	if (s->event > 0 && s->event < s->step->nevents)
		wrong(s, "unexpected event: %lld %s",
		    (long long)s->step->events[s->event].id,
		    event_type_name(s->step->events[s->event].type));
	if (s->step->more && !s->more_seen)
		wrong(s, "unexpected: more");
	step_free(s->step);
	s->step = NULL;
}

static void
end_test(struct scenario *s)
{
	const char	*base;

	if (s->name == NULL)
		return;
	end_step(s);
	if (!s->running)
		wrong(s, "the test did nothing");
	else
		laws_clear(&s->laws);
	machine_free(s->machine);
	base = strrchr(s->file, '/');
	printf("%sok %d - %s: %s\n", s->failed ? "not " : "", ++tests,
	    base != NULL ? base + 1 : s->file, s->name);
	failures += s->failed;
	free(s->name);
	*s = (struct scenario){ .file = s->file, .line = s->line };
}

static void
define(struct scenario *s, const char *text)
{
	struct findings	 f = FINDINGS_INIT;
	size_t		 i;

	machine_free(s->machine);
	s->machine = machine_parse(text, strlen(text), &f);
	for (i = 0; s->machine == NULL && i < f.n; i++)
		wrong(s, "%s at %s", f.list[i].message, f.list[i].location != NULL ?
		    f.list[i].location : "?");
	findings_free(&f);
}

static const struct {
	const char		*name;
	enum stimulus_kind	 kind;
	char			 takes[3];	/* i: id, p: payload, e: error */
} stimuli[] = {
	{ "start", STIMULUS_START, "p" },
	{ "task_succeeded", STIMULUS_TASK_SUCCEEDED, "ip" },
	{ "task_failed", STIMULUS_TASK_FAILED, "ie" },
	{ "task_submitted", STIMULUS_TASK_SUBMITTED, "ip" },
	{ "callback_succeeded", STIMULUS_CALLBACK_SUCCEEDED, "ip" },
	{ "callback_failed", STIMULUS_CALLBACK_FAILED, "ie" },
	{ "task_timed_out", STIMULUS_TASK_TIMED_OUT, "i" },
	{ "heartbeat_timed_out", STIMULUS_HEARTBEAT_TIMED_OUT, "i" },
	{ "timer", STIMULUS_TIMER, "i" },
	{ "execution_timed_out", STIMULUS_EXECUTION_TIMED_OUT, "" },
	{ "stop", STIMULUS_STOP, "e" },
	{ "continue", STIMULUS_CONTINUE, "" },
};

static void
run(struct scenario *s, struct stimulus *what)
{
	if (!s->running) {
		laws_init(&s->laws, s->machine, s->seed);
		s->running = true;
	}
	s->step = laws_step(&s->laws, what);
	s->event = s->command = 0;
	s->more_seen = false;
	if (s->step == NULL) {
		wrong(s, "%s", s->laws.broken);
		free(s->laws.broken);
		s->laws.broken = NULL;
	}
}

static void
stimulus(struct scenario *s, char *rest)
{
	struct stimulus	 what = { .kind = STIMULUS_CONTINUE };
	char		*name, *end;
	json_t		*error = NULL;
	size_t		 i, n = sizeof stimuli / sizeof *stimuli;

	end_step(s);
	what.now_ms = strtoll(rest, &rest, 10);
	name = rest + strspn(rest, " ");
	rest = name + strcspn(name, " ");
	end = rest + strspn(rest, " ");
	*rest = '\0';
	rest = end;
	for (i = 0; i < n && strcmp(stimuli[i].name, name) != 0; i++)
		;
	if (i == n || s->machine == NULL) {
		wrong(s, "no such stimulus, or no machine: %s", name);
		return;
	}
	what.kind = stimuli[i].kind;
	if (strchr(stimuli[i].takes, 'i') != NULL)
		what.id = strtoll(rest, &rest, 10);
	rest += strspn(rest, " ");
	if (strchr(stimuli[i].takes, 'p') != NULL)
		what.payload = payload_from_text(rest, strlen(rest));
	if (strchr(stimuli[i].takes, 'e') != NULL && *rest != '\0') {
		error = json_loads(rest, 0, NULL);
		what.error = json_string_value(json_object_get(error, "Error"));
		what.cause = json_string_value(json_object_get(error, "Cause"));
	}
	run(s, &what);
	payload_unref(what.payload);
	json_decref(error);
}

static void
expect_command(struct scenario *s, const char *want)
{
	char	*got;

	if (s->step == NULL)
		return;
	if (strcmp(want, "more") == 0) {
		s->more_seen = true;
		if (!s->step->more)
			wrong(s, "no more");
		return;
	}
	if (s->command >= s->step->ncommands) {
		wrong(s, "no such command: %s", want);
		return;
	}
	got = laws_command(&s->step->commands[s->command++]);
	if (strcmp(got, want) != 0)
		wrong(s, "command is: %s\nexpected:   %s", got, want);
	free(got);
}

static void
expect(struct scenario *s, const char *what, const char *got, const char *want)
{
	if (strcmp(got != NULL ? got : "", want) != 0)
		wrong(s, "%s is: %s\nexpected: %s", what,
		    got != NULL ? got : "(none)", want);
}

static void
expect_number(struct scenario *s, const char *what, int64_t got,
    const char *want)
{
	char	 text[24];

	snprintf(text, sizeof text, "%lld", (long long)got);
	expect(s, what, text, want);
}

/* One key=value of an expected event. */
static void
expect_member(struct scenario *s, const struct event *ev, const char *key,
    const char *value)
{
	char	*text;

	if (strcmp(key, "prev") == 0)
		expect_number(s, key, ev->previous_id, value);
	else if (strcmp(key, "flow") == 0)
		expect_number(s, key, ev->flow, value);
	else if (strcmp(key, "index") == 0 || strcmp(key, "length") == 0)
		expect_number(s, key, ev->number, value);
	else if (strcmp(key, "ms") == 0)
		expect_number(s, key, ev->time_ms, value);
	else if (strcmp(key, "timeout") == 0)
		expect_number(s, key, ev->timeout_s, value);
	else if (strcmp(key, "heartbeat") == 0)
		expect_number(s, key, ev->heartbeat_s, value);
	else if (strcmp(key, "name") == 0)
		expect(s, key, ev->name, value);
	else if (strcmp(key, "location") == 0)
		expect(s, key, ev->location != NULL ? ev->location : "-",
		    value);
	else if (strcmp(key, "error") == 0)
		expect(s, key, ev->error, value);
	else if (strcmp(key, "cause") == 0)
		expect(s, key, ev->cause, value);
	else if (strcmp(key, "resource") == 0)
		expect(s, key, ev->resource, value);
	else if (strcmp(key, "assigned") == 0) {
		text = ev->assigned == NULL ? NULL : json_dumps(ev->assigned,
		    JSON_COMPACT);
		expect(s, key, text, value);
		free(text);
	} else
		wrong(s, "unknown member: %s", key);
}

static void
expect_event(struct scenario *s, char *rest)
{
	const struct event	*ev;
	char			*key, *value, *end, *type;
	int64_t			 id;

	if (s->step == NULL)
		return;
	if (s->event >= s->step->nevents) {
		wrong(s, "no such event: %s", rest);
		return;
	}
	ev = &s->step->events[s->event++];
	id = strtoll(rest, &rest, 10);
	type = rest + strspn(rest, " ");
	rest = type + strcspn(type, " ");
	if (*rest != '\0')
		*rest++ = '\0';
	if (id != ev->id || strcmp(type, event_type_name(ev->type)) != 0)
		wrong(s, "event is: %lld %s\nexpected: %lld %s",
		    (long long)ev->id, event_type_name(ev->type),
		    (long long)id, type);
	while (*(key = rest + strspn(rest, " ")) != '\0') {
		if (key[0] == ':') {
			expect(s, "payload", ev->payload == NULL ? NULL :
			    payload_text(ev->payload, NULL), key + 2);
			return;
		}
		value = strchr(key, '=');
		if (value == NULL) {
			wrong(s, "not key=value: %s", key);
			return;
		}
		*value++ = '\0';
		end = strcmp(key, "cause") == 0 || strcmp(key, "assigned") == 0 ?
		    value + strlen(value) : value + strcspn(value, " ");
		rest = *end == '\0' ? end : end + 1;
		*end = '\0';
		expect_member(s, ev, key, value);
	}
}

static void
statement(struct scenario *s, char *line)
{
	if (strncmp(line, "test\t", 5) == 0) {
		end_test(s);
		s->name = xstrdup(line + 5);
		s->seed = 42;
	} else if (strncmp(line, "seed\t", 5) == 0)
		s->seed = strtoull(line + 5, NULL, 10);
	else if (line[0] == '>')
		stimulus(s, line + 2);
	else if (line[0] == '<')
		expect_command(s, line + 2);
	else if (line[0] == '=')
		expect_event(s, line + 2);
	else if (strncmp(line, "status ", 7) == 0)
		expect(s, "status", s->running ? execution_status_name(
		    execution_status(s->laws.ex)) : NULL, line + 7);
	else if (line[0] != '#' && line[0] != '\0')
		wrong(s, "what is this: %s", line);
}

static void
run_file(const char *path)
{
	struct scenario	 s = { .file = path };
	struct strbuf	 machine = STRBUF_INIT;
	FILE		*f = fopen(path, "r");
	char		*line = NULL;
	size_t		 size = 0;
	ssize_t		 n;
	bool		 defining = false;

	if (f == NULL) {
		printf("not ok %d - %s\n", ++tests, path);
		return;
	}
	while ((n = getline(&line, &size, f)) != -1) {
		s.line++;
		if (n > 0 && line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (defining && strchr("><=#", line[0]) == NULL &&
		    strncmp(line, "seed\t", 5) != 0) {
			strbuf_addf(&machine, "%s\n", line);
			continue;
		}
		if (defining) {
			define(&s, strbuf_str(&machine));
			defining = false;
		}
		if (strncmp(line, "machine\t", 8) == 0) {
			strbuf_reset(&machine);
			strbuf_addf(&machine, "%s\n", line + 8);
			defining = true;
		} else
			statement(&s, line);
	}
	end_test(&s);
	free(line);
	strbuf_free(&machine);
	fclose(f);
}

int
main(int argc, char **argv)
{
	char	*pattern = unit_srcpath("tests/scenario/*.test");
	glob_t	 g;
	size_t	 i;

	if (argc > 1)
		for (i = 1; i < (size_t)argc; i++)
			run_file(argv[i]);
	else if (glob(pattern, 0, NULL, &g) == 0) {
		for (i = 0; i < g.gl_pathc; i++)
			run_file(g.gl_pathv[i]);
		globfree(&g);
	}
	free(pattern);
	printf("1..%d\n", tests);
	return tests == 0 || failures > 0;
}
