/* People of a server that we call, as people here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/directory.h"
#include "bridge/upstream/people/strangers.h"
#include "tests/support/accounts.h"

#define MOST 3

struct house {
	struct bridge bridge;
	struct directory *directory;
	struct strangers *strangers;
	char gone[400]; /* the names of who went, with a space behind each */
	uint32_t gone_number, online_then;
	bool was_seated;
	uint64_t now_ms;
};

/* What is to go is here still. */
static void note_gone(void *owner, const struct stranger *stranger)
{
	struct house *house = owner;
	size_t len = strlen(house->gone);

	snprintf(house->gone + len, sizeof(house->gone) - len, "%.*s ",
		 (int)stranger->person.name.len, stranger->person.name.data);
	house->gone_number = stranger->person.number;
	house->online_then = directory_connections(house->directory, stranger->person.number);
	house->was_seated = stranger->seated;
}

static int set_up(void **state)
{
	struct house *house = calloc(1, sizeof(*house));

	memcpy(house->bridge.key.bytes, "0123456789abcdef", 16);
	house->bridge.directory = house->directory = directory_new(&house->bridge.key, NULL);
	house->strangers = strangers_new(&house->bridge, "up", MOST, note_gone, house);
	house->now_ms = 1000;
	*state = house;
	return 0;
}

static int tear_down(void **state)
{
	struct house *house = *state;

	strangers_free(house->strangers, house->now_ms);
	directory_free(house->directory);
	free(house);
	return 0;
}

static const struct stranger *meet(struct house *house, const char *id, const char *name)
{
	struct foreign_person person = { .id = slice_of(id), .name = slice_of(name) };

	return strangers_meet(house->strangers, &person, ++house->now_ms);
}

static const struct stranger *find(const struct house *house, const char *id)
{
	return strangers_find_id(house->strangers, slice_of(id));
}

static void is_called(const struct stranger *stranger, const char *name)
{
	assert_non_null(stranger);
	assert_int_equal(stranger->person.name.len, strlen(name));
	assert_memory_equal(stranger->person.name.data, name, strlen(name));
}

static bool is_there(struct house *house, const char *name, uint32_t number)
{
	char text[NAME_BYTES_MAX];
	struct person who;

	return directory_find_name(house->directory, slice_of(name), &who, text) &&
	       who.number == number;
}

static enum reason guest_comes(struct house *house, const char *name)
{
	struct directory_login login = { .name = slice_of(name), .guests = true };
	struct person who;
	bool guest;

	return directory_login(house->directory, &login, &who, &guest);
}

static void account_comes(struct house *house, const char *name, uint32_t number)
{
	struct account account = account_of(name, number, "s", 0);
	struct people_change done;

	directory_put(house->directory, &account, &done);
	people_change_clear(&done);
}

static void somebody_is_the_same_whenever_met(void **state)
{
	struct house *house = *state;
	const struct stranger *ann = meet(house, "17", "Ann"), *bob = meet(house, "18", "Bob");

	is_called(ann, "Ann");
	is_called(bob, "Bob");
	assert_memory_equal(ann->id.data, "17", 2);
	assert_int_equal(ann->person.roles, ROLE_USER);
	assert_int_not_equal(ann->person.number, bob->person.number);
	assert_int_not_equal(ann->place, bob->place);
	assert_true(is_there(house, "Ann", ann->person.number));
	assert_true(ann->used_ms < bob->used_ms);
	assert_ptr_equal(meet(house, "17", "Ann"), ann);
	assert_true(ann->used_ms == house->now_ms);
	/* One who is only mentioned has the name that is known. */
	assert_ptr_equal(meet(house, "17", NULL), ann);
	is_called(ann, "Ann");
	assert_ptr_equal(find(house, "17"), ann);
	assert_null(find(house, "1"));
	assert_ptr_equal(strangers_find_number(house->strangers, bob->person.number), bob);
	assert_null(strangers_find_number(house->strangers, 1));
	assert_int_equal(strangers_count(house->strangers), 2);
	assert_string_equal(house->gone, "");
}

