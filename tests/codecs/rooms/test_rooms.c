#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "tests/support/codec_probe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KEY          "ann:s3cret"
#define ROOM         "\"room_id\":\"" PROBE_ROOM "\""
#define UPPER_ROOM   "93B4B17C-2F9C-4A3C-8EA9-5123B9C34C4B"

static int open_peer(void **state)
{
	static struct probe probe;

	probe_open(&probe, &codec_rooms);
	if (probe_handshake(&probe, "key=" KEY, NULL) != REASON_NONE)
		return -1;
	*state = &probe;
	return 0;
}

static int close_peer(void **state)
{
	probe_close(*state);
	return 0;
}

static struct envelope event_of(const struct probe *p, enum envelope_kind kind, const char *text)
{
	return (struct envelope){
		.kind = kind,
		.id = 17,
		.sequence = 5,
		.time_ms = UINT64_C(1571999169999),
		.room = SLICE("lobby"),
		.author = probe_person(p, 43, "bob"),
		.subject = probe_person(p, 44, "cid"),
		.target = 1234,
		.text = slice_of(text),
	};
}

/* The UUID of a person as text, in one of four buffers in turn. */
static const char *uuid_of(const struct probe *p, uint32_t number)
{
	static char texts[4][UUID_TEXT_LEN + 1];
	static unsigned turn;
	char *text = texts[turn++ % 4];

	uuid_print(probe_person(p, number, "").uuid, text);
	text[UUID_TEXT_LEN] = '\0';
	return text;
}

/* ---- handshake ---- */

static void key_gives_name_and_secret(void **state)
{
	static const struct {
		const char *query, *name, *secret;
	} rows[] = {
		{ "key=ann", "ann", NULL },         { "key=ann:s3cret", "ann", "s3cret" },
		{ "key=ann:", "ann", NULL },        { "key=Zo%C3%AB%3Aa%3ab", "Zo\xc3\xab", "a:b" },
		{ "x=1&key=ann&y=2", "ann", NULL }, { "monkey=eve&key=ann", "ann", NULL },
		{ "key&key=ann", "ann", NULL },
	};
	struct probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(probe_handshake(p, rows[i].query, NULL), REASON_NONE);
		assert_true(slice_is(p->login.name, rows[i].name));
		assert_true(slice_is(p->login.secret, rows[i].secret));
		assert_int_equal(!p->login.secret.data, !rows[i].secret);
	}
}

static void other_keys_are_refused(void **state)
{
	struct probe *p = *state;

	assert_int_equal(probe_handshake(p, NULL, NULL), REASON_NOT_LOGGED_IN);
	assert_int_equal(probe_handshake(p, "", NULL), REASON_NOT_LOGGED_IN);
	assert_int_equal(probe_handshake(p, "key", NULL), REASON_NOT_LOGGED_IN);
	assert_int_equal(probe_handshake(p, "key=", NULL), REASON_NOT_LOGGED_IN);
	assert_int_equal(probe_handshake(p, "Key=ann", NULL), REASON_NOT_LOGGED_IN);
	assert_int_equal(probe_handshake(p, "key=:secret", NULL), REASON_BAD_LOGIN);
	assert_int_equal(probe_handshake(p, "key=%ff", NULL), REASON_BAD_LOGIN);
}

