/* Any bytes as records of a room: what is read is written the same, and what a room refuses leaves
 * it as it was.
 *
 * Input: records one after the other, each after two bytes that tell its length (the lower first)
 * and one with options. Bit 0: its size and checksum are made right; bit 1: its number, and bit 2:
 * its id and sequence are the next. So the fuzzer gets behind what only keeps out damage. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/crc32c.h"
#include "codecs/text/memory.h"
#include "routes/room/fold.h"
#include "routes/room/judge.h"
#include "routes/room/overview.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD     3
#define SIZE_MIN 56
#define RIGHT    1
#define NEXT     2
#define IN_ORDER 4
#define KIND     6 /* where the event's kind is */
#define NUMBER   8
#define ID       16
#define SEQUENCE 24
#define WALL_MS  UINT64_C(1750000000000)

static const struct room_rules rules = {
	.name = { "lobby", 5 }, .open = true, .history = 4, .remembered = 8, .removed_most = 2
};

static void require(bool what)
{
	if (!what)
		abort();
}

static void number_put(uint8_t *at, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void repair(uint8_t *bytes, size_t size, uint8_t options, const struct room *room)
{
	struct room_overview overview;

	room_overview(room, &overview);
	if (options & NEXT)
		number_put(bytes + NUMBER, room_recorded(room) + 1, 8);
	if (options & IN_ORDER) {
		number_put(bytes + ID, (room_recorded(room) + 1) << 20, 8);
		number_put(bytes + SEQUENCE, bytes[KIND] == KIND_INVITE ? 0 : overview.sequence + 1,
			   8);
	}
	number_put(bytes, size, 4);
	number_put(bytes + size - 4, crc32c(bytes, size - 4), 4);
}

static void same_again(const struct record *record, struct slice bytes)
{
	uint8_t *again = memory_new(record_most(record));

	require(record_most(record) >= bytes.len);
	require(record_write(record, again) == bytes.len);
	require(memcmp(again, bytes.data, bytes.len) == 0);
	free(again);
}

static void try_record(struct room *room, uint8_t *bytes, size_t size, uint64_t steady_ms)
{
	struct room_time now = { WALL_MS, steady_ms };
	struct slice read = { (const char *)bytes, size };
	uint64_t before = room_digest(room);
	struct record record;

	if (record_read(read, &record) != RECORD_SOUND)
		return;
	require(record_first(read) == size);
	same_again(&record, read);
	if (!room_apply(room, &record, now))
		require(room_digest(room) == before);
	else
		require(room_recorded(room) == record.number);
	record_clear(&record);
}

/* What was put together is whole: it goes on as any other. */
static void go_on(struct room *room)
{
	struct room_time late = { WALL_MS, UINT64_MAX / 2 };
	struct envelope draft = { .kind = KIND_NOTICE, .text = { "x", 1 } }, *event = NULL;
	struct envelope *sealed = envelope_seal(&draft);

	require(room_order(room, NULL, sealed, late, &event) == REASON_NONE);
	envelope_release(event);
	while ((event = room_tick(room, late)))
		envelope_release(event);
	room_free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct id_clock clock = { 0 };
	struct room *room = room_new(&rules, &clock, 0);
	uint64_t steady_ms = 1;

	while (size > HEAD) {
		size_t len = (size_t)data[0] | (size_t)data[1] << 8;
		uint8_t options = data[2], *bytes;

		data += HEAD;
		size -= HEAD;
		if (len > size)
			len = size;
		bytes = memory_new(len);
		memcpy(bytes, data, len);
		if (options & RIGHT && len >= SIZE_MIN)
			repair(bytes, len, options, room);
		try_record(room, bytes, len, steady_ms++);
		free(bytes);
		data += len;
		size -= len;
	}
	go_on(room);
	return 0;
}
