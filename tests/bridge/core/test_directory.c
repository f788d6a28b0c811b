#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/directory.h"
#include "bridge/core/people/parted.h"
#include "codecs/text/name.h"
#include "tests/support/accounts.h"

#define OWNER "owner-secret"

static const struct id_key key = { "0123456789abcdef" };

/* What a login came to. */
struct came {
	enum reason reason;
	struct person who;
	bool guest;
};

static struct came ask(struct directory *directory, const struct directory_login *login)
{
	struct came came = { .reason = REASON_NONE };

	came.reason = directory_login(directory, login, &came.who, &came.guest);
	return came;
}

static struct came come(struct directory *directory, const char *name, const char *secret)
{
	struct directory_login login = { .name = slice_of(name),
					 .secret = slice_of(secret),
					 .guests = true };

	return ask(directory, &login);
}

static struct came claim(struct directory *directory, const char *name, uint64_t number,
			 const char *secret)
{
	struct directory_login login = { .name = slice_of(name),
					 .secret = slice_of(secret),
					 .claimed_number = number,
					 .guests = true };

	return ask(directory, &login);
}

static void is_called(const struct person *person, const char *name)
{
	assert_int_equal(person->name.len, strlen(name));
	assert_memory_equal(person->name.data, name, strlen(name));
}

static void a_guest_gets_a_number(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct came ann = come(directory, "ann", NULL), bob = come(directory, "bob", "s");
	unsigned char uuid[16];

	(void)state;
	assert_int_equal(ann.reason, REASON_NONE);
	assert_true(ann.guest);
	is_called(&ann.who, "ann");
	assert_int_equal(ann.who.number, GUEST_NUMBER_FIRST);
	assert_int_equal(ann.who.roles, ROLE_USER);
	identity_uuid(&key, ID_PERSON, ann.who.number, 0, uuid);
	assert_memory_equal(ann.who.uuid, uuid, 16);
	assert_int_equal(bob.reason, REASON_NONE);
	assert_int_not_equal(bob.who.number, ann.who.number);
	directory_free(directory);
	directory_free(NULL);
}

static void a_name_is_taken_however_it_is_written(void **state)
{
	static const char *const same[] = { "ann", "ANN", "  Ann ", "A\xe2\x80\x8bnn",
					    "\xef\xbd\x81nn" /* full width */ };
	struct directory *directory = directory_new(&key, NULL);

	(void)state;
	assert_int_equal(come(directory, "Ann", "mine").reason, REASON_NONE);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(come(directory, same[i], NULL).reason, REASON_NAME_TAKEN);
		assert_int_equal(come(directory, same[i], "other").reason, REASON_NAME_TAKEN);
	}
	directory_free(directory);
}

static void without_a_secret_nobody_is_the_same(void **state)
{
	struct directory *directory = directory_new(&key, NULL);

	(void)state;
	assert_int_equal(come(directory, "ann", NULL).reason, REASON_NONE);
	assert_int_equal(come(directory, "ann", NULL).reason, REASON_NAME_TAKEN);
	assert_int_equal(come(directory, "ann", "").reason, REASON_NAME_TAKEN);
	directory_free(directory);
}

static void the_same_secret_is_the_same_person(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct directory_login exclusive = {
		.name = SLICE("ann"), .secret = SLICE("mine"), .guests = true, .exclusive = true
	};
	struct came first = come(directory, "Ann", "mine"), second = come(directory, "ann", "mine");

	(void)state;
	assert_int_equal(second.reason, REASON_NONE);
	assert_int_equal(second.who.number, first.who.number);
	is_called(&second.who, "Ann");
	assert_int_equal(ask(directory, &exclusive).reason, REASON_NAME_TAKEN);
	/* The name is free after the last of them. */
	directory_logout(directory, first.who.number, 0);
	assert_true(directory_connections(directory, first.who.number));
	assert_int_equal(come(directory, "ann", "other").reason, REASON_NAME_TAKEN);
	directory_logout(directory, first.who.number, 0);
	assert_false(directory_connections(directory, first.who.number));
	assert_int_equal(come(directory, "ann", "other").reason, REASON_NONE);
	directory_free(directory);
}

