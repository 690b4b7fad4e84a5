/*
 * engine/sigv4.c - AWS Signature Version 4, as the receiver checks it.
 *
 * The canonical request is built again from what arrived and signed with the
 * secret; then both signatures are compared in constant time.  The error texts
 * are the real service's where they are well known.
 */

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "sigv4.h"
#include "strbuf.h"
#include "xmalloc.h"

#define ALGORITHM	"AWS4-HMAC-SHA256"
#define STAMP_LEN	16	/* 20150830T123600Z */
#define QUERY_MAX	256	/* parameters that are sorted */
#define HEADERS_MAX	64	/* signed headers */

/* What the Authorization header says; pieces of one copy. */
struct sigv4_claim {
	char	*copy;
	char	*key_id, *date, *region, *service, *ending;
	char	*signed_headers, *signature;
};

static void
sigv4_hex(const unsigned char *bytes, size_t n, char *hex)
{
	static const char	 digits[] = "0123456789abcdef";
	size_t			 i;

	for (i = 0; i < n; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex[2 * n] = '\0';
}

static void
sigv4_sha256_hex(const char *data, size_t len, char hex[SIGV4_HEX])
{
	unsigned char	 md[SHA256_DIGEST_LENGTH];

	SHA256((const unsigned char *)data, len, md);
	sigv4_hex(md, sizeof md, hex);
}

static void
sigv4_hmac(const unsigned char *key, size_t keylen, const char *text, size_t len,
    unsigned char md[SHA256_DIGEST_LENGTH])
{
	HMAC(EVP_sha256(), key, (int)keylen, (const unsigned char *)text, len, md,
	    NULL);
}

static bool
sigv4_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
	    c == '~';
}

static void
sigv4_encode(struct strbuf *b, const char *s, size_t len, const char *keep)
{
	size_t	 i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (sigv4_unreserved(c) || (c != '\0' && strchr(keep, c) != NULL))
			strbuf_addc(b, (char)c);
		else
			strbuf_addf(b, "%%%02X", c);
	}
}

/* What was sent is decoded and encoded again, so that spellings do not matter. */
static void
sigv4_encode_query(struct strbuf *b, const char *s, size_t len)
{
	struct strbuf	 plain = STRBUF_INIT;
	size_t		 i;
	char		 hex[3] = "";

	for (i = 0; i < len; i++) {
		if (s[i] == '%' && i + 2 < len &&
		    strspn(s + i + 1, "0123456789abcdefABCDEF") >= 2) {
			memcpy(hex, s + i + 1, 2);
			strbuf_addc(&plain, (char)strtol(hex, NULL, 16));
			i += 2;
		} else
			strbuf_addc(&plain, s[i] == '+' ? ' ' : s[i]);
	}
	sigv4_encode(b, strbuf_str(&plain), plain.len, "");
	strbuf_free(&plain);
}

static int
sigv4_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "b=2&a" becomes "a=&b=2". */
static void
sigv4_add_query(struct strbuf *b, const char *query)
{
	char		*list[QUERY_MAX];
	const char	*p, *end, *eq;
	struct strbuf	 one;
	size_t		 n = 0, i;

	for (p = query; *p != '\0' && n < QUERY_MAX; p = *end == '&' ? end + 1 : end) {
		end = p + strcspn(p, "&");
		if (end == p)
			continue;
		eq = memchr(p, '=', (size_t)(end - p));
		strbuf_init(&one, STRBUF_MAX_DEFAULT);
		sigv4_encode_query(&one, p, (size_t)((eq != NULL ? eq : end) - p));
		strbuf_addc(&one, '=');
		if (eq != NULL)
			sigv4_encode_query(&one, eq + 1, (size_t)(end - eq - 1));
		list[n++] = strbuf_take(&one, NULL);
	}
	qsort(list, n, sizeof list[0], sigv4_compare);
	for (i = 0; i < n; i++) {
		strbuf_adds(b, i == 0 ? "" : "&");
		strbuf_adds(b, list[i]);
		free(list[i]);
	}
}

