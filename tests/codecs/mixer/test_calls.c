#include "tests/codecs/mixer/mixer_text.h"
#include "tests/support/link_probe.h"

#define UUID   "f95b5a90-a6d5-11e9-8b2c-1b0d4a1f6a20"
#define BEARER "[Bearer ann:tok.en]"
#define USER   "{'id':54321,'username':'ann','channel':{'id':12345,'userId':54321}}"
#define CHAT                                                                                       \
	"{'roles':['User'],'authkey':'k\\'y','permissions':['chat'],'endpoints':"                  \
	"['wss://chat.mixer.com:443'],'isLoadShed':false}"
#define WELCOME "{'type':'event','event':'WelcomeEvent','data':{'server':'" UUID "'}}"
#define LOGGED                                                                                     \
	"{'type':'reply','error':null,'id':0,'data':{'authenticated':true,'roles':"                \
	"['Mod','User']}}"
#define EVENT(name, data) "{'type':'event','event':'" name "','data':" data "}"

static const struct call_account bot = { .url = { "https://mixer.com/api/v1", 24 },
					 .user = { "ann", 3 },
					 .secret = { "tok.en", 6 } };

/* Two may be used at a time. */
static const char *quoted(const char *text)
{
	static char texts[2][8192];
	static unsigned next;
	char *out = texts[next++ % 2];

	snprintf(out, sizeof(texts[0]), "%s", json("%s", text));
	return out;
}

static enum reason hear(struct link_probe *p, const char *text)
{
	return link_probe_hear_text(p, quoted(text));
}

static void assert_heard(struct link_probe *p, const char *text, const char *lines)
{
	const char *told;

	assert_int_equal(hear(p, text), REASON_NONE);
	told = link_probe_told(p);
	assert_string_equal(told, quoted(lines));
}

/* Logged in: the channel is 12345, and we are ann, 54321. */
static int open_link(void **state)
{
	static struct link_probe probe;
	const char *bodies[] = { quoted(USER), quoted(CHAT), NULL };

	link_probe_open(&probe, &codec_mixer, &bot);
	link_probe_log_in(&probe, bodies);
	assert_int_equal(hear(&probe, WELCOME), REASON_NONE);
	assert_int_equal(hear(&probe, LOGGED), REASON_NONE);
	(void)link_probe_told(&probe);
	*state = &probe;
	return 0;
}

/* Before WelcomeEvent. */
static int open_stranger(void **state)
{
	static struct link_probe probe;
	const char *bodies[] = { quoted(USER), quoted(CHAT), NULL };

	link_probe_open(&probe, &codec_mixer, &bot);
	link_probe_log_in(&probe, bodies);
	*state = &probe;
	return 0;
}

static int close_link(void **state)
{
	link_probe_close(*state);
	return 0;
}

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
	assert_next(&p, 3, 200, "{'endpoints':['ws://localhost:8/mixer#x']}",
		    "connect ws://localhost:8/mixer?version=1.0");
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
		{ 1, 404, "<html>", "refused refused" },
		{ 1, 0, "", "refused no_answer \"it cannot be reached\"" },
		{ 1, 502, "bad gateway", "refused no_answer" },
		{ 1, 429, "", "refused rate_limited" },
		{ 1, 302, "", "refused refused" },
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
		{ 9, 200, "{}", "refused no_answer \"an answer that nobody asked for\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct link_probe p;

		link_probe_open(&p, &codec_mixer, &bot);
		(void)link_probe_plan(&p);
		assert_next(&p, rows[i].tag, rows[i].status, rows[i].body, rows[i].expected);
		link_probe_close(&p);
	}
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
		link_probe_torture_answer(&p, rows[i].tag, quoted(rows[i].body), fresh);
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
	link_probe_torture_answer(p, 4, "[{\"userId\":\"\\u0037\",\"username\":\"b\\u006fb\"}]",
				  NULL);
}

/* ---- what came: messages ---- */

#define BOB "'user_name':'bob','user_id':77,'user_roles':['Owner','User']"
#define CHAT_OF(parts, rest)                                                                       \
	EVENT("ChatMessage", "{'channel':12345,'id':'" UUID "'," BOB                               \
			     ",'message':{'message':" parts ",'meta':{}}" rest "}")
#define TEXT_PART(text) "{'type':'text','data':'" text "','text':'" text "'}"

