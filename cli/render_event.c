/*
 * cli/render_event.c - one history event as one line for people.
 *
 *	14:02:07.123    7  TaskStateEntered      Charge      {"sum":5}
 *
 * What is said of an event is chosen by the members its details have, so that an
 * event type that is new to this program still shows something sensible.
 */

#include "render_event.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "style.h"
#include "trace.h"
#include "when.h"
#include "width.h"

#define NARROW		90	/* below it, columns are not aligned */
#define TYPE_COLUMNS	26
#define STATE_COLUMNS	18

static bool
has(const char *type, const char *part)
{
	return strstr(type, part) != NULL;
}

static enum style
type_style(const char *type)
{
	if (has(type, "Failed") || has(type, "TimedOut"))
		return STYLE_BAD;
	if (has(type, "Aborted"))
		return STYLE_WARN;
	if (has(type, "Succeeded"))
		return STYLE_GOOD;
	if (has(type, "StateEntered") || has(type, "StateExited"))
		return STYLE_NAME;
	return STYLE_PLAIN;
}

/* "Error: cause", "sqs:sendMessage", "#2", "3 items", "by worker-1", ... */
static void
facts(struct strbuf *out, const json_t *d)
{
	const char	*s, *cause;
	const json_t	*n;

	if ((s = trace_string(d, "resourceType")) != NULL)
		strbuf_addf(out, "%s:%s ", s, trace_string(d, "resource") == NULL ?
		    "" : trace_string(d, "resource"));
	else if ((s = trace_string(d, "resource")) != NULL) {
		cause = strstr(s, ":function:");
		strbuf_addf(out, "%s ", cause != NULL ? cause + 10 : s);
	}
	cause = trace_string(d, "cause");
	if ((s = trace_string(d, "error")) != NULL || cause != NULL)
		strbuf_addf(out, "%s%s%s ", s == NULL ? "" : s,
		    s != NULL && cause != NULL ? ": " : "",
		    cause == NULL ? "" : cause);
	if (json_is_integer(n = json_object_get(d, "length")))
		strbuf_addf(out, "%" JSON_INTEGER_FORMAT " item%s ",
		    json_integer_value(n), json_integer_value(n) == 1 ? "" : "s");
	if (json_is_integer(n = json_object_get(d, "index")))
		strbuf_addf(out, "#%" JSON_INTEGER_FORMAT " ",
		    json_integer_value(n));
	if ((s = trace_string(d, "workerName")) != NULL)
		strbuf_addf(out, "by %s ", s);
	if (json_is_integer(n = json_object_get(d, "timeoutInSeconds")))
		strbuf_addf(out, "(time limit %" JSON_INTEGER_FORMAT " s) ",
		    json_integer_value(n));
}

static const json_t *
payload_of(const json_t *d)
{
	static const char *const names[] = { "input", "output", "parameters" };
	const json_t	*v;
	size_t		 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((v = json_object_get(d, names[i])) != NULL)
			return v;
	return NULL;
}

static void
add_payload(struct strbuf *out, const json_t *value)
{
	char	*text;

	if (value == NULL)
		return;
	if ((text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
	    JSON_REAL_PRECISION(15))) == NULL)
		return;
	strbuf_adds(out, text);
	free(text);
}

static size_t
padded(struct strbuf *out, const char *text, size_t columns, bool align)
{
	size_t	 used = width_add(out, text, align ? columns : WIDTH_ANY);

	if (align && used < columns) {
		width_pad(out, columns - used);
		used = columns;
	}
	strbuf_adds(out, "  ");
	return used + 2;
}

/* The part of the line before what happened; returns its columns. */
static size_t
head(struct strbuf *out, const json_t *event, const char *type,
    const char *state, bool align)
{
	char		 clock[WHEN_SIZE] = "", number[32];
	const char	*gap;
	int64_t		 ms;
	size_t		 used;

	if (when_read(json_object_get(event, "timestamp"), &ms))
		when_clock(ms, clock);
	if (!align && clock[0] != '\0')
		clock[8] = '\0';
	snprintf(number, sizeof(number), align ? "%4" PRId64 : "%" PRId64,
	    trace_id(event));
	gap = clock[0] != '\0' || align ? "  " : "";
	strbuf_addf(out, "%s%s%s%s%s  ", style_out(STYLE_DIM), clock, gap, number,
	    style_out_end());
	used = strlen(clock) + strlen(gap) + strlen(number) + 2;
	strbuf_adds(out, style_out(type_style(type)));
	used += padded(out, type, TYPE_COLUMNS, align);
	strbuf_adds(out, type_style(type) == STYLE_PLAIN ? "" : style_out_end());
	if (state != NULL || align) {
		strbuf_adds(out, style_out(STYLE_BOLD));
		used += padded(out, state == NULL ? "" : state, STATE_COLUMNS,
		    align);
		strbuf_adds(out, style_out_end());
	}
	return used;
}

void
render_event(struct strbuf *out, const json_t *event, const char *state,
    size_t columns)
{
	const char	*type = trace_string(event, "type");
	const json_t	*d = trace_details(event);
	struct strbuf	 line = STRBUF_INIT, what = STRBUF_INIT, rest = STRBUF_INIT;
	bool		 align = columns == 0 || columns >= NARROW, bad;
	size_t		 used, room;

	if (type == NULL)
		type = "?";
	if (state == NULL)
		state = trace_string(d, "name");
	used = head(&line, event, type, state, align);
	facts(&what, d);
	add_payload(&rest, payload_of(d));
	room = columns == 0 ? WIDTH_ANY : columns > used ? columns - used : 0;
	bad = type_style(type) == STYLE_BAD;
	if (bad)
		strbuf_adds(&line, style_out(STYLE_BAD));
	used = width_add(&line, strbuf_str(&what), columns == 0 ?
	    RENDER_EVENT_PAYLOAD : room);
	if (bad)
		strbuf_adds(&line, style_out_end());
	if (rest.len > 0 && room > used) {
		strbuf_adds(&line, style_out(STYLE_DIM));
		width_add(&line, strbuf_str(&rest), columns == 0 ?
		    RENDER_EVENT_PAYLOAD : room - used);
		strbuf_adds(&line, style_out_end());
	}
	while (line.len > 0 && line.data[line.len - 1] == ' ')
		line.data[--line.len] = '\0';
	strbuf_add(out, strbuf_str(&line), line.len);
	strbuf_addc(out, '\n');
	strbuf_free(&line);
	strbuf_free(&what);
	strbuf_free(&rest);
}
