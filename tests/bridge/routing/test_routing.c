#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/routing/routing.h"
#include "routes/rules/route_table.h"
#include "tests/support/floor.h"
#include "tests/support/lines.h"

#define OPEN_LIMITS "limits: { messages_per_second = 0; };"
#define JUDGE       "backends: ( { name = \"judge\"; bind = \"ipc://j\"; queue = 100000; } );"
#define ASKED       "routes: ( { name = \"asked\"; then = ( { ask = \"judge\"; } ); } );"

static struct stage_instance *judge_open(struct floor *floor)
{
	struct stage_instance *judge = stage_instance_new(floor->stage, "j", SLICE("judge"));

	assert_non_null(judge);
	stage_instance_say(floor->stage, judge, SLICE("READY | {\"name\":\"judge\"}"), false);
	assert_non_null(judge->inbox);
	stage_instance_drop(judge);
	return judge;
}

static unsigned waiting(const struct floor *floor)
{
	unsigned count = 0;

	for (unsigned w = 0; w < floor->stage->bridge->worker_count; w++)
		count += floor->stage->bridge->workers[w]->routing_count;
	return count;
}

static void say(struct stage_client *client, const char *text)
{
	floor_say(client, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"%s\"}", text);
}

/* The rule that decides is looked for once, however the message then goes. */
static void decides_once(void **state)
{
	struct floor floor;
	struct stage_client *dan;

	(void)state;
	floor_open(&floor, 1,
		   OPEN_LIMITS FLOOR_LOBBY
		   "routes: ( { text = \"(a+)+$\"; kind = \"message\"; then = ( { refuse = "
		   "\"slow\"; } ); },"
		   " { text = \"b\"; then = ( { rewrite = \"text\"; to = \"{text}!\"; } ); } );");
	dan = floor_join(&floor, "dan", DIALECT_SIMPLE, NULL);
	say(dan, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
	floor_hears(&floor, dan, "{\"message\":\"@text\",...}");
	floor_forget(&floor);
	assert_int_equal(floor_counters(&floor)->patterns_limited, 1);
	assert_int_equal(waiting(&floor), 0);
	floor_close(&floor);
}

/* What a first room has answered may still wait for others, but only of whoever is first: so what
 * waits is bounded by the requests that may be under way. */
static void what_waits_is_bounded(void **state)
{
	struct floor floor;
	struct stage_client *dan;

	(void)state;
	floor_open(
	    &floor, 1,
	    OPEN_LIMITS FLOOR_LOBBY JUDGE
	    "routes: ( { kind = \"message\"; then = ( { room = \"{room}\"; }, { ask = \"judge\"; },"
	    " { backend = \"judge\"; } ); } );");
	(void)judge_open(&floor);
	dan = floor_join(&floor, "dan", DIALECT_SIMPLE, NULL);
	for (unsigned said = 0; said < 100; said++)
		say(dan, "x");
	assert_int_equal(waiting(&floor), 33);
	assert_true(dan->paused);
	stage_leave(dan);
	floor_close(&floor);
}

/* A server that ends at once, with sessions and lanes as they are, frees them in a right order. */
static void nothing_is_left_of_what_waits(void **state)
{
	struct floor floor;
	struct stage_client *dan;
	struct stage_instance *judge;

	(void)state;
	floor_open(&floor, 2, OPEN_LIMITS FLOOR_LOBBY JUDGE ASKED);
	judge = judge_open(&floor);
	dan = floor_join(&floor, "dan", DIALECT_SIMPLE, NULL);
	say(dan, "one");
	say(dan, "two");
	stage_instance_say(
	    floor.stage, judge,
	    SLICE("PUBLISH | {\"room\":\"lobby\"} | {\"kind\":\"message\",\"text\":\"x\"}"), false);
	assert_int_equal(waiting(&floor), 2);
	stage_free(floor.stage);
}

/* A session with nothing under way has no lane; one that goes leaves none behind. */
static void lanes_come_and_go(void **state)
{
	struct floor floor;
	struct stage_client *dan;
	struct stage_instance *judge;
	char answer[128];

	(void)state;
	floor_open(&floor, 1, OPEN_LIMITS FLOOR_LOBBY JUDGE ASKED);
	judge = judge_open(&floor);
	dan = floor_join(&floor, "dan", DIALECT_SIMPLE, NULL);
	assert_null(dan->session->lane);
	say(dan, "one");
	assert_non_null(dan->session->lane);
	assert_non_null(judge->inbox);
	snprintf(answer, sizeof(answer), "ANSWER | {\"id\":%llu,\"verdict\":\"allow\"}",
		 strtoull(strstr(judge->inbox->text, "\"id\":") + 5, NULL, 10));
	stage_instance_say(floor.stage, judge, slice_of(answer), false);
	assert_null(dan->session->lane);
	assert_int_equal(waiting(&floor), 0);
	say(dan, "two");
	assert_int_equal(waiting(&floor), 1);
	stage_leave(dan);
	assert_int_equal(waiting(&floor), 1);
	floor_close(&floor);
	lane_detach(&(struct lane *){ NULL });
	lane_left(NULL, NULL, true);
}

/* ---- answers in any order ---- */

#define SAID 5

/* What asks stand in the inbox, oldest first. */
static size_t asks_take(struct stage_instance *judge, unsigned long long ids[SAID])
{
	size_t count = 0;

	for (; judge->inbox; stage_instance_drop(judge)) {
		assert_true(count < SAID);
		ids[count++] = strtoull(strstr(judge->inbox->text, "\"id\":") + 5, NULL, 10);
	}
	return count;
}

static void judge_says(struct floor *floor, struct stage_instance *judge, unsigned long long id,
		       const char *verdict)
{
	char answer[128];

	snprintf(answer, sizeof(answer), "ANSWER | {\"id\":%llu,\"verdict\":\"%s\"}", id, verdict);
	stage_instance_say(floor->stage, judge, slice_of(answer), false);
}

/* The number'th order of SAID things. */
static void order_make(unsigned number, size_t order[SAID])
{
	for (size_t i = 0; i < SAID; i++)
		order[i] = i;
	for (size_t i = SAID; i > 1; number /= (unsigned)i, i--) {
		size_t other = number % i, kept = order[i - 1];

		order[i - 1] = order[other];
		order[other] = kept;
	}
}

static void said_and_answered(struct floor *floor, struct stage_instance *judge, unsigned number)
{
	struct stage_client *dan = floor->stage->clients, *eve = dan->next;
	unsigned long long ids[SAID];
	size_t order[SAID], again;
	char text[64];

	order_make(number, order);
	for (unsigned i = 0; i < SAID; i++) {
		snprintf(text, sizeof(text), "%u-%u", number, i);
		say(dan, text);
	}
	assert_int_equal(asks_take(judge, ids), SAID);
	for (size_t i = 0; i < SAID; i++)
		judge_says(floor, judge, ids[order[i]],
			   order[i] == number % SAID ? "refuse" : "allow");
	/* The second question of each comes when it has been put to all before. */
	again = asks_take(judge, ids);
	assert_int_equal(again, SAID - 1);
	for (size_t i = again; i-- > 0;)
		judge_says(floor, judge, ids[i], "allow");
	for (unsigned i = 0; i < SAID; i++) {
		snprintf(text, sizeof(text), "{\"message\":\"%u-%u\",...}", number, i);
		if (i != number % SAID)
			floor_hears(floor, eve, text);
	}
	floor_hears_nothing(eve);
	assert_int_equal(waiting(floor), 0);
	floor_forget(floor);
}

/* In whatever order a backend answers, a speaker's texts stay in theirs, and nothing is left. */
static void answers_come_in_any_order(void **state)
{
	struct stage_instance *judge;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1,
		   OPEN_LIMITS FLOOR_LOBBY JUDGE
		   "routes: ( { kind = \"message\"; then = ( { ask = \"judge\"; },"
		   " { ask = \"judge\"; } ); } );");
	judge = judge_open(&floor);
	assert_non_null(floor_join(&floor, "dan", DIALECT_SIMPLE, NULL));
	assert_non_null(floor_join(&floor, "eve", DIALECT_SIMPLE, NULL));
	floor_forget(&floor);
	for (unsigned number = 0; number < 120; number++)
		said_and_answered(&floor, judge, number);
	floor_close(&floor);
}

