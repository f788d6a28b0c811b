/* Any bytes as what a chain is given: entries of its log, messages of other nodes, rows.
 *
 * Input: steps one after the other, each after a byte that says which, and two bytes that tell its
 * length (the lower first). Entries get the right size and checksum, and where bit 7 of the step is
 * set, are made to come behind what counts. What is read is written the same; what a chain is after
 * all that can be kept, and is the same again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/crc32c.h"
#include "codecs/text/memory.h"
#include "routes/chain/chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEP_HEAD 3
#define ENTRY_MIN 103
#define SHARD     6
#define AFTER     24
#define BASE      32
#define SEEN      40
#define GEN       56
#define RIGHT     0x80

static void require(bool what)
{
	if (!what)
		abort();
}

/* ---- an application that does nothing ---- */

static struct chain *chain;
static bool renewing;

static void nothing_appended(void *owner, struct slice entry)
{
	struct chain_entry read;

	(void)owner;
	require(chain_entry_read(entry, &read) == CHAIN_SOUND);
}

static void nothing_read(void *owner, uint64_t from, bool leader)
{
	(void)owner;
	(void)from;
	(void)leader;
}

static void nothing_purged(void *owner, uint64_t below)
{
	(void)owner;
	(void)below;
}

static void nothing_sent(void *owner, unsigned node, struct slice message)
{
	struct chain_message read;

	(void)owner;
	require(node < CHAIN_NODES);
	require(chain_message_read(message, &read));
}

static void nothing_reserved(void *owner, uint64_t id)
{
	(void)owner;
	(void)id;
}

static bool always_begins(void *owner, uint32_t *key)
{
	(void)owner;
	(void)key;
	return true;
}

static bool nothing_buried(void *owner, struct chain_node node)
{
	(void)owner;
	require(node.number < CHAIN_NODES);
	return true;
}

static enum chain_judged all_judged(void *owner, const struct chain_draft *draft)
{
	struct chain_line line = { .kind = CHAIN_LINE_OTHER,
				   .node = draft->node,
				   .number = draft->number,
				   .bytes = draft->body };

	(void)owner;
	chain_add(chain, &line);
	return CHAIN_JUDGED;
}

static void nothing_forgotten(void *owner)
{
	(void)owner;
}

static void nothing_counted(void *owner, const struct chain_entry *entry, bool mine, bool readable)
{
	struct slice lines = entry->lines;
	struct chain_line line;

	(void)owner;
	(void)mine;
	(void)readable;
	while (chain_line_next(&lines, &line))
		require(line.bytes.len <= entry->lines.len);
	require(!lines.len);
}

static bool never_readable(void *owner, uint32_t key)
{
	(void)owner;
	require(key);
	return false;
}

static void nothing_answered(void *owner, uint64_t number)
{
	(void)owner;
	require(number);
}

static void nothing_given(void *owner, unsigned node)
{
	(void)owner;
	require(node < CHAIN_NODES);
}

static void nothing_installed(void *owner, struct slice rows)
{
	(void)owner;
	(void)rows;
}

static void renewal_noted(void *owner, enum chain_renewal why, uint32_t above)
{
	(void)owner;
	(void)why;
	(void)above;
	renewing = true;
}

static void nothing_told(void *owner, enum chain_told what, uint64_t number)
{
	(void)owner;
	(void)what;
	(void)number;
}

static const struct chain_calls calls = { .append = nothing_appended,
					  .read = nothing_read,
					  .purge = nothing_purged,
					  .send = nothing_sent,
					  .reserve = nothing_reserved,
					  .begin = always_begins,
					  .bury = nothing_buried,
					  .judge = all_judged,
					  .forget = nothing_forgotten,
					  .counted = nothing_counted,
					  .readable = never_readable,
					  .answered = nothing_answered,
					  .give = nothing_given,
					  .install = nothing_installed,
					  .renew = renewal_noted,
					  .told = nothing_told };

static const struct chain_options options = { .shard = 5,
					      .me = { 1, 7 },
					      .nodes = 7,
					      .window = 2,
					      .version = CHAIN_VERSION,
					      .oldest = CHAIN_VERSION,
					      .times = { 500, 1000, 2000, 15000, 600000, 2000,
							 10000, 1000 },
					      .rules = CHAIN_RULES_ALL };

