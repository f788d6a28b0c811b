/* Rooms that judge, and the rows that their records leave: a room made of those again is the same
 * in all that rows keep. STEPS=1000000 tries as many, SEED=7 others. */
#include "codecs/text/crc32c.h"
#include "codecs/text/name.h"
#include "routes/room/rows.h"
#include "tests/routes/room/twins.h"

#define STEPS_CHECKED 20000

/* ---- rows, as a database would keep them ---- */

/* With copies of what it points at. */
struct kept {
	struct row row;
	uint64_t first; /* REACT: when the emoji was used first */
	bool gone;
};

struct shelf {
	struct kept *rows;
	size_t count;
	size_t changes[ROW_KINDS];
};

static struct slice copy_of(struct slice text)
{
	char *copy;

	if (!text.data)
		return text;
	copy = memory_new(text.len + 1);
	memcpy(copy, text.data, text.len);
	return slice_span(copy, text.len);
}

static void forget(struct slice *text)
{
	free((void *)(uintptr_t)text->data);
	*text = (struct slice){ NULL, 0 };
}

static void kept_end(struct kept *kept)
{
	forget(&kept->row.name);
	forget(&kept->row.emoji);
	forget(&kept->row.body);
	forget(&kept->row.edit);
	forget(&kept->row.key.folded);
	kept->gone = true;
}

static void shelf_free(struct shelf *shelf)
{
	for (size_t i = 0; i < shelf->count; i++)
		kept_end(&shelf->rows[i]);
	free(shelf->rows);
}

static struct kept *put(struct shelf *shelf, const struct row *row)
{
	struct kept *kept;

	shelf->rows = memory_resize(shelf->rows, (shelf->count + 1) * sizeof(*shelf->rows));
	kept = &shelf->rows[shelf->count++];
	*kept = (struct kept){ .row = *row };
	kept->row.name = copy_of(row->name);
	kept->row.emoji = copy_of(row->emoji);
	kept->row.body = copy_of(row->body);
	kept->row.key.folded = copy_of(row->key.folded);
	return kept;
}

static bool has_id(const struct kept *kept, uint64_t id)
{
	return !kept->gone && kept->row.id == id &&
	       (kept->row.kind == ROW_MESSAGE || kept->row.kind == ROW_NOTE);
}

static void delete_one(struct shelf *shelf, struct kept *kept)
{
	kept->row.deleted = true;
	forget(&kept->row.body);
	forget(&kept->row.edit);
	for (size_t i = 0; i < shelf->count; i++)
		if (!shelf->rows[i].gone && shelf->rows[i].row.kind == ROW_REACT &&
		    shelf->rows[i].row.id == kept->row.id)
			kept_end(&shelf->rows[i]);
}

static bool is_meant(const struct kept *kept, const struct row *row)
{
	char folded[NAME_FOLDED_MAX];

	if (kept->gone || kept->row.kind != ROW_MESSAGE || kept->row.deleted ||
	    kept->row.id > row->id || (row->author && kept->row.author != row->author))
		return false;
	return !row->folded.data ||
	       slice_equal(slice_span(folded, name_fold(kept->row.name, folded)), row->folded);
}

static bool key_same(const struct row *a, const struct row *b)
{
	return a->list == b->list && a->key.number == b->key.number &&
	       a->key.address == b->key.address && slice_equal(a->key.folded, b->key.folded);
}

static struct kept *mark_find(struct shelf *shelf, const struct row *row)
{
	for (size_t i = 0; i < shelf->count; i++)
		if (!shelf->rows[i].gone && shelf->rows[i].row.kind == ROW_MARK &&
		    key_same(&shelf->rows[i].row, row))
			return &shelf->rows[i];
	return NULL;
}

static void set_mark(struct shelf *shelf, const struct row *row)
{
	struct kept *kept = mark_find(shelf, row);

	if (kept)
		kept_end(kept);
	if (row->until_ms)
		put(shelf, row);
}

static void pardon_rows(struct shelf *shelf, const struct row *row)
{
	struct kept *kept = mark_find(shelf, row);
	uint32_t person = kept ? kept->row.person : 0;

	if (kept)
		kept_end(kept);
	for (size_t i = 0; person && i < shelf->count; i++) {
		kept = &shelf->rows[i];
		if (!kept->gone && kept->row.kind == ROW_MARK && kept->row.list == row->list &&
		    kept->row.person == person)
			kept_end(kept);
	}
}

