#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

static void a_ban_is_not_lifted_when_that_cannot_be_stored(void **state)
{
	struct store store = { .load = loads_nothing };
	struct room_entry *lobby;
	struct bridge *bridge;
	struct desk desk;

	(void)state;
	desk_open(&desk, FLOOR_LOBBY);
	bridge = desk.floor.stage->bridge;
	lobby = room_table_at(bridge->rooms, 0);
	floor_join(&desk.floor, "bob", DIALECT_SIMPLE, NULL);
	desk_asked(&desk, "{\"verb\":\"ban\",\"target\":\"bob\",\"room\":\"lobby\"}");
	mailbox_init(&store.box, NULL, NULL);
	bridge->store = &store;
	for (unsigned w = 0; w < bridge->worker_count; w++)
		bridge->workers[w]->release = release_new();
	release_keep(bridge->workers[lobby->owner], lobby);
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
		cmocka_unit_test(a_ban_is_not_lifted_when_that_cannot_be_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
