#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/crc32c.h"
#include "codecs/text/memory.h"
#include "routes/room/record.h"

/* ---- records ---- */

static const struct person ann = { { "Ann", 3 }, 7, { 1, 2, 3 }, ROLE_USER | ROLE_MOD };
static const struct person bob = { { "bob", 3 }, 8, { 4, 5, 6 }, ROLE_USER };
static const struct part parts[] = {
	{ PART_TEXT, { "see ", 4 }, { NULL, 0 }, 0, 0, 0 },
	{ PART_LINK, { "a.b", 3 }, { "http://a.b", 10 }, 0, 0, 0 },
	{ PART_EMOTE, { ":)", 2 }, { "smile", 5 }, 0, 24, 48 },
	{ PART_MENTION, { "@bob", 4 }, { "bob", 3 }, 8, 0, 0 },
	{ PART_IMAGE, { "elsewhere", 9 }, { "http://i", 8 }, 0, 0, 0 },
};
static const struct reaction_count reactions[] = { { { "+1", 2 }, 3 }, { { "x", 1 }, 1 } };
static const uint64_t removed[] = { 5, 6, UINT64_C(1) << 52 };
static const uint64_t addresses[] = { 1, UINT64_MAX };
static const struct target_note note = { 1750000000001, 17, { "quoted", 6 } };
static const struct poll poll = { .question = { "tea?", 4 },
				  .options = { { "yes", 3 }, { "", 0 } },
				  .counts = { 2, 1 },
				  .option_count = 2,
				  .voters = 3,
				  .duration_ms = 60000,
				  .ends_ms = 1750000060000 };
static const struct record_file files[] = {
	{ { "http://f", 8 }, { "image/png", 9 }, { "f.png", 5 }, 12345 }, { .size = 1 }
};
static const struct record_more more = { .reply_to = 44,
					 .reply_author = { { "cy", 2 }, 9, { 0 }, 0 },
					 .files = files,
					 .file_count = 2,
					 .avatar = { "http://a", 8 },
					 .display = { "Ann the great", 13 } };

/* Something of everything; no real event has all of it. */
static const struct envelope full = { .kind = KIND_MESSAGE,
				      .flags = FLAG_ACTION | FLAG_RENAMED,
				      .id = UINT64_C(1) << 52 | 3,
				      .sequence = 77,
				      .time_ms = 1750000000000,
				      .client_time_ms = -5,
				      .room = { "lobby", 5 },
				      .thread = { "", 0 },
				      .author = { { "Queen", 5 }, 7, { 1, 2, 3 }, ROLE_USER },
				      .subject = { { NULL, 0 }, 8, { 0 }, 0 },
				      .target = 6,
				      .note = &note,
				      .text = { "see a.b:)@bob", 13 },
				      .parts = parts,
				      .part_count = 5,
				      .reactions = reactions,
				      .reaction_count = 2,
				      .removed = removed,
				      .removed_count = 3,
				      .poll = &poll,
				      .duration_ms = 600,
				      .correlation = { "42", 2 },
				      .extra = { "{}", 2 },
				      .origin = { { "mixer", 5 }, { "m1", 2 }, 2 } };

static const struct envelope bare = { .kind = KIND_MESSAGE, .room = { "", 0 } };

static const struct record everything = { .kind = RECORD_EVENT,
					  .number = 99,
					  .event = &full,
					  .aside = { .writer = ann,
						     .voter = 8,
						     .choice = 1,
						     .until_ms = RECORD_FOREVER,
						     .addresses = addresses,
						     .address_count = 2,
						     .present = true,
						     .own = true,
						     .unbans = true,
						     .unmutes = true,
						     .about = UINT64_C(1) << 40,
						     .keep = true },
					  .more = &more };

static const struct record nothing = { .kind = RECORD_EVENT, .event = &bare };

static const struct envelope entered = {
	.kind = KIND_ENTER, .id = 9, .sequence = 1, .room = { "r", 1 }, .author = bob
};
static const struct envelope left = { .kind = KIND_EXIT, .room = { "r", 1 }, .author = bob };
static const struct envelope pardoned = { .kind = KIND_USER_UPDATE,
					  .room = { "r", 1 },
					  .subject = bob };

static const struct record seat = { .kind = RECORD_SEAT,
				    .number = 1,
				    .event = &entered,
				    .seat = { { 3, 70000, 2 }, 5, UINT64_C(0xabcdef0123456789) },
				    .aside = { .until_ms = 12, .keep = true } };
