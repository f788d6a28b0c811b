#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/core/worker.h"
#include "bridge/durable/release.h"
#include "bridge/durable/store.h"
#include "tests/support/desk.h"

static bool loads_nothing(struct store *store, struct room_entry *entry, struct room_time now)
{
	(void)store;
	(void)entry;
	(void)now;
	return true;
}

/* The store has failed: the batch that waits comes back so. */
static void store_fails(struct bridge *bridge)
{
	struct post *post = mailbox_take(&bridge->store->box);
	struct post_store *batch = (struct post_store *)post;

	assert_non_null(post);
	assert_null(post->next);
	post->kind = POST_STORED;
	batch->failed = true;
	mailbox_post(&bridge->workers[batch->worker]->box, post);
}

/* From now on what is done in the lobby waits for the store. */
static void begin_to_store(struct desk *desk, struct store *store)
{
	struct bridge *bridge = desk->floor.stage->bridge;
	struct room_entry *lobby = room_table_at(bridge->rooms, 0);

	mailbox_init(&store->box, NULL, NULL);
	bridge->store = store;
	for (unsigned w = 0; w < bridge->worker_count; w++)
		bridge->workers[w]->release = release_new();
	release_keep(bridge->workers[lobby->owner], lobby);
}

/* While the disk is slow: what is only shown is shown, and whoever wanted something done that waits
 * for the disk is not told that it was not done. */
static void a_slow_disk_is_no_silent_worker(void **state)
{
	static const char *const shows[] = { "{\"verb\":\"who\"}", "{\"verb\":\"rooms\"}",
					     "{\"verb\":\"backends\"}" };
	struct store store = { .load = loads_nothing };
	struct desk desk;
	const char *text;

	(void)state;
	desk_open(&desk, FLOOR_LOBBY);
	floor_join(&desk.floor, "bob", DIALECT_SIMPLE, NULL);
	begin_to_store(&desk, &store);
	desk_begin(&desk, "{\"verb\":\"ban\",\"target\":\"bob\",\"room\":\"lobby\"}");
	desk_settle(&desk);
	assert_false(desk.last);
	desk.calls.now_ms += CALL_ACT_MS;
	calls_tick(&desk.calls);
	assert_string_equal(json_string_value(json_object_get(desk_final(&desk), "error")),
			    "no_answer");
	text = json_string_value(json_object_get(desk_final(&desk), "text"));
	assert_non_null(strstr(text, "it may have been done all the same"));
	assert_null(strstr(text, "not done"));
	calls_sweep(&desk.calls);
	for (size_t i = 0; i < sizeof(shows) / sizeof(*shows); i++) {
		const json_t *result = desk_asked(&desk, shows[i]);

		assert_int_equal(json_array_size(json_object_get(result, "silent_workers")), 0);
	}
	store_fails(desk.floor.stage->bridge);
	desk_settle(&desk);
	desk_close(&desk);
}

static void a_ban_is_not_lifted_when_that_cannot_be_stored(void **state)
{
	struct store store = { .load = loads_nothing };
	struct bridge *bridge;
	struct desk desk;

	(void)state;
	desk_open(&desk, FLOOR_LOBBY);
	bridge = desk.floor.stage->bridge;
	floor_join(&desk.floor, "bob", DIALECT_SIMPLE, NULL);
	desk_asked(&desk, "{\"verb\":\"ban\",\"target\":\"bob\",\"room\":\"lobby\"}");
	begin_to_store(&desk, &store);
	desk_begin(&desk, "{\"verb\":\"unban\",\"target\":\"bob\",\"room\":\"lobby\"}");
	desk_settle(&desk);
	assert_false(desk.last);
	store_fails(bridge);
	desk_settle(&desk);
	assert_string_equal(json_string_value(json_object_get(desk_final(&desk), "error")),
			    "unstored");
	/* Nor is it tried while the store is known to fail. */
	desk_refused(&desk, "{\"verb\":\"unban\",\"target\":\"bob\",\"room\":\"lobby\"}",
		     "unstored", 1);
	assert_true(mailbox_is_empty(&store.box));
	mailbox_clear(&store.box);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_disk_is_no_silent_worker),
		cmocka_unit_test(a_ban_is_not_lifted_when_that_cannot_be_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
