#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "tests/support/codec_probe.h"
#include "tests/support/link_torture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEN          "0123456789"

static const struct call_account bot = { .url = { "http://chat.example:8080", 24 },
					 .user = { "bot", 3 },
					 .secret = { "x", 1 } };

static int open_link(void **state)
{
	static struct link_probe probe;
	static const char *const nothing[] = { NULL };

	link_probe_open(&probe, &codec_simple, &bot);
	link_probe_log_in(&probe, nothing);
	*state = &probe;
	return 0;
}

static int close_link(void **state)
{
	link_probe_close(*state);
	return 0;
}

static void assert_told(struct link_probe *p, const char *frame, const char *lines)
{
	assert_int_equal(link_probe_hear_text(p, frame), REASON_NONE);
	assert_string_equal(link_probe_told(p), lines);
}

/* ---- the login ---- */

static void assert_plan(const struct call_account *account, const char *expected)
{
	struct link_probe p;

	link_probe_open(&p, &codec_simple, account);
	assert_string_equal(link_probe_plan(&p), expected);
	link_probe_close(&p);
}

static void name_and_password_are_in_the_upgrade(void **state)
{
	struct call_account account = bot;

	(void)state;
	assert_plan(&account, "connect ws://chat.example:8080/ [Basic Ym90Ong=]");
	account.secret = (struct slice){ NULL, 0 };
	account.url = SLICE("https://chat.example/simple?a=b");
	assert_plan(&account, "connect wss://chat.example/simple?a=b [Basic Ym90Og==]");
	account.socket_path = SLICE("/other");
	account.user = SLICE("Zo\xc3\xab");
	assert_plan(&account, "connect wss://chat.example/other [Basic Wm/Dqzo=]");
	/* As our own server reads it. */
	account.user = SLICE("a");
	account.secret = SLICE(":b:");
	assert_plan(&account, "connect wss://chat.example/other [Basic YTo6Yjo=]");
}

static void nobody_is_not_let_in(void **state)
{
	struct call_account account = bot;

	(void)state;
	account.user = (struct slice){ NULL, 0 };
	assert_plan(&account,
		    "refused bad_login \"a simple server lets nobody in without a name\"");
	account.user = SLICE("a:b");
	assert_plan(&account, "refused bad_login \"a name at a simple server has no colon\"");
}

static void there_is_one_room(void **state)
{
	const char *why;

	(void)state;
	assert_true(codec_simple.calls->room_allowed((struct slice){ NULL, 0 }, &why));
	assert_false(codec_simple.calls->room_allowed(SLICE("lobby"), &why));
	assert_string_equal(why, "a simple server has one room, without a name");
}

static void who_is_let_in_is_up(void **state)
{
	assert_string_equal(link_probe_told(*state), "up bot bot");
}

/* ---- what came ---- */

static void the_documents_frames_are_heard(void **state)
{
	struct link_probe *p = *state;

	(void)link_probe_told(p);
	assert_told(p,
		    "{\"type\":\"user_connected\",\"timestamp\":1795289388027,"
		    "\"username\":\"alice\"}",
		    "known alice alice online\n"
		    "heard enter author=alice/alice time=1795289388027");
	assert_told(p,
		    "{\"type\":\"message_sent\",\"message\":\"hello\",\"timestamp\":1795289388366,"
		    "\"username\":\"alice\"}",
		    "heard message author=alice/alice text=hello time=1795289388366");
	assert_told(p,
		    "{\"type\":\"user_disconnected\",\"timestamp\":1795289388400,"
		    "\"username\":\"alice\"}",
		    "known alice alice offline\n"
		    "heard exit author=alice/alice time=1795289388400");
	assert_told(p,
		    "{\"type\":\"message_sent\",\"message\":\"bye\",\"timestamp\":1,"
		    "\"username\":null}",
		    "heard notice text=bye time=1");
	assert_told(p, "{\"type\":\"reply\",\"payload_id\":\"1\",\"error\":null}",
		    "settled 1 none");
	assert_told(p, "{\"type\":\"reply\",\"payload_id\":\"2\",\"error\":\"malformed_payload\"}",
		    "settled 2 bad_argument \"malformed_payload\"");
	assert_told(p, "{\"type\":\"reply\",\"payload_id\":null,\"error\":\"malformed_payload\"}",
		    "");
}

