/* The calling side: how something is said, and whether it was taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/codecs/rooms/rooms_link.h"
#include "tests/support/call_probe.h"

static const char *say(struct link_probe *p, uint64_t serial, const struct envelope *event,
		       const char *text, const char *target, const char *subject)
{
	struct call_said said = said_of(serial, event, text);

	said.target = slice_of(target);
	said.subject.id = slice_of(subject);
	return link_probe_say(p, &said);
}

static void say_text(struct link_probe *p, uint64_t serial, const char *text)
{
	struct envelope event = { .kind = KIND_MESSAGE };

	assert_int_equal(strncmp(say(p, serial, &event, text, NULL, NULL), "frame", 5), 0);
}

/* ---- said ---- */

static void everything_is_said_in_its_way(void **state)
{
	struct link_probe *p = *state;
	struct envelope event = { .kind = KIND_MESSAGE, .text = SLICE("not this") };

	assert_string_equal(say(p, 7, &event, "h\"i\n\xc3\xa9", NULL, NULL),
			    "frame {\"type\":\"message\",\"key\":\"" KEY
			    "\",\"content\":\"h\\\"i\\n\xc3\xa9\",\"room_id\":\"" ROOM
			    "\"} (echo) echoes");
	event.kind = KIND_READ;
	assert_string_equal(say(p, 7, &event, NULL, "17", NULL),
			    "frame {\"type\":\"read\",\"message_id\":\"17\",\"room_id\":\"" ROOM
			    "\"} (sent) echoes");
	event.kind = KIND_INVITE;
	assert_string_equal(say(p, 7, &event, NULL, NULL, BOB),
			    "frame {\"type\":\"invite\",\"key\":\"" KEY "\",\"user_id\":\"" BOB
			    "\",\"room_id\":\"" ROOM "\"} (sent)");
	event.kind = KIND_KICK;
	assert_string_equal(say(p, 7, &event, NULL, NULL, BOB),
			    "request 6 DELETE /room/" ROOM "/users?key=" KEY " {\"user_id\":\"" BOB
			    "\"} (answer)");
	event.flags = FLAG_PERMANENT;
	assert_string_equal(say(p, 7, &event, NULL, NULL, BOB),
			    "request 6 PUT /room/" ROOM "/bans?key=" KEY " {\"user_id\":\"" BOB
			    "\"} (answer)");
}

/* As it came. */
static void ids_go_back_in_their_type(void **state)
{
	static const struct {
		const char *came, *target, *goes;
	} rows[] = {
		{ "\"17\"", "17", "\"message_id\":\"17\"," },
		{ "17", "17", "\"message_id\":17," },
		{ "17", "9007199254740993", "\"message_id\":9007199254740993," },
		{ "17", "017", "\"message_id\":\"017\"," },
		{ "17", "x\"", "\"message_id\":\"x\\\"\"," },
		{ "17", "0", "\"message_id\":0," },
		{ "\"x\"", "0", "\"message_id\":\"0\"," },
	};
	struct link_probe *p = *state;
	struct envelope event = { .kind = KIND_READ };
	char frame[256];

	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(frame, sizeof(frame),
			 "{\"type\":\"read\",\"message_id\":%s,\"user_id\":\"" BOB "\"}",
			 rows[i].came);
		assert_int_equal(link_probe_hear_text(p, frame), REASON_NONE);
		assert_non_null(
		    strstr(say(p, 7, &event, NULL, rows[i].target, NULL), rows[i].goes));
	}
}

