/*
 * engine/process.c - one event-loop process: everything wired together.
 *
 * The order of a clean stop: accept nothing new, let the runtime commit what it
 * has, give the shards back, let the last answers go out, free everything.  Each
 * step waits for the one before, and a time limit for all of them: what is cut
 * off there is what a crash would cut off, which the history survives.
 *
 * To wire in something new: a member of struct process, a line in start(), one
 * in stop_all(), in reverse order.
 */

#include "process.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "httpd.h"
#include "log.h"
#include "outcall.h"
#include "registry.h"
#include "runtime.h"
#include "shards.h"
#include "store.h"
#include "wallclock.h"
#include "xmalloc.h"

#define HEADER_BYTES_MAX	32768
#define CLIENT_TIMEOUT_S	120
#define INTERNAL_TIMEOUT_S	300	/* kept alive between processes */
#define INTERNAL_SLACK_BYTES	65536	/* what forwarding adds to a body */
#define READY_CHECK_MS		10
#define STOP_CHECK_MS		10
#define STOP_ANSWERS_MS		1000	/* for answers on their way out */
#define STOP_MS			8000	/* for the whole of a clean stop */

struct process {
	const struct process_env	*env;
	struct event_base		*base;
	struct store			*store;
	struct registry			*registry;
	struct runtime			*runtime;
	struct shards			*shards;
	struct outcall_pool		*outcalls;
	struct api			*api;
	struct httpd			*httpd, *internal;

	struct event			*on_term, *on_master, *ticks;
	enum { STARTING, RUNNING, DRAINING, RELEASING, LEAVING } phase;
	int64_t				 stop_ms, leaving_ms;
	int				 status;
};

/* ---- shards ---- */

static bool
owns(int shard, void *arg)
{
	const struct process	*p = arg;

	return p->shards != NULL && shards_mine(p->shards, shard);
}

static void
gained(const int *list, size_t n, void *arg)
{
	struct process	*p = arg;

	runtime_shards_gained(p->runtime, list, n);
}

static void
lost(const int *list, size_t n, void *arg)
{
	struct process	*p = arg;

	runtime_shards_lost(p->runtime, list, n);
}

/* ---- stopping ---- */

static void
tick_every(struct process *p, int ms)
{
	struct timeval	 tv = { ms / 1000, ms % 1000 * 1000 };

	event_add(p->ticks, &tv);
}

static void
on_released(void *arg)
{
	struct process	*p = arg;

	p->phase = LEAVING;
	p->leaving_ms = wallclock_monotonic_ms();
}

static void
on_drained(void *arg)
{
	struct process	*p = arg;

	p->phase = RELEASING;
	if (store_ready(p->store))
		shards_release(p->shards, on_released, p);
	else
		on_released(p);		/* the leases will run out */
}

static void
on_term(evutil_socket_t fd, short what, void *arg)
{
	struct process	*p = arg;

	(void)fd;
	(void)what;
	if (p->phase >= DRAINING)
		return;
	log_debug("stopping");
	p->phase = DRAINING;
	p->stop_ms = wallclock_monotonic_ms();
	tick_every(p, STOP_CHECK_MS);
	httpd_stop_listening(p->httpd);
	api_drain(p->api);
	runtime_drain(p->runtime, on_drained, p);
}

static void
check_stop(struct process *p)
{
	int64_t	 now = wallclock_monotonic_ms();
	size_t	 open = httpd_pending(p->httpd) + httpd_pending(p->internal);

	if (p->phase == LEAVING && (open == 0 ||
	    now - p->leaving_ms >= STOP_ANSWERS_MS)) {
		log_debug("stopped unanswered=%zu", open);
		event_base_loopbreak(p->base);
	} else if (now - p->stop_ms >= STOP_MS) {
		log_warn("the clean stop takes too long: leaving as in a crash");
		_exit(1);
	}
}

/* ---- starting ---- */

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	static const char	 ready = PROCESS_READY;
	struct process		*p = arg;

	(void)fd;
	(void)what;
	if (p->phase >= DRAINING)
		check_stop(p);
	else if (store_ready(p->store) && shards_settled(p->shards)) {
		p->phase = RUNNING;
		event_del(p->ticks);
		if (write(p->env->master_fd, &ready, 1) == -1)
			log_debug("the master does not listen: %s",
			    strerror(errno));
	}
}

/* The master never writes: this is its end, and ours, as in a crash. */
static void
on_master(evutil_socket_t fd, short what, void *arg)
{
	char		 c;
	ssize_t		 n = read(fd, &c, 1);

	(void)what;
	(void)arg;
	if (n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR)))
		return;
	log_error("the master has died: leaving");
	_exit(1);
}

