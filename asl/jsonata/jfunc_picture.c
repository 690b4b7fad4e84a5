/*
 * asl/jsonata/jfunc_picture.c - functions that write and read by pictures,
 * and those that tell the time, which is the caller's.
 */

#include <math.h>

#include "jfunc.h"
#include "picture_datetime.h"
#include "picture_integer.h"
#include "picture_number.h"

/* The buffer's text, or the fault that was told. */
static struct jvalue
finish(struct jeval *c, struct strbuf *b, int result, struct err *e)
{
	if (result == -1)
		jeval_fail_told(c, e);
	return jeval_take(c, b);
}

static struct jvalue
text_or_empty(struct jvalue v)
{
	return jvalue_is_string(v) ? v : jvalue_string("", 0);
}

struct jvalue
jfunc_picture_number(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct picture_number_options	 options = { { NULL } };
	struct jvalue			 picture = text_or_empty(args[1]);
	struct jvalue_walk		 walk;
	struct jmember			 m;
	struct strbuf			 b;
	struct err			 e = ERR_INIT;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	jvalue_walk_start(&walk, args[2]);
	while (jvalue_is_object(args[2]) && jvalue_walk_next(&walk, &m))
		if (jvalue_is_string(m.value))
			picture_number_option(&options,
			    jarena_text(&c->arena, m.name, m.len),
			    jarena_text(&c->arena, m.value.u.s, m.value.len));
	jeval_buffer(c, &b);
	return finish(c, &b, picture_number_format(jvalue_number(args[0]),
	    picture.u.s, picture.len, &options, &b, &e), &e);
}

struct jvalue
jfunc_picture_integer(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jvalue	 picture = text_or_empty(args[1]);
	struct strbuf	 b;
	struct err	 e = ERR_INIT;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	jeval_buffer(c, &b);
	return finish(c, &b, picture_integer_format(jvalue_number(args[0]),
	    picture.u.s, picture.len, &b, &e), &e);
}

struct jvalue
jfunc_picture_parse(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jvalue	 picture = text_or_empty(args[1]);
	struct err	 e = ERR_INIT;
	double		 d = NAN;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	if (picture_integer_parse(args[0].u.s, args[0].len, picture.u.s,
	    picture.len, &d, &e) == -1)
		return jeval_fail_told(c, &e);
	return jvalue_double(d);
}

/* --- times --------------------------------------------------------------- */

static struct jvalue
print_time(struct jeval *c, double ms, struct jvalue picture,
    struct jvalue zone)
{
	struct strbuf	 b;
	struct err	 e = ERR_INIT;

	jeval_buffer(c, &b);
	return finish(c, &b, picture_datetime_print(ms,
	    jvalue_is_string(picture) ? picture.u.s : NULL,
	    jvalue_is_string(picture) ? picture.len : 0,
	    jvalue_is_string(zone) ? zone.u.s : NULL,
	    jvalue_is_string(zone) ? zone.len : 0, &b, &e), &e);
}

struct jvalue
jfunc_picture_from(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	return print_time(c, jvalue_number(args[0]), args[1], args[2]);
}

struct jvalue
jfunc_picture_now(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	return print_time(c, (double)c->in->now_ms, args[0], args[1]);
}

struct jvalue
jfunc_picture_millis(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)args, (void)n, (void)context;
	return jvalue_int(c->in->now_ms);
}

struct jvalue
jfunc_picture_to(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct err	 e = ERR_INIT;
	double		 ms;
	int		 result;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]) || !jeval_work(c, args[0].len / 4))
		return JVALUE_NOTHING;
	result = picture_datetime_read(args[0].u.s, args[0].len,
	    jvalue_is_string(args[1]) ? args[1].u.s : NULL,
	    jvalue_is_string(args[1]) ? args[1].len : 0, c->in->now_ms, &ms,
	    &e);
	if (result == -1)
		return jeval_fail_told(c, &e);
	return result == 1 ? jvalue_double(ms) : JVALUE_NOTHING;
}
