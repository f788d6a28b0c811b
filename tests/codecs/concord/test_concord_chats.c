#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codecs/text/memory.h"
#include "tests/codecs/concord/concord_calls.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- chats ---- */

#define CHAT(id, time, author, content)                                                            \
	"{\"id\":" id ",\"createdAt\":" time ",\"authorId\":" author                               \
	",\"channelId\":8501928463962112,\"threadId\":null,\"content\":\"" content                 \
	"\",\"edited\":false,\"reactions\":{}}"

static struct envelope message(const struct call_probe *p, uint64_t id, uint64_t time_ms,
			       const char *text)
{
	return (struct envelope){ .kind = KIND_MESSAGE,
				  .id = id,
				  .time_ms = time_ms,
				  .author = probe_person(&p->probe, 43, "bob"),
				  .text = slice_of(text) };
}

static void a_chat_is_said(void **state)
{
	struct call_probe *p = *state;
	struct envelope event = message(p, 1234, 99, "hi");
	struct codec_room room = { .view = p->probe.peer.view };
	struct codec_told said = {
		.kind = WANT_DRAFT, .event = &event, .rooms = &room, .room_count = 1
	};

	assert_wants(p, CALL_POST, "/api/channels/5/chats",
		     "{\"content\":\"h\\u0069\",\"sentAt\":77,\"threadId\":9}", WANT_DRAFT);
	assert_int_equal(p->want.draft.event.kind, KIND_MESSAGE);
	assert_true(p->want.draft.room_number == 5);
	assert_true(slice_is(p->want.draft.event.text, "hi"));
	assert_true(slice_is(p->want.draft.event.thread, "9"));
	assert_int_equal(p->want.draft.event.client_time_ms, 77);
	tell(p, said);
	/* Not the client's time: the order is the server's. */
	assert_said(p, "200" JSON CHAT("1234", "99", "43", "hi"));
}

/* A thread's number may be longer than what stood for it. */
static void a_thread_may_be_written_short(void **state)
{
	struct call_probe *p = *state;

	assert_wants(p, CALL_POST, "/api/channels/5/chats",
		     "{\"content\":\"\\u0069\\u0069\",\"threadId\":9e18}", WANT_DRAFT);
	assert_true(slice_is(p->want.draft.event.thread, "9000000000000000000"));
	assert_true(slice_is(p->want.draft.event.text, "ii"));
}

static void what_cannot_be_said_is_refused(void **state)
{
	static const struct {
		enum reason reason;
		unsigned status;
	} rows[] = {
		{ REASON_UNKNOWN_ROOM, 400 }, /* as the real server */
		{ REASON_BANNED, 403 },       { REASON_MUTED, 403 },    { REASON_CLOSED_ROOM, 403 },
		{ REASON_RATE_LIMITED, 429 }, { REASON_TOO_LONG, 400 }, { REASON_NO_ANSWER, 503 },
		{ REASON_NONE, 403 }, /* a rule let nothing come of it */
	};
	struct call_probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_wants(p, CALL_POST, "/api/channels/5/chats", "{\"content\":\"x\"}",
			     WANT_DRAFT);
		tell(p, told(WANT_DRAFT, rows[i].reason));
		assert_int_equal(p->answer.status, rows[i].status);
	}
	/* The real server stores null. */
	assert_refuses(p, CALL_POST, "/api/channels/5/chats", "{\"content\":null}", 400,
		       "Bad Request", "The message is empty");
	assert_refuses(p, CALL_POST, "/api/channels/5/chats", "{\"content\":[]}", 400,
		       "Bad Request", "A field is missing or has an invalid value");
	assert_refuses(p, CALL_POST, "/api/channels/0/chats", "{\"content\":\"x\"}", 400,
		       "Bad Request", "Unknown channel id.");
	assert_refuses(p, CALL_POST, "/api/channels/x/chats", "{\"content\":\"x\"}", 400,
		       "Bad Request", "the id in the path is not a number");
	call_probe_ask(p, CALL_POST, "/api/channels/5/chats", "{\"content\":\"x\"}");
	call_probe_step(p, &nothing);
	tell(p, (struct codec_told){
		    .kind = WANT_DRAFT, .reason = REASON_REFUSED, .text = SLICE("no links") });
	assert_error(p, 403, "Forbidden", "no links");
}

