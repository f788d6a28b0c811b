/* People of a server that we call, beside guests, accounts and those whom a backend knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/directory.h"
#include "bridge/core/people/directory_strangers.h"
#include "tests/support/accounts.h"

static const struct id_key key = { "0123456789abcdef" };

static int set_up(void **state)
{
	*state = directory_new(&key, NULL);
	return 0;
}

static int tear_down(void **state)
{
	directory_free(*state);
	return 0;
}

static bool admit(struct directory *directory, const char *name, struct person *who)
{
	struct person known = { .name = slice_of(name), .roles = ROLE_PRO };

	return directory_admit_stranger(directory, &known, who);
}

static bool change(struct directory *directory, uint32_t number, const char *name,
		   struct person *who)
{
	struct person known = { .name = slice_of(name), .number = number };

	return directory_change_stranger(directory, &known, who);
}

static enum reason come(struct directory *directory, const char *name)
{
	struct directory_login login = { .name = slice_of(name), .guests = true };
	struct person who;
	bool guest;

	return directory_login(directory, &login, &who, &guest);
}

static enum reason backend_admits(struct directory *directory, const char *name)
{
	struct person known = { .name = slice_of(name) }, who;

	return directory_admit(directory, &known, false, &who);
}

static void account_comes(struct directory *directory, const char *name, uint32_t number)
{
	struct account account = account_of(name, number, "s", 0);
	struct people_change done;

	directory_put(directory, &account, &done);
	people_change_clear(&done);
}

static void goes(struct directory *directory, uint32_t number)
{
	directory_offline(directory, number);
	directory_logout(directory, number, 0);
}

static bool is_there(struct directory *directory, const char *name, uint32_t number)
{
	char text[NAME_BYTES_MAX];
	struct person who;

	return directory_find_name(directory, slice_of(name), &who, text) && who.number == number;
}

static void a_name_has_the_same_number_each_time(void **state)
{
	struct directory *again = directory_new(&key, NULL);
	struct person ann, later, elsewhere;

	assert_true(admit(*state, "Ann", &ann));
	assert_memory_equal(ann.name.data, "Ann", 3);
	assert_int_equal(ann.roles, ROLE_PRO | ROLE_USER);
	assert_in_range(ann.number, 1, GUEST_NUMBER_FIRST - 1);
	goes(*state, ann.number);
	assert_true(admit(*state, "Ann", &later));
	assert_int_equal(later.number, ann.number);
	assert_true(admit(again, "Ann", &elsewhere));
	assert_int_equal(elsewhere.number, ann.number);
	assert_memory_equal(elsewhere.uuid, later.uuid, sizeof(later.uuid));
	directory_free(again);
}

static void nobody_shares_it(void **state)
{
	struct person ann, other;

	assert_true(admit(*state, "Ann", &ann));
	assert_false(admit(*state, "ann", &other));
	assert_int_equal(come(*state, "Ann"), REASON_NAME_TAKEN);
	assert_int_equal(backend_admits(*state, "Ann"), REASON_NAME_TAKEN);
	goes(*state, ann.number);
	assert_int_equal(backend_admits(*state, "Ann"), REASON_NONE);
	assert_false(admit(*state, "Ann", &other));
}

static void what_others_have_is_taken(void **state)
{
	struct person who;

	assert_true(add_account(*state, "acc", 5, "s", 0));
	assert_int_equal(come(*state, "lan"), REASON_NONE);
	assert_false(admit(*state, "acc", &who));
	assert_false(admit(*state, "lan", &who));
	assert_false(admit(*state, "Ian", &who));
	assert_false(admit(*state, BRIDGE_NAME, &who));
	assert_false(admit(*state, "", &who));
	assert_true(admit(*state, "bob", &who));
}

static void online_is_as_it_is_said(void **state)
{
	struct person ann;

	assert_true(admit(*state, "Ann", &ann));
	assert_int_equal(directory_connections(*state, ann.number), 0);
	directory_online_stranger(*state, ann.number);
	directory_online_stranger(*state, ann.number);
	assert_int_equal(directory_connections(*state, ann.number), 1);
	directory_offline(*state, ann.number);
	assert_int_equal(directory_connections(*state, ann.number), 0);
	assert_true(is_there(*state, "Ann", ann.number));
	directory_logout(*state, ann.number, 0);
	assert_false(is_there(*state, "Ann", ann.number));
}

static void who_is_none_is_left_alone(void **state)
{
	struct person who;

	assert_true(add_account(*state, "acc", 5, "s", 0));
	directory_online_stranger(*state, 5);
	directory_online_stranger(*state, 77);
	assert_int_equal(directory_connections(*state, 5), 0);
	assert_false(change(*state, 5, "other", &who));
	assert_false(change(*state, 77, "other", &who));
	assert_true(is_there(*state, "acc", 5));
}

static void another_name_keeps_the_number(void **state)
{
	struct person ann, who;

	assert_true(admit(*state, "Ann", &ann));
	directory_online_stranger(*state, ann.number);
	assert_true(change(*state, ann.number, "Bea", &who));
	assert_int_equal(who.number, ann.number);
	assert_int_equal(who.roles, ROLE_USER);
	assert_memory_equal(who.name.data, "Bea", 3);
	assert_memory_equal(who.uuid, ann.uuid, sizeof(who.uuid));
	assert_int_equal(directory_connections(*state, ann.number), 1);
	assert_true(is_there(*state, "Bea", ann.number));
	assert_false(is_there(*state, "Ann", ann.number));
	assert_int_equal(come(*state, "Ann"), REASON_NONE);
	/* Its own name is not in the way of how it is written. */
	assert_true(change(*state, ann.number, "BEA", &who));
	assert_memory_equal(who.name.data, "BEA", 3);
	goes(*state, ann.number);
	assert_int_equal(come(*state, "Bea"), REASON_NONE);
}

static void a_name_that_is_taken_changes_nothing(void **state)
{
	struct person ann, who;

	assert_true(admit(*state, "Ann", &ann));
	directory_online_stranger(*state, ann.number);
	assert_int_equal(come(*state, "bob"), REASON_NONE);
	assert_false(change(*state, ann.number, "BOB", &who));
	assert_false(change(*state, ann.number, "", &who));
	assert_true(is_there(*state, "Ann", ann.number));
	assert_int_equal(directory_connections(*state, ann.number), 1);
}

/* It gets the name as soon as the stranger goes, and not before. */
static void an_account_comes_first(void **state)
{
	struct person ann, who;

	assert_true(admit(*state, "Ann", &ann));
	account_comes(*state, "Ann", 7);
	assert_true(directory_evicts(*state, ann.number));
	assert_false(change(*state, ann.number, "Bea", &who));
	assert_true(is_there(*state, "Ann", ann.number));
	goes(*state, ann.number);
	assert_true(is_there(*state, "Ann", 7));
	assert_false(admit(*state, "Ann", &who));
}

static void an_account_with_the_number_comes_first(void **state)
{
	struct person ann, who;

	assert_true(admit(*state, "Ann", &ann));
	account_comes(*state, "Zoe", ann.number);
	assert_true(directory_evicts(*state, ann.number));
	goes(*state, ann.number);
	assert_true(is_there(*state, "Zoe", ann.number));
	assert_true(admit(*state, "Ann", &who));
	assert_int_not_equal(who.number, ann.number);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_name_has_the_same_number_each_time, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(nobody_shares_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_others_have_is_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(online_is_as_it_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_is_none_is_left_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_name_keeps_the_number, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_name_that_is_taken_changes_nothing, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_account_comes_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_account_with_the_number_comes_first, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
