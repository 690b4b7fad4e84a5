/*
 * cli/pretty.h - JSON for people: indented, in colour on a terminal.
 *
 * Works on text, so that numbers and strings are shown as they were sent.
 * Characters that could harm a terminal are escaped (\u009b), which leaves the
 * value the same.
 */

#ifndef PAWL_PRETTY_H
#define PAWL_PRETTY_H

#include <jansson.h>
#include <stddef.h>

#include "strbuf.h"

/* Appends text, which is valid JSON, and a newline; every line is indented. */
void	pretty_text(struct strbuf *, const char *text, size_t len, size_t indent);
/* The same; nothing for NULL. */
void	pretty_json(struct strbuf *, const json_t *, size_t indent);

#endif
