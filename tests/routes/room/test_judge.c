#include "tests/routes/room/room_fixture.h"

#include "routes/deliver/broadcast.h"

/* ---- who may do what: every kind asked by everybody ---- */

enum {
	ANN = 1, /* wrote the message that is acted on */
	BOB,     /* the subject */
	EVE,     /* a plain member */
	CAT,     /* muted */
	DAN,     /* banned while present */
	MIA,     /* a moderator */
	MAX,     /* a muted moderator */
	SAM,     /* staff */
	OLE,     /* the owner */
	READER
};

static const uint32_t askers[] = { BRIDGE, OUTSIDER, READER, EVE, ANN, BOB,
				   CAT,    DAN,      MIA,    MAX, SAM, OLE };

#define ASKERS (sizeof(askers) / sizeof(askers[0]))

/* What is answered; short so that a row fits a line. */
enum answer {
	OK = REASON_NONE,
	OUT = REASON_NOT_MEMBER,
	NO = REASON_NO_RIGHT,
	MUT = REASON_MUTED,
	BAN = REASON_BANNED,
	UNK = REASON_UNKNOWN_MESSAGE,
	BAD = REASON_BAD_ARGUMENT,
	NOP = REASON_NO_POLL
};

/* A row for each kind, a column for each asker, in an open room. */
static const struct {
	enum envelope_kind kind;
	unsigned char answers[ASKERS];
} rows[] = {
	/* clang-format off */
	/*                  BRIDGE OUTS READ  EVE  ANN  BOB  CAT  DAN  MIA  MAX  SAM  OLE */
	{ KIND_MESSAGE,     { OK,  OUT, NO,   OK,  OK,  OK,  MUT, BAN, OK,  MUT, OK,  OK } },
	{ KIND_EDIT,        { OK,  OUT, NO,   UNK, OK,  UNK, MUT, BAN, OK,  MUT, OK,  OK } },
	{ KIND_DELETE,      { OK,  OUT, NO,   UNK, OK,  UNK, UNK, BAN, OK,  OK,  OK,  OK } },
	{ KIND_CLEAR,       { OK,  OUT, NO,   NO,  NO,  NO,  NO,  BAN, OK,  OK,  OK,  OK } },
	{ KIND_PURGE,       { OK,  OUT, NO,   NO,  NO,  OK,  NO,  BAN, OK,  OK,  OK,  OK } },
	{ KIND_REACTION,    { OK,  OUT, NO,   OK,  OK,  OK,  MUT, BAN, OK,  MUT, OK,  OK } },
	{ KIND_TYPING,      { OK,  OUT, NO,   OK,  OK,  OK,  MUT, BAN, OK,  MUT, OK,  OK } },
	{ KIND_READ,        { OK,  OUT, NO,   OK,  OK,  OK,  OK,  BAN, OK,  OK,  OK,  OK } },
	{ KIND_ENTER,       { BAD, OUT, NO,   NO,  NO,  NO,  MUT, BAN, NO,  MUT, NO,  NO } },
	{ KIND_EXIT,        { BAD, OUT, NO,   NO,  NO,  NO,  MUT, BAN, NO,  MUT, NO,  NO } },
	{ KIND_INVITE,      { OK,  OUT, NO,   OK,  OK,  OK,  MUT, BAN, OK,  MUT, OK,  OK } },
	{ KIND_KICK,        { OK,  OUT, NO,   NO,  NO,  NO,  NO,  BAN, OK,  OK,  OK,  OK } },
	{ KIND_TIMEOUT,     { OK,  OUT, NO,   NO,  NO,  NO,  NO,  BAN, OK,  OK,  OK,  OK } },
	{ KIND_PRESENCE,    { OK,  OUT, NO,   NO,  NO,  NO,  NO,  BAN, NO,  NO,  NO,  NO } },
	{ KIND_USER_UPDATE, { OK,  OUT, NO,   NO,  NO,  NO,  NO,  BAN, OK,  OK,  OK,  OK } },
	{ KIND_POLL_START,  { OK,  OUT, NO,   NO,  NO,  NO,  MUT, BAN, OK,  MUT, OK,  OK } },
	{ KIND_POLL_VOTE,   { NOP, OUT, NO,   NOP, NOP, NOP, MUT, BAN, NOP, MUT, NOP, NOP } },
	{ KIND_POLL_END,    { NOP, OUT, NO,   NO,  NO,  NO,  NO,  BAN, NO,  NO,  NO,  NO } },
	{ KIND_NOTICE,      { OK,  OUT, NO,   NO,  NO,  NO,  NO,  BAN, NO,  NO,  NO,  NO } },
	{ KIND_OPAQUE,      { OK,  OUT, NO,   NO,  NO,  NO,  NO,  BAN, NO,  NO,  NO,  NO } },
	/* clang-format on */
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) == ENVELOPE_KINDS, "a row for each kind");