/* Blanks at both ends go, inner runs become one. */
static void
sigv4_add_header_value(struct strbuf *b, const char *v)
{
	bool	 blank = false;

	v += strspn(v, " \t");
	for (; *v != '\0'; v++) {
		if (*v == ' ' || *v == '\t') {
			blank = true;
			continue;
		}
		if (blank)
			strbuf_addc(b, ' ');
		blank = false;
		strbuf_addc(b, *v);
	}
}

static void
sigv4_add_headers(struct strbuf *b, const struct sigv4_request *r,
    const char *signed_headers)
{
	const char	*p = signed_headers, *value;
	char		 name[256];
	size_t		 n, count;

	for (count = 0; *p != '\0' && count < HEADERS_MAX; count++) {
		n = strcspn(p, ";");
		if (n < sizeof name) {
			memcpy(name, p, n);
			name[n] = '\0';
			value = r->header(name, r->arg);
			strbuf_adds(b, name);
			strbuf_addc(b, ':');
			if (value != NULL)
				sigv4_add_header_value(b, value);
			strbuf_addc(b, '\n');
		}
		p += n + (p[n] == ';');
	}
}

static void
sigv4_canonical(struct strbuf *b, const struct sigv4_request *r,
    const char *signed_headers)
{
	const char	*declared;
	char		 hash[SIGV4_HEX];

	strbuf_adds(b, r->method);
	strbuf_addc(b, '\n');
	if (r->path[0] == '\0')
		strbuf_addc(b, '/');
	sigv4_encode(b, r->path, strlen(r->path), "/");
	strbuf_addc(b, '\n');
	sigv4_add_query(b, r->query);
	strbuf_addc(b, '\n');
	sigv4_add_headers(b, r, signed_headers);
	strbuf_addc(b, '\n');
	strbuf_adds(b, signed_headers);
	strbuf_addc(b, '\n');
	declared = r->header("x-amz-content-sha256", r->arg);
	if (declared != NULL && strcmp(declared, "UNSIGNED-PAYLOAD") == 0)
		strbuf_adds(b, declared);
	else {
		sigv4_sha256_hex(r->body, r->len, hash);
		strbuf_adds(b, hash);
	}
}

void
sigv4_signature(const struct sigv4_request *r, const char *secret,
    const char *stamp, const char *region, const char *service,
    const char *signed_headers, char hex[SIGV4_HEX])
{
	struct strbuf	 b = STRBUF_INIT;
	unsigned char	 key[SHA256_DIGEST_LENGTH];
	char		 hash[SIGV4_HEX];

	sigv4_canonical(&b, r, signed_headers);
	sigv4_sha256_hex(strbuf_str(&b), b.len, hash);

	strbuf_reset(&b);
	strbuf_addf(&b, "AWS4%s", secret);
	sigv4_hmac((const unsigned char *)strbuf_str(&b), b.len, stamp, 8, key);
	OPENSSL_cleanse(b.data, b.len);
	sigv4_hmac(key, sizeof key, region, strlen(region), key);
	sigv4_hmac(key, sizeof key, service, strlen(service), key);
	sigv4_hmac(key, sizeof key, "aws4_request", 12, key);

	strbuf_reset(&b);
	strbuf_addf(&b, ALGORITHM "\n%s\n%.8s/%s/%s/aws4_request\n%s", stamp, stamp,
	    region, service, hash);
	sigv4_hmac(key, sizeof key, strbuf_str(&b), b.len, key);
	sigv4_hex(key, sizeof key, hex);
	strbuf_free(&b);
}