/* ---- steps ---- */

static void number_put(uint8_t *at, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void repair(uint8_t *bytes, size_t len, bool right)
{
	struct chain_view view;

	chain_look(chain, 0, &view);
	if (right) {
		bytes[4] = CHAIN_VERSION;
		bytes[SHARD] = 5;
		number_put(bytes + AFTER, view.last, 8);
		number_put(bytes + BASE, view.last, 8);
		number_put(bytes + SEEN, view.read.sequence, 8);
		number_put(bytes + SEEN + 8, view.read.uid, 8);
		number_put(bytes + GEN, view.gen, 8);
	}
	number_put(bytes, len, 4);
	number_put(bytes + len - 4, crc32c(bytes, len - 4), 4);
}

static void same_again(struct slice bytes)
{
	struct chain_entry entry;
	uint8_t *again;

	if (chain_entry_read(bytes, &entry) != CHAIN_SOUND)
		return;
	require(chain_entry_size(&entry) == bytes.len);
	again = memory_new(bytes.len);
	chain_entry_write(&entry, again);
	require(memcmp(again, bytes.data, bytes.len) == 0);
	free(again);
}

static void hear(struct slice bytes, uint64_t now)
{
	struct chain_message message;
	struct chain_beat beat;

	if (!chain_message_read(bytes, &message))
		return;
	if (message.kind != CHAIN_MESSAGE_BEAT) {
		chain_message(chain, now, &message);
		return;
	}
	while (chain_beat_next(&message.beats, &beat))
		if (beat.shard == options.shard)
			chain_beat(chain, now, &message, &beat);
}

static void step(unsigned which, uint8_t *bytes, size_t len, uint64_t now)
{
	struct slice slice = { (const char *)bytes, len };
	struct chain_view view;
	struct chain_record record;

	chain_look(chain, now, &view);
	record = (struct chain_record){ view.read.sequence + 1 + (which >> 3 & 1), slice };
	switch (which & 7) {
	case 0: hear(slice, now); return;
	case 1: (void)chain_submit(chain, now, slice); return;
	case 2: chain_range(chain, now, view.read.sequence, NULL, 0, true, which >> 3 & 1); return;
	case 3: chain_reserved(chain, now, UINT64_MAX >> 1); return;
	case 4: (void)chain_install(chain, now, slice, NULL, 0, slice); return;
	default: break;
	}
	if (len < ENTRY_MIN)
		return;
	repair(bytes, len, which & RIGHT);
	same_again(slice);
	if ((which & 7) == 5)
		chain_range(chain, now, 0, &record, 1, true, true);
	else
		chain_live(chain, now, &record, view.read.sequence);
}

static void kept_is_the_same(uint64_t now)
{
	unsigned char head[CHAIN_HEAD_MAX], again[CHAIN_HEAD_MAX];
	size_t len = chain_head_write(chain, head), count;
	const struct chain_row *rows = chain_rows(chain, 0, &count);
	struct chain *other = chain_new(&options, &calls, NULL);

	require(len <= CHAIN_HEAD_MAX);
	require(chain_load(other, slice_span((const char *)head, len), rows, count, 0));
	require(chain_head_write(other, again) == len && memcmp(head, again, len) == 0);
	chain_start(other, now);
	chain_free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t now = 1000;

	chain = chain_new(&options, &calls, NULL);
	renewing = false;
	chain_start(chain, now);
	while (size > STEP_HEAD) {
		size_t len = (size_t)data[1] | (size_t)data[2] << 8;
		unsigned which = data[0];
		uint8_t *bytes;

		data += STEP_HEAD;
		size -= STEP_HEAD;
		if (len > size)
			len = size;
		bytes = memory_new(len);
		memcpy(bytes, data, len);
		step(which, bytes, len, now);
		free(bytes);
		now += which * 16;
		chain_tick(chain, now);
		if (renewing)
			chain_renew(chain, now, 8);
		renewing = false;
		data += len;
		size -= len;
	}
	kept_is_the_same(now);
	chain_free(chain);
	return 0;
}
