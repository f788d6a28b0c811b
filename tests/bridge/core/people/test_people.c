#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/directory.h"
#include "tests/support/accounts.h"

static const struct id_key key = { "0123456789abcdef" };

static enum reason come(struct directory *directory, const char *name, uint32_t number,
			const char *secret, struct person *who)
{
	struct directory_login login = { .name = slice_of(name),
					 .claimed_number = number,
					 .secret = slice_of(secret),
					 .guests = true };
	struct person other;
	bool guest;

	return directory_login(directory, &login, who ? who : &other, &guest);
}

static void leave(struct directory *directory, uint32_t number)
{
	directory_offline(directory, number);
	directory_logout(directory, number, 0);
}

/* What holds from now on; whose connections end, in any order. */
static void change(struct directory *directory, struct account *accounts, size_t count,
		   const uint32_t *gone, size_t gone_count)
{
	struct people_change change;
	size_t which;

	assert_true(directory_fits(directory, accounts, count, &which));
	directory_change(directory, accounts, count, &change);
	assert_int_equal(change.gone_count, gone_count);
	for (size_t i = 0; i < gone_count; i++) {
		bool found = false;

		for (size_t j = 0; j < gone_count; j++)
			found |= change.gone[j] == gone[i];
		assert_true(found);
	}
	people_change_clear(&change);
}

static struct directory *with_ann(void)
{
	struct directory *directory = directory_new(&key, NULL);

	assert_true(add_account(directory, "ann", 7, "a", ROLE_MOD));
	return directory;
}

static void accounts_come_and_change(void **state)
{
	struct directory *directory = with_ann();
	struct account two[] = { account_of("ann", 7, "b", ROLE_STAFF),
				 account_of("bob", 8, "s", 0) };
	struct person ann, again;

	(void)state;
	assert_int_equal(come(directory, "ann", 0, "a", &ann), REASON_NONE);
	change(directory, two, 2, NULL, 0);
	assert_int_equal(two[0].what, ACCOUNT_CHANGED);
	assert_int_equal(two[1].what, ACCOUNT_NEW);
	/* At once for logins; who is there keeps what it has. */
	assert_int_equal(come(directory, "ann", 0, "a", NULL), REASON_BAD_LOGIN);
	assert_int_equal(come(directory, "ann", 0, "b", &again), REASON_NONE);
	assert_int_equal(again.number, 7);
	assert_true(again.roles & ROLE_STAFF && !(again.roles & ROLE_MOD));
	assert_int_equal(come(directory, "bob", 0, "s", NULL), REASON_NONE);
	change(directory, two, 2, NULL, 0);
	assert_int_equal(two[0].what, ACCOUNT_SAME);
	assert_int_equal(two[1].what, ACCOUNT_SAME);
	directory_free(directory);
}

static void an_account_that_goes_takes_its_connections_along(void **state)
{
	struct directory *directory = with_ann();
	struct people_change gone;

	(void)state;
	assert_int_equal(come(directory, "ann", 0, "a", NULL), REASON_NONE);
	assert_int_equal(come(directory, "ann", 0, "a", NULL), REASON_NONE);
	directory_change(directory, NULL, 0, &gone);
	assert_int_equal(gone.gone_count, 1);
	assert_int_equal(gone.gone[0], 7);
	assert_int_equal(gone.removed_count, 1);
	assert_string_equal(gone.removed[0], "ann");
	people_change_clear(&gone);
	/* Nobody gets the name or joins them, until the last has left. */
	assert_int_equal(come(directory, "ann", 0, "a", NULL), REASON_NAME_TAKEN);
	leave(directory, 7);
	assert_int_equal(come(directory, "ANN", 0, "x", NULL), REASON_NAME_TAKEN);
	leave(directory, 7);
	assert_int_equal(come(directory, "ann", 0, "x", NULL), REASON_NONE);
	directory_free(directory);
}

/* Accounts wait for who is on the way out, for the name and the number. */
static void guests_make_room_for_accounts(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct account accounts[] = { account_of("dora", 44, "new", 0) };
	struct person dora, claimer;
	uint32_t gone[2];

	(void)state;
	assert_int_equal(come(directory, "dora", 0, "k", &dora), REASON_NONE);
	assert_int_equal(come(directory, "eve", 44, "k", &claimer), REASON_NONE);
	assert_int_equal(claimer.number, 44);
	gone[0] = dora.number;
	gone[1] = 44;
	change(directory, accounts, 1, gone, 2);
	assert_int_equal(come(directory, "dora", 0, "k", NULL), REASON_NAME_TAKEN);
	assert_int_equal(come(directory, "dora", 0, "new", NULL), REASON_NAME_TAKEN);
	leave(directory, dora.number);
	/* The number is somebody's still: nobody else gets the name meanwhile. */
	assert_int_equal(come(directory, "dora", 0, "x", NULL), REASON_NAME_TAKEN);
	leave(directory, 44);
	assert_int_equal(come(directory, "dora", 0, "new", &dora), REASON_NONE);
	assert_int_equal(dora.number, 44);
	directory_free(directory);
}

