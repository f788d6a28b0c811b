#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/conf/told.h"

#define ACCOUNT(file) "accounts = ( { name = \"a\"; number = 1;\nsecret_file = \"" file "\"; } );"

/* Reads text, in which '$' is the folder, with a folder of credentials or none. What is wrong is
 * told; returns new, or NULL. */
static struct conf *read_with(const char *credentials, const char *text, struct told *told)
{
	struct conf_known known = told_known;
	char *whole = with_folder(text);
	struct conf *conf;

	known.credentials = credentials;
	*told = (struct told){ .report = { .error = told_error } };
	conf = conf_parse(whole, &known, &told->report);
	free(whole);
	if (conf)
		conf->known = &told_known;
	return conf;
}

static void refused_with(const char *credentials, const char *text, const char *expected)
{
	struct told told;
	char *wanted = with_folder(expected);

	assert_null(read_with(credentials, text, &told));
	assert_string_equal(told.text, wanted);
	free(wanted);
}

/* systemd makes them 0440, with a mask of access control for the one user. */
static void credentials_are_read(void **state)
{
	static const char *const forms[] = { ACCOUNT("credential:ann.secret"),
					     ACCOUNT("$/ann.secret") };
	struct told told;

	(void)state;
	write_file("ann.secret", "sesame\n", 0440);
	for (size_t i = 0; i < 2; i++) {
		struct conf *conf = read_with(folder, forms[i], &told);

		assert_string_equal(told.text, "");
		assert_non_null(conf);
		assert_string_equal(conf->accounts[0].secret_file, in_folder("ann.secret"));
		conf_free(conf);
	}
}

static void only_credentials_may_be_readable_for_a_group(void **state)
{
	char *elsewhere = with_folder("$/credentials");

	(void)state;
	write_file("ann.secret", "sesame\n", 0440);
	refused_with(NULL, ACCOUNT("$/ann.secret"),
		     "2: secret_file '$/ann.secret' is open to others than its owner: chmod 600 "
		     "$/ann.secret\n");
	refused_with(elsewhere, ACCOUNT("$/credentials/../ann.secret"),
		     "2: secret_file '$/credentials/../ann.secret' cannot be read: No such file or "
		     "directory\n");
	mkdir(elsewhere, 0700);
	refused_with(elsewhere, ACCOUNT("$/credentials/../ann.secret"),
		     "2: secret_file '$/credentials/../ann.secret' is open to others than its "
		     "owner: chmod 600 $/credentials/../ann.secret\n");
	write_file("ann.secret", "sesame\n", 0444);
	refused_with(folder, ACCOUNT("credential:ann.secret"),
		     "2: secret_file '$/ann.secret' is open to others than its owner: chmod 600 "
		     "$/ann.secret\n");
	write_file("ann.secret", "sesame\n", 0460);
	refused_with(folder, ACCOUNT("credential:ann.secret"),
		     "2: secret_file '$/ann.secret' is open to others than its owner: chmod 600 "
		     "$/ann.secret\n");
	rmdir(elsewhere);
	free(elsewhere);
}

static void without_credentials_there_are_none(void **state)
{
	(void)state;
	refused_with(
	    NULL, ACCOUNT("credential:ann.secret"),
	    "2: secret_file 'credential:ann.secret': there are no credentials: "
	    "CREDENTIALS_DIRECTORY is not set, as LoadCredential= in a systemd unit does\n");
	refused_with(folder, ACCOUNT("credential:nobody"),
		     "2: secret_file '$/nobody' cannot be read: No such file or directory\n");
	refused_with(folder, ACCOUNT("credential:"),
		     "2: secret_file 'credential:' is not of the form credential:NAME\n");
	refused_with(folder, ACCOUNT("credential:../x"),
		     "2: secret_file 'credential:../x' is not of the form credential:NAME\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(credentials_are_read),
		cmocka_unit_test(only_credentials_may_be_readable_for_a_group),
		cmocka_unit_test(without_credentials_there_are_none),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
