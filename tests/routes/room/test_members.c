#include <stdlib.h>

#include "routes/room/seats.h"
#include "tests/routes/room/room_fixture.h"

#define ADDRESS 777

/* Of who is present under that name; 0: nobody. */
static uint32_t number_of(const struct room *room, struct slice name)
{
	const struct member *member = member_by_name(room, name);

	return member ? member->person.number : 0;
}

static uint32_t present(struct fixture *f)
{
	const struct room_presence *presence = room_presence(f->room);
	uint32_t by_worker = 0, by_form = 0;

	for (size_t w = 0; w < WORKERS_MAX; w++) {
		by_worker += presence->by_worker[w];
		assert_int_equal(presence->by_worker[w] > 0, presence->workers >> w & 1);
	}
	for (size_t form = 0; form < FORMS_MAX; form++) {
		by_form += presence->by_form[form];
		assert_int_equal(presence->by_form[form] > 0, presence->forms >> form & 1);
	}
	assert_true(by_form <= by_worker);
	return by_worker;
}

/* ---- presence ---- */

static void the_first_connection_enters_and_the_last_one_leaves(void **state)
{
	struct person ann = person_of(1, "ann", ROLE_USER);
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	assert_int_equal(enter_by(&f, 10, DIALECT_MIXER, ann, 0), REASON_NONE);
	assert_non_null(f.ordered);
	assert_int_equal(f.ordered->kind, KIND_ENTER);
	assert_int_equal(f.ordered->sequence, 1);
	assert_true(f.ordered->id > 0);
	assert_int_equal(f.ordered->time_ms, START_MS);
	assert_int_equal(f.ordered->author.number, 1);
	assert_int_equal(f.ordered->author.uuid[3], 1);
	assert_true(slice_is(f.ordered->author.name, "ann"));
	assert_true(slice_is(f.ordered->room, "lobby"));
	assert_true(slice_is(f.ordered->origin.dialect, "mixer"));

	assert_int_equal(enter_by(&f, 11, DIALECT_ROOMS, ann, 0), REASON_NONE);
	assert_null(f.ordered);
	assert_int_equal(f.roles, ROLE_USER);
	assert_int_equal(present(&f), 2);
	assert_int_equal(room_presence(f.room)->by_worker[10], 1);
	assert_int_equal(room_presence(f.room)->by_worker[11], 1);
	assert_int_equal(room_presence(f.room)->by_form[DIALECT_MIXER * CODEC_FORMS_MAX], 1);
	assert_int_equal(room_presence(f.room)->by_form[DIALECT_ROOMS * CODEC_FORMS_MAX], 1);

	assert_true(leave(&f, 10));
	assert_null(f.ordered);
	assert_true(leave(&f, 11));
	assert_non_null(f.ordered);
	assert_int_equal(f.ordered->kind, KIND_EXIT);
	assert_int_equal(f.ordered->sequence, 2);
	assert_int_equal(f.ordered->author.number, 1);
	assert_false(leave(&f, 11));
	assert_null(f.ordered);
	assert_int_equal(present(&f), 0);
	fixture_close(&f);
}

/* Which frames to make: a form is there as long as somebody is sent it. */
static void forms_are_counted_apart(void **state)
{
	const uint32_t first = DIALECT_ROOMS * CODEC_FORMS_MAX, second = first + 1,
		       own = FORMS_MAX + DIALECT_ROOMS;
	const struct room_presence *presence;
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	presence = room_presence(f.room);
	assert_int_equal(enter_form(&f, 1, first, person_of(1, "ann", 0), 0), REASON_NONE);
	assert_int_equal(enter_form(&f, 2, second, person_of(2, "bob", 0), 0), REASON_NONE);
	assert_int_equal(enter_form(&f, 3, second, person_of(3, "cy", 0), 0), REASON_NONE);
	assert_true(presence->forms == (UINT64_C(1) << first | UINT64_C(1) << second));
	assert_int_equal(presence->by_form[second], 2);
	assert_int_equal(present(&f), 3);
	assert_true(leave(&f, 1));
	assert_true(presence->forms == UINT64_C(1) << second);
	assert_true(leave(&f, 2));
	assert_true(presence->forms == UINT64_C(1) << second);
	assert_true(slice_is(f.ordered->origin.dialect, "rooms"));

	/* Who shares its form with nobody is reached, and nothing is made for it beforehand. */
	assert_int_equal(enter_form(&f, 4, own, person_of(4, "dee", 0), 0), REASON_NONE);
	assert_true(slice_is(f.ordered->origin.dialect, "rooms"));
	assert_true(leave(&f, 3));
	assert_true(presence->forms == 0);
	assert_int_equal(presence->by_worker[4], 1);
	assert_int_equal(present(&f), 1);
	assert_true(leave(&f, 4));
	assert_true(presence->workers == 0);
	fixture_close(&f);
}