/* ---- what is said at an upstream ---- */

#define UPSTREAMS                                                                                  \
	"upstreams: ( { name = \"one\"; dialect = \"simple\"; url = \"http://127.0.0.1:1\"; room " \
	"= "                                                                                       \
	"\"lobby\"; }, { name = \"two\"; dialect = \"simple\"; url = \"http://127.0.0.1:2\"; "     \
	"room "                                                                                    \
	"= \"lobby\"; } );"

/* What the last call brought. */
static struct {
	unsigned calls;
	size_t upstream;
	uint64_t id, sequence;
	bool waits;
	char text[32], room[32];
} there;

static void said_there(struct worker *worker, size_t upstream, struct room_entry *room,
		       const struct envelope *event, const struct asker *asker)
{
	struct answer answer = { .kind = ANSWER_DONE, .room = room };

	there.calls++;
	there.upstream = upstream;
	there.id = event->id;
	there.sequence = event->sequence;
	there.waits = asker_waits(asker);
	snprintf(there.text, sizeof(there.text), "%.*s", (int)event->text.len, event->text.data);
	snprintf(there.room, sizeof(there.room), "%s", room->rules.name.data);
	worker->counters->intake.routed++;
	if (!there.waits)
		return;
	answer.event = envelope_hold(event);
	worker_answer(worker, asker, &answer);
}

