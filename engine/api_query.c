/*
 * engine/api_query.c - the query protocol, which SQS clients spoke before JSON.
 *
 * A form comes in, XML goes out; the operations are those of the JSON protocol.
 * Debian's AWS CLI still speaks it.  The form spells lists and maps with
 * numbers:
 *
 *	Action=SendMessage&QueueUrl=...&MessageBody=...
 *	AttributeName.1=All
 *	MessageAttribute.1.Name=a&MessageAttribute.1.Value.StringValue=b
 *
 * A member that is a list or a map has a line in containers[], for both ways.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api_private.h"
#include "xmalloc.h"

#define FIELDS_MAX	1000
#define DEPTH_MAX	6

#define FORM	"application/x-www-form-urlencoded"
#define XMLNS	"http://queue.amazonaws.com/doc/2012-11-05/"

/*	in the form			in JSON			of its elements */
#define CONTAINERS(X)							\
	X("Attribute",			"Attributes",		"Name")	\
	X("AttributeName",		"AttributeNames",	NULL)	\
	X("ChangeMessageVisibilityBatchRequestEntry", "Entries", NULL)	\
	X("DeleteMessageBatchRequestEntry", "Entries",		NULL)	\
	X("Message",			"Messages",		NULL)	\
	X("MessageAttribute",		"MessageAttributes",	"Name")	\
	X("MessageAttributeName",	"MessageAttributeNames", NULL)	\
	X("MessageSystemAttribute",	"MessageSystemAttributes", "Name") \
	X("MessageSystemAttributeName", "MessageSystemAttributeNames", NULL) \
	X("QueueUrl",			"QueueUrls",		NULL)	\
	X("SendMessageBatchRequestEntry", "Entries",		NULL)	\
	X("Tag",			"tags",			"Key")

static const struct container {
	const char	*form, *json;
	const char	*key;		/* of a map; NULL: a list */
} containers[] = {
#define X(form, json, key) { form, json, key },
	CONTAINERS(X)
#undef X
};

#define NCONTAINERS	(sizeof containers / sizeof containers[0])

/* Numbers among the members, which a form cannot tell from texts. */
static const char *const numbers[] = { "DelaySeconds", "MaxNumberOfMessages",
	"MaxResults", "VisibilityTimeout", "WaitTimeSeconds" };

