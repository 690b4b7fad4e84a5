/*
 * worker/function.c - a folder with a program in it is a function.
 *
 * Only reads; invoke.c decides when.  To add a kind of handler, add a function
 * like try_python() and a line in choose_program(), and say so in function.h.
 */

#include "function.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xmalloc.h"

static const char *const	 watched[] = { "bootstrap", "handler",
				    "handler.py", "handler.sh", "function.json" };
#define NWATCHED (sizeof watched / sizeof watched[0])

bool
function_name_ok(const char *name)
{
	size_t	 len = strlen(name);

	return len > 0 && len <= FUNCTION_NAME_MAX &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789-_") == len;
}

void
function_free(struct function *f)
{
	size_t	 i;

	if (f == NULL)
		return;
	for (i = 0; f->argv[i] != NULL; i++)
		free(f->argv[i]);
	for (i = 0; f->env != NULL && f->env[i] != NULL; i++)
		free(f->env[i]);
	free(f->env);
	free(f->handler);
	free(f->name);
	free(f->dir);
	free(f);
}

int64_t
function_stamp(const char *dir)
{
	struct stat	 st;
	uint64_t	 stamp = 0;
	char		*path;
	size_t		 i;

	if (stat(dir, &st) == -1)
		return 0;
	for (i = 0; i < NWATCHED; i++) {
		path = xasprintf("%s/%s", dir, watched[i]);
		if (stat(path, &st) == 0)
			stamp = stamp * 31 + (uint64_t)st.st_mtim.tv_sec *
			    1000000007 + (uint64_t)st.st_mtim.tv_nsec +
			    (uint64_t)st.st_size + i;
		free(path);
	}
	return (int64_t)(stamp >> 1) | 1;
}

/* --- function.json --------------------------------------------------------- */

/* A number between min and max, or what stands in *value already. */
static int
number(const json_t *o, const char *key, double min, double max, double *value,
    struct err *e)
{
	const json_t	*v = json_object_get(o, key);

	if (v == NULL)
		return 0;
	if (!json_is_number(v) || json_number_value(v) < min ||
	    json_number_value(v) > max)
		return err_set(e, "BadFunction", "function.json: %s must be a "
		    "number between %g and %g", key, min, max);
	*value = json_number_value(v);
	return 0;
}

static int
environment(struct function *f, const json_t *env, struct err *e)
{
	const char	*key;
	json_t		*v;
	size_t		 n = 0;

	if (!json_is_object(env))
		return err_set(e, "BadFunction",
		    "function.json: environment must be an object");
	f->env = xcalloc(json_object_size(env) + 1, sizeof *f->env);
	json_object_foreach((json_t *)(uintptr_t)env, key, v) {
		if (key[0] == '\0' || strchr(key, '=') != NULL ||
		    !json_is_string(v))
			return err_set(e, "BadFunction", "function.json: "
			    "environment: %s must be a name with a string", key);
		f->env[n++] = xasprintf("%s=%s", key, json_string_value(v));
	}
	return 0;
}

int
function_settings(struct function *f, const char *text, size_t len,
    struct err *e)
{
	static const char *const	 known[] = { "timeoutSeconds",
	    "concurrency", "memoryMB", "handler", "environment" };
	double		 timeout_s = 3, concurrency = 10, memory_mb = 0;
	json_error_t	 je;
	json_t		*o, *v;
	const char	*key;
	size_t		 i;
	int		 r = -1;

	if ((o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &je)) == NULL)
		return err_set(e, "BadFunction", "function.json, line %d, "
		    "column %d: %s", je.line, je.column, je.text);
	json_object_foreach(o, key, v) {
		for (i = 0; i < sizeof known / sizeof known[0]; i++)
			if (strcmp(key, known[i]) == 0)
				break;
		if (i == sizeof known / sizeof known[0]) {
			err_set(e, "BadFunction", "function.json: \"%s\" is "
			    "not known; it may hold timeoutSeconds, "
			    "concurrency, memoryMB, handler, environment", key);
			goto out;
		}
	}
	if (!json_is_object(o)) {
		err_set(e, "BadFunction", "function.json must be an object");
		goto out;
	}
	if (number(o, "timeoutSeconds", 0.1, FUNCTION_TIMEOUT_MAX_S, &timeout_s,
	    e) == -1 || number(o, "concurrency", 1, FUNCTION_CONCURRENCY_MAX,
	    &concurrency, e) == -1 ||
	    number(o, "memoryMB", 16, 1048576, &memory_mb, e) == -1)
		goto out;
	if ((v = json_object_get(o, "handler")) != NULL) {
		if (!json_is_string(v) || json_string_length(v) == 0) {
			err_set(e, "BadFunction",
			    "function.json: handler must be a string");
			goto out;
		}
		free(f->handler);
		f->handler = xstrdup(json_string_value(v));
	}
	if ((v = json_object_get(o, "environment")) != NULL &&
	    environment(f, v, e) == -1)
		goto out;
	f->timeout_ms = (int64_t)(timeout_s * 1000);
	f->concurrency = (size_t)concurrency;
	f->memory_mb = (int64_t)memory_mb;
	r = 0;
