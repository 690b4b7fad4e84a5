/*
 * cli/findings_show.h - what is wrong with a definition, with its places.
 */

#ifndef PAWL_FINDINGS_SHOW_H
#define PAWL_FINDINGS_SHOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "asl.h"
#include "strbuf.h"

/* Validates the text; findings have their places.  True if it can run. */
bool	findings_show_validate(struct findings *, const char *text, size_t len);
/* Appends each finding with its line, caret and hint. */
void	findings_show(struct strbuf *, const struct findings *, const char *file,
	    const char *text, size_t len, bool to_err);
/* Both at once. */
void	findings_show_text(struct strbuf *, const char *file, const char *text,
	    size_t len, bool to_err);
/* {"file","result","diagnostics"} as the API's validate answers.  New. */
json_t	*findings_show_json(const struct findings *, const char *file);

#endif
