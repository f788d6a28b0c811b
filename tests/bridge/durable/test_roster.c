#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/durable/roster.h"

static struct roster_entry *add(struct roster *roster, const char *name, uint32_t number)
{
	struct lasting_person person = { .number = number, .roles = ROLE_PRO, .hash = "hash" };

	snprintf(person.name, sizeof(person.name), "%s", name);
	return roster_add(roster, &person);
}

static void all_are_found(void **state)
{
	struct roster *roster = roster_new();
	struct roster_entry *ann = add(roster, "Ann", 7), *bob = add(roster, "bob", 8);

	(void)state;
	assert_non_null(ann);
	assert_null(add(roster, "ANN", 9));
	assert_null(add(roster, "cy", 8));
	assert_null(add(roster, "", 9));
	assert_int_equal(roster_count(roster), 2);
	assert_ptr_equal(roster_find(roster, SLICE("aNN")), ann);
	assert_ptr_equal(roster_find_number(roster, 8), bob);
	assert_null(roster_find(roster, SLICE("")));
	assert_null(roster_find(roster, SLICE("cy")));
	assert_null(roster_find_number(roster, 9));
	assert_ptr_equal(roster_next(roster, NULL), ann);
	assert_ptr_equal(roster_next(roster, ann), bob);
	assert_null(roster_next(roster, bob));
	roster_remove(roster, ann);
	assert_null(roster_find(roster, SLICE("ann")));
	assert_non_null(add(roster, "ann", 7));
	roster_free(roster);
	roster_free(NULL);
}

static struct account *plan(struct roster *roster, const struct conf *conf, size_t *count)
{
	struct account *accounts = calloc(conf->account_count + 1, sizeof(*accounts));

	assert_non_null(accounts);
	for (size_t i = 0; i < conf->account_count; i++)
		accounts[i].name = conf->accounts[i].name;
	return roster_plan(roster, conf, accounts, count);
}

static void the_configuration_comes_first(void **state)
{
	static char ann[] = " ANN", eve[] = "eve";
	struct conf_account given[] = { { .name = ann, .number = 70 },
					{ .name = eve, .number = 8 } };
	struct conf conf = { .accounts = given, .account_count = 2 }, none = { .account_count = 0 };
	struct roster *roster = roster_new();
	struct roster_entry *named = add(roster, "Ann", 7), *numbered = add(roster, "bob", 8);
	struct roster_entry *free_one = add(roster, "cy", 9), *coming = add(roster, "dee", 10);
	struct account *accounts;
	size_t count;

	(void)state;
	coming->coming = true;
	accounts = plan(roster, &conf, &count);
	assert_int_equal(count, 3);
	assert_string_equal(accounts[1].name, "eve");
	assert_string_equal(accounts[2].name, "cy");
	assert_int_equal(accounts[2].number, 9);
	assert_int_equal(accounts[2].roles, ROLE_PRO);
	assert_true(accounts[2].hashed);
	free(accounts);
	/* Not before it is in force. */
	assert_true(roster_holds(named) && roster_holds(numbered));
	roster_follow(roster);
	assert_false(roster_holds(named) || roster_holds(numbered) || roster_holds(coming));
	assert_true(roster_holds(free_one));
	accounts = plan(roster, &none, &count);
	assert_int_equal(count, 3);
	free(accounts);
	roster_follow(roster);
	assert_true(roster_holds(named) && roster_holds(numbered));
	named->barred = true;
	free(plan(roster, &none, &count));
	assert_int_equal(count, 2);
	assert_false(roster_holds(named));
	roster_free(roster);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_found),
		cmocka_unit_test(the_configuration_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
