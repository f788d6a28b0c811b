#include "tests/codecs/mixer/mixer_text.h"

/* Decodes a good request that asks for an event. */
static const struct envelope *draft_of(struct probe *p, const char *frame)
{
	enum reason reason = decode(p, frame);

	if (reason != REASON_NONE)
		print_error("%s: %s\n", reason_code(reason), frame);
	assert_int_equal(reason, REASON_NONE);
	assert_int_equal(p->drafts, 1);
	assert_int_equal(p->logins + p->queries + p->answers, 0);
	assert_int_equal(p->room_number, 0);
	assert_string_equal(p->room_id, "");
	assert_slice(p->draft->correlation, "2");
	return p->draft;
}

static void assert_replies(struct probe *p, const char *expected)
{
	assert_string_equal(probe_reply(p, REPLY_DONE, REASON_NONE), json("%s", expected));
}

/* ---- messages ---- */

static void test_msg(void **state)
{
	struct probe *p = *state;
	const struct envelope *draft = draft_of(p, METHOD("msg", "['Hello world :)']"));

	assert_int_equal(draft->kind, KIND_MESSAGE);
	assert_int_equal(draft->flags, 0);
	assert_slice(draft->text, "Hello world :)");
	draft = draft_of(p, METHOD("msg", "['a\\u0062\\n\\ud83d\\ude02','more']"));
	assert_slice(draft->text, "ab\n\xf0\x9f\x98\x82");
	assert_int_equal(draft->flags, 0);
	draft = draft_of(p, METHOD("msg", "['a\\ud800z']"));
	assert_slice(draft->text, "a\xef\xbf\xbdz");
	assert_int_equal(draft->flags, FLAG_DEGRADED);
	draft = draft_of(p, "{'seq':3,'id':2,'discard':false,'arguments':['x'],'params':null,"
			    "'method':'msg','type':'method','user_id':1,'user_name':'eve'}");
	assert_slice(draft->text, "x");
	assert_int_equal(draft->author.number, 0);
	assert_null(draft->author.name.data);
	draft = draft_of(p, "{'type':'m\\u0065thod','m\\u0065thod':'\\u006dsg','arguments':"
			    "['\\u0078\\u0079'],'id':2}");
	assert_slice(draft->text, "xy");
}

static void test_msg_action(void **state)
{
	struct probe *p = *state;
	const struct envelope *draft = draft_of(p, METHOD("msg", "['/me waves']"));

	assert_int_equal(draft->flags, FLAG_ACTION);
	assert_slice(draft->text, "waves");
	assert_int_equal(draft_of(p, METHOD("msg", "['/mean']"))->flags, 0);
	assert_slice(p->draft->text, "/mean");
	assert_int_equal(draft_of(p, METHOD("msg", "['/me']"))->flags, 0);
	assert_refused(p, METHOD("msg", "['/me ']"), REASON_EMPTY);
}

static void test_msg_bad(void **state)
{
	static const char *const frames[] = {
		METHOD("msg", "[]"),      METHOD("msg", "[7]"),  METHOD("msg", "[null]"),
		METHOD("msg", "[['x']]"), METHOD("msg", "[{}]"), METHOD("msg", "{}"),
		METHOD("msg", "'x'"),     METHOD("msg", "null"), METHOD("msg", "[true]"),
	};
	struct probe *p = *state;

	for (size_t i = 0; i < COUNT(frames); i++)
		assert_refused(p, frames[i], REASON_BAD_ARGUMENT);
	assert_refused(p, "{'type':'method','method':'msg','id':2}", REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("msg", "['']"), REASON_EMPTY);
}

/* A frame with a text of units times unit. */
static const char *long_frame(const char *method, const char *before, const char *unit,
			      size_t units)
{
	static char frame[4096];
	size_t len =
	    (size_t)snprintf(frame, sizeof(frame),
			     "{'type':'method','method':'%s','arguments':[%s'", method, before);

	for (size_t i = 0; i < units; i++)
		len += (size_t)snprintf(frame + len, sizeof(frame) - len, "%s", unit);
	snprintf(frame + len, sizeof(frame) - len, "'],'id':2}");
	return frame;
}

