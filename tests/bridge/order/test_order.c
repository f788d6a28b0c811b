#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/order/order.h"
#include "bridge/turn.h"
#include "tests/support/accounts.h"
#include "tests/support/actors.h"
#include "tests/support/floor.h"

#define WORKERS  4
#define ATTIC_ID "\"room_id\":\"20bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a02\""

/* Somebody of each dialect on each worker: witnesses named by dialect and worker. */
static void crowd(struct floor *floor, struct stage_client *people[DIALECTS][WORKERS])
{
	for (unsigned w = 0; w < WORKERS; w++)
		for (size_t d = 0; d < DIALECTS; d++) {
			char name[16];

			snprintf(name, sizeof(name), "p%zu-%u", d, w);
			people[d][w] = floor_join(floor, name, d, NULL);
		}
}

static const char *const enter_patterns[DIALECTS] = {
	[DIALECT_MIXER] = "{\"event\":\"UserJoin\",\"data\":{\"username\":\"ann\",...},...}",
	[DIALECT_CONCORD] = "{\"userId\":@ann,\"status\":\"ONLINE\",...}",
	[DIALECT_ROOMS] = "{\"type\":\"enter\",\"user_id\":\"@ann.uuid\",...}",
	[DIALECT_SIMPLE] = "{\"type\":\"user_connected\",\"username\":\"ann\",...}",
};

static const char *const exit_patterns[DIALECTS] = {
	[DIALECT_MIXER] = "{\"event\":\"UserLeave\",\"data\":{\"username\":\"ann\",...},...}",
	[DIALECT_CONCORD] = "{\"userId\":@ann,\"status\":\"OFFLINE\",...}",
	[DIALECT_ROOMS] = "{\"type\":\"exit\",\"user_id\":\"@ann.uuid\",...}",
	[DIALECT_SIMPLE] = "{\"type\":\"user_disconnected\",\"username\":\"ann\",...}",
};

/* Everybody hears it once. */
static void all_hear(struct floor *floor, struct stage_client *people[DIALECTS][WORKERS],
		     const char *const patterns[DIALECTS])
{
	for (size_t d = 0; d < DIALECTS; d++)
		for (unsigned w = 0; w < WORKERS; w++) {
			floor_hears(floor, people[d][w], patterns[d]);
			floor_hears_nothing(people[d][w]);
		}
}

static const char *const kick_patterns[DIALECTS] = {
	[DIALECT_MIXER] = "{\"event\":\"ChatMessage\",\"data\":{\"user_id\":@bridge,...},...}",
	[DIALECT_CONCORD] = "{\"chat\":{\"content\":\"\\\"ann\\\" was kicked\",...},...}",
	[DIALECT_ROOMS] = "{\"content\":\"\\\"ann\\\" was kicked\",...}",
	[DIALECT_SIMPLE] = "{\"message\":\"\\\"ann\\\" was kicked\",...}",
};

/* That somebody is gone, and then why. */
static void all_hear_kick(struct floor *floor, struct stage_client *people[DIALECTS][WORKERS])
{
	for (size_t d = 0; d < DIALECTS; d++)
		for (unsigned w = 0; w < WORKERS; w++)
			floor_hears(floor, people[d][w], exit_patterns[d]);
	all_hear(floor, people, kick_patterns);
}

static void comings_and_goings_are_heard_everywhere(void **state)
{
	struct floor floor;
	struct stage_client *people[DIALECTS][WORKERS], *ann;

	(void)state;
	floor_open(&floor, WORKERS, NULL);
	crowd(&floor, people);
	ann = floor_connect(&floor, "ann", DIALECT_CONCORD, "token=ann");
	all_hear(&floor, people, enter_patterns);
	floor_hears(&floor, ann, enter_patterns[DIALECT_CONCORD]);
	floor_hears_nothing(ann);
	stage_leave(ann);
	all_hear(&floor, people, exit_patterns);
	floor_close(&floor);
}

