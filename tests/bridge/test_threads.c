/* Whatever four threads do to each other, everybody in a room hears one sequence of messages: who
 * stays all of it, who comes and leaves or is kicked one contiguous piece, from the entry to the
 * exit. Meant for ThreadSanitizer, too.
 *
 * What a room said, and when who came and went, is read off what its reference was sent, a client
 * of the simple dialect who is there all the time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/directory.h"
#include "routes/room/members.h"
#include "tests/support/books.h"
#include "tests/support/crowd.h"
#include "tests/support/dialects.h"

/* ---- what was heard, against the reference ---- */

/* How much the churners heard in all: they were no idle crowd. */
struct heard_count {
	unsigned messages, kicks, visits;
};

struct reading {
	const struct visitor *visitor, *reference;
	size_t room;
	size_t at;   /* the place in the reference's notes */
	bool inside; /* in the room, by the visitor's own notes */
	bool lost;   /* inside, but the place is not known before the first message */
};

static struct visitor *find(struct crowd *crowd, unsigned person)
{
	for (unsigned w = 0; w < CROWD_WORKERS; w++)
		for (struct visitor *v = crowd->drivers[w].visitors; v; v = v->next)
			if (v->person == person)
				return v;
	fail_msg("u%u never came", person);
	return NULL;
}

/* On to what comes after the next such note. */
static bool skip_past(struct reading *reading, const struct note *what)
{
	const struct visitor *reference = reading->reference;

	while (reading->at < reference->note_count) {
		const struct note *note = &reference->notes[reading->at++];

		if (note->kind == what->kind && note->person == what->person &&
		    note->count == what->count)
			return true;
	}
	return false;
}

/* The next message in the room, or the visitor's own exit if that comes first. NULL: neither. */
static const struct note *next_note(struct reading *reading)
{
	const struct visitor *reference = reading->reference;

	while (reading->at < reference->note_count) {
		const struct note *note = &reference->notes[reading->at++];

		if (note->kind == NOTE_SAID ||
		    (note->kind == NOTE_OUT && note->person == reading->visitor->person))
			return note;
	}
	return NULL;
}

static void fail_reading(const struct reading *reading, const char *what, const struct note *heard,
			 const struct note *said)
{
	const struct visitor *visitor = reading->visitor;

	fail_msg("u%u (%s, plan %d, room %zu) %s: heard kind %d m%u.%u, the room has kind %d "
		 "m%u.%u",
		 visitor->person, registry_codec(visitor->dialect)->name, visitor->plan,
		 reading->room, what, heard->kind, heard->person, heard->count,
		 said ? (int)said->kind : -1, said ? said->person : 0, said ? said->count : 0);
}

static void read_message(struct reading *reading, const struct note *heard)
{
	const struct note *said;

	if (!reading->inside)
		fail_reading(reading, "hears a room without being in it", heard, NULL);
	if (reading->lost) {
		reading->lost = false;
		if (!skip_past(reading, heard))
			fail_reading(reading, "hears what was not said", heard, NULL);
		return;
	}
	said = next_note(reading);
	if (!said || said->kind != NOTE_SAID || said->person != heard->person ||
	    said->count != heard->count)
		fail_reading(reading, "hears something else", heard, said);
}

/* A kick has its place among the messages: all before it were heard. */
static void read_kick(struct reading *reading, const struct note *heard)
{
	const struct note *out;

	if (!reading->inside)
		fail_reading(reading, "is kicked without being in", heard, NULL);
	reading->inside = false;
	if (reading->lost)
		return;
	out = next_note(reading);
	if (!out || out->kind != NOTE_OUT)
		fail_reading(reading, "is kicked early", heard, out);
}

static void read_note(struct reading *reading, const struct note *note, struct heard_count *tally)
{
	const struct visitor *visitor = reading->visitor;
	const struct note entry = { .kind = NOTE_IN, .person = visitor->person };

	switch (note->kind) {
	case NOTE_SAID:
		read_message(reading, note);
		tally->messages++;
		break;
	case NOTE_IN:
		if (visitor->plan != PLAN_WALK)
			break;
		tally->visits++;
		reading->inside = true;
		break;
	case NOTE_ASKED:
		if (!skip_past(reading, &entry))
			fail_reading(reading, "enters unseen", note, NULL);
		break;
	case NOTE_OUT: break;
	case NOTE_KICKED:
		read_kick(reading, note);
		tally->kicks++;
		break;
	case NOTE_LEFT: reading->inside = false; break;
	}
}

