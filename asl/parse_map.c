/*
 * asl/parse_map.c - Map: the same steps for each item of an array.
 *
 * "Iterator" and "Parameters" are the old names of ItemProcessor and
 * ItemSelector.  The distributed mode, which reads its items elsewhere and
 * runs child executions, is refused with one finding for each Map that asks
 * for it.
 */

#include <string.h>

#include "parse.h"

static const char *const fields[] = { "ItemProcessor", "Iterator",
	"ItemSelector", "ItemsPath", "Items", "MaxConcurrency",
	"MaxConcurrencyPath", "ItemReader", "ItemBatcher", "ResultWriter",
	"ToleratedFailureCount", "ToleratedFailureCountPath",
	"ToleratedFailurePercentage", "ToleratedFailurePercentagePath", "Label",
	NULL };
static const char *const processors[] = { "ItemProcessor", "Iterator", NULL };
static const char *const selectors[] = { "ItemSelector", "Parameters", NULL };
static const char *const processor_fields[] = { "StartAt", "States", "Comment",
	"ProcessorConfig", NULL };
static const char *const config_fields[] = { "Mode", "ExecutionType", NULL };
static const char *const modes[] = { "INLINE", "DISTRIBUTED", NULL };
static const char *const percentages[] = { "ToleratedFailurePercentage",
	"ToleratedFailurePercentagePath", NULL };

static void
unsupported(struct parse *p, const char *field, const char *what)
{
	parse_finding(p, false, "UNSUPPORTED_DISTRIBUTED_MAP", field,
	    "use Mode INLINE, with the items in the input",
	    "The distributed mode of Map (%s) is not supported yet", what);
}

/* Mode and ExecutionType; true if the Map is a distributed one. */
static bool
parse_config(struct parse *p, json_t *processor)
{
	json_t	*config;
	size_t	 mark;
	int	 mode;

	config = parse_value_typed(p, processor, "ProcessorConfig",
	    JSON_OBJECT);
	if (config == NULL)
		return false;
	mark = parse_enter(p, "ProcessorConfig");
	parse_fields(p, config, config_fields, NULL);
	mode = parse_value_choice(p, config, "Mode", modes);
	if (mode == 1)
		unsupported(p, "Mode", "ProcessorConfig.Mode DISTRIBUTED");
	else if (json_object_get(config, "ExecutionType") != NULL)
		parse_error_in(p, "ExecutionType", "it belongs to the "
		    "distributed mode", "Field 'ExecutionType' is not "
		    "supported");
	parse_leave(p, mark);
	return mode == 1;
}

static void
check_distributed(struct parse *p, json_t *object)
{
	static const char *const	 names[] = { "ItemReader",
		"ItemBatcher", "ResultWriter" };
	size_t				 i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (json_object_get(object, names[i]) != NULL) {
			unsupported(p, names[i], names[i]);
			return;
		}
}

/* Tolerances are checked; an inline Map has no use for them. */
static void
parse_tolerated(struct parse *p, struct state *state, json_t *object)
{
	struct real_field	*percentage = &state->u.map.tolerated_percentage;

	parse_value_number(p, object, "ToleratedFailureCount",
	    "ToleratedFailureCountPath", 0, INT64_MAX,
	    &state->u.map.tolerated_count);
	parse_fields_one(p, object, percentages, false);
	percentage->set = parse_value_real(p, object,
	    "ToleratedFailurePercentage", 0.0, 100.0, &percentage->value);
	percentage->query = parse_query_expression(p, object,
	    "ToleratedFailurePercentage");
	percentage->path = parse_value_reference(p, object,
	    "ToleratedFailurePercentagePath", true);
}

static void
parse_processor(struct parse *p, struct state *state, json_t *object)
{
	const char	*name;
	json_t		*processor;
	bool		 distributed = false;
	size_t		 mark;

	parse_fields_one(p, object, processors, true);
	name = json_object_get(object, "ItemProcessor") != NULL ?
	    "ItemProcessor" : "Iterator";
	processor = parse_value_typed(p, object, name, JSON_OBJECT);
	if (processor != NULL) {
		mark = parse_enter(p, name);
		parse_fields(p, processor, processor_fields, NULL);
		distributed = parse_config(p, processor);
		parse_block(p, processor, &state->u.map.processor);
		parse_leave(p, mark);
	}
	if (!distributed)
		check_distributed(p, object);
}

static void
parse_map(struct parse *p, struct state *state, json_t *object)
{
	const char	*label;

	parse_processor(p, state, object);
	state->u.map.items_path =
	    parse_value_reference(p, object, "ItemsPath", true);
	parse_fields_one(p, object, selectors, false);
	state->u.map.items = parse_query_typed(p, object, "Items", JSON_ARRAY);
	state->u.map.item_query = parse_query(p, object, "ItemSelector", 0);
	state->u.map.item_selector = parse_value_template(p, object,
	    json_object_get(object, "ItemSelector") != NULL ?
	    "ItemSelector" : "Parameters");
	parse_value_number(p, object, "MaxConcurrency", "MaxConcurrencyPath", 0,
	    INT64_MAX, &state->u.map.max_concurrency);
	parse_tolerated(p, state, object);
	label = parse_value_string(p, object, "Label");
	if (label != NULL && strlen(label) > 40)
		parse_finding(p, false, "INVALID_LABEL_NAME", "Label", NULL,
		    "Label name '%s' exceeds the 40-character limit allowed by "
		    "the service", label);
}

const struct parse_type parse_map_type = {
	.fields = fields, .flows = true, .has_next = true, .has_assign = true,
	.has_result = true, .has_retry = true, .parse = parse_map,
};
