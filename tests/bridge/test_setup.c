#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/directory.h"
#include "bridge/core/worker.h"
#include "bridge/known.h"
#include "bridge/setup.h"
#include "codecs/text/name.h"
#include "conf/load.h"
#include "conf/table/directives.h"
#include "tests/support/dialects.h"
#include "tests/support/floor.h"

#define UUID_ONE "10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01"

/* A configuration and the bridge made of it, or what was said against it. */
struct made {
	struct conf *conf;
	struct bridge *bridge;
	char *said;
};

static struct made make(const char *text)
{
	struct made made = { NULL, NULL, NULL };
	struct conf_printer printer;
	size_t size;
	FILE *errors = open_memstream(&made.said, &size);

	assert_non_null(errors);
	conf_printer_init(&printer, stderr);
	made.conf = conf_parse(text, known_names(), &printer.report);
	assert_non_null(made.conf);
	made.bridge = setup_bridge(made.conf, "the-owner-secret", errors);
	/* Both give the same verdict. */
	assert_int_equal(setup_check(made.conf, errors), made.bridge != NULL);
	fclose(errors);
	return made;
}

static void made_free(struct made *made)
{
	setup_free(made->bridge);
	conf_free(made->conf);
	free(made->said);
}

static struct made makes(const char *text)
{
	struct made made = make(text);

	if (!made.bridge)
		fail_msg("refused: %s", made.said);
	assert_string_equal(made.said, "");
	return made;
}

static void refuses(const char *text, const char *because)
{
	struct made made = make(text);

	assert_null(made.bridge);
	if (!strstr(made.said, because))
		fail_msg("said: %s", made.said);
	made_free(&made);
}

static void limits_are_taken_over(void **state)
{
	struct made made =
	    makes("limits = { message_bytes = 1000; login_bytes = 500; json_depth = 9;"
		  " login_seconds = 3; ping_seconds = 4; idle_seconds = 5;"
		  " outbox_bytes = 6000; connections_per_address = 7;"
		  " connections = 8; messages_per_second = 9; burst = 10;"
		  " requests_under_way = 11; rooms_per_connection = 12;"
		  " http_header_bytes = 1024; http_headers = 13; http_body_bytes = 1025;"
		  " http_request_seconds = 14; http_answer_seconds = 15;"
		  " http_idle_seconds = 3600; };");
	const struct limits *limits = &made.bridge->limits;

	(void)state;
	assert_int_equal(limits->message_bytes, 1000);
	assert_int_equal(limits->login_bytes, 500);
	assert_int_equal(limits->json_depth, 9);
	assert_int_equal(limits->login_ms, 3000);
	assert_int_equal(limits->ping_ms, 4000);
	assert_int_equal(limits->idle_ms, 5000);
	assert_int_equal(limits->outbox_bytes, 6000);
	assert_int_equal(limits->connections_per_address, 7);
	assert_int_equal(limits->connections, 8);
	assert_int_equal(limits->messages_per_second, 9);
	assert_int_equal(limits->burst, 10);
	assert_int_equal(limits->requests_under_way, 11);
	assert_int_equal(limits->rooms_per_connection, 12);
	assert_int_equal(limits->http_header_bytes, 1024);
	assert_int_equal(limits->http_headers, 13);
	assert_int_equal(limits->http_body_bytes, 1025);
	assert_int_equal(limits->http_request_ms, 14000);
	assert_int_equal(limits->http_answer_ms, 15000);
	assert_int_equal(limits->http_idle_ms, 3600000);
	made_free(&made);
}

static void workers_are_made(void **state)
{
	struct made made = makes("workers = 16;");

	(void)state;
	assert_int_equal(made.bridge->worker_count, 16);
	for (unsigned w = 0; w < 16; w++) {
		assert_int_equal(made.bridge->workers[w]->index, w);
		assert_ptr_equal(made.bridge->workers[w]->rooms, made.bridge->rooms);
	}
	for (size_t r = 0; r < room_table_count(made.bridge->rooms); r++) {
		assert_in_range(room_table_at(made.bridge->rooms, r)->owner, 0, 15);
		assert_non_null(room_table_at(made.bridge->rooms, r)->room);
	}
	made_free(&made);
	made = makes("workers = 0;");
	assert_in_range(made.bridge->worker_count, 1, WORKERS_MAX);
	assert_non_null(made.bridge->workers[made.bridge->worker_count - 1]);
	made_free(&made);
}

