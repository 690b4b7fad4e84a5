/*
 * asl/timestamp.h - RFC 3339 as the language uses it.
 */

#ifndef PAWL_TIMESTAMP_H
#define PAWL_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMESTAMP_SIZE 40

/*
 * Reads "2016-03-14T01:59:00Z", with fractions of any length and offsets.
 * false if text is none.  ns, if not NULL, gets the part below the ms.
 */
bool	timestamp_parse(const char *text, size_t len, int64_t *ms, int *ns);
/*
 * As the context object prints it: "2016-03-14T01:59:00.123Z", a zero fraction
 * left out.
 */
char	*timestamp_print(int64_t ms, char buf[TIMESTAMP_SIZE]);

#endif
