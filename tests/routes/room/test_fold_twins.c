/* Rooms that judge, and a twin of each that is only told the records: whatever people ask for, both
 * are the same after each step, and either may go on judging. STEPS=1000000 tries as many,
 * SEED=7 others. */
#include "tests/routes/room/twins.h"

#define STEPS_CHECKED 30000

static void count(struct world *w, const struct record *record)
{
	const struct record_aside *aside = &record->aside;
	uint32_t flags = record->event->flags;

	w->kinds[record->kind]++;
	w->events[record->event->kind]++;
	w->votes += aside->voter != 0;
	w->more += flags & FLAG_AGAIN && !aside->voter;
	w->renamed += aside->writer.number != 0;
	w->addresses += aside->address_count > 1;
	w->present += aside->present && record->event->kind != KIND_INVITE;
	w->own += aside->own;
	w->unkept += !aside->keep;
	w->forever += aside->until_ms == RECORD_FOREVER;
	w->until += aside->until_ms && aside->until_ms != RECORD_FOREVER;
}

/* The record of this step, or that there was none, says all that it changed. */
static void compare(struct world *w, struct twins *t)
{
	struct slice bytes = { (const char *)t->bytes, t->size };
	uint64_t digest = room_digest(t->rooms[0]);
	struct record record;

	assert_true(t->records <= 1);
	if (!t->records) {
		assert_true(digest == t->digest);
		return;
	}
	t->digest = digest;
	assert_int_equal(record_read(bytes, &record), RECORD_SOUND);
	assert_true(room_apply(t->rooms[1], &record, w->now));
	assert_true(room_digest(t->rooms[1]) == digest);
	if (one_in(16)) {
		/* Once is enough. */
		assert_false(room_apply(t->rooms[1], &record, w->now));
		assert_true(room_digest(t->rooms[1]) == digest);
	}
	count(w, &record);
	record_clear(&record);
	t->records = 0;
	if (t == w->twins && w->stream_count < STREAM_MAX) {
		w->stream = memory_resize(w->stream, w->stream_size + t->size);
		memcpy(w->stream + w->stream_size, t->bytes, t->size);
		w->stream_size += t->size;
		w->digests[++w->stream_count] = digest;
	}
}

static void tick(struct world *w, struct twins *t)
{
	struct envelope *event;

	wait(w);
	while ((event = room_tick(t->rooms[0], w->now))) {
		said(t, event);
		compare(w, t);
	}
	assert_true(room_due(t->rooms[0]) == room_due(t->rooms[1]));
}

/* As by a reload, but for the first room, whose records are applied to others later. */
static void change_rules(struct twins *t)
{
	t->rules.remembered = draw(50) + 1;
	t->rules.history = draw(t->rules.remembered + 1);
	t->rules.open = one_in(2);
	t->rules.banned = one_in(2) ? banned : NULL;
	t->rules.banned_count = t->rules.banned != NULL;
	room_change(t->rooms[0]);
	room_change(t->rooms[1]);
	t->digest = room_digest(t->rooms[0]);
	assert_true(t->digest == room_digest(t->rooms[1]));
}

static void step(struct world *w)
{
	struct twins *t = &w->twins[draw(ROOMS)];
	uint32_t kicked = 0;

	switch (draw(16)) {
	case 0:
	case 1: enter(w, t); break;
	case 2: leave(w, t); break;
	case 3: pardon(t); break;
	case 4: tick(w, t); break;
	case 5:
		if (one_in(10))
			twins_swap(t);
		break;
	case 6:
		if (one_in(30) && t != w->twins)
			change_rules(t);
		break;
	default: ask(w, t, &kicked); break;
	}
	compare(w, t);
	if (kicked) {
		(void)room_drop(t->rooms[0], kicked);
		seats_look(t);
		compare(w, t);
	}
}

/* ---- streams ---- */

/* Applies what it can of a stream, which may be damaged: what is applied is what it was. Returns
 * how many were. */
static size_t stream_apply(const struct world *w, struct slice stream, struct room_time now)
{
	struct room_rules rules = w->twins[0].rules;
	struct id_clock clock = { 0 };
	struct room *room = room_new(&rules, &clock, 0);
	size_t size, count = 0;
	struct record record;

	while ((size = record_first(stream)) > 0 &&
	       record_read(slice_span(stream.data, size), &record) == RECORD_SOUND) {
		bool applied = room_apply(room, &record, now);

		record_clear(&record);
		count += applied;
		assert_true(room_digest(room) == w->digests[count]);
		if (!applied)
			break;
		stream = slice_span(stream.data + size, stream.len - size);
	}
	assert_true(room_recorded(room) == count);
	room_free(room);
	return count;
}

