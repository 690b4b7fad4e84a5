/*
 * tests/fuzz/fuzz_definition.c - any bytes as a definition.
 *
 * What is refused has findings that can be shown, each with a place inside the
 * text.  What is accepted can run: its states are found again, and an execution
 * of it is played for some steps under the laws of step.h.
 */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "jsontext.h"
#include "locate.h"
#include "machine.h"
#include "world.h"
#include "xmalloc.h"

const unsigned	 fuzz_runs = 25000;

static void
check_text(const char *what, const char *text)
{
	if (text != NULL)
		fuzz_check(fuzz_is_text(text, strlen(text)),
		    "a %s that cannot be shown: %s", what, text);
}

static void
check_finding(const struct finding *f, int lines)
{
	fuzz_check(f->code != NULL && f->message != NULL,
	    "a finding that says nothing");
	fuzz_check(f->message[0] != '\0' && f->code[0] != '\0',
	    "an empty finding");
	check_text("code", f->code);
	check_text("message", f->message);
	check_text("location", f->location);
	check_text("field", f->field);
	check_text("hint", f->hint);
	fuzz_check(f->line >= 0 && f->line <= lines && f->column >= 0 &&
	    (f->line > 0) == (f->column > 0), "line %d, column %d of %d lines",
	    f->line, f->column, lines);
	if (f->location != NULL)
		fuzz_check(f->location[0] == '/' || f->location[0] == '\0',
		    "the location %s", f->location);
}

static void
check_findings(const struct findings *f, const char *text, size_t len)
{
	size_t	 i, errors = 0;
	int	 lines = 1;

	for (i = 0; i < len; i++)
		lines += text[i] == '\n';
	for (i = 0; i < f->n; i++) {
		check_finding(&f->list[i], lines);
		errors += !f->list[i].warning;
	}
	fuzz_check(f->n <= FINDINGS_MAX, "%zu findings", f->n);
	fuzz_check(f->truncated || errors == f->errors,
	    "%zu errors of %zu", errors, f->errors);
}

static bool
belongs(const struct workflow *w, const struct state *s)
{
	size_t	 i;

	for (i = 0; i < w->nstates; i++)
		if (w->states[i] == s)
			return true;
	return s == NULL;
}

static size_t
check_workflow(const struct machine *m, const struct workflow *w)
{
	const struct state	*s;
	size_t			 i, j, n = w->nstates;

	fuzz_check(n > 0 && w->start != NULL && belongs(w, w->start),
	    "no start");
	for (i = 0; i < w->nstates; i++) {
		s = w->states[i];
		fuzz_check(machine_find(m, s->name) == s, "%s is lost", s->name);
		fuzz_check(belongs(w, s->next), "%s goes elsewhere", s->name);
		for (j = 0; j < s->ncatchers; j++)
			fuzz_check(belongs(w, s->catchers[j].next),
			    "%s is caught elsewhere", s->name);
		if (s->type == STATE_PARALLEL)
			for (j = 0; j < s->u.parallel.nbranches; j++)
				n += check_workflow(m,
				    &s->u.parallel.branches[j]);
		else if (s->type == STATE_MAP)
			n += check_workflow(m, &s->u.map.processor);
	}
	return n;
}

/* Each state is found in the text at its own place. */
static void
check_places(const struct machine *m, const char *text, size_t len)
{
	struct locate_place	*places = xcalloc(m->nstates, sizeof *places);
	size_t			 i;

	for (i = 0; i < m->nstates; i++)
		places[i].location = m->index[i]->location;
	locate_places(text, len, places, m->nstates);
	for (i = 0; i < m->nstates; i++)
		fuzz_check(places[i].at < len && places[i].line >= 1 &&
		    places[i].column >= 1, "%s is nowhere",
		    places[i].location);
	free(places);
}

/* The bytes of the definition are the dice of its world, too. */
static void
play(struct machine *m, const char *text, size_t len)
{
	struct world	 w;
	const char	*bad;

	world_bytes(&w, text, len);
	w.machine = m;
	bad = world_play(&w, fuzz_machine_input, 6, 300);
	if (bad != NULL)
		fuzz_fail("%s", bad);
	world_clear(&w);		/* and the machine */
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char	*text = (const char *)bytes;
	struct findings	 f = FINDINGS_INIT;
	struct machine	*m = machine_parse(text, len, &f);

	check_findings(&f, text, len);
	fuzz_check((m == NULL) == (f.errors > 0), "%zu errors, and %s machine",
	    f.errors, m == NULL ? "no" : "a");
	if (m != NULL) {
		fuzz_reached++;
		machine_check_express(m, &f);
		check_findings(&f, text, len);
		fuzz_check(check_workflow(m, &m->flow) == m->nstates,
		    "%zu states", m->nstates);
		check_places(m, text, len);
		play(m, text, len);
	}
	findings_free(&f);
	return 0;
}
