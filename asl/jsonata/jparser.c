/*
 * asl/jsonata/jparser.c - a Pratt parser: tokens become the tree as written.
 *
 * Each operator has a prefix meaning (prefix()), an infix meaning (infix()),
 * or both; jlexer_op_power() says how tightly the infix form binds.  To add an
 * operator: a line in JOPS (jast.h), its case in one of the two functions, its
 * case in jprocess.c, and its meaning in the jeval_*.c.
 */

#include <stdio.h>
#include <string.h>

#include "jast.h"
#include "jlexer.h"
#include "jregex.h"
#include "jsignature.h"

struct parser {
	struct jprogram	*program;
	struct jlexer	 lexer;
	struct jtoken	 token;		/* the next one */
};

static struct jnode *expression(struct parser *, int power);

static struct jvalue
op_value(enum jop op)
{
	return jvalue_string(jlexer_op_text(op), strlen(jlexer_op_text(op)));
}

/* NULL and a fault at the next token. */
static struct jnode *
fail_here(struct parser *p, enum jfault_code code, struct jvalue value)
{
	return jprogram_fail(p->program, code, p->token.position,
	    p->token.value, value);
}

/* Takes the next token; after an operand, a slash divides. */
static bool
advance(struct parser *p, bool operand_before)
{
	if (jlexer_next(&p->lexer, operand_before, &p->token) == -1)
		return false;
	if (p->token.op == JOP_BANG || p->token.op == JOP_TILDE) {
		fail_here(p, JFAULT_S0204, JVALUE_NOTHING);
		return false;
	}
	return true;
}

/* The next token must be op; goes past it. */
static bool
expect(struct parser *p, enum jop op, bool operand_before)
{
	if (p->token.op == op)
		return advance(p, operand_before);
	fail_here(p, p->token.type == JNODE_END ? JFAULT_S0203 : JFAULT_S0202,
	    op_value(op));
	return false;
}

static struct jnode *
node_of(struct parser *p, const struct jtoken *t)
{
	struct jnode	*n = jprogram_node(p->program, t->type, t->position);

	if (n == NULL)
		return NULL;
	n->op = (uint8_t)t->op;
	n->value = t->value;
	n->regex = t->regex;
	if (t->type == JNODE_NAME || t->type == JNODE_VARIABLE ||
	    t->op == JOP_AND || t->op == JOP_OR || t->op == JOP_IN ||
	    t->type == JNODE_STRING) {
		n->name = jprogram_intern(p->program->names, t->value.u.s,
		    t->value.len);
		n->len = t->value.len;
	}
	return n;
}

/* --- prefix forms -------------------------------------------------------- */

static struct jnode *
block(struct parser *p, struct jnode *n)
{
	struct jnode	*e;

	n->type = JNODE_BLOCK;
	while (p->token.op != JOP_CLOSE_PAREN) {
		if ((e = expression(p, 0)) == NULL)
			return NULL;
		jprogram_add(p->program, &n->list, e);
		if (p->token.op != JOP_SEMICOLON)
			break;
		if (!advance(p, false))
			return NULL;
	}
	return expect(p, JOP_CLOSE_PAREN, true) ? n : NULL;
}

static struct jnode *
array(struct parser *p, struct jnode *n)
{
	struct jnode	*item, *range;

	n->type = JNODE_UNARY;
	if (p->token.op == JOP_CLOSE_BRACKET)
		return expect(p, JOP_CLOSE_BRACKET, true) ? n : NULL;
	for (;;) {
		if ((item = expression(p, 0)) == NULL)
			return NULL;
		if (p->token.op == JOP_DOT_DOT) {
			range = node_of(p, &p->token);
			if (range == NULL || !advance(p, false))
				return NULL;
			range->type = JNODE_BINARY;
			range->lhs = item;
			if ((range->rhs = expression(p, 0)) == NULL)
				return NULL;
			item = range;
		}
		jprogram_add(p->program, &n->list, item);
		if (p->token.op != JOP_COMMA)
			break;
		if (!advance(p, false))
			return NULL;
	}
	return expect(p, JOP_CLOSE_BRACKET, true) ? n : NULL;
}

/* { key: value, ... }, by itself or behind a step. */
static struct jnode *
object(struct parser *p, struct jnode *n)
{
	struct jnode	*e;