static void what_cannot_be_said_is_not(void **state)
{
	static const struct {
		enum envelope_kind kind;
		uint32_t flags;
		const char *text, *said;
	} rows[] = {
		{ KIND_MESSAGE, 0, "", "nothing empty" },
		{ KIND_MESSAGE, FLAG_PRIVATE, "x", "nothing not_private" },
		{ KIND_READ, 0, NULL, "nothing unknown_message" },
		{ KIND_INVITE, 0, NULL, "nothing unknown_person" },
		{ KIND_KICK, 0, NULL, "nothing unknown_person" },
		{ KIND_EDIT, 0, "x", "nothing unsupported" },
		{ KIND_TYPING, 0, NULL, "nothing unsupported" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct envelope event = { .kind = rows[i].kind, .flags = rows[i].flags };

		assert_string_equal(say(*state, 7, &event, rows[i].text, NULL, NULL), rows[i].said);
	}
}

/* Before there is a key. */
static void nothing_is_said_before_the_login(void **state)
{
	struct link_probe *p = open_account(&account);
	struct envelope event = { .kind = KIND_MESSAGE };

	(void)state;
	assert_string_equal(say(p, 7, &event, "x", NULL, NULL), "nothing not_logged_in");
	link_probe_close(p);
}

/* ---- and whether it was taken ---- */

static void requests_settle(void **state)
{
	static const struct {
		unsigned status;
		const char *body, *told;
	} rows[] = {
		{ 204, "", "settled 7 none" },
		{ 200, "{}", "settled 7 none" },
		{ 403, "{\"error\":\"no_right\"}\n", "settled 7 no_right \"no_right\"" },
		{ 403, "", "settled 7 no_right" },
		{ 403, "{\"error\":\"bad_key\"}\n", "settled 7 bad_login \"bad_key\"" },
		{ 404, "{\"error\":\"no_such_user\"}\n",
		  "settled 7 unknown_person \"no_such_user\"" },
		{ 404, "404 page not found\n", "settled 7 unknown_room" },
		{ 409, "{\"error\":\"not_present\"}\n",
		  "settled 7 unknown_person \"not_present\"" },
		{ 409, "{\"error\":\"already\"}\n", "settled 7 already \"already\"" },
		{ 409, "{\"error\":\"something else\"}\n", "settled 7 refused \"something else\"" },
		{ 429, "", "settled 7 rate_limited" },
		{ 0, "", "settled 7 no_answer \"it cannot be reached\"" },
	};
	struct link_probe *p = *state;
	struct envelope event = { .kind = KIND_KICK };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct call_said said = said_of(7, &event, NULL);

		link_probe_answered(p, &said, 6, rows[i].status, rows[i].body);
		assert_string_equal(link_probe_told(p), rows[i].told);
	}
}

/* The frames of errors do not say what they are about. */
static void errors_settle_the_oldest(void **state)
{
	struct link_probe *p = *state;

	say_text(p, 1, "one");
	say_text(p, 2, "two");
	say_text(p, 3, "three");
	assert_heard(p, ERROR("muted", "you are muted"), "settled 1 muted \"you are muted\"");
	/* An echo tells that it was not refused. */
	assert_int_equal(link_probe_hear_text(p,
					      "{\"type\":\"message\",\"content\":\"two\","
					      "\"user_id\":\"" SELF "\",\"room_id\":\"" ROOM "\"}"),
			 REASON_NONE);
	(void)link_probe_told(p);
	assert_heard(p, "{\"type\":\"error\",\"error\":\"some new code\"}",
		     "settled 3 refused \"some new code\"");
	assert_heard(p, ERROR("muted", ""), "");
	/* Others' words, and those elsewhere, are no echo. */
	say_text(p, 4, "hi");
	(void)link_probe_hear_text(p, MESSAGE("1", BOB, ""));
	(void)link_probe_hear_text(p, "{\"type\":\"message\",\"content\":\"hi\",\"user_id\":\"" SELF
				      "\",\"room_id\":\"" ELSEWHERE "\"}");
	(void)link_probe_told(p);
	assert_heard(p, ERROR("rate_limited", "slower"), "settled 4 rate_limited \"slower\"");
}

/* What only one kind of frame is refused with is no message's. */
static void errors_are_told_apart(void **state)
{
	struct link_probe *p = *state;
	struct envelope read = { .kind = KIND_READ }, invite = { .kind = KIND_INVITE };

	say_text(p, 1, "one");
	(void)say(p, 2, &read, NULL, "17", NULL);
	(void)say(p, 3, &invite, NULL, NULL, BOB);
	/* We are in the room that the socket is of. */
	assert_heard(p, ERROR("already", "you are there"), "");
	assert_heard(p, ERROR("unknown_message", ""), "");
	assert_heard(p, ERROR("unknown_message", ""), "");
	assert_heard(p, ERROR("unknown_person", ""), "");
	assert_heard(p, ERROR("banned", "no"), "settled 1 banned \"no\"");
}

static void a_room_may_not_be_entered(void **state)
{
	struct link_probe *p = *state;

	assert_heard(p, ERROR("closed_room", "it is closed"),
		     "refused closed_room \"it is closed\"");
	say_text(p, 1, "hi");
	/* What was heard of ourselves shows that we are there. */
	(void)link_probe_hear_text(p, MESSAGE("1", SELF, ""));
	(void)link_probe_told(p);
	say_text(p, 2, "hi");
	assert_heard(p, ERROR("banned", "no"), "settled 2 banned \"no\"");
}

static void a_room_was_entered(void **state)
{
	struct link_probe *p = *state;

	say_text(p, 1, "hi");
	assert_heard(p, PERSON("enter", SELF, ROOM),
		     "known " SELF " bot online\nheard enter author=" SELF "/bot");
	assert_heard(p, ERROR("banned", "no"), "settled 1 banned \"no\"");
}

