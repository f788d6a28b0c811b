/* A link whose server says nothing, too much, or what is nobody's business. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/upstream/link/calls.h"
#include "bridge/upstream/link/link.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

#define OUTBOX_S 60

/* What became of what was said. */
static struct {
	unsigned done, histories;
	enum reason reason;
	bool doubtful;
} told;

static void done(struct link *link, struct saying *saying)
{
	(void)link;
	told.done++;
	told.reason = saying->reason;
	told.doubtful = saying->doubtful;
	saying_free(saying);
}

static void down(struct link *link, bool was_up)
{
	(void)link;
	(void)was_up;
}

static void ended(struct link *link, enum reason reason)
{
	(void)link;
	(void)reason;
}

static void history(struct link *link, bool reaches)
{
	(void)reaches;
	link->settling = false;
	told.histories++;
}

static bool ready(struct link *link, struct saying_item *item, enum reason *why)
{
	(void)link;
	(void)item;
	*why = REASON_NONE;
	return false;
}

static const struct link_ops ops = { .down = down,
				     .ended = ended,
				     .history = history,
				     .ready = ready,
				     .done = done,
				     .fail = link_fail,
				     .pump = link_pump,
				     .settled = link_settled };

/* Nobody answers what is asked. */
static enum codec_status ask_history(struct call_peer *peer, uint32_t count, struct call_out *out)
{
	(void)peer;
	(void)count;
	(void)out;
	return CODEC_OK;
}

static enum reason decode(struct call_peer *peer, struct slice text, struct call_sink *sink)
{
	(void)sink;
	memset(peer->scratch, 0, text.len);
	return REASON_NONE;
}

static struct codec_calls calls = { .has_history = true, .history = ask_history, .decode = decode };
static const struct codec codec = { .name = "toy", .calls = &calls };

struct house {
	struct bridge bridge;
	struct worker worker;
	struct conf_upstream conf;
	struct upstream upstream;
	struct link *link;
};

static int set_up(void **state)
{
	struct house *house = calloc(1, sizeof(*house));
	struct call_account account = { .url = SLICE("http://there"),
					.secret = SLICE("s\xc3\xa9same") };

	house->conf = (struct conf_upstream){ .name = (char *)(uintptr_t) "there",
					      .outbox_seconds = OUTBOX_S,
					      .retry_seconds_max = 1 };
	house->worker.bridge = &house->bridge;
	house->worker.counters = counters_new();
	house->worker.tick_ms = house->worker.now_ms = 1000000;
	house->upstream = (struct upstream){ .bridge = &house->bridge,
					     .worker = &house->worker,
					     .conf = &house->conf,
					     .codec = &codec,
					     .ops = &ops };
	house->link = link_new(&house->upstream, &account);
	house->link->state = LINK_UP;
	memset(&told, 0, sizeof(told));
	calls.has_history = true;
	*state = house;
	return 0;
}

static int tear_down(void **state)
{
	struct house *house = *state;

	link_free(house->link);
	counters_free(house->worker.counters);
	free(house);
	return 0;
}

/* A message that was sent. */
static struct saying_item *sent(const struct house *house)
{
	struct envelope event = { .kind = KIND_MESSAGE, .text = SLICE("hello") };
	struct saying *saying = memory_zeroed(1, sizeof(*saying));
	struct saying_item *item = memory_zeroed(1, sizeof(*item));

	saying->event = envelope_seal(&event);
	saying->left = 1;
	item->saying = saying;
	item->serial = 7;
	item->first_ms = item->sent_ms = house->worker.tick_ms;
	sayings_add(&house->link->sayings, item);
	sayings_mark(&house->link->sayings, item, SAYING_SENT);
	return item;
}

/* It fails, and does not try again. */
static void break_down(struct house *house, struct slice why)
{
	link_fail(house->link, why, false, 0);
	house->link->retry_ms = UINT64_MAX;
}

static void tick(struct house *house, uint64_t later_ms)
{
	house->worker.tick_ms += later_ms;
	link_tick(house->link);
}

/* ---- why it failed ---- */

static void words_of_the_server_keep_our_secret(void **state)
{
	struct house *house = *state;

	break_down(house, SLICE("nobody has s\xc3\xa9same, nor s%C3%A9same"));
	assert_string_equal(house->link->why, "nobody has *******, nor ***********");
}

static void long_words_end_with_a_character(void **state)
{
	char words[4001];

	for (size_t shift = 0; shift < 2; shift++) {
		struct house *house = *state;
		size_t len;

		for (size_t i = 0; i < 4000; i++)
			words[i] = (i + shift) % 2 ? '\xa9' : '\xc3';
		words[0] = shift ? 'x' : words[0];
		words[4000] = '\0';
		house->link->state = LINK_UP;
		break_down(house, slice_of(words));
		len = strlen(house->link->why);
		assert_in_range(len, 100, LINK_WHY_MAX - 1);
		assert_true(text_is_utf8(slice_of(house->link->why)));
	}
}