static void messages_are_heard(void **state)
{
	struct link_probe *p = *state;

	assert_heard(p, CHAT_OF("[" TEXT_PART("Hello world!") "]", ""),
		     "heard message id=" UUID " author=77/bob text=Hello world!");
	assert_int_equal(p->event->part_count, 0);
	/* The server's own members are kept, and another room is told. */
	assert_heard(p,
		     "{'type':'event','event':'ChatMessage','data':{'channel':999,'id':'" UUID
		     "'," BOB ",'user_level':3,'user_avatar':null,'user_ascension_level':1,"
		     "'message':{'message':[],'meta':{'me':true}}}}",
		     "heard message id=" UUID " room=999 author=77/bob text= action "
		     "extra='user_level':3,'user_avatar':null,'user_ascension_level':1");
	assert_heard(p,
		     EVENT("ChatMessage",
			   "{'channel':12345,'id':'" UUID "'," BOB ",'target':'ANN','message':"
			   "{'message':[" TEXT_PART("psst") "],'meta':{'whisper':true}}}"),
		     "heard message id=" UUID " author=77/bob subject=/ANN text=psst private");
	assert_heard(p,
		     EVENT("ChatMessage",
			   "{'id':'" UUID "'," BOB ",'target':'ann','message':"
			   "{'message':[" TEXT_PART("psst") "],'meta':{'whisper':true,'me':1}}}"),
		     "heard message id=" UUID
		     " author=77/bob subject=54321/ann text=psst action private");
}

static void parts_are_told_apart(void **state)
{
	struct link_probe *p = *state;
	static const struct part expected[] = {
		{ .kind = PART_TEXT, .text = { "", 0 } },
		{ .kind = PART_EMOTE, .text = { ":)", 2 }, .x = 96, .y = 24 },
		{ .kind = PART_TEXT, .text = { " see ", 5 } },
		{ .kind = PART_LINK,
		  .text = { "mixer.com/a", 11 },
		  .name = { "https://mixer.com/a", 19 } },
		{ .kind = PART_MENTION, .text = { "@Bob", 4 }, .name = { "b\xc3\xb6", 3 } },
		{ .kind = PART_IMAGE, .text = { "http://i", 8 }, .name = { "http://i", 8 } },
		{ .kind = PART_TEXT, .text = { ":D*end?<", 8 } },
	};

	assert_heard(
	    p,
	    CHAT_OF("[{'type':'emoticon','source':'builtin','pack':'default','coords':{'x':96,"
		    "'y':24,'width':24,'height':24},'text':':)'},"
		    "{'type':'text','data':'','text':''},{'type':'text','data':' see '},"
		    "{'type':'link','url':'https://mixer.com/a','text':'mixer.com/a'},"
		    "{'text':'@Bob','type':'tag','username':'b\\u00f6','id':30380194},"
		    "{'type':'text','text':''},{'type':'image','url':'http://i'},"
		    "{'type':'emoticon','source':'external','pack':'https://p','coords':{},"
		    "'text':':D'},{'type':'link','text':'*'},"
		    "{'type':'inaspacesuit','username':'x','userId':1,'text':'e\\u006ed'},"
		    "'?',{'type':'tag','username':'','text':'<'},7]",
		    ""),
	    "heard message id=" UUID " author=77/bob text=:) see mixer.com/a@Bobhttp://i:D*end?<");
	assert_int_equal(p->event->part_count, COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++) {
		const struct part *part = &p->event->parts[i];

		assert_int_equal(part->kind, expected[i].kind);
		assert_true(slice_equal(part->text, expected[i].text));
		assert_true(slice_equal(part->name, expected[i].name));
		assert_int_equal(part->number, 0);
		assert_int_equal(part->x, expected[i].x);
		assert_int_equal(part->y, expected[i].y);
	}
}

/* Their texts are whole, however many there are. */
static void many_parts_end_as_text(void **state)
{
	struct link_probe *p = *state;
	char frame[65536], *at = frame;
	size_t len = 0;

	at += sprintf(at, "%s",
		      quoted("{'type':'event','event':'ChatMessage','data':{'id':'" UUID "'," BOB
			     ",'message':{'meta':{},'message':["));
	for (unsigned i = 0; i < 700; i++)
		at += sprintf(at, "%s", quoted("{'type':'tag','username':'b','text':'@b'},"));
	strcpy(at - 1, "]}}}");
	assert_int_equal(link_probe_hear_text(p, frame), REASON_NONE);
	assert_int_equal(p->event->text.len, 1400);
	for (size_t i = 0; i < p->event->part_count; i++)
		len += p->event->parts[i].text.len;
	assert_int_equal(len, 1400);
	assert_in_range(p->event->part_count, 100, ENVELOPE_PARTS_MAX);
	assert_int_equal(p->event->parts[p->event->part_count - 1].kind, PART_TEXT);
}

static void odd_messages_are_heard(void **state)
{
	struct link_probe *p = *state;

	/* Ids as text and beyond 2^53, roles of every name, a message that is a text. */
	assert_heard(p,
		     EVENT("ChatMessage", "{'id':9007199254740993,'user_id':'9007199254740995',"
					  "'user_name':'b','user_roles':['Global Mod','Muted',"
					  "'VerifiedPartner',1],'message':'hi'}"),
		     "heard message id=9007199254740993 author=9007199254740995/b text=hi");
	assert_heard(p, EVENT("ChatMessage", "{'message':{'message':'h\\ud800'}}"),
		     "heard notice text=h\xef\xbf\xbd degraded");
	/* -1 is a widget, 0 nobody. */
	assert_heard(p, EVENT("ChatMessage", "{'user_id':-1,'user_name':'w','message':[]}"),
		     "heard message author=/w text=");
	assert_heard(p, EVENT("ChatMessage", "{'user_id':0,'message':['x']}"),
		     "heard notice text=x");
	/* Members in any order, and more of them. */
	assert_heard(
	    p,
	    "{'data':{'message':{'meta':null,'message':['x']},'user_name':'b',\n'user_id':2,"
	    "'new':{'a':\n1}},'event':'ChatMess\\u0061ge','more':1,'type':'event'}",
	    "heard message author=2/b text=x extra='new':{'a': 1}");
}

