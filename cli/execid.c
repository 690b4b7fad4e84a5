/*
 * cli/execid.c - how people name executions: MACHINE:NAME, or the whole ARN.
 */

#include "execid.h"

#include <ctype.h>
#include <string.h>

#include "xmalloc.h"

/* The part of an ARN after its n-th colon, or NULL. */
static const char *
after_colon(const char *arn, int n)
{
	while (n-- > 0) {
		if ((arn = strchr(arn, ':')) == NULL)
			return NULL;
		arn++;
	}
	return arn;
}

bool
execid_valid(const char *text)
{
	const char	*colon;

	if (strncmp(text, "arn:", 4) == 0) {
		colon = after_colon(text, 5);
		return colon != NULL &&
		    (strncmp(colon, "execution:", 10) == 0 ||
		    strncmp(colon, "express:", 8) == 0) &&
		    after_colon(text, 7) != NULL;
	}
	colon = strchr(text, ':');
	return colon != NULL && colon != text && colon[1] != '\0';
}

char *
execid_short(const char *arn)
{
	const char	*kind = after_colon(arn, 5), *rest = after_colon(arn, 6);

	if (strncmp(arn, "arn:", 4) != 0 || rest == NULL ||
	    strncmp(kind, "execution:", 10) != 0)
		return xstrdup(arn);
	return xstrdup(rest);
}

const char *
execid_last(const char *arn)
{
	const char	*colon = strrchr(arn, ':');

	return strncmp(arn, "arn:", 4) == 0 && colon != NULL ? colon + 1 : arn;
}

void
execid_escape(struct strbuf *out, const char *text)
{
	const unsigned char	*p = (const unsigned char *)text;

	for (; *p != '\0'; p++) {
		if (*p < 0x80 && (isalnum(*p) || strchr("-._~:", *p) != NULL))
			strbuf_addc(out, (char)*p);
		else
			strbuf_addf(out, "%%%02X", *p);
	}
}
