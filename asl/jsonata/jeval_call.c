/*
 * asl/jsonata/jeval_call.c - functions: made, called, partly applied, chained.
 *
 * A call in tail position is a thunk: the body gives it back unevaluated, and
 * the loop in jeval_apply() goes on with it, so it does not nest.
 *
 * A fault inside a call gets the call's place and name, as in the reference:
 * a function value remembers by which name and where it was last called.
 */

#include <string.h>

#include "jeval.h"
#include "jfunc.h"
#include "jregex.h"
#include "jsignature.h"

#define ARGS_MAX	JSIGNATURE_ARGS_MAX

struct jfunction *
jeval_new_function(struct jeval *c, enum jfunction_kind kind)
{
	struct jfunction	*f = jarena_zalloc(&c->arena, sizeof *f);

	f->kind = kind;
	f->position = -1;
	return f;
}

struct jvalue
jeval_native(struct jeval *c, int builtin)
{
	struct jfunction	*f;
	struct jsignature	*signature;
	struct jvalue		 unused;
	size_t			 offset;

	if (c->natives == NULL)
		c->natives = jarena_zalloc(&c->lasting,
		    JFUNC_COUNT * sizeof *c->natives);
	if ((f = c->natives[builtin]) == NULL) {
		f = jarena_zalloc(&c->lasting, sizeof *f);
		f->kind = JFUNCTION_NATIVE;
		f->position = -1;
		f->native = &jfunc_builtins[builtin];
		if (jsignature_parse(&c->lasting, f->native->signature,
		    strlen(f->native->signature), &signature, &offset,
		    &unused) == JFAULT_NONE)
			f->signature = signature;
		c->natives[builtin] = f;
	}
	return jvalue_function(f);
}

struct jvalue
jeval_lambda(struct jeval *c, const struct jnode *n, struct jvalue input,
    struct jframe *env)
{
	struct jfunction	*f = jeval_new_function(c, JFUNCTION_LAMBDA);

	f->node = n->lhs;
	f->params = n->list.node;
	f->nparams = n->list.n;
	f->signature = n->signature;
	f->thunk = n->thunk;
	f->env = env;
	f->input = input;
	return jvalue_function(f);
}

size_t
jeval_arity(struct jvalue v)
{
	const struct jfunction	*f = v.u.f;
	size_t			 i, n;

	switch (f->kind) {
	case JFUNCTION_NATIVE:
		return f->native->takes;
	case JFUNCTION_LAMBDA:
		return f->nparams;
	case JFUNCTION_PARTIAL_NATIVE:
		for (i = n = 0; i < f->nbound; i++)
			n += f->hole[i];
		return n;
	case JFUNCTION_REGEX:
		return 2;
	case JFUNCTION_NEXT:
		return 0;
	case JFUNCTION_TRANSFORM:
	case JFUNCTION_CHAIN:
		break;
	}
	return 1;
}

/* --- applying ------------------------------------------------------------ */

static struct jvalue
call_native(struct jeval *c, const struct jfunction *f, struct jvalue *args,
    size_t n, struct jvalue context)
{
	if (f->signature != NULL && jsignature_check(f->signature, &c->arena,
	    &args, &n, context, &c->fault) == -1) {
		c->failed = true;
		return JVALUE_NOTHING;
	}
	if (!jeval_work(c, 1))
		return JVALUE_NOTHING;
	return f->native->fn(c, args, n, context);
}

static struct jvalue
call_partial(struct jeval *c, const struct jfunction *f, struct jvalue *args,
    size_t n)
{
	struct jfunction	 native = { .kind = JFUNCTION_NATIVE,
	    .native = f->native, .signature = f->signature };
	struct jvalue		*all;
	size_t			 i, next = 0;

	all = jarena_alloc(&c->arena, (f->nbound + 1) * sizeof *all);
	for (i = 0; i < f->nbound; i++) {
		all[i] = f->bound[i];
		if (f->hole[i])
			all[i] = next < n ? args[next++] : JVALUE_NOTHING;
	}
	return call_native(c, &native, all, f->nbound, JVALUE_NOTHING);
}