static void test_text_limit_counts_utf16_units(void **state)
{
	struct probe *p = *state;

	assert_int_equal(draft_of(p, long_frame("msg", "", "x", 360))->text.len, 360);
	assert_refused(p, long_frame("msg", "", "x", 361), REASON_TOO_LONG);
	draft_of(p, long_frame("msg", "", "\xe2\x82\xac", 360));
	assert_refused(p, long_frame("msg", "", "\xe2\x82\xac", 361), REASON_TOO_LONG);
	draft_of(p, long_frame("msg", "", "\xf0\x9f\x98\x82", 180));
	assert_refused(p, long_frame("msg", "", "\xf0\x9f\x98\x82", 181), REASON_TOO_LONG);
	draft_of(p, long_frame("msg", "", "\\ud83d\\ude02", 180));
	assert_refused(p, long_frame("msg", "", "\\ud83d\\ude02", 181), REASON_TOO_LONG);
	draft_of(p, long_frame("whisper", "'bob',", "x", 360));
	assert_refused(p, long_frame("whisper", "'bob',", "x", 361), REASON_TOO_LONG);
	assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_TOO_LONG),
			    json("{'type':'reply','error':{'code':4004,'message':"
				 "'The message is too long','stacktrace':[]},'id':2}"));
}

static void test_whisper(void **state)
{
	struct probe *p = *state;
	const struct envelope *draft = draft_of(p, METHOD("whisper", "['b\\u006fb','h\\u0069']"));

	assert_int_equal(draft->kind, KIND_MESSAGE);
	assert_int_equal(draft->flags, FLAG_PRIVATE);
	assert_slice(draft->subject.name, "bob");
	assert_slice(draft->text, "hi");
	assert_int_equal(draft_of(p, METHOD("whisper", "['bob','/me x']"))->flags, FLAG_PRIVATE);
	assert_refused(p, METHOD("whisper", "[]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("whisper", "['bob']"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("whisper", "['bob',7]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("whisper", "[7,'hi']"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("whisper", "['','hi']"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("whisper", "{}"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("whisper", "['bob','']"), REASON_EMPTY);
}

#define SAID(id, meta, more)                                                                       \
	"{'channel':7,'id':'" id "','user_name':'ann','user_id':42,'user_roles':['User'],"         \
	"'user_level':0,'user_avatar':null,'user_ascension_level':0,'message':{'message':["        \
	"{'type':'text','data':'hi','text':'hi'}],'meta':" meta "}" more "}"

/* What the room makes of the last draft. */
static void order(struct probe *p, uint64_t id)
{
	struct envelope event = *p->draft, *old = p->draft;

	event.id = id;
	event.author = probe_person(p, 42, "ann");
	if (event.kind == KIND_TIMEOUT || event.flags & FLAG_PRIVATE)
		event.subject = probe_person(p, 77, "Bob");
	p->draft = envelope_seal(&event);
	envelope_release(old);
}

static void test_replies_with_the_message(void **state)
{
	struct probe *p = *state;
	char expected[1024];

	draft_of(p, METHOD("msg", "['hi']"));
	order(p, 123);
	snprintf(expected, sizeof(expected), DONE(SAID("%s", "{}", "")), message_uuid(p, 123));
	assert_replies(p, expected);
	draft_of(p, METHOD("msg", "['/me hi']"));
	order(p, 123);
	snprintf(expected, sizeof(expected), DONE(SAID("%s", "{'me':true}", "")),
		 message_uuid(p, 123));
	assert_replies(p, expected);
	draft_of(p, METHOD("whisper", "['bob','hi']"));
	order(p, 124);
	snprintf(expected, sizeof(expected),
		 DONE(SAID("%s", "{'whisper':true}", ",'target':'Bob'")), message_uuid(p, 124));
	assert_replies(p, expected);
}

static void test_reply_speaks_of_the_events_room(void **state)
{
	struct probe *p = *state;
	struct codec_view other = p->view;
	struct codec_reply reply = { .kind = REPLY_DONE, .view = &other };
	struct frame *frame = NULL;

	draft_of(p, METHOD("msg", "['hi']"));
	other.room_number = 31;
	reply.event = p->draft;
	assert_int_equal(codec_mixer.serves->reply(&p->peer, &reply, &frame), CODEC_OK);
	assert_true(slice_starts_with(
	    frame_payload(frame, 0),
	    json("{'type':'reply','error':null,'id':null,'data':{'channel':31,")));
	frame_release(frame);
}

static void test_history(void **state)
{
	struct probe *p = *state;

	assert_int_equal(decode(p, METHOD("history", "[100]")), REASON_NONE);
	assert_int_equal(p->queries, 1);
	assert_int_equal(p->drafts + p->logins + p->answers, 0);
	assert_int_equal(p->query.kind, QUERY_HISTORY);
	assert_int_equal(p->query.count, 100);
	assert_slice(p->query.correlation, "2");
	assert_int_equal(decode(p, METHOD("history", "['1']")), REASON_NONE);
	assert_int_equal(p->query.count, 1);
	assert_refused(p, METHOD("history", "[]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("history", "[0]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("history", "[101]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("history", "[-1]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("history", "[1.5]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("history", "['all']"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("history", "[null]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("history", "{'count':1}"), REASON_BAD_ARGUMENT);
}

static void test_history_reply(void **state)
{
	struct probe *p = *state;
	struct envelope one = { .kind = KIND_MESSAGE, .id = 1, .text = SLICE("hi") }, two;
	const struct envelope *history[] = { &one, &two };
	struct codec_reply reply = { .kind = REPLY_HISTORY, .correlation = SLICE("2") };
	char first[UUID_TEXT_LEN + 1], expected[2048];
	struct frame *frame = NULL;

	one.author = probe_person(p, 42, "ann");
	two = one;
	two.id = 2;
	two.flags = FLAG_ACTION;
	assert_int_equal(codec_mixer.serves->reply(&p->peer, &reply, &frame), CODEC_OK);
	assert_slice(frame_payload(frame, 0), json(DONE("[]")));
	frame_release(frame);
	reply.history = history;
	reply.history_count = 2;
	assert_int_equal(codec_mixer.serves->reply(&p->peer, &reply, &frame), CODEC_OK);
	memcpy(first, message_uuid(p, 1), sizeof(first));
	snprintf(expected, sizeof(expected),
		 DONE("[" SAID("%s", "{}", "") "," SAID("%s", "{'me':true}", "") "]"), first,
		 message_uuid(p, 2));
	assert_slice(frame_payload(frame, 0), json("%s", expected));
	frame_release(frame);
}

/* ---- moderation ---- */

static void test_delete(void **state)
{
	struct probe *p = *state;
	char frame[256];

	snprintf(frame, sizeof(frame), METHOD("deleteMessage", "['%s']"), message_uuid(p, 4711));
	assert_int_equal(draft_of(p, frame)->kind, KIND_DELETE);
	assert_int_equal(p->draft->target, 4711);
	assert_replies(p, DONE("'Message deleted.'"));
	assert_refused(p, METHOD("deleteMessage", "['6351f9e0-3bf2-11e6-a3b3-bdc62094c158']"),
		       REASON_UNKNOWN_MESSAGE);
	assert_refused(p, METHOD("deleteMessage", "['4711']"), REASON_UNKNOWN_MESSAGE);
	assert_refused(p, METHOD("deleteMessage", "['']"), REASON_UNKNOWN_MESSAGE);
	assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_UNKNOWN_MESSAGE),
			    json("{'type':'reply','error':{'code':4003,'message':"
				 "'There is no such message','stacktrace':[]},'id':2}"));
	assert_refused(p, METHOD("deleteMessage", "[4711]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("deleteMessage", "[]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("deleteMessage", "7"), REASON_BAD_ARGUMENT);
}

static void test_delete_takes_no_person_for_a_message(void **state)
{
	struct probe *p = *state;
	unsigned char uuid[16];
	char frame[256], text[UUID_TEXT_LEN];

	identity_uuid(&p->ids, ID_PERSON, 42, 0, uuid);
	uuid_print(uuid, text);
	snprintf(frame, sizeof(frame), METHOD("deleteMessage", "['%.36s']"), text);
	assert_refused(p, frame, REASON_UNKNOWN_MESSAGE);
}

static void test_clear(void **state)
{
	struct probe *p = *state;

	assert_int_equal(draft_of(p, METHOD("clearMessages", "[]"))->kind, KIND_CLEAR);
	assert_replies(p, DONE("'Messages cleared.'"));
	draft_of(p, "{'type':'method','method':'clearMessages','id':2}");
	draft_of(p, METHOD("clearMessages", "null"));
	assert_refused(p, METHOD("clearMessages", "{}"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("clearMessages", "'x'"), REASON_BAD_ARGUMENT);
}

static void test_purge(void **state)
{
	struct probe *p = *state;

	assert_int_equal(draft_of(p, METHOD("purge", "['bob']"))->kind, KIND_PURGE);
	assert_slice(p->draft->subject.name, "bob");
	assert_replies(p, "{'type':'reply','error':null,'id':2}");
	assert_refused(p, METHOD("purge", "[]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("purge", "['']"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("purge", "[7]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("purge", "[null]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("purge", "'bob'"), REASON_BAD_ARGUMENT);
}

static void test_timeout(void **state)
{
	static const struct {
		const char *duration;
		uint64_t seconds;
	} rows[] = {
		{ "'30s'", 30 },          { "'1m15s'", 75 },     { "'15s1m'", 75 },
		{ "'2h'", 7200 },         { "'1d'", 86400 },     { "'1D2H3M4S'", 93784 },
		{ "'365d'", 31536000 },   { "30", 30 },          { "'30'", 30 },
		{ "31536000", 31536000 }, { "'\\u0033m'", 180 }, { "'clear'", 0 },
	};
	struct probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char frame[256];

		snprintf(frame, sizeof(frame), METHOD("timeout", "['b\\u006fb',%s]"),
			 rows[i].duration);
		assert_int_equal(draft_of(p, frame)->kind, KIND_TIMEOUT);
		assert_slice(p->draft->subject.name, "bob");
		assert_int_equal(p->draft->duration_ms, rows[i].seconds * 1000);
		assert_slice(p->draft->text, "");
	}
}

static void test_timeout_bad(void **state)
{
	static const char *const durations[] = {
		"''",
		"'0'",
		"'0s'",
		"0",
		"-5",
		"1.5",
		"1e3",
		"'-5s'",
		"'5x'",
		"'s'",
		"'5s5s'",
		"'1m5'",
		"' 5s'",
		"'5s '",
		"'5 s'",
		"'1.5m'",
		"true",
		"null",
		"[30]",
		"{}",
		"31536001",
		"'366d'",
		"'525601m'",
		"'Clear'",
		"'999999999999s'",
		"'1000000000s'",
		"'18446744073709551617s'",
		"'5\\u0000s'",
	};
	struct probe *p = *state;

	for (size_t i = 0; i < COUNT(durations); i++) {
		char frame[256];

		snprintf(frame, sizeof(frame), METHOD("timeout", "['bob',%s]"), durations[i]);
		assert_refused(p, frame, REASON_BAD_ARGUMENT);
	}
	assert_refused(p, METHOD("timeout", "[]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("timeout", "['bob']"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("timeout", "['','30s']"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("timeout", "[7,'30s']"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("timeout", "{}"), REASON_BAD_ARGUMENT);
}

static void test_timeout_replies(void **state)
{
	struct probe *p = *state;

	draft_of(p, METHOD("timeout", "['bob','1m15s']"));
	order(p, 9);
	assert_replies(p, DONE("'Bob has been timed out for 1m15s.'"));
	draft_of(p, METHOD("timeout", "['bob',30]"));
	order(p, 9);
	assert_replies(p, DONE("'Bob has been timed out for 30s.'"));
	draft_of(p, METHOD("timeout", "['bob','clear']"));
	order(p, 9);
	assert_replies(p, DONE("'Bob is no longer timed out.'"));
}

/* ---- polls ---- */

static void test_vote_start(void **state)
{
	struct probe *p = *state;
	const struct poll *poll =
	    draft_of(p, METHOD("vote:start", "['t\\u0065a?',['y\\u0065s','no'],30]"))->poll;

	assert_int_equal(p->draft->kind, KIND_POLL_START);
	assert_non_null(poll);
	assert_slice(poll->question, "tea?");
	assert_int_equal(poll->option_count, 2);
	assert_slice(poll->options[0], "yes");
	assert_slice(poll->options[1], "no");
	assert_int_equal(poll->duration_ms, 30000);
	assert_int_equal(poll->voters, 0);
	assert_int_equal(poll->ends_ms, 0);
	assert_replies(p, DONE("'Poll started.'"));
	poll = draft_of(p, METHOD("vote:start", "['q',['only'],'86400']"))->poll;
	assert_int_equal(poll->option_count, 1);
	assert_int_equal(poll->duration_ms, 86400000);
	poll = draft_of(p, METHOD("vote:start",
				  "['q',['a','b','c','d','e','f','g','h','i','j','k','l','m','n',"
				  "'o','p'],1]"))
		   ->poll;
	assert_int_equal(poll->option_count, POLL_OPTIONS_MAX);
	assert_slice(poll->options[15], "p");
}

static void test_vote_start_bad(void **state)
{
	static const struct {
		const char *arguments;
		enum reason reason;
	} rows[] = {
		{ "[]", REASON_BAD_ARGUMENT },
		{ "{}", REASON_BAD_ARGUMENT },
		{ "['q']", REASON_BAD_ARGUMENT },
		{ "['q',['a','b']]", REASON_BAD_ARGUMENT },
		{ "[7,['a','b'],30]", REASON_BAD_ARGUMENT },
		{ "['',['a','b'],30]", REASON_EMPTY },
		{ "['q','ab',30]", REASON_BAD_ARGUMENT },
		{ "['q',[],30]", REASON_BAD_ARGUMENT },
		{ "['q',{'a':'b'},30]", REASON_BAD_ARGUMENT },
		{ "['q',['a',7],30]", REASON_BAD_ARGUMENT },
		{ "['q',['a',['b']],30]", REASON_BAD_ARGUMENT },
		{ "['q',['a',''],30]", REASON_EMPTY },
		{ "['q',['a','b'],0]", REASON_BAD_ARGUMENT },
		{ "['q',['a','b'],-1]", REASON_BAD_ARGUMENT },
		{ "['q',['a','b'],86401]", REASON_BAD_ARGUMENT },
		{ "['q',['a','b'],'30s']", REASON_BAD_ARGUMENT },
		{ "['q',['a','b'],1.5]", REASON_BAD_ARGUMENT },
		{ "['q',['a','b'],null]", REASON_BAD_ARGUMENT },
		{ "['q',['1','2','3','4','5','6','7','8','9','10','11','12','13','14','15','16',"
		  "'17'],30]",
		  REASON_TOO_MANY },
	};
	struct probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char frame[512];

		snprintf(frame, sizeof(frame), METHOD("vote:start", "%s"), rows[i].arguments);
		assert_refused(p, frame, rows[i].reason);
	}
	assert_refused(p, long_frame("vote:start", "", "x", 361), REASON_TOO_LONG);
}

static void test_vote_choose(void **state)
{
	struct probe *p = *state;

	assert_int_equal(draft_of(p, METHOD("vote:choose", "[1]"))->kind, KIND_POLL_VOTE);
	assert_int_equal(p->draft->choice, 1);
	assert_replies(p, DONE("true"));
	assert_int_equal(draft_of(p, METHOD("vote", "['15']"))->choice, 15);
	assert_refused(p, METHOD("vote:choose", "[]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("vote:choose", "[-1]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("vote:choose", "[16]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("vote:choose", "['yes']"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("vote:choose", "[null]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("vote:choose", "0"), REASON_BAD_ARGUMENT);
}

/* Home answers a vote with the poll's new tallies, or with nothing when it was cast before. */
static void test_vote_replies(void **state)
{
	struct probe *p = *state;
	struct envelope event = { .kind = KIND_POLL_START, .flags = FLAG_AGAIN };
	struct codec_reply reply = { .kind = REPLY_DONE,
				     .correlation = SLICE("2"),
				     .event = &event };
	struct frame *frame = NULL;

	assert_int_equal(codec_mixer.serves->reply(&p->peer, &reply, &frame), CODEC_OK);
	assert_slice(frame_payload(frame, 0), json(DONE("true")));
	frame_release(frame);
	reply.event = NULL;
	assert_int_equal(codec_mixer.serves->reply(&p->peer, &reply, &frame), CODEC_OK);
	assert_slice(frame_payload(frame, 0), json("{'type':'reply','error':null,'id':2}"));
	frame_release(frame);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_msg),
		TEST(test_msg_action),
		TEST(test_msg_bad),
		TEST(test_text_limit_counts_utf16_units),
		TEST(test_whisper),
		TEST(test_replies_with_the_message),
		TEST(test_reply_speaks_of_the_events_room),
		TEST(test_history),
		TEST(test_history_reply),
		TEST(test_delete),
		TEST(test_delete_takes_no_person_for_a_message),
		TEST(test_clear),
		TEST(test_purge),
		TEST(test_timeout),
		TEST(test_timeout_bad),
		TEST(test_timeout_replies),
		TEST(test_vote_start),
		TEST(test_vote_start_bad),
		TEST(test_vote_choose),
		TEST(test_vote_replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
