/*
 * asl/jsonata/jregex.c - regular expressions, run by PCRE2.
 *
 * PCRE2 wants valid UTF-8.  Text in which a lone surrogate stands is copied
 * with U+FFFD in its place, which has as many bytes.
 */

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <string.h>

#include "jeval.h"
#include "jregex.h"
#include "jtext.h"

/* Backtracking of one match; then it counts as a time-out. */
#define JREGEX_MATCH_MAX	500000
#define JREGEX_DEPTH_MAX	20000
#define JREGEX_HEAP_MAX_KIB	8192
/* What starting a match costs, in steps. */
#define JREGEX_STEPS		64

struct jregex {
	struct jregex	*next;
	pcre2_code	*code;
	uint32_t	 groups;
	bool		 jit;
	const char	*source;
	size_t		 len;
};

/* What an evaluation needs to run an expression. */
struct jregex_room {
	struct jregex_room	*next;
	const struct jregex	*regex;
	pcre2_match_data	*data;
	pcre2_match_context	*context;
};

/* --- compiled ------------------------------------------------------------ */

static uint32_t
options(const char *flags, size_t n)
{
	uint32_t	 o = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY |
	    PCRE2_MATCH_UNSET_BACKREF | PCRE2_ALLOW_EMPTY_CLASS |
	    PCRE2_NEVER_BACKSLASH_C;
	size_t		 i;

	for (i = 0; i < n; i++)
		o |= flags[i] == 'i' ? PCRE2_CASELESS : PCRE2_MULTILINE;
	return o;
}

static pcre2_code *
compile(const char *pattern, size_t len, uint32_t o, char *message,
    size_t size)
{
	pcre2_compile_context	*context = pcre2_compile_context_create(NULL);
	pcre2_code		*code;
	PCRE2_SIZE		 at;
	int			 error;

	if (context == NULL) {
		snprintf(message, size, "no memory");
		return NULL;
	}
	pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
	pcre2_set_parens_nest_limit(context, 200);
	code = pcre2_compile((PCRE2_SPTR)pattern, len, o, &error, &at, context);
	pcre2_compile_context_free(context);
	if (code == NULL)
		pcre2_get_error_message(error, (PCRE2_UCHAR *)message, size);
	else
		pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	return code;
}

struct jregex *
jregex_compile(struct jarena *arena, const char *pattern, size_t len,
    const char *flags, size_t nflags, char *message, size_t size)
{
	struct jregex	*r;
	struct strbuf	 b;
	const char	*why;
	pcre2_code	*code = NULL;
	size_t		 jit = 0;

	strbuf_init(&b, 64 * len + 64);
	if (jregex_translate(pattern, len, &b, &why) == -1)
		snprintf(message, size, "%s", why);
	else if (strbuf_failed(&b))
		snprintf(message, size, "too long");
	else
		code = compile(strbuf_str(&b), b.len, options(flags, nflags),
		    message, size);
	strbuf_free(&b);
	if (code == NULL)
		return NULL;
	r = jarena_zalloc(arena, sizeof *r);
	r->code = code;
	r->source = jarena_text(arena, pattern, len);
	r->len = len;
	pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &r->groups);
	r->jit = pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &jit) == 0 &&
	    jit > 0;
	if (r->groups > JREGEX_GROUPS_MAX)
		r->groups = JREGEX_GROUPS_MAX;
	return r;
}

void
jregex_chain(struct jregex *r, struct jregex **chain)
{
	r->next = *chain;
	*chain = r;
}

void
jregex_free_chain(struct jregex *r)
{
	for (; r != NULL; r = r->next)
		pcre2_code_free(r->code);
}

struct jvalue
jregex_source(const struct jregex *r)
{
	return jvalue_string(r->source, r->len);
}

/* --- run ----------------------------------------------------------------- */

static struct jregex_room *
room(struct jeval *c, const struct jregex *r)
{
	struct jregex_room	*room;

	for (room = c->regexes; room != NULL; room = room->next)
		if (room->regex == r)
			return room;
	room = jarena_zalloc(&c->lasting, sizeof *room);
	room->regex = r;
	room->data = pcre2_match_data_create_from_pattern(r->code, NULL);
	room->context = pcre2_match_context_create(NULL);
	if (room->data == NULL || room->context == NULL) {
		pcre2_match_data_free(room->data);
		pcre2_match_context_free(room->context);
		return NULL;
	}
	pcre2_set_match_limit(room->context, JREGEX_MATCH_MAX);
	pcre2_set_depth_limit(room->context, JREGEX_DEPTH_MAX);
	pcre2_set_heap_limit(room->context, JREGEX_HEAP_MAX_KIB);
	room->next = c->regexes;
	return c->regexes = room;
}

void
jregex_free_rooms(struct jeval *c)
{
	struct jregex_room	*r;

	for (r = c->regexes; r != NULL; r = r->next) {
		pcre2_match_data_free(r->data);
		pcre2_match_context_free(r->context);
	}
	c->regexes = NULL;
}

/* The next lone surrogate from p on; NULL if there is none. */
static const char *
surrogate(const char *p, const char *end)
{
	while ((p = memchr(p, 0xed, (size_t)(end - p))) != NULL) {
		if (end - p >= 3 && (unsigned char)p[1] >= 0xa0)
			return p;
		p++;
	}
	return NULL;
}

/* Text that PCRE2 may be given without a check of its own. */
static const char *
valid_text(struct jeval *c, struct jvalue text)
{
	const char	*end = text.u.s + text.len, *p;
	char		*copy;

	if (c->checked == text.u.s && c->checked_len == text.len)
		return text.u.s;
	if ((p = surrogate(text.u.s, end)) == NULL) {
		c->checked = text.u.s;
		c->checked_len = text.len;
		return text.u.s;
	}
	if ((copy = jeval_text(c, text.len)) == NULL)
		return NULL;
	memcpy(copy, text.u.s, text.len);
	for (; p != NULL; p = surrogate(p + 3, end))
		memcpy(copy + (p - text.u.s), "\357\277\275", 3);
	return copy;
}

