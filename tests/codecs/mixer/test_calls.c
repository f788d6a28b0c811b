#include "tests/codecs/mixer/link_text.h"

/* ---- the login by HTTP ---- */

static void assert_next(struct link_probe *p, uint32_t tag, unsigned status, const char *body,
			const char *expected)
{
	assert_string_equal(link_probe_answer(p, tag, status, quoted(body)), expected);
}

static void the_own_channel_is_joined(void **state)
{
	struct link_probe p;

	(void)state;
	link_probe_open(&p, &codec_mixer, &bot);
	assert_string_equal(link_probe_plan(&p), "ask 1 GET /users/current " BEARER);
	assert_next(&p, 1, 200, USER, "ask 3 GET /chats/12345 " BEARER);
	assert_next(&p, 3, 200, CHAT, "connect wss://chat.mixer.com:443/?version=1.0");
	/* Once more: all is asked again. */
	assert_string_equal(link_probe_plan(&p), "ask 1 GET /users/current " BEARER);
	link_probe_close(&p);
}

static void a_channel_is_joined_by_id_or_name(void **state)
{
	struct call_account account = bot;
	struct link_probe p;

	(void)state;
	account.room = SLICE("9007199254740993");
	account.secret = (struct slice){ NULL, 0 };
	link_probe_open(&p, &codec_mixer, &account);
	assert_string_equal(link_probe_plan(&p), "ask 1 GET /users/current [Bearer ann]");
	assert_next(&p, 1, 200, USER, "ask 3 GET /chats/9007199254740993 [Bearer ann]");
	link_probe_close(&p);

	account.user = (struct slice){ NULL, 0 };
	account.secret = SLICE("tok.en");
	link_probe_open(&p, &codec_mixer, &account);
	assert_string_equal(link_probe_plan(&p), "ask 1 GET /users/current [Bearer tok.en]");
	link_probe_close(&p);

	account.user = SLICE("ann");
	account.secret = (struct slice){ NULL, 0 };
	account.room = SLICE("Zo\xc3\xab/?");
	account.socket_path = SLICE("/mixer?a=b");
	link_probe_open(&p, &codec_mixer, &account);
	(void)link_probe_plan(&p);
	assert_next(&p, 1, 200, USER, "ask 2 GET /channels/Zo%C3%AB%2F%3F?fields=id [Bearer ann]");
	assert_next(&p, 2, 200, "{'id':'77'}", "ask 3 GET /chats/77 [Bearer ann]");
	assert_next(&p, 3, 200, "{}", "connect wss://mixer.com/mixer?a=b&version=1.0");
	link_probe_close(&p);
}

static void channels_are_numbers_or_names(void **state)
{
	static const char *const rooms[] = { "",    "1",  "2147483647", "9007199254740993",
					     "ann", "0x", "7up",        "Zo\xc3\xab",
					     "-ann" };
	static const char *const none[] = { "0", "007", "-5", "-", "1234567890123456789" };
	const char *why = "";

	(void)state;
	for (size_t i = 0; i < COUNT(rooms); i++)
		assert_true(codec_mixer.calls->room_allowed(slice_of(rooms[i]), &why));
	for (size_t i = 0; i < COUNT(none); i++) {
		assert_false(codec_mixer.calls->room_allowed(slice_of(none[i]), &why));
		assert_string_equal(why, "a channel there is a number from 1, or a name");
	}
}

