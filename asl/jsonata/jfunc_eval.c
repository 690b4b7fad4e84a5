/*
 * asl/jsonata/jfunc_eval.c - $eval: an expression out of a text.
 *
 * It is compiled into a program of its own, which the evaluation keeps to its
 * end, and runs in the frame of its call.
 */

#include <string.h>

#include "jfunc.h"

/* $eval within $eval; each level nests all of this once more. */
#define MESSAGE_MAX	4096

static struct jvalue
wrap(struct jeval *c, enum jfault_code code, const struct jfault *cause)
{
	struct strbuf	 b;
	struct jvalue	 message;

	strbuf_init(&b, MESSAGE_MAX * 4);
	jfault_message(cause, &b, MESSAGE_MAX);
	message = jvalue_string(jarena_text(&c->arena, strbuf_str(&b), b.len),
	    b.len);
	strbuf_free(&b);
	jfault_clear(&c->fault);
	c->failed = false;
	return jeval_fail_value(c, code, -1, message);
}

struct jvalue
jfunc_eval(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jprogram	*p;
	struct jfault	 fault;
	struct jvalue	 input = context, v;
	struct jframe	*env = c->calling;

	(void)n;
	if (jvalue_is_nothing(args[0]) || !jeval_work(c, args[0].len) ||
	    !jeval_room(c, (size_t)args[0].len * 16 + 4096))
		return JVALUE_NOTHING;
	if (!jvalue_is_nothing(args[1]))
		input = args[1];
	if (!jvalue_is_nothing(args[1]) && jvalue_is_array(input) &&
	    !jvalue_is_sequence(input)) {
		input = jvalue_array(jeval_singleton(c, input));
		input.u.a->outer = true;
	}
	p = jarena_zalloc(&c->lasting, sizeof *p);
	p->next = c->evals;
	c->evals = p;
	p->names = &c->names;
	if (jprogram_compile(p, args[0].u.s, args[0].len) == -1)
		return wrap(c, JFAULT_D3120, &p->fault);
	v = jeval_node(c, p->root, input, env);
	if (!c->failed || c->fault.code == JFAULT_U1001)
		return v;
	fault = c->fault;
	return wrap(c, JFAULT_D3121, &fault);
}
