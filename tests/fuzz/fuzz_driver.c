/*
 * tests/fuzz/fuzz_driver.c - a fuzz target as an ordinary test.
 *
 *	fuzz_NAME				the seeds, then mutations of them
 *	fuzz_NAME FILE...			these inputs
 *	fuzz_NAME -runs=N [-seed=N] FILE...	these, then N mutations of them
 *
 * For compilers without libFuzzer, and for `make check`: the same seed always
 * gives the same inputs, so a test does not depend on luck.  There is no
 * feedback of coverage here; real hunts are ./dev fuzz.  The input that breaks
 * something is kept in fuzz.found/, with the line that replays it.
 *
 * Seeds are those that corpus.py has put into fuzz.corpus/NAME; words of
 * tests/fuzz/NAME.dict, if it is there, get mixed in.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "xmalloc.h"

#define INPUT_MAX	4096
#define INPUTS_MAX	100000

struct input {
	unsigned char	*bytes;
	size_t		 len;
	char		*path;		/* or NULL: a word of the dictionary */
};

static struct {
	struct input	*list;
	size_t		 n;
} seeds, words;

static uint64_t		 state = 1;	/* of the dice */
static const char	*name;		/* of the target, without fuzz_ */
static const char	*program;
static struct input	 now;		/* what the target is busy with */
static char		 kept[512];	/* where it is put if it breaks */

static size_t
roll(size_t n)
{
	uint64_t	 x;

	state += 0x9e3779b97f4a7c15u;
	x = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return (size_t)((x ^ (x >> 31)) % n);
}

/* --- what is broken is kept -------------------------------------------------- */

static void
say(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) == -1)
		_exit(1);
}

/* Called when the process dies: only what a signal handler may. */
static void
keep(void)
{
	int	 fd;

	fd = open(kept, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd == -1 || write(fd, now.bytes, now.len) == -1)
		say("# the input could not be kept\n");
	close(fd);
	say("\nnot ok - ");
	say(name);
	say(now.path != NULL ? ": broken by " : ": broken by a mutation");
	say(now.path != NULL ? now.path : "");
	say("\n# replay: ");
	say(program);
	say(" ");
	say(kept);
	say("\n");
}

static void
die(int sig)
{
	keep();
	signal(sig, SIG_DFL);
	raise(sig);
}

/* Of the sanitizers, when there are any. */
void	__sanitizer_set_death_callback(void (*)(void)) __attribute__((weak));

static void
watch(void)
{
	snprintf(kept, sizeof kept, "fuzz.found/%s", name);
	if (mkdir("fuzz.found", 0755) == -1 && errno != EEXIST)
		perror("fuzz.found");
	if (__sanitizer_set_death_callback != NULL)
		__sanitizer_set_death_callback(keep);
	else
		signal(SIGSEGV, die);
	signal(SIGABRT, die);
	signal(SIGALRM, die);
}

static void
run(const unsigned char *bytes, size_t len, char *path)
{
	/* A copy to the byte, so that a look behind it is seen. */
	now.bytes = xmemdup(len > 0 ? bytes : (const unsigned char *)"", len);
	now.len = len;
	now.path = path;
	alarm(60);
	LLVMFuzzerTestOneInput(now.bytes, len);
	alarm(0);
	free(now.bytes);
	now.bytes = NULL;
}

/* --- seeds and words ---------------------------------------------------------- */

static void
read_file(const char *path)
{
	unsigned char	*bytes = xmalloc(INPUT_MAX);
	FILE		*f = fopen(path, "rb");
	struct input	*in;

	if (f == NULL || seeds.n == INPUTS_MAX) {
		printf("Bail out! %s: %s\n", path, strerror(errno));
		exit(1);
	}
	seeds.list = xreallocarray(seeds.list, seeds.n + 1, sizeof *seeds.list);
	in = &seeds.list[seeds.n++];
	in->bytes = bytes;
	in->len = fread(bytes, 1, INPUT_MAX, f);
	in->path = xstrdup(path);
	fclose(f);
}

static void
read_seeds(const char *path)
{
	struct dirent	**files;
	struct stat	  st;
	char		 *file;
	int		  n, i;

	if (stat(path, &st) == -1 || !S_ISDIR(st.st_mode)) {
		read_file(path);
		return;
	}
	n = scandir(path, &files, NULL, alphasort);
	for (i = 0; i < n; i++) {
		file = xasprintf("%s/%s", path, files[i]->d_name);
		if (files[i]->d_name[0] != '.')
			read_file(file);
		free(file);
		free(files[i]);
	}
	if (n >= 0)
		free(files);
}

/* Lines like name="text", with \\ \" and \xHH in the text. */
static void
add_word(const char *line)
{
	const char	*p = strchr(line, '"');
	struct input	*w;
	unsigned	 byte;

	if (line[0] == '#' || p == NULL)
		return;
	words.list = xreallocarray(words.list, words.n + 1, sizeof *words.list);
	w = &words.list[words.n++];
	w->bytes = xmalloc(strlen(p));
	w->len = 0;
	w->path = NULL;
	for (p++; *p != '\0' && *p != '"'; p++) {
		if (*p == '\\' && p[1] == 'x' &&
		    sscanf(p + 2, "%2x", &byte) == 1) {
			w->bytes[w->len++] = (unsigned char)byte;
			p += 3;
			continue;
		}
		if (*p == '\\' && p[1] != '\0')
			p++;
		w->bytes[w->len++] = (unsigned char)*p;
	}
}

