/* What the table of cases.tsv does not show: where bytes lie, memory, time, and every cut of a
 * message into frames. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "bridge/net/ws/ws_deflate.h"
#include "bridge/net/ws/ws_reader.h"
#include "codecs/text/memory.h"
#include "tests/support/ws_cases.h"

#define LIMIT 65536

static struct ws_inflate *inflater;

/* What comes of all these bytes, in one read, as ws_event_add() writes it; NUL-terminated. */
static char *events_of(const struct ws_bytes *bytes)
{
	struct ws_reader reader = { .parts = NULL };
	struct ws_input input = { bytes->data, bytes->len, LIMIT, inflater, false };
	struct ws_bytes events = { .data = NULL };
	struct ws_message message;
	enum ws_step got;

	while ((got = ws_read(&reader, &input, &message)) != WS_MORE)
		ws_event_add(&events, got, &message);
	ws_reader_clear(&reader);
	ws_bytes_add(&events, "", 1);
	return (char *)events.data;
}

static char *message_of(const char *text, size_t len)
{
	struct ws_message message = { .payload = slice_span(text, len) };
	struct ws_bytes events = { .data = NULL };

	ws_event_add(&events, WS_MESSAGE, &message);
	ws_bytes_add(&events, "", 1);
	return (char *)events.data;
}

/* ---- every cut into frames ---- */

static const char *const right[] = {
	"",
	"a",
	"Hello, all of it is ASCII and longer than a few words of eight bytes",
	"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5",
	"caf\xc3\xa9, \xe2\x82\xac 5, \xf0\x9f\x98\x80!",
	"\xef\xbf\xbf\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80",
};

static const char *const wrong[] = {
	"\x80",
	"Hello, most of it is ASCII and longer than a few words of eight bytes\xff",
	"caf\xc3\xa9 \xc3(",
	"\xed\xa0\x80",
	"\xf4\x90\x80\x80",
	"\xe0\x80\xaf",
	"unfinished \xf0\x9f\x98",
};

/* Three frames, and pings between them. */
static char *in_three_frames(unsigned first, const void *text, const size_t ends[3])
{
	struct ws_bytes bytes = { .data = NULL };
	const char *at = text;
	char *events, *pings;

	ws_frame_add(&bytes, first, at, ends[0]);
	ws_frame_add(&bytes, 0x89, "", 0);
	ws_frame_add(&bytes, 0x00, at + ends[0], ends[1] - ends[0]);
	ws_frame_add(&bytes, 0x8a, "", 0);
	ws_frame_add(&bytes, 0x80, at + ends[1], ends[2] - ends[1]);
	events = events_of(&bytes);
	free(bytes.data);
	while ((pings = strstr(events, "ping()\n")))
		memmove(pings, pings + 7, strlen(pings + 7) + 1);
	return events;
}

static void frames_try(unsigned first, const void *bytes, size_t len, const char *want)
{
	for (size_t cut = 0; cut <= len; cut++)
		for (size_t next = cut; next <= len; next++) {
			char *got = in_three_frames(first, bytes, (size_t[]){ cut, next, len });

			assert_string_equal(got, want);
			free(got);
		}
}

static void texts_in_every_three_frames(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++) {
		char *want = message_of(right[i], strlen(right[i]));

		frames_try(0x01, right[i], strlen(right[i]), want);
		free(want);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		frames_try(0x01, wrong[i], strlen(wrong[i]), "fault(1007 )\n");
}

static void compressed_in_every_three_frames(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++) {
		char *want = message_of(right[i], strlen(right[i]));
		struct ws_bytes packed = { .data = NULL };

		ws_deflated_add(&packed, right[i], strlen(right[i]));
		frames_try(0x41, packed.data, packed.len, want);
		free(packed.data);
		free(want);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct ws_bytes packed = { .data = NULL };

		ws_deflated_add(&packed, wrong[i], strlen(wrong[i]));
		frames_try(0x41, packed.data, packed.len, "fault(1007 )\n");
		free(packed.data);
	}
}

/* ---- where it lies ---- */

