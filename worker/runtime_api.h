/*
 * worker/runtime_api.h - the AWS Lambda Runtime API, as a process sees it.
 *
 * Each process has a port of its own, so that it can only speak for itself:
 *
 *	GET  /2018-06-01/runtime/invocation/next		waits for work
 *	POST /2018-06-01/runtime/invocation/{id}/response	the result
 *	POST /2018-06-01/runtime/invocation/{id}/error		{"errorType",...}
 *	POST /2018-06-01/runtime/init/error			it cannot start
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */

#ifndef PAWL_RUNTIME_API_H
#define PAWL_RUNTIME_API_H

#include "instance.h"
#include "invoke.h"

/* The httpd_handler of an instance's port; arg is the instance. */
void	runtime_api_handle(struct httpd_request *, void *instance);
/* Answers the instance's open `next` with an invocation. */
void	runtime_api_deliver(struct instance *, struct invocation *);

#endif