static void the_latest_come_newest_first(void **state)
{
	struct call_probe *p = *state;
	struct envelope one = message(p, 10, 1000, "one"), two = message(p, 20, 2000, "two");
	const struct envelope *history[] = { &one, &two };
	struct codec_room room = { .view = p->probe.peer.view };
	struct codec_told found = { .kind = WANT_HISTORY,
				    .rooms = &room,
				    .room_count = 1,
				    .history = history,
				    .history_count = 2 };

	assert_wants(p, CALL_GET, "/api/channels/5/chats/latest?size=2", NULL, WANT_HISTORY);
	assert_true(p->want.room_number == 5);
	assert_int_equal(p->want.count, 2);
	assert_true(p->want.before == 0);
	tell(p, found);
	assert_said(p, "200" JSON
		       "[" CHAT("20", "2000", "43", "two") "," CHAT("10", "1000", "43", "one") "]");
	/* The desktop program says no size. */
	assert_wants(p, CALL_GET, "/api/channels/5/chats/latest", NULL, WANT_HISTORY);
	assert_int_equal(p->want.count, 50);
	/* As the real server: nothing is said in a channel that there is not. */
	tell(p, told(WANT_HISTORY, REASON_UNKNOWN_ROOM));
	assert_said(p, "200" JSON "[]");
	assert_wants(p, CALL_GET, "/api/channels/5/chats/latest", NULL, WANT_HISTORY);
	tell(p, told(WANT_HISTORY, REASON_CLOSED_ROOM));
	assert_said(p, "200" JSON "[]");
	/* 500 there. */
	assert_refuses(p, CALL_GET, "/api/channels/5/chats/latest?size=0", NULL, 400, "Bad Request",
		       "size cannot be so small");
	assert_refuses(p, CALL_GET, "/api/channels/5/chats/latest?size=x", NULL, 400, "Bad Request",
		       "a parameter is not a number");
}

/* What the bridge said has its author, who is listed, too. */
static void a_notice_has_an_author(void **state)
{
	struct call_probe *p = *state;
	struct envelope notice = message(p, 10, 1000, "one");
	const struct envelope *history[] = { &notice };
	struct codec_room room = { .view = p->probe.peer.view };
	struct codec_told found = { .kind = WANT_HISTORY,
				    .rooms = &room,
				    .room_count = 1,
				    .history = history,
				    .history_count = 1 };

	notice.kind = KIND_NOTICE;
	notice.author = (struct person){ .number = 0 };
	assert_wants(p, CALL_GET, "/api/channels/5/chats/latest", NULL, WANT_HISTORY);
	tell(p, found);
	assert_said(p, "200" JSON "[" CHAT("10", "1000", BRIDGE, "one") "]");
}

/* Whether a search finds that one message. */
static bool finds(struct call_probe *p, const char *target, const struct envelope *event)
{
	const struct envelope *history[] = { event };
	struct codec_room room = { .view = p->probe.peer.view };
	struct codec_told found = { .kind = WANT_HISTORY,
				    .rooms = &room,
				    .room_count = 1,
				    .history = history,
				    .history_count = 1 };

	assert_wants(p, CALL_GET, target, NULL, WANT_HISTORY);
	tell(p, found);
	assert_int_equal(p->answer.status, 200);
	return p->answer.body.len > 2;
}

static void chats_are_searched(void **state)
{
	static const struct {
		const char *target;
		bool found;
	} rows[] = {
		{ "/api/chats", true },
		{ "/api/chats?authorId=43", true },
		{ "/api/chats?authorId=44", false },
		{ "/api/chats?threadId=-1", true },
		{ "/api/chats?threadId=3", false },
		{ "/api/chats?before=5001", true },
		{ "/api/chats?before=5000", false },
		{ "/api/chats?after=4999", true },
		{ "/api/chats?after=5000", false },
		{ "/api/chats?query=WORLD", true },
		{ "/api/chats?query=moon+world", true },
		{ "/api/chats?query=moon", false },
		{ "/api/chats?query=+moon++o%2C+", true },
		{ "/api/chats?query=++", true },
		{ "/api/chats?query=", true },
		{ "/api/chats?page=1", false },
		{ "/api/chats?page=1&size=1", false },
		{ "/api/chats?authorId=", true },
	};
	struct call_probe *p = *state;
	struct envelope event = message(p, 10, 5000, "Hello, world");

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(finds(p, rows[i].target, &event), rows[i].found);
}