static void whole_message_stays_where_it_lies(void **state)
{
	struct ws_reader reader = { .parts = NULL };
	struct ws_bytes bytes = { .data = NULL };
	struct ws_input input = { .limit = LIMIT };
	struct ws_message message;

	(void)state;
	ws_frame_add(&bytes, 0x81, "one", 3);
	ws_frame_add(&bytes, 0x89, "two", 3);
	ws_frame_add(&bytes, 0x01, "", 0);
	ws_frame_add(&bytes, 0x80, "three", 5);
	input.bytes = bytes.data;
	input.len = bytes.len;
	assert_int_equal(ws_read(&reader, &input, &message), WS_MESSAGE);
	assert_ptr_equal(message.payload.data, bytes.data + 6);
	assert_int_equal(ws_read(&reader, &input, &message), WS_PING);
	assert_ptr_equal(message.payload.data, bytes.data + 15);
	assert_int_equal(ws_read(&reader, &input, &message), WS_MESSAGE);
	assert_ptr_equal(message.payload.data, bytes.data + 30);
	assert_null(reader.parts);
	/* A ping's bytes are there for as long as the segment. */
	assert_memory_equal(bytes.data + 15, "two", 3);
	assert_int_equal(ws_read(&reader, &input, &message), WS_MORE);
	free(bytes.data);
}

/* The head alone in one read, and its payload in the next, which is not copied. */
static void payload_behind_its_head_stays_where_it_lies(void **state)
{
	struct ws_reader reader = { .parts = NULL };
	struct ws_bytes bytes = { .data = NULL };
	struct ws_input input = { .len = 6, .limit = LIMIT };
	struct ws_message message;

	(void)state;
	ws_frame_add(&bytes, 0x81, "Hello", 5);
	input.bytes = bytes.data;
	assert_int_equal(ws_read(&reader, &input, &message), WS_MORE);
	assert_null(reader.parts);
	input.len = 5;
	assert_int_equal(ws_read(&reader, &input, &message), WS_MESSAGE);
	assert_ptr_equal(message.payload.data, bytes.data + 6);
	free(bytes.data);
}

static void nothing_is_kept_when_idle(void **state)
{
	struct ws_reader reader = { .parts = NULL };
	struct ws_bytes bytes = { .data = NULL };
	struct ws_message message;
	unsigned given = 0;

	(void)state;
	ws_frame_add(&bytes, 0x01, "Hel", 3);
	ws_frame_add(&bytes, 0x89, "a ping in two parts", 19);
	ws_frame_add(&bytes, 0x80, "lo", 2);
	ws_frame_add(&bytes, 0x89, "another", 7);
	for (size_t i = 0; i < bytes.len; i++) {
		struct ws_input input = { bytes.data + i, 1, LIMIT, NULL, false };

		while (ws_read(&reader, &input, &message) != WS_MORE)
			given++;
	}
	assert_int_equal(given, 3);
	assert_null(reader.parts);
	free(bytes.data);
}

static void a_close_and_a_fault_free_what_is_gathered(void **state)
{
	(void)state;
	for (unsigned last = 0x88; last <= 0x8b; last += 3) {
		struct ws_reader reader = { .parts = NULL };
		struct ws_bytes bytes = { .data = NULL };
		struct ws_input input = { .limit = LIMIT };
		struct ws_message message;

		ws_frame_add(&bytes, 0x01, "Hello", 5);
		ws_frame_add(&bytes, last, "", 0);
		input.bytes = bytes.data;
		input.len = bytes.len;
		assert_int_equal(ws_read(&reader, &input, &message),
				 last == 0x88 ? WS_CLOSE : WS_FAULT);
		assert_int_equal(ws_read(&reader, &input, &message), WS_MORE);
		assert_null(reader.parts);
		free(bytes.data);
	}
}

