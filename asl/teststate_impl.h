/*
 * asl/teststate_impl.h - the parts of TestState: private to teststate*.c.
 *
 *	teststate.c		its life, its steps
 *	teststate_machine.c	from the definition to a machine of one state
 *	teststate_check.c	what may be asked of which state
 *	teststate_shape.c	mocked results of services against their API
 *	teststate_map.c		the items and tolerances of a Map
 *	teststate_answer.c	what is shown
 */

#ifndef PAWL_TESTSTATE_IMPL_H
#define PAWL_TESTSTATE_IMPL_H

#include "probe.h"
#include "teststate.h"

/* The real service calls the state so, whatever its name. */
#define TESTSTATE_NAME "StateName"

/* More inputs of items are not shown. */
#define TESTSTATE_ITEMS_MAX 1000

enum teststate_status { TESTSTATE_RUNNING, TESTSTATE_SUCCEEDED,
	TESTSTATE_FAILED, TESTSTATE_RETRIABLE, TESTSTATE_CAUGHT };

struct teststate {
	struct execution_facts	 facts;
	json_t			*definition;	/* of the state alone, whole */
	struct machine		*machine;
	const struct state	*state;
	struct execution	*ex;
	struct probe		 probe;
	json_t			*context;
	struct payload		*input;
	json_t			*variables;	/* then also those assigned */
	struct step		*step;		/* the last one */

	bool			 mocked;
	struct payload		*mock_result;	/* NULL: it fails */
	char			*mock_error, *mock_cause;
	int64_t			 retries, failed_items;
	json_t			*items;		/* of an ItemReader, or NULL */
	bool			 reader;	/* there is an ItemReader */

	/* What came out. */
	enum teststate_status	 status;
	struct payload		*result, *output;
	const char		*next;		/* borrowed from the machine */
	int64_t			 retry_index, backoff_s, catch_index;	/* or -1 */
	bool			 timed_out;	/* the whole test */

	/* Of a Map. */
	int64_t			 max_concurrency;	/* -1: not known */
	struct number_field	 tolerated_count;	/* path unused */
	struct real_field	 tolerated_percentage;	/* path unused */
	char			*selected_items;	/* JSON, or NULL */
};

/*
 * The state that is asked for, as a tree (new), and a machine of it (new).
 * *machine is NULL with *unsupported set when all that is wrong with it is that
 * pawl does not run it yet.
 */
int	teststate_machine(const struct teststate_ask *, json_t **definition,
	    struct machine **, struct err *unsupported, struct err *e) MUSTCHECK;

/* What was asked fits the state, of which only the tree is looked at. */
int	teststate_check(const struct teststate_ask *, json_t *definition,
	    struct err *e) MUSTCHECK;
/* The context object as given may be one; a new tree. */
json_t	*teststate_check_context(const char *text, json_t *definition,
	    struct err *e) MUSTCHECK;

/* The mocked result of a service fits its API. */
int	teststate_shape(const char *resource, const json_t *result,
	    enum teststate_mode, struct err *e) MUSTCHECK;

/* What ItemReader would make of its data: new; an error is a ValidationException. */
json_t	*teststate_map_read(json_t *reader, const char *data, struct err *e)
	    MUSTCHECK;
/* Looks at what a Map has made of its items, before its mock answers. */
int	teststate_map(struct teststate *, struct run *, struct flow *,
	    struct err *e) MUSTCHECK;
/* More items have failed than the Map tolerates. */
bool	teststate_map_exceeded(const struct teststate *);

#endif
