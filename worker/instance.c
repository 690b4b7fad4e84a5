/*
 * worker/instance.c - one process that runs a function, and its life.
 *
 * The process gets an environment like Lambda's and nothing else of ours, a
 * process group of its own, and a port of its own for the Runtime API.  What it
 * prints goes into our log, line by line, with the function and the request.
 *
 * Invariants:
 *   - slot->ninstances counts those not ENDING, nstarting and nrunning the
 *     STARTING and BUSY ones: only instance_set_state() changes them;
 *   - an instance is freed in one place: when its process has been waited for.
 */

#include "instance.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "invoke.h"
#include "log.h"
#include "runtime_api.h"
#include "spawn.h"
#include "wallclock.h"
#include "xmalloc.h"

#define ENV_MAX 32

void
instance_set_state(struct instance *i, enum instance_state state)
{
	struct slot	*s = i->slot;

	if (i->state == INSTANCE_STARTING)
		s->nstarting--;
	if (i->state == INSTANCE_BUSY)
		s->nrunning--;
	if (i->state != INSTANCE_ENDING && state == INSTANCE_ENDING)
		s->ninstances--;
	i->state = state;
	if (state == INSTANCE_STARTING)
		s->nstarting++;
	if (state == INSTANCE_BUSY)
		s->nrunning++;
	/* The one used last is used next, so that the others may end. */
	if (state == INSTANCE_IDLE) {
		event_del(i->timer);
		TAILQ_REMOVE(&s->instances, i, entry);
		TAILQ_INSERT_HEAD(&s->instances, i, entry);
		i->idle_since_ms = wallclock_monotonic_ms();
	}
}

static void
set_timer(struct instance *i, int64_t ms)
{
	struct timeval	 tv = { ms / 1000, ms % 1000 * 1000 };

	event_add(i->timer, &tv);
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct instance	*i = arg;

	(void)fd;
	(void)what;
	if (i->state == INSTANCE_STARTING) {
		log_warn("process does not ask for work function=%s pid=%d "
		    "after=%ds", i->slot->name, (int)i->pid,
		    HOST_INIT_MS / 1000);
		i->init_timed_out = true;
	}
	instance_end(i, true);
}

void
instance_expect_next(struct instance *i)
{
	instance_set_state(i, INSTANCE_STARTING);
	set_timer(i, HOST_INIT_MS);
}

/* --- output ---------------------------------------------------------------- */

static void
log_line(const char *line, void *arg)
{
	struct instance	*i = arg;

	log_info("output function=%s pid=%d request=%s: %s", i->slot->name,
	    (int)i->pid, i->invocation == NULL ? "-" : i->invocation->id, line);
}

