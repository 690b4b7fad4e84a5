/*
 * engine/keys.c - the secrets of an installation, made at its first start.
 *
 * A file is written under another name, flushed, and then takes its place in
 * one step: whoever reads sees all of it or nothing.  keys.json is never
 * overwritten.  To add a key, add a line to KEYS() and a member in keys.h; an
 * older file without it is refused with its name, so give it a migration.
 */

#include "keys.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strbuf.h"
#include "xmalloc.h"

#define FILE_BYTES_MAX 65536

/*	member			JSON name		prefix	random characters */
#define KEYS(X)								\
	X(access_key_id,	"accessKeyId",		"PAWL",	16, base32)	\
	X(secret_access_key,	"secretAccessKey",	"",	40, base62)	\
	X(api_key,		"apiKey",		"pawl_", 40, base62)	\
	X(internal_key,		"internalKey",		"",	40, base62)

static const char	 base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
static const char	 base62[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* prefix and n characters, each of the alphabet equally likely. */
static char *
draw(const char *prefix, int n, const char *alphabet)
{
	size_t		 letters = strlen(alphabet), fair = 256 / letters * letters;
	size_t		 at = strlen(prefix);
	char		*text = xmalloc(at + (size_t)n + 1);
	unsigned char	 c;

	memcpy(text, prefix, at);
	while (n > 0) {
		if (RAND_bytes(&c, 1) != 1) {
			free(text);
			return NULL;
		}
		if (c >= fair)
			continue;
		text[at++] = alphabet[c % letters];
		n--;
	}
	text[at] = '\0';
	return text;
}

static char *
to_hex(const unsigned char *bytes, size_t n)
{
	char	*text = xmalloc(2 * n + 1);
	size_t	 i;

	for (i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return text;
}

static bool
from_hex(const char *text, unsigned char *bytes, size_t n)
{
	size_t		 i;
	unsigned int	 byte;

	if (strlen(text) != 2 * n ||
	    strspn(text, "0123456789abcdefABCDEF") != 2 * n)
		return false;
	for (i = 0; i < n; i++) {
		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			return false;
		bytes[i] = (unsigned char)byte;
	}
	return true;
}

static int
write_all(int fd, const char *text, size_t len)
{
	ssize_t	 n;

	while (len > 0) {
		if ((n = write(fd, text, len)) == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return fsync(fd);
}

/* So that the new name itself survives a crash; no error if it cannot. */
static void
sync_folder(const char *folder)
{
	int	 fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		return;
	(void)fsync(fd);
	close(fd);
}

/*
 * Writes text as folder/name, mode 0600.  Unless replace, a file that is there
 * stays: that is no error, and the caller reads it.
 */
static int
put_file(const char *folder, const char *name, const char *text, bool replace,
    struct err *e)
{
	char	*path = xasprintf("%s/%s", folder, name);
	char	*new = xasprintf("%s/.%s.new", folder, name);
	int	 fd, done = -1;

	if (unlink(new) == -1 && errno != ENOENT)
		err_set(e, "File", "cannot remove %s: %s", new, strerror(errno));
	else if ((fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0600)) == -1)
		err_set(e, "File", "cannot make %s: %s", new, strerror(errno));
	else {
		done = fchmod(fd, 0600);
		if (done == 0)
			done = write_all(fd, text, strlen(text));
		if (close(fd) == -1)
			done = -1;
		if (done == 0 && replace)
			done = rename(new, path);
		else if (done == 0 && (done = link(new, path)) == -1 &&
		    errno == EEXIST)
			done = 0;
		if (done == -1)
			err_set(e, "File", "cannot write %s: %s", path,
			    strerror(errno));
		(void)unlink(new);	/* already gone after a rename */
		sync_folder(folder);
	}
	free(path);
	free(new);
	return done;
}

/* JSON with secrets in it: printed into memory that is wiped after use. */
static int
put_json(const char *folder, const char *name, json_t *root, bool replace,
    struct err *e)
{
	char	*text = json_dumps(root, JSON_INDENT(2));
	int	 done;

	if (text == NULL)
		return err_set(e, "File", "cannot print %s as JSON", name);
	done = put_file(folder, name, text, replace, e);
	OPENSSL_cleanse(text, strlen(text));
	free(text);
	return done;
}

static int
make(const char *data, struct err *e)
{
	unsigned char	 bytes[sizeof ((struct keys *)NULL)->token_key];
	json_t		*root = json_object();
	char		*text;
	int		 done = 0;

#define X(member, name, prefix, n, alphabet)				\
	if ((text = draw(prefix, n, alphabet)) == NULL ||		\
	    json_object_set_new(root, name, json_string(text)) == -1)	\
		done = -1;						\
	free(text);
	KEYS(X)
#undef X
	if (RAND_bytes(bytes, sizeof bytes) != 1)
		done = -1;
	text = to_hex(bytes, sizeof bytes);
	if (json_object_set_new(root, "tokenKey", json_string(text)) == -1)
		done = -1;
	free(text);
	if (done == -1)
		err_set(e, "Keys", "cannot draw new keys: no entropy");
	else
		done = put_json(data, "keys.json", root, false, e);
	json_decref(root);
	return done;
}

/* Opens it if only its owner can read it; -1 with errno ENOENT and no error set
 * if it is not there. */
static int
open_private(const char *path, struct err *e)
{
	struct stat	 st;
	int		 fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd == -1) {
		if (errno != ENOENT)
			err_set(e, "File", "cannot read %s: %s", path,
			    errno == ELOOP ? "it is a symbolic link" :
			    strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) == -1)
		err_set(e, "File", "cannot read %s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		err_set(e, "File", "%s is not a file", path);
	else if ((st.st_mode & 077) != 0)
		err_set(e, "Keys", "others can read or change %s (mode %03o); "
		    "if nobody has, say: chmod 600 %s", path,
		    (unsigned)st.st_mode & 0777, path);
	else if (st.st_size > FILE_BYTES_MAX)
		err_set(e, "Keys", "%s is too large to be a file of keys", path);
	else
		return fd;
	close(fd);
	errno = 0;
	return -1;
}

static int
take(struct keys *k, const char *path, const json_t *root, struct err *e)
{
	const char	*text;

#define X(member, name, prefix, n, alphabet)				\
	text = json_string_value(json_object_get(root, name));		\
	if (text == NULL || text[0] == '\0')				\
		return err_set(e, "Keys", "%s has no \"%s\"", path, name); \
	k->member = xstrdup(text);
	KEYS(X)
#undef X
	text = json_string_value(json_object_get(root, "tokenKey"));
	if (text == NULL || !from_hex(text, k->token_key, sizeof k->token_key))
		return err_set(e, "Keys", "%s has no \"tokenKey\" of %zu bytes "
		    "in hexadecimal", path, sizeof k->token_key);
	return 0;
}

int
keys_open(struct keys *k, const char *data, struct err *e)
{
	char		*path = xasprintf("%s/keys.json", data);
	json_error_t	 why;
	json_t		*root;
	int		 fd, done = -1;

	memset(k, 0, sizeof *k);
	fd = open_private(path, e);
	if (fd == -1 && errno == ENOENT && make(data, e) == 0) {
		fd = open_private(path, e);
		if (fd == -1)		/* no error is set if it went again */
			err_set(e, "File", "cannot read %s", path);
	}
	if (fd != -1) {
		root = json_loadfd(fd, JSON_REJECT_DUPLICATES, &why);
		close(fd);
		if (root == NULL)
			err_set(e, "Keys", "%s is no JSON: %s in line %d", path,
			    why.text, why.line);
		else
			done = take(k, path, root, e);
		json_decref(root);
	}
	if (done == -1)
		keys_free(k);
	free(path);
	return done;
}

int
keys_write_client(const struct keys *k, const char *data, const char *url,
    const char *region, struct err *e)
{
	json_t	*root;
	int	 done;

	root = json_pack("{s:s, s:s, s:s, s:s, s:s}", "url", url,
	    "apiKey", k->api_key, "accessKeyId", k->access_key_id,
	    "secretAccessKey", k->secret_access_key, "region", region);
	if (root == NULL)
		return err_set(e, "File", "url or region is not UTF-8");
	done = put_json(data, "client.json", root, true, e);
	json_decref(root);
	return done;
}

static void
wipe(char *text)
{
	if (text != NULL)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
}

void
keys_digest(const struct keys *k, char hex[KEYS_DIGEST_SIZE])
{
	const char	*texts[] = { k->access_key_id, k->secret_access_key,
	    k->api_key, k->internal_key };
	unsigned char	 digest[EVP_MAX_MD_SIZE];
	struct strbuf	 b = STRBUF_INIT;
	size_t		 i;

	for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
		strbuf_add(&b, texts[i], strlen(texts[i]) + 1);
	strbuf_add(&b, k->token_key, sizeof k->token_key);
	EVP_Digest(b.data, b.len, digest, NULL, EVP_sha256(), NULL);
	for (i = 0; i < KEYS_DIGEST_SIZE / 2; i++)
		snprintf(hex + i * 2, 3, "%02x", digest[i]);
	OPENSSL_cleanse(b.data, b.len);
	strbuf_free(&b);
}

void
keys_free(struct keys *k)
{
	wipe(k->access_key_id);
	wipe(k->secret_access_key);
	wipe(k->api_key);
	wipe(k->internal_key);
	OPENSSL_cleanse(k->token_key, sizeof k->token_key);
	memset(k, 0, sizeof *k);
}
