/*
 * engine/definition.h - what CreateStateMachine and its kin share: definitions
 * checked, and the options that are kept beside them.
 *
 * Options are a JSON object in the store: loggingConfiguration,
 * tracingConfiguration, encryptionConfiguration, tags, and revisionId (of the
 * last change that made a revision which clients see; absent before the first).
 */

#ifndef PAWL_DEFINITION_H
#define PAWL_DEFINITION_H

#include "asl.h"
#include "op.h"

/*
 * Finds all that is wrong with a definition for this type of machine, located.
 * The compiled machine is new; NULL when there are errors.
 */
struct machine *definition_check(const char *text, const char *type,
	    struct findings *);

/* Each fails the call and returns false. */
bool	definition_ok(struct api_call *, const char *text, const char *type);
bool	definition_role_ok(struct api_call *);
bool	definition_versions_ok(struct api_call *);
bool	definition_tags_ok(struct api_call *, const json_t *tags);
/*
 * The options that the call's members give, over those of before (borrowed, or
 * NULL for none).  *options is new.
 */
bool	definition_read_options(struct api_call *, const json_t *before,
	    json_t **options);

/* New, from the stored text; an empty object if that is none. */
json_t	*definition_options(const char *text);
/* Logging, tracing and encryption are the same. */
bool	definition_options_same(const json_t *a, const json_t *b);
/* Puts logging, tracing and encryption into an answer, defaults included. */
void	definition_show_options(json_t *answer, const json_t *options);

#endif
