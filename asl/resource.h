/*
 * asl/resource.h - what a Task's Resource names.
 *
 *	arn:aws:lambda:R:A:function:NAME[:ALIAS]	RESOURCE_FUNCTION
 *	arn:aws:states:R:A:activity:NAME		RESOURCE_ACTIVITY
 *	arn:aws:states:::sqs:sendMessage[.PATTERN]	RESOURCE_SERVICE
 *
 * The kind decides the family of events: LambdaFunction*, Activity*, Task*.
 */

#ifndef PAWL_RESOURCE_H
#define PAWL_RESOURCE_H

#include <stdbool.h>
#include <stddef.h>

enum resource_kind { RESOURCE_FUNCTION, RESOURCE_ACTIVITY, RESOURCE_SERVICE };

enum resource_pattern { PATTERN_REQUEST, PATTERN_SYNC, PATTERN_SYNC2,
	PATTERN_TOKEN };

struct resource {
	enum resource_kind	 kind;
	enum resource_pattern	 pattern;
	char	*service;	/* "sqs", "aws-sdk:dynamodb"; the resourceType */
	char	*api;		/* "sendMessage.waitForTaskToken"; the event's resource */
	char	*action;	/* "sendMessage": api without the pattern */
	char	*name;		/* function or activity name */
};

/* false if arn is no resource; r is then empty. */
bool	resource_parse(struct resource *r, const char *arn);
/* The real service has this integration, with this pattern. */
bool	resource_known(const struct resource *r);
void	resource_free(struct resource *r);

#endif