/* Each time a walker asks it enters, even when it has left again before it knows; a visit begins
 * when it sees its own entry. All others have one visit, which begins with their first entry, or,
 * if somebody of that name was there before, nobody knows where. */
static void piece_begin(struct reading *reading)
{
	const struct visitor *visitor = reading->visitor;
	const struct note entry = { .kind = NOTE_IN, .person = visitor->person };
	bool banned = visitor->plan == PLAN_RETURN && visitor->room->index == reading->room;

	if (visitor->plan == PLAN_WALK || banned || !visitor_hears(visitor, reading->room))
		return;
	reading->lost = visitor->plan == PLAN_TWIN || visitor->plan == PLAN_RETURN;
	reading->inside = reading->lost || skip_past(reading, &entry);
}

static void check_piece(struct reading *reading, struct heard_count *tally)
{
	const struct visitor *visitor = reading->visitor;

	piece_begin(reading);
	for (size_t i = 0; i < visitor->note_count; i++)
		if (visitor->notes[i].room == reading->room)
			read_note(reading, &visitor->notes[i], tally);
	if (visitor->plan != PLAN_STAY || !visitor_hears(visitor, reading->room))
		return;
	assert_true(reading->inside);
	if (next_note(reading))
		fail_msg("u%u did not hear all of room %zu", visitor->person, reading->room);
}

/* What somebody said before leaving was heard; before a kick from elsewhere it need not be. */
static void check_end(struct crowd *crowd, const struct visitor *visitor)
{
	bool to_kick = visitor->plan == PLAN_KICK || visitor->plan == PLAN_BAN;
	const struct codec *codec = registry_codec(visitor->dialect);
	const struct note last = { .kind = NOTE_SAID, .person = visitor->person, .count = 1 };
	struct reading reading = { .reference =
				       find(crowd, crowd_reference(visitor->room->index)) };

	assert_null(visitor->client->session);
	assert_int_equal(directory_connections(crowd->bridge->directory, visitor->number), 0);
	if (to_kick)
		assert_true(visitor->kicked);
	if (visitor->kicked)
		assert_int_equal(visitor->client->close_code, codec->kick_ends_session ? 1008 : 0);
	if (visitor->plan == PLAN_LEAVE)
		assert_true(skip_past(&reading, &last));
}

static struct heard_count check_pieces(struct crowd *crowd)
{
	struct heard_count steady = { 0 }, churn = { 0 };

	for (unsigned w = 0; w < CROWD_WORKERS; w++)
		for (const struct visitor *v = crowd->drivers[w].visitors; v; v = v->next) {
			for (size_t r = 0; r < room_table_count(crowd->bridge->rooms); r++) {
				struct reading reading = { .visitor = v, .room = r };

				reading.reference = find(crowd, crowd_reference(r));
				check_piece(&reading, v->plan == PLAN_STAY ? &steady : &churn);
			}
			check_end(crowd, v);
		}
	return churn;
}

/* ---- the reference itself ---- */

/* Each publisher of the room is there, whole and in order, and none of another room. */
static void check_room(struct crowd *crowd, size_t room)
{
	const struct visitor *reference = find(crowd, crowd_reference(room));
	unsigned said[CROWD_STEADY] = { 0 };

	said[reference->person] = CROWD_SAYINGS;
	for (size_t i = 0; i < reference->note_count; i++) {
		const struct note *note = &reference->notes[i];

		if (note->kind != NOTE_SAID || note->person >= CROWD_STEADY)
			continue;
		assert_int_equal(crowd_room(crowd, note->person), room);
		assert_int_equal(note->count, ++said[note->person]);
	}
	for (unsigned person = 0; person < CROWD_STEADY; person++)
		if (person == reference->person)
			assert_int_equal(said[person], CROWD_SAYINGS + 1);
		else if (crowd_publishes(person) && crowd_room(crowd, person) == room)
			assert_int_equal(said[person], CROWD_SAYINGS);
		else
			assert_int_equal(said[person], 0);
}

