/*
 * cli/cmd_version.c - pawl version.
 */

#include <stdio.h>

#include "cmd_commands.h"

static enum exitcode
run(struct cmd_call *call)
{
	if (call->json)
		printf("{\n  \"version\": \"%s\"\n}\n", PACKAGE_VERSION);
	else
		printf("pawl %s\n", PACKAGE_VERSION);
	return EXITCODE_OK;
}

const struct cmd cmd_version = {
	"version", "", 0, 0,
	"print the version of this program",
	"Prints the version of pawl. pawl status tells that of the server.",
	"pawl version\n",
	{ { 0, NULL, NULL, NULL } }, run
};
