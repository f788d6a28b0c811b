#include "tests/codecs/mixer/mixer_text.h"

#define ANN                                                                                        \
	"'user_name':'ann','user_id':42,'user_roles':['Mod','User'],'user_level':0,"               \
	"'user_avatar':null,'user_ascension_level':0"
#define MODERATOR "{'user_name':'ann','user_id':42,'user_roles':['Mod','User'],'user_level':0}"
#define BRIDGE    "'user_name':'dragoman','user_id':9,'user_roles':['User']"

/* An event of ann, who moderates, upon bob. */
static struct envelope event_new(const struct probe *p, enum envelope_kind kind)
{
	struct envelope event = { .kind = kind,
				  .id = 1234567,
				  .sequence = 1,
				  .time_ms = PROBE_NOW,
				  .author = probe_person(p, 42, "ann"),
				  .subject = probe_person(p, 77, "bob") };

	event.author.roles |= ROLE_MOD;
	return event;
}

static void assert_says(struct probe *p, const struct envelope *event, enum audience audience,
			const char *expected)
{
	const char *said = probe_encode(p, event, audience);

	if (!expected) {
		assert_null(said);
		return;
	}
	assert_non_null(said);
	assert_string_equal(said, expected);
}

static void assert_all_hear(struct probe *p, const struct envelope *event, const char *expected)
{
	assert_says(p, event, AUDIENCE_OTHERS, expected);
	assert_says(p, event, AUDIENCE_SUBJECT, expected);
}

static const char *chat(const struct probe *p, const char *parts, const char *meta)
{
	return json("{'type':'event','event':'ChatMessage','data':{'channel':7,'id':'%s'," ANN
		    ",'message':{'message':[%s],'meta':%s}",
		    message_uuid(p, 1234567), parts, meta);
}

static const char *chat_event(const struct probe *p, const char *parts, const char *meta)
{
	char data[4096];

	snprintf(data, sizeof(data), "%s", chat(p, parts, meta));
	return json("%s}}", data);
}

static void test_message(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_new(p, KIND_MESSAGE);

	event.text = SLICE("Hello world :)");
	assert_all_hear(
	    p, &event,
	    chat_event(p, "{'type':'text','data':'Hello world :)','text':'Hello world :)'}", "{}"));
	event.flags = FLAG_ACTION | FLAG_EDITED | FLAG_DEGRADED;
	event.text = SLICE("waves");
	assert_all_hear(
	    p, &event,
	    chat_event(p, "{'type':'text','data':'waves','text':'waves'}", "{'me':true}"));
}

static void test_message_escapes(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_new(p, KIND_MESSAGE);

	event.text = SLICE("a\"b\\c\n\0\xf0\x9f\x98\x82</script>");
	assert_all_hear(p, &event,
			chat_event(p,
				   "{'type':'text','data':'a\\'b\\\\c\\n\\u0000\xf0\x9f\x98\x82"
				   "</script>','text':'a\\'b\\\\c\\n\\u0000\xf0\x9f\x98\x82"
				   "</script>'}",
				   "{}"));
	event.text = SLICE("");
	assert_all_hear(p, &event, chat_event(p, "{'type':'text','data':'','text':''}", "{}"));
}

static void test_message_parts(void **state)
{
	static const struct part parts[] = {
		{ .kind = PART_EMOTE,
		  .text = { ":)", 2 },
		  .name = { "smile", 5 },
		  .x = 96,
		  .y = 24 },
		{ .kind = PART_TEXT, .text = { " \"see\" ", 7 } },
		{ .kind = PART_LINK,
		  .text = { "mixer.com/mixer", 15 },
		  .name = { "https://mixer.com/mixer", 23 } },
		{ .kind = PART_MENTION, .text = { "@Bob", 4 }, .name = { "bob", 3 }, .number = 77 },
		{ .kind = PART_IMAGE,
		  .text = { "cat", 3 },
		  .name = { "https://x.example/c.png", 23 } },
	};
	struct probe *p = *state;
	struct envelope event = event_new(p, KIND_MESSAGE);

	event.text = SLICE("the parts decide");
	event.parts = parts;
	event.part_count = COUNT(parts);
	assert_all_hear(
	    p, &event,
	    chat_event(p,
		       "{'type':'text','data':'','text':''},"
		       "{'type':'emoticon','source':'builtin','pack':'default','coords':"
		       "{'x':96,'y':24,'width':24,'height':24},'text':':)'},"
		       "{'type':'text','data':' \\'see\\' ','text':' \\'see\\' '},"
		       "{'type':'link','url':'https://mixer.com/mixer','text':'mixer.com/mixer'},"
		       "{'type':'tag','username':'bob','id':77,'text':'@Bob'},"
		       "{'type':'image','url':'https://x.example/c.png','text':'cat'}",
		       "{}"));
	event.parts = parts + 1;
	event.part_count = 1;
	assert_all_hear(
	    p, &event,
	    chat_event(p, "{'type':'text','data':' \\'see\\' ','text':' \\'see\\' '}", "{}"));
}

