/*
 * asl/jsonata/jast.h - an expression as a tree, and the parts that make it.
 *
 *	text ─ jlexer ─ jparser ─ tree as written ─ jprocess ─ tree as run
 *
 * jparser.c is a Pratt parser; its tree has binary nodes for "." "[" "{" "^"
 * "@" "#".  jprocess.c turns these into paths: a list of steps, each with its
 * filters ("stages"), grouping, focus and index; jancestry.c gives each % the
 * step that keeps its parent.  A tree as run is read-only.
 *
 * Everything lives in the arena of its program.
 */

#ifndef PAWL_JAST_H
#define PAWL_JAST_H

#include "jarena.h"
#include "jfault.h"
#include "jvalue.h"

/* What a node is; the names are the reference's, and tokens of S0217. */
#define JNODE_TYPES(X)			\
	X(END,		"(end)")	\
	X(OPERATOR,	"operator")	\
	X(NAME,		"name")		\
	X(VARIABLE,	"variable")	\
	X(STRING,	"string")	\
	X(NUMBER,	"number")	\
	X(VALUE,	"value")	\
	X(REGEX,	"regex")	\
	X(BINARY,	"binary")	\
	X(UNARY,	"unary")	\
	X(FUNCTION,	"function")	\
	X(PARTIAL,	"partial")	\
	X(LAMBDA,	"lambda")	\
	X(BLOCK,	"block")	\
	X(CONDITION,	"condition")	\
	X(TRANSFORM,	"transform")	\
	X(WILDCARD,	"wildcard")	\
	X(DESCENDANT,	"descendant")	\
	X(PARENT,	"parent")	\
	X(PATH,		"path")		\
	X(BIND,		"bind")		\
	X(APPLY,	"apply")	\
	X(SORT,		"sort")

enum jnode_type {
#define X(name, text) JNODE_##name,
	JNODE_TYPES(X)
#undef X
	JNODE_COUNT
};

/*	operator	text	binding power of the infix form; 0: none */
#define JOPS(X)				\
	X(NONE,		"",	0)	\
	X(DOT,		".",	75)	\
	X(OPEN_BRACKET,	"[",	80)	\
	X(CLOSE_BRACKET, "]",	0)	\
	X(OPEN_BRACE,	"{",	70)	\
	X(CLOSE_BRACE,	"}",	0)	\
	X(OPEN_PAREN,	"(",	80)	\
	X(CLOSE_PAREN,	")",	0)	\
	X(COMMA,	",",	0)	\
	X(AT,		"@",	80)	\
	X(HASH,		"#",	80)	\
	X(SEMICOLON,	";",	0)	\
	X(COLON,	":",	0)	\
	X(QUESTION,	"?",	20)	\
	X(PLUS,		"+",	50)	\
	X(MINUS,	"-",	50)	\
	X(STAR,		"*",	60)	\
	X(SLASH,	"/",	60)	\
	X(PERCENT,	"%",	60)	\
	X(PIPE,		"|",	0)	\
	X(EQUAL,	"=",	40)	\
	X(LESS,		"<",	40)	\
	X(GREATER,	">",	40)	\
	X(CARET,	"^",	40)	\
	X(STAR_STAR,	"**",	0)	\
	X(DOT_DOT,	"..",	0)	\
	X(BIND,		":=",	10)	\
	X(NOT_EQUAL,	"!=",	40)	\
	X(LESS_EQUAL,	"<=",	40)	\
	X(GREATER_EQUAL, ">=",	40)	\
	X(CHAIN,	"~>",	40)	\
	X(ELVIS,	"?:",	40)	\
	X(COALESCE,	"??",	40)	\
	X(AND,		"and",	30)	\
	X(OR,		"or",	25)	\
	X(IN,		"in",	40)	\
	X(CONCAT,	"&",	50)	\
	X(BANG,		"!",	0)	\
	X(TILDE,	"~",	0)

enum jop {
#define X(name, text, power) JOP_##name,
	JOPS(X)
#undef X
	JOP_COUNT
};

const char *jlexer_op_text(enum jop);
int	jlexer_op_power(enum jop);

/* The place that a % refers to: level steps out from where it stands. */
struct jslot {
	const char	*label;		/* of the binding: "!0", "!1", ... */
	int		 level;
};

struct jslots {
	struct jslot	**slot;
	size_t		 n, cap;
};

struct jnode;
struct jsignature;
struct jregex;

struct jnodes {
	struct jnode	**node;
	size_t		 n, cap;
};

/* A filter behind a step, or (expr NULL) the name for the item's index. */
struct jstage {
	struct jnode	*expr;
	const char	*index;
	long		 position;
};

struct jstages {
	struct jstage	*stage;
	size_t		 n, cap;
};