	if (p->token.op == JOP_CLOSE_BRACE)
		return expect(p, JOP_CLOSE_BRACE, true) ? n : NULL;
	for (;;) {
		if ((e = expression(p, 0)) == NULL)
			return NULL;
		jprogram_add(p->program, &n->list, e);
		if (!expect(p, JOP_COLON, false) ||
		    (e = expression(p, 0)) == NULL)
			return NULL;
		jprogram_add(p->program, &n->list, e);
		if (p->token.op != JOP_COMMA)
			break;
		if (!advance(p, false))
			return NULL;
	}
	return expect(p, JOP_CLOSE_BRACE, true) ? n : NULL;
}

static struct jnode *
transform(struct parser *p, struct jnode *n)
{
	n->type = JNODE_TRANSFORM;
	if ((n->lhs = expression(p, 0)) == NULL ||
	    !expect(p, JOP_PIPE, false) ||
	    (n->rhs = expression(p, 0)) == NULL)
		return NULL;
	if (p->token.op == JOP_COMMA && (!advance(p, false) ||
	    (n->third = expression(p, 0)) == NULL))
		return NULL;
	return expect(p, JOP_PIPE, false) ? n : NULL;
}

static struct jnode *
prefix(struct parser *p, struct jnode *n)
{
	if (n->type != JNODE_OPERATOR)
		return n;
	switch ((int)n->op) {
	case JOP_AND:
	case JOP_OR:
	case JOP_IN:
		return n;
	case JOP_MINUS:
		n->type = JNODE_UNARY;
		n->lhs = expression(p, 70);
		return n->lhs == NULL ? NULL : n;
	case JOP_STAR:
		n->type = JNODE_WILDCARD;
		return n;
	case JOP_STAR_STAR:
		n->type = JNODE_DESCENDANT;
		return n;
	case JOP_PERCENT:
		n->type = JNODE_PARENT;
		return n;
	case JOP_OPEN_PAREN:
		return block(p, n);
	case JOP_OPEN_BRACKET:
		return array(p, n);
	case JOP_OPEN_BRACE:
		n->type = JNODE_UNARY;
		return object(p, n);
	case JOP_PIPE:
		return transform(p, n);
	default:
		return jprogram_fail(p->program, JFAULT_S0211, n->position,
		    n->value, JVALUE_NOTHING);
	}
}

/* --- infix forms --------------------------------------------------------- */

/* < ... > behind function(...): read from the tokens, as the reference does. */
static bool
signature(struct parser *p, struct jnode *n)
{
	char			 text[256] = "<", number[32];
	size_t			 len = 1;
	int			 depth = 1;
	long			 position = p->token.position;
	struct jvalue		 v, value;
	enum jfault_code	 code;
	size_t			 offset;

	while (depth > 0 && p->token.op != JOP_OPEN_BRACE &&
	    p->token.type != JNODE_END) {
		if (!advance(p, false))
			return false;
		if (p->token.op == JOP_GREATER)
			depth--;
		else if (p->token.op == JOP_LESS)
			depth++;
		v = p->token.value;
		if (jvalue_is_number(v)) {
			snprintf(number, sizeof number, "%.17g",
			    jvalue_number(v));
			v = jvalue_string(number, strlen(number));
		}
		if (!jvalue_is_string(v))
			continue;
		if (len + v.len >= sizeof text) {
			fail_here(p, JFAULT_S0500, JVALUE_NOTHING);
			return false;
		}
		memcpy(text + len, v.u.s, v.len);
		len += v.len;
	}
	if (!expect(p, JOP_GREATER, false))
		return false;
	code = jsignature_parse(&p->program->arena, text, len, &n->signature,
	    &offset, &value);
	if (code == JFAULT_NONE)
		return true;
	jprogram_fail(p->program, code, position + (long)offset,
	    JVALUE_NOTHING, value);
	return false;
}