static void a_connection_enters_once(void **state)
{
	struct session_ref again = ref_of(1);
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, 1, "ann", 0);
	assert_int_equal(enter_by(&f, 1, DIALECT_MIXER, person_of(1, "ann", 0), 0), REASON_ALREADY);
	assert_null(f.ordered);
	assert_true(room_has(f.room, again));
	again.generation++;
	assert_false(room_has(f.room, again));
	assert_int_equal(present(&f), 1);
	fixture_close(&f);
}

static void a_reader_is_counted_and_in_no_list(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	for (uint32_t slot = 1; slot <= 3; slot++) {
		assert_int_equal(
		    enter_by(&f, slot, DIALECT_MIXER, person_of(0, "ann", ROLE_OWNER), 0),
		    REASON_NONE);
		assert_null(f.ordered);
		assert_int_equal(f.roles, 0);
		assert_true(room_has(f.room, ref_of(slot)));
	}
	assert_int_equal(number_of(f.room, SLICE("ann")), 0);
	assert_int_equal(present(&f), 3);
	room_drop(f.room, 0);
	assert_int_equal(present(&f), 3);
	assert_true(leave(&f, 2));
	assert_null(f.ordered);
	assert_int_equal(present(&f), 2);
	fixture_close(&f);
}

static void dropping_takes_all_of_a_persons_connections(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	for (uint32_t slot = 1; slot <= 5; slot++)
		assert_int_equal(
		    enter_by(&f, slot, slot % DIALECTS,
			     slot == 3 ? person_of(7, "bob", 0) : person_of(1, "ann", 0), 0),
		    REASON_NONE);
	room_drop(f.room, 1);
	assert_int_equal(present(&f), 1);
	assert_false(room_has(f.room, ref_of(1)));
	assert_true(room_has(f.room, ref_of(3)));
	assert_false(leave(&f, 5));
	room_drop(f.room, 1);
	enter(&f, 1, "ann", 0);
	assert_non_null(f.ordered);
	fixture_close(&f);
}

static void members_are_found_by_folded_name(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, 1, "Ann", 0);
	enter(&f, 2, "", 0);
	enter(&f, 3, "ann", 0);
	assert_int_equal(number_of(f.room, SLICE("ANN")), 1);
	assert_int_equal(number_of(f.room, SLICE("")), 0);
	assert_int_equal(number_of(f.room, SLICE("bob")), 0);
	assert_true(leave(&f, 3));
	assert_int_equal(number_of(f.room, SLICE("ann")), 1);
	assert_true(leave(&f, 1));
	assert_true(leave(&f, 2));
	assert_int_equal(number_of(f.room, SLICE("ann")), 0);
	fixture_close(&f);
}

static void a_whisper_needs_a_dialect_that_keeps_it(void **state)
{
	struct person bob = person_of(2, "bob", 0);
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	assert_false(room_can_whisper(f.room, 2));
	for (size_t d = 0; d < DIALECTS; d++)
		if (!registry_codec(d)->keeps_private)
			assert_int_equal(enter_by(&f, 20 + (uint32_t)d, d, bob, 0), REASON_NONE);
	assert_false(room_can_whisper(f.room, 2));
	assert_int_equal(enter_by(&f, 30, DIALECT_MIXER, bob, 0), REASON_NONE);
	assert_true(room_can_whisper(f.room, 2));
	assert_false(room_can_whisper(f.room, 0));
	fixture_close(&f);
}

/* ---- who may enter ---- */