/* A person is in a room once: the first connection enters, the last leaves. */
static void a_second_connection_enters_nothing(void **state)
{
	struct floor floor;
	struct stage_client *people[DIALECTS][WORKERS], *ann[WORKERS];

	(void)state;
	floor_open(&floor, WORKERS, NULL);
	crowd(&floor, people);
	ann[0] = floor_join(&floor, "ann", DIALECT_CONCORD, "ann:k");
	for (unsigned i = 1; i < WORKERS; i++) {
		ann[i] = floor_connect(&floor, "ann", i % 2 ? DIALECT_ROOMS : DIALECT_CONCORD,
				       i % 2 ? "key=ann:k" : "token=ann:k");
		for (size_t d = 0; d < DIALECTS; d++)
			for (unsigned w = 0; w < WORKERS; w++)
				floor_hears_nothing(people[d][w]);
		floor_hears_nothing(ann[0]);
	}
	/* Each of them hears what is said. */
	actor_says(people[DIALECT_SIMPLE][0], "hi");
	for (unsigned i = 0; i < WORKERS; i++)
		assert_int_equal(floor_heard(ann[i]), 1);
	floor_forget(&floor);
	for (unsigned i = 0; i + 1 < WORKERS; i++) {
		stage_leave(ann[i]);
		floor_hears_nothing(people[DIALECT_SIMPLE][i]);
	}
	stage_leave(ann[WORKERS - 1]);
	all_hear(&floor, people, exit_patterns);
	floor_close(&floor);
}

/* Thrown out wherever they are, once for all to hear. */
static void a_kick_finds_every_connection(void **state)
{
	struct floor floor;
	struct stage_client *people[DIALECTS][WORKERS], *ann[WORKERS * 2], *rooms;

	(void)state;
	floor_open(&floor, WORKERS, NULL);
	crowd(&floor, people);
	for (unsigned i = 0; i < WORKERS * 2; i++)
		ann[i] = floor_join(&floor, "ann", i % 2 ? DIALECT_CONCORD : DIALECT_MIXER,
				    i % 2 ? "ann:k" : "7:k");
	rooms = floor_join(&floor, "ann", DIALECT_ROOMS, "ann:k");
	assert_int_equal(floor_inject(&floor, "{\"kind\":\"kick\",\"subject\":\"ann\"}"),
			 REASON_NONE);
	all_hear_kick(&floor, people);
	for (unsigned i = 0; i < WORKERS * 2; i++) {
		assert_int_equal(ann[i]->close_code, 1008);
		assert_true(floor_heard(ann[i]) >= 1);
	}
	/* A dialect whose connections are in many rooms only leaves this one. */
	floor_hears(&floor, rooms, "{\"type\":\"kick\",...}");
	assert_int_equal(rooms->close_code, 0);
	assert_int_equal(rooms->session->membership_count, 0);
	actor_says(people[DIALECT_SIMPLE][1], "gone");
	floor_hears_nothing(rooms);
	stage_leave(rooms);
	floor_forget(&floor);
	/* And may come back. */
	floor_connect(&floor, "ann again", DIALECT_CONCORD, "token=ann:k");
	for (size_t d = 0; d < DIALECTS; d++)
		for (unsigned w = 0; w < WORKERS; w++)
			assert_int_equal(floor_heard(people[d][w]), 1);
	floor_close(&floor);
}

/* What the victim had asked for before the kick reached its worker is answered, and no more. */
static void requests_after_a_kick_are_refused(void **state)
{
	struct floor floor;
	struct stage_client *ann, *bob;
	struct envelope kick = { .kind = KIND_KICK };
	struct room_entry *lobby;

	(void)state;
	floor_open(&floor, WORKERS, NULL);
	lobby = room_table_at(floor.stage->bridge->rooms, 0);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	ann = floor_join(&floor, "ann", DIALECT_ROOMS, NULL);
	kick.subject = ann->session->peer.self;
	floor_hold(&floor);
	assert_int_equal(
	    order_say(floor.stage->bridge->workers[lobby->owner], lobby, envelope_seal(&kick)),
	    REASON_NONE);
	actor_says(ann, "too late");
	floor_go(&floor);
	floor_hears(&floor, bob, "{\"type\":\"user_disconnected\",\"username\":\"ann\",...}");
	floor_hears(&floor, bob, "{\"message\":\"\\\"ann\\\" was kicked\",...}");
	floor_hears_nothing(bob);
	assert_int_equal(ann->session->under_way, 0);
	assert_int_equal(floor_counters(&floor)->intake.refused[REASON_NOT_MEMBER], 1);
	floor_close(&floor);
}

/* Somebody goes and comes again, by whatever workers: who knows people by name alone hears it in
 * that order, and does not think them gone. */
