/*
 * asl/jsonata/jsonata.c - the library's door: compile, evaluate, take out.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "jeval.h"
#include "jregex.h"
#include "jstatic.h"
#include "jsonata.h"
#include "jtext.h"
#include "xmalloc.h"

/* A value in an error's sentence is cut there. */
#define MESSAGE_VALUE_MAX	((size_t)32 << 10)
/* Frame of the variables from outside; more are looked up each time. */
#define ROOT_MAX		24
#define STRETCH			4096
/* The arena of an evaluation starts in so many bytes of the result. */
#define ROOM			4096

struct jsonata {
	struct jprogram	 program;
	struct jstatic	 about;
	const char	*root_name;	/* "$", interned */
};

struct jsonata_result {
	struct jeval		 eval;
	struct jsonata_input	 in;
	struct jvalue		 value;
	char			 room[ROOM] __attribute__((aligned(16)));
};

/* A copy with U+FFFD for lone surrogates, for free(); NULL: there are none. */
static char *
without_surrogates(const char *s, size_t len)
{
	const char	*p, *end = s + len;
	char		*copy = NULL;

	for (p = s; (p = memchr(p, 0xed, (size_t)(end - p))) != NULL; p++) {
		if (end - p < 3 || (unsigned char)p[1] < 0xa0)
			continue;
		if (copy == NULL)
			copy = xmemdup(s, len);
		memcpy(copy + (p - s), "\357\277\275", 3);
	}
	return copy;
}

/* --- errors -------------------------------------------------------------- */

void
jsonata_error_clear(struct jsonata_error *e)
{
	struct jsonata_error	 clear = JSONATA_ERROR_INIT;

	free(e->token);
	free(e->message);
	*e = clear;
}

/* What leaves is UTF-8: U+FFFD for lone surrogates.  Takes text, new. */
static char *
cleaned(char *text)
{
	char	*clean = without_surrogates(text, strlen(text));

	if (clean != NULL)
		memcpy(text, clean, strlen(text));
	free(clean);
	return text;
}

static void
tell(struct jsonata_error *e, const struct jfault *f)
{
	struct strbuf	 b;
	size_t		 n;

	if (e == NULL)
		return;
	jsonata_error_clear(e);
	n = strlen(jfault_name(f));
	memcpy(e->code, jfault_name(f), n < sizeof e->code ? n + 1 : 0);
	e->position = f->position;
	if (f->code == JFAULT_U1001 && f->exp.kind == JVALUE_INT)
		e->bound = (enum jsonata_bound)f->exp.u.i;
	if (jvalue_is_string(f->token))
		e->token = cleaned(xstrndup(f->token.u.s, f->token.len));
	else if (!jvalue_is_nothing(f->token)) {
		strbuf_init(&b, MESSAGE_VALUE_MAX);
		jtext_print(f->token, JTEXT_EXACT, &b);
		e->token = strbuf_take(&b, NULL);
		strbuf_free(&b);
	}
	strbuf_init(&b, 4 * MESSAGE_VALUE_MAX);
	jfault_message(f, &b, MESSAGE_VALUE_MAX);
	e->message = cleaned(strbuf_take(&b, NULL));
	strbuf_free(&b);
}

/* --- compiled ------------------------------------------------------------ */

struct jsonata *
jsonata_compile(const char *text, size_t len, int flags,
    struct jsonata_error *e)
{
	struct jsonata	*j = xcalloc(1, sizeof *j);
	const char	*refused;

	j->program.aws = flags & JSONATA_AWS;
	if (jprogram_compile(&j->program, text, len) == -1) {
		tell(e, &j->program.fault);
		jsonata_free(j);
		return NULL;
	}
	j->root_name = jprogram_intern(j->program.names, "$", 1);
	if (jstatic_check(&j->program, &j->about, &refused) == -1) {
		if (e != NULL) {
			jsonata_error_clear(e);
			e->message = xstrdup(refused);
		}
		jsonata_free(j);
		return NULL;
	}
	return j;
}

void
jsonata_free(struct jsonata *j)
{
	if (j == NULL)
		return;
	jprogram_free(&j->program);
	free(j);
}

const char *
jsonata_variable(const struct jsonata *j, size_t i)
{
	return i < j->about.free.n ? j->about.free.node[i]->name : NULL;
}

bool
jsonata_reads_states(const struct jsonata *j, const char *name)
{
	size_t	 i;

	for (i = 0; i < j->about.states.n; i++)
		if (strcmp(j->about.states.node[i]->name, name) == 0)
			return true;
	return j->about.all_states;
}

/* --- evaluated ----------------------------------------------------------- */

static void
start(struct jeval *c, const struct jsonata *j, const struct jsonata_input *in)
{
	uint64_t	 steps;

	c->in = in;
	c->aws = j->program.aws;
	c->names.base = j->program.names;
	c->names.arena = &c->lasting;
	c->seed = in->seed;
	c->depth_max = in->depth_max > 0 ? in->depth_max : c->aws ?
	    JSONATA_DEPTH_AWS : JSONATA_DEPTH_DEFAULT;
	c->memory = c->memory_max = in->memory_max > 0 ? in->memory_max :
	    c->aws ? JSONATA_MEMORY_AWS : JSONATA_MEMORY_DEFAULT;
	steps = in->steps_max > 0 ? in->steps_max : JSONATA_STEPS_DEFAULT;
	c->steps = STRETCH;
	c->stretches = steps / STRETCH + 1;
	c->root = jeval_frame(c, NULL, ROOT_MAX);
	c->calling = c->root;
}

