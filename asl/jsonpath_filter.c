/*
 * asl/jsonpath_filter.c - the conditions in "[?(@.price < 10 && @.isbn)]".
 *
 *	or	= and { "||" and }
 *	and	= unary { "&&" unary }
 *	unary	= "!" unary | "(" or ")" | operand [ compare operand ]
 *	operand	= path | 'text' | word | number | true | false | null
 *
 * How values compare is Jayway's: a literal is a text, quoted or not; a number
 * compares with a text as numbers, a text with a text as texts ('3' > 1.5, but
 * also 'x' > 1).  A path that leads nowhere makes every comparison false, != too;
 * so do values that cannot be compared.  null does not exist for [?(@.a)].
 */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "jsonpath_impl.h"
#include "xmalloc.h"

enum filter_kind { FILTER_OR, FILTER_AND, FILTER_NOT, FILTER_EXISTS, FILTER_EQ,
	FILTER_NE, FILTER_LT, FILTER_LE, FILTER_GT, FILTER_GE };

/* A path; or a text; or neither, for null. */
struct operand {
	struct jsonpath	*path;
	char		*text;
};

struct filter {
	enum filter_kind	 kind;
	struct filter		*a, *b;
	struct operand		 left, right;
};

struct parser {
	const char	*p, *end;
	int		 depth;
	struct err	*e;
};

static struct filter *parse_or(struct parser *);

static void
operand_clear(struct operand *o)
{
	jsonpath_free(o->path);
	free(o->text);
}

void
jsonpath_filter_free(struct filter *f)
{
	if (f == NULL)
		return;
	jsonpath_filter_free(f->a);
	jsonpath_filter_free(f->b);
	operand_clear(&f->left);
	operand_clear(&f->right);
	free(f);
}

static void
space(struct parser *s)
{
	while (s->p < s->end && (unsigned char)*s->p <= ' ')
		s->p++;
}

static bool
take(struct parser *s, const char *word)
{
	size_t	 n = strlen(word);

	space(s);
	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	return true;
}

static int
invalid(struct parser *s, const char *why)
{
	return err_set(s->e, "InvalidPath", "%s in a filter", why);
}

/* The end of a path: blanks and operators end it outside of brackets. */
static const char *
path_end(const char *p, const char *end)
{
	bool	 quoted = false;
	int	 nested = 0;

	for (; p < end; p++) {
		if (*p == '\'' && nested > 0)
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (*p == '[')
			nested++;
		else if (*p == ']')
			nested--;
		else if (nested == 0 && ((unsigned char)*p <= ' ' ||
		    strchr("=!<>&|)", *p) != NULL))
			break;
	}
	return p;
}

static int
parse_path(struct parser *s, struct operand *o)
{
	const char	*end = path_end(s->p, s->end);

	o->path = jsonpath_compile(s->p, (size_t)(end - s->p), true, s->depth,
	    s->e);
	if (o->path == NULL)
		return -1;
	s->p = end;
	if (!o->path->definite)
		return invalid(s, "A path must give one value");
	return 0;
}

/* A text without quotes: people write [?(@.Type==AMOUNT)], and it works. */
static bool
is_word(const char *text)
{
	if (!isalpha((unsigned char)*text))
		return false;
	while (isalnum((unsigned char)*text) || *text == '_')
		text++;
	return *text == '\0';
}

static bool
is_literal(const char *text)
{
	char	*end;

	if (is_word(text))
		return true;		/* true, false and null, too */
	if (text[0] == '"' && text[1] != '\0' && text[strlen(text) - 1] == '"')
		return true;		/* a text with its quotes, in Jayway */
	if (text[0] != '-' && !isdigit((unsigned char)text[0]))
		return false;
	strtod(text, &end);
	return *end == '\0' && strpbrk(text, "xXpPnN") == NULL;
}

static int
parse_operand(struct parser *s, struct operand *o)
{
	const char	*from, *end;

	space(s);
	if (s->p >= s->end || *s->p == ')')
		return invalid(s, "A value is missing");
	if (*s->p == '@' || *s->p == '$')
		return parse_path(s, o);
	from = s->p;
	if (*s->p == '\'') {
		end = memchr(from + 1, '\'', (size_t)(s->end - from - 1));
		if (end == NULL)
			return invalid(s, "A text does not end");
		o->text = xstrndup(from + 1, (size_t)(end - from - 1));
		s->p = end + 1;
		return 0;
	}
	end = path_end(from, s->end);
	o->text = xstrndup(from, (size_t)(end - from));
	s->p = end;
	if (!is_literal(o->text))
		return invalid(s, "A value is not understood");
	if (strcmp(o->text, "null") == 0) {
		free(o->text);
		o->text = NULL;
	}
	return 0;
}