static void cleared_is_at_its_beginning(void **state)
{
	struct ws_reader reader = { .parts = NULL };
	struct ws_bytes bytes = { .data = NULL };
	struct ws_input input = { .limit = LIMIT };
	struct ws_message message;

	(void)state;
	ws_frame_add(&bytes, 0x01, "Hello", 5);
	input.bytes = bytes.data;
	input.len = bytes.len;
	assert_int_equal(ws_read(&reader, &input, &message), WS_MORE);
	ws_reader_clear(&reader);
	assert_memory_equal(&reader, &(struct ws_reader){ .parts = NULL }, sizeof(reader));
	bytes.len = 0;
	ws_frame_add(&bytes, 0x81, "Hello", 5);
	input.bytes = bytes.data;
	input.len = bytes.len;
	assert_int_equal(ws_read(&reader, &input, &message), WS_MESSAGE);
	free(bytes.data);
}

/* The limit is that of the moment: a session's is another once it is logged in. */
static void limit_of_the_moment(void **state)
{
	struct ws_reader reader = { .parts = NULL };
	struct ws_bytes bytes = { .data = NULL };
	struct ws_input input = { .limit = 4 };
	struct ws_message message;

	(void)state;
	ws_frame_add(&bytes, 0x81, "1234", 4);
	ws_frame_add(&bytes, 0x81, "12345", 5);
	ws_frame_add(&bytes, 0x01, "12345", 5);
	ws_frame_add(&bytes, 0x80, "", 0);
	input.bytes = bytes.data;
	input.len = bytes.len;
	assert_int_equal(ws_read(&reader, &input, &message), WS_MESSAGE);
	input.limit = 5;
	assert_int_equal(ws_read(&reader, &input, &message), WS_MESSAGE);
	input.len -= 6;
	assert_int_equal(ws_read(&reader, &input, &message), WS_MORE);
	input.len = 6;
	input.limit = 4;
	assert_int_equal(ws_read(&reader, &input, &message), WS_FAULT);
	assert_int_equal(message.code, 1009);
	free(bytes.data);
}

/* ---- memory and time ---- */

/* What a frame only says costs nothing: memory follows what came. */
static void memory_follows_what_came(void **state)
{
	static unsigned char head[] = { 0x82, 0xff, 0, 0, 0, 0, 0x3f, 0, 0, 0, 1, 2, 3, 4, 'x' };
	struct ws_reader reader = { .parts = NULL };
	struct ws_input input = { head, sizeof(head), 0x3f000000, NULL, false };
	struct ws_message message;
	size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;

	(void)state;
	assert_int_equal(ws_read(&reader, &input, &message), WS_MORE);
	assert_non_null(reader.parts);
	assert_true(mallinfo2().uordblks + mallinfo2().hblkhd <= before + 1024);
	ws_reader_clear(&reader);
}

/* And the block that doubles stops at the limit. */
static void memory_ends_at_the_limit(void **state)
{
	static char payload[60000];
	struct ws_reader reader = { .parts = NULL };
	struct ws_bytes bytes = { .data = NULL };
	struct ws_input input = { .limit = 2 * sizeof(payload) };
	struct ws_message message;
	size_t before;

	(void)state;
	for (int i = 0; i < 3; i++)
		ws_frame_add(&bytes, i ? 0x00 : 0x02, payload, sizeof(payload) * 2 / 3);
	before = mallinfo2().uordblks + mallinfo2().hblkhd;
	input.bytes = bytes.data;
	input.len = bytes.len;
	assert_int_equal(ws_read(&reader, &input, &message), WS_MORE);
	assert_true(mallinfo2().uordblks + mallinfo2().hblkhd <= before + input.limit + 8192);
	ws_reader_clear(&reader);
	free(bytes.data);
}

static double seconds_of(unsigned frames, unsigned first, const char *payload)
{
	struct ws_reader reader = { .parts = NULL };
	struct ws_bytes bytes = { .data = NULL };
	struct ws_input input = { .limit = 1 << 29 };
	struct ws_message message;
	enum ws_step got;
	clock_t began;

	ws_frame_add(&bytes, 0x02, payload, strlen(payload));
	for (unsigned i = 0; i < frames; i++)
		ws_frame_add(&bytes, first, payload, strlen(payload));
	input.bytes = bytes.data;
	input.len = bytes.len;
	began = clock();
	while ((got = ws_read(&reader, &input, &message)) != WS_MORE)
		assert_int_equal(got, WS_PING);
	began = clock() - began;
	ws_reader_clear(&reader);
	free(bytes.data);
	return (double)began / CLOCKS_PER_SEC;
}

