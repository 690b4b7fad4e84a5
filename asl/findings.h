/*
 * asl/findings.h - what validation found, all at once.
 *
 * severity, code, message and location are those of the real service
 * (ValidateStateMachineDefinition); field, line, column and hint are ours.
 */

#ifndef PAWL_FINDINGS_H
#define PAWL_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

/* As many as one ValidateStateMachineDefinition call can return. */
#define FINDINGS_MAX 100

struct finding {
	bool	 warning;	/* else an error */
	char	*code;		/* SCHEMA_VALIDATION_FAILED, ... */
	char	*message;
	char	*location;	/* /States/Pay/Retry[0]/ErrorEquals; may be NULL */
	char	*field;		/* the member of location that is meant, or NULL */
	char	*hint;		/* what to try; may be NULL */
	/* From 1, columns in characters; 0 when unknown. */
	int	 line, column;
};

struct findings {
	struct finding	*list;
	size_t		 n;
	size_t		 errors;	/* those that are no warnings */
	bool		 truncated;	/* there were more than FINDINGS_MAX */
};

#define FINDINGS_INIT { NULL, 0, 0, false }

/*
 * Location and hint may be NULL; all copied.  Returns the finding, borrowed
 * until the next is added, or NULL if the list is full.
 */
struct finding *findings_add(struct findings *, bool warning, const char *code,
	    const char *location, const char *hint, const char *fmt, ...)
	    __attribute__((format(printf, 6, 7)));
void	findings_free(struct findings *);
/*
 * Fills in line and column of each finding that has none, from the text of the
 * definition (checked: jsontext_check), by its location; a location that is
 * not found gets that of its parent.  machine_parse() has done this already.
 */
void	findings_locate(struct findings *, const char *text, size_t len);

#endif
