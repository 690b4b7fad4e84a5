/*
 * asl/jsonata/picture_integer.c - whole numbers by picture: $formatInteger,
 * $parseInteger.
 *
 * compile() reads the picture, print() and read() follow it.  Digits stand
 * here; words, roman numerals and letters in picture_words.c.
 *
 * As the reference does: a number too short for irregular groups loses digits
 * to slice(-n); reading does not check text against the picture, it takes the
 * separators and the ordinal's two letters away and reads what is left.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codepoints.h"
#include "number_text.h"
#include "picture_integer.h"
#include "picture_words.h"
#include "xmalloc.h"

#define PICTURE_MAX	4096	/* code points */
#define WORK_MAX	50000000	/* characters times separators */

/* --- compiling --------------------------------------------------------------- */

static bool
is_primary(const struct picture_integer *p, const char *text)
{
	size_t	i;

	for (i = 0; i < p->primary_n; i++)
		if (text[i] == '\0' || p->primary[i] != (unsigned char)text[i])
			return false;
	return text[i] == '\0';
}

static size_t
gcd(size_t a, size_t b)
{
	return b == 0 ? a : gcd(b, a % b);
}

/* The group size if one separator stands at every multiple of it, or 0. */
static size_t
regular_groups(const struct picture_integer *p)
{
	size_t	i, k, size = 0;

	for (i = 0; i < p->group_count; i++) {
		if (p->groups[i].separator != p->groups[0].separator)
			return 0;
		size = gcd(p->groups[i].place, size);
	}
	for (k = 1; k <= p->group_count; k++) {
		for (i = 0; i < p->group_count &&
		    p->groups[i].place != k * size; i++)
			;
		if (i == p->group_count)
			return 0;
	}
	return size;
}

/* Reads a picture of digits from its end; without a digit it is none. */
static int
compile_digits(struct picture_integer *p, struct err *e)
{
	size_t		 i, j, place = 0;
	uint32_t	 c, zero;

	p->groups = xcalloc(p->primary_n + 1, sizeof(*p->groups));
	for (i = p->primary_n; i-- > 0;) {
		c = p->primary[i];
		if ((zero = codepoints_zero(c)) != 0) {
			if (p->mandatory++ > 0 && zero != p->zero)
				return err_set(e, "D3131", "In a decimal digit "
				    "pattern, all digits must be from the same "
				    "decimal group");
			p->zero = zero;
			place++;
		} else if (c == '#') {
			p->optional++;
			place++;
		} else {
			p->groups[p->group_count].separator = c;
			p->groups[p->group_count++].place = place;
		}
	}
	if (p->mandatory == 0)
		return 0;
	p->kind = PICTURE_INTEGER_DECIMAL;
	for (i = 0, j = p->group_count; i + 1 < j; i++) {
		struct picture_integer_group	 swap = p->groups[i];

		p->groups[i] = p->groups[--j];
		p->groups[j] = swap;
	}
	p->regular = regular_groups(p);
	return 0;
}

int
picture_integer_compile(struct picture_integer *p, const uint32_t *primary,
    size_t n, bool ordinal, struct err *e)
{
	memset(p, 0, sizeof(*p));
	p->kind = PICTURE_INTEGER_SEQUENCE;
	p->primary = primary;
	p->primary_n = n;
	p->ordinal = ordinal;
	if (is_primary(p, "A") || is_primary(p, "a")) {
		p->kind = PICTURE_INTEGER_LETTERS;
		p->upper = primary[0] == 'A';
	} else if (is_primary(p, "I") || is_primary(p, "i")) {
		p->kind = PICTURE_INTEGER_ROMAN;
		p->upper = primary[0] == 'I';
	} else if (is_primary(p, "W") || is_primary(p, "w") ||
	    is_primary(p, "Ww")) {
		p->kind = PICTURE_INTEGER_WORDS;
		p->upper = primary[0] == 'W' && n == 1;
		p->title = n == 2;
	} else if (compile_digits(p, e) != 0) {
		picture_integer_free(p);
		return -1;
	}
	return 0;
}

void
picture_integer_free(struct picture_integer *p)
{
	free(p->groups);
	p->groups = NULL;
}

static int
unsupported(const struct picture_integer *p, struct err *e)
{
	struct strbuf	 text = STRBUF_INIT;

	codepoints_print_all(&text, p->primary, p->primary_n);
	err_set(e, "D3130", "Formatting or parsing an integer as a sequence "
	    "starting with \"%s\" is not supported by this implementation",
	    strbuf_str(&text));
	strbuf_free(&text);
	return -1;
}

/* --- printing ---------------------------------------------------------------- */

