/*
 * engine/op_tags.c - TagResource, UntagResource, ListTagsForResource.
 *
 * Tags of state machines, kept among the machine's options.  A change of tags
 * leaves the revision that clients see as it is.
 */

#include <stdlib.h>
#include <string.h>

#include "definition.h"
#include "op.h"
#include "wallclock.h"

static const struct check tag_members[] = {
	{ "resourceArn",	CHECK_STRING,	true,	1, 256, NULL },
	{ "tags",		CHECK_LIST,	true,	0, 0, NULL },
	CHECK_END
};

static const struct check untag_members[] = {
	{ "resourceArn",	CHECK_STRING,	true,	1, 256, NULL },
	{ "tagKeys",		CHECK_LIST,	true,	0, 0, NULL },
	CHECK_END
};

static const struct check list_members[] = {
	{ "resourceArn",	CHECK_STRING,	true,	1, 256, NULL },
	CHECK_END
};

static void
tags_fail(struct api_call *call, const struct err *e)
{
	if (strcmp(e->code, "NotFound") == 0)
		api_fail(call, "ResourceNotFound", "Resource not found: '%s'",
		    api_str(call, "resourceArn"));
	else
		api_fail_err(call, e);
}

static void
tags_written(const struct err *e, const struct store_machine *m, size_t n, void *arg)
{
	struct api_call	*call = arg;

	if (e->code[0] != '\0' || n != 1)
		tags_fail(call, e);
	else
		api_forget(call, "machine", m->name, json_object());
}

static size_t
tags_find(const json_t *tags, const char *key)
{
	size_t	 i;
	json_t	*tag;

	json_array_foreach(tags, i, tag)
		if (strcmp(json_string_value(json_object_get(tag, "key")), key) == 0)
			return i;
	return json_array_size(tags);
}

/* The tags of before with those of the call added, or taken out. */
static json_t *
tags_change(const struct api_call *call, const json_t *before)
{
	json_t		*tags = before == NULL ? json_array() : json_deep_copy(before);
	const json_t	*list;
	json_t		*one;
	const char	*key;
	size_t		 i, at;

	list = json_object_get(call->params, "tags");
	json_array_foreach(list, i, one) {
		key = json_string_value(json_object_get(one, "key"));
		if ((at = tags_find(tags, key)) < json_array_size(tags))
			json_array_set(tags, at, one);
		else
			json_array_append(tags, one);
	}
	list = json_object_get(call->params, "tagKeys");
	json_array_foreach(list, i, one)
		if (json_is_string(one) && (at = tags_find(tags,
		    json_string_value(one))) < json_array_size(tags))
			json_array_remove(tags, at);
	return tags;
}

static void
tags_found(const struct err *e, const struct store_machine *m, size_t n, void *arg)
{
	struct api_call	*call = arg;
	json_t		*options, *tags;
	char		*text;

	if (e->code[0] != '\0' || n != 1) {
		tags_fail(call, e);
		return;
	}
	options = definition_options(m->options);
	tags = tags_change(call, json_object_get(options, "tags"));
	if (definition_tags_ok(call, tags)) {
		json_object_set(options, "tags", tags);
		text = jsontext_string(options, NULL);
		store_machine_update(call->env->store, m->name, NULL, NULL, text,
		    wallclock_ms(), tags_written, call);
		free(text);
	}
	json_decref(tags);
	json_decref(options);
}

static void
tags_listed(const struct err *e, const struct store_machine *m, size_t n, void *arg)
{
	struct api_call	*call = arg;
	json_t		*options, *tags, *answer;

	if (e->code[0] != '\0' || n != 1) {
		tags_fail(call, e);
		return;
	}
	options = definition_options(m->options);
	tags = json_object_get(options, "tags");
	answer = json_object();
	json_object_set_new(answer, "tags", tags == NULL ? json_array() :
	    json_incref(tags));
	json_decref(options);
	api_ok(call, answer);
}

static void
tags_get(struct api_call *call, store_machine_got found)
{
	const char	*arn = api_str(call, "resourceArn");
	char		*name;

	if (!arn_read_machine(&call->env->account, arn, &name)) {
		api_fail(call, "ResourceNotFound", "Resource not found: '%s'", arn);
		return;
	}
	store_machine_get(call->env->store, name, found, call);
	free(name);
}

static void
tags_change_run(struct api_call *call)
{
	const json_t	*tags = json_object_get(call->params, "tags");

	if (tags == NULL || definition_tags_ok(call, tags))
		tags_get(call, tags_found);
}

static void
tags_list_run(struct api_call *call)
{
	tags_get(call, tags_listed);
}

const struct api_op op_tag = {
	"TagResource", OP_STATES, tag_members, NULL, tags_change_run, false
};
const struct api_op op_untag = {
	"UntagResource", OP_STATES, untag_members, NULL, tags_change_run, false
};
const struct api_op op_list_tags = {
	"ListTagsForResource", OP_STATES, list_members, NULL, tags_list_run, false
};
