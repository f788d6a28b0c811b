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

	probe_open(&probe, &codec_simple);
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
		.id = 123,
		.sequence = 5,
		.time_ms = PROBE_NOW,
		.room = SLICE("lobby"),
		.author = probe_person(p, 43, "bob"),
		.text = slice_of(text),
	};
}

/* ---- handshake ---- */

static void basic_gives_name_and_secret(void **state)
{
	struct probe *p = *state;

	assert_int_equal(probe_handshake(p, NULL, "Basic YWxpY2U6c2VjcmV0"), REASON_NONE);
	assert_true(slice_is(p->login.name, "alice"));
	assert_true(slice_is(p->login.secret, "secret"));
	assert_false(p->login.anonymous);

	/* "alice:": no secret; "alice:a:b": the first colon divides; "Zoë:" in UTF-8 */
	assert_int_equal(probe_handshake(p, NULL, " bAsIc   YWxpY2U6  "), REASON_NONE);
	assert_true(slice_is(p->login.name, "alice"));
	assert_null(p->login.secret.data);
	assert_int_equal(probe_handshake(p, NULL, "Basic YWxpY2U6YTpi"), REASON_NONE);
	assert_true(slice_is(p->login.secret, "a:b"));
	assert_int_equal(probe_handshake(p, NULL, "Basic Wm/Dqzo="), REASON_NONE);
	assert_true(slice_is(p->login.name, "Zo\xc3\xab"));
	assert_int_equal(probe_handshake(p, NULL, "Basic Wm_Dqzo"), REASON_NONE);
	assert_true(slice_is(p->login.name, "Zo\xc3\xab"));
}

static void other_credentials_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"Basic",
		"Basic ",
		"Basic =",
		"Bearer YWxpY2U6",
		"BasicYWxpY2U6",
		"Basic YWxpY2U",      /* "alice", no colon */
		"Basic OnNlY3JldA==", /* ":secret", no name */
		"Basic YWx pY2U6",
		"Basic YWxp*2U6",
		"Basic YWxpY", /* half a byte */
		"Basic /zo=",  /* FF: not UTF-8 */
	};

	assert_int_equal(probe_handshake(*state, NULL, NULL), REASON_BAD_LOGIN);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(probe_handshake(*state, NULL, bad[i]), REASON_BAD_LOGIN);
}

/* A handshake where a page is served, or not. */
static enum reason handshake_at(struct probe *p, bool page, const char *query, const char *header)
{
	struct codec_handshake handshake = { .path = SLICE("/"),
					     .query = slice_of(query),
					     .authorization = slice_of(header),
					     .page = page };
	char scratch[128];

	p->peer.scratch = scratch;
	p->login = (struct codec_login){ .name = { NULL, 0 } };
	return codec_simple.serves->handshake(&p->peer, &handshake, &p->login);
}

static void a_page_may_log_in_by_the_query(void **state)
{
	static const char *const bad[] = { "login=", "login", "a=b", "login=:x", "login=%ff" };
	static const char basic[] = "Basic YWxpY2U6c2VjcmV0";
	struct probe *p = *state;
	char *scratch = p->peer.scratch;

	assert_int_equal(handshake_at(p, true, "a=b&login=dee:x", NULL), REASON_NONE);
	assert_true(slice_is(p->login.name, "dee"));
	assert_true(slice_is(p->login.secret, "x"));
	assert_int_equal(handshake_at(p, true, "login=Zo%C3%AB%3Aa%26b", NULL), REASON_NONE);
	assert_int_equal(handshake_at(p, true, "login=dee:x", basic), REASON_NONE);
	assert_true(slice_is(p->login.name, "alice"));
	assert_int_equal(handshake_at(p, true, "login=dee:x", "Basic"), REASON_BAD_LOGIN);
	assert_int_equal(handshake_at(p, true, NULL, NULL), REASON_BAD_LOGIN);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(handshake_at(p, true, bad[i], NULL), REASON_BAD_LOGIN);
	assert_int_equal(handshake_at(p, false, "login=dee:x", NULL), REASON_BAD_LOGIN);
	p->peer.scratch = scratch;
}

