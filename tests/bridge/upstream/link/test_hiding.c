#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "bridge/upstream/link/hiding.h"

static void hidden(const char *text, const char *secret, const char *expected)
{
	char copy[80];

	snprintf(copy, sizeof(copy), "%s", text);
	upstream_hide(copy, slice_of(secret));
	assert_string_equal(copy, expected);
}

/* What is too short stands in any text, and would say more by its gaps. */
static void secrets_are_hidden(void **state)
{
	(void)state;
	hidden("no token sesame: sesame is void", "sesame", "no token ******: ****** is void");
	hidden("sesamesesame", "sesame", "************");
	hidden("sesam", "sesame", "sesam");
	hidden("a is a", "a", "a is a");
	hidden("a is a", "", "a is a");
	hidden("", "sesame", "");
	hidden("/chat?key=a%2Fb%20c d a/b c", "a/b c", "/chat?key=********* d *****");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
