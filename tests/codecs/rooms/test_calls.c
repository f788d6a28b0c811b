/* The calling side: the login, and whoever is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codecs/folk.h"
#include "tests/codecs/rooms/rooms_link.h"
#include "tests/support/link_torture.h"

static int open_nothing(void **state)
{
	*state = open_account(&account);
	return 0;
}

/* ---- the login ---- */

static void a_login_gets_a_key(void **state)
{
	static const char *const asked[] = {
		"ask 1 POST /key {\"user_id\":\"" SELF "\",\"password\":\"s\\\"x\"}",
		"ask 4 GET /user/" SELF,
		"ask 5 GET /room/" ROOM "?key=" KEY,
		"connect ws://chat.example:8080/rooms?key=" KEY,
	};
	static const uint32_t tags[] = { 1, 4, 5 };
	struct link_probe *p = *state;

	assert_string_equal(link_probe_plan(p), asked[0]);
	for (size_t i = 0; i < COUNT(tags); i++)
		assert_string_equal(link_probe_answer(p, tags[i], 200, bodies[i]), asked[i + 1]);
	assert_string_equal(link_probe_told(p), "");
	codec_rooms.calls->open(&p->peer, &p->sink);
	assert_string_equal(link_probe_told(p), "send " ENTER "\nup " SELF " bot\n" ASK_PEOPLE);
	/* Anew: all of it. */
	assert_string_equal(link_probe_plan(p), asked[0]);
}

