/*
 * tests/unit/t_engine.c - settings, keys, tokens, names and the sharing of shards.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arn.h"
#include "err.h"
#include "folder.h"
#include "keys.h"
#include "listener.h"
#include "settings.h"
#include "share.h"
#include "token.h"
#include "unit.h"
#include "xmalloc.h"

static const struct arn_account	 account = { "us-east-1", "111111111111" };

/* ---- arn ---- */

static void
test_arn_made_and_read(void)
{
	char	*machine = arn_machine(&account, "order"), *name = NULL;
	char	*execution = arn_execution(&account, "order", "a.b"), *of = NULL;

	UNIT_STR(machine,
	    "arn:aws:states:us-east-1:111111111111:stateMachine:order");
	UNIT_STR(execution,
	    "arn:aws:states:us-east-1:111111111111:execution:order:a.b");
	CU_ASSERT_TRUE_FATAL(arn_read_machine(&account, machine, &name));
	UNIT_STR(name, "order");
	free(name);
	CU_ASSERT_TRUE_FATAL(arn_read_execution(NULL, execution, &of, &name));
	UNIT_STR(of, "order");
	UNIT_STR(name, "a.b");
	free(name);
	free(of);
	free(machine);
	free(execution);
}

static void
test_arn_refused(void)
{
	static const char *const	 bad[] = {
		"", ":", "order", "arn:aws:states:us-east-1:111111111111",
		"arn:aws:states:us-east-1:111111111111:stateMachine:",
		"arn:aws:states:us-east-1:111111111111:stateMachine:order:1",
		"arn:aws:states:us-east-1:111111111112:stateMachine:order",
		"arn:aws:states:us-east-2:111111111111:stateMachine:order",
		"arn:aws:states::111111111111:stateMachine:order",
		"arn:aws:lambda:us-east-1:111111111111:stateMachine:order",
		"arn:aws:states:us-east-1:111111111111:execution:order:",
		"arn:aws:states:us-east-1:111111111111:execution::x",
		"arn:aws:states:us-east-1:111111111111:execution:order:x:y",
		"arn:aws:states:us-east-1:111111111111:execution:order",
	};
	char				*a, *b;
	size_t				 i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		CU_ASSERT_FALSE(arn_read_machine(&account, bad[i], &a));
		CU_ASSERT_FALSE(arn_read_execution(&account, bad[i], &a, &b));
	}
	CU_ASSERT_FALSE(arn_read_machine(NULL,
	    "arn:aws:states:us-east-1::stateMachine:order", &a));
}

/* Ids are primary keys on disk: this text was made once with
 * printf order:abc | sha256sum, and may never change. */
static void
test_exec_id_is_for_ever(void)
{
	struct exec_id	 id = arn_exec_id("order", "abc"), again, other;
	char		 text[ARN_ID_TEXT];

	UNIT_STR(arn_id_text(&id, text), "5a65d01c-227b-83c7-ab84-bd10b0c02411");
	CU_ASSERT_EQUAL(arn_shard(&id), 17);
	CU_ASSERT_TRUE_FATAL(arn_id_parse(text, &again));
	CU_ASSERT_TRUE(arn_id_equal(&id, &again));
	other = arn_exec_id("order", "abd");
	CU_ASSERT_FALSE(arn_id_equal(&id, &other));
	CU_ASSERT_FALSE(arn_id_parse("", &again));
	CU_ASSERT_FALSE(arn_id_parse("00000000-0000-0000-0000-00000000000", &again));
	CU_ASSERT_FALSE(arn_id_parse("00000000-0000-0000-0000-0000000000000", &again));
	CU_ASSERT_FALSE(arn_id_parse("000000000000-0000-0000-000000000000-", &again));
	CU_ASSERT_TRUE(arn_id_parse("ABCDEF00-0000-0000-0000-000000000000", &again));
	CU_ASSERT_EQUAL(again.bytes[0], 0xab);
}

static bool
is_shard(int shard, void *arg)
{
	return shard == *(int *)arg;
}