/* Puts the separator where slice(0, -place) and slice(-place) would. */
static void
insert_separator(struct codepoints *s, size_t place, uint32_t separator)
{
	if (place > s->n) {
		place -= s->n;	/* counts from the end again; what is left falls */
		if (place < s->n)
			codepoints_remove(s, 0, s->n - place);
		codepoints_insert(s, 0, &separator, 1);
		return;
	}
	codepoints_insert(s, s->n - place, &separator, 1);
}

/* Puts it between all groups of size digits, counted from the right. */
static void
insert_regular(struct codepoints *s, size_t size, uint32_t separator)
{
	size_t	i, groups = (s->n - 1) / size, from = s->n;
	size_t	to = s->n + groups;

	for (i = 0; i < groups; i++)
		codepoints_insert(s, s->n, &separator, 1);
	while (groups-- > 0) {
		from -= size;
		to -= size;
		memmove(s->at + to, s->at + from, size * sizeof(*s->at));
		s->at[--to] = separator;
	}
}

static const char *
ordinal_suffix(const struct codepoints *s)
{
	uint32_t	last = s->n > 0 ? s->at[s->n - 1] : 0;

	if (s->n > 1 && s->at[s->n - 2] == '1')
		return "th";
	return last == '1' ? "st" : last == '2' ? "nd" : last == '3' ? "rd" : "th";
}

static void
add_zeros(struct codepoints *s, size_t n)
{
	uint32_t	*zeros = xcalloc(n, sizeof(*zeros));
	size_t		 i;

	for (i = 0; i < n; i++)
		zeros[i] = '0';
	codepoints_insert(s, 0, zeros, n);
	free(zeros);
}

static void
print_digits(const struct picture_integer *p, double v, struct strbuf *out)
{
	struct codepoints	 s = CODEPOINTS_INIT;
	char			 text[NUMBER_TEXT_SIZE];
	size_t			 i, n;

	n = number_text_print(v, text);
	codepoints_set(&s, text, n);
	if (n < p->mandatory)
		add_zeros(&s, p->mandatory - n);
	/* Every character moves, the "e+" of a number beyond 1e21 too. */
	for (i = 0; i < s.n; i++)
		s.at[i] += p->zero - '0';
	if (p->regular > 0) {
		insert_regular(&s, p->regular, p->groups[0].separator);
	} else {
		for (i = 0; i < p->group_count; i++)
			insert_separator(&s, p->groups[i].place,
			    p->groups[i].separator);
	}
	codepoints_print_all(out, s.at, s.n);
	if (p->ordinal)
		strbuf_adds(out, ordinal_suffix(&s));
	codepoints_free(&s);
}

/* Adds ASCII text in the picture's case. */
static void
add_cased(const struct picture_integer *p, const struct strbuf *text,
    struct strbuf *out)
{
	size_t	i;
	char	c;