static void react_rows(struct shelf *shelf, const struct row *row)
{
	uint64_t first = row->at;

	for (size_t i = 0; i < shelf->count; i++) {
		struct kept *kept = &shelf->rows[i];

		if (kept->gone || kept->row.kind != ROW_REACT || kept->row.id != row->id ||
		    !slice_equal(kept->row.emoji, row->emoji))
			continue;
		first = kept->first;
		if (kept->row.author == row->author && row->kind == ROW_UNREACT)
			kept_end(kept);
	}
	if (row->kind == ROW_REACT)
		put(shelf, row)->first = first;
}

static void change_messages(struct shelf *shelf, const struct row *row)
{
	for (size_t i = 0; i < shelf->count; i++) {
		struct kept *kept = &shelf->rows[i];

		if (row->kind == ROW_DELETE_ALL ? is_meant(kept, row) : has_id(kept, row->id)) {
			if (row->kind == ROW_EDIT && !kept->row.deleted) {
				forget(&kept->row.edit);
				kept->row.edit = copy_of(row->body);
			} else if (row->kind == ROW_FORGET) {
				forget(&kept->row.body);
				forget(&kept->row.edit);
			} else {
				delete_one(shelf, kept);
			}
		}
	}
}

static void end_poll(struct shelf *shelf)
{
	for (size_t i = 0; i < shelf->count; i++)
		if (!shelf->rows[i].gone &&
		    (shelf->rows[i].row.kind == ROW_POLL || shelf->rows[i].row.kind == ROW_VOTE))
			kept_end(&shelf->rows[i]);
}

static void note_left(struct shelf *shelf, const struct row *row)
{
	for (size_t i = 0; i < shelf->count; i++)
		if (!shelf->rows[i].gone && shelf->rows[i].row.kind == ROW_LEFT &&
		    shelf->rows[i].row.author == row->author)
			kept_end(&shelf->rows[i]);
	put(shelf, row);
}

static void change(void *context, const struct row *row)
{
	struct shelf *shelf = context;

	shelf->changes[row->kind]++;
	switch (row->kind) {
	case ROW_MESSAGE:
	case ROW_NOTE:
	case ROW_VOTE: put(shelf, row); break;
	case ROW_EDIT:
	case ROW_FORGET:
	case ROW_DELETE:
	case ROW_DELETE_ALL: change_messages(shelf, row); break;
	case ROW_REACT:
	case ROW_UNREACT: react_rows(shelf, row); break;
	case ROW_MARK: set_mark(shelf, row); break;
	case ROW_PARDON: pardon_rows(shelf, row); break;
	case ROW_POLL:
		end_poll(shelf);
		put(shelf, row);
		break;
	case ROW_POLL_END: end_poll(shelf); break;
	case ROW_LEFT: note_left(shelf, row); break;
	case ROW_KINDS: fail();
	}
}

/* ---- and rooms of them ---- */

static void restore_kind(struct room *room, const struct shelf *shelf, enum row_kind kind,
			 struct room_time now)
{
	for (size_t i = 0; i < shelf->count; i++)
		if (!shelf->rows[i].gone && shelf->rows[i].row.kind == kind)
			assert_true(room_restore(room, &shelf->rows[i].row, now) ||
				    kind == ROW_REACT);
}

static int reaction_order(const void *a, const void *b)
{
	const struct kept *left = *(const struct kept *const *)a;
	const struct kept *right = *(const struct kept *const *)b;

	if (left->first != right->first)
		return left->first < right->first ? -1 : 1;
	return (left->row.at > right->row.at) - (left->row.at < right->row.at);
}

static void restore_reactions(struct room *room, const struct shelf *shelf, struct room_time now)
{
	const struct kept **sorted = memory_new(shelf->count * sizeof(struct kept *) + 1);
	size_t count = 0;

	for (size_t i = 0; i < shelf->count; i++)
		if (!shelf->rows[i].gone && shelf->rows[i].row.kind == ROW_REACT)
			sorted[count++] = &shelf->rows[i];
	qsort(sorted, count, sizeof(struct kept *), reaction_order);
	/* What is no longer remembered has reactions in the rows alone. */
	for (size_t i = 0; i < count; i++)
		(void)room_restore(room, &sorted[i]->row, now);
	free(sorted);
}

static void restore(struct room *room, const struct shelf *shelf, struct room_time now)
{
	restore_kind(room, shelf, ROW_MESSAGE, now);
	restore_kind(room, shelf, ROW_NOTE, now);
	restore_reactions(room, shelf, now);
	restore_kind(room, shelf, ROW_MARK, now);
	restore_kind(room, shelf, ROW_POLL, now);
	restore_kind(room, shelf, ROW_VOTE, now);
	restore_kind(room, shelf, ROW_LEFT, now);
	room_restored(room, now);
}