/* Returns the id of ann's message. */
static uint64_t people_enter(struct fixture *f)
{
	struct envelope ban = draft_of(KIND_USER_UPDATE, "");
	uint64_t id;

	enter(f, ANN, "ann", ROLE_USER);
	enter(f, BOB, "bob", ROLE_USER);
	enter(f, EVE, "eve", ROLE_USER | ROLE_PRO | ROLE_SUBSCRIBER);
	enter(f, CAT, "cat", ROLE_USER);
	enter(f, DAN, "dan", ROLE_USER);
	enter(f, MIA, "mia", ROLE_USER | ROLE_MOD);
	enter(f, MAX, "max", ROLE_USER | ROLE_EDITOR);
	enter(f, SAM, "sam", ROLE_STAFF);
	enter(f, OLE, "ole", ROLE_OWNER);
	assert_int_equal(enter_by(f, READER, DIALECT_MIXER, person_of(0, NULL, 0), 0), REASON_NONE);
	id = say(f, ANN, "the message");
	assert_int_equal(treat(f, BRIDGE, KIND_TIMEOUT, CAT, NULL, 0, 60000), REASON_NONE);
	assert_int_equal(treat(f, BRIDGE, KIND_TIMEOUT, MAX, NULL, 0, 60000), REASON_NONE);
	ban.subject = person_of(DAN, "dan", ROLE_USER | ROLE_BANNED);
	assert_int_equal(ask(f, BRIDGE, &ban), REASON_NONE);
	return id;
}

static struct envelope full_draft(enum envelope_kind kind, uint64_t target, const struct poll *poll)
{
	struct envelope draft = draft_of(kind, "x");

	draft.target = target;
	draft.flags = FLAG_ADDING;
	draft.subject = person_of(BOB, "bob", ROLE_USER);
	draft.duration_ms = 1000;
	draft.poll = poll;
	return draft;
}

static void every_kind_asked_by_everybody(void **state)
{
	const struct poll poll = { .question = SLICE("tea?"),
				   .options = { SLICE("yes") },
				   .option_count = 1,
				   .duration_ms = 1000 };

	(void)state;
	for (size_t i = 0; i < ENVELOPE_KINDS; i++)
		for (size_t j = 0; j < ASKERS; j++) {
			struct fixture f;
			struct envelope draft;
			enum reason reason;

			fixture_open(&f, NULL);
			draft = full_draft(rows[i].kind, people_enter(&f), &poll);
			reason = ask(&f, askers[j], &draft);
			if ((unsigned)reason != rows[i].answers[j])
				fail_msg("%s asked by %u: %s", envelope_kind_name(rows[i].kind),
					 askers[j], reason_code(reason));
			if (reason == REASON_NONE)
				assert_non_null(f.ordered);
			else
				assert_null(f.ordered);
			fixture_close(&f);
		}
}

static void only_moderators_invite_to_a_closed_room(void **state)
{
	const struct slice members[] = { SLICE("eve") };
	const struct room_rules closed = {
		.name = SLICE("lobby"), .members = members, .member_count = 1, .remembered = 8
	};
	struct fixture f;

	(void)state;
	fixture_open(&f, &closed);
	enter(&f, EVE, "eve", ROLE_USER);
	enter(&f, MIA, "mia", ROLE_MOD);
	assert_int_equal(treat(&f, EVE, KIND_INVITE, BOB, NULL, 0, 0), REASON_NO_RIGHT);
	assert_int_equal(enter_by(&f, BOB, DIALECT_ROOMS, person_of(BOB, "bob", 0), 0),
			 REASON_CLOSED_ROOM);
	assert_int_equal(treat(&f, MIA, KIND_INVITE, BOB, NULL, 0, 0), REASON_NONE);
	assert_int_equal(enter_by(&f, BOB, DIALECT_ROOMS, person_of(BOB, "bob", 0), 0),
			 REASON_NONE);
	fixture_close(&f);
}

