#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/store/lasting/rows.h"
#include "tests/support/accounts.h"
#include "tests/support/shelf.h"

static struct shelf shelf;
static char text[4096];

static bool try_keep(const struct lasting *lasting)
{
	bool done = database_begin(shelf.database) && database_keep(shelf.database, lasting) &&
		    database_commit(shelf.database);

	if (!done)
		database_rollback(shelf.database);
	return done;
}

static void keep(struct lasting lasting)
{
	assert_true(try_keep(&lasting));
}

static struct lasting person(uint32_t number, const char *name, uint32_t roles)
{
	struct lasting lasting = { .kind = LASTING_PERSON,
				   .person = { .number = number, .roles = roles, .seen_ms = 5 } };

	snprintf(lasting.person.name, sizeof(lasting.person.name), "%s", name);
	snprintf(lasting.person.hash, sizeof(lasting.person.hash), "%s", HASH_RIGHT);
	return lasting;
}

static struct lasting ban(const char *key, uint64_t since_ms, uint64_t until_ms)
{
	struct lasting lasting = { .kind = LASTING_BAN,
				   .ban = { .number = 7,
					    .folded = "bob",
					    .folded_len = 3,
					    .addresses = { UINT64_MAX - 1, 2 },
					    .address_count = 2,
					    .since_ms = since_ms,
					    .until_ms = until_ms } };

	snprintf(lasting.ban.key, sizeof(lasting.ban.key), "%s", key);
	snprintf(lasting.ban.target, sizeof(lasting.ban.target), "Bob");
	snprintf(lasting.ban.reason, sizeof(lasting.ban.reason), "spam");
	return lasting;
}

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	size_t len = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + len, sizeof(text) - len, format, arguments);
	va_end(arguments);
}

static void read_person(void *context, const struct lasting_person *read)
{
	(void)context;
	assert_string_equal(read->hash, HASH_RIGHT);
	say("%u %s roles %u seen %llu\n", read->number, read->name, read->roles,
	    (unsigned long long)read->seen_ms);
}

static void read_ban(void *context, const struct lasting_ban *read)
{
	(void)context;
	say("ban %s %s %u %.*s %llu-%lld %s:", read->key, read->target, read->number,
	    (int)read->folded_len, read->folded, (unsigned long long)read->since_ms,
	    (long long)read->until_ms, read->reason);
	for (size_t i = 0; i < read->address_count; i++)
		say(" %llx", (unsigned long long)read->addresses[i]);
	say("\n");
}

static void read_damaged(void *context, const char *table, uint64_t number)
{
	(void)context;
	say("damaged: %s %llu\n", table, (unsigned long long)number);
}

static void read_room(void *context, struct slice settings)
{
	(void)context;
	say("room %.*s\n", (int)settings.len, settings.data);
}

static void reads(const char *expected)
{
	struct lasting_sink sink = { NULL, read_person, read_ban, read_room, read_damaged };

	for (unsigned round = 0; round < 2; round++) {
		text[0] = '\0';
		assert_true(database_lasting(shelf.database, &sink));
		assert_string_equal(text, expected);
		shelf_again(&shelf);
	}
}

static void people_come_change_and_go(void **state)
{
	struct lasting gone = { .kind = LASTING_PERSON_GONE, .person.number = 9 };
	struct lasting seen = { .kind = LASTING_SEEN,
				.seen = { { 8, 70 }, { 9, 71 }, { 10, 72 } },
				.seen_count = 3 };

	(void)state;
	keep(person(9, "Bob", 0));
	keep(person(8, "Zo\xc3\xab", 3));
	reads("8 Zo\xc3\xab roles 3 seen 5\n9 Bob roles 0 seen 5\n");
	keep(person(8, "Zo\xc3\xab", 1));
	keep(seen);
	reads("8 Zo\xc3\xab roles 1 seen 70\n9 Bob roles 0 seen 71\n");
	keep(gone);
	reads("8 Zo\xc3\xab roles 1 seen 70\n");
	assert_true(lasting_erases(&gone));
	assert_false(lasting_erases(&seen));
}

/* Somebody else's name is a fault, and takes nothing away. */
static void names_are_unique_folded(void **state)
{
	struct lasting again = person(9, "ANN", 0);

	(void)state;
	keep(person(8, "Ann", 0));
	assert_false(try_keep(&again));
	reads("8 Ann roles 0 seen 5\n");
}

