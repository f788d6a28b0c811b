/* Many clients of all dialects do at random whatever clients do: come, speak, moderate, stop
 * reading, vanish, while rooms kick them and turns are held up. Whatever happens, every frame is
 * well-formed, nothing is written out of turn, and at the end all counters balance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/log/log.h"
#include "tests/support/actors.h"
#include "tests/support/dialects.h"
#include "tests/support/stage.h"

#define SEEDS   8
#define STEPS   3000
#define CLIENTS 40
#define PEOPLE  25 /* some are here more than once */

static const char config[] =
    "limits: { messages_per_second = 0; message_bytes = 4096; outbox_bytes = 8192; };\n"
    "rooms = ( { name = \"lobby\"; mixer = 1; concord = 1; history = 5; },\n"
    "  { name = \"den\"; mixer = 2; concord = 2; open = false; },\n"
    "  { name = \"attic\"; mixer = 3; concord = 3; } );\n"
    "listeners = ( { mounts = (\n"
    "  { path = \"/mixer\"; dialect = \"mixer\"; room = \"lobby\"; },\n"
    "  { path = \"/concord\"; dialect = \"concord\"; room = \"lobby\"; },\n"
    "  { path = \"/rooms\"; dialect = \"rooms\"; room = \"lobby\"; },\n"
    "  { path = \"/simple\"; dialect = \"simple\"; room = \"attic\"; } ); } );\n";

struct turmoil {
	struct stage *stage;
	struct stage_client *clients[CLIENTS];
	uint32_t random;
};

static uint32_t dice(struct turmoil *t, uint32_t sides)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 17;
	t->random ^= t->random << 5;
	return t->random % sides;
}

/* A name may come again; who bears it twice shows the same secret. */
static void come(struct turmoil *t, uint32_t place)
{
	char name[16], credential[64];
	struct actor actor = { .credential = credential };
	size_t dialect = dice(t, DIALECTS);
	const char *secret;

	if (t->clients[place])
		return;
	snprintf(name, sizeof(name), "u%u", place % PEOPLE);
	secret = dice(t, 20) ? name : STAGE_OWNER_SECRET;
	if (dialect == DIALECT_MIXER)
		snprintf(credential, sizeof(credential), "%u:%s", 100 + place % PEOPLE, secret);
	else
		snprintf(credential, sizeof(credential), "%s:%s", name, secret);
	t->clients[place] = actor_join(t->stage, name, dialect, &actor);
}

static void leave(struct turmoil *t, uint32_t place)
{
	if (t->clients[place])
		stage_leave(t->clients[place]);
}

static void stall(struct turmoil *t, uint32_t place)
{
	if (t->clients[place])
		t->clients[place]->stalled = true;
}

static void resume(struct turmoil *t, uint32_t place)
{
	if (t->clients[place])
		stage_resume(t->clients[place]);
}

static void hold(struct turmoil *t, uint32_t place)
{
	(void)place;
	t->stage->held = !t->stage->held;
	stage_settle(t->stage);
}

static void pass_time(struct turmoil *t, uint32_t place)
{
	(void)place;
	stage_wait(t->stage, dice(t, 3000));
}

static void kick(struct turmoil *t, uint32_t place)
{
	struct envelope event = { .kind = KIND_KICK };

	if (!t->clients[place] || !t->clients[place]->number || dice(t, 4))
		return;
	event.subject.number = t->clients[place]->number;
	event.subject.name = slice_of(t->clients[place]->name);
	stage_bridge_says(t->stage, room_table_at(t->stage->bridge->rooms, dice(t, 3)), &event);
}

static void say_frame(struct turmoil *t, uint32_t place, const char *frame)
{
	if (t->clients[place] && t->clients[place]->session)
		stage_say(t->clients[place], slice_of(frame), false);
}

static void pass_door(struct turmoil *t, uint32_t place)
{
	struct slice room =
	    room_view(room_table_at(t->stage->bridge->rooms, dice(t, 3)), DIALECT_ROOMS)->room_id;
	char frame[128];

	snprintf(frame, sizeof(frame), "{\"type\":\"%s\",\"room_id\":\"%.*s\"}",
		 dice(t, 2) ? "enter" : "exit", (int)room.len, room.data);
	say_frame(t, place, frame);
}

static void moderate(struct turmoil *t, uint32_t place)
{
	static const char *const frames[] = {
		"{\"type\":\"method\",\"method\":\"clearMessages\",\"id\":1}",
		"{\"type\":\"method\",\"method\":\"purge\",\"arguments\":[\"u3\"],\"id\":1}",
		"{\"type\":\"method\",\"method\":\"timeout\",\"arguments\":[\"u4\",3],\"id\":1}",
		"{\"type\":\"method\",\"method\":\"vote:start\",\"arguments\":[\"q\",[\"a\"],3],"
		"\"id\":1}",
		"{\"type\":\"method\",\"method\":\"vote\",\"arguments\":[0],\"id\":1}",
		"{\"type\":\"method\",\"method\":\"whisper\",\"arguments\":[\"u5\",\"x\"],"
		"\"id\":1}",
		"{\"type\":\"method\",\"method\":\"history\",\"arguments\":[50],\"id\":1}",
		"{\"type\":\"method\",\"method\":\"optOutEvents\",\"arguments\":[\"UserJoin\"],"
		"\"id\":1}",
	};

	say_frame(t, place, frames[dice(t, sizeof(frames) / sizeof(frames[0]))]);
}

static void speak(struct turmoil *t, uint32_t place)
{
	struct stage_client *client = t->clients[place];
	char text[301];
	uint32_t len = dice(t, 300) + 1;

	if (!client || !client->session || !client->session->peer.logged_in)
		return;
	memset(text, 'a', len);
	text[len] = '\0';
	actor_says(client, text);
}

/* What is more likely stands there more than once. */
static void (*const deeds[])(struct turmoil *, uint32_t place) = {
	come, come, leave, stall, resume, hold, kick, pass_time, pass_door, moderate, speak, speak,
};

static void step(struct turmoil *t)
{
	uint32_t place = dice(t, CLIENTS);

	if (t->clients[place] && !t->clients[place]->session)
		t->clients[place] = NULL;
	deeds[dice(t, sizeof(deeds) / sizeof(deeds[0]))](t, place);
	for (size_t i = 0; i < CLIENTS; i++)
		if (t->clients[i])
			stage_drop_all(t->clients[i]);
}

static void run(uint32_t seed)
{
	struct turmoil t = { .random = seed * 2654435761U + 1 };
	struct counters *counters;

	t.stage = stage_new(config, 1 + seed % 4, STAGE_START_MS);
	assert_non_null(t.stage);
	for (unsigned i = 0; i < STEPS && !t.stage->fault[0]; i++)
		step(&t);
	stage_balance(t.stage);
	if (t.stage->fault[0])
		fail_msg("seed %u: %s", seed, t.stage->fault);
	/* It was no idle crowd. */
	counters = stage_counters(t.stage);
	assert_true(counters->intake.ordered > 100);
	assert_true(counters->sessions_cut > 0);
	assert_true(counters->connections_accepted > CLIENTS);
	counters_free(counters);
	stage_free(t.stage);
}

static void the_books_balance_whatever_happens(void **state)
{
	(void)state;
	log_set_level(LOG_ERROR);
	for (uint32_t seed = 1; seed <= SEEDS; seed++)
		run(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_books_balance_whatever_happens) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
