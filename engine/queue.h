/*
 * engine/queue.h - what the SQS operations and their REST twins share.
 */

#ifndef PAWL_QUEUE_H
#define PAWL_QUEUE_H

#include "op.h"
#include "sqs.h"

#define QUEUE_RECEIVE_MAX	10	/* messages at a time */
#define QUEUE_WAIT_MAX_S	20
#define QUEUE_VISIBILITY_MAX_S	43200
#define QUEUE_DELAY_MAX_S	900

/* One attribute of a queue that is kept: in both protocols' names. */
struct queue_attribute {
	const char	*sqs, *rest;
	size_t		 offset;	/* of the ms in struct store_queue */
	int64_t		 min_s, max_s, default_s;
};

#define QUEUE_ATTRIBUTES	4
extern const struct queue_attribute queue_attributes[QUEUE_ATTRIBUTES];

int64_t	*queue_attribute_ms(struct store_queue *, const struct queue_attribute *);
int64_t	 queue_attribute_get(const struct store_queue *,
	    const struct queue_attribute *);
void	 queue_defaults(struct store_queue *);
/* Fails the call with InvalidAttributeValue and returns false. */
bool	 queue_attribute_ok(struct api_call *, const struct queue_attribute *,
	    const char *shown, int64_t seconds);

/* New strings. */
char	*queue_url(const struct api_call *, const char *name);
char	*queue_arn(const struct api_call *, const char *name);
/* The name in the call's QueueUrl; new.  NULL after failing the call. */
char	*queue_name_of(struct api_call *);
/* The name is fit for a queue; else fails the call. */
bool	 queue_name_ok(struct api_call *, const char *name);
/* An error of the store, NotFound as QueueDoesNotExist. */
void	 queue_fail(struct api_call *, const struct err *);
/* A message's text: its length and its characters; else fails the call. */
bool	 queue_body_ok(struct api_call *, const json_t *body);

/*
 * Receives, and waits for messages up to wait_ms; then calls got, with none or
 * some, in call's life.  The queue is looked up by name.
 */
struct queue_receive {
	char			*name;
	int			 max;
	int64_t			 wait_ms;	/* -1: the queue's own */
	int64_t			 visibility_ms;	/* likewise */
	void			(*got)(struct api_call *,
				    const struct store_received *, size_t n);
	/* private */
	int64_t			 until_ms;
	int64_t			 pause_ms;
};
/* Steals r, which comes from xcalloc: it becomes call->state. */
void	 queue_receive(struct api_call *, struct queue_receive *r);

#endif
