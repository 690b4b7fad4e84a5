/*
 * engine/definition.c - definitions checked for the API, and the options beside them.
 *
 * What may stand in a definition is the language's business (asl/machine.h).
 * Here is only what the type of the machine adds: EXPRESS machines cannot wait
 * for others (recordings test_illegal_callbacks).
 */

#include <stdlib.h>
#include <string.h>

#include "definition.h"
#include "xmalloc.h"

#define TAGS_MAX	50
#define NESTING_MAX	200	/* of Parallel and Map states */

/* ---- definitions ---- */

static void	definition_walk(const struct workflow *, struct strbuf *path,
		    int depth, struct findings *);

static void
definition_check_task(const struct state *s, struct strbuf *path,
    struct findings *f)
{
	size_t	 len = path->len;

	strbuf_adds(path, "/Resource");
	if (s->u.task.resource.pattern == PATTERN_TOKEN)
		findings_add(f, false, "SCHEMA_VALIDATION_FAILED", strbuf_str(path),
		    NULL, "Express state machine does not support "
		    "'.waitForTaskToken' service integration ");
	else if (s->u.task.resource.pattern != PATTERN_REQUEST)
		findings_add(f, false, "SCHEMA_VALIDATION_FAILED", strbuf_str(path),
		    NULL, "Express state machine does not support '.sync' service "
		    "integration");
	path->len = len;
	path->data[len] = '\0';
}

static void
definition_check_state(const struct state *s, struct strbuf *path, int depth,
    struct findings *f)
{
	size_t	 i, len = path->len;

	switch (s->type) {
	case STATE_TASK:
		definition_check_task(s, path, f);
		break;
	case STATE_PARALLEL:
		for (i = 0; i < s->u.parallel.nbranches; i++) {
			strbuf_addf(path, "/Branches[%zu]", i);
			definition_walk(&s->u.parallel.branches[i], path, depth + 1, f);
			path->len = len;
			path->data[len] = '\0';
		}
		break;
	case STATE_MAP:
		strbuf_adds(path, "/ItemProcessor");
		definition_walk(&s->u.map.processor, path, depth + 1, f);
		path->len = len;
		path->data[len] = '\0';
		break;
	case STATE_WAIT:
	case STATE_PASS:
	case STATE_SUCCEED:
	case STATE_FAIL:
	case STATE_CHOICE:
		break;
	}
}

static void
definition_walk(const struct workflow *w, struct strbuf *path, int depth,
    struct findings *f)
{
	size_t	 i, len = path->len;

	if (depth > NESTING_MAX)
		return;
	for (i = 0; i < w->nstates; i++) {
		strbuf_addf(path, "/States/%s", w->states[i]->name);
		definition_check_state(w->states[i], path, depth, f);
		path->len = len;
		if (path->data != NULL)
			path->data[len] = '\0';
	}
}

struct machine *
definition_check(const char *text, const char *type, struct findings *f)
{
	struct machine	*m;
	struct strbuf	 path = STRBUF_INIT;

	m = machine_parse(text, strlen(text), f);
	if (m != NULL && strcmp(type, "EXPRESS") == 0) {
		definition_walk(&m->flow, &path, 0, f);
		strbuf_free(&path);
		if (f->errors > 0) {
			machine_free(m);
			m = NULL;
		}
	}
	findings_locate(f, text, strlen(text));
	return m;
}

bool
definition_ok(struct api_call *call, const char *text, const char *type)
{
	struct findings	 f = FINDINGS_INIT;
	struct machine	*m;
	struct strbuf	 b = STRBUF_INIT;
	size_t		 i;
	bool		 ok;

	m = definition_check(text, type, &f);
	ok = m != NULL;
	if (ok)
		machine_free(m);
	for (i = 0; !ok && i < f.n; i++) {
		if (f.list[i].warning)
			continue;
		strbuf_addf(&b, "%s%s: %s", b.len == 0 ? "" : ", ", f.list[i].code,
		    f.list[i].message);
		if (f.list[i].location != NULL)
			strbuf_addf(&b, " at %s", f.list[i].location);
	}
	findings_free(&f);
	if (!ok)
		api_fail(call, "InvalidDefinition",
		    "Invalid State Machine Definition: '%s'", strbuf_str(&b));
	strbuf_free(&b);
	return ok;
}

/* ---- other members ---- */

bool
definition_role_ok(struct api_call *call)
{
	const char	*role = api_str(call, "roleArn");

	if (role == NULL || (strncmp(role, "arn:", 4) == 0 &&
	    strstr(role, ":iam:") != NULL && strstr(role, ":role/") != NULL))
		return true;
	api_fail(call, "InvalidArn", "Invalid Role Arn: '%s'", role);
	return false;
}

bool
definition_versions_ok(struct api_call *call)
{
	if (api_bool(call, "publish", false)) {
		api_fail(call, "ValidationException", "This server does not keep "
		    "versions of state machines yet: publish must be false.");
		return false;
	}
	if (api_str(call, "versionDescription") != NULL) {
		api_fail(call, "ValidationException",
		    "Version description can only be set when publish is true");
		return false;
	}
	return true;
}

