/*
 * tests/unit/t_sigv4.c - signatures: the published examples, and every refusal.
 *
 * The examples are those of AWS's Signature Version 4 test suite and of its
 * documentation (key AKIDEXAMPLE, 2015-08-30); their signatures are facts that
 * any other implementation gives, too.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sigv4.h"
#include "strbuf.h"
#include "unit.h"
#include "xmalloc.h"

#define KEY_ID	"AKIDEXAMPLE"
#define SECRET	"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define STAMP	"20150830T123600Z"
#define NOW_MS	INT64_C(1440938160000)
#define VANILLA	"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"

struct header {
	const char	*name, *value;
};

static const char *
find(const char *name, const void *arg)
{
	const struct header	*h;

	for (h = arg; h->name != NULL; h++)
		if (strcasecmp(h->name, name) == 0)
			return h->value;
	return NULL;
}

static struct sigv4_request
request(const char *method, const char *path, const char *query, const char *body,
    const struct header *headers)
{
	struct sigv4_request	 r = { method, path, query, body, strlen(body), find,
				    headers };

	return r;
}

static void
expect(struct sigv4_request r, const char *service, const char *signed_headers,
    const char *want)
{
	char	 hex[SIGV4_HEX];

	sigv4_signature(&r, SECRET, STAMP, "us-east-1", service, signed_headers, hex);
	UNIT_STR(hex, want);
}

static const struct header	vanilla[] = {
	{ "Host", "example.amazonaws.com" }, { "X-Amz-Date", STAMP }, { NULL, NULL }
};

static void
test_published(void)
{
	static const struct header	 form[] = {
		{ "Content-Type", "application/x-www-form-urlencoded" },
		{ "Host", "example.amazonaws.com" }, { "X-Amz-Date", STAMP },
		{ NULL, NULL }
	};
	static const struct header	 blanks[] = {
		{ "Host", "example.amazonaws.com" }, { "My-Header1", " value1" },
		{ "My-Header2", " \"a   b   c\"  " }, { "X-Amz-Date", STAMP },
		{ NULL, NULL }
	};
	static const struct header	 iam[] = {
		{ "content-type", "application/x-www-form-urlencoded; charset=utf-8" },
		{ "host", "iam.amazonaws.com" }, { "x-amz-date", STAMP },
		{ NULL, NULL }
	};

	expect(request("GET", "/", "", "", vanilla), "service", "host;x-amz-date",
	    VANILLA);
	expect(request("POST", "/", "", "", vanilla), "service", "host;x-amz-date",
	    "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
	expect(request("GET", "/", "Param2=value2&Param1=value1", "", vanilla),
	    "service", "host;x-amz-date",
	    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
	expect(request("POST", "/", "", "Param1=value1", form), "service",
	    "content-type;host;x-amz-date",
	    "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
	expect(request("GET", "/", "", "", blanks), "service",
	    "host;my-header1;my-header2;x-amz-date",
	    "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
	expect(request("GET", "/", "Action=ListUsers&Version=2010-05-08", "", iam),
	    "iam", "content-type;host;x-amz-date",
	    "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

/* Spellings of the same query give the same signature. */
static void
test_query_spelling(void)
{
	const char	*want =
	    "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04";

	expect(request("GET", "/", "%E1%88%B4=bar", "", vanilla), "service",
	    "host;x-amz-date", want);
	expect(request("GET", "/", "%e1%88%b4=bar", "", vanilla), "service",
	    "host;x-amz-date", want);
	expect(request("GET", "/", "&&%E1%88%B4=bar&", "", vanilla), "service",
	    "host;x-amz-date", want);
}

static const char	*const credential =
    "AWS4-HMAC-SHA256 Credential=" KEY_ID "/20150830/us-east-1/service/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=";

