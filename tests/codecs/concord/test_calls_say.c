/* The calling side: how something is said, and whether it was taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/codecs/concord/concord_link.h"
#include "tests/support/call_probe.h"

/* ---- said ---- */

static void assert_says(struct link_probe *p, const struct envelope *event, const char *text,
			const char *target, const char *wanted)
{
	struct call_said said = said_of(event, text, target);

	assert_string_equal(link_probe_say(p, &said), wanted);
}

static void everything_is_said_in_its_way(void **state)
{
	struct link_probe *p = *state;
	struct envelope event = { .kind = KIND_MESSAGE, .text = SLICE("not this") };

	assert_says(p, &event, "h\"i\n\xc3\xa9", NULL,
		    "request 6 POST /api/channels/" CHANNEL
		    "/chats {\"content\":\"h\\\"i\\n\xc3\xa9\","
		    "\"sentAt\":" NOW ",\"threadId\":null}" BEARER " (answer) echoes");
	event.client_time_ms = 123;
	event.thread = SLICE("77");
	assert_says(p, &event, "x", NULL,
		    "request 6 POST /api/channels/" CHANNEL
		    "/chats {\"content\":\"x\",\"sentAt\":123,"
		    "\"threadId\":77}" BEARER " (answer) echoes");
	event.thread = SLICE("a thread of another dialect");
	event.kind = KIND_TYPING;
	assert_says(p, &event, NULL, NULL,
		    "frame {\"type\":\"chat_typing\",\"channelId\":" CHANNEL
		    ",\"threadId\":null,\"sentAt\":123} (sent) echoes");
	event.kind = KIND_EDIT;
	assert_says(p, &event, "new", "9007199254740993",
		    "request 6 PATCH /api/chats/9007199254740993 {\"content\":\"new\"}" BEARER
		    " (answer) echoes");
	event.kind = KIND_DELETE;
	assert_says(p, &event, NULL, "9007199254740993",
		    "request 6 DELETE /api/chats/9007199254740993" BEARER " (answer) echoes");
	event.kind = KIND_REACTION;
	event.text = SLICE("\xf0\x9f\x98\x82");
	assert_says(p, &event, NULL, "5",
		    "request 6 POST /api/chats/5/reactions {\"reaction\":\"\xf0\x9f\x98\x82\","
		    "\"adding\":false}" BEARER " (answer)");
	event.flags = FLAG_ADDING;
	assert_says(p, &event, NULL, "5",
		    "request 6 POST /api/chats/5/reactions {\"reaction\":\"\xf0\x9f\x98\x82\","
		    "\"adding\":true}" BEARER " (answer)");
}

/* What would end a session there, or be nothing, is not sent. */
static void what_cannot_be_said_is_not(void **state)
{
	static const struct {
		enum envelope_kind kind;
		uint32_t flags;
		const char *text, *target, *said;
	} rows[] = {
		{ KIND_MESSAGE, 0, "", NULL, "nothing empty" },
		{ KIND_MESSAGE, FLAG_PRIVATE, "x", NULL, "nothing not_private" },
		{ KIND_EDIT, 0, "", "5", "nothing empty" },
		{ KIND_EDIT, 0, "x", NULL, "nothing unknown_message" },
		{ KIND_EDIT, 0, "x", "0", "nothing unknown_message" },
		{ KIND_DELETE, 0, NULL, "5/../6", "nothing unknown_message" },
		{ KIND_DELETE, 0, NULL, "9223372036854775808", "nothing unknown_message" },
		{ KIND_REACTION, 0, NULL, "-5", "nothing unknown_message" },
		{ KIND_REACTION, 0, NULL, "5", "nothing empty" },
		{ KIND_KICK, 0, NULL, NULL, "nothing unsupported" },
		{ KIND_OPAQUE, 0, NULL, NULL, "nothing unsupported" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct envelope event = { .kind = rows[i].kind, .flags = rows[i].flags };

		assert_says(*state, &event, rows[i].text, rows[i].target, rows[i].said);
	}
}

static void answers_settle(void **state)
{
	static const struct {
		enum envelope_kind kind;
		unsigned status;
		const char *body, *told;
	} rows[] = {
		{ KIND_MESSAGE, 200, "{\"id\":9007199254740993,\"authorId\":5}",
		  "settled 7 none id=9007199254740993" },
		{ KIND_MESSAGE, 201, "{\"id\":\"12\"}", "settled 7 none id=12" },
		{ KIND_MESSAGE, 200, "", "settled 7 none" },
		{ KIND_MESSAGE, 200, "{\"id\":[]}", "settled 7 none" },
		{ KIND_EDIT, 200, "{\"id\":12}", "settled 7 none" },
		{ KIND_DELETE, 200, "", "settled 7 none" },
		{ KIND_MESSAGE, 400, SPRING("400", "Bad Request", "Unknown channel id."),
		  "settled 7 refused \"Unknown channel id.\"" },
		{ KIND_MESSAGE, 404, "", "settled 7 unknown_room" },
		{ KIND_EDIT, 404, SPRING("404", "Not Found", "Chat not found."),
		  "settled 7 unknown_message \"Chat not found.\"" },
		{ KIND_EDIT, 403, "", "settled 7 no_right" },
		{ KIND_DELETE, 401, "", "settled 7 bad_login" },
		{ KIND_REACTION, 429, "slower", "settled 7 rate_limited" },
		{ KIND_MESSAGE, 413, "", "settled 7 too_long" },
		{ KIND_MESSAGE, 500, "{\"message\":17}", "settled 7 no_answer \"17\"" },
		{ KIND_MESSAGE, 0, "", "settled 7 no_answer \"it cannot be reached\"" },
	};
	struct link_probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct envelope event = { .kind = rows[i].kind };
		struct call_said said = said_of(&event, "x", "5");

		link_probe_answered(p, &said, 6, rows[i].status, rows[i].body);
		assert_string_equal(link_probe_told(p), rows[i].told);
	}
}

