#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/order/again.h"
#include "codecs/model/trail.h"
#include "codecs/text/json_read.h"
#include "tests/support/actors.h"
#include "tests/support/floor.h"

#define WORKERS  3
#define ELSE     "11111111-1111-4111-8111-111111111111"
#define TRAIL(n) "\"dragoman\":{\"id\":\"" ELSE "/" n "\",\"path\":[\"" ELSE "\"]}"
#define SIMPLE   "{\"type\":\"send_message\",\"payload_id\":\"p\",\"message\":"
#define METHOD   "{\"type\":\"method\",\"method\":\"msg\",\"id\":9,\"arguments\":["

static void hears_nothing(struct stage_client *const clients[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		floor_hears_nothing(clients[i]);
}

static void what_comes_again_is_said_once(void **state)
{
	struct floor floor;
	struct stage_client *near, *far, *cy;

	(void)state;
	floor_open(&floor, WORKERS, NULL);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	far = floor_join_dragoman(&floor, "far", DIALECT_SIMPLE);
	near = floor_join_dragoman(&floor, "near", DIALECT_SIMPLE);
	floor_say(far, SIMPLE "\"hi\"," TRAIL("1") "}");
	floor_hears(&floor, cy, "{\"chat\":{\"content\":\"hi\",...},...}");
	floor_forget(&floor);
	floor_say(near, SIMPLE "\"ann: hi\"," TRAIL("1") "}");
	floor_hears(&floor, near, "{\"type\":\"reply\",\"payload_id\":\"p\",...}");
	hears_nothing((struct stage_client *const[]){ near, far, cy }, 3);
	assert_int_equal(floor_counters(&floor)->intake.unchanged, 1);
	/* Another one is another. */
	floor_say(near, SIMPLE "\"ann: hi\"," TRAIL("2") "}");
	floor_hears(&floor, cy, "{\"chat\":{\"content\":\"ann: hi\",...},...}");
	floor_close(&floor);
}

/* Anybody can write such a member. */
static void only_of_another_dragoman(void **state)
{
	struct floor floor;
	struct stage_client *bob, *cy;

	(void)state;
	floor_open(&floor, WORKERS, NULL);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	for (unsigned i = 0; i < 2; i++) {
		floor_say(bob, SIMPLE "\"hi\"," TRAIL("1") "}");
		floor_hears(&floor, cy, "{\"chat\":{\"content\":\"hi\",...},...}");
		floor_hears(&floor, bob,
			    "{\"type\":\"message_sent\",\"message\":\"hi\","
			    "\"username\":\"bob\",\"timestamp\":@now}");
		floor_forget(&floor);
	}
	floor_close(&floor);
}

/* The trail in the next frame; at: its place in out. */
static struct slice next_trail(const struct stage_client *client, char out[TRAIL_MAX])
{
	const struct stage_frame *frame = stage_next(client);

	assert_non_null(frame);
	return trail_find(slice_span(frame->text, frame->len), JSON_DEPTH_DEFAULT, out);
}

static void it_hears_where_things_have_been(void **state)
{
	struct floor floor;
	char out[TRAIL_MAX];
	struct slice own;

	(void)state;
	for (size_t d = 0; d < DIALECTS; d++) {
		struct stage_client *far, *bob, *cy;

		floor_open(&floor, WORKERS, NULL);
		own = slice_of(floor.stage->bridge->instance);
		cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
		bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
		far = floor_join_dragoman(&floor, "far", d);
		actor_says(bob, "hi");
		assert_true(trail_has(next_trail(far, out), own));
		assert_int_equal(next_trail(cy, out).len, 0);
		floor_forget(&floor);
		/* What came from it, too. */
		bob = floor_join_dragoman(&floor, "further", DIALECT_SIMPLE);
		floor_say(bob, SIMPLE "\"ho\"," TRAIL("1") "}");
		assert_true(trail_has(next_trail(far, out), own));
		assert_true(trail_has(next_trail(far, out), SLICE(ELSE)));
		assert_true(slice_is(trail_id(next_trail(far, out)), ELSE "/1"));
		floor_close(&floor);
	}
}

/* mixer is told which message it is, simple that it is one; who is told nothing hears it. */
static void it_is_answered_in_each_dialect(void **state)
{
	struct floor floor;
	struct stage_client *cy, *mixer, *rooms;

	(void)state;
	floor_open(&floor, WORKERS, NULL);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	mixer = floor_join_dragoman(&floor, "mia", DIALECT_MIXER);
	rooms = floor_join_dragoman(&floor, "ray", DIALECT_ROOMS);
	floor_say(rooms, "{\"type\":\"message\",\"key\":\"ray\",\"content\":\"hi\","
			 "\"room_id\":\"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\"," TRAIL("1") "}");
	floor_hears(&floor, cy, "{\"chat\":{\"id\":@m1,...},...}");
	floor_forget(&floor);
	floor_say(mixer, METHOD "\"ann: hi\"]," TRAIL("1") "}");
	floor_hears(&floor, mixer,
		    "{\"type\":\"reply\",\"error\":null,\"id\":9,"
		    "\"data\":{\"id\":\"@m1.uuid\",...}}");
	hears_nothing((struct stage_client *const[]){ cy, mixer, rooms }, 3);
	floor_say(rooms, "{\"type\":\"message\",\"key\":\"ray\",\"content\":\"ann: hi\","
			 "\"room_id\":\"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\"," TRAIL("1") "}");
	floor_hears(&floor, rooms,
		    "{\"type\":\"message\",\"content\":\"ann: hi\",\"message_id\":\"@m1\","
		    "\"user_id\":\"@ray.uuid\",...}");
	hears_nothing((struct stage_client *const[]){ cy, mixer, rooms }, 3);
	floor_close(&floor);
}

/* What was said here comes back. */
static void its_own_is_not_said_again(void **state)
{
	struct floor floor;
	struct stage_client *bob, *cy, *far;
	char out[TRAIL_MAX];
	struct slice id;

	(void)state;
	floor_open(&floor, WORKERS, NULL);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	far = floor_join_dragoman(&floor, "far", DIALECT_SIMPLE);
	actor_says(bob, "hi");
	id = trail_id(next_trail(far, out));
	floor_forget(&floor);
	floor_say(far, SIMPLE "\"bob: hi\",\"dragoman\":{\"id\":\"%.*s\",\"path\":[\"" ELSE "\"]}}",
		  (int)id.len, id.data);
	floor_hears(&floor, far, "{\"type\":\"reply\",\"payload_id\":\"p\",...}");
	/* By the path alone. */
	floor_say(far, SIMPLE "\"x\",\"dragoman\":{\"id\":\"y\",\"path\":[\"%s\"]}}",
		  floor.stage->bridge->instance);
	floor_hears(&floor, far, "{\"type\":\"reply\",\"payload_id\":\"p\",...}");
	hears_nothing((struct stage_client *const[]){ bob, cy, far }, 3);
	assert_int_equal(floor_counters(&floor)->intake.unchanged, 2);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_again_is_said_once),
		cmocka_unit_test(only_of_another_dragoman),
		cmocka_unit_test(it_hears_where_things_have_been),
		cmocka_unit_test(it_is_answered_in_each_dialect),
		cmocka_unit_test(its_own_is_not_said_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
