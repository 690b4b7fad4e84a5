/*
 * asl/teststate_machine.c - from the definition that is tested to a machine of
 * one state.
 *
 * The definition is checked as it was given.  Then the state is put into a
 * machine of its own, where the targets of its transitions are empty states and
 * the inside of a Map or Parallel is empty too: neither will be run.  So what
 * pawl does not run yet matters only in the state itself.
 */

#include "teststate_impl.h"

#include <stdlib.h>
#include <string.h>

#include "jsontext.h"
#include "xmalloc.h"

static const char *const processors[] = { "ItemProcessor", "Iterator", NULL };
/* Only the distributed mode has these, and a mock takes their place. */
static const char *const distributed[] = { "ItemReader", "ItemBatcher",
	"ResultWriter", "Label", NULL };

static bool
is_unsupported(const struct finding *f)
{
	return strncmp(f->code, "UNSUPPORTED_DISTRIBUTED_", 24) == 0;
}

static int
refuse(const struct findings *fs, bool unsupported, struct err *e)
{
	struct strbuf	 b = STRBUF_INIT;
	size_t		 i;

	for (i = 0; i < fs->n; i++) {
		if (fs->list[i].warning ||
		    is_unsupported(&fs->list[i]) != unsupported)
			continue;
		strbuf_addf(&b, "%s%s: %s", b.len == 0 ? "" : ", ",
		    fs->list[i].code, fs->list[i].message);
		if (fs->list[i].location != NULL)
			strbuf_addf(&b, " at %s", fs->list[i].location);
	}
	err_set(e, "InvalidDefinition", "Invalid State Machine Definition: '%s'",
	    strbuf_str(&b));
	strbuf_free(&b);
	return -1;
}

static bool
has_other_errors(const struct findings *fs)
{
	size_t	 i;

	for (i = 0; i < fs->n; i++)
		if (!fs->list[i].warning && !is_unsupported(&fs->list[i]))
			return true;
	return false;
}

/* ---- the state in a machine's definition ---- */

static json_t *
find_state(json_t *block, const char *name, int depth)
{
	const char	*key;
	json_t		*state, *found, *branch;
	size_t		 i;

	if (depth > MACHINE_DEPTH_MAX)
		return NULL;
	found = json_object_get(json_object_get(block, "States"), name);
	if (found != NULL)
		return found;
	json_object_foreach(json_object_get(block, "States"), key, state) {
		for (i = 0; processors[i] != NULL && found == NULL; i++)
			found = find_state(json_object_get(state,
			    processors[i]), name, depth + 1);
		json_array_foreach(json_object_get(state, "Branches"), i, branch)
			if (found == NULL)
				found = find_state(branch, name, depth + 1);
		if (found != NULL)
			return found;
	}
	return NULL;
}

/* ---- a machine around the state ---- */

static json_t *
empty_state(void)
{
	json_t	*state = json_object();

	json_object_set_new(state, "Type", json_string("Succeed"));
	return state;
}

static json_t *
empty_block(const char *name)
{
	json_t	*block = json_object(), *states = json_object();

	json_object_set_new(states, name, empty_state());
	json_object_set_new(block, "StartAt", json_string(name));
	json_object_set_new(block, "States", states);
	return block;
}

static void
add_target(json_t *states, json_t *object, const char *field)
{
	const char	*name;

	name = json_string_value(json_object_get(object, field));
	if (name != NULL && json_object_get(states, name) == NULL)
		json_object_set_new(states, name, empty_state());
}

static void
add_targets(json_t *states, json_t *state)
{
	static const char *const	 lists[] = { "Choices", "Catch" };
	json_t				*entry;
	size_t				 i, k;

	add_target(states, state, "Next");
	add_target(states, state, "Default");
	for (i = 0; i < sizeof lists / sizeof lists[0]; i++)
		json_array_foreach(json_object_get(state, lists[i]), k, entry)
			add_target(states, entry, "Next");
}

