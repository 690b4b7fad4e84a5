/*
 * asl/jsonata/jtext_print.c - values as JSON text, the way JSON.stringify
 * writes them.
 */

#include <math.h>

#include "jtext.h"
#include "number_text.h"

struct printer {
	struct strbuf		*out;
	enum jtext_style	 style;
	int			 depth;
};

static void print(struct printer *, struct jvalue);

static void
print_surrogate(struct strbuf *out, enum jtext_style style, const char *s,
    const char *end)
{
	if (style == JTEXT_RESULT)
		strbuf_adds(out, "\357\277\275");
	else
		strbuf_addf(out, "\\u%04x", (unsigned int)jtext_next(&s, end));
}

static void
print_string(struct strbuf *out, enum jtext_style style, const char *s,
    size_t len)
{
	static const char	 hex[] = "0123456789abcdef";
	static const char	 named[] = "b\b" "f\f" "n\n" "r\r" "t\t";
	const char		*end = s + len, *from = s, *n;
	char			 escape[6] = "\\u00";

	strbuf_addc(out, '"');
	for (; s < end; s++) {
		if ((unsigned char)*s == 0xed && end - s > 2 &&
		    (unsigned char)s[1] >= 0xa0) {
			strbuf_add(out, from, (size_t)(s - from));
			print_surrogate(out, style, s, end);
			from = s + 3;
			s += 2;
			continue;
		}
		if ((unsigned char)*s >= 0x20 && *s != '"' && *s != '\\')
			continue;
		strbuf_add(out, from, (size_t)(s - from));
		from = s + 1;
		escape[1] = *s == '"' || *s == '\\' ? *s : 'u';
		for (n = named; *n != '\0'; n += 2)
			if (n[1] == *s)
				escape[1] = n[0];
		escape[4] = hex[(unsigned char)*s >> 4 & 15];
		escape[5] = hex[*s & 15];
		strbuf_add(out, escape, escape[1] == 'u' ? 6 : 2);
		escape[1] = 'u';
	}
	strbuf_add(out, from, (size_t)(s - from));
	strbuf_addc(out, '"');
}

/*
 * Whole numbers, and those of few digits behind the point, which most are:
 * n / 10^k is rounded once, so if it is d, then its digits read back as d, and
 * with the least k there is nothing shorter.
 */
static bool
print_short(struct strbuf *out, double d)
{
	static const double	 powers[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6 };
	char			 digits[24];
	int64_t			 n = 0;
	size_t			 k, i;

	if (!(fabs(d) < 1e9) || d == 0)
		return false;
	for (k = 0; k < sizeof powers / sizeof powers[0]; k++) {
		n = (int64_t)rint(fabs(d) * powers[k]);
		if ((double)n / powers[k] == fabs(d))
			break;
	}
	if (k == sizeof powers / sizeof powers[0])
		return false;
	for (i = sizeof digits; i > sizeof digits - k; n /= 10)
		digits[--i] = (char)('0' + n % 10);
	if (k > 0)
		digits[--i] = '.';
	do {
		digits[--i] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	if (d < 0)
		digits[--i] = '-';
	strbuf_add(out, digits + i, sizeof digits - i);
	return true;
}

static void
print_number(struct printer *p, double d)
{
	char	 text[NUMBER_TEXT_SIZE];

	if (!isfinite(d))
		strbuf_adds(p->out, p->style != JTEXT_RESULT ? "null" :
		    isnan(d) ? "\"NaN\"" : d > 0 ? "\"Infinity\"" :
		    "\"-Infinity\"");
	else if (!print_short(p->out, d))
		strbuf_add(p->out, text, 
		    p->style == JTEXT_EXACT || p->style == JTEXT_RESULT ?
		    number_text_print(d, text) : number_text_print15(d, text));
}

static void
new_line(struct printer *p)
{
	int	 i;

	if (p->style != JTEXT_PRETTY)
		return;
	strbuf_addc(p->out, '\n');
	for (i = 0; i < p->depth; i++)
		strbuf_adds(p->out, "  ");
}

static void
print_array(struct printer *p, struct jvalue v)
{
	size_t	 n = jvalue_count(v), i;

	strbuf_addc(p->out, '[');
	p->depth++;
	for (i = 0; i < n && !p->out->failed; i++) {
		if (i > 0)
			strbuf_addc(p->out, ',');
		new_line(p);
		if (jvalue_is_nothing(jvalue_at(v, i)))
			strbuf_adds(p->out, "null");
		else
			print(p, jvalue_at(v, i));
	}
	p->depth--;
	if (n > 0)
		new_line(p);
	strbuf_addc(p->out, ']');
}

static void
print_object(struct printer *p, struct jvalue v)
{
	struct jvalue_walk	 walk;
	struct jmember		 m;
	bool			 first = true;

	strbuf_addc(p->out, '{');
	p->depth++;
	jvalue_walk_start(&walk, v);
	while (jvalue_walk_next(&walk, &m) && !p->out->failed) {
		if (jvalue_is_nothing(m.value))
			continue;
		if (!first)
			strbuf_addc(p->out, ',');
		first = false;
		new_line(p);
		print_string(p->out, p->style, m.name, m.len);
		strbuf_adds(p->out, p->style == JTEXT_PRETTY ? ": " : ":");
		print(p, m.value);
	}
	p->depth--;
	if (!first)
		new_line(p);
	strbuf_addc(p->out, '}');
}

static void
print(struct printer *p, struct jvalue v)
{
	if (p->depth > JTEXT_DEPTH_MAX) {
		p->out->failed = true;
		return;
	}
	switch ((enum jkind)v.kind) {
	case JVALUE_UNDEFINED:
		break;
	case JVALUE_NULL:
		strbuf_adds(p->out, "null");
		break;
	case JVALUE_BOOL:
		strbuf_adds(p->out, v.u.b ? "true" : "false");
		break;
	case JVALUE_INT:
		strbuf_addi(p->out, v.u.i);
		break;
	case JVALUE_DOUBLE:
		print_number(p, v.u.d);
		break;
	case JVALUE_STRING:
		print_string(p->out, p->style, v.u.s, v.len);
		break;
	case JVALUE_ARRAY:
	case JVALUE_JSON_ARRAY:
		print_array(p, v);
		break;
	case JVALUE_OBJECT:
	case JVALUE_JSON_OBJECT:
		print_object(p, v);
		break;
	case JVALUE_FUNCTION:
		strbuf_adds(p->out, "\"\"");
		break;
	}
}

void
jtext_print(struct jvalue v, enum jtext_style style, struct strbuf *out)
{
	struct printer	 p = { out, style, 0 };

	print(&p, v);
}