static bool
start_runtime(struct process *p)
{
	const struct process_env	*env = p->env;
	struct runtime_env		 re = {
		.base = p->base,
		.settings = env->settings,
		.keys = env->keys,
		.account = { env->settings->region, env->settings->account },
		.public_url = env->public_url,
		.owns = owns,
		.owns_arg = p,
	};

	p->store = store_new(p->base, env->conninfo);
	p->registry = registry_new(p->store);
	re.store = p->store;
	re.registry = p->registry;
	p->runtime = runtime_new(&re);
	p->outcalls = outcall_pool_new(p->base);
	return p->runtime != NULL;
}

static void
on_request(struct httpd_request *request, void *arg)
{
	struct process	*p = arg;

	api_handle(request, p->api);
}

static void
on_internal(struct httpd_request *request, void *arg)
{
	struct process	*p = arg;

	api_handle_internal(request, p->api);
}

/* The internal port first: its address stands in the leases. */
static bool
start_shards(struct process *p, const struct httpd_limits *limits)
{
	char	*address;
	int	 port;

	p->internal = httpd_new(p->base, limits, on_internal, p);
	if ((port = httpd_listen(p->internal, "127.0.0.1", 0)) == -1) {
		log_error("no port for calls between processes: %s",
		    strerror(errno));
		return false;
	}
	address = xasprintf("http://127.0.0.1:%d", port);
	p->shards = shards_new(p->base, p->store, p->env->owner, address,
	    p->env->settings->lease_ms, gained, lost, p);
	shards_expect(p->shards, p->env->processes);
	runtime_own_url(p->runtime, address);
	free(address);
	return true;
}

static bool
start_api(struct process *p, const struct httpd_limits *limits)
{
	const struct process_env	*env = p->env;
	struct api_env			 ae = {
		.base = p->base,
		.store = p->store,
		.registry = p->registry,
		.runtime = p->runtime,
		.shards = p->shards,
		.outcalls = p->outcalls,
		.settings = env->settings,
		.keys = env->keys,
		.account = { env->settings->region, env->settings->account },
		.public_url = env->public_url,
	};

	p->api = api_new(&ae);
	p->httpd = httpd_new(p->base, limits, on_request, p);
	if (httpd_accept(p->httpd, env->listen_fd) == -1) {
		log_error("cannot accept on the public socket: %s",
		    strerror(errno));
		return false;
	}
	return true;
}

static bool
start(struct process *p)
{
	struct httpd_limits	 limits = {
		.body_bytes = (size_t)p->env->settings->body_bytes,
		.header_bytes = HEADER_BYTES_MAX,
		.timeout_s = CLIENT_TIMEOUT_S,
	};
	struct httpd_limits	 internal = {
		.body_bytes = limits.body_bytes + INTERNAL_SLACK_BYTES,
		.header_bytes = 2 * HEADER_BYTES_MAX,
		.timeout_s = INTERNAL_TIMEOUT_S,
	};

	p->on_term = evsignal_new(p->base, SIGTERM, on_term, p);
	p->on_master = event_new(p->base, p->env->master_fd,
	    EV_READ | EV_PERSIST, on_master, p);
	p->ticks = event_new(p->base, -1, EV_PERSIST, on_tick, p);
	evsignal_add(p->on_term, NULL);
	event_add(p->on_master, NULL);
	tick_every(p, READY_CHECK_MS);
	return start_runtime(p) && start_shards(p, &internal) &&
	    start_api(p, &limits);
}

static void
stop_all(struct process *p)
{
	/* First: it answers those who wait, and these are calls of the API. */
	if (p->runtime != NULL)
		runtime_free(p->runtime);
	if (p->api != NULL)
		api_free(p->api);
	if (p->httpd != NULL)
		httpd_free(p->httpd);
	if (p->internal != NULL)
		httpd_free(p->internal);
	shards_free(p->shards);
	if (p->outcalls != NULL)
		outcall_pool_free(p->outcalls);
	if (p->registry != NULL)
		registry_free(p->registry);
	if (p->store != NULL)
		store_free(p->store);
	event_free(p->on_term);
	event_free(p->on_master);
	event_free(p->ticks);
	event_base_free(p->base);
}

int
process_run(const struct process_env *env)
{
	struct process	 p = { .env = env };

	signal(SIGINT, SIG_IGN);	/* of a terminal: the master tells us */
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if ((p.base = event_base_new()) == NULL) {
		log_error("no event loop");
		return 1;
	}
	if (!start(&p))
		p.status = 1;
	else if (event_base_dispatch(p.base) == -1) {
		log_error("the event loop has failed");
		p.status = 1;
	}
	stop_all(&p);
	return p.status;
}
