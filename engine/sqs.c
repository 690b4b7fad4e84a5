/*
 * engine/sqs.c - what the SQS API and the sqs:sendMessage task share.
 */

#include "sqs.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "strbuf.h"
#include "xmalloc.h"

static void
md5_hex(const void *data, size_t len, char hex[SQS_MD5_SIZE])
{
	unsigned char	 digest[EVP_MAX_MD_SIZE];
	unsigned	 n = 0, i;

	if (EVP_Digest(data, len, digest, &n, EVP_md5(), NULL) != 1)
		log_fatal("MD5 is not available in this OpenSSL");
	for (i = 0; i < n && i * 2 + 2 < SQS_MD5_SIZE; i++)
		snprintf(hex + i * 2, 3, "%02x", digest[i]);
}

void
sqs_md5_body(const char *body, size_t len, char hex[SQS_MD5_SIZE])
{
	md5_hex(body, len, hex);
}

static void
add_sized(struct strbuf *b, const void *data, size_t len)
{
	unsigned char	 size[4] = { (unsigned char)(len >> 24),
	    (unsigned char)(len >> 16), (unsigned char)(len >> 8),
	    (unsigned char)len };

	strbuf_add(b, size, sizeof size);
	strbuf_add(b, data, len);
}

static void
add_attribute(struct strbuf *b, const char *name, const json_t *a)
{
	const json_t	*type = json_object_get(a, "DataType");
	const json_t	*text = json_object_get(a, "StringValue");
	const json_t	*bytes = json_object_get(a, "BinaryValue");
	const char	*base64;
	unsigned char	*raw;
	size_t		 len, pad;
	int		 n;

	add_sized(b, name, strlen(name));
	add_sized(b, json_string_value(type) == NULL ? "" :
	    json_string_value(type), json_string_length(type));
	if (json_is_string(text)) {
		strbuf_addc(b, 1);
		add_sized(b, json_string_value(text), json_string_length(text));
	} else if (json_is_string(bytes)) {
		base64 = json_string_value(bytes);
		len = json_string_length(bytes);
		raw = xmalloc(len + 3);
		n = EVP_DecodeBlock(raw, (const unsigned char *)base64, (int)len);
		/* It counts the padding as bytes. */
		for (pad = 0; pad < 2 && pad < len && base64[len - 1 - pad] == '='; pad++)
			n--;
		strbuf_addc(b, 2);
		add_sized(b, raw, n < 0 ? 0 : (size_t)n);
		free(raw);
	}
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
sqs_md5_attributes(const json_t *attributes, char hex[SQS_MD5_SIZE])
{
	struct strbuf	 b = STRBUF_INIT;
	const char	**names, *name;
	json_t		*a;
	size_t		 n = 0, i;

	names = xcalloc(json_object_size(attributes) + 1, sizeof *names);
	json_object_foreach((json_t *)attributes, name, a)
		names[n++] = name;
	qsort(names, n, sizeof *names, compare_names);
	for (i = 0; i < n; i++)
		add_attribute(&b, names[i], json_object_get(attributes, names[i]));
	md5_hex(strbuf_str(&b), b.len, hex);
	strbuf_free(&b);
	free(names);
}

char *
sqs_queue_name(const char *url)
{
	const char	*host = strstr(url, "://"), *slash;

	if (host == NULL)
		return strchr(url, '/') == NULL && url[0] != '\0' ?
		    xstrdup(url) : NULL;
	slash = strrchr(host + 3, '/');
	return slash == NULL || slash[1] == '\0' ? NULL : xstrdup(slash + 1);
}
