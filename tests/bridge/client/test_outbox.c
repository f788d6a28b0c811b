#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/client/outbox.h"

#define SCRATCH 1024

/* A frame whose bytes, header included, are len long, all of them letter. */
static struct frame *frame_sized(size_t len, char letter)
{
	char text[512];

	assert_in_range(len, 3, 127);
	memset(text, letter, sizeof(text));
	return frame_of_text(FRAMING_WEBSOCKET, slice_span(text, len - 2));
}

static void push(struct outbox *outbox, size_t len, char letter, struct tally *tally)
{
	struct frame *frame = frame_sized(len, letter);

	assert_int_equal(frame->len, len);
	outbox_push(outbox, frame, tally, OUTCOME_DELIVERED, 0);
	frame_release(frame);
}

static void nothing_waits_in_a_new_one(void **state)
{
	struct outbox outbox = { 0 };
	unsigned char scratch[SCRATCH];
	size_t len = 7;
	uint32_t taken = 7;

	(void)state;
	assert_false(outbox_waiting(&outbox));
	assert_null(outbox_gather(&outbox, scratch, sizeof(scratch), &len, &taken));
	assert_int_equal(len, 0);
	assert_int_equal(taken, 0);
	outbox_clear(&outbox, OUTCOME_DROPPED_GONE);
}

static void one_frame_is_not_copied(void **state)
{
	struct outbox outbox = { 0 };
	unsigned char scratch[SCRATCH];
	struct tally tally = { 0 };
	struct frame *frame = frame_sized(20, 'a');
	size_t len;
	uint32_t taken;

	(void)state;
	outbox_push(&outbox, frame, &tally, OUTCOME_DEGRADED, 0);
	assert_int_equal(outbox.bytes, 20);
	assert_ptr_equal(outbox_gather(&outbox, scratch, sizeof(scratch), &len, &taken),
			 frame->bytes);
	assert_int_equal(len, 20);
	assert_int_equal(taken, 1);
	frame_release(frame); /* the outbox holds it */
	outbox_sent(&outbox, 1, true);
	assert_int_equal(tally.outcomes[OUTCOME_DEGRADED], 1);
	assert_int_equal(outbox.bytes, 0);
	assert_false(outbox_waiting(&outbox));
	outbox_clear(&outbox, OUTCOME_DROPPED_GONE);
}

static void several_go_together_in_order(void **state)
{
	struct outbox outbox = { 0 };
	unsigned char scratch[SCRATCH];
	struct tally tally = { 0 };
	const unsigned char *bytes;
	size_t len;
	uint32_t taken;

	(void)state;
	push(&outbox, 10, 'a', &tally);
	push(&outbox, 20, 'b', NULL);
	push(&outbox, 30, 'c', &tally);
	bytes = outbox_gather(&outbox, scratch, sizeof(scratch), &len, &taken);
	assert_ptr_equal(bytes, scratch);
	assert_int_equal(len, 60);
	assert_int_equal(taken, 3);
	assert_int_equal(bytes[9], 'a');
	assert_int_equal(bytes[10], 0x81);
	assert_int_equal(bytes[29], 'b');
	assert_int_equal(bytes[59], 'c');
	outbox_sent(&outbox, taken, true);
	assert_int_equal(tally.outcomes[OUTCOME_DELIVERED], 2);
	outbox_clear(&outbox, OUTCOME_DROPPED_GONE);
}

/* At the size, and one beyond; and a frame larger than the size goes alone. */
static void gathers_whole_frames_up_to_a_size(void **state)
{
	struct outbox outbox = { 0 };
	unsigned char scratch[SCRATCH];
	size_t len;
	uint32_t taken;

	(void)state;
	push(&outbox, 10, 'a', NULL);
	push(&outbox, 20, 'b', NULL);
	push(&outbox, 60, 'c', NULL);
	push(&outbox, 10, 'd', NULL);
	outbox_gather(&outbox, scratch, 30, &len, &taken);
	assert_int_equal(taken, 2);
	assert_int_equal(len, 30);
	outbox_gather(&outbox, scratch, 29, &len, &taken);
	assert_int_equal(taken, 1);
	assert_int_equal(len, 10);
	outbox_sent(&outbox, 2, true);
	assert_int_equal(outbox.bytes, 70);
	assert_ptr_not_equal(outbox_gather(&outbox, scratch, 59, &len, &taken), scratch);
	assert_int_equal(taken, 1);
	assert_int_equal(len, 60);
	outbox_clear(&outbox, OUTCOME_DROPPED_GONE);
}