static void the_number_is_that_of_the_name(void **state)
{
	struct house *house = *state;
	uint32_t number = meet(house, "17", "Ann")->person.number;

	strangers_free(house->strangers, 0);
	assert_false(is_there(house, "Ann", number));
	assert_string_equal(house->gone, "");
	house->strangers = strangers_new(&house->bridge, "up", MOST, note_gone, house);
	assert_int_equal(meet(house, "17", "Ann")->person.number, number);
	strangers_free(NULL, 0);
}

static void who_cannot_be_anybody_is_nobody(void **state)
{
	struct house *house = *state;
	char id[FOREIGN_ID_MAX + 2] = "";

	memset(id, '1', FOREIGN_ID_MAX + 1);
	assert_null(meet(house, NULL, "Ann"));
	assert_null(meet(house, "", "Ann"));
	assert_null(meet(house, id, "Ann"));
	assert_null(find(house, id));
	assert_null(find(house, ""));
	assert_int_equal(strangers_count(house->strangers), 0);
	id[FOREIGN_ID_MAX] = '\0';
	is_called(meet(house, id, "Ann"), "Ann");
}

static void a_name_is_cleaned(void **state)
{
	struct house *house = *state;
	char name[2 * NAME_BYTES_MAX] = "";

	is_called(meet(house, "1", " A\xe2\x80\x8bnn\x01 "), "Ann");
	is_called(meet(house, "2", "\x01\x02"), "user-2@up");
	memset(name, 'x', sizeof(name) - 1);
	assert_int_equal(meet(house, "3", name)->person.name.len, NAME_BYTES_MAX);
}

static void a_name_that_is_taken_says_where_it_is_of(void **state)
{
	struct house *house = *state;

	assert_true(add_account(house->directory, "Acc", 5, "s", 0));
	assert_int_equal(guest_comes(house, "lan"), REASON_NONE);
	is_called(meet(house, "1", "acc"), "acc@up");
	is_called(meet(house, "2", "Ian"), "Ian@up");
	is_called(meet(house, "3", "lan"), "lan-2@up");
	is_called(meet(house, "4", "Dragoman"), "user-4@up");
}

static void two_of_one_name_are_two(void **state)
{
	struct house *house = *state;
	const struct stranger *first = meet(house, "1", "Ann"), *second = meet(house, "2", "Ann");

	is_called(first, "Ann");
	is_called(second, "Ann@up");
	assert_int_not_equal(first->person.number, second->person.number);
	is_called(meet(house, "1", "Ann"), "Ann");
	is_called(meet(house, "2", "Ann"), "Ann@up");
	assert_string_equal(house->gone, "");
}

static void nobody_comes_in_under_their_name(void **state)
{
	struct house *house = *state;
	struct person known = { .name = SLICE("Ann") }, who;

	meet(house, "1", "Ann");
	assert_int_equal(guest_comes(house, "Ann"), REASON_NAME_TAKEN);
	assert_int_equal(directory_admit(house->directory, &known, false, &who), REASON_NAME_TAKEN);
}

static void another_name_keeps_number_and_place(void **state)
{
	struct house *house = *state;
	const struct stranger *ann = meet(house, "1", "Ann");
	uint32_t number = ann->person.number, place = ann->place;

	strangers_set_online(house->strangers, ann, true);
	strangers_set_seated(house->strangers, ann, true);
	ann = meet(house, "1", "Bea");
	is_called(ann, "Bea");
	assert_string_equal(house->gone, "Ann ");
	assert_true(house->was_seated);
	assert_int_equal(house->gone_number, number);
	assert_int_equal(ann->person.number, number);
	assert_int_equal(ann->place, place);
	assert_true(ann->online);
	assert_false(ann->seated);
	assert_int_equal(directory_connections(house->directory, number), 1);
	assert_true(is_there(house, "Bea", number));
	assert_ptr_equal(strangers_find_number(house->strangers, number), ann);
	assert_int_equal(guest_comes(house, "Ann"), REASON_NONE);
	/* Back, but the name is taken meanwhile; and then what cannot be one. */
	is_called(meet(house, "1", "Ann"), "Ann@up");
	is_called(meet(house, "1", "\x01"), "user-1@up");
	assert_int_equal(ann->person.number, number);
	assert_int_equal(strangers_count(house->strangers), 1);
}

