/* The calling side: the login, and whoever is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codecs/folk.h"
#include "tests/codecs/concord/concord_link.h"
#include "tests/support/link_torture.h"

static int open_nothing(void **state)
{
	*state = open_account(&account);
	return 0;
}

/* ---- the login ---- */

static void a_login_asks_as_clients_do(void **state)
{
	static const char *const asked[] = {
		"ask 1 POST /api/tokens {\"username\":\"bot\",\"password\":\"s\\\"x\"}",
		"ask 2 GET /api/self [Bearer tok.en-1_2]",
		"ask 3 GET /api/users [Bearer tok.en-1_2]",
		"ask 4 GET /api/channels [Bearer tok.en-1_2]",
		"connect ws://chat.example:8080/client?token=tok.en-1_2",
	};
	struct link_probe *p = *state;

	assert_string_equal(link_probe_plan(p), asked[0]);
	for (uint32_t i = 0; i < 4; i++)
		assert_string_equal(link_probe_answer(p, i + 1, 200, bodies[i]), asked[i + 1]);
	assert_string_equal(link_probe_told(p), "known " SELF " bot offline\n"
						"known " SELF " bot offline\n"
						"known 5 bob online\n"
						"known 6 cid \xc3\xa9 offline");
	codec_concord.calls->open(&p->peer, &p->sink);
	assert_string_equal(link_probe_told(p), "up " SELF " bot");
	/* Anew: all of it. */
	assert_string_equal(link_probe_plan(p), asked[0]);
}

static void credentials_are_of_three_kinds(void **state)
{
	static const struct {
		const char *url, *user, *secret, *first;
	} rows[] = {
		/* The token itself. */
		{ "https://x", NULL, "to k", "ask 2 GET /api/self [Bearer to k]" },
		{ "https://x/api", NULL, "tok", "ask 2 GET /self [Bearer tok]" },
		/* A guest, of another Dragoman. */
		{ "https://x/api", "ann", NULL,
		  "ask 1 POST /tokens {\"username\":\"ann\",\"password\":\"\"}" },
		{ "https://x", NULL, NULL,
		  "refused bad_login \"concord needs a user or a token\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct call_account other = { .url = slice_of(rows[i].url),
					      .user = slice_of(rows[i].user),
					      .secret = slice_of(rows[i].secret) };
		struct link_probe *p = open_account(&other);

		assert_string_equal(link_probe_plan(p), rows[i].first);
		link_probe_close(p);
	}
}

static void a_refused_login_tells_why(void **state)
{
	static const struct {
		uint32_t tag;
		unsigned status;
		const char *body, *said;
	} rows[] = {
		{ 1, 400, SPRING("400", "Bad Request", "Invalid credentials."),
		  "refused bad_login \"Invalid credentials.\"" },
		{ 1, 400, SPRING("400", "Bad Request", ""), "refused bad_login \"Bad Request\"" },
		{ 1, 400, "no JSON", "refused bad_login" },
		{ 1, 401, "", "refused bad_login" },
		{ 1, 404, "", "refused refused \"It answered with the status 404\"" },
		{ 1, 429, "", "refused rate_limited" },
		{ 1, 503, "", "refused no_answer \"It answered with the status 503\"" },
		{ 1, 0, "", "refused no_answer \"it cannot be reached\"" },
		{ 1, 200, "no JSON", "refused refused \"Its answer cannot be read\"" },
		{ 1, 200, "{\"token\":null}", "refused bad_login \"the server gave no token\"" },
		{ 2, 401, "", "refused bad_login" },
		{ 2, 0, "", "refused no_answer \"it cannot be reached\"" },
		{ 3, 401, "", "refused bad_login" },
		{ 4, 500, "", "refused no_answer \"It answered with the status 500\"" },
		{ 4, 200, "[]", "refused unknown_room" },
		{ 99, 200, "", "refused refused" },
	};
	struct link_probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		(void)link_probe_plan(p);
		for (uint32_t tag = 1; tag < rows[i].tag && tag < 4; tag++)
			(void)link_probe_answer(p, tag, 200, bodies[tag - 1]);
		assert_string_equal(link_probe_answer(p, rows[i].tag, rows[i].status, rows[i].body),
				    rows[i].said);
	}
}

