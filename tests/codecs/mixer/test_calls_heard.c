#include "tests/codecs/mixer/link_text.h"

/* ---- what came: messages ---- */

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

/* What its meta says besides goes before what data does, and both are told on. */
static void metas_are_kept(void **state)
{
	static const char skill[] =
	    "'is_skill':true,'skill':{'skill_id':'a','execution_id':'b'},'emoticons':{':)':'x'}";
	struct link_probe *p = *state;
	struct probe server;
	char text[8192], expected[8192];

	snprintf(text, sizeof(text),
		 EVENT("ChatMessage", "{'channel':12345,'id':'" UUID "'," BOB ",'new':1,'message':"
				      "{'message':['x'],'meta':{'me':true,%s,'whisper':false}}}"),
		 skill);
	snprintf(expected, sizeof(expected),
		 "heard message id=" UUID " author=77/bob text=x action extra='meta':{%s},'new':1",
		 skill);
	assert_heard(p, text, expected);
	probe_open(&server, &codec_mixer);
	p->event->origin.dialect = SLICE("mixer");
	p->event->author = probe_person(&server, 43, "bob");
	snprintf(expected, sizeof(expected), "],'meta':{'me':true,%s}}}", skill);
	assert_non_null(strstr(probe_encode(&server, p->event, AUDIENCE_OTHERS), quoted(expected)));
	assert_non_null(strstr(probe_encode(&server, p->event, AUDIENCE_OTHERS), "\"new\":1"));
	probe_close(&server);
	assert_heard(p,
		     EVENT("ChatMessage", "{'id':'" UUID "'," BOB ",'meta':{'a':1},'message':"
					  "{'message':['x'],'meta':{'censored':true}}}"),
		     "heard message id=" UUID
		     " author=77/bob text=x extra='meta':{'censored':true}");
	/* Of both together there may be too much. */
	snprintf(text, sizeof(text),
		 EVENT("ChatMessage", "{'id':'" UUID "'," BOB ",'new':1,'message':"
				      "{'message':['x'],'meta':{'a':'%0*d'}}}"),
		 CALL_EXTRA_MAX - 8, 0);
	assert_int_equal(hear(p, text), REASON_NONE);
	assert_true(slice_is(p->event->extra, "\"new\":1"));
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
		{ EVENT("UserTimeout", "{'user':{" BOB "}}"), REASON_BAD_ARGUMENT },
		{ EVENT("UserTimeout", "{'user':{" BOB "},'duration':-1}"), REASON_BAD_ARGUMENT },
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

		link_torture(*state, frame);
		free(frame);
	}
	assert_true(((struct link_probe *)*state)->heard > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LINK(messages_are_heard),
		LINK(metas_are_kept),
		LINK(parts_are_told_apart),
		LINK(many_parts_end_as_text),
		LINK(odd_messages_are_heard),
		LINK(roles_are_read),
		LINK(events_are_heard),
		LINK(polls_are_heard),
		LINK(other_events_are_kept_whole),
		LINK(other_texts_are_no_frames),
		LINK(broken_frames_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
