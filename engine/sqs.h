/*
 * engine/sqs.h - what the SQS API and the sqs:sendMessage task share.
 */

#ifndef PAWL_SQS_H
#define PAWL_SQS_H

#include <jansson.h>
#include <stddef.h>

#define SQS_MD5_SIZE	33	/* hex digits and NUL */
#define SQS_BODY_MAX	262144

/* MD5OfMessageBody. */
void	sqs_md5_body(const char *body, size_t len, char hex[SQS_MD5_SIZE]);
/*
 * MD5OfMessageAttributes, as the SQS developer guide defines it: names sorted;
 * each name, data type, kind byte and value with its length before it.
 * attributes: {NAME: {DataType, StringValue or BinaryValue}}.
 */
void	sqs_md5_attributes(const json_t *attributes, char hex[SQS_MD5_SIZE]);
/*
 * The queue's name in a queue URL (its last path segment) or a bare name; new.
 * NULL if the URL has a host and nothing behind it.
 */
char	*sqs_queue_name(const char *url);

#endif