static void an_open_room_lets_all_in_but_the_banned(void **state)
{
	const struct slice banned[] = { SLICE("Mallory"), SLICE("") };
	const struct room_rules rules = { .name = SLICE("lobby"),
					  .open = true,
					  .banned = banned,
					  .banned_count = 2,
					  .remembered = 8 };
	struct fixture f;

	(void)state;
	fixture_open(&f, &rules);
	enter(&f, 1, "ann", 0);
	assert_int_equal(enter_by(&f, 2, DIALECT_SIMPLE, person_of(2, "MALLORY", 0), 0),
			 REASON_BANNED);
	assert_null(f.ordered);
	assert_int_equal(enter_by(&f, 3, DIALECT_MIXER, person_of(3, "cat", ROLE_BANNED), 0),
			 REASON_BANNED);
	assert_int_equal(present(&f), 1);
	fixture_close(&f);
}

/* A guest may claim the number of an account that is gone, and its name. */
static void numbers_are_those_of_accounts(void **state)
{
	static const uint32_t admin = 7, members[] = { 5, 8 };
	static const struct room_rules rules = { .name = { "lobby", 5 },
						 .remembered = 64,
						 .admin_numbers = &admin,
						 .admin_number_count = 1,
						 .member_numbers = members,
						 .member_number_count = 2 };
	struct person ann = person_of(7, "ann", ROLE_USER), bob = person_of(8, "bob", ROLE_USER);
	struct fixture f;

	(void)state;
	fixture_open(&f, &rules);
	assert_int_equal(enter_by(&f, 1, 0, ann, ADDRESS), REASON_CLOSED_ROOM);
	assert_int_equal(enter_by(&f, 2, 0, bob, ADDRESS), REASON_CLOSED_ROOM);
	assert_int_equal(enter_by(&f, 3, 0, person_of(9, "cy", ROLE_USER), 0), REASON_CLOSED_ROOM);
	assert_int_equal(enter_by(&f, 4, 0, ann, 0), REASON_NONE);
	assert_int_equal(f.roles, ROLE_USER | ROLE_MOD);
	assert_int_equal(enter_by(&f, 5, 0, bob, 0), REASON_NONE);
	assert_int_equal(f.roles, ROLE_USER);
	fixture_close(&f);
}

static void a_closed_room_lets_in_whom_it_knows(void **state)
{
	const struct slice members[] = { SLICE("Ann") }, admins[] = { SLICE("Mia") };
	const struct room_rules rules = { .name = SLICE("closed"),
					  .members = members,
					  .member_count = 1,
					  .admins = admins,
					  .admin_count = 1,
					  .remembered = 8 };
	struct fixture f;

	(void)state;
	fixture_open(&f, &rules);
	assert_int_equal(enter_by(&f, 1, 0, person_of(1, "ann", ROLE_USER), 0), REASON_NONE);
	assert_int_equal(f.roles, ROLE_USER);
	assert_int_equal(enter_by(&f, 2, 0, person_of(2, "mia", ROLE_USER), 0), REASON_NONE);
	assert_int_equal(f.roles, ROLE_USER | ROLE_MOD);
	assert_int_equal(f.ordered->author.roles, ROLE_USER | ROLE_MOD);
	assert_int_equal(enter_by(&f, 3, 0, person_of(3, "ole", ROLE_OWNER), 0), REASON_NONE);
	assert_int_equal(enter_by(&f, 4, 0, person_of(4, "bob", ROLE_USER), 0), REASON_CLOSED_ROOM);
	assert_int_equal(enter_by(&f, 5, 0, person_of(0, "ann", 0), 0), REASON_CLOSED_ROOM);
	assert_int_equal(present(&f), 3);
	fixture_close(&f);
}

/* Guests choose their numbers, and have them from who has left. */
static void who_is_invited_is_known_by_number_and_name(void **state)
{
	const struct slice members[] = { SLICE("ann") };
	const struct room_rules rules = {
		.name = SLICE("closed"), .members = members, .member_count = 1, .remembered = 8
	};
	struct fixture f;

	(void)state;
	fixture_open(&f, &rules);
	enter(&f, 1, "ann", ROLE_MOD);
	assert_int_equal(treat(&f, 1, KIND_INVITE, 7, "Bob", 0, 0), REASON_NONE);
	assert_int_equal(enter_by(&f, 10, DIALECT_MIXER, person_of(7, "eve", ROLE_USER), 0),
			 REASON_CLOSED_ROOM);
	assert_int_equal(enter_by(&f, 10, DIALECT_MIXER, person_of(8, "bob", ROLE_USER), 0),
			 REASON_CLOSED_ROOM);
	assert_int_equal(enter_by(&f, 10, DIALECT_MIXER, person_of(7, "bob", ROLE_USER), 0),
			 REASON_NONE);
	assert_true(leave(&f, 10));
	assert_int_equal(treat(&f, BRIDGE, KIND_KICK, 7, "bob", FLAG_PERMANENT, 0), REASON_NONE);
	assert_int_equal(treat(&f, BRIDGE, KIND_USER_UPDATE, 7, "bob", 0, 0), REASON_NONE);
	assert_int_equal(enter_by(&f, 10, DIALECT_MIXER, person_of(7, "bob", ROLE_USER), 0),
			 REASON_CLOSED_ROOM);
	fixture_close(&f);
}

