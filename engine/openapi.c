/*
 * engine/openapi.c - GET /openapi.json: engine/openapi.json, built in.
 */

#include "api_private.h"
#include "openapi.h"

void
openapi_handle(struct api_call *call)
{
	httpd_set(call->request, "Access-Control-Allow-Origin", "*");
	api_reply(call, 200, "application/json", openapi_json,
	    openapi_json_len);
}