static const struct record unseat = {
	.kind = RECORD_UNSEAT, .number = 2, .event = &left, .seat = { { 3, 70000, 2 }, 0, 0 }
};
static const struct record dropped = { .kind = RECORD_DROP, .number = 3, .event = &left };
static const struct record pardon = { .kind = RECORD_PARDON, .number = 4, .event = &pardoned };

static const struct record *const records[] = { &everything, &nothing, &seat,
						&unseat,     &dropped, &pardon };

#define RECORDS (sizeof(records) / sizeof(records[0]))

/* Returns new. */
static struct slice written(const struct record *record)
{
	size_t most = record_most(record), size;
	unsigned char *bytes = memory_new(most);

	size = record_write(record, bytes);
	assert_true(size <= most);
	return slice_span((char *)memory_resize(bytes, size), size);
}

static void give_back(struct slice bytes)
{
	free((void *)(uintptr_t)bytes.data);
}

static bool persons_equal(const struct person *a, const struct person *b)
{
	return a->number == b->number && a->roles == b->roles && slice_equal(a->name, b->name) &&
	       memcmp(a->uuid, b->uuid, sizeof(a->uuid)) == 0;
}

/* ---- what is read is what was written ---- */

static void every_field_is_kept(void **state)
{
	struct slice bytes = written(&everything);
	struct record read;
	const struct envelope *e;

	(void)state;
	assert_int_equal(record_read(bytes, &read), RECORD_SOUND);
	e = read.event;
	assert_int_equal(read.kind, RECORD_EVENT);
	assert_int_equal(read.number, 99);
	assert_int_equal(e->kind, KIND_MESSAGE);
	assert_int_equal(e->flags, FLAG_ACTION | FLAG_RENAMED);
	assert_true(e->id == full.id && e->sequence == 77 && e->time_ms == full.time_ms);
	assert_true(e->client_time_ms == -5 && e->target == 6 && e->duration_ms == 600);
	assert_true(slice_is(e->room, "lobby") && e->thread.data && e->thread.len == 0);
	assert_true(persons_equal(&e->author, &full.author));
	assert_true(persons_equal(&e->subject, &full.subject));
	assert_true(slice_equal(e->text, full.text) && slice_is(e->extra, "{}"));
	assert_int_equal(e->part_count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(e->parts[i].kind, parts[i].kind);
		assert_true(slice_equal(e->parts[i].text, parts[i].text));
		assert_true(slice_equal(e->parts[i].name, parts[i].name));
		assert_int_equal(e->parts[i].number, parts[i].number);
		assert_true(e->parts[i].x == parts[i].x && e->parts[i].y == parts[i].y);
	}
	assert_int_equal(e->reaction_count, 2);
	assert_true(slice_is(e->reactions[0].emoji, "+1") && e->reactions[1].count == 1);
	assert_int_equal(e->removed_count, 3);
	assert_memory_equal(e->removed, removed, sizeof(removed));
	assert_true(slice_is(e->poll->question, "tea?") && slice_is(e->poll->options[0], "yes"));
	assert_true(e->poll->option_count == 2 && e->poll->counts[0] == 2);
	assert_true(e->poll->voters == 3 && e->poll->duration_ms == 60000);
	assert_true(e->poll->ends_ms == poll.ends_ms);
	assert_true(slice_is(e->origin.dialect, "mixer") && slice_is(e->origin.instance, "m1"));
	assert_int_equal(e->origin.hops, 2);
	record_clear(&read);
	give_back(bytes);
}

static void the_aside_and_more_are_kept(void **state)
{
	struct slice bytes = written(&everything);
	struct record read;

	(void)state;
	assert_int_equal(record_read(bytes, &read), RECORD_SOUND);
	assert_true(persons_equal(&read.aside.writer, &ann));
	assert_true(read.aside.voter == 8 && read.aside.choice == 1);
	assert_true(read.aside.until_ms == RECORD_FOREVER);
	assert_int_equal(read.aside.address_count, 2);
	assert_memory_equal(read.aside.addresses, addresses, sizeof(addresses));
	assert_true(read.aside.present && read.aside.own && read.aside.keep);
	assert_int_equal(read.more->reply_to, 44);
	assert_true(persons_equal(&read.more->reply_author, &more.reply_author));
	assert_int_equal(read.more->file_count, 2);
	assert_true(slice_is(read.more->files[0].url, "http://f"));
	assert_true(slice_is(read.more->files[0].media_type, "image/png"));
	assert_true(slice_is(read.more->files[0].name, "f.png"));
	assert_int_equal(read.more->files[0].size, 12345);
	assert_int_equal(read.more->files[1].url.len, 0);
	assert_true(slice_is(read.more->avatar, "http://a"));
	assert_true(slice_is(read.more->display, "Ann the great"));
	record_clear(&read);
	give_back(bytes);
}