/* Where who we are cannot be asked, or everybody is too many. */
static void a_login_does_with_less(void **state)
{
	struct link_probe *p = *state;

	(void)link_probe_plan(p);
	(void)link_probe_answer(p, 1, 200, bodies[0]);
	assert_string_equal(link_probe_answer(p, 2, 404, ""),
			    "ask 3 GET /api/users [Bearer tok.en-1_2]");
	assert_string_equal(link_probe_answer(p, 3, 200, bodies[2]),
			    "ask 4 GET /api/channels [Bearer tok.en-1_2]");
	codec_concord.calls->open(&p->peer, &p->sink);
	assert_non_null(strstr(link_probe_told(p), "up " SELF " bot"));
	(void)link_probe_plan(p);
	(void)link_probe_answer(p, 1, 200, bodies[0]);
	(void)link_probe_answer(p, 2, 404, "");
	assert_string_equal(link_probe_answer(p, 3, 200, "[]"),
			    "refused refused \"the server does not say who we are\"");
	(void)link_probe_plan(p);
	(void)link_probe_answer(p, 1, 200, bodies[0]);
	(void)link_probe_answer(p, 2, 200, bodies[1]);
	assert_string_equal(link_probe_answer(p, 3, 200, "[{\"id\":5,\"userna"),
			    "ask 4 GET /api/channels [Bearer tok.en-1_2]");
	/* More than is taken of an answer. */
	(void)link_probe_plan(p);
	(void)link_probe_answer(p, 1, 200, bodies[0]);
	(void)link_probe_answer(p, 2, 200, bodies[1]);
	assert_string_equal(link_probe_answer(p, 3, 0, ""),
			    "ask 4 GET /api/channels [Bearer tok.en-1_2]");
	(void)link_probe_plan(p);
	(void)link_probe_answer(p, 1, 200, bodies[0]);
	(void)link_probe_answer(p, 2, 404, "");
	assert_string_equal(link_probe_answer(p, 3, 0, ""),
			    "refused no_answer \"it cannot be reached\"");
}

/* Logs in to that room; what is said there goes to channel. */
static void expect_channel(const char *room, const char *server, const char *channel)
{
	struct call_account other = account;
	struct link_probe *p;
	char path[80];
	struct envelope event = { .kind = KIND_MESSAGE };
	struct call_said said = { .serial = 1, .event = &event, .text = SLICE("x") };
	const char *step;

	other.room = slice_of(room);
	p = open_account(&other);
	(void)link_probe_plan(p);
	for (uint32_t i = 0; i < 4; i++)
		step = link_probe_answer(p, i + 1, 200, bodies[i]);
	if (!room) {
		assert_string_equal(step, "ask 5 GET /api/server [Bearer tok.en-1_2]");
		step = link_probe_answer(p, 5, server ? 200 : 404, server);
	}
	if (channel) {
		assert_int_equal(strncmp(step, "connect ", 8), 0);
		snprintf(path, sizeof(path), "POST /api/channels/%s/chats ", channel);
		assert_non_null(strstr(link_probe_say(p, &said), path));
	} else {
		assert_string_equal(step, "refused unknown_room");
	}
	link_probe_close(p);
}

static void a_channel_is_found_in_the_tree(void **state)
{
	(void)state;
	expect_channel("general", NULL, CHANNEL);
	expect_channel("General", NULL, "3");
	expect_channel("GENERAL", NULL, "3");
	expect_channel(CHANNEL, NULL, CHANNEL);
	expect_channel("1", NULL, "1");
	expect_channel("folder", NULL, "2");
	expect_channel("voice", NULL, NULL);
	expect_channel("nowhere", NULL, NULL);
	expect_channel("4", NULL, NULL);
	expect_channel(NULL, "{\"name\":\"x\",\"iconId\":null,\"defaultChannelId\":3}", "3");
	expect_channel(NULL, "{\"name\":\"x\",\"defaultChannelId\":null}", "2");
	expect_channel(NULL, NULL, "2");
}

