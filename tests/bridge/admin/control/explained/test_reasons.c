/* Why somebody was sent a message in other words, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/admin/control/explained/reasons.h"
#include "bridge/core/room_table.h"
#include "codecs/registry.h"

/* why: NULL: nothing is said. */
static void says(const char *message, const char *dialect, const char *outcome, const char *why)
{
	struct bridge bridge = { .rooms = room_table_new(1) };
	json_t *said = json_loads(message, 0, NULL);
	json_t *row = json_pack("{s:s,s:s}", "dialect", dialect, "outcome", outcome);

	json_object_set_new(said, "destinations", json_pack("[O]", row));
	json_object_set_new(said, "missed", json_array());
	reasons_put(&bridge, said);
	if (why)
		assert_string_equal(json_string_value(json_object_get(row, "why")), why);
	else
		assert_null(json_object_get(row, "why"));
	json_decref(row);
	json_decref(said);
	room_table_release(bridge.rooms);
}

#define REACTION "{\"kind\":\"reaction\"}"
#define MESSAGE  "{\"kind\":\"message\"}"

static void other_words_have_a_reason(void **state)
{
	(void)state;
	says(REACTION, "mixer", "degraded", "mixer has no word for it: as a message of who did it");
	says(REACTION, "simple", "degraded",
	     "simple has no word for it: as a sentence of the server");
	says("{\"kind\":\"message\",\"action\":true}", "simple", "degraded",
	     "simple has no actions: as a text");
	says(MESSAGE, "rooms", "degraded", "something of it could not be said as it was");
}

static void losses_have_a_reason(void **state)
{
	(void)state;
	says("{\"kind\":\"typing\"}", "mixer", "dropped(no_word)", "mixer has no typing");
	says(REACTION, "rooms", "dropped(hidden)", "the room has it not shown there");
	says(MESSAGE, "rooms", "dropped(cut)", "the connection ended before it was sent");
	says(MESSAGE, "mixer", "dropped(muted)", "the client wants no such events");
}

static void what_is_well_has_none(void **state)
{
	(void)state;
	says(MESSAGE, "mixer", "delivered", NULL);
	says(MESSAGE, "mixer", "in_flight", NULL);
	says(MESSAGE, "nonsense", "degraded", NULL);
	says("{\"kind\":\"nonsense\"}", "mixer", "degraded", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_words_have_a_reason),
		cmocka_unit_test(losses_have_a_reason),
		cmocka_unit_test(what_is_well_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