static void odd_frames_are_heard(void **state)
{
	struct link_probe *p = *state;

	(void)link_probe_told(p);
	/* No time, no name; whoever has none is not taken for the server. */
	assert_told(p, " {\"message\":\"a\\u0001\\ud800\", \"type\":\"message\\u005fsent\"} ",
		    "heard notice text=a\x01\xef\xbf\xbd degraded");
	assert_told(p, "{\"type\":\"message_sent\",\"message\":\"\",\"username\":\"\"}",
		    "heard message author=?/? text=");
	assert_told(p, "{\"type\":\"message_sent\",\"message\":\"x\",\"username\":7}",
		    "heard message author=7/7 text=x");
	/* Ids as numbers, errors of other forms. */
	assert_told(p, "{\"type\":\"reply\",\"payload_id\":17}", "settled 17 none");
	assert_told(p, "{\"type\":\"reply\",\"payload_id\":17,\"error\":\"\"}", "settled 17 none");
	assert_told(p, "{\"type\":\"reply\",\"payload_id\":17,\"error\":false}", "settled 17 none");
	assert_told(p, "{\"type\":\"reply\",\"payload_id\":17,\"error\":\"muted\"}",
		    "settled 17 muted \"muted\"");
	assert_told(p,
		    "{\"type\":\"reply\",\"payload_id\":17,\"error\":{\"code\":9,"
		    "\"message\":\"no\"}}",
		    "settled 17 refused \"no\"");
	assert_told(p, "{\"type\":\"reply\",\"payload_id\":17,\"error\":4}",
		    "settled 17 refused \"4\"");
	assert_told(p, "{\"type\":\"reply\",\"payload_id\":\"ours?\",\"error\":null}", "");
}

/* The real server lets in whoever has a name: one that is too long for an id, or holds a NUL, is
 * heard all the same, and is always the same person. */
static void names_that_are_no_ids_are_heard(void **state)
{
	static const char seventy[] = TEN TEN TEN TEN TEN TEN TEN;
	struct call_account account = bot;
	struct link_probe *p = *state, other;
	char line[512];

	(void)link_probe_told(p);
	snprintf(line, sizeof(line), "heard message author=%.40s~%016" PRIx64 "/%s text=x", seventy,
		 slice_fnv(slice_of(seventy)), seventy);
	assert_told(p,
		    "{\"type\":\"message_sent\",\"message\":\"x\",\"username\":\"" TEN TEN TEN TEN
			TEN TEN TEN "\"}",
		    line);
	(void)link_probe_hear_text(
	    p, "{\"type\":\"message_sent\",\"message\":\"x\",\"username\":\"a\\u0000b\"}");
	snprintf(line, sizeof(line), "heard message author=a~%016" PRIx64 "/a",
		 slice_fnv(slice_span("a\0b", 3)));
	assert_string_equal(link_probe_told(p), line);
	/* So are we. */
	account.user = slice_of(seventy);
	link_probe_open(&other, &codec_simple, &account);
	link_probe_log_in(&other, (const char *const[]){ NULL });
	snprintf(line, sizeof(line), "up %.40s~%016" PRIx64 " %s", seventy,
		 slice_fnv(slice_of(seventy)), seventy);
	assert_string_equal(link_probe_told(&other), line);
	link_probe_close(&other);
}

static void what_is_not_modelled_is_kept(void **state)
{
	struct link_probe *p = *state;
	char text[CALL_EXTRA_MAX + 100];

	(void)link_probe_told(p);
	assert_told(p,
		    "{\"type\":\"message_sent\",\"colour\":\"red\",\"message\":\"x\",\n"
		    "\"timestamp\":1,\"username\":\"a\",\"\\u006dessage\\\"\":1,\n\"n\":[1,\n2]}",
		    "heard message author=a/a text=x time=1 extra=\"colour\":\"red\",\"n\":[1, 2]");
	assert_told(p, "{\"type\":\"typing\",\n\"username\":\"a\"}",
		    "heard opaque extra={\"type\":\"typing\", \"username\":\"a\"}");
	snprintf(text, sizeof(text), "{\"type\":\"typing\",\"x\":\"%0*d\"}", CALL_EXTRA_MAX, 0);
	assert_int_equal(link_probe_hear_text(p, text), REASON_UNKNOWN_VERB);
}

