/*
 * cli/cmd_ls.c - executions, the newest first.
 */

#include <stdlib.h>
#include <string.h>

#include "cmd_commands.h"
#include "execid.h"
#include "style.h"
#include "trace.h"
#include "wallclock.h"
#include "when.h"

#define LIMIT_DEFAULT	20
#define LIMIT_MAX	100000

static const char *const statuses[] = { "RUNNING", "SUCCEEDED", "FAILED",
	"TIMED_OUT", "ABORTED", "PENDING_REDRIVE", NULL };

/* The status as the API spells it: "failed" and "timed-out" do. */
static const char *
status_named(const char *text)
{
	char	 upper[32];
	size_t	 i;

	for (i = 0; text[i] != '\0' && i < sizeof(upper) - 1; i++)
		upper[i] = text[i] == '-' ? '_' :
		    text[i] >= 'a' && text[i] <= 'z' ?
		    (char)(text[i] - 'a' + 'A') : text[i];
	upper[i] = '\0';
	for (i = 0; statuses[i] != NULL; i++)
		if (strcmp(upper, statuses[i]) == 0)
			return statuses[i];
	return NULL;
}

static void
add_row(struct table *table, const json_t *x, int64_t now)
{
	const char	*arn = trace_string(x, "executionArn");
	const char	*status = trace_string(x, "status");
	char		*shown = execid_short(arn == NULL ? "?" : arn);
	char		 buf[WHEN_SIZE];
	int64_t		 start, stop;
	bool		 begun, ended;

	begun = when_read(json_object_get(x, "startDate"), &start);
	ended = when_read(json_object_get(x, "stopDate"), &stop);
	table_cell(table, STYLE_PLAIN, shown);
	table_cell(table, style_of_status(status == NULL ? "" : status), status);
	table_cell(table, STYLE_DIM, begun ? when_ago(start, now, buf) : "");
	table_cell(table, STYLE_PLAIN, !begun ? "" :
	    when_length((ended ? stop : now) - start, buf));
	free(shown);
}

static void
print(const json_t *items, bool more)
{
	static const struct table_column columns[] = {
		{ "EXECUTION", false, true }, { "STATUS", false, false },
		{ "STARTED", true, false }, { "TOOK", true, false }
	};
	struct table	*table;
	json_t		*item;
	int64_t		 now = wallclock_ms();
	size_t		 i;

	if (json_array_size(items) == 0) {
		cmd_note("No executions. Start one with: pawl start MACHINE");
		return;
	}
	table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	json_array_foreach(items, i, item)
		add_row(table, item, now);
	cmd_print_table(table);
	if (more)
		cmd_note("There are more: --limit %zu shows some, --limit 0 all.",
		    json_array_size(items) * 5);
}

static enum exitcode
run(struct cmd_call *call)
{
	const char	*machine = cmd_value(call, "machine");
	const char	*status = cmd_value(call, "status"), *name = NULL;
	struct strbuf	 path = STRBUF_INIT;
	enum exitcode	 code;
	json_t		*items;
	bool		 more;
	long		 limit;

	if ((code = cmd_number(call, "limit", 0, LIMIT_MAX, LIMIT_DEFAULT,
	    &limit)) != EXITCODE_OK)
		return code;
	if (status != NULL && (name = status_named(status)) == NULL)
		return cmd_misuse(call, "'%s' is no status; there are running, "
		    "succeeded, failed, timed-out, aborted, pending-redrive.",
		    status);
	strbuf_adds(&path, "/v1/executions?");
	if (machine != NULL) {
		strbuf_adds(&path, "&machine=");
		execid_escape(&path, machine);
	}
	if (name != NULL)
		strbuf_addf(&path, "&status=%s", name);
	code = cmd_collect(call, strbuf_str(&path), (size_t)limit, &items, &more);
	strbuf_free(&path);
	if (code != EXITCODE_OK)
		return code;
	if (call->json)
		code = cmd_print_items(items);
	else
		print(items, more);
	json_decref(items);
	return code;
}

const struct cmd cmd_ls = {
	"ls", "", 0, 0,
	"list executions, the newest first",
	"Lists executions with their status, when they started and how long "
	"they took (or have been running). Without options the 20 newest of all "
	"state machines.",
	"pawl ls\n"
	"pawl ls --machine order --status failed\n"
	"# how many run\n"
	"pawl ls --status running --limit 0 -o json | jq '.items | length'\n",
	{ { 'm', "machine", "NAME", "only those of this state machine" },
	  { 's', "status", "STATUS", "running, succeeded, failed, timed-out, "
	    "aborted or pending-redrive" },
	  { 'n', "limit", "N", "at most so many; 0 for all (default 20)" },
	  { 0, NULL, NULL, NULL } }, run
};
