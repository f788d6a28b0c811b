#include "tests/routes/room/room_fixture.h"

#include "routes/room/journal.h"
#include "routes/room/reactions.h"

enum { ANN = 1, BOB, EVE, MIA, OLE };

static void people_enter(struct fixture *f)
{
	fixture_open(f, NULL);
	enter(f, ANN, "ann", ROLE_USER);
	enter(f, BOB, "bob", ROLE_USER);
	enter(f, EVE, "eve", ROLE_USER);
	enter(f, MIA, "mia", ROLE_MOD);
	enter(f, OLE, "ole", ROLE_OWNER);
}

/* ---- messages ---- */

static void a_whisper_reaches_one_and_is_not_remembered(void **state)
{
	struct envelope whisper = draft_of(KIND_MESSAGE, "psst");
	struct fixture f;

	(void)state;
	people_enter(&f);
	whisper.flags = FLAG_PRIVATE;
	whisper.subject.name = SLICE("BOB");
	assert_int_equal(ask(&f, ANN, &whisper), REASON_NONE);
	assert_int_equal(f.ordered->subject.number, BOB);
	assert_true(slice_is(f.ordered->subject.name, "bob"));
	assert_int_equal(f.ordered->flags, FLAG_PRIVATE);
	assert_false(room_knows(f.room, f.ordered->id));
	assert_string_equal(history(&f, ANN), "");
	whisper.subject.name = SLICE("nobody");
	assert_int_equal(ask(&f, ANN, &whisper), REASON_UNKNOWN_PERSON);
	assert_int_equal(ask(&f, BRIDGE, &whisper), REASON_UNKNOWN_PERSON);
	assert_int_equal(enter_by(&f, 50, DIALECT_SIMPLE, person_of(50, "sim", 0), 0), REASON_NONE);
	whisper.subject.name = SLICE("sim");
	assert_int_equal(ask(&f, ANN, &whisper), REASON_NOT_PRIVATE);
	assert_int_equal(enter_by(&f, 51, DIALECT_MIXER, person_of(50, "sim", 0), 0), REASON_NONE);
	assert_int_equal(ask(&f, ANN, &whisper), REASON_NONE);
	fixture_close(&f);
}

static void history_keeps_what_may_be_kept(void **state)
{
	struct session_ref outsider = ref_of(OUTSIDER);
	const struct envelope *none[1];
	struct fixture f;

	(void)state;
	people_enter(&f);
	assert_int_equal(enter_by(&f, 50, DIALECT_ROOMS, person_of(50, "roy", 0), 0), REASON_NONE);
	say(&f, ANN, "a");
	say(&f, 50, "never kept");
	assert_true(room_knows(f.room, f.ordered->id));
	say(&f, BRIDGE, "b");
	assert_string_equal(history(&f, EVE), "a|b");
	assert_int_equal(room_history(f.room, outsider, 1, none), 0);
	assert_int_equal(enter_by(&f, 60, DIALECT_MIXER, person_of(0, NULL, 0), 0), REASON_NONE);
	assert_string_equal(history(&f, 60), "a|b");
	fixture_close(&f);
}

static void an_edit_is_kept_unless_its_dialect_forbids_it(void **state)
{
	struct envelope edit = draft_of(KIND_EDIT, "better");
	struct fixture f;

	(void)state;
	people_enter(&f);
	edit.target = say(&f, ANN, "worse");
	assert_int_equal(ask(&f, ANN, &edit), REASON_NONE);
	assert_int_equal(f.ordered->target, edit.target);
	assert_true(slice_is(f.ordered->text, "better"));
	assert_string_equal(history(&f, BOB), "better");
	assert_int_equal(enter_by(&f, 50, DIALECT_ROOMS, person_of(ANN, "ann", 0), 0), REASON_NONE);
	assert_int_equal(ask(&f, 50, &edit), REASON_NONE);
	assert_string_equal(history(&f, BOB), "");
	fixture_close(&f);
}

