/*
 * asl/resource.c - what a Task's Resource names.
 *
 * The table lists the optimized integrations of the real service, with the
 * patterns of each action; it refuses what is not there (recording
 * services/test_invalid_integration).  "aws-sdk:SERVICE" takes any action.
 * A new integration is one line here, and its call in engine/.
 */

#include <stdlib.h>
#include <string.h>

#include "resource.h"
#include "xmalloc.h"

#define S 1	/* .sync */
#define S2 2	/* .sync:2 */
#define T 4	/* .waitForTaskToken */

static const struct integration {
	const char	*service, *action;
	int		 patterns;
} integrations[] = {
	{ "apigateway", "invoke", T },
	{ "athena", "getQueryExecution", 0 },
	{ "athena", "getQueryResults", 0 },
	{ "athena", "startQueryExecution", S },
	{ "athena", "stopQueryExecution", 0 },
	{ "batch", "submitJob", S },
	{ "bedrock", "createModelCustomizationJob", S },
	{ "bedrock", "invokeModel", T },
	{ "codebuild", "batchDeleteBuilds", 0 },
	{ "codebuild", "batchGetReports", 0 },
	{ "codebuild", "startBuild", S },
	{ "codebuild", "startBuildBatch", S },
	{ "codebuild", "stopBuild", 0 },
	{ "codebuild", "stopBuildBatch", 0 },
	{ "codebuild", "retryBuildBatch", S },
	{ "codebuild", "deleteBuildBatch", 0 },
	{ "databrew", "startJobRun", S },
	{ "dynamodb", "deleteItem", 0 },
	{ "dynamodb", "getItem", 0 },
	{ "dynamodb", "putItem", 0 },
	{ "dynamodb", "updateItem", 0 },
	{ "ecs", "runTask", S | T },
	{ "eks", "call", 0 },
	{ "eks", "createCluster", S },
	{ "eks", "createFargateProfile", S },
	{ "eks", "createNodegroup", S },
	{ "eks", "deleteCluster", S },
	{ "eks", "deleteFargateProfile", S },
	{ "eks", "deleteNodegroup", S },
	{ "eks", "runJob", S },
	{ "elasticmapreduce", "addStep", S },
	{ "elasticmapreduce", "cancelStep", 0 },
	{ "elasticmapreduce", "createCluster", S },
	{ "elasticmapreduce", "modifyInstanceFleetByName", 0 },
	{ "elasticmapreduce", "modifyInstanceGroupByName", 0 },
	{ "elasticmapreduce", "setClusterTerminationProtection", 0 },
	{ "elasticmapreduce", "terminateCluster", S },
	{ "emr-containers", "createVirtualCluster", 0 },
	{ "emr-containers", "deleteVirtualCluster", S },
	{ "emr-containers", "startJobRun", S },
	{ "emr-serverless", "cancelJobRun", S },
	{ "emr-serverless", "createApplication", S },
	{ "emr-serverless", "deleteApplication", S },
	{ "emr-serverless", "startApplication", S },
	{ "emr-serverless", "startJobRun", S },
	{ "emr-serverless", "stopApplication", S },
	{ "events", "putEvents", T },
	{ "glue", "startJobRun", S },
	{ "http", "invoke", 0 },
	{ "lambda", "invoke", T },
	{ "mediaconvert", "createJob", S },
	{ "sagemaker", "createEndpoint", 0 },
	{ "sagemaker", "createEndpointConfig", 0 },
	{ "sagemaker", "createHyperParameterTuningJob", S },
	{ "sagemaker", "createLabelingJob", S },
	{ "sagemaker", "createModel", 0 },
	{ "sagemaker", "createProcessingJob", S },
	{ "sagemaker", "createTrainingJob", S },
	{ "sagemaker", "createTransformJob", S },
	{ "sagemaker", "updateEndpoint", 0 },
	{ "sns", "publish", T },
	{ "sqs", "sendMessage", T },
	{ "states", "startExecution", S | S2 | T },
};