static void
test_new_names(void)
{
	struct exec_id	 id;
	char		*name, *other;
	int		 shard;

	for (shard = 0; shard < ARN_SHARDS; shard++) {
		name = arn_new_name("order", is_shard, &shard);
		id = arn_exec_id("order", name);
		CU_ASSERT_EQUAL(arn_shard(&id), shard);
		CU_ASSERT_TRUE(arn_id_parse(name, &id));
		free(name);
	}
	shard = -1;		/* none will do: it ends all the same */
	name = arn_new_name("order", is_shard, &shard);
	other = arn_new_name("order", NULL, NULL);
	CU_ASSERT_EQUAL(strlen(name), ARN_ID_TEXT - 1);
	CU_ASSERT_STRING_NOT_EQUAL(name, other);
	free(name);
	free(other);
}

/* ---- token ---- */

static void
test_token_round_trip(void)
{
	unsigned char	 key[TOKEN_KEY_BYTES] = { 1, 2, 3 };
	struct token	 in = { .shard = 63, .event_id = 25000 }, out;
	char		*text;

	in.id = arn_exec_id("order", "abc");
	text = token_make(key, &in);
	CU_ASSERT_TRUE(token_read(key, text, &out));
	CU_ASSERT_EQUAL(out.shard, 63);
	CU_ASSERT_EQUAL(out.event_id, 25000);
	CU_ASSERT_TRUE(arn_id_equal(&in.id, &out.id));
	key[31] ^= 1;		/* another installation */
	CU_ASSERT_FALSE(token_read(key, text, &out));
	free(text);
}

/* Every other text of one changed character is refused, the last one's unused
 * bits included. */
static void
test_token_forged(void)
{
	static const char	 letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789-_=+/ ";
	unsigned char		 key[TOKEN_KEY_BYTES] = { 9 };
	struct token		 t = { .shard = 5, .event_id = 7 }, out;
	char			*text, was;
	size_t			 i, j;
	int			 accepted = 0;

	t.id = arn_exec_id("order", "abc");
	text = token_make(key, &t);
	for (i = 0; text[i] != '\0'; i++) {
		was = text[i];
		for (j = 0; j < sizeof letters; j++) {	/* with the NUL */
			text[i] = letters[j];
			if (letters[j] != was && token_read(key, text, &out))
				accepted++;
		}
		text[i] = was;
	}
	CU_ASSERT_EQUAL(accepted, 0);
	CU_ASSERT_TRUE(token_read(key, text, &out));
	free(text);
	CU_ASSERT_FALSE(token_read(key, "", &out));
	text = xmalloc(100001);
	memset(text, 'A', 100000);
	text[100000] = '\0';
	CU_ASSERT_FALSE(token_read(key, text, &out));
	free(text);
}

/* ---- keys ---- */

static char *
new_folder(void)
{
	char	*path = xstrdup("/tmp/t_engine.XXXXXX");

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(path));
	return path;
}

static void
put(const char *folder, const char *name, const char *text, mode_t mode)
{
	char	*path = xasprintf("%s/%s", folder, name);
	FILE	*f = fopen(path, "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs(text, f);
	fclose(f);
	chmod(path, mode);
	free(path);
}

static mode_t
mode_of(const char *folder, const char *name)
{
	char		*path = xasprintf("%s/%s", folder, name);
	struct stat	 st;
	mode_t		 mode = stat(path, &st) == 0 ? st.st_mode & 0777 : 0;

	free(path);
	return mode;
}

static void
remove_folder(char *folder)
{
	static const char *const	 names[] = { "keys.json", "client.json",
					    ".keys.json.new", "pawld.conf" };
	char				*path;
	size_t				 i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		path = xasprintf("%s/%s", folder, names[i]);
		unlink(path);
		free(path);
	}
	CU_ASSERT_EQUAL(rmdir(folder), 0);	/* nothing else is left behind */
	free(folder);
}

