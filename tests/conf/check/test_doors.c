/* Paths of HTTP that two would answer. Of the dialects known here, mixer alone has a door, at /api
 * (tests/conf/told.h); so that two can clash, another one is known beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/check/doors.h"
#include "tests/conf/told.h"

#define MOUNTS "listeners = ( { mounts = (\n"
#define END    ") } );\n"
#define MIXER  "{ path = \"/mixer\"; dialect = \"mixer\"; }"

static void one_door(void **state)
{
	struct conf *conf =
	    accepted(MOUNTS MIXER ",\n{ path = \"/api/x\"; dialect = \"rooms\"; }" END);

	(void)state;
	assert_true(conf->listeners[0].mounts[0].http);
	conf_free(conf);
	/* A second mount of the dialect opens none of its own. */
	conf_free(accepted(MOUNTS MIXER ",\n{ path = \"/more\"; dialect = \"mixer\"; }" END));
}

static void a_mount_on_it(void **state)
{
	(void)state;
	refused(MOUNTS MIXER ",\n{ path = \"/api\"; dialect = \"rooms\"; }" END,
		"3: path '/api' is taken: mixer's HTTP requests to /api are answered here (http of "
		"mount /mixer)\n");
	refused(MOUNTS "{ path = \"/api\"; dialect = \"mixer\"; }" END,
		"2: path '/api' is taken: mixer's HTTP requests to /api are answered here (http of "
		"mount /api)\n");
	/* Not where there is none, or at another listener. */
	conf_free(accepted(MOUNTS "{ path = \"/mixer\"; dialect = \"mixer\"; http = false; },\n"
				  "{ path = \"/api\"; dialect = \"rooms\"; }" END));
	conf_free(accepted("listeners = ( { port = 1; mounts = ( " MIXER
			   " ) },\n{ port = 2; mounts "
			   "= ( { path = \"/api\"; dialect = \"rooms\"; } ) } );"));
}

/* Every dialect has a door, and all are the same. */
static bool all_clash(size_t one, size_t other, char text[CONF_DOOR_TEXT_MAX])
{
	snprintf(text, CONF_DOOR_TEXT_MAX, "/both");
	return one != other;
}

static bool at_none(size_t dialect, const char *path, char text[CONF_DOOR_TEXT_MAX])
{
	(void)dialect;
	(void)path;
	(void)text;
	return false;
}

static size_t errors_of(const char *text, struct told *told)
{
	struct conf_dialect dialects[] = { told_dialects[0], told_dialects[1] };
	struct conf_known known = { .dialects = dialects,
				    .dialect_count = 2,
				    .roles = told_roles,
				    .kinds = told_kinds,
				    .doors_clash = all_clash,
				    .door_has = at_none };
	struct conf *conf;

	dialects[0].door = dialects[1].door = true;
	*told = (struct told){ .report = { .error = told_error } };
	conf = conf_parse(text, &known, &told->report);
	conf_free(conf);
	return told->report.errors;
}

static void two_doors(void **state)
{
	struct told told;

	(void)state;
	assert_int_equal(
	    errors_of(MOUNTS MIXER ",\n{ path = \"/c\"; dialect = \"concord\"; }" END, &told), 1);
	assert_non_null(strstr(told.text, "HTTP requests to /both would be both mixer's and "
					  "concord's: http = false for one of them"));
	assert_int_equal(errors_of(MOUNTS MIXER ",\n{ path = \"/c\"; dialect = \"concord\"; http = "
						"false; }" END,
				   &told),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_door),
		cmocka_unit_test(a_mount_on_it),
		cmocka_unit_test(two_doors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