static void a_deletion_names_the_writer(void **state)
{
	struct fixture f;
	uint64_t first, second;

	(void)state;
	people_enter(&f);
	first = say(&f, ANN, "a");
	second = say(&f, ANN, "b");
	assert_int_equal(act(&f, MIA, KIND_DELETE, first), REASON_NONE);
	assert_int_equal(f.ordered->author.number, MIA);
	assert_int_equal(f.ordered->subject.number, ANN);
	assert_int_equal(f.ordered->subject.roles, ROLE_USER);
	assert_true(slice_is(f.ordered->subject.name, "ann"));
	assert_int_equal(act(&f, MIA, KIND_DELETE, first), REASON_UNKNOWN_MESSAGE);
	assert_true(leave(&f, ANN));
	assert_int_equal(act(&f, BRIDGE, KIND_DELETE, second), REASON_NONE);
	assert_int_equal(f.ordered->subject.number, ANN);
	assert_true(slice_is(f.ordered->subject.name, "ann"));
	assert_string_equal(history(&f, BOB), "");
	fixture_close(&f);
}

static void a_number_that_comes_back_under_another_name_is_no_writer(void **state)
{
	struct fixture f;
	uint64_t id;

	(void)state;
	people_enter(&f);
	id = say(&f, ANN, "a");
	assert_true(leave(&f, ANN));
	enter(&f, ANN, "zoe", ROLE_USER);
	assert_int_equal(act(&f, ANN, KIND_DELETE, id), REASON_UNKNOWN_MESSAGE);
	assert_true(leave(&f, ANN));
	enter(&f, ANN, "Ann", ROLE_USER);
	assert_int_equal(act(&f, ANN, KIND_DELETE, id), REASON_NONE);
	fixture_close(&f);
}

static enum reason react(struct fixture *f, uint32_t slot, uint64_t target, struct slice emoji,
			 bool adding)
{
	struct envelope draft = draft_of(KIND_REACTION, "");

	draft.target = target;
	draft.text = emoji;
	draft.flags = adding ? FLAG_ADDING : 0;
	return ask(f, slot, &draft);
}

static void a_reaction_carries_the_whole_new_map(void **state)
{
	struct fixture f;
	uint64_t id;

	(void)state;
	people_enter(&f);
	id = say(&f, ANN, "a");
	assert_int_equal(react(&f, ANN, id, SLICE("😂"), true), REASON_NONE);
	assert_int_equal(react(&f, BOB, id, SLICE("x"), true), REASON_NONE);
	assert_int_equal(react(&f, BOB, id, SLICE("😂"), true), REASON_NONE);
	assert_int_equal(f.ordered->reaction_count, 2);
	assert_true(slice_is(f.ordered->reactions[0].emoji, "😂"));
	assert_int_equal(f.ordered->reactions[0].count, 2);
	assert_true(slice_is(f.ordered->reactions[1].emoji, "x"));
	assert_int_equal(f.ordered->flags, FLAG_ADDING);
	assert_int_equal(react(&f, BOB, id, SLICE("😂"), true), REASON_NONE);
	assert_null(f.ordered);
	assert_int_equal(react(&f, EVE, id, SLICE("x"), false), REASON_NONE);
	assert_null(f.ordered);
	assert_int_equal(react(&f, BOB, id, SLICE("x"), false), REASON_NONE);
	assert_int_equal(f.ordered->reaction_count, 1);
	assert_int_equal(f.ordered->flags, 0);
	fixture_close(&f);
}

