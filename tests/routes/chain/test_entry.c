#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/crc32c.h"
#include "codecs/text/memory.h"
#include "routes/chain/entry.h"
#include "routes/chain/message.h"

static struct chain_entry an_entry(void)
{
	return (struct chain_entry){
		.version = CHAIN_VERSION,
		.kind = CHAIN_BATCH,
		.shard = 15,
		.writer = { 7, CHAIN_INCARNATION_MAX },
		.epoch = UINT32_MAX,
		.uid = UINT64_MAX,
		.after = 2,
		.base = 3,
		.seen = { UINT64_C(1) << 60, 4 },
		.gen = 5,
		.top = 6,
		.key = 0x01020304,
		.owner = { CHAIN_NODE_NONE, 0 },
		.high = { { { 0, 1 }, 9 }, { { 7, 2 }, UINT64_MAX } },
		.high_count = 2,
		.gone = { { 3, 8 } },
		.gone_count = 1,
	};
}

static struct slice lines_of(unsigned char *to)
{
	const struct chain_line lines[] = {
		{ CHAIN_LINE_RECORDS, { CHAIN_NODE_NONE, 0 }, 0, SLICE("records") },
		{ CHAIN_LINE_REFUSAL, { 1, 2 }, 3, SLICE("") },
		{ CHAIN_LINE_WHISPER, { 7, 9 }, UINT64_MAX, SLICE("psst") },
	};
	unsigned char *at = to;

	for (size_t i = 0; i < 3; i++) {
		chain_line_write(&lines[i], at);
		at += chain_line_size(lines[i].bytes.len);
	}
	return slice_span((const char *)to, (size_t)(at - to));
}

static struct slice written(const struct chain_entry *entry)
{
	size_t size = chain_entry_size(entry);
	unsigned char *bytes = memory_new(size);

	chain_entry_write(entry, bytes);
	return slice_span((const char *)bytes, size);
}

static void drop(struct slice bytes)
{
	free((void *)(uintptr_t)bytes.data);
}

static void checksum_right(struct slice bytes)
{
	unsigned char *at = (unsigned char *)(uintptr_t)bytes.data;
	uint32_t crc = crc32c(at, bytes.len - 4);

	for (unsigned i = 0; i < 4; i++)
		at[bytes.len - 4 + i] = (unsigned char)(crc >> 8 * i);
}

static void what_is_written_is_read(void **state)
{
	unsigned char room[256];
	struct chain_entry entry = an_entry(), read;
	struct chain_line line;
	struct slice bytes, again;

	(void)state;
	entry.lines = lines_of(room);
	bytes = written(&entry);
	assert_int_equal(chain_entry_read(bytes, &read), CHAIN_SOUND);
	assert_int_equal(read.writer.incarnation, CHAIN_INCARNATION_MAX);
	assert_int_equal(read.seen.sequence, UINT64_C(1) << 60);
	assert_int_equal(read.key, 0x01020304);
	assert_int_equal(read.high[1].number, UINT64_MAX);
	assert_int_equal(read.gone[0].number, 3);
	assert_int_equal(chain_entry_writer(bytes), 7);
	again = written(&read);
	assert_true(slice_equal(bytes, again));
	assert_true(chain_line_next(&read.lines, &line));
	assert_true(slice_equal(line.bytes, SLICE("records")));
	assert_int_equal(line.node.number, CHAIN_NODE_NONE);
	assert_true(chain_line_next(&read.lines, &line));
	assert_true(line.kind == CHAIN_LINE_REFUSAL && line.node.incarnation == 2);
	assert_true(chain_line_next(&read.lines, &line));
	assert_true(line.number == UINT64_MAX && slice_equal(line.bytes, SLICE("psst")));
	assert_false(chain_line_next(&read.lines, &line));
	drop(bytes);
	drop(again);
}

/* These bytes are in logs: they may not change. */
static void the_bytes_stay_as_they_are(void **state)
{
	const unsigned char claim[] = { /* size, version, kind, shard, node, incarnation, epoch */
					105, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0, 6, 0, 0, 0,
					/* uid, after, base, seen, gen, top */
					7, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0,
					0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0,
					0, 12, 0, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0,
					/* key, owner, count, digest, highs, gone */
					14, 0, 0, 0, 2, 15, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 17, 0,
					0, 0, 0, 0, 0, 0, 0, 0
	};
	const struct chain_entry entry = { .version = 1,
					   .kind = CHAIN_CLAIM,
					   .shard = 3,
					   .writer = { 4, 5 },
					   .epoch = 6,
					   .uid = 7,
					   .after = 8,
					   .base = 9,
					   .seen = { 10, 11 },
					   .gen = 12,
					   .top = 13,
					   .key = 14,
					   .owner = { 2, 15 },
					   .count = 16,
					   .digest = 17 };
	struct slice bytes = written(&entry);

	(void)state;
	assert_int_equal(bytes.len, sizeof(claim) + 4);
	assert_memory_equal(bytes.data + 1, claim + 1, sizeof(claim) - 1);
	assert_int_equal((unsigned char)bytes.data[0], sizeof(claim) + 4);
	drop(bytes);
}

