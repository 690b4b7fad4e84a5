/*
 * engine/api_auth.c - who may call: signatures, bearer keys, the internal key.
 *
 * There is no door without a lock but /healthz, /openapi.json and /callback/,
 * whose token is its key.  Comparisons take the same time wherever they fail.
 */

#include <openssl/crypto.h>
#include <string.h>
#include <strings.h>

#include "api_private.h"
#include "sigv4.h"
#include "wallclock.h"

static bool
auth_same(const char *given, const char *key)
{
	size_t	 n = strlen(key);

	return n > 0 && strlen(given) == n && CRYPTO_memcmp(given, key, n) == 0;
}

static const char *
auth_header(const char *name, const void *arg)
{
	return httpd_header(arg, name);
}

bool
api_auth_aws(struct api_call *call, const char *service)
{
	struct sigv4_request	 r;
	struct err		 e = ERR_INIT;
	bool			 ok;

	if (call->trusted)
		return true;
	r.method = httpd_method(call->request);
	r.path = httpd_raw_path(call->request);
	r.query = httpd_raw_query(call->request);
	r.body = httpd_body(call->request, &r.len);
	r.header = auth_header;
	r.arg = call->request;
	ok = sigv4_verify(&r, call->env->keys->access_key_id,
	    call->env->keys->secret_access_key, service, wallclock_ms(), &e) == 0;
	if (!ok)
		api_fail_err(call, &e);
	err_clear(&e);
	return ok;
}

bool
api_auth_bearer(struct api_call *call)
{
	const char	*given;

	if (call->trusted)
		return true;
	given = httpd_header(call->request, "Authorization");
	if (given != NULL && strncasecmp(given, "Bearer ", 7) == 0 &&
	    auth_same(given + 7, call->env->keys->api_key))
		return true;
	httpd_set(call->request, "WWW-Authenticate", "Bearer realm=\"pawl\"");
	api_fail(call, "Unauthorized", given == NULL ?
	    "This needs a key: send 'Authorization: Bearer KEY' (apiKey in "
	    "client.json of the server's data folder)." :
	    "The key in 'Authorization' is not the one of this server.");
	return false;
}

bool
api_auth_internal(struct api_call *call)
{
	const char	*given = httpd_header(call->request, "X-Pawl-Key");

	if (given != NULL && auth_same(given, call->env->keys->internal_key))
		return true;
	api_fail(call, "Unauthorized", "This port is for the server's own processes.");
	return false;
}
