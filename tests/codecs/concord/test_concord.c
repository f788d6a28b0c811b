#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "tests/support/codec_probe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW          "1795289388027"

static int open_peer(void **state)
{
	static struct probe probe;

	probe_open(&probe, &codec_concord);
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
		.id = 8501928463962112,
		.sequence = 5,
		.time_ms = PROBE_NOW,
		.client_time_ms = 1234567,
		.room = SLICE("lobby"),
		.author = probe_person(p, 43, "bob"),
		.subject = probe_person(p, 44, "cid"),
		.target = 1234,
		.text = slice_of(text),
	};
}

/* ---- handshake ---- */

static void token_gives_name_and_secret(void **state)
{
	static const struct {
		const char *query, *name, *secret;
	} rows[] = {
		{ "token=ann", "ann", NULL },
		{ "token=ann:s3cret", "ann", "s3cret" },
		{ "token=ann:a:b", "ann", "a:b" },
		{ "token=ann:", "ann", NULL },
		{ "token=Zo%C3%AB%3ax", "Zo\xc3\xab", "x" },
		{ "token=100%", "100%", NULL },
		{ "token=%zz%4", "%zz%4", NULL },
		{ "token=a+b", "a+b", NULL },
		/* All that follows is the token; a later '?' may begin it. */
		{ "token=ann&x=1?y", "ann&x=1?y", NULL },
		{ "x=1?token=ann", "ann", NULL },
	};
	struct probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(probe_handshake(p, rows[i].query, NULL), REASON_NONE);
		assert_true(slice_is(p->login.name, rows[i].name));
		assert_true(slice_is(p->login.secret, rows[i].secret));
		assert_int_equal(!p->login.secret.data, !rows[i].secret);
	}
}

static void other_tokens_are_refused(void **state)
{
	static const char *const bad[] = {
		"",          "token",     "token=",   "token=:secret", "x=1", "x=1&token=ann",
		"Token=ann", "token=%ff", "token=%C3"
	};

	assert_int_equal(probe_handshake(*state, NULL, NULL), REASON_BAD_LOGIN);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(probe_handshake(*state, bad[i], NULL), REASON_BAD_LOGIN);
}