static void readers_show_no_token(void **state)
{
	struct call_account account = bot;
	struct link_probe p;

	(void)state;
	account.anonymous = true;
	link_probe_open(&p, &codec_mixer, &account);
	assert_string_equal(link_probe_plan(&p),
			    "refused unknown_room \"this account has no channel of its own\"");
	link_probe_close(&p);

	account = (struct call_account){ .url = bot.url, .room = SLICE("5") };
	link_probe_open(&p, &codec_mixer, &account);
	assert_string_equal(link_probe_plan(&p), "ask 3 GET /chats/5");
	assert_next(&p, 3, 200, "{'endpoints':['ws://a/','wss://localhost:8/mixer#x']}",
		    "connect wss://localhost:8/mixer?version=1.0");
	p.codec->calls->open(&p.peer, &p.sink);
	assert_heard(&p, WELCOME, "send {'type':'method','method':'auth','arguments':[5],'id':0}");
	assert_heard(&p,
		     "{'type':'reply','error':null,'id':0,'data':{'authenticated':false,"
		     "'roles':[]}}",
		     "up  ?\nask 4 GET /chats/5/users?limit=100&page=0");
	link_probe_close(&p);
}

static void refused_logins_are_told(void **state)
{
	static const struct {
		uint32_t tag;
		unsigned status;
		const char *body, *expected;
	} rows[] = {
		{ 1, 401, "{'errorCode':24317,'errorMessage':'Unauthorized'}",
		  "refused bad_login \"Unauthorized\"" },
		{ 1, 403, "", "refused bad_login" },
		{ 1, 404, "<html>", "refused refused \"It answered with the status 404\"" },
		{ 1, 0, "", "refused no_answer \"it cannot be reached\"" },
		{ 1, 502, "bad gateway", "refused no_answer \"It answered with the status 502\"" },
		{ 1, 429, "", "refused rate_limited" },
		{ 1, 302, "", "refused refused \"It answered with the status 302\"" },
		{ 1, 200, "<html>", "refused no_answer \"its answer is not JSON\"" },
		{ 1, 200, "{}", "refused no_answer \"users/current does not say who we are\"" },
		{ 1, 200, "{'id':1}",
		  "refused unknown_room \"this account has no channel of its own\"" },
		{ 2, 404, "{'statusCode':404,'error':'Not Found','message':'Channel not found.'}",
		  "refused unknown_room \"Channel not found.\"" },
		{ 2, 200, "[]", "refused no_answer \"the channel's answer has no id\"" },
		{ 3, 404, "", "refused unknown_room" },
		{ 3, 403, "{'error':'You are banned'}", "refused closed_room \"You are banned\"" },
		{ 3, 200, "7", "refused no_answer \"the chat's answer is no object\"" },
		{ 3, 200, "{'endpoints':[]}", "refused no_answer \"the chat has no endpoint\"" },
		{ 3, 200, "{'endpoints':['http://a/','wss://a b/',5]}",
		  "refused no_answer \"the chat has no endpoint\"" },
		{ 3, 200, "{'endpoints':['ws://chat.mixer.com/']}",
		  "refused no_answer \"the chat has no endpoint of TLS\"" },
		{ 9, 200, "{}", "refused no_answer \"an answer that nobody asked for\"" },
	};

	struct call_account account = bot;

	(void)state;
	account.user = (struct slice){ NULL, 0 };
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct link_probe p;

		link_probe_open(&p, &codec_mixer, &account);
		(void)link_probe_plan(&p);
		assert_next(&p, rows[i].tag, rows[i].status, rows[i].body, rows[i].expected);
		link_probe_close(&p);
	}
}

#define UNAUTHORIZED "{'errorCode':24317,'errorMessage':'Unauthorized'}"

/* A server that knows tokens alone is shown the secret as one, once. */
static void a_secret_may_be_a_token(void **state)
{
	struct link_probe p;

	(void)state;
	link_probe_open(&p, &codec_mixer, &bot);
	(void)link_probe_plan(&p);
	assert_next(&p, 1, 401, UNAUTHORIZED, "ask 1 GET /users/current [Bearer tok.en]");
	assert_next(&p, 1, 200, USER, "ask 3 GET /chats/12345 [Bearer tok.en]");
	/* The next login begins as the first did. */
	assert_string_equal(link_probe_plan(&p), "ask 1 GET /users/current " BEARER);
	assert_next(&p, 1, 401, UNAUTHORIZED, "ask 1 GET /users/current [Bearer tok.en]");
	assert_next(&p, 1, 401, UNAUTHORIZED, "refused bad_login \"Unauthorized\"");
	link_probe_close(&p);
	/* Another Dragoman would take it for the name of a guest. */
	link_probe_open(&p, &codec_mixer, &bot);
	(void)link_probe_plan(&p);
	assert_next(&p, 1, 401,
		    "{'errorCode':24317,'errorMessage':'Unauthorized','statusCode':401,"
		    "'message':'The secret is wrong'}",
		    "refused bad_login \"The secret is wrong\"");
	link_probe_close(&p);
}

