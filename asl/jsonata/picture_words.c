/*
 * asl/jsonata/picture_words.c - numbers in English words, roman numerals and
 * letters.
 *
 * Words are kept once, cardinal and ordinal, with the value that reading gives
 * them.  Beyond a trillion the names repeat: "one thousand trillion".
 */

#include <math.h>
#include <string.h>

#include "codepoints.h"
#include "picture_words.h"

#define WORD_MAX	11	/* letters of "seventeenth" */
#define DEPTH_MAX	40	/* 1e308 is 26 trillions deep */

static const struct {
	const char	*cardinal, *ordinal;
	double		 value;
} words[] = {
	{ "Zero",	"Zeroth",	0 },	{ "One",	"First",	1 },
	{ "Two",	"Second",	2 },	{ "Three",	"Third",	3 },
	{ "Four",	"Fourth",	4 },	{ "Five",	"Fifth",	5 },
	{ "Six",	"Sixth",	6 },	{ "Seven",	"Seventh",	7 },
	{ "Eight",	"Eighth",	8 },	{ "Nine",	"Ninth",	9 },
	{ "Ten",	"Tenth",	10 },	{ "Eleven",	"Eleventh",	11 },
	{ "Twelve",	"Twelfth",	12 },	{ "Thirteen",	"Thirteenth",	13 },
	{ "Fourteen",	"Fourteenth",	14 },	{ "Fifteen",	"Fifteenth",	15 },
	{ "Sixteen",	"Sixteenth",	16 },	{ "Seventeen",	"Seventeenth",	17 },
	{ "Eighteen",	"Eighteenth",	18 },	{ "Nineteen",	"Nineteenth",	19 },
	{ "Twenty",	"Twentieth",	20 },	{ "Thirty",	"Thirtieth",	30 },
	{ "Forty",	"Fortieth",	40 },	{ "Fifty",	"Fiftieth",	50 },
	{ "Sixty",	"Sixtieth",	60 },	{ "Seventy",	"Seventieth",	70 },
	{ "Eighty",	"Eightieth",	80 },	{ "Ninety",	"Ninetieth",	90 },
	{ "Hundred",	"Hundredth",	100 },
	{ "Thousand",	"Thousandth",	1e3 },	{ "Million",	"Millionth",	1e6 },
	{ "Billion",	"Billionth",	1e9 },	{ "Trillion",	"Trillionth",	1e12 },
};

#define WORD_COUNT	(sizeof(words) / sizeof(words[0]))
#define TENS		18	/* words[TENS + n] is n tens */
#define HUNDRED		28
#define MAGNITUDES	28	/* words[MAGNITUDES + n] is 1000^n */

/* --- printing words ---------------------------------------------------------- */

static void
add_word(struct strbuf *out, size_t i, bool ordinal)
{
	strbuf_adds(out, ordinal ? words[i].ordinal : words[i].cardinal);
}

static void
print_small(int v, bool ordinal, struct strbuf *out)
{
	if (v < 20) {
		add_word(out, (size_t)v, ordinal);
		return;
	}
	add_word(out, (size_t)(TENS + v / 10), ordinal && v % 10 == 0);
	if (v % 10 != 0) {
		strbuf_addc(out, '-');
		add_word(out, (size_t)(v % 10), ordinal);
	}
}

static void
print_words(double v, bool continued, bool ordinal, int depth,
    struct strbuf *out)
{
	double	size, many, rest;
	size_t	name;

	if (v < 100) {
		if (continued)
			strbuf_adds(out, " and ");
		print_small((int)v, ordinal, out);
		return;
	}
	if (continued)
		strbuf_adds(out, ", ");
	name = v < 1e3 ? HUNDRED : v < 1e6 ? MAGNITUDES + 1 :
	    v < 1e9 ? MAGNITUDES + 2 : v < 1e12 ? MAGNITUDES + 3 : MAGNITUDES + 4;
	size = words[name].value;
	many = floor(v / size);
	rest = v - many * size;
	if (depth < DEPTH_MAX)
		print_words(many, false, false, depth + 1, out);
	strbuf_addc(out, ' ');
	add_word(out, name, ordinal && !(rest > 0));
	if (rest > 0 && depth < DEPTH_MAX)
		print_words(rest, true, ordinal, depth + 1, out);
}

void
picture_words_print(double v, bool ordinal, struct strbuf *out)
{
	print_words(v, false, ordinal, 0, out);
}

/* --- reading words ----------------------------------------------------------- */