/* ---- when it comes back ---- */

static void pauses(struct house *house, bool refused, uint32_t retry_after_s, uint64_t *least,
		   uint64_t *most)
{
	*least = UINT64_MAX;
	*most = 0;
	for (int i = 0; i < 100; i++) {
		uint64_t pause;

		house->link->state = LINK_UP;
		link_fail(house->link, SLICE("go away"), refused, retry_after_s);
		pause = house->link->retry_ms - house->worker.tick_ms;
		*least = pause < *least ? pause : *least;
		*most = pause > *most ? pause : *most;
	}
}

/* Else all that were sent away come at the same moment. */
static void those_sent_away_do_not_come_back_at_once(void **state)
{
	uint64_t least, most;

	pauses(*state, false, 30, &least, &most);
	assert_in_range(least, 30000, most - 1);
	pauses(*state, true, 0, &least, &most);
	assert_in_range(least, 60000, most - 1);
}

static void a_server_cannot_send_us_away_for_years(void **state)
{
	uint64_t least, most;

	assert_int_equal(link_wanted_ms(UINT32_MAX), 3600000);
	pauses(*state, false, UINT32_MAX, &least, &most);
	assert_in_range(least, 3600000, 3601000);
	assert_in_range(most, 3600000, 3601000);
}

/* ---- what was said ---- */

/* Only its echo was waited for. */
static void what_was_agreed_to_is_in_no_doubt(void **state)
{
	struct house *house = *state;

	for (int i = 0; i < 2; i++) {
		calls.has_history = i == 0;
		told.done = 0;
		house->link->state = LINK_UP;
		sent(house)->settled_ms = house->worker.tick_ms;
		break_down(house, SLICE("it broke"));
		assert_int_equal(told.done, 0);
		tick(house, 2000);
		assert_int_equal(told.done, 1);
		assert_int_equal(told.reason, REASON_NONE);
	}
}

/* The history could tell, if the server came back. */
static void doubts_end_while_the_server_is_away(void **state)
{
	struct house *house = *state;

	sent(house);
	break_down(house, SLICE("it broke"));
	tick(house, OUTBOX_S * 1000 - 1);
	assert_int_equal(told.done, 0);
	tick(house, 1);
	assert_int_equal(told.done, 1);
	assert_int_equal(told.reason, REASON_NO_ANSWER);
	assert_true(told.doubtful);
}

static void a_history_that_never_comes_holds_up_nothing(void **state)
{
	struct house *house = *state;

	house->link->asks_late = true;
	link_pump(house->link);
	assert_true(house->link->settling);
	tick(house, 9999);
	assert_int_equal(told.histories, 0);
	tick(house, 1);
	assert_int_equal(told.histories, 1);
	assert_false(house->link->settling);
	tick(house, 10000);
	assert_int_equal(told.histories, 1);
	assert_int_equal(house->link->state, LINK_UP);
}

static void a_reply_counts_once(void **state)
{
	struct house *house = *state;
	struct call_settled yes = { .serial = 7 },
			    no = { .serial = 7, .reason = REASON_RATE_LIMITED };
	struct saying_item *item = sent(house);

	item->settled_ms = house->worker.tick_ms;
	link_settled(house->link, &no);
	assert_int_equal(item->state, SAYING_SENT);
	item->settled_ms = 0;
	sayings_mark(&house->link->sayings, item, SAYING_WAITING);
	link_settled(house->link, &yes);
	assert_int_equal(told.done, 0);
	sayings_mark(&house->link->sayings, item, SAYING_SENT);
	link_settled(house->link, &yes);
	assert_int_equal(told.done, 1);
}

/* ---- memory ---- */

static void a_long_frame_is_not_paid_for_for_ever(void **state)
{
	struct house *house = *state;
	size_t len = 1024 * 1024;
	char *text = calloc(1, len);

	link_calls_hear(house->link, slice_span(text, len));
	link_calls_hear(house->link, SLICE("{}"));
	assert_in_range(house->link->scratch_size, 2 + 1024, 16 * 1024);
	free(text);
}

int main(void)
{
#define LINK_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		LINK_TEST(words_of_the_server_keep_our_secret),
		LINK_TEST(long_words_end_with_a_character),
		LINK_TEST(those_sent_away_do_not_come_back_at_once),
		LINK_TEST(a_server_cannot_send_us_away_for_years),
		LINK_TEST(what_was_agreed_to_is_in_no_doubt),
		LINK_TEST(doubts_end_while_the_server_is_away),
		LINK_TEST(a_history_that_never_comes_holds_up_nothing),
		LINK_TEST(a_reply_counts_once),
		LINK_TEST(a_long_frame_is_not_paid_for_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