static struct filter *
parse_comparison(struct parser *s)
{
	static const struct {
		const char		*word;
		enum filter_kind	 kind;
	} operators[] = {
		{ "==", FILTER_EQ }, { "!=", FILTER_NE }, { "<=", FILTER_LE },
		{ ">=", FILTER_GE }, { "<", FILTER_LT }, { ">", FILTER_GT },
	};
	struct filter	*f = xcalloc(1, sizeof *f);
	size_t		 i;

	f->kind = FILTER_EXISTS;
	if (parse_operand(s, &f->left) == -1)
		goto fail;
	for (i = 0; i < sizeof operators / sizeof operators[0]; i++)
		if (take(s, operators[i].word)) {
			f->kind = operators[i].kind;
			if (parse_operand(s, &f->right) == -1)
				goto fail;
			return f;
		}
	if (f->left.path == NULL) {
		invalid(s, "A comparison is missing");
		goto fail;
	}
	return f;
fail:
	jsonpath_filter_free(f);
	return NULL;
}

static struct filter *
join(enum filter_kind kind, struct filter *a, struct filter *b)
{
	struct filter	*f = xcalloc(1, sizeof *f);

	f->kind = kind;
	f->a = a;
	f->b = b;
	return f;
}

static struct filter *
parse_unary(struct parser *s)
{
	struct filter	*f;

	if (++s->depth > JSONPATH_FILTER_DEPTH) {
		invalid(s, "Too much nesting");
		return NULL;
	}
	if (take(s, "!")) {
		if ((f = parse_unary(s)) != NULL)
			f = join(FILTER_NOT, f, NULL);
	} else if (take(s, "(")) {
		f = parse_or(s);
		if (f != NULL && !take(s, ")")) {
			invalid(s, "A ')' is missing");
			jsonpath_filter_free(f);
			f = NULL;
		}
	} else
		f = parse_comparison(s);
	s->depth--;
	return f;
}

/* One level of operators; a chain of any length makes a tree to the left. */
static struct filter *
parse_chain(struct parser *s, const char *word, enum filter_kind kind,
    struct filter *(*next)(struct parser *))
{
	struct filter	*a = next(s), *b;
	int		 n = 0;

	while (a != NULL && take(s, word)) {
		b = ++n > 256 ? NULL : next(s);
		if (b == NULL) {
			invalid(s, "Too many terms");
			jsonpath_filter_free(a);
			return NULL;
		}
		a = join(kind, a, b);
	}
	return a;
}

static struct filter *
parse_and(struct parser *s)
{
	return parse_chain(s, "&&", FILTER_AND, parse_unary);
}

static struct filter *
parse_or(struct parser *s)
{
	return parse_chain(s, "||", FILTER_OR, parse_and);
}

struct filter *
jsonpath_filter_compile(const char *text, size_t len, int depth, struct err *e)
{
	struct parser	 s = { text, text + len, depth, e };
	struct filter	*f;

	if ((f = parse_or(&s)) == NULL)
		return NULL;
	space(&s);
	if (s.p < s.end) {
		invalid(&s, "Something is left over");
		jsonpath_filter_free(f);
		return NULL;
	}
	return f;
}

/* A value to compare: json, or the text of a literal, or (both NULL) null. */
struct comparand {
	json_t		*json;		/* own reference; never a JSON null */
	const char	*text;
};

static int
operand_value(const struct operand *o, json_t *item, struct path_run *run,
    struct comparand *v, bool *found)
{
	struct path_run	 inner = { .path = o->path, .root = run->root,
			    .budget = run->budget, .quiet = 1, .e = run->e };