static void partial_counts_nothing_until_complete(void **state)
{
	struct outbox outbox = { 0 };
	unsigned char scratch[SCRATCH];
	struct tally tally = { 0 };
	size_t len;
	uint32_t taken;

	(void)state;
	push(&outbox, 10, 'a', &tally);
	push(&outbox, 10, 'b', &tally);
	outbox_gather(&outbox, scratch, sizeof(scratch), &len, &taken);
	outbox_sent(&outbox, taken, false);
	assert_int_equal(tally.outcomes[OUTCOME_DELIVERED], 0);
	assert_int_equal(outbox.bytes, 20);
	assert_false(outbox_waiting(&outbox));
	push(&outbox, 15, 'c', &tally);
	assert_true(outbox_waiting(&outbox));
	outbox_gather(&outbox, scratch, sizeof(scratch), &len, &taken);
	assert_int_equal(len, 15);
	assert_int_equal(taken, 1);
	outbox_sent(&outbox, 0, true);
	assert_int_equal(tally.outcomes[OUTCOME_DELIVERED], 2);
	assert_int_equal(outbox.bytes, 15);
	outbox_sent(&outbox, 1, true);
	assert_int_equal(tally.outcomes[OUTCOME_DELIVERED], 3);
	outbox_clear(&outbox, OUTCOME_DROPPED_GONE);
}

/* What was handed to a write that is not complete is lost like the rest. */
static void clearing_counts_all_that_is_left(void **state)
{
	struct outbox outbox = { 0 };
	unsigned char scratch[SCRATCH];
	struct tally tally = { 0 };
	size_t len;
	uint32_t taken;

	(void)state;
	push(&outbox, 10, 'a', &tally);
	outbox_gather(&outbox, scratch, sizeof(scratch), &len, &taken);
	outbox_sent(&outbox, taken, false);
	push(&outbox, 10, 'b', &tally);
	push(&outbox, 10, 'c', NULL);
	outbox_clear(&outbox, OUTCOME_DROPPED_CUT);
	assert_int_equal(tally.outcomes[OUTCOME_DROPPED_CUT], 2);
	assert_int_equal(tally.outcomes[OUTCOME_DELIVERED], 0);
	assert_int_equal(outbox.bytes, 0);
	assert_false(outbox_waiting(&outbox));
	outbox_clear(&outbox, OUTCOME_DROPPED_CUT);
	assert_int_equal(tally.outcomes[OUTCOME_DROPPED_CUT], 2);
	push(&outbox, 10, 'd', &tally); /* usable again */
	outbox_sent(&outbox, 1, true);
	assert_int_equal(tally.outcomes[OUTCOME_DELIVERED], 1);
	outbox_clear(&outbox, OUTCOME_DROPPED_GONE);
}

static char letter_of(unsigned number)
{
	return (char)('a' + number % 26);
}

/* Writes that complete late, again and again: the order stays, and nothing is lost on the way. */
static void order_holds_over_many_writes(void **state)
{
	struct outbox outbox = { 0 };
	unsigned char scratch[SCRATCH];
	struct tally tally = { 0 };
	unsigned pushed = 0, seen = 0;

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		size_t len;
		uint32_t taken;
		const unsigned char *bytes;

		for (unsigned i = 0; i < 1 + round % 7; i++, pushed++)
			push(&outbox, 10, letter_of(pushed), &tally);
		bytes = outbox_gather(&outbox, scratch, 10 + round % 40, &len, &taken);
		for (size_t i = 9; i < len; i += 10)
			assert_int_equal(bytes[i], letter_of(seen++));
		outbox_sent(&outbox, taken, false);
		for (unsigned i = 0; i < round % 3; i++, pushed++)
			push(&outbox, 10, letter_of(pushed), &tally);
		outbox_sent(&outbox, 0, true);
		assert_int_equal(tally.outcomes[OUTCOME_DELIVERED], seen);
		assert_int_equal(outbox.bytes, (pushed - seen) * 10);
	}
	outbox_clear(&outbox, OUTCOME_DROPPED_GONE);
	assert_int_equal(tally.outcomes[OUTCOME_DELIVERED] + tally.outcomes[OUTCOME_DROPPED_GONE],
			 pushed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_waits_in_a_new_one),
		cmocka_unit_test(one_frame_is_not_copied),
		cmocka_unit_test(several_go_together_in_order),
		cmocka_unit_test(gathers_whole_frames_up_to_a_size),
		cmocka_unit_test(partial_counts_nothing_until_complete),
		cmocka_unit_test(clearing_counts_all_that_is_left),
		cmocka_unit_test(order_holds_over_many_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
