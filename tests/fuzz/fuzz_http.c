/*
 * tests/fuzz/fuzz_http.c - any bytes as a head, a chunked body, a coded text.
 *
 * The first byte says which.  A head that is taken has all its texts inside
 * itself; a chunked body decodes to the same in one go and byte by byte.
 */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "httpparse.h"
#include "xmalloc.h"

const unsigned	 fuzz_runs = 50000;

static void
check_inside(const char *head, size_t len, uint32_t at)
{
	fuzz_check(at < len && memchr(head + at, '\0', len - at) != NULL,
	    "a text that is not in the head");
}

static void
check_head(const uint8_t *bytes, size_t len)
{
	static const char	 empty[] = "\r\n\r\n";
	struct httpparse_head	 h;
	const char		*why = NULL, *end;
	char			*head;
	uint32_t		 i;
	int			 status;

	/* As httpd_read.c does: up to and with the first empty line. */
	end = memmem(bytes, len, empty, 4);
	if (end != NULL)
		len = (size_t)(end - (const char *)bytes) + 4;
	head = xmemdup(len > 0 ? bytes : (const uint8_t *)"", len);
	status = httpparse_head(head, len, &h, &why);
	if (status != 0) {
		fuzz_check(status >= 400 && status < 600 && why != NULL &&
		    why[0] != '\0', "refused with %d", status);
		free(head);
		return;
	}
	fuzz_reached++;
	check_inside(head, len, h.method);
	check_inside(head, len, h.path);
	check_inside(head, len, h.query);
	fuzz_check(head[h.path] == '/' || head[h.path] == '*', "the path %s",
	    head + h.path);
	fuzz_check(h.nheaders <= HTTPPARSE_MAX_HEADERS, "too many headers");
	fuzz_check(!h.chunked || (h.http11 && h.length == 0),
	    "two lengths of one body");
	for (i = 0; i < h.nheaders; i++) {
		check_inside(head, len, h.headers[i].name);
		check_inside(head, len, h.headers[i].value);
		fuzz_check(httpparse_header(head, &h, head +
		    h.headers[i].name) != NULL, "a header is not found");
	}
	free(head);
}

/* Decodes in pieces of the given size; what is left in data is the body. */
static int
decode(const uint8_t *bytes, size_t len, size_t piece, char **data,
    size_t *body)
{
	struct httpparse_chunks	 c = HTTPPARSE_CHUNKS_INIT;
	size_t			 used = 0, have = 0;
	int			 r = 0;

	*data = xmemdup(len > 0 ? bytes : (const uint8_t *)"", len);
	*body = 0;
	while (r == 0 && have < len) {
		have = len - have < piece ? len : have + piece;
		r = httpparse_chunks(&c, *data, have, &used, body, 1000);
		fuzz_check(*body <= used && used <= have && *body <= 1000,
		    "%zu bytes of %zu", *body, used);
	}
	return r;
}

static void
check_chunks(const uint8_t *bytes, size_t len)
{
	char	*whole, *parts;
	size_t	 nwhole, nparts, piece = len > 0 ? 1 + bytes[0] % 7 : 1;
	int	 r, again;

	r = decode(bytes, len, len, &whole, &nwhole);
	fuzz_check(r == 0 || r == 1 || r == 400 || r == 413, "status %d", r);
	fuzz_reached += r == 1;
	again = decode(bytes, len, piece, &parts, &nparts);
	/* A refused body may have come further when it came in pieces. */
	fuzz_check(r == again, "%d in one go, %d in pieces", r, again);
	fuzz_check(r >= 400 || (nwhole == nparts &&
	    memcmp(whole, parts, nwhole) == 0), "another body in pieces");
	free(whole);
	free(parts);
}

static void
check_decode(const uint8_t *bytes, size_t len)
{
	char	*copy = xmemdup(len > 0 ? bytes : (const uint8_t *)"", len);
	char	*text = httpparse_decode(copy, len, len % 2 == 0);

	if (text != NULL && memchr(bytes, '\0', len) == NULL) {
		fuzz_reached++;
		fuzz_check(strlen(text) <= len, "decoded, it is longer");
	}
	free(text);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	if (len == 0)
		return 0;
	switch (bytes[0]) {
	case 'c':
		check_chunks(bytes + 1, len - 1);
		break;
	case '%':
		check_decode(bytes + 1, len - 1);
		break;
	default:
		check_head(bytes, len);
	}
	return 0;
}
