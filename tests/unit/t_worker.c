/*
 * tests/unit/t_worker.c - the functions host's parts that need no server.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "access.h"
#include "function.h"
#include "lines.h"
#include "spawn.h"
#include "strbuf.h"
#include "unit.h"
#include "xmalloc.h"

static char	 folder[] = "/tmp/pawl-t_worker-XXXXXX";

static void
put(const char *function, const char *file, const char *text, mode_t mode)
{
	char	*dir = xasprintf("%s/%s", folder, function);
	char	*path = xasprintf("%s/%s", dir, file);
	FILE	*f;

	(void)mkdir(dir, 0755);
	f = fopen(path, "w");
	CU_ASSERT_FATAL(f != NULL);
	fputs(text, f);
	fclose(f);
	chmod(path, mode);
	free(path);
	free(dir);
}

static void
drop(const char *function, const char *file)
{
	char	*path = xasprintf("%s/%s/%s", folder, function, file);

	unlink(path);
	free(path);
}

/* --- function.c ------------------------------------------------------------ */

static const struct function_runtimes	 runtimes = { "/self", "/py", "/boot.py" };

static void
test_names(void)
{
	static const char *const	 good[] = { "a", "check-credit", "A_9" };
	static const char *const	 bad[] = { "", "..", "a/b", "a b", "a.b",
	    "caf\xc3\xa9", "0123456789012345678901234567890123456789012345678901"
	    "23456789012345" };
	size_t				 i;

	for (i = 0; i < sizeof good / sizeof good[0]; i++)
		CU_ASSERT_TRUE(function_name_ok(good[i]));
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CU_ASSERT_FALSE(function_name_ok(bad[i]));
}

static void
settings_fail(const char *json, const char *part)
{
	struct function	*f = xcalloc(1, sizeof *f);
	struct err	 e = ERR_INIT;

	CU_ASSERT_EQUAL(function_settings(f, json, strlen(json), &e), -1);
	UNIT_STR(e.code, "BadFunction");
	if (e.text == NULL || strstr(e.text, part) == NULL) {
		printf("# %s: %s\n", json, e.text == NULL ? "-" : e.text);
		CU_FAIL("another error");
	}
	err_clear(&e);
	function_free(f);
}

static void
test_settings(void)
{
	static const char	 json[] = "{\"timeoutSeconds\":2.5,"
	    "\"concurrency\":4,\"memoryMB\":64,\"handler\":\"app.run\","
	    "\"environment\":{\"A\":\"1\",\"B\":\"x=y\"}}";
	struct function		*f = xcalloc(1, sizeof *f);
	struct err		 e = ERR_INIT;

	CU_ASSERT_EQUAL(function_settings(f, json, strlen(json), &e), 0);
	CU_ASSERT_EQUAL(f->timeout_ms, 2500);
	CU_ASSERT_EQUAL(f->concurrency, 4);
	CU_ASSERT_EQUAL(f->memory_mb, 64);
	UNIT_STR(f->handler, "app.run");
	UNIT_STR(f->env[0], "A=1");
	UNIT_STR(f->env[1], "B=x=y");
	CU_ASSERT_PTR_NULL(f->env[2]);
	function_free(f);
	f = xcalloc(1, sizeof *f);
	CU_ASSERT_EQUAL(function_settings(f, "{}", 2, &e), 0);
	CU_ASSERT_EQUAL(f->timeout_ms, 3000);
	CU_ASSERT_EQUAL(f->concurrency, 10);
	CU_ASSERT_PTR_NULL(f->env);
	function_free(f);

	settings_fail("{", "line 1, column 1");
	settings_fail("[]", "must be an object");
	settings_fail("{\"timeout\":3}", "\"timeout\" is not known");
	settings_fail("{\"timeoutSeconds\":0}", "between 0.1 and 900");
	settings_fail("{\"timeoutSeconds\":\"3\"}", "timeoutSeconds");
	settings_fail("{\"concurrency\":1e9}", "concurrency");
	settings_fail("{\"memoryMB\":1}", "memoryMB");
	settings_fail("{\"handler\":7}", "handler");
	settings_fail("{\"environment\":[]}", "environment");
	settings_fail("{\"environment\":{\"a=b\":\"\"}}", "a=b");
	settings_fail("{\"environment\":{\"a\":1}}", "a must be");
	settings_fail("{\"concurrency\":1,\"concurrency\":2}", "duplicate");
}