/* Verifies GET / with this Authorization (and headers), and frees it. */
static void
verify(char *authorization, const struct header *more, int64_t now_ms,
    const char *body, const char *want_code, const char *want_text)
{
	struct header		 headers[8] = {
		{ "Host", "example.amazonaws.com" },
		{ "Authorization", authorization }
	};
	struct sigv4_request	 r;
	struct err		 e = ERR_INIT;
	size_t			 n = authorization != NULL ? 2 : 1;
	int			 result;

	for (; more->name != NULL; more++)
		headers[n++] = *more;
	headers[n].name = NULL;
	r = request("GET", "/", "", body, headers);
	result = sigv4_verify(&r, KEY_ID, SECRET, "service", now_ms, &e);
	CU_ASSERT_EQUAL(result, want_code[0] == '\0' ? 0 : -1);
	UNIT_STR(e.code, want_code);
	if (want_text != NULL && (e.text == NULL || strstr(e.text, want_text) == NULL))
		UNIT_STR(e.text, want_text);
	err_clear(&e);
	free(authorization);
}

static const struct header	date[] = { { "X-Amz-Date", STAMP }, { NULL, NULL } };

static void
test_accepted(void)
{
	static const struct header	 spaced[] = {
		{ "X-Amz-Date", STAMP }, { "X-Amz-Content-Sha256", "e3b0c44298fc1c149a"
		"fbf4c8996fb92427ae41e4649b934ca495991b7852b855" }, { NULL, NULL }
	};

	verify(xasprintf("%s" VANILLA, credential), date, NOW_MS, "", "", NULL);
	verify(xasprintf("%s" VANILLA, credential), spaced, NOW_MS, "", "", NULL);
	verify(xasprintf("%s" VANILLA, credential), date, NOW_MS + SIGV4_SKEW_MS, "",
	    "", NULL);
	verify(xasprintf("%s" VANILLA, credential), date, NOW_MS - SIGV4_SKEW_MS, "",
	    "", NULL);
	/* No blank after the commas is fine, too. */
	verify(xasprintf("AWS4-HMAC-SHA256 Credential=" KEY_ID "/20150830/us-east-1/"
	    "service/aws4_request,SignedHeaders=host;x-amz-date,Signature=" VANILLA),
	    date, NOW_MS, "", "", NULL);
}

static void
test_time(void)
{
	verify(xasprintf("%s" VANILLA, credential), date, NOW_MS + SIGV4_SKEW_MS + 1000,
	    "", "InvalidSignatureException", "Signature expired: 20150830T123600Z is "
	    "now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)");
	verify(xasprintf("%s" VANILLA, credential), date, NOW_MS - SIGV4_SKEW_MS - 1000,
	    "", "InvalidSignatureException", "Signature not yet current: "
	    "20150830T123600Z is still later than 20150830T123559Z");
}