static void refusals_are_bare_status_lines(void **state)
{
	const struct codec_ops *serves = codec_simple.serves;

	(void)state;
	for (enum reason reason = REASON_NONE + 1; reason < REASONS; reason++) {
		struct codec_response response = serves->refuse(reason);

		assert_null(response.header.data);
		assert_null(response.type.data);
		assert_null(response.body.data);
	}
	assert_int_equal(serves->refuse(REASON_BAD_LOGIN).status, 401);
	assert_int_equal(serves->refuse(REASON_NAME_TAKEN).status, 403);
	assert_int_equal(serves->refuse(REASON_BANNED).status, 403);
	assert_int_equal(serves->refuse(REASON_CLOSED_ROOM).status, 403);
}

/* ---- client to server ---- */

static void message_is_read(void **state)
{
	struct probe *p = *state;

	assert_int_equal(probe_decode_text(p, "{\"type\":\"send_message\",\"payload_id\":\"1\","
					      "\"message\":\"hello \\u00e9\"}"),
			 REASON_NONE);
	assert_int_equal(p->drafts, 1);
	assert_int_equal(p->draft->kind, KIND_MESSAGE);
	assert_int_equal(p->draft->flags, 0);
	assert_true(slice_is(p->draft->text, "hello \xc3\xa9"));
	assert_true(slice_is(p->draft->correlation, "\"1\""));
	assert_true(slice_is(p->draft->origin.dialect, "simple"));
	assert_int_equal(p->room_number, 0);
	assert_string_equal(p->room_id, "");
	assert_string_equal(probe_reply(p, REPLY_DONE, REASON_NONE),
			    "{\"type\":\"reply\",\"payload_id\":\"1\",\"error\":null}");
}

static void odd_but_accepted(void **state)
{
	struct probe *p = *state;

	/* An empty message is one. */
	assert_int_equal(probe_decode_text(p, "{\"type\":\"send_message\",\"payload_id\":\"1\","
					      "\"message\":\"\"}"),
			 REASON_NONE);
	assert_int_equal(p->draft->text.len, 0);
	/* Keys beyond the documents' are ignored, an author too; the order does not matter. */
	assert_int_equal(
	    probe_decode_text(p, " {\"username\":\"eve\",\"message\":\"x\",\"timestamp\":1,"
				 "\"payload_id\":\"1\",\"type\":\"send\\u005fmessage\"} "),
	    REASON_NONE);
	assert_true(slice_is(p->draft->text, "x"));
	assert_null(p->draft->author.name.data);
	/* NUL stays, a lone surrogate is replaced and counted. */
	assert_int_equal(probe_decode_text(p, "{\"type\":\"send_message\",\"payload_id\":\"1\","
					      "\"message\":\"a\\u0000b\\ud800\"}"),
			 REASON_NONE);
	assert_true(slice_equal(p->draft->text, slice_span("a\0b\xef\xbf\xbd", 6)));
	assert_int_equal(p->draft->flags, FLAG_DEGRADED);
}

/* Every JSON type of payload_id comes back as it came. */
static void payload_id_is_echoed_verbatim(void **state)
{
	static const char *const ids[] = {
		"\"1\"",
		"\"\"",
		"\"\\u00e9\\n\"",
		"\"\xc3\xa9\"",
		"7",
		"-0",
		"1.50",
		"9007199254740993",
		"123456789012345678901234567890",
		"null",
		"true",
		"false",
		"[1,[2]]",
		"{\"a\":{\"b\":null}}",
	};
	struct probe *p = *state;
	char text[256], want[256];

	for (size_t i = 0; i < COUNT(ids); i++) {
		snprintf(text, sizeof(text),
			 "{\"type\":\"send_message\",\"payload_id\":%s,\"message\":\"m\"}", ids[i]);
		snprintf(want, sizeof(want),
			 "{\"type\":\"reply\",\"payload_id\":%s,\"error\":null}", ids[i]);
		assert_int_equal(probe_decode_text(p, text), REASON_NONE);
		assert_string_equal(probe_reply(p, REPLY_DONE, REASON_NONE), want);

		snprintf(text, sizeof(text),
			 "{\"type\":\"send_message\",\"payload_id\":%s,\"message\":7}", ids[i]);
		snprintf(want, sizeof(want),
			 "{\"type\":\"reply\",\"payload_id\":%s,\"error\":\"malformed_payload\"}",
			 ids[i]);
		assert_int_equal(probe_decode_text(p, text), REASON_BAD_ARGUMENT);
		assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_BAD_ARGUMENT), want);
	}
}

