#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/core/bridge.h"

static void mounts_are_found_by_path(void **state)
{
	struct mount mounts[] = { { .path = "/a" }, { .path = "/a/b" }, { .path = "/" } };
	struct listener_info listener = { .mounts = mounts, .mount_count = 3 };

	(void)state;
	assert_ptr_equal(bridge_mount(&listener, SLICE("/a")), &mounts[0]);
	assert_ptr_equal(bridge_mount(&listener, SLICE("/a/")), &mounts[0]);
	assert_ptr_equal(bridge_mount(&listener, SLICE("/a/b")), &mounts[1]);
	assert_ptr_equal(bridge_mount(&listener, SLICE("/a/b/")), &mounts[1]);
	assert_ptr_equal(bridge_mount(&listener, SLICE("/")), &mounts[2]);
	assert_null(bridge_mount(&listener, SLICE("/a//")));
	assert_null(bridge_mount(&listener, SLICE("/A")));
	assert_null(bridge_mount(&listener, SLICE("a")));
	assert_null(bridge_mount(&listener, SLICE("")));
	assert_null(bridge_mount(&listener, (struct slice){ 0 }));
	listener.mount_count = 2;
	assert_null(bridge_mount(&listener, SLICE("/")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounts_are_found_by_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
