/*
 * asl/intrinsic.c - intrinsic functions: text becomes calls, calls a value.
 *
 *	call	 = name "(" [ argument { "," argument } ] ")"
 *	argument = call | path | 'string' | number | true | false | null
 *
 * Blanks may stand around arguments, not between name and "(".  In strings
 * \' \{ \} \\ are escapes, every other backslash is refused.  The functions
 * themselves are in intrinsic_*.c, their list in intrinsic_impl.h.
 */

#include "intrinsic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "intrinsic_impl.h"
#include "jsonpath.h"
#include "jsonpath_impl.h"
#include "xmalloc.h"

struct function {
	const char	*name;
	intrinsic_fn	*fn;
	size_t		 least, most;
};

static const struct function functions[] = {
#define X(name, fn, least, most) { name, fn, least, most },
	INTRINSICS(X)
#undef X
};

/* A call (function set), a path, or a value. */
struct part {
	const struct function	*function;
	struct part		*args;
	size_t			 n;
	struct jsonpath		*path;
	json_t			*value;
	char			*literal;	/* a string as written */
};

struct intrinsic {
	char		*text;
	struct part	 root;
};

struct parser {
	const char	*p, *end;
	struct err	*e;
};

static int parse_argument(struct parser *, struct part *, int depth);

static void
part_clear(struct part *part)
{
	size_t	 i;

	for (i = 0; i < part->n; i++)
		part_clear(&part->args[i]);
	free(part->args);
	jsonpath_free(part->path);
	json_decref(part->value);
	free(part->literal);
}

void
intrinsic_free(struct intrinsic *f)
{
	if (f == NULL)
		return;
	part_clear(&f->root);
	free(f->text);
	free(f);
}

static void
space(struct parser *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' ||
	    *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

static int
invalid(struct parser *s, const char *why)
{
	return err_set(s->e, "InvalidIntrinsic", "%s", why);
}

static bool
name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_';
}

static const struct function *
find(const char *name, size_t len)
{
	size_t	 i;

	for (i = 0; i < sizeof functions / sizeof functions[0]; i++)
		if (strlen(functions[i].name) == len &&
		    memcmp(functions[i].name, name, len) == 0)
			return &functions[i];
	return NULL;
}

static int
parse_string(struct parser *s, struct part *part)
{
	struct strbuf	 b = STRBUF_INIT;
	const char	*from = ++s->p;

	for (; s->p < s->end && *s->p != '\''; s->p++) {
		if (*s->p == '\\') {
			s->p++;
			if (s->p >= s->end || *s->p == '\0' ||
			    strchr("'{}\\", *s->p) == NULL) {
				strbuf_free(&b);
				return invalid(s, "Only ' { } and \\ may "
				    "follow a backslash");
			}
		}
		strbuf_addc(&b, *s->p);
	}
	if (s->p >= s->end) {
		strbuf_free(&b);
		return invalid(s, "A string does not end");
	}
	part->literal = xstrndup(from, (size_t)(s->p - from));
	part->value = json_stringn_nocheck(strbuf_str(&b), b.len);
	strbuf_free(&b);
	s->p++;
	return 0;
}

/* A path ends at the comma or parenthesis outside of its brackets. */
static int
parse_path(struct parser *s, struct part *part)
{
	const char	*from = s->p;
	bool		 quoted = false;
	int		 nested = 0;

	for (; s->p < s->end; s->p++) {
		if (*s->p == '\'' && nested > 0)
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (*s->p == '[' || (*s->p == '(' && nested > 0))
			nested++;
		else if ((*s->p == ']' || *s->p == ')') && nested > 0)
			nested--;
		else if (*s->p == '(' && s->p + 1 < s->end && s->p[1] == ')')
			s->p++;		/* "$.a.length()" is a name */
		else if (nested == 0 && (*s->p == ',' || *s->p == ')'))
			break;
	}
	part->path = jsonpath_parse(from, (size_t)(s->p - from), s->e);
	return part->path == NULL ? -1 : 0;
}

