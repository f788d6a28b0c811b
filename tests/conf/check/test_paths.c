#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/conf/told.h"

static void pid_file(void **state)
{
	(void)state;
	refused("workers = 1;\npid_file = \"$/none/pid\";",
		"2: pid_file '$/none/pid' cannot be written: No such file or directory\n");
	refused("pid_file = \"$\";", "1: pid_file '$' cannot be written: it is a folder\n");
	refused("pid_file = \"$/good/pid\";",
		"1: pid_file '$/good/pid' cannot be written: Not a directory\n");
	refused("pid_file = \"/dev/null\";",
		"1: pid_file '/dev/null' cannot be written: it is not a regular file\n");
	conf_free(accepted("pid_file = \"$/pid\";"));
	conf_free(accepted("pid_file = \"$/good\";"));
	conf_free(accepted("pid_file = \"pid\";"));
	assert_int_equal(access(in_folder("pid"), F_OK), -1);
}

static void state_folder(void **state)
{
	(void)state;
	refused("workers = 1;\nstate = \"$/none/state\";",
		"2: state '$/none/state' cannot be used: No such file or directory\n");
	refused("state = \"$/good\";", "1: state '$/good' cannot be used: it is not a folder\n");
	refused("state = \"$/good/x\";", "1: state '$/good/x' cannot be used: Not a directory\n");
	conf_free(accepted("state = \"$\";"));
	conf_free(accepted("state = \"$/state\";"));
	assert_int_equal(access(in_folder("state"), F_OK), -1);
}

static void control_socket(void **state)
{
	(void)state;
	refused("workers = 1;\ncontrol = \"$/none/control\";",
		"2: control '$/none/control' cannot be made: No such file or directory\n");
	refused("control = \"$/good\";",
		"1: control '$/good' cannot be made: it exists and is no socket\n");
	refused("control = \"$\";", "1: control '$' cannot be made: it exists and is no socket\n");
	assert_int_equal(symlink("control", in_folder("link")), 0);
	refused("control = \"$/link\";",
		"1: control '$/link' cannot be made: it exists and is no socket\n");
	conf_free(accepted("control = \"$/control\";"));
	conf_free(accepted("control = \"auto\";"));
	conf_free(accepted("control = \"\";"));
	assert_int_equal(access(in_folder("control"), F_OK), -1);
}

/* Without the rights; whoever has them all cannot be told so. */
static void no_rights(void **state)
{
	(void)state;
	if (geteuid() == 0 && seteuid(65534) != 0)
		skip();
	refused("pid_file = \"$/pid\"; state = \"$/state\";",
		"1: pid_file '$/pid' cannot be written: Permission denied\n"
		"1: state '$/state' cannot be used: Permission denied\n");
	assert_int_equal(seteuid(getuid()), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pid_file),
		cmocka_unit_test(state_folder),
		cmocka_unit_test(control_socket),
		cmocka_unit_test(no_rights),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
