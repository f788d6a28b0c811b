/* Whom a proxy speaks for, and who only says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "bridge/net/http/forwarded.h"
#include "bridge/net/http/http_reader.h"
#include "tests/support/http_peer.h"

static const char *const trusted_texts[] = { "127.0.0.0/8", "10.0.0.0/8", "fd00::/8" };

#define TRUSTED (sizeof(trusted_texts) / sizeof(trusted_texts[0]))

static struct network_address address_of(const char *text)
{
	struct network_address address;

	assert_true(network_address_read(text, strlen(text), &address));
	return address;
}

static void assert_client(enum forwarded_header header, const char *peer_text, const char *headers,
			  const char *expected)
{
	char head[4096], found_text[INET6_ADDRSTRLEN];
	unsigned char *at = (unsigned char *)head;
	size_t len =
	    (size_t)snprintf(head, sizeof(head), "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", headers);
	struct network trusted[TRUSTED];
	struct network_address peer = address_of(peer_text), wanted = address_of(expected), found;
	struct http_step_out out;
	struct http_reader reader;

	for (size_t i = 0; i < TRUSTED; i++)
		assert_true(network_read(trusted_texts[i], strlen(trusted_texts[i]), &trusted[i]));
	http_reader_init(&reader, &http_limits_usual);
	assert_int_equal(http_read(&reader, &at, &len, &out), HTTP_HEAD);
	found = forwarded_client(&peer, trusted, TRUSTED, header, &out.request);
	if (memcmp(&found, &wanted, sizeof(found)) != 0)
		fail_msg("%s gives %s, not %s", headers,
			 inet_ntop(AF_INET6, found.bytes, found_text, sizeof(found_text)),
			 expected);
	http_reader_clear(&reader);
}

static void assert_for(const char *value, const char *expected)
{
	char line[2048];

	snprintf(line, sizeof(line), "X-Forwarded-For: %s\r\n", value);
	assert_client(FORWARDED_X_FOR, "127.0.0.1", line, expected);
}

static void assert_standard(const char *value, const char *expected)
{
	char line[2048];

	snprintf(line, sizeof(line), "Forwarded: %s\r\n", value);
	assert_client(FORWARDED_STANDARD, "127.0.0.1", line, expected);
}

static void a_peer_that_is_not_trusted_is_not_believed(void **state)
{
	(void)state;
	assert_client(FORWARDED_X_FOR, "203.0.113.9", "X-Forwarded-For: 192.0.2.7\r\n",
		      "203.0.113.9");
	assert_client(FORWARDED_STANDARD, "2001:db8::1", "Forwarded: for=192.0.2.7\r\n",
		      "2001:db8::1");
}

static void a_proxy_names_its_client(void **state)
{
	(void)state;
	assert_client(FORWARDED_X_FOR, "127.0.0.1", "", "127.0.0.1");
	assert_for("192.0.2.7", "192.0.2.7");
	assert_for("2001:db8::7", "2001:db8::7");
	assert_for("192.0.2.7:4711", "192.0.2.7");
	assert_for("192.0.2.7:65535", "192.0.2.7");
	assert_for("[2001:db8::7]", "2001:db8::7");
	assert_for("[2001:db8::7]:4711", "2001:db8::7");
	assert_for("::ffff:192.0.2.7", "192.0.2.7");
}

static void the_last_that_is_not_trusted_is_the_client(void **state)
{
	(void)state;
	assert_for("198.51.100.1, 192.0.2.7", "192.0.2.7");
	assert_for("198.51.100.1, 192.0.2.7, 10.1.1.1, fd00::5", "192.0.2.7");
	assert_for("127.0.0.1, 192.0.2.7,10.1.1.1", "192.0.2.7");
	assert_for("10.0.0.1, 10.0.0.2", "10.0.0.1");
	assert_for(" , 192.0.2.7 ,, ", "192.0.2.7");
}

static void lines_are_one_list(void **state)
{
	(void)state;
	assert_client(FORWARDED_X_FOR, "127.0.0.1",
		      "X-Forwarded-For: 198.51.100.1\r\nX-Y: a\r\nx-forwarded-for: 192.0.2.7\r\n"
		      "X-Forwarded-For: 10.0.0.1\r\n",
		      "192.0.2.7");
}

static void only_the_header_that_was_agreed_on_counts(void **state)
{
	static const char both[] = "X-Forwarded-For: 192.0.2.7\r\nForwarded: for=198.51.100.1\r\n";

	(void)state;
	assert_client(FORWARDED_X_FOR, "127.0.0.1", both, "192.0.2.7");
	assert_client(FORWARDED_STANDARD, "127.0.0.1", both, "198.51.100.1");
	assert_client(FORWARDED_X_FOR, "127.0.0.1", "Forwarded: for=198.51.100.1\r\n", "127.0.0.1");
}

/* What is in front of it may be the client's own invention. */
static void garbage_ends_the_walk(void **state)
{
	static const char *const garbage[] = { "unknown",
					       "_hidden",
					       "-",
					       "192.0.2.7:",
					       "192.0.2.7:http",
					       "192.0.2.7:123456",
					       "[2001:db8::7",
					       "2001:db8::7]",
					       "[192.0.2.7]",
					       "[2001:db8::7]x",
					       "[]",
					       "[]:80",
					       "192.0.2.7 x",
					       "fe80::1%eth0",
					       "\"192.0.2.7\"",
					       "for=192.0.2.7",
					       "192.0.2.7;",
					       "[",
					       "]",
					       ":",
					       "::1::",
					       "1.2.3" };
	char value[128];

	(void)state;
	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		assert_for(garbage[i], "127.0.0.1");
		snprintf(value, sizeof(value), "198.51.100.1, %s, 10.0.0.3", garbage[i]);
		assert_for(value, "10.0.0.3");
		snprintf(value, sizeof(value), "%s, 192.0.2.7", garbage[i]);
		assert_for(value, "192.0.2.7");
	}
}

