#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/folk.h"
#include "codecs/text/memory.h"

#define NOW UINT64_C(1795289388027)

static struct slice absent(void)
{
	return (struct slice){ NULL, 0 };
}

static int open_folk(void **state)
{
	static struct folk folk;

	*state = &folk;
	return 0;
}

static int close_folk(void **state)
{
	folk_clear(*state);
	return 0;
}

/* ---- people ---- */

static void names_are_kept(void **state)
{
	struct folk *folk = *state;

	assert_null(folk_name(folk, SLICE("5")).data);
	assert_null(folk_name(folk, absent()).data);
	folk_put(folk, SLICE("5"), SLICE("ann"), true);
	assert_true(slice_is(folk_name(folk, SLICE("5")), "ann"));
	assert_true(folk_online(folk, SLICE("5")));
	/* Without a name: only whether they are there. */
	folk_put(folk, SLICE("5"), absent(), false);
	assert_true(slice_is(folk_name(folk, SLICE("5")), "ann"));
	assert_false(folk_online(folk, SLICE("5")));
	folk_put(folk, SLICE("5"), SLICE("anna"), true);
	assert_true(slice_is(folk_name(folk, SLICE("5")), "anna"));
	assert_null(folk_name(folk, SLICE("55")).data);
	assert_false(folk_online(folk, SLICE("55")));
}

static void names_and_ids_are_bounded(void **state)
{
	struct folk *folk = *state;
	char name[FOLK_NAME_MAX + 3], id[FOREIGN_ID_MAX + 1];

	memset(name, 'x', sizeof(name));
	memcpy(name + FOLK_NAME_MAX - 1, "\xc3\xa9", 2);
	folk_put(folk, SLICE("5"), slice_span(name, sizeof(name)), true);
	assert_int_equal(folk_name(folk, SLICE("5")).len, FOLK_NAME_MAX - 1);
	memset(id, '7', sizeof(id));
	folk_put(folk, slice_span(id, sizeof(id)), SLICE("ann"), true);
	assert_null(folk_name(folk, slice_span(id, sizeof(id))).data);
	assert_int_equal(folk_ask(folk, slice_span(id, sizeof(id)), NOW), 0);
	folk_put(folk, slice_span(id, FOREIGN_ID_MAX), SLICE("ann"), true);
	assert_true(slice_is(folk_name(folk, slice_span(id, FOREIGN_ID_MAX)), "ann"));
}

static void who_is_too_many_makes_it_begin_anew(void **state)
{
	struct folk *folk = *state;
	char id[16];

	for (unsigned i = 0; i <= FOLK_PEOPLE_MAX; i++)
		folk_put(folk, slice_span(id, (size_t)snprintf(id, sizeof(id), "%u", i)),
			 SLICE("x"), true);
	assert_null(folk_name(folk, SLICE("0")).data);
	assert_true(slice_is(folk_name(folk, slice_of(id)), "x"));
}

/* ---- asking ---- */

static void a_name_is_asked_for_once(void **state)
{
	struct folk *folk = *state;
	char id[FOREIGN_ID_MAX];
	uint32_t asked = folk_ask(folk, SLICE("5"), NOW);

	assert_in_range(asked, 1, FOLK_ASKED_MAX);
	assert_true(folk_waits(folk, SLICE("5"), NOW));
	assert_int_equal(folk_ask(folk, SLICE("5"), NOW), 0);
	assert_int_equal(folk_ask(folk, absent(), NOW), 0);
	assert_true(slice_is(folk_answered(folk, asked, id), "5"));
	assert_null(folk_answered(folk, asked, id).data);
	assert_null(folk_answered(folk, 0, id).data);
	assert_null(folk_answered(folk, FOLK_ASKED_MAX + 1, id).data);
	assert_false(folk_waits(folk, SLICE("5"), NOW));
	folk_put(folk, SLICE("5"), SLICE("ann"), true);
	assert_int_equal(folk_ask(folk, SLICE("5"), NOW), 0);
}

static void what_was_in_vain_is_not_asked_at_once(void **state)
{
	struct folk *folk = *state;
	char id[FOREIGN_ID_MAX];
	uint32_t asked = folk_ask(folk, SLICE("5"), NOW);

	(void)folk_answered(folk, asked, id);
	folk_in_vain(folk, SLICE("5"), NOW);
	assert_int_equal(folk_ask(folk, SLICE("5"), NOW + FOLK_AGAIN_MS - 1), 0);
	assert_false(folk_waits(folk, SLICE("5"), NOW));
	assert_int_not_equal(folk_ask(folk, SLICE("5"), NOW + FOLK_AGAIN_MS), 0);
}

