/* Rooms that judge, with their rows in a real database: a room made of what is read again is the
 * same in all that rows keep, also when somebody was erased in both. STEPS=1000000 tries as many,
 * SEED=7 others. */
#include "bridge/store/erase.h"
#include "routes/room/forget.h"
#include "routes/room/rows.h"
#include "tests/routes/room/twins.h"
#include "tests/support/shelf.h"

#define STEPS_CHECKED 6000

struct stored {
	struct world world;
	struct shelf shelf;
	bool began;
	size_t compared;
	struct room_forgotten forgotten;
	struct erase_counts erased;
};

static void begin(struct stored *s)
{
	if (!s->began)
		assert_true(database_begin(s->shelf.database));
	s->began = true;
}

static void commit(struct stored *s)
{
	if (s->began)
		assert_true(database_commit(s->shelf.database));
	s->began = false;
}

struct target {
	struct stored *stored;
	struct slice room;
};

static void change(void *context, const struct row *row)
{
	struct target *target = context;
	struct database *database = target->stored->shelf.database;

	assert_true(database_change(database, database_room(database, target->room), row));
}

static void take(struct stored *s, unsigned index)
{
	struct twins *t = &s->world.twins[index];
	struct target target = { s, t->rules.name };
	struct slice bytes = { (const char *)t->bytes, t->size };
	struct record record;

	assert_true(t->records <= 1);
	if (t->records) {
		begin(s);
		assert_int_equal(record_read(bytes, &record), RECORD_SOUND);
		record_change_rows(&record, bytes, change, &target);
		record_clear(&record);
	}
	t->records = 0;
}

struct restoring {
	struct room *room;
	struct room_time now;
};

/* What is no longer remembered has reactions in the rows alone. */
static void give(void *context, const struct row *row)
{
	struct restoring *restoring = context;

	assert_true(room_restore(restoring->room, row, restoring->now) || row->kind == ROW_REACT);
}

static void no_damage(void *context, const struct damage *damage)
{
	(void)context;
	fail_msg("damage: %s", damage->table);
}

static void restore(struct stored *s, struct room *room, const struct twins *t,
		    struct room_time now)
{
	struct database *database = s->shelf.database;
	struct restoring restoring = { room, now };
	struct row_sink sink = { .context = &restoring, .row = give, .damaged = no_damage };
	uint64_t number = database_room_find(database, t->rules.name);

	assert_true(database_read(database, number, t->rules.remembered, &sink));
	room_restored(room, now);
}

/* The judging room, and one that a restart makes of the rows. */
static void compare(struct stored *s, unsigned index)
{
	struct twins *t = &s->world.twins[index];
	struct id_clock clock = { 0 };
	struct room *room = room_new(&t->rules, &clock, index);
	struct room_time later = { s->world.now.wall_ms + 1000, 77 };

	commit(s);
	if (one_in(4))
		shelf_purge(&s->shelf);
	restore(s, room, t, later);
	assert_true(room_kept_digest(room) == room_kept_digest(t->rooms[0]));
	s->compared++;
	room_free(room);
	/* And the room itself, as when the store had failed. */
	if (!one_in(4))
		return;
	room_erase(t->rooms[0]);
	restore(s, t->rooms[0], t, s->world.now);
}

/* The last reaction of a room, copied. */
struct last {
	struct envelope draft;
	char emoji[256];
};

static void note_reaction(void *context, const struct row *row)
{
	struct last *last = context;

	if (row->kind != ROW_REACT)
		return;
	memcpy(last->emoji, row->emoji.data, row->emoji.len);
	last->draft.text = slice_span(last->emoji, row->emoji.len);
	last->draft.target = row->id;
	last->draft.author.number = row->author;
}

