#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/model/frame.h"
#include "codecs/text/memory.h"

static const char *text_of_length(size_t len)
{
	static char text[70000];

	memset(text, 'a', len);
	return text;
}

/* A JSON string whose text form has len bytes. */
static void write_payload(struct frame_writer *w, size_t len)
{
	json_put_string(&w->json, slice_span(text_of_length(len - 2), len - 2));
}

static void assert_header(const struct frame *frame, size_t payload)
{
	const unsigned char *bytes = frame->bytes;

	assert_int_equal(bytes[0], 0x81);
	if (payload < 126) {
		assert_int_equal(frame->len, payload + 2);
		assert_int_equal(bytes[1], payload);
	} else if (payload < 65536) {
		assert_int_equal(frame->len, payload + 4);
		assert_int_equal(bytes[1], 126);
		assert_int_equal(bytes[2] << 8 | bytes[3], payload);
	} else {
		static const unsigned char zeros[5];

		assert_int_equal(frame->len, payload + 10);
		assert_int_equal(bytes[1], 127);
		assert_memory_equal(bytes + 2, zeros, 5);
		assert_int_equal(bytes[7] << 16 | bytes[8] << 8 | bytes[9], payload);
	}
}

static void assert_payload(struct slice payload, size_t len)
{
	assert_int_equal(payload.len, len);
	assert_int_equal(payload.data[0], '"');
	assert_int_equal(payload.data[len - 1], '"');
	assert_memory_equal(payload.data + 1, text_of_length(len - 2), len - 2);
}

static const size_t lengths[] = { 2, 3, 124, 125, 126, 127, 1000, 65534, 65535, 65536, 69000 };

#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

/* One message of that length; hint: what the writer is told to expect. */
static struct frame *frame_of_length(enum framing framing, size_t len, size_t hint)
{
	struct frame_writer w;

	frame_start(&w, framing, hint);
	write_payload(&w, len);
	frame_end_message(&w);
	return frame_finish(&w);
}

static void assert_equal(const struct frame *a, const struct frame *b)
{
	assert_int_equal(a->messages, b->messages);
	assert_int_equal(a->framing, b->framing);
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->bytes, b->bytes, a->len);
}

static void headers_have_the_length_they_need(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTHS; i++) {
		size_t len = lengths[i];
		struct frame *built = frame_of_length(FRAMING_WEBSOCKET, len, i % 2 ? len : 0);
		struct frame *copied;

		assert_int_equal(built->messages, 1);
		assert_header(built, len);
		assert_payload(frame_payload(built, 0), len);
		copied = frame_of_text(FRAMING_WEBSOCKET, frame_payload(built, 0));
		assert_equal(copied, built);
		frame_release(built);
		frame_release(copied);
	}
}

/* Nothing is left of the room for a header, whatever the length. */
static void lines_end_with_cr_lf(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTHS; i++) {
		size_t len = lengths[i];
		struct frame *line = frame_of_length(FRAMING_LINES, len, i % 2 ? len : 0);
		struct frame *copied = frame_of_text(FRAMING_LINES, frame_payload(line, 0));

		assert_int_equal(line->messages, 1);
		assert_int_equal(line->len, len + 2);
		assert_memory_equal(line->bytes + len, "\r\n", 2);
		assert_payload(frame_payload(line, 0), len);
		assert_null(frame_payload(line, 1).data);
		assert_equal(copied, line);
		frame_release(line);
		frame_release(copied);
	}
}

static void bare_bytes_are_the_payload(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTHS; i++) {
		size_t len = lengths[i];
		struct frame *bare = frame_of_length(FRAMING_BARE, len, i % 2 ? len : 0);
		struct frame *copied = frame_of_text(FRAMING_BARE, frame_payload(bare, 0));

		assert_int_equal(bare->messages, 1);
		assert_int_equal(bare->len, len);
		assert_ptr_equal(frame_payload(bare, 0).data, bare->bytes);
		assert_payload(frame_payload(bare, 0), len);
		assert_null(frame_payload(bare, 1).data);
		assert_equal(copied, bare);
		frame_release(bare);
		frame_release(copied);
	}
}

/* ---- several messages ---- */

static const size_t payloads[] = { 10, 66000, 200, 2, 125, 126 };

#define PAYLOADS (uint32_t)(sizeof(payloads) / sizeof(payloads[0]))

static struct frame *frame_of_several(enum framing framing)
{
	struct frame_writer w;

	frame_start(&w, framing, 0);
	for (uint32_t i = 0; i < PAYLOADS; i++) {
		if (i)
			frame_next(&w);
		write_payload(&w, payloads[i]);
		frame_end_message(&w);
	}
	return frame_finish(&w);
}

static void assert_several(const struct frame *frame)
{
	assert_int_equal(frame->messages, PAYLOADS);
	for (uint32_t i = 0; i < PAYLOADS; i++)
		assert_payload(frame_payload(frame, i), payloads[i]);
	assert_null(frame_payload(frame, PAYLOADS).data);
}

static void one_frame_holds_several_messages(void **state)
{
	struct frame *frame = frame_of_several(FRAMING_WEBSOCKET);

	(void)state;
	assert_int_equal(frame->len, 12 + 66010 + 204 + 4 + 127 + 130);
	assert_several(frame);
	frame_release(frame);
}

static void one_frame_holds_several_lines(void **state)
{
	struct frame *frame = frame_of_several(FRAMING_LINES);

	(void)state;
	assert_int_equal(frame->len, 12 + 66002 + 202 + 4 + 127 + 128);
	assert_several(frame);
	frame_release(frame);
}