static void
test_keys_made_once(void)
{
	char		*folder = new_folder();
	struct err	 e = ERR_INIT;
	struct keys	 first, second;

	CU_ASSERT_EQUAL_FATAL(keys_open(&first, folder, &e), 0);
	CU_ASSERT_EQUAL(mode_of(folder, "keys.json"), 0600);
	CU_ASSERT_EQUAL(strlen(first.access_key_id), 20);
	CU_ASSERT_EQUAL(strlen(first.secret_access_key), 40);
	CU_ASSERT_EQUAL(strncmp(first.api_key, "pawl_", 5), 0);
	CU_ASSERT_EQUAL_FATAL(keys_open(&second, folder, &e), 0);
	UNIT_STR(second.api_key, first.api_key);
	UNIT_STR(second.internal_key, first.internal_key);
	CU_ASSERT_EQUAL(memcmp(first.token_key, second.token_key, 32), 0);
	CU_ASSERT_STRING_NOT_EQUAL(first.internal_key, first.secret_access_key);
	CU_ASSERT_EQUAL(keys_write_client(&first, folder, "http://x", "r", &e), 0);
	CU_ASSERT_EQUAL(keys_write_client(&first, folder, "http://y", "r", &e), 0);
	CU_ASSERT_EQUAL(mode_of(folder, "client.json"), 0600);
	keys_free(&first);
	keys_free(&second);
	remove_folder(folder);
}

static void
test_keys_refused(void)
{
	static const struct {
		const char	*text;
		mode_t		 mode;
		const char	*says;
	} cases[] = {
		{ "{}", 0644, "others can read" },
		{ "{}", 0620, "others can read" },
		{ "{}", 0600, "has no \"accessKeyId\"" },
		{ "{\"accessKeyId\":\"a\",\"secretAccessKey\":\"b\",\"apiKey\":\"c\","
		    "\"internalKey\":\"d\",\"tokenKey\":\"abc\"}", 0600,
		    "has no \"tokenKey\"" },
		{ "{\"accessKeyId\":", 0600, "is no JSON" },
		{ "", 0600, "is no JSON" },
	};
	struct err	 e = ERR_INIT;
	struct keys	 k;
	char		*folder;
	size_t		 i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		folder = new_folder();
		put(folder, "keys.json", cases[i].text, cases[i].mode);
		CU_ASSERT_EQUAL(keys_open(&k, folder, &e), -1);
		CU_ASSERT_PTR_NOT_NULL_FATAL(e.text);
		if (strstr(e.text, cases[i].says) == NULL)
			UNIT_STR(e.text, cases[i].says);
		err_clear(&e);
		remove_folder(folder);
	}
	CU_ASSERT_EQUAL(keys_open(&k, "/nonexistent/folder", &e), -1);
	CU_ASSERT_PTR_NOT_NULL(e.text);
	err_clear(&e);
}

/* ---- settings ---- */

static char	*settings_folder;

static int
read_settings(struct settings *s, struct err *e, const char *a, const char *b,
    const char *c)
{
	char	 buf[4][200], *argv[7] = { buf[0], buf[1] };
	int	 argc = 2;

	snprintf(buf[0], sizeof buf[0], "pawld");
	snprintf(buf[1], sizeof buf[1], "--data=%s", settings_folder);
	if (a != NULL) {
		snprintf(buf[2], sizeof buf[2], "%s", a);
		argv[argc++] = buf[2];
	}
	if (b != NULL) {
		snprintf(buf[3], sizeof buf[3], "%s", b);
		argv[argc++] = buf[3];
	}
	if (c != NULL)
		argv[argc++] = (char *)(uintptr_t)c;
	return settings_read(s, argc, argv, e);
}

static void
test_settings_defaults(void)
{
	struct settings	 s;
	struct err	 e = ERR_INIT;
	char		*host;
	int		 port;

	settings_folder = new_folder();
	CU_ASSERT_EQUAL_FATAL(read_settings(&s, &e, NULL, NULL, NULL), 0);
	UNIT_STR(s.data, settings_folder);
	UNIT_STR(s.database, "");
	UNIT_STR(s.region, "us-east-1");
	CU_ASSERT_EQUAL(s.lease_ms, 6000);
	CU_ASSERT_FALSE(s.insecure_public);
	CU_ASSERT_EQUAL(settings_log_level(&s), 1);
	CU_ASSERT_EQUAL_FATAL(settings_address(&s, &host, &port, &e), 0);
	UNIT_STR(host, "127.0.0.1");
	CU_ASSERT_EQUAL(port, 8080);
	free(host);
	settings_free(&s);
	remove_folder(settings_folder);
}

