/*
 * cli/pretty.c - JSON for people: indented, in colour on a terminal.
 *
 * One pass over the tokens.  The nesting was limited when the text was read
 * (JSONTEXT_DEPTH_MAX), and nothing here recurses.
 */

#include "pretty.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "asl.h"
#include "style.h"
#include "width.h"

#define STEP 2

static const char *
skip_space(const char *p, const char *end)
{
	while (p < end && strchr(" \t\r\n", *p) != NULL && *p != '\0')
		p++;
	return p;
}

/* The end of the string or scalar that starts at p. */
static const char *
token_end(const char *p, const char *end)
{
	if (*p != '"') {
		while (p < end && strchr(" \t\r\n,:]}", *p) == NULL)
			p++;
		return p;
	}
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < end)
			p++;
	return p < end ? p + 1 : end;
}

static void
add_safe(struct strbuf *out, const char *p, const char *end)
{
	const char	*from;
	unsigned	 c;

	while (p < end) {
		from = p;
		c = width_next(&p, end);
		if (width_unsafe(c))
			strbuf_addf(out, "\\u%04x", c);
		else
			strbuf_add(out, from, (size_t)(p - from));
	}
}

static enum style
token_style(const char *p, bool key)
{
	if (key)
		return STYLE_KEY;
	if (*p == '"')
		return STYLE_GOOD;
	return strchr("tfn", *p) != NULL ? STYLE_WARN : STYLE_PLAIN;
}

static void
newline(struct strbuf *out, size_t indent)
{
	strbuf_addc(out, '\n');
	width_pad(out, indent);
}

void
pretty_text(struct strbuf *out, const char *text, size_t len, size_t indent)
{
	const char	*p = text, *end = text + len, *stop, *after;
	size_t		 depth = 0;
	enum style	 style;
	bool		 key;

	width_pad(out, indent);
	while ((p = skip_space(p, end)) < end) {
		switch (*p) {
		case '{':
		case '[':
			strbuf_addc(out, *p);
			stop = skip_space(p + 1, end);
			if (stop < end && (*stop == '}' || *stop == ']')) {
				strbuf_addc(out, *stop);
				p = stop;
			} else
				newline(out, indent + ++depth * STEP);
			p++;
			break;
		case '}':
		case ']':
			if (depth > 0)
				depth--;
			newline(out, indent + depth * STEP);
			strbuf_addc(out, *p++);
			break;
		case ',':
			strbuf_addc(out, *p++);
			newline(out, indent + depth * STEP);
			break;
		case ':':
			strbuf_adds(out, ": ");
			p++;
			break;
		default:
			stop = token_end(p, end);
			after = skip_space(stop, end);
			key = *p == '"' && after < end && *after == ':';
			style = token_style(p, key);
			strbuf_adds(out, style_out(style));
			add_safe(out, p, stop);
			if (style != STYLE_PLAIN)
				strbuf_adds(out, style_out_end());
			p = stop == p ? p + 1 : stop;
		}
	}
	strbuf_addc(out, '\n');
}

void
pretty_json(struct strbuf *out, const json_t *value, size_t indent)
{
	size_t	 len;
	char	*text;

	if (value == NULL)
		return;
	text = jsontext_string(value, &len);
	pretty_text(out, text, len, indent);
	free(text);
}