static void a_name_changes_hands_in_order(void **state)
{
	(void)state;
	for (unsigned first = 0; first < WORKERS; first++) {
		struct floor floor;
		struct stage_client *cy, *bob;

		floor_open(&floor, WORKERS, NULL);
		cy = floor_join(&floor, "cy", DIALECT_SIMPLE, NULL);
		for (unsigned i = 0; i < first; i++)
			stage_leave(floor_connect(&floor, "nobody", DIALECT_MIXER, NULL));
		bob = floor_join(&floor, "bob", DIALECT_CONCORD, NULL);
		floor_hold(&floor);
		stage_leave(bob);
		floor_connect(&floor, "bob", DIALECT_CONCORD, "token=bob");
		floor_go(&floor);
		floor_hears(&floor, cy,
			    "{\"type\":\"user_disconnected\",\"username\":\"bob\",...}");
		floor_hears(&floor, cy, "{\"type\":\"user_connected\",\"username\":\"bob\",...}");
		floor_hears_nothing(cy);
		floor_close(&floor);
	}
}

#define LOBBY_ID "10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01"

/* Entered, kicked, left and entered again, all before the first entry was confirmed: what counts
 * is the last. */
static void an_outdated_entry_counts_for_nothing(void **state)
{
	(void)state;
	for (unsigned first = 0; first < WORKERS; first++) {
		struct floor floor;
		struct stage_client *cy, *dora;
		struct bridge *bridge;

		floor_open(&floor, WORKERS, NULL);
		bridge = floor.stage->bridge;
		cy = floor_join(&floor, "cy", DIALECT_SIMPLE, NULL);
		for (unsigned i = 0; i < first; i++)
			stage_leave(floor_connect(&floor, "nobody", DIALECT_MIXER, NULL));
		dora = floor_join(&floor, "dora", DIALECT_ROOMS, NULL);
		floor_say(dora, "{\"type\":\"exit\",\"room_id\":\"" LOBBY_ID "\"}");
		floor_hold(&floor);
		floor_say(dora, "{\"type\":\"enter\",\"room_id\":\"" LOBBY_ID "\"}");
		turn_run(bridge->workers[room_table_at(bridge->rooms, 0)->owner]);
		assert_int_equal(floor_inject(&floor, "{\"kind\":\"kick\",\"room\":\"lobby\","
						      "\"subject\":\"dora\"}"),
				 REASON_NONE);
		floor_say(dora, "{\"type\":\"exit\",\"room_id\":\"" LOBBY_ID "\"}");
		floor_say(dora, "{\"type\":\"enter\",\"room_id\":\"" LOBBY_ID "\"}");
		floor_go(&floor);
		floor_forget(&floor);
		actor_says(cy, "hello");
		floor_hears(&floor, dora, "{\"type\":\"message\",\"content\":\"hello\",...}");
		floor_say(dora, "{\"type\":\"exit\",\"room_id\":\"" LOBBY_ID "\"}");
		floor_forget(&floor);
		actor_says(cy, "alone");
		floor_hears_nothing(dora);
		floor_close(&floor);
	}
}

/* Out of the room, but still online: a dialect that knows only who is online hears nothing. */
static void leaving_a_room_is_not_going_away(void **state)
{
	struct floor floor;
	struct stage_client *dora, *cy, *bob;

	(void)state;
	floor_open(&floor, WORKERS, FLOOR_TWO_ROOMS);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	dora = floor_join(&floor, "dora", DIALECT_ROOMS, NULL);
	floor_say(dora, "{\"type\":\"enter\"," ATTIC_ID "}");
	floor_hears_nothing(cy);
	floor_say(dora, "{\"type\":\"exit\",\"room_id\":"
			"\"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\"}");
	floor_hears(&floor, bob, "{\"type\":\"user_disconnected\",\"username\":\"dora\",...}");
	floor_hears_nothing(cy);
	/* Out of the last room, nobody sees her. */
	floor_say(dora, "{\"type\":\"exit\"," ATTIC_ID "}");
	floor_hears(&floor, cy, "{\"status\":\"OFFLINE\",...}");
	floor_hears_nothing(cy);
	floor_say(dora, "{\"type\":\"enter\"," ATTIC_ID "}");
	floor_hears(&floor, cy, "{\"status\":\"ONLINE\",...}");
	floor_hears_nothing(cy);
	floor_close(&floor);
}

