#include "tests/codecs/mixer/mixer_text.h"

/* ---- the connection ---- */

static void assert_name(struct probe *p, const char *query, const char *name)
{
	p->peer.logged_in = false;
	assert_int_equal(probe_handshake(p, query, NULL), REASON_NONE);
	assert_null(p->login.name.data);
	assert_false(p->login.anonymous);
	assert_int_equal(decode(p, METHOD("auth", "[1,5,'k']")), REASON_NONE);
	assert_int_equal(p->logins, 1);
	if (name)
		assert_slice(p->login.name, name);
	else
		assert_null(p->login.name.data);
}

static void test_handshake_name(void **state)
{
	struct probe *p = *state;

	assert_name(p, "name=bob", "bob");
	assert_name(p, "name=bob?version=1.0", "bob");
	assert_name(p, "name=bob?version=1.0&Client-ID=x", "bob");
	assert_name(p, "name=bob&version=1.0", "bob");
	assert_name(p, "version=1.0&name=bob", "bob");
	assert_name(p, "name=J%C3%B6rg%20%3f%26", "J\xc3\xb6rg ?&");
	assert_name(p, "name=50%+%zz%4", "50%+%zz%4");
	assert_name(p, "version=1.0", NULL);
	assert_name(p, "name=", NULL);
	assert_name(p, "name", NULL);
	assert_name(p, "nickname=bob", NULL);
	assert_name(p, "", NULL);
	assert_name(p, NULL, NULL);
}

static void test_handshake_name_limits(void **state)
{
	struct probe *p = *state;
	char query[5 + 129 + 1] = "name=";

	memset(query + 5, 'x', 128);
	assert_name(p, query, query + 5);
	query[5 + 128] = 'x';
	assert_int_equal(probe_handshake(p, query, NULL), REASON_TOO_LONG);
	assert_int_equal(probe_handshake(p, "name=%ff", NULL), REASON_BAD_ARGUMENT);
	assert_int_equal(probe_handshake(p, "name=%ed%a0%80", NULL), REASON_BAD_ARGUMENT);
}