/* The real server's answer has more members than a frame may. */
static void large_answers_are_read(void **state)
{
	char body[4096] = "{", *at = body + 1;
	struct link_probe p;

	(void)state;
	for (unsigned i = 0; i < 60; i++)
		at += sprintf(at, "'m%u':{'id':%u},", i, i);
	strcpy(at, "'id':'7','channel':{'token':'x','id':'8'}}");
	link_probe_open(&p, &codec_mixer, &bot);
	(void)link_probe_plan(&p);
	assert_next(&p, 1, 200, body, "ask 3 GET /chats/8 " BEARER);
	link_probe_close(&p);
}

static void fresh(struct link_probe *p)
{
	(void)link_probe_plan(p);
}

static void broken_answers_do_no_harm(void **state)
{
	static const struct {
		uint32_t tag;
		const char *body;
	} rows[] = {
		{ 1, "{'id':54321,'username':'\\u0061nn','channel':{'id':'\\u0031'}}" },
		{ 2, "{'id':'\\u0031'}" },
		{ 3, "{'authkey':'\\u0061','endpoints':['ws\\u0073://x']}" },
	};
	struct link_probe p;

	(void)state;
	link_probe_open(&p, &codec_mixer, &bot);
	for (size_t i = 0; i < COUNT(rows); i++)
		link_torture_answer(&p, rows[i].tag, quoted(rows[i].body), fresh);
	assert_int_equal(p.heard, 0);
	link_probe_close(&p);
}

/* ---- the login in the socket ---- */

static void auth_follows_the_greeting(void **state)
{
	struct link_probe *p = *state;

	assert_string_equal(link_probe_told(p), "");
	assert_heard(p, WELCOME,
		     "send {'type':'method','method':'auth','arguments':[12345,54321,'k\\'y'],"
		     "'id':0}");
	assert_heard(p, WELCOME, "");
	/* Of ourselves it is told before the answer. */
	assert_heard(p,
		     EVENT("UserJoin", "{'originatingChannel':12345,'username':'ann',"
				       "'roles':['User'],'id':54321}"),
		     "");
	assert_heard(p, LOGGED,
		     "up 54321 ann\nask 4 GET /chats/12345/users?limit=100&page=0 " BEARER);
	assert_heard(p, LOGGED, "");
	assert_heard(p, WELCOME, "");
	/* Another socket. */
	p->codec->calls->open(&p->peer, &p->sink);
	assert_heard(p, WELCOME,
		     "send {'type':'method','method':'auth','arguments':[12345,54321,'k\\'y'],"
		     "'id':0}");
}

/* Where another login of ours is told who is there, this one does not ask. */
static void who_is_aside_asks_for_nobody(void **state)
{
	struct link_probe *p = *state;

	p->peer.aside = true;
	assert_int_equal(hear(p, WELCOME), REASON_NONE);
	(void)link_probe_told(p);
	assert_heard(p, LOGGED, "up 54321 ann");
}