struct shelves {
	struct world world;
	struct shelf shelves[ROOMS];
	size_t compared;
};

/* Who left or was thrown out has missed the same; who was there is not known to have. */
static void compare_missed(const struct shelf *shelf, const struct room *room,
			   const struct room *judge)
{
	const struct envelope *missed[2][64];

	for (size_t i = 0; i < shelf->count; i++) {
		const struct row *row = &shelf->rows[i].row;
		size_t count;

		if (shelf->rows[i].gone || row->kind != ROW_LEFT || !row->id)
			continue;
		count = room_missed(room, row->author, 64, missed[0]);
		assert_int_equal(room_missed(judge, row->author, 64, missed[1]), count);
		for (size_t m = 0; m < count; m++) {
			assert_true(missed[0][m]->id > row->id);
			assert_true(missed[0][m]->id == missed[1][m]->id);
			envelope_release(missed[0][m]);
			envelope_release(missed[1][m]);
		}
	}
}

/* The judging room, and one that a restart makes of the rows. */
static void compare(struct shelves *s, unsigned index)
{
	struct twins *t = &s->world.twins[index];
	struct id_clock clock = { 0 };
	struct room *room = room_new(&t->rules, &clock, index);
	struct room_time later = { s->world.now.wall_ms + 1000, 77 };

	restore(room, &s->shelves[index], later);
	assert_true(room_kept_digest(room) == room_kept_digest(t->rooms[0]));
	compare_missed(&s->shelves[index], room, t->rooms[0]);
	s->compared++;
	room_free(room);
	/* And the room itself, as when the store had failed. */
	if (!one_in(4))
		return;
	room_erase(t->rooms[0]);
	restore(t->rooms[0], &s->shelves[index], s->world.now);
}

/* Is the person in the room, as far as rows say? */
static bool is_here(const struct shelf *shelf, uint32_t person)
{
	for (size_t i = 0; i < shelf->count; i++)
		if (!shelf->rows[i].gone && shelf->rows[i].row.kind == ROW_LEFT &&
		    shelf->rows[i].row.author == person)
			return !shelf->rows[i].row.id;
	return false;
}

struct emitted {
	size_t count;
	struct row row; /* the last one */
};

static void emitted_add(void *context, const struct row *row)
{
	struct emitted *emitted = context;

	emitted->count++;
	emitted->row = *row;
}

/* The short way to a message's row gives what the long one does, and nothing else has one. */
static void check_said(struct slice bytes, const struct record *record)
{
	struct emitted emitted = { .count = 0 };
	const struct row *long_way = &emitted.row;
	struct slice room;
	struct row row;

	record_change_rows(record, bytes, emitted_add, &emitted);
	if (!record_said_row(bytes, &room, &row)) {
		assert_true(record->event->kind != KIND_MESSAGE || emitted.count == 0);
		return;
	}
	assert_int_equal(emitted.count, 1);
	assert_int_equal(record->event->kind, KIND_MESSAGE);
	assert_true(slice_equal(room, record->event->room));
	assert_int_equal(row.kind, long_way->kind);
	assert_int_equal(row.id, long_way->id);
	assert_int_equal(row.at, long_way->at);
	assert_int_equal(row.author, long_way->author);
	assert_int_equal(row.roles, long_way->roles);
	assert_true(slice_equal(row.name, long_way->name));
	assert_int_equal(row.time_ms, long_way->time_ms);
	assert_ptr_equal(row.body.data, long_way->body.data);
	assert_int_equal(row.body.len, long_way->body.len);
	if (row.body.data)
		assert_int_equal(row.body_crc, crc32c(row.body.data, row.body.len));
}

static void take(struct shelves *s, unsigned index)
{
	struct twins *t = &s->world.twins[index];
	struct slice bytes = { (const char *)t->bytes, t->size };
	struct record record;

	assert_true(t->records <= 1);
	if (t->records) {
		assert_int_equal(record_read(bytes, &record), RECORD_SOUND);
		record_change_rows(&record, bytes, change, &s->shelves[index]);
		check_said(bytes, &record);
		record_clear(&record);
	}
	t->records = 0;
}

