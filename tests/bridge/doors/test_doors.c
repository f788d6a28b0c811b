/* Requests to dialects' doors on a stage: who calls, what is found out where, and how each call
 * ends. */
#include "tests/bridge/doors/door_caller.h"

#include "bridge/core/people/bans.h"
#include "bridge/net/peers/addresses.h"

/* ---- who calls ---- */

static void accounts_are_known(void **state)
{
	(void)state;
	/* Compared with its hash elsewhere, and known afterwards. */
	ask_from(0, "GET /api/v1/users/current", AUTH_ANN, "");
	assert_int_equal(caller.answers, 0);
	assert_true(doors_busy(worker()));
	settle(1);
	assert_said("200 {\"id\":7,\"username\":\"ann\"");
	ask_from(0, "GET /api/v1/users/current", AUTH_ANN, "");
	assert_int_equal(caller.answers, 2);
	assert_said("200 {\"id\":7,\"username\":\"ann\"");
	ask("GET /api/v1/users/current", "Authorization: Bearer ann:wrong\r\n");
	assert_said("401 {\"errorCode\":24317");
	ask("GET /api/v1/users/current", "Authorization: Bearer\r\n");
	assert_said("401 ");
	ask("GET /api/v1/users/current", "");
	assert_said("401 ");
	/* Who shows something wrong is refused, where who shows nothing is not. */
	ask("GET /api/v1/chats/1", "Authorization: Bearer ann:wrong\r\n");
	assert_said("401 ");
	ask("GET /api/v1/chats/1/anonymous", "Authorization: Bearer ann:wrong\r\n");
	assert_said("200 ");
}

/* The number of that guest. */
static unsigned guest(const char *headers)
{
	unsigned number = 0;

	ask("GET /api/v1/users/current", headers);
	assert_int_equal(sscanf(caller.said, "200 {\"id\":%u,", &number), 1);
	return number;
}

static void guests_have_the_same_number_again(void **state)
{
	unsigned bob;

	(void)state;
	bob = guest("Authorization: Bearer bob:x\r\n");
	assert_true(bob >= GUEST_NUMBER_FIRST);
	assert_int_equal(guest("Authorization: Basic Ym9iOng=\r\n"), bob);
	assert_int_not_equal(guest("Authorization: Bearer bob:y\r\n"), bob);
	assert_int_equal(guest("Authorization: Bearer bob:x\r\n"), bob);
}

static void the_first_mount_is_the_door(void **state)
{
	(void)state;
	ask("GET /api/v1/users/current", "Authorization: Bearer bob:x\r\n");
	assert_has("\"channel\":{\"id\":1,");
	ask("GET /api/v1/chats/2", "Authorization: Bearer bob:x\r\n");
	assert_said("403 ");
	ask("GET /api/v1/chats/1", "");
	assert_has("\"endpoints\":[\"ws://localhost:7000/mixer\"]");
}

static void who_is_banned_from_the_server_is_refused(void **state)
{
	struct ban ban = {
		.target = "bob", .folded = "bob", .folded_len = 3, .until_ms = BAN_FOREVER
	};

	(void)state;
	assert_true(bans_add(caller.stage->bridge->bans, &ban, 0));
	ask("GET /api/v1/users/current", "Authorization: Bearer bob:x\r\n");
	assert_said("403 {\"errorCode\":403");
	ask("GET /api/v1/users/current", "Authorization: Bearer eve:x\r\n");
	assert_said("200 ");
}

/* ---- the key for a socket ---- */

/* address: address_key() of where it comes from; 0: loopback. */
static void log_in_by_key(uint64_t address, const char *name, unsigned number, const char *expected)
{
	struct stage_request request = { .mount = stage_mount(caller.stage, DIALECT_MIXER, NULL) };
	char key[256], frame[512];
	const char *at = strstr(caller.said, "\"authkey\":\"");
	struct stage_client *client;
	struct stage_frame *answer;
	struct slice response;
	bool found = false;

	assert_non_null(at);
	snprintf(key, sizeof(key), "%.*s", (int)strcspn(at + 11, "\""), at + 11);
	client = stage_connect(caller.stage, name, &request, &response);
	client->session->address = address;
	snprintf(frame, sizeof(frame),
		 "{\"type\":\"method\",\"method\":\"auth\",\"arguments\":[1,%u,\"%s\"],\"id\":1}",
		 number, key);
	stage_say(client, slice_of(frame), false);
	while ((answer = stage_next(client))) {
		found = found || strstr(answer->text, expected);
		stage_drop(client);
	}
	assert_true(found);
}

