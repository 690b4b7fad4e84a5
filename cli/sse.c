/*
 * cli/sse.c - reads a text/event-stream as it comes, in pieces of any size.
 */

#include "sse.h"

#include <string.h>

void
sse_init(struct sse *s, sse_handler handler, void *arg)
{
	memset(s, 0, sizeof(*s));
	s->handler = handler;
	s->arg = arg;
	strbuf_init(&s->line, SSE_EVENT_MAX);
	strbuf_init(&s->data, SSE_EVENT_MAX);
	strbuf_init(&s->name, 256);
	strbuf_init(&s->id, 256);
}

void
sse_free(struct sse *s)
{
	strbuf_free(&s->line);
	strbuf_free(&s->data);
	strbuf_free(&s->name);
	strbuf_free(&s->id);
}

static void
dispatch(struct sse *s)
{
	struct sse_event	 event;

	if (s->has_data || s->name.len > 0) {
		event.name = s->name.len > 0 ? strbuf_str(&s->name) : "message";
		event.id = strbuf_str(&s->id);
		event.data = strbuf_str(&s->data);
		event.len = s->data.len;
		s->handler(&event, s->arg);
	}
	strbuf_reset(&s->data);
	strbuf_reset(&s->name);
	s->has_data = 0;
}

static void
field(struct sse *s, const char *name, size_t len, const char *value, size_t vlen)
{
	if (len == 4 && memcmp(name, "data", 4) == 0) {
		if (s->has_data)
			strbuf_addc(&s->data, '\n');
		strbuf_add(&s->data, value, vlen);
		s->has_data = 1;
	} else if (len == 5 && memcmp(name, "event", 5) == 0) {
		strbuf_reset(&s->name);
		strbuf_add(&s->name, value, vlen);
	} else if (len == 2 && memcmp(name, "id", 2) == 0 &&
	    memchr(value, '\0', vlen) == NULL) {
		strbuf_reset(&s->id);
		strbuf_add(&s->id, value, vlen);
	}
}

static void
end_of_line(struct sse *s)
{
	const char	*line = strbuf_str(&s->line), *colon, *value;
	size_t		 len = s->line.len;

	if (!s->begun && len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
		line += 3;
		len -= 3;
	}
	s->begun = 1;
	if (len == 0)
		dispatch(s);
	else if ((colon = memchr(line, ':', len)) == NULL)
		field(s, line, len, "", 0);
	else if (colon != line) {
		value = colon + 1;
		if (value < line + len && *value == ' ')
			value++;
		field(s, line, (size_t)(colon - line), value,
		    (size_t)(line + len - value));
	}
}

int
sse_feed(struct sse *s, const char *data, size_t len)
{
	size_t	 i, from = 0;

	for (i = 0; i < len; i++) {
		if (s->after_cr) {
			s->after_cr = 0;
			if (data[i] == '\n') {
				from = i + 1;
				continue;
			}
		}
		if (data[i] != '\n' && data[i] != '\r')
			continue;
		strbuf_add(&s->line, data + from, i - from);
		if (strbuf_failed(&s->line))
			return -1;
		end_of_line(s);
		if (strbuf_failed(&s->data))
			return -1;
		strbuf_reset(&s->line);
		s->after_cr = data[i] == '\r';
		from = i + 1;
	}
	strbuf_add(&s->line, data + from, len - from);
	return strbuf_failed(&s->line) ? -1 : 0;
}