/* Frames must carry the whole of it. */
static void a_key_may_be_long(void **state)
{
	struct probe *p = *state;
	char query[4096] = "key=ann:", frame[4096];
	size_t head = strlen(query);

	memset(query + head, 's', sizeof(query) - head - 1);
	query[sizeof(query) - 1] = '\0';
	assert_int_equal(probe_handshake(p, query, NULL), REASON_NONE);
	snprintf(frame, sizeof(frame), "{\"type\":\"pong\",\"key\":\"ann:%.*s\"}", 3000,
		 query + head);
	assert_int_equal(probe_decode_text(p, frame), REASON_BAD_KEY);
	query[head + 3000] = '\0';
	assert_int_equal(probe_handshake(p, query, NULL), REASON_NONE);
	assert_int_equal(probe_decode_text(p, frame), REASON_NONE);
	frame[30] = 't';
	assert_int_equal(probe_decode_text(p, frame), REASON_BAD_KEY);
	/* About as long as what is kept of it. */
	for (int secret = 58; secret < 64; secret++) {
		query[head + (size_t)secret] = '\0';
		memset(query + head, 's', (size_t)secret);
		assert_int_equal(probe_handshake(p, query, NULL), REASON_NONE);
		snprintf(frame, sizeof(frame), "{\"type\":\"pong\",\"key\":\"%.*s\"}", 4 + secret,
			 query + 4);
		assert_int_equal(probe_decode_text(p, frame), REASON_NONE);
		frame[strlen(frame) - 3] = 't';
		assert_int_equal(probe_decode_text(p, frame), REASON_BAD_KEY);
	}
}