static void roles_are_read(void **state)
{
	static const struct {
		const char *roles;
		uint32_t expected;
	} rows[] = {
		{ "['User']", ROLE_USER },
		{ "['GlobalMod','User']", ROLE_MOD | ROLE_USER },
		{ "['Owner','Founder','Staff','Mod','ChannelEditor','Subscriber','Pro','User']",
		  (ROLE_OWNER << 1) - 1 },
		{ "['Banned']", ROLE_BANNED },
		{ "['mod',7,null,'']", 0 },
		{ "'Owner'", 0 },
	};
	struct link_probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char frame[512];

		snprintf(frame, sizeof(frame),
			 EVENT("UserUpdate", "{'user':7,'username':'b','roles':%s}"),
			 rows[i].roles);
		p->roles = ~0U;
		assert_int_equal(hear(p, frame),
				 rows[i].roles[0] == '[' ? REASON_NONE : REASON_BAD_ARGUMENT);
		if (rows[i].roles[0] == '[')
			assert_int_equal(p->roles, rows[i].expected);
	}
}

/* ---- what came: events ---- */

static void events_are_heard(void **state)
{
	static const struct {
		const char *frame, *lines;
	} rows[] = {
		{ EVENT("UserJoin", "{'originatingChannel':12345,'username':'bob','roles':"
				    "['User'],'id':77,'x':1}"),
		  "known 77 bob online\nheard enter author=77/bob extra='x':1" },
		{ EVENT("UserLeave", "{'originatingChannel':12345,'username':'bob','id':77}"),
		  "heard exit author=77/bob\nknown 77 bob offline" },
		{ EVENT("UserJoin", "{'originatingChannel':5,'username':'bob','id':'77'}"),
		  "heard enter room=5 author=77/bob" },
		{ EVENT("UserUpdate", "{'user':77,'roles':['User'],'permissions':['chat']}"),
		  "heard user_update subject=77/?" },
		{ EVENT("UserTimeout", "{'user':{" BOB "},'duration':30000}"),
		  "heard timeout subject=77/bob duration=30000" },
		{ EVENT("UserTimeout", "{'duration':0}"), "heard timeout subject=54321/ann" },
		{ EVENT("DeleteMessage", "{'id':'" UUID "','moderator':{" BOB ",'user_level':0}}"),
		  "heard delete target=" UUID " author=77/bob" },
		{ EVENT("DeleteMessage", "{'id':'" UUID "'}"), "heard delete target=" UUID },
		{ EVENT("PurgeMessage", "{'user_id':18740075}"), "heard purge subject=18740075/?" },
		{ EVENT("PurgeMessage", "{'user_id':9,'moderator':{" BOB "},'cause':{'type':"
					"'timeout','durationString':'1m15s'}}"),
		  "heard timeout author=77/bob subject=9/? duration=75000" },
		{ EVENT("PurgeMessage", "{'user_id':9,'cause':{'type':'globaltimeout',"
					"'durationString':'a while'},'y':2}"),
		  "heard purge subject=9/? extra='y':2" },
		/* We are told otherwise how long. */
		{ EVENT("PurgeMessage", "{'user_id':54321,'cause':{'type':'timeout',"
					"'durationString':'1m15s'}}"),
		  "heard purge subject=54321/?" },
		{ EVENT("PurgeMessage", "{'user_id':9,'moderator':{" BOB "},'cause':{'type':"
					"'ban'}}"),
		  "heard kick author=77/bob subject=9/? permanent" },
		{ EVENT("ClearMessages", "{'clearer':{" BOB ",'user_level':0}}"),
		  "heard clear author=77/bob" },
		{ "{'type':'event','event':'ClearMessages'}", "heard clear" },
	};
	struct link_probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_heard(p, rows[i].frame, rows[i].lines);
}

#define POLL(rest)                                                                                 \
	"{'originatingChannel':12345,'q':'tea?','answers':['yes','n\\u006f'],'author':{" BOB       \
	"},'duration':30000,'endsAt':1795289418027,'voters':3" rest "}"