static void
test_settings_precedence(void)
{
	struct settings	 s;
	struct err	 e = ERR_INIT;

	settings_folder = new_folder();
	put(settings_folder, "pawld.conf", "# mine\n\n  park-ms = 2000\n"
	    "lease-ms=3000\nregion = file-1 \ninsecure-public = yes", 0644);
	setenv("PAWL_LEASE_MS", "4000", 1);
	setenv("PAWL_REGION", "env-1", 1);
	CU_ASSERT_EQUAL_FATAL(read_settings(&s, &e, "--region", "option-1",
	    "--public-url=https://flows.example.com//"), 0);
	CU_ASSERT_EQUAL(s.park_ms, 2000);
	CU_ASSERT_EQUAL(s.lease_ms, 4000);
	UNIT_STR(s.region, "option-1");
	UNIT_STR(s.public_url, "https://flows.example.com");
	CU_ASSERT_TRUE(s.insecure_public);
	settings_free(&s);
	unsetenv("PAWL_LEASE_MS");
	unsetenv("PAWL_REGION");
	CU_ASSERT_EQUAL_FATAL(read_settings(&s, &e, "--insecure-public=no",
	    "--listen", "[::1]:0"), 0);
	CU_ASSERT_FALSE(s.insecure_public);
	settings_free(&s);
	remove_folder(settings_folder);
}

static void
refused(const char *a, const char *b, const char *says)
{
	struct settings	 s;
	struct err	 e = ERR_INIT;

	CU_ASSERT_EQUAL_FATAL(read_settings(&s, &e, a, b, NULL), -1);
	UNIT_STR(e.code, "Usage");
	if (strstr(e.text, says) == NULL)
		UNIT_STR(e.text, says);
	err_clear(&e);
}

static void
test_settings_refused(void)
{
	settings_folder = new_folder();
	refused("--lissten=1", NULL, "did you mean --listen?");
	refused("--frob", NULL, "there is no option --frob");
	refused("8080", NULL, "is no option");
	refused("--listen", NULL, "--listen needs a value");
	refused("--listen", "localhost", "HOST:PORT");
	refused("--listen", "::1:80", "in brackets");
	refused("--listen", "127.0.0.1:65536", "HOST:PORT");
	refused("--listen", "127.0.0.1:", "HOST:PORT");
	refused("--processes", "two", "whole number");
	refused("--processes", "-1", "whole number");
	refused("--processes", "65", "between 0 and 64");
	refused("--processes", "99999999999999999999", "whole number");
	refused("--account", "1", "12 digits");
	refused("--region", "Mars 1", "small letters");
	refused("--public-url", "flows.example.com", "must start with http");
	refused("--log-level", "loud", "debug, info, warn or error");
	refused("--insecure-public=maybe", NULL, "yes or no");
	put(settings_folder, "pawld.conf", "listen = :1\nfrob = 1\n", 0644);
	refused(NULL, NULL, "pawld.conf:2: there is no setting \"frob\"");
	put(settings_folder, "pawld.conf", "listen\n", 0644);
	refused(NULL, NULL, "pawld.conf:1: a line is \"name = value\"");
	put(settings_folder, "pawld.conf", "data = /tmp\n", 0644);
	refused(NULL, NULL, "cannot be set in a file");
	put(settings_folder, "pawld.conf", "lease-ms = soon\n", 0644);
	refused(NULL, NULL, "pawld.conf:1: lease-ms takes a whole number");
	remove_folder(settings_folder);
}

/* ---- the data folder and the socket ---- */

static void
test_folder(void)
{
	char		*top = new_folder(), *deep, *path = NULL, *again = NULL;
	struct err	 e = ERR_INIT;

	deep = xasprintf("%s/a/b/", top);
	CU_ASSERT_EQUAL_FATAL(folder_make(deep, &path, &e), 0);
	CU_ASSERT_EQUAL_FATAL(folder_make(path, &again, &e), 0);
	UNIT_STR(again, path);
	CU_ASSERT_EQUAL(mode_of(top, "a/b"), geteuid() == 0 ? 0711 : 0700);
	UNIT_STR(strrchr(path, '/'), "/b");
	free(again);
	again = folder_node(path);
	free(deep);
	deep = folder_node(path);
	UNIT_STR(deep, again);
	free(deep);
	deep = folder_node(top);
	CU_ASSERT_STRING_NOT_EQUAL(deep, again);
	free(deep);
	free(again);

	chmod(path, 0770);
	CU_ASSERT_EQUAL(folder_make(path, &again, &e), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "others can write"));
	err_clear(&e);
	rmdir(path);
	free(path);
	path = xasprintf("%s/a", top);
	rmdir(path);
	put(top, "client.json", "", 0600);
	free(path);
	path = xasprintf("%s/client.json", top);
	CU_ASSERT_EQUAL(folder_make(path, &again, &e), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "is a file"));
	err_clear(&e);
	free(path);
	remove_folder(top);
}