/* The error matrix of the real server. */
static void malformed_payloads(void **state)
{
#define NO_ID "{\"type\":\"reply\",\"payload_id\":null,\"error\":\"malformed_payload\"}"
#define ID_1  "{\"type\":\"reply\",\"payload_id\":\"1\",\"error\":\"malformed_payload\"}"
	static const struct {
		const char *text, *reply;
		enum reason reason;
	} rows[] = {
		{ "", NO_ID, REASON_MALFORMED },
		{ "hello", NO_ID, REASON_MALFORMED },
		{ "null", NO_ID, REASON_MALFORMED },
		{ "17", NO_ID, REASON_MALFORMED },
		{ "\"send_message\"", NO_ID, REASON_MALFORMED },
		{ "[]", NO_ID, REASON_MALFORMED },
		{ "{}", NO_ID, REASON_MALFORMED },
		{ "{\"type\":\"send_message\",\"payload_id\":\"1\",\"message\":\"x\"", NO_ID,
		  REASON_MALFORMED },
		{ "{\"payload_id\":\"1\",\"message\":\"x\"}", NO_ID, REASON_MALFORMED },
		{ "{\"type\":5,\"payload_id\":\"1\",\"message\":\"x\"}", NO_ID, REASON_MALFORMED },
		{ "{\"type\":null,\"payload_id\":\"1\",\"message\":\"x\"}", NO_ID,
		  REASON_MALFORMED },
		{ "{\"type\":\"send_message\",\"message\":\"x\"}", NO_ID, REASON_MALFORMED },
		{ "{\"type\":\"shout\",\"payload_id\":\"1\",\"message\":\"x\"}", NO_ID,
		  REASON_UNKNOWN_VERB },
		{ "{\"type\":\"message_sent\",\"payload_id\":\"1\",\"message\":\"x\"}", NO_ID,
		  REASON_UNKNOWN_VERB },
		{ "{\"type\":\"\",\"payload_id\":\"1\",\"message\":\"x\"}", NO_ID,
		  REASON_UNKNOWN_VERB },
		{ "{\"type\":\"send_message\",\"payload_id\":\"1\"}", ID_1, REASON_BAD_ARGUMENT },
		{ "{\"type\":\"send_message\",\"payload_id\":\"1\",\"message\":null}", ID_1,
		  REASON_BAD_ARGUMENT },
		{ "{\"type\":\"send_message\",\"payload_id\":\"1\",\"message\":7}", ID_1,
		  REASON_BAD_ARGUMENT },
		{ "{\"type\":\"send_message\",\"payload_id\":\"1\",\"message\":true}", ID_1,
		  REASON_BAD_ARGUMENT },
		{ "{\"type\":\"send_message\",\"payload_id\":\"1\",\"message\":[\"x\"]}", ID_1,
		  REASON_BAD_ARGUMENT },
		{ "{\"type\":\"send_message\",\"payload_id\":\"1\",\"message\":{}}", ID_1,
		  REASON_BAD_ARGUMENT },
		{ "{\"type\":\"send_message\",\"payload_id\":\"1\",\"message\":\"\xff\"}", NO_ID,
		  REASON_MALFORMED },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		enum reason reason = probe_decode_text(*state, rows[i].text);

		assert_int_equal(reason, rows[i].reason);
		assert_string_equal(probe_reply(*state, REPLY_REFUSED, reason), rows[i].reply);
	}
}

static void other_refusals_have_their_own_code(void **state)
{
	struct probe *p = *state;

	p->peer.logged_in = false;
	assert_int_equal(probe_decode_text(p, "{\"type\":\"send_message\",\"payload_id\":2,"
					      "\"message\":\"x\"}"),
			 REASON_NOT_LOGGED_IN);
	assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_NOT_LOGGED_IN),
			    "{\"type\":\"reply\",\"payload_id\":2,\"error\":\"not_logged_in\"}");
	assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_RATE_LIMITED),
			    "{\"type\":\"reply\",\"payload_id\":2,\"error\":\"rate_limited\"}");
	assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_MUTED),
			    "{\"type\":\"reply\",\"payload_id\":2,\"error\":\"muted\"}");
	assert_null(probe_reply(p, REPLY_LOGIN, REASON_NONE));
	assert_null(probe_reply(p, REPLY_HISTORY, REASON_NONE));
}

