#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codecs/wording.h"

static struct frame *message_frame(const struct envelope *message)
{
	struct frame_writer w;

	frame_start(&w, FRAMING_WEBSOCKET, 0);
	WORDING_TEMPLATE(&w.json, "{\"text\":\"");
	wording_message(&w.json, message);
	WORDING_TEMPLATE(&w.json, "\",\"id\":");
	json_put_unsigned(&w.json, message->id);
	WORDING_TEMPLATE(&w.json, ",\"more\":");
	json_array_open(&w.json);
	json_array_close(&w.json);
	WORDING_TEMPLATE(&w.json, "}");
	frame_end_message(&w);
	return frame_finish(&w);
}

static void actions_are_starred(void **state)
{
	struct envelope message = { .kind = KIND_MESSAGE,
				    .id = 5,
				    .author.name = SLICE("a\"nn"),
				    .text = SLICE("waves\n") };
	struct frame *frame = message_frame(&message);

	(void)state;
	assert_true(
	    slice_is(frame_payload(frame, 0), "{\"text\":\"waves\\n\",\"id\":5,\"more\":[]}"));
	frame_release(frame);
	message.flags = FLAG_ACTION;
	frame = message_frame(&message);
	assert_true(slice_is(frame_payload(frame, 0),
			     "{\"text\":\"*a\\\"nn waves\\n*\",\"id\":5,\"more\":[]}"));
	frame_release(frame);
}

static void every_reason_has_an_error_frame(void **state)
{
	(void)state;
	for (enum reason reason = 0; reason < REASONS; reason++) {
		struct codec_reply reply = { .kind = REPLY_REFUSED, .reason = reason };
		struct codec_peer peer = { 0 };
		struct frame *frame;
		char want[256];

		snprintf(want, sizeof(want),
			 "{\"type\":\"error\",\"error\":\"%s\",\"message\":\"%s\"}",
			 reason_code(reason), reason_text(reason));
		assert_int_equal(wording_reply(&peer, &reply, &frame), CODEC_OK);
		assert_true(slice_is(frame_payload(frame, 0), want));
		assert_int_equal(frame->messages, 1);
		frame_release(frame);
	}
}

static void a_reason_of_its_own_is_told(void **state)
{
	struct codec_reply reply = { .kind = REPLY_REFUSED,
				     .reason = REASON_REFUSED,
				     .text = SLICE("no \"shouting\"") };
	struct codec_peer peer = { 0 };
	struct frame *frame;

	(void)state;
	assert_int_equal(wording_reply(&peer, &reply, &frame), CODEC_OK);
	assert_true(slice_is(frame_payload(frame, 0), "{\"type\":\"error\",\"error\":\"refused\","
						      "\"message\":\"no \\\"shouting\\\"\"}"));
	frame_release(frame);
}

static void other_replies_and_strict_peers_hear_nothing(void **state)
{
	struct codec_peer lenient = { 0 }, strict = { .strict = true };
	struct codec_reply done = { .kind = REPLY_DONE }, refused = { .kind = REPLY_REFUSED };
	struct frame *frame;

	(void)state;
	assert_int_equal(wording_reply(&lenient, &done, &frame), CODEC_NOTHING);
	assert_null(frame);
	assert_int_equal(wording_reply(&strict, &refused, &frame), CODEC_NOTHING);
	assert_null(frame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(actions_are_starred),
		cmocka_unit_test(every_reason_has_an_error_frame),
		cmocka_unit_test(a_reason_of_its_own_is_told),
		cmocka_unit_test(other_replies_and_strict_peers_hear_nothing),
	};

	return cmocka_run_group_tests_name("codecs/wording", tests, NULL, NULL);
}
