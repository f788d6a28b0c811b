#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/client/dispatch.h"
#include "routes/room/fold.h"
#include "routes/room/recording.h"
#include "routes/room/shard.h"
#include "tests/support/actors.h"
#include "tests/support/books.h"
#include "tests/support/floor.h"

#define LOBBY_ID  "\"room_id\":\"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\""
#define ATTIC_ID  "\"room_id\":\"20bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a02\""
#define NO_ROOM   "\"room_id\":\"30bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a03\""
#define METHOD(m) "{\"type\":\"method\",\"method\":\"" m "\",\"arguments\":"

static void says_error(struct floor *floor, struct stage_client *client, const char *code)
{
	char pattern[100];

	snprintf(pattern, sizeof(pattern), "{\"type\":\"error\",\"error\":\"%s\",...}", code);
	floor_hears(floor, client, pattern);
	floor_hears_nothing(client);
}

/* The author is the connection's, whatever a body says. */
static void nobody_speaks_for_another(void **state)
{
	struct floor floor;
	struct stage_client *bob, *cy;

	(void)state;
	floor_open(&floor, 2, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	floor_say(bob, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"hi\","
		       "\"username\":\"cy\",\"user_id\":5,\"timestamp\":7}");
	floor_hears(&floor, bob,
		    "{\"type\":\"message_sent\",\"message\":\"hi\",\"username\":\"bob\","
		    "\"timestamp\":@now}");
	floor_hears(&floor, cy,
		    "{\"type\":\"chat_sent\",\"chat\":{\"authorId\":@bob,\"createdAt\":@now,...}}");
	floor_say(cy, "{\"type\":\"chat_written\",\"channelId\":1,\"content\":\"ho\","
		      "\"authorId\":5,\"id\":7,\"createdAt\":9}");
	floor_hears(&floor, cy,
		    "{\"type\":\"chat_sent\",\"chat\":{\"id\":@m1,\"authorId\":@cy,"
		    "\"createdAt\":@now,...}}");
	floor_close(&floor);
}

static void rooms_are_found_or_refused(void **state)
{
	struct floor floor;
	struct stage_client *cy, *dora;
	const struct counters *counters;

	(void)state;
	floor_open(&floor, 4, FLOOR_TWO_ROOMS);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	dora = floor_join(&floor, "dora", DIALECT_ROOMS, NULL);
	floor_say(cy, "{\"type\":\"chat_written\",\"channelId\":2,\"content\":\"up here\"}");
	floor_hears(
	    &floor, cy,
	    "{\"type\":\"chat_sent\",\"chat\":{\"channelId\":2,\"content\":\"up here\",...}}");
	floor_hears_nothing(dora);
	floor_say(cy, "{\"type\":\"chat_written\",\"channelId\":3,\"content\":\"nowhere\"}");
	says_error(&floor, cy, "unknown_room");
	floor_say(dora, "{\"type\":\"message\",\"key\":\"dora\",\"content\":\"hi\"," ATTIC_ID "}");
	says_error(&floor, dora, "not_member");
	floor_say(dora, "{\"type\":\"message\",\"key\":\"dora\",\"content\":\"hi\"," NO_ROOM "}");
	says_error(&floor, dora, "unknown_room");
	counters = floor_counters(&floor);
	assert_int_equal(counters->intake.refused[REASON_UNKNOWN_ROOM], 2);
	assert_int_equal(counters->intake.refused[REASON_NOT_MEMBER], 1);
	assert_int_equal(counters->bad_frames[REASON_UNKNOWN_ROOM], 0);
	assert_int_equal(counters->intake.waiting, 0);
	floor_close(&floor);
}

/* Both are in the lobby's shard. */
#define KITCHEN                                                                                    \
	"rooms = ( { name = \"lobby\"; concord = 1; }, { name = \"kitchen\"; concord = 2; } );"    \
	"listeners = ( { port = 0; mounts = ("                                                     \
	" { path = \"/concord\"; dialect = \"concord\"; room = \"lobby\"; },"                      \
	" { path = \"/attic\"; dialect = \"simple\"; room = \"kitchen\"; } ); } );"

/* A message known by its id alone: in whichever room, on whichever worker. */
static void targets_lead_to_their_room(void **state)
{
	(void)state;
	assert_int_equal(shard_of(SLICE("kitchen")), shard_of(SLICE("lobby")));
	for (unsigned run = 0; run < 8; run++) {
		struct floor floor;
		struct stage_client *cy, *al;
		uint64_t id = 0;

		floor_open(&floor, run / 2 + 1, run % 2 ? KITCHEN : FLOOR_TWO_ROOMS);
		cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
		al = floor_join_at(&floor, "al", DIALECT_SIMPLE, "/attic");
		actor_says(al, "in the attic");
		floor_hears(&floor, cy, "{\"type\":\"chat_sent\",\"chat\":{\"id\":@m1,...}}");
		floor_forget(&floor);
		assert_true(cast_id(&floor.cast, SLICE("m1"), &id));
		floor_say(cy,
			  "{\"type\":\"chat_reaction\",\"chatId\":%llu,\"reaction\":\"x\","
			  "\"adding\":true}",
			  (unsigned long long)id);
		floor_hears(&floor, cy,
			    "{\"type\":\"chat_reactions_updated\",\"chatId\":@m1,\"channelId\":2,"
			    "\"reactions\":{\"x\":1},...}");
		floor_hears(&floor, al, "{\"type\":\"message_sent\",\"username\":null,...}");
		floor_close(&floor);
	}
}

/* What rooms recorded, one after the other; each record behind its room's place. */
struct diary {
	char bytes[16384];
	size_t size;
};

struct pen {
	struct diary *diary;
	char place;
};

static void note_down(void *owner, const struct record *record)
{
	struct pen *pen = owner;
	struct diary *diary = pen->diary;

	assert_true(diary->size + 1 + record_most(record) <= sizeof(diary->bytes));
	diary->bytes[diary->size++] = pen->place;
	diary->size += record_write(record, (unsigned char *)diary->bytes + diary->size);
}

static void tell_again(const struct diary *diary, const struct bridge *bridge)
{
	struct room_time now = { STAGE_START_MS, 1 };
	struct record record;

	for (size_t at = 0; at < diary->size;) {
		size_t place = (size_t)diary->bytes[at++];
		struct slice rest = slice_span(diary->bytes + at, diary->size - at);

		rest.len = record_first(rest);
		assert_int_equal(record_read(rest, &record), RECORD_SOUND);
		assert_true(room_apply(room_table_at(bridge->rooms, place)->room, &record, now));
		record_clear(&record);
		at += rest.len;
	}
}

/* cy says something in the attic; returns its id. */
static uint64_t first_run(struct diary *diary, unsigned workers)
{
	struct pen pens[2] = { { diary, 0 }, { diary, 1 } };
	struct stage_client *cy;
	struct floor floor;
	uint64_t id = 0;

	floor_open(&floor, workers, FLOOR_TWO_ROOMS);
	for (size_t i = 0; i < 2; i++)
		room_record(room_table_at(floor.stage->bridge->rooms, i)->room, note_down,
			    &pens[i]);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	floor_say(cy, "{\"type\":\"chat_written\",\"channelId\":2,\"content\":\"before\"}");
	floor_hears(&floor, cy, "{\"type\":\"chat_sent\",\"chat\":{\"id\":@m1,...}}");
	assert_true(cast_id(&floor.cast, SLICE("m1"), &id));
	floor_close(&floor);
	return id;
}

/* Who owns the room is another worker then, of another number. */
static void targets_lead_to_their_room_after_a_restart(void **state)
{
	(void)state;
	for (unsigned run = 0; run < 25; run++) {
		struct diary diary = { .size = 0 };
		uint64_t id = first_run(&diary, run / 5 + 1);
		struct stage_client *cy, *al;
		struct floor floor;

		floor_open(&floor, run % 5 + 1, FLOOR_TWO_ROOMS);
		tell_again(&diary, floor.stage->bridge);
		cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
		al = floor_join_at(&floor, "al", DIALECT_SIMPLE, "/attic");
		floor_say(cy,
			  "{\"type\":\"chat_reaction\",\"chatId\":%llu,\"reaction\":\"x\","
			  "\"adding\":true}",
			  (unsigned long long)id);
		floor_hears(&floor, cy,
			    "{\"type\":\"chat_reactions_updated\",\"channelId\":2,"
			    "\"reactions\":{\"x\":1},...}");
		floor_hears(&floor, al, "{\"type\":\"message_sent\",\"username\":null,...}");
		floor_close(&floor);
	}
}

/* Ids that nobody gave, of every shard, and of others' rooms. */
static void foreign_targets_are_unknown(void **state)
{
	struct floor floor;
	struct stage_client *dora, *al, *cy;
	uint64_t id = 0;

	(void)state;
	floor_open(&floor, 2, FLOOR_TWO_ROOMS);
	cy = floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	dora = floor_join(&floor, "dora", DIALECT_ROOMS, NULL);
	al = floor_join_at(&floor, "al", DIALECT_SIMPLE, "/attic");
	for (uint64_t shard = 0; shard < ID_SHARDS; shard++) {
		floor_say(dora, "{\"type\":\"read\",\"message_id\":\"%llu\"}",
			  (unsigned long long)((UINT64_C(12345) << 13) | shard << 9 | 1));
		says_error(&floor, dora, "unknown_message");
	}
	floor_forget(&floor);
	actor_says(al, "in the attic");
	floor_hears(&floor, cy, "{\"type\":\"chat_sent\",\"chat\":{\"id\":@m1,...}}");
	assert_true(cast_id(&floor.cast, SLICE("m1"), &id));
	floor_say(dora, "{\"type\":\"read\",\"message_id\":\"%llu\"}", (unsigned long long)id);
	says_error(&floor, dora, "unknown_message");
	floor_close(&floor);
}

static void entering_and_leaving_are_requests(void **state)
{
	struct floor floor;
	struct stage_client *dora, *dan;

	(void)state;
	floor_open(&floor, 4, FLOOR_TWO_ROOMS);
	dora = floor_join(&floor, "dora", DIALECT_ROOMS, NULL);
	dan = floor_join(&floor, "dan", DIALECT_ROOMS, NULL);
	floor_say(dora, "{\"type\":\"enter\"," NO_ROOM "}");
	says_error(&floor, dora, "unknown_room");
	floor_say(dora, "{\"type\":\"exit\"," ATTIC_ID "}");
	says_error(&floor, dora, "not_member");
	floor_say(dora, "{\"type\":\"enter\"," LOBBY_ID "}");
	says_error(&floor, dora, "already");
	floor_say(dora, "{\"type\":\"enter\"," ATTIC_ID "}");
	floor_hears(&floor, dora, "{\"type\":\"enter\",\"user_id\":\"@dora.uuid\"," ATTIC_ID "}");
	floor_say(dora, "{\"type\":\"exit\"," ATTIC_ID "}");
	floor_say(dora, "{\"type\":\"exit\"," NO_ROOM "}");
	says_error(&floor, dora, "unknown_room");
	floor_hears_nothing(dan);
	assert_int_equal(dora->session->under_way, 0);
	assert_int_equal(dora->session->membership_count, 1);
	floor_close(&floor);
}

/* In, out and in again, faster than the room answers. */
static void hasty_passages_end_right(void **state)
{
	struct floor floor;
	struct stage_client *dora, *dan;

	(void)state;
	floor_open(&floor, 4, FLOOR_TWO_ROOMS);
	dora = floor_join(&floor, "dora", DIALECT_ROOMS, NULL);
	dan = floor_join(&floor, "dan", DIALECT_ROOMS, NULL);
	floor_say(dan, "{\"type\":\"enter\"," ATTIC_ID "}");
	floor_forget(&floor);
	floor_hold(&floor);
	for (unsigned i = 0; i < 3; i++) {
		floor_say(dora, "{\"type\":\"enter\"," ATTIC_ID "}");
		floor_say(dora, "{\"type\":\"exit\"," ATTIC_ID "}");
	}
	floor_go(&floor);
	for (unsigned i = 0; i < 3; i++) {
		floor_hears(&floor, dan, "{\"type\":\"enter\",...}");
		floor_hears(&floor, dan, "{\"type\":\"exit\",...}");
	}
	floor_forget(&floor);
	assert_int_equal(dora->session->under_way, 0);
	assert_int_equal(dora->session->membership_count, 1);
	floor_say(dan, "{\"type\":\"message\",\"key\":\"dan\",\"content\":\"hi\"," ATTIC_ID "}");
	floor_hears_nothing(dora);
	floor_close(&floor);
}

static void readers_only_read(void **state)
{
	struct floor floor;
	struct stage_client *rita, *bob;

	(void)state;
	floor_open(&floor, 2, NULL);
	rita = floor_join(&floor, "rita", DIALECT_MIXER, "reader");
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	actor_says(rita, "hi");
	floor_hears(&floor, rita, "{\"type\":\"reply\",\"error\":{\"code\":4002,...},...}");
	floor_hears_nothing(bob);
	assert_int_equal(floor_counters(&floor)->intake.refused[REASON_NO_RIGHT], 1);
	actor_says(bob, "hi");
	floor_hears(&floor, rita, "{\"event\":\"ChatMessage\",...}");
	floor_close(&floor);
}

/* ---- logging in by a frame ---- */

static void a_login_is_one(void **state)
{
	struct floor floor;
	struct stage_client *ann;

	(void)state;
	floor_open(&floor, 2, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	floor_say(ann, METHOD("auth") "[1,8,\"k\"],\"id\":5}");
	floor_hears(&floor, ann,
		    "{\"type\":\"reply\",\"error\":\"Already authenticated, please reconnect.\","
		    "\"id\":5}");
	assert_int_equal(ann->session->membership_count, 1);
	floor_close(&floor);
}

/* What comes before the answer to a login is no second one. */
static void two_logins_at_once_are_one(void **state)
{
	struct floor floor;
	struct stage_client *ann;

	(void)state;
	floor_open(&floor, 2, NULL);
	ann = floor_connect(&floor, "ann", DIALECT_MIXER, "name=ann");
	floor_forget(&floor);
	floor_hold(&floor);
	floor_say(ann, METHOD("auth") "[1,7,\"k\"],\"id\":1}");
	floor_say(ann, METHOD("auth") "[1,7,\"k\"],\"id\":2}");
	floor_go(&floor);
	floor_hears(&floor, ann, "{\"type\":\"reply\",\"error\":null,\"id\":2,...}");
	floor_hears(&floor, ann, "{\"event\":\"UserJoin\",...}");
	floor_hears(&floor, ann, "{\"type\":\"reply\",\"error\":null,\"id\":1,...}");
	assert_int_equal(ann->session->membership_count, 1);
	floor_close(&floor);
}

static void an_unknown_channel_is_no_login(void **state)
{
	struct floor floor;
	struct stage_client *ann;

	(void)state;
	floor_open(&floor, 2, NULL);
	ann = floor_connect(&floor, "ann", DIALECT_MIXER, "name=ann");
	floor_forget(&floor);
	floor_say(ann, METHOD("auth") "[99,7,\"k\"],\"id\":1}");
	floor_hears(&floor, ann, "{\"type\":\"reply\",\"error\":\"UNOTFOUND\",\"id\":1}");
	assert_false(ann->session->peer.logged_in);
	floor_say(ann, METHOD("auth") "[1,7,\"k\"],\"id\":2}");
	assert_true(ann->session->peer.logged_in);
	floor_close(&floor);
}

static void failed_logins_cost_the_connection(void **state)
{
	struct floor floor;
	struct stage_client *ann;

	(void)state;
	floor_open(&floor, 2, NULL);
	floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	ann = floor_connect(&floor, "ann", DIALECT_MIXER, "name=bob");
	floor_forget(&floor);
	for (unsigned i = 1; i <= 2; i++)
		floor_say(ann, METHOD("auth") "[1,7,\"k\"],\"id\":%u}", i);
	assert_int_equal(ann->close_code, 0);
	floor_say(ann, METHOD("auth") "[1,7,\"k\"],\"id\":3}");
	assert_int_equal(ann->close_code, 1008);
	for (unsigned i = 1; i <= 3; i++)
		floor_hears(&floor, ann, "{\"type\":\"reply\",\"error\":\"UNOTFOUND\",...}");
	assert_int_equal(floor_counters(&floor)->connections_refused[REASON_NAME_TAKEN], 3);
	floor_close(&floor);
}

static void before_the_login_nothing_is_said(void **state)
{
	struct floor floor;
	struct stage_client *ann, *bob;

	(void)state;
	floor_open(&floor, 2, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	ann = floor_connect(&floor, "ann", DIALECT_MIXER, "name=ann");
	floor_forget(&floor);
	floor_say(ann, METHOD("msg") "[\"hi\"],\"id\":1}");
	floor_hears(&floor, ann, "{\"type\":\"reply\",\"error\":{...},\"id\":1}");
	floor_hears_nothing(bob);
	assert_int_equal(floor_counters(&floor)->bad_frames[REASON_NOT_LOGGED_IN], 1);
	assert_int_equal(floor_counters(&floor)->intake.accepted, 1); /* bob's entry */
	floor_close(&floor);
}

/* ---- what is in a message ---- */

static void mentions_name_people(void **state)
{
	struct floor floor;
	struct stage_client *ann;

	(void)state;
	floor_open(&floor, 2, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	floor_join(&floor, "Bobby", DIALECT_SIMPLE, NULL);
	floor_join(&floor, "cy", DIALECT_CONCORD, NULL);
	actor_says(ann, "@bobby and @CY and @nobody");
	floor_hears(&floor, ann, "{\"type\":\"reply\",\"error\":null,...}");
	floor_hears(&floor, ann,
		    "{\"event\":\"ChatMessage\",\"data\":{\"message\":{\"message\":["
		    "{\"type\":\"text\",...},"
		    "{\"type\":\"tag\",\"username\":\"Bobby\",\"id\":@Bobby,\"text\":\"@@bobby\"},"
		    "{\"type\":\"text\",\"text\":\" and \",...},"
		    "{\"type\":\"tag\",\"username\":\"cy\",\"id\":@cy,\"text\":\"@@CY\"},"
		    "{\"type\":\"text\",\"text\":\" and @@nobody\",...}],...},...},...}");
	floor_close(&floor);
}

/* However many: the message goes out whole. */
static void many_mentions_are_no_harm(void **state)
{
	char text[340];
	struct floor floor;
	struct stage_client *ann, *bob;

	(void)state;
	floor_open(&floor, 2, NULL);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	bob = floor_join(&floor, "b", DIALECT_SIMPLE, NULL);
	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "@b ", 4);
	actor_says(ann, text);
	assert_int_equal(floor_heard(ann), 2);
	assert_int_equal(floor_heard(bob), 1);
	assert_non_null(strstr(stage_next(bob)->text, text));
	floor_close(&floor);
}

/* ---- asking for what was said ---- */

static void history_is_asked_of_ones_room(void **state)
{
	struct floor floor;
	struct stage_client *ann, *bob;

	(void)state;
	floor_open(&floor, 4, FLOOR_TWO_ROOMS "limits = { messages_per_second = 1; burst = 3; };");
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	actor_says(bob, "one");
	actor_says(bob, "two");
	floor_forget(&floor);
	floor_say(ann, METHOD("history") "[1],\"id\":1}");
	floor_hears(&floor, ann,
		    "{\"type\":\"reply\",\"error\":null,\"id\":1,\"data\":["
		    "{\"message\":{\"message\":[{\"data\":\"two\",...}],...},...}]}");
	floor_say(ann, METHOD("history") "[9],\"id\":2}");
	floor_hears(&floor, ann,
		    "{\"type\":\"reply\",\"id\":2,\"data\":["
		    "{\"message\":{\"message\":[{\"data\":\"one\",...}],...},...},"
		    "{\"message\":{\"message\":[{\"data\":\"two\",...}],...},...}],...}");
	floor_say(ann, METHOD("history") "[9],\"id\":3}");
	floor_forget(&floor);
	floor_say(ann, METHOD("history") "[9],\"id\":4}");
	floor_hears(&floor, ann, "{\"type\":\"reply\",\"error\":{\"code\":4005,...},\"id\":4}");
	assert_int_equal(ann->session->under_way, 0);
	floor_close(&floor);
}

/* Each bad frame is answered and counted by its reason, and is no draft. */
static void bad_frames_are_counted(void **state)
{
	struct floor floor;
	struct stage_client *dora;
	const struct counters *counters;
	uint64_t accepted;

	(void)state;
	floor_open(&floor, 1, NULL);
	dora = floor_join(&floor, "dora", DIALECT_ROOMS, NULL);
	accepted = floor_counters(&floor)->intake.accepted;
	floor_say(dora, "{");
	floor_say(dora, "{\"type\":\"dance\"}");
	floor_say(dora, "{\"type\":\"message\",\"key\":\"eve\",\"content\":\"x\"," LOBBY_ID "}");
	floor_say(dora, "{\"type\":\"message\",\"key\":\"dora\"," LOBBY_ID "}");
	assert_int_equal(floor_heard(dora), 4);
	counters = floor_counters(&floor);
	assert_int_equal(counters->bad_frames[REASON_MALFORMED], 1);
	assert_int_equal(counters->bad_frames[REASON_UNKNOWN_VERB], 1);
	assert_int_equal(counters->bad_frames[REASON_BAD_KEY], 1);
	assert_int_equal(counters->bad_frames[REASON_BAD_ARGUMENT], 1);
	assert_int_equal(counters->intake.accepted, accepted);
	assert_int_equal(dora->close_code, 0);
	floor_close(&floor);
}

/* A strict mount sends nothing that the dialect's documents do not have. */
static void strict_mounts_are_silent_on_errors(void **state)
{
	struct floor floor;
	struct stage_client *dora;

	(void)state;
	floor_open(&floor, 1,
		   FLOOR_LOBBY "listeners = ( { port = 0; mounts = ( { path = \"/rooms\";"
			       " dialect = \"rooms\"; strict = true; } ); } );");
	dora = floor_join(&floor, "dora", DIALECT_ROOMS, NULL);
	floor_say(dora, "{");
	floor_say(dora, "{\"type\":\"message\",\"key\":\"dora\",\"content\":\"x\"," ATTIC_ID "}");
	floor_hears_nothing(dora);
	assert_int_equal(dora->session->under_way, 0);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_speaks_for_another),
		cmocka_unit_test(rooms_are_found_or_refused),
		cmocka_unit_test(targets_lead_to_their_room),
		cmocka_unit_test(targets_lead_to_their_room_after_a_restart),
		cmocka_unit_test(foreign_targets_are_unknown),
		cmocka_unit_test(entering_and_leaving_are_requests),
		cmocka_unit_test(hasty_passages_end_right),
		cmocka_unit_test(readers_only_read),
		cmocka_unit_test(a_login_is_one),
		cmocka_unit_test(two_logins_at_once_are_one),
		cmocka_unit_test(an_unknown_channel_is_no_login),
		cmocka_unit_test(failed_logins_cost_the_connection),
		cmocka_unit_test(before_the_login_nothing_is_said),
		cmocka_unit_test(mentions_name_people),
		cmocka_unit_test(many_mentions_are_no_harm),
		cmocka_unit_test(history_is_asked_of_ones_room),
		cmocka_unit_test(bad_frames_are_counted),
		cmocka_unit_test(strict_mounts_are_silent_on_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
