#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/admin/control/stored/room_settings.h"
#include "bridge/core/directory.h"
#include "bridge/core/people/bans.h"
#include "bridge/durable/made_rooms.h"
#include "bridge/durable/roster.h"
#include "bridge/durable/store.h"
#include "bridge/kept.h"
#include "bridge/known.h"
#include "bridge/logins/tokens.h"
#include "bridge/setup.h"
#include "bridge/store/storage.h"
#include "conf/load.h"
#include "tests/support/accounts.h"
#include "tests/support/floor.h"
#include "tests/support/shelf.h"

#define WALL UINT64_C(1800000000000)

static struct shelf shelf; /* its folder is the state folder */

static int open_folder(void **state)
{
	(void)state;
	shelf.folder = floor_folder();
	return 0;
}

static int close_folder(void **state)
{
	(void)state;
	floor_folder_remove(shelf.folder);
	return 0;
}

/* A server, as far as it is one without sockets. */
struct server {
	struct conf *conf;
	struct bridge *bridge;
	struct storage *storage;
};

static struct conf *configuration(const char *more)
{
	struct conf_printer printer;
	struct conf *conf;
	char *text;

	conf_printer_init(&printer, stderr);
	assert_true(asprintf(&text, "workers = 1; state = \"%s\"; %s %s", shelf.folder, FLOOR_LOBBY,
			     more) > 0);
	conf = conf_parse(text, known_names(), &printer.report);
	free(text);
	assert_non_null(conf);
	return conf;
}

static struct server begin(const char *more, uint64_t wall_ms)
{
	struct room_time now = { wall_ms, 1000 };
	struct server server = { .conf = configuration(more) };

	assert_true(kept_rooms(server.conf, stderr));
	server.bridge = setup_bridge(server.conf, NULL, stderr);
	assert_non_null(server.bridge);
	assert_true(storage_open(server.bridge, now, stderr, &server.storage));
	assert_true(kept_open(server.bridge, now, stderr));
	assert_true(storage_start(server.storage));
	atomic_store(&server.bridge->phase, BRIDGE_SERVING);
	return server;
}

/* killed: as by a crash, once what was given to the store is written. */
static void end(struct server *server, bool killed, uint64_t wall_ms)
{
	if (!killed)
		kept_end(server->bridge, wall_ms);
	storage_stop(server->storage);
	storage_free(server->storage);
	setup_free(server->bridge);
	conf_free(server->conf);
}

/* What the store was given is stored, and heard of. */
static void settle(struct server *server)
{
	struct post *post;

	storage_stop(server->storage);
	post = mailbox_take(&server->bridge->main_box);
	while (post) {
		struct post *next = post->next;

		assert_int_equal(post->kind, POST_KEPT);
		lasting_heard(post);
		post_free(post);
		post = next;
	}
	assert_true(storage_start(server->storage));
}

static void keep(struct server *server, struct lasting *lasting)
{
	server->bridge->store->keep(server->bridge, lasting);
	settle(server);
}

static void keep_person(struct server *server, const char *name, uint32_t number)
{
	struct lasting *lasting = lasting_new(LASTING_PERSON);

	lasting->person.number = number;
	snprintf(lasting->person.name, sizeof(lasting->person.name), "%s", name);
	snprintf(lasting->person.hash, sizeof(lasting->person.hash), "%s", HASH_RIGHT);
	lasting->number = ROSTER_NUMBER_NEXT;
	lasting->value = ROSTER_NUMBER_FIRST + 5;
	keep(server, lasting);
}

static uint32_t guest(struct server *server, const char *name)
{
	struct directory_login login = { .name = slice_of(name), .guests = true };
	struct person who;
	bool is_guest;

	assert_int_equal(directory_login(server->bridge->directory, &login, &who, &is_guest),
			 REASON_NONE);
	assert_true(is_guest);
	return who.number;
}

static bool is_account(struct server *server, const char *name)
{
	return directory_clash(server->bridge->directory, slice_of(name), 0) == ACCOUNT_NAME_TAKEN;
}

