#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "routes/deliver/hub.h"

#define SESSIONS 200

/* A session that notes its place, as the room's users do. */
struct session {
	size_t place;
	bool in;
};

static void add(struct hub *room, struct session *session)
{
	session->place = hub_add(room, (struct hub_member){ session, 7 });
	session->in = true;
}

static void take_out(struct hub *room, struct session *session)
{
	struct session *moved = hub_remove(room, session->place);

	if (moved)
		moved->place = session->place;
	session->in = false;
}

static void places_are_given_in_turn(void **state)
{
	struct session sessions[3];
	struct hub room = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		add(&room, &sessions[i]);
		assert_int_equal(sessions[i].place, i);
	}
	assert_int_equal(room.count, 3);
	assert_int_equal(room.members[1].person, 7);
	hub_clear(&room);
	assert_int_equal(room.count, 0);
	assert_null(room.members);
}

static void the_last_one_moves_into_the_gap(void **state)
{
	struct session sessions[3];
	struct hub room = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		add(&room, &sessions[i]);
	assert_ptr_equal(hub_remove(&room, 0), &sessions[2]);
	assert_ptr_equal(room.members[0].session, &sessions[2]);
	assert_null(hub_remove(&room, 1));
	assert_null(hub_remove(&room, 0));
	assert_int_equal(room.count, 0);
	hub_clear(&room);
}

static void every_session_stays_where_its_place_says(void **state)
{
	struct session sessions[SESSIONS] = { { 0, false } };
	struct hub room = { 0 };
	uint32_t random = 1;
	size_t inside = 0;

	(void)state;
	for (int turn = 0; turn < 20000; turn++) {
		struct session *one;

		random = random * 1664525 + 1013904223;
		one = &sessions[(random >> 8) % SESSIONS];
		inside = one->in ? inside - 1 : inside + 1;
		if (one->in)
			take_out(&room, one);
		else
			add(&room, one);
		assert_int_equal(room.count, inside);
		for (size_t i = 0; i < room.count; i++)
			assert_int_equal(((struct session *)room.members[i].session)->place, i);
	}
	hub_clear(&room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_given_in_turn),
		cmocka_unit_test(the_last_one_moves_into_the_gap),
		cmocka_unit_test(every_session_stays_where_its_place_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