static void credentials_are_of_many_kinds(void **state)
{
	static const struct {
		const char *user, *secret, *first;
	} rows[] = {
		/* A UUID in any case. */
		{ "6A400000-0000-4000-8000-000000000001", "x",
		  "ask 1 POST /key {\"user_id\":\"6A400000-0000-4000-8000-000000000001\","
		  "\"password\":\"x\"}" },
		{ SELF, NULL, "refused bad_login \"the user's password is missing\"" },
		{ "bot", "x", "ask 2 POST /user {\"username\":\"bot\",\"password\":\"x\"}" },
		/* A guest, of another Dragoman. */
		{ "bo t", NULL, "ask 3 GET /user?key=bo%20t" },
		/* The key itself. */
		{ NULL, "ann:x&y", "ask 3 GET /user?key=ann%3Ax%26y" },
		{ NULL, NULL, "refused bad_login \"rooms needs a user or a key\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct call_account other = account;
		struct link_probe *p;

		other.user = slice_of(rows[i].user);
		other.secret = slice_of(rows[i].secret);
		p = open_account(&other);
		assert_string_equal(link_probe_plan(p), rows[i].first);
		link_probe_close(p);
	}
}

static void a_key_alone_has_to_say_whose_it_is(void **state)
{
	struct call_account other = account;
	struct link_probe *p;

	(void)state;
	other.user = (struct slice){ NULL, 0 };
	other.secret = SLICE("ann:x");
	p = open_account(&other);
	(void)link_probe_plan(p);
	assert_string_equal(link_probe_answer(p, 3, 200, bodies[1]),
			    "ask 5 GET /room/" ROOM "?key=ann%3Ax");
	assert_string_equal(link_probe_answer(p, 5, 200, bodies[2]),
			    "connect ws://chat.example:8080/rooms?key=ann%3Ax");
	codec_rooms.calls->open(&p->peer, &p->sink);
	assert_non_null(strstr(link_probe_told(p), "up " SELF " bot"));
	(void)link_probe_plan(p);
	assert_non_null(strstr(link_probe_answer(p, 3, 405, "{\"error\":\"bad_method\"}"),
			       "refused bad_login \"the server does not say whose key"));
	(void)link_probe_plan(p);
	assert_string_equal(link_probe_answer(p, 3, 401, "{\"error\":\"bad_key\"}\n"),
			    "refused bad_login \"bad_key\"");
	link_probe_close(p);
}

/* A key in place of the password, where that is what the user has. */
static void a_users_key_does(void **state)
{
	struct call_account other = account;
	struct link_probe *p;

	(void)state;
	other.secret = SLICE(KEY);
	p = open_account(&other);
	(void)link_probe_plan(p);
	assert_string_equal(link_probe_answer(p, 1, 403, "{\"error\":\"bad_password\"}\n"),
			    "ask 4 GET /user/" SELF);
	assert_string_equal(link_probe_answer(p, 4, 404, "{\"error\":\"no_such_user\"}"),
			    "ask 5 GET /room/" ROOM "?key=" KEY);
	codec_rooms.calls->open(&p->peer, &p->sink);
	assert_non_null(strstr(link_probe_told(p), "up " SELF " " SELF));
	link_probe_close(p);
}

static void a_user_is_made_or_has_an_account(void **state)
{
	struct call_account other = account;
	struct link_probe *p;

	(void)state;
	other.user = SLICE("bot");
	other.secret = SLICE("x");
	p = open_account(&other);
	(void)link_probe_plan(p);
	assert_string_equal(
	    link_probe_answer(p, 2, 200, "{\"key\":\"" KEY "\",\"user_id\":\"" SELF "\"}"),
	    "ask 4 GET /user/" SELF);
	/* Another Dragoman, which makes no accounts. */
	(void)link_probe_plan(p);
	assert_string_equal(link_probe_answer(p, 2, 403, "{\"error\":\"no_right\"}\n"),
			    "ask 3 GET /user?key=bot%3Ax");
	(void)link_probe_plan(p);
	assert_string_equal(link_probe_answer(p, 2, 200, "{\"key\":\"" KEY "\"}"),
			    "refused bad_login \"the server gave no key\"");
	link_probe_close(p);
}

static void a_refused_login_tells_why(void **state)
{
	static const struct {
		uint32_t tag;
		unsigned status;
		const char *body, *said;
	} rows[] = {
		{ 1, 403, "{\"error\":\"bad_password\"}\n", "refused bad_login \"bad_password\"" },
		{ 1, 404, "{\"error\":\"no_such_user\"}\n",
		  "refused unknown_person \"no_such_user\"" },
		{ 1, 404, "404 page not found\n",
		  "refused refused \"It answered with the status 404\"" },
		{ 1, 500, "{\"error\":\"internal_err\"}\n", "refused no_answer \"internal_err\"" },
		{ 1, 429, "{\"error\":\"rate_limited\"}\n",
		  "refused rate_limited \"rate_limited\"" },
		{ 1, 0, "", "refused no_answer \"it cannot be reached\"" },
		{ 1, 200, "no JSON", "refused refused \"Its answer cannot be read\"" },
		{ 1, 200, "{\"key\":null}", "refused bad_login \"the server gave no key\"" },
		{ 4, 0, "", "refused no_answer \"it cannot be reached\"" },
		{ 5, 404, "{\"error\":\"no_such_room\"}\n",
		  "refused unknown_room \"no_such_room\"" },
		{ 5, 403, "{\"error\":\"bad_key\"}\n", "refused bad_login \"bad_key\"" },
		{ 5, 403, "{\"error\":\"closed_room\"}\n", "refused closed_room \"closed_room\"" },
		{ 5, 503, "", "refused no_answer \"It answered with the status 503\"" },
		{ 99, 200, "", "refused refused" },
	};
	struct link_probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		(void)link_probe_plan(p);
		if (rows[i].tag > 1)
			(void)link_probe_answer(p, 1, 200, bodies[0]);
		assert_string_equal(link_probe_answer(p, rows[i].tag, rows[i].status, rows[i].body),
				    rows[i].said);
	}
	/* The real server has no such path. */
	(void)link_probe_plan(p);
	(void)link_probe_answer(p, 1, 200, bodies[0]);
	assert_string_equal(link_probe_answer(p, 5, 404, "404 page not found\n"),
			    "connect ws://chat.example:8080/rooms?key=" KEY);
	assert_string_equal(link_probe_answer(p, 5, 405, "{\"error\":\"bad_method\"}"),
			    "connect ws://chat.example:8080/rooms?key=" KEY);
}

