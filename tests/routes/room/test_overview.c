#include "routes/room/overview.h"
#include "tests/routes/room/room_fixture.h"

static struct room_standing standing_of(struct fixture *f, uint32_t number, const char *name)
{
	struct person person = person_of(number, name, 0);
	struct room_standing standing;

	room_standing(f->room, &person, time_of(f), &standing);
	return standing;
}

static void ban(struct fixture *f, uint32_t number, const char *name, uint64_t duration_ms)
{
	struct envelope kick = { .kind = KIND_KICK,
				 .flags = FLAG_PERMANENT,
				 .subject = person_of(number, name, 0),
				 .duration_ms = duration_ms };

	assert_int_equal(ask(f, BRIDGE, &kick), REASON_NONE);
	/* How long is nobody's business. */
	assert_int_equal(f->ordered->duration_ms, 0);
	room_drop(f->room, number);
}

static void a_room_is_counted(void **state)
{
	struct envelope message = { .kind = KIND_MESSAGE, .text = SLICE("hello") };
	struct room_overview overview;
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, 1, "ann", 0);
	enter(&f, 2, "bob", 0);
	assert_int_equal(enter_by(&f, 3, DIALECT_ROOMS, person_of(2, "bob", 0), 0), REASON_NONE);
	assert_int_equal(ask(&f, 1, &message), REASON_NONE);
	room_overview(f.room, &overview);
	assert_int_equal(overview.connections, 3);
	assert_int_equal(overview.people, 2);
	assert_int_equal(overview.history, 1);
	assert_int_equal(overview.remembered, 1);
	assert_int_equal(overview.sequence, 3);
	fixture_close(&f);
}

static void a_ban_may_end(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, 1, "ann", 0);
	assert_true(standing_of(&f, 1, "ann").present);
	ban(&f, 1, "ann", 1000);
	assert_false(standing_of(&f, 1, "ann").present);
	assert_int_equal(standing_of(&f, 1, "ann").banned_ms, 1000);
	assert_int_equal(standing_of(&f, 0, "ANN").banned_ms, 1000);
	f.now_ms += 999;
	assert_int_equal(enter_by(&f, 1, DIALECT_MIXER, person_of(1, "ann", 0), 0), REASON_BANNED);
	f.now_ms += 1;
	assert_int_equal(standing_of(&f, 1, "ann").banned_ms, 0);
	enter(&f, 1, "ann", 0);
	ban(&f, 1, "ann", 0);
	assert_true(standing_of(&f, 1, "ann").banned_ms == UINT64_MAX);
	fixture_close(&f);
}

/* A client's own kick lasts, whatever it says of time. */
static void only_the_bridge_bans_for_a_while(void **state)
{
	struct envelope kick = { .kind = KIND_KICK,
				 .flags = FLAG_PERMANENT,
				 .subject = { .number = 2 },
				 .duration_ms = 1000 };
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, 1, "ann", ROLE_OWNER);
	enter(&f, 2, "bob", 0);
	assert_int_equal(ask(&f, 1, &kick), REASON_NONE);
	assert_true(standing_of(&f, 2, "bob").banned_ms == UINT64_MAX);
	fixture_close(&f);
}

/* With the addresses that were banned along, by whichever of them it is asked for; others stay. */
static void a_pardon_lifts_all_of_it(void **state)
{
	struct person by_name = { .name = SLICE("Bob") }, by_number = { .number = 2 };
	struct fixture f;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		fixture_open(&f, NULL);
		assert_int_equal(enter_by(&f, 2, DIALECT_MIXER, person_of(2, "bob", 0), 77),
				 REASON_NONE);
		assert_int_equal(enter_by(&f, 3, DIALECT_MIXER, person_of(3, "eve", 0), 88),
				 REASON_NONE);
		ban(&f, 2, "bob", 0);
		ban(&f, 3, "eve", 0);
		assert_int_equal(enter_by(&f, 4, DIALECT_MIXER, person_of(4, "dan", 0), 77),
				 REASON_BANNED);
		assert_true(room_pardon(f.room, i ? &by_number : &by_name));
		assert_false(room_pardon(f.room, i ? &by_number : &by_name));
		assert_int_equal(enter_by(&f, 4, DIALECT_MIXER, person_of(4, "dan", 0), 77),
				 REASON_NONE);
		assert_int_equal(enter_by(&f, 2, DIALECT_MIXER, person_of(2, "bob", 0), 0),
				 REASON_NONE);
		assert_int_equal(enter_by(&f, 5, DIALECT_MIXER, person_of(5, "cat", 0), 88),
				 REASON_BANNED);
		fixture_close(&f);
	}
}

static void rules_are_told_apart(void **state)
{
	static const struct slice banned[] = { { "eve", 3 } };
	struct room_rules rules = {
		.name = { "lobby", 5 }, .open = true, .banned = banned, .banned_count = 1
	};
	struct person eve = { .name = SLICE("EVE") };
	struct fixture f;

	(void)state;
	fixture_open(&f, &rules);
	assert_true(standing_of(&f, 0, "Eve").banned_by_rules);
	assert_false(standing_of(&f, 0, "ann").banned_by_rules);
	assert_false(room_pardon(f.room, &eve));
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_room_is_counted),
		cmocka_unit_test(a_ban_may_end),
		cmocka_unit_test(only_the_bridge_bans_for_a_while),
		cmocka_unit_test(a_pardon_lifts_all_of_it),
		cmocka_unit_test(rules_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