static void polls_are_heard(void **state)
{
	struct link_probe *p = *state;
	const struct poll *poll;

	assert_heard(p,
		     EVENT("PollStart", POLL(",'responses':{'yes':0,'no':0},"
					     "'responsesByIndex':[0,0]")),
		     "heard poll_start author=77/bob");
	assert_int_equal(p->event->flags, 0);
	assert_heard(p, EVENT("PollStart", POLL(",'responsesByIndex':[2,1]")),
		     "heard poll_start author=77/bob");
	assert_int_equal(p->event->flags, FLAG_AGAIN);
	poll = p->event->poll;
	assert_slice(poll->question, "tea?");
	assert_int_equal(poll->option_count, 2);
	assert_slice(poll->options[0], "yes");
	assert_slice(poll->options[1], "no");
	assert_int_equal(poll->counts[0], 2);
	assert_int_equal(poll->counts[1], 1);
	assert_int_equal(poll->voters, 3);
	assert_int_equal(poll->duration_ms, 30000);
	assert_int_equal(poll->ends_ms, 1795289418027);
	/* Counted by text alone. */
	assert_heard(p, EVENT("PollEnd", POLL(",'responses':{'n\\u006f':9,'yes':4294967296}")),
		     "heard poll_end author=77/bob");
	assert_int_equal(p->event->poll->counts[0], 0);
	assert_int_equal(p->event->poll->counts[1], 9);
	/* The same question is asked once more. */
	assert_heard(p, EVENT("PollStart", "{'q':'tea?','answers':['yes','no'],'duration':5}"),
		     "heard poll_start");
	assert_int_equal(p->event->flags, 0);
	assert_int_equal(p->event->poll->ends_ms, LINK_NOW + 5);
	p->peer.now_ms += 60000;
	assert_heard(p, EVENT("PollStart", "{'q':'tea?','answers':['yes','no'],'duration':5}"),
		     "heard poll_start");
	assert_int_equal(p->event->flags, 0);
}

#define SKILL                                                                                      \
	"{'type':'event','event':'SkillAttribution','data':{'id':'" UUID                           \
	"','skill':{'cost':1.5},'user_name':'b'}}"

static void other_events_are_kept_whole(void **state)
{
	struct link_probe *p = *state;

	assert_heard(p, SKILL, "heard opaque extra=" SKILL);
	assert_heard(p, EVENT("Stats", "{'viewers':1}"),
		     "heard opaque extra=" EVENT("Stats", "{'viewers':1}"));
	/* But not so that somebody takes them for something else. */
	assert_int_equal(hear(p, "{'type':'event','event':'X','id':1,'data':{}}"),
			 REASON_UNKNOWN_VERB);
	assert_int_equal(hear(p, "{'type':'event','event':'X','\\u0069d':1,'data':{}}"),
			 REASON_UNKNOWN_VERB);
	assert_int_equal(hear(p, EVENT("X", "[]")), REASON_UNKNOWN_VERB);
	assert_int_equal(hear(p, "{'type':'method','method':'auth','data':{}}"),
			 REASON_UNKNOWN_VERB);
	assert_string_equal(link_probe_told(p), "");
}

static void other_texts_are_no_frames(void **state)
{
	static const struct {
		const char *text;
		enum reason reason;
	} rows[] = {
		{ "", REASON_MALFORMED },
		{ "null", REASON_MALFORMED },
		{ "[]", REASON_MALFORMED },
		{ "{'type':'event','type':'event'}", REASON_MALFORMED },
		{ "{}", REASON_UNKNOWN_VERB },
		{ "{'type':7}", REASON_UNKNOWN_VERB },
		{ "{'type':'event'}", REASON_BAD_ARGUMENT },
		{ EVENT("ChatMessage", "{}"), REASON_BAD_ARGUMENT },
		{ EVENT("ChatMessage", "[]"), REASON_BAD_ARGUMENT },
		{ EVENT("ChatMessage", "{'message':{'message':7}}"), REASON_BAD_ARGUMENT },
		{ EVENT("ChatMessage", "{'message':'x','user_id':{}}"), REASON_BAD_ARGUMENT },
		{ EVENT("UserJoin", "{'username':'bob'}"), REASON_BAD_ARGUMENT },
		{ EVENT("UserLeave", "{}"), REASON_BAD_ARGUMENT },
		{ EVENT("UserUpdate", "{'user':7}"), REASON_BAD_ARGUMENT },
		{ EVENT("DeleteMessage", "{}"), REASON_BAD_ARGUMENT },
		{ EVENT("PurgeMessage", "{'user_id':0}"), REASON_BAD_ARGUMENT },
		{ EVENT("PollStart", "{'q':'x'}"), REASON_BAD_ARGUMENT },
		{ EVENT("PollEnd", "{'q':'x','answers':[]}"), REASON_BAD_ARGUMENT },
	};
	struct link_probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(hear(p, rows[i].text), rows[i].reason);
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
		     "late heard message id=b author=77/bob text=two\nhistory 2 reaches");
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

