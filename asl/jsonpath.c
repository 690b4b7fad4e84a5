/*
 * asl/jsonpath.c - JSONPath text becomes steps.
 *
 * This follows the path compiler of Jayway JsonPath 2.0.0 move by move, its
 * oddities included, for the real service accepts and refuses what that one
 * does: "[1:6:2]" ignores the 2, "[,0]" is "[0]", "['a',1]" is "['a']".  The
 * steps are cut out first (compile_steps), then each is read (compile_step).
 * What the real service adds, variables and "$$", is in compile_root().
 */

#include "jsonpath.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "jsonpath_impl.h"
#include "jsontext.h"
#include "xmalloc.h"

/* The text of one step, "['a']", while it is read. */
struct cursor {
	const char	*p, *end;
	struct err	*e;
};

static int
invalid(struct err *e, const char *why)
{
	return err_set(e, "InvalidPath", "%s", why);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
step_clear(struct path_step *s)
{
	size_t	 i;

	for (i = 0; s->names != NULL && i < s->n; i++)
		free(s->names[i]);
	free(s->names);
	free(s->numbers);
	jsonpath_filter_free(s->filter);
}

void
jsonpath_free(struct jsonpath *path)
{
	size_t	 i;

	if (path == NULL)
		return;
	for (i = 0; i < path->n; i++)
		step_clear(&path->steps[i]);
	free(path->steps);
	free(path->variable);
	free(path->text);
	free(path);
}

static int
add_number(struct path_step *s, struct strbuf *digits, struct err *e)
{
	const char	*text = strbuf_str(digits);
	char		*end;
	long		 n = strtol(text, &end, 10);

	if (end == text || *end != '\0' || n > INT_MAX || n < INT_MIN)
		return invalid(e, "An array index must be a whole number");
	s->numbers = xreallocarray(s->numbers, s->n + 1, sizeof *s->numbers);
	s->numbers[s->n++] = (int)n;
	strbuf_reset(digits);
	return 0;
}

/* Digits, minus and blanks up to something else; blanks are dropped. */
static void
read_digits(struct cursor *c, struct strbuf *digits)
{
	for (; c->p < c->end; c->p++)
		if (is_digit(*c->p) || *c->p == '-')
			strbuf_addc(digits, *c->p);
		else if (*c->p != ' ')
			break;
}

/* "@.length-1)": at the @.  The old spelling "size" is taken too. */
static int
compile_last(struct cursor *c, struct path_step *s)
{
	struct strbuf	 b = STRBUF_INIT;
	bool		 known;
	int		 rc;

	for (c->p += 2; c->p < c->end && *c->p != '-'; c->p++)
		if (*c->p != ' ' && *c->p != '(' && *c->p != ')')
			strbuf_addc(&b, *c->p);
	known = strcmp(strbuf_str(&b), "size") == 0 ||
	    strcmp(strbuf_str(&b), "length") == 0;
	strbuf_reset(&b);
	for (; c->p < c->end && *c->p != ')'; c->p++)
		if (*c->p != ' ')
			strbuf_addc(&b, *c->p);
	if (!known || c->p >= c->end)
		rc = invalid(c->e, "Expected [(@.length-n)]");
	else
		rc = add_number(s, &b, c->e);
	strbuf_free(&b);
	s->kind = STEP_LAST;
	return rc;
}

/* One ":" of a slice with what follows it. */
static int
compile_colon(struct cursor *c, struct path_step *s, struct strbuf *digits,
    bool *from, bool *to, bool *between)
{
	bool	 tail = digits->len == 0;

	if (!tail && add_number(s, digits, c->e) == -1)
		return -1;
	c->p++;
	read_digits(c, digits);
	if (!tail && digits->len == 0) {
		*from = true;
		return 0;
	}
	*(tail ? to : between) = true;
	return add_number(s, digits, c->e);
}

/* "0]", "0,2]", "1:2]": at the first digit, colon or minus. */
static int
compile_array(struct cursor *c, struct path_step *s)
{
	struct strbuf	 digits = STRBUF_INIT;
	bool		 from = false, to = false, between = false;
	bool		 sequence = false;
	int		 rc = 0;

	while (rc == 0 && c->p < c->end && (is_digit(*c->p) ||
	    strchr(", :-", *c->p) != NULL)) {
		if (*c->p == ':')
			rc = compile_colon(c, s, &digits, &from, &to, &between);
		else if (*c->p == ',') {
			sequence = true;
			rc = add_number(s, &digits, c->e);
		} else if (*c->p != ' ')
			strbuf_addc(&digits, *c->p);
		if (c->p < c->end && *c->p == ']')
			break;
		c->p++;
	}
	if (rc == 0 && c->p >= c->end)
		rc = invalid(c->e, "A bracket is not closed");
	if (rc == 0 && digits.len > 0)
		rc = add_number(s, &digits, c->e);
	strbuf_free(&digits);
	if (rc == -1)
		return -1;
	if ((s->n == 1 && !from && !to) || sequence)
		s->kind = STEP_INDICES;
	else
		s->kind = from ? STEP_FROM : to ? STEP_TO : STEP_BETWEEN;
	return 0;
}

/* "'a','b']": at the first quote. */
static int
compile_names(struct cursor *c, struct path_step *s)
{
	const char	*open = NULL;

	s->kind = STEP_NAMES;
	s->names = xcalloc(1, sizeof *s->names);
	for (; c->p < c->end && *c->p != ']'; c->p++) {
		if (*c->p != '\'')
			continue;
		if (open == NULL) {
			open = c->p + 1;
			continue;
		}
		s->names = xreallocarray(s->names, s->n + 1, sizeof *s->names);
		s->names[s->n++] = xstrndup(open, (size_t)(c->p - open));
		open = NULL;
	}
	return c->p < c->end ? 0 : invalid(c->e, "A bracket is not closed");
}

static const char *
skip_space(const char *p, const char *end)
{
	while (p < end && (unsigned char)*p <= ' ')
		p++;
	return p;
}

/* The whole of "[?(...)]". */
static int
compile_filter(const char *p, const char *end, struct path_step *s, int depth,
    struct err *e)
{
	if (p < end && *p == '[')
		p = skip_space(p + 1, end);
	if (p < end && *p == '?')
		p = skip_space(p + 1, end);
	while (end > p && (unsigned char)end[-1] <= ' ')
		end--;
	if (end > p && end[-1] == ']')
		end--;
	while (end > p && (unsigned char)end[-1] <= ' ')
		end--;
	if (end - p < 2 || *p != '(' || end[-1] != ')')
		return invalid(e,
		    "Filter must start with '[?(' and end with ')]'");
	s->kind = STEP_FILTER;
	s->filter = jsonpath_filter_compile(p + 1, (size_t)(end - p - 2),
	    depth + 1, e);
	return s->filter == NULL ? -1 : 0;
}

/* One step: text is "[...]" or "..". */
static int
compile_step(const char *text, size_t len, struct path_step *s, int depth,
    struct err *e)
{
	struct cursor	 c = { text, text + len, e };

	if (len == 2 && memcmp(text, "..", 2) == 0) {
		s->kind = STEP_SCAN;
		return 0;
	}
	if (len == 3 && memcmp(text, "[*]", 3) == 0) {
		s->kind = STEP_WILDCARD;
		return 0;
	}
	for (; c.p < c.end; c.p++)
		if (*c.p == '?')
			return compile_filter(text, text + len, s, depth, e);
		else if (*c.p == '\'')
			return compile_names(&c, s);
		else if (*c.p == '@')
			return compile_last(&c, s);
		else if (is_digit(*c.p) || *c.p == ':' || *c.p == '-')
			return compile_array(&c, s);
	return err_set(e, "InvalidPath", "Could not analyze path component: "
	    "%.*s", (int)jsontext_cut(text, len, 200), text);
}

static int
add_step(struct jsonpath *path, const char *text, size_t len, int depth,
    struct err *e)
{
	struct path_step	*s;

	if (path->n == JSONPATH_STEPS_MAX)
		return err_set(e, "InvalidPath",
		    "A path may have at most %d steps", JSONPATH_STEPS_MAX);
	path->steps = xreallocarray(path->steps, path->n + 1,
	    sizeof *path->steps);
	s = &path->steps[path->n++];
	memset(s, 0, sizeof *s);
	return compile_step(text, len, s, depth, e);
}

/* A name after a dot: as if it stood in brackets and quotes. */
static int
add_name(struct jsonpath *path, const char *name, size_t len, int depth,
    struct err *e)
{
	struct strbuf	 b = STRBUF_INIT;
	int		 rc;

	if (len == 1 && *name == '*')
		return add_step(path, "[*]", 3, depth, e);
	strbuf_adds(&b, "['");
	strbuf_add(&b, name, len);
	strbuf_adds(&b, "']");
	rc = add_step(path, strbuf_str(&b), b.len, depth, e);
	strbuf_free(&b);
	return rc;
}

static size_t
name_length(const char *p, const char *end)
{
	const char	*from = p;

	while (p < end && *p != '.' && *p != '[' && *p != ' ')
		p++;
	return (size_t)(p - from);
}

/*
 * From "[" to the "]" that closes it.  Quotes count only in filters: there
 * Jayway stumbles over "[?(@.a=='x]')]", and nobody can have relied on it.
 */
static size_t
bracket_length(const char *p, const char *end)
{
	const char	*from = p;
	bool		 filter, quoted = false;
	int		 nested = 0;

	p++;
	filter = skip_space(p, end) < end && *skip_space(p, end) == '?';
	while (p < end) {
		if (*p == '\'' && filter)
			quoted = !quoted;
		else if (!quoted && *p == '[')
			nested++;
		else if (!quoted && *p == ']' && nested-- == 0) {
			p++;
			break;
		}
		p++;
	}
	return (size_t)(p - from);
}

static int
compile_steps(struct jsonpath *path, const char *p, const char *end, int depth,
    struct err *e)
{
	size_t	 n;
	int	 rc;

	if (p < end && *p != '.' && *p != '[')
		return invalid(e, "A '.' or '[' must follow the start");
	if (end - p >= 2 && memcmp(end - 2, "..", 2) == 0)
		return invalid(e, "A path can not end with a scan.");
	while (p < end) {
		n = 1;
		if (*p == ' ')
			return invalid(e, "Space not allowed in path");
		if (*p == '[') {
			n = bracket_length(p, end);
			rc = add_step(path, p, n, depth, e);
		} else if (*p == '.') {
			p++;
			if (p >= end)
				return invalid(e, "A path can not end with a "
				    "dot");
			if (*p == '.')
				rc = add_step(path, "..", 2, depth, e);
			else if ((n = name_length(p, end)) == 0)
				continue;	/* ".[": the dot says nothing */
			else
				rc = add_name(path, p, n, depth, e);
		} else if (*p == '*')
			rc = add_step(path, "[*]", 3, depth, e);
		else {
			n = name_length(p, end);
			rc = add_name(path, p, n, depth, e);
		}
		if (rc == -1)
			return -1;
		p += n;
	}
	return 0;
}

static bool
name_byte(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    (unsigned char)c >= 0x80 || (!first && is_digit(c));
}

/* "$", "$$", "$name" or "@"; returns where the steps begin. */
static const char *
compile_root(struct jsonpath *path, const char *p, const char *end,
    bool in_filter)
{
	const char	*from;

	if (p < end && *p == '@' && in_filter) {
		path->root = PATH_CURRENT;
		return p + 1;
	}
	if (p >= end || *p != '$')
		return NULL;
	path->root = PATH_INPUT;
	p++;
	if (in_filter)
		return p;
	if (p < end && *p == '$') {
		path->root = PATH_CONTEXT;
		return p + 1;
	}
	for (from = p; p < end && name_byte(*p, p == from); p++)
		continue;
	if (p > from) {
		path->root = PATH_VARIABLE;
		path->variable = xstrndup(from, (size_t)(p - from));
	}
	return p;
}

/* Several names only at the end; a scan needs a step after it. */
static int
check_steps(const struct jsonpath *path, struct err *e)
{
	size_t	 i;

	for (i = 0; i < path->n; i++) {
		if (path->steps[i].kind == STEP_NAMES && path->steps[i].n != 1 &&
		    i + 1 < path->n)
			return invalid(e, "Several names are allowed only as "
			    "the last step");
		if (path->steps[i].kind == STEP_SCAN && (i + 1 == path->n ||
		    path->steps[i + 1].kind == STEP_SCAN))
			return invalid(e, "A step must follow a scan");
	}
	return 0;
}

static bool
step_definite(const struct path_step *s)
{
	return s->kind == STEP_NAMES || s->kind == STEP_LAST ||
	    (s->kind == STEP_INDICES && s->n == 1);
}

struct jsonpath *
jsonpath_compile(const char *text, size_t len, bool in_filter, int depth,
    struct err *e)
{
	struct jsonpath	*path = xcalloc(1, sizeof *path);
	const char	*end = text + len, *p;
	size_t		 i;

	path->text = xstrndup(text, len);
	while (end > text && (unsigned char)end[-1] <= ' ')
		end--;
	if (memchr(text, '\0', len) != NULL)
		invalid(e, "A path holds no NUL");
	else if ((p = compile_root(path, text, end, in_filter)) == NULL)
		invalid(e, "A path begins with '$'");
	else if (compile_steps(path, p, end, depth, e) == 0 &&
	    check_steps(path, e) == 0) {
		path->definite = true;
		for (i = 0; i < path->n; i++)
			if (!step_definite(&path->steps[i]))
				path->definite = false;
		return path;
	}
	jsonpath_free(path);
	return NULL;
}

struct jsonpath *
jsonpath_parse(const char *text, size_t len, struct err *e)
{
	struct err	 inner = ERR_INIT;
	struct jsonpath	*path;

	path = jsonpath_compile(text, len, false, 0, &inner);
	if (path == NULL) {
		err_context(&inner, "Invalid path '%.*s' : ",
		    (int)jsontext_cut(text, len, 200), text);
		err_move(e, &inner);
	}
	return path;
}

const char *
jsonpath_text(const struct jsonpath *path)
{
	return path->text;
}

bool
jsonpath_definite(const struct jsonpath *path)
{
	return path->definite;
}

/* A character in brackets, not in quotes, that reference paths may not have. */
static bool
has_operator(const char *p)
{
	bool	 quoted = false;
	int	 nested = 0;

	for (; *p != '\0'; p++)
		if (*p == '\'' && nested > 0)
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (*p == '[')
			nested++;
		else if (*p == ']')
			nested--;
		else if (nested > 0 && strchr("@,:?*", *p) != NULL)
			return true;
	return false;
}

bool
jsonpath_is_reference(const struct jsonpath *path)
{
	const struct path_step	*s;
	size_t			 i, len;

	if (has_operator(path->text))
		return false;
	for (i = 0; i < path->n; i++) {
		s = &path->steps[i];
		if (s->n != 1 || s->kind == STEP_LAST ||
		    (s->kind != STEP_NAMES && s->kind != STEP_INDICES))
			return false;
		if (s->kind != STEP_NAMES)
			continue;
		len = strlen(s->names[0]);
		if (len >= 2 && strcmp(s->names[0] + len - 2, "()") == 0)
			return false;	/* "length()", a function elsewhere */
	}
	return true;
}

const char *
jsonpath_variable(const struct jsonpath *path)
{
	return path->variable;
}

bool
jsonpath_is_root(const struct jsonpath *path)
{
	return path->root == PATH_INPUT && path->n == 0;
}

bool
jsonpath_is_context(const struct jsonpath *path)
{
	return path->root == PATH_CONTEXT;
}