static void a_room_is_a_uuid(void **state)
{
	struct call_account other = account;
	struct link_probe *p;
	const char *why;

	(void)state;
	assert_true(codec_rooms.calls->room_allowed(SLICE(ROOM), &why));
	assert_true(
	    codec_rooms.calls->room_allowed(SLICE("93B4B17C-2F9C-4A3C-8EA9-5123B9C34C4B"), &why));
	assert_false(codec_rooms.calls->room_allowed(SLICE("lobby"), &why));
	assert_string_equal(why, "a room there is named by its UUID");
	assert_false(codec_rooms.calls->room_allowed((struct slice){ NULL, 0 }, &why));
	other.room = SLICE("lobby");
	p = open_account(&other);
	assert_string_equal(link_probe_plan(p),
			    "refused unknown_room \"a room there is named by its UUID\"");
	link_probe_close(p);
	other.room = SLICE("93B4B17C-2F9C-4A3C-8EA9-5123B9C34C4B");
	other.socket_path = SLICE("/x");
	p = open_account(&other);
	(void)link_probe_plan(p);
	(void)link_probe_answer(p, 1, 200, bodies[0]);
	assert_string_equal(link_probe_answer(p, 4, 200, bodies[1]),
			    "ask 5 GET /room/" ROOM "?key=" KEY);
	assert_string_equal(link_probe_answer(p, 5, 200, bodies[2]),
			    "connect ws://chat.example:8080/x?key=" KEY);
	link_probe_close(p);
}

/* ---- people ---- */

static void who_was_there_is_known(void **state)
{
	struct link_probe *p = *state;
	char body[FOLK_ASKED_MAX * 80] = "{\"users\":[null,17";
	size_t len = strlen(body);

	link_probe_log_in(p, bodies);
	(void)link_probe_told(p);
	link_probe_answered(p, NULL, 7, 200,
			    "{\"index\":0,\"users\":[\"" SELF "\",\"" BOB "\"],\"user_count\":2}");
	assert_string_equal(link_probe_told(p), "known " SELF " bot online\nask 9 GET /user/" BOB);
	link_probe_answered(p, NULL, 9, 200, "{\"user_id\":\"" BOB "\",\"username\":\"bob\"}");
	assert_string_equal(link_probe_told(p), "known " BOB " bob online");
	/* No more than can be asked for. */
	for (unsigned i = 0; i < FOLK_ASKED_MAX + 3; i++)
		len +=
		    (size_t)snprintf(body + len, sizeof(body) - len, ",\"%08x-%s\"", i, &SELF[9]);
	snprintf(body + len, sizeof(body) - len, "]}");
	link_probe_answered(p, NULL, 7, 200, body);
	assert_non_null(strstr(link_probe_told(p), "ask 24 GET"));
	link_probe_answered(p, NULL, 7, 404, "");
	link_probe_answered(p, NULL, 7, 200, "[]");
	assert_string_equal(link_probe_told(p), "");
}

#define ASK_EVE "ask 9 GET /user/" EVE

static void who_is_not_known_is_asked_for(void **state)
{
	struct link_probe *p = *state;

	assert_heard(p, PERSON("enter", EVE, ROOM), ASK_EVE);
	assert_heard(p, MESSAGE("\"1\"", BOB, ""), "");
	/* What is answered at once is. */
	assert_heard(p, "{\"type\":\"ping\",\"time\":5}", "send {\"type\":\"pong\",\"time\":5}");
	link_probe_answered(p, NULL, 9, 200, "{\"user_id\":\"" EVE "\",\"username\":\"eve\"}");
	assert_string_equal(link_probe_told(p),
			    "known " EVE " eve offline\n"
			    "known " EVE " eve online\nheard enter author=" EVE "/eve\n"
			    "heard message id=1 author=" BOB "/bob text=hi time=1571999169000");
	assert_heard(p, PERSON("exit", EVE, ROOM),
		     "known " EVE " eve offline\nheard exit author=" EVE "/eve");
}

/* A thousand logins need not ask a thousand times who everybody is. */
static void one_that_is_aside_asks_for_nobody(void **state)
{
	struct link_probe *p = *state;

	p->peer.aside = true;
	link_probe_log_in(p, bodies);
	assert_string_equal(link_probe_told(p), "send " ENTER "\nup " SELF " bot");
	assert_heard(p, PERSON("enter", EVE, ROOM), "heard enter author=" EVE "/?");
	assert_heard(p, MESSAGE("\"1\"", EVE, ""),
		     "heard message id=1 author=" EVE "/? text=hi time=1571999169000");
	p->peer.aside = false;
	assert_heard(p, MESSAGE("\"2\"", EVE, ""), ASK_EVE);
}

