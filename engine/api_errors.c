/*
 * engine/api_errors.c - every error that a client can get, and its status codes.
 *
 * The only list of them.  AWS status codes are the real service's; its REST
 * twin follows docs/api.md; the last column is the code that SDKs expect in
 * x-amzn-query-error from SQS, which once spoke another protocol.
 */

#include <string.h>

#include "api_private.h"

/*	code				AWS	REST	query code	*/
#define ERRORS(X)							\
	X(AccessDeniedException,	400,	403,	NULL)		\
	X(Conflict,			400,	409,	NULL)		\
	X(ConflictException,		400,	409,	NULL)		\
	X(ExecutionAlreadyExists,	400,	409,	NULL)		\
	X(ExecutionDoesNotExist,	400,	404,	NULL)		\
	X(FunctionDoesNotExist,		400,	404,	NULL)		\
	X(Gone,				410,	410,	NULL)		\
	X(IncompleteSignatureException,	403,	401,	NULL)		\
	X(InternalFailure,		500,	500,	NULL)		\
	X(InvalidAction,		400,	400,	NULL)		\
	X(InvalidArn,			400,	400,	NULL)		\
	X(InvalidDefinition,		400,	400,	NULL)		\
	X(InvalidExecutionInput,	400,	400,	NULL)		\
	X(InvalidLoggingConfiguration,	400,	400,	NULL)		\
	X(InvalidName,			400,	400,	NULL)		\
	X(InvalidOutput,		400,	400,	NULL)		\
	X(InvalidSignatureException,	403,	401,	NULL)		\
	X(InvalidToken,			400,	400,	NULL)		\
	X(MalformedQueryString,		400,	400,	NULL)		\
	X(MethodNotAllowed,		405,	405,	NULL)		\
	X(MissingAction,		400,	400,	NULL)		\
	X(MissingAuthenticationTokenException, 403, 401, NULL)		\
	X(MissingRequiredParameter,	400,	400,	NULL)		\
	X(NotFound,			404,	404,	NULL)		\
	X(RequestTooLarge,		413,	413,	NULL)		\
	X(ResourceNotFound,		400,	404,	NULL)		\
	X(SerializationException,	400,	400,	NULL)		\
	X(ServiceUnavailable,		503,	503,	NULL)		\
	X(StateMachineAlreadyExists,	400,	409,	NULL)		\
	X(StateMachineDoesNotExist,	400,	404,	NULL)		\
	X(StateMachineTypeNotSupported,	400,	400,	NULL)		\
	X(TaskDoesNotExist,		400,	404,	NULL)		\
	X(TaskTimedOut,			400,	410,	NULL)		\
	X(TooManyTags,			400,	400,	NULL)		\
	X(Unauthorized,			401,	401,	NULL)		\
	X(Unavailable,			503,	503,	NULL)		\
	X(UnknownOperationException,	400,	404,	NULL)		\
	X(UnrecognizedClientException,	403,	401,	NULL)		\
	X(UnsupportedMediaType,		415,	415,	NULL)		\
	X(ValidationException,		400,	400,	NULL)		\
	X(BatchEntryIdsNotDistinct,	400,	400,			\
	    "AWS.SimpleQueueService.BatchEntryIdsNotDistinct")		\
	X(BatchRequestTooLong,		400,	400,			\
	    "AWS.SimpleQueueService.BatchRequestTooLong")		\
	X(EmptyBatchRequest,		400,	400,			\
	    "AWS.SimpleQueueService.EmptyBatchRequest")			\
	X(InvalidAttributeName,		400,	400,	"InvalidAttributeName") \
	X(InvalidAttributeValue,	400,	400,	"InvalidAttributeValue") \
	X(InvalidBatchEntryId,		400,	400,			\
	    "AWS.SimpleQueueService.InvalidBatchEntryId")		\
	X(InvalidMessageContents,	400,	400,	"InvalidMessageContents") \
	X(InvalidParameterValue,	400,	400,	"InvalidParameterValue") \
	X(MessageNotInflight,		400,	400,			\
	    "AWS.SimpleQueueService.MessageNotInflight")		\
	X(MissingParameter,		400,	400,	"MissingParameter")	\
	X(QueueDoesNotExist,		400,	404,			\
	    "AWS.SimpleQueueService.NonExistentQueue")			\
	X(QueueNameExists,		400,	409,	"QueueAlreadyExists")	\
	X(ReceiptHandleIsInvalid,	400,	400,	"ReceiptHandleIsInvalid") \
	X(TooManyEntriesInBatchRequest,	400,	400,			\
	    "AWS.SimpleQueueService.TooManyEntriesInBatchRequest")	\
	X(UnsupportedOperation,		400,	400,			\
	    "AWS.SimpleQueueService.UnsupportedOperation")

static const struct api_error errors[] = {
#define X(code, aws, rest, query) { #code, aws, rest, query },
	ERRORS(X)
#undef X
};

const struct api_error *
api_error_find(const char *code)
{
	static const struct api_error	 other = { "", 400, 400, NULL };
	size_t				 i;

	for (i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (strcmp(errors[i].code, code) == 0)
			return &errors[i];
	return &other;
}