/* The command line that a folder gives, or the error. */
static void
check_command(const char *name, const struct function_runtimes *rt,
    const char *want)
{
	struct function	*f;
	struct err	 e = ERR_INIT;
	struct strbuf	 b = STRBUF_INIT;
	size_t		 i;

	f = function_read(folder, name, rt, &e);
	if (f == NULL)
		strbuf_addf(&b, "%s", e.code);
	for (i = 0; f != NULL && f->argv[i] != NULL; i++)
		strbuf_addf(&b, "%s ", strstr(f->argv[i], folder) == NULL ?
		    f->argv[i] : f->argv[i] + strlen(folder));
	if (f != NULL)
		strbuf_adds(&b, f->handler);
	UNIT_STR(strbuf_str(&b), want);
	strbuf_free(&b);
	err_clear(&e);
	function_free(f);
}

static void
test_programs(void)
{
	static const struct function_runtimes	 no_python = { "/self", NULL,
						    "/boot.py" };

	check_command("missing", &runtimes, "NotAFunction");
	check_command("bad name", &runtimes, "BadFunction");
	put("f", "README", "", 0644);
	check_command("f", &runtimes, "NotAFunction");
	put("f", "handler", "", 0644);
	check_command("f", &runtimes, "NotAFunction");
	put("f", "handler", "", 0755);
	check_command("f", &runtimes, "/self --runtime-exec /f/handler handler");
	put("f", "handler.sh", "", 0644);
	check_command("f", &runtimes,
	    "/self --runtime-exec /bin/sh /f/handler.sh handler");
	put("f", "handler.py", "", 0644);
	check_command("f", &runtimes, "/py -uB /boot.py handler.handler");
	check_command("f", &no_python, "BadFunction");
	put("f", "app.py", "", 0644);
	put("f", "function.json", "{\"handler\":\"app.run\"}", 0644);
	check_command("f", &runtimes, "/py -uB /boot.py app.run");
	put("f", "bootstrap", "", 0755);
	check_command("f", &runtimes, "/f/bootstrap app.run");
	put("f", "bootstrap", "", 0644);
	check_command("f", &runtimes, "BadFunction");
	drop("f", "bootstrap");
	put("f", "function.json", "{", 0644);
	check_command("f", &runtimes, "BadFunction");
}

static void
test_stamp(void)
{
	char	*dir = xasprintf("%s/stamped", folder);
	int64_t	 before;

	CU_ASSERT_EQUAL(function_stamp(dir), 0);
	put("stamped", "handler.py", "1", 0644);
	before = function_stamp(dir);
	CU_ASSERT_NOT_EQUAL(before, 0);
	CU_ASSERT_EQUAL(function_stamp(dir), before);
	put("stamped", "handler.py", "12", 0644);
	CU_ASSERT_NOT_EQUAL(function_stamp(dir), before);
	before = function_stamp(dir);
	put("stamped", "function.json", "{}", 0644);
	CU_ASSERT_NOT_EQUAL(function_stamp(dir), before);
	drop("stamped", "function.json");
	CU_ASSERT_EQUAL(function_stamp(dir), before);
	free(dir);
}

/* --- lines.c --------------------------------------------------------------- */

static void
join(const char *line, void *arg)
{
	strbuf_addf(arg, "[%s]", line);
}

static void
test_lines(void)
{
	struct strbuf	 b = STRBUF_INIT;
	struct lines	 l;
	char		*text;

	lines_init(&l, join, &b);
	lines_feed(&l, "one\ntw", 6);
	UNIT_STR(strbuf_str(&b), "[one]");
	lines_feed(&l, "o\r\n\n\nthree", 10);
	UNIT_STR(strbuf_str(&b), "[one][two]");
	lines_end(&l);
	UNIT_STR(strbuf_str(&b), "[one][two][three]");
	strbuf_reset(&b);
	lines_init(&l, join, &b);
	lines_feed(&l, "a\tb\033[31m\0c\x7f\xc3\xa9\n", 14);
	UNIT_STR(strbuf_str(&b), "[a\tb?[31m?c?\xc3\xa9]");
	strbuf_reset(&b);
	text = xcalloc(1, 10001);
	memset(text, 'x', 10000);
	lines_feed(&l, text, 10000);
	lines_end(&l);
	CU_ASSERT_EQUAL(b.len, 10000 + 3 * 2);
	free(text);
	strbuf_free(&b);
}

