/*
 * engine/migrate.h - brings a database to the schema this pawld knows.
 *
 * The migrations are sql/NNN_name.sql, built into the program.  Each runs once,
 * in a transaction of its own, on one node at a time; a database that is newer
 * than the program is refused.  The views (sql/views.sql) are made anew when
 * their text has changed.  See sql/README.md.
 */

#ifndef PAWL_MIGRATE_H
#define PAWL_MIGRATE_H

#include <stddef.h>

#include "err.h"

struct migration {
	int		 number;
	const char	*name;
	const char	*sql;
};

/* Made from sql/ at build time, in order. */
extern const struct migration migrate_list[];
extern const size_t migrate_count;
extern const char migrate_views[];

/*
 * Blocks; for the master before its processes start.  Errors: Unavailable,
 * SchemaNewer, UnsuitableDatabase (too old, or not UTF8), StoreError.
 */
int	migrate_run(const char *conninfo, struct err *e) MUSTCHECK;
/*
 * Claims the database for the installation with this digest of its keys, or
 * finds that it is its own already.  Blocks.  Errors: OtherInstallation, and
 * those of migrate_run().
 */
int	migrate_claim(const char *conninfo, const char *keys_digest,
	    struct err *e) MUSTCHECK;

#endif
