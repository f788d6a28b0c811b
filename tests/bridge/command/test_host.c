#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/command/host.h"
#include "bridge/net/tls.h"
#include "conf/conf.h"
#include "tests/support/pem_folder.h"

/* What is printed for a listener at that address, with up to two hosts, and a certificate of these
 * names; NULL: without. */
static const char *host_of(const char *address, const char *first, const char *second,
			   const char *names)
{
	static char host[HOST_BYTES];
	char *hosts[] = { (char *)(uintptr_t)first, (char *)(uintptr_t)second };
	struct conf_listener conf = {
		.address = (char *)(uintptr_t)address,
		.hosts = { hosts, !first   ? 0
				  : second ? 2
					   : 1 },
	};
	struct listener_info listener = { .conf = &conf, .tls = names != NULL };
	char why[CERTIFICATE_WHY_MAX];

	if (names) {
		pem_make("host", (&(struct pem){ .kind = "EC", .name = "x", .names = names }));
		listener.certificate =
		    certificate_read(pem_path("host.pem"), pem_path("host.key"), why);
		assert_non_null(listener.certificate);
	}
	host_print(host, &listener);
	certificate_release(listener.certificate);
	return host;
}

static void without_tls_it_is_the_address(void **state)
{
	(void)state;
	assert_string_equal(host_of("10.1.2.3", NULL, NULL, NULL), "10.1.2.3");
	assert_string_equal(host_of("::1", NULL, NULL, NULL), "[::1]");
	/* Behind a proxy the name leads to the proxy. */
	assert_string_equal(host_of("127.0.0.1", "chat.example", NULL, NULL), "127.0.0.1");
	assert_string_equal(host_of("0.0.0.0", "chat.example", NULL, NULL), "chat.example");
	assert_string_equal(host_of("0.0.0.0", "*", "chat.example", NULL), "chat.example");
	assert_string_equal(host_of("0.0.0.0", "*", NULL, NULL), "127.0.0.1");
	assert_string_equal(host_of("::", NULL, NULL, NULL), "[::1]");
}

/* By the service manager, wherever the configuration says. */
static void what_is_bound_elsewhere_is_there(void **state)
{
	struct conf_listener conf = { .address = (char *)(uintptr_t) "127.0.0.1" };
	struct listener_info listener = { .conf = &conf };
	char host[HOST_BYTES];

	(void)state;
	assert_string_equal(listener_address(&listener), "127.0.0.1");
	strcpy(listener.bound, "2001:db8::7");
	assert_string_equal(listener_address(&listener), "2001:db8::7");
	host_print(host, &listener);
	assert_string_equal(host, "[2001:db8::7]");
}

static void with_tls_it_is_one_of_the_certificate(void **state)
{
	(void)state;
	assert_string_equal(host_of("127.0.0.1", "chat.example", NULL, "DNS:chat.example"),
			    "chat.example");
	assert_string_equal(host_of("0.0.0.0", "a.example", "b.example", "DNS:b.example"),
			    "b.example");
	assert_string_equal(host_of("0.0.0.0", "a.b.example", NULL, "DNS:*.b.example,DNS:c"),
			    "a.b.example");
	assert_string_equal(host_of("127.0.0.1", NULL, NULL, "DNS:localhost"), "localhost");
	assert_string_equal(host_of("::1", NULL, NULL, "DNS:localhost,IP:::1"), "[::1]");
	assert_string_equal(host_of("0.0.0.0", "a.example", NULL, "DNS:b.example"), "b.example");
	/* None at all: what there is. */
	assert_string_equal(host_of("10.1.2.3", NULL, NULL, "DNS:*.example"), "10.1.2.3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_tls_it_is_the_address),
		cmocka_unit_test(what_is_bound_elsewhere_is_there),
		cmocka_unit_test(with_tls_it_is_one_of_the_certificate),
	};

	return cmocka_run_group_tests(tests, pem_folder_make, pem_folder_remove);
}