static void an_emoji_is_short_and_there(void **state)
{
	char text[REACTION_BYTES_MAX + 1];
	struct fixture f;
	uint64_t id;

	(void)state;
	people_enter(&f);
	id = say(&f, ANN, "a");
	memset(text, 'e', sizeof(text));
	text[0] = text[sizeof(text) - 2] = ':';
	assert_int_equal(react(&f, ANN, id, SLICE(""), true), REASON_EMPTY);
	assert_int_equal(react(&f, ANN, id, SLICE("+1\n\nServer: off"), true), REASON_BAD_ARGUMENT);
	assert_int_equal(react(&f, ANN, id, slice_span(text, sizeof(text)), true), REASON_TOO_LONG);
	assert_int_equal(react(&f, ANN, id, slice_span(text, sizeof(text) - 1), true), REASON_NONE);
	for (char c = '!'; f.ordered->reaction_count < ENVELOPE_REACTIONS_MAX; c++)
		assert_int_equal(react(&f, ANN, id, slice_span(&c, 1), true), REASON_NONE);
	assert_int_equal(react(&f, ANN, id, SLICE(":more:"), true), REASON_TOO_MANY);
	assert_null(f.ordered);
	fixture_close(&f);
}

/* ---- removing ---- */

static void clearing_removes_everything(void **state)
{
	uint64_t ids[3];
	struct fixture f;

	(void)state;
	people_enter(&f);
	for (uint32_t i = 0; i < 3; i++)
		ids[i] = say(&f, 1 + i, "m");
	assert_int_equal(act(&f, ANN, KIND_DELETE, ids[0]), REASON_NONE);
	assert_int_equal(act(&f, MIA, KIND_CLEAR, 0), REASON_NONE);
	assert_int_equal(f.ordered->removed_count, 2);
	assert_int_equal(f.ordered->removed[0], ids[1]);
	assert_int_equal(f.ordered->removed[1], ids[2]);
	assert_string_equal(history(&f, ANN), "");
	assert_int_equal(act(&f, MIA, KIND_CLEAR, 0), REASON_NONE);
	assert_int_equal(f.ordered->removed_count, 0);
	fixture_close(&f);
}

