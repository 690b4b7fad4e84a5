/*
 * asl/machine.h - a state machine's definition, compiled and read-only.
 *
 * One machine serves any number of executions.  machine_parse() accepts exactly
 * what can run; everything that is wrong with a definition is found there, all
 * at once.  A new field of the language goes here, into the parse_*.c of its
 * state, into the step_*.c that acts on it, and into tests.
 */

#ifndef PAWL_MACHINE_H
#define PAWL_MACHINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "choice.h"
#include "findings.h"
#include "jsonpath.h"
#include "query.h"
#include "resource.h"
#include "template.h"

/*	enum		Type in the definition and in event names	*/
#define STATE_TYPES(X)				\
	X(STATE_TASK,		"Task")		\
	X(STATE_WAIT,		"Wait")		\
	X(STATE_PASS,		"Pass")		\
	X(STATE_SUCCEED,	"Succeed")	\
	X(STATE_FAIL,		"Fail")		\
	X(STATE_CHOICE,		"Choice")	\
	X(STATE_PARALLEL,	"Parallel")	\
	X(STATE_MAP,		"Map")

enum state_type {
#define X(id, name) id,
	STATE_TYPES(X)
#undef X
};

/* A path field that may be absent (path NULL: "$"), a path, or null. */
struct path_field {
	struct jsonpath	*path;
	bool		 null;
};

/* A number given as such, by a reference path or by JSONata; none: absent. */
struct number_field {
	bool		 set;		/* value holds */
	int64_t		 value;
	struct jsonpath	*path;
	struct query	*query;
};

struct real_field {
	bool		 set;
	double		 value;
	struct jsonpath	*path;
	struct query	*query;
};

/* A string given as such, by a path or intrinsic call, or by JSONata. */
struct string_field {
	char		*value;
	struct template	*path;
	struct query	*query;
};

struct retrier {
	char	**errors;		/* ErrorEquals, NULL-terminated */
	int64_t	  interval_s;		/* default 1 */
	int64_t	  max_attempts;		/* default 3; 0 never */
	double	  backoff_rate;		/* default 2.0 */
	int64_t	  max_delay_s;		/* 0: none */
	bool	  full_jitter;
};

struct catcher {
	char		**errors;
	struct state	 *next;		/* borrowed */
	struct path_field result_path;	/* default "$" */
	struct template	 *assign;
	struct query	 *output, *assignment;	/* JSONata: or NULL */
};

/* Either a rule, or the condition of JSONata. */
struct choice_branch {
	struct choice_rule	*rule;
	struct query		*condition;
	struct state		*next;		/* borrowed */
	struct template		*assign;
	struct query		*output, *assignment;
};

/* A States block: the machine's own, a branch's, an item processor's. */
struct workflow {
	struct state	**states;	/* in the order of the text */
	size_t		  nstates;
	struct state	 *start;	/* borrowed */
};

struct state {
	char			*name;
	char			*location;	/* "/States/Pay" */
	enum state_type		 type;
	struct state		*next;	/* borrowed; NULL for the last state */
	struct path_field	 input_path, result_path, output_path;
	struct template		*parameters, *result_selector, *assign;
	/* The language is JSONata: then all paths and templates are absent. */
	bool			 jsonata;
	struct query		*arguments, *output, *assignment; /* or NULL */
	struct retrier		*retriers;
	size_t			 nretriers;
	struct catcher		*catchers;
	size_t			 ncatchers;
	union {
		struct {
			struct payload		*result;	/* or NULL */
		} pass;
		struct {
			char			*resource_text;
			struct resource		 resource;
			struct number_field	 timeout_s, heartbeat_s;
			struct template		*credentials;	/* or NULL */
			struct query		*credential_query;
		} task;
		struct {
			struct choice_branch	*branches;
			size_t			 nbranches;
			struct state		*otherwise;	/* Default or NULL */
		} choice;
		struct {
			struct number_field	 seconds;
			bool			 timestamp_set;
			int64_t			 timestamp_ms;
			struct jsonpath		*timestamp_path;
			struct query		*timestamp_query;
		} wait;
		struct {
			struct string_field	 error, cause;
		} fail;
		struct {
			struct workflow		*branches;
			size_t			 nbranches;
		} parallel;
		struct {
			struct workflow		 processor;
			struct jsonpath		*items_path;	/* NULL: "$" */
			struct template		*item_selector;	/* or NULL */
			struct query		*items, *item_query; /* or NULL */
			struct number_field	 max_concurrency; /* 0: no limit */
			/* Of the distributed mode; TestState shows them. */
			struct number_field	 tolerated_count;
			struct real_field	 tolerated_percentage;
		} map;
	} u;
};

struct machine {
	struct workflow	 flow;
	int64_t		 timeout_s;	/* of the whole execution; 0: none */
	char		*comment;	/* or NULL */
	json_t		*variable_references;	/* {state: [names]} */
	struct state	**index;	/* all states, at any depth, by name */
	size_t		 nstates;
};

/* Of a definition. */
#define MACHINE_BYTES_MAX	(1024 * 1024)
#define MACHINE_STATES_MAX	10000
#define MACHINE_DEPTH_MAX	32	/* States blocks inside one another */
#define MACHINE_NAME_MAX	80	/* characters of a state's name */

/*
 * Compiles a definition.  Findings are appended; NULL if one of them is an
 * error.  The text need not end in NUL.
 */
struct machine *machine_parse(const char *text, size_t len,
	    struct findings *) MUSTCHECK;
void	machine_free(struct machine *);
/* Adds what an EXPRESS state machine must not have. */
void	machine_check_express(const struct machine *, struct findings *);
/* The state of that name, anywhere in the machine; borrowed, or NULL. */
const struct state *machine_find(const struct machine *, const char *name);
const char *state_type_name(enum state_type);

#endif
