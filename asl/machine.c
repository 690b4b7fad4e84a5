/*
 * asl/machine.c - a machine's life: made from text, searched, freed.
 */

#include <stdlib.h>
#include <string.h>

#include "jsontext.h"
#include "locate.h"
#include "parse.h"
#include "xmalloc.h"

static const char *const type_names[] = {
#define X(id, name) [id] = name,
	STATE_TYPES(X)
#undef X
};

const char *
state_type_name(enum state_type type)
{
	return type_names[type];
}

/* --- parse ------------------------------------------------------------------ */

struct duplicates {
	struct findings	*findings;
	const char	*text;
	size_t		 len;
};

static bool
ends_with(const char *s, const char *end)
{
	size_t	 n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

/* The tree keeps the last of them, as the real service's parser does. */
static void
duplicate(const char *object, const char *name, size_t at, void *arg)
{
	struct duplicates	*d = arg;
	struct finding		*f;

	if (strcmp(object, "/States") == 0 || ends_with(object, "]/States") ||
	    ends_with(object, "/ItemProcessor/States") ||
	    ends_with(object, "/Iterator/States"))
		f = findings_add(d->findings, false, "DUPLICATE_STATE_NAME",
		    object, NULL, "Duplicate State name: %s", name);
	else
		f = findings_add(d->findings, true, "DUPLICATE_FIELD", object,
		    "only the last one counts", "The field '%s' is there more "
		    "than once", name);
	if (f != NULL)
		locate_line(d->text, d->len, at, &f->line, &f->column);
}

/* The tree of the definition, new; NULL after a finding. */
static json_t *
read_json(const char *text, size_t len, struct findings *fs)
{
	struct duplicates	 d = { fs, text, len };
	struct finding		*f;
	struct err		 e = ERR_INIT;
	json_t			*root;
	size_t			 at = 0;

	if (len == 0) {
		findings_add(fs, false, "MISSING_DESCRIPTION", NULL, NULL,
		    "The definition is empty");
		return NULL;
	}
	if (len > MACHINE_BYTES_MAX) {
		findings_add(fs, false, "DEFINITION_TOO_LARGE", NULL, NULL,
		    "The definition has %zu bytes; at most %d are allowed", len,
		    MACHINE_BYTES_MAX);
		return NULL;
	}
	if (jsontext_check(text, len, &at, &e) != 0) {
		f = findings_add(fs, false, "INVALID_JSON_DESCRIPTION", NULL,
		    NULL, "%s", e.text);
		if (f != NULL)
			locate_line(text, len, at, &f->line, &f->column);
		err_clear(&e);
		return NULL;
	}
	locate_duplicates(text, len, duplicate, &d);
	root = jsontext_parse(text, len, &e);
	if (root == NULL)
		findings_add(fs, false, "INVALID_JSON_DESCRIPTION", NULL, NULL,
		    "%s", e.text);
	err_clear(&e);
	return root;
}

static void
add_states(struct machine *m, const struct workflow *flow)
{
	struct state	*state;
	size_t		 i, k;

	for (i = 0; i < flow->nstates; i++) {
		state = flow->states[i];
		m->index[m->nstates++] = state;
		if (state->type == STATE_MAP)
			add_states(m, &state->u.map.processor);
		else if (state->type == STATE_PARALLEL)
			for (k = 0; k < state->u.parallel.nbranches; k++)
				add_states(m, &state->u.parallel.branches[k]);
	}
}

static int
by_name(const void *a, const void *b)
{
	const struct state	*const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static void
make_index(struct machine *m)
{
	m->index = xcalloc(m->nstates + 1, sizeof *m->index);
	m->nstates = 0;
	add_states(m, &m->flow);
	qsort(m->index, m->nstates, sizeof *m->index, by_name);
}

struct machine *
machine_parse(const char *text, size_t len, struct findings *fs)
{
	struct parse	 p;
	json_t		*root;
	size_t		 errors = fs->errors;

	root = read_json(text, len, fs);
	if (root == NULL)
		return NULL;
	memset(&p, 0, sizeof p);
	p.findings = fs;
	p.machine = xcalloc(1, sizeof *p.machine);
	p.machine->variable_references = json_object();
	p.names = json_object();
	strbuf_init(&p.where, STRBUF_MAX_DEFAULT);
	parse_machine(&p, root);
	strbuf_free(&p.where);
	json_decref(p.names);
	parse_assign_free(&p);
	json_decref(root);
	findings_locate(fs, text, len);
	if (fs->errors > errors) {
		machine_free(p.machine);
		return NULL;
	}
	make_index(p.machine);
	return p.machine;
}

/* --- use -------------------------------------------------------------------- */

const struct state *
machine_find(const struct machine *m, const char *name)
{
	size_t	 low = 0, high = m->nstates, middle;
	int	 order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(name, m->index[middle]->name);
		if (order == 0)
			return m->index[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Recordings test_sfn_api_express/test_illegal_callbacks. */
static void
check_express_state(const struct state *state, struct findings *fs)
{
	const struct resource	*r = &state->u.task.resource;
	char			*location;

	location = xasprintf("%s/Resource", state->location);
	if (r->kind == RESOURCE_ACTIVITY)
		findings_add(fs, false, "SCHEMA_VALIDATION_FAILED", location,
		    NULL, "Express state machine does not support Activity ARN");
	else if (r->kind == RESOURCE_SERVICE && r->pattern == PATTERN_TOKEN)
		/* The space at the end is the real service's. */
		findings_add(fs, false, "SCHEMA_VALIDATION_FAILED", location,
		    NULL, "Express state machine does not support "
		    "'.waitForTaskToken' service integration ");
	else if (r->kind == RESOURCE_SERVICE && r->pattern != PATTERN_REQUEST)
		findings_add(fs, false, "SCHEMA_VALIDATION_FAILED", location,
		    NULL, "Express state machine does not support '.sync' "
		    "service integration");
	free(location);
}

void
machine_check_express(const struct machine *m, struct findings *fs)
{
	size_t	 i;

	for (i = 0; i < m->nstates; i++)
		if (m->index[i]->type == STATE_TASK)
			check_express_state(m->index[i], fs);
}

/* --- free ------------------------------------------------------------------- */

static void
free_strings(char **list)
{
	size_t	 i;

	for (i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

static void free_state(struct state *);

static void
free_flow(struct workflow *flow)
{
	size_t	 i;

	for (i = 0; i < flow->nstates; i++)
		free_state(flow->states[i]);
	free(flow->states);
}

static void
free_number(struct number_field *f)
{
	jsonpath_free(f->path);
	query_free(f->query);
}

static void
free_text(struct string_field *f)
{
	free(f->value);
	template_free(f->path);
	query_free(f->query);
}

static void
free_branch(struct choice_branch *branch)
{
	choice_free(branch->rule);
	query_free(branch->condition);
	template_free(branch->assign);
	query_free(branch->output);
	query_free(branch->assignment);
}

static void
free_own(struct state *state)
{
	size_t	 i;

	switch (state->type) {
	case STATE_PASS:
		payload_unref(state->u.pass.result);
		break;
	case STATE_TASK:
		free(state->u.task.resource_text);
		resource_free(&state->u.task.resource);
		free_number(&state->u.task.timeout_s);
		free_number(&state->u.task.heartbeat_s);
		template_free(state->u.task.credentials);
		query_free(state->u.task.credential_query);
		break;
	case STATE_CHOICE:
		for (i = 0; i < state->u.choice.nbranches; i++)
			free_branch(&state->u.choice.branches[i]);
		free(state->u.choice.branches);
		break;
	case STATE_WAIT:
		free_number(&state->u.wait.seconds);
		jsonpath_free(state->u.wait.timestamp_path);
		query_free(state->u.wait.timestamp_query);
		break;
	case STATE_FAIL:
		free_text(&state->u.fail.error);
		free_text(&state->u.fail.cause);
		break;
	case STATE_PARALLEL:
		for (i = 0; i < state->u.parallel.nbranches; i++)
			free_flow(&state->u.parallel.branches[i]);
		free(state->u.parallel.branches);
		break;
	case STATE_MAP:
		free_flow(&state->u.map.processor);
		jsonpath_free(state->u.map.items_path);
		template_free(state->u.map.item_selector);
		query_free(state->u.map.items);
		query_free(state->u.map.item_query);
		free_number(&state->u.map.max_concurrency);
		free_number(&state->u.map.tolerated_count);
		jsonpath_free(state->u.map.tolerated_percentage.path);
		query_free(state->u.map.tolerated_percentage.query);
		break;
	case STATE_SUCCEED:
		break;
	}
}

static void
free_state(struct state *state)
{
	size_t	 i;

	free(state->name);
	free(state->location);
	jsonpath_free(state->input_path.path);
	jsonpath_free(state->result_path.path);
	jsonpath_free(state->output_path.path);
	template_free(state->parameters);
	template_free(state->result_selector);
	template_free(state->assign);
	query_free(state->arguments);
	query_free(state->output);
	query_free(state->assignment);
	for (i = 0; i < state->nretriers; i++)
		free_strings(state->retriers[i].errors);
	free(state->retriers);
	for (i = 0; i < state->ncatchers; i++) {
		free_strings(state->catchers[i].errors);
		jsonpath_free(state->catchers[i].result_path.path);
		template_free(state->catchers[i].assign);
		query_free(state->catchers[i].output);
		query_free(state->catchers[i].assignment);
	}
	free(state->catchers);
	free_own(state);
	free(state);
}

void
machine_free(struct machine *m)
{
	if (m == NULL)
		return;
	free_flow(&m->flow);
	free(m->index);
	free(m->comment);
	json_decref(m->variable_references);
	free(m);
}
