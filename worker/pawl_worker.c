/*
 * worker/pawl_worker.c - the functions host: options, signals, start and end.
 */

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "access.h"
#include "datadir.h"
#include "host.h"
#include "instance.h"
#include "invoke.h"
#include "log.h"
#include "register.h"
#include "runtime_exec.h"
#include "xmalloc.h"

static const char	 help[] =
"pawl-worker - run a folder of functions, for pawl to call\n"
"\n"
"  pawl-worker --functions DIR --register\n"
"\n"
"Each folder in DIR is a function; its name is the folder's.  In it stands one of\n"
"\n"
"  handler.py     def handler(event, context): return {...}\n"
"  handler.sh     a shell script: event on standard input, result on output\n"
"  handler        the same, any executable program\n"
"  bootstrap      a program that speaks the AWS Lambda Runtime API\n"
"\n"
"and, if you like, function.json:\n"
"\n"
"  {\"timeoutSeconds\": 3, \"concurrency\": 10, \"memoryMB\": 256,\n"
"   \"environment\": {\"NAME\": \"value\"}, \"handler\": \"module.function\"}\n"
"\n"
"Try one:  curl -d '{\"hello\":\"you\"}' http://127.0.0.1:9000/functions/NAME\n"
"\n"
"A changed handler serves the next call.  What functions print goes to the log,\n"
"here, line by line.\n"
"\n"
"  --functions DIR      the folder of functions (required)\n"
"  --listen HOST:PORT   where to serve them (127.0.0.1:9000; port 0: any)\n"
"  --register           tell pawld the URL of each function, until it knows\n"
"  --url URL            how pawld reaches this host (http://HOST:PORT of --listen)\n"
"  --data DIR           folder of pawld's client.json, for --register\n"
"                       (else $PAWL_URL and $PAWL_KEY, else the default folder)\n"
"  --key KEY            callers must send Authorization: Bearer KEY\n"
"                       (better in $PAWL_WORKER_KEY: other users see options)\n"
"  --insecure-public    allow --listen on an address others reach; needs a key\n"
"  --idle-seconds N     a process not used for so long ends (300)\n"
"  --grace-seconds N    SIGTERM: running calls may go on for so long (10)\n"
"  --max-processes N    of all functions together (200)\n"
"  --region R, --account A   in the ARNs that functions see\n"
"  --runtimes DIR       where the runtimes are (python/bootstrap.py)\n"
"  --log-level LEVEL    debug, info, warn or error (info)\n"
"  --help, --version\n"
"\n"
"SIGTERM: takes no more calls, lets the running ones end, ends all processes.\n"
"Exit status: 0 ended as asked, 1 cannot run, 2 wrong usage.\n";

struct arguments {
	const char	*functions, *listen, *url, *data, *key, *runtimes;
	const char	*region, *account;
	bool		 registers, insecure_public;
	long		 idle_s, grace_s, max_processes;
	enum log_level	 level;
};

/* The process; signal handlers of libevent reach it as their argument. */
struct worker {
	struct host		 host;
	struct registrar	*registrar;
	struct event		*sigs[5], *tick, *grace;
	struct timeval		 grace_time;
	bool			 ending;
};

static _Noreturn void
usage(const char *fmt, const char *what)
{
	fprintf(stderr, "pawl-worker: ");
	fprintf(stderr, fmt, what);
	fprintf(stderr, "\nTry: pawl-worker --help\n");
	exit(2);
}

static long
parse_number(const char *option, const char *text, long min, long max)
{
	char	*end;
	long	 n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (*text == '\0' || *end != '\0' || errno != 0 || n < min || n > max) {
		fprintf(stderr, "pawl-worker: %s is a number from %ld to %ld, "
		    "not '%s'.\n", option, min, max, text);
		exit(2);
	}
	return n;
}

static enum log_level
parse_level(const char *text)
{
	static const char *const	 names[] = { "debug", "info", "warn",
					    "error" };
	int				 i;

	for (i = 0; i < 4; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum log_level)i;
	usage("--log-level is debug, info, warn or error, not '%s'.", text);
}