static void broken_frames_do_no_harm(void **state)
{
	static const char *const frames[] = {
		WELCOME,
		CHAT_OF("[{'type':'emoticon','source':'builtin','pack':'default','coords':{'x':96,"
			"'y':24},'text':'\\u003a)'},{'type':'link','url':'h\\u0074tp://a',"
			"'text':'\\u0061'},{'type':'tag','username':'\\u0061','id':1}]",
			",'target':'\\u0061','user_level':[1]"),
		EVENT("UserJoin",
		      "{'originatingChannel':5,'username':'\\u0061','roles':['\\u004dod']"
		      ",'id':'\\u0037'}"),
		EVENT("UserLeave", "{'username':'b','id':7}"),
		EVENT("UserUpdate", "{'user':7,'roles':['\\u004dod']}"),
		EVENT("UserTimeout", "{'user':{" BOB "},'duration':30000}"),
		EVENT("DeleteMessage", "{'id':'\\u0037','moderator':{" BOB "}}"),
		EVENT("PurgeMessage", "{'user_id':9,'moderator':{" BOB "},'cause':{'type':"
				      "'tim\\u0065out','durationString':'\\u0031s'}}"),
		EVENT("ClearMessages", "{'clearer':{" BOB "}}"),
		EVENT("PollStart", POLL(",'responses':{'yes':1},'responsesByIndex':[0,0]")),
		EVENT("PollEnd", POLL(",'responses':{'\\u0079es':1}")),
		SKILL,
		"{'type':'reply','error':{'code':4005,'message':'\\u0061'},'id':'\\u0037'}",
		"{'type':'reply','error':null,'id':7,'data':{'id':'\\u0037'}}",
	};

	for (size_t i = 0; i < COUNT(frames); i++) {
		char *frame = strdup(quoted(frames[i]));

		link_probe_torture(*state, frame);
		free(frame);
	}
	assert_true(((struct link_probe *)*state)->heard > 0);
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

		link_probe_torture(p, frame);
		free(frame);
	}
	assert_string_equal(link_probe_told(p), "");
}

/* ---- what we say ---- */

static void assert_said(struct link_probe *p, const struct call_said *said, const char *expected)
{
	const char *frame = link_probe_say(p, said);

	assert_string_equal(frame, quoted(expected));
}

#define SAID(method, arguments)                                                                    \
	"frame {'type':'method','method':'" method "','arguments':" arguments ",'id':7} (reply)"

