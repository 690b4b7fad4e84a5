/*
 * engine/api_names.c - names, ARNs and tokens out of requests.
 *
 * Each failure is told in the real service's words, as far as recorded
 * (test_describe_execution_invalid_arn, test_start_async_describe_history_execution).
 */

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "op.h"


#define ARN_FIELDS	8	/* arn partition states region account type name name */

/*
 * Checks the shape of an ARN up to its resource type, which must be want.
 * Fails the call and returns false if it is another thing.
 */
static bool
names_check_arn(struct api_call *call, const char *arn, const char *want)
{
	const char	*field[ARN_FIELDS];
	size_t		 len[ARN_FIELDS], n;
	const char	*p = arn;

	if (strncmp(arn, "arn:", 4) != 0) {
		api_fail(call, "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: %s'",
		    arn);
		return false;
	}
	for (n = 0; n < ARN_FIELDS; n++) {
		field[n] = p;
		len[n] = strcspn(p, ":");
		if (p[len[n]] == '\0') {
			n++;
			break;
		}
		p += len[n] + 1;
	}
	if (n < 7) {
		api_fail(call, "InvalidArn", "Invalid Arn: 'Invalid ARN length: %s'",
		    arn);
		return false;
	}
	if (len[2] != 6 || memcmp(field[2], "states", 6) != 0) {
		api_fail(call, "InvalidArn", "Invalid Arn: 'Service name not valid in "
		    "this context: %.*s'", (int)len[2], field[2]);
		return false;
	}
	if (len[5] != strlen(want) || memcmp(field[5], want, len[5]) != 0) {
		api_fail(call, "InvalidArn", "Invalid Arn: 'Resource type not valid in "
		    "this context: %.*s'", (int)len[5], field[5]);
		return false;
	}
	return true;
}

char *
api_machine_name(struct api_call *call, const char *arn)
{
	char	*name;

	if (!names_check_arn(call, arn, "stateMachine"))
		return NULL;
	if (arn_read_machine(&call->env->account, arn, &name))
		return name;
	/* Of another account, or a version or an alias: not here. */
	api_fail(call, "StateMachineDoesNotExist",
	    "State Machine Does Not Exist: '%s'", arn);
	return NULL;
}

bool
api_execution_names(struct api_call *call, const char *arn, char **machine,
    char **name)
{
	if (!names_check_arn(call, arn, "execution"))
		return false;
	if (arn_read_execution(&call->env->account, arn, machine, name))
		return true;
	api_fail(call, "ExecutionDoesNotExist", "Execution Does Not Exist: '%s'",
	    arn);
	return false;
}

bool
api_token(struct api_call *call, const char *text, struct token *token)
{
	if (token_read(call->env->keys->token_key, text, token))
		return true;
	api_fail(call, "InvalidToken", "Invalid Token: 'Invalid token'");
	return false;
}

/* The characters of a multi-byte sequence that names must not hold: controls
 * U+0080..U+009F and the non-characters U+FFFE, U+FFFF. */
static bool
names_is_bad_utf8(const unsigned char *p)
{
	return (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f) ||
	    (p[0] == 0xef && p[1] == 0xbf && p[2] >= 0xbe);
}

bool
api_name_ok(struct api_call *call, const char *name)
{
	const unsigned char	*p;

	for (p = (const unsigned char *)name; *p != '\0'; p++)
		if (*p <= ' ' || *p == 0x7f ||
		    strchr("<>{}[]?*\"#%\\^|~`$&,;:/", *p) != NULL ||
		    names_is_bad_utf8(p))
			break;
	if (*p == '\0' && p != (const unsigned char *)name)
		return true;
	api_fail(call, "InvalidName", "Invalid Name: '%s'", name);
	return false;
}

char *
api_uuid(char buf[ARN_ID_TEXT])
{
	struct exec_id	 id;

	if (RAND_bytes(id.bytes, sizeof id.bytes) != 1)
		log_fatal("no random numbers");
	id.bytes[6] = (unsigned char)((id.bytes[6] & 0x0f) | 0x40);
	id.bytes[8] = (unsigned char)((id.bytes[8] & 0x3f) | 0x80);
	return arn_id_text(&id, buf);
}