/* A number, true, false or null. */
static int
parse_word(struct parser *s, struct part *part)
{
	const char	*from = s->p;
	size_t		 len;

	while (s->p < s->end && (name_byte(*s->p) || *s->p == '-' ||
	    *s->p == '+'))
		s->p++;
	len = (size_t)(s->p - from);
	if (len > 0)
		part->value = jsontext_parse(from, len, NULL);
	return part->value != NULL ? 0 : err_set(s->e, "InvalidIntrinsic",
	    "'%.*s' is no argument", (int)jsontext_cut(from, len, 100), from);
}

static int
parse_call(struct parser *s, struct part *part, int depth)
{
	const char	*from = s->p;
	size_t		 len;

	if (depth > INTRINSIC_NESTING_MAX)
		return invalid(s, "Intrinsic functions nest more than 10 deep");
	while (s->p < s->end && name_byte(*s->p))
		s->p++;
	len = (size_t)(s->p - from);
	if (s->p >= s->end || *s->p != '(')
		return invalid(s, "A '(' must follow a function's name");
	if ((part->function = find(from, len)) == NULL)
		return err_set(s->e, "InvalidIntrinsic",
		    "There is no function '%.*s'", (int)jsontext_cut(from, len, 100), from);
	s->p++;
	space(s);
	if (s->p < s->end && *s->p == ')') {
		s->p++;
		return 0;
	}
	for (;;) {
		part->args = xreallocarray(part->args, part->n + 1,
		    sizeof *part->args);
		memset(&part->args[part->n++], 0, sizeof *part->args);
		if (parse_argument(s, &part->args[part->n - 1], depth) == -1)
			return -1;
		space(s);
		if (s->p < s->end && *s->p == ')') {
			s->p++;
			return 0;
		}
		if (s->p >= s->end || *s->p != ',')
			return invalid(s, "A ',' or ')' is missing");
		s->p++;
	}
}

static int
parse_argument(struct parser *s, struct part *part, int depth)
{
	const char	*p;

	space(s);
	if (s->p >= s->end)
		return invalid(s, "An argument is missing");
	if (*s->p == '$')
		return parse_path(s, part);
	if (*s->p == '\'')
		return parse_string(s, part);
	for (p = s->p; p < s->end && name_byte(*p); p++)
		continue;
	if (p > s->p && p < s->end && *p == '(')
		return parse_call(s, part, depth + 1);
	return parse_word(s, part);
}

struct intrinsic *
intrinsic_parse(const char *text, size_t len, struct err *e)
{
	struct intrinsic	*f = xcalloc(1, sizeof *f);
	struct parser		 s = { text, text + len, e };

	f->text = xstrndup(text, len);
	space(&s);
	if (memchr(text, '\0', len) != NULL)
		invalid(&s, "A call holds no NUL");
	else if (parse_call(&s, &f->root, 1) == 0) {
		space(&s);
		if (s.p == s.end)
			return f;
		invalid(&s, "Something follows the call");
	}
	err_set(e, "InvalidIntrinsic", "no call");
	if (e != NULL && !err_is(e, "InvalidIntrinsic")) {
		/* A path inside was faulty: one code for all. */
		char	*why = xstrdup(e->text);

		err_clear(e);
		err_set(e, "InvalidIntrinsic", "%s", why);
		free(why);
	}
	intrinsic_free(f);
	return NULL;
}

const char *
intrinsic_text(const struct intrinsic *f)
{
	return f->text;
}

static void
variables(const struct part *part, void (*fn)(const char *, void *), void *arg)
{
	size_t	 i;

	if (part->path != NULL && jsonpath_variable(part->path) != NULL)
		fn(jsonpath_variable(part->path), arg);
	for (i = 0; i < part->n; i++)
		variables(&part->args[i], fn, arg);
}

void
intrinsic_variables(const struct intrinsic *f,
    void (*fn)(const char *name, void *arg), void *arg)
{
	variables(&f->root, fn, arg);
}

json_t *
intrinsic_invalid(const struct intrinsic_call *c)
{
	err_set(c->e, "States.Runtime", "Invalid arguments in %s", c->name);
	return NULL;
}

