/* What is judged of a call before anybody looks at who calls, and what each refusal says. */
#include "tests/bridge/doors/door_caller.h"

#include "bridge/core/people/bans.h"

static void hosts_and_origins_are_looked_at(void **state)
{
	(void)state;
	ask("GET /api/v1/channels/1", "Host: evil.example\r\n");
	assert_said("403 {\"errorCode\":403,\"errorMessage\":\"this Host");
	ask("GET /api/v1/channels/1", "Origin: http://evil.example\r\n");
	assert_said("403 {\"errorCode\":403,\"errorMessage\":\"this Origin");
	ask("GET /api/v1/channels/1", "Origin: http://localhost:7000\r\n");
	assert_said("200 for http://localhost:7000 {");
	ask("GET /api/v1/channels/1", "");
	assert_said("200 {");
}

static void too_many_of_one_address(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		ask_from(9, "GET /api/v1/users/0", "", "");
		assert_said("404 ");
	}
	ask_from(9, "GET /api/v1/users/0", "", "");
	assert_said("429 in 1 s {\"errorCode\":429");
	ask_from(8, "GET /api/v1/users/0", "", "");
	assert_said("404 ");
	for (unsigned i = 0; i < 100; i++) {
		ask_from(0, "GET /api/v1/users/0", "", "");
		assert_said("404 ");
	}
	stage_wait(caller.stage, 500);
	ask_from(9, "GET /api/v1/users/0", "", "");
	assert_said("404 ");
}

static void bodies_and_paths_have_limits(void **state)
{
	static char body[5000];

	(void)state;
	memset(body, 'x', sizeof(body) - 1);
	ask_from(0, "POST /api/v1/oauth/token", "", body);
	assert_said("413 {\"errorCode\":413");
	body[4096] = '\0';
	ask_from(0, "POST /api/v1/oauth/token", "", body);
	assert_said("400 ");
	ask("GET /api/v1/users/%zz", "");
	assert_said("400 {\"errorCode\":400,\"errorMessage\":\"the path is escaped wrongly\"");
	ask("GET /api/v1/users/%00", "");
	assert_said("400 ");
}

static void a_server_that_closes_says_so(void **state)
{
	(void)state;
	atomic_store(&caller.stage->bridge->phase, BRIDGE_DRAINING);
	ask("GET /api/v1/channels/1", "");
	assert_said("503 in 5 s {\"errorCode\":503");
	atomic_store(&caller.stage->bridge->phase, BRIDGE_SERVING);
}

/* Also where nobody has to say who they are. */
static void an_address_that_is_banned_gets_nothing(void **state)
{
	static const char *const lines[] = { "GET /api/v1/users/search?query=a",
					     "GET /api/v1/chats/1/anonymous",
					     "POST /api/v1/oauth/shortcode" };
	struct ban ban = { .target = "192.0.2.9", .by_network = true, .until_ms = BAN_FOREVER };

	(void)state;
	assert_true(network_read("192.0.2.9", 9, &ban.network));
	assert_true(bans_add(caller.stage->bridge->bans, &ban, 0));
	for (size_t i = 0; i < 3; i++) {
		ask_at(9, lines[i], "", "");
		assert_said("403 {\"errorCode\":403,\"errorMessage\":\"You are banned");
		ask_at(8, lines[i], "", "");
		assert_int_equal(caller.said[0], '2');
	}
}

/* Whoever says so, the server or a handler, when to try again is told. */
static void who_calls_too_often_is_told_when(void **state)
{
	struct limits *limits = &caller.stage->bridge->limits;

	(void)state;
	limits->messages_per_second = limits->burst = 1;
	say("1", "Authorization: Bearer bob:x\r\n");
	assert_said("200 {");
	say("1", "Authorization: Bearer bob:x\r\n");
	assert_said("429 in 1 s {");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_stage, close_stage)
	const struct CMUnitTest tests[] = {
		TEST(an_address_that_is_banned_gets_nothing),
		TEST(hosts_and_origins_are_looked_at),
		TEST(too_many_of_one_address),
		TEST(bodies_and_paths_have_limits),
		TEST(a_server_that_closes_says_so),
		TEST(who_calls_too_often_is_told_when),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
