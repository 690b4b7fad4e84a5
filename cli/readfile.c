/*
 * cli/readfile.c - a whole file, or standard input, with a ceiling.
 */

#include "readfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strbuf.h"
#include "xmalloc.h"

static int
read_all(int fd, const char *what, struct strbuf *out, struct err *e)
{
	char	 buf[65536];
	ssize_t	 n;

	for (;;) {
		if ((n = read(fd, buf, sizeof(buf))) == -1) {
			if (errno == EINTR)
				continue;
			return err_set(e, "CannotRead", "Cannot read %s: %s.",
			    what, strerror(errno));
		}
		if (n == 0)
			return 0;
		strbuf_add(out, buf, (size_t)n);
		if (strbuf_failed(out))
			return err_set(e, "CannotRead", "Cannot read %s: it is "
			    "larger than %zu MB.", what, READFILE_MAX >> 20);
	}
}

int
readfile(const char *path, char **text, size_t *len, struct err *e)
{
	struct strbuf	 out;
	int		 fd = STDIN_FILENO, rc;
	bool		 opened = strcmp(path, "-") != 0;

	if (opened && (fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return err_set(e, "CannotRead", "Cannot read %s: %s.", path,
		    strerror(errno));
	strbuf_init(&out, READFILE_MAX);
	rc = read_all(fd, opened ? path : "standard input", &out, e);
	if (opened)
		close(fd);
	if (rc == 0) {
		*text = strbuf_take(&out, len);
		if (*text == NULL)
			*text = xstrdup("");
	}
	strbuf_free(&out);
	return rc;
}
