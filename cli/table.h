/*
 * cli/table.h - tables that fit the terminal.
 *
 * Columns are as wide as their widest cell.  If that is too much, those that
 * may shrink do so, the widest first, and cells end in "…"; only then the
 * others.  Without a terminal nothing is cut.
 */

#ifndef PAWL_TABLE_H
#define PAWL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "strbuf.h"
#include "style.h"

struct table;

/* The titles are borrowed. */
struct table_column {
	const char	*title;
	bool		 right;		/* for numbers and times */
	bool		 shrink;	/* may be cut first */
};

struct table *table_new(const struct table_column *, size_t n);
void	table_free(struct table *);
/* The next cell, row by row; copied.  NULL shows as an empty cell. */
void	table_cell(struct table *, enum style, const char *);
void	table_cellf(struct table *, enum style, const char *, ...)
	    __attribute__((format(printf, 3, 4)));
size_t	table_rows(const struct table *);
/* Appends the table with its header; columns 0: no limit. */
void	table_print(const struct table *, size_t columns, struct strbuf *);

#endif