/* ---- our own serving side is such a server ---- */

/* Splits "request 6 METHOD TARGET[ BODY] [Bearer ..." and asks our door; what it makes of it is in
 * d->want. */
static void ask_door(struct call_probe *d, const char *said)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };
	static const struct codec_told nothing;
	static char target[256], body[512];
	char name[8];
	int at = 0;
	size_t method = 0, len;

	assert_int_equal(sscanf(said, "request 6 %7s %255s %n", name, target, &at), 2);
	while (strcmp(methods[method], name) != 0)
		assert_true(++method < CALL_METHODS);
	len = (size_t)(strstr(said + at, BEARER + 1) - (said + at));
	assert_true(len < sizeof(body));
	memcpy(body, said + at, len);
	body[len > 0 ? len - 1 : 0] = '\0';
	call_probe_ask(d, (enum call_method)method, target, *body ? body : NULL);
	call_probe_step(d, &nothing);
	assert_int_equal(d->answer.status, 0);
	assert_int_equal(d->want.kind, WANT_DRAFT);
}

static void our_door_takes_what_is_said(void **state)
{
	static struct call_probe d;
	struct link_probe *p = *state;
	struct envelope event = { .kind = KIND_MESSAGE,
				  .client_time_ms = 55,
				  .thread = SLICE("77") };
	struct call_said said = said_of(&event, "h\"i \xc3\xa9", "1234");

	call_probe_open(&d, &codec_concord);
	ask_door(&d, link_probe_say(p, &said));
	assert_int_equal(d.want.draft.event.kind, KIND_MESSAGE);
	assert_int_equal(d.want.draft.room_number, 235009133105909761);
	assert_true(slice_is(d.want.draft.event.text, "h\"i \xc3\xa9"));
	assert_true(slice_is(d.want.draft.event.thread, "77"));
	assert_int_equal(d.want.draft.event.client_time_ms, 55);
	event.kind = KIND_EDIT;
	ask_door(&d, link_probe_say(p, &said));
	assert_int_equal(d.want.draft.event.kind, KIND_EDIT);
	assert_int_equal(d.want.draft.event.target, 1234);
	assert_true(slice_is(d.want.draft.event.text, "h\"i \xc3\xa9"));
	event.kind = KIND_DELETE;
	ask_door(&d, link_probe_say(p, &said));
	assert_int_equal(d.want.draft.event.kind, KIND_DELETE);
	assert_int_equal(d.want.draft.event.target, 1234);
	event.kind = KIND_REACTION;
	event.text = SLICE(":+1:");
	for (unsigned i = 0; i < 2; i++) {
		event.flags = i ? FLAG_ADDING : 0;
		ask_door(&d, link_probe_say(p, &said));
		assert_int_equal(d.want.draft.event.kind, KIND_REACTION);
		assert_int_equal(d.want.draft.event.flags, event.flags);
		assert_true(slice_is(d.want.draft.event.text, ":+1:"));
	}
	call_probe_close(&d);
}

/* The frame between "frame " and " (" of what was said. */
static enum reason serve(struct probe *server, const char *said)
{
	const char *end = strstr(said, " (");

	assert_int_equal(strncmp(said, "frame ", 6), 0);
	return probe_decode(server, slice_span(said + 6, (size_t)(end - said) - 6));
}

static void our_socket_takes_what_is_said(void **state)
{
	static struct probe server;
	struct link_probe *p = *state;
	struct envelope event = { .kind = KIND_TYPING, .thread = SLICE("77") };
	struct call_said said = said_of(&event, NULL, NULL);

	probe_open(&server, &codec_concord);
	assert_int_equal(serve(&server, link_probe_say(p, &said)), REASON_NONE);
	assert_int_equal(server.draft->kind, KIND_TYPING);
	assert_int_equal(server.room_number, 235009133105909761);
	assert_true(slice_is(server.draft->thread, "77"));
	/* What it sends back is not returned once more. */
	assert_int_equal(serve(&server, link_probe_keepalive(p)), REASON_NONE);
	assert_heard(p, probe_answer(&server), "");
	probe_close(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_is_said_in_its_way),
		TEST(what_cannot_be_said_is_not),
		TEST(answers_settle),
		TEST(our_door_takes_what_is_said),
		TEST(our_socket_takes_what_is_said),
	};

	return cmocka_run_group_tests_name("codecs/concord/calls_say", tests, NULL, NULL);
}
