#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/check/resolve_logins.h"
#include "tests/conf/told.h"

#define MOUNT   "listeners = ( { mounts = ( { path = \"/x\"; dialect = \"mixer\";\n"
#define END     "} ); } );"
#define BACKEND " backends = ( { name = \"id\"; bind = \"ipc://x\"; } );"
#define JWT                                                                                        \
	"logins = [ \"jwt\" ];\njwt_algorithm = \"RS256\";\njwt_key_file = \"$/public\";\n"        \
	"jwt_issuer = \"i\";\njwt_audience = \"a\";\n"

static void taken(const char *text, bool guests)
{
	struct conf *conf = accepted(text);

	assert_int_equal(conf->listeners[0].mounts[0].guests, guests);
	conf_free(conf);
}

static void what_is_left_out(void **state)
{
	struct conf *conf = accepted(MOUNT END);

	(void)state;
	assert_int_equal(conf->listeners[0].mounts[0].logins.count, 0);
	assert_string_equal(conf->listeners[0].mounts[0].jwt_algorithm, "");
	assert_string_equal(conf->listeners[0].mounts[0].jwt_name, "sub");
	assert_false(conf->listeners[0].mounts[0].jwt_accounts);
	assert_int_equal(conf->tokens.days, 30);
	assert_int_equal(conf->tokens.count, 100000);
	assert_int_equal(conf->tokens.per_person, 32);
	assert_int_equal(conf->limits.failed_logins, 10);
	assert_int_equal(conf->limits.failed_login_seconds, 60);
	conf_free(conf);
}

static void they_say_whether_guests_come(void **state)
{
	(void)state;
	taken(MOUNT "logins = [ \"account\" ];" END, false);
	taken(MOUNT "logins = [ \"account\", \"guest\" ];" END " guests = false;", true);
	taken(MOUNT "logins = [ \"account\" ]; guests = false;" END, false);
	taken(MOUNT "logins = \"guest\"; guests = true;" END, true);
	taken(MOUNT "logins = [ ];" END " guests = false;", false);
	refused(MOUNT "logins = [ \"account\" ];\nguests = true;" END,
		"3: guests is true, but logins has no \"guest\"\n");
	refused(MOUNT "logins = [ \"guest\" ];\nguests = false;" END,
		"3: guests is false, but logins has \"guest\"\n");
}

static void words_and_their_order(void **state)
{
	struct conf *conf =
	    accepted(MOUNT "logins = [ \"guest\", \"account\", \"token\", \"backend\" "
			   "]; auth = \"backend:id\";" END BACKEND);

	(void)state;
	assert_true(mount_logs_in_by(&conf->listeners[0].mounts[0], CONF_LOGIN_TOKEN));
	assert_false(mount_logs_in_by(&conf->listeners[0].mounts[0], CONF_LOGIN_JWT));
	conf_free(conf);
	refused(MOUNT "logins = [ \"acount\" ];" END,
		"2: unknown login 'acount', did you mean 'account'?\n");
	refused(MOUNT "logins = [ \"token\", \"account\", \"token\" ];" END,
		"2: logins has \"token\" twice\n");
	refused(
	    MOUNT "auth = \"backend:id\";\nlogins = [ \"backend\", \"account\" ];" END BACKEND,
	    "3: logins: \"account\" comes after \"backend\", which judges every login: it would "
	    "never be tried\n");
}

static void a_backend_needs_auth(void **state)
{
	(void)state;
	refused(MOUNT "logins = [ \"backend\" ];" END,
		"2: auth is missing: \"backend\" in logins needs it\n");
	refused(MOUNT "auth = \"backend:id\";\nlogins = [ \"account\" ];" END BACKEND,
		"2: auth names a backend, but logins has no \"backend\"\n");
	conf_free(accepted(MOUNT "auth = \"backend:id\";" END BACKEND));
}

static void what_a_jwt_needs(void **state)
{
	(void)state;
	taken(MOUNT JWT END, false);
	refused(MOUNT "logins = [ \"jwt\" ];" END,
		"2: jwt_algorithm is missing: \"jwt\" in logins needs it\n"
		"2: jwt_key_file is missing: \"jwt\" in logins needs it\n"
		"2: jwt_issuer is missing: \"jwt\" in logins needs it\n"
		"2: jwt_audience is missing: \"jwt\" in logins needs it\n");
	refused(MOUNT "jwt_issuer = \"i\";\njwt_name = \"name\";\njwt_accounts = true;\n"
		      "jwt_roles = \"groups\";" END,
		"2: jwt_issuer is given, but logins has no \"jwt\"\n"
		"3: jwt_name is given, but logins has no \"jwt\"\n"
		"4: jwt_accounts is given, but logins has no \"jwt\"\n"
		"5: jwt_roles is given, but logins has no \"jwt\"\n");
	refused(MOUNT "jwt_algorithm = \"none\";\n" END,
		"2: unknown algorithm 'none' (known: HS256, RS256, ES256)\n");
}

#define KEY(algorithm, file)                                                                       \
	MOUNT "logins = \"jwt\"; jwt_issuer = \"i\"; jwt_audience = \"a\";\njwt_algorithm = "      \
	      "\"" algorithm "\";\njwt_key_file = \"$/" file "\";" END

static void its_key(void **state)
{
	(void)state;
	conf_free(accepted(KEY("ES256", "public")));
	conf_free(accepted(KEY("HS256", "long")));
	refused(
	    KEY("RS256", "private"),
	    "4: jwt_key_file '$/private' has a private key, with which anybody could sign: only "
	    "its public key belongs here\n");
	refused(KEY("RS256", "long"),
		"4: jwt_key_file '$/long' is not a PEM file with a public key\n");
	refused(KEY("RS256", "absent"),
		"4: jwt_key_file '$/absent' cannot be read: No such file or directory\n");
	refused(KEY("HS256", "open"), "4: jwt_key_file '$/open' is open to others than its owner: "
				      "chmod 600 $/open\n");
	refused(KEY("HS256", "short"), "4: jwt_key_file '$/short' has a secret of 31 bytes in its "
				       "first line: 32 to 8000 are needed\n");
}

static int prepare(void **state)
{
	(void)state;
	if (folder_make(state) != 0)
		return 1;
	write_file("public", "-----BEGIN PUBLIC KEY-----\n", 0644);
	write_file("private", "-----BEGIN PRIVATE KEY-----\n", 0600);
	write_file("long", "0123456789abcdef0123456789abcdef\n", 0600);
	write_file("open", "0123456789abcdef0123456789abcdef\n", 0644);
	write_file("short", "0123456789abcdef0123456789abcde\n", 0600);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_out),
		cmocka_unit_test(they_say_whether_guests_come),
		cmocka_unit_test(words_and_their_order),
		cmocka_unit_test(a_backend_needs_auth),
		cmocka_unit_test(what_a_jwt_needs),
		cmocka_unit_test(its_key),
	};

	return cmocka_run_group_tests(tests, prepare, folder_remove);
}