/* A search keeps everybody else waiting. */
static void a_search_looks_through_so_much_at_most(void **state)
{
	enum { LONG = 3 * 1024 * 1024 };
	struct call_probe *p = *state;
	char target[512] = "/api/chats?query=", *text = memory_new(LONG);
	struct envelope event = message(p, 10, 5000, "x");

	memset(text, 'a', LONG);
	event.text = slice_span(text, LONG);
	memset(target + strlen(target), 'A', 255);
	strcat(target, "b");
	assert_false(finds(p, target, &event));
	strcat(target, "b");
	assert_refuses(p, CALL_GET, target, NULL, 400, "Bad Request", "the query is too long");
	/* Each word is looked for anew. */
	text[LONG - 1] = 'z';
	assert_true(finds(p, "/api/chats?query=b+z", &event));
	assert_false(finds(p, "/api/chats?query=b+c+z", &event));
	free(text);
}

/* However many are asked for: it is made while others wait, and kept until it is read. */
static void an_answer_is_so_long_at_most(void **state)
{
	enum { LONG = 1024 * 1024 };
	struct call_probe *p = *state;
	char *text = memory_new(LONG);
	struct envelope event = message(p, 10, 5000, "x");
	const struct envelope *history[] = { &event, &event, &event, &event, &event, &event };
	struct codec_room room = { .view = p->probe.peer.view };
	struct codec_told found = { .kind = WANT_HISTORY,
				    .rooms = &room,
				    .room_count = 1,
				    .history = history,
				    .history_count = COUNT(history) };

	memset(text, 'a', LONG);
	event.text = slice_span(text, LONG);
	assert_wants(p, CALL_GET, "/api/channels/5/chats/latest", NULL, WANT_HISTORY);
	tell(p, found);
	assert_true(p->answer.body.len > 4 * LONG && p->answer.body.len < 5 * LONG);
	free(text);
}

static void a_search_asks_for_no_more_than_it_needs(void **state)
{
	struct call_probe *p = *state;

	assert_wants(p, CALL_GET, "/api/chats?channelId=5&page=2&size=10&before=1795289388027",
		     NULL, WANT_HISTORY);
	assert_false(p->want.mine);
	assert_true(p->want.room_number == 5);
	assert_int_equal(p->want.count, 30);
	assert_true(p->want.before == id_floor(1795289388027));
	/* Without a channel: all that may be read. */
	assert_wants(p, CALL_GET, "/api/chats?size=10", NULL, WANT_HISTORY);
	assert_true(p->want.mine);
	assert_int_equal(p->want.count, 10);
	assert_wants(p, CALL_GET, "/api/chats?query=x", NULL, WANT_HISTORY);
	assert_int_equal(p->want.count, 1000);
	/* What is not wanted has to be looked at. */
	assert_wants(p, CALL_GET, "/api/chats?channelId=5&size=10&authorId=4", NULL, WANT_HISTORY);
	assert_int_equal(p->want.count, 5000);
	assert_wants(p, CALL_GET, "/api/chats?channelId=5&size=999999999999&page=9999999999", NULL,
		     WANT_HISTORY);
	assert_int_equal(p->want.count, 5000);
	call_probe_ask(p, CALL_GET, "/api/chats?channelId=-5", NULL);
	call_probe_step(p, &nothing);
	assert_said(p, "200" JSON "[]");
	assert_refuses(p, CALL_GET, "/api/chats?before=soon", NULL, 400, "Bad Request",
		       "a parameter is not a number");
	assert_refuses(p, CALL_GET, "/api/chats?page=-1", NULL, 400, "Bad Request",
		       "page and size cannot be so small");
}

/* ---- one of them ---- */

static struct codec_told one_told(struct codec_room *room, const struct envelope *const *history,
				  size_t count)
{
	return (struct codec_told){ .kind = WANT_MESSAGE,
				    .rooms = room,
				    .room_count = 1,
				    .history = history,
				    .history_count = count };
}