static void a_name_that_comes_late_is_taken(void **state)
{
	struct house *house = *state;
	const struct stranger *ann = meet(house, "1", NULL);
	uint32_t number = ann->person.number;

	is_called(ann, "user-1@up");
	is_called(meet(house, "1", "Ann"), "Ann");
	assert_int_equal(ann->person.number, number);
}

static void roles_there_are_no_rights_here(void **state)
{
	struct house *house = *state;
	struct foreign_person person = { .id = SLICE("1"),
					 .name = SLICE("Ann"),
					 .roles = ROLE_OWNER | ROLE_MOD | ROLE_PRO | ROLE_USER };
	const struct stranger *ann = strangers_meet(house->strangers, &person, 1);
	char name[NAME_BYTES_MAX];
	struct person who;

	assert_int_equal(ann->person.roles, ROLE_USER | ROLE_PRO);
	assert_int_equal(ann->roles_there, person.roles);
	person.roles = 0;
	strangers_meet(house->strangers, &person, 1);
	assert_int_equal(ann->person.roles, ROLE_USER | ROLE_PRO);
	person.roles = ROLE_USER | ROLE_SUBSCRIBER | ROLE_STAFF;
	strangers_meet(house->strangers, &person, 1);
	assert_int_equal(ann->person.roles, ROLE_USER | ROLE_SUBSCRIBER);
	assert_true(directory_find_number(house->directory, ann->person.number, &who, name));
	assert_int_equal(who.roles, ROLE_USER | ROLE_SUBSCRIBER);
	is_called(ann, "Ann");
	assert_string_equal(house->gone, "");
}

static void the_directory_knows_who_is_online(void **state)
{
	struct house *house = *state;
	const struct stranger *ann = meet(house, "1", "Ann");
	uint32_t number = ann->person.number;

	assert_false(ann->online);
	assert_int_equal(directory_connections(house->directory, number), 0);
	strangers_set_online(house->strangers, ann, true);
	strangers_set_online(house->strangers, ann, true);
	assert_true(ann->online);
	assert_int_equal(directory_connections(house->directory, number), 1);
	strangers_set_online(house->strangers, ann, false);
	assert_int_equal(directory_connections(house->directory, number), 0);
	assert_true(is_there(house, "Ann", number));
}

static void who_was_not_met_for_longest_makes_room(void **state)
{
	struct house *house = *state;
	uint32_t place = meet(house, "1", "Ann")->place;

	meet(house, "2", "Bob");
	meet(house, "3", "Cy");
	meet(house, "2", "Bob");
	assert_int_equal(meet(house, "4", "Dan")->place, place);
	assert_string_equal(house->gone, "Ann ");
	assert_null(find(house, "1"));
	assert_null(strangers_find_number(house->strangers, house->gone_number));
	assert_false(is_there(house, "Ann", house->gone_number));
	meet(house, "5", "Eve");
	assert_string_equal(house->gone, "Ann Cy ");
	assert_int_equal(strangers_count(house->strangers), MOST);
}

static void who_is_online_stays_longer(void **state)
{
	struct house *house = *state;

	strangers_set_online(house->strangers, meet(house, "1", "Ann"), true);
	meet(house, "2", "Bob");
	strangers_set_online(house->strangers, meet(house, "3", "Cy"), true);
	strangers_set_online(house->strangers, meet(house, "4", "Dan"), true);
	assert_string_equal(house->gone, "Bob ");
	assert_int_equal(house->online_then, 0);
	meet(house, "1", "Ann");
	meet(house, "5", "Eve");
	assert_string_equal(house->gone, "Bob Cy ");
	/* It is told while it is there still. */
	assert_int_equal(house->online_then, 1);
	assert_int_equal(directory_connections(house->directory, house->gone_number), 0);
}

