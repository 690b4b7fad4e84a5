/*
 * engine/api_rest.c - REST: paths and plain JSON around the same operations.
 *
 * A route (api_routes.c) names an operation and puts the path's arguments into
 * its params; the body's members are params, too.  What the AWS request holds as
 * text (input, output, definition) may be any JSON value here; its text is taken
 * as it stands in the body, so numbers keep their spelling.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api_private.h"
#include "xmalloc.h"

#define SEGMENTS_MAX	6

struct segments {
	char	*list[SEGMENTS_MAX];
	size_t	 n;
};

/* ---- paths ---- */

static void
segments_free(struct segments *s)
{
	size_t	 i;

	for (i = 0; i < s->n; i++)
		free(s->list[i]);
	s->n = 0;
}

/* Decoded pieces of "/v1/machines/a%2Fb"; false if a piece cannot be decoded. */
static bool
segments_read(struct segments *s, const char *path)
{
	size_t	 len;
	char	*piece;

	s->n = 0;
	while (*path == '/') {
		path++;
		len = strcspn(path, "/");
		if (s->n == SEGMENTS_MAX ||
		    (piece = httpd_decode(path, len, false)) == NULL) {
			segments_free(s);
			return false;
		}
		s->list[s->n++] = piece;
		path += len;
	}
	return true;
}

/* args gets the pieces where the pattern has {names}; borrowed. */
static bool
rest_match(const char *pattern, const struct segments *s, char *args[ROUTE_ARGS])
{
	size_t	 i, len, nargs = 0;

	memset(args, 0, ROUTE_ARGS * sizeof args[0]);
	for (i = 0; *pattern == '/'; i++) {
		pattern++;
		len = strcspn(pattern, "/");
		if (i == s->n || s->list[i][0] == '\0')
			return false;
		if (pattern[0] == '{')
			args[nargs++] = s->list[i];
		else if (strlen(s->list[i]) != len ||
		    memcmp(pattern, s->list[i], len) != 0)
			return false;
		pattern += len;
	}
	return i == s->n;
}

/* The route of the request; NULL after failing the call. */
static const struct route *
rest_route(struct api_call *call, const struct segments *s, char *args[ROUTE_ARGS])
{
	const struct route	*r, *found = NULL;
	const char		*method = httpd_method(call->request);
	struct strbuf		 allow = STRBUF_INIT;

	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	for (r = api_routes; found == NULL && r->method != NULL; r++) {
		if (!rest_match(r->path, s, args))
			continue;
		if (strcmp(r->method, method) == 0)
			found = r;
		else
			strbuf_addf(&allow, "%s%s", allow.len == 0 ? "" : ", ",
			    r->method);
	}
	if (found == NULL && allow.len > 0) {
		httpd_set(call->request, "Allow", strbuf_str(&allow));
		api_fail(call, "MethodNotAllowed", "This path takes %s, not %s.",
		    strbuf_str(&allow), method);
	} else if (found == NULL)
		api_fail(call, "NotFound",
		    "There is nothing at this path; /openapi.json lists all paths.");
	strbuf_free(&allow);
	return found;
}

/* ---- bodies ---- */

const char *
api_rest_member(const char *body, size_t size, const char *name, size_t *len)
{
	const char	*p = body + strspn(body, " \t\r\n"), *end = body + size;
	const char	*key, *value, *found = NULL;
	size_t		 n = strlen(name);

	if (*p != '{')
		return NULL;
	for (p++; p < end; p++) {
		p += strspn(p, " \t\r\n");
		if (*p != '"')
			break;
		key = p + 1;
		if ((p = jsontext_skip(p, end)) == NULL)
			break;
		value = p + strspn(p, " \t\r\n") + 1;
		value += strspn(value, " \t\r\n");
		if ((p = jsontext_skip(value, end)) == NULL)
			break;
		/* Of two members of one name the last wins, as in the tree. */
		if (strncmp(key, name, n) == 0 && key[n] == '"') {
			found = value;
			*len = (size_t)(p - value);
		}
		p += strspn(p, " \t\r\n");
		if (*p != ',')
			break;
	}
	return found;
}

/* A member that is any JSON value here and text in the AWS request. */
static void
rest_make_text(struct api_call *call, const char *name, bool string_is_text)
{
	const char	*body, *text;
	size_t		 size, len = 0;
	json_t		*value = json_object_get(call->params, name);
	char		*printed;

	if (value == NULL || (string_is_text && json_is_string(value)))
		return;
	body = httpd_body(call->request, &size);
	text = api_rest_member(body, size, name, &len);
	if (text != NULL)
		json_object_set_new(call->params, name, json_stringn(text, len));
	else if ((printed = jsontext_string(value, &len)) != NULL) {
		json_object_set_new(call->params, name, json_stringn(printed, len));
		free(printed);
	}
}

