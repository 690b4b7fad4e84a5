/*
 * asl/catch.c - which Catch entry takes an error, and what it makes of it.
 *
 * The Error Output {"Error": ..., "Cause": ...} goes where the catcher's
 * ResultPath says in the state's raw input; Assign sees it as $.
 *
 * Invariants:
 *   - States.Runtime is never caught;
 *   - what fails while catching is not caught by the same state.
 */

#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "query.h"
#include "xmalloc.h"

/*
 * A cause that is missing is null, but a time-out's is "" (recordings
 * callback/..._no_error_field_..._CATCH and error_handling/test_invoke_timeout).
 */
static struct payload *
error_output(const struct failure *why)
{
	struct strbuf	 b = STRBUF_INIT;
	const char	*cause = why->cause;
	char		*text;
	size_t		 len;

	if (cause == NULL && why->error != NULL &&
	    strcmp(why->error, "States.Timeout") == 0)
		cause = "";
	strbuf_adds(&b, "{\"Error\":");
	if (why->error != NULL)
		strbuf_add_json_string(&b, why->error, strlen(why->error));
	else
		strbuf_adds(&b, "null");
	strbuf_adds(&b, ",\"Cause\":");
	if (cause != NULL)
		strbuf_add_json_string(&b, cause, strlen(cause));
	else
		strbuf_adds(&b, "null");
	strbuf_addc(&b, '}');
	text = strbuf_take(&b, &len);
	return payload_steal_text(text, len);
}

static int
place(struct flow *f, const struct path_field *field, struct payload *error,
    struct payload **out, struct err *e)
{
	if (field->null)
		*out = payload_ref(f->input);
	else if (field->path == NULL || jsonpath_is_root(field->path))
		*out = payload_ref(error);
	else
		return jsonpath_put(field->path, f->input, error, out, e);
	return 0;
}

int
catch_try(struct run *run, struct flow *f, const struct failure *why,
    struct err *e)
{
	const struct state	*s = f->state;
	const struct catcher	*c = NULL;
	struct payload		*error, *output = NULL;
	struct event		*exited;
	struct eval		 ev;
	json_t			*assigned = NULL;
	size_t			 i;
	int			 ret;

	if (why->error != NULL && strcmp(why->error, "States.Runtime") == 0)
		return 0;
	for (i = 0; i < s->ncatchers && c == NULL; i++)
		if (retry_matches(s->catchers[i].errors, why))
			c = &s->catchers[i];
	if (c == NULL)
		return 0;
	error = error_output(why);
	eval_init(&ev, run, f);
	if (s->jsonata) {
		query_states(&ev, NULL, error);
		ret = dataflow_leave(&ev, error, c->output, c->assignment,
		    &output, &assigned, e);
	} else {
		ret = place(f, &c->result_path, error, &output, e);
		if (ret == 0 && output != f->input)
			ret = dataflow_limit(s->name, output, e);
		if (ret == 0)
			ret = dataflow_assign(&ev, c->assign, error, &assigned,
			    e);
	}
	eval_clear(&ev);
	payload_unref(error);
	if (ret == -1) {
		payload_unref(output);
		return -1;
	}
	exited = run_exit_event(run, f);
	exited->previous_id = why->chain;
	exited->caught = true;
	exited->catcher = c - s->catchers;
	run_exit(run, f, exited, output, assigned);
	return 1;
}
