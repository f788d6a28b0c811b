/* The calling side: what comes in the socket, and as history. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codecs/folk.h"
#include "tests/codecs/concord/concord_link.h"
#include "tests/support/codec_probe.h"
#include "tests/support/link_torture.h"

/* ---- heard ---- */

static void chats_are_heard(void **state)
{
	static const struct {
		const char *frame, *told;
	} rows[] = {
		{ CHAT("8501928463962113", "5", ""),
		  "heard message id=8501928463962113 author=5/bob text=hi time=123456789" },
		{ CHAT("9007199254740993", SELF, ""),
		  "heard message id=9007199254740993 author=" SELF "/bot text=hi time=123456789" },
		/* As the server of the dialect need not have it. */
		{ "{\"type\":\"chat_sent\",\"chat\":{\"reactions\":{\"\\u2714\":2,\"x\":0,\"y\":-1,"
		  "\"z\":null,\"\":4},\"edited\":\"true\",\"content\":\"\\ud83d\",\"threadId\":"
		  "\"77\","
		  "\"channelId\":\"" CHANNEL "\",\"authorId\":\"5\",\"id\":\"12\"},\"extra\":1}",
		  "heard message id=12 author=5/bob text=\xef\xbf\xbd thread=77 edited degraded "
		  "reaction=\xe2\x9c\x94*2" },
		{ "{\"chat\":{\"id\":12,\"authorId\":5,\"channelId\":7,\"content\":null},"
		  "\"type\":\"chat_sent\"}",
		  "heard message id=12 room=7 author=5/bob text=" },
		{ "{\"chat\":{\"id\":12,\"authorId\":5,\"content\":17,\"createdAt\":\"x\"},"
		  "\"type\":\"chat_sent\"}",
		  "heard message id=12 author=5/bob text=17" },
		/* What is said besides. */
		{ CHAT("12", "5", ",\"pinned\" : true,\n\"tags\":[ 1,\n\"a\\n\"]"),
		  "heard message id=12 author=5/bob text=hi time=123456789 "
		  "extra=\"pinned\":true,\"tags\":[ 1, \"a\\n\"]" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_heard(*state, rows[i].frame, rows[i].told);
}

static void what_becomes_of_chats_is_heard(void **state)
{
	static const struct {
		const char *frame, *told;
	} rows[] = {
		{ ABOUT("chat_edited", ",\"content\":\"new\""),
		  "heard edit target=8501928463962113 text=new" },
		{ ABOUT("chat_deleted", ""), "heard delete target=8501928463962113" },
		{ ABOUT("chat_deleted", ",\"by\":\"ann\""),
		  "heard delete target=8501928463962113 extra=\"by\":\"ann\"" },
		{ ABOUT("chat_reactions_updated",
			",\"reactions\":{\"\xf0\x9f\x98\x82\":5,\"\xe2\x9c\x94\xef\xb8\x8f\":1}"),
		  "heard reaction target=8501928463962113 reaction=\xf0\x9f\x98\x82*5 "
		  "reaction=\xe2\x9c\x94\xef\xb8\x8f*1" },
		{ ABOUT("chat_reactions_updated", ",\"reactions\":{}"),
		  "heard reaction target=8501928463962113" },
		{ "{\"type\":\"chat_deleted\",\"chatId\":\"5\",\"channelId\":8}",
		  "heard delete target=5 room=8" },
		{ "{\"userId\":5,\"channelId\":" CHANNEL ",\"threadId\":9,\"sentAt\":123456789,"
		  "\"type\":\"chat_typing\"}",
		  "heard typing author=5/bob thread=9 time=123456789" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_heard(*state, rows[i].frame, rows[i].told);
}

static void many_reactions_are_bounded(void **state)
{
	struct link_probe *p = *state;
	char frame[4096] = "{\"chatId\":5,\"type\":\"chat_reactions_updated\",\"reactions\":{";
	size_t len = strlen(frame);

	for (unsigned i = 0; i < ENVELOPE_REACTIONS_MAX + 10; i++)
		len += (size_t)snprintf(frame + len, sizeof(frame) - len, "%s\"e%u\":%u",
					i ? "," : "", i, i + 1);
	snprintf(frame + len, sizeof(frame) - len, "}}");
	assert_int_equal(link_probe_hear_text(p, frame), REASON_NONE);
	assert_int_equal(p->event->reaction_count, ENVELOPE_REACTIONS_MAX);
	assert_int_equal(p->event->reactions[40].count, 41);
}

/* Being connected is coming and going; to be away is neither. */
static void who_comes_and_goes_is_heard(void **state)
{
	struct link_probe *p = *state;

	assert_heard(p, STATUS("6", "ONLINE"),
		     "known 6 cid \xc3\xa9 online\nheard enter author=6/cid \xc3\xa9");
	assert_heard(p, STATUS("6", "AWAY"),
		     "known 6 cid \xc3\xa9 online\nheard presence author=6/cid \xc3\xa9 text=AWAY");
	assert_heard(
	    p, STATUS("6", "ONLINE"),
	    "known 6 cid \xc3\xa9 online\nheard presence author=6/cid \xc3\xa9 text=ONLINE");
	assert_heard(p, STATUS("6", "OFFLINE"),
		     "known 6 cid \xc3\xa9 offline\nheard exit author=6/cid \xc3\xa9");
	assert_heard(
	    p, STATUS("6", "OFFLINE"),
	    "known 6 cid \xc3\xa9 offline\nheard presence author=6/cid \xc3\xa9 text=OFFLINE");
	assert_heard(p, STATUS("6", "DO_NOT_DISTURB"),
		     "known 6 cid \xc3\xa9 online\n"
		     "heard presence author=6/cid \xc3\xa9 text=DO_NOT_DISTURB");
	/* Was away when we came. */
	assert_heard(p, STATUS("5", "OFFLINE"), "known 5 bob offline\nheard exit author=5/bob");
}

static void other_frames_are_told_as_they_came(void **state)
{
	static const char *const frames[] = {
		"{\"channel\":{\"id\":9,\"name\":\"x\"},\"type\":\"channel_created\"}",
		"{\"channelId\":9,\"type\":\"channel_deleted\"}",
		"{\"type\":\"something_new\",\"id\":1}",
		"{\"type\":\"\"}",
	};
	char told[128], large[5000] = "{\"type\":\"x\",\"a\":\"";
	struct link_probe *p = *state;

	for (size_t i = 0; i < COUNT(frames); i++) {
		snprintf(told, sizeof(told), "heard opaque extra=%s", frames[i]);
		assert_heard(p, frames[i], told);
	}
	assert_heard(p, " {\n\"type\":\"x\" }\r\n", "heard opaque extra={ \"type\":\"x\" }");
	memset(large + 17, 'x', sizeof(large) - 17);
	memcpy(large + sizeof(large) - 3, "\"}", 3);
	assert_heard(p, large, "");
}

static void other_texts_are_none(void **state)
{
	static const struct {
		const char *frame;
		enum reason reason;
	} rows[] = {
		{ "", REASON_MALFORMED },
		{ "null", REASON_MALFORMED },
		{ "[]", REASON_MALFORMED },
		{ "{}", REASON_MALFORMED },
		{ "{\"type\":7}", REASON_MALFORMED },
		{ "{\"type\":\"chat_sent\"", REASON_MALFORMED },
		{ "{\"type\":\"chat_sent\"}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"chat_sent\",\"chat\":[]}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"chat_sent\",\"chat\":{\"id\":5}}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"chat_sent\",\"chat\":{\"id\":9223372036854775808,\"authorId\":5}}",
		  REASON_BAD_ARGUMENT },
		{ "{\"type\":\"chat_edited\",\"content\":\"x\"}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"chat_deleted\",\"chatId\":0}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"chat_deleted\",\"chatId\":5,\"channelId\":[]}",
		  REASON_BAD_ARGUMENT },
		{ "{\"type\":\"chat_typing\",\"channelId\":5}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"user_status_updated\",\"userId\":5}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"user_status_updated\",\"status\":\"ONLINE\"}", REASON_BAD_ARGUMENT },
	};
	struct link_probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(link_probe_hear_text(p, rows[i].frame), rows[i].reason);
		assert_string_equal(link_probe_told(p), "");
	}
}

/* Old servers send one and close who does not; who gets one back does not send it again. */
static void heartbeats_go_once(void **state)
{
	struct link_probe *p = *state;

	assert_string_equal(link_probe_keepalive(p),
			    "frame {\"type\":\"heartbeat\",\"timestamp\":" NOW "} (sent)");
	assert_heard(p, "{\"type\":\"heartbeat\",\"timestamp\":" NOW "}", "");
	assert_heard(p, "{\"timestamp\": 5,\"type\":\"heartbeat\"}",
		     "send {\"timestamp\": 5,\"type\":\"heartbeat\"}");
	assert_heard(p, "{\"timestamp\": 5,\"type\":\"heartbeat\"}", "");
}

/* ---- history ---- */

static void history_is_told_oldest_first(void **state)
{
	struct link_probe *p = *state;

	assert_string_equal(link_probe_history(p, 3), "request 7 GET /api/channels/" CHANNEL
						      "/chats/latest?size=3" BEARER " (answer)");
	link_probe_answered(p, NULL, 7, 200, "[" PAST("3", "5") "," PAST("1", "5") "]");
	assert_string_equal(
	    link_probe_told(p),
	    "late heard message id=1 author=5/bob text=hi edited time=5 reaction=x*1\n"
	    "late heard message id=3 author=5/bob text=hi edited time=5 reaction=x*1\n"
	    "history 2 reaches");
	(void)link_probe_history(p, 2);
	link_probe_answered(p, NULL, 7, 200,
			    "[" PAST("3", "5") ",{}," PAST("1", "5") "," PAST("0", "5") "]");
	assert_string_equal(
	    link_probe_told(p),
	    "late heard message id=3 author=5/bob text=hi edited time=5 reaction=x*1\nhistory 1");
	/* Whatever is asked for, some servers give no more. */
	assert_non_null(strstr(link_probe_history(p, 1000), "size=50"));
	link_probe_answered(p, NULL, 7, 404, "");
	assert_string_equal(link_probe_told(p), "history 0");
	(void)link_probe_history(p, 5);
	link_probe_answered(p, NULL, 7, 200, "[]");
	assert_string_equal(link_probe_told(p), "history 0 reaches");
	(void)link_probe_history(p, 5);
	link_probe_answered(p, NULL, 7, 200, "[{\"id\":");
	assert_string_equal(link_probe_told(p), "history 0");
}

#define NAMED(told, id, author)                                                                    \
	told "late heard message id=" id " author=" author " text=hi edited time=5 reaction=x*1\n"

/* Who said it may be known no more: the name is asked for, and waited for. */
static void history_waits_for_names(void **state)
{
	struct link_probe *p = *state;

	(void)link_probe_history(p, 3);
	link_probe_answered(p, NULL, 7, 200,
			    "[" PAST("3", "5") "," PAST("2", "8") "," PAST("1", "9") "]");
	assert_string_equal(link_probe_told(p),
			    "ask 9 GET /api/users/8" BEARER "\nask 10 GET /api/users/9" BEARER);
	link_probe_answered(p, NULL, 9, 200, "{\"id\":8,\"username\":\"eve\"}");
	assert_string_equal(link_probe_told(p), "known 8 eve offline");
	/* One that does not come is done without. */
	link_probe_answered(p, NULL, 10, 500, "");
	assert_string_equal(link_probe_told(p), NAMED(NAMED(NAMED("", "1", "9/?"), "2", "8/eve"),
						      "3", "5/bob") "history 3");
	/* Nor is waited for what does not come in time, nor by a link that begins anew. */
	(void)link_probe_history(p, 5);
	p->peer.now_ms += FOLK_AGAIN_MS;
	link_probe_answered(p, NULL, 7, 200, "[" PAST("2", "7") "," PAST("1", "6") "]");
	(void)link_probe_told(p);
	p->peer.now_ms += FOLK_WAIT_MS;
	link_probe_answered(p, NULL, 9, 404, "");
	assert_string_equal(link_probe_told(p),
			    "known 7 user-7 offline\n" NAMED(NAMED("", "1", "6/cid \xc3\xa9"), "2",
							     "7/user-7") "history 2 reaches");
	(void)link_probe_history(p, 5);
	link_probe_answered(p, NULL, 7, 200, "[" PAST("1", "10") "]");
	(void)link_probe_plan(p);
	link_probe_answered(p, NULL, 9, 404, "");
	assert_null(strstr(link_probe_told(p), "history"));
}

/* ---- our own serving side is such a server ---- */

static void assert_comes_back(struct probe *server, struct link_probe *p,
			      const struct envelope *event, const char *told)
{
	const char *frame = probe_encode(server, event, AUDIENCE_OTHERS);

	assert_non_null(frame);
	assert_heard(p, frame, told);
}

static struct envelope served(const struct probe *server, enum envelope_kind kind, const char *text)
{
	static const struct reaction_count reactions[] = { { { "\xf0\x9f\x98\x82", 4 }, 3 } };
	struct envelope event = { .kind = kind,
				  .id = 4503599627370497,
				  .time_ms = PROBE_NOW,
				  .client_time_ms = 55,
				  .author = probe_person(server, 5, "bob"),
				  .subject = probe_person(server, 6, "cid"),
				  .target = 1234,
				  .text = slice_of(text),
				  .origin = { .dialect = SLICE("concord") } };

	if (kind == KIND_REACTION) {
		event.reactions = reactions;
		event.reaction_count = 1;
	}
	return event;
}

static void what_we_serve_is_heard_alike(void **state)
{
	struct link_probe *p = *state;
	struct probe server;
	struct envelope event;

	probe_open(&server, &codec_concord);
	server.view.room_number = 235009133105909761;
	event = served(&server, KIND_MESSAGE, "h\"i \xf0\x9f\x98\x82");
	event.thread = SLICE("77");
	event.extra = SLICE("\"pinned\":true");
	assert_comes_back(&server, p, &event,
			  "heard message id=4503599627370497 author=5/bob "
			  "text=h\"i \xf0\x9f\x98\x82 thread=77 time=" NOW
			  " extra=\"pinned\":true");
	event = served(&server, KIND_EDIT, "new");
	event.extra = SLICE("\"by\":5");
	assert_comes_back(&server, p, &event, "heard edit target=1234 text=new extra=\"by\":5");
	event = served(&server, KIND_DELETE, "");
	event.extra = SLICE("\"by\":5");
	assert_comes_back(&server, p, &event, "heard delete target=1234 extra=\"by\":5");
	event = served(&server, KIND_REACTION, "");
	event.extra = SLICE("\"by\":5");
	assert_comes_back(&server, p, &event,
			  "heard reaction target=1234 reaction=\xf0\x9f\x98\x82*3 extra=\"by\":5");
	event = served(&server, KIND_TYPING, "");
	event.extra = SLICE("\"what\":\"pen\"");
	assert_comes_back(&server, p, &event,
			  "heard typing author=5/bob time=55 extra=\"what\":\"pen\"");
	event = served(&server, KIND_EXIT, "");
	event.extra = SLICE("\"why\":null");
	assert_comes_back(&server, p, &event,
			  "known 5 bob offline\nheard exit author=5/bob extra=\"why\":null");
	event = served(&server, KIND_ENTER, "");
	assert_comes_back(&server, p, &event, "known 5 bob online\nheard enter author=5/bob");
	event = served(&server, KIND_PRESENCE, "AWAY");
	assert_comes_back(&server, p, &event,
			  "known 5 bob online\nheard presence author=5/bob text=AWAY");
	event = served(&server, KIND_OPAQUE, "");
	event.extra = SLICE("{\"channelId\":9,\"type\":\"channel_deleted\"}");
	assert_comes_back(&server, p, &event,
			  "heard opaque extra={\"channelId\":9,\"type\":\"channel_deleted\"}");
	/* Of another dialect's server it means nothing. */
	event.origin.dialect = SLICE("mixer");
	assert_null(probe_encode(&server, &event, AUDIENCE_OTHERS));
	probe_close(&server);
}

/* ---- whatever comes ---- */

static void broken_frames_do_no_harm(void **state)
{
	static const char *const frames[] = {
		CHAT("8501928463962113", "5", ",\"pinned\":true"),
		"{\"chat\":{\"id\":12,\"authorId\":5,\"channelId\":7,\"reactions\":{\"x\":1,\"y\":"
		"2}},"
		"\"type\":\"chat_sent\"}",
		ABOUT("chat_edited", ",\"content\":\"n\\u00e9w\",\"by\":[1,\n{}]"),
		ABOUT("chat_deleted", ""),
		ABOUT("chat_reactions_updated", ",\"reactions\":{\"\\u2714\":1}"),
		"{\"userId\":5,\"channelId\":" CHANNEL ",\"threadId\":9,\"sentAt\":1,\"type\":"
		"\"chat_typing\"}",
		STATUS("6", "ONLINE"),
		"{\"userId\":9,\"type\":\"user_joined\"}",
		"{\"timestamp\":1,\"type\":\"heartbeat\"}",
	};

	for (size_t i = 0; i < COUNT(frames); i++)
		link_torture(*state, frames[i]);
}

static void ask_history(struct link_probe *p)
{
	(void)link_probe_history(p, 5);
}

static void broken_histories_do_no_harm(void **state)
{
	link_torture_answer(*state, 7, "[" PAST("3", "5") "," PAST("1", "9") "]", ask_history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(chats_are_heard),
		TEST(what_becomes_of_chats_is_heard),
		TEST(many_reactions_are_bounded),
		TEST(who_comes_and_goes_is_heard),
		TEST(other_frames_are_told_as_they_came),
		TEST(other_texts_are_none),
		TEST(heartbeats_go_once),
		TEST(history_is_told_oldest_first),
		TEST(history_waits_for_names),
		TEST(what_we_serve_is_heard_alike),
		TEST(broken_frames_do_no_harm),
		TEST(broken_histories_do_no_harm),
	};

	return cmocka_run_group_tests_name("codecs/concord/calls_hear", tests, NULL, NULL);
}
