/*
 * asl/teststate_shape.c - mocked results of services against their API.
 *
 * The table holds what the answers of the more common services look like; the
 * result of another is taken as it is.  To add one, write a line.
 *
 *	s  string (timestamps too)	s(A|B)		one of these
 *	n  number			n(1,10)		in this range
 *	b  true or false		*		anything
 *	[shape]  array			<shape>		object with any names
 *	{Name:shape Name!:shape}	object; ! must be there (mode STRICT)
 *	@Name				a shape out of named[]
 *
 * Members that a shape does not name are fine, as the real service takes them.
 * Texts: recordings test_state/test_field_validation_mode...
 */

#include "teststate_impl.h"

#include <stdlib.h>
#include <string.h>

struct shape {
	const char	*name, *text;
};

static const struct shape operations[] = {
	{ "athena:startQueryExecution",
	    "{QueryExecutionId:s}" },
	{ "batch:submitJob",
	    "{JobArn:s JobName!:s JobId!:s}" },
	{ "dynamodb:deleteItem",
	    "{Attributes:<@AttributeValue> "
	    "ConsumedCapacity:@ConsumedCapacity}" },
	{ "dynamodb:getItem",
	    "{Item:<@AttributeValue> ConsumedCapacity:@ConsumedCapacity}" },
	{ "dynamodb:putItem",
	    "{Attributes:<@AttributeValue> "
	    "ConsumedCapacity:@ConsumedCapacity}" },
	{ "dynamodb:query",
	    "{Items:[<@AttributeValue>] Count:n ScannedCount:n "
	    "LastEvaluatedKey:<@AttributeValue> "
	    "ConsumedCapacity:@ConsumedCapacity}" },
	{ "dynamodb:updateItem",
	    "{Attributes:<@AttributeValue> "
	    "ConsumedCapacity:@ConsumedCapacity}" },
	{ "events:putEvents",
	    "{FailedEntryCount:n Entries:[{EventId:s ErrorCode:s "
	    "ErrorMessage:s}]}" },
	{ "glue:startJobRun",
	    "{JobRunId:s}" },
	{ "lambda:getFunction",
	    "{Configuration:{FunctionName:s FunctionArn:s Role:s Handler:s "
	    "CodeSize:n Description:s Timeout:n(1,) "
	    "MemorySize:n(128,10240) LastModified:s CodeSha256:s "
	    "Version:s} Code:{RepositoryType:s Location:s ImageUri:s "
	    "ResolvedImageUri:s} Tags:<s> "
	    "Concurrency:{ReservedConcurrentExecutions:n(0,)}}" },
	{ "lambda:invoke",
	    "{StatusCode:n FunctionError:s LogResult:s Payload:* "
	    "ExecutedVersion:s}" },
	{ "s3:getObject",
	    "{Body:* DeleteMarker:b AcceptRanges:s Expiration:s Restore:s "
	    "LastModified:s ContentLength:n ETag:s VersionId:s "
	    "CacheControl:s ContentDisposition:s ContentEncoding:s "
	    "ContentLanguage:s ContentRange:s ContentType:s Expires:s "
	    "MissingMeta:n PartsCount:n TagCount:n Metadata:<s> "
	    "ServerSideEncryption:s(AES256|aws:fsx|aws:kms|aws:kms:dsse) "
	    "StorageClass:s(STANDARD|REDUCED_REDUNDANCY|STANDARD_IA|"
	    "ONEZONE_IA|INTELLIGENT_TIERING|GLACIER|DEEP_ARCHIVE|OUTPOSTS|"
	    "GLACIER_IR|SNOW|EXPRESS_ONEZONE|FSX_OPENZFS|FSX_ONTAP) "
	    "ReplicationStatus:s(COMPLETE|PENDING|FAILED|REPLICA|"
	    "COMPLETED) ObjectLockMode:s(GOVERNANCE|COMPLIANCE)}" },
	{ "s3:putObject",
	    "{Expiration:s ETag:s ServerSideEncryption:s(AES256|aws:fsx|"
	    "aws:kms|aws:kms:dsse) VersionId:s BucketKeyEnabled:b Size:n "
	    "RequestCharged:s(requester)}" },
	{ "secretsmanager:getSecretValue",
	    "{ARN:s Name:s VersionId:s SecretBinary:s SecretString:s "
	    "VersionStages:[s] CreatedDate:s}" },
	{ "sfn:describeExecution",
	    "{ExecutionArn!:s StateMachineArn!:s Name:s Status!:s(RUNNING|"
	    "SUCCEEDED|FAILED|TIMED_OUT|ABORTED|PENDING_REDRIVE) "
	    "StartDate!:s StopDate:s Input:s Output:s Error:s Cause:s}" },
	{ "sfn:startExecution",
	    "{ExecutionArn!:s StartDate!:s}" },
	{ "sns:publish",
	    "{MessageId:s SequenceNumber:s}" },
	{ "sqs:getQueueUrl",
	    "{QueueUrl:s}" },
	{ "sqs:receiveMessage",
	    "{Messages:[{MessageId:s ReceiptHandle:s MD5OfBody:s Body:s "
	    "Attributes:<s> MD5OfMessageAttributes:s}]}" },
	{ "sqs:sendMessage",
	    "{MD5OfMessageBody:s MD5OfMessageAttributes:s "
	    "MD5OfMessageSystemAttributes:s MessageId:s SequenceNumber:s}" },
	{ "ssm:getParameter",
	    "{Parameter:{Name:s Type:s(String|StringList|SecureString) "
	    "Value:s Version:n Selector:s SourceResult:s "
	    "LastModifiedDate:s ARN:s DataType:s}}" },
};