static void
output_cb(evutil_socket_t fd, short what, void *arg)
{
	struct instance	*i = arg;
	char		 buf[16384];
	ssize_t		 n;

	(void)what;
	n = read(fd, buf, sizeof buf);
	if (n > 0)
		lines_feed(&i->lines, buf, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		event_del(i->output_event);
}

void
instance_read_output(struct instance *i)
{
	char	 buf[16384];
	ssize_t	 n;
	int	 turns;

	/* Bounded: a process may print faster than we read. */
	for (turns = 0; turns < 64; turns++) {
		if ((n = read(i->output, buf, sizeof buf)) <= 0)
			return;
		lines_feed(&i->lines, buf, (size_t)n);
	}
}

/* --- start ----------------------------------------------------------------- */

static void
add_env(char **env, size_t *n, const char *name, const char *value)
{
	if (*n < ENV_MAX && value != NULL)
		env[(*n)++] = xasprintf("%s=%s", name, value);
}

/* True if the function sets this variable itself. */
static bool
overridden(const struct function *f, const char *pair)
{
	size_t	 len = strcspn(pair, "=") + 1, i;

	for (i = 0; f->env != NULL && f->env[i] != NULL; i++)
		if (strncmp(f->env[i], pair, len) == 0)
			return true;
	return false;
}

/* The environment: Lambda's names, then the function's own; new. */
static char **
make_env(struct slot *s, int port)
{
	struct host	*h = s->host;
	struct function	*f = s->function;
	char		*own[ENV_MAX], **env, text[64];
	size_t		 n = 0, nown = 0, i;

	for (i = 0; f->env != NULL && f->env[i] != NULL; i++)
		;
	env = xcalloc(ENV_MAX + i + 1, sizeof *env);
	add_env(own, &nown, "PATH", "/usr/local/bin:/usr/bin:/bin");
	add_env(own, &nown, "LANG", "C.UTF-8");
	add_env(own, &nown, "TZ", ":UTC");
	add_env(own, &nown, "TMPDIR", "/tmp");
	add_env(own, &nown, "LAMBDA_TASK_ROOT", f->dir);
	add_env(own, &nown, "_HANDLER", f->handler);
	add_env(own, &nown, "AWS_REGION", h->options.region);
	add_env(own, &nown, "AWS_DEFAULT_REGION", h->options.region);
	add_env(own, &nown, "AWS_LAMBDA_FUNCTION_NAME", s->name);
	add_env(own, &nown, "AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
	snprintf(text, sizeof text, "%lld",
	    (long long)(f->memory_mb > 0 ? f->memory_mb : 128));
	add_env(own, &nown, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", text);
	add_env(own, &nown, "AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
	for (i = 0; i < nown; i++)
		if (overridden(f, own[i]))
			free(own[i]);
		else
			env[n++] = own[i];
	for (i = 0; f->env != NULL && f->env[i] != NULL; i++)
		env[n++] = xstrdup(f->env[i]);
	env[n] = xasprintf("AWS_LAMBDA_RUNTIME_API=127.0.0.1:%d", port);
	return env;
}

static int
start_process(struct instance *i, int port, struct err *e)
{
	struct function	*f = i->slot->function;
	struct spawn	 s = { .argv = f->argv, .dir = f->dir, .in = -1,
			    .group = true };
	int		 ends[2];
	char		**env;
	size_t		 n;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return err_set(e, "SpawnFailed", "cannot make a pipe: %s",
		    strerror(errno));
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	env = make_env(i->slot, port);
	s.env = env;
	s.out = s.err = ends[1];
	s.memory_bytes = (size_t)f->memory_mb << 20;
	i->pid = spawn_start(&s, e);
	for (n = 0; env[n] != NULL; n++)
		free(env[n]);
	free(env);
	close(ends[1]);
	if (i->pid == -1) {
		close(ends[0]);
		return -1;
	}
	i->output = ends[0];
	return 0;
}

int
instance_start(struct slot *s, struct err *e)
{
	static const struct httpd_limits limits = {
		.body_bytes = 2 * HOST_PAYLOAD_MAX, .header_bytes = 65536,
		.timeout_s = 60 };
	struct host	*h = s->host;
	struct instance	*i = xcalloc(1, sizeof *i);
	int		 port;

	i->slot = s;
	i->stamp = s->function->stamp;
	i->api = httpd_new(h->base, &limits, runtime_api_handle, i);
	if ((port = httpd_listen(i->api, "127.0.0.1", 0)) == -1) {
		err_set(e, "SpawnFailed", "cannot listen for the process: %s",
		    strerror(errno));
		goto fail;
	}
	if (start_process(i, port, e) == -1)
		goto fail;
	lines_init(&i->lines, log_line, i);
	i->output_event = event_new(h->base, i->output, EV_READ | EV_PERSIST,
	    output_cb, i);
	event_add(i->output_event, NULL);
	i->timer = event_new(h->base, -1, 0, timer_cb, i);
	set_timer(i, HOST_INIT_MS);
	i->state = INSTANCE_STARTING;
	s->nstarting++;
	s->ninstances++;
	h->nprocesses++;
	TAILQ_INSERT_TAIL(&s->instances, i, entry);
	log_debug("process started function=%s pid=%d", s->name, (int)i->pid);
	return 0;
fail:
	httpd_free(i->api);
	free(i);
	return -1;
}

/* --- end ------------------------------------------------------------------- */

void
instance_end(struct instance *i, bool now)
{
	if (i->state != INSTANCE_ENDING)
		instance_set_state(i, INSTANCE_ENDING);
	spawn_signal(i->pid, now ? SIGKILL : SIGTERM);
	if (now)
		event_del(i->timer);
	else
		set_timer(i, HOST_END_MS);
}

void
instance_retire_changed(struct slot *s)
{
	struct instance	*i, *next;

	for (i = TAILQ_FIRST(&s->instances); i != NULL; i = next) {
		next = TAILQ_NEXT(i, entry);
		if (i->state == INSTANCE_IDLE && (s->function == NULL ||
		    i->stamp != s->function->stamp))
			instance_end(i, false);
	}
}

void
instance_retire_idle(struct host *h)
{
	int64_t		 now = wallclock_monotonic_ms();
	struct instance	*i;
	struct slot	*s;

	TAILQ_FOREACH(s, &h->slots, entry)
		TAILQ_FOREACH(i, &s->instances, entry)
			if (i->state == INSTANCE_IDLE &&
			    now - i->idle_since_ms > h->options.idle_ms) {
				log_debug("process idle for long function=%s "
				    "pid=%d", s->name, (int)i->pid);
				instance_end(i, false);
			}
}

void
instance_end_all(struct host *h, bool now)
{
	struct instance	*i;
	struct slot	*s;

	TAILQ_FOREACH(s, &h->slots, entry)
		TAILQ_FOREACH(i, &s->instances, entry)
			instance_end(i, now);
}

/* Its process is gone and waited for. */
static void
bury(struct instance *i, int status)
{
	struct slot	*s = i->slot;
	struct host	*h = s->host;

	instance_read_output(i);
	lines_end(&i->lines);
	log_debug("process ended function=%s pid=%d %s=%d", s->name,
	    (int)i->pid, WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	invoke_instance_gone(i, status);
	if (i->state != INSTANCE_ENDING)
		instance_set_state(i, INSTANCE_ENDING);
	TAILQ_REMOVE(&s->instances, i, entry);
	h->nprocesses--;
	event_free(i->output_event);
	event_free(i->timer);
	close(i->output);
	httpd_free(i->api);
	free(i->init_error);
	free(i);
	/* Another function may have waited for the place. */
	TAILQ_FOREACH(s, &h->slots, entry)
		invoke_dispatch(s);
	h->changed(h);
}

void
instance_reap(struct host *h)
{
	struct instance	*i, *next;
	struct slot	*s;
	int		 status;

	TAILQ_FOREACH(s, &h->slots, entry)
		for (i = TAILQ_FIRST(&s->instances); i != NULL; i = next) {
			next = TAILQ_NEXT(i, entry);
			if (spawn_ended(i->pid, &status))
				bury(i, status);
		}
}