static struct jvalue
call_lambda(struct jeval *c, const struct jfunction *f, struct jvalue *args,
    size_t n, struct jvalue context)
{
	struct jframe	*env;
	size_t		 i, k;

	if (f->signature != NULL && jsignature_check(f->signature, &c->arena,
	    &args, &n, context, &c->fault) == -1) {
		c->failed = true;
		return JVALUE_NOTHING;
	}
	if (!jeval_room(c, f->nparams * sizeof(struct jmember) / 2))
		return JVALUE_NOTHING;
	env = jeval_frame(c, f->env, f->nparams + 1);
	for (i = 0; i < f->nparams; i++) {
		for (k = 0; k < env->n; k++)
			if (env->bindings[k].name == f->params[i]->name)
				break;
		env->bindings[k].name = f->params[i]->name;
		env->bindings[k].len = f->params[i]->len;
		env->bindings[k].value = i < n ? args[i] : JVALUE_NOTHING;
		if (k == env->n)
			env->n++;
	}
	return jeval_node(c, f->node, f->input, env);
}

static struct jvalue
call_transform(struct jeval *c, const struct jfunction *f, struct jvalue *args,
    size_t n, struct jvalue context)
{
	static const char	 takes[] = "<(oa):o>";
	struct jvalue		 unused;
	size_t			 offset;

	if (c->transform == NULL && jsignature_parse(&c->lasting, takes,
	    sizeof takes - 1, &c->transform, &offset, &unused) != JFAULT_NONE)
		return JVALUE_NOTHING;
	if (jsignature_check(c->transform, &c->arena, &args, &n, context,
	    &c->fault) == -1) {
		c->failed = true;
		return JVALUE_NOTHING;
	}
	return jeval_transform(c, f, args[0]);
}

static struct jvalue
apply_once(struct jeval *c, struct jvalue v, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jfunction	*f = v.u.f;
	struct jvalue		 result = JVALUE_NOTHING;

	if (!jvalue_is_function(v))
		return jeval_fail(c, JFAULT_T1006, -1);
	switch (f->kind) {
	case JFUNCTION_NATIVE:
		result = call_native(c, f, args, n, context);
		break;
	case JFUNCTION_LAMBDA:
		result = call_lambda(c, f, args, n, context);
		break;
	case JFUNCTION_PARTIAL_NATIVE:
		result = call_partial(c, f, args, n);
		break;
	case JFUNCTION_REGEX:
		result = jregex_call(c, f, n > 0 ? args[0] : JVALUE_NOTHING,
		    n > 1 ? args[1] : JVALUE_NOTHING);
		break;
	case JFUNCTION_NEXT:
		result = jregex_next(c, f);
		break;
	case JFUNCTION_TRANSFORM:
		result = call_transform(c, f, args, n, context);
		break;
	case JFUNCTION_CHAIN:
		result = jeval_apply(c, jvalue_function(f->f), args,
		    n < 1 ? n : 1, jvalue_null());
		result = jeval_unwrap(result);
		if (!c->failed)
			result = jeval_apply(c, jvalue_function(f->g), &result,
			    1, jvalue_null());
		break;
	}
	if (c->failed && !v.wrapped) {
		if (jvalue_is_nothing(c->fault.token))
			c->fault.token = f->token;
		if (f->position > 0)
			c->fault.position = f->position;
	}
	return result;
}

/* The name before the parenthesis, for faults. */
static struct jvalue
called_name(const struct jnode *procedure)
{
	if (procedure->type == JNODE_PATH)
		procedure = procedure->list.node[0];
	if (procedure->name != NULL)
		return jvalue_string(procedure->name, procedure->len);
	if (procedure->type == JNODE_BLOCK || procedure->type == JNODE_LAMBDA ||
	    procedure->type == JNODE_CONDITION ||
	    procedure->type == JNODE_TRANSFORM ||
	    procedure->type == JNODE_PARENT)
		return JVALUE_NOTHING;
	return procedure->value;
}

