/* The link that is listened to ends, and another tells what it missed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/upstream/ear.h"
#include "bridge/upstream/link/link.h"

static struct {
	char heard[2000]; /* the first bytes of frames */
	size_t count;
} told;

static void down(struct link *link, bool was_up)
{
	(void)was_up;
	ear_down(link);
}

static void ended(struct link *link, enum reason reason)
{
	(void)reason;
	ear_down(link);
}

static const struct link_ops ops = { .down = down, .ended = ended, .fail = link_fail };

static enum reason decode(struct call_peer *peer, struct slice text, struct call_sink *sink)
{
	(void)peer;
	told.heard[told.count++] = text.data[0];
	if (slice_is(text, "kicked"))
		sink->refused(sink, REASON_NOT_MEMBER, (struct slice){ NULL, 0 });
	return REASON_NONE;
}

static const struct codec_calls calls = { .decode = decode };
static const struct codec codec = { .name = "toy", .calls = &calls };

struct house {
	struct bridge bridge;
	struct worker worker;
	struct conf_upstream conf;
	struct upstream upstream;
	struct link *ear, *other;
};

static struct link *up(struct house *house)
{
	struct call_account account = { .url = SLICE("http://there") };
	struct link *link = link_new(&house->upstream, &account);

	link->state = LINK_UP;
	ear_up(link);
	return link;
}

static int set_up(void **state)
{
	struct house *house = calloc(1, sizeof(*house));

	house->conf =
	    (struct conf_upstream){ .name = (char *)(uintptr_t) "there", .retry_seconds_max = 1 };
	house->worker.bridge = &house->bridge;
	house->worker.counters = counters_new();
	house->upstream = (struct upstream){ .bridge = &house->bridge,
					     .worker = &house->worker,
					     .conf = &house->conf,
					     .codec = &codec,
					     .front = true,
					     .ops = &ops };
	memset(&told, 0, sizeof(told));
	house->ear = up(house);
	house->other = up(house);
	assert_ptr_equal(house->upstream.ear, house->ear);
	*state = house;
	return 0;
}

static int tear_down(void **state)
{
	struct house *house = *state;

	while (house->upstream.links)
		link_free(house->upstream.links);
	counters_free(house->worker.counters);
	free(house);
	return 0;
}

static void lose_ear(struct house *house)
{
	link_fail(house->ear, SLICE("it broke"), false, 0);
}

static void what_was_missed_is_told_once(void **state)
{
	struct house *house = *state;

	ear_frame(house->ear, SLICE("both"));
	for (const char *const *at = (const char *const[]){ "a", "both", "c", "d", NULL }; *at;
	     at++)
		ear_frame(house->other, slice_of(*at));
	lose_ear(house);
	assert_ptr_equal(house->upstream.ear, house->other);
	assert_string_equal(told.heard, "cd");
}

static void who_fails_by_what_it_hears_hears_no_more(void **state)
{
	struct house *house = *state;

	ear_frame(house->ear, SLICE("both"));
	ear_frame(house->other, SLICE("both"));
	ear_frame(house->other, SLICE("kicked"));
	for (int i = 0; i < EAR_FRAMES - 2; i++)
		ear_frame(house->other, SLICE("x"));
	lose_ear(house);
	assert_null(house->upstream.ear);
	assert_int_equal(house->other->state, LINK_DOWN);
	assert_string_equal(told.heard, "k");
}

/* Each client of ours has such a memory. */
static void of_long_frames_fewer_are_kept(void **state)
{
	struct house *house = *state;
	char frame[4000];

	memset(frame, '-', sizeof(frame));
	for (char first = 'a'; first < 'a' + 20; first++) {
		frame[0] = first;
		ear_frame(house->other, slice_span(frame, sizeof(frame)));
		if (first == 'e' || first == 'n')
			ear_frame(house->ear, slice_span(frame, sizeof(frame)));
	}
	lose_ear(house);
	assert_string_equal(told.heard, "opqrst");
	/* The other way round: what is heard by both is too long ago. */
	memset(&told, 0, sizeof(told));
	house->ear->state = LINK_UP;
	house->upstream.ear = house->other;
	frame[0] = 'A';
	ear_frame(house->other, slice_span(frame, sizeof(frame)));
	for (char first = 'A'; first < 'A' + 20; first++) {
		frame[0] = first;
		ear_frame(house->ear, slice_span(frame, sizeof(frame)));
	}
	link_fail(house->other, SLICE("it broke"), false, 0);
	assert_string_equal(told.heard, "");
}

/* What several keep, they keep once: each tells only what came to itself. */
static void each_tells_what_itself_has_heard(void **state)
{
	struct house *house = *state;
	struct link *third = up(house);

	ear_frame(house->ear, SLICE("both"));
	for (const char *const *at = (const char *const[]){ "both", "c", "d", NULL }; *at; at++) {
		ear_frame(house->other, slice_of(*at));
		ear_frame(third, slice_of(*at));
	}
	ear_frame(third, SLICE("third"));
	ear_frame(third, SLICE("e"));
	ear_frame(house->other, SLICE("e"));
	lose_ear(house);
	assert_string_equal(told.heard, "cde");
	ear_frame(house->other, SLICE("d"));
	link_fail(house->other, SLICE("it broke"), false, 0);
	assert_ptr_equal(house->upstream.ear, third);
	assert_string_equal(told.heard, "cdete");
}

int main(void)
{
#define EAR_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		EAR_TEST(what_was_missed_is_told_once),
		EAR_TEST(who_fails_by_what_it_hears_hears_no_more),
		EAR_TEST(each_tells_what_itself_has_heard),
		EAR_TEST(of_long_frames_fewer_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