static void only_the_subjects_messages_go(void **state)
{
	static const struct {
		enum envelope_kind kind;
		uint32_t flags;
		uint64_t duration_ms;
		bool removes;
	} rows[] = {
		{ KIND_PURGE, 0, 0, true },    { KIND_TIMEOUT, 0, 1000, true },
		{ KIND_TIMEOUT, 0, 0, false }, { KIND_KICK, FLAG_PERMANENT, 0, true },
		{ KIND_KICK, 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture f;
		uint64_t id;

		people_enter(&f);
		say(&f, ANN, "ann's");
		id = say(&f, BOB, "bob's");
		assert_int_equal(
		    treat(&f, MIA, rows[i].kind, 0, "Bob", rows[i].flags, rows[i].duration_ms),
		    REASON_NONE);
		assert_int_equal(f.ordered->removed_count, rows[i].removes);
		if (rows[i].removes)
			assert_int_equal(f.ordered->removed[0], id);
		assert_string_equal(history(&f, ANN), rows[i].removes ? "ann's" : "ann's|bob's");
		assert_int_equal(
		    treat(&f, MIA, rows[i].kind, 0, "zoe", rows[i].flags, rows[i].duration_ms),
		    REASON_UNKNOWN_PERSON);
		fixture_close(&f);
	}
}

static void the_bridge_acts_on_people_it_alone_knows(void **state)
{
	struct fixture f;

	(void)state;
	people_enter(&f);
	say(&f, ANN, "a");
	assert_int_equal(treat(&f, BRIDGE, KIND_PURGE, 0, "zoe", 0, 0), REASON_NONE);
	assert_int_equal(f.ordered->removed_count, 0);
	assert_string_equal(history(&f, ANN), "a");
	assert_int_equal(treat(&f, BRIDGE, KIND_KICK, 0, "zoe", FLAG_PERMANENT, 0), REASON_NONE);
	assert_int_equal(treat(&f, BRIDGE, KIND_KICK, 70, NULL, FLAG_PERMANENT, 0), REASON_NONE);
	assert_int_equal(treat(&f, BRIDGE, KIND_KICK, 0, NULL, FLAG_PERMANENT, 0),
			 REASON_UNKNOWN_PERSON);
	assert_int_equal(enter_by(&f, 71, 0, person_of(71, "Zoe", 0), 0), REASON_BANNED);
	assert_int_equal(enter_by(&f, 70, 0, person_of(70, "pat", 0), 0), REASON_BANNED);
	fixture_close(&f);
}

static void a_lifted_timeout_lets_speak_again(void **state)
{
	struct fixture f;

	(void)state;
	people_enter(&f);
	assert_int_equal(treat(&f, MIA, KIND_TIMEOUT, BOB, NULL, 0, UINT64_MAX), REASON_NONE);
	assert_int_equal(f.ordered->duration_ms, UINT64_MAX);
	assert_int_equal(say_reason(&f, BOB), REASON_MUTED);
	assert_int_equal(treat(&f, MIA, KIND_TIMEOUT, BOB, NULL, 0, 0), REASON_NONE);
	assert_int_equal(say_reason(&f, BOB), REASON_NONE);
	assert_true(leave(&f, BOB));
	enter(&f, BOB, "bob", ROLE_USER);
	assert_int_equal(say_reason(&f, BOB), REASON_NONE);
	fixture_close(&f);
}

static void somebody_who_left_is_timed_out_by_what_they_wrote(void **state)
{
	struct fixture f;

	(void)state;
	people_enter(&f);
	say(&f, BOB, "spam");
	assert_true(leave(&f, BOB));
	assert_int_equal(treat(&f, MIA, KIND_TIMEOUT, 0, "BOB", 0, 1000), REASON_NONE);
	assert_int_equal(f.ordered->subject.number, BOB);
	assert_int_equal(f.ordered->removed_count, 1);
	enter(&f, BOB, "bob", ROLE_USER);
	assert_int_equal(say_reason(&f, BOB), REASON_MUTED);
	assert_int_equal(treat(&f, MIA, KIND_KICK, 0, "nobody", 0, 0), REASON_UNKNOWN_PERSON);
	fixture_close(&f);
}

/* ---- people ---- */

static void new_roles_hold_at_once(void **state)
{
	struct envelope update = draft_of(KIND_USER_UPDATE, "");
	struct fixture f;

	(void)state;
	people_enter(&f);
	update.subject = person_of(BOB, "bob", ROLE_USER | ROLE_MOD);
	assert_int_equal(ask(&f, OLE, &update), REASON_NONE);
	assert_int_equal(f.ordered->subject.roles, ROLE_USER | ROLE_MOD);
	assert_int_equal(act(&f, BOB, KIND_CLEAR, 0), REASON_NONE);
	assert_int_equal(f.ordered->author.roles, ROLE_USER | ROLE_MOD);
	assert_int_equal(enter_by(&f, 50, DIALECT_ROOMS, person_of(BOB, "bob", ROLE_USER), 0),
			 REASON_NONE);
	assert_int_equal(f.roles, ROLE_USER | ROLE_MOD);
	fixture_close(&f);
}

static void roles_ban_and_mute_until_they_are_taken_back(void **state)
{
	struct envelope update = draft_of(KIND_USER_UPDATE, "");
	struct fixture f;

	(void)state;
	people_enter(&f);
	update.subject = person_of(BOB, "bob", ROLE_USER | ROLE_MUTED);
	assert_int_equal(ask(&f, MIA, &update), REASON_NONE);
	assert_int_equal(say_reason(&f, BOB), REASON_MUTED);
	assert_true(leave(&f, BOB));
	enter(&f, BOB, "bob", ROLE_USER);
	assert_int_equal(say_reason(&f, BOB), REASON_MUTED);
	update.subject.roles = ROLE_USER;
	assert_int_equal(ask(&f, MIA, &update), REASON_NONE);
	assert_int_equal(say_reason(&f, BOB), REASON_NONE);

	update.subject.roles = ROLE_USER | ROLE_BANNED;
	assert_int_equal(ask(&f, MIA, &update), REASON_NONE);
	assert_int_equal(say_reason(&f, BOB), REASON_BANNED);
	assert_true(leave(&f, BOB));
	assert_int_equal(enter_by(&f, BOB, 0, person_of(BOB, "bob", ROLE_USER), 0), REASON_BANNED);
	update.subject.roles = ROLE_USER;
	assert_int_equal(ask(&f, BRIDGE, &update), REASON_NONE);
	enter(&f, BOB, "bob", ROLE_USER);

	assert_int_equal(treat(&f, MIA, KIND_TIMEOUT, BOB, NULL, 0, 1000), REASON_NONE);
	update.subject.roles = ROLE_USER | ROLE_PRO;
	assert_int_equal(ask(&f, MIA, &update), REASON_NONE);
	assert_int_equal(say_reason(&f, BOB), REASON_MUTED);
	fixture_close(&f);
}

static void an_invitation_ends_with_a_ban(void **state)
{
	const struct room_rules closed = { .name = SLICE("closed"), .remembered = 8 };
	struct fixture f;

	(void)state;
	fixture_open(&f, &closed);
	assert_int_equal(treat(&f, BRIDGE, KIND_INVITE, 0, "bob", 0, 0), REASON_UNKNOWN_PERSON);
	assert_int_equal(treat(&f, BRIDGE, KIND_INVITE, BOB, NULL, 0, 0), REASON_NONE);
	enter(&f, BOB, "bob", ROLE_USER);
	assert_true(leave(&f, BOB));
	enter(&f, BOB, "bob", ROLE_USER);
	assert_int_equal(treat(&f, BRIDGE, KIND_KICK, BOB, NULL, FLAG_PERMANENT, 0), REASON_NONE);
	room_drop(f.room, BOB);
	assert_int_equal(enter_by(&f, BOB, 0, person_of(BOB, "bob", 0), 0), REASON_BANNED);
	fixture_close(&f);
}

static void a_notice_may_be_for_one(void **state)
{
	struct fixture f;

	(void)state;
	people_enter(&f);
	assert_int_equal(treat(&f, BRIDGE, KIND_NOTICE, 0, "BOB", FLAG_PRIVATE, 0), REASON_NONE);
	assert_int_equal(f.ordered->subject.number, BOB);
	assert_int_equal(f.ordered->sequence, 0);
	assert_int_equal(f.ordered->author.number, 0);
	assert_int_equal(treat(&f, BRIDGE, KIND_NOTICE, 0, "zoe", FLAG_PRIVATE, 0),
			 REASON_UNKNOWN_PERSON);
	assert_int_equal(treat(&f, BRIDGE, KIND_NOTICE, 0, NULL, 0, 0), REASON_NONE);
	fixture_close(&f);
}

/* ---- polls ---- */

static const struct poll tea = { .question = { "tea?", 4 },
				 .options = { { "yes", 3 }, { "no", 2 } },
				 .counts = { 9, 9 },
				 .option_count = 2,
				 .voters = 9,
				 .duration_ms = 5000 };

static enum reason vote(struct fixture *f, uint32_t slot, uint32_t choice)
{
	struct envelope draft = draft_of(KIND_POLL_VOTE, "");

	draft.choice = choice;
	draft.correlation = SLICE("\"vote\"");
	return ask(f, slot, &draft);
}

static enum reason poll(struct fixture *f, uint32_t slot, const struct poll *asked)
{
	struct envelope draft = draft_of(KIND_POLL_START, "");

	draft.poll = asked;
	return ask(f, slot, &draft);
}

static void a_poll_counts_one_vote_of_each(void **state)
{
	struct fixture f;

	(void)state;
	people_enter(&f);
	assert_int_equal(room_due(f.room), UINT64_MAX);
	assert_int_equal(poll(&f, MIA, &tea), REASON_NONE);
	assert_int_equal(f.ordered->poll->counts[0] + f.ordered->poll->voters, 0);
	assert_int_equal(f.ordered->poll->ends_ms, START_MS + 5000);
	assert_int_equal(room_due(f.room), STEADY_MS + 5000);
	assert_int_equal(poll(&f, MIA, &tea), REASON_POLL_RUNNING);
	f.now_ms += 1000;
	assert_int_equal(vote(&f, ANN, 1), REASON_NONE);
	assert_int_equal(f.ordered->kind, KIND_POLL_START);
	assert_int_equal(f.ordered->flags, FLAG_AGAIN);
	assert_int_equal(f.ordered->author.number, MIA);
	assert_true(slice_is(f.ordered->author.name, "mia"));
	assert_true(slice_is(f.ordered->correlation, "\"vote\""));
	assert_int_equal(f.ordered->poll->ends_ms, START_MS + 5000);
	assert_int_equal(f.ordered->poll->counts[1], 1);
	assert_int_equal(f.ordered->poll->voters, 1);
	assert_int_equal(vote(&f, ANN, 0), REASON_VOTED);
	assert_int_equal(vote(&f, BOB, 2), REASON_BAD_ARGUMENT);
	assert_int_equal(vote(&f, BOB, 1), REASON_NONE);
	assert_int_equal(f.ordered->poll->counts[1], 2);
	assert_true(slice_is(f.ordered->poll->options[1], "no"));
	fixture_close(&f);
}

static void a_poll_ends_in_time(void **state)
{
	struct envelope *end;
	struct fixture f;

	(void)state;
	people_enter(&f);
	assert_null(room_tick(f.room, (struct room_time){ UINT64_MAX, UINT64_MAX }));
	assert_int_equal(poll(&f, MIA, &tea), REASON_NONE);
	assert_int_equal(vote(&f, ANN, 1), REASON_NONE);
	assert_true(leave(&f, MIA));
	f.now_ms += 4999;
	assert_null(room_tick(f.room, time_of(&f)));
	f.now_ms++;
	assert_int_equal(vote(&f, BOB, 1), REASON_NO_POLL);
	end = room_tick(f.room, time_of(&f));
	assert_non_null(end);
	assert_int_equal(end->kind, KIND_POLL_END);
	assert_int_equal(end->flags, 0);
	assert_int_equal(end->correlation.len, 0);
	assert_int_equal(end->author.number, MIA);
	assert_int_equal(end->poll->counts[1], 1);
	assert_true(slice_is(end->poll->question, "tea?"));
	assert_int_equal(end->time_ms, f.now_ms);
	envelope_release(end);
	assert_null(room_tick(f.room, time_of(&f)));
	assert_int_equal(room_due(f.room), UINT64_MAX);
	assert_int_equal(poll(&f, OLE, &tea), REASON_NONE);
	assert_int_equal(vote(&f, ANN, 0), REASON_NONE);
	fixture_close(&f);
}

static void the_bridge_may_end_a_poll(void **state)
{
	struct fixture f;

	(void)state;
	people_enter(&f);
	assert_int_equal(poll(&f, MIA, &tea), REASON_NONE);
	assert_int_equal(vote(&f, ANN, 0), REASON_NONE);
	assert_int_equal(act(&f, BRIDGE, KIND_POLL_END, 0), REASON_NONE);
	assert_int_equal(f.ordered->kind, KIND_POLL_END);
	assert_int_equal(f.ordered->poll->counts[0], 1);
	assert_int_equal(f.ordered->author.number, MIA);
	assert_int_equal(vote(&f, BOB, 0), REASON_NO_POLL);
	fixture_close(&f);
}

static void an_impossible_poll_is_refused(void **state)
{
	struct poll odd = tea;
	struct fixture f;

	(void)state;
	people_enter(&f);
	assert_int_equal(poll(&f, MIA, NULL), REASON_BAD_ARGUMENT);
	odd.option_count = 0;
	assert_int_equal(poll(&f, MIA, &odd), REASON_BAD_ARGUMENT);
	odd = tea;
	odd.duration_ms = 0;
	assert_int_equal(poll(&f, MIA, &odd), REASON_BAD_ARGUMENT);
	odd.duration_ms = UINT64_MAX;
	assert_int_equal(poll(&f, MIA, &odd), REASON_NONE);
	assert_null(room_tick(f.room, time_of(&f)));
	fixture_close(&f);
}

/* An hour back, half a minute back, a day forward. */
static const int64_t settings[] = { -3600000, -30000, 86400000 };

static void a_mute_lasts_whatever_the_clock_is_set_to(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct fixture f;

		people_enter(&f);
		assert_int_equal(treat(&f, MIA, KIND_TIMEOUT, ANN, "", 0, 4000), REASON_NONE);
		f.set_ms = settings[i];
		assert_int_equal(say_reason(&f, ANN), REASON_MUTED);
		f.now_ms += 3999;
		assert_int_equal(say_reason(&f, ANN), REASON_MUTED);
		/* Not by leaving either. */
		assert_true(leave(&f, ANN));
		enter(&f, ANN, "ann", 0);
		assert_int_equal(say_reason(&f, ANN), REASON_MUTED);
		f.now_ms++;
		assert_int_equal(say_reason(&f, ANN), REASON_NONE);
		fixture_close(&f);
	}
}

