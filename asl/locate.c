/*
 * asl/locate.c - where something stands in a JSON text.
 *
 * A location is ambiguous when a state's name has a slash or a bracket in it;
 * the longest member name that fits is taken.
 */

#include <stdlib.h>
#include <string.h>

#include "jsontext.h"
#include "locate.h"
#include "strbuf.h"
#include "xmalloc.h"

static const char *
white(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

/* After white space and one separator. */
static const char *
past(const char *p, const char *end, char separator)
{
	p = white(p, end);
	return p < end && *p == separator ? white(p + 1, end) : p;
}

/* The end of the string whose opening quote is at p. */
static const char *
string_end(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p < end ? p + 1 : end;
}

/* The string at p..end (with its quotes) as text: new. */
static char *
decode(const char *p, const char *end)
{
	json_t	*v;
	char	*s;

	v = json_loadb(p, (size_t)(end - p), JSON_DECODE_ANY, NULL);
	s = xstrdup(v != NULL ? json_string_value(v) : "");
	json_decref(v);
	return s;
}

/* How much of location (after its slash) the name at p..end takes; or 0. */
static size_t
fits(const char *location, const char *p, const char *end)
{
	char	*name;
	size_t	 len, taken = 0;

	name = decode(p, end);
	len = strlen(name);
	if (strncmp(location, name, len) == 0 &&
	    (location[len] == '\0' || location[len] == '/' ||
	    location[len] == '['))
		taken = len + 1;
	free(name);
	return taken;
}

struct spot {
	const char	*name, *value;	/* where they begin; name may be NULL */
	size_t		 taken;		/* of the location */
};

static bool
find_member(const char *p, const char *end, const char *location,
    struct spot *best)
{
	const char	*name, *after, *value;
	size_t		 taken;

	best->taken = 0;
	p = white(p + 1, end);
	while (p < end && *p == '"') {
		name = p;
		after = string_end(p, end);
		value = past(after, end, ':');
		taken = fits(location + 1, name, after);
		if (taken > best->taken) {
			best->name = name;
			best->value = value;
			best->taken = taken;
		}
		p = jsontext_skip(value, end);
		if (p == NULL)
			break;
		p = past(p, end, ',');
	}
	return best->taken > 0;
}

static bool
find_item(const char *p, const char *end, const char *location,
    struct spot *best)
{
	char		*after;
	unsigned long	 n;

	n = strtoul(location + 1, &after, 10);
	if (after == location + 1 || *after != ']')
		return false;
	p = white(p + 1, end);
	for (; n > 0 && p < end && *p != ']'; n--) {
		p = jsontext_skip(p, end);
		if (p == NULL)
			return false;
		p = past(p, end, ',');
	}
	if (p >= end || *p == ']')
		return false;
	best->name = NULL;
	best->value = p;
	best->taken = (size_t)(after + 1 - location);
	return true;
}

size_t
locate_find(const char *text, size_t len, const char *location, bool name)
{
	const char	*end = text + len;
	struct spot	 spot = { NULL, white(text, end), 0 }, next;

	while (*location != '\0' && spot.value < end) {
		if (*location == '/' && *spot.value == '{') {
			if (!find_member(spot.value, end, location, &next))
				break;
		} else if (*location == '[' && *spot.value == '[') {
			if (!find_item(spot.value, end, location, &next))
				break;
		} else
			break;
		spot = next;
		location += spot.taken;
	}
	if (spot.name != NULL && (*location != '\0' || name ||
	    *spot.value == '{' || *spot.value == '['))
		return (size_t)(spot.name - text);
	return (size_t)(spot.value - text);
}

void
locate_line(const char *text, size_t len, size_t at, int *line, int *column)
{
	size_t	 i;

	*line = *column = 1;
	for (i = 0; i < at && i < len; i++) {
		if (text[i] == '\n') {
			(*line)++;
			*column = 1;
		} else if ((text[i] & 0xc0) != 0x80)
			(*column)++;
	}
}

/* --- duplicates ------------------------------------------------------------ */

struct walk {
	const char	*text, *end;
	struct strbuf	 where;
	void		(*fn)(const char *, const char *, size_t, void *);
	void		*arg;
	int		 depth;
};

struct name {
	const char	*text;
	size_t		 len;
};

static const char *walk_value(struct walk *, const char *);

/* By content; equal ones in the order of the text. */
static int
by_content(const void *a, const void *b)
{
	const struct name	*x = a, *y = b;
	size_t			 n = x->len < y->len ? x->len : y->len;
	int			 order = memcmp(x->text, y->text, n);

	if (order != 0)
		return order;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return x->text < y->text ? -1 : 1;
}

static void
report_duplicates(struct walk *w, struct name *names, size_t n)
{
	const char	*object = w->where.len > 0 ? strbuf_str(&w->where) : "/";
	char		*name;
	size_t		 i;

	if (n < 2)
		return;
	qsort(names, n, sizeof *names, by_content);
	for (i = 1; i < n; i++)
		if (names[i].len == names[i - 1].len && memcmp(names[i].text,
		    names[i - 1].text, names[i].len) == 0) {
			name = decode(names[i].text,
			    names[i].text + names[i].len);
			w->fn(object, name, (size_t)(names[i].text - w->text),
			    w->arg);
			free(name);
		}
}

static const char *
walk_object(struct walk *w, const char *p)
{
	struct name	*names = NULL;
	size_t		 n = 0, mark = w->where.len;

	p = white(p + 1, w->end);
	while (p < w->end && *p == '"') {
		if ((n & (n - 1)) == 0)
			names = xreallocarray(names, n == 0 ? 1 : 2 * n,
			    sizeof *names);
		names[n].text = p;
		p = string_end(p, w->end);
		names[n].len = (size_t)(p - names[n].text);
		/* The location as written will do: nobody looks it up. */
		strbuf_addc(&w->where, '/');
		strbuf_add(&w->where, names[n].text + 1, names[n].len - 2);
		n++;
		p = walk_value(w, past(p, w->end, ':'));
		w->where.len = mark;
		p = past(p, w->end, ',');
	}
	if (w->where.data != NULL)
		w->where.data[mark] = '\0';
	report_duplicates(w, names, n);
	free(names);
	return p < w->end ? p + 1 : w->end;
}

static const char *
walk_array(struct walk *w, const char *p)
{
	size_t	 i = 0, mark = w->where.len;

	p = white(p + 1, w->end);
	while (p < w->end && *p != ']') {
		strbuf_addf(&w->where, "[%zu]", i++);
		p = walk_value(w, p);
		w->where.len = mark;
		p = past(p, w->end, ',');
	}
	return p < w->end ? p + 1 : w->end;
}

static const char *
walk_value(struct walk *w, const char *p)
{
	const char	*after;

	if (p >= w->end)
		return w->end;
	if (w->depth < JSONTEXT_DEPTH_MAX && (*p == '{' || *p == '[')) {
		w->depth++;
		p = *p == '{' ? walk_object(w, p) : walk_array(w, p);
		w->depth--;
		return p;
	}
	after = jsontext_skip(p, w->end);
	return after != NULL && after > p ? after : w->end;
}

void
locate_duplicates(const char *text, size_t len,
    void (*fn)(const char *, const char *, size_t, void *), void *arg)
{
	struct walk	 w = { text, text + len, STRBUF_INIT, fn, arg, 0 };

	walk_value(&w, white(text, w.end));
	strbuf_free(&w.where);
}