/* Where each record begins, and where the last ends. Returns new. */
static size_t *places_of(const struct world *w)
{
	size_t *places = memory_new((w->stream_count + 1) * sizeof(*places)), at = 0;

	for (size_t i = 0; i < w->stream_count; i++) {
		places[i] = at;
		at += record_first(slice_span(w->stream + at, w->stream_size - at));
	}
	assert_int_equal(at, w->stream_size);
	places[w->stream_count] = at;
	return places;
}

static void put(char *to, size_t *size, const struct world *w, const size_t *places, size_t record)
{
	memcpy(to + *size, w->stream + places[record], places[record + 1] - places[record]);
	*size += places[record + 1] - places[record];
}

enum damage { DROPPED, DOUBLED, SWAPPED, FLIPPED, CUT, DAMAGES };

/* The stream with one thing wrong at record `at`, for the 200 around it. */
static void try_damage(const struct world *w, const size_t *places, enum damage damage, size_t at)
{
	char *bytes = memory_new(2 * w->stream_size);
	size_t size = 0, applied;

	for (size_t i = 0; i < w->stream_count; i++) {
		if (damage == DROPPED && i == at)
			continue;
		if (damage == SWAPPED && i == at)
			put(bytes, &size, w, places, i + 1);
		if (!(damage == SWAPPED && i == at + 1))
			put(bytes, &size, w, places, i);
		if (damage == DOUBLED && i == at)
			put(bytes, &size, w, places, i);
	}
	if (damage == FLIPPED)
		bytes[places[at] + draw(places[at + 1] - places[at])] ^= (char)(1 << draw(8));
	if (damage == CUT)
		size = places[at] + draw(places[at + 1] - places[at]);
	applied = stream_apply(w, slice_span(bytes, size), w->now);
	assert_int_equal(applied, damage == DOUBLED ? at + 1 : at);
	free(bytes);
}

static void world_open(struct world *w)
{
	*w = (struct world){ .now = { UINT64_C(1750000000000), 5000 } };
	for (unsigned i = 0; i < ROOMS; i++)
		twins_open(&w->twins[i], i);
	w->digests[0] = w->twins[0].digest;
}

static void world_close(struct world *w)
{
	for (unsigned i = 0; i < ROOMS; i++)
		twins_close(&w->twins[i]);
	free(w->stream);
}

static size_t steps(void)
{
	const char *asked = getenv("STEPS");

	return asked ? strtoull(asked, NULL, 10) : STEPS_CHECKED;
}

static void all_happened(const struct world *w)
{
	const size_t special[] = { w->more,    w->votes,   w->renamed, w->addresses,
				   w->present, w->own,     w->unkept,  w->forever,
				   w->until,   w->refused, w->made };

	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		assert_true(special[i] > steps() / 5000);
	for (int kind = RECORD_EVENT; kind <= RECORD_PARDON; kind++)
		assert_true(w->kinds[kind] > steps() / 5000);
	for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++) {
		bool passes = kind == KIND_TYPING || kind == KIND_READ || kind == KIND_PRESENCE ||
			      kind == KIND_POLL_VOTE || kind == KIND_OPAQUE;

		assert_int_equal(w->events[kind] > steps() / 5000, !passes);
	}
}

static void twins_stay_the_same(void **state)
{
	struct world *w = memory_zeroed(1, sizeof(*w));

	(void)state;
	world_open(w);
	for (size_t i = steps(); i > 0; i--)
		step(w);
	all_happened(w);
	world_close(w);
	free(w);
}

/* At another time, by other clocks: the ends of bans and mutes are what they were. */
static void a_stream_makes_the_same_room_whenever_it_is_read(void **state)
{
	struct room_time later = { UINT64_C(1760000000000), 12 };
	struct world *w = memory_zeroed(1, sizeof(*w));
	size_t *places;

	(void)state;
	world_open(w);
	while (w->stream_count < STREAM_MAX / 4)
		step(w);
	places = places_of(w);
	assert_int_equal(stream_apply(w, slice_span(w->stream, w->stream_size), w->now),
			 w->stream_count);
	assert_int_equal(stream_apply(w, slice_span(w->stream, w->stream_size), later),
			 w->stream_count);
	for (unsigned i = 0; i < 200; i++)
		try_damage(w, places, (enum damage)(i % DAMAGES), draw(w->stream_count - 1));
	free(places);
	world_close(w);
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twins_stay_the_same),
		cmocka_unit_test(a_stream_makes_the_same_room_whenever_it_is_read),
	};

	if (getenv("SEED"))
		draw_state ^= strtoull(getenv("SEED"), NULL, 10) << 20;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
