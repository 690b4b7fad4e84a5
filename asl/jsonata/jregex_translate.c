/*
 * asl/jsonata/jregex_translate.c - JavaScript's patterns in PCRE2's words.
 *
 * Most is the same.  Different: \s, escapes that only PCRE2 knows and which in
 * JavaScript stand for their letter, decimal escapes, surrogates, "[" inside a
 * class, and what PCRE2 has and JavaScript refuses: possessive quantifiers,
 * verbs, options and the like in groups.
 */

#include <stdio.h>
#include <string.h>

#include "jregex.h"

#define SPACES	"\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}" \
	"\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}"

struct translation {
	const char	*p, *end;
	struct strbuf	*out;
	int		 groups;	/* that capture */
	bool		 in_class;
	bool		 quantified;	/* the last thing was a quantifier */
	const char	*message;
};

static int
count_groups(const char *p, const char *end)
{
	bool	 in_class = false;
	int	 n = 0;

	for (; p < end; p++) {
		if (*p == '\\')
			p++;
		else if (*p == '[')
			in_class = true;
		else if (*p == ']')
			in_class = false;
		else if (*p == '(' && !in_class && end - p > 1)
			n += p[1] != '?' || (end - p > 3 && p[2] == '<' &&
			    p[3] != '=' && p[3] != '!');
	}
	return n;
}

static int
hex4(const char *p, const char *end)
{
	int	 n = 0, i, digit;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		digit = p[i] >= '0' && p[i] <= '9' ? p[i] - '0' :
		    (p[i] | 32) >= 'a' && (p[i] | 32) <= 'f' ?
		    (p[i] | 32) - 'a' + 10 : -1;
		if (digit < 0)
			return -1;
		n = n << 4 | digit;
	}
	return n;
}

/* \uXXXX, p behind the u */
static void
unicode(struct translation *t)
{
	int	 high = hex4(t->p, t->end), low;

	if (high < 0) {
		strbuf_addc(t->out, 'u');
		return;
	}
	t->p += 4;
	if (high >= 0xd800 && high < 0xdc00 && t->end - t->p >= 6 &&
	    t->p[0] == '\\' && t->p[1] == 'u' &&
	    (low = hex4(t->p + 2, t->end)) >= 0xdc00 && low < 0xe000) {
		t->p += 6;
		high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
	} else if (high >= 0xd800 && high < 0xe000)
		high = 0xfffd;	/* as lone surrogates in the text */
	strbuf_addf(t->out, "\\x{%x}", (unsigned int)high);
}

/* \xXX, p behind the x */
static void
hexadecimal(struct translation *t)
{
	char	 four[4] = { '0', '0', '0', 'x' };
	int	 code;

	if (t->end - t->p >= 2)
		memcpy(four + 2, t->p, 2);
	if ((code = hex4(four, four + 4)) < 0) {
		strbuf_addc(t->out, 'x');
		return;
	}
	t->p += 2;
	strbuf_addf(t->out, "\\x{%x}", (unsigned int)code);
}

/* \1 or \012: a group if there is one, else an octal number or the digit */
static void
decimal(struct translation *t)
{
	const char	*q;
	int		 n = 0, i;

	for (q = t->p; q < t->end && *q >= '0' && *q <= '9' && n < 1000; q++)
		n = n * 10 + (*q - '0');
	if (*t->p != '0' && n <= t->groups && !t->in_class) {
		strbuf_addf(t->out, "\\g{%d}", n);
		t->p = q;
		return;
	}
	if (*t->p >= '8') {
		strbuf_addc(t->out, *t->p++);
		return;
	}
	for (n = i = 0; i < 3 && t->p < t->end && *t->p >= '0' &&
	    *t->p <= '7' && n * 8 + (*t->p - '0') < 256; i++)
		n = n * 8 + (*t->p++ - '0');
	strbuf_addf(t->out, "\\x{%x}", (unsigned int)n);
}

