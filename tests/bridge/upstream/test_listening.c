/* What a server says more than it should: what waits of it is bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/upstream/heard.h"
#include "bridge/upstream/id_map.h"
#include "bridge/upstream/late.h"
#include "bridge/upstream/link/link.h"
#include "bridge/upstream/listening.h"
#include "bridge/upstream/speaking.h"

static const struct codec_calls calls = { .has_history = true };
static const struct codec codec = { .name = "toy", .calls = &calls };

static void ended(struct link *link, enum reason reason)
{
	(void)reason;
	late_drop(link);
}

static const struct link_ops ops = { .ended = ended };

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
	struct call_account account = { .url = SLICE("http://there") };

	house->conf = (struct conf_upstream){ .name = (char *)(uintptr_t) "there",
					      .direction = (char *)(uintptr_t)CONF_BOTH };
	house->worker.bridge = &house->bridge;
	house->worker.counters = counters_new();
	house->upstream = (struct upstream){ .bridge = &house->bridge,
					     .worker = &house->worker,
					     .conf = &house->conf,
					     .codec = &codec,
					     .ids = id_map_new(10),
					     .heard = heard_queue_new(),
					     .speaking = speaking_new(),
					     .ops = &ops };
	house->link = link_new(&house->upstream, &account);
	house->link->state = LINK_UP;
	*state = house;
	return 0;
}

static int tear_down(void **state)
{
	struct house *house = *state;

	house->link->sayings.sent = 0;
	link_free(house->link);
	heard_queue_free(house->upstream.heard);
	speaking_free(house->upstream.speaking);
	id_map_free(house->upstream.ids);
	counters_free(house->worker.counters);
	free(house);
	return 0;
}

/* Edits of what may be ours, and on its way there. */
static uint64_t refused_of(struct house *house, unsigned times, struct slice text)
{
	struct call_heard heard = { .event = { .kind = KIND_EDIT, .text = text },
				    .target = SLICE("unknown") };

	house->link->sayings.sent = 1;
	for (unsigned i = 0; i < times; i++)
		listening_take(house->link, &heard);
	return house->worker.counters->upstreams[0].taken_refused[REASON_BUSY];
}

static void few_words_wait(void **state)
{
	assert_int_equal(refused_of(*state, 1005, SLICE("short")), 5);
}

static void many_words_do_not_wait(void **state)
{
	size_t len = 1024 * 1024;
	char *text = malloc(len);

	memset(text, 'x', len);
	assert_int_equal(refused_of(*state, 10, slice_span(text, len)), 7);
	free(text);
}

static void of_a_long_history_the_newest_is_kept(void **state)
{
	struct house *house = *state;
	size_t count = 0;

	for (unsigned i = 0; i < 1000; i++) {
		char id[8];

		snprintf(id, sizeof(id), "%u", i);
		late_heard(house->link, &(struct call_heard){ .event = { .kind = KIND_MESSAGE },
							      .id = slice_of(id) });
	}
	assert_true(slice_is(house->link->late->of.id, "900"));
	for (const struct heard *one = house->link->late; one; one = one->next)
		count++;
	assert_int_equal(count, 100);
}

int main(void)
{
#define LISTENING_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		LISTENING_TEST(few_words_wait),
		LISTENING_TEST(many_words_do_not_wait),
		LISTENING_TEST(of_a_long_history_the_newest_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
