/*
 * asl/step_fail.c - Fail: Error and Cause, or the paths that give them.
 *
 * Either may be missing; the execution then fails without it (recording
 * scenarios/test_map_state_catch_empty_fail).
 */

#include <stdlib.h>

#include "fail.h"
#include "xmalloc.h"

static int
text_of(struct eval *ev, const struct string_field *field, const char *name,
    char **out, struct err *e)
{
	struct payload	*p;
	json_t		*json;
	char		*shown;
	int		 ret = 0;

	*out = NULL;
	if (field->query != NULL)
		return query_string(field->query, ev, out, e);
	if (field->path == NULL) {
		*out = field->value != NULL ? xstrdup(field->value) : NULL;
		return 0;
	}
	if (template_eval(field->path, &ev->scope, &p, e) == -1)
		return -1;
	json = payload_json(p);
	if (json_is_string(json))
		*out = xstrdup(json_string_value(json));
	else {
		shown = dataflow_show(json);
		ret = err_set(e, "States.Runtime", "The %s parameter does not "
		    "reference a string value: %s", name, shown);
		free(shown);
	}
	payload_unref(p);
	return ret;
}

static void
work(struct run *run, struct flow *f)
{
	const struct state	*s = f->state;
	struct eval		 ev;
	struct err		 e = ERR_INIT;
	char			*error = NULL, *cause = NULL;
	int			 ret;

	eval_init(&ev, run, f);
	ret = text_of(&ev, &s->u.fail.error, "ErrorPath", &error, &e);
	if (ret == 0)
		ret = text_of(&ev, &s->u.fail.cause, "CausePath", &cause, &e);
	eval_clear(&ev);
	if (ret == -1)
		fail_err(run, f, &e);
	else
		fail_flow(run, f, error, cause);
	free(error);
	free(cause);
}

const struct state_kind step_fail = { EVENT_FailStateEntered, EVENT_TYPE_COUNT,
	EVENT_TYPE_COUNT, EVENT_TYPE_COUNT, work, NULL };