static void who_is_nobody_gets_a_name(void **state)
{
	struct link_probe *p = *state;

	assert_heard(p, MESSAGE("\"1\"", EVE, ""), ASK_EVE);
	link_probe_answered(p, NULL, 9, 404, "{\"error\":\"no_such_user\"}\n");
	assert_string_equal(link_probe_told(p),
			    "known " EVE " user-e5e00000 offline\nheard message id=1 author=" EVE
			    "/user-e5e00000 text=hi time=1571999169000");
	assert_heard(p, MESSAGE("\"2\"", "x\xc3\xa9", ""), "ask 9 GET /user/x%C3%A9");
	link_probe_answered(p, NULL, 9, 404, "");
	assert_string_equal(
	    link_probe_told(p),
	    "known x\xc3\xa9 user-x offline\nheard message id=2 author=x\xc3\xa9/user-x "
	    "text=hi time=1571999169000");
}

static void a_name_that_does_not_come_is_done_without(void **state)
{
	struct link_probe *p = *state;

	assert_heard(p, MESSAGE("\"1\"", EVE, ""), ASK_EVE);
	link_probe_answered(p, NULL, 9, 500, "");
	assert_string_equal(link_probe_told(p),
			    "heard message id=1 author=" EVE "/? text=hi time=1571999169000");
	p->peer.now_ms += FOLK_AGAIN_MS;
	assert_heard(p, MESSAGE("\"2\"", EVE, ""), ASK_EVE);
	for (unsigned i = 1; i < FOLK_HELD_MAX; i++)
		(void)link_probe_hear_text(p, MESSAGE("\"3\"", BOB, ""));
	assert_int_equal(p->heard, 1);
	(void)link_probe_hear_text(p, MESSAGE("\"4\"", BOB, ""));
	assert_int_equal(p->heard, FOLK_HELD_MAX + 2);
}

/* ---- whatever comes ---- */

static void ask_eve(struct link_probe *p)
{
	(void)link_probe_plan(p);
	(void)link_probe_answer(p, 1, 200, bodies[0]);
	(void)link_probe_hear_text(p, MESSAGE("\"1\"", EVE, ""));
}

static void broken_answers_do_no_harm(void **state)
{
	link_torture_answer(*state, 9, "{\"user_id\":\"" EVE "\",\"username\":\"eve\"}", ask_eve);
	link_torture_answer(*state, 7,
			    "{\"index\":0,\"user_count\":2,\"users\":[\"" SELF "\",\"" BOB "\"]}",
			    ask_eve);
}

static void fresh_login(struct link_probe *p)
{
	(void)link_probe_plan(p);
	(void)link_probe_answer(p, 1, 200, bodies[0]);
}

static void broken_logins_do_no_harm(void **state)
{
	static const struct {
		uint32_t tag;
		const char *body;
	} rows[] = {
		{ 1, "{\"key\":\"" KEY "\"}" },
		{ 2, "{\"key\":\"" KEY "\",\"user_id\":\"" SELF "\"}" },
		{ 3, "{\"user_id\":\"" SELF "\",\"username\":\"bot\"}" },
		{ 4, "{\"user_id\":\"" SELF "\",\"username\":\"b\\u00e9t\"}" },
		{ 5, "{\"error\":\"no_such_room\"}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		link_torture_answer(*state, rows[i].tag, rows[i].body, fresh_login);
}

#define PLAIN(name) cmocka_unit_test(name)
#define LOGIN(name) cmocka_unit_test_setup_teardown(name, open_nothing, close_link)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOGIN(a_login_gets_a_key),
		PLAIN(credentials_are_of_many_kinds),
		PLAIN(a_key_alone_has_to_say_whose_it_is),
		PLAIN(a_users_key_does),
		PLAIN(a_user_is_made_or_has_an_account),
		LOGIN(a_refused_login_tells_why),
		PLAIN(a_room_is_a_uuid),
		LOGIN(who_was_there_is_known),
		TEST(who_is_not_known_is_asked_for),
		LOGIN(one_that_is_aside_asks_for_nobody),
		TEST(who_is_nobody_gets_a_name),
		TEST(a_name_that_does_not_come_is_done_without),
		TEST(broken_answers_do_no_harm),
		LOGIN(broken_logins_do_no_harm),
	};

	return cmocka_run_group_tests_name("codecs/rooms/calls", tests, NULL, NULL);
}
