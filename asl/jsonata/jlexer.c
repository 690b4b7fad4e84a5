/*
 * asl/jsonata/jlexer.c - an expression's tokens.
 *
 * Positions are those of the reference: a token's is where it ends (its
 * tokenizer stamps them after reading), a fault's where reading stopped.
 */

#include <math.h>
#include <string.h>

#include "jlexer.h"
#include "jregex.h"
#include "jtext.h"
#include "number_text.h"

void
jlexer_init(struct jlexer *l, struct jprogram *program, const char *text,
    size_t len)
{
	memset(l, 0, sizeof *l);
	l->program = program;
	l->text = l->p = l->counted = text;
	l->end = text + len;
}

long
jlexer_position(struct jlexer *l, const char *p)
{
	if (p < l->counted) {
		l->counted = l->text;
		l->units = 0;
	}
	l->units += (long)jtext_units(l->counted, (size_t)(p - l->counted));
	l->counted = p;
	return l->units;
}

static int
fail(struct jlexer *l, enum jfault_code code, const char *at,
    struct jvalue token)
{
	jprogram_fail(l->program, code, jlexer_position(l, at), token,
	    JVALUE_NOTHING);
	return -1;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v';
}

/* Past blanks and comments. */
static int
skip(struct jlexer *l)
{
	const char	*start;

	for (;;) {
		while (l->p < l->end && is_blank(*l->p))
			l->p++;
		if (l->end - l->p < 2 || l->p[0] != '/' || l->p[1] != '*')
			return 0;
		start = l->p;
		for (l->p += 2; l->end - l->p >= 2 &&
		    (l->p[0] != '*' || l->p[1] != '/'); l->p++)
			;
		if (l->end - l->p < 2)
			return fail(l, JFAULT_S0106, start, JVALUE_NOTHING);
		l->p += 2;
	}
}

/* --- operators ----------------------------------------------------------- */

static const struct {
	const char	*text;
	int		 power;
} ops[] = {
#define X(name, text, power) { text, power },
	JOPS(X)
#undef X
};

const char *
jlexer_op_text(enum jop op)
{
	return ops[op].text;
}

int
jlexer_op_power(enum jop op)
{
	return ops[op].power;
}

static enum jop
find_op(const struct jlexer *l)
{
	static const enum jop	 two[] = { JOP_DOT_DOT, JOP_BIND, JOP_NOT_EQUAL,
	    JOP_GREATER_EQUAL, JOP_LESS_EQUAL, JOP_STAR_STAR, JOP_CHAIN,
	    JOP_ELVIS, JOP_COALESCE };
	size_t			 i;

	if (l->end - l->p >= 2)
		for (i = 0; i < sizeof two / sizeof two[0]; i++)
			if (memcmp(ops[two[i]].text, l->p, 2) == 0 &&
			    !(l->program->aws && two[i] >= JOP_ELVIS))
				return two[i];
	for (i = 1; i < JOP_COUNT; i++)
		if (ops[i].text[1] == '\0' && ops[i].text[0] == *l->p)
			return (enum jop)i;
	return JOP_NONE;
}

/* --- literals ------------------------------------------------------------ */

static int
read_unicode(struct jlexer *l, char **out)
{
	uint32_t	 c = 0;
	const char	*p = l->p + 1;
	int		 i, digit;
	char		 joined[4];

	/* As the reference: what there is of four characters must be hex. */
	for (i = 0; i < 4 && p < l->end; i++, p++) {
		digit = *p >= '0' && *p <= '9' ? *p - '0' :
		    (*p | 32) >= 'a' && (*p | 32) <= 'f' ?
		    (*p | 32) - 'a' + 10 : -1;
		if (digit < 0)
			return fail(l, JFAULT_S0104, l->p, JVALUE_NOTHING);
		c = c << 4 | (uint32_t)digit;
	}
	if (i == 0)
		return fail(l, JFAULT_S0104, l->p, JVALUE_NOTHING);
	l->p = p;
	i = (int)jtext_encode(c, *out);
	*out += i;
	if (i == 3 && c >= 0xdc00 && c < 0xe000 && (*out)[-6] == (char)0xed &&
	    jtext_joins(*out - 6, 3, *out - 3, 3, joined)) {
		memcpy(*out - 6, joined, 4);
		*out -= 2;
	}
	return 0;
}

