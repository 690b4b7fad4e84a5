/*
 * engine/arn.h - names of things, as ARNs, and the ids made from them.
 *
 *	arn:aws:states:REGION:ACCOUNT:stateMachine:NAME
 *	arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME
 *
 * An execution's id is a hash of machine and execution name: its row's primary
 * key is what makes names unique, with no second index.  The shard is a part
 * of the same hash.
 */

#ifndef PAWL_ARN_H
#define PAWL_ARN_H

#include <stdbool.h>
#include <stdint.h>

#define ARN_SHARDS	64	/* fixed for the life of a database */
#define ARN_ID_TEXT	37	/* a uuid as text, with its NUL */

struct arn_account {
	const char	*region, *account;
};

struct exec_id {
	unsigned char	 bytes[16];
};

/* New strings, for free(). */
char	*arn_machine(const struct arn_account *, const char *name);
char	*arn_execution(const struct arn_account *, const char *machine,
	    const char *name);
/*
 * Reads the name(s) out of an ARN of this account and region (or of any, when
 * account is NULL); new strings.  false if it is no such ARN.
 */
bool	arn_read_machine(const struct arn_account *, const char *arn, char **name);
bool	arn_read_execution(const struct arn_account *, const char *arn,
	    char **machine, char **name);

struct exec_id arn_exec_id(const char *machine, const char *name);
int	arn_shard(const struct exec_id *);
char	*arn_id_text(const struct exec_id *, char buf[ARN_ID_TEXT]);
bool	arn_id_parse(const char *text, struct exec_id *);
bool	arn_id_equal(const struct exec_id *, const struct exec_id *);
/* A new random name (a uuid) whose execution hashes to a shard that ok()
 * accepts; after many tries it takes any. */
char	*arn_new_name(const char *machine, bool (*ok)(int shard, void *arg),
	    void *arg);

#endif
