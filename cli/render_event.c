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

/* How much room there is for what, by the width of the terminal. */
static const struct layout {
	size_t	 least;			/* columns of the terminal */
	size_t	 type, state;		/* columns; 0: not aligned */
	bool	 ms;			/* the clock shows them */
} layouts[] = {
	{ 110, 26, 18, true },
	{ 76, 24, 14, false },
	{ 0, 0, 0, false }
};

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
facts(struct strbuf *out, const char *type, const json_t *d)
{
	const char	*s, *cause;
	const json_t	*n;

	/* The events after it repeat the resource. */
	if (!has(type, "Scheduled"))
		;
	else if ((s = trace_string(d, "resourceType")) != NULL)
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

/* A line that is being written: fields with two spaces between them. */
struct line {
	struct strbuf	*out;
	size_t		 used, room;	/* columns; room WIDTH_ANY: no limit */
	size_t		 owed;		/* spaces before the next field */
};

/* One field, cut to what is left and to most; padded to columns, if any. */
static void
put(struct line *l, enum style style, const char *text, size_t columns,
    size_t most)
{
	size_t	 left, used;

	if (l->room != WIDTH_ANY && l->used + l->owed >= l->room)
		return;
	left = l->room == WIDTH_ANY ? WIDTH_ANY : l->room - l->used - l->owed;
	if (text[0] != '\0') {
		width_pad(l->out, l->owed);
		l->used += l->owed;
		l->owed = 0;
		strbuf_adds(l->out, style_out(style));
		used = width_add(l->out, text, most < left ? most : left);
		strbuf_adds(l->out, style == STYLE_PLAIN ? "" : style_out_end());
		l->used += used;
	} else
		used = 0;
	l->owed += (columns > used ? columns - used : 0) + 2;
}

/* The part of the line before what happened. */
static void
head(struct line *l, const json_t *event, const char *type, const char *state,
    const struct layout *layout)
{
	char	 clock[WHEN_SIZE] = "", number[32];
	int64_t	 ms;

	if (when_read(json_object_get(event, "timestamp"), &ms))
		when_clock(ms, clock);
	if (!layout->ms && clock[0] != '\0')
		clock[8] = '\0';
	snprintf(number, sizeof(number), layout->type != 0 ? "%4" PRId64 : "%" PRId64,
	    trace_id(event));
	if (clock[0] != '\0')
		put(l, STYLE_DIM, clock, 0, WIDTH_ANY);
	put(l, STYLE_DIM, number, 0, WIDTH_ANY);
	put(l, type_style(type), type, layout->type, WIDTH_ANY);
	if (state != NULL || layout->state != 0)
		put(l, STYLE_BOLD, state == NULL ? "" : state, layout->state,
		    layout->state != 0 ? layout->state : WIDTH_ANY);
}

void
render_event(struct strbuf *out, const json_t *event, const char *state,
    size_t columns)
{
	const char	*type = trace_string(event, "type");
	const json_t	*d = trace_details(event);
	const struct layout *layout = layouts;
	struct line	 line = { out, 0, columns == 0 ? WIDTH_ANY : columns, 0 };
	struct strbuf	 what = STRBUF_INIT, rest = STRBUF_INIT;
	size_t		 most = columns == 0 ? RENDER_EVENT_PAYLOAD : WIDTH_ANY;

	if (type == NULL)
		type = "?";
	if (state == NULL)
		state = trace_string(d, "name");
	while (columns != 0 && columns < layout->least)
		layout++;
	head(&line, event, type, state, layout);
	facts(&what, type, d);
	if (what.len > 0)
		what.data[--what.len] = '\0';	/* the space after the last */
	add_payload(&rest, payload_of(d));
	if (what.len > 0)
		put(&line, type_style(type) == STYLE_BAD ? STYLE_BAD : STYLE_PLAIN,
		    strbuf_str(&what), 0, most);
	if (rest.len > 0)
		put(&line, STYLE_DIM, strbuf_str(&rest), 0, most);
	strbuf_addc(out, '\n');
	strbuf_free(&what);
	strbuf_free(&rest);
}