static void refusals_say_why(void **state)
{
	static const struct {
		enum reason reason;
		unsigned status;
		const char *body;
	} rows[] = {
		{ REASON_NOT_LOGGED_IN, 401, "{\"error\":\"no_key\"}\n" },
		{ REASON_BAD_LOGIN, 401, "{\"error\":\"bad_key\"}\n" },
		{ REASON_NAME_TAKEN, 401, "{\"error\":\"bad_key\"}\n" },
		{ REASON_BANNED, 403, "{\"error\":\"banned\"}\n" },
		{ REASON_CLOSED_ROOM, 403, "{\"error\":\"closed_room\"}\n" },
		{ REASON_CLOSING, 503, "{\"error\":\"closing\"}\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct codec_response response = codec_rooms.serves->refuse(rows[i].reason);

		assert_int_equal(response.status, rows[i].status);
		assert_true(slice_is(response.body, rows[i].body));
		assert_true(slice_is(response.type, "text/plain; charset=utf-8"));
	}
}

/* ---- client to server ---- */

static void ping_is_answered_with_its_time(void **state)
{
	static const char *const times[] = { "1571999169", "1.50",   "\"a\\u00e9\"",
					     "null",       "[1,{}]", "12345678901234567890123" };
	struct probe *p = *state;
	char text[100], want[100];

	for (size_t i = 0; i < COUNT(times); i++) {
		snprintf(text, sizeof(text), "{\"type\":\"ping\",\"time\": %s }", times[i]);
		snprintf(want, sizeof(want), "{\"type\":\"pong\",\"time\":%s}", times[i]);
		assert_int_equal(probe_decode_text(p, text), REASON_NONE);
		assert_int_equal(p->answers, 1);
		assert_int_equal(p->drafts, 0);
		assert_string_equal(probe_answer(p), want);
	}
	assert_int_equal(probe_decode_text(p, "{\"type\":\"ping\"}"), REASON_BAD_ARGUMENT);
}

static void pong_is_ignored(void **state)
{
	struct probe *p = *state;

	assert_int_equal(probe_decode_text(p, "{\"type\":\"pong\",\"time\":1}"), REASON_NONE);
	assert_int_equal(p->answers + p->drafts, 0);
}

static void message_is_read(void **state)
{
	struct probe *p = *state;

	assert_int_equal(probe_decode_text(p, "{\"type\":\"message\",\"key\":\"" KEY
					      "\",\"content\":\"hi \\u00e9\"," ROOM "}"),
			 REASON_NONE);
	assert_int_equal(p->drafts, 1);
	assert_int_equal(p->draft->kind, KIND_MESSAGE);
	assert_true(slice_is(p->draft->text, "hi \xc3\xa9"));
	assert_true(slice_is(p->draft->origin.dialect, "rooms"));
	assert_null(p->draft->correlation.data);
	assert_string_equal(p->room_id, PROBE_ROOM);
	assert_int_equal(p->room_number, 0);
	assert_null(probe_reply(p, REPLY_DONE, REASON_NONE));

	/* Escaped strings; the room in capitals; a key beyond the documents' and another's id. */
	assert_int_equal(
	    probe_decode_text(p, "{\"user_id\":\"" PROBE_ROOM "\",\"type\":\"mess\\u0061ge\","
				 "\"key\":\"ann\\u003as3cret\",\"content\":\"\\ud800\","
				 "\"room_id\":\"" UPPER_ROOM "\"}"),
	    REASON_NONE);
	assert_string_equal(p->room_id, PROBE_ROOM);
	assert_true(slice_is(p->draft->text, "\xef\xbf\xbd"));
	assert_int_equal(p->draft->flags, FLAG_DEGRADED);
	assert_int_equal(p->draft->author.number, 0);
}

static void read_is_read(void **state)
{
	struct probe *p = *state;

	assert_int_equal(probe_decode_text(p, "{\"type\":\"read\",\"message_id\":\"17\"}"),
			 REASON_NONE);
	assert_int_equal(p->draft->kind, KIND_READ);
	assert_int_equal(p->draft->target, 17);
	assert_string_equal(p->room_id, "");
	assert_int_equal(p->room_number, 0);
	assert_int_equal(probe_decode_text(p,
					   "{\"type\":\"read\",\"message_id\":9007199254740991,"
					   "\"key\":\"" KEY "\",\"room_id\":\"" UPPER_ROOM "\"}"),
			 REASON_NONE);
	assert_int_equal(p->draft->target, 9007199254740991);
	assert_string_equal(p->room_id, PROBE_ROOM);
}

static void invite_is_read(void **state)
{
	struct probe *p = *state;
	char text[300];

	snprintf(text, sizeof(text),
		 "{\"type\":\"invite\",\"key\":\"" KEY "\",\"user_id\":\"%s\"," ROOM "}",
		 uuid_of(p, 2147483647));
	assert_int_equal(probe_decode_text(p, text), REASON_NONE);
	assert_int_equal(p->draft->kind, KIND_INVITE);
	assert_int_equal(p->draft->subject.number, 2147483647);
	assert_memory_equal(p->draft->subject.uuid, probe_person(p, 2147483647, "").uuid, 16);
	assert_string_equal(p->room_id, PROBE_ROOM);
}

static void enter_and_exit_are_read(void **state)
{
	struct probe *p = *state;

	assert_int_equal(probe_decode_text(p, "{\"type\":\"enter\"," ROOM "}"), REASON_NONE);
	assert_int_equal(p->draft->kind, KIND_ENTER);
	assert_string_equal(p->room_id, PROBE_ROOM);
	assert_int_equal(probe_decode_text(p, "{\"type\":\"exit\",\"key\":\"" KEY "\"," ROOM "}"),
			 REASON_NONE);
	assert_int_equal(p->draft->kind, KIND_EXIT);
	assert_string_equal(p->room_id, PROBE_ROOM);
}

/* message and invite need the key; where it is not needed it must still be the right one. */
static void key_is_checked_on_each_frame(void **state)
{
	static const struct {
		const char *rest;
		bool needed;
	} frames[] = {
		{ "\"type\":\"message\",\"content\":\"hi\"," ROOM "}", true },
		{ "\"type\":\"read\",\"message_id\":\"17\"}", false },
		{ "\"type\":\"ping\",\"time\":1}", false },
		{ "\"type\":\"pong\",\"time\":1}", false },
		{ "\"type\":\"enter\"," ROOM "}", false },
		{ "\"type\":\"exit\"," ROOM "}", false },
		{ "\"type\":\"invite\",\"user_id\":\"" PROBE_ROOM "\"," ROOM "}", true },
	};
	static const char *const wrong[] = {
		"\"key\":\"\",",
		"\"key\":\"ann\",",
		"\"key\":\"ann:s3cre\",",
		"\"key\":\"ann:s3cret \",",
		"\"key\":\"bnn:s3cret\",",
		"\"key\":null,",
		"\"key\":7,",
		"\"key\":[\"ann:s3cret\"],",
	};
	struct probe *p = *state;
	char text[400];

	for (size_t i = 0; i < COUNT(frames); i++) {
		for (size_t k = 0; k < COUNT(wrong); k++) {
			snprintf(text, sizeof(text), "{%s%s", wrong[k], frames[i].rest);
			assert_int_equal(probe_decode_text(p, text), REASON_BAD_KEY);
		}
		snprintf(text, sizeof(text), "{%s", frames[i].rest);
		assert_int_equal(probe_decode_text(p, text),
				 frames[i].needed ? REASON_BAD_KEY : REASON_NONE);
	}
}

static void long_key_matches_whole(void **state)
{
	struct probe *p = *state;
	char query[261] = "key=", text[600];

	memset(query + 4, 'a', 256);
	query[260] = '\0';
	assert_int_equal(probe_handshake(p, query, NULL), REASON_NONE);
	snprintf(text, sizeof(text), "{\"type\":\"pong\",\"key\":\"%s\"}", query + 4);
	assert_int_equal(probe_decode_text(p, text), REASON_NONE);
	snprintf(text, sizeof(text), "{\"type\":\"pong\",\"key\":\"%s\"}", query + 5);
	assert_int_equal(probe_decode_text(p, text), REASON_BAD_KEY);
	snprintf(text, sizeof(text), "{\"type\":\"pong\",\"key\":\"%s%s\"}", query + 4, query + 4);
	assert_int_equal(probe_decode_text(p, text), REASON_BAD_KEY);
}

static void refused_frames(void **state)
{
#define MESSAGE "{\"type\":\"message\",\"key\":\"" KEY "\","
#define INVITE  "{\"type\":\"invite\",\"key\":\"" KEY "\","
	static const struct {
		const char *text;
		enum reason reason;
	} rows[] = {
		{ "", REASON_MALFORMED },
		{ "null", REASON_MALFORMED },
		{ "[]", REASON_MALFORMED },
		{ "{}", REASON_MALFORMED },
		{ "{\"type\":7}", REASON_MALFORMED },
		{ "{\"type\":\"kick\"}", REASON_UNKNOWN_VERB },
		{ "{\"type\":\"\"}", REASON_UNKNOWN_VERB },
		{ MESSAGE "\"content\":\"\"," ROOM "}", REASON_EMPTY },
		{ MESSAGE "\"content\":7," ROOM "}", REASON_BAD_ARGUMENT },
		{ MESSAGE "\"content\":null," ROOM "}", REASON_BAD_ARGUMENT },
		{ MESSAGE ROOM "}", REASON_BAD_ARGUMENT },
		{ MESSAGE "\"content\":\"x\"}", REASON_BAD_ARGUMENT },
		{ MESSAGE "\"content\":\"x\",\"room_id\":7}", REASON_BAD_ARGUMENT },
		{ MESSAGE "\"content\":\"x\",\"room_id\":\"lobby\"}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"read\"}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"read\",\"message_id\":null}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"read\",\"message_id\":[17]}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"read\",\"message_id\":17,\"room_id\":\"x\"}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"read\",\"message_id\":17,\"room_id\":null}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"read\",\"message_id\":\"\"}", REASON_UNKNOWN_MESSAGE },
		{ "{\"type\":\"read\",\"message_id\":\"abc\"}", REASON_UNKNOWN_MESSAGE },
		{ "{\"type\":\"read\",\"message_id\":1.5}", REASON_UNKNOWN_MESSAGE },
		{ "{\"type\":\"read\",\"message_id\":0}", REASON_UNKNOWN_MESSAGE },
		{ "{\"type\":\"read\",\"message_id\":-1}", REASON_UNKNOWN_MESSAGE },
		{ "{\"type\":\"read\",\"message_id\":9007199254740992}", REASON_UNKNOWN_MESSAGE },
		{ "{\"type\":\"enter\"}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"exit\",\"room_id\":[]}", REASON_BAD_ARGUMENT },
		{ INVITE "\"user_id\":\"" PROBE_ROOM "\"}", REASON_BAD_ARGUMENT },
		{ INVITE ROOM "}", REASON_BAD_ARGUMENT },
		{ INVITE "\"user_id\":42," ROOM "}", REASON_BAD_ARGUMENT },
		{ INVITE "\"user_id\":\"bob\"," ROOM "}", REASON_BAD_ARGUMENT },
		{ INVITE "\"user_id\":\"" PROBE_ROOM "\"," ROOM "}", REASON_UNKNOWN_PERSON },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(probe_decode_text(*state, rows[i].text), rows[i].reason);
		assert_non_null(probe_reply(*state, REPLY_REFUSED, rows[i].reason));
	}
}

/* A UUID that names a message, or a number no person has. */
static void made_up_people_are_unknown(void **state)
{
	static const struct {
		enum id_domain domain;
		uint64_t number;
	} rows[] = { { ID_MESSAGE, 42 }, { ID_PERSON, 0 }, { ID_PERSON, UINT64_C(1) << 31 } };
	struct probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned char uuid[16];
		char id[UUID_TEXT_LEN], text[300];

		identity_uuid(&p->ids, rows[i].domain, rows[i].number, 0, uuid);
		uuid_print(uuid, id);
		snprintf(text, sizeof(text), INVITE "\"user_id\":\"%.36s\"," ROOM "}", id);
		assert_int_equal(probe_decode_text(p, text), REASON_UNKNOWN_PERSON);
	}
}