static void
take_groups(struct jregex_found *found, const struct jregex *r,
    const PCRE2_SIZE *at, int count)
{
	size_t	 i;

	found->start = at[0];
	found->end = at[1];
	if (found->start > found->end)	/* \K cannot be written, but (?=) */
		found->start = found->end;
	found->groups = r->groups;
	for (i = 0; i < r->groups; i++) {
		found->from[i] = found->to[i] = SIZE_MAX;
		if ((int)i + 1 < count && at[2 * i + 2] != PCRE2_UNSET) {
			found->from[i] = at[2 * i + 2];
			found->to[i] = at[2 * i + 3];
		}
	}
}

int
jregex_find(struct jeval *c, const struct jregex *r, struct jvalue text,
    size_t offset, struct jregex_found *found)
{
	struct jregex_room	*use = c->regexes != NULL &&
	    c->regexes->regex == r ? c->regexes : room(c, r);
	const char		*s = valid_text(c, text);
	int			 n;

	if (use == NULL)
		jeval_fail_limit(c, JEVAL_MEMORY);
	if (c->failed)
		return -1;
	n = PCRE2_ERROR_JIT_STACKLIMIT;
	if (r->jit)
		n = pcre2_jit_match(r->code, (PCRE2_SPTR)s, text.len, offset,
		    0, use->data, use->context);
	if (n == PCRE2_ERROR_JIT_STACKLIMIT)
		n = pcre2_match(r->code, (PCRE2_SPTR)s, text.len, offset,
		    PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, use->data,
		    use->context);
	if (n < 0 && n != PCRE2_ERROR_NOMATCH) {
		jeval_fail_limit(c, JEVAL_TIME);
		return -1;
	}
	if (n > 0)
		take_groups(found, r, pcre2_get_ovector_pointer(use->data), n);
	if (!jeval_work(c, JREGEX_STEPS +
	    ((n > 0 ? found->end : text.len) - offset) / 16))
		return -1;
	return n > 0;
}

int
jregex_find_next(struct jeval *c, const struct jfunction *f,
    struct jvalue text, struct jregex_found *found)
{
	int	 n;

	if (found->end >= text.len)
		return 0;
	n = jregex_find(c, f->node->regex, text, found->end, found);
	if (n == 1 && found->start == found->end) {
		jeval_fail_value(c, JFAULT_D1004, f->node->position,
		    jregex_source(f->node->regex));
		return -1;
	}
	return n;
}

/* --- as a function ------------------------------------------------------- */

struct jvalue
jregex_groups(struct jeval *c, struct jvalue text,
    const struct jregex_found *found)
{
	struct jarray	*groups = jvalue_new_array(&c->arena, found->groups);
	struct jvalue	 group;
	size_t		 i;

	for (i = 0; i < found->groups; i++) {
		group = JVALUE_NOTHING;
		if (found->from[i] != SIZE_MAX)
			group = jvalue_string(text.u.s + found->from[i],
			    found->to[i] - found->from[i]);
		jeval_push(c, groups, group);
	}
	return jvalue_array(groups);
}

static struct jvalue
match_object(struct jeval *c, const struct jfunction *f, struct jvalue text,
    const struct jregex_found *found)
{
	struct jobject		*o = jvalue_new_object(&c->arena, 5);
	struct jfunction	*next = jeval_new_function(c, JFUNCTION_NEXT);
	size_t			 start, units;

	next->node = f->node;
	next->input = text;
	next->offset = found->end;
	start = jtext_units(text.u.s, found->start);
	units = jtext_units(text.u.s + found->start,
	    found->end - found->start);
	jvalue_set(&c->arena, o, "match", 5, jvalue_string(
	    text.u.s + found->start, found->end - found->start));
	jvalue_set(&c->arena, o, "start", 5, jvalue_int((int64_t)start));
	jvalue_set(&c->arena, o, "end", 3, jvalue_int((int64_t)(start +
	    units)));
	jvalue_set(&c->arena, o, "groups", 6, jregex_groups(c, text, found));
	jvalue_set(&c->arena, o, "next", 4, jvalue_function(next));
	return jvalue_object(o);
}

struct jvalue
jregex_call(struct jeval *c, const struct jfunction *f, struct jvalue text,
    struct jvalue from)
{
	struct jregex_found	 found;
	size_t			 units = 0, offset = 0;
	const char		*p;

	if (!jvalue_is_string(text))
		text = jvalue_is_nothing(text) ?
		    jvalue_string("undefined", 9) : jeval_string(c, text,
		    false);
	if (c->failed)
		return JVALUE_NOTHING;
	if (jvalue_is_number(from) && jvalue_number(from) > 0)
		units = (size_t)(jvalue_number(from) < text.len ?
		    jvalue_number(from) : text.len);
	for (p = text.u.s; units > 0 && p < text.u.s + text.len;) {
		units -= jtext_next(&p, text.u.s + text.len) > 0xffff &&
		    units > 1 ? 2 : 1;
		offset = (size_t)(p - text.u.s);
	}
	if (jregex_find(c, f->node->regex, text, offset, &found) != 1)
		return JVALUE_NOTHING;
	return match_object(c, f, text, &found);
}

struct jvalue
jregex_next(struct jeval *c, const struct jfunction *f)
{
	struct jregex_found	 found = { .end = f->offset };

	if (jregex_find_next(c, f, f->input, &found) != 1)
		return JVALUE_NOTHING;
	return match_object(c, f, f->input, &found);
}