static void
read_words(void)
{
	const char	*dir = getenv("srcdir");
	char		*path, *line = NULL;
	size_t		 size = 0;
	FILE		*f;

	path = xasprintf("%s/tests/fuzz/%s.dict", dir == NULL ? "." : dir, name);
	f = fopen(path, "r");
	free(path);
	if (f == NULL)
		return;
	while (getline(&line, &size, f) > 0)
		add_word(line);
	free(line);
	fclose(f);
}

/* --- mutations ------------------------------------------------------------------ */

/* Replaces cut bytes at a place by n others, as far as there is room. */
static void
put_in(unsigned char *buf, size_t *len, size_t at, size_t cut,
    const unsigned char *in, size_t n)
{
	if (*len - cut + n > INPUT_MAX)
		return;
	memmove(buf + at + n, buf + at + cut, *len - at - cut);
	memcpy(buf + at, in, n);
	*len += n - cut;
}

static void
mutate(unsigned char *buf, size_t *len)
{
	const struct input	*other;
	unsigned char		 byte, part[64];
	size_t			 at = roll(*len + 1), rest = *len - at, n, from;

	switch (roll(words.n > 0 ? 8 : 7)) {
	case 0:
		byte = (unsigned char)roll(256);
		put_in(buf, len, at, rest > 0, &byte, 1);
		break;
	case 1:
		if (rest > 0)
			buf[at] ^= (unsigned char)(1U << roll(8));
		break;
	case 2:
		put_in(buf, len, at, roll(rest < 16 ? rest + 1 : 16), buf, 0);
		break;
	case 3:			/* a part once more */
		n = roll(rest < sizeof part ? rest + 1 : sizeof part);
		memcpy(part, buf + at, n);
		put_in(buf, len, at, 0, part, n);
		break;
	case 4:			/* a byte that is there already */
		byte = *len > 0 ? buf[roll(*len)] : '0';
		put_in(buf, len, at, roll(2) && rest > 0, &byte, 1);
		break;
	case 5:			/* a part of another seed */
		other = &seeds.list[roll(seeds.n)];
		from = roll(other->len + 1);
		n = roll(other->len - from < 64 ? other->len - from + 1 : 64);
		put_in(buf, len, at, roll(2) ? 0 : roll(rest < 16 ?
		    rest + 1 : 16), other->bytes + from, n);
		break;
	case 6:			/* a number nearby */
		if (rest > 0 && buf[at] >= '0' && buf[at] <= '9')
			buf[at] = (unsigned char)('0' + roll(10));
		break;
	default:
		other = &words.list[roll(words.n)];
		put_in(buf, len, at, roll(2) ? 0 : roll(rest < 8 ?
		    rest + 1 : 8), other->bytes, other->len);
		break;
	}
}

static void
run_mutations(unsigned long runs)
{
	static unsigned char	 buf[INPUT_MAX];
	const struct input	*seed;
	unsigned long		 i;
	size_t			 len, n;

	for (i = 0; i < runs; i++) {
		seed = &seeds.list[roll(seeds.n)];
		len = seed->len;
		memcpy(buf, seed->bytes, len);
		for (n = 1 + roll(4); n > 0; n--)
			mutate(buf, &len);
		run(buf, len, NULL);
	}
}

/* --- the program ------------------------------------------------------------------- */

static void
clear(struct input *list, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++) {
		free(list[i].bytes);
		free(list[i].path);
	}
	free(list);
}

static unsigned long
read_arguments(int argc, char **argv)
{
	const char	*more = getenv("PAWL_FUZZ_RUNS");
	unsigned long	 runs = fuzz_runs, said = 0, seed;
	char		*corpus;
	int		 i;

	if (more != NULL)
		runs = strtoul(more, NULL, 10);
	for (i = 1; i < argc; i++)
		if (sscanf(argv[i], "-seed=%lu", &seed) == 1)
			state = seed;
		else if (sscanf(argv[i], "-runs=%lu", &said) != 1)
			read_seeds(argv[i]);
	if (seeds.n > 0)
		return said;
	corpus = xasprintf("fuzz.corpus/%s", name);
	read_seeds(corpus);
	free(corpus);
	return said > 0 ? said : runs;
}

int
main(int argc, char **argv)
{
	unsigned long	 runs, good;
	size_t		 i;

	program = argv[0];
	name = strrchr(argv[0], '/') != NULL ? strrchr(argv[0], '/') + 1 :
	    argv[0];
	if (strncmp(name, "fuzz_", 5) == 0)
		name += 5;
	setvbuf(stdout, NULL, _IOLBF, 0);
	watch();
	runs = read_arguments(argc, argv);
	read_words();
	printf("1..2\n");
	for (i = 0; i < seeds.n; i++)
		run(seeds.list[i].bytes, seeds.list[i].len, seeds.list[i].path);
	good = fuzz_reached;
	printf("%sok 1 - %s: %zu seeds, %lu of them valid\n",
	    good > 0 ? "" : "not ", name, seeds.n, good);
	run_mutations(good > 0 ? runs : 0);
	printf("ok 2 - %s: %lu mutations, %lu of them valid\n", name, runs,
	    fuzz_reached - good);
	clear(seeds.list, seeds.n);
	clear(words.list, words.n);
	return good == 0;
}
