/*
 * tests/unit/unit.c - unit tests with CUnit, reported as TAP.
 */

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xmalloc.h"

static int	 tests_run, tests_failed;

static void
report(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure)
{
	const CU_FailureRecord	*f;

	if (failure != NULL)
		tests_failed++;
	printf("%sok %d - %s: %s\n", failure == NULL ? "" : "not ", ++tests_run,
	    suite->pName, test->pName);
	for (f = failure; f != NULL; f = f->pNext)
		printf("# %s:%u: %s\n", f->strFileName, f->uiLineNumber,
		    f->strCondition);
	fflush(stdout);
}

int
unit_main(const char *suite, CU_TestInfo *tests)
{
	CU_SuiteInfo	 suites[] = {
		{ suite, NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL
	};
	int		 n = 0;

	while (tests[n].pName != NULL)
		n++;
	printf("1..%d\n", n);
	if (CU_initialize_registry() != CUE_SUCCESS ||
	    CU_register_suites(suites) != CUE_SUCCESS) {
		printf("Bail out! %s\n", CU_get_error_msg());
		return 1;
	}
	CU_set_test_complete_handler(report);
	CU_run_all_tests();
	CU_cleanup_registry();
	return tests_failed != 0 || tests_run != n;
}

void
unit_str(const char *got, const char *want, const char *file, int line)
{
	int	 same = got != NULL && want != NULL ? strcmp(got, want) == 0 :
		    got == want;
	char	*text = xasprintf("got  %s\n#   want %s",
		    got == NULL ? "NULL" : got, want == NULL ? "NULL" : want);

	CU_assertImplementation(same, (unsigned)line, text, file, "", CU_FALSE);
	free(text);
}

char *
unit_srcpath(const char *below)
{
	const char	*dir = getenv("srcdir");

	return xasprintf("%s/%s", dir == NULL ? "." : dir, below);
}