static void other_texts_are_no_frames(void **state)
{
	static const struct {
		const char *text;
		enum reason reason;
	} rows[] = {
		{ "", REASON_MALFORMED },
		{ "hello", REASON_MALFORMED },
		{ "null", REASON_MALFORMED },
		{ "[]", REASON_MALFORMED },
		{ "\"message_sent\"", REASON_MALFORMED },
		{ "{}", REASON_MALFORMED },
		{ "{\"type\":7}", REASON_MALFORMED },
		{ "{\"type\":\"message_sent\",\"username\":\"a\"}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"message_sent\",\"message\":1,\"username\":\"a\"}",
		  REASON_BAD_ARGUMENT },
		{ "{\"type\":\"user_connected\"}", REASON_BAD_ARGUMENT },
	};
	struct link_probe *p = *state;

	(void)link_probe_told(p);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(link_probe_hear_text(p, rows[i].text), rows[i].reason);
	assert_string_equal(link_probe_told(p), "");
}

static void broken_frames_do_no_harm(void **state)
{
	static const char *const frames[] = {
		"{\"type\":\"user_connected\",\"timestamp\":1,\"username\":\"al\\u0069ce\"}",
		"{\"type\":\"user_disconnected\",\"timestamp\":1,\"username\":\"alice\"}",
		"{\"type\":\"message_sent\",\"message\":\"h\\ud800i\",\"timestamp\":1,"
		"\"username\":\"al\\u0069ce\",\"x\":{\"\\u0061\":1}}",
		"{\"type\":\"reply\",\"payload_id\":\"1\",\"error\":{\"message\":\"\\u0061\"}}",
		"{\"type\":\"st\\u0061tistics\",\"users\":5}",
	};

	for (size_t i = 0; i < COUNT(frames); i++)
		link_torture(*state, frames[i]);
	assert_true(((struct link_probe *)*state)->heard > 0);
}

/* ---- what we say ---- */

static void messages_are_said(void **state)
{
	struct envelope event = { .kind = KIND_MESSAGE };
	struct call_said said = { .serial = 17, .event = &event, .text = SLICE("a \"b\"\n\0c") };

	assert_string_equal(link_probe_say(*state, &said),
			    "frame {\"type\":\"send_message\",\"payload_id\":\"17\","
			    "\"message\":\"a \\\"b\\\"\\n\\u0000c\"} (reply) echoes");
	said.text = SLICE("");
	said.serial = INT32_MAX;
	assert_string_equal(link_probe_say(*state, &said),
			    "frame {\"type\":\"send_message\",\"payload_id\":\"2147483647\","
			    "\"message\":\"\"} (reply) echoes");
	event.flags = FLAG_PRIVATE;
	assert_string_equal(link_probe_say(*state, &said), "nothing not_private");
	event = (struct envelope){ .kind = KIND_DELETE };
	assert_string_equal(link_probe_say(*state, &said), "nothing unsupported");
}

/* ---- both sides ---- */

static void what_we_say_another_of_us_reads(void **state)
{
	struct envelope event = { .kind = KIND_MESSAGE };
	struct call_said said = { .serial = 5, .event = &event, .text = SLICE("h\xc3\xa9 \"\\") };
	const char *frame = link_probe_say(*state, &said);
	static struct probe serving;
	char text[200];

	probe_open(&serving, &codec_simple);
	snprintf(text, sizeof(text), "%.*s", (int)(strchr(frame, '}') + 1 - (frame + 6)),
		 frame + 6);
	assert_int_equal(probe_decode_text(&serving, text), REASON_NONE);
	assert_int_equal(serving.draft->kind, KIND_MESSAGE);
	assert_true(slice_equal(serving.draft->text, said.text));
	(void)link_probe_told(*state);
	assert_told(*state, probe_reply(&serving, REPLY_DONE, REASON_NONE), "settled 5 none");
	assert_told(*state, probe_reply(&serving, REPLY_REFUSED, REASON_MUTED),
		    "settled 5 muted \"muted\"");
	probe_close(&serving);
}

