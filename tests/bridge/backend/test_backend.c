#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/backend/backend.h"
#include "bridge/backend/tell.h"
#include "bridge/core/log/log.h"
#include "tests/support/floor.h"
#include "tests/support/lines.h"

#define OPEN_LIMITS                                                                                \
	"limits: { messages_per_second = 0; ping_seconds = 3600; idle_seconds = 7200; };"
#define JUDGE                                                                                      \
	"backends: ( { name = \"judge\"; bind = \"ipc://j\"; heartbeat_ms = 1000; },"              \
	" { name = \"bot\"; bind = \"ipc://b\"; speaks_as = \"Bot\"; } );"
#define ASKED                                                                                      \
	"routes: ( { name = \"asked\"; kind = \"message\"; then = ( { ask = \"judge\"; },"         \
	" { backend = \"bot\"; }, { room = \"{room}\"; } ); } );"

static void instance_say(struct floor *floor, struct stage_instance *instance, const char *text)
{
	stage_instance_say(floor->stage, instance, slice_of(text), false);
}

static struct stage_instance *instance_new(struct floor *floor, const char *name,
					   const char *backend)
{
	struct stage_instance *instance = stage_instance_new(floor->stage, name, slice_of(backend));

	assert_non_null(instance);
	return instance;
}

/* The next message begins with that, and is dropped. */
static void gets(struct stage_instance *instance, const char *beginning)
{
	assert_non_null(instance->inbox);
	if (strncmp(instance->inbox->text, beginning, strlen(beginning)) != 0)
		fail_msg("%s got %s, not %s", instance->name, instance->inbox->text, beginning);
	stage_instance_drop(instance);
}

static struct stage_instance *ready(struct floor *floor, const char *name, const char *backend)
{
	struct stage_instance *instance = instance_new(floor, name, backend);
	char text[128];

	snprintf(text, sizeof(text), "READY | {\"name\":\"%s\"}", backend);
	instance_say(floor, instance, text);
	gets(instance, "READY | {");
	return instance;
}

static const struct backend_ledger *ledger(struct floor *floor, size_t index)
{
	return &floor_counters(floor)->backends[index];
}

/* Each belongs to one worker, and its name and place are known to all. */
static void owners_are_spread(void **state)
{
	struct floor floor;
	const struct bridge *bridge;

	(void)state;
	floor_open(&floor, 2, FLOOR_LOBBY JUDGE);
	bridge = floor.stage->bridge;
	assert_int_equal(bridge->backend_count, 2);
	assert_int_not_equal(backend_owner(bridge, 0), backend_owner(bridge, 1));
	assert_string_equal(backend_name(bridge->backends[1]), "bot");
	assert_string_equal(backend_endpoint(bridge->backends[0]), "memory");
	assert_false(bridge->wants_presence[0]);
	floor_close(&floor);
	backend_free(NULL);
	backend_close(NULL);
}

/* The 65th instance of a backend is turned away, and READY of one of the others is not. */
static void instances_are_bounded(void **state)
{
	struct floor floor;
	struct stage_instance *last, *first = NULL;

	(void)state;
	floor_open(&floor, 1, FLOOR_LOBBY JUDGE);
	for (unsigned i = 0; i < 64; i++) {
		char name[16];

		snprintf(name, sizeof(name), "i%u", i);
		last = ready(&floor, name, "judge");
		first = first ? first : last;
	}
	last = instance_new(&floor, "late", "judge");
	instance_say(&floor, last, "READY | {\"name\":\"judge\",\"id\":1}");
	gets(last, "ERROR | {\"id\":1,\"code\":\"too_many\"");
	assert_null(last->inbox);
	instance_say(&floor, first, "READY | {\"name\":\"judge\"}");
	gets(first, "READY | {");
	instance_say(&floor, first, "BYE");
	instance_say(&floor, last, "READY | {\"name\":\"judge\"}");
	gets(last, "READY | {");
	assert_int_equal(ledger(&floor, 0)->joined, 65);
	assert_int_equal(ledger(&floor, 0)->left, 1);
	floor_close(&floor);
}

