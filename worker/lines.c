/*
 * worker/lines.c - cuts what a function prints into lines that are safe to log.
 *
 * A terminal that shows the log must not be steered by what a function prints:
 * so no control character passes, but the tab.
 */

#include "lines.h"

void
lines_init(struct lines *l, lines_fn fn, void *arg)
{
	strbuf_init(&l->part, LINES_MAX_BYTES);
	l->fn = fn;
	l->arg = arg;
}

static void
give(struct lines *l)
{
	if (l->part.len > 0)
		l->fn(strbuf_str(&l->part), l->arg);
	strbuf_reset(&l->part);
}

void
lines_feed(struct lines *l, const char *data, size_t len)
{
	unsigned char	 c;
	size_t		 i;

	for (i = 0; i < len; i++) {
		c = (unsigned char)data[i];
		if (c == '\n') {
			give(l);
			continue;
		}
		if (c == '\r')
			continue;
		if (l->part.len == LINES_MAX_BYTES)
			give(l);
		strbuf_addc(&l->part, (c < ' ' && c != '\t') || c == 0x7f ?
		    '?' : (char)c);
	}
}

void
lines_end(struct lines *l)
{
	give(l);
	strbuf_free(&l->part);
}