static void test_refusals_of_the_upgrade(void **state)
{
	static const struct {
		enum reason reason;
		unsigned status;
	} rows[] = {
		{ REASON_BAD_LOGIN, 401 },    { REASON_NAME_TAKEN, 403 },   { REASON_BANNED, 403 },
		{ REASON_UNKNOWN_ROOM, 404 }, { REASON_RATE_LIMITED, 429 }, { REASON_CLOSING, 503 },
		{ REASON_TOO_LONG, 400 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(codec_mixer.serves->refuse(rows[i].reason).status, rows[i].status);
	for (enum reason reason = REASON_MALFORMED; reason < REASONS; reason++) {
		struct codec_response response = codec_mixer.serves->refuse(reason);
		struct json_object object;
		int64_t code;

		assert_true(slice_is(response.type, "application/json; charset=utf-8"));
		assert_int_equal(json_read(response.body, 4, &object), JSON_OK);
		assert_true(json_int64(json_member(&object, "statusCode"), &code));
		assert_int_equal(code, response.status);
	}
}

static void test_welcome(void **state)
{
	struct probe *p = *state;

	codec_mixer.serves->open(&p->peer, &p->sink);
	assert_int_equal(p->answers, 1);
	assert_string_equal(probe_answer(p),
			    json("{'type':'event','event':'WelcomeEvent','data':{'server':"
				 "'00000000-0000-4000-8000-000000000001'}}"));
}

/* ---- auth ---- */

static void assert_login(struct probe *p, const char *arguments, uint64_t room, uint32_t number,
			 const char *secret)
{
	char frame[256];

	snprintf(frame, sizeof(frame), METHOD("auth", "%s"), arguments);
	assert_int_equal(decode(p, frame), REASON_NONE);
	assert_int_equal(p->logins, 1);
	assert_int_equal(p->drafts + p->queries + p->answers, 0);
	assert_int_equal(p->login.room_number, room);
	assert_int_equal(p->login.claimed_number, number);
	assert_true(p->login.anonymous == (number == 0));
	assert_slice(p->login.correlation, "2");
	assert_null(p->login.room_id.data);
	if (secret)
		assert_slice(p->login.secret, secret);
	else
		assert_null(p->login.secret.data);
}

static void test_auth(void **state)
{
	struct probe *p = *state;

	assert_login(p, "[12345,54321,'fc3f865c156f32ca']", 12345, 54321, "fc3f865c156f32ca");
	assert_login(p, "['12345','54321','fc3f']", 12345, 54321, "fc3f");
	assert_login(p, "[1,1,'k','access']", 1, 1, "k");
	assert_login(p, "[1,1,'k',null,'more',[]]", 1, 1, "k");
	assert_login(p, "[1,2147483647,'\\u006b\\\\']", 1, INT32_MAX, "k\\");
	assert_login(p, "[1,5]", 1, 5, NULL);
	assert_login(p, "[1,5,null]", 1, 5, NULL);
	assert_login(p, "[1,5,'']", 1, 5, NULL);
}

static void test_auth_anonymous(void **state)
{
	struct probe *p = *state;

	assert_int_equal(probe_handshake(p, "name=bob", NULL), REASON_NONE);
	assert_login(p, "[12345]", 12345, 0, NULL);
	assert_login(p, "['12345']", 12345, 0, NULL);
	assert_login(p, "[12345,null]", 12345, 0, NULL);
	assert_login(p, "[12345,null,null]", 12345, 0, NULL);
	assert_login(p, "[12345,null,null,null]", 12345, 0, NULL);
	assert_null(p->login.name.data);
}

static void test_auth_bad_shapes(void **state)
{
	static const char *const arguments[] = {
		"[]",
		"null",
		"{}",
		"'1'",
		"1",
		"[null,null,null]",
		"[0,1,'k']",
		"[-1,1,'k']",
		"[1.5,1,'k']",
		"[1e1,1,'k']",
		"['x',1,'k']",
		"['',1,'k']",
		"[true,1,'k']",
		"[[1],1,'k']",
		"[9223372036854775808,1,'k']",
		"[1,0,'k']",
		"[1,-1,'k']",
		"[1,2147483648,'k']",
		"[1,'bob','k']",
		"[1,{},'k']",
		"[1,false,'k']",
		"[1,5,7]",
		"[1,5,true]",
		"[1,5,['k']]",
		"[1,null,'k']",
		"[1,null,7]",
	};
	struct probe *p = *state;

	for (size_t i = 0; i < COUNT(arguments); i++) {
		char frame[256];

		snprintf(frame, sizeof(frame), METHOD("auth", "%s"), arguments[i]);
		assert_refused(p, frame, REASON_BAD_ARGUMENT);
	}
	assert_refused(p, "{'type':'method','method':'auth','id':2}", REASON_BAD_ARGUMENT);
	assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_BAD_ARGUMENT), json(BAD_ARGUMENT));
}

static void test_login_reply(void **state)
{
	struct probe *p = *state;

	assert_int_equal(decode(p, METHOD("ping", "[]")), REASON_NONE);
	p->peer.self.roles = ROLE_USER | ROLE_OWNER;
	assert_string_equal(probe_reply(p, REPLY_LOGIN, REASON_NONE),
			    json(DONE("{'authenticated':true,'roles':['Owner','User']}")));
	p->peer.self = (struct person){ .roles = ROLE_USER };
	assert_string_equal(probe_reply(p, REPLY_LOGIN, REASON_NONE),
			    json(DONE("{'authenticated':false,'roles':[]}")));
}