static void all_come_by_once(void **state)
{
	struct house *house = *state;
	uint32_t place = 0;

	assert_null(strangers_next(house->strangers, &place));
	meet(house, "1", "Ann");
	meet(house, "2", "Bob");
	meet(house, "3", "Cy");
	place = 0;
	is_called(strangers_next(house->strangers, &place), "Ann");
	is_called(strangers_next(house->strangers, &place), "Bob");
	is_called(strangers_next(house->strangers, &place), "Cy");
	assert_null(strangers_next(house->strangers, &place));
}

/* ---- our own ---- */

static const struct person own = { .name = { "Me", 2 }, .number = 4711, .roles = ROLE_MOD };

static void our_own_client_is_itself(void **state)
{
	struct house *house = *state;
	const struct stranger *me;

	assert_true(strangers_alias(house->strangers, SLICE("9"), &own, 1));
	me = meet(house, "9", "Somebody else");
	is_called(me, "Me");
	assert_true(me->ours);
	assert_int_equal(me->person.number, 4711);
	assert_int_equal(me->person.roles, ROLE_MOD);
	assert_ptr_equal(strangers_find_number(house->strangers, 4711), me);
	assert_false(is_there(house, "Me", 4711));
	assert_int_equal(strangers_count(house->strangers), 0);
	strangers_set_online(house->strangers, me, true);
	assert_true(me->online);
	strangers_set_online(house->strangers, me, false);
	/* It makes no room for others, and is none of theirs. */
	for (unsigned i = 0; i <= MOST; i++)
		meet(house, (const char[]){ (char)('1' + (int)i), '\0' }, "Ann");
	assert_ptr_equal(find(house, "9"), me);
	assert_int_equal(strangers_count(house->strangers), MOST);
	strangers_unalias(house->strangers, SLICE("9"), 2);
	assert_null(find(house, "9"));
	assert_null(strangers_find_number(house->strangers, 4711));
	is_called(meet(house, "9", "You"), "You");
}

static void an_alias_takes_the_place_of_who_it_was(void **state)
{
	struct house *house = *state;
	struct person other = { .name = SLICE("Other"), .number = 4712 };
	uint32_t number = meet(house, "9", "Ann")->person.number;

	assert_true(strangers_alias(house->strangers, SLICE("9"), &own, 1));
	assert_string_equal(house->gone, "Ann ");
	assert_false(is_there(house, "Ann", number));
	is_called(meet(house, "9", "Ann"), "Me");
	assert_true(strangers_alias(house->strangers, SLICE("9"), &other, 1));
	is_called(find(house, "9"), "Other");
	assert_false(strangers_alias(house->strangers, SLICE(""), &own, 1));
	meet(house, "1", "Bob");
	strangers_unalias(house->strangers, SLICE("1"), 2);
	strangers_unalias(house->strangers, SLICE("2"), 2);
	is_called(find(house, "1"), "Bob");
}

/* ---- accounts come first ---- */

static void an_account_gets_its_name_when_they_are_met(void **state)
{
	struct house *house = *state;
	const struct stranger *ann = meet(house, "1", "Ann");
	uint32_t number = ann->person.number, place = ann->place;

	strangers_set_online(house->strangers, ann, true);
	strangers_set_seated(house->strangers, ann, true);
	account_comes(house, "Ann", 7);
	ann = meet(house, "1", "Ann");
	is_called(ann, "Ann@up");
	assert_string_equal(house->gone, "Ann ");
	assert_true(is_there(house, "Ann", 7));
	assert_int_not_equal(ann->person.number, number);
	assert_int_equal(ann->place, place);
	assert_true(ann->online);
	assert_false(ann->seated);
	assert_int_equal(directory_connections(house->directory, ann->person.number), 1);
	assert_ptr_equal(strangers_find_number(house->strangers, ann->person.number), ann);
	assert_null(strangers_find_number(house->strangers, number));
}