static void one_chat_is_shown(void **state)
{
	struct call_probe *p = *state;
	struct envelope event = message(p, 1234, 99, "hi");
	const struct envelope *history[] = { &event };
	struct codec_room room = { .view = p->probe.peer.view };

	assert_wants(p, CALL_GET, "/api/chats/1234", NULL, WANT_MESSAGE);
	assert_true(p->want.target == 1234);
	tell(p, one_told(&room, history, 1));
	assert_said(p, "200" JSON CHAT("1234", "99", "43", "hi"));
	assert_wants(p, CALL_GET, "/api/chats/1234", NULL, WANT_MESSAGE);
	tell(p, told(WANT_MESSAGE, REASON_UNKNOWN_MESSAGE));
	assert_error(p, 404, "Not Found", "Chat not found.");
	/* Its words are not kept. */
	assert_wants(p, CALL_GET, "/api/chats/1234", NULL, WANT_MESSAGE);
	tell(p, one_told(&room, NULL, 0));
	assert_error(p, 404, "Not Found", "Chat not found.");
	/* Ids of the real server go up to a Java long; ours do not. */
	assert_refuses(p, CALL_GET, "/api/chats/9223372036854775807", NULL, 404, "Not Found",
		       "Chat not found.");
	assert_refuses(p, CALL_GET, "/api/chats/9223372036854775808", NULL, 400, "Bad Request",
		       "the id in the path is not a number");
}

static void a_chat_is_edited(void **state)
{
	struct call_probe *p = *state;
	struct envelope event = message(p, 1234, 99, "new");
	struct envelope edit = { .kind = KIND_EDIT, .target = 1234, .subject = { .number = 43 } };
	const struct envelope *history[] = { &event };
	struct codec_room room = { .view = p->probe.peer.view };
	struct codec_told done = {
		.kind = WANT_DRAFT, .event = &edit, .rooms = &room, .room_count = 1
	};

	assert_wants(p, CALL_PATCH, "/api/chats/1234", "{\"content\":\"new\"}", WANT_DRAFT);
	assert_int_equal(p->want.draft.event.kind, KIND_EDIT);
	assert_true(p->want.draft.event.target == 1234);
	assert_true(slice_is(p->want.draft.event.text, "new"));
	tell(p, done);
	assert_int_equal(p->want.kind, WANT_MESSAGE);
	assert_true(p->want.target == 1234);
	tell(p, one_told(&room, history, 1));
	assert_said(p, "200" JSON CHAT("1234", "99", "43", "new"));
	/* Where no words are kept. */
	assert_wants(p, CALL_PATCH, "/api/chats/1234", "{\"content\":\"new\"}", WANT_DRAFT);
	tell(p, done);
	tell(p, one_told(&room, NULL, 0));
	assert_said(p, "200" JSON
		       "{\"id\":1234,\"createdAt\":1704067200000,\"authorId\":43,\"channelId\":"
		       "8501928463962112,\"threadId\":null,\"content\":\"new\",\"edited\":true,"
		       "\"reactions\":{}}");
}

static void anothers_chat_is_not_edited(void **state)
{
	struct call_probe *p = *state;
	struct codec_room room = { .view = p->probe.peer.view };

	assert_wants(p, CALL_PATCH, "/api/chats/1234", "{\"content\":\"new\"}", WANT_DRAFT);
	tell(p, told(WANT_DRAFT, REASON_UNKNOWN_MESSAGE));
	assert_int_equal(p->want.kind, WANT_MESSAGE);
	tell(p, one_told(&room, NULL, 0));
	assert_error(p, 403, "Forbidden", "Only the author can edit a chat message.");
	assert_wants(p, CALL_PATCH, "/api/chats/1234", "{\"content\":\"new\"}", WANT_DRAFT);
	tell(p, told(WANT_DRAFT, REASON_UNKNOWN_MESSAGE));
	tell(p, told(WANT_MESSAGE, REASON_UNKNOWN_MESSAGE));
	assert_error(p, 404, "Not Found", "Chat not found.");
	assert_wants(p, CALL_PATCH, "/api/chats/1234", "{\"content\":\"new\"}", WANT_DRAFT);
	tell(p, told(WANT_DRAFT, REASON_MUTED));
	assert_int_equal(p->answer.status, 403);
	assert_refuses(p, CALL_PATCH, "/api/chats/1234", "{\"content\":\"\"}", 400, "Bad Request",
		       "The message is empty");
	assert_refuses(p, CALL_PATCH, "/api/chats/0", "{\"content\":\"x\"}", 404, "Not Found",
		       "Chat not found.");
}