static void empty_lines_are_lines(void **state)
{
	struct frame_writer w;
	struct frame *frame;

	(void)state;
	frame_start(&w, FRAMING_LINES, 0);
	frame_end_message(&w);
	frame_next(&w);
	json_put_literal(&w.json, "x", 1);
	frame_end_message(&w);
	frame_next(&w);
	frame_end_message(&w);
	frame = frame_finish(&w);
	assert_int_equal(frame->messages, 3);
	assert_int_equal(frame->len, 7);
	assert_memory_equal(frame->bytes, "\r\nx\r\n\r\n", 7);
	assert_true(slice_is(frame_payload(frame, 0), ""));
	assert_true(slice_is(frame_payload(frame, 1), "x"));
	assert_true(slice_is(frame_payload(frame, 2), ""));
	frame_release(frame);
}

/* A body has no seams. */
static void a_bare_frame_is_one_message(void **state)
{
	struct frame *frame = frame_of_several(FRAMING_BARE);
	size_t sum = 0;

	(void)state;
	for (uint32_t i = 0; i < PAYLOADS; i++)
		sum += payloads[i];
	assert_int_equal(frame->messages, 1);
	assert_int_equal(frame->len, sum);
	assert_int_equal(frame_payload(frame, 0).len, sum);
	assert_payload(slice_span((const char *)frame->bytes + 10, 66000), 66000);
	frame_release(frame);
}

static void commas_start_afresh_in_each_message(void **state)
{
	struct frame_writer w;
	struct frame *frame;

	(void)state;
	frame_start(&w, FRAMING_WEBSOCKET, 0);
	for (unsigned i = 0; i < 2; i++) {
		if (i)
			frame_next(&w);
		json_object_open(&w.json);
		json_field_integer(&w.json, "n", i);
		json_key(&w.json, "x");
		json_put_null(&w.json);
		json_object_close(&w.json);
		frame_end_message(&w);
	}
	frame = frame_finish(&w);
	assert_true(slice_is(frame_payload(frame, 0), "{\"n\":0,\"x\":null}"));
	assert_true(slice_is(frame_payload(frame, 1), "{\"n\":1,\"x\":null}"));
	frame_release(frame);
}

/* Of each of the three lengths a head may have. */
static void a_compressed_payload_is_marked(void **state)
{
	static const size_t sizes[] = { 5, 300, 70000 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *payload = memory_zeroed(1, sizes[i]);
		struct frame_writer w;
		struct frame *frame;

		frame_start(&w, FRAMING_WEBSOCKET, 0);
		json_put_literal(&w.json, payload, sizes[i]);
		frame_end_compressed(&w);
		frame_next(&w);
		json_put_literal(&w.json, "{}", 2);
		frame_end_message(&w);
		frame = frame_finish(&w);
		assert_int_equal(frame->bytes[0], 0xc1);
		assert_int_equal(frame->messages, 2);
		assert_int_equal(frame_payload(frame, 0).len, sizes[i]);
		assert_memory_equal(frame_payload(frame, 0).data, payload, sizes[i]);
		assert_int_equal(frame->bytes[frame->len - 4], 0x81);
		assert_true(slice_is(frame_payload(frame, 1), "{}"));
		frame_release(frame);
		free(payload);
	}
}

static void events_of_the_writer_are_the_frames(void **state)
{
	struct frame_writer w;
	struct frame *frame;

	(void)state;
	frame_start(&w, FRAMING_WEBSOCKET, 0);
	assert_int_equal(w.events, 0);
	w.events |= 1u << 31;
	w.events |= 1;
	json_put_null(&w.json);
	frame_end_message(&w);
	frame = frame_finish(&w);
	assert_true(frame->events == (1u << 31 | 1));
	frame_release(frame);
}

static void holders_are_counted(void **state)
{
	struct frame *frame = frame_of_text(FRAMING_WEBSOCKET, SLICE(""));

	(void)state;
	assert_int_equal(frame->len, 2);
	assert_int_equal(frame->holders, 1);
	assert_ptr_equal(frame_hold(frame), frame);
	assert_int_equal(frame->holders, 2);
	frame_release(frame);
	assert_int_equal(frame->holders, 1);
	assert_true(slice_is(frame_payload(frame, 0), ""));
	frame_release(frame);
	frame_release(NULL);
}

/* Whatever lay in the memory before. */
static void two_that_are_joined_are_in_no_queue(void **state)
{
	struct frame *first = frame_of_text(FRAMING_LINES, SLICE("one"));
	struct frame *second = frame_of_text(FRAMING_LINES, SLICE("two"));
	size_t size = offsetof(struct frame, bytes) + first->len + second->len;
	void *used = memory_take(size);

	(void)state;
	memset(used, 0xff, size);
	memory_give(used, size);
	first = frame_join(first, second);
	assert_int_equal(first->queued, 0);
	assert_int_equal(first->messages, 2);
	assert_true(slice_is(frame_payload(first, 1), "two"));
	frame_release(first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_have_the_length_they_need),
		cmocka_unit_test(lines_end_with_cr_lf),
		cmocka_unit_test(bare_bytes_are_the_payload),
		cmocka_unit_test(one_frame_holds_several_messages),
		cmocka_unit_test(one_frame_holds_several_lines),
		cmocka_unit_test(empty_lines_are_lines),
		cmocka_unit_test(a_bare_frame_is_one_message),
		cmocka_unit_test(commas_start_afresh_in_each_message),
		cmocka_unit_test(a_compressed_payload_is_marked),
		cmocka_unit_test(events_of_the_writer_are_the_frames),
		cmocka_unit_test(holders_are_counted),
		cmocka_unit_test(two_that_are_joined_are_in_no_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
