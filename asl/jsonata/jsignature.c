/*
 * asl/jsonata/jsignature.c - what a function takes.
 */

#include <string.h>

#include "jsignature.h"

struct param {
	char	 set[16];	/* the letters that fit */
	char	 type;		/* 'a' for arrays, else of no matter */
	bool	 optional, more, context, lazy;
	bool	 has_subtype;
	char	 subtype[16];
};

struct jsignature {
	size_t		 n;
	struct param	 params[];
};

/* --- reading ------------------------------------------------------------- */

static size_t
closing(const char *s, size_t len, size_t at, char open, char close)
{
	int	 depth = 1;

	while (++at < len) {
		if (s[at] == close && --depth == 0)
			break;
		if (s[at] == open)
			depth++;
	}
	return at;
}

static void
copy_part(char *to, size_t size, const char *from, size_t len)
{
	if (len >= size)
		len = size - 1;
	memcpy(to, from, len);
	to[len] = '\0';
}

static bool
set_type(struct param *p, char c)
{
	switch (c) {
	case 's':
	case 'n':
	case 'b':
	case 'l':
	case 'o':
		p->set[0] = c;
		p->set[1] = 'm';
		break;
	case 'a':
	case 'x':
		memcpy(p->set, "asnblfom", 9);
		break;
	case 'f':
		p->set[0] = 'f';
		break;
	case 'j':
		memcpy(p->set, "asnblom", 8);
		break;
	default:
		return false;
	}
	p->type = c;
	return true;
}

/* ? + - change the parameter before them. */
static void
modify(struct param *p, char c)
{
	if (c == '-')
		p->context = p->optional = true;
	else if (c == '?') {
		p->lazy = p->optional;
		p->optional = true;
	} else
		p->more = true;
}

static enum jfault_code
choice(struct param *p, const char *s, size_t len)
{
	if (memchr(s, '<', len) != NULL)
		return JFAULT_S0402;
	copy_part(p->set, sizeof p->set - 1, s, len);
	memcpy(p->set + strlen(p->set), "m", 2);
	p->type = '(';
	return JFAULT_NONE;
}

/* Reads one parameter or modifier at *at. */
static enum jfault_code
read_part(struct jsignature *sig, const char *s, size_t len, size_t *at,
    struct jvalue *value)
{
	static const struct param	 none;
	struct param			*p = &sig->params[sig->n];
	struct param			*before = sig->n > 0 ? p - 1 : p;
	size_t				 from = *at + 1, end;

	*value = JVALUE_NOTHING;
	if (sig->n == JSIGNATURE_PARAMS_MAX)
		return JFAULT_S0500;
	if (s[*at] == '?' || s[*at] == '+' || s[*at] == '-') {
		if (sig->n > 0)		/* before any, it says nothing */
			modify(before, s[*at]);
		return JFAULT_NONE;
	}
	if (s[*at] == '(') {
		end = closing(s, len, *at, '(', ')');
		*value = jvalue_string(s + from, end - from);
		if (choice(p, s + from, end - from) != JFAULT_NONE)
			return JFAULT_S0402;
		*at = end;
	} else if (s[*at] == '<') {
		if (sig->n == 0 || (before->type != 'a' && before->type != 'f')) {
			if (sig->n > 0)
				*value = jvalue_string(&before->type, 1);
			return JFAULT_S0401;
		}
		end = closing(s, len, *at, '<', '>');
		before->has_subtype = true;
		copy_part(before->subtype, sizeof before->subtype, s + from,
		    end - from);
		*at = end;
		return JFAULT_NONE;
	} else if (!set_type(p, s[*at]))
		return JFAULT_NONE;
	sig->n++;
	p[1] = none;
	return JFAULT_NONE;
}

enum jfault_code
jsignature_parse(struct jarena *arena, const char *text, size_t len,
    struct jsignature **out, size_t *offset, struct jvalue *value)
{
	struct jsignature	*sig;
	enum jfault_code	 code;
	size_t			 at;

	sig = jarena_zalloc(arena, sizeof *sig +
	    (JSIGNATURE_PARAMS_MAX + 1) * sizeof(struct param));
	for (at = 1; at < len && text[at] != ':'; at++) {
		*offset = at;
		code = read_part(sig, text, len, &at, value);
		if (code != JFAULT_NONE) {
			if (jvalue_is_string(*value))
				value->u.s = jarena_text(arena, value->u.s,
				    value->len);
			return code;
		}
	}
	jarena_extend(arena, sig, sizeof *sig +
	    (JSIGNATURE_PARAMS_MAX + 1) * sizeof(struct param),
	    sizeof *sig + sig->n * sizeof(struct param));
	*out = sig;
	return JFAULT_NONE;
}

/* --- matching ------------------------------------------------------------ */

struct matcher {
	const struct jsignature	*sig;
	const char		*letters;	/* one for each argument */
	size_t			 n;
	size_t			 params;	/* match only the first so many */
	bool			 whole;		/* must take all arguments */
	/* Per parameter: how many arguments it took. */
	size_t			 took[JSIGNATURE_PARAMS_MAX];
	/* From (parameter, argument) there is no way: one bit each. */
	uint8_t			 dead[JSIGNATURE_PARAMS_MAX + 1]
				    [JSIGNATURE_ARGS_MAX / 8 + 1];
};

static bool
fits(const struct param *p, char letter)
{
	return letter != '\0' && strchr(p->set, letter) != NULL;
}