static void numbers_are_in_the_same_transaction(void **state)
{
	struct lasting good = person(8, "Ann", 0), bad = person(9, "ann", 0);

	(void)state;
	good.number = bad.number = "account_next";
	good.value = 9;
	bad.value = 10;
	keep(good);
	assert_false(try_keep(&bad));
	assert_int_equal(database_number(shelf.database, "account_next"), 9);
}

/* Those that are over go with the next that is made. */
static void bans_come_and_go(void **state)
{
	struct lasting lift = { .kind = LASTING_BAN_GONE }, late = ban("nrob", 30, 90);

	(void)state;
	keep(ban("nbob", 20, 60));
	keep(ban("#7", 10, LASTING_FOREVER));
	reads("ban #7 Bob 7 bob 10--1 spam: fffffffffffffffe 2\n"
	      "ban nbob Bob 7 bob 20-60 spam: fffffffffffffffe 2\n");
	keep(ban("nbob", 20, 80));
	late.now_ms = 79;
	keep(late);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM server_ban"), 3);
	late.now_ms = 80;
	keep(late);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM server_ban"), 2);
	snprintf(lift.ban.key, sizeof(lift.ban.key), "#7");
	keep(lift);
	reads("ban nrob Bob 7 bob 30-90 spam: fffffffffffffffe 2\n");
}

static void rooms_have_settings(void **state)
{
	struct lasting room = { .kind = LASTING_ROOM, .room = "Attic", .settings = "{\"a\":1}" };

	(void)state;
	shelf_change(&shelf, "lobby", row_message(8, 3, "Ann", "hello"));
	keep(room);
	reads("room {\"a\":1}\n");
	snprintf(room.settings, sizeof(room.settings), "{}");
	keep(room);
	reads("room {}\n");
	/* What was said there stays. */
	shelf_change(&shelf, "attic", row_message(9, 3, "Ann", "up here"));
	room.settings[0] = '\0';
	keep(room);
	reads("");
	assert_string_equal(shelf_read(shelf.database, "attic", 2),
			    "message 9 by 3 Ann roles 1 at 1009: up here\n");
	shelf_sql(&shelf, "UPDATE room SET settings = 'x' WHERE number = 1");
	reads("damaged: room 1\n");
}

/* Of one room alone, and not what was said. */
static void a_new_room_of_a_name_owes_nothing_to_the_old_one(void **state)
{
	struct lasting room = { .kind = LASTING_ROOM, .room = "Attic", .settings = "{}" };

	(void)state;
	shelf_change(&shelf, "lobby", row_mark(ROW_BANS, 3, NULL, MARK_FOREVER, 3, 20));
	shelf_change(&shelf, "attic", row_message(9, 3, "Ann", "up here"));
	shelf_change(&shelf, "attic", row_mark(ROW_BANS, 3, NULL, MARK_FOREVER, 3, 20));
	shelf_change(&shelf, "attic", row_mark(ROW_MUTES, 0, "bob", 500, 3, 21));
	shelf_change(&shelf, "attic", row_poll(9, "which?"));
	shelf_change(&shelf, "attic", row_vote(3, 0, 22));
	keep(room);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM mark"), 3);
	room.forgets = true;
	keep(room);
	reads("room {}\n");
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM mark"), 1);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM poll"), 0);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM vote"), 0);
	assert_int_equal(shelf_sql(&shelf, "SELECT count(*) FROM message"), 1);
}

static void damage_is_told_and_left_out(void **state)
{
	struct lasting seen = { .kind = LASTING_SEEN, .seen = { { 8, 70 } }, .seen_count = 1 };

	(void)state;
	keep(person(8, "Ann", 0));
	keep(person(9, "Bob", 0));
	keep(ban("nbob", 20, LASTING_FOREVER));
	shelf_sql(&shelf, "UPDATE person SET roles = roles | 128 WHERE number = 8");
	shelf_sql(&shelf, "UPDATE server_ban SET until_ms = 9000000000000");
	reads("damaged: person 8\n9 Bob roles 0 seen 5\ndamaged: server_ban 7\n");
	/* A change does not make it look whole. */
	keep(seen);
	reads("damaged: person 8\n9 Bob roles 0 seen 5\ndamaged: server_ban 7\n");
}

#define TEST(test) SHELF_TEST(test, &shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(people_come_change_and_go),
		TEST(names_are_unique_folded),
		TEST(numbers_are_in_the_same_transaction),
		TEST(bans_come_and_go),
		TEST(rooms_have_settings),
		TEST(a_new_room_of_a_name_owes_nothing_to_the_old_one),
		TEST(damage_is_told_and_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