static void refusals_are_worded_unless_strict(void **state)
{
	struct probe *p = *state;
	char want[200];

	snprintf(want, sizeof(want),
		 "{\"type\":\"error\",\"error\":\"bad_key\",\"message\":\"%s\"}",
		 reason_text(REASON_BAD_KEY));
	assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_BAD_KEY), want);
	assert_null(probe_reply(p, REPLY_LOGIN, REASON_NONE));
	assert_null(probe_reply(p, REPLY_HISTORY, REASON_NONE));
	p->peer.strict = true;
	assert_null(probe_reply(p, REPLY_REFUSED, REASON_BAD_KEY));
}

static void only_pings_before_login(void **state)
{
	struct probe *p = *state;

	p->peer.logged_in = false;
	assert_int_equal(probe_decode_text(p, "{\"type\":\"enter\"," ROOM "}"),
			 REASON_NOT_LOGGED_IN);
	assert_int_equal(probe_decode_text(p, "{\"type\":\"ping\",\"time\":1}"), REASON_NONE);
}

/* ---- server to client ---- */

static void messages_are_said(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_of(p, KIND_MESSAGE, "hi \"\n\xf0\x9f\x98\x82");
	char want[400];

	event.correlation = SLICE("1");
	snprintf(want, sizeof(want),
		 "{\"type\":\"message\",\"time\":1571999169,\"content\":\"hi \\\"\\n"
		 "\xf0\x9f\x98\x82\",\"user_id\":\"%s\",\"message_id\":\"17\"," ROOM "}",
		 uuid_of(p, 43));
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS), want);
	event = event_of(p, KIND_MESSAGE, "waves");
	event.flags = FLAG_ACTION;
	snprintf(want, sizeof(want),
		 "{\"type\":\"message\",\"time\":1571999169,\"content\":\"*bob waves*\","
		 "\"user_id\":\"%s\",\"message_id\":\"17\"," ROOM "}",
		 uuid_of(p, 43));
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS), want);
	event = event_of(p, KIND_NOTICE, "bob is now mod");
	snprintf(want, sizeof(want),
		 "{\"type\":\"message\",\"time\":1571999169,\"content\":\"bob is now mod\","
		 "\"user_id\":\"%s\",\"message_id\":\"17\"," ROOM "}",
		 uuid_of(p, 9));
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS), want);
}

