/* Who calls without a connection, and comes with one later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/accounts.h"

static const struct id_key key = { "0123456789abcdef" };

/* What is known of somebody. */
struct found {
	struct person who;
	char name[NAME_BYTES_MAX];
	bool guest;
	uint64_t credential;
};

static struct directory_login login_of(const char *name, const char *secret)
{
	return (struct directory_login){
		.name = slice_of(name), .secret = slice_of(secret), .guests = true, .now_ms = 1000
	};
}

static enum reason identify(struct directory *directory, const struct directory_login *login,
			    struct found *found)
{
	memset(found, 0, sizeof(*found));
	return directory_identify(directory, login, &found->who, found->name, &found->guest,
				  &found->credential);
}

/* Comes with what it was given, as somebody of that number. */
static enum reason come(struct directory *directory, const struct found *found, uint32_t number,
			bool *guest)
{
	struct directory_login login = { .name = found->who.name,
					 .claimed_number = number,
					 .credential = found->credential,
					 .by_account = !found->guest,
					 .guests = true,
					 .now_ms = 1000 };
	struct person who;
	enum reason reason = directory_login(directory, &login, &who, guest);

	if (reason == REASON_NONE)
		assert_int_equal(who.number, number);
	return reason;
}

static int open_directory(void **state)
{
	struct directory *directory = directory_new(&key, "the owner's");

	directory_keep_numbers(directory, 10000);
	assert_true(add_account(directory, "Ann", 7, "right", ROLE_USER | ROLE_MOD));
	*state = directory;
	return 0;
}

static int close_directory(void **state)
{
	directory_free(*state);
	return 0;
}

static void accounts(void **state)
{
	struct directory *directory = *state;
	struct directory_login login = login_of("ann", "right");
	struct found found;
	bool guest = true;

	assert_int_equal(identify(directory, &login, &found), REASON_NONE);
	assert_int_equal(found.who.number, 7);
	assert_true(slice_is(found.who.name, "Ann"));
	assert_int_equal(found.who.roles, ROLE_USER | ROLE_MOD);
	assert_false(found.guest);
	assert_int_equal(directory_connections(directory, 7), 0);
	assert_int_equal(come(directory, &found, 7, &guest), REASON_NONE);
	assert_false(guest);
	assert_int_equal(directory_connections(directory, 7), 1);
	/* Again meanwhile; a number alone does, too. */
	assert_int_equal(identify(directory, &login, &found), REASON_NONE);
	assert_int_equal(come(directory, &found, 7, &guest), REASON_NONE);
	login.name = (struct slice){ NULL, 0 };
	login.claimed_number = 7;
	assert_int_equal(identify(directory, &login, &found), REASON_NONE);
	/* Somebody else's is none. */
	assert_int_equal(come(directory, &found, 8, &guest), REASON_BAD_LOGIN);
	found.credential++;
	assert_int_equal(come(directory, &found, 7, &guest), REASON_BAD_LOGIN);
	login = login_of("ann", "wrong");
	assert_int_equal(identify(directory, &login, &found), REASON_BAD_LOGIN);
	login = login_of("ann", NULL);
	assert_int_equal(identify(directory, &login, &found), REASON_BAD_LOGIN);
}

static void another_secret(void **state)
{
	struct directory *directory = *state;
	struct directory_login login = login_of("ann", "right");
	struct account account = account_of("Ann", 7, "other", ROLE_USER);
	struct people_change change;
	struct found found;
	bool guest;

	assert_int_equal(identify(directory, &login, &found), REASON_NONE);
	directory_put(directory, &account, &change);
	people_change_clear(&change);
	assert_int_equal(come(directory, &found, 7, &guest), REASON_BAD_LOGIN);
	directory_drop(directory, SLICE("Ann"), &change);
	people_change_clear(&change);
	/* Nor does it make a guest of who had the account. */
	assert_int_equal(come(directory, &found, 7, &guest), REASON_BAD_LOGIN);
}