static void a_chat_is_deleted(void **state)
{
	struct call_probe *p = *state;
	struct codec_room room = { .view = p->probe.peer.view };

	assert_wants(p, CALL_DELETE, "/api/chats/1234", NULL, WANT_DRAFT);
	assert_int_equal(p->want.draft.event.kind, KIND_DELETE);
	assert_true(p->want.draft.event.target == 1234);
	tell(p, told(WANT_DRAFT, REASON_NONE));
	assert_said(p, "200");
	/* There anybody may. */
	assert_wants(p, CALL_DELETE, "/api/chats/1234", NULL, WANT_DRAFT);
	tell(p, told(WANT_DRAFT, REASON_UNKNOWN_MESSAGE));
	assert_int_equal(p->want.kind, WANT_MESSAGE);
	tell(p, one_told(&room, NULL, 0));
	assert_error(p, 403, "Forbidden", "this chat message is not yours to delete");
	/* As the real server. */
	assert_wants(p, CALL_DELETE, "/api/chats/1234", NULL, WANT_DRAFT);
	tell(p, told(WANT_DRAFT, REASON_UNKNOWN_MESSAGE));
	tell(p, told(WANT_MESSAGE, REASON_UNKNOWN_MESSAGE));
	assert_said(p, "200");
}

static void reactions_say_whose_they_are(void **state)
{
	const struct codec_reactor reactors[] = { { SLICE("\xf0\x9f\x98\x82"), 7 },
						  { SLICE("\xf0\x9f\x98\x82"), 43 },
						  { SLICE("+1"), 7 } };
	struct call_probe *p = *state;
	struct codec_room room = { .view = p->probe.peer.view };
	struct codec_told found = one_told(&room, NULL, 0);

	found.reactors = reactors;
	found.reactor_count = COUNT(reactors);
	assert_wants(p, CALL_GET, "/api/chats/5/reactions", NULL, WANT_MESSAGE);
	assert_int_equal(p->want.count, CALL_LISTED_MAX);
	tell(p, found);
	assert_said(p, "200" JSON "{\"reactingUsers\":{\"\xf0\x9f\x98\x82\":[7,43],\"+1\":[7]},"
		       "\"reactions\":{\"\xf0\x9f\x98\x82\":2,\"+1\":1}}");
	assert_wants(p, CALL_GET, "/api/chats/5/reactions", NULL, WANT_MESSAGE);
	tell(p, one_told(&room, NULL, 0));
	assert_said(p, "200" JSON "{\"reactingUsers\":{},\"reactions\":{}}");
}

static void a_reaction_is_added_and_taken_away(void **state)
{
	struct call_probe *p = *state;

	assert_wants(p, CALL_POST, "/api/chats/5/reactions",
		     "{\"reaction\":\"\xf0\x9f\x98\x82\",\"adding\":true}", WANT_DRAFT);
	assert_int_equal(p->want.draft.event.kind, KIND_REACTION);
	assert_int_equal(p->want.draft.event.flags, FLAG_ADDING);
	assert_true(slice_is(p->want.draft.event.text, "\xf0\x9f\x98\x82"));
	/* Nothing changed: there is no event. */
	tell(p, told(WANT_DRAFT, REASON_NONE));
	assert_said(p, "200");
	/* A missing "adding" is false, as in a frame. */
	assert_wants(p, CALL_POST, "/api/chats/5/reactions", "{\"reaction\":\"+1\"}", WANT_DRAFT);
	assert_int_equal(p->want.draft.event.flags, 0);
	tell(p, told(WANT_DRAFT, REASON_UNKNOWN_MESSAGE));
	assert_error(p, 404, "Not Found", "Chat not found.");
	assert_refuses(p, CALL_POST, "/api/chats/5/reactions", "{\"adding\":true}", 400,
		       "Bad Request", "The message is empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_chat_is_said),
		TEST(a_thread_may_be_written_short),
		TEST(what_cannot_be_said_is_refused),
		TEST(the_latest_come_newest_first),
		TEST(a_notice_has_an_author),
		TEST(chats_are_searched),
		TEST(a_search_looks_through_so_much_at_most),
		TEST(an_answer_is_so_long_at_most),
		TEST(a_search_asks_for_no_more_than_it_needs),
		TEST(one_chat_is_shown),
		TEST(a_chat_is_edited),
		TEST(anothers_chat_is_not_edited),
		TEST(a_chat_is_deleted),
		TEST(reactions_say_whose_they_are),
		TEST(a_reaction_is_added_and_taken_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
