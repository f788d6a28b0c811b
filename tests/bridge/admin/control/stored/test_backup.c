#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/durable/store.h"
#include "tests/support/desk.h"

/* Who asks has to find it from wherever that is. */
static void the_folder_is_told(void **state)
{
	char *folder = floor_folder(), config[512];
	struct store store = { .read = NULL };
	const json_t *result;
	struct desk desk;

	(void)state;
	snprintf(config, sizeof(config), "state = \"%s/.\"; " FLOOR_LOBBY, folder);
	desk_open(&desk, config);
	desk_refused(&desk, "{\"verb\":\"backup\",\"to\":\"copy.db\"}", "not_stored", 1);
	desk.floor.stage->bridge->store = &store;
	result = desk_asked(&desk, "{\"verb\":\"backup\",\"to\":\"copy.db\"}");
	assert_string_equal(json_string_value(json_object_get(result, "state")), folder);
	desk.floor.stage->bridge->store = NULL;
	desk_close(&desk);
	floor_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_folder_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