static void accounts_are_there_again(void **state)
{
	struct server server = begin("", WALL);

	(void)state;
	assert_int_equal(roster_count(server.bridge->roster), 0);
	keep_person(&server, "ann", 7);
	keep_person(&server, "bob", 8);
	end(&server, true, WALL);
	server = begin("", WALL);
	assert_int_equal(roster_count(server.bridge->roster), 2);
	assert_true(is_account(&server, "Ann") && is_account(&server, "bob"));
	assert_int_equal(server.bridge->roster->next, ROSTER_NUMBER_FIRST + 5);
	end(&server, false, WALL);
	/* What the configuration, or a backend, has by now, is theirs. */
	server = begin("accounts = ( { name = \"Ann\"; number = 70; secret_hash = \"" HASH_OTHER
		       "\"; } ); backends = ( { name = \"judge\"; bind = \"ipc://judge.sock\"; "
		       "speaks_as = \"Bob\"; } );",
		       WALL);
	assert_true(roster_find(server.bridge->roster, SLICE("ann"))->shadowed);
	assert_true(roster_find(server.bridge->roster, SLICE("bob"))->barred);
	assert_int_equal(directory_clash(server.bridge->directory, SLICE("x"), 7), ACCOUNT_FITS);
	end(&server, false, WALL);
}

static void bans_hold_again(void **state)
{
	struct server server = begin("", WALL);
	struct lasting *lasting;
	struct ban ban;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		lasting = lasting_new(LASTING_BAN);
		lasting->ban =
		    (struct lasting_ban){ .since_ms = WALL, .until_ms = WALL + 60000 + i * 60000 };
		snprintf(lasting->ban.key, sizeof(lasting->ban.key), "#%u", i + 7);
		snprintf(lasting->ban.target, sizeof(lasting->ban.target), "#%u", i + 7);
		keep(&server, lasting);
	}
	end(&server, true, WALL);
	server = begin("", WALL + 70000);
	assert_false(bans_get(server.bridge->bans, "#7", &ban));
	assert_true(bans_get(server.bridge->bans, "#8", &ban));
	assert_true(ban.until_ms == 1000 + 50000);
	end(&server, false, WALL);
}

/* Whether it ended well or not, and however many came in a second. */
static void guests_never_get_a_number_again(void **state)
{
	struct server server = begin("", WALL);
	uint32_t first = guest(&server, "a"), next;

	(void)state;
	assert_int_equal(first, GUEST_NUMBER_FIRST);
	end(&server, false, WALL);
	server = begin("", WALL);
	next = guest(&server, "b");
	/* Nothing is lost where it ended well. */
	assert_int_equal(next, first + 1);
	end(&server, true, WALL);
	server = begin("", WALL);
	first = guest(&server, "c");
	assert_true(first > next);
	kept_tick(server.bridge, WALL);
	settle(&server);
	assert_true(first - next < 1000000);
	/* Half of what is reserved: more is reserved in time. */
	directory_start_guests(server.bridge->directory, server.bridge->roster->guests_end - 2);
	next = guest(&server, "d");
	kept_tick(server.bridge, WALL);
	settle(&server);
	assert_true(server.bridge->roster->guests_end > next + 100000);
	end(&server, true, WALL);
	server = begin("", WALL);
	assert_true(guest(&server, "e") > next + 1);
	/* At the end of all numbers they come round. */
	directory_start_guests(server.bridge->directory, BRIDGE_NUMBER - 1);
	assert_int_equal(guest(&server, "f"), BRIDGE_NUMBER - 1);
	kept_tick(server.bridge, WALL);
	settle(&server);
	end(&server, true, WALL);
	server = begin("", WALL);
	assert_int_equal(guest(&server, "g"), GUEST_NUMBER_FIRST);
	end(&server, false, WALL);
}

/* Not more often than each minute. */
static void it_is_kept_when_accounts_came(void **state)
{
	struct server server = begin("", WALL);
	struct directory_login login = { .name = SLICE("ann"), .secret = SLICE("right") };
	struct secret_check check;
	struct person who;
	bool is_guest;

	(void)state;
	keep_person(&server, "ann", 7);
	end(&server, true, WALL);
	server = begin("", WALL);
	assert_true(directory_must_check(server.bridge->directory, &login, &check));
	check.matches = true;
	login.checked = &check;
	for (uint64_t ms = 0; ms < 100000; ms += 50000) {
		assert_int_equal(directory_login(server.bridge->directory, &login, &who, &is_guest),
				 REASON_NONE);
		kept_tick(server.bridge, WALL + ms);
		settle(&server);
		assert_true(shelf_sql(&shelf, "SELECT seen_ms FROM person") == (int64_t)WALL);
	}
	assert_int_equal(directory_login(server.bridge->directory, &login, &who, &is_guest),
			 REASON_NONE);
	end(&server, false, WALL + 100000);
	assert_true(shelf_sql(&shelf, "SELECT seen_ms FROM person") == (int64_t)WALL + 100000);
}

struct heard {
	struct bridge *bridge;
	unsigned times;
	bool failed;
};