static void mounts_are_made(void **state)
{
	struct made made = makes(
	    "guests = false;"
	    "listeners = ( { port = 0; mounts = ("
	    " { path = \"/\"; dialect = \"rooms\"; room = \"attic\"; strict = true; },"
	    " { path = \"/s\"; dialect = \"simple\"; room = \"lobby\"; guests = true; } ); } );"
	    "rooms = ( { name = \"lobby\"; }, { name = \"attic\"; } );");
	const struct listener_info *listener = &made.bridge->listeners[0];

	(void)state;
	assert_int_equal(made.bridge->listener_count, 1);
	assert_int_equal(listener->mount_count, 2);
	assert_string_equal(listener->mounts[0].path, "/");
	assert_int_equal(listener->mounts[0].dialect, DIALECT_ROOMS);
	assert_ptr_equal(listener->mounts[0].codec, &codec_rooms);
	assert_ptr_equal(listener->mounts[0].room, room_table_at(made.bridge->rooms, 1));
	assert_true(listener->mounts[0].strict);
	assert_false(listener->mounts[0].guests);
	assert_ptr_equal(listener->mounts[1].room, room_table_at(made.bridge->rooms, 0));
	assert_false(listener->mounts[1].strict);
	assert_true(listener->mounts[1].guests);
	made_free(&made);
}

static void rooms_have_a_name_in_each_dialect(void **state)
{
	struct made made = makes("rooms = ( { name = \"lobby\"; mixer = 7; concord = 9000000000L;"
				 " rooms = \"" UUID_ONE "\"; history = 5; remembered = 50;"
				 " open = false; banned = [ \"eve\", \"mallory\" ]; } );");
	const struct room_entry *room = room_table_at(made.bridge->rooms, 0);

	(void)state;
	for (size_t d = 0; d < DIALECTS; d++) {
		assert_ptr_equal(room_view(room, d)->codec, registry_codec(d));
		assert_true(slice_is(room_view(room, d)->room, "lobby"));
		assert_ptr_equal(room_view(room, d)->ids, &made.bridge->key);
		assert_int_equal(room_view(room, d)->bridge.number, BRIDGE_NUMBER);
		assert_int_equal(room_view(room, d)->instance.len, UUID_TEXT_LEN);
	}
	assert_int_equal(room_view(room, DIALECT_MIXER)->room_number, 7);
	assert_true(slice_is(room_view(room, DIALECT_MIXER)->room_id, "7"));
	assert_true(room_view(room, DIALECT_CONCORD)->room_number == UINT64_C(9000000000));
	assert_true(slice_is(room_view(room, DIALECT_CONCORD)->room_id, "9000000000"));
	assert_true(slice_is(room_view(room, DIALECT_ROOMS)->room_id, UUID_ONE));
	assert_int_equal(room->rules.history, 5);
	assert_int_equal(room->rules.remembered, 50);
	assert_false(room->rules.open);
	assert_int_equal(room->rules.banned_count, 2);
	assert_true(slice_is(room->rules.banned[1], "mallory"));
	made_free(&made);
}

