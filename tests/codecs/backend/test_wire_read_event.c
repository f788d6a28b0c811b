#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/codecs/backend/wire_frames.h"

/* The fourth frame of what backends send: events to publish, changes of an event asked about. */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TO_BOB       "{\"room\":\"lobby\",\"to\":\"bob\"}"
#define TO_ALL       "{\"room\":\"lobby\"}"
#define CHANGE       "{\"id\":4,\"verdict\":\"change\"}"

static struct wire_message *read_with(struct sent *sent, const char *command, const char *meta,
				      struct slice envelope)
{
	struct wire_message *message = send_frames(sent, command, slice_of(meta), envelope);

	if (sent->status != WIRE_OK)
		fail_msg("%s %s %.*s: %s", command, meta, (int)envelope.len, envelope.data,
			 sent->why);
	assert_true(message->has_envelope);
	return message;
}

static struct envelope *publish(struct sent *sent, const char *envelope)
{
	return &read_with(sent, "PUBLISH", TO_ALL, slice_of(envelope))->event;
}

static void assert_text(struct slice text, const char *expected)
{
	if (!slice_is(text, expected))
		fail_msg("%.*s is not %s", (int)text.len, text.data, expected);
}

/* ---- what is right ---- */

static void messages(void **state)
{
	struct sent sent;
	struct envelope *event = publish(&sent, "{\"kind\":\"message\",\"text\":\"hi\"}");

	(void)state;
	assert_int_equal(event->kind, KIND_MESSAGE);
	assert_text(event->text, "hi");
	assert_int_equal(event->flags, 0);
	assert_text(sent.message.room, "lobby");
	assert_true(sent.message.has_text);
	assert_false(sent.message.has_flags);
	sent_clear(&sent);

	event =
	    publish(&sent, "{\"text\":\"\\u0041\\u0000\\ud83d\\ude00\",\"thread\":\"t\","
			   "\"flags\":[\"action\",\"adding\",\"edited\",\"degraded\",\"shiny\"],"
			   "\"kind\":\"mess\\u0061ge\",\"colour\":1}");
	assert_true(slice_equal(event->text, SLICE("A\0\xf0\x9f\x98\x80")));
	assert_text(event->thread, "t");
	assert_int_equal(event->flags, FLAG_ACTION);
	assert_true(sent.message.has_flags);
	assert_int_equal(sent.message.unknown_keys, 2);
	sent_clear(&sent);
}

static void what_is_for_one_person(void **state)
{
	struct sent sent;
	struct envelope *event = &read_with(&sent, "PUBLISH", TO_BOB,
					    SLICE("{\"kind\":\"message\",\"text\":\"psst\","
						  "\"subject\":{\"number\":9}}"))
				      ->event;

	(void)state;
	assert_int_equal(event->flags, FLAG_PRIVATE);
	assert_text(event->subject.name, "bob");
	assert_int_equal(event->subject.number, 0);
	sent_clear(&sent);
	event = &read_with(&sent, "PUBLISH", "{\"room\":\"lobby\",\"to\":7,\"as\":\"Dice\"}",
			   SLICE("{\"kind\":\"notice\",\"text\":\"psst\",\"flags\":[\"private\","
				 "\"action\"]}"))
		     ->event;
	assert_int_equal(event->flags, FLAG_PRIVATE);
	assert_int_equal(event->subject.number, 7);
	assert_text(sent.message.speaker, "Dice");
	sent_clear(&sent);
}

