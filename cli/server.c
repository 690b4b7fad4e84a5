/*
 * cli/server.c - which server to talk to, and with which key.
 */

#include "server.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <jansson.h>

#include "asl.h"
#include "datadir.h"
#include "readfile.h"
#include "xmalloc.h"

static const char *
env(const char *name)
{
	const char	*s = getenv(name);

	return s != NULL && s[0] != '\0' ? s : NULL;
}

static char *
url_clean(const char *url)
{
	size_t	 len = strlen(url);

	while (len > 0 && url[len - 1] == '/')
		len--;
	return xstrndup(url, len);
}

static int
url_check(const char *url, struct err *e)
{
	const char	*p;

	if (strncasecmp(url, "http://", 7) != 0 &&
	    strncasecmp(url, "https://", 8) != 0)
		return err_set(e, "Usage", "'%s' is not a URL of a server; it "
		    "looks like %s.", url, SERVER_URL_DEFAULT);
	for (p = url; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ')
			return err_set(e, "Usage", "The URL of the server holds "
			    "a space or control character.");
	return 0;
}

/*
 * client.json of the data folder, or NULL: with e if it is there and bad, with
 * *note if it cannot be read.
 */
static json_t *
client_json(const char *data, bool must, char **note, struct err *e)
{
	char		*dir = data != NULL ? xstrdup(data) : datadir_default();
	char		*path = xasprintf("%s/client.json", dir), *text;
	struct err	 why = ERR_INIT;
	json_t		*root = NULL;
	size_t		 len;

	if (access(path, R_OK) == -1) {
		if (must)
			err_set(e, "Usage", "Cannot read %s: %s.", path,
			    strerror(errno));
		*note = xasprintf("%s: %s", path, strerror(errno));
	} else if (readfile(path, &text, &len, &why) == -1) {
		err_set(e, "Usage", "%s", why.text);
	} else {
		root = jsontext_parse(text, len, &why);
		if (root == NULL || !json_is_object(root))
			err_set(e, "Usage", "%s is not a client.json that pawld "
			    "wrote.", path);
		free(text);
	}
	err_clear(&why);
	free(path);
	free(dir);
	if (e->code[0] != '\0') {
		json_decref(root);
		return NULL;
	}
	return root;
}

int
server_find(struct server *s, const char *url, const char *key,
    const char *data, struct err *e)
{
	const char	*from_file, *file_key;
	char		*clean;
	json_t		*file;

	memset(s, 0, sizeof(*s));
	if (url == NULL)
		url = env("PAWL_URL");
	if (key == NULL)
		key = env("PAWL_KEY");
	if (url != NULL && url_check(url, e) == -1)
		return -1;
	file = url != NULL && key != NULL ? NULL :
	    client_json(data, data != NULL, &s->note, e);
	if (e->code[0] != '\0') {
		server_clear(s);
		return -1;
	}
	from_file = json_string_value(json_object_get(file, "url"));
	file_key = json_string_value(json_object_get(file, "apiKey"));
	if (from_file == NULL)
		from_file = SERVER_URL_DEFAULT;
	clean = url_clean(from_file);
	s->url = url_clean(url != NULL ? url : from_file);
	if (key != NULL)
		s->key = xstrdup(key);
	else if (file_key != NULL &&
	    (data != NULL || strcasecmp(s->url, clean) == 0))
		s->key = xstrdup(file_key);
	free(clean);
	json_decref(file);
	if (url_check(s->url, e) == -1) {
		server_clear(s);
		return -1;
	}
	return 0;
}

void
server_clear(struct server *s)
{
	free(s->url);
	free(s->key);
	free(s->note);
	memset(s, 0, sizeof(*s));
}