static void the_standard_header(void **state)
{
	(void)state;
	assert_standard("for=192.0.2.7", "192.0.2.7");
	assert_standard("For=192.0.2.7;proto=https;by=10.0.0.1", "192.0.2.7");
	assert_standard("proto=http; for=\"192.0.2.7:4711\"", "192.0.2.7");
	assert_standard("for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17");
	assert_standard("for=\"[2001:db8:cafe::17]\";host=\"a;b,c\"", "2001:db8:cafe::17");
	assert_standard("for=\"192.0.2.7:_port\"", "192.0.2.7");
	assert_standard("for=\"192.\\0.2.7\"", "192.0.2.7");
	assert_standard("for=198.51.100.1, for=192.0.2.7, for=10.0.0.1", "192.0.2.7");
	assert_standard("by=x, for=192.0.2.7", "192.0.2.7");
}

static void garbage_in_the_standard_header(void **state)
{
	static const char *const garbage[] = {
		"for=unknown",
		"for=_hidden",
		"by=192.0.2.7",
		"for",
		"for=",
		"for=\"\"",
		"for=\"",
		"for=\"192.0.2.7",
		"=",
		";;",
		"for=\"[2001:db8::",
		"\"",
		"for = 192.0.2.7",
		"192.0.2.7",
		"xfor=192.0.2.7",
		"for=\"192.0.2.7\"x",
	};
	char value[128];

	(void)state;
	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		assert_standard(garbage[i], "127.0.0.1");
		snprintf(value, sizeof(value), "for=198.51.100.1, %s, for=10.0.0.3", garbage[i]);
		assert_standard(value, "10.0.0.3");
		snprintf(value, sizeof(value), "%s, for=192.0.2.7", garbage[i]);
		assert_standard(value, "192.0.2.7");
	}
}

static void proxies_in_a_row_are_bounded(void **state)
{
	char value[2048] = "192.0.2.7";

	(void)state;
	for (int i = 0; i < 15; i++)
		strcat(value, ", 10.0.0.1");
	assert_for(value, "192.0.2.7");
	strcat(value, ", 10.0.0.1");
	assert_for(value, "10.0.0.1");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peer_that_is_not_trusted_is_not_believed),
		cmocka_unit_test(a_proxy_names_its_client),
		cmocka_unit_test(the_last_that_is_not_trusted_is_the_client),
		cmocka_unit_test(lines_are_one_list),
		cmocka_unit_test(only_the_header_that_was_agreed_on_counts),
		cmocka_unit_test(garbage_ends_the_walk),
		cmocka_unit_test(the_standard_header),
		cmocka_unit_test(garbage_in_the_standard_header),
		cmocka_unit_test(proxies_in_a_row_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