/* Nobody present, nothing made for them: a room's event goes to its members alone. */
static void rooms_are_apart(void **state)
{
	struct floor floor;
	struct stage_client *bob, *al;
	const struct counters *counters;

	(void)state;
	floor_open(&floor, WORKERS, FLOOR_TWO_ROOMS);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	al = floor_join_at(&floor, "al", DIALECT_SIMPLE, "/attic");
	actor_says(bob, "below");
	floor_hears_nothing(al);
	floor_forget(&floor);
	actor_says(al, "above");
	floor_hears_nothing(bob);
	counters = floor_counters(&floor);
	assert_int_equal(counters->rooms[0].dialects[DIALECT_SIMPLE].accepted, 2);
	assert_int_equal(counters->rooms[1].dialects[DIALECT_SIMPLE].accepted, 2);
	assert_int_equal(counters->rooms[0].dialects[DIALECT_MIXER].accepted, 0);
	floor_close(&floor);
}

/* Everybody who hears two messages hears them in one order, wherever they came from. */
static void a_room_has_one_order(void **state)
{
	struct floor floor;
	struct stage_client *people[WORKERS];

	(void)state;
	floor_open(&floor, WORKERS, FLOOR_LOBBY "limits = {" FLOOR_NO_RATE " };");
	for (unsigned w = 0; w < WORKERS; w++) {
		char name[8];

		snprintf(name, sizeof(name), "p%u", w);
		people[w] = floor_join(&floor, name, DIALECT_CONCORD, NULL);
	}
	for (unsigned round = 0; round < 5; round++) {
		floor_hold(&floor);
		for (unsigned i = 0; i < 20; i++)
			actor_says(people[i * 7 % WORKERS], "hi");
		floor_go(&floor);
	}
	while (stage_next(people[0])) {
		char first[512];

		snprintf(first, sizeof(first), "%s", stage_next(people[0])->text);
		for (unsigned w = 0; w < WORKERS; w++) {
			assert_non_null(stage_next(people[w]));
			assert_string_equal(stage_next(people[w])->text, first);
			stage_drop(people[w]);
		}
	}
	for (unsigned w = 0; w < WORKERS; w++)
		floor_hears_nothing(people[w]);
	floor_close(&floor);
}

/* Right, but nothing new: answered, and no event. */
static void what_changes_nothing_is_answered(void **state)
{
	struct floor floor;
	struct stage_client *cy, *bob;
	uint64_t id = 0, accepted;

	(void)state;
	floor_open(&floor, WORKERS, NULL);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	actor_says(bob, "hi");
	floor_hears(&floor, cy, "{\"chat\":{\"id\":@m1,...},...}");
	floor_forget(&floor);
	assert_true(cast_id(&floor.cast, SLICE("m1"), &id));
	for (unsigned i = 0; i < 2; i++) {
		accepted = floor_counters(&floor)->rooms[0].dialects[DIALECT_SIMPLE].accepted;
		floor_say(cy,
			  "{\"type\":\"chat_reaction\",\"chatId\":%llu,\"reaction\":\"x\","
			  "\"adding\":true}",
			  (unsigned long long)id);
		assert_int_equal(cy->session->under_way, 0);
		assert_int_equal(floor_counters(&floor)->rooms[0].dialects[DIALECT_SIMPLE].accepted,
				 accepted + (i == 0));
	}
	assert_int_equal(floor_heard(cy), 1);
	assert_int_equal(floor_heard(bob), 1);
	assert_int_equal(floor_counters(&floor)->intake.refused[REASON_UNKNOWN_MESSAGE], 0);
	floor_close(&floor);
}

static void the_bridge_may_speak(void **state)
{
	struct floor floor;
	struct stage_client *people[DIALECTS][WORKERS];
	uint64_t ordered;

	(void)state;
	floor_open(&floor, WORKERS, NULL);
	crowd(&floor, people);
	ordered = floor_counters(&floor)->intake.ordered;
	assert_int_equal(floor_inject(&floor, "{\"kind\":\"notice\",\"text\":\"hear, hear\"}"),
			 REASON_NONE);
	for (size_t d = 0; d < DIALECTS; d++)
		for (unsigned w = 0; w < WORKERS; w++)
			assert_int_equal(floor_heard(people[d][w]), 1);
	assert_int_equal(floor_counters(&floor)->intake.ordered, ordered + 1);
	/* What the room refuses is refused to the bridge as well, and counted. */
	assert_int_equal(
	    floor_inject(&floor, "{\"kind\":\"edit\",\"target\":12345,\"text\":\"x\"}"),
	    REASON_UNKNOWN_MESSAGE);
	assert_int_equal(floor_counters(&floor)->intake.refused[REASON_UNKNOWN_MESSAGE], 1);
	floor_close(&floor);
}

