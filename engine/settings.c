/*
 * engine/settings.c - what pawld can be told: read, checked, explained.
 *
 * The table SETTINGS() of settings.h is all there is to know of a setting; the
 * option, the environment variable, the line in pawld.conf and the help text
 * are made from it.  To add one: a line there, and a line in check() if not
 * every value makes sense.
 *
 * Each source writes over the one before: default, file, environment, option.
 * The data folder is settled first, since the file stands in it.
 */

#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arn.h"
#include "datadir.h"
#include "xmalloc.h"

#define CONF_NAME	"pawld.conf"
#define CONF_LINE_MAX	4096

enum kind { KIND_TEXT, KIND_NUMBER, KIND_SWITCH };

struct setting {
	enum kind	 kind;
	size_t		 offset;
	const char	*option, *value, *help;
};

static const struct setting	 table[] = {
#define X(kind, member, option, value, help) \
	{ KIND_##kind, offsetof(struct settings, member), option, value, help },
	SETTINGS(X)
#undef X
};

#define TABLE_SIZE (sizeof table / sizeof table[0])

static const struct setting *
find(const char *name, size_t len)
{
	size_t	 i;

	for (i = 0; i < TABLE_SIZE; i++)
		if (strlen(table[i].option) == len &&
		    memcmp(table[i].option, name, len) == 0)
			return &table[i];
	return NULL;
}

/* PAWL_PUBLIC_URL for public-url; buf is as long as the longest. */
static const char *
variable(const struct setting *t, char buf[64])
{
	char	*p;

	snprintf(buf, 64, "PAWL_%s", t->option);
	for (p = buf; *p != '\0'; p++)
		*p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
	return buf;
}

static int
set_switch(bool *to, const char *value, const char *where, struct err *e)
{
	static const char *const	 words[] = { "no", "yes", "false", "true",
					    "0", "1", "off", "on" };
	size_t				 i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(value, words[i]) == 0) {
			*to = i % 2 == 1;
			return 0;
		}
	return err_set(e, "Usage", "%s is yes or no, not \"%s\"", where, value);
}

/* where names the place for people: "--listen", "PAWL_LISTEN", "file:3: listen". */
static int
set(struct settings *s, const struct setting *t, const char *value,
    const char *where, struct err *e)
{
	void		*to = (char *)s + t->offset;
	long long	 n;
	char		*end;

	switch (t->kind) {
	case KIND_TEXT:
		free(*(char **)to);
		*(char **)to = xstrdup(value);
		return 0;
	case KIND_NUMBER:
		errno = 0;
		n = strtoll(value, &end, 10);
		if (!isdigit((unsigned char)value[0]) || *end != '\0' ||
		    errno != 0)
			return err_set(e, "Usage",
			    "%s takes a whole number, not \"%s\"", where, value);
		*(int64_t *)to = n;
		return 0;
	case KIND_SWITCH:
		return set_switch(to, value, where, e);
	}
	return -1;
}

static int
from_defaults(struct settings *s, struct err *e)
{
	size_t	 i;

	memset(s, 0, sizeof *s);
	for (i = 0; i < TABLE_SIZE; i++)
		if (set(s, &table[i], table[i].value, table[i].option, e) == -1)
			return -1;
	return 0;
}

