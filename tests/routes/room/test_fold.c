#include <stdlib.h>

#include "codecs/text/memory.h"
#include "routes/room/fold.h"
#include "routes/room/overview.h"
#include "routes/room/recording.h"
#include "tests/routes/room/room_fixture.h"

#define ANN 1
#define BOB 2
#define CY  3

/* ---- a room, and the bytes of its records ---- */

#define RECORDS_MAX 64

static const struct slice ann = { "Ann", 3 }, bob = { "bob", 3 };
static const struct room_rules closed = { .name = { "lobby", 5 },
					  .admins = &ann,
					  .admin_count = 1,
					  .members = &bob,
					  .member_count = 1,
					  .remembered = 8 };

struct tape {
	struct slice records[RECORDS_MAX]; /* owned */
	size_t count;
};

static void tape_add(void *owner, const struct record *record)
{
	struct tape *tape = owner;
	char *bytes = memory_new(record_most(record));
	size_t size = record_write(record, (unsigned char *)bytes);

	assert_true(tape->count < RECORDS_MAX);
	tape->records[tape->count++] = slice_span(bytes, size);
}

static void tape_clear(struct tape *tape)
{
	for (size_t i = 0; i < tape->count; i++)
		free((void *)(uintptr_t)tape->records[i].data);
	tape->count = 0;
}

static void open_taped(struct fixture *f, struct tape *tape, const struct room_rules *rules)
{
	fixture_open(f, rules);
	tape->count = 0;
	room_record(f->room, tape_add, tape);
	enter(f, ANN, "Ann", ROLE_USER | ROLE_MOD);
	enter(f, BOB, "bob", ROLE_USER);
}

static void close_taped(struct fixture *f, struct tape *tape)
{
	tape_clear(tape);
	fixture_close(f);
}

static bool apply_bytes(struct room *room, struct slice bytes, struct room_time now)
{
	struct record record;
	bool applied;

	assert_int_equal(record_read(bytes, &record), RECORD_SOUND);
	applied = room_apply(room, &record, now);
	record_clear(&record);
	return applied;
}

/* Another fixture whose room is made of the tape at that time, by its own clocks. */
static void open_again(struct fixture *again, const struct fixture *f, const struct tape *tape,
		       uint64_t now_ms)
{
	fixture_open(again, &f->rules);
	again->now_ms = now_ms;
	for (size_t i = 0; i < tape->count; i++)
		assert_true(apply_bytes(again->room, tape->records[i], time_of(again)));
	assert_true(room_digest(again->room) == room_digest(f->room));
	assert_int_equal(room_recorded(again->room), tape->count);
}

/* ---- what is recorded ---- */

static void what_leaves_nothing_behind_is_not_recorded(void **state)
{
	struct fixture f;
	struct tape tape;
	uint64_t id;

	(void)state;
	open_taped(&f, &tape, NULL);
	assert_int_equal(tape.count, 2);
	id = say(&f, ANN, "hi");
	assert_int_equal(tape.count, 3);
	assert_int_equal(act(&f, BOB, KIND_TYPING, 0), REASON_NONE);
	assert_int_equal(act(&f, BOB, KIND_READ, id), REASON_NONE);
	assert_int_equal(act(&f, BRIDGE, KIND_PRESENCE, 0), REASON_NONE);
	assert_int_equal(act(&f, BRIDGE, KIND_OPAQUE, 0), REASON_NONE);
	assert_int_equal(treat(&f, ANN, KIND_MESSAGE, BOB, NULL, FLAG_PRIVATE, 0), REASON_NONE);
	assert_int_equal(treat(&f, BRIDGE, KIND_NOTICE, BOB, NULL, FLAG_PRIVATE, 0), REASON_NONE);
	assert_int_equal(treat(&f, ANN, KIND_INVITE, 77, NULL, 0, 0), REASON_NONE);
	/* Refused, and right but nothing new. */
	assert_int_equal(act(&f, BOB, KIND_DELETE, id), REASON_UNKNOWN_MESSAGE);
	assert_int_equal(act(&f, BOB, KIND_REACTION, id), REASON_NONE);
	assert_false(room_pardon(f.room, &(struct person){ .number = 8 }));
	assert_false(room_drop(f.room, 8));
	assert_int_equal(tape.count, 3);
	close_taped(&f, &tape);
	/* But to a closed room, it is. */
	open_taped(&f, &tape, &closed);
	assert_int_equal(treat(&f, ANN, KIND_INVITE, 77, NULL, 0, 0), REASON_NONE);
	assert_int_equal(tape.count, 3);
	close_taped(&f, &tape);
}