static void other_kinds(void **state)
{
	struct sent sent;
	struct envelope *event = publish(&sent, "{\"kind\":\"notice\",\"text\":\"hi\"}");

	(void)state;
	assert_int_equal(event->kind, KIND_NOTICE);
	sent_clear(&sent);
	event = publish(&sent, "{\"kind\":\"edit\",\"text\":\"hi\",\"target\":9007199254740991,"
			       "\"flags\":[\"action\"]}");
	assert_int_equal(event->kind, KIND_EDIT);
	assert_true(event->target == 9007199254740991);
	assert_int_equal(event->flags, FLAG_ACTION);
	sent_clear(&sent);
	event = publish(&sent, "{\"kind\":\"delete\",\"target\":1}");
	assert_int_equal(event->kind, KIND_DELETE);
	assert_true(event->target == 1);
	assert_false(sent.message.has_text);
	sent_clear(&sent);
	event = publish(&sent, "{\"kind\":\"clear\"}");
	assert_int_equal(event->kind, KIND_CLEAR);
	sent_clear(&sent);
	event = publish(&sent, "{\"kind\":\"purge\",\"subject\":{\"name\":\"bob\",\"number\":8,"
			       "\"uuid\":\"?\",\"roles\":[],\"new\":1}}");
	assert_int_equal(event->kind, KIND_PURGE);
	assert_text(event->subject.name, "bob");
	assert_int_equal(event->subject.number, 8);
	assert_int_equal(sent.message.unknown_keys, 1);
	sent_clear(&sent);
	event = publish(&sent, "{\"kind\":\"reaction\",\"target\":5,\"text\":\"x\"}");
	assert_int_equal(event->kind, KIND_REACTION);
	assert_int_equal(event->flags, 0);
	sent_clear(&sent);
	event = publish(&sent, "{\"kind\":\"reaction\",\"target\":5,\"text\":\"x\","
			       "\"flags\":[\"adding\",\"action\"]}");
	assert_int_equal(event->flags, FLAG_ADDING);
	sent_clear(&sent);
	event = publish(&sent, "{\"kind\":\"typing\"}");
	assert_int_equal(event->kind, KIND_TYPING);
	sent_clear(&sent);
	event = publish(&sent, "{\"kind\":\"read\",\"target\":5}");
	assert_int_equal(event->kind, KIND_READ);
	sent_clear(&sent);
}

static void presence(void **state)
{
	static const char *const texts[] = { "ONLINE", "AWAY", "DO_NOT_DISTURB", "OFFLINE" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		char envelope[128];
		struct sent sent;
		struct envelope *event;

		snprintf(envelope, sizeof(envelope), "{\"kind\":\"presence\",\"text\":\"%s\"}",
			 texts[i]);
		event = publish(&sent, envelope);
		assert_int_equal(event->kind, KIND_PRESENCE);
		assert_text(event->text, texts[i]);
		sent_clear(&sent);
	}
}

static void polls(void **state)
{
	struct sent sent;
	struct envelope *event =
	    publish(&sent, "{\"kind\":\"poll_start\",\"poll\":{\"question\":\"Tea?\",\"options\":["
			   "{\"text\":\"yes\",\"count\":\"\"},{\"why\":1,\"text\":\"n\\u006f\"}],"
			   "\"voters\":null,\"ends_ms\":0,\"duration_ms\":1000,\"x\":1}}");

	(void)state;
	assert_int_equal(event->kind, KIND_POLL_START);
	assert_ptr_equal(event->poll, &sent.message.poll);
	assert_text(event->poll->question, "Tea?");
	assert_int_equal(event->poll->option_count, 2);
	assert_text(event->poll->options[0], "yes");
	assert_text(event->poll->options[1], "no");
	assert_true(event->poll->duration_ms == 1000);
	assert_int_equal(event->poll->counts[0], 0);
	assert_int_equal(sent.message.unknown_keys, 2);
	sent_clear(&sent);

	event = publish(&sent, "{\"kind\":\"poll_vote\",\"choice\":0}");
	assert_int_equal(event->kind, KIND_POLL_VOTE);
	assert_int_equal(event->choice, 0);
	assert_null(event->poll);
	sent_clear(&sent);
	event = publish(&sent, "{\"kind\":\"poll_vote\",\"choice\":15}");
	assert_int_equal(event->choice, 15);
	sent_clear(&sent);
}