/* --- access.c -------------------------------------------------------------- */

static void
test_access(void)
{
	CU_ASSERT_TRUE(access_allowed(NULL, NULL, NULL));
	CU_ASSERT_TRUE(access_allowed(NULL, "Bearer any", NULL));
	CU_ASSERT_FALSE(access_allowed(NULL, NULL, "http://evil"));
	CU_ASSERT_FALSE(access_allowed("k1", NULL, NULL));
	CU_ASSERT_FALSE(access_allowed("k1", "", NULL));
	CU_ASSERT_FALSE(access_allowed("k1", "k1", NULL));
	CU_ASSERT_TRUE(access_allowed("k1", "Bearer k1", NULL));
	CU_ASSERT_TRUE(access_allowed("k1", "bearer k1", "http://evil"));
	CU_ASSERT_FALSE(access_allowed("k1", "Bearer k", NULL));
	CU_ASSERT_FALSE(access_allowed("k1", "Bearer k12", NULL));
	CU_ASSERT_FALSE(access_allowed("k1", "Bearer k2", NULL));
	CU_ASSERT_FALSE(access_allowed("k1", "Bearer ", NULL));
	/* "pawl:k1", ":k1", "pawl:k2", "k1", "a:b:k1" */
	CU_ASSERT_TRUE(access_allowed("k1", "Basic cGF3bDprMQ==", NULL));
	CU_ASSERT_TRUE(access_allowed("k1", "basic Omsx", NULL));
	CU_ASSERT_FALSE(access_allowed("k1", "Basic cGF3bDprMg==", NULL));
	CU_ASSERT_FALSE(access_allowed("k1", "Basic azE=", NULL));
	CU_ASSERT_TRUE(access_allowed("b:k1", "Basic YTpiOmsx", NULL));
	CU_ASSERT_FALSE(access_allowed("k1", "Basic OmsxIQ!", NULL));
	CU_ASSERT_FALSE(access_allowed("k1", "Basic ", NULL));
}

static void
test_loopback(void)
{
	CU_ASSERT_TRUE(access_is_loopback("127.0.0.1"));
	CU_ASSERT_TRUE(access_is_loopback("127.8.8.8"));
	CU_ASSERT_TRUE(access_is_loopback("::1"));
	CU_ASSERT_TRUE(access_is_loopback("localhost"));
	CU_ASSERT_FALSE(access_is_loopback("0.0.0.0"));
	CU_ASSERT_FALSE(access_is_loopback("::"));
	CU_ASSERT_FALSE(access_is_loopback("10.0.0.1"));
	CU_ASSERT_FALSE(access_is_loopback("example.com"));
	CU_ASSERT_FALSE(access_is_loopback("127.0.0.1.example.com"));
}

/* --- spawn.c --------------------------------------------------------------- */

/* Runs a shell command; its output in *b, its status. */
static int
run(const char *command, size_t memory_bytes, struct strbuf *b)
{
	char		*argv[] = { xstrdup("/bin/sh"), xstrdup("-c"),
			    xstrdup(command), NULL };
	char		*env[] = { xstrdup("ONLY=this"), NULL };
	struct spawn	 s = { .argv = argv, .env = env, .dir = "/tmp", .in = -1,
			    .err = -1, .memory_bytes = memory_bytes };
	struct err	 e = ERR_INIT;
	char		 buf[4096];
	int		 ends[2], status = -1, i;
	ssize_t		 n;
	pid_t		 pid;

	CU_ASSERT_FATAL(pipe2(ends, O_CLOEXEC) == 0);
	s.out = ends[1];
	pid = spawn_start(&s, &e);
	CU_ASSERT_FATAL(pid > 0);
	close(ends[1]);
	strbuf_reset(b);
	while ((n = read(ends[0], buf, sizeof buf)) > 0)
		strbuf_add(b, buf, (size_t)n);
	close(ends[0]);
	spawn_wait(pid, &status);
	for (i = 0; i < 3; i++)
		free(argv[i]);
	free(env[0]);
	return status;
}