static void test_before_auth(void **state)
{
	static const char *const methods[] = {
		METHOD("msg", "['hi']"),           METHOD("whisper", "['bob','hi']"),
		METHOD("history", "[1]"),          METHOD("deleteMessage", "['x']"),
		METHOD("clearMessages", "[]"),     METHOD("purge", "['bob']"),
		METHOD("timeout", "['bob','1s']"), METHOD("vote:start", "['q',['a','b'],30]"),
		METHOD("vote:choose", "[0]"),      METHOD("vote", "[0]"),
		METHOD("attachEmotes", "[]"),      METHOD("giveaway:start", "[]"),
		METHOD("cancelSkill", "['x']"),
	};
	struct probe *p = *state;

	for (size_t i = 0; i < COUNT(methods); i++)
		assert_refused(p, methods[i], REASON_NOT_LOGGED_IN);
	assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_NOT_LOGGED_IN),
			    json("{'type':'reply','error':{'code':4000,'message':"
				 "'You have to log in first','stacktrace':[]},'id':2}"));
	assert_refused(p, METHOD("nonsense", "[]"), REASON_UNKNOWN_VERB);
}

/* ---- methods that need no login ---- */

static void assert_answers(struct probe *p, const char *frame, const char *expected)
{
	assert_int_equal(decode(p, frame), REASON_NONE);
	assert_int_equal(p->answers, 1);
	assert_int_equal(p->drafts + p->logins + p->queries, 0);
	assert_string_equal(probe_answer(p), json("%s", expected));
}

static void test_ping(void **state)
{
	struct probe *p = *state;

	assert_answers(p, METHOD("ping", "[]"), "{'type':'reply','error':null,'id':2}");
	assert_answers(p, "{'type':'method','method':'ping','id':2}",
		       "{'type':'reply','error':null,'id':2}");
	p->peer.logged_in = true;
	assert_answers(p, METHOD("ping", "null"), "{'type':'reply','error':null,'id':2}");
}

static void test_opt_out(void **state)
{
	struct probe *p = *state;
	struct envelope event = { .kind = KIND_ENTER, .author = probe_person(p, 1, "bob") };
	struct frame *frame = NULL;
	uint32_t before;

	assert_answers(p, METHOD("optOutEvents", "[]"), DONE("{}"));
	assert_answers(p, METHOD("optOutEvents", "['NoSuchEvent','WelcomeEvent']"), DONE("{}"));
	assert_int_equal(p->peer.muted_events, 0);
	assert_refused(p, METHOD("optOutEvents", "['UserJoin',7]"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("optOutEvents", "'UserJoin'"), REASON_BAD_ARGUMENT);
	assert_refused(p, METHOD("optOutEvents", "[['UserJoin',null]]"), REASON_BAD_ARGUMENT);
	assert_int_equal(p->peer.muted_events, 0);
	assert_answers(p, METHOD("optOutEvents", "['UserJoin','User\\u004ceave']"), DONE("{}"));
	assert_int_equal(__builtin_popcount(p->peer.muted_events), 2);
	before = p->peer.muted_events;
	assert_answers(p, METHOD("optOutEvents", "[['PollStart','PollEnd']]"), DONE("{}"));
	assert_int_equal(__builtin_popcount(p->peer.muted_events), 4);
	assert_int_equal(p->peer.muted_events & before, before);
	for (int leaving = 0; leaving < 2; leaving++) {
		event.kind = leaving ? KIND_EXIT : KIND_ENTER;
		assert_int_equal(codec_mixer.serves->encode(&event, &p->view, &p->peer.form,
							    AUDIENCE_OTHERS, p->peer.muted_events,
							    &frame),
				 CODEC_NOTHING);
	}
	event.kind = KIND_MESSAGE;
	assert_int_equal(codec_mixer.serves->encode(&event, &p->view, &p->peer.form,
						    AUDIENCE_OTHERS, p->peer.muted_events, &frame),
			 CODEC_OK);
	frame_release(frame);
}

static void test_opt_out_of_everything(void **state)
{
	struct probe *p = *state;

	assert_answers(p,
		       METHOD("optOutEvents",
			      "['ChatMessage','UserJoin','UserLeave','UserUpdate','UserTimeout',"
			      "'DeleteMessage','PurgeMessage','ClearMessages','PollStart',"
			      "'PollEnd']"),
		       DONE("{}"));
	assert_int_equal(__builtin_popcount(p->peer.muted_events), 10);
}

/* ---- errors ---- */

static void test_not_offered(void **state)
{
	struct probe *p = *state;

	assert_refused(p, METHOD("attachEmotes", "[]"), REASON_UNSUPPORTED);
	assert_refused(p, METHOD("giveaway:start", "[]"), REASON_UNSUPPORTED);
	assert_refused(p, METHOD("cancelSkill", "['x']"), REASON_UNSUPPORTED);
	assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_UNSUPPORTED),
			    json("{'type':'reply','error':{'code':4004,'message':"
				 "'This server does not offer that','stacktrace':[]},'id':2}"));
	assert_refused(p, METHOD("MSG", "['x']"), REASON_UNKNOWN_VERB);
	assert_refused(p, METHOD("", "['x']"), REASON_UNKNOWN_VERB);
	assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_UNKNOWN_VERB),
			    json("{'type':'reply','error':{'code':4004,'message':"
				 "'There is no such request','stacktrace':[]},'id':2}"));
}