static void what_another_of_us_says_is_heard(void **state)
{
	static const struct {
		enum envelope_kind kind;
		const char *lines;
	} rows[] = {
		{ KIND_MESSAGE, "heard message author=bob/bob text=hi time=1795289388027" },
		{ KIND_NOTICE, "heard notice text=hi time=1795289388027" },
		{ KIND_ENTER,
		  "known bob bob online\nheard enter author=bob/bob time=1795289388027" },
		{ KIND_EXIT,
		  "known bob bob offline\nheard exit author=bob/bob time=1795289388027" },
		{ KIND_KICK,
		  "known cid cid offline\nheard exit author=cid/cid time=1795289388027" },
	};
	static struct probe serving;

	probe_open(&serving, &codec_simple);
	(void)link_probe_told(*state);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct envelope event = { .kind = rows[i].kind,
					  .id = 123,
					  .time_ms = PROBE_NOW,
					  .author = probe_person(&serving, 43, "bob"),
					  .subject = probe_person(&serving, 44, "cid"),
					  .text = SLICE("hi") };
		const char *frame = probe_encode(&serving, &event, AUDIENCE_OTHERS);

		assert_non_null(frame);
		assert_told(*state, frame, rows[i].lines);
	}
	probe_close(&serving);
}

/* What a server says besides, our clients of the dialect are told; others are not. */
static void what_it_says_besides_is_told_on(void **state)
{
	static const char said[] = "{\"type\":\"message_sent\",\"message\":\"x\",\"timestamp\":"
				   "1795289388027,\"username\":\"bob\",\"colour\":\"red\"}";
	static struct probe serving;
	struct link_probe *p = *state;
	struct envelope event;

	probe_open(&serving, &codec_simple);
	assert_int_equal(link_probe_hear_text(p, said), REASON_NONE);
	event = *p->event;
	event.time_ms = PROBE_NOW;
	event.author = probe_person(&serving, 43, "bob");
	event.origin.dialect = SLICE("simple");
	assert_string_equal(probe_encode(&serving, &event, AUDIENCE_OTHERS), said);
	event.origin.dialect = SLICE("mixer");
	assert_null(strstr(probe_encode(&serving, &event, AUDIENCE_OTHERS), "colour"));
	event = (struct envelope){ .kind = KIND_OPAQUE,
				   .extra = SLICE("{\"type\":\"x\"}"),
				   .origin.dialect = SLICE("simple") };
	assert_string_equal(probe_encode(&serving, &event, AUDIENCE_OTHERS), "{\"type\":\"x\"}");
	event.origin.dialect = SLICE("mixer");
	assert_null(probe_encode(&serving, &event, AUDIENCE_OTHERS));
	probe_close(&serving);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_and_password_are_in_the_upgrade),
		cmocka_unit_test(nobody_is_not_let_in),
		cmocka_unit_test(there_is_one_room),
		cmocka_unit_test_setup_teardown(who_is_let_in_is_up, open_link, close_link),
		cmocka_unit_test_setup_teardown(the_documents_frames_are_heard, open_link,
						close_link),
		cmocka_unit_test_setup_teardown(odd_frames_are_heard, open_link, close_link),
		cmocka_unit_test_setup_teardown(names_that_are_no_ids_are_heard, open_link,
						close_link),
		cmocka_unit_test_setup_teardown(what_is_not_modelled_is_kept, open_link,
						close_link),
		cmocka_unit_test_setup_teardown(other_texts_are_no_frames, open_link, close_link),
		cmocka_unit_test_setup_teardown(broken_frames_do_no_harm, open_link, close_link),
		cmocka_unit_test_setup_teardown(messages_are_said, open_link, close_link),
		cmocka_unit_test_setup_teardown(what_we_say_another_of_us_reads, open_link,
						close_link),
		cmocka_unit_test_setup_teardown(what_another_of_us_says_is_heard, open_link,
						close_link),
		cmocka_unit_test_setup_teardown(what_it_says_besides_is_told_on, open_link,
						close_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