static void refusals_have_no_body(void **state)
{
	static const struct {
		enum reason reason;
		unsigned status;
	} rows[] = {
		{ REASON_BAD_LOGIN, 401 }, { REASON_NAME_TAKEN, 401 },  { REASON_MALFORMED, 400 },
		{ REASON_BANNED, 403 },    { REASON_CLOSED_ROOM, 403 }, { REASON_CLOSING, 503 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct codec_response response = codec_concord.serves->refuse(rows[i].reason);

		assert_int_equal(response.status, rows[i].status);
		assert_true(slice_is(response.body, ""));
		assert_null(response.type.data);
		if (response.status == 401)
			assert_true(slice_is(response.header, "WWW-Authenticate: Bearer"));
		else
			assert_null(response.header.data);
	}
}

/* ---- client to server ---- */

static void chat_written_is_read(void **state)
{
	struct probe *p = *state;

	assert_int_equal(
	    probe_decode_text(p, "{\"type\":\"chat_written\",\"channelId\":123,\"threadId\":null,"
				 "\"sentAt\":123456789,\"content\":\"This is my message!\"}"),
	    REASON_NONE);
	assert_int_equal(p->drafts, 1);
	assert_int_equal(p->draft->kind, KIND_MESSAGE);
	assert_true(slice_is(p->draft->text, "This is my message!"));
	assert_int_equal(p->draft->client_time_ms, 123456789);
	assert_null(p->draft->thread.data);
	assert_null(p->draft->correlation.data);
	assert_true(slice_is(p->draft->origin.dialect, "concord"));
	assert_int_equal(p->room_number, 123);
	assert_string_equal(p->room_id, "");
	assert_null(probe_reply(p, REPLY_DONE, REASON_NONE));
}

static void chat_typing_is_read(void **state)
{
	struct probe *p = *state;

	assert_int_equal(
	    probe_decode_text(p, "{\"type\":\"chat_typing\",\"userId\":1,\"channelId\":"
				 "235009133105909760,\"threadId\":5,\"sentAt\":123456789}"),
	    REASON_NONE);
	assert_int_equal(p->draft->kind, KIND_TYPING);
	assert_int_equal(p->draft->client_time_ms, 123456789);
	assert_int_equal(p->draft->author.number, 0);
	assert_true(slice_is(p->draft->thread, "5"));
	assert_int_equal(p->room_number, 235009133105909760);
}

static void chat_reaction_is_read(void **state)
{
	struct probe *p = *state;

	assert_int_equal(probe_decode_text(p, "{\"type\":\"chat_reaction\",\"chatId\":1234,"
					      "\"reaction\":\"\xf0\x9f\x98\x82\",\"adding\":true}"),
			 REASON_NONE);
	assert_int_equal(p->draft->kind, KIND_REACTION);
	assert_int_equal(p->draft->target, 1234);
	assert_true(slice_is(p->draft->text, "\xf0\x9f\x98\x82"));
	assert_int_equal(p->draft->flags, FLAG_ADDING);
	assert_int_equal(p->room_number, 0);
	assert_string_equal(p->room_id, "");
}

static void heartbeat_is_echoed(void **state)
{
	static const char text[] = " {\"type\":\"heartbeat\", \"timestamp\":12,\"x\":[1 ,2]}\n";
	struct probe *p = *state;

	assert_int_equal(probe_decode_text(p, text), REASON_NONE);
	assert_int_equal(p->drafts, 0);
	assert_int_equal(p->answers, 1);
	assert_string_equal(probe_answer(p), text);
}

/* A number in a frame, and what the real server makes of it. */
static void numbers_are_read_leniently(void **state)
{
	static const struct {
		const char *source;
		int64_t value;
	} rows[] = {
		{ "123", 123 },
		{ "\"123\"", 123 },
		{ "\"-5\"", -5 },
		{ "\"\"", 0 },
		{ "1.9", 1 },
		{ "-1.9", -1 },
		{ "1e3", 1000 },
		{ "null", 0 },
		{ "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
	};
	static const char *const bad[] = {
		"9223372036854775808",     "1e400", "true", "false", "\"abc\"", "\"1.9\"",
		"\"9223372036854775808\"", "[]",    "[1]",  "{}"
	};
	struct probe *p = *state;
	char text[200];

	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text),
			 "{\"type\":\"chat_typing\",\"channelId\":1,\"sentAt\":%s}",
			 rows[i].source);
		assert_int_equal(probe_decode_text(p, text), REASON_NONE);
		assert_int_equal(p->draft->client_time_ms, rows[i].value);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		static const char *const forms[][2] = {
			{ "{\"type\":\"chat_typing\",\"channelId\":1,\"sentAt\":", "}" },
			{ "{\"type\":\"chat_typing\",\"sentAt\":1,\"channelId\":", "}" },
			{ "{\"type\":\"chat_written\",\"channelId\":1,\"threadId\":",
			  ",\"content\":\"x\"}" },
			{ "{\"type\":\"chat_reaction\",\"chatId\":", ",\"reaction\":\"x\"}" },
		};

		for (size_t k = 0; k < COUNT(forms); k++) {
			snprintf(text, sizeof(text), "%s%s%s", forms[k][0], bad[i], forms[k][1]);
			assert_int_equal(probe_decode_text(p, text), REASON_BAD_ARGUMENT);
		}
	}
	/* Missing: 0. */
	assert_int_equal(probe_decode_text(p, "{\"type\":\"chat_typing\",\"channelId\":1}"),
			 REASON_NONE);
	assert_int_equal(p->draft->client_time_ms, 0);
}

static void adding_is_read_leniently(void **state)
{
	static const struct {
		const char *field;
		enum reason reason;
		bool adding;
	} rows[] = {
		{ "", REASON_NONE, false },
		{ ",\"adding\":null", REASON_NONE, false },
		{ ",\"adding\":false", REASON_NONE, false },
		{ ",\"adding\":true", REASON_NONE, true },
		{ ",\"adding\":\"true\"", REASON_NONE, true },
		{ ",\"adding\":\"false\"", REASON_NONE, false },
		{ ",\"adding\":\"\"", REASON_NONE, false },
		{ ",\"adding\":1", REASON_NONE, true },
		{ ",\"adding\":0", REASON_NONE, false },
		{ ",\"adding\":1.5", REASON_BAD_ARGUMENT, false },
		{ ",\"adding\":\"yes\"", REASON_BAD_ARGUMENT, false },
		{ ",\"adding\":[]", REASON_BAD_ARGUMENT, false },
		{ ",\"adding\":{}", REASON_BAD_ARGUMENT, false },
	};
	struct probe *p = *state;
	char text[200];

	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text),
			 "{\"type\":\"chat_reaction\",\"chatId\":1,\"reaction\":\"x\"%s}",
			 rows[i].field);
		assert_int_equal(probe_decode_text(p, text), rows[i].reason);
		if (rows[i].reason == REASON_NONE)
			assert_int_equal(p->draft->flags, rows[i].adding ? FLAG_ADDING : 0);
	}
}

