#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/net/ws/ws_compressor.h"
#include "bridge/net/ws/ws_deflate.h"
#include "codecs/text/memory.h"

#define ABOVE 64
#define LIMIT ((size_t)1 << 20)

static const char *const shorter = "{\"type\":\"typing\"}";

static char *longer_new(size_t len)
{
	char *text = memory_new(len);

	for (size_t i = 0; i < len; i++)
		text[i] = "the same words again, "[i % 22];
	return text;
}

/* Bytes that nothing can be saved of. */
static void random_fill(char *text, size_t len)
{
	uint32_t seed = 7;

	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		text[i] = (char)(seed >> 24);
	}
}

/* The payload of a compressed message, plain again, is that text. */
static void inflates_to(struct slice payload, const char *text, size_t len)
{
	struct ws_inflate *back = ws_inflate_new();
	struct slice plain;

	assert_int_equal(ws_inflate_message(back, (const unsigned char *)payload.data, payload.len,
					    LIMIT, &plain),
			 0);
	assert_int_equal(plain.len, len);
	assert_memory_equal(plain.data, text, len);
	ws_inflate_free(back);
}

static void a_message_is_compressed_from_a_size_on(void **state)
{
	struct compressor *compressor = ws_compressor_new(ABOVE);
	char *text = longer_new(70000);
	static const size_t lengths[] = { ABOVE, 125, 126, 300, 70000 };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct frame *plain =
		    frame_of_text(FRAMING_WEBSOCKET, slice_span(text, lengths[i]));
		struct frame *small = compressor->compress(compressor, plain);

		assert_ptr_not_equal(small, plain);
		assert_int_equal(small->holders, 1);
		assert_int_equal(plain->holders, 1);
		assert_int_equal(small->bytes[0], 0xc1);
		assert_int_equal(small->messages, 1);
		assert_true(small->len < plain->len);
		inflates_to(frame_payload(small, 0), text, lengths[i]);
		frame_release(small);
		frame_release(plain);
	}
	free(text);
	ws_compressor_free(compressor);
}

static void what_gains_nothing_stays_the_same_frame(void **state)
{
	struct compressor *compressor = ws_compressor_new(ABOVE);
	char text[4000];
	struct frame *plain;

	(void)state;
	memset(text, 'x', sizeof(text));
	plain = frame_of_text(FRAMING_WEBSOCKET, slice_span(text, ABOVE - 1));
	assert_ptr_equal(compressor->compress(compressor, plain), plain);
	assert_int_equal(plain->holders, 2);
	frame_release(plain);
	frame_release(plain);
	random_fill(text, sizeof(text));
	plain = frame_of_text(FRAMING_WEBSOCKET, slice_span(text, sizeof(text)));
	assert_ptr_equal(compressor->compress(compressor, plain), plain);
	assert_int_equal(plain->holders, 2);
	frame_release(plain);
	frame_release(plain);
	ws_compressor_free(compressor);
	ws_compressor_free(NULL);
}

static void of_several_messages_each_goes_its_own_way(void **state)
{
	struct compressor *compressor = ws_compressor_new(ABOVE);
	char *text = longer_new(500);
	struct frame_writer w;
	struct frame *plain, *small;

	(void)state;
	frame_start(&w, FRAMING_WEBSOCKET, 0);
	json_put_literal(&w.json, shorter, strlen(shorter));
	frame_end_message(&w);
	for (unsigned i = 0; i < 2; i++) {
		frame_next(&w);
		json_put_literal(&w.json, text, 500 - i * 100);
		frame_end_message(&w);
	}
	w.events = 5;
	plain = frame_finish(&w);
	small = compressor->compress(compressor, plain);
	assert_int_equal(small->messages, 3);
	assert_int_equal(small->events, 5);
	assert_int_equal(small->bytes[0], 0x81);
	assert_true(slice_is(frame_payload(small, 0), shorter));
	inflates_to(frame_payload(small, 1), text, 500);
	inflates_to(frame_payload(small, 2), text, 400);
	frame_release(small);
	frame_release(plain);
	free(text);
	ws_compressor_free(compressor);
}

/* The memory budget counts what the frame takes, the outbox what is sent. */
static void a_compressed_frame_takes_less_memory(void **state)
{
	struct compressor *compressor = ws_compressor_new(ABOVE);
	char *text = longer_new(8000);
	struct frame *plain = frame_of_text(FRAMING_WEBSOCKET, slice_span(text, 8000));
	struct frame *small = compressor->compress(compressor, plain);

	(void)state;
	assert_true(small->size < plain->size);
	assert_true(small->size >= offsetof(struct frame, bytes) + small->len);
	frame_release(small);
	frame_release(plain);
	free(text);
	ws_compressor_free(compressor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_compressed_from_a_size_on),
		cmocka_unit_test(what_gains_nothing_stays_the_same_frame),
		cmocka_unit_test(of_several_messages_each_goes_its_own_way),
		cmocka_unit_test(a_compressed_frame_takes_less_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