static void a_refused_auth_is_told(void **state)
{
	static const struct {
		const char *reply, *line;
	} rows[] = {
		{ "{'type':'reply','error':'UNOTFOUND','id':0}", "refused bad_login" },
		{ "{'type':'reply','error':'UACCESS','id':'0'}", "refused banned" },
		{ "{'type':'reply','error':{'code':1,'message':'UNOTFOUND','stacktrace':'',"
		  "'data':{}},'id':0}",
		  "refused bad_login" },
		{ "{'type':'reply','error':{'code':4006,'message':'later','stacktrace':[]},'id':0}",
		  "refused no_answer 'later'" },
		{ "{'type':'reply','error':4006,'id':0}", "refused no_answer" },
		{ "{'type':'reply','error':'no','id':null}", "refused refused 'no'" },
		{ "{'error':'no','type':'reply'}", "refused refused 'no'" },
		{ "{'type':'reply','id':0}",
		  "up 54321 ann\nask 4 GET /chats/12345/users?limit=100&page=0 " BEARER },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct link_probe *p = *state;

		p->codec->calls->open(&p->peer, &p->sink);
		assert_int_equal(hear(p, WELCOME), REASON_NONE);
		(void)link_probe_told(p);
		assert_heard(p, rows[i].reply, rows[i].line);
	}
}

static void who_is_there_becomes_known(void **state)
{
	struct link_probe *p = *state;
	char page[8192] = "[", *at = page + 1;

	link_probe_answered(p, NULL, 4, 200,
			    quoted("[{'userId':7,'username':'bob','userRoles':['Mod']},"
				   "{'userId':8,'userName':'cid'},{'username':'x'},9]"));
	assert_string_equal(link_probe_told(p), "known 7 bob online\nknown 8 cid online");
	link_probe_answered(p, NULL, 4, 404, "[{}]");
	link_probe_answered(p, NULL, 4, 200, "<");
	assert_string_equal(link_probe_told(p), "");
	/* A full page has a next one, unless it was the same. */
	for (unsigned i = 0; i < 100; i++)
		at += sprintf(at, "%s{\"userId\":%u,\"username\":\"u\"}", i ? "," : "", i + 1);
	strcpy(at, "]");
	link_probe_answered(p, NULL, 4, 200, page);
	assert_non_null(
	    strstr(link_probe_told(p), "ask 4 GET /chats/12345/users?limit=100&page=1 " BEARER));
	link_probe_answered(p, NULL, 4, 200, page);
	assert_string_equal(link_probe_told(p), "");
	/* Of one that is not the last some may be left out, or all. */
	p->more = true;
	link_probe_answered(p, NULL, 4, 200, quoted("[{'userId':9,'username':'eve'}]"));
	assert_string_equal(
	    link_probe_told(p),
	    "known 9 eve online\nask 4 GET /chats/12345/users?limit=100&page=2 " BEARER);
	link_probe_answered(p, NULL, 4, 200, "[]");
	assert_string_equal(link_probe_told(p),
			    "ask 4 GET /chats/12345/users?limit=100&page=3 " BEARER);
	p->more = false;
	link_probe_answered(p, NULL, 4, 200, "[]");
	assert_string_equal(link_probe_told(p), "");
	link_torture_answer(p, 4, "[{\"userId\":\"\\u0037\",\"username\":\"b\\u006fb\"}]", NULL);
}

static void broken_logins_do_no_harm(void **state)
{
	static const char *const frames[] = {
		WELCOME,
		"{'type':'reply','error':'\\u0061','id':0,'data':{'authenticated':true,'roles':"
		"['\\u004dod']}}",
	};
	struct link_probe *p = *state;

	for (size_t i = 0; i < COUNT(frames); i++) {
		char *frame = strdup(quoted(frames[i]));

		link_torture(p, frame);
		free(frame);
	}
	assert_string_equal(link_probe_told(p), "");
}

/* ---- what came: replies ---- */