static void test_error_forms(void **state)
{
	static const struct {
		enum reason reason;
		const char *string; /* NULL: an object with code */
		unsigned code;
	} rows[] = {
		{ REASON_MALFORMED, "UNOTJSON", 0 },
		{ REASON_ALREADY, "Already authenticated, please reconnect.", 0 },
		{ REASON_BAD_LOGIN, "UNOTFOUND", 0 },
		{ REASON_BAD_KEY, "UNOTFOUND", 0 },
		{ REASON_NAME_TAKEN, "UNOTFOUND", 0 },
		{ REASON_UNKNOWN_ROOM, "UNOTFOUND", 0 },
		{ REASON_BANNED, "UACCESS", 0 },
		{ REASON_CLOSED_ROOM, "UACCESS", 0 },
		{ REASON_UNKNOWN_PERSON, NULL, 4001 },
		{ REASON_NO_RIGHT, NULL, 4002 },
		{ REASON_UNKNOWN_MESSAGE, NULL, 4003 },
		{ REASON_UNKNOWN_VERB, NULL, 4004 },
		{ REASON_BAD_ARGUMENT, NULL, 4004 },
		{ REASON_UNSUPPORTED, NULL, 4004 },
		{ REASON_EMPTY, NULL, 4004 },
		{ REASON_TOO_LONG, NULL, 4004 },
		{ REASON_TOO_MANY, NULL, 4004 },
		{ REASON_RATE_LIMITED, NULL, 4005 },
		{ REASON_NOT_LOGGED_IN, NULL, 4000 },
		{ REASON_MUTED, NULL, 4000 },
		{ REASON_NOT_MEMBER, NULL, 4000 },
		{ REASON_NOT_PRIVATE, NULL, 4000 },
		{ REASON_VOTED, NULL, 4000 },
		{ REASON_CANNOT_FOLLOW, NULL, 4000 },
		{ REASON_POLL_RUNNING, NULL, 4000 },
		{ REASON_NO_POLL, NULL, 4000 },
		{ REASON_CLOSING, NULL, 4000 },
		{ REASON_REFUSED, NULL, 4002 },
		{ REASON_NO_ANSWER, NULL, 4000 },
		{ REASON_BUSY, NULL, 4000 },
		{ REASON_TOO_FAR, NULL, 4000 },
		{ REASON_UNSTORED, NULL, 4000 },
	};
	struct probe *p = *state;

	assert_int_equal(COUNT(rows), REASONS - 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct codec_reply reply = { .kind = REPLY_REFUSED, .reason = rows[i].reason };
		struct frame *frame = NULL;
		char error[256];

		if (rows[i].string)
			snprintf(error, sizeof(error), "\"%s\"", rows[i].string);
		else
			snprintf(error, sizeof(error),
				 "{\"code\":%u,\"message\":\"%s\",\"stacktrace\":[]}", rows[i].code,
				 reason_text(rows[i].reason));
		assert_int_equal(codec_mixer.serves->reply(&p->peer, &reply, &frame), CODEC_OK);
		probe_check_frame(frame);
		assert_non_null(memmem(frame_payload(frame, 0).data, frame_payload(frame, 0).len,
				       error, strlen(error)));
		assert_true(
		    slice_starts_with(frame_payload(frame, 0), json("{'type':'reply','error':")));
		frame_release(frame);
	}
}

