#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/people/bans.h"

static struct ban ban_of(const char *target, uint32_t number, uint64_t until_ms)
{
	struct ban ban = { .number = number, .until_ms = until_ms };

	snprintf(ban.target, sizeof(ban.target), "%s", target);
	ban.by_network = network_read(target, strlen(target), &ban.network);
	if (!ban.by_network && target[0] != '#')
		ban.folded_len = name_fold(slice_of(target), ban.folded);
	return ban;
}

static bool holds(struct bans *bans, const char *name, uint32_t number, uint64_t address,
		  uint64_t now_ms)
{
	struct person person = { .name = slice_of(name), .number = number };

	return bans_hold_person(bans, &person, address, now_ms);
}

static void add(struct bans *bans, const char *target, uint32_t number, uint64_t until_ms)
{
	struct ban ban = ban_of(target, number, until_ms);

	assert_true(bans_add(bans, &ban, 0));
}

static void people_are_found_by_any_of_it(void **state)
{
	static const uint64_t addresses[] = { 11, 12 };
	struct bans *bans = bans_new();

	(void)state;
	assert_false(bans_any(bans));
	assert_false(holds(bans, "bob", 7, 0, 1));
	add(bans, "Bob", 7, 100);
	assert_true(bans_any(bans));
	assert_true(holds(bans, "bOB", 9, 0, 1));
	assert_true(holds(bans, "other", 7, 0, 1));
	assert_false(holds(bans, "other", 9, 0, 1));
	assert_false(holds(bans, "other", 9, 11, 1));
	bans_add_addresses(bans, "bob", addresses, 2);
	assert_true(holds(bans, "other", 9, 11, 1));
	assert_false(holds(bans, "other", 9, 0, 1));
	assert_false(holds(bans, "bob", 7, 11, 100));
	bans_add_addresses(bans, "nobody", addresses, 2);
	bans_free(bans);
}

static void a_ban_made_again_knows_the_addresses(void **state)
{
	static const uint64_t addresses[] = { 11, 12 }, more[] = { 12, 13 };
	struct bans *bans = bans_new();
	struct ban listed;

	(void)state;
	add(bans, "bob", 7, 100);
	bans_add_addresses(bans, "bob", addresses, 2);
	add(bans, "BOB", 0, BAN_FOREVER);
	assert_true(holds(bans, "other", 9, 11, 500));
	bans_add_addresses(bans, "bob", more, 2);
	assert_int_equal(bans_list(bans, 500, 0, &listed, 1), 1);
	assert_int_equal(listed.address_count, 3);
	assert_true(bans_lift(bans, "bob", NULL));
	add(bans, "bob", 7, BAN_FOREVER);
	assert_false(holds(bans, "other", 9, 11, 500));
	bans_free(bans);
}

static void networks_hold_addresses_only(void **state)
{
	struct bans *bans = bans_new();

	(void)state;
	add(bans, "192.0.2.0/24", 0, BAN_FOREVER);
	add(bans, "2001:db8::1", 0, 50);
	assert_true(bans_hold_address(bans, "192.0.2.7", 1));
	assert_false(bans_hold_address(bans, "192.0.3.7", 1));
	assert_true(bans_hold_address(bans, "2001:db8::1", 49));
	assert_false(bans_hold_address(bans, "2001:db8::1", 50));
	assert_false(bans_hold_address(bans, "no address", 1));
	assert_false(holds(bans, "192.0.2.7", 7, 0, 1));
	bans_free(bans);
}

static void they_are_lifted_as_they_were_made(void **state)
{
	struct bans *bans = bans_new();

	(void)state;
	add(bans, "Bob", 7, BAN_FOREVER);
	add(bans, "#8", 8, BAN_FOREVER);
	add(bans, "192.0.2.7", 0, BAN_FOREVER);
	assert_false(bans_lift(bans, "#7", NULL));
	assert_false(bans_lift(bans, "192.0.2.0/24", NULL));
	assert_true(bans_lift(bans, "bob", NULL));
	assert_false(bans_lift(bans, "bob", NULL));
	assert_true(bans_lift(bans, "#8", NULL));
	assert_true(bans_lift(bans, "192.0.2.7/32", NULL));
	assert_false(bans_any(bans));
	bans_free(bans);
}

static void the_newest_of_a_target_holds(void **state)
{
	struct bans *bans = bans_new();
	struct ban list[4];

	(void)state;
	add(bans, "bob", 7, 10);
	add(bans, "ann", 6, 20);
	add(bans, "BOB", 7, 30);
	assert_int_equal(bans_list(bans, 5, 0, list, 4), 2);
	assert_string_equal(list[0].target, "ann");
	assert_string_equal(list[1].target, "BOB");
	assert_true(list[1].until_ms == 30);
	assert_int_equal(bans_list(bans, 5, 1, list, 4), 1);
	assert_int_equal(bans_list(bans, 5, 0, list, 1), 1);
	assert_int_equal(bans_list(bans, 20, 0, list, 4), 1);
	assert_int_equal(bans_list(bans, 30, 0, list, 4), 0);
	assert_false(bans_any(bans));
	bans_free(bans);
}

static void there_are_only_so_many(void **state)
{
	struct bans *bans = bans_new();
	struct ban ban;

	(void)state;
	for (uint32_t i = 1; i <= BANS_MAX; i++) {
		char target[16];

		snprintf(target, sizeof(target), "#%u", i);
		add(bans, target, i, i == 3 ? 10 : BAN_FOREVER);
	}
	ban = ban_of("one more", 0, BAN_FOREVER);
	assert_false(bans_add(bans, &ban, 9));
	assert_true(bans_add(bans, &ban, 10));
	assert_true(holds(bans, "one more", 0, 0, 10));
	assert_false(holds(bans, "", 3, 0, 10));
	bans_free(bans);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people_are_found_by_any_of_it),
		cmocka_unit_test(a_ban_made_again_knows_the_addresses),
		cmocka_unit_test(networks_hold_addresses_only),
		cmocka_unit_test(they_are_lifted_as_they_were_made),
		cmocka_unit_test(the_newest_of_a_target_holds),
		cmocka_unit_test(there_are_only_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