/* The same for content and reaction. */
static void texts_are_read_leniently(void **state)
{
	static const struct {
		const char *source, *text;
		enum reason reason;
	} rows[] = {
		{ "\"hi\"", "hi", REASON_NONE },     { "\"\\u00e9\"", "\xc3\xa9", REASON_NONE },
		{ "17", "17", REASON_NONE },         { "1.50", "1.50", REASON_NONE },
		{ "true", "true", REASON_NONE },     { "false", "false", REASON_NONE },
		{ "\"\"", NULL, REASON_EMPTY },      { "null", NULL, REASON_EMPTY },
		{ "[]", NULL, REASON_BAD_ARGUMENT }, { "{}", NULL, REASON_BAD_ARGUMENT },
	};
	struct probe *p = *state;
	char text[200];

	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text),
			 "{\"type\":\"chat_written\",\"channelId\":1,\"content\":%s}",
			 rows[i].source);
		assert_int_equal(probe_decode_text(p, text), rows[i].reason);
		if (rows[i].text)
			assert_true(slice_is(p->draft->text, rows[i].text));
		snprintf(text, sizeof(text),
			 "{\"type\":\"chat_reaction\",\"chatId\":1,\"reaction\":%s}",
			 rows[i].source);
		assert_int_equal(probe_decode_text(p, text), rows[i].reason);
		if (rows[i].text)
			assert_true(slice_is(p->draft->text, rows[i].text));
	}
	assert_int_equal(probe_decode_text(p, "{\"type\":\"chat_written\",\"channelId\":1}"),
			 REASON_EMPTY);
	assert_int_equal(probe_decode_text(p, "{\"type\":\"chat_reaction\",\"chatId\":1}"),
			 REASON_EMPTY);
	assert_int_equal(probe_decode_text(p, "{\"type\":\"chat_written\",\"channelId\":1,"
					      "\"content\":\"\\ud800\"}"),
			 REASON_NONE);
	assert_true(slice_is(p->draft->text, "\xef\xbf\xbd"));
	assert_int_equal(p->draft->flags, FLAG_DEGRADED);
}

static void refused_frames(void **state)
{
	static const struct {
		const char *text;
		enum reason reason;
	} rows[] = {
		{ "", REASON_MALFORMED },
		{ "{", REASON_MALFORMED },
		{ "null", REASON_MALFORMED },
		{ "[]", REASON_MALFORMED },
		{ "{}", REASON_MALFORMED },
		{ "{\"type\":null}", REASON_MALFORMED },
		{ "{\"type\":7}", REASON_MALFORMED },
		{ "{\"type\":\"chat_written\",\"type\":\"chat_written\"}", REASON_MALFORMED },
		{ "{\"type\":\"\"}", REASON_UNKNOWN_VERB },
		{ "{\"type\":\"chat_sent\"}", REASON_UNKNOWN_VERB },
		{ "{\"type\":\"chat_deleted\",\"chatId\":1,\"channelId\":1}", REASON_UNKNOWN_VERB },
		{ "{\"type\":\"chat_written\",\"content\":\"x\"}", REASON_UNKNOWN_ROOM },
		{ "{\"type\":\"chat_written\",\"channelId\":0,\"content\":\"x\"}",
		  REASON_UNKNOWN_ROOM },
		{ "{\"type\":\"chat_written\",\"channelId\":-1,\"content\":\"x\"}",
		  REASON_UNKNOWN_ROOM },
		{ "{\"type\":\"chat_typing\"}", REASON_UNKNOWN_ROOM },
		{ "{\"type\":\"chat_reaction\",\"reaction\":\"x\"}", REASON_UNKNOWN_MESSAGE },
		{ "{\"type\":\"chat_reaction\",\"chatId\":-1,\"reaction\":\"x\"}",
		  REASON_UNKNOWN_MESSAGE },
		{ "{\"type\":\"chat_reaction\",\"chatId\":9007199254740992,\"reaction\":\"x\"}",
		  REASON_UNKNOWN_MESSAGE },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(probe_decode_text(*state, rows[i].text), rows[i].reason);
		assert_non_null(probe_reply(*state, REPLY_REFUSED, rows[i].reason));
	}
	assert_int_equal(probe_decode_text(*state, "{\"type\":\"chat_reaction\",\"chatId\":"
						   "9007199254740991,\"reaction\":\"x\"}"),
			 REASON_NONE);
}