/* A poll ends by itself, on time, for all. */
static void what_is_due_ends(void **state)
{
	struct floor floor;
	struct stage_client *people[DIALECTS][WORKERS], *olga;

	(void)state;
	floor_open(&floor, WORKERS, NULL);
	crowd(&floor, people);
	olga = floor_join(&floor, "olga", DIALECT_MIXER, "7:" STAGE_OWNER_SECRET);
	floor_say(olga, "{\"type\":\"method\",\"method\":\"vote:start\",\"arguments\":"
			"[\"Tea?\",[\"yes\",\"no\"],5],\"id\":1}");
	floor_forget(&floor);
	stage_wait(floor.stage, 4750);
	floor_hears_nothing(people[DIALECT_MIXER][0]);
	stage_wait(floor.stage, 500);
	for (unsigned w = 0; w < WORKERS; w++)
		floor_hears(&floor, people[DIALECT_MIXER][w], "{\"event\":\"PollEnd\",...}");
	for (unsigned w = 0; w < WORKERS; w++)
		assert_int_equal(floor_heard(people[DIALECT_SIMPLE][w]), 1);
	stage_wait(floor.stage, 5000);
	floor_hears_nothing(people[DIALECT_MIXER][0]);
	floor_close(&floor);
}

/* An invited person hears it on any worker, in the room or not; nobody else does. */
/* An hour back and a day forward. */
static void clocks_that_are_set_change_no_duration(void **state)
{
	static const int64_t settings[] = { -3600000, 86400000 };
	struct floor floor;

	(void)state;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct stage_client *olga, *ann;

		floor_open(&floor, WORKERS, NULL);
		olga = floor_join(&floor, "olga", DIALECT_MIXER, "7:" STAGE_OWNER_SECRET);
		ann = floor_join(&floor, "ann", DIALECT_SIMPLE, NULL);
		floor_say(olga, "{\"type\":\"method\",\"method\":\"vote:start\","
				"\"arguments\":[\"Tea?\",[\"yes\",\"no\"],4],\"id\":1}");
		floor_say(olga, "{\"type\":\"method\",\"method\":\"timeout\","
				"\"arguments\":[\"ann\",\"4s\"],\"id\":2}");
		floor.stage->now_ms += (uint64_t)settings[i];
		stage_wait(floor.stage, 3750);
		floor_forget(&floor);
		floor_say(ann, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"hi\"}");
		floor_hears(&floor, ann, "{\"type\":\"reply\",\"error\":\"muted\",...}");
		floor_hears_nothing(ann);
		stage_wait(floor.stage, 250);
		floor_hears(&floor, olga, "{\"event\":\"PollEnd\",...}");
		floor_forget(&floor);
		floor_say(ann, "{\"type\":\"send_message\",\"payload_id\":2,\"message\":\"hi\"}");
		floor_hears(&floor, ann, "{\"type\":\"message_sent\",\"message\":\"hi\",...}");
		floor_close(&floor);
	}
}

static void invitations_find_their_person(void **state)
{
	struct floor floor;
	struct stage_client *dan[WORKERS], *bob, *rita;

	(void)state;
	floor_open(&floor, WORKERS, FLOOR_TWO_ROOMS);
	for (unsigned w = 0; w < WORKERS; w++)
		dan[w] = floor_join(&floor, "dan", DIALECT_ROOMS, "dan:k");
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	rita = floor_join(&floor, "rita", DIALECT_MIXER, "reader");
	assert_int_equal(
	    floor_inject(&floor, "{\"kind\":\"invite\",\"room\":\"attic\",\"subject\":\"dan\"}"),
	    REASON_NONE);
	for (unsigned w = 0; w < WORKERS; w++) {
		floor_hears(&floor, dan[w], "{\"type\":\"invite\"," ATTIC_ID ",...}");
		floor_hears_nothing(dan[w]);
	}
	floor_hears_nothing(bob);
	assert_int_equal(floor_inject(&floor, "{\"kind\":\"invite\",\"room\":\"attic\","
					      "\"subject\":\"nobody\"}"),
			 REASON_UNKNOWN_PERSON);
	floor_hears_nothing(rita);
	floor_close(&floor);
}