static uint64_t
steps_used(const struct jeval *c, const struct jsonata_input *in)
{
	uint64_t	 steps = in->steps_max > 0 ? in->steps_max :
			    JSONATA_STEPS_DEFAULT;

	steps = (steps / STRETCH + 1 - c->stretches) * STRETCH;
	return steps + (c->steps < STRETCH ? STRETCH - c->steps : 0);
}

int
jsonata_evaluate(const struct jsonata *j, const struct jsonata_input *in,
    struct jsonata_result **result, struct jsonata_error *e)
{
	struct jsonata_result	*r = xmalloc(sizeof *r);
	struct jeval		*c = &r->eval;
	struct jvalue		 input;

	memset(c, 0, offsetof(struct jeval, fault));
	c->fault.code = JFAULT_NONE;
	jarena_lend(&c->arena, r->room, sizeof r->room);
	r->in = *in;
	start(c, j, &r->in);
	input = jvalue_json(in->document);
	jeval_bind(c, c->root, j->root_name, 1, input);
	if (jvalue_is_array(input)) {
		input = jvalue_array(jeval_singleton(c, input));
		input.u.a->outer = true;
	}
	r->value = jeval_node(c, j->program.root, input, c->root);
	if (r->value.kind == JVALUE_ARRAY && r->value.u.a->outer)
		r->value = jvalue_at(r->value, 0);
	if (in->steps_used != NULL)
		*in->steps_used += steps_used(c, in);
	if (c->failed) {
		tell(e, &c->fault);
		jsonata_result_free(r);
		return -1;
	}
	*result = r;
	return 0;
}

void
jsonata_result_free(struct jsonata_result *r)
{
	struct jprogram	*p, *next;

	if (r == NULL)
		return;
	jregex_free_rooms(&r->eval);
	for (p = r->eval.evals; p != NULL; p = next) {
		next = p->next;
		jprogram_free(p);
	}
	jarena_free(&r->eval.arena);
	jarena_free(&r->eval.lasting);
	free(r);
}

/* --- taken out ----------------------------------------------------------- */

enum jsonata_kind
jsonata_result_kind(const struct jsonata_result *r)
{
	static const enum jsonata_kind	 kinds[] = { JSONATA_UNDEFINED,
	    JSONATA_NULL, JSONATA_BOOLEAN, JSONATA_NUMBER, JSONATA_NUMBER,
	    JSONATA_STRING, JSONATA_ARRAY, JSONATA_ARRAY, JSONATA_OBJECT,
	    JSONATA_OBJECT, JSONATA_FUNCTION };

	return kinds[r->value.kind];
}

static json_t *
number(double d)
{
	if (isnan(d))
		return json_string("NaN");
	if (isinf(d))
		return json_string(d > 0 ? "Infinity" : "-Infinity");
	if (d == trunc(d) && fabs(d) <= 9007199254740992.0)
		return json_integer((json_int_t)d);
	return json_real(d);
}

static json_t *
text(struct jvalue v)
{
	char	*copy = without_surrogates(v.u.s, v.len);
	json_t	*j;

	j = json_stringn_nocheck(copy != NULL ? copy : v.u.s, v.len);
	free(copy);
	return j;
}

static json_t *to_json(struct jvalue, int depth, size_t *room);

static json_t *
array(struct jvalue v, int depth, size_t *room)
{
	json_t	*j = json_array(), *item;
	size_t	 n = jvalue_count(v), i;

	for (i = 0; i < n; i++) {
		item = jvalue_is_nothing(jvalue_at(v, i)) ? json_null() :
		    to_json(jvalue_at(v, i), depth - 1, room);
		if (item == NULL || json_array_append_new(j, item) == -1) {
			json_decref(j);
			return NULL;
		}
	}
	return j;
}

static json_t *
object(struct jvalue v, int depth, size_t *room)
{
	struct jvalue_walk	 walk;
	struct jmember		 m;
	json_t			*j = json_object(), *item;
	char			*copy;
	int			 result;

	jvalue_walk_start(&walk, v);
	while (jvalue_walk_next(&walk, &m)) {
		if (jvalue_is_nothing(m.value))
			continue;
		copy = without_surrogates(m.name, m.len);
		item = to_json(m.value, depth - 1, room);
		result = item == NULL ? -1 : json_object_setn_new_nocheck(j,
		    copy != NULL ? copy : m.name, m.len, item);
		free(copy);
		if (result == -1) {
			json_decref(j);
			return NULL;
		}
	}
	return j;
}

static json_t *
to_json(struct jvalue v, int depth, size_t *room)
{
	if (depth == 0 || *room == 0)
		return NULL;
	--*room;
	switch ((enum jkind)v.kind) {
	case JVALUE_UNDEFINED:
		return NULL;
	case JVALUE_NULL:
		return json_null();
	case JVALUE_BOOL:
		return json_boolean(v.u.b);
	case JVALUE_INT:
		return json_integer(v.u.i);
	case JVALUE_DOUBLE:
		return number(v.u.d);
	case JVALUE_STRING:
		return text(v);
	case JVALUE_ARRAY:
		return array(v, depth, room);
	case JVALUE_OBJECT:
		return object(v, depth, room);
	case JVALUE_JSON_ARRAY:
	case JVALUE_JSON_OBJECT:
		return json_incref(v.u.j);
	case JVALUE_FUNCTION:
		return json_string("");
	}
	return NULL;
}

json_t *
jsonata_result_json(const struct jsonata_result *r)
{
	/* Shared parts can make it far larger than what evaluation made. */
	size_t	 room = r->eval.memory_max / 8 + 1;

	if (jvalue_is_function(r->value))
		return NULL;
	return to_json(r->value, JTEXT_DEPTH_MAX, &room);
}

void
jsonata_result_print(const struct jsonata_result *r, struct strbuf *out)
{
	jtext_print(r->value, JTEXT_RESULT, out);
}