static void refusals_are_worded_unless_strict(void **state)
{
	struct probe *p = *state;
	char want[200];

	snprintf(want, sizeof(want),
		 "{\"type\":\"error\",\"error\":\"unknown_room\",\"message\":\"%s\"}",
		 reason_text(REASON_UNKNOWN_ROOM));
	assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_UNKNOWN_ROOM), want);
	assert_null(probe_reply(p, REPLY_LOGIN, REASON_NONE));
	assert_null(probe_reply(p, REPLY_HISTORY, REASON_NONE));
	p->peer.strict = true;
	assert_null(probe_reply(p, REPLY_REFUSED, REASON_UNKNOWN_ROOM));
}

static void nothing_but_heartbeats_before_login(void **state)
{
	struct probe *p = *state;

	p->peer.logged_in = false;
	assert_int_equal(probe_decode_text(p, "{\"type\":\"chat_written\",\"channelId\":1,"
					      "\"content\":\"x\"}"),
			 REASON_NOT_LOGGED_IN);
	assert_int_equal(probe_decode_text(p, "{\"type\":\"heartbeat\"}"), REASON_NONE);
}

/* ---- server to client ---- */

static void messages_are_said(void **state)
{
	static const struct reaction_count reactions[] = { { { "\xf0\x9f\x98\x82", 4 }, 5 },
							   { { "\"", 1 }, 2 } };
	struct probe *p = *state;
	struct envelope event = event_of(p, KIND_MESSAGE, "hi \"\n\xf0\x9f\x98\x82");

#define CHAT "{\"chat\":{\"id\":8501928463962112,\"createdAt\":" NOW ",\"authorId\":"
	event.thread = SLICE("another dialect's");
	event.correlation = SLICE("1");
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS),
			    CHAT "43,\"channelId\":7,\"threadId\":null,\"content\":\"hi \\\"\\n"
				 "\xf0\x9f\x98\x82\",\"edited\":false,\"reactions\":{}},"
				 "\"type\":\"chat_sent\"}");
	event = event_of(p, KIND_MESSAGE, "waves");
	event.flags = FLAG_ACTION | FLAG_EDITED;
	event.reactions = reactions;
	event.reaction_count = 2;
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS), CHAT
			    "43,\"channelId\":7,\"threadId\":null,\"content\":\"*bob waves*\","
			    "\"edited\":true,\"reactions\":{\"\xf0\x9f\x98\x82\":5,\"\\\"\":2}},"
			    "\"type\":\"chat_sent\"}");
	event = event_of(p, KIND_NOTICE, "bob is now mod");
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS), CHAT
			    "9,\"channelId\":7,\"threadId\":null,\"content\":\"bob is now mod\","
			    "\"edited\":false,\"reactions\":{}},\"type\":\"chat_sent\"}");
}

static void whispers_are_not_said(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_of(p, KIND_MESSAGE, "psst");

	event.flags = FLAG_PRIVATE;
	assert_null(probe_encode(p, &event, AUDIENCE_OTHERS));
	assert_null(probe_encode(p, &event, AUDIENCE_SUBJECT));
}

static void changes_to_messages_are_said(void **state)
{
	static const struct reaction_count reactions[] = {
		{ { "\xf0\x9f\x98\x82", 4 }, 5 }, { { "\xe2\x9c\x94\xef\xb8\x8f", 6 }, 2 }
	};
	struct probe *p = *state;
	struct envelope event = event_of(p, KIND_EDIT, "better \"text\"");

#define TARGET "{\"chatId\":1234,\"channelId\":7,\"threadId\":null"
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS), TARGET
			    ",\"content\":\"better \\\"text\\\"\",\"type\":\"chat_edited\"}");
	event = event_of(p, KIND_DELETE, NULL);
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS),
			    TARGET ",\"type\":\"chat_deleted\"}");
	event = event_of(p, KIND_REACTION, "\xf0\x9f\x98\x82");
	event.reactions = reactions;
	event.reaction_count = 2;
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS),
			    TARGET ",\"reactions\":{\"\xf0\x9f\x98\x82\":5,"
				   "\"\xe2\x9c\x94\xef\xb8\x8f\":2},"
				   "\"type\":\"chat_reactions_updated\"}");
	event.reaction_count = 0;
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS),
			    TARGET ",\"reactions\":{},\"type\":\"chat_reactions_updated\"}");
}

