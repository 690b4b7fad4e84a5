/*
 * base/xmalloc.c - allocation that never returns NULL.
 */

#include "xmalloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
checked(void *p, size_t size)
{
	if (p == NULL) {
		fprintf(stderr, "out of memory: %zu bytes wanted\n", size);
		abort();
	}
	return p;
}

void *
xmalloc(size_t size)
{
	return checked(malloc(size == 0 ? 1 : size), size);
}

void *
xcalloc(size_t n, size_t size)
{
	return checked(calloc(n == 0 ? 1 : n, size == 0 ? 1 : size), n * size);
}

void *
xrealloc(void *p, size_t size)
{
	return checked(realloc(p, size == 0 ? 1 : size), size);
}

void *
xreallocarray(void *p, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		checked(NULL, SIZE_MAX);
	return xrealloc(p, n * size);
}

void *
xmemdup(const void *p, size_t len)
{
	void	*copy = xmalloc(len);

	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

char *
xstrdup(const char *s)
{
	return xmemdup(s, strlen(s) + 1);
}

char *
xstrndup(const char *s, size_t len)
{
	size_t	 n = strnlen(s, len);
	char	*copy = xmalloc(n + 1);

	memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

char *
xvasprintf(const char *fmt, va_list ap)
{
	char	*s;

	if (vasprintf(&s, fmt, ap) < 0)
		checked(NULL, 0);
	return s;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list	 ap;
	char	*s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}