static void changes(void **state)
{
	struct sent sent;
	struct wire_message *message =
	    read_with(&sent, "ANSWER", CHANGE, SLICE("{\"text\":\"h**l\"}"));

	(void)state;
	assert_int_equal(message->verdict, WIRE_CHANGE);
	assert_true(message->has_text);
	assert_false(message->has_flags);
	assert_text(message->event.text, "h**l");
	sent_clear(&sent);
	message = read_with(&sent, "ANSWER", CHANGE, SLICE("{\"flags\":[\"action\",\"private\"]}"));
	assert_false(message->has_text);
	assert_true(message->has_flags);
	assert_int_equal(message->event.flags, FLAG_ACTION);
	sent_clear(&sent);
	message = read_with(&sent, "ANSWER", CHANGE, SLICE("{\"flags\":[]}"));
	assert_true(message->has_flags);
	assert_int_equal(message->event.flags, 0);
	sent_clear(&sent);
	/* The whole envelope may come back; whatever else it says is not looked at. */
	message = read_with(&sent, "ANSWER", CHANGE,
			    SLICE("{\"kind\":7,\"id\":\"\",\"author\":1,\"room\":2,\"subject\":3,"
				  "\"target\":[],\"poll\":0,\"choice\":-1,\"thread\":1,"
				  "\"text\":\"x\",\"mood\":1}"));
	assert_text(message->event.text, "x");
	assert_int_equal(message->event.kind, 0);
	assert_int_equal(message->event.target, 0);
	assert_int_equal(message->unknown_keys, 1);
	sent_clear(&sent);
}

static void lone_surrogates_degrade(void **state)
{
	struct sent sent;
	struct envelope *event =
	    publish(&sent, "{\"kind\":\"message\",\"text\":\"a\\ud800b\",\"flags\":[]}");

	(void)state;
	assert_text(event->text, "a\xef\xbf\xbd"
				 "b");
	assert_int_equal(event->flags, FLAG_DEGRADED);
	sent_clear(&sent);
	event = &read_with(&sent, "ANSWER", CHANGE, SLICE("{\"text\":\"\\udc00\"}"))->event;
	assert_int_equal(event->flags, FLAG_DEGRADED);
	assert_false(sent.message.has_flags);
	sent_clear(&sent);
	/* That meta had one says nothing of the event. */
	event = &read_with(&sent, "PUBLISH", "{\"room\":\"lobby\",\"as\":\"\\ud800\"}",
			   SLICE("{\"kind\":\"message\",\"text\":\"a\"}"))
		     ->event;
	assert_int_equal(event->flags, 0);
	assert_text(sent.message.speaker, "\xef\xbf\xbd");
	sent_clear(&sent);
}

/* ---- what is wrong ---- */

struct fault {
	const char *envelope, *why;
};

static void assert_faults(const char *command, const char *meta, const struct fault *faults,
			  size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct sent sent;

		send_frames(&sent, command, slice_of(meta), slice_of(faults[i].envelope));
		if (sent.status != WIRE_BAD_FIELD || strcmp(sent.why, faults[i].why) != 0)
			fail_msg("%s: %s: \"%s\", not \"%s\"", faults[i].envelope,
				 wire_status_code(sent.status), sent.why, faults[i].why);
		sent_clear(&sent);
	}
}

#define CONTROLLED "envelope.kind: needs CONTROL (kick, timeout, invite, roles)"
#define OURS       "envelope.kind: only Dragoman sends it"
#define NUMBER_53  "not a whole number from 1 to 9007199254740991"
#define STATES     "not one of ONLINE, AWAY, DO_NOT_DISTURB, OFFLINE"