static void hear(struct lasting *lasting)
{
	struct heard *heard = lasting->owner;

	heard->times++;
	heard->failed = lasting->failed;
}

static void rooms_are_there_again(void **state)
{
	struct server server = begin("", WALL);
	struct conf_made made = { .name = "attic", .open = true, .history = 7 };
	struct lasting *lasting = lasting_new(LASTING_ROOM);

	(void)state;
	snprintf(lasting->room, sizeof(lasting->room), "attic");
	room_settings_print(&made, lasting->settings);
	keep(&server, lasting);
	end(&server, true, WALL);
	server = begin("", WALL);
	assert_non_null(made_rooms_find(server.bridge->made_rooms, "attic"));
	assert_int_equal(room_table_find(server.bridge->rooms, SLICE("attic"))->rules.history, 7);
	end(&server, false, WALL);
}

/* A server that does not run keeps at once; the next one has it. */
static void alone_it_is_kept_at_once(void **state)
{
	struct conf *conf = configuration("");
	struct room_time now = { WALL, 1000 };
	struct bridge *bridge = setup_sketch(conf, stderr);
	struct database *database = kept_open_alone(bridge, now, stderr);
	struct heard heard = { .bridge = bridge };
	struct server server;

	(void)state;
	assert_non_null(database);
	for (unsigned i = 0; i < 2; i++) {
		struct lasting *lasting = lasting_new(LASTING_PERSON);

		/* The second one's name is taken. */
		lasting->person = (struct lasting_person){ .number = 7 + i, .name = "ann" };
		snprintf(lasting->person.hash, sizeof(lasting->person.hash), "%s", HASH_RIGHT);
		lasting->hear = hear;
		lasting->owner = &heard;
		bridge->store->keep(bridge, lasting);
		assert_int_equal(heard.times, i + 1);
		assert_int_equal(heard.failed, i == 1);
	}
	kept_close_alone(bridge, database);
	assert_null(bridge->store);
	setup_free(bridge);
	conf_free(conf);
	server = begin("", WALL);
	assert_true(is_account(&server, "ann"));
	end(&server, false, WALL);
}

/* ---- tokens ---- */

static void keep_token(struct server *server, unsigned char hash)
{
	struct lasting *lasting = lasting_new(LASTING_TOKENS);

	lasting->tokens.adds = true;
	lasting->tokens.row = (struct token_row){ .hash = { hash },
						  .kind = HOLDER_GUEST,
						  .number = 7,
						  .credential = 1,
						  .name = "ann",
						  .dialect = "rooms",
						  .issued_ms = WALL + hash };
	keep(server, lasting);
}

/* The hashes of those that hold, of 4 at most. */
static size_t tokens_of(const struct server *server, unsigned char hashes[4])
{
	struct token_row *rows;
	size_t count = tokens_list(server->bridge->tokens, 7, &rows);

	assert_true(count <= 4);
	for (size_t i = 0; i < count; i++)
		hashes[i] = rows[i].hash[0];
	free(rows);
	return count;
}

/* Else they would be back after the others have been revoked. */
static void of_too_many_tokens_the_oldest_are_revoked_for_good(void **state)
{
	struct server server = begin("", WALL);
	unsigned char hashes[4];

	(void)state;
	for (unsigned char hash = 1; hash <= 4; hash++)
		keep_token(&server, hash);
	end(&server, false, WALL);
	server = begin("tokens = { per_person = 2; };", WALL);
	assert_int_equal(tokens_of(&server, hashes), 2);
	assert_int_equal(hashes[0], 3);
	assert_int_equal(hashes[1], 4);
	end(&server, false, WALL);
	server = begin("", WALL);
	assert_int_equal(tokens_of(&server, hashes), 2);
	end(&server, false, WALL);
}

static void without_a_store_nothing_happens(void **state)
{
	struct room_time now = { WALL, 1000 };
	struct conf *conf = configuration("storage = { engine = \"memory\"; };");
	struct bridge *bridge = setup_sketch(conf, stderr);

	(void)state;
	assert_true(kept_open(bridge, now, stderr));
	kept_tick(bridge, WALL);
	kept_end(bridge, WALL);
	setup_free(bridge);
	conf_free(conf);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, open_folder, close_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(accounts_are_there_again),
		TEST(bans_hold_again),
		TEST(guests_never_get_a_number_again),
		TEST(it_is_kept_when_accounts_came),
		TEST(rooms_are_there_again),
		TEST(alone_it_is_kept_at_once),
		TEST(of_too_many_tokens_the_oldest_are_revoked_for_good),
		TEST(without_a_store_nothing_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
