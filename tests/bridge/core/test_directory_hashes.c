/* Accounts of whose secrets only hashes are kept: what has to be compared, and what follows.
 * Nothing is compared here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/directory.h"
#include "tests/support/accounts.h"

static const struct id_key key = { "hashes-of-people" };

/* ann has a hash, olga has none. */
static struct directory *with_ann(void)
{
	struct account ann = hashed_account("ann", 7, HASH_RIGHT);
	struct directory *directory = directory_new(&key, NULL);

	assert_true(directory_add_account(directory, &ann));
	assert_true(add_account(directory, "olga", 8, "plain", 0));
	return directory;
}

static struct directory_login login_of(const char *name, uint64_t number, const char *secret)
{
	return (struct directory_login){ .name = slice_of(name),
					 .claimed_number = number,
					 .secret = slice_of(secret) };
}

static enum reason comes(struct directory *directory, const struct directory_login *login)
{
	struct person who;
	bool guest;
	enum reason reason = directory_login(directory, login, &who, &guest);

	if (reason == REASON_NONE) {
		directory_offline(directory, who.number);
		directory_logout(directory, who.number, 0);
	}
	return reason;
}

/* Whose hash has to be compared; UINT32_MAX: none has. */
static uint32_t checked(struct directory *directory, const struct directory_login *login)
{
	struct secret_check check;

	if (!directory_must_check(directory, login, &check))
		return UINT32_MAX;
	assert_false(check.matches);
	assert_null(password_hash_fault(check.hash));
	return check.account;
}

static uint32_t checked_of(struct directory *directory, const char *name, uint64_t number,
			   const char *secret)
{
	struct directory_login login = login_of(name, number, secret);

	return checked(directory, &login);
}

static void a_match_is_what_lets_in(void **state)
{
	struct directory *directory = with_ann();
	struct directory_login login = login_of("Ann", 0, "right");
	struct secret_check check;

	(void)state;
	assert_true(directory_must_check(directory, &login, &check));
	assert_int_equal(check.account, 7);
	assert_string_equal(check.hash, HASH_RIGHT);
	assert_int_equal(comes(directory, &login), REASON_BAD_LOGIN);
	login.checked = &check;
	assert_false(directory_must_check(directory, &login, &check));
	assert_int_equal(comes(directory, &login), REASON_BAD_LOGIN);
	check.matches = true;
	assert_false(directory_must_check(directory, &login, &check));
	assert_int_equal(comes(directory, &login), REASON_NONE);
	directory_free(directory);
}

static void the_hash_is_no_secret(void **state)
{
	struct directory *directory = with_ann();
	struct directory_login login = login_of("ann", 7, HASH_RIGHT);

	(void)state;
	assert_int_equal(checked(directory, &login), 7);
	assert_int_equal(comes(directory, &login), REASON_BAD_LOGIN);
	login.guests = true;
	assert_int_equal(comes(directory, &login), REASON_BAD_LOGIN);
	directory_free(directory);
}

/* What was found of one account says nothing of another. */
static void a_match_is_of_one_account(void **state)
{
	struct directory *directory = with_ann();
	struct account bob = hashed_account("bob", 9, HASH_RIGHT);
	struct directory_login login = login_of("bob", 0, "right");
	struct secret_check check = { .hash = HASH_RIGHT, .account = 7, .matches = true };

	(void)state;
	assert_true(directory_add_account(directory, &bob));
	login.checked = &check;
	assert_int_equal(comes(directory, &login), REASON_BAD_LOGIN);
	check.account = 9;
	assert_int_equal(comes(directory, &login), REASON_NONE);
	strcpy(check.hash, HASH_OTHER);
	assert_int_equal(comes(directory, &login), REASON_BAD_LOGIN);
	directory_free(directory);
}

/* A number counts before a name. */
static void one_account_is_looked_at(void **state)
{
	struct directory *directory = with_ann();
	struct account bob = hashed_account("bob", 9, HASH_OTHER);
	struct directory_login both = login_of("bob", 7, "other");

	(void)state;
	assert_true(directory_add_account(directory, &bob));
	assert_int_equal(checked_of(directory, NULL, 7, "s"), 7);
	assert_int_equal(checked_of(directory, "bob", 7, "s"), 7);
	assert_int_equal(checked_of(directory, "bob", 1234, "s"), 9);
	assert_int_equal(checked_of(directory, "bob", 0, "s"), 9);
	assert_int_equal(checked_of(directory, "bob", UINT64_MAX, "s"), 9);
	both.checked = &(struct secret_check){ .hash = HASH_RIGHT, .account = 7 };
	assert_int_equal(checked(directory, &both), UINT32_MAX);
	assert_int_equal(comes(directory, &both), REASON_BAD_LOGIN);
	directory_free(directory);
}

/* Where a guest may have the name, the number is only a wish. */
static void a_guest_may_wish_for_a_number(void **state)
{
	struct directory *directory = with_ann();
	struct directory_login zoe = login_of("zoe", 7, "own");

	(void)state;
	zoe.guests = true;
	assert_int_equal(checked(directory, &zoe), 7);
	zoe.checked = &(struct secret_check){ .hash = HASH_RIGHT, .account = 7 };
	assert_int_equal(comes(directory, &zoe), REASON_NONE);
	directory_free(directory);
}