/* What the configuration leaves open is the same after a restart. */
static void ids_left_open_are_made_of_the_name(void **state)
{
	char *folder = floor_folder(), text[512];
	struct made one, other;
	unsigned char uuid[16];

	(void)state;
	snprintf(text, sizeof(text),
		 "state = \"%s\"; rooms = ( { name = \"attic\"; mixer = 0;"
		 " concord = 0; rooms = \"\"; } );",
		 folder);
	one = makes(text);
	other = makes(text);
	for (size_t d = 0; d < DIALECTS; d++) {
		const struct codec_view *left = room_view(room_table_at(one.bridge->rooms, 0), d);
		const struct codec_view *right =
		    room_view(room_table_at(other.bridge->rooms, 0), d);

		assert_true(left->room_number == right->room_number);
		assert_true(slice_equal(left->room_id, right->room_id));
	}
	assert_in_range(room_view(room_table_at(one.bridge->rooms, 0), DIALECT_MIXER)->room_number,
			1, INT32_MAX);
	assert_in_range(
	    room_view(room_table_at(one.bridge->rooms, 0), DIALECT_CONCORD)->room_number, 1,
	    UINT64_C(1) << 53);
	assert_true(uuid_parse(
	    room_view(room_table_at(one.bridge->rooms, 0), DIALECT_ROOMS)->room_id, uuid));
	made_free(&one);
	made_free(&other);
	floor_folder_remove(folder);
}

/* However the file writes a UUID, clients find the room by it. */
static void uuids_are_found_in_either_case(void **state)
{
	struct made made = makes("rooms = ( { name = \"lobby\"; mixer = 1; concord = 1;"
				 " rooms = \"10BB1E5A-4C1F-4D5E-9B0A-7C2F3D9E6A01\"; } );");

	(void)state;
	assert_ptr_equal(room_table_called(made.bridge->rooms, DIALECT_ROOMS, 0, SLICE(UUID_ONE)),
			 room_table_at(made.bridge->rooms, 0));
	made_free(&made);
}

/* A number that one room gives itself may be the one another gets from its name. */
static void two_rooms_of_one_id_are_refused(void **state)
{
	static const char mounts[] =
	    "listeners = ( { port = 0; mounts = ( { path = \"/\"; dialect = \"mixer\";"
	    " room = \"lobby\"; } ); } );";
	struct made made = makes("rooms = ( { name = \"attic\"; } );");
	uint64_t mixer =
	    room_view(room_table_at(made.bridge->rooms, 0), DIALECT_MIXER)->room_number;
	uint64_t concord =
	    room_view(room_table_at(made.bridge->rooms, 0), DIALECT_CONCORD)->room_number;
	char text[1024];

	(void)state;
	made_free(&made);
	snprintf(text, sizeof(text),
		 "%s rooms = ( { name = \"attic\"; }, { name = \"lobby\"; mixer = %llu; } );",
		 mounts, (unsigned long long)mixer);
	refuses(text, "same mixer id");
	snprintf(text, sizeof(text),
		 "%s rooms = ( { name = \"attic\"; }, { name = \"lobby\"; concord = %lluL; } );",
		 mounts, (unsigned long long)concord);
	refuses(text, "same concord id");
}

static void accounts_are_made(void **state)
{
	char *folder = floor_folder(), text[1024], name[NAME_BYTES_MAX];
	struct directory_login login = { .name = SLICE("mo"), .secret = SLICE("se cret") };
	struct made made;
	struct person who;
	bool guest;

	(void)state;
	floor_file(folder, "mo", "se cret\r\nsecond line\n", 0600);
	floor_file(folder, "empty", "\n", 0600);
	snprintf(text, sizeof(text),
		 "accounts = ( { name = \"Mo\"; number = 42;"
		 " secret_file = \"%s/mo\"; roles = [ \"mod\", \"pro\" ]; } );",
		 folder);
	made = makes(text);
	assert_int_equal(directory_login(made.bridge->directory, &login, &who, &guest),
			 REASON_NONE);
	assert_false(guest);
	assert_int_equal(who.number, 42);
	assert_int_equal(who.roles, ROLE_USER | ROLE_MOD | ROLE_PRO);
	assert_true(directory_find_name(made.bridge->directory, SLICE("MO"), &who, name));
	made_free(&made);
	floor_folder_remove(folder);
}