static void without_a_sink_nothing_is_made(void **state)
{
	struct fixture f;
	struct tape tape;

	(void)state;
	open_taped(&f, &tape, NULL);
	room_record(f.room, NULL, NULL);
	say(&f, ANN, "hi");
	assert_int_equal(tape.count, 2);
	assert_int_equal(room_recorded(f.room), 2);
	close_taped(&f, &tape);
}

/* In the bytes there is nothing of it, so a room made of them has it neither. */
static void what_may_not_be_kept_is_not(void **state)
{
	struct fixture f, again;
	struct tape tape;

	(void)state;
	open_taped(&f, &tape, NULL);
	assert_int_equal(
	    enter_by(&f, CY, DIALECT_ROOMS, person_of(CY, "cy", ROLE_USER | ROLE_MOD), 0),
	    REASON_NONE);
	say(&f, ANN, "to be kept");
	say(&f, CY, "forbidden");
	assert_null(memmem(tape.records[4].data, tape.records[4].len, "forbidden", 9));
	open_again(&again, &f, &tape, f.now_ms);
	assert_string_equal(history(&again, ANN), "to be kept");
	fixture_close(&again);
	close_taped(&f, &tape);
}

/* ---- what is judged later is judged the same ---- */

static void who_wrote_it_may_edit_it(void **state)
{
	struct envelope draft = draft_of(KIND_MESSAGE, "as the queen");
	struct fixture f, again;
	struct tape tape;
	uint64_t id;

	(void)state;
	open_taped(&f, &tape, NULL);
	enter(&f, CY, "Queen", ROLE_USER);
	draft.flags = FLAG_RENAMED;
	draft.author.name = SLICE("Queen");
	assert_int_equal(ask(&f, BOB, &draft), REASON_NONE);
	assert_true(slice_is(f.ordered->author.name, "Queen"));
	id = f.ordered->id;
	open_again(&again, &f, &tape, f.now_ms);
	assert_int_equal(act(&again, CY, KIND_EDIT, id), REASON_UNKNOWN_MESSAGE);
	assert_int_equal(act(&again, BOB, KIND_EDIT, id), REASON_NONE);
	fixture_close(&again);
	close_taped(&f, &tape);
}

static void a_ban_follows_to_the_address(void **state)
{
	struct fixture f, again;
	struct tape tape;

	(void)state;
	open_taped(&f, &tape, NULL);
	assert_int_equal(enter_by(&f, 30, DIALECT_MIXER, person_of(CY, "cy", ROLE_USER), 555),
			 REASON_NONE);
	assert_int_equal(enter_by(&f, 31, DIALECT_MIXER, person_of(CY, "cy", ROLE_USER), 556),
			 REASON_NONE);
	assert_int_equal(treat(&f, ANN, KIND_KICK, CY, NULL, FLAG_PERMANENT, 0), REASON_NONE);
	assert_true(room_drop(f.room, CY));
	open_again(&again, &f, &tape, f.now_ms);
	assert_int_equal(enter_by(&again, 40, DIALECT_MIXER, person_of(9, "dan", ROLE_USER), 556),
			 REASON_BANNED);
	assert_int_equal(enter_by(&again, 40, DIALECT_MIXER, person_of(9, "cy", ROLE_USER), 0),
			 REASON_BANNED);
	assert_true(room_pardon(again.room, &(struct person){ .number = CY }));
	assert_int_equal(enter_by(&again, 40, DIALECT_MIXER, person_of(9, "cy", ROLE_USER), 556),
			 REASON_NONE);
	fixture_close(&again);
	close_taped(&f, &tape);
}

static void the_invited_may_enter(void **state)
{
	struct envelope draft = draft_of(KIND_INVITE, "please come");
	struct fixture f, again;
	struct tape tape;

	(void)state;
	open_taped(&f, &tape, &closed);
	draft.subject = person_of(CY, "cy", 0);
	assert_int_equal(ask(&f, ANN, &draft), REASON_NONE);
	assert_null(memmem(tape.records[2].data, tape.records[2].len, "please", 6));
	open_again(&again, &f, &tape, f.now_ms);
	enter(&again, CY, "cy", ROLE_USER);
	assert_int_equal(enter_by(&again, 9, DIALECT_MIXER, person_of(9, "dan", ROLE_USER), 0),
			 REASON_CLOSED_ROOM);
	fixture_close(&again);
	close_taped(&f, &tape);
}