/* A room's ban follows a guest to where they come from, at the door as well. */
static void a_guest_who_is_banned_is_nobody_else_by_http(void **state)
{
	static const char eve[] = "Authorization: Bearer eve:x\r\n";
	struct peer_address peer = { { [10] = 0xff, 0xff, 192, 0, 2, 9 } };
	struct envelope kick = { .kind = KIND_KICK, .flags = FLAG_PERMANENT };
	struct bridge *bridge = caller.stage->bridge;
	unsigned bob = guest("Authorization: Bearer bob:x\r\n");

	(void)state;
	ask("GET /api/v1/chats/1", "Authorization: Bearer bob:x\r\n");
	log_in_by_key(address_key(&bridge->key, &peer), "bob", bob, "\"authenticated\":true");
	kick.subject = stage_find(caller.stage, "bob")->session->peer.self;
	assert_int_equal(
	    stage_bridge_says(caller.stage, room_table_find(bridge->rooms, SLICE("lobby")), &kick),
	    REASON_NONE);
	ask_at(9, "POST /api/channels/1/chats", eve, "{\"content\":\"me again\"}");
	assert_said("403 ");
	ask_at(9, "GET /api/channels", eve, "");
	assert_string_equal(caller.said, "200 []");
	ask_at(10, "GET /api/v1/chats/1", eve, "");
	assert_said("200 ");
}

static void a_key_logs_in(void **state)
{
	static const char yes[] = "\"authenticated\":true", no[] = "\"error\":\"UNOTFOUND\"";
	unsigned bob;

	(void)state;
	ask("GET /api/v1/chats/1", AUTH_ANN);
	log_in_by_key(0, "first", 7, yes);
	/* It is for who got it. */
	log_in_by_key(0, "other", 8, no);
	/* Again, while the first one is still there. */
	log_in_by_key(0, "second", 7, yes);
	bob = guest("Authorization: Bearer bob:x\r\n");
	ask("GET /api/v1/chats/1", "Authorization: Bearer bob:x\r\n");
	log_in_by_key(0, "bob", bob, yes);
	log_in_by_key(0, "bob2", bob, yes);
	/* And who is there is known. */
	ask("GET /api/v1/chats/1/users?limit=1", "");
	assert_has("\"userName\":\"ann\"");
	ask("GET /api/v2/chats/1/users/7", "");
	assert_said("200 {\"userId\":7,");
	ask("GET /api/v2/chats/1/users/8", "");
	assert_said("404 ");
	ask("GET /api/v1/users/search?query=B", "");
	assert_has("\"username\":\"bob\"");
}

/* ---- what the connection answers by itself ---- */

static uint32_t methods_of(const char *line)
{
	struct request *r = calloc(1, sizeof(*r));
	uint32_t methods;

	request_read(r, line, "");
	methods = doors_user.methods(&caller.stage->bridge->listeners[0], &r->out.request);
	http_reader_clear(&r->reader);
	free(r);
	return methods;
}

static void paths_belong_to_dialects(void **state)
{
	(void)state;
	assert_int_equal(methods_of("GET /api/v1/users/current"), 1U << METHOD_GET);
	assert_int_equal(methods_of("GET /api/v1/chats/1/message"),
			 1U << METHOD_GET | 1U << METHOD_DELETE);
	assert_int_equal(methods_of("POST /api/v1/nothing"), 0);
	assert_int_equal(methods_of("GET /api/tokens"), 1U << METHOD_POST);
	assert_int_equal(methods_of("GET /"), DOOR_NOBODYS);
	assert_int_equal(methods_of("GET /mixer"), DOOR_NOBODYS);
	assert_int_equal(methods_of("GET /metrics"), DOOR_NOBODYS);
}

/* *answer: what the connection would say. */
static bool word(const char *line, const char *headers, struct http_answer *answer)
{
	static struct request r;
	struct peer_address peer;
	struct door_arrival arrival;
	bool worded;

	memset(&r, 0, sizeof(r));
	request_read(&r, line, headers);
	arrival = arrival_from(&r, "", &peer, 0);
	worded = doors_user.word(&arrival, NULL, 0, answer);
	http_reader_clear(&r.reader);
	return worded;
}

static void refusals_are_in_the_dialects_words(void **state)
{
	struct http_answer answer = http_answer_text(405, SLICE("not that method\n"));

	(void)state;
	answer.allow = SLICE("GET");
	assert_true(word("POST /api/v1/users/current", "", &answer));
	assert_int_equal(answer.status, 405);
	assert_true(slice_is(answer.allow, "GET"));
	assert_true(slice_starts_with(answer.body, "{\"errorCode\":405,\"errorMessage\":\"not "
						   "that method\""));
	answer = http_answer_text(503, SLICE("closing\n"));
	answer.retry_after_s = 5;
	assert_true(word("GET /api/v1/users/current", "", &answer));
	assert_int_equal(answer.retry_after_s, 5);
	assert_true(slice_starts_with(answer.body, "{\"errorCode\":503"));
	/* Nobody's path, and a request that could not be read, are not a dialect's. */
	answer = http_answer_text(404, SLICE("nothing\n"));
	assert_false(word("GET /nothing", "", &answer));
	answer = http_answer_text(400, SLICE("bad\n"));
	assert_false(word("GET /api/v1/users/current", "", &answer));
}