static void test_frames_that_are_no_methods(void **state)
{
	static const struct {
		const char *frame;
		enum reason reason;
	} rows[] = {
		{ "", REASON_MALFORMED },
		{ "hello", REASON_MALFORMED },
		{ "{", REASON_MALFORMED },
		{ "{'type':'method'}}", REASON_MALFORMED },
		{ "{'type':'method','id':2,}", REASON_MALFORMED },
		{ "{'a':'\xff'}", REASON_MALFORMED },
		{ "null", REASON_BAD_ARGUMENT },
		{ "[]", REASON_BAD_ARGUMENT },
		{ "'text'", REASON_BAD_ARGUMENT },
		{ "7", REASON_BAD_ARGUMENT },
		{ "{'id':1,'id':2}", REASON_BAD_ARGUMENT },
	};
	struct probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_refused(p, rows[i].frame, rows[i].reason);
		assert_null(p->peer.correlation.data);
	}
	assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_MALFORMED),
			    json("{'type':'reply','error':'UNOTJSON','id':null}"));
	assert_refused(p, "{}", REASON_UNKNOWN_VERB);
	assert_refused(p, "{'id':2}", REASON_UNKNOWN_VERB);
	assert_refused(p, "{'type':'event','event':'ChatMessage','data':{},'id':2}",
		       REASON_UNKNOWN_VERB);
	assert_refused(p, "{'type':'reply','id':2}", REASON_UNKNOWN_VERB);
	assert_refused(p, "{'type':7,'method':'ping','id':2}", REASON_UNKNOWN_VERB);
	assert_refused(p, "{'method':'ping','id':2}", REASON_UNKNOWN_VERB);
	assert_slice(p->peer.correlation, "2");
	assert_refused(p, "{'type':'method','id':2}", REASON_BAD_ARGUMENT);
	assert_refused(p, "{'type':'method','method':['ping'],'id':2}", REASON_BAD_ARGUMENT);
	assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_BAD_ARGUMENT), json(BAD_ARGUMENT));
}

static void test_depth_is_bounded(void **state)
{
	struct probe *p = *state;

	p->peer.json_depth = 3;
	assert_int_equal(decode(p, METHOD("ping", "[[]]")), REASON_NONE);
	assert_refused(p, METHOD("ping", "[[[]]]"), REASON_BAD_ARGUMENT);
}

/* ---- request ids ---- */

static void test_ids_are_echoed_exactly(void **state)
{
	static const char *const ids[] = {
		"0",
		"2",
		"-2147483648",
		"5287124851423111",
		"9007199254740991",
		"12345678901234567890123",
		"1.50",
		"1E+2",
		"-0",
		"'1'",
		"'a\\u0062\\ud800'",
		"null",
		"true",
		"[1, {'a' : 2}]",
		"{ 'b':[ ] }",
	};
	struct probe *p = *state;

	for (size_t i = 0; i < COUNT(ids); i++) {
		char frame[256], expected[256];

		snprintf(frame, sizeof(frame), "{'id': %s ,'type':'method','method':'ping'}",
			 ids[i]);
		snprintf(expected, sizeof(expected), "{'type':'reply','error':null,'id':%s}",
			 ids[i]);
		assert_answers(p, frame, expected);
		snprintf(frame, sizeof(frame), "{'id':%s,'type':'method','method':'x'}", ids[i]);
		snprintf(expected, sizeof(expected),
			 "{'type':'reply','error':{'code':4004,'message':"
			 "'There is no such request','stacktrace':[]},'id':%s}",
			 ids[i]);
		assert_refused(p, frame, REASON_UNKNOWN_VERB);
		assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_UNKNOWN_VERB),
				    json("%s", expected));
	}
	assert_answers(p, "{'type':'method','method':'ping'}",
		       "{'type':'reply','error':null,'id':null}");
}

