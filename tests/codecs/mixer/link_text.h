/* link_text.h - what the tests of mixer's calling side share: a link whose channel is 12345, where
 * we are ann, 54321. JSON is written with ' for ". */
#ifndef TESTS_CODECS_MIXER_LINK_TEXT_H
#define TESTS_CODECS_MIXER_LINK_TEXT_H

#include "tests/codecs/mixer/mixer_text.h"
#include "tests/support/link_torture.h"

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
static inline const char *quoted(const char *text)
{
	static char texts[2][8192];
	static unsigned next;
	char *out = texts[next++ % 2];

	snprintf(out, sizeof(texts[0]), "%s", json("%s", text));
	return out;
}

static inline enum reason hear(struct link_probe *p, const char *text)
{
	return link_probe_hear_text(p, quoted(text));
}

static inline void assert_heard(struct link_probe *p, const char *text, const char *lines)
{
	const char *told;

	assert_int_equal(hear(p, text), REASON_NONE);
	told = link_probe_told(p);
	assert_string_equal(told, quoted(lines));
}

/* Logged in. */
static inline int open_link(void **state)
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
static inline int open_stranger(void **state)
{
	static struct link_probe probe;
	const char *bodies[] = { quoted(USER), quoted(CHAT), NULL };

	link_probe_open(&probe, &codec_mixer, &bot);
	link_probe_log_in(&probe, bodies);
	*state = &probe;
	return 0;
}

static inline int close_link(void **state)
{
	link_probe_close(*state);
	return 0;
}

#define BOB "'user_name':'bob','user_id':77,'user_roles':['Owner','User']"
#define CHAT_OF(parts, rest)                                                                       \
	EVENT("ChatMessage", "{'channel':12345,'id':'" UUID "'," BOB                               \
			     ",'message':{'message':" parts ",'meta':{}}" rest "}")
#define TEXT_PART(text) "{'type':'text','data':'" text "','text':'" text "'}"

#define LINK(test)     cmocka_unit_test_setup_teardown(test, open_link, close_link)
#define STRANGER(test) cmocka_unit_test_setup_teardown(test, open_stranger, close_link)

#endif