/* A banned guest does not come back by another name from the same address; an account would. */
static void bans_know_addresses(void **state)
{
	struct floor floor;
	struct actor far = { .address = "192.0.2.1" }, farther = { .address = "192.0.2.2" };
	struct stage_client *eve;

	(void)state;
	floor_open(&floor, WORKERS, NULL);
	eve = actor_join(floor.stage, "eve", DIALECT_CONCORD, &far);
	assert_non_null(eve);
	floor_inject(&floor, "{\"kind\":\"kick\",\"subject\":\"eve\",\"permanent\":true}");
	assert_int_equal(eve->close_code, 1008);
	assert_null(actor_join(floor.stage, "mallory", DIALECT_SIMPLE, &far));
	assert_null(actor_join(floor.stage, "eve", DIALECT_SIMPLE, &farther));
	assert_int_equal(floor_counters(&floor)->intake.refused[REASON_BANNED], 2);
	eve = actor_join(floor.stage, "mallory", DIALECT_SIMPLE, &farther);
	assert_non_null(eve);
	assert_int_equal(eve->close_code, 0);
	floor_close(&floor);
}

/* Their secret is compared elsewhere. */
static struct stage_client *comes(struct floor *floor, const char *name, size_t dialect,
				  const char *query)
{
	struct stage_client *client = floor_connect(floor, name, dialect, query);

	for (unsigned i = 0; i < 60000 && client->session && client->session->login_asked; i++) {
		usleep(1000);
		stage_settle(floor->stage);
	}
	assert_non_null(client->session);
	return client;
}

/* As others heard it, behind that they came, and before what is said from then on; once. */
static void who_comes_back_is_told_what_they_missed(void **state)
{
	static const char config[] =
	    "rooms = ( { name = \"lobby\"; mixer = 1; concord = 1; history = 10; } );"
	    "accounts = ( { name = \"ann\"; number = 7;"
	    " secret_hash = \"" HASH_RIGHT "\"; } );"
	    "listeners = ( { port = 0; mounts = ("
	    " { path = \"/simple\"; dialect = \"simple\"; replay = 3; },"
	    " { path = \"/concord\"; dialect = \"concord\"; replay = 3; } ); } );";
	struct floor floor;
	struct stage_client *ann, *bob, *again;

	(void)state;
	floor_open(&floor, WORKERS, config);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	actor_says(bob, "before");
	ann = comes(&floor, "ann", DIALECT_CONCORD, "token=ann:right");
	floor_hears(&floor, ann, "{\"userId\":@ann,\"status\":\"ONLINE\",...}");
	floor_hears_nothing(ann);
	stage_leave(ann);
	for (int i = 0; i < 4; i++) {
		char text[8];

		snprintf(text, sizeof(text), "m%d", i);
		actor_says(bob, text);
	}
	floor_forget(&floor);
	ann = comes(&floor, "ann", DIALECT_CONCORD, "token=ann:right");
	floor_hears(&floor, ann, "{\"userId\":@ann,\"status\":\"ONLINE\",...}");
	floor_hears_words(ann, "\"m1\"");
	floor_hears_words(ann, "\"m2\"");
	floor_hears_words(ann, "\"m3\"");
	floor_hears_nothing(ann);
	/* Who is there misses nothing; nor do guests. */
	again = comes(&floor, "ann", DIALECT_CONCORD, "token=ann:right");
	floor_hears_nothing(again);
	stage_leave(bob);
	actor_says(ann, "m4");
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	floor_hears_nothing(bob);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comings_and_goings_are_heard_everywhere),
		cmocka_unit_test(a_second_connection_enters_nothing),
		cmocka_unit_test(a_kick_finds_every_connection),
		cmocka_unit_test(requests_after_a_kick_are_refused),
		cmocka_unit_test(a_name_changes_hands_in_order),
		cmocka_unit_test(an_outdated_entry_counts_for_nothing),
		cmocka_unit_test(leaving_a_room_is_not_going_away),
		cmocka_unit_test(rooms_are_apart),
		cmocka_unit_test(a_room_has_one_order),
		cmocka_unit_test(what_changes_nothing_is_answered),
		cmocka_unit_test(the_bridge_may_speak),
		cmocka_unit_test(what_is_due_ends),
		cmocka_unit_test(clocks_that_are_set_change_no_duration),
		cmocka_unit_test(invitations_find_their_person),
		cmocka_unit_test(bans_know_addresses),
		cmocka_unit_test(who_comes_back_is_told_what_they_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
