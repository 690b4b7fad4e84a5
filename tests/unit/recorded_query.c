/*
 * tests/unit/recorded_query.c - evaluates one recorded JSONata field.
 *
 * The field is evaluated as a state would do it, in a flow made for it alone.
 */

#include "recorded_query.h"

#include <stdlib.h>
#include <string.h>

#include "dataflow.h"
#include "query.h"
#include "xmalloc.h"

#define NOW_MS	INT64_C(1700000000000)

static struct payload *
member(json_t *row, const char *key)
{
	json_t	*value = json_object_get(row, key);

	return value != NULL ? payload_from_json(json_incref(value)) : NULL;
}

static struct vars *
variables(json_t *row)
{
	struct vars	*vars = vars_new(NULL);
	struct payload	*p;
	const char	*name;
	json_t		*value;

	json_object_foreach(json_object_get(row, "variables"), name, value) {
		p = payload_from_json(json_incref(value));
		vars_set(vars, name, p);
		payload_unref(p);
	}
	return vars;
}

static void
bad(void *arg, const char *location, bool unsupported, const char *message)
{
	err_set(arg, "InvalidDefinition", "%s: %s at %s", unsupported ?
	    "UNSUPPORTED_JSONATA_EXPRESSION" : "INVALID_JSONATA_EXPRESSION",
	    message, location);
}

static json_t *
evaluate(struct eval *ev, json_t *expr, const char *field, struct err *e)
{
	struct query	*q;
	struct payload	*p;
	json_t		*out = NULL;

	q = query_compile(expr, field, QUERY_RESULT | QUERY_ERROR_OUTPUT, bad,
	    e);
	if (q != NULL && query_payload(q, ev, &p, e) == 0) {
		out = json_incref(payload_json(p));
		payload_unref(p);
	}
	query_free(q);
	return out;
}

/* Where the first rule leads whose condition holds; else Default. */
static json_t *
choose(struct eval *ev, json_t *expr, struct err *e)
{
	struct query	*q;
	json_t		*rule;
	size_t		 i;
	bool		 holds;
	int		 ret;

	json_array_foreach(json_object_get(expr, "Choices"), i, rule) {
		q = query_compile(json_object_get(rule, "Condition"),
		    "Condition", 0, bad, e);
		ret = q != NULL ? query_boolean(q, ev, &holds, e) : -1;
		query_free(q);
		if (ret == -1)
			return NULL;
		if (holds)
			return json_incref(json_object_get(rule, "Next"));
	}
	return json_incref(json_object_get(expr, "Default"));
}

json_t *
recorded_query_run(json_t *row, struct err *e)
{
	struct execution_facts	 facts = { .arn = "arn", .name = "name",
				    .machine_arn = "arn", .machine_name = "m",
				    .role_arn = "role", .seed = 42 };
	struct state		 state = { .name = (char[]){ "S" },
				    .type = STATE_TASK, .jsonata = true };
	struct execution	 ex = { .facts = &facts };
	struct run		 run = { .ex = &ex, .now_ms = NOW_MS };
	struct payload		*result = member(row, "result");
	struct eval		 ev;
	const char		*field;
	json_t			*out, *expr = json_object_get(row, "expr");
	char			*bare = NULL;

	ex.root.state = &state;
	ex.root.entered_ms = NOW_MS;
	ex.input = member(row, "input");
	if (ex.input == NULL)
		ex.input = payload_empty();
	ex.root.input = ex.input;
	ex.root.vars = variables(row);
	eval_init(&ev, &run, &ex.root);
	query_states(&ev, result, NULL);
	field = json_string_value(json_object_get(row, "field"));
	if (json_is_string(expr) && !query_is_expression(expr)) {
		bare = xasprintf("{%% %s %%}", json_string_value(expr));
		expr = json_string(bare);
		free(bare);
	} else
		json_incref(expr);
	out = json_is_object(expr) ? choose(&ev, expr, e) :
	    evaluate(&ev, expr, field != NULL ? field : "Output/r", e);
	json_decref(expr);
	eval_clear(&ev);
	free(run.where);
	vars_free(ex.root.vars);
	payload_unref(ex.input);
	payload_unref(result);
	return out;
}

void
recorded_query_define(json_t *row, struct err *e)
{
	const char	*expr = json_string_value(json_object_get(row, "expr"));
	struct findings	 fs = FINDINGS_INIT;
	struct machine	*m;
	json_t		*definition;
	char		*text;

	definition = json_pack("{s:s, s:s, s:{s:{s:s, s:b, s:{s:s}}}}",
	    "QueryLanguage", "JSONata", "StartAt", "E", "States", "E", "Type",
	    "Pass", "End", 1, "Output", "v", strstr(expr, "{%"));
	text = json_dumps(definition, 0);
	m = machine_parse(text, strlen(text), &fs);
	if (m == NULL && fs.n > 0)
		err_set(e, "InvalidDefinition", "Invalid State Machine "
		    "Definition: '%s: %s at %s'", fs.list[0].code,
		    fs.list[0].message, fs.list[0].location);
	machine_free(m);
	findings_free(&fs);
	free(text);
	json_decref(definition);
}