static bool
match(struct matcher *m, size_t param, size_t arg)
{
	const struct param	*p = &m->sig->params[param];
	size_t			 least, most = 0, i, count;

	if (param == m->params)
		return !m->whole || arg == m->n;
	if (m->dead[param][arg / 8] & 1 << arg % 8)
		return false;
	while (arg + most < m->n && (most == 0 || p->more) &&
	    fits(p, m->letters[arg + most]))
		most++;
	least = p->optional ? 0 : 1;
	for (i = least; i <= most; i++) {
		count = p->lazy ? i : most - (i - least);
		m->took[param] = count;
		if (match(m, param + 1, arg + count))
			return true;
	}
	m->dead[param][arg / 8] |= (uint8_t)(1 << arg % 8);
	return false;
}

/* Which argument it is that does not fit. */
static void
tell(struct matcher *m, const struct jvalue *args, struct jfault *f)
{
	size_t	 good = 0, i;

	m->whole = false;
	for (m->params = 1; m->params <= m->sig->n; m->params++) {
		memset(m->dead, 0, sizeof m->dead);
		if (!match(m, 0, 0))
			break;
		for (good = 0, i = 0; i < m->params; i++)
			good += m->took[i];
	}
	jfault_set(f, JFAULT_T0410, -1);
	f->index = jvalue_int((int64_t)good + 1);
	if (good < m->n)
		f->value = args[good];
}

static const char *
plural(const char *subtype)
{
	static const char *const	 names[] = { "arrays", "booleans",
	    "functions", "numbers", "objects", "strings" };
	size_t				 i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (subtype[0] == names[i][0] && subtype[1] == '\0')
			return names[i];
	return NULL;
}

static bool
items_fit(const struct param *p, struct jvalue v, char letter, size_t took)
{
	size_t	 n, i;

	if (letter != 'a')	/* one value alone must be the subtype */
		return took == 1 && p->subtype[0] == letter &&
		    p->subtype[1] == '\0';
	n = jvalue_count(v);
	if (n > 0 && v.kind == JVALUE_ARRAY && v.u.a->range)
		return p->subtype[0] == 'n';
	for (i = 0; i < n; i++)
		if (jvalue_letter(jvalue_at(v, i)) != p->subtype[0])
			return false;
	return true;
}

/* The argument as an array, if the parameter wants one. */
static int
coerce(struct jarena *arena, const struct param *p, struct jvalue *v,
    size_t took, size_t index, struct jfault *f)
{
	char		 letter = jvalue_letter(*v);
	const char	*name;
	struct jarray	*a;

	if (p->type != 'a' || letter == 'm')
		return 0;
	if (p->has_subtype && !items_fit(p, *v, letter, took)) {
		jfault_set(f, JFAULT_T0412, -1);
		f->index = jvalue_int((int64_t)index + 1);
		f->value = *v;
		if ((name = plural(p->subtype)) != NULL)
			f->type = jvalue_string(name, strlen(name));
		return -1;
	}
	if (letter != 'a') {
		a = jvalue_new_array(arena, 1);
		jvalue_push(arena, a, *v);
		*v = jvalue_array(a);
	}
	return 0;
}

/* Nothing was given for a parameter that takes the context. */
static int
use_context(const struct param *p, struct jvalue context, size_t index,
    struct jfault *f)
{
	if (fits(p, jvalue_letter(context)))
		return 0;
	jfault_set(f, JFAULT_T0411, -1);
	f->value = context;
	f->index = jvalue_int((int64_t)index + 1);
	return -1;
}

static int
assign(struct matcher *m, struct jarena *arena, const struct jvalue *args,
    struct jvalue context, struct jvalue *out, size_t *count, struct jfault *f)
{
	const struct param	*p;
	size_t			 arg = 0, i, j, n = 0;

	for (i = 0; i < m->sig->n; i++) {
		p = &m->sig->params[i];
		if (m->took[i] == 0 && p->context) {
			if (use_context(p, context, arg, f) == -1)
				return -1;
			out[n++] = context;
		} else if (m->took[i] == 0) {
			/* As the reference: the next one is not skipped. */
			out[n++] = arg < m->n ? args[arg] : JVALUE_NOTHING;
			arg++;
		}
		for (j = 0; j < m->took[i]; j++, arg++, n++) {
			out[n] = arg < m->n ? args[arg] : JVALUE_NOTHING;
			if (coerce(arena, p, &out[n], m->took[i], arg, f) == -1)
				return -1;
		}
	}
	*count = n;
	return 0;
}

int
jsignature_check(const struct jsignature *sig, struct jarena *arena,
    struct jvalue **args, size_t *n, struct jvalue context, struct jfault *f)
{
	struct matcher	 m;
	char		 letters[JSIGNATURE_ARGS_MAX];
	struct jvalue	*out;
	size_t		 i;

	m.sig = sig;
	m.letters = letters;
	m.n = *n;
	m.params = sig->n;
	m.whole = true;
	if (*n > JSIGNATURE_ARGS_MAX) {
		jfault_set(f, JFAULT_T0410, -1);
		f->index = jvalue_int(JSIGNATURE_ARGS_MAX + 1);
		return -1;
	}
	for (i = 0; i < *n; i++)
		letters[i] = jvalue_letter((*args)[i]);
	memset(m.dead, 0, (sig->n + 1) * sizeof m.dead[0]);
	if (!match(&m, 0, 0)) {
		tell(&m, *args, f);
		return -1;
	}
	out = jarena_alloc(arena, (sig->n + *n + 1) * sizeof *out);
	if (assign(&m, arena, *args, context, out, n, f) == -1)
		return -1;
	*args = out;
	return 0;
}
