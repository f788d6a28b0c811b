/* Which proxies a listener believes, and where what comes by them counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "bridge/net/http/http_reader.h"
#include "bridge/net/peers/addresses.h"
#include "bridge/net/peers/proxies.h"
#include "conf/conf.h"
#include "tests/support/http_peer.h"

static const struct id_key key = { "proxies" };

static struct peer_address peer_of(const char *text)
{
	struct peer_address peer = { .bytes = { [10] = 0xff, [11] = 0xff } };

	if (inet_pton(AF_INET, text, peer.bytes + 12) != 1)
		assert_int_equal(inet_pton(AF_INET6, text, peer.bytes), 1);
	return peer;
}

static struct proxies *proxies_of(const char *header, bool announce)
{
	static char one[] = "127.0.0.1", two[] = "10.0.0.0/8", three[] = "fd00::/8";
	static char *trusted[] = { one, two, three };
	struct conf_listener conf = { .trusted_proxies = { trusted, 3 },
				      .proxy_header = (char *)(uintptr_t)header,
				      .proxy_protocol = announce };
	struct proxies *proxies = proxies_new(&conf);

	assert_non_null(proxies);
	return proxies;
}

/* Whom a request with these header lines comes from, as text. */
static const char *client(const struct proxies *proxies, const char *peer_text, const char *lines)
{
	static char text[ADDRESS_TEXT_MAX];
	char head[512];
	unsigned char *at = (unsigned char *)head;
	size_t len =
	    (size_t)snprintf(head, sizeof(head), "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", lines);
	struct peer_address peer = peer_of(peer_text), found;
	struct http_step_out out;
	struct http_reader reader;

	http_reader_init(&reader, &http_limits_usual);
	assert_int_equal(http_read(&reader, &at, &len, &out), HTTP_HEAD);
	found = proxies_client(proxies, &peer, &out.request);
	http_reader_clear(&reader);
	return address_text(&found, text);
}

#define BOTH "X-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.2\r\n"

static void the_header_of_the_configuration_is_believed(void **state)
{
	struct proxies *usual = proxies_of("X-Forwarded-For", false);
	struct proxies *standard = proxies_of("Forwarded", false);

	(void)state;
	assert_string_equal(client(usual, "127.0.0.1", BOTH), "192.0.2.1");
	assert_string_equal(client(standard, "127.0.0.1", BOTH), "192.0.2.2");
	assert_string_equal(client(usual, "fd00::7", BOTH), "192.0.2.1");
	assert_string_equal(client(usual, "10.1.2.3", ""), "10.1.2.3");
	proxies_free(usual);
	proxies_free(standard);
}

static void nobody_else_is_believed(void **state)
{
	struct proxies *proxies = proxies_of("X-Forwarded-For", false);

	(void)state;
	assert_string_equal(client(proxies, "127.0.0.2", BOTH), "127.0.0.2");
	assert_string_equal(client(proxies, "2001:db8::1", BOTH), "2001:db8::1");
	assert_string_equal(client(NULL, "127.0.0.1", BOTH), "127.0.0.1");
	proxies_free(proxies);
}

static void proxies_count_nowhere(void **state)
{
	struct proxies *proxies = proxies_of("X-Forwarded-For", false);
	struct peer_address proxy = peer_of("10.9.9.9"), other = peer_of("192.0.2.1");

	(void)state;
	assert_true(proxies_place(proxies, &key, &proxy) == 0);
	assert_true(proxies_place(proxies, &key, &other) == address_key(&key, &other));
	assert_false(proxies_place(NULL, &key, &proxy) == 0);
	assert_true(proxies_trust(proxies, &proxy));
	assert_false(proxies_trust(proxies, &other));
	assert_false(proxies_trust(NULL, &proxy));
	proxies_free(proxies);
}

static void without_trust_there_are_none(void **state)
{
	struct conf_listener conf = { .proxy_protocol = true };
	struct proxies *plain = proxies_of(NULL, false), *announced = proxies_of(NULL, true);

	(void)state;
	assert_null(proxies_new(&conf));
	assert_false(proxies_announce(NULL));
	assert_false(proxies_announce(plain));
	assert_true(proxies_announce(announced));
	proxies_free(plain);
	proxies_free(announced);
	proxies_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_of_the_configuration_is_believed),
		cmocka_unit_test(nobody_else_is_believed),
		cmocka_unit_test(proxies_count_nowhere),
		cmocka_unit_test(without_trust_there_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