/* Beats come while there is silence; silence of two beats is death, and all is counted. */
static void the_silent_are_dead(void **state)
{
	struct floor floor;
	struct stage_instance *judge;

	(void)state;
	floor_open(&floor, 1, FLOOR_LOBBY JUDGE);
	judge = ready(&floor, "j", "judge");
	stage_wait(floor.stage, 10000);
	assert_in_range(judge->beats, 9, 11);
	assert_int_equal(ledger(&floor, 0)->died, 0);
	judge->silent = true;
	stage_wait(floor.stage, 1750);
	assert_int_equal(ledger(&floor, 0)->died, 0);
	stage_wait(floor.stage, 500);
	assert_int_equal(ledger(&floor, 0)->died, 1);
	instance_say(&floor, judge, "HEARTBEAT");
	gets(judge, "ERROR | {\"code\":\"not_ready\"");
	assert_int_equal(ledger(&floor, 0)->not_ready, 1);
	floor_close(&floor);
}

static void wants(struct floor *floor, bool presence)
{
	assert_int_equal(floor->stage->bridge->wants_presence[0], presence);
}

static void control(struct floor *floor, struct stage_instance *instance, const char *what)
{
	char text[64];

	snprintf(text, sizeof(text), "CONTROL | {\"id\":1,\"do\":\"%s\"}", what);
	instance_say(floor, instance, text);
	gets(instance, "ACK | {");
}

/* Comings and goings are copied for a backend as long as an instance of it wants to hear them. */
static void presence_is_wanted_as_long_as_anybody_does(void **state)
{
	struct floor floor;
	struct stage_instance *one, *other;

	(void)state;
	floor_open(&floor, 2, FLOOR_LOBBY JUDGE);
	one = ready(&floor, "one", "judge");
	wants(&floor, false);
	control(&floor, one, "subscribe");
	wants(&floor, true);
	other = instance_new(&floor, "other", "judge");
	instance_say(&floor, other, "READY | {\"name\":\"judge\",\"presence\":true}");
	gets(other, "READY | {");
	control(&floor, one, "unsubscribe");
	wants(&floor, true);
	instance_say(&floor, other, "BYE");
	wants(&floor, false);
	control(&floor, one, "subscribe");
	/* READY again says anew what is wanted. */
	instance_say(&floor, one, "READY | {\"name\":\"judge\"}");
	gets(one, "READY | {");
	wants(&floor, false);
	control(&floor, one, "subscribe");
	one->silent = true;
	stage_wait(floor.stage, 2500);
	assert_int_equal(ledger(&floor, 0)->died, 1);
	wants(&floor, false);
	floor_close(&floor);
}

/* A long pause of ours is not their silence: what has come by then is heard first. */
static void our_pause_is_not_their_silence(void **state)
{
	struct floor floor;
	struct stage_instance *judge;

	(void)state;
	floor_open(&floor, 1, FLOOR_LOBBY JUDGE);
	judge = ready(&floor, "j", "judge");
	floor.stage->tick_ms += 60000;
	floor.stage->now_ms += 60000;
	stage_wait(floor.stage, 1);
	assert_int_equal(ledger(&floor, 0)->died, 0);
	instance_say(&floor, judge, "HEARTBEAT");
	assert_null(judge->inbox);
	floor_close(&floor);
}

