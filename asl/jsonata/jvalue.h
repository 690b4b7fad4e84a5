/*
 * asl/jsonata/jvalue.h - the values of the language: 16 bytes, passed by value.
 *
 * What the language makes lives in an arena.  What came in is borrowed: a
 * JSON_ARRAY or JSON_OBJECT is somebody's json_t, looked into where an
 * expression goes and nowhere else, and never changed.  So is its text.
 *
 * Everybody reads arrays and objects of both sorts through the functions
 * below.  Text is UTF-8 with its length; a lone surrogate, which the language
 * can make with an escape, is kept in three bytes as if it were a character
 * and becomes U+FFFD where a value leaves.
 *
 * An array carries the marks of the language's sequences:
 *	sequence  made by evaluation: one item alone stands for itself
 *	keep      but not here: [] was written behind it
 *	cons      from [...]: a path does not flatten it
 *	outer     the input, wrapped so that it counts as one item
 *	tuples    its items are objects of bindings ("@" is the value)
 *	range     its items are first, first+1, ... and stand nowhere
 */

#ifndef PAWL_JVALUE_H
#define PAWL_JVALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jarena.h"

enum jkind {
	JVALUE_UNDEFINED,
	JVALUE_NULL,
	JVALUE_BOOL,
	JVALUE_INT,
	JVALUE_DOUBLE,
	JVALUE_STRING,
	JVALUE_ARRAY,
	JVALUE_JSON_ARRAY,
	JVALUE_OBJECT,
	JVALUE_JSON_OBJECT,
	JVALUE_FUNCTION
};

struct jarray;
struct jobject;
struct jfunction;

struct jvalue {
	uint8_t		 kind;		/* enum jkind */
	bool		 wrapped;	/* a function that was passed on */
	uint32_t	 len;		/* of the string, in bytes */
	union {
		bool			 b;
		int64_t			 i;
		double			 d;
		const char		*s;
		struct jarray		*a;
		struct jobject		*o;
		struct jfunction	*f;
		json_t			*j;
	} u;
};

struct jarray {
	struct jvalue	*items;		/* NULL for a range */
	size_t		 n, cap;
	int64_t		 first;
	bool		 sequence, keep, cons, outer, tuples, range;
};

/* Also one binding of a frame: there, names are compared by address. */
struct jmember {
	const char	*name;
	uint32_t	 len;
	struct jvalue	 value;
};

struct jobject {
	struct jmember	*members;
	uint32_t	 n, cap;
	uint32_t	*slots;		/* hash index once it pays, else NULL */
	uint32_t	 nslots;
};

/* --- made ---------------------------------------------------------------- */

#define JVALUE_NOTHING ((struct jvalue){ .kind = JVALUE_UNDEFINED })

static inline struct jvalue
jvalue_bool(bool b)
{
	return (struct jvalue){ .kind = JVALUE_BOOL, .u.b = b };
}

static inline struct jvalue
jvalue_null(void)
{
	return (struct jvalue){ .kind = JVALUE_NULL };
}

static inline struct jvalue
jvalue_int(int64_t i)
{
	return (struct jvalue){ .kind = JVALUE_INT, .u.i = i };
}

static inline struct jvalue
jvalue_double(double d)
{
	return (struct jvalue){ .kind = JVALUE_DOUBLE, .u.d = d };
}

/* The text is borrowed. */
static inline struct jvalue
jvalue_string(const char *s, size_t len)
{
	return (struct jvalue){ .kind = JVALUE_STRING, .len = (uint32_t)len,
	    .u.s = s };
}

static inline struct jvalue
jvalue_array(struct jarray *a)
{
	return (struct jvalue){ .kind = JVALUE_ARRAY, .u.a = a };
}

static inline struct jvalue
jvalue_object(struct jobject *o)
{
	return (struct jvalue){ .kind = JVALUE_OBJECT, .u.o = o };
}

static inline struct jvalue
jvalue_function(struct jfunction *f)
{
	return (struct jvalue){ .kind = JVALUE_FUNCTION, .u.f = f };
}

/* Borrows j for as long as the value lives. */
struct jvalue jvalue_json(json_t *j);

/* --- asked --------------------------------------------------------------- */