static int
from_environment(struct settings *s, const struct setting *only, struct err *e)
{
	char		 name[64];
	const char	*value;
	size_t		 i;

	for (i = 0; i < TABLE_SIZE; i++) {
		if (only != NULL && only != &table[i])
			continue;
		value = getenv(variable(&table[i], name));
		if (value != NULL && value[0] != '\0' &&
		    set(s, &table[i], value, name, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- options ---- */

static void
print_wrapped(const char *help, const char *value)
{
	char	*text, *p, *word, *state;
	size_t	 column = 4;

	text = value[0] == '\0' ? xstrdup(help) :
	    xasprintf("%s (default: %s)", help, value);
	printf("    ");
	p = text;
	while ((word = strtok_r(p, " ", &state)) != NULL) {
		p = NULL;
		if (column > 4 && column + 1 + strlen(word) > 79) {
			printf("\n    ");
			column = 4;
		}
		column += (size_t)printf("%s%s", column > 4 ? " " : "", word);
	}
	printf("\n");
	free(text);
}

static void
print_help(void)
{
	char	*data = datadir_default();
	size_t	 i;

	printf("usage: pawld [--SETTING VALUE]...\n\n"
	    "Runs workflows written in Amazon States Language, durably, on PostgreSQL.\n"
	    "Started without a word it makes its data folder, its keys and a PostgreSQL of\n"
	    "its own in there, and listens on this machine only:\n\n"
	    "    pawld                             all defaults\n"
	    "    pawld --data ~/flows --listen 127.0.0.1:9000\n"
	    "    pawld --database 'host=db.internal dbname=pawl user=pawl'\n\n"
	    "Then, from another terminal: pawl --help\n\n"
	    "Settings, each as --name VALUE, as PAWL_NAME in the environment, or as a line\n"
	    "\"name = value\" in pawld.conf in the data folder; the first of these wins:\n\n");
	for (i = 0; i < TABLE_SIZE; i++) {
		printf("  --%s%s\n", table[i].option,
		    table[i].kind == KIND_TEXT ? " TEXT" :
		    table[i].kind == KIND_NUMBER ? " NUMBER" : "");
		print_wrapped(table[i].help, strcmp(table[i].option, "data") == 0 ?
		    data : table[i].value);
	}
	printf("  --help, --version\n\n"
	    "Signals: SIGTERM or SIGINT stops cleanly; a second one at once.  A kill -9 loses\n"
	    "nothing: the next start goes on where the history ends.\n"
	    "Exit status: 0 stopped as told, 1 could not start or go on, 2 bad settings.\n");
	free(data);
}

/* The setting that is nearest by its first letters, for "did you mean". */
static const struct setting *
guess(const char *name, size_t len)
{
	const struct setting	*best = NULL;
	size_t			 i, n, most = 2;

	for (i = 0; i < TABLE_SIZE; i++) {
		for (n = 0; n < len && table[i].option[n] == name[n] &&
		    name[n] != '\0'; n++)
			;
		if (n > most) {
			most = n;
			best = &table[i];
		}
	}
	return best;
}

static int
unknown(const char *arg, size_t len, struct err *e)
{
	const struct setting	*near = guess(arg + 2, len - 2);

	if (near != NULL)
		return err_set(e, "Usage", "there is no option %.*s; did you mean "
		    "--%s? (pawld --help lists all)", (int)len, arg, near->option);
	return err_set(e, "Usage", "there is no option %.*s (pawld --help lists all)",
	    (int)len, arg);
}

/* Reads argv; with only, nothing but that setting is taken. */
static int
from_options(struct settings *s, int argc, char **argv,
    const struct setting *only, struct err *e)
{
	const struct setting	*t;
	const char		*arg, *value;
	char			 where[64];
	size_t			 len;
	int			 i;

	for (i = 1; i < argc; i++) {
		arg = argv[i];
		if (strncmp(arg, "--", 2) != 0)
			return err_set(e, "Usage", "\"%s\" is no option: they start "
			    "with --, and come with their value (pawld --help)", arg);
		len = strcspn(arg, "=");
		if ((t = find(arg + 2, len - 2)) == NULL)
			return unknown(arg, len, e);
		if (arg[len] == '=')
			value = arg + len + 1;
		else if (t->kind == KIND_SWITCH)
			value = "yes";
		else if (++i < argc)
			value = argv[i];
		else
			return err_set(e, "Usage", "%s needs a value: %s", arg,
			    t->help);
		if (only != NULL && only != t)
			continue;
		snprintf(where, sizeof where, "--%s", t->option);
		if (set(s, t, value, where, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- the file ---- */

static char *
trim(char *text)
{
	char	*end;

	text += strspn(text, " \t\r\n");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r\n", end[-1]) != NULL)
		*--end = '\0';
	return text;
}

static int
take_line(struct settings *s, char *line, const char *path, int number,
    struct err *e)
{
	const struct setting	*t;
	char			*name = trim(line), *value, *where;
	int			 done;

	if (name[0] == '\0' || name[0] == '#')
		return 0;
	if ((value = strchr(name, '=')) == NULL)
		return err_set(e, "Usage", "%s:%d: a line is \"name = value\"",
		    path, number);
	*value++ = '\0';
	name = trim(name);
	if ((t = find(name, strlen(name))) == NULL)
		return err_set(e, "Usage", "%s:%d: there is no setting \"%s\" "
		    "(pawld --help lists all)", path, number, name);
	if (strcmp(t->option, "data") == 0)
		return err_set(e, "Usage", "%s:%d: the data folder cannot be set in "
		    "a file that stands in it", path, number);
	where = xasprintf("%s:%d: %s", path, number, name);
	done = set(s, t, trim(value), where, e);
	free(where);
	return done;
}

static int
from_file(struct settings *s, struct err *e)
{
	char	*path = xasprintf("%s/%s", s->data, CONF_NAME);
	char	 line[CONF_LINE_MAX];
	FILE	*f = fopen(path, "re");
	int	 number = 0, done = 0;

	/* A folder that cannot be used is the master's to report. */
	if (f == NULL && errno != ENOENT && errno != ENOTDIR && errno != EACCES)
		done = err_set(e, "Usage", "cannot read %s: %s", path,
		    strerror(errno));
	while (f != NULL && done == 0 && fgets(line, sizeof line, f) != NULL) {
		number++;
		if (strchr(line, '\n') == NULL && !feof(f))
			done = err_set(e, "Usage", "%s:%d: the line is too long",
			    path, number);
		else
			done = take_line(s, line, path, number, e);
	}
	if (f != NULL)
		fclose(f);
	free(path);
	return done;
}

/* ---- what makes sense ---- */

static int
range(const char *name, int64_t n, int64_t low, int64_t high, struct err *e)
{
	if (n >= low && n <= high)
		return 0;
	return err_set(e, "Usage", "%s is %lld, but must be between %lld and %lld",
	    name, (long long)n, (long long)low, (long long)high);
}

int
settings_address(const struct settings *s, char **host, int *port, struct err *e)
{
	const char	*text = s->listen, *colon = strrchr(text, ':');
	const char	*digits = colon == NULL ? text : colon + 1;
	size_t		 len = colon == NULL ? 0 : (size_t)(colon - text);

	if (strlen(digits) > 5 || digits[0] == '\0' ||
	    strspn(digits, "0123456789") != strlen(digits) ||
	    atoi(digits) > 65535)
		return err_set(e, "Usage", "listen is \"%s\", but must be HOST:PORT "
		    "or PORT, as in 127.0.0.1:8080 or [::1]:8080", text);
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']')
		*host = xstrndup(text + 1, len - 2);
	else if (memchr(text, ':', len) != NULL)
		return err_set(e, "Usage", "listen is \"%s\": an IPv6 address goes "
		    "in brackets, as in [::1]:8080", text);
	else
		*host = len == 0 ? xstrdup("127.0.0.1") : xstrndup(text, len);
	*port = atoi(digits);
	return 0;
}

int
settings_log_level(const struct settings *s)
{
	static const char *const	 names[] = { "debug", "info", "warn",
					    "error" };
	int				 i;

	for (i = 0; i < 4; i++)
		if (strcmp(s->log_level, names[i]) == 0)
			return i;
	return -1;
}

static int
check_names(const struct settings *s, struct err *e)
{
	if (strlen(s->account) != 12 ||
	    strspn(s->account, "0123456789") != 12)
		return err_set(e, "Usage", "account is \"%s\", but must be 12 digits",
		    s->account);
	if (s->region[0] == '\0' || strlen(s->region) > 32 ||
	    strspn(s->region, "abcdefghijklmnopqrstuvwxyz0123456789-") !=
	    strlen(s->region))
		return err_set(e, "Usage", "region is \"%s\", but must be small "
		    "letters, digits and hyphens, as in eu-central-1", s->region);
	if (s->public_url[0] != '\0' &&
	    strncmp(s->public_url, "http://", 7) != 0 &&
	    strncmp(s->public_url, "https://", 8) != 0)
		return err_set(e, "Usage", "public-url is \"%s\", but must start with "
		    "http:// or https://", s->public_url);
	if (settings_log_level(s) == -1)
		return err_set(e, "Usage", "log-level is \"%s\", but must be debug, "
		    "info, warn or error", s->log_level);
	return 0;
}

static int
check(struct settings *s, struct err *e)
{
	char	*host;
	size_t	 len;
	int	 port;

	if (settings_address(s, &host, &port, e) == -1)
		return -1;
	free(host);
	for (len = strlen(s->public_url); len > 0 &&
	    s->public_url[len - 1] == '/'; len--)
		s->public_url[len - 1] = '\0';
	if (check_names(s, e) == -1 ||
	    range("processes", s->processes, 0, ARN_SHARDS, e) == -1 ||
	    range("lease-ms", s->lease_ms, 500, 600000, e) == -1 ||
	    range("park-ms", s->park_ms, 1000, 86400000, e) == -1 ||
	    range("function-timeout-ms", s->function_timeout_ms, 1, 86400000,
	    e) == -1 ||
	    range("body-bytes", s->body_bytes, 1024, 1 << 30, e) == -1)
		return -1;
	return 0;
}

static void
help_or_version(int argc, char **argv)
{
	int	 i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0) {
			print_help();
			exit(0);
		} else if (strcmp(argv[i], "--version") == 0) {
			printf("pawld %s\n", PACKAGE_VERSION);
			exit(0);
		}
}

static void
settle_data(struct settings *s)
{
	if (s->data[0] == '\0') {
		free(s->data);
		s->data = datadir_default();
	}
}

int
settings_read(struct settings *s, int argc, char **argv, struct err *e)
{
	const struct setting	*data = find("data", 4);

	help_or_version(argc, argv);
	if (from_defaults(s, e) == -1 ||
	    from_environment(s, data, e) == -1 ||
	    from_options(s, argc, argv, data, e) == -1)
		goto fail;
	settle_data(s);
	if (from_file(s, e) == -1 ||
	    from_environment(s, NULL, e) == -1 ||
	    from_options(s, argc, argv, NULL, e) == -1)
		goto fail;
	settle_data(s);
	if (check(s, e) == 0)
		return 0;
fail:
	settings_free(s);
	return -1;
}

void
settings_free(struct settings *s)
{
	size_t	 i;

	for (i = 0; i < TABLE_SIZE; i++)
		if (table[i].kind == KIND_TEXT)
			free(*(char **)((char *)s + table[i].offset));
	memset(s, 0, sizeof *s);
}
