#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/known.h"
#include "conf/load.h"
#include "conf/made.h"

static struct conf *made(const struct conf_made *room, char **said)
{
	struct conf_printer printer;
	size_t size;
	FILE *stream = open_memstream(said, &size);
	struct conf *conf;

	conf_printer_init(&printer, stream);
	conf = conf_make_rooms(room, 1, known_names(), &printer.report);
	fclose(stream);
	return conf;
}

static void a_room_is_as_it_was_made(void **state)
{
	struct conf_made room = {
		.name = "we \"\\ird",
		.owner = 500000000,
		.open = false,
		.history = 50,
		.remembered = 90,
		.admins = { { 7 }, 1 },
		.members = { { 8, 9 }, 2 },
	};
	char *said;
	struct conf *conf = made(&room, &said);

	(void)state;
	assert_non_null(conf);
	assert_string_equal(said, "");
	assert_int_equal(conf->room_count, 1);
	assert_string_equal(conf->rooms[0].name, room.name);
	assert_false(conf->rooms[0].open);
	assert_int_equal(conf->rooms[0].history, 50);
	assert_int_equal(conf->rooms[0].remembered, 90);
	assert_true(conf->rooms[0].made);
	assert_memory_equal(&conf->rooms[0].made_admins, &room.admins, sizeof(room.admins));
	assert_memory_equal(&conf->rooms[0].made_members, &room.members, sizeof(room.members));
	assert_true(conf->rooms[0].owner == room.owner);
	conf_free(conf);
	free(said);
	/* What a file leaves out. */
	room = (struct conf_made){ .name = "attic", .open = true };
	conf = made(&room, &said);
	assert_non_null(conf);
	assert_int_equal(conf->rooms[0].remembered, 4096);
	assert_int_equal(conf->rooms[0].admins.count, 0);
	conf_free(conf);
	free(said);
}

static void what_no_file_may_say_is_refused(void **state)
{
	struct conf_made room = { .name = "attic", .open = true, .history = 1000001 };
	char *said;

	(void)state;
	assert_null(made(&room, &said));
	assert_non_null(strstr(said, "history"));
	free(said);
	room = (struct conf_made){ .name = "a\nb" };
	assert_null(made(&room, &said));
	free(said);
}

static void rooms_are_taken(void **state)
{
	struct conf_made rooms[] = { { .name = "a", .open = true }, { .name = "b", .history = 7 } };
	char *said;
	struct conf *conf = made(&rooms[0], &said);

	(void)state;
	free(said);
	conf_take_rooms(conf, made(&rooms[1], &said));
	free(said);
	assert_int_equal(conf->room_count, 2);
	assert_string_equal(conf->rooms[0].name, "a");
	assert_string_equal(conf->rooms[1].name, "b");
	assert_int_equal(conf->rooms[1].history, 7);
	conf_free(conf);
	/* Many at once. */
	conf = conf_make_rooms(rooms, 2, known_names(), &(struct conf_report){ .error = NULL });
	assert_non_null(conf);
	assert_int_equal(conf->room_count, 2);
	assert_true(conf->rooms[0].made && conf->rooms[1].made);
	conf_free(conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_room_is_as_it_was_made),
		cmocka_unit_test(what_no_file_may_say_is_refused),
		cmocka_unit_test(rooms_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