static void
escape(struct translation *t)
{
	char	 c;

	if (++t->p == t->end) {
		t->message = "\\ at end of pattern";
		return;
	}
	c = *t->p++;
	if (c == 'u')
		unicode(t);
	else if (c >= '0' && c <= '9') {
		t->p--;
		decimal(t);
	} else if (c == 's')
		strbuf_adds(t->out, t->in_class ? SPACES : "[" SPACES "]");
	else if (c == 'S' && !t->in_class)
		strbuf_adds(t->out, "[^" SPACES "]");
	else if (c == 'x')
		hexadecimal(t);
	else if (c == 'v')
		strbuf_adds(t->out, "\\x0b");
	else if (((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) &&
	    (strchr("dDwWbBStnfrck", c) == NULL || (c == 'B' && t->in_class)))
		strbuf_addc(t->out, c);
	else if (c == 'k' && (t->p == t->end || *t->p != '<'))
		strbuf_addc(t->out, c);
	else {
		strbuf_addc(t->out, '\\');
		strbuf_addc(t->out, c);
	}
}

/* The end of {n}, {n,} or {n,m} at p; NULL if it is none. */
static const char *
braces(const char *p, const char *end)
{
	const char	*q = p + 1;

	while (q < end && *q >= '0' && *q <= '9')
		q++;
	if (q == p + 1)
		return NULL;
	if (q < end && *q == ',')
		for (q++; q < end && *q >= '0' && *q <= '9'; q++)
			;
	return q < end && *q == '}' ? q + 1 : NULL;
}

static void
quantifier(struct translation *t, const char *after)
{
	if (t->quantified) {
		t->message = "Nothing to repeat";
		return;
	}
	strbuf_add(t->out, t->p, (size_t)(after - t->p));
	t->p = after;
	if (t->p < t->end && *t->p == '?')
		strbuf_addc(t->out, *t->p++);
	t->quantified = true;
}

static void
open_group(struct translation *t)
{
	if (t->end - t->p > 1 && t->p[1] == '*')
		t->message = "Nothing to repeat";
	else if (t->end - t->p > 1 && t->p[1] == '?' &&
	    (t->end - t->p < 3 || strchr(":=!<", t->p[2]) == NULL))
		t->message = "Invalid group";
	strbuf_addc(t->out, *t->p++);
	if (t->p < t->end && *t->p == '?')
		strbuf_addc(t->out, *t->p++);
}

static void
part(struct translation *t)
{
	const char	*after = NULL;
	char		 c = *t->p;

	if (c == '\\') {
		escape(t);
		t->quantified = false;
		return;
	}
	if (t->in_class) {
		if (c == '[')
			strbuf_addc(t->out, '\\');
		t->in_class = c != ']';
		strbuf_addc(t->out, c);
		t->p++;
		return;
	}
	if (c == '*' || c == '+' || c == '?')
		after = t->p + 1;
	else if (c == '{')
		after = braces(t->p, t->end);
	if (after != NULL) {
		quantifier(t, after);
		return;
	}
	t->quantified = false;
	if (c == '(') {
		open_group(t);
		return;
	}
	t->in_class = c == '[';
	if (c == '{')	/* 10.43 would take {,5} for a quantifier */
		strbuf_addc(t->out, '\\');
	strbuf_addc(t->out, c);
	t->p++;
	/* [^ and [^] : the first ] closes, as with PCRE2_ALLOW_EMPTY_CLASS */
	if (t->in_class && t->p < t->end && *t->p == '^')
		strbuf_addc(t->out, *t->p++);
}

int
jregex_translate(const char *pattern, size_t len, struct strbuf *out,
    const char **message)
{
	struct translation	 t = { pattern, pattern + len, out,
	    count_groups(pattern, pattern + len), false, false, NULL };

	while (t.p < t.end && t.message == NULL)
		part(&t);
	*message = t.message;
	return t.message == NULL ? 0 : -1;
}