	for (i = 0; i < text->len; i++) {
		c = text->data[i];
		if (p->upper && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if (!p->upper && !p->title && c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		strbuf_addc(out, c);
	}
}

static int
endless(struct err *e)
{
	return err_set(e, "RangeError", "Maximum call stack size exceeded");
}

int
picture_integer_print(const struct picture_integer *p, double v,
    struct strbuf *out, struct err *e)
{
	struct strbuf	 text = STRBUF_INIT;
	double		 u = fabs(v);

	if (p->kind == PICTURE_INTEGER_SEQUENCE)
		return unsupported(p, e);
	if ((p->kind == PICTURE_INTEGER_WORDS && !isfinite(v)) ||
	    (p->kind != PICTURE_INTEGER_DECIMAL && isinf(v)) ||
	    (p->kind == PICTURE_INTEGER_ROMAN && u >= PICTURE_WORDS_ROMAN_MAX))
		return endless(e);
	if (v < 0)
		strbuf_addc(out, '-');
	switch (p->kind) {
	case PICTURE_INTEGER_DECIMAL:
		print_digits(p, u, out);
		break;
	case PICTURE_INTEGER_LETTERS:
		picture_words_letters(u, p->upper ? 'A' : 'a', out);
		break;
	case PICTURE_INTEGER_ROMAN:
		picture_words_roman(u, &text);
		break;
	case PICTURE_INTEGER_WORDS:
		picture_words_print(u, p->ordinal, &text);
		break;
	case PICTURE_INTEGER_SEQUENCE:
		break;
	}
	add_cased(p, &text, out);
	strbuf_free(&text);
	return 0;
}

/* --- reading ----------------------------------------------------------------- */

static bool
is_separator(const struct picture_integer *p, uint32_t c)
{
	size_t	i;

	if (p->regular > 0)
		return c == ',';
	for (i = 0; i < p->group_count; i++)
		if (p->groups[i].separator == c)
			return true;
	return false;
}

double
picture_integer_parse_int(const char *text, size_t len)
{
	const char	*p = text, *end = text + len, *start;
	bool		 negative = false, hex;
	double		 v;

	for (start = p; p < end && codepoints_is_space(codepoints_next(&p, end));
	    start = p)
		;
	p = start;
	if (p < end && (*p == '-' || *p == '+'))
		negative = *p++ == '-';
	start = p;
	hex = end - p >= 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X');
	for (p += hex ? 2 : 0; p < end && strchr(hex ? "0123456789abcdefABCDEF" :
	    "0123456789", *p) != NULL && *p != '\0'; p++)
		;
	if (p - start == (hex ? 2 : 0))
		return NAN;
	if (!number_text_read(start, (size_t)(p - start), &v))
		v = INFINITY;
	return negative ? -v : v;
}

static int
read_digits(const struct picture_integer *p, const uint32_t *text, size_t n,
    double *v, struct err *e)
{
	struct strbuf	 digits = STRBUF_INIT;
	int64_t		 c;
	size_t		 i;

	if (p->group_count > 0 && n > WORK_MAX / p->group_count)
		return err_set(e, "PictureTooLong", "The number and its picture "
		    "are too long");
	/* The two letters of "th": UTF-16 units, in the reference. */
	if (p->ordinal && n > 0)
		n -= text[n - 1] > 0xffff || n == 1 ? 1 : 2;
	for (i = 0; i < n; i++) {
		if (is_separator(p, text[i]))
			continue;
		c = (int64_t)text[i] - p->zero + '0';
		if (c < 0) {
			strbuf_free(&digits);
			return err_set(e, "RangeError", "Invalid code point %d",
			    (int)c);
		}
		codepoints_print(&digits, (uint32_t)c);
	}
	*v = picture_integer_parse_int(strbuf_str(&digits), digits.len);
	strbuf_free(&digits);
	return 0;
}

static double
read_roman(const struct picture_integer *p, const uint32_t *text, size_t n)
{
	struct codepoints	 copy = CODEPOINTS_INIT;
	size_t			 i;
	double			 v;

	if (p->upper)
		return picture_words_roman_read(text, n);
	codepoints_set(&copy, "", 0);
	codepoints_insert(&copy, 0, text, n);
	for (i = 0; i < n; i++)
		if (copy.at[i] >= 'a' && copy.at[i] <= 'z')
			copy.at[i] -= 'a' - 'A';
	v = picture_words_roman_read(copy.at, n);
	codepoints_free(&copy);
	return v;
}

int
picture_integer_read(const struct picture_integer *p, const uint32_t *text,
    size_t n, double *v, struct err *e)
{
	switch (p->kind) {
	case PICTURE_INTEGER_DECIMAL:
		return read_digits(p, text, n, v, e);
	case PICTURE_INTEGER_LETTERS:
		*v = picture_words_letters_read(text, n, p->upper ? 'A' : 'a');
		return 0;
	case PICTURE_INTEGER_ROMAN:
		*v = read_roman(p, text, n);
		return 0;
	case PICTURE_INTEGER_WORDS:
		*v = picture_words_read(text, n);
		return 0;
	case PICTURE_INTEGER_SEQUENCE:
		break;
	}
	return unsupported(p, e);
}

/* --- the whole --------------------------------------------------------------- */

/* Reads the picture with its modifier; text holds it while p lives. */
static int
compile(struct picture_integer *p, struct codepoints *text, const char *picture,
    size_t len, struct err *e)
{
	size_t	n, at;

	codepoints_set(text, picture, len);
	if (text->n > PICTURE_MAX) {
		codepoints_free(text);
		return err_set(e, "PictureTooLong", "The picture is longer than "
		    "%d characters", PICTURE_MAX);
	}
	for (at = n = text->n; at > 0 && text->at[at - 1] != ';'; at--)
		;
	if (picture_integer_compile(p, text->at, at > 0 ? at - 1 : n,
	    at > 0 && at < n && text->at[at] == 'o', e) == 0)
		return 0;
	codepoints_free(text);
	return -1;
}

int
picture_integer_format(double v, const char *picture, size_t len,
    struct strbuf *out, struct err *e)
{
	struct picture_integer	 p;
	struct codepoints	 text = CODEPOINTS_INIT;
	int			 result;

	if (compile(&p, &text, picture, len, e) != 0)
		return -1;
	result = picture_integer_print(&p, floor(v), out, e);
	picture_integer_free(&p);
	codepoints_free(&text);
	return result;
}

int
picture_integer_parse(const char *text, size_t text_len, const char *picture,
    size_t len, double *v, struct err *e)
{
	struct picture_integer	 p;
	struct codepoints	 pic = CODEPOINTS_INIT, s = CODEPOINTS_INIT;
	int			 result;

	if (compile(&p, &pic, picture, len, e) != 0)
		return -1;
	codepoints_set(&s, text, text_len);
	result = picture_integer_read(&p, s.at, s.n, v, e);
	picture_integer_free(&p);
	codepoints_free(&s);
	codepoints_free(&pic);
	return result;
}
