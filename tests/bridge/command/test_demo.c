#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/command/demo.h"
#include "bridge/known.h"
#include "bridge/setup.h"
#include "conf/load.h"
#include "tests/support/floor.h"

static struct conf *configure(const char *address, int port, int workers)
{
	char *text = demo_configuration(address, port, workers);
	struct conf_printer printer;
	struct conf *conf;

	conf_printer_init(&printer, stderr);
	conf = conf_parse(text, known_names(), &printer.report);
	assert_non_null(conf);
	free(text);
	return conf;
}

static void what_is_asked_stands_in_it(void **state)
{
	struct conf *conf = configure("127.0.0.1", 7000, 3);

	(void)state;
	assert_int_equal(conf->workers, 3);
	assert_true(conf->guests);
	assert_string_equal(conf->state, "");
	assert_int_equal(conf->listener_count, 1);
	assert_string_equal(conf->listeners[0].address, "127.0.0.1");
	assert_int_equal(conf->listeners[0].port, 7000);
	conf_free(conf);
	conf = configure("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", 65535, 16);
	assert_int_equal(conf->listeners[0].port, 65535);
	assert_int_equal(conf->workers, 16);
	conf_free(conf);
	conf = configure("::", 0, 0);
	assert_string_equal(conf->listeners[0].address, "::");
	conf_free(conf);
}

static void every_dialect_has_a_mount_in_one_room(void **state)
{
	static const char *const paths[] = { "/mixer", "/concord", "/client", "/rooms", "/simple" };
	static const size_t dialects[] = { DIALECT_MIXER, DIALECT_CONCORD, DIALECT_CONCORD,
					   DIALECT_ROOMS, DIALECT_SIMPLE };
	struct conf *conf = configure("127.0.0.1", 0, 1);
	struct bridge *bridge = setup_bridge(conf, "secret", stderr);

	(void)state;
	assert_non_null(bridge);
	assert_int_equal(room_table_count(bridge->rooms), 1);
	assert_true(slice_is(room_table_at(bridge->rooms, 0)->rules.name, "lobby"));
	assert_int_equal(room_table_at(bridge->rooms, 0)->rules.history, 100);
	assert_true(room_table_at(bridge->rooms, 0)->rules.open);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct mount *mount = bridge_mount(&bridge->listeners[0], slice_of(paths[i]));

		assert_non_null(mount);
		assert_int_equal(mount->dialect, dialects[i]);
		assert_ptr_equal(mount->room, room_table_at(bridge->rooms, 0));
		assert_true(mount->guests);
	}
	setup_free(bridge);
	conf_free(conf);
}

/* All four meet in it. */
static void people_meet_in_it(void **state)
{
	char *text = demo_configuration("127.0.0.1", 0, 1);
	struct floor floor;
	struct stage_client *clients[DIALECTS];
	static const char *const names[DIALECTS] = { "ann", "bob", "cy", "dee" };

	(void)state;
	floor_open(&floor, 2, text);
	for (size_t d = 0; d < DIALECTS; d++)
		clients[d] = floor_join(&floor, names[d], d, NULL);
	floor_say(clients[DIALECT_SIMPLE],
		  "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"hi\"}");
	for (size_t d = 0; d < DIALECTS; d++)
		assert_int_equal(floor_heard(clients[d]), d == DIALECT_SIMPLE ? 2 : 1);
	floor_close(&floor);
	free(text);
}

static void secrets_are_random_hexadecimal(void **state)
{
	char one[DEMO_SECRET_BYTES], other[DEMO_SECRET_BYTES];

	(void)state;
	assert_true(demo_secret(one));
	assert_true(demo_secret(other));
	assert_int_equal(strlen(one), DEMO_SECRET_BYTES - 1);
	assert_int_equal(strspn(one, "0123456789abcdef"), DEMO_SECRET_BYTES - 1);
	assert_string_not_equal(one, other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_asked_stands_in_it),
		cmocka_unit_test(every_dialect_has_a_mount_in_one_room),
		cmocka_unit_test(people_meet_in_it),
		cmocka_unit_test(secrets_are_random_hexadecimal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