/* Whoever is refused has waited as long as ann with a wrong secret. */
static void nobody_is_told_by_the_time(void **state)
{
	struct directory *directory = with_ann();
	struct directory_login guest = login_of("zoe", 0, "s");

	(void)state;
	assert_int_equal(checked_of(directory, "zoe", 0, "s"), 0);
	assert_int_equal(checked_of(directory, "zoe", 5, "s"), 0);
	assert_int_equal(checked_of(directory, "olga", 0, "wrong"), 0);
	assert_int_equal(checked_of(directory, "zoe", 8, "wrong"), 0);
	/* But who is not refused has nothing to wait for, */
	assert_int_equal(checked_of(directory, "olga", 0, "plain"), UINT32_MAX);
	assert_int_equal(checked_of(directory, NULL, 8, "plain"), UINT32_MAX);
	guest.guests = true;
	assert_int_equal(checked(directory, &guest), UINT32_MAX);
	/* nor who shows no secret, or has no name, or the server's. */
	assert_int_equal(checked_of(directory, "ann", 7, NULL), UINT32_MAX);
	assert_int_equal(checked_of(directory, "zoe", 0, ""), UINT32_MAX);
	assert_int_equal(checked_of(directory, " ", 0, "s"), UINT32_MAX);
	assert_int_equal(checked_of(directory, BRIDGE_NAME, 0, "s"), UINT32_MAX);
	/* Once is enough. */
	guest.guests = false;
	guest.checked = &(struct secret_check){ .hash = HASH_RIGHT, .matches = true };
	assert_int_equal(checked(directory, &guest), UINT32_MAX);
	assert_int_equal(comes(directory, &guest), REASON_BAD_LOGIN);
	directory_free(directory);
}

static void without_hashes_nothing_is_compared(void **state)
{
	struct directory *directory = directory_new(&key, NULL);

	(void)state;
	assert_true(add_account(directory, "olga", 8, "plain", 0));
	assert_int_equal(checked_of(directory, "olga", 0, "wrong"), UINT32_MAX);
	assert_int_equal(checked_of(directory, "zoe", 0, "s"), UINT32_MAX);
	directory_free(directory);
}

static void change(struct directory *directory, struct account *accounts, size_t count)
{
	struct people_change done;
	size_t which;

	assert_true(directory_fits(directory, accounts, count, &which));
	directory_change(directory, accounts, count, &done);
	people_change_clear(&done);
}

/* A hash that is changed meanwhile is compared again; what was found of the old one does not count.
 */
static void a_change_counts_at_once(void **state)
{
	struct directory *directory = with_ann();
	struct account other = hashed_account("ann", 7, HASH_OTHER);
	struct account same = other, plain = account_of("ann", 7, "plain", 0);
	struct account *const stages[] = { &other, &same, &plain };
	static const int what[] = { ACCOUNT_CHANGED, ACCOUNT_SAME, ACCOUNT_CHANGED };
	struct directory_login login = login_of("ann", 0, "right");
	struct secret_check check = { .hash = HASH_RIGHT, .account = 7, .matches = true };

	(void)state;
	login.checked = &check;
	assert_int_equal(comes(directory, &login), REASON_NONE);
	for (size_t i = 0; i < 3; i++) {
		change(directory, stages[i], 1);
		assert_int_equal(stages[i]->what, what[i]);
		assert_int_equal(comes(directory, &login), REASON_BAD_LOGIN);
		assert_int_equal(checked(directory, &login), i < 2 ? 7 : UINT32_MAX);
	}
	/* As long as there are no more of them, nobody waits; and there may be again. */
	assert_int_equal(checked_of(directory, "zoe", 0, "s"), UINT32_MAX);
	change(directory, &other, 1);
	assert_int_equal(other.what, ACCOUNT_CHANGED);
	assert_int_equal(checked_of(directory, "zoe", 0, "s"), 0);
	directory_free(directory);
}

/* An account that waits for its name has its hash when it gets it. */
static void a_new_account_has_its_hash(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct account ann = hashed_account("ann", 7, HASH_RIGHT);
	struct directory_login guest = login_of("ann", 0, "mine"), login = login_of("ann", 0, "s");
	struct person who;
	bool is_guest;

	(void)state;
	guest.guests = true;
	assert_int_equal(directory_login(directory, &guest, &who, &is_guest), REASON_NONE);
	change(directory, &ann, 1);
	assert_int_equal(ann.what, ACCOUNT_NEW);
	assert_int_equal(checked(directory, &login), 0);
	directory_offline(directory, who.number);
	directory_logout(directory, who.number, 0);
	assert_int_equal(checked(directory, &login), 7);
	change(directory, NULL, 0);
	assert_int_equal(checked(directory, &login), UINT32_MAX);
	directory_free(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_match_is_what_lets_in),
		cmocka_unit_test(the_hash_is_no_secret),
		cmocka_unit_test(a_match_is_of_one_account),
		cmocka_unit_test(one_account_is_looked_at),
		cmocka_unit_test(a_guest_may_wish_for_a_number),
		cmocka_unit_test(nobody_is_told_by_the_time),
		cmocka_unit_test(without_hashes_nothing_is_compared),
		cmocka_unit_test(a_change_counts_at_once),
		cmocka_unit_test(a_new_account_has_its_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
