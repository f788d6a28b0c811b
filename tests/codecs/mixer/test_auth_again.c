/* What becomes of an auth when somebody is logged in. */
#include "tests/codecs/mixer/mixer_text.h"

/* With these arguments of auth. */
static void log_in(struct probe *p, const char *arguments)
{
	char frame[256];

	p->peer.logged_in = false;
	snprintf(frame, sizeof(frame), METHOD("auth", "%s"), arguments);
	assert_int_equal(decode(p, frame), REASON_NONE);
	assert_int_equal(p->logins, 1);
	p->peer.logged_in = true;
}

#define SECOND_AUTH "{'type':'reply','error':'Already authenticated, please reconnect.','id':2}"

static void assert_again(struct probe *p, const char *frame, const char *answer)
{
	assert_int_equal(decode(p, frame), REASON_NONE);
	assert_int_equal(p->logins, 0);
	assert_string_equal(probe_answer(p), json(answer));
}

/* The same once more is answered like the first, whatever form its numbers have. */
static void test_auth_again(void **state)
{
	struct probe *p = *state;

	assert_int_equal(probe_handshake(p, "name=bob", NULL), REASON_NONE);
	log_in(p, "[1,5,'k']");
	p->peer.self = (struct person){ .number = 5, .roles = ROLE_USER };
	assert_again(p, METHOD("auth", "[1,5,'k']"),
		     DONE("{'authenticated':true,'roles':['User']}"));
	assert_again(p, METHOD("auth", "['1','5','\\u006b',null]"),
		     DONE("{'authenticated':true,'roles':['User']}"));
	/* Another one in between changes nothing. */
	assert_refused(p, METHOD("auth", "[1,5,'j']"), REASON_ALREADY);
	assert_again(p, METHOD("auth", "[1,5,'k']"),
		     DONE("{'authenticated':true,'roles':['User']}"));
}

static void test_reader_again(void **state)
{
	struct probe *p = *state;

	log_in(p, "[1]");
	p->peer.self = (struct person){ .roles = ROLE_USER };
	assert_again(p, METHOD("auth", "[1,null,null]"),
		     DONE("{'authenticated':false,'roles':[]}"));
	assert_refused(p, METHOD("auth", "[1,5]"), REASON_ALREADY);
	assert_refused(p, METHOD("auth", "[2]"), REASON_ALREADY);
}

static void test_second_auth(void **state)
{
	static const char *const others[] = {
		"[1,5,'k']", "[1,6,'k']", "[2,5,'k']", "[1,5]", "[1]", "[]", "[1,5,7]",
	};
	struct probe *p = *state;

	for (size_t i = 0; i < COUNT(others); i++) {
		char frame[256];

		snprintf(frame, sizeof(frame), METHOD("auth", "%s"), others[i]);
		assert_refused(p, frame, REASON_ALREADY);
	}
	assert_string_equal(probe_reply(p, REPLY_REFUSED, REASON_ALREADY), json(SECOND_AUTH));
	log_in(p, "[1,5,'j']");
	for (size_t i = 0; i < COUNT(others); i++) {
		char frame[256];

		snprintf(frame, sizeof(frame), METHOD("auth", "%s"), others[i]);
		assert_refused(p, frame, REASON_ALREADY);
	}
	p->peer.self = (struct person){ 0 }; /* a reader */
	assert_refused(p, METHOD("auth", "[1]"), REASON_ALREADY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* The name that came with the upgrade is that of every try, until one succeeds. */
static void test_name_of_each_try(void **state)
{
	struct probe *p = *state;

	assert_int_equal(probe_handshake(p, "name=bob", NULL), REASON_NONE);
	log_in(p, "[1,5,'k']");
	assert_slice(p->login.name, "bob");
	assert_non_null(probe_reply(p, REPLY_REFUSED, REASON_BAD_LOGIN));
	log_in(p, "[1,5,'j']");
	assert_slice(p->login.name, "bob");
	assert_non_null(probe_reply(p, REPLY_LOGIN, REASON_NONE));
	assert_refused(p, METHOD("auth", "[1,6,'k']"), REASON_ALREADY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_auth_again),
		TEST(test_name_of_each_try),
		TEST(test_reader_again),
		TEST(test_second_auth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