static void
test_spawn(void)
{
	struct strbuf	 b = STRBUF_INIT;
	int		 leak, status;

	/* A file that would be inherited. */
	leak = open("/dev/null", O_RDONLY);
	CU_ASSERT_EQUAL(run("echo $ONLY $HOME; pwd; ls /proc/self/fd | tr '\\n' ' '",
	    0, &b), 0);
	close(leak);
	/* 3 is what ls itself has open. */
	UNIT_STR(strbuf_str(&b), "this\n/tmp\n0 1 2 3 ");
	/* A signal that is ignored here is not ignored there. */
	signal(SIGUSR1, SIG_IGN);
	status = run("kill -USR1 $$; echo survived", 0, &b);
	signal(SIGUSR1, SIG_DFL);
	CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
	UNIT_STR(strbuf_str(&b), "");
	CU_ASSERT_EQUAL(WEXITSTATUS(run("exit 7", 0, &b)), 7);
	CU_ASSERT_EQUAL(run("ulimit -c; ulimit -d", 64 << 20, &b), 0);
	UNIT_STR(strbuf_str(&b), "0\n65536\n");
	strbuf_free(&b);
}

static void
test_spawn_fails(void)
{
	char		 program[] = "/no/such/program", shell[] = "/bin/sh";
	char		*argv[] = { program, NULL }, *env[] = { NULL };
	struct spawn	 s = { .argv = argv, .env = env, .dir = "/", .in = -1,
			    .out = -1, .err = -1 };
	struct err	 e = ERR_INIT;

	CU_ASSERT_EQUAL(spawn_start(&s, &e), -1);
	UNIT_STR(e.code, "SpawnFailed");
	UNIT_STR(e.text, "cannot start /no/such/program: exec: "
	    "No such file or directory");
	err_clear(&e);
	argv[0] = shell;
	s.dir = "/no/such/folder";
	CU_ASSERT_EQUAL(spawn_start(&s, &e), -1);
	UNIT_STR(e.text, "cannot start /bin/sh: chdir: No such file or directory");
	err_clear(&e);
}

static void
test_group_dies(void)
{
	char		 shell[] = "/bin/sh", c_option[] = "-c";
	char		 command[] = "sleep 600 & sleep 600 & echo started; wait";
	char		*argv[] = { shell, c_option, command, NULL };
	char		 path[] = "PATH=/usr/bin:/bin", *env[] = { path, NULL };
	struct spawn	 s = { .argv = argv, .env = env, .dir = "/", .in = -1,
			    .err = -1, .group = true };
	struct err	 e = ERR_INIT;
	char		 buf[64];
	int		 ends[2], status = 0;
	pid_t		 pid;

	CU_ASSERT_FATAL(pipe2(ends, O_CLOEXEC) == 0);
	s.out = ends[1];
	pid = spawn_start(&s, &e);
	CU_ASSERT_FATAL(pid > 0);
	close(ends[1]);
	CU_ASSERT_EQUAL(read(ends[0], buf, sizeof buf), 8);
	CU_ASSERT_FALSE(spawn_ended(pid, &status));
	/* Only the leader is killed here; its end takes the others along: the
	 * pipe ends when the last of them has gone. */
	kill(pid, SIGKILL);
	while (!spawn_ended(pid, &status))
		usleep(1000);
	CU_ASSERT_TRUE(WIFSIGNALED(status));
	CU_ASSERT_EQUAL(WTERMSIG(status), SIGKILL);
	CU_ASSERT_EQUAL(read(ends[0], buf, sizeof buf), 0);
	close(ends[0]);
}

UNIT_TESTS(tests) = {
	{ "names of functions", test_names },
	{ "function.json is read, or refused with the reason", test_settings },
	{ "the program that a folder is run with", test_programs },
	{ "the stamp changes with the files", test_stamp },
	{ "output is cut into safe lines", test_lines },
	{ "who may call", test_access },
	{ "which addresses are of this machine", test_loopback },
	{ "a process inherits nothing but what it is given", test_spawn },
	{ "a program that cannot be run is told", test_spawn_fails },
	{ "a process takes its children along", test_group_dies },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	char	*command;
	int	 status;

	if (mkdtemp(folder) == NULL) {
		printf("Bail out! cannot make a temporary folder\n");
		return 1;
	}
	status = unit_main("worker", tests);
	command = xasprintf("rm -r '%s'", folder);
	if (system(command) != 0)
		status = 1;
	free(command);
	return status;
}
