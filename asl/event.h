/*
 * asl/event.h - history events: the only thing that changes an execution.
 *
 * One table names every event type, its details member in the AWS API and the
 * shape of its details.  From it come the enum, the names, the JSON of
 * GetExecutionHistory and the stored form.
 *
 * An event has public fields, which the real service shows, and private ones
 * (flow, retry, ...), which only the fold needs.
 */

#ifndef PAWL_EVENT_H
#define PAWL_EVENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "payload.h"
#include "strbuf.h"

/*
 * Shapes of details:
 *	NONE		no details member
 *	STARTED		input, inputDetails, roleArn
 *	ENTERED		input, inputDetails, name
 *	EXITED		output, outputDetails, name, assignedVariables
 *	OUTPUT		output, outputDetails
 *	ERROR		error, cause (each left out when NULL)
 *	FN_SCHEDULED	input, inputDetails, resource, timeoutInSeconds
 *	ACT_SCHEDULED	the same and heartbeatInSeconds
 *	SCHEDULED	resource, resourceType, region, parameters,
 *			timeoutInSeconds, heartbeatInSeconds
 *	STARTED_TASK	resource, resourceType
 *	TASK_OUTPUT	output, outputDetails, resource, resourceType
 *	TASK_ERROR	error, cause, resource, resourceType
 *	LENGTH		length
 *	ITERATION	index, name
 *	EVALUATION	error, cause, location, state
 *	WORKER		workerName
 *
 * details NULL: the type name in lower camel case followed by EventDetails.
 */
#define EVENT_TYPES(X)							\
	X(ExecutionStarted,		NULL,	STARTED)		\
	X(ExecutionSucceeded,		NULL,	OUTPUT)			\
	X(ExecutionFailed,		NULL,	ERROR)			\
	X(ExecutionAborted,		NULL,	ERROR)			\
	X(ExecutionTimedOut,		NULL,	ERROR)			\
	X(PassStateEntered,  "stateEnteredEventDetails", ENTERED)	\
	X(PassStateExited,   "stateExitedEventDetails", EXITED)		\
	X(ChoiceStateEntered, "stateEnteredEventDetails", ENTERED)	\
	X(ChoiceStateExited, "stateExitedEventDetails", EXITED)		\
	X(WaitStateEntered,  "stateEnteredEventDetails", ENTERED)	\
	X(WaitStateExited,   "stateExitedEventDetails", EXITED)		\
	X(SucceedStateEntered, "stateEnteredEventDetails", ENTERED)	\
	X(SucceedStateExited, "stateExitedEventDetails", EXITED)	\
	X(FailStateEntered,  "stateEnteredEventDetails", ENTERED)	\
	X(TaskStateEntered,  "stateEnteredEventDetails", ENTERED)	\
	X(TaskStateExited,   "stateExitedEventDetails", EXITED)		\
	X(TaskStateAborted,		NULL,	NONE)			\
	X(WaitStateAborted,		NULL,	NONE)			\
	X(ParallelStateEntered, "stateEnteredEventDetails", ENTERED)	\
	X(ParallelStateStarted,		NULL,	NONE)			\
	X(ParallelStateSucceeded,	NULL,	NONE)			\
	X(ParallelStateFailed,		NULL,	NONE)			\
	X(ParallelStateAborted,		NULL,	NONE)			\
	X(ParallelStateExited, "stateExitedEventDetails", EXITED)	\
	X(MapStateEntered,   "stateEnteredEventDetails", ENTERED)	\
	X(MapStateStarted,		NULL,	LENGTH)			\
	X(MapStateSucceeded,		NULL,	NONE)			\
	X(MapStateFailed,		NULL,	NONE)			\
	X(MapStateAborted,		NULL,	NONE)			\
	X(MapStateExited,    "stateExitedEventDetails", EXITED)		\
	X(MapIterationStarted,		NULL,	ITERATION)		\
	X(MapIterationSucceeded,	NULL,	ITERATION)		\
	X(MapIterationFailed,		NULL,	ITERATION)		\
	X(MapIterationAborted,		NULL,	ITERATION)		\
	X(LambdaFunctionScheduled,	NULL,	FN_SCHEDULED)		\
	X(LambdaFunctionScheduleFailed, NULL,	ERROR)			\
	X(LambdaFunctionStarted,	NULL,	NONE)			\
	X(LambdaFunctionStartFailed,	NULL,	ERROR)			\
	X(LambdaFunctionSucceeded,	NULL,	OUTPUT)			\
	X(LambdaFunctionFailed,		NULL,	ERROR)			\
	X(LambdaFunctionTimedOut,	NULL,	ERROR)			\
	X(ActivityScheduled,		NULL,	ACT_SCHEDULED)		\
	X(ActivityScheduleFailed,	NULL,	ERROR)			\
	X(ActivityStarted,		NULL,	WORKER)			\
	X(ActivitySucceeded,		NULL,	OUTPUT)			\
	X(ActivityFailed,		NULL,	ERROR)			\
	X(ActivityTimedOut,		NULL,	ERROR)			\
	X(TaskScheduled,		NULL,	SCHEDULED)		\
	X(TaskStarted,			NULL,	STARTED_TASK)		\
	X(TaskStartFailed,		NULL,	TASK_ERROR)		\
	X(TaskSubmitted,		NULL,	TASK_OUTPUT)		\
	X(TaskSubmitFailed,		NULL,	TASK_ERROR)		\
	X(TaskSucceeded,		NULL,	TASK_OUTPUT)		\
	X(TaskFailed,			NULL,	TASK_ERROR)		\
	X(TaskTimedOut,			NULL,	TASK_ERROR)		\
	X(EvaluationFailed,		NULL,	EVALUATION)