/* ---- standing ---- */

static void nobody_acts_on_their_equals_or_betters_but_owners(void **state)
{
	static const enum envelope_kind kinds[] = { KIND_KICK, KIND_PURGE, KIND_TIMEOUT,
						    KIND_USER_UPDATE };
	static const struct {
		uint32_t role;
		int standing;
	} ranks[] = {
		{ ROLE_USER, 0 },  { ROLE_PRO, 0 },     { ROLE_MOD, 1 },   { ROLE_EDITOR, 1 },
		{ ROLE_STAFF, 2 }, { ROLE_FOUNDER, 2 }, { ROLE_OWNER, 3 },
	};
	const size_t count = sizeof(ranks) / sizeof(ranks[0]);

	(void)state;
	for (size_t k = 0; k < 4; k++)
		for (size_t pair = 0; pair < count * count; pair++) {
			size_t a = pair / count, b = pair % count;
			bool may =
			    ranks[a].role == ROLE_OWNER || ranks[a].standing > ranks[b].standing;
			struct fixture f;

			fixture_open(&f, NULL);
			enter(&f, 1, "asker", ranks[a].role);
			enter(&f, 2, "other", ranks[b].role);
			assert_int_equal(treat(&f, 1, kinds[k], 2, NULL, 0, 1000),
					 may ? REASON_NONE : REASON_NO_RIGHT);
			fixture_close(&f);
		}
}

static void standing_is_remembered_of_those_who_left(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, MIA, "mia", ROLE_MOD);
	enter(&f, OLE, "ole", ROLE_OWNER);
	enter(&f, BOB, "bob", ROLE_USER);
	say(&f, OLE, "from the owner");
	say(&f, BOB, "from bob");
	assert_true(leave(&f, OLE));
	assert_true(leave(&f, BOB));
	assert_int_equal(treat(&f, MIA, KIND_PURGE, 0, "ole", 0, 0), REASON_NO_RIGHT);
	assert_int_equal(treat(&f, MIA, KIND_PURGE, OLE, NULL, 0, 0), REASON_NO_RIGHT);
	assert_int_equal(treat(&f, MIA, KIND_TIMEOUT, 0, "Ole", 0, 1), REASON_NO_RIGHT);
	assert_int_equal(treat(&f, MIA, KIND_PURGE, 0, "BOB", 0, 0), REASON_NONE);
	assert_int_equal(f.ordered->subject.number, BOB);
	assert_true(slice_is(f.ordered->subject.name, "bob"));
	assert_string_equal(history(&f, MIA), "from the owner");
	fixture_close(&f);
}

/* Guests choose their numbers, and have them from who has left. */
static void what_another_wrote_under_the_number_is_not_ones_own(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	enter(&f, MIA, "mia", ROLE_MOD);
	enter(&f, BOB, "bob", ROLE_USER);
	say(&f, BOB, "from bob");
	assert_true(leave(&f, BOB));
	enter(&f, BOB, "eve", ROLE_USER);
	say(&f, BOB, "from eve");
	assert_int_equal(treat(&f, BOB, KIND_PURGE, 0, "eve", 0, 0), REASON_NONE);
	assert_int_equal(f.ordered->removed_count, 1);
	assert_string_equal(history(&f, MIA), "from bob");
	assert_int_equal(treat(&f, MIA, KIND_PURGE, BOB, NULL, 0, 0), REASON_NONE);
	assert_string_equal(history(&f, MIA), "");
	fixture_close(&f);
}

static void anybody_may_purge_themselves_alone(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	people_enter(&f);
	say(&f, EVE, "one");
	assert_int_equal(treat(&f, EVE, KIND_PURGE, 0, "EVE", 0, 0), REASON_NONE);
	assert_int_equal(f.ordered->removed_count, 1);
	assert_int_equal(treat(&f, CAT, KIND_PURGE, CAT, NULL, 0, 0), REASON_NONE);
	assert_int_equal(treat(&f, MIA, KIND_PURGE, MIA, NULL, 0, 0), REASON_NONE);
	assert_int_equal(treat(&f, EVE, KIND_PURGE, 0, NULL, 0, 0), REASON_NO_RIGHT);
	assert_int_equal(treat(&f, EVE, KIND_KICK, EVE, NULL, 0, 0), REASON_NO_RIGHT);
	assert_int_equal(treat(&f, MIA, KIND_TIMEOUT, MIA, NULL, 0, 0), REASON_NO_RIGHT);
	fixture_close(&f);
}