static void every_kind_is_said(void **state)
{
	static const struct poll poll = { .question = { "tea?", 4 },
					  .options = { { "yes", 3 }, { "no", 2 } },
					  .option_count = 2,
					  .duration_ms = 30500 };
	static const struct {
		enum envelope_kind kind;
		uint32_t flags;
		uint64_t duration_ms;
		const char *target, *subject, *expected;
	} rows[] = {
		{ KIND_MESSAGE, 0, 0, NULL, NULL, SAID("msg", "['hi all']") " echoes" },
		{ KIND_MESSAGE, FLAG_ACTION, 0, NULL, NULL,
		  SAID("msg", "['/me hi all']") " echoes" },
		{ KIND_MESSAGE, FLAG_PRIVATE, 0, NULL, "bob", SAID("whisper", "['bob','hi all']") },
		{ KIND_MESSAGE, FLAG_PRIVATE, 0, NULL, NULL, "nothing unknown_person" },
		{ KIND_DELETE, 0, 0, UUID, NULL, SAID("deleteMessage", "['" UUID "']") " echoes" },
		{ KIND_DELETE, 0, 0, NULL, NULL, "nothing unknown_message" },
		{ KIND_CLEAR, 0, 0, NULL, NULL, SAID("clearMessages", "[]") " echoes" },
		{ KIND_PURGE, 0, 0, NULL, "bob", SAID("purge", "['bob']") " echoes" },
		{ KIND_PURGE, 0, 0, NULL, NULL, "nothing unknown_person" },
		{ KIND_TIMEOUT, 0, 74001, NULL, "bob", SAID("timeout", "['bob','75s']") " echoes" },
		{ KIND_TIMEOUT, 0, 1, NULL, "bob", SAID("timeout", "['bob','1s']") " echoes" },
		{ KIND_TIMEOUT, 0, UINT64_MAX, NULL, "bob",
		  SAID("timeout", "['bob','31536000s']") " echoes" },
		{ KIND_TIMEOUT, 0, 0, NULL, "bob", SAID("timeout", "['bob','clear']") },
		{ KIND_TIMEOUT, 0, 1, NULL, NULL, "nothing unknown_person" },
		{ KIND_KICK, 0, 0, NULL, "bob", SAID("timeout", "['bob','60s']") " echoes" },
		{ KIND_KICK, FLAG_PERMANENT, 0, NULL, "bob", "nothing unsupported" },
		{ KIND_POLL_START, 0, 0, NULL, NULL,
		  SAID("vote:start", "['tea?',['yes','no'],31]") " echoes" },
		{ KIND_POLL_START, FLAG_AGAIN, 0, NULL, NULL, "nothing unsupported" },
		{ KIND_POLL_VOTE, 0, 0, NULL, NULL, SAID("vote:choose", "[3]") },
		{ KIND_EDIT, 0, 0, UUID, NULL, "nothing unsupported" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct envelope event = { .kind = rows[i].kind,
					  .flags = rows[i].flags,
					  .duration_ms = rows[i].duration_ms,
					  .poll = &poll,
					  .choice = 3 };
		struct call_said said = { .serial = 7,
					  .event = &event,
					  .text = SLICE("hi all"),
					  .target = slice_of(rows[i].target),
					  .subject.name = slice_of(rows[i].subject) };

		assert_said(*state, &said, rows[i].expected);
	}
}

/* Of a draft that no room has seen: the name is what the client wrote. */
static void whom_a_draft_names_is_named(void **state)
{
	struct envelope event = { .kind = KIND_PURGE, .subject.name = SLICE("bob") };
	struct call_said said = { .serial = 7, .event = &event };

	assert_said(*state, &said, SAID("purge", "['bob']") " echoes");
	/* Somebody here is nobody there. */
	event.subject.number = 5;
	assert_said(*state, &said, "nothing unknown_person");
	event.subject.number = 0;
	said.subject.id = SLICE("77");
	assert_said(*state, &said, "nothing unknown_person");
}

static void texts_keep_to_what_a_server_takes(void **state)
{
	struct envelope event = { .kind = KIND_MESSAGE };
	struct call_said said = { .serial = 7, .event = &event };
	char text[1200], expected[1400];

	said.text = SLICE("");
	assert_said(*state, &said, "nothing empty");
	memset(text, 'a', sizeof(text));
	said.text = slice_span(text, 361);
	assert_said(*state, &said, "nothing too_long");
	said.text = slice_span(text, 360);
	snprintf(expected, sizeof(expected), SAID("msg", "['%.360s']") " echoes", text);
	assert_said(*state, &said, expected);
	/* The word for an action counts; without room for it the text goes alone. */
	event.flags = FLAG_ACTION;
	assert_said(*state, &said, expected);
	said.text = slice_span(text, 356);
	snprintf(expected, sizeof(expected), SAID("msg", "['/me %.356s']") " echoes", text);
	assert_said(*state, &said, expected);
	/* UTF-16 units: two each. */
	event.flags = 0;
	for (size_t i = 0; i < 181; i++)
		memcpy(text + 4 * i, "\xf0\x9f\x98\x82", 4);
	said.text = slice_span(text, 4 * 181);
	assert_said(*state, &said, "nothing too_long");
	said.text = slice_span(text, 4 * 180);
	assert_int_equal(strncmp(link_probe_say(*state, &said), "frame ", 6), 0);
	/* What looks like an action and is none does not become one. */
	said.text = SLICE("/me \"waves\"");
	assert_string_equal(
	    link_probe_say(*state, &said),
	    "frame {\"type\":\"method\",\"method\":\"msg\",\"arguments\":[\"/me\xc2\xa0"
	    "\\\"waves\\\"\"],\"id\":7} (reply) echoes");
}

/* ---- both sides ---- */

/* The frame that say() makes, as the serving side reads it. */
static void serve(struct probe *serving, struct link_probe *p, const struct call_said *said)
{
	const char *text = link_probe_say(p, said);
	const char *end = strstr(text, " (reply)");
	char frame[4096];

	assert_non_null(end);
	snprintf(frame, sizeof(frame), "%.*s", (int)(end - text - 6), text + 6);
	assert_int_equal(probe_decode_text(serving, frame), REASON_NONE);
}

static void what_we_say_another_of_us_reads(void **state)
{
	static const struct poll poll = { .question = { "tea \"?", 6 },
					  .options = { { "yes", 3 }, { "no", 2 } },
					  .option_count = 2,
					  .duration_ms = 30000 };
	static const struct {
		enum envelope_kind kind;
		uint32_t flags;
	} rows[] = {
		{ KIND_MESSAGE, 0 },
		{ KIND_MESSAGE, FLAG_ACTION },
		{ KIND_MESSAGE, FLAG_PRIVATE },
		{ KIND_DELETE, 0 },
		{ KIND_CLEAR, 0 },
		{ KIND_PURGE, 0 },
		{ KIND_TIMEOUT, 0 },
		{ KIND_POLL_START, 0 },
		{ KIND_POLL_VOTE, 0 },
	};
	static struct probe serving;
	char uuid[UUID_TEXT_LEN + 1];

	probe_open(&serving, &codec_mixer);
	strcpy(uuid, message_uuid(&serving, 1234567));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct envelope event = { .kind = rows[i].kind,
					  .flags = rows[i].flags,
					  .duration_ms = 75000,
					  .poll = &poll,
					  .choice = 2 };
		struct call_said said = { .serial = 7,
					  .event = &event,
					  .text = SLICE("h\xc3\xa9 \"\\\n"),
					  .target = slice_of(uuid),
					  .subject.name = SLICE("b\"ob") };
		const struct envelope *draft;

		serve(&serving, *state, &said);
		draft = serving.draft;
		assert_non_null(draft);
		assert_int_equal(draft->kind, event.kind);
		assert_int_equal(draft->flags, event.flags);
		assert_slice(draft->correlation, "7");
		if (event.kind == KIND_MESSAGE)
			assert_true(slice_equal(draft->text, said.text));
		if (event.kind == KIND_DELETE)
			assert_int_equal(draft->target, 1234567);
		if (event.flags & FLAG_PRIVATE || event.kind == KIND_PURGE)
			assert_slice(draft->subject.name, "b\"ob");
		if (event.kind == KIND_TIMEOUT)
			assert_int_equal(draft->duration_ms, 75000);
		if (event.kind == KIND_POLL_VOTE)
			assert_int_equal(draft->choice, 2);
		if (event.kind == KIND_POLL_START) {
			assert_int_equal(draft->poll->option_count, 2);
			assert_slice(draft->poll->question, "tea \"?");
			assert_int_equal(draft->poll->duration_ms, 30000);
		}
	}
	(void)link_probe_told(*state);
	(void)probe_decode_text(&serving, json(METHOD("purge", "['x']")));
	assert_heard(*state, probe_reply(&serving, REPLY_REFUSED, REASON_RATE_LIMITED),
		     "settled 2 rate_limited 'You are sending too fast'");
	probe_close(&serving);
}