bool
definition_tags_ok(struct api_call *call, const json_t *tags)
{
	static const struct check	 tag[] = {
		{ "key",	CHECK_STRING, true, 1, 128, NULL },
		{ "value",	CHECK_STRING, true, 0, 256, NULL },
		CHECK_END
	};
	struct err	 e = ERR_INIT;
	size_t		 i;
	json_t		*one;

	json_array_foreach(tags, i, one) {
		if (!json_is_object(one))
			err_set(&e, "SerializationException",
			    "tags[%zu] must be a structure", i);
		else if (api_check(tag, one, &e) == -1)
			err_context(&e, "tags[%zu]: ", i);
		if (e.code[0] != '\0') {
			api_fail_err(call, &e);
			err_clear(&e);
			return false;
		}
	}
	if (json_array_size(tags) <= TAGS_MAX)
		return true;
	api_fail(call, "TooManyTags", "A resource has at most %d tags.", TAGS_MAX);
	return false;
}

/* ---- options ---- */

static const char	*const option_names[] = { "loggingConfiguration",
	"tracingConfiguration", "encryptionConfiguration" };

static json_t *
definition_option(const json_t *options, const char *name)
{
	json_t	*set = json_object_get(options, name);

	if (set != NULL)
		return json_incref(set);
	if (strcmp(name, "loggingConfiguration") == 0)
		return json_pack("{s:s, s:b}", "level", "OFF",
		    "includeExecutionData", 0);
	if (strcmp(name, "tracingConfiguration") == 0)
		return json_pack("{s:b}", "enabled", 0);
	return json_pack("{s:s}", "type", "AWS_OWNED_KEY");
}

static bool
definition_check_logging(struct api_call *call, const json_t *logging)
{
	static const struct check	 m[] = {
		{ "level", CHECK_STRING, false, 0, 0, "[ALL, ERROR, FATAL, OFF]" },
		{ "includeExecutionData", CHECK_BOOLEAN, false, 0, 0, NULL },
		{ "destinations", CHECK_LIST, false, 0, 0, NULL },
		CHECK_END
	};
	struct err	 e = ERR_INIT;
	const char	*level;
	size_t		 n;

	if (api_check(m, logging, &e) == -1) {
		api_fail_err(call, &e);
		err_clear(&e);
		return false;
	}
	level = json_string_value(json_object_get(logging, "level"));
	n = json_array_size(json_object_get(logging, "destinations"));
	if (n <= 1 && (n == 1 || level == NULL || strcmp(level, "OFF") == 0))
		return true;
	api_fail(call, "InvalidLoggingConfiguration", "Invalid Logging "
	    "Configuration: Must specify exactly one Log Destination.");
	return false;
}

static bool
definition_check_others(struct api_call *call)
{
	static const struct check	 tracing[] = {
		{ "enabled", CHECK_BOOLEAN, false, 0, 0, NULL }, CHECK_END
	};
	static const struct check	 encryption[] = {
		{ "type", CHECK_STRING, true, 0, 0, "[AWS_OWNED_KEY]" }, CHECK_END
	};
	struct err	 e = ERR_INIT;
	const json_t	*t, *c;

	t = json_object_get(call->params, "tracingConfiguration");
	c = json_object_get(call->params, "encryptionConfiguration");
	if ((json_is_object(t) && api_check(tracing, t, &e) == -1) ||
	    (json_is_object(c) && api_check(encryption, c, &e) == -1)) {
		api_fail_err(call, &e);
		err_clear(&e);
		return false;
	}
	return true;
}

/* What is left out of a logging configuration has its default. */
static json_t *
definition_full_logging(const json_t *given)
{
	json_t	*full = json_deep_copy(given);

	if (json_object_get(full, "level") == NULL)
		api_set_str(full, "level", "OFF");
	if (json_object_get(full, "includeExecutionData") == NULL)
		json_object_set_new(full, "includeExecutionData", json_false());
	return full;
}

bool
definition_read_options(struct api_call *call, const json_t *before, json_t **options)
{
	json_t	*given, *new;
	size_t	 i;

	given = json_object_get(call->params, "loggingConfiguration");
	if ((json_is_object(given) && !definition_check_logging(call, given)) ||
	    !definition_check_others(call) || !definition_tags_ok(call,
	    json_object_get(call->params, "tags")))
		return false;
	new = before != NULL ? json_copy((json_t *)(uintptr_t)before) :
	    json_object();
	for (i = 0; i < 3; i++) {
		given = json_object_get(call->params, option_names[i]);
		if (json_is_object(given))
			json_object_set_new(new, option_names[i], i == 0 ?
			    definition_full_logging(given) : json_incref(given));
	}
	given = json_object_get(call->params, "tags");
	if (json_is_array(given))
		json_object_set(new, "tags", given);
	*options = new;
	return true;
}

json_t *
definition_options(const char *text)
{
	struct err	 e = ERR_INIT;
	json_t		*options;

	options = text == NULL ? NULL : jsontext_parse(text, strlen(text), &e);
	err_clear(&e);
	if (json_is_object(options))
		return options;
	json_decref(options);
	return json_object();
}

bool
definition_options_same(const json_t *a, const json_t *b)
{
	json_t	*x, *y;
	size_t	 i;
	bool	 same = true;

	for (i = 0; same && i < 3; i++) {
		x = definition_option(a, option_names[i]);
		y = definition_option(b, option_names[i]);
		same = json_equal(x, y);
		json_decref(x);
		json_decref(y);
	}
	return same;
}

void
definition_show_options(json_t *answer, const json_t *options)
{
	size_t	 i;

	for (i = 0; i < 3; i++)
		json_object_set_new(answer, option_names[i],
		    definition_option(options, option_names[i]));
}