static void nobody_gives_roles_as_high_as_their_own(void **state)
{
	struct envelope update = draft_of(KIND_USER_UPDATE, "");
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	people_enter(&f);
	update.subject = person_of(BOB, "bob", ROLE_MOD);
	assert_int_equal(ask(&f, MIA, &update), REASON_NO_RIGHT);
	assert_int_equal(ask(&f, SAM, &update), REASON_NONE);
	update.subject = person_of(EVE, "eve", ROLE_OWNER);
	assert_int_equal(ask(&f, SAM, &update), REASON_NO_RIGHT);
	assert_int_equal(ask(&f, OLE, &update), REASON_NONE);
	fixture_close(&f);
}

/* ---- order ---- */

static void ids_and_sequence_increase(void **state)
{
	uint64_t last_id = 0, last_sequence = 0;
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	for (uint32_t number = 1; number <= 20; number++) {
		f.now_ms += number % 3 ? 0 : 5;
		if (number % 7 == 0)
			f.now_ms -= 1000;
		enter(&f, number, "someone", ROLE_USER);
		assert_int_equal(f.ordered->sequence, last_sequence + 1);
		assert_true(f.ordered->id > last_id);
		last_id = f.ordered->id;
		say(&f, number, "hi");
		assert_int_equal(f.ordered->sequence, last_sequence + 2);
		assert_true(f.ordered->id > last_id);
		assert_int_equal(f.ordered->time_ms, f.now_ms);
		assert_int_equal(id_shard(f.ordered->id), 3);
		last_id = f.ordered->id;
		last_sequence += 2;
	}
	fixture_close(&f);
}

static void what_is_not_for_all_has_no_place_in_the_sequence(void **state)
{
	static const enum envelope_kind passing[] = { KIND_TYPING, KIND_READ, KIND_PRESENCE };
	struct fixture f;
	uint64_t before, message;

	(void)state;
	fixture_open(&f, NULL);
	people_enter(&f);
	message = say(&f, ANN, "a");
	before = f.ordered->sequence;
	assert_int_equal(treat(&f, ANN, KIND_MESSAGE, BOB, NULL, FLAG_PRIVATE, 0), REASON_NONE);
	assert_int_equal(f.ordered->sequence, 0);
	assert_true(f.ordered->id > 0);
	assert_int_equal(treat(&f, ANN, KIND_INVITE, 77, NULL, 0, 0), REASON_NONE);
	assert_int_equal(f.ordered->sequence, 0);
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
		struct envelope draft = draft_of(passing[i], "ONLINE");

		draft.target = message;
		assert_int_equal(ask(&f, passing[i] == KIND_PRESENCE ? BRIDGE : ANN, &draft),
				 REASON_NONE);
		assert_int_equal(f.ordered->sequence, 0);
		assert_true(f.ordered->id > message);
	}
	say(&f, ANN, "b");
	assert_int_equal(f.ordered->sequence, before + 1);
	fixture_close(&f);
}

static void the_author_is_who_asks_whatever_the_draft_says(void **state)
{
	struct envelope draft = draft_of(KIND_MESSAGE, "hi");
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	people_enter(&f);
	draft.author = person_of(OLE, "ole", ROLE_OWNER);
	assert_int_equal(ask(&f, ANN, &draft), REASON_NONE);
	assert_int_equal(f.ordered->author.number, ANN);
	assert_int_equal(f.ordered->author.roles, ROLE_USER);
	assert_int_equal(f.ordered->author.uuid[0], ANN);
	assert_true(slice_is(f.ordered->author.name, "ann"));
	assert_int_equal(ask(&f, BRIDGE, &draft), REASON_NONE);
	assert_true(slice_is(f.ordered->author.name, "ole"));
	fixture_close(&f);
}