json_t *
intrinsic_invalid_because(const struct intrinsic_call *c, const char *why)
{
	err_set(c->e, "States.Runtime", "Invalid arguments in %s: %s", c->name,
	    why);
	return NULL;
}

bool
intrinsic_integer(const json_t *json, int64_t *n)
{
	double	 d;

	if (json_is_integer(json)) {
		*n = json_integer_value(json);
		return true;
	}
	if (!json_is_real(json))
		return false;
	d = trunc(json_real_value(json));
	if (d < -9e18 || d > 9e18)
		return false;
	*n = (int64_t)d;
	return true;
}

static json_t *
missing(const struct part *part, const struct scope *scope, struct err *e)
{
	struct strbuf	 b;
	json_t		*input = NULL;

	strbuf_init(&b, JSONTEXT_PRINT_MAX);
	if (jsonpath_is_context(part->path) && scope->context != NULL)
		input = scope->context(scope->context_arg);
	jsontext_print(input != NULL ? input : payload_json(scope->input), &b);
	err_set(e, "States.Runtime", "The JsonPath argument for the field "
	    "'%s' could not be found in the input '%s'",
	    jsonpath_text(part->path), strbuf_str(&b));
	strbuf_free(&b);
	return NULL;
}

static json_t *
eval_path(const struct part *part, struct scope *scope, struct err *e)
{
	struct err	 inner = ERR_INIT;
	json_t		*v;
	bool		 past_end;

	if (jsonpath_eval_field(part->path, scope, &v, &past_end, &inner) == 0) {
		if (!past_end)
			return v;
		json_decref(v);
		return missing(part, scope, e);
	}
	if (err_is(&inner, "PathNotFound") && !jsonpath_definite(part->path)) {
		err_clear(&inner);
		return json_array();
	}
	if (err_is(&inner, "PathNotFound"))
		missing(part, scope, e);
	else
		err_set(e, "States.Runtime", "%s", inner.text);
	err_clear(&inner);
	return NULL;
}

void
intrinsic_charge(const struct intrinsic_call *c, size_t bytes)
{
	c->scope->work += (int64_t)(bytes / 16) + 1;
}

/* A whole string, or the members of an array or object without what is in them. */
static void
charge_value(const struct intrinsic_call *c, const json_t *v)
{
	if (json_is_string(v))
		intrinsic_charge(c, json_string_length(v));
	else
		intrinsic_charge(c, 16 * (json_array_size(v) +
		    json_object_size(v)));
}

static json_t *
eval(const struct part *part, struct scope *scope, struct err *e)
{
	struct intrinsic_call	 c = { NULL, NULL, 0, NULL, scope, e };
	json_t			*out = NULL;

	if (part->path != NULL)
		return eval_path(part, scope, e);
	if (part->function == NULL)
		return json_incref(part->value);
	c.name = part->function->name;
	c.args = xcalloc(part->n, sizeof *c.args);
	for (; c.n < part->n; c.n++) {
		if ((c.args[c.n] = eval(&part->args[c.n], scope, e)) == NULL)
			goto done;
		charge_value(&c, c.args[c.n]);
	}
	if (c.n > 0)
		c.literal = part->args[0].literal;
	if (c.n < part->function->least || c.n > part->function->most)
		intrinsic_invalid(&c);
	else if ((out = part->function->fn(&c)) != NULL)
		charge_value(&c, out);
	if (out != NULL && scope->work > SCOPE_WORK_MAX) {
		json_decref(out);
		out = intrinsic_invalid_because(&c, "it takes too much work.");
	}
done:
	while (c.n > 0)
		json_decref(c.args[--c.n]);
	free(c.args);
	return out;
}

int
intrinsic_eval(const struct intrinsic *f, struct scope *scope, json_t **out,
    struct err *e)
{
	struct err	 inner = ERR_INIT;

	*out = eval(&f->root, scope, &inner);
	if (*out != NULL)
		return 0;
	err_set(e, "States.Runtime",
	    "The function '%s' had the following error: %s", f->text,
	    inner.text);
	err_clear(&inner);
	return -1;
}
