/*
 * tests/fuzz/fuzz_chunk.c - any bytes as a stored chunk of history.
 *
 * What decodes encodes to a text that decodes to the same; its events can be
 * shown; and folded into an execution they are refused as CorruptHistory, or
 * leave one that can be dumped and asked what is open.
 */

#include <stdlib.h>
#include <string.h>

#include "asl.h"
#include "fuzz.h"
#include "laws.h"

const unsigned	 fuzz_runs = 15000;

static void
free_events(struct event *events, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		event_clear(&events[i]);
	free(events);
}

static void
round_trip(const struct event *events, size_t n)
{
	struct strbuf	 b = STRBUF_INIT, again = STRBUF_INIT;
	struct event	*back;
	struct err	 e = ERR_INIT;
	size_t		 nback;

	chunk_encode(events, n, &b);
	if (chunk_decode(b.data, b.len, &back, &nback, &e) == -1)
		fuzz_fail("encoded, but refused: %s: %s", e.text, b.data);
	chunk_encode(back, nback, &again);
	fuzz_check(n == nback && strcmp(b.data, again.data) == 0,
	    "encoded differently:\n%s\n%s", b.data, again.data);
	free_events(back, nback);
	strbuf_free(&b);
	strbuf_free(&again);
}

static void
show(const struct event *events, size_t n)
{
	struct strbuf	 b = STRBUF_INIT;
	struct err	 e = ERR_INIT;
	size_t		 i;

	for (i = 0; i < n; i++) {
		strbuf_reset(&b);
		event_print(&events[i], "us-east-1", i % 2 == 0, &b);
		if (jsontext_check_depth(strbuf_str(&b), b.len,
		    JSONTEXT_DEPTH_STORED, NULL, &e) == -1)
			fuzz_fail("an event cannot be shown: %s: %s", e.text,
			    strbuf_str(&b));
	}
	strbuf_free(&b);
}

static struct machine *
machine(void)
{
	static struct machine	*m;
	struct findings		 f = FINDINGS_INIT;

	if (m == NULL)
		m = machine_parse(fuzz_machine, strlen(fuzz_machine), &f);
	if (m == NULL)
		fuzz_fail("fuzz_machine: %s: %s", f.list[0].location,
		    f.list[0].message);
	findings_free(&f);
	return m;
}

static void
fold(const struct event *events, size_t n)
{
	struct laws	 l;
	struct err	 e = ERR_INIT;
	struct command	*open;
	size_t		 i, nopen;
	bool		 more;

	laws_init(&l, machine(), 1);
	for (i = 0; i < n; i++)
		if (execution_apply(l.ex, &events[i], &e) == -1) {
			fuzz_check_err(&e, ",CorruptHistory,");
			break;
		}
	if (i == n) {
		fuzz_reached++;
		json_decref(execution_dump(l.ex));
		open = step_open(l.ex, &nopen, &more);
		step_commands_free(open, nopen);
	}
	err_clear(&e);
	laws_clear(&l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char	*text = (const char *)bytes;
	struct event	*events;
	struct err	 e = ERR_INIT;
	size_t		 n;

	if (!fuzz_is_text(text, len))	/* a database gives only this */
		return 0;
	if (chunk_decode(text, len, &events, &n, &e) == -1)
		fuzz_check_err(&e, ",CorruptHistory,");
	else {
		fuzz_check(n > 0, "a chunk without events");
		round_trip(events, n);
		show(events, n);
		fold(events, n);
		free_events(events, n);
	}
	err_clear(&e);
	return 0;
}