static void test_whisper(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_new(p, KIND_MESSAGE);
	char expected[2048];

	event.flags = FLAG_PRIVATE;
	event.text = SLICE("psst");
	snprintf(expected, sizeof(expected), "%s",
		 chat(p, "{'type':'text','data':'psst','text':'psst'}", "{'whisper':true}"));
	assert_says(p, &event, AUDIENCE_SUBJECT, json("%s,'target':'bob'}}", expected));
	event.flags |= FLAG_ACTION;
	snprintf(
	    expected, sizeof(expected), "%s",
	    chat(p, "{'type':'text','data':'psst','text':'psst'}", "{'whisper':true,'me':true}"));
	assert_says(p, &event, AUDIENCE_SUBJECT, json("%s,'target':'bob'}}", expected));
}

static void test_notice(void **state)
{
	struct probe *p = *state;
	struct envelope event = { .kind = KIND_NOTICE, .id = 5, .text = SLICE("bob is now mod") };
	char expected[512];

	snprintf(expected, sizeof(expected),
		 "{'type':'event','event':'ChatMessage','data':{'channel':7,'id':'%s'," BRIDGE
		 ",'message':{'message':[{'type':'text','data':'bob is now mod',"
		 "'text':'bob is now mod'}],'meta':{}}}}",
		 message_uuid(p, 5));
	assert_all_hear(p, &event, json("%s", expected));
	event.author = probe_person(p, 42, "ann");
	assert_all_hear(p, &event, json("%s", expected));
}

static void test_enter_and_exit(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_new(p, KIND_ENTER);

	assert_all_hear(p, &event,
			json("{'type':'event','event':'UserJoin','data':{'originatingChannel':7,"
			     "'username':'ann','roles':['Mod','User'],'id':42}}"));
	event.kind = KIND_EXIT;
	assert_all_hear(p, &event,
			json("{'type':'event','event':'UserLeave','data':{'originatingChannel':7,"
			     "'username':'ann','roles':['Mod','User'],'id':42}}"));
	event.author = (struct person){ 0 };
	assert_all_hear(p, &event, NULL);
	event.kind = KIND_ENTER;
	assert_all_hear(p, &event, NULL);
}

static void test_roles(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_new(p, KIND_USER_UPDATE);

	event.subject.roles = 0xffffffff;
	assert_all_hear(p, &event,
			json("{'type':'event','event':'UserUpdate','data':{'user':77,'roles':["
			     "'Muted','Banned','Owner','Founder','Staff','Mod','ChannelEditor',"
			     "'Subscriber','Pro','User'],'username':'bob','permissions':[]}}"));
	event.subject.roles = ROLE_USER | ROLE_SUBSCRIBER;
	assert_all_hear(p, &event,
			json("{'type':'event','event':'UserUpdate','data':{'user':77,'roles':["
			     "'Subscriber','User'],'username':'bob','permissions':["
			     "'chat','connect','poll_vote','whisper']}}"));
	event.subject.roles = ROLE_USER | ROLE_OWNER;
	assert_all_hear(
	    p, &event,
	    json("{'type':'event','event':'UserUpdate','data':{'user':77,'roles':['Owner','User'],"
		 "'username':'bob','permissions':['chat','connect','poll_vote','whisper',"
		 "'poll_start','timeout','purge','remove_message','clear_messages']}}"));
	event.subject.roles = ROLE_USER | ROLE_MUTED;
	assert_all_hear(p, &event,
			json("{'type':'event','event':'UserUpdate','data':{'user':77,'roles':["
			     "'Muted','User'],'username':'bob','permissions':['connect']}}"));
	event.subject.roles = 0;
	assert_all_hear(p, &event,
			json("{'type':'event','event':'UserUpdate','data':{'user':77,'roles':[],"
			     "'username':'bob','permissions':["
			     "'chat','connect','poll_vote','whisper']}}"));
}