/* The field of an ARN up to the next colon; false at the end. */
static bool
next_field(const char **p, const char **field, size_t *len)
{
	if (*p == NULL)
		return false;
	*field = *p;
	*len = strcspn(*p, ":");
	*p = (*p)[*len] == ':' ? *p + *len + 1 : NULL;
	return true;
}

static bool
is(const char *field, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(field, word, len) == 0;
}

static enum resource_pattern
pattern_of(const char *api, size_t *action_len)
{
	static const struct {
		const char		*suffix;
		enum resource_pattern	 pattern;
	} suffixes[] = {
		{ ".sync", PATTERN_SYNC },
		{ ".sync:2", PATTERN_SYNC2 },
		{ ".waitForTaskToken", PATTERN_TOKEN },
	};
	size_t	 i, len = strlen(api), n;

	for (i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		n = strlen(suffixes[i].suffix);
		if (len > n && strcmp(api + len - n, suffixes[i].suffix) == 0) {
			*action_len = len - n;
			return suffixes[i].pattern;
		}
	}
	*action_len = len;
	return PATTERN_REQUEST;
}

/* rest: "sqs:sendMessage.waitForTaskToken", "aws-sdk:s3:getObject". */
static bool
parse_service(struct resource *r, const char *rest)
{
	const char	*colon;
	size_t		 action_len;

	colon = strchr(rest, ':');
	if (colon != NULL && is(rest, (size_t)(colon - rest), "aws-sdk"))
		colon = strchr(colon + 1, ':');
	if (colon == NULL || colon == rest || colon[-1] == ':' ||
	    colon[1] == '\0' || colon[1] == '.')
		return false;
	r->pattern = pattern_of(colon + 1, &action_len);
	r->kind = RESOURCE_SERVICE;
	r->service = xstrndup(rest, (size_t)(colon - rest));
	r->api = xstrdup(colon + 1);
	r->action = xstrndup(colon + 1, action_len);
	return true;
}

bool
resource_parse(struct resource *r, const char *arn)
{
	const char	*p = arn, *f[7];
	size_t		 len[7], n;

	memset(r, 0, sizeof *r);
	for (n = 0; n < 5; n++)
		if (!next_field(&p, &f[n], &len[n]))
			return false;
	if (p == NULL || !is(f[0], len[0], "arn") || len[1] == 0)
		return false;
	/* Some tools write region and account into these ARNs, too. */
	if (is(f[2], len[2], "states") && strncmp(p, "activity:", 9) != 0)
		return parse_service(r, p);
	if (!next_field(&p, &f[5], &len[5]) || !next_field(&p, &f[6], &len[6]) ||
	    len[6] == 0)
		return false;
	if (is(f[2], len[2], "lambda") && is(f[5], len[5], "function")) {
		/* A version or alias may follow, and nothing after it. */
		if (p != NULL && (*p == '\0' || strchr(p, ':') != NULL))
			return false;
		r->kind = RESOURCE_FUNCTION;
	} else if (is(f[2], len[2], "states") && is(f[5], len[5], "activity")) {
		if (p != NULL)
			return false;
		r->kind = RESOURCE_ACTIVITY;
	} else
		return false;
	r->name = xstrndup(f[6], len[6]);
	return true;
}

bool
resource_known(const struct resource *r)
{
	size_t	 i;
	int	 needs = 0;

	if (r->kind != RESOURCE_SERVICE)
		return true;
	switch (r->pattern) {
	case PATTERN_REQUEST:
		break;
	case PATTERN_SYNC:
		needs = S;
		break;
	case PATTERN_SYNC2:
		needs = S2;
		break;
	case PATTERN_TOKEN:
		needs = T;
		break;
	}
	if (strncmp(r->service, "aws-sdk:", 8) == 0)
		return needs == 0 || needs == T;
	for (i = 0; i < sizeof integrations / sizeof integrations[0]; i++)
		if (strcmp(integrations[i].service, r->service) == 0 &&
		    strcmp(integrations[i].action, r->action) == 0)
			return (integrations[i].patterns & needs) == needs;
	return false;
}

void
resource_free(struct resource *r)
{
	free(r->service);
	free(r->api);
	free(r->action);
	free(r->name);
	memset(r, 0, sizeof *r);
}
