#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/directory.h"
#include "tests/support/accounts.h"

static const struct id_key key = { "0123456789abcdef" };

/* A login, whose secret was compared with that hash. */
static enum reason come(struct directory *directory, const char *name, uint32_t number,
			const char *hash, struct person *who)
{
	struct directory_login login = { .name = slice_of(name),
					 .claimed_number = number,
					 .secret = SLICE("right"),
					 .guests = true };
	struct secret_check check;
	struct person other;
	bool guest;

	if (directory_must_check(directory, &login, &check)) {
		check.matches = check.account != 0 && hash && strcmp(check.hash, hash) == 0;
		login.checked = &check;
	}
	return directory_login(directory, &login, who ? who : &other, &guest);
}

static void leave(struct directory *directory, uint32_t number)
{
	directory_offline(directory, number);
	directory_logout(directory, number, 0);
}

static struct people_change put(struct directory *directory, const char *name, uint32_t number,
				const char *hash, uint32_t roles)
{
	struct account account = hashed_account(name, number, hash);
	struct people_change change;

	account.roles = roles;
	directory_put(directory, &account, &change);
	return change;
}

static void put_quietly(struct directory *directory, const char *name, uint32_t number,
			const char *hash, uint32_t roles)
{
	struct people_change change = put(directory, name, number, hash, roles);

	assert_int_equal(change.gone_count, 0);
	people_change_clear(&change);
}

static void drop(struct directory *directory, const char *name, size_t gone)
{
	struct people_change change;

	directory_drop(directory, slice_of(name), &change);
	assert_int_equal(change.gone_count, gone);
	people_change_clear(&change);
}

static void one_comes_changes_and_goes(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct person ann;

	(void)state;
	put_quietly(directory, "Ann", 7, HASH_RIGHT, ROLE_MOD);
	assert_int_equal(come(directory, "ann", 0, NULL, NULL), REASON_BAD_LOGIN);
	assert_int_equal(come(directory, "ann", 0, HASH_RIGHT, &ann), REASON_NONE);
	assert_int_equal(ann.number, 7);
	assert_true(ann.roles & ROLE_MOD);
	put_quietly(directory, "Ann", 7, HASH_AGAIN, ROLE_PRO);
	assert_int_equal(come(directory, "ann", 0, HASH_RIGHT, NULL), REASON_BAD_LOGIN);
	assert_int_equal(come(directory, "ann", 0, HASH_AGAIN, &ann), REASON_NONE);
	assert_int_equal(ann.roles, ROLE_USER | ROLE_PRO);
	drop(directory, "bob", 0);
	drop(directory, "ANN", 1);
	assert_true(directory_evicts(directory, 7));
	assert_int_equal(come(directory, "ann", 0, HASH_AGAIN, NULL), REASON_NAME_TAKEN);
	leave(directory, 7);
	leave(directory, 7);
	assert_int_equal(come(directory, "ann", 0, NULL, NULL), REASON_NONE);
	directory_free(directory);
}

/* One that waits for its name can be changed, and dropped. */
static void who_waits_is_found(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct people_change change;
	struct person guest, ann;

	(void)state;
	assert_int_equal(come(directory, "ann", 0, NULL, &guest), REASON_NONE);
	change = put(directory, "ann", 7, HASH_RIGHT, 0);
	assert_int_equal(change.gone_count, 1);
	assert_int_equal(change.gone[0], guest.number);
	people_change_clear(&change);
	assert_int_equal(directory_clash(directory, SLICE("Ann"), 0), ACCOUNT_NAME_TAKEN);
	assert_int_equal(directory_clash(directory, SLICE("bob"), 7), ACCOUNT_NUMBER_TAKEN);
	put_quietly(directory, "ann", 7, HASH_AGAIN, ROLE_PRO);
	leave(directory, guest.number);
	assert_int_equal(come(directory, "ann", 0, HASH_AGAIN, &ann), REASON_NONE);
	assert_int_equal(ann.roles, ROLE_USER | ROLE_PRO);
	drop(directory, "ann", 1);
	put_quietly(directory, "ann", 8, HASH_RIGHT, 0);
	drop(directory, "ann", 0);
	leave(directory, 7);
	assert_int_equal(directory_clash(directory, SLICE("ann"), 8), ACCOUNT_FITS);
	directory_free(directory);
}

