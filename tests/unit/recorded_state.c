/*
 * tests/unit/recorded_state.c - runs one field of a recorded state as a state.
 */

#include "recorded_state.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "laws.h"
#include "xmalloc.h"

#define FUNCTION "arn:aws:lambda:us-east-1:123456789012:function:f"

static const char *
string(json_t *row, const char *key)
{
	const char	*s = json_string_value(json_object_get(row, key));

	return s == NULL ? "" : s;
}

/* A path to the first list of the input, for a Map that needs one. */
static json_t *
items_path(json_t *input)
{
	const char	*key;
	json_t		*v;

	json_object_foreach(input, key, v)
		if (json_is_array(v))
			return json_sprintf("$['%s']", key);
	return json_string("$");
}

static void
set(json_t *state, const char *key, json_t *value)
{
	if (json_object_get(state, key) == NULL)
		json_object_set_new(state, key, value);
	else
		json_decref(value);
}

/* "Parameters/a/b.$" is a member of a member of Parameters. */
static void
set_field(json_t *state, const char *field, json_t *expr)
{
	json_t	*at = state, *inner;
	size_t	 len;
	char	*name;

	while (field[len = strcspn(field, "/")] != '\0') {
		name = xstrndup(field, len);
		inner = json_object();
		json_object_set_new(at, name, inner);
		free(name);
		at = inner;
		field += len + 1;
	}
	json_object_set(at, field, expr);
}

/* A machine with a state before this one, where there are variables. */
static json_t *
after_variables(json_t *row, json_t *state)
{
	json_t		*vars = json_object_get(row, "variables");
	const char	*name = string(row, "state");

	if (vars == NULL)
		return json_pack("{s:s, s:s, s:{s:o}}", "QueryLanguage",
		    "JSONata", "StartAt", name, "States", name, state);
	return json_pack("{s:s, s:s, s:{s:{s:s, s:O, s:s}, s:o}}",
	    "QueryLanguage", "JSONata", "StartAt", "before", "States", "before",
	    "Type", "Pass", "Assign", vars, "Next", name, name, state);
}

/* The definition of a machine of this state alone: new. */
static json_t *
definition_of(json_t *row)
{
	const char	*type = string(row, "type");
	json_t		*state = json_object();

	bool	 jsonata = strcmp(string(row, "lang"), "JSONata") == 0;

	set_field(state, string(row, "field"), json_object_get(row, "expr"));
	set(state, "Type", json_string(type));
	set(state, "End", json_true());
	if (json_object_get(row, "input_path") != NULL)
		set(state, "InputPath", json_incref(json_object_get(row,
		    "input_path")));
	if (strcmp(type, "Task") == 0)
		set(state, "Resource", json_string(FUNCTION));
	if (strcmp(type, "Map") == 0) {
		if (!jsonata)
			set(state, "ItemsPath", items_path(json_object_get(row,
			    "input")));
		set(state, "ItemProcessor", json_pack("{s:s, s:{s:{s:s, s:b}}}",
		    "StartAt", "Item", "States", "Item", "Type", "Pass", "End",
		    1));
	}
	if (jsonata)
		return after_variables(row, state);
	return json_pack("{s:s, s:{s:o}}", "StartAt", string(row, "state"),
	    "States", string(row, "state"), state);
}

/* The last event of a step, when it ended the execution badly. */
static void
take_failure(const struct step *s, struct err *e)
{
	const struct event	*last;

	if (s == NULL || s->nevents == 0)
		return;
	last = &s->events[s->nevents - 1];
	if (last->type == EVENT_ExecutionFailed)
		err_set(e, last->error == NULL ? "none" : last->error, "%s",
		    last->cause == NULL ? "" : last->cause);
}

static void
run(struct laws *l, json_t *row, struct err *e)
{
	struct stimulus	 what = { .kind = STIMULUS_START, .now_ms = 1700000000000 };
	struct step	*s;
	json_t		*input = json_object_get(row, "input");
	json_t		*result = json_object_get(row, "result");
	size_t		 i;

	what.payload = payload_from_json(input == NULL ? json_object() :
	    json_incref(input));
	s = laws_step(l, &what);
	payload_unref(what.payload);
	take_failure(s, e);
	for (i = 0; s != NULL && result != NULL && i < s->ncommands; i++)
		if (s->commands[i].kind == COMMAND_TASK) {
			what.kind = STIMULUS_TASK_SUCCEEDED;
			what.id = s->commands[i].id;
		}
	step_free(s);
	if (what.kind == STIMULUS_START)
		return;
	what.payload = payload_from_json(json_incref(result));
	s = laws_step(l, &what);
	payload_unref(what.payload);
	take_failure(s, e);
	step_free(s);
}

int
recorded_state_run(json_t *row, struct err *e, const char **why)
{
	struct findings	 fs = FINDINGS_INIT;
	struct laws	 l;
	struct machine	*m;
	json_t		*definition = definition_of(row);
	char		*text;

	if (definition == NULL) {
		*why = "its parts do not tell the state";
		return -1;
	}
	text = jsontext_string(definition, NULL);
	m = machine_parse(text, strlen(text), &fs);
	free(text);
	json_decref(definition);
	findings_free(&fs);
	if (m == NULL) {
		*why = "its parts do not tell the state";
		return -1;
	}
	laws_init(&l, m, 1);
	run(&l, row, e);
	if (l.broken != NULL)
		err_set(e, "BrokenLaw", "%s", l.broken);
	laws_clear(&l);
	machine_free(m);
	return 0;
}

bool
recorded_like(const char *text, const char *want, bool masks)
{
	const char	*mask, *rest;

	for (; *want != '\0'; text++, want++) {
		mask = masks && *want == '<' ? strchr(want, '>') : NULL;
		if (mask != NULL) {
			for (rest = text; ; rest++) {
				if (recorded_like(rest, mask + 1, masks))
					return true;
				if (*rest == '\0')
					break;
			}
		}
		if (*text != *want)
			return false;
	}
	return *text == '\0';
}