static void kinds_that_cannot_be_published(void **state)
{
	static const struct fault faults[] = {
		{ "{}", "envelope.kind: missing" },
		{ "{\"text\":\"hi\"}", "envelope.kind: missing" },
		{ "{\"kind\":1}", "envelope.kind: not a text" },
		{ "{\"kind\":\"messag\"}", "envelope.kind: \"messag\" is not a kind" },
		{ "{\"kind\":\"\\u0000\\\"\"}", "envelope.kind: \"\\x00\\x22\" is not a kind" },
		{ "{\"kind\":\"kick\"}", CONTROLLED },
		{ "{\"kind\":\"timeout\"}", CONTROLLED },
		{ "{\"kind\":\"invite\"}", CONTROLLED },
		{ "{\"kind\":\"roles\"}", CONTROLLED },
		{ "{\"kind\":\"user_update\"}", CONTROLLED },
		{ "{\"kind\":\"enter\"}", OURS },
		{ "{\"kind\":\"exit\"}", OURS },
		{ "{\"kind\":\"poll_end\"}", OURS },
		{ "{\"kind\":\"opaque\"}", OURS },
	};

	(void)state;
	assert_faults("PUBLISH", TO_ALL, faults, COUNT(faults));
}

static void wrong_fields(void **state)
{
	static const struct fault faults[] = {
		{ "{\"kind\":\"message\"}", "envelope.text: missing" },
		{ "{\"kind\":\"notice\"}", "envelope.text: missing" },
		{ "{\"kind\":\"message\",\"text\":\"\"}", "envelope.text: empty" },
		{ "{\"kind\":\"message\",\"text\":[\"hi\"]}", "envelope.text: not a text" },
		{ "{\"kind\":\"edit\",\"target\":1}", "envelope.text: missing" },
		{ "{\"kind\":\"edit\",\"text\":\"a\"}", "envelope.target: missing" },
		{ "{\"kind\":\"delete\"}", "envelope.target: missing" },
		{ "{\"kind\":\"read\"}", "envelope.target: missing" },
		{ "{\"kind\":\"read\",\"target\":0}", "envelope.target: " NUMBER_53 },
		{ "{\"kind\":\"read\",\"target\":\"5\"}", "envelope.target: " NUMBER_53 },
		{ "{\"kind\":\"read\",\"target\":9007199254740992}",
		  "envelope.target: " NUMBER_53 },
		{ "{\"kind\":\"reaction\",\"text\":\"x\"}", "envelope.target: missing" },
		{ "{\"kind\":\"reaction\",\"target\":1}", "envelope.text: missing" },
		{ "{\"kind\":\"presence\"}", "envelope.text: missing" },
		{ "{\"kind\":\"presence\",\"text\":\"online\"}", "envelope.text: " STATES },
		{ "{\"kind\":\"purge\"}", "envelope.subject: missing" },
		{ "{\"kind\":\"purge\",\"subject\":\"bob\"}", "envelope.subject: not an object" },
		{ "{\"kind\":\"purge\",\"subject\":{}}",
		  "envelope.subject: neither a name nor a number" },
		{ "{\"kind\":\"purge\",\"subject\":{\"name\":\"\"}}",
		  "envelope.subject.name: empty" },
		{ "{\"kind\":\"purge\",\"subject\":{\"number\":-1}}",
		  "envelope.subject.number: not a whole number from 1 to 2147483647" },
		{ "{\"thread\":5}", "envelope.thread: not a text" },
		{ "{\"thread\":\"\"}", "envelope.thread: empty" },
		{ "{\"flags\":\"action\"}", "envelope.flags: not a list" },
		{ "{\"flags\":[1]}", "envelope.flags: not a list of texts" },
		{ "{\"kind\":\"poll_vote\"}", "envelope.choice: missing" },
		{ "{\"choice\":16}", "envelope.choice: not a whole number from 0 to 15" },
		{ "{\"choice\":-1}", "envelope.choice: not a whole number from 0 to 15" },
		{ "{\"kind\":\"message\",\"text\":\"hi\",\"flags\":[\"private\"]}",
		  "envelope.flags: private without \"to\" in meta" },
	};

	(void)state;
	assert_faults("PUBLISH", TO_ALL, faults, COUNT(faults));
}