static void clashes_are_told(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct person claimer;

	(void)state;
	put_quietly(directory, "ann", 7, HASH_RIGHT, 0);
	assert_int_equal(directory_clash(directory, SLICE("ANN"), 0), ACCOUNT_NAME_TAKEN);
	assert_int_equal(directory_clash(directory, SLICE("dragoman"), 0), ACCOUNT_NAME_TAKEN);
	assert_int_equal(directory_clash(directory, SLICE("bob"), 7), ACCOUNT_NUMBER_TAKEN);
	assert_int_equal(directory_clash(directory, SLICE("bob"), BRIDGE_NUMBER),
			 ACCOUNT_NUMBER_TAKEN);
	assert_int_equal(directory_clash(directory, SLICE(" "), 8), ACCOUNT_NO_NAME);
	assert_int_equal(directory_clash(directory, SLICE("bob"), 8), ACCOUNT_FITS);
	/* Guests make room; but no number is given that one has. */
	assert_int_equal(come(directory, "eve", 8, NULL, &claimer), REASON_NONE);
	assert_int_equal(claimer.number, 8);
	assert_int_equal(directory_clash(directory, SLICE("eve"), 8), ACCOUNT_FITS);
	assert_int_equal(directory_free_number(directory, 6), 6);
	assert_int_equal(directory_free_number(directory, 7), 9);
	assert_int_equal(directory_free_number(directory, GUEST_NUMBER_FIRST - 1),
			 GUEST_NUMBER_FIRST - 1);
	put_quietly(directory, "top", GUEST_NUMBER_FIRST - 1, HASH_RIGHT, 0);
	assert_int_equal(directory_free_number(directory, GUEST_NUMBER_FIRST - 1), 0);
	directory_free(directory);
}

/* As long as any account has a hash, the time of a refusal tells nothing. */
static void hashes_go_with_their_accounts(void **state)
{
	struct directory_login nobody = { .name = SLICE("nobody"), .secret = SLICE("s") };
	struct directory *directory = directory_new(&key, NULL);
	struct secret_check check;

	(void)state;
	put_quietly(directory, "ann", 7, HASH_RIGHT, 0);
	put_quietly(directory, "bob", 8, HASH_OTHER, 0);
	put_quietly(directory, "bob", 8, HASH_AGAIN, 0);
	assert_true(directory_must_check(directory, &nobody, &check));
	assert_string_not_equal(check.hash, HASH_OTHER);
	drop(directory, "ann", 0);
	assert_true(directory_must_check(directory, &nobody, &check));
	assert_string_equal(check.hash, HASH_AGAIN);
	drop(directory, "bob", 0);
	assert_false(directory_must_check(directory, &nobody, &check));
	directory_free(directory);
}

static void accounts_are_listed(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct directory_account *accounts;
	size_t count;

	(void)state;
	put_quietly(directory, "bob", 8, HASH_OTHER, 0);
	put_quietly(directory, "Ann", 7, HASH_RIGHT, ROLE_MOD);
	assert_int_equal(come(directory, "eve", 0, NULL, NULL), REASON_NONE);
	assert_int_equal(come(directory, "ann", 0, HASH_RIGHT, NULL), REASON_NONE);
	accounts = directory_accounts(directory, &count);
	assert_int_equal(count, 2);
	assert_string_equal(accounts[0].name, "Ann");
	assert_int_equal(accounts[0].number, 7);
	assert_int_equal(accounts[0].roles, ROLE_USER | ROLE_MOD);
	assert_int_equal(accounts[0].online, 1);
	assert_string_equal(accounts[1].name, "bob");
	assert_int_equal(accounts[1].online, 0);
	free(accounts);
	directory_free(directory);
}

static void who_logged_in_is_told_once(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	uint32_t *numbers;

	(void)state;
	assert_int_equal(directory_take_seen(directory, &numbers), 0);
	assert_null(numbers);
	put_quietly(directory, "ann", 7, HASH_RIGHT, 0);
	for (unsigned i = 0; i < 3; i++) {
		for (unsigned times = 0; times < 2; times++)
			assert_int_equal(come(directory, "ann", 0, HASH_RIGHT, NULL), REASON_NONE);
		assert_int_equal(come(directory, "eve", 0, NULL, NULL), REASON_NONE);
		assert_int_equal(directory_take_seen(directory, &numbers), 1);
		assert_int_equal(numbers[0], 7);
		free(numbers);
	}
	assert_int_equal(come(directory, "ann", 0, HASH_RIGHT, NULL), REASON_NONE);
	drop(directory, "ann", 1);
	for (unsigned i = 0; i < 7; i++)
		leave(directory, 7);
	assert_int_equal(directory_take_seen(directory, &numbers), 1);
	free(numbers);
	directory_free(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_comes_changes_and_goes),
		cmocka_unit_test(who_waits_is_found),
		cmocka_unit_test(clashes_are_told),
		cmocka_unit_test(hashes_go_with_their_accounts),
		cmocka_unit_test(accounts_are_listed),
		cmocka_unit_test(who_logged_in_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