static void a_ban_holds_by_number_name_and_address(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	assert_int_equal(enter_by(&f, 2, DIALECT_SIMPLE, person_of(2, "bob", 0), ADDRESS),
			 REASON_NONE);
	assert_int_equal(enter_by(&f, 3, DIALECT_MIXER, person_of(2, "bob", 0), ADDRESS + 1),
			 REASON_NONE);
	assert_int_equal(treat(&f, BRIDGE, KIND_KICK, 2, NULL, FLAG_PERMANENT, 0), REASON_NONE);
	assert_true(room_has(f.room, ref_of(2)));
	room_drop(f.room, 2);
	assert_int_equal(enter_by(&f, 4, 0, person_of(2, "other", 0), 0), REASON_BANNED);
	assert_int_equal(enter_by(&f, 4, 0, person_of(9, "BOB", 0), 0), REASON_BANNED);
	assert_int_equal(enter_by(&f, 4, 0, person_of(9, "other", 0), ADDRESS), REASON_BANNED);
	assert_int_equal(enter_by(&f, 4, 0, person_of(9, "other", 0), ADDRESS + 1), REASON_BANNED);
	assert_int_equal(enter_by(&f, 4, 0, person_of(0, NULL, 0), ADDRESS), REASON_BANNED);
	assert_int_equal(enter_by(&f, 4, 0, person_of(9, "other", 0), ADDRESS + 2), REASON_NONE);
	fixture_close(&f);
}

static void a_kick_that_is_not_permanent_bans_nobody(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	assert_int_equal(enter_by(&f, 2, 0, person_of(2, "bob", 0), ADDRESS), REASON_NONE);
	assert_int_equal(treat(&f, BRIDGE, KIND_KICK, 0, "bob", 0, 0), REASON_NONE);
	assert_int_equal(f.ordered->subject.number, 2);
	assert_int_equal(f.ordered->subject.uuid[0], 2);
	room_drop(f.room, 2);
	assert_int_equal(enter_by(&f, 2, 0, person_of(2, "bob", 0), ADDRESS), REASON_NONE);
	assert_non_null(f.ordered);
	fixture_close(&f);
}

/* ---- muted ---- */

static void the_muted_stay_muted_when_they_come_back(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	assert_int_equal(enter_by(&f, 2, 0, person_of(2, "bob", 0), ADDRESS), REASON_NONE);
	assert_int_equal(treat(&f, BRIDGE, KIND_TIMEOUT, 2, NULL, 0, 30000), REASON_NONE);
	assert_true(leave(&f, 2));
	assert_int_equal(enter_by(&f, 2, 0, person_of(2, "new name", 0), 0), REASON_NONE);
	assert_int_equal(say_reason(&f, 2), REASON_MUTED);
	assert_int_equal(enter_by(&f, 3, 0, person_of(3, "Bob", 0), 0), REASON_NONE);
	assert_int_equal(say_reason(&f, 3), REASON_MUTED);
	assert_int_equal(enter_by(&f, 4, 0, person_of(4, "eve", 0), ADDRESS), REASON_NONE);
	assert_int_equal(say_reason(&f, 4), REASON_MUTED);
	assert_int_equal(enter_by(&f, 5, 0, person_of(5, "dan", 0), ADDRESS + 1), REASON_NONE);
	assert_int_equal(say_reason(&f, 5), REASON_NONE);
	f.now_ms += 29999;
	assert_int_equal(say_reason(&f, 2), REASON_MUTED);
	f.now_ms += 1;
	for (uint32_t slot = 2; slot <= 4; slot++)
		assert_int_equal(say_reason(&f, slot), REASON_NONE);
	fixture_close(&f);
}