static void whispers_are_not_said(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_of(p, KIND_MESSAGE, "psst");

	event.flags = FLAG_PRIVATE;
	assert_null(probe_encode(p, &event, AUDIENCE_OTHERS));
	assert_null(probe_encode(p, &event, AUDIENCE_SUBJECT));
}

static void people_are_said(void **state)
{
	static const struct {
		enum envelope_kind kind;
		const char *type;
	} rows[] = { { KIND_ENTER, "enter" }, { KIND_EXIT, "exit" }, { KIND_INVITE, "invite" } };
	struct probe *p = *state;
	struct envelope event;
	char want[200];

	for (size_t i = 0; i < COUNT(rows); i++) {
		event = event_of(p, rows[i].kind, NULL);
		snprintf(want, sizeof(want), "{\"type\":\"%s\",\"user_id\":\"%s\"," ROOM "}",
			 rows[i].type, uuid_of(p, 43));
		assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS), want);
		assert_string_equal(probe_encode(p, &event, AUDIENCE_SUBJECT), want);
	}
	event = event_of(p, KIND_READ, NULL);
	snprintf(want, sizeof(want),
		 "{\"type\":\"read\",\"message_id\":\"1234\",\"user_id\":\"%s\"}", uuid_of(p, 43));
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS), want);
}

