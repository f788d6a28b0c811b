/* Where clients come from, and how many connections one place may have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "bridge/net/peers/addresses.h"

static const struct id_key key = { "addresses" };

static struct sockaddr_storage peer_of(const char *text)
{
	struct sockaddr_storage peer;
	struct sockaddr_in *four = (struct sockaddr_in *)&peer;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&peer;

	memset(&peer, 0, sizeof(peer));
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		peer.ss_family = AF_INET;
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &six->sin6_addr), 1);
		peer.ss_family = AF_INET6;
	}
	return peer;
}

static uint64_t place_of(const char *text)
{
	struct sockaddr_storage peer = peer_of(text);
	struct peer_address address = address_of(&peer);

	return address_key(&key, &address);
}

static void addresses_are_told_as_they_are_written(void **state)
{
	static const char *const texts[][2] = {
		{ "192.0.2.7", "192.0.2.7" },
		{ "::ffff:192.0.2.7", "192.0.2.7" },
		{ "2001:db8:0:0::7", "2001:db8::7" },
		{ "::1", "::1" },
		{ "2001:db8:1111:2222:3333:4444:5555:6666",
		  "2001:db8:1111:2222:3333:4444:5555:6666" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct sockaddr_storage peer = peer_of(texts[i][0]);
		struct peer_address address = address_of(&peer);
		char text[ADDRESS_TEXT_MAX];

		assert_string_equal(address_text(&address, text), texts[i][1]);
	}
}

static void loopback_is_no_place(void **state)
{
	(void)state;
	assert_true(place_of("127.0.0.1") == 0);
	assert_true(place_of("127.255.0.9") == 0);
	assert_true(place_of("::1") == 0);
	assert_true(place_of("::ffff:127.0.0.1") == 0);
	assert_false(place_of("128.0.0.1") == 0);
	assert_false(place_of("::2") == 0);
}

static void one_customer_is_one_place(void **state)
{
	(void)state;
	assert_true(place_of("192.0.2.1") == place_of("192.0.2.1"));
	assert_false(place_of("192.0.2.1") == place_of("192.0.2.2"));
	assert_true(place_of("::ffff:192.0.2.1") == place_of("192.0.2.1"));
	assert_true(place_of("2001:db8:1:2::1") == place_of("2001:db8:1:2:ffff::9"));
	assert_false(place_of("2001:db8:1:2::1") == place_of("2001:db8:1:3::1"));
}

static void the_key_decides_what_a_place_is_called(void **state)
{
	static const struct id_key other = { "another" };
	struct sockaddr_storage peer = peer_of("192.0.2.1");
	struct peer_address address = address_of(&peer);

	(void)state;
	assert_false(address_key(&key, &address) == address_key(&other, &address));
}

static void a_place_has_its_limit_and_no_more(void **state)
{
	struct addresses *addresses = addresses_new();
	uint64_t here = place_of("192.0.2.1"), there = place_of("192.0.2.2");

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_true(addresses_take(addresses, here, 20));
	assert_false(addresses_take(addresses, here, 20));
	assert_false(addresses_take(addresses, here, 20));
	assert_true(addresses_take(addresses, there, 20));
	addresses_give_back(addresses, here);
	assert_true(addresses_take(addresses, here, 20));
	assert_false(addresses_take(addresses, here, 20));
	addresses_free(addresses);
}

static void what_was_refused_is_not_counted(void **state)
{
	struct addresses *addresses = addresses_new();
	uint64_t here = place_of("192.0.2.1");

	(void)state;
	assert_true(addresses_take(addresses, here, 1));
	assert_false(addresses_take(addresses, here, 1));
	addresses_give_back(addresses, here);
	assert_true(addresses_take(addresses, here, 1));
	assert_false(addresses_take(addresses, here, 1));
	addresses_give_back(addresses, here);
	addresses_free(addresses);
}

static void no_limit_and_loopback_let_everybody_in(void **state)
{
	struct addresses *addresses = addresses_new();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_true(addresses_take(addresses, place_of("192.0.2.1"), 0));
		assert_true(addresses_take(addresses, 0, 1));
	}
	addresses_give_back(addresses, 0);
	assert_false(addresses_take(addresses, place_of("192.0.2.1"), 1000));
	addresses_free(addresses);
}

struct visitor {
	struct addresses *addresses;
	uint64_t place;
	unsigned let_in;
};

static void *come_and_go(void *data)
{
	struct visitor *visitor = data;

	for (int i = 0; i < 20000; i++) {
		if (!addresses_take(visitor->addresses, visitor->place, 3))
			continue;
		visitor->let_in++;
		addresses_give_back(visitor->addresses, visitor->place);
	}
	return NULL;
}

static void threads_may_count_at_once(void **state)
{
	struct addresses *addresses = addresses_new();
	struct visitor visitors[4];
	pthread_t threads[4];
	uint64_t here = place_of("192.0.2.1");

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		visitors[i] = (struct visitor){ addresses, here, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &visitors[i]), 0);
	}
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_true(visitors[i].let_in > 0);
	}
	for (int i = 0; i < 3; i++)
		assert_true(addresses_take(addresses, here, 3));
	assert_false(addresses_take(addresses, here, 3));
	addresses_free(addresses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_told_as_they_are_written),
		cmocka_unit_test(loopback_is_no_place),
		cmocka_unit_test(one_customer_is_one_place),
		cmocka_unit_test(the_key_decides_what_a_place_is_called),
		cmocka_unit_test(a_place_has_its_limit_and_no_more),
		cmocka_unit_test(what_was_refused_is_not_counted),
		cmocka_unit_test(threads_may_count_at_once),
		cmocka_unit_test(no_limit_and_loopback_let_everybody_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