static void each_votes_once(void **state)
{
	struct envelope draft = draft_of(KIND_POLL_START, "");
	struct poll poll = { .question = SLICE("tea?"),
			     .options = { SLICE("yes"), SLICE("no") },
			     .option_count = 2,
			     .duration_ms = 60000 };
	struct fixture f, again;
	struct tape tape;

	(void)state;
	open_taped(&f, &tape, NULL);
	draft.poll = &poll;
	assert_int_equal(ask(&f, ANN, &draft), REASON_NONE);
	draft = draft_of(KIND_POLL_VOTE, "");
	draft.choice = 1;
	assert_int_equal(ask(&f, BOB, &draft), REASON_NONE);
	open_again(&again, &f, &tape, f.now_ms);
	assert_int_equal(ask(&again, BOB, &draft), REASON_VOTED);
	draft.choice = 0;
	assert_int_equal(ask(&again, ANN, &draft), REASON_NONE);
	assert_int_equal(again.ordered->poll->counts[0], 1);
	assert_int_equal(again.ordered->poll->counts[1], 1);
	fixture_close(&again);
	close_taped(&f, &tape);
}

/* ---- time ---- */

/* Made at START_MS, for a minute; read `after` ms later by the wall clock. */
static uint64_t muted_for(int64_t after)
{
	struct room_standing standing;
	struct fixture f, again;
	struct tape tape;
	uint64_t left;

	open_taped(&f, &tape, NULL);
	assert_int_equal(treat(&f, ANN, KIND_TIMEOUT, BOB, NULL, 0, 60000), REASON_NONE);
	assert_int_equal(treat(&f, BRIDGE, KIND_KICK, 77, "dan", FLAG_PERMANENT, 60000),
			 REASON_NONE);
	open_again(&again, &f, &tape, START_MS + (uint64_t)after);
	room_standing(again.room, &(struct person){ .number = BOB }, time_of(&again), &standing);
	left = standing.muted_ms;
	assert_int_equal(say_reason(&again, BOB), left ? REASON_MUTED : REASON_NONE);
	room_standing(again.room, &(struct person){ .number = 77 }, time_of(&again), &standing);
	assert_int_equal(standing.banned_ms, left);
	/* A second connection of who is muted is muted for what is left. */
	assert_int_equal(enter_by(&again, 20, DIALECT_MIXER, person_of(BOB, "bob", 0), 0),
			 REASON_NONE);
	assert_int_equal(say_reason(&again, 20), left ? REASON_MUTED : REASON_NONE);
	again.now_ms += left;
	assert_int_equal(say_reason(&again, 20), REASON_NONE);
	fixture_close(&again);
	close_taped(&f, &tape);
	return left;
}

static void what_is_left_of_a_mute_is_between_nothing_and_all(void **state)
{
	(void)state;
	assert_int_equal(muted_for(0), 60000);
	assert_int_equal(muted_for(20000), 40000);
	assert_int_equal(muted_for(60000), 0);
	assert_int_equal(muted_for(86400000), 0);
	/* Somebody set the clock back. */
	assert_int_equal(muted_for(-3600000), 60000);
}

static void what_has_no_end_has_none_later(void **state)
{
	struct room_standing standing;
	struct fixture f, again;
	struct tape tape;

	(void)state;
	open_taped(&f, &tape, NULL);
	assert_int_equal(treat(&f, ANN, KIND_KICK, BOB, NULL, FLAG_PERMANENT, 0), REASON_NONE);
	open_again(&again, &f, &tape, START_MS + UINT64_C(86400000000));
	room_standing(again.room, &(struct person){ .number = BOB }, time_of(&again), &standing);
	assert_true(standing.banned_ms == UINT64_MAX);
	fixture_close(&again);
	close_taped(&f, &tape);
}

static void a_poll_ends_when_it_would_have(void **state)
{
	struct envelope draft = draft_of(KIND_POLL_START, "");
	struct poll poll = { .question = SLICE("tea?"),
			     .options = { SLICE("yes") },
			     .option_count = 1,
			     .duration_ms = 60000 };
	struct fixture f, again;
	struct tape tape;

	(void)state;
	open_taped(&f, &tape, NULL);
	draft.poll = &poll;
	assert_int_equal(ask(&f, ANN, &draft), REASON_NONE);
	open_again(&again, &f, &tape, START_MS + 50000);
	assert_true(room_due(again.room) == time_of(&again).steady_ms + 10000);
	fixture_close(&again);
	open_again(&again, &f, &tape, START_MS + 90000);
	again.ordered = room_tick(again.room, time_of(&again));
	assert_int_equal(again.ordered->kind, KIND_POLL_END);
	fixture_close(&again);
	close_taped(&f, &tape);
}

