/* Those who ask otherwise than by a connection: whose messages they may edit and delete. */
#include <stdlib.h>

#include "codecs/codec.h"
#include "tests/routes/room/room_fixture.h"

#define ANN 1
#define BOB 2
#define MOD 3
#define FAR 4 /* is not there */

static enum reason call_from(struct fixture *f, const struct person *author, uint64_t address,
			     enum whose whose, enum envelope_kind kind, uint64_t target)
{
	struct room_caller caller = { .form = DIALECT_CONCORD * CODEC_FORMS_MAX,
				      .absent = true,
				      .whose = whose,
				      .entrant = { author, address != 0, address } };
	struct envelope draft = draft_of(kind, "new");
	struct envelope *sealed;
	enum reason reason;

	draft.author = *author;
	draft.target = target;
	sealed = envelope_seal(&draft);
	envelope_release(f->ordered);
	f->ordered = NULL;
	reason = room_order_person(f->room, &caller, sealed, time_of(f), &f->ordered);
	if (!f->ordered)
		envelope_release(sealed);
	return reason;
}

static enum reason call(struct fixture *f, const struct person *author, enum whose whose,
			enum envelope_kind kind, uint64_t target)
{
	return call_from(f, author, 0, whose, kind, target);
}

static void whose_messages_change(void **state)
{
	static const struct {
		enum whose whose;
		uint32_t who;
		bool edits, deletes;
	} rows[] = {
		{ WHOSE_USUAL, ANN, true, true }, { WHOSE_USUAL, BOB, false, false },
		{ WHOSE_USUAL, MOD, true, true }, { WHOSE_USUAL, FAR, false, false },
		{ WHOSE_OWN, ANN, true, true },   { WHOSE_OWN, BOB, false, false },
		{ WHOSE_OWN, MOD, false, false }, { WHOSE_OWN, FAR, false, false },
		{ WHOSE_ANY, ANN, true, true },   { WHOSE_ANY, BOB, true, true },
		{ WHOSE_ANY, MOD, true, true },   { WHOSE_ANY, FAR, true, true },
	};
	static const char *const names[] = {
		[ANN] = "ann", [BOB] = "bob", [MOD] = "mod", [FAR] = "far"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t roles = rows[i].who == MOD ? ROLE_USER | ROLE_MOD : ROLE_USER;
		struct person who = person_of(rows[i].who, names[rows[i].who], roles);
		struct fixture f;
		uint64_t id;

		fixture_open(&f, NULL);
		enter(&f, ANN, "ann", ROLE_USER);
		enter(&f, BOB, "bob", ROLE_USER);
		enter(&f, MOD, "mod", ROLE_USER | ROLE_MOD);
		id = say(&f, ANN, "first");
		assert_int_equal(call(&f, &who, rows[i].whose, KIND_EDIT, id),
				 rows[i].edits ? REASON_NONE : REASON_UNKNOWN_MESSAGE);
		assert_int_equal(call(&f, &who, rows[i].whose, KIND_DELETE, id),
				 rows[i].deletes ? REASON_NONE : REASON_UNKNOWN_MESSAGE);
		fixture_close(&f);
	}
}

/* Not even any messages are there to those who are banned. */
static void the_banned_change_nothing(void **state)
{
	struct person far = person_of(FAR, "far", ROLE_USER | ROLE_BANNED);
	struct fixture f;
	uint64_t id;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, ANN, "ann", ROLE_USER);
	id = say(&f, ANN, "first");
	assert_int_equal(call(&f, &far, WHOSE_ANY, KIND_DELETE, id), REASON_BANNED);
	far.roles = ROLE_USER | ROLE_MUTED;
	assert_int_equal(call(&f, &far, WHOSE_ANY, KIND_EDIT, id), REASON_MUTED);
	fixture_close(&f);
}

/* A ban follows a guest to their address, whatever they call themselves next. */
static void a_guest_is_banned_by_address(void **state)
{
	struct person far = person_of(ROOM_NUMBERS_LASTING + FAR, "far", ROLE_USER);
	struct room_entrant who = { &far, true, 77 };
	struct room_look look;
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	assert_int_equal(enter_by(&f, BOB, 0, person_of(ROOM_NUMBERS_LASTING + BOB, "bob", 0), 77),
			 REASON_NONE);
	assert_int_equal(call_from(&f, &far, 77, WHOSE_USUAL, KIND_MESSAGE, 0), REASON_NONE);
	assert_int_equal(
	    treat(&f, BRIDGE, KIND_KICK, ROOM_NUMBERS_LASTING + BOB, NULL, FLAG_PERMANENT, 0),
	    REASON_NONE);
	room_drop(f.room, ROOM_NUMBERS_LASTING + BOB);
	assert_int_equal(call_from(&f, &far, 77, WHOSE_USUAL, KIND_MESSAGE, 0), REASON_BANNED);
	assert_int_equal(call_from(&f, &far, 78, WHOSE_USUAL, KIND_MESSAGE, 0), REASON_NONE);
	room_look(f.room, &who, time_of(&f), &look);
	assert_true(look.banned);
	assert_int_equal(look.entry, REASON_BANNED);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whose_messages_change),
		cmocka_unit_test(the_banned_change_nothing),
		cmocka_unit_test(a_guest_is_banned_by_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