	*v = (struct comparand){ NULL, o->text };
	*found = true;
	if (o->path == NULL)
		return 0;
	if (jsonpath_run(&inner, o->path->root == PATH_CURRENT ? item :
	    run->root) == -1) {
		*found = false;
		return inner.missing ? 0 : -1;
	}
	if (json_is_string(inner.value))
		v->text = json_string_value(inner.value);
	if (json_is_null(inner.value))
		json_decref(inner.value);
	else
		v->json = inner.value;
	return 0;
}

static bool
text_number(const char *text, double *d)
{
	char	*end;

	*d = strtod(text, &end);
	return end != text && *end == '\0';
}

static int
order(double a, double b)
{
	return a < b ? -1 : a > b;
}

/* false if the two cannot be compared. */
static bool
compare(const struct comparand *a, const struct comparand *b, int *result)
{
	double	 x, y;

	if (a->text != NULL && b->text != NULL) {
		*result = strcmp(a->text, b->text);
		return true;
	}
	if (json_is_integer(a->json) && json_is_integer(b->json)) {
		json_int_t	 i = json_integer_value(a->json);
		json_int_t	 j = json_integer_value(b->json);

		*result = i < j ? -1 : i > j;
		return true;
	}
	if (json_is_number(a->json) || json_is_number(b->json)) {
		if (json_is_number(a->json))
			x = json_number_value(a->json);
		else if (a->text == NULL || !text_number(a->text, &x))
			return false;
		if (json_is_number(b->json))
			y = json_number_value(b->json);
		else if (b->text == NULL || !text_number(b->text, &y))
			return false;
		*result = order(x, y);
		return true;
	}
	if (json_is_boolean(a->json) && b->text != NULL) {
		*result = strcmp(json_is_true(a->json) ? "true" : "false",
		    b->text);
		return *result == 0 || strcmp(b->text, "true") == 0 ||
		    strcmp(b->text, "false") == 0;
	}
	if (json_is_boolean(b->json) && a->text != NULL) {
		bool	 known = compare(b, a, result);

		*result = -*result;
		return known;
	}
	if (json_is_boolean(a->json) && json_is_boolean(b->json)) {
		*result = json_is_true(a->json) - json_is_true(b->json);
		return true;
	}
	if (a->json != NULL && b->json != NULL && json_equal(a->json, b->json)) {
		*result = 0;
		return true;
	}
	return false;
}

static bool
holds(enum filter_kind kind, const struct comparand *a,
    const struct comparand *b)
{
	bool	 a_null = a->json == NULL && a->text == NULL;
	bool	 b_null = b->json == NULL && b->text == NULL;
	int	 result = 0;

	if (a_null != b_null)
		return kind == FILTER_NE;
	if (!a_null && !compare(a, b, &result))
		return false;
	switch (kind) {
	case FILTER_EQ:
		return result == 0;
	case FILTER_NE:
		return result != 0;
	case FILTER_LT:
		return result < 0;
	case FILTER_LE:
		return result <= 0;
	case FILTER_GT:
		return result > 0;
	case FILTER_GE:
		return result >= 0;
	case FILTER_OR:
	case FILTER_AND:
	case FILTER_NOT:
	case FILTER_EXISTS:
		break;
	}
	return false;
}

static int
test_comparison(const struct filter *f, json_t *item, struct path_run *run,
    bool *match)
{
	struct comparand	 a, b;
	bool			 has_a, has_b = true;
	int			 rc;

	*match = false;
	if (operand_value(&f->left, item, run, &a, &has_a) == -1)
		return -1;
	if (f->kind == FILTER_EXISTS) {
		*match = has_a && a.json != NULL;
		json_decref(a.json);
		return 0;
	}
	rc = operand_value(&f->right, item, run, &b, &has_b);
	if (rc == 0 && has_a && has_b)
		*match = holds(f->kind, &a, &b);
	json_decref(a.json);
	json_decref(b.json);
	return rc;
}

int
jsonpath_filter_test(const struct filter *f, json_t *item,
    struct path_run *run, bool *match)
{
	if (f->kind != FILTER_OR && f->kind != FILTER_AND &&
	    f->kind != FILTER_NOT)
		return test_comparison(f, item, run, match);
	if (jsonpath_filter_test(f->a, item, run, match) == -1)
		return -1;
	if (f->kind == FILTER_NOT)
		*match = !*match;
	else if (*match == (f->kind == FILTER_AND))
		return jsonpath_filter_test(f->b, item, run, match);
	return 0;
}
