/*
 * engine/store_private.h - what the store_*.c files share.
 *
 * A call of the store is: fill struct store_args, db_run() with a statement
 * written above the function, and in its db_done turn rows into structs.
 */

#ifndef PAWL_STORE_PRIVATE_H
#define PAWL_STORE_PRIVATE_H

#include "db.h"
#include "store.h"

struct store {
	struct event_base	*base;
	struct db		*commits, *writes, *reads;
};

#define STORE_ARGS_MAX 32

struct store_args {
	struct db_param	 list[STORE_ARGS_MAX];
	char		 numbers[STORE_ARGS_MAX][24];
	int		 n;
};

/* All borrowed until db_run(), which copies. */
void	store_arg_text(struct store_args *, const char *);	/* or NULL */
void	store_arg_int(struct store_args *, int64_t);
void	store_arg_int_or_null(struct store_args *, int64_t);	/* 0: NULL */
void	store_arg_id(struct store_args *, const struct exec_id *);
void	store_arg_array(struct store_args *, struct db_array *);

/* What became of a statement, in the codes of store.h. */
void	store_outcome(struct err *, enum db_status, const struct db_result *);
/* It failed because another transaction was faster: the same again may do. */
bool	store_again(enum db_status, const struct db_result *);
/* A uuid column. */
struct exec_id store_id(const struct db_result *, int row, int col);

/* Runs a statement that answers a store_done (which may be NULL).  If missing
 * is not NULL, a result without a row is the error NotFound with this text. */
void	store_run(struct db *, const struct db_statement *,
	    const struct store_args *, const char *missing, store_done, void *arg);

#endif
