/*
 * asl/parse_retry.c - Retry: which errors, how often, how long between.
 *
 * ErrorEquals is shared with Catch.  Ranges were measured on the real service:
 * an IntervalSeconds of 0 is fine, a BackoffRate below 1 is not.
 */

#include <stdlib.h>
#include <string.h>

#include "hint.h"
#include "parse.h"
#include "xmalloc.h"

static const char *const fields[] = { "ErrorEquals", "IntervalSeconds",
	"MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy",
	"Comment", NULL };
static const char *const required[] = { "ErrorEquals", NULL };

/* Names that begin with "States." are reserved; these exist. */
static const char *const states_errors[] = { "States.ALL",
	"States.BranchFailed", "States.DataLimitExceeded",
	"States.ExceedToleratedFailureThreshold", "States.HeartbeatTimeout",
	"States.Http.Socket", "States.IntrinsicFailure",
	"States.ItemReaderFailed", "States.NoChoiceMatched",
	"States.ParameterPathFailure", "States.Permissions",
	"States.QueryEvaluationError", "States.ResultPathMatchFailure",
	"States.ResultWriterFailed", "States.Runtime", "States.TaskFailed",
	"States.Timeout", NULL };

static void
check_reserved(struct parse *p, const char *name)
{
	struct hint	 h;
	size_t		 i;
	char		*text = NULL;

	if (parse_full(p) || strncmp(name, "States.", 7) != 0 ||
	    strncmp(name, "States.Http.StatusCode.", 23) == 0)
		return;
	hint_init(&h, name);
	for (i = 0; states_errors[i] != NULL; i++) {
		if (strcmp(states_errors[i], name) == 0)
			return;
		hint_offer(&h, states_errors[i]);
	}
	if (hint_best(&h) != NULL)
		text = xasprintf("did you mean '%s'?", hint_best(&h));
	parse_warning(p, "UNKNOWN_ERROR_NAME", NULL, text,
	    "There is no error of the name '%s'", name);
	free(text);
}

char **
parse_retry_errors(struct parse *p, json_t *entry, size_t i, size_t n)
{
	json_t	 *list, *item;
	char	**errors;
	size_t	  k, used = 0, mark, inner;
	bool	  all = false;

	list = parse_value_typed(p, entry, "ErrorEquals", JSON_ARRAY);
	errors = xcalloc(json_array_size(list) + 1, sizeof *errors);
	if (list == NULL)
		return errors;
	if (json_array_size(list) == 0)
		parse_error(p, "ErrorEquals", "Value cannot be empty");
	mark = parse_enter(p, "ErrorEquals");
	json_array_foreach(list, k, item) {
		inner = parse_enter_item(p, k);
		if (!json_is_string(item))
			parse_error(p, NULL, "Expected value of type String");
		else {
			errors[used++] = xstrdup(json_string_value(item));
			check_reserved(p, json_string_value(item));
			all |= strcmp(json_string_value(item),
			    "States.ALL") == 0;
		}
		parse_leave(p, inner);
	}
	if (all && (json_array_size(list) > 1 || i + 1 < n))
		parse_error(p, NULL,
		    "States.ALL must appear alone and at end of list");
	parse_leave(p, mark);
	return errors;
}

static void
parse_delays(struct parse *p, struct retrier *r, json_t *entry)
{
	static const char *const	 jitter[] = { "NONE", "FULL", NULL };

	parse_value_integer(p, entry, "IntervalSeconds", 0, 99999999,
	    &r->interval_s);
	parse_value_integer(p, entry, "MaxAttempts", 0, 99999999,
	    &r->max_attempts);
	parse_value_real(p, entry, "BackoffRate", 1.0, 1e9, &r->backoff_rate);
	if (parse_value_integer(p, entry, "MaxDelaySeconds", 1, 31622400,
	    &r->max_delay_s) && r->max_delay_s <= r->interval_s)
		parse_error(p, "MaxDelaySeconds",
		    "MaxDelaySeconds must be greater than IntervalSeconds");
	r->full_jitter =
	    parse_value_choice(p, entry, "JitterStrategy", jitter) == 1;
}

void
parse_retry(struct parse *p, struct state *state, json_t *object)
{
	struct retrier	*r;
	json_t		*list, *entry;
	size_t		 i, mark, inner;

	list = parse_value_typed(p, object, "Retry", JSON_ARRAY);
	if (json_array_size(list) == 0)
		return;
	state->retriers = xcalloc(json_array_size(list),
	    sizeof *state->retriers);
	mark = parse_enter(p, "Retry");
	json_array_foreach(list, i, entry) {
		inner = parse_enter_item(p, i);
		if (!json_is_object(entry))
			parse_error(p, NULL, "Expected value of type Object");
		else {
			r = &state->retriers[state->nretriers++];
			r->interval_s = 1;
			r->max_attempts = 3;
			r->backoff_rate = 2.0;
			parse_fields(p, entry, fields, NULL);
			parse_fields_required(p, entry, required);
			r->errors = parse_retry_errors(p, entry, i,
			    json_array_size(list));
			parse_delays(p, r, entry);
			parse_value_string(p, entry, "Comment");
		}
		parse_leave(p, inner);
	}
	parse_leave(p, mark);
}
