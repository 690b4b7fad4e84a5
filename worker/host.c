/*
 * worker/host.c - the functions of the folder, as they are now.
 *
 * A function is looked at again when it is called, once a second at most: so a
 * changed handler serves the next call, and a new folder is a new function.
 *
 * Invariants:
 *   - a slot, once made, stays: invocations and instances point to it;
 *   - an instance runs the function as it was when it started, and ends when
 *     the stamp of its slot's function is another.
 */

#include "host.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "instance.h"
#include "invoke.h"
#include "log.h"
#include "wallclock.h"
#include "xmalloc.h"

static struct slot *
slot_new(struct host *h, const char *name)
{
	struct slot	*s = xcalloc(1, sizeof *s), *after;

	s->host = h;
	s->name = xstrdup(name);
	TAILQ_INIT(&s->instances);
	TAILQ_INIT(&s->waiting);
	TAILQ_FOREACH(after, &h->slots, entry)
		if (strcmp(after->name, name) > 0)
			break;
	if (after != NULL)
		TAILQ_INSERT_BEFORE(after, s, entry);
	else
		TAILQ_INSERT_TAIL(&h->slots, s, entry);
	map_put(h->by_name, s->name, strlen(s->name), s);
	return s;
}

static void
note_problem(struct slot *s, const char *why)
{
	if (s->problem == NULL || strcmp(s->problem, why) != 0)
		log_warn("function cannot be run function=%s: %s", s->name, why);
	free(s->problem);
	s->problem = xstrdup(why);
}

/* Takes the function as it stands in the folder, if it is new or changed. */
static void
look(struct host *h, const char *name)
{
	struct slot	*s = map_get(h->by_name, name, strlen(name));
	struct function	*f;
	struct err	 e = ERR_INIT;

	if (s != NULL && s->function != NULL &&
	    function_stamp(s->function->dir) == s->function->stamp) {
		s->checked_ms = wallclock_monotonic_ms();
		return;
	}
	f = function_read(h->options.folder, name, &h->options.runtimes, &e);
	if (f == NULL && s == NULL && err_is(&e, "NotAFunction")) {
		err_clear(&e);
		return;
	}
	if (s == NULL)
		s = slot_new(h, name);
	s->checked_ms = wallclock_monotonic_ms();
	if (f == NULL)
		note_problem(s, e.text);
	else {
		log_info("function %s function=%s timeout=%.1fs concurrency=%zu",
		    s->function == NULL ? "found" : "changed", name,
		    (double)f->timeout_ms / 1000, f->concurrency);
		free(s->problem);
		s->problem = NULL;
	}
	err_clear(&e);
	function_free(s->function);
	s->function = f;
	s->failures = 0;
	s->retry_ms = 0;
	s->registered = false;
	instance_retire_changed(s);
	invoke_dispatch(s);
}

void
host_scan(struct host *h)
{
	struct dirent	*d;
	struct slot	*s;
	DIR		*dir;

	if ((dir = opendir(h->options.folder)) == NULL) {
		log_error("cannot read the functions folder path=%s: %s",
		    h->options.folder, strerror(errno));
		return;
	}
	while ((d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.' && function_name_ok(d->d_name))
			look(h, d->d_name);
	closedir(dir);
	TAILQ_FOREACH(s, &h->slots, entry)
		if (s->function != NULL)
			look(h, s->name);
}

struct slot *
host_find(struct host *h, const char *name)
{
	struct slot	*s;

	if (!function_name_ok(name))
		return NULL;
	s = map_get(h->by_name, name, strlen(name));
	if (s == NULL || s->function == NULL ||
	    wallclock_monotonic_ms() - s->checked_ms > HOST_RESCAN_MS) {
		look(h, name);
		s = map_get(h->by_name, name, strlen(name));
	}
	return s;
}

void
host_clear(struct host *h)
{
	struct slot	*s;

	while ((s = TAILQ_FIRST(&h->slots)) != NULL) {
		TAILQ_REMOVE(&h->slots, s, entry);
		if (s->retry != NULL)
			event_free(s->retry);
		function_free(s->function);
		free(s->problem);
		free(s->name);
		free(s);
	}
	map_free(h->by_name);
}
