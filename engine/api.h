/*
 * engine/api.h - the operations that clients call, each written once.
 *
 * An operation takes the members of its AWS request and answers with those of
 * its AWS response; the AWS protocol (api_aws.c) and REST (api_rest.c) are two
 * coats over the same table.  To add one: op_NAME.c with one struct api_op, one
 * line in api_ops.c, one line in the REST routes, one entry in openapi.
 *
 * A call that belongs to a shard of another process is forwarded there as it
 * came, after it was authenticated here (api_forward.c).
 */

#ifndef PAWL_API_H
#define PAWL_API_H

#include <event2/event.h>
#include <jansson.h>

#include "arn.h"
#include "httpd.h"
#include "keys.h"
#include "outcall.h"
#include "registry.h"
#include "runtime.h"
#include "settings.h"
#include "shards.h"
#include "store.h"

struct api;

struct api_env {
	struct event_base	*base;
	struct store		*store;
	struct registry		*registry;
	struct runtime		*runtime;
	struct shards		*shards;
	struct outcall_pool	*outcalls;
	const struct settings	*settings;
	const struct keys	*keys;
	struct arn_account	 account;
	const char		*public_url;
};

/* The handler for httpd_new(): arg is the struct api. */
struct api *api_new(const struct api_env *);
void	api_free(struct api *);
void	api_handle(struct httpd_request *, void *api);
/* The server stops: calls that wait for something to happen end their wait now
 * and are answered with what there is. */
void	api_drain(struct api *);
/* The handler of the internal port: forwarded calls and pokes, internal key only. */
void	api_handle_internal(struct httpd_request *, void *api);

#endif
