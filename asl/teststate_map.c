/*
 * asl/teststate_map.c - what a Map makes of its items, without running them.
 *
 * A mock stands for all iterations together.  What comes before is real: the
 * items, the input of each, concurrency and tolerances.  Texts: recordings
 * test_state/test_state_configuration, and evaluate_jsonata and
 * maxconcurrency for the paths.
 */

#include "teststate_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jsontext.h"
#include "xmalloc.h"

/* ---- the data of an ItemReader ---- */

static json_t *
read_lines(const char *data, struct err *e)
{
	json_t	*items = json_array(), *item;
	size_t	 len;

	for (; *data != '\0'; data += len + (data[len] == '\n')) {
		len = strcspn(data, "\n");
		if (strspn(data, " \t\r") >= len)
			continue;
		item = jsontext_check(data, len, NULL, e) == 0 ?
		    jsontext_parse(data, len, e) : NULL;
		if (item == NULL) {
			json_decref(items);
			return NULL;
		}
		json_array_append_new(items, item);
	}
	return items;
}

static void
cut(json_t *items, const json_t *max)
{
	size_t	 n = json_array_size(items);

	if (!json_is_integer(max) || json_integer_value(max) <= 0)
		return;
	while (n > (size_t)json_integer_value(max))
		json_array_remove(items, --n);
}

json_t *
teststate_map_read(json_t *reader, const char *data, struct err *e)
{
	json_t		*config = json_object_get(reader, "ReaderConfig"), *items;
	const char	*type = json_string_value(json_object_get(config,
			    "InputType"));
	struct err	 why = ERR_INIT;

	if (type != NULL && strcmp(type, "JSONL") == 0)
		items = read_lines(data, &why);
	else if (type == NULL || strcmp(type, "JSON") == 0)
		items = jsontext_check(data, strlen(data), NULL, &why) == 0 ?
		    jsontext_parse(data, strlen(data), &why) : NULL;
	else {
		err_set(e, "ValidationException", "mapItemReaderData of the "
		    "InputType %s cannot be read yet", type);
		return NULL;
	}
	if (items == NULL)
		err_set(e, "ValidationException", "mapItemReaderData must be "
		    "valid JSON: %s", why.text);
	err_clear(&why);
	cut(items, json_object_get(config, "MaxItems"));
	return items;
}

/* ---- tolerances ---- */

static int
count_of(struct eval *ev, const struct number_field *field,
    struct number_field *out, struct err *e)
{
	json_t	*value;
	char	*shown;
	int	 ret = 0;

	out->set = field->set || field->path != NULL || field->query != NULL;
	out->value = field->value;
	if (field->query != NULL)
		return query_integer(field->query, ev, 0, INT64_MAX,
		    &out->value, e);
	if (field->path == NULL)
		return 0;
	if (dataflow_path(ev, field->path, &value, e) == -1)
		return -1;
	if (!dataflow_integer(value, &out->value)) {
		shown = dataflow_show(value);
		ret = err_set(e, "States.Runtime", "The "
		    "ToleratedFailureCountPath field refers to value \"%s\" "
		    "which is not a valid integer: %s", shown,
		    jsonpath_text(field->path));
		free(shown);
	} else if (out->value < 0)
		ret = err_set(e, "States.Runtime",
		    "ToleratedFailureCount cannot be negative.");
	json_decref(value);
	return ret;
}

static bool
real_of(const json_t *value, double *out)
{
	const char	*text = json_string_value(value);
	char		*end;

	if (json_is_number(value)) {
		*out = json_number_value(value);
		return true;
	}
	if (text == NULL || *text == '\0' || strchr(" \t\r\n+", *text) != NULL)
		return false;
	errno = 0;
	*out = strtod(text, &end);
	return errno == 0 && *end == '\0';
}

static int
percentage_of(struct eval *ev, const struct real_field *field,
    struct real_field *out, struct err *e)
{
	json_t	*value;
	char	*shown;
	int	 ret = 0;

	out->set = field->set || field->path != NULL || field->query != NULL;
	out->value = field->value;
	if (field->query != NULL)
		return query_real(field->query, ev, 0.0, 100.0,
		    &out->value, e);
	if (field->path == NULL)
		return 0;
	if (dataflow_path(ev, field->path, &value, e) == -1)
		return -1;
	if (!real_of(value, &out->value)) {
		shown = dataflow_show(value);
		ret = err_set(e, "States.Runtime", "The "
		    "ToleratedFailurePercentagePath field refers to value "
		    "\"%s\" which is not a valid float: %s", shown,
		    jsonpath_text(field->path));
		free(shown);
	} else if (!(out->value >= 0.0 && out->value <= 100.0))
		ret = err_set(e, "States.Runtime",
		    "ToleratedFailurePercentage must be between 0 and 100.");
	json_decref(value);
	return ret;
}

static int
tolerances(struct teststate *t, struct run *run, struct flow *f, struct err *e)
{
	struct eval	 ev;
	struct payload	*effective;
	int		 ret;

	eval_init(&ev, run, f);
	ret = dataflow_input(&ev, &effective, e);
	if (ret == 0) {
		eval_input(&ev, effective);
		ret = count_of(&ev, &t->state->u.map.tolerated_count,
		    &t->tolerated_count, e);
		if (ret == 0)
			ret = percentage_of(&ev,
			    &t->state->u.map.tolerated_percentage,
			    &t->tolerated_percentage, e);
		payload_unref(effective);
	}
	eval_clear(&ev);
	return ret;
}

/* ---- the input of each item ---- */

/* Of the first ones; the text is kept if it is complete and not too long. */
static int
select_items(struct teststate *t, struct run *run, struct flow *f,
    struct err *e)
{
	struct strbuf	 b = STRBUF_INIT;
	struct payload	*input;
	const char	*text;
	size_t		 len;
	int64_t		 i, n = f->children->n;
	int		 ret = 0;

	strbuf_addc(&b, '[');
	for (i = 0; i < n && i < TESTSTATE_ITEMS_MAX &&
	    b.len < PAYLOAD_BYTES_MAX; i++) {
		ret = step_map_input(run, f, i, &input, e);
		if (ret == -1)
			break;
		text = payload_text(input, &len);
		strbuf_adds(&b, i == 0 ? "" : ", ");
		strbuf_add(&b, text, len);
		payload_unref(input);
	}
	strbuf_addc(&b, ']');
	if (ret == 0 && i == n && b.len <= PAYLOAD_BYTES_MAX)
		t->selected_items = strbuf_take(&b, NULL);
	strbuf_free(&b);
	return ret;
}

int
teststate_map(struct teststate *t, struct run *run, struct flow *f,
    struct err *e)
{
	const struct state	*s = t->state;

	t->max_concurrency = f->children->concurrency;
	if (tolerances(t, run, f, e) == -1)
		return -1;
	if (t->reader && t->items == NULL)
		return 0;		/* no items are known */
	if (s->u.map.item_selector == NULL && s->parameters == NULL &&
	    s->u.map.item_query == NULL)
		return 0;
	return select_items(t, run, f, e);
}

bool
teststate_map_exceeded(const struct teststate *t)
{
	int64_t	 n = (int64_t)json_array_size(t->probe.mapped);

	if (t->failed_items <= 0)
		return false;
	if (t->tolerated_count.set &&
	    t->failed_items > t->tolerated_count.value)
		return true;
	return t->tolerated_percentage.set && n > 0 &&
	    100.0 * (double)t->failed_items / (double)n >
	    t->tolerated_percentage.value;
}