static void an_account_gets_its_number_when_they_yield(void **state)
{
	struct house *house = *state;
	uint32_t number = meet(house, "1", "Ann")->person.number;

	meet(house, "2", "Bob");
	account_comes(house, "Zoe", number);
	assert_false(is_there(house, "Zoe", number));
	strangers_yield(house->strangers, 1);
	assert_true(is_there(house, "Zoe", number));
	assert_string_equal(house->gone, "Ann ");
	is_called(meet(house, "1", "Ann"), "Ann");
	is_called(find(house, "2"), "Bob");
}

/* ---- many ---- */

static void many_of_one_name_all_have_one(void **state)
{
	struct house *house = *state;
	struct strangers *many = strangers_new(&house->bridge, "many", 100, note_gone, house);
	const struct stranger *stranger;
	uint32_t place = 0;
	char id[16];

	for (unsigned i = 0; i < 100; i++) {
		struct foreign_person person = { .name = SLICE("Ann") };

		snprintf(id, sizeof(id), "%u", 1000 + i);
		person.id = slice_of(id);
		assert_non_null(strangers_meet(many, &person, i));
	}
	assert_int_equal(strangers_count(many), 100);
	while ((stranger = strangers_next(many, &place)))
		assert_ptr_equal(strangers_find_number(many, stranger->person.number), stranger);
	is_called(strangers_find_id(many, SLICE("1000")), "Ann");
	is_called(strangers_find_id(many, SLICE("1010")), "Ann-10@many");
	is_called(strangers_find_id(many, SLICE("1011")), "user-1011@many");
	strangers_free(many, 0);
}

static void churn_leaves_nobody_behind(void **state)
{
	struct house *house = *state;
	struct directory_listed *listed;
	size_t count, total;
	char id[16], name[16];

	for (unsigned i = 0; i < 2000; i++) {
		const struct stranger *stranger;

		snprintf(id, sizeof(id), "%u", i * 7 % 11);
		snprintf(name, sizeof(name), "n%u", i % 5);
		stranger = meet(house, id, i % 4 ? name : NULL);
		assert_non_null(stranger);
		assert_true(stranger->place < MOST);
		strangers_set_online(house->strangers, stranger, i % 3 == 0);
		house->gone[0] = '\0';
	}
	listed =
	    directory_list(house->directory, (struct slice){ 0 }, false, 0, 100, &count, &total);
	assert_int_equal(total, MOST);
	free(listed);
	strangers_free(house->strangers, 0);
	house->strangers = NULL;
	listed =
	    directory_list(house->directory, (struct slice){ 0 }, false, 0, 100, &count, &total);
	assert_int_equal(total, 0);
	free(listed);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(somebody_is_the_same_whenever_met),
		CASE(the_number_is_that_of_the_name),
		CASE(who_cannot_be_anybody_is_nobody),
		CASE(a_name_is_cleaned),
		CASE(a_name_that_is_taken_says_where_it_is_of),
		CASE(two_of_one_name_are_two),
		CASE(nobody_comes_in_under_their_name),
		CASE(another_name_keeps_number_and_place),
		CASE(a_name_that_comes_late_is_taken),
		CASE(roles_there_are_no_rights_here),
		CASE(the_directory_knows_who_is_online),
		CASE(who_was_not_met_for_longest_makes_room),
		CASE(who_is_online_stays_longer),
		CASE(all_come_by_once),
		CASE(our_own_client_is_itself),
		CASE(an_alias_takes_the_place_of_who_it_was),
		CASE(an_account_gets_its_name_when_they_are_met),
		CASE(an_account_gets_its_number_when_they_yield),
		CASE(many_of_one_name_all_have_one),
		CASE(churn_leaves_nobody_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
