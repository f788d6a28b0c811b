#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/table/endpoint.h"

static const char no_endpoint[] =
    "is not an endpoint such as ipc://chat.sock or tcp://127.0.0.1:7100";
static const char no_port[] = "has no port: tcp://HOST:PORT";
static const char wrong_host[] = "has no valid host";
static const char wrong_ipv6[] = "has no valid IPv6 address in brackets, such as [::1]";
static const char named[] = "has a host name: bind needs a numeric address, or '*' for all";
static const char wrong_port[] = "has a port that is not from 1 to 65535";
static const char nowhere[] = "has no host to connect to",
		  no_target[] = "has no port to connect to";
static const char no_file[] = "has a path that begins with '@' or '*'";

static const struct {
	const char *text, *bind, *connect;
} cases[] = {
	{ "tcp://127.0.0.1:7100", NULL, NULL },
	{ "tcp://127.0.0.1:1", NULL, NULL },
	{ "tcp://[::1]:65535", NULL, NULL },
	{ "tcp://[fe80::1:2]:80", NULL, NULL },
	{ "tcp://*:7100", NULL, nowhere },
	{ "tcp://*:*", NULL, nowhere },
	{ "tcp://127.0.0.1:*", NULL, no_target },
	{ "tcp://127.0.0.1:0", NULL, no_target },
	{ "tcp://chat.example:7100", named, NULL },
	{ "tcp://a_b-c:7100", named, NULL },
	{ "tcp://1st:7100", named, NULL },
	{ "tcp://127.0.0.1", no_port, no_port },
	{ "tcp://[::1]", wrong_ipv6, wrong_ipv6 },
	{ "tcp://", no_port, no_port },
	{ "tcp://:7100", wrong_host, wrong_host },
	{ "tcp://127.0.0.256:7100", wrong_host, wrong_host },
	{ "tcp://127.0.0.1.:7100", wrong_host, wrong_host },
	{ "tcp://127.1:7100", wrong_host, wrong_host },
	{ "tcp://7:7100", wrong_host, wrong_host },
	{ "tcp://a b:7100", wrong_host, wrong_host },
	{ "tcp://a;b:7100", wrong_host, wrong_host },
	{ "tcp://a/b:7100", wrong_host, wrong_host },
	{ "tcp://::1:7100", wrong_ipv6, wrong_ipv6 },
	{ "tcp://[::g]:7100", wrong_ipv6, wrong_ipv6 },
	{ "tcp://[127.0.0.1]:7100", wrong_host, wrong_host },
	{ "tcp://[]:7100", wrong_host, wrong_host },
	{ "tcp://127.0.0.1:", wrong_port, wrong_port },
	{ "tcp://127.0.0.1:65536", wrong_port, wrong_port },
	{ "tcp://127.0.0.1:99999", wrong_port, wrong_port },
	{ "tcp://127.0.0.1:4294967297", wrong_port, wrong_port },
	{ "tcp://127.0.0.1:-1", wrong_port, wrong_port },
	{ "tcp://127.0.0.1:+1", wrong_port, wrong_port },
	{ "tcp://127.0.0.1:07100", wrong_port, wrong_port },
	{ "tcp://127.0.0.1:71a", wrong_port, wrong_port },
	{ "ipc://chat.sock", NULL, NULL },
	{ "ipc:///run/chat.sock", NULL, NULL },
	{ "ipc://a b", NULL, NULL },
	{ "ipc://", "has no path", "has no path" },
	{ "ipc://@chat", no_file, no_file },
	{ "ipc://*", no_file, no_file },
	{ "", no_endpoint, no_endpoint },
	{ "ipc:chat", no_endpoint, no_endpoint },
	{ "TCP://127.0.0.1:1", no_endpoint, no_endpoint },
	{ "inproc://chat", no_endpoint, no_endpoint },
	{ "pgm://127.0.0.1:1", no_endpoint, no_endpoint },
	{ "127.0.0.1:7100", no_endpoint, no_endpoint },
};

static void assert_fault(const char *text, bool bind, const char *expected)
{
	const char *fault = endpoint_fault(text, bind);

	if (expected ? !fault || strcmp(fault, expected) != 0 : fault != NULL)
		fail_msg("%s, to %s: %s", text, bind ? "bind" : "connect", fault ? fault : "taken");
}

static void forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_fault(cases[i].text, true, cases[i].bind);
		assert_fault(cases[i].text, false, cases[i].connect);
	}
}

static void long_hosts(void **state)
{
	char text[400] = "tcp://";

	(void)state;
	memset(text + 6, 'a', 253);
	strcpy(text + 6 + 253, ":1");
	assert_fault(text, false, NULL);
	memset(text + 6, 'a', 254);
	strcpy(text + 6 + 254, ":1");
	assert_fault(text, false, wrong_host);
}

static void on_this_machine(void **state)
{
	static const char *const near[] = {
		"ipc://x",          "tcp://127.0.0.1:1",  "tcp://127.255.255.255:1",
		"tcp://[::1]:1",    "tcp://[0:0::0:1]:1", "tcp://localhost:1",
		"tcp://LocalHost:1"
	};
	static const char *const far[] = { "tcp://*:1",
					   "tcp://0.0.0.0:1",
					   "tcp://128.0.0.1:1",
					   "tcp://[::]:1",
					   "tcp://[::ffff:7f00:1]:1",
					   "tcp://[1::1]:1",
					   "tcp://localhost.example:1",
					   "tcp://nowhere" };

	(void)state;
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		assert_true(endpoint_local(near[i]));
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++)
		assert_false(endpoint_local(far[i]));
}

static void one_spelling(void **state)
{
	static const char *const keys[][2] = {
		{ "tcp://[0:0::1]:7", "tcp://[::1]:7" },
		{ "tcp://[::A]:7", "tcp://[::a]:7" },
		{ "tcp://127.0.0.1:7", "tcp://127.0.0.1:7" },
		{ "tcp://*:7", "tcp://*:7" },
		{ "ipc://a", "ipc://a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char *key = endpoint_key(keys[i][0]);

		assert_string_equal(key, keys[i][1]);
		free(key);
	}
	assert_null(endpoint_key("tcp://*:*"));
	assert_null(endpoint_key("tcp://[::1]:0"));
}

static void paths(void **state)
{
	static const char *const texts[][3] = {
		{ "/etc", "ipc://a", "ipc:///etc/a" }, { "/etc", "ipc:///a", "ipc:///a" },
		{ NULL, "ipc://a/b", "ipc://a/b" },    { "here", "ipc://a", "ipc://here/a" },
		{ "/etc", "tcp://*:1", "tcp://*:1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *whole = endpoint_from(texts[i][0], texts[i][1]);

		assert_string_equal(whole, texts[i][2]);
		free(whole);
	}
	assert_string_equal(endpoint_path("ipc:///a"), "/a");
	assert_null(endpoint_path("tcp://*:1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),           cmocka_unit_test(long_hosts),
		cmocka_unit_test(on_this_machine), cmocka_unit_test(one_spelling),
		cmocka_unit_test(paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
