/*
 * engine/op_functions.c - functions: a name and the URL that is called for it.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "op.h"
#include "wallclock.h"

#define FUNCTION_TIMEOUT_MAX_S	86400

static const struct check put_members[] = {
	{ "name",	CHECK_STRING,	true,	1, 140, NULL },
	{ "url",	CHECK_STRING,	true,	1, 2048, NULL },
	{ "timeoutSeconds", CHECK_INTEGER, false, 0, FUNCTION_TIMEOUT_MAX_S, NULL },
	CHECK_END
};

static const struct check name_members[] = {
	{ "name",	CHECK_STRING,	true,	1, 140, NULL },
	CHECK_END
};

static const struct check list_members[] = {
	{ "maxResults",	CHECK_INTEGER,	false, 0, 1000, NULL },
	{ "nextToken",	CHECK_STRING,	false, 1, 1024, NULL },
	CHECK_END
};

static json_t *
function_answer(const struct store_function *f)
{
	json_t	*answer = json_object();

	api_set_str(answer, "name", f->name);
	api_set_str(answer, "url", f->url);
	if (f->timeout_ms > 0)
		api_set_int(answer, "timeoutSeconds", f->timeout_ms / 1000);
	api_set_time(answer, "updateDate", f->updated_ms);
	return answer;
}

static void
function_fail(struct api_call *call, const struct err *e)
{
	if (strcmp(e->code, "NotFound") == 0)
		api_fail(call, "FunctionDoesNotExist",
		    "Function Does Not Exist: '%s'", api_str(call, "name"));
	else
		api_fail_err(call, e);
}

static struct store_function
function_given(const struct api_call *call, int64_t now_ms)
{
	struct store_function	 f;

	f.name = api_str(call, "name");
	f.url = api_str(call, "url");
	f.timeout_ms = api_int(call, "timeoutSeconds", 0) * 1000;
	f.updated_ms = now_ms;
	return f;
}

static void
function_put(const struct err *e, void *arg)
{
	struct api_call		*call = arg;
	struct store_function	 f;

	if (e->code[0] != '\0') {
		function_fail(call, e);
		return;
	}
	f = function_given(call, wallclock_ms());
	api_forget(call, "function", f.name, function_answer(&f));
}

static bool
function_url_ok(const char *url)
{
	const char	*host;

	if (strncasecmp(url, "http://", 7) == 0)
		host = url + 7;
	else if (strncasecmp(url, "https://", 8) == 0)
		host = url + 8;
	else
		return false;
	if (host[strcspn(host, "/?#")] == '\0' && host[0] == '\0')
		return false;
	for (; *url != '\0'; url++)
		if ((unsigned char)*url <= ' ' || *url == 0x7f)
			return false;
	return host[0] != '/' && host[0] != '?' && host[0] != '#';
}

static void
function_put_run(struct api_call *call)
{
	struct store_function	 f = function_given(call, wallclock_ms());

	if (f.name[strspn(f.name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_-.")] != '\0')
		api_fail(call, "InvalidName", "Invalid Name: '%s' (letters, digits, "
		    "'-', '_' and '.')", f.name);
	else if (!function_url_ok(f.url))
		api_fail(call, "ValidationException",
		    "url must be an http or https URL: '%s'", f.url);
	else
		store_function_put(call->env->store, &f, function_put, call);
}

static void
function_got(const struct err *e, const struct store_function *f, size_t n,
    void *arg)
{
	struct api_call	*call = arg;

	if (e->code[0] != '\0' || n != 1)
		function_fail(call, e);
	else
		api_ok(call, function_answer(f));
}

static void
function_get_run(struct api_call *call)
{
	store_function_get(call->env->store, api_str(call, "name"), function_got,
	    call);
}

static void
function_deleted(const struct err *e, void *arg)
{
	struct api_call	*call = arg;

	if (e->code[0] != '\0')
		function_fail(call, e);
	else
		api_forget(call, "function", api_str(call, "name"), json_object());
}

static void
function_delete_run(struct api_call *call)
{
	store_function_delete(call->env->store, api_str(call, "name"),
	    function_deleted, call);
}

static void
function_listed(const struct err *e, const struct store_function *list, size_t n,
    void *arg)
{
	struct api_call	*call = arg;
	json_t		*answer, *items;
	size_t		 i, max = (size_t)api_page_size(call, 100);

	if (e->code[0] != '\0') {
		api_fail_err(call, e);
		return;
	}
	answer = json_object();
	items = json_array();
	json_object_set_new(answer, "items", items);
	for (i = 0; i < n && i < max; i++)
		json_array_append_new(items, function_answer(&list[i]));
	if (n > max)
		api_page_next(call, answer, "functions", "%s", list[max - 1].name);
	api_ok(call, answer);
}

static void
function_list_run(struct api_call *call)
{
	char	*after;

	if (api_page_read(call, "functions", &after) == -1)
		return;
	store_function_list(call->env->store, after, api_page_size(call, 100) + 1,
	    function_listed, call);
	free(after);
}

const struct api_op op_put_function = {
	"PutFunction", OP_PAWL, put_members, NULL, function_put_run, false
};
const struct api_op op_get_function = {
	"GetFunction", OP_PAWL, name_members, NULL, function_get_run, false
};
const struct api_op op_delete_function = {
	"DeleteFunction", OP_PAWL, name_members, NULL, function_delete_run, false
};
const struct api_op op_list_functions = {
	"ListFunctions", OP_PAWL, list_members, NULL, function_list_run, false
};