/* function(...) turns out to be a definition: the body follows. */
static struct jnode *
lambda(struct parser *p, struct jnode *n)
{
	struct jnode	*arg;
	size_t		 i;

	for (i = 0; i < n->list.n; i++) {
		arg = n->list.node[i];
		if (arg->type != JNODE_VARIABLE)
			return jprogram_fail(p->program, JFAULT_S0208,
			    arg->position, arg->value,
			    jvalue_int((int64_t)i + 1));
	}
	n->type = JNODE_LAMBDA;
	if (p->token.op == JOP_LESS && !signature(p, n))
		return NULL;
	if (!expect(p, JOP_OPEN_BRACE, false) ||
	    (n->lhs = expression(p, 0)) == NULL)
		return NULL;
	return expect(p, JOP_CLOSE_BRACE, false) ? n : NULL;
}

static bool
arguments(struct parser *p, struct jnode *n)
{
	struct jnode	*arg;

	for (;;) {
		if (p->token.op == JOP_QUESTION) {
			n->type = JNODE_PARTIAL;
			arg = node_of(p, &p->token);
			if (arg == NULL || !advance(p, false))
				return false;
		} else if ((arg = expression(p, 0)) == NULL)
			return false;
		jprogram_add(p->program, &n->list, arg);
		if (p->token.op != JOP_COMMA)
			return true;
		if (!advance(p, false))
			return false;
	}
}

static struct jnode *
call(struct parser *p, struct jnode *n, struct jnode *left)
{
	n->type = JNODE_FUNCTION;
	n->lhs = left;
	if ((p->token.op != JOP_CLOSE_PAREN && !arguments(p, n)) ||
	    !expect(p, JOP_CLOSE_PAREN, true))
		return NULL;
	if (left->type == JNODE_NAME && (jvalue_is_text(left->value,
	    "function") || jvalue_is_text(left->value, "\316\273")))
		return lambda(p, n);
	return n;
}

static struct jnode *
predicate(struct parser *p, struct jnode *n, struct jnode *left)
{
	struct jnode	*step = left;

	if (p->token.op == JOP_CLOSE_BRACKET) {
		while (step->type == JNODE_BINARY &&
		    step->op == JOP_OPEN_BRACKET)
			step = step->lhs;
		step->keep_array = true;
		return expect(p, JOP_CLOSE_BRACKET, false) ? left : NULL;
	}
	n->lhs = left;
	n->type = JNODE_BINARY;
	if ((n->rhs = expression(p, 0)) == NULL)
		return NULL;
	return expect(p, JOP_CLOSE_BRACKET, true) ? n : NULL;
}

static struct jnode *
order_by(struct parser *p, struct jnode *n, struct jnode *left)
{
	struct jnode	*term;

	n->type = JNODE_BINARY;
	n->lhs = left;
	if (!expect(p, JOP_OPEN_PAREN, false))
		return NULL;
	for (;;) {
		if ((term = jprogram_node(p->program, JNODE_SORT, -1)) == NULL)
			return NULL;
		term->descending = p->token.op == JOP_GREATER;
		if ((p->token.op == JOP_GREATER || p->token.op == JOP_LESS) &&
		    !advance(p, false))
			return NULL;
		if ((term->lhs = expression(p, 0)) == NULL)
			return NULL;
		jprogram_add(p->program, &n->list, term);
		if (p->token.op != JOP_COMMA)
			break;
		if (!advance(p, false))
			return NULL;
	}
	return expect(p, JOP_CLOSE_PAREN, false) ? n : NULL;
}

static struct jnode *
condition(struct parser *p, struct jnode *n, struct jnode *left)
{
	n->type = JNODE_CONDITION;
	n->lhs = left;
	if ((n->rhs = expression(p, 0)) == NULL)
		return NULL;
	if (p->token.op != JOP_COLON)
		return n;
	if (!advance(p, false) || (n->third = expression(p, 0)) == NULL)
		return NULL;
	return n;
}

/* A copy of a tree as written; passes over both change only one. */
static struct jnode *
copy(struct parser *p, const struct jnode *from)
{
	struct jnode	*n, *child;
	struct jnodes	 list_of = { NULL, 0, 0 };
	size_t		 i;

	if (!jprogram_enter(p->program, from->position) ||
	    (n = jprogram_node(p->program, from->type, from->position)) == NULL)
		return NULL;
	*n = *from;
	for (i = 0; i < from->list.n; i++) {
		if ((child = copy(p, from->list.node[i])) == NULL)
			return NULL;
		jprogram_add(p->program, &list_of, child);
	}
	n->list = list_of;
	if ((from->lhs != NULL && (n->lhs = copy(p, from->lhs)) == NULL) ||
	    (from->rhs != NULL && (n->rhs = copy(p, from->rhs)) == NULL) ||
	    (from->third != NULL &&
	    (n->third = copy(p, from->third)) == NULL))
		return NULL;
	jprogram_leave(p->program);
	return n;
}

