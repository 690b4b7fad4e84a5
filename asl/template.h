/*
 * asl/template.h - payload templates: Parameters, ResultSelector, ItemSelector,
 * Assign, and single values that are a path or an intrinsic call.
 */

#ifndef PAWL_TEMPLATE_H
#define PAWL_TEMPLATE_H

#include "err.h"
#include "scope.h"

struct template;

/*
 * Compiles a template (borrowed).  NULL and e, code "InvalidTemplate", when a
 * "name.$" holds neither a path nor an intrinsic call; *bad_key, if not NULL,
 * gets the key with its ".$" (new), for the diagnostic "The value for the field
 * 'parsed.$' must be a valid JSONPath or a valid intrinsic function call".
 */
struct template *template_compile(json_t *source, char **bad_key,
	    struct err *e) MUSTCHECK;
/* One string that is a path or an intrinsic call; its field is "ErrorPath", ... */
struct template *template_compile_string(const char *field, const char *text,
	    size_t len, struct err *e) MUSTCHECK;
void	template_free(struct template *);
/* Nothing in it is evaluated. */
int	template_is_constant(const struct template *);
void	template_variables(const struct template *,
	    void (*fn)(const char *name, void *arg), void *arg);
/*
 * Returns 0 and a new payload, or -1 and e: code "States.Runtime", text "The
 * JSONPath '$.nope' specified for the field 'value.$' could not be found in
 * the input '...'", without the frame of the state.
 */
int	template_eval(const struct template *, struct scope *,
	    struct payload **out, struct err *e) MUSTCHECK;

#endif
