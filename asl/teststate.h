/*
 * asl/teststate.h - one state, run by itself: the pure half of TestState.
 *
 * The state gets a machine of its own and an execution that is never stored;
 * it runs through step.h as any other, watched by a probe, and is held when it is
 * left.  A mock answers for the work of a Task, Map or Parallel; without one, the
 * caller carries out what teststate_open() says, and delivers the answer.
 *
 * Names, rules and texts: recordings test_state/...
 */

#ifndef PAWL_TESTSTATE_H
#define PAWL_TESTSTATE_H

#include "step.h"

/* As the API names them. */
enum teststate_mode { TESTSTATE_STRICT, TESTSTATE_PRESENT, TESTSTATE_NONE };

/* All borrowed; texts may be NULL when they were not given. */
struct teststate_ask {
	const char		*definition;	/* of a state, or of a machine */
	size_t			 definition_len;
	const char		*state_name;	/* then it is a machine's */
	const char		*input;		/* JSON; NULL: {} */
	const char		*variables, *context;	/* JSON objects */
	bool			 context_alone;	/* also without a mock */
	bool			 reveal_secrets;

	bool			 mocked;
	const char		*mock_result;	/* JSON */
	bool			 mock_fails;	/* with these */
	const char		*mock_error, *mock_cause;
	enum teststate_mode	 mode;

	/* Numbers that were not given: -1. */
	int64_t			 retries;	/* of the retrier that applies */
	int64_t			 failed_items;	/* of a Map */
	const char		*failed_state;	/* inside of a Map or Parallel */
	const char		*reader_data;	/* what a Map's ItemReader reads */

	/* role_arn NULL: none was given.  Must outlive the test. */
	const struct execution_facts	*facts;
};

struct teststate;

/*
 * New, ready for teststate_step().  NULL and e: InvalidDefinition,
 * InvalidExecutionInput or ValidationException, in the words of the service.
 */
struct teststate *teststate_new(const struct teststate_ask *, struct err *e)
	    MUSTCHECK;
void	teststate_free(struct teststate *);
/*
 * Delivers a stimulus: START (whose payload is set here), then the answers to
 * what is open; EXECUTION_TIMED_OUT ends the test with States.Timeout.
 */
int	teststate_step(struct teststate *, const struct stimulus *,
	    struct err *e) MUSTCHECK;
/*
 * What the state waits for, a task or the timer of a Wait, borrowed until the
 * next step; NULL once the test is done.
 */
const struct command *teststate_open(const struct teststate *);
/*
 * The answer of TestState, new: status, output or error and cause, nextState,
 * and, if inspected, inspectionData.  Of a test that is done.
 */
json_t	*teststate_answer(const struct teststate *, bool inspected);

#endif