/* A thunk: its function and arguments are evaluated where it was made. */
static struct jvalue
run_thunk(struct jeval *c, const struct jfunction *thunk,
    struct jvalue context, struct jeval_scratch scratch)
{
	const struct jnode	*call = thunk->node;
	struct jvalue		 f, args[8], *list = args;
	size_t			 i;
	bool			 passed_on;

	f = jeval_node(c, call->lhs, thunk->input, thunk->env);
	if (c->failed)
		return JVALUE_NOTHING;
	passed_on = jvalue_is_function(f) && f.wrapped;
	if (jvalue_is_function(f) && !f.wrapped) {
		if (call->lhs->type == JNODE_VARIABLE)
			f.u.f->token = jvalue_string(call->lhs->name,
			    call->lhs->len);
		f.u.f->position = call->lhs->position;
	}
	if (call->list.n > sizeof args / sizeof args[0])
		list = jarena_alloc(&c->arena, call->list.n * sizeof *list);
	for (i = 0; i < call->list.n && !c->failed; i++) {
		list[i] = jeval_node(c, call->list.node[i], thunk->input,
		    thunk->env);
	}
	if (c->failed)
		return JVALUE_NOTHING;
	/* A loop by tail calls runs in the same memory, if it can. */
	if (list == args && !jeval_is_scratch(c, scratch, f))
		jeval_unscratch(c, scratch, list, call->list.n);
	f = apply_once(c, f, list, call->list.n, context);
	if (c->failed && passed_on) {
		if (jvalue_is_nothing(c->fault.token) &&
		    call->lhs->type == JNODE_VARIABLE)
			c->fault.token = called_name(call->lhs);
		if (call->lhs->position > 0)
			c->fault.position = call->lhs->position;
	}
	return f;
}

struct jvalue
jeval_apply(struct jeval *c, struct jvalue f, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jeval_scratch	 scratch = jeval_scratch(c);
	struct jframe		*calling = c->calling;
	struct jvalue		 v;

	if (f.wrapped)
		context = jvalue_null();
	v = apply_once(c, f, args, n, context);
	while (!c->failed && jvalue_is_function(v) && v.u.f->thunk)
		c->calling = calling,
		v = run_thunk(c, v.u.f, context, scratch);
	jeval_unscratch(c, scratch, &v, 1);
	return v;
}

struct jvalue
jeval_invoke(struct jeval *c, struct jvalue f, struct jvalue *args, size_t n)
{
	return jeval_apply(c, f, args, n, jvalue_null());
}

/* --- calls in an expression ---------------------------------------------- */

/* A name without its $ that would be a function: say so. */
static bool
forgot_dollar(struct jeval *c, const struct jnode *n, struct jvalue f,
    struct jframe *env, enum jfault_code code)
{
	const struct jnode	*first;

	if (!jvalue_is_nothing(f) || n->lhs->type != JNODE_PATH)
		return false;
	first = n->lhs->list.node[0];
	if (first->name == NULL || !jvalue_truthy(jeval_variable(c, env,
	    first->name, first->len)))
		return false;
	jeval_fail(c, code, n->position);
	c->fault.token = jvalue_string(first->name, first->len);
	return true;
}

struct jvalue
jeval_call(struct jeval *c, const struct jnode *n, struct jvalue input,
    struct jframe *env, const struct jvalue *applied)
{
	struct jvalue	 f, v, args[8], *list = args;
	size_t		 count = 0, i;

	f = jeval_node(c, n->lhs, input, env);
	if (c->failed || forgot_dollar(c, n, f, env, JFAULT_T1005))
		return JVALUE_NOTHING;
	if (n->list.n + 1 > sizeof args / sizeof args[0])
		list = jarena_alloc(&c->arena,
		    (n->list.n + 1) * sizeof *list);
	if (applied != NULL)
		list[count++] = *applied;
	for (i = 0; i < n->list.n && !c->failed; i++) {
		v = jeval_node(c, n->list.node[i], input, env);
		if (jvalue_is_function(v))
			v.wrapped = true;
		list[count++] = v;
	}
	if (c->failed)
		return JVALUE_NOTHING;
	if (jvalue_is_function(f) && !f.wrapped &&
	    f.u.f->kind != JFUNCTION_REGEX) {
		f.u.f->token = called_name(n->lhs);
		f.u.f->position = n->position;
	}
	c->calling = env;
	v = jeval_apply(c, f, list, count, input);
	if (!c->failed)
		return v;
	if (c->fault.position <= 0)
		c->fault.position = n->position;
	if (!jvalue_truthy(c->fault.token))
		c->fault.token = called_name(n->lhs);
	return JVALUE_NOTHING;
}