/* Reads "Credential=ID/DATE/REGION/SERVICE/aws4_request, SignedHeaders=..., ...". */
static int
sigv4_read_claim(struct sigv4_claim *c, const char *text, struct err *e)
{
	char	*p, *next, *credential = NULL;

	memset(c, 0, sizeof *c);
	c->copy = xstrdup(text + strlen(ALGORITHM));
	for (p = strtok_r(c->copy, ", ", &next); p != NULL;
	    p = strtok_r(NULL, ", ", &next)) {
		if (strncmp(p, "Credential=", 11) == 0)
			credential = p + 11;
		else if (strncmp(p, "SignedHeaders=", 14) == 0)
			c->signed_headers = p + 14;
		else if (strncmp(p, "Signature=", 10) == 0)
			c->signature = p + 10;
	}
	if (credential == NULL)
		return err_set(e, "IncompleteSignatureException", "Authorization "
		    "header requires 'Credential' parameter.");
	if (c->signature == NULL)
		return err_set(e, "IncompleteSignatureException", "Authorization "
		    "header requires 'Signature' parameter.");
	if (c->signed_headers == NULL)
		return err_set(e, "IncompleteSignatureException", "Authorization "
		    "header requires 'SignedHeaders' parameter.");
	c->key_id = strsep(&credential, "/");
	c->date = strsep(&credential, "/");
	c->region = strsep(&credential, "/");
	c->service = strsep(&credential, "/");
	c->ending = credential;
	if (c->ending == NULL || strcmp(c->ending, "aws4_request") != 0)
		return err_set(e, "IncompleteSignatureException", "Credential must "
		    "have exactly 5 slash-delimited elements, e.g. keyid/date/region/"
		    "service/term, got '%s'", c->key_id);
	return 0;
}

static bool
sigv4_read_stamp(const char *stamp, int64_t *ms)
{
	struct tm	 tm;
	int		 i;

	if (strlen(stamp) != STAMP_LEN || stamp[8] != 'T' || stamp[15] != 'Z')
		return false;
	for (i = 0; i < STAMP_LEN; i++)
		if (i != 8 && i != 15 && (stamp[i] < '0' || stamp[i] > '9'))
			return false;
	memset(&tm, 0, sizeof tm);
	sscanf(stamp, "%4d%2d%2dT%2d%2d%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
	    &tm.tm_hour, &tm.tm_min, &tm.tm_sec);
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*ms = (int64_t)timegm(&tm) * 1000;
	return true;
}

static void
sigv4_print_stamp(int64_t ms, char stamp[STAMP_LEN + 1])
{
	time_t		 t = (time_t)(ms / 1000);
	struct tm	 tm;

	gmtime_r(&t, &tm);
	strftime(stamp, STAMP_LEN + 1, "%Y%m%dT%H%M%SZ", &tm);
}

static int
sigv4_check_time(const char *stamp, const char *date, int64_t now_ms,
    struct err *e)
{
	char	 now[STAMP_LEN + 1], edge[STAMP_LEN + 1];
	int64_t	 ms;

	if (stamp == NULL)
		return err_set(e, "IncompleteSignatureException", "Authorization "
		    "header requires existence of either a 'X-Amz-Date' or a 'Date' "
		    "header.");
	if (!sigv4_read_stamp(stamp, &ms))
		return err_set(e, "IncompleteSignatureException", "Date must be in "
		    "ISO-8601 'basic format'. Got '%.40s'.", stamp);
	if (strncmp(stamp, date, 8) != 0 || strlen(date) != 8)
		return err_set(e, "InvalidSignatureException", "Date in Credential "
		    "scope does not match YYYYMMDD from ISO-8601 version of date "
		    "from HTTP: '%.40s' != '%.8s'.", date, stamp);
	sigv4_print_stamp(now_ms, now);
	if (ms < now_ms - SIGV4_SKEW_MS) {
		sigv4_print_stamp(now_ms - SIGV4_SKEW_MS, edge);
		return err_set(e, "InvalidSignatureException", "Signature expired: "
		    "%s is now earlier than %s (%s - 15 min.)", stamp, edge, now);
	}
	if (ms > now_ms + SIGV4_SKEW_MS) {
		sigv4_print_stamp(now_ms + SIGV4_SKEW_MS, edge);
		return err_set(e, "InvalidSignatureException", "Signature not yet "
		    "current: %s is still later than %s (%s + 15 min.)", stamp, edge,
		    now);
	}
	return 0;
}