bool
api_query_asked(const struct api_call *call)
{
	const char	*type = httpd_header(call->request, "Content-Type");
	size_t		 n = sizeof FORM - 1;

	return httpd_header(call->request, "X-Amz-Target") == NULL &&
	    type != NULL && strncasecmp(type, FORM, n) == 0 &&
	    (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

/* ---- the form becomes a tree, and the tree the params of an operation ---- */

/* Puts a value at a dotted path: objects all the way.  False if that cannot be. */
static bool
form_put(json_t *tree, const char *path, json_t *value)
{
	json_t		*next;
	const char	*dot;
	char		*name;
	int		 depth;

	for (depth = 0; (dot = strchr(path, '.')) != NULL; path = dot + 1) {
		name = xstrndup(path, (size_t)(dot - path));
		if ((next = json_object_get(tree, name)) == NULL) {
			next = json_object();
			json_object_set_new(tree, name, next);
		}
		free(name);
		if (!json_is_object(next) || ++depth > DEPTH_MAX) {
			json_decref(value);
			return false;
		}
		tree = next;
	}
	return json_object_set_new(tree, path, value) == 0;
}

static bool
form_field(json_t *tree, const char *field, size_t len)
{
	const char	*eq = memchr(field, '=', len);
	size_t		 n = eq == NULL ? len : (size_t)(eq - field);
	char		*name, *value;
	json_t		*text = NULL;
	bool		 done = false;

	name = httpd_decode(field, n, true);
	value = eq == NULL ? xstrdup("") :
	    httpd_decode(eq + 1, len - n - 1, true);
	if (value != NULL)
		text = json_string(value);	/* NULL: no UTF-8 */
	if (name != NULL && text != NULL)
		done = form_put(tree, name, text);
	else
		json_decref(text);
	free(name);
	free(value);
	return done;
}

/* New, or NULL. */
static json_t *
form_read(const char *body, size_t size)
{
	json_t		*tree = json_object();
	const char	*p = body, *end = body + size, *amp;
	int		 n = 0;

	for (; p < end; p = amp + 1) {
		if ((amp = memchr(p, '&', (size_t)(end - p))) == NULL)
			amp = end;
		if (amp > p && (++n > FIELDS_MAX ||
		    !form_field(tree, p, (size_t)(amp - p)))) {
			json_decref(tree);
			return NULL;
		}
	}
	return tree;
}

static json_t	*form_structure(const json_t *);

/* A text, a number, or a structure. */
static json_t *
form_value(const char *name, const json_t *v)
{
	const char	*text = json_string_value(v);
	size_t		 i, n;

	if (json_is_object(v))
		return form_structure(v);
	n = text == NULL ? 0 : strspn(text + (text[0] == '-'), "0123456789");
	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (strcmp(name, numbers[i]) == 0 && n > 0 && n < 18 &&
		    text[n + (text[0] == '-')] == '\0')
			return json_integer(strtoll(text, NULL, 10));
	return json_incref((json_t *)(uintptr_t)v);
}

/* {"1": ..., "2": ...} as a list, or as a map of what its elements name. */
static json_t *
form_container(const struct container *c, const json_t *numbered)
{
	json_t		*out = c->key == NULL ? json_array() : json_object();
	const json_t	*one, *value;
	const char	*key;
	char		 at[16];
	int		 i;

	for (i = 1; i <= FIELDS_MAX; i++) {
		snprintf(at, sizeof at, "%d", i);
		if ((one = json_object_get(numbered, at)) == NULL)
			break;
		if (c->key == NULL) {
			json_array_append_new(out, form_value("", one));
			continue;
		}
		key = json_string_value(json_object_get(one, c->key));
		value = json_object_get(one, "Value");
		if (key != NULL)
			json_object_set_new(out, key, value == NULL ?
			    json_string("") : form_value("", value));
	}
	return out;
}

static json_t *
form_structure(const json_t *tree)
{
	json_t		*out = json_object(), *value;
	const char	*name;
	size_t		 i;

	json_object_foreach((json_t *)(uintptr_t)tree, name, value) {
		for (i = 0; i < NCONTAINERS; i++)
			if (json_is_object(value) &&
			    strcmp(name, containers[i].form) == 0)
				break;
		if (i < NCONTAINERS)
			json_object_set_new(out, containers[i].json,
			    form_container(&containers[i], value));
		else
			json_object_set_new(out, name, form_value(name, value));
	}
	return out;
}

/* ---- the answer becomes XML ---- */

static void	xml_members(struct strbuf *, const char *op, const json_t *);

/* An attribute is kept with all its members, as a client sent it. */
static bool
xml_name_ok(const char *name)
{
	return name[0] >= 'A' && name[0] <= 'z' && name[strspn(name,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")] ==
	    '\0';
}

static void
xml_element(struct strbuf *b, const char *op, const char *name, const json_t *v)
{
	strbuf_addf(b, "<%s>", name);
	if (json_is_object(v))
		xml_members(b, op, v);
	else if (json_is_string(v))
		strbuf_add_markup(b, json_string_value(v));
	else if (json_is_integer(v))
		strbuf_addf(b, "%lld", (long long)json_integer_value(v));
	else if (json_is_boolean(v))
		strbuf_adds(b, json_is_true(v) ? "true" : "false");
	strbuf_addf(b, "</%s>", name);
}

static void
xml_list(struct strbuf *b, const char *op, const char *name, const json_t *list)
{
	const json_t	*one;
	size_t		 i;

	json_array_foreach(list, i, one)
		xml_element(b, op, name, one);
}

static void
xml_map(struct strbuf *b, const char *op, const struct container *c, json_t *map)
{
	const char	*key;
	json_t		*value;

	json_object_foreach(map, key, value) {
		strbuf_addf(b, "<%s><%s>", c->form, c->key);
		strbuf_add_markup(b, key);
		strbuf_addf(b, "</%s>", c->key);
		xml_element(b, op, "Value", value);
		strbuf_addf(b, "</%s>", c->form);
	}
}

static void
xml_member(struct strbuf *b, const char *op, const char *name, json_t *v)
{
	char	*entry;
	size_t	 i;

	for (i = 0; i < NCONTAINERS; i++)
		if (strcmp(name, containers[i].json) == 0)
			break;
	if (json_is_object(v) && i < NCONTAINERS && containers[i].key != NULL)
		xml_map(b, op, &containers[i], v);
	else if (!json_is_array(v))
		xml_element(b, op, name, v);
	else if (strcmp(name, "Successful") == 0) {
		entry = xasprintf("%sResultEntry", op);
		xml_list(b, op, entry, v);
		free(entry);
	} else
		xml_list(b, op, strcmp(name, "Failed") == 0 ?
		    "BatchResultErrorEntry" : i < NCONTAINERS ? containers[i].form :
		    "member", v);
}

static void
xml_members(struct strbuf *b, const char *op, const json_t *structure)
{
	const char	*name;
	json_t		*value;

	json_object_foreach((json_t *)(uintptr_t)structure, name, value)
		if (xml_name_ok(name))
			xml_member(b, op, name, value);
}

void
api_query_ok(struct api_call *call, const char *body, size_t len)
{
	struct strbuf	 b = STRBUF_INIT;
	struct err	 e = ERR_INIT;
	json_t		*answer = jsontext_parse(body, len, &e);
	const char	*op = call->op->name;

	err_clear(&e);
	strbuf_addf(&b, "<?xml version=\"1.0\"?>\n<%sResponse xmlns=\"" XMLNS "\">"
	    "<%sResult>", op, op);
	xml_members(&b, op, answer);
	strbuf_addf(&b, "</%sResult><ResponseMetadata><RequestId>%s</RequestId>"
	    "</ResponseMetadata></%sResponse>\n", op, call->id, op);
	json_decref(answer);
	api_reply(call, 200, "text/xml", strbuf_str(&b), b.len);
	strbuf_free(&b);
}

void
api_query_fail(struct api_call *call, const char *code, const char *text)
{
	const struct api_error	*error = api_error_find(code);
	struct strbuf		 b = STRBUF_INIT;

	strbuf_addf(&b, "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"" XMLNS
	    "\"><Error><Type>%s</Type><Code>%s</Code><Message>",
	    error->aws_status < 500 ? "Sender" : "Receiver", error->query != NULL ?
	    error->query : strcmp(code, "Unavailable") == 0 ? "ServiceUnavailable" :
	    code);
	strbuf_add_markup(&b, text);
	strbuf_addf(&b, "</Message><Detail/></Error><RequestId>%s</RequestId>"
	    "</ErrorResponse>\n", call->id);
	api_reply(call, error->aws_status, "text/xml", strbuf_str(&b), b.len);
	strbuf_free(&b);
}

/* ---- requests ---- */

void
api_query(struct api_call *call)
{
	const char	*body, *action;
	json_t		*form;
	size_t		 len;

	call->query = true;
	if (!api_auth_aws(call, "sqs"))
		return;
	body = httpd_body(call->request, &len);
	if ((form = form_read(body, len)) == NULL) {
		api_fail(call, "MalformedQueryString",
		    "The form is malformed, too long or no UTF-8.");
		return;
	}
	action = json_string_value(json_object_get(form, "Action"));
	if (action == NULL)
		api_fail(call, "MissingAction", "There is neither an Action in the "
		    "form nor an X-Amz-Target header that names an operation.");
	else if ((call->op = api_op_find(OP_SQS, action)) == NULL)
		api_fail(call, "InvalidAction",
		    "This server does not know the operation %s.", action);
	else {
		call->params = form_structure(form);
		json_decref(form);
		api_start(call);
		return;
	}
	json_decref(form);
}