out:
	json_decref(o);
	return r;
}

static int
read_settings(struct function *f, struct err *e)
{
	char	*path = xasprintf("%s/function.json", f->dir);
	char	*text = xmalloc(FUNCTION_JSON_MAX + 1);
	int	 fd = open(path, O_RDONLY | O_CLOEXEC), r = 0;
	ssize_t	 n;
	size_t	 len = 0;

	f->timeout_ms = 3000;
	f->concurrency = 10;
	if (fd == -1 && errno != ENOENT)
		r = err_set(e, "BadFunction", "%s: %s", path, strerror(errno));
	else if (fd != -1) {
		while ((n = read(fd, text + len, FUNCTION_JSON_MAX + 1 - len))
		    > 0)
			len += (size_t)n;
		if (len > FUNCTION_JSON_MAX)
			r = err_set(e, "BadFunction",
			    "function.json is larger than %d bytes",
			    FUNCTION_JSON_MAX);
		else
			r = function_settings(f, text, len, e);
		close(fd);
	}
	free(text);
	free(path);
	return r;
}

/* --- the program ----------------------------------------------------------- */

/* Path of a file in the folder, if it is there; new. */
static char *
find(const struct function *f, const char *file, int mode)
{
	char		*path = xasprintf("%s/%s", f->dir, file);
	struct stat	 st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, mode) == 0)
		return path;
	free(path);
	return NULL;
}

/* Does "module.function" name a Python file here? */
static bool
try_python(struct function *f)
{
	const char	*handler = f->handler == NULL ? "handler.handler" :
			    f->handler;
	const char	*dot = strrchr(handler, '.');
	char		*file, *path, *c;

	if (dot == NULL || strstr(handler, "..") != NULL || handler[0] == '/')
		return false;
	file = xasprintf("%.*s.py", (int)(dot - handler), handler);
	for (c = file; c < file + (dot - handler); c++)
		if (*c == '.')
			*c = '/';
	path = find(f, file, R_OK);
	free(file);
	if (path == NULL)
		return false;
	free(path);
	if (f->handler == NULL)
		f->handler = xstrdup(handler);
	return true;
}

static int
choose_program(struct function *f, const struct function_runtimes *rt,
    struct err *e)
{
	char	*path;

	if ((path = find(f, "bootstrap", X_OK)) != NULL) {
		f->argv[0] = path;
		return 0;
	}
	if ((path = find(f, "bootstrap", F_OK)) != NULL) {
		free(path);
		return err_set(e, "BadFunction", "bootstrap is not executable; "
		    "try: chmod +x %s/bootstrap", f->dir);
	}
	if (try_python(f)) {
		if (rt->python == NULL)
			return err_set(e, "BadFunction",
			    "it needs python3, which is not installed here");
		if (rt->bootstrap_py == NULL)
			return err_set(e, "BadFunction", "the Python runtime "
			    "(runtimes/python/bootstrap.py) is not installed; "
			    "say where with --runtimes");
		f->argv[0] = xstrdup(rt->python);
		f->argv[1] = xstrdup("-uB");
		f->argv[2] = xstrdup(rt->bootstrap_py);
		return 0;
	}
	if ((path = find(f, "handler.sh", R_OK)) != NULL) {
		f->argv[0] = xstrdup(rt->self);
		f->argv[1] = xstrdup("--runtime-exec");
		f->argv[2] = xstrdup("/bin/sh");
		f->argv[3] = path;
		return 0;
	}
	if ((path = find(f, "handler", X_OK)) != NULL) {
		f->argv[0] = xstrdup(rt->self);
		f->argv[1] = xstrdup("--runtime-exec");
		f->argv[2] = path;
		return 0;
	}
	return err_set(e, "NotAFunction", "%s holds no bootstrap, handler.py, "
	    "handler.sh or executable handler", f->dir);
}

struct function *
function_read(const char *folder, const char *name,
    const struct function_runtimes *rt, struct err *e)
{
	struct function	*f = xcalloc(1, sizeof *f);

	f->name = xstrdup(name);
	f->dir = xasprintf("%s/%s", folder, name);
	f->stamp = function_stamp(f->dir);
	if (!function_name_ok(name))
		err_set(e, "BadFunction", "a function's name has 1 to %d of "
		    "a-z A-Z 0-9 - _", FUNCTION_NAME_MAX);
	else if (read_settings(f, e) == 0 && choose_program(f, rt, e) == 0) {
		if (f->handler == NULL)
			f->handler = xstrdup("handler");
		return f;
	}
	function_free(f);
	return NULL;
}
