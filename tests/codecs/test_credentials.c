#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codecs/credentials.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void parameters_are_found(void **state)
{
	static const struct {
		const char *query, *value;
	} rows[] = {
		{ "key=a", "a" },       { "x=1&key=a&y=2", "a" },
		{ "key=a=b", "a=b" },   { "key=", "" },
		{ "x&key=a", "a" },     { "key&key=a", "a" },
		{ "key=a&key=b", "a" }, { "monkey=a", NULL },
		{ "keys=a", NULL },     { "key", NULL },
		{ "", NULL },           { "&&", NULL },
		{ "x=1?key=a", NULL },
	};

	(void)state;
	assert_null(credentials_parameter((struct slice){ NULL, 0 }, "key").data);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice value = credentials_parameter(slice_of(rows[i].query), "key");

		assert_int_equal(!value.data, !rows[i].value);
		assert_true(slice_is(value, rows[i].value));
	}
}

static void percent_escapes_are_undone(void **state)
{
	static const struct {
		const char *text, *plain;
	} rows[] = {
		{ "ann", "ann" }, { "%61nn", "ann" }, { "a%2Bb%2fc", "a+b/c" },
		{ "a+b", "a+b" }, { "100%", "100%" }, { "%4", "%4" },
		{ "%zz", "%zz" }, { "%%41", "%A" },   { "%C3%AB", "\xc3\xab" },
	};
	char scratch[16];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_true(
		    slice_is(credentials_unescape(slice_of(rows[i].text), scratch), rows[i].plain));
	assert_null(credentials_unescape((struct slice){ NULL, 0 }, NULL).data);
}

static void base64_is_undone(void **state)
{
	static const struct {
		const char *text, *plain;
	} rows[] = {
		{ "YQ==", "a" },   { "YQ", "a" },     { "YWI=", "ab" },  { "YWJj", "abc" },
		{ "Pz8/", "???" }, { "Pz8_", "???" }, { "fn5+", "~~~" }, { "fn5-", "~~~" },
		{ "Y", NULL },     { "YWJjZ", NULL }, { "", NULL },      { "==", NULL },
		{ "YW J", NULL },  { "YW=J", NULL },  { "YWJ.", NULL },
	};
	char scratch[16];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice plain = credentials_base64(slice_of(rows[i].text), scratch);

		assert_int_equal(!plain.data, !rows[i].plain);
		assert_true(slice_is(plain, rows[i].plain));
	}
}

static void name_and_secret_are_split(void **state)
{
	static const struct {
		const char *text, *name, *secret;
	} rows[] = { { "ann", "ann", NULL },
		     { "ann:", "ann", NULL },
		     { "ann:x", "ann", "x" },
		     { "ann:x:y", "ann", "x:y" },
		     { "ann::", "ann", ":" } };
	static const char *const bad[] = { "", ":", ":x", "\xff", "ann:\xff", "ann:\xed\xa0\x80" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct codec_login login = { .secret = SLICE("old") };

		assert_true(credentials_split(slice_of(rows[i].text), &login));
		assert_true(slice_is(login.name, rows[i].name));
		assert_true(slice_is(login.secret, rows[i].secret));
		assert_int_equal(!login.secret.data, !rows[i].secret);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct codec_login login = { 0 };

		assert_false(credentials_split(slice_of(bad[i]), &login));
		assert_null(login.name.data);
		assert_null(login.secret.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_found),
		cmocka_unit_test(percent_escapes_are_undone),
		cmocka_unit_test(base64_is_undone),
		cmocka_unit_test(name_and_secret_are_split),
	};

	return cmocka_run_group_tests_name("codecs/credentials", tests, NULL, NULL);
}