/* Each ask and event is counted once where it ended. */
static void everything_is_counted(void **state)
{
	struct floor floor;
	struct stage_instance *judge, *bot;
	struct stage_client *dan;
	char text[256];

	(void)state;
	floor_open(&floor, 4, OPEN_LIMITS FLOOR_LOBBY JUDGE ASKED);
	judge = ready(&floor, "j", "judge");
	bot = ready(&floor, "b", "bot");
	dan = floor_join(&floor, "dan", DIALECT_SIMPLE, NULL);
	static const char *const ends[] = { "\"verdict\":\"allow\"}", "\"verdict\":\"refuse\"}",
					    "\"verdict\":\"change\"} | {\"text\":\"y\"}", NULL };

	for (size_t i = 0; i < 4; i++) {
		unsigned long long id;

		floor_say(dan, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"x\"}");
		id = strtoull(strstr(judge->inbox->text, "\"id\":") + 5, NULL, 10);
		gets(judge, "ASK | {");
		if (ends[i]) {
			snprintf(text, sizeof(text), "ANSWER | {\"id\":%llu,%s", id, ends[i]);
			instance_say(&floor, judge, text);
		}
		if (i == 0) {
			snprintf(text, sizeof(text), "ACK | {\"id\":%llu}",
				 strtoull(strstr(bot->inbox->text, "\"id\":") + 5, NULL, 10));
			instance_say(&floor, bot, text);
		}
	}
	stage_wait(floor.stage, 5000);
	assert_int_equal(ledger(&floor, 0)->asked, 4);
	assert_int_equal(ledger(&floor, 0)->allowed, 1);
	assert_int_equal(ledger(&floor, 0)->refused, 1);
	assert_int_equal(ledger(&floor, 0)->changed, 1);
	assert_int_equal(ledger(&floor, 0)->asks_failed[POOL_EXPIRED], 1);
	assert_int_equal(ledger(&floor, 1)->events, 2);
	assert_int_equal(ledger(&floor, 1)->acknowledged, 1);
	assert_int_equal(ledger(&floor, 1)->events_failed[POOL_EXPIRED], 1);
	assert_int_equal(floor_counters(&floor)->intake.routed, 1);
	floor_close(&floor);
}

/* When the server ends, every instance is told, also one that is leaving. */
static void bye_is_said(void **state)
{
	struct floor floor;
	struct stage_instance *judge, *bot;

	(void)state;
	floor_open(&floor, 2, FLOOR_LOBBY JUDGE);
	judge = ready(&floor, "j", "judge");
	bot = ready(&floor, "b", "bot");
	for (unsigned w = 0; w < 2; w++)
		backends_bye(floor.stage->bridge->workers[w]);
	gets(judge, "BYE | {}");
	gets(bot, "BYE | {}");
	assert_null(judge->inbox);
	floor_close(&floor);
}

/* More than a turn takes is taken in the next. */
static void a_flood_waits_for_its_turn(void **state)
{
	struct floor floor;
	struct stage_instance *judge;
	struct worker *worker;

	(void)state;
	floor_open(&floor, 1, FLOOR_LOBBY JUDGE);
	judge = ready(&floor, "j", "judge");
	floor_hold(&floor);
	for (unsigned i = 0; i < 300; i++)
		instance_say(&floor, judge, "CONTROL | {\"do\":\"members\",\"room\":\"lobby\"}");
	worker = floor.stage->bridge->workers[0];
	assert_true(backends_turn(worker));
	assert_int_equal(ledger(&floor, 0)->requests, 256);
	assert_false(backends_turn(worker));
	assert_int_equal(ledger(&floor, 0)->requests, 300);
	floor_go(&floor);
	for (unsigned i = 0; i < 300; i++)
		gets(judge, "ACK | {");
	floor_close(&floor);
}

static size_t lines_of(FILE *file)
{
	size_t lines = 0;
	int c;

	rewind(file);
	while ((c = getc(file)) != EOF)
		lines += c == '\n';
	return lines;
}

/* Whoever comes and goes without an end is counted each time, and fills no log; later ones are told
 * again. */