/* What is said by the serving side, heard: everything that the kind is about is there. */
static void what_another_of_us_says_is_heard(void **state)
{
	static const struct poll poll = { .question = { "tea?", 4 },
					  .options = { { "yes", 3 }, { "no", 2 } },
					  .counts = { 3, 1 },
					  .option_count = 2,
					  .voters = 4,
					  .duration_ms = 30000,
					  .ends_ms = PROBE_NOW + 30000 };
	static const struct {
		enum envelope_kind kind;
		uint32_t flags;
		enum audience audience;
		const char *lines;
	} rows[] = {
		{ KIND_MESSAGE, 0, AUDIENCE_OTHERS,
		  "heard message id=@ room=7 author=43/bob "
		  "text=hi all extra=#" },
		{ KIND_MESSAGE, FLAG_ACTION, AUDIENCE_OTHERS,
		  "heard message id=@ room=7 author=43/bob text=hi all action extra=#" },
		{ KIND_MESSAGE, FLAG_PRIVATE, AUDIENCE_SUBJECT,
		  "heard message id=@ room=7 author=43/bob subject=/cid text=hi all private "
		  "extra=#" },
		{ KIND_NOTICE, 0, AUDIENCE_OTHERS,
		  "heard message id=@ room=7 author=9/dragoman text=hi all" },
		{ KIND_DELETE, 0, AUDIENCE_OTHERS, "heard delete target=@ author=43/bob" },
		{ KIND_CLEAR, 0, AUDIENCE_OTHERS, "heard clear author=43/bob" },
		{ KIND_PURGE, 0, AUDIENCE_OTHERS, "heard purge author=43/bob subject=44/?" },
		{ KIND_TIMEOUT, 0, AUDIENCE_OTHERS,
		  "heard timeout author=43/bob subject=44/? duration=75000" },
		{ KIND_TIMEOUT, 0, AUDIENCE_SUBJECT,
		  "heard timeout subject=44/cid duration=75000\n"
		  "heard timeout author=43/bob subject=44/? duration=75000" },
		{ KIND_KICK, FLAG_PERMANENT, AUDIENCE_OTHERS,
		  "heard kick author=43/bob subject=44/? permanent\n"
		  "heard exit room=7 author=44/cid" },
		{ KIND_KICK, FLAG_PERMANENT, AUDIENCE_SUBJECT, "heard user_update subject=44/cid" },
		{ KIND_USER_UPDATE, 0, AUDIENCE_OTHERS, "heard user_update subject=44/cid" },
		{ KIND_ENTER, 0, AUDIENCE_OTHERS, "heard enter room=7 author=43/bob" },
		{ KIND_EXIT, 0, AUDIENCE_OTHERS, "heard exit room=7 author=43/bob" },
		{ KIND_POLL_START, 0, AUDIENCE_OTHERS, "heard poll_start room=7 author=43/bob" },
		{ KIND_POLL_END, 0, AUDIENCE_OTHERS, "heard poll_end room=7 author=43/bob" },
	};
	static struct probe serving;
	struct link_probe *p = *state;

	probe_open(&serving, &codec_mixer);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct envelope event = { .kind = rows[i].kind,
					  .flags = rows[i].flags,
					  .id = 1234567,
					  .target = 1234567,
					  .duration_ms = 75000,
					  .author = probe_person(&serving, 43, "bob"),
					  .subject = probe_person(&serving, 44, "cid"),
					  .text = SLICE("hi all"),
					  .poll = &poll };
		char said[8192], expected[1024], *at = expected;
		const char *frame = probe_encode(&serving, &event, rows[i].audience);

		assert_non_null(frame);
		snprintf(said, sizeof(said), "%s", frame);
		for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n"))
			assert_int_equal(link_probe_hear_text(p, line), REASON_NONE);
		for (const char *c = rows[i].lines; *c; c++)
			if (*c == '@')
				at += sprintf(at, "%s", message_uuid(&serving, 1234567));
			else if (*c == '#')
				at += sprintf(at, "\"user_level\":0,\"user_avatar\":null,"
						  "\"user_ascension_level\":0");
			else
				*at++ = *c;
		*at = '\0';
		assert_string_equal(link_probe_told(p), expected);
		if (event.kind == KIND_POLL_START)
			assert_memory_equal(p->event->poll->counts, poll.counts,
					    sizeof(poll.counts));
	}
	probe_close(&serving);
}