/* Even when the clock was set back and nothing else tells how far ids had come. */
static void ids_go_on_after_those_of_the_records(void **state)
{
	struct fixture f, again;
	struct tape tape;
	uint64_t last = 0;

	(void)state;
	open_taped(&f, &tape, NULL);
	for (unsigned i = 0; i < 30; i++)
		last = say(&f, ANN, "hi");
	open_again(&again, &f, &tape, START_MS - 86400000);
	assert_true(say(&again, ANN, "hi") > last);
	assert_int_equal(id_shard(again.ordered->id), id_shard(last));
	assert_int_equal(again.ordered->sequence, f.ordered->sequence + 1);
	fixture_close(&again);
	close_taped(&f, &tape);
}

/* ---- what contradicts ---- */

/* A record that would be the next, but for what change() does to it. */
struct forged {
	struct record record;
	struct envelope event;
	struct poll poll;
};

static void forge(struct forged *forged, const struct fixture *f, enum envelope_kind kind)
{
	forged->event = draft_of(kind, "x");
	forged->event.id = UINT64_C(1) << 52 | id_shard(f->ordered->id) << 9;
	forged->event.sequence = f->ordered->sequence + 1;
	forged->event.time_ms = START_MS;
	forged->event.author = person_of(ANN, "Ann", ROLE_USER);
	forged->event.subject = person_of(BOB, "bob", ROLE_USER);
	forged->record = (struct record){ .kind = RECORD_EVENT,
					  .number = room_recorded(f->room) + 1,
					  .event = &forged->event,
					  .aside = { .keep = true } };
}

static bool applies(struct fixture *f, struct forged *forged)
{
	uint64_t before = room_digest(f->room);
	struct envelope *sealed = envelope_seal(&forged->event);
	bool applied;

	forged->record.event = sealed;
	applied = room_apply(f->room, &forged->record, time_of(f));
	if (!applied)
		assert_true(room_digest(f->room) == before);
	envelope_release(sealed);
	return applied;
}

static void only_the_next_record_is_taken(void **state)
{
	struct forged forged;
	struct fixture f;
	struct tape tape;

	(void)state;
	open_taped(&f, &tape, NULL);
	say(&f, ANN, "hi");
	forge(&forged, &f, KIND_MESSAGE);
	forged.record.number++;
	assert_false(applies(&f, &forged));
	forged.record.number -= 2;
	assert_false(applies(&f, &forged));
	forge(&forged, &f, KIND_MESSAGE);
	forged.event.sequence++;
	assert_false(applies(&f, &forged));
	forge(&forged, &f, KIND_MESSAGE);
	forged.event.id = f.ordered->id;
	assert_false(applies(&f, &forged));
	forged.event.id = 0;
	assert_false(applies(&f, &forged));
	forged.event.id = NUMBER_MAX + 1 + (3 << 9);
	assert_false(applies(&f, &forged));
	forged.event.id = UINT64_C(1) << 52 | 4 << 9; /* another shard's */
	assert_false(applies(&f, &forged));
	forge(&forged, &f, KIND_MESSAGE);
	forged.event.room = SLICE("attic");
	assert_false(applies(&f, &forged));
	forge(&forged, &f, KIND_MESSAGE);
	assert_true(applies(&f, &forged));
	close_taped(&f, &tape);
}

static void what_contradicts_changes_nothing(void **state)
{
	static const enum envelope_kind no_target[] = { KIND_EDIT, KIND_DELETE, KIND_REACTION },
					never[] = { KIND_TYPING, KIND_READ,       KIND_ENTER,
						    KIND_EXIT,   KIND_PRESENCE,   KIND_POLL_VOTE,
						    KIND_OPAQUE, KIND_POLL_START, KIND_POLL_END };
	struct forged forged;
	struct fixture f;
	struct tape tape;

	(void)state;
	open_taped(&f, &tape, NULL);
	say(&f, ANN, "hi");
	for (size_t i = 0; i < 3; i++) {
		forge(&forged, &f, no_target[i]);
		forged.event.target = 12345;
		assert_false(applies(&f, &forged));
	}
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		forge(&forged, &f, never[i]);
		assert_false(applies(&f, &forged));
		forged.event.sequence = 0;
		assert_false(applies(&f, &forged));
	}
	/* Taken back, though it was not there. */
	forge(&forged, &f, KIND_REACTION);
	forged.event.target = f.ordered->id;
	assert_false(applies(&f, &forged));
	/* A ban without an end, a mute without one, of somebody who is not here. */
	forge(&forged, &f, KIND_KICK);
	forged.event.flags = FLAG_PERMANENT;
	assert_false(applies(&f, &forged));
	forge(&forged, &f, KIND_TIMEOUT);
	forged.event.duration_ms = 5;
	assert_false(applies(&f, &forged));
	forge(&forged, &f, KIND_USER_UPDATE);
	forged.event.subject.number = 77;
	forged.record.aside.present = true;
	assert_false(applies(&f, &forged));
	forge(&forged, &f, KIND_CLEAR);
	forged.event.flags = FLAG_AGAIN;
	assert_false(applies(&f, &forged));
	close_taped(&f, &tape);
}