static void nesting_is_bounded(void **state)
{
	struct probe *p = *state;
	static const char text[] =
	    "{\"type\":\"send_message\",\"payload_id\":[[]],\"message\":\"\"}";

	p->peer.json_depth = 3;
	assert_int_equal(probe_decode_text(p, text), REASON_NONE);
	p->peer.json_depth = 2;
	assert_int_equal(probe_decode_text(p, text), REASON_MALFORMED);
}

/* ---- server to client ---- */

static void messages_are_said(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_of(p, KIND_MESSAGE, "hi \"\\\n\x01 \xf0\x9f\x98\x82");

	event.correlation = SLICE("\"mine\"");
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS),
			    "{\"type\":\"message_sent\",\"message\":\"hi \\\"\\\\\\n\\u0001 "
			    "\xf0\x9f\x98\x82\",\"timestamp\":" NOW ",\"username\":\"bob\"}");
	event.author.name = SLICE("b\"ob");
	event.text = SLICE("");
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS),
			    "{\"type\":\"message_sent\",\"message\":\"\",\"timestamp\":" NOW
			    ",\"username\":\"b\\\"ob\"}");
	event = event_of(p, KIND_MESSAGE, "waves");
	event.flags = FLAG_ACTION;
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS),
			    "{\"type\":\"message_sent\",\"message\":\"*bob waves*\","
			    "\"timestamp\":" NOW ",\"username\":\"bob\"}");
	event = event_of(p, KIND_NOTICE, "bob is now mod");
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS),
			    "{\"type\":\"message_sent\",\"message\":\"bob is now mod\","
			    "\"timestamp\":" NOW ",\"username\":null}");
}

static void whispers_are_not_said(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_of(p, KIND_MESSAGE, "psst");

	event.flags = FLAG_PRIVATE;
	assert_null(probe_encode(p, &event, AUDIENCE_OTHERS));
	assert_null(probe_encode(p, &event, AUDIENCE_SUBJECT));
}

static void comings_and_goings_are_said(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_of(p, KIND_ENTER, NULL);

	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS),
			    "{\"type\":\"user_connected\",\"timestamp\":" NOW
			    ",\"username\":\"bob\"}");
	event.kind = KIND_EXIT;
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS),
			    "{\"type\":\"user_disconnected\",\"timestamp\":" NOW
			    ",\"username\":\"bob\"}");
}

static void kicks_are_said(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_of(p, KIND_KICK, "no \"spam\"");

	event.subject = probe_person(p, 44, "cid");
	assert_string_equal(probe_encode(p, &event, AUDIENCE_OTHERS),
			    "{\"type\":\"user_disconnected\",\"timestamp\":" NOW
			    ",\"username\":\"cid\"}");
	/* The victim is told in words; and who was not there does not go. */
	assert_null(probe_encode(p, &event, AUDIENCE_SUBJECT));
	event.flags = FLAG_PERMANENT | FLAG_ABSENT;
	assert_null(probe_encode(p, &event, AUDIENCE_OTHERS));
}

static void broken_frames_do_no_harm(void **state)
{
	probe_torture(*state,
		      "{\"type\":\"send_message\",\"payload_id\":\"1\",\"message\":\"hi\"}");
	probe_torture(*state, "{\"type\":\"send_message\",\"payload_id\":{\"a\":[1,\"\\u0041\"]},"
			      "\"message\":\"\\ud83d\\ude02 \xc3\xa9 \\\"\"}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_peer, close_peer)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(basic_gives_name_and_secret),
		TEST(other_credentials_are_refused),
		TEST(a_page_may_log_in_by_the_query),
		TEST(refusals_are_bare_status_lines),
		TEST(message_is_read),
		TEST(odd_but_accepted),
		TEST(payload_id_is_echoed_verbatim),
		TEST(malformed_payloads),
		TEST(other_refusals_have_their_own_code),
		TEST(nesting_is_bounded),
		TEST(messages_are_said),
		TEST(whispers_are_not_said),
		TEST(comings_and_goings_are_said),
		TEST(kicks_are_said),
		TEST(broken_frames_do_no_harm),
	};

	return cmocka_run_group_tests_name("codecs/simple", tests, NULL, NULL);
}
