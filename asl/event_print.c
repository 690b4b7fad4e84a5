/*
 * asl/event_print.c - an event as GetExecutionHistory shows it.
 *
 * The shapes are those of event.h; each has one case in print_details().
 */

#include <ctype.h>
#include <string.h>

#include "event.h"

enum shape { SHAPE_NONE, SHAPE_STARTED, SHAPE_ENTERED, SHAPE_EXITED,
	SHAPE_OUTPUT, SHAPE_ERROR, SHAPE_FN_SCHEDULED, SHAPE_ACT_SCHEDULED,
	SHAPE_SCHEDULED, SHAPE_STARTED_TASK, SHAPE_TASK_OUTPUT,
	SHAPE_TASK_ERROR, SHAPE_LENGTH, SHAPE_ITERATION, SHAPE_EVALUATION,
	SHAPE_WORKER };

static const struct {
	const char	*details;
	enum shape	 shape;
} shapes[EVENT_TYPE_COUNT] = {
#define X(name, details, shape) [EVENT_##name] = { details, SHAPE_##shape },
	EVENT_TYPES(X)
#undef X
};

/* Puts the separator and the name of a member, which may have two parts. */
static void
member2(struct strbuf *b, const char *name, const char *more)
{
	if (b->len > 0 && b->data[b->len - 1] != '{')
		strbuf_addc(b, ',');
	strbuf_addc(b, '"');
	strbuf_adds(b, name);
	strbuf_adds(b, more);
	strbuf_adds(b, "\":");
}

static void
member(struct strbuf *b, const char *name)
{
	member2(b, name, "");
}

static void
string(struct strbuf *b, const char *name, const char *value)
{
	if (value == NULL)
		return;
	member(b, name);
	strbuf_add_json_string(b, value, strlen(value));
}

static void
number(struct strbuf *b, const char *name, int64_t value)
{
	member(b, name);
	strbuf_addi(b, value);
}

static void
positive(struct strbuf *b, const char *name, int64_t value)
{
	if (value > 0)
		number(b, name, value);
}

/* A payload as a string, and the member that tells whether it was cut. */
static void
data(struct strbuf *b, const char *name, struct payload *p, bool with_data)
{
	const char	*text;
	size_t		 len;

	if (p != NULL && with_data) {
		text = payload_text(p, &len);
		member(b, name);
		strbuf_add_json_string(b, text, len);
	}
	member2(b, name, "Details");
	strbuf_adds(b, with_data ? "{\"truncated\":false}" :
	    "{\"truncated\":true}");
}

static void
assigned(struct strbuf *b, json_t *variables, bool with_data)
{
	const char	*name;
	json_t		*text;

	if (variables == NULL)
		return;
	if (with_data) {
		member(b, "assignedVariables");
		strbuf_addc(b, '{');
		json_object_foreach(variables, name, text) {
			member(b, name);
			strbuf_add_json_string(b, json_string_value(text),
			    json_string_length(text));
		}
		strbuf_addc(b, '}');
	}
	member(b, "assignedVariablesDetails");
	strbuf_adds(b, with_data ? "{\"truncated\":false}" :
	    "{\"truncated\":true}");
}

static void
print_resource(struct strbuf *b, const struct event *ev)
{
	string(b, "resource", ev->resource);
	string(b, "resourceType", ev->resource_type);
}

static void
print_error(struct strbuf *b, const struct event *ev)
{
	string(b, "error", ev->error);
	string(b, "cause", ev->cause);
}

static void
print_scheduled(struct strbuf *b, const struct event *ev, const char *region,
    bool with_data)
{
	const char	*text;
	size_t		 len;

	print_resource(b, ev);
	string(b, "region", region);
	if (with_data && ev->payload != NULL) {
		text = payload_text(ev->payload, &len);
		member(b, "parameters");
		strbuf_add_json_string(b, text, len);
	}
	positive(b, "timeoutInSeconds", ev->timeout_s);
	positive(b, "heartbeatInSeconds", ev->heartbeat_s);
}

static void
print_details(struct strbuf *b, const struct event *ev, const char *region,
    bool with_data)
{
	switch (shapes[ev->type].shape) {
	case SHAPE_NONE:
		break;
	case SHAPE_STARTED:
		data(b, "input", ev->payload, with_data);
		string(b, "roleArn", ev->role_arn);
		break;
	case SHAPE_ENTERED:
		data(b, "input", ev->payload, with_data);
		string(b, "name", ev->name);
		break;
	case SHAPE_EXITED:
		string(b, "name", ev->name);
		data(b, "output", ev->payload, with_data);
		assigned(b, ev->assigned, with_data);
		break;
	case SHAPE_OUTPUT:
		data(b, "output", ev->payload, with_data);
		break;
	case SHAPE_ERROR:
		print_error(b, ev);
		break;
	case SHAPE_FN_SCHEDULED:
	case SHAPE_ACT_SCHEDULED:
		string(b, "resource", ev->resource);
		data(b, "input", ev->payload, with_data);
		positive(b, "timeoutInSeconds", ev->timeout_s);
		if (shapes[ev->type].shape == SHAPE_ACT_SCHEDULED)
			positive(b, "heartbeatInSeconds", ev->heartbeat_s);
		break;
	case SHAPE_SCHEDULED:
		print_scheduled(b, ev, region, with_data);
		break;
	case SHAPE_STARTED_TASK:
		print_resource(b, ev);
		break;
	case SHAPE_TASK_OUTPUT:
		print_resource(b, ev);
		data(b, "output", ev->payload, with_data);
		break;
	case SHAPE_TASK_ERROR:
		print_resource(b, ev);
		print_error(b, ev);
		break;
	case SHAPE_LENGTH:
		number(b, "length", ev->number);
		break;
	case SHAPE_ITERATION:
		string(b, "name", ev->name);
		number(b, "index", ev->number);
		break;
	case SHAPE_EVALUATION:
		print_error(b, ev);
		string(b, "location", ev->location);
		string(b, "state", ev->name);
		break;
	case SHAPE_WORKER:
		string(b, "workerName", ev->name);
		break;
	}
}

void
event_print(const struct event *ev, const char *region, bool with_data,
    struct strbuf *b)
{
	const char	*details = shapes[ev->type].details;
	const char	*name = event_type_name(ev->type);

	strbuf_addf(b, "{\"timestamp\":%lld.%03d,\"type\":\"%s\"",
	    (long long)(ev->time_ms / 1000), (int)(ev->time_ms % 1000), name);
	number(b, "id", ev->id);
	number(b, "previousEventId", ev->previous_id);
	if (shapes[ev->type].shape != SHAPE_NONE) {
		strbuf_adds(b, ",\"");
		if (details != NULL)
			strbuf_adds(b, details);
		else {
			strbuf_addc(b, (char)tolower((unsigned char)*name));
			strbuf_adds(b, name + 1);
			strbuf_adds(b, "EventDetails");
		}
		strbuf_adds(b, "\":{");
		print_details(b, ev, region, with_data);
		strbuf_addc(b, '}');
	}
	strbuf_addc(b, '}');
}