static void said_with_links(const char *routes, const char *hears)
{
	struct floor floor;
	struct stage_client *dan;
	char config[2048];

	memset(&there, 0, sizeof(there));
	snprintf(config, sizeof(config), "%s", routes);
	floor_open(&floor, 1, config);
	floor.stage->bridge->workers[0]->upstream_said = said_there;
	dan = floor_join(&floor, "dan", DIALECT_SIMPLE, NULL);
	floor_forget(&floor);
	there.calls = 0;
	say(dan, "hi");
	floor_hears(&floor, dan, hears);
	floor_forget(&floor);
	floor_close(&floor);
}

static void an_upstream_takes_what_a_step_says(void **state)
{
	(void)state;
	said_with_links(
	    OPEN_LIMITS FLOOR_LOBBY UPSTREAMS
	    "routes: ( { kind = \"message\"; then = ( { upstream = \"two\"; }, { rewrite "
	    "= \"text\"; to = \"no\"; } ); } );",
	    "{\"type\":\"reply\",\"payload_id\":1,...}");
	assert_int_equal(there.calls, 1);
	assert_int_equal(there.upstream, 1);
	assert_true(there.waits && there.id != 0);
	assert_string_equal(there.text, "hi");
	assert_string_equal(there.room, "lobby");
}

static void an_upstream_hears_what_was_ordered(void **state)
{
	(void)state;
	said_with_links(
	    OPEN_LIMITS FLOOR_LOBBY UPSTREAMS
	    "routes: ( { kind = \"message\"; then = ( { room = \"{room}\"; }, { upstream "
	    "= \"one\"; } ); } );",
	    "{\"type\":\"message_sent\",\"message\":\"hi\",...}");
	assert_int_equal(there.calls, 1);
	assert_int_equal(there.upstream, 0);
	assert_true(!there.waits && there.id != 0 && there.sequence != 0);
}

static void without_links_it_is_refused(void **state)
{
	struct floor floor;
	struct stage_client *dan;

	(void)state;
	floor_open(
	    &floor, 1,
	    OPEN_LIMITS FLOOR_LOBBY UPSTREAMS
	    "routes: ( { kind = \"message\"; text = \"x\"; then = ( { upstream = \"one\"; } ); "
	    "}, { kind = \"message\"; then = ( { room = \"{room}\"; }, { upstream = \"one\"; } "
	    "); } );");
	dan = floor_join(&floor, "dan", DIALECT_SIMPLE, NULL);
	floor_forget(&floor);
	floor.stage->bridge->workers[0]->upstream_said = NULL;
	say(dan, "x");
	floor_hears(&floor, dan, "{\"type\":\"reply\",\"payload_id\":1,\"error\":\"no_answer\"}");
	floor_forget(&floor);
	assert_int_equal(floor_counters(&floor)->intake.refused[REASON_NO_ANSWER], 1);
	say(dan, "hi");
	floor_forget(&floor);
	assert_int_equal(floor_counters(&floor)->intake.refused[REASON_NO_ANSWER], 2);
	floor_close(&floor);
}

/* The asks of all sessions end, whoever asked, when the server does. */
static void everything_is_settled_at_the_end(void **state)
{
	struct floor floor;

	(void)state;
	floor_open(&floor, 4, OPEN_LIMITS FLOOR_LOBBY JUDGE ASKED);
	(void)judge_open(&floor);
	for (unsigned i = 0; i < 8; i++) {
		char name[16];

		snprintf(name, sizeof(name), "s%u", i);
		say(floor_join(&floor, name, DIALECT_SIMPLE, NULL), "hi");
	}
	assert_int_equal(waiting(&floor), 8);
	stage_balance(floor.stage);
	assert_string_equal(floor.stage->fault, "");
	assert_int_equal(waiting(&floor), 0);
	assert_int_equal(floor_counters(&floor)->intake.refused[REASON_CLOSING], 8);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides_once),
		cmocka_unit_test(what_waits_is_bounded),
		cmocka_unit_test(nothing_is_left_of_what_waits),
		cmocka_unit_test(lanes_come_and_go),
		cmocka_unit_test(everything_is_settled_at_the_end),
		cmocka_unit_test(answers_come_in_any_order),
		cmocka_unit_test(an_upstream_takes_what_a_step_says),
		cmocka_unit_test(an_upstream_hears_what_was_ordered),
		cmocka_unit_test(without_links_it_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
