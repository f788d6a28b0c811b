#include "routes/room/forget.h"
#include "tests/routes/room/room_fixture.h"

/* That the rows say the same of it: tests/bridge/store/test_rooms.c. */

enum { ANN = 1, BOB };

static const struct person bob = { .name = { "bob", 3 }, .number = BOB };

static struct room_forgotten forget(struct fixture *f)
{
	struct room_forgotten forgotten = { 0 };

	room_forget(f->room, &bob, time_of(f), &forgotten);
	return forgotten;
}

static void react(struct fixture *f, uint32_t slot, uint64_t target)
{
	struct envelope draft = draft_of(KIND_REACTION, ":+1:");

	draft.target = target;
	draft.flags = FLAG_ADDING;
	assert_int_equal(ask(f, slot, &draft), REASON_NONE);
}

static enum reason vote(struct fixture *f, uint32_t slot, uint32_t choice)
{
	struct envelope draft = draft_of(KIND_POLL_VOTE, NULL);

	draft.choice = choice;
	return ask(f, slot, &draft);
}

static void start_poll(struct fixture *f, uint32_t slot)
{
	const struct poll poll = { .question = SLICE("tea?"),
				   .options = { SLICE("yes"), SLICE("no") },
				   .option_count = 2,
				   .duration_ms = 60000 };
	struct envelope draft = draft_of(KIND_POLL_START, NULL);

	draft.poll = &poll;
	assert_int_equal(ask(f, slot, &draft), REASON_NONE);
}

static void what_a_person_wrote_goes_with_their_name(void **state)
{
	struct room_forgotten forgotten;
	uint64_t hers, his;
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, ANN, "ann", ROLE_USER);
	enter(&f, BOB, "bob", ROLE_USER);
	hers = say(&f, ANN, "mine");
	his = say(&f, BOB, "his");
	react(&f, ANN, his);
	react(&f, BOB, hers);
	react(&f, ANN, hers);
	assert_true(room_has_words(f.room, BOB));
	forgotten = forget(&f);
	assert_int_equal(forgotten.messages, 1);
	assert_int_equal(forgotten.reactions, 2);
	assert_false(room_has_words(f.room, BOB));
	assert_true(room_has_words(f.room, ANN));
	assert_string_equal(history(&f, ANN), "mine");
	assert_int_equal(act(&f, ANN, KIND_REACTION, his), REASON_UNKNOWN_MESSAGE);
	/* Whoever is here goes on. */
	say(&f, BOB, "again");
	assert_true(room_has_words(f.room, BOB));
	assert_string_equal(history(&f, ANN), "mine|again");
	forgotten = forget(&f);
	assert_int_equal(forgotten.messages, 1);
	assert_int_equal(forgotten.reactions, 0);
	fixture_close(&f);
}

static void bans_and_mutes_go(void **state)
{
	struct room_forgotten forgotten;
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, ANN, "ann", ROLE_USER);
	enter(&f, BOB, "bob", ROLE_USER);
	assert_int_equal(treat(&f, BRIDGE, KIND_TIMEOUT, BOB, NULL, 0, 60000), REASON_NONE);
	assert_int_equal(treat(&f, BRIDGE, KIND_TIMEOUT, ANN, NULL, 0, 60000), REASON_NONE);
	assert_int_equal(say_reason(&f, BOB), REASON_MUTED);
	assert_int_equal(forget(&f).marks, 2);
	assert_int_equal(say_reason(&f, BOB), REASON_NONE);
	assert_int_equal(say_reason(&f, ANN), REASON_MUTED);
	assert_int_equal(treat(&f, BRIDGE, KIND_KICK, BOB, NULL, FLAG_PERMANENT, 0), REASON_NONE);
	room_drop(f.room, BOB);
	assert_int_equal(enter_by(&f, BOB, DIALECT_MIXER, bob, 0), REASON_BANNED);
	forgotten = forget(&f);
	assert_int_equal(forgotten.marks, 2);
	assert_int_equal(enter_by(&f, BOB, DIALECT_MIXER, bob, 0), REASON_NONE);
	fixture_close(&f);
}

static void a_vote_is_taken_back(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, ANN, "ann", ROLE_USER | ROLE_MOD);
	enter(&f, BOB, "bob", ROLE_USER);
	start_poll(&f, ANN);
	assert_int_equal(forget(&f).votes, 0);
	assert_int_equal(vote(&f, BOB, 1), REASON_NONE);
	assert_int_equal(vote(&f, BOB, 1), REASON_VOTED);
	assert_int_equal(forget(&f).votes, 1);
	assert_int_equal(vote(&f, ANN, 0), REASON_NONE);
	assert_int_equal(f.ordered->poll->counts[0], 1);
	assert_int_equal(f.ordered->poll->counts[1], 0);
	assert_int_equal(f.ordered->poll->voters, 1);
	assert_int_equal(vote(&f, BOB, 0), REASON_NONE);
	fixture_close(&f);
}

static void a_poll_of_theirs_is_over(void **state)
{
	struct room_forgotten forgotten;
	struct envelope *end;
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, ANN, "ann", ROLE_USER);
	enter(&f, BOB, "bob", ROLE_USER | ROLE_MOD);
	start_poll(&f, BOB);
	assert_int_equal(vote(&f, ANN, 1), REASON_NONE);
	assert_null(room_tick(f.room, time_of(&f)));
	forgotten = forget(&f);
	assert_int_equal(forgotten.polls, 1);
	assert_int_equal(forgotten.votes, 1);
	assert_int_equal(forgotten.messages, 1);
	end = room_tick(f.room, time_of(&f));
	assert_non_null(end);
	assert_int_equal(end->kind, KIND_POLL_END);
	envelope_release(end);
	assert_null(room_tick(f.room, time_of(&f)));
	fixture_close(&f);
}

/* Who was here before missed nothing that is to be told. */
static void what_they_heard_last_is_not_known(void **state)
{
	const struct envelope *missed[4];
	struct fixture f;
	size_t count;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, ANN, "ann", ROLE_USER);
	enter(&f, BOB, "bob", ROLE_USER);
	assert_true(leave(&f, BOB));
	say(&f, ANN, "missed");
	count = room_missed(f.room, BOB, 4, missed);
	assert_int_equal(count, 1);
	envelope_release(missed[0]);
	(void)forget(&f);
	assert_int_equal(room_missed(f.room, BOB, 4, missed), 0);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_person_wrote_goes_with_their_name),
		cmocka_unit_test(bans_and_mutes_go),
		cmocka_unit_test(a_vote_is_taken_back),
		cmocka_unit_test(a_poll_of_theirs_is_over),
		cmocka_unit_test(what_they_heard_last_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