/* The request's number is the asker's alone; what is quoted is not kept. */
static void some_is_left_out(void **state)
{
	struct slice bytes = written(&everything);
	struct record read;

	(void)state;
	assert_int_equal(record_read(bytes, &read), RECORD_SOUND);
	assert_null(read.event->correlation.data);
	assert_true(read.event->note->time_ms == note.time_ms && read.event->note->shown == 17);
	assert_null(read.event->note->quote.data);
	assert_null(memmem(bytes.data, bytes.len, "quoted", 6));
	record_clear(&read);
	give_back(bytes);
}

static void seats_are_kept(void **state)
{
	struct slice bytes = written(&seat);
	struct record read;

	(void)state;
	assert_int_equal(record_read(bytes, &read), RECORD_SOUND);
	assert_int_equal(read.kind, RECORD_SEAT);
	assert_true(read.seat.ref.worker == 3 && read.seat.ref.slot == 70000);
	assert_true(read.seat.ref.generation == 2 && read.seat.form == 5);
	assert_true(read.seat.address == seat.seat.address);
	assert_int_equal(read.aside.until_ms, 12);
	assert_true(persons_equal(&read.event->author, &bob));
	assert_null(read.more);
	record_clear(&read);
	give_back(bytes);
}

/* Nowhere in the bytes: not as text, not as parts. But an emoji is how it is told which one. */
static void words_that_may_not_be_kept_are_not_in_it(void **state)
{
	struct record record = everything, read;
	struct envelope event = full;
	struct slice bytes;

	(void)state;
	record.aside.keep = false;
	record.event = &event;
	for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++) {
		event.kind = kind;
		bytes = written(&record);
		assert_int_equal(memmem(bytes.data, bytes.len, "see ", 4) != NULL,
				 kind == KIND_REACTION);
		assert_int_equal(memmem(bytes.data, bytes.len, "smile", 5) != NULL,
				 kind == KIND_REACTION);
		give_back(bytes);
	}
	event.kind = KIND_MESSAGE;
	bytes = written(&record);
	assert_int_equal(record_read(bytes, &read), RECORD_SOUND);
	assert_null(read.event->text.data);
	assert_int_equal(read.event->part_count, 0);
	assert_false(read.aside.keep);
	record_clear(&read);
	give_back(bytes);
}

/* As they were in the first version: what is on disk stays readable. */
static void the_bytes_of_version_1_are_these(void **state)
{
	static const unsigned char expected[] = {
		0x78, 0x00, 0x00, 0x00, 0x01, 0x02, 0x08, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x01, 0x80, 0x02, 0x00, 0x01, 0x00, 0x00, 0x00, 0x72, 0x08, 0x00, 0x00,
		0x00, 0x01, 0x00, 0x00, 0x00, 0x04, 0x05, 0x06, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x62, 0x6f, 0x62,
		0x03, 0x00, 0x00, 0x00, 0x70, 0x11, 0x01, 0x00, 0x02, 0x00, 0x00, 0x00, 0x05, 0x00,
		0x00, 0x00, 0x89, 0x67, 0x45, 0x23, 0x01, 0xef, 0xcd, 0xab, 0x0c, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x7a, 0x25, 0x6a, 0x93
	};
	struct slice bytes = written(&seat);

	(void)state;
	assert_int_equal(bytes.len, sizeof(expected));
	assert_memory_equal(bytes.data, expected, sizeof(expected));
	give_back(bytes);
}

static void what_was_read_is_written_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECORDS; i++) {
		struct slice bytes = written(records[i]), again;
		struct record read;

		assert_int_equal(record_read(bytes, &read), RECORD_SOUND);
		again = written(&read);
		assert_true(slice_equal(bytes, again));
		record_clear(&read);
		give_back(again);
		give_back(bytes);
	}
}

/* ---- a message's, read in short ---- */