static void a_draft_that_is_right_already_is_not_copied(void **state)
{
	struct envelope draft = draft_of(KIND_MESSAGE, "hi"), *sealed, *ordered;
	struct session_ref ann = ref_of(ANN);
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	people_enter(&f);
	draft.author.name = SLICE("ann");
	sealed = envelope_seal(&draft);
	assert_int_equal(room_order(f.room, &ann, sealed, time_of(&f), &ordered), REASON_NONE);
	assert_ptr_equal(ordered, sealed);
	assert_int_equal(ordered->author.number, ANN);
	envelope_release(ordered);
	fixture_close(&f);
}

static void what_only_the_room_knows_is_not_taken_from_a_draft(void **state)
{
	const struct reaction_count reaction = { SLICE("x"), 9 };
	const uint64_t removed = 5;
	const struct poll poll = { .option_count = 1 };
	struct envelope draft = draft_of(KIND_MESSAGE, "hi");
	struct fixture f;

	(void)state;
	fixture_open(&f, NULL);
	people_enter(&f);
	draft.id = draft.sequence = draft.time_ms = 7;
	draft.target = 8;
	draft.flags = FLAG_EDITED | FLAG_AGAIN | FLAG_PERMANENT | FLAG_ACTION | FLAG_DEGRADED;
	draft.reactions = &reaction;
	draft.reaction_count = 1;
	draft.removed = &removed;
	draft.removed_count = 1;
	draft.poll = &poll;
	draft.subject = person_of(BOB, "bob", 0);
	draft.extra = SLICE("{}");
	draft.room = SLICE("elsewhere");
	assert_int_equal(ask(&f, ANN, &draft), REASON_NONE);
	assert_true(f.ordered->id > 8 && f.ordered->sequence > 7);
	assert_int_equal(f.ordered->time_ms, f.now_ms);
	assert_int_equal(f.ordered->target, 0);
	assert_int_equal(f.ordered->flags, FLAG_ACTION | FLAG_DEGRADED);
	assert_int_equal(f.ordered->reaction_count + f.ordered->removed_count, 0);
	assert_null(f.ordered->poll);
	assert_int_equal(f.ordered->subject.number, 0);
	assert_int_equal(f.ordered->extra.len, 0);
	assert_true(slice_is(f.ordered->room, "lobby"));
	assert_true(slice_is(f.ordered->correlation, "42"));
	fixture_close(&f);
}

static void the_room_knows_its_messages_and_no_others(void **state)
{
	struct fixture f;
	uint64_t id;

	(void)state;
	fixture_open(&f, NULL);
	id = people_enter(&f);
	assert_true(room_knows(f.room, id));
	assert_false(room_knows(f.room, id - 1));
	assert_int_equal(act(&f, ANN, KIND_DELETE, id), REASON_NONE);
	assert_true(room_knows(f.room, id));
	assert_int_equal(act(&f, ANN, KIND_READ, id), REASON_UNKNOWN_MESSAGE);
	assert_int_equal(act(&f, MIA, KIND_EDIT, id), REASON_UNKNOWN_MESSAGE);
	assert_int_equal(act(&f, BRIDGE, KIND_DELETE, id), REASON_UNKNOWN_MESSAGE);
	assert_int_equal(act(&f, ANN, KIND_REACTION, id - 1), REASON_UNKNOWN_MESSAGE);
	for (int i = 0; i < 64; i++)
		say(&f, EVE, "more");
	assert_false(room_knows(f.room, id));
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_asked_by_everybody),
		cmocka_unit_test(only_moderators_invite_to_a_closed_room),
		cmocka_unit_test(nobody_acts_on_their_equals_or_betters_but_owners),
		cmocka_unit_test(standing_is_remembered_of_those_who_left),
		cmocka_unit_test(what_another_wrote_under_the_number_is_not_ones_own),
		cmocka_unit_test(anybody_may_purge_themselves_alone),
		cmocka_unit_test(nobody_gives_roles_as_high_as_their_own),
		cmocka_unit_test(ids_and_sequence_increase),
		cmocka_unit_test(what_is_not_for_all_has_no_place_in_the_sequence),
		cmocka_unit_test(the_author_is_who_asks_whatever_the_draft_says),
		cmocka_unit_test(a_draft_that_is_right_already_is_not_copied),
		cmocka_unit_test(what_only_the_room_knows_is_not_taken_from_a_draft),
		cmocka_unit_test(the_room_knows_its_messages_and_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