static void test_delete_and_clear(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_new(p, KIND_DELETE);

	event.target = 99;
	assert_all_hear(p, &event,
			json("{'type':'event','event':'DeleteMessage','data':{'id':'%s',"
			     "'moderator':" MODERATOR "}}",
			     message_uuid(p, 99)));
	event.author = (struct person){ 0 };
	assert_all_hear(p, &event,
			json("{'type':'event','event':'DeleteMessage','data':{'id':'%s',"
			     "'moderator':{" BRIDGE ",'user_level':0}}}",
			     message_uuid(p, 99)));
	event = event_new(p, KIND_CLEAR);
	assert_all_hear(
	    p, &event,
	    json("{'type':'event','event':'ClearMessages','data':{'clearer':" MODERATOR "}}"));
}

static void test_purge(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_new(p, KIND_PURGE);

	assert_all_hear(p, &event,
			json("{'type':'event','event':'PurgeMessage','data':{'user_id':77,"
			     "'moderator':" MODERATOR "}}"));
}

#define TIMEOUT_PURGE                                                                              \
	"{'type':'event','event':'PurgeMessage','data':{'user_id':77,'moderator':" MODERATOR       \
	",'cause':{'type':'timeout','durationString':'1m15s'}}}"

static void test_timeout(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_new(p, KIND_TIMEOUT);

	event.duration_ms = 75000;
	event.text = SLICE("1m15s");
	assert_says(p, &event, AUDIENCE_OTHERS, json(TIMEOUT_PURGE));
	assert_says(p, &event, AUDIENCE_SUBJECT,
		    json("{'type':'event','event':'UserTimeout','data':{'user':{'user_name':'bob',"
			 "'user_id':77,'user_roles':['User']},'duration':75000}}\n" TIMEOUT_PURGE));
	event.duration_ms = 0;
	event.text = SLICE("clear");
	assert_says(p, &event, AUDIENCE_OTHERS, NULL);
	assert_says(p, &event, AUDIENCE_SUBJECT,
		    json("{'type':'event','event':'UserTimeout','data':{'user':{'user_name':'bob',"
			 "'user_id':77,'user_roles':['User']},'duration':0}}"));
}

#define BOB_LEAVES                                                                                 \
	"{'type':'event','event':'UserLeave','data':{'originatingChannel':7,'username':'bob',"     \
	"'roles':['User'],'id':77}}"

static void test_kick(void **state)
{
	static const uint64_t removed[] = { 5 };
	struct probe *p = *state;
	struct envelope event = event_new(p, KIND_KICK);

	assert_says(p, &event, AUDIENCE_OTHERS, json(BOB_LEAVES));
	assert_says(p, &event, AUDIENCE_SUBJECT,
		    json("{'type':'event','event':'UserUpdate','data':{'user':77,'roles':['User'],"
			 "'username':'bob','permissions':["
			 "'chat','connect','poll_vote','whisper']}}"));
	event.removed = removed;
	event.removed_count = 1;
	assert_says(p, &event, AUDIENCE_OTHERS,
		    json("{'type':'event','event':'PurgeMessage','data':{'user_id':77,"
			 "'moderator':" MODERATOR "}}\n" BOB_LEAVES));
}

static void test_ban(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_new(p, KIND_KICK);

	event.flags = FLAG_PERMANENT;
	event.text = SLICE("spam");
	assert_says(
	    p, &event, AUDIENCE_OTHERS,
	    json(
		"{'type':'event','event':'PurgeMessage','data':{'user_id':77,'moderator':" MODERATOR
		",'cause':{'type':'ban'}}}\n" BOB_LEAVES));
	assert_says(p, &event, AUDIENCE_SUBJECT,
		    json("{'type':'event','event':'UserUpdate','data':{'user':77,"
			 "'roles':['Banned'],'username':'bob','permissions':[]}}"));
}

static void test_poll(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_new(p, KIND_POLL_START);
	struct poll poll = { .question = SLICE("tea?"),
			     .options = { SLICE("yes"), SLICE("n\"o"), SLICE("yes") },
			     .counts = { 1, 0, 2 },
			     .option_count = 3,
			     .voters = 3,
			     .duration_ms = 30000,
			     .ends_ms = 1795289418027 };
	const char *shape = "{'type':'event','event':'%s','data':{'originatingChannel':7,"
			    "'q':'tea?','answers':['yes','n\\'o','yes'],'author':{"
			    "'user_name':'ann','user_id':42,'user_roles':['Mod','User']},"
			    "'duration':30000,'endsAt':1795289418027,'voters':3,"
			    "'responses':{'yes':3,'n\\'o':0},'responsesByIndex':[1,0,2]}}";
	char expected[1024];

	event.poll = &poll;
	snprintf(expected, sizeof(expected), shape, "PollStart");
	assert_all_hear(p, &event, json("%s", expected));
	event.flags = FLAG_AGAIN;
	assert_all_hear(p, &event, json("%s", expected));
	event.kind = KIND_POLL_END;
	snprintf(expected, sizeof(expected), shape, "PollEnd");
	assert_all_hear(p, &event, json("%s", expected));
	event.poll = NULL;
	assert_all_hear(p, &event, NULL);
}

