/* Addresses and networks as they are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "conf/table/network.h"

static bool holds(const char *text, const char *address_text)
{
	struct network_address address;
	struct network network;

	assert_true(network_read(text, strlen(text), &network));
	assert_true(network_address_read(address_text, strlen(address_text), &address));
	return network_holds(&network, &address);
}

static void networks_hold_what_begins_like_them(void **state)
{
	(void)state;
	assert_true(holds("192.0.2.0/24", "192.0.2.7"));
	assert_true(holds("192.0.2.0/24", "192.0.2.255"));
	assert_false(holds("192.0.2.0/24", "192.0.3.0"));
	assert_true(holds("10.128.0.0/9", "10.200.1.1"));
	assert_false(holds("10.128.0.0/9", "10.127.1.1"));
	assert_true(holds("192.0.2.7", "192.0.2.7"));
	assert_false(holds("192.0.2.7/32", "192.0.2.6"));
	assert_true(holds("0.0.0.0/0", "203.0.113.9"));
	assert_true(holds("2001:db8::/32", "2001:db8:1::1"));
	assert_false(holds("2001:db8::/32", "2001:db9::1"));
	assert_true(holds("2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(holds("2001:db8::/33", "2001:db8:8000::1"));
	assert_true(holds("::1", "::1"));
	assert_true(holds("::1/128", "::1"));
	assert_false(holds("::1", "::2"));
}

static void the_two_kinds_do_not_mix(void **state)
{
	(void)state;
	assert_false(holds("::/0", "192.0.2.7"));
	assert_true(holds("::/0", "2001:db8::1"));
	assert_false(holds("0.0.0.0/0", "2001:db8::1"));
	assert_true(holds("192.0.2.0/24", "::ffff:192.0.2.7"));
	assert_true(holds("::ffff:192.0.2.0/120", "192.0.2.7"));
}

static bool is_network(const char *text)
{
	struct network network;

	return network_read(text, strlen(text), &network);
}

static void what_is_no_network_is_refused(void **state)
{
	static const char *const bad[] = {
		"",          "/",          "/8",           "10.0.0.0/",   "10.0.0.0/33",
		"10.0.0/8",  "10.0.0.1/8", "10.0.0.0/+8",  "10.0.0.0/ 8", "10.0.0.0/08",
		"::/129",    "::1/64",     "2001:db8::/a", "localhost",   "10.0.0.0/8/8",
		" 10.0.0.1", "1.2.3.4 ",   "01.2.3.4",     "::/0000",     "[::1]",
		"fe80::1%0", "1.2.3.256",  "1.2.3.4.5",    "10.0.0.0/-1", "10.0.0.0/4294967304",
	};
	struct network network;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (is_network(bad[i]))
			fail_msg("%s", bad[i]);
	assert_true(is_network("abcd:abcd:abcd:abcd:abcd:abcd:192.168.158.190"));
	assert_false(is_network("abcd:abcd:abcd:abcd:abcd:abcd:192.168.158.1900"));
	assert_false(network_read("1.2.3.4\0x", 9, &network));
	assert_false(network_read(NULL, 0, &network));
}

static bool holds_all(const char *text)
{
	struct network network;

	assert_true(network_read(text, strlen(text), &network));
	return network_holds_all(&network);
}

static void networks_of_everybody_are_known(void **state)
{
	(void)state;
	assert_true(holds_all("0.0.0.0/0"));
	assert_true(holds_all("::/0"));
	assert_true(holds_all("::ffff:0.0.0.0/96"));
	assert_false(holds_all("0.0.0.0/1"));
	assert_false(holds_all("0.0.0.0"));
	assert_false(holds_all("::/1"));
	assert_false(holds_all("2001:db8::/96"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_of_everybody_are_known),
		cmocka_unit_test(networks_hold_what_begins_like_them),
		cmocka_unit_test(the_two_kinds_do_not_mix),
		cmocka_unit_test(what_is_no_network_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
