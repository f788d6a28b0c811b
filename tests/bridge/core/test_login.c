#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/login.h"

/* What a login claims is copied, so far as it is there. */
static void a_login_is_copied(void **state)
{
	char name[] = "ann", secret[] = "s3cret";
	struct codec_login login = { .name = slice_of(name),
				     .secret = slice_of(secret),
				     .claimed_number = 7 };
	struct login_claim *claim = login_claim_new(&login);

	(void)state;
	memset(name, 0, sizeof(name));
	memset(secret, 0, sizeof(secret));
	assert_int_equal(claim->name_len, 3);
	assert_memory_equal(claim->name, "ann", 3);
	assert_int_equal(claim->secret_len, 6);
	assert_memory_equal(claim->secret, "s3cret", 6);
	assert_int_equal(claim->number, 7);
	assert_null(claim->correlation);
	assert_false(claim->anonymous);
	assert_false(claim->has_as);
	login_claim_free(claim);
	login_claim_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_login_is_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