/* A JSON Web Token, for example. */
static void a_secret_may_be_long(void **state)
{
	char *folder = floor_folder(), text[1024], secret[8001];
	struct directory_login login = { .name = SLICE("mo"), .secret = { secret, 8000 } };
	struct made made;
	struct person who;
	bool guest;

	(void)state;
	memset(secret, 's', sizeof(secret));
	secret[8000] = '\0';
	floor_file(folder, "mo", secret, 0600);
	snprintf(text, sizeof(text),
		 "accounts = ( { name = \"Mo\"; number = 42; secret_file = \"%s/mo\"; } );",
		 folder);
	made = makes(text);
	assert_int_equal(directory_login(made.bridge->directory, &login, &who, &guest),
			 REASON_NONE);
	login.secret.len--;
	assert_int_equal(directory_login(made.bridge->directory, &login, &who, &guest),
			 REASON_BAD_LOGIN);
	made_free(&made);
	floor_folder_remove(folder);
}

/* The conf floor cannot know it: the bridge's own name is not to be had. */
static void the_bridges_name_is_no_account(void **state)
{
	char *folder = floor_folder(), text[1024];

	(void)state;
	floor_file(folder, "secret", "s\n", 0600);
	snprintf(text, sizeof(text),
		 "accounts = (\n{ name = \"dragoman\"; number = 42; secret_file = \"%s/secret\"; },"
		 "\n{ name = \"ann\"; number = 43; secret_file = \"%s/secret\"; },"
		 "\n{ name = \"\\\"\"; number = 44; secret_file = \"%s/secret\"; } );",
		 folder, folder, folder);
	refuses(text, ":2: error: account \"dragoman\": its name or number is invalid");
	refuses(text, ":4: error: account");
	floor_folder_remove(folder);
}

static void what_cannot_be_read_is_refused(void **state)
{
	char *folder = floor_folder(), text[1024];

	(void)state;
	floor_file(folder, "key", "short", 0600);
	snprintf(text, sizeof(text), "state = \"%s\";", folder);
	{
		struct conf_printer printer;
		struct conf *conf;
		char *said;
		size_t size;
		FILE *errors = open_memstream(&said, &size);

		conf_printer_init(&printer, stderr);
		conf = conf_parse(text, known_names(), &printer.report);
		assert_non_null(conf);
		assert_null(setup_bridge(conf, NULL, errors));
		/* A check touches no state folder. */
		assert_true(setup_check(conf, errors));
		fclose(errors);
		assert_non_null(strstr(said, "key"));
		free(said);
		conf_free(conf);
	}
	floor_folder_remove(folder);
}

static void known_names_are_the_registrys(void **state)
{
	size_t count = 0;

	(void)state;
	for (; count < known_names()->dialect_count; count++)
		assert_string_equal(known_names()->dialects[count].name,
				    registry_codec(count)->name);
	assert_int_equal(count, DIALECTS);
	for (size_t i = 0; known_names()->roles[i]; i++)
		assert_int_not_equal(person_role_find(slice_of(known_names()->roles[i])), 0);
}

/* However high the directive is set, the sessions' tables have REQUESTS_MAX places. */
static void requests_under_way_fit_the_sessions(void **state)
{
	struct directives table;
	const struct section *limits =
	    section_find(directives_make(&table, known_names()), "limits")->inner;
	char text[128];
	struct made made;

	(void)state;
	snprintf(text, sizeof(text), "limits = { requests_under_way = %lld; };",
		 (long long)section_find(limits, "requests_under_way")->max);
	made = makes(text);
	assert_in_range(made.bridge->limits.requests_under_way, 1, REQUESTS_MAX);
	made_free(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_taken_over),
		cmocka_unit_test(workers_are_made),
		cmocka_unit_test(mounts_are_made),
		cmocka_unit_test(rooms_have_a_name_in_each_dialect),
		cmocka_unit_test(ids_left_open_are_made_of_the_name),
		cmocka_unit_test(uuids_are_found_in_either_case),
		cmocka_unit_test(two_rooms_of_one_id_are_refused),
		cmocka_unit_test(accounts_are_made),
		cmocka_unit_test(a_secret_may_be_long),
		cmocka_unit_test(the_bridges_name_is_no_account),
		cmocka_unit_test(what_cannot_be_read_is_refused),
		cmocka_unit_test(known_names_are_the_registrys),
		cmocka_unit_test(requests_under_way_fit_the_sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
