#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/errand.h"

static void a_new_one_is_empty(void **state)
{
	struct errand *errand = errand_new();

	(void)state;
	assert_null(errand->table);
	assert_null(errand->login);
	assert_null(errand_rule(errand).data);
	assert_null(errand_text(errand).data);
	errand_free(errand);
	errand_free(NULL);
}

static void text_is_copied_and_cleared(void **state)
{
	struct errand *errand = errand_new();
	char text[] = "why";

	(void)state;
	errand_put_text(errand, slice_of(text));
	text[0] = 'x';
	assert_true(slice_is(errand_text(errand), "why"));
	errand_put_text(errand, SLICE("because"));
	assert_true(slice_is(errand_text(errand), "because"));
	errand_put_text(errand, (struct slice){ NULL, 0 });
	assert_null(errand_text(errand).data);
	errand_put_text(errand, SLICE(""));
	assert_non_null(errand_text(errand).data);
	assert_int_equal(errand_text(errand).len, 0);
	errand_free(errand);
}

/* The errand holds the table, which says what the rule is called. */
static void it_knows_its_rule(void **state)
{
	static const struct route_step drop = { .action = ROUTE_DROP };
	static const struct route_rule rule = {
		.name = { "commands", 8 }, .pattern = { "x", 1 }, .steps = &drop, .step_count = 1
	};
	static const struct slice room = { "lobby", 5 };
	const struct route_table *table = route_table_new(&rule, 1, &room, 1, NULL);
	struct errand *errand = errand_new();

	(void)state;
	errand->table = route_table_hold(table);
	route_table_release(table);
	assert_true(slice_is(errand_rule(errand), "commands"));
	errand_free(errand);
}

/* What a login claims is copied, so far as it is there. */
static void a_login_is_copied(void **state)
{
	char name[] = "ann", secret[] = "s3cret";
	struct codec_login login = { .name = slice_of(name),
				     .secret = slice_of(secret),
				     .claimed_number = 7 };
	struct errand *errand = errand_new();
	const struct login_claim *claim;

	(void)state;
	errand->login = login_claim_new(&login);
	claim = errand->login;
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
	errand_free(errand);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_one_is_empty),
		cmocka_unit_test(text_is_copied_and_cleared),
		cmocka_unit_test(it_knows_its_rule),
		cmocka_unit_test(a_login_is_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
