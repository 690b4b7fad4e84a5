/*
 * worker/register.c - tells pawld where the functions are.
 *
 * One call at a time, the next at once after a good answer, else each second as
 * long as a function is not registered.  What stands in the way is logged once.
 */

#include "register.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "strbuf.h"
#include "xmalloc.h"

#define PERIOD_S 1
#define CALL_TIMEOUT_S 10
/* pawld waits longer than we do: starting a process takes time too. */
#define EXTRA_TIMEOUT_S 15

struct registrar {
	struct host			*host;
	struct event			*tick;
	char				*url, *data;
	char				*server, *key;	/* as found last */
	struct evhttp_connection	*conn;		/* to server */
	struct slot			*slot;		/* being registered */
	int64_t				 stamp;		/* of its function then */
	char				*complaint;	/* logged last */
};

static void
complain(struct registrar *g, char *text)
{
	if (g->complaint == NULL || strcmp(g->complaint, text) != 0)
		log_warn("functions are not registered yet: %s", text);
	free(g->complaint);
	g->complaint = text;
}

/* Server and key out of client.json; false, and a complaint, if not there. */
static bool
read_client_json(struct registrar *g, char **server, char **key)
{
	char		*path = xasprintf("%s/client.json", g->data);
	json_error_t	 je;
	json_t		*o = json_load_file(path, 0, &je);
	const char	*url = json_string_value(json_object_get(o, "url"));
	const char	*k = json_string_value(json_object_get(o, "apiKey"));

	if (url != NULL && k != NULL) {
		*server = xstrdup(url);
		*key = xstrdup(k);
	} else
		complain(g, xasprintf("no PAWL_URL and PAWL_KEY, and %s: %s",
		    path, o == NULL ? je.text : "no url and apiKey in it"));
	json_decref(o);
	free(path);
	return *server != NULL;
}

/* Finds the server and makes the connection, anew if it is another one. */
static bool
find_server(struct registrar *g)
{
	const char		*env_url = getenv("PAWL_URL");
	const char		*env_key = getenv("PAWL_KEY");
	char			*server = NULL, *key = NULL;
	struct evhttp_uri	*uri;
	const char		*host;
	int			 port;

	if (env_url != NULL && env_key != NULL) {
		server = xstrdup(env_url);
		key = xstrdup(env_key);
	} else if (!read_client_json(g, &server, &key))
		return false;
	free(g->key);
	g->key = key;
	if (g->conn != NULL && strcmp(g->server, server) == 0) {
		free(server);
		return true;
	}
	if (g->conn != NULL)
		evhttp_connection_free(g->conn);
	g->conn = NULL;
	free(g->server);
	g->server = server;
	uri = evhttp_uri_parse(server);
	if (uri == NULL || evhttp_uri_get_scheme(uri) == NULL ||
	    strcmp(evhttp_uri_get_scheme(uri), "http") != 0 ||
	    (host = evhttp_uri_get_host(uri)) == NULL)
		complain(g, xasprintf("%s is not a URL http://host:port",
		    server));
	else {
		port = evhttp_uri_get_port(uri);
		g->conn = evhttp_connection_base_new(g->host->base, NULL, host,
		    (unsigned short)(port == -1 ? 80 : port));
		evhttp_connection_set_timeout(g->conn, CALL_TIMEOUT_S);
	}
	if (uri != NULL)
		evhttp_uri_free(uri);
	return g->conn != NULL;
}

static void
done_cb(struct evhttp_request *req, void *arg)
{
	struct registrar	*g = arg;
	struct slot		*s = g->slot;
	int			 status;

	g->slot = NULL;
	status = req == NULL ? 0 : evhttp_request_get_response_code(req);
	if (status == 200 || status == 201) {
		s->registered = s->function != NULL &&
		    s->function->stamp == g->stamp;
		log_info("function registered function=%s server=%s", s->name,
		    g->server);
		free(g->complaint);
		g->complaint = NULL;
		event_active(g->tick, EV_TIMEOUT, 0);
	} else if (status == 0)
		complain(g, xasprintf("pawld does not answer at %s",
		    g->server));
	else if (status == 401 || status == 403)
		complain(g, xasprintf("pawld at %s refuses the key",
		    g->server));
	else
		complain(g, xasprintf("pawld at %s answers %d for %s",
		    g->server, status, s->name));
}

static void
put(struct registrar *g, struct slot *s)
{
	struct evhttp_request	*req = evhttp_request_new(done_cb, g);
	struct evkeyvalq	*headers = evhttp_request_get_output_headers(req);
	struct evbuffer		*out = evhttp_request_get_output_buffer(req);
	const char		*host = strstr(g->server, "//") + 2;
	char			*text, *url;
	struct strbuf		 b = STRBUF_INIT;

	text = xasprintf("Bearer %s", g->key);
	evhttp_add_header(headers, "Authorization", text);
	free(text);
	text = xstrndup(host, strcspn(host, "/"));
	evhttp_add_header(headers, "Host", text);
	free(text);
	evhttp_add_header(headers, "Content-Type", "application/json");
	url = xasprintf("%s/functions/%s", g->url, s->name);
	strbuf_adds(&b, "{\"url\":");
	strbuf_add_json_string(&b, url, strlen(url));
	strbuf_addf(&b, ",\"timeoutSeconds\":%lld}", (long long)
	    ((s->function->timeout_ms + 999) / 1000 + EXTRA_TIMEOUT_S));
	evbuffer_add(out, b.data, b.len);
	strbuf_free(&b);
	free(url);
	g->slot = s;
	g->stamp = s->function->stamp;
	text = xasprintf("/v1/functions/%s", s->name);
	if (evhttp_make_request(g->conn, req, EVHTTP_REQ_PUT, text) == -1)
		g->slot = NULL;
	free(text);
}

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct registrar	*g = arg;
	struct slot		*s;

	(void)fd;
	(void)what;
	if (g->slot != NULL || g->host->stopping)
		return;
	host_scan(g->host);
	TAILQ_FOREACH(s, &g->host->slots, entry)
		if (!s->registered && s->function != NULL) {
			if (find_server(g))
				put(g, s);
			return;
		}
}

struct registrar *
register_start(struct host *h, const char *url, const char *data)
{
	struct registrar	*g = xcalloc(1, sizeof *g);
	struct timeval		 period = { PERIOD_S, 0 };

	g->host = h;
	g->url = xstrdup(url);
	g->data = xstrdup(data);
	g->tick = event_new(h->base, -1, EV_PERSIST, tick_cb, g);
	event_add(g->tick, &period);
	tick_cb(-1, 0, g);
	return g;
}

void
register_stop(struct registrar *g)
{
	if (g == NULL)
		return;
	if (g->conn != NULL)
		evhttp_connection_free(g->conn);
	event_free(g->tick);
	free(g->url);
	free(g->data);
	free(g->server);
	free(g->key);
	free(g->complaint);
	free(g);
}