static void
listens(const char *at, bool insecure, const char *says)
{
	struct settings	 s = { .insecure_public = insecure };
	struct listener	 l;
	struct err	 e = ERR_INIT;

	s.listen = xstrdup(at);
	if (says == NULL) {
		CU_ASSERT_EQUAL_FATAL(listener_open(&l, &s, &e), 0);
		CU_ASSERT_EQUAL(strncmp(l.url, "http://127.0.0.1:", 17), 0);
		CU_ASSERT_NOT_EQUAL(atoi(l.url + 17), 0);
		listener_close(&l);
	} else {
		CU_ASSERT_EQUAL_FATAL(listener_open(&l, &s, &e), -1);
		if (strstr(e.text, says) == NULL)
			UNIT_STR(e.text, says);
	}
	err_clear(&e);
	free(s.listen);
}

static void
test_listener(void)
{
	struct settings	 s = { .listen = (char[]){ "127.0.0.1:0" } };
	struct listener	 l;
	struct err	 e = ERR_INIT;

	listens("127.0.0.1:0", false, NULL);
	listens("0", false, NULL);
	listens("0.0.0.0:0", true, NULL);
	listens("0.0.0.0:0", false, "--insecure-public");
	listens("[::]:0", false, "--insecure-public");
	listens("*:0", false, "--insecure-public");
	listens("no.such.host.invalid:0", false, "cannot listen at");
	CU_ASSERT_EQUAL_FATAL(listener_open(&l, &s, &e), 0);
	listens(l.url + strlen("http://"), false, "another program does");
	listener_close(&l);
}

/* ---- shards ---- */

#define PROCESSES_MAX 20

/* A database of leases, in memory: owner index or -1. */
struct world {
	int			 owner[ARN_SHARDS];
	struct store_lease	 rows[ARN_SHARDS];
	char			 names[PROCESSES_MAX][16];
};

static void
world_init(struct world *w)
{
	int	 i;

	for (i = 0; i < ARN_SHARDS; i++)
		w->owner[i] = -1;
	for (i = 0; i < PROCESSES_MAX; i++)
		snprintf(w->names[i], sizeof w->names[i], "node/%02d", i);
}

static const struct store_lease *
world_rows(struct world *w)
{
	int	 i;

	for (i = 0; i < ARN_SHARDS; i++)
		w->rows[i] = (struct store_lease){ i,
		    w->owner[i] < 0 ? NULL : w->names[w->owner[i]],
		    "http://x", w->owner[i] >= 0 };
	return w->rows;
}

static int
world_count(const struct world *w, int who)
{
	int	 i, n = 0;

	for (i = 0; i < ARN_SHARDS; i++)
		n += w->owner[i] == who;
	return n;
}

/* One round of one process, as shards.c does it; what it gave. */
static int
world_round(struct world *w, int who, int processes)
{
	struct share_plan	 plan;
	int			 i, has = world_count(w, who);

	share_decide(world_rows(w), ARN_SHARDS, w->names[who], processes, &plan);
	for (i = 0; i < ARN_SHARDS && has < plan.want; i++)
		if (w->owner[i] == -1) {
			w->owner[i] = who;
			has++;
		}
	share_decide(world_rows(w), ARN_SHARDS, w->names[who], processes, &plan);
	for (i = 0; i < plan.ngive; i++) {
		CU_ASSERT_EQUAL(w->owner[plan.give[i]], who);
		w->owner[plan.give[i]] = -1;
	}
	return plan.ngive;
}

/* All are owned, and no two differ by more than one. */
static bool
world_fair(const struct world *w, int processes)
{
	int	 i, n;

	for (i = 0; i < processes; i++) {
		n = world_count(w, i);
		if (n < ARN_SHARDS / processes ||
		    n > (ARN_SHARDS + processes - 1) / processes)
			return false;
	}
	return world_count(w, -1) == 0;
}