/* a ?? b is $exists(a) ? a : b */
static struct jnode *
coalesce(struct parser *p, struct jnode *n, struct jnode *left)
{
	struct jprogram	*program = p->program;
	struct jnode	*asked, *exists, *again;

	if ((asked = jprogram_node(program, JNODE_FUNCTION, -1)) == NULL ||
	    (exists = jprogram_node(program, JNODE_VARIABLE, -1)) == NULL ||
	    (again = copy(p, left)) == NULL)
		return NULL;
	exists->name = jprogram_intern(program->names, "exists", 6);
	exists->len = 6;
	exists->value = jvalue_string(exists->name, 6);
	asked->lhs = exists;
	jprogram_add(program, &asked->list, again);
	n->type = JNODE_CONDITION;
	n->lhs = asked;
	n->rhs = left;
	return (n->third = expression(p, 0)) == NULL ? NULL : n;
}

/* a ?: b is a ? a : b */
static struct jnode *
elvis(struct parser *p, struct jnode *n, struct jnode *left)
{
	n->type = JNODE_CONDITION;
	n->rhs = left;
	if ((n->lhs = copy(p, left)) == NULL ||
	    (n->third = expression(p, 0)) == NULL)
		return NULL;
	return n;
}

static struct jnode *
binary(struct parser *p, struct jnode *n, struct jnode *left, int power)
{
	n->type = JNODE_BINARY;
	n->lhs = left;
	return (n->rhs = expression(p, power)) == NULL ? NULL : n;
}

static struct jnode *
infix(struct parser *p, struct jnode *n, struct jnode *left)
{
	switch ((int)n->op) {
	case JOP_OPEN_PAREN:
		return call(p, n, left);
	case JOP_OPEN_BRACKET:
		return predicate(p, n, left);
	case JOP_OPEN_BRACE:
		n->type = JNODE_BINARY;
		n->lhs = left;
		return object(p, n);
	case JOP_CARET:
		return order_by(p, n, left);
	case JOP_QUESTION:
		return condition(p, n, left);
	case JOP_COALESCE:
		return coalesce(p, n, left);
	case JOP_ELVIS:
		return elvis(p, n, left);
	case JOP_BIND:
		if (left->type != JNODE_VARIABLE)
			return jprogram_fail(p->program, JFAULT_S0212,
			    left->position, left->value, JVALUE_NOTHING);
		return binary(p, n, left, jlexer_op_power(JOP_BIND) - 1);
	case JOP_AT:
	case JOP_HASH:
		if (binary(p, n, left, jlexer_op_power((enum jop)n->op)) == NULL)
			return NULL;
		if (n->rhs->type != JNODE_VARIABLE)
			return jprogram_fail(p->program, JFAULT_S0214,
			    n->rhs->position, n->value, JVALUE_NOTHING);
		return n;
	default:
		return binary(p, n, left, jlexer_op_power((enum jop)n->op));
	}
}

static struct jnode *
expression(struct parser *p, int power)
{
	struct jnode	*left, *n;

	if (!jprogram_enter(p->program, p->token.position) ||
	    (n = node_of(p, &p->token)) == NULL)
		return NULL;
	if (!advance(p, true) || (left = prefix(p, n)) == NULL)
		return NULL;
	while (power < jlexer_op_power(p->token.op)) {
		if ((n = node_of(p, &p->token)) == NULL || !advance(p, false) ||
		    (left = infix(p, n, left)) == NULL)
			return NULL;
	}
	jprogram_leave(p->program);
	return left;
}

struct jnode *
jparser_parse(struct jprogram *program, const char *text, size_t len)
{
	struct parser	 p;
	struct jnode	*root;

	memset(&p, 0, sizeof p);
	p.program = program;
	jlexer_init(&p.lexer, program, text, len);
	if (!advance(&p, false) || (root = expression(&p, 0)) == NULL)
		return NULL;
	if (p.token.type != JNODE_END)
		return fail_here(&p, JFAULT_S0201, JVALUE_NOTHING);
	return root;
}