enum { O_FUNCTIONS = 256, O_LISTEN, O_REGISTER, O_URL, O_DATA, O_KEY, O_PUBLIC,
    O_IDLE, O_GRACE, O_MAX, O_REGION, O_ACCOUNT, O_RUNTIMES, O_LEVEL };

static const struct option	 options[] = {
	{ "functions", required_argument, NULL, O_FUNCTIONS },
	{ "listen", required_argument, NULL, O_LISTEN },
	{ "register", no_argument, NULL, O_REGISTER },
	{ "url", required_argument, NULL, O_URL },
	{ "data", required_argument, NULL, O_DATA },
	{ "key", required_argument, NULL, O_KEY },
	{ "insecure-public", no_argument, NULL, O_PUBLIC },
	{ "idle-seconds", required_argument, NULL, O_IDLE },
	{ "grace-seconds", required_argument, NULL, O_GRACE },
	{ "max-processes", required_argument, NULL, O_MAX },
	{ "region", required_argument, NULL, O_REGION },
	{ "account", required_argument, NULL, O_ACCOUNT },
	{ "runtimes", required_argument, NULL, O_RUNTIMES },
	{ "log-level", required_argument, NULL, O_LEVEL },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 }
};

static void
parse_option(struct arguments *a, int c)
{
	switch (c) {
	case O_FUNCTIONS: a->functions = optarg; break;
	case O_LISTEN: a->listen = optarg; break;
	case O_REGISTER: a->registers = true; break;
	case O_URL: a->url = optarg; break;
	case O_DATA: a->data = optarg; break;
	case O_KEY: a->key = optarg; break;
	case O_PUBLIC: a->insecure_public = true; break;
	case O_IDLE:
		a->idle_s = parse_number("--idle-seconds", optarg, 1, 86400);
		break;
	case O_GRACE:
		a->grace_s = parse_number("--grace-seconds", optarg, 0, 3600);
		break;
	case O_MAX:
		a->max_processes = parse_number("--max-processes", optarg, 1,
		    10000);
		break;
	case O_REGION: a->region = optarg; break;
	case O_ACCOUNT: a->account = optarg; break;
	case O_RUNTIMES: a->runtimes = optarg; break;
	case O_LEVEL: a->level = parse_level(optarg); break;
	case 'h':
		fputs(help, stdout);
		exit(0);
	case 'v':
		puts("pawl-worker " PACKAGE_VERSION);
		exit(0);
	default:
		fprintf(stderr, "Try: pawl-worker --help\n");
		exit(2);
	}
}

static void
parse_arguments(struct arguments *a, int argc, char **argv)
{
	int	 c;

	*a = (struct arguments){ .listen = "127.0.0.1:9000",
	    .region = "us-east-1", .account = "111111111111", .idle_s = 300,
	    .grace_s = 10, .max_processes = 200, .level = LOG_LEVEL_INFO,
	    .key = getenv("PAWL_WORKER_KEY"),
	    .runtimes = getenv("PAWL_RUNTIMES") };
	while ((c = getopt_long(argc, argv, "hv", options, NULL)) != -1)
		parse_option(a, c);
	if (optind < argc)
		usage("what is '%s'?", argv[optind]);
	if (a->functions == NULL)
		usage("say which folder holds the functions: --functions %s",
		    "DIR");
	if (a->key != NULL && a->key[0] == '\0')
		a->key = NULL;
}

/* --- what is installed ----------------------------------------------------- */

static char *
self_path(void)
{
	char	 buf[4096];
	ssize_t	 n = readlink("/proc/self/exe", buf, sizeof buf - 1);

	if (n <= 0)
		log_fatal("cannot read /proc/self/exe: %s", strerror(errno));
	return xstrndup(buf, (size_t)n);
}

