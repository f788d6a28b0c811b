#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/client/membership.h"
#include "bridge/client/session.h"
#include "codecs/text/memory.h"

#define ROOMS 3000
#define STEPS 200000

static struct room_entry *rooms_make(void)
{
	struct room_entry *rooms = memory_zeroed(ROOMS, sizeof(*rooms));

	for (size_t i = 0; i < ROOMS; i++)
		rooms[i].index = i;
	return rooms;
}

static void session_clear(struct session *session)
{
	free(session->memberships);
	free(session->buckets);
}

/* Whatever comes and goes, each room is found exactly while the session is in it. */
static void check(struct session *session, struct room_entry *rooms, const bool *in)
{
	uint32_t count = 0;

	for (size_t i = 0; i < ROOMS; i++) {
		const struct membership *its = session_membership(session, &rooms[i]);

		assert_int_equal(its != NULL, in[i]);
		if (its)
			assert_ptr_equal(its->room, &rooms[i]);
		count += in[i];
	}
	assert_int_equal(session->membership_count, count);
}

static void all_come_and_go(void **state)
{
	struct room_entry *rooms = rooms_make();
	struct session session = { 0 };
	bool in[ROOMS] = { false };
	uint32_t random = 1;

	(void)state;
	for (unsigned step = 0; step < STEPS; step++) {
		size_t i;

		random = random * 1664525 + 1013904223;
		/* First they grow, then they shrink, then all of them come. */
		i = (random >> 8) % (step < STEPS / 2 ? ROOMS / 2 : ROOMS);
		if (in[i] && random >> 30 != 0)
			continue;
		if (in[i])
			membership_remove(&session, session_membership(&session, &rooms[i]));
		else
			membership_add(&session, &rooms[i]);
		in[i] = !in[i];
		if (step % 997 == 0)
			check(&session, rooms, in);
	}
	check(&session, rooms, in);
	while (session.membership_count > 0) {
		in[session.memberships[0].room->index] = false;
		membership_remove(&session, &session.memberships[0]);
		if (session.membership_count % 97 == 0)
			check(&session, rooms, in);
	}
	session_clear(&session);
	free(rooms);
}

/* Removing the first or the last keeps the others; the first one stays first while it is there. */
static void the_last_takes_the_place(void **state)
{
	struct room_entry *rooms = rooms_make();
	struct session session = { 0 };

	(void)state;
	for (size_t i = 0; i < 5; i++)
		membership_add(&session, &rooms[i]);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(session_membership(&session, &rooms[i])->entry, i);
	membership_remove(&session, session_membership(&session, &rooms[4]));
	membership_remove(&session, session_membership(&session, &rooms[1]));
	assert_ptr_equal(session.memberships[0].room, &rooms[0]);
	assert_ptr_equal(session.memberships[1].room, &rooms[3]);
	assert_int_equal(session_membership(&session, &rooms[3])->entry, 3);
	assert_null(session_membership(&session, &rooms[1]));
	session_clear(&session);
	free(rooms);
}

/* A session in one room, as most are, pays for one. */
static void one_room_takes_little(void **state)
{
	struct room_entry *rooms = rooms_make();
	struct session session = { 0 };

	(void)state;
	membership_add(&session, &rooms[7]);
	assert_int_equal(session.membership_capacity, 1);
	assert_null(session.buckets);
	session_clear(&session);
	free(rooms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_come_and_go),
		cmocka_unit_test(the_last_takes_the_place),
		cmocka_unit_test(one_room_takes_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