static void kicks_are_said(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_of(p, KIND_KICK, "no \"spam\"");
	char want[200];

	snprintf(want, sizeof(want), "{\"type\":\"exit\",\"user_id\":\"%s\"," ROOM "}",
		 uuid_of(p, 44));
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS), want);
	assert_string_equal(probe_encode(p, &event, AUDIENCE_SUBJECT),
			    "{\"type\":\"kick\"," ROOM ",\"message\":\"no \\\"spam\\\"\","
			    "\"permanent\":false}");
	event.text = (struct slice){ NULL, 0 };
	event.flags = FLAG_PERMANENT;
	assert_string_equal(probe_encode(p, &event, AUDIENCE_SUBJECT),
			    "{\"type\":\"kick\"," ROOM ",\"permanent\":true}");
}

static void keepalive_is_a_ping(void **state)
{
	struct probe *p = *state;
	struct frame *frame = NULL;

	assert_int_equal(codec_rooms.serves->keepalive(&p->peer, &frame), CODEC_OK);
	assert_true(slice_is(frame_payload(frame, 0), "{\"type\":\"ping\",\"time\":1795289388}"));
	frame_release(frame);
}

static void broken_frames_do_no_harm(void **state)
{
	char text[300];

	probe_torture(*state, "{\"type\":\"ping\",\"time\":1571999169}");
	probe_torture(*state, "{\"type\":\"pong\",\"time\":1571999169}");
	probe_torture(*state, MESSAGE "\"content\":\"\\ud83d\\ude02 \xc3\xa9 \\\"\"," ROOM "}");
	probe_torture(*state, "{\"type\":\"read\",\"message_id\":\"17\"," ROOM "}");
	snprintf(text, sizeof(text), INVITE "\"user_id\":\"%s\"," ROOM "}", uuid_of(*state, 43));
	probe_torture(*state, text);
	probe_torture(*state, "{\"type\":\"enter\",\"key\":\"ann\\u003as3cret\"," ROOM "}");
	probe_torture(*state, "{\"type\":\"exit\"," ROOM "}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_peer, close_peer)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(key_gives_name_and_secret),
		TEST(other_keys_are_refused),
		TEST(a_key_may_be_long),
		TEST(refusals_say_why),
		TEST(ping_is_answered_with_its_time),
		TEST(pong_is_ignored),
		TEST(message_is_read),
		TEST(read_is_read),
		TEST(invite_is_read),
		TEST(enter_and_exit_are_read),
		TEST(key_is_checked_on_each_frame),
		TEST(long_key_matches_whole),
		TEST(refused_frames),
		TEST(made_up_people_are_unknown),
		TEST(refusals_are_worded_unless_strict),
		TEST(only_pings_before_login),
		TEST(messages_are_said),
		TEST(whispers_are_not_said),
		TEST(people_are_said),
		TEST(kicks_are_said),
		TEST(keepalive_is_a_ping),
		TEST(broken_frames_do_no_harm),
	};

	return cmocka_run_group_tests_name("codecs/rooms", tests, NULL, NULL);
}