/* The mask that frame->events has for what is encoded, 0 for nothing, leaving muted out. */
static uint32_t events_of(struct probe *p, const struct envelope *event, enum audience audience,
			  uint32_t muted, uint32_t *messages)
{
	struct frame *frame = NULL;
	uint32_t events = 0;

	*messages = 0;
	if (codec_mixer.serves->encode(event, &p->view, &p->peer.form, audience, muted, &frame) ==
	    CODEC_OK) {
		probe_check_frame(frame);
		events = frame->events;
		*messages = frame->messages;
	}
	frame_release(frame);
	return events;
}

static void test_muted_events_are_left_out(void **state)
{
	struct probe *p = *state;
	uint32_t seen = 0, messages, both, one;
	struct envelope event;

	for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++) {
		struct poll poll = { .option_count = 1, .options = { SLICE("a") } };
		uint32_t bits;

		event = event_new(p, kind);
		event.poll = &poll;
		if (codec_mixer.can[kind].out != RULE_NATIVE)
			continue;
		bits = events_of(p, &event, AUDIENCE_OTHERS, 0, &messages);
		assert_int_equal(events_of(p, &event, AUDIENCE_OTHERS, bits, &messages), 0);
		assert_int_equal(messages, 0);
		seen |= bits;
	}
	event = event_new(p, KIND_TIMEOUT);
	event.duration_ms = 1000;
	both = events_of(p, &event, AUDIENCE_SUBJECT, 0, &messages);
	assert_int_equal(messages, 2);
	one = events_of(p, &event, AUDIENCE_OTHERS, 0, &messages);
	assert_int_equal(events_of(p, &event, AUDIENCE_SUBJECT, one, &messages), both & ~one);
	assert_int_equal(messages, 1);
	assert_int_equal(events_of(p, &event, AUDIENCE_SUBJECT, both & ~one, &messages), one);
	assert_int_equal(events_of(p, &event, AUDIENCE_SUBJECT, both, &messages), 0);
	assert_int_equal(__builtin_popcount(seen | both), 10);
}

static void test_what_cannot_be_said(void **state)
{
	struct probe *p = *state;

	for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++) {
		struct envelope event = event_new(p, kind);

		assert_true(!codec_mixer.can[kind].why == (codec_mixer.can[kind].out != RULE_DROP));
		if (codec_mixer.can[kind].out != RULE_NATIVE)
			assert_all_hear(p, &event, NULL);
	}
	assert_int_equal(codec_mixer.can[KIND_EDIT].out, RULE_TEXT);
	assert_int_equal(codec_mixer.can[KIND_REACTION].out, RULE_ACTION);
	assert_int_equal(codec_mixer.can[KIND_INVITE].out, RULE_NOTICE);
}

static void test_long_message(void **state)
{
	struct probe *p = *state;
	struct envelope event = event_new(p, KIND_MESSAGE);
	size_t len = 70000;
	char *text = malloc(len);
	struct frame *frame = NULL;

	memset(text, '"', len);
	event.text = slice_span(text, len);
	assert_int_equal(
	    codec_mixer.serves->encode(&event, &p->view, &p->peer.form, AUDIENCE_OTHERS, 0, &frame),
	    CODEC_OK);
	probe_check_frame(frame);
	assert_in_range(frame_payload(frame, 0).len, 4 * len, 4 * len + 512);
	frame_release(frame);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_message, setup, teardown),
		cmocka_unit_test_setup_teardown(test_message_escapes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_message_parts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_whisper, setup, teardown),
		cmocka_unit_test_setup_teardown(test_notice, setup, teardown),
		cmocka_unit_test_setup_teardown(test_enter_and_exit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_roles, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delete_and_clear, setup, teardown),
		cmocka_unit_test_setup_teardown(test_purge, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timeout, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kick, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ban, setup, teardown),
		cmocka_unit_test_setup_teardown(test_poll, setup, teardown),
		cmocka_unit_test_setup_teardown(test_muted_events_are_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_said, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_message, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