/* What jeval_node() does at once, without its usual ways. */
enum jquick {
	JQUICK_NO,
	JQUICK_LITERAL,
	JQUICK_VARIABLE,
	JQUICK_NAMES		/* a path of names alone */
};

struct jnode {
	uint8_t		 type;		/* enum jnode_type */
	uint8_t		 op;		/* enum jop */
	bool		 keep_array;	/* [] was written behind it */
	bool		 keep_singleton; /* path: its result stays an array */
	bool		 cons;		/* [...] that a path does not flatten */
	bool		 tuple;		/* step that needs tuples; path that
					 * hands them on */
	bool		 thunk;		/* lambda around a tail call */
	bool		 descending;	/* sort term */
	bool		 record;	/* { } with different literals as keys */
	bool		 binds;		/* its evaluation may bind a variable
					 * in the frame it is given */
	bool		 simple;	/* path of names, perhaps after a variable */
	bool		 plain;		/* no filter, grouping or [] behind it */
	uint8_t		 quick;		/* enum jquick */
	bool		 has_stages, has_predicate, has_group;
	long		 position;	/* UTF-16 units; -1: none */

	const char	*name;		/* interned: name, variable */
	uint32_t	 len;
	struct jvalue	 value;		/* literal; a token's value in faults */

	/* binary, apply, bind, condition (condition, then, else), transform
	 * (pattern, update, delete), lambda (body in lhs), function and
	 * partial (procedure in lhs), unary minus and sort term (lhs) */
	struct jnode	*lhs, *rhs, *third;
	/* steps, expressions, arguments, sort terms; { }: key, value, ... */
	struct jnodes	 list;

	/* as run */
	struct jstages	 stages;	/* of a step in a path */
	struct jstages	 predicate;	/* of anything else */
	struct jnodes	 group;		/* key, value, key, value ... */
	long		 group_position;
	const char	*focus, *index;	/* interned */
	struct jslot	*ancestor;	/* this step keeps its input there */
	struct jslot	*slot;		/* of a parent node */
	struct jslots	*seeking;	/* slots that want a place further out */

	struct jsignature *signature;	/* of a lambda; NULL: none */
	struct jregex	*regex;
};

/* The names of an expression, each once: equal names have one address. */
struct jnames {
	const struct jnames	*base;	/* looked up first; NULL: none */
	struct jarena		*arena;
	const char		**slots;
	size_t			 n, nslots;
};

/* New in the table's arena or found there (or in base). */
const char *jprogram_intern(struct jnames *, const char *, size_t len);

/* What the passes over one expression share. */
struct jprogram {
	struct jarena	 arena;
	struct jnames	 own;		/* names, unless others are given */
	struct jnames	*names;
	struct jnode	*root;
	bool		 aws;		/* the dialect of Step Functions */
	size_t		 nodes;		/* made so far */
	int		 depth;
	struct jregex	*regexes;	/* list of what must be freed */
	struct jfault	 fault;
	bool		 failed;
	unsigned int	 labels;	/* of slots, made so far */
	struct jprogram	*next;		/* of those that $eval compiled */
};

/* An expression has at most so many nodes and nests so deep (S0500). */
#define JPROGRAM_NODES_MAX	200000
#define JPROGRAM_DEPTH_MAX	1000

/* Sets the fault of a program; returns NULL. */
void	*jprogram_fail(struct jprogram *, enum jfault_code, long position,
	    struct jvalue token, struct jvalue value);
struct jnode *jprogram_node(struct jprogram *, enum jnode_type,
	    long position);
void	jprogram_add(struct jprogram *, struct jnodes *, struct jnode *);
/* Counts a level in; false and S0500 if it is one too many. */
bool	jprogram_enter(struct jprogram *, long position);
void	jprogram_leave(struct jprogram *);
/* An expression of text: program is zeroed but for aws and names. */
int	jprogram_compile(struct jprogram *, const char *text, size_t len);
void	jprogram_free(struct jprogram *);

/* The tree as written; NULL and the fault. */
struct jnode *jparser_parse(struct jprogram *, const char *text, size_t len);
/* The tree as run; NULL and the fault. */
struct jnode *jprocess(struct jprogram *, struct jnode *);
const char *jprocess_type_text(enum jnode_type);

/* jancestry.c: seeking slots go from value to the node around it ... */
void	jancestry_push(struct jprogram *, struct jnode *result,
	    struct jnode *value);
/* ... and find their step; -1 and S0217 if none can have it. */
int	jancestry_resolve(struct jprogram *, struct jnode *path);
int	jancestry_seek(struct jprogram *, struct jnode *, struct jslot *);
void	jancestry_add(struct jprogram *, struct jslots **, struct jslot *);

#endif
