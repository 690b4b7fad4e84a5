/*
 * asl/locate.c - where something stands in a JSON text.
 *
 * All places are looked for in one walk, which goes only where one of them may
 * be: a long definition with many findings costs no more than its length.  A
 * location is ambiguous when a state's name has a slash or a bracket in it; what
 * takes most of it wins.
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

/* Steps over one byte. */
static void
count(char c, int *line, int *column)
{
	if (c == '\n') {
		(*line)++;
		*column = 1;
	} else if ((c & 0xc0) != 0x80)
		(*column)++;
}

void
locate_line(const char *text, size_t len, size_t at, int *line, int *column)
{
	size_t	 i;

	*line = *column = 1;
	for (i = 0; i < at && i < len; i++)
		count(text[i], line, column);
}

/* --- places ------------------------------------------------------------------ */

/* A place that may be below where the walk stands. */
struct want {
	struct locate_place	*place;
	const char		*rest;		/* of its location */
};

struct search {
	const char	*text, *end;
};

static const char *search_value(struct search *, const char *, struct want *,
		    size_t);

/* rest is what is left of the location after name and value were found. */
static void
found(struct search *s, struct locate_place *place, const char *rest,
    const char *name, const char *value)
{
	size_t	 taken = (size_t)(rest - place->location);
	bool	 all = *rest == '\0';

	if (taken <= place->taken)
		return;
	place->taken = taken;
	if (name != NULL && (!all || place->name || *value == '{' ||
	    *value == '['))
		place->at = (size_t)(name - s->text);
	else
		place->at = (size_t)(value - s->text);
}

/* After name, when the location goes on with it; or NULL. */
static const char *
after_name(const char *location, const char *name, size_t len)
{
	if (*location != '/' || strncmp(location + 1, name, len) != 0)
		return NULL;
	location += 1 + len;
	return *location == '\0' || *location == '/' || *location == '[' ?
	    location : NULL;
}

/* After "[i]", when the location goes on with it; or NULL. */
static const char *
after_index(const char *location, size_t i)
{
	char	*end;

	if (*location != '[' || strtoul(location + 1, &end, 10) != i ||
	    end == location + 1 || *end != ']')
		return NULL;
	return end + 1;
}

/* Goes on into a value with those wants that are left of it. */
static const char *
descend(struct search *s, const char *value, struct want *wants, size_t n)
{
	const char	*after;

	if (n > 0)
		return search_value(s, value, wants, n);
	after = jsontext_skip(value, s->end);
	return after != NULL && after > value ? after : s->end;
}

static const char *
search_object(struct search *s, const char *p, struct want *wants, size_t n,
    struct want *next)
{
	const char	*name, *value, *rest;
	char		*decoded;
	size_t		 i, len, nnext;

	p = white(p + 1, s->end);
	while (p < s->end && *p == '"') {
		name = p;
		p = string_end(p, s->end);
		value = past(p, s->end, ':');
		if (value >= s->end)
			return s->end;
		len = (size_t)(p - name) - 2;
		decoded = memchr(name, '\\', len) != NULL ?
		    decode(name, p) : NULL;
		nnext = 0;
		for (i = 0; i < n; i++) {
			rest = decoded != NULL ? after_name(wants[i].rest,
			    decoded, strlen(decoded)) :
			    after_name(wants[i].rest, name + 1, len);
			if (rest == NULL)
				continue;
			found(s, wants[i].place, rest, name, value);
			if (*rest != '\0') {
				next[nnext].place = wants[i].place;
				next[nnext++].rest = rest;
			}
		}
		free(decoded);
		p = past(descend(s, value, next, nnext), s->end, ',');
	}
	return p < s->end ? p + 1 : s->end;
}

static const char *
search_array(struct search *s, const char *p, struct want *wants, size_t n,
    struct want *next)
{
	const char	*rest;
	size_t		 i, nnext, index = 0;

	p = white(p + 1, s->end);
	while (p < s->end && *p != ']') {
		nnext = 0;
		for (i = 0; i < n; i++) {
			rest = after_index(wants[i].rest, index);
			if (rest == NULL)
				continue;
			found(s, wants[i].place, rest, NULL, p);
			if (*rest != '\0') {
				next[nnext].place = wants[i].place;
				next[nnext++].rest = rest;
			}
		}
		index++;
		p = past(descend(s, p, next, nnext), s->end, ',');
	}
	return p < s->end ? p + 1 : s->end;
}

static const char *
search_value(struct search *s, const char *p, struct want *wants, size_t n)
{
	struct want	*next;

	if (*p != '{' && *p != '[')
		return descend(s, p, NULL, 0);
	next = xcalloc(n, sizeof *next);
	p = *p == '{' ? search_object(s, p, wants, n, next) :
	    search_array(s, p, wants, n, next);
	free(next);
	return p;
}

static int
by_offset(const void *a, const void *b)
{
	struct locate_place	*const *x = a, *const *y = b;

	return ((*x)->at > (*y)->at) - ((*x)->at < (*y)->at);
}

/* Lines and columns of all, in one pass. */
static void
count_lines(const char *text, size_t len, struct locate_place *places,
    size_t n)
{
	struct locate_place	**sorted = xcalloc(n, sizeof *sorted);
	size_t			  i, at = 0;
	int			  line = 1, column = 1;

	for (i = 0; i < n; i++)
		sorted[i] = &places[i];
	qsort(sorted, n, sizeof *sorted, by_offset);
	for (i = 0; i < n; i++) {
		for (; at < sorted[i]->at && at < len; at++)
			count(text[at], &line, &column);
		sorted[i]->line = line;
		sorted[i]->column = column;
	}
	free(sorted);
}

void
locate_places(const char *text, size_t len, struct locate_place *places,
    size_t n)
{
	struct search	 s = { text, text + len };
	const char	*root = white(text, s.end);
	struct want	*wants;
	size_t		 i;

	if (n == 0)
		return;
	wants = xcalloc(n, sizeof *wants);
	for (i = 0; i < n; i++) {
		places[i].taken = 0;
		places[i].at = (size_t)(root - text);
		wants[i].place = &places[i];
		wants[i].rest = places[i].location;
	}
	if (root < s.end)
		search_value(&s, root, wants, n);
	free(wants);
	count_lines(text, len, places, n);
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