static void votes_that_contradict_are_refused(void **state)
{
	struct forged forged;
	struct fixture f;
	struct tape tape;

	(void)state;
	open_taped(&f, &tape, NULL);
	say(&f, ANN, "hi");
	forge(&forged, &f, KIND_POLL_START);
	forged.poll = (struct poll){ .option_count = 2, .duration_ms = 5, .ends_ms = START_MS + 5 };
	forged.event.poll = &forged.poll;
	assert_true(applies(&f, &forged));
	forged.record.number++;
	forged.event.sequence++;
	forged.event.id++;
	assert_false(applies(&f, &forged)); /* one runs */
	forged.event.flags = FLAG_AGAIN;
	assert_false(applies(&f, &forged)); /* nobody's */
	forged.record.aside.voter = BOB;
	assert_false(applies(&f, &forged)); /* other tallies */
	forged.poll.counts[1] = 1;
	assert_false(applies(&f, &forged));
	forged.record.aside.choice = 2;
	assert_false(applies(&f, &forged));
	forged.record.aside.choice = 1;
	assert_true(applies(&f, &forged));
	forged.record.number++;
	forged.event.sequence++;
	forged.event.id++;
	forged.poll.counts[1] = 2;
	assert_false(applies(&f, &forged)); /* the same voter */
	close_taped(&f, &tape);
}

static void seats_that_contradict_are_refused(void **state)
{
	struct forged forged;
	struct fixture f;
	struct tape tape;

	(void)state;
	open_taped(&f, &tape, NULL);
	say(&f, ANN, "hi");
	forge(&forged, &f, KIND_ENTER);
	forged.record.kind = RECORD_SEAT;
	forged.record.seat.ref = ref_of(ANN);
	assert_false(applies(&f, &forged)); /* taken */
	forged.record.seat.ref = ref_of(9);
	assert_false(applies(&f, &forged)); /* not Ann's first */
	forged.record.seat.ref.worker = WORKERS_MAX;
	assert_false(applies(&f, &forged));
	forged.record.seat.ref = ref_of(9);
	forged.event.id = forged.event.sequence = 0;
	forged.record.seat.form = FORM_NUMBERS;
	assert_false(applies(&f, &forged));
	forged.record.seat.form = FORMS_PLAIN - 1; /* a dialect that is not there */
	assert_false(applies(&f, &forged));
	forged.record.seat.form = 0;
	assert_true(applies(&f, &forged));
	forge(&forged, &f, KIND_EXIT);
	forged.record.kind = RECORD_UNSEAT;
	forged.record.seat.ref = ref_of(9);
	assert_false(applies(&f, &forged)); /* not Ann's last */
	forged.record.seat.ref = ref_of(10);
	assert_false(applies(&f, &forged)); /* nobody's */
	forged.event.id = forged.event.sequence = 0;
	forged.record.kind = RECORD_DROP;
	forged.event.author.number = 77;
	assert_false(applies(&f, &forged));
	forged.record.kind = RECORD_PARDON;
	assert_false(applies(&f, &forged));
	forged.record.kind = RECORD_NAME;
	assert_false(applies(&f, &forged));
	close_taped(&f, &tape);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_leaves_nothing_behind_is_not_recorded),
		cmocka_unit_test(without_a_sink_nothing_is_made),
		cmocka_unit_test(what_may_not_be_kept_is_not),
		cmocka_unit_test(who_wrote_it_may_edit_it),
		cmocka_unit_test(a_ban_follows_to_the_address),
		cmocka_unit_test(the_invited_may_enter),
		cmocka_unit_test(each_votes_once),
		cmocka_unit_test(what_is_left_of_a_mute_is_between_nothing_and_all),
		cmocka_unit_test(what_has_no_end_has_none_later),
		cmocka_unit_test(a_poll_ends_when_it_would_have),
		cmocka_unit_test(ids_go_on_after_those_of_the_records),
		cmocka_unit_test(only_the_next_record_is_taken),
		cmocka_unit_test(what_contradicts_changes_nothing),
		cmocka_unit_test(votes_that_contradict_are_refused),
		cmocka_unit_test(seats_that_contradict_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