static void replies_settle(void **state)
{
	static const struct {
		const char *reply, *line;
	} rows[] = {
		{ "{'type':'reply','error':null,'id':7,'data':{'channel':12345,'id':'" UUID "'," BOB
		  ",'message':{}}}",
		  "settled 7 none id=" UUID },
		{ "{'type':'reply','error':null,'id':'7','data':'Message deleted.'}",
		  "settled 7 none" },
		{ "{'id':7,'type':'reply'}", "settled 7 none" },
		{ "{'id':7,'type':'reply','error':false,'data':{'id':{}}}",
		  "settled 7 none id={}" },
		{ "{'type':'reply','error':{'code':4005,'message':'Too fast','stacktrace':[]},"
		  "'id':7}",
		  "settled 7 rate_limited 'Too fast'" },
		{ "{'type':'reply','error':{'code':4001,'message':'x'},'id':7}",
		  "settled 7 unknown_person 'x'" },
		{ "{'type':'reply','error':{'code':4002,'message':'x'},'id':7}",
		  "settled 7 no_right 'x'" },
		{ "{'type':'reply','error':{'code':4003,'message':''},'id':7}",
		  "settled 7 unknown_message" },
		{ "{'type':'reply','error':{'code':'4004'},'id':7}", "settled 7 bad_argument" },
		{ "{'type':'reply','error':4000,'id':7}", "settled 7 refused" },
		{ "{'type':'reply','error':{'code':4007,'message':'You need to be level 50'},"
		  "'id':7}",
		  "settled 7 refused 'You need to be level 50'" },
		{ "{'type':'reply','error':'UNOTFOUND','id':7}", "settled 7 unknown_person" },
		{ "{'type':'reply','error':'UACCESS','id':7}", "settled 7 no_right" },
		{ "{'type':'reply','error':'Slow chat','id':7}", "settled 7 refused 'Slow chat'" },
		{ "{'type':'reply','error':true,'id':7}", "settled 7 refused" },
		{ "{'type':'reply','error':null,'id':null}", "" },
		{ "{'type':'reply','error':null,'id':-5}", "" },
		{ "{'type':'reply','error':null,'id':2147483648}", "" },
		{ "{'type':'reply','error':null,'id':{}}", "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_heard(*state, rows[i].reply, rows[i].line);
}

#define PAST(id, text)                                                                             \
	"{'channel':12345,'id':'" id "'," BOB                                                      \
	",'message':{'message':[" TEXT_PART(text) "],'meta':{}}}"

static void history_is_heard_late(void **state)
{
	struct link_probe *p = *state;

	assert_string_equal(link_probe_history(p, 500),
			    quoted("frame {'type':'method','method':'history','arguments':[100],"
				   "'id':-1} (reply)"));
	assert_heard(p,
		     "{'type':'reply','error':null,'id':-1,'data':[" PAST("a", "one") ",{},7," PAST(
			 "b", "two") "]}",
		     "late heard message id=a author=77/bob text=one\n"
		     "late heard message id=b author=77/bob text=two\nhistory 2");
	/* That was it. */
	assert_heard(p, "{'type':'reply','error':null,'id':-1,'data':[]}", "");
	(void)link_probe_history(p, 1);
	assert_heard(p, "{'type':'reply','error':null,'id':-1,'data':[" PAST("a", "one") "]}",
		     "late heard message id=a author=77/bob text=one\nhistory 1");
	(void)link_probe_history(p, 1);
	assert_heard(p, "{'type':'reply','error':'no','id':'-1'}", "history 0");
	(void)link_probe_history(p, 1);
	assert_heard(p, "{'type':'reply','error':null,'id':-1}", "history 0");
	assert_string_equal(link_probe_history(p, 0), "nothing none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_own_channel_is_joined),
		cmocka_unit_test(a_channel_is_joined_by_id_or_name),
		cmocka_unit_test(channels_are_numbers_or_names),
		cmocka_unit_test(readers_show_no_token),
		cmocka_unit_test(refused_logins_are_told),
		cmocka_unit_test(a_secret_may_be_a_token),
		cmocka_unit_test(large_answers_are_read),
		cmocka_unit_test(broken_answers_do_no_harm),
		STRANGER(auth_follows_the_greeting),
		STRANGER(who_is_aside_asks_for_nobody),
		STRANGER(a_refused_auth_is_told),
		LINK(who_is_there_becomes_known),
		LINK(replies_settle),
		LINK(history_is_heard_late),
		STRANGER(broken_logins_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