static void names_of_nothing_are_refused(void **state)
{
	static const char *const bad[] = { "", " ", "\xe2\x80\x8b", "\xff\xfe", "\xc3" };
	struct directory *directory = directory_new(&key, NULL);
	char text[NAME_BYTES_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(come(directory, bad[i], "s").reason, REASON_BAD_LOGIN);
	assert_int_equal(come(directory, NULL, "s").reason, REASON_BAD_LOGIN);
	memset(text, 'a', sizeof(text));
	text[NAME_BYTES_MAX + 1] = '\0';
	assert_int_equal(come(directory, text, NULL).reason, REASON_BAD_LOGIN);
	text[NAME_BYTES_MAX] = '\0';
	assert_int_equal(come(directory, text, NULL).reason, REASON_NONE);
	directory_free(directory);
}

static void guests_may_be_unwanted(void **state)
{
	struct directory *directory = directory_new(&key, OWNER);
	struct directory_login login = { .name = SLICE("ann"), .secret = SLICE(OWNER) };

	(void)state;
	assert_int_equal(ask(directory, &login).reason, REASON_BAD_LOGIN);
	directory_free(directory);
}

static void the_owner_secret_makes_an_owner(void **state)
{
	struct directory *directory = directory_new(&key, OWNER);
	struct directory *without = directory_new(&key, NULL);

	(void)state;
	assert_int_equal(come(directory, "ann", OWNER).who.roles, ROLE_USER | ROLE_OWNER);
	assert_int_equal(come(directory, "bob", "another").who.roles, ROLE_USER);
	assert_int_equal(come(directory, "cy", NULL).who.roles, ROLE_USER);
	assert_int_equal(come(without, "ann", OWNER).who.roles, ROLE_USER);
	assert_int_equal(come(without, "bob", NULL).who.roles, ROLE_USER);
	directory_free(directory);
	directory_free(without);
}

static void the_bridge_keeps_its_name(void **state)
{
	struct directory *directory = directory_new(&key, OWNER);
	struct person bridge = directory_bridge(&key), found;
	char name[NAME_BYTES_MAX];

	(void)state;
	assert_int_equal(come(directory, BRIDGE_NAME, NULL).reason, REASON_NAME_TAKEN);
	assert_int_equal(come(directory, "dRAGOMAN", OWNER).reason, REASON_NAME_TAKEN);
	assert_int_equal(claim(directory, "ann", BRIDGE_NUMBER, NULL).who.number,
			 GUEST_NUMBER_FIRST);
	assert_false(add_account(directory, "dragoman", 5, "s", 0));
	is_called(&bridge, BRIDGE_NAME);
	assert_int_equal(bridge.number, BRIDGE_NUMBER);
	assert_true(directory_find_number(directory, BRIDGE_NUMBER, &found, name));
	assert_memory_equal(found.uuid, bridge.uuid, 16);
	assert_int_equal(found.roles, bridge.roles);
	directory_free(directory);
}

static void accounts_need_their_secret(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct directory_login login = { .name = SLICE("mo"), .secret = SLICE("right") };
	struct came mo;

	(void)state;
	assert_true(add_account(directory, "Mo", 42, "right", ROLE_MOD));
	assert_int_equal(come(directory, "mo", NULL).reason, REASON_BAD_LOGIN);
	assert_int_equal(come(directory, "mo", "wrong").reason, REASON_BAD_LOGIN);
	mo = ask(directory, &login); /* where no guests are wanted */
	assert_int_equal(mo.reason, REASON_NONE);
	assert_false(mo.guest);
	assert_int_equal(mo.who.number, 42);
	assert_int_equal(mo.who.roles, ROLE_USER | ROLE_MOD);
	is_called(&mo.who, "Mo");
	/* Again: a second connection, unless the dialect has one only. */
	assert_int_equal(come(directory, "MO", "right").who.number, 42);
	login.exclusive = true;
	assert_int_equal(ask(directory, &login).reason, REASON_NAME_TAKEN);
	directory_free(directory);
}

static void an_account_may_come_by_its_number(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct came came;

	(void)state;
	assert_true(add_account(directory, "mo", 42, "right", ROLE_MOD));
	came = claim(directory, NULL, 42, "right");
	assert_int_equal(came.reason, REASON_NONE);
	is_called(&came.who, "mo");
	assert_false(came.guest);
	/* Without its secret, the number is just taken. */
	came = claim(directory, NULL, 42, "wrong");
	assert_int_equal(came.reason, REASON_NONE);
	assert_true(came.guest);
	assert_int_equal(came.who.number, GUEST_NUMBER_FIRST);
	assert_int_equal(
	    claim(directory, "eve", UINT64_C(42) + (UINT64_C(1) << 32), "right").who.number,
	    GUEST_NUMBER_FIRST + 1);
	directory_free(directory);
}

static void accounts_are_unique(void **state)
{
	struct directory *directory = directory_new(&key, NULL);

	(void)state;
	assert_true(add_account(directory, "mo", 42, "s", 0));
	assert_false(add_account(directory, "MO", 43, "s", 0));
	assert_false(add_account(directory, "jo", 42, "s", 0));
	assert_false(add_account(directory, "jo", 0, "s", 0));
	assert_false(add_account(directory, " ", 44, "s", 0));
	assert_true(add_account(directory, "jo", 43, "s", 0));
	directory_free(directory);
}

/* Between leaving its rooms and being gone, a connection keeps others from its name. */
static void a_name_is_held_until_its_holder_has_left(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct came bob = come(directory, "bob", "b");
	uint32_t number = bob.who.number;

	(void)state;
	assert_int_equal(bob.reason, REASON_NONE);
	assert_int_equal(come(directory, "bob", "b").reason, REASON_NONE);
	assert_int_equal(directory_connections(directory, number), 2);
	directory_offline(directory, number);
	assert_int_equal(directory_connections(directory, number), 1);
	directory_logout(directory, number, 0);
	assert_int_equal(directory_connections(directory, number), 1);
	directory_offline(directory, number);
	assert_int_equal(directory_connections(directory, number), 0);
	assert_int_equal(come(directory, "bob", "other").reason, REASON_NAME_TAKEN);
	directory_logout(directory, number, 0);
	assert_int_equal(come(directory, "bob", "other").reason, REASON_NONE);
	directory_free(directory);
}

static void an_account_outlives_its_connections(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct person who;
	char name[NAME_BYTES_MAX];

	(void)state;
	assert_true(add_account(directory, "mo", 42, "right", 0));
	assert_false(directory_connections(directory, 42));
	come(directory, "mo", "right");
	assert_true(directory_connections(directory, 42));
	directory_logout(directory, 42, 0);
	directory_logout(directory, 42, 0); /* one too many is no harm */
	assert_false(directory_connections(directory, 42));
	assert_true(directory_find_name(directory, SLICE("MO"), &who, name));
	assert_int_equal(who.number, 42);
	assert_int_equal(come(directory, "mo", "wrong").reason, REASON_BAD_LOGIN);
	directory_free(directory);
}

static void claimed_numbers_are_kept_or_replaced(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct came ann, bob;

	(void)state;
	ann = claim(directory, "ann", 7, "a");
	assert_int_equal(ann.who.number, 7);
	/* Held by another: a number of its own. */
	bob = claim(directory, "bob", 7, "b");
	assert_int_equal(bob.reason, REASON_NONE);
	assert_int_equal(bob.who.number, GUEST_NUMBER_FIRST);
	/* The last that may be claimed, and the first that may not. */
	assert_int_equal(claim(directory, "cy", GUEST_NUMBER_FIRST - 1, "c").who.number,
			 GUEST_NUMBER_FIRST - 1);
	assert_int_equal(claim(directory, "dee", GUEST_NUMBER_FIRST + 9, "d").who.number,
			 GUEST_NUMBER_FIRST + 1);
	assert_int_equal(claim(directory, "eve", UINT64_C(1) << 40, "e").who.number,
			 GUEST_NUMBER_FIRST + 2);
	/* Free after the last logout. */
	directory_logout(directory, 7, 0);
	assert_int_equal(claim(directory, "flo", 7, "f").who.number, 7);
	directory_free(directory);
}

static void a_number_alone_makes_a_name(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct came first = claim(directory, NULL, 7, "a"), again;

	(void)state;
	assert_int_equal(first.reason, REASON_NONE);
	is_called(&first.who, "user7");
	assert_int_equal(first.who.number, 7);
	again = claim(directory, NULL, 7, "a");
	assert_int_equal(again.reason, REASON_NONE);
	assert_int_equal(again.who.number, 7);
	assert_int_equal(claim(directory, NULL, 7, "b").reason, REASON_NAME_TAKEN);
	directory_free(directory);
}

static void people_are_found_while_connected(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct came ann = come(directory, "Ann", NULL);
	struct person who;
	char name[NAME_BYTES_MAX];

	(void)state;
	assert_true(directory_find_name(directory, SLICE("aNN"), &who, name));
	assert_int_equal(who.number, ann.who.number);
	is_called(&who, "Ann");
	assert_ptr_equal(who.name.data, name);
	assert_true(directory_find_number(directory, ann.who.number, &who, name));
	is_called(&who, "Ann");
	assert_false(directory_find_name(directory, SLICE("bob"), &who, name));
	assert_false(directory_find_name(directory, (struct slice){ 0 }, &who, name));
	assert_false(directory_find_number(directory, 0, &who, name));
	assert_false(directory_connections(directory, 0));
	directory_logout(directory, ann.who.number, 0);
	assert_false(directory_find_name(directory, SLICE("ann"), &who, name));
	assert_false(directory_find_number(directory, ann.who.number, &who, name));
	directory_free(directory);
}

/* ---- people that are no accounts and no guests ---- */

static void a_reserved_name_is_nobody_elses(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct directory *again = directory_new(&key, NULL);
	struct person bot, same, other, found;
	char name[NAME_BYTES_MAX];

	(void)state;
	assert_true(add_account(directory, "ann", 7, "s", 0));
	assert_true(directory_reserve(directory, " Bot ", &bot));
	is_called(&bot, "Bot");
	assert_true(bot.number > GUEST_NUMBER_FIRST && bot.number < BRIDGE_NUMBER);
	assert_int_equal(bot.roles, ROLE_USER);
	/* However others are named, the number stays at the next start. */
	assert_true(directory_reserve(again, "Other", &other));
	assert_true(directory_reserve(again, "Bot", &same));
	assert_int_equal(same.number, bot.number);
	assert_int_not_equal(same.number, other.number);
	assert_false(directory_reserve(directory, "bot", &other));
	assert_false(directory_reserve(directory, "ANN", &other));
	assert_false(directory_reserve(directory, "dragoman", &other));
	assert_false(directory_reserve(directory, " ", &other));
	assert_int_equal(come(directory, "bot", NULL).reason, REASON_BAD_LOGIN);
	assert_int_equal(claim(directory, NULL, bot.number, "x").reason, REASON_NONE);
	assert_true(directory_find_name(directory, SLICE("BOT"), &found, name));
	assert_int_equal(found.number, bot.number);
	directory_free(directory);
	directory_free(again);
}

static struct came admit(struct directory *directory, const char *name, uint32_t number,
			 bool exclusive)
{
	struct person known = { .name = slice_of(name), .number = number, .roles = ROLE_PRO };
	struct came came = { .guest = false };

	came.reason = directory_admit(directory, &known, exclusive, &came.who);
	return came;
}

static void the_admitted_are_who_the_backend_says(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct came ann = admit(directory, "Ann", 7, false),
		    bob = admit(directory, "bob", 0, false);
	uint32_t number = bob.who.number;

	(void)state;
	assert_int_equal(ann.reason, REASON_NONE);
	is_called(&ann.who, "Ann");
	assert_int_equal(ann.who.number, 7);
	assert_int_equal(ann.who.roles, ROLE_PRO | ROLE_USER);
	assert_int_equal(directory_connections(directory, 7), 1);
	/* A number that is found is the same for the same name. */
	assert_true(number > 0 && number < GUEST_NUMBER_FIRST);
	directory_offline(directory, number);
	directory_logout(directory, number, 0);
	assert_int_equal(admit(directory, "BOB", 0, false).who.number, number);
	/* Again: another connection, if there may be one, with the number given or not. */
	assert_int_equal(admit(directory, "ann", 0, false).reason, REASON_NONE);
	assert_int_equal(admit(directory, "ann", 7, false).reason, REASON_NONE);
	assert_int_equal(directory_connections(directory, 7), 3);
	assert_int_equal(admit(directory, "ann", 7, true).reason, REASON_NAME_TAKEN);
	assert_int_equal(admit(directory, "ann", 8, false).reason, REASON_NAME_TAKEN);
	assert_int_equal(admit(directory, "cy", 7, false).reason, REASON_NAME_TAKEN);
	assert_int_equal(admit(directory, "", 9, false).reason, REASON_BAD_LOGIN);
	assert_int_equal(admit(directory, NULL, 9, false).reason, REASON_BAD_LOGIN);
	directory_free(directory);
}

/* Neither takes the other's name or number while it is there. */
static void admitted_people_and_others_keep_apart(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	struct person bot;

	(void)state;
	assert_true(add_account(directory, "acc", 5, "s", 0));
	assert_true(directory_reserve(directory, "bot", &bot));
	assert_int_equal(claim(directory, "gus", 6, "g").who.number, 6);
	assert_int_equal(admit(directory, "acc", 0, false).reason, REASON_NAME_TAKEN);
	assert_int_equal(admit(directory, "acc", 5, false).reason, REASON_NAME_TAKEN);
	assert_int_equal(admit(directory, "bot", 0, false).reason, REASON_NAME_TAKEN);
	assert_int_equal(admit(directory, "gus", 0, false).reason, REASON_NAME_TAKEN);
	assert_int_equal(admit(directory, "new", 6, false).reason, REASON_NAME_TAKEN);
	assert_int_equal(admit(directory, "new", bot.number, false).reason, REASON_NAME_TAKEN);
	assert_int_equal(admit(directory, "new", BRIDGE_NUMBER, false).reason, REASON_NAME_TAKEN);
	assert_int_equal(admit(directory, "new", 9, false).reason, REASON_NONE);
	assert_int_equal(come(directory, "new", NULL).reason, REASON_NAME_TAKEN);
	assert_int_equal(come(directory, "new", "x").reason, REASON_NAME_TAKEN);
	assert_int_not_equal(claim(directory, "guest", 9, "x").who.number, 9);
	/* Free when the last has gone. */
	directory_offline(directory, 9);
	directory_logout(directory, 9, 0);
	assert_int_equal(come(directory, "new", NULL).reason, REASON_NONE);
	directory_free(directory);
}

/* ---- guests who come back ---- */

static struct came come_at(struct directory *directory, const char *name, const char *secret,
			   uint64_t now_ms)
{
	struct directory_login login = {
		.name = slice_of(name), .secret = slice_of(secret), .guests = true, .now_ms = now_ms
	};

	return ask(directory, &login);
}

static void a_guest_who_comes_back_has_the_number_again(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	uint32_t number;

	(void)state;
	directory_keep_numbers(directory, 600000);
	number = come_at(directory, "ann", "s", 1000).who.number;
	directory_logout(directory, number, 2000);
	/* It is nobody else's meanwhile. */
	assert_int_not_equal(come_at(directory, "bob", "s", 2000).who.number, number);
	assert_int_equal(come_at(directory, "Ann", "s", 601999).who.number, number);
	/* It counts from the last leaving, and of the last connection. */
	assert_int_equal(come_at(directory, "ann", "s", 700000).who.number, number);
	directory_logout(directory, number, 700000);
	directory_logout(directory, number, 800000);
	assert_int_equal(come_at(directory, "ann", "s", 1399999).who.number, number);
	directory_logout(directory, number, 1400000);
	assert_int_not_equal(come_at(directory, "ann", "s", 2000000).who.number, number);
	directory_free(directory);
}

static void a_number_is_kept_for_who_has_the_secret(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	uint32_t number, without;

	(void)state;
	directory_keep_numbers(directory, 600000);
	number = come_at(directory, "ann", "s", 0).who.number;
	directory_logout(directory, number, 0);
	without = come_at(directory, "ann", NULL, 1).who.number;
	assert_int_not_equal(without, number);
	assert_int_equal(come_at(directory, "ann", "s", 2).reason, REASON_NAME_TAKEN);
	directory_logout(directory, without, 3);
	assert_int_not_equal(come_at(directory, "ann", NULL, 4).who.number, without);
	directory_free(directory);
}

static void numbers_are_not_kept_unless_it_is_said(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	uint32_t number = come_at(directory, "ann", "s", 0).who.number;

	(void)state;
	directory_logout(directory, number, 0);
	assert_int_not_equal(come_at(directory, "ann", "s", 0).who.number, number);
	directory_free(directory);
}

/* Who is back may claim another number; of others nobody may claim what is kept: with the name,
 * too, they would be the writer of what another wrote. */
static void a_claim_comes_before_what_is_kept(void **state)
{
	struct directory *directory = directory_new(&key, NULL);

	(void)state;
	directory_keep_numbers(directory, 600000);
	assert_int_equal(claim(directory, "ann", 42, "s").who.number, 42);
	directory_logout(directory, 42, 0);
	assert_int_equal(claim(directory, "ann", 43, "s").who.number, 43);
	directory_logout(directory, 43, 0);
	assert_int_equal(claim(directory, "ann", 43, "t").who.number, GUEST_NUMBER_FIRST);
	assert_int_equal(claim(directory, "bob", 43, "t").who.number, GUEST_NUMBER_FIRST + 1);
	directory_logout(directory, GUEST_NUMBER_FIRST, 0);
	assert_int_equal(come(directory, "ann", "s").who.number, 43);
	directory_free(directory);
}

/* What is kept for those who left has an end; who left first is forgotten first. */
static void so_many_numbers_are_kept(void **state)
{
	struct directory *directory = directory_new(&key, NULL);
	uint32_t first = 0, second = 0;
	char name[32];

	(void)state;
	directory_keep_numbers(directory, 600000);
	for (unsigned i = 0; i <= PARTED_MAX; i++) {
		uint32_t number;

		snprintf(name, sizeof(name), "guest%u", i);
		number = come_at(directory, name, "s", 0).who.number;
		directory_logout(directory, number, 0);
		if (i == 0)
			first = number;
		if (i == 1)
			second = number;
	}
	assert_int_equal(come_at(directory, "guest1", "s", 1).who.number, second);
	assert_int_not_equal(come_at(directory, "guest0", "s", 1).who.number, first);
	directory_free(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guest_gets_a_number),
		cmocka_unit_test(a_name_is_taken_however_it_is_written),
		cmocka_unit_test(without_a_secret_nobody_is_the_same),
		cmocka_unit_test(the_same_secret_is_the_same_person),
		cmocka_unit_test(names_of_nothing_are_refused),
		cmocka_unit_test(guests_may_be_unwanted),
		cmocka_unit_test(the_owner_secret_makes_an_owner),
		cmocka_unit_test(the_bridge_keeps_its_name),
		cmocka_unit_test(accounts_need_their_secret),
		cmocka_unit_test(an_account_may_come_by_its_number),
		cmocka_unit_test(accounts_are_unique),
		cmocka_unit_test(a_name_is_held_until_its_holder_has_left),
		cmocka_unit_test(an_account_outlives_its_connections),
		cmocka_unit_test(claimed_numbers_are_kept_or_replaced),
		cmocka_unit_test(a_number_alone_makes_a_name),
		cmocka_unit_test(people_are_found_while_connected),
		cmocka_unit_test(a_reserved_name_is_nobody_elses),
		cmocka_unit_test(the_admitted_are_who_the_backend_says),
		cmocka_unit_test(admitted_people_and_others_keep_apart),
		cmocka_unit_test(a_guest_who_comes_back_has_the_number_again),
		cmocka_unit_test(a_number_is_kept_for_who_has_the_secret),
		cmocka_unit_test(numbers_are_not_kept_unless_it_is_said),
		cmocka_unit_test(a_claim_comes_before_what_is_kept),
		cmocka_unit_test(so_many_numbers_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
