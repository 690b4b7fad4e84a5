/*
 * tests/unit/unit.h - unit tests with CUnit, reported as TAP.
 *
 * A file of tests exports one array; unit_main() runs it:
 *
 *	UNIT_TESTS(tests) = {
 *		{ "an empty buffer reads as an empty string", test_empty },
 *		CU_TEST_INFO_NULL
 *	};
 *	int main(void) { return unit_main("strbuf", tests); }
 *
 * UNIT_STR compares strings and shows both when they differ.
 */

#ifndef PAWL_UNIT_H
#define PAWL_UNIT_H

#include <CUnit/CUnit.h>

#define UNIT_TESTS(name) static CU_TestInfo name[]

/* Prints a TAP line for each test; 0 if all passed. */
int	unit_main(const char *suite, CU_TestInfo *tests);
/* Asserts that both are equal, and prints both when they are not. */
void	unit_str(const char *got, const char *want, const char *file, int line);
/* Path of a file under the source tree: new, for free(). */
char	*unit_srcpath(const char *below);

#define UNIT_STR(got, want) unit_str((got), (want), __FILE__, __LINE__)

#endif