/* A million small fragments, empty ones and pings: far below what anything but linear would take.
 */
static void time_is_linear(void **state)
{
	(void)state;
	assert_true(seconds_of(1000000, 0x00, "") < 2);
	assert_true(seconds_of(1000000, 0x00, "abc") < 2);
	assert_true(seconds_of(1000000, 0x89, "p") < 2);
}

/* ---- who is called by us ---- */

/* In reads of so many bytes. NUL-terminated. */
static char *answers_of(const void *sent, size_t len, size_t pace, bool calling)
{
	struct ws_reader reader = { .parts = NULL };
	struct ws_bytes events = { .data = NULL };
	unsigned char bytes[512];
	struct ws_message message;

	assert_true(len <= sizeof(bytes));
	memcpy(bytes, sent, len);
	for (size_t at = 0; at < len; at += pace) {
		struct ws_input input = { .bytes = bytes + at,
					  .len = len - at < pace ? len - at : pace,
					  .limit = LIMIT,
					  .calling = calling };
		enum ws_step got;

		while ((got = ws_read(&reader, &input, &message)) != WS_MORE)
			ws_event_add(&events, got, &message);
	}
	ws_reader_clear(&reader);
	ws_bytes_add(&events, "", 1);
	return (char *)events.data;
}

static void servers_do_not_mask(void **state)
{
	/* Of all three lengths, in fragments, masked once; a ping, a pong, a close. */
	struct ws_bytes sent = { .data = NULL };
	char long_text[300], *whole, *pieces, *served;

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	ws_bytes_add(&sent,
		     "\x81\x02hi\x01\x01"
		     "a\x89\x01p\x80\x01"
		     "b\x8a\x00",
		     15);
	ws_bytes_add(&sent, "\x82\x7e\x01\x2c", 4);
	ws_bytes_add(&sent, long_text, sizeof(long_text));
	ws_frame_add(&sent, 0x81, "masked", 6);
	ws_bytes_add(&sent, "\x81\x04last\x88\x02\x03\xe8", 10);
	whole = answers_of(sent.data, sent.len, sent.len, true);
	for (size_t pace = 1; pace < 20; pace++) {
		pieces = answers_of(sent.data, sent.len, pace, true);
		assert_string_equal(pieces, whole);
		free(pieces);
	}
	assert_non_null(strstr(whole, "hi"));
	assert_non_null(strstr(whole, "ab"));
	assert_non_null(strstr(whole, "masked"));
	assert_non_null(strstr(whole, "last"));
	assert_non_null(strstr(whole, "close(1000"));
	assert_null(strstr(whole, "fault"));
	served = answers_of(sent.data, sent.len, 1, false);
	assert_string_equal(served, "fault(1002 )\n");
	free(served);
	free(whole);
	free(sent.data);
}

static int inflate_open(void **state)
{
	(void)state;
	inflater = ws_inflate_new();
	return 0;
}

static int inflate_close(void **state)
{
	(void)state;
	ws_inflate_free(inflater);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_in_every_three_frames),
		cmocka_unit_test(compressed_in_every_three_frames),
		cmocka_unit_test(whole_message_stays_where_it_lies),
		cmocka_unit_test(payload_behind_its_head_stays_where_it_lies),
		cmocka_unit_test(nothing_is_kept_when_idle),
		cmocka_unit_test(a_close_and_a_fault_free_what_is_gathered),
		cmocka_unit_test(cleared_is_at_its_beginning),
		cmocka_unit_test(limit_of_the_moment),
		cmocka_unit_test(memory_follows_what_came),
		cmocka_unit_test(memory_ends_at_the_limit),
		cmocka_unit_test(time_is_linear),
		cmocka_unit_test(servers_do_not_mask),
	};

	return cmocka_run_group_tests(tests, inflate_open, inflate_close);
}