/* No byte of it can change, nothing can be cut off or added. */
static void damage_is_seen(void **state)
{
	unsigned char room[256];
	struct chain_entry entry = an_entry(), read;
	struct slice bytes;

	(void)state;
	entry.lines = lines_of(room);
	bytes = written(&entry);
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char *at = (unsigned char *)(uintptr_t)bytes.data + i;

		*at ^= 0x20;
		assert_int_equal(chain_entry_read(bytes, &read), CHAIN_DAMAGED);
		*at ^= 0x20;
		assert_int_equal(chain_entry_read(slice_span(bytes.data, i), &read), CHAIN_DAMAGED);
		assert_int_equal(read.version, 0);
	}
	assert_int_equal(chain_entry_read(bytes, &read), CHAIN_SOUND);
	drop(bytes);
}

/* With the right checksum, but never written so. */
static void nonsense_is_damage(void **state)
{
	static const struct {
		size_t at;
		unsigned char byte;
	} wrong[] = { { 5, 0 }, { 5, 4 }, { 6, 16 }, { 7, 8 }, { 97, 9 }, { 98, 8 }, { 124, 9 } };
	unsigned char room[256];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct chain_entry entry = an_entry(), read;
		struct slice bytes;

		entry.lines = lines_of(room);
		bytes = written(&entry);
		((unsigned char *)(uintptr_t)bytes.data)[wrong[i].at] = wrong[i].byte;
		checksum_right(bytes);
		assert_int_equal(chain_entry_read(bytes, &read), CHAIN_DAMAGED);
		drop(bytes);
	}
}

static void another_version_is_told(void **state)
{
	struct chain_entry entry = an_entry(), read;
	struct slice bytes = written(&entry);

	(void)state;
	((unsigned char *)(uintptr_t)bytes.data)[4] = CHAIN_VERSION + 1;
	((unsigned char *)(uintptr_t)bytes.data)[5] = 77;
	checksum_right(bytes);
	assert_int_equal(chain_entry_read(bytes, &read), CHAIN_NEWER);
	assert_int_equal(read.version, CHAIN_VERSION + 1);
	drop(bytes);
}

/* ---- messages ---- */

static struct slice message_written(const struct chain_message *message, unsigned char *to)
{
	chain_message_write(message, to);
	return slice_span((const char *)to, chain_message_size(message));
}

static void messages_are_read(void **state)
{
	struct chain_message draft = { .kind = CHAIN_MESSAGE_DRAFT,
				       .shard = 3,
				       .from = { 6, 5 },
				       .draft = { .number = 1 + UINT64_C(0xffffffff),
						  .base = 2,
						  .gen = 3,
						  .body = SLICE("said") } };
	struct chain_message copy = { .kind = CHAIN_MESSAGE_COPY,
				      .from = { 0, 1 },
				      .copy = { 4, 5 } };
	struct chain_message read;
	unsigned char room[256];

	(void)state;
	assert_true(chain_message_read(message_written(&draft, room), &read));
	assert_true(chain_node_equal(read.draft.node, draft.from));
	assert_int_equal(read.draft.number, draft.draft.number);
	assert_true(read.draft.base == 2 && read.draft.gen == 3 && read.shard == 3);
	assert_true(slice_equal(read.draft.body, SLICE("said")));
	assert_true(chain_message_read(message_written(&copy, room), &read));
	assert_true(read.copy.gen == 4 && read.copy.from == 5);
	for (size_t i = 0; i < chain_message_size(&copy); i++)
		assert_false(chain_message_read(slice_span((const char *)room, i), &read));
}

static void beats_are_read(void **state)
{
	const struct chain_beat one = { .shard = 15,
					.mode = CHAIN_COPY,
					.place = { 1, 2 },
					.stored = 3,
					.first = 4,
					.gen = 5,
					.count = 6,
					.digest = UINT64_MAX,
					.top = 7,
					.epoch = 8 };
	struct chain_message message = { .kind = CHAIN_MESSAGE_BEAT,
					 .shard = CHAIN_SHARD_ALL,
					 .from = { 1, 2 },
					 .version = 9,
					 .newest = { 1, 0, 3, 0, 0, 0, 0, CHAIN_INCARNATION_MAX } };
	unsigned char beats[2 * CHAIN_BEAT_SIZE], room[512];
	struct chain_message read;
	struct chain_beat beat;

	(void)state;
	chain_beat_write(&one, beats);
	chain_beat_write(&one, beats + CHAIN_BEAT_SIZE);
	message.beats = slice_span((const char *)beats, sizeof(beats));
	assert_true(chain_message_read(message_written(&message, room), &read));
	assert_true(read.version == 9 && read.beat_count == 2);
	assert_int_equal(read.newest[7], CHAIN_INCARNATION_MAX);
	assert_true(chain_beat_next(&read.beats, &beat));
	assert_true(chain_beat_next(&read.beats, &beat));
	assert_true(beat.shard == 15 && beat.mode == CHAIN_COPY && beat.epoch == 8);
	assert_int_equal(beat.digest, UINT64_MAX);
	assert_false(chain_beat_next(&read.beats, &beat));
	for (size_t i = 0; i < chain_message_size(&message); i++)
		assert_false(chain_message_read(slice_span((const char *)room, i), &read));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(the_bytes_stay_as_they_are),
		cmocka_unit_test(damage_is_seen),
		cmocka_unit_test(nonsense_is_damage),
		cmocka_unit_test(another_version_is_told),
		cmocka_unit_test(messages_are_read),
		cmocka_unit_test(beats_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
