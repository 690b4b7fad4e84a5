/*
 * base/xmalloc.h - allocation that never returns NULL.
 *
 * When memory is gone the process says so and aborts: its executions are in
 * PostgreSQL, and another process takes them over.  Free with free().
 */

#ifndef PAWL_XMALLOC_H
#define PAWL_XMALLOC_H

#include <stdarg.h>
#include <stddef.h>

void	*xmalloc(size_t);
void	*xcalloc(size_t, size_t);
void	*xrealloc(void *, size_t);
/* Grows an array of n elements of the given size; checks for overflow. */
void	*xreallocarray(void *, size_t n, size_t size);
void	*xmemdup(const void *, size_t);
char	*xstrdup(const char *);
/* At most len bytes of s, terminated. */
char	*xstrndup(const char *s, size_t len);
char	*xasprintf(const char *, ...) __attribute__((format(printf, 1, 2)));
char	*xvasprintf(const char *, va_list) __attribute__((format(printf, 1, 0)));

#endif