struct jvalue
jeval_apply_node(struct jeval *c, const struct jnode *n, struct jvalue input,
    struct jframe *env)
{
	struct jvalue		 left, f;
	struct jfunction	*chain;

	left = jeval_node(c, n->lhs, input, env);
	if (c->failed)
		return left;
	if (n->rhs->type == JNODE_FUNCTION)
		return jeval_call(c, n->rhs, input, env, &left);
	f = jeval_node(c, n->rhs, input, env);
	if (c->failed)
		return f;
	if (!jvalue_is_function(f))
		return jeval_fail_value(c, JFAULT_T2006, n->position, f);
	if (!jvalue_is_function(left))
		return jeval_apply(c, f, &left, 1, jvalue_null());
	chain = jeval_new_function(c, JFUNCTION_CHAIN);
	chain->f = left.u.f;
	chain->g = f.u.f;
	return jvalue_function(chain);
}

/* --- partial application ------------------------------------------------- */

static bool
is_hole(const struct jnode *n)
{
	return n->type == JNODE_OPERATOR && n->op == JOP_QUESTION;
}

static struct jvalue
partial_lambda(struct jeval *c, const struct jnode *n,
    const struct jfunction *from, const struct jvalue *args)
{
	struct jfunction	*f = jeval_new_function(c, JFUNCTION_LAMBDA);
	size_t			 i;

	f->node = from->node;
	f->input = from->input;
	f->env = jeval_frame(c, from->env, from->nparams);
	f->params = jarena_alloc(&c->arena,
	    (from->nparams + 1) * sizeof(*f->params));
	for (i = 0; i < from->nparams; i++) {
		if (i < n->list.n && is_hole(n->list.node[i]))
			f->params[f->nparams++] = from->params[i];
		else
			jeval_bind(c, f->env, from->params[i]->name,
			    from->params[i]->len,
			    i < n->list.n ? args[i] : JVALUE_NOTHING);
	}
	return jvalue_function(f);
}

/* Any other function: it waits until the holes are filled. */
static struct jvalue
partial_native(struct jeval *c, const struct jnode *n,
    const struct jfunction *from, struct jvalue *args)
{
	struct jfunction	*f;
	size_t			 i;

	f = jeval_new_function(c, JFUNCTION_PARTIAL_NATIVE);
	f->native = from->native;
	f->signature = from->signature;
	f->nbound = n->list.n;
	f->bound = args;
	f->hole = jarena_alloc(&c->arena, n->list.n + 1);
	for (i = 0; i < n->list.n; i++)
		f->hole[i] = is_hole(n->list.node[i]);
	return jvalue_function(f);
}

struct jvalue
jeval_partial(struct jeval *c, const struct jnode *n, struct jvalue input,
    struct jframe *env)
{
	struct jvalue	*args, f;
	size_t		 i;

	args = jarena_zalloc(&c->arena, (n->list.n + 1) * sizeof *args);
	for (i = 0; i < n->list.n && !c->failed; i++)
		if (!is_hole(n->list.node[i]))
			args[i] = jeval_node(c, n->list.node[i], input, env);
	f = jeval_node(c, n->lhs, input, env);
	if (c->failed || forgot_dollar(c, n, f, env, JFAULT_T1007))
		return JVALUE_NOTHING;
	if (jvalue_is_function(f) && f.u.f->kind == JFUNCTION_LAMBDA)
		return partial_lambda(c, n, f.u.f, args);
	if (jvalue_is_function(f) && f.u.f->kind == JFUNCTION_NATIVE)
		return partial_native(c, n, f.u.f, args);
	jeval_fail(c, JFAULT_T1008, n->position);
	c->fault.token = called_name(n->lhs);
	return JVALUE_NOTHING;
}