static void what_was_sent_is_bounded(void **state)
{
	struct link_probe *p = *state;

	for (uint64_t i = 1; i <= 200; i++)
		say_text(p, i, "hi");
	assert_heard(p, ERROR("muted", ""), "settled 73 muted \"muted\"");
}

/* ---- our own serving side is such a server ---- */

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
	struct envelope event = { .kind = KIND_MESSAGE };
	char person[UUID_TEXT_LEN + 1];

	probe_open(&server, &codec_rooms);
	assert_int_equal(probe_handshake(&server, "key=" KEY, NULL), REASON_NONE);
	uuid_print(probe_person(&server, 43, "x").uuid, person);
	person[UUID_TEXT_LEN] = '\0';
	assert_int_equal(serve(&server, say(p, 1, &event, "h\"i \xc3\xa9", NULL, NULL)),
			 REASON_NONE);
	assert_int_equal(server.draft->kind, KIND_MESSAGE);
	assert_true(slice_is(server.draft->text, "h\"i \xc3\xa9"));
	assert_string_equal(server.room_id, ROOM);
	event.kind = KIND_READ;
	assert_int_equal(serve(&server, say(p, 1, &event, NULL, "1234", NULL)), REASON_NONE);
	assert_int_equal(server.draft->kind, KIND_READ);
	assert_int_equal(server.draft->target, 1234);
	event.kind = KIND_INVITE;
	assert_int_equal(serve(&server, say(p, 1, &event, NULL, NULL, person)), REASON_NONE);
	assert_int_equal(server.draft->kind, KIND_INVITE);
	assert_int_equal(server.draft->subject.number, 43);
	assert_int_equal(serve(&server, link_probe_keepalive(p)), REASON_NONE);
	assert_heard(p, probe_answer(&server), "");
	assert_int_equal(probe_decode_text(&server, ENTER), REASON_NONE);
	assert_int_equal(server.draft->kind, KIND_ENTER);
	probe_close(&server);
}

static void our_door_takes_what_is_said(void **state)
{
	static const struct codec_told nothing;
	static struct call_probe d;
	struct link_probe *p = *state;
	struct envelope event = { .kind = KIND_KICK };

	for (unsigned bans = 0; bans < 2; bans++) {
		struct codec_somebody who;
		struct codec_room room;
		struct codec_told told = { .people = &who, .rooms = &room };
		char person[UUID_TEXT_LEN + 1], name[8], target[256], body[128];

		call_probe_open(&d, &codec_rooms);
		who = (struct codec_somebody){ .person = probe_person(&d.probe, 43, "x") };
		room = (struct codec_room){ .view = &d.probe.view,
					    .present = true,
					    .caller_may_enter = true,
					    .caller_roles = ROLE_OWNER };
		uuid_print(who.person.uuid, person);
		person[UUID_TEXT_LEN] = '\0';
		event.flags = bans ? FLAG_PERMANENT : 0;
		assert_int_equal(sscanf(say(p, 1, &event, NULL, NULL, person),
					"request 6 %7s %255s %127s", name, target, body),
				 3);
		assert_string_equal(name, bans ? "PUT" : "DELETE");
		call_probe_ask(&d, bans ? CALL_PUT : CALL_DELETE, target, body);
		call_probe_step(&d, &nothing);
		told.people_count = told.room_count = 1;
		while (!d.answer.status && d.want.kind != WANT_DRAFT) {
			told.kind = d.want.kind;
			call_probe_step(&d, &told);
		}
		assert_int_equal(d.answer.status, 0);
		assert_int_equal(d.want.draft.event.kind, KIND_KICK);
		assert_int_equal(d.want.draft.event.flags, event.flags);
		assert_int_equal(d.want.draft.event.subject.number, 43);
		assert_true(slice_is(d.want.draft.room_id, ROOM));
		call_probe_close(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_is_said_in_its_way),
		TEST(ids_go_back_in_their_type),
		TEST(what_cannot_be_said_is_not),
		cmocka_unit_test(nothing_is_said_before_the_login),
		TEST(requests_settle),
		TEST(errors_settle_the_oldest),
		TEST(errors_are_told_apart),
		TEST(a_room_may_not_be_entered),
		TEST(a_room_was_entered),
		TEST(what_was_sent_is_bounded),
		TEST(our_socket_takes_what_is_said),
		TEST(our_door_takes_what_is_said),
	};

	return cmocka_run_group_tests_name("codecs/rooms/calls_say", tests, NULL, NULL);
}
