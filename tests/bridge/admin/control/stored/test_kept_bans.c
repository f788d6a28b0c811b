#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/admin/control/stored/kept_bans.h"

#define WALL UINT64_C(1800000000000)

static struct ban ban_of(const char *target, uint64_t until_ms)
{
	struct ban ban = { .since_ms = WALL, .until_ms = until_ms };

	snprintf(ban.target, sizeof(ban.target), "%s", target);
	ban.by_network = network_read(target, strlen(target), &ban.network);
	if (!ban.by_network && target[0] != '#')
		ban.folded_len = name_fold(slice_of(target), ban.folded);
	return ban;
}

static void same_key(const char *target, const char *other, bool same)
{
	struct ban a = ban_of(target, BAN_FOREVER), b = ban_of(other, BAN_FOREVER);
	char key[LASTING_KEY_MAX], key_b[LASTING_KEY_MAX];

	ban_key(&a, key);
	ban_key(&b, key_b);
	if ((strcmp(key, key_b) == 0) != same)
		fail_msg("%s and %s: %s, %s", target, other, key, key_b);
}

static void keys_tell_bans_apart(void **state)
{
	(void)state;
	same_key("bob", "BOB", true);
	same_key("bob", "rob", false);
	same_key("#7", "#7", true);
	same_key("#7", "#8", false);
	same_key("7", "#7", false);
	same_key("192.0.2.7", "192.0.2.7/32", true);
	same_key("192.0.2.0/24", "192.0.2.0/25", false);
	same_key("2001:db8::/32", "2001:DB8:0::/32", true);
}

static void bans_come_back_as_they_were(void **state)
{
	struct room_time now = { WALL + 1000, 50000 }, later = { WALL + 61000, 7000 };
	struct ban ban = ban_of("Bob", 50000 + 100000), back;
	struct lasting_ban kept;

	(void)state;
	ban.number = 7;
	ban.addresses[0] = UINT64_C(0x0123456789abcdef);
	ban.address_count = 1;
	snprintf(ban.reason, sizeof(ban.reason), "spam");
	ban_keep(&ban, now, &kept);
	assert_true(kept.until_ms == WALL + 101000);
	assert_true(ban_restore(&kept, later, &back));
	assert_true(back.until_ms == 7000 + 40000);
	back.until_ms = ban.until_ms;
	assert_memory_equal(&back, &ban, sizeof(ban));
	ban = ban_of("192.0.2.0/24", BAN_FOREVER);
	ban_keep(&ban, now, &kept);
	assert_true(ban_restore(&kept, later, &back));
	assert_true(back.until_ms == BAN_FOREVER && back.by_network);
	assert_memory_equal(&back.network, &ban.network, sizeof(ban.network));
}

/* Whatever the clock says at the next start. */
static void ends_are_by_the_wall_clock(void **state)
{
	struct room_time now = { WALL, 50000 }, over = { WALL + 60000, 9 }, back_in_time = { 1, 9 };
	struct ban ban = ban_of("bob", 50000 + 60000), back;
	struct lasting_ban kept;

	(void)state;
	ban_keep(&ban, now, &kept);
	assert_false(ban_restore(&kept, over, &back));
	assert_true(ban_restore(&kept, back_in_time, &back));
	assert_true(back.until_ms == 9 + 60000);
	ban.until_ms = 3; /* over already */
	ban_keep(&ban, now, &kept);
	assert_false(ban_restore(&kept, now, &back));
	kept.until_ms = kept.since_ms = WALL + 5;
	assert_false(ban_restore(&kept, now, &back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_tell_bans_apart),
		cmocka_unit_test(bans_come_back_as_they_were),
		cmocka_unit_test(ends_are_by_the_wall_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
