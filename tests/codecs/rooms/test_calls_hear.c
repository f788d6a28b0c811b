/* The calling side: what comes in the socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/codecs/rooms/rooms_link.h"
#include "tests/support/codec_probe.h"
#include "tests/support/link_torture.h"

static void messages_are_heard(void **state)
{
	static const struct {
		const char *frame, *told;
	} rows[] = {
		{ MESSAGE("\"17\"", BOB, ""),
		  "heard message id=17 author=" BOB "/bob text=hi time=1571999169000" },
		{ MESSAGE("\"17\"", SELF, ""),
		  "heard message id=17 author=" SELF "/bot text=hi time=1571999169000" },
		/* An id of any type, exactly. */
		{ MESSAGE("9007199254740993", BOB, ""),
		  "heard message id=9007199254740993 author=" BOB
		  "/bob text=hi time=1571999169000" },
		{ MESSAGE("[1,\n2]", BOB, ""),
		  "heard message id=[1, 2] author=" BOB "/bob text=hi time=1571999169000" },
		{ MESSAGE("null", BOB, ""),
		  "heard message author=" BOB "/bob text=hi time=1571999169000" },
		/* In any order, a UUID in any case, times in ms or as text, a content of any type.
		 */
		{ "{\"room_id\":\"93B4B17C-2F9C-4A3C-8EA9-5123B9C34C4B\",\"message_id\":\"x\","
		  "\"user_id\":\"B0B00000-0000-4000-8000-000000000002\",\"content\":17,"
		  "\"time\":\"1571999169123\",\"type\":\"message\"}",
		  "heard message id=x author=" BOB "/bob text=17 time=1571999169123" },
		{ "{\"type\":\"message\",\"content\":\"\\ud83d\",\"user_id\":\"" BOB
		  "\",\"time\":1571999169.5}",
		  "heard message author=" BOB
		  "/bob text=\xef\xbf\xbd degraded time=1571999169000" },
		{ "{\"type\":\"message\",\"content\":null,\"user_id\":\"" BOB
		  "\",\"room_id\":\"" ELSEWHERE "\"}",
		  "heard message room=" ELSEWHERE " author=" BOB "/bob text=" },
		/* What is said besides, but no key. */
		{ MESSAGE("1", BOB, ",\"key\":\"secret\",\"mood\" :{ \"x\":\n1}"),
		  "heard message id=1 author=" BOB "/bob text=hi time=1571999169000 "
		  "extra=\"mood\":{ \"x\": 1}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_heard(*state, rows[i].frame, rows[i].told);
}