static void test_id_size_is_bounded(void **state)
{
	struct probe *p = *state;
	char frame[512];

	snprintf(frame, sizeof(frame), "{'type':'method','method':'ping','id':'%0254d'}", 7);
	assert_int_equal(decode(p, frame), REASON_NONE);
	assert_int_equal(p->answers, 1);
	snprintf(frame, sizeof(frame), "{'type':'method','method':'ping','id':'%0255d'}", 7);
	assert_refused(p, frame, REASON_BAD_ARGUMENT);
	assert_null(p->peer.correlation.data);
}

/* ---- all of them, broken ---- */

static const char *const fixtures[] = {
	METHOD("auth", "[12345,54321,'fc3f865c156f32cac0755cde007654a8',null]"),
	METHOD("msg", "['Hello \\u0077orld \\ud83d\\ude02 :) https://mixer.com @ann']"),
	METHOD("msg", "['/me waves']"),
	METHOD("whisper", "['b\\u006fb','psst']"),
	METHOD("history", "[50]"),
	METHOD("deleteMessage", "['6351f9e0-3bf2-41e6-a3b3-bdc62094c158']"),
	METHOD("clearMessages", "[]"),
	METHOD("purge", "['bob']"),
	METHOD("timeout", "['bob','1m15s']"),
	METHOD("vote:start", "['tea?',['y\\u0065s','no'],30]"),
	METHOD("vote:choose", "[1]"),
	METHOD("ping", "[]"),
	METHOD("optOutEvents", "['UserJoin','UserLeave']"),
	METHOD("giveaway:start", "[]"),
};

static void test_torture(void **state)
{
	struct probe *p = *state;

	for (size_t i = 0; i < COUNT(fixtures); i++) {
		char fixture[256];

		snprintf(fixture, sizeof(fixture), "%s", json("%s", fixtures[i]));
		p->peer.logged_in = true;
		probe_torture(p, fixture);
		p->peer.logged_in = false;
		probe_torture(p, fixture);
	}
}

static void test_what_it_declares(void **state)
{
	(void)state;
	assert_string_equal(codec_mixer.name, "mixer");
	assert_false(codec_mixer.answers_in_order);
	assert_true(codec_mixer.reply_before_echo);
	assert_true(codec_mixer.reads_binary);
	assert_true(codec_mixer.keeps_private);
	assert_false(codec_mixer.hears_every_room);
	assert_true(codec_mixer.kick_ends_session);
	assert_false(codec_mixer.one_connection);
	assert_false(codec_mixer.forbids_history);
}

#define TEST(name)     cmocka_unit_test_setup_teardown(name, setup, teardown)
#define STRANGER(name) cmocka_unit_test_setup_teardown(name, setup_stranger, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STRANGER(test_handshake_name),
		STRANGER(test_handshake_name_limits),
		TEST(test_refusals_of_the_upgrade),
		STRANGER(test_welcome),
		STRANGER(test_auth),
		STRANGER(test_auth_anonymous),
		STRANGER(test_auth_bad_shapes),
		TEST(test_login_reply),
		STRANGER(test_before_auth),
		STRANGER(test_ping),
		STRANGER(test_opt_out),
		STRANGER(test_opt_out_of_everything),
		TEST(test_not_offered),
		TEST(test_error_forms),
		TEST(test_frames_that_are_no_methods),
		TEST(test_depth_is_bounded),
		TEST(test_ids_are_echoed_exactly),
		TEST(test_id_size_is_bounded),
		TEST(test_torture),
		TEST(test_what_it_declares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
