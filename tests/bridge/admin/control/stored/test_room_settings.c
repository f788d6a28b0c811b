#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/admin/control/stored/room_settings.h"

static void settings_come_back(void **state)
{
	char settings[LASTING_SETTINGS_MAX], name[LASTING_ROOM_MAX], longest[LASTING_ROOM_MAX];
	struct conf_made made = {
		.name = "Zo\xc3\xab \"x\"", .open = true, .history = 1000000, .remembered = 7
	};
	struct conf_made back;

	(void)state;
	room_settings_print(&made, settings);
	assert_true(room_settings_read(slice_of(settings), &back, name));
	assert_string_equal(back.name, made.name);
	assert_ptr_equal(back.name, name);
	assert_true(back.open);
	assert_int_equal(back.history, 1000000);
	assert_int_equal(back.remembered, 7);
	assert_int_equal(back.admins.count + back.members.count, 0);
	assert_int_equal(back.owner, 0);
	assert_null(strstr(settings, "owner"));
	made.owner = 2147483647;
	room_settings_print(&made, settings);
	assert_true(room_settings_read(slice_of(settings), &back, name));
	assert_int_equal(back.owner, 2147483647);
	/* The longest there can be. */
	memset(longest, 1, sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	made = (struct conf_made){ .name = longest,
				   .owner = 2147483647,
				   .history = 1000000,
				   .remembered = 1000000,
				   .admins.count = CONF_PEOPLE_MAX,
				   .members.count = CONF_PEOPLE_MAX };
	for (uint32_t i = 0; i < CONF_PEOPLE_MAX; i++) {
		made.admins.numbers[i] = UINT32_MAX - i;
		made.members.numbers[i] = UINT32_MAX - 1000 - i;
	}
	room_settings_print(&made, settings);
	assert_true(room_settings_read(slice_of(settings), &back, name));
	assert_string_equal(back.name, longest);
	assert_false(back.open);
	assert_memory_equal(&back.admins, &made.admins, sizeof(back.admins));
	assert_memory_equal(&back.members, &made.members, sizeof(back.members));
}

static void nonsense_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"{\"name\":\"a\",\"open\":true,\"history\":0,\"remembered\":0,\"owner\":-1}",
		"{\"name\":\"a\",\"open\":true,\"history\":0,\"remembered\":0,\"owner\":"
		"2147483648}",
		"{}",
		"[]",
		"{\"name\":7,\"open\":true,\"history\":0,\"remembered\":0}",
		"{\"name\":\"a\",\"open\":1,\"history\":0,\"remembered\":0}",
		"{\"name\":\"a\",\"open\":true,\"history\":\"\",\"remembered\":0}",
		"{\"name\":\"a\",\"open\":true,\"history\":0}",
		"{\"name\":\"a\",\"open\":true,\"history\":0,\"remembered\":0,\"admins\":7}",
		"{\"name\":\"a\",\"open\":true,\"history\":0,\"remembered\":0,\"admins\":[0]}",
		"{\"name\":\"a\",\"open\":true,\"history\":0,\"remembered\":0,\"members\":[\"7\"]}",
		"{\"name\":\"a2345678901234567890123456789012345678901234567890123456789012345\","
		"\"open\":true,\"history\":0,\"remembered\":0}",
	};
	char name[LASTING_ROOM_MAX];
	struct conf_made made;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (room_settings_read(slice_of(wrong[i]), &made, name))
			fail_msg("%s is taken", wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_come_back),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
