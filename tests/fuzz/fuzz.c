/*
 * tests/fuzz/fuzz.c - what the fuzz targets share.
 */

#include "fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsontext.h"
#include "vars.h"
#include "xmalloc.h"

unsigned long	 fuzz_reached;

const char	 fuzz_machine_input[] = "{\"items\": [1, {\"a\": 2}, \"three\"]}";

const char	 fuzz_machine[] =
    "{\"StartAt\":\"P\",\"TimeoutSeconds\":900,\"States\":{"
    "\"P\":{\"Type\":\"Pass\",\"Assign\":{\"v.$\":\"$.items\"},\"Next\":\"W\"},"
    "\"W\":{\"Type\":\"Wait\",\"Seconds\":1,\"Next\":\"C\"},"
    "\"C\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$.end\","
	"\"IsPresent\":true,\"Next\":\"S\"}],\"Default\":\"M\"},"
    "\"M\":{\"Type\":\"Map\",\"ItemsPath\":\"$.items\",\"MaxConcurrency\":2,"
	"\"ResultPath\":\"$.end\",\"Catch\":[{\"ErrorEquals\":[\"E2\"],"
	"\"Next\":\"A\"}],\"Retry\":[{\"ErrorEquals\":[\"E1\"],"
	"\"MaxAttempts\":1}],\"ItemProcessor\":{\"StartAt\":\"T\",\"States\":{"
	"\"T\":{\"Type\":\"Task\",\"Resource\":"
	    "\"arn:aws:lambda:us-east-1:123456789012:function:f\","
	    "\"TimeoutSeconds\":20,\"Retry\":[{\"ErrorEquals\":[\"E1\"]}],"
	    "\"End\":true}}},\"Next\":\"A\"},"
    "\"A\":{\"Type\":\"Parallel\",\"Branches\":["
	"{\"StartAt\":\"Q\",\"States\":{\"Q\":{\"Type\":\"Task\",\"Resource\":"
	    "\"arn:aws:states:::sqs:sendMessage.waitForTaskToken\","
	    "\"Parameters\":{\"QueueUrl\":\"q\",\"MessageBody.$\":"
	    "\"$$.Task.Token\"},\"HeartbeatSeconds\":5,\"End\":true}}},"
	"{\"StartAt\":\"V\",\"States\":{\"V\":{\"Type\":\"Task\",\"Resource\":"
	    "\"arn:aws:states:us-east-1:123456789012:activity:a\","
	    "\"Catch\":[{\"ErrorEquals\":[\"States.ALL\"],\"Next\":\"F\"}],"
	    "\"End\":true},\"F\":{\"Type\":\"Fail\",\"Error\":\"E2\"}}}],"
	"\"Catch\":[{\"ErrorEquals\":[\"States.TaskFailed\"],\"Next\":\"S\","
	"\"ResultPath\":\"$.why\"}],\"Next\":\"S\"},"
    "\"S\":{\"Type\":\"Succeed\"}}}";

static const char	 usual[] =
    "{\"a\":{\"b\":1,\"c\":[1,2.5,\"x\",null]},\"s\":\"a,b\",\"n\":5,"
    "\"list\":[{\"k\":\"x\",\"v\":1},{\"k\":\"y\"}],\"t\":true,\"o\":{}}";

void
fuzz_fail(const char *fmt, ...)
{
	va_list	 ap;

	fputs("\n# broken: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

bool
fuzz_is_text(const char *text, size_t len)
{
	struct strbuf	 b = STRBUF_INIT;
	bool		 good;

	if (memchr(text, '\0', len) != NULL)
		return false;
	strbuf_add_json_string(&b, text, len);
	good = jsontext_check(strbuf_str(&b), b.len, NULL, NULL) == 0;
	strbuf_free(&b);
	return good;
}

void
fuzz_check_err(const struct err *e, const char *codes)
{
	char	 code[sizeof e->code + 2];

	snprintf(code, sizeof code, ",%s,", e->code);
	fuzz_check(e->code[0] != '\0' && e->text != NULL,
	    "a failure without an error");
	fuzz_check(strstr(codes, code) != NULL, "the error %s: %s", e->code,
	    e->text);
	fuzz_check(fuzz_is_text(e->text, strlen(e->text)),
	    "an error's text cannot be shown: %s", e->text);
}

void
fuzz_check_payload(struct payload *p)
{
	struct err	 e = ERR_INIT;
	const char	*text;
	size_t		 len;

	text = payload_text(p, &len);
	fuzz_check(len <= JSONTEXT_PRINT_MAX, "a payload of %zu bytes", len);
	fuzz_check(strlen(text) == len, "a payload with a NUL");
	if (jsontext_check_depth(text, len, JSONTEXT_DEPTH_STORED, NULL, &e)
	    == -1)
		fuzz_fail("a payload is no JSON: %s: %s", e.text, text);
}

static json_t *
context(void *arg)
{
	static json_t		*json;
	static const char	 text[] = "{\"Execution\":{\"Id\":\"arn:e\","
	    "\"Input\":{\"a\":[1,2]},\"Name\":\"e\"},\"State\":{\"Name\":\"S\","
	    "\"RetryCount\":0},\"Task\":{\"Token\":\"t\"}}";

	(void)arg;
	if (json == NULL)
		json = jsontext_parse(text, sizeof text - 1, NULL);
	return json;
}

static void
set_var(struct vars *vars, const char *name, const char *text)
{
	struct payload	*p = payload_from_text(text, strlen(text));

	vars_set(vars, name, p);
	payload_unref(p);
}

bool
fuzz_ask(struct fuzz_question *q, const uint8_t *bytes, size_t n)
{
	const char	*text = (const char *)bytes, *doc = NULL, *nl;
	size_t		 len = n, ndoc = 0;

	if (n > 0 && (nl = memrchr(text, '\n', n)) != NULL) {
		len = (size_t)(nl - text);
		doc = nl + 1;
		ndoc = n - len - 1;
	}
	if (!fuzz_is_text(text, len))
		return false;
	if (doc == NULL || jsontext_check(doc, ndoc, NULL, NULL) == -1) {
		doc = usual;
		ndoc = sizeof usual - 1;
	}
	/* Its own memory, to the byte: a look behind it is seen. */
	q->text = xmemdup(len > 0 ? text : "", len);
	q->len = len;
	q->document = payload_from_text(doc, ndoc);
	q->before = jsontext_string(payload_json(q->document), NULL);
	q->vars = vars_new(NULL);
	set_var(q->vars, "v", "[1, {\"k\": \"x\"}, null]");
	set_var(q->vars, "who", "\"Ada\"");
	return true;
}

struct scope *
fuzz_scope(struct fuzz_question *q)
{
	q->scope = (struct scope){ .input = q->document, .vars = q->vars,
		.context = context, .seed = 42 };
	return &q->scope;
}

void
fuzz_asked(struct fuzz_question *q)
{
	char	*after = jsontext_string(payload_json(q->document), NULL);

	fuzz_check(strcmp(q->before, after) == 0,
	    "the input changed: %s became %s", q->before, after);
	free(after);
	free(q->before);
	free(q->text);
	payload_unref(q->document);
	vars_free(q->vars);
}