static void wrong_fields_of_polls(void **state)
{
	static const struct fault faults[] = {
		{ "{\"kind\":\"poll_start\"}", "envelope.poll: missing" },
		{ "{\"poll\":[]}", "envelope.poll: not an object" },
		{ "{\"poll\":{}}", "envelope.poll.question: missing" },
		{ "{\"poll\":{\"question\":\"\"}}", "envelope.poll.question: empty" },
		{ "{\"poll\":{\"question\":\"a\"}}", "envelope.poll.options: missing" },
		{ "{\"poll\":{\"options\":{}}}", "envelope.poll.options: not a list" },
		{ "{\"poll\":{\"options\":[]}}", "envelope.poll.options: fewer than 2" },
		{ "{\"poll\":{\"options\":[{\"text\":\"a\"}]}}",
		  "envelope.poll.options: fewer than 2" },
		{ "{\"poll\":{\"options\":[\"yes\",\"no\"]}}",
		  "envelope.poll.options: not an object" },
		{ "{\"poll\":{\"options\":[{}]}}", "envelope.poll.options.text: missing" },
		{ "{\"poll\":{\"options\":[{\"text\":\"\"}]}}",
		  "envelope.poll.options.text: empty" },
		{ "{\"poll\":{\"options\":[{\"text\":1}]}}",
		  "envelope.poll.options.text: not a text" },
		{ "{\"poll\":{\"question\":\"a\",\"options\":[{\"text\":\"a\"},{\"text\":\"b\"}]}}",
		  "envelope.poll.duration_ms: missing" },
		{ "{\"poll\":{\"duration_ms\":999}}",
		  "envelope.poll.duration_ms: not a whole number from 1000 to 86400000" },
		{ "{\"poll\":{\"duration_ms\":86400001}}",
		  "envelope.poll.duration_ms: not a whole number from 1000 to 86400000" },
	};

	(void)state;
	assert_faults("PUBLISH", TO_ALL, faults, COUNT(faults));
}