static bool
rest_is_json(const char *type)
{
	size_t	 n;

	if (type == NULL)
		return true;
	n = strcspn(type, "; ");
	return (n == 16 && strncasecmp(type, "application/json", n) == 0) ||
	    (n > 5 && strncasecmp(type + n - 5, "+json", 5) == 0);
}

/* Params out of the body; false after failing the call. */
static bool
rest_read_body(struct api_call *call)
{
	struct err	 e = ERR_INIT;
	const char	*body;
	json_t		*params;
	size_t		 len;

	body = httpd_body(call->request, &len);
	if (len == 0 || (strcmp(httpd_method(call->request), "POST") != 0 &&
	    strcmp(httpd_method(call->request), "PUT") != 0)) {
		call->params = json_object();
		return true;
	}
	if (!rest_is_json(httpd_header(call->request, "Content-Type"))) {
		api_fail(call, "UnsupportedMediaType", "Send the body as JSON: "
		    "Content-Type: application/json (curl: -H 'Content-Type: "
		    "application/json', or --json).");
		return false;
	}
	params = jsontext_parse(body, len, &e);
	if (!json_is_object(params)) {
		api_fail(call, "SerializationException", "%s%s", params == NULL ?
		    "The body is not JSON: " : "The body must be a JSON object.",
		    params == NULL ? e.text : "");
		json_decref(params);
		err_clear(&e);
		return false;
	}
	call->params = params;
	rest_make_text(call, "definition", true);
	rest_make_text(call, "input", false);
	rest_make_text(call, "output", false);
	return true;
}

/* ?limit= and ?nextToken= are maxResults and nextToken. */
static bool
rest_read_page(struct api_call *call)
{
	char	*limit = httpd_query(call->request, "limit");
	char	*token = httpd_query(call->request, "nextToken");
	char	*end;
	long	 n;
	bool	 ok = true;

	if (limit != NULL) {
		n = strtol(limit, &end, 10);
		ok = *end == '\0' && limit[0] != '\0' && strlen(limit) < 10 && n > 0 &&
		    n <= 1000;
		if (ok)
			api_set_int(call->params, "maxResults", n);
		else
			api_fail(call, "ValidationException",
			    "limit must be a number between 1 and 1000: '%s'", limit);
	}
	if (ok && token != NULL)
		api_set_str(call->params, "nextToken", token);
	free(limit);
	free(token);
	return ok;
}

void
api_rest(struct api_call *call)
{
	const struct route	*route;
	struct segments		 s;
	char			*args[ROUTE_ARGS];

	if (!api_auth_bearer(call))
		return;
	if (!segments_read(&s, httpd_raw_path(call->request))) {
		api_fail(call, "NotFound", "There is nothing at this path; "
		    "/openapi.json lists all paths.");
		return;
	}
	if ((route = rest_route(call, &s, args)) != NULL && rest_read_body(call)) {
		call->route = route;
		/* A list's page is in the query alone. */
		if (rest_read_page(call) && (route->params == NULL ||
		    route->params(call, args)))
			api_run(call, call->op != NULL ? call->op->name : route->op);
	}
	segments_free(&s);
}

/* ---- answers ---- */

void
api_rest_ok(struct api_call *call, const char *body, size_t len)
{
	struct strbuf	 b = STRBUF_INIT;
	int		 status;

	status = call->status != 0 ? call->status : call->route->status;
	if (status == 204)
		api_reply(call, status, NULL, NULL, 0);
	else if (api_rest_print(body, len, call->route->items, &b)) {
		strbuf_addc(&b, '\n');
		api_reply(call, status, "application/json", strbuf_str(&b), b.len);
	} else
		api_fail(call, "InternalFailure", "The answer is too large.");
	strbuf_free(&b);
}

void
api_rest_fail(struct api_call *call, const char *code, const char *text)
{
	struct strbuf	 b = STRBUF_INIT;

	strbuf_adds(&b, "{\"error\":");
	strbuf_add_json_string(&b, code, strlen(code));
	strbuf_adds(&b, ",\"message\":");
	strbuf_add_json_string(&b, text, strlen(text));
	strbuf_adds(&b, "}\n");
	api_reply(call, api_error_find(code)->rest_status, "application/json",
	    strbuf_str(&b), b.len);
	strbuf_free(&b);
}