/* ---- the books ---- */

/* The sums are the stage's business; here what they are made of. */
static void check_books(struct crowd *crowd)
{
	struct counters *sum = stage_counters(crowd->stage);
	const struct room_presence nobody = { 0 };

	assert_string_equal(crowd->stage->fault, "");
	assert_int_equal(sum->intake.waiting, 0);
	assert_int_equal(sum->sessions_cut, 0);
	for (size_t r = 0; r < sum->room_count; r++) {
		const struct ledger *ledger = &sum->rooms[r];
		const struct room_entry *room = room_table_at(crowd->bridge->rooms, r);

		for (size_t d = 0; d < DIALECTS; d++) {
			uint64_t outcomes = 0;

			for (size_t o = 0; o < OUTCOMES; o++)
				outcomes += ledger->dialects[d].outcomes[o];
			assert_int_equal(ledger->dialects[d].accepted, outcomes);
			assert_int_equal(ledger->dialects[d].outcomes[OUTCOME_DROPPED_CUT], 0);
		}
		assert_memory_equal(room_presence(room->room), &nobody, sizeof(nobody));
		for (unsigned w = 0; w < CROWD_WORKERS; w++)
			assert_true(!room->shares[w] || room->shares[w]->hub.count == 0);
	}
	counters_free(sum);
}

/* Both backends were asked and told about all that was said, by whatever thread. */
static void check_judges(struct crowd *crowd)
{
	size_t asked = 0, told = 0;

	for (unsigned w = 0; w < CROWD_WORKERS; w++) {
		if (!crowd->drivers[w].judge)
			continue;
		asked += judge_asked(crowd->drivers[w].judge);
		told += judge_told(crowd->drivers[w].judge);
	}
	assert_true(asked >= CROWD_PUBLISHERS * CROWD_SAYINGS);
	/* Beside the copies, who came and went; without a credit some of that is missed. */
	assert_true(told >= asked);
}

/* ---- the scenarios ---- */

static struct heard_count play(unsigned rooms, bool churn, bool asked)
{
	struct crowd *crowd = crowd_open(rooms, asked);
	struct heard_count tally;

	crowd_gather(crowd);
	crowd_act(crowd, churn);
	crowd_end(crowd);
	for (unsigned w = 0; w < CROWD_WORKERS; w++)
		assert_string_equal(crowd->drivers[w].stage->fault, "");
	for (size_t r = 0; r < rooms; r++)
		check_room(crowd, r);
	tally = check_pieces(crowd);
	check_books(crowd);
	if (asked)
		check_judges(crowd);
	crowd_free(crowd);
	return tally;
}

static void everybody_hears_the_same(void **state)
{
	(void)state;
	play(1, false, false);
}

static void comers_and_goers_hear_one_piece(void **state)
{
	struct heard_count churn = play(1, true, false);

	(void)state;
	assert_true(churn.messages > CROWD_CHURNERS);
	assert_true(churn.kicks > CROWD_CHURNERS);
}

static void rooms_of_different_homes_stay_apart(void **state)
{
	struct heard_count churn = play(2, true, false);

	(void)state;
	assert_true(churn.messages > CROWD_CHURNERS);
	assert_true(churn.kicks > CROWD_CHURNERS);
	assert_true(churn.visits > CROWD_CHURNERS);
}

/* While every message waits for somebody's word, the order stays: for all, and for each. */
static void what_is_asked_about_keeps_its_order(void **state)
{
	struct heard_count churn = play(2, true, true);

	(void)state;
	assert_true(churn.messages > CROWD_CHURNERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_hears_the_same),
		cmocka_unit_test(comers_and_goers_hear_one_piece),
		cmocka_unit_test(rooms_of_different_homes_stay_apart),
		cmocka_unit_test(what_is_asked_about_keeps_its_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