static void
test_shards_start_together(void)
{
	struct world	 w;
	int		 n, i, round;

	for (n = 1; n <= PROCESSES_MAX; n++) {
		world_init(&w);
		for (round = 0; round < 3; round++)
			for (i = 0; i < n; i++)
				world_round(&w, i, n);
		CU_ASSERT_TRUE(world_fair(&w, n));
		for (i = 0; i < n; i++)		/* and then it rests */
			CU_ASSERT_EQUAL(world_round(&w, i, n), 0);
	}
}

static void
test_shards_one_joins(void)
{
	struct world	 w;
	int		 n, i, round, gave;

	world_init(&w);
	world_round(&w, 0, 1);
	CU_ASSERT_EQUAL(world_count(&w, 0), ARN_SHARDS);
	for (n = 2; n <= PROCESSES_MAX; n++) {
		for (round = 0; round < 8 && !world_fair(&w, n); round++)
			for (i = 0; i < n; i++) {
				gave = world_round(&w, i, n);
				CU_ASSERT_TRUE(gave <= SHARE_GIVE_MAX);
			}
		CU_ASSERT_TRUE(world_fair(&w, n));
	}
}

static void
test_shards_one_dies(void)
{
	struct world	 w;
	int		 n, i, round;

	world_init(&w);
	for (round = 0; round < 3; round++)
		for (i = 0; i < PROCESSES_MAX; i++)
			world_round(&w, i, PROCESSES_MAX);
	for (n = PROCESSES_MAX - 1; n >= 1; n--) {
		for (i = 0; i < ARN_SHARDS; i++)	/* its leases expire */
			if (w.owner[i] == n)
				w.owner[i] = -1;
		for (round = 0; round < 3; round++)
			for (i = 0; i < n; i++)
				world_round(&w, i, n);
		CU_ASSERT_TRUE(world_fair(&w, n));
	}
}

/* The count is read before the table: it may lag behind. */
static void
test_shards_count_lags(void)
{
	struct share_plan	 plan;
	struct world		 w;
	int			 i;

	world_init(&w);
	for (i = 0; i < ARN_SHARDS; i++)
		w.owner[i] = i % 3;
	share_decide(world_rows(&w), ARN_SHARDS, "node/00", 1, &plan);
	CU_ASSERT_EQUAL(plan.want, 22);
	CU_ASSERT_EQUAL(plan.ngive, 0);
	share_decide(world_rows(&w), ARN_SHARDS, "node/03", 1, &plan);
	CU_ASSERT_EQUAL(plan.want, 16);
	share_decide(NULL, 0, "node/00", 0, &plan);
	CU_ASSERT_EQUAL(plan.want, ARN_SHARDS);
	share_decide(NULL, 0, "node/00", 1000, &plan);
	CU_ASSERT_EQUAL(plan.want, 1);
	for (i = 0; i < ARN_SHARDS; i++)	/* expired leases are nobody's */
		w.rows[i].valid = false;
	share_decide(w.rows, ARN_SHARDS, "node/00", 2, &plan);
	CU_ASSERT_EQUAL(plan.want, 32);
	CU_ASSERT_EQUAL(plan.ngive, 0);
}

UNIT_TESTS(tests) = {
	{ "ARNs are made and read", test_arn_made_and_read },
	{ "other ARNs are refused", test_arn_refused },
	{ "an execution's id never changes", test_exec_id_is_for_ever },
	{ "new names hash to a wanted shard", test_new_names },
	{ "a token reads as it was made", test_token_round_trip },
	{ "a token cannot be changed", test_token_forged },
	{ "keys are made once and are private", test_keys_made_once },
	{ "bad files of keys are refused", test_keys_refused },
	{ "settings have defaults", test_settings_defaults },
	{ "option, environment, file, default", test_settings_precedence },
	{ "bad settings are refused", test_settings_refused },
	{ "the data folder is made and checked", test_folder },
	{ "the socket is bound, or not, for a reason", test_listener },
	{ "shards are shared fairly from the start", test_shards_start_together },
	{ "one more process gets its share", test_shards_one_joins },
	{ "the shards of a dead process are taken", test_shards_one_dies },
	{ "a count that lags does no harm", test_shards_count_lags },
	CU_TEST_INFO_NULL
};

int
main(void)
{
	return unit_main("engine", tests);
}