/* The bridge takes back what somebody reacted with. */
static void unreact(struct stored *s, unsigned index)
{
	struct twins *t = &s->world.twins[index];
	struct last last = { .draft = { .kind = KIND_REACTION, .room = t->rules.name } };
	struct row_sink sink = { .context = &last, .row = note_reaction };
	struct database *database = s->shelf.database;
	struct envelope *event, *sealed;

	commit(s);
	assert_true(database_read(database, database_room_find(database, t->rules.name),
				  t->rules.remembered, &sink));
	if (!last.draft.target)
		return;
	sealed = envelope_seal(&last.draft);
	if (room_order(t->rooms[0], NULL, sealed, s->world.now, &event) != REASON_NONE || !event)
		envelope_release(sealed);
	else
		said(t, event);
}

static void tick(struct stored *s, unsigned index)
{
	struct twins *t = &s->world.twins[index];
	struct envelope *event;

	while ((event = room_tick(t->rooms[0], s->world.now))) {
		said(t, event);
		take(s, index);
	}
}

/* Somebody goes, in the rooms and in the rows. */
static void erase(struct stored *s)
{
	char name[16];
	struct person person = person_drawn(name);
	struct erase erasing;

	erase_begin(&erasing, person.number, person.name);
	commit(s);
	assert_true(erase_person(s->shelf.database, &erasing));
	s->erased.messages += erasing.counts.messages;
	s->erased.votes += erasing.counts.votes;
	s->erased.polls += erasing.counts.polls;
	s->erased.marks += erasing.counts.marks;
	for (unsigned i = 0; i < ROOMS; i++) {
		room_forget(s->world.twins[i].rooms[0], &person, s->world.now, &s->forgotten);
		assert_false(room_has_words(s->world.twins[i].rooms[0], person.number));
		tick(s, i);
		compare(s, i);
	}
}

static void step(struct stored *s)
{
	unsigned index = (unsigned)draw(ROOMS);
	struct twins *t = &s->world.twins[index];
	uint32_t kicked = 0;

	switch (draw(14)) {
	case 0:
	case 1: enter(&s->world, t); break;
	case 2: leave(&s->world, t); break;
	case 3: pardon(t); break;
	case 5:
		if (one_in(4))
			unreact(s, index);
		break;
	case 4:
		wait(&s->world);
		tick(s, index);
		break;
	default: ask(&s->world, t, &kicked); break;
	}
	take(s, index);
	if (kicked) {
		(void)room_drop(t->rooms[0], kicked);
		seats_look(t);
		take(s, index);
	}
	if (one_in(20))
		compare(s, index);
	if (one_in(100))
		erase(s);
}

static size_t steps(void)
{
	const char *asked = getenv("STEPS");

	return asked ? strtoull(asked, NULL, 10) : STEPS_CHECKED;
}

/* Where words are kept of a part of the messages only, a deletion moves where that begins; rows do
 * not tell when, and may have more of them. */
static void rooms_open(struct world *w)
{
	for (unsigned i = 0; i < ROOMS; i++) {
		struct twins *t = &w->twins[i];

		twins_open(t, i);
		if (t->rules.history)
			t->rules.history = t->rules.remembered;
		room_change(t->rooms[0]);
	}
}

static void a_room_read_from_the_database_is_the_same(void **state)
{
	struct stored *s = memory_zeroed(1, sizeof(*s));

	(void)state;
	shelf_open(&s->shelf);
	s->world.now = (struct room_time){ UINT64_C(1750000000000), 5000 };
	rooms_open(&s->world);
	for (size_t i = steps(); i > 0; i--)
		step(s);
	commit(s);
	assert_true(s->compared > steps() / 50);
	/* Rows have older messages, too. */
	assert_true(s->forgotten.messages && s->forgotten.messages <= s->erased.messages);
	assert_true(s->forgotten.reactions > 0);
	assert_true(s->forgotten.votes && s->forgotten.votes == s->erased.votes);
	assert_true(s->forgotten.polls && s->forgotten.polls == s->erased.polls);
	assert_true(s->forgotten.marks && s->forgotten.marks == s->erased.marks);
	for (unsigned i = 0; i < ROOMS; i++)
		twins_close(&s->world.twins[i]);
	shelf_close(&s->shelf);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_room_read_from_the_database_is_the_same),
	};

	if (getenv("SEED"))
		draw_state ^= strtoull(getenv("SEED"), NULL, 10) << 20;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