enum event_type {
#define X(name, details, shape) EVENT_##name,
	EVENT_TYPES(X)
#undef X
	EVENT_TYPE_COUNT
};

struct event {
	enum event_type	 type;
	int64_t		 id;		/* from 1, dense in the execution */
	int64_t		 previous_id;	/* 0 for the first of the execution */
	int64_t		 time_ms;
	/*
	 * Input, output or parameters, or NULL.  ParallelStateStarted and
	 * MapIterationStarted carry what their flows start with, which the
	 * real service does not show.
	 */
	struct payload	*payload;
	char		*name;		/* state or iteration name */
	char		*error, *cause;
	char		*resource, *resource_type, *role_arn;
	char		*location;	/* EvaluationFailed */
	int64_t		 number;	/* index or length */
	int64_t		 timeout_s, heartbeat_s;	/* 0: none */
	json_t		*assigned;	/* variables: {name: JSON text}, or NULL */

	/* Private: what the fold needs and nobody sees. */
	int64_t		 flow;		/* id of the flow it happened in */
	int64_t		 due_ms;	/* when a Wait ends */
	/*
	 * A retry was decided together with this event: retrier index of the
	 * state that flow retry_flow is in, when its next attempt starts, and
	 * the event that the attempt's first one follows.
	 */
	bool		 retry;
	int64_t		 retry_flow, retry_index, retry_due_ms, retry_chain;
	bool		 caught;	/* StateExited after a Catch */
	int64_t		 catcher;	/* which one, when caught */
	int64_t		 choice;	/* rule that matched, from 1; 0: Default */
	int64_t		 concurrency;	/* MapStateStarted; 0: no limit */
};

void	event_init(struct event *, enum event_type);
void	event_clear(struct event *);		/* frees what it owns */
const char *event_type_name(enum event_type);
/* -1 if there is none of that name. */
int	event_type_find(const char *name);

/*
 * The event as GetExecutionHistory shows it, appended as JSON text; region for
 * TaskScheduled.  Without data, payloads are left out and marked as truncated
 * (includeExecutionData=false).  Times in seconds, as a number.
 */
void	event_print(const struct event *, const char *region, bool with_data,
	    struct strbuf *);

#endif