static void a_token_is_escaped_in_the_address(void **state)
{
	struct call_account other = { .url = SLICE("https://chat.example/api"),
				      .secret = SLICE("ann:x y&"),
				      .socket_path = SLICE("/chat"),
				      .room = SLICE("general") };
	struct link_probe *p = open_account(&other);

	(void)state;
	(void)link_probe_plan(p);
	for (uint32_t i = 1; i < 3; i++)
		(void)link_probe_answer(p, i + 1, 200, bodies[i]);
	assert_string_equal(link_probe_answer(p, 4, 200, bodies[3]),
			    "connect wss://chat.example/chat?token=ann%3Ax%20y%26");
	link_probe_close(p);
}

/* ---- names ---- */

#define ASK_9 "ask 9 GET /api/users/9 [Bearer tok.en-1_2]"
#define ASK_8 "ask 10 GET /api/users/8 [Bearer tok.en-1_2]"

static void who_is_not_known_is_asked_for(void **state)
{
	struct link_probe *p = *state;

	assert_heard(p, CHAT("1", "9", ""), ASK_9);
	/* In order, whoever it is of. */
	assert_heard(p, CHAT("2", "5", ""), "");
	assert_heard(p, CHAT("3", "9", ""), "");
	assert_heard(p, ABOUT("chat_deleted", ""), "");
	assert_heard(p, CHAT("4", "8", ""), "");
	link_probe_answered(p, NULL, 9, 200, "{\"id\":9,\"username\":\"eve\"}");
	assert_string_equal(link_probe_told(p),
			    "known 9 eve offline\n"
			    "heard message id=1 author=9/eve text=hi time=123456789\n"
			    "heard message id=2 author=5/bob text=hi time=123456789\n"
			    "heard message id=3 author=9/eve text=hi time=123456789\n"
			    "heard delete target=8501928463962113\n"
			    "ask 9 GET /api/users/8 [Bearer tok.en-1_2]");
	/* It is nobody's. */
	link_probe_answered(p, NULL, 9, 404, "");
	assert_string_equal(link_probe_told(p),
			    "known 8 user-8 offline\n"
			    "heard message id=4 author=8/user-8 text=hi time=123456789");
	assert_heard(p, CHAT("5", "9", ""),
		     "heard message id=5 author=9/eve text=hi time=123456789");
	link_probe_answered(p, NULL, 9, 200, "{\"id\":9,\"username\":\"eve\"}");
	link_probe_answered(p, NULL, 1000, 200, "{\"id\":9,\"username\":\"eve\"}");
	assert_string_equal(link_probe_told(p), "");
}

/* A thousand logins need not ask a thousand times who everybody is. */
static void one_that_is_aside_asks_for_nobody(void **state)
{
	struct link_probe *p = *state;

	p->peer.aside = true;
	(void)link_probe_plan(p);
	(void)link_probe_answer(p, 1, 200, bodies[0]);
	assert_string_equal(link_probe_answer(p, 2, 200, bodies[1]),
			    "ask 4 GET /api/channels [Bearer tok.en-1_2]");
	(void)link_probe_answer(p, 4, 200, bodies[3]);
	(void)link_probe_told(p);
	codec_concord.calls->open(&p->peer, &p->sink);
	assert_string_equal(link_probe_told(p), "up " SELF " bot");
	assert_heard(p, CHAT("1", "9", ""), "heard message id=1 author=9/? text=hi time=123456789");
	p->peer.aside = false;
	assert_heard(p, CHAT("2", "9", ""), ASK_9);
	/* Where it is not said who we are, the list is for that alone. */
	p->peer.aside = true;
	(void)link_probe_plan(p);
	(void)link_probe_answer(p, 1, 200, bodies[0]);
	(void)link_probe_answer(p, 2, 404, "");
	(void)link_probe_answer(p, 3, 200, bodies[2]);
	assert_string_equal(link_probe_told(p), "known " SELF " bot offline");
}