static const struct shape named[] = {
	{ "AttributeValue",
	    "{S:s N:s B:s M:<@AttributeValue> L:[@AttributeValue] BOOL:b "
	    "Bool:b}" },
	{ "ConsumedCapacity",
	    "{TableName:s CapacityUnits:n ReadCapacityUnits:n "
	    "WriteCapacityUnits:n}" },
};

/* The same services by the names of their optimized integrations. */
static const struct {
	const char	*name, *sdk;
} aliases[] = {
	{ "states", "sfn" },
	{ "eventbridge", "events" },
};

#define COUNT(a) (sizeof (a) / sizeof (a)[0])
#define DEPTH_MAX 64		/* of a result that is looked into */

struct walk {
	enum teststate_mode	 mode;
	int			 depth;
	struct err		*e;
	bool			 failed;
};

/*
 * Checks a value, NULL for one that is not there, against the shape at p, of
 * the member field.  Returns where the shape ends.
 */
static const char *walk(struct walk *, const char *p, const char *field,
	    const json_t *value);

static void
complain(struct walk *w, const char *field, const char *what)
{
	w->failed = true;
	err_set(w->e, "ValidationException", "Mock result schema validation "
	    "error: Field '%s' %s", field, what);
}

static const char *
walk_string(struct walk *w, const char *p, const char *field,
    const json_t *value)
{
	const char	*s = json_string_value(value);
	size_t		 len;
	bool		 found = false;

	if (value != NULL && s == NULL)
		complain(w, field, "must be a string");
	if (*++p != '(')
		return p;
	do {
		len = strcspn(++p, "|)");
		if (s != NULL && strlen(s) == len && memcmp(s, p, len) == 0)
			found = true;
		p += len;
	} while (*p == '|');
	if (s != NULL && !found)
		complain(w, field, "is not an expected value");
	return p + 1;
}

static const char *
walk_number(struct walk *w, const char *p, const char *field,
    const json_t *value)
{
	double	 n = json_number_value(value);

	if (value != NULL && !json_is_number(value)) {
		complain(w, field, "must be a number");
		value = NULL;
	}
	if (*++p != '(')
		return p;
	if (value != NULL && p[1] != ',' && n < strtod(p + 1, NULL))
		complain(w, field, "is less than the minimum value");
	p = strchr(p, ',');
	if (value != NULL && p[1] != ')' && n > strtod(p + 1, NULL))
		complain(w, field, "exceeds the maximum value");
	return strchr(p, ')') + 1;
}