static void other_events_are_heard(void **state)
{
	static const struct {
		const char *frame, *told;
	} rows[] = {
		{ "{\"type\":\"read\",\"message_id\":\"17\",\"user_id\":\"" BOB "\"}",
		  "heard read target=17 author=" BOB "/bob" },
		{ "{\"type\":\"read\",\"message_id\":17,\"user_id\":\"" BOB "\",\"device\":\"x\"}",
		  "heard read target=17 author=" BOB "/bob extra=\"device\":\"x\"" },
		{ PERSON("enter", BOB, ROOM),
		  "known " BOB " bob online\nheard enter author=" BOB "/bob" },
		{ PERSON("exit", BOB, ROOM),
		  "known " BOB " bob offline\nheard exit author=" BOB "/bob" },
		{ PERSON("enter", BOB, ELSEWHERE),
		  "heard enter room=" ELSEWHERE " author=" BOB "/bob" },
		{ PERSON("invite", BOB, ELSEWHERE),
		  "heard invite room=" ELSEWHERE " author=" BOB "/bob subject=" SELF "/bot" },
		{ PERSON("invite", BOB, ROOM),
		  "heard invite author=" BOB "/bob subject=" SELF "/bot" },
		{ "{\"type\":\"kick\",\"room_id\":\"" ELSEWHERE "\",\"permanent\":true}",
		  "heard kick room=" ELSEWHERE " subject=" SELF "/bot text= permanent" },
		/* As a server may add. */
		{ "{\"type\":\"kick\",\"room_id\":\"" ROOM "\",\"user_id\":\"" BOB
		  "\",\"message\":\"go\",\"permanent\":false}",
		  "heard kick subject=" BOB "/bob text=go" },
		{ "{\"type\":\"room\",\"name\":\"x\"}",
		  "heard opaque extra={\"type\":\"room\",\"name\":\"x\"}" },
		{ " {\"type\":\"x\",\n\"a\":1}", "heard opaque extra={\"type\":\"x\", \"a\":1}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_heard(*state, rows[i].frame, rows[i].told);
}

/* Then nothing more is heard. */
static void who_is_kicked_is_out(void **state)
{
	struct link_probe *p = *state;

	assert_heard(
	    p, "{\"type\":\"kick\",\"room_id\":\"" ROOM "\",\"message\":\"go\",\"permanent\":true}",
	    "heard kick subject=" SELF "/bot text=go permanent\nrefused banned \"go\"");
	assert_heard(p, "{\"type\":\"kick\",\"room_id\":\"" ROOM "\",\"permanent\":false}",
		     "heard kick subject=" SELF "/bot text=\nrefused not_member");
}

static void pings_are_answered(void **state)
{
	struct link_probe *p = *state;

	assert_heard(p, "{\"type\":\"ping\",\"time\":1571999169}",
		     "send {\"type\":\"pong\",\"time\":1571999169}");
	assert_heard(p, "{\"time\":{\"a\": 1.50},\"type\":\"ping\"}",
		     "send {\"type\":\"pong\",\"time\":{\"a\": 1.50}}");
	assert_heard(p, "{\"type\":\"ping\"}", "send {\"type\":\"pong\",\"time\":null}");
	assert_heard(p, "{\"type\":\"pong\",\"time\":1}", "");
	assert_string_equal(link_probe_keepalive(p),
			    "frame {\"type\":\"ping\",\"time\":1795289388} (sent)");
}

static void other_texts_are_none(void **state)
{
	static const struct {
		const char *frame;
		enum reason reason;
	} rows[] = {
		{ "", REASON_MALFORMED },
		{ "null", REASON_MALFORMED },
		{ "{\"type\":null}", REASON_MALFORMED },
		{ "{\"type\":\"message\"", REASON_MALFORMED },
		{ "{\"type\":\"message\",\"content\":\"x\"}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"message\",\"user_id\":null}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"message\",\"user_id\":\"x\",\"message_id\":"
		  "\"01234567890123456789012345678901234567890123456789012345678901234\"}",
		  REASON_BAD_ARGUMENT },
		{ "{\"type\":\"read\",\"user_id\":\"x\"}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"read\",\"message_id\":\"x\"}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"enter\",\"room_id\":\"" ROOM "\"}", REASON_BAD_ARGUMENT },
		{ "{\"type\":\"invite\"}", REASON_BAD_ARGUMENT },
	};
	struct link_probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(link_probe_hear_text(p, rows[i].frame), rows[i].reason);
		assert_string_equal(link_probe_told(p), "");
	}
}

/* ---- our own serving side is such a server ---- */

/* Who a number is in the server's frames, and known to the link by that. */
static void introduce(struct link_probe *p, const struct probe *server, uint32_t number,
		      const char *name)
{
	char id[UUID_TEXT_LEN + 1], frame[160], body[160];

	uuid_print(probe_person(server, number, name).uuid, id);
	id[UUID_TEXT_LEN] = '\0';
	snprintf(frame, sizeof(frame), "{\"type\":\"enter\",\"user_id\":\"%s\",\"room_id\":\"%s\"}",
		 id, ROOM);
	(void)link_probe_hear_text(p, frame);
	snprintf(body, sizeof(body), "{\"user_id\":\"%s\",\"username\":\"%s\"}", id, name);
	link_probe_answered(p, NULL, 9, 200, body);
	(void)link_probe_told(p);
}

static struct envelope served(const struct probe *server, enum envelope_kind kind, const char *text)
{
	return (struct envelope){ .kind = kind,
				  .id = 4503599627370497,
				  .time_ms = PROBE_NOW,
				  .author = probe_person(server, 5, "ann"),
				  .subject = probe_person(server, 6, "cid"),
				  .target = 1234,
				  .text = slice_of(text),
				  .extra = SLICE("\"x\":1"),
				  .origin = { .dialect = SLICE("rooms") } };
}

/* told: with "%s" for who did it. */
static void assert_comes_back(struct link_probe *p, struct probe *server,
			      const struct envelope *event, enum audience audience,
			      const char *told)
{
	char id[UUID_TEXT_LEN + 1], wanted[256];
	const char *frame = probe_encode(server, event, audience), *at = strstr(told, "%s");
	int before = at ? (int)(at - told) : (int)strlen(told);

	uuid_print(event->author.uuid, id);
	id[UUID_TEXT_LEN] = '\0';
	assert_non_null(frame);
	snprintf(wanted, sizeof(wanted), "%.*s%s%s", before, told, at ? id : "", at ? at + 2 : "");
	assert_int_equal(link_probe_hear_text(p, frame), REASON_NONE);
	at = strstr(link_probe_told(p), "heard");
	assert_non_null(at);
	assert_string_equal(at, wanted);
}

static void what_we_serve_is_heard_alike(void **state)
{
	struct link_probe *p = *state;
	static struct probe server;
	struct envelope event;

	probe_open(&server, &codec_rooms);
	introduce(p, &server, 5, "ann");
	event = served(&server, KIND_MESSAGE, "h\"i \xf0\x9f\x98\x82");
	assert_comes_back(p, &server, &event, AUDIENCE_OTHERS,
			  "heard message id=4503599627370497 author=%s/ann "
			  "text=h\"i \xf0\x9f\x98\x82 time=1795289388000 extra=\"x\":1");
	event = served(&server, KIND_READ, "");
	assert_comes_back(p, &server, &event, AUDIENCE_OTHERS,
			  "heard read target=1234 author=%s/ann extra=\"x\":1");
	event = served(&server, KIND_ENTER, "");
	assert_comes_back(p, &server, &event, AUDIENCE_OTHERS,
			  "heard enter author=%s/ann extra=\"x\":1");
	event = served(&server, KIND_EXIT, "");
	assert_comes_back(p, &server, &event, AUDIENCE_OTHERS,
			  "heard exit author=%s/ann extra=\"x\":1");
	event = served(&server, KIND_INVITE, "");
	assert_comes_back(p, &server, &event, AUDIENCE_SUBJECT,
			  "heard invite author=%s/ann subject=" SELF "/bot extra=\"x\":1");
	event = served(&server, KIND_KICK, "go");
	event.flags = FLAG_PERMANENT;
	assert_comes_back(p, &server, &event, AUDIENCE_SUBJECT,
			  "heard kick subject=" SELF "/bot text=go permanent extra=\"x\":1\n"
			  "refused banned \"go\"");
	event = served(&server, KIND_OPAQUE, "");
	event.extra = SLICE("{\"type\":\"room\"}");
	assert_comes_back(p, &server, &event, AUDIENCE_OTHERS,
			  "heard opaque extra={\"type\":\"room\"}");
	event.origin.dialect = SLICE("concord");
	assert_null(probe_encode(&server, &event, AUDIENCE_OTHERS));
	probe_close(&server);
}

/* ---- whatever comes ---- */

static void broken_frames_do_no_harm(void **state)
{
	static const char *const frames[] = {
		MESSAGE("\"17\"", BOB, ",\"mood\":[1,\n{}]"),
		MESSAGE("17", SELF, ""),
		"{\"type\":\"read\",\"message_id\":\"17\",\"user_id\":\"" BOB "\"}",
		PERSON("enter", EVE, ROOM),
		PERSON("exit", BOB, ROOM),
		PERSON("invite", BOB, ELSEWHERE),
		"{\"type\":\"kick\",\"room_id\":\"" ROOM
		"\",\"message\":\"g\\u00e9\",\"permanent\":true}",
		"{\"type\":\"ping\",\"time\":5}",
		ERROR("muted", "you are muted"),
		"{\"type\":\"unknown\",\"a\":{\"b\":1}}",
	};

	for (size_t i = 0; i < COUNT(frames); i++)
		link_torture(*state, frames[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_are_heard),       TEST(other_events_are_heard),
		TEST(who_is_kicked_is_out),     TEST(pings_are_answered),
		TEST(other_texts_are_none),     TEST(what_we_serve_is_heard_alike),
		TEST(broken_frames_do_no_harm),
	};

	return cmocka_run_group_tests_name("codecs/rooms/calls_hear", tests, NULL, NULL);
}