static uint32_t
lower(uint32_t c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* Does text begin with the word?  Returns its length, or 0. */
static size_t
begins_with(const uint32_t *text, size_t n, const char *word)
{
	size_t	i;

	for (i = 0; word[i] != '\0'; i++)
		if (i == n || lower(text[i]) != lower((unsigned char)word[i]))
			return 0;
	return i;
}

static double
word_value(const uint32_t *text, size_t n)
{
	size_t	i;

	for (i = 0; n > 0 && i < WORD_COUNT; i++)
		if (begins_with(text, n, words[i].cardinal) == n ||
		    begins_with(text, n, words[i].ordinal) == n)
			return words[i].value;
	return NAN;
}

/* Is this one of what a run consists of? */
static bool
is_piece(const uint32_t *text, size_t n)
{
	if (n == 1)
		return text[0] == ' ' || text[0] == ',' || text[0] == '-';
	return begins_with(text, n, "and") == n || !isnan(word_value(text, n));
}

size_t
picture_words_ends(const uint32_t *text, size_t n, size_t *ends, size_t *stack)
{
	size_t	depth = 0, count = 0, place = 0, len = 1, i;

	for (;;) {
		for (; len <= WORD_MAX && place + len <= n; len++)
			if (is_piece(text + place, len))
				break;
		if (len <= WORD_MAX && place + len <= n) {
			/* Go on behind it, unless that was done before. */
			for (i = 0; i < count && ends[i] != place + len; i++)
				;
			if (i < count) {
				len++;
				continue;
			}
			stack[depth++] = place;
			place += len;
			len = 1;
			continue;
		}
		if (depth == 0)
			return count;
		ends[count++] = place;
		len = place - stack[depth - 1] + 1;
		place = stack[--depth];
	}
}

/* What parts words: a comma and a space, "and" in spaces, a space, a hyphen. */
static size_t
gap_at(const uint32_t *text, size_t n)
{
	if (n >= 2 && text[0] == ',' && codepoints_is_space(text[1]))
		return 2;
	if (n >= 5 && codepoints_is_space(text[0]) &&
	    begins_with(text + 1, n - 1, "and") != 0 &&
	    codepoints_is_space(text[4]))
		return 5;
	return n > 0 && (codepoints_is_space(text[0]) || text[0] == '-');
}

/*
 * Small words add to the number under way, large ones multiply it; one that
 * has reached a thousand is put aside and the next one begun.
 */
double
picture_words_read(const uint32_t *text, size_t n)
{
	double	now = 0, value, sum = 0;
	size_t	end, gap;

	for (;;) {
		for (end = 0; end < n && gap_at(text + end, n - end) == 0; end++)
			;
		value = word_value(text, end);
		if (isnan(value))
			return NAN;
		if (value >= 100) {
			now *= value;
		} else if (now >= 1000) {
			sum += now;
			now = value;
		} else
			now += value;
		if (end == n)
			return sum + now;
		gap = gap_at(text + end, n - end);
		text += end + gap;
		n -= end + gap;
	}
}

/* --- roman numerals ---------------------------------------------------------- */

static const struct {
	int		 value;
	const char	*text;
} romans[] = {
	{ 1000, "M" }, { 900, "CM" }, { 500, "D" }, { 400, "CD" },
	{ 100, "C" }, { 90, "XC" }, { 50, "L" }, { 40, "XL" },
	{ 10, "X" }, { 9, "IX" }, { 5, "V" }, { 4, "IV" }, { 1, "I" },
};

void
picture_words_roman(double v, struct strbuf *out)
{
	int	left = v > 0 && v < PICTURE_WORDS_ROMAN_MAX ? (int)v : 0;
	size_t	i;

	for (i = 0; i < sizeof(romans) / sizeof(romans[0]); i++)
		for (; left >= romans[i].value; left -= romans[i].value)
			strbuf_adds(out, romans[i].text);
}

double
picture_words_roman_read(const uint32_t *text, size_t n)
{
	double	sum = 0;
	int	max = 1, value;
	size_t	i;

	while (n-- > 0) {
		for (i = 0; i < sizeof(romans) / sizeof(romans[0]) &&
		    (romans[i].text[1] != '\0' ||
		    (uint32_t)romans[i].text[0] != text[n]); i++)
			;
		if (i == sizeof(romans) / sizeof(romans[0]))
			return NAN;
		value = romans[i].value;
		if (value < max) {
			sum -= value;
		} else {
			max = value;
			sum += value;
		}
	}
	return sum;
}

/* --- letters ----------------------------------------------------------------- */

void
picture_words_letters(double v, char first, struct strbuf *out)
{
	char	back[256];	/* 26^218 is beyond a double */
	size_t	n = sizeof(back);

	while (v > 0 && n > 0) {
		back[--n] = (char)(first + (int)fmod(v - 1, 26));
		v = floor((v - 1) / 26);
	}
	strbuf_add(out, back + n, sizeof(back) - n);
}

double
picture_words_letters_read(const uint32_t *text, size_t n, char first)
{
	double	sum = 0;
	size_t	i;

	for (i = 0; i < n; i++)
		sum += ((double)text[n - i - 1] - first + 1) * pow(26, (double)i);
	return sum;
}
