#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/state.h"
#include "tests/support/floor.h"

#define NOW_MS UINT64_C(1767225600000)

/* What state_open() came to. */
struct opened {
	bool right;
	struct id_key key;
	uint64_t mark_ms;
	char *said;
};

/* Returns new in said. */
static struct opened open_state(const char *folder)
{
	struct opened opened = { .mark_ms = 77 };
	size_t size;
	FILE *errors = open_memstream(&opened.said, &size);

	assert_non_null(errors);
	opened.right = state_open(folder, &opened.key, &opened.mark_ms, errors);
	fclose(errors);
	return opened;
}

static struct opened opens(const char *folder)
{
	struct opened opened = open_state(folder);

	if (!opened.right)
		fail_msg("refused: %s", opened.said);
	assert_string_equal(opened.said, "");
	free(opened.said);
	opened.said = NULL;
	return opened;
}

/* Refused, with one line that names the file. */
static void refuses(const char *folder, const char *file)
{
	struct opened opened = open_state(folder);

	assert_false(opened.right);
	assert_non_null(strstr(opened.said, file));
	assert_ptr_equal(strchr(opened.said, '\n'), opened.said + strlen(opened.said) - 1);
	free(opened.said);
}

static unsigned mode_of(const char *folder, const char *name)
{
	char path[512];
	struct stat about;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(stat(path, &about), 0);
	return about.st_mode & 07777;
}

static void a_key_is_made_once(void **state)
{
	char *folder = floor_folder();
	struct opened first = opens(folder), second = opens(folder);
	static const unsigned char zero[16];

	(void)state;
	assert_memory_equal(first.key.bytes, second.key.bytes, 16);
	assert_memory_not_equal(first.key.bytes, zero, 16);
	assert_int_equal(first.mark_ms, 0);
	assert_int_equal(mode_of(folder, "key"), 0600);
	floor_folder_remove(folder);
}

static void keys_differ(void **state)
{
	char *one = floor_folder(), *other = floor_folder();
	struct opened first = opens(one), second = opens(other);

	(void)state;
	assert_memory_not_equal(first.key.bytes, second.key.bytes, 16);
	floor_folder_remove(one);
	floor_folder_remove(other);
}

static void the_folder_is_made(void **state)
{
	char *above = floor_folder(), folder[512], deeper[600];

	(void)state;
	snprintf(folder, sizeof(folder), "%s/state", above);
	opens(folder);
	assert_int_equal(mode_of(above, "state"), 0700);
	/* But not those above it. */
	snprintf(deeper, sizeof(deeper), "%s/none/state", above);
	refuses(deeper, "none/state");
	floor_folder_remove(strdup(folder));
	floor_folder_remove(above);
}

static void a_key_others_may_read_is_refused(void **state)
{
	static const unsigned wrong[] = { 0640, 0604, 0660, 0644, 0610, 0601 };
	char *folder = floor_folder();

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		floor_file(folder, "key", "0123456789abcdef", wrong[i]);
		refuses(folder, "key");
	}
	floor_file(folder, "key", "0123456789abcdef", 0400);
	assert_memory_equal(opens(folder).key.bytes, "0123456789abcdef", 16);
	floor_folder_remove(folder);
}

static void a_key_of_another_size_is_refused(void **state)
{
	char *folder = floor_folder();

	(void)state;
	floor_file(folder, "key", "0123456789abcde", 0600);
	refuses(folder, "key");
	floor_file(folder, "key", "", 0600);
	refuses(folder, "key");
	floor_file(folder, "key", "0123456789abcdef0", 0600);
	refuses(folder, "key");
	floor_folder_remove(folder);
}

/* Who only looks makes nothing. */
static void the_mark_is_read_alone(void **state)
{
	char *folder = floor_folder(), path[512];
	uint64_t mark_ms = 77;

	(void)state;
	assert_true(state_mark(folder, &mark_ms, stderr));
	assert_int_equal(mark_ms, 0);
	snprintf(path, sizeof(path), "%s/key", folder);
	assert_int_equal(access(path, F_OK), -1);
	assert_true(state_reserve(folder, NOW_MS));
	assert_true(state_mark(folder, &mark_ms, stderr));
	assert_int_equal(mark_ms, NOW_MS);
	floor_folder_remove(folder);
}

static void the_mark_is_kept(void **state)
{
	char *folder = floor_folder();

	(void)state;
	opens(folder);
	assert_true(state_reserve(folder, NOW_MS));
	assert_int_equal(opens(folder).mark_ms, NOW_MS);
	assert_true(state_reserve(folder, NOW_MS + 5000));
	assert_int_equal(opens(folder).mark_ms, NOW_MS + 5000);
	assert_int_equal(mode_of(folder, "ids"), 0600);
	floor_folder_remove(folder);
}

static void a_mark_that_is_no_number_is_refused(void **state)
{
	char *folder = floor_folder();

	(void)state;
	opens(folder);
	floor_file(folder, "ids", "soon", 0600);
	refuses(folder, "ids");
	floor_file(folder, "ids", "", 0600);
	refuses(folder, "ids");
	floor_folder_remove(folder);
}

static void a_mark_that_cannot_be_written_is_told(void **state)
{
	char *folder = floor_folder(), path[512];

	(void)state;
	snprintf(path, sizeof(path), "%s/none", folder);
	assert_false(state_reserve(path, NOW_MS));
	floor_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_made_once),
		cmocka_unit_test(keys_differ),
		cmocka_unit_test(the_folder_is_made),
		cmocka_unit_test(a_key_others_may_read_is_refused),
		cmocka_unit_test(a_key_of_another_size_is_refused),
		cmocka_unit_test(the_mark_is_kept),
		cmocka_unit_test(the_mark_is_read_alone),
		cmocka_unit_test(a_mark_that_is_no_number_is_refused),
		cmocka_unit_test(a_mark_that_cannot_be_written_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