static void only_so_many_are_asked_for(void **state)
{
	struct folk *folk = *state;
	char id[FOREIGN_ID_MAX];

	for (unsigned i = 0; i < FOLK_ASKED_MAX; i++) {
		snprintf(id, sizeof(id), "%u", i);
		assert_int_equal(folk_ask(folk, slice_of(id), NOW), i + 1);
	}
	assert_int_equal(folk_ask(folk, SLICE("x"), NOW), 0);
	assert_false(folk_waits(folk, SLICE("x"), NOW));
	assert_true(slice_is(folk_answered(folk, 4, id), "3"));
	assert_int_equal(folk_ask(folk, SLICE("x"), NOW), 4);
}

static void nobody_waits_for_ever(void **state)
{
	struct folk *folk = *state;

	(void)folk_ask(folk, SLICE("5"), NOW);
	assert_true(folk_waits(folk, SLICE("5"), NOW + FOLK_WAIT_MS - 1));
	assert_false(folk_waits(folk, SLICE("5"), NOW + FOLK_WAIT_MS));
}

/* ---- frames ---- */

static char told[256];
static unsigned patience; /* frames that may be told */

/* Uses all of the scratch memory that is promised. */
static bool tell(struct call_peer *peer, struct slice frame, struct call_sink *sink, bool anyway)
{
	size_t len = strlen(told);

	(void)sink;
	memset(peer->scratch, 0, frame.len + 1024);
	if (patience == 0 && !anyway)
		return false;
	patience -= patience > 0;
	assert_true(len + frame.len + 2 < sizeof(told));
	memcpy(told + len, frame.data, frame.len);
	memcpy(told + len + frame.len, ";", 2);
	return true;
}

static void frames_wait_in_order(void **state)
{
	struct folk *folk = *state;
	char scratch[1];
	struct call_peer peer = { .scratch = scratch, .now_ms = NOW + 5 };

	assert_false(folk_holds(folk, NOW));
	assert_true(folk_hold(folk, SLICE("one"), NOW));
	assert_true(folk_hold(folk, SLICE("two"), NOW));
	assert_true(folk_hold(folk, SLICE("three"), NOW));
	assert_true(folk_holds(folk, NOW));
	told[0] = '\0';
	patience = 1;
	folk_release(folk, &peer, NULL, tell, false);
	assert_string_equal(told, "one;");
	assert_ptr_equal(peer.scratch, scratch);
	assert_true(folk_holds(folk, NOW + 5 + FOLK_WAIT_MS - 1));
	assert_false(folk_holds(folk, NOW + 5 + FOLK_WAIT_MS));
	assert_true(folk_hold(folk, SLICE("four"), NOW));
	folk_release(folk, &peer, NULL, tell, true);
	assert_string_equal(told, "one;two;three;four;");
	assert_false(folk_holds(folk, NOW));
	folk_release(folk, &peer, NULL, tell, true);
	assert_string_equal(told, "one;two;three;four;");
}

static void only_so_much_waits(void **state)
{
	struct folk *folk = *state;
	char *large = memory_zeroed(1, FOLK_HELD_BYTES);

	for (unsigned i = 0; i < FOLK_HELD_MAX; i++)
		assert_true(folk_hold(folk, SLICE("{}"), NOW));
	assert_false(folk_hold(folk, SLICE("{}"), NOW));
	folk_clear(folk);
	assert_false(folk_holds(folk, NOW));
	assert_true(folk_hold(folk, slice_span(large, FOLK_HELD_BYTES), NOW));
	assert_false(folk_hold(folk, SLICE("x"), NOW));
	free(large);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_folk, close_folk)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_are_kept),
		TEST(names_and_ids_are_bounded),
		TEST(who_is_too_many_makes_it_begin_anew),
		TEST(a_name_is_asked_for_once),
		TEST(what_was_in_vain_is_not_asked_at_once),
		TEST(only_so_many_are_asked_for),
		TEST(nobody_waits_for_ever),
		TEST(frames_wait_in_order),
		TEST(only_so_much_waits),
	};

	return cmocka_run_group_tests_name("codecs/folk", tests, NULL, NULL);
}