/* The text of a machine with this state and its targets. */
static char *
around(json_t *state, const char *language, size_t *len)
{
	json_t	*root = json_object(), *states = json_object();
	char	*text;

	json_object_set(states, TESTSTATE_NAME, state);
	add_targets(states, state);
	if (language != NULL)
		json_object_set_new(root, "QueryLanguage",
		    json_string(language));
	json_object_set_new(root, "StartAt", json_string(TESTSTATE_NAME));
	json_object_set_new(root, "States", states);
	text = jsontext_string(root, len);
	json_decref(root);
	return text;
}

/* The state without what is inside of it. */
static json_t *
hollow(json_t *state)
{
	json_t	*copy = json_copy(state), *branches;
	size_t	 i;
	char	*name;

	if (!json_is_object(state))
		return copy;
	for (i = 0; processors[i] != NULL; i++)
		if (json_object_get(copy, processors[i]) != NULL)
			json_object_set_new(copy, processors[i],
			    empty_block(TESTSTATE_NAME "/item"));
	for (i = 0; distributed[i] != NULL; i++)
		json_object_del(copy, distributed[i]);
	if (json_is_array(json_object_get(state, "Branches"))) {
		branches = json_array();
		for (i = 0; i < json_array_size(json_object_get(state,
		    "Branches")); i++) {
			name = xasprintf(TESTSTATE_NAME "/branch %zu", i);
			json_array_append_new(branches, empty_block(name));
			free(name);
		}
		json_object_set_new(copy, "Branches", branches);
	}
	return copy;
}

/* ---- both ---- */

/* The definition as it was given has nothing wrong but what we cannot run. */
static int
check_given(const char *text, size_t len, struct err *e)
{
	struct findings	 fs = FINDINGS_INIT;
	struct machine	*m = machine_parse(text, len, &fs);
	int		 ret = 0;

	if (m == NULL && has_other_errors(&fs))
		ret = refuse(&fs, false, e);
	machine_free(m);
	findings_free(&fs);
	return ret;
}

static int
check_text(const struct teststate_ask *ask, struct err *e)
{
	struct err	 bad = ERR_INIT;

	if (ask->definition_len <= MACHINE_BYTES_MAX && jsontext_check(
	    ask->definition, ask->definition_len, NULL, &bad) == 0)
		return 0;
	err_clear(&bad);
	return check_given(ask->definition, ask->definition_len, e);
}

/* The tree of the state (new) and the language that its machine says. */
static json_t *
pick(const struct teststate_ask *ask, char **language, struct err *e)
{
	json_t	*root, *state;
	char	*text;
	size_t	 len;
	int	 ret;

	if (check_text(ask, e) == -1)
		return NULL;
	root = jsontext_parse(ask->definition, ask->definition_len, e);
	if (root == NULL)
		return NULL;
	if (ask->state_name == NULL) {
		text = around(root, NULL, &len);
		ret = check_given(text, len, e);
		free(text);
		if (ret == 0)
			return root;
		json_decref(root);
		return NULL;
	}
	ret = check_given(ask->definition, ask->definition_len, e);
	state = find_state(root, ask->state_name, 0);
	if (ret == 0 && state == NULL)
		err_set(e, "ValidationException",
		    "State not found in definition");
	if (ret == -1)
		state = NULL;
	if (state != NULL && json_is_string(json_object_get(root,
	    "QueryLanguage")))
		*language = xstrdup(json_string_value(json_object_get(root,
		    "QueryLanguage")));
	json_incref(state);
	json_decref(root);
	return state;
}

int
teststate_machine(const struct teststate_ask *ask, json_t **definition,
    struct machine **machine, struct err *unsupported, struct err *e)
{
	struct findings	 fs = FINDINGS_INIT;
	json_t		*inside;
	char		*text, *language = NULL;
	size_t		 len;
	int		 ret = 0;

	*machine = NULL;
	*definition = pick(ask, &language, e);
	if (*definition == NULL)
		return -1;
	inside = hollow(*definition);
	text = around(inside, language, &len);
	*machine = machine_parse(text, len, &fs);
	if (*machine == NULL && has_other_errors(&fs))
		ret = refuse(&fs, false, e);
	else if (*machine == NULL)
		refuse(&fs, true, unsupported);
	if (ret == -1) {
		json_decref(*definition);
		*definition = NULL;
	}
	findings_free(&fs);
	free(text);
	free(language);
	json_decref(inside);
	return ret;
}