/* python3: Debian's own first, then what stands in PATH; new, or NULL. */
static char *
find_python(void)
{
	const char	*p = getenv("PATH");
	char		*path = xstrdup("/usr/bin/python3");
	size_t		 len;

	for (; access(path, X_OK) == -1; p += len + (p[len] == ':')) {
		free(path);
		if (p == NULL || *p == '\0')
			return NULL;
		len = strcspn(p, ":");
		path = xasprintf("%.*s/python3", (int)len, p);
	}
	return path;
}

/* Our Python runtime: as told, beside the program, or where it is installed. */
static char *
find_bootstrap(const char *told, const char *self)
{
	static const char *const	 beside[] = { "../share/pawl/runtimes",
	    "worker/runtimes", "../worker/runtimes", "../../worker/runtimes" };
	int				 dir = (int)(strrchr(self, '/') - self);
	char				*path;
	size_t				 i;

	if (told != NULL) {
		path = xasprintf("%s/python/bootstrap.py", told);
		if (access(path, R_OK) == -1)
			log_fatal("no runtime for Python path=%s: %s", path,
			    strerror(errno));
		return path;
	}
	for (i = 0; i < sizeof beside / sizeof beside[0]; i++) {
		path = xasprintf("%.*s/%s/python/bootstrap.py", dir, self,
		    beside[i]);
		if (access(path, R_OK) == 0)
			return path;
		free(path);
	}
	path = xstrdup(PAWL_SHAREDIR "/runtimes/python/bootstrap.py");
	if (access(path, R_OK) == 0)
		return path;
	free(path);
	return NULL;
}

/* --- end ------------------------------------------------------------------- */

/* Something has ended: is all over now? */
static void
changed(struct host *h)
{
	struct worker	*w = (struct worker *)h;

	if (!h->stopping || h->ninvocations > 0)
		return;
	if (h->nprocesses == 0)
		event_base_loopbreak(h->base);
	else if (!w->ending) {
		w->ending = true;
		instance_end_all(h, false);
	}
}

static void
grace_cb(evutil_socket_t fd, short what, void *arg)
{
	struct worker	*w = arg;
	struct slot	*s;

	(void)fd;
	(void)what;
	log_warn("calls still open are ended calls=%zu", w->host.ninvocations);
	w->ending = true;
	TAILQ_FOREACH(s, &w->host.slots, entry)
		invoke_cancel_waiting(s, "ServiceException",
		    "The functions host is shutting down.");
	instance_end_all(&w->host, true);
}

static void
stop_cb(evutil_socket_t sig, short what, void *arg)
{
	struct worker	*w = arg;

	(void)what;
	if (w->host.stopping) {
		grace_cb(-1, 0, w);
		return;
	}
	log_info("ending signal=%d calls=%zu processes=%zu", (int)sig,
	    w->host.ninvocations, w->host.nprocesses);
	w->host.stopping = true;
	httpd_stop_listening(w->host.server);
	event_add(w->grace, &w->grace_time);
	changed(&w->host);
}

static void
child_cb(evutil_socket_t sig, short what, void *arg)
{
	struct worker	*w = arg;

	(void)sig;
	(void)what;
	instance_reap(&w->host);
}

static void
hangup_cb(evutil_socket_t sig, short what, void *arg)
{
	struct worker	*w = arg;

	(void)sig;
	(void)what;
	host_scan(&w->host);
}

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct worker	*w = arg;

	(void)fd;
	(void)what;
	instance_retire_idle(&w->host);
}

/* --- start ----------------------------------------------------------------- */