static void a_poll_lasts_whatever_the_clock_is_set_to(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct envelope *end;
		struct fixture f;

		people_enter(&f);
		assert_int_equal(poll(&f, MIA, &tea), REASON_NONE);
		f.set_ms = settings[i];
		f.now_ms += 4999;
		assert_null(room_tick(f.room, time_of(&f)));
		assert_int_equal(vote(&f, ANN, 1), REASON_NONE);
		assert_int_equal(f.ordered->poll->ends_ms, START_MS + 5000);
		f.now_ms++;
		assert_int_equal(vote(&f, BOB, 1), REASON_NO_POLL);
		end = room_tick(f.room, time_of(&f));
		assert_non_null(end);
		assert_int_equal(end->time_ms, time_of(&f).wall_ms);
		envelope_release(end);
		fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whisper_reaches_one_and_is_not_remembered),
		cmocka_unit_test(history_keeps_what_may_be_kept),
		cmocka_unit_test(an_edit_is_kept_unless_its_dialect_forbids_it),
		cmocka_unit_test(a_deletion_names_the_writer),
		cmocka_unit_test(a_number_that_comes_back_under_another_name_is_no_writer),
		cmocka_unit_test(a_reaction_carries_the_whole_new_map),
		cmocka_unit_test(an_emoji_is_short_and_there),
		cmocka_unit_test(clearing_removes_everything),
		cmocka_unit_test(only_the_subjects_messages_go),
		cmocka_unit_test(the_bridge_acts_on_people_it_alone_knows),
		cmocka_unit_test(a_lifted_timeout_lets_speak_again),
		cmocka_unit_test(somebody_who_left_is_timed_out_by_what_they_wrote),
		cmocka_unit_test(new_roles_hold_at_once),
		cmocka_unit_test(roles_ban_and_mute_until_they_are_taken_back),
		cmocka_unit_test(an_invitation_ends_with_a_ban),
		cmocka_unit_test(a_notice_may_be_for_one),
		cmocka_unit_test(a_poll_counts_one_vote_of_each),
		cmocka_unit_test(a_poll_ends_in_time),
		cmocka_unit_test(the_bridge_may_end_a_poll),
		cmocka_unit_test(an_impossible_poll_is_refused),
		cmocka_unit_test(a_mute_lasts_whatever_the_clock_is_set_to),
		cmocka_unit_test(a_poll_lasts_whatever_the_clock_is_set_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
