/*
 * asl/parse.h - inside machine_parse(): from the JSON tree to struct machine.
 *
 * For the parse_*.c and validate.c only.  struct parse is one run: where it
 * stands in the definition, what it found, what it still has to resolve.  All
 * JSON is borrowed from the tree that machine_parse() holds.
 *
 * A getter that finds its field wrong reports it and answers as if the field
 * were absent, so that one run finds everything.  In a state whose language is
 * JSONata the getters of JSONPath fields do nothing: parse_fields() has
 * reported them.
 *
 * A new state type: parse_TYPE.c exporting a struct parse_type, a line in
 * parse_state.c, in STATE_TYPES (machine.h) and in Makefile.am.
 */

#ifndef PAWL_PARSE_H
#define PAWL_PARSE_H

#include <jansson.h>

#include "machine.h"
#include "strbuf.h"

/* A transition whose target is looked up when its States block is complete. */
struct parse_link {
	size_t		 from;		/* index of the state it leaves */
	struct state	**slot;
	const char	*name;		/* borrowed from the tree */
	char		*location;
};

/* A States block being parsed. */
struct parse_block {
	struct parse_block	*outer;
	json_t			*states;	/* the block's source, or NULL */
	struct workflow		*flow;
	const char		*start;
	struct parse_link	*links;
	size_t			 nlinks;
	/* {variable: location of its Assign}: of this block, of inner ones */
	json_t			*assigned, *assigned_inside;
	bool			 broken;	/* transitions are not all known */
};

struct parse {
	struct findings		*findings;
	struct machine		*machine;
	struct strbuf		 where;		/* location in the definition */
	struct parse_block	*block;
	json_t			*names;		/* {state: location} */
	json_t			*variables;	/* {name: true} the state reads */
	int			 depth;		/* of States blocks */
	bool			 jsonata_machine, jsonata;
	size_t			 state_at;	/* length of where, of the state */
	void			*name_pattern;	/* parse_assign.c's, compiled */
	int64_t			 hint_work;	/* done for the names of states */
};

/* What is special about a state type. */
struct parse_type {
	const char *const *fields;	/* its own, NULL-terminated */
	bool	 flows;		/* takes InputPath and OutputPath */
	bool	 has_next;	/* takes Next and End */
	bool	 has_assign;
	bool	 has_result;	/* takes ResultPath and Parameters */
	bool	 has_retry;	/* takes Retry, Catch and ResultSelector */
	void	 (*parse)(struct parse *, struct state *, json_t *);
};

extern const struct parse_type parse_choice_type, parse_fail_type,
	parse_map_type, parse_parallel_type, parse_pass_type,
	parse_succeed_type, parse_task_type, parse_wait_type;

/* --- parse.c: where it stands, and what it reports ----------------------- */

/* Steps into a member or an item; parse_leave() with the answer steps back. */
size_t	parse_enter(struct parse *, const char *field);
size_t	parse_enter_item(struct parse *, size_t i);
void	parse_leave(struct parse *, size_t mark);
/* The location, "/" at the top.  Borrowed until the next step. */
const char *parse_where(const struct parse *);
/* The list of findings is full: a hint need not be looked for. */
bool	parse_full(const struct parse *);
/* SCHEMA_VALIDATION_FAILED at a member of where it stands, or (NULL) there. */
void	parse_error(struct parse *, const char *field, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
/* The same at where it stands, but the eye should fall on that member. */
void	parse_error_in(struct parse *, const char *field, const char *hint,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void	parse_warning(struct parse *, const char *code, const char *field,
	    const char *hint, const char *fmt, ...)
	    __attribute__((format(printf, 5, 6)));
/* Any code, any severity, and a hint; at a member or (NULL) where it stands. */
struct finding *parse_finding(struct parse *, bool warning, const char *code,
	    const char *field, const char *hint, const char *fmt, ...)
	    __attribute__((format(printf, 6, 7)));

/* --- parse_fields.c: which fields may stand in an object ------------------ */

/*
 * Reports the members that are in none of the lists (each NULL-terminated or
 * NULL), and those that the state's query language does not have.
 */
void	parse_fields(struct parse *, json_t *object, const char *const *first,
	    const char *const *second);
/* Reports those missing, in one finding.  true if all are there. */
bool	parse_fields_required(struct parse *, json_t *object,
	    const char *const *fields);
/* Reports if more than one is there, and if required, if none is. */
bool	parse_fields_one(struct parse *, json_t *object,
	    const char *const *fields, bool required);

/* --- parse_value.c: the values of fields ---------------------------------- */

/* The member if it is there and of that type; its absence is no error. */
json_t	*parse_value_typed(struct parse *, json_t *object, const char *field,
	    json_type type);
const char *parse_value_string(struct parse *, json_t *object,
	    const char *field);
bool	parse_value_integer(struct parse *, json_t *object, const char *field,
	    int64_t min, int64_t max, int64_t *value);
bool	parse_value_real(struct parse *, json_t *object, const char *field,
	    double min, double max, double *value);
/* "Value should be one of the following: [...]"; the index, or -1. */
int	parse_value_choice(struct parse *, json_t *object, const char *field,
	    const char *const *values);
/* InputPath, OutputPath: any path, or null. */
void	parse_value_path(struct parse *, json_t *object, const char *field,
	    struct path_field *);
/* ResultPath: a reference path into the input, or null. */
void	parse_value_result_path(struct parse *, json_t *object,
	    struct path_field *);
/* A reference path; "$$" only with context.  NULL if absent or wrong. */
struct jsonpath *parse_value_reference(struct parse *, json_t *object,
	    const char *field, bool context);
/* FIELD or FIELDPath, not both. */
void	parse_value_number(struct parse *, json_t *object, const char *field,
	    const char *path_field, int64_t min, int64_t max,
	    struct number_field *);
struct template *parse_value_template(struct parse *, json_t *object,
	    const char *field);
void	parse_value_text(struct parse *, json_t *object, const char *field,
	    const char *path_field, struct string_field *);
/* Notes that the state reads a variable; a callback of ..._variables(). */
void	parse_value_variable(const char *name, void *parse);

/* --- parse_query.c: JSONata; all give NULL where the language is another ---- */

/* A value with expressions in it; sees: what $states has (query.h). */
struct query *parse_query(struct parse *, json_t *object, const char *field,
	    int sees);
/* A field that is one expression; else NULL, and nothing is reported. */
struct query *parse_query_expression(struct parse *, json_t *object,
	    const char *field);
/* One expression, or a value of that type. */
struct query *parse_query_typed(struct parse *, json_t *object,
	    const char *field, json_type type);

/* --- the rest ------------------------------------------------------------- */

/* A transition: slot is filled in when the block is complete. */
void	parse_block_target(struct parse *, json_t *object, const char *field,
	    struct state **slot);
/* An object with StartAt and States, in the position where p stands. */
void	parse_block(struct parse *, json_t *object, struct workflow *);
void	parse_machine(struct parse *, json_t *root);
struct state *parse_state(struct parse *, const char *name, json_t *object);
void	parse_retry(struct parse *, struct state *, json_t *object);
void	parse_catch(struct parse *, struct state *, json_t *object);
/* ErrorEquals of entry i of n. */
char	**parse_retry_errors(struct parse *, json_t *entry, size_t i, size_t n);
/* Assign, in whichever language; sees as in parse_query(). */
void	parse_assign(struct parse *, json_t *object, int sees,
	    struct template **, struct query **);
void	parse_assign_free(struct parse *);
/* Resolves the block's transitions and looks at its graph. */
void	validate_block(struct parse *, struct parse_block *);

#endif