/* Listens; the URL under which it is reached here, new. */
static char *
start_server(struct worker *w, const struct arguments *a)
{
	static const struct httpd_limits limits = {
		.body_bytes = HOST_PAYLOAD_MAX, .header_bytes = 32768,
		.timeout_s = 60 };
	const char	*colon = strrchr(a->listen, ':');
	char		*host, *url;
	int		 port;

	if (colon == NULL || colon == a->listen)
		usage("--listen is HOST:PORT, not '%s'.", a->listen);
	port = (int)parse_number("the port of --listen", colon + 1, 0, 65535);
	if (a->listen[0] == '[' && colon[-1] == ']')
		host = xstrndup(a->listen + 1, (size_t)(colon - a->listen) - 2);
	else
		host = xstrndup(a->listen, (size_t)(colon - a->listen));
	if (!access_is_loopback(host) && (!a->insecure_public || a->key == NULL))
		usage("%s is reached by other machines; that needs "
		    "--insecure-public (calls are not encrypted) and a key.",
		    host);
	w->host.server = httpd_new(w->host.base, &limits, invoke_handle,
	    &w->host);
	if ((port = httpd_listen(w->host.server, host, port)) == -1)
		log_fatal("cannot listen address=%s: %s", a->listen,
		    strerror(errno));
	url = xasprintf(strchr(host, ':') != NULL ? "http://[%s]:%d" :
	    "http://%s:%d", host, port);
	free(host);
	return url;
}

static void
watch_signals(struct worker *w)
{
	static const int	 numbers[] = { SIGTERM, SIGINT, SIGCHLD, SIGHUP };
	static const event_callback_fn callbacks[] = { stop_cb, stop_cb,
				    child_cb, hangup_cb };
	struct timeval		 second = { 1, 0 };
	size_t			 i;

	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		w->sigs[i] = evsignal_new(w->host.base, numbers[i],
		    callbacks[i], w);
		event_add(w->sigs[i], NULL);
	}
	w->grace = event_new(w->host.base, -1, 0, grace_cb, w);
	w->tick = event_new(w->host.base, -1, EV_PERSIST, tick_cb, w);
	event_add(w->tick, &second);
}

/* The URL to register: with the key as password, if there is one; new. */
static char *
public_url(const char *url, const char *key)
{
	const char	*host = strstr(url, "//");

	if (host == NULL)
		usage("--url is http://HOST:PORT, not '%s'.", url);
	if (key == NULL)
		return xstrdup(url);
	return xasprintf("%.*s//pawl:%s@%s", (int)(host - url), url, key,
	    host + 2);
}

int
main(int argc, char **argv)
{
	struct arguments	 a;
	struct worker		 w = { 0 };
	char			*self, *python, *bootstrap, *folder, *url, *data;
	size_t			 i;

	if (argc > 2 && strcmp(argv[1], "--runtime-exec") == 0)
		return runtime_exec_main(argv + 2);
	parse_arguments(&a, argc, argv);
	log_init("pawl-worker", a.level);
	if ((folder = realpath(a.functions, NULL)) == NULL)
		log_fatal("no folder of functions path=%s: %s", a.functions,
		    strerror(errno));
	self = self_path();
	python = find_python();
	bootstrap = find_bootstrap(a.runtimes, self);
	w.host.base = event_base_new();
	w.host.changed = changed;
	w.host.by_name = map_new();
	TAILQ_INIT(&w.host.slots);
	w.host.options = (struct host_options){ .folder = folder, .key = a.key,
	    .region = a.region, .account = a.account,
	    .idle_ms = a.idle_s * 1000,
	    .max_processes = (size_t)a.max_processes,
	    .runtimes = { self, python, bootstrap } };
	w.grace_time.tv_sec = a.grace_s;
	watch_signals(&w);
	url = start_server(&w, &a);
	log_info("serving functions folder=%s url=%s/functions/", folder, url);
	host_scan(&w.host);
	if (a.registers) {
		char *reach = public_url(a.url == NULL ? url : a.url, a.key);

		data = a.data == NULL ? datadir_default() : xstrdup(a.data);
		w.registrar = register_start(&w.host, reach, data);
		free(data);
		free(reach);
	}
	event_base_dispatch(w.host.base);
	log_info("ended");

	register_stop(w.registrar);
	httpd_free(w.host.server);
	host_clear(&w.host);
	for (i = 0; i < 4; i++)
		event_free(w.sigs[i]);
	event_free(w.tick);
	event_free(w.grace);
	event_base_free(w.host.base);
	free(url);
	free(self);
	free(python);
	free(bootstrap);
	free(folder);
	return 0;
}
