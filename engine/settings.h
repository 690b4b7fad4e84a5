/*
 * engine/settings.h - what pawld can be told, each setting written once.
 *
 * One table gives the option (--listen), the environment variable
 * (PAWL_LISTEN), the line in the settings file, the default and the help text.
 * The order of precedence: option, environment, file, default.
 */

#ifndef PAWL_SETTINGS_H
#define PAWL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

/*	kind	member			option		default	help */
#define SETTINGS(X)							\
	X(TEXT,	data,		"data",		"",			\
	    "folder of the keys and the embedded PostgreSQL")		\
	X(TEXT,	database,	"database",	"",			\
	    "connection string of your own PostgreSQL; else the embedded one") \
	X(TEXT,	listen,		"listen",	"127.0.0.1:8080",	\
	    "address and port of the API")				\
	X(TEXT,	public_url,	"public-url",	"",			\
	    "how others reach the API: goes into callback URLs")	\
	X(NUMBER, processes,	"processes",	"0",			\
	    "event-loop processes; 0: one for each core")		\
	X(TEXT,	region,		"region",	"us-east-1",		\
	    "region in ARNs")						\
	X(TEXT,	account,	"account",	"111111111111",		\
	    "account in ARNs")						\
	X(NUMBER, lease_ms,	"lease-ms",	"6000",			\
	    "how long a shard stays with a process that is silent")	\
	X(NUMBER, park_ms,	"park-ms",	"60000",		\
	    "executions that wait longer than this leave memory")	\
	X(NUMBER, function_timeout_ms, "function-timeout-ms", "900000",	\
	    "time for one call of a function without a limit of its own")	\
	X(NUMBER, body_bytes,	"body-bytes",	"2097152",		\
	    "largest request body")					\
	X(SWITCH, insecure_public, "insecure-public", "no",		\
	    "listen on a public address without TLS")			\
	X(TEXT,	log_level,	"log-level",	"info",			\
	    "debug, info, warn or error")

#define SETTINGS_TYPE_TEXT	char *
#define SETTINGS_TYPE_NUMBER	int64_t
#define SETTINGS_TYPE_SWITCH	bool

struct settings {
#define X(kind, member, option, value, help) SETTINGS_TYPE_##kind member;
	SETTINGS(X)
#undef X
};

/* Fills in s; prints help or version and exits when asked to. */
int	settings_read(struct settings *s, int argc, char **argv, struct err *e)
	    MUSTCHECK;
void	settings_free(struct settings *);
/* The parts of listen: a new host (without brackets), and the port. */
int	settings_address(const struct settings *, char **host, int *port,
	    struct err *e) MUSTCHECK;
/* log_level as an enum log_level. */
int	settings_log_level(const struct settings *);

#endif
