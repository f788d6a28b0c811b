#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bridge/known.h"
#include "bridge/service/credentials.h"

static void folder_is_the_environments(void **state)
{
	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_null(credentials_folder());
	assert_null(known_names()->credentials);
	setenv("CREDENTIALS_DIRECTORY", "relative", 1);
	assert_null(credentials_folder());
	setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1);
	assert_string_equal(credentials_folder(), "/run/credentials/x");
	assert_string_equal(known_names()->credentials, "/run/credentials/x");
	unsetenv("CREDENTIALS_DIRECTORY");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folder_is_the_environments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