static void removals_are_said_one_by_one(void **state)
{
	static const enum envelope_kind kinds[] = { KIND_CLEAR, KIND_PURGE, KIND_TIMEOUT };
	static const uint64_t removed[] = { 11, 12, 9007199254740991 };
	struct probe *p = *state;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct envelope event = event_of(p, kinds[i], NULL);

		assert_null(probe_encode(p, &event, AUDIENCE_OTHERS));
		event.removed = removed;
		event.removed_count = COUNT(removed);
		assert_string_equal(
		    probe_encode(p, &event, AUDIENCE_OTHERS),
		    "{\"chatId\":11,\"channelId\":7,\"threadId\":null,\"type\":\"chat_deleted\"}\n"
		    "{\"chatId\":12,\"channelId\":7,\"threadId\":null,\"type\":\"chat_deleted\"}\n"
		    "{\"chatId\":9007199254740991,\"channelId\":7,\"threadId\":null,"
		    "\"type\":\"chat_deleted\"}");
	}
}

static void kicks_are_said(void **state)
{
	static const uint64_t removed[] = { 11 };
	struct probe *p = *state;
	struct envelope event = event_of(p, KIND_KICK, "spam");

#define GONE "{\"userId\":44,\"status\":\"OFFLINE\",\"type\":\"user_status_updated\"}"
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS), GONE);
	event.removed = removed;
	event.removed_count = COUNT(removed);
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS),
			    GONE "\n{\"chatId\":11,\"channelId\":7,\"threadId\":null,"
				 "\"type\":\"chat_deleted\"}");
	assert_string_equal(probe_encode(p, &event, AUDIENCE_SUBJECT), GONE);
}

static void people_are_said(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_of(p, KIND_TYPING, NULL);

	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS),
			    "{\"userId\":43,\"channelId\":7,\"threadId\":null,\"sentAt\":1234567,"
			    "\"type\":\"chat_typing\"}");
	event.kind = KIND_ENTER;
	assert_string_equal(
	    probe_encode(p, &event, AUDIENCE_OTHERS),
	    "{\"userId\":43,\"status\":\"ONLINE\",\"type\":\"user_status_updated\"}");
	event.kind = KIND_EXIT;
	assert_string_equal(
	    probe_encode(p, &event, AUDIENCE_OTHERS),
	    "{\"userId\":43,\"status\":\"OFFLINE\",\"type\":\"user_status_updated\"}");
	event.kind = KIND_PRESENCE;
	event.text = SLICE("DO_NOT_DISTURB");
	assert_string_equal(
	    probe_encode(p, &event, AUDIENCE_OTHERS),
	    "{\"userId\":43,\"status\":\"DO_NOT_DISTURB\",\"type\":\"user_status_updated\"}");
}

static void broken_frames_do_no_harm(void **state)
{
	probe_torture(*state, "{\"type\":\"chat_written\",\"channelId\":123,\"threadId\":null,"
			      "\"sentAt\":123456789,\"content\":\"\\ud83d\\ude02 \xc3\xa9 \\\"\"}");
	probe_torture(*state, "{\"type\":\"chat_typing\",\"userId\":1,\"channelId\":123,"
			      "\"threadId\":null,\"sentAt\":123456789}");
	probe_torture(*state, "{\"type\":\"chat_reaction\",\"chatId\":1234,\"reaction\":"
			      "\"\xf0\x9f\x98\x82\",\"adding\":true}");
	probe_torture(*state, "{\"type\":\"heartbeat\",\"timestamp\":123456789}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_peer, close_peer)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(token_gives_name_and_secret),
		TEST(other_tokens_are_refused),
		TEST(refusals_have_no_body),
		TEST(chat_written_is_read),
		TEST(chat_typing_is_read),
		TEST(chat_reaction_is_read),
		TEST(heartbeat_is_echoed),
		TEST(numbers_are_read_leniently),
		TEST(adding_is_read_leniently),
		TEST(texts_are_read_leniently),
		TEST(refused_frames),
		TEST(refusals_are_worded_unless_strict),
		TEST(nothing_but_heartbeats_before_login),
		TEST(messages_are_said),
		TEST(whispers_are_not_said),
		TEST(changes_to_messages_are_said),
		TEST(removals_are_said_one_by_one),
		TEST(kicks_are_said),
		TEST(people_are_said),
		TEST(broken_frames_do_no_harm),
	};

	return cmocka_run_group_tests_name("codecs/concord", tests, NULL, NULL);
}
