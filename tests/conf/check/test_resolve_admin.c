#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/check/resolve_admin.h"
#include "tests/conf/told.h"

#define ADMIN "listeners = ( { }, { kind = \"admin\";\n"

static void what_is_left_out(void **state)
{
	struct conf *conf = accepted(ADMIN "} );");

	(void)state;
	assert_int_equal(conf->listener_count, 2);
	assert_false(listener_is_admin(&conf->listeners[0]));
	assert_int_equal(conf->listeners[0].port, 7000);
	assert_true(conf->listeners[0].mount_count > 0);
	assert_true(listener_is_admin(&conf->listeners[1]));
	assert_string_equal(conf->listeners[1].address, "127.0.0.1");
	assert_int_equal(conf->listeners[1].port, 9464);
	assert_int_equal(conf->listeners[1].mount_count, 0);
	conf_free(conf);
	conf = accepted("rooms = ( { name = \"a\"; }, { name = \"b\"; } ); listeners = ( { "
			"kind = \"admin\"; port = 0; } );");
	assert_int_equal(conf->listeners[0].port, 0);
	conf_free(conf);
	refused("listeners = ( {\nkind = \"admn\"; } );",
		"2: unknown kind 'admn', did you mean 'admin'?\n");
}

static void what_goes_with_what(void **state)
{
	(void)state;
	refused("listeners = ( {\npath = \"$/s\"; } );",
		"2: path does not go with a listener of kind \"chat\"\n");
	refused("listeners = ( {\ntoken_file = \"$/good\"; } );",
		"2: token_file does not go with a listener of kind \"chat\"\n");
	refused(ADMIN "mounts = ( { path = \"/x\"; dialect = \"mixer\"; } ); } );",
		"2: mounts does not go with a listener of kind \"admin\"\n");
	refused(ADMIN
		"origins = \"http://a\";\nhosts = \"a.example\";\nsubprotocols = \"v1\"; } );",
		"2: origins does not go with a listener of kind \"admin\"\n"
		"3: hosts does not go with a listener of kind \"admin\"\n"
		"4: subprotocols does not go with a listener of kind \"admin\"\n");
	refused(ADMIN "compression = true;\npage = true;\nproxy_protocol = true;\n"
		      "trusted_proxies = \"::1\"; } );",
		"2: compression does not go with a listener of kind \"admin\"\n"
		"3: page does not go with a listener of kind \"admin\"\n"
		"4: proxy_protocol does not go with a listener of kind \"admin\"\n"
		"5: trusted_proxies does not go with a listener of kind \"admin\"\n");
	refused(ADMIN "socket = \"web\"; } );",
		"2: socket does not go with a listener of kind \"admin\"\n");
	refused(ADMIN "path = \"$/s\";\nsocket = \"web\"; } );",
		"3: socket does not go with a listener of kind \"admin\"\n");
	conf_free(accepted(ADMIN "origins = [ ]; compression = false; page = false; "
				 "socket = \"\"; } );"));
	conf_free(
	    accepted(ADMIN "tls_certificate = \"$/good.pem\"; tls_key = \"$/good.key\"; } );"));
}

static void who_may_come_from_elsewhere(void **state)
{
	(void)state;
	refused(ADMIN "address = \"0.0.0.0\"; } );",
		"2: address 0.0.0.0 is reachable from elsewhere: kind \"admin\" needs a token_file "
		"there\n");
	refused(ADMIN "address = \"2001:db8::1\"; } );",
		"2: address 2001:db8::1 is reachable from elsewhere: kind \"admin\" needs a "
		"token_file there\n");
	conf_free(accepted(ADMIN "address = \"127.8.8.8\"; } );"));
	conf_free(accepted(ADMIN "address = \"::1\"; } );"));
	conf_free(accepted(ADMIN "address = \"0.0.0.0\"; token_file = \"$/good\"; } );"));
}

static void the_token(void **state)
{
	(void)state;
	write_file("open", "secret", 0640);
	refused(ADMIN "token_file = \"$/open\"; } );",
		"2: token_file '$/open' is open to others than its owner: chmod 600 $/open\n");
	write_file("empty", "\nsecret", 0600);
	refused(ADMIN "token_file = \"$/empty\"; } );",
		"2: token_file '$/empty' has no secret in its first line\n");
	refused(ADMIN "token_file = \"$/absent\"; } );",
		"2: token_file '$/absent' cannot be read: No such file or directory\n");
}

static void the_socket(void **state)
{
	char text[256];

	(void)state;
	conf_free(accepted(ADMIN "path = \"$/s\"; } );"));
	refused(ADMIN "path = \"$/good\"; } );",
		"2: path '$/good' cannot be used: it exists and is no socket\n");
	refused(ADMIN "path = \"$/absent/s\"; } );",
		"2: path '$/absent/s' cannot be used: No such file or directory\n");
	snprintf(text, sizeof(text), ADMIN "path = \"/tmp/%0110d\"; } );", 0);
	refused(text, "2: path '/tmp/"
		      "0000000000000000000000000000000000000000000000000000000000000000000000000000"
		      "0000000000000000000000000000000000' cannot be used: it is longer than "
		      "107 bytes\n");
	refused(ADMIN "path = \"$/s\";\nport = 1;\naddress = \"::1\"; } );",
		"3: port does not go with path\n4: address does not go with path\n");
	refused(ADMIN "path = \"$/s\"; }, { kind = \"admin\";\npath = \"$/s\"; } );",
		"3: path '$/s' is taken by the listener in line 1\n");
	refused(ADMIN "port = 7000; } );",
		"2: address 127.0.0.1 port 7000 is taken by the listener in line 1\n");
}

static void rooms_with_metrics(void **state)
{
	char *text = NULL;
	size_t size;
	struct conf *conf;

	(void)state;
	for (int count = CONF_METRICS_MAX; count <= CONF_METRICS_MAX + 1; count++) {
		FILE *stream = open_memstream(&text, &size);

		fputs("listeners = ( { kind = \"admin\"; } ); rooms = (", stream);
		for (int i = 0; i < count; i++)
			fprintf(stream, "%s\n{ name = \"r%d\"; metrics = true; }", i ? "," : "", i);
		fputs(" );", stream);
		fclose(stream);
		if (count <= CONF_METRICS_MAX) {
			conf = accepted(text);
			assert_true(conf->rooms[0].metrics);
			conf_free(conf);
		} else {
			refused(text, "102: metrics = true is for at most 100 rooms\n");
		}
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_out),
		cmocka_unit_test(what_goes_with_what),
		cmocka_unit_test(who_may_come_from_elsewhere),
		cmocka_unit_test(the_token),
		cmocka_unit_test(the_socket),
		cmocka_unit_test(rooms_with_metrics),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
