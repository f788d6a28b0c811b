#include "tests/codecs/mixer/link_text.h"

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
		{ KIND_MESSAGE, "'meta':{'is_skill':true,'skill':{'b':'}'}},'x':[1]",
		  "],'meta':{'is_skill':true,'skill':{'b':'}'}}}}" },
		{ KIND_MESSAGE, "'meta':{'is_skill':true},'user_level':3,'x':[1]",
		  "'user_level':" },
		{ KIND_MESSAGE, "'meta':{'user_level':3,'x':[1]}",
		  "'user_level':0,'user_avatar':null,'user_ascension_level':0,'message':" },
		{ KIND_MESSAGE, "'meta':{'x':[1]}", "],'meta':{'x':[1]}}}}" },
		{ KIND_MESSAGE, "'meta':7,'x':[1]", "'meta':7,'x':[1],'message':" },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		LINK(every_kind_is_said),
		LINK(whom_a_draft_names_is_named),
		LINK(texts_keep_to_what_a_server_takes),
		LINK(what_we_say_another_of_us_reads),
		LINK(what_another_of_us_says_is_heard),
		cmocka_unit_test(what_it_says_besides_is_told_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