/* The bridge takes back what somebody reacted with. */
static void unreact(struct shelves *s, unsigned index)
{
	struct twins *t = &s->world.twins[index];
	const struct shelf *shelf = &s->shelves[index];
	struct envelope draft = { .kind = KIND_REACTION, .room = t->rules.name }, *event;
	struct envelope *sealed;
	size_t at = shelf->count;

	while (at > 0 && (shelf->rows[at - 1].gone || shelf->rows[at - 1].row.kind != ROW_REACT))
		at--;
	if (!at)
		return;
	draft.target = shelf->rows[at - 1].row.id;
	draft.author.number = shelf->rows[at - 1].row.author;
	draft.text = shelf->rows[at - 1].row.emoji;
	sealed = envelope_seal(&draft);
	if (room_order(t->rooms[0], NULL, sealed, s->world.now, &event) != REASON_NONE || !event)
		envelope_release(sealed);
	else
		said(t, event);
}

static void step(struct shelves *s)
{
	unsigned index = (unsigned)draw(ROOMS);
	struct twins *t = &s->world.twins[index];
	struct envelope *event;
	uint32_t kicked = 0;

	switch (draw(14)) {
	case 0:
	case 1: enter(&s->world, t); break;
	case 2: leave(&s->world, t); break;
	case 3: pardon(t); break;
	case 5: unreact(s, index); break;
	case 4:
		wait(&s->world);
		while ((event = room_tick(t->rooms[0], s->world.now))) {
			said(t, event);
			take(s, index);
		}
		break;
	default: ask(&s->world, t, &kicked); break;
	}
	take(s, index);
	if (kicked) {
		(void)room_drop(t->rooms[0], kicked);
		seats_look(t);
		take(s, index);
		assert_false(is_here(&s->shelves[index], kicked));
	}
	if (one_in(20))
		compare(s, index);
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

static void a_room_made_of_its_rows_is_the_same(void **state)
{
	struct shelves *s = memory_zeroed(1, sizeof(*s));

	(void)state;
	s->world.now = (struct room_time){ UINT64_C(1750000000000), 5000 };
	rooms_open(&s->world);
	for (size_t i = steps(); i > 0; i--)
		step(s);
	assert_true(s->compared > steps() / 50);
	for (unsigned i = 0; i < ROOMS; i++) {
		for (enum row_kind kind = 0; kind < ROW_KINDS; kind++)
			s->shelves[0].changes[kind] += i ? s->shelves[i].changes[kind] : 0;
		shelf_free(&s->shelves[i]);
		twins_close(&s->world.twins[i]);
	}
	for (enum row_kind kind = 0; kind < ROW_KINDS; kind++)
		assert_true(s->shelves[0].changes[kind] > steps() / 5000);
	free(s);
}

static void keep_edit(void *context, const struct row *row)
{
	struct slice *edit = context;

	if (row->kind == ROW_EDIT)
		*edit = copy_of(row->body);
}

/* What a record of an edit by person 7, named Ed, leaves of a message that somebody wrote. */
static struct slice edit_of(uint32_t writer)
{
	static unsigned char bytes[2000];
	struct envelope event = { .kind = KIND_EDIT,
				  .id = 9,
				  .sequence = 2,
				  .room = slice_of("lobby"),
				  .text = slice_of("new words"),
				  .target = 8,
				  .author = { .name = slice_of("Ed"), .number = 7 },
				  .subject = { .name = slice_of("Ann"), .number = writer } };
	struct record record = {
		.kind = RECORD_EVENT, .number = 2, .event = &event, .aside = { .keep = true }
	};
	struct slice edit = { NULL, 0 };

	assert_true(record_most(&record) <= sizeof(bytes));
	record_change_rows(&record, slice_span((const char *)bytes, record_write(&record, bytes)),
			   keep_edit, &edit);
	return edit;
}

static bool has(struct slice bytes, const char *text)
{
	return memmem(bytes.data, bytes.len, text, strlen(text)) != NULL;
}

/* A moderator who is erased is not found in the messages of others. */
static void anothers_message_does_not_name_who_edited_it(void **state)
{
	struct slice own = edit_of(7), other = edit_of(8);
	struct record record;

	(void)state;
	assert_true(has(own, "Ed"));
	assert_true(has(other, "new words"));
	assert_false(has(other, "Ed"));
	assert_false(has(other, "Ann"));
	assert_int_equal(record_read(other, &record), RECORD_SOUND);
	assert_int_equal(record.event->kind, KIND_EDIT);
	record_clear(&record);
	forget(&own);
	forget(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_room_made_of_its_rows_is_the_same),
		cmocka_unit_test(anothers_message_does_not_name_who_edited_it),
	};

	if (getenv("SEED"))
		draw_state ^= strtoull(getenv("SEED"), NULL, 10) << 20;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