static void a_muted_role_mutes_without_end(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, 2, "bob", ROLE_USER | ROLE_MUTED);
	f.now_ms += UINT64_C(100000000000);
	assert_int_equal(say_reason(&f, 2), REASON_MUTED);
	fixture_close(&f);
}

/* ---- many ---- */

static void a_thousand_people_come_and_go(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	for (uint32_t n = 1; n <= 1000; n++) {
		char name[8] = { 'n', (char)('0' + n / 100 % 10), (char)('0' + n / 10 % 10),
				 (char)('0' + n % 10), n == 1000 ? 'x' : '\0' };

		enter(&f, n, name, ROLE_USER);
		assert_int_equal(number_of(f.room, slice_of(name)), n);
	}
	assert_int_equal(present(&f), 1000);
	assert_int_equal(number_of(f.room, SLICE("N123")), 123);
	for (uint32_t n = 1; n <= 1000; n += 2)
		assert_true(leave(&f, n));
	assert_int_equal(present(&f), 500);
	assert_int_equal(number_of(f.room, SLICE("n123")), 0);
	assert_int_equal(number_of(f.room, SLICE("n124")), 124);
	fixture_close(&f);
}

/* Other rules: who is here stays; who comes is judged by them; whom they ban is named. */
static void rules_may_change(void **state)
{
	static const struct slice admins[] = { { "cat", 3 } },
				  banned[] = { { "BOB", 3 }, { "eve", 3 } },
				  members[] = { { "dan", 3 } };
	struct fixture f;
	uint32_t *numbers;
	size_t count;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, 1, "ann", 0);
	enter(&f, 2, "bob", 0);
	assert_int_equal(enter_by(&f, 12, DIALECT_MIXER, person_of(2, "bob", 0), 0), REASON_NONE);
	f.rules.open = false;
	f.rules.admins = admins;
	f.rules.banned = banned;
	f.rules.members = members;
	f.rules.admin_count = f.rules.member_count = 1;
	f.rules.banned_count = 2;
	room_change(f.room);
	assert_true(room_has(f.room, ref_of(1)) && room_has(f.room, ref_of(2)));
	numbers = room_unwelcome(f.room, &count);
	assert_int_equal(count, 1);
	assert_int_equal(numbers[0], 2);
	free(numbers);
	assert_int_equal(enter_by(&f, 3, DIALECT_MIXER, person_of(3, "eve", 0), 0), REASON_BANNED);
	assert_int_equal(enter_by(&f, 4, DIALECT_MIXER, person_of(4, "fay", 0), 0),
			 REASON_CLOSED_ROOM);
	assert_int_equal(enter_by(&f, 5, DIALECT_MIXER, person_of(5, "dan", 0), 0), REASON_NONE);
	assert_int_equal(enter_by(&f, 6, DIALECT_MIXER, person_of(6, "Cat", 0), 0), REASON_NONE);
	assert_int_equal(f.roles & ROLE_MOD, ROLE_MOD);
	f.rules.banned_count = 0;
	room_change(f.room);
	numbers = room_unwelcome(f.room, &count);
	assert_int_equal(count, 0);
	free(numbers);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_connection_enters_and_the_last_one_leaves),
		cmocka_unit_test(forms_are_counted_apart),
		cmocka_unit_test(a_connection_enters_once),
		cmocka_unit_test(a_reader_is_counted_and_in_no_list),
		cmocka_unit_test(dropping_takes_all_of_a_persons_connections),
		cmocka_unit_test(members_are_found_by_folded_name),
		cmocka_unit_test(a_whisper_needs_a_dialect_that_keeps_it),
		cmocka_unit_test(an_open_room_lets_all_in_but_the_banned),
		cmocka_unit_test(a_closed_room_lets_in_whom_it_knows),
		cmocka_unit_test(numbers_are_those_of_accounts),
		cmocka_unit_test(who_is_invited_is_known_by_number_and_name),
		cmocka_unit_test(a_ban_holds_by_number_name_and_address),
		cmocka_unit_test(a_kick_that_is_not_permanent_bans_nobody),
		cmocka_unit_test(the_muted_stay_muted_when_they_come_back),
		cmocka_unit_test(a_muted_role_mutes_without_end),
		cmocka_unit_test(a_thousand_people_come_and_go),
		cmocka_unit_test(rules_may_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