static void pages_ask_first(void **state)
{
	struct http_answer answer = { .status = 204, .allow = SLICE("GET, HEAD, OPTIONS") };

	(void)state;
	assert_true(word("OPTIONS /api/v1/users/current",
			 "Origin: http://localhost:7000\r\nAccess-Control-Request-Method: GET\r\n"
			 "Access-Control-Request-Headers: authorization\r\n",
			 &answer));
	assert_non_null(answer.cors);
	assert_true(slice_is(answer.cors->origin, "http://localhost:7000"));
	assert_true(slice_is(answer.cors->methods, "GET, HEAD, OPTIONS"));
	assert_true(slice_is(answer.cors->headers, "Authorization, Client-ID, Content-Type"));
	assert_false(answer.cors->credentials);
	/* A page that may not learns nothing. */
	answer = (struct http_answer){ .status = 204 };
	assert_true(word("OPTIONS /api/v1/users/current",
			 "Origin: http://evil.example\r\nAccess-Control-Request-Method: GET\r\n",
			 &answer));
	assert_null(answer.cors);
	answer = (struct http_answer){ .status = 204 };
	assert_true(word("OPTIONS /api/v1/users/current",
			 "Host: evil.example\r\nOrigin: http://evil.example\r\n"
			 "Access-Control-Request-Method: GET\r\n",
			 &answer));
	assert_null(answer.cors);
}

/* ---- how calls end ---- */

static void the_client_may_be_gone(void **state)
{
	(void)state;
	ask_from(0, "GET /api/v1/chats/1", "", "");
	ask_from(0, "GET /api/v1/chats/1", "", "");
	assert_int_equal(counters()->calls_under_way, 2);
	doors_user.gone(&caller.visits, 1);
	assert_int_equal(counters()->calls_gone, 1);
	settle(1);
	assert_int_equal(caller.ticket, 2);
	assert_int_equal(counters()->calls_late, 1);
	ask_from(0, "GET /api/v1/chats/1", "", "");
	ask_from(0, "GET /api/v1/users/current", AUTH_ANN, "");
	doors_user.gone(&caller.visits, DOOR_EVERY_TICKET);
	assert_null(caller.visits);
	stage_settle(caller.stage);
	assert_int_equal(caller.answers, 1);
	assert_int_equal(counters()->calls_gone, 3);
}

/* The connection tells, and then the call is gone: late, not gone. */
static void an_answer_may_be_late(void **state)
{
	struct http_answer answer = http_answer_text(504, SLICE("too late\n"));
	struct door_arrival arrival = { .worker = worker(),
					.listener = &caller.stage->bridge->listeners[0] };

	(void)state;
	ask_from(0, "GET /api/v1/chats/1", "Origin: http://localhost:7000\r\n", "");
	assert_true(doors_user.word(&arrival, caller.visits, 1, &answer));
	assert_int_equal(answer.status, 504);
	assert_true(slice_starts_with(answer.body, "{\"errorCode\":504"));
	assert_true(slice_is(answer.cors->origin, "http://localhost:7000"));
	doors_user.gone(&caller.visits, 1);
	assert_int_equal(counters()->calls_failed, 1);
	assert_int_equal(counters()->calls_gone, 0);
	stage_settle(caller.stage);
	assert_int_equal(caller.answers, 0);
	assert_int_equal(counters()->calls_late, 1);
	/* The ticket of another connection's request is none of these. */
	answer = http_answer_text(504, SLICE("too late\n"));
	assert_false(doors_user.word(&arrival, caller.visits, 1, &answer));
}

static void many_at_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++)
		ask_from(0, i % 2 ? "GET /api/v1/chats/1" : "GET /api/v2/channels/1", "", "");
	assert_int_equal(counters()->calls_under_way, 100);
	settle(100);
	assert_int_equal(counters()->calls_answered, 100);
}

/* ---- what is said by calls ---- */

/* As their dialects say: concord hears who is nowhere, mixer does not. */
static void who_calls_is_heard(void **state)
{
	(void)state;
	say("1", "Authorization: Bearer bob:x\r\n");
	assert_said("200 {");
	assert_has("\"content\":\"hello\"");
	say("1", "");
	assert_said("401 ");
	say("2", "Authorization: Bearer bob:x\r\n");
	assert_said("403 ");
	say("9", "Authorization: Bearer bob:x\r\n");
	assert_said("400 ");
	ask("DELETE /api/v1/chats/1/message", AUTH_ANN);
	assert_said("403 {\"errorCode\":403,\"errorMessage\":\"You are not a member");
	ask("GET /api/v1/chats/1/message", AUTH_ANN);
	assert_said("403 ");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_stage, close_stage)
	const struct CMUnitTest tests[] = {
		TEST(accounts_are_known),
		TEST(guests_have_the_same_number_again),
		TEST(the_first_mount_is_the_door),
		TEST(who_is_banned_from_the_server_is_refused),
		TEST(a_key_logs_in),
		TEST(a_guest_who_is_banned_is_nobody_else_by_http),
		TEST(paths_belong_to_dialects),
		TEST(refusals_are_in_the_dialects_words),
		TEST(pages_ask_first),
		TEST(the_client_may_be_gone),
		TEST(an_answer_may_be_late),
		TEST(many_at_once),
		TEST(who_calls_is_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