/* Nobody passes for an account that comes while they are there, or that waits. */
static void who_looks_like_an_account_makes_room(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct account accounts[] = { account_of("olga", 44, "new", 0) };
	struct person like, claimer;
	uint32_t gone[2];

	(void)state;
	assert_int_equal(come(directory, "0lga", 0, "k", &like), REASON_NONE);
	assert_int_equal(come(directory, "eve", 44, "k", &claimer), REASON_NONE);
	gone[0] = like.number;
	gone[1] = 44;
	change(directory, accounts, 1, gone, 2);
	leave(directory, like.number);
	assert_int_equal(come(directory, "0lga", 0, "k", NULL), REASON_NAME_TAKEN);
	assert_int_equal(come(directory, "OIga", 0, "k", NULL), REASON_NAME_TAKEN);
	leave(directory, 44);
	assert_int_equal(come(directory, "0lga", 0, "k", NULL), REASON_NAME_TAKEN);
	assert_int_equal(come(directory, "olga", 0, "new", NULL), REASON_NONE);
	directory_free(directory);
}

/* "Ian" looks like "lan", and like "ian" with a letter of Cyrillic, which do not look alike. */
static void all_who_look_like_an_account_make_room(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct account accounts[] = { account_of("Ian", 44, "new", 0) };
	struct person first, second;
	uint32_t gone[2];

	(void)state;
	assert_int_equal(come(directory, "lan", 0, "k", &first), REASON_NONE);
	assert_int_equal(come(directory,
			      "\xd1\x96"
			      "an",
			      0, "k", &second),
			 REASON_NONE);
	gone[0] = first.number;
	gone[1] = second.number;
	change(directory, accounts, 1, gone, 2);
	leave(directory, first.number);
	leave(directory, second.number);
	assert_int_equal(come(directory, "Ian", 0, "new", NULL), REASON_NONE);
	directory_free(directory);
}

/* With another number it is another: who was there goes. So with the numbers of two exchanged. */
static void another_number_is_another_account(void **state)
{
	struct directory *directory = with_ann();
	struct account swapped[] = { account_of("ann", 8, "a", 0), account_of("bob", 7, "b", 0) };
	struct people_change gone;
	struct person who;
	const uint32_t both[] = { 7, 8 };

	(void)state;
	assert_true(add_account(directory, "bob", 8, "b", 0));
	assert_int_equal(come(directory, "ann", 0, "a", NULL), REASON_NONE);
	assert_int_equal(come(directory, "bob", 0, "b", NULL), REASON_NONE);
	change(directory, swapped, 2, both, 2);
	assert_int_equal(swapped[0].what, ACCOUNT_CHANGED);
	assert_int_equal(swapped[1].what, ACCOUNT_CHANGED);
	leave(directory, 7);
	leave(directory, 8);
	assert_int_equal(come(directory, "ann", 0, "a", &who), REASON_NONE);
	assert_int_equal(who.number, 8);
	assert_int_equal(come(directory, "bob", 0, "b", &who), REASON_NONE);
	assert_int_equal(who.number, 7);
	/* A changed one is not among those removed. */
	directory_change(directory, swapped, 1, &gone);
	assert_int_equal(gone.removed_count, 1);
	assert_string_equal(gone.removed[0], "bob");
	people_change_clear(&gone);
	directory_free(directory);
}

/* What waits is forgotten by the next change. */
static void an_account_that_waits_may_go_again(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct account accounts[] = { account_of("dora", 44, "new", 0) };
	struct person dora;

	(void)state;
	assert_int_equal(come(directory, "dora", 0, "k", &dora), REASON_NONE);
	change(directory, accounts, 1, &dora.number, 1);
	change(directory, NULL, 0, NULL, 0);
	leave(directory, dora.number);
	assert_int_equal(come(directory, "dora", 0, "guest again", NULL), REASON_NONE);
	directory_free(directory);
}

static void what_does_not_fit_is_told(void **state)
{
	struct directory *directory = with_ann();
	struct account accounts[] = { account_of("ann", 7, "a", 0), account_of("bob", 8, "b", 0),
				      account_of("cy", 9, "c", 0) };
	struct person who;
	size_t which;

	(void)state;
	assert_true(directory_reserve(directory, "bot", &who));
	assert_true(directory_fits(directory, accounts, 3, &which));
	accounts[1].name = "BOT";
	assert_false(directory_fits(directory, accounts, 3, &which));
	assert_int_equal(which, 1);
	accounts[1].name = BRIDGE_NAME;
	assert_false(directory_fits(directory, accounts, 3, &which));
	accounts[1].name = "bob";
	accounts[1].number = who.number;
	assert_false(directory_fits(directory, accounts, 3, &which));
	accounts[1].number = 9;
	assert_false(directory_fits(directory, accounts, 3, &which));
	assert_int_equal(which, 2);
	accounts[1].number = 8;
	accounts[2].name = "\xc3\x81nn";
	accounts[0].name = "\xc3\xa1nn";
	assert_false(directory_fits(directory, accounts, 3, &which));
	assert_int_equal(which, 2);
	accounts[2].name = " ";
	assert_false(directory_fits(directory, accounts, 3, &which));
	assert_true(directory_fits(directory, NULL, 0, &which));
	directory_free(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_come_and_change),
		cmocka_unit_test(an_account_that_goes_takes_its_connections_along),
		cmocka_unit_test(guests_make_room_for_accounts),
		cmocka_unit_test(who_looks_like_an_account_makes_room),
		cmocka_unit_test(all_who_look_like_an_account_make_room),
		cmocka_unit_test(another_number_is_another_account),
		cmocka_unit_test(an_account_that_waits_may_go_again),
		cmocka_unit_test(what_does_not_fit_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
