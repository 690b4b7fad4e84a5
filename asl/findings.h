/*
 * asl/findings.h - what validation found, all at once.
 *
 * severity, code, message and location are those of the real service
 * (ValidateStateMachineDefinition); line and column (from 1, in characters;
 * 0 when unknown) and hint are ours.
 */

#ifndef PAWL_FINDINGS_H
#define PAWL_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

struct finding {
	bool	 warning;	/* else an error */
	char	*code;		/* SCHEMA_VALIDATION_FAILED, ... */
	char	*message;
	char	*location;	/* /States/Pay/Retry[0]/ErrorEquals; may be NULL */
	char	*hint;		/* what to try; may be NULL */
	int	 line, column;
};

struct findings {
	struct finding	*list;
	size_t		 n;
	size_t		 errors;	/* those that are no warnings */
};

#define FINDINGS_INIT { NULL, 0, 0 }

/* Location and hint may be NULL; all copied. */
void	findings_add(struct findings *, bool warning, const char *code,
	    const char *location, const char *hint, const char *fmt, ...)
	    __attribute__((format(printf, 6, 7)));
void	findings_free(struct findings *);
/*
 * Fills in line and column of each finding from the text of the definition,
 * by its location; a location that is not found gets that of its parent.
 */
void	findings_locate(struct findings *, const char *text, size_t len);

#endif