/* What a server says besides, our clients of the dialect are told, once each; others are not. */
static void what_it_says_besides_is_told_on(void **state)
{
	static const struct {
		enum envelope_kind kind;
		const char *extra, *once;
	} rows[] = {
		{ KIND_MESSAGE, "'user_level':3,'x':[1]", "'user_level':3," },
		{ KIND_MESSAGE, "'user_level':3,'x':[1]", "'user_avatar':null," },
		{ KIND_MESSAGE, "'user_avatar':'a','x':[1]", "'user_level':0," },
		{ KIND_MESSAGE, "'user_avatar':'a','x':[1]", "'user_avatar':'a'," },
		{ KIND_ENTER, "'x':[1]", "'id':43,'x':[1]}}" },
		{ KIND_EXIT, "'x':[1]", "'id':43,'x':[1]}}" },
		{ KIND_USER_UPDATE, "'x':[1]", "],'x':[1]}}" },
		{ KIND_DELETE, "'x':[1]", "'user_level':0},'x':[1]}}" },
		{ KIND_CLEAR, "'x':[1]", "'user_level':0},'x':[1]}}" },
		{ KIND_PURGE, "'x':[1]", "'user_level':0},'x':[1]}}" },
		{ KIND_TIMEOUT, "'x':[1]", "'durationString':'0s'},'x':[1]}}" },
		{ KIND_KICK, "'x':[1]", "'cause':{'type':'ban'},'x':[1]}}" },
		{ KIND_OPAQUE, "{'type':'event','event':'X','data':{'x':[1]}}", "'x':[1]" },
	};
	static struct probe serving;

	(void)state;
	probe_open(&serving, &codec_mixer);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct envelope event = { .kind = rows[i].kind,
					  .id = 1,
					  .flags = FLAG_PERMANENT,
					  .duration_ms = rows[i].kind == KIND_TIMEOUT ? 1 : 0,
					  .author = probe_person(&serving, 43, "bob"),
					  .subject = probe_person(&serving, 44, "cid"),
					  .text = SLICE("hi"),
					  .extra = slice_of(quoted(rows[i].extra)),
					  .origin.dialect = SLICE("mixer") };
		const char *once = quoted(rows[i].once), *said, *at;

		if (rows[i].kind == KIND_TIMEOUT)
			once = "\"durationString\":\"1ms\"},\"x\":[1]}}";
		said = probe_encode(&serving, &event, AUDIENCE_OTHERS);
		at = said ? strstr(said, once) : NULL;
		if (!at || strstr(at + 1, once) || !strstr(said, "\"x\":[1]"))
			fail_msg("%s\nsays not once %s", said ? said : "nothing", once);
		event.origin.dialect = SLICE("concord");
		said = probe_encode(&serving, &event, AUDIENCE_OTHERS);
		assert_true(!said || !strstr(said, "\"x\":[1]"));
	}
	probe_close(&serving);
}

#define LINK(test)     cmocka_unit_test_setup_teardown(test, open_link, close_link)
#define STRANGER(test) cmocka_unit_test_setup_teardown(test, open_stranger, close_link)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_own_channel_is_joined),
		cmocka_unit_test(a_channel_is_joined_by_id_or_name),
		cmocka_unit_test(readers_show_no_token),
		cmocka_unit_test(refused_logins_are_told),
		cmocka_unit_test(large_answers_are_read),
		cmocka_unit_test(broken_answers_do_no_harm),
		STRANGER(auth_follows_the_greeting),
		STRANGER(a_refused_auth_is_told),
		LINK(who_is_there_becomes_known),
		LINK(messages_are_heard),
		LINK(parts_are_told_apart),
		LINK(many_parts_end_as_text),
		LINK(odd_messages_are_heard),
		LINK(roles_are_read),
		LINK(events_are_heard),
		LINK(polls_are_heard),
		LINK(other_events_are_kept_whole),
		LINK(other_texts_are_no_frames),
		LINK(replies_settle),
		LINK(history_is_heard_late),
		LINK(broken_frames_do_no_harm),
		STRANGER(broken_logins_do_no_harm),
		LINK(every_kind_is_said),
		LINK(whom_a_draft_names_is_named),
		LINK(texts_keep_to_what_a_server_takes),
		LINK(what_we_say_another_of_us_reads),
		LINK(what_another_of_us_says_is_heard),
		cmocka_unit_test(what_it_says_besides_is_told_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
