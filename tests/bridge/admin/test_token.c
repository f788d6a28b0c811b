#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/admin/token.h"
#include "tests/support/floor.h"

static void what_is_shown(void **state)
{
	(void)state;
	assert_true(token_is_shown("s3cret", SLICE("Bearer s3cret")));
	assert_true(token_is_shown("s3cret", SLICE("bearer  s3cret")));
	assert_true(token_is_shown("a b", SLICE("Bearer a b")));
	assert_false(token_is_shown("s3cret", (struct slice){ 0 }));
	assert_false(token_is_shown("s3cret", SLICE("")));
	assert_false(token_is_shown("s3cret", SLICE("s3cret")));
	assert_false(token_is_shown("s3cret", SLICE("Bearer ")));
	assert_false(token_is_shown("s3cret", SLICE("Bearer  ")));
	assert_false(token_is_shown("s3cret", SLICE("Bearers3cret")));
	assert_false(token_is_shown("s3cret", SLICE("Basic s3cret")));
	assert_false(token_is_shown("s3cret", SLICE("Bearer s3cre")));
	assert_false(token_is_shown("s3cret", SLICE("Bearer s3crets")));
	assert_false(token_is_shown("s3cret", SLICE("Bearer s3crets3cret")));
	assert_false(token_is_shown("s3cret", SLICE("Bearer S3cret")));
	assert_false(token_is_shown("s3cret", SLICE("Bearer s3cres")));
}

static char *read_text(const char *text, const char *expected_error)
{
	char *folder = floor_folder(), path[512], *error = NULL, *token;
	size_t size;
	FILE *stream = open_memstream(&error, &size);

	floor_file(folder, "token", text, 0600);
	snprintf(path, sizeof(path), "%s/token", folder);
	token = token_read(path, stream);
	fclose(stream);
	assert_int_equal(*error != '\0', *expected_error != '\0');
	assert_non_null(strstr(error, expected_error));
	free(error);
	floor_folder_remove(folder);
	return token;
}

static void what_a_file_says(void **state)
{
	char *token = read_text("s3cret\r\nmore\n", "");

	(void)state;
	assert_string_equal(token, "s3cret");
	token_free(token);
	token = read_text("alone", "");
	assert_string_equal(token, "alone");
	token_free(token);
	/* A header's value has no blanks at its ends. */
	token = read_text(" \ttwo words \t\n", "");
	assert_string_equal(token, "two words");
	assert_true(token_is_shown(token, SLICE("Bearer two words")));
	token_free(token);
	assert_null(read_text(" \t \nlate", "token: no token in it\n"));
	assert_null(read_text("\nlate", "token: no token in it\n"));
	assert_null(read_text("", "token: no token in it\n"));
	token_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_shown),
		cmocka_unit_test(what_a_file_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