/* The signature must cover at least the host and the time. */
static int
sigv4_check_headers(const char *list, struct err *e)
{
	const char	*p;
	size_t		 n, count = 0;
	bool		 host = false, time = false;

	for (p = list; *p != '\0'; p += n + (p[n] == ';')) {
		n = strcspn(p, ";");
		host |= n == 4 && strncmp(p, "host", n) == 0;
		time |= (n == 10 && strncmp(p, "x-amz-date", n) == 0) ||
		    (n == 4 && strncmp(p, "date", n) == 0);
		count++;
	}
	if (count > HEADERS_MAX)
		return err_set(e, "IncompleteSignatureException",
		    "More than %d signed headers.", HEADERS_MAX);
	if (!host || !time)
		return err_set(e, "InvalidSignatureException", "'%s' must be a "
		    "'SignedHeader' in the AWS Authorization.",
		    host ? "X-Amz-Date" : "Host");
	return 0;
}

static int
sigv4_check_payload(const struct sigv4_request *r, struct err *e)
{
	const char	*declared;
	char		 hash[SIGV4_HEX];

	declared = r->header("x-amz-content-sha256", r->arg);
	if (declared == NULL || strcmp(declared, "UNSIGNED-PAYLOAD") == 0)
		return 0;
	sigv4_sha256_hex(r->body, r->len, hash);
	if (strcasecmp(declared, hash) == 0)
		return 0;
	return err_set(e, "InvalidSignatureException",
	    "The value of 'x-amz-content-sha256' is not the hash of the payload.");
}

static bool
sigv4_same(const char *a, const char *b)
{
	size_t	 n = strlen(a);

	return n == strlen(b) && CRYPTO_memcmp(a, b, n) == 0;
}

static int
sigv4_check_claim(const struct sigv4_request *r, const struct sigv4_claim *c,
    const char *access_key_id, const char *secret, const char *service,
    int64_t now_ms, struct err *e)
{
	const char	*stamp;
	char		 signature[SIGV4_HEX];

	if (!sigv4_same(c->key_id, access_key_id))
		return err_set(e, "UnrecognizedClientException",
		    "The security token included in the request is invalid.");
	if (strcmp(c->service, service) != 0)
		return err_set(e, "InvalidSignatureException", "Credential should "
		    "be scoped to correct service: '%s'.", service);
	stamp = r->header("x-amz-date", r->arg);
	if (stamp == NULL)
		stamp = r->header("date", r->arg);
	if (sigv4_check_time(stamp, c->date, now_ms, e) == -1 ||
	    sigv4_check_headers(c->signed_headers, e) == -1 ||
	    sigv4_check_payload(r, e) == -1)
		return -1;
	sigv4_signature(r, secret, stamp, c->region, service, c->signed_headers,
	    signature);
	if (sigv4_same(c->signature, signature))
		return 0;
	return err_set(e, "InvalidSignatureException", "The request signature we "
	    "calculated does not match the signature you provided. Check your AWS "
	    "Secret Access Key and signing method. Consult the service "
	    "documentation for details.");
}

int
sigv4_verify(const struct sigv4_request *r, const char *access_key_id,
    const char *secret, const char *service, int64_t now_ms, struct err *e)
{
	struct sigv4_claim	 c;
	const char		*text;
	int			 result;

	text = r->header("authorization", r->arg);
	if (text == NULL || text[0] == '\0')
		return err_set(e, "MissingAuthenticationTokenException",
		    "Missing Authentication Token");
	if (strncmp(text, ALGORITHM " ", strlen(ALGORITHM) + 1) != 0)
		return err_set(e, "IncompleteSignatureException", "Authorization "
		    "header requires a signature of the kind '" ALGORITHM "'.");
	result = sigv4_read_claim(&c, text, e);
	if (result == 0)
		result = sigv4_check_claim(r, &c, access_key_id, secret, service,
		    now_ms, e);
	free(c.copy);
	return result;
}