static void news_are_not_told_without_end(void **state)
{
	struct floor floor;
	struct stage_instance *judge;
	FILE *log = tmpfile();
	int stderr_before = dup(STDERR_FILENO);
	size_t after_flood;

	(void)state;
	assert_non_null(log);
	floor_open(&floor, 1, FLOOR_LOBBY JUDGE);
	stage_wait(floor.stage, 20000);
	judge = instance_new(&floor, "j", "judge");
	log_set_level(LOG_INFO);
	dup2(fileno(log), STDERR_FILENO);
	for (unsigned i = 0; i < 500; i++) {
		instance_say(&floor, judge, "READY | {\"name\":\"judge\"}");
		gets(judge, "READY | {");
		instance_say(&floor, judge, "BYE");
	}
	after_flood = lines_of(log);
	stage_wait(floor.stage, 20000);
	instance_say(&floor, judge, "READY | {\"name\":\"judge\"}");
	dup2(stderr_before, STDERR_FILENO);
	close(stderr_before);
	log_set_level(LOG_WARNING);
	gets(judge, "READY | {");
	assert_int_equal(ledger(&floor, 0)->joined, 501);
	assert_int_equal(ledger(&floor, 0)->left, 500);
	assert_in_range(after_flood, 100, 200);
	assert_int_equal(lines_of(log), after_flood + 1);
	fclose(log);
	floor_close(&floor);
}

/* ---- when a socket is looked at ---- */

static enum socket_sent quiet_send(void *socket, const struct slice *frames, size_t count)
{
	(void)socket;
	(void)frames;
	(void)count;
	return SOCKET_SENT;
}

static bool quiet_receive(void *socket, struct socket_message *message)
{
	unsigned *looks = socket;

	(void)message;
	++*looks;
	return false;
}

static void quiet_tend(void *socket, struct socket_news *news)
{
	(void)socket;
	(void)news;
}

static unsigned looks_of_a_turn(struct worker *worker, const unsigned *looks)
{
	unsigned before = *looks;

	assert_false(backends_turn(worker));
	return *looks - before;
}

/* A look in vain is two system calls, and every turn has a chance for one. But what came while the
 * socket was in use fires no more. */
static void a_socket_that_fires_is_looked_at_when_something_may_be_there(void **state)
{
	static const struct socket_ops quiet = {
		.send = quiet_send, .receive = quiet_receive, .fires = true, .tend = quiet_tend
	};
	struct slice somebody = SLICE("somebody"), none = { NULL, 0 };
	struct backend *backend;
	struct worker *worker;
	struct floor floor;
	unsigned looks = 0;

	(void)state;
	floor_open(&floor, 1, FLOOR_LOBBY JUDGE);
	worker = floor.stage->bridge->workers[0];
	backend = floor.stage->bridge->backends[0];
	backend_attach(backend, &quiet, &looks, "memory");
	assert_int_equal(looks_of_a_turn(worker, &looks), 1);
	assert_int_equal(looks_of_a_turn(worker, &looks), 0);
	worker->fired = true;
	assert_int_equal(looks_of_a_turn(worker, &looks), 1);
	assert_int_equal(looks_of_a_turn(worker, &looks), 0);
	backend_error(backend, somebody, none, SLICE("code"), SLICE("text"));
	assert_int_equal(looks_of_a_turn(worker, &looks), 1);
	assert_int_equal(looks_of_a_turn(worker, &looks), 0);
	backends_tick(worker);
	assert_int_equal(looks_of_a_turn(worker, &looks), 1);
	assert_int_equal(looks_of_a_turn(worker, &looks), 0);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners_are_spread),
		cmocka_unit_test(instances_are_bounded),
		cmocka_unit_test(the_silent_are_dead),
		cmocka_unit_test(presence_is_wanted_as_long_as_anybody_does),
		cmocka_unit_test(our_pause_is_not_their_silence),
		cmocka_unit_test(everything_is_counted),
		cmocka_unit_test(bye_is_said),
		cmocka_unit_test(a_flood_waits_for_its_turn),
		cmocka_unit_test(news_are_not_told_without_end),
		cmocka_unit_test(a_socket_that_fires_is_looked_at_when_something_may_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