static int
read_escape(struct jlexer *l, char **out)
{
	static const char	 names[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	const char		*n, *after = l->p;

	for (n = names; *n != '\0' && l->p < l->end; n += 2)
		if (*n == *l->p) {
			l->p++;
			*(*out)++ = n[1];
			return 0;
		}
	if (l->p < l->end && *l->p == 'u')
		return read_unicode(l, out);
	if (l->p < l->end)
		jtext_next(&after, l->end);
	return fail(l, JFAULT_S0103, l->p,
	    jvalue_string(l->p, (size_t)(after - l->p)));
}

static int
read_string(struct jlexer *l, struct jtoken *t)
{
	char	 quote = *l->p++, *buf, *out;
	size_t	 room = (size_t)(l->end - l->p) + 8;

	/* Six bytes ahead, where read_unicode() looks back. */
	buf = jarena_zalloc(&l->program->arena, room);
	out = buf += 6;
	while (l->p < l->end && *l->p != quote) {
		if (*l->p != '\\')
			*out++ = *l->p++;
		else if (l->p++, read_escape(l, &out) == -1)
			return -1;
	}
	if (l->p >= l->end)
		return fail(l, JFAULT_S0101, l->end, JVALUE_NOTHING);
	l->p++;
	*out = '\0';
	jarena_extend(&l->program->arena, buf - 6, room,
	    (size_t)(out - buf) + 8);
	t->type = JNODE_STRING;
	t->value = jvalue_string(buf, (size_t)(out - buf));
	return 0;
}

static const char *
digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* The end of the number at p; p if there is none. */
static const char *
scan_number(const char *p, const char *end, bool *whole)
{
	const char	*q = p, *r;

	*whole = true;
	if (q < end && *q == '-')
		q++;
	if (q == end || *q < '0' || *q > '9')
		return p;
	q = *q == '0' ? q + 1 : digits(q, end);
	if (end - q >= 2 && *q == '.' && (r = digits(q + 1, end)) > q + 1) {
		*whole = false;
		q = r;
	}
	if (end - q >= 2 && (*q | 32) == 'e') {
		r = q + 1 + (q[1] == '+' || q[1] == '-');
		if (digits(r, end) > r) {
			*whole = false;
			q = digits(r, end);
		}
	}
	return q;
}

static int
read_number(struct jlexer *l, const char *end, bool whole, struct jtoken *t)
{
	size_t	 len = (size_t)(end - l->p);
	double	 d;
	int64_t	 n = 0;

	if (!number_text_read(l->p, len, &d) || !isfinite(d))
		return fail(l, JFAULT_S0102, l->p, jvalue_string(l->p, len));
	t->value = jvalue_double(d);
	if (whole && len <= 15) {
		for (; l->p < end; l->p++)
			n = n * 10 + (*l->p - '0');
		t->value = jvalue_int(n);
	}
	t->type = JNODE_NUMBER;
	l->p = end;
	return 0;
}

/* --- regular expressions, names ------------------------------------------ */

static int
end_regex(struct jlexer *l, const char *from, struct jtoken *t)
{
	const char	*flags = l->p + 1;
	size_t		 len = (size_t)(l->p - from);
	char		 message[160];

	if (len == 0)
		return fail(l, JFAULT_S0301, l->p, JVALUE_NOTHING);
	for (l->p++; l->p < l->end && (*l->p == 'i' || *l->p == 'm'); l->p++)
		;
	t->type = JNODE_REGEX;
	t->regex = jregex_compile(&l->program->arena, from, len, flags,
	    (size_t)(l->p - flags), message, sizeof message);
	if (t->regex == NULL) {
		fail(l, JFAULT_S0303, from - 1, JVALUE_NOTHING);
		l->program->fault.message = jvalue_string(jarena_text(
		    &l->program->arena, message, strlen(message)),
		    strlen(message));
		return -1;
	}
	jregex_chain(t->regex, &l->program->regexes);
	t->value = jvalue_string(from - 1, (size_t)(l->p - from) + 1);
	return 0;
}

static int
read_regex(struct jlexer *l, struct jtoken *t)
{
	const char	*from = ++l->p, *back;
	int		 depth = 0;

	for (; l->p < l->end; l->p++) {
		if (*l->p == '/' && depth == 0) {
			for (back = l->p; back > l->text && back[-1] == '\\';
			    back--)
				;
			if ((l->p - back) % 2 == 0)
				return end_regex(l, from, t);
		}
		if (l->p[-1] == '\\')
			continue;
		if (*l->p == '(' || *l->p == '[' || *l->p == '{')
			depth++;
		if (*l->p == ')' || *l->p == ']' || *l->p == '}')
			depth--;
	}
	return fail(l, JFAULT_S0302, l->p, JVALUE_NOTHING);
}

static int
read_quoted(struct jlexer *l, struct jtoken *t)
{
	const char	*from = l->p + 1;
	const char	*close = memchr(from, '`', (size_t)(l->end - from));

	if (close == NULL)
		return fail(l, JFAULT_S0105, l->end, JVALUE_NOTHING);
	t->type = JNODE_NAME;
	t->value = jvalue_string(from, (size_t)(close - from));
	l->p = close + 1;
	return 0;
}

static void
read_name(struct jlexer *l, struct jtoken *t)
{
	struct jlexer	 look = *l;

	while (look.p < l->end && !is_blank(*look.p) &&
	    find_op(&look) == JOP_NONE)
		look.p++;
	t->value = jvalue_string(l->p, (size_t)(look.p - l->p));
	l->p = look.p;
	t->type = JNODE_NAME;
	if (t->value.len > 0 && t->value.u.s[0] == '$') {
		t->type = JNODE_VARIABLE;
		t->value = jvalue_string(t->value.u.s + 1, t->value.len - 1);
	} else if (jvalue_is_text(t->value, "and"))
		t->op = JOP_AND;
	else if (jvalue_is_text(t->value, "or"))
		t->op = JOP_OR;
	else if (jvalue_is_text(t->value, "in"))
		t->op = JOP_IN;
	else if (jvalue_is_text(t->value, "null")) {
		t->type = JNODE_VALUE;
		t->value = jvalue_null();
	} else if (jvalue_is_text(t->value, "true") ||
	    jvalue_is_text(t->value, "false")) {
		t->type = JNODE_VALUE;
		t->value = jvalue_bool(t->value.len == 4);
	}
	if (t->op != JOP_NONE)
		t->type = JNODE_OPERATOR;
}

int
jlexer_next(struct jlexer *l, bool operand_before, struct jtoken *t)
{
	const char	*end;
	bool		 whole;
	int		 result = 0;

	memset(t, 0, sizeof *t);
	if (skip(l) == -1)
		return -1;
	if (l->p == l->end) {
		t->type = JNODE_END;
		t->value = jvalue_string("(end)", 5);
		t->position = jlexer_position(l, l->end);
		return 0;
	}
	if (!operand_before && *l->p == '/')
		result = read_regex(l, t);
	else if ((t->op = find_op(l)) != JOP_NONE) {
		t->type = JNODE_OPERATOR;
		t->value = jvalue_string(ops[t->op].text,
		    strlen(ops[t->op].text));
		l->p += t->value.len;
	} else if (*l->p == '"' || *l->p == '\'')
		result = read_string(l, t);
	else if ((end = scan_number(l->p, l->end, &whole)) > l->p)
		result = read_number(l, end, whole, t);
	else if (*l->p == '`')
		result = read_quoted(l, t);
	else
		read_name(l, t);
	if (result == 0)
		t->position = jlexer_position(l, l->p);
	return result;
}