/* An array, or an object whose names are free. */
static const char *
walk_each(struct walk *w, const char *p, const char *field,
    const json_t *value)
{
	bool	 array = *p == '[';
	void	*iter;
	size_t	 i;

	if (value != NULL && !(array ? json_is_array(value) :
	    json_is_object(value))) {
		complain(w, field, array ? "must be an array" :
		    "must be an object");
		value = NULL;
	}
	if (value != NULL && array)
		for (i = 0; i < json_array_size(value) && !w->failed; i++)
			walk(w, p + 1, field, json_array_get(value, i));
	if (value != NULL && !array)
		for (iter = json_object_iter((json_t *)(uintptr_t)value);
		    iter != NULL && !w->failed;
		    iter = json_object_iter_next((json_t *)(uintptr_t)value,
		    iter))
			walk(w, p + 1, field, json_object_iter_value(iter));
	return walk(w, p + 1, field, NULL) + 1;
}

static const char *
walk_object(struct walk *w, const char *p, const char *field,
    const json_t *value)
{
	const json_t	*member;
	char		 name[64];
	size_t		 len;
	bool		 there = value != NULL;

	if (there && !json_is_object(value)) {
		complain(w, field, "must be an object");
		there = false;
	}
	for (p++; *p != '}'; p += *p == ' ') {
		len = strcspn(p, "!:");
		snprintf(name, sizeof name, "%.*s", (int)len, p);
		p += len;
		member = there ? json_object_get(value, name) : NULL;
		if (*p == '!' && there && member == NULL && !w->failed &&
		    w->mode == TESTSTATE_STRICT) {
			w->failed = true;
			err_set(w->e, "ValidationException", "Mock result schema "
			    "validation error: Required field '%s' is missing",
			    name);
		}
		p = walk(w, p + (*p == '!') + 1, name, member);
	}
	return p + 1;
}

static const char *
walk_named(struct walk *w, const char *p, const char *field,
    const json_t *value)
{
	size_t	 i, len = strspn(p + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "abcdefghijklmnopqrstuvwxyz");

	for (i = 0; i < COUNT(named) && value != NULL; i++)
		if (strncmp(named[i].name, p + 1, len) == 0 &&
		    named[i].name[len] == '\0') {
			w->depth++;
			walk(w, named[i].text, field, value);
			w->depth--;
		}
	return p + 1 + len;
}

static const char *
walk(struct walk *w, const char *p, const char *field, const json_t *value)
{
	if (w->failed || w->depth > DEPTH_MAX || json_is_null(value))
		value = NULL;
	switch (*p) {
	case 's':
		return walk_string(w, p, field, value);
	case 'n':
		return walk_number(w, p, field, value);
	case 'b':
		if (value != NULL && !json_is_boolean(value))
			complain(w, field, "must be a boolean");
		return p + 1;
	case '[':
	case '<':
		return walk_each(w, p, field, value);
	case '{':
		return walk_object(w, p, field, value);
	case '@':
		return walk_named(w, p, field, value);
	default:
		return p + 1;
	}
}

static const char *
find(const struct resource *r)
{
	const char	*service = r->service;
	size_t		 i, len;

	if (strncmp(service, "aws-sdk:", 8) == 0)
		service += 8;
	for (i = 0; i < COUNT(aliases); i++)
		if (strcmp(service, aliases[i].name) == 0)
			service = aliases[i].sdk;
	len = strlen(service);
	for (i = 0; i < COUNT(operations); i++)
		if (strncmp(operations[i].name, service, len) == 0 &&
		    operations[i].name[len] == ':' &&
		    strcmp(operations[i].name + len + 1, r->action) == 0)
			return operations[i].text;
	return NULL;
}

int
teststate_shape(const char *resource, const json_t *result,
    enum teststate_mode mode, struct err *e)
{
	struct walk	 w = { mode, 0, e, false };
	struct resource	 r;
	const char	*text = NULL;

	if (mode == TESTSTATE_NONE || resource == NULL ||
	    !resource_parse(&r, resource))
		return 0;
	/* What a callback or the end of a job gives is not the API's answer. */
	if (r.kind == RESOURCE_SERVICE && r.pattern == PATTERN_REQUEST)
		text = find(&r);
	resource_free(&r);
	if (text == NULL)
		return 0;
	if (!json_is_object(result))
		return err_set(e, "ValidationException",
		    "Mocked result must be a JSON object.");
	walk(&w, text, "", result);
	return w.failed ? -1 : 0;
}
