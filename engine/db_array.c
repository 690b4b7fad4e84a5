/*
 * engine/db_array.c - array parameters in PostgreSQL's binary form.
 *
 * The layout is that of array_recv(): dimensions, a flag for nulls, the
 * element type, length and lower bound, then each element with its length.
 * The first two depend on what was added, so the head is written last.
 */

#include "db.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "strbuf.h"
#include "xmalloc.h"

#define HEAD_BYTES 20

struct db_array {
	enum db_array_type	 type;
	struct strbuf		 bytes;
	size_t			 n;
	bool			 nulls;
};

struct db_array *
db_array_new(enum db_array_type type)
{
	struct db_array	*a = xcalloc(1, sizeof *a);

	a->type = type;
	strbuf_init(&a->bytes, (size_t)1 << 30);
	db_array_reset(a);
	return a;
}

void
db_array_reset(struct db_array *a)
{
	static const char	 head[HEAD_BYTES];

	strbuf_reset(&a->bytes);
	strbuf_add(&a->bytes, head, sizeof head);
	a->n = 0;
	a->nulls = false;
}

static void
add_u32(struct strbuf *b, uint32_t v)
{
	v = htonl(v);
	strbuf_add(b, &v, sizeof v);
}

void
db_array_add(struct db_array *a, const char *text, size_t len)
{
	assert(text == NULL || a->type == DB_TEXTS);
	a->n++;
	if (text == NULL) {
		a->nulls = true;
		add_u32(&a->bytes, UINT32_MAX);
		return;
	}
	add_u32(&a->bytes, (uint32_t)len);
	strbuf_add(&a->bytes, text, len);
}

void
db_array_add_int(struct db_array *a, int64_t v)
{
	assert(a->type == DB_INTS);
	a->n++;
	add_u32(&a->bytes, 8);
	add_u32(&a->bytes, (uint32_t)((uint64_t)v >> 32));
	add_u32(&a->bytes, (uint32_t)v);
}

void
db_array_add_uuid(struct db_array *a, const unsigned char bytes[16])
{
	assert(a->type == DB_UUIDS);
	a->n++;
	add_u32(&a->bytes, 16);
	strbuf_add(&a->bytes, bytes, 16);
}

size_t
db_array_count(const struct db_array *a)
{
	return a->n;
}

struct db_param
db_array_param(struct db_array *a)
{
	static const uint32_t	 oids[] = { 25, 20, 2950 };	/* pg_type.dat */
	uint32_t		 head[5] = { htonl(a->n > 0), htonl(a->nulls),
				    htonl(oids[a->type]), htonl((uint32_t)a->n),
				    htonl(1) };

	/* A batch is far below the ceiling (store_commit.c bounds it). */
	assert(!strbuf_failed(&a->bytes));
	memcpy(a->bytes.data, head, sizeof head);
	return (struct db_param){ a->bytes.data,
	    a->n > 0 ? a->bytes.len : 12, true };
}

void
db_array_free(struct db_array *a)
{
	if (a == NULL)
		return;
	strbuf_free(&a->bytes);
	free(a);
}
