#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/table/upstream_url.h"

static void urls_are_taken_apart(void **state)
{
	static const struct {
		const char *text, *host, *path;
		int port;
		bool tls, six;
	} cases[] = {
		{ "http://a", "a", "", 80, false, false },
		{ "https://a", "a", "", 443, true, false },
		{ "ws://a:8080/", "a", "", 8080, false, false },
		{ "WSS://chat.example/api/v1/", "chat.example", "/api/v1", 443, true, false },
		{ "http://127.0.0.1:1/x", "127.0.0.1", "/x", 1, false, false },
		{ "https://[::1]:65535", "::1", "", 65535, true, true },
		{ "http://a.:7/%20", "a", "/%20", 7, false, false },
	};
	struct upstream_url url;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(upstream_url_fault(cases[i].text));
		assert_true(upstream_url_read(cases[i].text, &url));
		assert_int_equal(url.at.len, strlen(cases[i].host));
		assert_memory_equal(url.at.host, cases[i].host, url.at.len);
		assert_int_equal(url.path_len, strlen(cases[i].path));
		assert_memory_equal(url.path, cases[i].path, url.path_len);
		assert_int_equal(url.at.port, cases[i].port);
		assert_int_equal(url.tls, cases[i].tls);
		assert_int_equal(url.at.six, cases[i].six);
	}
}

static void what_is_no_url_is_told(void **state)
{
	static const char *const cases[][2] = {
		{ "chat.example", "does not begin with http://, https://, ws:// or wss://" },
		{ "ftp://a", "does not begin with http://, https://, ws:// or wss://" },
		{ "http:/a", "does not begin with http://, https://, ws:// or wss://" },
		{ "http://", "has no valid host and port" },
		{ "http://:80", "has no valid host and port" },
		{ "http://a b", "has no valid host and port" },
		{ "http://a:x", "has no valid host and port" },
		{ "http://a:65536", "has no valid host and port" },
		{ "http://[::1", "has no valid host and port" },
		{ "http://[a]", "has no valid host and port" },
		{ "http://a:0", "has a port that is not from 1 to 65535" },
		{ "http://ann:pw@a", "has a user in it: user and secret_file are for that" },
		{ "http://ann@a/x", "has a user in it: user and secret_file are for that" },
		{ "http://a?x=1", "has a query or a fragment" },
		{ "http://a/b?x=1", "has a query or a fragment" },
		{ "http://a/#b", "has a query or a fragment" },
		{ "http://a/b//c", "holds '//' in its path" },
		{ "http://a/b c", "holds a character that is not allowed in a path" },
		{ "http://a/\"", "holds a character that is not allowed in a path" },
	};
	struct upstream_url url;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *fault = upstream_url_fault(cases[i][0]);

		if (!fault || strcmp(fault, cases[i][1]) != 0)
			fail_msg("%s: %s", cases[i][0], fault ? fault : "taken");
		assert_false(upstream_url_read(cases[i][0], &url));
	}
	assert_null(upstream_url_fault("http://a/x@y"));
}

static void they_are_kept_in_one_form(void **state)
{
	static const char *const cases[][2] = {
		{ "http://a", "http://a" },
		{ "ws://a:7/", "http://a:7" },
		{ "WSS://A/b/c//", "https://A/b/c" },
		{ "Https://[::1]:1", "https://[::1]:1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *kept = upstream_url_kept(cases[i][0]);

		assert_string_equal(kept, cases[i][1]);
		free(kept);
	}
}

static void a_proxy_is_host_and_port(void **state)
{
	(void)state;
	assert_null(upstream_proxy_fault(""));
	assert_null(upstream_proxy_fault("http://proxy.example:3128"));
	assert_null(upstream_proxy_fault("http://[::1]:3128/"));
	assert_string_equal(upstream_proxy_fault("https://a:1"), "does not begin with http://");
	assert_string_equal(upstream_proxy_fault("a:1"), "does not begin with http://");
	assert_string_equal(upstream_proxy_fault("http://a"), "has no port: http://HOST:PORT");
	assert_string_equal(upstream_proxy_fault("http://[::1]"), "has no port: http://HOST:PORT");
	assert_string_equal(upstream_proxy_fault("http://a:1/x"), "has a path");
	assert_string_equal(upstream_proxy_fault("http://u:p@a:1"),
			    "has a user in it: user and secret_file are for that");
	assert_string_equal(upstream_proxy_fault("http://a:99999"), "has no valid host and port");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_are_taken_apart),
		cmocka_unit_test(what_is_no_url_is_told),
		cmocka_unit_test(they_are_kept_in_one_form),
		cmocka_unit_test(a_proxy_is_host_and_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