static inline bool
jvalue_is_nothing(struct jvalue v)
{
	return v.kind == JVALUE_UNDEFINED;
}

static inline bool
jvalue_is_number(struct jvalue v)
{
	return v.kind == JVALUE_INT || v.kind == JVALUE_DOUBLE;
}

static inline double
jvalue_number(struct jvalue v)
{
	return v.kind == JVALUE_INT ? (double)v.u.i : v.u.d;
}

static inline bool
jvalue_is_array(struct jvalue v)
{
	return v.kind == JVALUE_ARRAY || v.kind == JVALUE_JSON_ARRAY;
}

static inline bool
jvalue_is_object(struct jvalue v)
{
	return v.kind == JVALUE_OBJECT || v.kind == JVALUE_JSON_OBJECT;
}

static inline bool
jvalue_is_function(struct jvalue v)
{
	return v.kind == JVALUE_FUNCTION;
}

static inline bool
jvalue_is_string(struct jvalue v)
{
	return v.kind == JVALUE_STRING;
}

static inline bool
jvalue_is_sequence(struct jvalue v)
{
	return v.kind == JVALUE_ARRAY && v.u.a->sequence;
}

static inline bool
jvalue_is_tuples(struct jvalue v)
{
	return v.kind == JVALUE_ARRAY && v.u.a->tuples;
}

bool	jvalue_is_text(struct jvalue, const char *);	/* equals a C string */
/* A letter of the signatures' alphabet: s n b l a o f, m for nothing. */
char	jvalue_letter(struct jvalue);
/* The same thing, as JavaScript's === : arrays and objects by identity. */
bool	jvalue_same(struct jvalue, struct jvalue);
/* Strings in the order of their UTF-16 units; < 0, 0, > 0. */
int	jvalue_compare_text(struct jvalue, struct jvalue);
/* Truth as JavaScript sees it (not as $boolean does). */
bool	jvalue_truthy(struct jvalue);

/* --- arrays -------------------------------------------------------------- */

static inline size_t
jvalue_count(struct jvalue v)
{
	return v.kind == JVALUE_ARRAY ? v.u.a->n :
	    v.kind == JVALUE_JSON_ARRAY ? json_array_size(v.u.j) : 0;
}

static inline struct jvalue
jvalue_at(struct jvalue v, size_t i)
{
	if (v.kind == JVALUE_JSON_ARRAY)
		return jvalue_json(json_array_get(v.u.j, i));
	if (v.u.a->range)
		return jvalue_int(v.u.a->first + (int64_t)i);
	return v.u.a->items[i];
}

struct jarray *jvalue_new_array(struct jarena *, size_t cap);
struct jarray *jvalue_new_sequence(struct jarena *, size_t cap);
void	jvalue_push(struct jarena *, struct jarray *, struct jvalue);
/* Pushes each item of an array. */
void	jvalue_push_all(struct jarena *, struct jarray *, struct jvalue);

/* --- objects ------------------------------------------------------------- */

struct jobject *jvalue_new_object(struct jarena *, size_t cap);
/* Undefined if there is no such member.  v may be anything. */
struct jvalue jvalue_get(struct jvalue v, const char *name, size_t len);
bool	jvalue_has(struct jvalue v, const char *name, size_t len);
/* The name is borrowed; a member that is there keeps its place. */
void	jvalue_set(struct jarena *, struct jobject *, const char *name,
	    size_t len, struct jvalue);
/* The same when there is no such member yet. */
void	jvalue_add(struct jarena *, struct jobject *, const char *name,
	    size_t len, struct jvalue);
void	jvalue_delete(struct jarena *, struct jobject *, const char *name,
	    size_t len);
/* The member's place, to read or change; NULL if it is not there. */
struct jmember *jvalue_member(struct jobject *, const char *name, size_t len);
size_t	jvalue_members(struct jvalue);

/* Walks the members of an object of both sorts. */
struct jvalue_walk {
	struct jvalue	 object;
	void		*iter;
	uint32_t	 i;
};
void	jvalue_walk_start(struct jvalue_walk *, struct jvalue object);
bool	jvalue_walk_next(struct jvalue_walk *, struct jmember *);

#endif