static void what_is_kept_beside_a_message_is_read_alone(void **state)
{
	struct record record = everything;
	struct slice bytes = written(&everything);
	struct record_said said;

	(void)state;
	assert_true(record_read_said(bytes, &said));
	assert_true(said.id == full.id && said.time_ms == full.time_ms && said.keep);
	assert_int_equal(said.flags, FLAG_ACTION | FLAG_RENAMED);
	assert_true(slice_is(said.room, "lobby"));
	assert_true(persons_equal(&said.writer, &ann));
	assert_int_equal(crc32c(bytes.data, bytes.len), RECORD_CRC_OF_ALL);
	give_back(bytes);
	record.aside.writer = (struct person){ .number = 0 };
	record.aside.keep = false;
	bytes = written(&record);
	assert_true(record_read_said(bytes, &said));
	assert_true(persons_equal(&said.writer, &full.author) && !said.keep);
	give_back(bytes);
	bytes = written(&seat);
	assert_false(record_read_said(bytes, &said));
	give_back(bytes);
}

static void what_is_not_sound_is_not_read_in_short(void **state)
{
	struct slice bytes = written(&everything);
	char *at = (char *)(uintptr_t)bytes.data;
	struct record_said said;

	(void)state;
	for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
		at[bit / 8] ^= (char)(1 << bit % 8);
		assert_false(record_read_said(bytes, &said));
		at[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t len = 0; len < bytes.len; len++)
		assert_false(record_read_said(slice_span(bytes.data, len), &said));
	give_back(bytes);
}

/* ---- what is not sound ---- */

/* Returns new: exactly so long, so that the sanitizer sees who reads on. */
static struct slice copy_of(struct slice bytes)
{
	char *copy = memory_new(bytes.len);

	memcpy(copy, bytes.data, bytes.len);
	return slice_span(copy, bytes.len);
}

static void each_cut_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECORDS; i++) {
		struct slice bytes = written(records[i]);
		struct record read;

		for (size_t len = 0; len < bytes.len; len++) {
			struct slice cut = copy_of(slice_span(bytes.data, len));

			assert_int_equal(record_first(cut), 0);
			assert_int_equal(record_read(cut, &read), RECORD_DAMAGED);
			give_back(cut);
		}
		assert_int_equal(record_read((struct slice){ NULL, 0 }, &read), RECORD_DAMAGED);
		give_back(bytes);
	}
}

static void each_flipped_bit_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECORDS; i++) {
		struct slice bytes = written(records[i]);
		char *at = (char *)(uintptr_t)bytes.data;
		struct record read;

		for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
			at[bit / 8] ^= (char)(1 << bit % 8);
			assert_int_equal(record_read(bytes, &read), RECORD_DAMAGED);
			at[bit / 8] ^= (char)(1 << bit % 8);
		}
		give_back(bytes);
	}
}

static void seal_again(struct slice bytes)
{
	unsigned char *at = (unsigned char *)(uintptr_t)bytes.data;
	uint32_t sum = crc32c(at, bytes.len - 4);

	for (size_t i = 0; i < 4; i++)
		at[bytes.len - 4 + i] = (unsigned char)(sum >> 8 * i);
}

/* Of a later version, of a kind that is to come: to stop at, not to skip. */
static void what_is_to_come_is_told_apart(void **state)
{
	static const struct {
		size_t at;
		unsigned char value;
	} changes[] = { { 4, 2 },  { 4, 0 },  { 4, 255 }, { 5, 0 },  { 5, 6 },
			{ 5, 16 }, { 5, 17 }, { 5, 18 },  { 5, 19 }, { 5, 255 } };

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct slice bytes = written(&everything);
		struct record read;

		((char *)(uintptr_t)bytes.data)[changes[i].at] = (char)changes[i].value;
		assert_int_equal(record_read(bytes, &read), RECORD_DAMAGED);
		seal_again(bytes);
		assert_int_equal(record_read(bytes, &read), RECORD_UNKNOWN);
		give_back(bytes);
	}
}

/* Whatever else is in it: if it is read, then it is what would have been written. */
static void there_is_one_way_to_write_a_record(void **state)
{
	size_t sound = 0;

	(void)state;
	for (size_t i = 0; i < RECORDS; i++) {
		struct slice whole = written(records[i]);

		for (size_t at = 4; at < whole.len - 4; at++)
			for (unsigned value = 0; value < 256; value += at < 64 ? 1 : 51) {
				struct slice bytes = copy_of(whole), again;
				struct record read;

				((char *)(uintptr_t)bytes.data)[at] = (char)value;
				seal_again(bytes);
				if (record_read(bytes, &read) == RECORD_SOUND) {
					again = written(&read);
					assert_true(slice_equal(bytes, again));
					give_back(again);
					record_clear(&read);
					sound++;
				}
				give_back(bytes);
			}
		give_back(whole);
	}
	/* Most bytes are part of some text or number. */
	assert_true(sound > 10000);
}