static void
test_refused(void)
{
	static const struct header	 none[] = { { NULL, NULL } };
	static const struct header	 bad_date[] = {
		{ "X-Amz-Date", "2015-08-30" }, { NULL, NULL }
	};
	static const struct header	 other_day[] = {
		{ "X-Amz-Date", "20150831T123600Z" }, { NULL, NULL }
	};
	static const struct header	 false_hash[] = {
		{ "X-Amz-Date", STAMP }, { "X-Amz-Content-Sha256", "00" },
		{ NULL, NULL }
	};

	verify(NULL, date, NOW_MS, "", "MissingAuthenticationTokenException", NULL);
	verify(xstrdup(""), date, NOW_MS, "", "MissingAuthenticationTokenException",
	    NULL);
	verify(xstrdup("Bearer x"), date, NOW_MS, "", "IncompleteSignatureException",
	    NULL);
	verify(xstrdup("AWS4-HMAC-SHA256 "), date, NOW_MS, "",
	    "IncompleteSignatureException", "'Credential'");
	verify(xstrdup("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request"), date,
	    NOW_MS, "", "IncompleteSignatureException", "'Signature'");
	verify(xstrdup("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request Signature=x"),
	    date, NOW_MS, "", "IncompleteSignatureException", "'SignedHeaders'");
	verify(xstrdup("AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, "
	    "Signature=x"), date, NOW_MS, "", "IncompleteSignatureException",
	    "5 slash-delimited");
	verify(xstrdup("AWS4-HMAC-SHA256 Credential=a/b/c/d/e/f, SignedHeaders=host, "
	    "Signature=x"), date, NOW_MS, "", "IncompleteSignatureException",
	    "5 slash-delimited");
	verify(xstrdup("AWS4-HMAC-SHA256 Credential=NOBODY/20150830/us-east-1/service/"
	    "aws4_request, SignedHeaders=host;x-amz-date, Signature=" VANILLA), date,
	    NOW_MS, "", "UnrecognizedClientException", NULL);
	verify(xstrdup("AWS4-HMAC-SHA256 Credential=" KEY_ID "/20150830/us-east-1/other/"
	    "aws4_request, SignedHeaders=host;x-amz-date, Signature=" VANILLA), date,
	    NOW_MS, "", "InvalidSignatureException", "'service'");
	verify(xasprintf("%s" VANILLA, credential), none, NOW_MS, "",
	    "IncompleteSignatureException", "X-Amz-Date");
	verify(xasprintf("%s" VANILLA, credential), bad_date, NOW_MS, "",
	    "IncompleteSignatureException", "ISO-8601");
	verify(xasprintf("%s" VANILLA, credential), other_day, NOW_MS, "",
	    "InvalidSignatureException", "does not match YYYYMMDD");
	verify(xasprintf("%s" VANILLA, credential), false_hash, NOW_MS, "",
	    "InvalidSignatureException", "hash");
	verify(xasprintf("%s%.63s1", credential, VANILLA), date, NOW_MS, "", "",
	    NULL);
	verify(xasprintf("%s%.63s0", credential, VANILLA), date, NOW_MS, "",
	    "InvalidSignatureException", "does not match the signature you provided");
	verify(xasprintf("%s%.63s", credential, VANILLA), date, NOW_MS, "",
	    "InvalidSignatureException", NULL);
	verify(xasprintf("%s" VANILLA, credential), date, NOW_MS, "body",
	    "InvalidSignatureException", NULL);
}

/* A signature that leaves out the host or the time protects nothing. */
static void
test_must_be_signed(void)
{
	verify(xstrdup("AWS4-HMAC-SHA256 Credential=" KEY_ID "/20150830/us-east-1/"
	    "service/aws4_request, SignedHeaders=x-amz-date, Signature=" VANILLA), date,
	    NOW_MS, "", "InvalidSignatureException", "'Host'");
	verify(xstrdup("AWS4-HMAC-SHA256 Credential=" KEY_ID "/20150830/us-east-1/"
	    "service/aws4_request, SignedHeaders=host, Signature=" VANILLA), date,
	    NOW_MS, "", "InvalidSignatureException", "'X-Amz-Date'");
}

/* Long and odd headers end in an answer. */
static void
test_bounded(void)
{
	struct strbuf	 b = STRBUF_INIT;
	int		 i;

	strbuf_adds(&b, "AWS4-HMAC-SHA256 Credential=" KEY_ID "/20150830/us-east-1/"
	    "service/aws4_request, SignedHeaders=host;x-amz-date");
	for (i = 0; i < 1000; i++)
		strbuf_adds(&b, ";x");
	strbuf_adds(&b, ", Signature=x");
	verify(strbuf_take(&b, NULL), date, NOW_MS, "",
	    "IncompleteSignatureException", "signed headers");
	for (i = 0; i < 5000; i++)
		strbuf_adds(&b, "q&=&%&%4&%zz&");
	expect(request("GET", "/", "", "", vanilla), "service", "host;x-amz-date",
	    VANILLA);
	{
		struct sigv4_request	 r = request("GET", "", strbuf_str(&b), "",
					    vanilla);
		char			 hex[SIGV4_HEX];

		sigv4_signature(&r, SECRET, STAMP, "r", "s", "host;;x-amz-date", hex);
		CU_ASSERT_EQUAL(strlen(hex), 64);
	}
	strbuf_free(&b);
}

UNIT_TESTS(tests) = {
	{ "the published examples", test_published },
	{ "a query in other spellings is the same", test_query_spelling },
	{ "what is signed well is accepted", test_accepted },
	{ "the clock may be off by 15 minutes", test_time },
	{ "every fault has its error", test_refused },
	{ "host and time must be signed", test_must_be_signed },
	{ "long and odd input is bounded", test_bounded },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	return unit_main("sigv4", tests);
}