static void a_name_that_does_not_come_is_done_without(void **state)
{
	struct link_probe *p = *state;

	assert_heard(p, CHAT("1", "9", ""), ASK_9);
	link_probe_answered(p, NULL, 9, 0, "");
	assert_string_equal(link_probe_told(p),
			    "heard message id=1 author=9/? text=hi time=123456789");
	p->peer.now_ms += FOLK_AGAIN_MS - 1;
	assert_heard(p, CHAT("2", "9", ""), "heard message id=2 author=9/? text=hi time=123456789");
	p->peer.now_ms += 1;
	assert_heard(p, CHAT("3", "9", ""), ASK_9);
	/* No answer at all. */
	p->peer.now_ms += FOLK_WAIT_MS;
	assert_heard(p, CHAT("4", "5", ""),
		     "heard message id=3 author=9/? text=hi time=123456789\n"
		     "heard message id=4 author=5/bob text=hi time=123456789");
}

static void only_so_much_waits(void **state)
{
	struct link_probe *p = *state;

	for (unsigned i = 0; i < FOLK_HELD_MAX; i++)
		(void)link_probe_hear_text(p, CHAT("1", "9", ""));
	assert_string_equal(link_probe_told(p), ASK_9);
	assert_int_equal(p->heard, 0);
	assert_int_equal(link_probe_hear_text(p, CHAT("2", "5", "")), REASON_NONE);
	assert_int_equal(p->heard, FOLK_HELD_MAX + 1);
}

static void who_registers_is_known(void **state)
{
	struct link_probe *p = *state;

	assert_heard(p, "{\"userId\":9,\"type\":\"user_joined\"}",
		     ASK_9 "\nheard opaque extra={\"userId\":9,\"type\":\"user_joined\"}");
	assert_heard(p, STATUS("8", "ONLINE"), ASK_8);
	link_probe_answered(p, NULL, 9, 200, "{\"id\":9,\"username\":\"eve\"}");
	link_probe_answered(p, NULL, 10, 200, "{\"id\":8,\"username\":\"fay\"}");
	assert_string_equal(link_probe_told(p), "known 9 eve offline\nknown 8 fay offline\n"
						"known 8 fay online\nheard enter author=8/fay");
	assert_heard(
	    p, "{\"userId\":5,\"type\":\"user_left\"}",
	    "known 5 bob offline\nheard opaque extra={\"userId\":5,\"type\":\"user_left\"}");
}

/* ---- whatever comes ---- */

static void nothing_fresh(struct link_probe *p)
{
	(void)p;
}

/* So that there is one to be answered. */
static void ask_person(struct link_probe *p)
{
	(void)link_probe_plan(p);
	(void)link_probe_answer(p, 1, 200, bodies[0]);
	(void)link_probe_hear_text(p, CHAT("1", "9", ""));
}

static void broken_answers_do_no_harm(void **state)
{
	link_torture_answer(*state, 9, "{\"id\":9,\"username\":\"eve\",\"status\":{}}", ask_person);
}

static void fresh_login(struct link_probe *p)
{
	(void)link_probe_plan(p);
	(void)link_probe_answer(p, 1, 200, bodies[0]);
	(void)link_probe_answer(p, 2, 200, bodies[1]);
}

static void broken_logins_do_no_harm(void **state)
{
	struct link_probe *p = *state;

	for (uint32_t i = 0; i < 4; i++)
		link_torture_answer(p, i + 1, bodies[i], fresh_login);
	link_torture_answer(p, 5, "{\"name\":\"x\",\"defaultChannelId\":3}", nothing_fresh);
}

#define PLAIN(name) cmocka_unit_test(name)
#define LOGIN(name) cmocka_unit_test_setup_teardown(name, open_nothing, close_link)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOGIN(a_login_asks_as_clients_do),
		PLAIN(credentials_are_of_three_kinds),
		LOGIN(a_refused_login_tells_why),
		LOGIN(a_login_does_with_less),
		PLAIN(a_channel_is_found_in_the_tree),
		PLAIN(a_token_is_escaped_in_the_address),
		TEST(who_is_not_known_is_asked_for),
		LOGIN(one_that_is_aside_asks_for_nobody),
		TEST(a_name_that_does_not_come_is_done_without),
		TEST(only_so_much_waits),
		TEST(who_registers_is_known),
		TEST(broken_answers_do_no_harm),
		LOGIN(broken_logins_do_no_harm),
	};

	return cmocka_run_group_tests_name("codecs/concord/calls", tests, NULL, NULL);
}
