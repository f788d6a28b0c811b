#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/durable/made_rooms.h"
#include "bridge/known.h"
#include "conf/load.h"

static struct made_room *add(struct made_rooms *rooms, const char *name, int64_t history)
{
	return made_rooms_add(
	    rooms, &(struct conf_made){ .name = name, .open = true, .history = history });
}

static void all_are_found(void **state)
{
	struct made_rooms *rooms = made_rooms_new();
	char name[] = "attic";
	struct made_room *attic = add(rooms, name, 5);

	(void)state;
	name[0] = 'x';
	assert_string_equal(attic->made.name, "attic");
	assert_ptr_equal(add(rooms, "attic", 6), attic);
	assert_int_equal(attic->made.history, 5);
	add(rooms, "cellar", 0);
	assert_ptr_equal(made_rooms_find(rooms, "attic"), attic);
	assert_null(made_rooms_find(rooms, "Attic"));
	made_rooms_remove(rooms, made_rooms_find(rooms, "cellar"));
	add(rooms, "garage", 0);
	assert_int_equal(made_rooms_count(rooms), 2);
	made_rooms_remove(rooms, attic);
	assert_null(made_rooms_find(rooms, "attic"));
	assert_non_null(made_rooms_find(rooms, "garage"));
	made_rooms_free(rooms);
	made_rooms_free(NULL);
}

static void the_configuration_comes_first(void **state)
{
	struct made_rooms *rooms = made_rooms_new();
	struct conf_printer printer;
	struct conf *conf;

	(void)state;
	conf_printer_init(&printer, stderr);
	conf = conf_parse("rooms = ( { name = \"lobby\"; history = 3; } );", known_names(),
			  &printer.report);
	assert_non_null(conf);
	add(rooms, "lobby", 5);
	add(rooms, "attic", 6);
	add(rooms, "coming", 7)->coming = true;
	add(rooms, "wrong", 1000001);
	add(rooms, "cellar", 8);
	made_rooms_join(rooms, conf);
	assert_int_equal(conf->room_count, 3);
	assert_int_equal(conf->rooms[0].history, 3);
	assert_string_equal(conf->rooms[2].name, "cellar");
	assert_string_equal(conf->rooms[1].name, "attic");
	assert_int_equal(conf->rooms[1].history, 6);
	assert_true(conf->rooms[1].made && !conf->rooms[0].made);
	conf_free(conf);
	made_rooms_free(rooms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_found),
		cmocka_unit_test(the_configuration_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
