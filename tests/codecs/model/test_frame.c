#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/model/frame.h"

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

static void headers_have_the_length_they_need(void **state)
{
	static const size_t payloads[] = { 2, 3, 124, 125, 126, 127, 1000, 65535, 65536, 69000 };

	(void)state;
	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		size_t len = payloads[i];
		struct frame_writer w;
		struct frame *built, *copied;

		frame_start(&w, i % 2 ? len : 0);
		write_payload(&w, len);
		frame_end_message(&w);
		built = frame_finish(&w);
		assert_int_equal(built->messages, 1);
		assert_header(built, len);
		copied = frame_of_text(frame_payload(built, 0));
		assert_header(copied, len);
		assert_int_equal(copied->messages, 1);
		assert_int_equal(copied->len, built->len);
		assert_memory_equal(copied->bytes, built->bytes, built->len);
		frame_release(built);
		frame_release(copied);
	}
}

static void one_frame_holds_several_messages(void **state)
{
	static const size_t payloads[] = { 10, 66000, 200, 2, 125, 126 };
	const uint32_t count = sizeof(payloads) / sizeof(payloads[0]);
	struct frame_writer w;
	struct frame *frame;

	(void)state;
	frame_start(&w, 0);
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			frame_next(&w);
		write_payload(&w, payloads[i]);
		frame_end_message(&w);
	}
	frame = frame_finish(&w);
	assert_int_equal(frame->messages, count);
	assert_int_equal(frame->len, 12 + 66010 + 204 + 4 + 127 + 130);
	for (uint32_t i = 0; i < count; i++) {
		struct slice payload = frame_payload(frame, i);

		assert_int_equal(payload.len, payloads[i]);
		assert_int_equal(payload.data[0], '"');
		assert_int_equal(payload.data[payload.len - 1], '"');
		assert_memory_equal(payload.data + 1, text_of_length(payload.len - 2),
				    payload.len - 2);
	}
	assert_null(frame_payload(frame, count).data);
	frame_release(frame);
}

static void commas_start_afresh_in_each_message(void **state)
{
	struct frame_writer w;
	struct frame *frame;

	(void)state;
	frame_start(&w, 0);
	for (unsigned i = 0; i < 2; i++) {
		if (i)
			frame_next(&w);
		json_object_open(&w.json);
		json_field_integer(&w.json, "n", i);
		json_field_null(&w.json, "x");
		json_object_close(&w.json);
		frame_end_message(&w);
	}
	frame = frame_finish(&w);
	assert_true(slice_is(frame_payload(frame, 0), "{\"n\":0,\"x\":null}"));
	assert_true(slice_is(frame_payload(frame, 1), "{\"n\":1,\"x\":null}"));
	frame_release(frame);
}

static void events_of_the_writer_are_the_frames(void **state)
{
	struct frame_writer w;
	struct frame *frame;

	(void)state;
	frame_start(&w, 0);
	assert_int_equal(w.events, 0);
	w.events |= 1u << 31;
	w.events |= 1;
	json_put_null(&w.json);
	frame_end_message(&w);
	frame = frame_finish(&w);
	assert_true(frame->events == (1u << 31 | 1));
	frame_release(frame);
}

static void abandoning_frees_what_was_written(void **state)
{
	struct frame_writer w;

	(void)state;
	frame_start(&w, 0);
	write_payload(&w, 5000);
	frame_abandon(&w);
	assert_null(w.json.data);
}

static void a_ping_is_a_bare_control_frame(void **state)
{
	struct frame *ping = frame_of_ping();

	(void)state;
	assert_int_equal(ping->len, 2);
	assert_memory_equal(ping->bytes, "\x89\x00", 2);
	assert_int_equal(ping->messages, 0);
	assert_null(frame_payload(ping, 0).data);
	frame_release(ping);
}

static void holders_are_counted(void **state)
{
	struct frame *frame = frame_of_text(SLICE(""));

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_have_the_length_they_need),
		cmocka_unit_test(one_frame_holds_several_messages),
		cmocka_unit_test(commas_start_afresh_in_each_message),
		cmocka_unit_test(events_of_the_writer_are_the_frames),
		cmocka_unit_test(abandoning_frees_what_was_written),
		cmocka_unit_test(a_ping_is_a_bare_control_frame),
		cmocka_unit_test(holders_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