static void guests(void **state)
{
	struct directory *directory = *state;
	struct directory_login login = login_of("Bob", "x"), other = login_of("bob", "y");
	struct found found, again;
	bool guest = false;

	assert_int_equal(identify(directory, &login, &found), REASON_NONE);
	assert_true(found.guest);
	assert_true(found.who.number >= GUEST_NUMBER_FIRST);
	assert_int_equal(directory_connections(directory, found.who.number), 0);
	assert_int_equal(identify(directory, &login, &again), REASON_NONE);
	assert_int_equal(again.who.number, found.who.number);
	assert_true(again.credential == found.credential);
	assert_int_equal(come(directory, &found, found.who.number, &guest), REASON_NONE);
	assert_true(guest);
	/* While they are there, they are who has the secret. */
	assert_int_equal(identify(directory, &login, &again), REASON_NONE);
	assert_int_equal(again.who.number, found.who.number);
	assert_int_equal(identify(directory, &other, &again), REASON_NAME_TAKEN);
	assert_int_equal(come(directory, &found, found.who.number, &guest), REASON_NONE);
	login.guests = false;
	login.name = SLICE("eve");
	assert_int_equal(identify(directory, &login, &again), REASON_BAD_LOGIN);
}

/* After a restart nothing is kept of a guest, whose number is given again if it is free. */
static void guests_after_a_restart(void **state)
{
	struct directory *directory = *state, *next;
	struct directory_login login = login_of("Bob", "x"), first = login_of("Eve", "y");
	struct found eve, found;
	bool guest;

	assert_int_equal(identify(directory, &first, &eve), REASON_NONE);
	assert_int_equal(identify(directory, &login, &found), REASON_NONE);
	next = directory_new(&key, NULL);
	assert_int_equal(come(next, &found, found.who.number, &guest), REASON_NONE);
	assert_true(guest);
	directory_free(next);
}

static void without_a_name(void **state)
{
	struct directory *directory = *state;
	struct directory_login login = login_of(NULL, "x");
	struct found found;

	assert_int_equal(identify(directory, &login, &found), REASON_BAD_LOGIN);
	login = login_of("Dragoman", "x");
	assert_int_equal(identify(directory, &login, &found), REASON_NAME_TAKEN);
	login = login_of("\xff", "x");
	assert_int_equal(identify(directory, &login, &found), REASON_BAD_LOGIN);
}

/* ---- all of them ---- */

static void assert_listed(struct directory *directory, const char *prefix, size_t skip, size_t max,
			  const char *names, size_t total)
{
	size_t count, all;
	struct directory_listed *list =
	    directory_list(directory, slice_of(prefix), false, skip, max, &count, &all);
	char text[256] = "";

	for (size_t i = 0; i < count; i++) {
		strcat(text, i ? "," : "");
		strncat(text, list[i].person.name.data, list[i].person.name.len);
	}
	assert_string_equal(text, names);
	assert_int_equal(all, total);
	free(list);
}

static void listed(void **state)
{
	struct directory *directory = *state;
	struct directory_login login = login_of("Annika", "x");
	struct person who;
	bool guest;

	assert_true(add_account(directory, "Zoe", 5, "z", ROLE_USER));
	assert_int_equal(directory_login(directory, &login, &who, &guest), REASON_NONE);
	/* By number; the server itself is not there. */
	assert_listed(directory, "", 0, 10, "Zoe,Ann,Annika", 3);
	assert_listed(directory, "ann", 0, 10, "Ann,Annika", 2);
	assert_listed(directory, "", 1, 1, "Ann", 3);
	assert_listed(directory, "", 3, 1, "", 3);
	assert_listed(directory, "", 99, 1, "", 3);
	assert_listed(directory, "x", 0, 10, "", 0);
	directory_offline(directory, who.number);
	directory_logout(directory, who.number, 1000);
	assert_listed(directory, "", 0, 10, "Zoe,Ann", 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_directory, close_directory)
	const struct CMUnitTest tests[] = {
		TEST(accounts),       TEST(another_secret),
		TEST(guests),         TEST(guests_after_a_restart),
		TEST(without_a_name), TEST(listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