static void kinds_that_do_not_belong_together_are_refused(void **state)
{
	static const struct {
		enum record_kind kind;
		enum envelope_kind event;
		uint32_t flags;
		enum record_verdict verdict;
	} rows[] = {
		{ RECORD_EVENT, KIND_MESSAGE, 0, RECORD_SOUND },
		{ RECORD_EVENT, KIND_MESSAGE, FLAG_PRIVATE, RECORD_DAMAGED },
		{ RECORD_EVENT, KIND_INVITE, 0, RECORD_SOUND },
		{ RECORD_EVENT, KIND_TYPING, 0, RECORD_DAMAGED },
		{ RECORD_EVENT, KIND_READ, 0, RECORD_DAMAGED },
		{ RECORD_EVENT, KIND_PRESENCE, 0, RECORD_DAMAGED },
		{ RECORD_EVENT, KIND_OPAQUE, 0, RECORD_DAMAGED },
		{ RECORD_EVENT, KIND_ENTER, 0, RECORD_DAMAGED },
		{ RECORD_EVENT, KIND_EXIT, 0, RECORD_DAMAGED },
		{ RECORD_SEAT, KIND_ENTER, 0, RECORD_SOUND },
		{ RECORD_SEAT, KIND_EXIT, 0, RECORD_DAMAGED },
		{ RECORD_UNSEAT, KIND_EXIT, 0, RECORD_SOUND },
		{ RECORD_UNSEAT, KIND_MESSAGE, 0, RECORD_DAMAGED },
		{ RECORD_DROP, KIND_EXIT, 0, RECORD_SOUND },
		{ RECORD_PARDON, KIND_USER_UPDATE, 0, RECORD_SOUND },
		{ RECORD_PARDON, KIND_KICK, 0, RECORD_DAMAGED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct envelope event = bare;
		struct record record = { .kind = rows[i].kind, .event = &event }, read;
		struct slice bytes;

		event.kind = rows[i].event;
		event.flags = rows[i].flags;
		bytes = written(&record);
		assert_int_equal(record_read(bytes, &read), rows[i].verdict);
		if (rows[i].verdict == RECORD_SOUND)
			record_clear(&read);
		give_back(bytes);
	}
}

/* ---- blocks ---- */

static void a_block_is_one_record_after_the_other(void **state)
{
	char block[4096];
	size_t size = 0, count = 0;
	struct slice rest;

	(void)state;
	for (size_t i = 0; i < RECORDS; i++) {
		assert_true(size + record_most(records[i]) <= sizeof(block));
		size += record_write(records[i], (unsigned char *)block + size);
	}
	for (rest = slice_span(block, size); rest.len; count++) {
		struct record read;
		size_t first = record_first(rest);

		assert_true(first > 0);
		assert_int_equal(record_read(slice_span(rest.data, first), &read), RECORD_SOUND);
		assert_int_equal(read.kind, records[count]->kind);
		assert_int_equal(read.number, records[count]->number);
		record_clear(&read);
		rest = slice_span(rest.data + first, rest.len - first);
	}
	assert_int_equal(count, RECORDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_kept),
		cmocka_unit_test(the_aside_and_more_are_kept),
		cmocka_unit_test(some_is_left_out),
		cmocka_unit_test(seats_are_kept),
		cmocka_unit_test(words_that_may_not_be_kept_are_not_in_it),
		cmocka_unit_test(the_bytes_of_version_1_are_these),
		cmocka_unit_test(what_was_read_is_written_the_same),
		cmocka_unit_test(what_is_kept_beside_a_message_is_read_alone),
		cmocka_unit_test(what_is_not_sound_is_not_read_in_short),
		cmocka_unit_test(each_cut_is_refused),
		cmocka_unit_test(each_flipped_bit_is_refused),
		cmocka_unit_test(what_is_to_come_is_told_apart),
		cmocka_unit_test(there_is_one_way_to_write_a_record),
		cmocka_unit_test(kinds_that_do_not_belong_together_are_refused),
		cmocka_unit_test(a_block_is_one_record_after_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