static void not_every_kind_can_be_for_one_person(void **state)
{
	static const char *const kinds[] = {
		"{\"kind\":\"clear\"}",
		"{\"kind\":\"typing\"}",
		"{\"kind\":\"delete\",\"target\":1}",
		"{\"kind\":\"edit\",\"target\":1,\"text\":\"a\"}",
		"{\"kind\":\"purge\",\"subject\":{\"number\":1}}",
		"{\"kind\":\"poll_vote\",\"choice\":1}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++)
		assert_faults(
		    "PUBLISH", TO_BOB,
		    &(struct fault){ kinds[i], "envelope.kind: cannot be sent \"to\" one person" },
		    1);
}

static void wrong_changes(void **state)
{
	static const struct fault faults[] = {
		{ "{}", "envelope.text: missing, and flags too" },
		{ "{\"kind\":\"message\"}", "envelope.text: missing, and flags too" },
		{ "{\"text\":null}", "envelope.text: not a text" },
		{ "{\"text\":\"\"}", "envelope.text: empty" },
		{ "{\"flags\":{}}", "envelope.flags: not a list" },
		{ "", "envelope: missing" },
	};
	static const struct fault given = { "{\"text\":\"a\"}",
					    "envelope: goes with the verdict change only" };

	(void)state;
	assert_faults("ANSWER", CHANGE, faults, COUNT(faults));
	assert_faults("ANSWER", "{\"id\":4,\"verdict\":\"allow\"}", &given, 1);
	assert_faults("ANSWER", "{\"id\":4,\"verdict\":\"refuse\"}", &given, 1);
}

/* ---- limits ---- */

/* A text of that many bytes in an envelope like {"kind":"message","text":"..."}. */
static enum wire_status publish_sized(const char *before, size_t bytes, const char *after,
				      char why[WIRE_WHY_MAX])
{
	size_t head = strlen(before), tail = strlen(after);
	char *envelope = malloc(head + bytes + tail);
	enum wire_status status;
	struct sent sent;

	assert_non_null(envelope);
	memcpy(envelope, before, head);
	memset(envelope + head, 'a', bytes);
	memcpy(envelope + head + bytes, after, tail);
	send_frames(&sent, "PUBLISH", SLICE(TO_ALL), slice_span(envelope, head + bytes + tail));
	status = sent.status;
	memcpy(why, sent.why, WIRE_WHY_MAX);
	sent_clear(&sent);
	free(envelope);
	return status;
}

static void assert_limit(const char *before, size_t most, const char *after, const char *why)
{
	char said[WIRE_WHY_MAX];

	assert_int_equal(publish_sized(before, most, after, said), WIRE_OK);
	assert_int_equal(publish_sized(before, most + 1, after, said), WIRE_BAD_FIELD);
	assert_string_equal(said, why);
}

static void texts_have_limits(void **state)
{
	(void)state;
	assert_limit("{\"kind\":\"message\",\"text\":\"", 65536, "\"}",
		     "envelope.text: longer than 65536 bytes");
	assert_limit("{\"kind\":\"message\",\"text\":\"a\",\"thread\":\"", 64, "\"}",
		     "envelope.thread: longer than 64 bytes");
	assert_limit("{\"kind\":\"reaction\",\"target\":1,\"text\":\"", 64, "\"}",
		     "envelope.text: an emoji longer than 64 bytes");
	assert_limit("{\"kind\":\"purge\",\"subject\":{\"name\":\"", 64, "\"}}",
		     "envelope.subject.name: longer than 64 bytes");
	assert_limit("{\"kind\":\"poll_start\",\"poll\":{\"duration_ms\":1000,\"options\":["
		     "{\"text\":\"a\"},{\"text\":\"b\"}],\"question\":\"",
		     65536, "\"}}", "envelope.poll.question: longer than 65536 bytes");
	assert_limit("{\"kind\":\"poll_start\",\"poll\":{\"duration_ms\":1000,\"question\":\"a\","
		     "\"options\":[{\"text\":\"a\"},{\"text\":\"",
		     65536, "\"}]}}", "envelope.poll.options.text: longer than 65536 bytes");
}

static void polls_have_at_most_sixteen_options(void **state)
{
	char envelope[1024] = "{\"kind\":\"poll_start\",\"poll\":{\"duration_ms\":86400000,"
			      "\"question\":\"a\",\"options\":[{\"text\":\"a\"}";
	size_t len;
	struct sent sent;

	(void)state;
	for (size_t i = 1; i < POLL_OPTIONS_MAX; i++)
		strcat(envelope, ",{\"text\":\"a\"}");
	len = strlen(envelope);
	strcpy(envelope + len, "]}}");
	assert_int_equal(publish(&sent, envelope)->poll->option_count, POLL_OPTIONS_MAX);
	sent_clear(&sent);
	strcpy(envelope + len, ",{\"text\":\"a\"}]}}");
	assert_faults("PUBLISH", TO_ALL,
		      &(struct fault){ envelope, "envelope.poll.options: more than 16" }, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(what_is_for_one_person),
		cmocka_unit_test(other_kinds),
		cmocka_unit_test(presence),
		cmocka_unit_test(polls),
		cmocka_unit_test(changes),
		cmocka_unit_test(lone_surrogates_degrade),
		cmocka_unit_test(kinds_that_cannot_be_published),
		cmocka_unit_test(wrong_fields),
		cmocka_unit_test(wrong_fields_of_polls),
		cmocka_unit_test(not_every_kind_can_be_for_one_person),
		cmocka_unit_test(wrong_changes),
		cmocka_unit_test(texts_have_limits),
		cmocka_unit_test(polls_have_at_most_sixteen_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
