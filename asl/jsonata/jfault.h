/*
 * asl/jsonata/jfault.h - what went wrong in an expression, as the reference
 * tells it: a code, a place, the token there, values.
 *
 * The first fault stops everything; on its way out, calls may fill in their
 * place and name (as the reference's catch clauses do).  The sentence is made
 * at the end, by jfault_message().
 */

#ifndef PAWL_JFAULT_H
#define PAWL_JFAULT_H

#include <stdbool.h>

#include "jvalue.h"
#include "strbuf.h"

/*
 * All codes with their sentences.  {{x}} stands for x as JSON, {{{x}}} for its
 * plain text; x is one of the fields below.
 */
#define JFAULTS(X)							\
	X(S0101, "String literal must be terminated by a matching quote") \
	X(S0102, "Number out of range: {{token}}")			\
	X(S0103, "Unsupported escape sequence: \\{{token}}")		\
	X(S0104, "The escape sequence \\u must be followed by 4 hex digits") \
	X(S0105, "Quoted property name must be terminated with a backquote (`)") \
	X(S0106, "Comment has no closing tag")				\
	X(S0201, "Syntax error: {{token}}")				\
	X(S0202, "Expected {{value}}, got {{token}}")			\
	X(S0203, "Expected {{value}} before end of expression")		\
	X(S0204, "Unknown operator: {{token}}")				\
	X(S0206, "Unknown expression type: {{token}}")			\
	X(S0207, "Unexpected end of expression")			\
	X(S0208, "Parameter {{value}} of function definition must be a variable name (start with $)") \
	X(S0209, "A predicate cannot follow a grouping expression in a step") \
	X(S0210, "Each step can only have one grouping expression")	\
	X(S0211, "The symbol {{token}} cannot be used as a unary operator") \
	X(S0212, "The left side of := must be a variable name (start with $)") \
	X(S0213, "The literal value {{value}} cannot be used as a step within a path expression") \
	X(S0214, "The right side of {{token}} must be a variable name (start with $)") \
	X(S0215, "A context variable binding must precede any predicates on a step") \
	X(S0216, "A context variable binding must precede the 'order-by' clause on a step") \
	X(S0217, "The object representing the 'parent' cannot be derived from this expression") \
	X(S0301, "Empty regular expressions are not allowed")		\
	X(S0302, "No terminating / in regular expression")		\
	X(S0303, "Invalid regular expression: {{{message}}}")		\
	X(S0401, "Type parameters can only be applied to functions and arrays") \
	X(S0402, "Choice groups containing parameterized types are not supported") \
	X(S0500, "The expression is too large or nested too deeply")	\
	X(T0410, "Argument {{index}} of function {{token}} does not match function signature") \
	X(T0411, "Context value is not a compatible type with argument {{index}} of function {{token}}") \
	X(T0412, "Argument {{index}} of function {{token}} must be an array of {{type}}") \
	X(D1001, "Number out of range: {{value}}")			\
	X(D1002, "Cannot negate a non-numeric value: {{value}}")	\
	X(T1003, "Key in object structure must evaluate to a string; got: {{value}}") \
	X(D1004, "Regular expression matches zero length string")	\
	X(T1005, "Attempted to invoke a non-function. Did you mean ${{{token}}}?") \
	X(T1006, "Attempted to invoke a non-function")			\
	X(T1007, "Attempted to partially apply a non-function. Did you mean ${{{token}}}?") \
	X(T1008, "Attempted to partially apply a non-function")		\
	X(D1009, "Multiple key definitions evaluate to same key: {{value}}") \
	X(T1010, "The matcher function argument passed to function {{token}} does not return the correct object structure") \
	X(T2001, "The left side of the {{token}} operator must evaluate to a number") \
	X(T2002, "The right side of the {{token}} operator must evaluate to a number") \
	X(T2003, "The left side of the range operator (..) must evaluate to an integer") \
	X(T2004, "The right side of the range operator (..) must evaluate to an integer") \
	X(T2006, "The right side of the function application operator ~> must be a function") \
	X(T2007, "Type mismatch when comparing values {{value}} and {{value2}} in order-by clause") \
	X(T2008, "The expressions within an order-by clause must evaluate to numeric or string values") \
	X(T2009, "The values {{value}} and {{value2}} either side of operator {{token}} must be of the same data type") \
	X(T2010, "The expressions either side of operator {{token}} must evaluate to numeric or string values") \
	X(T2011, "The insert/update clause of the transform expression must evaluate to an object: {{value}}") \
	X(T2012, "The delete clause of the transform expression must evaluate to a string or array of strings: {{value}}") \
	X(T2013, "The transform expression clones the input object using the $clone() function.  This has been overridden in the current scope by a non-function.") \
	X(D2014, "The size of the sequence allocated by the range operator (..) must not exceed 1e7.  Attempted to allocate {{value}}.") \
	X(D3001, "Attempting to invoke string function on Infinity or NaN") \
	X(D3010, "Second argument of replace function cannot be an empty string") \
	X(D3011, "Fourth argument of replace function must evaluate to a positive number") \
	X(D3012, "Attempted to replace a matched string with a non-string value") \
	X(D3020, "Third argument of split function must evaluate to a positive number") \
	X(D3030, "Unable to cast value to a number: {{value}}")		\
	X(D3040, "Third argument of match function must evaluate to a positive number") \
	X(D3050, "The second argument of reduce function must be a function with at least two arguments") \
	X(D3060, "The sqrt function cannot be applied to a negative number: {{value}}") \
	X(D3061, "The power function has resulted in a value that cannot be represented as a JSON number: base={{value}}, exponent={{exp}}") \
	X(D3070, "The single argument form of the sort function can only be applied to an array of strings or an array of numbers.  Use the second argument to specify a comparison function") \
	X(D3120, "Syntax error in expression passed to function eval: {{value}}") \
	X(D3121, "Dynamic error evaluating the expression passed to function eval: {{value}}") \
	X(D3137, "{{{message}}}")					\
	X(D3138, "The $single() function expected exactly 1 matching result.  Instead it matched more.") \
	X(D3139, "The $single() function expected exactly 1 matching result.  Instead it matched 0.") \
	X(D3140, "Malformed URL passed to ${{{function}}}(): {{value}}") \
	X(D3141, "{{{message}}}")					\
	X(U1001, "{{{message}}}")

enum jfault_code {
	JFAULT_NONE,
#define X(code, text) JFAULT_##code,
	JFAULTS(X)
#undef X
	JFAULT_TOLD	/* by the pictures: own code and sentence */
};

struct jfault {
	enum jfault_code	 code;
	char			 told[8];	/* the code of JFAULT_TOLD */
	long			 position;	/* UTF-16 units; -1: none */
	struct jvalue		 token, value, value2, index, type, exp,
				 function, message;
};

/* Sets code unless there is one; the values start as nothing. */
void	jfault_set(struct jfault *, enum jfault_code, long position);
void	jfault_clear(struct jfault *);
/* "T2001"; "" when there is none. */
const char *jfault_name(const struct jfault *);
/* Adds the sentence; a value longer than max bytes is cut. */
void	jfault_message(const struct jfault *, struct strbuf *, size_t max);

#endif
